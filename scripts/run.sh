#!/bin/sh
# run.sh - check a data set from a fresh tree: sh scripts/run.sh PATH [options]
#
# Installs what is missing, builds the release preset, and runs llava-check with the
# arguments given. Safe to run again, and quick when nothing changed.
set -eu

here=$(pwd)
cd "$(dirname "$0")/.."
root=$(pwd)
. scripts/setup.sh

# shellcheck disable=SC2086 # a list of words
need_packages $BUILD_PACKAGES
[ -x build/release/llava-check ] || echo "building llava-check in build/release" >&2
build_preset release
cd "$here"
exec "$root/build/release/llava-check" "$@"

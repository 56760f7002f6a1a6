#!/bin/sh
# run.sh - check a data set from a fresh tree: sh scripts/run.sh PATH [options]
#
# Installs missing packages, builds the release preset, and runs llava-check with the given
# arguments. Safe to run again, and quick if nothing has changed.
#
# Exit codes are those of llava-check. If this script fails before the program starts, it
# exits with 2: the data were not checked. 1 would mean that they have errors.
set -eu
trap 'exit 2' EXIT

here=$(pwd)
cd "$(dirname "$0")/.."
root=$(pwd)
. scripts/setup.sh

# shellcheck disable=SC2086 # a list of words
need_packages $BUILD_PACKAGES
program=$root/build/release/llava-check
[ -x "$program" ] || echo "building llava-check in build/release" >&2
build_preset release
if [ ! -x "$program" ]; then
    echo "the build made no $program" >&2
    exit 2
fi
cd "$here"
exec "$program" "$@"

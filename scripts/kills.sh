#!/bin/sh
# kills.sh - kill many runs at random moments: sh scripts/kills.sh [COUNT] [PRESET]
#
# Kills each of COUNT runs (300) of the program of a preset (dev) one to three times, then lets
# it finish. It must report what an undisturbed run reports, and read no image that is already
# in its journal. Tests do the same with a few runs.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh

count=${1:-300}
preset=${2:-dev}
# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES $TEST_PACKAGES
build_preset "$preset"
LLAVA_CHECK=$PWD/build/$preset/llava-check LC_SOURCE_DIR=$PWD LC_BUILD_DIR=$PWD/build/$preset \
    LC_KILLS=$count LC_SEED="$count $(date +%s)" \
    /usr/bin/python3 -B -m pytest -q -p no:cacheprovider tests/cli/test_killed.py

#!/bin/sh
# faults.sh - make every call of the program fail: sh scripts/faults.sh [PRESET] [OPTION...]
#
# Goes through the calls of every job of tests/faults/jobs.py, in the build of a preset (asan).
# Each call fails with every error that it can have: only this call, then all from it on.
# Prints a table by call, and a line for each fault of the program; exit 1 if there is any.
# Options are those of tests/faults/walk.py: --ways N fails the first N calls and the last
# one of each chain of callers that leads to them, --every N fails one in N calls, --job
# NAME walks through one job. Tests do the same with a few calls.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh

preset=${1:-asan}
[ $# = 0 ] || shift
# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES $TEST_PACKAGES
build_preset "$preset"
LLAVA_CHECK=$PWD/build/$preset/llava-check LC_FAULTS=$PWD/build/$preset/tests/faults \
    /usr/bin/python3 -B tests/faults/walk.py "$@"

#!/bin/sh
# faults.sh - make every call of the program fail: sh scripts/faults.sh [PRESET] [OPTION...]
#
# One call after another, of every job of tests/faults/jobs.py and with every error that it
# may have, once and from then on, in the build of a preset (asan). Prints a table by call;
# exit 1 and a line for each: the program did something that it should not. Options are
# those of tests/faults/walk.py: --ways N fails the first N calls and the last of each
# chain of callers that leads to them, --every N one in N calls, --job NAME walks
# through one job. Tests do the same with a few.
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

#!/bin/sh
# coverage.sh - which lines and branches the tests run: sh scripts/coverage.sh [CTEST-OPTION...]
#
# Builds the preset coverage, runs its tests (those that the options of ctest select) and
# prints a table by file; build/coverage/not-run.txt lists what never ran (coverage.py).
# Exit 1: a test failed, less than LEAST (90) per cent of the branches were taken, or a line
# that never ran has no reason in tests/not_run.txt.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh

# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES $TEST_PACKAGES
umask 000 # some tests run as somebody else, and count too
build_preset coverage
find build/coverage -name '*.gcda' -delete
chmod -R a+rwX build/coverage
failed=0
ctest --preset coverage -j 2 "$@" >build/coverage/tests.log || failed=1
/usr/bin/python3 -B scripts/coverage.py build/coverage "${LEAST:-90}" || failed=1
sed -n '/tests FAILED/,$p' build/coverage/tests.log
exit $failed

#!/bin/sh
# coverage.sh - which lines and branches the tests run: sh scripts/coverage.sh [CTEST-OPTION...]
#
# Builds the preset coverage, runs its tests (those that the options of ctest leave) and
# prints a table by file; build/coverage/html/index.html shows every line. Of the branches
# are left out those that no test could take: an assert's that fails, and a C++ throw's.
# Exit 1: a test failed, or less than LEAST per cent of the branches were taken.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh

LEAST=${LEAST:-90}
# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES $TEST_PACKAGES $COVERAGE_PACKAGES
umask 000 # some tests run as somebody else, and count too
build_preset coverage
find build/coverage -name '*.gcda' -delete
chmod -R a+rwX build/coverage
ctest --preset coverage -j 2 "$@" >build/coverage/tests.log || {
    tail -n 30 build/coverage/tests.log
    exit 1
}
mkdir -p build/coverage/html
gcovr --root . --object-directory build/coverage --filter src/ --exclude-throw-branches \
    --exclude-branches-by-pattern '.*\bassert\(.*' --html-details build/coverage/html/index.html \
    --json build/coverage/coverage.json --txt build/coverage/lines.txt build/coverage
tail -n 4 build/coverage/lines.txt
gcovr --root . --filter src/ --exclude-branches-by-pattern '.*\bassert\(.*' \
    --add-tracefile build/coverage/coverage.json --branches --fail-under-branch "$LEAST"

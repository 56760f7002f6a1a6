#!/bin/sh
# mutation.sh - change the C code in small ways and report which changes no test notices:
#               sh scripts/mutation.sh [--count N] [--seed N] [--since COMMIT] [FOLDER...]
#
# Makes 200 mutants of src/rules, json, image, index and scan, unless other folders are given;
# with --since, of the functions that changed since a commit. --help lists all options. Prints
# the surviving mutants as diffs; exit 1 if less than 95 per cent were caught. Mutants that no
# test can notice are listed in tests/mutation/equivalent.txt, with the reason.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh

# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES $TEST_PACKAGES
exec nice -n 5 /usr/bin/python3 -B tests/mutation/mutation.py "$@"

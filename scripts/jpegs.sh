#!/bin/sh
# jpegs.sh - compare the verdicts on damaged and sound JPEGs with those of a simple reader and
#            libjpeg-turbo: sh scripts/jpegs.sh [COUNT [SEED [FOLDER]]]
#
# First checks 6,224 sound JPEGs, as Pillow, cjpeg and jpegtran write them, and the files of FOLDER,
# which must be sound: each must be ok. Then checks COUNT mutants (10,000) of FOLDER's files (as they
# are, progressive, and with restart markers) or, without a FOLDER, of generated pictures. Each is
# damaged at one place in its scans. SEED (0) selects other mutants. Prints how many were found, by
# which reader, and how many had changed pixels. $BEFORE may name the program image_facts of another
# version, whose verdicts are printed beside. Mutants with wrong verdicts are kept in build/mutants;
# exit 1 if there are any.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh

count=${1:-10000}
seed=${2:-0}
folder=${3:-}
# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES $TEST_PACKAGES
build_preset bench

mkdir -p build/mutants
set -- --facts build/bench/tests/image_facts --sound --mutants "$count" --seed "$seed" \
    --keep build/mutants
if [ -n "${BEFORE:-}" ]; then
    set -- "$@" --before "$BEFORE"
fi
if [ -n "$folder" ]; then
    find "$folder" -type f -print >build/mutants/files
    set -- "$@" --list build/mutants/files
fi
/usr/bin/python3 -B tests/diff/jpeg_damage.py "$@"

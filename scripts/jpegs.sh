#!/bin/sh
# jpegs.sh - hold the verdicts on damaged and on sound JPEGs against a plain reader and
#            libjpeg-turbo: sh scripts/jpegs.sh [COUNT [SEED [FOLDER]]]
#
# First 6,224 sound JPEGs, as Pillow, cjpeg and jpegtran write them, and those of FOLDER, which
# must be sound: each must be ok. Then COUNT mutants (10,000) of FOLDER's files, as they are,
# progressive and with restart markers, or without a FOLDER of pictures made on the spot, each
# damaged at one place of its scans. SEED (0): other mutants. Prints how many were found, by whom
# they were noticed, and whose pixels had changed. BEFORE in the environment names image_facts of
# another version, whose verdicts are printed beside. Wrong mutants are kept in build/mutants;
# exit 1 if any.
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

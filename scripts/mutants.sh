#!/bin/sh
# mutants.sh - hold the verdicts on damaged images against Pillow and libjpeg-turbo:
#              sh scripts/mutants.sh [COUNT [SEED [FOLDER]]]
#
# COUNT mutants (10,000) of small pictures of every format; with a FOLDER of image files,
# COUNT mutants of those instead. SEED (0): other mutants. Each is judged by the built
# program with and without its shortcuts, by Pillow, and if it is a JPEG that was called
# clean by libjpeg-turbo alone. Disagreements are kept in build/mutants; exit 1 if any.
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
set -- --facts build/bench/tests/image_facts --mutants "$count" --seed "$seed" \
    --jobs "$(nproc)" --keep build/mutants
if [ -n "$folder" ]; then
    find "$folder" -type f -print0 | sort -z |
        xargs -0 /usr/bin/python3 -B tests/diff/diff_images.py "$@"
else
    /usr/bin/python3 -B tests/diff/diff_images.py "$@"
fi

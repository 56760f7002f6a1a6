#!/bin/sh
# mutants.sh - compare the verdicts on damaged images with Pillow and libjpeg-turbo:
#              sh scripts/mutants.sh [COUNT [SEED [FOLDER]]]
#
# Makes COUNT mutants (10,000) of small pictures of every format or, with a FOLDER of image
# files, of those. SEED (0) selects other mutants. Each is judged by the built program with
# and without its shortcuts, by Pillow, and, if it is a JPEG found clean, by libjpeg-turbo
# alone. Mutants with different verdicts are kept in build/mutants; exit 1 if there are any.
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

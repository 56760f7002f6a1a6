#!/bin/sh
# random_sets.sh - run the whole program on random data sets:
#                  sh scripts/random_sets.sh [COUNT [SEED [PRESET]]]
#
# Makes COUNT sets (10,000) of rows, folders, links, images and settings, all damaged. Each is
# checked with one thread and with eight, again, and after changes, by the program of a preset
# (release; asan finds more, and takes longer). Results must be the same each time, within 10 s
# and 512 MB. SEED (0) selects other sets. Sets that reveal a fault are kept in
# build/random_sets; exit 1 if there are any.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh

count=${1:-10000}
seed=${2:-0}
preset=${3:-release}
# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES $TEST_PACKAGES
build_preset "$preset"
sanitize=
case $preset in
asan) sanitize=address,undefined ;;
tsan) sanitize=thread ;;
esac
LLAVA_CHECK=$PWD/build/$preset/llava-check LC_SANITIZE=$sanitize \
    LC_SOURCE_DIR=$PWD exec nice /usr/bin/python3 -B tests/random/random_sets.py \
    --sets "$count" --seed "$seed" --keep build/random_sets

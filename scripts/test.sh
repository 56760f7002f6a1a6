#!/bin/sh
# test.sh - every test: sh scripts/test.sh [PRESET...]
#
# Installs what is missing, checks formatting and clang-tidy, then builds and tests the
# presets dev, asan and tsan (or those given). Safe to run again.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh

# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES $TEST_PACKAGES

presets=${*:-dev asan tsan}

echo "== formatting"
sh scripts/format.sh --check

for preset in $presets; do
    echo "== $preset: build"
    build_preset "$preset"
    if [ "$preset" = dev ]; then
        echo "== clang-tidy"
        sh scripts/tidy.sh build/dev
    fi
    echo "== $preset: test"
    ctest --preset "$preset" -j 2
done

#!/bin/sh
# test.sh - run every test: sh scripts/test.sh [--again] [PRESET...]
#
# Installs missing packages; runs clang-format, clang-tidy and cppcheck if their versions are
# those of Debian 12; builds and tests the presets dev, asan and tsan (or those given). Safe to
# run again: a preset that passed, according to its log, is skipped until a file of the tree or
# a package changes; --again runs it anyway.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh

spent=
began=$(date +%s)
# Record how many seconds a step took
step_done() {
    ended=$(date +%s)
    spent="$spent, $* $((ended - began)) s"
    began=$ended
}

form=yes
form_is_checked || form=no
[ "$form" = yes ] || FORM_PACKAGES=
# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES $TEST_PACKAGES $FORM_PACKAGES

again=no
if [ "${1:-}" = --again ]; then
    again=yes
    shift
fi
presets=${*:-dev asan tsan}

# Print a checksum of everything that a result depends on: all files of the tree, the packages, the corpus.
state() {
    {
        find . -type f ! -path './build/*' ! -path './.git/*' ! -path '*/.llava-check/*' \
            ! -path '*/__pycache__/*' -print0 | LC_ALL=C sort -z | xargs -0 cksum
        # shellcheck disable=SC2086
        dpkg-query -W $BUILD_PACKAGES $TEST_PACKAGES $FORM_PACKAGES
        [ ! -d ../shared/corpus ] || find ../shared/corpus -type f -printf '%p %s %T@\n' | LC_ALL=C sort
    } | cksum
}

if [ "$form" = yes ]; then
    echo "== formatting"
    sh scripts/format.sh --check
else
    echo "== formatting, clang-tidy and cppcheck: not checked here, but on Debian 12:" \
        "they belong to clang-format-14, clang-tidy-14 and cppcheck $CPPCHECK_VERSION"
fi

# Tests wait for the disk, and for file times to become old: one more job than processors
# keeps all processors busy.
jobs=$(($(nproc) + 1))

now=$(state)
step_done packages and formatting
for preset in $presets; do
    passed=build/$preset.passed
    if [ "$again" = no ] && [ -f "$passed" ] && [ "$(head -n 1 "$passed")" = "$now" ]; then
        echo "== $preset: nothing has changed since it passed (--again runs it)"
        tail -n +2 "$passed"
        continue
    fi
    echo "== $preset: build"
    build_preset "$preset"
    step_done "$preset: build"
    if [ "$preset" = dev ] && [ "$form" = yes ]; then
        echo "== clang-tidy"
        sh scripts/tidy.sh build/dev --quick
        echo "== cppcheck"
        sh scripts/cppcheck.sh
        step_done clang-tidy and cppcheck
    fi
    echo "== $preset: test"
    rm -f "$passed"
    ctest --preset "$preset" -j "$jobs"
    step_done "tests"
    printf '%s\n   all its tests passed on %s\n' "$now" "$(date -u '+%Y-%m-%d %H:%M UTC')" >"$passed"
done
echo "== all passed; ${spent#, }"

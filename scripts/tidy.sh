#!/bin/sh
# tidy.sh BUILD [--quick] - run clang-tidy on the sources of a build folder; findings are errors
#
# --quick leaves out the static analyzer, which takes 95 per cent of the time: .ci/run uses
# it, .ci/nightly runs everything.
#
# A file that was clean is skipped until the file, a header, the rules or its command line
# change: with a stamp for each file in BUILD/tidy, the second run takes seconds.
set -eu

cd "$(dirname "$0")/.."
build=$1
what=${2:-}
checks=
stamps=$build/tidy
if [ "$what" = --quick ]; then
    checks=--checks=-clang-analyzer-*
    stamps=$build/tidy-quick
fi
mkdir -p "$stamps"
headers=$(find src include -name '*.h' -o -name '*.def' | sort)
# shellcheck disable=SC2086 # a list of words
common=$(cat .clang-tidy $headers | cksum)

check_one() {
    stamp=$stamps/$(echo "$1" | tr / _)
    now="$common $(cksum <"$1")"
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ]; then
        return 0
    fi
    clang-tidy-14 --quiet --extra-arg=-w ${checks:+"$checks"} -p "$build" "$1" 2>/dev/null || {
        echo "clang-tidy: $1" >&2
        return 1
    }
    echo "$now" >"$stamp"
}

# two files at a time: this script calls itself for each
if [ "$#" = 3 ]; then
    check_one "$3"
else
    find src -name '*.c' | sort | xargs -P 2 -I FILE sh scripts/tidy.sh "$build" "$what" FILE
fi

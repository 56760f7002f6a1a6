#!/bin/sh
# fuzz.sh - fuzz the image decoders: sh scripts/fuzz.sh SECONDS [FORMAT...]
#
# One format after another, SECONDS of one core each (all of jpeg jpeg_proof png webp gif
# bmp dib tiff without a FORMAT; jpeg_proof is the proof of a JPEG's soundness alone).
# What is found is in build/fuzz/found; inputs that reached new code
# are kept in build/fuzz/inputs, and the next run begins with them. Exit 1: a find.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh

seconds=${1:?usage: fuzz.sh SECONDS [FORMAT...]}
shift
formats=${*:-jpeg jpeg_proof png webp gif bmp dib tiff}
# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES $TEST_PACKAGES $FUZZ_PACKAGES
build_preset fuzz

inputs=build/fuzz/inputs
found=build/fuzz/found
mkdir -p "$inputs" "$found"
/usr/bin/python3 -B tests/fuzz/fuzz_seeds.py "$inputs"
result=0
for format in $formats; do
    mkdir -p "$inputs/$format"
    [ "$format" != jpeg_proof ] || cp -n "$inputs"/jpeg/* "$inputs/jpeg_proof"
    log=$found/$format.log
    if build/fuzz/tests/fuzz_"$format" -max_total_time="$seconds" -max_len=40000 -timeout=20 \
        -rss_limit_mb=3000 -artifact_prefix="$found/$format-" -print_final_stats=1 \
        "$inputs/$format" >"$log" 2>&1; then
        echo "$format: no find; $(grep -c '' "$log") lines in $log," \
            "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $seconds s"
    else
        echo "$format: see $log"
        tail -n 5 "$log"
        result=1
    fi
done
exit $result

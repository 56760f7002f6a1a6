#!/bin/sh
# fuzz.sh - fuzz: sh scripts/fuzz.sh TARGET|all MINUTES
#
# The targets are those of tests/fuzz/targets.def; "all" runs one after another. Each gets
# MINUTES of processor time, however busy the machine is. Inputs that reach new code are kept
# in build/fuzz/inputs, and the next run starts with them. Inputs that make a target fail are
# stored in build/fuzz/found. Prints a line for each target. Exit 1: a target failed.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh

usage="usage: fuzz.sh TARGET|all MINUTES"
wanted=${1:?$usage}
minutes=${2:?$usage}
# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES $TEST_PACKAGES $FUZZ_PACKAGES
table=$(/usr/bin/python3 -B tests/fuzz/fuzz_seeds.py --list)
[ "$wanted" = all ] || table=$(echo "$table" | grep "^$wanted ") || {
    echo "fuzz.sh: tests/fuzz/targets.def has no $wanted" >&2
    exit 2
}
build_preset fuzz --target fuzz

# Targets write small, short-lived files: keep them in memory if the machine has a folder
# for that.
TMPDIR=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM

# Set $seconds to the processor time that this shell's children have used. Must not run in a
# command substitution, which is a different shell with its own children.
count_seconds() {
    times >"$TMPDIR/times"
    seconds=$(sed -n 's/[ms]/ /g; 2p' "$TMPDIR/times" |
        awk '{printf "%d\n", $1 * 60 + $2 + $3 * 60 + $4}')
}

# Run a target once for a number of seconds, and add the number of executed inputs to $executed.
fuzz_once() {
    dictionary=
    [ ! -f "build/fuzz/seeds/$1.dict" ] || dictionary=-dict=build/fuzz/seeds/$1.dict
    regressions=tests/fuzz/regressions/$1
    [ -d "$regressions" ] || regressions=
    code=0
    # shellcheck disable=SC2086 # nothing where there is none
    LC_FUZZ_TARGET=$1 build/fuzz/tests/fuzz -max_len="$2" -max_total_time="$3" -timeout=300 \
        -rss_limit_mb=3000 -print_final_stats=1 -artifact_prefix="build/fuzz/found/$1-" \
        $dictionary "build/fuzz/inputs/$1" "build/fuzz/seeds/$1" $regressions \
        >"$log" 2>&1 || code=$?
    units=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    executed=$((executed + ${units:-0}))
    return $code
}

# Run a target until its time is used up. Return 1 as soon as it fails.
fuzz_target() {
    log=build/fuzz/found/$1.log
    executed=0
    mkdir -p "build/fuzz/inputs/$1" build/fuzz/found
    rm -rf "build/fuzz/seeds/$1"
    /usr/bin/python3 -B tests/fuzz/fuzz_seeds.py build/fuzz/seeds 0 "$1"
    mkdir -p "build/fuzz/seeds/$1"
    count_seconds
    begun=$seconds
    used=0
    while [ "$used" -lt $((minutes * 60)) ]; do
        if ! fuzz_once "$1" "$2" $((minutes * 60 - used)); then
            echo "$1: A FIND after $used s of processor time: see $log"
            grep -hE 'does not hold|^SUMMARY|Test unit written' "$log" || tail -n 5 "$log"
            return 1
        fi
        count_seconds
        used=$((seconds - begun))
    done
    echo "$1: no find; $((used / 60)) min $((used % 60)) s of processor time," \
        "$executed inputs tried, $(find "build/fuzz/inputs/$1" -type f | wc -l) kept"
}

result=0
while read -r target longest; do
    fuzz_target "$target" "$longest" </dev/null || result=1
done <<END
$table
END
exit $result

#!/bin/sh
# hostile_index.sh - open many damaged and forged indexes:
# sh scripts/hostile_index.sh N [SEED [all]]
#
# Makes N mutants of four indexes, starting with seed SEED (1). Of 20 mutants, 13 are of the demo, 2 of a part of
# it, which can be merged, 4 of a set of real pictures, and 1 of a set with every rule and with tables of several
# levels. Each is opened, read to its end and audited, and then used for one report or query of the library and
# one command, which take turns. This runs in a build with sanitizers, on all processors: 200,000 mutants take
# about an hour of one processor. With "all", each mutant goes through every command that opens an index, which
# takes ten times as long. The real pictures are in ../shared/corpus/derived or the folder that LC_DERIVED names;
# without them, the demo is used instead.
#
# Prints a table for each set. Exit 1: a crash, a run over 10 seconds or 1 GiB, or a run that reports what it
# must not; the mutants are in build/hostile_index/found.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh

wanted=${1:?usage: hostile_index.sh N [SEED [all]]}
first=${2:-1}
sparing=-s
[ "${3:-}" != all ] || sparing=
LC_DERIVED=${LC_DERIVED:-$PWD/../shared/corpus/derived}
export LC_DERIVED
# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES $TEST_PACKAGES
build_preset asan --target hostile_index

# Drivers write small, short-lived files: keep them in memory if the machine has a folder for that.
work=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
out=build/hostile_index
mkdir -p "$out/found"
jobs=$(nproc)

# Try a number of mutants of a set. The checks that may have to read all images run on one mutant in
# $every; with 0, one of these checks runs on each mutant.
try_set() {
    set_name=$1
    count=$2
    every=$3
    part=${4:-} # "-p": the index is that of a part
    [ "$count" -gt 0 ] || return 0
    each=$(((count + jobs - 1) / jobs))
    job=0
    drivers=
    while [ "$job" -lt "$jobs" ]; do
        mkdir "$work/$set_name-$job"
        /usr/bin/python3 -B tests/hostile_index/sets.py "${set_name%-part}" "$work/$set_name-$job/data"
        # shellcheck disable=SC2086 # nothing, for all commands
        build/asan/tests/hostile_index $part $sparing -e "$every" "$work/$set_name-$job" $((first + job * each)) \
            "$each" >"$out/$set_name-$job.txt" 2>&1 &
        drivers="$drivers $!"
        job=$((job + 1))
    done
    for driver in $drivers; do
        wait "$driver" || result=1
    done
    echo "== $set_name"
    /usr/bin/python3 -B tests/hostile_index/totals.py "$out/$set_name"-[0-9]*.txt || result=1
    cp "$work/$set_name"-*/found/*.mdb "$out/found/" 2>/dev/null || true
    rm -rf "$work/$set_name"-*
}

rm -f "$out"/*.txt
result=0
pictures=$((wanted * 4 / 20))
[ -d "$LC_DERIVED" ] || pictures=0
generated=$((wanted / 20))
try_set demo $((wanted - pictures - 3 * generated)) 0
try_set demo-part $((2 * generated)) 0 -p
try_set derived "$pictures" 24
try_set generated "$generated" 6
exit "$result"

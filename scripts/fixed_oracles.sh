#!/bin/sh
# fixed_oracles.sh - run training programs on the output of fix and clean for faulty sets: every row must be
#                    trained as written:  sh scripts/fixed_oracles.sh [PROGRAM…]
#
# Uses the environments and checkouts that oracles.sh makes; a program without them is skipped, with a line
# that says so. Programs run with one thread: record.py forks, which threads of OpenMP do not survive.
# $LC_DERIVED may name a folder with more sets. $LC_CHECK is the path of llava-check.
set -eu

cd "$(dirname "$0")/.."
home=${LC_ORACLES:-build/oracles}
checkouts=${LC_CHECKOUTS:-$home/checkouts}
oracles=tests/oracles
LLAVA_CHECK=$(realpath "${LC_CHECK:-build/dev/llava-check}")
export LLAVA_CHECK
failed=0

if [ $# -eq 0 ]; then
    # shellcheck disable=SC2046 # a list of words
    set -- $(awk '$1 !~ /^#/ && $2 ~ /^(json|jsonl|parts.jsonl)$/ { print $1 }' "$oracles/programs.txt")
fi
for program in "$@"; do
    # shellcheck disable=SC2046 # five words
    set -- $(awk -v name="$program" '$1 == name { print $2, $3, $4, $5, $6 }' "$oracles/programs.txt")
    form=${1##*.} venv=$2 repository=$4 commit=$5
    checkout=$checkouts/${repository##*[/:]}
    case $repository in
    pypi:*) checkout=$checkout-$commit ;;
    esac
    if [ ! -e "$home/$venv/ready" ] || [ ! -d "$checkout" ]; then
        echo "$program: skipped, oracles.sh has not run it here"
        continue
    fi
    cases=$home/fixed-$program
    rm -rf "$cases" "$home/fixed-$program.json"
    mkdir -p "$cases"
    /usr/bin/python3 -B "$oracles/write_fixed.py" "$cases" "$program" "$form"
    HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1 CUDA_VISIBLE_DEVICES='' TOKENIZERS_PARALLELISM=false PYTHONDONTWRITEBYTECODE=1 \
        nice -n 10 "$home/$venv/bin/python" "$oracles/record.py" "$program" --checkout "$checkout" \
        --tokenizers "$home/tokenizers" --cases "$cases" --work "$home/work-fixed-$program" \
        --out "$home/fixed-$program.json" >"$cases/log" 2>&1 || tail -5 "$cases/log"
    /usr/bin/python3 -B "$oracles/write_fixed.py" --judge "$home/fixed-$program.json" || failed=1
done
exit $failed

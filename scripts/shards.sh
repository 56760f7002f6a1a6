#!/bin/sh
# shards.sh - run webdataset and Energon on the broken shards of tests/shards and record what they
#             yield: sh scripts/shards.sh [webdataset] [energon]
#             With LC_SHARD_SETS=300, run them on that number of random sets instead, and compare what they
#             yield, sample by sample, with the predictions of the program LLAVA_CHECK (build/dev/llava-check).
#             LC_SHARD_SEED is the seed of the sets (1). With LC_SHARD_CLEAN=150, run them on the output of
#             clean for the broken shards and for that number of random sets.
#
# Virtual environments are kept in $LC_SHARDS (build/shards); Energon's has PyTorch, and takes 5 GB. If
# $LC_TORCH is a folder with PyTorch (site-packages of the same Python), it is used instead.
set -eu

cd "$(dirname "$0")/.."
home=${LC_SHARDS:-build/shards}
mkdir -p "$home"
home=$(cd "$home" && pwd)
[ $# -gt 0 ] || set -- webdataset energon

for program in "$@"; do
    case $program in
    webdataset) packages="webdataset==1.0.2 numpy pillow" ;;
    energon) packages="megatron-energon==7.4.1 webdataset==1.0.2 braceexpand numpy multi-storage-client rapidyaml
        s3fs filetype click tqdm pyyaml pillow mfusepy" ;;
    *)
        echo "shards.sh: no program $program" >&2
        exit 2
        ;;
    esac
    venv=$home/$program
    if [ ! -e "$venv/ready" ]; then
        python3 -m venv "$venv"
        # shellcheck disable=SC2086 # a list of packages
        if [ "$program" = energon ] && [ -n "${LC_TORCH:-}" ]; then
            echo "$LC_TORCH" >"$(echo "$venv"/lib/python3.*/site-packages)/torch.pth"
            "$venv/bin/pip" install --quiet --no-deps megatron-energon==7.4.1
            "$venv/bin/pip" install --quiet ${packages#* }
        else
            "$venv/bin/pip" install --quiet $packages
        fi
        touch "$venv/ready"
    fi
    work=$(mktemp -d)
    if [ -n "${LC_SHARD_CLEAN:-}" ]; then
        LLAVA_CHECK=${LLAVA_CHECK:-$PWD/build/dev/llava-check} "$venv/bin/python" -B -W ignore \
            tests/shards/compare_clean.py "$program" "$work" "${LC_SHARD_SEED:-1}" "$LC_SHARD_CLEAN" 2>"$work/said" || {
            cat "$work/said"
            exit 1
        }
        rm -rf "$work"
        continue
    fi
    if [ -n "${LC_SHARD_SETS:-}" ]; then
        seed=${LC_SHARD_SEED:-1}
        "$venv/bin/python" -B -W ignore tests/shards/record.py "$program" "$work/shards" "$work/record.json" \
            "$seed" "$LC_SHARD_SETS" >"$work/said" 2>&1 || cat "$work/said"
        LLAVA_CHECK=${LLAVA_CHECK:-$PWD/build/dev/llava-check} /usr/bin/python3 -B tests/shards/compare_random.py \
            "$seed" "$LC_SHARD_SETS" "$work/record.json"
        rm -rf "$work"
        continue
    fi
    "$venv/bin/python" -B -W ignore tests/shards/record.py "$program" "$work/shards" \
        "tests/shards/outcomes/$program.json"
    [ "$program" != energon ] ||
        {
            "$venv/bin/python" -B -W ignore tests/shards/splits.py "$work/splits" tests/shards/outcomes/splits.json
            "$venv/bin/python" -B -W ignore tests/shards/fields.py "$work/fields" tests/shards/outcomes/fields.json
        }
    rm -rf "$work"
done
[ -z "${LC_SHARD_SETS:-}${LC_SHARD_CLEAN:-}" ] || exit 0
git diff --stat -- tests/shards/outcomes

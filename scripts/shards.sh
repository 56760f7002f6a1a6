#!/bin/sh
# shards.sh - run webdataset and Energon on the broken shards of tests/shards and record what they
#             yield: sh scripts/shards.sh [webdataset] [energon]
#
# Virtual environments are kept in $LC_SHARDS (build/shards); that of Energon has PyTorch, 5 GB. If
# $LC_TORCH is a folder with PyTorch (site-packages of the same Python), that is used in its place.
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
    "$venv/bin/python" -B -W ignore tests/shards/record.py "$program" "$work/shards" \
        "tests/shards/outcomes/$program.json"
    rm -rf "$work"
done
git diff --stat -- tests/shards/outcomes

#!/bin/sh
# slow_storage.sh - check a set on file systems that are slow, or cannot share a mapped file:
#                   sh scripts/slow_storage.sh [SET]
#
# SET has JPEG images; without one, 1,500 pictures are made. Needs the right to mount file systems (FUSE): root,
# or a user with fusermount3. Prints what tests/bench/latency.py measures. Exit 1: a report differs from that of
# the folder itself, or an index is not where it belongs.
set -eu

set=${1:+$(realpath "$1")}
cd "$(dirname "$0")/.."
. scripts/setup.sh
# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES $TEST_PACKAGES fuse3 libfuse3-dev
build_preset release --target llava-check
program=$PWD/build/release/llava-check
work=$(mktemp -d)
trap 'fusermount3 -q -u "$work/mount" || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# shellcheck disable=SC2046 # options
cc -D_GNU_SOURCE -std=gnu11 -Wall -Wextra -Werror -O2 tests/bench/slow_fs.c -o "$work/slow_fs" \
    $(pkg-config --cflags --libs fuse3)
/usr/bin/python3 -B tests/bench/latency.py "${set:-$work/set}" --program "$program" --file-system "$work/slow_fs"

# Without a page cache, mappings cannot be shared: the index must go to the user's cache folder, and be found
# there.
cp -R fixtures/demo "$work/data"
rm -rf "$work/data/.llava-check"
mkdir "$work/mount"
"$work/slow_fs" "$work/data" "$work/mount" -o direct
export XDG_CACHE_HOME="$work/cache" XDG_STATE_HOME="$work/state"
for run in first second; do
    "$program" "$work/mount" --format json >"$work/$run" 2>"$work/$run.err" || [ $? -eq 1 ]
done
cmp "$work/first" "$work/second"
if [ -z "$(find "$work/cache" -name index.mdb)" ] || [ -n "$(find "$work/data" -name 'index.mdb*')" ]; then
    cat "$work/first.err" >&2
    echo "slow_storage.sh: the index is not in the cache folder" >&2
    exit 1
fi
echo "without shared mappings: the index is in the cache folder, and is used"

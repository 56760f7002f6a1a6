#!/bin/sh
# readme.sh BINARY - print README.md's two generated parts: the demo's output, the rules table
set -eu

case $1 in /*) binary=$1 ;; *) binary=$(pwd)/$1 ;; esac
cd "$(dirname "$0")/.."
echo "== demo"
"$binary" fixtures/demo --no-index | sed 's/^/    /; s/ *$//' || true
echo "== rules"
"$binary" rules | while read -r code level name summary; do
    printf '| %s | %s | %s | %s |\n' "$code" "$name" "$level" "$summary"
done | sed 's/<image>/`<image>`/g; s/<video>/`<video>`/g'

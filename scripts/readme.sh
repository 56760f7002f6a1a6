#!/bin/sh
# readme.sh BINARY - print the generated parts of the documentation: the demo's output, parts of
# which are in README.md, and the tables of docs/rules.md
set -eu

case $1 in /*) binary=$1 ;; *) binary=$(pwd)/$1 ;; esac
cd "$(dirname "$0")/.."
echo "== README.md"
"$binary" fixtures/demo --no-index | sed 's/^/    /; s/ *$//' || true
echo "== docs/rules.md"
"$binary" rules | {
    group=
    while read -r code level name summary; do
        if [ "$group" != "${code%???}" ]; then
            group=${code%???}
            printf '\n%s\n\n| Code | Name | Level | What it finds |\n|---|---|---|---|\n' "## $group"
        fi
        printf '| %s | %s | %s | %s |\n' "$code" "$name" "$level" "$summary"
    done
} | sed -E 's/ \((unsafe )?fix\) \|$/ |/; s/<image>/`<image>`/g; s/<video>/`<video>`/g; s/<audio>/`<audio>`/g'

#!/bin/sh
# format.sh - format every C and C++ file; --check only reports files that would change
set -eu

cd "$(dirname "$0")/.."
files=$(find src include tests -name '*.c' -o -name '*.h' -o -name '*.cpp')
if [ "${1:-}" = --check ]; then
    echo "$files" | xargs -P 2 -n 100 clang-format-14 --dry-run --Werror
else
    # shellcheck disable=SC2086
    clang-format-14 -i $files
fi

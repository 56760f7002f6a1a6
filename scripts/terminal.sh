#!/bin/sh
# terminal.sh - make pictures of what a terminal shows: sh scripts/terminal.sh [FOLDER]
#
# Shows the text reports on the demo and on 740,000 missing images in tmux at 80, 120 and 200
# columns; Chromium draws them into FOLDER (build/terminal). The pictures are for people to look
# at, and not part of test.sh; tests/cli/test_text.py tests what can be checked without looking.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh

# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES python3-pil tmux fonts-dejavu-core
if [ -z "${CHROMIUM:-}" ] && ! command -v chromium google-chrome >/dev/null 2>&1; then
    need_packages chromium
fi
build_preset release
LLAVA_CHECK=build/release/llava-check LC_ALL=C.UTF-8 \
    exec /usr/bin/python3 tests/browser/terminal.py "${1:-build/terminal}"

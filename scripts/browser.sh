#!/bin/sh
# browser.sh - the HTML report in headless Chromium: sh scripts/browser.sh [FOLDER]
#
# Clicks through the report (search, filters, order, keyboard, contrast, no script, 50,000
# rows), and saves screenshots for people in FOLDER (build/browser). Not part of test.sh, as
# Chromium takes 400 MB; there, tests/cli/render.js runs the page's script without a browser.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh

# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES $TEST_PACKAGES
if [ -z "${CHROMIUM:-}" ] && ! command -v chromium google-chrome >/dev/null 2>&1; then
    need_packages chromium
fi
build_preset dev
LLAVA_CHECK=build/dev/llava-check LC_BROWSER_SHOTS=${1:-build/browser} LC_ALL=C.UTF-8 \
    exec /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/browser

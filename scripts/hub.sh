#!/bin/sh
# hub.sh - real versions of huggingface_hub download a data set from a server on this machine, into
#          folders and caches; verify --download must prove the files sound, and find each flipped
#          byte and each removed file: sh scripts/hub.sh [PRESET] [VERSION…]
#
# Virtual environments (20 MB each) are kept in $LC_HUB (build/hub). Default versions: one that keeps
# no records, the first that does, one from before listings of commits, and the newest one known.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh
home=${LC_HUB:-build/hub}
preset=${1:-dev}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- 0.17.3 0.23.0 0.30.2 2.4.0

# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES $TEST_PACKAGES python3-venv
build_preset "$preset" --target llava-check
mkdir -p "$home"
home=$(cd "$home" && pwd)
pythons=
for version in "$@"; do
    if [ ! -e "$home/$version/ready" ]; then
        python3 -m venv "$home/$version"
        "$home/$version/bin/pip" install --quiet "huggingface_hub==$version" requests
        touch "$home/$version/ready"
    fi
    pythons="$pythons $home/$version/bin/python"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2086 # a list of paths
/usr/bin/python3 -B tests/hub/clients.py "build/$preset/llava-check" "$work" $pythons

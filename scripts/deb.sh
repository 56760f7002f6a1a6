#!/bin/sh
# deb.sh - build a Debian package of the command, for the release that this runs on: sh scripts/deb.sh
#
# Builds build/deb/llava-check_VERSION_ARCH.deb, runs lintian on it, and unpacks it into a folder, where the
# command must check the demo. The maintainer is $DEBFULLNAME <$DEBEMAIL>, or else the author of the last
# commit. Exit 1: lintian objects, or the command gives a wrong result; 2: the build failed.
set -eu

cd "$(dirname "$0")/.."
. scripts/setup.sh

# shellcheck disable=SC2086 # a list of words
need_packages $BUILD_PACKAGES dpkg-dev lintian file gzip || exit 2
maintainer="${DEBFULLNAME:-$(git log -1 --format=%an)} <${DEBEMAIL:-$(git log -1 --format=%ae)}>"
rm -rf build/deb/*.deb build/deb/unpacked
mkdir -p build
{
    cmake --preset release -B build/deb -DLC_DEBIAN=ON -DLC_STATIC_PROGRAM=ON \
        -DLC_MAINTAINER="$maintainer" -DCMAKE_INSTALL_PREFIX=/usr &&
        cmake --build build/deb &&
        (cd build/deb && cpack)
} >build/deb.log 2>&1 || {
    tail -n 40 build/deb.log >&2
    echo "deb.sh: the package could not be built; all of it: build/deb.log" >&2
    exit 2
}
package=$(echo build/deb/llava-check_*.deb)
# the suppressed tag asks for the bug report that a new package in Debian closes
lintian --allow-root --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs "$package"
dpkg-deb -x "$package" build/deb/unpacked
dpkg-deb -f "$package" Package Version Architecture Installed-Size Depends
build/deb/unpacked/usr/bin/llava-check fixtures/demo --no-index | tail -n 1 |
    grep '^FAILED: 15 errors, 2 warnings'
echo "$package: lintian does not object"

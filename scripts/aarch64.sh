#!/bin/sh
# aarch64.sh - the tests on another processor: sh scripts/aarch64.sh [CTEST-OPTION...]
#
# Builds everything for aarch64 into build/aarch64, with the compiler and the static libraries of wheels
# (scripts/wheel.sh makes them first), and runs the tests unit, cli and diff under qemu-user, or those that
# the options of ctest select. Needs root, for missing packages and to have the kernel start programs for
# aarch64 with qemu. Unlike a machine it emulates, qemu-user has no Valgrind, and this machine's compiler
# does not link with libraries for another one, so two tests are left out. Exit 1: a test failed.
set -eu

cd "$(dirname "$0")/.."
tree=$(pwd)
. scripts/setup.sh
cache=${LC_WHEEL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/llava-check/wheel}
system=/usr/aarch64-linux-gnu # libc6-arm64-cross

# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES $TEST_PACKAGES $WHEEL_PACKAGES $CROSS_PACKAGES || exit 2
sh scripts/wheel.sh aarch64

register_qemu

prefix=$cache/aarch64/prefix
bin=$cache/aarch64/bin
export CC="$bin/cc" CXX="$bin/c++" AR="$bin/ar" RANLIB="$bin/ranlib" ZIG_GLOBAL_CACHE_DIR="$cache/zig"
# the loader and libc of the cross packages, so that no variable has to name them
links="-Wl,--dynamic-linker=$system/lib/ld-linux-aarch64.so.1 -Wl,-rpath,$system/lib"
mkdir -p build
{
    PKG_CONFIG_LIBDIR=$prefix/lib/pkgconfig cmake -S . -B build/aarch64 -G Ninja \
        -DCMAKE_TOOLCHAIN_FILE="$tree/packaging/wheel/toolchain.cmake" -DLC_ARCH=aarch64 \
        -DCMAKE_FIND_ROOT_PATH="$prefix" -DCMAKE_PREFIX_PATH="$prefix" \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_EXE_LINKER_FLAGS="$links" \
        -DLC_STATIC_LIBRARIES=ON -DLC_TEST_TIMEOUT=3600 &&
        cmake --build build/aarch64
} >build/aarch64.log 2>&1 || {
    tail -n 40 build/aarch64.log >&2
    echo "aarch64.sh: the build failed; all of it: build/aarch64.log" >&2
    exit 2
}
[ $# -gt 0 ] || set -- -R '^(unit|cli|diff)\.' -E '^cli\.install$'
LC_SLOWNESS=20 exec ctest --test-dir build/aarch64 -j "$(nproc)" --output-on-failure "$@"

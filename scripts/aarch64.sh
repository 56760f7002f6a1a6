#!/bin/sh
# aarch64.sh - the tests on another processor: sh scripts/aarch64.sh [CTEST-OPTION...]
#
# Builds the program and all tests for aarch64 into build/aarch64, with Debian's cross compiler and the static
# libraries of wheels (which wheel.sh makes first). Runs the tests unit, cli and diff under qemu-user, or those
# that the options of ctest select. Needs root to install missing packages and to make the kernel start aarch64
# programs with qemu. Skips cli.install, which compiles programs for the processor that it runs on.
# Exit 1: a test failed; 2: the build failed.
set -eu

cd "$(dirname "$0")/.."
tree=$(pwd)
. scripts/setup.sh
cache=${LC_WHEEL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/llava-check/wheel}
prefix=$cache/aarch64/prefix
tests=$cache/aarch64/tests # what only the tests need

# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES $TEST_PACKAGES $WHEEL_PACKAGES $CROSS_PACKAGES $CROSS_COMPILER || exit 2
sh scripts/wheel.sh --libraries aarch64 || exit 2
register_qemu
cross=/usr/bin/aarch64-linux-gnu
export CC=$cross-gcc CXX=$cross-g++ AR=$cross-ar RANLIB=$cross-ranlib

pc() { # NAME VERSION LIBRARY INCLUDES
    printf 'Name: %s\nDescription: %s\nVersion: %s\nLibs: -L%s/lib -l%s\nCflags: -I%s\n' "$1" "$1" "$2" \
        "$tests" "$3" "$4" >"$tests/lib/pkgconfig/$1.pc"
}

# Build cmocka, and simdjson again: the archive in the wheel's libraries needs zig's C++ library.
build_test_libraries() {
    [ ! -f "$tests/done" ] || return 0
    rm -rf "$tests"
    mkdir -p "$tests/lib/pkgconfig" "$tests/sources"
    simdjson=$(echo "$cache"/unpacked/simdjson-*)
    $CXX -O2 -fPIC -std=c++17 -I"$simdjson/include" -I"$simdjson/src" -c "$simdjson/src/simdjson.cpp" \
        -o "$tests/simdjson.o"
    $AR rcs "$tests/lib/libsimdjson.a" "$tests/simdjson.o"
    pc simdjson 3.0.1 simdjson "$prefix/include"
    (cd "$tests/sources" && apt_sources apt-get source --download-only cmocka=1.1.5-2.1 &&
        echo "f0ccd8242d55e2fd74b16ba518359151f6f8383ff8aef4976e48393f77bba8b6  cmocka_1.1.5.orig.tar.xz" |
        sha256sum --check --quiet --strict - && tar -xf cmocka_1.1.5.orig.tar.xz)
    cmocka=$(echo "$tests"/sources/cmocka-*)
    has=
    for name in STDINT_H MALLOC_H SIGNAL_H STDLIB_H STRING_H TIME_H SETJMP_H STRUCT_TIMESPEC \
        CLOCK_GETTIME_REALTIME CLOCK_REALTIME STRSIGNAL GCC_THREAD_LOCAL_STORAGE; do
        has="$has -DHAVE_$name"
    done
    # shellcheck disable=SC2086 # a list of words
    $CC -O1 -w $has -I"$cmocka/include" -c "$cmocka/src/cmocka.c" -o "$tests/cmocka.o"
    $AR rcs "$tests/lib/libcmocka.a" "$tests/cmocka.o"
    pc cmocka 1.1.5 cmocka "$cmocka/include"
    touch "$tests/done"
}

mkdir -p build
{
    (build_test_libraries) &
    wait $! &&
        PKG_CONFIG_LIBDIR=$tests/lib/pkgconfig:$prefix/lib/pkgconfig cmake -S . -B build/aarch64 -G Ninja \
            -DCMAKE_TOOLCHAIN_FILE="$tree/packaging/wheel/toolchain.cmake" -DLC_ARCH=aarch64 \
            -DCMAKE_FIND_ROOT_PATH="$tests;$prefix" -DCMAKE_PREFIX_PATH="$tests;$prefix" \
            -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-O1 -DCMAKE_CXX_FLAGS_DEBUG=-O1 \
            -DCMAKE_CROSSCOMPILING_EMULATOR="/usr/bin/qemu-aarch64-static;-L;/usr/aarch64-linux-gnu" \
            -DLC_STATIC_LIBRARIES=ON -DLC_TEST_TIMEOUT=3600 &&
        cmake --build build/aarch64
} >build/aarch64.log 2>&1 || {
    tail -n 40 build/aarch64.log >&2
    echo "aarch64.sh: the build failed; all of it: build/aarch64.log" >&2
    exit 2
}
[ $# -gt 0 ] || set -- -R '^(unit|cli|diff)\.' -E '^cli\.install$'
LC_RUNNER_FIRST=$tree/fixtures/demo LC_SLOWNESS=20 exec ctest --test-dir build/aarch64 -j "$(nproc)" --output-on-failure "$@"

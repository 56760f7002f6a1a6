#!/bin/sh
# wheel.sh - build a wheel that runs on every Linux since 2019 (glibc 2.28):
#            sh scripts/wheel.sh [--test] [--updates] [--libraries] [x86_64|aarch64]...
#
# Builds llava_check-VERSION-py3-none-manylinux_2_28_ARCH.whl for each architecture (x86_64) in
# build/wheels. All libraries are linked statically; they are built from Debian's source packages with
# zig's compiler, both pinned by hash in packaging/wheel. Downloads and libraries are kept in
# $LC_WHEEL_CACHE ($XDG_CACHE_HOME/llava-check/wheel): the first run takes half an hour for each
# architecture, later ones a minute.
#
# --test then tests each wheel: its contents, every installed Python from 3.9 on, Debian 12 and 13 in
# chroots without a compiler, and its verdicts, which must be those of build/release. --updates only
# prints which source packages have newer versions in Debian; --libraries stops before building the
# wheel. docs/packaging.md has more. Exit 1: something failed; 2: a test could not be run.
set -eu

cd "$(dirname "$0")/.."
tree=$(pwd)
packaging=$tree/packaging/wheel
cache=${LC_WHEEL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/llava-check/wheel}
wheels=$tree/build/wheels
. scripts/setup.sh

give_up() {
    echo "wheel.sh: $*" >&2
    exit 2
}

try=no
updates=no
libraries=no
arches=
while [ $# -gt 0 ]; do
    case $1 in
    --test) try=yes ;;
    --updates) updates=yes ;;
    --libraries) libraries=yes ;;
    x86_64 | aarch64) arches="$arches $1" ;;
    *) give_up "no option or architecture $1" ;;
    esac
    shift
done
arches=${arches:-x86_64}

# Print the name of the file that records what a folder was made from.
pin() { # FILE...
    echo "pin-$(cat "$@" | sha256sum | cut -c 1-16)"
}

pinned_packages() {
    awk '$1 == "package" { print $2, $3 }' "$packaging/sources.txt"
}

print_updates() {
    apt_sources apt-get update
    pinned_packages | while read -r name version; do
        newest=$(apt_sources apt-cache showsrc "$name" | sed -n 's/^Version: //p' | sort -V | tail -n 1)
        dpkg --compare-versions "$newest" le "$version" || echo "$name $version -> $newest"
    done
}

# Whether all sources are there. Only their hashes count, wherever they come from.
sources_are_complete() {
    (cd "$cache/sources" && awk '$1 == "file" { print $2 "  " $3 }' "$packaging/sources.txt" |
        sha256sum --check --quiet --strict -) >/dev/null 2>&1
}

get_sources() {
    mkdir -p "$cache/sources"
    if ! sources_are_complete; then
        apt_sources apt-get update
        pinned_packages | while read -r name version; do
            (cd "$cache/sources" && apt_sources apt-get source --download-only "$name=$version") ||
                give_up "apt-get source $name=$version failed; put its files into $cache/sources"
        done
        (cd "$cache/sources" && awk '$1 == "file" { print $2 "  " $3 }' "$packaging/sources.txt" |
            sha256sum --check --quiet --strict -) || give_up "sources differ from sources.txt"
    fi
    [ ! -f "$cache/unpacked/$sources_pin" ] || return 0
    rm -rf "$cache/unpacked"
    mkdir -p "$cache/unpacked"
    awk '$1 == "file" && $3 ~ /[.]dsc$/ { print $3 }' "$packaging/sources.txt" | while read -r dsc; do
        (cd "$cache/unpacked" && dpkg-source --no-check --extract "$cache/sources/$dsc" >/dev/null) ||
            give_up "dpkg-source could not unpack $dsc"
    done
    touch "$cache/unpacked/$sources_pin"
}

get_tools() {
    [ ! -f "$cache/tools/$tools_pin" ] || return 0
    rm -rf "$cache/tools"
    for python in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
        "$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break
        python=
    done
    [ -n "$python" ] || give_up "no Python from 3.11 on with venv"
    "$python" -m venv "$cache/tools"
    "$cache/tools/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        -r "$packaging/tools.txt" || give_up "pip could not install packaging/wheel/tools.txt"
    touch "$cache/tools/$tools_pin"
}

# Write programs that call zig's compiler for an architecture, and use them as CC, CXX and so on.
# Python, which the package would start it with, took a quarter of the time of a configure script.
use_compiler() { # ARCH
    bin=$cache/$1/bin
    mkdir -p "$bin"
    zig=$("$cache/tools/bin/python" -c 'import os, ziglang as z; print(os.path.dirname(z.__file__))')
    for name in cc c++ ar ranlib; do
        target=
        case $name in c*) target="-target $1-linux-gnu.2.28" ;; esac
        printf '#!/bin/sh\nexec "%s/zig" %s %s "$@"\n' "$zig" "$name" "$target" >"$bin/$name"
        chmod +x "$bin/$name"
    done
    export CC="$bin/cc" CXX="$bin/c++" AR="$bin/ar" RANLIB="$bin/ranlib"
    export ZIG_GLOBAL_CACHE_DIR="$cache/zig"
}

# Build all libraries again if the pins or the way they are built have changed.
build_libraries() { # ARCH
    if [ ! -f "$cache/$1/prefix/$pins" ]; then
        rm -rf "$cache/$1/prefix" "$cache/$1/build"
        mkdir -p "$cache/$1/prefix"
        touch "$cache/$1/prefix/$pins"
    fi
    sh "$packaging/libraries.sh" "$cache/unpacked" "$cache/$1/build" "$cache/$1/prefix" "$1"
}

build_wheel() { # ARCH
    use_compiler "$1"
    build_libraries "$1"
    [ "$libraries" = no ] || return 0
    emulator=
    [ "$1" = "$(uname -m)" ] || emulator="/usr/bin/qemu-$1-static;-L;/usr/$1-linux-gnu"
    made=$cache/$1/wheel
    rm -rf "$made"
    mkdir -p "$made" "$wheels"
    sections="-ffunction-sections -fdata-sections"
    # -s: scikit-build-core would use this machine's strip, which cannot read files for other processors
    _PYTHON_HOST_PLATFORM=linux-$1 PKG_CONFIG_LIBDIR=$cache/$1/prefix/lib/pkgconfig \
        "$cache/tools/bin/python" -m pip wheel --quiet --disable-pip-version-check \
        --no-build-isolation --no-deps --no-index --wheel-dir "$made" \
        --config-settings=install.strip=false \
        --config-settings=build-dir="$cache/$1/project" \
        --config-settings=cmake.define.CMAKE_TOOLCHAIN_FILE="$packaging/toolchain.cmake" \
        --config-settings=cmake.define.LC_ARCH="$1" \
        --config-settings=cmake.define.CMAKE_FIND_ROOT_PATH="$cache/$1/prefix" \
        --config-settings=cmake.define.CMAKE_PREFIX_PATH="$cache/$1/prefix" \
        --config-settings=cmake.define.CMAKE_CROSSCOMPILING_EMULATOR="$emulator" \
        --config-settings=cmake.define.CMAKE_C_FLAGS="$sections" \
        --config-settings=cmake.define.CMAKE_CXX_FLAGS="$sections" \
        --config-settings=cmake.define.CMAKE_EXE_LINKER_FLAGS="-s -Wl,--gc-sections" \
        --config-settings=cmake.define.CMAKE_SHARED_LINKER_FLAGS="-s -Wl,--gc-sections" \
        --config-settings=cmake.define.LC_STATIC_LIBRARIES=ON \
        --config-settings=cmake.define.LC_LICENCES="$cache/$1/prefix/licences" \
        "$tree"
    PATH="$cache/tools/bin:$PATH" "$cache/tools/bin/auditwheel" repair --plat auto --only-plat \
        --wheel-dir "$made/repaired" "$made"/*.whl >"$made/auditwheel.log" 2>&1 || {
        cat "$made/auditwheel.log" >&2
        give_up "auditwheel does not accept the wheel"
    }
    # auto picks the oldest tag that fits: other tags are accepted only for this machine's processor
    [ -f "$(echo "$made"/repaired/*-manylinux_2_28_"$1".whl)" ] || give_up "the wheel needs a newer glibc"
    rm -f "$wheels"/llava_check-*"_$1.whl"
    cp "$made"/repaired/*.whl "$wheels/"
    ls "$made"/repaired | sed "s,^,built: build/wheels/,"
}

[ "$updates" = no ] || { print_updates; exit; }
# shellcheck disable=SC2086 # a list of words
need_packages $WHEEL_PACKAGES || exit 2
case $arches in *aarch64*)
    # shellcheck disable=SC2086
    [ "$(uname -m)" = aarch64 ] || need_packages $CROSS_PACKAGES || exit 2
    ;;
esac
sources_pin=$(pin "$packaging/sources.txt")
tools_pin=$(pin "$packaging/tools.txt")
pins=$(pin "$packaging/sources.txt" "$packaging/tools.txt" "$packaging/libraries.sh" \
    "$packaging/toolchain.cmake")
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9 # one at a time: all of them build in one cache
get_tools
get_sources
for arch in $arches; do
    (build_wheel "$arch") & # before ||, set -e would be off in it
    wait $! || exit
done
exec 9>&-
[ "$try" = no ] || exec sh "$packaging/try.sh" $arches

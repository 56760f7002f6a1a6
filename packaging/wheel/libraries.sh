#!/bin/sh
# libraries.sh - build the libraries of a wheel, as static archives for glibc 2.28:
#                sh packaging/wheel/libraries.sh SOURCES BUILD PREFIX ARCH
#
# SOURCES has the unpacked source packages of sources.txt; ARCH is x86_64 or aarch64. wheel.sh sets CC,
# CXX, AR and RANLIB to the tools for ARCH. libtiff gets every codec that Debian's has and Pillow can use;
# LERC and JBIG are left out, because Pillow refuses both by their number. Licences are copied to
# PREFIX/licences/NAME. A library that is complete is not built again.
set -eu

sources=$1
build=$2
prefix=$3
arch=$4
jobs=$(nproc)
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$build" "$prefix/lib/pkgconfig" "$prefix/include" "$prefix/licences" "$prefix/done"

# -f…-sections: so that the linker can leave out functions that nothing calls
flags="-O2 -fPIC -g0 -ffunction-sections -fdata-sections -fvisibility=hidden
    -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fno-sanitize=all"
flags=$(echo $flags)
PKG_CONFIG_LIBDIR=$prefix/lib/pkgconfig
export CFLAGS="$flags" CXXFLAGS="$flags" PKG_CONFIG_LIBDIR

# Print the folder of a source package of any version.
source_of() { # NAME
    set -- "$sources/$1"-[0-9]*
    [ $# -eq 1 ] && [ -d "$1" ] || { echo "libraries.sh: no single folder $1" >&2; exit 2; }
    echo "$1"
}

with_cmake() { # SOURCE NAME OPTION...
    from=$1
    name=$2
    shift 2
    cmake -S "$from" -B "$build/$name" -G Ninja -Wno-dev \
        -DCMAKE_TOOLCHAIN_FILE="$here/toolchain.cmake" -DLC_ARCH="$arch" \
        -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_FIND_ROOT_PATH="$prefix" \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$prefix" \
        -DCMAKE_INSTALL_LIBDIR="$prefix/lib" -DBUILD_SHARED_LIBS=OFF \
        -DCMAKE_POLICY_VERSION_MINIMUM=3.5 "$@"
}

with_configure() { # SOURCE NAME OPTION...
    from=$1
    name=$2
    shift 2
    rm -rf "${build:?}/$name"
    cp -a "$from" "$build/$name"
    cd "$build/$name"
    ./configure --host="$arch-linux-gnu" --prefix="$prefix" --libdir="$prefix/lib" \
        --disable-shared --enable-static --disable-dependency-tracking "$@"
}

# Compile files of a source package into one archive, if its own build system cannot make one.
archive() { # NAME FILE...
    name=$1
    shift
    rm -rf "${build:?}/$name"
    mkdir -p "$build/$name"
    for file; do
        object=$build/$name/$(echo "$file" | tr / _).o
        # shellcheck disable=SC2086 # lists of words
        $CC $CFLAGS ${EXTRA:-} -I"$(dirname "$file")" -c "$file" -o "$object"
    done
    rm -f "$prefix/lib/lib$name.a"
    $AR rc "$prefix/lib/lib$name.a" "$build/$name"/*.o
    $RANLIB "$prefix/lib/lib$name.a"
}

pc() { # NAME VERSION LIBRARY CFLAGS...
    cat >"$prefix/lib/pkgconfig/$1.pc" <<END
Name: $1
Description: $1
Version: $2
Libs: -L$prefix/lib -l$3
Cflags: -I$prefix/include ${4:-}
END
}

build_zlib() {
    rm -rf "$build/zlib"
    cp -a "$1" "$build/zlib"
    cd "$build/zlib"
    CHOST="$arch-linux-gnu" uname=GNU ./configure --static --prefix="$prefix"
    make -j "$jobs" libz.a
    make install
    rm -f "$prefix"/lib/libz.so*
}

build_libdeflate() {
    # shellcheck disable=SC2046 # a list of files
    EXTRA="-I$1" archive deflate $(find "$1/lib" -name '*.c' | sort)
    cp "$1/libdeflate.h" "$prefix/include/"
    pc libdeflate 1.14 deflate
}

build_xz() {
    with_cmake "$1" xz -DENABLE_NLS=OFF -DCREATE_XZ_SYMLINKS=OFF \
        -DCREATE_LZMA_SYMLINKS=OFF # ninja refuses their rules
    cmake --build "$build/xz" --target liblzma -j "$jobs"
    cp "$build/xz/liblzma.a" "$prefix/lib/"
    cp -R "$1/src/liblzma/api/lzma.h" "$1/src/liblzma/api/lzma" "$prefix/include/"
    pc liblzma 5.4.1 lzma
}

build_zstd() {
    with_cmake "$1/build/cmake" zstd -DZSTD_BUILD_PROGRAMS=OFF -DZSTD_BUILD_SHARED=OFF \
        -DZSTD_BUILD_TESTS=OFF -DZSTD_LEGACY_SUPPORT=OFF -DZSTD_MULTITHREAD_SUPPORT=OFF
    cmake --build "$build/zstd" -j "$jobs"
    cmake --install "$build/zstd"
}

build_bzip2() {
    archive bz2 "$1/blocksort.c" "$1/huffman.c" "$1/crctable.c" "$1/randtable.c" \
        "$1/compress.c" "$1/decompress.c" "$1/bzlib.c"
    cp "$1/bzlib.h" "$prefix/include/"
}

# Build only igzip and the checksums that it needs.
build_isal() {
    rm -rf "$build/isal"
    cp -a "$1" "$build/isal"
    cd "$build/isal"
    make -f Makefile.unx -j "$jobs" host_cpu="$arch" units="crc igzip" CC="$CC" AR="$AR" \
        DEBUG= DEBUG_nasm= CFLAGS_="$flags" lib
    make -f Makefile.unx isa-l.h
    mkdir -p "$prefix/include/isa-l"
    cp include/*.h "$prefix/include/isa-l/"
    cp isa-l.h "$prefix/include/"
    cp bin/isa-l.a "$prefix/lib/libisal.a"
    pc libisal 2.30.0 isal
}

build_jpeg() {
    with_cmake "$1" jpeg -DENABLE_SHARED=OFF -DWITH_TURBOJPEG=OFF -DREQUIRE_SIMD=ON -DWITH_JAVA=OFF
    cmake --build "$build/jpeg" -j "$jobs" --target jpeg-static
    cp "$build/jpeg/libjpeg.a" "$prefix/lib/"
    cp "$build/jpeg/jconfig.h" "$1/jerror.h" "$1/jmorecfg.h" "$1/jpeglib.h" "$prefix/include/"
    pc libjpeg 2.1.5 jpeg
}

build_png() {
    CPPFLAGS="-I$prefix/include" LDFLAGS="-L$prefix/lib" with_configure "$1" png
    make -j "$jobs" libpng16.la
    cp "$build/png/.libs/libpng16.a" "$prefix/lib/libpng.a"
    cp "$1/png.h" "$1/pngconf.h" "$build/png/pnglibconf.h" "$prefix/include/"
    pc libpng 1.6.39 png
    printf 'Requires.private: zlib\n' >>"$prefix/lib/pkgconfig/libpng.pc"
    printf 'Libs.private: -lz -lm\n' >>"$prefix/lib/pkgconfig/libpng.pc"
}

build_webp() {
    with_cmake "$1" webp -DWEBP_BUILD_ANIM_UTILS=OFF -DWEBP_BUILD_CWEBP=OFF \
        -DWEBP_BUILD_DWEBP=OFF -DWEBP_BUILD_GIF2WEBP=OFF -DWEBP_BUILD_IMG2WEBP=OFF \
        -DWEBP_BUILD_VWEBP=OFF -DWEBP_BUILD_WEBPINFO=OFF -DWEBP_BUILD_WEBPMUX=OFF \
        -DWEBP_BUILD_EXTRAS=OFF -DWEBP_BUILD_LIBWEBPMUX=ON
    cmake --build "$build/webp" -j "$jobs"
    cmake --install "$build/webp"
    pc libwebp 1.2.4 webp
    printf 'Libs.private: -lm -pthread\n' >>"$prefix/lib/pkgconfig/libwebp.pc"
    pc libwebpdemux 1.2.4 webpdemux
    printf 'Requires.private: libwebp\n' >>"$prefix/lib/pkgconfig/libwebpdemux.pc"
}

build_tiff() {
    with_cmake "$1" tiff -Dtiff-tools=OFF -Dtiff-tests=OFF -Dtiff-contrib=OFF -Dtiff-docs=OFF \
        -Dcxx=OFF -Dzlib=ON -Dlibdeflate=ON -Djpeg=ON -Dold-jpeg=ON -Dpixarlog=ON -Dlzma=ON \
        -Dzstd=ON -Dwebp=ON -Djbig=OFF -Dlerc=OFF -Dccitt=ON -Dpackbits=ON -Dlzw=ON \
        -Dthunder=ON -Dnext=ON -Dlogluv=ON -Dmdi=ON
    for codec in CCITT JPEG OJPEG LOGLUV LZMA LZW NEXT PACKBITS PIXARLOG THUNDER WEBP ZIP ZSTD; do
        grep -q "^#define ${codec}_SUPPORT 1" "$build/tiff/libtiff/tiffconf.h" \
            "$build/tiff/libtiff/tif_config.h" || {
            echo "libraries.sh: libtiff would be built without $codec" >&2
            exit 1
        }
    done
    cmake --build "$build/tiff" -j "$jobs" --target tiff
    cp "$build/tiff/libtiff/libtiff.a" "$prefix/lib/"
    cp "$1/libtiff/tiff.h" "$1/libtiff/tiffio.h" "$1/libtiff/tiffvers.h" \
        "$build/tiff/libtiff/tiffconf.h" "$prefix/include/"
    pc libtiff-4 4.5.0 tiff
    echo 'Libs.private: -lwebp -lzstd -llzma -ldeflate -ljpeg -lz -lm' \
        >>"$prefix/lib/pkgconfig/libtiff-4.pc"
}

build_simdjson() {
    EXTRA_CXX="-std=c++17 -I$1/include -I$1/src -fno-exceptions -DSIMDJSON_EXCEPTIONS=0"
    mkdir -p "$build/simdjson"
    # shellcheck disable=SC2086 # lists of words
    $CXX $CXXFLAGS $EXTRA_CXX -c "$1/src/simdjson.cpp" -o "$build/simdjson/simdjson.o"
    rm -f "$prefix/lib/libsimdjson.a"
    $AR rc "$prefix/lib/libsimdjson.a" "$build/simdjson/simdjson.o"
    $RANLIB "$prefix/lib/libsimdjson.a"
    cp -R "$1/include/." "$prefix/include/"
    pc simdjson 3.0.1 simdjson
}

build_xxhash() {
    archive xxhash "$1/xxhash.c"
    cp "$1/xxhash.h" "$1/xxh3.h" "$prefix/include/"
    pc libxxhash 0.8.1 xxhash
}

build_lmdb() {
    EXTRA=-pthread archive lmdb "$1/libraries/liblmdb/mdb.c" "$1/libraries/liblmdb/midl.c"
    cp "$1/libraries/liblmdb/lmdb.h" "$prefix/include/"
    pc lmdb 0.9.24 lmdb
}

build_yaml() {
    with_cmake "$1" yaml -DBUILD_TESTING=OFF
    cmake --build "$build/yaml" -j "$jobs"
    cp "$build/yaml/libyaml.a" "$prefix/lib/"
    cp "$1/include/yaml.h" "$prefix/include/"
    pc yaml-0.1 0.2.5 yaml -DYAML_DECLARE_STATIC
}

build_unistring() {
    with_configure "$1" unistring --disable-rpath
    # do not generate its documentation and configure again: use the delivered files
    make -j "$jobs" -C lib ACLOCAL=: AUTOCONF=: AUTOMAKE=: AUTOHEADER=: MAKEINFO=:
    make -C lib install ACLOCAL=: AUTOCONF=: AUTOMAKE=: AUTOHEADER=: MAKEINFO=:
}

build_nettle() {
    with_configure "$1" nettle --disable-openssl --disable-documentation --disable-public-key \
        --enable-fat
    make -j "$jobs" libnettle.a
    make install-headers
    cp libnettle.a "$prefix/lib/"
    pc nettle 3.8.1 nettle
}

# Build a library from the source package PACKAGE with build_NAME, and copy the FILEs of its licence.
library() { # NAME PACKAGE FILE...
    name=$1
    from=$(source_of "$2")
    shift 2
    [ ! -f "$prefix/done/$name" ] || return 0
    begun=$(date +%s)
    # in the background, because set -e has no effect in a command that is followed by ||
    (build_"$name" "$from") >"$build/$name.log" 2>&1 &
    wait $! || {
        tail -n 40 "$build/$name.log" >&2
        echo "libraries.sh: $name could not be built; all of it: $build/$name.log" >&2
        exit 1
    }
    mkdir -p "$prefix/licences/$name"
    for file; do
        cp "$from/$file" "$prefix/licences/$name/"
    done
    cp "$from/debian/copyright" "$prefix/licences/$name/debian-copyright"
    touch "$prefix/done/$name"
    echo "$arch $name: built in $(($(date +%s) - begun)) s"
}

# The same, but only for x86-64: zig cannot assemble the library for others.
library_x86_64() {
    if [ "$arch" = x86_64 ]; then
        library "$@"
    fi
}

library unistring libunistring COPYING COPYING.LIB README
library zlib zlib README
library libdeflate libdeflate COPYING
library xz xz-utils COPYING
library zstd libzstd LICENSE
library bzip2 bzip2 LICENSE
library_x86_64 isal libisal LICENSE
library jpeg libjpeg-turbo LICENSE.md README.ijg
library png libpng1.6 LICENSE
library webp libwebp COPYING PATENTS
library tiff tiff LICENSE.md
library simdjson simdjson LICENSE
library xxhash xxhash LICENSE
library lmdb lmdb libraries/liblmdb/LICENSE libraries/liblmdb/COPYRIGHT
library yaml libyaml License
library nettle nettle COPYING.LESSERv3 COPYINGv3 COPYINGv2

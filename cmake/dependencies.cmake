# The libraries that llava-check needs, each with its oldest usable version. Targets link them
# all through lc_dependencies; a missing one is reported by the name of its Debian package.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

option(LC_STATIC_LIBRARIES "The libraries are archives: link what they need, too" OFF)
if(LC_STATIC_LIBRARIES)
    list(APPEND PKG_CONFIG_ARGN --static)
endif()

add_library(lc_dependencies INTERFACE)
target_link_libraries(lc_dependencies INTERFACE Threads::Threads)

function(lc_require name module version package)
    pkg_check_modules(${name} QUIET IMPORTED_TARGET "${module}>=${version}")
    if(NOT ${name}_FOUND)
        message(FATAL_ERROR
            "llava-check needs ${module} ${version} or newer, which pkg-config does not "
            "find. On Debian: apt-get install ${package}")
    endif()
    message(STATUS "${module} ${${name}_VERSION}")
    target_link_libraries(lc_dependencies INTERFACE PkgConfig::${name})
endfunction()

# The same for libunistring, which has no pkg-config file: its header has the version.
function(lc_require_unistring version package)
    find_path(LC_UNISTRING_INCLUDE unistring/version.h)
    find_library(LC_UNISTRING_LIBRARY unistring)
    mark_as_advanced(LC_UNISTRING_INCLUDE LC_UNISTRING_LIBRARY)
    set(found 0)
    if(LC_UNISTRING_INCLUDE AND LC_UNISTRING_LIBRARY)
        file(STRINGS ${LC_UNISTRING_INCLUDE}/unistring/version.h line
             REGEX "define _LIBUNISTRING_VERSION 0x")
        string(REGEX MATCH "0x([0-9a-fA-F]+)" number "${line}")
        math(EXPR major "${number} >> 16")
        math(EXPR minor "(${number} >> 8) & 255")
        set(found ${major}.${minor})
    endif()
    if(found VERSION_LESS version)
        message(FATAL_ERROR
            "llava-check needs libunistring ${version} or newer, which is not found. On "
            "Debian: apt-get install ${package}")
    endif()
    message(STATUS "libunistring ${found}")
    target_include_directories(lc_dependencies SYSTEM INTERFACE ${LC_UNISTRING_INCLUDE})
    target_link_libraries(lc_dependencies INTERFACE ${LC_UNISTRING_LIBRARY})
endfunction()

lc_require(SIMDJSON simdjson 3.0.1 libsimdjson-dev)
lc_require(JPEG libjpeg 2.1 libjpeg62-turbo-dev)
lc_require(PNG libpng 1.6.39 libpng-dev)
lc_require(XXHASH libxxhash 0.8.1 libxxhash-dev)
lc_require(NETTLE nettle 3.8.1 nettle-dev)
lc_require(LMDB lmdb 0.9.24 liblmdb-dev)
lc_require(ZLIB zlib 1.2.13 zlib1g-dev)
lc_require(DEFLATE libdeflate 1.14 libdeflate-dev)
lc_require(WEBP libwebp 1.2.4 libwebp-dev)
lc_require(WEBPDEMUX libwebpdemux 1.2.4 libwebp-dev)
lc_require(TIFF libtiff-4 4.5.0 libtiff-dev)
lc_require(YAML yaml-0.1 0.2.5 libyaml-dev)
lc_require_unistring(1.0 libunistring-dev)
lc_require(LZMA liblzma 5.4.1 liblzma-dev)
lc_require(ZSTD libzstd 1.5.4 libzstd-dev)

if(LC_STATIC_LIBRARIES)
    target_compile_definitions(lc_dependencies INTERFACE LC_STATIC_LIBRARIES)
endif()
option(LC_ISAL "Inflate with ISA-L, one and a half times as fast, where it is" ON)
if(LC_ISAL)
    pkg_check_modules(ISAL QUIET IMPORTED_TARGET "libisal>=2.30.0")
    if(ISAL_FOUND)
        message(STATUS "libisal ${ISAL_VERSION}")
        target_link_libraries(lc_dependencies INTERFACE PkgConfig::ISAL)
        target_compile_definitions(lc_dependencies INTERFACE LC_ISAL)
    else()
        message(STATUS "no libisal 2.30 (Debian: libisal-dev): zlib inflates archives, more slowly")
    endif()
endif()
option(LC_BZIP2 "Read .tar.bz2" ON)
if(LC_BZIP2) # it has no pkg-config file in Debian 12
    find_package(BZip2 1.0.8 QUIET)
    if(NOT BZIP2_FOUND)
        message(FATAL_ERROR
            "llava-check needs libbz2 1.0.8 or newer, which is not found. On Debian: apt-get "
            "install libbz2-dev; or configure with -DLC_BZIP2=OFF: .tar.bz2 is then not read")
    endif()
    message(STATUS "libbz2 ${BZIP2_VERSION_STRING}")
    target_link_libraries(lc_dependencies INTERFACE BZip2::BZip2)
    target_compile_definitions(lc_dependencies INTERFACE LC_BZIP2)
endif()

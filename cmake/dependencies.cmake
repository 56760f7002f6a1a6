# Every library that llava-check is built on, with the oldest version that will do.
# lc_dependencies carries them all; what is missing is said by its Debian package.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

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

lc_require(SIMDJSON simdjson 3.0.1 libsimdjson-dev)
lc_require(JPEG libjpeg 2.1 libjpeg62-turbo-dev)
lc_require(XXHASH libxxhash 0.8.1 libxxhash-dev)
lc_require(LMDB lmdb 0.9.24 liblmdb-dev)
lc_require(ZLIB zlib 1.2.13 zlib1g-dev)
lc_require(DEFLATE libdeflate 1.14 libdeflate-dev)
lc_require(WEBP libwebp 1.2.4 libwebp-dev)
lc_require(WEBPDEMUX libwebpdemux 1.2.4 libwebp-dev)
lc_require(TIFF libtiff-4 4.5.0 libtiff-dev)
lc_require(YAML yaml-0.1 0.2.5 libyaml-dev)
lc_require(JSONC json-c 0.16 libjson-c-dev)

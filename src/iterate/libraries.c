#include "json/json.h"
#include "llava_check/version.h"

#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <libdeflate.h>
#include <lmdb.h>
#include <lzma.h>
#include <nettle/version.h>
#include <png.h>
#include <tiffio.h>
#include <unistring/version.h>
#include <webp/decode.h>
#include <xxhash.h>
#include <yaml.h>
#include <zlib.h>
#include <zstd.h>

#ifdef LC_BZIP2
#include <bzlib.h>
#endif
#ifdef LC_ISAL
#include <isa-l.h>
#endif

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

typedef void version_fn(char *out, size_t size);

static void write_simdjson(char *out, size_t size)
{
    snprintf(out, size, "%s", lc_json_simdjson());
}

static void write_jpeg(char *out, size_t size)
{
    snprintf(out, size, "%s", TEXT(LIBJPEG_TURBO_VERSION)); /* no function returns it */
}

static void write_png(char *out, size_t size)
{
    snprintf(out, size, "%s", png_get_libpng_ver(NULL));
}

static void write_webp(char *out, size_t size)
{
    unsigned version = (unsigned)WebPGetDecoderVersion();

    snprintf(out, size, "%u.%u.%u", version >> 16, version >> 8 & 0xFF, version & 0xFF);
}

/* The text is "LIBTIFF, Version 4.5.0", followed by lines about its authors. */
static void write_tiff(char *out, size_t size)
{
    const char *text = TIFFGetVersion();

    text += strcspn(text, "0123456789\n");
    snprintf(out, size, "%.*s", (int)strcspn(text, "\n"), text);
}

static void write_zlib(char *out, size_t size)
{
    snprintf(out, size, "%s", zlibVersion());
}

static void write_deflate(char *out, size_t size)
{
    snprintf(out, size, "%s", LIBDEFLATE_VERSION_STRING); /* no function returns it */
}

static void write_lmdb(char *out, size_t size)
{
    int major, minor, patch;

    mdb_version(&major, &minor, &patch);
    snprintf(out, size, "%d.%d.%d", major, minor, patch);
}

static void write_xxhash(char *out, size_t size)
{
    unsigned version = XXH_versionNumber();

    snprintf(out, size, "%u.%u.%u", version / 10000, version / 100 % 100, version % 100);
}

static void write_nettle(char *out, size_t size)
{
    snprintf(out, size, "%d.%d", nettle_version_major(), nettle_version_minor());
}

static void write_unistring(char *out, size_t size)
{
    unsigned version = (unsigned)_libunistring_version;

    snprintf(out, size, "%u.%u", version >> 16, version >> 8 & 0xFF);
}

static void write_yaml(char *out, size_t size)
{
    snprintf(out, size, "%s", yaml_get_version_string());
}

static void write_lzma(char *out, size_t size)
{
    snprintf(out, size, "%s", lzma_version_string());
}

static void write_zstd(char *out, size_t size)
{
    snprintf(out, size, "%s", ZSTD_versionString());
}

#ifdef LC_BZIP2
static void write_bzip2(char *out, size_t size)
{
    const char *version = BZ2_bzlibVersion(); /* "1.0.8, 13-Jul-2019" */

    snprintf(out, size, "%.*s", (int)strcspn(version, ","), version);
}
#endif

#ifdef LC_ISAL
static void write_isal(char *out, size_t size)
{
    snprintf(out, size, "%d.%d.%d", ISAL_MAJOR_VERSION, ISAL_MINOR_VERSION,
             ISAL_PATCH_VERSION); /* no function returns it */
}
#endif

static const struct {
    const char *name;
    version_fn *version;
} libraries[] = {
    {"simdjson", write_simdjson},
    {"libjpeg-turbo", write_jpeg},
    {"libpng", write_png},
    {"libwebp", write_webp},
    {"libtiff", write_tiff},
    {"zlib", write_zlib},
    {"libdeflate", write_deflate},
    {"LMDB", write_lmdb},
    {"xxHash", write_xxhash},
    {"nettle", write_nettle},
    {"libunistring", write_unistring},
    {"libyaml", write_yaml},
    {"liblzma", write_lzma},
    {"zstd", write_zstd},
#ifdef LC_BZIP2
    {"bzip2", write_bzip2},
#endif
#ifdef LC_ISAL
    {"ISA-L", write_isal},
#endif
};

bool lc_library_at(size_t index, struct lc_library *out)
{
    if (index >= sizeof(libraries) / sizeof(libraries[0]))
        return false;
    out->name = libraries[index].name;
    libraries[index].version(out->version, sizeof(out->version));
    return true;
}

#include "image/sniff.h"
#include "image/others.h"

#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "image/signature.h"

/* How many bytes to examine to distinguish text from binary data. */
enum { TEXT_PROBE = 4096 };

/* For JPEG and PNG, the signatures that Pillow accepts. */
static const struct lc_signature signatures[] = {
    LC_SIGNATURE(JPEG, "jpeg", 0, "\xFF\xD8\xFF"),
    LC_SIGNATURE(PNG, "png", 0, "\x89PNG\r\n\x1A\n"),
    LC_SIGNATURE(GIF, "gif", 0, "GIF87a"),
    LC_SIGNATURE(GIF, "gif", 0, "GIF89a"),
    LC_SIGNATURE(TIFF, "tiff", 0, "II\x2A\0"),
    LC_SIGNATURE(TIFF, "tiff", 0, "MM\0\x2A"),
    LC_SIGNATURE(TIFF, "tiff", 0, "II\x2B\0"),
    LC_SIGNATURE(TIFF, "tiff", 0, "MM\0\x2B"),
    LC_SIGNATURE(TIFF, "tiff", 0, "MM\x2A\0"), /* swapped bytes, which Pillow accepts */
    LC_SIGNATURE(TIFF, "tiff", 0, "II\0\x2A"),
    LC_SIGNATURE(OTHER_IMAGE, "jxl", 0, "\xFF\x0A"),
    LC_SIGNATURE(OTHER_IMAGE, "jxl", 0, "\0\0\0\x0CJXL \r\n\x87\n"),
    LC_SIGNATURE(OTHER_IMAGE, "jp2", 0, "\0\0\0\x0CjP  \r\n\x87\n"),
    LC_SIGNATURE(OTHER_IMAGE, "j2k", 0, "\xFF\x4F\xFF\x51"),
    LC_SIGNATURE(OTHER_IMAGE, "jxr", 0, "II\xBC\x01"),
    LC_SIGNATURE(OTHER_IMAGE, "jng", 0, "\x8BJNG\r\n\x1A\n"),
    LC_SIGNATURE(OTHER_IMAGE, "mng", 0, "\x8AMNG\r\n\x1A\n"),
    LC_SIGNATURE(OTHER_IMAGE, "psd", 0, "8BPS"),
    LC_SIGNATURE(OTHER_IMAGE, "qoi", 0, "qoif"),
    LC_SIGNATURE(OTHER_IMAGE, "dds", 0, "DDS "),
    LC_SIGNATURE(OTHER_IMAGE, "icns", 0, "icns"),
    LC_SIGNATURE(OTHER_IMAGE, "hdr", 0, "#?RADIANCE\n"),
    LC_SIGNATURE(OTHER_IMAGE, "exr", 0, "\x76\x2F\x31\x01"),
    LC_SIGNATURE(OTHER_IMAGE, "flif", 0, "FLIF"),
    LC_SIGNATURE(OTHER_IMAGE, "bpg", 0, "BPG\xFB"),
    LC_SIGNATURE(OTHER_IMAGE, "farbfeld", 0, "farbfeld"),
    LC_SIGNATURE(OTHER_IMAGE, "djvu", 0, "AT&TFORM"),
    LC_SIGNATURE(OTHER_IMAGE, "sgi", 0, "\x01\xDA\x00\x01"),
    LC_SIGNATURE(OTHER_IMAGE, "sgi", 0, "\x01\xDA\x01\x01"),
    LC_SIGNATURE(OTHER_IMAGE, "xcf", 0, "gimp xcf "),
    LC_SIGNATURE(LFS_POINTER, "git-lfs", 0, "version https://git-lfs.github.com/spec/v1"),
    LC_SIGNATURE(ARCHIVE, "zip", 0, "PK\x03\x04"),
    LC_SIGNATURE(ARCHIVE, "zip", 0, "PK\x05\x06"),
    LC_SIGNATURE(ARCHIVE, "gzip", 0, "\x1F\x8B"),
    LC_SIGNATURE(ARCHIVE, "bzip2", 0, "BZh"),
    LC_SIGNATURE(ARCHIVE, "xz", 0, "\xFD\x37zXZ\0"),
    LC_SIGNATURE(ARCHIVE, "zstd", 0, "\x28\xB5\x2F\xFD"),
    LC_SIGNATURE(ARCHIVE, "7z", 0, "7z\xBC\xAF\x27\x1C"),
    LC_SIGNATURE(ARCHIVE, "rar", 0, "Rar!\x1A\x07"),
    LC_SIGNATURE(ARCHIVE, "tar", 257, "ustar"),
};

struct brand {
    char name[5];
    const char *format;
};

/* The major brands of images in ISO media containers. */
static const struct brand brands[] = {
    {"avif", "avif"}, {"avis", "avif"}, {"heic", "heic"}, {"heix", "heic"},
    {"heim", "heic"}, {"heis", "heic"}, {"hevc", "heic"}, {"hevx", "heic"},
    {"mif1", "heif"}, {"msf1", "heif"}, {"mif2", "heif"}, {"crx ", "cr3"},
};

static bool begins(struct lc_bytes bytes, const char *text)
{
    size_t size = strlen(text);

    return bytes.size >= size && memcmp(bytes.data, text, size) == 0;
}

/* Whether the bytes begin with an HTML tag, in any case: "<head" but not
 * "<header-image". */
static bool begins_tag(struct lc_bytes bytes, const char *tag)
{
    size_t size = strlen(tag);

    if (bytes.size < size || strncasecmp((const char *)bytes.data, tag, size) != 0)
        return false;
    return bytes.size == size || strchr(" \t\r\n>/", bytes.data[size]) != NULL;
}

/*
 * Whether the bytes are a BMP without a file header, which Pillow opens: it begins with
 * the size of its header. Bit depths that Pillow refuses do not count as BMP.
 */
static bool is_dib(struct lc_bytes bytes)
{
    const uint8_t *p = bytes.data;
    uint32_t size = bytes.size >= 12 ? lc_le32(p) : 0;
    uint32_t bits;

    if (size != 12 && size != 40 && size != 64 && size != 108 && size != 124)
        return false;
    if (size > 12 && bytes.size < 16)
        return false;
    bits = lc_le16(p + (size == 12 ? 10 : 14));
    return bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32;
}

/* Identify a file that ends inside its signature: it is a truncated file of that
 * format. */
static enum lc_content sniff_truncated(struct lc_bytes bytes, const char **format)
{
    static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

    if (bytes.size >= 4 && bytes.size < 6 &&
        (memcmp(bytes.data, "GIF87a", bytes.size) == 0 ||
         memcmp(bytes.data, "GIF89a", bytes.size) == 0)) {
        *format = "gif";
        return LC_CONTENT_GIF;
    }

    if (bytes.size == 2 && bytes.data[0] == 0xFF && bytes.data[1] == 0xD8) {
        *format = "jpeg";
        return LC_CONTENT_JPEG;
    }
    if (bytes.size >= 2 && bytes.size < sizeof(png) &&
        memcmp(bytes.data, png, bytes.size) == 0) {
        *format = "png";
        return LC_CONTENT_PNG;
    }
    return LC_CONTENT_UNKNOWN;
}

static bool is_icon(struct lc_bytes bytes)
{
    const uint8_t *p = bytes.data;

    if (bytes.size < 22 || p[0] != 0 || p[1] != 0 || p[3] != 0)
        return false;
    return (p[2] == 1 || p[2] == 2) && lc_le16(p + 4) > 0; /* at least one entry */
}

/* Whether the bytes begin a PNM: a number must follow after white space and comments,
 * since "P6 is a postcode" is a text. */
static bool is_pnm(struct lc_bytes bytes)
{
    const uint8_t *p = bytes.data;
    size_t at = 2;

    if (bytes.size < 3 || p[0] != 'P' || p[1] < '1' || p[1] > '6' ||
        !strchr(" \t\r\n", p[2]) || p[2] == '\0')
        return false;
    while (at < bytes.size && (p[at] == '#' || (p[at] && strchr(" \t\r\n", p[at])))) {
        const uint8_t *end = p[at] == '#' ? memchr(p + at, '\n', bytes.size - at) : NULL;

        at = end ? (size_t)(end - p) : at + 1;
    }
    return at < bytes.size && p[at] >= '0' && p[at] <= '9';
}

/* Identify formats that take more than a fixed string to recognise. */
static enum lc_content sniff_structure(struct lc_bytes bytes, const char **format)
{
    const uint8_t *p = bytes.data;
    size_t i;

    if (bytes.size >= 12 && memcmp(p, "RIFF", 4) == 0 && memcmp(p + 8, "WEBP", 4) == 0) {
        *format = "webp";
        return LC_CONTENT_WEBP;
    }
    for (i = 0; i < sizeof(brands) / sizeof(brands[0]); i++) {
        if (bytes.size < 12 || memcmp(p + 4, "ftyp", 4) != 0)
            break;
        if (memcmp(p + 8, brands[i].name, 4) != 0)
            continue;
        *format = brands[i].format;
        return LC_CONTENT_OTHER_IMAGE;
    }
    if (is_icon(bytes) || is_pnm(bytes)) {
        *format = p[0] == 'P' ? "pnm" : p[2] == 1 ? "ico" : "cur";
        return LC_CONTENT_OTHER_IMAGE;
    }
    return LC_CONTENT_UNKNOWN;
}

/* Whether the bytes begin without control characters other than white space. Bytes above
 * 127 may be of any charset, but must not be the majority. */
static bool is_text(struct lc_bytes bytes)
{
    size_t size = bytes.size < TEXT_PROBE ? bytes.size : TEXT_PROBE;
    size_t high = 0;
    size_t i;

    for (i = 0; i < size; i++) {
        uint8_t c = bytes.data[i];

        if (c == 0x7F || (c < ' ' && !(c >= '\t' && c <= '\r') && c != 0x1B))
            return false;
        high += c >= 0x80;
    }
    return high <= size / 2 || begins(bytes, "\xEF\xBB\xBF");
}

static struct lc_bytes skip_space(struct lc_bytes bytes)
{
    if (begins(bytes, "\xEF\xBB\xBF")) {
        bytes.data += 3;
        bytes.size -= 3;
    }
    while (bytes.size > 0 && strchr(" \t\r\n\f\v", bytes.data[0]) && bytes.data[0]) {
        bytes.data++;
        bytes.size--;
    }
    return bytes;
}

/* Whether the first element after the declaration, comments and document type is
 * <svg>. */
static bool is_svg(struct lc_bytes text)
{
    size_t size = text.size < TEXT_PROBE ? text.size : TEXT_PROBE;
    size_t i;

    for (i = 0; i + 4 < size; i++) {
        if (text.data[i] != '<' || strchr("?!", text.data[i + 1]))
            continue;
        return begins_tag((struct lc_bytes){text.data + i, text.size - i}, "<svg");
    }
    return false;
}

static enum lc_content sniff_markup(struct lc_bytes text, const char **format)
{
    static const char *const tags[] = {"<!doctype html", "<html",   "<head",  "<body",
                                       "<title",         "<script", "<meta",  "<table",
                                       "<div",           "<h1",     "<p",     "<br",
                                       "<style",         "<center", "<iframe"};
    size_t i;

    if (is_svg(text)) { /* a drawing, but Pillow cannot open it */
        *format = "svg";
        return LC_CONTENT_XML;
    }
    for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        if (begins_tag(text, tags[i])) {
            *format = "html";
            return LC_CONTENT_HTML;
        }
    }
    if (begins(text, "<!--") ||
        (begins(text, "<?xml") &&
         memmem(text.data, text.size < TEXT_PROBE ? text.size : TEXT_PROBE, "<html",
                5))) {
        *format = "html";
        return LC_CONTENT_HTML;
    }
    *format = "xml";
    return LC_CONTENT_XML;
}

static enum lc_content sniff_text(struct lc_bytes bytes, const char **format)
{
    struct lc_bytes text = skip_space(bytes);

    if (!is_text(bytes))
        return LC_CONTENT_UNKNOWN;
    if (text.size > 1 && text.data[0] == '<' && strchr("?!", text.data[1]))
        return sniff_markup(text, format);
    if (text.size > 1 && text.data[0] == '<' && (text.data[1] | 32) >= 'a' &&
        (text.data[1] | 32) <= 'z')
        return sniff_markup(text, format);
    if (text.size > 0 && (text.data[0] == '{' || text.data[0] == '[')) {
        *format = "json";
        return LC_CONTENT_JSON;
    }
    *format = "text";
    return LC_CONTENT_TEXT;
}

enum lc_content lc_image_sniff(const uint8_t *data, size_t size, const char **format)
{
    struct lc_bytes bytes = {data, size};
    enum lc_content content;

    if (size == 0) {
        *format = "empty";
        return LC_CONTENT_EMPTY;
    }
    if (is_dib(bytes)) { /* test before signatures at higher offsets */
        *format = "dib";
        return LC_CONTENT_BMP;
    }
    content = lc_signature_find(signatures, sizeof(signatures) / sizeof(signatures[0]),
                                bytes, format);
    if (content == LC_CONTENT_UNKNOWN)
        content = sniff_truncated(bytes, format);
    if (content == LC_CONTENT_UNKNOWN)
        content = sniff_structure(bytes, format);
    if (content == LC_CONTENT_UNKNOWN)
        content = lc_sniff_printable(bytes, format);
    if (content == LC_CONTENT_UNKNOWN)
        content = sniff_text(bytes, format);
    if (content == LC_CONTENT_UNKNOWN && begins(bytes, "BM")) {
        *format = "bmp"; /* "BM" suffices for Pillow, but texts can begin with it too */
        content = LC_CONTENT_BMP;
    }
    if (content == LC_CONTENT_UNKNOWN)
        content = lc_sniff_binary(bytes, format);
    if (content == LC_CONTENT_UNKNOWN)
        *format = "unknown";
    return content;
}

#include "image/others.h"

#include <string.h>

#include "base/bytes.h"
#include "image/signature.h"

/* Formats that Pillow opens by itself. */
static const char *const opened[] = {
    "blp", "cur", "dcx", "dds",    "fits",   "fli", "ftex", "gbr", "icns",
    "ico", "im",  "j2k", "jp2",    "mcidas", "msp", "pcd",  "pcx", "pixar",
    "pnm", "psd", "sgi", "spider", "sun",    "tga", "xbm",  "xpm", "xvthumb"};

/* Formats that newer versions open: QOI since 9.5, PFM since 10.3, AVIF since 11.3. */
static const char *const opened_later[] = {"avif", "pfm", "qoi"};

static bool is_one_of(const char *format, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(format, names[i]) == 0)
            return true;
    return false;
}

enum lc_pillow_support lc_image_pillow_support(const char *format)
{
    if (is_one_of(format, opened, sizeof(opened) / sizeof(opened[0])))
        return LC_PILLOW_OPENS;
    if (is_one_of(format, opened_later, sizeof(opened_later) / sizeof(opened_later[0])))
        return LC_PILLOW_NEWER_OPENS;
    return LC_PILLOW_REFUSES;
}

/* Signatures that a text could begin with; they are tried before text. */
static const struct lc_signature printable[] = {
    /* images that Pillow opens */
    LC_SIGNATURE(OTHER_IMAGE, "fits", 0, "SIMPLE  ="),
    LC_SIGNATURE(OTHER_IMAGE, "xpm", 0, "/* XPM */"),
    LC_SIGNATURE(OTHER_IMAGE, "xvthumb", 0, "P7 332"),
    /* images that Pillow does not open, or only with the help of another program */
    LC_SIGNATURE(OTHER_IMAGE, "eps", 0, "%!PS-Adobe"),
    LC_SIGNATURE(OTHER_IMAGE, "pam", 0, "P7\nWIDTH "),
    /* other files */
    LC_SIGNATURE(LFS_POINTER, "git-lfs", 0, "version http://git-media.io/v/2"),
    LC_SIGNATURE(LFS_POINTER, "git-lfs", 0, "version https://hawser.github.com/spec/v1"),
    LC_SIGNATURE(ARCHIVE, "pdf", 0, "%PDF-"),
};

/* Signatures with bytes that no text contains. */
static const struct lc_signature binary[] = {
    /* images that Pillow opens */
    LC_SIGNATURE(OTHER_IMAGE, "blp", 0, "BLP1"),
    LC_SIGNATURE(OTHER_IMAGE, "blp", 0, "BLP2"),
    LC_SIGNATURE(OTHER_IMAGE, "dcx", 0, "\xB1\x68\xDE\x3A"),
    LC_SIGNATURE(OTHER_IMAGE, "ftex", 0, "FTEX"),
    LC_SIGNATURE(OTHER_IMAGE, "mcidas", 0, "\0\0\0\0\0\0\0\x04"),
    LC_SIGNATURE(OTHER_IMAGE, "msp", 0, "DanM"),
    LC_SIGNATURE(OTHER_IMAGE, "msp", 0, "LinS"),
    LC_SIGNATURE(OTHER_IMAGE, "pcd", 2048, "PCD_"),
    LC_SIGNATURE(OTHER_IMAGE, "pixar", 0, "\x80\xE8\0\0"),
    LC_SIGNATURE(OTHER_IMAGE, "sgi", 0, "\x01\xDA\x00\x02"),
    LC_SIGNATURE(OTHER_IMAGE, "sgi", 0, "\x01\xDA\x01\x02"),
    LC_SIGNATURE(OTHER_IMAGE, "sun", 0, "\x59\xA6\x6A\x95"),
    /* images that Pillow does not open, or only with the help of another program */
    LC_SIGNATURE(OTHER_IMAGE, "emf", 40, " EMF"),
    LC_SIGNATURE(OTHER_IMAGE, "eps", 0, "\xC5\xD0\xD3\xC6"),
    LC_SIGNATURE(OTHER_IMAGE, "orf", 0, "IIRO"),
    LC_SIGNATURE(OTHER_IMAGE, "pfm", 0, "PF\n"),
    LC_SIGNATURE(OTHER_IMAGE, "pfm", 0, "Pf\n"),
    LC_SIGNATURE(OTHER_IMAGE, "raf", 0, "FUJIFILMCCD-RAW"),
    LC_SIGNATURE(OTHER_IMAGE, "rw2", 0, "IIU\0"),
    LC_SIGNATURE(OTHER_IMAGE, "wmf", 0, "\xD7\xCD\xC6\x9A\0\0"),
    /* other files */
    LC_SIGNATURE(ARCHIVE, "arrow", 0, "ARROW1"),
    LC_SIGNATURE(ARCHIVE, "avi", 8, "AVI LIST"),
    LC_SIGNATURE(ARCHIVE, "compress", 0, "\x1F\x9D"),
    LC_SIGNATURE(ARCHIVE, "elf", 0,
                 "\x7F"
                 "ELF"),
    LC_SIGNATURE(ARCHIVE, "flv", 0, "FLV\x01"),
    LC_SIGNATURE(ARCHIVE, "hdf5", 0, "\x89HDF\r\n\x1A\n"),
    LC_SIGNATURE(ARCHIVE, "lz4", 0, "\x04\x22\x4D\x18"),
    LC_SIGNATURE(ARCHIVE, "matroska", 0, "\x1A\x45\xDF\xA3"),
    LC_SIGNATURE(ARCHIVE, "mp3", 0, "ID3"),
    LC_SIGNATURE(ARCHIVE, "mp4", 4, "ftyp"),
    LC_SIGNATURE(ARCHIVE, "mpeg", 0, "\0\0\x01\xB3"),
    LC_SIGNATURE(ARCHIVE, "mpeg", 0, "\0\0\x01\xBA"),
    LC_SIGNATURE(ARCHIVE, "numpy", 0, "\x93NUMPY"),
    LC_SIGNATURE(ARCHIVE, "ogg", 0, "OggS"),
    LC_SIGNATURE(ARCHIVE, "ole", 0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
    LC_SIGNATURE(ARCHIVE, "parquet", 0, "PAR1"),
    LC_SIGNATURE(ARCHIVE, "sqlite", 0, "SQLite format 3\0"),
    LC_SIGNATURE(ARCHIVE, "wav", 8, "WAVEfmt "),
    /* texts that begin with a byte order mark */
    LC_SIGNATURE(TEXT, "text", 0, "\xFF\xFE<\0"),
    LC_SIGNATURE(TEXT, "text", 0, "\xFE\xFF\0<"),
};

/* Whether a text begins like an X bitmap. */
static bool is_xbm(struct lc_bytes bytes)
{
    static const char define[] = "#define";
    size_t size = bytes.size < 512 ? bytes.size : 512, at = 0;

    while (at < size && bytes.data[at] && strchr(" \t\r\n\f\v", bytes.data[at]))
        at++;
    return size - at > sizeof(define) &&
           memcmp(bytes.data + at, define, sizeof(define) - 1) == 0 &&
           memmem(bytes.data + at, size - at, "_width ", 7) != NULL;
}

/* Whether the bytes begin with an IM header: lines of text, then a control character. */
static bool is_im(struct lc_bytes bytes)
{
    static const char begin[] = "Image type: ";
    size_t size = bytes.size < 4096 ? bytes.size : 4096;

    return size > sizeof(begin) && memcmp(bytes.data, begin, sizeof(begin) - 1) == 0 &&
           memchr(bytes.data, 0x1A, size) != NULL;
}

/* Whether the format is a variant of PPM that only Pillow writes. */
static bool is_pillow_pnm(struct lc_bytes bytes)
{
    static const char *const magics[] = {"P0CMYK", "PyP", "PyRGBA", "PyCMYK"};

    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        size_t size = strlen(magics[i]);

        if (bytes.size > size && memcmp(bytes.data, magics[i], size) == 0 &&
            (size == 6 || strchr(" \t\r\n", bytes.data[size])))
            return true;
    }
    return false;
}

/* Whether Pillow accepts the header; pixels may be cut off. */
static bool is_pcx(struct lc_bytes bytes)
{
    const uint8_t *p = bytes.data;
    unsigned bits, planes;

    if (bytes.size < 68 || p[0] != 10 || p[1] > 5 || p[1] == 1 || p[1] == 4 ||
        lc_le16(p + 8) < lc_le16(p + 4) || lc_le16(p + 10) < lc_le16(p + 6))
        return false;
    bits = p[3];
    planes = p[65];
    return bits == 1 ? planes == 1 || planes == 2 || planes == 4
                     : bits == 8 && p[1] == 5 && (planes == 1 || planes == 3);
}

static bool is_fli(struct lc_bytes bytes)
{
    const uint8_t *p = bytes.data;

    return bytes.size >= 128 && (p[4] == 0x11 || p[4] == 0x12) && p[5] == 0xAF &&
           (lc_le16(p + 14) == 0 || lc_le16(p + 14) == 3) && lc_le16(p + 20) == 0;
}

static bool is_gbr(struct lc_bytes bytes)
{
    const uint8_t *p = bytes.data;
    uint32_t version, depth;

    if (bytes.size < 28 || lc_be32(p) < 20 || lc_be32(p + 8) == 0 || lc_be32(p + 12) == 0)
        return false;
    version = lc_be32(p + 4);
    depth = lc_be32(p + 16);
    return (depth == 1 || depth == 4) &&
           (version == 1 || (version == 2 && memcmp(p + 20, "GIMP", 4) == 0));
}

/* Convert a float to an integer; INT32_MIN if it is not whole, or too large for a header
 * field. */
static int32_t whole(const uint8_t *p, bool little)
{
    uint32_t bits = little ? lc_le32(p) : lc_be32(p);
    float value;

    memcpy(&value, &bits, sizeof(value));
    if (!(value > -1e6F && value < 1e9F) || (float)(int32_t)value != value)
        return INT32_MIN;
    return (int32_t)value;
}

/* Whether a file is a Spider image. Spider has no signature: its header consists of
 * floats, some of which must be whole numbers. */
static bool is_spider(struct lc_bytes bytes, bool little)
{
    static const int places[] = {1, 2, 5, 12, 13, 22, 23};
    int32_t values[7], kind;

    if (bytes.size < 108) /* the 27 floats that Pillow reads */
        return false;
    for (size_t i = 0; i < 7; i++) {
        values[i] = whole(bytes.data + ((size_t)places[i] - 1) * 4, little);
        if (values[i] == INT32_MIN)
            return false;
    }
    kind = values[2];
    return (kind == 1 || kind == 3 || kind == -11 || kind == -12 || kind == -21 ||
            kind == -22) &&
           values[5] != 0 && (int64_t)values[4] * values[6] == values[5];
}

/* Whether a file is a Truevision TGA, which has no signature either: some bytes have few
 * valid values. */
static bool is_tga(struct lc_bytes bytes)
{
    const uint8_t *p = bytes.data;

    return bytes.size >= 18 && p[1] <= 1 && (p[2] & ~8U) >= 1 && (p[2] & ~8U) <= 3 &&
           (p[16] == 1 || p[16] == 8 || p[16] == 16 || p[16] == 24 || p[16] == 32) &&
           lc_le16(p + 12) != 0 && lc_le16(p + 14) != 0;
}

static enum lc_content image_or_unknown(const char *name, const char **format)
{
    if (name)
        *format = name;
    return name ? LC_CONTENT_OTHER_IMAGE : LC_CONTENT_UNKNOWN;
}

enum lc_content lc_sniff_printable(struct lc_bytes bytes, const char **format)
{
    enum lc_content content = lc_signature_find(
        printable, sizeof(printable) / sizeof(printable[0]), bytes, format);
    const char *name = NULL;

    if (content != LC_CONTENT_UNKNOWN)
        return content;
    if (is_xbm(bytes))
        name = "xbm";
    else if (is_im(bytes))
        name = "im";
    else if (is_pillow_pnm(bytes))
        name = "pnm";
    return image_or_unknown(name, format);
}

enum lc_content lc_sniff_binary(struct lc_bytes bytes, const char **format)
{
    enum lc_content content =
        lc_signature_find(binary, sizeof(binary) / sizeof(binary[0]), bytes, format);
    const char *name = NULL;

    if (content != LC_CONTENT_UNKNOWN)
        return content;
    if (is_pcx(bytes))
        name = "pcx";
    else if (is_fli(bytes))
        name = "fli";
    else if (is_gbr(bytes))
        name = "gbr";
    else if (is_tga(bytes))
        name = "tga";
    else if (is_spider(bytes, false) || is_spider(bytes, true))
        name = "spider";
    return image_or_unknown(name, format);
}

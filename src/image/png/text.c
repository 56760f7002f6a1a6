#include "image/png/chunks.h"

#include <string.h>

#include "image/common/exif.h"

/* Pillow's limit for all text in a file: PngImagePlugin.MAX_TEXT_MEMORY. */
static const uint64_t max_text_memory = 64 * (uint64_t)LC_IMAGE_TEXT_SIZE;

/* Result of inflating a chunk. */
enum inflate_result { INFLATE_GOOD, INFLATE_BAD, INFLATE_RAISES };

static bool equals(struct lc_bytes span, const char *text)
{
    return span.size == strlen(text) && memcmp(span.data, text, span.size) == 0;
}

/* Split s at its first NUL. Returns false if there is none; all of s is then the head. */
static bool split(struct lc_bytes s, struct lc_bytes *head, struct lc_bytes *tail)
{
    const uint8_t *end = s.size > 0 ? memchr(s.data, '\0', s.size) : NULL;

    *head = s;
    *tail = (struct lc_bytes){s.data + s.size, 0};
    if (!end)
        return false;
    head->size = (size_t)(end - s.data);
    *tail = (struct lc_bytes){end + 1, s.size - head->size - 1};
    return true;
}

static enum lc_png_result refuse_large(struct lc_png *png)
{
    png->info->metadata_too_large = true;
    return lc_png_refuse(png, "a text or profile chunk is too large");
}

/* Enforce a limit: a chunk may inflate to a thousand times its size, and a file may have
 * any number of chunks. */
static enum inflate_result exceed_limit(struct lc_png *png)
{
    lc_image_judge(png->info, LC_DECODE_NONE,
                   "texts and profiles of more than %llu bytes in total",
                   (unsigned long long)png->limits->max_stream);
    png->info->limited = true;
    return INFLATE_RAISES;
}

/*
 * Inflate like Pillow with a limit: a stream is too large if it has input left when the
 * output is full. One that ends early is valid as far as it goes.
 */
static enum inflate_result inflate_text(struct lc_png *png, struct lc_bytes s,
                                        struct lc_bytes *out)
{
    z_stream *stream = &png->scratch->stream;
    int code;

    inflateReset(stream);
    stream->next_in = s.data;
    stream->avail_in = (uInt)s.size; /* no overflow: a chunk's length has 32 bits */
    stream->next_out = png->scratch->text;
    stream->avail_out = (uInt)LC_IMAGE_TEXT_SIZE;
    code = inflate(stream, Z_SYNC_FLUSH);
    *out = (struct lc_bytes){png->scratch->text, LC_IMAGE_TEXT_SIZE - stream->avail_out};
    if (code == Z_MEM_ERROR) {
        png->no_memory = true;
        return INFLATE_RAISES;
    }
    png->inflated += out->size;
    if (png->limits->max_stream && png->inflated > png->limits->max_stream)
        return exceed_limit(png);
    if (code == Z_STREAM_END)
        return INFLATE_GOOD;
    if (code != Z_OK && code != Z_BUF_ERROR)
        return INFLATE_BAD;
    if (stream->avail_in == 0)
        return INFLATE_GOOD;
    if (png->lenient) /* Pillow drops the text then */
        return INFLATE_BAD;
    (void)refuse_large(png);
    return INFLATE_RAISES;
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decode the hexadecimal digits after three lines. out may overlap text: writing never
 * overtakes reading. */
static bool read_hex(struct lc_bytes text, uint8_t *out, size_t *size)
{
    const uint8_t *p = text.data;
    const uint8_t *end = text.data + text.size;
    int lines = 0;
    int high = -1;

    *size = 0;
    while (lines < 3 && p < end)
        lines += *p++ == '\n';
    for (; p < end; p++) {
        int value = hex_value(*p);

        if (*p == '\n' || (high < 0 && *p != '\0' && strchr(" \t\r\f\v", *p)))
            continue;
        if (value < 0 || *size == LC_IMAGE_TEXT_SIZE)
            return false;
        if (high >= 0)
            out[(*size)++] = (uint8_t)(high << 4 | value);
        high = high >= 0 ? -1 : value;
    }
    return high < 0;
}

static int raw_exif_orientation(struct lc_png *png, struct lc_bytes text)
{
    struct lc_bytes exif = {png->scratch->text, 0};

    if (!read_hex(text, png->scratch->text, &exif.size))
        return LC_EXIF_RAISES;
    return lc_exif_orientation(lc_exif_body(exif));
}

/* Find the first of tiff:Orientation="n" and <tiff:Orientation>n. */
static int xmp_orientation(struct lc_bytes text)
{
    static const char name[] = "tiff:Orientation";
    const uint8_t *p = text.data;
    const uint8_t *end = text.data + text.size;

    while ((p = memmem(p, (size_t)(end - p), name, sizeof(name) - 1)) != NULL) {
        p += sizeof(name) - 1;
        if (end - p >= 2 && *p == '>')
            p += 1;
        else if (end - p >= 3 && memcmp(p, "=\"", 2) == 0)
            p += 2;
        else
            continue;
        if (*p >= '0' && *p <= '9')
            return *p >= '1' && *p <= '8' ? *p - '0' : 0;
    }
    return 0;
}

/*
 * Pillow keeps texts in the same dictionary as its own facts, so a text whose keyword is
 * the name of a fact overwrites that fact.
 */
static void keep_text(struct lc_png *png, struct lc_bytes key, struct lc_bytes value)
{
    if (equals(key, "interlace")) {
        png->interlaced = value.size > 0;
    } else if (equals(key, "transparency")) {
        png->transparency = LC_PNG_TRANSPARENT_TEXT;
        png->trns.size = 0;
    } else if (equals(key, "default_image")) {
        png->has_default_image = value.size > 0;
    } else if (equals(key, "bbox")) {
        png->area.kind = LC_PNG_AREA_INVALID;
    } else if (equals(key, "exif")) {
        png->exif = value;
        png->exif_is_text = true;
    } else if (equals(key, "XML:com.adobe.xmp")) {
        png->xmp_orientation = xmp_orientation(value);
    } else if (equals(key, "Raw profile type exif")) {
        png->raw_exif_orientation = raw_exif_orientation(png, value);
    }
}

static enum lc_png_result count_text(struct lc_png *png, size_t size)
{
    png->text_memory += size;
    return png->text_memory > max_text_memory ? refuse_large(png) : LC_PNG_READ;
}

enum lc_png_result lc_png_text(struct lc_png *png, struct lc_bytes s)
{
    struct lc_bytes key;
    struct lc_bytes value;

    (void)split(s, &key, &value);
    if (key.size == 0)
        return LC_PNG_READ;
    keep_text(png, key, value);
    if (equals(key, "exif")) { /* Pillow keeps bytes, not a str, for tEXt only */
        png->exif_is_text = false;
        png->exif = lc_exif_body(png->exif);
    }
    return count_text(png, value.size);
}

enum lc_png_result lc_png_compressed_text(struct lc_png *png, struct lc_bytes s)
{
    struct lc_bytes key;
    struct lc_bytes value;

    (void)split(s, &key, &value);
    if (value.size > 0) {
        if (value.data[0] != 0)
            return lc_png_refuse(png, "unknown compression method in zTXt chunk");
        value = (struct lc_bytes){value.data + 1, value.size - 1};
    }
    switch (inflate_text(png, value, &value)) {
    case INFLATE_RAISES:
        return LC_PNG_RAISES;
    case INFLATE_BAD:
        value.size = 0;
        break;
    case INFLATE_GOOD:
        break;
    }
    if (key.size == 0)
        return LC_PNG_READ;
    keep_text(png, key, value);
    return count_text(png, value.size);
}

/* Length in bytes of the UTF-8 character at p; 0 if it is invalid. RFC 3629 section 4. */
static size_t utf8_length(const uint8_t *p, size_t left)
{
    size_t length = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    size_t i;

    if (length == 1)
        return 1;
    if (p[0] < 0xC2 || p[0] > 0xF4 || left < length)
        return 0;
    for (i = 1; i < length; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    }
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F))
        return 0;
    if ((p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
        return 0;
    return length;
}

static bool utf8_count(struct lc_bytes s, size_t *characters)
{
    size_t at = 0;

    *characters = 0;
    while (at < s.size) {
        size_t length = utf8_length(s.data + at, s.size - at);

        if (length == 0)
            return false;
        at += length;
        (*characters)++;
    }
    return true;
}

enum lc_png_result lc_png_international_text(struct lc_png *png, struct lc_bytes s)
{
    struct lc_bytes key, rest, language, translated, value;
    size_t characters;
    bool compressed;

    if (!split(s, &key, &rest) || rest.size < 2)
        return LC_PNG_READ;
    compressed = rest.data[0] != 0;
    if (compressed && rest.data[1] != 0)
        return LC_PNG_READ;
    rest = (struct lc_bytes){rest.data + 2, rest.size - 2};
    if (!split(rest, &language, &rest) || !split(rest, &translated, &value))
        return LC_PNG_READ;
    if (compressed) {
        switch (inflate_text(png, value, &value)) {
        case INFLATE_RAISES:
            return LC_PNG_RAISES;
        case INFLATE_BAD:
            return LC_PNG_READ;
        case INFLATE_GOOD:
            break;
        }
    }
    if (!utf8_count(language, &characters) || !utf8_count(translated, &characters) ||
        !utf8_count(value, &characters))
        return LC_PNG_READ;
    keep_text(png, key, value);
    return count_text(png, characters);
}

/*
 * Read the profile of an iCCP chunk. If no NUL follows the name, Pillow reads the
 * compression method from another byte: the last one or, since 11.1, the first. Pillow
 * 9.4 ignores the byte after the name.
 */
enum lc_png_result lc_png_profile(struct lc_png *png, struct lc_bytes s)
{
    struct lc_bytes name;
    struct lc_bytes profile;

    if (s.size == 0)
        return lc_png_refuse(png, "iCCP chunk too short");
    if (!split(s, &name, &profile))
        return lc_png_refuse(png, "unknown compression method in iCCP chunk");
    if (profile.size == 0)
        return lc_png_refuse(png, "an iCCP chunk without a profile" LC_PILLOW_11_1);
    if (profile.data[0] != 0)
        return lc_png_refuse(png,
                             "an unknown compression of a colour profile" LC_PILLOW_11_1);
    profile = (struct lc_bytes){profile.data + 1, profile.size - 1};
    if (inflate_text(png, profile, &profile) == INFLATE_RAISES)
        return LC_PNG_RAISES;
    return LC_PNG_READ;
}

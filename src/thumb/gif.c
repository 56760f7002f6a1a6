/* GIF: the first frame, as far as its LZW codes are valid */
#include "thumb/decode.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER_SIZE = 13, DESCRIPTOR_SIZE = 9, MAX_BITS = 12, CODES = 1 << MAX_BITS };

/* First bytes of blocks: GIF89a, appendix B. */
enum { EXTENSION = '!', DESCRIPTOR = ',', GRAPHIC_CONTROL = 0xF9 };

enum { HAS_COLOURS = 0x80, INTERLACED = 0x40, COLOUR_BITS = 0x07 };

struct gif {
    struct lc_painter *painter;
    size_t at; /* offset in the file, at most its size */
    struct lc_bytes colours;
    int transparent; /* index, or -1 */
    uint32_t left, top, width, height;
    bool interlaced;
    uint32_t x, y; /* position of the next pixel in the frame */
    unsigned pass;
    /* codes */
    size_t block_left;
    uint32_t bits;
    unsigned bit_count;
    uint16_t prefix[CODES];
    uint8_t last[CODES];
    uint8_t string[CODES];
};

/* Read bytes; NULL past the end of the file. */
static const uint8_t *read_bytes(struct gif *gif, size_t size)
{
    const uint8_t *bytes = gif->painter->data + gif->at;

    if (gif->painter->size - gif->at < size)
        return NULL;
    gif->at += size;
    return bytes;
}

static struct lc_bytes read_colours(struct gif *gif, unsigned flags)
{
    size_t size = (size_t)6 << (flags & COLOUR_BITS);
    const uint8_t *bytes = flags & HAS_COLOURS ? read_bytes(gif, size) : NULL;

    return (struct lc_bytes){bytes, bytes ? size : 0};
}

/* ---- before the codes ---- */

static bool skip_extension(struct gif *gif)
{
    const uint8_t *label = read_bytes(gif, 1), *size, *block;

    while (label && (size = read_bytes(gif, 1)) && *size) {
        block = read_bytes(gif, *size);
        if (!block)
            return false;
        if (*label == GRAPHIC_CONTROL && *size >= 4)
            gif->transparent = block[0] & 1 ? block[3] : -1;
    }
    return label && size;
}

/* Read up to the first frame; false if there is none. */
static bool read_head(struct gif *gif)
{
    const uint8_t *s = read_bytes(gif, HEADER_SIZE), *first;
    struct lc_bytes own;

    if (!s)
        return false;
    gif->colours = read_colours(gif, s[10]);
    gif->transparent = -1;
    while ((first = read_bytes(gif, 1)) && *first == EXTENSION)
        if (!skip_extension(gif))
            return false;
    s = first && *first == DESCRIPTOR ? read_bytes(gif, DESCRIPTOR_SIZE) : NULL;
    if (!s)
        return false;
    gif->left = lc_le16(s);
    gif->top = lc_le16(s + 2);
    gif->width = lc_le16(s + 4);
    gif->height = lc_le16(s + 6);
    gif->interlaced = (s[8] & INTERLACED) != 0;
    own = read_colours(gif, s[8]);
    gif->colours = own.size ? own : gif->colours;
    return gif->width && gif->height;
}

/* ---- codes ---- */

/* Read the next code; -1 at the end of the data. */
static int next_code(struct gif *gif, unsigned width)
{
    int code;

    while (gif->bit_count < width) {
        const uint8_t *byte = read_bytes(gif, 1);

        if (!byte || (!gif->block_left && !*byte))
            return -1;
        if (!gif->block_left) {
            gif->block_left = *byte;
            continue;
        }
        gif->block_left--;
        gif->bits |= (uint32_t)*byte << gif->bit_count;
        gif->bit_count += 8;
    }
    code = (int)(gif->bits & ((1U << width) - 1));
    gif->bits >>= width;
    gif->bit_count -= width;
    return code;
}

/* Move to the next row, which in an interlaced frame is some rows below: GIF89a, appendix
 * E. */
static void end_row(struct gif *gif)
{
    static const uint8_t first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};

    gif->x = 0;
    gif->y += gif->interlaced ? step[gif->pass] : 1;
    while (gif->interlaced && gif->y >= gif->height && gif->pass < 3)
        gif->y = first[++gif->pass];
}

static void paint_pixel(struct gif *gif, unsigned index)
{
    const uint8_t white[] = {255, 255, 255},
                  gray[] = {(uint8_t)index, (uint8_t)index, (uint8_t)index};
    const uint8_t *rgb = gray;

    if (gif->painter->seen && (int)index == gif->transparent)
        rgb = white;
    else if ((size_t)index * 3 + 3 <= gif->colours.size)
        rgb = gif->colours.data + (size_t)index * 3;
    lc_canvas_add(gif->painter->canvas, gif->left + gif->x, gif->top + gif->y, 1, rgb, 1);
    if (++gif->x == gif->width)
        end_row(gif);
}

/* Paint the pixels of a code. */
static void paint_string(struct gif *gif, unsigned code, unsigned clear)
{
    size_t size = 0;

    while (code >= clear + 2 && size < CODES - 1) {
        gif->string[size++] = gif->last[code];
        code = gif->prefix[code];
    }
    gif->string[size] = (uint8_t)code;
    for (size_t i = size + 1; i-- > 0 && gif->y < gif->height;)
        paint_pixel(gif, gif->string[i]);
}

static uint8_t first_of(const struct gif *gif, unsigned code, unsigned clear)
{
    while (code >= clear + 2)
        code = gif->prefix[code];
    return (uint8_t)code;
}

/* Decode codes up to the last pixel or the first invalid code. */
static void paint_codes(struct gif *gif, unsigned bits)
{
    const unsigned clear = 1U << bits;
    unsigned width = bits + 1, next = clear + 2;
    int last = -1;

    while (gif->y < gif->height) {
        int code = next_code(gif, width);
        bool known = code >= 0 && (unsigned)code < (last < 0 ? clear : next);

        if (code == (int)clear) {
            width = bits + 1;
            next = clear + 2;
            last = -1;
            continue;
        }
        if (code == (int)clear + 1 || (!known && (code != (int)next || last < 0)))
            return;
        if (last >= 0 && next < CODES) { /* the table is not full */
            gif->prefix[next] = (uint16_t)last;
            gif->last[next] = first_of(gif, (unsigned)(known ? code : last), clear);
            next++;
        }
        paint_string(gif, (unsigned)code, clear);
        last = code;
        if (next == 1U << width && width < MAX_BITS)
            width++;
    }
}

enum lc_status lc_paint_gif(struct lc_painter *painter, struct lc_error *err)
{
    struct gif *gif = calloc(1, sizeof(*gif));
    uint32_t wide, high;
    const uint8_t *bits;

    if (!gif)
        return lc_fail_memory(err);
    gif->painter = painter;
    if (read_head(gif) && (bits = read_bytes(gif, 1)) && *bits && *bits <= 8) {
        wide = lc_le16(painter->data + 6);
        high = lc_le16(painter->data + 8);
        /* a frame outside of the screen enlarges it, as in Pillow */
        wide = gif->left + gif->width > wide ? gif->left + gif->width : wide;
        high = gif->top + gif->height > high ? gif->top + gif->height : high;
        if (lc_paint_begin(painter, wide, high))
            paint_codes(gif, *bits);
    }
    free(gif);
    return LC_OK;
}

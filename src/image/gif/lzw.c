/*
 * LZW, mostly without output.
 *
 * A decoder of GIF's LZW replaces each code by a string of pixels and adds one string per
 * code to its table. A verdict only needs the number of pixels and whether all have the
 * same colour. So a table entry holds the length of its string, its first pixel, and
 * whether its pixels have different colours. All three follow from the prefix and the
 * added pixel in constant time, so a code costs the same however long its string is, and
 * nothing is written. The prefix is kept in order to cut a string that goes past the last
 * pixel.
 *
 * If the pixels are wanted, decode_and_put watches the changes that each code makes. It
 * keeps the added pixels in a separate table, and writes a string backwards from its end,
 * following its prefixes. So verdicts do not pay for output.
 *
 * The order of events is the same as in GifDecode.c, even where the format is silent:
 * after 4,096 codes the table just stops growing, and an end code before the last pixel
 * means "wait for more data", so decoding goes on after it if Pillow has not read that
 * far yet.
 *
 * Memory: 4,096 entries of 6 bytes on the stack, and 8 KiB used only for output.
 */
#include "image/gif/lzw.h"

/* Pillow reads this much of the file at once. Its decoder stops at an end code, but goes
 * on after it if the file has another block of this size. */
enum { FEED_SIZE = 65536 };

enum { MAX_BITS = 12, TABLE_SIZE = 1 << MAX_BITS };

/* The string for a code: the string of its prefix, plus one pixel. */
struct string {
    uint16_t prefix;
    uint16_t length;
    uint8_t first;
    bool mixed; /* its pixels have different colours */
};

struct lzw {
    struct lc_gif_pixels *pixels;
    size_t at;
    size_t fed;        /* end of the part of the file that Pillow has read */
    unsigned left;     /* bytes left in the current block */
    uint32_t buffer;   /* bit buffer, the next bit lowest */
    unsigned buffered; /* bits in it */
    unsigned width;    /* width of the next code in bits */
    unsigned clear;    /* the clear code; the end code is the next one */
    unsigned next;     /* the next code to be assigned */
    unsigned last;     /* the previous code; unset if is_first is set */
    bool is_first;     /* the next code is the first since the table was cleared */
    struct string strings[TABLE_SIZE];
    uint8_t added[TABLE_SIZE];  /* the last pixel of each string, for output */
    uint8_t output[TABLE_SIZE]; /* the string being written */
};

/* Inline into both loops: a function call per code would make verdicts 3 % slower. */
#define INLINED static inline __attribute__((always_inline))

enum step { STEP_ON, STEP_STARVED, STEP_DONE, STEP_BROKEN };

static void clear_table(struct lzw *lzw)
{
    lzw->next = lzw->clear + 2;
    lzw->width = lzw->pixels->bits + 1;
    lzw->is_first = true;
}

static void begin(struct lzw *lzw, struct lc_gif_pixels *pixels)
{
    unsigned code;

    lzw->pixels = pixels;
    lzw->at = lzw->fed = pixels->at;
    lzw->left = 0;
    lzw->buffer = lzw->buffered = 0;
    lzw->last = 0;
    lzw->clear = 1U << pixels->bits;
    /* pixels have 8 bits, even if codes are longer */
    for (code = 0; code < lzw->clear; code++)
        lzw->strings[code] = (struct string){.length = 1, .first = (uint8_t)code};
    clear_table(lzw);
}

/* Read the next block of the file; false at its end. */
static bool feed(struct lzw *lzw)
{
    size_t left = lzw->pixels->file.size - lzw->fed;

    lzw->fed += left < FEED_SIZE ? left : FEED_SIZE;
    return left > 0;
}

/* Buffer the bits of a code. Pillow waits for complete blocks: false if what has been fed
 * does not contain all of the next block. */
static bool fill(struct lzw *lzw)
{
    const uint8_t *data = lzw->pixels->file.data;

    while (lzw->buffered < lzw->width) {
        if (lzw->left > 0) {
            lzw->buffer |= (uint32_t)data[lzw->at++] << lzw->buffered;
            lzw->buffered += 8;
            lzw->left--;
        } else {
            if (lzw->at == lzw->fed || lzw->fed - lzw->at - 1 < data[lzw->at])
                return false;
            lzw->left = data[lzw->at++];
        }
    }
    return true;
}

static void add_colours(struct lc_gif_pixels *pixels, const struct string *string)
{
    lc_tone_add(&pixels->tone, pixels->colours[string->first]);
    if (string->mixed)
        pixels->tone.mixed = true;
}

/* Output a code's string. Drop pixels past the last one: follow the chain to the prefix
 * that just fits. */
static enum step emit(struct lzw *lzw, unsigned code)
{
    struct lc_gif_pixels *pixels = lzw->pixels;
    const struct string *string = &lzw->strings[code];
    uint64_t left = pixels->wanted - pixels->got;

    if (string->length < left) {
        add_colours(pixels, string);
        pixels->got += string->length;
        return STEP_ON;
    }
    while (string->length > left)
        string = &lzw->strings[string->prefix];
    add_colours(pixels, string);
    pixels->got = pixels->wanted;
    return STEP_DONE;
}

/* Assign the next code to the last string and one more pixel. */
static void add_code(struct lzw *lzw, uint8_t pixel)
{
    const uint32_t *colours = lzw->pixels->colours;
    const struct string *prefix = &lzw->strings[lzw->last];

    lzw->strings[lzw->next] = (struct string){
        .prefix = (uint16_t)lzw->last,
        .length = (uint16_t)(prefix->length + 1),
        .first = prefix->first,
        .mixed = prefix->mixed || colours[pixel] != colours[prefix->first],
    };
    /* the width grows once its last code is assigned, but not beyond 12 bits */
    if (lzw->next == (1U << lzw->width) - 1 && lzw->width < MAX_BITS)
        lzw->width++;
    lzw->next++;
}

/* Decode the code that is just being assigned (the "KwKwK" case): its string is the last
 * one followed by its own first pixel. */
static enum step decode_unassigned(struct lzw *lzw)
{
    enum step step;
    unsigned code = lzw->next;
    uint8_t first;

    if (lzw->last >= TABLE_SIZE)
        return STEP_BROKEN;
    first = lzw->strings[lzw->last].first;
    if (code < TABLE_SIZE) {
        add_code(lzw, first);
        step = emit(lzw, code);
    } else { /* if the minimum code size is 12, next may be past the table */
        step = emit(lzw, lzw->last);
        if (step == STEP_ON)
            step = emit(lzw, first);
    }
    lzw->last = code;
    return step;
}

INLINED enum step decode_code(struct lzw *lzw, unsigned code)
{
    if (lzw->is_first) {
        if (code > lzw->clear)
            return STEP_BROKEN;
        lzw->is_first = false;
        lzw->last = code;
        return emit(lzw, code);
    }
    if (code > lzw->next)
        return STEP_BROKEN;
    if (code == lzw->next)
        return decode_unassigned(lzw);
    if (lzw->next < TABLE_SIZE)
        add_code(lzw, lzw->strings[code].first);
    lzw->last = code;
    return emit(lzw, code);
}

INLINED enum step decode_next(struct lzw *lzw)
{
    unsigned code;

    if (!fill(lzw))
        return STEP_STARVED;
    code = lzw->buffer & ((1U << lzw->width) - 1);
    lzw->buffer >>= lzw->width;
    lzw->buffered -= lzw->width;
    if (code == lzw->clear + 1)
        return STEP_STARVED;
    if (code != lzw->clear)
        return decode_code(lzw, code);
    clear_table(lzw);
    return STEP_ON;
}

/* Pass on the first `count` pixels of the previous code's string. */
static void put_last(struct lzw *lzw, size_t count)
{
    const struct string *string = &lzw->strings[lzw->last];

    while (string->length > count)
        string = &lzw->strings[string->prefix];
    for (size_t at = count - 1; at > 0; at--) {
        lzw->output[at] = lzw->added[string - lzw->strings];
        string = &lzw->strings[string->prefix];
    }
    lzw->output[0] = string->first;
    lzw->pixels->put(lzw->pixels->user, lzw->output, count);
}

/* Decode a code and pass on its pixels. If an entry is added, its last pixel is the first
 * pixel of the code's string. */
static enum step decode_and_put(struct lzw *lzw)
{
    const uint64_t got = lzw->pixels->got;
    const unsigned next = lzw->next;
    enum step step = decode_next(lzw);

    if (lzw->pixels->got == got)
        return step;
    if (lzw->last >= TABLE_SIZE) /* no string; see decode_unassigned */
        return STEP_BROKEN;
    if (lzw->next > next)
        lzw->added[next] = lzw->strings[lzw->last].first;
    put_last(lzw, (size_t)(lzw->pixels->got - got));
    return step;
}

enum lc_gif_end lc_gif_decode(struct lc_gif_pixels *pixels)
{
    struct lzw lzw;
    enum step step = STEP_STARVED;

    if (pixels->at >= pixels->file.size)
        return LC_GIF_CUT;
    if (pixels->bits > MAX_BITS)
        return LC_GIF_TOO_WIDE;
    begin(&lzw, pixels);
    do {
        if (step == STEP_STARVED && !feed(&lzw))
            return LC_GIF_CUT;
        step = pixels->put ? decode_and_put(&lzw) : decode_next(&lzw);
    } while (step == STEP_ON || step == STEP_STARVED);
    return step == STEP_DONE ? LC_GIF_DONE : LC_GIF_BROKEN;
}

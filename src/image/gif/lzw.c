#include "image/gif/lzw.h"

/* What Pillow reads of the file at once: its decoder stops at the end code, and goes on
 * behind it when there is another such block. */
enum { FEED_SIZE = 65536 };

enum { MOST_BITS = 12, TABLE_SIZE = 1 << MOST_BITS };

/* A string of pixels is the string of another code and one more pixel. */
struct string {
    uint16_t prefix;
    uint16_t length;
    uint8_t first;
    bool mixed; /* its pixels have several colours */
};

struct lzw {
    struct lc_gif_pixels *pixels;
    size_t at;
    size_t fed;        /* end of what Pillow has read of the file */
    unsigned left;     /* bytes of this block of codes */
    uint32_t buffer;   /* bits that are no code yet, the lowest first */
    unsigned buffered; /* how many */
    unsigned width;    /* bits of the next code */
    unsigned clear;    /* the code that empties the table; the next one is the end */
    unsigned next;     /* the code that will be made next */
    unsigned last;     /* the code before, when is_first is not set */
    bool is_first;     /* no code was seen since the table was emptied */
    struct string strings[TABLE_SIZE];
};

enum step { STEP_ON, STEP_HUNGRY, STEP_DONE, STEP_BROKEN };

static void empty_table(struct lzw *lzw)
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
    /* pixels have 8 bits, however many a code has */
    for (code = 0; code < lzw->clear; code++)
        lzw->strings[code] = (struct string){.length = 1, .first = (uint8_t)code};
    empty_table(lzw);
}

/* Let Pillow read on; false at the end of the file. */
static bool feed(struct lzw *lzw)
{
    size_t left = lzw->pixels->file.size - lzw->fed;

    lzw->fed += left < FEED_SIZE ? left : FEED_SIZE;
    return left > 0;
}

/* Collect the bits of a code; false when the next block is not there as a whole. */
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

static void see(struct lc_gif_pixels *pixels, const struct string *string)
{
    lc_tone_add(&pixels->tone, pixels->colours[string->first]);
    if (string->mixed)
        pixels->tone.mixed = true;
}

/* Write a code's pixels; what goes beyond the last pixel is dropped. */
static enum step put(struct lzw *lzw, unsigned code)
{
    struct lc_gif_pixels *pixels = lzw->pixels;
    const struct string *string = &lzw->strings[code];
    uint64_t room = pixels->wanted - pixels->got;

    if (string->length < room) {
        see(pixels, string);
        pixels->got += string->length;
        return STEP_ON;
    }
    while (string->length > room)
        string = &lzw->strings[string->prefix];
    see(pixels, string);
    pixels->got = pixels->wanted;
    return STEP_DONE;
}

/* Make the code that stands for the last code's string and one more pixel. */
static void make_code(struct lzw *lzw, uint8_t pixel)
{
    const uint32_t *colours = lzw->pixels->colours;
    const struct string *prefix = &lzw->strings[lzw->last];

    lzw->strings[lzw->next] = (struct string){
        .prefix = (uint16_t)lzw->last,
        .length = (uint16_t)(prefix->length + 1),
        .first = prefix->first,
        .mixed = prefix->mixed || colours[pixel] != colours[prefix->first],
    };
    /* codes grow when the last one of their width was made, and never beyond 12 bits */
    if (lzw->next == (1U << lzw->width) - 1 && lzw->width < MOST_BITS)
        lzw->width++;
    lzw->next++;
}

/* The code that is about to be made: the last string, and its first pixel again. */
static enum step put_next(struct lzw *lzw)
{
    enum step step;
    unsigned code = lzw->next;
    uint8_t first;

    if (lzw->last >= TABLE_SIZE)
        return STEP_BROKEN;
    first = lzw->strings[lzw->last].first;
    if (code < TABLE_SIZE) {
        make_code(lzw, first);
        step = put(lzw, code);
    } else { /* only pictures of 12 bits have codes that no table holds */
        step = put(lzw, lzw->last);
        if (step == STEP_ON)
            step = put(lzw, first);
    }
    lzw->last = code;
    return step;
}

static enum step take_code(struct lzw *lzw, unsigned code)
{
    if (lzw->is_first) {
        if (code > lzw->clear)
            return STEP_BROKEN;
        lzw->is_first = false;
        lzw->last = code;
        return put(lzw, code);
    }
    if (code > lzw->next)
        return STEP_BROKEN;
    if (code == lzw->next)
        return put_next(lzw);
    if (lzw->next < TABLE_SIZE)
        make_code(lzw, lzw->strings[code].first);
    lzw->last = code;
    return put(lzw, code);
}

static enum step take_next(struct lzw *lzw)
{
    unsigned code;

    if (!fill(lzw))
        return STEP_HUNGRY;
    code = lzw->buffer & ((1U << lzw->width) - 1);
    lzw->buffer >>= lzw->width;
    lzw->buffered -= lzw->width;
    if (code == lzw->clear + 1)
        return STEP_HUNGRY;
    if (code != lzw->clear)
        return take_code(lzw, code);
    empty_table(lzw);
    return STEP_ON;
}

enum lc_gif_end lc_gif_follow(struct lc_gif_pixels *pixels)
{
    struct lzw lzw;
    enum step step = STEP_HUNGRY;

    if (pixels->at >= pixels->file.size)
        return LC_GIF_CUT;
    if (pixels->bits > MOST_BITS)
        return LC_GIF_TOO_WIDE;
    begin(&lzw, pixels);
    do {
        if (step == STEP_HUNGRY && !feed(&lzw))
            return LC_GIF_CUT;
        step = take_next(&lzw);
    } while (step == STEP_ON || step == STEP_HUNGRY);
    return step == STEP_DONE ? LC_GIF_DONE : LC_GIF_BROKEN;
}

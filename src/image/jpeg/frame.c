/*
 * The marker walk of the proof. It mirrors libjpeg-turbo's jdmarker.c. It accepts the
 * segments that libjpeg reads without a warning. Where libjpeg may warn, or where the
 * rest of the proof does not apply, it falls back to the decoder and goes on. Where
 * libjpeg fails, or the structure cannot be followed, it gives up. header.c walks the
 * same markers the way Pillow does: a different question with different answers.
 */
#include "image/jpeg/frame.h"

#include <assert.h>
#include <string.h>

#include "image/jpeg/lanes.h"
#include "image/jpeg/markers.h"

enum { MAX_SIDE = 65500, MAX_SAMPLING = 4, CODE_LENGTHS = 16 };

/* Maximum bits of the values of 8-bit samples: ITU-T T.81 tables F.1 and F.2. */
enum { MAX_DC_BITS = 11, MAX_AC_BITS = 10 };

/*
 * libjpeg keeps a DC term in an int and refuses a sum that does not fit. A difference is
 * at most 2,047, so a component with at most this many blocks cannot overflow it.
 */
enum { MAX_BLOCKS = INT32_MAX / 2047 };

void lc_jpeg_fall_back(struct lc_jpeg_walk *walk, const char *why)
{
    if (!walk->fallback_reason)
        walk->fallback_reason = why;
}

bool lc_jpeg_give_up(struct lc_jpeg_walk *walk, const char *why)
{
    lc_jpeg_fall_back(walk, why);
    return false;
}

bool lc_jpeg_set_damage(struct lc_jpeg_walk *walk, const struct lc_jpeg_damage *damage)
{
    walk->damage = *damage;
    return lc_jpeg_give_up(walk, "damage");
}

/* Read a segment; out is set to what follows its length. */
static bool read_segment(struct lc_jpeg_walk *walk, struct lc_bytes *out)
{
    size_t length;

    if (walk->size - walk->at < 2)
        return lc_jpeg_give_up(walk, "cut short");
    length = lc_be16(walk->data + walk->at);
    if (length < 2 || length > walk->size - walk->at)
        return lc_jpeg_give_up(walk, "segment length");
    *out = (struct lc_bytes){walk->data + walk->at + 2, length - 2};
    walk->at += length;
    return true;
}

static void read_app(struct lc_jpeg_walk *walk, unsigned marker, struct lc_bytes s)
{
    if (walk->scans > 0)
        lc_jpeg_fall_back(walk, "application segment between scans");
    if (marker == MARKER_APP0 && s.size >= 14 && memcmp(s.data, "JFIF", 5) == 0 &&
        s.data[5] != 1)
        lc_jpeg_fall_back(walk, "JFIF version");
    if (marker == MARKER_APP14 && s.size >= 12 && memcmp(s.data, "Adobe", 5) == 0 &&
        s.data[11] > 1)
        lc_jpeg_fall_back(walk, "Adobe transform");
}

static bool read_quantization(struct lc_jpeg_walk *walk, struct lc_bytes s)
{
    if (walk->scans > 0)
        lc_jpeg_fall_back(walk, "quantization table between scans");
    while (s.size > 0) {
        unsigned wide = s.data[0] >> 4;
        unsigned number = s.data[0] & 15;
        size_t size = 1 + (size_t)LC_JPEG_BLOCK * (1 + wide);

        if (wide > 1 || number >= LC_JPEG_TABLES || s.size < size)
            return lc_jpeg_give_up(walk, "quantization table");
        walk->step[number] = wide ? (uint16_t)lc_be16(s.data + 1) : s.data[1];
        walk->has_step[number] = true;
        s.data += size;
        s.size -= size;
    }
    return true;
}

static bool read_codes(struct lc_jpeg_walk *walk, struct lc_bytes s)
{
    while (s.size > 0) {
        unsigned kind = s.data[0] >> 4;
        unsigned number = s.data[0] & 15;
        size_t size = 1 + CODE_LENGTHS;
        size_t i;

        if (kind > 1 || number >= LC_JPEG_TABLES || s.size < size)
            return lc_jpeg_give_up(walk, "Huffman table");
        for (i = 1; i <= CODE_LENGTHS; i++)
            size += s.data[i];
        if (s.size < size || size > 1 + CODE_LENGTHS + 256)
            return lc_jpeg_give_up(walk, "Huffman table");
        walk->codes[kind][number] = s.data + 1;
        s.data += size;
        s.size -= size;
    }
    return true;
}

static uint32_t divide_up(uint32_t value, uint32_t by)
{
    return (value + by - 1) / by;
}

/* Derive the sizes in blocks and MCUs from the sampling factors. */
static void measure_frame(struct lc_jpeg_walk *walk)
{
    struct lc_jpeg_frame *frame = &walk->frame;
    uint32_t h = 1;
    uint32_t v = 1;
    unsigned i;

    for (i = 0; i < frame->count; i++) {
        h = frame->components[i].h > h ? frame->components[i].h : h;
        v = frame->components[i].v > v ? frame->components[i].v : v;
    }
    frame->mcus_wide = divide_up(frame->width, 8 * h);
    frame->mcus_high = divide_up(frame->height, 8 * v);
    for (i = 0; i < frame->count; i++) {
        struct lc_jpeg_component *c = &frame->components[i];
        uint64_t blocks = (uint64_t)frame->mcus_wide * frame->mcus_high * c->h * c->v;

        if (h % c->h != 0 || v % c->v != 0)
            lc_jpeg_fall_back(walk, "sampling factors");
        if (blocks > MAX_BLOCKS)
            lc_jpeg_fall_back(walk, "very many blocks");
        c->blocks_wide = divide_up(frame->width * c->h, 8 * h);
        c->blocks_high = divide_up(frame->height * c->v, 8 * v);
    }
}

static bool read_component(struct lc_jpeg_walk *walk, unsigned number,
                           const uint8_t *from)
{
    const struct lc_jpeg_frame *frame = &walk->frame;
    struct lc_jpeg_component *c = &walk->frame.components[number];

    c->id = from[0];
    c->h = from[1] >> 4;
    c->v = from[1] & 15;
    c->quant = from[2];
    memset(c->precision, -1, sizeof(c->precision));
    for (unsigned i = 0; i < number; i++)
        if (frame->components[i].id == c->id)
            return lc_jpeg_give_up(walk, "component ids");
    if (c->h < 1 || c->v < 1 || c->h > MAX_SAMPLING || c->v > MAX_SAMPLING ||
        c->quant >= LC_JPEG_TABLES)
        return lc_jpeg_give_up(walk, "frame header");
    return true;
}

static bool read_frame(struct lc_jpeg_walk *walk, unsigned marker, struct lc_bytes s)
{
    struct lc_jpeg_frame *frame = &walk->frame;

    if (frame->count > 0)
        return lc_jpeg_give_up(walk, "a second frame");
    if (s.size < 6 || s.data[0] != 8)
        return lc_jpeg_give_up(walk, "8-bit frame header"); /* header.c has checked it */
    if (s.data[5] != 1 && s.data[5] != 3 && s.data[5] != LC_JPEG_COMPONENTS)
        return lc_jpeg_give_up(walk, "frame header");
    if (s.data[5] == LC_JPEG_COMPONENTS)
        lc_jpeg_fall_back(walk, "CMYK"); /* blank.c only looks at one component */
    frame->progressive = marker == MARKER_SOF2;
    frame->height = lc_be16(s.data + 1);
    frame->width = lc_be16(s.data + 3);
    frame->count = s.data[5];
    if (s.size != 6 + 3 * (size_t)frame->count || frame->height == 0 ||
        frame->width == 0 || frame->height > MAX_SIDE || frame->width > MAX_SIDE)
        return lc_jpeg_give_up(walk, "frame header");
    for (unsigned i = 0; i < frame->count; i++)
        if (!read_component(walk, i, s.data + 6 + 3 * (size_t)i))
            return false;
    measure_frame(walk);
    return true;
}

static bool read_restart(struct lc_jpeg_walk *walk, struct lc_bytes s)
{
    if (s.size != 2)
        return lc_jpeg_give_up(walk, "restart interval");
    walk->restart = lc_be16(s.data);
    return true;
}

static int find_component(const struct lc_jpeg_walk *walk, uint8_t id)
{
    int i;

    for (i = 0; i < walk->frame.count; i++) {
        if (walk->frame.components[i].id == id)
            return i;
    }
    return -1;
}

/* Count a scan's MCUs; false if an MCU has more blocks than libjpeg accepts. */
static bool count_mcus(struct lc_jpeg_walk *walk, struct lc_jpeg_scan *scan)
{
    const struct lc_jpeg_frame *frame = &walk->frame;
    unsigned blocks = 0;
    unsigned i;

    if (scan->count == 1) {
        const struct lc_jpeg_component *c = &frame->components[scan->component[0]];

        scan->mcus = (uint64_t)c->blocks_wide * c->blocks_high;
        return true;
    }
    for (i = 0; i < scan->count; i++) {
        const struct lc_jpeg_component *c = &frame->components[scan->component[i]];

        blocks += (unsigned)c->h * c->v;
    }
    scan->mcus = (uint64_t)frame->mcus_wide * frame->mcus_high;
    if (blocks > LC_JPEG_MCU_BLOCKS)
        return lc_jpeg_give_up(walk, "sampling factors");
    return true;
}

static bool read_scan(struct lc_jpeg_walk *walk, struct lc_bytes s,
                      struct lc_jpeg_scan *scan)
{
    unsigned i;
    int number;

    if (walk->frame.count == 0 || s.size < 1 || s.data[0] < 1 ||
        s.data[0] > walk->frame.count || s.size != 4 + 2 * (size_t)s.data[0])
        return lc_jpeg_give_up(walk, "scan header");
    scan->count = s.data[0];
    for (i = 0; i < scan->count; i++) {
        const uint8_t *from = s.data + 1 + 2 * (size_t)i;

        number = find_component(walk, from[0]);
        if (number < 0 || (i > 0 && number <= scan->component[i - 1]))
            return lc_jpeg_give_up(walk, "scan header");
        scan->component[i] = (uint8_t)number;
        scan->dc[i] = from[1] >> 4;
        scan->ac[i] = from[1] & 15;
        if (scan->dc[i] >= LC_JPEG_TABLES || scan->ac[i] >= LC_JPEG_TABLES ||
            !walk->has_step[walk->frame.components[number].quant])
            return lc_jpeg_give_up(walk, "scan without its tables");
    }
    s.data += s.size - 3;
    scan->first = s.data[0];
    scan->last = s.data[1];
    scan->high = s.data[2] >> 4;
    scan->low = s.data[2] & 15;
    walk->scans++;
    return count_mcus(walk, scan);
}

static bool read_other(struct lc_jpeg_walk *walk, unsigned marker, struct lc_bytes s)
{
    switch (marker) {
    case MARKER_SOF0:
    case MARKER_SOF1:
    case MARKER_SOF2:
        return read_frame(walk, marker, s);
    case MARKER_DHT:
        return read_codes(walk, s);
    case MARKER_DQT:
        return read_quantization(walk, s);
    case MARKER_DRI:
        return read_restart(walk, s);
    case MARKER_COM:
        return true;
    default:
        break;
    }
    if (marker >= MARKER_APP0 && marker <= MARKER_APP15) {
        read_app(walk, marker, s);
        return true;
    }
    if (marker == MARKER_DNL) {
        lc_jpeg_fall_back(walk, "number of lines");
        return true;
    }
    if (marker > MARKER_SOF2 && marker < MARKER_RST0)
        return lc_jpeg_give_up(walk, "arithmetic, lossless or hierarchical coding");
    return lc_jpeg_give_up(walk, "unusual marker");
}

/* Find the next marker. Skip fill bytes and any other bytes before it. */
static bool find_marker(struct lc_jpeg_walk *walk, unsigned *marker)
{
    const uint8_t *data = walk->data;
    size_t begin = walk->at;

    for (;; walk->at++) {
        if (walk->size - walk->at < 2)
            return lc_jpeg_give_up(walk, "cut short");
        if (data[walk->at] == 0xFF && data[walk->at + 1] != 0xFF &&
            data[walk->at + 1] != 0)
            break;
    }
    if (walk->at != begin)
        lc_jpeg_fall_back(walk, "bytes between segments");
    *marker = data[walk->at + 1];
    walk->at += 2;
    return true;
}

static bool has_no_segment(unsigned marker)
{
    return marker == MARKER_TEM || (marker >= MARKER_RST0 && marker < MARKER_RST0 + 8);
}

bool lc_jpeg_walk_next(struct lc_jpeg_walk *walk, struct lc_jpeg_scan *scan, bool *ends)
{
    struct lc_bytes segment;
    unsigned marker;

    for (;;) {
        if (!find_marker(walk, &marker))
            return false;
        *ends = marker == MARKER_EOI;
        if (*ends)
            return true;
        if (has_no_segment(marker)) {
            lc_jpeg_fall_back(walk, "unusual marker");
            continue;
        }
        if (marker < MARKER_FIRST || marker == MARKER_SOI)
            return lc_jpeg_give_up(walk, "unusual marker");
        if (!read_segment(walk, &segment))
            return false;
        if (marker == MARKER_SOS)
            return read_scan(walk, segment, scan);
        if (!read_other(walk, marker, segment))
            return false;
    }
}

/* Whether a value may have more bits than 8-bit samples need. libjpeg accepts such
 * values, but may fail when it sums them up. */
static bool has_large_values(const struct lc_jpeg_code *code, bool is_ac)
{
    unsigned most = is_ac ? MAX_AC_BITS : MAX_DC_BITS;
    unsigned i;

    for (i = 0; i < code->count; i++) {
        if ((code->symbols[i] & (is_ac ? 15 : 255)) > most)
            return true;
    }
    return false;
}

bool lc_jpeg_walk_code(struct lc_jpeg_walk *walk, bool is_ac, unsigned number,
                       struct lc_jpeg_code *code)
{
    const uint8_t *counts = walk->codes[is_ac][number];

    assert(number < LC_JPEG_TABLES);
    if (!counts)
        return lc_jpeg_give_up(walk, "scan without its tables");
    if (!lc_jpeg_code_init(code, counts, counts + CODE_LENGTHS, !is_ac))
        return lc_jpeg_give_up(walk, "Huffman table");
    if (has_large_values(code, is_ac))
        lc_jpeg_fall_back(walk, "very large values");
    return true;
}

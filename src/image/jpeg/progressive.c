/*
 * Progressive scans.
 *
 * A progressive picture is coded in several scans: DC terms first, then bands of AC
 * terms, each to some precision that later scans refine bit by bit (T.81 annex G). Only
 * this is remembered between scans:
 *
 *   - per component and term, the bit down to which it has been coded (`precision`). A
 *     scan must continue exactly there; libjpeg compares the same numbers and warns.
 *   - per block, which AC terms are non-zero (`masks`), because a refinement has a bit
 *     for each of them. terms_kernel.h explains how they are used.
 *
 * DC scans need neither: the first one is a Huffman symbol per block, and a refinement is
 * one bit per block, so checking the length of its data suffices.
 *
 * Cost: 8 bytes per block, and one lookup per symbol. Scans are not interleaved in lanes:
 * the number of correction bits depends on the block, which a reader that starts in the
 * middle does not know.
 */
#include "image/jpeg/prover.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "image/jpeg/bits.h"
#include "image/jpeg/terms.h"

enum { MAX_LOW = 13 }; /* jdphuff.c refuses more */

/* Maximum blocks of a progressive picture: 25 MB of masks. */
enum { MAX_MASKS = 3 << 20 };

/* A scan being read. */
struct pass {
    const struct lc_jpeg_walk *walk;
    const struct lc_jpeg_scan *scan;
    const uint8_t *bytes;
    uint64_t at;     /* in bits */
    uint64_t *masks; /* of the component's blocks */
    struct lc_jpeg_symbols *symbols[LC_JPEG_COMPONENTS];
    struct lc_jpeg_blank *blank;
};

/* Blocks per MCU of one of the scan's components. */
static unsigned blocks_of(const struct pass *pass, unsigned number)
{
    const struct lc_jpeg_component *c =
        &pass->walk->frame.components[pass->scan->component[number]];

    return pass->scan->count == 1 ? 1 : (unsigned)c->h * c->v;
}

/* Read the DC terms of one component's blocks in an MCU. */
static bool read_dc(struct pass *pass, unsigned number, int64_t *value)
{
    unsigned component = pass->scan->component[number];
    unsigned quant = pass->walk->frame.components[component].quant;
    unsigned blocks = blocks_of(pass, number);

    assert(pass->symbols[number]);
    for (; blocks > 0; blocks--) {
        uint64_t bits = lc_jpeg_bits_at(pass->bytes, pass->at);
        struct lc_jpeg_symbol symbol =
            lc_jpeg_symbols_decode(pass->symbols[number], bits);

        if (symbol.length == 0)
            return false;
        pass->at += symbol.length + symbol.value;
        *value += lc_jpeg_extend(bits << symbol.length, symbol.value);
        if (component == 0 && !pass->blank->varied && !pass->walk->fallback_reason)
            lc_jpeg_blank_add_block(pass->blank, (int32_t)*value, pass->walk->step[quant],
                                    pass->scan->low);
    }
    return true;
}

static struct lc_jpeg_reading read_dcs(struct pass *pass,
                                       const struct lc_jpeg_stream *stream)
{
    uint64_t end = (uint64_t)stream->end * 8;
    int64_t values[LC_JPEG_COMPONENTS] = {0};
    uint64_t mcu;
    unsigned i;

    for (mcu = 0; mcu < stream->mcus; mcu++) {
        for (i = 0; i < pass->scan->count; i++) {
            if (!read_dc(pass, i, &values[i]))
                return (struct lc_jpeg_reading){pass->at + LC_JPEG_LONGEST > end
                                                    ? LC_JPEG_ENDS_EARLY
                                                    : LC_JPEG_BAD_CODE,
                                                mcu, 0};
        }
        if (pass->at > end)
            return (struct lc_jpeg_reading){LC_JPEG_ENDS_EARLY, mcu, 0};
    }
    return (struct lc_jpeg_reading){LC_JPEG_INTACT, mcu, pass->at};
}

/* Skip a refinement of DC terms, which has one bit per block. */
static struct lc_jpeg_reading skip_dcs(const struct pass *pass,
                                       const struct lc_jpeg_stream *stream)
{
    uint64_t bits = ((uint64_t)stream->end - stream->begin) * 8;
    uint64_t blocks = 0;
    unsigned i;

    for (i = 0; i < pass->scan->count; i++)
        blocks += blocks_of(pass, i);
    if (stream->mcus * blocks > bits)
        return (struct lc_jpeg_reading){LC_JPEG_ENDS_EARLY, bits / blocks, 0};
    return (struct lc_jpeg_reading){LC_JPEG_INTACT, stream->mcus,
                                    pass->at + stream->mcus * blocks};
}

static struct lc_jpeg_reading read_acs(const struct pass *pass,
                                       const struct lc_jpeg_stream *stream)
{
    struct lc_jpeg_terms terms = {
        .symbols = pass->symbols[0],
        .bytes = pass->bytes,
        .at = pass->at,
        .end = (uint64_t)stream->end * 8,
        .masks = pass->masks + stream->first,
        .blocks = stream->mcus,
        .first = pass->scan->first,
        .last = pass->scan->last,
        .refines = pass->scan->high > 0,
    };

    return lc_jpeg_terms_read(&terms);
}

static struct lc_jpeg_reading read_stream(struct pass *pass,
                                          const struct lc_jpeg_stream *stream)
{
    pass->at = (uint64_t)stream->begin * 8;
    if (pass->scan->first > 0)
        return read_acs(pass, stream);
    return pass->scan->high > 0 ? skip_dcs(pass, stream) : read_dcs(pass, stream);
}

/*
 * Record the precision that a scan adds. libjpeg warns if a term comes too early, too
 * late or twice, and refuses other parameters: jdphuff.c, start_pass_phuff_decoder.
 */
static bool check_order(struct lc_jpeg_walk *walk, const struct lc_jpeg_scan *scan)
{
    unsigned i;
    unsigned k;

    if (scan->last >= LC_JPEG_BLOCK || scan->first > scan->last || scan->low > MAX_LOW ||
        (scan->first == 0 && scan->last != 0) || (scan->first > 0 && scan->count != 1) ||
        (scan->high > 0 && scan->low != scan->high - 1))
        return lc_jpeg_give_up(walk, "progression");
    for (i = 0; i < scan->count; i++) {
        struct lc_jpeg_component *c = &walk->frame.components[scan->component[i]];
        int expected = scan->high > 0 ? scan->high : -1;

        if (scan->first > 0 && c->precision[0] < 0)
            lc_jpeg_fall_back(walk, "progression");
        for (k = scan->first; k <= scan->last; k++) {
            if (c->precision[k] != expected)
                lc_jpeg_fall_back(walk, "progression");
            c->precision[k] = (int8_t)scan->low;
        }
    }
    return true;
}

/* Find a component's masks; the first scan of a picture clears the masks of all. */
static bool find_masks(struct lc_jpeg_prover *prover, struct lc_jpeg_walk *walk,
                       const struct lc_jpeg_scan *scan, struct pass *pass)
{
    uint64_t begins[LC_JPEG_COMPONENTS] = {0};
    uint64_t blocks = 0;
    unsigned i;

    for (i = 0; i < walk->frame.count; i++) {
        const struct lc_jpeg_component *c = &walk->frame.components[i];

        begins[i] = blocks;
        blocks += (uint64_t)c->blocks_wide * c->blocks_high;
    }
    if (blocks > MAX_MASKS)
        return lc_jpeg_give_up(walk, "very many blocks");
    if (blocks > prover->mask_capacity) {
        free(prover->masks);
        prover->mask_capacity = 0;
        prover->masks = malloc(blocks * sizeof(*prover->masks));
        if (!prover->masks)
            return lc_jpeg_give_up(walk, "out of memory for the proof");
        prover->mask_capacity = blocks;
    }
    if (walk->scans == 1)
        memset(prover->masks, 0, blocks * sizeof(*prover->masks));
    pass->masks = prover->masks + begins[scan->component[0]];
    return true;
}

static bool build_symbols(struct lc_jpeg_walk *walk, const struct lc_jpeg_scan *scan,
                          struct lc_jpeg_symbols *symbols, struct pass *pass)
{
    bool is_ac = scan->first > 0;
    unsigned i;

    if (!is_ac && scan->high > 0)
        return true;
    for (i = 0; i < scan->count; i++) {
        if (!lc_jpeg_walk_code(walk, is_ac, is_ac ? scan->ac[i] : scan->dc[i],
                               &symbols[i].code))
            return false;
        lc_jpeg_symbols_build(&symbols[i]);
        pass->symbols[i] = &symbols[i];
    }
    return true;
}

bool lc_jpeg_prove_progressive(struct lc_jpeg_prover *prover, struct lc_jpeg_walk *walk,
                               const struct lc_jpeg_scan *scan)
{
    struct lc_jpeg_intervals intervals = {
        .source = {walk->data, walk->size, walk->at},
        .scan = scan,
        .mcus = scan->mcus,
        .restart = walk->restart,
    };
    struct lc_jpeg_symbols symbols[LC_JPEG_COMPONENTS];
    struct pass pass = {.walk = walk, .scan = scan, .blank = &prover->blank};
    struct lc_jpeg_stream stream;
    struct lc_jpeg_reading reading;

    if (!check_order(walk, scan) || !find_masks(prover, walk, scan, &pass) ||
        !build_symbols(walk, scan, symbols, &pass))
        return false;
    pass.bytes = prover->buffer.bytes;
    while (intervals.mcus > 0) {
        if (lc_jpeg_intervals_next(walk, &intervals, prover->buffer.bytes, &stream, 1) ==
            0)
            return false;
        reading = read_stream(&pass, &stream);
        if (!lc_jpeg_intervals_check(walk, &intervals, pass.bytes, &stream, &reading))
            return false;
    }
    walk->at = intervals.source.at;
    return true;
}

/*
 * Sequential scans: split into restart intervals, unstuffed, and handed to the lanes.
 *
 * Intervals are processed in batches of one per lane. The lanes only answer yes or no; on
 * no, every interval of the batch is read again by a single reader, which finds the first
 * fault and its MCU. Damaged files are rare, so only they pay for that.
 */
#include "image/jpeg/prover.h"

#include <assert.h>
#include <string.h>

#include "image/jpeg/bits.h"
#include "image/jpeg/markers.h"

/* The damage record for a fault after `mcu` MCUs of the scan. */
static struct lc_jpeg_damage damage_at(const struct lc_jpeg_walk *walk,
                                       const struct lc_jpeg_intervals *intervals,
                                       enum lc_jpeg_fault fault, uint64_t mcu)
{
    const struct lc_jpeg_scan *scan = intervals->scan;
    bool alone = !walk->frame.progressive && scan->count == walk->frame.count;

    return (struct lc_jpeg_damage){
        .fault = fault,
        .scan = alone ? 0 : walk->scans,
        .mcu = mcu,
        .mcus = scan->mcus,
    };
}

/* The marker after the last interval; EOI at the end of the file. */
static unsigned next_marker(const struct lc_jpeg_source *source)
{
    return source->at < source->size ? source->data[source->at + 1] : MARKER_EOI;
}

/* Report that the next marker is not the expected restart marker. */
static void report_marker(struct lc_jpeg_walk *walk,
                          const struct lc_jpeg_intervals *intervals)
{
    unsigned marker = next_marker(&intervals->source);
    bool restarts = marker >= MARKER_RST0 && marker < MARKER_RST0 + 8;
    struct lc_jpeg_damage damage =
        damage_at(walk, intervals, restarts ? LC_JPEG_BAD_RESTART : LC_JPEG_ENDS_EARLY,
                  intervals->scan->mcus - intervals->mcus);

    (void)lc_jpeg_set_damage(walk, &damage);
}

size_t lc_jpeg_intervals_next(struct lc_jpeg_walk *walk,
                              struct lc_jpeg_intervals *intervals, uint8_t *bytes,
                              struct lc_jpeg_stream *streams, size_t capacity)
{
    struct lc_jpeg_source *source = &intervals->source;
    size_t count = 0;
    size_t at = 0;

    for (; count < capacity && intervals->mcus > 0; count++, intervals->number++) {
        struct lc_jpeg_stream *stream = &streams[count];

        if (intervals->number > 0) {
            if (next_marker(source) != MARKER_RST0 + ((intervals->number - 1) & 7))
                break;
            source->at += 2;
        }
        stream->begin = at;
        at += lc_jpeg_source_copy(source, bytes + at);
        stream->end = at;
        stream->first = intervals->scan->mcus - intervals->mcus;
        stream->mcus = intervals->mcus;
        if (intervals->restart > 0 && stream->mcus > intervals->restart)
            stream->mcus = intervals->restart;
        intervals->mcus -= stream->mcus;
    }
    /* Intervals before a wrong marker come first: a fault in them precedes it. */
    if (count == 0)
        report_marker(walk, intervals);
    memset(bytes + at, 0, LC_JPEG_PADDING);
    return count;
}

/*
 * Whether the rest of a stream is padding. Padding fills the last byte with ones; some
 * encoders (jpeg-js of npm) add a whole byte of ones if the last one is already full.
 */
static bool is_padding(const uint8_t *bytes, const struct lc_jpeg_stream *stream,
                       uint64_t at)
{
    uint64_t left = (uint64_t)stream->end * 8 - at;

    return left < 8 || (left < 16 && ~lc_jpeg_bits_at(bytes, at) >> (64 - left) == 0);
}

bool lc_jpeg_intervals_check(struct lc_jpeg_walk *walk,
                             const struct lc_jpeg_intervals *intervals,
                             const uint8_t *bytes, const struct lc_jpeg_stream *stream,
                             const struct lc_jpeg_reading *reading)
{
    struct lc_jpeg_damage damage =
        damage_at(walk, intervals, reading->fault, stream->first + reading->mcus);
    bool last = damage.mcu == damage.mcus;

    if (reading->fault == LC_JPEG_INTACT) {
        uint64_t left = (uint64_t)stream->end * 8 - reading->at;

        if (left < 8 || (last && is_padding(bytes, stream, reading->at)))
            return true;
        damage.fault = LC_JPEG_LEFT_OVER;
        damage.bytes = left / 8;
        damage.begin = stream->first;
    }
    return lc_jpeg_set_damage(walk, &damage);
}

static bool same_code(const struct lc_jpeg_code *a, const struct lc_jpeg_code *b)
{
    return a->count == b->count && memcmp(a->counts, b->counts, sizeof(a->counts)) == 0 &&
           memcmp(a->symbols, b->symbols, a->count) == 0;
}

/*
 * Find the tables for two codes in the cache, or build them in place of the oldest pair
 * that this scan does not use. Most encoders write the same standard codes into every
 * file, so tables are rarely built. A scan uses at most LC_JPEG_COMPONENTS pairs, as many
 * as the cache holds, so there is always one to replace.
 */
static const struct lc_jpeg_pair *find_pair(struct lc_jpeg_prover *prover,
                                            const struct lc_jpeg_code *dc,
                                            const struct lc_jpeg_code *ac,
                                            unsigned *in_use)
{
    struct lc_jpeg_pair *pair;
    unsigned i;

    for (i = 0; i < LC_JPEG_PAIRS; i++) {
        pair = &prover->pairs[i];
        if (same_code(&pair->dc, dc) && same_code(&pair->ac, ac)) {
            *in_use |= 1u << i;
            return pair;
        }
    }
    while (*in_use >> prover->next_pair & 1)
        prover->next_pair = (prover->next_pair + 1) % LC_JPEG_PAIRS;
    *in_use |= 1u << prover->next_pair;
    pair = &prover->pairs[prover->next_pair];
    prover->next_pair = (prover->next_pair + 1) % LC_JPEG_PAIRS;
    pair->dc = *dc;
    pair->ac = *ac;
    lc_jpeg_pair_build(pair);
    return pair;
}

static bool lay_out_mcu(struct lc_jpeg_prover *prover, struct lc_jpeg_walk *walk,
                        const struct lc_jpeg_scan *scan, struct lc_jpeg_mcu *mcu)
{
    struct lc_jpeg_code dc;
    struct lc_jpeg_code ac;
    unsigned in_use = 0;
    unsigned i;

    mcu->blocks = 0;
    for (i = 0; i < scan->count; i++) {
        struct lc_jpeg_component *c = &walk->frame.components[scan->component[i]];
        unsigned blocks = scan->count == 1 ? 1 : (unsigned)c->h * c->v;
        const struct lc_jpeg_pair *pair;

        if (c->coded) {
            struct lc_jpeg_damage damage = {.fault = LC_JPEG_CODED_TWICE,
                                            .component = scan->component[i] + 1u};

            return lc_jpeg_set_damage(walk, &damage);
        }
        c->coded = true;
        if (!lc_jpeg_walk_code(walk, false, scan->dc[i], &dc) ||
            !lc_jpeg_walk_code(walk, true, scan->ac[i], &ac))
            return false;
        pair = find_pair(prover, &dc, &ac, &in_use);
        for (; blocks > 0; blocks--) {
            mcu->component[mcu->blocks] = (uint8_t)i;
            mcu->pairs[mcu->blocks++] = pair;
        }
    }
    return true;
}

/* Add proven intervals to the blank check, which stops at the first two blocks that
 * differ. */
static void update_blank(struct lc_jpeg_prover *prover, const struct lc_jpeg_mcu *mcu,
                         const struct lc_jpeg_stream *streams, size_t count,
                         const struct lc_jpeg_walk *walk, const struct lc_jpeg_scan *scan)
{
    bool whole = scan->count == walk->frame.count && streams[0].mcus == scan->mcus;
    uint32_t step = walk->step[walk->frame.components[0].quant];
    size_t i;

    for (i = 0; i < count && !prover->blank.varied; i++)
        lc_jpeg_blank_add_stream(&prover->blank, mcu, prover->buffer.bytes, &streams[i],
                                 step, whole);
}

/* Read intervals that the lanes did not prove, one by one, to find the first fault. */
static bool read_each(struct lc_jpeg_walk *walk,
                      const struct lc_jpeg_intervals *intervals,
                      const struct lc_jpeg_mcu *mcu, const uint8_t *bytes,
                      const struct lc_jpeg_stream *streams, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        struct lc_jpeg_reading reading = lc_jpeg_lanes_read(mcu, bytes, &streams[i]);

        if (!lc_jpeg_intervals_check(walk, intervals, bytes, &streams[i], &reading))
            return false;
    }
    return true;
}

bool lc_jpeg_prove_sequential(struct lc_jpeg_prover *prover, struct lc_jpeg_walk *walk,
                              const struct lc_jpeg_scan *scan)
{
    struct lc_jpeg_intervals intervals = {
        .source = {walk->data, walk->size, walk->at},
        .scan = scan,
        .mcus = scan->mcus,
        .restart = walk->restart,
    };
    const uint8_t *bytes = prover->buffer.bytes;
    struct lc_jpeg_stream streams[LC_JPEG_LANES];
    struct lc_jpeg_mcu mcu;

    if (scan->first != 0 || scan->last != LC_JPEG_BLOCK - 1 || scan->high != 0 ||
        scan->low != 0)
        lc_jpeg_fall_back(walk, "scan header");
    if (!lay_out_mcu(prover, walk, scan, &mcu))
        return false;
    while (intervals.mcus > 0) {
        size_t count = lc_jpeg_intervals_next(walk, &intervals, prover->buffer.bytes,
                                              streams, LC_JPEG_LANES);

        if (count == 0)
            return false;
        if (!lc_jpeg_lanes_prove(&mcu, bytes, streams, count, &prover->logs) &&
            !read_each(walk, &intervals, &mcu, bytes, streams, count))
            return false;
        if (scan->component[0] == 0 && !walk->fallback_reason)
            update_blank(prover, &mcu, streams, count, walk, scan);
    }
    walk->at = intervals.source.at;
    return true;
}

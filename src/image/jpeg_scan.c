#include "image/jpeg_prover.h"

#include <assert.h>
#include <string.h>

#include "image/jpeg_markers.h"

/* Copy one stretch behind the marker before it. SIZE_MAX: a doubt, which is set. */
static size_t take_one(struct lc_jpeg_walk *walk, struct lc_jpeg_intervals *intervals,
                       uint8_t *to)
{
    struct lc_jpeg_source *source = &intervals->source;
    size_t size;

    if (intervals->number > 0) {
        if (source->data[source->at + 1] != MARKER_RST0 + ((intervals->number - 1) & 7)) {
            lc_jpeg_doubt(walk, "restart markers");
            return SIZE_MAX;
        }
        source->at += 2;
    }
    size = lc_jpeg_source_copy(source, to);
    if (size == SIZE_MAX)
        lc_jpeg_doubt(walk, "cut short");
    return size;
}

size_t lc_jpeg_intervals_take(struct lc_jpeg_walk *walk,
                              struct lc_jpeg_intervals *intervals, uint8_t *bytes,
                              struct lc_jpeg_stream *streams, size_t room)
{
    size_t count = 0;
    size_t at = 0;

    while (count < room && intervals->mcus > 0) {
        uint64_t mcus = intervals->mcus;
        size_t size = take_one(walk, intervals, bytes + at);

        if (size == SIZE_MAX)
            return 0;
        if (intervals->restart > 0 && mcus > intervals->restart)
            mcus = intervals->restart;
        streams[count++] = (struct lc_jpeg_stream){at, at + size, mcus};
        at += size;
        intervals->mcus -= mcus;
        intervals->number++;
    }
    memset(bytes + at, 0, LC_JPEG_PADDING);
    return count;
}

static bool same_code(const struct lc_jpeg_code *a, const struct lc_jpeg_code *b)
{
    return a->count == b->count && memcmp(a->counts, b->counts, sizeof(a->counts)) == 0 &&
           memcmp(a->symbols, b->symbols, a->count) == 0;
}

/* The tables of two codes: one of those at hand, or made anew in the place of the oldest
 * that this scan does not use. */
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

static bool lay_out(struct lc_jpeg_prover *prover, struct lc_jpeg_walk *walk,
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

        if (c->coded)
            return lc_jpeg_doubt(walk, "a component in two scans");
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

/* Whether the picture can be blank: stretch by stretch, until two blocks differ. */
static void look_for_colours(struct lc_jpeg_prover *prover, const struct lc_jpeg_mcu *mcu,
                             const struct lc_jpeg_stream *streams, size_t count,
                             const struct lc_jpeg_walk *walk,
                             const struct lc_jpeg_scan *scan)
{
    bool whole = scan->count == walk->frame.count && streams[0].mcus == scan->mcus;
    uint32_t step = walk->step[walk->frame.components[0].quant];
    size_t i;

    for (i = 0; i < count && !prover->blank.varied; i++)
        lc_jpeg_blank_read(&prover->blank, mcu, prover->buffer.bytes, &streams[i], step,
                           whole);
}

bool lc_jpeg_prove_sequential(struct lc_jpeg_prover *prover, struct lc_jpeg_walk *walk,
                              const struct lc_jpeg_scan *scan)
{
    struct lc_jpeg_intervals intervals = {
        .source = {walk->data, walk->size, walk->at},
        .mcus = scan->mcus,
        .restart = walk->restart,
    };
    struct lc_jpeg_stream streams[LC_JPEG_LANES];
    struct lc_jpeg_mcu mcu;
    enum lc_jpeg_sound sound;

    if (scan->first != 0 || scan->last != LC_JPEG_BLOCK - 1 || scan->high != 0 ||
        scan->low != 0)
        return lc_jpeg_doubt(walk, "scan header");
    if (!lay_out(prover, walk, scan, &mcu))
        return false;
    while (intervals.mcus > 0) {
        size_t count = lc_jpeg_intervals_take(walk, &intervals, prover->buffer.bytes,
                                              streams, LC_JPEG_LANES);

        if (count == 0)
            return false;
        sound = lc_jpeg_lanes_prove(&mcu, prover->buffer.bytes, streams, count,
                                    &prover->logs);
        if (sound == LC_JPEG_EXCESS)
            return lc_jpeg_doubt_excess(walk);
        if (sound != LC_JPEG_SOUND)
            return lc_jpeg_doubt(walk, "entropy-coded data");
        if (scan->component[0] == 0)
            look_for_colours(prover, &mcu, streams, count, walk, scan);
    }
    walk->at = intervals.source.at;
    return true;
}

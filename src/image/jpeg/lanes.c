#include "image/jpeg/lanes.h"

#include <assert.h>

#include "image/jpeg/bits.h"

/* A stream of fewer bytes is read by one lane: falling into step would cost more. */
#ifndef LC_JPEG_WORTH_LANES
#define LC_JPEG_WORTH_LANES 4096
#endif

lc_jpeg_lanes_fn lc_jpeg_lanes_plain, lc_jpeg_lanes_avx2;

lc_jpeg_lanes_fn *const lc_jpeg_lanes_kernels[LC_ISA_COUNT] = {
    [LC_ISA_PLAIN] = lc_jpeg_lanes_plain,
#ifdef __x86_64__
    [LC_ISA_AVX2] = lc_jpeg_lanes_avx2,
    [LC_ISA_AVX512] = lc_jpeg_lanes_avx2,
#endif
};

static lc_jpeg_lanes_fn *best = lc_jpeg_lanes_plain;

__attribute__((constructor)) static void choose(void)
{
    best = lc_jpeg_lanes_kernels[lc_isa_best()];
}

struct proof {
    const struct lc_jpeg_mcu *mcu;
    const uint8_t *bytes;
    uint64_t end; /* of the stream, in bits */
};

static struct lc_jpeg_lane lane_at(uint64_t at, uint64_t stop, uint64_t *log)
{
    log[0] = at;
    return (struct lc_jpeg_lane){.at = at, .stop = stop, .log = log};
}

/* One look-up of a lane that is known to be right; false: no MCU stands here. */
static bool step(const struct proof *proof, struct lc_jpeg_lane *lane)
{
    const struct lc_jpeg_pair *pair = proof->mcu->pairs[lane->block];
    uint64_t bits = lc_jpeg_bits_at(proof->bytes, lane->at);
    size_t window = bits >> (64 - LC_JPEG_WINDOW);
    uint32_t entry = pair->table[window + (lane->taken > 0 ? LC_JPEG_ENTRIES : 0)];

    if (lane->taken + lc_jpeg_advance(entry) > LC_JPEG_BLOCK)
        entry = lc_jpeg_pair_read(pair, lane->taken, bits);
    lane->at += entry & LC_JPEG_BITS;
    if (entry == LC_JPEG_NONE || lane->at > proof->end)
        return false;
    lane->taken += lc_jpeg_advance(entry);
    if (!(entry >> LC_JPEG_END_AT) && lane->taken < LC_JPEG_BLOCK)
        return true;
    lane->taken = 0;
    lane->block++;
    if (lane->block == proof->mcu->blocks) {
        lane->block = 0;
        lane->mcus++;
    }
    return true;
}

/* Advance to the beginning of an MCU, by one look-up at least. */
static bool next_mcu(const struct proof *proof, struct lc_jpeg_lane *lane)
{
    do {
        if (!step(proof, lane))
            return false;
    } while (lane->block > 0 || lane->taken > 0);
    return true;
}

/*
 * Advance a lane that is right until it begins an MCU that the guessing one has begun,
 * too; then that one is right from there on, and takes its place. When they do not meet,
 * the lane is where the other's log ends.
 *
 * @param noted  MCUs in the log of the guessing lane
 * @return false: a fault
 */
static bool meet(const struct proof *proof, struct lc_jpeg_lane *lane,
                 const struct lc_jpeg_lane *guess, uint32_t noted)
{
    uint32_t i = guess->valid;

    if (i > noted)
        return true;
    if ((lane->block > 0 || lane->taken > 0) && !next_mcu(proof, lane))
        return false;
    while (lane->at <= guess->log[noted]) {
        while (guess->log[i] < lane->at)
            i++;
        if (guess->log[i] == lane->at) {
            i = lane->mcus + (guess->mcus - i);
            *lane = *guess;
            lane->mcus = i;
            return true;
        }
        if (!next_mcu(proof, lane))
            return false;
    }
    return true;
}

/* From where a right lane is to the end of the stream. */
static bool finish(const struct proof *proof, struct lc_jpeg_lane *lane, uint64_t mcus)
{
    while (lane->mcus < mcus) {
        if (!step(proof, lane))
            return false;
    }
    return lane->mcus == mcus && lane->block == 0 && lane->taken == 0 &&
           proof->end - lane->at < 8;
}

static uint64_t stop_before(uint64_t end)
{
    return end > LC_JPEG_TURN_BITS ? end - LC_JPEG_TURN_BITS : 0;
}

/* A long stream, cut into as many parts as there are lanes. */
static bool prove_cut(const struct proof *proof, const struct lc_jpeg_stream *stream,
                      struct lc_jpeg_logs *logs)
{
    struct lc_jpeg_lane lanes[LC_JPEG_LANES];
    uint32_t noted[LC_JPEG_LANES];
    size_t part = (stream->end - stream->begin) / LC_JPEG_LANES;
    size_t i;

    for (i = 0; i < LC_JPEG_LANES; i++) {
        uint64_t begin = (stream->begin + i * part) * 8;
        uint64_t stop = i + 1 < LC_JPEG_LANES ? begin + part * 8 : proof->end;

        lanes[i] = lane_at(begin, stop_before(stop), logs->begins[i]);
    }
    best(proof->mcu, proof->bytes, lanes, LC_JPEG_LOG);
    for (i = 0; i < LC_JPEG_LANES; i++)
        noted[i] = lanes[i].mcus;
    best(proof->mcu, proof->bytes, lanes, 0);
    for (i = 1; i < LC_JPEG_LANES; i++) {
        if (lanes[0].valid > 0 || !meet(proof, &lanes[0], &lanes[i], noted[i]))
            return false;
        lanes[0].valid = 0;
    }
    return finish(proof, &lanes[0], stream->mcus);
}

/* Short streams, one for each lane. */
static bool prove_each(struct proof *proof, const struct lc_jpeg_stream *streams,
                       size_t count, struct lc_jpeg_logs *logs)
{
    struct lc_jpeg_lane lanes[LC_JPEG_LANES];
    bool sound = true;
    size_t i;

    for (i = 0; i < count; i++)
        lanes[i] = lane_at((uint64_t)streams[i].begin * 8,
                           stop_before((uint64_t)streams[i].end * 8), logs->begins[i]);
    if (count == LC_JPEG_LANES)
        best(proof->mcu, proof->bytes, lanes, 0);
    for (i = 0; i < count && sound; i++) {
        proof->end = (uint64_t)streams[i].end * 8;
        sound = lanes[i].valid == 0 && finish(proof, &lanes[i], streams[i].mcus);
    }
    return sound;
}

bool lc_jpeg_lanes_prove(const struct lc_jpeg_mcu *mcu, const uint8_t *bytes,
                         const struct lc_jpeg_stream *streams, size_t count,
                         struct lc_jpeg_logs *logs)
{
    struct proof proof = {.mcu = mcu, .bytes = bytes};
    bool sound = true;
    size_t i;

    assert(mcu->blocks > 0 && mcu->blocks <= LC_JPEG_MCU_BLOCKS);
    assert(count <= LC_JPEG_LANES);
    for (i = 0; i < count; i++) {
        if (streams[i].end - streams[i].begin >= LC_JPEG_WORTH_LANES)
            break;
    }
    if (i == count)
        return prove_each(&proof, streams, count, logs);
    for (i = 0; i < count && sound; i++) {
        proof.end = (uint64_t)streams[i].end * 8;
        sound = prove_cut(&proof, &streams[i], logs);
    }
    return sound;
}

/*
 * Why a lane's next look-up takes no symbols, or some that reach past the end: symbol by
 * symbol, to the first that is at fault. A look-up takes symbols of one block alone.
 */
static enum lc_jpeg_fault find_fault(const struct proof *proof, struct lc_jpeg_lane lane)
{
    const struct lc_jpeg_pair *pair = proof->mcu->pairs[lane.block];

    for (;;) {
        uint64_t bits = lc_jpeg_bits_at(proof->bytes, lane.at);
        bool is_ac = lane.taken > 0;
        struct lc_jpeg_symbol symbol =
            lc_jpeg_code_read(is_ac ? &pair->ac : &pair->dc, bits);
        uint32_t entry = lc_jpeg_pair_read(pair, lane.taken, bits);

        if (symbol.length == 0)
            return lane.at + LC_JPEG_LONGEST > proof->end ? LC_JPEG_ENDS_EARLY
                                                          : LC_JPEG_BAD_CODE;
        lane.at += symbol.length + (is_ac ? symbol.value & 15u : symbol.value);
        if (lane.at > proof->end)
            return LC_JPEG_ENDS_EARLY;
        if (entry == LC_JPEG_NONE) /* has it a meaning as the first of a block's AC? */
            return lc_jpeg_pair_read(pair, 1, bits) == LC_JPEG_NONE ? LC_JPEG_BAD_CODE
                                                                    : LC_JPEG_TOO_MANY;
        lane.taken += lc_jpeg_advance(entry);
    }
}

struct lc_jpeg_reading lc_jpeg_lanes_read(const struct lc_jpeg_mcu *mcu,
                                          const uint8_t *bytes,
                                          const struct lc_jpeg_stream *stream)
{
    struct proof proof = {mcu, bytes, (uint64_t)stream->end * 8};
    struct lc_jpeg_lane lane = {.at = (uint64_t)stream->begin * 8};
    struct lc_jpeg_lane before;

    while (lane.mcus < stream->mcus) {
        before = lane;
        if (!step(&proof, &lane))
            return (struct lc_jpeg_reading){find_fault(&proof, before), lane.mcus, 0};
    }
    return (struct lc_jpeg_reading){LC_JPEG_INTACT, lane.mcus, lane.at};
}

/*
 * Speculative Huffman lanes.
 *
 * Problem: Huffman decoding is serial. Where a symbol begins is known only once the one
 * before it has been looked up, so a single reader spends its time waiting for loads.
 * Four independent readers ("lanes"), interleaved in one loop, wait at the same time.
 *
 * Short restart intervals are independent by design: four at a time, one per lane.
 *
 * A long interval is cut into four equal parts. The first lane begins at the beginning,
 * where the state is known. The others begin in the middle of nowhere and assume that an
 * MCU begins at that bit, which is almost certainly wrong. But Huffman codes
 * resynchronise: a reader at the wrong bit soon falls into step with the right one,
 * mostly within a few hundred bits. Each lane logs where its first MCUs began. The log
 * covers LC_JPEG_LOG lookups; after that the lanes run without logging, which is faster.
 *
 * Stitching. lanes[0] is the trusted lane. It goes on past the cut, symbol by symbol,
 * until it begins an MCU at a bit that the next lane has logged (meet() below). From
 * there the trusted lane adopts the next lane's state, and the lane after that is next.
 *
 * Invariant: the trusted lane is where a single reader from the beginning would be.
 *
 * Why it holds: what a reader does next depends only on its bit position, its block and
 * its coefficient count. Values are never computed, so there is no DC prediction to carry
 * along. Two readers that begin an MCU at the same bit are in the same state (block 0,
 * coefficient 0) and stay equal forever. The adopted lane has run without a fault since
 * that MCU: a fault while it logs moves `valid` past the faulty MCU, and only MCUs from
 * `valid` on are compared; a fault after that sets `valid` past the end of the log, and
 * the lane is ignored. A wrong guess therefore costs time, never correctness: if the
 * lanes do not meet within the log, the trusted lane simply goes on by itself.
 *
 * MCUs are counted along the way: the adopted lane contributes the MCUs that it completed
 * since the common one. At the end the sum must be exact.
 *
 * Cost: every bit is decoded once by some lane; the bits from each cut to the MCU where
 *       the lanes meet are decoded twice. Below LC_JPEG_WORTH_LANES bytes that costs more
 *       than the lanes gain.
 */
#include "image/jpeg/lanes.h"

#include <assert.h>

#include "image/jpeg/bits.h"

/* A single lane reads streams shorter than this. Tests set it lower. */
#ifndef LC_JPEG_WORTH_LANES
#define LC_JPEG_WORTH_LANES 4096
#endif

lc_jpeg_lanes_fn lc_jpeg_lanes_plain, lc_jpeg_lanes_avx2;

lc_jpeg_lanes_fn *const lc_jpeg_lanes_kernels[LC_ISA_COUNT] = {
    [LC_ISA_PLAIN] = lc_jpeg_lanes_plain,
#ifdef __x86_64__
    [LC_ISA_AVX2] = lc_jpeg_lanes_avx2,
    [LC_ISA_AVX512] = lc_jpeg_lanes_avx2,
#elif defined(__aarch64__)
    [LC_ISA_PMULL] = lc_jpeg_lanes_plain,
#endif
};

static lc_jpeg_lanes_fn *best = lc_jpeg_lanes_plain;

__attribute__((constructor)) static void pick_kernel(void)
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

/* Decode what one lookup of the trusted lane covers, but nothing past the end of the
 * stream. Return false after a fault; the lane's state is then undefined. */
static bool step(const struct proof *proof, struct lc_jpeg_lane *lane)
{
    const struct lc_jpeg_pair *pair = proof->mcu->pairs[lane->block];
    uint64_t bits = lc_jpeg_bits_at(proof->bytes, lane->at);
    size_t window = bits >> (64 - LC_JPEG_WINDOW);
    uint32_t entry = pair->table[window + (lane->coef > 0 ? LC_JPEG_ENTRIES : 0)];

    if (lane->coef + lc_jpeg_advance(entry) > LC_JPEG_BLOCK)
        entry = lc_jpeg_pair_decode_one(pair, lane->coef, bits);
    lane->at += entry & LC_JPEG_BITS;
    if (entry == LC_JPEG_NONE || lane->at > proof->end)
        return false;
    lane->coef += lc_jpeg_advance(entry);
    if (!(entry >> LC_JPEG_END_AT) && lane->coef < LC_JPEG_BLOCK)
        return true;
    lane->coef = 0;
    lane->block++;
    if (lane->block == proof->mcu->blocks) {
        lane->block = 0;
        lane->mcus++;
    }
    return true;
}

/* Advance to the beginning of the next MCU, by at least one lookup. */
static bool next_mcu(const struct proof *proof, struct lc_jpeg_lane *lane)
{
    do {
        if (!step(proof, lane))
            return false;
    } while (lane->block > 0 || lane->coef > 0);
    return true;
}

/*
 * Advance the trusted lane until it begins an MCU that the guessing lane has logged too,
 * and adopt that lane's state. If they do not meet, the trusted lane ends up past the
 * guess's log.
 *
 * @param logged  index of the last entry in the guess's log
 * @return false: the stream is damaged
 */
static bool meet(const struct proof *proof, struct lc_jpeg_lane *lane,
                 const struct lc_jpeg_lane *guess, uint32_t logged)
{
    uint32_t i = guess->valid;

    if (i > logged)
        return true;
    if ((lane->block > 0 || lane->coef > 0) && !next_mcu(proof, lane))
        return false;
    while (lane->at <= guess->log[logged]) {
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

/* Decode the rest of the stream, and check that it ends with its last MCU. */
static bool decode_rest(const struct proof *proof, struct lc_jpeg_lane *lane,
                        uint64_t mcus)
{
    while (lane->mcus < mcus) {
        if (!step(proof, lane))
            return false;
    }
    return lane->mcus == mcus && lane->block == 0 && lane->coef == 0 &&
           proof->end - lane->at < 8;
}

static uint64_t stop_before(uint64_t end)
{
    return end > LC_JPEG_TURN_BITS ? end - LC_JPEG_TURN_BITS : 0;
}

/* Prove a long stream, cut into one part per lane. */
static bool prove_cut(const struct proof *proof, const struct lc_jpeg_stream *stream,
                      struct lc_jpeg_logs *logs)
{
    struct lc_jpeg_lane lanes[LC_JPEG_LANES];
    uint32_t logged[LC_JPEG_LANES];
    size_t part = (stream->end - stream->begin) / LC_JPEG_LANES;
    size_t i;

    for (i = 0; i < LC_JPEG_LANES; i++) {
        uint64_t begin = (stream->begin + i * part) * 8;
        uint64_t stop = i + 1 < LC_JPEG_LANES ? begin + part * 8 : proof->end;

        lanes[i] = lane_at(begin, stop_before(stop), logs->begins[i]);
    }
    best(proof->mcu, proof->bytes, lanes, LC_JPEG_LOG);
    for (i = 0; i < LC_JPEG_LANES; i++)
        logged[i] = lanes[i].mcus;
    best(proof->mcu, proof->bytes, lanes, 0);
    for (i = 1; i < LC_JPEG_LANES; i++) {
        if (lanes[0].valid > 0 || !meet(proof, &lanes[0], &lanes[i], logged[i]))
            return false;
        lanes[0].valid = 0;
    }
    return decode_rest(proof, &lanes[0], stream->mcus);
}

/* Prove short streams, one per lane. */
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
        sound = lanes[i].valid == 0 && decode_rest(proof, &lanes[i], streams[i].mcus);
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
 * Find out why a lane's next lookup yields no symbol or reads past the end: decode symbol
 * by symbol up to the faulty one. A lookup never leaves its block, so the pair stays the
 * same.
 */
static enum lc_jpeg_fault find_fault(const struct proof *proof, struct lc_jpeg_lane lane)
{
    const struct lc_jpeg_pair *pair = proof->mcu->pairs[lane.block];

    for (;;) {
        uint64_t bits = lc_jpeg_bits_at(proof->bytes, lane.at);
        bool is_ac = lane.coef > 0;
        struct lc_jpeg_symbol symbol =
            lc_jpeg_code_decode(is_ac ? &pair->ac : &pair->dc, bits);
        uint32_t entry = lc_jpeg_pair_decode_one(pair, lane.coef, bits);

        if (symbol.length == 0)
            return lane.at + LC_JPEG_LONGEST > proof->end ? LC_JPEG_ENDS_EARLY
                                                          : LC_JPEG_BAD_CODE;
        lane.at += symbol.length + (is_ac ? symbol.value & 15u : symbol.value);
        if (lane.at > proof->end)
            return LC_JPEG_ENDS_EARLY;
        if (entry == LC_JPEG_NONE) /* would it be valid as the block's first AC symbol? */
            return lc_jpeg_pair_decode_one(pair, 1, bits) == LC_JPEG_NONE
                       ? LC_JPEG_BAD_CODE
                       : LC_JPEG_TOO_MANY;
        lane.coef += lc_jpeg_advance(entry);
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

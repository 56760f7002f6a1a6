/* lanes_kernel.h - the lanes' inner loop, compiled once per instruction set: LC_ISA
 *
 * Each turn does one lookup per lane. A lane's next table address depends on the entry
 * that it has just loaded, so one lane alone would wait for its load; four independent
 * chains keep the load ports busy. The state of a lane advances by arithmetic instead of
 * branches, because ends of blocks are unpredictable. Only faults, codes longer than the
 * window and windows that reach into the next block branch.
 */
#ifndef LC_IMAGE_JPEG_LANES_KERNEL_H
#define LC_IMAGE_JPEG_LANES_KERNEL_H

#include "image/jpeg/bits.h"
#include "image/jpeg/lanes.h"

lc_jpeg_lanes_fn LC_ISA_NAME(lc_jpeg_lanes);

static const uint16_t *table_of(const struct lc_jpeg_mcu *mcu,
                                const struct lc_jpeg_lane *lane)
{
    return mcu->pairs[lane->block]->table + (lane->coef > 0 ? LC_JPEG_ENTRIES : 0);
}

/* No MCU can be decoded here: restart one bit further on as if an MCU began there. If the
 * fault comes after the lane's log has ended, the lane is useless: UINT32_MAX is past any
 * log. */
static inline void restart_after_fault(struct lc_jpeg_lane *lane, bool logging)
{
    lane->at++;
    lane->coef = 0;
    lane->block = 0;
    lane->mcus++;
    lane->valid = logging ? lane->mcus : UINT32_MAX;
    if (logging)
        lane->log[lane->mcus] = lane->at;
}

/* Do one lookup of a lane. table: used for this lookup; set to the one for the next. */
static inline __attribute__((always_inline)) void
step(const struct lc_jpeg_mcu *mcu, const uint8_t *bytes, struct lc_jpeg_lane *lane,
     const uint16_t **table, bool logging)
{
    uint64_t bits = lc_jpeg_bits_at(bytes, lane->at);
    uint32_t entry = (*table)[bits >> (64 - LC_JPEG_WINDOW)];
    uint32_t coef = lane->coef + lc_jpeg_advance(entry);
    uint32_t done;
    uint32_t block;

    if (__builtin_expect(coef > LC_JPEG_BLOCK, 0)) {
        entry = lc_jpeg_pair_decode_one(mcu->pairs[lane->block], lane->coef, bits);
        coef = lane->coef + lc_jpeg_advance(entry);
        if (entry == LC_JPEG_NONE) {
            restart_after_fault(lane, logging);
            *table = table_of(mcu, lane);
            return;
        }
    }
    lane->at += entry & LC_JPEG_BITS;
    done = entry >> LC_JPEG_END_AT | coef >> 6; /* EOB, or the 64th coefficient */
    block = lane->block + done;
    block = block == mcu->blocks ? 0 : block;
    if (logging) /* stored at every lookup; the last store before mcus grows is final */
        lane->log[lane->mcus + 1] = lane->at;
    lane->mcus += done & (block == 0);
    lane->block = block;
    lane->coef = done ? 0 : coef;
    *table = mcu->pairs[block]->table + (size_t)(done ^ 1) * LC_JPEG_ENTRIES;
}

static inline __attribute__((always_inline)) void run(const struct lc_jpeg_mcu *mcu,
                                                      const uint8_t *bytes,
                                                      struct lc_jpeg_lane *lanes,
                                                      uint32_t lookups, bool logging)
{
    struct lc_jpeg_lane a = lanes[0];
    struct lc_jpeg_lane b = lanes[1];
    struct lc_jpeg_lane c = lanes[2];
    struct lc_jpeg_lane d = lanes[3];
    const uint16_t *table_a = table_of(mcu, &a);
    const uint16_t *table_b = table_of(mcu, &b);
    const uint16_t *table_c = table_of(mcu, &c);
    const uint16_t *table_d = table_of(mcu, &d);
    uint32_t done = 0;
    int i;

    while (a.at < a.stop && b.at < b.stop && c.at < c.stop && d.at < d.stop) {
        for (i = 0; i < LC_JPEG_TURN; i++) {
            step(mcu, bytes, &a, &table_a, logging);
            step(mcu, bytes, &b, &table_b, logging);
            step(mcu, bytes, &c, &table_c, logging);
            step(mcu, bytes, &d, &table_d, logging);
        }
        done += LC_JPEG_TURN;
        if (logging && done >= lookups)
            break;
    }
    lanes[0] = a;
    lanes[1] = b;
    lanes[2] = c;
    lanes[3] = d;
}

void LC_ISA_NAME(lc_jpeg_lanes)(const struct lc_jpeg_mcu *mcu, const uint8_t *bytes,
                                struct lc_jpeg_lane *lanes, uint32_t lookups)
{
    if (lookups > 0)
        run(mcu, bytes, lanes, lookups, true);
    else
        run(mcu, bytes, lanes, 0, false);
}

#endif

/* lanes_kernel.h - the lanes' loop, compiled once for each instruction set: LC_ISA
 *
 * One look-up of each lane in turn, without branches but for what is rare: while one
 * waits for its table, the others work.
 */
#ifndef LC_IMAGE_JPEG_LANES_KERNEL_H
#define LC_IMAGE_JPEG_LANES_KERNEL_H

#include "image/jpeg/bits.h"
#include "image/jpeg/lanes.h"

lc_jpeg_lanes_fn LC_ISA_NAME(lc_jpeg_lanes);

static const uint16_t *table_of(const struct lc_jpeg_mcu *mcu,
                                const struct lc_jpeg_lane *lane)
{
    return mcu->pairs[lane->block]->table + (lane->taken > 0 ? LC_JPEG_ENTRIES : 0);
}

/* What stands here is no MCU's: begin anew one bit further, as if an MCU began there. */
static inline void fault(struct lc_jpeg_lane *lane, bool logging)
{
    lane->at++;
    lane->taken = 0;
    lane->block = 0;
    lane->mcus++;
    lane->valid = logging ? lane->mcus : UINT32_MAX;
    if (logging)
        lane->log[lane->mcus] = lane->at;
}

/* One look-up. table: where the lane's next one looks. */
static inline __attribute__((always_inline)) void
step(const struct lc_jpeg_mcu *mcu, const uint8_t *bytes, struct lc_jpeg_lane *lane,
     const uint16_t **table, bool logging)
{
    uint64_t bits = lc_jpeg_bits_at(bytes, lane->at);
    uint32_t entry = (*table)[bits >> (64 - LC_JPEG_WINDOW)];
    uint32_t taken = lane->taken + lc_jpeg_advance(entry);
    uint32_t done;
    uint32_t block;

    if (__builtin_expect(taken > LC_JPEG_BLOCK, 0)) {
        entry = lc_jpeg_pair_read(mcu->pairs[lane->block], lane->taken, bits);
        taken = lane->taken + lc_jpeg_advance(entry);
        if (entry == LC_JPEG_NONE) {
            fault(lane, logging);
            *table = table_of(mcu, lane);
            return;
        }
    }
    lane->at += entry & LC_JPEG_BITS;
    done = entry >> LC_JPEG_END_AT | taken >> 6;
    block = lane->block + done;
    block = block == mcu->blocks ? 0 : block;
    if (logging)
        lane->log[lane->mcus + 1] = lane->at;
    lane->mcus += done & (block == 0);
    lane->block = block;
    lane->taken = done ? 0 : taken;
    *table = mcu->pairs[block]->table + (size_t)(done ^ 1) * LC_JPEG_ENTRIES;
}

static inline __attribute__((always_inline)) void run(const struct lc_jpeg_mcu *mcu,
                                                      const uint8_t *bytes,
                                                      struct lc_jpeg_lane *lanes,
                                                      uint32_t look_ups, bool logging)
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
        if (logging && done >= look_ups)
            break;
    }
    lanes[0] = a;
    lanes[1] = b;
    lanes[2] = c;
    lanes[3] = d;
}

void LC_ISA_NAME(lc_jpeg_lanes)(const struct lc_jpeg_mcu *mcu, const uint8_t *bytes,
                                struct lc_jpeg_lane *lanes, uint32_t look_ups)
{
    if (look_ups > 0)
        run(mcu, bytes, lanes, look_ups, true);
    else
        run(mcu, bytes, lanes, 0, false);
}

#endif

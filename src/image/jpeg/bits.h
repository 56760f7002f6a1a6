/* bits.h - bits out of a scan whose stuffing is removed */
#ifndef LC_IMAGE_JPEG_BITS_H
#define LC_IMAGE_JPEG_BITS_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/**
 * The 57 bits or more that begin at a bit, as the highest of the result.
 *
 * @param bytes  8 bytes from that of the bit on are read
 */
static inline uint64_t lc_jpeg_bits_at(const uint8_t *bytes, uint64_t at)
{
    uint64_t bits;

    memcpy(&bits, bytes + (at >> 3), sizeof(bits));
    return be64toh(bits) << (at & 7);
}

/**
 * A number as ITU-T T.81 F.2.2.1 stores it: so many bits, the first 0 for the negative.
 *
 * @param bits  the number's are the highest
 * @param size  0 to 16
 */
static inline int32_t lc_jpeg_extend(uint64_t bits, unsigned size)
{
    int32_t value = size > 0 ? (int32_t)(bits >> (64 - size)) : 0;
    bool negative = size > 0 && value < (int32_t)1 << (size - 1);

    return negative ? value - ((int32_t)1 << size) + 1 : value;
}

#endif

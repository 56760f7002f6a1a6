/* bits.h - reads bits of an unstuffed scan */
#ifndef LC_IMAGE_JPEG_BITS_H
#define LC_IMAGE_JPEG_BITS_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/**
 * The bits from position `at` on, left-aligned; at least 57 are valid.
 *
 * @param bytes  8 bytes are read, starting with the one that holds the first bit
 */
static inline uint64_t lc_jpeg_bits_at(const uint8_t *bytes, uint64_t at)
{
    uint64_t bits;

    memcpy(&bits, bytes + (at >> 3), sizeof(bits));
    return be64toh(bits) << (at & 7);
}

/**
 * Decode the extra bits of a coefficient, ITU-T T.81 F.2.2.1: EXTEND. A leading 0 bit
 * marks a negative number.
 *
 * @param bits  the number, left-aligned
 * @param size  0 to 16
 */
static inline int32_t lc_jpeg_extend(uint64_t bits, unsigned size)
{
    int32_t value = size > 0 ? (int32_t)(bits >> (64 - size)) : 0;
    bool negative = size > 0 && value < (int32_t)1 << (size - 1);

    return negative ? value - ((int32_t)1 << size) + 1 : value;
}

#endif

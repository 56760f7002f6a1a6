/* jpeg_bits.h - bits out of a scan whose stuffing is removed */
#ifndef LC_IMAGE_JPEG_BITS_H
#define LC_IMAGE_JPEG_BITS_H

#include <endian.h>
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

#endif

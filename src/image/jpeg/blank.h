/* blank.h - whether a JPEG can be a picture of one colour, told by its DC terms */
#ifndef LC_IMAGE_JPEG_BLANK_H
#define LC_IMAGE_JPEG_BLANK_H

#include "image/jpeg/frame.h"
#include "image/jpeg/lanes.h"

/** What the DC terms of the first component say so far. */
struct lc_jpeg_blank {
    bool varied;  /* two blocks differ, by more than rounding could hide: not blank */
    bool uniform; /* all of the picture was read: each block is like the first */
    int32_t low;  /* the least and greatest mean of a block so far, in eighths of a */
    int32_t high; /* level; of blocks that are neither black nor white */
    bool any;
};

/**
 * Look at one block's DC term.
 *
 * @param value  the term, not dequantized
 * @param step   of the quantization table
 * @param low    bits that are still to come (progressive)
 */
void lc_jpeg_blank_look(struct lc_jpeg_blank *blank, int32_t value, uint32_t step,
                        unsigned low);

/**
 * Read a stretch of a sequential scan, which is proven to be sound, until two blocks of
 * the first component differ: on all but blank pictures that is soon.
 *
 * @param step   how coarse the first component's DC is: of its quantization table
 * @param whole  the stretch is all of the picture
 */
void lc_jpeg_blank_read(struct lc_jpeg_blank *blank, const struct lc_jpeg_mcu *mcu,
                        const uint8_t *bytes, const struct lc_jpeg_stream *stream,
                        uint32_t step, bool whole);

#endif

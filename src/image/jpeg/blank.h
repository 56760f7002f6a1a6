/* blank.h - use the DC terms to see whether a JPEG can be a picture of one colour */
#ifndef LC_IMAGE_JPEG_BLANK_H
#define LC_IMAGE_JPEG_BLANK_H

#include "image/jpeg/frame.h"
#include "image/jpeg/lanes.h"

/** State of the check; initially zeroed. If neither varied nor uniform is set at the end,
 * only the decoder can decide. */
struct lc_jpeg_blank {
    bool varied;   /* two blocks differ by more than rounding could hide: not blank */
    bool uniform;  /* the whole picture was read, and every block equals the first */
    bool has_mean; /* low and high are set */
    int32_t low;   /* least and greatest mean of the blocks so far, in 1/8 levels, */
    int32_t high;  /* not counting blocks that are black or white */
};

/**
 * Add one block of the first component.
 *
 * @param value  its DC term, not dequantised
 * @param step   the quantisation step of DC
 * @param low    low-order bits that later scans add (progressive)
 */
void lc_jpeg_blank_add_block(struct lc_jpeg_blank *blank, int32_t value, uint32_t step,
                             unsigned low);

/**
 * Add a restart interval of a sequential scan that has been proven sound. Stop at the
 * first two blocks of the first component that differ, which come early unless the
 * picture is blank.
 *
 * @param step   the quantisation step of the first component's DC
 * @param whole  the interval is the whole picture
 */
void lc_jpeg_blank_add_stream(struct lc_jpeg_blank *blank, const struct lc_jpeg_mcu *mcu,
                              const uint8_t *bytes, const struct lc_jpeg_stream *stream,
                              uint32_t step, bool whole);

#endif

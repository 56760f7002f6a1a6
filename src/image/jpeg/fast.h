/* fast.h - proves that a JPEG is sound, or damaged, without decoding its pixels */
#ifndef LC_IMAGE_JPEG_FAST_H
#define LC_IMAGE_JPEG_FAST_H

#include "base/error.h"
#include "image/common/facts.h"
#include "image/jpeg/damage.h"

struct lc_jpeg_prover; /* tables and buffers that one thread uses again and again */

/** What the prover found. */
enum lc_jpeg_proof {
    LC_JPEG_UNREAD,   /* the decoder alone can tell: it could not be read to its end */
    LC_JPEG_DOUBTFUL, /* read to its end, no damage; the decoder may have more to say */
    LC_JPEG_DAMAGED,  /* it holds what no encoder writes: the decoder makes pixels up,
                         often in silence, where it does not refuse the file */
    LC_JPEG_CLEAN,    /* libjpeg decodes it and has nothing to say */
};

/**
 * Make a prover.
 *
 * Owner:   the caller, until lc_jpeg_prover_free.
 * Errors:  LC_ERR_MEMORY.
 * Threads: one prover per thread.
 */
LC_MUST_CHECK enum lc_status lc_jpeg_prover_new(struct lc_jpeg_prover **out,
                                                struct lc_error *err);
void lc_jpeg_prover_free(struct lc_jpeg_prover *prover);

/** Give back what it has grown to; it grows again. */
void lc_jpeg_prover_trim(struct lc_jpeg_prover *prover);

/**
 * Try to prove that libjpeg-turbo decodes a file to its last pixel without a warning, or
 * that it is damaged.
 *
 * The markers are walked, the stuffing of each scan is removed, and its Huffman codes are
 * read, block by block, to the marker behind it; no coefficient is kept.
 *
 * @param data    a file that lc_jpeg_header_read accepts
 * @param info    width and height as lc_jpeg_header_read set them; when the file is
 * clean, trailing and blank are set, else doubt
 * @param proof   set on success
 * @param damage  set when the file is damaged
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: one prover per thread.
 * Source:  ITU-T T.81; what libjpeg-turbo 2.1 warns about: jdmarker.c, jdhuff.c,
 *          jdphuff.c, jdapimin.c.
 */
LC_MUST_CHECK enum lc_status
lc_jpeg_prove(struct lc_jpeg_prover *prover, const uint8_t *data, size_t size,
              struct lc_image_info *info, enum lc_jpeg_proof *proof,
              struct lc_jpeg_damage *damage, struct lc_error *err);

#endif

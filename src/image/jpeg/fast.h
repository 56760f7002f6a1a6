/* fast.h - proves that a JPEG is sound, or damaged, without decoding its pixels */
#ifndef LC_IMAGE_JPEG_FAST_H
#define LC_IMAGE_JPEG_FAST_H

#include "base/error.h"
#include "image/common/facts.h"
#include "image/jpeg/damage.h"

struct lc_jpeg_prover; /* tables and buffers that a thread reuses */

/** Result of a proof. */
enum lc_jpeg_proof {
    LC_JPEG_UNPARSED,  /* cannot be parsed to its end: only the decoder can judge it */
    LC_JPEG_UNDECIDED, /* parsed to its end without damage, but the decoder may warn */
    LC_JPEG_DAMAGED,   /* contains data that no encoder writes: if the decoder does not
                          refuse it, it makes up pixels, often without a warning */
    LC_JPEG_CLEAN,     /* libjpeg decodes it without a warning */
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

/** Free the buffers that have grown for large images. */
void lc_jpeg_prover_trim(struct lc_jpeg_prover *prover);

/**
 * Try to prove that libjpeg-turbo decodes a file to its last pixel without a warning, or
 * that the file is damaged. fast.c explains how, and why the proof is sound.
 *
 * @param data    a file that lc_jpeg_header_read accepts
 * @param info    width and height as lc_jpeg_header_read set them; trailing and blank are
 *                set if the file is clean, fallback_reason if it is not
 * @param proof   set on success
 * @param damage  set if the file is damaged
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: one prover per thread.
 * Source:  ITU-T T.81; jdmarker.c, jdhuff.c, jdphuff.c and jdapimin.c of libjpeg-turbo
 *          2.1 for its warnings.
 */
LC_MUST_CHECK enum lc_status
lc_jpeg_prove(struct lc_jpeg_prover *prover, const uint8_t *data, size_t size,
              struct lc_image_info *info, enum lc_jpeg_proof *proof,
              struct lc_jpeg_damage *damage, struct lc_error *err);

#endif

/* fuzz_image.c - what must hold of any bytes that src/image is given
 *
 * With libFuzzer one program for each format (LC_FUZZ_FORMAT, of the table in
 * CMakeLists.txt), and one for the proof of a JPEG alone (LC_FUZZ_PROOF); with replay.c
 * one for all, on files. Nothing may crash, hang or read
 * beyond; the proofs of soundness and the decoders must say the same; and a JPEG that is
 * called clean must be decoded by libjpeg-turbo, at full size and without this project's
 * code, in silence.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../diff/silence.h"
#include "image/image.h"
#include "image/jpeg_fast.h"
#include "image/jpeg_header.h"

#ifndef LC_FUZZ_FORMAT
#define LC_FUZZ_FORMAT "" /* any */
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Pictures of more pixels cost time, and are like small ones. */
enum { MAX_PIXELS = 2000000, MAX_SCANS = 60 };

static void fail(const char *why)
{
    fprintf(stderr, "fuzz_image: %s\n", why);
    abort();
}

static bool same_facts(const struct lc_image_info *a, const struct lc_image_info *b)
{
    return a->decode == b->decode && a->width == b->width && a->height == b->height &&
           a->rows_decoded == b->rows_decoded && a->warnings == b->warnings &&
           a->frames == b->frames && a->trailing == b->trailing &&
           a->orientation == b->orientation && a->depth == b->depth &&
           a->blank == b->blank && a->limited == b->limited &&
           a->metadata_too_large == b->metadata_too_large &&
           strcmp(a->mode, b->mode) == 0 && strcmp(a->detail, b->detail) == 0;
}

static void check(struct lc_image_scratch *scratch, const uint8_t *data, size_t size)
{
    struct lc_image_limits limits = lc_image_limits_default;
    struct lc_image_info fast;
    struct lc_image_info slow;

    limits.max_pixels = MAX_PIXELS;
    limits.max_scans = MAX_SCANS;
    if (lc_image_inspect(scratch, data, size, &limits, &fast, NULL) != LC_OK)
        fail("an error that is not about the bytes");
    limits.no_shortcuts = true;
    if (lc_image_inspect(scratch, data, size, &limits, &slow, NULL) != LC_OK)
        fail("an error that is not about the bytes");
    if (slow.limited)
        return;
    if (!same_facts(&fast, &slow))
        fail("a proof and the decoder disagree");
    if (fast.content == LC_CONTENT_JPEG && fast.decode == LC_DECODE_OK &&
        !is_silent(data, size))
        fail("called clean, and libjpeg-turbo is not silent");
}

#ifdef LC_FUZZ_PROOF
/* The proof without the decoder: what it calls clean, libjpeg decodes in silence. */
static void check_proof(const uint8_t *data, size_t size)
{
    static struct lc_jpeg_prover *prover;
    struct lc_image_info info = {0};
    enum lc_jpeg_proof proof;

    if (!prover && lc_jpeg_prover_new(&prover, NULL) != LC_OK)
        return;
    if (size < 3 || !lc_jpeg_header_read(data, size, &info) ||
        (uint64_t)info.width * info.height > MAX_PIXELS)
        return;
    if (lc_jpeg_prove(prover, data, size, &info, &proof, NULL) != LC_OK)
        fail("an error that is not about the bytes");
    if (proof == LC_JPEG_CLEAN && !is_silent(data, size))
        fail("called clean, and libjpeg-turbo is not silent");
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct lc_image_scratch *scratch;
    const char *format;

    if (!scratch && lc_image_scratch_new(&scratch, NULL) != LC_OK)
        return 0;
    lc_image_sniff(data, size, &format);
#ifdef LC_FUZZ_PROOF
    if (strcmp(format, "jpeg") == 0)
        check_proof(data, size);
    return 0;
#endif
    if (LC_FUZZ_FORMAT[0] == '\0' || strcmp(format, LC_FUZZ_FORMAT) == 0)
        check(scratch, data, size);
    return 0;
}

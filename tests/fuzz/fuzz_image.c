/* fuzz_image.c - what must be true for any bytes given to src/image
 *
 * There is a target for each format, one for any, and one only for the proof of a JPEG.
 * Nothing may crash, hang or read out of bounds; proofs of soundness and decoders must
 * agree; and libjpeg-turbo, without this project's code, must decode a JPEG that is
 * called clean at full size without warnings.
 */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../diff/silence.h"
#include "image/image.h"
#include "image/sniff.h"
#include "image/jpeg/fast.h"
#include "image/jpeg/header.h"

/* Larger pictures take time, but behave like small ones. */
enum { MAX_PIXELS = 2000000, MAX_SCANS = 60 };

static bool same_facts(const struct lc_image_info *a, const struct lc_image_info *b)
{
    return a->decode == b->decode && a->width == b->width && a->height == b->height &&
           a->rows_decoded == b->rows_decoded && a->warnings == b->warnings &&
           a->frames == b->frames && a->trailing == b->trailing &&
           a->orientation == b->orientation && a->depth == b->depth &&
           a->blank == b->blank && a->transparent == b->transparent &&
           a->lenient == b->lenient && a->limited == b->limited &&
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
    must(lc_image_inspect(scratch, data, size, &limits, &fast, NULL) == LC_OK);
    limits.no_shortcuts = true;
    must(lc_image_inspect(scratch, data, size, &limits, &slow, NULL) == LC_OK);
    if (slow.limited)
        return;
    must(same_facts(&fast, &slow));
    if (fast.content == LC_CONTENT_JPEG && fast.decode == LC_DECODE_OK)
        must(is_silent(data, size));
}

static bool is_of(const char *wanted, const uint8_t *data, size_t size)
{
    const char *format;

    lc_image_sniff(data, size, &format);
    return strcmp(format, wanted) == 0;
}

/* The description of damage is complete: a scan, an MCU in it, on one line. */
static void check_damage(const struct lc_jpeg_damage *damage)
{
    char text[LC_JPEG_DAMAGE_TEXT];

    lc_jpeg_damage_describe(damage, text);
    must(text[0] != '\0' && strlen(text) < LC_JPEG_DAMAGE_TEXT - 1);
    must(damage->begin <= damage->mcu && damage->mcu <= damage->mcus);
}

/* The proof without the decoder: libjpeg decodes what it calls clean without warnings. */
void lc_fuzz_jpeg_proof(const uint8_t *data, size_t size)
{
    static struct lc_jpeg_prover *prover;
    struct lc_image_info info = {0};
    struct lc_jpeg_damage damage;
    enum lc_jpeg_proof proof;

    if (!prover && lc_jpeg_prover_new(&prover, NULL) != LC_OK)
        return;
    if (!is_of("jpeg", data, size) || size < 3 ||
        !lc_jpeg_header_read(data, size, &info) ||
        (uint64_t)info.width * info.height > MAX_PIXELS)
        return;
    must(lc_jpeg_prove(prover, data, size, &info, &proof, &damage, NULL) == LC_OK);
    if (proof == LC_JPEG_CLEAN)
        must(is_silent(data, size));
    if (proof == LC_JPEG_DAMAGED)
        check_damage(&damage);
}

static void check_format(const char *format, const uint8_t *data, size_t size)
{
    static struct lc_image_scratch *scratch;

    if (!scratch && lc_image_scratch_new(&scratch, NULL) != LC_OK)
        return;
    if (!format || is_of(format, data, size))
        check(scratch, data, size);
}

/* Any format, even those that are only recognised by their first bytes. */
void lc_fuzz_image(const uint8_t *data, size_t size)
{
    check_format(NULL, data, size);
}

#define FORMAT(name)                                                                     \
    void lc_fuzz_##name(const uint8_t *data, size_t size)                                \
    {                                                                                    \
        check_format(#name, data, size);                                                 \
    }

FORMAT(jpeg)
FORMAT(png)
FORMAT(webp)
FORMAT(gif)
FORMAT(bmp)
FORMAT(dib)
FORMAT(tiff)
FORMAT(msp)
FORMAT(pcx)
FORMAT(pnm)
FORMAT(qoi)
FORMAT(sgi)
FORMAT(tga)

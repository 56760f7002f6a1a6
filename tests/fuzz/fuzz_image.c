/* fuzz_image.c - what must hold of any bytes that src/image is given
 *
 * A target for each format, one for any, and one for the proof of a JPEG alone. Nothing
 * may crash, hang or read beyond; the proofs of soundness and the decoders must say the
 * same; and a JPEG that is called clean must be decoded by libjpeg-turbo, at full size
 * and without this project's code, in silence.
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

/* Pictures of more pixels cost time, and are like small ones. */
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

/* What it says of damage is whole: a scan, an MCU of it, one line. */
static void check_damage(const struct lc_jpeg_damage *damage)
{
    char text[LC_JPEG_DAMAGE_TEXT];

    lc_jpeg_damage_describe(damage, text);
    must(text[0] != '\0' && strlen(text) < LC_JPEG_DAMAGE_TEXT - 1);
    must(damage->begin <= damage->mcu && damage->mcu <= damage->mcus);
}

/* The proof without the decoder: what it calls clean, libjpeg decodes in silence. */
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

/* Whatever it is: also what only the first bytes distinguish. */
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

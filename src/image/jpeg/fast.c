/*
 * Proof that a JPEG is sound without decoding its pixels.
 *
 * Idea: nearly all files are sound, and all we want to know is that libjpeg-turbo would
 * decode them without a warning. Its warnings and errors depend on the markers and on
 * where the Huffman codes begin and end, not on pixel values. So the proof parses the
 * markers (frame.c), removes the byte stuffing of each scan (stream.c) and follows the
 * Huffman codes (lanes.c for sequential scans, progressive.c for others). There is no
 * dequantisation, inverse DCT, upsampling or colour conversion, and a lookup can consume
 * several symbols at once because their values do not matter.
 *
 * Why a clean proof implies silence: libjpeg-turbo 2.1 warns or fails only
 *
 *   - at a marker segment that is malformed, unsupported, out of place or has an unusual
 *     parameter (jdmarker.c: JERR_*, JWRN_ADOBE_XFORM, JWRN_JFIF_MAJOR,
 *     JWRN_EXTRANEOUS_DATA, JWRN_MUST_RESYNC): the marker walk accepts exactly the
 *     segments that it reads in silence and gives up, or asks for the decoder, at others;
 *   - at a Huffman table it cannot use (JERR_BAD_HUFF_TABLE): lc_jpeg_code_init applies
 *     the same checks;
 *   - at an unassigned code (JWRN_HUFF_BAD_CODE) or where a marker or the end of the file
 *     comes before the last MCU (JWRN_HIT_MARKER, JWRN_JPEG_EOF): every symbol of every
 *     block has been decoded, inside its restart interval;
 *   - at bytes left between the last MCU and the next marker (JWRN_EXTRANEOUS_DATA):
 *     fewer than 8 bits remain there, apart from a byte of padding at the end of a scan;
 *   - at a progression out of order (JWRN_BOGUS_PROGRESSION): progressive.c keeps the
 *     precision of each coefficient as libjpeg does;
 *   - at a limit: pixels, memory, scans, a DC sum that overflows. Files that could reach
 *     one are left to the decoder.
 *
 * The proof is stricter than libjpeg, which is silent about some unassigned codes (while
 * plenty of input is buffered), about coefficients past the 64th, and about runs past the
 * last block. No encoder writes these, so they are reported as damage.
 *
 * There are two ways out. A fallback reason (lc_jpeg_fall_back) means "the decoder may
 * warn here": parsing goes on, since real damage may still follow. Giving up
 * (lc_jpeg_give_up) means that the data from here on cannot be parsed. Either way the
 * verdict comes from libjpeg itself (jpeg.c). So too much caution only costs time, while
 * a case missing from this list would be a false "ok": the differential tests compare the
 * proof with libjpeg on mutated files.
 *
 * Cost: one pass over the compressed bytes; memory for one copy of the file, and for
 * progressive files 8 bytes per block.
 */
#include "image/jpeg/fast.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "image/common/decoder.h"
#include "image/jpeg/prover.h"

/* Larger files are left to the decoder, which needs no copy of them. */
enum { MAX_SIZE = 256 << 20 };

/* Pictures with more scans are left to the decoder, which stops at max_scans. */
enum { MANY_SCANS = 100, MAX_SCANS = 500 };

enum lc_status lc_jpeg_prover_new(struct lc_jpeg_prover **out, struct lc_error *err)
{
    *out = calloc(1, sizeof(**out));
    return *out ? LC_OK : lc_fail_memory(err);
}

void lc_jpeg_prover_trim(struct lc_jpeg_prover *prover)
{
    lc_jpeg_buffer_free(&prover->buffer);
    free(prover->masks);
    prover->masks = NULL;
    prover->mask_capacity = 0;
}

void lc_jpeg_prover_free(struct lc_jpeg_prover *prover)
{
    if (!prover)
        return;
    lc_jpeg_prover_trim(prover);
    free(prover);
}

/* Whether every component has been coded; of a progressive one, the DC terms suffice. */
static bool check_all_coded(struct lc_jpeg_walk *walk)
{
    const struct lc_jpeg_frame *frame = &walk->frame;
    unsigned i;

    for (i = 0; i < frame->count; i++) {
        const struct lc_jpeg_component *c = &frame->components[i];
        struct lc_jpeg_damage damage = {.fault = LC_JPEG_NOT_CODED, .component = i + 1};

        if (frame->progressive ? c->precision[0] < 0 : !c->coded)
            return lc_jpeg_set_damage(walk, &damage);
    }
    return frame->count > 0 || lc_jpeg_give_up(walk, "no frame");
}

static bool prove_scan(struct lc_jpeg_prover *prover, struct lc_jpeg_walk *walk,
                       const struct lc_jpeg_scan *scan)
{
    if (walk->scans > MAX_SCANS)
        return lc_jpeg_give_up(walk, "very many scans");
    if (walk->scans > MANY_SCANS)
        lc_jpeg_fall_back(walk, "very many scans");
    if (walk->frame.progressive)
        return lc_jpeg_prove_progressive(prover, walk, scan);
    return lc_jpeg_prove_sequential(prover, walk, scan);
}

/* Parse all scans up to EOI; false: the walk has stopped. */
static bool prove_picture(struct lc_jpeg_prover *prover, struct lc_jpeg_walk *walk)
{
    struct lc_jpeg_scan scan;
    bool ends = false;

    prover->blank = (struct lc_jpeg_blank){0};
    for (;;) {
        if (!lc_jpeg_walk_next(walk, &scan, &ends))
            return false;
        if (ends)
            return check_all_coded(walk);
        if (!prove_scan(prover, walk, &scan))
            return false;
    }
}

static enum lc_jpeg_proof prove(struct lc_jpeg_prover *prover, struct lc_jpeg_walk *walk,
                                const struct lc_image_info *info)
{
    if (!prove_picture(prover, walk))
        return walk->damage.fault != LC_JPEG_INTACT ? LC_JPEG_DAMAGED : LC_JPEG_UNPARSED;
    if (!prover->blank.varied && !prover->blank.uniform)
        lc_jpeg_fall_back(walk, "nearly of one colour");
    if (walk->fallback_reason)
        return LC_JPEG_UNDECIDED;
    /* both walks have read the same frame: it must precede the first scan */
    assert(walk->frame.width == info->width && walk->frame.height == info->height);
    return LC_JPEG_CLEAN;
}

enum lc_status lc_jpeg_prove(struct lc_jpeg_prover *prover, const uint8_t *data,
                             size_t size, struct lc_image_info *info,
                             enum lc_jpeg_proof *proof, struct lc_jpeg_damage *damage,
                             struct lc_error *err)
{
    struct lc_jpeg_walk walk = {.data = data, .size = size, .at = 2};
    enum lc_status status;

    *proof = LC_JPEG_UNPARSED;
    if (size > MAX_SIZE) {
        info->fallback_reason = "a very large file";
        return LC_OK;
    }
    status = lc_jpeg_buffer_reserve(&prover->buffer, size, err);
    if (status != LC_OK)
        return status;
    *proof = prove(prover, &walk, info);
    *damage = walk.damage;
    if (*proof != LC_JPEG_CLEAN) {
        info->fallback_reason = walk.fallback_reason;
        return LC_OK;
    }
    info->trailing = info->frames == 1 ? size - walk.at : 0;
    info->blank = !prover->blank.varied;
    return LC_OK;
}

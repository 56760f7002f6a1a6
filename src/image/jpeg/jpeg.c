#include "image/jpeg/jpeg.h"

#include "image/common/decoder.h"

#include "image/jpeg/decode.h"
#include "image/jpeg/fast.h"
#include "image/jpeg/header.h"

/* If the picture seems clean, decode it again, fed in another way: a warning then proves
 * it damaged. */
static enum lc_status find_warnings(struct lc_image_scratch *scratch, const uint8_t *data,
                                    size_t size, const struct lc_image_limits *limits,
                                    const struct lc_image_info *before,
                                    enum lc_jpeg_pass pass, struct lc_image_info *out,
                                    struct lc_error *err)
{
    struct lc_image_info again = *before;
    enum lc_status status;

    if (out->decode != LC_DECODE_OK)
        return LC_OK;
    status = lc_jpeg_decode(scratch, data, size, limits, pass, &again, err);
    if (status == LC_OK && again.warnings > 0) {
        *out = again;
        out->decode = LC_DECODE_DAMAGED;
        out->blank = false;
    }
    return status;
}

/*
 * Decode with libjpeg, as Pillow does, so that the verdict is Pillow's. If the picture
 * seems clean, decode it again with all bytes fed at once: at the end of a block libjpeg
 * may have skipped extraneous bytes without a warning. If the picture may be blank,
 * decode it again at full size.
 */
static enum lc_status decode(struct lc_image_scratch *scratch, const uint8_t *data,
                             size_t size, const struct lc_image_limits *limits,
                             struct lc_image_info *out, struct lc_error *err)
{
    const struct lc_image_info before = *out;
    enum lc_status status;

    status = lc_jpeg_decode(scratch, data, size, limits, LC_JPEG_PASS_VERDICT, out, err);
    if (status == LC_OK)
        status = find_warnings(scratch, data, size, limits, &before, LC_JPEG_PASS_WHOLE,
                               out, err);
    if (status != LC_OK || !out->blank)
        return status;
    *out = before;
    return lc_jpeg_decode(scratch, data, size, limits, LC_JPEG_PASS_FULL, out, err);
}

/* Report proven damage as the only warning, whether libjpeg noticed it or not: libjpeg's
 * own warnings follow from it and are less precise. */
static void set_damage(const struct lc_jpeg_damage *damage, struct lc_image_info *out)
{
    char text[LC_JPEG_DAMAGE_TEXT];

    lc_jpeg_damage_describe(damage, text);
    out->warnings = 0;
    lc_image_warn(out, "%s", text);
    lc_image_accept(out);
    out->blank = false;
}

/*
 * The proof comes first; libjpeg decodes only files that the proof does not find clean.
 *
 *   proof      verdict
 *   clean      OK, without decoding
 *   damaged    libjpeg's, but DAMAGED with the proof's detail if libjpeg loads the file
 *   undecided  libjpeg's
 *   unparsed   libjpeg's, after one more pass for warnings that it only gives when its
 *              input is short: the proof has not read the Huffman codes to the end
 *
 * With no_shortcuts the proof spares no decoding, but it still locates damage.
 */
enum lc_status lc_jpeg_inspect(struct lc_image_scratch *scratch, const uint8_t *data,
                               size_t size, const struct lc_image_limits *limits,
                               struct lc_image_info *out, struct lc_error *err)
{
    enum lc_jpeg_proof proof = LC_JPEG_UNPARSED;
    struct lc_jpeg_damage damage;
    struct lc_image_info before;
    enum lc_status status;

    if (size < 3) {
        lc_image_judge(out, LC_DECODE_TRUNCATED, "the file ends inside its header");
        return LC_OK;
    }
    if (!lc_jpeg_header_read(data, size, out))
        return LC_OK;
    out->depth = 8;
    if (lc_image_over_limit(out, limits))
        return LC_OK;
    if (!limits->no_shortcuts) {
        status = lc_jpeg_prove(scratch->jpeg, data, size, out, &proof, &damage, err);
        if (status != LC_OK)
            return status;
        if (proof == LC_JPEG_CLEAN) {
            out->rows_decoded = out->height;
            lc_image_accept(out);
            return LC_OK;
        }
    }
    before = *out;
    status = decode(scratch, data, size, limits, out, err);
    if (status != LC_OK ||
        (out->decode != LC_DECODE_OK && out->decode != LC_DECODE_DAMAGED))
        return status;
    if (limits->no_shortcuts) {
        struct lc_image_info copy = before;

        status = lc_jpeg_prove(scratch->jpeg, data, size, &copy, &proof, &damage, err);
        if (status != LC_OK)
            return status;
    }
    if (proof == LC_JPEG_DAMAGED)
        set_damage(&damage, out);
    if (proof == LC_JPEG_UNPARSED)
        return find_warnings(scratch, data, size, limits, &before, LC_JPEG_PASS_SMALL,
                             out, err);
    return LC_OK;
}

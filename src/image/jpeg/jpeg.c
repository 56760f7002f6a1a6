#include "image/jpeg/jpeg.h"

#include "image/common/decoder.h"

#include "image/jpeg/decode.h"
#include "image/jpeg/fast.h"
#include "image/jpeg/header.h"

/* What seems clean is damaged if libjpeg warns when it is fed in another way. */
static enum lc_status decode_again(struct lc_image_scratch *scratch, const uint8_t *data,
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
 * With libjpeg, whose word is Pillow's. What may be blank is decoded at full size. What
 * seems clean is decoded again, all bytes at once: where its input was cut into blocks,
 * libjpeg may have lost extraneous bytes without a word.
 */
static enum lc_status decode_all(struct lc_image_scratch *scratch, const uint8_t *data,
                                 size_t size, const struct lc_image_limits *limits,
                                 struct lc_image_info *out, struct lc_error *err)
{
    const struct lc_image_info before = *out;
    enum lc_status status;

    status = lc_jpeg_decode(scratch, data, size, limits, LC_JPEG_PASS_VERDICT, out, err);
    if (status == LC_OK)
        status = decode_again(scratch, data, size, limits, &before, LC_JPEG_PASS_WHOLE,
                              out, err);
    if (status != LC_OK || !out->blank)
        return status;
    *out = before;
    return lc_jpeg_decode(scratch, data, size, limits, LC_JPEG_PASS_FULL, out, err);
}

/* Damage is one repair, whether libjpeg has noticed it or not: whatever else it warns
 * about follows from it, and is less than its place says. */
static void note_damage(const struct lc_jpeg_damage *damage, struct lc_image_info *out)
{
    char text[LC_JPEG_DAMAGE_TEXT];

    lc_jpeg_damage_describe(damage, text);
    out->warnings = 0;
    lc_image_warn(out, "%s", text);
    lc_image_accept(out);
    out->blank = false;
}

enum lc_status lc_jpeg_inspect(struct lc_image_scratch *scratch, const uint8_t *data,
                               size_t size, const struct lc_image_limits *limits,
                               struct lc_image_info *out, struct lc_error *err)
{
    enum lc_jpeg_proof proof = LC_JPEG_UNREAD;
    struct lc_jpeg_damage damage;
    struct lc_image_info before;
    enum lc_status status = LC_OK;

    if (size < 3) {
        lc_image_judge(out, LC_DECODE_TRUNCATED, "the file ends inside its header");
        return LC_OK;
    }
    if (!lc_jpeg_header_read(data, size, out))
        return LC_OK;
    out->depth = 8;
    if (lc_image_over_limit(out, limits))
        return LC_OK;
    if (!limits->no_shortcuts)
        status = lc_jpeg_prove(scratch->jpeg, data, size, out, &proof, &damage, err);
    if (status == LC_OK && proof == LC_JPEG_CLEAN) {
        out->rows_decoded = out->height;
        lc_image_accept(out);
        return LC_OK;
    }
    before = *out;
    if (status == LC_OK)
        status = decode_all(scratch, data, size, limits, out, err);
    if (status != LC_OK ||
        (out->decode != LC_DECODE_OK && out->decode != LC_DECODE_DAMAGED))
        return status;
    if (limits->no_shortcuts) {
        struct lc_image_info copy = before;

        status = lc_jpeg_prove(scratch->jpeg, data, size, &copy, &proof, &damage, err);
    }
    if (status == LC_OK && proof == LC_JPEG_DAMAGED)
        note_damage(&damage, out);
    if (status == LC_OK && proof == LC_JPEG_UNREAD)
        status = decode_again(scratch, data, size, limits, &before, LC_JPEG_PASS_SMALL,
                              out, err);
    return status;
}

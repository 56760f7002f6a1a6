#include "image/jpeg/fast.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "image/common/decoder.h"
#include "image/jpeg/prover.h"

/* A file of more bytes is left to the decoder, which needs no copy of it. */
enum { MAX_SIZE = 256 << 20 };

/* Pictures of more scans are left to the decoder, which stops at max_scans. */
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
    prover->mask_room = 0;
}

void lc_jpeg_prover_free(struct lc_jpeg_prover *prover)
{
    if (!prover)
        return;
    lc_jpeg_prover_trim(prover);
    free(prover);
}

/* Every component must have come, and of a progressive picture its DC. */
static bool is_whole(struct lc_jpeg_walk *walk)
{
    const struct lc_jpeg_frame *frame = &walk->frame;
    unsigned i;

    for (i = 0; i < frame->count; i++) {
        const struct lc_jpeg_component *c = &frame->components[i];
        struct lc_jpeg_damage damage = {.fault = LC_JPEG_NOT_CODED, .component = i + 1};

        if (frame->progressive ? c->precision[0] < 0 : !c->coded)
            return lc_jpeg_damaged(walk, &damage);
    }
    return frame->count > 0 || lc_jpeg_stop(walk, "no frame");
}

static bool prove_scan(struct lc_jpeg_prover *prover, struct lc_jpeg_walk *walk,
                       const struct lc_jpeg_scan *scan)
{
    if (walk->scans > MAX_SCANS)
        return lc_jpeg_stop(walk, "very many scans");
    if (walk->scans > MANY_SCANS)
        lc_jpeg_doubt(walk, "very many scans");
    if (walk->frame.progressive)
        return lc_jpeg_prove_progressive(prover, walk, scan);
    return lc_jpeg_prove_sequential(prover, walk, scan);
}

/* Read all scans. False: the walk has stopped. */
static bool read_picture(struct lc_jpeg_prover *prover, struct lc_jpeg_walk *walk)
{
    struct lc_jpeg_scan scan;
    bool ends = false;

    prover->blank = (struct lc_jpeg_blank){0};
    for (;;) {
        if (!lc_jpeg_walk_next(walk, &scan, &ends))
            return false;
        if (ends)
            return is_whole(walk);
        if (!prove_scan(prover, walk, &scan))
            return false;
    }
}

static enum lc_jpeg_proof prove(struct lc_jpeg_prover *prover, struct lc_jpeg_walk *walk,
                                const struct lc_image_info *info)
{
    if (!read_picture(prover, walk))
        return walk->damage.fault != LC_JPEG_INTACT ? LC_JPEG_DAMAGED : LC_JPEG_UNREAD;
    if (!prover->blank.varied && !prover->blank.uniform)
        lc_jpeg_doubt(walk, "nearly of one colour");
    if (walk->doubt)
        return LC_JPEG_DOUBTFUL;
    /* the frame came before the first scan, as the header's walk has seen it */
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

    *proof = LC_JPEG_UNREAD;
    if (size > MAX_SIZE) {
        info->doubt = "a very large file";
        return LC_OK;
    }
    status = lc_jpeg_buffer_reserve(&prover->buffer, size, err);
    if (status != LC_OK)
        return status;
    *proof = prove(prover, &walk, info);
    *damage = walk.damage;
    if (*proof != LC_JPEG_CLEAN) {
        info->doubt = walk.doubt;
        return LC_OK;
    }
    info->trailing = info->frames == 1 ? size - walk.at : 0;
    info->blank = !prover->blank.varied;
    return LC_OK;
}

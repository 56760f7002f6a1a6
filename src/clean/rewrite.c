/* Which images are rewritten, and the list of those that were
 *
 * An image is rewritten if the trainer does not see what a viewer sees, because of how it
 * is stored: turned by EXIF, other than opaque 8-bit gray or RGB, or with several frames.
 * What the trainer does to the image as it is then does not count for its rows. What it
 * does to the new one shows in the check of the result, which reads all images again. */
#include "clean/state.h"

#include "llava_check/images.h"
#include "print/json_writer.h"
#include "transcode/transcode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct settling {
    struct lc_clean *clean;
    uint64_t images; /* number of images in the index */
};

/* Mark the image of a finding as settled if rewriting it removes what the trainer does to
 * it. */
static enum lc_status settle(void *user, const struct lc_finding_record *finding,
                             struct lc_error *err)
{
    struct settling *settling = user;
    struct lc_clean *clean = settling->clean;
    struct lc_image_record image = {0};
    enum lc_status status;

    if (finding->kind != LC_FINDING_IMAGE || !lc_effects_is_of_form(finding->rule) ||
        lc_effects_of(&clean->effects, finding).effect == LC_EFFECT_FINE ||
        finding->image >= settling->images)
        return LC_OK;
    status = lc_index_get_image(clean->index, finding->image, &image, err);
    if (status == LC_OK && image.state == LC_IMAGE_OK &&
        lc_transcode_can((enum lc_content)image.content_kind, image.mode, image.depth,
                         image.width, image.height))
        clean->settled[finding->image] = 1;
    return status;
}

enum lc_status lc_clean_settle(struct lc_clean *clean, struct lc_error *err)
{
    struct settling settling = {clean, lc_index_summary(clean->index)->images_referenced};
    const char *name = clean->options.trainer
                           ? clean->options.trainer
                           : lc_trainer_at(clean->effects.trainer)->name;
    enum lc_status status;

    clean->settled = calloc(settling.images + 1, 1);
    if (!clean->settled)
        return lc_fail_memory(err);
    status = lc_index_each_finding(clean->index, settle, &settling, err);
    if (status != LC_OK)
        return status;
    lc_effects_clear(&clean->effects);
    clean->drop.settled = clean->settled;
    clean->drop.settled_count = settling.images;
    return lc_effects_find_of_rows(clean->index, name, clean->settled, &clean->effects,
                                   err);
}

/* "turned, on white": what was done, by what the image was. */
static void put_changes(const struct lc_image_record *image, struct lc_out *out)
{
    const char *between = "";

    if (image->orientation >= 2 && image->orientation <= 8) {
        lc_out_text(out, "turned");
        between = ",";
    }
    if (image->transparent) {
        lc_out_text(out, between);
        lc_out_text(out, "on white");
        between = ",";
    }
    if (image->frames > 1) {
        lc_out_text(out, between);
        lc_out_text(out, "first frame");
        between = ",";
    }
    if (image->depth > 8) {
        lc_out_text(out, between);
        lc_out_text(out, "8 bits");
        between = ",";
    }
    if (!*between) {
        lc_out_text(out, "mode");
        between = ",";
    }
    if (!lc_transcode_keeps((enum lc_content)image->content_kind)) {
        lc_out_text(out, between);
        lc_out_text(out, "as PNG");
    }
}

enum lc_status lc_clean_write_images(const struct lc_clean *clean, FILE *to,
                                     struct lc_error *err)
{
    struct lc_out out = {.to = to};
    enum lc_status status = LC_OK;
    char hex[33];

    for (size_t i = 0; i < clean->rewritten_count && status == LC_OK; i++) {
        const struct lc_rewritten *rewritten = &clean->rewritten[i];
        struct lc_image_record image = {0};

        status = lc_index_get_image(clean->index, rewritten->image, &image, err);
        if (status != LC_OK)
            break;
        for (int k = 0; k < 2; k++) { /* the old path, and the new one: the same */
            lc_out_plain(&out, image.path);
            lc_out_text(&out, "\t");
        }
        put_changes(&image, &out);
        lc_out_text(&out, "\t");
        lc_hash_hex(&image.content, hex);
        lc_out_text(&out, hex);
        lc_out_text(&out, "\t");
        lc_hash_hex(&rewritten->content, hex);
        lc_out_text(&out, hex);
        lc_out_text(&out, "\n");
        status = lc_out_flush(&out, err);
    }
    status = lc_out_end(&out, status, err);
    errno = 0;
    if (status == LC_OK && (fflush(to) != 0 || ferror(to)))
        status = lc_fail_errno(err, "write the list");
    return status;
}

/* Decides which images to rewrite, and lists those that were
 *
 * An image is rewritten if the trainer does not see what a viewer sees, because of its
 * form: turned by EXIF, not opaque 8-bit gray or RGB, or with several frames. The
 * trainer's effects on the original form then do not count for its rows. Effects on the
 * new image show in the check of the result, which reads all images again. */
#include "clean/state.h"

#include "llava_check/images.h"
#include "print/json_writer.h"
#include "transcode/transcode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct settling {
    const struct lc_clean *clean;
    const struct lc_index *index;
    const struct lc_effects *effects;
    uint8_t *settled;
    uint64_t images; /* number of images in the index */
};

/* Whether an image can be rewritten: it was verified, or was not verified only because of
 * its size. */
static bool can_rewrite(const struct lc_clean *clean, const struct lc_image_record *image)
{
    const enum lc_content kind = (enum lc_content)image->content_kind;

    if (image->state != LC_IMAGE_OK &&
        lc_transcode_factor(kind, image->width, image->height) == 1)
        return false;
    return !lc_drop_is_failed(&clean->drop, &image->content) &&
           lc_transcode_can(kind, image->mode, image->depth, image->width, image->height);
}

/* Mark the image of a finding as settled if rewriting the image removes the trainer's
 * effect. */
static enum lc_status mark_settled(void *user, const struct lc_finding_record *finding,
                                   struct lc_error *err)
{
    struct settling *settling = user;
    struct lc_image_record image = {0};
    enum lc_status status;

    if (finding->kind != LC_FINDING_IMAGE || !lc_effects_is_of_form(finding) ||
        lc_effects_of(settling->effects, finding).effect == LC_EFFECT_FINE ||
        finding->image >= settling->images)
        return LC_OK;
    status = lc_index_get_image(settling->index, finding->image, &image, err);
    if (status == LC_OK && can_rewrite(settling->clean, &image))
        settling->settled[finding->image] = 1;
    return status;
}

enum lc_status lc_clean_settle(const struct lc_clean *clean, const struct lc_index *index,
                               struct lc_effects *effects, uint8_t **settled,
                               struct lc_error *err)
{
    struct settling settling = {.clean = clean,
                                .index = index,
                                .effects = effects,
                                .images = lc_index_summary(index)->images_referenced};
    const char *name = clean->options.trainer
                           ? clean->options.trainer
                           : lc_trainer_at(clean->effects.trainer)->name;
    enum lc_status status;

    free(*settled);
    *settled = settling.settled = calloc(settling.images + 1, 1);
    if (!*settled)
        return lc_fail_memory(err);
    status = lc_index_each_finding(index, mark_settled, &settling, err);
    if (status != LC_OK)
        return status;
    lc_effects_clear(effects);
    return lc_effects_find_of_rows(index, name, *settled, effects, err);
}

/* ---- the list ---- */

static enum lc_status add_failed(struct lc_clean *clean, const struct lc_hash *content,
                                 struct lc_error *err)
{
    struct lc_hash *failed = lc_array_grow(clean->failed, clean->failed_count,
                                           &clean->failed_capacity, sizeof(*failed));

    if (!failed)
        return lc_fail_memory(err);
    clean->failed = failed;
    failed[clean->failed_count++] = *content;
    clean->drop.failed = failed;
    clean->drop.failed_count = clean->failed_count;
    clean->has_failed = true;
    return LC_OK;
}

enum lc_status lc_clean_note_rewritten(struct lc_clean *clean,
                                       const struct lc_image_record *image,
                                       const struct lc_hash *after, struct lc_error *err)
{
    const enum lc_content kind = (enum lc_content)image->content_kind;
    const size_t path = clean->rewritten_paths.size;
    struct lc_rewritten *rewritten =
        lc_array_grow(clean->rewritten, clean->rewritten_count,
                      &clean->rewritten_capacity, sizeof(*rewritten));
    enum lc_status status;

    if (!rewritten)
        return lc_fail_memory(err);
    clean->rewritten = rewritten;
    status =
        lc_buffer_add(&clean->rewritten_paths, image->path.text, image->path.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(&clean->rewritten_paths, "", 1, err);
    if (status != LC_OK)
        return status;
    rewritten[clean->rewritten_count++] = (struct lc_rewritten){
        .path = path,
        .before = image->content,
        .after = after ? *after : image->content,
        .factor = lc_transcode_factor(kind, image->width, image->height),
        .orientation = image->orientation,
        .is_transparent = image->transparent,
        .is_animated = image->frames > 1,
        .is_deep = image->depth > 8,
        .is_png = !lc_transcode_keeps(kind),
        .failed = !after,
    };
    clean->counts.placed_rewritten += after != NULL;
    clean->counts.rewriting_failed += !after;
    return after || lc_drop_is_failed(&clean->drop, &image->content)
               ? LC_OK
               : add_failed(clean, &image->content, err);
}

void lc_clean_forget_rewritten(struct lc_clean *clean)
{
    size_t kept = 0;

    for (size_t i = 0; i < clean->rewritten_count; i++)
        if (clean->rewritten[i].failed)
            clean->rewritten[kept++] = clean->rewritten[i];
    clean->rewritten_count = kept;
    clean->counts.placed_rewritten = 0;
    clean->has_failed = false;
}

static void put_change(struct lc_out *out, bool is_so, const char *what,
                       const char **between)
{
    if (!is_so)
        return;
    lc_out_text(out, *between);
    lc_out_text(out, what);
    *between = ",";
}

/* Write what was done to an image: "turned,on white". */
static void put_changes(const struct lc_rewritten *image, struct lc_out *out)
{
    const char *between = "";
    char scaled[32];

    if (image->failed) {
        lc_out_text(out, "not rewritten");
        return;
    }
    snprintf(scaled, sizeof(scaled), "scaled to 1/%u", image->factor);
    put_change(out, image->orientation >= 2 && image->orientation <= 8, "turned",
               &between);
    put_change(out, image->is_transparent, "on white", &between);
    put_change(out, image->is_animated, "first frame", &between);
    put_change(out, image->is_deep, "8 bits", &between);
    put_change(out, image->factor > 1, scaled, &between);
    put_change(out, !*between, "mode", &between);
    put_change(out, image->is_png, "as PNG", &between);
}

static enum lc_status put_image(const struct lc_clean *clean,
                                const struct lc_rewritten *rewritten, struct lc_out *out,
                                struct lc_error *err)
{
    const char *path = clean->rewritten_paths.data + rewritten->path;
    char hex[33];

    for (int k = 0; k < 2; k++) { /* the same for the old path and the new one */
        lc_out_plain(out, (struct lc_span){path, strlen(path)});
        lc_out_text(out, "\t");
    }
    put_changes(rewritten, out);
    lc_out_text(out, "\t");
    lc_hash_hex(&rewritten->before, hex);
    lc_out_text(out, hex);
    lc_out_text(out, "\t");
    lc_hash_hex(&rewritten->after, hex);
    lc_out_text(out, hex);
    lc_out_text(out, "\n");
    return lc_out_flush(out, err);
}

enum lc_status lc_clean_write_images(const struct lc_clean *clean, FILE *to,
                                     struct lc_error *err)
{
    struct lc_out out = {.to = to};
    enum lc_status status = LC_OK;

    for (int failed = 0; failed <= 1; failed++)
        for (size_t i = 0; i < clean->rewritten_count && status == LC_OK; i++)
            if (clean->rewritten[i].failed == failed)
                status = put_image(clean, &clean->rewritten[i], &out, err);
    status = lc_out_end(&out, status, err);
    errno = 0;
    if (status == LC_OK && (fflush(to) != 0 || ferror(to)))
        status = lc_fail_errno(err, "write the list");
    return status;
}

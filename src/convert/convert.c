#include "base/options.h"
#include "base/path.h"
#include "convert/state.h"
#include "report/model/effects.h"
#include "scan/check.h"

#include <stdlib.h>
#include <string.h>

/* ---- checking files ---- */

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Check that all files can go into one: they need one root, and dialects that can be
 * converted. */
static enum lc_status check_files(const struct lc_convert *convert, struct lc_error *err)
{
    const struct lc_dataset *dataset = &convert->dataset;

    for (size_t i = 0; i < dataset->file_count; i++) {
        const struct lc_rows_file *file = &dataset->files[i];

        if (!lc_dialect_converts(file->dialect))
            return lc_fail(err, LC_ERR_USAGE, 0,
                           "%.120s has rows of the dialect %.20s, which cannot be "
                           "converted",
                           file->name, file->dialect->name);
        if (!is_same_text(file->image_prefix, dataset->files[0].image_prefix) ||
            !is_same_text(file->video_prefix, dataset->files[0].video_prefix))
            return lc_fail(err, LC_ERR_USAGE, 0,
                           "%.80s and %.80s have different image roots: their rows "
                           "cannot be in one file",
                           dataset->files[0].name, file->name);
    }
    return LC_OK;
}

static enum lc_status find_target(struct lc_convert *convert, struct lc_error *err)
{
    const struct lc_convert_options *options = &convert->options;

    convert->to = lc_dialect_by_name(options->to);
    if (!convert->to)
        return lc_fail(err, LC_ERR_USAGE, 0, "unknown dialect");
    if (!lc_dialect_converts(convert->to))
        return lc_fail(err, LC_ERR_USAGE, 0, "rows cannot be converted to the dialect %s",
                       convert->to->name);
    if ((options->in_parts || options->part_paths) &&
        (!convert->to->has_parts || convert->to->marks_places))
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "only the dialect messages has texts in parts, not %s",
                       convert->to->name);
    convert->form = convert->to->marks_places ? LC_TEXT_SIZED
                    : options->part_paths     ? LC_TEXT_NAMED
                    : options->in_parts       ? LC_TEXT_PARTS
                                              : LC_TEXT_STRINGS;
    convert->lines = lc_path_ends(options->name, ".jsonl");
    return LC_OK;
}

/* ---- the steps ---- */

/* Count the original rows that the trainer reads as written. */
static enum lc_status count_before(struct lc_convert *convert, struct lc_error *err)
{
    struct lc_effects effects = {0};
    enum lc_status status = lc_effects_find(convert->index, NULL, &effects, err);

    convert->before = effects.trainer;
    convert->counts.before = effects.counts[LC_EFFECT_FINE];
    lc_effects_clear(&effects);
    return status;
}

static enum lc_status find_trainer(struct lc_convert *convert, struct lc_error *err)
{
    const struct lc_convert_options *options = &convert->options;
    unsigned limit;

    return lc_trainer_find(options->trainer                 ? options->trainer
                           : convert->form == LC_TEXT_PARTS ? "trl"
                                                            : convert->to->trainer,
                           &convert->trainer, &limit, err);
}

static enum lc_status begin(struct lc_convert *convert, struct lc_error *err)
{
    enum lc_status status = find_target(convert, err);

    if (status == LC_OK)
        status = find_trainer(convert, err);
    if (status == LC_OK)
        status =
            LC_OPTIONS_COPY(&convert->check, convert->options.check, path_count, err);
    if (status == LC_OK)
        status = lc_check_find(&convert->check, &convert->dataset, err);
    if (status == LC_OK && convert->dataset.has_shards)
        status = lc_fail(err, LC_ERR_USAGE, 0,
                         "rows in shards are not rewritten: unpack them into a rows file "
                         "and a folder of images");
    if (status == LC_OK)
        status = check_files(convert, err);
    if (status == LC_OK)
        status = lc_check_dataset(&convert->check, &convert->dataset, true,
                                  &convert->index, err);
    if (status == LC_OK &&
        lc_index_summary(convert->index)->rows_files != convert->dataset.file_count)
        status = lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such file");
    if (status != LC_OK)
        return status;
    convert->counts.rows = lc_index_summary(convert->index)->rows;
    convert->skipped = calloc((size_t)(convert->counts.rows / 8) + 1, 1);
    convert->differs = calloc((size_t)(convert->counts.rows / 8) + 1, 1);
    return convert->skipped && convert->differs ? count_before(convert, err)
                                                : lc_fail_memory(err);
}

enum lc_status lc_convert_new(const struct lc_convert_options *options,
                              struct lc_convert **out, struct lc_error *err)
{
    struct lc_convert *convert = calloc(1, sizeof(*convert));
    enum lc_status status;

    if (!convert)
        return lc_fail_memory(err);
    status = LC_OPTIONS_COPY(&convert->options, options, name, err);
    if (status == LC_OK)
        status = begin(convert, err);
    if (status == LC_OK)
        *out = convert;
    else
        lc_convert_free(convert);
    return status;
}

void lc_convert_free(struct lc_convert *convert)
{
    if (!convert)
        return;
    lc_index_close(convert->index);
    lc_dataset_clear(&convert->dataset);
    free(convert->skipped);
    free(convert->differs);
    free(convert);
}

/* ---- the result ---- */

const char *lc_convert_dialect(const struct lc_convert *convert)
{
    return convert->to->name;
}

const char *lc_convert_trainer(const struct lc_convert *convert)
{
    return lc_trainer_at(convert->trainer)->name;
}

const char *lc_convert_trainer_before(const struct lc_convert *convert)
{
    return lc_trainer_at(convert->before)->name;
}

const char *lc_convert_unloaded(const struct lc_convert *convert)
{
    return lc_trainer_loads(convert->trainer, convert->lines, false)
               ? NULL
               : lc_trainer_at(convert->trainer)->reads;
}

const char *lc_convert_images(const struct lc_convert *convert)
{
    return convert->dataset.image_root;
}

const char *lc_convert_input_at(const struct lc_convert *convert, size_t index,
                                bool *is_folder)
{
    size_t files = convert->dataset.file_count;

    *is_folder = index >= files;
    if (index < files)
        return convert->dataset.files[index].path;
    return index == files       ? convert->dataset.image_root
           : index == files + 1 ? convert->dataset.video_root
                                : NULL;
}

const struct lc_convert_counts *lc_convert_counts(const struct lc_convert *convert)
{
    return &convert->counts;
}

const struct lc_convert_reason *lc_convert_reason_at(const struct lc_convert *convert,
                                                     size_t index)
{
    return index < convert->reason_count ? convert->sorted[index] : NULL;
}

#include "base/options.h"
#include "clean/state.h"
#include "scan/check.h"
#include "scan/source.h"

#include <stdlib.h>
#include <string.h>

/* ---- choosing rows ---- */

struct marking {
    struct lc_clean *clean;
    struct lc_buffer message;
};

/* Drop a row. The reason is stored if looking at the row's findings would not show it. */
static enum lc_status drop_row(void *user, uint64_t row,
                               const struct lc_finding_record *finding,
                               struct lc_error *err)
{
    struct marking *marking = user;
    struct lc_clean *clean = marking->clean;
    struct lc_reason reason;
    enum lc_status status;

    if (lc_clean_fixed(clean, row))
        return LC_OK; /* the check of the result will decide */
    clean->parts[row] = LC_ROW_DROPPED;
    if (!finding)
        return LC_OK;
    status = lc_reason_of(clean->index, &clean->effects, finding, &marking->message,
                          &reason, err);
    return status == LC_OK ? lc_reasons_add(&clean->reasons, row, &reason, err) : status;
}

static enum lc_status count_between(void *user, const struct lc_finding_record *finding,
                                    struct lc_error *err)
{
    struct lc_clean *clean = user;
    bool is_between = false;
    enum lc_status status =
        lc_finding_is_between_rows(clean->index, finding, &is_between, err);

    clean->counts.between += is_between;
    return status;
}

bool lc_clean_has_json_findings(const struct lc_index *index)
{
    size_t count;
    const struct lc_rule_count *counts = lc_index_rule_counts(index, &count);

    for (size_t i = 0; i < count; i++)
        if (memcmp(counts[i].code, "JSN", 3) == 0)
            return true;
    return false;
}

enum lc_status lc_clean_mark(struct lc_clean *clean, struct lc_error *err)
{
    struct marking marking = {.clean = clean};
    enum lc_status status = LC_OK;

    if (!clean->options.keep_all)
        status = lc_clean_decide(clean->index, &clean->effects, &clean->drop, drop_row,
                                 &marking, err);
    lc_buffer_clear(&marking.message);
    return status;
}

static enum lc_status mark_rows(struct lc_clean *clean, struct lc_error *err)
{
    enum lc_status status;

    clean->rows = clean->counts.rows = lc_index_summary(clean->index)->rows;
    clean->parts = calloc(clean->rows + 1, 1);
    if (!clean->parts)
        return lc_fail_memory(err);
    status = lc_clean_mark(clean, err);
    if (status == LC_OK && lc_clean_has_json_findings(clean->index))
        status = lc_index_each_finding(clean->index, count_between, clean, err);
    return status;
}

/* Refuse a plan without rows. */
static enum lc_status refuse_empty(const struct lc_clean *clean, struct lc_error *err)
{
    if (!clean->rows)
        return lc_source_fail_empty(clean->index, err);
    if (clean->effects.unread)
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "no row is left: %s does not read rows of the dialect %s (%.120s)",
                       lc_clean_trainer(clean), clean->effects.dialect,
                       clean->effects.what);
    return lc_fail(err, LC_ERR_USAGE, 0, "no row is left: all %llu would be dropped",
                   (unsigned long long)clean->rows);
}

enum lc_status lc_clean_plan(struct lc_clean *clean, struct lc_error *err)
{
    enum lc_status status =
        clean->options.keep_all || clean->dataset.has_shards /* each sample loads alone */
            ? LC_OK
            : lc_clean_unify_columns(clean, err);

    clean->is_placed = false;
    if (status == LC_OK)
        status = lc_clean_pick(clean, err);
    if (status == LC_OK && clean->dataset.has_shards)
        status = lc_clean_settle_samples(clean, err);
    if (status == LC_OK)
        status = lc_clean_list_files(clean, err);
    if (status == LC_OK && !clean->output_count)
        status = refuse_empty(clean, err);
    if (status == LC_OK && clean->options.shuffle)
        status = lc_clean_shuffle(clean, err);
    return status;
}

/* ---- checking files ---- */

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Check that the rows of each output have one dialect and one root. */
static enum lc_status check_joined(const struct lc_clean *clean, struct lc_error *err)
{
    const struct lc_dataset *dataset = &clean->dataset;
    const struct lc_rows_file *first = &dataset->files[0];

    if (dataset->file_count > 1 && !clean->options.merge)
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "the data set has %zu rows files: name a folder for the result, "
                       "or join them with --merge",
                       dataset->file_count);
    for (size_t i = 1; i < dataset->file_count; i++) {
        const struct lc_rows_file *file = &dataset->files[i];

        if (!is_same_text(file->image_prefix, first->image_prefix) ||
            !is_same_text(file->video_prefix, first->video_prefix))
            return lc_fail(err, LC_ERR_USAGE, 0,
                           "%.80s and %.80s have different image roots: their rows "
                           "cannot be in one file",
                           first->name, file->name);
        if (lc_dialect_hash(file->dialect) == lc_dialect_hash(first->dialect))
            continue;
        if (strcmp(file->dialect->name, first->dialect->name) == 0)
            return lc_fail(err, LC_ERR_USAGE, 0,
                           "in the registry, %.80s and %.80s have different columns or "
                           "roles: their rows cannot be in one file",
                           first->name, file->name);
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "rows of different dialects cannot be in one file: %.60s has "
                       "%.20s, %.60s has %.20s",
                       first->name, first->dialect->name, file->name,
                       file->dialect->name);
    }
    return LC_OK;
}

/* Whether a name stays within a folder. */
static bool is_inside(const char *name)
{
    if (name[0] == '/')
        return false;
    for (const char *at = name; at; at = strchr(at, '/')) {
        at += *at == '/';
        if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || !at[2]))
            return false;
    }
    return true;
}

/* Check that the names of the rows files can be the names of the outputs. */
static enum lc_status check_names(const struct lc_dataset *dataset, struct lc_error *err)
{
    for (size_t i = 0; i < dataset->file_count; i++) {
        const char *name = dataset->files[i].name;

        if (!is_inside(name))
            return lc_fail(err, LC_ERR_USAGE, 0,
                           "%.150s is outside of the data folder: join the rows files "
                           "with --merge",
                           name);
        for (size_t k = 0; k < i; k++)
            if (strcmp(name, dataset->files[k].name) == 0)
                return lc_fail(err, LC_ERR_USAGE, 0,
                               "the data set names %.150s twice: join the rows files "
                               "with --merge",
                               name);
    }
    return LC_OK;
}

/* ---- the steps ---- */

static enum lc_status read_drop(struct lc_clean *clean, struct lc_error *err)
{
    const struct lc_clean_options *options = &clean->options;
    enum lc_status status = options->selection
                                ? lc_drop_select(&clean->drop, options->selection, err)
                                : LC_OK;

    for (size_t i = 0; i < options->drop_count && status == LC_OK; i++)
        status = lc_drop_add(&clean->drop, options->drop[i], err);
    if (options->drop_count || options->keep_all || status != LC_OK)
        return status;
    if (!options->trainer)
        return lc_drop_add(&clean->drop, "error", err);
    status = lc_drop_add(&clean->drop, "crash", err);
    if (status == LC_OK && clean->dataset.has_shards) /* a sample with a missing member
                                                       * counts as altered, too */
        status = lc_drop_add(&clean->drop, "altered", err);
    return status == LC_OK ? lc_drop_add(&clean->drop, "replaced", err) : status;
}

/* Find the images to rewrite. Then the trainer's effects on their current form drop no
 * rows. */
static enum lc_status find_rewrites(struct lc_clean *clean, struct lc_error *err)
{
    enum lc_status status =
        lc_clean_settle(clean, clean->index, &clean->effects, &clean->settled, err);

    clean->drop.settled = clean->settled;
    clean->drop.settled_count =
        clean->settled ? lc_index_summary(clean->index)->images_referenced : 0;
    return status;
}

enum lc_status lc_clean_unsettle(struct lc_clean *clean, struct lc_error *err)
{
    enum lc_status status = find_rewrites(clean, err);

    if (status == LC_OK)
        status = lc_clean_mark(clean, err);
    return status == LC_OK ? lc_clean_plan(clean, err) : status;
}

static enum lc_status begin(struct lc_clean *clean, struct lc_error *err)
{
    enum lc_status status =
        LC_OPTIONS_COPY(&clean->check, clean->options.check, path_count, err);

    if (status == LC_OK)
        status = lc_check_find(&clean->check, &clean->dataset, err);
    if (status == LC_OK)
        status = read_drop(clean, err);
    if (status == LC_OK)
        status = lc_clean_check_sources(clean, err);
    if (status == LC_OK)
        status = clean->options.name ? check_joined(clean, err)
                                     : check_names(&clean->dataset, err);
    if (status == LC_OK)
        status =
            lc_check_dataset(&clean->check, &clean->dataset, true, &clean->index, err);
    if (status == LC_OK &&
        lc_index_summary(clean->index)->rows_files != clean->dataset.file_count)
        status = lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such file");
    if (status == LC_OK)
        status = lc_effects_find_of_rows(clean->index, clean->options.trainer, NULL,
                                         &clean->effects, err);
    if (status == LC_OK && clean->options.transcode)
        status = find_rewrites(clean, err);
    if (status == LC_OK)
        status = mark_rows(clean, err);
    if (status == LC_OK && clean->options.fix)
        status = lc_clean_find_fixes(clean, err);
    return status == LC_OK ? lc_clean_plan(clean, err) : status;
}

enum lc_status lc_clean_new(const struct lc_clean_options *options, struct lc_clean **out,
                            struct lc_error *err)
{
    struct lc_clean *clean = calloc(1, sizeof(*clean));
    enum lc_status status;

    if (!clean)
        return lc_fail_memory(err);
    status = LC_OPTIONS_COPY(&clean->options, options, name, err);
    if (status == LC_OK && clean->options.part_count > LC_CLEAN_PARTS)
        status = lc_fail(err, LC_ERR_USAGE, 0, "more than %d parts", LC_CLEAN_PARTS);
    if (status == LC_OK && clean->options.transcode &&
        clean->options.images != LC_CLEAN_IMAGES_COPY)
        status = lc_fail(err, LC_ERR_USAGE, 0, "rewriting images requires copying them");
    if (status == LC_OK)
        status = begin(clean, err);
    if (status == LC_OK) {
        *out = clean;
        return LC_OK;
    }
    lc_clean_free(clean);
    return status;
}

void lc_clean_free(struct lc_clean *clean)
{
    if (!clean)
        return;
    lc_clean_clear_fixes(clean);
    lc_clean_clear_outputs(clean);
    lc_effects_clear(&clean->effects);
    lc_reasons_clear(&clean->reasons);
    lc_index_close(clean->result);
    lc_index_close(clean->index);
    lc_dataset_clear(&clean->dataset);
    free(clean->settled);
    free(clean->result_settled);
    free(clean->rewritten);
    free(clean->failed);
    lc_buffer_clear(&clean->rewritten_paths);
    free(clean->placed_root);
    free(clean->parts);
    free(clean->order);
    free(clean->outputs);
    free(clean->tally);
    free(clean);
}

const char *lc_clean_trainer(const struct lc_clean *clean)
{
    return lc_trainer_at(clean->effects.trainer)->name;
}

const char *lc_clean_unloaded(const struct lc_clean *clean)
{
    for (size_t i = 0; i < clean->output_count; i++)
        if (clean->dataset.has_shards ? !lc_trainer_loads_shards(clean->effects.trainer)
                                      : !lc_trainer_loads(clean->effects.trainer,
                                                          clean->outputs[i].lines, false))
            return lc_trainer_at(clean->effects.trainer)->reads;
    return NULL;
}

enum lc_clean_shards lc_clean_shards(const struct lc_clean *clean)
{
    const struct lc_dataset *dataset = &clean->dataset;

    for (size_t i = 0; i < dataset->file_count && dataset->has_shards; i++)
        if (dataset->files[i].indexed != LC_NOT_INDEXED || dataset->files[i].offsets)
            return LC_CLEAN_INDEXED_SHARDS;
    return dataset->has_shards ? LC_CLEAN_SHARDS : LC_CLEAN_NO_SHARDS;
}

const char *lc_clean_images(const struct lc_clean *clean)
{
    return clean->dataset.image_root;
}

const char *lc_clean_input_at(const struct lc_clean *clean, size_t index, bool *is_folder)
{
    size_t files = clean->dataset.file_count;

    *is_folder = index >= files;
    if (index < files)
        return clean->dataset.files[index].path;
    return index == files       ? clean->dataset.image_root
           : index == files + 1 ? clean->dataset.video_root
                                : NULL;
}

const struct lc_clean_counts *lc_clean_counts(const struct lc_clean *clean)
{
    return &clean->counts;
}

const struct lc_clean_file *lc_clean_file_at(const struct lc_clean *clean, size_t index)
{
    return index < clean->output_count ? &clean->outputs[index].file : NULL;
}

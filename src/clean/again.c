/* Checks the result
 *
 * If that is enough, the files are compared with the original rows files (verbatim.c).
 * Otherwise they are read like any rows files; only the facts about images are reused
 * from the first check. Rows may still have to be dropped: if the row that gave a column
 * its type is gone, the column now has the type of the next row. The result is then
 * written again without such rows. */
#include "clean/state.h"

#include "scan/check.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ROUNDS 10

struct again {
    struct lc_clean *clean;
    struct lc_index *index;    /* index of the result */
    struct lc_effects effects; /* effects of the result's findings */
    uint8_t *drops;            /* by row of the result: whether it must be dropped */
    uint64_t row;              /* row of the data set for which reasons are being added */
    uint64_t found;
    bool is_first; /* the images of fixed rows are rewritten after this check */
    struct lc_drop drop;
    char first[160]; /* why the first such row must be dropped */
};

/* Describe the written files as a data set, with the roots and the dialects of the
 * original rows files. */
static enum lc_status describe(const struct lc_clean *clean, const char *const *paths,
                               struct lc_dataset *out, struct lc_error *err)
{
    *out = clean->dataset;
    out->notices = (struct lc_buffer){0};
    out->file_count = clean->output_count;
    out->files = calloc(clean->output_count + 1, sizeof(*out->files));
    if (!out->files)
        return lc_fail_memory(err);
    for (size_t i = 0; i < clean->output_count; i++) {
        const struct lc_clean_output *output = &clean->outputs[i];
        struct lc_rows_file *file = &out->files[i];

        *file = clean->dataset.files[output->first_source];
        file->path = (char *)paths[i];
        file->name =
            (char *)(output->file.source ? output->file.source : clean->options.name);
        file->sampling = NULL;
        file->sampled = (struct lc_sampling){0};
        file->lines = output->lines;
    }
    return LC_OK;
}

/* Note whether an output has the same content as its only rows file. */
static enum lc_status compare_with_source(const struct lc_clean *clean,
                                          struct lc_clean_output *output,
                                          struct lc_error *err)
{
    struct lc_file_record source = {0};
    enum lc_status status =
        lc_index_get_file(clean->index, output->first_source, &source, err);

    output->file.same = output->first_source + 1 == output->end_source &&
                        lc_hash_compare(&source.content, &output->file.content) == 0;
    return status;
}

/* Fail if the written files do not have exactly the rows that were to be kept. */
static enum lc_status compare_counts(struct again *again, struct lc_error *err)
{
    struct lc_clean *clean = again->clean;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < clean->output_count && status == LC_OK; i++) {
        struct lc_file_record file = {0};

        status = lc_index_get_file(again->index, (uint32_t)i, &file, err);
        if (status == LC_OK && (file.rows != clean->outputs[i].file.rows ||
                                file.size != clean->outputs[i].file.bytes ||
                                file.lines != clean->outputs[i].lines))
            status = lc_fail(err, LC_ERR_IO, 0,
                             "the result has %llu rows when read again, not %llu",
                             (unsigned long long)file.rows,
                             (unsigned long long)clean->outputs[i].file.rows);
        clean->outputs[i].file.content = file.content;
        if (status == LC_OK)
            status = compare_with_source(clean, &clean->outputs[i], err);
    }
    return status;
}

/* Fail if there is an error between rows: clean itself wrote the text there. */
static enum lc_status fail_between_rows(void *user,
                                        const struct lc_finding_record *finding,
                                        struct lc_error *err)
{
    struct again *again = user;
    bool is_between = false;
    enum lc_status status =
        lc_finding_is_between_rows(again->index, finding, &is_between, err);

    /* with keep_all, the text around a row that is not JSON stays as it was */
    if (status == LC_OK && is_between && finding->found == LC_SEVERITY_ERROR &&
        !again->clean->options.keep_all)
        return lc_fail(err, LC_ERR_IO, 0, "the result is not what was written: %.*s",
                       (int)(finding->message.size < 150 ? finding->message.size : 150),
                       finding->message.text);
    return status;
}

static enum lc_status note_first(void *user, const struct lc_reason *reason,
                                 struct lc_error *err)
{
    struct again *again = user;

    (void)err;
    if (!*again->first)
        snprintf(again->first, sizeof(again->first), "%s, %.130s",
                 reason->which < LC_CASE_COUNT
                     ? lc_rules[lc_cases[reason->which].rule].info.code
                 : reason->which == LC_REASON_LENGTH ? "length"
                                                     : "dialect",
                 reason->message);
    return LC_OK;
}

static enum lc_status add_reason(void *user, const struct lc_reason *reason,
                                 struct lc_error *err)
{
    struct again *again = user;

    (void)note_first(again, reason, err);
    return lc_reasons_add(&again->clean->reasons, again->row, reason, err);
}

static enum lc_status mark_row(void *user, uint64_t row,
                               const struct lc_finding_record *finding,
                               struct lc_error *err)
{
    struct again *again = user;

    (void)finding;
    (void)err;
    again->found += !again->drops[row];
    again->drops[row] = 1;
    return LC_OK;
}

/* Drop a marked row of the result from the next one, with the reasons found in this one;
 * a fixed row first loses only its fixes. */
static enum lc_status drop_row(void *user, uint64_t result, uint64_t row,
                               struct lc_error *err)
{
    struct again *again = user;

    struct lc_fixed_row *fixed = lc_clean_fixed(again->clean, row);

    if (!again->drops[result] || lc_clean_is_withdrawn(again->clean, row))
        return LC_OK;
    if (fixed) {
        lc_clean_withdraw(again->clean, fixed);
        return LC_OK;
    }
    again->row = row;
    again->clean->parts[row] = LC_ROW_DROPPED;
    return lc_reasons_look(again->index, &again->effects, &again->drop, result,
                           add_reason, again, err);
}

/* Drop the marked rows of all files; only then plan the files again. */
static enum lc_status drop_rows(struct again *again, struct lc_error *err)
{
    struct lc_clean *clean = again->clean;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < clean->output_count && status == LC_OK; i++)
        status = lc_clean_each_row(clean, &clean->outputs[i], drop_row, again, err);
    if (status != LC_OK)
        return status;
    if (clean->counts.rounds >= MOST_ROUNDS)
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "rows must still be dropped after %u checks of the result, the "
                       "next one for %s",
                       clean->counts.rounds,
                       *again->first ? again->first : "what a fix changed in it");
    return lc_clean_plan(clean, err);
}

/* Count what the trainer does with the rows of the result, as a report about the result
 * would. Fail if rows remain that should have been dropped. */
static enum lc_status count_effects(struct again *again, struct lc_error *err)
{
    struct lc_clean *clean = again->clean;
    struct lc_effects effects = {0};
    enum lc_status status =
        lc_effects_find(again->index, lc_clean_trainer_given(clean), &effects, err);

    for (int e = LC_EFFECT_UNKNOWN; e <= LC_EFFECT_REFUSED && status == LC_OK; e++)
        if (clean->drop.effects[e] && effects.counts[e])
            status = lc_fail(err, LC_ERR_USAGE, 0,
                             "%llu rows of the result would still be dropped for %s: %s",
                             (unsigned long long)effects.counts[e],
                             lc_clean_trainer(clean), lc_effect_name((enum lc_effect)e));
    memcpy(clean->counts.effects, effects.counts, sizeof(clean->counts.effects));
    lc_effects_clear(&effects);
    return status;
}

/* Find the images of the result to rewrite. */
static enum lc_status find_rewrites(struct again *again, struct lc_error *err)
{
    struct lc_clean *clean = again->clean;
    enum lc_status status = lc_clean_settle(clean, again->index, &again->effects,
                                            &clean->result_settled, err);

    again->drop.settled = clean->result_settled;
    again->drop.settled_count = lc_index_summary(again->index)->images_referenced;
    return status;
}

static enum lc_status check_result(struct again *again, bool *out, struct lc_error *err)
{
    struct lc_clean *clean = again->clean;
    bool any = false;
    enum lc_status status = compare_counts(again, err);

    if (status == LC_OK && lc_clean_has_json_findings(again->index))
        status = lc_index_each_finding(again->index, fail_between_rows, again, err);
    if (status == LC_OK)
        status = lc_effects_find_of_rows(again->index, lc_clean_trainer_given(clean),
                                         NULL, &again->effects, err);
    if (status == LC_OK && again->is_first)
        status = find_rewrites(again, err);
    if (status != LC_OK)
        return status;
    again->drops = calloc(clean->written + 1, 1);
    if (!again->drops)
        return lc_fail_memory(err);
    status = lc_clean_compare_fixes(clean, again->index, &again->effects, &any, err);
    if (status == LC_OK && !clean->options.keep_all)
        status = lc_clean_decide(again->index, &again->effects, &again->drop, mark_row,
                                 again, err);
    *out = again->found > 0 || any;
    if (status == LC_OK && !*out)
        status = lc_clean_count_fixes(clean, err);
    if (status != LC_OK)
        return status;
    if (*out)
        return drop_rows(again, err);
    return again->is_first ? LC_OK : count_effects(again, err);
}

/* Whether findings of a rule about several rows or images drop rows. They all have the
 * level of their rule (rules/check_set.c). */
static bool drops_rows(const struct lc_clean *clean, enum lc_rule_index rule)
{
    const struct lc_drop *drop = &clean->drop;
    const struct lc_rule_choice *choice = drop->has_choices ? &drop->choices[rule] : NULL;

    if (drop->rules[rule])
        return true;
    if (choice && choice->hidden != LC_NOT_HIDDEN)
        return false;
    return drop->levels[choice && choice->leveled ? choice->level
                                                  : lc_rules[rule].info.severity];
}

/* Whether rules about several rows or images matter. For most trainers they do not, and
 * the comparisons take half as long as the rest. If levels decide about fixes, all rules
 * are compared. */
static bool needs_sets(const struct lc_clean *clean)
{
    for (int i = 0; i <= LC_SEVERITY_ERROR; i++)
        if (clean->drop.levels[i] && clean->options.fix)
            return true;
    for (int i = 0; i < LC_CASE_COUNT; i++)
        if (lc_rules[lc_cases[i].rule].scope == LC_SCOPE_SET &&
            (drops_rows(clean, lc_cases[i].rule) ||
             clean->effects.by_case[i].effect != LC_EFFECT_FINE))
            return true;
    return false;
}

/* Check the result together with its rewritten images. */
static enum lc_status check_all(const struct lc_clean *clean,
                                struct lc_check_options *check, struct lc_dataset *result,
                                struct lc_index **out, struct lc_error *err)
{
    assert(clean->placed_root);
    check->index = NULL;
    check->no_index = true;
    result->image_root = clean->placed_root;
    return lc_check_dataset(check, result, false, out, err);
}

/* Check the result like any data set. */
static enum lc_status check_rows(struct lc_clean *clean, const char *const *paths,
                                 bool *again, struct lc_error *err)
{
    struct lc_check_options check = clean->check;
    struct again own = {.clean = clean, .drop = clean->drop};
    struct lc_dataset result = {0};
    enum lc_status status = describe(clean, paths, &result, err);

    check.on_notice = NULL; /* the first check has already reported all this */
    check.on_choice = NULL;
    own.drop.settled = NULL; /* in their new place, images are not rewritten again */
    own.is_first = clean->options.transcode && !clean->is_placed;
    if (status == LC_OK && clean->options.transcode && clean->is_placed)
        status = check_all(clean, &check, &result, &own.index, err);
    else if (status == LC_OK)
        status = lc_check_part(&check, &result, clean->index, !needs_sets(clean),
                               &own.index, err);
    if (status == LC_OK)
        status = check_result(&own, again, err);
    free(result.files);
    free(own.drops);
    lc_effects_clear(&own.effects);
    if (status == LC_OK && !*again && clean->counts.fixed) {
        clean->result = own.index;
        own.index = NULL;
    }
    lc_index_close(own.index);
    return status;
}

enum lc_status lc_clean_check(struct lc_clean *clean, const char *const *paths,
                              bool *again, struct lc_error *err)
{
    bool is_verbatim = false;
    enum lc_status status = LC_OK;

    clean->counts.rounds++;
    lc_index_close(clean->result);
    clean->result = NULL;
    *again = false;
    if (clean->dataset.has_shards)
        return lc_clean_check_samples(clean, paths, err);
    if (clean->has_failed) {
        clean->has_failed = false;
        *again = true;
        return lc_clean_unsettle(clean, err);
    }
    if (!needs_sets(clean))
        status = lc_clean_is_verbatim(clean, &is_verbatim, err);
    if (status != LC_OK)
        return status;
    return is_verbatim ? lc_clean_check_verbatim(clean, paths, err)
                       : check_rows(clean, paths, again, err);
}

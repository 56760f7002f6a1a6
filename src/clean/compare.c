/* Compares fixed rows with the original ones, by their findings in both checks */
#include "clean/state.h"

#include <string.h>

/* The findings about one row, and about its images. */
struct counts {
    uint16_t rules[LC_RULE_COUNT];
    bool readable; /* the row is JSON */
};

struct comparison {
    struct lc_clean *clean;
    const struct lc_index *index; /* index of the result */
    const struct lc_effects *effects;
    bool any;
};

static enum lc_status count_finding(void *user, const struct lc_finding_record *finding,
                                    struct lc_error *err)
{
    struct counts *counts = user;
    enum lc_rule_index rule = lc_rule_index_of(finding->rule);

    (void)err;
    if (rule != LC_RULE_COUNT && counts->rules[rule] < UINT16_MAX)
        counts->rules[rule]++;
    return LC_OK;
}

/* Count the findings of a row, and of the images that it names. */
static enum lc_status count_row(const struct lc_index *index, uint64_t number,
                                struct counts *out, struct lc_error *err)
{
    struct lc_row_record row = {0};
    struct lc_span images = {0};
    enum lc_status status = lc_index_get_row(index, number, &row, err);

    memset(out, 0, sizeof(*out));
    out->readable = row.readable;
    if (status == LC_OK)
        status = lc_index_each_finding_of(index, LC_FINDING_ROW, row.file,
                                          (int64_t)row.row, count_finding, out, err);
    if (status == LC_OK)
        status = lc_index_images_of_row(index, number, &images, err);
    for (size_t i = 0; i + 4 <= images.size && status == LC_OK; i += 4)
        status = lc_index_each_finding_of(index, LC_FINDING_IMAGE,
                                          lc_get_u32((const uint8_t *)images.text + i),
                                          -1, count_finding, out, err);
    return status;
}

/* Whether a row's fixes explain that a rule finds something new, so that this is no
 * reason to undo them. */
static bool brings(const struct lc_fixed_row *fixed, enum lc_rule_index rule)
{
    for (size_t i = 0; i < fixed->count; i++) {
        enum lc_fix_index fix = (enum lc_fix_index)fixed->made[i].fix;

        /* a note that images are in a list */
        if (rule == LC_RULE_ROW217 &&
            (fix == LC_FIX_unify_images || fix == LC_FIX_rename_image_key))
            return true;
        /* problems of a file that could not be opened before */
        if (lc_fixes[fix].kind == LC_FIX_OF_PATH &&
            lc_rules[rule].scope == LC_SCOPE_IMAGE && rule != LC_RULE_IMG501 &&
            rule != LC_RULE_IMG502 && rule != LC_RULE_IMG503)
            return true;
    }
    return false;
}

/* Whether a rule looks at a single row or image. */
static bool is_about_one(enum lc_rule_index rule)
{
    enum lc_scope scope = lc_rules[rule].scope;

    return scope == LC_SCOPE_JSON || scope == LC_SCOPE_ROW || scope == LC_SCOPE_IMAGE;
}

static bool is_borne_out(const struct lc_fixed_row *fixed, const struct counts *before,
                         const struct counts *after)
{
    for (size_t i = 0; i < fixed->count; i++) {
        enum lc_rule_index rule = (enum lc_rule_index)fixed->made[i].rule;

        if (!is_about_one(rule))
            continue;
        if (lc_rules[rule].scope == LC_SCOPE_IMAGE && !fixed->reveals
                ? after->rules[rule] >= before->rules[rule]
                : lc_rules[rule].scope != LC_SCOPE_IMAGE && after->rules[rule])
            return false;
    }
    for (int i = 0; i < LC_RULE_COUNT && !fixed->reveals; i++) {
        enum lc_rule_index rule = (enum lc_rule_index)i;

        if (after->rules[i] > before->rules[i] && is_about_one(rule) &&
            !brings(fixed, rule))
            return false;
    }
    return true;
}

static enum lc_status compare_row(void *user, uint64_t result, uint64_t row,
                                  struct lc_error *err)
{
    struct comparison *comparison = user;
    struct lc_clean *clean = comparison->clean;
    struct lc_fixed_row *fixed = lc_clean_fixed(clean, row);
    struct counts before, after;
    enum lc_status status;

    if (!fixed)
        return LC_OK;
    status = count_row(clean->index, row, &before, err);
    if (status == LC_OK)
        status = count_row(comparison->index, result, &after, err);
    if (status != LC_OK)
        return status;
    /* if the row was not JSON, the trainer's failure was counted for its file */
    if ((before.readable &&
         comparison->effects->rows[result] > clean->effects.rows[row]) ||
        !is_borne_out(fixed, &before, &after)) {
        lc_clean_withdraw(clean, fixed);
        comparison->any = true;
    }
    return LC_OK;
}

enum lc_status lc_clean_compare_fixes(struct lc_clean *clean,
                                      const struct lc_index *index,
                                      const struct lc_effects *effects, bool *any,
                                      struct lc_error *err)
{
    struct comparison comparison = {clean, index, effects, false};
    enum lc_status status = LC_OK;

    for (size_t i = 0; clean->fixing.count && i < clean->output_count && status == LC_OK;
         i++)
        status =
            lc_clean_each_row(clean, &clean->outputs[i], compare_row, &comparison, err);
    *any = comparison.any;
    return status;
}

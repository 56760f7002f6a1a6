/* Decides which rows must be dropped
 *
 * A row is dropped for its effect, which is that of all its findings together, as reports
 * predict it; or for a finding about the row. Of rows with the same id, the first one of
 * each file is kept. A row that Python cannot read is always dropped, because the result
 * has to be valid JSON. So is a row that spans several lines of a JSON lines file. */
#include "clean/state.h"

#include <string.h>

struct walk {
    const struct lc_index *index;
    const struct lc_effects *effects;
    const struct lc_drop *drop;
    lc_clean_decide_fn *each;
    void *user;
    const struct lc_finding_record *finding; /* the finding whose rows are walked over */
    uint32_t file; /* file of the previous row of the walk; UINT32_MAX: none */
    enum lc_status status;
    struct lc_error *err;
};

/* Drop a row that names an image with a finding. */
static void drop_row(void *user, uint64_t row)
{
    struct walk *walk = user;

    if (walk->status == LC_OK && row < lc_index_summary(walk->index)->rows)
        walk->status = walk->each(walk->user, row, NULL, walk->err);
}

/* Drop a row with a shared id, unless it is the first in its file; rows come in ascending
 * order. */
static void drop_repeated(void *user, uint64_t row)
{
    struct walk *walk = user;
    struct lc_row_record record = {0};

    if (walk->status == LC_OK)
        walk->status = lc_index_get_row(walk->index, row, &record, walk->err);
    if (walk->status == LC_OK && record.file == walk->file &&
        row < lc_index_summary(walk->index)->rows)
        walk->status = walk->each(walk->user, row, walk->finding, walk->err);
    walk->file = record.file;
}

static enum lc_status get_row_number(const struct lc_index *index,
                                     const struct lc_finding_record *finding,
                                     uint64_t *out, struct lc_error *err)
{
    struct lc_file_record file = {0};
    enum lc_status status = lc_index_get_file(index, finding->file, &file, err);

    *out = file.first_row + (uint64_t)finding->row;
    if (status == LC_OK && *out >= lc_index_summary(index)->rows)
        return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such row");
    return status;
}

/* Drop the row that a finding is about, if the finding drops it, or makes it
 * unreadable. */
static enum lc_status drop_row_of(struct walk *walk,
                                  const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    struct lc_row_record record = {0};
    bool is_between = false;
    uint64_t row;
    enum lc_status status = LC_OK;

    if (finding->row < 0 || lc_drop_is_of_columns(finding))
        return LC_OK;
    if (!lc_drop_has(walk->drop, finding) && !lc_drop_is_json(finding))
        return LC_OK;
    status = get_row_number(walk->index, finding, &row, err);
    if (status == LC_OK)
        status = lc_index_get_row(walk->index, row, &record, err);
    if (status == LC_OK)
        status = lc_finding_is_between_rows(walk->index, finding, &is_between, err);
    if (status != LC_OK || is_between ||
        !(lc_drop_has(walk->drop, finding) || lc_drop_always(finding, record.readable)))
        return status;
    return walk->each(walk->user, row, NULL, err);
}

static enum lc_status drop_rows_of(void *user, const struct lc_finding_record *finding,
                                   struct lc_error *err)
{
    struct walk *walk = user;
    enum lc_status status;

    if (finding->kind == LC_FINDING_ROW)
        return drop_row_of(walk, finding, err);
    if (!lc_drop_has(walk->drop, finding) || lc_drop_is_settled(walk->drop, finding))
        return LC_OK;
    walk->finding = finding;
    walk->file = UINT32_MAX;
    walk->err = err;
    if (finding->kind == LC_FINDING_IMAGE)
        status =
            lc_index_each_row_of_image(walk->index, finding->image, drop_row, walk, err);
    else if (finding->id.size)
        status =
            lc_index_each_row_of_id(walk->index, finding->id, drop_repeated, walk, err);
    else
        return LC_OK; /* the finding is about files */
    return status == LC_OK ? walk->status : status;
}

/* Whether there is a finding that may drop a row by itself. */
static bool has_finding(const struct lc_index *index, const struct lc_drop *drop)
{
    size_t count;
    const struct lc_rule_count *counts = lc_index_rule_counts(index, &count);

    for (size_t i = 0; i < count; i++) {
        struct lc_finding_record finding = {
            .rule = {counts[i].code, strnlen(counts[i].code, sizeof(counts[i].code))}};

        if (lc_drop_is_json(&finding))
            return true;
        for (int s = LC_SEVERITY_INFO; s <= LC_SEVERITY_ERROR; s++) {
            finding.found = (uint8_t)s;
            if (counts[i].counts[s] && lc_drop_has(drop, &finding))
                return true;
        }
    }
    return false;
}

enum lc_status lc_clean_decide(const struct lc_index *index,
                               const struct lc_effects *effects,
                               const struct lc_drop *drop, lc_clean_decide_fn *each,
                               void *user, struct lc_error *err)
{
    struct walk walk = {
        .index = index, .effects = effects, .drop = drop, .each = each, .user = user};
    uint64_t rows = lc_index_summary(index)->rows;
    enum lc_status status = LC_OK;

    for (uint64_t row = 0; row < rows && status == LC_OK; row++)
        if (drop->effects[effects->rows[row]])
            status = each(user, row, NULL, err);
    if (status != LC_OK || !has_finding(index, drop))
        return status;
    return lc_index_each_finding(index, drop_rows_of, &walk, err);
}

#include "dataset/fit.h"

/* The score without a tag. Turns count most, then media, then known names of roles. A
 * dialect fits worse if it ignores a key with images. */
unsigned lc_fit_untagged(const struct lc_row *row)
{
    unsigned score;

    if (!row->object || row->turns_kind != LC_TURNS_LIST ||
        row->malformed == row->turn_count)
        return 0;
    /* a question without an answer may be anything: a test item, an image to be
     * captioned */
    if (row->dialect->layout == LC_LAYOUT_COLUMNS && row->turn_count < 2 &&
        !row->has_preference)
        return 0;
    /* input and output alone may be anything's columns */
    if (row->no_prompt && !row->null_prompt)
        return 0;
    score = row->malformed ? 3 : 4;
    if (row->pair.has_content)
        score++;
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        if (row->media[medium].kind == LC_PATHS_GOOD)
            return score + 2 + !row->others;
    return score + !row->others - (row->ignored_key.text ? 2 : 0);
}

unsigned lc_fit_score(const struct lc_row *row)
{
    unsigned score = lc_fit_untagged(row);

    if (!row->dialect->needs_tag || !score)
        return score;
    if (row->dialect->marks_places && row->media[LC_MEDIUM_IMAGE].kind == LC_PATHS_NONE)
        return 0; /* the tag may be plain text in a row of another dialect */
    /* together with an image, the tag is decisive: most rows of the file may be text
     * only */
    if (row->dialect->marks_places && row->placeholders[LC_MEDIUM_IMAGE])
        return score + LC_FIT_ROWS * 8;
    /* no other dialect has the tag, so it counts more than rows without images */
    return row->placeholders[LC_MEDIUM_IMAGE] ? score + 8 : 0;
}

static bool has_key_of(const struct lc_json_doc *doc, const char *const *keys)
{
    uint32_t close = lc_json_close(doc, LC_JSON_ROOT), value;

    for (uint32_t i = LC_JSON_ROOT + 1; i < close; i = lc_json_next(doc, value)) {
        value = lc_json_next(doc, i);
        for (const char *const *key = keys; *key; key++)
            if (lc_span_is(lc_json_string(doc, i), *key))
                return true;
    }
    return false;
}

/* Whether a key begins with "pred_": pred_answer, pred_bbox, pred_index … */
static bool has_predicted(const struct lc_json_doc *doc)
{
    uint32_t close = lc_json_close(doc, LC_JSON_ROOT), value;

    for (uint32_t i = LC_JSON_ROOT + 1; i < close; i = lc_json_next(doc, value)) {
        value = lc_json_next(doc, i);
        if (lc_span_starts(lc_json_string(doc, i), "pred_"))
            return true;
    }
    return false;
}

bool lc_fit_is_result(const struct lc_json_doc *doc)
{
    static const char *const keys[] = {"prediction",   "predictions",  "predict",
                                       "model_output", "model_answer", "gt_answer",
                                       "sample_score", "logits",       NULL};
    /* together, the keys of an answer in LLaVA's evaluation */
    static const char *const keys_of_answer[] = {"question_id", NULL};
    static const char *const keys_of_model[] = {"model_id", NULL};

    return has_key_of(doc, keys) || has_predicted(doc) ||
           (has_key_of(doc, keys_of_answer) && has_key_of(doc, keys_of_model));
}

bool lc_fit_is_test(const struct lc_json_doc *doc)
{
    static const char *const keys[] = {"candidates",    "choices", "options",
                                       "option1",       "A",       "question_type",
                                       "human_ranking", NULL};

    return has_key_of(doc, keys);
}

/* ---- rows in another dialect than their file ---- */

/* Whether a row has a key with one of a column's names. */
static bool has_column(const struct lc_json_doc *doc, const struct lc_dialect *dialect,
                       enum lc_column column)
{
    for (int i = 0; i < LC_COLUMN_NAMES && dialect->columns[column][i].size; i++) {
        struct lc_span name = lc_unquoted(dialect->columns[column][i]);
        uint32_t close = lc_json_close(doc, LC_JSON_ROOT), value;

        for (uint32_t at = LC_JSON_ROOT + 1; at < close; at = lc_json_next(doc, value)) {
            value = lc_json_next(doc, at);
            if (lc_span_equal(lc_json_string(doc, at), name))
                return true;
        }
    }
    return false;
}

/* Whether it is worth the time to read a row with a dialect: it may have turns. Those of
 * compared answers do not count, because only some programs read them. */
static bool may_have_turns(const struct lc_json_doc *doc,
                           const struct lc_dialect *dialect)
{
    return has_column(doc, dialect, LC_COLUMN_TURNS) ||
           has_column(doc, dialect, LC_COLUMN_PROMPT);
}

/* Why the dialect of its file does not fit a row, as read with it. */
static enum lc_stray_kind find_misfit(const struct lc_row *row)
{
    if (!row->object || row->is_turns)
        return LC_STRAY_NOT;
    if (row->turns_kind == LC_TURNS_MISSING)
        return LC_STRAY_COLUMN;
    if (row->foreign && row->foreign == row->turn_count)
        return LC_STRAY_KEYS;
    return row->dialect->marks_places && row->ignored_key.text ? LC_STRAY_IMAGES
                                                               : LC_STRAY_NOT;
}

/* Find the dialect that fits a row best; NULL: none fits better than that of its file,
 * with which it was read. */
static enum lc_status find_better(struct lc_row *row, const struct lc_dialect *of_file,
                                  const struct lc_json_doc *doc,
                                  const struct lc_dialect **out, struct lc_error *err)
{
    bool is_test = lc_fit_is_test(doc);
    unsigned best = lc_fit_score(row), score;
    enum lc_status status = LC_OK;

    *out = NULL;
    if (lc_fit_is_result(doc))
        return LC_OK;
    for (size_t i = 0; i < lc_dialect_count; i++) {
        const struct lc_dialect *dialect = &lc_dialects[i];

        if (!dialect->is_detected || dialect == of_file ||
            (is_test && dialect->layout == LC_LAYOUT_COLUMNS) ||
            !may_have_turns(doc, dialect))
            continue;
        status = lc_row_read(row, dialect, doc, err);
        if (status != LC_OK)
            return status;
        score = lc_fit_score(row);
        if (score > best) {
            best = score;
            *out = dialect;
        }
    }
    return LC_OK;
}

enum lc_status lc_row_read_alone(struct lc_row *row, const struct lc_dialect *of_file,
                                 const struct lc_json_doc *doc, struct lc_error *err)
{
    enum lc_status status = lc_row_read(row, of_file, doc, err);
    struct lc_stray stray = {.kind = LC_STRAY_NOT};
    const struct lc_dialect *better;

    if (status == LC_OK)
        stray.kind = find_misfit(row);
    if (status != LC_OK || stray.kind == LC_STRAY_NOT)
        return status;
    stray.of_file = of_file;
    stray.unread_key = row->ignored_key;
    stray.unread_at = row->ignored_key_at;
    status = find_better(row, of_file, doc, &better, err);
    if (status == LC_OK && row->dialect != (better ? better : of_file))
        status = lc_row_read(row, better ? better : of_file, doc, err);
    if (status != LC_OK || !better)
        return status;
    stray.is_llava = lc_span_is(better->role_key, "\"from\"") &&
                     has_column(doc, &lc_dialects[0], LC_COLUMN_TURNS);
    row->stray = stray;
    return LC_OK;
}

/* Differences for programs: docs/diff-format.md. Lists may have millions of entries, so
 * each change is written at once, without a tree. */
#include "llava_check/version.h"
#include "print/json_writer.h"
#include "report/diff/diff.h"

#include <string.h>

#define DIFF_SCHEMA 1

struct writer {
    const struct lc_diff_report *report;
    struct lc_out out;
    struct lc_jw json; /* writes to out */
    bool lines;        /* JSON lines: each change is a JSON text of its own */
};

static const char *const sides[] = {"a", "b"};

static enum lc_status put_row(struct writer *w, int side, uint64_t number,
                              struct lc_error *err)
{
    const struct lc_index *index = w->report->indexes[side];
    struct lc_row_record row = {0};
    struct lc_file_record file = {0};
    enum lc_status status = lc_index_get_row(index, number, &row, err);

    if (status == LC_OK)
        status = lc_index_get_file(index, row.file, &file, err);
    if (status != LC_OK)
        return status;
    lc_jw_key_object(&w->json, sides[side], LC_JW_COMPACT);
    lc_jw_key_text(&w->json, "file", file.name);
    lc_jw_key_number(&w->json, "row", row.row);
    lc_jw_key_number(&w->json, "line", row.line);
    if (row.id.size)
        lc_jw_key_text(&w->json, "id", row.id);
    lc_jw_end(&w->json);
    return LC_OK;
}

static enum lc_status put_image(struct writer *w, int side, uint64_t number,
                                struct lc_error *err)
{
    static const struct lc_hash none;
    struct lc_image_record image = {0};
    char content[33];
    enum lc_status status =
        lc_index_get_image(w->report->indexes[side], (uint32_t)number, &image, err);

    if (status != LC_OK)
        return status;
    lc_jw_key_object(&w->json, sides[side], LC_JW_COMPACT);
    lc_jw_key_text(&w->json, "image", image.path);
    lc_jw_key_name(&w->json, "state",
                   lc_image_state_name((enum lc_image_state)image.state));
    lc_jw_key_number(&w->json, "bytes", image.size);
    lc_hash_hex(&image.content, content);
    if (lc_hash_compare(&image.content, &none) != 0)
        lc_jw_key_name(&w->json, "content", content);
    lc_jw_end(&w->json);
    return LC_OK;
}

static enum lc_status put_parts(struct writer *w, const struct lc_diff_pair *pair,
                                struct lc_error *err)
{
    unsigned parts = 0;
    enum lc_status status = lc_diff_parts(w->report, pair, &parts, err);

    if (status != LC_OK)
        return status;
    lc_jw_key_array(&w->json, "differs", LC_JW_COMPACT);
    for (unsigned bit = 0; bit < LC_PARTS; bit++)
        if (parts >> bit & 1)
            lc_jw_name(&w->json, lc_part_name(bit));
    lc_jw_end(&w->json);
    return LC_OK;
}

static enum lc_status put_change(struct writer *w, enum lc_change change,
                                 const struct lc_diff_pair *pair, struct lc_error *err)
{
    enum lc_status (*put)(struct writer *, int, uint64_t, struct lc_error *) =
        change < LC_CHANGE_IMAGE_ADDED ? put_row : put_image;
    enum lc_status status = LC_OK;

    lc_jw_object(&w->json, LC_JW_COMPACT);
    lc_jw_key_name(&w->json, "change", lc_change_name(change));
    if (change == LC_CHANGE_ROW_CHANGED)
        status = put_parts(w, pair, err);
    if (status == LC_OK && pair->a != LC_DIFF_NOWHERE)
        status = put(w, 0, pair->a, err);
    if (status == LC_OK && pair->b != LC_DIFF_NOWHERE)
        status = put(w, 1, pair->b, err);
    if (status != LC_OK)
        return status;
    lc_jw_end(&w->json);
    if (w->lines)
        lc_jw_line(&w->json);
    return lc_out_flush(&w->out, err);
}

static enum lc_status put_changes(struct writer *w, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (int change = 0; change < LC_CHANGE_COUNT; change++) {
        const struct lc_diff_list *list = &w->report->diff->lists[change];

        for (size_t i = 0; i < list->count && status == LC_OK; i++)
            status = put_change(w, (enum lc_change)change, &list->items[i], err);
    }
    return status;
}

static void put_version(struct writer *w, int side)
{
    const struct lc_index *index = w->report->indexes[side];
    const struct lc_summary *summary = lc_index_summary(index);

    lc_jw_key_object(&w->json, sides[side], LC_JW_PADDED);
    lc_jw_key_text(&w->json, "path", lc_index_info(index)->name);
    lc_jw_key_number(&w->json, "rows", summary->rows);
    lc_jw_key_number(&w->json, "images", summary->images_referenced);
    lc_jw_end(&w->json);
}

/* Write the number of changes of each kind in [from, to). */
static void put_counts(struct writer *w, int from, int to)
{
    for (int i = from; i < to; i++) /* "row-added" is "added" here */
        lc_jw_key_number(&w->json, strchr(lc_change_name((enum lc_change)i), '-') + 1,
                         w->report->diff->lists[i].count);
}

static void put_head(struct writer *w)
{
    const struct lc_diff *diff = w->report->diff;

    lc_jw_key_number(&w->json, "schema", DIFF_SCHEMA);
    lc_jw_key_object(&w->json, "tool", LC_JW_PADDED);
    lc_jw_key_name(&w->json, "name", "llava-check");
    lc_jw_key_name(&w->json, "version", lc_version());
    lc_jw_end(&w->json);
    put_version(w, 0);
    put_version(w, 1);
    lc_jw_key_bool(&w->json, "equal",
                   !lc_diff_count(diff, LC_CHANGE_ROW_ADDED, LC_CHANGE_IMAGE_MOVED));
    lc_jw_key_object(&w->json, "rows", LC_JW_PADDED);
    lc_jw_key_number(&w->json, "same", diff->rows_same);
    put_counts(w, 0, LC_CHANGE_IMAGE_ADDED);
    lc_jw_end(&w->json);
    lc_jw_key_object(&w->json, "images", LC_JW_PADDED);
    lc_jw_key_number(&w->json, "same", diff->images_same);
    put_counts(w, LC_CHANGE_IMAGE_ADDED, LC_CHANGE_COUNT);
    lc_jw_key_number(&w->json, "unknown", diff->images_unknown);
    lc_jw_end(&w->json);
}

static enum lc_status write_json(const struct lc_diff_report *report,
                                 struct lc_error *err)
{
    struct writer w = {.report = report,
                       .out = {.to = report->to},
                       .json = {.out = &w.out, .indent = 2}};
    enum lc_status status;

    lc_jw_object(&w.json, LC_JW_LINES);
    put_head(&w);
    lc_jw_key_array(&w.json, "changes", LC_JW_LINES);
    status = put_changes(&w, err);
    if (status == LC_OK) {
        lc_jw_end(&w.json);
        lc_jw_end(&w.json);
        lc_jw_line(&w.json);
    }
    return lc_jw_finish(&w.json, status, err);
}

static enum lc_status write_jsonl(const struct lc_diff_report *report,
                                  struct lc_error *err)
{
    struct writer w = {.report = report,
                       .out = {.to = report->to},
                       .json = {.out = &w.out},
                       .lines = true};

    return lc_jw_finish(&w.json, put_changes(&w, err), err);
}

const struct lc_diff_format lc_diff_json = {
    .info = {.name = "json",
             .summary = "counts and every change, for programs (docs/diff-format.md)"},
    .write = write_json,
};

const struct lc_diff_format lc_diff_jsonl = {
    .info = {.name = "jsonl", .summary = "one change per line"},
    .write = write_jsonl,
};

/* Differences for programs: docs/diff-format.md. Lists may be of millions, so that each
 * change is written at once, without a tree. */
#include "llava_check/version.h"
#include "print/out.h"
#include "report/diff/diff.h"

#include <string.h>

#define DIFF_SCHEMA 1

struct writer {
    const struct lc_diff_report *report;
    FILE *to;
};

/* A string of foreign text: valid UTF-8 whatever it is. */
static enum lc_status put_text(struct writer *w, struct lc_span text,
                               struct lc_error *err)
{
    struct lc_out out = {.to = w->to};

    lc_out_json(&out, text);
    return lc_out_end(&out, LC_OK, err);
}

static enum lc_status put_row(struct writer *w, int side, uint64_t number,
                              struct lc_error *err)
{
    const struct lc_index *index = w->report->indexes[side];
    struct lc_row_record row = {0};
    struct lc_file_record file = {0};
    enum lc_status status = lc_index_get_row(index, number, &row, err);

    if (status == LC_OK)
        status = lc_index_get_file(index, row.file, &file, err);
    fprintf(w->to, ",\"%c\":{\"file\":", "ab"[side]);
    if (status == LC_OK)
        status = put_text(w, file.name, err);
    fprintf(w->to, ",\"row\":%llu,\"line\":%llu", (unsigned long long)row.row,
            (unsigned long long)row.line);
    if (status == LC_OK && row.id.size) {
        fputs(",\"id\":", w->to);
        status = put_text(w, row.id, err);
    }
    fputc('}', w->to);
    return status;
}

static enum lc_status put_image(struct writer *w, int side, uint64_t number,
                                struct lc_error *err)
{
    static const struct lc_hash none;
    struct lc_image_record image = {0};
    char content[33];
    enum lc_status status =
        lc_index_get_image(w->report->indexes[side], (uint32_t)number, &image, err);

    fprintf(w->to, ",\"%c\":{\"image\":", "ab"[side]);
    if (status == LC_OK)
        status = put_text(w, image.path, err);
    fprintf(w->to, ",\"state\":\"%s\",\"bytes\":%llu",
            lc_image_state_name((enum lc_image_state)image.state),
            (unsigned long long)image.size);
    lc_hash_hex(&image.content, content);
    if (lc_hash_compare(&image.content, &none) != 0)
        fprintf(w->to, ",\"content\":\"%s\"", content);
    fputc('}', w->to);
    return status;
}

static enum lc_status put_parts(struct writer *w, const struct lc_diff_pair *pair,
                                struct lc_error *err)
{
    unsigned parts = 0;
    enum lc_status status = lc_diff_parts(w->report, pair, &parts, err);
    const char *comma = "";

    fputs(",\"differs\":[", w->to);
    for (unsigned bit = 0; bit < LC_PARTS; bit++) {
        if (!(parts >> bit & 1))
            continue;
        fprintf(w->to, "%s\"%s\"", comma, lc_part_name(bit));
        comma = ",";
    }
    fputc(']', w->to);
    return status;
}

static enum lc_status put_change(struct writer *w, enum lc_change change,
                                 const struct lc_diff_pair *pair, struct lc_error *err)
{
    enum lc_status (*put)(struct writer *, int, uint64_t, struct lc_error *) =
        change < LC_CHANGE_IMAGE_ADDED ? put_row : put_image;
    enum lc_status status = LC_OK;

    fprintf(w->to, "{\"change\":\"%s\"", lc_change_name(change));
    if (change == LC_CHANGE_ROW_CHANGED)
        status = put_parts(w, pair, err);
    if (status == LC_OK && pair->a != LC_DIFF_NOWHERE)
        status = put(w, 0, pair->a, err);
    if (status == LC_OK && pair->b != LC_DIFF_NOWHERE)
        status = put(w, 1, pair->b, err);
    fputc('}', w->to);
    return status;
}

/* Write every change, with something before each. */
static enum lc_status put_changes(struct writer *w, const char *first, const char *other,
                                  const char *behind, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (int change = 0; change < LC_CHANGE_COUNT; change++) {
        const struct lc_diff_list *list = &w->report->diff->lists[change];

        for (size_t i = 0; i < list->count && status == LC_OK; i++) {
            fputs(first, w->to);
            first = other;
            status = put_change(w, (enum lc_change)change, &list->items[i], err);
            fputs(behind, w->to);
        }
    }
    return status;
}

static enum lc_status put_version(struct writer *w, int side, struct lc_error *err)
{
    const struct lc_index *index = w->report->indexes[side];
    const struct lc_summary *summary = lc_index_summary(index);
    enum lc_status status;

    fprintf(w->to, "  \"%c\": { \"path\": ", "ab"[side]);
    status = put_text(w, lc_index_info(index)->name, err);
    fprintf(w->to, ", \"rows\": %llu, \"images\": %llu },\n",
            (unsigned long long)summary->rows,
            (unsigned long long)summary->images_referenced);
    return status;
}

static void put_counts(const struct writer *w)
{
    const struct lc_diff *diff = w->report->diff;

    fprintf(w->to, "  \"rows\": { \"same\": %llu", (unsigned long long)diff->rows_same);
    for (int i = 0; i < LC_CHANGE_IMAGE_ADDED; i++)
        fprintf(w->to, ", \"%s\": %zu",
                strchr(lc_change_name((enum lc_change)i), '-') + 1, diff->lists[i].count);
    fprintf(w->to, " },\n  \"images\": { \"same\": %llu",
            (unsigned long long)diff->images_same);
    for (int i = LC_CHANGE_IMAGE_ADDED; i < LC_CHANGE_COUNT; i++)
        fprintf(w->to, ", \"%s\": %zu",
                strchr(lc_change_name((enum lc_change)i), '-') + 1, diff->lists[i].count);
    fprintf(w->to, ", \"unknown\": %llu },\n", (unsigned long long)diff->images_unknown);
}

static enum lc_status write_json(const struct lc_diff_report *report,
                                 struct lc_error *err)
{
    struct writer w = {.report = report, .to = report->to};
    uint64_t count =
        lc_diff_count(report->diff, LC_CHANGE_ROW_ADDED, LC_CHANGE_IMAGE_MOVED);
    enum lc_status status;

    fprintf(w.to,
            "{\n  \"schema\": %d,\n"
            "  \"tool\": { \"name\": \"llava-check\", \"version\": \"%s\" },\n",
            DIFF_SCHEMA, lc_version());
    status = put_version(&w, 0, err);
    if (status == LC_OK)
        status = put_version(&w, 1, err);
    fprintf(w.to, "  \"equal\": %s,\n", count ? "false" : "true");
    put_counts(&w);
    fputs("  \"changes\": [", w.to);
    if (status == LC_OK)
        status = put_changes(&w, "\n    ", ",\n    ", "", err);
    fputs(count ? "\n  ]\n}\n" : "]\n}\n", w.to);
    return status;
}

static enum lc_status write_jsonl(const struct lc_diff_report *report,
                                  struct lc_error *err)
{
    struct writer w = {.report = report, .to = report->to};
    enum lc_status status = put_changes(&w, "", "", "\n", err);

    return status;
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

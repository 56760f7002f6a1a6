/* Differences for people: counts, and a few examples of each kind. */
#include "report/diff/diff.h"

#include <string.h>

#define DEFAULT_EXAMPLES 3

struct writer {
    const struct lc_diff_report *report;
    FILE *to;
    struct lc_buffer line; /* the line being built */
};

static const char *const verbs[LC_CHANGE_COUNT] = {
    [LC_CHANGE_ROW_ADDED] = "added",       [LC_CHANGE_ROW_REMOVED] = "removed",
    [LC_CHANGE_ROW_CHANGED] = "changed",   [LC_CHANGE_ROW_RENAMED] = "renamed",
    [LC_CHANGE_IMAGE_ADDED] = "added",     [LC_CHANGE_IMAGE_REMOVED] = "removed",
    [LC_CHANGE_IMAGE_CHANGED] = "changed", [LC_CHANGE_IMAGE_MOVED] = "moved",
};

static bool is_of_row(enum lc_change change)
{
    return change < LC_CHANGE_IMAGE_ADDED;
}

static const char *on(const struct writer *w, const char *code)
{
    return w->report->options->color ? code : "";
}

static const char *off(const struct writer *w)
{
    return on(w, "\033[0m");
}

#define BOLD "\033[1m"
#define DIM "\033[2m"
#define GREEN "\033[1;32m"
#define YELLOW "\033[1;33m"

/* ---- the head ---- */

static enum lc_status add_name(struct writer *w, int side, struct lc_error *err)
{
    const char *name = w->report->options->names[side];
    struct lc_span text = name ? (struct lc_span){name, strlen(name)}
                               : lc_index_info(w->report->indexes[side])->name;

    return lc_format_text(text, &w->line, err);
}

static enum lc_status print_title(struct writer *w, struct lc_error *err)
{
    enum lc_status status = add_name(w, 0, err);

    if (status == LC_OK)
        status = lc_buffer_printf(&w->line, err, " → ");
    if (status == LC_OK)
        status = add_name(w, 1, err);
    if (status == LC_OK)
        fprintf(w->to, "%s%.*s%s\n", on(w, BOLD), (int)w->line.size, w->line.data,
                off(w));
    return status;
}

/* "  rows      43 → 44: 2 added, 1 removed, 42 the same" */
static void print_counts(const struct writer *w, const char *what, uint64_t a, uint64_t b,
                         enum lc_change first)
{
    const struct lc_diff *diff = w->report->diff;
    bool rows = is_of_row(first);
    char count[LC_COUNT_SIZE], other[LC_COUNT_SIZE];

    fprintf(w->to, "  %-10s%s → %s: ", what, lc_format_count(a, count),
            lc_format_count(b, other));
    for (int i = (int)first; i < (rows ? LC_CHANGE_IMAGE_ADDED : LC_CHANGE_COUNT); i++)
        if (diff->lists[i].count)
            fprintf(w->to, "%s %s, ", lc_format_count(diff->lists[i].count, count),
                    verbs[i]);
    fprintf(w->to, "%s the same",
            lc_format_count(rows ? diff->rows_same : diff->images_same, count));
    if (!rows && diff->images_unknown)
        fprintf(w->to, ", %s not checked", lc_format_count(diff->images_unknown, count));
    fputc('\n', w->to);
}

static enum lc_status print_head(struct writer *w, struct lc_error *err)
{
    const struct lc_summary *a = lc_index_summary(w->report->indexes[0]);
    const struct lc_summary *b = lc_index_summary(w->report->indexes[1]);
    enum lc_status status = print_title(w, err);

    print_counts(w, "rows", a->rows, b->rows, LC_CHANGE_ROW_ADDED);
    print_counts(w, "images", a->images_referenced, b->images_referenced,
                 LC_CHANGE_IMAGE_ADDED);
    fputc('\n', w->to);
    return status;
}

/* ---- examples ---- */

static enum lc_status add_text(struct writer *w, const char *text, struct lc_error *err)
{
    return lc_buffer_add(&w->line, text, strlen(text), err);
}

/* "raw/rows.json:12", which a terminal or an editor can open. */
static enum lc_status add_place(struct writer *w, int side,
                                const struct lc_row_record *row, struct lc_error *err)
{
    const char *prefix = w->report->options->prefixes[side];
    struct lc_file_record file = {0};
    enum lc_status status =
        lc_index_get_file(w->report->indexes[side], row->file, &file, err);

    if (status == LC_OK && prefix)
        status = lc_format_text((struct lc_span){prefix, strlen(prefix)}, &w->line, err);
    if (status == LC_OK)
        status = lc_format_text(file.name, &w->line, err);
    return status == LC_OK
               ? lc_buffer_printf(&w->line, err, ":%llu", (unsigned long long)row->line)
               : status;
}

/* "id 'a'" or "no id" */
static enum lc_status add_id(struct writer *w, struct lc_span id, struct lc_error *err)
{
    enum lc_status status;

    if (!id.size)
        return add_text(w, "no id", err);
    status = add_text(w, "id ", err);
    return status == LC_OK ? lc_format_quote(id, 48, &w->line, err) : status;
}

static enum lc_status add_row(struct writer *w, int side, const struct lc_row_record *row,
                              struct lc_error *err)
{
    enum lc_status status = add_place(w, side, row, err);

    if (status == LC_OK)
        status =
            lc_buffer_printf(&w->line, err, ": row %llu, ", (unsigned long long)row->row);
    return status == LC_OK ? add_id(w, row->id, err) : status;
}

/* ": images, conversation" */
static enum lc_status add_parts(struct writer *w, const struct lc_diff_pair *pair,
                                struct lc_error *err)
{
    unsigned parts = 0;
    enum lc_status status = lc_diff_parts(w->report, pair, &parts, err);
    const char *before = ": ";

    for (unsigned bit = 0; bit < LC_PARTS && status == LC_OK; bit++) {
        if (!(parts >> bit & 1))
            continue;
        status = lc_buffer_printf(&w->line, err, "%s%s", before, lc_part_name(bit));
        before = ", ";
    }
    return status;
}

static enum lc_status add_row_change(struct writer *w, enum lc_change change,
                                     const struct lc_diff_pair *pair,
                                     struct lc_error *err)
{
    const struct lc_diff_report *report = w->report;
    bool in_a = pair->a != LC_DIFF_NOWHERE, in_b = pair->b != LC_DIFF_NOWHERE;
    struct lc_row_record a = {0}, b = {0};
    enum lc_status status = LC_OK;

    if (in_a)
        status = lc_index_get_row(report->indexes[0], pair->a, &a, err);
    if (in_b && status == LC_OK)
        status = lc_index_get_row(report->indexes[1], pair->b, &b, err);
    if (status == LC_OK)
        status = add_row(w, in_b, in_b ? &b : &a, err);
    if (!in_a || !in_b || status != LC_OK)
        return status;
    if (change == LC_CHANGE_ROW_CHANGED)
        status = add_parts(w, pair, err);
    else if ((status = add_text(w, ": was ", err)) == LC_OK)
        status = add_id(w, a.id, err);
    if (status == LC_OK)
        status = add_text(w, " (", err);
    if (status == LC_OK)
        status = add_place(w, 0, &a, err);
    return status == LC_OK ? add_text(w, ")", err) : status;
}

/* "51,203 bytes", or the reason why the image was not read. */
static enum lc_status add_file(struct writer *w, const struct lc_image_record *image,
                               struct lc_error *err)
{
    static const struct lc_hash none;
    char size[LC_COUNT_SIZE];

    if (lc_hash_compare(&image->content, &none) == 0)
        return add_text(w, lc_image_state_name((enum lc_image_state)image->state), err);
    return lc_buffer_printf(&w->line, err, "%s bytes",
                            lc_format_count(image->size, size));
}

static enum lc_status add_image_change(struct writer *w, enum lc_change change,
                                       const struct lc_diff_pair *pair,
                                       struct lc_error *err)
{
    const struct lc_diff_report *report = w->report;
    bool in_a = pair->a != LC_DIFF_NOWHERE, in_b = pair->b != LC_DIFF_NOWHERE;
    struct lc_image_record a = {0}, b = {0};
    enum lc_status status = LC_OK;

    if (in_a)
        status = lc_index_get_image(report->indexes[0], (uint32_t)pair->a, &a, err);
    if (in_b && status == LC_OK)
        status = lc_index_get_image(report->indexes[1], (uint32_t)pair->b, &b, err);
    if (status == LC_OK)
        status = lc_format_text(in_a ? a.path : b.path, &w->line, err);
    if (status == LC_OK && change == LC_CHANGE_IMAGE_MOVED) {
        status = add_text(w, " → ", err);
        return status == LC_OK ? lc_format_text(b.path, &w->line, err) : status;
    }
    if (status == LC_OK)
        status = add_text(w, ": ", err);
    if (status == LC_OK && in_a)
        status = add_file(w, &a, err);
    if (status == LC_OK && in_a && in_b)
        status = add_text(w, " → ", err);
    return status == LC_OK && in_b ? add_file(w, &b, err) : status;
}

static enum lc_status print_list(struct writer *w, enum lc_change change,
                                 struct lc_error *err)
{
    const struct lc_diff_list *list = &w->report->diff->lists[change];
    size_t shown = w->report->options->examples;
    char count[LC_COUNT_SIZE];
    enum lc_status status = LC_OK;

    if (!list->count)
        return LC_OK;
    if (!shown)
        shown = DEFAULT_EXAMPLES;
    fprintf(w->to, "%s%s %s%s%s %s\n", on(w, BOLD), lc_format_count(list->count, count),
            is_of_row(change) ? "row" : "image", list->count == 1 ? "" : "s", off(w),
            verbs[change]);
    for (size_t i = 0; i < list->count && i < shown && status == LC_OK; i++) {
        w->line.size = 0;
        status = is_of_row(change) ? add_row_change(w, change, &list->items[i], err)
                                   : add_image_change(w, change, &list->items[i], err);
        if (status == LC_OK)
            fprintf(w->to, "    %.*s\n", (int)w->line.size, w->line.data);
    }
    if (list->count > shown)
        fprintf(w->to, "    %s… and %s more%s\n", on(w, DIM),
                lc_format_count(list->count - shown, count), off(w));
    fputc('\n', w->to);
    return status;
}

/* ---- the verdict ---- */

static void print_verdict(const struct writer *w)
{
    const struct lc_diff *diff = w->report->diff;
    uint64_t rows = lc_diff_count(diff, LC_CHANGE_ROW_ADDED, LC_CHANGE_ROW_RENAMED);
    uint64_t images = lc_diff_count(diff, LC_CHANGE_IMAGE_ADDED, LC_CHANGE_IMAGE_MOVED);
    char count[LC_COUNT_SIZE], other[LC_COUNT_SIZE];

    if (!rows && !images) {
        fprintf(w->to, "%sEQUAL%s: no row and no image differs\n", on(w, GREEN), off(w));
        return;
    }
    fprintf(w->to, "%sDIFFERENT%s: %s row%s, %s image%s\n", on(w, YELLOW), off(w),
            lc_format_count(rows, count), rows == 1 ? "" : "s",
            lc_format_count(images, other), images == 1 ? "" : "s");
}

static enum lc_status write(const struct lc_diff_report *report, struct lc_error *err)
{
    struct writer w = {.report = report, .to = report->to};
    enum lc_status status = print_head(&w, err);

    for (int i = 0; i < LC_CHANGE_COUNT && status == LC_OK; i++)
        status = print_list(&w, (enum lc_change)i, err);
    if (status == LC_OK)
        print_verdict(&w);
    lc_buffer_clear(&w.line);
    return status;
}

const struct lc_diff_format lc_diff_text = {
    .info = {.name = "text",
             .summary = "counts, and examples of each kind of change, for people"},
    .write = write,
};

/* Images with equal content, those in the most files first */
#include "query/question.h"

#include "print/format.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Files with one content. There are at most half as many groups as images. */
struct group {
    struct lc_hash content;
    uint64_t files;
    uint64_t size;  /* size of one file in bytes */
    uint32_t image; /* the first image */
};

struct groups {
    const struct lc_index *index;
    struct group *items;
    size_t count;
    size_t capacity;
    struct group present; /* the group being counted */
};

/* An output line: a group or, in CSV, one of its files. */
struct line {
    struct lc_hash content;
    uint64_t group; /* from 0 */
    uint64_t files;
    uint64_t size;
    struct lc_span path;
};

static const struct lc_field fields[] = {
    {"group", LC_FIELD_U64, offsetof(struct line, group)},
    {"content", LC_FIELD_HASH, offsetof(struct line, content)},
    {"files", LC_FIELD_U64, offsetof(struct line, files)},
    {"size", LC_FIELD_U64, offsetof(struct line, size)},
    {"path", LC_FIELD_TEXT, offsetof(struct line, path)},
};

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

/* Keep the content that was counted if several files have it. */
static enum lc_status end_group(struct groups *groups, struct lc_error *err)
{
    struct lc_image_record image;
    struct group *items;
    enum lc_status status;

    if (groups->present.files < 2)
        return LC_OK;
    status = lc_index_get_image(groups->index, groups->present.image, &image, err);
    if (status != LC_OK)
        return status;
    groups->present.size = image.size;
    items =
        lc_array_grow(groups->items, groups->count, &groups->capacity, sizeof(*items));
    if (!items)
        return lc_fail_memory(err);
    groups->items = items;
    items[groups->count++] = groups->present;
    return LC_OK;
}

static enum lc_status count_image(void *user, const struct lc_hash *content,
                                  uint32_t image, struct lc_error *err)
{
    struct groups *groups = user;
    enum lc_status status;

    if (groups->present.files &&
        lc_hash_compare(content, &groups->present.content) == 0) {
        groups->present.files++;
        return LC_OK;
    }
    status = end_group(groups, err);
    groups->present = (struct group){.content = *content, .files = 1, .image = image};
    return status;
}

/* Order: most files first, then the largest, then by their first paths. */
static int largest_first(const void *a, const void *b)
{
    const struct group *x = a, *y = b;

    if (x->files != y->files)
        return x->files > y->files ? -1 : 1;
    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return x->image < y->image ? -1 : x->image > y->image;
}

/* A group whose files are being written. */
struct writing {
    struct lc_query_run *run;
    struct lc_sheet *sheet; /* CSV; NULL: one object or paragraph for each group */
    struct line line;
    enum lc_status status;
    struct lc_error *err;
};

static void write_file(void *user, uint64_t number)
{
    struct writing *w = user;
    struct lc_out *out = w->run->out;
    struct lc_image_record image;

    if (w->status != LC_OK)
        return;
    w->status = lc_index_get_image(w->run->index, (uint32_t)number, &image, w->err);
    if (w->status != LC_OK)
        return;
    w->line.path = image.path;
    if (w->sheet) {
        w->status = lc_sheet_add(w->sheet, &w->line, w->err);
        return;
    }
    if (strcmp(w->run->format, "text") == 0) {
        lc_out_text(out, "  ");
        lc_out_plain(out, image.path);
        lc_out_bytes(out, "\n", 1);
    } else {
        lc_jw_text(&w->run->json, image.path);
    }
    w->status = lc_out_flush(out, w->err);
}

static void put_head(struct lc_out *out, const struct group *group)
{
    char text[LC_COUNT_SIZE], hex[33];

    lc_out_text(out, lc_format_count(group->files, text));
    lc_out_text(out, " files of ");
    lc_out_text(out, lc_format_bytes(group->size, text));
    lc_out_text(out, ", content ");
    lc_hash_hex(&group->content, hex);
    lc_out_text(out, hex);
    lc_out_bytes(out, "\n", 1);
}

static enum lc_status write_group(struct lc_query_run *run, struct lc_sheet *sheet,
                                  const struct group *group, uint64_t number,
                                  struct lc_error *err)
{
    const struct line line = {group->content, number, group->files, group->size, {0}};
    struct writing w = {run, sheet, line, LC_OK, err};
    bool text = strcmp(run->format, "text") == 0;
    struct lc_jw *json = text || sheet ? NULL : &run->json;
    enum lc_status status;

    if (text) {
        put_head(run->out, group);
    } else if (json) {
        lc_jw_object(json, LC_JW_COMPACT);
        lc_sheet_members(json, fields, FIELD_COUNT, &line);
        lc_jw_key_array(json, "paths", LC_JW_COMPACT);
    }
    status =
        lc_index_each_image_of_content(run->index, &group->content, write_file, &w, err);
    if (status == LC_OK)
        status = w.status;
    if (status == LC_OK && json) {
        lc_jw_end(json);
        lc_jw_end(json);
        if (strcmp(run->format, "jsonl") == 0)
            lc_jw_line(json);
    }
    return status;
}

/* "3 contents on 7 files, 1.2 MiB more than once" */
static void put_total(struct lc_out *out, const struct groups *groups)
{
    uint64_t files = 0, bytes = 0;
    char text[LC_COUNT_SIZE];

    for (size_t i = 0; i < groups->count; i++) {
        files += groups->items[i].files;
        bytes += (groups->items[i].files - 1) * groups->items[i].size;
    }
    if (!groups->count) {
        lc_out_text(out, "no images with identical content\n");
        return;
    }
    lc_out_bytes(out, "\n", 1);
    lc_out_text(out, lc_format_count(groups->count, text));
    lc_out_text(out, groups->count == 1 ? " group, " : " groups, ");
    lc_out_text(out, lc_format_count(files, text));
    lc_out_text(out, " files, ");
    lc_out_text(out, lc_format_bytes(bytes, text));
    lc_out_text(out, " of duplicates\n");
}

enum lc_status lc_query_run_duplicates(struct lc_query_run *run, struct lc_error *err)
{
    bool text = strcmp(run->format, "text") == 0;
    bool csv = strcmp(run->format, "csv") == 0;
    struct lc_sheet sheet = {&run->json, run->format, fields, FIELD_COUNT, {0}};
    struct groups groups = {.index = run->index};
    enum lc_status status = lc_index_each_content(run->index, count_image, &groups, err);

    if (status == LC_OK)
        status = end_group(&groups, err);
    if (groups.count)
        qsort(groups.items, groups.count, sizeof(*groups.items), largest_first);
    if (!text)
        lc_sheet_begin(&sheet);
    for (size_t i = 0; i < groups.count && status == LC_OK; i++)
        status = write_group(run, csv ? &sheet : NULL, &groups.items[i], i, err);
    if (text)
        put_total(run->out, &groups);
    else
        status = lc_sheet_end(&sheet, status);
    free(groups.items);
    return status;
}

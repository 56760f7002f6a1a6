/* The rows of an index, and the files that contain them */
#include "query/pick.h"
#include "query/source.h"

#include "iterate/entries.h"
#include "print/format.h"

#include <stddef.h>
#include <string.h>

struct listing {
    struct lc_query_run *run;
    struct lc_sheet sheet;
    struct lc_pick pick;
    struct lc_row_source source;
    struct lc_entry_cache cache;
    uint64_t listed;
};

/* Write the head of the list for people. Ids and places can be long, so they are the last
 * columns. */
static void put_head(struct lc_out *out)
{
    lc_out_text(out,
                "effect    turns  images  characters  row        id                    "
                "place\n");
}

static void put_line(const struct listing *listing, const struct lc_row_line *line)
{
    struct lc_out *out = listing->run->out;
    const struct lc_row_entry *row = &line->entry;
    const uint64_t numbers[] = {row->turns, row->image_count, row->characters};
    static const size_t widths[] = {5, 8, 12};
    size_t from = out->bytes.size;

    lc_out_text(out, lc_effect_name((enum lc_effect)line->effect));
    lc_out_pad(out, from, 10, false);
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        from = out->bytes.size;
        lc_out_number(out, numbers[i]);
        lc_out_pad(out, from, widths[i], true);
    }
    lc_out_text(out, "  ");
    from = out->bytes.size;
    lc_out_number(out, row->row);
    lc_out_pad(out, from, 9, false);
    lc_out_text(out, "  ");
    from = out->bytes.size;
    if (row->id.size)
        lc_out_quote(out, row->id);
    lc_out_pad(out, from, 20, false);
    lc_out_text(out, "  ");
    lc_row_put_line(listing->run, row);
    lc_out_bytes(out, "\n", 1);
}

/* Complete the line of a row and write it, if it meets the conditions. */
static enum lc_status list_row(struct listing *listing, struct lc_row_line *line,
                               struct lc_error *err)
{
    const struct lc_query_run *run = listing->run;
    const struct lc_file_record *file;
    enum lc_status status = lc_entry_cache_file(&listing->cache, run->index,
                                                line->entry.file_number, &file, err);

    if (status != LC_OK)
        return status;
    lc_row_line(line);
    line->dialect = file->dialect;
    line->effect = LC_EFFECT_FINE;
    if (listing->pick.effects.rows && line->entry.number < listing->pick.rows)
        line->effect = listing->pick.effects.rows[line->entry.number];
    if (!lc_pick_has(&listing->pick, line))
        return LC_OK;
    listing->listed++;
    if (lc_sheet_has(run->format))
        return lc_sheet_add(&listing->sheet, line, err);
    if (lc_row_is_place(run->format))
        return lc_row_put_place(listing->run, &line->entry, err);
    if (strcmp(run->format, "source") == 0)
        return lc_row_put_source(listing->run, &listing->source, &line->entry, file, err);
    put_line(listing, line);
    return lc_out_flush(run->out, err);
}

/* "12 of 450,000 rows" */
static void put_total(const struct listing *listing)
{
    struct lc_out *out = listing->run->out;
    char count[LC_COUNT_SIZE];

    lc_out_text(out, listing->listed ? "\n" : "");
    lc_out_text(out, lc_format_count(listing->listed, count));
    lc_out_text(out, " of ");
    lc_out_text(out, lc_format_count(listing->pick.rows, count));
    lc_out_text(out, listing->pick.rows == 1 ? " row\n" : " rows\n");
}

enum lc_status lc_query_run_rows(struct lc_query_run *run, struct lc_error *err)
{
    bool text = strcmp(run->format, "text") == 0;
    struct listing listing = {
        .run = run,
        .sheet = {&run->json, run->format, lc_row_fields, lc_row_field_count, {0}},
    };
    struct lc_row_iterator *iterator = NULL;
    const struct lc_row_entry *row = NULL;
    struct lc_row_line line = {0};
    enum lc_status status = lc_pick_read(run, text, &listing.pick, err);

    if (status != LC_OK)
        goto out;
    if (text)
        put_head(run->out);
    else if (lc_sheet_has(run->format))
        lc_sheet_begin(&listing.sheet);
    status = lc_row_iterator_new(run->index, &iterator, err);
    while (status == LC_OK) {
        status = lc_row_next_of(iterator, lc_pick_may_have, &listing.pick, &row, err);
        if (status != LC_OK || !row)
            break;
        line.entry = *row;
        status = list_row(&listing, &line, err);
    }
    if (status == LC_OK && text)
        put_total(&listing);
out:
    status = lc_sheet_end(&listing.sheet, status);
    lc_row_iterator_free(iterator);
    lc_pick_clear(&listing.pick);
    lc_row_source_close(&listing.source);
    return status;
}

/* A rows file in the list. */
struct file_line {
    struct lc_file_record file;
    uint64_t number;
};

#define OF_FILE(member) offsetof(struct file_line, file.member)

static const struct lc_field file_fields[] = {
    {"number", LC_FIELD_U64, offsetof(struct file_line, number)},
    {"name", LC_FIELD_TEXT, OF_FILE(name)},
    {"size", LC_FIELD_U64, OF_FILE(size)},
    {"mtime_ns", LC_FIELD_I64, OF_FILE(mtime_ns)},
    {"ctime_ns", LC_FIELD_I64, OF_FILE(ctime_ns)},
    {"inode", LC_FIELD_U64, OF_FILE(inode)},
    {"device", LC_FIELD_U64, OF_FILE(device)},
    {"content", LC_FIELD_HASH, OF_FILE(content)},
    {"first_row", LC_FIELD_U64, OF_FILE(first_row)},
    {"rows", LC_FIELD_U64, OF_FILE(rows)},
    {"lines", LC_FIELD_BOOL, OF_FILE(lines)},
    {"sampling", LC_FIELD_TEXT, OF_FILE(sampling)},
    {"sampled", LC_FIELD_U64, OF_FILE(sampled)},
    {"dialect", LC_FIELD_TEXT, OF_FILE(dialect)},
};

enum lc_status lc_query_run_files(struct lc_query_run *run, struct lc_error *err)
{
    struct lc_sheet sheet = {&run->json,
                             run->format,
                             file_fields,
                             sizeof(file_fields) / sizeof(file_fields[0]),
                             {0}};
    uint64_t count = lc_index_summary(run->index)->rows_files;
    struct file_line line;
    enum lc_status status = LC_OK;

    lc_sheet_begin(&sheet);
    for (line.number = 0; line.number < count && status == LC_OK; line.number++) {
        status = lc_index_get_file(run->index, (uint32_t)line.number, &line.file, err);
        if (status == LC_OK && !line.file.sampling.size)
            line.file.sampling = (struct lc_span){0};
        if (status == LC_OK)
            status = lc_sheet_add(&sheet, &line, err);
    }
    return lc_sheet_end(&sheet, status);
}

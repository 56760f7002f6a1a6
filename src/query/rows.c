/* The rows of an index, and the files that they are in */
#include "query/row.h"

#include <stddef.h>

#define OF_LINE(member) offsetof(struct lc_row_line, member)

const struct lc_field lc_row_fields[] = {
    {"number", LC_FIELD_U64, OF_LINE(entry.number)},
    {"id", LC_FIELD_TEXT, OF_LINE(id)},
    {"file", LC_FIELD_TEXT, OF_LINE(entry.file)},
    {"row", LC_FIELD_U64, OF_LINE(entry.row)},
    {"line", LC_FIELD_U64, OF_LINE(entry.line)},
    {"column", LC_FIELD_U64, OF_LINE(entry.column)},
    {"offset", LC_FIELD_U64, OF_LINE(entry.offset)},
    {"size", LC_FIELD_U32, OF_LINE(entry.size)},
    {"turns", LC_FIELD_U32, OF_LINE(entry.turns)},
    {"words", LC_FIELD_U64, OF_LINE(entry.words)},
    {"characters", LC_FIELD_U64, OF_LINE(entry.characters)},
    {"script", LC_FIELD_NAME, OF_LINE(script)},
    {"placeholders", LC_FIELD_U32, OF_LINE(entry.placeholders)},
    {"videos", LC_FIELD_U32, OF_LINE(entry.videos)},
    {"urls", LC_FIELD_U32, OF_LINE(entry.urls)},
    {"embedded", LC_FIELD_U32, OF_LINE(entry.embedded)},
    {"readable", LC_FIELD_BOOL, OF_LINE(entry.is_readable)},
    {"faulty", LC_FIELD_BOOL, OF_LINE(faulty)},
    {"whole", LC_FIELD_BOOL, OF_LINE(entry.is_comparable)},
    {"content", LC_FIELD_HASH, OF_LINE(entry.content)},
    {"rest", LC_FIELD_U64, OF_LINE(entry.rest)},
    {"object", LC_FIELD_BOOL, OF_LINE(entry.is_object)},
    {"text_only", LC_FIELD_BOOL, OF_LINE(entry.is_text_only)},
    {"data_source", LC_FIELD_TEXT, OF_LINE(source)},
    {"images", LC_FIELD_LIST, OF_LINE(images)},
};

const size_t lc_row_field_count = sizeof(lc_row_fields) / sizeof(lc_row_fields[0]);

void lc_row_line(struct lc_row_line *line)
{
    static const char *const scripts[] = {
        [LC_SCRIPT_LATIN] = "latin",
        [LC_SCRIPT_HAN] = "han",
        [LC_SCRIPT_OTHER] = "other",
        [LC_SCRIPT_NONE] = "none",
    };
    const struct lc_row_entry *entry = &line->entry;

    line->id = entry->id.size ? entry->id : (struct lc_span){0};
    line->source = entry->data_source.size ? entry->data_source : (struct lc_span){0};
    line->script = entry->is_readable ? scripts[entry->script] : NULL;
    line->faulty = !entry->is_ok;
    line->images = (struct lc_texts){0};
    if (entry->image_count)
        line->images = (struct lc_texts){&entry->images->path, entry->image_count,
                                         sizeof(*entry->images)};
}

enum lc_status lc_query_run_rows(struct lc_query_run *run, struct lc_error *err)
{
    struct lc_sheet sheet = {
        &run->json, run->format, lc_row_fields, lc_row_field_count, {0}};
    struct lc_row_iterator *iterator = NULL;
    const struct lc_row_entry *row = NULL;
    struct lc_row_line line;
    enum lc_status status = lc_row_iterator_new(run->index, &iterator, err);

    lc_sheet_begin(&sheet);
    while (status == LC_OK) {
        status = lc_row_next(iterator, &row, err);
        if (status != LC_OK || !row)
            break;
        line.entry = *row;
        lc_row_line(&line);
        status = lc_sheet_add(&sheet, &line, err);
    }
    status = lc_sheet_end(&sheet, status);
    lc_row_iterator_free(iterator);
    return status;
}

/* A rows file as it is listed. */
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
    {"drawn", LC_FIELD_U64, OF_FILE(drawn)},
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

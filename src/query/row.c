#include "query/row.h"

#include <stddef.h>
#include <string.h>

#define OF_LINE(member) offsetof(struct lc_row_line, member)
#define OF_FINDING(member) offsetof(struct lc_finding_record, member)

#define OWN_CONDITIONS 4
#define FINDING_CONDITIONS 4

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
    /* only for conditions */
    {"image", LC_FIELD_ANY, OF_LINE(images)},
    {"rounds", LC_FIELD_U32, OF_LINE(rounds)},
    {"dialect", LC_FIELD_TEXT, OF_LINE(dialect)},
    {"effect", LC_FIELD_RANK, OF_LINE(effect)},
    /* of the row's findings */
    {"rule", LC_FIELD_TEXT, OF_FINDING(rule)},
    {"case", LC_FIELD_TEXT, OF_FINDING(rule_case)},
    {"level", LC_FIELD_RANK, OF_FINDING(severity)},
    {"message", LC_FIELD_TEXT, OF_FINDING(message)},
};

const size_t lc_row_condition_count = sizeof(lc_row_fields) / sizeof(lc_row_fields[0]);
const size_t lc_row_own_count =
    sizeof(lc_row_fields) / sizeof(lc_row_fields[0]) - FINDING_CONDITIONS;
const size_t lc_row_field_count = sizeof(lc_row_fields) / sizeof(lc_row_fields[0]) -
                                  FINDING_CONDITIONS - OWN_CONDITIONS;

const char *lc_row_script_name(size_t script)
{
    static const char *const names[] = {
        [LC_SCRIPT_LATIN] = "latin",
        [LC_SCRIPT_HAN] = "han",
        [LC_SCRIPT_OTHER] = "other",
        [LC_SCRIPT_NONE] = "none",
    };

    return script < sizeof(names) / sizeof(names[0]) ? names[script] : NULL;
}

void lc_row_line(struct lc_row_line *line)
{
    const struct lc_row_entry *entry = &line->entry;

    line->id = entry->id.size ? entry->id : (struct lc_span){0};
    line->source = entry->data_source.size ? entry->data_source : (struct lc_span){0};
    line->script = entry->is_readable ? lc_row_script_name(entry->script) : NULL;
    line->faulty = !entry->is_ok;
    line->rounds = entry->turns / 2;
    line->images = (struct lc_texts){0};
    if (entry->image_count)
        line->images = (struct lc_texts){&entry->images->path, entry->image_count,
                                         sizeof(*entry->images)};
}

bool lc_row_is_place(const char *format)
{
    return strcmp(format, "ids") == 0 || strcmp(format, "lines") == 0 ||
           strcmp(format, "offsets") == 0;
}

/* Write the name of a row's file such that it can be opened from the working
 * directory. */
static void put_file(const struct lc_query_run *run, const struct lc_row_entry *row)
{
    const char *prefix = run->query->prefix ? run->query->prefix : "";
    struct lc_buffer path = {0};

    run->out->failed |=
        lc_buffer_add(&path, prefix, strlen(prefix), NULL) != LC_OK ||
        lc_buffer_add(&path, row->file.text, row->file.size, NULL) != LC_OK;
    lc_out_path(run->out, (struct lc_span){path.data, path.size});
    lc_buffer_clear(&path);
}

void lc_row_put_line(struct lc_query_run *run, const struct lc_row_entry *row)
{
    put_file(run, row);
    lc_out_bytes(run->out, ":", 1);
    lc_out_number(run->out, row->line);
}

enum lc_status lc_row_put_place(struct lc_query_run *run, const struct lc_row_entry *row,
                                struct lc_error *err)
{
    struct lc_out *out = run->out;

    if (strcmp(run->format, "ids") == 0) {
        if (row->id.size)
            lc_out_json(out, row->id);
        else
            lc_out_text(out, "null");
    } else if (strcmp(run->format, "lines") == 0) {
        lc_row_put_line(run, row);
    } else {
        lc_out_number(out, row->offset);
        lc_out_bytes(out, " ", 1);
        lc_out_number(out, row->size);
        lc_out_bytes(out, " ", 1);
        put_file(run, row);
    }
    lc_out_bytes(out, "\n", 1);
    return lc_out_flush(out, err);
}

/* A table is made batch by batch: get_next advances an iterator of the public API, and
 * adds each entry to the columns. */
#include "llava_check/arrow.h"

#include "arrow/columns.h"
#include "arrow/reasons.h"
#include "arrow/verdicts.h"
#include "base/options.h"
#include "base/text.h"
#include "llava_check/files.h"
#include "llava_check/findings.h"
#include "llava_check/images.h"
#include "llava_check/rows.h"
#include "report/prediction.h"
#include "rules/rules.h"
#include "view/view.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_ROWS 65536

/* Not a value of the enum: null. */
#define NONE UINT_MAX

/* The values of a row that are not in its entry. */
struct extra {
    struct lc_path_list paths;
    struct lc_item_list findings; /* struct lc_row_finding */
    bool is_ok;
    unsigned effect; /* an enum lc_effect, or NONE */
    struct lc_span rule;
    struct lc_span name; /* name of the rule */
    struct lc_span rule_case;
    struct lc_span what;
    struct lc_span effect_name;
};

struct stream {
    const struct table *table;
    struct lc_index *index;
    struct lc_view *view;         /* NULL if not used */
    struct lc_reasons *reasons;   /* NULL if not used */
    struct lc_verdicts *verdicts; /* NULL if not used */
    struct lc_columns *columns;
    uint64_t batch; /* maximum number of rows */
    bool has_ended;
    /* the table's iterator is set, the others are NULL */
    struct lc_file_iterator *files;
    struct lc_row_iterator *rows;
    struct lc_image_iterator *images;
    struct lc_finding_iterator *findings;
    struct extra extra;
    struct lc_error error; /* of the last call */
};

/* ---- names ---- */

static struct lc_span text_of(const char *text)
{
    return (struct lc_span){text, text ? strlen(text) : 0};
}

static const char *severity_at(size_t i)
{
    return i <= LC_SEVERITY_ERROR ? lc_severity_name((enum lc_severity)i) : NULL;
}

static const char *effect_at(size_t i)
{
    return i <= LC_EFFECT_REFUSED ? lc_effect_name((enum lc_effect)i) : NULL;
}

static const char *state_at(size_t i)
{
    return i < LC_IMAGE_STATE_COUNT ? lc_image_state_name((enum lc_image_state)i) : NULL;
}

static const char *script_at(size_t i)
{
    static const char *const names[] = {[LC_SCRIPT_LATIN] = "latin",
                                        [LC_SCRIPT_HAN] = "han",
                                        [LC_SCRIPT_OTHER] = "other",
                                        [LC_SCRIPT_NONE] = "none"};

    return i <= LC_SCRIPT_NONE ? names[i] : NULL;
}

static const char *kind_at(size_t i)
{
    static const char *const names[] = {
        "unknown", /* kinds start at 1 */
        [LC_FINDING_ROW] = "row", [LC_FINDING_IMAGE] = "image", [LC_FINDING_SET] = "set"};

    return i <= LC_FINDING_SET ? names[i] : NULL;
}

static const char *code_at(size_t i)
{
    return i < LC_RULE_COUNT ? lc_rules[i].info.code : NULL;
}

static const char *rule_name_at(size_t i)
{
    return i < LC_RULE_COUNT ? lc_rules[i].info.name : NULL;
}

static const char *case_at(size_t i)
{
    return i < LC_CASE_COUNT ? lc_cases[i].info.name : NULL;
}

/* ---- tables ---- */

#define AT(kind, type, name)                                                             \
    {                                                                                    \
#name, LC_FIELD_##type, false, offsetof(struct lc_##kind##_entry, name), false,  \
            NULL, NULL, 0                                                                \
    }
#define MAY(kind, type, name)                                                            \
    {                                                                                    \
#name, LC_FIELD_##type, false, offsetof(struct lc_##kind##_entry, name), true,   \
            NULL, NULL, 0                                                                \
    }
#define NAMES(kind, type, name, may_lack, names)                                         \
    {                                                                                    \
#name, LC_FIELD_##type, false, offsetof(struct lc_##kind##_entry, name),         \
            may_lack, names, NULL, 0                                                     \
    }
#define EXTRA(type, name, member, may_lack, names)                                       \
    {                                                                                    \
        name, LC_FIELD_##type, true, offsetof(struct extra, member), may_lack, names,    \
            NULL, 0                                                                      \
    }

static const struct lc_field file_fields[] = {
    AT(file, U64, number),       MAY(file, TEXT, name),    AT(file, U64, size),
    MAY(file, TIME, mtime_ns),   MAY(file, HASH, content), AT(file, U64, first_row),
    AT(file, U64, rows),         AT(file, BOOL, is_lines), MAY(file, TEXT, sampling),
    AT(file, U64, rows_sampled), MAY(file, NAME, dialect),
};

static const struct lc_field row_fields[] = {
    AT(row, U64, number),
    MAY(row, TEXT, id),
    MAY(row, NAME, file),
    AT(row, U64, row),
    AT(row, U64, line),
    AT(row, U64, column),
    AT(row, U64, offset),
    AT(row, U32, size),
    AT(row, U32, turns),
    AT(row, U32, videos),
    AT(row, U32, urls),
    AT(row, U32, embedded),
    AT(row, U32, placeholders),
    AT(row, U64, words),
    AT(row, U64, characters),
    NAMES(row, ENUM, script, true, script_at),
    AT(row, BOOL, is_ok),
    AT(row, BOOL, is_readable),
    AT(row, BOOL, is_object),
    AT(row, BOOL, is_text_only),
    AT(row, BOOL, is_comparable),
    MAY(row, HASH, content),
    AT(row, U64, rest),
    MAY(row, NAME, data_source),
    EXTRA(PATHS, "images", paths, false, NULL),
};

static const struct lc_field image_fields[] = {
    AT(image, U64, number),
    MAY(image, TEXT, path),
    NAMES(image, ENUM, state, true, state_at),
    MAY(image, NAME, format),
    MAY(image, NAME, mode),
    AT(image, U32, channels),
    AT(image, U32, width),
    AT(image, U32, height),
    MAY(image, I64, size),
    AT(image, U32, depth),
    AT(image, U32, orientation),
    AT(image, U32, frames),
    AT(image, U32, warnings),
    AT(image, U32, rows_decoded),
    AT(image, U64, trailing),
    MAY(image, TEXT, detail),
    AT(image, BOOL, is_blank),
    AT(image, BOOL, has_error),
    AT(image, U64, row_count),
    MAY(image, HASH, content),
    MAY(image, TIME, mtime_ns),
    MAY(image, TEXT, archive),
    AT(image, U64, offset),
};

static const struct lc_field finding_fields[] = {
    NAMES(finding, ENUM, kind, true, kind_at),
    NAMES(finding, ENUM, severity, true, severity_at),
    NAMES(finding, ENUM, found_severity, true, severity_at),
    NAMES(finding, NAME, rule, true, code_at),
    EXTRA(NAME, "name", name, true, rule_name_at),
    {"case", LC_FIELD_NAME, false, offsetof(struct lc_finding_entry, rule_case), true,
     case_at, NULL, 0},
    MAY(finding, TEXT, message),
    MAY(finding, TEXT, id),
    MAY(finding, NAME, file),
    MAY(finding, I64, row),
    MAY(finding, I64, row_number),
    MAY(finding, I64, offset),
    MAY(finding, I64, line),
    MAY(finding, I64, column),
    MAY(finding, I64, turn),
    MAY(finding, TEXT, image),
    MAY(finding, I64, image_number),
    MAY(finding, I64, row_count),
    EXTRA(ENUM, "effect", effect, true, effect_at),
    EXTRA(NAME, "what", what, true, NULL),
};

static const struct lc_field effect_fields[] = {
    AT(row, U64, number),
    MAY(row, TEXT, id),
    MAY(row, NAME, file),
    AT(row, U64, row),
    AT(row, U64, line),
    AT(row, U64, offset),
    AT(row, U32, size),
    EXTRA(ENUM, "effect", effect, true, effect_at),
    EXTRA(NAME, "rule", rule, true, code_at),
    EXTRA(NAME, "name", name, true, rule_name_at),
    EXTRA(NAME, "case", rule_case, true, case_at),
    EXTRA(NAME, "what", what, true, NULL),
};

static const struct lc_field row_finding_fields[] = {
    {"rule", LC_FIELD_TEXT, false, offsetof(struct lc_row_finding, rule), true, NULL,
     NULL, 0},
    {"severity", LC_FIELD_TEXT, false, offsetof(struct lc_row_finding, severity), true,
     NULL, NULL, 0},
    {"message", LC_FIELD_TEXT, false, offsetof(struct lc_row_finding, message), true,
     NULL, NULL, 0},
    {"image", LC_FIELD_I64, false, offsetof(struct lc_row_finding, image), true, NULL,
     NULL, 0},
};

static const struct lc_field verdict_fields[] = {
    AT(row, U64, number),
    EXTRA(BOOL, "is_ok", is_ok, false, NULL),
    EXTRA(TEXT, "effect", effect_name, true, NULL),
    {"findings", LC_FIELD_LIST, true, offsetof(struct extra, findings), false, NULL,
     row_finding_fields, sizeof(row_finding_fields) / sizeof(row_finding_fields[0])},
};

static enum lc_status begin_files(struct stream *stream, struct lc_error *err)
{
    return lc_file_iterator_new(stream->index, &stream->files, err);
}

static enum lc_status begin_rows(struct stream *stream, struct lc_error *err)
{
    return lc_row_iterator_new(stream->index, &stream->rows, err);
}

static enum lc_status begin_images(struct stream *stream, struct lc_error *err)
{
    return lc_image_iterator_new(stream->index, &stream->images, err);
}

static enum lc_status begin_findings(struct stream *stream, struct lc_error *err)
{
    return lc_finding_iterator_new(stream->index, stream->view, &stream->findings, err);
}

static enum lc_status next_file(struct stream *stream, const void **out,
                                struct lc_error *err)
{
    const struct lc_file_entry *file = NULL;
    enum lc_status status = lc_file_next(stream->files, &file, err);

    *out = file;
    return status;
}

static enum lc_status next_row(struct stream *stream, const void **out,
                               struct lc_error *err)
{
    const struct lc_row_entry *row = NULL;
    enum lc_status status = lc_row_next(stream->rows, &row, err);

    *out = row;
    if (status == LC_OK && row)
        stream->extra.paths = (struct lc_path_list){row->images, row->image_count};
    return status;
}

static enum lc_status next_image(struct stream *stream, const void **out,
                                 struct lc_error *err)
{
    const struct lc_image_entry *image = NULL;
    enum lc_status status = lc_image_next(stream->images, &image, err);

    *out = image;
    return status;
}

static enum lc_status next_finding(struct stream *stream, const void **out,
                                   struct lc_error *err)
{
    const struct lc_finding_entry *finding = NULL;
    enum lc_status status = lc_finding_next(stream->findings, &finding, err);
    struct extra *extra = &stream->extra;
    struct lc_rule_effect effect;
    enum lc_case_index which;

    *out = finding;
    if (status != LC_OK || !finding)
        return status;
    *extra = (struct extra){.effect = NONE};
    extra->name = text_of(finding->info ? finding->info->name : NULL);
    if (!stream->reasons)
        return LC_OK;
    effect = lc_reasons_effect_of(stream->reasons, finding, &which);
    extra->effect = effect.effect;
    extra->what = text_of(effect.what);
    return LC_OK;
}

static enum lc_status next_effect(struct stream *stream, const void **out,
                                  struct lc_error *err)
{
    const struct lc_row_entry *row = NULL;
    enum lc_status status = lc_row_next(stream->rows, &row, err);
    struct extra *extra = &stream->extra;
    enum lc_case_index which;

    *out = row;
    if (status != LC_OK || !row)
        return status;
    *extra = (struct extra){.effect = lc_reasons_effect(stream->reasons, row->number)};
    which = lc_reasons_case(stream->reasons, row);
    if (which == LC_CASE_COUNT)
        return LC_OK;
    extra->rule = text_of(lc_rules[lc_cases[which].rule].info.code);
    extra->name = text_of(lc_rules[lc_cases[which].rule].info.name);
    extra->rule_case = text_of(lc_cases[which].info.name);
    extra->what = text_of(lc_reasons_what(stream->reasons, which));
    return LC_OK;
}

static enum lc_status next_verdict(struct stream *stream, const void **out,
                                   struct lc_error *err)
{
    const struct lc_row_entry *row = NULL;
    const struct lc_row_finding *findings;
    struct extra *extra = &stream->extra;
    enum lc_status status = lc_row_next(stream->rows, &row, err);

    *out = row;
    if (status != LC_OK || !row)
        return status;
    extra->findings.stride = sizeof(*findings);
    status = lc_verdicts_of(stream->verdicts, row, &findings, &extra->findings.count,
                            &extra->is_ok, err);
    if (status != LC_OK)
        return status;
    extra->findings.items = findings;
    extra->effect_name =
        text_of(lc_effect_name(lc_reasons_effect(stream->reasons, row->number)));
    return LC_OK;
}

#define FIELDS(fields) fields, sizeof(fields) / sizeof((fields)[0])

static const struct table {
    const struct lc_field *fields;
    size_t count;
    enum lc_status (*begin)(struct stream *stream, struct lc_error *err);
    /* Set *out to the next entry, or to NULL past the last one. */
    enum lc_status (*next)(struct stream *stream, const void **out, struct lc_error *err);
} tables[LC_ARROW_TABLE_COUNT] = {
    [LC_ARROW_FILES] = {FIELDS(file_fields), begin_files, next_file},
    [LC_ARROW_ROWS] = {FIELDS(row_fields), begin_rows, next_row},
    [LC_ARROW_IMAGES] = {FIELDS(image_fields), begin_images, next_image},
    [LC_ARROW_FINDINGS] = {FIELDS(finding_fields), begin_findings, next_finding},
    [LC_ARROW_EFFECTS] = {FIELDS(effect_fields), begin_rows, next_effect},
    [LC_ARROW_VERDICTS] = {FIELDS(verdict_fields), begin_rows, next_verdict},
};

/* ---- the stream ---- */

static int errno_of(const struct lc_error *error)
{
    if (error->status == LC_ERR_MEMORY)
        return ENOMEM;
    return error->os_errno ? error->os_errno : EIO;
}

static int get_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
    struct stream *stream = self->private_data;

    stream->error = (struct lc_error){0};
    return lc_columns_schema(stream->table->fields, stream->table->count, out,
                             &stream->error) == LC_OK
               ? 0
               : errno_of(&stream->error);
}

static int get_next(struct ArrowArrayStream *self, struct ArrowArray *out)
{
    struct stream *stream = self->private_data;
    enum lc_status status = LC_OK;
    const void *row = NULL;

    *out = (struct ArrowArray){0};
    stream->error = (struct lc_error){0};
    while (status == LC_OK && !stream->has_ended &&
           lc_columns_rows(stream->columns) < stream->batch &&
           !lc_columns_are_full(stream->columns)) {
        status = stream->table->next(stream, &row, &stream->error);
        stream->has_ended = !row;
        if (status == LC_OK && row)
            status = lc_columns_add(stream->columns, row, &stream->extra, &stream->error);
    }
    if (status == LC_OK && lc_columns_rows(stream->columns))
        status = lc_columns_batch(stream->columns, out, &stream->error);
    if (status == LC_OK)
        return 0;
    stream->has_ended = true;
    return errno_of(&stream->error);
}

static const char *get_last_error(struct ArrowArrayStream *self)
{
    const struct stream *stream = self->private_data;

    return stream->error.message[0] ? stream->error.message : NULL;
}

static void stream_free(struct stream *stream)
{
    lc_file_iterator_free(stream->files);
    lc_row_iterator_free(stream->rows);
    lc_image_iterator_free(stream->images);
    lc_finding_iterator_free(stream->findings);
    lc_columns_free(stream->columns);
    lc_verdicts_free(stream->verdicts);
    lc_reasons_free(stream->reasons);
    lc_view_free(stream->view);
    lc_index_close(stream->index);
    free(stream);
}

static void release(struct ArrowArrayStream *self)
{
    stream_free(self->private_data);
    self->private_data = NULL;
    self->release = NULL;
}

static enum lc_status check_table(enum lc_arrow_table table, struct lc_error *err)
{
    if ((unsigned)table >= LC_ARROW_TABLE_COUNT)
        return lc_fail(err, LC_ERR_USAGE, 0, "there is no such table");
    return LC_OK;
}

static enum lc_status begin(struct stream *stream, const struct lc_index *index,
                            const struct lc_arrow_options *options, struct lc_error *err)
{
    bool is_verdicts = stream->table == &tables[LC_ARROW_VERDICTS];
    bool is_effects = is_verdicts || stream->table == &tables[LC_ARROW_EFFECTS];
    bool is_findings = stream->table == &tables[LC_ARROW_FINDINGS];
    enum lc_status status;

    stream->index = lc_index_keep(index);
    stream->batch = options->batch ? options->batch : BATCH_ROWS;
    if (is_effects && !options->prediction)
        return lc_fail(err, LC_ERR_USAGE, 0, "a table of effects requires a prediction");
    if ((is_findings || is_verdicts) && options->view)
        stream->view = lc_view_keep(options->view);
    status = lc_columns_new(stream->table->fields, stream->table->count, &stream->columns,
                            err);
    if (status == LC_OK && options->prediction && (is_effects || is_findings))
        status =
            lc_reasons_new(index, options->prediction, is_effects, &stream->reasons, err);
    if (status == LC_OK && is_verdicts)
        status = lc_verdicts_new(stream->index, stream->view, options->show,
                                 &stream->verdicts, err);
    return status == LC_OK ? stream->table->begin(stream, err) : status;
}

enum lc_status lc_arrow_stream(const struct lc_index *index, enum lc_arrow_table table,
                               const struct lc_arrow_options *options,
                               struct ArrowArrayStream *out, struct lc_error *err)
{
    struct lc_arrow_options own = LC_OPTIONS(lc_arrow_options);
    struct stream *stream;
    enum lc_status status = check_table(table, err);

    if (status == LC_OK && options)
        status = LC_OPTIONS_COPY(&own, options, size, err);
    if (status != LC_OK)
        return status;
    stream = calloc(1, sizeof(*stream));
    if (!stream)
        return lc_fail_memory(err);
    stream->table = &tables[table];
    status = begin(stream, index, &own, err);
    if (status != LC_OK) {
        stream_free(stream);
        return status;
    }
    *out = (struct ArrowArrayStream){.get_schema = get_schema,
                                     .get_next = get_next,
                                     .get_last_error = get_last_error,
                                     .release = release,
                                     .private_data = stream};
    return LC_OK;
}

enum lc_status lc_arrow_schema(enum lc_arrow_table table, struct ArrowSchema *out,
                               struct lc_error *err)
{
    enum lc_status status = check_table(table, err);

    if (status != LC_OK)
        return status;
    return lc_columns_schema(tables[table].fields, tables[table].count, out, err);
}

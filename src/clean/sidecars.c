/* Writes the files beside the result: dropped rows with their reasons, fixed rows, images
 * to download again, and a report with all counts */
#include "clean/state.h"

#include "base/map.h"
#include "clean/frame.h"
#include "llava_check/version.h"
#include "print/json_writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct lc_rule_info *rule_of(const struct lc_reason *reason)
{
    return reason->which < LC_CASE_COUNT ? &lc_rules[lc_cases[reason->which].rule].info
                                         : NULL;
}

static const char *case_of(const struct lc_reason *reason)
{
    return reason->which < LC_CASE_COUNT ? lc_cases[reason->which].info.name : "";
}

/* Write what a reason is about: a rule, a dialect or a length. */
static void put_subject(const struct lc_clean *clean, enum lc_case_index which,
                        struct lc_jw *json)
{
    if (which == LC_REASON_LENGTH)
        lc_jw_key_number(json, "length", clean->effects.limit);
    else if (which == LC_REASON_DIALECT)
        lc_jw_key_name(json, "dialect", clean->effects.dialect);
    else
        lc_jw_key_name(json, "rule", lc_rules[lc_cases[which].rule].info.code);
}

static struct lc_span span_of(const char *text)
{
    return (struct lc_span){text, strlen(text)};
}

/* Flush a stream at the end. */
static enum lc_status flush_list(struct lc_jw *json, enum lc_status status,
                                 struct lc_error *err)
{
    FILE *to = json->out->to;

    status = lc_jw_finish(json, status, err);
    errno = 0;
    if (status == LC_OK && (fflush(to) != 0 || ferror(to)))
        status = lc_fail_errno(err, "write the list");
    return status;
}

/* ---- dropped rows ---- */

struct dropped {
    struct lc_clean *clean;
    struct lc_jw *json;
    uint64_t row;
    /* by case; the last two are dialects and lengths */
    uint64_t rows[LC_REASON_COUNT];
    uint64_t last[LC_REASON_COUNT]; /* 1 + the last row that was counted */
    enum lc_effect effects[LC_REASON_COUNT];
};

static enum lc_status put_reason(void *user, const struct lc_reason *reason,
                                 struct lc_error *err)
{
    struct dropped *dropped = user;
    struct lc_jw *json = dropped->json;
    const struct lc_rule_info *rule = rule_of(reason);
    size_t which = reason->which;

    (void)err;
    dropped->rows[which] += dropped->last[which] != dropped->row + 1;
    dropped->last[which] = dropped->row + 1;
    dropped->effects[which] = reason->effect;
    lc_jw_object(json, LC_JW_COMPACT);
    put_subject(dropped->clean, reason->which, json);
    if (rule)
        lc_jw_key_name(json, "name", rule->name);
    if (*case_of(reason))
        lc_jw_key_name(json, "case", case_of(reason));
    lc_jw_key_name(json, "effect", lc_effect_name(reason->effect));
    lc_jw_key_text(json, "message", span_of(reason->message));
    if (reason->image.size)
        lc_jw_key_text(json, "image", reason->image);
    lc_jw_end(json);
    return LC_OK;
}

/* Write a dropped row, with its text. */
static enum lc_status put_row(struct dropped *dropped, const struct lc_file_record *file,
                              const struct lc_row_record *row, struct lc_span text,
                              struct lc_error *err)
{
    struct lc_clean *clean = dropped->clean;
    struct lc_jw *json = dropped->json;
    enum lc_effect effect = (enum lc_effect)clean->effects.rows[dropped->row];
    enum lc_status status;

    lc_jw_object(json, LC_JW_COMPACT);
    lc_jw_key_text(json, "file", file->name);
    lc_jw_key_number(json, "row", row->row);
    lc_jw_key_number(json, "line", row->line);
    lc_jw_key_number(json, "offset", row->offset);
    if (row->id.size)
        lc_jw_key_text(json, "id", row->id);
    lc_jw_key_name(json, "effect", lc_effect_name(effect));
    lc_jw_key_array(json, "reasons", LC_JW_COMPACT);
    status = lc_reasons_look(clean->index, &clean->effects, &clean->drop, dropped->row,
                             put_reason, dropped, err);
    if (status == LC_OK)
        status = lc_reasons_each(&clean->reasons, dropped->row, put_reason, dropped, err);
    if (status != LC_OK)
        return status;
    lc_jw_end(json);
    lc_jw_key(json, "bytes");
    lc_jw_bytes(json, text);
    lc_jw_end(json);
    lc_jw_line(json);
    return lc_out_flush(json->out, err);
}

/* Write the dropped rows of a file. */
static enum lc_status put_rows(struct dropped *dropped, uint32_t number,
                               struct lc_error *err)
{
    struct lc_clean *clean = dropped->clean;
    struct lc_file_record file = {0};
    struct lc_map map = {0};
    size_t released = 0;
    enum lc_status status = lc_index_get_file(clean->index, number, &file, err);

    if (status == LC_OK)
        status = lc_map_open(clean->dataset.files[number].path, &map, err);
    if (status == LC_OK && (map.size != file.size || map.mtime_ns != file.mtime_ns))
        status = lc_fail(err, LC_ERR_IO, 0, "a rows file changed since it was checked");
    for (uint64_t i = 0; i < file.rows && status == LC_OK; i++) {
        struct lc_row_record row = {0};

        dropped->row = file.first_row + i;
        if (dropped->row >= clean->rows || clean->parts[dropped->row] != LC_ROW_DROPPED)
            continue;
        status = lc_index_get_row(clean->index, dropped->row, &row, err);
        if (status == LC_OK &&
            (row.offset > map.size || row.size > map.size - row.offset))
            status = lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such row");
        if (status == LC_OK)
            status = put_row(dropped, &file, &row,
                             (struct lc_span){map.data + row.offset, row.size}, err);
        released = lc_map_drop(&map, released, row.offset);
    }
    lc_map_close(&map);
    return status;
}

/* Write a dropped sample, with the text that is its row. */
static enum lc_status put_sample(void *user, const struct lc_clean_sample *sample,
                                 struct lc_error *err)
{
    struct dropped *dropped = user;
    struct lc_clean *clean = dropped->clean;
    struct lc_file_record file = {0};
    struct lc_row_record row = {0};
    uint64_t from = sample->sample->offset, size = sample->sample->size;
    enum lc_status status;

    dropped->row = sample->row;
    if (clean->parts[dropped->row] != LC_ROW_DROPPED)
        return LC_OK;
    if (from > sample->map->size)
        from = sample->map->size;
    if (size > sample->map->size - from) /* the shard is cut off */
        size = sample->map->size - from;
    status = lc_index_get_row(clean->index, dropped->row, &row, err);
    if (status == LC_OK)
        status = lc_index_get_file(clean->index, row.file, &file, err);
    return status == LC_OK
               ? put_row(dropped, &file, &row,
                         (struct lc_span){sample->map->data + from, (size_t)size}, err)
               : status;
}

static int compare_reasons(const void *a, const void *b)
{
    const struct lc_clean_reason *x = a, *y = b;

    if (x->rows != y->rows)
        return x->rows > y->rows ? -1 : 1;
    if (!x->code || !y->code)
        return !y->code - !x->code;
    return strcmp(x->code, y->code) ? strcmp(x->code, y->code)
                                    : strcmp(x->rule_case, y->rule_case);
}

/* Store the counts, sorted by descending number of rows. */
static enum lc_status store_tally(const struct dropped *dropped, struct lc_error *err)
{
    struct lc_clean *clean = dropped->clean;

    free(clean->tally);
    clean->tally_count = 0;
    clean->tally = calloc(LC_REASON_COUNT, sizeof(*clean->tally));
    if (!clean->tally)
        return lc_fail_memory(err);
    for (size_t i = 0; i < LC_REASON_COUNT; i++) {
        const struct lc_reason reason = {.which = (enum lc_case_index)i};
        const struct lc_rule_info *rule = rule_of(&reason);

        if (dropped->rows[i])
            clean->tally[clean->tally_count++] = (struct lc_clean_reason){
                rule ? rule->code : NULL,
                rule                    ? rule->name
                : i == LC_REASON_LENGTH ? NULL
                                        : clean->effects.dialect,
                case_of(&reason), dropped->effects[i], dropped->rows[i]};
    }
    qsort(clean->tally, clean->tally_count, sizeof(*clean->tally), compare_reasons);
    return LC_OK;
}

enum lc_status lc_clean_write_dropped(struct lc_clean *clean, FILE *to,
                                      struct lc_error *err)
{
    struct lc_out out = {.to = to};
    struct lc_jw json = {.out = &out};
    struct dropped *dropped = calloc(1, sizeof(*dropped));
    enum lc_status status = LC_OK;

    if (!dropped)
        return lc_fail_memory(err);
    dropped->clean = clean;
    dropped->json = &json;
    lc_reasons_sort(&clean->reasons);
    for (uint32_t i = 0; i < clean->dataset.file_count && status == LC_OK; i++)
        status = clean->dataset.files[i].is_shard
                     ? lc_clean_each_sample(clean, i, put_sample, dropped, err)
                     : put_rows(dropped, i, err);
    status = flush_list(&json, status, err);
    if (status == LC_OK)
        status = store_tally(dropped, err);
    free(dropped);
    return status;
}

const struct lc_clean_reason *lc_clean_reason_at(const struct lc_clean *clean,
                                                 size_t index)
{
    return index < clean->tally_count ? &clean->tally[index] : NULL;
}

/* ---- fixed rows ---- */

static void put_fixes(const struct lc_fixed_row *fixed, struct lc_jw *json)
{
    lc_jw_key_array(json, "fixes", LC_JW_COMPACT);
    for (size_t i = 0; i < fixed->count; i++) {
        const struct lc_fix_info *fix = &lc_fixes[fixed->made[i].fix].info;

        lc_jw_object(json, LC_JW_COMPACT);
        lc_jw_key_name(json, "rule", lc_rules[fixed->made[i].rule].info.code);
        lc_jw_key_name(json, "fix", fix->name);
        lc_jw_key_bool(json, "safe", fix->is_safe);
        lc_jw_end(json);
    }
    lc_jw_end(json);
}

/* Write a fixed row; text is the text of its file. */
static enum lc_status put_fixed(const struct lc_clean *clean, struct lc_jw *json,
                                const struct lc_fixed_row *fixed,
                                const struct lc_map *map, size_t *released,
                                struct lc_error *err)
{
    struct lc_row_record row = {0};
    struct lc_span text;
    enum lc_status status = lc_index_get_row(clean->index, fixed->row, &row, err);

    if (status == LC_OK && (row.offset > map->size || row.size > map->size - row.offset))
        status = lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such row");
    if (status != LC_OK)
        return status;
    *released = lc_map_drop(map, *released, row.offset);
    lc_jw_object(json, LC_JW_COMPACT);
    lc_jw_key_text(json, "file", span_of(clean->dataset.files[row.file].name));
    lc_jw_key_number(json, "row", row.row);
    lc_jw_key_number(json, "line", row.line);
    lc_jw_key_number(json, "offset", row.offset);
    if (row.id.size)
        lc_jw_key_text(json, "id", row.id);
    put_fixes(fixed, json);
    lc_jw_key(json, "bytes");
    text = (struct lc_span){map->data + row.offset, row.size};
    if (!row.readable)
        text.size = lc_frame_trim_row(text);
    lc_jw_bytes(json, text);
    lc_jw_end(json);
    lc_jw_line(json);
    return lc_out_flush(json->out, err);
}

/* Write the fixed rows of a file, starting with one of them. */
static enum lc_status put_fixed_of(const struct lc_clean *clean, struct lc_jw *json,
                                   uint32_t number, size_t *at, struct lc_error *err)
{
    const struct lc_fixing *fixing = &clean->fixing;
    struct lc_file_record file = {0};
    struct lc_map map = {0};
    size_t released = 0;
    enum lc_status status = lc_index_get_file(clean->index, number, &file, err);

    if (status == LC_OK)
        status = lc_map_open(clean->dataset.files[number].path, &map, err);
    if (status == LC_OK && (map.size != file.size || map.mtime_ns != file.mtime_ns))
        status = lc_fail(err, LC_ERR_IO, 0, "a rows file changed since it was checked");
    for (; *at < fixing->count && status == LC_OK &&
           fixing->rows[*at].row < file.first_row + file.rows;
         ++*at) {
        const struct lc_fixed_row *fixed = &fixing->rows[*at];

        if (!fixed->withdrawn && clean->parts[fixed->row] != LC_ROW_LEFT)
            status = put_fixed(clean, json, fixed, &map, &released, err);
    }
    lc_map_close(&map);
    return status;
}

enum lc_status lc_clean_write_fixed(struct lc_clean *clean, FILE *to,
                                    struct lc_error *err)
{
    struct lc_out out = {.to = to};
    struct lc_jw json = {.out = &out};
    size_t at = 0;
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < clean->dataset.file_count && status == LC_OK; i++)
        status = put_fixed_of(clean, &json, i, &at, err);
    return flush_list(&json, status, err);
}

/* ---- images to download again ---- */

struct refetch {
    struct lc_clean *clean;
    struct lc_out *out;
    uint32_t file; /* the previous row's file; UINT32_MAX: none */
    struct lc_file_record record;
    bool any; /* first, whether a row still names the image; then, whether the line has a
               * row */
    enum lc_status status;
    struct lc_error *err;
};

/* Whether another copy of the file may be better than this one. */
static bool is_to_fetch(enum lc_image_state state)
{
    return state == LC_IMAGE_MISSING || state == LC_IMAGE_UNREADABLE ||
           state == LC_IMAGE_NOT_IMAGE || state == LC_IMAGE_TRUNCATED ||
           state == LC_IMAGE_CORRUPT || state == LC_IMAGE_DAMAGED;
}

static void put_place(void *user, uint64_t number)
{
    struct refetch *refetch = user;
    struct lc_row_record row = {0};

    if (refetch->status == LC_OK)
        refetch->status =
            lc_index_get_row(refetch->clean->index, number, &row, refetch->err);
    if (refetch->status == LC_OK && row.file != refetch->file) {
        refetch->file = row.file;
        refetch->status = lc_index_get_file(refetch->clean->index, row.file,
                                            &refetch->record, refetch->err);
    }
    if (refetch->status != LC_OK)
        return;
    lc_out_text(refetch->out, refetch->any ? " " : "");
    lc_out_plain(refetch->out, refetch->record.name);
    lc_out_text(refetch->out, ":");
    lc_out_number(refetch->out, row.row);
    refetch->any = true;
    refetch->status = lc_out_flush(refetch->out, refetch->err);
}

/* Note whether a row still names an image: it does not if its only path was corrected. */
static void note_user(void *user, uint64_t number)
{
    struct refetch *refetch = user;
    const struct lc_fixed_row *fixed = lc_clean_fixed(refetch->clean, number);
    struct lc_span images = {0};
    bool is_corrected = false;

    for (size_t i = 0; fixed && i < fixed->count; i++)
        is_corrected |= lc_fixes[fixed->made[i].fix].kind == LC_FIX_OF_PATH;
    if (is_corrected && refetch->status == LC_OK)
        refetch->status =
            lc_index_images_of_row(refetch->clean->index, number, &images, refetch->err);
    refetch->any |= !is_corrected || images.size != 4;
}

static enum lc_status put_image(void *user, uint32_t number,
                                const struct lc_image_record *image, struct lc_error *err)
{
    struct refetch *refetch = user;
    enum lc_status status;

    if (!is_to_fetch((enum lc_image_state)image->state))
        return LC_OK;
    refetch->any = false;
    refetch->err = err;
    status = lc_index_each_row_of_image(refetch->clean->index, number, note_user, refetch,
                                        err);
    if (status == LC_OK)
        status = refetch->status;
    if (status != LC_OK || !refetch->any)
        return status;
    refetch->clean->counts.refetch++;
    refetch->any = false;
    lc_out_plain(refetch->out, image->path);
    lc_out_text(refetch->out, "\t");
    lc_out_text(refetch->out, lc_image_state_name((enum lc_image_state)image->state));
    lc_out_text(refetch->out, "\t");
    status = lc_index_each_row_of_image(refetch->clean->index, number, put_place, refetch,
                                        err);
    lc_out_text(refetch->out, "\n");
    if (status == LC_OK)
        status = refetch->status;
    return status == LC_OK ? lc_out_flush(refetch->out, err) : status;
}

enum lc_status lc_clean_write_refetch(struct lc_clean *clean, FILE *to,
                                      struct lc_error *err)
{
    struct lc_out out = {.to = to};
    struct lc_jw json = {.out = &out};
    struct refetch refetch = {.clean = clean, .out = &out, .file = UINT32_MAX};

    clean->counts.refetch = 0;
    return flush_list(&json, lc_index_each_image(clean->index, put_image, &refetch, err),
                      err);
}

/* ---- everything in numbers ---- */

/* Write the part of the report about the rows files. */
static enum lc_status put_sources(const struct lc_clean *clean, struct lc_jw *json,
                                  struct lc_error *err)
{
    enum lc_status status = LC_OK;
    char hex[33];

    lc_jw_key_array(json, "sources", LC_JW_LINES);
    for (uint32_t i = 0; i < clean->dataset.file_count && status == LC_OK; i++) {
        struct lc_file_record file = {0};

        status = lc_index_get_file(clean->index, i, &file, err);
        if (status != LC_OK)
            break;
        lc_hash_hex(&file.content, hex);
        lc_jw_object(json, LC_JW_PADDED);
        lc_jw_key_text(json, "name", file.name);
        lc_jw_key_number(json, "rows", file.rows);
        lc_jw_key_number(json, "bytes", file.size);
        lc_jw_key_name(json, "content", hex);
        lc_jw_key_text(json, "dialect", file.dialect);
        lc_jw_end(json);
    }
    if (status == LC_OK)
        lc_jw_end(json);
    return status;
}

static void put_files(const struct lc_clean *clean, const char *const *names,
                      struct lc_jw *json)
{
    char hex[33];

    lc_jw_key_array(json, "files", LC_JW_LINES);
    for (size_t i = 0; i < clean->output_count; i++) {
        const struct lc_clean_file *file = &clean->outputs[i].file;

        lc_hash_hex(&file->content, hex);
        lc_jw_object(json, LC_JW_PADDED);
        lc_jw_key_text(json, "name", span_of(names[i]));
        if (file->source)
            lc_jw_key_text(json, "source", span_of(file->source));
        if (file->part)
            lc_jw_key_text(json, "part", span_of(file->part));
        lc_jw_key_number(json, "rows", file->rows);
        lc_jw_key_number(json, "bytes", file->bytes);
        lc_jw_key_name(json, "content", hex);
        lc_jw_end(json);
    }
    lc_jw_end(json);
}

static void put_reasons(const struct lc_clean *clean, struct lc_jw *json)
{
    lc_jw_key_array(json, "reasons", LC_JW_LINES);
    for (size_t i = 0; i < clean->tally_count; i++) {
        const struct lc_clean_reason *reason = &clean->tally[i];

        lc_jw_object(json, LC_JW_PADDED);
        put_subject(clean,
                    reason->code
                        ? lc_case_index_of(span_of(reason->code), (struct lc_span){0})
                    : reason->name ? LC_REASON_DIALECT
                                   : LC_REASON_LENGTH,
                    json);
        if (reason->code)
            lc_jw_key_name(json, "name", reason->name);
        if (*reason->rule_case)
            lc_jw_key_name(json, "case", reason->rule_case);
        lc_jw_key_name(json, "effect", lc_effect_name(reason->effect));
        lc_jw_key_number(json, "rows", reason->rows);
        lc_jw_end(json);
    }
    lc_jw_end(json);
}

static void put_fix_counts(const struct lc_clean *clean, struct lc_jw *json)
{
    const struct lc_clean_fix *fix;

    lc_jw_key_array(json, "fixes", LC_JW_LINES);
    for (size_t i = 0; (fix = lc_clean_fix_at(clean, i)); i++) {
        lc_jw_object(json, LC_JW_PADDED);
        lc_jw_key_name(json, "rule", fix->code);
        lc_jw_key_name(json, "name", fix->rule);
        lc_jw_key_name(json, "fix", fix->name);
        lc_jw_key_bool(json, "safe", fix->is_safe);
        lc_jw_key_number(json, "rows", fix->rows);
        lc_jw_end(json);
    }
    lc_jw_end(json);
    lc_jw_key_number(json, "not_fixed", clean->fixing.unfixed);
}

static void put_drop(const struct lc_clean *clean, struct lc_jw *json)
{
    lc_jw_key_array(json, "drop", LC_JW_SPACED);
    for (int e = LC_EFFECT_REFUSED; e > LC_EFFECT_FINE; e--)
        if (clean->drop.effects[e])
            lc_jw_name(json, lc_effect_name((enum lc_effect)e));
    for (int s = LC_SEVERITY_ERROR; s >= LC_SEVERITY_INFO; s--)
        if (clean->drop.levels[s])
            lc_jw_name(json, lc_severity_name((enum lc_severity)s));
    for (int i = 0; i < LC_RULE_COUNT; i++)
        if (clean->drop.rules[i])
            lc_jw_name(json, lc_rules[i].info.code);
    lc_jw_end(json);
}

static void put_counts(const struct lc_clean *clean, struct lc_jw *json)
{
    const struct lc_clean_counts *counts = &clean->counts;

    lc_jw_key_object(json, "rows", LC_JW_PADDED);
    lc_jw_key_number(json, "in", counts->rows);
    lc_jw_key_number(json, "kept", counts->kept);
    lc_jw_key_number(json, "fixed", counts->fixed);
    lc_jw_key_number(json, "dropped", counts->dropped);
    lc_jw_key_number(json, "not_sampled", counts->left);
    lc_jw_end(json);
    lc_jw_key_number(json, "faults_between_rows", counts->between);
    lc_jw_key_number(json, "refetch", counts->refetch);
    lc_jw_key_object(json, "effects", LC_JW_PADDED);
    for (int e = LC_EFFECT_FINE; e <= LC_EFFECT_REFUSED; e++)
        lc_jw_key_number(json, lc_effect_name((enum lc_effect)e), counts->effects[e]);
    lc_jw_end(json);
}

static void put_images(const struct lc_clean *clean, struct lc_jw *json)
{
    static const char *const names[] = {
        [LC_CLEAN_IMAGES_COPY] = "copy",
        [LC_CLEAN_IMAGES_SYMBOLIC] = "symbolic",
        [LC_CLEAN_IMAGES_HARD] = "hard",
        [LC_CLEAN_IMAGES_REFLINK] = "reflink",
    };
    const struct lc_clean_counts *counts = &clean->counts;

    if (!clean->options.images)
        return;
    lc_jw_key_object(json, "images", LC_JW_PADDED);
    lc_jw_key_name(json, "how", names[clean->options.images]);
    lc_jw_key_number(json, "placed", counts->placed);
    lc_jw_key_number(json, "bytes", counts->placed_bytes);
    if (clean->options.transcode) {
        lc_jw_key_number(json, "rewritten", counts->placed_rewritten);
        lc_jw_key_number(json, "not_rewritten", counts->rewriting_failed);
    }
    lc_jw_key_number(json, "missing", counts->images_missing);
    lc_jw_key_number(json, "outside", counts->images_outside);
    lc_jw_key_number(json, "videos_left", counts->videos_left);
    lc_jw_end(json);
}

enum lc_status lc_clean_write_report(struct lc_clean *clean, const char *const *names,
                                     FILE *to, struct lc_error *err)
{
    const struct lc_clean_options *options = &clean->options;
    struct lc_out out = {.to = to};
    struct lc_jw json = {.out = &out, .indent = 2};
    enum lc_status status;

    lc_jw_object(&json, LC_JW_LINES);
    lc_jw_key_number(&json, "schema", 1);
    lc_jw_key_object(&json, "tool", LC_JW_PADDED);
    lc_jw_key_name(&json, "name",
                   options->keep_all ? "llava-check fix" : "llava-check clean");
    lc_jw_key_name(&json, "version", lc_version());
    lc_jw_end(&json);
    lc_jw_key_name(&json, "trainer", lc_clean_trainer(clean));
    put_drop(clean, &json);
    if (options->sample)
        lc_jw_key_number(&json, "sample", options->sample);
    if (options->sample || options->part_count)
        lc_jw_key_number(&json, "seed", options->seed);
    if (options->shuffle)
        lc_jw_key_number(&json, "shuffle", options->shuffle_seed);
    put_counts(clean, &json);
    put_images(clean, &json);
    if (options->fix)
        put_fix_counts(clean, &json);
    put_reasons(clean, &json);
    status = put_sources(clean, &json, err);
    if (status == LC_OK) {
        put_files(clean, names, &json);
        lc_jw_end(&json);
        lc_jw_line(&json);
    }
    return flush_list(&json, status, err);
}

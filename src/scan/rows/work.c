/* The rows stage's workers: parse and check rows, and copy what the collector needs */
#include "scan/rows/stage.h"

#include "base/base64.h"
#include "dataset/fit.h"
#include "dataset/sample_fields.h"
#include "image/image.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row_scratch {
    const struct lc_rows_stage *stage;
    struct lc_json_parser *parser;
    struct lc_row row;
    struct lc_video_facts video[LC_MEDIUM_COUNT];
    struct lc_buffer path;
    struct lc_columns columns; /* columns of the file below */
    uint32_t file;
    bool foreign;     /* the row belongs to another part of the data set */
    bool needs_image; /* the row of a sample has an image or a placeholder */
    struct lc_image_scratch *decoders; /* for embedded images; NULL: none so far */
    struct lc_buffer bytes;            /* bytes of an embedded image */
};

void lc_rows_scratch_free(void *argument)
{
    struct row_scratch *scratch = argument;

    if (!scratch)
        return;
    lc_json_parser_free(scratch->parser);
    lc_row_clear(&scratch->row);
    lc_buffer_clear(&scratch->path);
    lc_image_scratch_free(scratch->decoders);
    lc_buffer_clear(&scratch->bytes);
    free(scratch);
}

enum lc_status lc_rows_scratch_new(void *stage, void **out, struct lc_error *err)
{
    struct row_scratch *scratch = calloc(1, sizeof(*scratch));

    *out = scratch;
    if (!scratch)
        return lc_fail_memory(err);
    scratch->stage = stage;
    return lc_json_parser_new(&scratch->parser, err);
}

/* Compute the positions of the findings of a piece, for the collector. */
static enum lc_status place_findings(struct lc_row_job *job, size_t from,
                                     const struct lc_piece *piece,
                                     struct lc_row_result *result, struct lc_error *err)
{
    const char *text = lc_row_job_text(job, piece);
    /* length of what was put before the text of a sample; a caption is escaped, so
     * offsets in it map to its start */
    uint32_t shift = !job->is_shard ? 0 : job->samples[piece - job->pieces].sample.shift;

    if (job->is_shard &&
        job->samples[piece - job->pieces].sample.form == LC_SAMPLE_CAPTION)
        shift = UINT32_MAX;
    for (size_t i = from; i < job->findings.count; i++) {
        const struct lc_finding *finding = &job->findings.items[i];
        struct lc_placed_finding *placed = lc_array_grow(
            job->placed, job->placed_count, &job->placed_capacity, sizeof(*placed));

        if (!placed)
            return lc_fail_memory(err);
        job->placed = placed;
        placed += job->placed_count++;
        *placed = (struct lc_placed_finding){*finding, piece->place};
        if (finding->offset > shift)
            lc_place_advance(&placed->place, text + shift, finding->offset - shift);
        result->findings++;
        if (finding->severity == LC_SEVERITY_ERROR)
            result->record.faulty = true;
    }
    return LC_OK;
}

/* Set the fault of a video; NULL if it exists: as a non-empty file, or as a folder of
 * frames. */
static enum lc_status probe_video(struct row_scratch *scratch, const char *prefix,
                                  struct lc_span path, struct lc_video_facts *facts,
                                  struct lc_error *err)
{
    const struct lc_rows_stage *stage = scratch->stage;
    bool allowed = stage->run->options->allow_outside && lc_path_openable(path);
    enum lc_outside outside = allowed ? LC_OUTSIDE_NOT : lc_path_outside_kind(path);
    enum lc_status status;

    facts->path = path;
    facts->fault = outside != LC_OUTSIDE_NOT ? lc_path_outside(path) : NULL;
    facts->is_elsewhere = outside == LC_OUTSIDE_ABSOLUTE || outside == LC_OUTSIDE_CLIMBS;
    if (facts->fault || !stage->videos)
        return LC_OK;
    scratch->path.size = 0;
    status = LC_OK;
    if (prefix && !lc_path_outside(path))
        status = lc_buffer_printf(&scratch->path, err, "%s/", prefix);
    if (status == LC_OK)
        status = lc_buffer_add(&scratch->path, path.text, path.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(&scratch->path, "", 1, err);
    if (status == LC_OK)
        status = lc_folder_probe(stage->videos, scratch->path.data, &facts->fault, err);
    return status;
}

static enum lc_status probe_videos(struct row_scratch *scratch, const char *prefix,
                                   struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (int medium = LC_MEDIUM_VIDEO; medium < LC_MEDIUM_COUNT; medium++) {
        const struct lc_row_media *media = &scratch->row.media[medium];
        struct lc_video_facts *facts = &scratch->video[medium];

        facts->fault = NULL;
        for (size_t i = 0; i < media->count && status == LC_OK && !facts->fault; i++)
            status = probe_video(scratch, prefix, media->items[i], facts, err);
    }
    return status;
}

/* The white space on the line, which a rule reports; NULL if there is none. */
static const struct lc_line_space *get_line_space(const struct lc_piece *piece)
{
    return piece->space.point ? &piece->space : NULL;
}

/* Inspect an embedded image, and add the findings of the image rules to the row's
 * findings, at the place of the image's text. */
static enum lc_status check_embedded(struct lc_row_job *job, struct row_scratch *scratch,
                                     size_t number, const struct lc_embedded *embedded,
                                     struct lc_error *err)
{
    char name[48];
    struct lc_image_facts image = {.opened = true, .result = LC_READ_OK};
    struct lc_facts facts = {.image = &image};
    size_t from = job->findings.count;
    enum lc_status status = LC_OK;

    snprintf(name, sizeof(name), "embedded image %zu", number);
    image.path = (struct lc_span){name, strlen(name)};
    if (!scratch->decoders)
        status = lc_image_scratch_new(&scratch->decoders, err);
    scratch->bytes.size = 0;
    if (status == LC_OK)
        status = lc_base64_decode(embedded->base64, &scratch->bytes, err);
    if (status == LC_OK)
        status = lc_image_inspect(scratch->decoders, (const uint8_t *)scratch->bytes.data,
                                  scratch->bytes.size, &lc_image_limits_default,
                                  &image.info, err);
    if (status == LC_OK)
        status = lc_rules_check(LC_SCOPE_IMAGE, &facts, &job->findings, err);
    for (size_t i = from; i < job->findings.count; i++)
        job->findings.items[i].offset = embedded->at;
    return status;
}

static enum lc_status check_all_embedded(struct lc_row_job *job,
                                         struct row_scratch *scratch,
                                         struct lc_error *err)
{
    const struct lc_row *row = &scratch->row;
    enum lc_status status = LC_OK;
    size_t number = 0;

    for (size_t i = 0; i < row->embedded_count && status == LC_OK; i++)
        if (row->embedded[i].medium == LC_MEDIUM_IMAGE)
            status = check_embedded(job, scratch, number++, &row->embedded[i], err);
    return status;
}

/* Run the rules on a row that could be parsed. */
static enum lc_status check_row(struct lc_row_job *job, const struct lc_piece *piece,
                                const struct lc_json_doc *doc,
                                struct row_scratch *scratch, struct lc_error *err)
{
    struct lc_facts facts = {
        .doc = doc,
        .space = get_line_space(piece),
        .lines = job->lines,
        .row = &scratch->row,
        .video = scratch->video,
    };
    enum lc_status status = LC_OK;

    /* text that simdjson accepts violates no JSN rule, except for the space around it and
     * long numbers */
    if ((doc && doc->exact) || facts.space || scratch->row.long_numbers)
        status = lc_rules_check(LC_SCOPE_JSON, &facts, &job->findings, err);
    if (status == LC_OK)
        status = lc_rules_check(LC_SCOPE_ROW, &facts, &job->findings, err);
    if (status == LC_OK && scratch->row.embedded_count &&
        !scratch->stage->run->options->no_images)
        status = check_all_embedded(job, scratch, err);
    return status;
}

/* Count the turns of a row. The row already has their sums: only buckets and maxima are
 * collected here. */
static void count_turns(struct lc_statistics *s, const struct lc_row *row)
{
    uint64_t count = 0, words = 0, characters = 0;

    for (size_t i = 0; i < row->turn_count; i++) {
        const struct lc_turn *turn = &row->turns[i];

        if (!turn->has_value)
            continue;
        count++;
        words = turn->words > words ? turn->words : words;
        characters = turn->characters > characters ? turn->characters : characters;
        s->turn_words.buckets[lc_bucket_of(turn->words)]++;
        s->turn_characters.buckets[lc_bucket_of(turn->characters)]++;
    }
    lc_histogram_note(&s->turn_words, count, row->words, words);
    lc_histogram_note(&s->turn_characters, count, row->characters, characters);
}

/* Add a row to the statistics. */
static void count_row(struct lc_row_job *job, const struct lc_row *row)
{
    struct lc_statistics *s = &job->statistics;
    uint64_t rounds = row->turn_count / 2;
    size_t images = row->media[LC_MEDIUM_IMAGE].count;

    if (!row->object)
        return;
    s->no_image += images == 0;
    s->one_image += images == 1;
    s->several_images += images > 1;
    s->video += row->media[LC_MEDIUM_VIDEO].kind != LC_PATHS_NONE;
    s->scripts[row->script]++;
    if (row->turns_kind != LC_TURNS_LIST)
        return;
    lc_row_job_count_rounds(job, rounds, 1);
    lc_histogram_add(&s->rounds, rounds);
    lc_histogram_add(&s->row_words, row->words);
    lc_histogram_add(&s->row_characters, row->characters);
    count_turns(s, row);
}

/* Append a text to the job's text. *start is set to its offset. *out gets its size now,
 * and its address from set_text_pointers once the job's text no longer moves. */
static enum lc_status append_text(struct lc_row_job *job, struct lc_span text,
                                  size_t *start, struct lc_span *out,
                                  struct lc_error *err)
{
    *start = job->text.size;
    *out = (struct lc_span){NULL, text.size};
    return lc_buffer_add(&job->text, text.text, text.size, err);
}

/* Append an image's path, after the prefix that its file's root requires. */
static enum lc_status append_path(struct lc_row_job *job, const char *prefix,
                                  struct lc_span image, struct lc_named_path *path,
                                  struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (!prefix || lc_path_outside(image))
        return append_text(job, image, &path->start, &path->path, err);
    path->start = job->text.size;
    status = lc_buffer_printf(&job->text, err, "%s/", prefix);
    if (status == LC_OK)
        status = lc_buffer_add(&job->text, image.text, image.size, err);
    if (status != LC_OK)
        return status;
    path->path = (struct lc_span){NULL, job->text.size - path->start};
    path->hash = lc_hash_bytes(job->text.data + path->start, path->path.size);
    return LC_OK;
}

/* Point the records at the job's text, once it is complete. */
static void set_text_pointers(struct lc_row_job *job)
{
    for (size_t i = 0; i < job->count; i++) {
        struct lc_row_result *result = &job->results[i];

        result->record.id.text = job->text.data + result->id_start;
        result->record.data_source.text = job->text.data + result->source_start;
    }
    for (size_t i = 0; i < job->path_count; i++)
        job->paths[i].path.text = job->text.data + job->paths[i].start;
}

/* Mix the prefix into the row's hashes: equal paths of files with different roots name
 * different images. */
static void mix_prefix(struct lc_row_record *record, const char *prefix)
{
    uint64_t hash = lc_hash_quick(prefix, strlen(prefix));

    for (size_t i = 0; i < sizeof(hash); i++)
        record->content.bytes[i] ^= (uint8_t)(hash >> 8 * i);
    if (record->question)
        record->question ^= hash;
}

/* Copy the paths of a row's images. */
static enum lc_status keep_paths(struct lc_row_job *job,
                                 const struct lc_row_media *images,
                                 const struct lc_hash *hashes, const char *prefix,
                                 struct lc_row_result *result, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < images->count && status == LC_OK; i++) {
        struct lc_named_path *path = lc_row_job_add_path(job);

        if (!path)
            return lc_fail_memory(err);
        path->hash = hashes[i];
        result->paths++;
        status = append_path(job, prefix, images->items[i], path, err);
    }
    return status;
}

/* Copy what the collector needs from a row: the row's memory belongs to the parser. */
static enum lc_status keep_row(struct lc_row_job *job, const struct lc_row *row,
                               const char *prefix, struct lc_row_result *result,
                               struct lc_error *err)
{
    const struct lc_row_media *images = &row->media[LC_MEDIUM_IMAGE];
    struct lc_row_record *record = &result->record;
    struct lc_span source = row->source;
    enum lc_status status;

    record->readable = true;
    record->object = row->object;
    record->text_only = row->object && lc_row_is_text_only(row);
    record->traits = lc_row_traits(row);
    record->dialect = row->stray.kind ? lc_dialect_number(row->dialect) : 0;
    record->turns = (uint32_t)row->turn_count;
    record->images = (uint32_t)images->count;
    record->videos = (uint32_t)row->media[LC_MEDIUM_VIDEO].count;
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++) {
        record->urls += (uint32_t)row->media[medium].remote;
        record->embedded += (uint32_t)row->media[medium].embedded;
    }
    record->placeholders = (uint32_t)row->placeholders[LC_MEDIUM_IMAGE];
    record->words = row->words;
    record->characters = row->characters;
    record->script = (uint8_t)row->script;
    record->whole = row->object && lc_row_is_whole(row) && !lc_row_has_bad_media(row);
    record->content = row->content;
    record->question = row->question;
    record->answer = row->answer;
    record->rest = row->rest;
    if (prefix && images->count)
        mix_prefix(record, prefix);
    if (source.size > LC_SHARE_NAME_MAX)
        source.size = LC_SHARE_NAME_MAX;
    status = append_text(job, source, &result->source_start, &record->data_source, err);
    if (status == LC_OK && row->object && row->id_kind == LC_ID_GOOD) {
        result->id_hash = lc_hash_bytes(row->id.text, row->id.size);
        status = append_text(job, row->id, &result->id_start, &record->id, err);
    }
    return status == LC_OK
               ? keep_paths(job, images, row->path_hashes, prefix, result, err)
               : status;
}

/* Keep the image paths of another part's row, which this part needs. */
static enum lc_status keep_foreign(struct lc_row_job *job,
                                   const struct row_scratch *scratch,
                                   struct lc_row_result *result, struct lc_error *err)
{
    const struct lc_row_media *images = &scratch->row.media[LC_MEDIUM_IMAGE];
    const struct lc_rows_stage *stage = scratch->stage;

    return keep_paths(job, images, scratch->row.path_hashes,
                      stage->dataset->files[job->file].image_prefix, result, err);
}

/* Set a row's images to those of its sample, and its id to the sample's key. */
static enum lc_status join_sample(const struct lc_row_job *job, size_t i,
                                  struct row_scratch *scratch, struct lc_error *err)
{
    const struct lc_sample sample = lc_row_job_sample(job, i);
    struct lc_row *row = &scratch->row;
    struct lc_span identity = sample.key; /* if the contents are not known */
    struct lc_hash contents;

    scratch->needs_image = sample.form == LC_SAMPLE_CAPTION ||
                           row->media[LC_MEDIUM_IMAGE].kind != LC_PATHS_NONE ||
                           row->placeholders[LC_MEDIUM_IMAGE];
    if (!row->object)
        return LC_OK;
    row->id = sample.key;
    row->id_kind = LC_ID_GOOD;
    if (sample.contents.size) {
        contents = lc_hash_bytes(sample.contents.text, sample.contents.size);
        identity = (struct lc_span){(const char *)contents.bytes, sizeof(contents.bytes)};
    }
    return lc_row_set_images(row, sample.images, sample.image_count, identity, err);
}

/* Check and keep a row that was read by a parser, or by the quick reader (doc is
 * NULL). */
static enum lc_status
check_and_keep_row(struct lc_row_job *job, struct row_scratch *scratch,
                   const struct lc_piece *piece, const struct lc_json_doc *doc,
                   struct lc_row_result *result, struct lc_error *err)
{
    const struct lc_rows_file *file = &scratch->stage->dataset->files[job->file];
    enum lc_status status = LC_OK;

    if (scratch->foreign)
        return keep_foreign(job, scratch, result, err);
    if (job->is_shard)
        status = join_sample(job, (size_t)(piece - job->pieces), scratch, err);
    if (status != LC_OK)
        return status;
    if (scratch->row.media[LC_MEDIUM_VIDEO].count +
        scratch->row.media[LC_MEDIUM_AUDIO].count)
        status = probe_videos(scratch, file->video_prefix, err);
    if (status == LC_OK)
        status = check_row(job, piece, doc, scratch, err);
    if (status != LC_OK)
        return status;
    count_row(job, &scratch->row);
    return keep_row(job, &scratch->row, file->image_prefix, result, err);
}

/* List the row's values of new types. @param doc  NULL: the quick reader read the row */
static enum lc_status add_columns(struct lc_row_job *job, struct row_scratch *scratch,
                                  const struct lc_piece *piece,
                                  const struct lc_json_doc *doc,
                                  struct lc_row_result *result, struct lc_error *err)
{
    const char *text = lc_row_job_text(job, piece);
    const struct lc_row *row = &scratch->row;
    size_t before = job->values.count;
    struct lc_json_problem problem;
    struct lc_json_doc parsed;
    enum lc_status status = LC_OK;

    /* a row has to be an object; Arrow does not read one with duplicate keys anyway */
    if (row->duplicate_key.text ||
        (doc && lc_json_type(doc, LC_JSON_ROOT) != LC_JSON_OBJECT))
        return LC_OK;
    if (!doc && !lc_columns_is_new_shape(&scratch->columns, row->shape))
        return LC_OK;
    if (!doc) {
        status =
            lc_json_parse(scratch->parser, text, piece->size, &parsed, &problem, err);
        /* the quick reader has just found no fault in these bytes */
        if (status == LC_OK && problem.fault != LC_JSON_FINE)
            status = lc_fail(err, LC_ERR_IO, 0, "a rows file changed while it was read");
        doc = &parsed;
    }
    if (status == LC_OK)
        status = lc_columns_add_row(&scratch->columns, doc, &job->values, err);
    result->values = job->values.count - before;
    return status;
}

static enum lc_status work_row(struct lc_row_job *job, struct row_scratch *scratch,
                               const struct lc_piece *piece, struct lc_row_result *result,
                               struct lc_error *err)
{
    const struct lc_rows_file *file = &scratch->stage->dataset->files[job->file];
    const struct lc_dialect *dialect = file->dialect;
    const char *text = lc_row_job_text(job, piece);
    struct lc_json_problem problem;
    struct lc_facts facts = {
        .problem = &problem,
        .lines = job->lines,
        .space = get_line_space(piece),
    };
    struct lc_json_doc doc;
    bool read;
    enum lc_status status =
        lc_row_read_quick(&scratch->row, dialect, text, piece->size, &read, err);

    if (status == LC_OK && read)
        status = add_columns(job, scratch, piece, NULL, result, err);
    if (status == LC_OK && read)
        return check_and_keep_row(job, scratch, piece, NULL, result, err);
    if (status == LC_OK)
        status = lc_json_parse(scratch->parser, text, piece->size, &doc, &problem, err);
    if (status != LC_OK || (scratch->foreign && problem.fault != LC_JSON_FINE))
        return status;
    if (problem.fault == LC_JSON_FINE) {
        status = file->is_detected ? lc_row_read_alone(&scratch->row, dialect, &doc, err)
                                   : lc_row_read(&scratch->row, dialect, &doc, err);
        if (status == LC_OK)
            status = add_columns(job, scratch, piece, &doc, result, err);
        return status == LC_OK
                   ? check_and_keep_row(job, scratch, piece, &doc, result, err)
                   : status;
    }
    if (problem.fault == LC_JSON_CUT_OFF && !piece->at_end)
        lc_json_reclassify_cut_off(&problem, text, piece->size);
    return lc_rules_check(LC_SCOPE_JSON, &facts, &job->findings, err);
}

/* The size to hash of a text that is not a row. It depends on the splitter whether broken
 * JSON is cut at the comma or at the next row, so the comma and white space at the end
 * are left out. */
static size_t trimmed_size(const char *text, size_t size)
{
    while (size && strchr(", \n\r\t", text[size - 1]) && text[size - 1])
        size--;
    return size;
}

/* Find the problem of a piece. The splitter reads past the end of a broken row, so parse
 * the row's own text to see whether it has only this one fault. */
static enum lc_status find_problem(const struct lc_row_job *job,
                                   struct row_scratch *scratch,
                                   const struct lc_piece *piece,
                                   struct lc_json_problem *out, struct lc_error *err)
{
    struct lc_json_problem again;
    struct lc_json_doc doc;
    const char *text = lc_row_job_text(job, piece);
    enum lc_status status;

    *out = piece->problem;
    if (piece->kind != LC_PIECE_BROKEN || out->fault != LC_JSON_SYNTAX ||
        piece->size > LC_JSON_MAX_SIZE)
        return LC_OK;
    status = lc_json_parse_exact(scratch->parser, text, trimmed_size(text, piece->size),
                                 true, &doc, &again, err);
    if (status == LC_OK && again.fault == LC_JSON_SYNTAX && again.offset == out->offset)
        out->detail = again.detail;
    return status;
}

/* Append paths to the images of a row. */
static enum lc_status add_image_paths(struct lc_row_job *job, struct lc_span images,
                                      struct lc_row_result *result, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t at = 0; at < images.size && status == LC_OK;
         at += strlen(images.text + at) + 1) {
        const char *image = images.text + at;
        struct lc_named_path *path = lc_row_job_add_path(job);

        if (!path)
            return lc_fail_memory(err);
        result->paths++;
        path->hash = lc_hash_bytes(image, strlen(image));
        status = append_text(job, (struct lc_span){image, strlen(image)}, &path->start,
                             &path->path, err);
    }
    return status;
}

/* Run the rules about samples, and keep the images and the key of a sample whose text is
 * no row. */
static enum lc_status check_sample(struct lc_row_job *job, size_t i,
                                   const struct row_scratch *scratch,
                                   struct lc_row_result *result, struct lc_error *err)
{
    const struct lc_sample sample = lc_row_job_sample(job, i);
    const struct lc_sample_fields *fields = scratch->stage->dataset->fields;
    const struct lc_sample_field *lacking =
        fields ? lc_sample_fields_lacking(fields, sample.parts) : NULL;
    const struct lc_sample_facts facts = {
        .sample = &sample,
        .needs_image = scratch->needs_image,
        .field = lacking ? lc_sample_fields_text(fields, lacking->name) : NULL,
        .options = lacking ? lc_sample_fields_text(fields, lacking->options) : NULL,
    };
    enum lc_status status = lc_rules_check(
        LC_SCOPE_SAMPLE, &(struct lc_facts){.sample = &facts}, &job->findings, err);

    result->record.size = (uint32_t)sample.size; /* only the member's */
    if (status == LC_OK && !result->record.object) {
        result->record.images = sample.image_count;
        result->id_hash = lc_hash_bytes(sample.key.text, sample.key.size);
        status = append_text(job, sample.key, &result->id_start, &result->record.id, err);
        if (status == LC_OK)
            status = add_image_paths(job, sample.images, result, err);
    }
    result->record.images += sample.spare_count;
    return status == LC_OK ? add_image_paths(job, sample.spare, result, err) : status;
}

static enum lc_status work_piece(struct lc_row_job *job, struct row_scratch *scratch,
                                 size_t i, struct lc_error *err)
{
    const struct lc_piece *piece = &job->pieces[i];
    struct lc_row_result *result = &job->results[i];
    const char *text = lc_row_job_text(job, piece);
    struct lc_json_problem problem;
    struct lc_facts facts = {
        .problem = &problem,
        .lines = job->lines,
        .dialect = scratch->stage->dataset->files[job->file].dialect,
        .space = get_line_space(piece),
    };
    size_t from = job->findings.count;
    enum lc_status status;

    *result = (struct lc_row_result){.record = {
                                         .file = job->file,
                                         .row = piece->row,
                                         .offset = piece->place.offset,
                                         .line = piece->place.line,
                                         .column = piece->place.column,
                                         .script = LC_SCRIPT_NONE,
                                         .size = piece->size,
                                     }};
    scratch->foreign = job->foreign[i];
    if (scratch->foreign)
        return piece->kind == LC_PIECE_ROW ? work_row(job, scratch, piece, result, err)
                                           : LC_OK;
    scratch->needs_image = false;
    status = find_problem(job, scratch, piece, &problem, err);
    if (status == LC_OK && job->is_shard &&
        job->samples[i].sample.form == LC_SAMPLE_EMPTY)
        ; /* nothing to read */
    else if (status == LC_OK && piece->kind == LC_PIECE_ROW)
        status = work_row(job, scratch, piece, result, err);
    else if (status == LC_OK)
        status = lc_rules_check(LC_SCOPE_JSON, &facts, &job->findings, err);
    if (status == LC_OK && piece->kind != LC_PIECE_FILE && !result->record.object)
        result->record.content = lc_hash_bytes(text, trimmed_size(text, piece->size));
    if (status == LC_OK && job->is_shard)
        status = check_sample(job, i, scratch, result, err);
    return status == LC_OK ? place_findings(job, from, piece, result, err) : status;
}

/* Free what a large row took: the next one may be another worker's. */
static void shrink(struct row_scratch *scratch)
{
    struct lc_json_parser *parser = NULL;

    lc_row_clear(&scratch->row);
    if (lc_json_parser_new(&parser, NULL) == LC_OK) { /* else the old one still works */
        lc_json_parser_free(scratch->parser);
        scratch->parser = parser;
    }
}

void lc_rows_work(void *argument, void *scratch, struct lc_job *base)
{
    struct lc_row_job *job = (struct lc_row_job *)base;
    struct row_scratch *own = scratch;
    enum lc_status status = LC_OK;

    (void)argument;
    if (job->reused) {
        lc_replay_work(job);
        return;
    }
    if (own->file != job->file)
        own->columns = (struct lc_columns){0};
    own->file = job->file;
    for (size_t i = 0; i < job->count && status == LC_OK; i++)
        status = work_piece(job, own, i, &base->error);
    set_text_pointers(job);
    if (base->is_large)
        shrink(own);
}

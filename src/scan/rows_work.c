/* The rows stage's workers: parse, check, and keep what the collector needs. */
#include "scan/rows.h"

#include <stdlib.h>

struct row_scratch {
    struct lc_json_parser *parser;
    struct lc_row row;
};

void lc_rows_scratch_free(void *argument)
{
    struct row_scratch *scratch = argument;

    if (!scratch)
        return;
    lc_json_parser_free(scratch->parser);
    lc_row_clear(&scratch->row);
    free(scratch);
}

enum lc_status lc_rows_scratch_new(void *stage, void **out, struct lc_error *err)
{
    struct row_scratch *scratch = calloc(1, sizeof(*scratch));

    (void)stage;
    *out = scratch;
    if (!scratch)
        return lc_fail_memory(err);
    return lc_json_parser_new(&scratch->parser, err);
}

/* Give the newest findings their places, and keep them for the collector. */
static enum lc_status place_findings(struct lc_row_job *job, size_t from,
                                     const struct lc_piece *piece,
                                     struct lc_row_result *result, struct lc_error *err)
{
    const char *text = job->map->data + piece->place.offset;

    for (size_t i = from; i < job->findings.count; i++) {
        const struct lc_finding *finding = &job->findings.items[i];
        struct lc_placed *placed = lc_array_grow(job->placed, job->placed_count,
                                                 &job->placed_capacity, sizeof(*placed));

        if (!placed)
            return lc_fail_memory(err);
        job->placed = placed;
        placed += job->placed_count++;
        *placed = (struct lc_placed){*finding, piece->place};
        if (finding->inside)
            lc_place_advance(&placed->place, text, finding->offset);
        result->findings++;
        if (finding->severity == LC_SEVERITY_ERROR)
            result->record.faulty = true;
    }
    return LC_OK;
}

/* Run the checks of a row that was read. */
static enum lc_status check_row(struct lc_row_job *job, const struct lc_json_doc *doc,
                                const struct lc_row *row, struct lc_error *err)
{
    struct lc_facts facts = {.doc = doc, .row = row};
    enum lc_status status = LC_OK;

    if (doc->exact) /* what simdjson reads has nothing that JSN rules are about */
        status = lc_rules_check(LC_SCOPE_JSON, &facts, &job->findings, err);
    if (status == LC_OK)
        status = lc_rules_check(LC_SCOPE_ROW, &facts, &job->findings, err);
    return status;
}

static bool any_inside(const struct lc_findings *findings, size_t from)
{
    for (size_t i = from; i < findings->count; i++)
        if (findings->items[i].inside)
            return true;
    return false;
}

/* Check a row whose JSON was read. A finding inside the row needs the matter's offset,
 * which only the exact parser knows: rows with such findings, few, are read a second
 * time. */
static enum lc_status check_placed(struct lc_row_job *job, struct row_scratch *scratch,
                                   const char *text, size_t size, struct lc_json_doc *doc,
                                   struct lc_error *err)
{
    size_t from = job->findings.count, text_from = job->findings.text.size;
    struct lc_json_problem problem;
    enum lc_status status = check_row(job, doc, &scratch->row, err);

    if (status != LC_OK || doc->exact || !any_inside(&job->findings, from))
        return status;
    status = lc_json_parse_exact(scratch->parser, text, size, true, doc, &problem, err);
    if (status == LC_OK && problem.fault != LC_JSON_FINE) {
        /* the parsers disagree: the exact one decides */
        struct lc_facts facts = {.problem = &problem};

        job->findings.count = from;
        job->findings.text.size = text_from;
        return lc_rules_check(LC_SCOPE_JSON, &facts, &job->findings, err);
    }
    if (status == LC_OK)
        status = lc_row_read(&scratch->row, doc, err);
    if (status != LC_OK)
        return status;
    job->findings.count = from;
    job->findings.text.size = text_from;
    return check_row(job, doc, &scratch->row, err);
}

/* Copy what the collector needs out of the row, whose memory is the parser's. */
static enum lc_status keep_row(struct lc_row_job *job, const struct lc_row *row,
                               struct lc_row_result *result, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    result->record.readable = true;
    result->text_only =
        row->object && row->images_kind == LC_IMAGES_NONE && !row->has_video;
    result->record.turns = (uint32_t)row->turn_count;
    result->record.images = (uint32_t)row->image_count;
    result->record.placeholders = (uint32_t)row->placeholders;
    result->record.words = row->words;
    result->record.content = row->content;
    if (row->object && row->id_kind == LC_ID_GOOD) {
        result->has_id = true;
        result->id_hash = lc_hash_bytes(row->id.text, row->id.size);
        result->id_start = job->text.size;
        result->id_size = row->id.size;
        status = lc_buffer_add(&job->text, row->id.text, row->id.size, err);
    }
    for (size_t i = 0; i < row->image_count && status == LC_OK; i++) {
        struct lc_named_path *paths = lc_array_grow(job->paths, job->path_count,
                                                    &job->path_capacity, sizeof(*paths));

        if (!paths)
            return lc_fail_memory(err);
        job->paths = paths;
        paths[job->path_count++] = (struct lc_named_path){
            .start = job->text.size,
            .size = row->images[i].size,
            .hash = lc_hash_bytes(row->images[i].text, row->images[i].size),
        };
        result->paths++;
        status = lc_buffer_add(&job->text, row->images[i].text, row->images[i].size, err);
    }
    return status;
}

static enum lc_status work_row(struct lc_row_job *job, struct row_scratch *scratch,
                               const struct lc_piece *piece, struct lc_row_result *result,
                               struct lc_error *err)
{
    const char *text = job->map->data + piece->place.offset;
    struct lc_json_problem problem;
    struct lc_json_doc doc;
    struct lc_facts facts = {.problem = &problem};
    enum lc_status status;

    status = lc_json_parse(scratch->parser, text, piece->size, &doc, &problem, err);
    if (status != LC_OK)
        return status;
    if (problem.fault == LC_JSON_FINE) {
        status = lc_row_read(&scratch->row, &doc, err);
        if (status == LC_OK)
            status = check_placed(job, scratch, text, piece->size, &doc, err);
        return status == LC_OK ? keep_row(job, &scratch->row, result, err) : status;
    }
    if (problem.fault == LC_JSON_CUT_OFF && !piece->at_end)
        lc_json_not_cut_off(&problem, text, piece->size);
    return lc_rules_check(LC_SCOPE_JSON, &facts, &job->findings, err);
}

static enum lc_status work_piece(struct lc_row_job *job, struct row_scratch *scratch,
                                 size_t i, struct lc_error *err)
{
    const struct lc_piece *piece = &job->pieces[i];
    struct lc_row_result *result = &job->results[i];
    struct lc_facts facts = {.problem = &piece->problem};
    size_t from = job->findings.count;
    enum lc_status status;

    *result = (struct lc_row_result){.record = {
                                         .file = job->file,
                                         .row = piece->row,
                                         .offset = piece->place.offset,
                                         .line = piece->place.line,
                                         .size = piece->size,
                                     }};
    if (piece->kind == LC_PIECE_ROW)
        status = work_row(job, scratch, piece, result, err);
    else
        status = lc_rules_check(LC_SCOPE_JSON, &facts, &job->findings, err);
    if (status == LC_OK && piece->kind != LC_PIECE_FILE && !result->record.readable)
        result->record.content =
            lc_hash_bytes(job->map->data + piece->place.offset, piece->size);
    return status == LC_OK ? place_findings(job, from, piece, result, err) : status;
}

void lc_rows_work(void *argument, void *scratch, struct lc_job *base)
{
    struct lc_row_job *job = (struct lc_row_job *)base;
    enum lc_status status = LC_OK;

    (void)argument;
    job->text.size = 0;
    job->path_count = 0;
    job->placed_count = 0;
    lc_findings_reset(&job->findings);
    for (size_t i = 0; i < job->count && status == LC_OK; i++)
        status = work_piece(job, scratch, i, &base->error);
}

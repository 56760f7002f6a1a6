#include "scan/rows/replay.h"

#include "llava_check/dialects.h"
#include "scan/common/run.h"

#include <stdlib.h>
#include <string.h>

/* A finding in the index, not decoded yet. */
struct stored_finding {
    struct lc_finding_key key;
    enum lc_rule_index rule;
    struct lc_span record;
};

/* Findings in the order in which the earlier run found them. */
struct finding_list {
    struct stored_finding *items;
    size_t count;
    size_t capacity;
    size_t next; /* the first one that was not passed on yet */
};

/* Values of lc_replay.numbers for images without a number in the run's paths. */
#define NOT_NAMED 0
#define NAMED UINT32_MAX

struct lc_replay {
    const struct lc_earlier *earlier;
    const struct lc_index *index;
    uint32_t *numbers; /* by image: NOT_NAMED, NAMED, or 1 + its number in the run */
    uint64_t image_count;
    /* the file being replayed */
    struct lc_replay_range range;
    const struct lc_file_record *file;
    struct lc_stream *rows;
    struct lc_stream *images;
    struct lc_stream *findings;
    uint64_t next_row; /* its number in the file; stops at end_row */
    uint64_t end_row;
    bool has_row; /* the next row was read ahead, into the members below */
    struct lc_row_record row;
    struct lc_span named;              /* numbers of the images that the row names */
    struct finding_list row_findings;  /* about the row, and about the text after it */
    size_t own_count;                  /* how many of these are about the row itself */
    struct finding_list file_findings; /* about the file itself */
    /* read ahead: the next row that names images */
    bool has_images;
    uint64_t images_row;
    struct lc_span images_ahead;
    /* read ahead: the next finding about a row of the file */
    bool has_finding;
    struct lc_finding_key key;
    struct lc_span finding;
};

enum lc_status lc_replay_new(const struct lc_earlier *earlier, struct lc_replay **out,
                             struct lc_error *err)
{
    struct lc_replay *replay = calloc(1, sizeof(*replay));

    *out = replay;
    if (!replay)
        return lc_fail_memory(err);
    replay->earlier = earlier;
    replay->index = lc_earlier_index(earlier);
    replay->image_count = lc_index_summary(replay->index)->images_referenced;
    replay->numbers = calloc(replay->image_count + 1, sizeof(*replay->numbers));
    return replay->numbers ? LC_OK : lc_fail_memory(err);
}

static void close_streams(struct lc_replay *replay)
{
    lc_stream_free(replay->rows);
    lc_stream_free(replay->images);
    lc_stream_free(replay->findings);
    replay->rows = replay->images = replay->findings = NULL;
}

void lc_replay_end(struct lc_replay *replay)
{
    close_streams(replay);
}

void lc_replay_free(struct lc_replay *replay)
{
    if (!replay)
        return;
    close_streams(replay);
    free(replay->numbers);
    free(replay->row_findings.items);
    free(replay->file_findings.items);
    free(replay);
}

/* ---- images ---- */

static enum lc_status fail_damaged(struct lc_error *err)
{
    return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: records of a rows file");
}

/* The image number at an offset of a list in the index. */
static uint32_t get_image_number(struct lc_span images, size_t at)
{
    return lc_get_u32((const uint8_t *)images.text + at);
}

static enum lc_status mark_images(struct lc_replay *replay, struct lc_span images,
                                  struct lc_error *err)
{
    for (size_t at = 0; at + 4 <= images.size; at += 4) {
        if (get_image_number(images, at) >= replay->image_count)
            return fail_damaged(err);
        replay->numbers[get_image_number(images, at)] = NAMED;
    }
    return LC_OK;
}

enum lc_status lc_replay_mark_file(struct lc_replay *replay, uint32_t number,
                                   struct lc_error *err)
{
    const struct lc_file_record *file = lc_earlier_file(replay->earlier, number);
    struct lc_stream *stream = NULL;
    enum lc_status status =
        lc_stream_new(replay->index, LC_STREAM_ROW_IMAGES, &stream, err);
    bool more = true;

    if (status == LC_OK)
        status = lc_stream_from_row(stream, file->first_row, err);
    while (status == LC_OK && more) {
        struct lc_span images = {0};
        uint64_t row;

        status = lc_stream_row_images(stream, &row, &images, &more, err);
        more = status == LC_OK && more && row - file->first_row < file->rows;
        if (more)
            status = mark_images(replay, images, err);
    }
    lc_stream_free(stream);
    return status;
}

void lc_replay_mark_all(struct lc_replay *replay)
{
    for (uint64_t i = 0; i < replay->image_count; i++)
        replay->numbers[i] = NAMED;
}

enum lc_status lc_replay_add_paths(struct lc_replay *replay, struct lc_paths *paths,
                                   struct lc_error *err)
{
    struct lc_stream *stream = NULL;
    enum lc_status status = lc_stream_new(replay->index, LC_STREAM_IMAGES, &stream, err);
    bool more = true;

    while (status == LC_OK && more) {
        struct lc_image_record image;
        uint32_t number, *path_number;
        struct lc_hash hash;

        status = lc_stream_image(stream, &number, &image, &more, err);
        if (status != LC_OK || !more || number >= replay->image_count ||
            replay->numbers[number] == NOT_NAMED)
            continue;
        path_number = &replay->numbers[number];
        hash = lc_hash_bytes(image.path.text, image.path.size);
        status = lc_paths_add(paths, image.path, &hash, path_number, err);
        *path_number += 1;
    }
    lc_stream_free(stream);
    return status;
}

/* ---- findings ---- */

/* Append a finding, unless it is about the whole set: the set stage finds those again. */
static enum lc_status append_finding(struct finding_list *list,
                                     const struct lc_finding_key *key,
                                     struct lc_span record, struct lc_error *err)
{
    struct stored_finding *items;

    if (key->order >= LC_RULE_COUNT)
        return fail_damaged(err);
    if (lc_rules[key->order].scope == LC_SCOPE_SET)
        return LC_OK;
    items = lc_array_grow(list->items, list->count, &list->capacity, sizeof(*items));
    if (!items)
        return lc_fail_memory(err);
    list->items = items;
    items[list->count++] =
        (struct stored_finding){*key, (enum lc_rule_index)key->order, record};
    return LC_OK;
}

static int by_sequence(const void *a, const void *b)
{
    uint64_t x = ((const struct stored_finding *)a)->key.sequence;
    uint64_t y = ((const struct stored_finding *)b)->key.sequence;

    return (x > y) - (x < y);
}

static void sort_findings(struct finding_list *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof(*list->items), by_sequence);
    list->next = 0;
}

/* Whether to read a finding about the file itself. If it is damaged, it is read so that
 * decoding it fails later. */
static bool is_in_range(const struct lc_replay_range *range, struct lc_span record)
{
    struct lc_finding_record finding;

    if (!range->begin && range->end == UINT64_MAX)
        return true;
    return lc_finding_decode(record, &finding, NULL) != LC_OK ||
           (finding.offset >= range->begin && finding.offset < range->end);
}

/* Load the findings about the file itself, before its rows or after them. */
static enum lc_status load_file_findings(struct lc_replay *replay, uint64_t where,
                                         struct lc_error *err)
{
    struct lc_stream *stream = NULL;
    bool more = true;
    enum lc_status status =
        lc_stream_new(replay->index, LC_STREAM_FINDINGS, &stream, err);

    if (status == LC_OK)
        status = lc_stream_from_finding(stream, replay->range.file, where, err);
    while (status == LC_OK && more) {
        struct lc_finding_key key;
        struct lc_span record;

        status = lc_stream_finding(stream, &key, &record, &more, err);
        if (status != LC_OK || !more)
            break;
        more = key.kind == LC_FINDING_ROW && key.subject == replay->range.file &&
               key.row == where;
        if (more && is_in_range(&replay->range, record))
            status = append_finding(&replay->file_findings, &key, record, err);
    }
    lc_stream_free(stream);
    return status;
}

/* Read ahead the next finding about a row of the file. */
static enum lc_status read_finding_ahead(struct lc_replay *replay, struct lc_error *err)
{
    enum lc_status status = lc_stream_finding(
        replay->findings, &replay->key, &replay->finding, &replay->has_finding, err);

    replay->has_finding =
        status == LC_OK && replay->has_finding && replay->key.kind == LC_FINDING_ROW &&
        replay->key.subject == replay->range.file && replay->key.row != LC_AFTER_ROWS;
    return status;
}

/* Whether a finding stored with a row is about the row itself. A syntax error in the text
 * after a row is stored with that row, too. But a readable row has no syntax error of its
 * own, and an unreadable row has one that was found first. */
static bool is_about_row(const struct lc_replay *replay, size_t i)
{
    return replay->row_findings.items[i].rule != LC_RULE_JSN101 ||
           (i == 0 && !replay->row.readable);
}

/* Load the findings about the row that was just read. */
static enum lc_status load_row_findings(struct lc_replay *replay, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    replay->row_findings.count = 0;
    while (status == LC_OK && replay->has_finding &&
           replay->key.row <= replay->next_row + 1) {
        status =
            append_finding(&replay->row_findings, &replay->key, replay->finding, err);
        if (status == LC_OK)
            status = read_finding_ahead(replay, err);
    }
    sort_findings(&replay->row_findings);
    for (replay->own_count = 0; replay->own_count < replay->row_findings.count;
         replay->own_count++)
        if (!is_about_row(replay, replay->own_count))
            break;
    return status;
}

/* ---- a file ---- */

/* Read ahead the images of the next row that names any. */
static enum lc_status read_images_ahead(struct lc_replay *replay, struct lc_error *err)
{
    return lc_stream_row_images(replay->images, &replay->images_row,
                                &replay->images_ahead, &replay->has_images, err);
}

struct lc_replay_range lc_replay_whole(const struct lc_replay *replay, uint32_t file)
{
    return (struct lc_replay_range){
        .file = file,
        .rows = lc_earlier_file(replay->earlier, file)->rows,
        .end = UINT64_MAX,
        .has_end = true,
    };
}

/* Open the streams at the first row. */
static enum lc_status open_streams(struct lc_replay *replay, struct lc_error *err)
{
    const struct lc_index *index = replay->index;
    const struct lc_replay_range *range = &replay->range;
    uint64_t first = replay->file->first_row + range->from;
    enum lc_status status = lc_stream_new(index, LC_STREAM_ROWS, &replay->rows, err);

    if (status == LC_OK)
        status = lc_stream_from_row(replay->rows, first, err);
    if (status == LC_OK)
        status = lc_stream_new(index, LC_STREAM_ROW_IMAGES, &replay->images, err);
    if (status == LC_OK)
        status = lc_stream_from_row(replay->images, first, err);
    if (status == LC_OK)
        status = read_images_ahead(replay, err);
    if (status == LC_OK)
        status = lc_stream_new(index, LC_STREAM_FINDINGS, &replay->findings, err);
    if (status == LC_OK)
        status =
            lc_stream_from_finding(replay->findings, range->file, range->from + 1, err);
    return status == LC_OK ? read_finding_ahead(replay, err) : status;
}

enum lc_status lc_replay_begin(struct lc_replay *replay,
                               const struct lc_replay_range *range, struct lc_error *err)
{
    enum lc_status status;

    close_streams(replay);
    replay->range = *range;
    replay->file = lc_earlier_file(replay->earlier, range->file);
    replay->next_row = range->from;
    replay->end_row = range->from + range->rows;
    replay->has_row = false;
    replay->file_findings.count = replay->row_findings.count = replay->row_findings.next =
        0;
    status = load_file_findings(replay, LC_BEFORE_ROWS, err);
    if (status == LC_OK)
        status = load_file_findings(replay, LC_AFTER_ROWS, err);
    sort_findings(&replay->file_findings);
    return status == LC_OK ? open_streams(replay, err) : status;
}

/* Whether the row lies within its file, whose size is unchanged. A row of a shard may be
 * anywhere in the uncompressed archive. */
static bool is_in_file(const struct lc_replay *replay)
{
    const struct lc_row_record *row = &replay->row;

    if (lc_span_is(replay->file->dialect, LC_SHARD_DIALECT))
        return true;
    return row->offset <= replay->file->size &&
           row->size <= replay->file->size - row->offset;
}

/* Read the next row, its images and its findings. */
static enum lc_status read_row(struct lc_replay *replay, struct lc_error *err)
{
    uint64_t number = 0, first_row = replay->file->first_row;
    enum lc_status status =
        lc_stream_row(replay->rows, &number, &replay->row, &replay->has_row, err);

    if (status == LC_OK && (!replay->has_row || number != first_row + replay->next_row ||
                            replay->row.row != replay->next_row || !is_in_file(replay)))
        return fail_damaged(err);
    while (status == LC_OK && replay->has_images && replay->images_row < number)
        status = read_images_ahead(replay, err);
    replay->named = (struct lc_span){0};
    if (status == LC_OK && replay->has_images && replay->images_row == number)
        replay->named = replay->images_ahead;
    return status == LC_OK ? load_row_findings(replay, err) : status;
}

/* ---- a job ---- */

/* Append the next finding of a list to the job. */
static enum lc_status add_next_finding(struct lc_row_job *job, struct finding_list *list,
                                       struct lc_finding_record *finding,
                                       struct lc_error *err)
{
    const struct stored_finding *stored = &list->items[list->next++];
    struct lc_placed_finding *placed = lc_array_grow(
        job->placed, job->placed_count, &job->placed_capacity, sizeof(*placed));
    struct lc_buffer *text = &job->findings.text;
    enum lc_case_index which = LC_CASE_COUNT;
    enum lc_status status;

    if (!placed)
        return lc_fail_memory(err);
    job->placed = placed;
    status = lc_finding_decode(stored->record, finding, err);
    if (status == LC_OK)
        which = lc_run_stored_case(stored->rule, finding);
    if (status == LC_OK &&
        (which == LC_CASE_COUNT || !lc_finding_matches_key(finding, &stored->key)))
        status = fail_damaged(err);
    if (status != LC_OK)
        return status;
    placed[job->placed_count++] = (struct lc_placed_finding){
        .finding = {.rule = stored->rule,
                    .which = which,
                    .severity = (enum lc_severity)finding->severity,
                    .turn = finding->turn,
                    .message = text->size},
        .place = {finding->offset, finding->line, finding->column},
    };
    status = lc_buffer_add(text, finding->message.text, finding->message.size, err);
    return status == LC_OK ? lc_buffer_add(text, "", 1, err) : status;
}

/* The number that a row of the file gets in this run. */
static uint64_t number_of(const struct lc_replay *replay, uint64_t row)
{
    return row - replay->range.from + replay->range.first;
}

/* Add a finding about the file, or about the text after a row, as its own piece. */
static enum lc_status add_file_piece(const struct lc_replay *replay,
                                     struct lc_row_job *job, struct finding_list *list,
                                     struct lc_error *err)
{
    struct lc_finding_record finding = {.row = -1};
    enum lc_status status = add_next_finding(job, list, &finding, err);

    if (status != LC_OK)
        return status;
    job->pieces[job->count] = (struct lc_piece){
        .kind = LC_PIECE_FILE,
        .has_row = finding.row >= 0,
        .row = finding.row >= 0 ? number_of(replay, (uint64_t)finding.row) : 0,
        .place = {finding.offset, finding.line, finding.column},
    };
    job->results[job->count++] = (struct lc_row_result){.findings = 1};
    return LC_OK;
}

/* Add the images of the row, by their numbers in the run's paths. */
static enum lc_status add_images(const struct lc_replay *replay, struct lc_row_job *job,
                                 struct lc_error *err)
{
    for (size_t at = 0; at + 4 <= replay->named.size; at += 4) {
        uint32_t image = get_image_number(replay->named, at);
        uint32_t number = image < replay->image_count ? replay->numbers[image] : NAMED;
        struct lc_named_path *path = lc_row_job_add_path(job);

        if (!path)
            return lc_fail_memory(err);
        if (number == NOT_NAMED || number == NAMED) /* the index has no such image */
            return fail_damaged(err);
        path->number = number - 1;
    }
    return LC_OK;
}

static enum lc_status add_row(struct lc_replay *replay, struct lc_row_job *job,
                              struct lc_error *err)
{
    const struct lc_row_record *row = &replay->row;
    struct lc_row_result *result = &job->results[job->count];
    struct lc_finding_record finding;
    size_t paths = job->path_count;
    enum lc_status status;

    *result = (struct lc_row_result){.record = *row};
    result->record.file = job->file;
    result->record.row = number_of(replay, row->row);
    job->pieces[job->count++] = (struct lc_piece){
        .kind = LC_PIECE_ROW,
        .has_row = true,
        .size = row->size,
        .row = result->record.row,
        .place = {row->offset, row->line, row->column},
    };
    status = add_images(replay, job, err);
    result->paths = job->path_count - paths;
    for (; replay->row_findings.next < replay->own_count && status == LC_OK;
         result->findings++)
        status = add_next_finding(job, &replay->row_findings, &finding, err);
    if (row->turns >= 2) /* rows without a round are counted in the file's statistics */
        lc_row_job_count_rounds(job, row->turns / 2, 1);
    replay->has_row = false;
    replay->next_row++;
    return status;
}

/* Whether the next finding about the file was found before the next one about the row. */
static bool file_is_first(const struct lc_replay *replay)
{
    const struct finding_list *file = &replay->file_findings,
                              *row = &replay->row_findings;

    return file->next < file->count &&
           (row->next >= row->count ||
            file->items[file->next].key.sequence < row->items[row->next].key.sequence);
}

/* Add the next piece, in the order in which the splitter cut them; *more is set to false
 * if there is none. The sequence numbers of findings merge the two lists into that order.
 * A row without findings has no sequence number: it is added before any finding about the
 * file, which makes no difference to the collector. */
static enum lc_status next_piece(struct lc_replay *replay, struct lc_row_job *job,
                                 bool *more, struct lc_error *err)
{
    bool after_row =
        !replay->has_row && replay->row_findings.next < replay->row_findings.count;
    enum lc_status status = LC_OK;

    *more = true;
    if (!replay->has_row && !after_row && replay->next_row < replay->end_row)
        status = read_row(replay, err);
    if (status != LC_OK)
        return status;
    if (replay->has_row && !(replay->own_count && file_is_first(replay)))
        return add_row(replay, job, err);
    if (after_row && !file_is_first(replay))
        return add_file_piece(replay, job, &replay->row_findings, err);
    *more = replay->file_findings.next < replay->file_findings.count;
    return *more ? add_file_piece(replay, job, &replay->file_findings, err) : LC_OK;
}

enum lc_status lc_replay_fill(struct lc_replay *replay, struct lc_row_job *job,
                              bool *more, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    *more = true;
    while (status == LC_OK && *more && job->count < LC_BATCH_PIECES &&
           job->path_count < LC_BATCH_PATHS)
        status = next_piece(replay, job, more, err);
    if (status != LC_OK || *more)
        return status;
    job->content = replay->file->content;
    job->lines = replay->file->lines;
    if (!replay->range.has_end)
        return LC_OK;
    status = lc_index_get_file_statistics(replay->index, replay->range.file,
                                          &job->statistics, err);
    lc_row_job_count_rounds(job, 0, job->statistics.rounds.buckets[0]);
    return status;
}

void lc_replay_work(struct lc_row_job *job)
{
    for (size_t i = 0; i < job->count; i++) {
        struct lc_span id = job->results[i].record.id;

        if (id.size)
            job->results[i].id_hash = lc_hash_bytes(id.text, id.size);
    }
}

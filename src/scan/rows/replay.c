#include "scan/rows/replay.h"

#include <stdlib.h>
#include <string.h>

/* A finding, still in the index. */
struct noted {
    struct lc_finding_key key;
    enum lc_rule_index rule;
    struct lc_span record;
};

/* Findings in the order in which they were found. */
struct notes {
    struct noted *items;
    size_t count;
    size_t capacity;
    size_t next; /* the first that was not handed on yet */
};

/* What stands for images that have no number in the scan's paths yet. */
#define NOT_NAMED 0
#define NAMED UINT32_MAX

struct lc_replay {
    const struct lc_earlier *earlier;
    const struct lc_index *index;
    uint32_t
        *numbers; /* by image: 0, not named; then its number in the scan's paths + 1 */
    uint64_t image_count;
    /* the file that is taken over */
    uint32_t number;
    const struct lc_file_record *file;
    struct lc_stream *rows;
    struct lc_stream *images;
    struct lc_stream *findings;
    uint64_t next_row;
    bool has_row; /* the next row was read, and not handed on */
    struct lc_row_record row;
    struct lc_span named; /* numbers of the images that it names */
    struct notes of_row;  /* about it, and what stands behind it */
    size_t own;           /* so many of these are its own */
    struct notes of_file; /* about the file itself */
    uint64_t images_row;  /* read ahead: the next row that names images, */
    struct lc_span ahead; /* which ones, */
    bool has_images;      /* and whether there is one */
    bool has_finding;     /* the same of the next finding about a row of the file */
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

static void end_file(struct lc_replay *replay)
{
    lc_stream_free(replay->rows);
    lc_stream_free(replay->images);
    lc_stream_free(replay->findings);
    replay->rows = replay->images = replay->findings = NULL;
}

void lc_replay_free(struct lc_replay *replay)
{
    if (!replay)
        return;
    end_file(replay);
    free(replay->numbers);
    free(replay->of_row.items);
    free(replay->of_file.items);
    free(replay);
}

/* ---- images ---- */

static enum lc_status damaged(struct lc_error *err)
{
    return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: what it says of a file");
}

/* The number of an image that stands in a list. */
static uint32_t image_at(struct lc_span images, size_t at)
{
    return lc_get_u32((const uint8_t *)images.text + at);
}

static enum lc_status mark_images(struct lc_replay *replay, struct lc_span images,
                                  struct lc_error *err)
{
    for (size_t at = 0; at + 4 <= images.size; at += 4) {
        if (image_at(images, at) >= replay->image_count)
            return damaged(err);
        replay->numbers[image_at(images, at)] = NAMED;
    }
    return LC_OK;
}

enum lc_status lc_replay_mark(struct lc_replay *replay, uint32_t number,
                              struct lc_error *err)
{
    const struct lc_file_record *file = lc_earlier_file(replay->earlier, number);
    struct lc_stream *stream = NULL;
    enum lc_status status =
        lc_stream_new(replay->index, LC_STREAM_ROW_IMAGES, &stream, err);
    bool there = true;

    if (status == LC_OK)
        status = lc_stream_from_row(stream, file->first_row, err);
    while (status == LC_OK && there) {
        struct lc_span images = {0};
        uint64_t row;

        status = lc_stream_row_images(stream, &row, &images, &there, err);
        there = status == LC_OK && there && row - file->first_row < file->rows;
        if (there)
            status = mark_images(replay, images, err);
    }
    lc_stream_free(stream);
    return status;
}

enum lc_status lc_replay_add_paths(struct lc_replay *replay, struct lc_paths *paths,
                                   struct lc_error *err)
{
    struct lc_stream *stream = NULL;
    enum lc_status status = lc_stream_new(replay->index, LC_STREAM_IMAGES, &stream, err);
    bool there = true;

    while (status == LC_OK && there) {
        struct lc_image_record image;
        uint32_t number, *its;
        struct lc_hash hash;

        status = lc_stream_image(stream, &number, &image, &there, err);
        if (status != LC_OK || !there || number >= replay->image_count ||
            replay->numbers[number] == NOT_NAMED)
            continue;
        its = &replay->numbers[number];
        hash = lc_hash_bytes(image.path.text, image.path.size);
        status = lc_paths_add(paths, image.path, &hash, its, err);
        *its += 1;
    }
    lc_stream_free(stream);
    return status;
}

/* ---- findings ---- */

/* Note a finding; what only the whole set can tell is found anew. */
static enum lc_status note(struct notes *notes, const struct lc_finding_key *key,
                           struct lc_span record, struct lc_error *err)
{
    struct noted *items;

    if (key->order >= LC_RULE_COUNT)
        return damaged(err);
    if (lc_rules[key->order].scope == LC_SCOPE_SET)
        return LC_OK;
    items = lc_array_grow(notes->items, notes->count, &notes->capacity, sizeof(*items));
    if (!items)
        return lc_fail_memory(err);
    notes->items = items;
    items[notes->count++] = (struct noted){*key, (enum lc_rule_index)key->order, record};
    return LC_OK;
}

static int by_running(const void *a, const void *b)
{
    uint64_t x = ((const struct noted *)a)->key.running;
    uint64_t y = ((const struct noted *)b)->key.running;

    return (x > y) - (x < y);
}

static void sort_notes(struct notes *notes)
{
    if (notes->count > 1)
        qsort(notes->items, notes->count, sizeof(*notes->items), by_running);
    notes->next = 0;
}

/* Note what was found about the file itself, before its rows or behind them. */
static enum lc_status note_file(struct lc_replay *replay, uint64_t where,
                                struct lc_error *err)
{
    struct lc_stream *stream = NULL;
    bool there = true;
    enum lc_status status =
        lc_stream_new(replay->index, LC_STREAM_FINDINGS, &stream, err);

    if (status == LC_OK)
        status = lc_stream_from_finding(stream, replay->number, where, err);
    while (status == LC_OK && there) {
        struct lc_finding_key key;
        struct lc_span record;

        status = lc_stream_finding(stream, &key, &record, &there, err);
        if (status != LC_OK || !there)
            break;
        there = key.kind == LC_FINDING_ROW && key.subject == replay->number &&
                key.row == where;
        if (there)
            status = note(&replay->of_file, &key, record, err);
    }
    lc_stream_free(stream);
    return status;
}

/* Read the next finding about a row of the file ahead. */
static enum lc_status next_finding(struct lc_replay *replay, struct lc_error *err)
{
    enum lc_status status = lc_stream_finding(
        replay->findings, &replay->key, &replay->finding, &replay->has_finding, err);

    replay->has_finding =
        status == LC_OK && replay->has_finding && replay->key.kind == LC_FINDING_ROW &&
        replay->key.subject == replay->number && replay->key.row != LC_BEHIND_ROWS;
    return status;
}

/* A fault of syntax behind a row is the row's, but was no part of it. In what could be
 * read there is no fault of syntax, and in what could not is one fault, found first. */
static bool is_own(const struct lc_replay *replay, size_t i)
{
    return replay->of_row.items[i].rule != LC_RULE_JSN101 ||
           (i == 0 && !replay->row.readable);
}

/* Gather what was found about the row that was just read. */
static enum lc_status note_row(struct lc_replay *replay, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    replay->of_row.count = 0;
    while (status == LC_OK && replay->has_finding &&
           replay->key.row <= replay->next_row + 1) {
        status = note(&replay->of_row, &replay->key, replay->finding, err);
        if (status == LC_OK)
            status = next_finding(replay, err);
    }
    sort_notes(&replay->of_row);
    for (replay->own = 0; replay->own < replay->of_row.count; replay->own++)
        if (!is_own(replay, replay->own))
            break;
    return status;
}

/* ---- a file ---- */

/* Read the images of the next row that names some ahead. */
static enum lc_status next_images(struct lc_replay *replay, struct lc_error *err)
{
    return lc_stream_row_images(replay->images, &replay->images_row, &replay->ahead,
                                &replay->has_images, err);
}

enum lc_status lc_replay_begin(struct lc_replay *replay, uint32_t old,
                               struct lc_error *err)
{
    const struct lc_index *index = replay->index;
    uint64_t first;
    enum lc_status status;

    end_file(replay);
    replay->number = old;
    replay->file = lc_earlier_file(replay->earlier, old);
    first = replay->file->first_row;
    replay->next_row = 0;
    replay->has_row = false;
    replay->of_file.count = replay->of_row.count = replay->of_row.next = 0;
    status = note_file(replay, LC_BEFORE_ROWS, err);
    if (status == LC_OK)
        status = note_file(replay, LC_BEHIND_ROWS, err);
    sort_notes(&replay->of_file);
    if (status == LC_OK)
        status = lc_stream_new(index, LC_STREAM_ROWS, &replay->rows, err);
    if (status == LC_OK)
        status = lc_stream_from_row(replay->rows, first, err);
    if (status == LC_OK)
        status = lc_stream_new(index, LC_STREAM_ROW_IMAGES, &replay->images, err);
    if (status == LC_OK)
        status = lc_stream_from_row(replay->images, first, err);
    if (status == LC_OK)
        status = next_images(replay, err);
    if (status == LC_OK)
        status = lc_stream_new(index, LC_STREAM_FINDINGS, &replay->findings, err);
    if (status == LC_OK)
        status = lc_stream_from_finding(replay->findings, old, 1, err);
    return status == LC_OK ? next_finding(replay, err) : status;
}

/* Whether the bytes of the row are bytes of its file, which has the size that it had. */
static bool is_in_file(const struct lc_replay *replay)
{
    const struct lc_row_record *row = &replay->row;

    return row->offset <= replay->file->size &&
           row->size <= replay->file->size - row->offset;
}

/* Read the next row, with the images that it names and what was found about it. */
static enum lc_status read_row(struct lc_replay *replay, struct lc_error *err)
{
    uint64_t number = 0, due = replay->file->first_row;
    enum lc_status status =
        lc_stream_row(replay->rows, &number, &replay->row, &replay->has_row, err);

    if (status == LC_OK && (!replay->has_row || number != due + replay->next_row ||
                            replay->row.row != replay->next_row || !is_in_file(replay)))
        return damaged(err);
    while (status == LC_OK && replay->has_images && replay->images_row < number)
        status = next_images(replay, err);
    replay->named = (struct lc_span){0};
    if (status == LC_OK && replay->has_images && replay->images_row == number)
        replay->named = replay->ahead;
    return status == LC_OK ? note_row(replay, err) : status;
}

/* ---- a job ---- */

/* Hand on the next finding of a list as the last one of the job. */
static enum lc_status add_finding(struct lc_row_job *job, struct notes *notes,
                                  struct lc_finding_record *finding, struct lc_error *err)
{
    const struct noted *noted = &notes->items[notes->next++];
    struct lc_placed *placed = lc_array_grow(job->placed, job->placed_count,
                                             &job->placed_capacity, sizeof(*placed));
    struct lc_buffer *text = &job->findings.text;
    enum lc_status status;

    if (!placed)
        return lc_fail_memory(err);
    job->placed = placed;
    status = lc_finding_decode(noted->record, finding, err);
    if (status == LC_OK && !lc_finding_is_of(finding, &noted->key))
        status = damaged(err);
    if (status != LC_OK)
        return status;
    placed[job->placed_count++] = (struct lc_placed){
        .finding = {.rule = noted->rule,
                    .severity = (enum lc_severity)finding->severity,
                    .turn = finding->turn,
                    .message = text->size},
        .place = {finding->offset, finding->line, finding->column},
    };
    status = lc_buffer_add(text, finding->message.text, finding->message.size, err);
    return status == LC_OK ? lc_buffer_add(text, "", 1, err) : status;
}

/* A finding about the file, or about what stands behind a row, is a piece by itself. */
static enum lc_status add_file_piece(struct lc_row_job *job, struct notes *notes,
                                     struct lc_error *err)
{
    struct lc_finding_record finding = {.row = -1};
    enum lc_status status = add_finding(job, notes, &finding, err);

    if (status != LC_OK)
        return status;
    job->pieces[job->count] = (struct lc_piece){
        .kind = LC_PIECE_FILE,
        .has_row = finding.row >= 0,
        .row = finding.row >= 0 ? (uint64_t)finding.row : 0,
        .place = {finding.offset, finding.line, finding.column},
    };
    job->results[job->count++] = (struct lc_row_result){.findings = 1};
    return LC_OK;
}

/* The images that the row names, by their numbers in the scan's paths. */
static enum lc_status add_images(const struct lc_replay *replay, struct lc_row_job *job,
                                 struct lc_error *err)
{
    for (size_t at = 0; at + 4 <= replay->named.size; at += 4) {
        uint32_t number = replay->numbers[image_at(replay->named, at)];
        struct lc_named_path *path = lc_row_job_path(job);

        if (!path)
            return lc_fail_memory(err);
        if (number == NOT_NAMED || number == NAMED) /* there is no such image */
            return damaged(err);
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
    job->pieces[job->count++] = (struct lc_piece){
        .kind = LC_PIECE_ROW,
        .has_row = true,
        .size = row->size,
        .row = row->row,
        .place = {row->offset, row->line, row->column},
    };
    status = add_images(replay, job, err);
    result->paths = job->path_count - paths;
    for (; replay->of_row.next < replay->own && status == LC_OK; result->findings++)
        status = add_finding(job, &replay->of_row, &finding, err);
    if (row->turns >= 2) /* rows of no round are known from the statistics */
        lc_row_job_rounds(job, row->turns / 2, 1);
    replay->has_row = false;
    replay->next_row++;
    return status;
}

/* Whether the next finding about the file was found before the next about the row. */
static bool file_is_first(const struct lc_replay *replay)
{
    const struct notes *file = &replay->of_file, *row = &replay->of_row;

    return file->next < file->count &&
           (row->next >= row->count ||
            file->items[file->next].key.running < row->items[row->next].key.running);
}

/* Add the next piece, in the order in which the splitter cut them. False: there is none.
 */
static enum lc_status next_piece(struct lc_replay *replay, struct lc_row_job *job,
                                 bool *there, struct lc_error *err)
{
    bool behind = !replay->has_row && replay->of_row.next < replay->of_row.count;
    enum lc_status status = LC_OK;

    *there = true;
    if (!replay->has_row && !behind && replay->next_row < replay->file->rows)
        status = read_row(replay, err);
    if (status != LC_OK)
        return status;
    if (replay->has_row && !(replay->own && file_is_first(replay)))
        return add_row(replay, job, err);
    if (behind && !file_is_first(replay))
        return add_file_piece(job, &replay->of_row, err);
    *there = replay->of_file.next < replay->of_file.count;
    return *there ? add_file_piece(job, &replay->of_file, err) : LC_OK;
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
    status = lc_index_get_file_statistics(replay->index, replay->number, &job->statistics,
                                          err);
    lc_row_job_rounds(job, 0, job->statistics.rounds.buckets[0]);
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

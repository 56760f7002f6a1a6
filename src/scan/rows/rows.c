#include "scan/rows/rows.h"

#include "base/path.h"
#include "dataset/sampling.h"
#include "scan/rows/stage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the reader ---- */

/* Whether the next file is a shard of another part: a shard belongs to one part as a
 * whole, so the others need not read it. */
static bool is_foreign_shard(const struct lc_rows_stage *stage)
{
    const struct lc_part *part = &stage->run->part;

    return part->count && stage->dataset->files[stage->file].is_shard &&
           lc_part_of_byte(stage->file_start, stage->total, part->count) != part->number;
}

/* Begin the next file. */
static enum lc_status begin_file(struct lc_rows_stage *stage, struct lc_error *err)
{
    const struct lc_rows_input *input = &stage->inputs[stage->file];
    const struct lc_rows_file *file = &stage->dataset->files[stage->file];

    stage->file_begun = true;
    if (input->reused) {
        const struct lc_replay_range range =
            lc_replay_whole(stage->replay, input->old_number);

        return lc_replay_begin(stage->replay, &range, err);
    }
    stage->is_ahead = lc_samples_have(stage->samples, stage->file);
    if (stage->is_ahead) {
        stage->sample = 0;
        return lc_samples_begin(stage->samples, stage->file, &input->map, err);
    }
    if (file->is_shard) {
        enum lc_status status = lc_shard_open(file->path, file->name, &stage->shard, err);

        stage->sample = 0;
        if (status == LC_OK)
            lc_shard_want_fields(stage->shard, stage->dataset->fields);
        return status;
    }
    return lc_splitter_new(input->map.data, input->map.size, file->lines,
                           &stage->splitter, err);
}

/* Continue the hash of the file up to an offset, while these bytes are still in the
 * cache. */
static void hash_to(struct lc_rows_stage *stage, const struct lc_map *map, size_t offset)
{
    if (offset > stage->hashed)
        lc_hasher_update(stage->hasher, map->data + stage->hashed,
                         offset - stage->hashed);
    stage->hashed = offset > stage->hashed ? offset : stage->hashed;
}

/* Whether a piece belongs to another part of the data set. The text after a row belongs
 * to the row's part, where it counts as an error of the row. */
static bool is_foreign(struct lc_rows_stage *stage, const struct lc_piece *piece)
{
    const struct lc_part *part = &stage->run->part;

    if (!part->count)
        return false;
    if (piece->kind == LC_PIECE_FILE && piece->has_row)
        return !stage->has_last;
    stage->has_last = lc_part_of_byte(stage->file_start + piece->place.offset,
                                      stage->total, part->count) == part->number;
    return !stage->has_last;
}

/* Fill a job with the next pieces of the file. Returns false at its end. */
static bool cut_pieces(struct lc_rows_stage *stage, struct lc_row_job *job)
{
    size_t bytes = 0;
    bool more = true;

    stage->fetched =
        lc_map_prefetch(job->map, stage->fetched, lc_splitter_offset(stage->splitter));
    while (job->count < LC_BATCH_PIECES && bytes < LC_BATCH_BYTES) {
        struct lc_piece *piece = &job->pieces[job->count];

        more = lc_splitter_next(stage->splitter, piece);
        if (!more)
            break;
        if (piece->problem.fault == LC_JSON_TOO_LONG)
            (void)lc_fail(&job->job.error, LC_ERR_USAGE, 0,
                          "%.150s:%llu: a row larger than 4 GiB",
                          stage->dataset->files[stage->file].name,
                          (unsigned long long)piece->place.line);
        bytes += piece->size;
        job->foreign[job->count] = is_foreign(stage, piece);
        job->count++;
    }
    hash_to(stage, job->map, lc_splitter_offset(stage->splitter));
    job->lines = lc_splitter_lines(stage->splitter);
    if (!more) {
        hash_to(stage, job->map, job->map->size);
        job->content = lc_hasher_finish(stage->hasher);
    }
    return more;
}

/* Fill a job with the next samples of a shard. Returns false at its end, or on failure,
 * with the job's error set. */
static bool cut_samples(struct lc_rows_stage *stage, struct lc_row_job *job)
{
    const struct lc_rows_file *file = &stage->dataset->files[stage->file];
    const struct lc_sample *sample = NULL;
    struct lc_error *err = &job->job.error;
    enum lc_status status = LC_OK;
    struct lc_shard_end end;

    job->is_shard = true;
    while (status == LC_OK && job->count < LC_BATCH_PIECES &&
           job->sample_text.size < LC_BATCH_BYTES) {
        status = stage->is_ahead ? lc_samples_next(stage->samples, &sample, err)
                                 : lc_shard_next(stage->shard, &sample, err);
        if (status != LC_OK || !sample)
            break;
        lc_shard_hash(stage->hasher, sample);
        status = lc_row_job_add_sample(job, sample, stage->sample++, err);
    }
    job->job.is_large = job->sample_text.size > LC_BATCH_LARGE;
    if (status == LC_OK && sample)
        return true;
    job->content = lc_hasher_finish(stage->hasher);
    end = stage->is_ahead ? lc_samples_shard_end(stage->samples)
                          : lc_shard_end(stage->shard);
    job->shard = (struct lc_shard_facts){
        .end = end,
        .is_empty = !job->map->size,
        .is_named_tar = lc_path_ends(file->name, ".tar"),
        .indexed = file->indexed,
        .offsets = file->offsets,
        .place = file->place,
        .absent = file->absent,
        .unfollowed = file->unfollowed,
        .misfit = file->misfit,
    };
    job->shard.end.example.text = NULL;
    job->shard_example = job->sample_text.size;
    if (status == LC_OK && job->shard.end.example.size)
        (void)!lc_buffer_add(&job->sample_text, end.example.text, end.example.size, err);
    return false;
}

/* Fill a job with the next rows of a merge. Returns false at the end of the file. */
static bool fill_from_parts(struct lc_rows_stage *stage, struct lc_row_job *job,
                            struct lc_error *err)
{
    const struct lc_rows_shares *shares = stage->shares;
    const struct lc_rows_share *share = &shares->items[stage->share];
    struct lc_replay *replay =
        share->source == LC_NO_SOURCE ? NULL : stage->replays[share->source];
    enum lc_status status = LC_OK;
    bool more = replay != NULL;

    memset(job->foreign, 0, sizeof(job->foreign));
    if (replay && !stage->file_begun)
        status = lc_replay_begin(replay, &share->range, err);
    stage->file_begun = true;
    if (status == LC_OK && replay) /* a failure stays in the job's error */
        (void)!lc_replay_fill(replay, job, &more, err);
    if (status != LC_OK || more)
        return true;
    if (replay)
        lc_replay_end(replay);
    stage->file_begun = false;
    stage->share++;
    return stage->share < shares->count &&
           shares->items[stage->share].file == share->file;
}

static bool fill(void *argument, struct lc_job *base)
{
    struct lc_rows_stage *stage = argument;
    struct lc_row_job *job = (struct lc_row_job *)base;
    enum lc_status status = LC_OK;
    bool more = true;

    if (stage->file == stage->dataset->file_count)
        return false;
    lc_row_job_reset(job);
    job->file = stage->file;
    job->map = &stage->inputs[stage->file].map;
    job->reused = stage->inputs[stage->file].reused;
    job->is_foreign = !stage->shares && is_foreign_shard(stage);
    if (job->is_foreign)
        job->content = (struct lc_hash){0};
    if (!stage->file_begun && !stage->shares && !job->is_foreign)
        status = begin_file(stage, &base->error);
    if (status == LC_OK && stage->shares)
        more = fill_from_parts(stage, job, &base->error);
    else if (status == LC_OK && job->reused && !job->is_foreign) /* the same */
        (void)!lc_replay_fill(stage->replay, job, &more, &base->error);
    else if (status == LC_OK && job->is_foreign)
        more = job->lines = false;
    else if (status == LC_OK && (stage->shard || stage->is_ahead))
        more = cut_samples(stage, job);
    else if (status == LC_OK)
        more = cut_pieces(stage, job);
    job->file_end = !more;
    if (!more) {
        lc_splitter_free(stage->splitter);
        stage->splitter = NULL;
        lc_shard_close(stage->shard);
        stage->shard = NULL;
        stage->is_ahead = false;
        stage->fetched = stage->hashed = 0;
        stage->file_begun = false;
        stage->file_start += job->map->size;
        stage->file++;
    }
    return true;
}

/* ---- the collector ---- */

/* Grow the arrays by row to hold one more. */
static enum lc_status grow_rows(struct lc_rows *rows, struct lc_error *err)
{
    uint8_t *faulty =
        lc_array_grow(rows->faulty, rows->count, &rows->faulty_capacity, sizeof(*faulty));
    uint32_t *image_counts;

    if (!faulty)
        return lc_fail_memory(err);
    rows->faulty = faulty;
    if (rows->count >= UINT32_MAX) /* links store a row's number in 32 bits */
        return lc_fail(err, LC_ERR_USAGE, 0, "more than 4,294,967,295 rows");
    image_counts = lc_array_grow(rows->image_counts, rows->count,
                                 &rows->image_counts_capacity, sizeof(*image_counts));
    if (!image_counts)
        return lc_fail_memory(err);
    rows->image_counts = image_counts;
    return LC_OK;
}

/* Prefetch the entries of all paths of a job together, because a table of millions of
 * paths exceeds the processor's caches. */
static void prefetch_paths(const struct lc_paths *paths, const struct lc_row_job *job)
{
    for (int step = 0; step < 3 && !job->reused; step++)
        for (size_t i = 0; i < job->path_count; i++)
            lc_paths_prefetch(paths, &job->paths[i].hash, step);
}

static enum lc_status collect_paths(struct lc_rows *rows, bool reused,
                                    const struct lc_named_path *path, size_t count,
                                    struct lc_error *err)
{
    for (; count; count--, path++) {
        uint32_t *named = lc_array_grow(rows->named, rows->named_count,
                                        &rows->named_capacity, sizeof(*named));
        enum lc_status status = LC_OK;

        if (!named)
            return lc_fail_memory(err);
        rows->named = named;
        named += rows->named_count;
        if (reused)
            *named = path->number;
        else
            status = lc_paths_add(&rows->paths, path->path, &path->hash, named, err);
        if (status != LC_OK)
            return status;
        rows->named_count++;
    }
    return LC_OK;
}

/* Count a row in the mixture. */
static enum lc_status count_in_mixture(struct lc_rows_stage *stage,
                                       const struct lc_row_result *result,
                                       struct lc_error *err)
{
    const struct lc_row_record *row = &result->record;
    const struct lc_rows *rows = stage->out;
    struct lc_span path = {0};

    if (result->paths)
        path = lc_paths_get(&rows->paths, rows->named[rows->named_count - result->paths]);
    return lc_mixture_add(stage->mixture, row->data_source, path, row->images,
                          row->turns / 2, row->words, err);
}

static enum lc_status add_question(struct lc_sorter *questions,
                                   const struct lc_row_record *row, uint64_t number,
                                   struct lc_error *err)
{
    struct lc_row_id item = {.row = number};

    lc_put_u64(item.hash.bytes, row->question);
    lc_put_u64(item.hash.bytes + 8, row->answer);
    return lc_sorter_add(questions, &item, err);
}

/* Add a row to the sorters that find equal ids, equal rows and equal questions. */
static enum lc_status add_to_sorters(struct lc_rows *rows,
                                     const struct lc_row_result *result, uint64_t number,
                                     struct lc_error *err)
{
    const struct lc_row_record *row = &result->record;
    enum lc_status status = LC_OK;

    if (row->id.size)
        status =
            lc_sorter_add(&rows->ids, &(struct lc_row_id){result->id_hash, number}, err);
    if (row->whole && status == LC_OK)
        status = lc_sorter_add(&rows->contents, &(struct lc_row_id){row->content, number},
                               err);
    if (row->question && status == LC_OK)
        status = add_question(&rows->questions, row, number, err);
    return status;
}

static enum lc_status collect_row(struct lc_rows_stage *stage, bool reused,
                                  const struct lc_row_result *result,
                                  const struct lc_named_path *paths, struct lc_error *err)
{
    const struct lc_row_record *row = &result->record;
    struct lc_rows *rows = stage->out;
    struct lc_summary *summary = &stage->run->summary;
    uint64_t number = rows->count;
    enum lc_status status = grow_rows(rows, err);

    if (status == LC_OK)
        status = collect_paths(rows, reused, paths, result->paths, err);
    if (status != LC_OK)
        return status;
    rows->faulty[number] = row->faulty;
    rows->image_counts[number] = (uint32_t)result->paths;
    if (!stage->run->is_each_alone)
        status = add_to_sorters(rows, result, number, err);
    rows->count++;
    stage->strays += row->dialect != 0;
    summary->rows = rows->count;
    summary->turns += row->turns;
    summary->words += row->words;
    summary->characters += row->characters;
    summary->rows_text_only += row->text_only;
    summary->urls += row->urls;
    summary->embedded += row->embedded;
    if (row->object && status == LC_OK)
        status = count_in_mixture(stage, result, err);
    return status == LC_OK ? lc_index_add_row(stage->run->writer, number, row, err)
                           : status;
}

/* Collect a row of this part. The index of a part numbers its rows as if there were no
 * others. */
static enum lc_status collect_own(struct lc_rows_stage *stage, struct lc_row_job *job,
                                  size_t i, const struct lc_named_path *paths,
                                  struct lc_error *err)
{
    struct lc_row_result *result = &job->results[i];

    if (stage->run->part.count && stage->out->count == stage->first_row)
        stage->own_from = result->record.row;
    result->record.row -= stage->own_from;
    return collect_row(stage, job->reused, result, paths, err);
}

/* Collect the paths of a row of another part, for the first part of a data set: it looks
 * for images that no row of any part names. */
static enum lc_status collect_for_unused(struct lc_rows_stage *stage,
                                         const struct lc_row_result *result,
                                         const struct lc_named_path *paths,
                                         struct lc_error *err)
{
    enum lc_status status = LC_OK;
    uint32_t number;

    for (size_t i = 0; i < result->paths && status == LC_OK; i++)
        status = lc_paths_add(&stage->out->others, paths[i].path, &paths[i].hash, &number,
                              err);
    return status;
}

/* Collect what this part needs of another part's row: the images that this part
 * verifies. */
static enum lc_status collect_foreign(struct lc_rows_stage *stage,
                                      const struct lc_piece *piece,
                                      const struct lc_row_result *result,
                                      const struct lc_named_path *paths,
                                      struct lc_error *err)
{
    const struct lc_part *part = &stage->run->part;
    struct lc_rows *rows = stage->out;
    enum lc_status status = LC_OK;
    uint32_t number;

    stage->foreign += piece->kind != LC_PIECE_FILE;
    for (size_t i = 0; i < result->paths && status == LC_OK; i++)
        if (stage->run->shares_archives ||
            lc_part_of_path(&paths[i].hash, part->count) == part->number)
            status =
                lc_paths_add(&rows->paths, paths[i].path, &paths[i].hash, &number, err);
    return status;
}

/* Make the record of a finding at a place in a row. */
static struct lc_finding_record place_in_row(const struct lc_rows_stage *stage,
                                             const struct lc_row_job *job,
                                             const struct lc_piece *piece,
                                             const struct lc_row_result *result,
                                             const struct lc_place *place)
{
    struct lc_finding_record record = {
        .kind = LC_FINDING_ROW,
        .file = job->file,
        .row = piece->has_row ? (int64_t)(piece->row - stage->own_from) : -1,
        .offset = place->offset,
        .line = place->line,
        .column = place->column,
        .id = result->record.id,
    };

    if (record.id.size > LC_FINDING_ID_MAX) /* the row's record has the whole id */
        record.id.size = LC_FINDING_ID_MAX;
    return record;
}

static enum lc_status
collect_findings(const struct lc_rows_stage *stage, const struct lc_row_job *job,
                 const struct lc_piece *piece, const struct lc_row_result *result,
                 const struct lc_placed_finding *placed, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < result->findings && status == LC_OK; i++, placed++) {
        struct lc_finding_record record =
            place_in_row(stage, job, piece, result, &placed->place);

        record.turn = placed->finding.turn;
        status = lc_run_add_finding(stage->run, &job->findings, &placed->finding, &record,
                                    err);
    }
    return status;
}

static enum lc_status report_file(struct lc_rows_stage *stage,
                                  const struct lc_facts *facts,
                                  struct lc_finding_record *record, struct lc_error *err)
{
    struct lc_findings *findings = &stage->findings;
    enum lc_status status;

    lc_findings_reset(findings);
    status = lc_rules_check(LC_SCOPE_FILE, facts, findings, err);
    for (size_t i = 0; i < findings->count && status == LC_OK; i++)
        status =
            lc_run_add_finding(stage->run, findings, &findings->items[i], record, err);
    return status;
}

/* Report odd columns. */
static enum lc_status collect_values(struct lc_rows_stage *stage,
                                     const struct lc_row_job *job, size_t number,
                                     const struct lc_column_value *value,
                                     struct lc_error *err)
{
    const struct lc_piece *piece = &job->pieces[number];
    const struct lc_row_result *result = &job->results[number];
    const char *names = job->values.text.data;
    const char *text = lc_row_job_text(job, piece);
    const struct lc_dialect *dialect = stage->dataset->files[job->file].dialect;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < result->values && status == LC_OK; i++, value++) {
        struct lc_span name = {names + value->name, value->name_size};
        struct lc_column_facts facts;
        struct lc_place place;
        struct lc_finding_record record;

        if (!lc_types_add(stage->types, value, name, dialect, piece, text, &facts,
                          &place) ||
            job->foreign[number]) /* its part reports it */
            continue;
        record = place_in_row(stage, job, piece, result, &place);
        record.turn = -1;
        status =
            report_file(stage, &(struct lc_facts){.column = &facts, .lines = job->lines},
                        &record, err);
    }
    return status;
}

/* Report white space before the array. A reused file has it among its reused findings; in
 * a data set with parts, it belongs to the part with the file's first byte. */
static enum lc_status report_space(struct lc_rows_stage *stage,
                                   const struct lc_row_job *job, struct lc_error *err)
{
    const struct lc_part *part = &stage->run->part;
    struct lc_finding_record record = {
        .kind = LC_FINDING_ROW,
        .file = job->file,
        .row = -1,
        .line = 1,
        .column = 1,
        .turn = -1,
    };

    if (job->reused || job->lines || job->is_shard || job->is_foreign ||
        !job->map->size || !strchr(" \t\n\r", job->map->data[0]) ||
        stage->out->count + stage->foreign == stage->first_row)
        return LC_OK;
    if (part->count &&
        lc_part_of_byte(stage->done, stage->total, part->count) != part->number)
        return LC_OK;
    return report_file(stage, &(struct lc_facts){.leading_space = true}, &record, err);
}

/* Report problems of a shard as a whole. A reused shard has them among its reused
 * findings. */
static enum lc_status report_shard(struct lc_rows_stage *stage, struct lc_row_job *job,
                                   struct lc_error *err)
{
    struct lc_finding_record record = {
        .kind = LC_FINDING_ROW,
        .file = job->file,
        .row = -1,
        .line = 1,
        .column = 1,
        .turn = -1,
    };

    if (job->reused || !job->is_shard)
        return LC_OK;
    job->shard.end.example.text = job->sample_text.data + job->shard_example;
    return report_file(stage, &(struct lc_facts){.shard = &job->shard}, &record, err);
}

/* Mark a row as faulty because of an error in the text after it; the row is already
 * stored. */
static void mark_row_faulty(const struct lc_rows_stage *stage,
                            const struct lc_piece *piece)
{
    if (piece->kind == LC_PIECE_FILE && piece->has_row)
        stage->out->faulty[stage->first_row + piece->row - stage->own_from] = 1;
}

/* Fail if the file changed while it was being read: its rows may be a mix of two
 * versions. */
static enum lc_status check_unchanged(const char *path, const struct lc_map *map,
                                      struct lc_error *err)
{
    struct lc_map now = {0};
    enum lc_status status = lc_map_probe(path, &now, err);

    if (status == LC_OK && (now.size != map->size || now.mtime_ns != map->mtime_ns ||
                            now.inode != map->inode))
        status = lc_fail(err, LC_ERR_IO, 0, "a rows file changed while it was read");
    return status;
}

/* The lower median of the number of rounds, given the number of rows for each. */
static uint64_t find_median(const uint64_t rows[LC_EXACT_ROUNDS + 1], uint64_t count)
{
    uint64_t seen = 0;

    for (uint64_t rounds = 0; rounds < LC_EXACT_ROUNDS; rounds++) {
        seen += rows[rounds];
        if (2 * seen >= count)
            return rounds;
    }
    return LC_EXACT_ROUNDS;
}

static void add_statistics(struct lc_rows_stage *stage, const struct lc_row_job *job)
{
    lc_statistics_merge(&stage->statistics, &job->statistics);
    for (int i = 0; i <= LC_EXACT_ROUNDS; i++)
        stage->file_rounds[i] += job->rounds[i];
}

/* Store the statistics of a file, and add them to those of all files. */
static enum lc_status end_statistics(struct lc_rows_stage *stage, uint32_t file,
                                     struct lc_error *err)
{
    struct lc_statistics *file_statistics = &stage->statistics;
    enum lc_status status;

    file_statistics->median_rounds =
        find_median(stage->file_rounds, file_statistics->rounds.count);
    status = lc_index_add_file_statistics(stage->run->writer, file, file_statistics, err);
    lc_statistics_merge(&stage->all, file_statistics);
    for (int i = 0; i <= LC_EXACT_ROUNDS; i++)
        stage->rounds[i] += stage->file_rounds[i];
    *file_statistics = (struct lc_statistics){0};
    memset(stage->file_rounds, 0, sizeof(stage->file_rounds));
    return status;
}

static enum lc_status add_file_end(struct lc_rows *rows, struct lc_error *err)
{
    uint64_t *ends = lc_array_grow(rows->file_ends, rows->file_count,
                                   &rows->file_ends_capacity, sizeof(*ends));

    if (!ends)
        return lc_fail_memory(err);
    rows->file_ends = ends;
    ends[rows->file_count++] = rows->count;
    return LC_OK;
}

/* Note which rows of a file belong to this part, if the file is in its range. */
static enum lc_status end_part(struct lc_rows_stage *stage, uint32_t file,
                               const struct lc_file_record *record, uint64_t total,
                               uint64_t sampled, struct lc_error *err)
{
    struct lc_run *run = stage->run;
    const struct lc_part *part = &run->part;
    uint64_t begin = stage->done, end = stage->done + record->size;
    const struct lc_part_rows rows = {
        .part = part->number,
        .file = file,
        .first = record->rows ? stage->own_from : 0,
        .rows = record->rows,
    };
    enum lc_status status =
        lc_part_add_file(&run->covered, &(struct lc_part_file){total, sampled}, err);

    if (stage->dataset->files[file].is_shard) /* a part has all of a shard, or none */
        end = begin;
    if (status == LC_OK &&
        lc_part_of_byte(begin, stage->total, part->count) <= part->number &&
        lc_part_of_byte(end, stage->total, part->count) >= part->number)
        status = lc_part_add_rows(&run->covered, &rows, err);
    stage->own_from = 0;
    return status;
}

/* Make the record of a file that was checked. */
static enum lc_status make_record(struct lc_rows_stage *stage, struct lc_row_job *job,
                                  struct lc_file_record *out, struct lc_error *err)
{
    const struct lc_rows_file *file = &stage->dataset->files[job->file];
    struct lc_file_record record = {
        .name = {file->name, strlen(file->name)},
        .size = job->map->size,
        .mtime_ns = job->map->mtime_ns,
        .ctime_ns = job->map->ctime_ns,
        .inode = job->map->inode,
        .device = job->map->device,
        .content = job->content,
        .first_row = stage->first_row,
        .rows = stage->out->count - stage->first_row,
        .lines = job->lines,
        .dialect = {file->dialect->name, strlen(file->dialect->name)},
        .names = lc_rows_file_hash(file),
        .strays = stage->strays,
    };
    uint64_t sampled, total;
    enum lc_status status = check_unchanged(file->path, job->map, err);

    if (status == LC_OK)
        status = report_space(stage, job, err);
    if (status == LC_OK)
        status = report_shard(stage, job, err);
    if (status != LC_OK)
        return status;
    sampled = total = record.rows + stage->foreign;
    if (file->sampling) {
        record.sampling = (struct lc_span){file->sampling, strlen(file->sampling)};
        sampled = lc_sampling_rows(&file->sampled, total);
    }
    record.sampled = sampled;
    if (stage->run->part.count) { /* only the merge knows how many of them are sampled */
        record.sampled = record.rows;
        status = end_part(stage, job->file, &record, total, sampled, err);
    }
    stage->foreign = 0;
    /* not read, because its times showed that it is unchanged */
    stage->unread += !job->map->data && !job->is_shard && !job->is_foreign;
    *out = record;
    return status;
}

/* Make the record of a file in a merge: the record of an index that has read the file,
 * except for the rows. A merge of only some parts does not know how many of these rows
 * are sampled. */
static enum lc_status join_record(const struct lc_rows_stage *stage, uint32_t file,
                                  struct lc_file_record *out, struct lc_error *err)
{
    const struct lc_rows_shares *shares = stage->shares;
    enum lc_status status =
        lc_index_get_file(shares->indexes[shares->readers[file]], file, out, err);

    out->first_row = stage->first_row;
    out->rows = stage->out->count - stage->first_row;
    out->strays = stage->strays;
    out->sampled = stage->run->covered.count ? out->rows : shares->totals[file].sampled;
    return status;
}

static enum lc_status end_file(struct lc_rows_stage *stage, struct lc_row_job *job,
                               struct lc_error *err)
{
    struct lc_run *run = stage->run;
    struct lc_file_record record = {0};
    enum lc_status status = stage->shares ? join_record(stage, job->file, &record, err)
                                          : make_record(stage, job, &record, err);

    if (status != LC_OK)
        return status;
    run->summary.rows_sampled += record.sampled;
    stage->first_row = stage->out->count;
    stage->done += job->map->size;
    stage->dropped = 0;
    stage->strays = 0;
    lc_types_reset(stage->types);
    run->summary.rows_files++;
    status = add_file_end(stage->out, err);
    if (status == LC_OK)
        status = lc_index_add_file(run->writer, job->file, &record, err);
    return status == LC_OK ? end_statistics(stage, job->file, err) : status;
}

static enum lc_status collect(void *argument, struct lc_job *base, struct lc_error *err)
{
    struct lc_rows_stage *stage = argument;
    struct lc_row_job *job = (struct lc_row_job *)base;
    const struct lc_named_path *paths = job->paths;
    const struct lc_placed_finding *placed = job->placed;
    const struct lc_column_value *values = job->values.items;
    enum lc_status status = LC_OK;
    uint64_t end = 0;

    prefetch_paths(&stage->out->paths, job);
    for (size_t i = 0; i < job->count && status == LC_OK; i++) {
        const struct lc_piece *piece = &job->pieces[i];
        const struct lc_row_result *result = &job->results[i];

        if (stage->run->part.number == 1 && !stage->run->options->no_images &&
            !stage->run->shares_archives) /* it collects all paths anyway */
            status = collect_for_unused(stage, result, paths, err);
        if (status != LC_OK)
            break;
        if (job->foreign[i])
            status = collect_foreign(stage, piece, result, paths, err);
        else if (piece->kind != LC_PIECE_FILE)
            status = collect_own(stage, job, i, paths, err);
        if (status == LC_OK && !job->foreign[i])
            status = collect_findings(stage, job, piece, result, placed, err);
        if (status == LC_OK && result->values)
            status = collect_values(stage, job, i, values, err);
        if (!job->foreign[i])
            mark_row_faulty(stage, piece);
        paths += result->paths;
        placed += result->findings;
        values += result->values;
        end = piece->place.offset + piece->size;
    }
    add_statistics(stage, job);
    stage->dropped = lc_map_drop(job->map, stage->dropped, end);
    if (status == LC_OK && job->file_end) {
        end = 0;
        status = end_file(stage, job, err);
    }
    lc_row_job_shrink(job);
    if (status != LC_OK)
        return status;
    if (stage->samples) /* the shards were read before, which took most of the time */
        return lc_run_check_stopped(stage->run, err);
    return lc_run_progress(stage->run, LC_STAGE_ROWS, stage->done + end, stage->total,
                           err);
}

/* Store the totals that are complete after the last row: statistics and mixture. */
static enum lc_status store_statistics(struct lc_rows_stage *stage, struct lc_error *err)
{
    struct lc_index_writer *writer = stage->run->writer;
    enum lc_status status;

    stage->all.median_rounds = find_median(stage->rounds, stage->all.rounds.count);
    status = lc_index_add_statistics(writer, &stage->all, err);
    return status == LC_OK ? lc_mixture_store(stage->mixture, writer, err) : status;
}

/* Send a notice with the number of files that were not read, if any. */
static void report_unread(const struct lc_rows_stage *stage)
{
    const struct lc_check_options *options = stage->run->options;
    char line[160];

    if (!stage->unread || !options->on_notice)
        return;
    snprintf(line, sizeof(line),
             "%" PRIu32 " of %zu rows files are unchanged: results reused from the index "
             "(--recheck reads them again)",
             stage->unread, stage->dataset->file_count);
    options->on_notice(options->user, line);
}

/* Collect the rows of the stage's inputs. */
static enum lc_status run_pipeline(struct lc_rows_stage *stage, struct lc_error *err)
{
    static const struct lc_stage_ops ops = {
        .job_new = lc_row_job_new,
        .job_free = lc_row_job_free,
        .scratch_new = lc_rows_scratch_new,
        .scratch_free = lc_rows_scratch_free,
        .fill = fill,
        .work = lc_rows_work,
        .collect = collect,
    };
    enum lc_status status = lc_mixture_new(&stage->mixture, err);

    if (status == LC_OK)
        status = lc_types_new(&stage->types, err);
    if (status == LC_OK)
        status = lc_pipeline_run(&ops, stage, stage->run->workers, err);
    if (status == LC_OK)
        status = store_statistics(stage, err);
    lc_mixture_free(stage->mixture);
    lc_types_free(stage->types);
    lc_findings_clear(&stage->findings);
    return status;
}

enum lc_status lc_rows_check(struct lc_run *run, const struct lc_dataset *dataset,
                             const struct lc_index *earlier, struct lc_samples *samples,
                             struct lc_rows *out, struct lc_error *err)
{
    struct lc_rows_stage stage = {
        .run = run, .dataset = dataset, .samples = samples, .out = out};
    enum lc_status status = lc_rows_open(&stage, earlier, err);

    if (status == LC_OK && !run->options->no_images)
        status = lc_folder_open(dataset->video_root, &stage.videos, err);
    if (status == LC_OK)
        status = run_pipeline(&stage, err);
    if (status == LC_OK)
        report_unread(&stage);
    lc_folder_close(stage.videos);
    lc_splitter_free(stage.splitter);
    lc_shard_close(stage.shard);
    lc_rows_close(&stage);
    return status;
}

enum lc_status lc_rows_join(struct lc_run *run, const struct lc_dataset *dataset,
                            const struct lc_rows_shares *shares, struct lc_rows *out,
                            struct lc_error *err)
{
    struct lc_rows_stage stage = {
        .run = run, .dataset = dataset, .out = out, .shares = shares};
    enum lc_status status = lc_rows_open_parts(&stage, err);

    if (status == LC_OK)
        status = run_pipeline(&stage, err);
    lc_rows_close(&stage);
    return status;
}

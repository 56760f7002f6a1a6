/* The rows stage: the reader cuts, the collector stores. */
#include "scan/rows/rows.h"

#include "dataset/sampling.h"
#include "scan/rows/replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lc_job *job_new(void)
{
    struct lc_row_job *job = calloc(1, sizeof(*job));

    return job ? &job->job : NULL;
}

static void job_free(struct lc_job *base)
{
    struct lc_row_job *job = (struct lc_row_job *)base;

    if (!job)
        return;
    lc_buffer_clear(&job->text);
    free(job->paths);
    free(job->placed);
    lc_findings_clear(&job->findings);
    free(job);
}

/* ---- the reader ---- */

/* Begin with the next file. */
static enum lc_status begin_file(struct lc_rows_stage *stage, struct lc_error *err)
{
    const struct lc_rows_input *input = &stage->inputs[stage->file];

    stage->begun = true;
    if (input->taken)
        return lc_replay_begin(stage->replay, input->old, err);
    return lc_splitter_new(input->map.data, input->map.size,
                           stage->scan->dataset.files[stage->file].lines,
                           &stage->splitter, err);
}

/* Hash the file on the way, up to an offset: these bytes were read a moment ago. */
static void hash_to(struct lc_rows_stage *stage, const struct lc_map *map, size_t offset)
{
    if (offset > stage->hashed)
        lc_hasher_update(stage->hasher, map->data + stage->hashed,
                         offset - stage->hashed);
    stage->hashed = offset > stage->hashed ? offset : stage->hashed;
}

/* Fill a job with the next pieces of the file. Returns whether it has more. */
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
                          "%.150s:%llu: a row of over 4 GiB",
                          stage->scan->dataset.files[stage->file].name,
                          (unsigned long long)piece->place.line);
        bytes += piece->size;
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

static void job_reset(struct lc_row_job *job)
{
    job->count = 0;
    job->text.size = 0;
    job->path_count = 0;
    job->placed_count = 0;
    lc_findings_reset(&job->findings);
    job->statistics = (struct lc_statistics){0};
    memset(job->rounds, 0, sizeof(job->rounds));
}

static bool fill(void *argument, struct lc_job *base)
{
    struct lc_rows_stage *stage = argument;
    struct lc_row_job *job = (struct lc_row_job *)base;
    enum lc_status status = LC_OK;
    bool more = true;

    if (stage->file == stage->scan->dataset.file_count)
        return false;
    job_reset(job);
    if (!stage->begun)
        status = begin_file(stage, &base->error);
    job->file = stage->file;
    job->map = &stage->inputs[stage->file].map;
    job->taken = stage->inputs[stage->file].taken;
    if (status == LC_OK && job->taken) /* a failure is the job's */
        (void)!lc_replay_fill(stage->replay, job, &more, &base->error);
    else if (status == LC_OK)
        more = cut_pieces(stage, job);
    job->file_end = !more;
    if (!more) {
        lc_splitter_free(stage->splitter);
        stage->splitter = NULL;
        stage->fetched = stage->hashed = 0;
        stage->begun = false;
        stage->file++;
    }
    return true;
}

/* ---- the collector ---- */

/* Make room for what is known about one more row. */
static enum lc_status grow_rows(struct lc_scan *scan, struct lc_error *err)
{
    uint8_t *faulty = lc_array_grow(scan->faulty, scan->summary.rows,
                                    &scan->faulty_capacity, sizeof(*faulty));
    uint32_t *row_images;

    if (!faulty)
        return lc_fail_memory(err);
    scan->faulty = faulty;
    if (scan->summary.rows >= UINT32_MAX) /* links keep a row's number in 32 bits */
        return lc_fail(err, LC_ERR_USAGE, 0, "more than 4,294,967,295 rows");
    row_images = lc_array_grow(scan->row_images, scan->summary.rows,
                               &scan->row_images_capacity, sizeof(*row_images));
    if (!row_images)
        return lc_fail_memory(err);
    scan->row_images = row_images;
    return LC_OK;
}

/* What a table of millions of paths holds is not in the processor's caches: it is fetched
 * for all paths of a job at once. */
static void expect_paths(const struct lc_scan *scan, const struct lc_row_job *job)
{
    for (int step = 0; step < 3 && !job->taken; step++)
        for (size_t i = 0; i < job->path_count; i++)
            lc_paths_expect(&scan->paths, &job->paths[i].hash, step);
}

static enum lc_status collect_paths(struct lc_scan *scan, bool taken,
                                    const struct lc_named_path *path, size_t count,
                                    struct lc_error *err)
{
    for (; count; count--, path++) {
        uint32_t *named = lc_array_grow(scan->named, scan->named_count,
                                        &scan->named_capacity, sizeof(*named));
        enum lc_status status = LC_OK;

        if (!named)
            return lc_fail_memory(err);
        scan->named = named;
        named += scan->named_count;
        if (taken)
            *named = path->number;
        else
            status = lc_paths_add(&scan->paths, path->path, &path->hash, named, err);
        if (status != LC_OK)
            return status;
        scan->named_count++;
    }
    return LC_OK;
}

/* Count a row as part of the mixture. */
static enum lc_status share_row(struct lc_rows_stage *stage,
                                const struct lc_row_result *result, struct lc_error *err)
{
    const struct lc_row_record *row = &result->record;
    const struct lc_scan *scan = stage->scan;
    struct lc_span path = {0};

    if (result->paths)
        path = lc_paths_get(&scan->paths, scan->named[scan->named_count - result->paths]);
    return lc_mixture_add(stage->mixture, row->data_source, path, row->images,
                          row->turns / 2, row->words, err);
}

static enum lc_status collect_row(struct lc_rows_stage *stage, bool taken,
                                  const struct lc_row_result *result,
                                  const struct lc_named_path *paths, struct lc_error *err)
{
    const struct lc_row_record *row = &result->record;
    struct lc_scan *scan = stage->scan;
    uint64_t number = scan->summary.rows;
    enum lc_status status = grow_rows(scan, err);

    if (status == LC_OK)
        status = collect_paths(scan, taken, paths, result->paths, err);
    if (status != LC_OK)
        return status;
    scan->faulty[number] = row->faulty;
    scan->row_images[number] = (uint32_t)result->paths;
    if (row->id.size)
        status =
            lc_sorter_add(&scan->ids, &(struct lc_row_id){result->id_hash, number}, err);
    if (row->whole && status == LC_OK)
        status = lc_sorter_add(&scan->contents, &(struct lc_row_id){row->content, number},
                               err);
    scan->summary.rows++;
    scan->summary.turns += row->turns;
    scan->summary.words += row->words;
    scan->summary.characters += row->characters;
    scan->summary.rows_text_only += row->text_only;
    if (row->object && status == LC_OK)
        status = share_row(stage, result, err);
    return status == LC_OK ? lc_index_add_row(scan->writer, number, row, err) : status;
}

static enum lc_status collect_findings(struct lc_scan *scan, const struct lc_row_job *job,
                                       const struct lc_piece *piece,
                                       const struct lc_row_result *result,
                                       const struct lc_placed *placed,
                                       struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < result->findings && status == LC_OK; i++, placed++) {
        struct lc_finding_record record = {
            .kind = LC_FINDING_ROW,
            .file = job->file,
            .row = piece->has_row ? (int64_t)piece->row : -1,
            .offset = placed->place.offset,
            .line = placed->place.line,
            .column = placed->place.column,
            .turn = placed->finding.turn,
            .id = result->record.id,
        };

        if (record.id.size > LC_FINDING_ID_MAX) /* the row's record has all of it */
            record.id.size = LC_FINDING_ID_MAX;
        status = lc_scan_finding(scan, &job->findings, &placed->finding, &record, err);
    }
    return status;
}

/* A fault between rows is the row's before it, which is stored already. */
static void blame_row(struct lc_scan *scan, const struct lc_rows_stage *stage,
                      const struct lc_piece *piece)
{
    if (piece->kind == LC_PIECE_FILE && piece->has_row)
        scan->faulty[stage->first_row + piece->row] = 1;
}

/* What was read must be what is there now: else the rows are of two files. */
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

/* The lower median of rounds, by how many rows have so many of them. */
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

/* Store what the rows of a file are like, and make it part of what all rows are. */
static enum lc_status end_statistics(struct lc_rows_stage *stage, uint32_t file,
                                     struct lc_error *err)
{
    struct lc_statistics *its = &stage->statistics;
    enum lc_status status;

    its->median_rounds = find_median(stage->file_rounds, its->rounds.count);
    status = lc_index_add_file_statistics(stage->scan->writer, file, its, err);
    lc_statistics_merge(&stage->scan->statistics, its);
    for (int i = 0; i <= LC_EXACT_ROUNDS; i++)
        stage->rounds[i] += stage->file_rounds[i];
    *its = (struct lc_statistics){0};
    memset(stage->file_rounds, 0, sizeof(stage->file_rounds));
    return status;
}

static enum lc_status end_file(struct lc_rows_stage *stage, const struct lc_row_job *job,
                               struct lc_error *err)
{
    struct lc_scan *scan = stage->scan;
    const char *name = scan->dataset.files[job->file].name;
    struct lc_file_record record = {
        .name = {name, strlen(name)},
        .size = job->map->size,
        .mtime_ns = job->map->mtime_ns,
        .ctime_ns = job->map->ctime_ns,
        .inode = job->map->inode,
        .device = job->map->device,
        .content = job->content,
        .first_row = stage->first_row,
        .rows = scan->summary.rows - stage->first_row,
        .lines = job->lines,
    };
    const char *sampling = scan->dataset.files[job->file].sampling;
    struct lc_sampling drawn;

    enum lc_status status =
        check_unchanged(scan->dataset.files[job->file].path, job->map, err);

    if (status != LC_OK)
        return status;
    record.drawn = record.rows;
    if (sampling) {
        record.sampling = (struct lc_span){sampling, strlen(sampling)};
        if (lc_sampling_parse(sampling, &drawn)) /* it was, when it was found */
            record.drawn = lc_sampling_rows(&drawn, record.rows);
    }
    scan->summary.rows_drawn += record.drawn;
    stage->first_row = scan->summary.rows;
    stage->before += job->map->size;
    stage->dropped = 0;
    stage->unread += !job->map->data; /* it was known by its times */
    scan->summary.rows_files++;
    status = lc_index_add_file(scan->writer, job->file, &record, err);
    return status == LC_OK ? end_statistics(stage, job->file, err) : status;
}

static enum lc_status collect(void *argument, struct lc_job *base, struct lc_error *err)
{
    struct lc_rows_stage *stage = argument;
    struct lc_row_job *job = (struct lc_row_job *)base;
    const struct lc_named_path *paths = job->paths;
    const struct lc_placed *placed = job->placed;
    enum lc_status status = LC_OK;
    uint64_t end = 0;

    expect_paths(stage->scan, job);
    for (size_t i = 0; i < job->count && status == LC_OK; i++) {
        const struct lc_piece *piece = &job->pieces[i];
        const struct lc_row_result *result = &job->results[i];

        if (piece->kind != LC_PIECE_FILE)
            status = collect_row(stage, job->taken, result, paths, err);
        if (status == LC_OK)
            status = collect_findings(stage->scan, job, piece, result, placed, err);
        blame_row(stage->scan, stage, piece);
        paths += result->paths;
        placed += result->findings;
        end = piece->place.offset + piece->size;
    }
    add_statistics(stage, job);
    stage->dropped = lc_map_drop(job->map, stage->dropped, end);
    if (status == LC_OK && job->file_end) {
        end = 0;
        status = end_file(stage, job, err);
    }
    if (status != LC_OK)
        return status;
    return lc_scan_progress(stage->scan, LC_STAGE_ROWS, stage->before + end, stage->total,
                            err);
}

/* What is known when all rows are: the statistics and the mixture. */
static enum lc_status store_statistics(const struct lc_rows_stage *stage,
                                       struct lc_error *err)
{
    struct lc_scan *scan = stage->scan;
    enum lc_status status;

    scan->statistics.median_rounds =
        find_median(stage->rounds, scan->statistics.rounds.count);
    status = lc_index_add_statistics(scan->writer, &scan->statistics, err);
    return status == LC_OK ? lc_mixture_store(stage->mixture, scan->writer, err) : status;
}

/* Say how many files were not read, if any. */
static void tell_unread(const struct lc_rows_stage *stage)
{
    const struct lc_scan *scan = stage->scan;
    char line[160];

    if (!stage->unread || !scan->options->on_notice)
        return;
    snprintf(line, sizeof(line),
             "%" PRIu32 " of %zu rows files are as they were when last read: taken from "
             "the index (--recheck reads them again)",
             stage->unread, scan->dataset.file_count);
    scan->options->on_notice(scan->options->user, line);
}

enum lc_status lc_scan_rows(struct lc_scan *scan, struct lc_error *err)
{
    static const struct lc_stage_ops ops = {
        .job_new = job_new,
        .job_free = job_free,
        .scratch_new = lc_rows_scratch_new,
        .scratch_free = lc_rows_scratch_free,
        .fill = fill,
        .work = lc_rows_work,
        .collect = collect,
    };
    struct lc_rows_stage stage = {.scan = scan};
    enum lc_status status = lc_rows_open(&stage, err);

    if (status == LC_OK && !scan->options->no_images)
        status = lc_folder_open(scan->dataset.video_root, &stage.videos, err);
    if (status == LC_OK)
        status = lc_mixture_new(&stage.mixture, err);
    if (status == LC_OK)
        status = lc_pipeline_run(&ops, &stage, scan->workers, err);
    if (status == LC_OK)
        status = store_statistics(&stage, err);
    if (status == LC_OK)
        tell_unread(&stage);
    lc_mixture_free(stage.mixture);
    lc_folder_close(stage.videos);
    lc_splitter_free(stage.splitter);
    lc_rows_close(&stage);
    return status;
}

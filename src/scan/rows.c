/* The rows stage: the reader cuts, the collector stores. */
#include "scan/rows.h"

#include "dataset/sampling.h"

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

static enum lc_status open_file(struct lc_rows_stage *stage, struct lc_error *err)
{
    const struct lc_rows_file *file = &stage->scan->dataset.files[stage->file];
    struct lc_map *map = &stage->maps[stage->file];

    return lc_splitter_new(map->data, map->size, file->lines, &stage->splitter, err);
}

/* Hash the file on the way, up to an offset: these bytes were read a moment ago. */
static void hash_to(struct lc_rows_stage *stage, const struct lc_map *map, size_t offset)
{
    if (offset > stage->hashed)
        lc_hasher_add(stage->hasher, map->data + stage->hashed, offset - stage->hashed);
    stage->hashed = offset > stage->hashed ? offset : stage->hashed;
}

static bool fill(void *argument, struct lc_job *base)
{
    struct lc_rows_stage *stage = argument;
    struct lc_row_job *job = (struct lc_row_job *)base;
    enum lc_status status = LC_OK;
    size_t bytes = 0;
    bool more = true;

    if (stage->file == stage->scan->dataset.file_count)
        return false;
    if (!stage->splitter)
        status = open_file(stage, &base->error);
    if (stage->splitter)
        stage->fetched = lc_map_fetch(&stage->maps[stage->file], stage->fetched,
                                      lc_splitter_offset(stage->splitter));
    job->file = stage->file;
    job->map = &stage->maps[stage->file];
    job->count = 0;
    while (status == LC_OK && job->count < LC_BATCH_PIECES && bytes < LC_BATCH_BYTES) {
        struct lc_piece *piece = &job->pieces[job->count];

        more = lc_splitter_next(stage->splitter, piece);
        if (!more)
            break;
        bytes += piece->size;
        job->count++;
    }
    if (stage->splitter)
        hash_to(stage, job->map, lc_splitter_offset(stage->splitter));
    job->lines = stage->splitter && lc_splitter_lines(stage->splitter);
    job->file_end = !more;
    if (!more) {
        hash_to(stage, job->map, job->map->size);
        job->content = lc_hasher_end(stage->hasher);
        stage->hashed = 0;
        lc_splitter_free(stage->splitter);
        stage->splitter = NULL;
        stage->fetched = 0;
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
    for (int step = 0; step < 3; step++)
        for (size_t i = 0; i < job->path_count; i++)
            lc_paths_expect(&scan->paths, &job->paths[i].hash, step);
}

static enum lc_status collect_paths(struct lc_scan *scan, const struct lc_row_job *job,
                                    const struct lc_named_path *path, size_t count,
                                    struct lc_error *err)
{
    for (; count; count--, path++) {
        uint32_t *named = lc_array_grow(scan->named, scan->named_count,
                                        &scan->named_capacity, sizeof(*named));
        struct lc_span text = {job->text.data + path->start, path->size};
        enum lc_status status;

        if (!named)
            return lc_fail_memory(err);
        scan->named = named;
        status =
            lc_paths_add(&scan->paths, text, &path->hash, &named[scan->named_count], err);
        if (status != LC_OK)
            return status;
        scan->named_count++;
    }
    return LC_OK;
}

/* Count a row as part of the mixture. */
static enum lc_status share_row(struct lc_rows_stage *stage, const struct lc_row_job *job,
                                const struct lc_row_result *result,
                                const struct lc_named_path *paths, struct lc_error *err)
{
    struct lc_span source = {job->text.data + result->source_start, result->source_size};
    struct lc_span path = {0};

    if (result->paths)
        path = (struct lc_span){job->text.data + paths->start, paths->size};
    return lc_mixture_add(stage->mixture, source, path, result->record.images,
                          result->record.turns / 2, result->record.words, err);
}

static enum lc_status collect_row(struct lc_rows_stage *stage,
                                  const struct lc_row_job *job,
                                  struct lc_row_result *result,
                                  const struct lc_named_path *paths, struct lc_error *err)
{
    struct lc_scan *scan = stage->scan;
    uint64_t number = scan->summary.rows;
    enum lc_status status = grow_rows(scan, err);

    if (status == LC_OK)
        status = collect_paths(scan, job, paths, result->paths, err);
    if (status != LC_OK)
        return status;
    scan->faulty[number] = result->record.faulty;
    scan->row_images[number] = (uint32_t)result->paths;
    if (result->has_id) {
        result->record.id =
            (struct lc_span){job->text.data + result->id_start, result->id_size};
        status =
            lc_sorter_add(&scan->ids, &(struct lc_row_id){result->id_hash, number}, err);
    }
    if (result->record.whole && status == LC_OK)
        status = lc_sorter_add(&scan->contents,
                               &(struct lc_row_id){result->record.content, number}, err);
    scan->summary.rows++;
    scan->summary.turns += result->record.turns;
    scan->summary.words += result->record.words;
    scan->summary.characters += result->record.characters;
    scan->summary.rows_text_only += result->text_only;
    if (result->object && status == LC_OK)
        status = share_row(stage, job, result, paths, err);
    return status == LC_OK ? lc_index_add_row(scan->writer, number, &result->record, err)
                           : status;
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
    enum lc_status status = lc_map_open(path, &now, err);

    if (status == LC_OK && (now.size != map->size || now.mtime_ns != map->mtime_ns ||
                            now.inode != map->inode))
        status = lc_fail(err, LC_ERR_IO, 0, "a rows file changed while it was read");
    lc_map_close(&now);
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
    scan->summary.rows_files++;
    return lc_index_add_file(scan->writer, job->file, &record, err);
}

static void add_statistics(struct lc_rows_stage *stage, const struct lc_row_job *job)
{
    const struct lc_statistics *from = &job->statistics;
    struct lc_statistics *into = &stage->scan->statistics;

    into->no_image += from->no_image;
    into->one_image += from->one_image;
    into->several_images += from->several_images;
    into->video += from->video;
    for (int i = 0; i <= LC_SCRIPT_COUNT; i++)
        into->scripts[i] += from->scripts[i];
    lc_histogram_merge(&into->rounds, &from->rounds);
    lc_histogram_merge(&into->turn_words, &from->turn_words);
    lc_histogram_merge(&into->turn_characters, &from->turn_characters);
    lc_histogram_merge(&into->row_words, &from->row_words);
    lc_histogram_merge(&into->row_characters, &from->row_characters);
    for (int i = 0; i <= LC_EXACT_ROUNDS; i++)
        stage->rounds[i] += job->rounds[i];
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
        struct lc_row_result *result = &job->results[i];

        if (piece->kind != LC_PIECE_FILE)
            status = collect_row(stage, job, result, paths, err);
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

static enum lc_status open_maps(struct lc_rows_stage *stage, struct lc_error *err)
{
    const struct lc_dataset *dataset = &stage->scan->dataset;
    enum lc_status status = LC_OK;

    stage->maps = calloc(dataset->file_count, sizeof(*stage->maps));
    if (!stage->maps)
        return lc_fail_memory(err);
    for (size_t i = 0; i < dataset->file_count && status == LC_OK; i++) {
        status = lc_map_open(dataset->files[i].path, &stage->maps[i], err);
        stage->total += stage->maps[i].size;
    }
    return status;
}

/* The lower median of the rounds. */
static uint64_t find_median(const struct lc_rows_stage *stage)
{
    uint64_t count = stage->scan->statistics.rounds.count, seen = 0;

    for (uint64_t rounds = 0; rounds < LC_EXACT_ROUNDS; rounds++) {
        seen += stage->rounds[rounds];
        if (2 * seen >= count)
            return rounds;
    }
    return LC_EXACT_ROUNDS;
}

/* What is known when all rows are: the statistics and the mixture. */
static enum lc_status store_statistics(const struct lc_rows_stage *stage,
                                       struct lc_error *err)
{
    struct lc_scan *scan = stage->scan;
    enum lc_status status;

    scan->statistics.median_rounds = find_median(stage);
    status = lc_index_add_statistics(scan->writer, &scan->statistics, err);
    return status == LC_OK ? lc_mixture_store(stage->mixture, scan->writer, err) : status;
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
    enum lc_status status = open_maps(&stage, err);

    stage.hasher = lc_hasher_new();
    if (status == LC_OK && !stage.hasher)
        status = lc_fail_memory(err);
    if (status == LC_OK && !scan->options->no_images)
        status = lc_folder_open(scan->dataset.video_root, &stage.videos, err);
    if (status == LC_OK)
        status = lc_mixture_new(&stage.mixture, err);
    if (status == LC_OK)
        status = lc_pipeline_run(&ops, &stage, scan->workers, err);
    if (status == LC_OK)
        status = store_statistics(&stage, err);
    lc_mixture_free(stage.mixture);
    lc_folder_close(stage.videos);
    lc_splitter_free(stage.splitter);
    lc_hasher_free(stage.hasher);
    for (size_t i = 0; stage.maps && i < scan->dataset.file_count; i++)
        lc_map_close(&stage.maps[i]);
    free(stage.maps);
    return status;
}

/* The rows stage's files: opens those that changed, and finds those whose rows are
 * reused */
#include "scan/rows/stage.h"

#include <stdlib.h>

#define HASH_STEP ((size_t)1 << 20)

/* Hash a whole file. */
static enum lc_status hash_file(struct lc_rows_stage *stage, const struct lc_map *map,
                                struct lc_hash *out, struct lc_error *err)
{
    size_t fetched = 0, dropped = 0;
    enum lc_status status = LC_OK;

    for (size_t at = 0; at < map->size && status == LC_OK; at += HASH_STEP) {
        size_t left = map->size - at;

        fetched = lc_map_prefetch(map, fetched, at);
        lc_hasher_update(stage->hasher, map->data + at,
                         left < HASH_STEP ? left : HASH_STEP);
        dropped = lc_map_drop(map, dropped, at);
        status = lc_run_check_stopped(stage->run, err);
    }
    (void)lc_map_drop(map, dropped, map->size);
    *out = lc_hasher_finish(stage->hasher);
    return status;
}

/* Open a file, unless its name and times show that it is unchanged. If the earlier run
 * had a file of the same size, hash the file to compare contents: this costs a tenth of
 * checking its rows. */
static enum lc_status open_input(struct lc_rows_stage *stage,
                                 const struct lc_rows_file *file,
                                 struct lc_rows_input *input, struct lc_error *err)
{
    enum lc_status status = lc_map_probe(file->path, &input->map, err);
    struct lc_hash content;

    if (status != LC_OK)
        return status;
    input->reused =
        lc_earlier_find_by_times(stage->earlier, file, &input->map, &input->old_number);
    if (input->reused || file->is_shard) /* it is not read as a whole */
        return LC_OK;
    status = lc_map_open(file->path, &input->map, err);
    if (status != LC_OK || !lc_earlier_has_candidate(stage->earlier, file, &input->map))
        return status;
    status = hash_file(stage, &input->map, &content, err);
    if (status == LC_OK)
        input->reused = lc_earlier_find_by_content(stage->earlier, file, &input->map,
                                                   &content, &input->old_number);
    return status;
}

static enum lc_status open_inputs(struct lc_rows_stage *stage, struct lc_error *err)
{
    const struct lc_dataset *dataset = stage->dataset;
    enum lc_status status = LC_OK;

    stage->inputs = calloc(dataset->file_count, sizeof(*stage->inputs));
    if (!stage->inputs)
        return lc_fail_memory(err);
    for (size_t i = 0; i < dataset->file_count && status == LC_OK; i++) {
        status = open_input(stage, &dataset->files[i], &stage->inputs[i], err);
        stage->total += stage->inputs[i].map.size;
    }
    return status;
}

/* Prepare to reuse the rows of unchanged files, if there are any. */
static enum lc_status open_replay(struct lc_rows_stage *stage, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < stage->dataset->file_count && status == LC_OK; i++) {
        if (!stage->inputs[i].reused)
            continue;
        if (!stage->replay)
            status = lc_replay_new(stage->earlier, &stage->replay, err);
        if (status == LC_OK)
            status = lc_replay_mark_file(stage->replay, stage->inputs[i].old_number, err);
    }
    if (status != LC_OK || !stage->replay)
        return status;
    return lc_replay_add_paths(stage->replay, &stage->out->paths, err);
}

enum lc_status lc_rows_open(struct lc_rows_stage *stage, const struct lc_index *earlier,
                            struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (earlier)
        status = lc_earlier_new(earlier, stage->run->options, &stage->earlier, err);

    stage->hasher = lc_hasher_new();
    if (status == LC_OK && !stage->hasher)
        status = lc_fail_memory(err);
    if (status == LC_OK)
        status = open_inputs(stage, err);
    return status == LC_OK ? open_replay(stage, err) : status;
}

/* Open an index for a merge, and add the paths of its images to those of the run. */
static enum lc_status open_part(struct lc_rows_stage *stage, size_t number,
                                struct lc_error *err)
{
    enum lc_status status =
        lc_earlier_new(stage->shares->indexes[number], stage->run->options,
                       &stage->earliers[number], err);

    if (status == LC_OK && !stage->earliers[number])
        status = lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: records of files");
    if (status == LC_OK)
        status = lc_replay_new(stage->earliers[number], &stage->replays[number], err);
    if (status != LC_OK)
        return status;
    lc_replay_mark_all(stage->replays[number]);
    return lc_replay_add_paths(stage->replays[number], &stage->out->paths, err);
}

enum lc_status lc_rows_open_parts(struct lc_rows_stage *stage, struct lc_error *err)
{
    const struct lc_rows_shares *shares = stage->shares;
    size_t files = stage->dataset->file_count;
    enum lc_status status = LC_OK;

    stage->inputs = calloc(files + 1, sizeof(*stage->inputs));
    stage->replays = calloc(shares->index_count, sizeof(struct lc_replay *));
    stage->earliers = calloc(shares->index_count, sizeof(struct lc_earlier *));
    if (!stage->inputs || !stage->replays || !stage->earliers)
        return lc_fail_memory(err);
    for (uint32_t i = 0; i < files && status == LC_OK; i++) {
        struct lc_file_record record = {0};

        status = lc_index_get_file(shares->indexes[0], i, &record, err);
        stage->inputs[i].reused = true;
        stage->inputs[i].map.size = record.size;
        stage->total += record.size;
    }
    for (size_t i = 0; i < shares->index_count && status == LC_OK; i++)
        status = open_part(stage, i, err);
    return status;
}

void lc_rows_close(struct lc_rows_stage *stage)
{
    for (size_t i = 0; stage->shares && i < stage->shares->index_count; i++) {
        if (stage->replays)
            lc_replay_free(stage->replays[i]);
        if (stage->earliers)
            lc_earlier_free(stage->earliers[i]);
    }
    free(stage->replays);
    free(stage->earliers);
    lc_hasher_free(stage->hasher);
    lc_replay_free(stage->replay);
    lc_earlier_free(stage->earlier);
    for (size_t i = 0; stage->inputs && i < stage->dataset->file_count; i++)
        lc_map_close(&stage->inputs[i].map);
    free(stage->inputs);
}

#include "dataset/dataset.h"

#include "base/hash.h"
#include "dataset/rest.h"
#include "dataset/sample_fields.h"

#include <stdlib.h>
#include <string.h>

/* Raise this whenever shards yield different rows or images than before, so that results
 * of earlier versions are not reused. */
#define SHARD_READING 2

uint64_t lc_rows_file_hash(const struct lc_rows_file *file)
{
    uint64_t hash = lc_dialect_hash(file->dialect);

    if (file->image_prefix)
        hash = lc_rest_mix(hash,
                           lc_hash_quick(file->image_prefix, strlen(file->image_prefix)));
    if (file->is_shard) /* findings also depend on the indexes beside the shard */
        hash = lc_rest_mix(lc_rest_mix(lc_rest_mix(hash, SHARD_READING), file->indexed),
                           file->offsets);
    if (file->is_detected)
        hash = lc_rest_mix(hash, file->is_detected);
    if (file->fields)
        hash = lc_rest_mix(hash, file->fields);
    if (file->place)
        hash = lc_rest_mix(hash, file->place);
    if (file->absent)
        hash = lc_rest_mix(hash, lc_hash_quick(file->absent, strlen(file->absent)));
    return hash;
}

void lc_rows_file_clear(struct lc_rows_file *file)
{
    free(file->path);
    free(file->name);
    free(file->sampling);
    free(file->root);
    free(file->image_prefix);
    free(file->video_prefix);
    free(file->absent);
}

void lc_dataset_clear(struct lc_dataset *dataset)
{
    if (!dataset)
        return;
    for (size_t i = 0; i < dataset->file_count; i++)
        lc_rows_file_clear(&dataset->files[i]);
    for (size_t i = 0; i < dataset->dialect_count; i++)
        lc_dialect_free(dataset->dialects[i]);
    for (size_t i = 0; i < dataset->archive_count; i++) {
        free(dataset->archives[i].path);
        free(dataset->archives[i].name);
    }
    lc_sample_fields_clear(dataset->fields);
    free(dataset->fields);
    free(dataset->archives);
    free(dataset->files);
    free(dataset->dialects);
    free(dataset->name);
    free(dataset->folder);
    free(dataset->single);
    free(dataset->image_root);
    free(dataset->image_name);
    free(dataset->image_folder);
    free(dataset->video_root);
    lc_discovery_clear(&dataset->discovery);
    lc_buffer_clear(&dataset->notices);
    *dataset = (struct lc_dataset){0};
}

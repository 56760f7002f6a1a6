/* Writes the kept samples of WebDataset shards as shards again
 *
 * Idea. The new shard is the old one with samples taken out: the members of each kept
 * sample with their headers, byte for byte and in order, and a new end. Members that
 * belong to no sample are left out; readers skip them anyway. So a shard that is cut off,
 * or has other bytes between its members, becomes one that all programs can read.
 *
 * A sample ends where the key changes. Two samples with the same key that become adjacent
 * would be merged, so the second one is dropped. This is known only after all other rows
 * were chosen, so the plan reads the texts of a shard once more. This also finds the
 * sample in which a shard is cut off.
 *
 * The written shard is read again to check its bytes, samples, texts and end. A sample's
 * verdict depends only on its own members, so it does not change. */
#include "clean/state.h"

#include "base/path.h"
#include "base/shell.h"
#include "dataset/extents.h"
#include "scan/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 512
#define RECORD 10240                    /* a tar's size is a multiple of this */
#define STEP ((size_t)1 << 20)          /* bytes written and hashed at once */
#define STORE_STEP ((uint64_t)16 << 20) /* what the kernel is asked to store at once */

/* ---- shards that can be written ---- */

/* Say how to make an uncompressed shard: "gzip -dc a.tar.gz > plain/a.tar". */
static enum lc_status fail_compressed(const struct lc_rows_file *file,
                                      enum lc_archive_coding coding, struct lc_error *err)
{
    static const char *const programs[] = {
        [LC_CODING_GZIP] = "gzip",
        [LC_CODING_ZSTD] = "zstd",
        [LC_CODING_XZ] = "xz",
        [LC_CODING_BZIP2] = "bzip2",
    };
    struct lc_buffer line = {0};
    const char *slash = strrchr(file->name, '/');
    const char *name = slash ? slash + 1 : file->name;
    size_t stem = strcspn(name, ".");
    enum lc_status status = lc_buffer_printf(&line, err, "%s -dc ", programs[coding]);

    if (status == LC_OK)
        status = lc_shell_add(&line, file->path, err);
    if (status == LC_OK)
        status = lc_buffer_printf(&line, err, " > plain/%.*s.tar", (int)stem, name);
    if (status == LC_OK)
        status = lc_fail(err, LC_ERR_USAGE, 0,
                         "%.60s is compressed, and a shard is written as it is: "
                         "decompress it first, as with: %.120s",
                         file->name, line.data);
    lc_buffer_clear(&line);
    return status;
}

/* Fail if a shard has a form that cannot be written. */
static enum lc_status check_shard(const struct lc_rows_file *file, struct lc_error *err)
{
    struct lc_shard *shard = NULL;
    enum lc_status status = lc_shard_open(file->path, file->name, &shard, err);
    struct lc_shard_end end;

    if (status != LC_OK)
        return status;
    end = lc_shard_end(shard);
    if (end.coding != LC_CODING_PLAIN)
        status = fail_compressed(file, end.coding, err);
    else if (end.kind == LC_ARCHIVE_ZIP)
        status = lc_fail(err, LC_ERR_USAGE, 0, "%.150s is a zip: a shard is a tar",
                         file->name);
    lc_shard_close(shard);
    return status;
}

/* Find an option that is not possible with shards; NULL if there is none. */
static const char *find_misfit(const struct lc_clean_options *options)
{
    if (options->fix || options->keep_all)
        return "rows in shards are not fixed: clean drops those that the trainer does "
               "not "
               "take as written";
    if (options->images != LC_CLEAN_IMAGES_NONE)
        return "images of shards are in the shards that are written: they are not copied "
               "or linked elsewhere";
    if (options->shuffle)
        return "samples of shards are not shuffled: readers of shards do that";
    if (options->merge)
        return "shards are not merged: name a folder for the result";
    return NULL;
}

enum lc_status lc_clean_check_sources(struct lc_clean *clean, struct lc_error *err)
{
    const struct lc_dataset *dataset = &clean->dataset;
    const char *name = clean->options.name, *misfit = find_misfit(&clean->options);
    enum lc_status status = LC_OK;

    if (!dataset->has_shards)
        return name && lc_path_ends(name, ".tar")
                   ? lc_fail(err, LC_ERR_USAGE, 0,
                             "%.150s: rows are not written as a shard; name it .json or "
                             ".jsonl",
                             name)
                   : LC_OK;
    if (misfit)
        return lc_fail(err, LC_ERR_USAGE, 0, "%s", misfit);
    if (name && !lc_path_ends(name, ".tar"))
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "%.150s: samples of shards are written as shards; name a folder, "
                       "or a .tar for a single one",
                       name);
    if (name && dataset->file_count > 1)
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "the data set has %zu shards: name a folder for the result",
                       dataset->file_count);
    for (size_t i = 0; i < dataset->file_count && status == LC_OK; i++)
        status = check_shard(&dataset->files[i], err); /* all are shards, or none */
    return status;
}

/* ---- the samples of a shard ---- */

enum lc_status lc_clean_each_sample(const struct lc_clean *clean, uint32_t number,
                                    lc_clean_sample_fn *each, void *user,
                                    struct lc_error *err)
{
    struct lc_source in = {.check = &clean->check, .hasher = lc_hasher_new()};
    const struct lc_rows_file *file = &clean->dataset.files[number];
    const struct lc_sample *sample = NULL;
    struct lc_shard *shard = NULL;
    struct lc_hash content = {{0}};
    enum lc_status status = in.hasher ? LC_OK : lc_fail_memory(err);
    uint64_t count = 0;

    if (status == LC_OK)
        status = lc_source_open(&in, clean->index, &clean->dataset, number, err);
    if (status == LC_OK)
        status = lc_shard_open(file->path, file->name, &shard, err);
    if (status == LC_OK)
        lc_shard_want_extents(shard);
    while (status == LC_OK) {
        struct lc_clean_sample out = {.map = &in.map};

        status = lc_shard_next(shard, &sample, err);
        if (status != LC_OK || !sample)
            break;
        lc_shard_hash(in.hasher, sample);
        out.row = in.record.first_row + count;
        out.sample = sample;
        out.extents = lc_shard_extents(shard, &out.extent_count);
        if (count++ == in.record.rows || out.row >= clean->rows)
            status = lc_source_fail_changed(&in, err);
        if (status == LC_OK)
            status = lc_source_check_stopped(&in, err);
        if (status == LC_OK)
            status = each(user, &out, err);
    }
    if (status == LC_OK && count != in.record.rows)
        status = lc_source_fail_changed(&in, err);
    if (status == LC_OK && lc_shard_faults(shard) & 1U << LC_ARCHIVE_UNSUPPORTED)
        status = lc_fail(err, LC_ERR_USAGE, 0,
                         "%.150s has a form that cannot be copied sample by sample (a "
                         "sparse file, or a header for all members): pack it again",
                         file->name);
    if (status == LC_OK)
        content = lc_hasher_finish(in.hasher);
    lc_shard_close(shard);
    status = lc_source_end(&in, &content, status, err);
    lc_hasher_free(in.hasher);
    return status;
}

/* ---- the plan ---- */

struct settling {
    struct lc_clean *clean;
    struct lc_hash last[LC_CLEAN_PARTS]; /* by part: the key of its last sample */
    bool has_last[LC_CLEAN_PARTS];
};

static enum lc_status drop_sample(struct lc_clean *clean, uint64_t row,
                                  enum lc_case_index which, const char *message,
                                  struct lc_error *err)
{
    const struct lc_reason reason = {
        .which = which,
        .effect = clean->effects.by_case[which].effect,
        .message = message,
    };

    clean->parts[row] = LC_ROW_DROPPED;
    return lc_reasons_add(&clean->reasons, row, &reason, err);
}

static enum lc_status settle_sample(void *user, const struct lc_clean_sample *sample,
                                    struct lc_error *err)
{
    struct settling *settling = user;
    struct lc_clean *clean = settling->clean;
    uint8_t part = clean->parts[sample->row];
    struct lc_hash key;

    if (part >= LC_ROW_LEFT)
        return LC_OK;
    for (size_t i = 0; i < sample->extent_count; i++)
        if (sample->extents[i].to > sample->map->size)
            return drop_sample(clean, sample->row, LC_CASE_ARC801_ANY,
                               "the shard ends within its last member", err);
    key = lc_hash_bytes(sample->sample->key.text, sample->sample->key.size);
    if (settling->has_last[part] && lc_hash_compare(&key, &settling->last[part]) == 0)
        return drop_sample(clean, sample->row, LC_CASE_ARC813_WHOLE,
                           "it would follow another sample with its key", err);
    settling->last[part] = key;
    settling->has_last[part] = true;
    return LC_OK;
}

/* Whether the trainer refuses a case, and refused rows are dropped. */
static bool is_refused(const struct lc_clean *clean, enum lc_case_index which)
{
    enum lc_effect effect = clean->effects.by_case[which].effect;

    return effect == LC_EFFECT_REFUSED && clean->drop.effects[effect];
}

/* If the trainer refuses repeated keys, keep only the first sample of each. */
static enum lc_status drop_repeated_keys(struct lc_clean *clean, struct lc_error *err)
{
    struct lc_stream *stream = NULL;
    struct lc_hash hash = {{0}}, last = {{0}};
    uint64_t row = 0;
    bool found = true, has_last = false;
    enum lc_status status = lc_stream_new(clean->index, LC_STREAM_IDS, &stream, err);

    while (status == LC_OK) {
        status = lc_stream_id(stream, &hash, &row, &found, err);
        if (status != LC_OK || !found)
            break;
        if (row >= clean->rows)
            status = lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such row");
        else if (clean->parts[row] >= LC_ROW_LEFT)
            continue;
        else if (has_last && lc_hash_compare(&hash, &last) == 0)
            status = drop_sample(clean, row, LC_CASE_ROW206_ANY,
                                 "another sample before it has its key", err);
        last = hash;
        has_last = true;
    }
    lc_stream_free(stream);
    return status;
}

/* Check that outputs are named .tar if the trainer requires it: files keep their names.
 */
static enum lc_status check_suffixes(const struct lc_clean *clean, struct lc_error *err)
{
    for (size_t i = 0; i < clean->dataset.file_count; i++) {
        const char *name = clean->dataset.files[i].name;

        if (!lc_path_ends(clean->options.name ? clean->options.name : name, ".tar") &&
            is_refused(clean, LC_CASE_ARC817_ANY))
            return lc_fail(
                err, LC_ERR_USAGE, 0,
                "%.150s is not compressed, but named as if it was, and %s reads "
                "only names that end with .tar: rename it",
                name, lc_trainer_at(clean->effects.trainer)->name);
    }
    return LC_OK;
}

enum lc_status lc_clean_settle_samples(struct lc_clean *clean, struct lc_error *err)
{
    enum lc_status status = check_suffixes(clean, err);

    if (status == LC_OK && is_refused(clean, LC_CASE_ROW206_ANY))
        status = drop_repeated_keys(clean, err);

    for (uint32_t i = 0; i < clean->dataset.file_count && status == LC_OK; i++) {
        struct settling settling = {.clean = clean};

        status = lc_clean_each_sample(clean, i, settle_sample, &settling, err);
    }
    return status;
}

/* ---- writing ---- */

struct writer {
    struct lc_clean *clean;
    struct lc_clean_output *output;
    FILE *to;
    struct lc_hasher *bytes;   /* hash of the file */
    struct lc_hasher *samples; /* hash of what makes the rows of its samples */
    uint64_t size, storing;    /* bytes written; and asked to be stored */
    uint64_t rows;
    size_t fetched, dropped; /* in the shard that is being read */
};

static enum lc_status write_bytes(struct writer *w, const char *data, size_t size,
                                  struct lc_error *err)
{
    errno = 0;
    if (size && fwrite(data, 1, size, w->to) != size)
        return lc_fail_errno(err, "write the shard");
    lc_hasher_update(w->bytes, data, size);
    w->size += size;
    if (w->size - w->storing >= STORE_STEP) { /* a hint: errors show up in fsync */
        (void)sync_file_range(fileno(w->to), (off64_t)w->storing,
                              (off64_t)(w->size - w->storing), SYNC_FILE_RANGE_WRITE);
        w->storing = w->size;
    }
    return LC_OK;
}

static enum lc_status copy_extent(struct writer *w, const struct lc_clean_sample *sample,
                                  const struct lc_extent *extent, struct lc_error *err)
{
    const struct lc_map *map = sample->map;
    enum lc_status status = LC_OK;

    if (extent->to > map->size || extent->from > extent->to)
        return lc_fail(err, LC_ERR_IO, 0, "a shard changed since it was checked");
    for (size_t at = (size_t)extent->from; at < extent->to && status == LC_OK;) {
        size_t rest = (size_t)extent->to - at, size = rest < STEP ? rest : STEP;

        w->fetched = lc_map_prefetch(map, w->fetched, at);
        status = write_bytes(w, map->data + at, size, err);
        at += size;
        w->dropped = lc_map_drop(map, w->dropped, at);
    }
    return status;
}

/* Check that the images have the bytes that were checked. */
static enum lc_status check_images(const struct writer *w,
                                   const struct lc_clean_sample *sample,
                                   struct lc_error *err)
{
    static const struct lc_hash none;
    struct lc_span numbers = {0};
    enum lc_status status =
        lc_index_images_of_row(w->clean->index, sample->row, &numbers, err);

    for (size_t at = 0; at + 4 <= numbers.size && status == LC_OK; at += 4) {
        struct lc_image_record image = {0};
        struct lc_hash hash;

        status = lc_index_get_image(
            w->clean->index, lc_get_u32((const uint8_t *)numbers.text + at), &image, err);
        if (status != LC_OK || lc_hash_compare(&image.content, &none) == 0)
            continue; /* it was not read, as that of a sample of the images */
        if (image.offset > sample->map->size ||
            image.size > sample->map->size - image.offset)
            return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such image");
        hash = lc_hash_bytes(sample->map->data + image.offset, (size_t)image.size);
        if (lc_hash_compare(&hash, &image.content) != 0)
            return lc_fail(
                err, LC_ERR_IO, 0,
                "%.*s changed since it was checked: run the command again with "
                "--recheck",
                (int)(image.path.size < 150 ? image.path.size : 150), image.path.text);
    }
    return status;
}

static enum lc_status write_sample(void *user, const struct lc_clean_sample *sample,
                                   struct lc_error *err)
{
    struct writer *w = user;
    enum lc_status status;

    if (w->clean->parts[sample->row] != w->output->part)
        return LC_OK;
    status = check_images(w, sample, err);
    for (size_t i = 0; i < sample->extent_count && status == LC_OK; i++)
        status = copy_extent(w, sample, &sample->extents[i], err);
    lc_shard_hash(w->samples, sample->sample);
    w->rows++;
    return status;
}

/* Write two blocks of zeros, and more to fill a record. */
static enum lc_status write_end(struct writer *w, struct lc_error *err)
{
    static const char zeros[RECORD];
    size_t size = RECORD - (size_t)(w->size % RECORD);
    enum lc_status status = LC_OK;

    if (size < (size_t)2 * BLOCK)
        status = write_bytes(w, zeros, size, err);
    if (status == LC_OK)
        status = write_bytes(w, zeros, size < (size_t)2 * BLOCK ? RECORD : size, err);
    errno = 0;
    if (status == LC_OK && (fflush(w->to) != 0 || ferror(w->to)))
        status = lc_fail_errno(err, "write the shard");
    return status;
}

enum lc_status lc_clean_write_samples(struct lc_clean *clean,
                                      struct lc_clean_output *output, FILE *to,
                                      struct lc_error *err)
{
    struct writer w = {
        .clean = clean,
        .output = output,
        .to = to,
        .bytes = lc_hasher_new(),
        .samples = lc_hasher_new(),
    };
    enum lc_status status = w.bytes && w.samples ? LC_OK : lc_fail_memory(err);

    if (status == LC_OK)
        status = lc_clean_each_sample(clean, output->first_source, write_sample, &w, err);
    if (status == LC_OK)
        status = write_end(&w, err);
    if (status == LC_OK && w.rows != output->file.rows)
        status = lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such row");
    if (status == LC_OK) {
        output->file.bytes = w.size;
        output->file.content = lc_hasher_finish(w.bytes);
        output->samples = lc_hasher_finish(w.samples);
    }
    lc_hasher_free(w.bytes);
    lc_hasher_free(w.samples);
    return status;
}

/* ---- checking the result ---- */

static enum lc_status fail_written(struct lc_error *err, const char *what)
{
    return lc_fail(err, LC_ERR_IO, 0,
                   "the shard is not what was written when it is read again: %s", what);
}

/* Compare the bytes of a written file with what was written. */
static enum lc_status compare_bytes(const struct lc_clean_output *output,
                                    const char *path, struct lc_error *err)
{
    struct lc_hasher *hasher = lc_hasher_new();
    struct lc_map map = {0};
    size_t fetched = 0, dropped = 0;
    struct lc_hash hash;
    enum lc_status status = hasher ? lc_map_open(path, &map, err) : lc_fail_memory(err);

    for (size_t at = 0; status == LC_OK && at < map.size;) {
        size_t size = map.size - at < STEP ? map.size - at : STEP;

        fetched = lc_map_prefetch(&map, fetched, at);
        lc_hasher_update(hasher, map.data + at, size);
        at += size;
        dropped = lc_map_drop(&map, dropped, at);
    }
    if (status == LC_OK) {
        hash = lc_hasher_finish(hasher);
        if (map.size != output->file.bytes ||
            lc_hash_compare(&hash, &output->file.content) != 0)
            status = fail_written(err, "other bytes");
    }
    lc_map_close(&map);
    lc_hasher_free(hasher);
    return status;
}

/* Read the samples of a written file like those of any shard. */
static enum lc_status compare_samples(const struct lc_clean *clean,
                                      const struct lc_clean_output *output,
                                      const char *path, struct lc_error *err)
{
    const char *name = clean->dataset.files[output->first_source].name;
    struct lc_hasher *hasher = lc_hasher_new();
    const struct lc_archive_end *end;
    const struct lc_sample *sample = NULL;
    struct lc_shard *shard = NULL;
    struct lc_hash hash;
    uint64_t rows = 0;
    enum lc_status status =
        hasher ? lc_shard_open(path, name, &shard, err) : lc_fail_memory(err);

    while (status == LC_OK) {
        status = lc_shard_next(shard, &sample, err);
        if (status != LC_OK || !sample)
            break;
        lc_shard_hash(hasher, sample);
        rows++;
    }
    if (status != LC_OK)
        goto out;
    hash = lc_hasher_finish(hasher);
    end = lc_shard_archive(shard);
    if (rows != output->file.rows)
        status = fail_written(err, "another number of samples");
    else if (lc_hash_compare(&hash, &output->samples) != 0)
        status = fail_written(err, "other samples");
    else if (end->end_blocks != 2 || end->trailing || lc_shard_end(shard).lost ||
             lc_shard_faults(shard) & ~(1U << LC_ARCHIVE_AMBIGUOUS)) /* of a header */
        status = fail_written(err, "it is not sound");
out:
    lc_shard_close(shard);
    lc_hasher_free(hasher);
    return status;
}

enum lc_status lc_clean_check_samples(struct lc_clean *clean, const char *const *paths,
                                      struct lc_error *err)
{
    uint64_t *counts = clean->counts.effects;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < clean->output_count && status == LC_OK; i++) {
        status = compare_bytes(&clean->outputs[i], paths[i], err);
        if (status == LC_OK)
            status = compare_samples(clean, &clean->outputs[i], paths[i], err);
    }
    memset(counts, 0, sizeof(clean->counts.effects));
    for (uint64_t row = 0; row < clean->rows; row++)
        if (clean->parts[row] < LC_ROW_LEFT)
            counts[clean->effects.rows[row]]++;
    return status;
}

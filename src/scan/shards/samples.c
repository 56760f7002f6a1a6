#include "scan/shards/samples.h"

#include "json/json.h"
#include "scan/common/spool.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)256 << 10)
#define LARGE_BYTES ((size_t)4 << 20) /* a buffer of this size is not kept */
#define SPANS 11                      /* texts of a sample */

/* A shard. */
struct shard {
    struct lc_spooled *blocks;
    size_t block_count, block_capacity;
    struct lc_buffer block; /* samples that are in no block yet */
    struct lc_shard_end end;
    char *example; /* the text of end.example; NULL: none */
    struct lc_file_facts facts;
    bool is_done;
    struct lc_error error; /* why it could not be read */
};

struct lc_samples {
    struct shard *files; /* by number of the rows file */
    size_t count;
    struct lc_spool spool;
    _Atomic uint32_t numbers; /* of images so far */
    struct lc_hash *contents; /* by number; zeros: not known */
    size_t content_count;
    /* the shard whose samples are returned */
    const struct shard *current;
    size_t next_block;
    struct lc_buffer bytes; /* the current block */
    size_t at;              /* of the next sample in it */
    struct lc_sample sample;
    struct lc_buffer hashes; /* of the sample's images */
};

enum lc_status lc_samples_new(size_t files, const char *folder, struct lc_samples **out,
                              struct lc_error *err)
{
    struct lc_samples *samples = calloc(1, sizeof(*samples));

    *out = samples;
    if (!samples)
        return lc_fail_memory(err);
    lc_spool_init(&samples->spool, folder);
    samples->files = calloc(files + 1, sizeof(*samples->files));
    samples->count = samples->files ? files : 0;
    return samples->files ? LC_OK : lc_fail_memory(err);
}

static void clear_shard(struct shard *shard)
{
    free(shard->blocks);
    lc_buffer_clear(&shard->block);
    free(shard->example);
    *shard = (struct shard){0};
}

void lc_samples_free(struct lc_samples *samples)
{
    if (!samples)
        return;
    for (size_t i = 0; i < samples->count; i++)
        clear_shard(&samples->files[i]);
    free(samples->files);
    lc_spool_clear(&samples->spool);
    free(samples->contents);
    lc_buffer_clear(&samples->bytes);
    lc_buffer_clear(&samples->hashes);
    free(samples);
}

/* ---- reading shards ---- */

/* List the texts of a sample. */
static void list_spans(struct lc_sample *sample, struct lc_span *out[SPANS])
{
    out[0] = &sample->key;
    out[1] = &sample->text;
    out[2] = &sample->images;
    out[3] = &sample->numbers;
    out[4] = &sample->spare;
    out[5] = &sample->dotted;
    out[6] = &sample->repeated;
    out[7] = &sample->capital;
    out[8] = &sample->unreadable;
    out[9] = &sample->spoiled;
    out[10] = &sample->sparse;
}

static enum lc_status write_block(struct lc_samples *samples, struct shard *shard,
                                  struct lc_error *err)
{
    struct lc_spooled *blocks = lc_array_grow(shard->blocks, shard->block_count,
                                              &shard->block_capacity, sizeof(*blocks));
    enum lc_status status;

    if (!blocks)
        return lc_fail_memory(err);
    shard->blocks = blocks;
    status = lc_spool_add(&samples->spool, shard->block.data, shard->block.size,
                          &blocks[shard->block_count], err);
    shard->block_count += status == LC_OK;
    shard->block.size = 0;
    if (shard->block.capacity > LARGE_BYTES)
        lc_buffer_clear(&shard->block);
    return status;
}

/* A sample in a block: its struct, then each of its texts, followed by zeros. The blocks
 * never leave this process. */
enum lc_status lc_samples_add(struct lc_samples *samples, size_t file,
                              const struct lc_sample *sample, bool *is_written,
                              struct lc_error *err)
{
    static const char zeros[LC_JSON_PADDING];
    struct shard *shard = &samples->files[file];
    struct lc_sample own = *sample;
    struct lc_span *spans[SPANS];
    enum lc_status status = lc_buffer_add(&shard->block, &own, sizeof(own), err);

    list_spans(&own, spans);
    for (int i = 0; i < SPANS && status == LC_OK; i++) {
        if (spans[i]->size)
            status = lc_buffer_add(&shard->block, spans[i]->text, spans[i]->size, err);
        if (status == LC_OK)
            status = lc_buffer_add(&shard->block, zeros,
                                   spans[i] == &own.text ? sizeof(zeros) : 1, err);
    }
    *is_written = status == LC_OK && shard->block.size >= BLOCK_BYTES;
    return *is_written ? write_block(samples, shard, err) : status;
}

enum lc_status lc_samples_end(struct lc_samples *samples, size_t file,
                              const struct lc_shard_end *end,
                              const struct lc_file_facts *facts, struct lc_error *err)
{
    struct shard *shard = &samples->files[file];
    enum lc_status status = LC_OK;

    shard->end = *end;
    shard->facts = *facts;
    shard->end.example.text = NULL;
    if (end->example.size) {
        shard->example = malloc(end->example.size);
        if (!shard->example)
            return lc_fail_memory(err);
        memcpy(shard->example, end->example.text, end->example.size);
        shard->end.example.text = shard->example;
    }
    if (shard->block.size)
        status = write_block(samples, shard, err);
    lc_buffer_clear(&shard->block);
    shard->is_done = status == LC_OK;
    return status;
}

void lc_samples_drop(struct lc_samples *samples, size_t file)
{
    clear_shard(&samples->files[file]);
}

void lc_samples_fail(struct lc_samples *samples, size_t file,
                     const struct lc_error *error)
{
    clear_shard(&samples->files[file]);
    samples->files[file].error = *error;
    samples->files[file].is_done = true;
}

uint32_t lc_samples_number(struct lc_samples *samples)
{
    return atomic_fetch_add(&samples->numbers, 1);
}

enum lc_status lc_samples_set_content(struct lc_samples *samples, uint32_t number,
                                      const struct lc_hash *content, struct lc_error *err)
{
    if (number >= samples->content_count) {
        size_t count = number < 512 ? 1024 : 2 * ((size_t)number + 1);
        struct lc_hash *contents =
            realloc(samples->contents, count * sizeof(*samples->contents));

        if (!contents)
            return lc_fail_memory(err);
        memset(contents + samples->content_count, 0,
               (count - samples->content_count) * sizeof(*contents));
        samples->contents = contents;
        samples->content_count = count;
    }
    samples->contents[number] = *content;
    return LC_OK;
}

/* ---- the rows stage ---- */

bool lc_samples_have(const struct lc_samples *samples, size_t file)
{
    return samples && samples->files[file].is_done;
}

enum lc_status lc_samples_begin(struct lc_samples *samples, size_t file,
                                const struct lc_map *map, struct lc_error *err)
{
    const struct lc_file_facts *facts = &samples->files[file].facts;
    const struct lc_error *error = &samples->files[file].error;

    samples->current = &samples->files[file];
    samples->next_block = samples->at = samples->bytes.size = 0;
    if (error->status != LC_OK) {
        if (err)
            *err = *error;
        return error->status;
    }
    if (map->size != facts->size || map->mtime_ns != facts->mtime_ns ||
        map->inode != facts->inode)
        return lc_fail(err, LC_ERR_IO, 0, "a rows file changed while it was read");
    return LC_OK;
}

/* Collect the hashes of the sample's images. */
static enum lc_status find_contents(struct lc_samples *samples, struct lc_error *err)
{
    static const struct lc_hash none;
    struct lc_sample *sample = &samples->sample;
    enum lc_status status = LC_OK;
    bool are_known = true;

    samples->hashes.size = 0;
    for (size_t i = 0; i < sample->image_count && status == LC_OK && are_known; i++) {
        uint32_t number;

        memcpy(&number, sample->numbers.text + i * sizeof(number), sizeof(number));
        are_known = number < samples->content_count &&
                    lc_hash_compare(&samples->contents[number], &none) != 0;
        if (are_known)
            status = lc_buffer_add(&samples->hashes, &samples->contents[number],
                                   sizeof(none), err);
    }
    sample->contents = (struct lc_span){samples->hashes.data, samples->hashes.size};
    if (!are_known)
        sample->contents.size = 0;
    return status;
}

enum lc_status lc_samples_next(struct lc_samples *samples, const struct lc_sample **out,
                               struct lc_error *err)
{
    const struct shard *shard = samples->current;
    struct lc_sample *sample = &samples->sample;
    struct lc_span *spans[SPANS];
    enum lc_status status = LC_OK;

    *out = NULL;
    if (samples->at == samples->bytes.size) {
        if (samples->next_block == shard->block_count)
            return LC_OK;
        if (samples->bytes.capacity > LARGE_BYTES)
            lc_buffer_clear(&samples->bytes);
        status = lc_spool_read(&samples->spool, &shard->blocks[samples->next_block++],
                               &samples->bytes, err);
        samples->at = 0;
    }
    if (status != LC_OK)
        return status;
    memcpy(sample, samples->bytes.data + samples->at, sizeof(*sample));
    samples->at += sizeof(*sample);
    list_spans(sample, spans);
    for (int i = 0; i < SPANS; i++) {
        spans[i]->text = samples->bytes.data + samples->at;
        samples->at += spans[i]->size + (spans[i] == &sample->text ? LC_JSON_PADDING : 1);
    }
    *out = sample;
    return find_contents(samples, err);
}

struct lc_shard_end lc_samples_shard_end(const struct lc_samples *samples)
{
    return samples->current->end;
}

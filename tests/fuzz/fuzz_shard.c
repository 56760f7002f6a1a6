/* fuzz_shard.c - what must be true for the samples of any shard
 *
 * Reading it to its end twice gives the same samples. A key is not empty and has no dot
 * after its last slash; a text is followed by zeros; a sample has as many images as
 * paths, each below the shard's name; offsets never decrease.
 */
#include "target.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dataset/shard.h"

#define BLOCK 512

/* Copy a tar with the right checksums in its headers, so that mutants are not refused at
 * their first header. */
static uint8_t *with_checksums(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);

    must(copy);
    memcpy(copy, data, size);
    for (size_t at = 0; at + BLOCK <= size; at += BLOCK) {
        uint8_t *block = copy + at;
        unsigned sum = 0;

        if (memcmp(block + 257, "ustar", 5) != 0)
            continue;
        memset(block + 148, ' ', 8);
        for (size_t i = 0; i < BLOCK; i++)
            sum += block[i];
        for (size_t i = 6; i-- > 0; sum /= 8)
            block[148 + i] = (uint8_t)('0' + sum % 8);
        block[154] = '\0';
    }
    return copy;
}

/* Count the paths; each must be below the shard's name. */
static size_t count_paths(struct lc_span paths, const char *name)
{
    size_t count = 0;

    for (size_t at = 0; at < paths.size; count++) {
        const char *path = paths.text + at;

        must(strncmp(path, name, strlen(name)) == 0 && path[strlen(name)] == '!');
        at += strlen(path) + 1;
    }
    return count;
}

static void check_sample(const struct lc_sample *sample, const char *name)
{
    const char *slash = memrchr(sample->key.text, '/', sample->key.size);
    const char *last = slash ? slash + 1 : sample->key.text;
    must(sample->key.text[sample->key.size] == '\0');
    must(!memchr(last, '.', sample->key.size - (size_t)(last - sample->key.text)));
    for (size_t i = 0; i < LC_JSON_PADDING; i++)
        must(sample->text.text[sample->text.size + i] == '\0');
    must((sample->form == LC_SAMPLE_EMPTY) <= (sample->text.size == 0));
    must(count_paths(sample->images, name) == sample->image_count);
    must(count_paths(sample->spare, name) == sample->spare_count);
}

static struct lc_hash read_it(const char *path)
{
    static const char name[] = "a/0.tar";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct lc_hasher *hasher = lc_hasher_new();
    struct lc_shard *shard = NULL;
    const struct lc_sample *sample = NULL;
    struct lc_hash hash;
    uint64_t count = 0, offset = 0;

    must(fd >= 0 && hasher);
    must(lc_shard_open_file(fd, name, &shard, NULL) == LC_OK);
    for (;;) {
        enum lc_status status = lc_shard_next(shard, &sample, NULL);

        must(status == LC_OK || status == LC_ERR_USAGE); /* a text is too large */
        if (status != LC_OK || !sample)
            break;
        check_sample(sample, name);
        must(sample->offset >= offset);
        offset = sample->offset;
        lc_shard_hash(hasher, sample);
        count++;
    }
    must(lc_shard_end(shard).samples == count);
    hash = lc_hasher_finish(hasher);
    lc_hasher_free(hasher);
    lc_shard_close(shard);
    return hash;
}

void lc_fuzz_shard(const uint8_t *data, size_t size)
{
    uint8_t *copy = with_checksums(data, size);
    const char *path = lc_fuzz_file("shard", copy, size);
    struct lc_hash first = read_it(path), again = read_it(path);

    must(lc_hash_compare(&first, &again) == 0);
    free(copy);
}

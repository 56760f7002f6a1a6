/* Opening an index: checks the seal, the schema and the totals, and loads the run's
 * identity.
 *
 * Order matters: the seal first, since nothing else is worth reading in a damaged file;
 * the schema second, since another schema may have other tables; then the totals, because
 * callers allocate memory by them. */
#include "index/read/reader.h"

#include "index/format/seal.h"
#include "llava_check/detach.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Maximum number of rules that an index may count, well above the number that exist. They
 * are searched linearly for each finding. */
#define MAX_RULES 1024

static enum lc_status get_meta(const struct lc_index *index, const char *key,
                               struct lc_span *out, struct lc_error *err)
{
    return lc_index_get_value(index, LC_TABLE_META, key, strlen(key), out, err);
}

static enum lc_status load_counts(struct lc_index *index, struct lc_error *err)
{
    static const char text[] = LC_META_COUNT_PREFIX;
    const struct lc_span prefix = {text, sizeof(text) - 1};
    struct lc_cursor cursor;
    bool found = false;
    enum lc_status status;

    lc_index_cursor(index, LC_TABLE_META, &cursor);
    status = lc_cursor_seek(&cursor, prefix, &found, err);
    while (status == LC_OK && found && cursor.key.size >= prefix.size &&
           memcmp(cursor.key.text, prefix.text, prefix.size) == 0) {
        struct lc_rule_count *counts =
            lc_array_grow(index->counts, index->count, &index->capacity, sizeof(*counts));

        if (index->count == MAX_RULES)
            return lc_fail(err, LC_ERR_INDEX, 0,
                           "the index is damaged: too many rules are counted");
        if (!counts)
            return lc_fail_memory(err);
        index->counts = counts;
        status = lc_rule_count_decode(cursor.value, &counts[index->count++], err);
        if (status == LC_OK)
            status = lc_cursor_next(&cursor, &found, err);
    }
    return status;
}

static enum lc_status get_fingerprint(const struct lc_index *index, const char *key,
                                      struct lc_hash *out, struct lc_error *err)
{
    struct lc_span bytes = {0};
    enum lc_status status = get_meta(index, key, &bytes, err);

    if (status == LC_OK && bytes.text && bytes.size == sizeof(out->bytes))
        memcpy(out->bytes, bytes.text, sizeof(out->bytes));
    else if (status == LC_OK)
        status =
            lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: invalid fingerprint");
    return status;
}

static enum lc_status get_began(const struct lc_index *index, int64_t *out,
                                struct lc_error *err)
{
    struct lc_span bytes = {0};
    enum lc_status status = get_meta(index, LC_META_BEGAN, &bytes, err);

    if (status == LC_OK && bytes.size == 8)
        *out = (int64_t)lc_get_u64((const uint8_t *)bytes.text);
    else if (status == LC_OK)
        status =
            lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: invalid start time");
    return status;
}

/* Describe which parts of the data set the index covers, for a caveat. */
static enum lc_status describe_part(struct lc_index *index, struct lc_error *err)
{
    struct lc_buffer parts = {0};
    enum lc_status status = lc_part_describe(&index->part, &parts, err);

    if (status == LC_OK &&
        asprintf(&index->part_caveat,
                 "this is part %.*s of a data set, which numbers its rows from 0; rules "
                 "about the whole set need the other parts (llava-check merge)",
                 (int)parts.size, parts.data) < 0) {
        index->part_caveat = NULL;
        status = lc_fail_memory(err);
    }
    lc_buffer_clear(&parts);
    return status;
}

/* Load which parts the index covers, if it does not cover the whole data set. */
static enum lc_status load_part(struct lc_index *index, struct lc_error *err)
{
    static const struct lc_span key = {LC_META_PART, sizeof(LC_META_PART) - 1};
    struct lc_cursor cursor;
    bool found = false;
    enum lc_status status;

    lc_index_cursor(index, LC_TABLE_META, &cursor);
    status = lc_cursor_seek(&cursor, key, &found, err);
    if (status != LC_OK || !found || !lc_span_equal(cursor.key, key))
        return status;
    status = lc_part_decode(cursor.value, &index->part, err);
    if (status == LC_OK && index->part.file_count != index->summary.rows_files)
        status = lc_fail(err, LC_ERR_INDEX, 0,
                         "the index is damaged: invalid record of parts");
    return status == LC_OK ? describe_part(index, err) : status;
}

static enum lc_status check_schema(struct lc_index *index, struct lc_error *err)
{
    struct lc_span schema = {0};
    enum lc_status status = lc_pages_find_tree(
        &index->pages, lc_table_name(LC_TABLE_META), &index->trees[LC_TABLE_META], err);

    if (status == LC_OK)
        status = get_meta(index, LC_META_SCHEMA, &schema, err);
    if (status == LC_OK &&
        (schema.size != 4 || lc_get_u32((const uint8_t *)schema.text) != LC_INDEX_SCHEMA))
        status = lc_fail(err, LC_ERR_INDEX, 0,
                         "the index is from another version: run llava-check on the "
                         "data again");
    return status;
}

static enum lc_status load_meta(struct lc_index *index, struct lc_error *err)
{
    struct lc_index_info *info = &index->info;
    const struct {
        const char *key;
        struct lc_span *out;
    } texts[] = {
        {LC_META_TOOL, &info->tool},
        {LC_META_NAME, &info->name},
        {LC_META_IMAGE_ROOT, &info->image_root},
        {LC_META_IMAGE_FOLDER, &info->image_folder},
    };
    struct lc_span bytes = {0};
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && status == LC_OK; i++)
        status = get_meta(index, texts[i].key, texts[i].out, err);
    if (status == LC_OK)
        status = get_fingerprint(index, LC_META_OPTIONS, &info->options, err);
    if (status == LC_OK)
        status = get_fingerprint(index, LC_META_DECODERS, &info->decoders, err);
    if (status == LC_OK)
        status = get_began(index, &info->began_ns, err);
    if (status == LC_OK)
        status = get_meta(index, LC_META_SUMMARY, &bytes, err);
    if (status == LC_OK)
        status = lc_summary_decode(bytes, &index->summary, err);
    if (status == LC_OK)
        status = get_meta(index, LC_META_STATISTICS, &bytes, err);
    if (status == LC_OK)
        status = lc_statistics_decode(bytes, &index->statistics, err);
    if (status == LC_OK)
        status = load_part(index, err);
    return status == LC_OK ? load_counts(index, err) : status;
}

const struct lc_part_record *lc_index_part(const struct lc_index *index)
{
    return index->part.count ? &index->part : NULL;
}

/* The minimum size of a row, image, finding or rows file in the index. */
#define MIN_RECORD_BYTES 64

/* Check the totals against the size of the file. Callers allocate memory by them, and
 * they may come from a forged index. */
static enum lc_status check_counts(const struct lc_index *index, struct lc_error *err)
{
    const struct lc_summary *s = &index->summary;
    const uint64_t counts[] = {s->rows_files,  s->rows,        s->images_referenced,
                               s->findings[0], s->findings[1], s->findings[2]};

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        if (counts[i] > index->pages.size / MIN_RECORD_BYTES)
            return lc_fail(err, LC_ERR_INDEX, 0,
                           "the index is damaged: it counts more than it can contain");
    return LC_OK;
}

/* Totals of the files so far. */
struct files {
    uint64_t count;
    uint64_t rows;
};

static enum lc_status count_file(void *user, struct lc_span key, struct lc_span value,
                                 struct lc_error *err)
{
    struct files *files = user;
    struct lc_file_record file;
    enum lc_status status = lc_file_decode(value, &file, err);

    if (status != LC_OK)
        return status;
    if (key.size != 4 || lc_get_u32((const uint8_t *)key.text) != files->count ||
        file.first_row != files->rows || file.rows > UINT64_MAX - files->rows)
        return lc_fail(err, LC_ERR_INDEX, 0,
                       "the index is damaged: invalid range of rows of a file");
    files->count++;
    files->rows += file.rows;
    return LC_OK;
}

/* The files must divide all rows among them without gaps or overlaps. Otherwise a forged
 * index could make a loop over the rows of each file visit the same rows many times. */
static enum lc_status check_files(const struct lc_index *index, struct lc_error *err)
{
    struct files files = {0};
    enum lc_status status =
        lc_index_each_pair(index, LC_TABLE_FILES, count_file, &files, err);

    if (status == LC_OK &&
        (files.count != index->summary.rows_files || files.rows != index->summary.rows))
        status =
            lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: wrong number of rows");
    return status;
}

enum lc_status lc_index_from_pages(int fd, uint64_t size, bool is_ours,
                                   struct lc_index **out, struct lc_error *err)
{
    struct lc_index *index = calloc(1, sizeof(*index));
    struct lc_usage *usage = calloc(1, sizeof(*usage));
    enum lc_status status;

    if (!index || !usage) {
        free(index);
        free(usage);
        return lc_fail_memory(err);
    }
    index->is_ours = is_ours;
    index->usage = usage;
    status = lc_pages_open(fd, size, &index->pages, err);
    if (status == LC_OK)
        status = check_schema(index, err);
    for (int i = 0; i < LC_TABLE_COUNT && status == LC_OK; i++)
        status = lc_pages_find_tree(&index->pages, lc_table_name((enum lc_table)i),
                                    &index->trees[i], err);
    if (status == LC_OK)
        status = load_meta(index, err);
    if (status == LC_OK)
        *out = index;
    else
        lc_index_close(index);
    return status;
}

enum lc_status lc_index_open_file(const char *file, const struct lc_key *key,
                                  struct lc_index **out, struct lc_error *err)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not block */
    enum lc_seal seal = LC_SEAL_BROKEN;
    struct lc_index *index = NULL;
    enum lc_status status;
    uint64_t size = 0;

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? lc_fail(err, LC_ERR_USAGE, errno, "there is no index")
                   : lc_fail_errno(err, "open the index");
    status = lc_seal_check(fd, key, &seal, &size, err);
    if (status != LC_OK)
        goto out;
    if (seal == LC_SEAL_BROKEN) {
        status =
            lc_fail(err, LC_ERR_INDEX, 0,
                    "the index is damaged or of another version: its checksum is missing "
                    "or wrong");
        goto out;
    }
    status = lc_index_from_pages(fd, size, seal == LC_SEAL_OURS, &index, err);
    if (status != LC_OK)
        goto out;
    assert(index);
    status = check_counts(index, err);
    if (status != LC_OK)
        goto out;
    status = check_files(index, err);
    if (status != LC_OK)
        goto out;
    *out = index;
    index = NULL;
out:
    lc_index_close(index);
    close(fd);
    return status;
}

bool lc_index_is_ours(const struct lc_index *index)
{
    return index->is_ours;
}

void lc_index_mark_found(struct lc_index *index)
{
    index->is_found = true;
}

bool lc_index_is_suspect(const struct lc_index *index)
{
    if (index->base)
        index = index->base;
    return index->is_found && !index->is_ours;
}

const char *lc_index_caveat(const struct lc_index *index)
{
    if (index->base)
        index = index->base;
    return lc_index_is_suspect(index)
               ? "the index beside the data was not written with your key: it may have "
                 "come with the data, and its content cannot be trusted"
               : index->part_caveat;
}

enum lc_status lc_index_detach(struct lc_index *index, size_t most, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (index->base)
        status = lc_index_detach(index->base, most, err);
    if (status == LC_OK && index->pages.bytes && index->pages.size <= most)
        status = lc_pages_detach(&index->pages, err);
    return status;
}

struct lc_index *lc_index_keep(const struct lc_index *index)
{
    struct lc_index *kept = (struct lc_index *)(uintptr_t)index;

    lc_references_add(&kept->references);
    return kept;
}

void lc_index_close(struct lc_index *index)
{
    if (!index || !lc_references_drop(&index->references))
        return;
    lc_pages_clear(&index->pages);
    lc_index_close(index->base);
    free(index->counts);
    free(index->part_caveat);
    lc_part_record_clear(&index->part);
    free(index->usage);
    free((void *)(uintptr_t)index->proof.origins);
    free(index);
}

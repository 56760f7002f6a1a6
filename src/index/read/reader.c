#include "index/read/reader.h"

#include "index/read/packs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A range is dropped when it reaches this number of pairs or bytes; it then holds about
 * 30 MB. */
#define DROP_PAIRS 131072
#define DROP_BYTES ((size_t)32 << 20)

/* The same for look-ups, each of which maps up to 64 KiB (the kernel's fault-around). */
#define DROP_LOOKUPS 512

void lc_read_range_drop(struct lc_read_range *range)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

    if (!range->pairs)
        return;
    range->low -= range->low % page;
    (void)madvise((void *)range->low, range->high - range->low, MADV_DONTNEED);
    range->pairs = 0;
    range->bytes = 0;
}

void lc_read_range_add(struct lc_read_range *range, struct lc_span value)
{
    uintptr_t at = (uintptr_t)value.text;

    if (!range->pairs || at < range->low)
        range->low = at;
    if (!range->pairs || at > range->high)
        range->high = at;
    range->bytes += value.size;
    if (++range->pairs >= DROP_PAIRS || range->bytes >= DROP_BYTES)
        lc_read_range_drop(range);
}

void lc_read_range_add_lookup(struct lc_read_range *range, struct lc_span value)
{
    lc_read_range_add(range, value);
    if (range->pairs >= DROP_LOOKUPS)
        lc_read_range_drop(range);
}

#define MAX_WORK_PER_BYTE 256 /* lc_index_spend: for each byte of the file */

enum lc_status lc_index_spend(const struct lc_index *index, uint64_t work,
                              struct lc_error *err)
{
    struct lc_usage *usage = index->base ? index->base->usage : index->usage;
    uint64_t size = index->base ? index->base->pages.size : index->pages.size;

    work += atomic_fetch_add_explicit(&usage->work, work, memory_order_relaxed);
    return work / MAX_WORK_PER_BYTE <= size
               ? LC_OK
               : lc_fail(err, LC_ERR_INDEX, 0,
                         "the index is damaged: its tables refer to the same records "
                         "too often");
}

enum lc_status lc_index_get_value(const struct lc_index *index, enum lc_table table,
                                  const void *key, size_t key_size, struct lc_span *out,
                                  struct lc_error *err)
{
    struct lc_span wanted = {key, key_size};
    struct lc_cursor cursor;
    bool found = false;
    enum lc_status status;

    lc_index_cursor(index, table, &cursor);
    status = lc_cursor_seek(&cursor, wanted, &found, err);
    if (status == LC_OK && (!found || cursor.key.size != key_size ||
                            memcmp(cursor.key.text, key, key_size) != 0))
        return lc_fail(err, LC_ERR_INDEX, 0,
                       "the index is damaged: a record of the table %s is missing",
                       lc_table_name(table));
    *out = cursor.value;
    return status == LC_OK ? lc_index_spend(index, out->size, err) : status;
}

const struct lc_summary *lc_index_summary(const struct lc_index *index)
{
    return &index->summary;
}

const struct lc_statistics *lc_index_statistics(const struct lc_index *index)
{
    return &index->statistics;
}

const struct lc_index_info *lc_index_info(const struct lc_index *index)
{
    return &index->info;
}

const struct lc_rule_count *lc_index_rule_counts(const struct lc_index *index,
                                                 size_t *count)
{
    *count = index->count;
    return index->counts;
}

enum lc_status lc_index_get_file(const struct lc_index *index, uint32_t number,
                                 struct lc_file_record *out, struct lc_error *err)
{
    struct lc_span bytes = {0};
    uint8_t key[4];
    enum lc_status status;

    lc_put_u32(key, number);
    status = lc_index_get_value(index, LC_TABLE_FILES, key, sizeof(key), &bytes, err);
    if (status == LC_OK)
        status = lc_file_decode(bytes, out, err);
    if (status == LC_OK && (out->first_row > index->summary.rows ||
                            out->rows > index->summary.rows - out->first_row))
        status = lc_fail(err, LC_ERR_INDEX, 0,
                         "the index is damaged: invalid range of rows of a file");
    return status;
}

enum lc_status lc_index_get_file_statistics(const struct lc_index *index, uint32_t number,
                                            struct lc_statistics *out,
                                            struct lc_error *err)
{
    struct lc_span bytes = {0};
    uint8_t key[4];
    enum lc_status status;

    lc_put_u32(key, number);
    status = lc_index_get_value(index, LC_TABLE_FILE_STATISTICS, key, sizeof(key), &bytes,
                                err);
    return status == LC_OK ? lc_statistics_decode(bytes, out, err) : status;
}

enum lc_status lc_index_get_row(const struct lc_index *index, uint64_t number,
                                struct lc_row_record *out, struct lc_error *err)
{
    struct lc_span bytes = {0};
    struct lc_cursor cursor;
    enum lc_status status;

    lc_index_cursor(index, LC_TABLE_ROWS, &cursor);
    status = lc_pack_find_record(&cursor, number, &bytes, err);
    if (status == LC_OK)
        status = lc_index_spend(index, bytes.size, err);
    if (status == LC_OK && bytes.text)
        lc_read_range_add_lookup(&index->usage->rows, bytes);
    return status == LC_OK ? lc_row_decode(bytes, out, err) : status;
}

enum lc_status lc_index_get_image(const struct lc_index *index, uint32_t number,
                                  struct lc_image_record *out, struct lc_error *err)
{
    struct lc_span bytes = {0};
    uint8_t key[4];
    enum lc_status status;

    lc_put_u32(key, number);
    status = lc_index_get_value(index, LC_TABLE_IMAGES, key, sizeof(key), &bytes, err);
    if (status == LC_OK && bytes.text)
        lc_read_range_add_lookup(&index->usage->images, bytes);
    return status == LC_OK ? lc_image_decode(bytes, out, err) : status;
}

enum lc_status lc_index_get_archive(const struct lc_index *index, uint32_t number,
                                    struct lc_archive_record *out, struct lc_error *err)
{
    struct lc_span bytes = {0};
    uint8_t key[4];
    enum lc_status status;

    lc_put_u32(key, number);
    status = lc_index_get_value(index, LC_TABLE_ARCHIVES, key, sizeof(key), &bytes, err);
    return status == LC_OK ? lc_archive_decode(bytes, out, err) : status;
}

/* Append the name that an image has in its archive, by applying the archive's layout in
 * reverse. */
static enum lc_status add_member_name(const struct lc_archive_record *archive,
                                      struct lc_span path, struct lc_buffer *out,
                                      struct lc_error *err)
{
    enum lc_status status =
        lc_buffer_add(out, archive->removed.text, archive->removed.size, err);

    while (path.size > 2 && memcmp(path.text, "./", 2) == 0)
        path = (struct lc_span){path.text + 2, path.size - 2};
    if (path.size >= archive->added.size &&
        memcmp(path.text, archive->added.text, archive->added.size) == 0)
        path = (struct lc_span){path.text + archive->added.size,
                                path.size - archive->added.size};
    return status == LC_OK ? lc_buffer_add(out, path.text, path.size, err) : status;
}

enum lc_status lc_index_image_place(const struct lc_index *index,
                                    const struct lc_image_record *image,
                                    struct lc_buffer *out, struct lc_error *err)
{
    struct lc_archive_record archive = {0};
    enum lc_status status;

    if (!image->archive)
        return lc_buffer_add(out, image->path.text, image->path.size, err);
    status = lc_index_get_archive(index, image->archive - 1, &archive, err);
    if (status == LC_OK)
        status = lc_buffer_add(out, archive.name.text, archive.name.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(out, "!", 1, err);
    return status == LC_OK ? add_member_name(&archive, image->path, out, err) : status;
}

/* Call a function for the first numbers, at most `capacity`, of the entries of a packed
 * table that start with a key. *count is set to the number of all such entries. */
static enum lc_status each_number(const struct lc_index *index, enum lc_table table,
                                  struct lc_span key, uint64_t capacity, uint64_t *count,
                                  lc_number_fn *each, void *user, struct lc_error *err)
{
    struct lc_cursor cursor;
    enum lc_status status;

    lc_index_cursor(index, table, &cursor);
    status = lc_pack_each(&cursor, key, key.size + 8, capacity, count, each, user, err);
    return status == LC_OK ? lc_index_spend(index, *count * LC_WORK_ENTRY, err) : status;
}

enum lc_status lc_index_each_row_of_file(const struct lc_index *index, uint32_t number,
                                         lc_number_fn *each, void *user,
                                         struct lc_error *err)
{
    struct lc_file_record file = {0};
    enum lc_status status = lc_index_get_file(index, number, &file, err);

    if (status == LC_OK) /* there are fewer rows than bytes: no overflow */
        status = lc_index_spend(index, file.rows * LC_WORK_ENTRY, err);
    for (uint64_t row = 0; status == LC_OK && row < file.rows; row++)
        each(user, file.first_row + row);
    return status;
}

static void store_number(void *user, uint64_t number)
{
    uint64_t **next = user;

    *(*next)++ = number;
}

enum lc_status lc_index_rows_of_image(const struct lc_index *index, uint32_t image,
                                      uint64_t *rows, size_t capacity, uint64_t *count,
                                      struct lc_error *err)
{
    uint8_t key[4];

    lc_put_u32(key, image);
    return each_number(index, LC_TABLE_IMAGE_ROWS,
                       (struct lc_span){(char *)key, sizeof(key)}, capacity, count,
                       store_number, &rows, err);
}

enum lc_status lc_index_each_row_of_image(const struct lc_index *index, uint32_t image,
                                          lc_number_fn *each, void *user,
                                          struct lc_error *err)
{
    uint8_t key[4];
    uint64_t count;

    lc_put_u32(key, image);
    return each_number(index, LC_TABLE_IMAGE_ROWS,
                       (struct lc_span){(char *)key, sizeof(key)}, UINT64_MAX, &count,
                       each, user, err);
}

enum lc_status lc_index_rows_of_id(const struct lc_index *index, struct lc_span id,
                                   uint64_t *rows, size_t capacity, uint64_t *count,
                                   struct lc_error *err)
{
    struct lc_hash hash = lc_hash_bytes(id.text, id.size);

    return each_number(index, LC_TABLE_BY_ID,
                       (struct lc_span){(char *)hash.bytes, sizeof(hash.bytes)}, capacity,
                       count, store_number, &rows, err);
}

enum lc_status lc_index_each_row_of_id(const struct lc_index *index, struct lc_span id,
                                       lc_number_fn *each, void *user,
                                       struct lc_error *err)
{
    struct lc_hash hash = lc_hash_bytes(id.text, id.size);
    uint64_t count;

    return each_number(index, LC_TABLE_BY_ID,
                       (struct lc_span){(char *)hash.bytes, sizeof(hash.bytes)},
                       UINT64_MAX, &count, each, user, err);
}

enum lc_status lc_index_each_pair(const struct lc_index *index, enum lc_table table,
                                  lc_pair_fn *each, void *user, struct lc_error *err)
{
    struct lc_read_range range = {0};
    struct lc_cursor cursor;
    bool found = false;
    enum lc_status status;

    atomic_store_explicit(&index->usage->work, 0, memory_order_relaxed);
    if (index->base)
        atomic_store_explicit(&index->base->usage->work, 0, memory_order_relaxed);
    lc_index_cursor(index, table, &cursor);
    status = lc_cursor_first(&cursor, &found, err);
    while (status == LC_OK && found) {
        status = each(user, cursor.key, cursor.value, err);
        lc_read_range_add(&range, cursor.value);
        if (status == LC_OK)
            status = lc_cursor_next(&cursor, &found, err);
    }
    return status;
}

/* The function to call for each archive or member. */
struct archives_walk {
    lc_archive_fn *archive;
    lc_member_fn *member;
    void *user;
};

static enum lc_status walk_archive(void *user, struct lc_span key, struct lc_span value,
                                   struct lc_error *err)
{
    const struct archives_walk *walk = user;
    struct lc_archive_record archive;
    enum lc_status status = lc_archive_decode(value, &archive, err);

    if (status == LC_OK && key.size != 4)
        status = lc_fail(err, LC_ERR_INDEX, 0,
                         "the index is damaged: the key of an archive is malformed");
    return status == LC_OK
               ? walk->archive(walk->user, lc_get_u32((const uint8_t *)key.text),
                               &archive, err)
               : status;
}

static enum lc_status walk_member(void *user, struct lc_span key, struct lc_span value,
                                  struct lc_error *err)
{
    const struct archives_walk *walk = user;
    struct lc_member_record member;
    enum lc_status status = lc_member_decode(value, &member, err);

    (void)key;
    return status == LC_OK ? walk->member(walk->user, &member, err) : status;
}

/* Split the key of a point; returns false if it is malformed. */
static bool split_point_key(struct lc_span key, uint32_t *archive, uint64_t *offset)
{
    const uint8_t *bytes = (const uint8_t *)key.text;

    if (key.size != 12)
        return false;
    *archive = lc_get_u32(bytes);
    *offset = lc_get_u64(bytes + 4);
    return true;
}

enum lc_status lc_index_each_point(const struct lc_index *index, uint32_t archive,
                                   lc_point_fn *each, void *user, struct lc_error *err)
{
    struct lc_cursor cursor;
    struct lc_point_record point;
    uint64_t offset = 0;
    uint32_t number = 0;
    bool found = false;
    uint8_t key[4];
    enum lc_status status;

    lc_put_u32(key, archive);
    lc_index_cursor(index, LC_TABLE_POINTS, &cursor);
    status =
        lc_cursor_seek(&cursor, (struct lc_span){(char *)key, sizeof(key)}, &found, err);
    while (status == LC_OK && found && split_point_key(cursor.key, &number, &offset) &&
           number == archive) {
        status = lc_point_decode(cursor.value, &point, err);
        if (status == LC_OK)
            status = each(user, offset, &point, err);
        if (status == LC_OK)
            status = lc_cursor_next(&cursor, &found, err);
    }
    return status;
}

enum lc_status lc_index_find_point(const struct lc_index *index, uint32_t archive,
                                   uint64_t offset, struct lc_point_record *out,
                                   uint64_t *at, bool *found, struct lc_error *err)
{
    struct lc_cursor cursor;
    uint32_t number = 0;
    uint8_t key[12];
    enum lc_status status;

    lc_put_u32(key, archive);
    lc_put_u64(key + 4, offset);
    lc_index_cursor(index, LC_TABLE_POINTS, &cursor);
    status = lc_cursor_seek_back(&cursor, (struct lc_span){(char *)key, sizeof(key)},
                                 found, err);
    if (status != LC_OK || !*found)
        return status;
    *found = split_point_key(cursor.key, &number, at) && number == archive;
    return *found ? lc_point_decode(cursor.value, out, err) : LC_OK;
}

enum lc_status lc_index_each_archive(const struct lc_index *index, lc_archive_fn *each,
                                     void *user, struct lc_error *err)
{
    struct archives_walk walk = {.archive = each, .user = user};

    return lc_index_each_pair(index, LC_TABLE_ARCHIVES, walk_archive, &walk, err);
}

enum lc_status lc_index_each_member(const struct lc_index *index, lc_member_fn *each,
                                    void *user, struct lc_error *err)
{
    struct archives_walk walk = {.member = each, .user = user};

    return lc_index_each_pair(index, LC_TABLE_MEMBERS, walk_member, &walk, err);
}

bool lc_finding_key_decode(struct lc_span bytes, struct lc_finding_key *out)
{
    const uint8_t *at = (const uint8_t *)bytes.text;

    if (bytes.size != LC_FINDING_KEY_SIZE)
        return false;
    *out = (struct lc_finding_key){
        .kind = at[0],
        .subject = lc_get_u32(at + 1),
        .row = lc_get_u64(at + 5),
        .order = (uint16_t)(at[13] << 8 | at[14]),
        .sequence = lc_get_u64(at + 15),
    };
    return true;
}

bool lc_finding_matches_key(const struct lc_finding_record *finding,
                            const struct lc_finding_key *key)
{
    if (key->kind != finding->kind)
        return false;
    switch (finding->kind) {
    case LC_FINDING_ROW:
        return key->subject == finding->file &&
               (finding->row >= 0 ? key->row == (uint64_t)finding->row + 1
                                  : finding->row == -1 && (key->row == LC_BEFORE_ROWS ||
                                                           key->row == LC_AFTER_ROWS));
    case LC_FINDING_IMAGE:
        return key->subject == finding->image && !key->row;
    default:
        return !key->subject && !key->row;
    }
}

enum lc_status lc_index_read_finding(struct lc_span key, struct lc_span value,
                                     struct lc_finding_record *out, struct lc_error *err)
{
    struct lc_finding_key decoded_key;
    enum lc_status status = lc_finding_decode(value, out, err);

    if (status == LC_OK && (!lc_finding_key_decode(key, &decoded_key) ||
                            !lc_finding_matches_key(out, &decoded_key)))
        status = lc_fail(err, LC_ERR_INDEX, 0,
                         "the index is damaged: invalid key of a finding");
    return status;
}

struct finding_walk {
    lc_finding_fn *each;
    void *user;
};

static enum lc_status walk_finding(void *user, struct lc_span key, struct lc_span value,
                                   struct lc_error *err)
{
    const struct finding_walk *walk = user;
    struct lc_finding_record record;
    enum lc_status status = lc_index_read_finding(key, value, &record, err);

    return status == LC_OK ? walk->each(walk->user, &record, err) : status;
}

enum lc_status lc_index_each_finding(const struct lc_index *index, lc_finding_fn *each,
                                     void *user, struct lc_error *err)
{
    struct finding_walk walk = {each, user};

    return lc_index_each_pair(index, LC_TABLE_FINDINGS, walk_finding, &walk, err);
}

struct image_walk {
    lc_image_fn *each;
    void *user;
};

static enum lc_status walk_image(void *user, struct lc_span key, struct lc_span value,
                                 struct lc_error *err)
{
    const struct image_walk *walk = user;
    struct lc_image_record record;
    enum lc_status status = lc_image_decode(value, &record, err);

    if (status == LC_OK && key.size != 4)
        status = lc_fail(err, LC_ERR_INDEX, 0,
                         "the index is damaged: invalid key of an image");
    if (status != LC_OK)
        return status;
    return walk->each(walk->user, lc_get_u32((const uint8_t *)key.text), &record, err);
}

enum lc_status lc_index_each_image(const struct lc_index *index, lc_image_fn *each,
                                   void *user, struct lc_error *err)
{
    struct image_walk walk = {each, user};

    return lc_index_each_pair(index, LC_TABLE_IMAGES, walk_image, &walk, err);
}

struct share_walk {
    lc_share_fn *each;
    void *user;
};

static enum lc_status walk_share(void *user, struct lc_span key, struct lc_span value,
                                 struct lc_error *err)
{
    const struct share_walk *walk = user;
    struct lc_share share;
    enum lc_status status = lc_share_decode(value, &share, err);

    if (status == LC_OK && (key.size != 5 || (uint8_t)key.text[0] >= LC_SHARE_KINDS))
        status =
            lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: invalid key of a share");
    if (status != LC_OK)
        return status;
    return walk->each(walk->user, (enum lc_share_kind)key.text[0], &share, err);
}

enum lc_status lc_index_each_share(const struct lc_index *index, lc_share_fn *each,
                                   void *user, struct lc_error *err)
{
    struct share_walk walk = {each, user};

    return lc_index_each_pair(index, LC_TABLE_MIXTURE, walk_share, &walk, err);
}

/* ---- results of a verification ---- */

void lc_index_set_base(struct lc_index *index, struct lc_index *base,
                       const struct lc_verification *verification)
{
    index->base = base;
    index->verification = *verification;
}

const struct lc_verification *lc_index_verification(const struct lc_index *index)
{
    return index->base || index->is_proof ? &index->verification : NULL;
}

void lc_index_set_proof(struct lc_index *index, const struct lc_proof *proof)
{
    index->is_proof = true;
    index->proof = *proof;
}

const struct lc_proof *lc_index_proof(const struct lc_index *index)
{
    return index->is_proof ? &index->proof : NULL;
}

void lc_index_cursor(const struct lc_index *index, enum lc_table table,
                     struct lc_cursor *out)
{
    bool own = !index->base || table == LC_TABLE_META || table == LC_TABLE_FINDINGS;

    if (!own)
        index = index->base;
    lc_cursor_begin(out, &index->pages, &index->trees[table]);
}

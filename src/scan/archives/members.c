#include "scan/archives/members.h"

#include "index/index.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Records to read from the map of the file before its pages are dropped. The kernel maps
 * up to 64 KiB around each that is not near the last one. */
#define MAP_READS 256

enum lc_status lc_image_records_new(size_t count, struct lc_image_records *out,
                                    struct lc_error *err)
{
    *out = (struct lc_image_records){.count = count, .fd = -1};
    out->at = calloc(count + 1, sizeof(*out->at));
    out->map_reads = calloc(1, sizeof(*out->map_reads));
    return out->at && out->map_reads ? LC_OK : lc_fail_memory(err);
}

void lc_image_records_spill(struct lc_image_records *records, const char *folder)
{
    records->may_spill = true;
    records->folder = folder;
}

/* Move the records in memory to the end of the file, and map it again. */
static enum lc_status spill(struct lc_image_records *records, struct lc_error *err)
{
    struct lc_buffer *bytes = &records->bytes;
    size_t size = records->in_file + bytes->size;
    enum lc_status status = LC_OK;
    void *map;

    if (records->fd < 0)
        status = lc_index_scratch(records->folder, &records->fd, err);
    if (status == LC_OK)
        status = lc_index_scratch_write(records->folder, records->fd, records->in_file,
                                        bytes->data, bytes->size, err);
    if (status != LC_OK)
        return status;
    map = mmap(NULL, size, PROT_READ, MAP_SHARED, records->fd, 0);
    if (map == MAP_FAILED)
        return lc_fail_errno(err, "map a temporary file");
    if (records->map)
        munmap(records->map, records->in_file);
    records->map = map;
    records->in_file = size;
    bytes->size = 0;
    return LC_OK;
}

/* Store a record after its size. The record is encoded in a buffer of its own and then
 * copied: its texts may point into the other records, which move when they grow. Zeros
 * take a byte each. */
enum lc_status lc_image_records_set(struct lc_image_records *records, uint32_t image,
                                    const struct lc_image_record *record,
                                    struct lc_error *err)
{
    struct lc_buffer *bytes = &records->bytes, *one = &records->encoded;
    struct lc_image_record own = *record;
    uint64_t from;
    uint8_t size[4];
    enum lc_status status;

    own.path = (struct lc_span){"", 0};
    own.inode = own.device = 0;
    own.mtime_ns = own.ctime_ns = 0;
    one->size = 0;
    status = lc_image_encode(&own, one, err);
    if (status != LC_OK)
        return status;
    if (records->may_spill && bytes->size + one->size > LC_IMAGE_RECORDS_BYTES)
        status = spill(records, err);
    if (status != LC_OK)
        return status;
    from = records->in_file + bytes->size;
    lc_put_u32(size, (uint32_t)one->size);
    status = lc_buffer_add(bytes, size, sizeof(size), err);
    if (status == LC_OK)
        status = lc_buffer_add(bytes, one->data, one->size, err);
    if (status == LC_OK)
        records->at[image] = from + 1;
    return status;
}

/* Get a record in the file. Pages of the map count as memory of this process once they
 * are read, so they are dropped now and then: they stay in the system's cache. */
static const char *read_map(const struct lc_image_records *records, uint64_t from)
{
    if (++*records->map_reads % MAP_READS == 0)
        (void)madvise(records->map, records->in_file, MADV_DONTNEED); /* only advice */
    return records->map + from;
}

bool lc_image_records_get(const struct lc_image_records *records, uint32_t image,
                          struct lc_image_record *out)
{
    const char *at;
    uint64_t from;

    if (image >= records->count || !records->at[image])
        return false;
    from = records->at[image] - 1;
    if (from >= records->in_file)
        at = records->bytes.data + (from - records->in_file);
    else
        at = read_map(records, from);
    return lc_image_decode((struct lc_span){at + 4, lc_get_u32((const uint8_t *)at)}, out,
                           NULL) == LC_OK;
}

void lc_image_records_clear(struct lc_image_records *records)
{
    free(records->at);
    lc_buffer_clear(&records->bytes);
    lc_buffer_clear(&records->encoded);
    if (records->map)
        munmap(records->map, records->in_file);
    if (records->map_reads && records->fd >= 0)
        close(records->fd);
    free(records->map_reads);
    *records = (struct lc_image_records){0};
}

/* Store the hash of the member that is added next; *number is set to 1 + its number, or 0
 * if it was not read. */
static enum lc_status add_hash(struct lc_other_members *members,
                               const struct lc_hash *hash, uint32_t *number,
                               struct lc_error *err)
{
    static const struct lc_hash none;
    struct lc_hash *hashes;

    *number = 0;
    if (lc_hash_compare(hash, &none) == 0)
        return LC_OK;
    hashes = lc_array_grow(members->hashes, members->hash_count, &members->hash_capacity,
                           sizeof(*hashes));
    if (!hashes)
        return lc_fail_memory(err);
    members->hashes = hashes;
    hashes[members->hash_count++] = *hash;
    *number = (uint32_t)members->hash_count;
    return LC_OK;
}

enum lc_status lc_other_members_add(struct lc_other_members *members,
                                    const struct lc_member_record *member,
                                    struct lc_error *err)
{
    struct lc_other_member *items;
    uint32_t hash;
    enum lc_status status;

    if (members->count == LC_OTHER_MEMBERS ||
        members->text.size > LC_OTHER_MEMBERS_BYTES) {
        members->dropped++;
        return LC_OK;
    }
    items =
        lc_array_grow(members->items, members->count, &members->capacity, sizeof(*items));
    if (!items)
        return lc_fail_memory(err);
    members->items = items;
    status = add_hash(members, &member->content, &hash, err);
    items[members->count] = (struct lc_other_member){
        .path = members->text.size,
        .offset = member->offset,
        .size = member->size,
        .archive = member->archive,
        .content = hash,
    };
    if (status == LC_OK)
        status = lc_buffer_add(&members->text, member->path.text, member->path.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(&members->text, "", 1, err);
    members->count += status == LC_OK;
    return status;
}

void lc_other_members_trim(struct lc_other_members *members, size_t count, size_t size)
{
    while (members->count && (members->count > count || members->text.size > size)) {
        members->text.size = members->items[--members->count].path;
        members->dropped++;
    }
}

struct lc_member_record lc_other_record(const struct lc_other_members *members,
                                        const struct lc_other_member *member)
{
    const char *path = lc_other_path(members, member);
    struct lc_member_record out = {
        .path = {path, strlen(path)},
        .archive = member->archive,
        .offset = member->offset,
        .size = member->size,
    };

    if (member->content)
        out.content = members->hashes[member->content - 1];
    return out;
}

static int by_path(const void *a, const void *b, void *text)
{
    const struct lc_other_member *x = a, *y = b;
    const char *bytes = text;
    int order = strcmp(bytes + x->path, bytes + y->path);

    if (order == 0)
        order = (x->archive > y->archive) - (x->archive < y->archive);
    return order ? order : (x->offset > y->offset) - (x->offset < y->offset);
}

void lc_other_members_sort(struct lc_other_members *members)
{
    if (members->count)
        qsort_r(members->items, members->count, sizeof(*members->items), by_path,
                members->text.data);
}

void lc_other_members_clear(struct lc_other_members *members)
{
    free(members->items);
    free(members->hashes);
    lc_buffer_clear(&members->text);
    *members = (struct lc_other_members){0};
}

#include "scan/archives/members.h"

#include <stdlib.h>
#include <string.h>

enum lc_status lc_image_records_new(size_t count, struct lc_image_records *out,
                                    struct lc_error *err)
{
    *out = (struct lc_image_records){.count = count};
    out->at = calloc(count + 1, sizeof(*out->at));
    return out->at ? LC_OK : lc_fail_memory(err);
}

/* Store a record after its size. The record is encoded in a buffer of its own and then
 * copied: its texts may point into the other records, which move when they grow. */
enum lc_status lc_image_records_set(struct lc_image_records *records, uint32_t image,
                                    const struct lc_image_record *record,
                                    struct lc_error *err)
{
    struct lc_buffer *bytes = &records->bytes, *one = &records->encoded;
    size_t from = bytes->size;
    uint8_t size[4];
    enum lc_status status;

    one->size = 0;
    status = lc_image_encode(record, one, err);
    if (status != LC_OK)
        return status;
    lc_put_u32(size, (uint32_t)one->size);
    status = lc_buffer_add(bytes, size, sizeof(size), err);
    if (status == LC_OK)
        status = lc_buffer_add(bytes, one->data, one->size, err);
    if (status == LC_OK)
        records->at[image] = from + 1;
    return status;
}

bool lc_image_records_get(const struct lc_image_records *records, uint32_t image,
                          struct lc_image_record *out)
{
    const char *at;

    if (image >= records->count || !records->at[image])
        return false;
    at = records->bytes.data + records->at[image] - 1;
    return lc_image_decode((struct lc_span){at + 4, lc_get_u32((const uint8_t *)at)}, out,
                           NULL) == LC_OK;
}

void lc_image_records_clear(struct lc_image_records *records)
{
    free(records->at);
    lc_buffer_clear(&records->bytes);
    lc_buffer_clear(&records->encoded);
    *records = (struct lc_image_records){0};
}

enum lc_status lc_other_members_add(struct lc_other_members *members,
                                    const struct lc_member_record *member,
                                    struct lc_error *err)
{
    struct lc_other_member *items;
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
    items[members->count] = (struct lc_other_member){
        .path = members->text.size,
        .archive = member->archive,
        .offset = member->offset,
        .size = member->size,
        .content = member->content,
    };
    status = lc_buffer_add(&members->text, member->path.text, member->path.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(&members->text, "", 1, err);
    members->count += status == LC_OK;
    return status;
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
    lc_buffer_clear(&members->text);
    *members = (struct lc_other_members){0};
}

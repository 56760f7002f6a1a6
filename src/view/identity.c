#include "view/identity.h"

#include <string.h>

/* Add a part preceded by its size, so that different lists of parts never give the same
 * bytes. */
static enum lc_status add_part(struct lc_buffer *key, struct lc_span part,
                               struct lc_error *err)
{
    uint8_t size[8];
    enum lc_status status;

    lc_put_u64(size, part.size);
    status = lc_buffer_add(key, size, sizeof(size), err);
    return status == LC_OK && part.size ? lc_buffer_add(key, part.text, part.size, err)
                                        : status;
}

/* Add what identifies a row within its file: its id, or otherwise message and content. */
static enum lc_status add_row_key(const struct lc_index *index,
                                  const struct lc_finding_record *finding,
                                  struct lc_buffer *key, struct lc_error *err)
{
    struct lc_file_record file;
    struct lc_row_record row;
    uint8_t turn[8];
    enum lc_status status = lc_index_get_file(index, finding->file, &file, err);

    if (status == LC_OK)
        status = add_part(key, file.name, err);
    if (status == LC_OK)
        status = add_part(key, finding->id.size ? finding->id : finding->message, err);
    if (status == LC_OK && !finding->id.size && finding->row >= 0) {
        uint8_t rest[8];

        status =
            lc_index_get_row(index, file.first_row + (uint64_t)finding->row, &row, err);
        if (status != LC_OK)
            return status;
        lc_put_u64(rest, row.rest);
        status = lc_buffer_add(key, row.content.bytes, sizeof(row.content.bytes), err);
        if (status == LC_OK)
            status = lc_buffer_add(key, rest, sizeof(rest), err);
    }
    lc_put_u64(turn, (uint64_t)finding->turn);
    return status == LC_OK ? lc_buffer_add(key, turn, sizeof(turn), err) : status;
}

/* The subject of a finding about the set: an id, or the start of its message. */
static struct lc_span subject_of(const struct lc_finding_record *finding)
{
    static const char colon[] = ": ";
    struct lc_span out = finding->id.size ? finding->id : finding->message;
    const char *end = finding->id.size || !out.size
                          ? NULL
                          : memmem(out.text, out.size, colon, sizeof(colon) - 1);

    if (end)
        out.size = (size_t)(end - out.text);
    return out;
}

enum lc_status lc_identity_of(const struct lc_index *index,
                              const struct lc_finding_record *finding,
                              struct lc_buffer *scratch, struct lc_hash *out,
                              struct lc_error *err)
{
    struct lc_image_record image;
    enum lc_status status;

    scratch->size = 0;
    status = add_part(scratch, finding->rule, err);
    if (status == LC_OK && finding->kind == LC_FINDING_ROW)
        status = add_row_key(index, finding, scratch, err);
    else if (status == LC_OK && finding->kind == LC_FINDING_SET)
        status = add_part(scratch, subject_of(finding), err);
    else if (status == LC_OK) {
        status = lc_index_get_image(index, finding->image, &image, err);
        if (status == LC_OK)
            status = add_part(scratch, image.path, err);
    }
    if (status == LC_OK)
        *out = lc_hash_bytes(scratch->data, scratch->size);
    return status;
}

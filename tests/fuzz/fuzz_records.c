/* fuzz_records.c - what must be true for any bytes of an index's records
 *
 * The first byte selects the kind. A record that was read is encoded to the same bytes:
 * it has only one encoding, so that no byte is ignored.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include "index/format/records.h"

/* Read a record, and encode it again. */
#define RECORD(name, type)                                                               \
    static enum lc_status again_##name(struct lc_span bytes, struct lc_buffer *out,      \
                                       struct lc_error *err)                             \
    {                                                                                    \
        struct type record = {0};                                                        \
        enum lc_status status = lc_##name##_decode(bytes, &record, err);                 \
                                                                                         \
        if (status == LC_OK)                                                             \
            must(lc_##name##_encode(&record, out, NULL) == LC_OK);                       \
        return status;                                                                   \
    }

RECORD(file, lc_file_record)
RECORD(row, lc_row_record)
RECORD(image, lc_image_record)
RECORD(finding, lc_finding_record)
RECORD(summary, lc_summary)
RECORD(statistics, lc_statistics)
RECORD(share, lc_share)
RECORD(rule_count, lc_rule_count)

typedef enum lc_status again_fn(struct lc_span bytes, struct lc_buffer *out,
                                struct lc_error *err);

static again_fn *const kinds[] = {again_file,    again_row,       again_image,
                                  again_finding, again_summary,   again_statistics,
                                  again_share,   again_rule_count};

void lc_fuzz_records(const uint8_t *data, size_t size)
{
    struct lc_buffer out = {0};
    struct lc_error err = {0};
    enum lc_status status;
    char *bare;

    if (!size)
        return;
    bare = lc_fuzz_bare(data + 1, size - 1);
    status = kinds[data[0] % (sizeof(kinds) / sizeof(kinds[0]))](
        (struct lc_span){bare, size - 1}, &out, &err);
    lc_fuzz_check_error(status, &err);
    must(status == LC_OK || status == LC_ERR_INDEX);
    if (status == LC_OK)
        must(out.size == size - 1 && memcmp(out.data, bare, out.size) == 0);
    lc_buffer_clear(&out);
    free(bare);
}

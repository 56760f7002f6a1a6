/* sample_fields.h - which members of samples Energon reads, according to its dataset.yaml
 *
 * A field map gives for each field of a sample the suffixes of its members: {image:
 * "jpg,jpeg", caption: txt}. Energon skips samples without any of them. Whatever only
 * code could decide is not followed, because code is never run. Source: megatron-energon
 * 7.4.1 flavors/webdataset/default_generic_webdataset.py, field_access.py; sample types
 * of flavors/. */
#ifndef LC_DATASET_SAMPLE_FIELDS_H
#define LC_DATASET_SAMPLE_FIELDS_H

#include "base/buffer.h"
#include "base/error.h"
#include "llava_check/types.h"

#include <stdbool.h>
#include <stdint.h>

#define LC_MOST_PARTS 64  /* number of suffixes that a map may contain */
#define LC_MOST_FIELDS 16 /* more than any sample type has */

struct lc_sample_field {
    size_t name, options; /* offsets in text, such as of "image" and of "jpg,jpeg" */
    uint64_t parts;       /* bits of suffixes: a sample needs one of them */
};

/** The fields of samples. All zero: there is no dataset.yaml, or every member is read. */
struct lc_sample_fields {
    struct lc_sample_field fields[LC_MOST_FIELDS];
    size_t field_count;
    size_t parts[LC_MOST_PARTS]; /* offsets in text of the suffixes, as written */
    size_t part_count;
    struct lc_buffer text;       /* texts, each ended by NUL */
    struct lc_buffer unfollowed; /* description of what is not followed, ended by NUL;
                                  * empty: everything is */
    struct lc_buffer misfit;     /* why Energon fails; likewise */
};

/**
 * Read a dataset.yaml.
 *
 * @param path  the file, which need not exist
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY. Parts that cannot be read are not followed.
 */
LC_MUST_CHECK enum lc_status lc_sample_fields_read(const char *path,
                                                   struct lc_sample_fields *out,
                                                   struct lc_error *err);
void lc_sample_fields_clear(struct lc_sample_fields *fields); /* NULL-safe */

/** The bit of a suffix; 0 if no field uses it. */
uint64_t lc_sample_fields_part(const struct lc_sample_fields *fields,
                               struct lc_span suffix);

/** The first field that is missing from a sample with these suffixes; NULL if none is. */
const struct lc_sample_field *
lc_sample_fields_lacking(const struct lc_sample_fields *fields, uint64_t parts);

/** A text of the fields. */
static inline const char *lc_sample_fields_text(const struct lc_sample_fields *fields,
                                                size_t offset)
{
    return fields->text.data + offset;
}

/** Hash everything that is known about the fields. */
uint64_t lc_sample_fields_hash(const struct lc_sample_fields *fields);

#endif

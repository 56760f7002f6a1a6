/* sample_fields.h - which members of its samples Energon reads, by its dataset.yaml
 *
 * A field map names for each field of a sample the suffixes that it is made of:
 * {image: "jpg,jpeg", caption: txt}. A sample without any of them is left out. What only
 * code could say is not followed: it is never run. Source: megatron-energon 7.4.1
 * flavors/webdataset/default_generic_webdataset.py, field_access.py; sample types of
 * flavors/. */
#ifndef LC_DATASET_SAMPLE_FIELDS_H
#define LC_DATASET_SAMPLE_FIELDS_H

#include "base/buffer.h"
#include "base/error.h"
#include "llava_check/types.h"

#include <stdbool.h>
#include <stdint.h>

#define LC_MOST_PARTS 64  /* suffixes that a map may name */
#define LC_MOST_FIELDS 16 /* more than any sample type has */

struct lc_sample_field {
    size_t name, options; /* offsets in text, of "image" and of "jpg,jpeg" */
    uint64_t parts;       /* bits: one of these suffixes must be there */
};

/** All zero: there is no dataset.yaml, or every member is read. */
struct lc_sample_fields {
    struct lc_sample_field fields[LC_MOST_FIELDS];
    size_t field_count;
    size_t parts[LC_MOST_PARTS]; /* offsets in text, of suffixes as they are written */
    size_t part_count;
    struct lc_buffer text;       /* texts that end with NUL */
    struct lc_buffer unfollowed; /* what is not followed, ends with NUL; empty: nothing */
    struct lc_buffer misfit;     /* why Energon fails; likewise */
};

/**
 * Read a dataset.yaml.
 *
 * @param path  of the file; it need not be there
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY. What cannot be read is not followed.
 */
LC_MUST_CHECK enum lc_status lc_sample_fields_read(const char *path,
                                                   struct lc_sample_fields *out,
                                                   struct lc_error *err);
void lc_sample_fields_clear(struct lc_sample_fields *fields); /* NULL-safe */

/** The bit of a suffix; 0: no field is made of it. */
uint64_t lc_sample_fields_part(const struct lc_sample_fields *fields,
                               struct lc_span suffix);

/** The first field that a sample lacks, which has these suffixes; NULL: none. */
const struct lc_sample_field *
lc_sample_fields_lacking(const struct lc_sample_fields *fields, uint64_t parts);

/** A text of the fields. */
static inline const char *lc_sample_fields_text(const struct lc_sample_fields *fields,
                                                size_t offset)
{
    return fields->text.data + offset;
}

/** A hash of all that is known. */
uint64_t lc_sample_fields_hash(const struct lc_sample_fields *fields);

#endif

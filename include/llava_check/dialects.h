/* dialects.h - how rows are written */
#ifndef LC_LLAVA_CHECK_DIALECTS_H
#define LC_LLAVA_CHECK_DIALECTS_H

#include "llava_check/api.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The dialect of rows in shards of WebDataset; only these have it. */
#define LC_SHARD_DIALECT "webdataset"

/** A dialect: which keys and roles a row has; all texts are static. */
struct lc_dialect_info {
    const char *name;     /* "llava" */
    const char *title;    /* its rows, in one line */
    const char *programs; /* that write or read them */
};

/**
 * The dialect at an index.
 *
 * @param out    set unless there is none
 * @return out, or NULL past the end
 */
LC_API const struct lc_dialect_info *lc_dialect_at(size_t index,
                                                   struct lc_dialect_info *out);

#ifdef __cplusplus
}
#endif

#endif

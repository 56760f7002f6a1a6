/* sets.h - the results for several data sets in one list; experimental */
#ifndef LC_LLAVA_CHECK_SETS_H
#define LC_LLAVA_CHECK_SETS_H

#include "llava_check/api.h"
#include "llava_check/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The result for one of several data sets. */
struct lc_set_outcome {
    const char *path;     /* as it was named */
    const char *dialects; /* of its rows files: "llava, messages" */
    const char *images;   /* its image root, and how many sampled paths are there; NULL:
                             rows name no images, or the root was not searched for */
    const char *videos;   /* likewise; NULL if they share the root of images, too */
    const char *report;   /* json, html: the file with its report; NULL: there is none */
    bool is_checked;      /* false: an error prevented the check; all fields below are 0
                           */
    bool is_failed;
    uint64_t rows;
    uint64_t rows_ok;
    uint64_t images_named;
    uint64_t images_ok;
    uint64_t errors; /* findings that are reported */
    uint64_t warnings;
};

/**
 * Write a list with a line for each data set.
 *
 * @param format  text, json or html
 * @param to      stays open; it is flushed and its errors are reported
 *
 * Errors:  LC_ERR_USAGE (no such format), LC_ERR_IO, LC_ERR_MEMORY.
 * Threads: any.
 */
LC_API enum lc_status lc_sets_write(const struct lc_set_outcome *sets, size_t count,
                                    const char *format, FILE *to, struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif

/* image.h - an image in the form that programs get; private to src/query */
#ifndef LC_QUERY_IMAGE_H
#define LC_QUERY_IMAGE_H

#include "query/question.h"

/** An image path with the names of its numbers; texts point into the index. */
struct lc_image_line {
    struct lc_image_record image;
    uint64_t number;
    const char *verdict;
    int64_t size;           /* bytes; -1: the file is missing */
    int64_t pixels;         /* -1 if unknown */
    struct lc_span archive; /* name of the archive that it is a member of; empty if it is
                               a file */
    struct lc_span place;   /* its path; for a member, "a.tar.gz!images/1.jpg" */
};

extern const struct lc_field lc_image_fields[];
extern const size_t lc_image_field_count;

/** @param place  overwritten; out points into it. Errors: LC_ERR_INDEX, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_image_line(const struct lc_index *index, uint32_t number,
                                           const struct lc_image_record *image,
                                           struct lc_buffer *place,
                                           struct lc_image_line *out,
                                           struct lc_error *err);

#endif

/* image.h - an image as it is written for programs; private to src/query */
#ifndef LC_QUERY_IMAGE_H
#define LC_QUERY_IMAGE_H

#include "query/question.h"

/** An image path with what its numbers stand for; texts are of the index. */
struct lc_image_line {
    struct lc_image_record image;
    uint64_t number;
    const char *verdict;
    int64_t size;   /* bytes; -1: the file is missing */
    int64_t pixels; /* -1 when not known */
};

extern const struct lc_field lc_image_fields[];
extern const size_t lc_image_field_count;

struct lc_image_line lc_image_line(uint32_t number, const struct lc_image_record *image);

#endif

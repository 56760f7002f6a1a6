/* inspect.h - what unit tests of image formats share */
#ifndef LC_TESTS_INSPECT_H
#define LC_TESTS_INSPECT_H

#include "unit.h"

#include <stdlib.h>

#include "image/image.h"

/** Inspect an image, which must be recognised as this content. It is read from a block of
 * its exact size, so that a sanitizer notices reads past the end. */
static inline struct lc_image_info inspect_as(enum lc_content content,
                                              const uint8_t *data, size_t size,
                                              const struct lc_image_limits *limits)
{
    struct lc_image_scratch *scratch = NULL;
    struct lc_image_info info;
    uint8_t *copy = malloc(size);

    assert_non_null(copy);
    memcpy(copy, data, size);
    assert_int_equal(lc_image_scratch_new(&scratch, NULL), LC_OK);
    assert_int_equal(lc_image_inspect(scratch, copy, size, limits, &info, NULL), LC_OK);
    lc_image_scratch_free(scratch);
    free(copy);
    assert_int_equal(info.content, content);
    return info;
}

#endif

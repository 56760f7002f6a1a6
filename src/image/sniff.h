/* sniff.h - recognises what the bytes of a file are */
#ifndef LC_IMAGE_SNIFF_H
#define LC_IMAGE_SNIFF_H

#include "image/common/facts.h"

#include <stddef.h>

/**
 * Identify a file by its first bytes.
 *
 * @param format  set to a static name such as "jpeg", "heic", "html"
 *
 * Threads: any.
 */
enum lc_content lc_image_sniff(const uint8_t *data, size_t size, const char **format);

#endif

/* others.h - formats that are recognised and not verified */
#ifndef LC_IMAGE_OTHERS_H
#define LC_IMAGE_OTHERS_H

#include "base/bytes.h"
#include "image/common/facts.h"

/**
 * Identify formats with a weak signature or none, after those with a strong one have been
 * ruled out. Printable ones can begin like a text, so they must be tried before the bytes
 * are classified as text; binary ones contain bytes that no text does, and come after it.
 *
 * @param format  set to a static name unless LC_CONTENT_UNKNOWN is returned
 *
 * Threads: any.
 * Source:  Pillow 9.4: the functions _accept and _open of each plugin.
 */
enum lc_content lc_sniff_printable(struct lc_bytes bytes, const char **format);
enum lc_content lc_sniff_binary(struct lc_bytes bytes, const char **format);

/** Whether Pillow opens, by itself, a format that we do not decode. */
enum lc_pillow_support {
    LC_PILLOW_REFUSES, /* HEIC, JPEG XL, SVG … */
    LC_PILLOW_OPENS,
    LC_PILLOW_NEWER_OPENS, /* versions that are newer than the 9.4 of Debian 12 */
};

/**
 * Look a format up.
 *
 * @param format  of an image whose content is LC_CONTENT_OTHER_IMAGE
 *
 * Source: Pillow 9.4, the plugins that Image.init() loads, as Debian 12 builds them
 *         (JPEG 2000 with OpenJPEG; EPS and WMF need other programs, and are refused);
 *         CHANGES.rst for later versions.
 */
enum lc_pillow_support lc_image_pillow_support(const char *format);

#endif

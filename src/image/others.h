/* others.h - formats that are recognised but not verified */
#ifndef LC_IMAGE_OTHERS_H
#define LC_IMAGE_OTHERS_H

#include "base/bytes.h"
#include "image/common/facts.h"

/**
 * Identify formats with a weak signature or none, after formats with a strong one have
 * been ruled out. Printable formats can begin like a text, so try them before classifying
 * the bytes as text; binary formats contain bytes that no text does, so try them
 * afterwards.
 *
 * @param format  set to a static name unless LC_CONTENT_UNKNOWN is returned
 *
 * Threads: any.
 * Source:  Pillow 9.4: the functions _accept and _open of each plugin.
 */
enum lc_content lc_sniff_printable(struct lc_bytes bytes, const char **format);
enum lc_content lc_sniff_binary(struct lc_bytes bytes, const char **format);

/** Whether Pillow, by itself, opens a format that we do not decode. */
enum lc_pillow_support {
    LC_PILLOW_REFUSES, /* HEIC, JPEG XL, SVG … */
    LC_PILLOW_OPENS,
    LC_PILLOW_NEWER_OPENS, /* only versions newer than the 9.4 of Debian 12 open it */
};

/**
 * Look a format up.
 *
 * @param format  name of an image format whose content is LC_CONTENT_OTHER_IMAGE
 *
 * Source: Pillow 9.4, the plugins that Image.init() loads, as built by Debian 12 (JPEG
 *         2000 with OpenJPEG; EPS and WMF need other programs, and are refused);
 *         CHANGES.rst for later versions.
 */
enum lc_pillow_support lc_image_pillow_support(const char *format);

#endif

/* others.h - formats that are recognised and not verified; private to src/image */
#ifndef LC_IMAGE_OTHERS_H
#define LC_IMAGE_OTHERS_H

#include "image/common/bytes.h"
#include "image/image.h"

/**
 * Tell what bytes are that no longer signature claims: images of formats that have a
 * short one or none, and files of other kinds. Those that may begin like a text are
 * printed, to be asked for before bytes are called a text; the others are binary, to be
 * asked for when they are none.
 *
 * @param format  set to a static name when something is returned but LC_CONTENT_UNKNOWN
 *
 * Threads: any.
 * Source:  Pillow 9.4: the functions _accept and _open of each plugin.
 */
enum lc_content lc_sniff_printed(struct lc_bytes bytes, const char **format);
enum lc_content lc_sniff_binary(struct lc_bytes bytes, const char **format);

#endif

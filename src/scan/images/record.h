/* record.h - the facts of an image as the index stores them */
#ifndef LC_SCAN_IMAGES_RECORD_H
#define LC_SCAN_IMAGES_RECORD_H

#include "index/index.h"
#include "rules/rules.h"

/** Make the record of an image that was looked at. Its texts are borrowed from the facts.
 * The caller sets how many rows name it, and whether it has an error. */
struct lc_image_record lc_image_record_of(const struct lc_image_facts *facts,
                                          const struct lc_file_facts *file,
                                          const struct lc_hash *content);

/** The reason why the bytes of an archive member are unknown, as the index of a part
 * stores it in the detail of the record: why, or if that is NULL, a text for the
 * result. */
struct lc_span lc_image_result_text(enum lc_read_result result, const char *why);
enum lc_read_result lc_image_result_of(const struct lc_image_record *record);

#endif

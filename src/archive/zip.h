/* zip.h - the members of a zip; private to src/archive */
#ifndef LC_ARCHIVE_ZIP_H
#define LC_ARCHIVE_ZIP_H

#include "archive/internal.h"

struct lc_zip;

/**
 * Read the list of members at the end of a zip.
 *
 * @param must_be  the file is a zip, so a missing directory is damage
 * @param out      set to NULL if the file is not a zip
 */
LC_MUST_CHECK enum lc_status lc_zip_open(struct lc_input *input,
                                         const struct lc_archive_limits *limits,
                                         struct lc_archive_log *log, bool must_be,
                                         struct lc_zip **out, struct lc_error *err);
void lc_zip_close(struct lc_zip *zip);

/** The next member in the order of the file; NULL at the end. */
LC_MUST_CHECK enum lc_status lc_zip_next(struct lc_zip *zip, const struct lc_member **out,
                                         struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_zip_read(struct lc_zip *zip, void *to, size_t size,
                                         size_t *got, struct lc_error *err);
/** Continue at the member whose header is at an offset. */
void lc_zip_seek(struct lc_zip *zip, uint64_t header);

/** Have lc_zip_next return the last member whose header is before an offset. */
void lc_zip_seek_data(struct lc_zip *zip, uint64_t data);
enum lc_archive_fault lc_zip_fault(const struct lc_zip *zip);

/** Bytes after the end, and uncompressed bytes read so far. */
uint64_t lc_zip_trailing(const struct lc_zip *zip);
uint64_t lc_zip_produced(const struct lc_zip *zip);

#endif

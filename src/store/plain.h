/* plain.h - reads files from a folder without following any link
 *
 * For files named by records from strangers: whatever a record says, nothing outside the
 * folder is opened, and nothing but regular files. */
#ifndef LC_STORE_PLAIN_H
#define LC_STORE_PLAIN_H

#include "base/checksum.h"
#include "store/folder.h"

#include <errno.h>

/** Why a file was not read as a plain one: it is a link, or a link is on the way to
 * it. */
#define LC_PLAIN_LINK ELOOP

/** Zeros after the bytes of a file that is read whole, as parsers require. */
#define LC_PLAIN_PADDING 64

/**
 * Open a folder below another one.
 *
 * @param path  relative to the folder; empty for the folder itself
 * @param out   set; NULL if there is no such folder, or a link is on the way
 *
 * Owner:   the caller, lc_folder_close.
 * Errors:  LC_ERR_MEMORY, LC_ERR_IO if the system is out of file handles or memory.
 */
LC_MUST_CHECK enum lc_status lc_plain_folder(const struct lc_folder *folder,
                                             const char *path, struct lc_folder **out,
                                             struct lc_error *err);

/**
 * Read the target of a link.
 *
 * @param out   filled with the text and a NUL
 * @return whether the path is a link whose target has fewer than size bytes
 *
 * Threads: any.
 */
bool lc_plain_link(const struct lc_folder *folder, const char *path, char *out,
                   size_t size);

/**
 * Get a file's facts without opening it.
 *
 * @param path      relative to the folder; NUL-terminated
 * @param result    LC_READ_OK for a regular file; LC_READ_NOT_ALLOWED with
 *                  *os_errno LC_PLAIN_LINK for a link
 *
 * Threads: any.
 */
void lc_plain_stat(const struct lc_folder *folder, const char *path,
                   struct lc_file_facts *facts, enum lc_read_result *result,
                   int *os_errno);

/**
 * Read a whole file of at most limit bytes.
 *
 * @param buffer  set to its bytes, followed by LC_PLAIN_PADDING zeros
 * @param result  as from lc_plain_stat, or LC_READ_TOO_LARGE
 *
 * Errors:  LC_ERR_MEMORY, LC_ERR_IO if the system is out of file handles or memory.
 * Threads: any, with its own buffer.
 */
LC_MUST_CHECK enum lc_status lc_plain_read(const struct lc_folder *folder,
                                           const char *path, uint64_t limit,
                                           struct lc_buffer *buffer,
                                           enum lc_read_result *result, int *os_errno,
                                           struct lc_error *err);

/** Buffers that lc_plain_sum needs, and facts that it finds along the way. */
struct lc_plain_reader {
    struct lc_checksums *sums;
    char *buffer; /* LC_PLAIN_BUFFER bytes */
    char head[64];
    size_t head_size; /* bytes in head: the first bytes of the file */
    bool has_returns; /* the file contains a carriage return */
    /* called for each piece that is read; returning false stops the reading; may be
     * NULL */
    bool (*on_bytes)(void *user, size_t size);
    void *user;
};

#define LC_PLAIN_BUFFER ((size_t)256 << 10)

/** Allocate a reader's buffers. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_plain_reader_begin(struct lc_plain_reader *reader,
                                                   struct lc_error *err);
void lc_plain_reader_clear(struct lc_plain_reader *reader);

/**
 * Compute checksums of a whole file.
 *
 * @param kinds   bits as for lc_checksums_begin; reader->sums contains these if *result
 *                is LC_READ_OK
 * @param result  as from lc_plain_stat; LC_READ_CHANGED if the file changed while it was
 *                read, or on_bytes stopped the reading
 *
 * Errors:  LC_ERR_MEMORY, LC_ERR_IO; as from lc_plain_read.
 * Threads: any, with its own reader.
 */
LC_MUST_CHECK enum lc_status
lc_plain_sum(const struct lc_folder *folder, const char *path, unsigned kinds,
             struct lc_plain_reader *reader, struct lc_file_facts *facts,
             enum lc_read_result *result, int *os_errno, struct lc_error *err);

#endif

/* plain.h - reads files of a folder without following any link
 *
 * For files that records of strangers name: whatever a record says, nothing outside of
 * the folder is opened, and nothing but regular files.
 */
#ifndef LC_STORE_PLAIN_H
#define LC_STORE_PLAIN_H

#include "base/checksum.h"
#include "store/folder.h"

#include <errno.h>

/** Why a file was not read as a plain one: a link is there, or on the way. */
#define LC_PLAIN_LINK ELOOP

/** Zeros after the bytes of a file that is read whole: as many as parsers need. */
#define LC_PLAIN_PADDING 64

/**
 * Open a folder below another one.
 *
 * @param path  relative to the folder; empty: the folder itself
 * @param out   set; to NULL if there is no such folder, or a link is on the way
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
 * @return whether the path is a link with a target of less than size bytes
 *
 * Threads: any.
 */
bool lc_plain_link(const struct lc_folder *folder, const char *path, char *out,
                   size_t size);

/**
 * Get a file's facts without opening it.
 *
 * @param path      relative to the folder; ends with NUL
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
 * @param buffer  set to its bytes and LC_PLAIN_PADDING zeros after them
 * @param result  as of lc_plain_stat, or LC_READ_TOO_LARGE
 *
 * Errors:  LC_ERR_MEMORY, LC_ERR_IO if the system is out of file handles or memory.
 * Threads: any, with a buffer of its own.
 */
LC_MUST_CHECK enum lc_status lc_plain_read(const struct lc_folder *folder,
                                           const char *path, uint64_t limit,
                                           struct lc_buffer *buffer,
                                           enum lc_read_result *result, int *os_errno,
                                           struct lc_error *err);

/** What lc_plain_sum needs of a worker, and what it leaves there. */
struct lc_plain_reader {
    struct lc_checksums *sums;
    char *buffer; /* of LC_PLAIN_BUFFER bytes */
    char head[64];
    size_t head_size; /* of head: the file's first bytes */
    bool has_returns; /* the file has a carriage return */
    /* called for each piece that is read; false ends the reading; may be NULL */
    bool (*on_bytes)(void *user, size_t size);
    void *user;
};

#define LC_PLAIN_BUFFER ((size_t)256 << 10)

/** Make the memory of a reader. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_plain_reader_begin(struct lc_plain_reader *reader,
                                                   struct lc_error *err);
void lc_plain_reader_clear(struct lc_plain_reader *reader);

/**
 * Compute checksums of a whole file.
 *
 * @param kinds   which: bits as of lc_checksums_begin; reader->sums has them if *result
 * is LC_READ_OK
 * @param result  as of lc_plain_stat; LC_READ_CHANGED if it was changed while it was
 * read, or the reading was stopped
 *
 * Errors:  LC_ERR_MEMORY, LC_ERR_IO as of lc_plain_read.
 * Threads: any, with a reader of its own.
 */
LC_MUST_CHECK enum lc_status
lc_plain_sum(const struct lc_folder *folder, const char *path, unsigned kinds,
             struct lc_plain_reader *reader, struct lc_file_facts *facts,
             enum lc_read_result *result, int *os_errno, struct lc_error *err);

#endif

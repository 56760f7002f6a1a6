/* sum.h - computes checksums of many files, several at a time */
#ifndef LC_SCAN_SUM_H
#define LC_SCAN_SUM_H

#include "base/error.h"
#include "store/plain.h"

/** A file that was read, or could not be read. */
struct lc_sum_result {
    enum lc_read_result result;
    int os_errno;
    struct lc_file_facts facts;
    const struct lc_plain_reader *reader; /* has the sums, if LC_READ_OK */
};

/** What to read. */
struct lc_sum_work {
    const struct lc_folder *folder;
    void *user;   /* passed to the functions */
    size_t count; /* of files, by number */
    /* returns a file's path, which ends with NUL, and sets the bits of the checksums to
     * compute */
    const char *(*file)(void *user, size_t number, unsigned *kinds);
    /* stores what the caller needs of a file: called once for each, by the worker that
     * read it. Errors end the work */
    enum lc_status (*done)(void *user, size_t number, const struct lc_sum_result *result,
                           struct lc_error *err);
    /* called now and then in the caller's thread; a failure, such as LC_ERR_STOPPED, ends
     * the work even in the middle of a file */
    enum lc_status (*progress)(void *user, uint64_t files, uint64_t bytes,
                               struct lc_error *err);
};

/**
 * Read files, the largest ones first, so that all workers finish at about the same time.
 *
 * Memory:  24 bytes for each file, and the buffers of each worker.
 * Errors:  those of the functions, LC_ERR_IO and LC_ERR_MEMORY. A file that cannot be
 *          read is a result, not an error.
 * Threads: starts workers, and joins them before it returns.
 */
LC_MUST_CHECK enum lc_status lc_sum_files(const struct lc_sum_work *work,
                                          unsigned workers, struct lc_error *err);

#endif

/* journal.h - what an unfinished run has read, so that the next one need not read it
 * again
 *
 * An index counts when its run is finished. Until then what is found out of images, which
 * is nearly all of a run's work, is kept in the file LC_JOURNAL_FILE beside it: appended,
 * in blocks with their own checksums, so that a run may end at any moment, and the
 * machine with it. The next run reads it, goes on writing it, and removes it when its
 * index is finished. docs/index-format.md describes the file.
 */
#ifndef LC_INDEX_WRITE_JOURNAL_H
#define LC_INDEX_WRITE_JOURNAL_H

#include "base/error.h"
#include "base/hash.h"
#include "index/format/key.h"
#include "index/format/records.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LC_JOURNAL_FILE "journal"

struct lc_journal;

/** An image that an unfinished run read. */
struct lc_journal_entry {
    struct lc_image_record image; /* points into the journal; lives as long as it is open;
                                     faulty and uses are not known */
    int64_t began_ns; /* when the run began that read it: nanoseconds since 1970 */
};

/**
 * Open the journal of an index folder, to read what is in it and to go on with it.
 *
 * @param folder    the index folder; the caller holds its lock
 * @param trust     whose entries count, and the key to sign others with
 * @param decoders  fingerprint of what an image's facts depend on: entries of other
 *                  decoders are passed over
 * @param fresh     forget what is in it
 *
 * Nothing is made on the disk before something is added. The first block that is damaged
 * or signed by somebody else, and all that follow it, are dropped.
 *
 * Owner:   the caller, lc_journal_close.
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_journal_open(const char *folder,
                                             const struct lc_trust *trust,
                                             const struct lc_hash *decoders, bool fresh,
                                             struct lc_journal **out,
                                             struct lc_error *err);

/** How many images earlier runs left in it; each path counts once. */
size_t lc_journal_count(const struct lc_journal *journal);

/** Get one of them, in order of the bytes of their paths; of a path that was read more
 * than once what was read last. */
void lc_journal_get(const struct lc_journal *journal, size_t index,
                    struct lc_journal_entry *out);

/**
 * Add an image that was read by a run that began at a time.
 *
 * It is kept for a kill of the process within a tenth of a second, and for a failure of
 * the power within some seconds, provided that images go on to be added.
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_journal_add(struct lc_journal *journal,
                                            const struct lc_image_record *image,
                                            int64_t began_ns, struct lc_error *err);

/**
 * Close the journal; NULL-safe.
 *
 * @param done  all that is in it is in a finished index too: it is removed. Else all that
 *              was added is put on the disk.
 */
void lc_journal_close(struct lc_journal *journal, bool done);

#endif

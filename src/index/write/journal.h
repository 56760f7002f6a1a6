/* journal.h - image facts of unfinished runs, for the next run to reuse
 *
 * An index is usable only when its run is finished. Until then, the facts about images,
 * which are nearly all of a run's work, are appended to the file LC_JOURNAL_FILE beside
 * it, in blocks with checksums, so that the run or the machine may stop at any moment.
 * The next run reads the file, continues it, and removes it when its index is finished.
 * docs/index-format.md describes the format.
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
    int64_t began_ns; /* start of the run that read it: nanoseconds since 1970 */
};

/**
 * Open the journal of an index folder, to read it and to append to it.
 *
 * @param folder    the index folder; the caller holds its lock
 * @param trust     decides which entries may be used, and the key to sign new ones with
 * @param decoders  fingerprint of everything that image facts depend on; entries with
 *                  another one are skipped
 * @param fresh     ignore existing entries
 *
 * The file is created when the first image is added. The first block that is damaged or
 * not signed with the key is dropped, with all that follow it.
 *
 * Owner:   the caller, lc_journal_close.
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_journal_open(const char *folder,
                                             const struct lc_trust *trust,
                                             const struct lc_hash *decoders, bool fresh,
                                             struct lc_journal **out,
                                             struct lc_error *err);

/** The number of images from earlier runs; each path counts once. */
size_t lc_journal_count(const struct lc_journal *journal);

/** Get one of these images; they are sorted by path. If a path was read several times,
 * the last result is returned. */
void lc_journal_get(const struct lc_journal *journal, size_t index,
                    struct lc_journal_entry *out);

/**
 * Add an image that a run started at began_ns has read.
 *
 * While more images are added, it is written within a tenth of a second, so it survives a
 * kill of the process, and synced within some seconds, so it survives a power failure.
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_journal_add(struct lc_journal *journal,
                                            const struct lc_image_record *image,
                                            int64_t began_ns, struct lc_error *err);

/** A part of an archive that an unfinished run has read, with its contents as
 * scan/archives/resume.h encodes them. It lives as long as the journal. */
struct lc_journal_section {
    struct lc_span content;
    int64_t began_ns; /* start of the run that read it */
};

/** Get the number of such parts from earlier runs, or one of them; they are in the order
 * in which they were added. */
size_t lc_journal_sections(const struct lc_journal *journal);
struct lc_journal_section lc_journal_section(const struct lc_journal *journal,
                                             size_t index);

/** Add a part of an archive. All its images must have been added before. Errors:
 * LC_ERR_IO, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_journal_add_section(struct lc_journal *journal,
                                                    struct lc_span content,
                                                    int64_t began_ns,
                                                    struct lc_error *err);

/**
 * Close the journal; NULL-safe.
 *
 * @param done  remove the journal, because all of it is in a finished index. Otherwise
 *              everything that was added is written and synced.
 */
void lc_journal_close(struct lc_journal *journal, bool done);

#endif

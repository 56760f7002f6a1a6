/* scan.h - the state of a run, from stage to stage; private to src/scan
 *
 * lc_check runs the stages one after the other, each filling its part of struct lc_scan:
 *
 *     rows     rows files → rows, their findings, the image paths and ids they name
 *     links    paths in order; which rows name which image, both ways
 *     images   image files → images, their findings
 *     set      what only the whole set can tell: rows that share an id, or are the same
 */
#ifndef LC_SCAN_SCAN_H
#define LC_SCAN_SCAN_H

#include "base/error.h"
#include "base/hash.h"
#include "dataset/dataset.h"
#include "index/index.h"
#include "rules/rules.h"
#include "scan/images/known.h"
#include "scan/common/paths.h"
#include "scan/common/sorter.h"
#include "scan/set/unused.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** An id of gigabytes is stored once, not with every finding: so many bytes of it are. */
#define LC_FINDING_ID_MAX 4096

/** A thread that sorts ids and contents, and looks for images that no row names. */
struct lc_sorting {
    struct lc_scan *scan;
    pthread_t thread;
    bool wanted;           /* begun, and not ended */
    bool running;          /* there is a thread */
    atomic_bool cancelled; /* nobody waits for what it finds */
    enum lc_status status;
    struct lc_error error;
};

struct lc_scan {
    const struct lc_check_options *options;
    bool is_again; /* the second attempt: the earlier index is damaged, and not opened;
                      what was chosen has been reported */
    unsigned workers;
    struct lc_dataset dataset;
    char *folder; /* of the index; NULL: it has none */
    struct lc_index_writer *writer;
    struct lc_trust trust;      /* whose results are believed */
    struct lc_known *known;     /* what earlier runs know; NULL: nothing */
    struct lc_hash fingerprint; /* of what results depend on beside the data */
    struct lc_hash decoders;    /* of what images' facts depend on; lc_known_decoders */
    int64_t began_ns;           /* when the run began: nanoseconds since 1970 */
    struct lc_journal *journal; /* what this run has read; NULL: it is not kept */
    struct lc_summary summary;
    uint64_t counts[LC_RULE_COUNT][3]; /* findings by rule and severity */
    int64_t reported_ns;               /* when progress was told last */

    /* from rows: row r names the row_images[r] next entries of named */
    uint8_t *faulty; /* by row: it has an error of its own, or in an image */
    size_t faulty_capacity;
    uint32_t *row_images;
    size_t row_images_capacity;
    uint32_t *named; /* numbers in paths */
    size_t named_count;
    size_t named_capacity;
    struct lc_sorter ids;
    struct lc_sorter contents; /* of rows that can be compared */
    struct lc_statistics statistics;
    struct lc_sorting sorting; /* ids and contents are its own from rows to set */
    struct lc_paths paths;
    struct lc_unused unused; /* sorting's: found while the images are read */

    /* from links: image i, in path order, is path order[i]; the rows that name it are
     * users[first_user[i]] up to users[first_user[i + 1]] */
    uint32_t *order;
    uint64_t *first_user;
    uint32_t *users;
};

/* The stages. Errors: every status; LC_ERR_STOPPED when the caller asks to stop. */
LC_MUST_CHECK enum lc_status lc_scan_rows(struct lc_scan *scan, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_scan_links(struct lc_scan *scan, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_scan_images(struct lc_scan *scan, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_scan_set(struct lc_scan *scan, struct lc_error *err);

/** Begin to sort the ids, and of the contents those that may stand twice; and to look for
 * images that no row names. */
void lc_scan_sort_begin(struct lc_scan *scan);

/** Wait until they are sorted; nothing when that was not begun. Errors: LC_ERR_MEMORY,
 * LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_scan_sort_end(struct lc_scan *scan, struct lc_error *err);

/** Free what links made, and the paths: when the images are done. */
void lc_scan_forget_images(struct lc_scan *scan);

/** End it, whatever it has found. */
void lc_scan_sort_cancel(struct lc_scan *scan);

/** How many workers to have, when so many are wanted; 0: one for each processor. */
unsigned lc_scan_workers(unsigned wanted);

/** Store the run's numbers, and how many findings of each rule there are. */
LC_MUST_CHECK enum lc_status lc_scan_store_summary(struct lc_scan *scan,
                                                   struct lc_error *err);

/**
 * Open the index of a data set, if it is as the run that wrote it left it.
 *
 * @param wanted  the index folder that the user named, or NULL
 * @param data    set to the data folder
 *
 * Owner:   the caller frees data, also on failure, and closes the index.
 * Errors:  LC_ERR_USAGE (there is none), LC_ERR_INDEX (damaged, or of another version),
 *          LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_scan_open_index(const char *const *paths, size_t count,
                                                const char *wanted, char **data,
                                                struct lc_index **out,
                                                struct lc_error *err);

/**
 * Open the folder that images are read again from.
 *
 * @param known   where they were, relative to the data folder
 * @param wanted  the folder that the user named, or NULL
 * @param bound   refuse a known one outside of the data folder
 *
 * Owner:   the caller, lc_folder_close.
 * Errors:  LC_ERR_USAGE, LC_ERR_IO (it is gone), LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_scan_open_images(const struct lc_scan *scan,
                                                 struct lc_span known, const char *wanted,
                                                 const char *data, bool bound,
                                                 struct lc_folder **out,
                                                 struct lc_error *err);

/** Store a finding and count it. */
LC_MUST_CHECK enum lc_status lc_scan_finding(struct lc_scan *scan,
                                             const struct lc_findings *findings,
                                             const struct lc_finding *finding,
                                             struct lc_finding_record *record,
                                             struct lc_error *err);

/** Tell the caller how far the stage is, unless it was told a moment ago. Errors:
 * LC_ERR_STOPPED when it asks to stop. */
LC_MUST_CHECK enum lc_status lc_scan_progress(struct lc_scan *scan, enum lc_stage stage,
                                              uint64_t done, uint64_t total,
                                              struct lc_error *err);

/** Tell the caller that a stage begins. */
void lc_scan_begins(const struct lc_scan *scan, enum lc_stage stage);

/** Tell the caller what was chosen. */
void lc_scan_chose(const struct lc_scan *scan, const char *what, const char *choice);

/** Tell it how many workers there are. */
void lc_scan_chose_workers(const struct lc_scan *scan);

/** Whether to go on. Errors: LC_ERR_STOPPED when the caller asks to stop. */
LC_MUST_CHECK enum lc_status lc_scan_go_on(const struct lc_scan *scan,
                                           struct lc_error *err);

/**
 * Choose the folder that a data set's index goes to.
 *
 * @param folder    the data folder
 * @param single    the name of the one rows file in it that is checked, which has an
 * index of its own; NULL: the folder is checked
 * @param wanted    the folder that the user named, or NULL
 * @param to_write  whether it must be possible to write into it
 * @param out       set to the folder's path
 *
 * Owner:   the caller frees *out.
 * Errors:  LC_ERR_IO when there is no place, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_scan_index_folder(const char *folder, const char *single,
                                                  const char *wanted, bool to_write,
                                                  char **out, struct lc_error *err);

/**
 * The folder that an index goes to when the data folder cannot hold it: in the user's
 * cache. Parameters, owner and errors as above.
 */
LC_MUST_CHECK enum lc_status lc_scan_cache_folder(const char *folder, const char *single,
                                                  char **out, struct lc_error *err);

#endif

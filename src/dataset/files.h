/* files.h - finds the rows files for a user's paths; private to src/dataset */
#ifndef LC_DATASET_FILES_H
#define LC_DATASET_FILES_H

#include "dataset/dataset.h"
#include "dataset/peek.h"
#include "dataset/sampling.h"

/* Each function adds to a data set whose folder is set. Errors: LC_ERR_USAGE (the named
 * file is missing or invalid), LC_ERR_IO, LC_ERR_MEMORY. */

/** What is known of a rows file before it is read. */
struct lc_file_use {
    const char *sampling; /* as text; NULL: all rows are used */
    struct lc_sampling sampled;
    const char *root;                 /* of its images and videos; NULL: find it */
    const struct lc_dialect *dialect; /* NULL: to be detected */
    const struct lc_dialect *kin;     /* as in struct lc_rows_file */
    bool is_detected;                 /* as in struct lc_rows_file */
    bool is_registered;               /* named by a registry in the folder */
};

/**
 * Add a rows file.
 *
 * @param path     to open it
 * @param use      copied; NULL: nothing is known
 * @param samples  the first rows' image and video paths are appended
 */
LC_MUST_CHECK enum lc_status lc_files_add(struct lc_dataset *dataset, const char *path,
                                          const struct lc_file_use *use,
                                          struct lc_samples *samples,
                                          struct lc_error *err);

/** Add a rows file whose first rows were already inspected, with the name to print for
 * it. */
LC_MUST_CHECK enum lc_status lc_files_add_known(struct lc_dataset *dataset,
                                                const char *path, const char *name,
                                                const struct lc_file_use *use,
                                                struct lc_error *err);

/** Whether a registry of a folder has added a file. */
bool lc_files_is_registered(const struct lc_dataset *dataset, uint64_t device,
                            uint64_t inode);

/** Put a file's name in front of a system error: the caller knows only the folder. */
void lc_files_name_error(const char *name, struct lc_error *err);

/** The opening brace in LLaVA-NeXT's pattern for several files, base{a,b}.json; NULL if a
 * path is not such a pattern. Source: its regular expression ^(.*)\{(.*)\}\.json$. */
const char *lc_files_brace(const char *path);

/** Whether a path is such a pattern, and no file has that name. */
bool lc_files_is_pattern(const char *path);
LC_MUST_CHECK enum lc_status lc_files_add_pattern(struct lc_dataset *dataset,
                                                  const char *path,
                                                  struct lc_samples *samples,
                                                  struct lc_error *err);

/** Add a notice: a line ended by NUL. */
__attribute__((format(printf, 3, 4))) LC_MUST_CHECK enum lc_status
lc_files_notice(struct lc_dataset *dataset, struct lc_error *err, const char *format,
                ...);

#endif

/* files.h - the rows files behind what a user names; private to src/dataset */
#ifndef LC_DATASET_FILES_H
#define LC_DATASET_FILES_H

#include "dataset/dataset.h"
#include "dataset/peek.h"

#include <dirent.h>

/* Each adds to a data set whose folder is set. Errors: LC_ERR_USAGE (what is named is not
 * there or makes no sense), LC_ERR_IO, LC_ERR_MEMORY. */

/**
 * Add a rows file.
 *
 * @param path      to open it
 * @param sampling  its sampling_strategy, or NULL
 * @param samples   paths of the first rows are appended
 */
LC_MUST_CHECK enum lc_status lc_files_add(struct lc_dataset *dataset, const char *path,
                                          const char *sampling,
                                          struct lc_samples *samples,
                                          struct lc_error *err);

/** Add every file of a folder that holds rows; when there is none, those one level down.
 */
LC_MUST_CHECK enum lc_status lc_files_add_folder(struct lc_dataset *dataset,
                                                 const char *folder,
                                                 struct lc_samples *samples,
                                                 struct lc_error *err);

/** Where the brace of such a pattern is; NULL when a path is none. */
const char *lc_files_brace(const char *path);

/** Whether a path is LLaVA-NeXT's pattern for several files: base{a,b}.json. */
bool lc_files_is_pattern(const char *path);
LC_MUST_CHECK enum lc_status lc_files_add_pattern(struct lc_dataset *dataset,
                                                  const char *path,
                                                  struct lc_samples *samples,
                                                  struct lc_error *err);

/** Add the files of a mixture: a .yaml of datasets, each a json_path and perhaps a
 * sampling_strategy. A relative json_path starts at the mixture's folder, or where there
 * is no such file, at the working folder, as with the trainer. */
LC_MUST_CHECK enum lc_status lc_files_add_mixture(struct lc_dataset *dataset,
                                                  const char *path,
                                                  struct lc_samples *samples,
                                                  struct lc_error *err);

/** The order in which folders are gone through, for scandir: of bytes, in any locale. */
int lc_files_by_name(const struct dirent **a, const struct dirent **b);

/** Add a notice: a line ended by NUL. */
__attribute__((format(printf, 3, 4))) LC_MUST_CHECK enum lc_status
lc_files_notice(struct lc_dataset *dataset, struct lc_error *err, const char *format,
                ...);

#endif

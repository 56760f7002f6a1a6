/* files.h - the rows files that a user's paths mean; private to src/dataset */
#ifndef LC_DATASET_FILES_H
#define LC_DATASET_FILES_H

#include "dataset/dataset.h"
#include "dataset/peek.h"

/* Each adds to a data set whose folder is set. Errors: LC_ERR_USAGE (what is named is
 * missing or invalid), LC_ERR_IO, LC_ERR_MEMORY. */

/**
 * Add a rows file.
 *
 * @param path      to open it
 * @param sampling  its sampling_strategy, or NULL
 * @param samples   the first rows' image and video paths are appended
 */
LC_MUST_CHECK enum lc_status lc_files_add(struct lc_dataset *dataset, const char *path,
                                          const char *sampling,
                                          struct lc_samples *samples,
                                          struct lc_error *err);

/**
 * Add every file of a folder that has rows. If there is none, add the one data set that
 * is below it at any depth (discover.h).
 *
 * Errors: LC_ERR_USAGE also if there are several: dataset->sets has them.
 */
LC_MUST_CHECK enum lc_status lc_files_add_folder(struct lc_dataset *dataset,
                                                 const char *folder,
                                                 struct lc_samples *samples,
                                                 struct lc_error *err);

/** The opening brace of LLaVA-NeXT's pattern for several files, base{a,b}.json; NULL if a
 * path has no such form. Source: its regular expression ^(.*)\{(.*)\}\.json$. */
const char *lc_files_brace(const char *path);

/** Whether a path is such a pattern: it has the form, and no file has that name. */
bool lc_files_is_pattern(const char *path);
LC_MUST_CHECK enum lc_status lc_files_add_pattern(struct lc_dataset *dataset,
                                                  const char *path,
                                                  struct lc_samples *samples,
                                                  struct lc_error *err);

/** Add the files of a mixture: a .yaml of datasets, each with a json_path and an
 * optional sampling_strategy. A relative json_path is resolved in the mixture's folder,
 * or if it is missing there, in the working folder as the trainer does. */
LC_MUST_CHECK enum lc_status lc_files_add_mixture(struct lc_dataset *dataset,
                                                  const char *path,
                                                  struct lc_samples *samples,
                                                  struct lc_error *err);

/** Add a notice: a line ended by NUL. */
__attribute__((format(printf, 3, 4))) LC_MUST_CHECK enum lc_status
lc_files_notice(struct lc_dataset *dataset, struct lc_error *err, const char *format,
                ...);

#endif

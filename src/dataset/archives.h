/* archives.h - finds the archives beside the rows, in which images may still be packed;
 * private to src/dataset */
#ifndef LC_DATASET_ARCHIVES_H
#define LC_DATASET_ARCHIVES_H

#include "dataset/dataset.h"

/**
 * Add the archives of a folder and its subfolders to a data set: files with the suffix of
 * an archive (.tar, .tar.gz, .zip …). They are not opened.
 *
 * @param dataset  its folder must be set; its archives get sorted by name
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_archives_find(struct lc_dataset *dataset,
                                              const char *folder, struct lc_error *err);

#endif

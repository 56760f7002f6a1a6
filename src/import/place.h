/* place.h - puts image files into a folder, each once; private to src/import */
#ifndef LC_IMPORT_PLACE_H
#define LC_IMPORT_PLACE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * Write a file, unless its name is taken.
 *
 * A file with the same bytes is kept, and a file that contains a beginning of them is
 * completed: a killed run, or another thread, has begun it. Links are not followed.
 *
 * @param folder  an open folder
 * @param name    name of the file in the folder
 * @param placed  set to whether the file now contains exactly these bytes
 *
 * Errors:  LC_ERR_IO.
 * Threads: any; several threads may write the same bytes to one name at once.
 */
LC_MUST_CHECK enum lc_status lc_import_place(int folder, const char *name,
                                             const char *data, size_t size, bool *placed,
                                             struct lc_error *err);

#endif

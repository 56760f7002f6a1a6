/* sample.h - copies the first rows of a rows file, to measure them */
#ifndef LC_SCAN_ROWS_SAMPLE_H
#define LC_SCAN_ROWS_SAMPLE_H

#include "base/error.h"
#include "base/map.h"

#include <stdbool.h>
#include <stdio.h>

/**
 * Write rows as an array, up to a number of rows or bytes. Broken rows are left out.
 *
 * @param map    the file
 * @param lines  its name says JSONL
 * @param bytes  the rows' bytes are added to it
 *
 * Errors: LC_ERR_MEMORY; write errors stay in the stream.
 */
LC_MUST_CHECK enum lc_status lc_rows_sample(const struct lc_map *map, bool lines,
                                            size_t max_rows, size_t max_bytes, FILE *to,
                                            uint64_t *bytes, struct lc_error *err);

#endif

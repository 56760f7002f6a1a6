/* source.h - the text of rows, from their files; private to src/query */
#ifndef LC_QUERY_SOURCE_H
#define LC_QUERY_SOURCE_H

#include "base/map.h"
#include "llava_check/rows.h"
#include "query/question.h"

/** The rows file that was read last. All zero: none yet. */
struct lc_row_source {
    bool is_open;
    uint32_t number;
    struct lc_map map;
};

void lc_row_source_close(struct lc_row_source *source);

/**
 * Write a row as it is in its file, on one line. In a row of valid JSON, line ends are
 * omitted, and characters that a terminal would interpret become JSON escapes. A row that
 * is not valid JSON becomes a JSON string of its bytes.
 *
 * @param file  the record of its file, which must not have changed since it was checked
 *
 * Errors: LC_ERR_USAGE (the query names no data folder, or the file is outside it),
 *         LC_ERR_IO, LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_row_put_source(struct lc_query_run *run,
                                               struct lc_row_source *source,
                                               const struct lc_row_entry *row,
                                               const struct lc_file_record *file,
                                               struct lc_error *err);

#endif

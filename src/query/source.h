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
 * Write a row as its file has it, on one line: of a row that is JSON, line ends are left
 * out and what a terminal would obey is a JSON escape; another one is a JSON string of
 * its bytes.
 *
 * @param file  the record of its file, which must be as it was when it was checked
 *
 * Errors: LC_ERR_USAGE (the query names no data folder, or the file is outside of it),
 *         LC_ERR_IO, LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_row_put_source(struct lc_query_run *run,
                                               struct lc_row_source *source,
                                               const struct lc_row_entry *row,
                                               const struct lc_file_record *file,
                                               struct lc_error *err);

#endif

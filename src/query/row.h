/* row.h - a row in the form that programs get; private to src/query */
#ifndef LC_QUERY_ROW_H
#define LC_QUERY_ROW_H

#include "llava_check/rows.h"
#include "query/question.h"

/** A row with the names of its fields' values; its texts point into the index. */
struct lc_row_line {
    struct lc_row_entry entry;
    struct lc_span id;     /* of the entry; NULL if it is empty, like source */
    struct lc_span source; /* data_source */
    const char *script;    /* NULL if unknown */
    bool faulty;           /* the row or one of its images has an error */
    struct lc_texts images;
    uint32_t rounds;        /* pairs of turns */
    struct lc_span dialect; /* dialect of its file */
    uint8_t effect;         /* enum lc_effect of the trainer that the query is about */
};

/** The fields of a row, in this order: those that are written, those for conditions only,
 * and those of its findings (struct lc_finding_record), also for conditions. */
extern const struct lc_field lc_row_fields[];
extern const size_t lc_row_field_count;     /* fields that are written */
extern const size_t lc_row_own_count;       /* fields of the row */
extern const size_t lc_row_condition_count; /* all fields */

/** "latin", "han", "other" or "none"; NULL past the end. */
const char *lc_row_script_name(size_t script);

/** Set the names of a line whose entry is set; dialect and effect are left unchanged. */
void lc_row_line(struct lc_row_line *line);

/** Whether a format lists only where rows are: "ids", "lines" or "offsets". */
bool lc_row_is_place(const char *format);

/** Write where a row is: "raw/rows.json:12". */
void lc_row_put_line(struct lc_query_run *run, const struct lc_row_entry *row);

/** Write a row as a line in such a format. Errors: LC_ERR_IO, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_row_put_place(struct lc_query_run *run,
                                              const struct lc_row_entry *row,
                                              struct lc_error *err);

#endif

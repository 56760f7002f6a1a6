/* row.h - a row as it is written for programs; private to src/query */
#ifndef LC_QUERY_ROW_H
#define LC_QUERY_ROW_H

#include "llava_check/rows.h"
#include "query/question.h"

/** A row with the names that the answer has for it; its texts are of the index. */
struct lc_row_line {
    struct lc_row_entry entry;
    struct lc_span id;     /* of the entry; NULL when it is empty, like the next one */
    struct lc_span source; /* data_source */
    const char *script;    /* NULL: not known */
    bool faulty;           /* the row or one of its images has an error */
    struct lc_texts images;
    uint32_t rounds;        /* pairs of turns */
    struct lc_span dialect; /* of its file */
    uint8_t effect;         /* enum lc_effect of the trainer in question */
};

/** The fields of a row: those that are written, those that only conditions have, and
 * those of its findings (struct lc_finding_record), which conditions may have too. */
extern const struct lc_field lc_row_fields[];
extern const size_t lc_row_field_count;     /* that are written */
extern const size_t lc_row_own_count;       /* of the row */
extern const size_t lc_row_condition_count; /* all */

/** "latin", "han", "other" or "none"; NULL past the end. */
const char *lc_row_script_name(size_t script);

/** Set the names of a line whose entry is set; the dialect and the effect are left. */
void lc_row_line(struct lc_row_line *line);

/** Whether a format is one of lists of places: "ids", "lines" or "offsets". */
bool lc_row_is_place(const char *format);

/** Write where a row is: "raw/rows.json:12". */
void lc_row_put_line(struct lc_query_run *run, const struct lc_row_entry *row);

/** Write a row as a line of such a list. Errors: LC_ERR_IO, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_row_put_place(struct lc_query_run *run,
                                              const struct lc_row_entry *row,
                                              struct lc_error *err);

#endif

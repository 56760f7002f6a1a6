/* splitter.h - cuts a rows file (a JSON array, or JSONL) into its rows */
#ifndef LC_JSON_SPLITTER_H
#define LC_JSON_SPLITTER_H

#include "json/json.h"

/** What the splitter hands out, in the order of the file. */
enum lc_piece_kind {
    LC_PIECE_ROW,    /* the text of a row: to be parsed, may still be broken */
    LC_PIECE_BROKEN, /* a row whose end could only be guessed: problem says why */
    LC_PIECE_FILE,   /* a problem of the file, between or around its rows */
};

struct lc_piece {
    enum lc_piece_kind kind;
    bool at_end;           /* the piece ends where the file ends */
    bool has_row;          /* FILE: row is the row that the problem stands behind */
    uint32_t size;         /* bytes of the row's text */
    uint64_t row;          /* number of the row in its file, from 0 */
    struct lc_place place; /* where the piece begins; FILE: where the problem is */
    struct lc_json_problem problem; /* BROKEN, FILE; BROKEN: its offset is in the row.
                                       FINE of a blank line: only its space is new */
    struct lc_line_space space;     /* of a JSON line: ROW, BROKEN, and FILE if blank */
};

struct lc_splitter;

/**
 * Begin to cut a rows file.
 *
 * @param text   the whole file, usually mapped; LC_JSON_PADDING more bytes are readable
 * @param size   bytes
 * @param lines  the file's name says JSONL; the content decides in the end
 *
 * Owner:   the caller, until lc_splitter_free; text must outlive the splitter.
 * Errors:  LC_ERR_MEMORY.
 * Threads: one thread at a time.
 */
LC_MUST_CHECK enum lc_status lc_splitter_new(const char *text, size_t size, bool lines,
                                             struct lc_splitter **out,
                                             struct lc_error *err);
void lc_splitter_free(struct lc_splitter *splitter);

/**
 * Cut the next piece.
 *
 * JSON lines are the lines of a Python text file: \n, \r and \r\n end one. A row is what
 * str.strip leaves of a line. In an array, \r is white space and only \n counts as a
 * line.
 *
 * Rows are found by their brackets; where those cannot be trusted the exact parser says
 * where a row ends or breaks, and the scan goes on at the next place that looks like the
 * beginning of a row. A row is never skipped without a piece that says so.
 *
 * @param out  the piece
 * @return false when the file is at its end; out is then as it was
 */
bool lc_splitter_next(struct lc_splitter *splitter, struct lc_piece *out);

/** How many bytes of the file have been cut so far. */
uint64_t lc_splitter_offset(const struct lc_splitter *splitter);

/** Whether the file is read as JSON lines; known after the first lc_splitter_next. */
bool lc_splitter_lines(const struct lc_splitter *splitter);

#endif

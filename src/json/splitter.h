/* splitter.h - splits a rows file (a JSON array, or JSONL) into its rows */
#ifndef LC_JSON_SPLITTER_H
#define LC_JSON_SPLITTER_H

#include "json/json.h"

/** What the splitter emits, in file order. */
enum lc_piece_kind {
    LC_PIECE_ROW,    /* the text of a row; not parsed yet, so it may be broken */
    LC_PIECE_BROKEN, /* a row whose end is a guess; problem says why */
    LC_PIECE_FILE,   /* a problem of the file itself, between or around its rows */
};

struct lc_piece {
    enum lc_piece_kind kind;
    bool at_end;           /* the piece ends where the file ends */
    bool has_row;          /* FILE: `row` is set: the row before the problem */
    uint32_t size;         /* bytes of the row's text */
    uint64_t row;          /* number of the row in its file, from 0 */
    struct lc_place place; /* where the piece begins; for FILE, where the problem is */
    struct lc_json_problem problem; /* for BROKEN, with an offset in the row, and FILE. If
                                       FINE, the piece reports only the space of another
                                       blank line */
    struct lc_line_space space;     /* of a JSON line: for ROW, BROKEN and blank lines
                                       (FILE) */
};

struct lc_splitter;

/**
 * Start splitting a rows file.
 *
 * @param text   the whole file, usually mapped; LC_JSON_PADDING more bytes must be
 *               readable
 * @param size   bytes
 * @param lines  whether the file's name suggests JSONL; the content decides
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
 * Split off the next piece.
 *
 * JSON lines are the lines of a Python text file, ended by \n, \r or \r\n; a row is the
 * part of a line that str.strip leaves. In an array only \n ends a line, as Python's json
 * counts lines.
 *
 * Rows are found by their brackets; if these do not match, the exact parser decides where
 * a row ends or breaks. No row is skipped without a piece that says so.
 *
 * @param out  the piece
 * @return false at the end of the file; out is then unchanged
 */
bool lc_splitter_next(struct lc_splitter *splitter, struct lc_piece *out);

/** Return the number of bytes of the file that have been split off so far. */
uint64_t lc_splitter_offset(const struct lc_splitter *splitter);

/** Whether the file is read as JSON lines; known after the first lc_splitter_next. */
bool lc_splitter_lines(const struct lc_splitter *splitter);

#endif

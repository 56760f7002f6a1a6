/* splitter_internal.h - the splitter's state, shared by its parts; private to src/json */
#ifndef LC_JSON_SPLITTER_INTERNAL_H
#define LC_JSON_SPLITTER_INTERNAL_H

#include "json/parser.h"
#include "json/resync.h"
#include "json/splitter.h"

enum lc_cut_state {
    LC_CUT_START,
    LC_CUT_LINES,
    LC_CUT_FIRST,  /* after the array's [: a row or ] */
    LC_CUT_VALUE,  /* after a comma: a row must follow */
    LC_CUT_AFTER,  /* after a row: a comma or ] */
    LC_CUT_CLOSED, /* after the array's ]: nothing but white space */
    LC_CUT_DONE,
};

struct lc_splitter {
    const char *text;
    size_t size;
    bool lines;
    bool named_lines;          /* the file's name suggests JSONL */
    bool reported_problem;     /* a problem of the file has been emitted */
    bool reported_blank;       /* LC_JSON_BLANK_LINE has been emitted */
    bool reported_blank_space; /* a blank line with white space that json.loads refuses
                                  has been emitted */
    bool reported_return;      /* LC_JSON_RETURN has been emitted */
    bool has_row;              /* the current line, if only \n ended lines, already has a
                                  row */
    bool in_line;              /* JSON lines: the place is after a row, within a line */
    uint64_t wasted;           /* bytes of broken rows that the exact parser has read */
    enum lc_cut_state state;
    uint64_t row;          /* number of the next row */
    struct lc_place place; /* next byte to split off */
    struct lc_place comma; /* last comma between rows */
    struct lc_place begin; /* start of the file, after a byte order mark */
    struct lc_row_start start;
    struct lc_json_parser *parser;
};

static inline size_t lc_cut_remaining(const struct lc_splitter *s)
{
    return s->size - s->place.offset;
}

static inline const char *lc_cut_here(const struct lc_splitter *s)
{
    return s->text + s->place.offset;
}

static inline void lc_cut_skip(struct lc_splitter *s, size_t bytes)
{
    lc_place_advance(&s->place, lc_cut_here(s), bytes);
}

static inline void lc_cut_skip_space(struct lc_splitter *s)
{
    lc_cut_skip(s, lc_json_space(lc_cut_here(s), lc_cut_remaining(s)));
}

/** Count the bytes before a text's first line end, \n or \r; size if there is none. */
size_t lc_cut_line_size(const char *text, size_t size);

/** Skip bytes of JSON lines, where \r also ends a line. */
void lc_cut_skip_lines(struct lc_splitter *s, size_t bytes);

/** Emit a problem of the file at the current place. */
void lc_cut_emit_file_problem(struct lc_splitter *s, enum lc_json_fault fault,
                              const char *message, struct lc_piece *out);

/** Emit the row that begins at the current place, which does not move. */
void lc_cut_emit_row(struct lc_splitter *s, size_t size, struct lc_piece *out);

/** Split off the next line that is not blank. Returns whether *out was filled. */
bool lc_cut_line(struct lc_splitter *s, struct lc_piece *out);

#endif

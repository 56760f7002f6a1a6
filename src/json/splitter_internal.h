/* splitter_internal.h - the splitter's state, and what its parts share; private to
 * src/json */
#ifndef LC_JSON_SPLITTER_INTERNAL_H
#define LC_JSON_SPLITTER_INTERNAL_H

#include "json/parser.h"
#include "json/resync.h"
#include "json/splitter.h"

enum lc_cut_state {
    LC_CUT_START,
    LC_CUT_LINES,
    LC_CUT_FIRST,  /* behind the array's [ */
    LC_CUT_VALUE,  /* behind a comma: a row must come */
    LC_CUT_AFTER,  /* behind a row: a comma or ] must come */
    LC_CUT_CLOSED, /* behind the array's ] */
    LC_CUT_DONE,
};

struct lc_splitter {
    const char *text;
    size_t size;
    bool lines;
    bool named_lines; /* its name says JSONL */
    bool faulty;      /* a problem of the file was handed out */
    bool blank;       /* that it has blank lines was */
    bool blank_space; /* that one of them has white space that json.loads refuses was */
    bool in_line;     /* JSON lines: the place is behind a row, within a line */
    uint64_t wasted;  /* bytes that the exact parser read of broken rows */
    enum lc_cut_state state;
    uint64_t row;          /* number of the next row */
    struct lc_place place; /* of the next byte to cut */
    struct lc_place comma; /* of the last comma between rows */
    struct lc_place begin; /* of the file, behind a byte order mark */
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

/** How many bytes a text has up to its first line end, \n or \r; size without one. */
size_t lc_cut_line_size(const char *text, size_t size);

/** Go forward over JSON lines, where \r ends a line as well. */
void lc_cut_skip_lines(struct lc_splitter *s, size_t bytes);

/** Hand out a problem of the file, at the present place. */
void lc_cut_emit_file_problem(struct lc_splitter *s, enum lc_json_fault fault,
                              const char *message, struct lc_piece *out);

/** Hand out the row that begins at the present place; the place stays there. */
void lc_cut_emit_row(struct lc_splitter *s, size_t size, struct lc_piece *out);

/** Cut the next line that is not blank. Returns whether *out was filled. */
bool lc_cut_line(struct lc_splitter *s, struct lc_piece *out);

#endif

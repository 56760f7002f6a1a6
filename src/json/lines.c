/* Cutting JSON lines. */
#include "json/cutting.h"

#include <string.h>

/* Hand out a row of which nothing more is said than its problem. */
static void unread_piece(struct lc_splitter *s, size_t size, enum lc_json_fault fault,
                         const char *message, struct lc_piece *out)
{
    lc_cut_row_piece(s, size, out);
    out->kind = LC_PIECE_BROKEN;
    out->size = (uint32_t)(size < LC_JSON_MAX_SIZE ? size : LC_JSON_MAX_SIZE);
    out->problem = (struct lc_json_problem){.fault = fault, .message = message};
}

/* A line that begins a row and does not end it: is the row pretty-printed? It may only be
 * broken. *size is then what it takes over several lines. */
static bool is_split(struct lc_splitter *s, size_t *size)
{
    struct lc_json_problem problem;
    size_t used;

    if (*lc_cut_here(s) != '{' || lc_cut_here(s)[*size - 1] == '}')
        return false;
    lc_json_skip_exact(s->parser, lc_cut_here(s), lc_cut_left(s), false, &used, &problem);
    if (problem.fault != LC_JSON_FINE || used <= *size)
        return false;
    *size = used;
    return true;
}

/* Of the white space at the present place, what ends the line of the row before. */
static size_t line_end(const struct lc_splitter *s)
{
    size_t space = lc_json_space(lc_cut_here(s), lc_cut_left(s));
    const char *newline = s->row ? memchr(lc_cut_here(s), '\n', space) : NULL;

    if (!s->row)
        return 0;
    return newline ? (size_t)(newline + 1 - lc_cut_here(s)) : space;
}

/* Whether white space at the present place, where a line begins, is a line by itself. */
static bool is_blank_line(const struct lc_splitter *s)
{
    size_t space = lc_json_space(lc_cut_here(s), lc_cut_left(s));

    return space && (space == lc_cut_left(s) || memchr(lc_cut_here(s), '\n', space));
}

bool lc_cut_line(struct lc_splitter *s, struct lc_piece *out)
{
    const char *newline;
    size_t size;

    lc_cut_skip(s, line_end(s));
    if (!s->blank && is_blank_line(s)) {
        s->blank = true;
        lc_cut_file_piece(s, LC_JSON_BLANK_LINE, "a blank line, which json.loads refuses",
                          out);
        lc_cut_skip_space(s);
        return true;
    }
    lc_cut_skip_space(s);
    if (!lc_cut_left(s)) {
        s->state = LC_CUT_DONE;
        return false;
    }
    newline = memchr(lc_cut_here(s), '\n', lc_cut_left(s));
    size = newline ? (size_t)(newline - lc_cut_here(s)) : lc_cut_left(s);
    while (size && lc_json_space(lc_cut_here(s) + size - 1, 1))
        size--;
    if (is_split(s, &size)) {
        unread_piece(s, size, LC_JSON_SPLIT_ROW,
                     "the row stands over several lines and is not checked further", out);
    } else if (size > LC_JSON_MAX_SIZE) {
        unread_piece(s, size, LC_JSON_TOO_LONG, "a row of over 4 GiB", out);
    } else {
        lc_cut_hand_out_row(s, size, out);
        out->at_end = !newline;  /* white space may follow: part of what was cut */
        s->place.offset += size; /* the column matters no more on this line */
    }
    return true;
}

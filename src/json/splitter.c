#include "json/splitter.h"

#include "json/brackets.h"
#include "json/parser.h"
#include "json/resync.h"

#include <stdlib.h>
#include <string.h>

/* Rows longer than this are cut by the exact parser: where brackets have gone wrong the
 * search for them must not run through the whole file, once for every broken row. */
#define LOOK_AHEAD (256 << 10)

enum state {
    STATE_START,
    STATE_LINES,
    STATE_FIRST,  /* behind the array's [ */
    STATE_VALUE,  /* behind a comma: a row must come */
    STATE_AFTER,  /* behind a row: a comma or ] must come */
    STATE_CLOSED, /* behind the array's ] */
    STATE_DONE,
};

struct lc_splitter {
    const char *text;
    size_t size;
    bool lines;
    bool named_lines; /* its name says JSONL */
    bool faulty;      /* a problem of the file was handed out */
    uint64_t wasted;  /* bytes that the exact parser read of broken rows */
    enum state state;
    uint64_t row;          /* number of the next row */
    struct lc_place place; /* of the next byte to cut */
    struct lc_place comma; /* of the last comma between rows */
    struct lc_row_start start;
    struct lc_json_parser *parser;
};

enum lc_status lc_splitter_new(const char *text, size_t size, bool lines,
                               struct lc_splitter **out, struct lc_error *err)
{
    struct lc_splitter *s = calloc(1, sizeof(*s));
    enum lc_status status;

    if (!s)
        return lc_fail_memory(err);
    status = lc_json_parser_new(&s->parser, err);
    if (status != LC_OK) {
        free(s);
        return status;
    }
    s->text = text;
    s->size = size;
    s->lines = s->named_lines = lines;
    s->place = (struct lc_place){.line = 1, .column = 1};
    *out = s;
    return LC_OK;
}

void lc_splitter_free(struct lc_splitter *splitter)
{
    if (!splitter)
        return;
    lc_json_parser_free(splitter->parser);
    free(splitter);
}

uint64_t lc_splitter_offset(const struct lc_splitter *splitter)
{
    return splitter->place.offset;
}

bool lc_splitter_lines(const struct lc_splitter *splitter)
{
    return splitter->lines;
}

static size_t left(const struct lc_splitter *s)
{
    return s->size - s->place.offset;
}

static const char *here(const struct lc_splitter *s)
{
    return s->text + s->place.offset;
}

static void skip(struct lc_splitter *s, size_t bytes)
{
    lc_place_advance(&s->place, here(s), bytes);
}

static void skip_space(struct lc_splitter *s)
{
    skip(s, lc_json_space(here(s), left(s)));
}

/* Hand out a problem of the file, at the present place. */
static void file_piece(struct lc_splitter *s, enum lc_json_fault fault,
                       const char *message, struct lc_piece *out)
{
    /* a fault of syntax between rows belongs to the row before it */
    bool syntax = fault == LC_JSON_SYNTAX && s->row > 0;

    s->faulty = true;
    *out = (struct lc_piece){
        .kind = LC_PIECE_FILE,
        .has_row = syntax,
        .row = syntax ? s->row - 1 : 0,
        .place = s->place,
        .problem = {.fault = fault, .message = message},
    };
}

/* Hand out the row that begins at the present place, and go behind it. */
static void row_piece(struct lc_splitter *s, size_t size, struct lc_piece *out)
{
    *out = (struct lc_piece){
        .kind = LC_PIECE_ROW,
        .at_end = s->place.offset + size == s->size,
        .has_row = true,
        .size = (uint32_t)size,
        .row = s->row++,
        .place = s->place,
    };
    skip(s, size);
}

/* Where a broken row ends: where the next one seems to begin, or at the end of the array.
 */
static size_t broken_end(struct lc_splitter *s, enum lc_json_fault fault)
{
    size_t begin = s->place.offset;
    size_t end = lc_row_start_find(&s->start, s->text, s->size, begin + 1);

    s->state = STATE_VALUE;
    if (end < s->size)
        return end;
    s->state = STATE_DONE;
    if (fault == LC_JSON_CUT_OFF)
        return end;
    /* the last row: the array may still be closed behind it */
    while (end > begin + 1 && lc_json_space(s->text + end - 1, 1))
        end--;
    s->state = STATE_AFTER;
    return end - (end > begin + 1 && s->text[end - 1] == ']');
}

/* Why a broken row is broken, now that its end is known: what the parser said may be
 * about the rows behind it, which an open string or bracket had made part of it. */
static void explain_broken(struct lc_splitter *s, struct lc_piece *piece)
{
    const char *text = s->text + piece->place.offset;
    struct lc_json_problem problem;
    size_t used;

    if (piece->at_end)
        return;
    lc_json_skip_exact(s->parser, text, piece->size, true, &used, &problem);
    if (problem.fault != LC_JSON_FINE)
        piece->problem = problem;
    if (piece->problem.fault == LC_JSON_CUT_OFF)
        lc_json_not_cut_off(&piece->problem, text, piece->size);
}

/* Hand out a broken row and go where the next one seems to begin. */
static void broken_piece(struct lc_splitter *s, const struct lc_json_problem *problem,
                         struct lc_piece *out)
{
    size_t begin = s->place.offset, end = broken_end(s, problem->fault);
    size_t size = end - begin;

    *out = (struct lc_piece){
        .kind = LC_PIECE_BROKEN,
        .at_end = s->state == STATE_DONE,
        .has_row = true,
        .size = (uint32_t)(size < LC_JSON_MAX_SIZE ? size : LC_JSON_MAX_SIZE),
        .row = s->row++,
        .place = s->place,
        .problem = *problem,
    };
    skip(s, size);
    explain_broken(s, out);
}

/* Find the end of the value at the present place with the exact parser. An open string or
 * bracket makes it read on through the rows behind; once that has cost as much as the
 * file is long, it may not read beyond where the next row seems to begin. */
static void find_end_exactly(struct lc_splitter *s, size_t *used,
                             struct lc_json_problem *problem)
{
    size_t bound = left(s);

    if (s->wasted > s->size)
        bound = lc_row_start_find(&s->start, s->text, s->size, s->place.offset + 1) -
                s->place.offset;
    lc_json_skip_exact(s->parser, here(s), bound, false, used, problem);
    if (problem->fault != LC_JSON_FINE)
        s->wasted += *used;
}

/* Cut the value at the present place with the exact parser. */
static void cut_exactly(struct lc_splitter *s, struct lc_piece *out)
{
    struct lc_json_problem problem;
    size_t used;

    find_end_exactly(s, &used, &problem);
    if (problem.fault == LC_JSON_FINE) {
        row_piece(s, used, out);
        s->state = STATE_AFTER;
        return;
    }
    if (problem.fault == LC_JSON_CUT_OFF && left(s) > LC_JSON_MAX_SIZE)
        problem = (struct lc_json_problem){LC_JSON_SYNTAX, 0, "a row of over 4 GiB"};
    broken_piece(s, &problem, out);
}

/* Cut the array's element that begins at the present place. */
static void cut_element(struct lc_splitter *s, struct lc_piece *out)
{
    size_t window = left(s) < LOOK_AHEAD ? left(s) : LOOK_AHEAD, end;
    char c = *here(s);

    if ((c == '{' || c == '[') &&
        lc_brackets_find(here(s), window, &end) == LC_BRACKETS_CLOSED &&
        lc_row_end_fits(&s->start, s->text, s->size, s->place.offset + end)) {
        if (s->row < 2) /* the first may stand on the line of the bracket */
            lc_row_start_learn(&s->start, s->text, s->size, s->place.offset);
        row_piece(s, end, out);
        s->state = STATE_AFTER;
        return;
    }
    cut_exactly(s, out);
}

/* Where a value must come. Returns whether *out was filled. */
static bool step_value(struct lc_splitter *s, struct lc_piece *out)
{
    bool first = s->state == STATE_FIRST;

    skip_space(s);
    if (!left(s)) {
        file_piece(s, LC_JSON_CUT_OFF, "the file ends inside the array", out);
        s->state = STATE_DONE;
        return true;
    }
    if (*here(s) == ']' && first) {
        skip(s, 1);
        s->state = STATE_CLOSED;
        return false;
    }
    if (*here(s) == ']' || *here(s) == ',') {
        file_piece(s, LC_JSON_SYNTAX,
                   *here(s) == ',' ? "a comma without a row before it"
                                   : "trailing comma before ]",
                   out);
        if (*here(s) == ']') {
            out->place = s->comma; /* what must go */
            s->state = STATE_AFTER;
        } else {
            skip(s, 1);
            s->state = STATE_VALUE;
        }
        return true;
    }
    cut_element(s, out);
    return true;
}

/* Where a comma or the closing bracket must come. Returns whether *out was filled. */
static bool step_after(struct lc_splitter *s, struct lc_piece *out)
{
    size_t next;

    skip_space(s);
    if (!left(s)) {
        file_piece(s, LC_JSON_CUT_OFF, "the file ends inside the array", out);
        s->state = STATE_DONE;
        return true;
    }
    if (*here(s) == ',' || *here(s) == ']') {
        s->state = *here(s) == ',' ? STATE_VALUE : STATE_CLOSED;
        s->comma = s->place;
        skip(s, 1);
        return false;
    }
    file_piece(s, LC_JSON_SYNTAX, "expecting ',' delimiter between rows", out);
    next = lc_row_start_find(&s->start, s->text, s->size, s->place.offset);
    s->state = next == s->size ? STATE_DONE : STATE_VALUE;
    skip(s, next - s->place.offset);
    return true;
}

/* Behind the array. Returns whether *out was filled. */
static bool step_closed(struct lc_splitter *s, struct lc_piece *out)
{
    size_t next;

    skip_space(s);
    s->state = STATE_DONE;
    if (!left(s))
        return false;
    file_piece(s, LC_JSON_NOT_ROWS, "text follows the closing ] of the array", out);
    next = lc_row_start_find(&s->start, s->text, s->size, s->place.offset);
    if (next < s->size) {
        skip(s, next - s->place.offset);
        s->state = STATE_VALUE;
    }
    return true;
}

/* Hand out a row of which nothing more is said than its problem. */
static void unread_piece(struct lc_splitter *s, size_t size, enum lc_json_fault fault,
                         const char *message, struct lc_piece *out)
{
    row_piece(s, size, out);
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

    if (*here(s) != '{' || here(s)[*size - 1] == '}')
        return false;
    lc_json_skip_exact(s->parser, here(s), left(s), false, &used, &problem);
    if (problem.fault != LC_JSON_FINE || used <= *size)
        return false;
    *size = used;
    return true;
}

/* Cut the next line that is not blank. Returns whether *out was filled. */
static bool step_lines(struct lc_splitter *s, struct lc_piece *out)
{
    const char *newline;
    size_t size;

    skip_space(s);
    if (!left(s)) {
        s->state = STATE_DONE;
        return false;
    }
    newline = memchr(here(s), '\n', left(s));
    size = newline ? (size_t)(newline - here(s)) : left(s);
    while (size && lc_json_space(here(s) + size - 1, 1))
        size--;
    if (is_split(s, &size)) {
        unread_piece(s, size, LC_JSON_SPLIT_ROW,
                     "the row stands over several lines and is not checked further", out);
    } else if (size > LC_JSON_MAX_SIZE) {
        unread_piece(s, size, LC_JSON_SYNTAX, "a row of over 4 GiB", out);
    } else {
        row_piece(s, size, out);
        out->at_end = !newline; /* white space may follow: part of what was cut */
    }
    return true;
}

/* The file begins with a bracket: does what it opens stand on one line, and more lines
 * follow? Then it is one row a line, and not one value. */
static bool value_is_line(const struct lc_splitter *s)
{
    const char *text = here(s), *newline = memchr(text, '\n', left(s));
    size_t line = newline ? (size_t)(newline - text) : left(s), end, next;

    if (lc_brackets_find(text, left(s), &end) == LC_BRACKETS_CLOSED) {
        next = end + lc_json_space(text + end, left(s) - end);
        return end <= line && next < left(s) && next > line;
    }
    /* broken: are there more lines that begin like the first? */
    next = line + lc_json_space(text + line, left(s) - line);
    return next < left(s) && text[next] == *text;
}

/* A JSONL begins with a list: is that a row, if a bad one, or an array of rows? */
static bool list_is_row(const struct lc_splitter *s)
{
    size_t first = 1 + lc_json_space(here(s) + 1, left(s) - 1);

    return value_is_line(s) || (first < left(s) && here(s)[first] != '{');
}

/* Begin to read rows of a form. Loaders go by the name: what they do not load is said,
 * and the rows are checked all the same. Returns whether *out was filled. */
static bool begin_form(struct lc_splitter *s, bool lines, struct lc_piece *out)
{
    bool misnamed = lines != s->named_lines;

    if (misnamed)
        file_piece(s, LC_JSON_NOT_ROWS,
                   lines ? "JSON lines in a file that is not named .jsonl"
                         : "an array in a file named .jsonl",
                   out);
    s->lines = lines;
    s->state = lines ? STATE_LINES : STATE_FIRST;
    skip(s, lines ? 0 : 1);
    return misnamed;
}

/* Tell the file's form. Returns whether *out was filled with why it has none. */
static bool step_start(struct lc_splitter *s, struct lc_piece *out)
{
    static const char lfs[] = "version https://git-lfs.github.com/spec/";
    static const char bom[] = "\xEF\xBB\xBF";
    size_t window;

    if (!s->place.offset && s->size >= 3 && memcmp(s->text, bom, 3) == 0) {
        file_piece(s, LC_JSON_BOM, "the file begins with a byte order mark", out);
        s->place.offset = 3; /* the mark takes no column */
        return true;
    }
    skip_space(s);
    s->state = STATE_DONE;
    if (!left(s))
        return false;
    window = left(s) < LOOK_AHEAD ? left(s) : LOOK_AHEAD;
    if (*here(s) == '[')
        return begin_form(s, s->named_lines && list_is_row(s), out);
    if ((s->lines && (*here(s) == '{' || memmem(here(s), window, "\n{", 2))) ||
        (!s->lines && *here(s) == '{' && value_is_line(s))) {
        return begin_form(s, true, out);
    }
    if (left(s) >= sizeof(lfs) - 1 && memcmp(here(s), lfs, sizeof(lfs) - 1) == 0)
        file_piece(s, LC_JSON_LFS_POINTER, "a git-LFS pointer, not the data", out);
    else if (!lc_text_utf8_length(here(s), left(s)))
        file_piece(s, LC_JSON_NOT_UTF8, "not UTF-8", out);
    else if (*here(s) == '{')
        file_piece(s, LC_JSON_NOT_ROWS, "the top level is one object, not rows", out);
    else
        file_piece(s, LC_JSON_NOT_ROWS, "the top level is no array of rows", out);
    return true;
}

bool lc_splitter_next(struct lc_splitter *s, struct lc_piece *out)
{
    bool filled = false;

    while (!filled && s->state != STATE_DONE) {
        switch (s->state) {
        case STATE_START:
            filled = step_start(s, out);
            break;
        case STATE_LINES:
            filled = step_lines(s, out);
            break;
        case STATE_FIRST:
        case STATE_VALUE:
            filled = step_value(s, out);
            break;
        case STATE_AFTER:
            filled = step_after(s, out);
            break;
        case STATE_CLOSED:
            filled = step_closed(s, out);
            break;
        case STATE_DONE:
            break;
        }
    }
    if (!filled && !s->row && !s->faulty) {
        file_piece(s, LC_JSON_NO_ROWS, "no row in the file", out);
        filled = true;
    }
    return filled;
}

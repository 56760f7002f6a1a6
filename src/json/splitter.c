#include "json/splitter.h"

#include "json/brackets.h"
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
    bool faulty; /* a problem of the file was handed out */
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
    s->lines = lines;
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

static size_t space_ahead(const char *text, size_t size)
{
    size_t at = 0;

    while (at < size &&
           (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
        at++;
    return at;
}

static void skip_space(struct lc_splitter *s)
{
    skip(s, space_ahead(here(s), left(s)));
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
    while (end > begin + 1 && space_ahead(s->text + end - 1, 1))
        end--;
    s->state = STATE_AFTER;
    return end - (end > begin + 1 && s->text[end - 1] == ']');
}

/* Why a broken row is broken, now that its end is known: what the parser said may be
 * about the rows behind it, which an open string or bracket had made part of it. */
static enum lc_status explain_broken(struct lc_splitter *s, struct lc_piece *piece,
                                     struct lc_error *err)
{
    const char *text = s->text + piece->place.offset;
    struct lc_json_problem problem;
    struct lc_json_doc doc;
    enum lc_status status;

    if (piece->at_end)
        return LC_OK;
    status = lc_json_parse_exact(s->parser, text, piece->size, true, &doc, &problem, err);
    if (status == LC_OK && problem.fault != LC_JSON_FINE)
        piece->problem = problem;
    if (piece->problem.fault == LC_JSON_CUT_OFF)
        lc_json_not_cut_off(&piece->problem, text, piece->size);
    return status;
}

/* Hand out a broken row and go where the next one seems to begin. */
static enum lc_status broken_piece(struct lc_splitter *s,
                                   const struct lc_json_problem *problem,
                                   struct lc_piece *out, struct lc_error *err)
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
    return explain_broken(s, out, err);
}

/* Cut the value at the present place with the exact parser. */
static enum lc_status cut_exactly(struct lc_splitter *s, struct lc_piece *out,
                                  struct lc_error *err)
{
    struct lc_json_problem problem;
    struct lc_json_doc doc;
    enum lc_status status;

    status = lc_json_parse_exact(s->parser, here(s), left(s), false, &doc, &problem, err);
    if (status != LC_OK)
        return status;
    if (problem.fault == LC_JSON_FINE) {
        row_piece(s, doc.used, out);
        s->state = STATE_AFTER;
        return LC_OK;
    }
    if (problem.fault == LC_JSON_CUT_OFF && left(s) > LC_JSON_MAX_SIZE)
        problem = (struct lc_json_problem){LC_JSON_SYNTAX, 0, "a row of over 4 GiB"};
    return broken_piece(s, &problem, out, err);
}

/* Cut the array's element that begins at the present place. */
static enum lc_status cut_element(struct lc_splitter *s, struct lc_piece *out,
                                  struct lc_error *err)
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
        return LC_OK;
    }
    return cut_exactly(s, out, err);
}

/* Where a value must come. Returns whether *out was filled. */
static enum lc_status step_value(struct lc_splitter *s, struct lc_piece *out,
                                 bool *filled, struct lc_error *err)
{
    bool first = s->state == STATE_FIRST;

    skip_space(s);
    *filled = true;
    if (!left(s)) {
        file_piece(s, LC_JSON_CUT_OFF, "the file ends inside the array", out);
        s->state = STATE_DONE;
        return LC_OK;
    }
    if (*here(s) == ']' && first) {
        skip(s, 1);
        s->state = STATE_CLOSED;
        *filled = false;
        return LC_OK;
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
        return LC_OK;
    }
    return cut_element(s, out, err);
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
static enum lc_status is_split(struct lc_splitter *s, size_t *size, bool *split,
                               struct lc_error *err)
{
    struct lc_json_problem problem;
    struct lc_json_doc doc;
    enum lc_status status;

    *split = false;
    if (*here(s) != '{' || here(s)[*size - 1] == '}')
        return LC_OK;
    status = lc_json_parse_exact(s->parser, here(s), left(s), false, &doc, &problem, err);
    *split = status == LC_OK && problem.fault == LC_JSON_FINE && doc.used > *size;
    if (*split)
        *size = doc.used;
    return status;
}

/* Cut the next line that is not blank. *filled says whether *out was. */
static enum lc_status step_lines(struct lc_splitter *s, struct lc_piece *out,
                                 bool *filled, struct lc_error *err)
{
    const char *newline;
    enum lc_status status;
    size_t size;
    bool split;

    skip_space(s);
    *filled = left(s) > 0;
    if (!left(s)) {
        s->state = STATE_DONE;
        return LC_OK;
    }
    newline = memchr(here(s), '\n', left(s));
    size = newline ? (size_t)(newline - here(s)) : left(s);
    while (size && space_ahead(here(s) + size - 1, 1))
        size--;
    status = is_split(s, &size, &split, err);
    if (status != LC_OK)
        return status;
    if (split) {
        unread_piece(s, size, LC_JSON_SPLIT_ROW, "the row stands over several lines",
                     out);
    } else if (size > LC_JSON_MAX_SIZE) {
        unread_piece(s, size, LC_JSON_SYNTAX, "a row of over 4 GiB", out);
    } else {
        row_piece(s, size, out);
        out->at_end = !newline; /* white space may follow: part of what was cut */
    }
    return LC_OK;
}

/* The file begins with {: one row a line, or an object around something? */
static bool object_is_lines(const struct lc_splitter *s)
{
    const char *text = here(s), *newline = memchr(text, '\n', left(s));
    size_t line = newline ? (size_t)(newline - text) : left(s), end, next;

    if (lc_brackets_find(text, left(s), &end) == LC_BRACKETS_CLOSED) {
        if (end > line)
            return false; /* it stands over several lines */
        next = end + space_ahead(text + end, left(s) - end);
        if (next < left(s))
            return next > line; /* something follows on another line */
    } else {
        /* broken: are there more lines that begin like the first? */
        next = line + space_ahead(text + line, left(s) - line);
        if (next < left(s) && text[next] == '{')
            return true;
    }
    return lc_row_start_looks(&s->start, s->text, s->size, s->place.offset);
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
    if (*here(s) == '[') {
        skip(s, 1);
        s->lines = false;
        s->state = STATE_FIRST;
        return false;
    }
    if ((s->lines && (*here(s) == '{' || memmem(here(s), window, "\n{", 2))) ||
        (!s->lines && *here(s) == '{' && object_is_lines(s))) {
        s->lines = true;
        s->state = STATE_LINES;
        return false;
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

enum lc_status lc_splitter_next(struct lc_splitter *s, struct lc_piece *out, bool *more,
                                struct lc_error *err)
{
    enum lc_status status = LC_OK;
    bool filled = false;

    while (!filled && status == LC_OK && s->state != STATE_DONE) {
        switch (s->state) {
        case STATE_START:
            filled = step_start(s, out);
            break;
        case STATE_LINES:
            status = step_lines(s, out, &filled, err);
            break;
        case STATE_FIRST:
        case STATE_VALUE:
            status = step_value(s, out, &filled, err);
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
    if (status == LC_OK && !filled && !s->row && !s->faulty) {
        file_piece(s, LC_JSON_NO_ROWS, "no row in the file", out);
        filled = true;
    }
    *more = filled;
    return status;
}

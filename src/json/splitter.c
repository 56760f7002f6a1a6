#include "json/brackets.h"
#include "json/splitter_internal.h"

#include <stdlib.h>
#include <string.h>

/* Rows longer than this are cut by the exact parser: where brackets have gone wrong the
 * search for them must not run through the whole file, once for every broken row. */
#define LOOK_AHEAD (256 << 10)

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

/* Hand out a problem of the file, at the present place. */
void lc_cut_emit_file_problem(struct lc_splitter *s, enum lc_json_fault fault,
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

/* Hand out the row that begins at the present place; the place stays there. */
void lc_cut_emit_row(struct lc_splitter *s, size_t size, struct lc_piece *out)
{
    *out = (struct lc_piece){
        .kind = LC_PIECE_ROW,
        .at_end = s->place.offset + size == s->size,
        .has_row = true,
        .size = (uint32_t)size,
        .row = s->row++,
        .place = s->place,
    };
}

/* Hand out the row that begins at the present place, and go behind it. */
static void cut_row_piece(struct lc_splitter *s, size_t size, struct lc_piece *out)
{
    lc_cut_emit_row(s, size, out);
    lc_cut_skip(s, size);
}

/* Where a broken row ends: where the next one seems to begin, or at the end of the array.
 */
static size_t broken_end(struct lc_splitter *s, enum lc_json_fault fault)
{
    size_t begin = s->place.offset;
    size_t end = lc_row_start_find(&s->start, s->text, s->size, begin + 1);

    s->state = LC_CUT_VALUE;
    if (end < s->size)
        return end;
    s->state = LC_CUT_DONE;
    if (fault == LC_JSON_CUT_OFF)
        return end;
    /* the last row: the array may still be closed behind it */
    while (end > begin + 1 && lc_json_space(s->text + end - 1, 1))
        end--;
    s->state = LC_CUT_AFTER;
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
        lc_json_reclassify_cut_off(&piece->problem, text, piece->size);
}

/* Hand out a broken row and go where the next one seems to begin. */
static void broken_piece(struct lc_splitter *s, const struct lc_json_problem *problem,
                         struct lc_piece *out)
{
    size_t begin = s->place.offset, end = broken_end(s, problem->fault);
    size_t size = end - begin;

    *out = (struct lc_piece){
        .kind = LC_PIECE_BROKEN,
        .at_end = s->state == LC_CUT_DONE,
        .has_row = true,
        .size = (uint32_t)(size < LC_JSON_MAX_SIZE ? size : LC_JSON_MAX_SIZE),
        .row = s->row++,
        .place = s->place,
        .problem = *problem,
    };
    lc_cut_skip(s, size);
    if (problem->fault == LC_JSON_CUT_OFF && size > LC_JSON_MAX_SIZE)
        out->problem.fault = LC_JSON_TOO_LONG; /* it was cut here, not in the file */
    else
        explain_broken(s, out);
}

/* Find the end of the value at the present place with the exact parser. An open string or
 * bracket makes it read on through the rows behind; once that has cost as much as the
 * file is long, it may not read beyond where the next row seems to begin. */
static void find_end_exactly(struct lc_splitter *s, size_t *used,
                             struct lc_json_problem *problem)
{
    size_t bound = lc_cut_remaining(s);

    if (s->wasted > s->size)
        bound = lc_row_start_find(&s->start, s->text, s->size, s->place.offset + 1) -
                s->place.offset;
    lc_json_skip_exact(s->parser, lc_cut_here(s), bound, false, used, problem);
    if (problem->fault != LC_JSON_FINE)
        s->wasted += *used;
}

/* Hand out a row that is nested too deep. Its brackets tell where it ends: what stands in
 * it may well look like the beginnings of rows. Returns false when they do not. */
static bool cut_deep(struct lc_splitter *s, const struct lc_json_problem *problem,
                     struct lc_piece *out)
{
    struct lc_extent extent;
    char c = *lc_cut_here(s);

    if (problem->fault != LC_JSON_TOO_DEEP || (c != '{' && c != '[') ||
        lc_brackets_find(lc_cut_here(s), lc_cut_remaining(s), &extent) !=
            LC_BRACKETS_CLOSED ||
        extent.size > LC_JSON_MAX_SIZE)
        return false;
    cut_row_piece(s, extent.size, out);
    out->kind = LC_PIECE_BROKEN;
    out->problem = *problem;
    s->state = LC_CUT_AFTER;
    return true;
}

/* Cut the value at the present place with the exact parser. */
static void cut_exactly(struct lc_splitter *s, struct lc_piece *out)
{
    struct lc_json_problem problem;
    size_t used;

    find_end_exactly(s, &used, &problem);
    if (problem.fault == LC_JSON_FINE) {
        cut_row_piece(s, used, out);
        s->state = LC_CUT_AFTER;
        return;
    }
    if (cut_deep(s, &problem, out))
        return;
    broken_piece(s, &problem, out);
}

/* Cut the array's element that begins at the present place. */
static void cut_element(struct lc_splitter *s, struct lc_piece *out)
{
    size_t window = lc_cut_remaining(s) < LOOK_AHEAD ? lc_cut_remaining(s) : LOOK_AHEAD;
    struct lc_extent extent;
    char c = *lc_cut_here(s);

    if ((c == '{' || c == '[') &&
        lc_brackets_find(lc_cut_here(s), window, &extent) == LC_BRACKETS_CLOSED &&
        lc_row_end_matches(&s->start, s->text, s->size, s->place.offset + extent.size)) {
        if (s->row < 2) /* the first may stand on the line of the bracket */
            lc_row_start_learn(&s->start, s->text, s->size, s->place.offset);
        lc_cut_emit_row(s, extent.size, out);
        s->place.offset += extent.size;
        s->place.line += extent.lines;
        s->place.column = extent.characters + (extent.lines ? 1 : s->place.column);
        s->state = LC_CUT_AFTER;
        return;
    }
    cut_exactly(s, out);
}

/* Where a value must come. Returns whether *out was filled. */
static bool step_value(struct lc_splitter *s, struct lc_piece *out)
{
    bool first = s->state == LC_CUT_FIRST;

    lc_cut_skip_space(s);
    if (!lc_cut_remaining(s)) {
        lc_cut_emit_file_problem(s, LC_JSON_CUT_OFF, "the file ends inside the array",
                                 out);
        s->state = LC_CUT_DONE;
        return true;
    }
    if (*lc_cut_here(s) == ']' && first) {
        lc_cut_skip(s, 1);
        s->state = LC_CUT_CLOSED;
        return false;
    }
    if (*lc_cut_here(s) == ']' || *lc_cut_here(s) == ',') {
        lc_cut_emit_file_problem(s, LC_JSON_SYNTAX,
                                 *lc_cut_here(s) == ','
                                     ? "a comma without a row before it"
                                     : "trailing comma before ]",
                                 out);
        if (*lc_cut_here(s) == ']') {
            out->place = s->comma; /* what must go */
            s->state = LC_CUT_AFTER;
        } else {
            lc_cut_skip(s, 1);
            s->state = LC_CUT_VALUE;
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

    lc_cut_skip_space(s);
    if (!lc_cut_remaining(s)) {
        lc_cut_emit_file_problem(s, LC_JSON_CUT_OFF, "the file ends inside the array",
                                 out);
        s->state = LC_CUT_DONE;
        return true;
    }
    if (*lc_cut_here(s) == ',' || *lc_cut_here(s) == ']') {
        s->state = *lc_cut_here(s) == ',' ? LC_CUT_VALUE : LC_CUT_CLOSED;
        s->comma = s->place;
        lc_cut_skip(s, 1);
        return false;
    }
    lc_cut_emit_file_problem(s, LC_JSON_SYNTAX, "expecting ',' delimiter between rows",
                             out);
    next = lc_row_start_find(&s->start, s->text, s->size, s->place.offset);
    s->state = next == s->size ? LC_CUT_DONE : LC_CUT_VALUE;
    lc_cut_skip(s, next - s->place.offset);
    return true;
}

/* Behind the array. Returns whether *out was filled. */
static bool step_closed(struct lc_splitter *s, struct lc_piece *out)
{
    size_t next;

    lc_cut_skip_space(s);
    s->state = LC_CUT_DONE;
    if (!lc_cut_remaining(s))
        return false;
    lc_cut_emit_file_problem(s, LC_JSON_NOT_ROWS,
                             "text follows the closing ] of the array", out);
    next = lc_row_start_find(&s->start, s->text, s->size, s->place.offset);
    if (next < s->size) {
        lc_cut_skip(s, next - s->place.offset);
        s->state = LC_CUT_VALUE;
    }
    return true;
}

/* The file begins with a bracket: does what it opens stand on one line, and more lines
 * follow? Then it is one row a line, and not one value. */
static bool value_is_line(const struct lc_splitter *s)
{
    const char *text = lc_cut_here(s);
    size_t line = lc_cut_line_size(text, lc_cut_remaining(s)), next;
    struct lc_extent value;

    if (lc_brackets_find(text, lc_cut_remaining(s), &value) == LC_BRACKETS_CLOSED) {
        next = value.size +
               lc_json_space(text + value.size, lc_cut_remaining(s) - value.size);
        return value.size <= line && next < lc_cut_remaining(s) && next > line;
    }
    /* broken: are there more lines that begin like the first? */
    next = line + lc_json_space(text + line, lc_cut_remaining(s) - line);
    return next < lc_cut_remaining(s) && text[next] == *text;
}

/* A JSONL begins with a list: is that a row, if a bad one, or an array of rows? */
static bool list_is_row(const struct lc_splitter *s)
{
    size_t first = 1 + lc_json_space(lc_cut_here(s) + 1, lc_cut_remaining(s) - 1);

    return value_is_line(s) ||
           (first < lc_cut_remaining(s) && lc_cut_here(s)[first] != '{');
}

/* Begin to read rows of a form. Loaders go by the name: what they do not load is said,
 * and the rows are checked all the same. Returns whether *out was filled. */
static bool begin_form(struct lc_splitter *s, bool lines, struct lc_piece *out)
{
    bool misnamed = lines != s->named_lines;

    if (misnamed)
        lc_cut_emit_file_problem(s, LC_JSON_NOT_ROWS,
                                 lines ? "JSON lines in a file that is not named .jsonl"
                                       : "an array in a file named .jsonl",
                                 out);
    s->lines = lines;
    s->state = lines ? LC_CUT_LINES : LC_CUT_FIRST;
    if (lines)
        s->place = s->begin; /* blank lines may stand before the first row */
    else
        lc_cut_skip(s, 1);
    return misnamed;
}

/* What a file is that is no JSON, by what it begins with; NULL: who knows. */
static const char *name_foreign(const char *text, size_t size)
{
    static const struct {
        const char *begin;
        size_t size;
        const char *message;
    } kinds[] = {
        {"\x1F\x8B", 2, "gzip, to be unpacked first"},
        {"\x28\xB5\x2F\xFD", 4, "Zstandard, to be unpacked first"},
        {"BZh", 3, "bzip2, to be unpacked first"},
        {"\xFD"
         "7zXZ",
         5, "xz, to be unpacked first"},
        {"PK\3\4", 4, "a ZIP archive, to be unpacked first"},
        {"7z\xBC\xAF", 4, "a 7z archive, to be unpacked first"},
        {"PAR1", 4, "Parquet, not JSON"},
        {"ARROW1", 6, "Arrow, not JSON"},
        {"\xFF\xFE", 2, "UTF-16, not UTF-8"},
        {"\xFE\xFF", 2, "UTF-16, not UTF-8"},
        {"<", 1, "HTML or XML, not JSON: was it a download that failed?"},
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (size >= kinds[i].size && memcmp(text, kinds[i].begin, kinds[i].size) == 0)
            return kinds[i].message;
    return NULL;
}

/* Hand out why the file holds no rows that can be read. */
static void formless_piece(struct lc_splitter *s, struct lc_piece *out)
{
    static const char lfs[] = "version https://git-lfs.github.com/spec/";
    const char *text = lc_cut_here(s), *foreign = name_foreign(text, lc_cut_remaining(s));

    if (lc_cut_remaining(s) >= sizeof(lfs) - 1 && memcmp(text, lfs, sizeof(lfs) - 1) == 0)
        lc_cut_emit_file_problem(s, LC_JSON_LFS_POINTER,
                                 "a git-LFS pointer, not the data", out);
    else if (!lc_text_utf8_length(text, lc_cut_remaining(s)))
        lc_cut_emit_file_problem(s, LC_JSON_NOT_UTF8, foreign ? foreign : "not UTF-8",
                                 out);
    else if (*text == '{')
        lc_cut_emit_file_problem(s, LC_JSON_NOT_ROWS,
                                 "the top level is one object, not rows", out);
    else
        lc_cut_emit_file_problem(s, LC_JSON_NOT_ROWS,
                                 foreign ? foreign : "the top level is no array of rows",
                                 out);
}

/* Go behind the white space before the first row, or before the array. */
static void skip_to_begin(struct lc_splitter *s)
{
    struct lc_span rest = {lc_cut_here(s), lc_cut_remaining(s)};

    if (s->named_lines)
        lc_cut_skip_lines(s, (size_t)(lc_text_strip(rest).text - rest.text));
    else
        lc_cut_skip_space(s);
}

/* Whether rows seem to begin on lines of their own within the next bytes. */
static bool has_row_line(const struct lc_splitter *s)
{
    size_t window = lc_cut_remaining(s) < LOOK_AHEAD ? lc_cut_remaining(s) : LOOK_AHEAD;

    return memmem(lc_cut_here(s), window, "\n{", 2) ||
           memmem(lc_cut_here(s), window, "\r{", 2);
}

/* Tell the file's form. Returns whether *out was filled with why it has none. */
static bool step_start(struct lc_splitter *s, struct lc_piece *out)
{
    if (!s->place.offset && lc_json_has_bom(s->text, s->size)) {
        lc_cut_emit_file_problem(s, LC_JSON_BOM, "the file begins with a byte order mark",
                                 out);
        s->place.offset = LC_JSON_BOM_SIZE; /* the mark takes no column */
        return true;
    }
    s->begin = s->place;
    skip_to_begin(s);
    s->state = LC_CUT_DONE;
    if (!lc_cut_remaining(s))
        return false;
    if (*lc_cut_here(s) == '[')
        return begin_form(s, s->named_lines && list_is_row(s), out);
    if ((s->lines && (*lc_cut_here(s) == '{' || has_row_line(s))) ||
        (!s->lines && *lc_cut_here(s) == '{' && value_is_line(s))) {
        return begin_form(s, true, out);
    }
    formless_piece(s, out);
    return true;
}

bool lc_splitter_next(struct lc_splitter *s, struct lc_piece *out)
{
    bool filled = false;

    while (!filled && s->state != LC_CUT_DONE) {
        switch (s->state) {
        case LC_CUT_START:
            filled = step_start(s, out);
            break;
        case LC_CUT_LINES:
            filled = lc_cut_line(s, out);
            break;
        case LC_CUT_FIRST:
        case LC_CUT_VALUE:
            filled = step_value(s, out);
            break;
        case LC_CUT_AFTER:
            filled = step_after(s, out);
            break;
        case LC_CUT_CLOSED:
            filled = step_closed(s, out);
            break;
        case LC_CUT_DONE:
            break;
        }
    }
    if (!filled && !s->row && !s->faulty) {
        lc_cut_emit_file_problem(s, LC_JSON_NO_ROWS, "no row in the file", out);
        filled = true;
    }
    return filled;
}

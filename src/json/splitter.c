/* Splits a rows file into rows, without parsing them.
 *
 * Idea. The rows of an array are found by their brackets alone (brackets.h), which takes
 * a quarter of the time that simdjson would; workers then parse the rows in parallel. The
 * splitter is a state machine over the grammar between rows: [ row , row ] and nothing
 * after it.
 *
 * Speculation. The end found by brackets is a guess: if a quote or bracket is missing, it
 * may be anywhere. It is accepted only if it is near (LOOK_AHEAD) and is followed by what
 * it should be: a comma and a row with the same indentation as the others, or the end of
 * the array (lc_row_end_matches). Otherwise the exact parser reads the value and says
 * where it ends or breaks. If it breaks, the splitter resynchronises at the next place
 * that looks like the start of a row (resync.h).
 *
 * Why that is right. A valid value is closed at its true end (brackets.h), so a sound
 * file is split into exactly its rows. A broken value whose brackets match is emitted as
 * a row, and its parser reports it. Every byte of the array belongs to some piece, so no
 * row is lost silently: a wrong guess changes which bytes a broken row has, not whether
 * it is reported.
 *
 * Cost. Linear, even for hostile files. After a missing quote, the exact parser may read
 * on through the next rows; after a missing bracket, so may the bracket search for a row
 * that is nested too deeply. Such bytes are counted (wasted). Once they exceed the size
 * of the file, the parser may only read up to where the next row seems to begin, and each
 * bracket search at most LOOK_AHEAD. */
#include "json/brackets.h"
#include "json/splitter_internal.h"

#include <stdlib.h>
#include <string.h>

/* Rows longer than this are left to the exact parser: if brackets do not match, searching
 * for them must not read the whole file once for every broken row. */
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

void lc_cut_emit_file_problem(struct lc_splitter *s, enum lc_json_fault fault,
                              const char *message, struct lc_piece *out)
{
    /* a syntax error between rows belongs to the row before it */
    bool syntax = fault == LC_JSON_SYNTAX && s->row > 0;

    s->reported_problem = true;
    *out = (struct lc_piece){
        .kind = LC_PIECE_FILE,
        .has_row = syntax,
        .row = syntax ? s->row - 1 : 0,
        .place = s->place,
        .problem = {.fault = fault, .message = message},
    };
}

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

static void emit_row_and_skip(struct lc_splitter *s, size_t size, struct lc_piece *out)
{
    lc_cut_emit_row(s, size, out);
    lc_cut_skip(s, size);
}

/* Find the end of a broken row: where the next row seems to begin, or the end of the
 * array. */
static size_t find_broken_end(struct lc_splitter *s, enum lc_json_fault fault)
{
    size_t begin = s->place.offset;
    size_t end = lc_row_start_find(&s->start, s->text, s->size, begin + 1);

    s->state = LC_CUT_VALUE;
    if (end < s->size)
        return end;
    s->state = LC_CUT_DONE;
    if (fault == LC_JSON_CUT_OFF)
        return end;
    /* the last row: the array may still be closed after it */
    while (end > begin + 1 && lc_json_space(s->text + end - 1, 1))
        end--;
    s->state = LC_CUT_AFTER;
    return end - (end > begin + 1 && s->text[end - 1] == ']');
}

/* Find the problem of a broken row again, now that its end is known. An open string or
 * bracket may have made the next rows part of it, so the first problem may lie in
 * those. */
static void reparse_broken(struct lc_splitter *s, struct lc_piece *piece)
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

/* Emit a broken row and move to where the next row seems to begin. */
static void emit_broken(struct lc_splitter *s, const struct lc_json_problem *problem,
                        struct lc_piece *out)
{
    size_t begin = s->place.offset, end = find_broken_end(s, problem->fault);
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
        out->problem.fault = LC_JSON_TOO_LONG; /* the parser stopped early; the text does
                                                  not end there */
    else
        reparse_broken(s, out);
}

/* Find the end of the value at the current place with the exact parser, within the bound
 * that keeps the total cost linear (see the top of this file). */
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

/* Emit a row that is nested too deeply. Find its end by its brackets, since its content
 * may well look like the start of a row. Returns false if they do not match. */
static bool emit_deep(struct lc_splitter *s, const struct lc_json_problem *problem,
                      struct lc_piece *out)
{
    size_t window = lc_cut_remaining(s);
    struct lc_extent extent;
    char c = *lc_cut_here(s);

    if (problem->fault != LC_JSON_TOO_DEEP || (c != '{' && c != '['))
        return false;
    if (s->wasted > s->size && window > LOOK_AHEAD)
        window = LOOK_AHEAD;
    if (lc_brackets_find(lc_cut_here(s), window, &extent) != LC_BRACKETS_CLOSED ||
        extent.size > LC_JSON_MAX_SIZE) {
        s->wasted += window;
        return false;
    }
    emit_row_and_skip(s, extent.size, out);
    out->kind = LC_PIECE_BROKEN;
    out->problem = *problem;
    s->state = LC_CUT_AFTER;
    return true;
}

/* Split off the value at the current place with the exact parser. */
static void cut_exactly(struct lc_splitter *s, struct lc_piece *out)
{
    struct lc_json_problem problem;
    size_t used;

    find_end_exactly(s, &used, &problem);
    if (problem.fault == LC_JSON_FINE) {
        emit_row_and_skip(s, used, out);
        s->state = LC_CUT_AFTER;
        return;
    }
    if (emit_deep(s, &problem, out))
        return;
    emit_broken(s, &problem, out);
}

/* Split off the array element at the current place. */
static void cut_element(struct lc_splitter *s, struct lc_piece *out)
{
    size_t window = lc_cut_remaining(s) < LOOK_AHEAD ? lc_cut_remaining(s) : LOOK_AHEAD;
    struct lc_extent extent;
    char c = *lc_cut_here(s);

    if ((c == '{' || c == '[') &&
        lc_brackets_find(lc_cut_here(s), window, &extent) == LC_BRACKETS_CLOSED &&
        lc_row_end_matches(&s->start, s->text, s->size, s->place.offset + extent.size)) {
        if (s->row < 2) /* twice: the first row may be on the line of the [ */
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

/* Expect a value. Like the other steps, returns whether *out was filled. */
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
            out->place = s->comma; /* the comma to remove */
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

/* Expect a comma or the closing bracket. */
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

/* Expect only white space after the array. */
static bool step_closed(struct lc_splitter *s, struct lc_piece *out)
{
    size_t next;

    lc_cut_skip_space(s);
    s->state = LC_CUT_DONE;
    if (!lc_cut_remaining(s))
        return false;
    lc_cut_emit_file_problem(s, LC_JSON_NOT_ROWS,
                             "text follows the closing ] of the array", out);
    out->problem.detail = LC_JSON_TEXT_AFTER;
    next = lc_row_start_find(&s->start, s->text, s->size, s->place.offset);
    if (next < s->size) {
        lc_cut_skip(s, next - s->place.offset);
        s->state = LC_CUT_VALUE;
    }
    return true;
}

/* Whether a file that begins with a bracket has one row per line rather than being a
 * single value: the bracket is closed on its line, and more lines follow. */
static bool value_is_one_line(const struct lc_splitter *s)
{
    const char *text = lc_cut_here(s);
    size_t line = lc_cut_line_size(text, lc_cut_remaining(s)), next;
    struct lc_extent value;

    if (lc_brackets_find(text, lc_cut_remaining(s), &value) == LC_BRACKETS_CLOSED) {
        next = value.size +
               lc_json_space(text + value.size, lc_cut_remaining(s) - value.size);
        return value.size <= line && next < lc_cut_remaining(s) && next > line;
    }
    /* broken: does the next line begin like the first? */
    next = line + lc_json_space(text + line, lc_cut_remaining(s) - line);
    return next < lc_cut_remaining(s) && text[next] == *text;
}

/* Whether the list at the beginning of a .jsonl is a row (a bad one), not an array of
 * rows. */
static bool list_is_first_row(const struct lc_splitter *s)
{
    size_t first = 1 + lc_json_space(lc_cut_here(s) + 1, lc_cut_remaining(s) - 1);

    return value_is_one_line(s) ||
           (first < lc_cut_remaining(s) && lc_cut_here(s)[first] != '{');
}

/* Start reading rows as lines or as an array. Loaders decide by the file's name: if the
 * name contradicts the content, report it, and check the rows all the same. */
static bool begin_format(struct lc_splitter *s, bool lines, struct lc_piece *out)
{
    bool misnamed = lines != s->named_lines;

    if (misnamed) {
        lc_cut_emit_file_problem(s, LC_JSON_NOT_ROWS,
                                 lines ? "JSON lines in a file that is not named .jsonl"
                                       : "an array in a file named .jsonl",
                                 out);
        out->problem.detail = lines ? LC_JSON_LINES_IN_JSON : LC_JSON_ARRAY_IN_JSONL;
    }
    s->lines = lines;
    s->state = lines ? LC_CUT_LINES : LC_CUT_FIRST;
    if (lines)
        s->place = s->begin; /* also report blank lines before the first row */
    else
        lc_cut_skip(s, 1);
    return misnamed;
}

static const char utf_16[] = "UTF-16, not UTF-8: re-encode it, as with iconv";

/* Whether a text begins as JSON in UTF-16 does that has no byte order mark. */
static bool is_bare_utf16(const char *text, size_t size)
{
    bool is_big;

    if (size < 4)
        return false;
    is_big = !text[0];
    return (text[is_big] == '[' || text[is_big] == '{') && !text[!is_big] &&
           !text[is_big ? 2 : 3] && text[is_big ? 3 : 2];
}

/* Name the format of a file that is not JSON by its first bytes; NULL if unknown. */
static const char *identify_foreign(const char *text, size_t size)
{
    static const struct {
        const char *begin;
        size_t size;
        const char *message;
    } kinds[] = {
        {"\x1F\x8B", 2, "gzip-compressed; decompress it first"},
        {"\x28\xB5\x2F\xFD", 4, "Zstandard-compressed; decompress it first"},
        {"BZh", 3, "bzip2-compressed; decompress it first"},
        {"\xFD"
         "7zXZ",
         5, "xz-compressed; decompress it first"},
        {"PK\3\4", 4, "a ZIP archive; unpack it first"},
        {"7z\xBC\xAF", 4, "a 7z archive; unpack it first"},
        {"PAR1", 4, "Parquet, not JSON; convert it with llava-check import parquet"},
        {"ARROW1", 6, "Arrow, not JSON"},
        {"\xFF\xFE\0\0", 4, "UTF-32, not UTF-8: re-encode it, as with iconv"},
        {"\0\0\xFE\xFF", 4, "UTF-32, not UTF-8: re-encode it, as with iconv"},
        {"\xFF\xFE", 2, utf_16},
        {"\xFE\xFF", 2, utf_16},
        {"<", 1, "HTML or XML, not JSON; perhaps the error page of a failed download"},
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (size >= kinds[i].size && memcmp(text, kinds[i].begin, kinds[i].size) == 0)
            return kinds[i].message;
    return is_bare_utf16(text, size) ? utf_16 : NULL;
}

/* Whether a text is a single string, possibly with escapes and with white space around
 * it. */
static bool is_one_string(const char *text, size_t size)
{
    size_t at = 1;

    while (at < size && text[at] != '"' && (unsigned char)text[at] >= 0x20)
        at += text[at] == '\\' ? 2 : 1;
    return at < size && text[at] == '"' &&
           lc_json_space(text + at + 1, size - at - 1) == size - at - 1;
}

/* Emit the reason why no rows can be read from the file. */
static void emit_formless(struct lc_splitter *s, struct lc_piece *out)
{
    static const char lfs[] = "version https://git-lfs.github.com/spec/";
    const char *text = lc_cut_here(s),
               *foreign = identify_foreign(text, lc_cut_remaining(s));

    if (lc_cut_remaining(s) >= sizeof(lfs) - 1 && memcmp(text, lfs, sizeof(lfs) - 1) == 0)
        lc_cut_emit_file_problem(s, LC_JSON_LFS_POINTER,
                                 "a git-LFS pointer, not the data", out);
    else if ((foreign && strncmp(foreign, "UTF-", 4) == 0) ||
             !lc_text_utf8_length(text, lc_cut_remaining(s)))
        lc_cut_emit_file_problem(s, LC_JSON_NOT_UTF8, foreign ? foreign : "not UTF-8",
                                 out);
    else if (*text == '{') {
        lc_cut_emit_file_problem(s, LC_JSON_NOT_ROWS,
                                 "the top level is a single object, not an array of rows",
                                 out);
        out->problem.detail = LC_JSON_SINGLE_OBJECT;
    } else {
        bool is_text =
            !foreign && *text == '"' && is_one_string(text, lc_cut_remaining(s));

        lc_cut_emit_file_problem(
            s, LC_JSON_NOT_ROWS,
            foreign ? foreign : "the top level is not an array of rows", out);
        if (is_text)
            out->problem.detail = LC_JSON_SINGLE_TEXT;
    }
}

/* Skip the white space before the first row, or before the array. */
static void skip_to_begin(struct lc_splitter *s)
{
    struct lc_span rest = {lc_cut_here(s), lc_cut_remaining(s)};

    if (s->named_lines)
        lc_cut_skip_lines(s, (size_t)(lc_text_strip(rest).text - rest.text));
    else
        lc_cut_skip_space(s);
}

/* Whether an object starts on a line of its own within LOOK_AHEAD bytes. */
static bool has_row_at_line_start(const struct lc_splitter *s)
{
    size_t window = lc_cut_remaining(s) < LOOK_AHEAD ? lc_cut_remaining(s) : LOOK_AHEAD;

    return memmem(lc_cut_here(s), window, "\n{", 2) ||
           memmem(lc_cut_here(s), window, "\r{", 2);
}

/* Detect whether the file is an array or JSON lines. */
static bool step_start(struct lc_splitter *s, struct lc_piece *out)
{
    if (!s->place.offset && lc_json_has_bom(s->text, s->size)) {
        lc_cut_emit_file_problem(s, LC_JSON_BOM, "the file begins with a byte order mark",
                                 out);
        s->place.offset = LC_JSON_BOM_SIZE; /* the mark does not count as a column */
        return true;
    }
    s->begin = s->place;
    skip_to_begin(s);
    s->state = LC_CUT_DONE;
    if (!lc_cut_remaining(s))
        return false;
    if (is_bare_utf16(lc_cut_here(s), lc_cut_remaining(s))) {
        emit_formless(s, out);
        return true;
    }
    if (*lc_cut_here(s) == '[')
        return begin_format(s, s->named_lines && list_is_first_row(s), out);
    if ((s->lines && (*lc_cut_here(s) == '{' || has_row_at_line_start(s))) ||
        (!s->lines && *lc_cut_here(s) == '{' && value_is_one_line(s))) {
        return begin_format(s, true, out);
    }
    emit_formless(s, out);
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
    if (!filled && !s->row && !s->reported_problem) {
        lc_cut_emit_file_problem(s, LC_JSON_NO_ROWS, "the file contains no rows", out);
        if (lc_json_space(s->text, s->size) == s->size)
            out->problem.detail = LC_JSON_NOTHING;
        filled = true;
    }
    return filled;
}

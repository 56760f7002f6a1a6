/* Splits JSON lines the way the trainers do: the lines of a Python text file, each passed
 * to json.loads after str.strip.
 *
 * A row is a line, so its end can be found without understanding its content, and a
 * broken row costs only its line. Two details need care. Python's text mode ends a line
 * at \n, \r and \r\n. And str.strip removes white space that json.loads refuses (NBSP,
 * form feed …), so loaders that do not strip fail on lines that others can read. */
#include "json/splitter_internal.h"

#include <string.h>

/* The search for \r must not run to the end of the file for every line, so search for
 * both line ends in windows. Most lines fit into the first one; doubling it keeps the
 * total cost proportional to the length of the line. */
#define FIRST_WINDOW 4096

/* A line, and its text without the white space around it. */
struct line {
    size_t size; /* bytes before its line end */
    size_t lead; /* bytes of white space before the text */
    size_t text; /* bytes of the text; 0 if the line is blank */
    struct lc_line_space space;
};

size_t lc_cut_line_size(const char *text, size_t size)
{
    size_t window = FIRST_WINDOW;

    for (size_t at = 0; at < size; at += window, window *= 2) {
        size_t part = size - at < window ? size - at : window;
        const char *newline = memchr(text + at, '\n', part);
        const char *end =
            memchr(text + at, '\r', newline ? (size_t)(newline - text) - at : part);

        if (end || newline)
            return (size_t)((end ? end : newline) - text);
    }
    return size;
}

/* Skip the line end at the current place, if there is one. */
static void skip_line_end(struct lc_splitter *s)
{
    const char *here = lc_cut_here(s);
    size_t left = lc_cut_remaining(s);

    if (!left)
        return;
    s->place.offset += left > 1 && here[0] == '\r' && here[1] == '\n' ? 2 : 1;
    if (s->text[s->place.offset - 1] == '\n')
        s->has_row = false;
    s->place.line++;
    s->place.column = 1;
    s->in_line = false;
}

void lc_cut_skip_lines(struct lc_splitter *s, size_t bytes)
{
    uint64_t end = s->place.offset + bytes;

    for (;;) {
        size_t left = end - s->place.offset;
        size_t size = lc_cut_line_size(lc_cut_here(s), left);

        lc_cut_skip(s, size);
        if (size == left)
            return;
        skip_line_end(s);
    }
}

/* Whether a byte at the edge of a text may be white space that only str.strip removes. */
static bool may_be_space(char c)
{
    return (unsigned char)c < ' ' || (unsigned char)c >= 0x80;
}

/* Remove from a line's text what str.strip removes in addition to JSON's white space, and
 * record the first such character. */
static void strip_wide_space(const char *here, struct line *line)
{
    struct lc_span all = {here + line->lead, line->text}, rest = lc_text_strip(all);
    const char *odd = all.text; /* before the text, or the line is blank */

    if (rest.size == all.size)
        return;
    line->lead = (size_t)(rest.text - here);
    line->text = rest.size;
    if (rest.text == all.text && rest.size) {
        odd += rest.size;
        odd += lc_json_space(odd, all.size - rest.size);
        line->space.offset = (uint32_t)(odd - rest.text);
    }
    line->space.point = lc_text_character(odd).point;
}

/* Measure the line at the current place, or what follows a row on it. */
static struct line measure_line(const struct lc_splitter *s)
{
    const char *here = lc_cut_here(s);
    struct line line = {.size = lc_cut_line_size(here, lc_cut_remaining(s))};
    size_t end = line.size;

    line.lead = lc_json_space(here, end);
    while (end > line.lead && lc_json_space(here + end - 1, 1))
        end--;
    line.text = end - line.lead;
    if (line.text && (may_be_space(here[line.lead]) || may_be_space(here[end - 1])))
        strip_wide_space(here, &line);
    return line;
}

/* Whether a row continues on the next lines (pretty-printed JSON in a .jsonl); *size is
 * then its whole size. A line that opens an object without closing it may also be a
 * broken row, for which the exact parser may read far ahead. Once such reads have cost as
 * much as the file is long, no more are tried, which keeps the total cost linear. */
static bool spans_lines(struct lc_splitter *s, size_t *size)
{
    struct lc_json_problem problem;
    size_t used;

    if (*lc_cut_here(s) != '{' || lc_cut_here(s)[*size - 1] == '}' || s->wasted > s->size)
        return false;
    lc_json_skip_exact(s->parser, lc_cut_here(s), lc_cut_remaining(s), false, &used,
                       &problem);
    if (problem.fault != LC_JSON_FINE)
        s->wasted += used;
    if (problem.fault != LC_JSON_FINE || used <= *size)
        return false;
    *size = used;
    return true;
}

/* Turn a row into one whose text will not be read: only its problem is reported. */
static void mark_broken(struct lc_piece *piece, size_t size, enum lc_json_fault fault,
                        const char *message)
{
    piece->kind = LC_PIECE_BROKEN;
    piece->size = (uint32_t)(size < LC_JSON_MAX_SIZE ? size : LC_JSON_MAX_SIZE);
    piece->problem = (struct lc_json_problem){.fault = fault, .message = message};
}

/* Emit the row of a line. */
static void emit_row(struct lc_splitter *s, const struct line *line, struct lc_piece *out)
{
    size_t size = line->text;
    bool spans;

    if (line->lead)
        lc_cut_skip(s, line->lead);
    spans = spans_lines(s, &size);
    lc_cut_emit_row(s, size, out);
    s->has_row = true;
    out->space = line->space;
    if (spans) {
        mark_broken(out, size, LC_JSON_SPLIT_ROW,
                    "the row spans several lines and is not checked further");
        lc_cut_skip_lines(s, size);
        s->in_line = s->has_row = true;
        return;
    }
    if (size > LC_JSON_MAX_SIZE)
        mark_broken(out, size, LC_JSON_TOO_LONG, "a row larger than 4 GiB");
    s->place.offset += line->size - line->lead; /* the column is not needed after the
                                                   row */
    out->at_end = !lc_cut_remaining(s);
    skip_line_end(s);
}

/* Whether a blank line has anything to report that earlier ones did not. */
static bool must_report_blank(const struct lc_splitter *s, const struct line *line)
{
    return !s->in_line &&
           (!s->reported_blank || (line->space.point && !s->reported_blank_space));
}

static void emit_blank_line(struct lc_splitter *s, const struct line *line,
                            struct lc_piece *out)
{
    lc_cut_emit_file_problem(s, s->reported_blank ? LC_JSON_FINE : LC_JSON_BLANK_LINE,
                             "a blank line, which json.loads rejects", out);
    out->space = line->space;
    s->reported_blank = true;
    s->reported_blank_space |= line->space.point != 0;
}

bool lc_cut_line(struct lc_splitter *s, struct lc_piece *out)
{
    bool filled = false;

    while (!filled && lc_cut_remaining(s)) {
        struct line line = measure_line(s);

        if (line.text) {
            if (s->has_row && !s->in_line && !s->reported_return) {
                lc_cut_emit_file_problem(
                    s, LC_JSON_RETURN, "the line before ends in a carriage return", out);
                s->reported_return = true;
            } else {
                emit_row(s, &line, out);
            }
            filled = true;
            continue;
        }
        filled = must_report_blank(s, &line);
        if (filled)
            emit_blank_line(s, &line, out);
        lc_cut_skip(s, line.size);
        skip_line_end(s);
    }
    if (!filled)
        s->state = LC_CUT_DONE;
    return filled;
}

/* Cutting JSON lines: the lines of a Python text file, each handed to json.loads. */
#include "json/splitter_internal.h"

#include <string.h>

/* How far both line ends are looked for at first. Most lines are shorter; beyond, it
 * doubles, so that the search costs no more than the line is long. */
#define FIRST_WINDOW 4096

/* A line and the text in it. */
struct line {
    size_t size; /* up to its end */
    size_t lead; /* bytes of white space before the text */
    size_t text; /* bytes of the text; 0 when the line is blank */
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

/* Go behind the line end at the present place, if it is not the end of the file. */
static void skip_line_end(struct lc_splitter *s)
{
    const char *here = lc_cut_here(s);
    size_t left = lc_cut_remaining(s);

    if (!left)
        return;
    s->place.offset += left > 1 && here[0] == '\r' && here[1] == '\n' ? 2 : 1;
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

/* Take away from a line's text what str.strip removes beyond JSON's white space, and note
 * the first such character. */
static void strip(const char *here, struct line *line)
{
    struct lc_span all = {here + line->lead, line->text}, rest = lc_text_strip(all);
    const char *odd = all.text; /* before the text, or all there is */

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

/* Look at the line at the present place, or at what is left of it. */
static struct line look_at_line(const struct lc_splitter *s)
{
    const char *here = lc_cut_here(s);
    struct line line = {.size = lc_cut_line_size(here, lc_cut_remaining(s))};
    size_t end = line.size;

    line.lead = lc_json_space(here, end);
    while (end > line.lead && lc_json_space(here + end - 1, 1))
        end--;
    line.text = end - line.lead;
    if (line.text && (may_be_space(here[line.lead]) || may_be_space(here[end - 1])))
        strip(here, &line);
    return line;
}

/* A line that begins a row and does not end it: is the row pretty-printed? It may only be
 * broken. *size is then what it takes over several lines. Once such searches have read as
 * much in vain as the file is long, there are no more of them. */
static bool is_split(struct lc_splitter *s, size_t *size)
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

/* Make a row one of which nothing more is said than its problem. */
static void leave_unread(struct lc_piece *piece, size_t size, enum lc_json_fault fault,
                         const char *message)
{
    piece->kind = LC_PIECE_BROKEN;
    piece->size = (uint32_t)(size < LC_JSON_MAX_SIZE ? size : LC_JSON_MAX_SIZE);
    piece->problem = (struct lc_json_problem){.fault = fault, .message = message};
}

/* Hand out the row of a line. */
static void cut_row(struct lc_splitter *s, const struct line *line, struct lc_piece *out)
{
    size_t size = line->text;
    bool split;

    if (line->lead)
        lc_cut_skip(s, line->lead);
    split = is_split(s, &size);
    lc_cut_emit_row(s, size, out);
    out->space = line->space;
    if (split) {
        leave_unread(out, size, LC_JSON_SPLIT_ROW,
                     "the row stands over several lines and is not checked further");
        lc_cut_skip_lines(s, size);
        s->in_line = true;
        return;
    }
    if (size > LC_JSON_MAX_SIZE)
        leave_unread(out, size, LC_JSON_TOO_LONG, "a row of over 4 GiB");
    s->place.offset += line->size - line->lead; /* no column is needed behind the row */
    out->at_end = !lc_cut_remaining(s);
    skip_line_end(s);
}

/* Whether something is to be said of a blank line that was not said of one before it. */
static bool is_news(const struct lc_splitter *s, const struct line *line)
{
    return !s->in_line && (!s->blank || (line->space.point && !s->blank_space));
}

/* Hand out what is to be said of a blank line. */
static void blank_piece(struct lc_splitter *s, const struct line *line,
                        struct lc_piece *out)
{
    lc_cut_emit_file_problem(s, s->blank ? LC_JSON_FINE : LC_JSON_BLANK_LINE,
                             "a blank line, which json.loads refuses", out);
    out->space = line->space;
    s->blank = true;
    s->blank_space |= line->space.point != 0;
}

bool lc_cut_line(struct lc_splitter *s, struct lc_piece *out)
{
    bool filled = false;

    while (!filled && lc_cut_remaining(s)) {
        struct line line = look_at_line(s);

        if (line.text) {
            cut_row(s, &line, out);
            filled = true;
            continue;
        }
        filled = is_news(s, &line);
        if (filled)
            blank_piece(s, &line, out);
        lc_cut_skip(s, line.size);
        skip_line_end(s);
    }
    if (!filled)
        s->state = LC_CUT_DONE;
    return filled;
}

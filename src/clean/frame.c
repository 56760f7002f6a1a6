#include "clean/frame.h"

#include <string.h>

static const char line_space[] = " \t";
static const char array_space[] = " \t\r\n";

/* The number of consecutive bytes at a place that belong to a set. */
static size_t span_of(struct lc_span text, size_t at, const char *set)
{
    size_t size = 0;

    while (at + size < text.size && text.text[at + size] &&
           strchr(set, text.text[at + size]))
        size++;
    return size;
}

/* Whether a text is a mark, with white space around it. */
static bool is_mark(struct lc_span text, char mark)
{
    size_t at = span_of(text, 0, array_space);

    if (at >= text.size || text.text[at] != mark)
        return false;
    at++;
    return at + span_of(text, at, array_space) == text.size;
}

/* The size of the line end at a place: \n, \r\n or \r; 0: there is none. */
static size_t line_end(struct lc_span text, size_t at)
{
    if (at >= text.size)
        return 0;
    if (text.text[at] == '\n')
        return 1;
    if (text.text[at] != '\r')
        return 0;
    return at + 1 < text.size && text.text[at + 1] == '\n' ? 2 : 1;
}

bool lc_frame_is_head(struct lc_span text, bool lines)
{
    return lines ? span_of(text, 0, line_space) == text.size : is_mark(text, '[');
}

bool lc_frame_is_gap(struct lc_span text, bool lines)
{
    size_t at, end;

    if (!lines)
        return is_mark(text, ',');
    at = span_of(text, 0, line_space);
    end = line_end(text, at);
    at += end;
    return end && at + span_of(text, at, line_space) == text.size;
}

bool lc_frame_is_tail(struct lc_span text, bool lines)
{
    size_t at;

    if (!lines)
        return is_mark(text, ']');
    at = span_of(text, 0, line_space);
    return at + line_end(text, at) == text.size;
}

bool lc_frame_has_more(struct lc_span text, bool lines)
{
    size_t at = span_of(text, 0, array_space);

    if (!lines && at < text.size && text.text[at] != ']')
        return false;
    at += !lines && at < text.size;
    return at + span_of(text, at, array_space) < text.size;
}

size_t lc_frame_trim_row(struct lc_span text)
{
    size_t size = text.size;

    while (size && text.text[size - 1] && strchr(", \t\r\n", text.text[size - 1]))
        size--;
    return size;
}

struct lc_span lc_frame_skip_mark(struct lc_span text)
{
    static const char mark[] = "\xEF\xBB\xBF";
    size_t size = sizeof(mark) - 1;

    if (text.size < size || memcmp(text.text, mark, size) != 0)
        return text;
    return (struct lc_span){text.text + size, text.size - size};
}

struct lc_span lc_frame_default_gap(bool lines)
{
    return lines ? (struct lc_span){"\n", 1} : (struct lc_span){",\n", 2};
}

enum lc_status lc_frame_add_head(struct lc_span gap, bool lines, struct lc_buffer *out,
                                 struct lc_error *err)
{
    size_t comma = span_of(gap, 0, array_space);
    enum lc_status status;

    if (lines)
        return LC_OK;
    status = lc_buffer_add(out, "[", 1, err);
    if (status == LC_OK && comma + 1 < gap.size)
        status = lc_buffer_add(out, gap.text + comma + 1, gap.size - comma - 1, err);
    return status;
}

enum lc_status lc_frame_add_tail(struct lc_span gap, bool lines, struct lc_buffer *out,
                                 struct lc_error *err)
{
    size_t at = span_of(gap, 0, line_space);

    if (!lines)
        return lc_buffer_add(out, "\n]\n", 3, err);
    return lc_buffer_add(out, gap.text + at, line_end(gap, at), err);
}

#include "print/wrap.h"

#include "base/text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/types.h>

#define LEAST_WIDTH 40
#define MOST_WIDTH 1000
#define MOST_COLUMNS 800 /* maximum size of a line before it is wrapped */

struct wrap {
    FILE *to;
    size_t width;
    size_t size;
    bool colored; /* the line contains a colour code */
    bool cut;     /* the line is longer than the buffer */
    char line[4 * MOST_COLUMNS + 512];
};

/* A piece of a line: a character, or a colour code. */
struct piece {
    size_t size;
    size_t columns;
};

/* The number of columns of a character. Source of the widths other than 1: Unicode 15
 * EastAsianWidth.txt, W and F, as whole blocks; combining marks by their blocks. */
static size_t columns_of(uint32_t point)
{
    static const struct {
        uint32_t first, last;
        size_t columns;
    } ranges[] = {
        {0x0300, 0x036F, 0},   {0x1100, 0x115F, 2},   {0x1AB0, 0x1AFF, 0},
        {0x20D0, 0x20FF, 0},   {0x2E80, 0x303E, 2},   {0x3041, 0x4DBF, 2},
        {0x4E00, 0xA4CF, 2},   {0xAC00, 0xD7A3, 2},   {0xF900, 0xFAFF, 2},
        {0xFE00, 0xFE0F, 0},   {0xFE20, 0xFE2F, 0},   {0xFE30, 0xFE6F, 2},
        {0xFF00, 0xFF60, 2},   {0xFFE0, 0xFFE6, 2},   {0x1F300, 0x1F64F, 2},
        {0x1F680, 0x1F6FF, 2}, {0x1F900, 0x1FAFF, 2}, {0x20000, 0x3FFFD, 2},
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return ranges[i].columns;
    return 1;
}

static struct piece piece_at(const char *text, size_t size)
{
    size_t length = lc_text_utf8_length(text, size);

    if (*text == '\033') {
        const char *end = memchr(text, 'm', size);

        return (struct piece){end ? (size_t)(end - text) + 1 : size, 0};
    }
    if (length < 2)
        return (struct piece){1, 1};
    return (struct piece){length, columns_of(lc_text_character(text).point)};
}

/* The bytes up to the next blank, or those of the next blanks, and their columns. */
static struct piece run_at(const char *text, size_t size, bool blank)
{
    struct piece run = {0};

    while (run.size < size && (text[run.size] == ' ') == blank) {
        struct piece piece = piece_at(text + run.size, size - run.size);

        run.size += piece.size;
        run.columns += piece.columns;
    }
    return run;
}

/* The column at which the text after a break begins. */
static size_t indent_of(const struct wrap *wrap, size_t size)
{
    const char *at = wrap->line, *end = wrap->line + size;
    struct piece lead = run_at(at, size, true);
    size_t column = lead.columns, indent = lead.columns + 2;

    for (at += lead.size; at < end;) {
        struct piece word = run_at(at, (size_t)(end - at), false), gap;

        at += word.size;
        gap = run_at(at, (size_t)(end - at), true);
        at += gap.size;
        column += word.columns + gap.columns;
        if (gap.columns < 2 || at == end)
            break;
        indent = column;
    }
    return indent <= wrap->width / 2 ? indent : lead.columns + 2;
}

static size_t begin_line(const struct wrap *wrap, size_t indent)
{
    fprintf(wrap->to, "\n%*s", (int)indent, "");
    return indent;
}

/* Print a word that does not fit into any line. Returns the column after it. */
static size_t print_long(const struct wrap *wrap, const char *text, size_t size,
                         size_t column, size_t indent)
{
    while (size) {
        struct piece piece = piece_at(text, size);

        if (column + piece.columns > wrap->width)
            column = begin_line(wrap, indent);
        fwrite(text, 1, piece.size, wrap->to);
        column += piece.columns;
        text += piece.size;
        size -= piece.size;
    }
    return column;
}

/* The number of bytes of the line that are shown: whole characters. */
static size_t shown_size(const struct wrap *wrap)
{
    size_t size = 0, columns = 0;

    while (size < wrap->size && columns < MOST_COLUMNS &&
           lc_text_utf8_length(wrap->line + size, wrap->size - size)) {
        struct piece piece = piece_at(wrap->line + size, wrap->size - size);

        size += piece.size;
        columns += piece.columns;
    }
    return size;
}

/* Print the buffered line without its end.
 *
 * Greedy: a gap (blanks) and the word after it are printed if both fit; otherwise the
 * line breaks and the gap is dropped. A word wider than an indented line fills the rest
 * of the current line and is broken between characters. Width is counted in terminal
 * columns; colour codes count 0. */
static void print_line(const struct wrap *wrap)
{
    size_t size = shown_size(wrap), indent = indent_of(wrap, size), column = 0;
    const char *at = wrap->line, *end = wrap->line + size;

    while (at < end) {
        struct piece gap = run_at(at, (size_t)(end - at), true);
        struct piece word = run_at(at + gap.size, (size_t)(end - at) - gap.size, false);

        if (column + gap.columns + word.columns <= wrap->width) {
            fwrite(at, 1, gap.size + word.size, wrap->to);
            column += gap.columns + word.columns;
        } else {
            bool fits = indent + word.columns <= wrap->width;

            if (fits || column + gap.columns >= wrap->width)
                column = begin_line(wrap, indent);
            else
                column += fwrite(at, 1, gap.size, wrap->to);
            column = print_long(wrap, at + gap.size, word.size, column, indent);
        }
        at += gap.size + word.size;
    }
    if (!wrap->cut && size == wrap->size)
        return;
    if (column == wrap->width)
        begin_line(wrap, indent);
    fputs(wrap->colored ? "…\033[0m" : "…", wrap->to);
}

static ssize_t write_text(void *cookie, const char *text, size_t size)
{
    struct wrap *wrap = cookie;

    for (size_t i = 0; i < size; i++) {
        if (text[i] != '\n') {
            wrap->colored |= text[i] == '\033';
            wrap->cut |= wrap->size == sizeof(wrap->line);
            if (!wrap->cut)
                wrap->line[wrap->size++] = text[i];
            continue;
        }
        print_line(wrap);
        fputc('\n', wrap->to);
        wrap->size = 0;
        wrap->colored = wrap->cut = false;
    }
    return (ssize_t)size;
}

static int end_text(void *cookie)
{
    struct wrap *wrap = cookie;

    print_line(wrap);
    free(wrap);
    return 0;
}

FILE *lc_wrap_open(FILE *to, unsigned width)
{
    struct wrap *wrap = calloc(1, sizeof(*wrap));
    FILE *stream;

    if (!wrap)
        return NULL;
    wrap->to = to;
    wrap->width = width < LEAST_WIDTH ? LEAST_WIDTH : width;
    wrap->width = wrap->width > MOST_WIDTH ? MOST_WIDTH : wrap->width;
    stream = fopencookie(wrap, "w",
                         (cookie_io_functions_t){.write = write_text, .close = end_text});
    if (!stream)
        free(wrap);
    return stream;
}

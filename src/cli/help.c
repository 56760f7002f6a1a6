/* Lays out help text by terminal columns, not bytes */
#include "cli/cli.h"

#include <string.h>

#define TEXT_WIDTH 86

/* The number of columns of our own text, given its size in bytes: one for each
 * character. */
static size_t columns(const char *text, size_t size)
{
    size_t count = 0;

    for (size_t i = 0; i < size; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

void lc_print_padded(const char *text, int width, FILE *to)
{
    int used = (int)columns(text, strlen(text));

    fprintf(to, "%s%*s", text, used < width ? width - used : 0, "");
}

void lc_print_wrapped(const char *text, size_t at, size_t indent, size_t width, FILE *to)
{
    bool fresh = true; /* no word on this line yet */

    while (*text) {
        size_t size = strcspn(text, " "), word = columns(text, size);

        if (!fresh && at + 1 + word > width) {
            fprintf(to, "\n%*s", (int)indent, "");
            at = indent;
            fresh = true;
        }
        fprintf(to, "%s%.*s", fresh ? "" : " ", (int)size, text);
        at += word + !fresh;
        fresh = false;
        text += size;
        text += strspn(text, " ");
    }
    fputc('\n', to);
}

void lc_print_indented(const char *text, int indent)
{
    printf("%*s", indent, "");
    lc_print_wrapped(text, (size_t)indent, (size_t)indent, TEXT_WIDTH, stdout);
}

/* Decides whether a file is one of our reports. Only reports are replaced without
 * --force: a false yes loses a user's file, a false no only requires --force.
 *
 * The decision reads only the first bytes of the file. Each format either has a head in
 * formats.def, or begins with the line that lc_report_mark writes. A head is a pattern of
 * literal bytes and the four special characters below, matched from left to right without
 * backtracking; after a mismatch the next alternative is tried from the first byte. A
 * head must name llava-check, or be something that hardly any other file begins with: the
 * header of our CSV, or an object whose first member is the code of one of our rules. An
 * empty file has nothing to lose and counts as a report. */
#include "report/recognise.h"

#include "llava_check/overwrite.h"
#include "report/model/report.h"

#include <string.h>

/* Characters with a special meaning in a head. */
#define HEAD_RULE "\001"   /* the code of a rule */
#define HEAD_NUMBER "\002" /* digits */
#define HEAD_OR "\003"     /* another head of the same format follows */
#define HEAD_END "\004"    /* the file ends here */

#define CODE_SIZE 6
#define MARK "# llava-check %s report\n"

static const struct {
    const char *name;
    const char *head;
} formats[] = {
#define LC_FORMAT(name, suffixes, head, printed, summary) {#name, head},
#include "report/formats.def"
#undef LC_FORMAT
};

#define FORMAT_COUNT (sizeof(formats) / sizeof(formats[0]))

/* The number of bytes at the start of a text that match one character of a head; 0 if
 * none. */
static size_t match(char head, struct lc_span text)
{
    char code[CODE_SIZE + 1] = "";
    size_t size = 0;

    if (head == *HEAD_NUMBER) {
        while (size < text.size && text.text[size] >= '0' && text.text[size] <= '9')
            size++;
        return size;
    }
    if (head != *HEAD_RULE)
        return text.size && text.text[0] == head;
    if (text.size < CODE_SIZE)
        return 0;
    memcpy(code, text.text, CODE_SIZE);
    return lc_rule_find(code) ? CODE_SIZE : 0;
}

/* Whether a text begins with one of the heads of a format. */
static bool begins(struct lc_span all, const char *heads)
{
    struct lc_span text = all;

    for (;; heads++) {
        size_t size;

        if (!*heads || *heads == *HEAD_OR)
            return true;
        if (*heads == *HEAD_END)
            return !text.size;
        size = match(*heads, text);
        text = (struct lc_span){text.text + size, text.size - size};
        if (size)
            continue;
        heads = strchr(heads, *HEAD_OR);
        if (!heads)
            return false;
        text = all;
    }
}

static bool is_marked(struct lc_span text, const char *format)
{
    char mark[64];
    int size = snprintf(mark, sizeof(mark), MARK, format);

    return text.size >= (size_t)size && memcmp(text.text, mark, (size_t)size) == 0;
}

bool lc_report_is_one(const char *begin, size_t size)
{
    const struct lc_span text = {begin, size};

    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (formats[i].head ? begins(text, formats[i].head)
                            : is_marked(text, formats[i].name))
            return true;
    return size == 0;
}

void lc_report_mark(const char *format, FILE *to)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (!formats[i].head && strcmp(formats[i].name, format) == 0)
            fprintf(to, MARK, format);
}

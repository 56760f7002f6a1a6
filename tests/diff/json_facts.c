/* json_facts.c - print the facts of src/json about texts, one line each, for the diff
 * tests
 *
 * Texts come on stdin, each after its length in four bytes, little-endian. A line has
 * these fields, separated by tabs: six from lc_json_parse (fault, offset, message,
 * offsets of NaN and of a lone surrogate, value), the same six from lc_json_parse_exact,
 * then what the splitter relies on: fault and end of the value at the start of the text,
 * and the result of lc_brackets_find with the end that it found. */

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/brackets.h"
#include "json/json.h"

static void print_hex(const char *text, size_t size)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];

        putchar_unlocked(digits[c >> 4]);
        putchar_unlocked(digits[c & 15]);
    }
}

/* Return the first character of values of a type. */
static const char *begin_of(enum lc_json_type type)
{
    switch (type) {
    case LC_JSON_NULL:
        return "n";
    case LC_JSON_FALSE:
        return "f";
    case LC_JSON_TRUE:
        return "t";
    case LC_JSON_INTEGER:
    case LC_JSON_BIG:
        return "-0123456789";
    case LC_JSON_FLOAT:
        return "-0123456789NI";
    case LC_JSON_STRING:
        return "\"";
    case LC_JSON_ARRAY:
        return "[";
    case LC_JSON_OBJECT:
        return "{";
    case LC_JSON_UNSIGNED: /* not in exact tapes */
        break;
    }
    return "";
}

/* Check that the offset of an exact value is where it begins. */
static void check_offset(const struct lc_json_doc *doc, uint32_t at, const char *text)
{
    char c = text[lc_json_offset(doc, at)];

    assert(c && strchr(begin_of(lc_json_type(doc, at)), c));
}

static uint32_t print_value(const struct lc_json_doc *doc, uint32_t at, const char *text);

/* Print the size and contents of an array or object. */
static void print_inside(const struct lc_json_doc *doc, uint32_t at, const char *text)
{
    bool array = lc_json_type(doc, at) == LC_JSON_ARRAY;
    uint32_t close = lc_json_close(doc, at), values = 0, i;

    for (i = at + 1; i < close; i = lc_json_next(doc, i))
        values++;
    assert(i == close && (array || values % 2 == 0));
    printf("%c%" PRIu32, array ? '[' : '{', array ? values : values / 2);
    for (i = at + 1; i < close;) {
        putchar(' ');
        i = print_value(doc, i, text);
    }
    assert(i == close);
    putchar(array ? ']' : '}');
}

/* Print the value at an index; return the index after it. The parsers limit the depth,
 * and so the recursion. */
static uint32_t print_value(const struct lc_json_doc *doc, uint32_t at, const char *text)
{
    enum lc_json_type type = lc_json_type(doc, at);
    struct lc_span span;

    if (doc->exact)
        check_offset(doc, at, text);
    switch (type) {
    case LC_JSON_NULL:
    case LC_JSON_FALSE:
    case LC_JSON_TRUE:
    case LC_JSON_FLOAT:
        putchar(type); /* n, f, t, d */
        break;
    case LC_JSON_INTEGER:
        printf("i%" PRId64, lc_json_integer(doc, at));
        break;
    case LC_JSON_UNSIGNED:
        printf("i%" PRIu64, (uint64_t)lc_json_integer(doc, at));
        break;
    case LC_JSON_BIG:
        span = lc_json_string(doc, at);
        printf("i%.*s", (int)span.size, span.text);
        break;
    case LC_JSON_STRING:
        span = lc_json_string(doc, at);
        putchar('s');
        print_hex(span.text, span.size);
        break;
    case LC_JSON_ARRAY:
    case LC_JSON_OBJECT:
        print_inside(doc, at, text);
        break;
    default:
        assert(!"a type that is none");
    }
    return lc_json_next(doc, at);
}

static const char *fault_name(enum lc_json_fault fault)
{
    static const char *const names[] = {"fine", "syntax", "cut-off", "not-utf8",
                                        "too-deep"};

    assert((size_t)fault < sizeof(names) / sizeof(names[0]));
    return names[fault];
}

static void print_result(const struct lc_json_doc *doc,
                         const struct lc_json_problem *problem, const char *text)
{
    printf("%s\t%" PRIu32 "\t%s\t", fault_name(problem->fault), problem->offset,
           problem->message);
    if (problem->fault == LC_JSON_FINE) {
        printf("%" PRId64 "\t%" PRId64 "\t", doc->nan_offset, doc->surrogate_offset);
        print_value(doc, LC_JSON_ROOT, text);
    } else {
        fputs("-1\t-1\t-", stdout);
    }
}

static const char *brackets_name(enum lc_brackets brackets)
{
    return brackets == LC_BRACKETS_CLOSED ? "closed"
           : brackets == LC_BRACKETS_OPEN ? "open"
                                          : "doubt";
}

static void print_beginning(struct lc_json_parser *parser, const char *text, size_t size)
{
    struct lc_json_problem problem;
    struct lc_json_doc doc;
    struct lc_error err = {0};
    enum lc_status status =
        lc_json_parse_exact(parser, text, size, false, &doc, &problem, &err);

    assert(status == LC_OK);
    printf("\t%s\t%" PRIu32, fault_name(problem.fault),
           problem.fault == LC_JSON_FINE ? doc.used : problem.offset);
    if (size && (text[0] == '{' || text[0] == '[')) {
        struct lc_extent extent = {0};
        enum lc_brackets brackets = lc_brackets_find(text, size, &extent);

        printf("\t%s\t%zu", brackets_name(brackets),
               brackets == LC_BRACKETS_CLOSED ? extent.size : 0);
    } else {
        fputs("\tnone\t0", stdout);
    }
    putchar('\n');
}

/* Fill the padding, whose content must not matter, differently for each text. */
static void fill_padding(char *padding, size_t number)
{
    static const char junk[] = "\0\"}1 \\]{,e\x80";

    memset(padding, junk[number % (sizeof(junk) - 1)], LC_JSON_PADDING);
}

static void print_facts(struct lc_json_parser *parser, const char *padded, size_t size)
{
    struct lc_json_problem problem;
    struct lc_json_doc doc;
    struct lc_error err = {0};
    enum lc_status status = lc_json_parse(parser, padded, size, &doc, &problem, &err);
    char *bare = malloc(
        size ? size : 1); /* exact size, so that a sanitizer notices reads past the end */

    assert(status == LC_OK && bare);
    print_result(&doc, &problem, padded);
    putchar('\t');
    memcpy(bare, padded, size);
    status = lc_json_parse_exact(parser, bare, size, true, &doc, &problem, &err);
    assert(status == LC_OK);
    print_result(&doc, &problem, bare);
    free(bare);
    print_beginning(parser, padded, size);
}

int main(void)
{
    struct lc_json_parser *parser = NULL;
    unsigned char length[4];
    bool good = true;

    if (lc_json_parser_new(&parser, NULL) != LC_OK)
        return 2;
    for (size_t number = 0; good && fread(length, 1, 4, stdin) == 4; number++) {
        size_t size = (size_t)length[0] | (size_t)length[1] << 8 |
                      (size_t)length[2] << 16 | (size_t)length[3] << 24;
        char *text = malloc(size + LC_JSON_PADDING);

        assert(text);
        good = fread(text, 1, size, stdin) == size;
        fill_padding(text + size, number);
        if (good)
            print_facts(parser, text, size);
        free(text);
    }
    lc_json_parser_free(parser);
    if (fclose(stdout) != 0)
        good = false;
    return good ? 0 : 2;
}

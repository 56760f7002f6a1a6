/* json_facts.c - prints what src/json says of texts, one line each, for the diff tests
 *
 * Texts come on stdin, each behind its length in four bytes, little-endian. A line has
 * these fields, separated by tabs: six of lc_json_parse (fault, offset, message, offsets
 * of NaN and of a lone surrogate, value), the same six of lc_json_parse_exact, then what
 * the splitter relies on: fault and end of the value that the text begins with, and
 * what lc_brackets_find says with the end that it found. */

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

/* The offset of an exact node must be where its value begins. */
static void check_offset(const struct lc_json_node *node, const char *text)
{
    static const char *const begins[] = {
        [LC_JSON_NULL] = "n",          [LC_JSON_FALSE] = "f",
        [LC_JSON_TRUE] = "t",          [LC_JSON_INTEGER] = "-0123456789",
        [LC_JSON_BIG] = "-0123456789", [LC_JSON_FLOAT] = "-0123456789NI",
        [LC_JSON_STRING] = "\"",       [LC_JSON_ARRAY] = "[",
        [LC_JSON_OBJECT] = "{",
    };

    assert(text[node->offset] && strchr(begins[node->type], text[node->offset]));
}

/* Print the value at an index; return the index behind it. Depth is bounded by the
 * parsers, so is this recursion. */
static uint32_t print_value(const struct lc_json_doc *doc, uint32_t at, const char *text)
{
    const struct lc_json_node *node = &doc->nodes[at];
    uint32_t values = node->type == LC_JSON_OBJECT ? 2 * node->count : node->count;
    uint32_t next = at + 1;

    assert(at < doc->count);
    if (doc->exact)
        check_offset(node, text);
    switch ((enum lc_json_type)node->type) {
    case LC_JSON_NULL:
    case LC_JSON_FALSE:
    case LC_JSON_TRUE:
    case LC_JSON_FLOAT:
        putchar("nftd"[node->type == LC_JSON_FLOAT ? 3 : node->type]);
        break;
    case LC_JSON_INTEGER:
        printf("i%" PRId64, node->as.integer);
        break;
    case LC_JSON_BIG:
        printf("i%.*s", (int)node->count, node->as.text);
        break;
    case LC_JSON_STRING:
        putchar('s');
        print_hex(node->as.text, node->count);
        break;
    case LC_JSON_ARRAY:
    case LC_JSON_OBJECT:
        printf("%c%" PRIu32, node->type == LC_JSON_ARRAY ? '[' : '{', node->count);
        for (uint32_t i = 0; i < values; i++) {
            putchar(' ');
            next = print_value(doc, next, text);
        }
        putchar(node->type == LC_JSON_ARRAY ? ']' : '}');
        break;
    }
    assert(next == node->next);
    return next;
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
        assert(print_value(doc, 0, text) == doc->count);
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
    size_t end = 0;
    enum lc_status status =
        lc_json_parse_exact(parser, text, size, false, &doc, &problem, &err);

    assert(status == LC_OK);
    printf("\t%s\t%" PRIu32, fault_name(problem.fault),
           problem.fault == LC_JSON_FINE ? doc.used : problem.offset);
    if (size && (text[0] == '{' || text[0] == '[')) {
        enum lc_brackets brackets = lc_brackets_find(text, size, &end);

        printf("\t%s\t%zu", brackets_name(brackets),
               brackets == LC_BRACKETS_CLOSED ? end : 0);
    } else {
        fputs("\tnone\t0", stdout);
    }
    putchar('\n');
}

/* What stands in the padding must not matter: it changes from text to text. */
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
    char *bare = malloc(size ? size : 1); /* a sanitizer sees reads beyond it */

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

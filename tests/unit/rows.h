/* rows.h - shared by the tests of rows and turns: reading a row from its text in every
 * way
 */
#ifndef LC_TESTS_ROWS_H
#define LC_TESTS_ROWS_H

#include "unit.h"

#include "dataset/row.h"

enum { ROOM = 1 << 17 };

static struct lc_json_parser *parser;
static const struct lc_dialect *dialect = lc_dialects; /* of the texts */
static struct lc_row
    row;               /* shared by all texts, as in a worker: nothing may be left over */
static char *padded;   /* the text being read */
static bool was_quick; /* the last text was read by the quick reader */

static inline int make_parser(void **state)
{
    (void)state;
    padded = grab(ROOM + LC_JSON_PADDING);
    return lc_json_parser_new(&parser, NULL) != LC_OK;
}

static inline int free_parser(void **state)
{
    (void)state;
    lc_row_clear(&row);
    lc_row_clear(&row);
    lc_row_clear(NULL);
    lc_json_parser_free(parser);
    free(padded);
    return 0;
}

/* The ways to read a row, which must give the same facts. As in the program, the fast
 * parser reads what the quick reader gives up on. */
enum { FAST, EXACT, QUICK, WAYS };

static inline void parse_and_read(size_t size, size_t way)
{
    struct lc_json_problem problem;
    struct lc_json_doc doc;
    enum lc_status status =
        way == EXACT
            ? lc_json_parse_exact(parser, padded, size, true, &doc, &problem, NULL)
            : lc_json_parse(parser, padded, size, &doc, &problem, NULL);

    assert_int_equal(status, LC_OK);
    assert_int_equal(problem.fault, LC_JSON_FINE);
    assert_int_equal(lc_row_read(&row, dialect, &doc, NULL), LC_OK);
}

/* Read a row's text; the result is valid until the next call. */
static inline const struct lc_row *read_row(const char *text, size_t way)
{
    size_t size = strlen(text);

    assert_true(size <= ROOM);
    memcpy(padded, text, size);
    memset(padded + size, '"', LC_JSON_PADDING);
    was_quick = false;
    if (way == QUICK)
        assert_int_equal(lc_row_read_quick(&row, dialect, padded, size, &was_quick, NULL),
                         LC_OK);
    if (!was_quick)
        parse_and_read(size, way);
    return &row;
}

#endif

/* test_keys.c - src/dataset/keys: duplicate keys in the objects of a row */
#include "unit.h"

#include "base/buffer.h"
#include "dataset/keys.h"
#include "dataset/row.h"

static struct lc_json_parser *parser;
static struct lc_row row; /* shared by all texts: nothing may be left over */
static struct lc_json_doc doc;

static int make_parser(void **state)
{
    (void)state;
    return lc_json_parser_new(&parser, NULL) != LC_OK;
}

static int free_parser(void **state)
{
    (void)state;
    lc_row_clear(&row);
    lc_json_parser_free(parser);
    return 0;
}

/* The two ways to read a row: facts must not depend on them. */
enum { FAST, EXACT, WAYS };

/* Parse a text, and return its copy, which the caller frees; the doc is valid that long.
 */
static char *parse(const char *text, int way)
{
    struct lc_json_problem problem;
    size_t size = strlen(text);
    char *copy = grab(size + LC_JSON_PADDING);
    enum lc_status status;

    memcpy(copy, text, size);
    memset(copy + size, '"', LC_JSON_PADDING);
    status = way == EXACT
                 ? lc_json_parse_exact(parser, copy, size, true, &doc, &problem, NULL)
                 : lc_json_parse(parser, copy, size, &doc, &problem, NULL);
    assert_int_equal(status, LC_OK);
    assert_int_equal(problem.fault, LC_JSON_FINE);
    return copy;
}

/* Read a row in every way: the key at an offset is a duplicate, or there is none. The
 * quick reader must refuse rows with duplicate keys, because it cannot report them. */
static void check(const char *text, const char *key, uint32_t offset)
{
    bool read = true;
    char *quick = parse(text, FAST);

    assert_int_equal(
        lc_row_read_quick(&row, lc_dialects, quick, strlen(text), &read, NULL), LC_OK);
    assert_false(key && read);
    assert_true(!read || !row.duplicate_key.text);
    free(quick);
    for (int way = 0; way < WAYS; way++) {
        char *copy = parse(text, way);

        assert_int_equal(lc_row_read(&row, lc_dialects, &doc, NULL), LC_OK);
        if ((row.duplicate_key.text != NULL) != (key != NULL) ||
            (key && !spells(row.duplicate_key, key)) ||
            (key && row.duplicate_key_at != offset))
            fail_msg("%.200s: %.*s at %u", text, (int)row.duplicate_key.size,
                     row.duplicate_key.text ? row.duplicate_key.text : "nothing",
                     row.duplicate_key.text ? row.duplicate_key_at : 0);
        free(copy);
    }
}

static void small_objects(void **state)
{
    static const struct {
        const char *text, *key; /* NULL: there is none */
        uint32_t offset;
    } cases[] = {
        {"{}", NULL, 0},
        {"{\"a\": 1}", NULL, 0},
        {"{\"a\": 1, \"b\": 2}", NULL, 0},
        {"{\"a\": 1, \"a\": 2}", "a", 9},
        {"{\"a\": 1, \"b\": 2, \"a\": 1}", "a", 17},
        {"{\"a\": 1, \"b\": 2, \"b\": 3, \"a\": 4}", "b", 17}, /* the first */
        {"{\"a\": 1, \"a\": 2, \"a\": 3}", "a", 9},
        {"{\"id\": 1, \"id\": 1}", "id", 10},
        {"{\"image\": \"a\", \"image\": \"b\"}", "image", 15},
        {"{\"conversations\": [], \"conversations\": []}", "conversations", 22},
        {"{\"\": 1, \"\": 2}", "", 8},
        {"{\"a\": 1, \"\\u0061\": 2}", "a", 9}, /* keys are compared after unescaping */
        {"{\"\\u00e9\": 1, \"\xC3\xA9\": 2}", "\xC3\xA9", 14},
        {"{\"a\": 1, \"A\": 2}", NULL, 0},
        {"{\"a\": 1, \"a \": 2}", NULL, 0},
        {"{\"a\": 1, \"a\\u0000\": 2}", NULL, 0},
        {"{\"a\": \"a\", \"b\": \"a\"}", NULL, 0}, /* values are not keys */
        {"{\"a\": \"b\", \"b\": \"a\"}", NULL, 0},
        {"{\"a\": [\"b\", \"b\", \"a\"]}", NULL, 0},
        {"{\"a\": 97, \"b\": 98.5, \"c\": null, \"d\": 18446744073709551615}", NULL, 0},
        {"{\"a\": 1, \"b\": 2, \"c\": 3, \"d\": 4, \"e\": 5, \"f\": 6, \"g\": 7, \"a\": "
         "8}",
         "a", 57},
        {"{\"a\": NaN, \"a\": \"\\ud800\"}", "a", 11}, /* only Python reads it */
    };
    EXPECT_CASES(cases, 22);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check(cases[i].text, cases[i].key, cases[i].offset);
}

/* Objects are found at any position; keys of different objects are not duplicates. */
static void everywhere(void **state)
{
    static const struct {
        const char *before, *after;
    } places[] = {
        {"", ""},
        {"{\"x\": ", "}"},
        {"{\"x\": {\"y\": [1, {\"z\": ", "}, 2]}}"},
        {"{\"x\": [[[[", "]]]]}"},
        {"{\"a\": [{\"a\": 1}, {\"a\": ", "}], \"b\": {\"a\": 2}}"},
        {"{\"id\": ", "}"},
        {"{\"id\": [", "]}"},
        {"{\"image\": ", "}"},
        {"{\"image\": [\"a\", ", "]}"},
        {"{\"video\": [", ", 1]}"},
        {"{\"images\": [", "]}"},
        {"{\"data_source\": ", "}"},
        {"{\"conversations\": ", "}"},
        {"{\"conversations\": [", "]}"},
        {"{\"conversations\": [1, [", "]]}"},
        {"{\"conversations\": [{\"from\": ", "}]}"},
        {"{\"conversations\": [{\"from\": \"a\", \"value\": ", "}]}"},
        {"{\"conversations\": [{\"from\": \"a\", \"value\": \"b\"}, ", "]}"},
        {"{\"conversations\": [{\"x\": [", "], \"from\": \"a\", \"value\": \"b\"}]}"},
        {"{\"conversations\": {\"x\": ", "}}"},
        {"[", "]"},
        {"[1, \"a\", [{\"x\": ", "}]]"},
        {"[{\"a\": 1}, ", ", {\"a\": 1}]"},
    };
    static const char doubled[] = "{\"a\": 1, \"b\": {\"a\": 2}, \"a\": 3}";
    static const char sound[] = "{\"a\": 1, \"b\": {\"a\": 2}, \"c\": 3}";
    char text[256];
    EXPECT_CASES(places, 23);

    (void)state;
    for (size_t i = 0; i < COUNT(places); i++) {
        snprintf(text, sizeof(text), "%s%s%s", places[i].before, doubled,
                 places[i].after);
        check(text, "a", (uint32_t)strlen(places[i].before) + 24);
        snprintf(text, sizeof(text), "%s%s%s", places[i].before, sound, places[i].after);
        check(text, NULL, 0);
    }
}

static void turns(void **state)
{
    static const struct {
        const char *turn, *key;
        uint32_t offset; /* in the turn */
    } cases[] = {
        {"{\"from\": \"human\", \"value\": \"a\"}", NULL, 0},
        {"{\"from\": \"human\", \"from\": \"gpt\", \"value\": \"a\"}", "from", 18},
        {"{\"from\": \"human\", \"value\": \"a\", \"value\": \"a\"}", "value", 32},
        {"{\"x\": 1, \"from\": \"human\", \"x\": 1, \"value\": \"a\"}", "x", 26},
        {"{\"from\": \"human\", \"value\": \"from\"}", NULL, 0},
        {"{\"role\": 1, \"content\": 2, \"role\": 1}", "role", 26},
        {"{\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,\"from\":0,"
         "\"from\":0}",
         "from", 58},
        {"{\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"from\":0,\"h\":0,"
         "\"from\":0}",
         "from", 58},
    };
    static const char before[] =
        "{\"conversations\": [{\"from\": \"gpt\", \"value\": \"x\"}, ";
    char text[256];
    EXPECT_CASES(cases, 8);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(text, sizeof(text), "%s%s]}", before, cases[i].turn);
        check(text, cases[i].key, (uint32_t)(sizeof(before) - 1) + cases[i].offset);
        assert_int_equal(row.turn_count, 2);
    }
}

/* Write an object of count keys between two texts; the key at second equals that at
 * first. Returns the offset of second. */
static uint32_t write_object(struct lc_buffer *out, const char *before, size_t count,
                             size_t first, size_t second, const char *after)
{
    size_t offset = 0;

    out->size = 0;
    assert_int_equal(lc_buffer_printf(out, NULL, "%s{", before), LC_OK);
    for (size_t i = 0; i < count; i++) {
        size_t name = i == second ? first : i;

        assert_int_equal(lc_buffer_printf(out, NULL, "%s", i ? ", " : ""), LC_OK);
        if (i == second)
            offset = out->size;
        assert_int_equal(lc_buffer_printf(out, NULL, "\"k%zu\": %zu", name, i), LC_OK);
    }
    assert_int_equal(lc_buffer_printf(out, NULL, "}%s", after), LC_OK);
    return (uint32_t)offset;
}

/* Objects of every size up to a limit, with every pair of equal keys, in three places. */
static void larger_objects(void **state)
{
    static const struct {
        const char *before, *after;
    } places[] = {{"", ""}, {"{\"x\": [", "]}"}, {"{\"conversations\": [", "]}"}};
    struct lc_buffer text = {0};
    char key[32];
    EXPECT_CASES(places, 3);

    (void)state;
    for (size_t i = 0; i < COUNT(places); i++) {
        for (size_t count = 2; count <= 20; count++) {
            for (size_t second = 1; second < count; second++) {
                for (size_t first = 0; first < second; first++) {
                    uint32_t at = write_object(&text, places[i].before, count, first,
                                               second, places[i].after);

                    snprintf(key, sizeof(key), "k%zu", first);
                    check(text.data, key, at);
                }
            }
            write_object(&text, places[i].before, count, 0, count, places[i].after);
            check(text.data, NULL, 0);
        }
    }
    lc_buffer_clear(&text);
}

/* If every key were compared with every other, these would take minutes. */
static void huge_objects(void **state)
{
    static const struct {
        size_t first, second;
    } pairs[] = {{0, 99999}, {49999, 50000}, {99998, 99999}, {0, 8}, {7, 9}, {0, 1}};
    struct lc_buffer text = {0};
    char key[32];
    EXPECT_CASES(pairs, 6);

    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        uint32_t at =
            write_object(&text, "", 100000, pairs[i].first, pairs[i].second, "");

        snprintf(key, sizeof(key), "k%zu", pairs[i].first);
        check(text.data, key, at);
        at = write_object(&text, "[{\"a\": ", 100000, pairs[i].first, pairs[i].second,
                          "}]");
        check(text.data, key, at);
    }
    write_object(&text, "", 100000, 0, 100000, "");
    check(text.data, NULL, 0);
    lc_buffer_clear(&text);
}

/* Values nested as deep as allowed, and many objects in a row. */
static void deep_and_many(void **state)
{
    enum { DEPTH = LC_JSON_MAX_DEPTH - 1, MANY = 20000 };
    struct lc_buffer text = {0};

    (void)state;
    for (int i = 0; i < DEPTH; i++)
        assert_int_equal(lc_buffer_printf(&text, NULL, "{\"a\":"), LC_OK);
    assert_int_equal(lc_buffer_printf(&text, NULL, "{\"b\":1,\"b\":2}"), LC_OK);
    for (int i = 0; i < DEPTH; i++)
        assert_int_equal(lc_buffer_printf(&text, NULL, "}"), LC_OK);
    check(text.data, "b", DEPTH * 5 + 7);
    text.size = 0;
    assert_int_equal(lc_buffer_printf(&text, NULL, "{\"x\": ["), LC_OK);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(lc_buffer_printf(&text, NULL, "{\"a\":1,\"b\":[]},"), LC_OK);
    assert_int_equal(lc_buffer_printf(&text, NULL, "{\"a\":1,\"a\":2}]}"), LC_OK);
    check(text.data, "a", 7 + MANY * 15 + 7);
    lc_buffer_clear(&text);
}

/* The parts: recorded keys are kept, and only those that overflow must be checked again.
 */
static void parts(void **state)
{
    struct lc_row facts = {0};

    (void)state;
    for (int way = 0; way < WAYS; way++) {
        char *copy = parse("{\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,"
                           "\"h\":0,\"i\":{\"x\":0,\"x\":0},\"i\":1}",
                           way);
        struct lc_keys keys = {.count = 0};
        uint32_t at = LC_JSON_ROOT + 1;

        facts.duplicate_key = (struct lc_span){0};
        for (int i = 0; i < 10; i++) {
            lc_keys_note(&keys, &facts, &doc, at);
            at = lc_json_next(&doc, lc_json_next(&doc, at));
            assert_int_equal(keys.count, i + 1);
            assert_int_equal(lc_keys_overflow(&keys), i >= 8);
        }
        assert_null(facts.duplicate_key.text); /* the last two are not kept */
        assert_int_equal(lc_keys_check(&facts, &doc, LC_JSON_ROOT, NULL), LC_OK);
        assert_true(spells(facts.duplicate_key, "i"));
        facts.duplicate_key = (struct lc_span){0};
        lc_keys_note(&keys, &facts, &doc, LC_JSON_ROOT + 1);
        assert_null(facts.duplicate_key.text);
        assert_int_equal(lc_keys_check_all(&facts, &doc, LC_JSON_ROOT + 1, NULL), LC_OK);
        assert_null(facts.duplicate_key.text); /* a string holds no object */
        free(copy);
    }
    lc_row_clear(&facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_objects), cmocka_unit_test(everywhere),
        cmocka_unit_test(turns),         cmocka_unit_test(larger_objects),
        cmocka_unit_test(huge_objects),  cmocka_unit_test(deep_and_many),
        cmocka_unit_test(parts),
    };

    return cmocka_run_group_tests(tests, make_parser, free_parser);
}

/* test_row.c - src/dataset/row: the facts about a row, from its text */
#include "unit.h"

#include "dataset/row.h"

static struct lc_json_parser *parser;
static struct lc_row row; /* one for all texts, as in a worker: nothing may stay in it */

static int make_parser(void **state)
{
    (void)state;
    return lc_json_parser_new(&parser, NULL) != LC_OK;
}

static int free_parser(void **state)
{
    (void)state;
    lc_row_clear(&row);
    lc_row_clear(&row);
    lc_row_clear(NULL);
    lc_json_parser_free(parser);
    return 0;
}

/* Read a row's text with the exact parser; both are valid until the next call. */
static const struct lc_row *read_row(const char *text)
{
    struct lc_json_problem problem;
    struct lc_json_doc doc;

    assert_int_equal(
        lc_json_parse_exact(parser, text, strlen(text), true, &doc, &problem, NULL),
        LC_OK);
    assert_int_equal(problem.fault, LC_JSON_FINE);
    assert_int_equal(lc_row_read(&row, &doc, NULL), LC_OK);
    assert_true(row.exact);
    return &row;
}

static void ids(void **state)
{
    static const struct {
        const char *text;
        enum lc_id_kind kind;
        const char *id; /* when good */
        uint32_t offset;
    } cases[] = {
        {"{}", LC_ID_MISSING, "", 0},
        {"{\"Id\": 1}", LC_ID_MISSING, "", 0},
        {"{\"id\": \"a\"}", LC_ID_GOOD, "a", 7},
        {"{\"id\": \"\\u00e9\"}", LC_ID_GOOD, "\xC3\xA9", 7},
        {"{\"\\u0069d\": \"a\"}", LC_ID_GOOD, "a", 12},
        {"{\"id\": 7}", LC_ID_GOOD, "7", 7},
        {"{\"id\": -7}", LC_ID_GOOD, "-7", 7},
        {"{\"id\": 0}", LC_ID_GOOD, "0", 7},
        {"{\"id\": -0}", LC_ID_GOOD, "0", 7}, /* str(-0) in Python */
        {"{\"id\": -9223372036854775808}", LC_ID_GOOD, "-9223372036854775808", 7},
        {"{\"id\": 18446744073709551616}", LC_ID_GOOD, "18446744073709551616", 7},
        {"{\"id\": \"\"}", LC_ID_BAD, NULL, 7},
        {"{\"id\": \" \\n\\u3000\"}", LC_ID_BAD, NULL, 7},
        {"{\"id\": null}", LC_ID_BAD, NULL, 7},
        {"{\"id\": true}", LC_ID_BAD, NULL, 7},
        {"{\"id\": 1.0}", LC_ID_BAD, NULL, 7},
        {"{\"id\": NaN}", LC_ID_BAD, NULL, 7},
        {"{\"id\": []}", LC_ID_BAD, NULL, 7},
        {"{\"id\": {\"id\": 1}}", LC_ID_BAD, NULL, 7},
        {"{\"x\": {\"id\": 1}}", LC_ID_MISSING, "", 0},
        /* twice: the last one counts */
        {"{\"id\": 1, \"id\": \"b\"}", LC_ID_GOOD, "b", 16},
        {"{\"id\": null, \"id\": 2}", LC_ID_GOOD, "2", 19},
        {"{\"id\": 1, \"id\": null}", LC_ID_BAD, NULL, 16},
    };
    EXPECT_CASES(cases, 23);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct lc_row *got = read_row(cases[i].text);

        assert_true(got->object);
        assert_int_equal(got->id_kind, cases[i].kind);
        assert_int_equal(got->id_offset, cases[i].offset);
        if (cases[i].id)
            assert_true(spells(got->id, cases[i].id));
    }
}

static void images(void **state)
{
    static const struct {
        const char *text;
        enum lc_images_kind kind;
        size_t count;
        const char *said; /* the last image, or the fault */
    } cases[] = {
        {"{}", LC_IMAGES_NONE, 0, NULL},
        {"{\"images\": [\"a\"]}", LC_IMAGES_NONE, 0, NULL},
        {"{\"image\": \"a.jpg\"}", LC_IMAGES_GOOD, 1, "a.jpg"},
        {"{\"image\": \" a.jpg\"}", LC_IMAGES_GOOD, 1, " a.jpg"},
        {"{\"image\": [\"a.jpg\"]}", LC_IMAGES_GOOD, 1, "a.jpg"},
        {"{\"image\": [\"a.jpg\", \"b/c.png\"]}", LC_IMAGES_GOOD, 2, "b/c.png"},
        {"{\"image\": [\"a.jpg\", \"a.jpg\"]}", LC_IMAGES_GOOD, 2, "a.jpg"},
        {"{\"image\": null}", LC_IMAGES_BAD, 0, "null"},
        {"{\"image\": 1}", LC_IMAGES_BAD, 0, "a number"},
        {"{\"image\": 1.5}", LC_IMAGES_BAD, 0, "a number"},
        {"{\"image\": 99999999999999999999}", LC_IMAGES_BAD, 0, "a number"},
        {"{\"image\": true}", LC_IMAGES_BAD, 0, "true"},
        {"{\"image\": false}", LC_IMAGES_BAD, 0, "false"},
        {"{\"image\": {\"image\": \"a\"}}", LC_IMAGES_BAD, 0, "an object"},
        {"{\"image\": \"\"}", LC_IMAGES_BAD, 0, "a blank string"},
        {"{\"image\": \" \\t\"}", LC_IMAGES_BAD, 0, "a blank string"},
        {"{\"image\": []}", LC_IMAGES_BAD, 0, "an empty list"},
        {"{\"image\": [\"a\", 1]}", LC_IMAGES_BAD, 0,
         "a list that holds something other than strings"},
        {"{\"image\": [[\"a\"]]}", LC_IMAGES_BAD, 0,
         "a list that holds something other than strings"},
        {"{\"image\": [\"a\", \" \"]}", LC_IMAGES_BAD, 0,
         "a list that holds a blank string"},
        {"{\"image\": null, \"image\": \"a.jpg\"}", LC_IMAGES_GOOD, 1, "a.jpg"},
        {"{\"image\": [\"a\", \"b\"], \"image\": \"c\"}", LC_IMAGES_GOOD, 1, "c"},
        {"{\"image\": \"a\", \"image\": null}", LC_IMAGES_BAD, 0, "null"},
    };
    EXPECT_CASES(cases, 23);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct lc_row *got = read_row(cases[i].text);

        assert_int_equal(got->images_kind, cases[i].kind);
        assert_int_equal(got->image_count, cases[i].count);
        if (cases[i].kind == LC_IMAGES_BAD)
            assert_string_equal(got->images_fault, cases[i].said);
        else
            assert_null(got->images_fault);
        if (cases[i].count)
            assert_true(spells(got->images[got->image_count - 1], cases[i].said));
        if (cases[i].kind != LC_IMAGES_NONE)
            assert_true(got->images_offset >= 10);
    }
}

static void elements(void **state)
{
    static const char *const texts[] = {"1", "\"a\"", "[]", "[{\"id\": 1}]", "null"};
    EXPECT_CASES(texts, 5);

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        (void)read_row(
            "{\"id\": \"left over\", \"image\": \"a\", \"conversations\": [{}]}");
        (void)read_row(texts[i]);
        assert_false(row.object);
        assert_int_equal(row.id_kind, LC_ID_MISSING);
        assert_int_equal(row.image_count, 0);
        assert_int_equal(row.turn_count, 0);
        assert_int_equal(row.malformed, 0);
    }
}

static void conversations(void **state)
{
    static const struct {
        const char *text;
        enum lc_turns_kind kind;
        size_t turns, malformed, human, answers, all, words;
    } cases[] = {
        {"{}", LC_TURNS_MISSING, 0, 0, 0, 0, 0, 0},
        {"{\"conversation\": []}", LC_TURNS_MISSING, 0, 0, 0, 0, 0, 0},
        {"{\"conversations\": null}", LC_TURNS_NOT_LIST, 0, 0, 0, 0, 0, 0},
        {"{\"conversations\": \"a\"}", LC_TURNS_NOT_LIST, 0, 0, 0, 0, 0, 0},
        {"{\"conversations\": {\"from\": \"human\"}}", LC_TURNS_NOT_LIST, 0, 0, 0, 0, 0,
         0},
        {"{\"conversations\": []}", LC_TURNS_LIST, 0, 0, 0, 0, 0, 0},
        {"{\"conversations\": [{\"from\": \"human\", \"value\": \"<image>\\nIs it?\"}, "
         "{\"from\": \"gpt\", \"value\": \"Yes, it is.\"}]}",
         LC_TURNS_LIST, 2, 0, 1, 0, 1, 6},
        {"{\"conversations\": [{\"from\": \"human\", \"value\": \"<image><image>\"}, "
         "{\"from\": \"gpt\", \"value\": \"<image>\"}, {\"from\": \"user\", \"value\": "
         "\"<image> <Image>\"}]}",
         LC_TURNS_LIST, 3, 0, 2, 1, 4, 4},
        {"{\"conversations\": [1, null, [], \"human\"]}", LC_TURNS_LIST, 4, 4, 0, 0, 0,
         0},
        {"{\"conversations\": [{}, {\"from\": \"human\"}, {\"value\": \"a <image>\"}]}",
         LC_TURNS_LIST, 3, 3, 0, 0, 1, 2},
        {"{\"conversations\": [1, 2], \"conversations\": [{\"from\": \"gpt\", \"value\": "
         "\"<image>\"}]}",
         LC_TURNS_LIST, 1, 0, 0, 1, 1, 1},
        {"{\"conversations\": [{\"from\": \"gpt\", \"value\": \"<image>\"}], "
         "\"conversations\": 1}",
         LC_TURNS_NOT_LIST, 0, 0, 0, 0, 0, 0},
    };
    EXPECT_CASES(cases, 12);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct lc_row *got = read_row(cases[i].text);

        assert_int_equal(got->turns_kind, cases[i].kind);
        assert_int_equal(got->turn_count, cases[i].turns);
        assert_int_equal(got->malformed, cases[i].malformed);
        assert_int_equal(got->human_placeholders, cases[i].human);
        assert_int_equal(got->answer_placeholders, cases[i].answers);
        assert_int_equal(got->placeholders, cases[i].all);
        assert_int_equal(got->words, cases[i].words);
    }
}

static void turns(void **state)
{
    static const struct {
        const char *turn;
        enum lc_role role;
        const char *value; /* NULL: there is none */
        const char *fault;
    } cases[] = {
        {"{\"from\": \"human\", \"value\": \"a\"}", LC_ROLE_HUMAN, "a", NULL},
        {"{\"value\": \"a\", \"from\": \"gpt\"}", LC_ROLE_GPT, "a", NULL},
        {"{\"from\": \"Human\", \"value\": \"a\"}", LC_ROLE_OTHER, "a", NULL},
        {"{\"from\": \"gpt \", \"value\": \"a\"}", LC_ROLE_OTHER, "a", NULL},
        {"{\"from\": \"\", \"value\": \"a\"}", LC_ROLE_OTHER, "a", NULL},
        {"{\"from\": \"system\", \"value\": \"\"}", LC_ROLE_OTHER, "", NULL},
        {"{\"from\": \"gpt\", \"value\": \"a\", \"x\": 1}", LC_ROLE_GPT, "a", NULL},
        {"{\"from\": \"gpt\", \"value\": null}", LC_ROLE_GPT, NULL,
         "has no string \"value\""},
        {"{\"from\": \"gpt\", \"value\": 1}", LC_ROLE_GPT, NULL,
         "has no string \"value\""},
        {"{\"from\": \"gpt\"}", LC_ROLE_GPT, NULL, "has no string \"value\""},
        {"{\"from\": 1, \"value\": \"a\"}", LC_ROLE_NONE, "a", "has no string \"from\""},
        {"{\"value\": \"a\"}", LC_ROLE_NONE, "a", "has no string \"from\""},
        {"{}", LC_ROLE_NONE, NULL, "has no string \"value\""},
        {"{\"role\": \"user\", \"content\": \"a\"}", LC_ROLE_NONE, NULL,
         "has no string \"value\""},
        {"[\"human\", \"a\"]", LC_ROLE_NONE, NULL, "is not an object"},
        {"\"human\"", LC_ROLE_NONE, NULL, "is not an object"},
        {"{\"from\": \"x\", \"value\": 1, \"from\": \"gpt\", \"value\": \"b\"}",
         LC_ROLE_GPT, "b", NULL},
        {"{\"from\": \"gpt\", \"from\": null, \"value\": \"b\"}", LC_ROLE_NONE, "b",
         "has no string \"from\""},
        {"{\"from\": \"gpt\", \"value\": \"<image>\", \"value\": 2}", LC_ROLE_GPT, NULL,
         "has no string \"value\""},
        {"{\"from\": \"gpt\", \"value\": {\"from\": \"human\", \"value\": \"a\"}}",
         LC_ROLE_GPT, NULL, "has no string \"value\""},
    };
    EXPECT_CASES(cases, 20);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct lc_turn *turn;
        char text[256];

        snprintf(text, sizeof(text), "{\"conversations\": [%s]}", cases[i].turn);
        turn = &read_row(text)->turns[0];
        assert_int_equal(row.turn_count, 1);
        assert_int_equal(turn->role, cases[i].role);
        assert_int_equal(turn->has_value, cases[i].value != NULL);
        assert_true(spells(turn->value, cases[i].value ? cases[i].value : ""));
        assert_int_equal(turn->offset, 19);
        assert_int_equal(row.malformed, cases[i].fault != NULL);
        assert_int_equal(turn->fault == NULL, cases[i].fault == NULL);
        if (cases[i].fault)
            assert_string_equal(turn->fault, cases[i].fault);
        else
            assert_int_equal(turn->words, *cases[i].value ? 1 : 0);
    }
}

static void videos(void **state)
{
    (void)state;
    assert_true(read_row("{\"video\": \"a.mp4\"}")->has_video);
    assert_false(read_row("{\"videos\": \"a.mp4\"}")->has_video);
}

#define TURN(from, value) "{\"from\": \"" from "\", \"value\": \"" value "\"}"
#define TALK(turns) "\"conversations\": [" turns "]"

/* Which rows have the same images and the same conversation. */
static void contents(void **state)
{
    static const char plain[] = "{\"id\": 1, \"image\": \"a\", " TALK(
        TURN("human", "b") ", " TURN("gpt", "c")) "}";
    static const struct {
        const char *text;
        bool same;
    } cases[] = {
        {plain, true},
        {"{\"id\": 2, \"image\": \"a\", " TALK(
             TURN("human", "b") ", " TURN("gpt", "c")) "}",
         true},
        {"{\"image\": [\"a\"], " TALK(TURN("human", "b") ", " TURN("gpt", "c")) "}",
         true},
        {"{" TALK(
             TURN("human", "b") ", " TURN("gpt", "c")) ", \"x\": 1, \"image\": \"a\"}",
         true},
        {"{\"image\":\"\\u0061\"," TALK(TURN("human", "b") "," TURN("gpt", "c")) "}",
         true},
        {"{\"image\": \"A\", " TALK(TURN("human", "b") ", " TURN("gpt", "c")) "}", false},
        {"{\"image\": [\"a\", \"a\"], " TALK(
             TURN("human", "b") ", " TURN("gpt", "c")) "}",
         false},
        {"{" TALK(TURN("human", "b") ", " TURN("gpt", "c")) "}", false},
        {"{\"image\": \"a\", " TALK(TURN("human", "b") ", " TURN("gpt", "c ")) "}",
         false},
        {"{\"image\": \"a\", " TALK(TURN("gpt", "c") ", " TURN("human", "b")) "}", false},
        {"{\"image\": \"a\", " TALK(TURN("gpt", "b") ", " TURN("human", "c")) "}", false},
        {"{\"image\": \"a\", " TALK(TURN("human", "bc") ", " TURN("gpt", "")) "}", false},
        {"{\"image\": \"a\", " TALK(TURN("human", "b")) "}", false},
        {"{\"image\": \"a\"}", false},
        {"{\"image\": [\"a\", \"human\", \"b\", \"gpt\", \"c\"]}", false},
    };
    struct lc_hash content;
    EXPECT_CASES(cases, 15);

    (void)state;
    content = read_row(plain)->content;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct lc_row *got = read_row(cases[i].text);

        if ((lc_hash_compare(&got->content, &content) == 0) != cases[i].same)
            fail_msg("%s: the content is %s", cases[i].text,
                     cases[i].same ? "another" : "the same");
    }
}

/* Both parsers lead to the same facts; only the exact one's have offsets. */
static void without_offsets(void **state)
{
    static const char text[] = "{\"id\": 7, \"image\": \"a\", " TALK(
        TURN("human", "<image> b") ", " TURN("gpt", "c")) "}";
    size_t size = sizeof(text) - 1;
    char *padded = grab(size + LC_JSON_PADDING);
    struct lc_json_problem problem;
    struct lc_json_doc doc;
    struct lc_hash content;

    (void)state;
    content = read_row(text)->content;
    memcpy(padded, text, size);
    memset(padded + size, ' ', LC_JSON_PADDING);
    assert_int_equal(lc_json_parse(parser, padded, size, &doc, &problem, NULL), LC_OK);
    assert_int_equal(lc_row_read(&row, &doc, NULL), LC_OK);
    assert_false(row.exact);
    assert_int_equal(row.turn_count, 2);
    assert_int_equal(row.placeholders, 1);
    assert_true(spells(row.id, "7"));
    assert_int_equal(lc_hash_compare(&row.content, &content), 0);
    free(padded);
}

/* A thousand turns and images, then a small row: the memory is used again. */
static void large_then_small(void **state)
{
    char *text = grab(100000);
    size_t at = 0;

    (void)state;
    at += (size_t)sprintf(text, "{\"image\": [\"0\"");
    for (int i = 1; i < 1000; i++)
        at += (size_t)sprintf(text + at, ", \"%d\"", i);
    at += (size_t)sprintf(text + at, "], \"conversations\": [{}");
    for (int i = 1; i < 1000; i++)
        at += (size_t)sprintf(text + at, ", " TURN("human", "<image> %d"), i);
    strcpy(text + at, "]}");
    (void)read_row(text);
    assert_int_equal(row.image_count, 1000);
    assert_true(spells(row.images[999], "999"));
    assert_int_equal(row.turn_count, 1000);
    assert_int_equal(row.malformed, 1);
    assert_int_equal(row.human_placeholders, 999);
    assert_true(spells(row.turns[999].value, "<image> 999"));
    (void)read_row("{\"id\": 1}");
    assert_int_equal(row.image_count, 0);
    assert_int_equal(row.turn_count, 0);
    assert_int_equal(row.human_placeholders, 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids),
        cmocka_unit_test(images),
        cmocka_unit_test(elements),
        cmocka_unit_test(conversations),
        cmocka_unit_test(turns),
        cmocka_unit_test(videos),
        cmocka_unit_test(contents),
        cmocka_unit_test(without_offsets),
        cmocka_unit_test(large_then_small),
    };

    return cmocka_run_group_tests(tests, make_parser, free_parser);
}

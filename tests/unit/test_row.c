/* test_row.c - src/dataset/row: the facts about a row, from its text */
#include "dataset/rest.h"
#include "rows.h"

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
        {"{\"id\": 9223372036854775808}", LC_ID_GOOD, "9223372036854775808", 7},
        {"{\"id\": 18446744073709551615}", LC_ID_GOOD, "18446744073709551615", 7},
        {"{\"id\": 18446744073709551616}", LC_ID_GOOD, "18446744073709551616", 7},
        {"{\"id\": -9223372036854775809}", LC_ID_GOOD, "-9223372036854775809", 7},
        {"{\"id\": \"\"}", LC_ID_BAD, NULL, 7},
        {"{\"id\": \" \\n\\u3000\"}", LC_ID_BAD, NULL, 7},
        {"{\"id\": null}", LC_ID_BAD, NULL, 7},
        {"{\"id\": true}", LC_ID_BAD, NULL, 7},
        {"{\"id\": 1.0}", LC_ID_BAD, NULL, 7},
        {"{\"id\": NaN}", LC_ID_BAD, NULL, 7},
        {"{\"id\": []}", LC_ID_BAD, NULL, 7},
        {"{\"id\": {\"id\": 1}}", LC_ID_BAD, NULL, 7},
        {"{\"x\": {\"id\": 1}}", LC_ID_MISSING, "", 0},
        /* duplicate: the last one counts */
        {"{\"id\": 1, \"id\": \"b\"}", LC_ID_GOOD, "b", 16},
        {"{\"id\": null, \"id\": 2}", LC_ID_GOOD, "2", 19},
        {"{\"id\": 1, \"id\": null}", LC_ID_BAD, NULL, 16},
    };
    EXPECT_CASES(cases, 26);

    (void)state;
    for (size_t i = 0; i < WAYS * COUNT(cases); i++) {
        const struct lc_row *got = read_row(cases[i / WAYS].text, i % WAYS);

        assert_true(got->object);
        assert_int_equal(got->id_kind, cases[i / WAYS].kind);
        if (got->id_kind != LC_ID_MISSING)
            assert_int_equal(got->id_at, cases[i / WAYS].offset);
        if (cases[i / WAYS].id)
            assert_true(spells(got->id, cases[i / WAYS].id));
    }
}

/* Replace each @ in a text with a key's name. */
static void put_key(const char *text, const char *key, char out[ROOM])
{
    for (*out = '\0'; *text; text++) {
        size_t used = strlen(out);

        snprintf(out + used, ROOM - used, "%.*s", *text == '@' ? (int)strlen(key) : 1,
                 *text == '@' ? key : text);
    }
}

/* Values of "image" and "video". */
static const struct paths_case {
    const char *text;
    enum lc_paths_kind kind;
    size_t count;
    const char *said; /* the last path, or the fault */
    uint32_t offset;  /* of the value, after a key of 5 letters */
} paths_cases[] = {
    {"{}", LC_PATHS_NONE, 0, NULL, 0},
    {"{\"@s\": [\"a\"]}", LC_PATHS_NONE, 0, NULL, 0},
    {"{\"x\": {\"@\": \"a\"}}", LC_PATHS_NONE, 0, NULL, 0},
    {"{\"@\": \"a.jpg\"}", LC_PATHS_GOOD, 1, "a.jpg", 10},
    {"{\"@\": \" a.jpg\"}", LC_PATHS_GOOD, 1, " a.jpg", 10},
    {"{\"@\": [\"a.jpg\"]}", LC_PATHS_GOOD, 1, "a.jpg", 10},
    {"{\"@\": [\"a.jpg\", \"b/c.png\"]}", LC_PATHS_GOOD, 2, "b/c.png", 10},
    {"{\"@\": [\"a.jpg\", \"a.jpg\"]}", LC_PATHS_GOOD, 2, "a.jpg", 10},
    {"{\"@\": \"\\u0061\"}", LC_PATHS_GOOD, 1, "a", 10},
    {"{\"@\": null}", LC_PATHS_BAD, 0, "null", 10},
    {"{\"@\": 1}", LC_PATHS_BAD, 0, "a number", 10},
    {"{\"@\": 1.5}", LC_PATHS_BAD, 0, "a number", 10},
    {"{\"@\": 18446744073709551615}", LC_PATHS_BAD, 0, "a number", 10},
    {"{\"@\": 99999999999999999999}", LC_PATHS_BAD, 0, "a number", 10},
    {"{\"@\": true}", LC_PATHS_BAD, 0, "true", 10},
    {"{\"@\": false}", LC_PATHS_BAD, 0, "false", 10},
    {"{\"@\": {\"@\": \"a\"}}", LC_PATHS_BAD, 0, "an object", 10},
    {"{\"@\": \"\"}", LC_PATHS_BAD, 0, "a blank string", 10},
    {"{\"@\": \" \\t\\u3000\"}", LC_PATHS_BAD, 0, "a blank string", 10},
    {"{\"@\": []}", LC_PATHS_BAD, 0, "an empty list", 10},
    {"{\"@\": [\"a\", 1]}", LC_PATHS_BAD, 0,
     "a list with an element that is not a string", 10},
    {"{\"@\": [[\"a\"]]}", LC_PATHS_BAD, 0, "a list with an element that is not a string",
     10},
    {"{\"@\": [null, \"a\"]}", LC_PATHS_BAD, 0,
     "a list with an element that is not a string", 10},
    {"{\"@\": [\"a\", \" \"]}", LC_PATHS_BAD, 0, "a list with a blank string", 10},
    {"{\"@\": [\"\", \"a\"]}", LC_PATHS_BAD, 0, "a list with a blank string", 10},
    {"{\"@\": null, \"@\": \"a.jpg\"}", LC_PATHS_GOOD, 1, "a.jpg", 25},
    {"{\"@\": [\"a\", \"b\"], \"@\": \"c\"}", LC_PATHS_GOOD, 1, "c", 31},
    {"{\"@\": \"a\", \"@\": null}", LC_PATHS_BAD, 0, "null", 24},
};
EXPECT_CASES(paths_cases, 28);

static void check_paths(const struct paths_case *want, const struct lc_row_media *got)
{
    assert_int_equal(got->kind, want->kind);
    assert_int_equal(got->count, want->count);
    if (want->kind == LC_PATHS_BAD)
        assert_string_equal(got->fault, want->said);
    else
        assert_null(got->fault);
    if (want->count)
        assert_true(spells(got->items[got->count - 1], want->said));
    if (want->kind != LC_PATHS_NONE)
        assert_int_equal(got->at, want->offset);
}

static void images_and_videos(void **state)
{
    static char text[ROOM];

    (void)state;
    for (size_t i = 0; i < WAYS * COUNT(paths_cases); i++) {
        const struct paths_case *want = &paths_cases[i / WAYS];

        put_key(want->text, "image", text);
        (void)read_row(text, i % WAYS);
        check_paths(want, &row.media[LC_MEDIUM_IMAGE]);
        check_paths(&paths_cases[0], &row.media[LC_MEDIUM_VIDEO]);
        put_key(want->text, "video", text);
        (void)read_row(text, i % WAYS);
        check_paths(want, &row.media[LC_MEDIUM_VIDEO]);
        check_paths(&paths_cases[0], &row.media[LC_MEDIUM_IMAGE]);
    }
}

/* data_source counts if it is a string. */
static void sources(void **state)
{
    static const struct {
        const char *text, *source; /* NULL: there is none */
    } cases[] = {
        {"{}", NULL},
        {"{\"data_source\": \"coco\"}", "coco"},
        {"{\"data_source\": \"\"}", ""},
        {"{\"data_source\": \"caf\\u00e9\"}", "caf\xC3\xA9"},
        {"{\"data_source\": 7}", NULL},
        {"{\"data_source\": [\"coco\"]}", NULL},
        {"{\"source\": \"coco\"}", NULL},
        {"{\"data_source\": \"a\", \"data_source\": \"b\"}", "b"},
        {"{\"data_source\": \"a\", \"data_source\": null}", NULL},
    };
    EXPECT_CASES(cases, 9);

    (void)state;
    for (size_t i = 0; i < WAYS * COUNT(cases); i++) {
        const char *want = cases[i / WAYS].source;

        (void)read_row("{\"data_source\": \"left over\"}", EXACT);
        (void)read_row(cases[i / WAYS].text, i % WAYS);
        assert_int_equal(row.source.text == NULL, want == NULL);
        assert_true(spells(row.source, want ? want : ""));
    }
}

/* ---- keys that seem to name images */

static void unread_names(void **state)
{
    /* the list of rule ROW209 */
    static const char *const names[] = {
        "images",       "image_path",  "image_paths", "image_url",  "image_urls",
        "image_file",   "image_files", "image_name",  "image_list", "input_image",
        "input_images", "img",         "imgs",        "img_path",   "img_paths",
        "picture",      "pictures",    "photo",       "photos",     "pic",
        "Image",        "IMAGE",       "Images",
    };
    EXPECT_CASES(names, 23);

    (void)state;
    for (size_t i = 0; i < WAYS * COUNT(names); i++) {
        const char *name = names[i / WAYS];
        char text[128];

        snprintf(text, sizeof(text), "{\"id\": 1, \"%s\": \"a\"}", name);
        (void)read_row(text, i % WAYS);
        assert_true(spells(row.ignored_key, name));
        assert_int_equal(row.ignored_key_at, 14 + strlen(name));
        assert_int_equal(row.media[LC_MEDIUM_IMAGE].kind, LC_PATHS_NONE);
        snprintf(text, sizeof(text), "{\"%s\": \"a\", \"image\": null}", name);
        assert_null(read_row(text, i % WAYS)->ignored_key.text);
    }
}

static void unread_values(void **state)
{
    static const struct {
        const char *text;
        uint32_t offset; /* of the value; 0: there is none */
    } cases[] = {
        {"{}", 0},
        {"{\"images\": \"a\"}", 11},
        {"{\"images\": 0}", 11},
        {"{\"images\": true}", 11},
        {"{\"images\": 1.5}", 11},
        {"{\"images\": [null]}", 11},
        {"{\"images\": [[]]}", 11},
        {"{\"images\": {\"a\": null}}", 11},
        {"{\"images\": null}", 0},
        {"{\"images\": false}", 0},
        {"{\"images\": \"\"}", 0},
        {"{\"images\": \" \\n\\u2003\"}", 0},
        {"{\"images\": []}", 0},
        {"{\"images\": {}}", 0},
        {"{\"x\": {\"images\": \"a\"}}", 0},
        {"{\"images\": \"a\", \"images\": \"b\"}", 26}, /* the last value counts */
        {"{\"images\": null, \"images\": \"b\"}", 27},
        {"{\"images\": \"a\", \"images\": null}", 0},
        {"{\"imagesx\": \"a\"}", 0},
        {"{\"image_\": \"a\"}", 0},
        {"{\"Picture\": \"a\"}", 0},
        {"{\"PIC\": \"a\"}", 0},
        {"{\" img\": \"a\"}", 0},
        {"{\"\": \"a\"}", 0},
        {"{\"\\u0069mages\": \"a\"}", 16},
        {"{\"images\": \"a\", \"image\": \"b\"}", 0},
        {"{\"image\": [], \"images\": \"a\"}", 0},
        {"{\"video\": \"a\", \"images\": \"a\"}", 25},
        {"{\"images\": [], \"pic\": \"a\"}", 22},
        {"[{\"images\": \"a\"}]", 0},
    };
    EXPECT_CASES(cases, 30);

    (void)state;
    for (size_t i = 0; i < WAYS * COUNT(cases); i++) {
        (void)read_row("{\"img\": \"left over\"}", EXACT);
        (void)read_row(cases[i / WAYS].text, i % WAYS);
        if ((row.ignored_key.text != NULL) != (cases[i / WAYS].offset != 0))
            fail_msg("%s: %.*s", cases[i / WAYS].text, (int)row.ignored_key.size,
                     row.ignored_key.text ? row.ignored_key.text : "");
        if (row.ignored_key.text)
            assert_int_equal(row.ignored_key_at, cases[i / WAYS].offset);
    }
}

static void elements(void **state)
{
    static const char *const texts[] = {"1", "\"a\"", "[]", "[{\"id\": 1}]", "null"};
    EXPECT_CASES(texts, 5);

    (void)state;
    for (size_t i = 0; i < WAYS * COUNT(texts); i++) {
        (void)read_row("{\"id\": \"left over\", \"image\": \"a\", \"video\": \"b\", "
                       "\"conversations\": [{}]}",
                       EXACT);
        (void)read_row(texts[i / WAYS], i % WAYS);
        assert_false(row.object);
        assert_int_equal(row.id_kind, LC_ID_MISSING);
        assert_int_equal(row.media[LC_MEDIUM_IMAGE].kind, LC_PATHS_NONE);
        assert_int_equal(row.media[LC_MEDIUM_VIDEO].kind, LC_PATHS_NONE);
        assert_int_equal(row.media[LC_MEDIUM_IMAGE].count, 0);
        assert_int_equal(row.turns_kind, LC_TURNS_MISSING);
        assert_false(lc_row_is_whole(&row));
        assert_int_equal(row.turn_count, 0);
        assert_int_equal(row.malformed, 0);
    }
}

static void conversations(void **state)
{
    static const struct {
        const char *text;
        enum lc_turns_kind kind;
        size_t turns, malformed, human, answers, all, words, characters;
    } cases[] = {
        {"{}", LC_TURNS_MISSING, 0, 0, 0, 0, 0, 0, 0},
        {"{\"conversation\": []}", LC_TURNS_MISSING, 0, 0, 0, 0, 0, 0, 0},
        {"{\"conversations\": null}", LC_TURNS_NOT_LIST, 0, 0, 0, 0, 0, 0, 0},
        {"{\"conversations\": \"a\"}", LC_TURNS_NOT_LIST, 0, 0, 0, 0, 0, 0, 0},
        {"{\"conversations\": {\"from\": \"human\"}}", LC_TURNS_NOT_LIST, 0, 0, 0, 0, 0,
         0, 0},
        {"{\"conversations\": []}", LC_TURNS_LIST, 0, 0, 0, 0, 0, 0, 0},
        {"{\"conversations\": [{\"from\": \"human\", \"value\": \"<image>\\nIs it?\"}, "
         "{\"from\": \"gpt\", \"value\": \"Oui, caf\\u00e9.\"}]}",
         LC_TURNS_LIST, 2, 0, 1, 0, 1, 5, 24},
        {"{\"conversations\": [{\"from\": \"human\", \"value\": \"<image><image>\"}, "
         "{\"from\": \"gpt\", \"value\": \"<image>\"}, {\"from\": \"user\", \"value\": "
         "\"<image> <Image>\"}]}",
         LC_TURNS_LIST, 3, 0, 2, 1, 4, 4, 36},
        {"{\"conversations\": [1, null, [], \"human\"]}", LC_TURNS_LIST, 4, 4, 0, 0, 0, 0,
         0},
        {"{\"conversations\": [{}, {\"from\": \"human\"}, {\"value\": \"a <image>\"}]}",
         LC_TURNS_LIST, 3, 3, 0, 0, 1, 2, 9},
        {"{\"conversations\": [1, 2], \"conversations\": [{\"from\": \"gpt\", \"value\": "
         "\"<image>\"}]}",
         LC_TURNS_LIST, 1, 0, 0, 1, 1, 1, 7},
        {"{\"conversations\": [{\"from\": \"gpt\", \"value\": \"<image>\"}], "
         "\"conversations\": 1}",
         LC_TURNS_NOT_LIST, 0, 0, 0, 0, 0, 0, 0},
    };
    EXPECT_CASES(cases, 12);

    (void)state;
    for (size_t i = 0; i < WAYS * COUNT(cases); i++) {
        const struct lc_row *got = read_row(cases[i / WAYS].text, i % WAYS);

        assert_int_equal(got->turns_kind, cases[i / WAYS].kind);
        assert_int_equal(got->turn_count, cases[i / WAYS].turns);
        assert_int_equal(got->malformed, cases[i / WAYS].malformed);
        assert_int_equal(lc_row_is_whole(got), got->turn_count && !got->malformed);
        assert_int_equal(got->human_placeholders[LC_MEDIUM_IMAGE], cases[i / WAYS].human);
        assert_int_equal(got->answer_placeholders, cases[i / WAYS].answers);
        assert_int_equal(got->placeholders[LC_MEDIUM_IMAGE], cases[i / WAYS].all);
        assert_int_equal(got->words, cases[i / WAYS].words);
        assert_int_equal(got->characters, cases[i / WAYS].characters);
        if (got->turns_kind != LC_TURNS_MISSING)
            assert_int_equal(padded[got->turns_at - 2], ':');
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
    for (size_t i = 0; i < WAYS * COUNT(cases); i++) {
        const char *value = cases[i / WAYS].value, *fault = cases[i / WAYS].fault;
        const struct lc_turn *turn;
        char text[256];

        snprintf(text, sizeof(text), "{\"conversations\": [%s]}", cases[i / WAYS].turn);
        turn = &read_row(text, i % WAYS)->turns[0];
        assert_int_equal(row.turn_count, 1);
        assert_int_equal(turn->role, cases[i / WAYS].role);
        assert_int_equal(turn->has_value, value != NULL);
        assert_true(spells(turn->value, value ? value : ""));
        assert_int_equal(turn->at, 19);
        assert_int_equal(row.malformed, fault != NULL);
        assert_int_equal(turn->fault == NULL, fault == NULL);
        if (fault)
            assert_string_equal(turn->fault, fault);
        else
            assert_int_equal(turn->words, *value ? 1 : 0);
    }
}

/* Turns as OpenAI writes them, with role and content instead of from and value. */
static void openai_turns(void **state)
{
    static const struct {
        const char *turns;
        size_t openai, malformed;
    } cases[] = {
        {"{\"role\": \"user\", \"content\": \"a\"}", 1, 1},
        {"{\"content\": [{\"from\": 1}], \"x\": 1, \"role\": null}", 1, 1},
        {"{\"role\": 1, \"content\": 2}, {\"content\": 1, \"role\": 2}", 2, 2},
        {"{\"role\": \"user\", \"content\": \"a\", \"from\": \"human\"}", 0, 1},
        {"{\"value\": null, \"role\": \"user\", \"content\": \"a\"}", 0, 1},
        {"{\"role\": \"user\", \"content\": \"a\", \"from\": \"human\", \"value\": "
         "\"b\"}",
         0, 0},
        {"{\"role\": \"user\"}", 0, 1},
        {"{\"content\": \"user\"}", 0, 1},
        {"{\"role\": \"user\", \"x\": {\"content\": 1}}", 0, 1},
        {"{\"from\": \"gpt\", \"value\": \"b\"}, {\"role\": 1, \"content\": 2}", 1, 1},
        {"[\"role\", \"content\"]", 0, 1},
    };
    EXPECT_CASES(cases, 11);

    (void)state;
    for (size_t i = 0; i < WAYS * COUNT(cases); i++) {
        char text[256];

        snprintf(text, sizeof(text), "{\"conversations\": [%s]}", cases[i / WAYS].turns);
        (void)read_row(text, i % WAYS);
        if (row.foreign != cases[i / WAYS].openai)
            fail_msg("%s: %zu turns of OpenAI", text, row.foreign);
        assert_int_equal(row.malformed, cases[i / WAYS].malformed);
        assert_int_equal(row.turns[row.turn_count - 1].foreign,
                         cases[i / WAYS].openai != 0);
    }
}

#define TURN(from, value) "{\"from\": \"" from "\", \"value\": \"" value "\"}"
#define TALK(turns) "\"conversations\": [" turns "]"
#define H(value) TURN("human", value)
#define G(value) TURN("gpt", value)

/* Facts about all turns together: the script of most letters, and their marks. */
static void scripts_and_marks(void **state)
{
    static const struct {
        const char *turns;
        enum lc_script script;
        unsigned marks;
    } cases[] = {
        {"", LC_SCRIPT_NONE, 0},
        {H("<image>\\n<image>"), LC_SCRIPT_NONE, LC_TURN_BARE},
        {H("<image>\\n12?"), LC_SCRIPT_NONE, 0},
        {H("<image>\\nab"), LC_SCRIPT_LATIN, 0},
        {H("<image>\\n\xE4\xBB\x8A"), LC_SCRIPT_HAN, 0},
        {H("<image>\\nabc \\u4e2d\\u6587"), LC_SCRIPT_LATIN, 0},
        {H("ab") ", " G("\xE4\xBB\x8A\xE4\xBB\x8A\xE4\xBB\x8A"), LC_SCRIPT_HAN, 0},
        {H("\\u041f\\u0440\\u0438 a"), LC_SCRIPT_OTHER, 0},
        {H("a <image>"), LC_SCRIPT_LATIN, LC_TURN_GLUED | LC_TURN_LAST},
        {H("a <image> b"), LC_SCRIPT_LATIN, LC_TURN_GLUED | LC_TURN_MID_TEXT},
        {H("a") ", " G("</s>"), LC_SCRIPT_LATIN, LC_TURN_TEMPLATE},
        {H("<image1>") ", " TURN("x", "<video>\\u0007"), LC_SCRIPT_LATIN,
         LC_TURN_LOOKALIKE | LC_TURN_VIDEO_TAG | LC_TURN_DAMAGED},
        /* a malformed turn does not contribute to the marks */
        {H("a") ", {\"value\": \"</s>\"}, {\"from\": \"gpt\"}", LC_SCRIPT_LATIN, 0},
    };
    EXPECT_CASES(cases, 13);

    (void)state;
    for (size_t i = 0; i < WAYS * COUNT(cases); i++) {
        char text[256];

        snprintf(text, sizeof(text), "{" TALK("%s") "}", cases[i / WAYS].turns);
        (void)read_row(text, i % WAYS);
        if (row.script != cases[i / WAYS].script || row.marks != cases[i / WAYS].marks)
            fail_msg("%s: script %d, marks %x", text, row.script, row.marks);
    }
    assert_int_equal(read_row("{}", FAST)->script, LC_SCRIPT_NONE);
    assert_int_equal(row.marks, 0);
}

/* ---- the quick reader */

/* Rows that the quick reader reads, and those that it must leave to a parser, which may
 * refuse them. */
static void quick_or_not(void **state)
{
    static const struct {
        const char *text;
        bool read;
    } cases[] = {
        {"{\"id\": \"1\", \"image\": \"a.jpg\", " TALK(H("<image>\\nb") ", " G("c")) "}",
         true},
        {"{\"id\":1,\"image\":\"a\"," TALK(H("b")) "}", true},
        {"{\n  \"id\": \"1\",\r\n\t\"image\": \"\\u00e9\\ud83d\\ude00\\\\\\\"\\/\"\n}",
         true},
        {"{\"data_source\": \"caf\xC3\xA9\", \"x\": 123456789012345678}", true},
        {"{\"id\": 1, \"id\": 2}", false},
        {"{\"id\": 1,}", false},
        {"{\"id\": 01}", false},
        {"{\"id\": 1} x", false},
        {"{\"id\": 1}}", false},
        {"{\"id\": 1", false},
        {"{\"id\" 1}", false},
        {"[\"id\", 1]", false},
        {"{\"id\": \"a\nb\"}", false},
        {"{\"id\": \"\\x41\"}", false},
        {"{\"id\": \"\\u12g4\"}", false},
        {"{\"id\": \"\\ud83d\"}", false},
        {"{\"id\": \"\\ude00\\ud83d\"}", false},
        {"{\"id\": \"\xFF\"}", false},
        {"{\"id\": \"\xC3\"}", false},
        {"{\"id\": \"\xED\xA0\x80\"}", false},
        {"{\"id\": \"a\\n\xC0\x80\"}", false},
        {"{\"\xC3\": 1}", false},
        {"{" TALK("{\"from\": \"\xC3\", \"value\": \"a\"}") "}", false},
        {"{" TALK(H("\xE2\x82\xAC \xE2\x82 ")) "}", false},
    };
    EXPECT_CASES(cases, 24);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t size = strlen(cases[i].text);
        bool read = !cases[i].read;

        memcpy(padded, cases[i].text, size);
        memset(padded + size, '}', LC_JSON_PADDING);
        assert_int_equal(lc_row_read_quick(&row, lc_dialects, padded, size, &read, NULL),
                         LC_OK);
        if (read != cases[i].read)
            fail_msg("%s is %s", cases[i].text, read ? "read" : "not read");
    }
}

static void describe_paths(const struct lc_row_media *paths, struct lc_buffer *out)
{
    assert_int_equal(lc_buffer_printf(out, NULL, "paths %d %s @%u:", paths->kind,
                                      paths->fault ? paths->fault : "", paths->at),
                     LC_OK);
    for (size_t i = 0; i < paths->count; i++)
        assert_int_equal(lc_buffer_printf(out, NULL, " %.*s,", (int)paths->items[i].size,
                                          paths->items[i].text),
                         LC_OK);
}

static void describe_turn(const struct lc_turn *turn, struct lc_buffer *out)
{
    struct lc_hash value = lc_hash_bytes(turn->value.text, turn->value.size);
    struct lc_hash from = lc_hash_bytes(turn->from.text, turn->from.size);

    assert_int_equal(
        lc_buffer_printf(
            out, NULL,
            "\nturn @%u %llx %llx %llx role %d %s, %d %d, marks %x: "
            "%u %llu %llu",
            turn->at, (unsigned long long)lc_hash_short(&from),
            (unsigned long long)lc_hash_short(&value), (unsigned long long)turn->hash,
            turn->role, turn->fault ? turn->fault : "", turn->has_value, turn->foreign,
            turn->marks, turn->placeholders[LC_MEDIUM_IMAGE],
            (unsigned long long)turn->words, (unsigned long long)turn->characters),
        LC_OK);
}

/* Describe all facts about a row. */
static void describe(struct lc_buffer *out)
{
    char content[33];

    out->size = 0;
    lc_hash_hex(&row.content, content);
    assert_int_equal(
        lc_buffer_printf(
            out, NULL, "%d id %d %.*s @%u source %.*s unread %.*s @%u ", row.object,
            row.id_kind, (int)row.id.size, row.id.size ? row.id.text : "", row.id_at,
            (int)row.source.size, row.source.size ? row.source.text : "",
            (int)row.ignored_key.size, row.ignored_key.size ? row.ignored_key.text : "",
            row.ignored_key_at),
        LC_OK);
    describe_paths(&row.media[LC_MEDIUM_IMAGE], out);
    describe_paths(&row.media[LC_MEDIUM_VIDEO], out);
    assert_int_equal(
        lc_buffer_printf(
            out, NULL,
            "\n%s doubled @%u turns %d @%u %zu %zu %zu; %zu %zu %zu; %llu "
            "%llu script %d marks %x echo %zu %s %llx %llx %llx",
            row.duplicate_key.text ? "" : "none", row.duplicate_key_at, row.turns_kind,
            row.turns_at, row.turn_count, row.malformed, row.foreign,
            row.human_placeholders[LC_MEDIUM_IMAGE], row.answer_placeholders,
            row.placeholders[LC_MEDIUM_IMAGE], (unsigned long long)row.words,
            (unsigned long long)row.characters, row.script, row.marks, row.echo, content,
            (unsigned long long)row.rest, (unsigned long long)row.question,
            (unsigned long long)row.answer),
        LC_OK);
    for (size_t i = 0; i < row.turn_count; i++)
        describe_turn(&row.turns[i], out);
}

/* Change a text at random: a byte, or several significant ones. */
static size_t change(char *text, size_t size, uint64_t *seed)
{
    static const char *const parts[] = {"\\u00e9",
                                        "\\ud83d\\ude00",
                                        "\\ud83d",
                                        "\\n",
                                        "\xC3\xA9",
                                        "\xE4\xBB\x8A",
                                        "\xC3",
                                        "\xED\xA0\x80",
                                        "<image>",
                                        "</s>",
                                        "\"id\": 1, ",
                                        "\\\"",
                                        " ",
                                        "\n",
                                        "\"",
                                        ",",
                                        "\"x\": \"y\",",
                                        "\\",
                                        "{",
                                        "}",
                                        "1",
                                        "\x01",
                                        "\xC3\x83\xC2\xA9",
                                        "USER: "};
    uint64_t pick = next_random(seed) >> 8;
    const char *part = parts[pick % COUNT(parts)];
    size_t at = (pick >> 16) % size, length = strlen(part);

    EXPECT_CASES(parts, 24);
    if (pick >> 50 & 1) {
        memmove(text + at, text + at + 1, size - at);
        return size - 1;
    }
    memmove(text + at + length, text + at, size - at + 1);
    memcpy(text + at, part, length);
    return size + length;
}

/* Changed rows: what the quick reader accepts is JSON, and gives the parsers' facts. */
static void ways_agree(void **state)
{
    static const char *const rows[] = {
        "{\"id\": \"a 1\", \"image\": \"a.jpg\", " TALK(
            H("<image>\\nWhat is shown in this long enough question, and where?") ", " G(
                "A caf\xC3\xA9, far away from the next block of 64 bytes: no, no, it is "
                "beyond.")) "}",
        "{\"data_source\":\"x\",\"id\":7," TALK(
            H("\\u4eca\\u65e5 a") "," TURN("s", "")) "}",
        "{\n \"image\": \"b\",\n \"w\": 640, " TALK(
            H("\xE4\xBB\x8A\xE6\x97\xA5\xE4\xBB\x8A\xE6\x97\xA5\\n<image>") ", " G(
                "A")) "}",
    };
    struct lc_buffer facts[WAYS] = {{0}};
    uint64_t seed = 3;
    size_t quick = 0, sound = 0;
    EXPECT_CASES(rows, 3);

    (void)state;
    for (int round = 0; round < rounds(60000); round++) {
        struct lc_json_problem problem;
        size_t used, size, changes = next_random(&seed) % 3;
        char text[1024];
        bool read = false;

        size = strlen(strcpy(text, rows[next_random(&seed) % COUNT(rows)]));
        while (changes--)
            size = change(text, size, &seed);
        memcpy(padded, text, size);
        memset(padded + size, "\"} 1,"[round % 5], LC_JSON_PADDING);
        lc_json_skip_exact(parser, padded, size, true, &used, &problem);
        assert_int_equal(lc_row_read_quick(&row, lc_dialects, padded, size, &read, NULL),
                         LC_OK);
        describe(&facts[QUICK]);
        if (read && problem.fault != LC_JSON_FINE)
            fail_msg("%s: read, but %s", text, problem.message);
        quick += read;
        sound += problem.fault == LC_JSON_FINE;
        for (size_t way = FAST; way <= EXACT && problem.fault == LC_JSON_FINE; way++) {
            parse_and_read(size, way);
            describe(&facts[way]);
            if ((read || way == EXACT) &&
                strcmp(facts[way].data, facts[read ? QUICK : FAST].data) != 0)
                fail_msg("%s:\n%s\n%s", text, facts[way].data,
                         facts[read ? QUICK : FAST].data);
        }
    }
    assert_true(quick > (size_t)rounds(20000) && sound > quick + (size_t)rounds(500));
    for (size_t way = 0; way < WAYS; way++)
        lc_buffer_clear(&facts[way]);
}

/* Other members of rows: their hash is equal for the same members, however written. */
static void rests(void **state)
{
#define PLAIN(more) "{\"id\": 1, " TALK(H("a") ", " G("b")) more "}"
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {PLAIN(""), "{" TALK(H("a") ", " G("b")) "}", true},
        {PLAIN(""), "{\"id\": null, " TALK(H("a") ", " G("b")) "}", false},
        {PLAIN(", \"x\": \"y\""), PLAIN(""), false},
        {PLAIN(", \"x\": \"y\""), PLAIN(",\"\\u0078\":\"\\u0079\""), true},
        {PLAIN(", \"x\": \"y\""), PLAIN(", \"y\": \"x\""), false},
        {PLAIN(", \"x\": \"7\""), PLAIN(", \"x\": 7"), false},
        {PLAIN(", \"x\": 7"), PLAIN(", \"x\": 7.0"), false},
        {PLAIN(", \"x\": 7.5"), PLAIN(", \"x\" : 7.5 "), true},
        {PLAIN(", \"x\": 1, \"y\": 2"), PLAIN(", \"y\": 2, \"x\": 1"), true},
        {PLAIN(", \"x\": 1, \"y\": 2"), PLAIN(", \"y\": 1, \"x\": 2"), false},
        {PLAIN(", \"data_source\": \"a\""), PLAIN(", \"data_source\": \"b\""), false},
        {PLAIN(", \"x\": [1, [2]]"), PLAIN(", \"x\": [ 1,[2 ]]"), true},
        {PLAIN(", \"x\": [1, [2]]"), PLAIN(", \"x\": [[1], 2]"), false},
        {PLAIN(", \"x\": null"), PLAIN(", \"x\": false"), false},
        {PLAIN(", \"image\": null"), PLAIN(""), false},
        {PLAIN(", \"image\": []"), PLAIN(", \"image\": 1"), false},
        {PLAIN(", \"video\": {}"), PLAIN(", \"video\": true"), false},
        {"{\"conversations\": []}", "{}", false},
        {"{\"conversations\": null}", "{\"conversations\": 1}", false},
        {"{\"conversations\": [1]}", "{\"conversations\": [2]}", false},
        {"{" TALK("{\"value\": \"a\", \"from\": \"human\"}") "}", "{" TALK(H("a")) "}",
         true},
        {"{" TALK("{\"from\": \"human\", \"value\": \"a\", \"loss\": 0}") "}",
         "{" TALK(H("a")) "}", false},
        {"{" TALK("{\"from\": \"gpt\", \"value\": 1}") "}",
         "{" TALK("{\"from\": \"gpt\", \"value\": 2}") "}", false},
        {"{" TALK("{\"x\": 1}, {}") "}", "{" TALK("{}, {\"x\": 1}") "}", false},
    };
    EXPECT_CASES(cases, 24);

    (void)state;
    for (size_t i = 0; i < WAYS * WAYS * COUNT(cases); i++) {
        size_t at = i / (WAYS * WAYS);
        uint64_t a = read_row(cases[at].a, i % WAYS)->rest;
        uint64_t b = read_row(cases[at].b, i / WAYS % WAYS)->rest;

        if ((a == b) != cases[at].same)
            fail_msg("%s and %s", cases[at].a, cases[at].b);
    }
#undef PLAIN
}

/* Which rows have the same first question about the same images, and the same answer. */
static void questions(void **state)
{
#define ASK(keys, turns) "{" keys ", " TALK(turns) "}"
#define IMAGE "\"image\": \"1.jpg\""
    static const char first[] = ASK(IMAGE, H("a") ", " G("b"));
    static const struct {
        const char *row;
        bool same_question, same_answer;
    } cases[] = {
        {ASK(IMAGE, H("a") ", " G("b") ", " H("c") ", " G("d")), true, true},
        {ASK("\"image\": [\"1.jpg\"], \"id\": 7", H("\\u0061") ", " G("b")), true, true},
        {ASK(IMAGE, H("a") ", " G("c")), true, false},
        {ASK(IMAGE, G("x") ", " H("a") ", " G("b")), true, true}, /* dropped */
        {ASK(IMAGE, H("b") ", " G("b")), false, true},
        {ASK(IMAGE, TURN("system", "x") ", " H("a") ", " G("b")), false, true},
        {ASK("\"image\": \"2.jpg\"", H("a") ", " G("b")), false, true},
        {ASK("\"image\": [\"1.jpg\", \"1.jpg\"]", H("a") ", " G("b")), false, true},
        {ASK("\"video\": \"1.jpg\"", H("a") ", " G("b")), false, true},
        {ASK(IMAGE ", \"video\": \"1.jpg\"", H("a") ", " G("b")), false, true},
    };
    static const char *const none[] = {
        "{" TALK(H("a") ", " G("b")) "}", /* no image */
        ASK("\"image\": []", H("a") ", " G("b")),
        ASK("\"image\": null", H("a") ", " G("b")),
        ASK(IMAGE, H("a")),
        ASK(IMAGE, G("b")),
        ASK(IMAGE ", \"video\": 7", H("a") ", " G("b")),
        ASK(IMAGE, G("b") ", " H("a")),
        ASK(IMAGE, H("a") ", " H("a") ", " G("b")),
        ASK(IMAGE, H("a") ", " TURN("x", "y") ", " G("b")),
        ASK(IMAGE, H("a") ", " G("b") ", {}"), /* not whole */
        "{" IMAGE "}",
        "7",
    };
    EXPECT_CASES(cases, 10);
    EXPECT_CASES(none, 12);

    (void)state;
    for (size_t i = 0; i < WAYS * WAYS * COUNT(cases); i++) {
        size_t at = i / (WAYS * WAYS);
        uint64_t question = read_row(first, i % WAYS)->question, answer = row.answer;

        assert_true(question);
        (void)read_row(cases[at].row, i / WAYS % WAYS);
        assert_true(row.question);
        if ((row.question == question) != cases[at].same_question ||
            (row.answer == answer) != cases[at].same_answer)
            fail_msg("%s", cases[at].row);
    }
    for (size_t i = 0; i < WAYS * COUNT(none); i++) {
        (void)read_row(first, i % WAYS);
        if (read_row(none[i / WAYS], i % WAYS)->question || row.answer)
            fail_msg("%s", none[i / WAYS]);
    }
    /* it matters where the images end and the videos begin */
    (void)read_row(ASK("\"image\": [\"a\", \"b\"], \"video\": \"c\"", H("a") ", " G("b")),
                   FAST);
    {
        uint64_t two_and_one = row.question;

        (void)read_row(
            ASK("\"image\": \"a\", \"video\": [\"b\", \"c\"]", H("a") ", " G("b")), FAST);
        assert_true(row.question != two_and_one);
    }
#undef IMAGE
#undef ASK
}

/* What is long about numbers, and whether Arrow refuses them, as pyarrow 26.0.1 does. */
static void long_numbers(void **state)
{
    static const struct {
        const char *text;
        unsigned found;
    } cases[] = {
        {"0", 0},
        {"9223372036854775807", 0},
        {"9223372036854775808", LC_LONG_UNSIGNED},
        {"-9223372036854775808", 0},
        {"18446744073709551615", LC_LONG_UNSIGNED},
        {"18446744073709551615.5", 0},
        {"18446744073709551616.0", LC_LONG_WIDE},
        {"-9223372036854775808.5", 0},
        {"-9223372036854775809e5", LC_LONG_WIDE},
        {"1e99", 0},
        {"1E+100", LC_LONG_EXPONENT},
        {"1e-400", 0},
        {"1e308", LC_LONG_EXPONENT},
        {"0e309", LC_LONG_EXPONENT | LC_LONG_REFUSED},
        {"0e00000000000309", LC_LONG_EXPONENT | LC_LONG_REFUSED},
        {"0e00000000000000000000000000005", LC_LONG_EXPONENT},
        {"1e99999999999999999999", LC_LONG_EXPONENT | LC_LONG_REFUSED},
        {"0.0e309", LC_LONG_EXPONENT},
        {"0.0e310", LC_LONG_EXPONENT | LC_LONG_REFUSED},
        {"0.0000000000000000000000000e333", LC_LONG_EXPONENT},
        {"0.0000000000000000000000000e334", LC_LONG_EXPONENT | LC_LONG_REFUSED},
        {"3.14141414141414141414141414e324", LC_LONG_EXPONENT},
        {"3.14141414141414141414141414e326", LC_LONG_EXPONENT | LC_LONG_REFUSED},
        {"12345678901234567890.5e309", LC_LONG_EXPONENT | LC_LONG_REFUSED},
        {"1234567890123456.55e310", LC_LONG_EXPONENT},
        {"1234567890123456.55e311", LC_LONG_EXPONENT | LC_LONG_REFUSED},
        {"12345678901234567.5e309", LC_LONG_EXPONENT},
        {"12345678901234567.55e310", LC_LONG_EXPONENT | LC_LONG_REFUSED},
        {"9007199254740992.55e310", LC_LONG_EXPONENT},
    };
    EXPECT_CASES(cases, 29);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_span text = {cases[i].text, strlen(cases[i].text)};

        if (lc_rest_long_number(text) != cases[i].found)
            fail_msg("%s: %u", cases[i].text, lc_rest_long_number(text));
    }
}

/* A thousand turns and images, then a small row: the memory is reused. */
static void large_then_small(void **state)
{
    char *text = grab(ROOM);
    size_t at = 0;

    (void)state;
    at += (size_t)sprintf(text, "{\"image\": [\"0\"");
    for (int i = 1; i < 1000; i++)
        at += (size_t)sprintf(text + at, ", \"%d\"", i);
    at += (size_t)sprintf(text + at, "], \"conversations\": [{}");
    for (int i = 1; i < 1000; i++)
        at += (size_t)sprintf(text + at, ", " TURN("human", "<image> %d"), i);
    strcpy(text + at, "]}");
    for (size_t way = 0; way < WAYS; way++) {
        (void)read_row(text, way);
        assert_int_equal(row.media[LC_MEDIUM_IMAGE].count, 1000);
        assert_true(spells(row.media[LC_MEDIUM_IMAGE].items[999], "999"));
        assert_int_equal(row.turn_count, 1000);
        assert_int_equal(row.malformed, 1);
        assert_int_equal(row.human_placeholders[LC_MEDIUM_IMAGE], 999);
        assert_true(spells(row.turns[999].value, "<image> 999"));
        (void)read_row("{\"id\": 1}", way);
        assert_int_equal(row.media[LC_MEDIUM_IMAGE].count, 0);
        assert_int_equal(row.turn_count, 0);
        assert_int_equal(row.human_placeholders[LC_MEDIUM_IMAGE], 0);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids),           cmocka_unit_test(images_and_videos),
        cmocka_unit_test(sources),       cmocka_unit_test(unread_names),
        cmocka_unit_test(unread_values), cmocka_unit_test(elements),
        cmocka_unit_test(conversations), cmocka_unit_test(turns),
        cmocka_unit_test(openai_turns),  cmocka_unit_test(scripts_and_marks),
        cmocka_unit_test(quick_or_not),  cmocka_unit_test(ways_agree),
        cmocka_unit_test(rests),         cmocka_unit_test(large_then_small),
        cmocka_unit_test(questions),     cmocka_unit_test(long_numbers),
    };

    return cmocka_run_group_tests(tests, make_parser, free_parser);
}

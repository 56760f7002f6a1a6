/* test_fix.c - fixes of single rows, byte for byte */
#include "unit.h"

#include "fix/edit.h"
#include "fix/fix.h"

/* ---- edits ---- */

static struct lc_buffer apply(struct lc_edits *edits, const char *text, bool *good)
{
    struct lc_buffer out = {0};

    assert_int_equal(lc_edits_apply(edits, span(text), &out, good, NULL), LC_OK);
    return out;
}

static void edits_are_made_in_the_order_of_their_places(void **state)
{
    struct lc_edits edits = {0};
    struct lc_buffer out;
    bool good;

    (void)state;
    assert_int_equal(lc_edits_add(&edits, 5, 1, "!", 1, NULL), LC_OK);
    assert_int_equal(lc_edits_add(&edits, 0, 0, "a", 1, NULL), LC_OK);
    assert_int_equal(lc_edits_remove(&edits, 2, 2, NULL), LC_OK);
    assert_int_equal(lc_edits_add(&edits, 0, 0, "b", 1, NULL), LC_OK);
    out = apply(&edits, "012345", &good);
    assert_true(good);
    assert_int_equal(out.size, 6);
    assert_memory_equal(out.data, "ab014!", 6);
    for (size_t i = 0; i < LC_JSON_PADDING; i++)
        assert_int_equal(out.data[out.size + i], 0);
    lc_buffer_clear(&out);
    lc_edits_clear(&edits);
}

static void edits_that_overlap_are_not_made(void **state)
{
    static const size_t places[][4] = {{0, 2, 1, 1}, {0, 6, 3, 1}, {2, 2, 2, 2}};

    (void)state;
    for (size_t i = 0; i < COUNT(places); i++) {
        struct lc_edits edits = {0};
        struct lc_buffer out;
        bool good = true;

        assert_int_equal(lc_edits_add(&edits, places[i][0], places[i][1], "x", 1, NULL),
                         LC_OK);
        assert_int_equal(lc_edits_add(&edits, places[i][2], places[i][3], "y", 1, NULL),
                         LC_OK);
        out = apply(&edits, "012345", &good);
        assert_false(good);
        assert_int_equal(out.size, 0);
        lc_buffer_clear(&out);
        lc_edits_clear(&edits);
    }
}

/* ---- rows ---- */

#define Q "{\"from\": \"human\", \"value\": \"<image>\\nWhat?\"}"
#define T "{\"from\": \"human\", \"value\": \"What?\"}"
#define A "{\"from\": \"gpt\", \"value\": \"This.\"}"
#define TALK(turns) "\"conversations\": [" turns "]"
#define ROW(turns) "{\"id\": \"1\", \"image\": \"a.jpg\", " TALK(turns) "}"
#define TEXT_ROW(members, turns) "{\"id\": \"1\", " members TALK(turns) "}"

static const struct {
    enum lc_fix_index fix;
    const char *text, *fixed; /* NULL: the row stays unchanged */
} rows[] = {
    /* nothing to fix */
    {LC_FIX_remove_comma, ROW(Q ", " A), NULL},
    {LC_FIX_add_placeholder, ROW(Q ", " A), NULL},
    /* the text of a row */
    {LC_FIX_remove_comma, ROW(Q ", " A ","), ROW(Q ", " A)},
    {LC_FIX_remove_comma, "{\"id\": \"1\", " TALK(T ", " A) ",\n }",
     "{\"id\": \"1\", " TALK(T ", " A) "\n }"},
    {LC_FIX_remove_comma, "{\"id\": \"1\",, " TALK(T ", " A) "}", NULL},
    {LC_FIX_escape_control, ROW(Q ", {\"from\": \"gpt\", \"value\": \"a\tb\"}"),
     ROW(Q ", {\"from\": \"gpt\", \"value\": \"a\\tb\"}")},
    {LC_FIX_escape_control, ROW(Q ", {\"from\": \"gpt\", \"value\": \"a\nb\2\"}"),
     ROW(Q ", {\"from\": \"gpt\", \"value\": \"a\\nb\\u0002\"}")},
    {LC_FIX_escape_control, ROW(Q ", {\"from\": \"gpt\",\t\"value\": \"a\"}"), NULL},
    {LC_FIX_remove_repeat, "{\"id\": \"1\", \"id\": \"1\", " TALK(T ", " A) "}",
     "{\"id\": \"1\", " TALK(T ", " A) "}"},
    {LC_FIX_remove_repeat, "{\"id\": \"1\", \"id\": \"2\", " TALK(T ", " A) "}", NULL},
    {LC_FIX_keep_last,
     "{\"id\": \"1\", \"x\": [1, {}], \"id\": \"2\", " TALK(T ", " A) "}",
     "{\"x\": [1, {}], \"id\": \"2\", " TALK(T ", " A) "}"},
    /* members */
    {LC_FIX_quote_id, "{\"id\": 1.50, " TALK(T ", " A) "}",
     "{\"id\": \"1.50\", " TALK(T ", " A) "}"},
    {LC_FIX_quote_id, "{\"id\": true, " TALK(T ", " A) "}",
     "{\"id\": \"true\", " TALK(T ", " A) "}"},
    {LC_FIX_quote_id, "{\"id\": [1], " TALK(T ", " A) "}", NULL},
    {LC_FIX_remove_image_key, TEXT_ROW("\"image\": null, ", T ", " A),
     TEXT_ROW("", T ", " A)},
    {LC_FIX_remove_image_key, "{\"id\": \"1\", " TALK(T ", " A) ", \"image\": \"\"}",
     "{\"id\": \"1\", " TALK(T ", " A) "}"},
    {LC_FIX_remove_image_key, TEXT_ROW("\"image\": null, ", Q ", " A), NULL},
    {LC_FIX_rename_image_key, TEXT_ROW("\"images\": [\"a.jpg\"], ", Q ", " A),
     TEXT_ROW("\"image\": \"a.jpg\", ", Q ", " A)},
    /* turns */
    {LC_FIX_rename_keys,
     ROW("{\"role\": \"user\", \"content\": \"<image>\\nWhat?\"}, "
         "{\"role\": \"assistant\", \"content\": \"This.\"}"),
     ROW(Q ", " A)},
    {LC_FIX_rename_roles, ROW("{\"from\": \"USER\", \"value\": \"<image>\\nWhat?\"}, " A),
     ROW(Q ", " A)},
    {LC_FIX_rename_roles,
     ROW("{\"from\": \"oracle\", \"value\": \"<image>\\nWhat?\"}, " A), NULL},
    {LC_FIX_join_turns, ROW(Q ", " T ", " A),
     ROW("{\"from\": \"human\", \"value\": \"<image>\\nWhat?\\nWhat?\"}, " A)},
    {LC_FIX_drop_first_answer, ROW(A ", " Q ", " A), ROW(Q ", " A)},
    {LC_FIX_drop_last_question, ROW(Q ", " A ", " T), ROW(Q ", " A)},
    {LC_FIX_restore_encoding,
     ROW(Q ", {\"from\": \"gpt\", \"value\": \"cr\xC3\x83\xC2\xA8me\"}"),
     ROW(Q ", {\"from\": \"gpt\", \"value\": \"cr\xC3\xA8me\"}")},
    {LC_FIX_restore_encoding,
     ROW(Q ", {\"from\": \"gpt\", \"value\": \"cr\\u00c3\\u00a8me\"}"),
     ROW(Q ", {\"from\": \"gpt\", \"value\": \"cr\\u00e8me\"}")},
    /* placeholders */
    {LC_FIX_add_placeholder, ROW(T ", " A), ROW(Q ", " A)},
    {LC_FIX_remove_placeholder,
     ROW(Q ", " A ", {\"from\": \"human\", \"value\": \"<image>\\nAnd?\"}, " A),
     ROW(Q ", " A ", {\"from\": \"human\", \"value\": \"And?\"}, " A)},
    {LC_FIX_remove_placeholder, TEXT_ROW("", Q ", " A), TEXT_ROW("", T ", " A)},
    {LC_FIX_move_from_answer, ROW(T ", {\"from\": \"gpt\", \"value\": \"This.<image>\"}"),
     ROW(Q ", " A)},
    {LC_FIX_spell_placeholder,
     ROW("{\"from\": \"human\", \"value\": \"<Image>\\nWhat?\"}, " A), ROW(Q ", " A)},
    {LC_FIX_move_to_front,
     ROW(T ", " A ", {\"from\": \"human\", \"value\": \"<image>\\nAnd?\"}, " A),
     ROW(Q ", " A ", {\"from\": \"human\", \"value\": \"And?\"}, " A)},
};
EXPECT_CASES(rows, 32);

static void fix_row(struct lc_fixer *fixer, enum lc_fix_index fix, const char *text,
                    const char *fixed)
{
    const struct lc_fix_row row = {.text = span(text),
                                   .dialect = lc_dialect_by_name("llava")};
    const char *wanted = fixed ? fixed : text;
    struct lc_fix_result result;

    assert_int_equal(lc_fixer_run(fixer, &row, &result, NULL), LC_OK);
    if (result.text.size != strlen(wanted) ||
        memcmp(result.text.text, wanted, result.text.size) != 0)
        fail_msg("%s\n became %.*s\nnot     %s", text, (int)result.text.size,
                 result.text.text, wanted);
    assert_int_equal(result.count, fixed != NULL);
    assert_int_equal(result.set, fixed ? lc_fix_bit(fix) : 0);
    if (fixed)
        assert_int_equal(result.made[0].fix, fix);
}

static void each_fix_changes_what_it_is_about(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct lc_fixer_options options = {.fixes = lc_fix_bit(rows[i].fix),
                                                 .trainer = 1};
        struct lc_fixer *fixer = NULL;

        assert_int_equal(lc_fixer_new(&options, &fixer, NULL), LC_OK);
        fix_row(fixer, rows[i].fix, rows[i].text, rows[i].fixed);
        if (rows[i].fixed) /* the result is sound, and the fixer can be used again */
            fix_row(fixer, rows[i].fix, rows[i].fixed, NULL);
        lc_fixer_free(fixer);
    }
}

/* A fix that is not allowed, and one for a rule that was not selected. */
static void what_is_not_asked_for_is_not_fixed(void **state)
{
    struct lc_fixer_options options = {
        .fixes = ~(lc_fix_set)0 & ~lc_fix_bit(LC_FIX_add_placeholder), .trainer = 1};
    struct lc_fixer *fixer = NULL;

    (void)state;
    assert_int_equal(lc_fixer_new(&options, &fixer, NULL), LC_OK);
    fix_row(fixer, LC_FIX_add_placeholder, ROW(T ", " A), NULL);
    lc_fixer_free(fixer);
    options.fixes = ~(lc_fix_set)0;
    options.skip[LC_RULE_TOK402] = true;
    assert_int_equal(lc_fixer_new(&options, &fixer, NULL), LC_OK);
    fix_row(fixer, LC_FIX_add_placeholder, ROW(T ", " A), NULL);
    lc_fixer_free(fixer);
}

static void ids_and_images_of_a_file_get_one_type(void **state)
{
    static const struct {
        const char *text, *fixed;
        enum lc_fix_column ids, images;
    } cases[] = {
        {"{\"id\": 7, " TALK(T ", " A) "}", "{\"id\": \"7\", " TALK(T ", " A) "}",
         LC_FIX_COLUMN_STRING, LC_FIX_COLUMN_KEEP},
        {"{\"id\": 7, \"image\": [\"a.jpg\"], " TALK(Q ", " A) "}",
         "{\"id\": 7, \"image\": \"a.jpg\", " TALK(Q ", " A) "}", LC_FIX_COLUMN_KEEP,
         LC_FIX_COLUMN_STRING},
        {"{\"id\": 7, \"image\": \"a.jpg\", " TALK(Q ", " A) "}",
         "{\"id\": 7, \"image\": [\"a.jpg\"], " TALK(Q ", " A) "}", LC_FIX_COLUMN_KEEP,
         LC_FIX_COLUMN_LIST},
        {"{\"id\": 7, " TALK(T ", " A) "}", "{\"id\": 7, " TALK(T ", " A) "}",
         LC_FIX_COLUMN_KEEP, LC_FIX_COLUMN_LIST},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct lc_fixer_options options = {.fixes = ~(lc_fix_set)0, .trainer = 4};
        const struct lc_fix_row row = {.text = span(cases[i].text),
                                       .dialect = lc_dialect_by_name("llava"),
                                       .ids = cases[i].ids,
                                       .images = cases[i].images};
        struct lc_fix_result result;
        struct lc_fixer *fixer = NULL;

        assert_int_equal(lc_fixer_new(&options, &fixer, NULL), LC_OK);
        assert_int_equal(lc_fixer_run(fixer, &row, &result, NULL), LC_OK);
        if (result.text.size != strlen(cases[i].fixed) ||
            memcmp(result.text.text, cases[i].fixed, result.text.size) != 0)
            fail_msg("%s\n became %.*s", cases[i].text, (int)result.text.size,
                     result.text.text);
        lc_fixer_free(fixer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_are_made_in_the_order_of_their_places),
        cmocka_unit_test(edits_that_overlap_are_not_made),
        cmocka_unit_test(each_fix_changes_what_it_is_about),
        cmocka_unit_test(what_is_not_asked_for_is_not_fixed),
        cmocka_unit_test(ids_and_images_of_a_file_get_one_type),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

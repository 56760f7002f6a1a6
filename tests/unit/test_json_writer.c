/* test_json_writer.c - src/print/json_writer: layouts, values, and what it refuses */
#include "unit.h"

#include "print/json_writer.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static void put_value(struct lc_jw *jw, enum lc_jw_layout layout)
{
    lc_jw_object(jw, layout);
    lc_jw_key_number(jw, "a", 1);
    lc_jw_key_array(jw, "b", layout);
    lc_jw_bool(jw, false);
    lc_jw_object(jw, layout);
    lc_jw_end(jw);
    lc_jw_end(jw);
    lc_jw_key_array(jw, "c", layout);
    lc_jw_end(jw);
    lc_jw_end(jw);
}

static void test_each_layout(void **state)
{
    static const char *const expected[] = {
        [LC_JW_COMPACT] = "{\"a\":1,\"b\":[false,{}],\"c\":[]}\n",
        [LC_JW_SPACED] = "{\"a\": 1, \"b\": [false, {}], \"c\": []}\n",
        [LC_JW_PADDED] = "{ \"a\": 1, \"b\": [ false, { } ], \"c\": [ ] }\n",
        [LC_JW_LINES] = "{\n  \"a\": 1,\n  \"b\": [\n    false,\n    {}\n  ],\n"
                        "  \"c\": []\n}\n",
        [LC_JW_DENSE_LINES] = "{\n  \"a\":1,\n  \"b\":[\n    false,\n    {}\n  ],\n"
                              "  \"c\":[]\n}\n",
        [LC_JW_HANGING] = "{\n  \"a\":1,\n  \"b\":[\n    false,\n    {}],\n"
                          "  \"c\":[]}\n",
    };
    EXPECT_CASES(expected, 6);

    (void)state;
    for (size_t i = 0; i < COUNT(expected); i++) {
        struct lc_out out = {0};
        struct lc_jw jw = {.out = &out, .indent = 2};

        put_value(&jw, (enum lc_jw_layout)i);
        lc_jw_line(&jw);
        assert_true(
            spells((struct lc_span){out.bytes.data, out.bytes.size}, expected[i]));
        lc_buffer_clear(&out.bytes);
    }
}

static void test_values(void **state)
{
    static const char expected[] =
        "[\"caf\xC3\xA9\\u001b\\\"\",\"\\\\\",18446744073709551615,"
        "-9223372036854775808,0.500,true,{\"a\\\"b\":\"x\"}]";
    struct lc_out out = {0};
    struct lc_jw jw = {.out = &out};

    (void)state;
    lc_jw_array(&jw, LC_JW_COMPACT);
    lc_jw_text(&jw, span("caf\xC3\xA9\x1b\""));
    lc_jw_name(&jw, "\\");
    lc_jw_number(&jw, UINT64_MAX);
    lc_jw_signed(&jw, INT64_MIN);
    lc_jw_decimal(&jw, 0.5, 3);
    lc_jw_bool(&jw, true);
    lc_jw_object(&jw, LC_JW_COMPACT);
    lc_jw_key_name(&jw, "a\"b", "x");
    lc_jw_end(&jw);
    lc_jw_end(&jw);
    assert_true(spells((struct lc_span){out.bytes.data, out.bytes.size}, expected));
    lc_buffer_clear(&out.bytes);
}

/* No text can end the script element, and unprintable characters become visible. */
static void test_strings_for_a_page(void **state)
{
    static const char expected[] =
        "{\"\\u003ckey\\u003e\":\"\\u003c/script\\u003e\\u003c!-- \\u0026amp; \\\"\\\\\","
        "\"b\":\"\\\\x1b\\\\xff\\\\u{2028}\\\\u{202e}:\\u003a##\\u005bcaf\xC3\xA9\","
        "\"c\":\"\"}";
    struct lc_out out = {0};
    struct lc_jw jw = {.out = &out, .for_page = true};

    (void)state;
    lc_jw_object(&jw, LC_JW_COMPACT);
    lc_jw_key_name(&jw, "<key>", "</script><!-- &amp; \"\\");
    lc_jw_key_text(&jw, "b", span("\x1b\xFF\xE2\x80\xA8\xE2\x80\xAE::##[caf\xC3\xA9"));
    lc_jw_key_text(&jw, "c", (struct lc_span){NULL, 0});
    lc_jw_end(&jw);
    assert_true(spells((struct lc_span){out.bytes.data, out.bytes.size}, expected));
    lc_buffer_clear(&out.bytes);
}

/* Write a text that repeats a character, and check what is kept and how it ends. */
static void expect_cut(const char *character, size_t count, const char *end, bool is_ours)
{
    char text[4 * (LC_OUT_PAGE_MOST + 2) + 1] = "";
    struct lc_out out = {0};
    struct lc_jw jw = {.out = &out, .for_page = true};
    size_t kept = is_ours || count < LC_OUT_PAGE_MOST ? count : LC_OUT_PAGE_MOST;
    size_t size = 1 + kept * strlen(character) + strlen(end);

    for (size_t i = 0; i < count; i++)
        strcat(text, character);
    if (is_ours)
        lc_jw_name(&jw, text);
    else
        lc_jw_text(&jw, span(text));
    assert_int_equal(out.bytes.size, size);
    assert_memory_equal(out.bytes.data + 1, text, kept * strlen(character));
    assert_memory_equal(out.bytes.data + size - strlen(end), end, strlen(end));
    lc_buffer_clear(&out.bytes);
}

static void test_long_texts_in_a_page_are_cut(void **state)
{
    (void)state;
    expect_cut("a", LC_OUT_PAGE_MOST, "\"", false);
    expect_cut("\xE2\x82\xAC", LC_OUT_PAGE_MOST, "\"", false);
    expect_cut("\xE2\x82\xAC", LC_OUT_PAGE_MOST + 1, "… (1 more character)\"", false);
    expect_cut("a", LC_OUT_PAGE_MOST + 2, "… (2 more characters)\"", false);
    expect_cut("a", LC_OUT_PAGE_MOST + 2, "\"", true);
}

static void end_nothing(struct lc_jw *jw)
{
    lc_jw_end(jw);
}

static void value_without_key(struct lc_jw *jw)
{
    lc_jw_object(jw, LC_JW_COMPACT);
    lc_jw_number(jw, 1);
}

static void key_in_array(struct lc_jw *jw)
{
    lc_jw_array(jw, LC_JW_COMPACT);
    lc_jw_key(jw, "a");
}

static void key_without_value(struct lc_jw *jw)
{
    lc_jw_object(jw, LC_JW_COMPACT);
    lc_jw_key(jw, "a");
    lc_jw_end(jw);
}

static void two_keys(struct lc_jw *jw)
{
    lc_jw_object(jw, LC_JW_COMPACT);
    lc_jw_key(jw, "a");
    lc_jw_key(jw, "b");
}

static void line_inside(struct lc_jw *jw)
{
    lc_jw_array(jw, LC_JW_COMPACT);
    lc_jw_line(jw);
}

static void too_deep(struct lc_jw *jw)
{
    for (int i = 0; i <= LC_JW_DEPTH; i++)
        lc_jw_array(jw, LC_JW_COMPACT);
}

static void test_misuse_is_a_bug(void **state)
{
    static void (*const uses[])(struct lc_jw *) = {
        end_nothing, value_without_key, key_in_array, key_without_value,
        two_keys,    line_inside,       too_deep,
    };
    EXPECT_CASES(uses, 7);

    (void)state;
    for (size_t i = 0; i < COUNT(uses); i++) {
        int status;
        pid_t child = fork();

        assert_true(child >= 0);
        if (!child) {
            struct lc_out out = {0};
            struct lc_jw jw = {.out = &out};

            signal(SIGABRT, SIG_DFL);
            dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
            uses[i](&jw);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_layout),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_strings_for_a_page),
        cmocka_unit_test(test_long_texts_in_a_page_are_cut),
        cmocka_unit_test(test_misuse_is_a_bug),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

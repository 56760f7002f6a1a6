/* test_printable.c - src/base/printable: what is escaped, and how */
#include "unit.h"

#include "base/printable.h"

/* Return what lc_print_text or lc_print_json prints; the caller frees it. */
static char *printed(const char *text, bool json)
{
    char *out = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&out, &size);

    assert_non_null(to);
    if (json)
        lc_print_json(text, to);
    else
        lc_print_text(text, to);
    assert_int_equal(fclose(to), 0);
    return out;
}

static void lines_and_json(void **state)
{
    static const struct {
        const char *text, *line, *json;
    } cases[] = {
        {"", "", "\"\""},
        {"a: b [c] #d", "a: b [c] #d", "\"a: b [c] #d\""},
        {"\"\\", "\"\\", "\"\\\"\\\\\""},
        /* GitHub: two colons at the start of a line, and ##[ anywhere */
        {"::error::x", "\\x3a\\x3aerror:\\x3ax", "\":\\u003aerror:\\u003ax\""},
        {"a:::b", "a:\\x3a\\x3ab", "\"a:\\u003a\\u003ab\""},
        {"std::vector", "std:\\x3avector", "\"std:\\u003avector\""},
        {":", "\\x3a", "\":\""},
        {"a:", "a\\x3a", "\"a:\""},
        {"##[error]", "##\\x5berror]", "\"##\\u005berror]\""},
        {"###[[a]", "###\\x5b[a]", "\"###\\u005b[a]\""},
        {"# [a] #[b] ##1[c] ##a [d]", "# [a] #[b] ##1[c] ##a [d]",
         "\"# [a] #[b] ##1[c] ##a [d]\""},
        /* Azure Pipelines, TeamCity */
        {"a##vso[b.c]", "a##vso\\x5bb.c]", "\"a##vso\\u005bb.c]\""},
        {"##VsO[b.c]", "##VsO\\x5bb.c]", "\"##VsO\\u005bb.c]\""},
        {"##teamcity[b]", "##teamcity\\x5bb]", "\"##teamcity\\u005bb]\""},
        /* terminals */
        {"a\n\t\r\x1b\x7F", "a\\x0a\\x09\\x0d\\x1b\\x7f",
         "\"a\\n\\t\\u000d\\u001b\\u007f\""},
        {"\xC2\x9B", "\\u{009b}", "\"\\u009b\""},
        {"\xE2\x80\xAE", "\\u{202e}", "\"\\u202e\""},
        {"\xF3\xA0\x81\x81", "\\u{e0041}", "\"\\udb40\\udc41\""},
        {"\xFF\xC3", "\\xff\\xc3", "\"\\\\xff\\\\xc3\""},
        {"caf\xC3\xA9 \xF0\x9F\x98\x80", "caf\xC3\xA9 \xF0\x9F\x98\x80",
         "\"caf\xC3\xA9 \xF0\x9F\x98\x80\""},
    };
    EXPECT_CASES(cases, 20);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (int json = 0; json < 2; json++) {
            char *out = printed(cases[i].text, json);

            assert_string_equal(out, json ? cases[i].json : cases[i].line);
            free(out);
        }
    }
}

/* A line printed in parts contains no command, wherever it is split. */
static void parts(void **state)
{
    static const struct {
        const char *text, *line;
    } cases[] = {
        {"a::error", "a:\\x3aerror"},
        {"b ##vso[c.d]", "b ##vso\\x5bc.d]"},
        {"##[[x]", "##\\x5b[x]"},
    };
    EXPECT_CASES(cases, 3);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t size = strlen(cases[i].text);

        for (size_t cut = 0; cut <= size; cut++) {
            struct lc_span text = {cases[i].text, cut};
            struct lc_buffer out = {0};

            assert_int_equal(lc_printable_add(&out, text, LC_UNPRINTABLE_COMMAND, NULL),
                             LC_OK);
            text = (struct lc_span){cases[i].text + cut, size - cut};
            assert_int_equal(lc_printable_add(&out, text, LC_UNPRINTABLE_COMMAND, NULL),
                             LC_OK);
            assert_int_equal(lc_buffer_add(&out, "", 1, NULL), LC_OK);
            /* a colon at the end of the first part may have been escaped */
            if (cut && cases[i].text[cut - 1] == ':')
                assert_null(strstr(out.data, "::"));
            else
                assert_string_equal(out.data, cases[i].line);
            lc_buffer_clear(&out);
        }
    }
}

static void reasons(void **state)
{
    static const struct lc_span text = {"\xFF\n::", 4};
    static const char *const wanted[] = {
        "a\\xff\n::", "a\\xff\\x0a::", "a\\xff\\x0a:\\x3a"};

    (void)state;
    for (int most = LC_UNPRINTABLE_BYTE; most <= LC_UNPRINTABLE_COMMAND; most++) {
        struct lc_buffer out = {0};

        assert_int_equal(lc_buffer_add(&out, "a", 1, NULL), LC_OK);
        assert_int_equal(lc_printable_add(&out, text, (enum lc_unprintable)most, NULL),
                         LC_OK);
        assert_int_equal(out.size, strlen(wanted[most]));
        assert_memory_equal(out.data, wanted[most], out.size);
        lc_buffer_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_json),
        cmocka_unit_test(parts),
        cmocka_unit_test(reasons),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

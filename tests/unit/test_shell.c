/* test_shell.c - src/base/shell: words that a shell reads back as they were */
#include "unit.h"

#include "base/shell.h"

#include <stdio.h>

static const char *const words[] = {
    "a",     "a/b-c_1.json", "",       " ",    "a b",   "it's",   "'", "''", "-a", "--",
    "$HOME", "`id`",         "a\nb",   "a\\b", "a\"b",  "*",      "~", "#",  "=",  "!",
    "é",     "\x1b[31m",     "-o 'x'", "a;b",  "(a|b)", "\xff\t",
};

static void a_shell_reads_them_back(void **state)
{
    EXPECT_CASES(words, 26);
    (void)state;
    for (size_t i = 0; i < COUNT(words); i++) {
        struct lc_buffer command = {0};
        const char *dash = words[i][0] == '-' ? "./" : "";
        char wanted[64], got[64] = "";
        FILE *pipe;

        assert_int_equal(lc_buffer_printf(&command, NULL, "printf %%s "), LC_OK);
        assert_int_equal(lc_shell_add(&command, words[i], NULL), LC_OK);
        pipe = popen(command.data, "r"); /* NOLINT(cert-env33-c): a shell is the judge */
        assert_non_null(pipe);
        got[fread(got, 1, sizeof(got) - 1, pipe)] = '\0';
        assert_int_equal(pclose(pipe), 0);
        snprintf(wanted, sizeof(wanted), "%s%s", dash, words[i]);
        assert_string_equal(got, wanted);
        lc_buffer_clear(&command);
    }
}

static void plain_words_are_not_quoted(void **state)
{
    struct lc_buffer out = {0};

    (void)state;
    assert_int_equal(lc_shell_add(&out, "a/b.json", NULL), LC_OK);
    assert_int_equal(lc_buffer_add(&out, " ", 1, NULL), LC_OK);
    assert_int_equal(lc_shell_add(&out, "it's", NULL), LC_OK);
    assert_string_equal(out.data, "a/b.json 'it'\\''s'");
    lc_buffer_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shell_reads_them_back),
        cmocka_unit_test(plain_words_are_not_quoted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

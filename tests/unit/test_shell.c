/* test_shell.c - src/base/shell: a shell reads quoted words back unchanged */
#include "unit.h"

#include "base/printable.h"
#include "base/shell.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const words[] = {
    "a",     "a/b-c_1.json", "",       " ",     "a b", "it's",    "'", "''", "-a", "--",
    "$HOME", "`id`",         "a\\b",   "a\"b",  "*",   "~",       "#", "=",  "!",  "é",
    "a:b",   "##",           "-o 'x'", "(a|b)", "a;b", "a\\'\\b",
};

/* Words with characters that must not be printed. */
static const char *const hostile[] = {
    "a\nb",    "\x1b[31m",    "\xff\t",     "-\x7f", "::error::a'b\\c", "a ##[b]c",
    "##vso[a", "\u202e$HOME", "\xc3\xa9\r", "\n",    "$'\x01",
};

/* Make a shell print a word. The command is passed through the environment, so that sh
 * does not interpret it as well. */
static void assert_read_back(const char *shell, const char *word, const char *quoted)
{
    const char *dash = word[0] == '-' ? "./" : "";
    char line[64], wanted[64], got[64] = "";
    FILE *pipe;

    assert_int_equal(setenv("LC_COMMAND", quoted, 1), 0);
    snprintf(line, sizeof(line), "%s -c \"$LC_COMMAND\"", shell);
    pipe = popen(line, "r"); /* NOLINT(cert-env33-c): a shell is what is tested */
    assert_non_null(pipe);
    got[fread(got, 1, sizeof(got) - 1, pipe)] = '\0';
    assert_int_equal(pclose(pipe), 0);
    snprintf(wanted, sizeof(wanted), "%s%s", dash, word);
    assert_string_equal(got, wanted);
}

static void bash_reads_hostile_ones_back_that_can_be_printed(void **state)
{
    EXPECT_CASES(hostile, 11);
    (void)state;
    for (size_t i = 0; i < COUNT(hostile); i++) {
        struct lc_buffer command = {0};
        struct lc_printable text = {.enclosed = true};
        struct lc_escape escape;

        assert_int_equal(lc_buffer_printf(&command, NULL, "printf %%s "), LC_OK);
        assert_int_equal(lc_shell_add(&command, hostile[i], NULL), LC_OK);
        assert_read_back("bash", hostile[i], command.data);
        text.text = (struct lc_span){command.data, command.size};
        assert_false(lc_printable_next(&text, 0, &escape));
        lc_buffer_clear(&command);
    }
}

static void a_shell_reads_them_back(void **state)
{
    EXPECT_CASES(words, 26);
    (void)state;
    for (size_t i = 0; i < COUNT(words); i++) {
        struct lc_buffer command = {0};

        assert_int_equal(lc_buffer_printf(&command, NULL, "printf %%s "), LC_OK);
        assert_int_equal(lc_shell_add(&command, words[i], NULL), LC_OK);
        assert_read_back("sh", words[i], command.data);
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
        cmocka_unit_test(bash_reads_hostile_ones_back_that_can_be_printed),
        cmocka_unit_test(plain_words_are_not_quoted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

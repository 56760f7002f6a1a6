#include "view/select.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_patterns(void **state)
{
    static const struct {
        const char *pattern;
        const char *path;
        bool matches;
    } cases[] = {
        {"a", "a", true},
        {"a", "a/b", true},
        {"a/", "a/b", true},
        {"a", "ab", false},
        {"a", "b/a", false},
        {"a/b", "a", false},
        {"", "", true},
        {"", "a", false},
        {"*", "a/b", true},
        {"*", "", true},
        {"a/*", "a/b/c", true},
        {"a/*", "a", false},
        {"a/*.c", "a/b.c", true},
        {"a/*.c", "a/b/x.c", false},
        {"*.c", "b.c.c", true},
        {"*.c", "a/b.c", false},
        {"a*b*c", "aXbYbZc", true},
        {"a*b*c", "aXbYbZ", false},
        {"**", "a/b/c", true},
        {"**/c", "c", true},
        {"**/c", "a/b/c", true},
        {"**/c", "a/bc", false},
        {"**c", "a/bc", true},
        {"a/**/c", "a/c", true},
        {"a/**/c", "a/b/b/c", true},
        {"a/**/c", "a/b/bc", false},
        {"a/**/c/*.d", "a/c/b/c/x.d", true},
        {"a/**", "a/b", true},
        {"a/**", "ab", false},
        {"?", "a", true},
        {"?", "/", false},
        {"?x", "\xC3\xA4x", true}, /* one character of two bytes */
        {"?x", "\xFFx", true},
        {"a?", "a", false},
        {"[a]", "[a]", true},
        {"\\*", "\\x", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lc_span path = {cases[i].path, strlen(cases[i].path)};
        bool matches = lc_pattern_matches(cases[i].pattern, path);

        if (matches != cases[i].matches)
            fail_msg("'%s' and '%s'", cases[i].pattern, cases[i].path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_patterns)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

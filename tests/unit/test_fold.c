/* test_fold.c - src/base/fold: names that differ only in case and Unicode form */
#include "unit.h"

#include "base/fold.h"

static void folds(void **state)
{
    static const struct {
        const char *text, *folded;
    } cases[] = {
        {"", ""},
        {"abc.jpg", "abc.jpg"},
        {"ABC_[z].JPG", "abc_[z].jpg"},
        {"\u00c9T\u00c9", "\u00e9t\u00e9"},
        {"E\u0301T", "\u00e9t"},
        {"Stra\u00dfe", "strasse"},
        {"\u0130", "i\u0307"},
        {"\uff21\ufb01", "afi"},
        {"\u2126", "\u03c9"},
        {"A\xe9\xc9.JPG", "a\xe9\xc9.jpg"}, /* Latin-1: no UTF-8 */
        {"A\xed\xa0\x80", "a\xed\xa0\x80"}, /* half a surrogate pair */
    };
    struct lc_buffer out = {0};
    EXPECT_CASES(cases, 11);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        out.size = 0;
        assert_int_equal(lc_fold(span(cases[i].text), &out, NULL), LC_OK);
        if (!spells((struct lc_span){out.data, out.size}, cases[i].folded))
            fail_msg("%s became %.*s", cases[i].text, (int)out.size, out.data);
    }
    lc_buffer_clear(&out);
}

static void same_forms(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"", "", true},
        {"a", "a", true},
        {"a", "A", false},
        {"a", "ab", false},
        {"\u00e9", "e\u0301", true},
        {"\u00e9", "\u00c9", false},
        {"\u212b", "\u00c5", true}, /* the sign for angstrom */
        {"\uff21", "A", true},      /* full width */
        {"\xe9", "\u00e9", false},
        {"\xe9", "\xe9", true},
    };
    EXPECT_CASES(cases, 10);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool same = !cases[i].same;

        assert_int_equal(
            lc_fold_same_form(span(cases[i].a), span(cases[i].b), &same, NULL), LC_OK);
        assert_int_equal(same, cases[i].same);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds),
        cmocka_unit_test(same_forms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

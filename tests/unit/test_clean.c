/* What clean puts between rows, and what drops a row */
#include "clean/drop.h"
#include "clean/frame.h"
#include "unit.h"

#include <string.h>

static const struct {
    const char *text;
    bool lines;
    bool head, gap, tail; /* whether the text may be one */
} frames[] = {
    {"", false, false, false, false},
    {"[", false, true, false, false},
    {" [\r\n\t", false, true, false, false},
    {"[[", false, false, false, false},
    {"[,", false, false, false, false},
    {",", false, false, true, false},
    {" ,\n  ", false, false, true, false},
    {",,", false, false, false, false},
    {", ]", false, false, false, false},
    {",\v", false, false, false, false},
    {"\xC2\xA0,", false, false, false, false},
    {"]", false, false, false, true},
    {"\n]\n", false, false, false, true},
    {"]]", false, false, false, false},
    {"] x", false, false, false, false},
    {" \n", false, false, false, false},
    {"", true, true, false, true},
    {" \t", true, true, false, true},
    {"\n", true, false, true, true},
    {"\r\n", true, false, true, true},
    {"\r", true, false, true, true},
    {" \n\t", true, false, true, false},
    {"\n\n", true, false, false, false},
    {"\n\r", true, false, false, false},
    {"\r\r\n", true, false, false, false},
    {"\xC2\xA0\n", true, false, false, false},
    {",\n", true, false, false, false},
    {"\v\n", true, false, false, false},
};

static void text_between_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        struct lc_span text = span(frames[i].text);

        assert_int_equal(lc_frame_is_head(text, frames[i].lines), frames[i].head);
        assert_int_equal(lc_frame_is_gap(text, frames[i].lines), frames[i].gap);
        assert_int_equal(lc_frame_is_tail(text, frames[i].lines), frames[i].tail);
    }
}

/* NUL is not white space, although it terminates the list of white space. */
static void nul_between_rows(void **state)
{
    (void)state;
    assert_false(lc_frame_is_gap((struct lc_span){",\0", 2}, false));
    assert_false(lc_frame_is_gap((struct lc_span){"\0\n", 2}, true));
    assert_false(lc_frame_is_tail((struct lc_span){"]\0", 2}, false));
}

static void marks_are_skipped(void **state)
{
    struct lc_span rest = lc_frame_skip_mark(span("\xEF\xBB\xBF["));

    (void)state;
    assert_int_equal(rest.size, 1);
    assert_int_equal(rest.text[0], '[');
    assert_int_equal(lc_frame_skip_mark(span("\xEF\xBB")).size, 2);
    assert_int_equal(lc_frame_skip_mark(span("[")).size, 1);
}

/* The head and tail for rows that are separated by a gap. */
static void ends_of_files(void **state)
{
    static const struct {
        const char *gap;
        bool lines;
        const char *head, *tail;
    } cases[] = {
        {",", false, "[", "\n]\n"}, {" ,\n  ", false, "[\n  ", "\n]\n"},
        {"\n", true, "", "\n"},     {" \r\n ", true, "", "\r\n"},
        {"\r", true, "", "\r"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lc_buffer head = {0}, tail = {0};

        assert_int_equal(
            lc_frame_add_head(span(cases[i].gap), cases[i].lines, &head, NULL), LC_OK);
        assert_int_equal(
            lc_frame_add_tail(span(cases[i].gap), cases[i].lines, &tail, NULL), LC_OK);
        assert_int_equal(head.size, strlen(cases[i].head));
        assert_int_equal(tail.size, strlen(cases[i].tail));
        assert_true(!head.size || memcmp(head.data, cases[i].head, head.size) == 0);
        assert_memory_equal(tail.data, cases[i].tail, tail.size);
        lc_buffer_clear(&head);
        lc_buffer_clear(&tail);
    }
}

static void words_that_drop(void **state)
{
    struct lc_drop drop = {.effects = {false}};
    struct lc_error error = {0};

    (void)state;
    assert_int_equal(lc_drop_add(&drop, "replaced", NULL), LC_OK);
    assert_true(drop.effects[LC_EFFECT_REPLACED] && drop.effects[LC_EFFECT_DROPPED]);
    assert_false(drop.effects[LC_EFFECT_CRASH] || drop.effects[LC_EFFECT_REFUSED]);
    assert_int_equal(lc_drop_add(&drop, "crash", NULL), LC_OK);
    assert_true(drop.effects[LC_EFFECT_CRASH] && drop.effects[LC_EFFECT_REFUSED]);
    assert_false(drop.effects[LC_EFFECT_FINE] || drop.effects[LC_EFFECT_ALTERED]);
    assert_int_equal(lc_drop_add(&drop, "warning", NULL), LC_OK);
    assert_true(drop.levels[LC_SEVERITY_WARNING] && drop.levels[LC_SEVERITY_ERROR]);
    assert_false(drop.levels[LC_SEVERITY_INFO]);
    assert_int_equal(lc_drop_add(&drop, "img5", NULL), LC_OK);
    assert_true(drop.rules[LC_RULE_IMG501] && !drop.rules[LC_RULE_JSN101]);
    assert_int_equal(lc_drop_add(&drop, "fine", &error), LC_ERR_USAGE);
    assert_non_null(strstr(error.message, "fine"));
}

static void findings_that_drop(void **state)
{
    struct lc_drop drop = {.effects = {false}};
    struct lc_finding_record finding = {.rule = span("IMG501"),
                                        .found = LC_SEVERITY_ERROR};

    (void)state;
    assert_false(lc_drop_has(&drop, &finding));
    drop.levels[LC_SEVERITY_ERROR] = true;
    assert_true(lc_drop_has(&drop, &finding));
    finding.found = LC_SEVERITY_WARNING;
    assert_false(lc_drop_has(&drop, &finding));
    drop.rules[LC_RULE_IMG501] = true;
    assert_true(lc_drop_has(&drop, &finding));
    finding.rule = span("XXX999"); /* a rule of another version */
    assert_false(lc_drop_has(&drop, &finding));
    assert_false(lc_drop_always(&finding, false));
    finding.rule = span("JSN101");
    assert_true(lc_drop_always(&finding, false));
    assert_false(lc_drop_always(&finding, true));
    finding.rule = span("JSN111");
    assert_true(lc_drop_always(&finding, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_between_rows), cmocka_unit_test(nul_between_rows),
        cmocka_unit_test(marks_are_skipped), cmocka_unit_test(ends_of_files),
        cmocka_unit_test(words_that_drop),   cmocka_unit_test(findings_that_drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

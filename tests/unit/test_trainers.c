/* test_trainers.c - src/rules/trainers: what each trainer does with findings */
#include "unit.h"

#include "rules/rules.h"

enum {
    TRAINERS = 0
#define LC_TRAINER(...) +1
#include "rules/trainers.def"
#undef LC_TRAINER
    ,
    MOST_UNKNOWN = 10, /* number of rules that a trainer may have no entry for */
    LONGEST = 120,     /* length of the text about an effect */
};

/* Return the index of a trainer, or TRAINERS if there is none of this name. */
static size_t find_trainer(const char *name)
{
    size_t i = 0;

    while (lc_trainer_at(i) && strcmp(lc_trainer_at(i)->name, name) != 0)
        i++;
    return i;
}

/* A different outcome must be a separate case, not a remark in brackets. */
static void expect_no_exception(const char *text)
{
    static const char *const words[] = {" if ",    "(if ",    "unless",
                                        "except ", " or not", "loads)"};

    for (const char *open = strchr(text, '('); open; open = strchr(open + 1, '(')) {
        char inner[400];
        size_t size = strcspn(open, ")") + 1;

        assert_true(size < sizeof(inner));
        memcpy(inner, open, size);
        inner[size] = '\0';
        for (size_t i = 0; i < COUNT(words); i++)
            assert_null(strstr(inner, words[i]));
    }
}

static void expect_line(const char *text)
{
    assert_non_null(text);
    assert_in_range(strlen(text), 3, 400);
    assert_null(strchr(text, '\n'));
    assert_null(strstr(text, "  "));
    assert_int_not_equal(text[strlen(text) - 1], '.');
    assert_int_not_equal(text[strlen(text) - 1], ' ');
    assert_int_not_equal(text[0], ' ');
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < TRAINERS; i++) {
        const struct lc_trainer_info *trainer = lc_trainer_at(i);

        assert_non_null(trainer);
        assert_int_equal(strspn(trainer->name, "abcdefghijklmnopqrstuvwxyz0123456789-."),
                         strlen(trainer->name));
        assert_true(*trainer->name);
        expect_line(trainer->title);
        expect_line(trainer->source);
        assert_non_null(strstr(trainer->source, " at ")); /* a commit */
        assert_int_equal(find_trainer(trainer->name), i);
    }
    assert_null(lc_trainer_at(TRAINERS));
    assert_null(lc_trainer_at(SIZE_MAX));
    assert_true(find_trainer(LC_DEFAULT_TRAINER) < TRAINERS);
    assert_int_equal(find_trainer("llava"), TRAINERS);
}

static void effect_names(void **state)
{
    static const struct {
        enum lc_effect effect;
        const char *name;
    } cases[] = {
        {LC_EFFECT_FINE, "fine"},         {LC_EFFECT_UNKNOWN, "unknown"},
        {LC_EFFECT_ALTERED, "altered"},   {LC_EFFECT_DROPPED, "dropped"},
        {LC_EFFECT_REPLACED, "replaced"}, {LC_EFFECT_CRASH, "crash"},
        {LC_EFFECT_REFUSED, "refused"},
    };
    EXPECT_CASES(cases, 7);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(lc_effect_name(cases[i].effect), cases[i].name);
        assert_true(i == 0 || cases[i - 1].effect < cases[i].effect); /* the worse */
    }
}

/* An effect is explained completely, or it is unknown and has no texts. */
static void expect_consistent(struct lc_rule_effect effect)
{
    if (effect.effect == LC_EFFECT_UNKNOWN) {
        assert_null(effect.what);
        assert_null(effect.source);
        return;
    }
    assert_in_range(effect.effect, LC_EFFECT_FINE, LC_EFFECT_REFUSED);
    expect_line(effect.what);
    expect_no_exception(effect.what);
    assert_in_range(strlen(effect.what), 3, LONGEST);
    expect_line(effect.source);
}

static void entries(void **state)
{
    (void)state;
    for (size_t t = 0; t < TRAINERS; t++) {
        size_t unknown = 0;

        for (size_t r = 0; r < LC_RULE_COUNT; r++) {
            const struct lc_rule_info *rule = lc_rule_at(r);
            struct lc_rule_effect effect = lc_rule_effect_on(rule->code, "", t);
            bool has_entry = effect.effect != LC_EFFECT_UNKNOWN;
            const struct lc_case_info *which;

            expect_consistent(effect);
            for (size_t k = 0; (which = lc_rule_case_at(rule->code, k)); k++) {
                effect = lc_rule_effect_on(rule->code, which->name, t);
                expect_consistent(effect);
                has_entry = has_entry || effect.effect != LC_EFFECT_UNKNOWN;
            }
            unknown += !has_entry;
        }
        if (unknown > MOST_UNKNOWN)
            fail_msg("%s has no entry for %zu rules", lc_trainer_at(t)->name, unknown);
    }
}

/* The names of a rule's cases differ, and each case is found by its name. */
static void cases_of_rules(void **state)
{
    const struct lc_case_info *one, *other;
    size_t count = 0;

    (void)state;
    for (size_t r = 0; r < LC_RULE_COUNT; r++) {
        struct lc_span code = {lc_rule_at(r)->code, strlen(lc_rule_at(r)->code)};

        for (size_t i = 0; (one = lc_rule_case_at(code.text, i)); i++, count++) {
            enum lc_case_index which =
                lc_case_index_of(code, (struct lc_span){one->name, strlen(one->name)});

            expect_line(one->summary);
            assert_true(&lc_cases[which].info == one);
            assert_true(lc_cases[which].whole < which);
            assert_int_equal(lc_cases[lc_cases[which].whole].rule, r);
            assert_int_equal(lc_cases[which].rule, r);
            for (size_t k = 0; k < i; k++) {
                other = lc_rule_case_at(code.text, k);
                assert_string_not_equal(one->name, other->name);
            }
        }
    }
    assert_int_equal(count, LC_CASE_COUNT - LC_RULE_COUNT);
    assert_null(lc_rule_case_at("TOK407", 0)); /* it has none */
    assert_null(lc_rule_case_at("JSN999", 0));
    assert_int_equal(
        lc_case_index_of((struct lc_span){"TOK401", 6}, (struct lc_span){"odd", 3}),
        LC_CASE_TOK401_ANY);
}

/* If a trainer does not tell a part of a case from the case, it counts as the case. */
static void parts_of_cases(void **state)
{
    static const struct {
        const char *code, *rule_case, *whole;
    } cases[] = {
        {"CNV305", "no-answer-even", "no-answer"},
        {"CNV305", "no-answer", ""},
        {"CNV305", "", ""},
        {"IMG515", "transparent-rgba", "transparent"},
        {"CNV305", "odd", ""}, /* there is no such case */
        {"CNV999", "no-answer-even", ""},
    };
    size_t trainer = find_trainer("llava-1.5");
    EXPECT_CASES(cases, 6);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(lc_rule_case_whole(cases[i].code, cases[i].rule_case),
                            cases[i].whole);
    assert_string_equal(lc_rule_effect_on("CNV305", "no-answer-even", trainer).what,
                        lc_rule_effect_on("CNV305", "no-answer", trainer).what);
}

/* A rule must have level error if the default trainer's loader refuses the row or the
 * file, or trains another row in its place. Otherwise a run would exit with 0 on data
 * with which that trainer does not start. */
static void refused_is_error(void **state)
{
    size_t checked = 0, trainer = find_trainer(LC_DEFAULT_TRAINER);

    (void)state;
    for (size_t r = 0; r < LC_RULE_COUNT; r++) {
        const struct lc_rule_info *rule = lc_rule_at(r);
        struct lc_rule_effect effect = lc_rule_effect_on(rule->code, "", trainer);

        if (effect.effect < LC_EFFECT_DROPPED)
            continue;
        checked++;
        if (rule->severity != LC_SEVERITY_ERROR)
            fail_msg("%s is not an error", rule->code);
    }
    assert_true(checked >= 20);
}

/* A row that is not JSON in a file that is read as a whole ends every trainer; rules that
 * only count things affect none. */
static void all_agree(void **state)
{
    static const struct {
        const char *code;
        enum lc_effect effect;
    } cases[] = {
        {"JSN101", LC_EFFECT_REFUSED}, {"JSN102", LC_EFFECT_REFUSED},
        {"JSN104", LC_EFFECT_REFUSED}, {"ROW204", LC_EFFECT_FINE},
        {"ROW206", LC_EFFECT_FINE},    {"ROW210", LC_EFFECT_FINE},
        {"ROW214", LC_EFFECT_FINE},    {"SET605", LC_EFFECT_FINE},
        {"CNV311", LC_EFFECT_FINE},    {"CNV312", LC_EFFECT_FINE},
        {"ROW209", LC_EFFECT_ALTERED}, {"IMG509", LC_EFFECT_ALTERED},
    };
    EXPECT_CASES(cases, 12);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct lc_rule_info *rule = lc_rule_find(cases[i].code);

        assert_non_null(rule);
        for (size_t t = 0; t < TRAINERS; t++)
            if (!lc_trainer_loads_shards(t)) /* shard readers only look at samples */
                assert_int_equal(lc_rule_effect_on(rule->code, "", t).effect,
                                 cases[i].effect);
    }
}

/* Effects in which trainers differ, or which depend on the case. */
static void single_effects(void **state)
{
    static const struct {
        const char *trainer, *code, *rule_case;
        enum lc_effect effect;
    } cases[] = {
        /* assert roles[sentence["from"]] == conv.roles[j % 2], in __getitem__'s try */
        {"llava-next", "CNV303", "", LC_EFFECT_REPLACED},
        {"llava-1.5", "CNV303", "", LC_EFFECT_CRASH},
        {"llava-next-qwen", "CNV303", "", LC_EFFECT_FINE},
        {"llava-next", "IMG501", "", LC_EFFECT_REPLACED},
        {"llava-1.5", "IMG501", "", LC_EFFECT_CRASH},
        {"llava-next", "IMG507", "holes", LC_EFFECT_ALTERED},
        {"llava-next", "IMG507", "refused", LC_EFFECT_REPLACED},
        {"llava-next", "IMG508", "whole", LC_EFFECT_FINE},
        {"qwen-vl", "IMG507", "whole", LC_EFFECT_REPLACED},
        {"qwen-vl", "IMG515", "transparent", LC_EFFECT_ALTERED},
        {"qwen-vl", "IMG515", "alpha", LC_EFFECT_FINE},
        {"llava-next", "CNV307", "", LC_EFFECT_REFUSED},
        {"llava-next", "IMG511", "warning", LC_EFFECT_FINE},
        {"llava-next", "IMG511", "refused", LC_EFFECT_REPLACED},
        {"llava-next", "IMG511", "limited", LC_EFFECT_UNKNOWN},
        /* paths that every trainer follows, but that were not opened here */
        {"llava-next", "IMG503", "absolute", LC_EFFECT_UNKNOWN},
        {"llava-next", "IMG503", "url", LC_EFFECT_REPLACED},
        /* unpad_image leaves no row of features */
        {"llava-next", "IMG513", "thin", LC_EFFECT_ALTERED},
        {"qwen-vl", "IMG513", "thin", LC_EFFECT_FINE},
        {"qwen-vl", "IMG513", "", LC_EFFECT_REPLACED},
        {"llava-1.5", "IMG512", "pixel", LC_EFFECT_CRASH},
        {"llava-1.5", "IMG512", "line", LC_EFFECT_FINE},
        {"qwen-vl", "IMG518", "newer", LC_EFFECT_UNKNOWN},
        {"qwen-vl", "IMG521", "", LC_EFFECT_UNKNOWN},
        {"qwen-vl", "CNV305", "", LC_EFFECT_FINE},
        {"qwen-vl", "CNV305", "no-answer", LC_EFFECT_ALTERED},
        {"llama-factory", "TOK403", "", LC_EFFECT_REFUSED},
    };
    EXPECT_CASES(cases, 27);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t trainer = find_trainer(cases[i].trainer);

        assert_true(trainer < TRAINERS);
        assert_int_equal(
            lc_rule_effect_on(cases[i].code, cases[i].rule_case, trainer).effect,
            cases[i].effect);
    }
}

static void unknown(void **state)
{
    static const struct {
        const char *code;
        size_t trainer;
    } cases[] = {
        {"JSN999", 0},        {"", 0},
        {"json-syntax", 0}, /* a name is not a code */
        {"jsn101", 0},        {"JSN101", TRAINERS},
        {"JSN101", SIZE_MAX},
    };
    struct lc_rule_effect effect;
    EXPECT_CASES(cases, 6);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        effect = lc_rule_effect_on(cases[i].code, "", cases[i].trainer);
        assert_int_equal(effect.effect, LC_EFFECT_UNKNOWN);
        expect_consistent(effect);
    }
    /* a rule without an entry: nothing is guessed from other rules */
    effect = lc_rule_effect_on("ROW211", "", find_trainer("qwen-vl"));
    assert_int_equal(effect.effect, LC_EFFECT_UNKNOWN);
}

/* A range is ordered, and grows with everything that makes a row longer. */
static void lengths(void **state)
{
    static const enum lc_script scripts[] = {LC_SCRIPT_LATIN, LC_SCRIPT_HAN,
                                             LC_SCRIPT_OTHER, LC_SCRIPT_NONE};
    size_t limited = 0;

    (void)state;
    for (size_t i = 0; i < TRAINERS; i++) {
        const struct lc_length_info *length = lc_trainer_length(i);

        if (!length)
            continue;
        limited++;
        assert_true(length->limit >= 512);
        assert_true(length->effect.effect >= LC_EFFECT_ALTERED);
        expect_consistent(length->effect);
        for (size_t s = 0; s < COUNT(scripts); s++) {
            struct lc_length_facts row = {6000, 1000, scripts[s], 2, 0};
            struct lc_tokens text = lc_estimate_tokens(i, &row), more;

            assert_true(text.least < text.most);
            row.images = 1;
            more = lc_estimate_tokens(i, &row);
            assert_true(more.least > text.least && more.most > text.most);
            row.turns = 4;
            assert_true(lc_estimate_tokens(i, &row).most > more.most);
            row.characters *= 2;
            assert_true(lc_estimate_tokens(i, &row).least > more.least);
        }
        assert_int_equal(lc_estimate_tokens(i, &(struct lc_length_facts){0}).least, 0);
    }
    assert_true(limited >= 5);
    assert_null(lc_trainer_length(TRAINERS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),          cmocka_unit_test(effect_names),
        cmocka_unit_test(entries),        cmocka_unit_test(cases_of_rules),
        cmocka_unit_test(parts_of_cases), cmocka_unit_test(refused_is_error),
        cmocka_unit_test(all_agree),      cmocka_unit_test(single_effects),
        cmocka_unit_test(unknown),        cmocka_unit_test(lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

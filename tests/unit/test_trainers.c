/* test_trainers.c - src/rules/trainers: what each trainer does with what is found */
#include "unit.h"

#include "rules/rules.h"

enum {
    TRAINERS = 7,
    MOST_UNKNOWN = 7, /* rules that a trainer may have no entry for */
    LONGEST = 120,    /* letters of a line about an effect */
};

static const enum lc_severity severities[] = {LC_SEVERITY_INFO, LC_SEVERITY_WARNING,
                                              LC_SEVERITY_ERROR};
EXPECT_CASES(severities, 3);

/* The index of a trainer; TRAINERS: there is none of this name. */
static size_t find_trainer(const char *name)
{
    size_t i = 0;

    while (lc_trainer_at(i) && strcmp(lc_trainer_at(i)->name, name) != 0)
        i++;
    return i;
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
        {LC_EFFECT_FINE, "fine"},       {LC_EFFECT_UNKNOWN, "unknown"},
        {LC_EFFECT_ALTERED, "altered"}, {LC_EFFECT_REPLACED, "replaced"},
        {LC_EFFECT_CRASH, "crash"},
    };
    EXPECT_CASES(cases, 5);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(lc_effect_name(cases[i].effect), cases[i].name);
        assert_true(i == 0 || cases[i - 1].effect < cases[i].effect); /* the worse */
    }
}

/* An effect is explained in full, or it is unknown and nothing is said. */
static void expect_consistent(struct lc_rule_effect effect)
{
    if (effect.effect == LC_EFFECT_UNKNOWN) {
        assert_null(effect.what);
        assert_null(effect.source);
        return;
    }
    assert_in_range(effect.effect, LC_EFFECT_FINE, LC_EFFECT_CRASH);
    expect_line(effect.what);
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

            for (size_t s = 0; s < COUNT(severities); s++)
                expect_consistent(lc_rule_effect_on(rule->code, severities[s], t));
            unknown += lc_rule_effect_on(rule->code, rule->severity, t).effect ==
                       LC_EFFECT_UNKNOWN;
        }
        if (unknown > MOST_UNKNOWN)
            fail_msg("%s has no entry for %zu rules", lc_trainer_at(t)->name, unknown);
    }
}

/* Where a rule gives findings of two levels, each is known. */
static void both_levels(void **state)
{
    static const char *const codes[] = {"CNV305", "IMG511"};

    (void)state;
    for (size_t t = 0; t < TRAINERS; t++) {
        for (size_t i = 0; i < COUNT(codes); i++) {
            for (int s = LC_SEVERITY_WARNING; s <= LC_SEVERITY_ERROR; s++)
                assert_int_not_equal(
                    lc_rule_effect_on(codes[i], (enum lc_severity)s, t).effect,
                    LC_EFFECT_UNKNOWN);
        }
    }
}

/* A rule is of level error when the default trainer's loader refuses the row or the file,
 * or trains another row in its place: else a run would end with exit code 0 on data with
 * which that trainer does not start. */
static void refused_is_error(void **state)
{
    size_t checked = 0, trainer = find_trainer(LC_DEFAULT_TRAINER);

    (void)state;
    for (size_t r = 0; r < LC_RULE_COUNT; r++) {
        const struct lc_rule_info *rule = lc_rule_at(r);
        struct lc_rule_effect effect =
            lc_rule_effect_on(rule->code, rule->severity, trainer);

        if (effect.effect != LC_EFFECT_CRASH && effect.effect != LC_EFFECT_REPLACED)
            continue;
        checked++;
        if (rule->severity != LC_SEVERITY_ERROR)
            fail_msg("%s is no error", rule->code);
    }
    assert_true(checked >= 20);
}

/* What a row that is no JSON does to a file that is read as a whole, nobody survives; and
 * what only counts things, nobody minds. */
static void all_agree(void **state)
{
    static const struct {
        const char *code;
        enum lc_effect effect;
    } cases[] = {
        {"JSN101", LC_EFFECT_CRASH},   {"JSN102", LC_EFFECT_CRASH},
        {"JSN104", LC_EFFECT_CRASH},   {"ROW204", LC_EFFECT_FINE},
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
            assert_int_equal(lc_rule_effect_on(rule->code, rule->severity, t).effect,
                             cases[i].effect);
    }
}

/* Where trainers differ, or the level of the finding decides. */
static void single_effects(void **state)
{
    static const struct {
        const char *trainer, *code;
        enum lc_severity severity;
        enum lc_effect effect;
    } cases[] = {
        /* assert roles[sentence["from"]] == conv.roles[j % 2], in __getitem__'s try */
        {"llava-next", "CNV303", LC_SEVERITY_ERROR, LC_EFFECT_REPLACED},
        {"llava-1.5", "CNV303", LC_SEVERITY_ERROR, LC_EFFECT_CRASH},
        {"llava-next-qwen", "CNV303", LC_SEVERITY_ERROR, LC_EFFECT_FINE},
        {"llava-next", "IMG501", LC_SEVERITY_ERROR, LC_EFFECT_REPLACED},
        {"llava-1.5", "IMG501", LC_SEVERITY_ERROR, LC_EFFECT_CRASH},
        {"llava-next", "IMG507", LC_SEVERITY_ERROR, LC_EFFECT_ALTERED},
        {"llava-next", "CNV307", LC_SEVERITY_ERROR, LC_EFFECT_CRASH},
        {"llava-next", "IMG511", LC_SEVERITY_WARNING, LC_EFFECT_FINE},
        {"llava-next", "IMG511", LC_SEVERITY_ERROR, LC_EFFECT_REPLACED},
        {"llama-factory", "TOK403", LC_SEVERITY_ERROR, LC_EFFECT_CRASH},
    };
    EXPECT_CASES(cases, 10);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t trainer = find_trainer(cases[i].trainer);

        assert_true(trainer < TRAINERS);
        assert_int_equal(
            lc_rule_effect_on(cases[i].code, cases[i].severity, trainer).effect,
            cases[i].effect);
    }
}

static void unknown(void **state)
{
    static const struct {
        const char *code;
        enum lc_severity severity;
        size_t trainer;
    } cases[] = {
        {"JSN999", LC_SEVERITY_ERROR, 0},
        {"", LC_SEVERITY_ERROR, 0},
        {"json-syntax", LC_SEVERITY_ERROR, 0}, /* a name is no code */
        {"jsn101", LC_SEVERITY_ERROR, 0},
        {"JSN101", LC_SEVERITY_ERROR, TRAINERS},
        {"JSN101", LC_SEVERITY_ERROR, SIZE_MAX},
        {"CNV305", LC_SEVERITY_INFO, 0}, /* the rule gives no such finding */
    };
    struct lc_rule_effect effect;
    EXPECT_CASES(cases, 7);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        effect = lc_rule_effect_on(cases[i].code, cases[i].severity, cases[i].trainer);
        assert_int_equal(effect.effect, LC_EFFECT_UNKNOWN);
        expect_consistent(effect);
    }
    /* a rule without an entry: never guessed, whatever other rules are like */
    effect = lc_rule_effect_on("ROW211", LC_SEVERITY_INFO, find_trainer("qwen-vl"));
    assert_int_equal(effect.effect, LC_EFFECT_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(effect_names),
        cmocka_unit_test(entries),
        cmocka_unit_test(both_levels),
        cmocka_unit_test(refused_is_error),
        cmocka_unit_test(all_agree),
        cmocka_unit_test(single_effects),
        cmocka_unit_test(unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

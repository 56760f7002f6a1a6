/* test_rules.c - src/rules: each rule on facts that fire it, and on similar ones that do
 * not
 */
#include "unit.h"

#include <ctype.h>
#include <errno.h>

#include "base/clock.h"
#include "rules/rules.h"

/* ---- the table of rules */

static void codes_and_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < LC_RULE_COUNT; i++) {
        const struct lc_rule_info *rule = &lc_rules[i].info;

        assert_int_equal(strlen(rule->code), 6);
        for (int c = 0; c < 6; c++)
            assert_true(c < 3 ? isupper((unsigned char)rule->code[c])
                              : isdigit((unsigned char)rule->code[c]));
        assert_int_equal(strspn(rule->name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
                         strlen(rule->name));
        /* lc_rule_index_of bisects by the code's digits */
        if (i)
            assert_true(strcmp(lc_rules[i - 1].info.code + 3, rule->code + 3) < 0);
        assert_int_equal(lc_rule_index_of(span(rule->code)), i);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(lc_rules[j].info.code, rule->code);
            assert_string_not_equal(lc_rules[j].info.name, rule->name);
        }
    }
}

/* The codes of a family are adjacent, and share their first digit. */
static void families(void **state)
{
    static const struct {
        const char *family;
        char digit;
    } cases[] = {{"JSN", '1'}, {"ROW", '2'}, {"CNV", '3'}, {"TOK", '4'}, {"IMG", '5'},
                 {"SET", '6'}, {"IDX", '7'}, {"ARC", '8'}, {"HUB", '9'}};
    size_t family = 0;
    EXPECT_CASES(cases, 9);

    (void)state;
    for (size_t i = 0; i < LC_RULE_COUNT; i++) {
        const char *code = lc_rules[i].info.code;

        while (family < COUNT(cases) && strncmp(cases[family].family, code, 3) != 0)
            family++;
        if (family == COUNT(cases))
            fail_msg("%s is out of order", code);
        assert_int_equal(code[3], cases[family].digit);
    }
}

static void texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < LC_RULE_COUNT; i++) {
        const struct lc_rule_info *rule = &lc_rules[i].info;
        const char *sentences[] = {rule->why, rule->fix};

        assert_true(*rule->summary);
        /* CNV311 is only worth counting: it harms no program that could be cited */
        assert_true(*rule->source || strcmp(rule->code, "CNV311") == 0);
        assert_int_not_equal(rule->summary[strlen(rule->summary) - 1], '.');
        assert_null(strchr(rule->summary, '\n'));
        for (size_t s = 0; s < COUNT(sentences); s++) {
            assert_true(*sentences[s]);
            assert_int_equal(sentences[s][strlen(sentences[s]) - 1], '.');
            assert_null(strstr(sentences[s], "  "));
        }
        assert_null(strstr(rule->summary, "  "));
    }
}

/* A new rule that makes Python reject the file needs an entry in traits.def. */
static void traits(void **state)
{
    size_t rejecting = 0;

    (void)state;
    for (size_t i = 0; i < LC_RULE_COUNT; i++) {
        const struct lc_rule_info *rule = &lc_rules[i].info;
        enum lc_case_index any = lc_case_index_of(
            (struct lc_span){rule->code, strlen(rule->code)}, (struct lc_span){0});

        if (strncmp(rule->code, "JSN", 3) == 0 && rule->severity == LC_SEVERITY_ERROR) {
            assert_int_equal(lc_case_has(any, LC_TRAIT_REJECTS_FILE),
                             i != LC_RULE_JSN108);
            rejecting++;
        }
        assert_int_equal(lc_case_has(any, LC_TRAIT_ALL_ROWS),
                         strncmp(rule->code, "IDX", 3) == 0);
    }
    assert_true(rejecting >= 11);
    /* an entry for a case replaces its rule's */
    assert_true(lc_case_has(LC_CASE_TOK404_EQUAL, LC_TRAIT_ROW_MEDIA));
    assert_false(lc_case_has(LC_CASE_TOK404_NO_IMAGE, LC_TRAIT_ROW_MEDIA));
    assert_true(lc_case_has(LC_CASE_IMG511_REFUSED, LC_TRAIT_FORM | LC_TRAIT_NO_FILE));
    assert_false(lc_case_has(LC_CASE_IMG511_WARNING, LC_TRAIT_FORM));
    assert_false(lc_case_has(LC_CASE_COUNT, ~0U));
}

static void finding_a_rule(void **state)
{
    static const struct {
        const char *asked, *code; /* NULL: there is none */
    } cases[] = {
        {"JSN101", "JSN101"},       {"jsn101", "JSN101"},
        {"Jsn101", "JSN101"},       {"json-syntax", "JSN101"},
        {"JSON-Syntax", "JSN101"},  {"IMG518", "IMG518"},
        {"image-format", "IMG518"}, {"JSN", NULL},
        {"JSN1010", NULL},          {"", NULL},
        {"json-syntax ", NULL},     {"ROW999", NULL},
        {"jsn113", "JSN113"},       {"row-duplicate", "ROW210"},
        {"TOK408", "TOK408"},       {"Openai-Keys", "CNV308"},
    };
    EXPECT_CASES(cases, 16);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct lc_rule_info *rule = lc_rule_find(cases[i].asked);

        assert_int_equal(rule == NULL, cases[i].code == NULL);
        if (rule)
            assert_string_equal(rule->code, cases[i].code);
    }
    for (size_t i = 0; i < LC_RULE_COUNT; i++)
        assert_ptr_equal(lc_rule_at(i), lc_rule_find(lc_rules[i].info.code));
    assert_null(lc_rule_at(LC_RULE_COUNT));
    assert_null(lc_rule_at(SIZE_MAX));
}

static void severities(void **state)
{
    (void)state;
    assert_string_equal(lc_severity_name(LC_SEVERITY_INFO), "info");
    assert_string_equal(lc_severity_name(LC_SEVERITY_WARNING), "warning");
    assert_string_equal(lc_severity_name(LC_SEVERITY_ERROR), "error");
}

/* ---- what fires: a case lists all findings of a scope's rules for its facts */

static bool fired[LC_RULE_COUNT];

/* List the findings as "CODE level@offset/turn message", one a line; offset 0 is left out
 * for findings that are about no turn. */
static char *findings_of(enum lc_scope scope, const struct lc_facts *facts)
{
    static char text[2048];
    struct lc_findings findings = {0};
    size_t at = 0;

    text[0] = '\0';
    assert_int_equal(lc_rules_check(scope, facts, &findings, NULL), LC_OK);
    for (size_t i = 0; i < findings.count; i++) {
        const struct lc_finding *finding = &findings.items[i];
        const char *message = findings.text.data + finding->message;
        char offset[24] = "", turn[24] = "";

        assert_true(i == 0 || finding[-1].rule <= finding->rule);
        assert_true(*message && message[strlen(message) - 1] != '.');
        assert_null(strchr(message, '\n'));
        fired[finding->rule] = true;
        if (finding->offset || finding->turn >= 0)
            snprintf(offset, sizeof(offset), "@%u", finding->offset);
        if (finding->turn >= 0)
            snprintf(turn, sizeof(turn), "/%d", (int)finding->turn);
        at +=
            (size_t)snprintf(text + at, sizeof(text) - at, "%s %s%s%s %s\n",
                             lc_rules[finding->rule].info.code,
                             lc_severity_name(finding->severity), offset, turn, message);
        assert_true(at < sizeof(text));
    }
    lc_findings_reset(&findings);
    assert_int_equal(findings.count, 0);
    lc_findings_clear(&findings);
    lc_findings_clear(&findings);
    lc_findings_clear(NULL);
    return text;
}

static void expect(size_t number, const char *got, const char *wanted)
{
    if (strcmp(got, wanted) != 0)
        fail_msg("case %zu found\n%swhere wanted was\n%s", number, got, wanted);
}

static void json_rules(void **state)
{
    static const struct {
        enum lc_json_fault fault;
        const char *findings;
    } cases[] = {
        {LC_JSON_FINE, ""},
        {LC_JSON_SYNTAX, "JSN101 error@5 why\n"},
        {LC_JSON_CUT_OFF, "JSN102 error@5 why\n"},
        {LC_JSON_NOT_ROWS, "JSN103 error@5 why\n"},
        {LC_JSON_LFS_POINTER, "JSN104 error@5 why\n"},
        {LC_JSON_NOT_UTF8, "JSN105 error@5 why\n"},
        {LC_JSON_BOM, "JSN106 error@5 why\n"},
        {LC_JSON_NO_ROWS, "JSN110 error@5 why\n"},
        {LC_JSON_SPLIT_ROW, "JSN111 error@5 why\n"},
        {LC_JSON_TOO_DEEP, "JSN112 error@5 why\n"},
        {LC_JSON_BLANK_LINE, "JSN113 error@5 why\n"},
        {LC_JSON_RETURN, "JSN121 info@5 why\n"},
        {LC_JSON_TOO_LONG, ""}, /* this ends the run */
    };
    EXPECT_CASES(cases, 13);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_json_problem problem = {
            .fault = cases[i].fault, .offset = 5, .message = "why"};
        struct lc_facts facts = {.problem = &problem};

        expect(i, findings_of(LC_SCOPE_JSON, &facts), cases[i].findings);
    }
}

static void line_space_rule(void **state)
{
    static const struct {
        struct lc_line_space space;
        enum lc_json_fault fault;
        const char *findings;
    } cases[] = {
        {{0xA0, 0}, LC_JSON_FINE, "JSN114 warning U+00A0 at the start of the line\n"},
        {{0x1F, 9}, LC_JSON_FINE, "JSN114 warning@9 U+001F at the end of the line\n"},
        {{0x3000, 0},
         LC_JSON_SYNTAX,
         "JSN101 error@5 why\nJSN114 warning U+3000 at the start of the line\n"},
        {{0x0C, 0},
         LC_JSON_BLANK_LINE,
         "JSN113 error@5 why\nJSN114 warning U+000C at the start of the line\n"},
    };
    EXPECT_CASES(cases, 4);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_json_problem problem = {
            .fault = cases[i].fault, .offset = 5, .message = "why"};
        struct lc_facts facts = {.problem = &problem, .space = &cases[i].space};

        expect(i, findings_of(LC_SCOPE_JSON, &facts), cases[i].findings);
    }
}

static void python_only_rules(void **state)
{
    static const struct {
        int64_t nan, surrogate;
        const char *findings;
    } cases[] = {
        {-1, -1, ""},
        {0, -1, "JSN107 warning only Python accepts this number\n"},
        {-1, 9, "JSN108 error@9 half of a surrogate pair\n"},
        {3, 0,
         "JSN107 warning@3 only Python accepts this number\n"
         "JSN108 error half of a surrogate pair\n"},
    };
    EXPECT_CASES(cases, 4);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_json_doc doc = {.text = "\\ud83d   \\ude00",
                                  .nan_offset = cases[i].nan,
                                  .surrogate_offset = cases[i].surrogate};
        struct lc_facts facts = {.doc = &doc};

        expect(i, findings_of(LC_SCOPE_JSON, &facts), cases[i].findings);
    }
}

static void ranges(void **state)
{
    enum { BIG = 1 << LC_JSON_BIG_INTEGER, HUGE_INTEGER = 1 << LC_JSON_HUGE_INTEGER };
    enum { HUGE_FLOAT = 1 << LC_JSON_HUGE_FLOAT };
    enum { HUGE_FRACTION = 1 << LC_JSON_HUGE_FRACTION };
    static const struct {
        unsigned ranges;
        bool lines;
        const char *findings;
    } cases[] = {
        {BIG, false, "JSN118 warning@1 an integer beyond 64 bits\n"},
        {BIG, true, "JSN118 warning@1 an integer beyond 64 bits\n"},
        {HUGE_FLOAT, true, "JSN118 warning@3 a number beyond 1.8e308\n"},
        {BIG | HUGE_INTEGER | HUGE_FLOAT, false,
         "JSN118 warning@2 an integer beyond 64 bits\n"},
        {BIG | HUGE_INTEGER | HUGE_FLOAT, true,
         "JSN118 warning@3 a number beyond 1.8e308\n"},
        {HUGE_FLOAT | HUGE_FRACTION, false, "JSN118 warning@4 a number beyond 1.8e308\n"},
        {HUGE_FLOAT | HUGE_FRACTION, true, "JSN118 warning@3 a number beyond 1.8e308\n"},
        {HUGE_FRACTION | BIG, true, "JSN118 warning@4 a number beyond 1.8e308\n"},
    };
    EXPECT_CASES(cases, 8);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_json_doc doc = {.nan_offset = -1,
                                  .surrogate_offset = -1,
                                  .ranges = cases[i].ranges,
                                  .range_offsets = {1, 2, 3, 4}};
        struct lc_facts facts = {.doc = &doc, .lines = cases[i].lines};

        expect(i, findings_of(LC_SCOPE_JSON, &facts), cases[i].findings);
    }
}

/* A row in short. Turns are letters: h a human turn, g an answer, o another role, each
 * followed by its number of placeholders; - blank, ! malformed, @ OpenAI's, = the one
 * that echoes. Turn n is at offset n * 10. */
struct row_case {
    enum lc_paths_kind images_kind;
    size_t image_count;
    bool video;
    const char *turns; /* NULL: no conversations */
    const char *findings;
};

static void add_turn(struct lc_row *row, char kind)
{
    struct lc_turn *turn = &row->turns[row->turn_count];

    *turn = (struct lc_turn){
        .role = kind == 'h'   ? LC_ROLE_HUMAN
                : kind == 'g' ? LC_ROLE_GPT
                              : LC_ROLE_OTHER,
        .from = span(kind == 'h'   ? "human"
                     : kind == 'g' ? "gpt"
                                   : "bot"),
        .value = span("x"),
        .has_value = true,
        .words = 1,
        .at = (uint32_t)(10 * row->turn_count),
    };
    row->turn_count++;
}

static void refine_turn(struct lc_row *row, char sign)
{
    struct lc_turn *turn = &row->turns[row->turn_count - 1];

    if (sign == '-') {
        turn->words = 0;
        turn->value = (struct lc_span){0};
    } else if (sign == '=') {
        row->echo = row->turn_count - 1;
    } else if (sign == '!' || sign == '@') {
        turn->fault = sign == '!' ? "is not an object" : "has no string \"value\"";
        turn->foreign = sign == '@';
        row->foreign += turn->foreign;
        turn->words = 0;
        turn->has_value = false;
        turn->role = LC_ROLE_NONE;
        row->malformed++;
    } else {
        turn->placeholders[LC_MEDIUM_IMAGE] = (uint32_t)(sign - '0');
        row->placeholders[LC_MEDIUM_IMAGE] += turn->placeholders[LC_MEDIUM_IMAGE];
        if (turn->role == LC_ROLE_HUMAN)
            row->human_placeholders[LC_MEDIUM_IMAGE] +=
                turn->placeholders[LC_MEDIUM_IMAGE];
        else if (turn->role == LC_ROLE_GPT)
            row->answer_placeholders += turn->placeholders[LC_MEDIUM_IMAGE];
    }
}

/* Count what the readers count while they read the turns. */
static void count_turns(struct lc_row *row)
{
    row->words = 0;
    for (size_t i = 0; i < row->turn_count; i++) {
        const struct lc_turn *turn = &row->turns[i];

        row->words += turn->words;
        row->others += turn->role == LC_ROLE_OTHER;
        row->blank += !turn->words && !turn->fault;
        row->repeated += i && turn->has_value && turn[-1].role == turn->role;
    }
}

static void check_row(size_t number, const struct row_case *c)
{
    struct lc_turn turns[16];
    struct lc_span images[3] = {span("a"), span("b"), span("c")};
    struct lc_span video = span("v.mp4");
    struct lc_row row = {
        .dialect = lc_dialects,
        .object = true,
        .id_kind = LC_ID_GOOD,
        .id = span("1"),
        .media[LC_MEDIUM_IMAGE] = {.kind = c->images_kind,
                                   .fault =
                                       c->images_kind == LC_PATHS_BAD ? "null" : NULL,
                                   .items = images,
                                   .count = c->image_count,
                                   .at = 300},
        .media[LC_MEDIUM_VIDEO] = {.kind = c->video ? LC_PATHS_GOOD : LC_PATHS_NONE,
                                   .items = &video,
                                   .count = c->video,
                                   .at = 400},
        .turns_kind = c->turns ? LC_TURNS_LIST : LC_TURNS_MISSING,
        .turns = turns,
        .turns_at = 200,
        .echo = COUNT(turns),
    };
    struct lc_facts facts = {.row = &row};

    for (const char *t = c->turns; t && *t; t++) {
        if (strchr("hgo", *t))
            add_turn(&row, *t);
        else
            refine_turn(&row, *t);
    }
    count_turns(&row);
    expect(number, findings_of(LC_SCOPE_ROW, &facts), c->findings);
}

static const enum lc_paths_kind none = LC_PATHS_NONE, good = LC_PATHS_GOOD,
                                bad = LC_PATHS_BAD;

static void row_rules(void **state)
{
    const struct row_case cases[] = {
        /* sound */
        {none, 0, false, "hg", ""},
        {none, 0, false, "hghghg", ""},
        {good, 1, false, "h1g", ""},
        {good, 2, false, "h2g", ""},
        {good, 2, false, "h1gh1g", ""},
        /* a video's placeholder is <image>; if there is an image, the video does not
           count */
        {none, 0, true, "h1g", "ROW211 info@400 video 'v.mp4'\n"},
        {none, 0, true, "hg",
         "ROW211 info@400 video 'v.mp4'\nTOK402 error@200 1 video and no <video>\n"},
        {good, 1, true, "h1g", "ROW211 info@400 video 'v.mp4'\n"},
        /* ROW202, ROW203, ROW208 */
        {none, 0, false, NULL, "ROW202 error no 'conversations' key\n"},
        {none, 0, false, "", "ROW203 error@200 conversations is empty\n"},
        {bad, 0, false, "hg", "ROW208 error@300 image is null\n"},
        {bad, 0, false, "h1g", "ROW208 error@300 image is null\n"},
        /* CNV301: the rules about the whole conversation do not apply */
        {none, 0, false, "hg!", "CNV301 error@10/1 turn 1 is not an object\n"},
        {none, 0, false, "h!g!h",
         "CNV301 error@0/0 turn 0 is not an object (and 1 more)\n"},
        {good, 1, false, "hg!h", "CNV301 error@10/1 turn 1 is not an object\n"},
        {none, 0, false, "g!h1",
         "CNV301 error@0/0 turn 0 is not an object\n"
         "TOK403 error@10/1 turn 1 has <image>, but the row has no image\n"},
        /* CNV302 suppresses CNV303 */
        {none, 0, false, "og", "CNV302 error@0/0 turn 0 is from 'bot'\n"},
        {none, 0, false, "hog", "CNV302 error@10/1 turn 1 is from 'bot'\n"},
        {none, 0, false, "hgoo", "CNV302 error@20/2 turn 2 is from 'bot' (and 1 more)\n"},
        /* CNV303, CNV304 */
        {none, 0, false, "hhg", "CNV303 error@10/1 turn 1 is from human, expected gpt\n"},
        {none, 0, false, "hgg", "CNV303 error@20/2 turn 2 is from gpt, expected human\n"},
        {none, 0, false, "ghg", "CNV304 warning@0/0 turn 0 is from gpt\n"},
        {none, 0, false, "g", "CNV304 warning@0/0 turn 0 is from gpt\n"},
        {none, 0, false, "ggh",
         "CNV303 error@10/1 turn 1 is from gpt, expected human\n"
         "CNV304 warning@0/0 turn 0 is from gpt\n"
         "CNV305 warning@20/2 turn 2 has no answer\n"},
        /* CNV305 */
        {none, 0, false, "hgh", "CNV305 warning@20/2 turn 2 has no answer\n"},
        {none, 0, false, "h", "CNV305 error@0/0 the row has no answer at all\n"},
        {none, 0, false, "ho", "CNV302 error@10/1 turn 1 is from 'bot'\n"},
    };
    EXPECT_CASES(cases, 27);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_row(i, &cases[i]);
}

static void value_rules(void **state)
{
    const struct row_case cases[] = {
        /* CNV306 */
        {none, 0, false, "hg-", "CNV306 warning@10/1 turn 1 has no text\n"},
        {none, 0, false, "h-g", "CNV306 warning@0/0 turn 0 has no text\n"},
        {none, 0, false, "hg-h-g",
         "CNV306 warning@20/2 turn 2 has no text\n"
         "CNV306 warning@10/1 turn 1 has no text\n"},
        /* CNV307: every turn is blank, and well-formed */
        {none, 0, false, "h-g-",
         "CNV306 warning@0/0 turn 0 has no text\n"
         "CNV306 warning@10/1 turn 1 has no text\n"
         "CNV307 error@200 2 turns without any text\n"},
        {none, 0, false, "g-",
         "CNV304 warning@0/0 turn 0 is from gpt\n"
         "CNV306 warning@0/0 turn 0 has no text\n"
         "CNV307 error@200 1 turn without any text\n"},
        {none, 0, false, "h-g-h!",
         "CNV301 error@20/2 turn 2 is not an object\n"
         "CNV306 warning@0/0 turn 0 has no text\n"
         "CNV306 warning@10/1 turn 1 has no text\n"},
        /* CNV308 instead of CNV301, and beside it */
        {none, 0, false, "hg@", "CNV308 error@10/1 turn 1 has role and content\n"},
        {good, 1, false, "h@g@h@",
         "CNV308 error@0/0 turn 0 has role and content (and 2 more)\n"},
        {none, 0, false, "h@g!h@g!",
         "CNV301 error@10/1 turn 1 is not an object (and 1 more)\n"
         "CNV308 error@0/0 turn 0 has role and content (and 1 more)\n"},
        {none, 0, false, "h@o",
         "CNV302 error@10/1 turn 1 is from 'bot'\n"
         "CNV308 error@0/0 turn 0 has role and content\n"},
        /* CNV311, too, applies only if every turn is well-formed */
        {none, 0, false,
         "hg=", "CNV311 info@10/1 turn 1 repeats its question or an earlier answer\n"},
        {none, 0, false, "hghg=hg",
         "CNV311 info@30/3 turn 3 repeats its question or an earlier answer\n"},
        {none, 0, false, "hg=h!", "CNV301 error@20/2 turn 2 is not an object\n"},
    };
    EXPECT_CASES(cases, 13);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_row(i, &cases[i]);
}

static void placeholder_rules(void **state)
{
    const struct row_case cases[] = {
        /* TOK401 */
        {good, 1, false, "h2g", "TOK401 error@200 2 <image> for 1 image\n"},
        {good, 2, false, "h1g", "TOK401 error@200 1 <image> for 2 images\n"},
        {good, 1, false, "h1gh1g", "TOK401 error@200 2 <image> for 1 image\n"},
        /* TOK402 */
        {good, 1, false, "hg", "TOK402 error@200 1 image and no <image>\n"},
        {good, 3, false, "hg", "TOK402 error@200 3 images and no <image>\n"},
        /* TOK403 */
        {none, 0, false, "h1g",
         "TOK403 error@0/0 turn 0 has <image>, but the row has no image\n"},
        {none, 0, false, "hgh2g",
         "TOK403 error@20/2 turn 2 has <image>, but the row has no image\n"},
        /* TOK404; the placeholder is not missing, but in the wrong place */
        {good, 1, false, "hg1",
         "TOK404 error@10/1 turn 1 is an answer and contains <image>\n"},
        {good, 1, false, "h1ghg1hg1",
         "TOK404 error@30/3 turn 3 is an answer and contains <image>\n"},
        /* TOK405: for exactly one image and one placeholder */
        {good, 1, false, "hgh1g",
         "TOK405 warning@20/2 the placeholder is in turn 2 instead of turn 0\n"},
        {good, 1, true, "hghgh1g",
         "ROW211 info@400 video 'v.mp4'\n"
         "TOK405 warning@40/4 the placeholder is in turn 4 instead of turn 0\n"},
        {good, 1, false, "ghgh1g",
         "CNV304 warning@0/0 turn 0 is from gpt\n"
         "TOK405 warning@30/3 the placeholder is in turn 3 instead of turn 1\n"},
        {good, 1, false, "gh1g", "CNV304 warning@0/0 turn 0 is from gpt\n"},
        {good, 1, false, "h1ghg", ""},
        {good, 2, false, "hgh2g", ""},
        {good, 2, false, "hgh1g", "TOK401 error@200 1 <image> for 2 images\n"},
        {good, 1, false, "hgh2g", "TOK401 error@200 2 <image> for 1 image\n"},
        {none, 0, true, "hgh1g", "ROW211 info@400 video 'v.mp4'\n"},
        {good, 1, false, "hgh1g!", "CNV301 error@30/3 turn 3 is not an object\n"},
    };
    EXPECT_CASES(cases, 19);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_row(i, &cases[i]);
}

/* ---- contents of turns: values with the marks that lc_turn_measure sets for them */

struct mark_case {
    unsigned marks[2]; /* of turn 0 and turn 1 */
    const char *value; /* of both */
    bool video;
    const char *findings;
};

static void check_marks(size_t number, const struct mark_case *c, bool broken)
{
    char value[256] = {0}; /* with the padding that must be readable after it */
    struct lc_span video = span("v.mp4");
    struct lc_turn turns[2];
    struct lc_row row = {
        .dialect = lc_dialects,
        .object = true,
        .id_kind = LC_ID_GOOD,
        .id = span("1"),
        .media[LC_MEDIUM_VIDEO] = {.kind = c->video ? LC_PATHS_GOOD : LC_PATHS_NONE,
                                   .items = &video,
                                   .count = c->video},
        .turns_kind = LC_TURNS_LIST,
        .turns = turns,
        .echo = 2,
    };
    struct lc_facts facts = {.row = &row};

    assert_true(strlen(c->value) + LC_MEASURE_PADDING < sizeof(value));
    memcpy(value, c->value, strlen(c->value));
    add_turn(&row, 'h');
    add_turn(&row, 'g');
    row.words = 2;
    if (c->video)
        refine_turn(&row, '1');
    row.human_placeholders[LC_MEDIUM_IMAGE] = row.placeholders[LC_MEDIUM_IMAGE];
    row.answer_placeholders = 0;
    for (size_t i = 0; i < 2; i++) {
        turns[i].value = span(value);
        turns[i].marks = c->marks[i];
        if (!broken)
            row.marks |= c->marks[i];
        else
            turns[i].fault = "has no string \"from\"";
    }
    row.malformed = broken ? 2 : 0;
    expect(number, findings_of(LC_SCOPE_ROW, &facts),
           broken ? "CNV301 error@0/0 turn 0 has no string \"from\" (and 1 more)\n"
                  : c->findings);
}

static const struct mark_case mark_cases[] = {
    {{0, 0}, "x", false, ""},
    /* CNV309 */
    {{0, LC_TURN_TEMPLATE},
     "a</s>",
     false,
     "CNV309 warning@10/1 turn 1 contains '</s>'\n"},
    {{LC_TURN_TEMPLATE, 0},
     "a [/INST] b",
     false,
     "CNV309 warning@0/0 turn 0 contains '[/INST]'\n"},
    {{0, LC_TURN_TEMPLATE},
     "a\nUSER: b",
     false,
     "CNV309 warning@10/1 turn 1 contains 'USER:'\n"},
    {{LC_TURN_TEMPLATE, LC_TURN_TEMPLATE},
     "<image>ASSISTANT: <img> ASSISTANT: b",
     false,
     "CNV309 warning@0/0 turn 0 contains 'ASSISTANT:' (and 1 more)\n"},
    /* CNV310 */
    {{0, LC_TURN_DAMAGED},
     "caf\xEF\xBF\xBD",
     false,
     "CNV310 warning@10/1 turn 1 contains U+FFFD, the replacement for a lost "
     "character\n"},
    {{0, LC_TURN_DAMAGED},
     "caf\xC3\xA9 \x1B[1m",
     false,
     "CNV310 warning@10/1 turn 1 contains the control character U+001B\n"},
    {{LC_TURN_DAMAGED, LC_TURN_DAMAGED},
     "a\xC2\x85\x62",
     false,
     "CNV310 warning@0/0 turn 0 contains the control character U+0085 (and 1 more)\n"},
    {{0, LC_TURN_DAMAGED},
     "caf\xC3\x83\xC2\xA9",
     false,
     "CNV310 warning@10/1 turn 1 contains UTF-8 that was decoded as Latin-1\n"},
    {{0, LC_TURN_DAMAGED},
     "it\xC3\xA2\xE2\x82\xAC\xE2\x84\xA2s",
     false,
     "CNV310 warning@10/1 turn 1 contains UTF-8 that was decoded as Latin-1\n"},
    /* CNV312: for questions only */
    {{LC_TURN_BARE, 0}, "x", false, "CNV312 info@0/0 turn 0 asks nothing\n"},
    {{LC_TURN_BARE, LC_TURN_BARE}, "x", false, "CNV312 info@0/0 turn 0 asks nothing\n"},
    {{0, LC_TURN_BARE}, "x", false, ""},
    /* TOK406: <video> counts if there is no video */
    {{0, LC_TURN_LOOKALIKE},
     "a < IMAGE >",
     false,
     "TOK406 warning@10/1 turn 1 contains '< IMAGE >'\n"},
    {{LC_TURN_VIDEO_TAG, LC_TURN_LOOKALIKE},
     "<video> <img>",
     false,
     "TOK406 warning@10/1 turn 1 contains '<img>'\n"
     "TOK406 warning@0/0 turn 0 contains '<video>'\n"},
    {{LC_TURN_VIDEO_TAG | LC_TURN_LOOKALIKE, 0},
     "<video> <img>",
     false,
     "TOK406 warning@0/0 turn 0 contains '<img>'\n"
     "TOK406 warning@0/0 turn 0 contains '<video>'\n"},
    {{LC_TURN_VIDEO_TAG, 0}, "<video>", true, "ROW211 info video 'v.mp4'\n"},
    {{LC_TURN_VIDEO_TAG, LC_TURN_LOOKALIKE},
     "<video> </image>",
     true,
     "ROW211 info video 'v.mp4'\nTOK406 warning@10/1 turn 1 contains '</image>'\n"},
    /* TOK407, TOK408 */
    {{LC_TURN_GLUED, LC_TURN_GLUED},
     "x",
     false,
     "TOK407 info@0/0 turn 0 has text on the placeholder's line\n"},
    {{0, LC_TURN_MID_TEXT},
     "x",
     false,
     "TOK408 info@10/1 turn 1 has text before and after the placeholder\n"},
    {{LC_TURN_MID_TEXT, LC_TURN_GLUED},
     "x",
     false,
     "TOK407 info@10/1 turn 1 has text on the placeholder's line\n"
     "TOK408 info@0/0 turn 0 has text before and after the placeholder\n"},
    {{0, LC_TURN_LAST},
     "x",
     false,
     "TOK409 info@10/1 turn 1 has the placeholder after its text\n"},
};
EXPECT_CASES(mark_cases, 22);

static void turn_marks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(mark_cases); i++) {
        check_marks(i, &mark_cases[i], false);
        if (!mark_cases[i].video) /* a broken turn's value is not judged */
            check_marks(i, &mark_cases[i], true);
    }
}

/* ---- keys */

static void videos(void **state)
{
    static const struct {
        enum lc_paths_kind kind;
        size_t count;
        bool looked_for;
        const char *fault;
        const char *findings;
    } cases[] = {
        {LC_PATHS_NONE, 0, false, NULL, ""},
        {LC_PATHS_NONE, 0, true, "no such file", ""}, /* left over from another row */
        {LC_PATHS_GOOD, 1, false, NULL, "ROW211 info@9 video 'v/\\x0a.mp4'\n"},
        {LC_PATHS_GOOD, 1, true, NULL, "ROW211 info@9 video 'v/\\x0a.mp4'\n"},
        {LC_PATHS_GOOD, 2, true, NULL, "ROW211 info@9 2 videos\n"},
        {LC_PATHS_GOOD, 2, true, "no such file",
         "ROW211 info@9 2 videos\nROW212 error@9 'w\\x27': no such file\n"},
        {LC_PATHS_BAD, 0, false, NULL,
         "ROW211 info@9 video is null\nROW212 error@9 video is null\n"},
        {LC_PATHS_BAD, 0, true, "no such file",
         "ROW211 info@9 video is null\nROW212 error@9 video is null\n"},
    };
    EXPECT_CASES(cases, 8);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_span paths[] = {span("v/\n.mp4"), span("w'")};
        struct lc_video_facts videos[LC_MEDIUM_COUNT] = {
            [LC_MEDIUM_VIDEO] = {span("w'"), cases[i].fault}};
        struct lc_row row = {
            .dialect = lc_dialects,
            .object = true,
            .id_kind = LC_ID_GOOD,
            .id = span("1"),
            .media[LC_MEDIUM_VIDEO] = {.kind = cases[i].kind,
                                       .fault =
                                           cases[i].kind == LC_PATHS_BAD ? "null" : NULL,
                                       .items = paths,
                                       .count = cases[i].count,
                                       .at = 9},
        };
        struct lc_facts facts = {.row = &row,
                                 .video = cases[i].looked_for ? videos : NULL};
        char wanted[256];

        snprintf(wanted, sizeof(wanted), "ROW202 error no 'conversations' key\n%s",
                 cases[i].findings);
        expect(i, findings_of(LC_SCOPE_ROW, &facts), wanted);
    }
}

static void keys(void **state)
{
    struct lc_row row = {.dialect = lc_dialects,
                         .object = false,
                         .duplicate_key = span("x"),
                         .duplicate_key_at = 4};
    struct lc_facts facts = {.row = &row};

    (void)state;
    expect(0, findings_of(LC_SCOPE_ROW, &facts),
           "JSN109 warning@4 the key 'x' is repeated in its object\n"
           "ROW201 error the element is not an object\n");
    row = (struct lc_row){.dialect = lc_dialects,
                          .object = true,
                          .id_kind = LC_ID_GOOD,
                          .id = span("1"),
                          .ignored_key = span("images"),
                          .ignored_key_at = 50};
    expect(1, findings_of(LC_SCOPE_ROW, &facts),
           "ROW202 error no 'conversations' key\n"
           "ROW209 error@50 no 'image' key, but 'images', which LLaVA does not read\n");
    row.ignored_key = (struct lc_span){0};
    row.program_key_set = 1U << LC_KEY_MEDIA | 1U << LC_KEY_PROMPT;
    row.program_keys[LC_KEY_MEDIA] = span("Videos");
    row.program_key_ats[LC_KEY_MEDIA] = 60;
    row.program_keys[LC_KEY_PROMPT] = span("prompt");
    row.program_key_ats[LC_KEY_PROMPT] = 70;
    expect(1, findings_of(LC_SCOPE_ROW, &facts),
           "ROW202 error no 'conversations' key\n"
           "ROW218 info@60 the key 'Videos'\n"
           "ROW218 info@70 the key 'prompt'\n");
    row.program_key_set = 0;
    row.duplicate_key = (struct lc_span){"", 0}; /* a key without a letter is a key */
    expect(2, findings_of(LC_SCOPE_ROW, &facts),
           "JSN109 warning the key '' is repeated in its object\n"
           "ROW202 error no 'conversations' key\n");
}

/* Media that are not files. */
static void other_media(void **state)
{
    struct lc_row row = {
        .dialect = lc_dialects,
        .object = true,
        .id_kind = LC_ID_GOOD,
        .id = span("1"),
        .media[LC_MEDIUM_IMAGE] = {.kind = LC_PATHS_GOOD,
                                   .is_list = true,
                                   .remote = 1,
                                   .url = span("http://a\n"),
                                   .embedded = 1,
                                   .at = 7},
        .media[LC_MEDIUM_AUDIO] = {.kind = LC_PATHS_GOOD,
                                   .remote = 2,
                                   .url = span("https://b"),
                                   .embedded = 3,
                                   .at = 9},
    };
    struct lc_facts facts = {.row = &row};

    (void)state;
    expect(0, findings_of(LC_SCOPE_ROW, &facts),
           "ROW202 error no 'conversations' key\n"
           "ROW211 info@9 5 audios\n"
           "ROW215 info@7 image 'http://a\\x0a'\n"
           "ROW215 info@9 2 audios, the first is 'https://b'\n"
           "ROW216 info@7 1 image in base64\n"
           "ROW216 info@9 3 audios in base64\n"
           "ROW217 info@7 image is a list of 0\n");
}

static void row_shapes(void **state)
{
    struct lc_turn turns[2] = {
        {.role = LC_ROLE_HUMAN, .from = span("human"), .has_value = true, .words = 1},
        {.role = LC_ROLE_GPT, .from = span("gpt"), .has_value = true, .words = 1},
    };
    struct lc_row row = {.dialect = lc_dialects, .object = false};
    struct lc_facts facts = {.row = &row};

    (void)state;
    expect(0, findings_of(LC_SCOPE_ROW, &facts),
           "ROW201 error the element is not an object\n");
    row = (struct lc_row){
        .dialect = lc_dialects,
        .object = true,
        .id_kind = LC_ID_MISSING,
        .turns_kind = LC_TURNS_LIST,
        .turns = turns,
        .turn_count = 2,
        .words = 2,
        .echo = 2,
    };
    expect(1, findings_of(LC_SCOPE_ROW, &facts), "ROW204 info no 'id' key\n");
    row.id_kind = LC_ID_BAD;
    row.id_at = 7;
    expect(2, findings_of(LC_SCOPE_ROW, &facts),
           "ROW205 warning@7 id is neither a string nor an integer\n");
    row.id = (struct lc_span){" ", 1};
    expect(3, findings_of(LC_SCOPE_ROW, &facts), "ROW205 warning@7 id is blank\n");
    row.id_kind = LC_ID_GOOD;
    expect(4, findings_of(LC_SCOPE_ROW, &facts), "");
    row.turns_kind = LC_TURNS_NOT_LIST;
    row.turn_count = 0;
    row.turns_at = 9;
    expect(5, findings_of(LC_SCOPE_ROW, &facts),
           "ROW202 error@9 conversations is not a list\n");
}

#define TURN(r, t, offset)                                                               \
    {                                                                                    \
        .form = LC_ANSWER_TURN, .role = (r), .has_text = true, .value = {(t), 1},        \
        .at = (offset)                                                                   \
    }
#define TEXT_OF(t, offset)                                                               \
    {                                                                                    \
        .form = LC_ANSWER_TEXT, .has_text = true, .value = {(t), 1}, .at = (offset)      \
    }

/* Preference data: the same answers in rows for preference training alone, and in others;
 * with a question alone, and with an answer. */
static void pairs(void **state)
{
    static const struct {
        struct lc_row_answer chosen, rejected;
        bool is_same;
        const char *question, *answered; /* what is said if the last turn is one */
        const char *strict;              /* in a row for preference training alone */
    } cases[] = {
        {TURN(LC_ROLE_GPT, "A", 30), TURN(LC_ROLE_CALL, "B", 40), false,
         "info@40 the answers are a turn each",
         "warning@40 the turns contain an answer, too",
         "info@40 the answers are a turn each"},
        {TURN(LC_ROLE_GPT, "A", 30), TURN(LC_ROLE_GPT, "A", 40), true,
         "warning@40 the chosen and the rejected answer are equal",
         "warning@40 the turns contain an answer, too",
         "warning@40 the chosen and the rejected answer are equal"},
        {TURN(LC_ROLE_GPT, "A", 30),
         {.form = LC_ANSWER_NONE},
         false,
         "warning@30 there is no rejected answer",
         "warning@30 there is no rejected answer",
         "warning@30 there is no rejected answer"},
        {{.form = LC_ANSWER_NONE},
         TURN(LC_ROLE_GPT, "B", 40),
         false,
         "warning@40 there is no chosen answer",
         "info@40 the rejected answer is in a column, the chosen one in the turns",
         "warning@40 there is no chosen answer"},
        {{.form = LC_ANSWER_NONE},
         TEXT_OF("x", 40),
         false,
         "warning@40 there is no chosen answer",
         "warning@40 the chosen and the rejected answer are equal",
         "warning@40 there is no chosen answer"},
        {TURN(LC_ROLE_GPT, "A", 30), TURN(LC_ROLE_RESULT, "B", 40), false,
         "warning@40 the role of an answer is that of a question",
         "warning@40 the turns contain an answer, too",
         "warning@40 the role of an answer is that of a question"},
        {TURN(LC_ROLE_NONE, "A", 30), TURN(LC_ROLE_GPT, "B", 40), false,
         "warning@40 an answer has no role of an answer",
         "warning@40 the turns contain an answer, too",
         "warning@40 an answer has no role of an answer"},
        {{.form = LC_ANSWER_TURNS, .role = LC_ROLE_GPT},
         {.form = LC_ANSWER_TURNS, .role = LC_ROLE_GPT, .value = {"B", 1}, .at = 40},
         false,
         "warning@40 the text of an answer is not a string",
         "warning@40 the text of an answer is not a string",
         "warning@40 the answers are not a turn each"},
        {TEXT_OF("A", 30), TEXT_OF("B", 40), false, "info@40 the answers are a text each",
         "info@40 the answers are a text each",
         "warning@40 the answers are not a turn each"},
        {TEXT_OF("A", 30), TURN(LC_ROLE_GPT, "B", 40), false,
         "warning@40 the answers are of different types",
         "warning@40 the answers are of different types",
         "warning@40 the answers are of different types"},
        {{.form = LC_ANSWER_OTHER},
         TURN(LC_ROLE_GPT, "B", 40),
         false,
         "warning@40 the chosen answer is neither a text nor a turn",
         "warning@40 the chosen answer is neither a text nor a turn",
         "warning@40 the chosen answer is neither a text nor a turn"},
        {TEXT_OF("A", 30),
         {.form = LC_ANSWER_OTHER, .at = 40},
         false,
         "warning@40 the rejected answer is neither a text nor a turn",
         "warning@40 the rejected answer is neither a text nor a turn",
         "warning@40 the rejected answer is neither a text nor a turn"},
    };
    struct lc_dialect ranking = *lc_dialect_by_name("sharegpt");

    EXPECT_CASES(cases, 12);
    (void)state;
    ranking.is_ranking = true;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int form = 0; form < 3; form++) {
            struct lc_turn turns[2] = {
                {.role = LC_ROLE_HUMAN,
                 .from = span("human"),
                 .value = span("q"),
                 .has_value = true,
                 .words = 1},
                {.role = LC_ROLE_GPT,
                 .from = span("gpt"),
                 .value = span("x"),
                 .has_value = true,
                 .words = 1},
            };
            struct lc_row row = {
                .dialect = form == 2 ? &ranking : lc_dialect_by_name("sharegpt"),
                .object = true,
                .id_kind = LC_ID_GOOD,
                .id = span("1"),
                .turns_kind = LC_TURNS_LIST,
                .turns = turns,
                .turn_count = form == 1 ? 2 : 1,
                .words = 2,
                .echo = 2,
                .has_preference = true,
                .pair = {.has_content = true,
                         .is_same = cases[i].is_same,
                         .chosen = cases[i].chosen,
                         .rejected = cases[i].rejected},
            };
            struct lc_facts facts = {.row = &row};
            char wanted[128];

            snprintf(wanted, sizeof(wanted), "CNV313 %s\n",
                     form == 0   ? cases[i].question
                     : form == 1 ? cases[i].answered
                                 : cases[i].strict);
            expect(i, findings_of(LC_SCOPE_ROW, &facts), wanted);
            row.malformed = 1; /* nothing is said about it then */
            turns[0].fault = "is not an object";
            assert_null(strstr(findings_of(LC_SCOPE_ROW, &facts), "CNV313"));
        }
}

/* Rows without content in these columns. */
static void no_pairs(void **state)
{
    struct lc_dialect ranking = *lc_dialect_by_name("sharegpt");
    struct lc_turn turn = {.role = LC_ROLE_HUMAN,
                           .from = span("human"),
                           .value = span("q"),
                           .has_value = true,
                           .words = 1};
    struct lc_row row = {
        .dialect = &ranking,
        .object = true,
        .id_kind = LC_ID_GOOD,
        .id = span("1"),
        .turns_kind = LC_TURNS_LIST,
        .turns = &turn,
        .turn_count = 1,
        .turns_at = 9,
        .words = 1,
        .echo = 1,
        .has_preference = true,
    };
    struct lc_facts facts = {.row = &row};

    (void)state;
    expect(0, findings_of(LC_SCOPE_ROW, &facts), "");
    row.pair.has_null = true;
    expect(1, findings_of(LC_SCOPE_ROW, &facts),
           "CNV313 warning@9 rejected_response is null\n");
    ranking.is_ranking = true;
    expect(2, findings_of(LC_SCOPE_ROW, &facts),
           "CNV313 warning@9 there is neither a chosen nor a rejected answer\n");
}

/* What is said of tool calls and tools, by their forms. */
static void tool_calls(void **state)
{
    static const struct {
        enum lc_call_form call;
        const char *wanted;
    } calls[] = {
        {LC_CALL_SOUND, ""},
        {LC_CALL_ABSENT, "CNV314 error@7/1 turn 1 is not a call\n"},
        {LC_CALL_LIST, "CNV314 info@7/1 turn 1 is a list of calls, which ms-swift does "
                       "not read\n"},
        {LC_CALL_QUOTES, "CNV314 warning@7/1 turn 1 is a Python dict, not JSON\n"},
        {LC_CALL_UNSURE, "CNV314 info@7/1 turn 1 is a call that programs may not read\n"},
    };
    static const struct {
        enum lc_tools_form tools;
        bool is_named;
        const char *wanted;
    } tools[] = {
        {LC_TOOLS_SOUND, true, ""},
        {LC_TOOLS_OTHER, false, ""},
        {LC_TOOLS_EMPTY, false, ""},
        {LC_TOOLS_UNREAD, false, "ROW219 warning@3 tools cannot be read\n"},
        {LC_TOOLS_UNREAD, true, "ROW219 warning@3 tools cannot be read\n"},
        {LC_TOOLS_UNSURE, false, "ROW219 info@3 tools may be unreadable\n"},
        {LC_TOOLS_OTHER, true,
         "ROW219 warning@3 tools are not a text with a list in JSON\n"},
        {LC_TOOLS_EMPTY, true, "ROW219 warning@3 tools are a text with an empty list\n"},
    };
    struct lc_turn turns[] = {
        {.role = LC_ROLE_HUMAN, .from = span("human"), .has_value = true, .words = 1},
        {.role = LC_ROLE_CALL, .from = span("function_call"), .has_value = true, .at = 7},
    };
    struct lc_row row = {
        .dialect = lc_dialect_by_name("sharegpt"),
        .object = true,
        .id_kind = LC_ID_GOOD,
        .id = span("1"),
        .turns_kind = LC_TURNS_LIST,
        .turns = turns,
        .turn_count = 2,
        .words = 1,
        .echo = 2,
        .calls = 1,
        .tools_at = 3,
    };
    struct lc_facts facts = {.row = &row};

    (void)state;
    for (size_t i = 0; i < COUNT(calls); i++) {
        turns[1].call = calls[i].call;
        expect(i, findings_of(LC_SCOPE_ROW, &facts), calls[i].wanted);
    }
    turns[1].call = LC_CALL_SOUND;
    for (size_t i = 0; i < COUNT(tools); i++) {
        row.tools = tools[i].tools;
        row.has_named_tools = tools[i].is_named;
        expect(i, findings_of(LC_SCOPE_ROW, &facts), tools[i].wanted);
    }
    row.has_system = true; /* then an empty list adds nothing to the prompt */
    expect(0, findings_of(LC_SCOPE_ROW, &facts), "");
}

/* Text from the data must not break the messages that contain it. */
static void foreign_text_is_quoted(void **state)
{
    struct lc_turn turn = {.from = span("a\n\x1B[31m'%s"), .has_value = true, .words = 1};
    struct lc_row row = {.dialect = lc_dialects,
                         .object = true,
                         .id_kind = LC_ID_GOOD,
                         .turns_kind = LC_TURNS_LIST,
                         .turns = &turn,
                         .turn_count = 1,
                         .words = 1,
                         .echo = 1};
    struct lc_facts facts = {.row = &row};

    (void)state;
    turn.role = LC_ROLE_OTHER;
    count_turns(&row);
    expect(0, findings_of(LC_SCOPE_ROW, &facts),
           "CNV302 error@0/0 turn 0 is from 'a\\x0a\\x1b[31m\\x27%s'\n");
}

/* A duplicate key whose last value is null: "id is blank" would be wrong. The row is read
 * by lc_row_read, because reader and rule must agree on what an empty span means. */
static void id_that_became_null(void **state)
{
    static const char text[] = "{\"id\": \"a\", \"id\": null, \"conversations\": []}";
    struct lc_json_parser *parser = NULL;
    struct lc_json_problem problem;
    struct lc_json_doc doc;
    struct lc_row row = {0};
    struct lc_facts facts = {.row = &row};

    (void)state;
    assert_int_equal(lc_json_parser_new(&parser, NULL), LC_OK);
    assert_int_equal(
        lc_json_parse_exact(parser, text, sizeof(text) - 1, true, &doc, &problem, NULL),
        LC_OK);
    assert_int_equal(lc_row_read(&row, lc_dialects, &doc, NULL), LC_OK);
    expect(0, findings_of(LC_SCOPE_ROW, &facts),
           "JSN109 warning@12 the key 'id' is repeated in its object\n"
           "ROW203 error@41 conversations is empty\n"
           "ROW205 warning@18 id is neither a string nor an integer\n");
    lc_row_clear(&row);
    lc_json_parser_free(parser);
}

/* ---- images */

static void image_files(void **state)
{
    static const struct {
        const char *outside, *nearest;
        bool opened;
        enum lc_read_result result;
        int os_errno;
        const char *findings;
    } cases[] = {
        {NULL, NULL, true, LC_READ_OK, 0, ""},
        {NULL, NULL, true, LC_READ_MISSING, ENOENT, "IMG501 error no such file\n"},
        {NULL, "there is 'A.jpg', in different case", true, LC_READ_MISSING, ENOENT,
         "IMG501 error no such file; there is 'A.jpg', in different case\n"},
        {NULL, NULL, true, LC_READ_NOT_REGULAR, 0, "IMG502 error not a regular file\n"},
        {NULL, NULL, true, LC_READ_NOT_ALLOWED, EACCES,
         "IMG502 error permission denied\n"},
        {NULL, NULL, true, LC_READ_FAILED, EIO, "IMG502 error Input/output error\n"},
        {NULL, NULL, true, LC_READ_TOO_LARGE, 0,
         "IMG502 error larger than the limit for image files\n"},
        {NULL, NULL, true, LC_READ_CHANGED, 0,
         "IMG502 error changed while it was being read\n"},
        {"a URL", NULL, false, LC_READ_OK, 0, "IMG503 error a URL; not opened\n"},
        /* --allow-outside: outside, but read */
        {"an absolute path", NULL, true, LC_READ_OK, 0, ""},
        {"an absolute path", NULL, true, LC_READ_MISSING, ENOENT,
         "IMG501 error no such file\n"},
    };
    EXPECT_CASES(cases, 11);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_image_facts image = {
            .path = span("a.jpg"),
            .outside = cases[i].outside,
            .opened = cases[i].opened,
            .result = cases[i].result,
            .os_errno = cases[i].os_errno,
            .nearest = cases[i].nearest,
            .info = {.content = LC_CONTENT_JPEG,
                     .decode = LC_DECODE_OK,
                     .format = "jpeg",
                     .width = 8,
                     .height = 8},
        };
        struct lc_facts facts = {.image = &image};

        expect(i, findings_of(LC_SCOPE_IMAGE, &facts), cases[i].findings);
    }
}

static void image_contents(void **state)
{
    static const struct {
        const char *path;
        struct lc_image_info info;
        const char *findings;
    } cases[] = {
        {"a.jpg",
         {LC_CONTENT_JPEG, LC_DECODE_OK, .format = "jpeg", .width = 8, .height = 8},
         ""},
        {"a.jpg",
         {LC_CONTENT_EMPTY, LC_DECODE_NONE, .format = "empty"},
         "IMG504 error 0 bytes\n"},
        {"a.jpg",
         {LC_CONTENT_LFS_POINTER, LC_DECODE_NONE, .format = "git-lfs pointer"},
         "IMG505 error a git-LFS pointer\n"},
        {"a.jpg",
         {LC_CONTENT_HTML, LC_DECODE_NONE, .format = "html"},
         "IMG506 error the bytes are html\n"},
        {"a.jpg",
         {LC_CONTENT_XML, LC_DECODE_NONE, .format = "xml"},
         "IMG506 error the bytes are xml\n"},
        {"a.jpg",
         {LC_CONTENT_JSON, LC_DECODE_NONE, .format = "json"},
         "IMG506 error the bytes are json\n"},
        {"a.jpg",
         {LC_CONTENT_TEXT, LC_DECODE_NONE, .format = "text"},
         "IMG506 error the bytes are text\n"},
        {"a.jpg",
         {LC_CONTENT_ARCHIVE, LC_DECODE_NONE, .format = "zip"},
         "IMG506 error the bytes are zip\n"},
        {"a.jpg",
         {LC_CONTENT_UNKNOWN, LC_DECODE_NONE, .format = "unknown"},
         "IMG506 error unrecognized content\n"},
        {"a.jpg",
         {LC_CONTENT_JPEG, LC_DECODE_TRUNCATED, .format = "jpeg", 8, 9,
          .rows_decoded = 4},
         "IMG507 error only 4 of 9 pixel rows are present\n"},
        {"a.jpg",
         {LC_CONTENT_JPEG, LC_DECODE_TRUNCATED, .format = "jpeg", .detail = "why"},
         "IMG507 error why\n"},
        {"a.jpg",
         {LC_CONTENT_JPEG, LC_DECODE_TRUNCATED, .format = "jpeg"},
         "IMG507 error no pixel rows are present\n"},
        {"a.jpg",
         {LC_CONTENT_JPEG, LC_DECODE_CORRUPT, .format = "jpeg", .detail = "why"},
         "IMG508 error why\n"},
        {"a.jpg",
         {LC_CONTENT_JPEG, LC_DECODE_DAMAGED, .format = "jpeg", .warnings = 1,
          .detail = "why"},
         "IMG509 error why\n"},
        {"a.jpg",
         {LC_CONTENT_JPEG, LC_DECODE_DAMAGED, .format = "jpeg", .warnings = 3,
          .detail = "why"},
         "IMG509 error why (and 2 more)\n"},
        {"a.JPEG", {LC_CONTENT_JPEG, LC_DECODE_OK, .format = "jpeg"}, ""},
        {"a.png",
         {LC_CONTENT_JPEG, LC_DECODE_OK, .format = "jpeg"},
         "IMG510 warning the content is jpeg\n"},
        {"a.jpg",
         {LC_CONTENT_PNG, LC_DECODE_OK, .format = "png"},
         "IMG510 warning the content is png\n"},
        {"a.PNG", {LC_CONTENT_PNG, LC_DECODE_OK, .format = "png"}, ""},
        {"jpg", {LC_CONTENT_PNG, LC_DECODE_OK, .format = "png"}, ""},
        {"a", {LC_CONTENT_PNG, LC_DECODE_OK, .format = "png"}, ""},
        {"a.dat", {LC_CONTENT_PNG, LC_DECODE_OK, .format = "png"}, ""},
        {"a/long/path/of/many/letters/and/more.png",
         {LC_CONTENT_JPEG, LC_DECODE_OK, .format = "jpeg"},
         "IMG510 warning the content is jpeg\n"},
        /* 89,478,485 and 178,956,970 pixels are Pillow's limits */
        {"a.png", {LC_CONTENT_PNG, LC_DECODE_OK, .format = "png", 16385, 5461}, ""},
        {"a.png",
         {LC_CONTENT_PNG, LC_DECODE_OK, .format = "png", 87211, 1026},
         "IMG511 warning 87211 x 1026 pixels\n"
         "IMG513 info 87211 x 1026 pixels, 85.0 to 1\n"},
        {"a.png",
         {LC_CONTENT_PNG, LC_DECODE_OK, .format = "png", 16385, 10922},
         "IMG511 warning 16385 x 10922 pixels\n"},
        {"a.png",
         {LC_CONTENT_PNG, LC_DECODE_NONE, .format = "png", 3033169, 59, .limited = true},
         "IMG511 error 3033169 x 59 pixels\n"
         "IMG513 warning 3033169 x 59 pixels, 51409.6 to 1\n"},
        {"a.png",
         {LC_CONTENT_PNG, LC_DECODE_NONE, .format = "png", 4294967295, 4294967295,
          .limited = true},
         "IMG511 error 4294967295 x 4294967295 pixels\n"},
        {"a.heic",
         {LC_CONTENT_OTHER_IMAGE, LC_DECODE_NONE, .format = "heic"},
         "IMG518 error the content is heic\n"},
        {"a.avif",
         {LC_CONTENT_OTHER_IMAGE, LC_DECODE_NONE, .format = "avif"},
         "IMG518 error the content is avif\n"},
        {"a.jxl",
         {LC_CONTENT_OTHER_IMAGE, LC_DECODE_NONE, .format = "jxl"},
         "IMG518 error the content is jxl\n"},
        {"a.ico",
         {LC_CONTENT_OTHER_IMAGE, LC_DECODE_NONE, .format = "ico"},
         "IMG521 info the content is ico\n"},
        {"a.webp",
         {LC_CONTENT_WEBP, LC_DECODE_NONE, .format = "webp"},
         "IMG521 info its pixels were not decoded\n"},
        {"a.bmp",
         {LC_CONTENT_BMP, LC_DECODE_NONE, .format = "bmp", .detail = "why"},
         "IMG521 info why\n"},
    };
    EXPECT_CASES(cases, 34);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_image_facts image = {
            .path = span(cases[i].path), .opened = true, .info = cases[i].info};
        struct lc_facts facts = {.image = &image};

        expect(i, findings_of(LC_SCOPE_IMAGE, &facts), cases[i].findings);
        /* a file that was not read is not judged by its bytes */
        image.opened = false;
        expect(i, findings_of(LC_SCOPE_IMAGE, &facts), "");
    }
}

/* Findings about the picture itself; images load unless a case says otherwise. */
static void image_pixels(void **state)
{
#define LOADS LC_CONTENT_PNG, LC_DECODE_OK, .format = "png"
    static const struct {
        struct lc_image_info info;
        const char *findings;
    } cases[] = {
        {{LOADS, 4, 4}, ""},
        {{LOADS, 3, 100}, "IMG512 warning 3 x 100 pixels\n"},
        {{LOADS, 100, 3},
         "IMG512 warning 100 x 3 pixels\nIMG513 info 100 x 3 pixels, 33.3 to 1\n"},
        {{LOADS}, ""}, /* unknown size */
        {{LC_CONTENT_PNG, LC_DECODE_TRUNCATED, "png", 8, 1, .rows_decoded = 0},
         "IMG507 error no pixel rows are present\nIMG512 warning 8 x 1 pixels\n"},
        {{LC_CONTENT_PNG, LC_DECODE_CORRUPT, "png", 1, 8, .detail = "why"},
         "IMG508 error why\n"}, /* the size itself may be corrupt */
        {{LC_CONTENT_WEBP, LC_DECODE_NONE, .format = "webp", 2, 8},
         "IMG510 warning the content is webp\nIMG512 warning 2 x 8 pixels\n"
         "IMG521 info its pixels were not decoded\n"},
        /* LLaVA-NeXT's grid of 3 x 1 has 72 x 24 features: 13 / 1000 of 72 is not one */
        {{LOADS, 1000, 14}, ""},
        {{LOADS, 1000, 13}, "IMG513 info 1000 x 13 pixels, 76.9 to 1\n"},
        {{LOADS, 13, 1000}, "IMG513 info 13 x 1000 pixels, 76.9 to 1\n"},
        /* a small picture gets the first grid, 1 x 2: 24 x 48 features */
        {{LOADS, 4, 200}, "IMG513 info 4 x 200 pixels, 50.0 to 1\n"},
        {{LOADS, 4, 192}, ""},
        {{LOADS, 96, 4}, ""},
        {{LOADS, 97, 4}, "IMG513 info 97 x 4 pixels, 24.2 to 1\n"},
        {{LOADS, 4, 800}, "IMG513 info 4 x 800 pixels, 200.0 to 1\n"},
        {{LOADS, 4, 801}, "IMG513 warning 4 x 801 pixels, 200.2 to 1\n"},
        {{LOADS, 2001, 10}, "IMG513 warning 2001 x 10 pixels, 200.1 to 1\n"},
        {{LOADS, 1, 201},
         "IMG512 warning 1 x 201 pixels\nIMG513 warning 1 x 201 pixels, 201.0 to 1\n"},
        {{LC_CONTENT_PNG, LC_DECODE_CORRUPT, "png", 4, 801, .detail = "why"},
         "IMG508 error why\n"},
        {{LOADS, 8, 8, .orientation = 1}, ""},
        {{LOADS, 8, 8, .orientation = 2},
         "IMG514 warning orientation 2: viewers show it mirrored left to right\n"},
        {{LOADS, 8, 8, .orientation = 3},
         "IMG514 warning orientation 3: viewers show it rotated 180 degrees\n"},
        {{LOADS, 8, 8, .orientation = 4},
         "IMG514 warning orientation 4: viewers show it mirrored top to bottom\n"},
        {{LOADS, 8, 8, .orientation = 5},
         "IMG514 warning orientation 5: viewers show it mirrored along the diagonal from "
         "the upper "
         "left\n"},
        {{LOADS, 8, 8, .orientation = 6},
         "IMG514 warning orientation 6: viewers show it rotated 90 degrees clockwise\n"},
        {{LOADS, 8, 8, .orientation = 7},
         "IMG514 warning orientation 7: viewers show it mirrored along the diagonal from "
         "the upper "
         "right\n"},
        {{LOADS, 8, 8, .orientation = 8},
         "IMG514 warning orientation 8: viewers show it rotated 90 degrees "
         "counterclockwise\n"},
        {{LOADS, 8, 8, .orientation = 9}, ""},
        {{LC_CONTENT_PNG, LC_DECODE_DAMAGED, "png", 8, 8, .warnings = 1, .orientation = 6,
          .detail = "why"},
         "IMG509 error why\n"
         "IMG514 warning orientation 6: viewers show it rotated 90 degrees clockwise\n"},
        {{LC_CONTENT_PNG, LC_DECODE_CORRUPT, "png", 8, 8, .orientation = 6,
          .detail = "why"},
         "IMG508 error why\n"},
        {{LOADS, 8, 8, .mode = "RGB", .depth = 8}, ""},
        {{LOADS, 8, 8, .mode = "RGB"}, ""},
        {{LOADS, 8, 8, .mode = "L", .depth = 2}, ""}, /* scaled to 8 bits, no loss */
        {{LOADS, 8, 8, .mode = "L", .depth = 8}, ""},
        {{LOADS, 8, 8, .mode = "RGB", .depth = 8, .transparent = true},
         "IMG515 info RGB, Pillow's mode RGB, with transparent pixels\n"},
        {{LOADS, 8, 8, .mode = "RGB", .depth = 16},
         "IMG515 info 16-bit RGB, Pillow's mode RGB\n"},
        {{LOADS, 8, 8, .mode = "I", .depth = 16},
         "IMG515 info 16-bit gray, Pillow's mode I\n"},
        {{LOADS, 8, 8, .mode = "I;16B", .depth = 16},
         "IMG515 info 16-bit gray, Pillow's mode I;16B\n"},
        {{LOADS, 8, 8, .mode = "F", .depth = 32},
         "IMG515 info 32-bit floating-point gray, Pillow's mode F\n"},
        {{LOADS, 8, 8, .mode = "1", .depth = 1},
         "IMG515 info bilevel, Pillow's mode 1\n"},
        {{LOADS, 8, 8, .mode = "P", .depth = 4},
         "IMG515 info a palette, Pillow's mode P\n"},
        {{LOADS, 8, 8, .mode = "LA", .depth = 8},
         "IMG515 info gray with alpha, Pillow's mode LA\n"},
        {{LOADS, 8, 8, .mode = "RGBA", .depth = 16},
         "IMG515 info 16-bit RGB with alpha, Pillow's mode RGBA\n"},
        {{LOADS, 8, 8, .mode = "RGBX", .depth = 8},
         "IMG515 info RGB with a fourth channel, Pillow's mode RGBX\n"},
        {{LOADS, 8, 8, .mode = "CMYK", .depth = 8},
         "IMG515 info CMYK, Pillow's mode CMYK\n"},
        {{LOADS, 8, 8, .mode = "YCbCr", .depth = 8},
         "IMG515 info YCbCr, Pillow's mode YCbCr\n"},
        {{LOADS, 8, 8, .mode = "LAB", .depth = 8},
         "IMG515 info Lab colours, Pillow's mode LAB\n"},
        {{LOADS, 8, 8, .mode = "BGR;15", .depth = 5},
         "IMG515 info pixels of another kind, Pillow's mode BGR;15\n"},
        {{LC_CONTENT_PNG, LC_DECODE_TRUNCATED, "png", 8, 8, .rows_decoded = 1,
          .mode = "P"},
         "IMG507 error only 1 of 8 pixel rows are present\n"},
        {{LOADS, 8, 8, .frames = 1}, ""},
        {{LOADS, 8, 8, .frames = 2}, "IMG516 info 2 frames\n"},
        {{LOADS, 8, 8, .trailing = 1}, "IMG517 info 1 byte\n"},
        {{LOADS, 8, 8, .trailing = UINT64_C(5000000000)},
         "IMG517 info 5000000000 bytes\n"},
        {{LOADS, 8, 8, .frames = 2, .trailing = 9},
         "IMG516 info 2 frames\nIMG517 info 9 bytes\n"},
        {{LC_CONTENT_JPEG, LC_DECODE_OK, "jpeg", 8, 8, .frames = 2, .trailing = 9},
         "IMG510 warning the content is jpeg\nIMG516 info 2 frames\n"}, /* an MPO */
        {{LC_CONTENT_PNG, LC_DECODE_TRUNCATED, "png", 8, 8, .rows_decoded = 1,
          .frames = 2, .trailing = 9},
         "IMG507 error only 1 of 8 pixel rows are present\n"},
        {{LOADS, 8, 8, .blank = true}, "IMG519 warning 8 x 8 pixels of one colour\n"},
        {{LOADS, 1, 1, .blank = true}, "IMG512 warning 1 x 1 pixels\n"},
        {{LC_CONTENT_PNG, LC_DECODE_CORRUPT, "png", .metadata_too_large = true,
          .detail = "why"},
         "IMG520 error why\n"},
        {{LOADS, 8, 8, .lenient = LC_LENIENT_WHOLE},
         "IMG523 info the checksum of the pixels is wrong, or cut off\n"},
    };
#undef LOADS
    EXPECT_CASES(cases, 60);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_image_facts image = {
            .path = span("a.png"), .opened = true, .info = cases[i].info};
        struct lc_facts facts = {.image = &image};

        expect(i, findings_of(LC_SCOPE_IMAGE, &facts), cases[i].findings);
        image.result = LC_READ_CHANGED; /* its bytes do not count */
        expect(i, findings_of(LC_SCOPE_IMAGE, &facts),
               "IMG502 error changed while it was being read\n");
    }
}

static void image_names(void **state)
{
    static const struct {
        const char *path, *findings;
    } cases[] = {
        {"httpd/a", "IMG522 info the path begins with http\n"},
        {" a", "IMG522 info the path has white space at an end\n"},
        {"a\xe2\x80\x89", "IMG522 info the path has white space at an end\n"},
        {" http", "IMG522 info the path has white space at an end\n"},
        {"a b", ""},
        {"http", ""},
        {"HTTPS", ""},
        {"a/https", ""},
    };
    EXPECT_CASES(cases, 8);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_image_facts image = {.path = span(cases[i].path),
                                       .opened = true,
                                       .info = {.content = LC_CONTENT_GIF,
                                                .decode = LC_DECODE_OK,
                                                .format = "gif",
                                                .width = 8,
                                                .height = 8}};
        struct lc_facts facts = {.image = &image};

        expect(i, findings_of(LC_SCOPE_IMAGE, &facts), cases[i].findings);
    }
}

static void set_rules(void **state)
{
    static const struct {
        struct lc_duplicate_facts duplicate;
        const char *findings;
    } cases[] = {
        {{{"7", 1}, 3, false}, "ROW206 warning id '7' is used by 3 rows\n"},
        {{{"a\n", 2}, UINT64_C(1) << 40, true},
         "ROW206 warning id 'a\\x0a' is used by 1099511627776 rows\n"
         "ROW207 warning the rows with id 'a\\x0a' name different images\n"},
    };
    struct lc_facts facts = {0};
    EXPECT_CASES(cases, 2);

    (void)state;
    expect(0, findings_of(LC_SCOPE_SET, &facts), "");
    for (size_t i = 0; i < COUNT(cases); i++) {
        facts.duplicate = &cases[i].duplicate;
        expect(i, findings_of(LC_SCOPE_SET, &facts), cases[i].findings);
    }
}

static void ids_of_several_files(void **state)
{
    static const struct {
        struct lc_shared_ids_facts shared;
        const char *findings;
    } cases[] = {
        {{1, {"7", 1}, 2, {{"a.json", 6}, {"b\n.json", 7}}},
         "ROW214 info once per file: 1 id, such as '7', in 'a.json', 'b\\x0a.json'\n"},
        {{UINT64_C(1) << 40, {"a'", 2}, 3, {{"a", 1}, {"b", 1}, {"c", 1}}},
         "ROW214 info once per file: 1099511627776 ids, such as 'a\\x27', in 'a', 'b', "
         "'c'\n"},
        {{2, {"7", 1}, 1003, {{"a", 1}, {"b", 1}, {"c", 1}}},
         "ROW214 info once per file: 2 ids, such as '7', in 'a', 'b', 'c' and 1000 "
         "more\n"},
    };
    EXPECT_CASES(cases, 3);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_facts facts = {.shared_ids = &cases[i].shared};

        expect(i, findings_of(LC_SCOPE_SET, &facts), cases[i].findings);
    }
}

static void answers_of_a_question(void **state)
{
    static const struct {
        struct lc_answers_facts answers;
        const char *findings;
    } cases[] = {
        {{2, 2, {7, 9, {0}}},
         "SET605 info 2 rows give 2 answers; another is in row 7, line 9\n"},
        {{UINT64_C(1) << 32, 3, {0, 1, {"b\n", 2}}},
         "SET605 info 4294967296 rows give 3 answers; another is in row 0 of 'b\\x0a', "
         "line 1\n"},
    };
    EXPECT_CASES(cases, 2);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_facts facts = {.answers = &cases[i].answers};

        expect(i, findings_of(LC_SCOPE_SET, &facts), cases[i].findings);
    }
}

static void column_types(void **state)
{
    static const struct {
        struct lc_column_facts column;
        const char *findings;
    } cases[] = {
        {{LC_COLUMN_MIXED,
          {"image", 5},
          LC_VALUE_LIST,
          LC_VALUE_STRING,
          {0},
          0,
          2,
          false,
          false,
          false,
          false},
         "JSN115 warning 'image' is a list, but a string in row 0, line 2\n"},
        {{LC_COLUMN_MIXED,
          {"a\n[].b", 6},
          LC_VALUE_BOOLEAN,
          LC_VALUE_NUMBER,
          {0},
          UINT64_C(1) << 40,
          7,
          false,
          false,
          false,
          false},
         "JSN115 warning 'a\\x0a[].b' is a boolean, but a number in row 1099511627776, "
         "line 7\n"},
        {{LC_COLUMN_MIXED,
          {"x", 1},
          LC_VALUE_OBJECT,
          LC_VALUE_STRING,
          {0},
          3,
          4,
          true,
          false,
          false,
          false},
         "JSN115 warning 'x' is an object, but a string in the same row, line 4\n"},
        {{.oddity = LC_COLUMN_DEEP, .name = {"x[][]", 5}},
         "JSN116 warning the column 'x[][]' has a list or an object at level 63\n"},
        {{.oddity = LC_COLUMN_IMAGES_TWICE,
          .name = {"images", 6},
          .other = {"image", 5},
          .row = 3,
          .line = 5},
         "JSN117 warning 'images', but 'image' in row 3, line 5\n"},
        {{.oddity = LC_COLUMN_TURNS_TWICE,
          .name = {"conversations", 13},
          .other = {"messages", 8},
          .is_same_row = true,
          .line = 1},
         "JSN117 warning 'conversations', but 'messages' in the same row, line 1\n"},
        {{.oddity = LC_COLUMN_IMAGE_TOO,
          .name = {"image", 5},
          .other = {"images", 6},
          .row = 3,
          .line = 5},
         "JSN117 warning 'image', but 'images' in row 3, line 5\n"},
        {{.oddity = LC_COLUMN_TURNS_TOO,
          .name = {"conversations", 13},
          .other = {"messages", 8},
          .line = 1},
         "JSN117 warning 'conversations', but 'messages' in row 0, line 1\n"},
        {{.oddity = LC_COLUMN_NUL, .name = {"a\0b", 3}},
         "JSN120 info the column 'a\\x00b'\n"},
        {{.oddity = LC_COLUMN_NULLS, .name = {"a[]", 3}},
         "JSN122 warning 'a[]' is null, and no value before it has a type\n"},
    };
    const struct lc_facts space = {.leading_space = true};
    EXPECT_CASES(cases, 10);

    (void)state;
    expect(0, findings_of(LC_SCOPE_FILE, &space),
           "JSN119 info the file begins with white space\n");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_facts facts = {.column = &cases[i].column};

        expect(i, findings_of(LC_SCOPE_FILE, &facts), cases[i].findings);
    }
}

static void twins(void **state)
{
    static const struct {
        struct lc_twin_facts twin;
        const char *findings;
    } cases[] = {
        {{0, 1, {0}}, "ROW210 warning the same as row 0, line 1\n"},
        {{UINT64_C(1) << 40, 7, {0}},
         "ROW210 warning the same as row 1099511627776, line 7\n"},
        {{3, 9, {"a's.json", 8}},
         "ROW210 warning the same as row 3 of 'a\\x27s.json', line 9\n"},
    };
    EXPECT_CASES(cases, 3);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_facts facts = {.twin = &cases[i].twin};

        expect(i, findings_of(LC_SCOPE_SET, &facts), cases[i].findings);
    }
}

static void images_alike(void **state)
{
    static const struct {
        struct lc_alike_facts alike;
        const char *findings;
    } cases[] = {
        {{false, 2, {{"b.jpg", 5}}}, "SET601 info the same bytes as 'b.jpg'\n"},
        {{false, 3, {{"b.jpg", 5}, {"c\n", 2}}},
         "SET601 info the same bytes as 'b.jpg', 'c\\x0a'\n"},
        {{false, 9, {{"b.jpg", 5}, {"c", 1}}},
         "SET601 info the same bytes as 'b.jpg', 'c' and 6 more\n"},
        {{false, 10, {{"b.jpg", 5}, {"c", 1}}},
         "SET601 info the same bytes as 'b.jpg', 'c' and 7 more\n"
         "SET603 warning 10 files contain the same picture\n"},
        {{true, 2, {{"b.jpg", 5}}}, "SET604 warning differs only in case from 'b.jpg'\n"},
        {{true, 12, {{"b.jpg", 5}, {"B.jpg", 5}}},
         "SET604 warning differs only in case from 'b.jpg', 'B.jpg' and 9 more\n"},
    };
    EXPECT_CASES(cases, 6);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_facts facts = {.alike = &cases[i].alike};

        expect(i, findings_of(LC_SCOPE_SET, &facts), cases[i].findings);
    }
}

static void archives(void **state)
{
    static const struct {
        struct lc_archive_facts archive;
        const char *findings;
    } cases[] = {
        {{.name = {"a.tar", 5},
          .fault = {"truncated", 9},
          .count = 1,
          .members = 1,
          .detail = {"the file ends", 13}},
         "ARC801 error 'a.tar': after 1 member, the file ends\n"},
        {{.name = {"a.tar", 5},
          .fault = {"not an archive", 14},
          .count = 1,
          .detail = {"no tar or zip", 13}},
         "ARC802 error 'a.tar': after 0 members, no tar or zip\n"},
        {{.name = {"a.tar", 5},
          .fault = {"bad length", 10},
          .count = 3,
          .members = 2,
          .detail = {"it differs", 10}},
         "ARC803 error 'a.tar': after 2 members, it differs (3 times)\n"},
        {{.name = {"a.tar", 5},
          .fault = {"half an end", 11},
          .count = 1,
          .members = 2,
          .detail = {"one block", 9}},
         "ARC804 warning 'a.tar': after 2 members, one block\n"},
        {{.name = {"a.tar", 5},
          .fault = {"continues", 9},
          .count = 1,
          .members = 2,
          .detail = {"more headers", 12}},
         "ARC805 warning 'a.tar': after 2 members, more headers\n"},
        {{.about = LC_ARCHIVE_ABOUT_UNSAFE,
          .name = {"a.tar", 5},
          .count = 2,
          .detail = {"'/a': its name is absolute", 26}},
         "ARC806 warning 'a.tar': 2 members, such as '/a': its name is absolute\n"},
        {{.about = LC_ARCHIVE_ABOUT_REPEATED,
          .name = {"a.tar", 5},
          .count = 2,
          .differ = 1,
          .example = {"x/1.jpg", 7},
          .other = {"b.tar", 5}},
         "ARC807 warning 'a.tar': 2 images are repeated, such as 'x/1.jpg', which "
         "'b.tar' "
         "has too, 1 of them with other bytes\n"},
        {{.about = LC_ARCHIVE_ABOUT_REPEATED,
          .name = {"a.tar", 5},
          .count = 1,
          .example = {"x/1.jpg", 7},
          .other = {"a.tar", 5},
          .is_same = true},
         "ARC807 info 'a.tar': 1 image is repeated, such as 'x/1.jpg', which is in it "
         "again\n"},
        {{.about = LC_ARCHIVE_ABOUT_MISSING,
          .name = {"a7.tar", 6},
          .count = 2,
          .example = {"a1.tar", 6},
          .images = 1,
          .rows = 2},
         "ARC808 error 'a7.tar' and 1 more is missing in the series of 'a1.tar'; 1 image "
         "of 2 "
         "rows is in no archive\n"},
        {{.about = LC_ARCHIVE_ABOUT_MISSING,
          .name = {"a7.tar", 6},
          .count = 1,
          .example = {"a1.tar", 6}},
         "ARC808 warning 'a7.tar' is missing in the series of 'a1.tar'; 0 images of 0 "
         "rows are in no archive\n"},
        {{.about = LC_ARCHIVE_ABOUT_UNUSED, .name = {"a.tar", 5}, .members = 9},
         "ARC809 info 'a.tar': none of its 9 members\n"},
    };
    EXPECT_CASES(cases, 11);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_facts facts = {.archive = &cases[i].archive};

        expect(i, findings_of(LC_SCOPE_SET, &facts), cases[i].findings);
    }
}

static void samples(void **state)
{
    static const struct {
        struct lc_sample sample;
        bool needs_image;
        const char *findings;
    } cases[] = {
        {{.key = {"a", 1}, .form = LC_SAMPLE_ROW, .image_count = 1}, true, ""},
        {{.key = {"a", 1}, .form = LC_SAMPLE_ROW}, false, ""}, /* a text alone */
        {{.key = {"a", 1},
          .form = LC_SAMPLE_ROW,
          .image_count = 2,
          .faults = LC_SAMPLE_MERGED,
          .merged = 2,
          .dotted = {"a.1.jpg", 7}},
         true,
         "ARC811 error 2 samples are one: the key of 'a.1.jpg' ends at its first dot, as "
         "'a'\n"},
        {{.key = {"a", 1},
          .form = LC_SAMPLE_ROW,
          .image_count = 1,
          .faults = LC_SAMPLE_DOTTED,
          .dotted = {"a.1.jpg", 7}},
         true,
         "ARC811 info the key of 'a.1.jpg' ends at its first dot, as 'a'\n"},
        {{.key = {"a", 1}, .form = LC_SAMPLE_CAPTION},
         true,
         "ARC812 error a text without its image\n"},
        {{.key = {"a", 1}, .image_count = 1},
         false,
         "ARC812 error an image without JSON or text\n"},
        {{.key = {"a", 1}}, false, "ARC812 error neither an image nor a text\n"},
        {{.form = LC_SAMPLE_ROW,
          .image_count = 1,
          .faults = LC_SAMPLE_REPEATED | LC_SAMPLE_IMAGE_AGAIN,
          .repeated = {"a.jpg", 5}},
         true,
         "ARC813 error 'a.jpg' already occurs\n"},
        {{.form = LC_SAMPLE_ROW,
          .image_count = 2,
          .faults = LC_SAMPLE_CASES | LC_SAMPLE_CAPITALS,
          .repeated = {"a.JPG", 5},
          .capital = {"a.JPG", 5}},
         true,
         "ARC813 error 'a.JPG' already occurs with different capitals\n"
         "ARC815 warning 'a.JPG'\n"},
        {{.form = LC_SAMPLE_ROW,
          .image_count = 1,
          .faults = LC_SAMPLE_UNREADABLE,
          .unreadable = {"a.json", 6}},
         true,
         "ARC819 error 'a.json'\n"},
        {{.form = LC_SAMPLE_ROW,
          .image_count = 1,
          .faults = LC_SAMPLE_SPOILED,
          .spoiled = {"a.txt", 5}},
         true,
         "ARC812 error 'a.txt' is not UTF-8\n"},
        {{.image_count = 1, .faults = LC_SAMPLE_SPARSE, .sparse = {"a.json", 6}},
         false,
         "ARC812 error 'a.json' is not verified: it is a sparse file in the archive; "
         "pack it "
         "again without tar's option --sparse\n"},
        {{.form = LC_SAMPLE_CAPTION, .faults = LC_SAMPLE_SPARSE, .sparse = {"a.json", 6}},
         true,
         "ARC812 error 'a.json' is not verified: it is a sparse file in the archive; "
         "pack it "
         "again without tar's option --sparse\n"
         "ARC812 error a text without its image\n"},
    };
    EXPECT_CASES(cases, 13);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_sample_facts sample = {.sample = &cases[i].sample,
                                         .needs_image = cases[i].needs_image};
        struct lc_facts facts = {.sample = &sample};

        expect(i, findings_of(LC_SCOPE_SAMPLE, &facts), cases[i].findings);
    }
}

static void fields_of_samples(void **state)
{
    const struct lc_sample sample = {.form = LC_SAMPLE_ROW, .image_count = 1};
    const struct lc_sample_facts lacking = {
        .sample = &sample, .field = "im\x1b", .options = "jpg,png"};
    const struct lc_facts facts = {.sample = &lacking};

    (void)state;
    expect(0, findings_of(LC_SCOPE_SAMPLE, &facts),
           "ARC812 warning no member for the field 'im\\x1b' of .nv-meta/dataset.yaml: "
           "'jpg,png'\n");
}

static void shards(void **state)
{
    static const struct {
        struct lc_shard_facts shard;
        const char *findings;
    } cases[] = {
        {{.end = {.kind = LC_ARCHIVE_TAR, .samples = 2},
          .indexed = 2,
          .offsets = 4,
          .is_named_tar = true},
         ""},
        {{.end = {.kind = LC_ARCHIVE_TAR, .samples = 2},
          .indexed = 3,
          .is_named_tar = true},
         "ARC816 error 2 samples; .nv-meta has 3\n"},
        {{.end = {.kind = LC_ARCHIVE_TAR, .samples = 2},
          .indexed = LC_NOT_INDEXED,
          .offsets = 5,
          .is_named_tar = true},
         "ARC816 error 2 samples; its .tar.idx has 4 entries\n"},
        {{.end = {.kind = LC_ARCHIVE_TAR, .samples = 2},
          .indexed = LC_NOT_INDEXED,
          .place = LC_SHARD_UNLISTED,
          .is_named_tar = true},
         "ARC816 warning .nv-meta/.info.json has other shards, and not this one\n"},
        {{.end = {.kind = LC_ARCHIVE_TAR, .samples = 2},
          .indexed = 2,
          .place = LC_SHARD_UNSPLIT,
          .absent = "b.tar",
          .is_named_tar = true},
         "ARC816 warning it is in no part of .nv-meta/split.yaml\n"
         "ARC816 error split.yaml has shards that do not exist or are not in .info.json, "
         "such as 'b.tar'\n"},
        {{.end = {.kind = LC_ARCHIVE_TAR, .samples = 2},
          .indexed = 2,
          .place = LC_SHARD_SPLIT_TWICE,
          .is_named_tar = true},
         "ARC816 warning it is in .nv-meta/split.yaml twice\n"},
        {{.end = {.kind = LC_ARCHIVE_TAR, .samples = 2},
          .indexed = 2,
          .unfollowed = "code",
          .misfit = "no map",
          .is_named_tar = true},
         "ARC816 warning what .nv-meta/dataset.yaml makes of samples is not verified: "
         "code\n"
         "ARC816 error .nv-meta/dataset.yaml: no map\n"},
        {{.end =
              {.kind = LC_ARCHIVE_TAR, .samples = 1, .lost = 2, .example = {".a.jpg", 6}},
          .indexed = LC_NOT_INDEXED,
          .is_named_tar = true},
         "ARC814 warning 2 members, such as '.a.jpg'\n"},
        {{.end = {.kind = LC_ARCHIVE_TAR, .coding = LC_CODING_GZIP, .samples = 1},
          .indexed = LC_NOT_INDEXED},
         "ARC817 warning with gzip\n"},
        {{.end = {.kind = LC_ARCHIVE_TAR, .samples = 1}, .indexed = LC_NOT_INDEXED},
         "ARC817 warning it is not compressed, but not named .tar\n"},
        {{.end = {.kind = LC_ARCHIVE_NONE},
          .indexed = LC_NOT_INDEXED,
          .is_empty = true,
          .is_named_tar = true},
         "ARC818 error it has 0 bytes\n"},
        {{.end = {.kind = LC_ARCHIVE_TAR},
          .indexed = LC_NOT_INDEXED,
          .is_named_tar = true},
         "ARC818 error a tar without samples\n"},
    };
    EXPECT_CASES(cases, 12);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_facts facts = {.shard = &cases[i].shard};

        expect(i, findings_of(LC_SCOPE_FILE, &facts), cases[i].findings);
    }
}

static void unused_images(void **state)
{
    static const struct {
        struct lc_unused_facts unused;
        const char *findings;
    } cases[] = {
        {{{"", 0}, 1, false, {"a.jpg", 5}},
         "SET602 info the image root: 1 unused image file, such as 'a.jpg'\n"},
        {{{"a\tb", 3}, 7, false, {"a\tb/c.jpg", 9}},
         "SET602 info 'a\\x09b': 7 unused image files, such as "
         "'a\\x09b/c.jpg'\n"},
        {{{"a", 1}, 2, true, {"a/b/c.jpg", 9}},
         "SET602 info 'a': 2 unused image files (no row uses this folder), such "
         "as 'a/b/c.jpg'\n"},
    };
    EXPECT_CASES(cases, 3);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_facts facts = {.unused = &cases[i].unused};

        expect(i, findings_of(LC_SCOPE_SET, &facts), cases[i].findings);
    }
}

enum { SAME, OTHER }; /* bytes */

static void files_read_again(void **state)
{
    enum { SIZE = 5, TIME = 7, CTIME = 9, INODE = 11, DEVICE = 13 };
    static const struct {
        bool rows;
        enum lc_read_result result;
        int os_errno, bytes;
        struct lc_file_facts now;
        const char *findings;
    } cases[] = {
        {false, LC_READ_OK, 0, SAME, {SIZE, TIME, CTIME, INODE, DEVICE}, ""},
        /* the same bytes are what was checked, whatever else has changed */
        {false, LC_READ_OK, 0, SAME, {SIZE, 8, 10, 12, 14}, ""},
        {true, LC_READ_OK, 0, SAME, {SIZE, 8, CTIME, INODE, DEVICE}, ""},
        {false,
         LC_READ_OK,
         0,
         OTHER,
         {SIZE, TIME, CTIME, INODE, DEVICE},
         "IDX701 error the hash of the bytes is 020000000000…, not 010000000000…; its "
         "inode has not changed since: no program wrote it\n"},
        {true,
         LC_READ_OK,
         0,
         OTHER,
         {SIZE, TIME, 10, INODE, DEVICE},
         "IDX701 error the hash of the bytes is 020000000000…, not 010000000000…; its "
         "inode has changed since: it may have been written and its time restored\n"},
        {false,
         LC_READ_OK,
         0,
         OTHER,
         {SIZE, TIME, 10, 12, DEVICE},
         "IDX701 error the hash of the bytes is 020000000000…, not 010000000000…; it is "
         "a different file (inode) with the same time, such as a copy\n"},
        {false,
         LC_READ_OK,
         0,
         OTHER,
         {4, TIME, CTIME, INODE, DEVICE},
         "IDX702 info 4 bytes, before 5\n"},
        {false,
         LC_READ_TOO_LARGE,
         0,
         SAME,
         {6, TIME, CTIME, INODE, DEVICE},
         "IDX702 info 6 bytes, before 5\n"},
        {false,
         LC_READ_OK,
         0,
         OTHER,
         {SIZE, INT64_C(1700000000000000000), CTIME, INODE, DEVICE},
         "IDX702 info same size, different bytes; modified 2023-11-14 22:13:20 UTC, "
         "before 1970-01-01 00:00:00 UTC\n"},
        {true,
         LC_READ_CHANGED,
         0,
         SAME,
         {SIZE, TIME, CTIME, INODE, DEVICE},
         "IDX702 info it changed while it was being read\n"},
        {false,
         LC_READ_MISSING,
         ENOENT,
         SAME,
         {0},
         "IDX703 error no such file; last seen by the check of 2001-09-09 01:46:40 "
         "UTC\n"},
        {true,
         LC_READ_MISSING,
         ENOENT,
         SAME,
         {0},
         "IDX704 error no such file; last seen by the check of 2001-09-09 01:46:40 "
         "UTC\n"},
        {true,
         LC_READ_FAILED,
         EIO,
         SAME,
         {SIZE, TIME, CTIME, INODE, DEVICE},
         "IDX704 error Input/output error; last seen by the check of 2001-09-09 01:46:40 "
         "UTC\n"},
        {true,
         LC_READ_NOT_ALLOWED,
         EACCES,
         SAME,
         {0},
         "IDX704 error permission denied; last seen by the check of 2001-09-09 01:46:40 "
         "UTC\n"},
        {false, LC_READ_NOT_ALLOWED, EACCES, SAME, {0}, ""}, /* IMG502 */
    };
    EXPECT_CASES(cases, 15);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct lc_again_facts again = {
            .rows = cases[i].rows,
            .result = cases[i].result,
            .os_errno = cases[i].os_errno,
            .then = {SIZE, TIME, CTIME, INODE, DEVICE},
            .now = cases[i].now,
            .was = {{1}},
            .is = {{cases[i].bytes == SAME ? 1 : 2}},
            .last_seen_ns = INT64_C(1000000000999999999),
        };
        struct lc_facts facts = {.again = &again};

        expect(i, findings_of(LC_SCOPE_AGAIN, &facts), cases[i].findings);
    }
}

#define WHEN INT64_C(1700000000000000000)

static void downloaded_files(void **state)
{
    static const struct {
        struct lc_download_facts facts;
        const char *findings;
    } cases[] = {
        {{.fault = LC_DOWNLOAD_DIFFERS,
          .algorithm = "SHA-256",
          .was = {1},
          .is = {2},
          .modified_ns = WHEN,
          .recorded_ns = LC_CLOCK_EARLIEST},
         "HUB901 error 'a\\x0ab': its SHA-256 is 020000000000…, recorded "
         "010000000000…\n"},
        {{.fault = LC_DOWNLOAD_DIFFERS,
          .algorithm = "MD5",
          .was = {1},
          .is = {2},
          .modified_ns = WHEN,
          .recorded_ns = WHEN - 1},
         "HUB901 error 'a\\x0ab': its MD5 is 020000000000…, recorded 010000000000…; "
         "modified 2023-11-14 22:13:20 UTC, after it was recorded\n"},
        {{.fault = LC_DOWNLOAD_SIZE, .size = 3, .recorded_size = 4, .is_glance = true},
         "HUB901 error 'a\\x0ab': 3 bytes, recorded 4\n"},
        {{.fault = LC_DOWNLOAD_MISSING}, "HUB902 error 'a\\x0ab': no such file\n"},
        {{.fault = LC_DOWNLOAD_MISSING, .is_glance = true},
         "HUB902 warning 'a\\x0ab': no such file\n"},
        {{.fault = LC_DOWNLOAD_ABSENT, .count = 2},
         "HUB902 info records of the download: 2 files of the commit not downloaded, "
         "such "
         "as 'a\\x0ab'\n"},
        {{.fault = LC_DOWNLOAD_UNFINISHED, .detail = "a part"},
         "HUB903 error 'a\\x0ab': a part\n"},
        {{.fault = LC_DOWNLOAD_UNFINISHED, .detail = "a part", .is_glance = true},
         "HUB903 warning 'a\\x0ab': a part\n"},
        {{.fault = LC_DOWNLOAD_OUTDATED, .count = 1, .modified_ns = WHEN},
         "HUB904 warning records of the download: 1 file modified since, such as "
         "'a\\x0ab' "
         "at 2023-11-14 22:13:20 UTC\n"},
        {{.fault = LC_DOWNLOAD_UNRECORDED, .count = 3},
         "HUB905 info records of the download: none of 3 files, such as 'a\\x0ab'\n"},
        {{.fault = LC_DOWNLOAD_UNUSABLE, .detail = "a pickle"},
         "HUB906 warning 'a\\x0ab': a pickle\n"},
        {{.fault = LC_DOWNLOAD_UNREAD, .detail = "permission denied"},
         "HUB906 error 'a\\x0ab': permission denied\n"},
    };
    EXPECT_CASES(cases, 12);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_download_facts download = cases[i].facts;
        struct lc_facts facts = {.download = &download};

        download.path = (struct lc_span){"a\nb", 3};
        expect(i, findings_of(LC_SCOPE_DOWNLOAD, &facts), cases[i].findings);
    }
}

/* Runs last: every rule must have fired in the tests before. As findings_of lists all
 * findings, each rule was also seen not to fire. A new rule without a case fails here. */
static void every_rule_fired(void **state)
{
    (void)state;
    for (size_t i = 0; i < LC_RULE_COUNT; i++)
        if (!fired[i])
            fail_msg("no case fires %s", lc_rules[i].info.code);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_and_names),
        cmocka_unit_test(families),
        cmocka_unit_test(texts),
        cmocka_unit_test(traits),
        cmocka_unit_test(finding_a_rule),
        cmocka_unit_test(severities),
        cmocka_unit_test(json_rules),
        cmocka_unit_test(line_space_rule),
        cmocka_unit_test(python_only_rules),
        cmocka_unit_test(ranges),
        cmocka_unit_test(row_rules),
        cmocka_unit_test(value_rules),
        cmocka_unit_test(placeholder_rules),
        cmocka_unit_test(turn_marks),
        cmocka_unit_test(videos),
        cmocka_unit_test(other_media),
        cmocka_unit_test(keys),
        cmocka_unit_test(row_shapes),
        cmocka_unit_test(pairs),
        cmocka_unit_test(no_pairs),
        cmocka_unit_test(tool_calls),
        cmocka_unit_test(foreign_text_is_quoted),
        cmocka_unit_test(id_that_became_null),
        cmocka_unit_test(image_files),
        cmocka_unit_test(image_contents),
        cmocka_unit_test(image_pixels),
        cmocka_unit_test(image_names),
        cmocka_unit_test(set_rules),
        cmocka_unit_test(ids_of_several_files),
        cmocka_unit_test(answers_of_a_question),
        cmocka_unit_test(column_types),
        cmocka_unit_test(twins),
        cmocka_unit_test(images_alike),
        cmocka_unit_test(archives),
        cmocka_unit_test(samples),
        cmocka_unit_test(fields_of_samples),
        cmocka_unit_test(shards),
        cmocka_unit_test(unused_images),
        cmocka_unit_test(files_read_again),
        cmocka_unit_test(downloaded_files),
        cmocka_unit_test(every_rule_fired),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_call.c - src/dataset/call, literal and tools: what programs read in texts */
#include "unit.h"

#include "dataset/call.h"
#include "dataset/literal.h"
#include "dataset/tools.h"

#include <stdlib.h>
#include <string.h>

#define GOOD "{\"name\": \"f\", \"arguments\": {}}"
#define NESTED_12 "[[[[[[[[[[[["
#define NESTED_72 NESTED_12 NESTED_12 NESTED_12 NESTED_12 NESTED_12 NESTED_12

static void calls(void **state)
{
    static const struct {
        const char *text;
        enum lc_call_form form;
    } cases[] = {
        {GOOD, LC_CALL_SOUND},
        {" \r\n\t" GOOD "\n", LC_CALL_SOUND},
        {"{\"arguments\": {\"a\": NaN}, \"n\\u0061me\": null}", LC_CALL_SOUND},
        {"{\"name\": 7, \"arguments\": \"{\\\"a\\\": 1}\"}", LC_CALL_SOUND},
        {"{\"name\": 7, \"arguments\": \"{'a': True}\"}", LC_CALL_SOUND},
        {"{\"name\": 7, \"arguments\": \"\\\"\\\\ud83d\\\\ude00\\\"\"}", LC_CALL_SOUND},
        {"{\"name\": 7, \"arguments\": \"\\\"\\\\ud83d\\\"\"}", LC_CALL_UNSURE},
        {"{\"name\": 7, \"arguments\": \"\\\"\\\\uDE00\\\"\"}", LC_CALL_UNSURE},
        {"{\"name\": \"\\ud83d\", \"arguments\": {}}", LC_CALL_UNSURE},
        {"{\"name\": \"\xED\xA0\xBD\", \"arguments\": {}}", LC_CALL_UNSURE},
        {"", LC_CALL_ABSENT},
        {"f(1)", LC_CALL_ABSENT},
        {"null", LC_CALL_ABSENT},
        {"\"name\"", LC_CALL_ABSENT},
        {"{\"name\": \"f\"}", LC_CALL_ABSENT},
        {"{\"arguments\": {}}", LC_CALL_ABSENT},
        {"{\"name\": \"f\", \"arguments\": {}", LC_CALL_ABSENT},
        {GOOD " now", LC_CALL_ABSENT},
        {GOOD "\xC2\xA0", LC_CALL_ABSENT},
        {"[" GOOD "]", LC_CALL_LIST},
        {"[" GOOD ", 1]", LC_CALL_ABSENT},
        {"[{}]", LC_CALL_ABSENT},
        {"[]", LC_CALL_LOSSY},
        {"[{\"name\": 1, \"arguments\": 2, \"id\": 3}]", LC_CALL_LOSSY},
        {"{\"name\": \"f\", \"arguments\": null}", LC_CALL_ARGUMENTS},
        {"{\"name\": \"f\", \"arguments\": \"x\"}", LC_CALL_ARGUMENTS},
        {"{\"name\": \"f\", \"arguments\": \" null\"}", LC_CALL_ARGUMENTS},
        {"{\"name\": \"f\", \"arguments\": \"None\"}", LC_CALL_ARGUMENTS},
        {"{\"name\": \"f\", \"arguments\": null, \"id\": 1}", LC_CALL_LOSSY},
        {"{\"name\": \"f\", \"arguments\": null, \"parameters\": {}}", LC_CALL_UNSURE},
        {"{\"name\": \"f\", \"arguments\": {}, \"parameters\": {}}", LC_CALL_MEMBERS},
        {"{\"name\": \"f\", \"name\": \"g\", \"arguments\": {}}", LC_CALL_MEMBERS},
        {"{\"name\": \"f\", \"parameters\": {}}", LC_CALL_PARAMETERS},
        {"{\"name\": \"f\", \"parameters\": null}", LC_CALL_ABSENT},
        {"{'name': 'f', 'arguments': {}}", LC_CALL_QUOTES},
        {"{'name': 'f', 'arguments': {}, }", LC_CALL_QUOTES},
        {"{'name': 'f', 'arguments': None}", LC_CALL_ABSENT},
        {"{'name': 'f', 'arguments': 'x'}", LC_CALL_ABSENT},
        {"{'name': 'f', 'arguments': '[]'}", LC_CALL_QUOTES},
        {"{'name': 'f', 'arguments': '[\\n]'}", LC_CALL_UNSURE},
        {"{'name': 'f', 'arguments': None, 'parameters': 1}", LC_CALL_DICT},
        {"{'name': 'f', 'arguments': 1, 'id': 2}", LC_CALL_DICT},
        {"{\"name\": \"f\", \"arguments\": {\"a\": \"b\tc\"}}", LC_CALL_QUOTES},
        {"{\"name\": \"f\", \"arguments\": {\"a\": true,}}", LC_CALL_ABSENT},
        {"{'name'}", LC_CALL_ABSENT},
        {"{'name': 1}, {'name': 2}", LC_CALL_ABSENT},
        {"<tool_call>" GOOD "</tool_call>\n", LC_CALL_TAGGED},
        {"I call <tool_call>\n[" GOOD "]\n</tool_call>", LC_CALL_TAGGED},
        {"<tool_call>" GOOD "</tool_call> now", LC_CALL_LOSSY},
        {"<tool_call>" GOOD "</tool_call><tool_call>x</tool_call>", LC_CALL_LOSSY},
        {"<tool_call>[]</tool_call>", LC_CALL_LOSSY},
        {"<tool_call>x</tool_call>", LC_CALL_ABSENT},
        {"<tool_call>{\"name\": 1, \"parameters\": 2}</tool_call>", LC_CALL_ABSENT},
        {"<tool_call>" GOOD, LC_CALL_ABSENT},
        {"</tool_call>" GOOD "<tool_call>", LC_CALL_ABSENT},
        {"{\"name\": \"<tool_call></tool_call>\", \"arguments\": 1}", LC_CALL_UNSURE},
        {"<think>\nx\n</think>\n\n" GOOD, LC_CALL_TAGGED},
        {"<think>\n\n</think>\n\n" GOOD, LC_CALL_TAGGED},
        {GOOD "<think>\nx\n</think>\n\n", LC_CALL_LOSSY},
        {"<think>\nx\n</think>\n" GOOD, LC_CALL_ABSENT},
        {"<think>\n</think>\n\n" GOOD, LC_CALL_ABSENT},
        {"<think>\nx\n</think>\n\n", LC_CALL_ABSENT},
        {"[<think>\nx\n</think>\n\n]", LC_CALL_UNSURE},
        {"<think>\nx\n</think>\n\n<think>\nx\n</think>\n\n" GOOD, LC_CALL_UNSURE},
    };
    struct lc_json_parser *parser = NULL;
    struct lc_error err = {0};

    (void)state;
    assert_int_equal(lc_json_parser_new(&parser, &err), LC_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        /* exact memory: a sanitizer sees what is read beyond it */
        size_t size = strlen(cases[i].text);
        char *copy = malloc(size ? size : 1);
        enum lc_call_form form = LC_CALL_UNREAD;

        assert_non_null(copy);
        memcpy(copy, cases[i].text, size);
        assert_int_equal(lc_call_read(parser, (struct lc_span){copy, size}, &form, &err),
                         LC_OK);
        if (form != cases[i].form)
            fail_msg("%s: %d, wanted %d", cases[i].text, form, cases[i].form);
        free(copy);
    }
    lc_json_parser_free(parser);
}

static void literals(void **state)
{
    static const struct {
        const char *text;
        enum lc_literal result;
        enum lc_literal_kind kind;
    } cases[] = {
        {"'a'", LC_LITERAL_YES, LC_LITERAL_TEXT},
        {" \"it's\" ", LC_LITERAL_YES, LC_LITERAL_TEXT},
        {"'a' \"b\"", LC_LITERAL_YES, LC_LITERAL_ESCAPED},
        {"'\\x41\\u00e9\\d\\\n'", LC_LITERAL_YES, LC_LITERAL_ESCAPED},
        {"''", LC_LITERAL_YES, LC_LITERAL_TEXT},
        {"None", LC_LITERAL_YES, LC_LITERAL_NONE},
        {"[1, -2.5e+3, .5]", LC_LITERAL_UNSURE, LC_LITERAL_OTHER},
        {"[1, - 2.5e+3, 0, 00, 1., 01.5, True,]", LC_LITERAL_YES, LC_LITERAL_OTHER},
        {"{1: {}, None: [[]]}", LC_LITERAL_YES, LC_LITERAL_DICT},
        {"", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"'a", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"'a\n'", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"'\\x4'", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"'\\u00g0'", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"'\\", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"'a' b", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"'a' bc'd'", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"'a' b'd'", LC_LITERAL_UNSURE, LC_LITERAL_MISSING},
        {"007", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"1 - 2", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"1 - 2j", LC_LITERAL_UNSURE, LC_LITERAL_MISSING},
        {"1_000", LC_LITERAL_UNSURE, LC_LITERAL_MISSING},
        {"5 km", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"-x", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"true", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"set()", LC_LITERAL_UNSURE, LC_LITERAL_MISSING},
        {"u'a'", LC_LITERAL_UNSURE, LC_LITERAL_MISSING},
        {"'''a'''", LC_LITERAL_UNSURE, LC_LITERAL_MISSING},
        {"(1, 2)", LC_LITERAL_UNSURE, LC_LITERAL_MISSING},
        {"1, 2", LC_LITERAL_UNSURE, LC_LITERAL_MISSING},
        {"{1}", LC_LITERAL_UNSURE, LC_LITERAL_MISSING},
        {"{[]: 1}", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"{**{}}", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"[1 2]", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"[1,,2]", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"[,]", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"[1}", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"[1", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"]", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"{'a': 1 # b\n}", LC_LITERAL_UNSURE, LC_LITERAL_MISSING},
        {"{'a': \\\n1}", LC_LITERAL_UNSURE, LC_LITERAL_MISSING},
        {"{'a': \\1}", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"\n{}", LC_LITERAL_UNSURE, LC_LITERAL_MISSING},
        {"\nfoo", LC_LITERAL_NO, LC_LITERAL_MISSING},
        {"\xEF\xBB\xBF{}", LC_LITERAL_UNSURE, LC_LITERAL_MISSING},
        {NESTED_72, LC_LITERAL_UNSURE, LC_LITERAL_MISSING},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lc_literal_facts facts;
        size_t size = strlen(cases[i].text);
        char *copy = malloc(size ? size : 1);
        enum lc_literal result;

        assert_non_null(copy);
        memcpy(copy, cases[i].text, size);
        result = lc_literal_read((struct lc_span){copy, size}, &facts);
        if (result != cases[i].result ||
            (cases[i].kind && facts.whole.kind != cases[i].kind))
            fail_msg("%s: %d of kind %d", cases[i].text, result, facts.whole.kind);
        free(copy);
    }
}

static void tools(void **state)
{
    static const struct {
        const char *json;
        enum lc_tools_form form;
    } cases[] = {
        {"null", LC_TOOLS_NONE},
        {"false", LC_TOOLS_NONE},
        {"0", LC_TOOLS_NONE},
        {"\"\"", LC_TOOLS_NONE},
        {"[]", LC_TOOLS_NONE},
        {"{}", LC_TOOLS_NONE},
        {"\"[{}]\"", LC_TOOLS_SOUND},
        {"\"[ ]\"", LC_TOOLS_EMPTY},
        {"\"{}\"", LC_TOOLS_EMPTY},
        {"\"{\\\"name\\\": 1}\"", LC_TOOLS_OTHER},
        {"\"{'name': 1}\"", LC_TOOLS_OTHER},
        {"[{}, \"{}\"]", LC_TOOLS_OTHER},
        {"[{}, \"[]\"]", LC_TOOLS_UNREAD},
        {"[{}, \"f\"]", LC_TOOLS_UNREAD},
        {"[null]", LC_TOOLS_UNREAD},
        {"7", LC_TOOLS_UNREAD},
        {"-0.0", LC_TOOLS_NONE},
        {"0.5", LC_TOOLS_UNREAD},
        {"true", LC_TOOLS_UNREAD},
        {"{\"name\": 1}", LC_TOOLS_UNREAD},
        {"\" \"", LC_TOOLS_UNREAD},
        {"\"f(a)\"", LC_TOOLS_UNREAD},
        {"\"null\"", LC_TOOLS_UNREAD},
        {"\"[1]\"", LC_TOOLS_UNREAD},
        {"\"[{'name': 1}]\"", LC_TOOLS_UNSURE},
        {"\"[{\\\"a\\\": \\\"\\\\ud83d\\\"}]\"", LC_TOOLS_UNSURE},
    };
    struct lc_json_parser *parser = NULL, *inner = NULL;
    struct lc_error err = {0};

    (void)state;
    assert_int_equal(lc_json_parser_new(&parser, &err), LC_OK);
    assert_int_equal(lc_json_parser_new(&inner, &err), LC_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lc_json_problem problem;
        struct lc_json_doc doc;
        enum lc_tools_form form = LC_TOOLS_NONE;

        assert_int_equal(lc_json_parse_exact(parser, cases[i].json, strlen(cases[i].json),
                                             true, &doc, &problem, &err),
                         LC_OK);
        assert_int_equal(problem.fault, LC_JSON_FINE);
        assert_int_equal(lc_tools_read(inner, &doc, LC_JSON_ROOT, &form, &err), LC_OK);
        if (form != cases[i].form)
            fail_msg("%s: %d, wanted %d", cases[i].json, form, cases[i].form);
    }
    lc_json_parser_free(inner);
    lc_json_parser_free(parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls),
        cmocka_unit_test(literals),
        cmocka_unit_test(tools),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

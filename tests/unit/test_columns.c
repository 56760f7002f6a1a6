/* test_columns.c - src/dataset/columns: which values have a new type for their column,
 * over several rows; and too many columns */
#include "unit.h"

#include "dataset/columns.h"
#include "json/json.h"
#include "scan/rows/types.h"

static struct lc_json_parser *parser;
static struct lc_columns columns;
static struct lc_column_values values;

static int make_parser(void **state)
{
    (void)state;
    return lc_json_parser_new(&parser, NULL) != LC_OK;
}

static int free_parser(void **state)
{
    (void)state;
    lc_column_values_clear(&values);
    lc_json_parser_free(parser);
    return 0;
}

/* Add a row; its new values replace those of the row before. */
static void add_row(const char *text)
{
    size_t size = strlen(text);
    char *copy = grab(size + LC_JSON_PADDING);
    struct lc_json_problem problem;
    struct lc_json_doc doc;

    memcpy(copy, text, size);
    memset(copy + size, ' ', LC_JSON_PADDING);
    assert_int_equal(lc_json_parse(parser, copy, size, &doc, &problem, NULL), LC_OK);
    assert_int_equal(problem.fault, LC_JSON_FINE);
    lc_column_values_reset(&values);
    assert_int_equal(lc_columns_add_row(&columns, &doc, &values, NULL), LC_OK);
    free(copy);
}

/* List the new values as "name=TYPE@offset ", where TYPE is a letter. */
static const char *list_values(void)
{
    static const char letters[] = {
        [LC_VALUE_NUMBER] = 'n', [LC_VALUE_STRING] = 's', [LC_VALUE_BOOLEAN] = 'b',
        [LC_VALUE_LIST] = 'l',   [LC_VALUE_OBJECT] = 'o', [LC_VALUE_NULL] = '0',
        [LC_VALUE_DEEP] = 'd',   [LC_VALUE_NULLS] = '2',
    };
    static char text[512];
    size_t at = 0;

    text[0] = '\0';
    for (size_t i = 0; i < values.count; i++) {
        const struct lc_column_value *value = &values.items[i];

        at += (size_t)snprintf(text + at, sizeof(text) - at, "%.*s=%c@%u ",
                               (int)value->name_size, values.text.data + value->name,
                               letters[value->type], value->at);
        assert_true(at < sizeof(text));
    }
    return text;
}

static void rows_of_a_file(void **state)
{
    static const struct {
        const char *row, *values;
    } cases[] = {
        {"{}", ""},
        {"{\"a\": null}", "a=0@6 "},
        {"{\"a\": null}", ""},
        {"{\"a\": 1, \"b\": \"x\"}", "a=n@6 b=s@14 "},
        {"{\"b\": \"y\", \"a\": -2.5}", ""},
        {"{\"a\": 123456789012345678901234567890}", ""},
        {"{\"a\": true}", "a=b@6 "},
        {"{\"a\": false, \"c\": []}", "c=l@18 "},
        {"{\"c\": [null, 7, \"x\", 8]}", "c[]=2@7 c[]=n@13 c[]=s@16 "},
        {"{\"c\": [[1], {\"d\": {\"e\": 1}}]}",
         "c[]=l@7 c[][]=n@8 c[]=o@12 c[].d=o@18 c[].d.e=n@24 "},
        {"{\"c\": [{\"d\": {\"e\": \"1\"}}]}", "c[].d.e=s@19 "},
        {"{\"d\": {\"e\": {}}, \"e\": 1}", "d=o@6 d.e=o@12 e=n@22 "},
        {"{\"\": 1}", "=n@5 "},
    };
    EXPECT_CASES(cases, 13);

    (void)state;
    columns = (struct lc_columns){0};
    for (size_t i = 0; i < COUNT(cases); i++) {
        add_row(cases[i].row);
        if (strcmp(list_values(), cases[i].values) != 0)
            fail_msg("%s: %s", cases[i].row, list_values());
    }
}

/* A full table starts over: nothing new is missed, but old values may be listed again. */
static void too_many_columns(void **state)
{
    char row[64];

    (void)state;
    columns = (struct lc_columns){0};
    for (int i = 0; i < 2 * LC_COLUMNS_MAX; i++) {
        snprintf(row, sizeof(row), "{\"k%d\": 1}", i);
        add_row(row);
        assert_int_equal(values.count, 1);
        assert_true(columns.count <= LC_COLUMNS_MAX);
    }
    add_row("{\"k1999\": 2}");
    assert_int_equal(values.count, 0);
    add_row("{\"k0\": 2}");
    assert_int_equal(values.count, 1);
    columns = (struct lc_columns){0};
    for (uint64_t name = 0; name < LC_COLUMNS_MAX; name++)
        assert_int_equal(lc_columns_find(&columns, name << 11), name);
    assert_int_equal(lc_columns_find(&columns, 1), LC_COLUMNS_MAX);
    assert_int_equal(lc_columns_find(&columns, UINT64_C(999) << 11), 999);
}

/* Values nested deeper than Arrow allows are ignored; long names are cut. */
static void depth_and_names(void **state)
{
    size_t size = 5000;
    char *row = grab(size), *at = row;

    (void)state;
    columns = (struct lc_columns){0};
    for (int i = 0; i < 200; i++)
        at += sprintf(at, "{\"k\":");
    at += sprintf(at, "1");
    for (int i = 0; i < 200; i++)
        at += sprintf(at, "}");
    add_row(row);
    assert_int_equal(values.count, LC_COLUMNS_DEPTH + 1);
    assert_int_equal(values.items[LC_COLUMNS_DEPTH].type, LC_VALUE_DEEP);
    assert_true(values.items[0].of_row && !values.items[1].of_row);
    memset(row, 'x', size);
    memcpy(row, "{\"", 2);
    snprintf(row + 4000, 32, "\": [\"b\"]}");
    add_row(row);
    assert_int_equal(values.count, 2);
    assert_in_range(values.items[1].name_size, 1, 2048);
    free(row);
}

static void shapes(void **state)
{
    (void)state;
    columns = (struct lc_columns){0};
    assert_true(lc_columns_is_new_shape(&columns, 7));
    assert_false(lc_columns_is_new_shape(&columns, 7));
    assert_true(lc_columns_is_new_shape(&columns, UINT64_C(7) << 56));
    assert_false(lc_columns_is_new_shape(&columns, 7));
    assert_true(lc_columns_is_new_shape(&columns, 8));
    assert_true(lc_columns_is_new_shape(&columns, 7));
}

/* In a column that is not kept because there are too many, nothing is odd: neither its
 * first value, nor one of another type. */
static void too_many_columns_for_types(void **state)
{
    const struct lc_piece piece = {.row = 7};
    struct lc_column_facts facts = {.oddity = LC_COLUMN_DEEP, .type = LC_VALUE_DEEP};
    struct lc_span name = {"name", 4};
    struct lc_types *types;
    struct lc_place place;

    (void)state;
    assert_int_equal(lc_types_new(&types, NULL), LC_OK);
    for (uint64_t i = 0; i < LC_COLUMNS_MAX + 2; i++) {
        struct lc_column_value value = {.column = i * 0x9E3779B97F4A7C15 + 1,
                                        .type = LC_VALUE_NUMBER};

        assert_false(lc_types_add(types, &value, name, NULL, &piece, "", &facts, &place));
        if (i != 0 && i < LC_COLUMNS_MAX)
            continue;
        value.type =
            LC_VALUE_STRING; /* the first column is kept, the last ones are not */
        assert_int_equal(
            lc_types_add(types, &value, name, NULL, &piece, "", &facts, &place), i == 0);
        assert_int_equal(facts.oddity, LC_COLUMN_MIXED); /* still the first one's */
        value.type = LC_VALUE_NULLS;
        assert_false(lc_types_add(types, &value, name, NULL, &piece, "", &facts, &place));
    }
    lc_types_free(types);
}

/* Only the first list that begins with null is odd, but each registers its column: the
 * next type counts as the column's first. */
static void lists_that_begin_with_null(void **state)
{
    const struct lc_piece piece = {.row = 7};
    struct lc_column_facts facts = {.oddity = LC_COLUMN_DEEP};
    struct lc_span name = {"name", 4};
    struct lc_types *types;
    struct lc_place place;

    (void)state;
    assert_int_equal(lc_types_new(&types, NULL), LC_OK);
    for (uint64_t i = 0; i < 3; i++) {
        struct lc_column_value value = {.column = i + 1, .type = LC_VALUE_NULLS};

        assert_int_equal(
            lc_types_add(types, &value, name, NULL, &piece, "", &facts, &place), i == 0);
        assert_int_equal(facts.oddity, LC_COLUMN_NULLS);
        value.type = LC_VALUE_STRING;
        assert_false(lc_types_add(types, &value, name, NULL, &piece, "", &facts, &place));
    }
    lc_types_free(types);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_a_file),
        cmocka_unit_test(too_many_columns),
        cmocka_unit_test(too_many_columns_for_types),
        cmocka_unit_test(lists_that_begin_with_null),
        cmocka_unit_test(depth_and_names),
        cmocka_unit_test(shapes),
    };

    return cmocka_run_group_tests(tests, make_parser, free_parser);
}

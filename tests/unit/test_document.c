/* test_document.c - src/dataset/document: JSON and YAML as one tree */
#include "unit.h"

#include "dataset/document.h"

#include <stdio.h>
#include <unistd.h>

static char path[64];

static void write_text(const char *suffix, const char *text, size_t size)
{
    FILE *file;

    snprintf(path, sizeof(path), "/tmp/lc-document-%ld%s", (long)getpid(), suffix);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static struct lc_document read_text(const char *suffix, const char *text)
{
    struct lc_document document;

    write_text(suffix, text, strlen(text));
    assert_int_equal(lc_document_read(path, &document, NULL), LC_OK);
    unlink(path);
    return document;
}

static void both_forms_are_the_same(void **state)
{
    static const char *const texts[][2] = {
        {".json", "{\"a\": \"x\",\n \"m\": -1.5e3, \"b\": true,\n \"z\": null,"
                  " \"l\": [\"p\", {\"q\": \"\\u00e9\\n\"}, []], \"a\": \"last\"}"},
        {".yaml", "a: x\nm: -1.5e3\nb: true\nz: null\nl: [p, {q: \"\\u00e9\\n\"}, []]\n"
                  "a: last\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct lc_document document = read_text(texts[i][0], texts[i][1]);
        const struct lc_node *root = lc_document_root(&document), *list, *map;

        assert_int_equal(root->kind, LC_NODE_MAP);
        assert_int_equal(root->count, 12);
        assert_string_equal(lc_document_text(&document, root, "a"), "last");
        assert_int_equal(lc_document_member(&document, root, "m")->kind, LC_NODE_NUMBER);
        assert_string_equal(lc_document_member(&document, root, "m")->text, "-1.5e3");
        assert_null(lc_document_text(&document, root, "m"));
        assert_int_equal(lc_document_member(&document, root, "b")->kind, LC_NODE_BOOL);
        assert_int_equal(lc_document_member(&document, root, "z")->kind, LC_NODE_NULL);
        assert_null(lc_document_member(&document, root, "none"));
        list = lc_document_member(&document, root, "l");
        assert_int_equal(list->kind, LC_NODE_LIST);
        assert_int_equal(list->count, 3);
        assert_string_equal(lc_node_string(&document.nodes[list->items[0]]), "p");
        map = &document.nodes[list->items[1]];
        assert_string_equal(lc_document_text(&document, map, "q"), "\xc3\xa9\n");
        assert_int_equal(document.nodes[list->items[2]].count, 0);
        assert_null(lc_document_member(&document, list, "q"));
        lc_document_clear(&document);
        lc_document_clear(&document);
    }
}

static void lines_are_those_of_values(void **state)
{
    struct lc_document document = read_text(".json", "[\n1,\n\n\"a\\nb\", {\"k\":\n2}]");
    const struct lc_node *root = lc_document_root(&document), *map;

    (void)state;
    assert_int_equal(root->line, 1);
    assert_int_equal(document.nodes[root->items[0]].line, 2);
    assert_int_equal(document.nodes[root->items[1]].line, 4);
    map = &document.nodes[root->items[2]];
    assert_int_equal(map->line, 4);
    assert_int_equal(lc_document_member(&document, map, "k")->line, 5);
    lc_document_clear(&document);
}

static void what_has_no_counterpart_is_other(void **state)
{
    struct lc_document json = read_text(".json", "[\"a\\u0000b\"]");
    struct lc_document yaml = read_text(".yaml", "- \"a\\0b\"\n- !x y\n- <<: a\n");
    const struct lc_node *root = lc_document_root(&yaml);

    (void)state;
    assert_int_equal(json.nodes[lc_document_root(&json)->items[0]].kind, LC_NODE_OTHER);
    assert_int_equal(yaml.nodes[root->items[0]].kind, LC_NODE_OTHER);
    assert_int_equal(yaml.nodes[root->items[1]].kind, LC_NODE_OTHER);
    assert_true(lc_document_merges(&yaml, &yaml.nodes[root->items[2]]));
    lc_document_clear(&json);
    lc_document_clear(&yaml);
}

static void refuses(void **state)
{
    static const struct {
        const char *suffix, *text, *message;
    } cases[] = {
        {".json", "{\"a\":\n 1,}", "line 2: invalid JSON: trailing comma before }"},
        {".json", "[1] 2", "line 1: invalid JSON: text after the value"},
        {".json", "", "line 1: invalid JSON: the text ends before the value"},
        {".yaml", "a: [\n", "line 2: invalid YAML: did not find expected node content"},
        {".yaml", "a\n---\nb\n", "line 2: a second YAML document"},
        {".yaml", "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
         "line 1: nested too deep for a mixture"},
    };
    EXPECT_CASES(cases, 6);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lc_document document;
        struct lc_error err = {0};

        write_text(cases[i].suffix, cases[i].text, strlen(cases[i].text));
        assert_int_equal(lc_document_read(path, &document, &err), LC_ERR_USAGE);
        assert_int_equal(strncmp(err.message, cases[i].message, 20), 0);
        unlink(path);
    }
}

/* As many values as the largest allowed text can have. */
static void the_largest_is_read(void **state)
{
    char *text = grab(LC_DOCUMENT_MAX_SIZE + 1);
    struct lc_document document;
    struct lc_error err = {0};

    (void)state;
    memset(text, ',', LC_DOCUMENT_MAX_SIZE + 1);
    for (size_t i = 1; i < LC_DOCUMENT_MAX_SIZE; i += 2)
        text[i] = '1';
    text[0] = '[';
    text[LC_DOCUMENT_MAX_SIZE - 1] = ']';
    text[LC_DOCUMENT_MAX_SIZE - 2] = ' ';
    text[LC_DOCUMENT_MAX_SIZE] = ' ';
    write_text(".json", text, LC_DOCUMENT_MAX_SIZE);
    assert_int_equal(lc_document_read(path, &document, &err), LC_OK);
    assert_int_equal(lc_document_root(&document)->count, LC_DOCUMENT_MAX_SIZE / 2 - 1);
    lc_document_clear(&document);
    write_text(".json", text, LC_DOCUMENT_MAX_SIZE + 1);
    assert_int_equal(lc_document_read(path, &document, &err), LC_ERR_USAGE);
    unlink(path);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms_are_the_same),
        cmocka_unit_test(lines_are_those_of_values),
        cmocka_unit_test(what_has_no_counterpart_is_other),
        cmocka_unit_test(refuses),
        cmocka_unit_test(the_largest_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "dataset/document.h"

#include "base/map.h"
#include "base/path.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#define MAX_DEPTH 16 /* 5 are needed; libyaml's time is quadratic in the depth */

/* The memory that the texts and items of nodes point into. */
struct own {
    struct lc_map map;
    yaml_document_t yaml;
    bool has_yaml;
    struct lc_json_parser *parser;
    struct lc_json_doc json;
    size_t *items;
    size_t item_count;
    char *texts;
    size_t text_size;
    size_t line; /* JSON: the line at an offset */
    uint32_t line_offset;
};

/* ---- YAML ---- */

/* The kind of a plain scalar that is not a string in YAML 1.1. If in doubt, a scalar that
 * is neither a path nor a name counts as a number or null. */
static enum lc_node_kind kind_of_plain(const char *text)
{
    static const char *const words[] = {"",     "~",    "null", "=", "<<",
                                        ".inf", ".nan", "y",    "n", NULL};
    static const char *const bools[] = {"true", "false", "yes", "no", "on", "off", NULL};

    for (size_t i = 0; words[i]; i++)
        if (strcasecmp(text, words[i]) == 0)
            return LC_NODE_NULL;
    for (size_t i = 0; bools[i]; i++)
        if (strcasecmp(text, bools[i]) == 0)
            return LC_NODE_BOOL;
    return strspn(text, "0123456789+-_.:eExXabcdefABCDEF") == strlen(text) &&
                   strpbrk(text, "0123456789")
               ? LC_NODE_NUMBER
               : LC_NODE_STRING;
}

static void read_scalar(const yaml_node_t *from, struct lc_node *to)
{
    const char *text = (const char *)from->data.scalar.value;

    to->kind = LC_NODE_OTHER;
    if (strcmp((const char *)from->tag, YAML_STR_TAG) != 0 ||
        strlen(text) != from->data.scalar.length)
        return;
    to->kind = LC_NODE_STRING;
    if (from->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        to->kind = kind_of_plain(text);
    to->text = text;
}

static void read_collection(struct own *own, const yaml_node_t *from, struct lc_node *to)
{
    to->items = own->items + own->item_count;
    if (from->type == YAML_SEQUENCE_NODE) {
        to->kind = LC_NODE_LIST;
        for (yaml_node_item_t *item = from->data.sequence.items.start;
             item < from->data.sequence.items.top; item++)
            own->items[own->item_count++] = (size_t)*item - 1;
    } else {
        to->kind = LC_NODE_MAP;
        for (yaml_node_pair_t *pair = from->data.mapping.pairs.start;
             pair < from->data.mapping.pairs.top; pair++) {
            own->items[own->item_count++] = (size_t)pair->key - 1;
            own->items[own->item_count++] = (size_t)pair->value - 1;
        }
    }
    to->count = (size_t)(own->items + own->item_count - to->items);
}

static size_t count_items(const yaml_node_t *node)
{
    if (node->type == YAML_SEQUENCE_NODE)
        return (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    if (node->type == YAML_MAPPING_NODE)
        return 2 *
               (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
    return 0;
}

/* Copy the nodes of a YAML document. They keep libyaml's numbers, so an alias needs no
 * extra work. */
static enum lc_status copy_yaml(struct lc_document *document, struct lc_error *err)
{
    struct own *own = document->own;
    const yaml_node_t *first = own->yaml.nodes.start;
    size_t count = (size_t)(own->yaml.nodes.top - first), items = 0;

    for (size_t i = 0; i < count; i++)
        items += count_items(&first[i]);
    document->nodes = calloc(count + 1, sizeof(*document->nodes));
    own->items = calloc(items + 1, sizeof(*own->items));
    if (!document->nodes || !own->items)
        return lc_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        struct lc_node *node = &document->nodes[i];

        node->line = first[i].start_mark.line + 1;
        if (first[i].type == YAML_SCALAR_NODE)
            read_scalar(&first[i], node);
        else
            read_collection(own, &first[i], node);
    }
    document->count = count;
    return LC_OK;
}

/* Report the parser's problem and its line; libyaml's reader has only an offset. */
static enum lc_status refuse_yaml(const struct own *own, const yaml_parser_t *parser,
                                  struct lc_error *err)
{
    size_t line = parser->problem_mark.line + 1;

    if (!parser->problem) /* libyaml sets it for every problem with the text */
        return lc_fail_memory(err);
    if (parser->error == YAML_READER_ERROR)
        for (size_t i = 0, end = parser->problem_offset; i < end && i < own->map.size;
             i++)
            line += own->map.data[i] == '\n';
    return lc_fail(err, LC_ERR_USAGE, 0, "line %zu: invalid YAML: %s", line,
                   parser->problem);
}

/* Before loading the document, check its nesting depth, and that there is only one. */
static enum lc_status check_events(struct own *own, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    size_t depth = 0, documents = 0;
    yaml_parser_t parser;
    bool end = false;

    if (!yaml_parser_initialize(&parser))
        return lc_fail_memory(err);
    yaml_parser_set_input_string(&parser, (const unsigned char *)own->map.data,
                                 own->map.size);
    while (!end && status == LC_OK) {
        yaml_event_t event;

        if (!yaml_parser_parse(&parser, &event)) {
            status = refuse_yaml(own, &parser, err);
            break;
        }
        documents += event.type == YAML_DOCUMENT_START_EVENT;
        depth += event.type == YAML_MAPPING_START_EVENT ||
                 event.type == YAML_SEQUENCE_START_EVENT;
        depth -=
            event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT;
        if (depth > MAX_DEPTH || documents > 1)
            status =
                lc_fail(err, LC_ERR_USAGE, 0, "line %zu: %s", event.start_mark.line + 1,
                        documents > 1 ? "a second YAML document"
                                      : "nested too deep for a mixture");
        end = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return status;
}

static enum lc_status load_yaml(struct lc_document *document, struct lc_error *err)
{
    struct own *own = document->own;
    yaml_parser_t parser;
    enum lc_status status = check_events(own, err);

    if (status != LC_OK)
        return status;
    if (!yaml_parser_initialize(&parser))
        return lc_fail_memory(err);
    yaml_parser_set_input_string(&parser, (const unsigned char *)own->map.data,
                                 own->map.size);
    own->has_yaml = yaml_parser_load(&parser, &own->yaml);
    if (!own->has_yaml)
        status = refuse_yaml(own, &parser, err);
    yaml_parser_delete(&parser);
    return status == LC_OK ? copy_yaml(document, err) : status;
}

/* ---- JSON ---- */

/* The line of a value; must be called with increasing offsets. */
static size_t line_of(struct own *own, uint32_t at)
{
    uint32_t offset = lc_json_offset(&own->json, at);

    for (; own->line_offset < offset; own->line_offset++)
        own->line += own->map.data[own->line_offset] == '\n';
    return own->line;
}

/* Copy a string, with NUL at the end; NULL if it contains a NUL. */
static const char *copy_text(struct own *own, struct lc_span text)
{
    char *copy = own->texts + own->text_size;

    if (memchr(text.text, '\0', text.size))
        return NULL;
    memcpy(copy, text.text, text.size);
    copy[text.size] = '\0';
    own->text_size += text.size + 1;
    return copy;
}

static void read_json_scalar(struct own *own, uint32_t at, struct lc_node *node)
{
    uint32_t offset = lc_json_offset(&own->json, at);
    const char *text = own->map.data + offset;
    struct lc_span number = {text, strspn(text, "+-0123456789.eE")};

    switch (lc_json_type(&own->json, at)) {
    case LC_JSON_STRING:
        node->text = copy_text(own, lc_json_string(&own->json, at));
        node->kind = node->text ? LC_NODE_STRING : LC_NODE_OTHER;
        break;
    case LC_JSON_TRUE:
    case LC_JSON_FALSE:
        node->kind = LC_NODE_BOOL;
        node->text = lc_json_type(&own->json, at) == LC_JSON_TRUE ? "true" : "false";
        break;
    case LC_JSON_NULL:
        node->kind = LC_NODE_NULL;
        break;
    default:
        node->kind = LC_NODE_NUMBER;
        node->text = copy_text(own, number);
    }
}

/* Copy a value and those in it, nested at most LC_JSON_MAX_DEPTH deep. Returns its
 * number. */
static size_t copy_value(struct lc_document *document, uint32_t at);

/* Copy the children of a container. Their numbers are reserved first, so that they are
 * consecutive although each copied child takes more numbers for its own children. */
static void copy_children(struct lc_document *document, uint32_t at, struct lc_node *node)
{
    struct own *own = document->own;
    uint32_t close = lc_json_close(&own->json, at);
    size_t *items = own->items + own->item_count, count = 0;

    for (uint32_t i = at + 1; i < close; i = lc_json_next(&own->json, i))
        count++;
    own->item_count += count;
    node->items = items;
    node->count = count;
    for (uint32_t i = at + 1; i < close; i = lc_json_next(&own->json, i))
        *items++ = copy_value(document, i);
}

static size_t copy_value(struct lc_document *document,
                         uint32_t at) /* NOLINT(misc-no-recursion) */
{
    struct own *own = document->own;
    size_t number = document->count++;
    struct lc_node *node = &document->nodes[number];
    enum lc_json_type type = lc_json_type(&own->json, at);

    node->line = line_of(own, at);
    if (type == LC_JSON_ARRAY || type == LC_JSON_OBJECT) {
        node->kind = type == LC_JSON_ARRAY ? LC_NODE_LIST : LC_NODE_MAP;
        copy_children(document, at, node);
    } else {
        read_json_scalar(own, at, node);
    }
    return number;
}

/* Copy the JSON document. Every value but the root follows a comma, a colon or an opening
 * bracket, so counting these gives enough nodes; a string has two quotes, so its copy
 * with a NUL fits. */
static enum lc_status copy_json(struct lc_document *document, struct lc_error *err)
{
    struct own *own = document->own;
    size_t values = 0;

    for (size_t i = 0; i < own->map.size; i++)
        values += own->map.data[i] && strchr(",:[{", own->map.data[i]);
    values++; /* the root */
    document->nodes = calloc(values, sizeof(*document->nodes));
    own->items = calloc(values, sizeof(*own->items));
    own->texts = malloc(own->map.size + values);
    if (!document->nodes || !own->items || !own->texts)
        return lc_fail_memory(err);
    (void)copy_value(document, LC_JSON_ROOT);
    return LC_OK;
}

static enum lc_status load_json(struct lc_document *document, struct lc_error *err)
{
    struct own *own = document->own;
    struct lc_json_problem problem;
    size_t line = 1;
    enum lc_status status = lc_json_parser_new(&own->parser, err);

    if (status == LC_OK)
        status = lc_json_parse_exact(own->parser, own->map.data, own->map.size, true,
                                     &own->json, &problem, err);
    if (status != LC_OK)
        return status;
    own->line = 1;
    if (problem.fault == LC_JSON_FINE)
        return copy_json(document, err);
    for (size_t i = 0; i < problem.offset && i < own->map.size; i++)
        line += own->map.data[i] == '\n';
    return lc_fail(err, LC_ERR_USAGE, 0, "line %zu: invalid JSON: %s", line,
                   problem.message);
}

/* ---- both ---- */

bool lc_document_is_yaml(const char *path)
{
    return lc_path_ends(path, ".yaml") || lc_path_ends(path, ".yml");
}

enum lc_status lc_document_read(const char *path, struct lc_document *out,
                                struct lc_error *err)
{
    struct own *own = calloc(1, sizeof(*own));
    enum lc_status status;

    *out = (struct lc_document){.own = own};
    if (!own)
        return lc_fail_memory(err);
    status = lc_map_open(path, &own->map, err);
    if (status == LC_OK && own->map.size > LC_DOCUMENT_MAX_SIZE)
        status = lc_fail(err, LC_ERR_USAGE, 0,
                         "line 1: larger than 1 MiB, which is too large for a mixture");
    if (status == LC_OK)
        status = lc_document_is_yaml(path) ? load_yaml(out, err) : load_json(out, err);
    if (status != LC_OK)
        lc_document_clear(out);
    return status;
}

void lc_document_clear(struct lc_document *document)
{
    struct own *own = document ? document->own : NULL;

    if (!own)
        return;
    if (own->has_yaml)
        yaml_document_delete(&own->yaml);
    lc_json_parser_free(own->parser);
    lc_map_close(&own->map);
    free(own->items);
    free(own->texts);
    free(own);
    free(document->nodes);
    *document = (struct lc_document){0};
}

const struct lc_node *lc_document_root(const struct lc_document *document)
{
    return document->count ? document->nodes : NULL;
}

const char *lc_node_string(const struct lc_node *node)
{
    return node && node->kind == LC_NODE_STRING ? node->text : NULL;
}

const struct lc_node *lc_document_member(const struct lc_document *document,
                                         const struct lc_node *map, const char *key)
{
    const struct lc_node *found = NULL;

    if (!map || map->kind != LC_NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->count; i += 2) {
        const char *name = lc_node_string(&document->nodes[map->items[i]]);

        if (name && strcmp(name, key) == 0)
            found = &document->nodes[map->items[i + 1]];
    }
    return found;
}

const char *lc_document_text(const struct lc_document *document,
                             const struct lc_node *map, const char *key)
{
    return lc_node_string(lc_document_member(document, map, key));
}

bool lc_document_merges(const struct lc_document *document, const struct lc_node *map)
{
    for (size_t i = 0; i < map->count; i += 2) {
        const struct lc_node *key = &document->nodes[map->items[i]];

        if (key->kind == LC_NODE_NULL && key->text && strcmp(key->text, "<<") == 0)
            return true;
    }
    return false;
}

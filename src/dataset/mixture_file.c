/* LLaVA-NeXT's mixtures: datasets: [{json_path: …, sampling_strategy: first:1000}, …] */
#include "dataset/files.h"

#include "base/path.h"
#include "dataset/sampling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <yaml.h>

#define MAX_MIXTURE_BYTES ((off_t)1 << 20)
#define MAX_DEPTH 16 /* 2 are needed; libyaml's time is quadratic in the depth */

/* A mixture being read. */
struct mixture {
    const char *path;
    struct lc_buffer text;
    yaml_document_t document;
};

/* Refuse a node of the mixture, with its line. */
static enum lc_status refuse(const yaml_node_t *node, const char *what,
                             struct lc_error *err)
{
    return lc_fail(err, LC_ERR_USAGE, 0, "line %zu: %s",
                   node ? node->start_mark.line + 1 : 1, what);
}

/* Whether YAML 1.1 may read a plain scalar as something other than a string: null, a
 * bool, a number or a date. Errs on the side of true for what is neither a path nor a
 * strategy. */
static bool is_not_string(const char *text)
{
    static const char *const words[] = {"",    "~",    "null", "true", "false",
                                        "yes", "no",   "on",   "off",  "y",
                                        "n",   ".inf", ".nan", "=",    "<<"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return strspn(text, "0123456789+-_.:eExXabcdefABCDEF") == strlen(text) &&
           strpbrk(text, "0123456789");
}

/* A node as text; NULL if it is not a string, or contains a NUL. */
static const char *text_of(const yaml_node_t *node)
{
    const char *text;

    if (!node || node->type != YAML_SCALAR_NODE ||
        strcmp((const char *)node->tag, YAML_STR_TAG) != 0)
        return NULL;
    text = (const char *)node->data.scalar.value;
    if (strlen(text) != node->data.scalar.length)
        return NULL;
    if (node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && is_not_string(text))
        return NULL;
    return text;
}

/* The value of a mapping's key, the last one of duplicates; NULL if missing. */
static yaml_node_t *member(struct mixture *m, const yaml_node_t *mapping, const char *key)
{
    yaml_node_t *found = NULL;

    for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
         pair < mapping->data.mapping.pairs.top; pair++) {
        const char *name = text_of(yaml_document_get_node(&m->document, pair->key));

        if (name && strcmp(name, key) == 0)
            found = yaml_document_get_node(&m->document, pair->value);
    }
    return found;
}

/* Whether a mapping has a merge key, <<. */
static bool has_merge_key(struct mixture *m, const yaml_node_t *mapping)
{
    for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
         pair < mapping->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&m->document, pair->key);

        if (key && key->type == YAML_SCALAR_NODE &&
            strcmp((const char *)key->data.scalar.value, "<<") == 0)
            return true;
    }
    return false;
}

/* Find a json_path: in the mixture's folder, or else in the working folder. */
static enum lc_status locate(const struct mixture *m, const char *json_path, char **out,
                             struct lc_error *err)
{
    enum lc_path_kind beside = LC_PATH_MISSING, here = LC_PATH_MISSING;
    char *folder = NULL;
    enum lc_status status;

    if (json_path[0] == '/')
        return lc_path_join("", json_path, out, err);
    status = lc_path_parent(m->path, &folder, err);
    if (status == LC_OK)
        status = lc_path_join(folder, json_path, out, err);
    free(folder);
    if (status == LC_OK)
        status = lc_path_probe(*out, &beside, err);
    if (status == LC_OK && beside != LC_PATH_FILE)
        status = lc_path_probe(json_path, &here, err);
    if (here != LC_PATH_FILE)
        return status;
    free(*out);
    return lc_path_join("", json_path, out, err);
}

/* Case-sensitive, as in the trainer. */
static bool ends_with(const char *path, const char *suffix)
{
    size_t size = strlen(path), tail = strlen(suffix);

    return size >= tail && strcmp(path + size - tail, suffix) == 0;
}

static enum lc_status add_entry(struct lc_dataset *dataset, struct mixture *m,
                                const yaml_node_t *entry, struct lc_samples *samples,
                                struct lc_error *err)
{
    const yaml_node_t *path_node, *sampling_node;
    const char *json_path, *sampling = "all";
    enum lc_path_kind there = LC_PATH_MISSING;
    struct lc_sampling parsed;
    char *path = NULL;
    enum lc_status status;

    if (!entry || entry->type != YAML_MAPPING_NODE)
        return refuse(entry, "an entry of datasets is not a mapping", err);
    if (has_merge_key(m, entry))
        return refuse(entry, "merge keys (<<) are not supported", err);
    path_node = member(m, entry, "json_path");
    json_path = text_of(path_node);
    if (!json_path)
        return refuse(entry, "an entry of datasets has no json_path", err);
    if (!ends_with(json_path, ".json") && !ends_with(json_path, ".jsonl"))
        return refuse(path_node, "json_path ends with neither .json nor .jsonl", err);
    sampling_node = member(m, entry, "sampling_strategy");
    if (sampling_node)
        sampling = text_of(sampling_node);
    if (!sampling || !lc_sampling_parse(sampling, &parsed))
        return refuse(sampling_node,
                      "sampling_strategy must be all, first:N, end:N or random:N "
                      "(N: a number, or a percentage such as 10%)",
                      err);
    status = locate(m, json_path, &path, err);
    if (status == LC_OK)
        status = lc_path_probe(path, &there, err);
    if (status == LC_OK && there != LC_PATH_FILE)
        status = refuse(path_node, "json_path is missing or not a regular file", err);
    if (status == LC_OK)
        status = lc_files_add(dataset, path, sampling, samples, err);
    free(path);
    return status;
}

static enum lc_status add_entries(struct lc_dataset *dataset, struct mixture *m,
                                  struct lc_samples *samples, struct lc_error *err)
{
    const yaml_node_t *root = yaml_document_get_root_node(&m->document), *list;
    enum lc_status status = LC_OK;

    if (!root || root->type != YAML_MAPPING_NODE)
        return refuse(root, "a mixture must be a mapping with the key datasets", err);
    if (has_merge_key(m, root))
        return refuse(root, "merge keys (<<) are not supported", err);
    list = member(m, root, "datasets");
    if (!list || list->type != YAML_SEQUENCE_NODE)
        return refuse(list ? list : root, "datasets is not a list", err);
    for (yaml_node_item_t *item = list->data.sequence.items.start;
         item < list->data.sequence.items.top && status == LC_OK; item++)
        status = add_entry(dataset, m, yaml_document_get_node(&m->document, *item),
                           samples, err);
    if (status == LC_OK && !dataset->file_count)
        status = refuse(list, "datasets is empty", err);
    return status;
}

/* Report the parser's problem and its line; libyaml's reader gives only an offset. */
static enum lc_status refuse_yaml(const struct mixture *m, const yaml_parser_t *parser,
                                  struct lc_error *err)
{
    size_t line = parser->problem_mark.line + 1;

    if (!parser->problem) /* libyaml sets it for every problem of the text */
        return lc_fail_memory(err);
    if (parser->error == YAML_READER_ERROR)
        for (size_t i = 0, end = parser->problem_offset; i < end && i < m->text.size; i++)
            line += m->text.data[i] == '\n';
    return lc_fail(err, LC_ERR_USAGE, 0, "line %zu: invalid YAML: %s", line,
                   parser->problem);
}

/* Check the nesting depth and that there is one document, before the document is loaded.
 */
static enum lc_status check_events(struct mixture *m, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    size_t depth = 0, documents = 0;
    yaml_parser_t parser;
    bool end = false;

    if (!yaml_parser_initialize(&parser))
        return lc_fail_memory(err);
    yaml_parser_set_input_string(&parser, (const unsigned char *)m->text.data,
                                 m->text.size);
    while (!end && status == LC_OK) {
        yaml_event_t event;

        if (!yaml_parser_parse(&parser, &event)) {
            status = refuse_yaml(m, &parser, err);
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

static enum lc_status load(struct mixture *m, struct lc_error *err)
{
    yaml_parser_t parser;
    enum lc_status status = check_events(m, err);

    if (status != LC_OK)
        return status;
    if (!yaml_parser_initialize(&parser))
        return lc_fail_memory(err);
    yaml_parser_set_input_string(&parser, (const unsigned char *)m->text.data,
                                 m->text.size);
    if (!yaml_parser_load(&parser, &m->document))
        status = refuse_yaml(m, &parser, err);
    yaml_parser_delete(&parser);
    return status;
}

/* Read the whole file: it is small. */
static enum lc_status read_text(struct mixture *m, struct lc_error *err)
{
    FILE *file = fopen(m->path, "re");
    enum lc_status status = LC_OK;
    struct stat st;

    if (!file)
        return lc_fail_errno(err, "open the mixture");
    if (fstat(fileno(file), &st) != 0)
        status = lc_fail_errno(err, "open the mixture");
    else if (st.st_size > MAX_MIXTURE_BYTES)
        status = refuse(NULL, "larger than 1 MiB, which is too large for a mixture", err);
    else
        status = lc_buffer_reserve(&m->text, (size_t)st.st_size + 1, err);
    if (status == LC_OK) {
        m->text.size = fread(m->text.data, 1, (size_t)st.st_size, file);
        if (ferror(file))
            status = lc_fail_errno(err, "read the mixture");
    }
    fclose(file);
    return status;
}

enum lc_status lc_files_add_mixture(struct lc_dataset *dataset, const char *path,
                                    struct lc_samples *samples, struct lc_error *err)
{
    struct mixture m = {.path = path};
    enum lc_status status = read_text(&m, err);

    if (status == LC_OK)
        status = load(&m, err);
    if (status == LC_OK) {
        status = add_entries(dataset, &m, samples, err);
        yaml_document_delete(&m.document);
    }
    lc_buffer_clear(&m.text);
    return status;
}

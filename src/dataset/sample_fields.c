#include "dataset/sample_fields.h"

#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "dataset/document.h"
#include "dataset/rest.h"
#include "dataset/sample_names.h"

#include <string.h>

/* A sample type of Energon: its fields, each between blanks; those before the bar are
 * required. */
struct sample_type {
    const char *name;
    const char *fields;
};

static const struct sample_type types[] = {
    {"Captioning", " image caption |"},
    {"ImageClassification", " image | label label_name "},
    {"Image", " image |"},
    {"Interleaved", " sequence |"},
    {"MultiChoiceVQA", " image context | choices correct_choice_idx "},
    {"OCR", " image text | block_boxes block_classes block_text lines_boxes lines_text "
            "words_boxes words_text chars_boxes chars_text "},
    {"SimilarityInterleaved",
     " images texts | audio video similarity_matrix matched_text_indices "},
    {"Text", " text |"},
    {"VQA", " image context | answers answer_weights "},
    {"VidQA", " video context | answers answer_weights "},
};

/* The state of reading a dataset.yaml. */
struct reading {
    struct lc_document document;
    const struct lc_node *root;
    struct lc_sample_fields *out;
};

/* Note the first thing that is not followed, or the first reason why Energon fails: a
 * text of the file, with words before and after it. */
static enum lc_status note_first(struct lc_buffer *out, const char *before,
                                 const char *text, const char *after,
                                 struct lc_error *err)
{
    char quote[120];

    if (out->size)
        return LC_OK;
    lc_text_quote((struct lc_span){text, strlen(text)}, quote, sizeof(quote));
    return lc_buffer_printf(out, err, "%s%s%s", before, quote, after);
}

static enum lc_status store_text(struct lc_sample_fields *out, struct lc_span text,
                                 size_t *at, struct lc_error *err)
{
    enum lc_status status;

    *at = out->text.size;
    status = text.size ? lc_buffer_add(&out->text, text.text, text.size, err) : LC_OK;
    return status == LC_OK ? lc_buffer_add(&out->text, "", 1, err) : status;
}

/* ---- a field ---- */

/* Add a suffix whose members a field can use. */
static enum lc_status add_part(struct lc_sample_fields *out, struct lc_span part,
                               uint64_t *parts, struct lc_error *err)
{
    uint64_t bit = lc_sample_fields_part(out, part);
    enum lc_status status;

    if (!bit && out->part_count == LC_MOST_PARTS)
        return note_first(&out->unfollowed, "", "field_map", " names too many suffixes",
                          err);
    if (!bit) {
        status = store_text(out, part, &out->parts[out->part_count], err);
        if (status != LC_OK)
            return status;
        bit = UINT64_C(1) << out->part_count++;
    }
    *parts |= bit;
    return LC_OK;
}

/* Add a field with options like "jpg,jpeg" or "json[caption][0]". The part in brackets is
 * not followed, but a member with the suffix must exist. */
static enum lc_status add_field(struct reading *r, const char *name, const char *options,
                                struct lc_error *err)
{
    struct lc_sample_fields *out = r->out;
    struct lc_sample_field *field = &out->fields[out->field_count];
    struct lc_span rest = {options, strlen(options)};
    enum lc_status status;

    if (out->field_count == LC_MOST_FIELDS)
        return note_first(&out->unfollowed, "", "field_map", " names too many fields",
                          err);
    *field = (struct lc_sample_field){0};
    status = store_text(out, (struct lc_span){name, strlen(name)}, &field->name, err);
    if (status == LC_OK)
        status = store_text(out, rest, &field->options, err);
    for (bool more = true; status == LC_OK && more;) {
        const char *comma = memchr(rest.text, ',', rest.size);
        struct lc_span option = {rest.text,
                                 comma ? (size_t)(comma - rest.text) : rest.size};
        const char *bracket = memchr(option.text, '[', option.size);

        more = comma != NULL;
        rest.text += option.size + more;
        rest.size -= option.size + more;
        if (bracket) {
            status = note_first(&out->unfollowed, "the part of a member that ", options,
                                " selects is not checked", err);
            option.size = (size_t)(bracket - option.text);
        } else if (option.size && lc_shard_part(option) == LC_SHARD_OTHER) {
            status = note_first(&out->unfollowed, "members that end with ", options,
                                " are not checked", err);
        }
        if (status == LC_OK)
            status = add_part(out, option, &field->parts, err);
    }
    out->field_count += status == LC_OK;
    return status;
}

/* ---- the type ---- */

/* Whether a type has a field with a name. @param until  the bar, to look only at required
 * fields; or NULL */
static bool has_field(const char *fields, const char *until, const char *name)
{
    size_t size = strlen(name);

    for (const char *at = strstr(fields, name); at; at = strstr(at + 1, name))
        if (at[-1] == ' ' && at[size] == ' ' && (!until || at < until))
            return true;
    return false;
}

/* Check the fields in the map against the sample type. */
static enum lc_status check_type(struct reading *r, const struct sample_type *type,
                                 struct lc_error *err)
{
    struct lc_sample_fields *out = r->out;
    const char *bar = strchr(type->fields, '|');
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < out->field_count && status == LC_OK; i++) {
        const char *name = lc_sample_fields_text(out, out->fields[i].name);

        if (!has_field(type->fields, NULL, name))
            status =
                note_first(&out->misfit, "its sample type has no field ", name, "", err);
    }
    for (const char *at = type->fields + 1; at < bar && status == LC_OK;
         at = strchr(at, ' ') + 1) {
        char name[32] = "";
        bool found = false;

        memcpy(name, at, strcspn(at, " "));
        for (size_t i = 0; i < out->field_count; i++)
            found |= strcmp(lc_sample_fields_text(out, out->fields[i].name), name) == 0;
        if (!found)
            status = note_first(&out->misfit, "its sample type needs the field ", name,
                                "", err);
    }
    return status;
}

/* The sample type of a class, named like "Captioning" followed by a suffix; NULL if it is
 * unknown. */
static const struct sample_type *type_of(const char *module, const char *name,
                                         const char *suffix)
{
    size_t size = name ? strlen(name) : 0, end = strlen(suffix);

    if (!module || !name || strcmp(module, "megatron.energon") != 0 || size < end ||
        strcmp(name + size - end, suffix) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strlen(types[i].name) == size - end &&
            memcmp(types[i].name, name, size - end) == 0)
            return &types[i];
    return NULL;
}

/* ---- the file ---- */

static const struct lc_node *member(const struct reading *r, const char *key)
{
    return lc_document_member(&r->document, r->root, key);
}

static enum lc_status check_keys(struct reading *r, struct lc_error *err)
{
    static const char *const known[] = {"__module__", "__class__",  "sample_type",
                                        "field_map",  "subflavors", "sample_loader",
                                        "part_filter"};
    enum lc_status status = LC_OK;

    for (size_t i = 0; i + 1 < r->root->count && status == LC_OK; i += 2) {
        const char *key = lc_node_string(&r->document.nodes[r->root->items[i]]);
        bool found = false;

        for (size_t k = 0; key && k < sizeof(known) / sizeof(known[0]); k++)
            found |= strcmp(known[k], key) == 0;
        if (!found)
            status = note_first(&r->out->unfollowed, "its key ", key ? key : "?",
                                " is not followed", err);
    }
    return status;
}

static enum lc_status read_map(struct reading *r, const struct lc_node *map,
                               struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (map->kind != LC_NODE_MAP || lc_document_merges(&r->document, map))
        return note_first(&r->out->unfollowed, "its ", "field_map", " is not followed",
                          err);
    for (size_t i = 0; i + 1 < map->count && status == LC_OK; i += 2) {
        const char *name = lc_node_string(&r->document.nodes[map->items[i]]);
        const char *options = lc_node_string(&r->document.nodes[map->items[i + 1]]);

        status = name && options ? add_field(r, name, options, err)
                                 : note_first(&r->out->unfollowed, "its ", "field_map",
                                              " is not followed", err);
    }
    return status;
}

/* Read the arguments of an Energon class. Its name may be that of a dataset, which
 * determines the sample type; otherwise the sample type is named. */
static enum lc_status read_class(struct reading *r, struct lc_error *err)
{
    const struct lc_node *named = member(r, "sample_type"), *map = member(r, "field_map");
    const char *class_name = lc_document_text(&r->document, r->root, "__class__");
    const char *module = lc_document_text(&r->document, r->root, "__module__");
    bool is_plain = !class_name || strcmp(class_name, "StandardWebdatasetFactory") == 0;
    const struct sample_type *type;
    enum lc_status status = LC_OK;

    if (class_name && module && strcmp(class_name, "CrudeWebdataset") == 0 &&
        strcmp(module, "megatron.energon") == 0)
        return map ? note_first(&r->out->misfit, "", class_name, " takes no field_map",
                                err)
                   : LC_OK;
    if (is_plain && !named)
        return note_first(&r->out->misfit, "it has no ", "sample_type", "", err);
    if (is_plain)
        type = type_of(lc_document_text(&r->document, named, "__module__"),
                       lc_document_text(&r->document, named, "__class__"), "Sample");
    else
        type = type_of(module, class_name, "Webdataset");
    if (!type)
        status =
            note_first(&r->out->unfollowed, "", is_plain ? "sample_type" : class_name,
                       " is not a class that is known here", err);
    if (status == LC_OK && map)
        status = read_map(r, map, err);
    else if (status == LC_OK)
        status = note_first(&r->out->misfit, "it has no ", "field_map", "", err);
    return status == LC_OK && type && !r->out->unfollowed.size ? check_type(r, type, err)
                                                               : status;
}

static enum lc_status read_root(struct reading *r, struct lc_error *err)
{
    const struct lc_node *loader = member(r, "sample_loader");
    enum lc_status status;

    if (!r->root || r->root->kind != LC_NODE_MAP ||
        lc_document_merges(&r->document, r->root))
        return note_first(&r->out->unfollowed, "", "dataset.yaml", " is not followed",
                          err);
    if (loader)
        return note_first(&r->out->unfollowed, "samples are read by code, ",
                          lc_node_string(loader) ? lc_node_string(loader)
                                                 : "sample_loader",
                          ", which is never run", err);
    if (member(r, "part_filter"))
        return note_first(&r->out->unfollowed, "its key ", "part_filter",
                          " is not followed", err);
    status = check_keys(r, err);
    return status == LC_OK ? read_class(r, err) : status;
}

enum lc_status lc_sample_fields_read(const char *path, struct lc_sample_fields *out,
                                     struct lc_error *err)
{
    struct reading r = {.out = out};
    enum lc_path_kind there = LC_PATH_MISSING;
    struct lc_error own = {0};
    enum lc_status status = lc_path_probe(path, &there, err);

    *out = (struct lc_sample_fields){0};
    if (status != LC_OK || there == LC_PATH_MISSING)
        return status;
    status = lc_document_read(path, &r.document, &own);
    if (status == LC_OK) {
        r.root = lc_document_root(&r.document);
        status = read_root(&r, err);
    } else if (status == LC_ERR_MEMORY) {
        status = lc_fail_memory(err);
    } else {
        status =
            note_first(&out->unfollowed, "it cannot be read: ", own.message, "", err);
    }
    lc_document_clear(&r.document);
    if (status != LC_OK)
        lc_sample_fields_clear(out);
    return status;
}

void lc_sample_fields_clear(struct lc_sample_fields *fields)
{
    if (!fields)
        return;
    lc_buffer_clear(&fields->text);
    lc_buffer_clear(&fields->unfollowed);
    lc_buffer_clear(&fields->misfit);
    *fields = (struct lc_sample_fields){0};
}

/* ---- samples ---- */

uint64_t lc_sample_fields_part(const struct lc_sample_fields *fields,
                               struct lc_span suffix)
{
    for (size_t i = 0; i < fields->part_count; i++)
        if (lc_span_is(suffix, lc_sample_fields_text(fields, fields->parts[i])))
            return UINT64_C(1) << i;
    return 0;
}

const struct lc_sample_field *
lc_sample_fields_lacking(const struct lc_sample_fields *fields, uint64_t parts)
{
    for (size_t i = 0; i < fields->field_count; i++)
        if (!(fields->fields[i].parts & parts))
            return &fields->fields[i];
    return NULL;
}

uint64_t lc_sample_fields_hash(const struct lc_sample_fields *fields)
{
    const struct lc_buffer *texts[] = {&fields->text, &fields->unfollowed,
                                       &fields->misfit};
    uint64_t hash = 0;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (texts[i]->size)
            hash = lc_rest_mix(hash, lc_hash_quick(texts[i]->data, texts[i]->size) + i);
    return hash;
}

#include "dataset/row.h"

#include "base/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lc_row_clear(struct lc_row *row)
{
    if (!row)
        return;
    free(row->images);
    free(row->turns);
    free(row->hashes);
    *row = (struct lc_row){0};
}

/* Forget the last row's facts, keep its memory. */
static void reset(struct lc_row *row)
{
    *row = (struct lc_row){
        .images = row->images,
        .images_capacity = row->images_capacity,
        .turns = row->turns,
        .turns_capacity = row->turns_capacity,
        .hashes = row->hashes,
        .hashes_capacity = row->hashes_capacity,
    };
}

static struct lc_span span_of(const struct lc_json_node *node)
{
    return (struct lc_span){node->as.text, node->count};
}

static bool is_blank(struct lc_span text)
{
    return lc_text_words(text.text, text.size) == 0;
}

static void read_id(struct lc_row *row, const struct lc_json_node *value)
{
    row->id = (struct lc_span){0}; /* the key may have stood before */
    row->id_offset = value->offset;
    row->id_kind = LC_ID_GOOD;
    switch (value->type) {
    case LC_JSON_STRING:
        row->id = span_of(value);
        if (is_blank(row->id))
            row->id_kind = LC_ID_BAD;
        break;
    case LC_JSON_BIG:
        row->id = span_of(value);
        break;
    case LC_JSON_INTEGER:
        row->id.text = row->digits;
        row->id.size = (size_t)snprintf(row->digits, sizeof(row->digits), "%lld",
                                        (long long)value->as.integer);
        break;
    default:
        row->id_kind = LC_ID_BAD;
    }
}

static enum lc_status add_image(struct lc_row *row, struct lc_span path,
                                struct lc_error *err)
{
    struct lc_span *images = lc_array_grow(row->images, row->image_count,
                                           &row->images_capacity, sizeof(*images));

    if (!images)
        return lc_fail_memory(err);
    row->images = images;
    images[row->image_count++] = path;
    return LC_OK;
}

static const char *const type_names[] = {
    [LC_JSON_NULL] = "null",        [LC_JSON_FALSE] = "false",
    [LC_JSON_TRUE] = "true",        [LC_JSON_INTEGER] = "a number",
    [LC_JSON_BIG] = "a number",     [LC_JSON_FLOAT] = "a number",
    [LC_JSON_STRING] = "a string",  [LC_JSON_ARRAY] = "a list",
    [LC_JSON_OBJECT] = "an object",
};

static enum lc_status read_image_list(struct lc_row *row, const struct lc_json_doc *doc,
                                      uint32_t at, struct lc_error *err)
{
    uint32_t end = doc->nodes[at].next;
    enum lc_status status = LC_OK;

    if (!doc->nodes[at].count)
        row->images_fault = "an empty list";
    for (uint32_t i = at + 1; i < end && status == LC_OK; i = doc->nodes[i].next) {
        const struct lc_json_node *item = &doc->nodes[i];

        if (item->type != LC_JSON_STRING)
            row->images_fault = "a list that holds something other than strings";
        else if (is_blank(span_of(item)))
            row->images_fault = "a list that holds a blank string";
        else
            status = add_image(row, span_of(item), err);
    }
    return status;
}

static enum lc_status read_images(struct lc_row *row, const struct lc_json_doc *doc,
                                  uint32_t at, struct lc_error *err)
{
    const struct lc_json_node *value = &doc->nodes[at];
    enum lc_status status = LC_OK;

    row->images_offset = value->offset;
    row->images_fault = NULL;
    row->image_count = 0;
    if (value->type == LC_JSON_STRING) {
        status = add_image(row, span_of(value), err);
        if (is_blank(span_of(value)))
            row->images_fault = "a blank string";
    } else if (value->type == LC_JSON_ARRAY) {
        status = read_image_list(row, doc, at, err);
    } else {
        row->images_fault = type_names[value->type];
    }
    row->images_kind = row->images_fault ? LC_IMAGES_BAD : LC_IMAGES_GOOD;
    if (row->images_fault)
        row->image_count = 0;
    return status;
}

static enum lc_role role_of(struct lc_span from)
{
    if (lc_span_is(from, "human"))
        return LC_ROLE_HUMAN;
    return lc_span_is(from, "gpt") ? LC_ROLE_GPT : LC_ROLE_OTHER;
}

/* Read one member of a turn; from and value count, others are let be. */
static void read_member(struct lc_turn *turn, struct lc_span key,
                        const struct lc_json_node *value)
{
    bool string = value->type == LC_JSON_STRING;

    if (lc_span_is(key, "from")) {
        turn->from = string ? span_of(value) : (struct lc_span){0};
        turn->role = string ? role_of(turn->from) : LC_ROLE_NONE;
    } else if (lc_span_is(key, "value")) {
        turn->value = string ? span_of(value) : (struct lc_span){0};
        turn->has_value = string;
    }
}

static void measure_turn(struct lc_row *row, struct lc_turn *turn)
{
    const char *text = turn->value.text;
    size_t size = turn->value.size;

    if (turn->has_value) {
        turn->words = lc_text_words(text, size);
        turn->placeholders = (uint32_t)lc_text_count(text, size, LC_PLACEHOLDER);
    } else if (!turn->fault) {
        turn->fault = "has no string \"value\"";
    }
    if (turn->role == LC_ROLE_NONE && turn->has_value)
        turn->fault = "has no string \"from\"";
    row->malformed += turn->fault != NULL;
    row->words += turn->words;
    row->placeholders += turn->placeholders;
    if (turn->role == LC_ROLE_HUMAN)
        row->human_placeholders += turn->placeholders;
    else if (turn->role == LC_ROLE_GPT)
        row->answer_placeholders += turn->placeholders;
}

static void read_turn(struct lc_row *row, const struct lc_json_doc *doc, uint32_t at)
{
    const struct lc_json_node *nodes = doc->nodes;
    struct lc_turn *turn = &row->turns[row->turn_count++];

    *turn = (struct lc_turn){.offset = nodes[at].offset};
    if (nodes[at].type != LC_JSON_OBJECT) {
        turn->fault = "is not an object";
    } else {
        for (uint32_t i = at + 1; i < nodes[at].next; i = nodes[i + 1].next)
            read_member(turn, span_of(&nodes[i]), &nodes[i + 1]);
    }
    measure_turn(row, turn);
}

static enum lc_status read_turns(struct lc_row *row, const struct lc_json_doc *doc,
                                 uint32_t at, struct lc_error *err)
{
    const struct lc_json_node *value = &doc->nodes[at];

    row->turns_offset = value->offset;
    row->turn_count = 0;
    row->malformed = row->words = 0;
    row->placeholders = row->human_placeholders = row->answer_placeholders = 0;
    row->turns_kind = LC_TURNS_NOT_LIST;
    if (value->type != LC_JSON_ARRAY)
        return LC_OK;
    row->turns_kind = LC_TURNS_LIST;
    for (uint32_t i = at + 1; i < value->next; i = doc->nodes[i].next) {
        struct lc_turn *turns = lc_array_grow(row->turns, row->turn_count,
                                              &row->turns_capacity, sizeof(*turns));

        if (!turns)
            return lc_fail_memory(err);
        row->turns = turns;
        read_turn(row, doc, i);
    }
    return LC_OK;
}

/* A role's part in the content: the usual two need no hash. */
static struct lc_hash hash_role(const struct lc_turn *turn)
{
    if (turn->role == LC_ROLE_OTHER)
        return lc_hash_bytes(turn->from.text, turn->from.size);
    return (struct lc_hash){{(uint8_t)turn->role}};
}

/* The hash of the hashes of the image paths, the roles and the values, in order. */
static enum lc_status hash_content(struct lc_row *row, struct lc_error *err)
{
    size_t wanted = 1 + row->image_count + 2 * row->turn_count, n = 0;

    if (wanted > row->hashes_capacity) {
        struct lc_hash *hashes = realloc(row->hashes, wanted * 2 * sizeof(*hashes));

        if (!hashes)
            return lc_fail_memory(err);
        row->hashes = hashes;
        row->hashes_capacity = wanted * 2;
    }
    for (size_t i = 0; i < row->image_count; i++)
        row->hashes[n++] = lc_hash_bytes(row->images[i].text, row->images[i].size);
    row->hashes[n++] = (struct lc_hash){{0}}; /* where the images end */
    for (size_t i = 0; i < row->turn_count; i++) {
        const struct lc_turn *turn = &row->turns[i];

        row->hashes[n++] = hash_role(turn);
        row->hashes[n++] = lc_hash_bytes(turn->value.text, turn->value.size);
    }
    row->content = lc_hash_bytes(row->hashes, n * sizeof(*row->hashes));
    return LC_OK;
}

enum lc_status lc_row_read(struct lc_row *row, const struct lc_json_doc *doc,
                           struct lc_error *err)
{
    const struct lc_json_node *nodes = doc->nodes;
    enum lc_status status = LC_OK;

    reset(row);
    row->exact = doc->exact;
    row->object = nodes[0].type == LC_JSON_OBJECT;
    if (!row->object)
        return LC_OK;
    for (uint32_t i = 1; i < nodes[0].next && status == LC_OK; i = nodes[i + 1].next) {
        struct lc_span key = span_of(&nodes[i]);

        if (lc_span_is(key, "id"))
            read_id(row, &nodes[i + 1]);
        else if (lc_span_is(key, "image"))
            status = read_images(row, doc, i + 1, err);
        else if (lc_span_is(key, "conversations"))
            status = read_turns(row, doc, i + 1, err);
        else if (lc_span_is(key, "video"))
            row->has_video = true;
    }
    return status == LC_OK ? hash_content(row, err) : status;
}

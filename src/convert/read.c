/* Reads the content of a row in its dialect */
#include "convert/parts.h"

#include "base/text.h"
#include "dataset/internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

void lc_parts_clear(struct lc_parts *parts)
{
    lc_members_clear(&parts->members);
    free(parts->columns);
    free(parts->turns);
    free(parts->pieces);
    for (int i = 0; i < LC_MEDIUM_COUNT; i++)
        free(parts->media[i]);
    *parts = (struct lc_parts){0};
}

/* Refuse the row; only the first reason is kept. */
static enum lc_status refuse(struct lc_parts *parts, enum lc_refusal refusal,
                             struct lc_span subject)
{
    if (!parts->refusal) {
        parts->refusal = refusal;
        parts->subject = subject;
    }
    return LC_OK;
}

static const struct lc_span nothing;

static struct lc_span key_of(const struct lc_parts *parts, struct lc_member member)
{
    return lc_json_string(&parts->doc, member.key);
}

static bool key_is(const struct lc_parts *parts, struct lc_member member,
                   const char *name)
{
    return lc_span_is(key_of(parts, member), name);
}

/* ---- texts ---- */

static enum lc_status add_piece(struct lc_parts *parts, struct lc_range *text,
                                struct lc_span piece, struct lc_error *err)
{
    struct lc_span *pieces = lc_array_grow(parts->pieces, parts->piece_count,
                                           &parts->piece_capacity, sizeof(*pieces));

    if (!pieces)
        return lc_fail_memory(err);
    parts->pieces = pieces;
    if (!text->count)
        text->first = parts->piece_count;
    pieces[parts->piece_count++] = piece;
    text->count++;
    return LC_OK;
}

static enum lc_status add_literal(struct lc_parts *parts, struct lc_range *text,
                                  const char *literal, struct lc_error *err)
{
    return add_piece(parts, text, (struct lc_span){literal, strlen(literal)}, err);
}

/* ---- media ---- */

/* Add a medium named by a column or by a part of a text. */
static enum lc_status add_medium(struct lc_parts *parts, enum lc_medium medium,
                                 uint32_t at, struct lc_error *err)
{
    enum lc_json_type type = lc_json_type(&parts->doc, at);
    struct lc_medium_part part = {.raw = lc_raw_value(&parts->doc, at),
                                  .is_object = type == LC_JSON_OBJECT};
    struct lc_medium_part *items;

    if (type != LC_JSON_STRING && type != LC_JSON_OBJECT)
        return refuse(parts, LC_REFUSAL_MEDIUM_FORM, nothing);
    if (type == LC_JSON_STRING) {
        struct lc_span text = lc_json_string(&parts->doc, at);

        part.is_url = lc_span_starts(text, "http://") ||
                      lc_span_starts(text, "https://") || lc_span_starts(text, "data:");
    }
    items = lc_array_grow(parts->media[medium], parts->media_count[medium],
                          &parts->media_capacity[medium], sizeof(*items));
    if (!items)
        return lc_fail_memory(err);
    parts->media[medium] = items;
    items[parts->media_count[medium]++] = part;
    return LC_OK;
}

/* Read a column that names media: one value, or a list. */
static enum lc_status read_media(struct lc_parts *parts, enum lc_medium medium,
                                 uint32_t at, struct lc_error *err)
{
    enum lc_json_type type = lc_json_type(&parts->doc, at);
    enum lc_status status = LC_OK;
    uint32_t close;

    if (type == LC_JSON_NULL)
        return LC_OK;
    if (type != LC_JSON_ARRAY)
        return add_medium(parts, medium, at, err);
    close = lc_json_close(&parts->doc, at);
    for (at++; at < close && status == LC_OK; at = lc_json_next(&parts->doc, at))
        status = add_medium(parts, medium, at, err);
    return status;
}

/* ---- parts of a text ---- */

/* A part of a text that is being read. */
struct text_part {
    struct lc_span type;
    uint32_t value; /* the value of the member that its type requires; 0: it is missing */
    bool is_odd;    /* it has other members, too */
};

/* The kinds of parts that are media. */
static const struct {
    const char *type;
    enum lc_medium medium;
} part_types[] = {{"image", LC_MEDIUM_IMAGE}, {"image_url", LC_MEDIUM_IMAGE},
                  {"video", LC_MEDIUM_VIDEO}, {"video_url", LC_MEDIUM_VIDEO},
                  {"audio", LC_MEDIUM_AUDIO}, {"audio_url", LC_MEDIUM_AUDIO}};

/* The medium for a type of part, or LC_MEDIUM_COUNT. */
static enum lc_medium medium_of_type(struct lc_span type)
{
    for (size_t i = 0; i < sizeof(part_types) / sizeof(part_types[0]); i++)
        if (lc_span_is(type, part_types[i].type))
            return part_types[i].medium;
    return LC_MEDIUM_COUNT;
}

/* Whether a key is the one that has the text of a part of this type, or names its
 * file. */
static bool names_value(struct lc_span key, struct lc_span type)
{
    enum lc_medium medium = medium_of_type(type);

    return lc_span_equal(key, type) ||
           (medium != LC_MEDIUM_COUNT &&
            (lc_span_is(key, lc_medium_name(medium)) || lc_span_is(key, "path") ||
             lc_span_is(key, "url")));
}

/* Find the type and the value of a part. Members that are null are ignored: Arrow adds
 * them so that all parts have the same members. */
static struct text_part parse_part(struct lc_parts *parts, struct lc_range members)
{
    struct text_part part = {0};

    for (size_t i = 0; i < members.count; i++) {
        struct lc_member member = parts->members.items[members.first + i];

        if (key_is(parts, member, "type") &&
            lc_json_type(&parts->doc, member.value) == LC_JSON_STRING)
            part.type = lc_json_string(&parts->doc, member.value);
    }
    for (size_t i = 0; i < members.count; i++) {
        struct lc_member member = parts->members.items[members.first + i];

        if (lc_json_type(&parts->doc, member.value) == LC_JSON_NULL)
            continue;
        if (part.type.text && names_value(key_of(parts, member), part.type)) {
            part.is_odd |= part.value != 0;
            part.value = member.value;
        } else {
            part.is_odd |= !key_is(parts, member, "type");
        }
    }
    return part;
}

/* Find the string in {"url": …}; *out is its index, or 0. A size beside it is a property
 * of the file, and is written again if needed. */
static enum lc_status find_url(struct lc_parts *parts, uint32_t object, uint32_t *out,
                               struct lc_error *err)
{
    struct lc_range members = {parts->members.count, 0};
    enum lc_status status = lc_members_add(&parts->members, &parts->doc, object, err);

    members.count = parts->members.count - members.first;
    *out = 0;
    for (size_t i = 0; i < members.count && status == LC_OK; i++) {
        struct lc_member member = parts->members.items[members.first + i];

        if (lc_json_type(&parts->doc, member.value) == LC_JSON_NULL ||
            (parts->from->marks_places && key_is(parts, member, "image_wh")))
            continue;
        if (!key_is(parts, member, "url"))
            return refuse(parts, LC_REFUSAL_PART, key_of(parts, member));
        *out = member.value;
    }
    return status;
}

static enum lc_status read_medium_part(struct lc_parts *parts, enum lc_medium medium,
                                       uint32_t value, struct lc_range *text,
                                       struct lc_error *err)
{
    struct lc_span mark = parts->from->placeholders[medium];
    enum lc_status status = LC_OK;

    if (value && lc_json_type(&parts->doc, value) == LC_JSON_OBJECT)
        status = find_url(parts, value, &value, err);
    if (status != LC_OK)
        return status;
    if (value && lc_json_type(&parts->doc, value) != LC_JSON_STRING)
        return refuse(parts, LC_REFUSAL_PART, nothing);
    if (value) {
        parts->has_part_media = true;
        status = add_medium(parts, medium, value, err);
    }
    /* in some dialects, the texts contain the placeholders */
    return status == LC_OK && !parts->from->marks_places
               ? add_piece(parts, text, mark, err)
               : status;
}

static enum lc_status read_text_part(struct lc_parts *parts, uint32_t at,
                                     struct lc_range *text, struct lc_error *err)
{
    struct lc_range members = {parts->members.count, 0};
    struct text_part part;
    enum lc_medium medium;
    enum lc_status status;

    if (lc_json_type(&parts->doc, at) != LC_JSON_OBJECT)
        return refuse(parts, LC_REFUSAL_PART, nothing);
    status = lc_members_add(&parts->members, &parts->doc, at, err);
    if (status != LC_OK)
        return status;
    members.count = parts->members.count - members.first;
    part = parse_part(parts, members);
    if (part.is_odd)
        return refuse(parts, LC_REFUSAL_PART, part.type);
    if (lc_span_is(part.type, "text") && part.value &&
        lc_json_type(&parts->doc, part.value) == LC_JSON_STRING)
        return add_piece(parts, text, lc_raw_string(&parts->doc, part.value), err);
    medium = medium_of_type(part.type);
    return medium == LC_MEDIUM_COUNT
               ? refuse(parts, LC_REFUSAL_PART, part.type)
               : read_medium_part(parts, medium, part.value, text, err);
}

/* ---- turns ---- */

/* Read a text: a string, or a list of parts if the dialect allows it. */
static enum lc_status read_text(struct lc_parts *parts, uint32_t at,
                                struct lc_range *text, struct lc_error *err)
{
    enum lc_json_type type = lc_json_type(&parts->doc, at);
    enum lc_status status = LC_OK;
    uint32_t close;

    if (type == LC_JSON_STRING)
        return add_piece(parts, text, lc_raw_string(&parts->doc, at), err);
    if (type != LC_JSON_ARRAY || !parts->from->has_parts)
        return refuse(parts, LC_REFUSAL_TEXT, nothing);
    close = lc_json_close(&parts->doc, at);
    for (at++; at < close && status == LC_OK; at = lc_json_next(&parts->doc, at))
        status = read_text_part(parts, at, text, err);
    return status;
}

static struct lc_part_turn *add_turn(struct lc_parts *parts, enum lc_role role)
{
    struct lc_part_turn *turns = lc_array_grow(parts->turns, parts->turn_count,
                                               &parts->turn_capacity, sizeof(*turns));

    if (!turns)
        return NULL;
    parts->turns = turns;
    turns[parts->turn_count] = (struct lc_part_turn){.role = role};
    return &turns[parts->turn_count++];
}

/* Add a turn whose text is one string. */
static enum lc_status add_string_turn(struct lc_parts *parts, enum lc_role role,
                                      uint32_t at, struct lc_error *err)
{
    struct lc_range text = {0};
    struct lc_part_turn *turn;
    enum lc_status status;

    if (!at || lc_json_type(&parts->doc, at) != LC_JSON_STRING)
        return refuse(parts, LC_REFUSAL_TEXT, nothing);
    status = add_piece(parts, &text, lc_raw_string(&parts->doc, at), err);
    turn = status == LC_OK ? add_turn(parts, role) : NULL;
    if (!turn)
        return status == LC_OK ? lc_fail_memory(err) : status;
    turn->text = text;
    return LC_OK;
}

/* Read a question and its answer from one object, if the object is a pair.
 * Source: ms-swift swift/dataset/preprocessor/core.py, MessagesPreprocessor. */
static enum lc_status read_pair(struct lc_parts *parts, struct lc_range members,
                                bool *is_pair, struct lc_error *err)
{
    static const struct {
        const char *key;
        bool is_answer;
    } keys[] = {{"human", false},
                {"user", false},
                {"gpt", true},
                {"assistant", true},
                {"bot", true}};
    uint32_t found[2] = {0};
    enum lc_status status;

    for (size_t i = 0; i < members.count; i++) {
        struct lc_member member = parts->members.items[members.first + i];

        for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
            if (key_is(parts, member, keys[k].key))
                found[keys[k].is_answer] = member.value;
    }
    *is_pair = found[0] && found[1];
    if (!*is_pair)
        return LC_OK;
    if (members.count > 2)
        return refuse(parts, LC_REFUSAL_PAIR, nothing);
    status = add_string_turn(parts, LC_ROLE_HUMAN, found[0], err);
    return status == LC_OK ? add_string_turn(parts, LC_ROLE_GPT, found[1], err) : status;
}

static enum lc_status read_turn(struct lc_parts *parts, uint32_t at, struct lc_error *err)
{
    struct lc_span role_key = lc_unquoted(parts->from->role_key);
    struct lc_span text_key = lc_unquoted(parts->from->text_key);
    struct lc_range members = {parts->members.count, 0}, text = {0};
    uint32_t role = 0, value = 0;
    struct lc_part_turn *turn;
    bool is_pair = false;
    size_t kept;
    enum lc_status status;

    if (lc_json_type(&parts->doc, at) != LC_JSON_OBJECT)
        return refuse(parts, LC_REFUSAL_TURN, nothing);
    status = lc_members_add(&parts->members, &parts->doc, at, err);
    if (status != LC_OK)
        return status;
    members.count = parts->members.count - members.first;
    if (parts->from->has_pairs) {
        status = read_pair(parts, members, &is_pair, err);
        if (status != LC_OK || is_pair)
            return status;
    }
    kept = members.first;
    for (size_t i = 0; i < members.count; i++) {
        struct lc_member member = parts->members.items[members.first + i];

        if (lc_span_equal(key_of(parts, member), role_key))
            role = member.value;
        else if (lc_span_equal(key_of(parts, member), text_key))
            value = member.value;
        else
            parts->members.items[kept++] = member;
    }
    if (!role || !value || lc_json_type(&parts->doc, role) != LC_JSON_STRING)
        return refuse(parts, LC_REFUSAL_TURN, nothing);
    parts->members.count = kept;
    status = read_text(parts, value, &text, err);
    turn = status == LC_OK ? add_turn(parts, LC_ROLE_NONE) : NULL;
    if (!turn)
        return status == LC_OK ? lc_fail_memory(err) : status;
    turn->name = lc_json_string(&parts->doc, role);
    turn->role = lc_dialect_role(parts->from, turn->name);
    turn->text = text;
    turn->extra = (struct lc_range){members.first, kept - members.first};
    return LC_OK;
}

static enum lc_status read_turns(struct lc_parts *parts, uint32_t at,
                                 struct lc_error *err)
{
    enum lc_status status = LC_OK;
    uint32_t close;

    if (lc_json_type(&parts->doc, at) != LC_JSON_ARRAY)
        return LC_OK; /* the row has no turns */
    parts->has_turns = true;
    close = lc_json_close(&parts->doc, at);
    for (at++; at < close && status == LC_OK && !parts->refusal;
         at = lc_json_next(&parts->doc, at))
        status = read_turn(parts, at, err);
    return status;
}

/* ---- rows whose question and answer are columns ---- */

/* The value of the member that counts as a column; 0: the row has none. */
static uint32_t value_of(const struct lc_parts *parts, enum lc_column column)
{
    for (size_t i = 0; i < parts->column_count; i++)
        if (parts->columns[i].column == column)
            return parts->columns[i].member.value;
    return 0;
}

static enum lc_status read_history(struct lc_parts *parts, uint32_t at,
                                   struct lc_error *err)
{
    const struct lc_json_doc *doc = &parts->doc;
    enum lc_status status = LC_OK;
    uint32_t close;

    if (!at || lc_json_type(doc, at) == LC_JSON_NULL ||
        (lc_json_type(doc, at) == LC_JSON_STRING && !lc_json_string(doc, at).size))
        return LC_OK;
    if (lc_json_type(doc, at) != LC_JSON_ARRAY)
        return refuse(parts, LC_REFUSAL_HISTORY, nothing);
    close = lc_json_close(doc, at);
    for (at++; at < close && status == LC_OK; at = lc_json_next(doc, at)) {
        uint32_t answer;

        if (lc_json_type(doc, at) != LC_JSON_ARRAY || at + 1 == lc_json_close(doc, at))
            return refuse(parts, LC_REFUSAL_HISTORY, nothing);
        answer = lc_json_next(doc, at + 1);
        if (answer == lc_json_close(doc, at) ||
            lc_json_next(doc, answer) != lc_json_close(doc, at))
            return refuse(parts, LC_REFUSAL_HISTORY, nothing);
        status = add_string_turn(parts, LC_ROLE_HUMAN, at + 1, err);
        if (status == LC_OK)
            status = add_string_turn(parts, LC_ROLE_GPT, answer, err);
    }
    return status;
}

/* Read the question from one or two columns. Empty ones are skipped; two are joined by a
 * line end. */
static enum lc_status read_question(struct lc_parts *parts, struct lc_error *err)
{
    const uint32_t columns[] = {value_of(parts, LC_COLUMN_PROMPT),
                                value_of(parts, LC_COLUMN_QUERY)};
    struct lc_part_turn *turn = add_turn(parts, LC_ROLE_HUMAN);
    struct lc_range text = {0};
    enum lc_status status = LC_OK;

    if (!turn)
        return lc_fail_memory(err);
    for (size_t i = 0; i < 2 && status == LC_OK; i++) {
        struct lc_span raw;

        if (!columns[i] || lc_json_type(&parts->doc, columns[i]) == LC_JSON_NULL)
            continue;
        if (lc_json_type(&parts->doc, columns[i]) != LC_JSON_STRING)
            return refuse(parts, LC_REFUSAL_TEXT, nothing);
        raw = lc_raw_string(&parts->doc, columns[i]);
        if (raw.size && text.count)
            status = add_literal(parts, &text, "\\n", err);
        if (raw.size && status == LC_OK)
            status = add_piece(parts, &text, raw, err);
    }
    turn->text = text;
    return status;
}

static enum lc_status read_rounds(struct lc_parts *parts, struct lc_error *err)
{
    uint32_t response = value_of(parts, LC_COLUMN_RESPONSE);
    enum lc_status status;

    parts->has_turns = value_of(parts, LC_COLUMN_PROMPT) || response;
    if (!parts->has_turns)
        return LC_OK;
    status = read_history(parts, value_of(parts, LC_COLUMN_HISTORY), err);
    if (status == LC_OK)
        status = read_question(parts, err);
    return status == LC_OK ? add_string_turn(parts, LC_ROLE_GPT, response, err) : status;
}

/* ---- the row ---- */

/* For each column, the member that has it. */
struct column_owners {
    unsigned rank[LC_COLUMN_COUNT]; /* UINT_MAX: no member has it */
    size_t owner[LC_COLUMN_COUNT];
};

/* Give a member the column of its name, unless an earlier member has it under a better
 * name. Otherwise take the column from that member. */
static void assign_column(struct lc_parts *parts, size_t number,
                          struct column_owners *owners)
{
    struct lc_part_column *member = &parts->columns[number];
    unsigned rank = 0;
    enum lc_column column =
        lc_dialect_column(parts->from, key_of(parts, member->member), &rank);

    member->column = LC_COLUMN_COUNT;
    if (column == LC_COLUMN_COUNT)
        return;
    if (parts->from->is_modern &&
        lc_json_type(&parts->doc, member->member.value) == LC_JSON_NULL)
        rank += LC_COLUMN_NAMES;
    if (rank >= owners->rank[column])
        return;
    if (owners->rank[column] != UINT_MAX)
        parts->columns[owners->owner[column]].column = LC_COLUMN_COUNT;
    owners->rank[column] = rank;
    owners->owner[column] = number;
    member->column = column;
}

/* List the row's members with their columns. If the row has several names of a column,
 * the first one in the dialect's order counts; in modern dialects, the first one that is
 * not null. The other names get no column. */
static enum lc_status list_columns(struct lc_parts *parts, struct lc_error *err)
{
    struct column_owners owners;

    for (size_t i = 0; i < LC_COLUMN_COUNT; i++)
        owners.rank[i] = UINT_MAX;
    for (size_t i = 0; i < parts->members.count; i++) {
        struct lc_part_column *columns =
            lc_array_grow(parts->columns, parts->column_count, &parts->column_capacity,
                          sizeof(*columns));

        if (!columns)
            return lc_fail_memory(err);
        parts->columns = columns;
        columns[parts->column_count] =
            (struct lc_part_column){.member = parts->members.items[i]};
        assign_column(parts, parts->column_count++, &owners);
    }
    return LC_OK;
}

/* Read the system message: a column, or the first turn. */
static enum lc_status read_system(struct lc_parts *parts, struct lc_error *err)
{
    uint32_t at = value_of(parts, LC_COLUMN_SYSTEM);

    if (at && lc_json_type(&parts->doc, at) != LC_JSON_NULL) {
        if (lc_json_type(&parts->doc, at) != LC_JSON_STRING)
            return refuse(parts, LC_REFUSAL_TEXT, nothing);
        parts->has_system = true;
        if (add_piece(parts, &parts->system, lc_raw_string(&parts->doc, at), err) !=
            LC_OK)
            return LC_ERR_MEMORY;
    }
    if (!parts->turn_count || parts->turns[0].role != LC_ROLE_SYSTEM)
        return LC_OK;
    if (parts->has_system)
        return refuse(parts, LC_REFUSAL_SYSTEM_TWICE, nothing);
    parts->has_system = parts->system_is_turn = true;
    parts->system = parts->turns[0].text;
    parts->system_extra = parts->turns[0].extra;
    parts->turn_count--;
    memmove(parts->turns, parts->turns + 1, parts->turn_count * sizeof(*parts->turns));
    return LC_OK;
}

static void reset(struct lc_parts *parts, const struct lc_dialect *from)
{
    parts->from = from;
    parts->members.count = parts->column_count = 0;
    parts->turn_count = parts->piece_count = 0;
    memset(parts->media_count, 0, sizeof(parts->media_count));
    parts->has_part_media = parts->has_turns = false;
    parts->has_system = parts->system_is_turn = false;
    parts->system = parts->system_extra = (struct lc_range){0};
    parts->written = 0;
    parts->refusal = LC_REFUSAL_NONE;
    parts->subject = (struct lc_span){0};
}

/* Read turns and media; columns first, to find out whether parts of texts name media in
 * addition. */
static enum lc_status read_columns(struct lc_parts *parts, struct lc_error *err)
{
    uint32_t turns = value_of(parts, LC_COLUMN_TURNS);
    enum lc_status status = LC_OK;
    size_t of_columns = 0;

    for (int i = 0; i < LC_MEDIUM_COUNT && status == LC_OK; i++) {
        uint32_t at = value_of(parts, lc_column_of((enum lc_medium)i));

        if (at)
            status = read_media(parts, (enum lc_medium)i, at, err);
        of_columns += parts->media_count[i];
    }
    if (status == LC_OK && parts->from->layout == LC_LAYOUT_COLUMNS)
        status = read_rounds(parts, err);
    else if (status == LC_OK && turns)
        status = read_turns(parts, turns, err);
    if (status == LC_OK && !parts->has_turns)
        return refuse(parts, LC_REFUSAL_NO_TURNS, nothing);
    if (of_columns && parts->has_part_media)
        return refuse(parts, LC_REFUSAL_MEDIUM_TWICE, nothing);
    return status == LC_OK ? read_system(parts, err) : status;
}

enum lc_status lc_parts_read(struct lc_parts *parts, struct lc_json_parser *parser,
                             const struct lc_dialect *from,
                             const struct lc_row_record *record, struct lc_span text,
                             struct lc_error *err)
{
    struct lc_json_problem problem;
    enum lc_status status;

    reset(parts, from);
    if (!record->readable || text.size > LC_JSON_MAX_SIZE)
        return refuse(parts, LC_REFUSAL_NOT_JSON, nothing);
    status = lc_json_parse(parser, text.text, text.size, &parts->doc, &problem, err);
    if (status != LC_OK)
        return status;
    parts->doc.text = text.text;
    if (problem.fault != LC_JSON_FINE)
        return refuse(parts, LC_REFUSAL_NOT_JSON, nothing);
    if (lc_json_type(&parts->doc, LC_JSON_ROOT) != LC_JSON_OBJECT)
        return refuse(parts, LC_REFUSAL_NOT_OBJECT, nothing);
    status = lc_members_add(&parts->members, &parts->doc, LC_JSON_ROOT, err);
    if (status == LC_OK)
        status = list_columns(parts, err);
    return status == LC_OK ? read_columns(parts, err) : status;
}

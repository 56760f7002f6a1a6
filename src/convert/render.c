/* Writes the content of a row in a dialect
 *
 * The members keep their order: turns, media and the system message stay in their
 * positions. New members, such as a column for images that only texts named, are put
 * after the turns. */
#include "convert/parts.h"

#include "dataset/internal.h"

#include <stdio.h>
#include <string.h>

struct render {
    struct lc_parts *parts;
    const struct lc_dialect *to;
    struct lc_buffer *out;
    enum lc_text_form form;
    struct lc_pixel_sizes sizes;
    struct lc_buffer text;        /* the joined text of a turn */
    size_t next[LC_MEDIUM_COUNT]; /* the next medium that no part has named yet */
    bool failed;                  /* an allocation failed */
    bool any;                     /* a member was written */
    bool has_turns;
};

bool lc_has_system_turn(const struct lc_dialect *dialect)
{
    return lc_span_is(dialect->role_key, "\"role\"") ||
           !dialect->columns[LC_COLUMN_SYSTEM][0].size;
}

static void refuse(struct render *r, enum lc_refusal refusal, struct lc_span subject)
{
    if (!r->parts->refusal) {
        r->parts->refusal = refusal;
        r->parts->subject = subject;
    }
}

static const struct lc_span nothing;

/* ---- bytes ---- */

static void put(struct render *r, const char *data, size_t size)
{
    r->failed |= lc_buffer_add(r->out, data, size, NULL) != LC_OK;
}

static void put_text(struct render *r, const char *text)
{
    put(r, text, strlen(text));
}

static void put_span(struct render *r, struct lc_span span)
{
    put(r, span.text, span.size);
}

static void put_raw(struct render *r, struct lc_span raw)
{
    r->failed |= lc_raw_add(r->out, raw, NULL) != LC_OK;
}

static void put_value(struct render *r, uint32_t at)
{
    put_raw(r, lc_raw_value(&r->parts->doc, at));
}

/* ---- texts and their placeholders ---- */

/* Join the pieces of a text. */
static void join_pieces(struct render *r, struct lc_range text)
{
    r->text.size = 0;
    for (size_t i = 0; i < text.count; i++) {
        struct lc_span piece = r->parts->pieces[text.first + i];

        r->failed |= lc_buffer_add(&r->text, piece.text, piece.size, NULL) != LC_OK;
    }
}

static bool marks_differ(const struct render *r, int medium)
{
    return !lc_span_equal(r->parts->from->placeholders[medium],
                          r->to->placeholders[medium]);
}

/* A placeholder in a joined text. */
struct mark {
    enum lc_medium medium; /* LC_MEDIUM_COUNT: there is none */
    size_t at, size;       /* bytes */
};

/* Find the first placeholder at or after an offset. */
static struct mark next_mark(const struct render *r, size_t from)
{
    struct mark found = {LC_MEDIUM_COUNT, r->text.size, 0};

    for (int i = 0; i < LC_MEDIUM_COUNT; i++) {
        struct lc_span rest = {r->text.data + from, found.at - from};
        struct lc_span place = lc_raw_find(rest, r->parts->from->placeholders[i]);

        /* it counts as text, unless the other dialect has a placeholder for the medium */
        if (place.size && r->to->placeholders[i].size)
            found = (struct mark){(enum lc_medium)i, (size_t)(place.text - r->text.data),
                                  place.size};
    }
    return found;
}

/* Write the joined text with the placeholders of the other dialect. */
static void put_joined(struct render *r)
{
    struct mark mark;
    size_t from = 0;

    do {
        mark = next_mark(r, from);
        if (mark.at > from)
            put(r, r->text.data + from, mark.at - from);
        if (mark.medium != LC_MEDIUM_COUNT)
            put_span(r, r->to->placeholders[mark.medium]);
        from = mark.at + mark.size;
    } while (mark.medium != LC_MEDIUM_COUNT && !r->failed);
}

/* Write the pieces of a text as one JSON string. */
static void put_pieces(struct render *r, struct lc_range text)
{
    bool differ = false;

    for (int i = 0; i < LC_MEDIUM_COUNT; i++)
        differ |= marks_differ(r, i);
    put_text(r, "\"");
    if (differ) {
        join_pieces(r, text);
        put_joined(r);
    }
    for (size_t i = 0; i < text.count && !differ; i++)
        put_span(r, r->parts->pieces[text.first + i]);
    put_text(r, "\"");
}

/* Refuse texts that contain what would become a placeholder. */
static void check_literals(struct render *r)
{
    const struct lc_parts *parts = r->parts;

    for (int i = 0; i < LC_MEDIUM_COUNT; i++)
        for (size_t k = 0; k < parts->piece_count && marks_differ(r, i); k++)
            if (lc_raw_find(parts->pieces[k], r->to->placeholders[i]).size)
                refuse(r, LC_REFUSAL_LITERAL, r->to->placeholders[i]);
}

static void put_text_part(struct render *r, size_t from, size_t to)
{
    put_text(r, "{\"type\": \"text\", \"text\": \"");
    if (to > from)
        put(r, r->text.data + from, to - from);
    put_text(r, "\"}");
}

/* Get the next medium of a kind, for the part that names it; NULL: the row is refused. */
static const struct lc_medium_part *next_medium(struct render *r, enum lc_medium medium)
{
    const struct lc_medium_part *part = &r->parts->media[medium][r->next[medium]];

    if (r->next[medium] >= r->parts->media_count[medium])
        refuse(r, LC_REFUSAL_PLACES, nothing);
    else if (part->is_object)
        refuse(r, LC_REFUSAL_MEDIUM_FORM, nothing);
    else if (part->is_url && r->to->is_modern != r->parts->from->is_modern)
        refuse(r, LC_REFUSAL_MEDIUM_URL, nothing);
    r->next[medium]++;
    return r->parts->refusal ? NULL : part;
}

/* Write a placeholder as a part. */
static void put_medium_part(struct render *r, enum lc_medium medium)
{
    const struct lc_medium_part *part;
    const char *name = lc_medium_name(medium);

    put_text(r, "{\"type\": \"");
    put_text(r, name);
    put_text(r, "\"");
    part = r->form == LC_TEXT_NAMED ? next_medium(r, medium) : NULL;
    if (part) {
        put_text(r, ", \"");
        put_text(r, name);
        put_text(r, "\": ");
        put_raw(r, part->raw);
    }
    put_text(r, "}");
}

/* Write a text as a list of parts: a medium for each placeholder, and the text between
 * them, with all its spaces. */
static void put_parts(struct render *r, struct lc_range text)
{
    struct mark mark;
    size_t from = 0;
    bool any = false;

    join_pieces(r, text);
    put_text(r, "[");
    do {
        mark = next_mark(r, from);
        if (mark.at > from || (mark.medium == LC_MEDIUM_COUNT && !any)) {
            put_text(r, any ? ", " : "");
            put_text_part(r, from, mark.at);
            any = true;
        }
        if (mark.medium == LC_MEDIUM_COUNT)
            break;
        put_text(r, any ? ", " : "");
        put_medium_part(r, mark.medium);
        any = true;
        from = mark.at + mark.size;
    } while (!r->failed);
    put_text(r, "]");
}

/* Write an image as a part, with its size. */
static void put_sized_part(struct render *r)
{
    size_t number = r->next[LC_MEDIUM_IMAGE];
    const struct lc_medium_part *part = next_medium(r, LC_MEDIUM_IMAGE);
    struct lc_pixel_size size = {0};
    char text[64];

    if (part && r->sizes.count == r->parts->media_count[LC_MEDIUM_IMAGE])
        size = r->sizes.items[number];
    if (part && (part->is_url || !size.width || !size.height))
        refuse(r, LC_REFUSAL_SIZE, nothing);
    if (r->parts->refusal)
        return;
    put_text(r, "{\"type\": \"image_url\", \"image_url\": {\"url\": ");
    put_raw(r, part->raw);
    snprintf(text, sizeof(text), ", \"image_wh\": [%u, %u]}}, ", size.width, size.height);
    put_text(r, text);
}

/* Write a text as a list: the images whose placeholders it contains, then the text. */
static void put_sized_text(struct render *r, enum lc_role role, struct lc_range text)
{
    struct mark mark;

    join_pieces(r, text);
    put_text(r, "[");
    for (size_t from = 0; !r->failed; from = mark.at + mark.size) {
        mark = next_mark(r, from);
        if (mark.medium == LC_MEDIUM_COUNT)
            break;
        if (mark.medium != LC_MEDIUM_IMAGE && r->parts->media_count[mark.medium])
            refuse(r, LC_REFUSAL_SIZE, nothing);
        else if (mark.medium != LC_MEDIUM_IMAGE ||
                 (role != LC_ROLE_HUMAN && role != LC_ROLE_WHOLE))
            refuse(r, LC_REFUSAL_PLACES, nothing);
        else
            put_sized_part(r);
    }
    put_text(r, "{\"type\": \"text\", \"text\": \"");
    put_joined(r);
    put_text(r, "\"}]");
}

/* Refuse the row if parts did not name all media. */
static void check_named(struct render *r)
{
    const struct lc_parts *parts = r->parts;

    if (r->form != LC_TEXT_NAMED && r->form != LC_TEXT_SIZED)
        return;
    if (r->form == LC_TEXT_SIZED && parts->media_count[LC_MEDIUM_AUDIO])
        refuse(r, LC_REFUSAL_MEDIUM, nothing);
    if (r->form == LC_TEXT_SIZED && parts->media_count[LC_MEDIUM_VIDEO])
        refuse(r, LC_REFUSAL_SIZE, nothing);
    for (int i = 0; i < LC_MEDIUM_COUNT; i++)
        if (r->next[i] != parts->media_count[i])
            refuse(r, LC_REFUSAL_PLACES, nothing);
}

/* Begin a member of the row; name includes its quotes. */
static void put_key(struct render *r, struct lc_span name)
{
    put_text(r, r->any ? ", " : "");
    put_span(r, name);
    put_text(r, ": ");
    r->any = true;
}

static void put_column(struct render *r, enum lc_column column)
{
    put_key(r, r->to->columns[column][0]);
    r->parts->written |= UINT32_C(1) << column;
}

/* ---- turns ---- */

/* The usual name of a role; empty if the dialect does not have the role. */
static struct lc_span name_of_role(const struct lc_dialect *to, enum lc_role role)
{
    for (size_t i = 0; i < LC_ROLE_NAMES; i++)
        if (to->roles[i].name.size && to->roles[i].role == role)
            return to->roles[i].name;
    return nothing;
}

static enum lc_refusal refusal_of_role(enum lc_role role)
{
    switch (role) {
    case LC_ROLE_SYSTEM:
        return LC_REFUSAL_SYSTEM;
    case LC_ROLE_RESULT:
    case LC_ROLE_CALL:
        return LC_REFUSAL_TOOL_TURN;
    default:
        return LC_REFUSAL_ROLE;
    }
}

/* Write the members of a turn other than role and text. Refuse those that would have
 * another meaning in the dialect. */
static void put_extra(struct render *r, struct lc_range extra)
{
    for (size_t i = 0; i < extra.count; i++) {
        struct lc_member member = r->parts->members.items[extra.first + i];
        struct lc_span key = lc_json_string(&r->parts->doc, member.key);

        if (lc_span_equal(key, lc_unquoted(r->to->role_key)) ||
            lc_span_equal(key, lc_unquoted(r->to->text_key)))
            refuse(r, LC_REFUSAL_TURN_MEMBER, key);
        if (strcmp(r->parts->from->name, r->to->name) != 0 &&
            (lc_span_is(key, "tool_calls") || lc_span_is(key, "tool_call_id")))
            refuse(r, LC_REFUSAL_TOOL_TURN, key);
        put_text(r, ", ");
        put_value(r, member.key);
        put_text(r, ": ");
        put_value(r, member.value);
    }
}

static void put_turn(struct render *r, enum lc_role role, struct lc_span name,
                     struct lc_range text, struct lc_range extra)
{
    struct lc_span written = name_of_role(r->to, role);

    if (!written.size)
        refuse(r, refusal_of_role(role), name);
    put_text(r, "{");
    put_span(r, r->to->role_key);
    put_text(r, ": ");
    put_span(r, written);
    put_text(r, ", ");
    put_span(r, r->to->text_key);
    put_text(r, ": ");
    if (r->form == LC_TEXT_STRINGS)
        put_pieces(r, text);
    else if (r->form == LC_TEXT_SIZED)
        put_sized_text(r, role, text);
    else
        put_parts(r, text);
    put_extra(r, extra);
    put_text(r, "}");
}

static void put_turns(struct render *r)
{
    const struct lc_parts *parts = r->parts;
    bool any = false;

    put_column(r, LC_COLUMN_TURNS);
    put_text(r, "[");
    if (parts->has_system && lc_has_system_turn(r->to)) {
        put_turn(r, LC_ROLE_SYSTEM, nothing, parts->system, parts->system_extra);
        any = true;
    }
    for (size_t i = 0; i < parts->turn_count; i++) {
        const struct lc_part_turn *turn = &parts->turns[i];

        /* allowed only in dialects where any turn may be a system message */
        if (turn->role == LC_ROLE_SYSTEM && !lc_span_is(r->to->role_key, "\"role\""))
            refuse(r, LC_REFUSAL_SYSTEM_PLACE, nothing);
        put_text(r, any ? ", " : "");
        put_turn(r, turn->role, turn->name, turn->text, turn->extra);
        any = true;
    }
    put_text(r, "]");
    check_named(r);
}

/* Whether the turns are alternating questions and answers, and nothing else. */
static bool are_rounds(const struct lc_parts *parts)
{
    for (size_t i = 0; i < parts->turn_count; i++)
        if (parts->turns[i].role != (i % 2 ? LC_ROLE_GPT : LC_ROLE_HUMAN))
            return false;
    return parts->turn_count && parts->turn_count % 2 == 0;
}

/* Refuse turns that are not rounds: because of their roles, or of their order. */
static void refuse_turns(struct render *r)
{
    const struct lc_parts *parts = r->parts;

    for (size_t i = 0; i < parts->turn_count; i++)
        if (parts->turns[i].role != LC_ROLE_HUMAN && parts->turns[i].role != LC_ROLE_GPT)
            refuse(r, refusal_of_role(parts->turns[i].role), parts->turns[i].name);
    refuse(r, LC_REFUSAL_ORDER, nothing);
}

/* Write rounds as columns: the last round, and a history of the earlier ones. */
static void put_rounds(struct render *r)
{
    const struct lc_parts *parts = r->parts;
    size_t last = parts->turn_count - 2;

    if (!are_rounds(parts)) {
        refuse_turns(r);
        return;
    }
    for (size_t i = 0; i < parts->turn_count; i++)
        if (parts->turns[i].extra.count)
            refuse(r, LC_REFUSAL_TURN_MEMBER,
                   lc_json_string(&parts->doc,
                                  parts->members.items[parts->turns[i].extra.first].key));
    put_column(r, LC_COLUMN_PROMPT);
    put_pieces(r, parts->turns[last].text);
    if (r->to->columns[LC_COLUMN_QUERY][0].size) {
        put_column(r, LC_COLUMN_QUERY);
        put_text(r, "\"\"");
    }
    put_column(r, LC_COLUMN_RESPONSE);
    put_pieces(r, parts->turns[last + 1].text);
    if (!last)
        return;
    put_column(r, LC_COLUMN_HISTORY);
    for (size_t i = 0; i < last; i++) {
        put_text(r, i % 2 ? ", " : i ? ", [" : "[[");
        put_pieces(r, parts->turns[i].text);
        put_text(r, i % 2 ? "]" : "");
    }
    put_text(r, "]");
}

static bool has_inline(const struct lc_parts *parts, const struct lc_dialect *dialect)
{
    for (size_t i = 0; i < parts->piece_count; i++)
        for (size_t k = 0; k < LC_INLINE_TAGS && dialect->inlines[k].open.size; k++)
            if (memmem(parts->pieces[i].text, parts->pieces[i].size,
                       dialect->inlines[k].open.text, dialect->inlines[k].open.size))
                return true;
    return false;
}

/* Refuse rows in which paths between tags would begin or cease to name media. They do so
 * only if no column names media. */
static void check_inlines(struct render *r)
{
    const struct lc_parts *parts = r->parts;

    for (int i = 0; i < LC_MEDIUM_COUNT; i++)
        if (parts->media_count[i])
            return;
    if (!r->to->inlines[0].open.size != !parts->from->inlines[0].open.size &&
        (has_inline(parts, parts->from) || has_inline(parts, r->to)))
        refuse(r, LC_REFUSAL_INLINE, nothing);
}

/* ---- media ---- */

static void put_media(struct render *r, enum lc_medium medium, uint32_t column)
{
    const struct lc_parts *parts = r->parts;
    size_t count = parts->media_count[medium];
    struct lc_span name = r->to->columns[lc_column_of(medium)][0];
    bool is_list = r->to->is_modern || count != 1;

    /* no media: write the column unchanged, or leave it out */
    if (!count && (!column || !name.size || r->to->is_modern != parts->from->is_modern))
        return;
    if (!name.size) {
        refuse(r, LC_REFUSAL_MEDIUM, nothing);
        return;
    }
    put_column(r, lc_column_of(medium));
    if (column && r->to->is_modern == parts->from->is_modern) {
        put_value(r, column);
        return;
    }
    put_text(r, is_list ? "[" : "");
    for (size_t i = 0; i < count; i++) {
        const struct lc_medium_part *part = &parts->media[medium][i];

        /* dialects disagree: a medium in one is a wrong path in the other */
        if (part->is_object)
            refuse(r, LC_REFUSAL_MEDIUM_FORM, nothing);
        if (part->is_url && r->to->is_modern != parts->from->is_modern)
            refuse(r, LC_REFUSAL_MEDIUM_URL, nothing);
        put_text(r, i ? ", " : "");
        put_raw(r, part->raw);
    }
    put_text(r, is_list ? "]" : "");
}

static void put_system(struct render *r)
{
    struct lc_parts *parts = r->parts;

    if (parts->system_extra.count)
        refuse(r, LC_REFUSAL_TURN_MEMBER,
               lc_json_string(&parts->doc,
                              parts->members.items[parts->system_extra.first].key));
    put_column(r, LC_COLUMN_SYSTEM);
    put_pieces(r, parts->system);
}

/* ---- columns ---- */

static bool is_null(const struct render *r, struct lc_member member)
{
    return lc_json_type(&r->parts->doc, member.value) == LC_JSON_NULL;
}

static void mark_written(struct render *r, enum lc_column column)
{
    if (column != LC_COLUMN_COUNT)
        r->parts->written |= UINT32_C(1) << column;
}

static void put_member(struct render *r, struct lc_member member)
{
    put_text(r, r->any ? ", " : "");
    put_value(r, member.key);
    put_text(r, ": ");
    put_value(r, member.value);
    r->any = true;
}

/* Write a column that has the same meaning in both dialects, or none in either. */
static void put_other(struct render *r, const struct lc_part_column *column)
{
    struct lc_span key = lc_json_string(&r->parts->doc, column->member.key);
    unsigned rank;

    if (lc_dialect_column(r->to, key, &rank) != column->column) {
        if (!is_null(r, column->member))
            refuse(r,
                   column->column == LC_COLUMN_CHOSEN ||
                           column->column == LC_COLUMN_REJECTED ||
                           column->column == LC_COLUMN_LABEL
                       ? LC_REFUSAL_PREFERENCE
                       : LC_REFUSAL_COLUMN,
                   key);
        return;
    }
    put_member(r, column->member);
    mark_written(r, column->column);
}

/* Whether columns name the files of media. */
static bool has_media_columns(const struct render *r)
{
    return r->form == LC_TEXT_STRINGS || r->form == LC_TEXT_PARTS;
}

static void put_conversation(struct render *r)
{
    struct lc_parts *parts = r->parts;
    bool is_column =
        !lc_has_system_turn(r->to) && r->to->columns[LC_COLUMN_SYSTEM][0].size;

    if (r->has_turns)
        return;
    r->has_turns = true;
    if (r->to->layout == LC_LAYOUT_COLUMNS)
        put_rounds(r);
    else
        put_turns(r);
    /* media that only the texts name, and a system message that was a turn */
    for (int i = 0; i < LC_MEDIUM_COUNT && parts->has_part_media && has_media_columns(r);
         i++)
        put_media(r, (enum lc_medium)i, 0);
    if (parts->system_is_turn && is_column)
        put_system(r);
}

static void put_tools(struct render *r, const struct lc_part_column *column)
{
    if (is_null(r, column->member))
        return;
    if (!r->to->columns[LC_COLUMN_TOOLS][0].size) {
        refuse(r, LC_REFUSAL_TOOLS, nothing);
        return;
    }
    put_column(r, LC_COLUMN_TOOLS);
    put_value(r, column->member.value);
}

/* Write an answer of preference data, whose form differs from dialect to dialect: it is
 * kept as it is if the dialect and the form of texts stay the same. */
static void put_answer(struct render *r, const struct lc_part_column *column)
{
    const struct lc_parts *parts = r->parts;
    bool is_same = parts->from == r->to || strcmp(parts->from->name, r->to->name) == 0;

    if (r->form == LC_TEXT_STRINGS && is_same)
        put_other(r, column);
    else if (!is_null(r, column->member))
        refuse(r, LC_REFUSAL_PREFERENCE, lc_json_string(&parts->doc, column->member.key));
}

static void put_part(struct render *r, const struct lc_part_column *column)
{
    struct lc_parts *parts = r->parts;

    switch (column->column) {
    case LC_COLUMN_TURNS:
    case LC_COLUMN_PROMPT:
    case LC_COLUMN_QUERY:
    case LC_COLUMN_RESPONSE:
    case LC_COLUMN_HISTORY:
        put_conversation(r);
        break;
    case LC_COLUMN_IMAGES:
    case LC_COLUMN_VIDEOS:
    case LC_COLUMN_AUDIOS:
        if (!parts->has_part_media && has_media_columns(r))
            put_media(r, (enum lc_medium)(column->column - LC_COLUMN_IMAGES),
                      column->member.value);
        break;
    case LC_COLUMN_SYSTEM:
        if (parts->has_system && !parts->system_is_turn && !lc_has_system_turn(r->to))
            put_system(r);
        break;
    case LC_COLUMN_TOOLS:
        put_tools(r, column);
        break;
    case LC_COLUMN_CHOSEN:
    case LC_COLUMN_REJECTED:
        put_answer(r, column);
        break;
    default:
        put_other(r, column);
        break;
    }
}

enum lc_status lc_parts_write(struct lc_parts *parts, const struct lc_dialect *to,
                              enum lc_text_form form, const struct lc_row_record *record,
                              struct lc_pixel_sizes sizes, struct lc_buffer *out,
                              struct lc_error *err)
{
    struct render r = {
        .parts = parts, .to = to, .out = out, .form = form, .sizes = sizes};

    if (parts->has_system && !name_of_role(to, LC_ROLE_SYSTEM).size &&
        !to->columns[LC_COLUMN_SYSTEM][0].size)
        refuse(&r, LC_REFUSAL_SYSTEM, nothing);
    /* LLaVA's loaders use <image> for a video, too */
    if (parts->media_count[LC_MEDIUM_VIDEO] && !parts->media_count[LC_MEDIUM_IMAGE] &&
        record->placeholders && to->is_modern != parts->from->is_modern)
        refuse(&r, LC_REFUSAL_VIDEO_MARK, nothing);
    check_inlines(&r);
    check_literals(&r);
    put_text(&r, "{");
    for (size_t i = 0; i < parts->column_count && !parts->refusal; i++)
        put_part(&r, &parts->columns[i]);
    put_text(&r, "}");
    lc_buffer_clear(&r.text);
    return r.failed ? lc_fail_memory(err) : LC_OK;
}

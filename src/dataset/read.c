/* Reads a row's facts from its parsed JSON.
 *
 * One walk over the tape: each member of the row is read by its key, and what no fact is
 * read from is hashed (rest.h) and searched for duplicate keys. A later value of a
 * duplicate key replaces the facts of an earlier one, as in Python. quick.c reads the
 * same facts straight from the text of ordinary rows; tests compare the two. */
#include "dataset/row.h"

#include "dataset/content.h"
#include "dataset/rest.h"
#include "dataset/internal.h"
#include "dataset/keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Keys that are meant to name images but that LLaVA's loader ignores. Sources:
 * LLaMA-Factory (images), InternVL, ShareGPT4V, OpenAI and Hugging Face chat formats;
 * spellings found on data set cards. */
static const char *const ignored_keys[] = {
    "images",       "image_path",  "image_paths", "image_url",  "image_urls",
    "image_file",   "image_files", "image_name",  "image_list", "input_image",
    "input_images", "img",         "imgs",        "img_path",   "img_paths",
    "picture",      "pictures",    "photo",       "photos",     "pic",
    "Image",        "IMAGE",       "Images",
};
#define IGNORED_KEY_COUNT (sizeof(ignored_keys) / sizeof(ignored_keys[0]))

_Static_assert(IGNORED_KEY_COUNT <= LC_IGNORED_KEYS, "a bit and an offset for each");

void lc_row_clear(struct lc_row *row)
{
    if (!row)
        return;
    free(row->images.items);
    free(row->videos.items);
    free(row->turns);
    free(row->path_hashes);
    lc_buffer_clear(&row->scratch);
    lc_buffer_clear(&row->decoded);
    *row = (struct lc_row){0};
}

static void reset_paths(struct lc_row_paths *paths)
{
    paths->kind = LC_PATHS_NONE;
    paths->fault = NULL;
    paths->count = 0;
    paths->at = 0;
}

static void reset_turns(struct lc_row *row)
{
    row->turns_kind = LC_TURNS_MISSING;
    row->turn_count = row->malformed = row->openai = row->echo = 0;
    row->others = row->blank = row->repeated = 0;
    row->turns_at = 0;
    row->placeholders = row->human_placeholders = row->answer_placeholders = 0;
    row->words = row->characters = 0;
    row->script = LC_SCRIPT_NONE;
    row->marks = 0;
}

void lc_row_reset(struct lc_row *row)
{
    row->id_kind = LC_ID_MISSING;
    row->id = row->source = row->ignored_key = row->duplicate_key = (struct lc_span){0};
    row->id_at = row->ignored_key_at = row->duplicate_key_at = 0;
    row->ignored_key_set = 0;
    row->content = (struct lc_hash){{0}};
    row->rest = 0;
    reset_paths(&row->images);
    reset_paths(&row->videos);
    reset_turns(row);
}

static bool is_blank(struct lc_span text)
{
    return lc_text_leading_space(text.text, text.size) == text.size;
}

static void read_id(struct lc_row *row, const struct lc_json_doc *doc, uint32_t at)
{
    row->id = (struct lc_span){0}; /* of an earlier duplicate key */
    row->id_at = lc_json_offset(doc, at);
    row->id_kind = LC_ID_GOOD;
    switch (lc_json_type(doc, at)) {
    case LC_JSON_STRING:
        row->id = lc_json_string(doc, at);
        if (is_blank(row->id))
            row->id_kind = LC_ID_BAD;
        return;
    case LC_JSON_BIG:
        row->id = lc_json_string(doc, at);
        return;
    case LC_JSON_INTEGER:
        row->id.size = (size_t)snprintf(row->digits, sizeof(row->digits), "%" PRId64,
                                        lc_json_integer(doc, at));
        break;
    case LC_JSON_UNSIGNED:
        row->id.size = (size_t)snprintf(row->digits, sizeof(row->digits), "%" PRIu64,
                                        (uint64_t)lc_json_integer(doc, at));
        break;
    default:
        row->id_kind = LC_ID_BAD;
        return;
    }
    row->id.text = row->digits;
}

enum lc_status lc_row_add_path(struct lc_row_paths *paths, struct lc_span path,
                               struct lc_error *err)
{
    struct lc_span *items =
        lc_array_grow(paths->items, paths->count, &paths->capacity, sizeof(*items));

    if (!items)
        return lc_fail_memory(err);
    paths->items = items;
    items[paths->count++] = path;
    return LC_OK;
}

static const char *name_type(enum lc_json_type type)
{
    switch (type) {
    case LC_JSON_NULL:
        return "null";
    case LC_JSON_FALSE:
        return "false";
    case LC_JSON_TRUE:
        return "true";
    case LC_JSON_OBJECT:
        return "an object";
    default:
        return "a number";
    }
}

static enum lc_status read_path_list(struct lc_row_paths *paths,
                                     const struct lc_json_doc *doc, uint32_t list,
                                     struct lc_error *err)
{
    uint32_t close = lc_json_close(doc, list);
    enum lc_status status = LC_OK;

    if (close == list + 1)
        paths->fault = "an empty list";
    for (uint32_t i = list + 1; i < close && status == LC_OK; i = lc_json_next(doc, i)) {
        if (lc_json_type(doc, i) != LC_JSON_STRING)
            paths->fault = "a list with an element that is not a string";
        else if (is_blank(lc_json_string(doc, i)))
            paths->fault = "a list with a blank string";
        else
            status = lc_row_add_path(paths, lc_json_string(doc, i), err);
    }
    return status;
}

static enum lc_status read_paths(struct lc_row_paths *paths,
                                 const struct lc_json_doc *doc, uint32_t at,
                                 struct lc_error *err)
{
    enum lc_json_type type = lc_json_type(doc, at);
    enum lc_status status = LC_OK;

    reset_paths(paths);
    paths->at = lc_json_offset(doc, at);
    if (type == LC_JSON_STRING) {
        status = lc_row_add_path(paths, lc_json_string(doc, at), err);
        if (is_blank(lc_json_string(doc, at)))
            paths->fault = "a blank string";
    } else if (type == LC_JSON_ARRAY) {
        status = read_path_list(paths, doc, at, err);
    } else {
        paths->fault = name_type(type);
    }
    paths->kind = paths->fault ? LC_PATHS_BAD : LC_PATHS_GOOD;
    if (paths->fault)
        paths->count = 0;
    return status;
}

/* Whether a value is not null, false, blank or empty. */
static bool has_content(const struct lc_json_doc *doc, uint32_t at)
{
    switch (lc_json_type(doc, at)) {
    case LC_JSON_NULL:
    case LC_JSON_FALSE:
        return false;
    case LC_JSON_STRING:
        return !is_blank(lc_json_string(doc, at));
    case LC_JSON_ARRAY:
    case LC_JSON_OBJECT:
        return lc_json_close(doc, at) > at + 1;
    default:
        return true;
    }
}

/* A quick test: all of those keys begin with one of these letters. */
static bool may_name_images(struct lc_span key)
{
    return key.size && (key.text[0] == 'i' || key.text[0] == 'I' || key.text[0] == 'p');
}

bool lc_row_uses_key(struct lc_span key)
{
    if (lc_span_is(key, "video"))
        return true;
    if (!may_name_images(key))
        return false;
    for (unsigned i = 0; i < IGNORED_KEY_COUNT; i++)
        if (lc_span_is(key, ignored_keys[i]))
            return true;
    return false;
}

/* Note an ignored key that has content; of duplicates the last one counts. */
static void read_ignored_key(struct lc_row *row, const struct lc_json_doc *doc,
                             struct lc_span key, uint32_t value)
{
    for (unsigned i = 0; i < IGNORED_KEY_COUNT; i++) {
        if (!lc_span_is(key, ignored_keys[i]))
            continue;
        row->ignored_key_set &= ~(1U << i);
        row->ignored_key_set |= (unsigned)has_content(doc, value) << i;
        row->ignored_key_ats[i] = lc_json_offset(doc, value);
    }
}

/* Read a member that the loader does not read. */
static enum lc_status read_other(struct lc_row *row, const struct lc_json_doc *doc,
                                 struct lc_span key, uint32_t value, struct lc_error *err)
{
    enum lc_json_type type = lc_json_type(doc, value);

    lc_rest_add(row, key, lc_rest_value(doc, value));
    if (lc_span_is(key, "data_source"))
        row->source =
            type == LC_JSON_STRING ? lc_json_string(doc, value) : (struct lc_span){0};
    else if (may_name_images(key))
        read_ignored_key(row, doc, key, value);
    if (type != LC_JSON_ARRAY && type != LC_JSON_OBJECT)
        return LC_OK;
    return lc_keys_check_all(row, doc, value, err);
}

static enum lc_role role_of(struct lc_span from)
{
    if (lc_span_is(from, "human"))
        return LC_ROLE_HUMAN;
    return lc_span_is(from, "gpt") ? LC_ROLE_GPT : LC_ROLE_OTHER;
}

/* The members of a turn seen so far. */
struct members {
    struct lc_keys keys;
    bool from, value, role, content; /* whether the key is present */
};

/* Read one member of a turn. */
static enum lc_status read_member(struct lc_row *row, struct lc_turn *turn,
                                  struct members *members, const struct lc_json_doc *doc,
                                  uint32_t at, uint32_t value, struct lc_error *err)
{
    struct lc_span key = lc_json_string(doc, at), text = {0};
    enum lc_json_type type = lc_json_type(doc, value);
    bool string = type == LC_JSON_STRING;

    lc_keys_note(&members->keys, row, doc, at);
    if (string)
        text = lc_json_string(doc, value);
    if (lc_span_is(key, "from")) {
        members->from = true;
        turn->from = text;
        turn->role = string ? role_of(text) : LC_ROLE_NONE;
    } else if (lc_span_is(key, "value")) {
        members->value = true;
        turn->value = text;
        turn->has_value = string;
    } else {
        members->role |= lc_span_is(key, "role");
        members->content |= lc_span_is(key, "content");
        string = false;
    }
    if (!string)
        lc_rest_add_of_turn(row, key, lc_rest_value(doc, value));
    if (type != LC_JSON_ARRAY && type != LC_JSON_OBJECT)
        return LC_OK;
    return lc_keys_check_all(row, doc, value, err);
}

static enum lc_status read_turn_object(struct lc_row *row, struct lc_turn *turn,
                                       const struct lc_json_doc *doc, uint32_t at,
                                       struct lc_error *err)
{
    uint32_t close = lc_json_close(doc, at), value;
    struct members members = {.from = false};
    enum lc_status status = LC_OK;

    for (uint32_t i = at + 1; i < close && status == LC_OK;
         i = lc_json_next(doc, value)) {
        value = lc_json_next(doc, i);
        status = read_member(row, turn, &members, doc, i, value, err);
    }
    if (!turn->has_value)
        turn->fault = "has no string \"value\"";
    else if (turn->role == LC_ROLE_NONE)
        turn->fault = "has no string \"from\"";
    turn->openai = members.role && members.content && !members.from && !members.value;
    if (status == LC_OK && lc_keys_overflow(&members.keys))
        status = lc_keys_check(row, doc, at, err);
    return status;
}

void lc_row_count_turn(struct lc_row *row, const struct lc_turn *turn)
{
    row->words += turn->words;
    row->characters += turn->characters;
    row->blank += !turn->words && !turn->fault;
    row->repeated += row->turn_count > 1 && turn[-1].role == turn->role;
    row->placeholders += turn->placeholders;
    if (turn->role == LC_ROLE_HUMAN)
        row->human_placeholders += turn->placeholders;
    else if (turn->role == LC_ROLE_GPT)
        row->answer_placeholders += turn->placeholders;
    if (!turn->fault)
        row->marks |= turn->marks;
}

static enum lc_status read_turn(struct lc_row *row, const struct lc_json_doc *doc,
                                uint32_t at, uint64_t letters[LC_SCRIPT_COUNT],
                                struct lc_error *err)
{
    struct lc_turn *turn = lc_row_add_turn(row);
    enum lc_status status;

    if (!turn)
        return lc_fail_memory(err);
    *turn = (struct lc_turn){.at = lc_json_offset(doc, at)};
    if (lc_json_type(doc, at) == LC_JSON_OBJECT) {
        status = read_turn_object(row, turn, doc, at, err);
    } else {
        turn->fault = "is not an object";
        lc_rest_add_of_turn(row, (struct lc_span){0}, lc_rest_value(doc, at));
        status = lc_keys_check_all(row, doc, at, err);
    }
    row->malformed += turn->fault != NULL;
    row->others += turn->role == LC_ROLE_OTHER;
    row->openai += turn->openai;
    if (!turn->has_value)
        return status;
    lc_turn_measure(turn, letters);
    lc_row_count_turn(row, turn);
    return status;
}

#define LETTER_CHUNK 64

/* Count ASCII letters of a text, and stop soon after a limit. */
static uint64_t count_letters(struct lc_span text, uint64_t limit)
{
    uint64_t count = 0;

    for (size_t at = 0; at < text.size && count < limit; at += LETTER_CHUNK) {
        size_t end = text.size - at < LETTER_CHUNK ? text.size : at + LETTER_CHUNK;
        uint8_t letters = 0; /* 64 fit, and 16 bytes are added in one instruction */

        for (size_t i = at; i < end; i++)
            letters = (uint8_t)(letters + ((uint8_t)((text.text[i] | 0x20) - 'a') < 26));
        count += letters;
    }
    return count;
}

/* The script with most letters. Letters beyond ASCII were counted while the texts were
 * measured; ASCII letters were not, because that would slow down every text and most rows
 * have no other letters. So they are counted here, and only until Latin has as many as
 * the other script, not counting the letters of placeholders ("image" each). A row whose
 * other letters outnumber all remaining characters needs no count at all. */
enum lc_script lc_row_pick_script(const struct lc_row *row,
                                  const uint64_t letters[LC_SCRIPT_COUNT])
{
    uint64_t others = letters[LC_SCRIPT_HAN] > letters[LC_SCRIPT_OTHER]
                          ? letters[LC_SCRIPT_HAN]
                          : letters[LC_SCRIPT_OTHER];
    uint64_t own = (sizeof("image") - 1) * row->placeholders, most = others ? others : 1;
    uint64_t latin = letters[LC_SCRIPT_LATIN];

    /* not Latin even if all other characters were Latin letters */
    if (others && row->characters - letters[LC_SCRIPT_HAN] - letters[LC_SCRIPT_OTHER] <
                      others + own)
        return letters[LC_SCRIPT_HAN] == others ? LC_SCRIPT_HAN : LC_SCRIPT_OTHER;
    for (size_t i = 0; i < row->turn_count && latin < most + own; i++)
        latin += count_letters(row->turns[i].value, most + own - latin);
    latin -= latin < own ? latin : own;
    if (latin >= most)
        return LC_SCRIPT_LATIN;
    if (!others)
        return LC_SCRIPT_NONE;
    return letters[LC_SCRIPT_HAN] == others ? LC_SCRIPT_HAN : LC_SCRIPT_OTHER;
}

static enum lc_status read_turns(struct lc_row *row, const struct lc_json_doc *doc,
                                 uint32_t at, struct lc_error *err)
{
    uint64_t letters[LC_SCRIPT_COUNT] = {0};
    enum lc_status status = LC_OK;
    uint32_t close;

    reset_turns(row);
    row->turns_at = lc_json_offset(doc, at);
    row->turns_kind = LC_TURNS_NOT_LIST;
    if (lc_json_type(doc, at) != LC_JSON_ARRAY)
        return lc_keys_check_all(row, doc, at, err);
    row->turns_kind = LC_TURNS_LIST;
    close = lc_json_close(doc, at);
    for (uint32_t i = at + 1; i < close && status == LC_OK; i = lc_json_next(doc, i))
        status = read_turn(row, doc, i, letters, err);
    row->script = lc_row_pick_script(row, letters);
    return status;
}

/* Whether a member that facts are read from has the wrong type, so that the facts do not
 * identify its value. */
static bool has_wrong_type(const struct lc_row *row, struct lc_span key)
{
    switch (key.text[0]) {
    case 'c':
        return row->turns_kind != LC_TURNS_LIST || !row->turn_count;
    case 'i':
        return lc_span_is(key, "id") ? row->id_kind == LC_ID_BAD
                                     : row->images.kind == LC_PATHS_BAD;
    default:
        return row->videos.kind == LC_PATHS_BAD;
    }
}

static enum lc_status read_key(struct lc_row *row, const struct lc_json_doc *doc,
                               uint32_t at, uint32_t value, struct lc_error *err)
{
    struct lc_span key = lc_json_string(doc, at);
    bool turns = lc_span_is(key, "conversations"), id = lc_span_is(key, "id");
    enum lc_status status = LC_OK;

    if (!turns && !id && !lc_span_is(key, "image") && !lc_span_is(key, "video"))
        return read_other(row, doc, key, value, err);
    if (turns)
        status = read_turns(row, doc, value, err);
    else if (id)
        read_id(row, doc, value);
    else
        status =
            read_paths(key.text[0] == 'i' ? &row->images : &row->videos, doc, value, err);
    if (has_wrong_type(row, key))
        lc_rest_add(row, key, lc_rest_value(doc, value));
    return turns || status != LC_OK ? status : lc_keys_check_all(row, doc, value, err);
}

static void pick_ignored_key(struct lc_row *row)
{
    unsigned first;

    if (!row->ignored_key_set || row->images.kind != LC_PATHS_NONE)
        return;
    first = (unsigned)__builtin_ctz(row->ignored_key_set);
    row->ignored_key = (struct lc_span){ignored_keys[first], strlen(ignored_keys[first])};
    row->ignored_key_at = row->ignored_key_ats[first];
}

static enum lc_status read_object(struct lc_row *row, const struct lc_json_doc *doc,
                                  struct lc_error *err)
{
    uint32_t close = lc_json_close(doc, LC_JSON_ROOT), value;
    struct lc_keys keys = {.count = 0};
    enum lc_status status = LC_OK;

    for (uint32_t i = LC_JSON_ROOT + 1; i < close && status == LC_OK;
         i = lc_json_next(doc, value)) {
        value = lc_json_next(doc, i);
        lc_keys_note(&keys, row, doc, i);
        status = read_key(row, doc, i, value, err);
    }
    if (status == LC_OK && lc_keys_overflow(&keys))
        status = lc_keys_check(row, doc, LC_JSON_ROOT, err);
    pick_ignored_key(row);
    return status == LC_OK ? lc_content_find(row, err) : status;
}

enum lc_status lc_row_read(struct lc_row *row, const struct lc_json_doc *doc,
                           struct lc_error *err)
{
    lc_row_reset(row);
    row->object = lc_json_type(doc, LC_JSON_ROOT) == LC_JSON_OBJECT;
    if (!row->object)
        return lc_keys_check_all(row, doc, LC_JSON_ROOT, err);
    return read_object(row, doc, err);
}

/* Reads a row's facts from its parsed JSON.
 *
 * In one walk over the tape, each member of the row is looked up among the columns of the
 * dialect. Members from which no fact is read are hashed (rest.h) and searched for
 * duplicate keys. If a key occurs twice, the facts of the later value replace those of
 * the earlier one, as in Python. Turns that may contain media are read last, because a
 * column of media replaces the media read so far. quick.c reads the same facts straight
 * from the text of ordinary rows; tests compare the two. */
#include "dataset/row.h"

#include "dataset/content.h"
#include "dataset/rest.h"
#include "dataset/internal.h"
#include "dataset/keys.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Keys that seem to name images; if a key is a column of the dialect, it is read as that.
 * Sources: LLaVA (image), LLaMA-Factory (images), InternVL, ShareGPT4V, OpenAI and
 * Hugging Face chat formats; spellings found on data set cards. */
static const char *const ignored_keys[] = {
    "images",      "image",        "image_path",  "image_paths", "image_url",
    "image_urls",  "image_file",   "image_files", "image_name",  "image_list",
    "input_image", "input_images", "img",         "imgs",        "img_path",
    "img_paths",   "picture",      "pictures",    "photo",       "photos",
    "pic",         "Image",        "IMAGE",       "Images",
};
#define IGNORED_KEY_COUNT (sizeof(ignored_keys) / sizeof(ignored_keys[0]))
#define IGNORED_IMAGE 1U /* the number of image */

_Static_assert(IGNORED_KEY_COUNT <= LC_IGNORED_KEYS, "a bit and an offset for each");

void lc_row_clear(struct lc_row *row)
{
    if (!row)
        return;
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        free(row->media[medium].items);
    free(row->embedded);
    free(row->turns);
    free(row->path_hashes);
    lc_json_parser_free(row->inner);
    lc_buffer_clear(&row->scratch);
    lc_buffer_clear(&row->decoded);
    *row = (struct lc_row){0};
}

static void reset_media(struct lc_row *row, enum lc_medium medium)
{
    struct lc_row_media *media = &row->media[medium];

    if (!media->at) /* no value was read since it was reset */
        return;
    media->kind = LC_PATHS_NONE;
    media->fault = NULL;
    media->is_list = media->is_object = false;
    media->url = media->file_url = (struct lc_span){0};
    media->count = media->remote = media->rejected = 0;
    media->elsewhere = 0;
    media->at = 0;
    if (!media->embedded)
        return;
    for (size_t i = row->embedded_count; i-- > 0;) /* of a duplicate key */
        if (row->embedded[i].medium == medium)
            memmove(&row->embedded[i], &row->embedded[i + 1],
                    (--row->embedded_count - i) * sizeof(*row->embedded));
    media->embedded = 0;
}

static void reset_turns(struct lc_row *row)
{
    row->turns_kind = LC_TURNS_MISSING;
    row->turn_count = row->malformed = row->foreign = row->echo = 0;
    row->contradicting = 0;
    row->bare_parts = false;
    row->others = row->systems = row->calls = row->blank = row->repeated = 0;
    row->turns_at = 0;
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        row->placeholders[medium] = row->human_placeholders[medium] =
            row->part_files[medium] = 0;
    row->answer_placeholders = row->sized = row->unsized = 0;
    row->has_no_size = false;
    row->words = row->characters = 0;
    row->script = LC_SCRIPT_NONE;
    row->marks = 0;
}

void lc_row_reset(struct lc_row *row, const struct lc_dialect *dialect)
{
    row->dialect = dialect;
    row->stray.kind = LC_STRAY_NOT;
    row->id_kind = LC_ID_MISSING;
    row->id = row->source = row->duplicate_key = (struct lc_span){0};
    row->ignored_key = row->rival_key = (struct lc_span){0};
    row->id_at = row->ignored_key_at = row->rival_key_at = row->duplicate_key_at = 0;
    row->ignored_key_set = row->program_key_set = 0;
    row->content = (struct lc_hash){{0}};
    row->question = row->answer = row->identity = row->rest = 0;
    row->has_preference = dialect->is_ranking;
    row->only_files = row->loose = row->no_prompt = false;
    row->null_prompt = row->null_query = row->is_turns = false;
    row->tools = LC_TOOLS_NONE;
    row->tools_index = 0;
    row->has_objects = row->has_paths_alone = false;
    row->long_numbers = row->noted_traits = 0;
    if (row->has_rejected)
        row->rejected = (struct lc_row_rejected){.is_conversation = false};
    row->has_rejected = false;
    if (row->pair.has_content || row->pair.has_null)
        row->pair = (struct lc_row_pair){.has_content = false};
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        row->in_column[medium] = false;
    row->decoded.size = 0;
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        reset_media(row, (enum lc_medium)medium);
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
    row->id_is_null = false;
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
        row->id_is_null = lc_json_type(doc, at) == LC_JSON_NULL;
        return;
    }
    row->id.text = row->digits;
}

static enum lc_status add_path(struct lc_row_media *media, struct lc_span path,
                               struct lc_error *err)
{
    struct lc_span *items =
        lc_array_grow(media->items, media->count, &media->capacity, sizeof(*items));

    if (!items)
        return lc_fail_memory(err);
    media->items = items;
    items[media->count++] = path;
    return LC_OK;
}

/* Hash a URL or embedded bytes: its text, and its position among all media of the row. */
static void add_elsewhere(struct lc_row_media *media, struct lc_span item)
{
    uint64_t place = media->count + media->remote + media->embedded + 1;

    media->elsewhere += lc_rest_mix(place, lc_hash_quick(item.text, item.size));
}

static enum lc_status add_embedded(struct lc_row *row, enum lc_medium medium,
                                   struct lc_span base64, uint32_t at,
                                   struct lc_error *err)
{
    struct lc_embedded *embedded = lc_array_grow(
        row->embedded, row->embedded_count, &row->embedded_capacity, sizeof(*embedded));

    if (!embedded)
        return lc_fail_memory(err);
    row->embedded = embedded;
    add_elsewhere(&row->media[medium], base64);
    embedded[row->embedded_count++] = (struct lc_embedded){medium, base64, at};
    row->media[medium].embedded++;
    return LC_OK;
}

static bool begins(struct lc_span text, const char *with)
{
    size_t size = strlen(with);

    return text.size >= size && memcmp(text.text, with, size) == 0;
}

/* Whether a text is base64 and not a path: it is longer than a file name can be, begins
 * like an image file, and has only characters of base64. Sources: the signatures of JPEG,
 * PNG, GIF, WebP and BMP in base64. */
static bool is_base64(struct lc_span text)
{
    static const char *const heads[] = {"/9j/", "iVBORw0KGgo", "R0lGOD", "UklGR", "Qk"};
    static const char known[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789+/=\n";
    size_t head = 0, at = 0;

    while (head < sizeof(heads) / sizeof(heads[0]) && !begins(text, heads[head]))
        head++;
    if (head == sizeof(heads) / sizeof(heads[0]) || text.size <= NAME_MAX)
        return false;
    while (at < NAME_MAX && memchr(known, text.text[at], sizeof(known) - 1))
        at++;
    return at == NAME_MAX;
}

enum lc_status lc_row_add_medium(struct lc_row *row, enum lc_medium medium,
                                 struct lc_span item, uint32_t at, struct lc_error *err)
{
    struct lc_row_media *media = &row->media[medium];

    if (!row->dialect->is_modern)
        return add_path(media, item, err);
    if (begins(item, "http://") || begins(item, "https://")) {
        add_elsewhere(media, item);
        if (!media->remote++)
            media->url = item;
        return LC_OK;
    }
    if (begins(item, "file://")) {
        if (!media->file_url.text)
            media->file_url = item;
        item.text += sizeof("file://") - 1;
        item.size -= sizeof("file://") - 1;
    }
    if (begins(item, "data:")) {
        const char *comma = memchr(item.text, ',', item.size);
        size_t head = comma ? (size_t)(comma + 1 - item.text) : item.size;

        return add_embedded(
            row, medium, (struct lc_span){item.text + head, item.size - head}, at, err);
    }
    if (is_base64(item))
        return add_embedded(row, medium, item, at, err);
    return add_path(media, item, err);
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

/* The value of a key of an object, the last one of duplicates; 0: the key is missing. */
static uint32_t find_key(const struct lc_json_doc *doc, uint32_t object, const char *key)
{
    uint32_t close = lc_json_close(doc, object), value, found = 0;

    for (uint32_t i = object + 1; i < close; i = lc_json_next(doc, value)) {
        value = lc_json_next(doc, i);
        if (lc_span_is(lc_json_string(doc, i), key))
            found = value;
    }
    return found;
}

/* The same for a key of the dialect, in its quotes. */
static uint32_t find_named_key(const struct lc_json_doc *doc, uint32_t object,
                               struct lc_span quoted)
{
    struct lc_span name = lc_unquoted(quoted);
    char key[LC_JSON_PADDING];

    snprintf(key, sizeof(key), "%.*s", (int)name.size, name.text);
    return find_key(doc, object, key);
}

static bool is_text_at(const struct lc_json_doc *doc, uint32_t at)
{
    return at && lc_json_type(doc, at) == LC_JSON_STRING &&
           !is_blank(lc_json_string(doc, at));
}

/* Whether an object has a path or bytes, like Hugging Face's images. */
static bool has_file(const struct lc_json_doc *doc, uint32_t object)
{
    return is_text_at(doc, find_key(doc, object, "path")) ||
           is_text_at(doc, find_key(doc, object, "bytes"));
}

/* Find the value with which an object names a medium: {"path": …}, {"url": …}, {"bytes":
 * …, "path": null}. 0: there is none. Sources: Hugging Face datasets, features/image.py;
 * OpenAI's image_url. */
static uint32_t find_named(const struct lc_json_doc *doc, uint32_t object)
{
    static const char *const keys[] = {"bytes", "path", "url", "data", "image_url"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        uint32_t at = find_key(doc, object, keys[i]);

        if (is_text_at(doc, at))
            return at;
    }
    return 0;
}

static void set_fault(struct lc_row_media *media, enum lc_json_type type, bool in_list,
                      const char *fault)
{
    media->fault = fault;
    media->type = type;
    media->in_list = in_list;
    media->is_empty = media->is_blank = false;
}

/* Whether an object has a url, as images of OpenAI do, and it is blank. */
static bool has_blank_url(const struct lc_json_doc *doc, uint32_t object)
{
    uint32_t url = find_key(doc, object, "url");

    return url && lc_json_type(doc, url) == LC_JSON_STRING &&
           is_blank(lc_json_string(doc, url));
}

/* Read one medium, the value itself or an element of a list. */
static enum lc_status read_medium(struct lc_row *row, enum lc_medium medium,
                                  const struct lc_json_doc *doc, uint32_t at,
                                  bool in_list, struct lc_error *err)
{
    struct lc_row_media *media = &row->media[medium];
    enum lc_json_type type = lc_json_type(doc, at);
    uint32_t first =
        type == LC_JSON_ARRAY && lc_json_close(doc, at) > at + 1 ? at + 1 : 0;

    if (type == LC_JSON_OBJECT && row->dialect->is_modern) {
        uint32_t named = find_named(doc, at);

        if (named)
            return lc_row_add_medium(row, medium, lc_json_string(doc, named),
                                     lc_json_offset(doc, named), err);
        set_fault(media, type, in_list,
                  in_list ? "a list with an object without path, url or bytes"
                          : "an object without path, url or bytes");
        media->is_blank = has_blank_url(doc, at);
    } else if (type == LC_JSON_ARRAY && in_list && medium == LC_MEDIUM_VIDEO &&
               row->dialect->is_modern && is_text_at(doc, first)) {
        /* the frames of a video: the first one represents all */
        return lc_row_add_medium(row, medium, lc_json_string(doc, first),
                                 lc_json_offset(doc, first), err);
    } else if (type != LC_JSON_STRING) {
        set_fault(media, type, in_list,
                  in_list ? "a list with an element that is not a string"
                          : name_type(type));
        media->is_empty = type == LC_JSON_OBJECT
                              ? !has_file(doc, at)
                              : type == LC_JSON_FLOAT && lc_json_is_nan(doc, at);
    } else if (is_blank(lc_json_string(doc, at))) {
        set_fault(media, type, in_list,
                  in_list ? "a list with a blank string" : "a blank string");
        media->is_empty = !in_list && !lc_json_string(doc, at).size;
    } else {
        return lc_row_add_medium(row, medium, lc_json_string(doc, at),
                                 lc_json_offset(doc, at), err);
    }
    return LC_OK;
}

/* Set the kind of a medium after its value was read. A faulty value names no files. */
static void set_kind(struct lc_row *row, enum lc_medium medium)
{
    struct lc_row_media *media = &row->media[medium];
    const char *fault = media->fault;
    uint32_t at = media->at;

    media->kind = LC_PATHS_GOOD;
    if (!fault)
        return;
    reset_media(row, medium);
    media->kind = LC_PATHS_BAD;
    media->fault = fault;
    media->at = at;
}

/* Note that an image in a column is an object: LLaMA-Factory reads only {"bytes": null,
 * "path": …}. */
static void note_object(struct lc_row *row, enum lc_medium medium,
                        const struct lc_json_doc *doc, uint32_t at)
{
    uint32_t bytes;

    if (medium != LC_MEDIUM_IMAGE || lc_json_type(doc, at) != LC_JSON_OBJECT)
        return;
    bytes = find_key(doc, at, "bytes");
    row->has_objects = true;
    row->has_paths_alone |= !bytes || lc_json_type(doc, bytes) != LC_JSON_NULL;
}

/* Add the media of a column to those of other columns. */
static enum lc_status add_media(struct lc_row *row, enum lc_medium medium,
                                const struct lc_json_doc *doc, uint32_t at,
                                struct lc_error *err)
{
    struct lc_row_media *media = &row->media[medium];
    enum lc_json_type type = lc_json_type(doc, at);
    enum lc_status status = LC_OK;
    uint32_t close;

    if (media->kind == LC_PATHS_NONE)
        media->at = lc_json_offset(doc, at);
    if (type != LC_JSON_ARRAY) {
        if (type == LC_JSON_NULL && row->dialect->is_modern)
            return LC_OK;
        media->is_object = type == LC_JSON_OBJECT;
        note_object(row, medium, doc, at);
        status = read_medium(row, medium, doc, at, false, err);
    } else {
        media->is_list = true;
        close = lc_json_close(doc, at);
        if (close == at + 1 && row->dialect->is_modern)
            return LC_OK;
        if (close == at + 1)
            set_fault(media, type, false, "an empty list");
        for (uint32_t i = at + 1; i < close && status == LC_OK;
             i = lc_json_next(doc, i)) {
            note_object(row, medium, doc, i);
            status = read_medium(row, medium, doc, i, true, err);
        }
    }
    set_kind(row, medium);
    return status;
}

static enum lc_status read_media(struct lc_row *row, enum lc_medium medium,
                                 const struct lc_json_doc *doc, uint32_t at,
                                 struct lc_error *err)
{
    reset_media(row, medium);
    return add_media(row, medium, doc, at, err);
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

/* A quick test: all ignored keys begin with one of these letters. */
static bool may_name_images(struct lc_span key)
{
    return key.size && (key.text[0] == 'i' || key.text[0] == 'I' || key.text[0] == 'p');
}

/* Keys that have a meaning in other programs. Sources: ms-swift
 * swift/dataset/preprocessor/core.py, RowPreprocessor and MessagesPreprocessor; TRL
 * trl/data_utils.py, is_conversational. */
static const struct {
    const char *name;
    enum lc_program_key key;
    bool in_any_case;
} program_keys[] = {
    {"system", LC_KEY_SYSTEM, true},
    {"system_prompt", LC_KEY_SYSTEM, true},
    {"tools", LC_KEY_TOOLS, false},
    {"videos", LC_KEY_MEDIA, true},
    {"video", LC_KEY_MEDIA, true},
    {"audios", LC_KEY_MEDIA, true},
    {"audio", LC_KEY_MEDIA, true},
    {"prompt", LC_KEY_PROMPT, false},
    {"chosen", LC_KEY_PROMPT, false},
    {"rejected", LC_KEY_PROMPT, false},
    {"completion", LC_KEY_PROMPT, false},
    {"objects", LC_KEY_OBJECTS, false},
    {"rejected_response", LC_KEY_PREFERENCE, false},
    {"positive_messages", LC_KEY_PREFERENCE, false},
    {"negative_messages", LC_KEY_PREFERENCE, false},
};

/* The kind of a key that has a meaning in another program, or LC_KEY_COUNT. */
static enum lc_program_key program_key(struct lc_span key)
{
    /* a quick test: all begin with one of these letters */
    if (!key.size || !memchr("sStvVaApcrno", key.text[0], sizeof("sStvVaApcrno") - 1))
        return LC_KEY_COUNT;
    for (size_t i = 0; i < sizeof(program_keys) / sizeof(program_keys[0]); i++)
        if (key.size == strlen(program_keys[i].name) &&
            (program_keys[i].in_any_case
                 ? strncasecmp(key.text, program_keys[i].name, key.size)
                 : memcmp(key.text, program_keys[i].name, key.size)) == 0)
            return program_keys[i].key;
    return LC_KEY_COUNT;
}

static void note_program_key(struct lc_row *row, enum lc_program_key kind,
                             struct lc_span key, uint32_t at)
{
    /* of several keys, keep one that LLaMA-Factory reads, too */
    if (kind == LC_KEY_MEDIA && row->program_key_set & 1U << kind &&
        (lc_span_is(row->program_keys[kind], "videos") ||
         lc_span_is(row->program_keys[kind], "audios")))
        return;
    row->program_key_set |= 1U << kind;
    row->program_keys[kind] = key;
    row->program_key_ats[kind] = at;
}

/* Whether the programs that read a key do anything with this value. */
static bool is_read(const struct lc_json_doc *doc, enum lc_program_key kind,
                    uint32_t value)
{
    uint32_t end;

    /* these are columns whatever their value is */
    if (kind == LC_KEY_PREFERENCE || kind == LC_KEY_PROMPT)
        return true;
    if (kind != LC_KEY_OBJECTS)
        return has_content(doc, value);
    if (lc_json_type(doc, value) != LC_JSON_OBJECT)
        return lc_json_type(doc, value) != LC_JSON_NULL;
    end = lc_json_next(doc, value) - 1;
    for (uint32_t at = value + 1; at < end; at = lc_json_next(doc, lc_json_next(doc, at)))
        if (lc_span_is(lc_json_string(doc, at), "bbox"))
            return false;
    return true;
}

/* Note such a key if it is read; of duplicates, the last one counts. */
static void read_program_key(struct lc_row *row, const struct lc_json_doc *doc,
                             struct lc_span key, uint32_t value)
{
    enum lc_program_key kind = program_key(key);
    enum lc_column column;
    unsigned rank;

    if (kind == LC_KEY_COUNT)
        return;
    if (!is_read(doc, kind, value)) {
        if (row->program_key_set & 1U << kind &&
            lc_span_equal(row->program_keys[kind], key))
            row->program_key_set &= ~(1U << kind); /* a duplicate */
        return;
    }
    /* not if it is a column of the dialect, except for a prompt: that counts even beside
     * turns */
    column = lc_dialect_column(row->dialect, key, &rank);
    if (column != LC_COLUMN_COUNT &&
        !(kind == LC_KEY_PROMPT && column == LC_COLUMN_TURNS))
        return;
    note_program_key(row, kind, key, lc_json_offset(doc, value));
}

bool lc_row_uses_key(struct lc_span key)
{
    if (program_key(key) != LC_KEY_COUNT)
        return true;
    if (!may_name_images(key))
        return false;
    for (unsigned i = 0; i < IGNORED_KEY_COUNT; i++)
        if (lc_span_is(key, ignored_keys[i]))
            return true;
    return false;
}

/* Note an ignored key that has content; of duplicates, the last one counts. */
static void read_ignored_key(struct lc_row *row, const struct lc_json_doc *doc,
                             struct lc_span key, uint32_t value)
{
    for (unsigned i = 0; i < IGNORED_KEY_COUNT; i++) {
        if (!lc_span_is(key, ignored_keys[i]))
            continue;
        row->ignored_key_set &= ~(1U << i);
        row->ignored_key_set |= (unsigned)has_content(doc, value) << i;
        row->ignored_key_ats[i] = lc_json_offset(doc, value);
        row->ignored_key_values[i] = value;
    }
}

/* Read a member that is not a column. */
static enum lc_status read_other(struct lc_row *row, const struct lc_json_doc *doc,
                                 struct lc_span key, uint32_t value, struct lc_error *err)
{
    enum lc_json_type type = lc_json_type(doc, value);

    lc_rest_add(row, key, lc_rest_value(doc, value));
    if (lc_span_is(key, "tools"))
        row->tools_index = value;
    row->long_numbers |= lc_rest_long_numbers(doc, value);
    if (may_name_images(key))
        read_ignored_key(row, doc, key, value);
    read_program_key(row, doc, key, value);
    if (type != LC_JSON_ARRAY && type != LC_JSON_OBJECT)
        return LC_OK;
    return lc_keys_check_all(row, doc, value, err);
}

/* ---- turns ---- */

/* Describe a missing text or role, by the dialect's key for it. */
static const char *name_missing(struct lc_span quoted)
{
    static const struct {
        const char *key, *fault;
    } faults[] = {
        {"\"value\"", "has no string \"value\""},
        {"\"content\"", "has neither a string nor a list \"content\""},
        {"\"from\"", "has no string \"from\""},
        {"\"role\"", "has no string \"role\""},
    };

    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        if (lc_span_is(quoted, faults[i].key))
            return faults[i].fault;
    return "has no string for its role, or for its text";
}

/* Append to the joined text at the end of row->decoded. All texts appended are parts of
 * the row, so reserving memory for the whole row is enough, and earlier texts do not
 * move. */
static enum lc_status append_text(struct lc_row *row, const struct lc_json_doc *doc,
                                  struct lc_span text, struct lc_error *err)
{
    enum lc_status status = lc_buffer_reserve(
        &row->decoded, doc->used + LC_JSON_PADDING - row->decoded.size, err);

    return status == LC_OK ? lc_buffer_add(&row->decoded, text.text, text.size, err)
                           : status;
}

/* The parts of a turn's content that have been read so far. */
struct parts {
    size_t begin; /* start of the joined text */
    size_t texts; /* number of texts */
    struct lc_span first;
    uint32_t placeholders[LC_MEDIUM_COUNT];
    size_t size;    /* size of all texts */
    uint64_t order; /* hash of the media and their positions in the text; 0: no parts */
    /* the row's own column names this medium: then a part only marks its place */
    bool in_column[LC_MEDIUM_COUNT];
    bool is_call;  /* one of the parts calls a tool */
    bool has_bare; /* one of the parts is a string */
    const char *fault;
};

/* The types of parts that are media. Each is also the key that names the file, and that
 * shows what a part is if it has no type. */
static const struct {
    const char *key;
    enum lc_medium medium;
} part_keys[] = {
    {"image", LC_MEDIUM_IMAGE},       {"image_url", LC_MEDIUM_IMAGE},
    {"video", LC_MEDIUM_VIDEO},       {"video_url", LC_MEDIUM_VIDEO},
    {"audio", LC_MEDIUM_AUDIO},       {"audio_url", LC_MEDIUM_AUDIO},
    {"input_audio", LC_MEDIUM_AUDIO},
};

#define PART_KEY_COUNT (sizeof(part_keys) / sizeof(part_keys[0]))

static enum lc_status add_part_text(struct lc_row *row, const struct lc_json_doc *doc,
                                    struct lc_span text, struct parts *parts,
                                    struct lc_error *err)
{
    enum lc_status status = LC_OK;

    parts->size += text.size;
    if (!parts->texts++) {
        parts->first = text;
        return LC_OK;
    }
    if (parts->texts == 2) {
        parts->begin = row->decoded.size;
        status = append_text(row, doc, parts->first, err);
    }
    return status == LC_OK ? append_text(row, doc, text, err) : status;
}

/* Whether a value is a width and a height. *has_none is set if one of them is 0 or less,
 * which makes the image one without a size. */
static bool is_size(const struct lc_json_doc *doc, uint32_t value, bool *has_none)
{
    size_t count = 0;

    *has_none = false;
    if (lc_json_type(doc, value) != LC_JSON_ARRAY)
        return false;
    for (uint32_t i = value + 1; i < lc_json_close(doc, value);
         i = lc_json_next(doc, i)) {
        enum lc_json_type type = lc_json_type(doc, i);

        if (type != LC_JSON_INTEGER && type != LC_JSON_FLOAT)
            return false;
        *has_none |= type == LC_JSON_INTEGER && lc_json_integer(doc, i) <= 0;
        count++;
    }
    return count == 2;
}

/* Count how parts name images: xtuner needs an image_url that is an object with the
 * image's size.
 * Source: xtuner/v1/datasets/mllm_tokenize_fn/base_mllm_tokenize_fn.py */
static void count_image(struct lc_row *row, const struct lc_json_doc *doc, uint32_t value)
{
    uint32_t size;
    bool has_none;

    if (!value || lc_json_type(doc, value) != LC_JSON_OBJECT) {
        row->loose = true;
        return;
    }
    size = find_key(doc, value, "image_wh");
    if (!size)
        row->unsized++;
    else if (!is_size(doc, size, &has_none))
        row->loose = true;
    else if (has_none)
        row->has_no_size = true;
    else
        row->sized++;
}

/* Read a part that is a medium: count a placeholder, and add the file if the part names
 * one, usually by the key of its type. Otherwise the file is usually in a column of its
 * own. */
static enum lc_status add_part_medium(struct lc_row *row, const struct lc_json_doc *doc,
                                      enum lc_medium medium, uint32_t named,
                                      uint32_t value, struct parts *parts,
                                      struct lc_error *err)
{
    struct lc_row_media *media = &row->media[medium];
    enum lc_status status;

    parts->placeholders[medium]++;
    parts->order = lc_rest_mix(lc_rest_mix(parts->order, medium), parts->size);
    if (!value || parts->in_column[medium] || lc_json_type(doc, value) == LC_JSON_NULL) {
        row->part_files[medium] += named && has_content(doc, named);
        return LC_OK;
    }
    if (media->kind == LC_PATHS_NONE)
        media->at = lc_json_offset(doc, value);
    status = read_medium(row, medium, doc, value, true, err);
    set_kind(row, medium);
    return status;
}

static enum lc_status read_part(struct lc_row *row, const struct lc_json_doc *doc,
                                uint32_t at, struct parts *parts, struct lc_error *err)
{
    /* keys that may name the file if no key of the medium does. Sources: LLaMA-Factory
     * src/llamafactory/v1 (value); transformers (path, url); oumi (content); Anthropic's
     * messages (source) */
    static const char *const others[] = {"value", "path", "url", "content", "source"};
    struct lc_span type = {0};
    uint32_t text, value = 0, named;
    size_t i = 0;

    if (lc_json_type(doc, at) == LC_JSON_STRING && !row->dialect->marks_places) {
        parts->has_bare = true;
        return add_part_text(row, doc, lc_json_string(doc, at), parts, err);
    }
    if (lc_json_type(doc, at) != LC_JSON_OBJECT) {
        parts->fault = row->dialect->marks_places
                           ? "has a part that is not an object"
                           : "has a part that is neither a string nor an object";
        return LC_OK;
    }
    value = find_key(doc, at, "type");
    if (is_text_at(doc, value))
        type = lc_json_string(doc, value);
    while (i < PART_KEY_COUNT && !lc_span_is(type, part_keys[i].key) &&
           (type.size || !find_key(doc, at, part_keys[i].key)))
        i++;
    if (i < PART_KEY_COUNT) {
        /* a null was put there by Arrow, for the sake of parts of another type */
        named = value = find_key(doc, at, part_keys[i].key);
        if (part_keys[i].medium == LC_MEDIUM_IMAGE)
            count_image(row, doc, lc_span_is(type, "image_url") ? named : 0);
        if (!value)
            value = find_key(doc, at, lc_medium_name(part_keys[i].medium));
        for (size_t k = 0; !value && k < sizeof(others) / sizeof(others[0]); k++)
            value = find_key(doc, at, others[k]);
        return add_part_medium(row, doc, part_keys[i].medium, named, value, parts, err);
    }
    if (lc_span_is(type, "tool_use")) {
        parts->is_call = true;
        parts->order = lc_rest_mix(parts->order, lc_rest_value(doc, at));
        return LC_OK;
    }
    text = find_key(doc, at, "text");
    if (!text)
        text = find_key(doc, at, "value"); /* LLaMA-Factory v1, also for reasoning */
    if (!text)
        text = find_key(doc, at, "content");
    if (!text || lc_json_type(doc, text) != LC_JSON_STRING)
        parts->fault = "has a part that is neither a text nor an image, video or audio";
    else
        return add_part_text(row, doc, lc_json_string(doc, text), parts, err);
    return LC_OK;
}

/* The list of parts within a part: the result of a tool, in Anthropic's messages. 0:
 * none. */
static uint32_t find_result(const struct lc_json_doc *doc, uint32_t part)
{
    uint32_t type, list;

    if (lc_json_type(doc, part) != LC_JSON_OBJECT)
        return 0;
    type = find_key(doc, part, "type");
    list = find_key(doc, part, "content");
    return is_text_at(doc, type) &&
                   lc_span_is(lc_json_string(doc, type), "tool_result") && list &&
                   lc_json_type(doc, list) == LC_JSON_ARRAY
               ? list
               : 0;
}

/* Read a content that is a list of parts, and join their texts to the text of the turn.
 * The result of a tool is a part that itself contains a list of parts. */
static enum lc_status read_parts(struct lc_row *row, struct lc_turn *turn,
                                 struct parts *parts, const struct lc_json_doc *doc,
                                 uint32_t list, struct lc_error *err)
{
    uint32_t close = lc_json_close(doc, list);
    enum lc_status status = LC_OK;

    *parts = (struct parts){.order = 1};
    memcpy(parts->in_column, row->in_column, sizeof(parts->in_column));
    for (uint32_t i = list + 1; i < close && status == LC_OK; i = lc_json_next(doc, i)) {
        uint32_t result = find_result(doc, i);

        if (!result) {
            status = read_part(row, doc, i, parts, err);
            continue;
        }
        for (uint32_t k = result + 1; k < lc_json_close(doc, result) && status == LC_OK;
             k = lc_json_next(doc, k))
            status = read_part(row, doc, k, parts, err);
    }
    turn->value = parts->first;
    if (parts->texts > 1)
        turn->value = (struct lc_span){row->decoded.data + parts->begin,
                                       row->decoded.size - parts->begin};
    turn->has_value = !parts->fault;
    turn->bare_part = parts->has_bare;
    row->bare_parts |= parts->has_bare;
    return status;
}

/* The members of a turn seen so far. */
struct members {
    struct lc_keys keys;
    bool role, text;                       /* whether the dialect's keys are present */
    bool is_nested;                        /* the role is a list or an object */
    bool other_role, other_text;           /* the other usual dialect's are present */
    struct lc_span their_role, their_text; /* their values, if they are strings */
    bool is_call;                          /* it has tool_calls */
    uint32_t target;                       /* the key of loss: true; or 0 */
    uint32_t parts_at;       /* place of the text, if it is a list of parts; or 0 */
    enum lc_turn_fault kind; /* the type of the text, if it is not a string */
    uint64_t calls;          /* hash of the tool calls */
    struct parts parts;      /* parts of the text, if it is a list */
};

/* Whether an element of a list is an object with a type, as parts are. */
static bool is_part(const struct lc_json_doc *doc, uint32_t at)
{
    return lc_json_type(doc, at) == LC_JSON_OBJECT &&
           find_named_key(doc, at, (struct lc_span){"\"type\"", 6});
}

/* The type of a turn's text that is not a string, as a fault. */
static enum lc_turn_fault kind_of_text(const struct lc_json_doc *doc, uint32_t at)
{
    switch (lc_json_type(doc, at)) {
    case LC_JSON_NULL:
        return LC_TURN_NULL_TEXT;
    case LC_JSON_FALSE:
        return LC_TURN_FALSE_TEXT;
    case LC_JSON_INTEGER:
        return lc_json_integer(doc, at) ? LC_TURN_NUMBER_TEXT : LC_TURN_ZERO_TEXT;
    case LC_JSON_FLOAT:
        return doc->nan_offset == (int64_t)lc_json_offset(doc, at) ? LC_TURN_NAN_TEXT
                                                                   : LC_TURN_NUMBER_TEXT;
    case LC_JSON_UNSIGNED:
    case LC_JSON_BIG:
        return LC_TURN_NUMBER_TEXT;
    case LC_JSON_ARRAY:
        return lc_json_close(doc, at) == at + 1 ? LC_TURN_VOID_TEXT
               : is_part(doc, at + 1)           ? LC_TURN_PARTS_TEXT
                                                : LC_TURN_OTHER_TEXT;
    case LC_JSON_OBJECT:
        return lc_json_close(doc, at) == at + 1 ? LC_TURN_VOID_TEXT : LC_TURN_OTHER_TEXT;
    default:
        return LC_TURN_OTHER_TEXT;
    }
}

/* Whether a key is the role or text of a turn in the other usual dialect: from and value,
 * if the dialect itself has a role key; otherwise role and content. */
static bool is_foreign(const struct lc_dialect *dialect, struct lc_span key, bool role)
{
    bool ours = lc_span_is(dialect->role_key, "\"role\"");

    if (role)
        return lc_span_is(key, ours ? "from" : "role");
    return lc_span_is(key, ours ? "value" : "content");
}

/* Whether a value counts as true in pydantic. */
static bool is_true(const struct lc_json_doc *doc, uint32_t value)
{
    enum lc_json_type type = lc_json_type(doc, value);

    return type == LC_JSON_TRUE ||
           (type == LC_JSON_INTEGER && lc_json_integer(doc, value) == 1);
}

/* Whether xtuner accepts a member of a turn other than its role and text: it fails at
 * unknown ones. Source: xtuner/v1/data_proto/messages/chat.py, ChatMsg */
static bool is_strict(const struct lc_json_doc *doc, struct lc_span key, uint32_t value)
{
    static const char *const keys[] = {"reasoning_content", "thinking", "tool_calls",
                                       "tool_call_id",      "name",     "meta"};
    enum lc_json_type type = lc_json_type(doc, value);

    if (lc_span_is(key, "loss"))
        return is_true(doc, value) || type == LC_JSON_FALSE || type == LC_JSON_NULL;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (lc_span_is(key, keys[i]))
            return true;
    return false;
}

/* Read one member of a turn. */
static enum lc_status read_member(struct lc_row *row, struct lc_turn *turn,
                                  struct members *members, const struct lc_json_doc *doc,
                                  uint32_t at, uint32_t value, struct lc_error *err)
{
    const struct lc_dialect *dialect = row->dialect;
    struct lc_span key = lc_json_string(doc, at), text = {0};
    enum lc_json_type type = lc_json_type(doc, value);
    bool string = type == LC_JSON_STRING;

    lc_keys_note(&members->keys, row, doc, at);
    if (string)
        text = lc_json_string(doc, value);
    if (lc_span_equal(key, lc_unquoted(dialect->role_key))) {
        members->role = true;
        members->is_nested = type == LC_JSON_ARRAY || type == LC_JSON_OBJECT;
        turn->from = text;
        turn->role = string ? lc_dialect_role(dialect, text) : LC_ROLE_NONE;
    } else if (lc_span_equal(key, lc_unquoted(dialect->text_key))) {
        members->text = true;
        members->kind = kind_of_text(doc, value);
        turn->value = text;
        turn->has_value = string;
        members->parts_at = type == LC_JSON_ARRAY && dialect->has_parts ? value : 0;
    } else {
        if (is_foreign(dialect, key, true)) {
            members->other_role = true;
            members->their_role = text;
        } else if (is_foreign(dialect, key, false)) {
            members->other_text = true;
            members->their_text = text;
        }
        if ((type == LC_JSON_FALSE && lc_span_is(key, "loss")) ||
            (type != LC_JSON_NULL && lc_span_is(key, "loss_scale")))
            note_program_key(row, LC_KEY_LOSS, key, lc_json_offset(doc, value));
        row->loose = row->loose || !is_strict(doc, key, value);
        if (lc_span_is(key, "loss"))
            members->target = is_true(doc, value) ? at : 0;
        if (dialect->has_parts && lc_span_is(key, "tool_calls")) {
            members->is_call = has_content(doc, value);
            row->noted_traits |= members->is_call ? LC_ROW_CALLS : 0U;
            members->calls = lc_rest_value(doc, value);
        }
        string = false;
    }
    if (!string)
        lc_rest_add_of_turn(row, key, lc_rest_value(doc, value));
    if (type != LC_JSON_ARRAY && type != LC_JSON_OBJECT)
        return LC_OK;
    return lc_keys_check_all(row, doc, value, err);
}

/* Whether a turn has the keys of both usual dialects, with different values. */
static bool contradicts(const struct lc_turn *turn, const struct members *members)
{
    const struct lc_span *role = &members->their_role;
    bool same_role = lc_span_equal(*role, turn->from) ||
                     (turn->role == LC_ROLE_HUMAN &&
                      (lc_span_is(*role, "user") || lc_span_is(*role, "human"))) ||
                     (turn->role == LC_ROLE_GPT &&
                      (lc_span_is(*role, "assistant") || lc_span_is(*role, "gpt")));

    return members->other_role && members->other_text &&
           !(same_role && members->their_text.text &&
             lc_span_equal(members->their_text, turn->value));
}

static enum lc_status read_turn_object(struct lc_row *row, struct lc_turn *turn,
                                       struct members *members,
                                       const struct lc_json_doc *doc, uint32_t at,
                                       struct lc_error *err)
{
    uint32_t close = lc_json_close(doc, at), value;
    enum lc_status status = LC_OK;

    for (uint32_t i = at + 1; i < close && status == LC_OK;
         i = lc_json_next(doc, value)) {
        value = lc_json_next(doc, i);
        status = read_member(row, turn, members, doc, i, value, err);
    }
    if (members->parts_at && status == LC_OK)
        status = read_parts(row, turn, &members->parts, doc, members->parts_at, err);
    /* a tool call needs no text */
    members->is_call |= members->parts.is_call;
    if (members->is_call && (!members->text || members->kind == LC_TURN_NULL_TEXT))
        turn->has_value = true;
    turn->has_calls = members->is_call;
    if (members->is_call && turn->role == LC_ROLE_GPT)
        turn->role = LC_ROLE_CALL;
    if (!turn->has_value) {
        turn->fault = members->parts.fault ? members->parts.fault
                                           : name_missing(row->dialect->text_key);
        turn->fault_kind = members->parts.fault ? LC_TURN_BAD_PART
                           : !members->text     ? LC_TURN_NO_TEXT
                                                : members->kind;
        turn->borrowed = !members->text && members->other_text;
    } else if (turn->role == LC_ROLE_NONE) {
        turn->fault = name_missing(row->dialect->role_key);
        turn->fault_kind = !members->role       ? LC_TURN_NO_ROLE
                           : members->is_nested ? LC_TURN_NESTED_ROLE
                                                : LC_TURN_OTHER_ROLE;
        turn->borrowed = !members->role && members->other_role;
    }
    if (members->target && turn->role != LC_ROLE_GPT && turn->role != LC_ROLE_CALL)
        note_program_key(row, LC_KEY_ASKED_LOSS, lc_json_string(doc, members->target),
                         lc_json_offset(doc, lc_json_next(doc, members->target)));
    turn->void_parts = members->parts_at && members->kind == LC_TURN_VOID_TEXT;
    if (turn->role == LC_ROLE_SYSTEM && members->parts_at)
        row->noted_traits |= LC_ROW_SYSTEM_PARTS;
    turn->foreign =
        members->other_role && members->other_text && !members->role && !members->text;
    turn->contradicts = !turn->fault && contradicts(turn, members);
    if (status == LC_OK && lc_keys_overflow(&members->keys))
        status = lc_keys_check(row, doc, at, err);
    return status;
}

/* The side of a conversation to which a role belongs. */
static unsigned side_of(enum lc_role role)
{
    static const unsigned char sides[] = {
        [LC_ROLE_NONE] = 0,   [LC_ROLE_HUMAN] = 1,  [LC_ROLE_GPT] = 2,
        [LC_ROLE_SYSTEM] = 3, [LC_ROLE_RESULT] = 1, [LC_ROLE_CALL] = 2,
        [LC_ROLE_OTHER] = 4,  [LC_ROLE_WHOLE] = 5,
    };

    return sides[role];
}

void lc_row_count_turn(struct lc_row *row, const struct lc_turn *turn)
{
    row->words += turn->words;
    row->characters += turn->characters;
    row->blank += !turn->fault && lc_turn_is_blank(turn);
    row->repeated += row->turn_count > 1 && side_of(turn[-1].role) == side_of(turn->role);
    row->systems += turn->role == LC_ROLE_SYSTEM;
    if (!turn->fault)
        row->marks |= turn->marks;
    /* most turns have no placeholders */
    if (!(turn->placeholders[LC_MEDIUM_IMAGE] | turn->placeholders[LC_MEDIUM_VIDEO] |
          turn->placeholders[LC_MEDIUM_AUDIO]))
        return;
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++) {
        row->placeholders[medium] += turn->placeholders[medium];
        if (turn->role == LC_ROLE_HUMAN)
            row->human_placeholders[medium] += turn->placeholders[medium];
    }
    if (turn->role == LC_ROLE_GPT)
        row->answer_placeholders += turn->placeholders[LC_MEDIUM_IMAGE];
}

/* Use the media among the parts of a turn as its placeholders. */
static void count_parts(struct lc_turn *turn, const struct parts *parts)
{
    static const char context[] = "<IMG_CONTEXT>"; /* a token like LC_TURN_PAD */
    unsigned kept = LC_TURN_TEMPLATE | LC_TURN_DAMAGED | LC_TURN_PAD | LC_TURN_ASSISTANT;

    memcpy(turn->placeholders, parts->placeholders, sizeof(turn->placeholders));
    if (turn->marks & LC_TURN_LOOKALIKE &&
        memmem(turn->value.text, turn->value.size, context, sizeof(context) - 1))
        kept |= LC_TURN_LOOKALIKE;
    turn->marks &= kept;
    if (!turn->words && !lc_turn_is_blank(turn))
        turn->marks |= LC_TURN_BARE;
}

/* Measure a complete turn. If its text is a list of parts, only the media are
 * placeholders: whatever resembles a placeholder in a text is text, unless it is a token.
 * In dialects that mark the places in the texts it is the other way round. */
static void measure_turn(struct lc_row *row, struct lc_turn *turn,
                         const struct members *members, uint64_t letters[LC_SCRIPT_COUNT])
{
    lc_turn_measure(turn, row->dialect, letters);
    if (members && members->parts.order) {
        turn->of_parts = true;
        if (turn->placeholders[LC_MEDIUM_IMAGE])
            row->noted_traits |= LC_ROW_PART_TAGS;
        if (!row->dialect->marks_places)
            count_parts(turn, &members->parts);
        turn->hash = lc_rest_mix(turn->hash, members->parts.order);
    }
    if (members && members->is_call)
        turn->hash = lc_rest_mix(turn->hash, members->calls);
    lc_row_count_turn(row, turn);
}

/* Add a turn for a single text. */
static enum lc_status add_text_turn(struct lc_row *row, enum lc_role role,
                                    struct lc_span from, struct lc_span value,
                                    const char *fault, uint32_t at,
                                    uint64_t letters[LC_SCRIPT_COUNT],
                                    struct lc_error *err)
{
    struct lc_turn *turn = lc_row_add_turn(row);

    if (!turn)
        return lc_fail_memory(err);
    *turn = (struct lc_turn){
        .at = at,
        .role = role,
        .from = from,
        .value = value,
        .fault = fault,
        .fault_kind = fault ? LC_TURN_OTHER_TEXT : LC_TURN_WELL_FORMED,
        .has_value = !fault,
    };
    row->malformed += fault != NULL;
    if (!fault)
        measure_turn(row, turn, NULL, letters);
    return LC_OK;
}

/* Read a question and its answer from one object; *read is set to whether it is such a
 * pair.
 * Source: ms-swift swift/dataset/preprocessor/core.py, MessagesPreprocessor. */
static enum lc_status read_pair(struct lc_row *row, const struct lc_json_doc *doc,
                                uint32_t at, uint64_t letters[LC_SCRIPT_COUNT],
                                bool *read, struct lc_error *err)
{
    static const struct {
        const char *key;
        enum lc_role role;
    } keys[] = {
        {"human", LC_ROLE_HUMAN},   {"user", LC_ROLE_HUMAN}, {"gpt", LC_ROLE_GPT},
        {"assistant", LC_ROLE_GPT}, {"bot", LC_ROLE_GPT},
    };
    uint32_t found[2] = {0, 0};
    const char *names[2] = {NULL, NULL};
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        bool answer = keys[i].role == LC_ROLE_GPT;
        uint32_t value = find_key(doc, at, keys[i].key);

        if (!value || found[answer])
            continue;
        found[answer] = value;
        names[answer] = keys[i].key;
    }
    *read = found[0] && found[1];
    for (int i = 0; i < 2 && *read && status == LC_OK; i++) {
        bool string = lc_json_type(doc, found[i]) == LC_JSON_STRING;

        status =
            add_text_turn(row, i ? LC_ROLE_GPT : LC_ROLE_HUMAN,
                          (struct lc_span){names[i], strlen(names[i])},
                          string ? lc_json_string(doc, found[i]) : (struct lc_span){0},
                          string ? NULL : "is not a string",
                          lc_json_offset(doc, found[i]), letters, err);
    }
    if (*read && status == LC_OK)
        status = lc_keys_check_all(row, doc, at, err);
    return status;
}

static enum lc_status read_turn(struct lc_row *row, const struct lc_json_doc *doc,
                                uint32_t at, uint64_t letters[LC_SCRIPT_COUNT],
                                struct lc_error *err)
{
    struct members members = {.role = false};
    enum lc_status status = LC_OK;
    struct lc_turn *turn;
    bool read = false;

    if (row->dialect->has_pairs && lc_json_type(doc, at) == LC_JSON_OBJECT)
        status = read_pair(row, doc, at, letters, &read, err);
    if (read || status != LC_OK)
        return status;
    turn = lc_row_add_turn(row);
    if (!turn)
        return lc_fail_memory(err);
    *turn = (struct lc_turn){.at = lc_json_offset(doc, at)};
    if (lc_json_type(doc, at) == LC_JSON_OBJECT) {
        status = read_turn_object(row, turn, &members, doc, at, err);
    } else {
        turn->fault = "is not an object";
        turn->fault_kind = LC_TURN_NOT_OBJECT;
        lc_rest_add_of_turn(row, (struct lc_span){0}, lc_rest_value(doc, at));
        status = lc_keys_check_all(row, doc, at, err);
    }
    row->malformed += turn->fault != NULL;
    row->others += turn->role == LC_ROLE_OTHER;
    row->foreign += turn->foreign;
    row->contradicting += turn->contradicts;
    if (!turn->has_value)
        return status;
    measure_turn(row, turn, &members, letters);
    return status;
}

#define LETTER_CHUNK 64

/* Count the ASCII letters of a text, up to about a limit. */
static uint64_t count_letters(struct lc_span text, uint64_t limit)
{
    uint64_t count = 0;

    for (size_t at = 0; at < text.size && count < limit; at += LETTER_CHUNK) {
        size_t end = text.size - at < LETTER_CHUNK ? text.size : at + LETTER_CHUNK;
        uint8_t letters = 0; /* counts up to 64: 16 counters are added at once */

        for (size_t i = at; i < end; i++)
            letters = (uint8_t)(letters + ((uint8_t)((text.text[i] | 0x20) - 'a') < 26));
        count += letters;
    }
    return count;
}

/* The number of letters in the placeholders of images in a row's texts. */
static uint64_t count_own_letters(const struct lc_row *row)
{
    size_t size = row->dialect->placeholders[LC_MEDIUM_IMAGE].size;
    uint64_t count = 0;

    if (!row->dialect->has_parts)
        return (size - 2) * row->placeholders[LC_MEDIUM_IMAGE];
    if (row->placeholders[LC_MEDIUM_IMAGE])
        for (size_t i = 0; i < row->turn_count; i++)
            if (!row->turns[i].of_parts)
                count += (size - 2) * row->turns[i].placeholders[LC_MEDIUM_IMAGE];
    return count;
}

/* The script with most letters. Letters beyond ASCII were counted while the texts were
 * measured. ASCII letters were not: that would slow down every text, and most rows have
 * no other letters. So they are counted here, only until Latin has as many letters as the
 * other script, and without the letters of placeholders ("image" each). If a row's other
 * letters outnumber all remaining characters, nothing is counted at all. */
enum lc_script lc_row_pick_script(const struct lc_row *row,
                                  const uint64_t letters[LC_SCRIPT_COUNT])
{
    uint64_t others = letters[LC_SCRIPT_HAN] > letters[LC_SCRIPT_OTHER]
                          ? letters[LC_SCRIPT_HAN]
                          : letters[LC_SCRIPT_OTHER];
    uint64_t own = count_own_letters(row), most = others ? others : 1;
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
    row->turns_type = lc_json_type(doc, at);
    if (row->turns_type != LC_JSON_ARRAY)
        return lc_keys_check_all(row, doc, at, err);
    row->turns_kind = LC_TURNS_LIST;
    close = lc_json_close(doc, at);
    for (uint32_t i = at + 1; i < close && status == LC_OK; i = lc_json_next(doc, i))
        status = read_turn(row, doc, i, letters, err);
    row->script = lc_row_pick_script(row, letters);
    return status;
}

/* ---- questions and answers in columns ---- */

/* The values that are read after all members were seen, by column. */
struct columns {
    uint32_t at[LC_COLUMN_COUNT];                   /* index on the tape; 0: the row does
                                                     * not have the column */
    uint8_t rank[LC_COLUMN_COUNT];                  /* 1 + its name's position; 0: none */
    uint32_t all[LC_MEDIUM_COUNT][LC_COLUMN_NAMES]; /* by name, if names add up */
    uint32_t answers[2][LC_COLUMN_NAMES]; /* by name of chosen, and of rejected */
};

/* Whether a number with a point or an exponent is zero. */
static bool is_zero(const char *number)
{
    number += strspn(number, "-0.");
    return !*number || !strchr("123456789NI", *number);
}

/* Whether programs treat the value of a column as missing: values that Python considers
 * false. Source: LLaMA-Factory src/llamafactory/data/converter.py,
 * AlpacaDatasetConverter; ms-swift swift/dataset/preprocessor/core.py,
 * AlpacaPreprocessor, ResponsePreprocessor. */
static bool is_void(const struct lc_json_doc *doc, uint32_t at)
{
    if (lc_json_type(doc, at) == LC_JSON_STRING)
        return !lc_json_string(doc, at).size;
    if (lc_json_type(doc, at) == LC_JSON_FLOAT)
        return is_zero(doc->text + lc_json_offset(doc, at));
    switch (kind_of_text(doc, at)) {
    case LC_TURN_NULL_TEXT:
    case LC_TURN_FALSE_TEXT:
    case LC_TURN_ZERO_TEXT:
    case LC_TURN_VOID_TEXT:
        return true;
    default:
        return false;
    }
}

/* Add a turn from a column. */
static enum lc_status add_column_turn(struct lc_row *row, enum lc_role role,
                                      struct lc_span value, const char *fault,
                                      uint32_t at, uint64_t letters[LC_SCRIPT_COUNT],
                                      struct lc_error *err)
{
    return add_text_turn(row, role,
                         lc_unquoted(row->dialect->roles[role == LC_ROLE_GPT].name),
                         value, fault, at, letters, err);
}

static enum lc_status add_string_turn(struct lc_row *row, enum lc_role role,
                                      const struct lc_json_doc *doc, uint32_t at,
                                      uint64_t letters[LC_SCRIPT_COUNT],
                                      struct lc_error *err)
{
    bool string = lc_json_type(doc, at) == LC_JSON_STRING;

    return add_column_turn(
        row, role, string ? lc_json_string(doc, at) : (struct lc_span){0},
        string ? NULL : "is not a string", lc_json_offset(doc, at), letters, err);
}

/* Add a turn from a column whose value is not a string. */
static enum lc_status add_odd_turn(struct lc_row *row, enum lc_role role,
                                   const struct lc_json_doc *doc, uint32_t at,
                                   enum lc_turn_fault kind,
                                   uint64_t letters[LC_SCRIPT_COUNT],
                                   struct lc_error *err)
{
    enum lc_status status = add_string_turn(row, role, doc, at, letters, err);

    if (status == LC_OK)
        row->turns[row->turn_count - 1].fault_kind = kind;
    return status;
}

/* The fault of an answer in a column that is a list or an object. */
static enum lc_turn_fault kind_of_answer(const struct lc_json_doc *doc, uint32_t at)
{
    bool is_list = lc_json_type(doc, at) == LC_JSON_ARRAY;

    if (lc_json_close(doc, at) == at + 1)
        return is_list ? LC_TURN_EMPTY_ANSWER : LC_TURN_VOID_TEXT;
    return is_list && lc_json_type(doc, at + 1) == LC_JSON_STRING ? LC_TURN_LISTED_ANSWER
                                                                  : LC_TURN_OTHER_TEXT;
}

/* Read earlier rounds: [[question, answer], …]. */
static enum lc_status read_history(struct lc_row *row, const struct lc_json_doc *doc,
                                   uint32_t list, uint64_t letters[LC_SCRIPT_COUNT],
                                   struct lc_error *err)
{
    enum lc_status status = LC_OK;
    uint32_t close;

    if (is_void(doc, list))
        return LC_OK;
    if (lc_json_type(doc, list) != LC_JSON_ARRAY)
        return add_column_turn(row, LC_ROLE_HUMAN, (struct lc_span){0},
                               "is not a list of pairs of question and answer",
                               lc_json_offset(doc, list), letters, err);
    close = lc_json_close(doc, list);
    for (uint32_t i = list + 1; i < close && status == LC_OK; i = lc_json_next(doc, i)) {
        uint32_t second = i + 1;

        if (lc_json_type(doc, i) == LC_JSON_ARRAY && lc_json_close(doc, i) > i + 1)
            second = lc_json_next(doc, i + 1);
        if (lc_json_type(doc, i) != LC_JSON_ARRAY || second >= lc_json_close(doc, i) ||
            lc_json_next(doc, second) != lc_json_close(doc, i)) {
            status = add_column_turn(row, LC_ROLE_HUMAN, (struct lc_span){0},
                                     "is not a pair of question and answer",
                                     lc_json_offset(doc, i), letters, err);
            continue;
        }
        status = add_string_turn(row, LC_ROLE_HUMAN, doc, i + 1, letters, err);
        if (status == LC_OK)
            status = add_string_turn(row, LC_ROLE_GPT, doc, second, letters, err);
    }
    return status;
}

/* Read the question: the prompt and, on a new line, the query if it is not empty. Source:
 * LLaMA-Factory src/llamafactory/data/converter.py, AlpacaDatasetConverter. */
static enum lc_status read_question(struct lc_row *row, const struct lc_json_doc *doc,
                                    const struct columns *columns,
                                    uint64_t letters[LC_SCRIPT_COUNT],
                                    struct lc_error *err)
{
    uint32_t prompt = columns->at[LC_COLUMN_PROMPT], query = columns->at[LC_COLUMN_QUERY];
    struct lc_span question;
    size_t begin = row->decoded.size;
    enum lc_status status = LC_OK;

    if (!row->no_prompt && (!query || is_void(doc, query))) {
        if (!row->null_prompt)
            return add_string_turn(row, LC_ROLE_HUMAN, doc, prompt, letters, err);
        return add_column_turn(row, LC_ROLE_HUMAN, (struct lc_span){"", 0}, NULL,
                               row->turns_at, letters, err);
    }
    if (lc_json_type(doc, query) != LC_JSON_STRING)
        return add_odd_turn(row, LC_ROLE_HUMAN, doc, query,
                            kind_of_text(doc, query) == LC_TURN_NUMBER_TEXT
                                ? LC_TURN_NUMBER_QUERY
                                : LC_TURN_OTHER_QUERY,
                            letters, err);
    if (row->no_prompt || row->null_prompt || !lc_json_string(doc, prompt).size)
        return add_string_turn(row, LC_ROLE_HUMAN, doc, query, letters, err);
    status = append_text(row, doc, lc_json_string(doc, prompt), err);
    if (status == LC_OK)
        status = append_text(row, doc, (struct lc_span){"\n", 1}, err);
    if (status == LC_OK)
        status = append_text(row, doc, lc_json_string(doc, query), err);
    if (status != LC_OK)
        return status;
    question = (struct lc_span){row->decoded.data + begin, row->decoded.size - begin};
    return add_column_turn(row, LC_ROLE_HUMAN, question, NULL, row->turns_at, letters,
                           err);
}

/* Read the answer: a string or, in some dialects, the first element of a list. */
static enum lc_status read_answer(struct lc_row *row, const struct lc_json_doc *doc,
                                  uint32_t at, uint64_t letters[LC_SCRIPT_COUNT],
                                  struct lc_error *err)
{
    enum lc_json_type type = lc_json_type(doc, at);
    bool is_list = type == LC_JSON_ARRAY && lc_json_close(doc, at) > at + 1;

    if (is_list && row->dialect->lists_answers) {
        lc_rest_add(row, (struct lc_span){0}, lc_rest_value(doc, at));
        at++;
    } else if (type == LC_JSON_NULL) {
        return LC_OK;
    } else if (type == LC_JSON_ARRAY || type == LC_JSON_OBJECT) {
        return add_odd_turn(row, LC_ROLE_GPT, doc, at, kind_of_answer(doc, at), letters,
                            err);
    }
    return add_string_turn(row, LC_ROLE_GPT, doc, at, letters, err);
}

static enum lc_status read_columns(struct lc_row *row, const struct lc_json_doc *doc,
                                   const struct columns *columns, struct lc_error *err)
{
    uint64_t letters[LC_SCRIPT_COUNT] = {0};
    uint32_t prompt = columns->at[LC_COLUMN_PROMPT], query = columns->at[LC_COLUMN_QUERY];
    enum lc_status status = LC_OK;

    row->null_prompt = prompt && lc_json_type(doc, prompt) == LC_JSON_NULL;
    if (!prompt || row->null_prompt) {
        /* Arrow reads a missing key as null */
        row->no_prompt = query && lc_json_type(doc, query) == LC_JSON_STRING;
        prompt = row->no_prompt ? query : prompt;
    }
    if (!prompt)
        return LC_OK;
    row->turns_at = lc_json_offset(doc, prompt);
    row->turns_kind = LC_TURNS_NOT_LIST;
    row->turns_type = lc_json_type(doc, prompt);
    if (row->turns_type != LC_JSON_STRING && !row->null_prompt)
        return LC_OK;
    row->null_query = query && lc_json_type(doc, query) != LC_JSON_STRING &&
                      (row->null_prompt || !lc_json_string(doc, prompt).size);
    row->turns_kind = LC_TURNS_LIST;
    if (columns->at[LC_COLUMN_HISTORY])
        status = read_history(row, doc, columns->at[LC_COLUMN_HISTORY], letters, err);
    if (status == LC_OK)
        status = read_question(row, doc, columns, letters, err);
    if (status == LC_OK && columns->at[LC_COLUMN_RESPONSE])
        status = read_answer(row, doc, columns->at[LC_COLUMN_RESPONSE], letters, err);
    row->script = lc_row_pick_script(row, letters);
    return status;
}

/* ---- the row ---- */

/* Whether the facts read from a column do not determine its value. */
static bool is_lossy(const struct lc_row *row, enum lc_column column,
                     enum lc_json_type type)
{
    switch (column) {
    case LC_COLUMN_TURNS:
        return row->turns_kind != LC_TURNS_LIST || !row->turn_count;
    case LC_COLUMN_ID:
        return row->id_kind == LC_ID_BAD;
    case LC_COLUMN_IMAGES:
    case LC_COLUMN_VIDEOS:
    case LC_COLUMN_AUDIOS:
        return row->media[column - LC_COLUMN_IMAGES].kind != LC_PATHS_GOOD ||
               type == LC_JSON_OBJECT;
    default:
        return true;
    }
}

/* Read the value of a column. */
static enum lc_status read_column(struct lc_row *row, const struct lc_json_doc *doc,
                                  enum lc_column column, struct lc_span key,
                                  uint32_t value, struct lc_error *err)
{
    enum lc_json_type type = lc_json_type(doc, value);
    enum lc_status status = LC_OK;

    switch (column) {
    case LC_COLUMN_TURNS:
        status = read_turns(row, doc, value, err);
        break;
    case LC_COLUMN_ID:
        read_id(row, doc, value);
        break;
    case LC_COLUMN_IMAGES:
    case LC_COLUMN_VIDEOS:
    case LC_COLUMN_AUDIOS:
        status =
            read_media(row, (enum lc_medium)(column - LC_COLUMN_IMAGES), doc, value, err);
        break;
    case LC_COLUMN_SOURCE:
        row->source =
            type == LC_JSON_STRING ? lc_json_string(doc, value) : (struct lc_span){0};
        break;
    default: /* read after all members were seen */
        break;
    }
    if (is_lossy(row, column, type) && status == LC_OK)
        lc_rest_add(row, key, lc_rest_value(doc, value));
    if (column == LC_COLUMN_TURNS || status != LC_OK)
        return status;
    return lc_keys_check_all(row, doc, value, err);
}

/* Whether a column is read after all others. */
static bool is_late(const struct lc_row *row, enum lc_column column)
{
    return column == LC_COLUMN_TURNS && row->dialect->has_parts;
}

/* Read a column like any other member, because a preferred name of the column replaces
 * it. */
static enum lc_status read_replaced(struct lc_row *row, const struct lc_json_doc *doc,
                                    enum lc_column column, const struct columns *columns,
                                    struct lc_error *err)
{
    struct lc_span name =
        lc_unquoted(row->dialect->columns[column][columns->rank[column] - 1]);
    uint32_t value = columns->at[column];

    if (is_late(row, column) || !is_lossy(row, column, lc_json_type(doc, value)))
        return read_other(row, doc, name, value, err);
    /* it was already added to the rest */
    if (may_name_images(name))
        read_ignored_key(row, doc, name, value);
    return LC_OK;
}

/* Note answers in columns of text, or of null, beside turns: TRL reads the row by them,
 * whichever name the dialect prefers. */
static void note_prompts(struct lc_row *row, const struct lc_json_doc *doc,
                         const struct columns *columns, enum lc_column column)
{
    const uint32_t *values = columns->answers[column == LC_COLUMN_REJECTED];
    uint32_t turns = columns->at[LC_COLUMN_TURNS];

    if (!turns || lc_json_type(doc, turns) != LC_JSON_ARRAY)
        return;
    for (int i = 0; i < LC_COLUMN_NAMES; i++) {
        struct lc_span name = lc_unquoted(row->dialect->columns[column][i]);

        if (values[i] && program_key(name) == LC_KEY_PROMPT &&
            (is_text_at(doc, values[i]) || lc_json_type(doc, values[i]) == LC_JSON_NULL))
            note_program_key(row, LC_KEY_PROMPT, name, lc_json_offset(doc, values[i]));
    }
}

/* Read the role and the text of an answer that is a turn. */
static void read_answer_turn(const struct lc_row *row, const struct lc_json_doc *doc,
                             uint32_t at, struct lc_row_answer *answer)
{
    uint32_t role, text;

    answer->role = LC_ROLE_NONE;
    if (lc_json_type(doc, at) != LC_JSON_OBJECT)
        return;
    role = find_named_key(doc, at, row->dialect->role_key);
    text = find_named_key(doc, at, row->dialect->text_key);
    if (role && lc_json_type(doc, role) == LC_JSON_STRING)
        answer->role = lc_dialect_role(row->dialect, lc_json_string(doc, role));
    answer->has_text =
        text && (lc_json_type(doc, text) == LC_JSON_STRING ||
                 (row->dialect->has_parts && lc_json_type(doc, text) == LC_JSON_ARRAY));
    if (text && lc_json_type(doc, text) == LC_JSON_STRING)
        answer->value = lc_json_string(doc, text);
}

/* Read one of the answers that preference data compares. */
static struct lc_row_answer read_pair_answer(const struct lc_row *row,
                                             const struct lc_json_doc *doc, uint32_t at)
{
    struct lc_row_answer answer = {.form = LC_ANSWER_OTHER,
                                   .at = lc_json_offset(doc, at)};
    uint32_t last = at + 1;

    switch (lc_json_type(doc, at)) {
    case LC_JSON_STRING:
        answer.form = LC_ANSWER_TEXT;
        answer.has_text = true;
        answer.value = lc_json_string(doc, at);
        break;
    case LC_JSON_OBJECT:
        answer.form = LC_ANSWER_TURN;
        read_answer_turn(row, doc, at, &answer);
        break;
    case LC_JSON_ARRAY:
        if (lc_json_close(doc, at) == last)
            break;
        answer.form = LC_ANSWER_TURNS;
        while (lc_json_next(doc, last) != lc_json_close(doc, at))
            last = lc_json_next(doc, last);
        read_answer_turn(row, doc, last, &answer);
        break;
    default:
        break;
    }
    return answer;
}

/* Read the answers that preference data compares. A completion alone is no preference. */
static void read_preference(struct lc_row *row, const struct lc_json_doc *doc,
                            const struct columns *columns)
{
    const struct lc_span *names = row->dialect->columns[LC_COLUMN_REJECTED];
    const uint32_t *values = columns->answers[1];
    uint32_t chosen = 0, rejected = 0;
    struct lc_row_pair pair = {.has_content = false};

    if (columns->rank[LC_COLUMN_CHOSEN] == 1)
        chosen = columns->at[LC_COLUMN_CHOSEN];
    if (columns->rank[LC_COLUMN_REJECTED])
        rejected = columns->at[LC_COLUMN_REJECTED];
    for (int i = 0; i < LC_COLUMN_NAMES; i++) {
        if (!values[i] || !lc_span_is(names[i], "\"rejected_response\""))
            continue;
        row->noted_traits |= LC_ROW_REJECTED;
        pair.has_null |= lc_json_type(doc, values[i]) == LC_JSON_NULL;
    }
    pair.has_content =
        (chosen && has_content(doc, chosen)) || (rejected && has_content(doc, rejected));
    if (!pair.has_content && !pair.has_null)
        return;
    if (chosen)
        pair.chosen = read_pair_answer(row, doc, chosen);
    if (rejected)
        pair.rejected = read_pair_answer(row, doc, rejected);
    pair.is_same =
        chosen && rejected && lc_rest_value(doc, chosen) == lc_rest_value(doc, rejected);
    row->pair = pair;
}

/* Read the columns beside the turns that contribute to the row's identity. */
static void read_beside(struct lc_row *row, const struct lc_json_doc *doc,
                        const struct columns *columns)
{
    for (int column = LC_COLUMN_SYSTEM; column <= LC_COLUMN_LABEL; column++) {
        uint32_t value = columns->at[column];

        if (!value || !has_content(doc, value))
            continue;
        row->identity += lc_rest_mix((uint64_t)column, lc_rest_value(doc, value));
        row->has_preference |= column == LC_COLUMN_CHOSEN || column == LC_COLUMN_REJECTED;
    }
    read_preference(row, doc, columns);
    note_prompts(row, doc, columns, LC_COLUMN_CHOSEN);
    note_prompts(row, doc, columns, LC_COLUMN_REJECTED);
}

/* Note the names of the columns that were read, as far as they matter. */
static void note_names(struct lc_row *row, const struct columns *columns)
{
    static const enum lc_column named[] = {LC_COLUMN_TURNS, LC_COLUMN_IMAGES};

    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
        uint8_t rank = columns->rank[named[i]];

        if (rank)
            row->noted_traits |=
                lc_trait_of_name(row->dialect->columns[named[i]][rank - 1]);
    }
}

/* The parser for texts within the row. */
static enum lc_status get_inner(struct lc_row *row, struct lc_error *err)
{
    return row->inner ? LC_OK : lc_json_parser_new(&row->inner, err);
}

/* Read the row's tools: the column, or else the key that ms-swift reads in rows of any
 * dialect. */
static enum lc_status read_tools(struct lc_row *row, const struct lc_json_doc *doc,
                                 const struct columns *columns, struct lc_error *err)
{
    bool is_column = columns->rank[LC_COLUMN_TOOLS];
    uint32_t at = is_column ? columns->at[LC_COLUMN_TOOLS] : row->tools_index;
    enum lc_status status = at ? get_inner(row, err) : LC_OK;

    if (!at || status != LC_OK)
        return status;
    row->tools_at = lc_json_offset(doc, at);
    row->loose |= lc_json_type(doc, at) != LC_JSON_ARRAY && /* XTuner reads only lists */
                  lc_json_type(doc, at) != LC_JSON_NULL;
    /* a registry has its own copy of the dialect */
    row->has_system = columns->rank[LC_COLUMN_SYSTEM];
    row->has_named_tools = is_column && row->dialect->revision;
    return lc_tools_read(row->inner, doc, at, &row->tools, err);
}

/* Read the media that a row has under several names of a column. */
static enum lc_status read_all_names(struct lc_row *row, const struct lc_json_doc *doc,
                                     const struct columns *columns, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        for (int i = 0; i < LC_COLUMN_NAMES && status == LC_OK; i++) {
            enum lc_column column = lc_column_of((enum lc_medium)medium);
            uint32_t value = columns->all[medium][i];

            if (!value)
                continue;
            status = add_media(row, (enum lc_medium)medium, doc, value, err);
            if (is_lossy(row, column, lc_json_type(doc, value)))
                lc_rest_add(row, lc_unquoted(row->dialect->columns[column][i]),
                            lc_rest_value(doc, value));
        }
    return status;
}

static enum lc_status read_key(struct lc_row *row, const struct lc_json_doc *doc,
                               uint32_t at, uint32_t value, struct columns *columns,
                               struct lc_error *err)
{
    struct lc_span key = lc_json_string(doc, at);
    unsigned index = 0, rank, before;
    enum lc_column column = lc_dialect_column(row->dialect, key, &index);
    bool is_null = row->dialect->is_modern && lc_json_type(doc, value) == LC_JSON_NULL;
    enum lc_status status = LC_OK;

    if (column == LC_COLUMN_COUNT)
        return read_other(row, doc, key, value, err);
    if (row->dialect->names_add_up && column >= LC_COLUMN_IMAGES &&
        column <= LC_COLUMN_AUDIOS) {
        columns->all[column - LC_COLUMN_IMAGES][index] = value;
        return lc_keys_check_all(row, doc, value, err);
    }
    if (column == LC_COLUMN_CHOSEN || column == LC_COLUMN_REJECTED)
        columns->answers[column == LC_COLUMN_REJECTED][index] = value;
    rank = index + 1;
    before = columns->rank[column];
    /* null counts as a missing column; of a key that occurs twice, the last value
     * counts */
    if (before && (before < rank || (is_null && before != rank)))
        return read_other(row, doc, key, value, err);
    if (before > rank)
        status = read_replaced(row, doc, column, columns, err);
    columns->at[column] = value;
    columns->rank[column] = is_null ? 0 : (uint8_t)rank;
    if (status != LC_OK || is_late(row, column))
        return status; /* read after the media */
    return read_column(row, doc, column, key, value, err);
}

static void pick_ignored_key(struct lc_row *row)
{
    unsigned first;

    if (!row->ignored_key_set || row->media[LC_MEDIUM_IMAGE].kind != LC_PATHS_NONE)
        return;
    first = (unsigned)__builtin_ctz(row->ignored_key_set);
    row->ignored_key = (struct lc_span){ignored_keys[first], strlen(ignored_keys[first])};
    row->ignored_key_at = row->ignored_key_ats[first];
}

/* Whether two paths name the same file: one of them may have more folders in front. */
static bool is_same_path(struct lc_span a, struct lc_span b)
{
    struct lc_span longer = a.size > b.size ? a : b, end = a.size > b.size ? b : a;
    size_t more = longer.size - end.size;

    return memcmp(longer.text + more, end.text, end.size) == 0 &&
           (!more || longer.text[more - 1] == '/');
}

/* Whether a value, a path or a list of paths, names the files of a medium, in order. */
static bool names_files(const struct lc_json_doc *doc, uint32_t value,
                        const struct lc_row_media *media)
{
    bool is_list = lc_json_type(doc, value) == LC_JSON_ARRAY;
    uint32_t close = is_list ? lc_json_close(doc, value) : lc_json_next(doc, value);
    size_t count = 0;

    for (uint32_t at = value + is_list; at < close; at = lc_json_next(doc, at)) {
        if (count == media->count || lc_json_type(doc, at) != LC_JSON_STRING ||
            !is_same_path(lc_json_string(doc, at), media->items[count]))
            return false;
        count++;
    }
    return count == media->count;
}

/* Note a key that names other images than the parts of the turns. The programs of such
 * dialects read only the parts. Of several keys, image counts. */
static void note_rival_key(struct lc_row *row, const struct lc_json_doc *doc)
{
    const struct lc_row_media *images = &row->media[LC_MEDIUM_IMAGE];
    unsigned set = row->ignored_key_set, which;

    if (!set || !row->dialect->marks_places || images->kind != LC_PATHS_GOOD ||
        images->remote || images->embedded)
        return;
    which = set >> IGNORED_IMAGE & 1 ? IGNORED_IMAGE : (unsigned)__builtin_ctz(set);
    if (names_files(doc, row->ignored_key_values[which], images))
        return;
    row->rival_key = (struct lc_span){ignored_keys[which], strlen(ignored_keys[which])};
    row->rival_key_at = row->ignored_key_ats[which];
}

/* Add the file that a turn's text names between two tags; an empty path is a fault. */
static enum lc_status add_tagged_file(struct lc_row *row, const struct lc_turn *turn,
                                      enum lc_medium medium, struct lc_span path,
                                      struct lc_error *err)
{
    struct lc_row_media *media = &row->media[medium];
    enum lc_status status = LC_OK;

    if (media->kind == LC_PATHS_NONE)
        media->at = turn->at;
    if (path.size)
        status = lc_row_add_medium(row, medium, path, turn->at, err);
    else
        set_fault(media, LC_JSON_STRING, false,
                  "a pair of tags with nothing between them");
    set_kind(row, medium);
    return status;
}

/* Add the media that a turn's text names between tags: each is a file, and a placeholder
 * in its place. */
static enum lc_status add_inline_media(struct lc_row *row, struct lc_turn *turn,
                                       unsigned media_set, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    enum lc_medium medium;
    struct lc_span path;
    size_t at = 0;

    while (status == LC_OK &&
           (path = lc_turn_next_inline(turn, row->dialect, &at, &medium)).text) {
        if (!(media_set >> medium & 1))
            continue;
        turn->placeholders[medium]++;
        row->placeholders[medium]++;
        row->human_placeholders[medium] += turn->role == LC_ROLE_HUMAN;
        row->answer_placeholders +=
            turn->role == LC_ROLE_GPT && medium == LC_MEDIUM_IMAGE;
        status = add_tagged_file(row, turn, medium, path, err);
    }
    return status;
}

/* The media that a row does not name yet, one bit for each: a column of one medium does
 * not matter for the others. Source: ms-swift swift/template/base.py,
 * Template._replace_image_tags. */
static unsigned find_unnamed(const struct lc_row *row)
{
    unsigned media_set = 0;

    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        media_set |= (unsigned)(row->media[medium].kind == LC_PATHS_NONE) << medium;
    return media_set;
}

/* Add the media that turns name between tags, if the row does not name that medium
 * otherwise. */
static enum lc_status add_all_inline_media(struct lc_row *row, struct lc_error *err)
{
    unsigned media_set = row->marks & LC_TURN_INLINE ? find_unnamed(row) : 0;
    enum lc_status status = LC_OK;

    for (size_t i = 0; media_set && i < row->turn_count && status == LC_OK; i++)
        if (row->turns[i].marks & LC_TURN_INLINE && !row->turns[i].fault)
            status = add_inline_media(row, &row->turns[i], media_set, err);
    return status;
}

/* ---- the rejected answer ---- */

/* The number of all media of a kind, both the row's and the rejected answer's. */
static size_t count_all(const struct lc_row_media *media)
{
    return media->count + media->remote + media->embedded;
}

static bool is_empty_list(const struct lc_json_doc *doc, uint32_t at)
{
    return lc_json_type(doc, at) == LC_JSON_ARRAY && lc_json_close(doc, at) == at + 1;
}

/* Read the columns that name media of the rejected answer. Source: ms-swift
 * swift/template/template_inputs.py, TemplateInputs.from_dict. */
static enum lc_status read_rejected_media(struct lc_row *row,
                                          const struct lc_json_doc *doc,
                                          const struct columns *columns,
                                          struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (int medium = 0; medium < LC_MEDIUM_COUNT && status == LC_OK; medium++) {
        enum lc_column column = lc_rejected_column_of((enum lc_medium)medium);
        struct lc_row_media *media = &row->media[medium];
        size_t before = count_all(media);
        bool was_list = media->is_list, was_object = media->is_object;

        /* from here on, in_column is about columns of the rejected answer */
        row->in_column[medium] =
            columns->rank[column] && !is_empty_list(doc, columns->at[column]);
        if (!row->in_column[medium])
            continue;
        status = add_media(row, (enum lc_medium)medium, doc, columns->at[column], err);
        if (media->kind == LC_PATHS_GOOD) {
            media->rejected = count_all(media) - before;
            media->is_list = before ? was_list : media->is_list;
            media->is_object = before ? was_object : media->is_object;
        }
        row->has_rejected = true;
    }
    return status;
}

/* Add the media that a text of the rejected answer names between tags. */
static enum lc_status add_rejected_inlines(struct lc_row *row, const struct lc_turn *turn,
                                           unsigned media_set, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    enum lc_medium medium;
    struct lc_span path;
    size_t at = 0;

    while (status == LC_OK &&
           (path = lc_turn_next_inline(turn, row->dialect, &at, &medium)).text) {
        if (!(media_set >> medium & 1))
            continue;
        row->rejected.placeholders[medium]++;
        if (row->media[medium].kind != LC_PATHS_BAD)
            status = add_tagged_file(row, turn, medium, path, err);
    }
    return status;
}

/* Read a turn of the rejected answer: its placeholders, and the files that it names. */
static enum lc_status read_rejected_turn(struct lc_row *row,
                                         const struct lc_json_doc *doc, uint32_t at,
                                         unsigned inline_set, struct lc_error *err)
{
    struct lc_turn turn = {.at = lc_json_offset(doc, at)};
    uint64_t letters[LC_SCRIPT_COUNT] = {0};
    struct parts parts = {.size = 0};
    enum lc_status status = LC_OK;
    uint32_t role = find_named_key(doc, at, row->dialect->role_key);
    uint32_t text = find_named_key(doc, at, row->dialect->text_key);

    if (role && lc_json_type(doc, role) == LC_JSON_STRING)
        turn.role = lc_dialect_role(row->dialect, lc_json_string(doc, role));
    row->rejected.is_conversation |= turn.role == LC_ROLE_HUMAN;
    if (text && lc_json_type(doc, text) == LC_JSON_ARRAY) {
        status = read_parts(row, &turn, &parts, doc, text, err);
        for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
            row->rejected.placeholders[medium] += parts.placeholders[medium];
    } else if (text && lc_json_type(doc, text) == LC_JSON_STRING) {
        turn.value = lc_json_string(doc, text);
        turn.has_value = true;
        lc_turn_measure(&turn, row->dialect, letters);
        for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
            row->rejected.placeholders[medium] += turn.placeholders[medium];
        if (inline_set && turn.marks & LC_TURN_INLINE)
            status = add_rejected_inlines(row, &turn, inline_set, err);
    }
    return status;
}

/* Read the rejected answer if it is a list of turns. The row's media are shown in it,
 * too, except in ms-swift, where it has its own. Sources: TRL trl/trainer/dpo_trainer.py,
 * DataCollatorForVisionPreference; LLaMA-Factory
 * src/llamafactory/v1/plugins/data_plugins/converter.py, pair_converter; ms-swift
 * swift/template/template_inputs.py, TemplateInputs.from_dict. */
static enum lc_status read_rejected_turns(struct lc_row *row,
                                          const struct lc_json_doc *doc,
                                          const struct columns *columns,
                                          unsigned inline_set, struct lc_error *err)
{
    uint32_t list = columns->at[LC_COLUMN_REJECTED], close;
    uint8_t rank = columns->rank[LC_COLUMN_REJECTED];
    size_t own[LC_MEDIUM_COUNT], part_files[LC_MEDIUM_COUNT];
    enum lc_status status = LC_OK;

    if (!rank || lc_json_type(doc, list) != LC_JSON_ARRAY)
        return LC_OK;
    row->has_rejected = true;
    row->rejected.is_separate = lc_span_is(
        row->dialect->columns[LC_COLUMN_REJECTED][rank - 1], "\"rejected_messages\"");
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        own[medium] = lc_row_media_count(row, (enum lc_medium)medium);
    memcpy(part_files, row->part_files, sizeof(part_files));
    close = lc_json_close(doc, list);
    for (uint32_t i = list + 1; i < close && status == LC_OK; i = lc_json_next(doc, i))
        if (lc_json_type(doc, i) == LC_JSON_OBJECT)
            status = read_rejected_turn(row, doc, i, inline_set, err);
    memcpy(row->part_files, part_files, sizeof(part_files));
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        if (row->media[medium].kind == LC_PATHS_GOOD)
            row->media[medium].rejected = count_all(&row->media[medium]) - own[medium];
    return status;
}

/* Read the media of the rejected answer, after all other media. */
static enum lc_status read_rejected(struct lc_row *row, const struct lc_json_doc *doc,
                                    const struct columns *columns, struct lc_error *err)
{
    unsigned inline_set = find_unnamed(row);
    enum lc_status status = add_all_inline_media(row, err);

    if (status == LC_OK)
        status = read_rejected_media(row, doc, columns, err);
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        inline_set &= ~((unsigned)row->in_column[medium] << medium);
    return status == LC_OK && row->dialect->has_parts
               ? read_rejected_turns(row, doc, columns, inline_set, err)
               : status;
}

/* Whether a turn is a tool call whose text programs parse. They do so by its name, even
 * if the dialect has no such role. */
static bool is_call_text(const struct lc_turn *turn)
{
    return !turn->fault && !turn->has_calls &&
           (turn->role == LC_ROLE_CALL ||
            (turn->role == LC_ROLE_OTHER && (lc_span_is(turn->from, "function_call") ||
                                             lc_span_is(turn->from, "tool_call"))));
}

/* Find the forms of the tool calls that are texts. */
static enum lc_status read_calls(struct lc_row *row, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    row->calls = 0;
    for (size_t i = 0; i < row->turn_count && status == LC_OK; i++) {
        struct lc_turn *turn = &row->turns[i];

        turn->call = LC_CALL_UNREAD;
        if (!is_call_text(turn))
            continue;
        row->calls++;
        status = get_inner(row, err);
        if (turn->of_parts) /* a list that was not written as JSON */
            turn->call = LC_CALL_ABSENT;
        else if (status == LC_OK)
            status = lc_call_read(row->inner, turn->value, &turn->call, err);
    }
    return status;
}

enum lc_status lc_row_finish(struct lc_row *row, struct lc_error *err)
{
    enum lc_status status = add_all_inline_media(row, err);

    /* in other dialects, calls are turns of a role that they do not have */
    if ((row->others || row->dialect->has_parts || row->dialect->has_pairs) &&
        status == LC_OK)
        status = read_calls(row, err);
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++) {
        const struct lc_row_media *media = &row->media[medium];

        if (media->elsewhere)
            row->identity += lc_rest_mix((uint64_t)LC_COLUMN_COUNT + (uint64_t)medium,
                                         media->elsewhere);
        if (media->rejected)
            row->identity += lc_rest_mix(
                (uint64_t)lc_rejected_column_of((enum lc_medium)medium), media->rejected);
    }
    row->only_files = row->media[LC_MEDIUM_VIDEO].kind == LC_PATHS_NONE &&
                      row->media[LC_MEDIUM_AUDIO].kind == LC_PATHS_NONE &&
                      !row->media[LC_MEDIUM_IMAGE].remote &&
                      !row->media[LC_MEDIUM_IMAGE].file_url.text &&
                      !row->media[LC_MEDIUM_IMAGE].embedded;
    pick_ignored_key(row);
    return status == LC_OK ? lc_content_find(row, err) : status;
}

/* Read the turns after all other columns. If there is no list of turns, the better answer
 * takes its place; in TRL's preference data it includes the question. If the turns are a
 * prompt, the answer is elsewhere, or generated in training. */
static enum lc_status read_late_turns(struct lc_row *row, const struct lc_json_doc *doc,
                                      const struct columns *columns, struct lc_error *err)
{
    const struct lc_span *names = row->dialect->columns[LC_COLUMN_TURNS];
    uint32_t turns = columns->at[LC_COLUMN_TURNS], chosen = columns->at[LC_COLUMN_CHOSEN];
    uint8_t rank = columns->rank[LC_COLUMN_TURNS];

    if (!rank && chosen && lc_json_type(doc, chosen) == LC_JSON_ARRAY)
        turns = chosen;
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        row->in_column[medium] = row->media[medium].kind != LC_PATHS_NONE;
    row->has_preference |= rank && lc_is_prompt(names[rank - 1]);
    return turns
               ? read_column(row, doc, LC_COLUMN_TURNS, lc_unquoted(names[0]), turns, err)
               : LC_OK;
}

static enum lc_status read_object(struct lc_row *row, const struct lc_json_doc *doc,
                                  struct lc_error *err)
{
    uint32_t close = lc_json_close(doc, LC_JSON_ROOT), value;
    struct columns columns = {.at = {0}};
    struct lc_keys keys = {.count = 0};
    enum lc_status status = LC_OK;

    for (uint32_t i = LC_JSON_ROOT + 1; i < close && status == LC_OK;
         i = lc_json_next(doc, value)) {
        value = lc_json_next(doc, i);
        lc_keys_note(&keys, row, doc, i);
        status = read_key(row, doc, i, value, &columns, err);
    }
    if (status == LC_OK && lc_keys_overflow(&keys))
        status = lc_keys_check(row, doc, LC_JSON_ROOT, err);
    read_beside(row, doc, &columns);
    note_names(row, &columns);
    if (status == LC_OK)
        status = read_tools(row, doc, &columns, err);
    if (status == LC_OK && row->dialect->names_add_up)
        status = read_all_names(row, doc, &columns, err);
    if (status == LC_OK && row->dialect->has_parts)
        status = read_late_turns(row, doc, &columns, err);
    if (status == LC_OK)
        note_rival_key(row, doc);
    if (status == LC_OK && row->dialect->layout == LC_LAYOUT_COLUMNS)
        status = read_columns(row, doc, &columns, err);
    if (status == LC_OK && row->dialect->columns[LC_COLUMN_REJECTED][0].size)
        status = read_rejected(row, doc, &columns, err);
    return status == LC_OK ? lc_row_finish(row, err) : status;
}

/* Whether a row is not an object but a list whose first element is a turn. */
static bool is_list_of_turns(const struct lc_row *row, const struct lc_json_doc *doc)
{
    uint32_t first = LC_JSON_ROOT + 1;

    return lc_json_type(doc, LC_JSON_ROOT) == LC_JSON_ARRAY &&
           lc_json_close(doc, LC_JSON_ROOT) > first &&
           lc_json_type(doc, first) == LC_JSON_OBJECT &&
           find_named_key(doc, first, row->dialect->role_key);
}

enum lc_status lc_row_read(struct lc_row *row, const struct lc_dialect *dialect,
                           const struct lc_json_doc *doc, struct lc_error *err)
{
    enum lc_status status;

    lc_row_reset(row, dialect);
    row->element = lc_json_type(doc, LC_JSON_ROOT);
    row->object = row->element == LC_JSON_OBJECT;
    if (row->object)
        return read_object(row, doc, err);
    /* the row is the list of turns itself. Source: xtuner,
     * datasets/sft_tokenize_fn/openai.py */
    if (dialect->has_parts && is_list_of_turns(row, doc)) {
        row->object = row->is_turns = true;
        status = read_turns(row, doc, LC_JSON_ROOT, err);
        return status == LC_OK ? lc_row_finish(row, err) : status;
    }
    return lc_keys_check_all(row, doc, LC_JSON_ROOT, err);
}

enum lc_status lc_row_set_images(struct lc_row *row, struct lc_span paths, size_t count,
                                 struct lc_span identity, struct lc_error *err)
{
    struct lc_row_media *images = &row->media[LC_MEDIUM_IMAGE];
    struct lc_hash content;
    uint64_t question, answer;
    enum lc_status status = LC_OK;

    if (!row->object)
        return LC_OK;
    images->kind = count ? LC_PATHS_GOOD : LC_PATHS_NONE;
    images->count = images->remote = images->embedded = 0;
    images->is_list = count > 1;
    if (count) /* for the hash, this is the only image */
        status = add_path(images, identity, err);
    if (status == LC_OK)
        status = lc_content_find(row, err);
    content = row->content;
    question = row->question;
    answer = row->answer;
    images->count = 0;
    for (size_t at = 0; at < paths.size && status == LC_OK;
         at += strlen(paths.text + at) + 1)
        status = add_path(
            images, (struct lc_span){paths.text + at, strlen(paths.text + at)}, err);
    if (status == LC_OK && count) /* to hash the paths */
        status = lc_content_find(row, err);
    row->content = content;
    row->question = question;
    row->answer = answer;
    return status;
}

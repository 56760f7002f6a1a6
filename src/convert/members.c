#include "convert/members.h"

#include "base/hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FEW 12 /* objects with fewer members are searched one by one */

void lc_members_clear(struct lc_members *members)
{
    free(members->items);
    free(members->slots);
    *members = (struct lc_members){0};
}

/* Allocate a table for all members of an object. */
static enum lc_status begin_table(struct lc_members *members, size_t count,
                                  struct lc_error *err)
{
    size_t wanted = 64;

    while (wanted < 2 * count)
        wanted *= 2;
    if (members->slot_count < wanted) {
        uint32_t *slots = realloc(members->slots, wanted * sizeof(*slots));

        if (!slots)
            return lc_fail_memory(err);
        members->slots = slots;
        members->slot_count = wanted;
    }
    memset(members->slots, 0, members->slot_count * sizeof(*members->slots));
    return LC_OK;
}

/* Find the member of a key among those from first on. NULL: the key is new, and has been
 * added to the table. */
static struct lc_member *find_member(struct lc_members *members,
                                     const struct lc_json_doc *doc, size_t first,
                                     struct lc_span key, bool few)
{
    size_t slot;

    if (few) {
        for (size_t i = first; i < members->count; i++)
            if (lc_span_equal(lc_json_string(doc, members->items[i].key), key))
                return &members->items[i];
        return NULL;
    }
    slot = lc_hash_quick(key.text, key.size) & (members->slot_count - 1);
    for (; members->slots[slot]; slot = (slot + 1) & (members->slot_count - 1)) {
        struct lc_member *member = &members->items[first + members->slots[slot] - 1];

        if (lc_span_equal(lc_json_string(doc, member->key), key))
            return member;
    }
    members->slots[slot] = (uint32_t)(members->count - first) + 1;
    return NULL;
}

enum lc_status lc_members_add(struct lc_members *members, const struct lc_json_doc *doc,
                              uint32_t object, struct lc_error *err)
{
    uint32_t close = lc_json_close(doc, object), at;
    size_t first = members->count, count = 0;
    enum lc_status status = LC_OK;

    for (at = object + 1; at < close; at = lc_json_next(doc, lc_json_next(doc, at)))
        count++;
    if (count > FEW)
        status = begin_table(members, count, err);
    if (status != LC_OK)
        return status;
    for (at = object + 1; at < close; at = lc_json_next(doc, lc_json_next(doc, at))) {
        uint32_t value = lc_json_next(doc, at);
        struct lc_member *member =
            find_member(members, doc, first, lc_json_string(doc, at), count <= FEW);

        if (member) {
            member->value = value;
            continue;
        }
        member = lc_array_grow(members->items, members->count, &members->capacity,
                               sizeof(*member));
        if (!member)
            return lc_fail_memory(err);
        members->items = member;
        member[members->count++] = (struct lc_member){at, value};
    }
    return LC_OK;
}

static bool ends_scalar(char c)
{
    return c == ',' || c == ']' || c == '}' || c == ' ' || c == '\t' || c == '\n' ||
           c == '\r';
}

/* The end of a string that begins at an offset, past its closing quote. Most strings have
 * no escapes: then the length of the decoded text gives the end. */
static uint32_t end_of_string(const struct lc_json_doc *doc, uint32_t at, uint32_t begin)
{
    const char *text = doc->text + begin + 1;
    size_t size = lc_json_string(doc, at).size;

    assert(doc->text[begin] == '"');
    if (size < doc->used - begin - 1 && text[size] == '"' && !memchr(text, '\\', size))
        return begin + (uint32_t)size + 2;
    for (begin++; doc->text[begin] != '"'; begin++)
        begin += doc->text[begin] == '\\';
    return begin + 1;
}

struct lc_span lc_raw_value(const struct lc_json_doc *doc, uint32_t at)
{
    enum lc_json_type type = lc_json_type(doc, at);
    uint32_t begin = lc_json_offset(doc, at), end = begin;

    if (type == LC_JSON_ARRAY || type == LC_JSON_OBJECT) {
        end = lc_json_offset(doc, lc_json_close(doc, at)) + 1;
    } else if (type == LC_JSON_STRING) {
        end = end_of_string(doc, at, begin);
    } else {
        while (end < doc->used && !ends_scalar(doc->text[end]))
            end++;
    }
    return (struct lc_span){doc->text + begin, end - begin};
}

struct lc_span lc_raw_string(const struct lc_json_doc *doc, uint32_t at)
{
    struct lc_span raw = lc_raw_value(doc, at);

    return (struct lc_span){raw.text + 1, raw.size - 2};
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The character at a place in the body of a JSON string, with the number of bytes that it
 * takes; -1 if it is not ASCII, or a short escape. */
static int character_at(const char *at, const char *end, size_t *size)
{
    unsigned code = 0;

    *size = 1;
    if (*at != '\\')
        return (unsigned char)*at < 0x80 ? *at : -1;
    *size = end - at < 2 || at[1] != 'u' ? 2 : 6;
    if (*size == 2 || end - at < 6)
        return -1;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(at[i]);

        if (digit < 0)
            return -1;
        code = code << 4 | (unsigned)digit;
    }
    return code < 0x80 ? (int)code : -1;
}

/* The number of bytes that a text takes up at a place; 0: the text is not there. */
static size_t match_at(const char *at, const char *end, struct lc_span text)
{
    const char *begin = at;
    size_t size;

    for (size_t i = 0; i < text.size; i++, at += size)
        if (at >= end || character_at(at, end, &size) != text.text[i])
            return 0;
    return (size_t)(at - begin);
}

struct lc_span lc_raw_find(struct lc_span body, struct lc_span text)
{
    const char *at = body.text, *end = body.text + body.size;
    size_t size;

    if (!body.size || !text.size)
        return (struct lc_span){0};
    if (!memmem(at, body.size, "\\u00", 4)) {
        at = memmem(at, body.size, text.text, text.size);
        return at ? (struct lc_span){at, text.size} : (struct lc_span){0};
    }
    for (; at < end; at += size) {
        size_t found = match_at(at, end, text);

        if (found)
            return (struct lc_span){at, found};
        character_at(at, end, &size);
    }
    return (struct lc_span){0};
}

/* The first line end in a text; the end of the text if there is none. */
static size_t find_line_end(struct lc_span text)
{
    const char *feed = memchr(text.text, '\n', text.size);
    size_t size = feed ? (size_t)(feed - text.text) : text.size;
    const char *carriage = memchr(text.text, '\r', size);

    return carriage ? (size_t)(carriage - text.text) : size;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

enum lc_status lc_raw_add(struct lc_buffer *out, struct lc_span raw, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    while (status == LC_OK && raw.size) {
        size_t end = find_line_end(raw), size = end;

        while (end < raw.size && size && is_space(raw.text[size - 1]))
            size--;
        status = lc_buffer_add(out, raw.text, size, err);
        while (end < raw.size && is_space(raw.text[end]))
            end++;
        raw = (struct lc_span){raw.text + end, raw.size - end};
    }
    return status;
}

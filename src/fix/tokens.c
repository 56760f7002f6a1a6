/* Finds the places of values in the text of a row */
#include "fix/site.h"

#include <string.h>

size_t lc_site_end(const struct lc_fix_site *site, uint32_t at)
{
    const char *text = site->text.text;
    size_t i = lc_json_offset(site->doc, at), end = site->text.size;

    switch (lc_json_type(site->doc, at)) {
    case LC_JSON_OBJECT:
    case LC_JSON_ARRAY:
        return (size_t)lc_json_offset(site->doc, lc_json_close(site->doc, at)) + 1;
    case LC_JSON_STRING:
        for (i++; i < end && text[i] != '"'; i++)
            i += text[i] == '\\';
        return i < end ? i + 1 : end;
    default:
        while (i < end && !strchr(",]} \t\r\n", text[i]))
            i++;
        return i;
    }
}

struct lc_site_member lc_site_member(const struct lc_fix_site *site, uint32_t object,
                                     struct lc_span name)
{
    const struct lc_json_doc *doc = site->doc;
    struct lc_site_member found = {0, 0};
    uint32_t end;

    if (!object || lc_json_type(doc, object) != LC_JSON_OBJECT)
        return found;
    end = lc_json_close(doc, object);
    for (uint32_t key = object + 1; key < end;) {
        uint32_t value = lc_json_next(doc, key);

        if (lc_span_equal(lc_json_string(doc, key), name))
            found = (struct lc_site_member){key, value};
        key = lc_json_next(doc, value);
    }
    return found;
}

struct lc_site_member lc_site_column(const struct lc_fix_site *site,
                                     enum lc_column column)
{
    struct lc_site_member found = {0, 0};

    for (size_t i = 0; i < LC_COLUMN_NAMES && !found.key; i++) {
        struct lc_span name = lc_unquoted(site->dialect->columns[column][i]);

        if (!name.size)
            break;
        found = lc_site_member(site, LC_JSON_ROOT, name);
    }
    return found;
}

static uint32_t string_or_none(const struct lc_fix_site *site,
                               struct lc_site_member member)
{
    return member.value && lc_json_type(site->doc, member.value) == LC_JSON_STRING
               ? member.value
               : 0;
}

struct lc_site_turn lc_site_turn(const struct lc_fix_site *site, size_t turn)
{
    const struct lc_json_doc *doc = site->doc;
    uint32_t list = lc_site_column(site, LC_COLUMN_TURNS).value, end, previous = 0;
    struct lc_site_turn out = {0, 0, 0, 0, 0};

    if (!list || lc_json_type(doc, list) != LC_JSON_ARRAY ||
        turn >= site->row->turn_count)
        return out;
    end = lc_json_close(doc, list);
    for (uint32_t at = list + 1; at < end; previous = at, at = lc_json_next(doc, at)) {
        if (lc_json_offset(doc, at) != site->row->turns[turn].at)
            continue;
        if (lc_json_type(doc, at) != LC_JSON_OBJECT)
            return out;
        out.object = at;
        out.previous = previous;
        out.next = lc_json_next(doc, at) < end ? lc_json_next(doc, at) : 0;
        out.role = string_or_none(
            site, lc_site_member(site, at, lc_unquoted(site->dialect->role_key)));
        out.text = string_or_none(
            site, lc_site_member(site, at, lc_unquoted(site->dialect->text_key)));
        return out;
    }
    return out;
}

/* The number of UTF-8 bytes that an escape decodes to; *size is set to the size of the
 * escape. */
static size_t measure_escape(const char *text, size_t *size)
{
    int32_t point, low;
    char bytes[4];

    *size = 2;
    if (text[1] != 'u')
        return 1;
    *size = 6;
    point = lc_text_hex4(text + 2);
    if (point >= 0xD800 && point < 0xDC00 && text[6] == '\\' && text[7] == 'u') {
        low = lc_text_hex4(text + 8);
        if (low >= 0xDC00 && low < 0xE000) {
            *size = 12;
            return 4;
        }
    }
    return lc_text_encode((uint32_t)point, bytes);
}

size_t lc_site_inside(const struct lc_fix_site *site, uint32_t string, size_t byte)
{
    const char *text = site->text.text;
    size_t at = (size_t)lc_json_offset(site->doc, string) + 1, done = 0;

    while (done < byte) {
        size_t size = 1;

        done += text[at] == '\\' ? measure_escape(text + at, &size) : 1;
        at += size;
    }
    return at;
}

/* Append a text, escaped for a JSON string. */
static enum lc_status add_escaped(struct lc_buffer *out, struct lc_span text,
                                  bool ascii_only, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < text.size && status == LC_OK;) {
        struct lc_character c = lc_text_character(text.text + i);

        if (c.point == '"' || c.point == '\\')
            status = lc_buffer_printf(out, err, "\\%c", (char)c.point);
        else if (c.point == '\n' || c.point == '\t')
            status = lc_buffer_printf(out, err, "\\%c", c.point == '\n' ? 'n' : 't');
        else if (c.point < ' ' || (c.point >= 0x7F && c.point < 0x10000 && ascii_only))
            status = lc_buffer_printf(out, err, "\\u%04x", (unsigned)c.point);
        else if (c.point >= 0x10000 && ascii_only)
            status = lc_buffer_printf(out, err, "\\u%04x\\u%04x",
                                      (unsigned)(0xD800 + ((c.point - 0x10000) >> 10)),
                                      (unsigned)(0xDC00 + ((c.point - 0x10000) & 0x3FF)));
        else
            status = lc_buffer_add(out, text.text + i, c.size, err);
        i += c.size;
    }
    return status;
}

static bool is_ascii(struct lc_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.text[i] >= 0x80)
            return false;
    return true;
}

enum lc_status lc_site_replace(struct lc_fix_site *site, uint32_t string, size_t from,
                               size_t to, struct lc_span by, struct lc_error *err)
{
    size_t at = lc_site_inside(site, string, from);
    size_t end = lc_site_inside(site, string, to);
    struct lc_span was = {site->text.text + at, end - at};
    enum lc_status status;

    /* write characters beyond ASCII like the text being replaced */
    site->scratch->size = 0;
    status = add_escaped(site->scratch, by, was.size && is_ascii(was), err);
    if (status != LC_OK)
        return status;
    return lc_edits_add(site->edits, at, end - at, site->scratch->data,
                        site->scratch->size, err);
}

enum lc_status lc_site_write(struct lc_fix_site *site, uint32_t value, struct lc_span by,
                             struct lc_error *err)
{
    size_t at = lc_json_offset(site->doc, value), end = lc_site_end(site, value);
    enum lc_status status;

    site->scratch->size = 0;
    status = lc_buffer_add(site->scratch, "\"", 1, err);
    if (status == LC_OK)
        status =
            add_escaped(site->scratch, by,
                        is_ascii((struct lc_span){site->text.text + at, end - at}), err);
    if (status == LC_OK)
        status = lc_buffer_add(site->scratch, "\"", 1, err);
    if (status != LC_OK)
        return status;
    return lc_edits_add(site->edits, at, end - at, site->scratch->data,
                        site->scratch->size, err);
}

enum lc_status lc_site_remove_member(struct lc_fix_site *site, uint32_t object,
                                     uint32_t key, struct lc_error *err)
{
    const struct lc_json_doc *doc = site->doc;
    uint32_t value = lc_json_next(doc, key), next = lc_json_next(doc, value);
    size_t from = lc_json_offset(doc, key), end = lc_site_end(site, value);
    uint32_t before = 0;

    if (next < lc_json_close(doc, object))
        return lc_edits_remove(site->edits, from, lc_json_offset(doc, next) - from, err);
    for (uint32_t at = object + 1; at < key;) {
        before = lc_json_next(doc, at);
        at = lc_json_next(doc, before);
    }
    if (before)
        from = lc_site_end(site, before);
    return lc_edits_remove(site->edits, from, end - from, err);
}

enum lc_status lc_site_remove_turn(struct lc_fix_site *site,
                                   const struct lc_site_turn *turn, struct lc_error *err)
{
    size_t from = lc_json_offset(site->doc, turn->object);
    size_t end = lc_site_end(site, turn->object);

    if (turn->previous)
        from = lc_site_end(site, turn->previous);
    else if (turn->next)
        end = lc_json_offset(site->doc, turn->next);
    return lc_edits_remove(site->edits, from, end - from, err);
}

size_t lc_site_first_question(const struct lc_fix_site *site)
{
    size_t turn = 0;

    while (turn < site->row->turn_count && site->row->turns[turn].role != LC_ROLE_HUMAN)
        turn++;
    return turn;
}

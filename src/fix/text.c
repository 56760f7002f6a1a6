/* Fixes of the text of a row that is not JSON, or not on one line */
#include "fix/site.h"

#include <stdio.h>
#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The offset past the string that begins at an offset. */
static size_t skip_string(struct lc_span text, size_t at)
{
    for (at++; at < text.size && text.text[at] != '"'; at++)
        at += text.text[at] == '\\';
    return at < text.size ? at + 1 : text.size;
}

/* Replace a control character by its JSON escape. */
static enum lc_status escape(struct lc_fix_site *site, size_t at, struct lc_error *err)
{
    static const char letters[] = "\bb\ff\nn\rr\tt"; /* pairs: character, escape */
    char c = site->text.text[at], out[8];
    const char *letter = c ? strchr(letters, c) : NULL;
    int size = letter ? snprintf(out, sizeof(out), "\\%c", letter[1])
                      : snprintf(out, sizeof(out), "\\u%04x", (unsigned)c);

    return lc_edits_add(site->edits, at, 1, out, (size_t)size, err);
}

static enum lc_status escape_string(struct lc_fix_site *site, size_t from, size_t end,
                                    struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = from; i < end && status == LC_OK; i++)
        if ((unsigned char)site->text.text[i] < ' ')
            status = escape(site, i, err);
    return status;
}

/* Remove a comma if a bracket or brace follows it. */
static enum lc_status check_comma(struct lc_fix_site *site, size_t at,
                                  struct lc_error *err)
{
    size_t next = at + 1;

    while (next < site->text.size && is_space(site->text.text[next]))
        next++;
    if (next < site->text.size &&
        (site->text.text[next] == '}' || site->text.text[next] == ']'))
        return lc_edits_remove(site->edits, at, 1, err);
    return LC_OK;
}

/* Fix commas and control characters at once: a row may have both faults, and is readable
 * only without either. */
static enum lc_status repair(struct lc_fix_site *site, struct lc_error *err)
{
    struct lc_span text = site->text;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < text.size && status == LC_OK;) {
        if (text.text[i] == '"') {
            size_t end = skip_string(text, i);

            status = escape_string(site, i + 1, end, err);
            i = end;
            continue;
        }
        if (text.text[i] == ',')
            status = check_comma(site, i, err);
        i++;
    }
    return status;
}

enum lc_status lc_fix_remove_comma(struct lc_fix_site *site, struct lc_error *err)
{
    return repair(site, err);
}

enum lc_status lc_fix_escape_control(struct lc_fix_site *site, struct lc_error *err)
{
    return repair(site, err);
}

enum lc_status lc_site_join_lines(struct lc_fix_site *site, struct lc_error *err)
{
    struct lc_span text = site->text;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < text.size && status == LC_OK;) {
        size_t end = i;

        if (text.text[i] == '"') {
            i = skip_string(text, i);
            continue;
        }
        while (end < text.size && is_space(text.text[end]))
            end++;
        if (memchr(text.text + i, '\n', end - i) || memchr(text.text + i, '\r', end - i))
            status = lc_edits_remove(site->edits, i, end - i, err);
        i = end > i ? end : i + 1;
    }
    return status;
}

enum lc_status lc_fix_join_lines(struct lc_fix_site *site, struct lc_error *err)
{
    return lc_site_join_lines(site, err);
}

/* ---- keys that an object has twice ---- */

static struct lc_span text_of(const struct lc_fix_site *site, uint32_t value)
{
    size_t from = lc_json_offset(site->doc, value);

    return (struct lc_span){site->text.text + from, lc_site_end(site, value) - from};
}

/* Remove all but the last member of each name. *good is set to false if values differ,
 * unless any_value is set. */
static enum lc_status remove_repeats(struct lc_fix_site *site, uint32_t object,
                                     bool any_value, bool *good, struct lc_error *err)
{
    const struct lc_json_doc *doc = site->doc;
    uint32_t end = lc_json_close(doc, object);
    enum lc_status status = LC_OK;

    for (uint32_t key = object + 1; key < end && status == LC_OK && *good;) {
        uint32_t value = lc_json_next(doc, key), next = lc_json_next(doc, value);
        struct lc_site_member last =
            lc_site_member(site, object, lc_json_string(doc, key));

        if (last.key != key) {
            *good = any_value ||
                    lc_span_equal(text_of(site, value), text_of(site, last.value));
            status = lc_site_remove_member(site, object, key, err);
        }
        key = next;
    }
    return status;
}

static enum lc_status remove_all_repeats(struct lc_fix_site *site, bool any_value,
                                         struct lc_error *err)
{
    const struct lc_json_doc *doc = site->doc;
    uint32_t end = lc_json_next(doc, LC_JSON_ROOT);
    bool good = true;
    enum lc_status status = LC_OK;

    /* if a removed value has repeats itself, the edits overlap and are refused */
    for (uint32_t at = LC_JSON_ROOT; at < end && status == LC_OK && good;) {
        enum lc_json_type type = lc_json_type(doc, at);

        if (type == LC_JSON_OBJECT)
            status = remove_repeats(site, at, any_value, &good, err);
        if (type == LC_JSON_OBJECT || type == LC_JSON_ARRAY)
            at++;
        else
            at = lc_json_next(doc, at);
        while (at < end && (doc->tape[at] >> LC_JSON_LETTER_SHIFT == '}' ||
                            doc->tape[at] >> LC_JSON_LETTER_SHIFT == ']'))
            at++;
    }
    if (!good)
        lc_edits_reset(site->edits);
    return status;
}

enum lc_status lc_fix_remove_repeat(struct lc_fix_site *site, struct lc_error *err)
{
    return site->readable ? remove_all_repeats(site, false, err) : LC_OK;
}

enum lc_status lc_fix_keep_last(struct lc_fix_site *site, struct lc_error *err)
{
    return site->readable ? remove_all_repeats(site, true, err) : LC_OK;
}

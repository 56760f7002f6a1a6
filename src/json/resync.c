#include "json/resync.h"

#include "json/parser.h"

#include <string.h>

static size_t skip_space(const char *text, size_t size, size_t at)
{
    return at + lc_json_space(text + at, size - at);
}

/* Return where the white space that ends at an offset begins. */
static size_t lead_begin(const char *text, size_t at)
{
    while (at && lc_json_space(text + at - 1, 1))
        at--;
    return at;
}

/* Return the first key, with its quotes, of the object at an offset; empty if there is
 * none. */
static struct lc_span first_key(const char *text, size_t size, size_t at)
{
    size_t begin = skip_space(text, size, at + 1), end;
    const char *close;

    if (begin == size || text[begin] != '"')
        return (struct lc_span){0};
    close = memchr(text + begin + 1, '"', size - begin - 1);
    if (!close)
        return (struct lc_span){0};
    end = (size_t)(close - text) + 1;
    at = skip_space(text, size, end);
    if (at == size || text[at] != ':')
        return (struct lc_span){0};
    return (struct lc_span){text + begin, end - begin};
}

void lc_row_start_learn(struct lc_row_start *start, const char *text, size_t size,
                        size_t at)
{
    struct lc_span key = first_key(text, size, at);
    size_t lead = lead_begin(text, at);

    if (!key.size || key.size > sizeof(start->key) || at - lead > sizeof(start->lead))
        return;
    memcpy(start->key, key.text, key.size);
    start->key_size = key.size;
    memcpy(start->lead, text + lead, at - lead);
    start->lead_size = at - lead;
    start->known = true;
    start->lead_gone = false;
}

bool lc_row_start_matches(const struct lc_row_start *start, const char *text, size_t size,
                          size_t at)
{
    static const char *const usual[] = {"\"id\"", "\"image\"", "\"conversations\""};
    struct lc_span key = first_key(text, size, at);

    if (!key.size)
        return false;
    if (key.size == start->key_size && memcmp(key.text, start->key, key.size) == 0)
        return true;
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        if (lc_span_is(key, usual[i]))
            return true;
    return false;
}

static bool has_known_lead(const struct lc_row_start *start, const char *text, size_t at)
{
    size_t lead = lead_begin(text, at);

    return at - lead == start->lead_size &&
           memcmp(text + lead, start->lead, start->lead_size) == 0;
}

/* Whether rows begin on lines of their own, so that indentation tells rows from turns. */
static bool is_indented(const struct lc_row_start *start)
{
    return start->known && memchr(start->lead, '\n', start->lead_size);
}

bool lc_row_end_matches(const struct lc_row_start *start, const char *text, size_t size,
                        size_t end)
{
    size_t at = skip_space(text, size, end);

    if (!is_indented(start) || at == size || text[at] != ',')
        return true;
    at = skip_space(text, size, at + 1);
    return at == size || has_known_lead(start, text, at);
}

/* Find the next brace at or after an offset that matches by indentation or by key; size
 * if there is none. */
static size_t find_brace(const struct lc_row_start *start, const char *text, size_t size,
                         size_t from, bool indented)
{
    for (size_t at = from; at < size; at++) {
        const char *brace = memchr(text + at, '{', size - at);

        if (!brace)
            break;
        at = (size_t)(brace - text);
        if (indented ? has_known_lead(start, text, at)
                     : lc_row_start_matches(start, text, size, at))
            return at;
    }
    return size;
}

size_t lc_row_start_find(struct lc_row_start *start, const char *text, size_t size,
                         size_t from)
{
    size_t found;

    if (is_indented(start) && !(start->lead_gone && from >= start->lead_gone_from)) {
        found = find_brace(start, text, size, from, true);
        if (found < size)
            return found;
        /* the rest of the file is formatted differently: never search for the white space
         * again */
        start->lead_gone = true;
        start->lead_gone_from = from;
    }
    return find_brace(start, text, size, from, false);
}

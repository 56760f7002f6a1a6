#include "print/json_writer.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* White space of each layout; "\n" is a line break and indentation.
 *
 * Output is valid by construction: one stack entry per open object or array records its
 * kind and whether it has an item. begin_item alone writes commas, open_level and
 * lc_jw_end alone write brackets, and strings pass through one escaper. The asserts catch
 * the remaining mistakes: a value without a key, a key outside an object, a level left
 * open, an infinite number. Only lc_jw_raw trusts its caller. */
static const struct {
    const char *colon;
    const char *between; /* after the comma */
    const char *open;    /* before the first item */
    const char *close;   /* before the closing bracket */
} layouts[] = {
    [LC_JW_COMPACT] = {":", "", "", ""},
    [LC_JW_SPACED] = {": ", " ", "", ""},
    [LC_JW_PADDED] = {": ", " ", " ", " "},
    [LC_JW_LINES] = {": ", "\n", "\n", "\n"},
    [LC_JW_DENSE_LINES] = {":", "\n", "\n", "\n"},
    [LC_JW_HANGING] = {":", "\n", "\n", ""},
};

static struct lc_jw_level *innermost(struct lc_jw *jw)
{
    return jw->depth ? &jw->levels[jw->depth - 1] : NULL;
}

static bool has_lines(enum lc_jw_layout layout)
{
    return layouts[layout].open[0] == '\n';
}

static void put_gap(struct lc_jw *jw, const char *gap)
{
    static const char line[] = "\n"
                               "                                "
                               "                                ";
    size_t columns = (size_t)jw->indent * jw->lines;

    assert(columns < sizeof(line) - 1);
    if (gap[0] == '\n')
        lc_out_bytes(jw->out, line, 1 + columns);
    else if (gap[0])
        lc_out_text(jw->out, gap);
}

static void begin_item(struct lc_jw *jw, struct lc_jw_level *level)
{
    if (level->any)
        lc_out_bytes(jw->out, ",", 1);
    put_gap(jw,
            level->any ? layouts[level->layout].between : layouts[level->layout].open);
    level->any = true;
}

static void begin_value(struct lc_jw *jw)
{
    struct lc_jw_level *level = innermost(jw);

    assert(jw->has_key == (level && level->is_object));
    if (level && !level->is_object)
        begin_item(jw, level);
    jw->has_key = false;
}

static void open_level(struct lc_jw *jw, enum lc_jw_layout layout, bool is_object)
{
    begin_value(jw);
    assert(jw->depth < LC_JW_DEPTH);
    lc_out_bytes(jw->out, is_object ? "{" : "[", 1);
    jw->levels[jw->depth++] = (struct lc_jw_level){layout, is_object, false};
    jw->lines += has_lines(layout);
}

void lc_jw_object(struct lc_jw *jw, enum lc_jw_layout layout)
{
    open_level(jw, layout, true);
}

void lc_jw_array(struct lc_jw *jw, enum lc_jw_layout layout)
{
    open_level(jw, layout, false);
}

void lc_jw_end(struct lc_jw *jw)
{
    const struct lc_jw_level *level = innermost(jw);
    bool lines;

    assert(level && !jw->has_key);
    lines = has_lines(level->layout);
    jw->lines -= lines;
    if (level->any || !lines)
        put_gap(jw, layouts[level->layout].close);
    lc_out_bytes(jw->out, level->is_object ? "}" : "]", 1);
    jw->depth--;
}

/* Keys and names are nearly always short and need no escapes. They are built in a small
 * array and added to the output in one call, as a report contains millions of them. */
enum { SHORT = 64 };

/* Copy a text in quotes. Returns the end of the copy, or NULL if the text is too long or
 * needs an escape. */
static char *copy_short(char *to, const char *text)
{
    const char *last = text + SHORT;

    *to++ = '"';
    for (; *text; text++) {
        if (text == last || *text < ' ' || *text == 0x7f || *text == '"' || *text == '\\')
            return NULL;
        *to++ = *text;
    }
    *to++ = '"';
    return to;
}

static void put_name(struct lc_jw *jw, const char *text)
{
    char quoted[SHORT + 2];
    const char *end = jw->for_page ? NULL : copy_short(quoted, text);
    struct lc_span whole = {text, strlen(text)};

    if (end)
        lc_out_bytes(jw->out, quoted, (size_t)(end - quoted));
    else if (jw->for_page)
        lc_out_json_page(jw->out, whole, SIZE_MAX);
    else
        lc_out_json(jw->out, whole);
}

void lc_jw_key(struct lc_jw *jw, const char *key)
{
    struct lc_jw_level *level = innermost(jw);
    char text[SHORT + 8], *end;

    assert(level && level->is_object && !jw->has_key);
    jw->has_key = true;
    text[0] = ',';
    end = jw->for_page ? NULL : copy_short(text + 1, key);
    if (level->layout == LC_JW_COMPACT && end) { /* append comma, key and colon in one
                                                    piece */
        const char *from = level->any ? text : text + 1;

        *end++ = ':';
        lc_out_bytes(jw->out, from, (size_t)(end - from));
        level->any = true;
        return;
    }
    begin_item(jw, level);
    put_name(jw, key);
    lc_out_text(jw->out, layouts[level->layout].colon);
}

void lc_jw_text(struct lc_jw *jw, struct lc_span text)
{
    begin_value(jw);
    if (jw->for_page)
        lc_out_json_page(jw->out, text, LC_OUT_PAGE_MOST);
    else
        lc_out_json(jw->out, text);
}

void lc_jw_bytes(struct lc_jw *jw, struct lc_span bytes)
{
    begin_value(jw);
    lc_out_json_bytes(jw->out, bytes);
}

void lc_jw_name(struct lc_jw *jw, const char *text)
{
    begin_value(jw);
    put_name(jw, text);
}

void lc_jw_number(struct lc_jw *jw, uint64_t value)
{
    begin_value(jw);
    lc_out_number(jw->out, value);
}

void lc_jw_signed(struct lc_jw *jw, int64_t value)
{
    begin_value(jw);
    lc_out_signed(jw->out, value);
}

void lc_jw_decimal(struct lc_jw *jw, double value, int decimals)
{
    char text[400]; /* the largest double has 309 digits before the point */

    assert(isfinite(value) && decimals >= 0 && decimals <= 20);
    begin_value(jw);
    snprintf(text, sizeof(text), "%.*f", decimals, value);
    lc_out_text(jw->out, text);
}

void lc_jw_bool(struct lc_jw *jw, bool value)
{
    begin_value(jw);
    lc_out_text(jw->out, value ? "true" : "false");
}

void lc_jw_raw(struct lc_jw *jw, struct lc_span json)
{
    begin_value(jw);
    lc_out_bytes(jw->out, json.text, json.size);
}

void lc_jw_key_object(struct lc_jw *jw, const char *key, enum lc_jw_layout layout)
{
    lc_jw_key(jw, key);
    lc_jw_object(jw, layout);
}

void lc_jw_key_array(struct lc_jw *jw, const char *key, enum lc_jw_layout layout)
{
    lc_jw_key(jw, key);
    lc_jw_array(jw, layout);
}

void lc_jw_key_text(struct lc_jw *jw, const char *key, struct lc_span text)
{
    lc_jw_key(jw, key);
    lc_jw_text(jw, text);
}

void lc_jw_key_name(struct lc_jw *jw, const char *key, const char *text)
{
    lc_jw_key(jw, key);
    lc_jw_name(jw, text);
}

void lc_jw_key_number(struct lc_jw *jw, const char *key, uint64_t value)
{
    lc_jw_key(jw, key);
    lc_jw_number(jw, value);
}

void lc_jw_key_bool(struct lc_jw *jw, const char *key, bool value)
{
    lc_jw_key(jw, key);
    lc_jw_bool(jw, value);
}

void lc_jw_line(struct lc_jw *jw)
{
    assert(!jw->depth);
    lc_out_bytes(jw->out, "\n", 1);
}

enum lc_status lc_jw_finish(struct lc_jw *jw, enum lc_status status, struct lc_error *err)
{
    assert(status != LC_OK || !jw->depth);
    return lc_out_end(jw->out, status, err);
}

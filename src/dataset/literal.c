/* Reads Python literals, as far as they occur in data sets: strings in one pair of
 * quotes, numbers, True, False, None, lists and dicts. For what a text with a prefix, a
 * comment or the like would be, it says that it does not know. */
#include "dataset/literal.h"

#include <string.h>

#define MOST_DEPTH 60    /* Python's own limit is 200 */
#define MOST_DIGITS 4000 /* Python's own limit is 4300 */

/* A text that is being read. */
struct scan {
    const char *text;
    size_t size, at;
    struct lc_literal_facts *facts;
    struct lc_literal_value *member; /* in the outermost dict: where its value belongs */
    char open[MOST_DEPTH];           /* the brackets that are open */
    size_t depth;
};

static bool is_in(char c, const char *set)
{
    return c && strchr(set, c);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether a character may be part of a name; those outside of ASCII are taken for such,
 * because all of them are errors outside of a string. */
static bool is_of_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           (unsigned char)c >= 0x80;
}

static char peek(const struct scan *s)
{
    if (s->at >= s->size)
        return '\0';
    return s->text[s->at];
}

static void skip_space(struct scan *s)
{
    while (s->at < s->size && is_in(s->text[s->at], " \t\r\n\f"))
        s->at++;
}

/* Read as many hexadecimal digits; false if there are fewer. */
static bool read_hex(struct scan *s, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (s->at >= s->size || !is_in(s->text[s->at++], "0123456789abcdefABCDEF"))
            return false;
    return true;
}

/* Read an escape; s->at is after the backslash. */
static enum lc_literal read_escape(struct scan *s)
{
    const char *digits;

    if (s->at >= s->size)
        return LC_LITERAL_NO;
    switch (s->text[s->at++]) {
    case 'x':
        return read_hex(s, 2) ? LC_LITERAL_YES : LC_LITERAL_NO;
    case 'u':
        digits = s->text + s->at;
        if (!read_hex(s, 4))
            return LC_LITERAL_NO;
        return is_in(digits[0], "dD") && digits[1] >= '8' ? LC_LITERAL_UNSURE /* half */
                                                          : LC_LITERAL_YES;
    case 'U':
    case 'N':
    case '\r':
        return LC_LITERAL_UNSURE;
    default:
        return LC_LITERAL_YES;
    }
}

/* Whether a word before a quote belongs to the string. */
static bool is_prefix(struct lc_span word)
{
    return word.size && word.size <= 2 && is_in(word.text[0], "bBrRuUfF") &&
           (word.size == 1 || is_in(word.text[1], "bBrRfF"));
}

/* The name or number that begins at the place; s->at is set to its end. */
static struct lc_span read_name(struct scan *s)
{
    size_t begin = s->at;

    while (s->at < s->size && is_of_name(s->text[s->at]))
        s->at++;
    return (struct lc_span){s->text + begin, s->at - begin};
}

/* Read one string; s->at is at its quote. */
static enum lc_literal read_quoted(struct scan *s, struct lc_literal_value *out)
{
    char quote = s->text[s->at++];
    size_t begin = s->at;
    bool has_escape = false;

    if (s->size - s->at >= 2 && s->text[s->at] == quote && s->text[s->at + 1] == quote)
        return LC_LITERAL_UNSURE;
    while (s->at < s->size && s->text[s->at] != quote) {
        char c = s->text[s->at++];
        enum lc_literal escape = LC_LITERAL_YES;

        if (c == '\n' || c == '\r')
            return LC_LITERAL_NO;
        if (c == '\\')
            escape = read_escape(s);
        if (escape != LC_LITERAL_YES)
            return escape;
        has_escape |= c == '\\';
    }
    if (s->at >= s->size)
        return LC_LITERAL_NO;
    out->kind = has_escape ? LC_LITERAL_ESCAPED : LC_LITERAL_TEXT;
    out->text = (struct lc_span){s->text + begin, s->at - begin};
    s->at++;
    return LC_LITERAL_YES;
}

/* Read a string, and those that follow it at once: together, they are one. */
static enum lc_literal read_string(struct scan *s, struct lc_literal_value *out)
{
    enum lc_literal result = read_quoted(s, out);
    size_t end;

    while (result == LC_LITERAL_YES) {
        struct lc_span word;

        skip_space(s);
        end = s->at;
        word = read_name(s);
        if (!is_in(peek(s), "'\"") || (word.size && !is_prefix(word))) {
            s->at = end;
            break;
        }
        result = word.size ? LC_LITERAL_UNSURE : read_quoted(s, out);
        out->kind = LC_LITERAL_ESCAPED;
    }
    return result;
}

/* Whether a sum is a complex number: two numbers, of which the second ends with j. */
static enum lc_literal read_sum(struct scan *s)
{
    s->at++;
    skip_space(s);
    while (is_digit(peek(s)) || is_in(peek(s), "._eE"))
        s->at++;
    return is_in(peek(s), "jJ") ? LC_LITERAL_UNSURE : LC_LITERAL_NO;
}

/* Read digits, and what may follow those of a number. */
static enum lc_literal read_number(struct scan *s)
{
    size_t begin = s->at, zeros;
    bool is_whole;

    while (peek(s) == '0')
        s->at++;
    zeros = s->at - begin;
    while (is_digit(peek(s)))
        s->at++;
    if (s->at - begin > MOST_DIGITS)
        return LC_LITERAL_UNSURE;
    is_whole = !is_in(peek(s), ".eE");
    if (peek(s) == '.')
        for (s->at++; is_digit(peek(s));)
            s->at++;
    if (is_in(peek(s), "eE")) {
        s->at++;
        if (is_in(peek(s), "+-"))
            s->at++;
        if (!is_digit(peek(s)))
            return LC_LITERAL_UNSURE;
        while (is_digit(peek(s)))
            s->at++;
    }
    if (is_in(peek(s), "_xXoObBjJeE.")) /* 1_000, 0x1F … */
        return LC_LITERAL_UNSURE;
    if (is_of_name(peek(s)) || (is_whole && zeros && s->at - begin > zeros)) /* 007 */
        return LC_LITERAL_NO;
    skip_space(s);
    return is_in(peek(s), "+-") ? read_sum(s) : LC_LITERAL_YES;
}

/* Read a word. All words but three are errors, unless they belong to a string. */
static enum lc_literal read_word(struct scan *s, struct lc_literal_value *out)
{
    static const char *const known[] = {"None", "True", "False"};
    struct lc_span word = read_name(s);

    if (is_in(peek(s), "'\""))
        return is_prefix(word) ? LC_LITERAL_UNSURE : LC_LITERAL_NO;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (lc_span_is(word, known[i])) {
            out->kind = i ? LC_LITERAL_OTHER : LC_LITERAL_NONE;
            return LC_LITERAL_YES;
        }
    return lc_span_is(word, "set") ? LC_LITERAL_UNSURE : LC_LITERAL_NO;
}

/* Read a sign and its number. */
static enum lc_literal read_signed(struct scan *s)
{
    s->at++;
    skip_space(s);
    return is_digit(peek(s)) ? read_number(s)
           : peek(s) == '.'  ? LC_LITERAL_UNSURE
                             : LC_LITERAL_NO;
}

/* Whether what is at the place may begin something else: a comment, or a line that
 * continues. */
static enum lc_literal read_odd(const struct scan *s, const char *set)
{
    if (peek(s) == '\\')
        return s->size - s->at > 1 && is_in(s->text[s->at + 1], "\r\n")
                   ? LC_LITERAL_UNSURE
                   : LC_LITERAL_NO;
    return peek(s) == '#' || is_in(peek(s), set) ? LC_LITERAL_UNSURE : LC_LITERAL_NO;
}

/* Read a scalar. */
static enum lc_literal read_scalar(struct scan *s, struct lc_literal_value *out)
{
    char c = peek(s);

    out->kind = LC_LITERAL_OTHER;
    if (is_in(c, "'\""))
        return read_string(s, out);
    if (is_in(c, "+-"))
        return read_signed(s);
    if (is_digit(c))
        return read_number(s);
    if (is_of_name(c))
        return read_word(s, out);
    if (is_in(c, "(#\\"))
        out->kind = LC_LITERAL_MISSING; /* it may be of any kind */
    return read_odd(s, "(.");
}

/* Note a value, if it belongs to a member of the outermost dict. */
static void note_value(struct scan *s, struct lc_literal_value value)
{
    if (s->depth == 0)
        s->facts->whole = value;
    else if (s->depth == 1 && s->member)
        *s->member = value;
}

/* Note a key of the outermost dict. */
static void note_key(struct scan *s, struct lc_literal_value key)
{
    struct lc_literal_facts *facts = s->facts;

    if (s->depth != 1)
        return;
    s->member = key.kind != LC_LITERAL_TEXT          ? NULL
                : lc_span_is(key.text, "name")       ? &facts->name
                : lc_span_is(key.text, "arguments")  ? &facts->arguments
                : lc_span_is(key.text, "parameters") ? &facts->parameters
                                                     : NULL;
    facts->has_others |=
        !s->member || s->member->kind; /* the last of duplicates counts */
}

/* Read a key and the colon after it. */
static enum lc_literal read_key(struct scan *s)
{
    struct lc_literal_value key = {LC_LITERAL_MISSING, {0}};
    enum lc_literal result = read_scalar(s, &key); /* a list or a dict is no key */

    if (result != LC_LITERAL_YES)
        return result;
    skip_space(s);
    if (is_in(peek(s), ",}")) { /* a set */
        if (s->depth == 1)
            s->facts->whole.kind = LC_LITERAL_OTHER;
        return LC_LITERAL_UNSURE;
    }
    if (peek(s) != ':')
        return read_odd(s, "");
    s->at++;
    /* an escape may spell one of the names */
    if (s->depth == 1 && key.kind == LC_LITERAL_ESCAPED)
        return LC_LITERAL_UNSURE;
    note_key(s, key);
    return LC_LITERAL_YES;
}

/* Read what follows a value: the brackets that end there, and a comma. *more is set to
 * whether another value follows. */
static enum lc_literal read_end(struct scan *s, bool *more)
{
    *more = true;
    for (;;) {
        char close;

        skip_space(s);
        if (!s->depth) {
            *more = false;
            if (peek(s) == ',') /* a tuple */
                s->facts->whole.kind = LC_LITERAL_OTHER;
            return s->at == s->size ? LC_LITERAL_YES : read_odd(s, ",");
        }
        close = s->open[s->depth - 1] == '{' ? '}' : ']';
        if (peek(s) == ',') {
            s->at++;
            skip_space(s);
            if (peek(s) != close)
                return LC_LITERAL_YES;
        }
        if (peek(s) != close)
            return read_odd(s, "");
        s->at++;
        s->depth--;
    }
}

/* Read an opening bracket. *empty is set to whether it is closed at once. */
static enum lc_literal read_open(struct scan *s, bool *empty)
{
    char c = s->text[s->at++];

    note_value(
        s, (struct lc_literal_value){c == '{' ? LC_LITERAL_DICT : LC_LITERAL_OTHER, {0}});
    if (s->depth == MOST_DEPTH)
        return LC_LITERAL_UNSURE;
    s->open[s->depth++] = c;
    skip_space(s);
    *empty = peek(s) == (c == '{' ? '}' : ']');
    if (*empty) {
        s->at++;
        s->depth--;
    }
    return LC_LITERAL_YES;
}

/* Read values until the last bracket is closed. */
static enum lc_literal read_values(struct scan *s)
{
    bool more = true, is_complete;

    while (more) {
        enum lc_literal result = LC_LITERAL_YES;

        skip_space(s);
        if (s->depth && s->open[s->depth - 1] == '{') {
            result = read_key(s);
            skip_space(s);
        }
        if (result != LC_LITERAL_YES)
            return result;
        is_complete = true;
        if (is_in(peek(s), "{[")) {
            result = read_open(s, &is_complete);
        } else {
            struct lc_literal_value value = {LC_LITERAL_MISSING, {0}};

            result = read_scalar(s, &value);
            note_value(s, value);
        }
        if (result == LC_LITERAL_YES && is_complete)
            result = read_end(s, &more);
        if (result != LC_LITERAL_YES)
            return result;
    }
    return LC_LITERAL_YES;
}

enum lc_literal lc_literal_read(struct lc_span text, struct lc_literal_facts *facts)
{
    struct scan s = {.text = text.text, .size = text.size, .facts = facts};
    enum lc_literal result;

    *facts = (struct lc_literal_facts){.has_others = false};
    if (memchr(text.text, '\0', text.size))
        return LC_LITERAL_NO;
    while (s.at < s.size && is_in(s.text[s.at], " \t"))
        s.at++;
    /* an indented line is an error, and an empty one is not: only words are sure */
    if (is_in(peek(&s), "\r\n\f")) {
        skip_space(&s);
        result =
            s.at < s.size && is_of_name(peek(&s)) ? read_values(&s) : LC_LITERAL_UNSURE;
        return result == LC_LITERAL_YES ? LC_LITERAL_UNSURE : result;
    }
    if (text.size - s.at >= 3 && memcmp(text.text + s.at, "\xEF\xBB\xBF", 3) == 0)
        return LC_LITERAL_UNSURE;
    return read_values(&s);
}

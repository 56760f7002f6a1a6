#include "dataset/call.h"

#include "dataset/literal.h"

#include <stdbool.h>
#include <string.h>

/* Whether a program can read the arguments of a call. */
enum readable { UNREADABLE, READABLE, UNSURE };

/* Find a part of a text; NULL if there is none. */
static const char *find(struct lc_span text, const char *part)
{
    return memmem(text.text, text.size, part, strlen(part));
}

static struct lc_span span_of(const char *begin, const char *end)
{
    return (struct lc_span){begin, (size_t)(end - begin)};
}

/* Remove the white space that JSON allows around a value. */
static struct lc_span strip(struct lc_span text)
{
    while (text.size && text.text[0] && strchr(" \t\r\n", text.text[0])) {
        text.text++;
        text.size--;
    }
    while (text.size && text.text[text.size - 1] &&
           strchr(" \t\r\n", text.text[text.size - 1]))
        text.size--;
    return text;
}

/* Whether an escape for half of a surrogate pair, as \\ud83d, is at this place; low: for
 * the second half. */
static bool is_half(struct lc_span text, size_t at, bool low)
{
    return text.size - at >= 6 && text.text[at] == '\\' && text.text[at + 1] == 'u' &&
           (text.text[at + 2] | 0x20) == 'd' && text.text[at + 3] >= '8' &&
           low == (strchr("89abAB", text.text[at + 3]) == NULL);
}

/* Whether a text may have half of a pair alone, which cannot be written. */
static bool has_lone_half(struct lc_span text)
{
    for (size_t at = 0; at < text.size; at++) {
        if (is_half(text, at, true))
            return true;
        if (!is_half(text, at, false))
            continue;
        if (!is_half(text, at + 6, true))
            return true;
        at += 11;
    }
    return false;
}

/* Whether arguments that are a text are a value, in JSON or in Python. */
static enum readable judge_text(struct lc_json_parser *parser, struct lc_span text)
{
    struct lc_literal_facts facts;
    struct lc_json_problem problem;
    size_t used;

    lc_json_skip_exact(parser, text.text, text.size, true, &used, &problem);
    if (problem.fault == LC_JSON_TOO_DEEP || has_lone_half(text))
        return UNSURE;
    if (problem.fault == LC_JSON_FINE)
        return lc_span_is(strip(text), "null") ? UNREADABLE : READABLE;
    switch (lc_literal_read(text, &facts)) {
    case LC_LITERAL_YES:
        return facts.whole.kind == LC_LITERAL_NONE ? UNREADABLE : READABLE;
    case LC_LITERAL_NO:
        return UNREADABLE;
    default:
        return UNSURE;
    }
}

/* The members of a call in JSON: tape indexes of their values, 0 if they are missing. */
struct members {
    uint32_t name, arguments, parameters;
    bool has_others;
};

static struct members members_of(const struct lc_json_doc *doc, uint32_t object)
{
    struct members members = {.has_others = false};
    uint32_t close = lc_json_close(doc, object), value;

    for (uint32_t at = object + 1; at < close; at = lc_json_next(doc, value)) {
        struct lc_span key = lc_json_string(doc, at);
        uint32_t *found;

        value = lc_json_next(doc, at);
        found = lc_span_is(key, "name")         ? &members.name
                : lc_span_is(key, "arguments")  ? &members.arguments
                : lc_span_is(key, "parameters") ? &members.parameters
                                                : NULL;
        members.has_others |= !found || *found; /* the last of duplicates counts */
        if (found)
            *found = value;
    }
    return members;
}

static bool is_null(const struct lc_json_doc *doc, uint32_t at)
{
    return lc_json_type(doc, at) == LC_JSON_NULL;
}

static enum readable judge_value(struct lc_json_parser *parser,
                                 const struct lc_json_doc *doc, uint32_t at)
{
    switch (lc_json_type(doc, at)) {
    case LC_JSON_NULL:
        return UNREADABLE;
    case LC_JSON_STRING:
        return judge_text(parser, lc_json_string(doc, at));
    default:
        return READABLE;
    }
}

/* The form of a JSON list. ms-swift reads none. */
static enum lc_call_form form_of_list(const struct lc_json_doc *doc)
{
    uint32_t close = lc_json_close(doc, LC_JSON_ROOT);
    bool is_lossy = close == LC_JSON_ROOT + 1;

    for (uint32_t at = LC_JSON_ROOT + 1; at < close; at = lc_json_next(doc, at)) {
        struct members members;

        if (lc_json_type(doc, at) != LC_JSON_OBJECT)
            return LC_CALL_ABSENT;
        members = members_of(doc, at);
        if (!members.name || !members.arguments)
            return LC_CALL_ABSENT;
        is_lossy |= members.has_others || members.parameters;
    }
    return is_lossy ? LC_CALL_LOSSY : LC_CALL_LIST;
}

/* The form of a JSON object. */
static enum lc_call_form form_of_object(struct lc_json_parser *parser,
                                        const struct lc_json_doc *doc)
{
    struct members members = members_of(doc, LC_JSON_ROOT);
    bool is_lossy = members.has_others || members.parameters;
    uint32_t given = members.arguments ? members.arguments : members.parameters;
    enum readable readable;

    if (!members.name || !given)
        return LC_CALL_ABSENT;
    /* ms-swift then reads the parameters, and LLaMA-Factory null */
    if (members.arguments && members.parameters && is_null(doc, members.arguments))
        return LC_CALL_UNSURE;
    readable = judge_value(parser, doc, given);
    if (readable == UNSURE)
        return LC_CALL_UNSURE;
    if (!members.arguments)
        return readable == READABLE ? LC_CALL_PARAMETERS : LC_CALL_ABSENT;
    if (readable == UNREADABLE)
        return is_lossy ? LC_CALL_LOSSY : LC_CALL_ARGUMENTS;
    return is_lossy ? LC_CALL_MEMBERS : LC_CALL_SOUND;
}

/* Read a text as JSON. *is_json is set to whether it is. */
static enum lc_status read_json(struct lc_json_parser *parser, struct lc_span text,
                                bool *is_json, enum lc_call_form *out,
                                struct lc_error *err)
{
    struct lc_json_problem problem;
    struct lc_json_doc doc;
    enum lc_status status =
        lc_json_parse_exact(parser, text.text, text.size, true, &doc, &problem, err);

    if (status != LC_OK)
        return status;
    *out = LC_CALL_ABSENT;
    *is_json = problem.fault == LC_JSON_FINE || problem.fault == LC_JSON_TOO_DEEP ||
               problem.fault == LC_JSON_NOT_UTF8; /* half of a surrogate pair */
    if (!*is_json)
        return LC_OK;
    if (problem.fault != LC_JSON_FINE || doc.surrogate_offset >= 0)
        *out = LC_CALL_UNSURE;
    else if (lc_json_type(&doc, LC_JSON_ROOT) == LC_JSON_ARRAY)
        *out = form_of_list(&doc);
    else if (lc_json_type(&doc, LC_JSON_ROOT) == LC_JSON_OBJECT)
        *out = form_of_object(parser, &doc);
    return LC_OK;
}

/* The form of a text that only LLaMA-Factory reads, by that of the JSON in it. */
static enum lc_call_form form_of_inner(enum lc_call_form inner, bool is_lossy)
{
    switch (inner) {
    case LC_CALL_SOUND:
    case LC_CALL_LIST:
    case LC_CALL_ARGUMENTS:
        return is_lossy ? LC_CALL_LOSSY : LC_CALL_TAGGED;
    case LC_CALL_MEMBERS:
    case LC_CALL_LOSSY:
        return LC_CALL_LOSSY;
    case LC_CALL_UNSURE:
        return LC_CALL_UNSURE;
    default:
        return LC_CALL_ABSENT;
    }
}

/* Read a call between tags. What follows them is put in front, and what is in the next
 * ones is not parsed. */
static enum lc_status read_tagged(struct lc_json_parser *parser, struct lc_span inner,
                                  struct lc_span after, enum lc_call_form *out,
                                  struct lc_error *err)
{
    bool is_json = false;
    enum lc_status status = read_json(parser, inner, &is_json, out, err);

    if (status == LC_OK)
        *out = form_of_inner(*out, strip(after).size);
    return status;
}

/* Read a call before or after a thought. */
static enum lc_status read_thought(struct lc_json_parser *parser, struct lc_span before,
                                   struct lc_span thought, struct lc_span after,
                                   enum lc_call_form *out, struct lc_error *err)
{
    bool is_json = false, is_first = strip(before).size > 0;
    enum lc_status status;

    *out = LC_CALL_UNSURE;
    /* the thought is within the call, or there twice: both are taken away */
    if ((is_first && strip(after).size) ||
        memmem(after.text, after.size, thought.text, thought.size))
        return LC_OK;
    status = read_json(parser, is_first ? before : after, &is_json, out, err);
    if (status == LC_OK)
        *out = form_of_inner(*out, is_first);
    return status;
}

/* The form of a Python dict, which only ms-swift reads. */
static enum lc_call_form form_of_dict(struct lc_json_parser *parser,
                                      const struct lc_literal_facts *facts)
{
    const struct lc_literal_value *given = &facts->arguments;
    bool has_parameters = facts->parameters.kind != LC_LITERAL_MISSING;
    enum readable readable = READABLE;

    if (given->kind == LC_LITERAL_MISSING || given->kind == LC_LITERAL_NONE)
        given = &facts->parameters;
    if (facts->name.kind == LC_LITERAL_MISSING || given->kind == LC_LITERAL_MISSING ||
        given->kind == LC_LITERAL_NONE)
        return LC_CALL_ABSENT;
    if (given->kind == LC_LITERAL_ESCAPED)
        readable = UNSURE;
    else if (given->kind == LC_LITERAL_TEXT)
        readable = judge_text(parser, given->text);
    if (readable == UNSURE)
        return LC_CALL_UNSURE;
    if (readable == UNREADABLE)
        return LC_CALL_ABSENT;
    return has_parameters || facts->has_others ? LC_CALL_DICT : LC_CALL_QUOTES;
}

/* Read a text that is not JSON as a Python literal. */
static enum lc_call_form form_of_literal(struct lc_json_parser *parser,
                                         struct lc_span text)
{
    struct lc_literal_facts facts;

    switch (lc_literal_read(text, &facts)) {
    case LC_LITERAL_YES:
        return facts.whole.kind == LC_LITERAL_DICT ? form_of_dict(parser, &facts)
                                                   : LC_CALL_ABSENT;
    case LC_LITERAL_UNSURE: /* only a dict has names */
        return facts.whole.kind == LC_LITERAL_DICT ||
                       facts.whole.kind == LC_LITERAL_MISSING
                   ? LC_CALL_UNSURE
                   : LC_CALL_ABSENT;
    default:
        return LC_CALL_ABSENT;
    }
}

enum lc_status lc_call_read(struct lc_json_parser *parser, struct lc_span text,
                            enum lc_call_form *out, struct lc_error *err)
{
    static const char tag[] = "<tool_call>", end_tag[] = "</tool_call>";
    static const char thought[] = "<think>\n", end_thought[] = "\n</think>\n\n";
    const char *begin = find(text, tag), *end = NULL, *stop = text.text + text.size;
    bool is_json = false, is_tagged = false;
    enum lc_call_form as_whole;
    enum lc_status status = read_json(parser, text, &is_json, &as_whole, err);

    if (status != LC_OK)
        return status;
    if (!is_json)
        as_whole = form_of_literal(parser, text);
    if (begin) {
        begin += sizeof(tag) - 1;
        end = find(span_of(begin, stop), end_tag);
        is_tagged = end;
    }
    if (!end && (begin = find(text, thought))) {
        begin += sizeof(thought) - 1;
        end = find(span_of(begin, stop), end_thought);
    }
    /* each program finds a call of its own */
    *out = end && as_whole != LC_CALL_ABSENT ? LC_CALL_UNSURE : as_whole;
    if (!end || *out == LC_CALL_UNSURE)
        return LC_OK;
    if (is_tagged)
        return read_tagged(parser, span_of(begin, end),
                           span_of(end + sizeof(end_tag) - 1, stop), out, err);
    begin -= sizeof(thought) - 1;
    end += sizeof(end_thought) - 1;
    return read_thought(parser, span_of(text.text, begin), span_of(begin, end),
                        span_of(end, stop), out, err);
}

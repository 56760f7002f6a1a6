#include "dataset/tools.h"

#include "dataset/literal.h"

#include <stdbool.h>
#include <string.h>

static bool is_empty(const struct lc_json_doc *doc, uint32_t at)
{
    return lc_json_close(doc, at) == at + 1;
}

/* Whether a fraction is zero, as -0.0 is. The bracket of the row follows its digits. */
static bool is_zero(const struct lc_json_doc *doc, uint32_t at)
{
    const char *digits = doc->text + lc_json_offset(doc, at);

    digits += strspn(digits, "-0.");
    return *digits < '1' || *digits > '9';
}

/* The form of a text in JSON; in_list: it ought to be a single tool. */
static enum lc_tools_form form_of_json(const struct lc_json_doc *doc, bool in_list)
{
    enum lc_json_type type = lc_json_type(doc, LC_JSON_ROOT);

    if (doc->surrogate_offset >= 0)
        return LC_TOOLS_UNSURE;
    if (type != LC_JSON_ARRAY && type != LC_JSON_OBJECT)
        return LC_TOOLS_UNREAD;
    if (in_list)
        return type == LC_JSON_OBJECT ? LC_TOOLS_OTHER : LC_TOOLS_UNREAD;
    if (is_empty(doc, LC_JSON_ROOT))
        return LC_TOOLS_EMPTY;
    if (type == LC_JSON_OBJECT)
        return LC_TOOLS_OTHER;
    for (uint32_t at = LC_JSON_ROOT + 1; at < lc_json_close(doc, LC_JSON_ROOT);
         at = lc_json_next(doc, at))
        if (lc_json_type(doc, at) != LC_JSON_OBJECT)
            return LC_TOOLS_UNREAD;
    return LC_TOOLS_SOUND;
}

/* The form of a text that is not JSON. */
static enum lc_tools_form form_of_literal(struct lc_span text)
{
    struct lc_literal_facts facts;
    enum lc_literal result = lc_literal_read(text, &facts);

    if (result == LC_LITERAL_NO)
        return LC_TOOLS_UNREAD;
    if (result == LC_LITERAL_YES && facts.whole.kind == LC_LITERAL_DICT)
        return LC_TOOLS_OTHER;
    return LC_TOOLS_UNSURE; /* such as a list, whose elements were not noted */
}

static enum lc_status read_text(struct lc_json_parser *parser, struct lc_span text,
                                bool in_list, enum lc_tools_form *out,
                                struct lc_error *err)
{
    struct lc_json_problem problem;
    struct lc_json_doc doc;
    enum lc_status status =
        lc_json_parse_exact(parser, text.text, text.size, true, &doc, &problem, err);

    if (status != LC_OK)
        return status;
    *out = problem.fault == LC_JSON_FINE       ? form_of_json(&doc, in_list)
           : problem.fault == LC_JSON_TOO_DEEP ? LC_TOOLS_UNSURE
                                               : form_of_literal(text);
    return LC_OK;
}

/* Read a list: each tool is an object, or a text with one. */
static enum lc_status read_list(struct lc_json_parser *parser,
                                const struct lc_json_doc *doc, uint32_t list,
                                enum lc_tools_form *out, struct lc_error *err)
{
    uint32_t close = lc_json_close(doc, list);
    enum lc_status status = LC_OK;

    *out = LC_TOOLS_OTHER;
    for (uint32_t at = list + 1; at < close && *out == LC_TOOLS_OTHER && status == LC_OK;
         at = lc_json_next(doc, at)) {
        enum lc_json_type type = lc_json_type(doc, at);

        if (type == LC_JSON_STRING)
            status = read_text(parser, lc_json_string(doc, at), true, out, err);
        else if (type != LC_JSON_OBJECT)
            *out = LC_TOOLS_UNREAD;
    }
    return status;
}

enum lc_status lc_tools_read(struct lc_json_parser *parser, const struct lc_json_doc *doc,
                             uint32_t at, enum lc_tools_form *out, struct lc_error *err)
{
    *out = LC_TOOLS_NONE;
    switch (lc_json_type(doc, at)) {
    case LC_JSON_NULL:
    case LC_JSON_FALSE:
        return LC_OK;
    case LC_JSON_INTEGER:
        *out = lc_json_integer(doc, at) ? LC_TOOLS_UNREAD : LC_TOOLS_NONE;
        return LC_OK;
    case LC_JSON_FLOAT:
        *out = is_zero(doc, at) ? LC_TOOLS_NONE : LC_TOOLS_UNREAD;
        return LC_OK;
    case LC_JSON_STRING:
        return lc_json_string(doc, at).size
                   ? read_text(parser, lc_json_string(doc, at), false, out, err)
                   : LC_OK;
    case LC_JSON_ARRAY:
        return is_empty(doc, at) ? LC_OK : read_list(parser, doc, at, out, err);
    case LC_JSON_OBJECT:
        *out = is_empty(doc, at) ? LC_TOOLS_NONE : LC_TOOLS_UNREAD;
        return LC_OK;
    default:
        *out = LC_TOOLS_UNREAD;
        return LC_OK;
    }
}

/* Conditions of --where: [!] FIELD [SIGN VALUE].
 *
 * The name ends at the first character of any sign; the signs are tried longest first, so
 * "<=" is not read as "<". The rest of the text is the value, without outer blanks, and
 * may itself contain signs. The type of the field then decides which operators it has and
 * how the value is parsed, once, here; lc_where_holds only compares. Numbers are limited
 * to INT64_MAX, because fields are compared as int64_t. A yes/no field needs no sign; "!"
 * is only allowed there.
 */
#include "query/where.h"

#include "base/near.h"
#include "print/format.h"

#include <string.h>

static const struct {
    const char *sign; /* a longer sign comes before its prefixes */
    enum lc_operator op;
} signs[] = {
    {"<=", LC_OPERATOR_LESS_EQUAL}, {">=", LC_OPERATOR_MORE_EQUAL},
    {"!=", LC_OPERATOR_NOT_EQUAL},  {"!~", LC_OPERATOR_HOLDS_NOT},
    {"==", LC_OPERATOR_EQUAL},      {"=", LC_OPERATOR_EQUAL},
    {"<", LC_OPERATOR_LESS},        {">", LC_OPERATOR_MORE},
    {"~", LC_OPERATOR_HOLDS},
};

#define SIGN_COUNT (sizeof(signs) / sizeof(signs[0]))

/* Fail with the nearest valid name, or with all of them. */
static enum lc_status fail_unknown_name(struct lc_span name, const char *what,
                                        lc_name_at *at, const void *names,
                                        const char *command, struct lc_error *err)
{
    const char *nearest = lc_nearest_name(name.text, name.size, at, names), *other;
    char quote[48], all[320] = "";

    lc_text_quote(name, quote, sizeof(quote));
    for (size_t i = 0; !command && (other = at(names, i)); i++) {
        size_t used = strlen(all);

        snprintf(all + used, sizeof(all) - used, "%s%s", i ? ", " : "", other);
    }
    if (nearest)
        return lc_fail(err, LC_ERR_USAGE, 0, "unknown %s %s; did you mean '%s'?", what,
                       quote, nearest);
    if (command)
        return lc_fail(err, LC_ERR_USAGE, 0, "unknown %s %s; '%s' lists them", what,
                       quote, command);
    return lc_fail(err, LC_ERR_USAGE, 0, "unknown %s %s; use one of %s", what, quote,
                   all);
}

struct field_names {
    const struct lc_field *fields;
    size_t count;
};

static const char *field_name(const void *names, size_t index)
{
    const struct field_names *fields = names;

    return index < fields->count ? fields->fields[index].name : NULL;
}

static const char *choice_name(const void *names, size_t index)
{
    const struct lc_choice *choice = names;

    return choice->at(index);
}

static struct lc_span trim(struct lc_span text)
{
    while (text.size && *text.text == ' ') {
        text.text++;
        text.size--;
    }
    while (text.size && text.text[text.size - 1] == ' ')
        text.size--;
    return text;
}

static bool is_number(const struct lc_field *field)
{
    return field->type == LC_FIELD_U8 || field->type == LC_FIELD_U32 ||
           field->type == LC_FIELD_U64 || field->type == LC_FIELD_I64 ||
           field->type == LC_FIELD_PLACE || field->type == LC_FIELD_SIDE ||
           field->type == LC_FIELD_LIST;
}

/* Parse 100, 64K, 10M or 2G. */
static bool parse_number(struct lc_span text, uint64_t *out)
{
    static const char units[] = "KMGkmg";
    const char *unit =
        text.size > 1 ? memchr(units, text.text[text.size - 1], sizeof(units) - 1) : NULL;
    unsigned shift = unit ? 10 * (unsigned)((unit - units) % 3 + 1) : 0;

    text.size -= unit != NULL;
    *out = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.text[i] < '0' || text.text[i] > '9' || *out > (INT64_MAX >> 5) / 10)
            return false;
        *out = *out * 10 + (uint64_t)(text.text[i] - '0');
    }
    if (!text.size || *out > (uint64_t)INT64_MAX >> shift)
        return false;
    *out <<= shift;
    return true;
}

/* Parse the value of a boolean field. */
static bool parse_bool(struct lc_span text, uint64_t *out)
{
    static const char *const words[][2] = {{"false", "true"}, {"no", "yes"}, {"0", "1"}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        for (*out = 0; *out < 2; (*out)++)
            if (lc_span_is(text, words[i][*out]))
                return true;
    return false;
}

/* If the values of the field are names, find the given value among them. */
static enum lc_status parse_name(const struct lc_choice *choices,
                                 struct lc_condition *out, struct lc_error *err)
{
    for (; choices->field; choices++) {
        const char *choice;

        if (strcmp(choices->field, out->field->name) != 0)
            continue;
        for (out->number = 0; (choice = choices->at(out->number)); out->number++)
            if (lc_span_is(out->text, choice))
                return LC_OK;
        return fail_unknown_name(out->text, out->field->name, choice_name, choices,
                                 choices->command, err);
    }
    return LC_OK;
}

/* Check the operator against the type of the field, and parse the value. */
static enum lc_status parse_value(const struct lc_choice *choices,
                                  struct lc_condition *out, struct lc_error *err)
{
    const char *name = out->field->name;
    bool equality = out->op == LC_OPERATOR_EQUAL || out->op == LC_OPERATOR_NOT_EQUAL;
    bool holds = out->op == LC_OPERATOR_HOLDS || out->op == LC_OPERATOR_HOLDS_NOT;

    if (is_number(out->field)) {
        if (holds)
            return lc_fail(err, LC_ERR_USAGE, 0,
                           "'%s' is numeric; use =, !=, <, <=, > or >=", name);
        if (!parse_number(out->text, &out->number))
            return lc_fail(err, LC_ERR_USAGE, 0,
                           "'%s' needs a number, such as 100 or 10M", name);
        return LC_OK;
    }
    if (out->field->type == LC_FIELD_BOOL) {
        if (!equality || !parse_bool(out->text, &out->number))
            return lc_fail(err, LC_ERR_USAGE, 0, "'%s' is true or false; use %s or !%s",
                           name, name, name);
        return LC_OK;
    }
    if (out->field->type == LC_FIELD_RANK && !holds)
        return parse_name(choices, out, err);
    if (out->field->type == LC_FIELD_RANK)
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "'%s' has an order; use =, !=, <, <=, > or >=", name);
    if (!equality && !holds)
        return lc_fail(err, LC_ERR_USAGE, 0, "'%s' is not numeric; use =, !=, ~ or !~",
                       name);
    return equality ? parse_name(choices, out, err) : LC_OK;
}

enum lc_status lc_where_read(const struct lc_field *fields, size_t count,
                             const struct lc_choice *choices, const char *text,
                             struct lc_condition *out, struct lc_error *err)
{
    const struct field_names names = {fields, count};
    struct lc_span name = trim((struct lc_span){text, strlen(text)});
    bool denied = name.size && *name.text == '!', compared = false;
    size_t size;

    *out = (struct lc_condition){0};
    if (denied)
        name = trim((struct lc_span){name.text + 1, name.size - 1});
    text = name.text;
    size = strcspn(text, "=<>!~");
    for (size_t i = 0; i < SIGN_COUNT && !compared; i++) {
        size_t width = strlen(signs[i].sign);

        if (strncmp(text + size, signs[i].sign, width) != 0)
            continue;
        compared = true;
        out->op = signs[i].op;
        out->text =
            trim((struct lc_span){text + size + width, strlen(text + size + width)});
        name = trim((struct lc_span){text, size});
    }
    for (size_t i = 0; i < count; i++)
        if (lc_span_is(name, fields[i].name))
            out->field = &fields[i];
    if (!out->field)
        return fail_unknown_name(name, "field", field_name, &names, NULL, err);
    if (compared && !denied)
        return parse_value(choices, out, err);
    if (compared || out->field->type != LC_FIELD_BOOL)
        return lc_fail(err, LC_ERR_USAGE, 0, "'%s' needs a comparison, such as %s%s…",
                       out->field->name, out->field->name,
                       is_number(out->field) ? "<" : "=");
    out->op = LC_OPERATOR_EQUAL;
    out->number = !denied;
    return LC_OK;
}

static bool compare(enum lc_operator op, int order)
{
    switch (op) {
    case LC_OPERATOR_EQUAL:
        return order == 0;
    case LC_OPERATOR_NOT_EQUAL:
        return order != 0;
    case LC_OPERATOR_LESS:
        return order < 0;
    case LC_OPERATOR_LESS_EQUAL:
        return order <= 0;
    case LC_OPERATOR_MORE:
        return order > 0;
    default:
        return order >= 0;
    }
}

/* Whether a text meets a condition. */
static bool text_holds(const struct lc_condition *condition, struct lc_span text)
{
    struct lc_span wanted = condition->text;

    switch (condition->op) {
    case LC_OPERATOR_HOLDS:
    case LC_OPERATOR_HOLDS_NOT:
        return (wanted.size <= text.size &&
                (!wanted.size ||
                 memmem(text.text, text.size, wanted.text, wanted.size))) ==
               (condition->op == LC_OPERATOR_HOLDS);
    default:
        return lc_span_equal(text, wanted) == (condition->op == LC_OPERATOR_EQUAL);
    }
}

/* Whether one of several texts meets a condition; for a negative condition, all must. */
static bool any_holds(const struct lc_condition *condition, const void *record)
{
    bool negative = lc_where_is_negative(condition);
    struct lc_texts texts;

    memcpy(&texts, (const char *)record + condition->field->offset, sizeof(texts));
    for (size_t i = 0; i < texts.count; i++) {
        struct lc_span text;

        memcpy(&text, (const char *)texts.first + i * texts.stride, sizeof(text));
        if (text_holds(condition, text) != negative)
            return !negative;
    }
    return negative;
}

bool lc_where_is_negative(const struct lc_condition *condition)
{
    return condition->op == LC_OPERATOR_NOT_EQUAL ||
           condition->op == LC_OPERATOR_HOLDS_NOT;
}

bool lc_where_holds(const struct lc_condition *condition, const void *record)
{
    char hex[33];

    if (lc_field_is_absent(condition->field, record))
        return lc_where_is_negative(condition);
    if (condition->field->type == LC_FIELD_ANY)
        return any_holds(condition, record);
    if (is_number(condition->field) || condition->field->type == LC_FIELD_BOOL ||
        condition->field->type == LC_FIELD_RANK) {
        int64_t number = lc_field_number(condition->field, record);
        int64_t with = (int64_t)condition->number;

        return compare(condition->op, (number > with) - (number < with));
    }
    return text_holds(condition, lc_field_text(condition->field, record, hex));
}

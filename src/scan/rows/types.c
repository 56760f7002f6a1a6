#include "scan/rows/types.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The first value of a column. */
struct first_value {
    enum lc_value_type type;
    bool is_reported; /* a value of another type was reported */
    uint64_t row;
    uint64_t line;
};

/* The names of columns with one kind of content: the dialect's own name, and another. */
struct names {
    bool is_reported;
    bool seen[2]; /* by [the dialect's own, another] */
    char name[2][16];
    struct first_value first[2];
};

#define CONTENTS 4

struct lc_types {
    struct lc_columns columns;
    struct first_value first[LC_COLUMNS_MAX]; /* by column */
    bool is_deep;                             /* a value was nested too deeply */
    bool has_nul;                             /* a name contained a NUL character */
    bool has_nulls[2]; /* by lc_column_value.is_mild: a list began with null before any
                        * type */
    struct names names[CONTENTS];
};

/* Names that ms-swift, which loads a rows file as a table, maps to one column, whatever
 * their case. Source: swift/dataset/preprocessor/core.py,
 * RowPreprocessor.safe_rename_columns. */
static const struct {
    enum lc_column column;
    enum lc_column_oddity oddity;
    const char *names[3]; /* the others do harm if the first is the dialect's own */
    bool is_exact;        /* case matters */
} contents[CONTENTS] = {
    {LC_COLUMN_IMAGES, LC_COLUMN_IMAGES_TWICE, {"image", "images"}, false},
    {LC_COLUMN_TURNS,
     LC_COLUMN_TURNS_TWICE,
     {"conversations", "messages", "conversation"},
     false},
    /* TRL reads image, and not images, in a file that has both:
     * trl/trainer/sft_trainer.py, DataCollatorForVisionLanguageModeling */
    {LC_COLUMN_IMAGES, LC_COLUMN_IMAGE_TOO, {"images", "image"}, true},
    {LC_COLUMN_TURNS,
     LC_COLUMN_TURNS_TOO,
     {"messages", "conversations", "conversation"},
     false},
};

enum lc_status lc_types_new(struct lc_types **out, struct lc_error *err)
{
    *out = calloc(1, sizeof(**out));
    return *out ? LC_OK : lc_fail_memory(err);
}

void lc_types_free(struct lc_types *types)
{
    free(types);
}

void lc_types_reset(struct lc_types *types)
{
    types->columns = (struct lc_columns){0};
    types->is_deep = types->has_nul = false;
    types->has_nulls[0] = types->has_nulls[1] = false;
    memset(types->names, 0, sizeof(types->names));
}

/* Find a value's line and column. Only few values need this; counting lines up to a value
 * takes long in a large row. */
static struct lc_place find_place(const struct lc_column_value *value,
                                  const struct lc_piece *piece, const char *text)
{
    struct lc_place place = piece->place;

    lc_place_advance(&place, text, value->at);
    return place;
}

static struct first_value note_value(const struct lc_column_value *value,
                                     const struct lc_piece *piece, const char *text)
{
    return (struct first_value){
        .type = value->type,
        .row = piece->row,
        .line = find_place(value, piece, text).line,
    };
}

static struct lc_column_facts facts_of(enum lc_column_oddity oddity, struct lc_span name,
                                       const struct first_value *first,
                                       const struct lc_piece *piece)
{
    return (struct lc_column_facts){
        .oddity = oddity,
        .name = name,
        .first = first->type,
        .row = first->row,
        .line = first->line,
        .is_same_row = first->row == piece->row,
    };
}

/* The content that a column has according to its name, or CONTENTS; *own is set to
 * whether the name is the dialect's own. */
static size_t content_of(struct lc_span name, const struct lc_dialect *dialect, bool *own)
{
    for (size_t i = 0; i < CONTENTS; i++) {
        const char *const *names = contents[i].names;
        struct lc_span first = lc_unquoted(dialect->columns[contents[i].column][0]);

        *own = lc_span_equal(name, first);
        for (size_t n = 0; n < 3 && names[n] && lc_span_is(first, names[0]); n++)
            if (name.size == strlen(names[n]) &&
                (contents[i].is_exact ? memcmp(name.text, names[n], name.size)
                                      : strncasecmp(name.text, names[n], name.size)) == 0)
                return i;
    }
    return CONTENTS;
}

/* Note a key of the row. Returns true when the file first has its content in another
 * column, too. */
static bool add_name(struct lc_types *types, const struct lc_column_value *value,
                     struct lc_span name, const struct lc_dialect *dialect,
                     const struct lc_piece *piece, const char *text,
                     struct lc_column_facts *out)
{
    bool own;
    size_t content = content_of(name, dialect, &own);
    struct names *names = content < CONTENTS ? &types->names[content] : NULL;

    if (!names || names->is_reported)
        return false;
    if (!names->seen[!own]) {
        names->seen[!own] = true;
        names->first[!own] = note_value(value, piece, text);
        memcpy(names->name[!own], name.text, name.size);
        names->name[!own][name.size] = '\0';
    }
    if (!names->seen[own])
        return false;
    names->is_reported = true;
    *out = facts_of(contents[content].oddity, name, &names->first[own], piece);
    out->other = (struct lc_span){names->name[own], strlen(names->name[own])};
    out->is_empty = value->is_empty;
    return true;
}

/* Note a value of a type. Returns true when its column first has two types. */
static bool add_type(struct lc_types *types, const struct lc_column_value *value,
                     struct lc_span name, const struct lc_piece *piece, const char *text,
                     struct lc_column_facts *out)
{
    size_t known = types->columns.count;
    size_t index = lc_columns_find(&types->columns, value->column);
    struct first_value *first;

    if (index == LC_COLUMNS_MAX)
        return false;
    first = &types->first[index];
    if (index == known || first->type == LC_VALUE_NULLS)
        *first = note_value(value, piece, text);
    if (first->is_reported || first->type == value->type)
        return false;
    first->is_reported = true;
    *out = facts_of(LC_COLUMN_MIXED, name, first, piece);
    out->type = value->type;
    return true;
}

/* Note a null that begins a list. Returns true when its column has had no type so far,
 * for the first time in the file. */
static bool add_nulls(struct lc_types *types, const struct lc_column_value *value,
                      struct lc_span name, struct lc_column_facts *out)
{
    size_t known = types->columns.count;
    size_t index = lc_columns_find(&types->columns, value->column);

    if (index == LC_COLUMNS_MAX || index != known)
        return false;
    types->first[index] = (struct first_value){.type = LC_VALUE_NULLS};
    if (types->has_nulls[value->is_mild])
        return false;
    types->has_nulls[value->is_mild] = true;
    *out = (struct lc_column_facts){
        .oddity = LC_COLUMN_NULLS, .name = name, .is_mild = value->is_mild};
    return true;
}

bool lc_types_add(struct lc_types *types, const struct lc_column_value *value,
                  struct lc_span name, const struct lc_dialect *dialect,
                  const struct lc_piece *piece, const char *text,
                  struct lc_column_facts *out, struct lc_place *place)
{
    bool is_odd = false;

    if (value->type == LC_VALUE_DEEP) {
        is_odd = !types->is_deep;
        types->is_deep = true;
        *out = (struct lc_column_facts){.oddity = LC_COLUMN_DEEP, .name = name};
    } else if (value->type == LC_VALUE_NULLS) {
        is_odd = add_nulls(types, value, name, out);
    } else {
        is_odd = value->type != LC_VALUE_NULL &&
                 add_type(types, value, name, piece, text, out);
        if (!is_odd && value->of_row) /* a first value has no second type */
            is_odd = add_name(types, value, name, dialect, piece, text, out);
        if (!types->has_nul && memchr(name.text, '\0', name.size)) {
            is_odd = types->has_nul = true;
            *out = (struct lc_column_facts){
                .oddity = LC_COLUMN_NUL, .name = name, .is_of_row = value->of_row};
        }
    }
    if (is_odd)
        *place = find_place(value, piece, text);
    return is_odd;
}

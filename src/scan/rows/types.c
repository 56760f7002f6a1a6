#include "scan/rows/types.h"

#include <stdlib.h>

/* The first value of a column. */
struct first_value {
    enum lc_value_type type;
    bool is_reported; /* there was a value of another type */
    uint64_t row;
    uint64_t line;
};

struct lc_types {
    struct lc_columns columns;
    struct first_value first[LC_COLUMNS_MAX]; /* by column */
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
}

/* Only few values need their line, and to count up to it takes long in a large row. */
static struct lc_place find_place(const struct lc_column_value *value,
                                  const struct lc_piece *piece, const char *text)
{
    struct lc_place place = piece->place;

    lc_place_advance(&place, text, value->at);
    return place;
}

bool lc_types_add(struct lc_types *types, const struct lc_column_value *value,
                  const struct lc_piece *piece, const char *text,
                  struct lc_column_facts *out, struct lc_place *place)
{
    size_t known = types->columns.count;
    size_t index = lc_columns_find(&types->columns, value->column);
    struct first_value *first;

    if (index == LC_COLUMNS_MAX)
        return false;
    first = &types->first[index];
    if (index == known)
        *first = (struct first_value){
            .type = value->type,
            .row = piece->row,
            .line = find_place(value, piece, text).line,
        };
    if (first->is_reported || first->type == value->type)
        return false;
    first->is_reported = true;
    *out = (struct lc_column_facts){
        .type = value->type,
        .first = first->type,
        .row = first->row,
        .line = first->line,
        .is_same_row = first->row == piece->row,
    };
    *place = find_place(value, piece, text);
    return true;
}

/* Drops rows until each column has one type
 *
 * Arrow requires one type per column, so a file with two does not load at all (JSN115).
 * The check only reports where the second type begins, but which rows must go depends on
 * all rows. As few rows as possible are dropped: in each column, the type of most rows
 * stays.
 *
 * Rows are read once. Rows whose columns have the same types share a signature. There are
 * few signatures, and the decision needs only these. */
#include "clean/state.h"

#include "base/map.h"
#include "dataset/columns.h"

#include <stdlib.h>
#include <string.h>

#define MOST_SIGNATURES 4096
#define SLOTS 8192          /* a power of two */
#define TYPES LC_VALUE_NULL /* only types below this one count */
#define NAME_MAX_SIZE 60

/* A value of a signature. */
struct value {
    uint16_t column;
    uint8_t type;
};

/* The columns and types that a group of rows has in common. */
struct signature {
    uint64_t hash;
    size_t first; /* index of its first value */
    size_t count;
    uint64_t rows;
    bool is_dropped;
    struct value why; /* the value that drops it: not of the type of most rows */
};

struct column {
    char name[NAME_MAX_SIZE];
    bool matters; /* rows are dropped if it has two types */
    enum lc_case_index which;
    uint64_t rows[TYPES]; /* number of rows by type */
};

struct typing {
    struct lc_clean *clean;
    struct lc_json_parser *parser;
    struct lc_columns row;   /* columns of a row: types are forgotten after each row */
    struct lc_columns known; /* columns of all rows, for their numbers */
    struct lc_column_values values;
    struct lc_buffer fixed; /* the text of a row with its fixes, and padding */
    struct column *columns; /* LC_COLUMNS_MAX */
    struct value *all;      /* values of all signatures */
    size_t all_count, all_capacity;
    struct signature *signatures; /* MOST_SIGNATURES */
    size_t count;
    uint16_t *slots;   /* SLOTS: number of a signature plus 1 */
    uint16_t *of_rows; /* by row: number of its signature plus 1; 0: none */
};

/* ---- findings that matter ---- */

/* Whether a case of a rule drops rows. */
static bool drops_case(const struct lc_clean *clean, enum lc_case_index which)
{
    const struct lc_rule *rule = &lc_rules[lc_cases[which].rule];
    const struct lc_finding_record finding = {
        .rule = {rule->info.code, strlen(rule->info.code)},
        .found = (uint8_t)rule->info.severity};

    return clean->drop.effects[clean->effects.by_case[which].effect] ||
           lc_drop_has(&clean->drop, &finding);
}

/* Whether any case of columns with two types drops rows. */
static bool drops_any_case(const struct lc_clean *clean)
{
    for (int i = 0; i < LC_CASE_COUNT; i++)
        if (lc_cases[i].rule == LC_RULE_JSN115 &&
            drops_case(clean, (enum lc_case_index)i))
            return true;
    return false;
}

/* Whether any rows file has a column with two types. */
static bool has_mixed_columns(const struct lc_index *index)
{
    size_t count;
    const struct lc_rule_count *counts = lc_index_rule_counts(index, &count);

    for (size_t i = 0; i < count; i++)
        if (lc_rule_index_of((struct lc_span){counts[i].code, strlen(counts[i].code)}) ==
            LC_RULE_JSN115)
            return true;
    return false;
}

/* ---- reading the rows ---- */

static enum lc_status add_column(struct typing *typing, const struct lc_column_value *of,
                                 size_t *out)
{
    size_t known = typing->known.count;
    struct lc_span name = {typing->values.text.data + of->name, of->name_size};
    struct column *column;

    *out = lc_columns_find(&typing->known, of->column);
    if (*out != known || *out == LC_COLUMNS_MAX)
        return LC_OK;
    column = &typing->columns[*out];
    column->which = lc_case_of_column(name);
    column->matters = drops_case(typing->clean, column->which);
    lc_text_quote(name, column->name, sizeof(column->name));
    return LC_OK;
}

/* Add the values of a row to those of the signatures, as a new signature. */
static enum lc_status add_values(struct typing *typing, size_t *count, uint64_t *hash,
                                 struct lc_error *err)
{
    enum lc_status status = LC_OK;

    *count = 0;
    *hash = 0;
    for (size_t i = 0; i < typing->values.count && status == LC_OK; i++) {
        const struct lc_column_value *value = &typing->values.items[i];
        uint64_t key[2];
        struct value *all;
        size_t column;

        if (value->type >= TYPES)
            continue;
        status = add_column(typing, value, &column);
        if (status != LC_OK || column == LC_COLUMNS_MAX ||
            !typing->columns[column].matters)
            continue;
        all = lc_array_grow(typing->all, typing->all_count + *count,
                            &typing->all_capacity, sizeof(*all));
        if (!all)
            return lc_fail_memory(err);
        typing->all = all;
        all[typing->all_count + *count] =
            (struct value){(uint16_t)column, (uint8_t)value->type};
        (*count)++;
        /* the order of columns within a row does not matter */
        key[0] = (uint64_t)column;
        key[1] = (uint64_t)value->type;
        *hash += lc_hash_quick(key, sizeof(key));
    }
    return status;
}

/* Find the signature of a row, or add it; NULL if there are too many. */
static struct signature *find_signature(struct typing *typing, size_t count,
                                        uint64_t hash)
{
    size_t slot = (size_t)(hash >> 51);

    for (; typing->slots[slot]; slot = (slot + 1) % SLOTS) {
        struct signature *found = &typing->signatures[typing->slots[slot] - 1];

        if (found->hash == hash && found->count == count)
            return found;
    }
    if (typing->count == MOST_SIGNATURES)
        return NULL;
    typing->slots[slot] = (uint16_t)(typing->count + 1);
    typing->signatures[typing->count] =
        (struct signature){.hash = hash, .first = typing->all_count, .count = count};
    typing->all_count += count;
    return &typing->signatures[typing->count++];
}

static enum lc_status read_row(struct typing *typing, uint64_t row, const char *text,
                               size_t size, struct lc_error *err)
{
    struct lc_json_doc doc;
    struct lc_json_problem problem;
    struct signature *signature;
    size_t count = 0;
    uint64_t hash = 0;
    enum lc_status status;

    if (size > LC_JSON_MAX_SIZE)
        return LC_OK;
    status = lc_json_parse(typing->parser, text, size, &doc, &problem, err);
    if (status != LC_OK || problem.fault != LC_JSON_FINE)
        return status;
    lc_column_values_reset(&typing->values);
    memset(typing->row.types, 0, sizeof(typing->row.types));
    status = lc_columns_add_row(&typing->row, &doc, &typing->values, err);
    if (status == LC_OK)
        status = add_values(typing, &count, &hash, err);
    signature = status == LC_OK ? find_signature(typing, count, hash) : NULL;
    if (signature) {
        signature->rows++;
        typing->of_rows[row] = (uint16_t)(signature - typing->signatures + 1);
    }
    return status;
}

/* Read a row as it will be written, with its fixes. */
static enum lc_status read_as_written(struct typing *typing, uint64_t row,
                                      const char *text, size_t size, struct lc_error *err)
{
    static const char padding[LC_JSON_PADDING];
    const struct lc_fixed_row *fixed = lc_clean_fixed(typing->clean, row);
    enum lc_status status;

    if (!fixed)
        return read_row(typing, row, text, size, err);
    typing->fixed.size = 0;
    status = lc_clean_read_fixed(typing->clean, fixed, &typing->fixed, err);
    size = typing->fixed.size;
    if (status == LC_OK)
        status = lc_buffer_add(&typing->fixed, padding, sizeof(padding), err);
    return status == LC_OK ? read_row(typing, row, typing->fixed.data, size, err)
                           : status;
}

/* Read the rows of a file that are not dropped so far. */
static enum lc_status read_file(struct typing *typing, uint32_t number,
                                struct lc_error *err)
{
    struct lc_clean *clean = typing->clean;
    const struct lc_check_options *check = &clean->check;
    struct lc_file_record file = {0};
    struct lc_map map = {0};
    size_t released = 0;
    enum lc_status status = lc_index_get_file(clean->index, number, &file, err);

    if (status == LC_OK)
        status = lc_map_open(clean->dataset.files[number].path, &map, err);
    for (uint64_t i = 0; i < file.rows && status == LC_OK; i++) {
        uint64_t row = file.first_row + i;
        struct lc_row_record record = {0};

        if (row >= clean->rows || clean->parts[row] == LC_ROW_DROPPED)
            continue;
        status = lc_index_get_row(clean->index, row, &record, err);
        if (status == LC_OK &&
            (record.offset > map.size || record.size > map.size - record.offset))
            status =
                lc_fail(err, LC_ERR_IO, 0, "a rows file changed since it was checked");
        if (status == LC_OK)
            status =
                read_as_written(typing, row, map.data + record.offset, record.size, err);
        released = lc_map_drop(&map, released, record.offset);
        if (status == LC_OK && i % 4096 == 0 && check->is_stopped &&
            check->is_stopped(check->user))
            status = lc_fail(err, LC_ERR_STOPPED, 0, "stopped; nothing was written");
    }
    lc_map_close(&map);
    return status;
}

/* ---- the decision ---- */

static void count_types(struct typing *typing)
{
    for (size_t i = 0; i < typing->known.count; i++)
        memset(typing->columns[i].rows, 0, sizeof(typing->columns[i].rows));
    for (size_t i = 0; i < typing->count; i++) {
        const struct signature *signature = &typing->signatures[i];

        for (size_t k = 0; k < signature->count && !signature->is_dropped; k++) {
            const struct value *value = &typing->all[signature->first + k];

            typing->columns[value->column].rows[value->type] += signature->rows;
        }
    }
}

static enum lc_value_type type_of_most(const struct column *column)
{
    int most = 0;

    for (int type = 1; type < TYPES; type++)
        if (column->rows[type] > column->rows[most])
            most = type;
    return (enum lc_value_type)most;
}

/* Drop a signature if a column of it has another type. */
static void drop_if_other(const struct typing *typing, struct signature *signature,
                          size_t column, enum lc_value_type type)
{
    for (size_t k = 0; k < signature->count && !signature->is_dropped; k++) {
        const struct value *value = &typing->all[signature->first + k];

        if (value->column != column || value->type == type)
            continue;
        signature->is_dropped = true;
        signature->why = *value;
    }
}

/* Drop the signatures that do not have the most frequent type of a column, column by
 * column: rows dropped for one column do not count in the next. */
static void drop_signatures(struct typing *typing)
{
    for (size_t column = 0; column < typing->known.count; column++) {
        enum lc_value_type most;

        count_types(typing);
        most = type_of_most(&typing->columns[column]);
        for (size_t i = 0; i < typing->count; i++)
            drop_if_other(typing, &typing->signatures[i], column, most);
    }
}

static enum lc_status drop_rows(struct typing *typing, struct lc_error *err)
{
    struct lc_clean *clean = typing->clean;
    enum lc_status status = LC_OK;

    count_types(typing); /* of the remaining rows, which have the types of most */
    for (uint64_t row = 0; row < clean->rows && status == LC_OK; row++) {
        const struct signature *signature;
        const struct column *column;
        char message[NAME_MAX_SIZE + 80];
        struct lc_reason reason = {.message = message};

        if (!typing->of_rows[row])
            continue;
        signature = &typing->signatures[typing->of_rows[row] - 1];
        if (!signature->is_dropped)
            continue;
        column = &typing->columns[signature->why.column];
        snprintf(message, sizeof(message), "%s is %s, but %s in most rows", column->name,
                 lc_value_type_name((enum lc_value_type)signature->why.type),
                 lc_value_type_name(type_of_most(column)));
        reason.which = column->which;
        reason.effect = clean->effects.by_case[column->which].effect;
        if (lc_clean_fixed(clean, row))
            lc_clean_withdraw(clean, lc_clean_fixed(clean, row));
        clean->parts[row] = LC_ROW_DROPPED;
        status = lc_reasons_add(&clean->reasons, row, &reason, err);
    }
    return status;
}

/* Drop rows until rows that go into one output have one type per column. first to end are
 * all rows files, or only one. */
static enum lc_status unify(struct lc_clean *clean, uint32_t first, uint32_t end,
                            struct lc_error *err)
{
    struct typing *typing = calloc(1, sizeof(*typing));
    enum lc_status status;

    if (!typing)
        return lc_fail_memory(err);
    typing->clean = clean;
    typing->columns = calloc(LC_COLUMNS_MAX, sizeof(*typing->columns));
    typing->signatures = calloc(MOST_SIGNATURES, sizeof(*typing->signatures));
    typing->slots = calloc(SLOTS, sizeof(*typing->slots));
    typing->of_rows = calloc(clean->rows + 1, sizeof(*typing->of_rows));
    status = typing->columns && typing->signatures && typing->slots && typing->of_rows
                 ? lc_json_parser_new(&typing->parser, err)
                 : lc_fail_memory(err);
    for (uint32_t i = first; i < end && status == LC_OK; i++)
        status = read_file(typing, i, err);
    if (status == LC_OK) {
        drop_signatures(typing);
        status = drop_rows(typing, err);
    }
    lc_json_parser_free(typing->parser);
    lc_column_values_clear(&typing->values);
    lc_buffer_clear(&typing->fixed);
    free(typing->columns);
    free(typing->all);
    free(typing->signatures);
    free(typing->slots);
    free(typing->of_rows);
    free(typing);
    return status;
}

enum lc_status lc_clean_unify_columns(struct lc_clean *clean, struct lc_error *err)
{
    uint32_t files = (uint32_t)clean->dataset.file_count;
    uint32_t step = clean->options.name ? files : 1;
    enum lc_status status = LC_OK;

    if (!drops_any_case(clean) || (step == 1 && !has_mixed_columns(clean->index)))
        return LC_OK; /* if files are joined, types may differ between them */
    for (uint32_t i = 0; i < files && status == LC_OK; i += step)
        status = unify(clean, i, i + step, err);
    return status;
}

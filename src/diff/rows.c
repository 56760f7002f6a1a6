/* Rows: by id where they have one, else by content. */
#include "diff/internal.h"

#include <stdlib.h>
#include <string.h>

/* One version's rows. */
struct side {
    const struct lc_index *index;
    uint64_t count;
    struct lc_hash *contents; /* of all rows, by number */
    struct lc_lefts left;     /* of those that were looked at, without an equal */
    /* on the way through the ids */
    struct lc_stream *ids;
    bool there;        /* there is an id */
    struct lc_hash id; /* the present one, with a row that has it */
    uint64_t row;
    struct lc_lefts group; /* the rows of one id */
};

struct rows {
    struct side sides[2];
    struct lc_diff *diff;
};

/* A row as it is kept has the mark of an id above its number. */
static uint64_t number_of(const struct lc_left *left)
{
    return left->order & ~LC_LEFT_NAMED;
}

/* ---- contents ---- */

/* All that a row holds but its id. */
static struct lc_hash content_of(const struct lc_row_record *row)
{
    uint8_t bytes[sizeof(row->content.bytes) + 8 + 1];

    memcpy(bytes, row->content.bytes, sizeof(row->content.bytes));
    lc_put_u64(bytes + sizeof(row->content.bytes), row->rest);
    bytes[sizeof(bytes) - 1] = row->readable;
    return lc_hash_bytes(bytes, sizeof(bytes));
}

/* Keep what a row holds. Those without an id wait for others without one. */
static enum lc_status note_row(struct side *side, uint64_t number,
                               const struct lc_row_record *row, struct lc_error *err)
{
    struct lc_hash content = content_of(row);

    if (number != side->count || number >= lc_index_summary(side->index)->rows)
        return lc_fail(err, LC_ERR_INDEX, 0,
                       "the index is damaged: rows are not numbered in order");
    side->contents[side->count++] = content;
    if (row->id.size)
        return LC_OK;
    return lc_lefts_add(&side->left, &content, number, err);
}

static enum lc_status load(struct side *side, struct lc_error *err)
{
    uint64_t rows = lc_index_summary(side->index)->rows, number = 0;
    struct lc_stream *stream = NULL;
    struct lc_row_record row = {0};
    enum lc_status status;
    bool there = true;

    if (rows >= LC_LEFT_NAMED)
        return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: too many rows");
    side->contents = calloc(rows + 1, sizeof(*side->contents));
    if (!side->contents)
        return lc_fail_memory(err);
    status = lc_stream_new(side->index, LC_STREAM_ROWS, &stream, err);
    while (status == LC_OK) {
        status = lc_stream_row(stream, &number, &row, &there, err);
        if (status != LC_OK || !there)
            break;
        status = note_row(side, number, &row, err);
    }
    lc_stream_free(stream);
    return status;
}

/* ---- rows of one id ---- */

static enum lc_status next_id(struct side *side, struct lc_error *err)
{
    enum lc_status status =
        lc_stream_id(side->ids, &side->id, &side->row, &side->there, err);

    if (status == LC_OK && side->there && side->row >= side->count)
        return lc_fail(err, LC_ERR_INDEX, 0,
                       "the index is damaged: an id names a row that does not exist");
    return status;
}

/* Take all rows of the present id. */
static enum lc_status take_group(struct side *side, struct lc_error *err)
{
    struct lc_hash id = side->id;
    enum lc_status status = LC_OK;

    side->group.count = 0;
    while (status == LC_OK && side->there && lc_hash_compare(&side->id, &id) == 0) {
        status = lc_lefts_add(&side->group, &side->contents[side->row],
                              side->row | LC_LEFT_NAMED, err);
        if (status == LC_OK)
            status = next_id(side, err);
    }
    return status;
}

/* Take those that are equal on both sides out of two groups. Returns how many. */
static uint64_t drop_equal(struct lc_lefts *a, struct lc_lefts *b)
{
    size_t i = 0, k = 0, kept_a = 0, kept_b = 0;
    uint64_t same = 0;

    lc_lefts_sort(a);
    lc_lefts_sort(b);
    while (i < a->count || k < b->count) {
        int order = lc_lefts_compare(a, i, b, k);

        if (order < 0) {
            a->items[kept_a++] = a->items[i++];
        } else if (order > 0) {
            b->items[kept_b++] = b->items[k++];
        } else {
            i++;
            k++;
            same++;
        }
    }
    a->count = kept_a;
    b->count = kept_b;
    return same;
}

static enum lc_status keep_group(struct side *side, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < side->group.count && status == LC_OK; i++)
        status = lc_lefts_add(&side->left, &side->group.items[i].content,
                              side->group.items[i].order, err);
    return status;
}

/* Compare the rows of one id; on a side that does not have it the group is empty. */
static enum lc_status compare_groups(struct rows *rows, struct lc_error *err)
{
    struct side *a = &rows->sides[0], *b = &rows->sides[1];
    enum lc_status status;

    if (a->group.count && b->group.count)
        rows->diff->rows_same += drop_equal(&a->group, &b->group);
    if (a->group.count == 1 && b->group.count == 1)
        return lc_diff_add(rows->diff, LC_CHANGE_ROW_CHANGED,
                           number_of(&a->group.items[0]), number_of(&b->group.items[0]),
                           err);
    status = keep_group(a, err);
    return status == LC_OK ? keep_group(b, err) : status;
}

/* Which side's id comes first; 0 when they are the same. */
static int compare_ids(const struct side *a, const struct side *b)
{
    if (!a->there || !b->there)
        return b->there - a->there;
    return lc_hash_compare(&a->id, &b->id);
}

static enum lc_status compare_by_id(struct rows *rows, struct lc_error *err)
{
    struct side *a = &rows->sides[0], *b = &rows->sides[1];
    enum lc_status status = LC_OK;

    for (int i = 0; i < 2 && status == LC_OK; i++) {
        status =
            lc_stream_new(rows->sides[i].index, LC_STREAM_IDS, &rows->sides[i].ids, err);
        if (status == LC_OK)
            status = next_id(&rows->sides[i], err);
    }
    while (status == LC_OK && (a->there || b->there)) {
        int order = compare_ids(a, b);

        a->group.count = b->group.count = 0;
        if (order <= 0)
            status = take_group(a, err);
        if (status == LC_OK && order >= 0)
            status = take_group(b, err);
        if (status == LC_OK)
            status = compare_groups(rows, err);
    }
    return status;
}

/* ---- rows that are left ---- */

/* How many of some that are equal have no id: they are the first. */
static size_t count_nameless(const struct lc_lefts *lefts, size_t at, size_t count)
{
    size_t nameless = 0;

    while (nameless < count && !(lefts->items[at + nameless].order & LC_LEFT_NAMED))
        nameless++;
    return nameless;
}

/* Rows of one content that no id has brought together: a_count from i on, and b_count
 * from k on. */
static enum lc_status match_equal(struct rows *rows, size_t i, size_t a_count, size_t k,
                                  size_t b_count, struct lc_error *err)
{
    const struct lc_lefts *a = &rows->sides[0].left, *b = &rows->sides[1].left;
    size_t at = count_nameless(a, i, a_count), others = count_nameless(b, k, b_count);
    enum lc_status status = LC_OK;

    at = at < others ? at : others;
    rows->diff->rows_same += at;
    for (; at < a_count && at < b_count && status == LC_OK; at++)
        status =
            lc_diff_add(rows->diff, LC_CHANGE_ROW_RENAMED, number_of(&a->items[i + at]),
                        number_of(&b->items[k + at]), err);
    for (size_t n = at; n < a_count && status == LC_OK; n++)
        status = lc_diff_add(rows->diff, LC_CHANGE_ROW_REMOVED,
                             number_of(&a->items[i + n]), LC_DIFF_NOWHERE, err);
    for (size_t n = at; n < b_count && status == LC_OK; n++)
        status = lc_diff_add(rows->diff, LC_CHANGE_ROW_ADDED, LC_DIFF_NOWHERE,
                             number_of(&b->items[k + n]), err);
    return status;
}

static enum lc_status compare_by_content(struct rows *rows, struct lc_error *err)
{
    struct lc_lefts *a = &rows->sides[0].left, *b = &rows->sides[1].left;
    enum lc_status status = LC_OK;
    size_t i = 0, k = 0;

    lc_lefts_sort(a);
    lc_lefts_sort(b);
    while (status == LC_OK && (i < a->count || k < b->count)) {
        int order = lc_lefts_compare(a, i, b, k);
        size_t a_count = order <= 0 ? lc_lefts_equal(a, i) : 0;
        size_t b_count = order >= 0 ? lc_lefts_equal(b, k) : 0;

        status = match_equal(rows, i, a_count, k, b_count, err);
        i += a_count;
        k += b_count;
    }
    return status;
}

enum lc_status lc_diff_rows(const struct lc_index *const indexes[2], struct lc_diff *diff,
                            struct lc_error *err)
{
    struct rows rows = {.sides = {{.index = indexes[0]}, {.index = indexes[1]}},
                        .diff = diff};
    enum lc_status status = LC_OK;

    for (int i = 0; i < 2 && status == LC_OK; i++)
        status = load(&rows.sides[i], err);
    if (status == LC_OK)
        status = compare_by_id(&rows, err);
    if (status == LC_OK)
        status = compare_by_content(&rows, err);
    for (int i = 0; i < 2; i++) {
        lc_stream_free(rows.sides[i].ids);
        free(rows.sides[i].contents);
        free(rows.sides[i].left.items);
        free(rows.sides[i].group.items);
    }
    return status;
}

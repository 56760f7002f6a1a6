/* How rows are paired
 *
 * 1. By id. Both indexes list their ids in the order of the ids' hashes, so one merge
 *    visits each id once, with its rows on either side (an id may have several). Rows
 *    with equal content cancel out as unchanged. If exactly one row remains on each side,
 *    the row was changed. If more remain, it is unknown which row became which, so all
 *    stay unmatched.
 * 2. By content. The unmatched rows of step 1 and the rows without an id are sorted by
 *    content and merged. A pair of equal rows is unchanged if neither has an id;
 *    otherwise it was renamed. The rest was removed (a) or added (b).
 *
 * Step 1 comes first so that an edited row counts as one change rather than as a removal
 * and an addition. Content is the hash of everything in the row except its id. Cost: O(n
 * log n) for the unmatched rows, O(n) for the others.
 */
#include "diff/internal.h"

#include <stdlib.h>
#include <string.h>

/* The rows of one version. */
struct side {
    const struct lc_index *index;
    uint64_t count;
    struct lc_hash *contents; /* of all rows, by number */
    struct lc_unmatched_list unmatched;
    /* the merge by id */
    struct lc_stream *ids;
    bool has_id;                    /* ids is not at its end */
    struct lc_hash id;              /* the current id */
    uint64_t row;                   /* a row that has it */
    struct lc_unmatched_list group; /* rows of the id being compared */
};

struct rows {
    struct side sides[2];
    struct lc_diff *diff;
};

/* The row's number, without the flag for an id. */
static uint64_t row_number(const struct lc_unmatched *row)
{
    return row->order & ~LC_UNMATCHED_HAS_ID;
}

/* ---- contents ---- */

/* Hash everything in a row except its id. */
static struct lc_hash content_of(const struct lc_row_record *row)
{
    uint8_t bytes[sizeof(row->content.bytes) + 8 + 1];

    memcpy(bytes, row->content.bytes, sizeof(row->content.bytes));
    lc_put_u64(bytes + sizeof(row->content.bytes), row->rest);
    bytes[sizeof(bytes) - 1] = row->readable;
    return lc_hash_bytes(bytes, sizeof(bytes));
}

/* Store the content of a row. A row without an id is matched by content later. */
static enum lc_status store_row(struct side *side, uint64_t number,
                                const struct lc_row_record *row, struct lc_error *err)
{
    struct lc_hash content = content_of(row);

    if (number != side->count || number >= lc_index_summary(side->index)->rows)
        return lc_fail(err, LC_ERR_INDEX, 0,
                       "the index is damaged: rows are not numbered in order");
    side->contents[side->count++] = content;
    if (row->id.size)
        return LC_OK;
    return lc_unmatched_add(&side->unmatched, &content, number, err);
}

static enum lc_status load_contents(struct side *side, struct lc_error *err)
{
    uint64_t rows = lc_index_summary(side->index)->rows, number = 0;
    struct lc_stream *stream = NULL;
    struct lc_row_record row = {0};
    enum lc_status status;
    bool has_row = true;

    if (rows >= LC_UNMATCHED_HAS_ID)
        return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: too many rows");
    side->contents = calloc(rows + 1, sizeof(*side->contents));
    if (!side->contents)
        return lc_fail_memory(err);
    status = lc_stream_new(side->index, LC_STREAM_ROWS, &stream, err);
    while (status == LC_OK) {
        status = lc_stream_row(stream, &number, &row, &has_row, err);
        if (status != LC_OK || !has_row)
            break;
        status = store_row(side, number, &row, err);
    }
    lc_stream_free(stream);
    return status;
}

/* ---- rows with one id ---- */

static enum lc_status next_id(struct side *side, struct lc_error *err)
{
    enum lc_status status =
        lc_stream_id(side->ids, &side->id, &side->row, &side->has_id, err);

    if (status == LC_OK && side->has_id && side->row >= side->count)
        return lc_fail(err, LC_ERR_INDEX, 0,
                       "the index is damaged: an id names a row that does not exist");
    return status;
}

/* Read all rows of the current id into the group. */
static enum lc_status read_group(struct side *side, struct lc_error *err)
{
    struct lc_hash id = side->id;
    enum lc_status status = LC_OK;

    side->group.count = 0;
    while (status == LC_OK && side->has_id && lc_hash_compare(&side->id, &id) == 0) {
        status = lc_unmatched_add(&side->group, &side->contents[side->row],
                                  side->row | LC_UNMATCHED_HAS_ID, err);
        if (status == LC_OK)
            status = next_id(side, err);
    }
    return status;
}

/* Remove rows with equal content from both groups, in pairs. Returns the number of
 * pairs. */
static uint64_t remove_equal(struct lc_unmatched_list *a, struct lc_unmatched_list *b)
{
    size_t i = 0, k = 0, kept_a = 0, kept_b = 0;
    uint64_t same = 0;

    lc_unmatched_sort(a);
    lc_unmatched_sort(b);
    while (i < a->count || k < b->count) {
        int order = lc_unmatched_compare(a, i, b, k);

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

static enum lc_status keep_unmatched(struct side *side, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < side->group.count && status == LC_OK; i++)
        status = lc_unmatched_add(&side->unmatched, &side->group.items[i].content,
                                  side->group.items[i].order, err);
    return status;
}

/* Compare the rows with one id; the group of a side without that id is empty. */
static enum lc_status compare_groups(struct rows *rows, struct lc_error *err)
{
    struct side *a = &rows->sides[0], *b = &rows->sides[1];
    enum lc_status status;

    if (a->group.count && b->group.count)
        rows->diff->rows_same += remove_equal(&a->group, &b->group);
    if (a->group.count == 1 && b->group.count == 1)
        return lc_diff_add(rows->diff, LC_CHANGE_ROW_CHANGED,
                           row_number(&a->group.items[0]), row_number(&b->group.items[0]),
                           err);
    status = keep_unmatched(a, err);
    return status == LC_OK ? keep_unmatched(b, err) : status;
}

/* Order of the current ids: negative if a's comes first, 0 if they are equal. */
static int compare_ids(const struct side *a, const struct side *b)
{
    if (!a->has_id || !b->has_id)
        return b->has_id - a->has_id;
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
    while (status == LC_OK && (a->has_id || b->has_id)) {
        int order = compare_ids(a, b);

        a->group.count = b->group.count = 0;
        if (order <= 0)
            status = read_group(a, err);
        if (status == LC_OK && order >= 0)
            status = read_group(b, err);
        if (status == LC_OK)
            status = compare_groups(rows, err);
    }
    return status;
}

/* ---- unmatched rows ---- */

/* Count the rows without an id among `count` equal rows; they come first. */
static size_t count_without_id(const struct lc_unmatched_list *list, size_t at,
                               size_t count)
{
    size_t without_id = 0;

    while (without_id < count &&
           !(list->items[at + without_id].order & LC_UNMATCHED_HAS_ID))
        without_id++;
    return without_id;
}

/* Match unmatched rows with equal content: a_count rows from i on, and b_count from k
 * on. */
static enum lc_status match_equal(struct rows *rows, size_t i, size_t a_count, size_t k,
                                  size_t b_count, struct lc_error *err)
{
    const struct lc_unmatched_list *a = &rows->sides[0].unmatched,
                                   *b = &rows->sides[1].unmatched;
    size_t at = count_without_id(a, i, a_count), others = count_without_id(b, k, b_count);
    enum lc_status status = LC_OK;

    at = at < others ? at : others;
    rows->diff->rows_same += at;
    for (; at < a_count && at < b_count && status == LC_OK; at++)
        status =
            lc_diff_add(rows->diff, LC_CHANGE_ROW_RENAMED, row_number(&a->items[i + at]),
                        row_number(&b->items[k + at]), err);
    for (size_t n = at; n < a_count && status == LC_OK; n++)
        status = lc_diff_add(rows->diff, LC_CHANGE_ROW_REMOVED,
                             row_number(&a->items[i + n]), LC_DIFF_NOWHERE, err);
    for (size_t n = at; n < b_count && status == LC_OK; n++)
        status = lc_diff_add(rows->diff, LC_CHANGE_ROW_ADDED, LC_DIFF_NOWHERE,
                             row_number(&b->items[k + n]), err);
    return status;
}

static enum lc_status compare_by_content(struct rows *rows, struct lc_error *err)
{
    struct lc_unmatched_list *a = &rows->sides[0].unmatched,
                             *b = &rows->sides[1].unmatched;
    enum lc_status status = LC_OK;
    size_t i = 0, k = 0;

    lc_unmatched_sort(a);
    lc_unmatched_sort(b);
    while (status == LC_OK && (i < a->count || k < b->count)) {
        int order = lc_unmatched_compare(a, i, b, k);
        size_t a_count = order <= 0 ? lc_unmatched_count_equal(a, i) : 0;
        size_t b_count = order >= 0 ? lc_unmatched_count_equal(b, k) : 0;

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
        status = load_contents(&rows.sides[i], err);
    if (status == LC_OK)
        status = compare_by_id(&rows, err);
    if (status == LC_OK)
        status = compare_by_content(&rows, err);
    for (int i = 0; i < 2; i++) {
        lc_stream_free(rows.sides[i].ids);
        free(rows.sides[i].contents);
        free(rows.sides[i].unmatched.items);
        free(rows.sides[i].group.items);
    }
    return status;
}

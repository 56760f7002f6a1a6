/* internal.h - shared by the quick reader and the reader of parsed rows; private to
 * src/dataset */
#ifndef LC_DATASET_INTERNAL_H
#define LC_DATASET_INTERNAL_H

#include "dataset/row.h"

/** Reset to an empty row of a dialect; keep the memory. */
void lc_row_reset(struct lc_row *row, const struct lc_dialect *dialect);

/** Add an uninitialized turn; NULL when out of memory. */
static inline struct lc_turn *lc_row_add_turn(struct lc_row *row)
{
    struct lc_turn *turns = row->turns;

    if (row->turn_count == row->turns_capacity)
        turns =
            lc_array_grow(turns, row->turn_count, &row->turns_capacity, sizeof(*turns));
    if (!turns)
        return NULL;
    row->turns = turns;
    return &turns[row->turn_count++];
}

/** Add a measured turn to its row's totals. */
void lc_row_count_turn(struct lc_row *row, const struct lc_turn *turn);

/** The script of most letters, not counting those of placeholders. @param letters  counts
 * of letters beyond ASCII. */
enum lc_script lc_row_pick_script(const struct lc_row *row,
                                  const uint64_t letters[LC_SCRIPT_COUNT]);

/** Add a path, a URL or embedded bytes. @param at  offset of the string. Errors:
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_row_add_medium(struct lc_row *row, enum lc_medium medium,
                                               struct lc_span item, uint32_t at,
                                               struct lc_error *err);

/** Find what needs the whole row: paths in the texts, and hashes. Errors:
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_row_finish(struct lc_row *row, struct lc_error *err);

/** The column that a key names; LC_COLUMN_COUNT: none. @param rank  set to the key's
 * position among the column's names. */
enum lc_column lc_dialect_column(const struct lc_dialect *dialect, struct lc_span key,
                                 unsigned *rank);

/** The role with a name. */
enum lc_role lc_dialect_role(const struct lc_dialect *dialect, struct lc_span name);

/** Whether a column of turns with this name (in quotes) is a prompt: the answers are
 * elsewhere, or generated in training. */
static inline bool lc_is_prompt(struct lc_span name)
{
    return lc_span_is(name, "\"prompt\"");
}

/** The trait of a row that has a column with this name (in quotes), or 0. */
static inline unsigned lc_trait_of_name(struct lc_span name)
{
    if (lc_span_is(name, "\"messages\""))
        return LC_ROW_IN_MESSAGES;
    return lc_span_is(name, "\"images\"") ? LC_ROW_IN_IMAGES : 0;
}

/** Whether facts depend on a key that is not a column: it seems to name images, or has a
 * meaning in another program. */
bool lc_row_uses_key(struct lc_span key);

#endif

/* An index of a verification: findings of its own, on the data of another. */
#include "index/read/reader.h"

void lc_index_put_on(struct lc_index *index, struct lc_index *base,
                     const struct lc_verification *verification)
{
    index->base = base;
    index->verification = *verification;
}

const struct lc_verification *lc_index_verification(const struct lc_index *index)
{
    return index->base ? &index->verification : NULL;
}

void lc_index_cursor(const struct lc_index *index, enum lc_table table,
                     struct lc_cursor *out)
{
    bool own = !index->base || table == LC_TABLE_META || table == LC_TABLE_FINDINGS;

    if (!own)
        index = index->base;
    lc_cursor_begin(out, &index->pages, &index->trees[table]);
}

/* An index of a verification: findings of its own, on the data of another. */
#include "index/reader.h"

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

const struct lc_tables *lc_index_tables(const struct lc_index *index, enum lc_table table)
{
    bool own = !index->base || table == LC_TABLE_META || table == LC_TABLE_FINDINGS;

    return own ? &index->tables : &index->base->tables;
}

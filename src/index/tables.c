#include "index/tables.h"

#include <errno.h>

int lc_tables_open(struct lc_tables *tables, bool create)
{
    static const struct {
        const char *name;
        unsigned flags;
    } all[LC_TABLE_COUNT] = {
#define LC_TABLE(identifier, name, flags) [LC_TABLE_##identifier] = {name, flags},
        LC_TABLES(LC_TABLE)
#undef LC_TABLE
    };
    int rc = 0;

    for (size_t i = 0; i < LC_TABLE_COUNT && rc == 0; i++)
        rc = mdb_dbi_open(tables->txn, all[i].name,
                          all[i].flags | (create ? MDB_CREATE : 0), &tables->handles[i]);
    return rc;
}

enum lc_status lc_lmdb_status(int rc, const char *what, struct lc_error *err)
{
    switch (rc) {
    case 0:
        return LC_OK;
    case ENOMEM:
        return lc_fail_memory(err);
    case MDB_INVALID:
    case MDB_NOTFOUND:
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INCOMPATIBLE:
        return lc_fail(err, LC_ERR_INDEX, 0, "%s: the index is damaged or no index (%s)",
                       what, mdb_strerror(rc));
    case EIO: /* what LMDB calls a write that was cut short */
        return lc_fail(err, LC_ERR_IO, rc, "%s: %s; is the disk full?", what,
                       mdb_strerror(rc));
    case MDB_VERSION_MISMATCH:
        return lc_fail(err, LC_ERR_INDEX, 0, "%s: the index is from another version",
                       what);
    default: /* LMDB's own codes are negative, the system's positive */
        return lc_fail(err, rc > 0 ? LC_ERR_IO : LC_ERR_INDEX, rc > 0 ? rc : 0, "%s: %s",
                       what, mdb_strerror(rc));
    }
}

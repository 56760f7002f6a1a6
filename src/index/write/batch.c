/* Batches: an index is written in a sequence of LMDB transactions of limited size */
#include "index/write/state.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static size_t batch_capacity(const struct lc_index_writer *writer)
{
    return writer->map_step / 4;
}

int lc_tables_open(struct lc_tables *tables, bool create)
{
    int rc = 0;

    for (size_t i = 0; i < LC_TABLE_COUNT && rc == 0; i++)
        rc = mdb_dbi_open(tables->txn, lc_table_name((enum lc_table)i),
                          create ? MDB_CREATE : 0, &tables->handles[i]);
    return rc;
}

enum lc_status lc_lmdb_status(int rc, const char *what, struct lc_error *err)
{
    switch (rc) {
    case 0:
        return LC_OK;
    case ENOMEM:
        return lc_fail_memory(err);
    case EIO: /* LMDB's code for an incomplete write */
        return lc_fail(err, LC_ERR_IO, rc, "%s: %s; is the disk full?", what,
                       mdb_strerror(rc));
    default: /* LMDB's own codes are negative, those of the system positive */
        return lc_fail(err, rc > 0 ? LC_ERR_IO : LC_ERR_INDEX, rc > 0 ? rc : 0, "%s: %s",
                       what, mdb_strerror(rc));
    }
}

enum lc_status lc_writer_begin_batch(struct lc_index_writer *writer, size_t record,
                                     struct lc_error *err)
{
    MDB_envinfo info;
    int rc = mdb_env_info(writer->tables.env, &info);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t needed = batch_capacity(writer) + 2 * record;

    if (rc == 0 && info.me_mapsize - (info.me_last_pgno + 1) * page < needed)
        rc = mdb_env_set_mapsize(writer->tables.env,
                                 info.me_mapsize + writer->map_step + 2 * record);
    if (rc == 0)
        rc = mdb_txn_begin(writer->tables.env, NULL, 0, &writer->tables.txn);
    writer->batch_records = 0;
    writer->batch_bytes = 0;
    writer->rows_written = false;
    return lc_lmdb_status(rc, "write the index", err);
}

void lc_writer_close_cursors(struct lc_index_writer *writer)
{
    for (size_t i = 0; i < LC_TABLE_COUNT; i++) {
        if (writer->cursors[i])
            mdb_cursor_close(writer->cursors[i]);
        writer->cursors[i] = NULL;
    }
}

enum lc_status lc_writer_commit(struct lc_index_writer *writer, struct lc_error *err)
{
    MDB_txn *txn = writer->tables.txn;

    lc_writer_close_cursors(writer);
    lc_read_range_drop(&writer->range); /* before the map may move */
    writer->tables.txn = NULL;          /* the commit frees it, even if it fails */
    return lc_lmdb_status(mdb_txn_commit(txn), "write the index", err);
}

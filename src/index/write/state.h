/* state.h - an index that is being written: the only place that uses LMDB; private to
 * src/index */
#ifndef LC_INDEX_WRITE_STATE_H
#define LC_INDEX_WRITE_STATE_H

#include "index/read/packs.h"
#include "index/read/reader.h"
#include "index/format/tables.h"

#include <lmdb.h>

/** An environment being written: one transaction and the handles of all tables. */
struct lc_tables {
    MDB_env *env;
    MDB_txn *txn; /* the open transaction, or NULL */
    MDB_dbi handles[LC_TABLE_COUNT];
};

struct lc_index_writer {
    struct lc_tables tables;
    char *folder; /* NULL: the file has no name */
    char *part;
    char *final;
    int lock;
    int fd; /* the file that LMDB writes, for what it does not: the seal, and reading */
    struct lc_key key; /* for the seal */
    bool has_key;
    MDB_cursor *cursors[LC_TABLE_COUNT];  /* of the transaction, opened at first use */
    struct lc_pack packs[LC_TABLE_COUNT]; /* of packed tables: the values being filled */
    struct lc_buffer record;
    size_t map_step; /* bytes that LMDB's map has at first, and grows by */
    size_t batch_records;
    size_t batch_bytes;
    bool rows_written; /* in this transaction: their pages are not in the map yet */
    struct lc_read_range range; /* of the rows that were read again */
};

/** Open every table in the present transaction. Returns LMDB's status. */
int lc_tables_open(struct lc_tables *tables, bool create);

/** Turn LMDB's status into ours: LC_OK for 0; what says what was tried. */
enum lc_status lc_lmdb_status(int rc, const char *what, struct lc_error *err);

/* Begin the next transaction, whose first record may have so many bytes; end it.
 * Errors: LC_ERR_IO, LC_ERR_MEMORY, LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_writer_begin_batch(struct lc_index_writer *writer,
                                                   size_t record, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_writer_commit(struct lc_index_writer *writer,
                                              struct lc_error *err);

/** Close all cursors: they must go before the transaction that they belong to. */
void lc_writer_close_cursors(struct lc_index_writer *writer);

/** Put what a packed table has gathered. Errors: as above. */
LC_MUST_CHECK enum lc_status lc_writer_flush_pack(struct lc_index_writer *writer,
                                                  enum lc_table table,
                                                  struct lc_error *err);

#endif

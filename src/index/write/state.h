/* state.h - the state of an index that is being written; only these files use LMDB;
 * private to src/index */
#ifndef LC_INDEX_WRITE_STATE_H
#define LC_INDEX_WRITE_STATE_H

#include "index/read/packs.h"
#include "index/read/reader.h"
#include "index/format/tables.h"

#include <lmdb.h>

/** An LMDB environment with one transaction and the handles of all tables. */
struct lc_tables {
    MDB_env *env;
    MDB_txn *txn; /* the open transaction, or NULL */
    MDB_dbi handles[LC_TABLE_COUNT];
};

struct lc_index_writer {
    struct lc_tables tables;
    char *folder; /* NULL: the file has no name */
    char *part;   /* path of the file while it is written */
    char *final;  /* path of the finished index */
    int lock;
    int fd;            /* the file that LMDB writes, for sealing and reading it */
    struct lc_key key; /* for the seal */
    bool has_key;
    /* cursors of the transaction, opened at first use */
    MDB_cursor *cursors[LC_TABLE_COUNT];
    struct lc_pack packs[LC_TABLE_COUNT]; /* of packed tables: the value being filled */
    struct lc_buffer record;              /* the record encoded last */
    size_t map_step; /* initial size of LMDB's map, and how much it grows at a time */
    size_t batch_records;
    size_t batch_bytes;
    uint64_t findings;                         /* number of findings added */
    uint8_t last_finding[LC_FINDING_KEY_SIZE]; /* the greatest key among them */
    bool rows_written; /* rows were written in this transaction, so their pages are not in
                          the map yet */
    struct lc_read_range range; /* of rows that were read while writing */
};

/** Open all tables in the current transaction. Returns LMDB's status. */
int lc_tables_open(struct lc_tables *tables, bool create);

/** Convert LMDB's status, and set err; `what` names the failed operation. */
enum lc_status lc_lmdb_status(int rc, const char *what, struct lc_error *err);

/* Begin a transaction with space for a first record of a given size, or commit it.
 * Errors: LC_ERR_IO, LC_ERR_MEMORY, LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_writer_begin_batch(struct lc_index_writer *writer,
                                                   size_t record, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_writer_commit(struct lc_index_writer *writer,
                                              struct lc_error *err);

/** Close all cursors, which must happen before their transaction ends. */
void lc_writer_close_cursors(struct lc_index_writer *writer);

/** If a value of the packed table is being filled, store it. Errors: as above. */
LC_MUST_CHECK enum lc_status lc_writer_flush_pack(struct lc_index_writer *writer,
                                                  enum lc_table table,
                                                  struct lc_error *err);

#endif

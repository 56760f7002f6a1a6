/* writer.h - an index that is being written; private to src/index */
#ifndef LC_INDEX_WRITER_H
#define LC_INDEX_WRITER_H

#include "index/packs.h"
#include "index/reader.h"
#include "index/tables.h"

struct lc_index_writer {
    struct lc_tables tables;
    char *folder; /* NULL: the file has no name */
    char *part;
    char *final;
    int lock;
    MDB_cursor *cursors[LC_TABLE_COUNT];  /* of the transaction, opened at first use */
    struct lc_pack packs[LC_TABLE_COUNT]; /* of packed tables: the values being filled */
    struct lc_buffer record;
    size_t batch_records;
    size_t batch_bytes;
    bool rows_written;       /* in this transaction: their pages are not in the map yet */
    struct lc_walked walked; /* of the rows that were read again */
};

/* Begin the next transaction; end it. Errors: LC_ERR_IO, LC_ERR_MEMORY, LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_writer_begin_batch(struct lc_index_writer *writer,
                                                   struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_writer_commit(struct lc_index_writer *writer,
                                              struct lc_error *err);

/** Put what a packed table has gathered. Errors: as above. */
LC_MUST_CHECK enum lc_status lc_writer_put_pack(struct lc_index_writer *writer,
                                                enum lc_table table,
                                                struct lc_error *err);

#endif

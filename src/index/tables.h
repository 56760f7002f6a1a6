/* tables.h - the LMDB databases of an index; private to src/index */
#ifndef LC_INDEX_TABLES_H
#define LC_INDEX_TABLES_H

#include "index/index.h"

#include <lmdb.h>

/* LC_TABLE(identifier, name, flags): every database, in the order of docs/index-format.md
 */
#define LC_TABLES(LC_TABLE)                                                              \
    LC_TABLE(META, "meta", 0)                                                            \
    LC_TABLE(FILES, "files", 0)                                                          \
    LC_TABLE(ROWS, "rows", 0)                                                            \
    LC_TABLE(IMAGES, "images", 0)                                                        \
    LC_TABLE(ROW_IMAGES, "row_images", 0)                                                \
    LC_TABLE(IMAGE_ROWS, "image_rows", 0)                                                \
    LC_TABLE(BY_ID, "by_id", 0)                                                          \
    LC_TABLE(BY_PATH, "by_path", 0)                                                      \
    LC_TABLE(BY_CONTENT, "by_content", 0)                                                \
    LC_TABLE(FINDINGS, "findings", 0)                                                    \
    LC_TABLE(MIXTURE, "mixture", 0)                                                      \
    LC_TABLE(FILE_STATISTICS, "file_statistics", 0)

enum lc_table {
#define LC_TABLE(identifier, name, flags) LC_TABLE_##identifier,
    LC_TABLES(LC_TABLE)
#undef LC_TABLE
        LC_TABLE_COUNT
};

/** An open environment: one transaction and the handles of all tables. */
struct lc_tables {
    MDB_env *env;
    MDB_txn *txn; /* the open transaction, or NULL */
    MDB_dbi handles[LC_TABLE_COUNT];
};

/** Keys of the table meta. */
#define LC_META_SCHEMA "schema"
#define LC_META_TOOL "tool"
#define LC_META_NAME "dataset"
#define LC_META_IMAGE_ROOT "image_root"
#define LC_META_IMAGE_FOLDER "image_folder"
#define LC_META_OPTIONS "options"
#define LC_META_DECODERS "decoders"
#define LC_META_BEGAN "began_ns"
#define LC_META_SUMMARY "summary"
#define LC_META_STATISTICS "statistics"
#define LC_META_COUNT_PREFIX "count:"

/** Open every table in the present transaction. Returns LMDB's status. */
int lc_tables_open(struct lc_tables *tables, bool create);

/** Turn LMDB's status into ours: LC_OK for 0; what says what was tried. */
enum lc_status lc_lmdb_status(int rc, const char *what, struct lc_error *err);

/**
 * Make the results readable: begin a reading transaction and load meta.
 *
 * @param tables  an open environment without a transaction; given away, also on failure
 *
 * Errors: LC_ERR_INDEX, LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_index_from_tables(struct lc_tables *tables,
                                                  struct lc_index **out,
                                                  struct lc_error *err);

#endif

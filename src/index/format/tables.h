/* tables.h - the tables of an index (LMDB: named databases); private to src/index */
#ifndef LC_INDEX_FORMAT_TABLES_H
#define LC_INDEX_FORMAT_TABLES_H

/* LC_TABLE(identifier, name): every table, in the order of docs/index-format.md */
#define LC_TABLES(LC_TABLE)                                                              \
    LC_TABLE(META, "meta")                                                               \
    LC_TABLE(FILES, "files")                                                             \
    LC_TABLE(ROWS, "rows")                                                               \
    LC_TABLE(IMAGES, "images")                                                           \
    LC_TABLE(ROW_IMAGES, "row_images")                                                   \
    LC_TABLE(IMAGE_ROWS, "image_rows")                                                   \
    LC_TABLE(BY_ID, "by_id")                                                             \
    LC_TABLE(BY_PATH, "by_path")                                                         \
    LC_TABLE(BY_CONTENT, "by_content")                                                   \
    LC_TABLE(FINDINGS, "findings")                                                       \
    LC_TABLE(MIXTURE, "mixture")                                                         \
    LC_TABLE(FILE_STATISTICS, "file_statistics")                                         \
    LC_TABLE(ARCHIVES, "archives")                                                       \
    LC_TABLE(MEMBERS, "members")                                                         \
    LC_TABLE(POINTS, "points")

enum lc_table {
#define LC_TABLE(identifier, name) LC_TABLE_##identifier,
    LC_TABLES(LC_TABLE)
#undef LC_TABLE
        LC_TABLE_COUNT
};

/** The name of a table. */
const char *lc_table_name(enum lc_table table);

/** Keys of the table meta. */
#define LC_META_SCHEMA "schema"
#define LC_META_TOOL "tool"
#define LC_META_NAME "dataset"
#define LC_META_IMAGE_ROOT "image_root"
#define LC_META_IMAGE_FOLDER "image_folder"
#define LC_META_OPTIONS "options"
#define LC_META_DECODERS "decoders"
#define LC_META_BEGAN "began_ns"
#define LC_META_PART "part"
#define LC_META_SUMMARY "summary"
#define LC_META_STATISTICS "statistics"
#define LC_META_COUNT_PREFIX "count:"

#endif

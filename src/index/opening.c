/* An index is opened: is it one, of this version and whole; then what its run was */
#include "index/reader.h"

#include "index/seal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum lc_status get_meta(const struct lc_index *index, const char *key,
                               struct lc_span *out, struct lc_error *err)
{
    return lc_index_get_value(index, LC_TABLE_META, key, strlen(key), out, err);
}

static enum lc_status load_counts(struct lc_index *index, struct lc_error *err)
{
    static const char prefix[] = LC_META_COUNT_PREFIX;
    enum lc_status status = LC_OK;
    MDB_cursor *cursor = NULL;
    MDB_val key = {sizeof(prefix) - 1, (void *)(uintptr_t)prefix}, value;
    int rc =
        mdb_cursor_open(index->tables.txn, index->tables.handles[LC_TABLE_META], &cursor);

    if (rc == 0)
        rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    while (rc == 0 && status == LC_OK && key.mv_size >= sizeof(prefix) - 1 &&
           memcmp(key.mv_data, prefix, sizeof(prefix) - 1) == 0) {
        struct lc_rule_count *counts =
            lc_array_grow(index->counts, index->count, &index->capacity, sizeof(*counts));

        if (!counts) {
            status = lc_fail_memory(err);
            break;
        }
        index->counts = counts;
        status = lc_rule_count_decode((struct lc_span){value.mv_data, value.mv_size},
                                      &counts[index->count++], err);
        rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    if (cursor)
        mdb_cursor_close(cursor);
    if (status == LC_OK && rc != 0 && rc != MDB_NOTFOUND)
        status = lc_lmdb_status(rc, "read the index", err);
    return status;
}

static enum lc_status get_fingerprint(const struct lc_index *index, const char *key,
                                      struct lc_hash *out, struct lc_error *err)
{
    struct lc_span bytes = {0};
    enum lc_status status = get_meta(index, key, &bytes, err);

    if (status == LC_OK && bytes.text && bytes.size == sizeof(out->bytes))
        memcpy(out->bytes, bytes.text, sizeof(out->bytes));
    else if (status == LC_OK)
        status = lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: its fingerprint");
    return status;
}

static enum lc_status get_began(const struct lc_index *index, int64_t *out,
                                struct lc_error *err)
{
    struct lc_span bytes = {0};
    enum lc_status status = get_meta(index, LC_META_BEGAN, &bytes, err);

    if (status == LC_OK && bytes.size == 8)
        *out = (int64_t)lc_get_u64((const uint8_t *)bytes.text);
    else if (status == LC_OK)
        status = lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: its time");
    return status;
}

/* Look at the schema before anything else: other schemas may have other tables. */
static enum lc_status check_schema(struct lc_index *index, struct lc_error *err)
{
    struct lc_span schema = {0};
    int rc =
        mdb_dbi_open(index->tables.txn, "meta", 0, &index->tables.handles[LC_TABLE_META]);
    enum lc_status status = lc_lmdb_status(rc, "open the index", err);

    if (status == LC_OK)
        status = get_meta(index, LC_META_SCHEMA, &schema, err);
    if (status == LC_OK &&
        (schema.size != 4 || lc_get_u32((const uint8_t *)schema.text) != LC_INDEX_SCHEMA))
        status = lc_fail(err, LC_ERR_INDEX, 0,
                         "the index is from another version: run llava-check on the "
                         "data again");
    return status;
}

static enum lc_status load_meta(struct lc_index *index, struct lc_error *err)
{
    struct lc_span summary = {0}, statistics = {0};
    enum lc_status status = get_meta(index, LC_META_TOOL, &index->info.tool, err);

    if (status == LC_OK)
        status = get_meta(index, LC_META_NAME, &index->info.name, err);
    if (status == LC_OK)
        status = get_meta(index, LC_META_IMAGE_ROOT, &index->info.image_root, err);
    if (status == LC_OK)
        status = get_meta(index, LC_META_IMAGE_FOLDER, &index->info.image_folder, err);
    if (status == LC_OK)
        status = get_fingerprint(index, LC_META_OPTIONS, &index->info.options, err);
    if (status == LC_OK)
        status = get_fingerprint(index, LC_META_DECODERS, &index->info.decoders, err);
    if (status == LC_OK)
        status = get_began(index, &index->info.began_ns, err);
    if (status == LC_OK)
        status = get_meta(index, LC_META_SUMMARY, &summary, err);
    if (status == LC_OK)
        status = lc_summary_decode(summary, &index->summary, err);
    if (status == LC_OK)
        status = get_meta(index, LC_META_STATISTICS, &statistics, err);
    if (status == LC_OK)
        status = lc_statistics_decode(statistics, &index->statistics, err);
    return status == LC_OK ? load_counts(index, err) : status;
}

enum lc_status lc_index_from_tables(struct lc_tables *tables, struct lc_index **out,
                                    struct lc_error *err)
{
    struct lc_index *index = calloc(1, sizeof(*index));
    struct lc_walked *walked = calloc(2, sizeof(*walked));
    enum lc_status status;
    int rc;

    if (!index || !walked) {
        free(index);
        free(walked);
        mdb_env_close(tables->env);
        *tables = (struct lc_tables){0};
        return lc_fail_memory(err);
    }
    index->rows = walked;
    index->images = walked + 1;
    index->tables = *tables;
    *tables = (struct lc_tables){0};
    rc = mdb_txn_begin(index->tables.env, NULL, MDB_RDONLY, &index->tables.txn);
    status = lc_lmdb_status(rc, "open the index", err);
    if (status == LC_OK)
        status = check_schema(index, err);
    if (status == LC_OK)
        status =
            lc_lmdb_status(lc_tables_open(&index->tables, false), "open the index", err);
    if (status == LC_OK)
        status = load_meta(index, err);
    if (status == LC_OK)
        *out = index;
    else
        lc_index_close(index);
    return status;
}

enum lc_status lc_index_is_sound(const char *file, bool *out, struct lc_error *err)
{
    return lc_seal_holds(file, out, err);
}

/* LMDB maps the file and trusts it: pages that are not there would end the process. */
static enum lc_status check_size(MDB_env *env, const struct stat *st,
                                 struct lc_error *err)
{
    MDB_envinfo info;
    MDB_stat stat;
    int rc = mdb_env_info(env, &info);

    if (rc == 0)
        rc = mdb_env_stat(env, &stat);
    if (rc == 0 && (uint64_t)st->st_size / stat.ms_psize <= info.me_last_pgno)
        return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: its end is missing");
    return lc_lmdb_status(rc, "open the index", err);
}

/* Each record takes more than a byte. Who asks makes room for as many as are counted, and
 * an index may be a stranger's. */
static enum lc_status check_counts(const struct lc_summary *s, uint64_t bytes,
                                   struct lc_error *err)
{
    const uint64_t counts[] = {s->rows_files,  s->rows,        s->images_referenced,
                               s->findings[0], s->findings[1], s->findings[2]};

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        if (counts[i] > bytes)
            return lc_fail(err, LC_ERR_INDEX, 0,
                           "the index is damaged: it counts more than it can hold");
    return LC_OK;
}

enum lc_status lc_index_open_file(const char *file, struct lc_index **out,
                                  struct lc_error *err)
{
    struct lc_tables tables = {0};
    struct stat st;
    enum lc_status status;
    int rc;

    if (stat(file, &st) != 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? lc_fail(err, LC_ERR_USAGE, errno, "there is no index")
                   : lc_fail_errno(err, "open the index");
    if (st.st_size < 2 * sysconf(_SC_PAGESIZE)) /* its two meta pages */
        return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: its end is missing");
    rc = mdb_env_create(&tables.env);
    if (rc == 0)
        rc = mdb_env_set_maxdbs(tables.env, LC_TABLE_COUNT);
    if (rc == 0)
        rc = mdb_env_open(tables.env, file, MDB_NOSUBDIR | MDB_NOLOCK | MDB_RDONLY, 0);
    status = lc_lmdb_status(rc, "open the index", err);
    if (status == LC_OK)
        status = check_size(tables.env, &st, err);
    if (status != LC_OK) {
        if (tables.env)
            mdb_env_close(tables.env);
        return status;
    }
    status = lc_index_from_tables(&tables, out, err);
    if (status != LC_OK)
        return status;
    status = check_counts(&(*out)->summary, (uint64_t)st.st_size, err);
    if (status != LC_OK) {
        lc_index_close(*out);
        *out = NULL;
    }
    return status;
}

void lc_index_close(struct lc_index *index)
{
    if (!index)
        return;
    if (index->tables.txn)
        mdb_txn_abort(index->tables.txn);
    mdb_env_close(index->tables.env);
    lc_index_close(index->base);
    free(index->counts);
    free(index->rows);
    free(index);
}

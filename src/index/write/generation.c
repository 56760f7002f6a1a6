/* Creates and finishes an index.
 *
 * Idea. A new index is written to a file of its own (index.mdb.part) and renamed over the
 * previous one when it is complete. A reader keeps the file that it has opened.
 *
 * Order. Pages are synced before the seal is appended and synced, the seal before the
 * rename, and the folder after it. So at whatever instant a crash happens, index.mdb is
 * either the previous index or the complete new one, and a file whose seal matches has
 * all its pages. */
#include "base/path.h"
#include "index/write/folder.h"
#include "index/format/seal.h"
#include "index/write/journal.h"
#include "index/write/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* The size of LMDB's map, which is address space, not disk or memory. It cannot grow
 * during a transaction, so a quarter of the initial size must be free when a transaction
 * starts; writer.c limits transactions to what fits into that.
 *
 * If address space is limited (ulimit -v), the initial map is smaller, and so are the
 * transactions. */
#define MAX_MAP ((size_t)4 << 30)
#define MIN_MAP ((size_t)16 << 20)

/* Return a size that leaves most of a limited address space to threads and decoders. */
static size_t initial_map_size(void)
{
    size_t map = MAX_MAP;
    struct rlimit limit;

    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        while (map > MIN_MAP && map > limit.rlim_cur / 4)
            map /= 4;
    return map;
}

/* Open the environment with the largest map that the address space allows. */
static int open_map(struct lc_index_writer *writer, const char *name)
{
    /* no lock file: our own lock admits one writer, and nobody reads unfinished files; no
     * sync: the whole file is synced before it is renamed */
    const unsigned flags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC | MDB_NORDAHEAD;
    int rc = ENOMEM;

    for (size_t map = initial_map_size(); rc == ENOMEM && map >= MIN_MAP; map /= 4) {
        writer->map_step = map;
        rc = mdb_env_create(&writer->tables.env);
        if (rc == 0)
            rc = mdb_env_set_maxdbs(writer->tables.env, LC_TABLE_COUNT);
        if (rc == 0)
            rc = mdb_env_set_mapsize(writer->tables.env, map);
        if (rc == 0)
            rc = mdb_env_open(writer->tables.env, name, flags, 0666);
        if (rc == ENOMEM && writer->tables.env) {
            mdb_env_close(writer->tables.env);
            writer->tables.env = NULL;
        }
    }
    return rc;
}

/* LMDB opens its file by name. Through /proc it opens the file that we just created, even
 * if somebody else who can write to the folder has replaced it since. */
static const char *proc_path(int fd, const char *path, char *out, size_t size)
{
    snprintf(out, size, "/proc/self/fd/%d", fd);
    return access(out, F_OK) == 0 ? out : path; /* /proc may be missing */
}

/* Create the file of the new index and its tables. The file's name is removed at once if
 * it is temporary or could not be opened. */
static enum lc_status open_part(struct lc_index_writer *writer, struct lc_error *err)
{
    enum lc_status status;
    char name[64];

    status = writer->folder ? lc_index_replace_file(writer->part, &writer->fd, err)
                            : lc_index_temporary(&writer->part, &writer->fd, err);
    if (status != LC_OK)
        return status;
    status = lc_lmdb_status(
        open_map(writer, proc_path(writer->fd, writer->part, name, sizeof(name))),
        "create the index", err);
    if (!writer->folder || status != LC_OK)
        (void)unlink(writer->part);
    if (status == LC_OK)
        status = lc_writer_begin_batch(writer, 0, err);
    if (status == LC_OK)
        status = lc_lmdb_status(lc_tables_open(&writer->tables, true), "create the index",
                                err);
    return status;
}

enum lc_status lc_index_create(const char *folder, const struct lc_key *key,
                               struct lc_index_writer **out, struct lc_error *err)
{
    struct lc_index_writer *writer = calloc(1, sizeof(*writer));
    enum lc_status status = LC_OK;

    if (!writer)
        return lc_fail_memory(err);
    writer->lock = writer->fd = -1;
    writer->has_key = key != NULL;
    if (key)
        writer->key = *key;
    if (folder) {
        status = lc_path_normalize(folder, &writer->folder, err);
        if (status == LC_OK)
            status = lc_index_make_folder(writer->folder, err);
        if (status == LC_OK)
            status = lc_index_lock(writer->folder, &writer->lock, err);
        if (status == LC_OK)
            status = lc_path_join(writer->folder, LC_PART_FILE, &writer->part, err);
        if (status == LC_OK)
            status = lc_path_join(writer->folder, LC_INDEX_FILE, &writer->final, err);
    }
    if (status == LC_OK)
        status = open_part(writer, err);
    if (status == LC_OK)
        *out = writer;
    else
        lc_index_abandon(writer);
    return status;
}

/* Free the writer, whose tables are already closed. */
static void free_writer(struct lc_index_writer *writer)
{
    if (writer->lock >= 0)
        close(writer->lock);
    if (writer->fd >= 0)
        close(writer->fd);
    for (size_t i = 0; i < LC_TABLE_COUNT; i++)
        lc_buffer_clear(&writer->packs[i].bytes);
    lc_buffer_clear(&writer->record);
    free(writer->folder);
    free(writer->part);
    free(writer->final);
    free(writer);
}

void lc_index_abandon(struct lc_index_writer *writer)
{
    if (!writer)
        return;
    lc_writer_close_cursors(writer);
    if (writer->tables.txn)
        mdb_txn_abort(writer->tables.txn);
    if (writer->tables.env) {
        mdb_env_close(writer->tables.env);
        if (writer->folder)
            (void)unlink(writer->part);
    }
    free_writer(writer);
}

/* Sync, seal and rename the index: see the order at the top. */
static enum lc_status publish(struct lc_index_writer *writer, struct lc_error *err)
{
    enum lc_status status =
        lc_lmdb_status(mdb_env_sync(writer->tables.env, 1), "sync the index", err);

    if (status == LC_OK)
        status = lc_seal_add(writer->fd, writer->has_key ? &writer->key : NULL, err);
    if (status == LC_OK && rename(writer->part, writer->final) != 0)
        status = lc_fail_errno(err, "rename the finished index");
    return status == LC_OK ? lc_index_sync_folder(writer->folder, err) : status;
}

enum lc_status lc_index_finish(struct lc_index_writer *writer, struct lc_journal *journal,
                               struct lc_index **out, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    struct stat st = {.st_size = 0};

    for (int i = 0; i < LC_TABLE_COUNT && status == LC_OK; i++)
        status = lc_writer_flush_pack(writer, (enum lc_table)i, err);
    if (status == LC_OK)
        status = lc_writer_commit(writer, err);
    if (status == LC_OK && fstat(writer->fd, &st) != 0) /* the size before the seal */
        status = lc_fail_errno(err, "finish the index");
    if (status == LC_OK && writer->folder)
        status = publish(writer, err);
    lc_journal_close(journal, status == LC_OK);
    if (status == LC_OK) {
        mdb_env_close(writer->tables.env);
        writer->tables.env = NULL;
        status = lc_index_from_pages(writer->fd, (uint64_t)st.st_size, true, out, err);
    }
    lc_index_abandon(writer);
    return status;
}

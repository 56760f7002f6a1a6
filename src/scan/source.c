#include "scan/source.h"

#define STEP ((size_t)1 << 20) /* bytes written and hashed at once */

enum lc_status lc_source_check_stopped(const struct lc_source *source,
                                       struct lc_error *err)
{
    const struct lc_check_options *check = source->check;

    if (check->is_stopped && check->is_stopped(check->user))
        return lc_fail(err, LC_ERR_STOPPED, 0, "stopped; nothing was written");
    return LC_OK;
}

/* Fail with the message of a finding. */
static enum lc_status fail_of_finding(void *user, const struct lc_finding_record *finding,
                                      struct lc_error *err)
{
    const struct lc_span text = finding->message;

    (void)user;
    if (finding->found != LC_SEVERITY_ERROR)
        return LC_OK;
    return lc_fail(err, LC_ERR_USAGE, 0, "there are no rows: %.*s",
                   (int)(text.size < 150 ? text.size : 150), text.text);
}

enum lc_status lc_source_fail_empty(const struct lc_index *index, struct lc_error *err)
{
    enum lc_status status = lc_index_each_finding(index, fail_of_finding, NULL, err);

    return status == LC_OK ? lc_fail(err, LC_ERR_USAGE, 0, "there are no rows") : status;
}

enum lc_status lc_source_fail_changed(const struct lc_source *source,
                                      struct lc_error *err)
{
    return lc_fail(err, LC_ERR_IO, 0,
                   "%.150s changed since it was checked: run the command again",
                   source->file->name);
}

enum lc_status lc_source_pass(struct lc_source *source, size_t to, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    while (source->hashed < to && status == LC_OK) {
        size_t size = to - source->hashed < STEP ? to - source->hashed : STEP;

        source->fetched = lc_map_prefetch(&source->map, source->fetched, source->hashed);
        lc_hasher_update(source->hasher, source->map.data + source->hashed, size);
        source->hashed += size;
        status = lc_source_check_stopped(source, err);
    }
    source->dropped = lc_map_drop(&source->map, source->dropped, to);
    return status;
}

enum lc_status lc_source_open(struct lc_source *source, const struct lc_index *index,
                              const struct lc_dataset *dataset, uint32_t number,
                              struct lc_error *err)
{
    enum lc_status status;

    source->file = &dataset->files[number];
    source->hashed = source->fetched = source->dropped = 0;
    status = lc_index_get_file(index, number, &source->record, err);
    if (status == LC_OK)
        status = lc_map_open(source->file->path, &source->map, err);
    if (status == LC_OK && (source->map.size != source->record.size ||
                            source->map.mtime_ns != source->record.mtime_ns ||
                            source->map.inode != source->record.inode))
        status = lc_source_fail_changed(source, err);
    return status;
}

enum lc_status lc_source_end(struct lc_source *source, const struct lc_hash *content,
                             enum lc_status status, struct lc_error *err)
{
    struct lc_map now = {0};

    if (status == LC_OK && lc_hash_compare(content, &source->record.content) != 0)
        status = lc_fail(err, LC_ERR_IO, 0,
                         "%.150s does not have the bytes that were checked: run the "
                         "command again with --recheck",
                         source->file->name);
    if (status == LC_OK)
        status = lc_map_probe(source->file->path, &now, err);
    if (status == LC_OK &&
        (now.size != source->map.size || now.mtime_ns != source->map.mtime_ns ||
         now.inode != source->map.inode))
        status = lc_source_fail_changed(source, err);
    lc_map_close(&source->map);
    source->map = (struct lc_map){0};
    return status;
}

enum lc_status lc_source_close(struct lc_source *source, enum lc_status status,
                               struct lc_error *err)
{
    struct lc_hash hash = {{0}};

    if (status == LC_OK)
        status = lc_source_pass(source, source->map.size, err);
    if (status == LC_OK)
        hash = lc_hasher_finish(source->hasher);
    return lc_source_end(source, &hash, status, err);
}

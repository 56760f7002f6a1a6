#include "scan/common/spool.h"

#include "index/index.h"

#include <unistd.h>

void lc_spool_init(struct lc_spool *spool, const char *folder)
{
    *spool = (struct lc_spool){.folder = folder, .fd = -1};
    pthread_mutex_init(&spool->lock, NULL);
}

void lc_spool_clear(struct lc_spool *spool)
{
    if (spool->fd >= 0)
        close(spool->fd);
    lc_buffer_clear(&spool->memory);
    pthread_mutex_destroy(&spool->lock);
}

/* Write at the end of the file, creating it first if necessary. */
static enum lc_status write_block(struct lc_spool *spool, const char *data, size_t size,
                                  struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (spool->fd < 0)
        status = lc_index_scratch(spool->folder, &spool->fd, err);
    if (status == LC_OK)
        status = lc_index_scratch_write(spool->folder, spool->fd, spool->in_file, data,
                                        size, err);
    spool->in_file += status == LC_OK ? size : 0;
    return status;
}

enum lc_status lc_spool_add(struct lc_spool *spool, const void *data, size_t size,
                            struct lc_spooled *out, struct lc_error *err)
{
    enum lc_status status;

    pthread_mutex_lock(&spool->lock);
    *out = (struct lc_spooled){spool->memory.size + spool->in_file, size};
    /* once the file exists, the memory does not grow: offsets in the file follow it */
    if (spool->fd < 0 && spool->memory.size + size <= LC_SPOOL_BYTES)
        status = lc_buffer_add(&spool->memory, data, size, err);
    else
        status = write_block(spool, data, size, err);
    pthread_mutex_unlock(&spool->lock);
    return status;
}

enum lc_status lc_spool_read(const struct lc_spool *spool, const struct lc_spooled *block,
                             struct lc_buffer *out, struct lc_error *err)
{
    enum lc_status status;

    out->size = 0;
    if (block->offset < spool->memory.size)
        return lc_buffer_add(out, spool->memory.data + block->offset, block->size, err);
    status = lc_buffer_reserve(out, block->size, err);
    if (status == LC_OK)
        status = lc_index_scratch_read(spool->folder, spool->fd,
                                       block->offset - spool->memory.size, out->data,
                                       block->size, err);
    out->size = status == LC_OK ? block->size : 0;
    return status;
}

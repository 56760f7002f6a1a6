#include "scan/archives/finds.h"

#include <stdlib.h>

#define BLOCK_BYTES ((size_t)64 << 10)

enum { HEAD_SIZE = 7 }; /* result, reason, is_new, and the size of the record */

enum lc_status lc_finds_new(const char *folder, struct lc_finds **out,
                            struct lc_error *err)
{
    *out = calloc(1, sizeof(**out));
    if (!*out)
        return lc_fail_memory(err);
    lc_spool_init(&(*out)->spool, folder);
    return LC_OK;
}

void lc_finds_free(struct lc_finds *finds)
{
    if (!finds)
        return;
    lc_spool_clear(&finds->spool);
    lc_buffer_clear(&finds->block);
    free(finds->blocks);
    free(finds);
}

static enum lc_status write_block(struct lc_finds *finds, struct lc_error *err)
{
    struct lc_spooled *blocks = lc_array_grow(finds->blocks, finds->block_count,
                                              &finds->block_capacity, sizeof(*blocks));
    enum lc_status status;

    if (!blocks)
        return lc_fail_memory(err);
    finds->blocks = blocks;
    status = lc_spool_add(&finds->spool, finds->block.data, finds->block.size,
                          &blocks[finds->block_count], err);
    finds->block_count += status == LC_OK;
    finds->block.size = 0;
    return status;
}

enum lc_status lc_finds_add(struct lc_finds *finds, const struct lc_find *find,
                            struct lc_error *err)
{
    struct lc_buffer *block = &finds->block;
    size_t at = block->size;
    uint8_t head[HEAD_SIZE] = {
        (uint8_t)find->result,
        (uint8_t)find->reason,
        find->is_new,
    };
    enum lc_status status = lc_buffer_add(block, head, sizeof(head), err);

    if (status == LC_OK)
        status = lc_image_encode(&find->record, block, err);
    if (status != LC_OK) {
        block->size = at;
        return status;
    }
    lc_put_u32((uint8_t *)block->data + at + 3,
               (uint32_t)(block->size - at - sizeof(head)));
    return block->size >= BLOCK_BYTES ? write_block(finds, err) : LC_OK;
}

static enum lc_status each_of_block(struct lc_span block, lc_find_fn *each, void *user,
                                    struct lc_error *err)
{
    enum lc_status status = LC_OK;

    while (status == LC_OK && block.size) {
        const uint8_t *head = (const uint8_t *)block.text;
        size_t size = lc_get_u32(head + 3);
        struct lc_find find = {.result = (enum lc_read_result)head[0],
                               .reason = (enum lc_unread_reason)head[1],
                               .is_new = head[2]};

        status = lc_image_decode((struct lc_span){block.text + HEAD_SIZE, size},
                                 &find.record, err);
        if (status == LC_OK)
            status = each(user, &find, err);
        block = (struct lc_span){block.text + HEAD_SIZE + size,
                                 block.size - HEAD_SIZE - size};
    }
    return status;
}

enum lc_status lc_finds_each(struct lc_finds *finds, lc_find_fn *each, void *user,
                             struct lc_error *err)
{
    struct lc_buffer bytes = {0};
    enum lc_status status = finds->block.size ? write_block(finds, err) : LC_OK;

    for (size_t i = 0; i < finds->block_count && status == LC_OK; i++) {
        status = lc_spool_read(&finds->spool, &finds->blocks[i], &bytes, err);
        if (status == LC_OK)
            status =
                each_of_block((struct lc_span){bytes.data, bytes.size}, each, user, err);
    }
    lc_buffer_clear(&bytes);
    return status;
}

/* Iterates over rows files */
#include "iterate/entries.h"

#include "llava_check/index.h"

#include <stdlib.h>

struct lc_file_iterator {
    const struct lc_index *index;
    uint64_t next; /* number of the next file */
    struct lc_file_entry entry;
};

enum lc_status lc_file_iterator_new(const struct lc_index *index,
                                    struct lc_file_iterator **out, struct lc_error *err)
{
    struct lc_file_iterator *iterator = calloc(1, sizeof(*iterator));

    if (!iterator)
        return lc_fail_memory(err);
    iterator->index = index;
    *out = iterator;
    return LC_OK;
}

void lc_file_iterator_free(struct lc_file_iterator *iterator)
{
    free(iterator);
}

enum lc_status lc_file_next(struct lc_file_iterator *iterator,
                            const struct lc_file_entry **out, struct lc_error *err)
{
    uint64_t count = lc_index_summary(iterator->index)->rows_files;
    struct lc_file_record record;
    uint32_t number = (uint32_t)iterator->next;
    enum lc_status status;

    *out = NULL;
    if (iterator->next >= count)
        return LC_OK;
    status = lc_index_get_file(iterator->index, number, &record, err);
    if (status != LC_OK) {
        iterator->next = count;
        return status;
    }
    lc_entry_of_file(number, &record, &iterator->entry);
    iterator->next++;
    *out = &iterator->entry;
    return LC_OK;
}

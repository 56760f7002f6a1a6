#include "scan/rows/unread.h"

#include "scan/rows/earlier.h"

#include <stdlib.h>

enum lc_status lc_rows_find_unread(const struct lc_run *run,
                                   const struct lc_dataset *dataset,
                                   const struct lc_index *earlier, bool **out,
                                   struct lc_error *err)
{
    bool *unread = calloc(dataset->file_count + 1, sizeof(*unread));
    struct lc_earlier *old = NULL;
    enum lc_status status = LC_OK;

    if (!unread)
        return lc_fail_memory(err);
    if (earlier)
        status = lc_earlier_new(earlier, run->options, &old, err);
    for (size_t i = 0; i < dataset->file_count && status == LC_OK; i++) {
        const struct lc_rows_file *file = &dataset->files[i];
        struct lc_map map;
        uint32_t number;

        unread[i] = file->is_shard && lc_map_probe(file->path, &map, NULL) == LC_OK &&
                    !lc_earlier_find_by_times(old, file, &map, &number);
    }
    lc_earlier_free(old);
    *out = status == LC_OK ? unread : NULL;
    if (status != LC_OK)
        free(unread);
    return status;
}

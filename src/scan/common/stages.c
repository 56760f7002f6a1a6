#include "scan/common/stages.h"

#include <stdlib.h>

void lc_rows_clear(struct lc_rows *rows)
{
    free(rows->faulty);
    free(rows->image_counts);
    free(rows->named);
    free(rows->file_ends);
    lc_paths_clear(&rows->paths);
    lc_paths_clear(&rows->others);
    lc_sorter_clear(&rows->ids);
    lc_sorter_clear(&rows->contents);
    lc_sorter_clear(&rows->questions);
    *rows = (struct lc_rows){0};
}

void lc_links_clear(struct lc_links *links)
{
    free(links->order);
    free(links->first_user);
    free(links->users);
    *links = (struct lc_links){0};
}

#include "import/kept.h"

#include <string.h>

struct kept_image {
    uint64_t row;
    size_t path; /* offset in the paths, each of which ends with NUL */
    struct lc_span bytes;
};

enum lc_status lc_kept_add(struct lc_kept_images *kept, uint64_t row, struct lc_span path,
                           struct lc_span bytes, struct lc_error *err)
{
    const struct kept_image image = {row, kept->paths.size, bytes};
    enum lc_status status = lc_buffer_add(&kept->paths, path.text, path.size, err);

    if (status == LC_OK)
        status = lc_buffer_add(&kept->paths, "", 1, err);
    return status == LC_OK ? lc_buffer_add(&kept->items, &image, sizeof(image), err)
                           : status;
}

/* Count the images of rows before this one, by binary search. */
static size_t first_of(const struct kept_image *items, size_t count, uint64_t row)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (items[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Parse the row number that a path begins with; returns false if it is too long, or there
 * is none. */
static bool row_of(const char *path, uint64_t *row)
{
    size_t digits = 0;

    for (*row = 0; path[digits] >= '0' && path[digits] <= '9' && digits < 19; digits++)
        *row = *row * 10 + (uint64_t)(path[digits] - '0');
    return digits > 0 && path[digits] == '.';
}

bool lc_kept_find(const struct lc_kept_images *kept, const char *path,
                  struct lc_span *out)
{
    const struct kept_image *items = (const void *)kept->items.data;
    size_t count = kept->items.size / sizeof(*items);
    uint64_t row;

    if (!row_of(path, &row))
        return false;
    for (size_t i = first_of(items, count, row); i < count && items[i].row == row; i++) {
        if (strcmp(kept->paths.data + items[i].path, path) == 0) {
            *out = items[i].bytes;
            return true;
        }
    }
    return false;
}

void lc_kept_reset(struct lc_kept_images *kept)
{
    kept->items.size = kept->paths.size = 0;
}

void lc_kept_clear(struct lc_kept_images *kept)
{
    lc_buffer_clear(&kept->items);
    lc_buffer_clear(&kept->paths);
}

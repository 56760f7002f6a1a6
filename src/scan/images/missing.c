#include "scan/images/missing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lc_missing_scratch {
    struct lc_missing *missing;
    struct lc_nearest *nearest;
    struct lc_buffer folder; /* the folder that was counted last */
    uint64_t images;         /* number of its images, and of the rows that name them */
    uint64_t rows;
    char text[1200];
};

void lc_missing_begin(struct lc_missing *missing, const struct lc_links *links,
                      const struct lc_folder *folder, const struct lc_more_files *more)
{
    *missing = (struct lc_missing){.links = links, .folder = folder, .more = *more};
    pthread_mutex_init(&missing->lock, NULL);
}

void lc_missing_end(struct lc_missing *missing)
{
    lc_listing_free(missing->listing);
    lc_listing_free(missing->more_listing);
    pthread_mutex_destroy(&missing->lock);
}

enum lc_status lc_missing_scratch_new(struct lc_missing *missing,
                                      struct lc_missing_scratch **out,
                                      struct lc_error *err)
{
    struct lc_missing_scratch *scratch = calloc(1, sizeof(*scratch));

    *out = scratch;
    if (!scratch)
        return lc_fail_memory(err);
    scratch->missing = missing;
    return lc_nearest_new(missing->folder, &scratch->nearest, err);
}

void lc_missing_scratch_free(struct lc_missing_scratch *scratch)
{
    if (!scratch)
        return;
    lc_nearest_free(scratch->nearest);
    lc_buffer_clear(&scratch->folder);
    free(scratch);
}

static enum lc_status make_listings(struct lc_missing *missing, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (missing->folder && !missing->listing)
        status = lc_listing_new(missing->folder, &missing->listing, err);
    if (status == LC_OK && missing->more.count && !missing->more_listing)
        status = lc_listing_of(&missing->more, &missing->more_listing, err);
    return status;
}

/* Create the listings, which all workers share: the first that needs them creates them,
 * and the others wait. */
static enum lc_status need_listings(struct lc_missing *missing, struct lc_error *err)
{
    enum lc_status status;

    pthread_mutex_lock(&missing->lock);
    if (missing->status == LC_OK)
        missing->status = make_listings(missing, &missing->error);
    status = missing->status;
    if (status != LC_OK && err)
        *err = missing->error;
    pthread_mutex_unlock(&missing->lock);
    return status;
}

/* ---- images and rows of a missing folder */

/* The number of the first image whose path is not less than a text: a binary search. */
static size_t first_image(const struct lc_links *links, struct lc_span text)
{
    size_t low = 0, high = lc_links_images(links);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct lc_span path = lc_links_path(links, (uint32_t)middle);
        size_t common = path.size < text.size ? path.size : text.size;
        int order = memcmp(path.text, text.text, common);

        if (order < 0 || (order == 0 && path.size < text.size))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Count the distinct rows in users[from] to users[to]: with a bitmap of all rows if there
 * are many, else by sorting. The cost grows with the number of users, so many small
 * folders cost no more than a large one. */
static enum lc_status count_rows(const struct lc_links *links, uint64_t from, uint64_t to,
                                 uint64_t *out, struct lc_error *err)
{
    uint64_t count = to - from, rows = 0;
    bool many = count > links->row_count / 64;
    uint8_t *bits = many ? calloc(links->row_count / 8 + 1, 1) : NULL;
    uint32_t *sorted = many ? NULL : malloc((count + 1) * sizeof(*sorted));

    if (!bits && !sorted)
        return lc_fail_memory(err);
    for (uint64_t i = from; many && i < to; i++) {
        uint32_t row = links->users[i];

        rows += !(bits[row / 8] & 1 << row % 8);
        bits[row / 8] |= (uint8_t)(1 << row % 8);
    }
    if (!many) {
        memcpy(sorted, links->users + from, count * sizeof(*sorted));
        qsort(sorted, count, sizeof(*sorted), by_number);
    }
    for (uint64_t i = 0; !many && i < count; i++)
        rows += i == 0 || sorted[i] != sorted[i - 1];
    free(bits);
    free(sorted);
    *out = rows;
    return LC_OK;
}

/* Count the images of a folder and the rows that name them. Images are in path order, so
 * the images of a folder are adjacent, and mostly asked about one after the other: it is
 * enough to remember one result. */
static enum lc_status count_folder(struct lc_missing_scratch *scratch,
                                   struct lc_span folder, struct lc_error *err)
{
    const struct lc_links *links = scratch->missing->links;
    struct lc_buffer *text = &scratch->folder;
    size_t first, last;
    enum lc_status status;

    if (text->size == folder.size + 1 &&
        memcmp(text->data, folder.text, folder.size) == 0)
        return LC_OK;
    text->size = 0;
    status = lc_buffer_add(text, folder.text, folder.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(text, "/", 1, err);
    if (status != LC_OK)
        return status;
    first = first_image(links, (struct lc_span){text->data, text->size});
    text->data[text->size - 1] = '/' + 1; /* past all paths that begin with the folder */
    last = first_image(links, (struct lc_span){text->data, text->size});
    scratch->images = last - first;
    return count_rows(links, links->first_user[first], links->first_user[last],
                      &scratch->rows, err);
}

enum lc_status lc_missing_look(struct lc_missing_scratch *scratch, struct lc_span path,
                               struct lc_missing_facts *out, struct lc_error *err)
{
    enum lc_status status = need_listings(scratch->missing, err);

    *out = (struct lc_missing_facts){
        .folder = lc_nearest_folder(scratch->nearest, path),
        .is_broken_link = lc_nearest_is_broken_link(scratch->nearest, path),
    };
    if (status != LC_OK || out->is_broken_link)
        return status;
    return lc_nearest_find(scratch->nearest, scratch->missing->listing, path,
                           &out->nearest, err);
}

enum lc_status lc_missing_look_at_more(struct lc_missing_scratch *scratch,
                                       struct lc_span path,
                                       struct lc_missing_facts *facts,
                                       struct lc_error *err)
{
    const struct lc_more_files *more = &scratch->missing->more;
    struct lc_nearest_file nearest = {0};
    enum lc_status status = LC_OK;

    if (!more->count)
        return LC_OK;
    facts->folder = lc_nearest_folder_of_more(more, path, facts->folder);
    if (facts->is_broken_link)
        return LC_OK;
    status = need_listings(scratch->missing, err);
    if (status == LC_OK)
        status = lc_nearest_find(scratch->nearest, scratch->missing->more_listing, path,
                                 &nearest, err);
    if (status == LC_OK && lc_nearest_is_better(&nearest, &facts->nearest))
        facts->nearest = nearest;
    return status;
}

enum lc_status lc_missing_encode(const struct lc_missing_facts *facts,
                                 struct lc_buffer *out, struct lc_error *err)
{
    const struct lc_nearest_file *nearest = &facts->nearest;
    enum lc_status status = lc_buffer_printf(
        out, err, "%zu %d %u %u %u ", facts->folder, facts->is_broken_link,
        (unsigned)nearest->place, (unsigned)nearest->components, (unsigned)nearest->like);

    return status == LC_OK && nearest->path.size
               ? lc_buffer_add(out, nearest->path.text, nearest->path.size, err)
               : status;
}

/* Parse a number and the space after it; return false if there is none. */
static bool read_number(struct lc_span *text, uint32_t *out)
{
    uint64_t number = 0;
    size_t at = 0;

    for (; at < text->size && at < 9 && text->text[at] >= '0' && text->text[at] <= '9';
         at++)
        number = number * 10 + (uint64_t)(text->text[at] - '0');
    if (!at || at == text->size || text->text[at] != ' ')
        return false;
    *out = (uint32_t)number;
    *text = (struct lc_span){text->text + at + 1, text->size - at - 1};
    return true;
}

bool lc_missing_decode(struct lc_span text, struct lc_span path,
                       struct lc_missing_facts *out)
{
    struct lc_nearest_file *nearest = &out->nearest;
    uint32_t folder = 0, is_broken_link = 0;

    *out = (struct lc_missing_facts){0};
    if (!read_number(&text, &folder) || folder > path.size ||
        !read_number(&text, &is_broken_link) || !read_number(&text, &nearest->place) ||
        !read_number(&text, &nearest->components) || !read_number(&text, &nearest->like))
        return false;
    out->folder = folder;
    out->is_broken_link = is_broken_link != 0;
    nearest->path = text;
    return true;
}

enum lc_status lc_missing_describe(struct lc_missing_scratch *scratch,
                                   struct lc_span path,
                                   const struct lc_missing_facts *facts, const char **out,
                                   struct lc_error *err)
{
    size_t folder = facts->folder;
    const char *hint = facts->is_broken_link ? "it is a broken symbolic link" : NULL;
    char quote[240];
    enum lc_status status = LC_OK;

    *out = NULL;
    if (!hint)
        status = lc_nearest_describe(scratch->nearest, path, &facts->nearest, &hint, err);
    if (status == LC_OK && folder)
        status = count_folder(scratch, (struct lc_span){path.text, folder}, err);
    if (status != LC_OK)
        return status;
    *out = hint;
    if (!folder)
        return LC_OK;
    lc_text_quote((struct lc_span){path.text, folder}, quote, sizeof(quote));
    snprintf(scratch->text, sizeof(scratch->text),
             "the whole folder %s is missing, with %" PRIu64 " image%s of %" PRIu64
             " row%s%s%s",
             quote, scratch->images, scratch->images == 1 ? "" : "s", scratch->rows,
             scratch->rows == 1 ? "" : "s", hint ? "; " : "", hint ? hint : "");
    *out = scratch->text;
    return LC_OK;
}

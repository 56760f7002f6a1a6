/* All files of a folder, sorted so that files with similar paths are neighbours.
 *
 * Each path is folded (base/fold.h) and loses its extension; then the paths are sorted by
 * their bytes, compared from the end. Paths with the same last components are then
 * adjacent, whatever their folder, and one binary search finds them: first those with the
 * same name, and among them those whose parent folders agree. nearest.c is built on that.
 *
 * All text is in one buffer, and an entry has 12 bytes. If folding only removes the
 * extension, the folded form is a prefix of the path and shares its bytes. */
#include "store/listing.h"

#include "base/fold.h"
#include "store/internal.h"
#include "store/walk.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_EXTENSION = 5 };

/* Offsets into lc_listing.text. */
struct entry {
    uint32_t path;   /* NUL-terminated */
    uint32_t folded; /* equal to path if folding changes nothing */
    uint32_t folded_size;
};

struct lc_listing {
    struct entry *entries;
    size_t count;
    size_t capacity;
    struct lc_buffer text;
};

size_t lc_listing_stem(struct lc_span path)
{
    size_t at = path.size;

    while (at > 0 && path.size - at <= LONGEST_EXTENSION) {
        char c = path.text[at - 1];

        if (c == '.') {
            bool stem = at > 1 && path.text[at - 2] != '/' && at < path.size;

            return stem ? at - 1 : path.size;
        }
        if (!((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9'))
            break;
        at--;
    }
    return path.size;
}

/* Fold one component of a path. A character such as U+2100 (a/c) folds to text with a
 * slash, which would look like a folder, so do not fold components with such
 * characters. */
static enum lc_status fold_component(struct lc_span part, struct lc_buffer *out,
                                     struct lc_error *err)
{
    size_t from = out->size;
    enum lc_status status = lc_fold(part, out, err);

    if (status != LC_OK || !memchr(out->data + from, '/', out->size - from))
        return status;
    out->size = from;
    return lc_buffer_add(out, part.text, part.size, err);
}

enum lc_status lc_listing_fold(struct lc_span path, struct lc_buffer *out,
                               struct lc_error *err)
{
    size_t size = lc_listing_stem(path), at = 0;
    enum lc_status status = lc_buffer_reserve(out, path.size, err);

    while (status == LC_OK && at < size) {
        const char *slash = memchr(path.text + at, '/', size - at);
        size_t end = slash ? (size_t)(slash - path.text) : size;

        if (end > at)
            status = fold_component((struct lc_span){path.text + at, end - at}, out, err);
        if (status == LC_OK && slash)
            status = lc_buffer_add(out, "/", 1, err);
        at = end + 1;
    }
    return status;
}

static enum lc_status add_file(void *user, enum lc_walk_event event, struct lc_span path,
                               struct lc_error *err)
{
    struct lc_listing *listing = user;
    struct lc_buffer *text = &listing->text;
    struct entry entry = {.path = (uint32_t)text->size};
    struct entry *entries;
    enum lc_status status;

    if (event != LC_WALK_FILE)
        return LC_OK;
    if (listing->count == LC_LISTING_FILES || text->size > LC_LISTING_BYTES)
        return LC_ERR_STOPPED;
    entries = lc_array_grow(listing->entries, listing->count, &listing->capacity,
                            sizeof(*entries));
    if (!entries)
        return lc_fail_memory(err);
    listing->entries = entries;
    status = lc_buffer_add(text, path.text, path.size + 1, err);
    entry.folded = (uint32_t)text->size;
    if (status == LC_OK)
        status = lc_listing_fold(path, text, err);
    if (status != LC_OK)
        return status;
    entry.folded_size = (uint32_t)(text->size - entry.folded);
    if (entry.folded_size <= path.size &&
        memcmp(text->data + entry.folded, path.text, entry.folded_size) == 0) {
        text->size = entry.folded; /* the same bytes: drop the copy */
        entry.folded = entry.path;
    }
    entries[listing->count++] = entry;
    return LC_OK;
}

/* Compare spans from the last byte to the first. */
static int compare_ends(struct lc_span a, struct lc_span b)
{
    size_t common = a.size < b.size ? a.size : b.size;

    for (size_t i = 1; i <= common; i++) {
        unsigned char x = (unsigned char)a.text[a.size - i];
        unsigned char y = (unsigned char)b.text[b.size - i];

        if (x != y)
            return x < y ? -1 : 1;
    }
    return (a.size > b.size) - (a.size < b.size);
}

static int by_end(const void *a, const void *b, void *text)
{
    const struct entry *x = a, *y = b;
    const char *bytes = text;
    int order = compare_ends((struct lc_span){bytes + x->folded, x->folded_size},
                             (struct lc_span){bytes + y->folded, y->folded_size});

    return order ? order : strcmp(bytes + x->path, bytes + y->path);
}

/* List the files of a folder or, if that is NULL, the files in archives. */
static enum lc_status list(const struct lc_folder *folder,
                           const struct lc_more_files *files, struct lc_listing **out,
                           struct lc_error *err)
{
    struct lc_listing *listing = calloc(1, sizeof(*listing));
    enum lc_status status = LC_OK;

    *out = NULL;
    if (!listing)
        return lc_fail_memory(err);
    if (folder)
        status = lc_folder_walk(folder, add_file, listing, err);
    for (size_t i = 0; !folder && i < files->count && status == LC_OK; i++) {
        const char *path = files->paths[i];

        status =
            add_file(listing, LC_WALK_FILE, (struct lc_span){path, strlen(path)}, err);
    }
    if (status == LC_ERR_STOPPED) { /* too large */
        listing->count = 0;
        status = LC_OK;
    }
    if (status != LC_OK) {
        lc_listing_free(listing);
        return status;
    }
    if (listing->count)
        qsort_r(listing->entries, listing->count, sizeof(*listing->entries), by_end,
                listing->text.data);
    *out = listing;
    return LC_OK;
}

enum lc_status lc_listing_new(const struct lc_folder *folder, struct lc_listing **out,
                              struct lc_error *err)
{
    return list(folder, NULL, out, err);
}

enum lc_status lc_listing_of(const struct lc_more_files *files, struct lc_listing **out,
                             struct lc_error *err)
{
    return list(NULL, files, out, err);
}

void lc_listing_free(struct lc_listing *listing)
{
    if (!listing)
        return;
    free(listing->entries);
    lc_buffer_clear(&listing->text);
    free(listing);
}

size_t lc_listing_count(const struct lc_listing *listing)
{
    return listing->count;
}

struct lc_span lc_listing_path(const struct lc_listing *listing, size_t index)
{
    const char *path = listing->text.data + listing->entries[index].path;

    return (struct lc_span){path, strlen(path)};
}

struct lc_span lc_listing_folded(const struct lc_listing *listing, size_t index)
{
    const struct entry *entry = &listing->entries[index];

    return (struct lc_span){listing->text.data + entry->folded, entry->folded_size};
}

size_t lc_listing_seek(const struct lc_listing *listing, struct lc_span folded)
{
    size_t low = 0, high = listing->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_ends(lc_listing_folded(listing, middle), folded) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

#include "store/listing.h"

#include "base/fold.h"
#include "store/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_DEPTH = 64, LONGEST_EXTENSION = 5 };

/* Both texts stand in lc_listing.text. */
struct entry {
    uint32_t path;   /* ends with NUL */
    uint32_t folded; /* the path itself where folding changes nothing */
    uint32_t folded_size;
};

struct lc_listing {
    struct entry *entries;
    size_t count;
    size_t capacity;
    struct lc_buffer text;
};

/* A walk through the folder: the folders that are open, one within the other. */
struct walk {
    struct lc_listing *listing;
    DIR *open[MAX_DEPTH];
    size_t sizes[MAX_DEPTH]; /* of the path, for each of them */
    size_t depth;
    char path[LC_LISTING_PATH + 1]; /* of the folder that is read, with its slash */
    bool too_large;
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

/* A sign such as U+2100 (a/c) may fold to one with a slash, which is no folder. */
static enum lc_status fold_part(struct lc_span part, struct lc_buffer *out,
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
            status = fold_part((struct lc_span){path.text + at, end - at}, out, err);
        if (status == LC_OK && slash)
            status = lc_buffer_add(out, "/", 1, err);
        at = end + 1;
    }
    return status;
}

static enum lc_status add_file(struct walk *walk, size_t size, struct lc_error *err)
{
    struct lc_listing *listing = walk->listing;
    struct lc_buffer *text = &listing->text;
    struct entry entry = {.path = (uint32_t)text->size};
    struct entry *entries;
    enum lc_status status;

    walk->too_large |=
        listing->count == LC_LISTING_FILES || text->size > LC_LISTING_BYTES;
    if (walk->too_large)
        return LC_OK;
    entries = lc_array_grow(listing->entries, listing->count, &listing->capacity,
                            sizeof(*entries));
    if (!entries)
        return lc_fail_memory(err);
    listing->entries = entries;
    status = lc_buffer_add(text, walk->path, size + 1, err);
    entry.folded = (uint32_t)text->size;
    if (status == LC_OK)
        status = lc_listing_fold((struct lc_span){walk->path, size}, text, err);
    if (status != LC_OK)
        return status;
    entry.folded_size = (uint32_t)(text->size - entry.folded);
    if (entry.folded_size <= size &&
        memcmp(text->data + entry.folded, walk->path, entry.folded_size) == 0) {
        text->size = entry.folded; /* the same bytes: once is enough */
        entry.folded = entry.path;
    }
    entries[listing->count++] = entry;
    return LC_OK;
}

/* Open a folder of the one that is read; what cannot be opened is left out. */
static void enter(struct walk *walk, int within, const char *name, size_t size)
{
    int fd;

    if (walk->depth == MAX_DEPTH || size >= LC_LISTING_PATH)
        return;
    fd = openat(within, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    walk->open[walk->depth] = fdopendir(fd);
    if (!walk->open[walk->depth]) {
        close(fd);
        return;
    }
    if (size)
        walk->path[size++] = '/';
    walk->sizes[walk->depth++] = size;
}

static unsigned char type_of(int fd, const struct dirent *entry)
{
    struct stat st;

    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type;
    if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return DT_UNKNOWN;
    return S_ISDIR(st.st_mode)   ? DT_DIR
           : S_ISREG(st.st_mode) ? DT_REG
           : S_ISLNK(st.st_mode) ? DT_LNK
                                 : DT_UNKNOWN;
}

/* Take the next name of the innermost open folder. */
static enum lc_status step(struct walk *walk, struct lc_error *err)
{
    DIR *dir = walk->open[walk->depth - 1];
    size_t from = walk->sizes[walk->depth - 1], size;
    const struct dirent *entry = readdir(dir);
    unsigned char type;

    if (!entry) {
        closedir(dir);
        walk->depth--;
        return LC_OK;
    }
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
        return LC_OK;
    size = strlen(entry->d_name);
    if (from + size > LC_LISTING_PATH)
        return LC_OK;
    memcpy(walk->path + from, entry->d_name, size + 1);
    type = type_of(dirfd(dir), entry);
    if (type == DT_DIR)
        enter(walk, dirfd(dir), entry->d_name, from + size);
    else if (type == DT_REG || type == DT_LNK)
        return add_file(walk, from + size, err);
    return LC_OK;
}

/* From the last byte to the first. */
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

enum lc_status lc_listing_new(const struct lc_folder *folder, struct lc_listing **out,
                              struct lc_error *err)
{
    struct walk *walk = calloc(1, sizeof(*walk));
    struct lc_listing *listing = calloc(1, sizeof(*listing));
    enum lc_status status = LC_OK;

    if (!walk || !listing) {
        status = lc_fail_memory(err);
        goto out;
    }
    walk->listing = listing;
    enter(walk, folder->fd, ".", 0);
    while (status == LC_OK && walk->depth && !walk->too_large)
        status = step(walk, err);
    while (walk->depth)
        closedir(walk->open[--walk->depth]);
    if (walk->too_large)
        listing->count = 0;
    if (status == LC_OK && listing->count)
        qsort_r(listing->entries, listing->count, sizeof(*listing->entries), by_end,
                listing->text.data);
out:
    free(walk);
    if (status != LC_OK) {
        lc_listing_free(listing);
        listing = NULL;
    }
    *out = listing;
    return status;
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

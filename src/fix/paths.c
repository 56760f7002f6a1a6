#include "fix/paths.h"

#include "base/fold.h"
#include "store/listing.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_MATCHES 1000 /* files that are compared with one path */
#define LEAST_VOTES 2     /* images from which a common front is removed, or added to */

struct wrong_path {
    size_t old, old_size; /* in the text */
    size_t new, new_size; /* likewise; size 0: no file was found */
    size_t front;         /* the front that is removed or added, likewise */
    size_t front_size;    /* 0: the path does not depend on a front */
    bool outside;
};

struct lc_fix_paths {
    char *root; /* its absolute path; NULL: unknown */
    struct lc_folder *folder;
    struct lc_listing *listing;
    struct wrong_path *items;
    size_t count, capacity;
    struct lc_buffer text;
    struct lc_buffer folded;
    struct lc_buffer scratch;
};

enum lc_status lc_fix_paths_new(const char *root, struct lc_fix_paths **out,
                                struct lc_error *err)
{
    struct lc_fix_paths *paths = calloc(1, sizeof(*paths));
    enum lc_status status;

    if (!paths)
        return lc_fail_memory(err);
    paths->root = realpath(root, NULL);
    status = lc_folder_open(root, &paths->folder, err);
    if (status != LC_OK) {
        free(paths->root);
        free(paths);
        return status;
    }
    *out = paths;
    return LC_OK;
}

void lc_fix_paths_free(struct lc_fix_paths *paths)
{
    if (!paths)
        return;
    lc_listing_free(paths->listing);
    lc_folder_close(paths->folder);
    free(paths->root);
    free(paths->items);
    lc_buffer_clear(&paths->text);
    lc_buffer_clear(&paths->folded);
    lc_buffer_clear(&paths->scratch);
    free(paths);
}

/* Store a text with a NUL; *at is set to its offset. */
static enum lc_status store_text(struct lc_fix_paths *paths, struct lc_span text,
                                 size_t *at, struct lc_error *err)
{
    enum lc_status status;

    *at = paths->text.size;
    status = lc_buffer_add(&paths->text, text.text, text.size, err);
    return status == LC_OK ? lc_buffer_add(&paths->text, "", 1, err) : status;
}

enum lc_status lc_fix_paths_add(struct lc_fix_paths *paths, struct lc_span path,
                                struct lc_error *err)
{
    struct wrong_path *items =
        lc_array_grow(paths->items, paths->count, &paths->capacity, sizeof(*items));
    enum lc_outside outside = lc_path_outside_kind(path);

    if (!items)
        return lc_fail_memory(err);
    paths->items = items;
    if (outside == LC_OUTSIDE_NUL || outside == LC_OUTSIDE_URL ||
        outside == LC_OUTSIDE_DATA_URI)
        return LC_OK;
    items[paths->count] =
        (struct wrong_path){.old_size = path.size, .outside = outside != LC_OUTSIDE_NOT};
    return store_text(paths, path, &items[paths->count++].old, err);
}

static struct lc_span old_of(const struct lc_fix_paths *paths,
                             const struct wrong_path *item)
{
    return (struct lc_span){paths->text.data + item->old, item->old_size};
}

static struct lc_span new_of(const struct lc_fix_paths *paths,
                             const struct wrong_path *item)
{
    return (struct lc_span){paths->text.data + item->new, item->new_size};
}

/* Whether a NUL-terminated path names a non-empty file in the root. */
static bool is_file(const struct lc_fix_paths *paths, const char *path)
{
    struct lc_file_facts facts = {0};

    return *path && lc_folder_stat(paths->folder, path, &facts) && facts.size;
}

/* ---- the same path, spelled otherwise ---- */

static bool is_image_name(struct lc_span path)
{
    static const char *const suffixes[] = {".jpg", ".jpeg", ".png", ".webp",
                                           ".gif", ".bmp",  ".tif", ".tiff"};

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        size_t size = strlen(suffixes[i]);

        if (path.size > size &&
            strncasecmp(path.text + path.size - size, suffixes[i], size) == 0)
            return true;
    }
    return false;
}

/* Whether two paths differ only in case or Unicode form. */
static enum lc_status is_spelling(struct lc_fix_paths *paths, struct lc_span a,
                                  struct lc_span b, bool *out, struct lc_error *err)
{
    struct lc_buffer *folded = &paths->scratch;
    size_t middle;
    enum lc_status status;

    folded->size = 0;
    status = lc_fold(a, folded, err);
    middle = folded->size;
    if (status == LC_OK)
        status = lc_fold(b, folded, err);
    *out = status == LC_OK && folded->size == 2 * middle &&
           memcmp(folded->data, folded->data + middle, middle) == 0;
    return status;
}

/* The files whose paths differ from a wrong path only in spelling, or only in the
 * extension. */
struct matches {
    size_t spelled, stems; /* number of each */
    size_t spelling, stem; /* the last one of each */
};

static enum lc_status find_matches(struct lc_fix_paths *paths, struct lc_span path,
                                   struct matches *out, struct lc_error *err)
{
    const struct lc_listing *listing = paths->listing;
    struct lc_span folded = {paths->folded.data + 1, paths->folded.size - 1};
    size_t first = lc_listing_seek(listing, folded), stem = lc_listing_stem(path);
    enum lc_status status = LC_OK;

    for (size_t i = first;
         i < lc_listing_count(listing) && i < first + MOST_MATCHES && status == LC_OK;
         i++) {
        struct lc_span other = lc_listing_path(listing, i);
        bool same = false;

        if (!lc_span_equal(lc_listing_folded(listing, i), folded))
            break;
        if (!is_file(paths, other.text))
            continue;
        status = is_spelling(paths, path, other, &same, err);
        if (same) {
            out->spelled++;
            out->spelling = i;
        } else if (is_image_name(other) && lc_listing_stem(other) == stem &&
                   memcmp(other.text, path.text, stem) == 0) {
            out->stems++;
            out->stem = i;
        }
    }
    return status;
}

static enum lc_status set_new(struct lc_fix_paths *paths, struct wrong_path *item,
                              struct lc_span path, struct lc_error *err)
{
    item->new_size = path.size;
    return store_text(paths, path, &item->new, err);
}

static enum lc_status find_spelling(struct lc_fix_paths *paths, struct wrong_path *item,
                                    struct lc_error *err)
{
    struct matches matches = {0, 0, 0, 0};
    enum lc_status status = find_matches(paths, old_of(paths, item), &matches, err);

    if (status == LC_OK && matches.spelled == 1)
        return set_new(paths, item, lc_listing_path(paths->listing, matches.spelling),
                       err);
    if (status == LC_OK && !matches.spelled && matches.stems == 1)
        return set_new(paths, item, lc_listing_path(paths->listing, matches.stem), err);
    return status;
}

/* ---- another front ---- */

/* Note the front that is removed from a path or added to it. */
static enum lc_status set_front(struct lc_fix_paths *paths, struct wrong_path *item,
                                char mark, struct lc_span front, struct lc_error *err)
{
    size_t at = paths->text.size;
    enum lc_status status = lc_buffer_add(&paths->text, &mark, 1, err);

    item->front = at;
    item->front_size = front.size + 1;
    return status == LC_OK ? lc_buffer_add(&paths->text, front.text, front.size, err)
                           : status;
}

/* Find the only file whose path is the wrong path with folders in front of it. */
static enum lc_status find_deeper(struct lc_fix_paths *paths, struct wrong_path *item,
                                  struct lc_error *err)
{
    const struct lc_listing *listing = paths->listing;
    struct lc_span path = old_of(paths, item), found = {0};
    struct lc_span folded = {paths->folded.data, paths->folded.size};
    size_t first = lc_listing_seek(listing, folded), matches = 0;
    enum lc_status status;

    for (size_t i = first;
         i < lc_listing_count(listing) && i < first + MOST_MATCHES && matches < 2; i++) {
        struct lc_span other = lc_listing_path(listing, i);
        struct lc_span other_folded = lc_listing_folded(listing, i);

        if (!folded.text || other_folded.size < folded.size ||
            memcmp(other_folded.text + other_folded.size - folded.size, folded.text,
                   folded.size) != 0)
            break;
        if (other.size > path.size + 1 && other.text[other.size - path.size - 1] == '/' &&
            memcmp(other.text + other.size - path.size, path.text, path.size) == 0 &&
            is_file(paths, other.text)) {
            found = other;
            matches++;
        }
    }
    if (matches != 1)
        return LC_OK;
    status = set_new(paths, item, found, err);
    found.size -= path.size;
    return status == LC_OK ? set_front(paths, item, '+', found, err) : status;
}

/* Find the file whose path is the wrong path without its first folders. Of several, use
 * the one with the fewest folders removed. */
static enum lc_status find_shallower(struct lc_fix_paths *paths, struct wrong_path *item,
                                     struct lc_span path, struct lc_error *err)
{
    for (size_t i = 0; i + 1 < path.size; i++) {
        struct lc_span rest = {path.text + i + 1, path.size - i - 1};
        enum lc_status status;

        if (path.text[i] != '/' || rest.text[0] == '/' || lc_path_outside(rest) ||
            !is_file(paths, rest.text))
            continue;
        path.size = i + 1;
        /* the text buffer may move: copy both before using one */
        paths->scratch.size = 0;
        status = lc_buffer_add(&paths->scratch, path.text, path.size + rest.size, err);
        if (status != LC_OK)
            return status;
        rest.text = paths->scratch.data + path.size;
        path.text = paths->scratch.data;
        status = set_new(paths, item, rest, err);
        return status == LC_OK ? set_front(paths, item, '-', path, err) : status;
    }
    return LC_OK;
}

/* ---- a path that leaves the root ---- */

/* Copy a path with forward slashes, without empty components, "." and "..". Climbing
 * above the start is ignored: the rest is looked for in the root. */
static enum lc_status straighten(struct lc_span path, struct lc_buffer *out,
                                 struct lc_error *err)
{
    enum lc_status status = LC_OK;

    out->size = 0;
    for (size_t at = 0; at <= path.size && status == LC_OK;) {
        size_t end = at, size;

        while (end < path.size && path.text[end] != '/' && path.text[end] != '\\')
            end++;
        size = end - at;
        if (size == 2 && path.text[at] == '.' && path.text[at + 1] == '.') {
            while (out->size && out->data[out->size - 1] != '/')
                out->size--;
            out->size -= out->size > 0;
        } else if (size && !(size == 1 && path.text[at] == '.')) {
            if (out->size)
                status = lc_buffer_add(out, "/", 1, err);
            if (status == LC_OK)
                status = lc_buffer_add(out, path.text + at, size, err);
        }
        at = end + 1;
    }
    return status == LC_OK ? lc_buffer_add(out, "", 1, err) : status;
}

static enum lc_status find_inside(struct lc_fix_paths *paths, struct wrong_path *item,
                                  struct lc_error *err)
{
    struct lc_span old = old_of(paths, item), path;
    bool climbs = lc_path_outside_kind(old) == LC_OUTSIDE_CLIMBS;
    bool is_moved = old.text[0] == '/' || old.text[0] == '\\' ||
                    (climbs && old.size > 2 && memcmp(old.text, "..", 2) == 0);
    size_t root = paths->root ? strlen(paths->root) : 0;
    enum lc_status status = straighten(old, &paths->folded, err);

    if (status != LC_OK)
        return status;
    path = (struct lc_span){paths->folded.data, paths->folded.size - 1};
    if (root > 1 && old.text[0] == '/' && path.size > root &&
        memcmp(path.text, paths->root + 1, root - 1) == 0 && path.text[root - 1] == '/' &&
        is_file(paths, path.text + root))
        return set_new(paths, item, (struct lc_span){path.text + root, path.size - root},
                       err);
    if (!is_moved && !lc_path_outside(path) && is_file(paths, path.text))
        return set_new(paths, item, path, err);
    /* the part before the first slash, or above the root, is also a front */
    if (is_moved && !lc_path_outside(path) && is_file(paths, path.text)) {
        status = set_new(paths, item, path, err);
        return status == LC_OK
                   ? set_front(paths, item, '-', (struct lc_span){"/", 1}, err)
                   : status;
    }
    return find_shallower(paths, item, path, err);
}

/* ---- all paths ---- */

static enum lc_status find_one(struct lc_fix_paths *paths, struct wrong_path *item,
                               struct lc_error *err)
{
    enum lc_status status;

    if (item->outside)
        return find_inside(paths, item, err);
    paths->folded.size = 0;
    status = lc_buffer_add(&paths->folded, "/", 1, err);
    if (status == LC_OK)
        status = lc_listing_fold(old_of(paths, item), &paths->folded, err);
    if (status != LC_OK || paths->folded.size < 2) /* only slashes and dots */
        return status;
    status = find_spelling(paths, item, err);
    if (status == LC_OK && !item->new_size)
        status = find_deeper(paths, item, err);
    if (status == LC_OK && !item->new_size)
        status = find_shallower(paths, item, old_of(paths, item), err);
    return status;
}

static int compare_fronts(const void *a, const void *b, void *user)
{
    const struct wrong_path *x = a, *y = b;
    const char *text = ((const struct lc_fix_paths *)user)->text.data;

    return lc_span_compare((struct lc_span){text + x->front, x->front_size},
                           (struct lc_span){text + y->front, y->front_size});
}

static int compare_new(const void *a, const void *b, void *user)
{
    return lc_span_compare(new_of(user, a), new_of(user, b));
}

static int compare_old(const void *a, const void *b, void *user)
{
    return lc_span_compare(old_of(user, a), old_of(user, b));
}

/* Keep a front only if several paths share it. */
static void count_votes(struct lc_fix_paths *paths)
{
    struct wrong_path *items = paths->items;

    qsort_r(items, paths->count, sizeof(*items), compare_fronts, paths);
    for (size_t i = 0, end; i < paths->count; i = end) {
        end = i + 1;
        while (end < paths->count && compare_fronts(&items[i], &items[end], paths) == 0)
            end++;
        for (size_t k = i; k < end && items[i].front_size && end - i < LEAST_VOTES; k++)
            items[k].new_size = 0;
    }
}

/* Drop replacements by which paths with different fronts name the same file: one of them
 * must be wrong. */
static void refuse_equal(struct lc_fix_paths *paths)
{
    struct wrong_path *items = paths->items;

    qsort_r(items, paths->count, sizeof(*items), compare_new, paths);
    for (size_t i = 0, end; i < paths->count; i = end) {
        bool any = false;

        end = i + 1;
        while (end < paths->count && compare_new(&items[i], &items[end], paths) == 0)
            end++;
        for (size_t k = i; k < end; k++)
            any |= items[k].front_size != items[i].front_size ||
                   (items[k].front_size && compare_fronts(&items[i], &items[k], paths));
        for (size_t k = i; k < end && any && items[i].new_size; k++)
            if (items[k].front_size)
                items[k].front_size = SIZE_MAX; /* a mark, because the items are sorted by
                                                 * their new paths */
    }
    for (size_t i = 0; i < paths->count; i++)
        if (items[i].front_size == SIZE_MAX)
            items[i].new_size = 0;
}

enum lc_status lc_fix_paths_find(struct lc_fix_paths *paths, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (!paths->count)
        return LC_OK;
    status = lc_listing_new(paths->folder, &paths->listing, err);
    for (size_t i = 0; i < paths->count && status == LC_OK; i++)
        status = find_one(paths, &paths->items[i], err);
    if (status != LC_OK)
        return status;
    count_votes(paths);
    refuse_equal(paths);
    qsort_r(paths->items, paths->count, sizeof(*paths->items), compare_old, paths);
    return LC_OK;
}

struct lc_span lc_fix_paths_get(const struct lc_fix_paths *paths, struct lc_span path,
                                enum lc_fix_index *fix)
{
    size_t low = 0, high = paths->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct wrong_path *item = &paths->items[middle];
        int order = lc_span_compare(path, old_of(paths, item));

        if (order == 0) {
            *fix = item->outside ? LC_FIX_relative_path : LC_FIX_correct_path;
            return item->new_size ? new_of(paths, item) : (struct lc_span){0};
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return (struct lc_span){0};
}

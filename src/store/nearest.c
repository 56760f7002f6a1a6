/* Finds the file that a missing path was probably meant to name.
 *
 * Missing files often exist under a slightly different path: different case ("Cat.JPG"),
 * another extension, a folder too many or too few. All of these have the same last
 * components once folded, and the listing (listing.c) keeps such paths adjacent. So a few
 * binary searches find all candidates, from the most to the least similar:
 *
 * 1. the same folded path: only case, Unicode form or extension differ;
 * 2. the path below additional folders;
 * 3. the path without its first folders, dropped one after the other;
 * 4. files around the position where the path would be sorted: paths with more common
 *    components are closer in this order, so the best ones are within WINDOW of it.
 *
 * The first step that yields a candidate decides. Within a step, more common components
 * win, then a more similar name; the smaller path breaks ties, so the result depends only
 * on the listing and the path. The same order decides between the files of two listings.
 * Cost: O(c log n) comparisons for c components and n files, plus at most 2 WINDOW
 *       candidates per step. */
#include "store/nearest.h"

#include "base/fold.h"
#include "store/internal.h"
#include "store/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Of many equally good files, compare only the first ones in the listing's order. */
enum { WINDOW = 16 };

/* How similar two names are; the most similar first. */
enum likeness {
    LIKE_SAME,
    LIKE_FORM,
    LIKE_CASE,
    LIKE_STEM,         /* only the extension differs */
    LIKE_STEM_AND_CASE /* the extension and the case or Unicode form of the rest differ */
};

/* Where a candidate is, relative to the missing path; the most similar first. */
enum place { PLACE_NONE, PLACE_SAME, PLACE_DEEPER, PLACE_SHALLOWER, PLACE_OTHER };

struct lc_nearest {
    const struct lc_folder *folder;
    struct lc_buffer path;         /* the missing path, without "./" and "//" */
    struct lc_buffer key;          /* a slash, then the path's folded form */
    struct lc_buffer scratch;      /* two folded names */
    char parent[LC_WALK_PATH + 1]; /* the last folder inspected */
    size_t missing;                /* size of its prefix that names the topmost missing
                                      folder */
    bool linked;                   /* a component of it is a link */
    char hint[768];
};

enum lc_status lc_nearest_new(const struct lc_folder *folder, struct lc_nearest **out,
                              struct lc_error *err)
{
    struct lc_nearest *nearest = calloc(1, sizeof(*nearest));

    if (!nearest)
        return lc_fail_memory(err);
    nearest->folder = folder;
    *out = nearest;
    return LC_OK;
}

void lc_nearest_free(struct lc_nearest *nearest)
{
    if (!nearest)
        return;
    lc_buffer_clear(&nearest->path);
    lc_buffer_clear(&nearest->key);
    lc_buffer_clear(&nearest->scratch);
    free(nearest);
}

/* ---- folders */

/* Whether a folder contains files that are in archives. */
static bool has_more_in(const struct lc_more_files *more, const char *parent, size_t size)
{
    size_t low = 0, high = more->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *path = more->paths[middle];
        int order = strncmp(path, parent, size);

        if (order < 0 || (order == 0 && (unsigned char)path[size] < '/'))
            low = middle + 1;
        else
            high = middle;
    }
    return low < more->count && strncmp(more->paths[low], parent, size) == 0 &&
           more->paths[low][size] == '/';
}

size_t lc_nearest_folder_of_more(const struct lc_more_files *more, struct lc_span path,
                                 size_t folder)
{
    while (folder && has_more_in(more, path.text, folder)) {
        size_t from = folder + 1;
        const char *slash =
            from < path.size ? memchr(path.text + from, '/', path.size - from) : NULL;

        folder = slash ? (size_t)(slash - path.text) : 0;
    }
    return folder;
}

/* Inspect each folder of nearest->parent from the top, never through a link. */
static void inspect_parent(struct lc_nearest *nearest)
{
    char *parent = nearest->parent;
    size_t size = strlen(parent);

    nearest->missing = 0;
    nearest->linked = false;
    for (size_t end = 1; end <= size; end++) {
        char cut = parent[end];
        struct stat st;
        int failed;

        if (cut != '/' && cut != '\0')
            continue;
        parent[end] = '\0';
        failed = fstatat(nearest->folder->fd, parent, &st, AT_SYMLINK_NOFOLLOW);
        parent[end] = cut;
        if (!failed && S_ISDIR(st.st_mode))
            continue;
        if (!failed && S_ISLNK(st.st_mode))
            nearest->linked = true;
        else if (!failed || errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG)
            nearest->missing = end;
        return;
    }
}

size_t lc_nearest_folder(struct lc_nearest *nearest, struct lc_span path)
{
    const char *slash = memrchr(path.text, '/', path.size);
    size_t size = slash ? (size_t)(slash - path.text) : 0;

    if (size > LC_WALK_PATH || !nearest->folder)
        return 0;
    if (strlen(nearest->parent) != size ||
        memcmp(nearest->parent, path.text, size) != 0) {
        memcpy(nearest->parent, path.text, size);
        nearest->parent[size] = '\0';
        inspect_parent(nearest);
    }
    return nearest->missing;
}

bool lc_nearest_is_broken_link(struct lc_nearest *nearest, struct lc_span path)
{
    struct stat st;

    return nearest->folder && path.size <= LC_WALK_PATH &&
           lc_nearest_folder(nearest, path) == 0 && !nearest->linked &&
           fstatat(nearest->folder->fd, path.text, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISLNK(st.st_mode);
}

/* ---- names */

/* Copy a path without empty components and ".". */
static enum lc_status normalize(struct lc_span path, struct lc_buffer *out,
                                struct lc_error *err)
{
    enum lc_status status = LC_OK;
    size_t at = 0;

    out->size = 0;
    while (status == LC_OK && at < path.size) {
        const char *slash = memchr(path.text + at, '/', path.size - at);
        size_t end = slash ? (size_t)(slash - path.text) : path.size;
        bool empty = end == at || (end == at + 1 && path.text[at] == '.');

        if (!empty && out->size)
            status = lc_buffer_add(out, "/", 1, err);
        if (!empty && status == LC_OK)
            status = lc_buffer_add(out, path.text + at, end - at, err);
        at = end + 1;
    }
    return status;
}

/* Return the last components of a path. */
static struct lc_span last_components(struct lc_span path, size_t components)
{
    size_t at = path.size;

    while (at > 0) {
        if (path.text[at - 1] == '/' && --components == 0)
            break;
        at--;
    }
    return (struct lc_span){path.text + at, path.size - at};
}

static size_t count_components(struct lc_span path)
{
    size_t components = 1;

    for (size_t i = 0; i < path.size; i++)
        components += path.text[i] == '/';
    return components;
}

/* Count the components that two folded paths have in common at the end. */
static size_t common_components(struct lc_span a, struct lc_span b)
{
    size_t least = a.size < b.size ? a.size : b.size, components = 0, i = 0;

    while (i < least && a.text[a.size - i - 1] == b.text[b.size - i - 1]) {
        components += a.text[a.size - i - 1] == '/';
        i++;
    }
    if (i == least && (i == a.size || a.text[a.size - i - 1] == '/') &&
        (i == b.size || b.text[b.size - i - 1] == '/'))
        components++;
    return components;
}

/* Compare two names whose folded forms without extensions are equal. */
static enum lc_status compare(struct lc_nearest *nearest, struct lc_span a,
                              struct lc_span b, enum likeness *out, struct lc_error *err)
{
    struct lc_buffer *folded = &nearest->scratch;
    size_t a_stem = lc_listing_stem(a), b_stem = lc_listing_stem(b), middle;
    bool same;
    enum lc_status status = lc_fold_same_form(a, b, &same, err);

    folded->size = 0;
    if (status == LC_OK)
        status = lc_fold(a, folded, err);
    middle = folded->size;
    if (status == LC_OK)
        status = lc_fold(b, folded, err);
    if (status != LC_OK)
        return status;
    if (same)
        *out = a.size == b.size && memcmp(a.text, b.text, a.size) == 0 ? LIKE_SAME
                                                                       : LIKE_FORM;
    else if (folded->size == 2 * middle &&
             memcmp(folded->data, folded->data + middle, middle) == 0)
        *out = LIKE_CASE;
    else if (a_stem == b_stem && memcmp(a.text, b.text, a_stem) == 0)
        *out = LIKE_STEM;
    else
        *out = LIKE_STEM_AND_CASE;
    return LC_OK;
}

/* ---- search */

bool lc_nearest_is_better(const struct lc_nearest_file *a,
                          const struct lc_nearest_file *b)
{
    if (!a->place || !b->place)
        return a->place && !b->place;
    if (a->place != b->place)
        return a->place < b->place;
    if (a->components != b->components)
        return a->components > b->components;
    if (a->like != b->like)
        return a->like < b->like;
    return lc_span_compare(a->path, b->path) < 0;
}

/* Consider a file of the listing: keep it if it is better than the best so far. */
static enum lc_status consider(struct lc_nearest *nearest,
                               const struct lc_listing *listing, size_t index,
                               enum place place, size_t components,
                               struct lc_nearest_file *best, struct lc_error *err)
{
    struct lc_span asked = {nearest->path.data, nearest->path.size};
    struct lc_nearest_file candidate = {
        .path = lc_listing_path(listing, index),
        .place = place,
        .components = (uint32_t)components,
    };
    enum likeness like = LIKE_SAME;
    enum lc_status status =
        compare(nearest, last_components(asked, components),
                last_components(candidate.path, components), &like, err);

    if (status != LC_OK)
        return status;
    /* in another folder, a file with another extension is most likely a different file,
     * unless their parent folders agree too */
    if (place != PLACE_SAME && like > LIKE_CASE && components < 2)
        return LC_OK;
    candidate.like = like;
    if (lc_nearest_is_better(&candidate, best))
        *best = candidate;
    return LC_OK;
}

/* Consider the files whose folded path equals a text or, if the text begins with a slash,
 * ends with it. */
static enum lc_status consider_matches(struct lc_nearest *nearest,
                                       const struct lc_listing *listing,
                                       struct lc_span text, enum place place,
                                       struct lc_nearest_file *best, struct lc_error *err)
{
    bool slash = text.text[0] == '/';
    struct lc_span bare = {text.text + slash, text.size - slash};
    size_t components = count_components(bare), first = lc_listing_seek(listing, text);
    enum lc_status status = LC_OK;

    for (size_t i = first;
         i < lc_listing_count(listing) && i < first + WINDOW && status == LC_OK; i++) {
        struct lc_span folded = lc_listing_folded(listing, i);

        if (folded.size < text.size || (!slash && folded.size != text.size) ||
            memcmp(folded.text + folded.size - text.size, text.text, text.size) != 0)
            break;
        status = consider(nearest, listing, i, place, components, best, err);
    }
    return status;
}

/* Consider the files around the position where the path would be sorted. */
static enum lc_status consider_around(struct lc_nearest *nearest,
                                      const struct lc_listing *listing,
                                      struct lc_span folded, struct lc_nearest_file *best,
                                      struct lc_error *err)
{
    size_t place = lc_listing_seek(listing, folded);
    size_t first = place < WINDOW ? 0 : place - WINDOW;
    enum lc_status status = LC_OK;

    for (size_t i = first; i < lc_listing_count(listing) && i < place + WINDOW; i++) {
        size_t components = common_components(lc_listing_folded(listing, i), folded);

        if (components && status == LC_OK)
            status = consider(nearest, listing, i, PLACE_OTHER, components, best, err);
    }
    return status;
}

static enum lc_status search(struct lc_nearest *nearest, const struct lc_listing *listing,
                             struct lc_nearest_file *best, struct lc_error *err)
{
    struct lc_span with_slash = {nearest->key.data, nearest->key.size};
    struct lc_span folded = {with_slash.text + 1, with_slash.size - 1};
    enum lc_status status =
        consider_matches(nearest, listing, folded, PLACE_SAME, best, err);

    if (status != LC_OK || best->place)
        return status;
    status = consider_matches(nearest, listing, with_slash, PLACE_DEEPER, best, err);
    if (status != LC_OK || best->place)
        return status;
    for (size_t i = 0; i < folded.size; i++) {
        struct lc_span rest = {folded.text + i + 1, folded.size - i - 1};

        if (folded.text[i] != '/' || !rest.size)
            continue;
        status = consider_matches(nearest, listing, rest, PLACE_SHALLOWER, best, err);
        if (status != LC_OK || best->place)
            return status;
    }
    return consider_around(nearest, listing, folded, best, err);
}

static void write_hint(struct lc_nearest *nearest, const struct lc_nearest_file *file)
{
    static const char *const places[] = {
        [PLACE_NONE] = NULL,
        [PLACE_SAME] = NULL,
        [PLACE_DEEPER] = "with more parent folders",
        [PLACE_SHALLOWER] = "with fewer parent folders",
        [PLACE_OTHER] = "in another folder",
    };
    static const char *const likes[] = {
        [LIKE_SAME] = NULL,
        [LIKE_FORM] = "in another Unicode form",
        [LIKE_CASE] = "in different case",
        [LIKE_STEM] = "with another extension",
        [LIKE_STEM_AND_CASE] = "with another extension and in different case",
    };
    /* an index from another run may contain any numbers */
    const char *place = file->place <= PLACE_OTHER ? places[file->place] : NULL;
    const char *like = file->like <= LIKE_STEM_AND_CASE ? likes[file->like] : NULL;
    struct lc_span asked = {nearest->path.data, nearest->path.size};
    struct lc_span path = file->path, name = last_components(path, 1);
    size_t folder =
        path.size - name.size; /* if the folder is the same, show only the name */
    char quote[600];

    if (asked.size - last_components(asked, 1).size == folder &&
        memcmp(asked.text, path.text, folder) == 0)
        path = name;
    lc_text_quote(path, quote, sizeof(quote));
    snprintf(nearest->hint, sizeof(nearest->hint), "there is %s%s%s%s%s", quote,
             place || like ? ", " : "", place ? place : "", place && like ? " and " : "",
             like ? like : "");
}

enum lc_status lc_nearest_find(struct lc_nearest *nearest,
                               const struct lc_listing *listing, struct lc_span path,
                               struct lc_nearest_file *out, struct lc_error *err)
{
    enum lc_status status;

    *out = (struct lc_nearest_file){0};
    if (path.size > LC_WALK_PATH)
        return LC_OK;
    status = normalize(path, &nearest->path, err);
    if (status != LC_OK)
        return status;
    nearest->key.size = 0;
    status = lc_buffer_add(&nearest->key, "/", 1, err);
    if (status == LC_OK)
        status = lc_listing_fold((struct lc_span){nearest->path.data, nearest->path.size},
                                 &nearest->key, err);
    if (status != LC_OK || nearest->key.size == 1)
        return status;
    return search(nearest, listing, out, err);
}

enum lc_status lc_nearest_describe(struct lc_nearest *nearest, struct lc_span path,
                                   const struct lc_nearest_file *file, const char **out,
                                   struct lc_error *err)
{
    enum lc_status status;

    *out = NULL;
    if (!file->place)
        return LC_OK;
    status = normalize(path, &nearest->path, err);
    if (status == LC_OK)
        write_hint(nearest, file);
    *out = status == LC_OK ? nearest->hint : NULL;
    return status;
}

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

/* Of many files that are as near, so many are looked at: the first of their order. */
enum { WINDOW = 16 };

/* How the names of two files are alike: the nearest first. */
enum likeness {
    LIKE_SAME,
    LIKE_FORM,
    LIKE_CASE,
    LIKE_STEM,     /* all but the extension */
    LIKE_OTHERWISE /* all but the extension, and that in another case or form */
};

/* Where the file stands. */
enum place { PLACE_SAME, PLACE_MORE, PLACE_FEWER, PLACE_OTHER };

struct lc_nearest {
    const struct lc_folder *folder;
    struct lc_buffer path;         /* the path asked for, without "./" and "//" */
    struct lc_buffer key;          /* a slash and its folded form */
    struct lc_buffer scratch;      /* two folded names */
    char parent[LC_WALK_PATH + 1]; /* the folder looked for last */
    size_t missing;                /* how much of it names what is not there */
    bool linked;                   /* a part of it is a link */
    char hint[768];
};

/* A file that may be meant. */
struct choice {
    bool any;
    size_t index;
    enum place place;
    size_t parts; /* at the end of both paths that are the same */
    enum likeness like;
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

/* Look at each folder of nearest->parent from the top, never through a link. */
static void look_at_parent(struct lc_nearest *nearest)
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

    if (size > LC_WALK_PATH)
        return 0;
    if (strlen(nearest->parent) != size ||
        memcmp(nearest->parent, path.text, size) != 0) {
        memcpy(nearest->parent, path.text, size);
        nearest->parent[size] = '\0';
        look_at_parent(nearest);
    }
    return nearest->missing;
}

/* The file is a link that leads nowhere. */
static bool is_dead_link(struct lc_nearest *nearest, struct lc_span path)
{
    struct stat st;

    return lc_nearest_folder(nearest, path) == 0 && !nearest->linked &&
           fstatat(nearest->folder->fd, path.text, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISLNK(st.st_mode);
}

/* ---- names */

/* The path without empty parts and ".". */
static enum lc_status tidy(struct lc_span path, struct lc_buffer *out,
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

/* The last parts of a path. */
static struct lc_span last_parts(struct lc_span path, size_t parts)
{
    size_t at = path.size;

    while (at > 0) {
        if (path.text[at - 1] == '/' && --parts == 0)
            break;
        at--;
    }
    return (struct lc_span){path.text + at, path.size - at};
}

static size_t count_parts(struct lc_span path)
{
    size_t parts = 1;

    for (size_t i = 0; i < path.size; i++)
        parts += path.text[i] == '/';
    return parts;
}

/* How many whole parts at the end of two folded paths are the same. */
static size_t common_parts(struct lc_span a, struct lc_span b)
{
    size_t least = a.size < b.size ? a.size : b.size, parts = 0, i = 0;

    while (i < least && a.text[a.size - i - 1] == b.text[b.size - i - 1]) {
        parts += a.text[a.size - i - 1] == '/';
        i++;
    }
    if (i == least && (i == a.size || a.text[a.size - i - 1] == '/') &&
        (i == b.size || b.text[b.size - i - 1] == '/'))
        parts++;
    return parts;
}

/* Two names whose folded forms without their extensions are the same. */
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
        *out = LIKE_OTHERWISE;
    return LC_OK;
}

/* ---- choosing */

static bool is_better(const struct lc_listing *listing, const struct choice *a,
                      const struct choice *b)
{
    if (!b->any)
        return true;
    if (a->parts != b->parts)
        return a->parts > b->parts;
    if (a->like != b->like)
        return a->like < b->like;
    return strcmp(lc_listing_path(listing, a->index).text,
                  lc_listing_path(listing, b->index).text) < 0;
}

/* Take a file of the listing when it is nearer than what there is. */
static enum lc_status consider(struct lc_nearest *nearest,
                               const struct lc_listing *listing, size_t index,
                               enum place place, size_t parts, struct choice *best,
                               struct lc_error *err)
{
    struct lc_span asked = {nearest->path.data, nearest->path.size};
    struct choice choice = {true, index, place, parts, LIKE_SAME};
    enum lc_status status =
        compare(nearest, last_parts(asked, parts),
                last_parts(lc_listing_path(listing, index), parts), &choice.like, err);

    if (status != LC_OK)
        return status;
    /* elsewhere, a name with another extension may be anything, unless folders agree */
    if (place != PLACE_SAME && choice.like > LIKE_CASE && parts < 2)
        return LC_OK;
    if (is_better(listing, &choice, best))
        *best = choice;
    return LC_OK;
}

/* Consider the files whose folded path is a text, or ends with it when it begins with a
 * slash. */
static enum lc_status consider_all(struct lc_nearest *nearest,
                                   const struct lc_listing *listing, struct lc_span text,
                                   enum place place, struct choice *best,
                                   struct lc_error *err)
{
    bool slash = text.text[0] == '/';
    struct lc_span bare = {text.text + slash, text.size - slash};
    size_t parts = count_parts(bare), first = lc_listing_seek(listing, text);
    enum lc_status status = LC_OK;

    for (size_t i = first;
         i < lc_listing_count(listing) && i < first + WINDOW && status == LC_OK; i++) {
        struct lc_span folded = lc_listing_folded(listing, i);

        if (folded.size < text.size || (!slash && folded.size != text.size) ||
            memcmp(folded.text + folded.size - text.size, text.text, text.size) != 0)
            break;
        status = consider(nearest, listing, i, place, parts, best, err);
    }
    return status;
}

/* Consider the files around the place where the path would stand: none has more of its
 * last parts in common. */
static enum lc_status consider_around(struct lc_nearest *nearest,
                                      const struct lc_listing *listing,
                                      struct lc_span folded, struct choice *best,
                                      struct lc_error *err)
{
    size_t place = lc_listing_seek(listing, folded);
    size_t first = place < WINDOW ? 0 : place - WINDOW;
    enum lc_status status = LC_OK;

    for (size_t i = first; i < lc_listing_count(listing) && i < place + WINDOW; i++) {
        size_t parts = common_parts(lc_listing_folded(listing, i), folded);

        if (parts && status == LC_OK)
            status = consider(nearest, listing, i, PLACE_OTHER, parts, best, err);
    }
    return status;
}

static enum lc_status choose(struct lc_nearest *nearest, const struct lc_listing *listing,
                             struct choice *best, struct lc_error *err)
{
    struct lc_span with_slash = {nearest->key.data, nearest->key.size};
    struct lc_span folded = {with_slash.text + 1, with_slash.size - 1};
    enum lc_status status = consider_all(nearest, listing, folded, PLACE_SAME, best, err);

    if (status == LC_OK && !best->any)
        status = consider_all(nearest, listing, with_slash, PLACE_MORE, best, err);
    for (size_t i = 0; status == LC_OK && !best->any && i < folded.size; i++) {
        struct lc_span rest = {folded.text + i + 1, folded.size - i - 1};

        if (folded.text[i] == '/' && rest.size)
            status = consider_all(nearest, listing, rest, PLACE_FEWER, best, err);
    }
    if (status == LC_OK && !best->any)
        status = consider_around(nearest, listing, folded, best, err);
    return status;
}

static void say(struct lc_nearest *nearest, const struct lc_listing *listing,
                const struct choice *choice)
{
    static const char *const places[] = {
        [PLACE_SAME] = NULL,
        [PLACE_MORE] = "with more folders before it",
        [PLACE_FEWER] = "with fewer folders before it",
        [PLACE_OTHER] = "in another folder",
    };
    static const char *const likes[] = {
        [LIKE_SAME] = NULL,
        [LIKE_FORM] = "in another Unicode form",
        [LIKE_CASE] = "in another case",
        [LIKE_STEM] = "with another extension",
        [LIKE_OTHERWISE] = "with another extension and in another case",
    };
    const char *place = places[choice->place], *like = likes[choice->like];
    struct lc_span asked = {nearest->path.data, nearest->path.size};
    struct lc_span path = lc_listing_path(listing, choice->index);
    struct lc_span name = last_parts(path, 1);
    size_t folder =
        path.size - name.size; /* when it is the very same, the name says it */
    char quote[600];

    if (asked.size - last_parts(asked, 1).size == folder &&
        memcmp(asked.text, path.text, folder) == 0)
        path = name;
    lc_text_quote(path, quote, sizeof(quote));
    snprintf(nearest->hint, sizeof(nearest->hint), "there is %s%s%s%s%s", quote,
             place || like ? ", " : "", place ? place : "", place && like ? " and " : "",
             like ? like : "");
}

enum lc_status lc_nearest_find(struct lc_nearest *nearest,
                               const struct lc_listing *listing, struct lc_span path,
                               const char **out, struct lc_error *err)
{
    struct choice best = {0};
    enum lc_status status = LC_OK;

    *out = NULL;
    if (path.size > LC_WALK_PATH)
        return LC_OK;
    if (is_dead_link(nearest, path)) {
        *out = "it is a symbolic link to what is not there";
        return LC_OK;
    }
    status = tidy(path, &nearest->path, err);
    nearest->key.size = 0;
    if (status == LC_OK)
        status = lc_buffer_add(&nearest->key, "/", 1, err);
    if (status == LC_OK)
        status = lc_listing_fold((struct lc_span){nearest->path.data, nearest->path.size},
                                 &nearest->key, err);
    if (status == LC_OK && nearest->key.size > 1)
        status = choose(nearest, listing, &best, err);
    if (status == LC_OK && best.any) {
        say(nearest, listing, &best);
        *out = nearest->hint;
    }
    return status;
}

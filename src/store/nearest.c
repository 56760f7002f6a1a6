#include "store/nearest.h"

#include "base/path.h"
#include "store/internal.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A name of the listed folder, sorted by its folded form: small letters, no extension. */
struct name {
    char *text;
    char *folded;
};

struct lc_nearest {
    const struct lc_folder *folder;
    char *listed; /* the folder whose names these are; NULL at first */
    struct name *names;
    size_t count;
    size_t capacity;
    char hint[256];
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

static void forget(struct lc_nearest *nearest)
{
    for (size_t i = 0; i < nearest->count; i++) {
        free(nearest->names[i].text);
        free(nearest->names[i].folded);
    }
    nearest->count = 0;
    free(nearest->listed);
    nearest->listed = NULL;
}

void lc_nearest_free(struct lc_nearest *nearest)
{
    if (!nearest)
        return;
    forget(nearest);
    free(nearest->names);
    free(nearest);
}

/* A copy in small letters without the extension; NULL when out of memory. */
static char *fold(const char *name)
{
    char *folded = strdup(name), *dot;

    if (!folded)
        return NULL;
    dot = strrchr(folded, '.');
    if (dot && dot != folded)
        *dot = '\0';
    for (size_t i = 0; folded[i]; i++) {
        int small = (tolower)((unsigned char)folded[i]); /* the function, no macro */

        folded[i] = (char)small;
    }
    return folded;
}

static int by_folded(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    int order = strcmp(x->folded, y->folded);

    return order ? order : strcmp(x->text, y->text);
}

static enum lc_status add_name(struct lc_nearest *nearest, const char *text,
                               struct lc_error *err)
{
    struct name *names =
        lc_array_grow(nearest->names, nearest->count, &nearest->capacity, sizeof(*names));
    struct name name;

    if (!names)
        return lc_fail_memory(err);
    nearest->names = names;
    name = (struct name){strdup(text), fold(text)};
    if (!name.text || !name.folded) {
        free(name.text);
        free(name.folded);
        return lc_fail_memory(err);
    }
    names[nearest->count++] = name;
    return LC_OK;
}

/* List a folder below the root, unless it is the one that is listed already. *there says
 * whether it exists. */
static enum lc_status list(struct lc_nearest *nearest, const char *folder, bool *there,
                           struct lc_error *err)
{
    enum lc_status status = LC_OK;
    DIR *dir = NULL;
    int fd;

    *there = true;
    if (nearest->listed && strcmp(nearest->listed, folder) == 0)
        return LC_OK;
    fd = openat(nearest->folder->fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *there = fd >= 0 || (errno != ENOENT && errno != ENOTDIR);
    if (!*there) /* the listing is kept: its folder may be asked for again */
        return LC_OK;
    forget(nearest);
    nearest->listed = strdup(folder);
    if (!nearest->listed) {
        if (fd >= 0)
            close(fd);
        return lc_fail_memory(err);
    }
    if (fd >= 0)
        dir = fdopendir(fd);
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return LC_OK;
    }
    for (struct dirent *entry; status == LC_OK && (entry = readdir(dir));)
        status = add_name(nearest, entry->d_name, err);
    closedir(dir);
    if (nearest->count)
        qsort(nearest->names, nearest->count, sizeof(*nearest->names), by_folded);
    return status;
}

/* The topmost folder of a path that is not there, as a hint. */
static void hint_folder(struct lc_nearest *nearest, const char *folder)
{
    size_t size = strlen(folder);
    char quote[160];

    for (size_t end = 1; end <= size; end++) {
        char *above;
        bool there;

        if (end < size && folder[end] != '/')
            continue;
        above = strndup(folder, end);
        there = above && faccessat(nearest->folder->fd, above, F_OK, 0) == 0;
        free(above);
        if (there)
            continue;
        lc_text_quote((struct lc_span){folder, end}, quote, sizeof(quote));
        snprintf(nearest->hint, sizeof(nearest->hint), "the whole folder %s is missing",
                 quote);
        return;
    }
}

/* The names whose folded form is that of the missing one: the first of them is the hint.
 */
static void hint_name(struct lc_nearest *nearest, const char *missing, const char *folded)
{
    size_t low = 0, high = nearest->count;
    const char *text;
    char quote[160];

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(nearest->names[middle].folded, folded) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == nearest->count || strcmp(nearest->names[low].folded, folded) != 0)
        return;
    text = nearest->names[low].text;
    /* the same letters in another case are nearer than another extension */
    for (size_t i = low; i < nearest->count; i++) {
        if (strcmp(nearest->names[i].folded, folded) != 0)
            break;
        if (strcasecmp(nearest->names[i].text, missing) == 0)
            text = nearest->names[i].text;
    }
    lc_text_quote((struct lc_span){text, strlen(text)}, quote, sizeof(quote));
    snprintf(nearest->hint, sizeof(nearest->hint), "there is %s%s", quote,
             strcasecmp(text, missing) == 0 ? ", in another case" : "");
}

/* The path without its first folders is there: they are too many. */
static bool hint_prefix(struct lc_nearest *nearest, const char *path)
{
    char quote[160];

    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        const char *rest = slash + 1;

        if (!*rest || faccessat(nearest->folder->fd, rest, F_OK, 0) != 0)
            continue;
        lc_text_quote((struct lc_span){rest, strlen(rest)}, quote, sizeof(quote));
        snprintf(nearest->hint, sizeof(nearest->hint),
                 "there is %s, with fewer folders before it", quote);
        return true;
    }
    return false;
}

enum lc_status lc_nearest_find(struct lc_nearest *nearest, const char *path,
                               const char **out, struct lc_error *err)
{
    char *folder = NULL, *folded = NULL;
    bool there = true;
    enum lc_status status = lc_path_parent(path, &folder, err);

    nearest->hint[0] = '\0';
    if (status == LC_OK)
        status = list(nearest, folder, &there, err);
    if (status == LC_OK && !there) {
        if (!hint_prefix(nearest, path))
            hint_folder(nearest, folder);
    } else if (status == LC_OK) {
        folded = fold(lc_path_name(path));
        if (!folded)
            status = lc_fail_memory(err);
        else
            hint_name(nearest, lc_path_name(path), folded);
    }
    *out = nearest->hint[0] ? nearest->hint : NULL;
    free(folder);
    free(folded);
    return status;
}

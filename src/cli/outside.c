#include "cli/outside.h"

#include "base/path.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Resolve the folder that a place is, or is in; if it does not exist, the nearest parent
 * that does. */
static bool resolve(const struct lc_result_place *place, char out[PATH_MAX])
{
    char *at = NULL, *parent = NULL;
    bool good = place->is_folder ? (at = strdup(place->path)) != NULL
                                 : lc_path_parent(place->path, &at, NULL) == LC_OK;

    while (good && !realpath(at, out) && (errno == ENOENT || errno == ENOTDIR) &&
           strcmp(at, ".") != 0 && strcmp(at, "/") != 0) {
        good = lc_path_parent(at, &parent, NULL) == LC_OK;
        free(at);
        at = parent;
        out[0] = '\0';
    }
    good = good && realpath(at, out);
    free(at);
    if (!good)
        lc_complain("%s: cannot find its folder: %s", place->path, strerror(errno));
    return good;
}

/* Whether a resolved path is a folder or below it. */
static bool is_below(const char *path, const char *folder)
{
    size_t size = strlen(folder);

    return strncmp(path, folder, size) == 0 &&
           (!path[size] || path[size] == '/' || folder[size - 1] == '/');
}

static bool refuse_inside(const struct lc_result_place *place, const char *what,
                          const char *folder)
{
    lc_complain("%s: is inside the %s %s, which is never written into; name a place "
                "outside of it",
                place->path, what, folder);
    return false;
}

bool lc_is_outside_named(const struct lc_result_place *place,
                         const struct lc_settings *settings)
{
    char path[PATH_MAX], folder[PATH_MAX];

    if (!resolve(place, path))
        return false;
    for (size_t i = 0; i < settings->word_count; i++) {
        struct stat st;

        if (stat(settings->words[i], &st) == 0 && S_ISDIR(st.st_mode) &&
            realpath(settings->words[i], folder) && is_below(path, folder))
            return refuse_inside(place, "data folder", settings->words[i]);
    }
    return true;
}

/* Whether a resolved folder contains a rows file that the user named. */
static bool is_beside_path(const char *place, const struct lc_settings *settings)
{
    for (size_t i = 0; i < settings->word_count; i++) {
        char file[PATH_MAX];
        struct stat st;
        char *slash;

        if (stat(settings->words[i], &st) != 0 || !S_ISREG(st.st_mode) ||
            !realpath(settings->words[i], file))
            continue;
        slash = strrchr(file, '/');
        slash[slash == file] = '\0';
        if (strcmp(file, place) == 0)
            return true;
    }
    return false;
}

bool lc_is_outside_inputs(const struct lc_result_place *place,
                          const struct lc_settings *settings, lc_input_fn *input,
                          const void *user)
{
    char path[PATH_MAX], folder[PATH_MAX];
    const char *found;
    bool is_folder;

    if (!resolve(place, path))
        return false;
    for (size_t i = 0; (found = input(user, i, &is_folder)); i++)
        if (is_folder && realpath(found, folder) && is_below(path, folder) &&
            !(place->may_be_beside && is_beside_path(path, settings)))
            return refuse_inside(place, "image folder", found);
    return true;
}

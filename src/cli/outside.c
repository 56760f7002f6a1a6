#include "cli/outside.h"

#include "base/path.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Resolve the folder that a file is in or will be in: the nearest one that exists. */
static bool resolve_place(const char *file, char out[PATH_MAX])
{
    char *at = NULL, *parent = NULL;
    bool good = lc_path_parent(file, &at, NULL) == LC_OK;

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
        lc_complain("%s: cannot find its folder: %s", file, strerror(errno));
    return good;
}

/* Whether a resolved path is a folder or below it. */
static bool is_below(const char *path, const char *folder)
{
    size_t size = strlen(folder);

    return strncmp(path, folder, size) == 0 &&
           (!path[size] || path[size] == '/' || folder[size - 1] == '/');
}

static bool refuse_inside(const char *file, const char *command, const char *what,
                          const char *folder)
{
    lc_complain("%s: is inside the %s %s, which %s never writes into; name a place "
                "outside of it",
                file, what, folder, command);
    return false;
}

bool lc_is_outside_paths(const char *file, const char *command,
                         const struct lc_settings *settings)
{
    char place[PATH_MAX], folder[PATH_MAX];

    if (!resolve_place(file, place))
        return false;
    for (size_t i = 0; i < settings->word_count; i++) {
        struct stat st;

        if (stat(settings->words[i], &st) == 0 && S_ISDIR(st.st_mode) &&
            realpath(settings->words[i], folder) && is_below(place, folder))
            return refuse_inside(file, command, "data folder", settings->words[i]);
    }
    return true;
}

/* Whether a resolved folder is that of a rows file which the user named. */
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

bool lc_is_outside_inputs(const char *file, const char *command,
                          const struct lc_settings *settings, lc_input_fn *input,
                          const void *user)
{
    char place[PATH_MAX], folder[PATH_MAX];
    const char *path;
    bool is_folder;

    if (!resolve_place(file, place))
        return false;
    for (size_t i = 0; (path = input(user, i, &is_folder)); i++)
        if (is_folder && realpath(path, folder) && is_below(place, folder) &&
            !is_beside_path(place, settings))
            return refuse_inside(file, command, "image folder", path);
    return true;
}

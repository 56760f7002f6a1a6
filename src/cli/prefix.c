/* Finds out what is at a path that the user named, and which prefix paths in reports
 * get. */
#include "cli/cli.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_accessible(const char *path, int result, bool *there)
{
    *there = result == 0;
    if (*there || errno == ENOENT || errno == ENOTDIR || errno == EACCES ||
        errno == ELOOP || errno == ENAMETOOLONG)
        return true;
    lc_complain("%s: cannot access it: %s", path, strerror(errno));
    return false;
}

bool lc_look(const char *path, struct stat *st, bool *there)
{
    return is_accessible(path, stat(path, st), there);
}

bool lc_look_at_link(const char *path, struct stat *st, bool *there)
{
    return is_accessible(path, lstat(path, st), there);
}

bool lc_is_index(const char *path, bool *out)
{
    static const char name[] = "/index.mdb";
    char file[PATH_MAX];
    size_t size = strlen(path);
    struct stat st;

    *out =
        size >= sizeof(name) - 1 && strcmp(path + size - (sizeof(name) - 1), name) == 0;
    snprintf(file, sizeof(file), "%s%s", path, name);
    return *out || lc_look(file, &st, out);
}

/* Shorten a path to its folder: itself, or the folder that it is in. */
static void cut_to_folder(char *prefix, bool is_folder)
{
    size_t size = strlen(prefix);

    if (!is_folder) {
        while (size && prefix[size - 1] != '/')
            size--;
        prefix[size] = '\0';
        return;
    }
    while (size > 1 && prefix[size - 1] == '/')
        size--;
    if (size && prefix[size - 1] != '/')
        prefix[size++] = '/';
    prefix[size] = '\0';
    if (strcmp(prefix, "./") == 0)
        prefix[0] = '\0';
}

bool lc_prefix_of(const char *path, char **out)
{
    size_t size = strlen(path);
    bool index = false, there = false;
    struct stat st;

    *out = NULL;
    if (!lc_is_index(path, &index) || !lc_look(path, &st, &there))
        return false;
    if (index)
        return true;
    *out = malloc(size + 2); /* space for an added slash and the NUL */
    if (!*out)
        return lc_complain("out of memory") == LC_EXIT_CLEAN;
    memcpy(*out, path, size + 1);
    cut_to_folder(*out, there && S_ISDIR(st.st_mode));
    return true;
}

const char *lc_base_of(const char *prefix)
{
    while (prefix && strncmp(prefix, "./", 2) == 0)
        prefix += 2;
    if (!prefix || *prefix == '/' || strncmp(prefix, "../", 3) == 0)
        return NULL;
    return prefix;
}

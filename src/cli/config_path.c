/* Where paths in settings files lead */
#include "cli/config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

bool lc_path_is_below(const char *folder, const char *path)
{
    size_t size = strlen(folder);

    size -= size && folder[size - 1] == '/'; /* the root folder is "/" */
    return strncmp(path, folder, size) == 0 && (!path[size] || path[size] == '/');
}

bool lc_path_go_up(char *path)
{
    char *slash = strrchr(path, '/');

    if (!slash || !path[1])
        return false;
    slash[slash == path] = '\0';
    return true;
}

/* Whether a path has a component with this name, ignoring case. */
static bool has_component(const char *path, const char *name)
{
    size_t size = strlen(name);

    while (*path) {
        size_t length = strcspn(path, "/");

        if (length == size && strncasecmp(path, name, size) == 0)
            return true;
        path += length + strspn(path + length, "/");
    }
    return false;
}

/* Whether resolving a path failed because of what is at the path; the path then does not
 * count as inside the folder. Any other error is printed. */
static bool is_about_path(const char *path, int error)
{
    if (error == EACCES || error == ELOOP || error == ENAMETOOLONG || error == ENOENT ||
        error == ENOTDIR)
        return true;
    lc_complain("%s: cannot resolve it: %s", path, strerror(error));
    return false;
}

bool lc_path_stays(const char *folder, const char *path, bool *out)
{
    char there[PATH_MAX], real[PATH_MAX];
    const char *rest = ""; /* the end of the path, which does not exist */
    struct stat st;

    *out = false;
    if (strlen(path) >= sizeof(there))
        return true;
    memcpy(there, path, strlen(path) + 1);
    while (!realpath(*there ? there : ".", real)) {
        int error = errno;

        /* a dangling link exists, too: it may lead outside later */
        if ((error != ENOENT && error != ENOTDIR) || !*there || lstat(there, &st) == 0)
            return is_about_path(path, error);
        if (!lc_path_go_up(there))
            there[0] = '\0'; /* relative to the working directory */
        rest = path + strlen(there);
    }
    *out = lc_path_is_below(folder, real) && !has_component(rest, "..") &&
           !has_component(real + strlen(folder), ".git") && !has_component(rest, ".git");
    return true;
}

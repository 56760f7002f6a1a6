/* Opens settings files without blocking and without following links out of their
 * folder */
#include "cli/config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_BYTES ((off_t)1 << 20)

static bool fail_open(const char *path, int error)
{
    lc_complain("%s: cannot open the settings file: %s", path, strerror(error));
    return false;
}

FILE *lc_config_open_named(const char *path)
{
    FILE *file = NULL;
    struct stat st;
    bool there = stat(path, &st) == 0;

    if (there && !S_ISREG(st.st_mode)) {
        lc_complain("%s: not a regular file", path);
        return NULL;
    }
    if (there && st.st_size > MAX_BYTES) {
        lc_complain("%s: too large for a settings file (limit: 1 MiB)", path);
        return NULL;
    }
    file = fopen(path, "re");
    if (!file)
        fail_open(path, errno);
    return file;
}

/* Whether a file belongs to this user, or to root, who can do anything anyway. */
static bool is_ours(const struct stat *st)
{
    return st->st_uid == geteuid() || st->st_uid == 0;
}

/* The reason not to read a file; NULL: it may be read. */
static const char *find_fault(const struct stat *st)
{
    if (!is_ours(st))
        return "it belongs to another user" LC_CONFIG_NAME_IT;
    if (!S_ISREG(st->st_mode))
        return "it is not a regular file";
    return st->st_size > MAX_BYTES ? "it is too large" : NULL;
}

/* Resolve the path of a file. If it is a link, its target must be in the same folder. */
static bool resolve(const struct lc_config *config, char out[PATH_MAX], const char **why)
{
    struct stat st;
    bool stays;

    if (lstat(config->path, &st) != 0)
        return fail_open(config->path, errno);
    *why = S_ISLNK(st.st_mode) && is_ours(&st) ? NULL : find_fault(&st);
    if (*why) /* the owner of a link chose its target, so the owner is checked */
        return true;
    if (!S_ISLNK(st.st_mode)) {
        snprintf(out, PATH_MAX, "%s", config->path);
        return true;
    }
    if (!lc_path_stays(config->real, config->path, &stays))
        return false;
    if (!stays) {
        *why = "it is a symbolic link to a file outside its folder" LC_CONFIG_NAME_IT;
        return true;
    }
    if (!realpath(config->path, out) || lstat(out, &st) != 0)
        return fail_open(config->path, errno);
    *why = find_fault(&st);
    return true;
}

/* Check the open file again, as the path may have been replaced since resolve(). */
bool lc_config_open_found(const struct lc_config *config, FILE **out, const char **why)
{
    char path[PATH_MAX];
    struct stat st;
    int fd, error;

    *out = NULL;
    *why = NULL;
    if (!resolve(config, path, why) || *why)
        return *why != NULL;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == EACCES && config->origin == LC_ORIGIN_DATA) {
        *why = "permission denied"; /* the permissions came with the data: no error */
        return true;
    }
    if (fd < 0 || fstat(fd, &st) != 0)
        goto fail;
    *why = find_fault(&st);
    if (*why) {
        close(fd);
        return true;
    }
    *out = fdopen(fd, "r");
    if (*out)
        return true;
fail:
    error = errno;
    if (fd >= 0)
        close(fd);
    return fail_open(config->path, error);
}

/* Settings files are opened such that nothing blocks, and no link leads elsewhere */
#include "cli/config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_BYTES ((off_t)1 << 20)

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
    if (there && st.st_size > MOST_BYTES) {
        lc_complain("%s: too large for a settings file (limit: 1 MiB)", path);
        return NULL;
    }
    file = fopen(path, "re");
    if (!file)
        fail_open(path, errno);
    return file;
}

/* Whether the user, or who may do everything anyway, made a file. */
static bool is_ours(const struct stat *st)
{
    return st->st_uid == geteuid() || st->st_uid == 0;
}

/* Why a file may not be read as it is; NULL: it may. */
static const char *find_fault(const struct stat *st)
{
    if (!is_ours(st))
        return "it belongs to another user" LC_CONFIG_NAME_IT;
    if (!S_ISREG(st->st_mode))
        return "it is not a regular file";
    return st->st_size > MOST_BYTES ? "it is too large" : NULL;
}

/* Resolve the path of a file: of a link, where it leads when that is in its folder. */
static bool resolve(const struct lc_config *config, char out[PATH_MAX], const char **why)
{
    struct stat st;
    bool stays;

    if (lstat(config->path, &st) != 0)
        return fail_open(config->path, errno);
    *why = S_ISLNK(st.st_mode) && is_ours(&st) ? NULL : find_fault(&st);
    if (*why) /* who made a link chose what it leads to */
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

/* What became of a file since it was looked at is looked at again: it may have been
 * replaced. */
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
        *why = "permission denied"; /* who packed the data decided that */
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

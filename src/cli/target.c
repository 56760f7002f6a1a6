/* Files that are written at paths that the user named. An existing file is not
 * overwritten unless it is known to be worthless, and stays until the new file is
 * complete. */
#include "cli/cli.h"
#include "llava_check/overwrite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const kinds[] = {
    [LC_TARGET_REPORT] = "report",
    [LC_TARGET_BASELINE] = "baseline",
    [LC_TARGET_RESULT] = "result",
    [LC_TARGET_METRICS] = "metrics file",
};

/* Whether a path is another name for a stream that is already open. */
static bool is_open_stream(const char *path)
{
    static const char numbered[] = "/dev/fd/";
    size_t size = sizeof(numbered) - 1;

    return strcmp(path, "/dev/stdout") == 0 || strcmp(path, "/dev/stderr") == 0 ||
           (strncmp(path, numbered, size) == 0 && path[size] &&
            path[size + strspn(path + size, "0123456789")] == '\0');
}

static bool refuse(const struct lc_target *target, const char *what)
{
    lc_complain("%s: %s; cannot write a %s there", target->path, what,
                kinds[target->kind]);
    return false;
}

/* The folder that a path is in, without a trailing slash; NULL if out of memory. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path))
                 : strdup(".");
}

/* Whether the folder of a new file can be written; if not, print an error. */
static bool folder_is_writable(const struct lc_target *target)
{
    char *folder = folder_of(target->path);
    bool good = folder && access(folder, W_OK | X_OK) == 0;

    if (!good && folder && target->kind == LC_TARGET_RESULT)
        lc_complain("%s: cannot write a %s into this folder: %s", folder,
                    kinds[target->kind], strerror(errno));
    else if (!good)
        lc_complain("%s: cannot open the %s: %s", target->path, kinds[target->kind],
                    strerror(errno));
    free(folder);
    return good;
}

/* Open a stream for a descriptor; on failure, close the descriptor and return NULL. */
static FILE *stream_of(int fd, const char *mode)
{
    FILE *file = fd >= 0 ? fdopen(fd, mode) : NULL;

    if (!file && fd >= 0)
        close(fd);
    return file;
}

/* Read the beginning of a file. Returns false if it cannot be read. */
static bool read_head(const char *path, char *to, size_t capacity, size_t *size)
{
    FILE *file = stream_of(
        open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), "r");
    bool good;

    if (!file)
        return false;
    *size = fread(to, 1, capacity, file);
    good = !ferror(file);
    fclose(file);
    return good;
}

/* Whether a regular file is one that a report may replace. */
static bool is_report(const struct lc_target *target)
{
    static const char force[] = "choose another file, or overwrite it with --force";
    char head[LC_REPORT_HEAD_SIZE];
    size_t size;

    if (target->force)
        return true;
    if (!read_head(target->path, head, sizeof(head), &size))
        lc_complain("%s: exists and cannot be read to see whether it is a report: %s; %s",
                    target->path, strerror(errno), force);
    else if (!lc_report_is_one(head, size))
        lc_complain("%s: exists and is not a llava-check report; %s", target->path,
                    force);
    else
        return true;
    return false;
}

/* Whether a regular file contains metrics that an earlier run wrote. */
static bool is_metrics(const struct lc_target *target)
{
    static const char first[] = "# HELP llava_check_";
    char head[sizeof(first) - 1];
    size_t size = 0;

    if (target->force ||
        (read_head(target->path, head, sizeof(head), &size) &&
         (!size || (size == sizeof(head) && memcmp(head, first, sizeof(head)) == 0))))
        return true;
    lc_complain("%s: exists and has no metrics of llava-check; choose another file, or "
                "overwrite it with --force",
                target->path);
    return false;
}

/* Whether the caller allows a result to overwrite an existing file. */
static bool is_forced(const struct lc_target *target)
{
    if (!target->force)
        lc_complain("%s: exists; choose another name, or overwrite it with --force",
                    target->path);
    return target->force;
}

static bool is_baseline(const struct lc_target *target)
{
    struct lc_error error = {0};

    if (lc_baseline_check(target->path, &error) == LC_OK)
        return true;
    lc_complain_about(target->path, &error);
    return false;
}

static bool is_same_file(const char *path, const struct stat *file)
{
    struct stat st;

    return path && stat(path, &st) == 0 && st.st_ino == file->st_ino &&
           st.st_dev == file->st_dev;
}

static bool is_settings_file(const struct lc_settings *settings, const struct stat *file)
{
    for (size_t i = 0; i < LC_ORIGIN_COUNT; i++)
        if (is_same_file(settings->files[i].path, file))
            return true;
    return false;
}

/* Whether a file is not one that the run reads; if it is, print an error. A baseline may
 * replace the baseline that is read. */
static bool is_no_input(const struct lc_target *target,
                        const struct lc_settings *settings)
{
    bool is_data = false;
    struct lc_error error = {0};
    const char *what = NULL;
    struct stat st;

    if (stat(target->path, &st) != 0)
        return true; /* a dangling link */
    if (lc_dataset_has_file(settings->words, settings->word_count, target->path, &is_data,
                            &error) != LC_OK) {
        lc_complain_about(settings->words[error.path], &error);
        return false;
    }
    if (is_data)
        what = "a file of the data set";
    else if (is_settings_file(settings, &st))
        what = "a settings file";
    else if ((target->kind == LC_TARGET_REPORT || target->kind == LC_TARGET_METRICS) &&
             (is_same_file(settings->baseline, &st) ||
              is_same_file(settings->write_baseline, &st)))
        what = "the baseline";
    if (what)
        lc_complain("%s: is %s, which a %s never overwrites; choose another file",
                    target->path, what, kinds[target->kind]);
    return !what;
}

/* Whether a file may replace what is at the path; if not, print an error. */
static bool may_replace(const struct lc_target *target,
                        const struct lc_settings *settings)
{
    if (S_ISLNK(target->was.st_mode)) {
        if (target->force)
            return is_no_input(target, settings);
        lc_complain("%s: is a symbolic link; choose %s", target->path,
                    target->kind == LC_TARGET_BASELINE
                        ? "the file itself"
                        : "another file, or replace the link with --force");
        return false;
    }
    if (!is_no_input(target, settings))
        return false;
    return target->kind == LC_TARGET_REPORT     ? is_report(target)
           : target->kind == LC_TARGET_BASELINE ? is_baseline(target)
           : target->kind == LC_TARGET_METRICS  ? is_metrics(target)
                                                : is_forced(target);
}

/* Whether to write to the path directly, as it is a device: a report to /dev/null, for
 * example, tries out a format. */
static bool is_device(const struct lc_target *target)
{
    return target->existed && S_ISCHR(target->was.st_mode) &&
           target->kind == LC_TARGET_REPORT;
}

bool lc_target_check(struct lc_target *target, const struct lc_settings *settings)
{
    mode_t mode;

    target->existed = false;
    if (is_open_stream(target->path) && target->kind == LC_TARGET_REPORT)
        return true;
    if (!lc_look_at_link(target->path, &target->was, &target->existed))
        return false;
    mode = target->existed ? target->was.st_mode : S_IFREG;
    if (S_ISDIR(mode))
        return refuse(target, "is a folder");
    if (S_ISFIFO(mode))
        return refuse(target, "is a FIFO");
    if (is_device(target))
        return true;
    if (!S_ISREG(mode) && !S_ISLNK(mode))
        return refuse(target, "is not a regular file");
    return (!target->existed || may_replace(target, settings)) &&
           folder_is_writable(target);
}

/* Open a file without a name in the target's folder. It gets a name when it is complete,
 * so a program that is killed leaves nothing. Returns -1 if the file system does not
 * support that. */
static int open_unnamed(struct lc_target *target)
{
    char *folder = folder_of(target->path);
    int fd = folder ? open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;

    free(folder);
    if (fd >= 0 && asprintf(&target->part, "/proc/self/fd/%d", fd) < 0)
        target->part = NULL;
    if (fd >= 0 && (!target->part || access(target->part, R_OK) != 0)) {
        free(target->part);
        target->part = NULL;
        close(fd);
        fd = -1;
    }
    target->is_unnamed = fd >= 0;
    return fd;
}

/* Open a temporary file next to the target, to be renamed to it when complete. */
static int open_named(struct lc_target *target)
{
    size_t size = strlen(target->path) + sizeof(".XXXXXX");
    int fd = -1;

    target->part = malloc(size);
    if (target->part) {
        snprintf(target->part, size, "%s.XXXXXX", target->path);
        fd = mkostemp(target->part, O_CLOEXEC);
    }
    if (fd < 0) {
        free(target->part);
        target->part = NULL;
    }
    return fd;
}

/* Open the file that will become the target. Only a new target can be written without a
 * name until it is complete: no system call replaces an existing file by an unnamed
 * one. */
static FILE *open_part(struct lc_target *target)
{
    mode_t mask = umask(0);
    int fd = -1;

    umask(mask);
    target->is_unnamed = false;
    if (!target->existed)
        fd = open_unnamed(target);
    if (fd < 0)
        fd = open_named(target);
    if (fd < 0)
        return NULL;
    (void)fchmod(fd, 0666 & ~mask); /* the permissions of any new file */
    target->fd = fd;
    return stream_of(fd, "w");
}

/* Open a device, or an open stream again. An open stream may be a file, so it is written
 * at its end. Nothing is created, and a file that has replaced the device is not
 * truncated. */
static FILE *open_special(const struct lc_target *target, int flags)
{
    return stream_of(open(target->path, O_WRONLY | O_NOCTTY | O_CLOEXEC | flags),
                     flags & O_APPEND ? "a" : "w");
}

bool lc_target_open(struct lc_target *target)
{
    if (is_open_stream(target->path))
        target->file = open_special(target, O_APPEND);
    else if (is_device(target))
        target->file = open_special(target, O_NOFOLLOW);
    else
        target->file = open_part(target);
    if (!target->file)
        lc_complain("%s: cannot open the %s: %s", target->path, kinds[target->kind],
                    strerror(errno));
    return target->file != NULL;
}

/* Whether the path is unchanged since it was checked, or passes the check again. */
static bool check_again(struct lc_target *target, const struct lc_settings *settings)
{
    const struct stat *was = &target->was;
    struct stat now;
    bool there;

    if (!lc_look_at_link(target->path, &now, &there))
        return false;
    if (there == target->existed &&
        (!there || (now.st_dev == was->st_dev && now.st_ino == was->st_ino &&
                    now.st_size == was->st_size &&
                    memcmp(&now.st_ctim, &was->st_ctim, sizeof(now.st_ctim)) == 0)))
        return true;
    return lc_target_check(target, settings);
}

/* Replace a file that appeared since the check by a file without a name, which first
 * needs a temporary name to be renamed. */
static bool replace_by_unnamed(const struct lc_target *target)
{
    char *name = NULL;
    bool good;

    if (asprintf(&name, "%s.%06lx", target->path, (unsigned long)getpid() & 0xffffff) < 0)
        return false;
    good = linkat(AT_FDCWD, target->part, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
    if (good && rename(name, target->path) != 0) {
        int number = errno;

        (void)unlink(name);
        errno = number;
        good = false;
    }
    free(name);
    return good;
}

/* Give the complete file its name. */
static bool name_part(const struct lc_target *target)
{
    if (!target->is_unnamed)
        return rename(target->part, target->path) == 0;
    if (linkat(AT_FDCWD, target->part, AT_FDCWD, target->path, AT_SYMLINK_FOLLOW) == 0)
        return true;
    return errno == EEXIST && target->existed && replace_by_unnamed(target);
}

bool lc_target_finish(struct lc_target *target, const struct lc_settings *settings)
{
    bool good = fflush(target->file) == 0 &&
                (target->kind != LC_TARGET_RESULT || fsync(target->fd) == 0);

    if (!target->is_unnamed) {
        good &= fclose(target->file) == 0;
        target->file = NULL;
    }
    if (good && target->part) {
        if (!check_again(target, settings))
            return false;
        good = name_part(target);
    }
    if (!good) {
        lc_complain("%s: cannot write the %s: %s", target->path, kinds[target->kind],
                    strerror(errno));
        return false;
    }
    if (target->is_unnamed)
        fclose(target->file);
    target->file = NULL;
    free(target->part);
    target->part = NULL;
    return true;
}

void lc_target_drop(struct lc_target *target)
{
    if (target->file)
        fclose(target->file);
    if (target->part && !target->is_unnamed)
        unlink(target->part);
    free(target->part);
    target->file = NULL;
    target->part = NULL;
}

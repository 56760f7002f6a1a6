#include "index/write/folder.h"

#include "base/clock.h"
#include "base/path.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static enum lc_status write_file(const char *folder, const char *name, const char *text,
                                 struct lc_error *err)
{
    enum lc_status status;
    char *path = NULL;
    FILE *file = NULL;

    status = lc_path_join(folder, name, &path, err);
    if (status != LC_OK)
        return status;
    file = fopen(path, "wex");
    if (!file && errno == EEXIST)
        goto out;
    if (!file || fputs(text, file) == EOF)
        status = lc_fail_errno(err, "write into the index folder");
    if (file && fclose(file) != 0 && status == LC_OK)
        status = lc_fail_errno(err, "write into the index folder");
out:
    free(path);
    return status;
}

/* A new folder gets files that tell git and backups to skip it. An existing one is the
 * user's, so nothing is added to it. */
enum lc_status lc_index_make_folder(const char *folder, struct lc_error *err)
{
    enum lc_status status;

    for (const char *slash = strchr(folder + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        char *above = strndup(folder, (size_t)(slash - folder));

        if (!above)
            return lc_fail_memory(err);
        (void)mkdir(above, 0777); /* a failure shows below */
        free(above);
    }
    if (mkdir(folder, 0777) != 0)
        return errno == EEXIST ? LC_OK : lc_fail_errno(err, "create the index folder");
    status = write_file(folder, LC_TAG_FILE,
                        "Signature: 8a477f597d28d172789f06886806bc55\n"
                        "# " LC_TAG_MARK "; see https://bford.info/cachedir/\n",
                        err);
    return status == LC_OK ? write_file(folder, ".gitignore", "*\n", err) : status;
}

enum lc_status lc_index_open_in_place(const char *path, const char *name, int *fd,
                                      struct lc_error *err)
{
    const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    enum lc_status status = LC_OK;
    struct stat st;

    *fd = -1;
    if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
        errno = ELOOP; /* do not open it: opening a device may have side effects */
    else
        *fd = open(path, flags, 0666);
    if (*fd < 0 && errno != ELOOP)
        return lc_fail_errno(err, "write into the index folder");
    if (*fd >= 0 && fstat(*fd, &st) != 0)
        status = lc_fail_errno(err, "inspect a file of the index folder");
    else if (*fd < 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1)
        status = lc_fail(err, LC_ERR_INDEX, 0,
                         "its file '%s' is a link or not a regular file; remove it, or "
                         "name another folder with --index",
                         name);
    if (status != LC_OK && *fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    return status;
}

enum lc_status lc_index_replace_file(const char *path, int *fd, struct lc_error *err)
{
    *fd = -1;
    if (unlink(path) != 0 && errno != ENOENT)
        return lc_fail_errno(err, "remove an unfinished index");
    *fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return *fd >= 0 ? LC_OK : lc_fail_errno(err, "create the index");
}

/* flock, because the kernel releases the lock whenever and however the process ends. */
enum lc_status lc_index_lock(const char *folder, int *lock, struct lc_error *err)
{
    char *path = NULL, text[sizeof(LC_LOCK_MARK) + 24] = "", *process;
    enum lc_status status = lc_path_join(folder, LC_LOCK_FILE, &path, err);
    ssize_t n;

    if (status != LC_OK)
        return status;
    status = lc_index_open_in_place(path, LC_LOCK_FILE, lock, err);
    free(path);
    if (status != LC_OK)
        return status;
    if (flock(*lock, LOCK_EX | LOCK_NB) == 0) {
        int size = snprintf(text, sizeof(text), LC_LOCK_MARK "%ld\n", (long)getpid());

        if (ftruncate(*lock, 0) != 0 || (n = pwrite(*lock, text, (size_t)size, 0)) < 0)
            return lc_fail_errno(err, "write into the index folder");
        return n == size ? LC_OK
                         : lc_fail(err, LC_ERR_IO, 0,
                                   "write to the index folder: incomplete write");
    }
    if (errno != EWOULDBLOCK)
        return lc_fail_errno(err, "lock the index");
    n = pread(*lock, text, sizeof(text) - 1, 0);
    text[n > 0 ? strcspn(text, "\n") : 0] = '\0';
    process = text + strcspn(text, "0123456789");
    return lc_fail(
        err, LC_ERR_INDEX, 0,
        "the index is in use by another run (process %s); wait for it, or choose "
        "another folder with --index",
        *process ? process : "unknown");
}

enum lc_status lc_index_location(const char *folder, struct lc_index_location *out,
                                 struct lc_error *err)
{
    char *path = NULL;
    enum lc_status status = lc_path_join(folder, LC_LOCK_FILE, &path, err);
    struct stat st;
    struct statx birth;

    *out = (struct lc_index_location){0};
    if (status != LC_OK)
        return status;
    if (lstat(path, &st) != 0) {
        status = lc_fail_errno(err, "read the index folder");
    } else {
        out->device = st.st_dev;
        out->inode = st.st_ino;
        if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BTIME, &birth) == 0 &&
            birth.stx_mask & STATX_BTIME)
            out->birth_ns = lc_clock_ns(birth.stx_btime.tv_sec, birth.stx_btime.tv_nsec);
    }
    free(path);
    return status;
}

/* The rename must reach the disk, too. */
enum lc_status lc_index_sync_folder(const char *folder, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    /* some file systems cannot sync a folder; that is not a failure */
    if (fd >= 0 && fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP &&
        errno != EROFS)
        status = lc_fail_errno(err, "sync the index folder");
    if (fd >= 0)
        close(fd);
    return status;
}

/* ---- temporary files ---- */

static const char *temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");

    return folder && *folder ? folder : "/tmp";
}

/* Report that something could not be done, and in which folder. */
static enum lc_status fail_in(const char *what, const char *folder, struct lc_error *err)
{
    int number = errno;
    char quote[120], text[180];

    if (!folder)
        folder = temporary_folder();
    (void)snprintf(
        text, sizeof(text), "%s in %s", what,
        lc_text_quote((struct lc_span){folder, strlen(folder)}, quote, sizeof(quote)));
    errno = number;
    return lc_fail_errno(err, text);
}

/* Create and open an empty file with a new name in a folder. */
static enum lc_status make_temporary(const char *folder, char **path, int *fd,
                                     struct lc_error *err)
{
    enum lc_status status = lc_path_join(folder, "llava-check-XXXXXX", path, err);

    if (status != LC_OK)
        return status;
    *fd = mkostemp(*path, O_CLOEXEC);
    return *fd >= 0 ? LC_OK : fail_in("create a temporary file", folder, err);
}

enum lc_status lc_index_temporary(char **out, int *fd, struct lc_error *err)
{
    return make_temporary(temporary_folder(), out, fd, err);
}

enum lc_status lc_index_scratch(const char *folder, int *fd, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    char *path = NULL;

    if (!folder)
        folder = temporary_folder();
    /* a file without a name is never left behind; not every file system supports that */
    *fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (*fd >= 0)
        return LC_OK;
    status = make_temporary(folder, &path, fd, err);
    if (status == LC_OK)
        (void)unlink(path);
    free(path);
    return status;
}

enum lc_status lc_index_scratch_write(const char *folder, int fd, uint64_t at,
                                      const void *data, size_t size, struct lc_error *err)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n;

        errno = 0;
        n = pwrite(fd, (const char *)data + done, size - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail_in("write a temporary file", folder, err);
        done += (size_t)n;
    }
    return LC_OK;
}

enum lc_status lc_index_scratch_read(const char *folder, int fd, uint64_t at, void *out,
                                     size_t size, struct lc_error *err)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = pread(fd, (char *)out + done, size - done, (off_t)(at + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = ENODATA; /* another program has truncated it */
        if (n <= 0)
            return fail_in("read a temporary file", folder, err);
        done += (size_t)n;
    }
    return LC_OK;
}

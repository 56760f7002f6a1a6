/* slow_fs.c - a file system that shows a folder with the latency of a network
 *
 *     slow_fs FOLDER MOUNTPOINT [-o open=US,read=US,stat=US,jitter=US,suffix=TEXT,direct]
 *
 * Opening a file, reading 128 KiB of it, or a stat takes the given number of microseconds
 * longer, plus or minus a random part of the jitter. With a suffix, only files whose
 * names end with it are delayed. The kernel caches neither attributes nor, between two
 * opens, contents. "direct" bypasses the page cache, so that mappings cannot be shared,
 * as on some cluster file systems. Other options are FUSE's.
 *
 * tests/latency/latency.c delays the calls of one process; this also delays what the
 * kernel does on its own: io_uring, read-ahead and mapped files. */
#define FUSE_USE_VERSION 312

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define READ_PIECE 131072
#define MOST_THREADS 600 /* each waits for one request */

struct settings {
    const char *folder;
    const char *suffix;
    int open_us, read_us, stat_us, jitter_us;
    int direct;
};
static struct settings settings;

static int root = -1; /* the folder */

/* xorshift64, seeded per thread: good enough for jitter */
static uint64_t next_random(void)
{
    static _Thread_local uint64_t state;

    if (!state)
        state = (uint64_t)(uintptr_t)&state | 1;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state >> 11;
}

static void wait_for(const char *path, int us, size_t times)
{
    size_t size = strlen(path), end = settings.suffix ? strlen(settings.suffix) : 0;
    int64_t all = (int64_t)us * (int64_t)times;
    int64_t spread = settings.jitter_us < all ? settings.jitter_us : all;

    if (all <= 0 || size < end ||
        (end && strcmp(path + size - end, settings.suffix) != 0))
        return;
    if (spread > 0)
        all += (int64_t)(next_random() % (uint64_t)(2 * spread + 1)) - spread;
    nanosleep(&(struct timespec){all / 1000000, all % 1000000 * 1000}, NULL);
}

/* Convert FUSE's path, which begins with a slash, to a path relative to the folder; "."
 * is the folder itself. */
static const char *below(const char *path)
{
    return path[1] ? path + 1 : ".";
}

static int result_of(int returned)
{
    return returned < 0 ? -errno : 0;
}

/* ---- attributes and folders ---- */

static int slow_getattr(const char *path, struct stat *out, struct fuse_file_info *info)
{
    wait_for(path, settings.stat_us, 1);
    return result_of(info ? fstat((int)info->fh, out)
                          : fstatat(root, below(path), out, AT_SYMLINK_NOFOLLOW));
}

static int slow_access(const char *path, int mask)
{
    return result_of(faccessat(root, below(path), mask, 0));
}

static int slow_readlink(const char *path, char *out, size_t size)
{
    ssize_t length = readlinkat(root, below(path), out, size - 1);

    if (length < 0)
        return -errno;
    out[length] = '\0';
    return 0;
}

static int slow_readdir(const char *path, void *to, fuse_fill_dir_t fill, off_t offset,
                        struct fuse_file_info *info, enum fuse_readdir_flags flags)
{
    int fd = openat(root, below(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;

    (void)offset; /* the whole folder in one call */
    (void)info;
    (void)flags;
    if (!folder)
        return -errno;
    while ((entry = readdir(folder)))
        if (fill(to, entry->d_name, NULL, 0, 0))
            break;
    closedir(folder);
    return 0;
}

/* ---- files ---- */

static int slow_open(const char *path, struct fuse_file_info *info)
{
    int fd;

    wait_for(path, settings.open_us, 1);
    fd = openat(root, below(path), info->flags & ~O_NOFOLLOW, 0);
    if (fd < 0)
        return -errno;
    info->fh = (uint64_t)fd;
    info->direct_io = settings.direct != 0;
    return 0;
}

static int slow_create(const char *path, mode_t mode, struct fuse_file_info *info)
{
    int fd = openat(root, below(path), info->flags | O_CREAT, mode);

    if (fd < 0)
        return -errno;
    info->fh = (uint64_t)fd;
    info->direct_io = settings.direct != 0;
    return 0;
}

static int slow_read(const char *path, char *to, size_t size, off_t at,
                     struct fuse_file_info *info)
{
    ssize_t length = pread((int)info->fh, to, size, at);

    if (length > 0)
        wait_for(path, settings.read_us, ((size_t)length + READ_PIECE - 1) / READ_PIECE);
    return length < 0 ? -errno : (int)length;
}

static int slow_write(const char *path, const char *from, size_t size, off_t at,
                      struct fuse_file_info *info)
{
    ssize_t length = pwrite((int)info->fh, from, size, at);

    (void)path;
    return length < 0 ? -errno : (int)length;
}

static int slow_release(const char *path, struct fuse_file_info *info)
{
    (void)path;
    return result_of(close((int)info->fh));
}

static int slow_fsync(const char *path, int data_only, struct fuse_file_info *info)
{
    (void)path;
    return result_of(data_only ? fdatasync((int)info->fh) : fsync((int)info->fh));
}

static int slow_truncate(const char *path, off_t size, struct fuse_file_info *info)
{
    int fd = info ? (int)info->fh : openat(root, below(path), O_WRONLY | O_CLOEXEC);
    int result = fd < 0 ? -errno : result_of(ftruncate(fd, size));

    if (!info && fd >= 0)
        close(fd);
    return result;
}

/* ---- names ---- */

static int slow_mkdir(const char *path, mode_t mode)
{
    return result_of(mkdirat(root, below(path), mode));
}

static int slow_unlink(const char *path)
{
    return result_of(unlinkat(root, below(path), 0));
}

static int slow_rmdir(const char *path)
{
    return result_of(unlinkat(root, below(path), AT_REMOVEDIR));
}

static int slow_rename(const char *from, const char *to, unsigned flags)
{
    return result_of(renameat2(root, below(from), root, below(to), flags));
}

static int slow_link(const char *from, const char *to)
{
    return result_of(linkat(root, below(from), root, below(to), 0));
}

static int slow_symlink(const char *target, const char *path)
{
    return result_of(symlinkat(target, root, below(path)));
}

static int slow_chmod(const char *path, mode_t mode, struct fuse_file_info *info)
{
    (void)info;
    return result_of(fchmodat(root, below(path), mode, 0));
}

static int slow_utimens(const char *path, const struct timespec times[2],
                        struct fuse_file_info *info)
{
    (void)info;
    return result_of(utimensat(root, below(path), times, AT_SYMLINK_NOFOLLOW));
}

/* ---- the file system ---- */

static void *begin(struct fuse_conn_info *connection, struct fuse_config *config)
{
    connection->max_background = MOST_THREADS; /* reads in flight; by default 12 */
    connection->congestion_threshold = MOST_THREADS;
    config->entry_timeout = 0;
    config->attr_timeout = 0;
    config->negative_timeout = 0;
    config->use_ino = 1;
    config->nullpath_ok = 0;
    return NULL;
}

static const struct fuse_operations operations = {
    .init = begin,
    .getattr = slow_getattr,
    .access = slow_access,
    .readlink = slow_readlink,
    .readdir = slow_readdir,
    .open = slow_open,
    .create = slow_create,
    .read = slow_read,
    .write = slow_write,
    .release = slow_release,
    .fsync = slow_fsync,
    .truncate = slow_truncate,
    .mkdir = slow_mkdir,
    .unlink = slow_unlink,
    .rmdir = slow_rmdir,
    .rename = slow_rename,
    .link = slow_link,
    .symlink = slow_symlink,
    .chmod = slow_chmod,
    .utimens = slow_utimens,
};

/* Keep the first argument that is not an option as the folder; all others are FUSE's. */
static int keep_folder(void *data, const char *argument, int key, struct fuse_args *args)
{
    (void)data;
    (void)args;
    if (key != FUSE_OPT_KEY_NONOPT || settings.folder)
        return 1;
    settings.folder = argument;
    return 0;
}

int main(int argc, char **argv)
{
    const struct fuse_opt options[] = {
        {"open=%d", offsetof(struct settings, open_us), 0},
        {"read=%d", offsetof(struct settings, read_us), 0},
        {"stat=%d", offsetof(struct settings, stat_us), 0},
        {"jitter=%d", offsetof(struct settings, jitter_us), 0},
        {"suffix=%s", offsetof(struct settings, suffix), 0},
        {"direct", offsetof(struct settings, direct), 1},
        FUSE_OPT_END,
    };
    struct fuse_args args = FUSE_ARGS_INIT(argc, argv);
    int result;

    if (fuse_opt_parse(&args, &settings, options, keep_folder) != 0 || !settings.folder) {
        fputs("usage: slow_fs FOLDER MOUNTPOINT [-o OPTIONS]\n", stderr);
        return 2;
    }
    root = open(settings.folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) {
        perror(settings.folder);
        return 2;
    }
    (void)umask(0); /* the kernel applies the calling program's umask */
    result = fuse_main(args.argc, args.argv, &operations, NULL);
    fuse_opt_free_args(&args);
    return result;
}

/* no_shared_maps.c - simulate a file system without shared mappings, such as FUSE with
 * direct_io
 *
 * Load it with LD_PRELOAD: mmap() with MAP_SHARED then fails with ENODEV for files below
 * the folder that NO_SHARED_MAPS names. Source of the error: Linux,
 * fs/fuse/file.c, fuse_file_mmap().
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef void *mmap_fn(void *, size_t, int, int, int, off_t);

static int is_below(int fd, const char *folder)
{
    char link[64], path[4096];
    ssize_t size;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    size = readlink(link, path, sizeof(path) - 1);
    return size > 0 && strncmp(path, folder, strlen(folder)) == 0;
}

__attribute__((visibility("default"))) void *
mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    const char *folder = getenv("NO_SHARED_MAPS");
    mmap_fn *next;

    if (flags & MAP_SHARED && fd >= 0 && folder && is_below(fd, folder)) {
        errno = ENODEV;
        return MAP_FAILED;
    }
    *(void **)&next = dlsym(RTLD_NEXT, "mmap");
    return next(address, size, protection, flags, fd, offset);
}

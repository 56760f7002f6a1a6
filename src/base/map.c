#include "base/map.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each step costs a system call, so steps are large. */
#define FETCH_STEP ((size_t)1 << 20)
#define DROP_STEP ((size_t)8 << 20)

static size_t page_round(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (size + page - 1) / page * page;
}

/* Map the file over the beginning of anonymous zero pages; the pages after it are
 * readable padding. */
static enum lc_status map_padded(int fd, struct lc_map *map, struct lc_error *err)
{
    map->length = page_round(map->size) + page_round(LC_MAP_PADDING);
    map->base = mmap(NULL, map->length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map->base == MAP_FAILED) {
        map->base = NULL;
        return lc_fail_errno(err, "map the file");
    }
    if (map->size && mmap(map->base, map->size, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd,
                          0) == MAP_FAILED)
        return lc_fail_errno(err, "map the file");
    map->data = map->base;
    (void)madvise(map->base, map->length, MADV_SEQUENTIAL); /* only advice */
    return LC_OK;
}

static enum lc_status fail_not_regular(const struct stat *st, struct lc_error *err)
{
    return lc_fail(err, LC_ERR_USAGE, 0, "%s",
                   S_ISDIR(st->st_mode) ? "is a folder where a file is expected"
                                        : "is not a regular file");
}

/* Open a file if it is regular: opening a FIFO or device may have side effects. The
 * caller closes *fd unless it is -1, also on failure. */
static enum lc_status open_regular(const char *path, int *fd, struct lc_map *map,
                                   struct lc_error *err)
{
    struct stat st;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return fail_not_regular(&st, err);
    *fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*fd < 0 || fstat(*fd, &st) != 0)
        return lc_fail_errno(err, "open");
    if (!S_ISREG(st.st_mode))
        return fail_not_regular(&st, err);
    map->size = (size_t)st.st_size;
    map->mtime_ns = lc_clock_of(&st.st_mtim);
    map->ctime_ns = lc_clock_of(&st.st_ctim);
    map->inode = (uint64_t)st.st_ino;
    map->device = (uint64_t)st.st_dev;
    return LC_OK;
}

enum lc_status lc_map_open(const char *path, struct lc_map *out, struct lc_error *err)
{
    struct lc_map map = {0};
    int fd = -1;
    enum lc_status status = open_regular(path, &fd, &map, err);

    if (status == LC_OK)
        status = map_padded(fd, &map, err);
    if (status == LC_OK)
        *out = map;
    else
        lc_map_close(&map);
    if (fd >= 0)
        close(fd);
    return status;
}

enum lc_status lc_map_probe(const char *path, struct lc_map *out, struct lc_error *err)
{
    struct lc_map map = {0};
    int fd = -1;
    enum lc_status status = open_regular(path, &fd, &map, err);

    if (status == LC_OK)
        *out = map;
    if (fd >= 0)
        close(fd);
    return status;
}

void lc_map_close(struct lc_map *map)
{
    if (!map || !map->base)
        return;
    munmap(map->base, map->length);
    *map = (struct lc_map){0};
}

size_t lc_map_prefetch(const struct lc_map *map, size_t from, size_t at)
{
    size_t end = from;

    while (end < at + FETCH_STEP && end < map->size)
        end += FETCH_STEP;
#ifdef MADV_POPULATE_READ
    if (end > from)
        (void)madvise((char *)map->base + from,
                      (end < map->size ? end : map->size) - from,
                      MADV_POPULATE_READ); /* only advice, which old systems do not
                                              know */
#endif
    return end;
}

size_t lc_map_drop(const struct lc_map *map, size_t from, size_t to)
{
    size_t end = (to < map->size ? to : map->size) / DROP_STEP * DROP_STEP;

    if (end <= from || !map->base)
        return from;
    (void)madvise((char *)map->base + from, end - from, MADV_DONTNEED); /* only advice */
    return end;
}

/* latency.c - simulate storage with a high latency; load it with LD_PRELOAD
 *
 * Calls that open, read or stat a file are delayed. The environment has the delays in
 * microseconds:
 *
 *   LATENCY_OPEN     each open
 *   LATENCY_READ     each 128 KiB, or part of it, that a read returns
 *   LATENCY_STAT     each stat
 *   LATENCY_JITTER   a random part of at most this is added or subtracted, uniformly
 *   LATENCY_SUFFIX   delay only calls for files whose names end with it (default: all)
 *   LATENCY_REPORT   write to this file, at exit, the number of delayed calls and the
 *                    largest number of them at the same time
 *
 * A delayed thread sleeps, as it does while a file system waits for the network. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MOST_FILES 4096
#define READ_PIECE 131072

enum call { OPEN, READ, STAT, CALLS };

static const char *const names[CALLS] = {"LATENCY_OPEN", "LATENCY_READ", "LATENCY_STAT"};
static int64_t delays_us[CALLS], jitter_us;
static const char *suffix, *report;
static atomic_bool is_slow[MOST_FILES]; /* by descriptor */
static atomic_ulong counts[CALLS];
static atomic_int now[CALLS], most[CALLS]; /* calls in progress */
static _Thread_local uint64_t random_state;

static int64_t number_of(const char *name)
{
    const char *text = getenv(name);

    return text ? atoll(text) : 0;
}

__attribute__((constructor)) static void begin(void)
{
    for (int i = 0; i < CALLS; i++)
        delays_us[i] = number_of(names[i]);
    jitter_us = number_of("LATENCY_JITTER");
    suffix = getenv("LATENCY_SUFFIX");
    report = getenv("LATENCY_REPORT");
}

__attribute__((destructor)) static void end(void)
{
    FILE *to = report ? fopen(report, "we") : NULL;

    for (int i = 0; to && i < CALLS; i++)
        fprintf(to, "%s %lu %d\n", names[i], counts[i], most[i]);
    if (to)
        fclose(to);
}

/* xorshift64, seeded per thread: good enough for jitter */
static uint64_t next_random(void)
{
    if (!random_state)
        random_state = (uint64_t)(uintptr_t)&random_state | 1;
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state >> 11;
}

static void wait_for(enum call call, int64_t times)
{
    int64_t us = delays_us[call] * times, spread = jitter_us < us ? jitter_us : us;
    int before = errno, running;
    struct timespec left;

    if (us <= 0)
        return;
    if (spread > 0)
        us += (int64_t)(next_random() % (uint64_t)(2 * spread + 1)) - spread;
    left = (struct timespec){us / 1000000, us % 1000000 * 1000};
    atomic_fetch_add(&counts[call], 1);
    running = atomic_fetch_add(&now[call], 1) + 1;
    for (int seen = most[call]; running > seen;)
        if (atomic_compare_exchange_weak(&most[call], &seen, running))
            break;
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
    atomic_fetch_sub(&now[call], 1);
    errno = before;
}

static bool is_meant(const char *path)
{
    size_t size = strlen(path), end = suffix ? strlen(suffix) : 0;

    return size >= end && (!end || strcmp(path + size - end, suffix) == 0);
}

static int opened(int fd, const char *path)
{
    bool meant = is_meant(path);

    if (meant)
        wait_for(OPEN, 1);
    if (fd >= 0 && fd < MOST_FILES)
        atomic_store(&is_slow[fd], meant);
    return fd;
}

static ssize_t was_read(int fd, ssize_t size)
{
    if (size > 0 && fd >= 0 && fd < MOST_FILES && is_slow[fd])
        wait_for(READ, (size + READ_PIECE - 1) / READ_PIECE);
    return size;
}

static void inspects(const char *path)
{
    if (is_meant(path))
        wait_for(STAT, 1);
}

/* ---- The replaced functions. Each looks up its original in every call, so that threads
 * share no state; that takes less than a microsecond. */

#define SHOWN __attribute__((visibility("default")))

static void *find(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (!found)
        abort();
    return found;
}

typedef int open_fn(const char *, int, ...);
typedef int openat_fn(int, const char *, int, ...);
typedef ssize_t read_fn(int, void *, size_t);
typedef ssize_t read_chk_fn(int, void *, size_t, size_t);
typedef ssize_t pread_fn(int, void *, size_t, off_t);
typedef int fstatat_fn(int, const char *, struct stat *, int);
typedef int stat_fn(const char *, struct stat *);
typedef int statx_fn(int, const char *, int, unsigned, struct statx *);

static int mode_of(int flags, va_list rest)
{
    return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, int) : 0;
}

#define OPEN_AS(name)                                                                    \
    SHOWN int name(const char *path, int flags, ...);                                    \
    SHOWN int name(const char *path, int flags, ...)                                     \
    {                                                                                    \
        open_fn *next;                                                                   \
        va_list rest;                                                                    \
        int mode;                                                                        \
                                                                                         \
        *(void **)&next = find(#name);                                                   \
        va_start(rest, flags);                                                           \
        mode = mode_of(flags, rest);                                                     \
        va_end(rest);                                                                    \
        return opened(next(path, flags, mode), path);                                    \
    }

#define OPENAT_AS(name)                                                                  \
    SHOWN int name(int at, const char *path, int flags, ...);                            \
    SHOWN int name(int at, const char *path, int flags, ...)                             \
    {                                                                                    \
        openat_fn *next;                                                                 \
        va_list rest;                                                                    \
        int mode;                                                                        \
                                                                                         \
        *(void **)&next = find(#name);                                                   \
        va_start(rest, flags);                                                           \
        mode = mode_of(flags, rest);                                                     \
        va_end(rest);                                                                    \
        return opened(next(at, path, flags, mode), path);                                \
    }

#define PREAD_AS(name)                                                                   \
    SHOWN ssize_t name(int fd, void *to, size_t size, off_t at);                         \
    SHOWN ssize_t name(int fd, void *to, size_t size, off_t at)                          \
    {                                                                                    \
        pread_fn *next;                                                                  \
                                                                                         \
        *(void **)&next = find(#name);                                                   \
        return was_read(fd, next(fd, to, size, at));                                     \
    }

#define FSTATAT_AS(name)                                                                 \
    SHOWN int name(int at, const char *path, struct stat *to, int flags);                \
    SHOWN int name(int at, const char *path, struct stat *to, int flags)                 \
    {                                                                                    \
        fstatat_fn *next;                                                                \
                                                                                         \
        *(void **)&next = find(#name);                                                   \
        inspects(path);                                                                  \
        return next(at, path, to, flags);                                                \
    }

#define STAT_AS(name)                                                                    \
    SHOWN int name(const char *path, struct stat *to);                                   \
    SHOWN int name(const char *path, struct stat *to)                                    \
    {                                                                                    \
        stat_fn *next;                                                                   \
                                                                                         \
        *(void **)&next = find(#name);                                                   \
        inspects(path);                                                                  \
        return next(path, to);                                                           \
    }

OPEN_AS(open)
OPEN_AS(open64)
OPENAT_AS(openat)
OPENAT_AS(openat64)
PREAD_AS(pread)
PREAD_AS(pread64)
FSTATAT_AS(fstatat)
STAT_AS(stat)
STAT_AS(lstat)

SHOWN ssize_t read(int fd, void *to, size_t size)
{
    read_fn *next;

    *(void **)&next = find("read");
    return was_read(fd, next(fd, to, size));
}

SHOWN ssize_t __read_chk(int fd, void *to, size_t size, size_t capacity); /* NOLINT */
SHOWN ssize_t __read_chk(int fd, void *to, size_t size, size_t capacity)  /* NOLINT */
{
    read_chk_fn *next;

    *(void **)&next = find("__read_chk");
    return was_read(fd, next(fd, to, size, capacity));
}

SHOWN int statx(int at, const char *restrict path, int flags, unsigned mask,
                struct statx *restrict to)
{
    statx_fn *next;

    *(void **)&next = find("statx");
    inspects(path);
    return next(at, path, flags, mask, to);
}

/* special.c - wrap calls that do not fail just by returning a value: optional arguments,
 * fewer bytes than requested, streams, threads
 */
#include "inject.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define DECLARE(type, name, ...)                                                         \
    type __real_##name(__VA_ARGS__);                                                     \
    type __wrap_##name(__VA_ARGS__)

DECLARE(int, open, const char *path, int flags, ...);
DECLARE(int, openat, int folder, const char *path, int flags, ...);
DECLARE(int, asprintf, char **out, const char *format, ...);
DECLARE(int, __asprintf_chk, char **out, int flag, const char *format, ...);
DECLARE(int, __open_2, const char *path, int flags);
DECLARE(char *, __realpath_chk, const char *path, char *out, size_t capacity);
DECLARE(ssize_t, read, int fd, void *to, size_t size);
DECLARE(ssize_t, pread, int fd, void *to, size_t size, off_t at);
DECLARE(ssize_t, write, int fd, const void *from, size_t size);
DECLARE(ssize_t, pwrite, int fd, const void *from, size_t size, off_t at);
DECLARE(ssize_t, writev, int fd, const struct iovec *pieces, int count);
DECLARE(void *, mmap, void *at, size_t size, int may, int flags, int fd, off_t from);
DECLARE(int, fstat, int fd, struct stat *st);
DECLARE(FILE *, fopen, const char *path, const char *mode);
DECLARE(FILE *, fdopen, int fd, const char *mode);
DECLARE(int, fileno, FILE *file);
DECLARE(FILE *, fopencookie, void *cookie, const char *mode, cookie_io_functions_t calls);
DECLARE(int, pthread_create, pthread_t *out, const pthread_attr_t *how,
        void *(*run)(void *), void *argument);
DECLARE(void *, malloc, size_t size);
DECLARE(int, mdb_txn_commit, MDB_txn *txn);

/* Whether the call fails, with errno set. */
static bool fails(enum lc_call call)
{
    int code = lc_fault_due(call);

    if (code)
        errno = code;
    return code != 0;
}

/* Return how many bytes a call must request; 0: it fails. */
static size_t bytes_of(enum lc_call call, size_t size)
{
    int code = lc_fault_due(call);

    if (code == LC_CODE_SHORT)
        return size > 1 ? size / 2 : size;
    if (code)
        errno = code;
    return code ? 0 : size;
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list more;
    mode_t mode;

    va_start(more, flags);
    mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return fails(LC_CALL_open) ? -1 : __real_open(path, flags, mode);
}

int __wrap_openat(int folder, const char *path, int flags, ...)
{
    va_list more;
    mode_t mode;

    va_start(more, flags);
    mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return fails(LC_CALL_openat) ? -1 : __real_openat(folder, path, flags, mode);
}

static int print_anew(char **out, const char *format, va_list more)
{
    return fails(LC_CALL_asprintf) ? -1 : vasprintf(out, format, more);
}

int __wrap_asprintf(char **out, const char *format, ...)
{
    va_list more;
    int length;

    va_start(more, format);
    length = print_anew(out, format, more);
    va_end(more);
    return length;
}

int __wrap___asprintf_chk(char **out, int flag, const char *format, ...)
{
    va_list more;
    int length;

    (void)flag;
    va_start(more, format);
    length = print_anew(out, format, more);
    va_end(more);
    return length;
}

int __wrap___open_2(const char *path, int flags)
{
    return fails(LC_CALL_open) ? -1 : __real___open_2(path, flags);
}

char *__wrap___realpath_chk(const char *path, char *out, size_t capacity)
{
    return fails(LC_CALL_realpath) ? NULL : __real___realpath_chk(path, out, capacity);
}

ssize_t __wrap_read(int fd, void *to, size_t size)
{
    size_t some = bytes_of(LC_CALL_read, size);

    return some || !size ? __real_read(fd, to, some) : -1;
}

ssize_t __wrap_pread(int fd, void *to, size_t size, off_t at)
{
    size_t some = bytes_of(LC_CALL_pread, size);

    return some || !size ? __real_pread(fd, to, some, at) : -1;
}

ssize_t __wrap_write(int fd, const void *from, size_t size)
{
    size_t some = bytes_of(LC_CALL_write, size);

    return some || !size ? __real_write(fd, from, some) : -1;
}

ssize_t __wrap_pwrite(int fd, const void *from, size_t size, off_t at)
{
    size_t some = bytes_of(LC_CALL_pwrite, size);

    return some || !size ? __real_pwrite(fd, from, some, at) : -1;
}

/* Cut off the second half of an open file, as others might. */
static void cut(int fd)
{
    char path[64];
    struct stat st;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (fd >= 0 && __real_fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        truncate(path, st.st_size / 2) != 0)
        abort();
}

/* Of several pieces, the first ones. */
ssize_t __wrap_writev(int fd, const struct iovec *pieces, int count)
{
    size_t some = bytes_of(LC_CALL_writev, (size_t)count);

    return some || !count ? __real_writev(fd, pieces, (int)some) : -1;
}

void *__wrap_mmap(void *at, size_t size, int may, int flags, int fd, off_t from)
{
    int code = lc_fault_due(LC_CALL_mmap);
    void *map = NULL;

    if (code && code != LC_CODE_CUT) {
        errno = code;
        return MAP_FAILED;
    }
    map = __real_mmap(at, size, may, flags, fd, from);
    if (code == LC_CODE_CUT)
        cut(fd);
    return map;
}

int __wrap_fstat(int fd, struct stat *st)
{
    int code = lc_fault_due(LC_CALL_fstat), rc;

    if (code && code != LC_CODE_CUT) {
        errno = code;
        return -1;
    }
    rc = __real_fstat(fd, st);
    if (code == LC_CODE_CUT)
        cut(fd);
    return rc;
}

int __wrap_mdb_txn_commit(MDB_txn *txn)
{
    int code = lc_fault_due(LC_CALL_mdb_txn_commit);

    if (!code)
        return __real_mdb_txn_commit(txn);
    mdb_txn_abort(txn); /* a commit always frees the transaction, even if it fails */
    return code;
}

/* ---- streams: the C library's own reads and writes are not wrapped ---- */

static ssize_t stream_read(void *cookie, char *to, size_t size)
{
    size_t some = bytes_of(LC_CALL_stream_read, size);

    return some || !size ? __real_read((int)(intptr_t)cookie, to, some) : -1;
}

static ssize_t stream_write(void *cookie, const char *from, size_t size)
{
    size_t some = bytes_of(LC_CALL_stream_write, size);

    return some || !size ? __real_write((int)(intptr_t)cookie, from, some) : 0;
}

static int stream_close(void *cookie)
{
    bool failed = fails(LC_CALL_stream_close);
    int number = errno;

    close((int)(intptr_t)cookie);
    errno = number;
    return failed ? -1 : 0;
}

static FILE *last_stream;
static int last_fd;

static FILE *open_stream(int fd, const char *mode)
{
    static const cookie_io_functions_t functions = {
        .read = stream_read, .write = stream_write, .close = stream_close};

    last_fd = fd;
    last_stream = __real_fopencookie((void *)(intptr_t)fd, mode, functions);
    return last_stream;
}

FILE *__wrap_fdopen(int fd, const char *mode)
{
    if (!lc_faults) /* not opened by the program */
        return __real_fdopen(fd, mode);
    return fails(LC_CALL_fdopen) ? NULL : open_stream(fd, mode);
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
    FILE *real = fails(LC_CALL_fopen) ? NULL : __real_fopen(path, mode);
    int fd;

    if (!real || !lc_faults)
        return real;
    fd = fcntl(__real_fileno(real), F_DUPFD_CLOEXEC, 3);
    fclose(real);
    return fd < 0 ? NULL : open_stream(fd, *mode == 'r' ? "r" : "w");
}

/* Only one is asked, and as soon as it is open. */
int __wrap_fileno(FILE *file)
{
    return file == last_stream ? last_fd : __real_fileno(file);
}

void lc_fault_stdout(void)
{
    stdout = open_stream(1, "w");
}

/* ---- calls of a library ---- */

DECLARE(int, VP8LHuffmanTablesAllocate, int size, void *tables) __attribute__((weak));

/* If memory for a lossless picture's tables runs out, libwebp before 1.4.0 frees what it
 * has not set, and crashes: github.com/webmproject/libwebp/pull/12, mentioned in
 * docs/limits.md. Here the third word is set before, as in the fixed library. */
int __wrap_VP8LHuffmanTablesAllocate(int size, void *tables)
{
    ((void **)tables)[2] = NULL;
    return __real_VP8LHuffmanTablesAllocate(size, tables);
}

/* ---- threads ---- */

struct thread {
    void *(*run)(void *);
    void *argument;
    unsigned number;
};

static void *run_thread(void *argument)
{
    struct thread thread = *(struct thread *)argument;

    free(argument);
    lc_fault_thread(thread.number);
    return thread.run(thread.argument);
}

int __wrap_pthread_create(pthread_t *out, const pthread_attr_t *how, void *(*run)(void *),
                          void *argument)
{
    static unsigned made;
    int code = lc_fault_due(LC_CALL_pthread_create);
    struct thread *thread = code ? NULL : __real_malloc(sizeof(*thread));

    if (!thread)
        return code ? code : EAGAIN;
    *thread =
        (struct thread){run, argument, __atomic_add_fetch(&made, 1, __ATOMIC_SEQ_CST)};
    code = __real_pthread_create(out, how, run_thread, thread);
    if (code)
        free(thread);
    return code;
}

/* verify_files.c - read, hash and verify image files, as llava-check does, and nothing
 * else */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "image/image.h"

enum { MAX_THREADS = 256 };

struct names {
    char **paths;
    size_t count;
    size_t capacity;
};

/* One thread's work and its results. */
struct worker {
    pthread_t thread;
    const struct names *names;
    const struct lc_image_limits *limits;
    atomic_size_t *next;
    size_t sound;
    size_t refused; /* verified, and found not to be sound */
    size_t failed;  /* could not be read */
    uint64_t bytes;
    uint8_t hashes; /* of all hashes together, so that none can be optimised away */
};

struct buffer {
    uint8_t *data;
    size_t capacity;
};

static void *must(void *memory)
{
    if (!memory) {
        fprintf(stderr, "verify_files: out of memory\n");
        exit(2);
    }
    return memory;
}

static void read_names(struct names *names)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length;

    while ((length = getline(&line, &room, stdin)) > 0) {
        if (line[length - 1] == '\n')
            line[length - 1] = '\0';
        if (names->count == names->capacity) {
            names->capacity = names->capacity * 2 + 64;
            names->paths =
                must(realloc(names->paths, names->capacity * sizeof(*names->paths)));
        }
        names->paths[names->count++] = must(strdup(line));
    }
    free(line);
}

/* Read the whole file into the buffer, as src/store/folder.c does. */
static bool read_file(const char *path, struct buffer *buffer, size_t *out_size)
{
    struct stat status;
    size_t size = 0;
    ssize_t got = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        goto out;
    if ((size_t)status.st_size > buffer->capacity) {
        buffer->capacity = (size_t)status.st_size;
        free(buffer->data);
        buffer->data = must(malloc(buffer->capacity));
    }
    while (got > 0 && size < (size_t)status.st_size) {
        got = read(fd, buffer->data + size, (size_t)status.st_size - size);
        size += got > 0 ? (size_t)got : 0;
    }
out:
    if (fd >= 0)
        close(fd);
    *out_size = size;
    return fd >= 0 && got >= 0 && size > 0;
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct lc_image_scratch *scratch = NULL;
    struct buffer buffer = {NULL, 0};
    size_t i;

    if (lc_image_scratch_new(&scratch, NULL) != LC_OK)
        (void)must(NULL);
    while ((i = atomic_fetch_add(worker->next, 1)) < worker->names->count) {
        struct lc_image_info info;
        size_t size;

        if (!read_file(worker->names->paths[i], &buffer, &size)) {
            worker->failed++;
            continue;
        }
        worker->hashes ^= lc_hash_bytes(buffer.data, size).bytes[0];
        if (lc_image_inspect(scratch, buffer.data, size, worker->limits, &info, NULL) !=
            LC_OK)
            (void)must(NULL);
        worker->bytes += size;
        worker->sound += info.decode == LC_DECODE_OK;
        worker->refused += info.decode != LC_DECODE_OK;
    }
    lc_image_scratch_free(scratch);
    free(buffer.data);
    return NULL;
}

static double seconds_on(clockid_t clock)
{
    struct timespec now = {0, 0};

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void run(const struct names *names, const struct lc_image_limits *limits,
                size_t threads, struct worker *total)
{
    static struct worker workers[MAX_THREADS];
    atomic_size_t next = 0;
    size_t i;

    for (i = 0; i < threads; i++) {
        workers[i] = (struct worker){.names = names, .limits = limits, .next = &next};
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
            (void)must(NULL);
    }
    for (i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        total->sound += workers[i].sound;
        total->refused += workers[i].refused;
        total->failed += workers[i].failed;
        total->bytes += workers[i].bytes;
        total->hashes ^= workers[i].hashes;
    }
}

int main(int argc, char **argv)
{
    struct lc_image_limits limits = lc_image_limits_default;
    struct worker total = {0};
    struct names names = {NULL, 0, 0};
    unsigned long threads = 1;
    double wall, cpu;
    int option;

    while ((option = getopt(argc, argv, "t:x")) != -1) {
        if (option == 'x')
            limits.no_shortcuts = true;
        else if (option != 't' || (threads = strtoul(optarg, NULL, 10)) < 1 ||
                 threads > MAX_THREADS)
            break;
    }
    if (option != -1 || optind != argc) {
        fprintf(stderr, "usage: verify_files [-t THREADS] [-x] < NAMES\n");
        return 2;
    }
    read_names(&names);
    wall = seconds_on(CLOCK_MONOTONIC);
    cpu = seconds_on(CLOCK_PROCESS_CPUTIME_ID);
    run(&names, &limits, threads, &total);
    wall = seconds_on(CLOCK_MONOTONIC) - wall;
    cpu = seconds_on(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("files %zu\nsound %zu\nrefused %zu\nfailed %zu\nbytes %ju\nhashes %02x\n",
           total.sound + total.refused, total.sound, total.refused, total.failed,
           (uintmax_t)total.bytes, (unsigned)total.hashes);
    printf("seconds %.4f\ncpu_seconds %.4f\nmb_per_second %.1f\n", wall, cpu,
           wall > 0 ? (double)total.bytes / 1e6 / wall : 0.0);
    while (names.count > 0)
        free(names.paths[--names.count]);
    free(names.paths);
    if (fclose(stdout) != 0)
        return 2;
    return total.failed ? 1 : 0;
}

/* runner.c - run the program many times, as children of a process that is loaded once
 *
 * Loading the program and its twenty libraries takes 5 ms, and 30 ms with the address
 * sanitizer, which is often longer than the run itself. This process is loaded like the
 * program, and forks for each request. The child's main() finds the same as after an
 * exec: its arguments, environment, folder, an empty standard input, pipes for its
 * output, no other open files, and no state from earlier runs, because this process never
 * runs the program's code itself.
 *
 * An emulator of another processor would translate that code in each child again, which
 * takes 0.2 s. With LC_RUNNER_FIRST, this process checks a data set with the library
 * before the first request, and the children find the code translated.
 *
 * A request on standard input: struct request, then its texts, each with its zero byte:
 * the folder, the arguments, the environment. The reply on standard output: struct reply,
 * then what the run printed on its standard output and on standard error.
 */
#include "llava_check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int lc_program_main(int argc, char **argv);

struct request {
    uint32_t argument_count;
    uint32_t variable_count;
    uint32_t size; /* of the texts */
    uint32_t timeout_ms;
};

struct reply {
    int32_t status; /* as returned by wait4() */
    uint32_t timed_out;
    uint64_t most_kib; /* peak memory */
    uint64_t out_size;
    uint64_t err_size;
};

/* The output of a child in one of its pipes. */
struct output {
    int fd;
    char *text;
    size_t size;
    size_t capacity;
};

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "runner: %s: %s\n", what, strerror(errno));
    _exit(70);
}

/* Read size bytes; return false at the end of the input, if nothing was read. */
static bool read_whole(void *to, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t got = read(STDIN_FILENO, (char *)to + done, size - done);

        if (got == 0 && done == 0)
            return false;
        if (got == 0 || (got < 0 && errno != EINTR))
            fail("cannot read a request");
        if (got > 0)
            done += (size_t)got;
    }
    return true;
}

static void write_whole(const void *from, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t put = write(STDOUT_FILENO, (const char *)from + done, size - done);

        if (put < 0 && errno != EINTR)
            fail("cannot write a reply");
        if (put > 0)
            done += (size_t)put;
    }
}

/* Return pointers to count texts, and NULL; move *at past the texts. */
static char **point_to(char **at, uint32_t count)
{
    char **list = calloc((size_t)count + 1, sizeof(*list));

    if (!list)
        fail("no memory for a request");
    for (uint32_t i = 0; i < count; i++) {
        list[i] = *at;
        *at += strlen(*at) + 1;
    }
    return list;
}

/* In the child: become like the program at its start. */
static _Noreturn void run_child(const struct request *request, char *texts, int out,
                                int err)
{
    char *at = texts + strlen(texts) + 1;
    char **arguments = point_to(&at, request->argument_count);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    environ = point_to(&at, request->variable_count);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
        dup2(err, STDERR_FILENO) < 0)
        fail("cannot redirect a child");
    (void)close_range(STDERR_FILENO + 1, ~0U, 0);
    if (chdir(texts) != 0)
        fail(texts);
    exit(lc_program_main((int)request->argument_count, arguments));
}

/* Read what has arrived in the pipe; close it at its end. */
static void read_output(struct output *output)
{
    ssize_t got;

    if (output->capacity - output->size < 65536) {
        output->capacity = output->capacity * 2 + 65536;
        output->text = realloc(output->text, output->capacity);
        if (!output->text)
            fail("no memory for what a child prints");
    }
    got = read(output->fd, output->text + output->size, output->capacity - output->size);
    if (got > 0) {
        output->size += (size_t)got;
    } else if (got == 0) {
        (void)close(output->fd);
        output->fd = -1; /* poll() ignores it */
    } else if (errno != EINTR) {
        fail("cannot read what a child prints");
    }
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Collect the child's output until it ends; kill it when its time is over. */
static void await_child(pid_t child, uint32_t timeout_ms, struct output outputs[2],
                        struct reply *reply)
{
    const int64_t end = now_ms() + timeout_ms;
    struct rusage usage;
    int status;

    while (outputs[0].fd >= 0 || outputs[1].fd >= 0) {
        struct pollfd wait[2] = {{.fd = outputs[0].fd, .events = POLLIN},
                                 {.fd = outputs[1].fd, .events = POLLIN}};
        int64_t left = end - now_ms();
        int ready = poll(wait, 2, left > 0 ? (int)left : 0);

        if (ready < 0 && errno != EINTR)
            fail("poll");
        if (ready == 0 && !reply->timed_out) {
            reply->timed_out = 1;
            (void)kill(child, SIGKILL);
        }
        for (int i = 0; ready > 0 && i < 2; i++)
            if (wait[i].revents)
                read_output(&outputs[i]);
    }
    while (wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR)
            fail("wait4");
    reply->status = status;
    reply->most_kib = (uint64_t)usage.ru_maxrss;
}

static void answer(const struct request *request, char *texts)
{
    struct output outputs[2] = {{.fd = -1}, {.fd = -1}};
    struct reply reply = {0};
    int out[2], err[2];
    pid_t child;

    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
        fail("pipe2");
    child = fork();
    if (child < 0)
        fail("fork");
    if (child == 0)
        run_child(request, texts, out[1], err[1]);
    (void)close(out[1]);
    (void)close(err[1]);
    outputs[0].fd = out[0];
    outputs[1].fd = err[0];
    await_child(child, request->timeout_ms, outputs, &reply);
    reply.out_size = outputs[0].size;
    reply.err_size = outputs[1].size;
    write_whole(&reply, sizeof(reply));
    for (int i = 0; i < 2; i++) {
        write_whole(outputs[i].text, outputs[i].size);
        free(outputs[i].text);
    }
}

/* Check a data set and throw the results away. */
static void check_first(const char *path)
{
    static const char *const formats[] = {"text", "json"};
    struct lc_check_options options = LC_OPTIONS(lc_check_options);
    struct lc_error err = {.status = LC_OK};
    struct lc_index *index = NULL;
    FILE *null = fopen("/dev/null", "w");
    enum lc_status status;

    options.paths = &path;
    options.path_count = 1;
    options.no_index = true;
    status = lc_check(&options, &index, &err);
    for (size_t i = 0; i < 2 && status == LC_OK && null; i++) {
        struct lc_report_options report = LC_OPTIONS(lc_report_options);

        report.format = formats[i];
        status = lc_report_write(index, &report, null, &err);
    }
    lc_index_close(index);
    if (status != LC_OK || !null || fclose(null) != 0)
        fail(path);
}

int main(void)
{
    const char *first = getenv("LC_RUNNER_FIRST");
    struct request request;

    if (first)
        check_first(first);

    while (read_whole(&request, sizeof(request))) {
        char *texts = malloc((size_t)request.size + 1);

        if (!texts || !read_whole(texts, request.size))
            fail("a request without texts");
        texts[request.size] = '\0';
        answer(&request, texts);
        free(texts);
    }
    return 0;
}

/* driver.c - run the program once for each call that can fail
 *
 *     faults [-a] [-i] [-k CALLS] [-c CODES] [-m once|stays|both] [-e EVERY] [-o OFFSET]
 *            [-w FIRST] WORK BEFORE ARGUMENT...
 *
 * Each run takes place in WORK/run, a new copy of the folder BEFORE. Prints a line for
 * each call that was counted, and one for each fault, with columns separated by tabs:
 *
 *     count  CALL  THREAD  CALLS
 *     fault  CALL  THREAD  NUMBER  CODE  once|stays  OUTCOME  EXIT  what it said
 *
 * For outcomes, see enum outcome. With -a, the same command is run once more afterwards,
 * without a fault: it must print the same as if nothing had failed. With -i, a timer
 * interrupts the program every millisecond, instead of faults. With -w, only the first
 * calls of each way fail, up to a limit, and the last (ways.h); a line has the number of
 * ways:
 *
 *     ways   NUMBER
 */
#include "inject.h"
#include "tree.h"
#include "ways.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECONDS 30 /* a run that takes longer counts as hanging */
#define EXIT_SANITIZER 99
#define EXIT_REFUSED 2

int lc_program_main(int argc, char **argv);

/* With a sanitizer only: the number of leaks, which are reported on stderr. */
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

/* Only in a coverage build: adds the counts to the files. */
void __gcov_dump(void) __attribute__((weak));

enum outcome {
    UNREACHED, /* the call was not made this time */
    SAME,      /* the same exit code, output and files as without a fault */
    REFUSED,   /* exit code 2 and a line with the reason; no half-written file */
    DIFFERS,   /* different output: kept in WORK/differs, to be judged */
    CRASHED,   /* a signal */
    HUNG,
    SANITIZER, /* or a leak */
    EXIT_CODE, /* neither 2 nor the same as without a fault */
    SILENT,    /* exit code 2 without a message */
    LEFT,      /* left a file that is neither as before nor as it should be */
    UNSOUND,   /* the index is not consistent */
    AFTER,     /* the next run does not print what it should */
};

static const char *const outcomes[] = {
    [UNREACHED] = "unreached", [SAME] = "same",           [REFUSED] = "refused",
    [DIFFERS] = "differs",     [CRASHED] = "crashed",     [HUNG] = "hung",
    [SANITIZER] = "sanitizer", [EXIT_CODE] = "exit-code", [SILENT] = "silent",
    [LEFT] = "left",           [UNSOUND] = "unsound",     [AFTER] = "after",
};

struct driver {
    const char *before;
    char **arguments;
    int count;
    const char *calls; /* NULL: all */
    const char *codes; /* NULL: all */
    bool once;
    bool stays;
    bool after;
    bool interrupted;
    unsigned every;
    unsigned offset;
    unsigned first; /* number of first calls of each way; 0: all */
    int exit_code;  /* of a run without a fault */
    struct lc_fault_record reference;
};

/* ---- a run ---- */

static void redirect(const char *path, int fd)
{
    int to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

    if (to < 0 || dup2(to, fd) < 0)
        err(70, "%s", path);
    close(to);
}

static void on_timer(int signal)
{
    (void)signal; /* its only purpose is to interrupt a call */
}

/* Calls are not restarted automatically: each that waits may end with EINTR. */
static void interrupt_often(void)
{
    const struct itimerspec often = {{0, 1000000}, {0, 1000000}};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t timer;

    if (sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_timer}, NULL) != 0 ||
        timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
        timer_settime(timer, 0, &often, NULL) != 0)
        err(70, "timer");
}

/* The user's key is in the folder of the run: created by the run, or copied with it. */
static void use_own_state(void)
{
    char folder[PATH_MAX], state[PATH_MAX + 16];

    if (!getcwd(folder, sizeof(folder)))
        err(70, "run");
    snprintf(state, sizeof(state), "%s/index-state", folder);
    if (setenv("XDG_STATE_HOME", state, 1) != 0)
        err(70, "setenv");
}

/* In the child: become the program. */
static void be_program(int count, char **arguments, const struct lc_fault *fault)
{
    struct lc_fault_record *record = lc_faults;
    int code;

    lc_faults = NULL; /* until the program itself makes calls */
    redirect("out", 1);
    redirect("err", 2);
    if (chdir("run") != 0)
        err(70, "run");
    use_own_state();
    lc_fault_stdout();
    if (fault && fault->code == EINTR && !fault->number)
        interrupt_often();
    alarm(SECONDS);
    lc_faults = fault ? record : NULL;
    code = lc_program_main(count, arguments);
    lc_faults = NULL;
    if (__lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check())
        code = EXIT_SANITIZER;
    if (__gcov_dump)
        __gcov_dump();
    _exit(code);
}

/* Run the program in WORK/run; its output goes to WORK/out and WORK/err. */
static int run_program(int count, char **arguments, const struct lc_fault *fault)
{
    int status;
    pid_t child;

    if (fault)
        *lc_faults = (struct lc_fault_record){.fault = *fault};
    fflush(NULL);
    child = fork();
    if (child == 0)
        be_program(count, arguments, fault);
    if (child < 0 || waitpid(child, &status, 0) != child)
        err(70, "fork");
    lc_faults->fault.number = 0; /* our own calls do not fail */
    return status;
}

static int run_job(const struct driver *driver, const struct lc_fault *fault)
{
    return run_program(driver->count, driver->arguments, fault);
}

static void start_over(const struct driver *driver)
{
    lc_tree_remove("run");
    lc_tree_copy(driver->before, "run");
}

/* ---- the outcome ---- */

static bool is_of_index(const char *path)
{
    return strncmp(path, "index", 5) == 0;
}

/* Not a file of the program's. */
static bool is_of_data(const char *path)
{
    return strncmp(path, "data/", 5) == 0;
}

/* A file is as before, or as without a fault. */
static bool is_whole(void *user, const char *path)
{
    const struct driver *driver = user;
    char now[PATH_MAX], old[PATH_MAX], wanted[PATH_MAX];

    snprintf(now, sizeof(now), "run/%s", path);
    snprintf(old, sizeof(old), "%s/%s", driver->before, path);
    snprintf(wanted, sizeof(wanted), "wanted/%s", path);
    return (is_of_index(path) && driver->after) || is_of_data(path) ||
           strcmp(path, "index/lock") == 0 || lc_file_same(now, old) ||
           lc_file_same(now, wanted);
}

/* A file is there as without a fault. */
static bool is_there(void *user, const char *path)
{
    char now[PATH_MAX], wanted[PATH_MAX];

    (void)user;
    snprintf(now, sizeof(now), "run/%s", path);
    snprintf(wanted, sizeof(wanted), "wanted/%s", path);
    return is_of_index(path) || is_of_data(path) || lc_file_same(now, wanted);
}

/* Keep files that are not as they should be. */
static void keep(const struct lc_fault *fault)
{
    char folder[256], path[PATH_MAX];

    snprintf(folder, sizeof(folder), "differs/%s-%u-%u-%s-%s", lc_call_name(fault->call),
             fault->thread, fault->number, lc_code_name(fault->code),
             fault->stays ? "stays" : "once");
    (void)mkdir("differs", 0777);
    lc_tree_remove(folder);
    lc_tree_copy("run", folder);
    snprintf(path, sizeof(path), "%s/.out", folder);
    (void)rename("out", path);
    snprintf(path, sizeof(path), "%s/.err", folder);
    (void)rename("err", path);
}

/* Return the line with the reason, after notes, or an empty text. */
static void read_said(char *out, size_t size)
{
    FILE *file = fopen("err", "r");

    *out = '\0';
    while (file && fgets(out, (int)size, file)) {
        out[strcspn(out, "\n")] = '\0';
        if (strncmp(out, "llava-check: ", 13) == 0)
            break;
        *out = '\0';
    }
    if (file)
        fclose(file);
}

static enum outcome judge(struct driver *driver, int status, const char *said)
{
    bool whole;

    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGALRM ? HUNG : CRASHED;
    if (WEXITSTATUS(status) == EXIT_SANITIZER)
        return SANITIZER;
    if (!lc_faults->struck)
        return UNREACHED;
    whole = lc_tree_walk("run", is_whole, driver);
    if (WEXITSTATUS(status) == EXIT_REFUSED && driver->exit_code != EXIT_REFUSED) {
        if (!*said)
            return SILENT;
        return whole ? REFUSED : LEFT;
    }
    if (WEXITSTATUS(status) != driver->exit_code)
        return EXIT_CODE;
    return whole && lc_file_same("out", "wanted-out") &&
                   lc_tree_walk("wanted", is_there, driver)
               ? SAME
               : DIFFERS;
}

/* Check that the index of a faulted run, if any, is sound, and that the next run
 * succeeds. */
static enum outcome judge_after(struct driver *driver)
{
    char *check[] = {"llava-check", "index", "check", "index", NULL};
    int status;

    if (access("run/index/index.mdb", F_OK) == 0) {
        status = run_program(4, check, NULL);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            return UNSOUND;
    }
    if (!driver->after)
        return SAME;
    status = run_job(driver, NULL);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != driver->exit_code ||
        !lc_file_same("out", "wanted-out") || !lc_tree_walk("wanted", is_there, driver))
        return AFTER;
    return SAME;
}

static void try_fault(struct driver *driver, const struct lc_fault *fault)
{
    char said[1024];
    enum outcome outcome, later;
    int status;

    start_over(driver);
    status = run_job(driver, fault);
    read_said(said, sizeof(said));
    outcome = judge(driver, status, said);
    if (outcome > REFUSED)
        keep(fault);
    if (outcome <= REFUSED ? outcome != UNREACHED : outcome == DIFFERS && driver->after) {
        later = judge_after(driver);
        if (later != SAME && outcome <= REFUSED)
            keep(fault);
        outcome = later == SAME ? outcome : later;
    }
    printf("fault\t%s\t%u\t%u\t%s\t%s\t%s\t%d\t%s\n", lc_call_name(fault->call),
           fault->thread, fault->number, lc_code_name(fault->code),
           fault->stays ? "stays" : "once", outcomes[outcome],
           WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), said);
}

/* ---- which faults ---- */

/* Whether a word is in a comma-separated list; no list (NULL) contains all words. */
static bool is_listed(const char *list, const char *word)
{
    size_t size = strlen(word);

    while (list && *list) {
        size_t length = strcspn(list, ",");

        if (length == size && memcmp(list, word, size) == 0)
            return true;
        list += length + (list[length] == ',');
    }
    return list == NULL;
}

/* Fail every n-th call of a kind in all threads, at least one; or those of its ways. */
static void try_calls(struct driver *driver, struct lc_fault fault)
{
    uint32_t all = 0, at = 0, step = driver->every;

    for (unsigned t = 0; t < LC_FAULT_THREADS; t++)
        all += driver->reference.counts[t][fault.call];
    if (step > all)
        step = all;
    for (unsigned t = 0; t < LC_FAULT_THREADS; t++) {
        for (uint32_t n = 1; n <= driver->reference.counts[t][fault.call]; n++) {
            fault.thread = t;
            fault.number = n;
            if (driver->first ? lc_way_is_chosen(fault.call, t, n)
                              : at++ % step == driver->offset % step)
                try_fault(driver, &fault);
        }
    }
}

static void try_call(struct driver *driver, enum lc_call call)
{
    struct lc_fault fault = {.call = call};

    for (unsigned i = 0; (fault.code = lc_call_code(call, i)); i++) {
        if (!is_listed(driver->codes, lc_code_name(fault.code)) ||
            (fault.code == LC_CODE_CUT && !driver->codes))
            continue; /* files are cut only on request: they are copies */
        fault.stays = false;
        if (driver->once)
            try_calls(driver, fault);
        fault.stays = true; /* a call that is always interrupted never finishes */
        if (driver->stays && fault.code != EINTR && fault.code != LC_CODE_CUT)
            try_calls(driver, fault);
    }
}

/* Run without a fault, to get the wanted output and count calls. */
static void run_reference(struct driver *driver)
{
    const struct lc_fault none = {0};
    int status;

    lc_tree_remove("wanted");
    start_over(driver);
    if (driver->first)
        lc_ways_begin();
    status = run_job(driver, &none);
    driver->reference = *lc_faults;
    if (driver->first)
        printf("ways\t%u\n", lc_ways_choose(driver->first));
    if (!WIFEXITED(status) || rename("out", "wanted-out") != 0)
        errx(70, "the run without a fault ended with %d", status);
    lc_tree_copy("run", "wanted");
    driver->exit_code = WEXITSTATUS(status);
    printf("exit\t%d\n", driver->exit_code);
    for (int c = 0; c < LC_CALL_COUNT; c++)
        for (unsigned t = 0; t < LC_FAULT_THREADS; t++)
            if (driver->reference.counts[t][c])
                printf("count\t%s\t%u\t%u\n", lc_call_name((enum lc_call)c), t,
                       driver->reference.counts[t][c]);
}

/* Run once more without a fault, but interrupted: the output must be the same. */
static void run_interrupted(struct driver *driver)
{
    const struct lc_fault often = {.code = EINTR};
    int status;

    start_over(driver);
    status = run_job(driver, &often);
    printf("interrupted\t%s\n", WIFEXITED(status) &&
                                        WEXITSTATUS(status) == driver->exit_code &&
                                        lc_file_same("out", "wanted-out") &&
                                        lc_tree_walk("wanted", is_there, driver)
                                    ? "same"
                                    : "differs");
}

static void read_options(struct driver *driver, int argc, char **argv)
{
    int option;

    while ((option = getopt(argc, argv, "+aik:c:m:e:o:w:")) != -1) {
        if (option == 'a')
            driver->after = true;
        else if (option == 'i')
            driver->interrupted = true;
        else if (option == 'k')
            driver->calls = optarg;
        else if (option == 'c')
            driver->codes = optarg;
        else if (option == 'e')
            driver->every = (unsigned)atoi(optarg);
        else if (option == 'o')
            driver->offset = (unsigned)atoi(optarg);
        else if (option == 'w')
            driver->first = (unsigned)atoi(optarg);
        else if (option == 'm') {
            driver->once = *optarg != 's';
            driver->stays = *optarg != 'o';
        } else
            exit(64);
    }
    if (argc - optind < 3 || !driver->every)
        errx(64, "usage: faults [OPTIONS] WORK BEFORE ARGUMENT...");
    if (chdir(argv[optind]) != 0)
        err(70, "%s", argv[optind]);
    driver->before = argv[optind + 1];
    argv[optind + 1] = "llava-check";
    driver->arguments = argv + optind + 1;
    driver->count = argc - optind - 1;
}

int main(int argc, char **argv)
{
    struct driver driver = {.once = true, .stays = true, .every = 1};

    read_options(&driver, argc, argv);
    lc_faults = mmap(NULL, sizeof(*lc_faults), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (lc_faults == MAP_FAILED)
        err(70, "mmap");
    run_reference(&driver);
    if (driver.interrupted) {
        run_interrupted(&driver);
        return 0;
    }
    for (int c = 0; c < LC_CALL_COUNT; c++)
        if (is_listed(driver.calls, lc_call_name((enum lc_call)c)))
            try_call(&driver, (enum lc_call)c);
    lc_tree_remove("run");
    return 0;
}

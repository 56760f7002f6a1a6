/* Ctrl-C and other signals: a run ends soon, keeps its progress, and prints how to
 * continue
 */
#include "cli/cli.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A run that has not ended after this time, because it is in a long sort or waits for a
 * disk, is ended at once. That is safe, as a run must survive a kill at any time
 * anyway. */
#define GRACE_NS 700000000

static volatile sig_atomic_t stopped_by; /* the signal; 0: none */
static timer_t grace;
static volatile sig_atomic_t has_grace;

static void on_grace_over(int signal)
{
    static const char line[] = "llava-check: stopped; progress is kept\n";
    ssize_t written;

    lc_bar_wipe();
    written = write(STDERR_FILENO, line, sizeof(line) - 1);
    (void)signal;
    (void)written;
    _exit(LC_EXIT_SIGNAL + stopped_by);
}

/* Uses only calls that are safe in a signal handler. The second signal ends the program
 * at once. */
static void on_signal(int signal)
{
    const struct itimerspec when = {.it_value = {.tv_nsec = GRACE_NS}};

    if (stopped_by) {
        lc_bar_wipe();
        _exit(LC_EXIT_SIGNAL + signal);
    }
    stopped_by = signal;
    if (has_grace)
        (void)timer_settime(grace, 0, &when, NULL);
}

static void set_handler(int signal, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART}, before;

    /* a signal that our parent ignores, as nohup does, stays ignored */
    if (sigaction(signal, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        (void)sigaction(signal, &action, NULL);
}

void lc_interrupt_begin(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    struct sigaction alarm = {.sa_handler = on_grace_over};

    has_grace = sigaction(SIGALRM, &alarm, NULL) == 0 &&
                timer_create(CLOCK_MONOTONIC, &event, &grace) == 0;
    set_handler(SIGINT, on_signal);
    set_handler(SIGTERM, on_signal);
    set_handler(SIGHUP, on_signal);
}

void lc_interrupt_end(void)
{
    set_handler(SIGINT, SIG_DFL);
    set_handler(SIGTERM, SIG_DFL);
    set_handler(SIGHUP, SIG_DFL);
    if (has_grace)
        (void)timer_delete(grace);
    has_grace = 0;
}

bool lc_interrupt_came(void *user)
{
    (void)user;
    return stopped_by != 0;
}

enum lc_exit lc_interrupt_exit(void)
{
    return (enum lc_exit)(LC_EXIT_SIGNAL + stopped_by);
}

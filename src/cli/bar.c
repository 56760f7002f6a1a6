/* Progress of a run on stderr: a bar, lines, or JSON */
#include "cli/cli.h"
#include "cli/gauge.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define USUAL_WIDTH 80
#define BAR_AFTER 0.3  /* seconds: a run that ends sooner needs no bar */
#define LINE_EACH 30.0 /* seconds between two lines if there is no terminal */
#define JSON_EACH 1.0

enum manner { MANNER_NONE, MANNER_BAR, MANNER_LINES, MANNER_JSON };

struct lc_bar {
    struct lc_gauge gauge;
    enum manner manner;
    bool times; /* print them at the end */
};

/* Whether the bar is on the terminal; also read when a signal ends the program. */
static volatile sig_atomic_t shown;

static double seconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static enum manner manner_of(const struct lc_settings *settings)
{
    const char *term = getenv("TERM");

    if (settings->progress == LC_PROGRESS_JSON)
        return MANNER_JSON;
    if (settings->progress == LC_PROGRESS_NEVER || settings->quiet)
        return MANNER_NONE;
    if (isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0)
        return MANNER_BAR;
    return settings->verbose ? MANNER_LINES : MANNER_NONE;
}

struct lc_bar *lc_bar_new(const struct lc_settings *settings)
{
    struct lc_bar *bar = calloc(1, sizeof(*bar));

    if (!bar)
        return NULL;
    bar->manner = manner_of(settings);
    bar->times = settings->verbose && !settings->quiet;
    return bar;
}

static size_t width(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || !size.ws_col)
        return USUAL_WIDTH;
    return size.ws_col;
}

void lc_bar_show(struct lc_bar *bar, const struct lc_progress *progress)
{
    char line[LC_GAUGE_LINE];
    bool begins, ends = progress->total && progress->done >= progress->total;

    if (!bar)
        return;
    begins = !bar->gauge.started || bar->gauge.now.stage != progress->stage;
    lc_gauge_update(&bar->gauge, progress, seconds());
    if (bar->manner == MANNER_BAR && bar->gauge.time - bar->gauge.began >= BAR_AFTER) {
        lc_gauge_bar(&bar->gauge, width(), line);
        shown = 1;
        fprintf(stderr, "\r%s\033[K", line);
        fflush(stderr);
    } else if (bar->manner == MANNER_LINES && lc_gauge_is_due(&bar->gauge, LINE_EACH)) {
        lc_gauge_sentence(&bar->gauge, line);
        lc_say("", line);
    } else if (bar->manner == MANNER_JSON &&
               (lc_gauge_is_due(&bar->gauge, JSON_EACH) || begins || ends)) {
        lc_gauge_json(&bar->gauge, false, line);
        lc_say("", line);
    }
}

void lc_bar_wipe(void)
{
    static const char wipe[] = "\r\033[K";
    ssize_t written;

    if (!shown)
        return;
    shown = 0;
    written = write(STDERR_FILENO, wipe, sizeof(wipe) - 1);
    (void)written;
}

void lc_bar_end(struct lc_bar *bar)
{
    char line[LC_GAUGE_LINE];
    struct lc_progress last;

    lc_bar_wipe();
    if (!bar)
        return;
    last = bar->gauge.now;
    if (bar->gauge.started) /* the last stage lasted until now */
        lc_gauge_update(&bar->gauge, &last, seconds());
    if (bar->gauge.started && bar->manner == MANNER_JSON) {
        lc_gauge_json(&bar->gauge, true, line);
        lc_say("", line);
    }
    if (bar->gauge.started && bar->times) {
        lc_gauge_times(&bar->gauge, line);
        lc_say("times: ", line);
    }
    free(bar);
}

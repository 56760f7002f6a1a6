#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BAR_WIDTH 24

struct lc_bar {
    enum lc_stage stage;
    double began;
    bool shown;
};

static double seconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

struct lc_bar *lc_bar_new(void)
{
    const char *term = getenv("TERM");
    struct lc_bar *bar;

    if (!isatty(STDERR_FILENO) || !term || strcmp(term, "dumb") == 0)
        return NULL;
    bar = calloc(1, sizeof(*bar));
    if (bar)
        bar->began = seconds();
    return bar;
}

/* "1h02m", "3m20s", "12s" */
static void format_duration(double duration, char *out, size_t size)
{
    unsigned long all = duration < 1e8 ? (unsigned long)(duration + 0.5) : 100000000;

    if (all >= 3600)
        snprintf(out, size, "%luh%02lum", all / 3600, all / 60 % 60);
    else if (all >= 60)
        snprintf(out, size, "%lum%02lus", all / 60, all % 60);
    else
        snprintf(out, size, "%lus", all);
}

void lc_bar_show(struct lc_bar *bar, const struct lc_progress *p)
{
    char fill[BAR_WIDTH + 1], eta[24];
    double done, passed, rate;
    size_t filled;

    if (!bar)
        return;
    if (bar->stage != p->stage) {
        bar->stage = p->stage;
        bar->began = seconds();
    }
    passed = seconds() - bar->began;
    done = p->total ? (double)p->done / (double)p->total : 1;
    filled = (size_t)(done * BAR_WIDTH);
    memset(fill, '-', BAR_WIDTH);
    memset(fill, '#', filled < BAR_WIDTH ? filled : BAR_WIDTH);
    fill[BAR_WIDTH] = '\0';
    rate = passed > 0.05 ? 1 / passed : 0;
    format_duration(done > 0 ? passed / done * (1 - done) : 0, eta, sizeof(eta));
    fprintf(stderr, "\r\033[K%-6s [%s] %3.0f%%",
            p->stage == LC_STAGE_ROWS ? "rows" : "images", fill, done * 100);
    if (p->stage == LC_STAGE_IMAGES)
        fprintf(stderr, "  %llu of %llu, %.0f/s", (unsigned long long)p->done,
                (unsigned long long)p->total, (double)p->done * rate);
    fprintf(stderr, "  %.0f MB/s  ETA %s", (double)p->bytes * rate / 1e6, eta);
    if (p->findings)
        fprintf(stderr, "  %llu finding%s", (unsigned long long)p->findings,
                p->findings == 1 ? "" : "s");
    fflush(stderr);
    bar->shown = true;
}

void lc_bar_hide(struct lc_bar *bar)
{
    if (!bar || !bar->shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    bar->shown = false;
}

void lc_bar_free(struct lc_bar *bar)
{
    lc_bar_hide(bar);
    free(bar);
}

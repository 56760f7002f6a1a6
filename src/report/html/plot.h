/* plot.h - plots as SVG; private to src/report */
#ifndef LC_REPORT_HTML_PLOT_H
#define LC_REPORT_HTML_PLOT_H

#include "report/html/page.h"

#define LC_PLOT_BARS_MOST 64
#define LC_PLOT_TEXT 40

/** Upright bars, side by side. */
struct lc_plot {
    const char *title;
    const char *of; /* what is counted: "rows" */
    size_t count;   /* of bars */
    uint64_t values[LC_PLOT_BARS_MOST];
    char ranges[LC_PLOT_BARS_MOST][LC_PLOT_TEXT]; /* what each bar stands for */
    char edges[LC_PLOT_BARS_MOST + 1][16];        /* below a bar's left edge; "" none */
    bool centred; /* edges stand below the middle of bars instead */
    char caption[160];
};

/** Write a plot; nothing when all values are 0. */
void lc_plot_bars(const struct lc_html *w, const struct lc_plot *plot);

/** Write a histogram. */
void lc_plot_histogram(const struct lc_html *w, const char *title, const char *of,
                       const struct lc_histogram *histogram, const uint64_t *median);

/** Begin, continue and end a list of named bars; a foreign name is written by the caller
 * between the two functions for a line. */
void lc_plot_list_begin(const struct lc_html *w, const char *title, const char *caption);
void lc_plot_list_name(const struct lc_html *w);
void lc_plot_list_value(const struct lc_html *w, uint64_t value, uint64_t most,
                        uint64_t all, const char *more);
void lc_plot_list_end(const struct lc_html *w);

/** Write a number in few signs: 512, 4k, 16M. Returns out. */
const char *lc_plot_short(uint64_t value, char out[16]);

/** Sizes of images and their shapes. Errors: LC_ERR_INDEX, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_plot_images(struct lc_html *w, struct lc_error *err);

#endif

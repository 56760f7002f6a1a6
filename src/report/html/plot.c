#include "report/html/plot.h"

#include <string.h>

#define WIDTH 340
#define HEIGHT 150
#define LEFT 4
#define RIGHT 14
#define TOP 12
#define BASE 126 /* where bars stand */

const char *lc_plot_short(uint64_t value, char out[16])
{
    static const char *const units[] = {"", "k", "M", "G", "T"};
    size_t unit = 0;

    while (value >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        value /= 1024;
        unit++;
    }
    snprintf(out, 16, "%u%s", (unsigned)value, units[unit]);
    return out;
}

static void write_caption(const struct lc_html *w, const char *title, const char *caption)
{
    fputs("<figcaption><strong>", w->to);
    lc_html_own(w->to, title);
    fputs("</strong>", w->to);
    if (*caption) {
        fputs(" <span class='dim'>", w->to);
        lc_html_own(w->to, caption);
        fputs("</span>", w->to);
    }
    fputs("</figcaption>\n", w->to);
}

static void write_bar(const struct lc_html *w, const struct lc_plot *plot, size_t i,
                      uint64_t most, uint64_t all)
{
    double step = (double)(WIDTH - LEFT - RIGHT) / (double)plot->count;
    double height = (BASE - TOP) * (double)plot->values[i] / (double)most;
    char count[LC_COUNT_SIZE], share[LC_COUNT_SIZE];

    if (plot->values[i]) {
        height = height < 1 ? 1 : height;
        fprintf(w->to,
                "<g><rect class='hit' x='%.1f' y='%d' width='%.1f' height='%d'/>"
                "<rect class='fill' x='%.1f' y='%.1f' width='%.1f' height='%.1f'/>",
                LEFT + (double)i * step, TOP, step, BASE - TOP,
                LEFT + (double)i * step + 0.5, BASE - height, step > 2 ? step - 1 : step,
                height);
        fprintf(w->to, "<title>%s: %s %s, %s</title></g>\n", plot->ranges[i],
                lc_format_count(plot->values[i], count), plot->of,
                lc_html_percent(plot->values[i], all, share));
    }
}

static void write_edges(const struct lc_html *w, const struct lc_plot *plot)
{
    double step = (double)(WIDTH - LEFT - RIGHT) / (double)plot->count;

    for (size_t i = 0; i <= plot->count; i++) {
        double at = LEFT + ((double)i + (plot->centred ? 0.5 : 0)) * step;

        if (plot->edges[i][0])
            fprintf(
                w->to,
                "<path class='tick' d='M%.1f %dv4'/><text x='%.1f' y='%d'>%s</text>\n",
                at, BASE, at < 8 ? 8 : at, BASE + 16, plot->edges[i]);
    }
}

void lc_plot_bars(const struct lc_html *w, const struct lc_plot *plot)
{
    uint64_t most = 0, all = 0;

    for (size_t i = 0; i < plot->count; i++) {
        all += plot->values[i];
        most = plot->values[i] > most ? plot->values[i] : most;
    }
    if (!most)
        return;
    fputs("<figure>\n", w->to);
    write_caption(w, plot->title, plot->caption);
    fprintf(w->to, "<svg class='plot' viewBox='0 0 %d %d' role='img' aria-label='%s'>\n",
            WIDTH, HEIGHT, plot->title);
    for (size_t i = 0; i < plot->count; i++)
        write_bar(w, plot, i, most, all);
    fprintf(w->to, "<path class='axis' d='M%d %dH%d'/>\n", LEFT, BASE, WIDTH - RIGHT);
    write_edges(w, plot);
    fputs("</svg>\n</figure>\n", w->to);
}

/* "mean 3.4, median 2, most 17" */
static void write_mean(struct lc_plot *plot, const struct lc_histogram *histogram,
                       const uint64_t *median)
{
    char most[LC_COUNT_SIZE], middle[LC_COUNT_SIZE] = "";

    if (median)
        lc_format_count(*median, middle);
    snprintf(plot->caption, sizeof(plot->caption), "mean %.1f%s%s, most %s",
             (double)histogram->sum / (double)histogram->count, median ? ", median " : "",
             middle, lc_format_count(histogram->most, most));
}

void lc_plot_histogram(const struct lc_html *w, const char *title, const char *of,
                       const struct lc_histogram *histogram, const uint64_t *median)
{
    struct lc_plot plot = {.title = title, .of = of};
    unsigned first = 0, last = LC_BUCKETS;
    char a[LC_COUNT_SIZE], b[LC_COUNT_SIZE];

    if (!histogram->count)
        return;
    while (first < LC_BUCKETS - 1 && !histogram->buckets[first])
        first++;
    while (last > first + 1 && !histogram->buckets[last - 1])
        last--;
    while (last - first < 6) { /* a few buckets alone would be broad as a house */
        first -= first > 0;
        last += last < LC_BUCKETS;
    }
    for (unsigned i = first; i < last; i++) {
        uint64_t from = lc_bucket_least(i), next = lc_bucket_least(i + 1);

        plot.values[plot.count] = histogram->buckets[i];
        snprintf(plot.ranges[plot.count], LC_PLOT_TEXT,
                 next - from > 1 ? "%.16s to %.16s" : "%.16s", lc_format_count(from, a),
                 lc_format_count(next - 1, b));
        if (last - first <= 13 || (i - first) % 2 == 0)
            lc_plot_short(from, plot.edges[plot.count]);
        plot.count++;
    }
    lc_plot_short(lc_bucket_least(last), plot.edges[plot.count]);
    if (last - first > 13 && (last - first) % 2)
        plot.edges[plot.count][0] = '\0';
    write_mean(&plot, histogram, median);
    lc_plot_bars(w, &plot);
}

/* ---- named bars ---- */

void lc_plot_list_begin(const struct lc_html *w, const char *title, const char *caption)
{
    fputs("<figure>\n", w->to);
    write_caption(w, title, caption);
    fputs("<table class='bars'><tbody>\n", w->to);
}

void lc_plot_list_name(const struct lc_html *w)
{
    fputs("<tr><th scope='row'><bdi>", w->to);
}

void lc_plot_list_value(const struct lc_html *w, uint64_t value, uint64_t most,
                        uint64_t all, const char *more)
{
    char count[LC_COUNT_SIZE];

    fprintf(w->to,
            "</bdi></th><td class='bar' aria-hidden='true'><svg viewBox='0 0 100 10' "
            "preserveAspectRatio='none'><rect width='%.2f' height='10'/></svg></td>"
            "<td class='number'>%s</td><td class='number dim'>",
            most ? 100.0 * (double)value / (double)most : 0,
            lc_format_count(value, count));
    fputs(*more ? more : lc_html_percent(value, all, count), w->to);
    fputs("</td></tr>\n", w->to);
}

void lc_plot_list_end(const struct lc_html *w)
{
    fputs("</tbody></table>\n</figure>\n", w->to);
}

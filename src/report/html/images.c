/* Plots of the sizes of images: how wide and how high, and of what shape. */
#include "report/html/plot.h"

#include <stdlib.h>

/* Sizes are told apart by quarters of an octave, from 8 to 32,768 pixels. */
#define STEPS ((size_t)4)
#define LOWEST 3
#define OCTAVES 12
#define CELLS (STEPS * OCTAVES)

/* Shapes too: from 4 times as high as wide to 4 times as wide as high. */
#define SHAPES 17

struct sizes {
    uint64_t cells[CELLS][CELLS]; /* by height, then width */
    uint64_t shapes[SHAPES];
    uint64_t images;
};

/* 2 to the power of 0, 1/4, 1/2, 3/4 and 1 */
static const double roots[] = {1, 1.189207115, 1.414213562, 1.681792831, 2};

static size_t cell_of(uint32_t pixels)
{
    unsigned octave = 31 - (unsigned)__builtin_clz(pixels | 1);
    double part = (double)pixels / (double)(1U << octave);
    size_t step = 0;

    if (octave < LOWEST)
        return 0;
    if (octave >= LOWEST + OCTAVES)
        return CELLS - 1;
    while (step + 1 < STEPS && part >= roots[step + 1])
        step++;
    return (octave - LOWEST) * STEPS + step;
}

/* The least number of pixels that belongs to a cell. */
static double least_of(size_t cell)
{
    return (double)(1U << (LOWEST + cell / STEPS)) * roots[cell % STEPS];
}

/* The lower limit of a shape: the middle between two quarters of an octave. */
static double shape_from(size_t shape)
{
    double limit = 1.0905077327 / 2 / 2; /* 2 to the power of 1/8, of 1:4 */

    for (size_t i = 1; i < shape; i++)
        limit *= roots[1];
    return limit;
}

static enum lc_status count_image(void *user, uint32_t number,
                                  const struct lc_image_record *image,
                                  struct lc_error *err)
{
    struct sizes *sizes = user;
    double shape;
    size_t at = 0;

    (void)number;
    (void)err;
    if (!image->width || !image->height)
        return LC_OK;
    shape = (double)image->width / (double)image->height;
    while (at + 1 < SHAPES && shape >= shape_from(at + 1))
        at++;
    sizes->shapes[at]++;
    sizes->cells[cell_of(image->height)][cell_of(image->width)]++;
    sizes->images++;
    return LC_OK;
}

/* ---- sizes ---- */

/* The part of the cells that is drawn: whole octaves. */
struct frame {
    size_t first;
    size_t last;    /* behind it */
    double step;    /* of a cell */
    uint64_t least; /* images in a cell that has any */
    uint64_t most;
};

#define SIDE 236
#define LEFT 44
#define TOP 6

static struct frame frame_of(const struct sizes *sizes)
{
    struct frame frame = {.first = CELLS, .least = UINT64_MAX};

    for (size_t y = 0; y < CELLS; y++)
        for (size_t x = 0; x < CELLS; x++) {
            size_t low = x < y ? x : y, high = x < y ? y : x;
            uint64_t value = sizes->cells[y][x];

            if (!value)
                continue;
            frame.least = value < frame.least ? value : frame.least;
            frame.most = value > frame.most ? value : frame.most;
            frame.first = low < frame.first ? low : frame.first;
            frame.last = high + 1 > frame.last ? high + 1 : frame.last;
        }
    frame.first -= frame.first % STEPS;
    frame.last += (STEPS - frame.last % STEPS) % STEPS;
    while (frame.last - frame.first < 3 * STEPS) {
        frame.first -= frame.first ? STEPS : 0;
        frame.last += frame.last < CELLS ? STEPS : 0;
    }
    frame.step = (double)SIDE / (double)(frame.last - frame.first);
    return frame;
}

static void write_axes(const struct lc_html *w, const struct frame *frame)
{
    char label[16];

    for (size_t i = frame->first; i <= frame->last; i += STEPS) {
        double at = (double)(i - frame->first) * frame->step;

        lc_plot_short((uint64_t)1 << (LOWEST + i / STEPS), label);
        fprintf(w->to,
                "<path class='grid' d='M%.1f %dv%dM%d %.1fh%d'/><text x='%.1f' "
                "y='%d'>%s</text><text class='end' x='%d' y='%.1f'>%s</text>\n",
                LEFT + at, TOP, SIDE, LEFT, TOP + SIDE - at, SIDE, LEFT + at,
                TOP + SIDE + 15, label, LEFT - 6, TOP + SIDE - at + 4, label);
    }
    fprintf(w->to, "<path class='diagonal' d='M%d %dl%d %d'/>\n", LEFT, TOP + SIDE, SIDE,
            -SIDE);
}

/* The darker, the more: by the power of two, as counts differ by that much. */
static void write_cell(const struct lc_html *w, const struct frame *frame, size_t x,
                       size_t y, uint64_t value)
{
    unsigned steps = lc_bucket_of(frame->most) - lc_bucket_of(frame->least);
    unsigned step = lc_bucket_of(value) - lc_bucket_of(frame->least);
    double shade = steps ? (double)step / (double)steps : 1;
    char count[LC_COUNT_SIZE];

    fprintf(w->to,
            "<rect class='fill' x='%.1f' y='%.1f' width='%.1f' height='%.1f' "
            "fill-opacity='%.2f'>",
            LEFT + (double)(x - frame->first) * frame->step,
            TOP + SIDE - (double)(y - frame->first + 1) * frame->step, frame->step,
            frame->step, 0.2 + 0.8 * shade);
    fprintf(w->to,
            "<title>%.0f to %.0f wide, %.0f to %.0f high: %s image%s</title></rect>\n",
            least_of(x), least_of(x + 1), least_of(y), least_of(y + 1),
            lc_format_count(value, count), lc_html_plural(value));
}

static void write_sizes(const struct lc_html *w, const struct sizes *sizes)
{
    struct frame frame = frame_of(sizes);

    fprintf(w->to,
            "<figure>\n<figcaption><strong>Image sizes</strong> <span "
            "class='dim'>pixels: width to the right, height upwards; darker is more"
            "</span></figcaption>\n<svg class='plot' viewBox='0 0 %d %d' role='img' "
            "aria-label='Image sizes'>\n",
            LEFT + SIDE + 20, TOP + SIDE + 24);
    write_axes(w, &frame);
    for (size_t y = frame.first; y < frame.last; y++)
        for (size_t x = frame.first; x < frame.last; x++)
            if (sizes->cells[y][x])
                write_cell(w, &frame, x, y, sizes->cells[y][x]);
    fputs("</svg>\n</figure>\n", w->to);
}

/* ---- shapes ---- */

static void write_shapes(const struct lc_html *w, const struct sizes *sizes)
{
    static const char *const labels[SHAPES] = {
        [0] = "1:4",  [2] = "1:3",  [4] = "1:2",  [6] = "2:3",  [8] = "1:1",
        [10] = "3:2", [12] = "2:1", [14] = "3:1", [16] = "4:1",
    };
    struct lc_plot plot = {
        .title = "Aspect ratios",
        .of = "images",
        .count = SHAPES,
        .centred = true,
        .caption = "images by width to height",
    };

    for (size_t i = 0; i < SHAPES; i++) {
        plot.values[i] = sizes->shapes[i];
        if (i == 0)
            snprintf(plot.ranges[i], LC_PLOT_TEXT, "under %.2f", shape_from(1));
        else if (i == SHAPES - 1)
            snprintf(plot.ranges[i], LC_PLOT_TEXT, "from %.2f", shape_from(i));
        else
            snprintf(plot.ranges[i], LC_PLOT_TEXT, "%.2f to %.2f", shape_from(i),
                     shape_from(i + 1));
        if (labels[i])
            snprintf(plot.edges[i], sizeof(plot.edges[i]), "%s", labels[i]);
    }
    lc_plot_bars(w, &plot);
}

enum lc_status lc_plot_images(struct lc_html *w, struct lc_error *err)
{
    struct sizes *sizes = calloc(1, sizeof(*sizes));
    enum lc_status status;

    if (!sizes)
        return lc_fail_memory(err);
    status = lc_index_each_image(w->report->index, count_image, sizes, err);
    if (status == LC_OK && sizes->images) {
        write_sizes(w, sizes);
        write_shapes(w, sizes);
    }
    free(sizes);
    return status;
}

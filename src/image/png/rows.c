#include "image/png/rows.h"

enum { PASSES = 7 };

/* The seven passes of an interlaced picture: PNG specification section 8.2. */
struct pass {
    uint8_t first_row, row_step;
    uint8_t first_column, column_step;
};

static const struct pass passes[PASSES] = {{0, 8, 0, 8}, {0, 8, 4, 8}, {4, 8, 0, 4},
                                           {0, 4, 2, 4}, {2, 4, 0, 2}, {0, 2, 1, 2},
                                           {1, 2, 0, 1}};

/* The number of rows or columns before `end`, of which a pass has every `step`-th from
 * `first` on. */
static uint64_t count_steps(uint64_t end, unsigned first, unsigned step)
{
    return (end + step - 1 - first) / step;
}

uint32_t lc_png_rows_pixels(const struct lc_png_rows *rows)
{
    const struct pass *pass = &passes[rows->pass];

    if (!rows->interlaced)
        return rows->width;
    return (uint32_t)count_steps(rows->width, pass->first_column, pass->column_step);
}

static uint64_t row_size(const struct lc_png_rows *rows)
{
    return ((uint64_t)lc_png_rows_pixels(rows) * rows->bits + 7) / 8 + 1;
}

uint64_t lc_png_rows_total(const struct lc_png_rows *rows)
{
    struct lc_png_rows at = *rows;
    uint64_t total = 0;

    if (!rows->interlaced)
        return rows->size * rows->height;
    for (at.pass = 0; at.pass < PASSES; at.pass++) {
        const struct pass *pass = &passes[at.pass];
        uint64_t count = count_steps(rows->height, pass->first_row, pass->row_step);

        if (lc_png_rows_pixels(&at) > 0)
            total += count * row_size(&at);
    }
    return total;
}

void lc_png_rows_begin(struct lc_png_rows *rows)
{
    rows->size = row_size(rows);
    inflateReset(rows->stream);
}

void lc_png_rows_next(struct lc_png_rows *rows)
{
    rows->got = 0;
    rows->y += rows->interlaced ? passes[rows->pass].row_step : 1;
    if (!rows->interlaced)
        return;
    while (rows->y >= rows->height || rows->size <= 1) {
        rows->pass++;
        if (rows->pass == PASSES) {
            rows->y = rows->height;
            return;
        }
        rows->y = passes[rows->pass].first_row;
        rows->size = row_size(rows);
        lc_png_blank_pass(rows->blank);
        lc_png_alpha_pass(rows->alpha);
        if (rows->picture)
            lc_png_picture_pass(rows->picture);
    }
}

/*
 * Inflate one row, or as much of it as the input allows. A row that does not fit into the
 * window passes through it in pieces. If the window is full, zlib may hold more output
 * even though the input is used up, so running out of input does not end the loop.
 */
static int inflate_row(struct lc_png_rows *rows)
{
    z_stream *stream = rows->stream;
    int code;

    do {
        uint64_t left = rows->size - rows->got;
        uInt want = left < rows->window_size ? (uInt)left : (uInt)rows->window_size;
        bool fits = rows->size <= rows->window_size;

        stream->next_out = rows->window + (fits ? rows->got : 0);
        stream->avail_out = want;
        code = inflate(stream, Z_NO_FLUSH);
        if (code == Z_BUF_ERROR && stream->avail_in == 0)
            return Z_OK;
        if (code < 0)
            return code;
        if (rows->got == 0 && stream->avail_out < want)
            rows->filter = rows->window[0];
        rows->got += want - stream->avail_out;
    } while (stream->avail_out == 0 && rows->got < rows->size);
    return code;
}

/* Pass the row on to the picture. */
static void pass_on(const struct lc_png_rows *rows)
{
    const struct pass *pass = &passes[rows->pass];
    struct lc_png_place place = {0, rows->y, 1, lc_png_rows_pixels(rows)};

    if (rows->interlaced) {
        place.x = pass->first_column;
        place.step = pass->column_step;
    }
    lc_png_picture_row(rows->picture, &place);
}

/* The end of the stream after a complete row ends the picture too, even if rows are
 * missing: Pillow leaves them 0. */
enum lc_png_rows_state lc_png_rows_feed(struct lc_png_rows *rows, struct lc_bytes block)
{
    z_stream *stream = rows->stream;

    stream->next_in = block.data;
    stream->avail_in = (uInt)block.size;
    while (stream->avail_in > 0) {
        int code = inflate_row(rows);

        if (code == Z_MEM_ERROR)
            return LC_PNG_ROWS_NO_MEMORY;
        if (code < 0)
            return LC_PNG_ROWS_BROKEN;
        if (rows->got < rows->size)
            return LC_PNG_ROWS_MORE;
        if (rows->filter > 4)
            return LC_PNG_ROWS_FILTER;
        rows->ended = code == Z_STREAM_END;
        if (rows->picture) {
            pass_on(rows);
        } else if (rows->size <= rows->window_size) {
            lc_png_blank_row(rows->blank, rows->window, lc_png_rows_pixels(rows));
            lc_png_alpha_row(rows->alpha, rows->window, lc_png_rows_pixels(rows));
        }
        lc_png_rows_next(rows);
        if (rows->y >= rows->height || rows->ended)
            return LC_PNG_ROWS_DONE;
    }
    return LC_PNG_ROWS_MORE;
}

uint32_t lc_png_rows_complete(const struct lc_png_rows *rows)
{
    if (!rows->interlaced || rows->pass == PASSES || rows->pass == PASSES - 1)
        return rows->y < rows->height ? rows->y : rows->height;
    return 0;
}

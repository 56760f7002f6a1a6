#include "image/png_rows.h"

enum { PASSES = 7 };

/* The seven passes of an interlaced picture: PNG specification section 8.2. */
struct pass {
    uint8_t first_row, row_step;
    uint8_t column_round, column_step;
};

static const struct pass passes[PASSES] = {{0, 8, 7, 8}, {0, 8, 3, 8}, {4, 8, 3, 4},
                                           {0, 4, 1, 4}, {2, 4, 1, 2}, {0, 2, 0, 2},
                                           {1, 2, 0, 1}};

static uint64_t row_size(const struct lc_png_rows *rows)
{
    uint64_t pixels = rows->width;

    if (rows->interlaced)
        pixels =
            (pixels + passes[rows->pass].column_round) / passes[rows->pass].column_step;
    return (pixels * rows->bits + 7) / 8 + 1;
}

void lc_png_rows_begin(struct lc_png_rows *rows)
{
    rows->size = row_size(rows);
    inflateReset(rows->stream);
}

static void next_row(struct lc_png_rows *rows)
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
    }
}

/*
 * Inflate one row, or what there is of it, by windows. A window that was filled may leave
 * bytes inside the inflater, so the input being used up does not end the row.
 */
static int inflate_row(struct lc_png_rows *rows)
{
    z_stream *stream = rows->stream;
    int code;

    do {
        uint64_t left = rows->size - rows->got;
        uInt want = left < rows->window_size ? (uInt)left : (uInt)rows->window_size;

        stream->next_out = rows->window;
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

/* The stream's end after a complete row ends the picture too, even if rows are missing.
 */
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
        next_row(rows);
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

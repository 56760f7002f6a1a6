#include "dataset/peek.h"

#include "base/map.h"
#include "dataset/row.h"
#include "json/splitter.h"

#include <string.h>

/* Enough rows that a few odd ones at the start do not decide the kind. */
#define PEEK_ROWS 64
#define PEEK_BYTES ((size_t)4 << 20)

static enum lc_status add_paths(const struct lc_row_paths *from, struct lc_buffer *paths,
                                struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < from->count && status == LC_OK; i++) {
        const struct lc_span *image = &from->items[i];

        if (memchr(image->text, '\0', image->size) || image->text[0] == '/' ||
            memmem(image->text, image->size, "..", 2))
            continue;
        status = lc_buffer_add(paths, image->text, image->size, err);
        if (status == LC_OK)
            status = lc_buffer_add(paths, "", 1, err);
    }
    return status;
}

/* Inspect one row; *kind only changes towards LC_PEEK_ROWS. */
static enum lc_status peek_row(struct lc_json_parser *parser, struct lc_row *row,
                               const char *text, size_t size, enum lc_peek *kind,
                               struct lc_samples *samples, struct lc_error *err)
{
    struct lc_json_problem problem;
    struct lc_json_doc doc;
    enum lc_status status =
        lc_json_parse_exact(parser, text, size, true, &doc, &problem, err);

    if (status != LC_OK)
        return status;
    if (problem.fault != LC_JSON_FINE) {
        if (*kind == LC_PEEK_OTHER)
            *kind = LC_PEEK_BROKEN;
        return LC_OK;
    }
    status = lc_row_read(row, &doc, err);
    if (status != LC_OK)
        return status;
    if (row->object &&
        (row->turns_kind != LC_TURNS_MISSING ||
         (row->id_kind != LC_ID_MISSING && row->images.kind != LC_PATHS_NONE)))
        *kind = LC_PEEK_ROWS;
    status = add_paths(&row->images, &samples->images, err);
    return status == LC_OK ? add_paths(&row->videos, &samples->videos, err) : status;
}

/* Whether a file without rows may have been meant to have some: rows inside an object,
 * rows after many other values, an error page saved under the file's name. */
static bool may_hold_rows(const char *text, size_t size)
{
    static const char key[] = "\"conversations\"";
    size_t at = 0;

    while (at < size && strchr(" \t\r\n", text[at]) && text[at])
        at++;
    return (at < size && text[at] == '<') ||
           memmem(text, size, key, sizeof(key) - 1) != NULL;
}

static enum lc_status peek_map(const struct lc_map *map, bool lines, enum lc_peek *kind,
                               struct lc_samples *samples, struct lc_error *err)
{
    size_t size = map->size < PEEK_BYTES ? map->size : PEEK_BYTES;
    struct lc_splitter *splitter = NULL;
    struct lc_json_parser *parser = NULL;
    struct lc_row row = {0};
    struct lc_piece piece;
    enum lc_status status;

    status = lc_splitter_new(map->data, size, lines, &splitter, err);
    if (status == LC_OK)
        status = lc_json_parser_new(&parser, err);
    for (int i = 0; i < PEEK_ROWS && status == LC_OK; i++) {
        if (!lc_splitter_next(splitter, &piece))
            break;
        if (piece.kind == LC_PIECE_ROW)
            status = peek_row(parser, &row, map->data + piece.place.offset, piece.size,
                              kind, samples, err);
        else if (*kind == LC_PEEK_OTHER && piece.problem.fault != LC_JSON_NOT_ROWS &&
                 piece.problem.fault != LC_JSON_BLANK_LINE &&
                 piece.problem.fault != LC_JSON_FINE)
            *kind = LC_PEEK_BROKEN;
    }
    if (status == LC_OK && *kind == LC_PEEK_OTHER && may_hold_rows(map->data, size))
        *kind = LC_PEEK_BROKEN;
    lc_row_clear(&row);
    lc_json_parser_free(parser);
    lc_splitter_free(splitter);
    return status;
}

enum lc_status lc_peek_rows(const char *path, bool lines, enum lc_peek *kind,
                            struct lc_samples *samples, struct lc_error *err)
{
    struct lc_map map = {0};
    enum lc_status status = lc_map_open(path, &map, err);

    *kind = LC_PEEK_OTHER;
    if (status == LC_OK)
        status = peek_map(&map, lines, kind, samples, err);
    lc_map_close(&map);
    return status;
}

#include "scan/rows/sample.h"

#include "json/splitter.h"

enum lc_status lc_rows_sample(const struct lc_map *map, bool lines, size_t max_rows,
                              size_t max_bytes, FILE *to, uint64_t *bytes,
                              struct lc_error *err)
{
    struct lc_splitter *splitter = NULL;
    struct lc_piece piece;
    size_t rows = 0, size = 0;
    enum lc_status status = lc_splitter_new(map->data, map->size, lines, &splitter, err);

    while (status == LC_OK && rows < max_rows && size < max_bytes &&
           lc_splitter_next(splitter, &piece)) {
        if (piece.kind != LC_PIECE_ROW)
            continue;
        fprintf(to, "%s", rows++ ? ",\n" : "[");
        fwrite(map->data + piece.place.offset, 1, piece.size, to);
        size += piece.size;
    }
    fprintf(to, "%s", rows ? "]\n" : "[]\n");
    lc_splitter_free(splitter);
    *bytes += size;
    return status;
}

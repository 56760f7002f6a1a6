#include "view/place.h"

#include "view/select.h"

#include <string.h>

/* A pattern, and the state of a walk over the rows of an id. */
struct place_query {
    const struct lc_index *index;
    const char *pattern;
    struct lc_buffer *scratch;
    bool has_rows;  /* there are rows with the id */
    bool all_match; /* all of them match so far */
    enum lc_status status;
    struct lc_error *err;
};

/* Match the path as rows have it, or with the image root prepended. */
static enum lc_status match_image(const struct place_query *q, uint32_t number, bool *out,
                                  struct lc_error *err)
{
    struct lc_span root = lc_index_info(q->index)->image_root, path;
    struct lc_image_record image;
    enum lc_status status = lc_index_get_image(q->index, number, &image, err);

    if (status != LC_OK)
        return status;
    path = image.path;
    if (path.size > 2 && memcmp(path.text, "./", 2) == 0)
        path = (struct lc_span){path.text + 2, path.size - 2};
    *out = lc_pattern_matches(q->pattern, path);
    if (*out || lc_span_is(root, "."))
        return LC_OK;
    q->scratch->size = 0;
    status = lc_buffer_add(q->scratch, root.text, root.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(q->scratch, "/", 1, err);
    if (status == LC_OK)
        status = lc_buffer_add(q->scratch, path.text, path.size, err);
    if (status == LC_OK)
        *out = lc_pattern_matches(q->pattern,
                                  (struct lc_span){q->scratch->data, q->scratch->size});
    return status;
}

static enum lc_status match_file(const struct place_query *q, uint32_t number,
                                 struct lc_file_record *file, bool *out,
                                 struct lc_error *err)
{
    enum lc_status status = lc_index_get_file(q->index, number, file, err);

    if (status == LC_OK)
        *out = lc_pattern_matches(q->pattern, file->name);
    return status;
}

static enum lc_status match_images_of_row(const struct place_query *q, uint64_t row,
                                          bool *out, struct lc_error *err)
{
    struct lc_span images;
    enum lc_status status = lc_index_images_of_row(q->index, row, &images, err);

    *out = status == LC_OK && images.size > 0;
    for (size_t at = 0; *out && status == LC_OK && at < images.size; at += 4)
        status = match_image(q, lc_get_u32((const uint8_t *)images.text + at), out, err);
    return status;
}

static void match_row(void *user, uint64_t number)
{
    struct place_query *q = user;
    struct lc_file_record file;
    struct lc_row_record row;
    bool matches = false;

    q->has_rows = true;
    if (!q->all_match || q->status != LC_OK)
        return;
    q->status = lc_index_get_row(q->index, number, &row, q->err);
    if (q->status == LC_OK)
        q->status = match_file(q, row.file, &file, &matches, q->err);
    if (q->status == LC_OK && !matches)
        q->status = match_images_of_row(q, number, &matches, q->err);
    q->all_match = matches;
}

enum lc_status lc_place_matches(const struct lc_index *index,
                                const struct lc_finding_record *finding,
                                const char *pattern, struct lc_buffer *scratch, bool *out,
                                struct lc_error *err)
{
    struct place_query q = {.index = index,
                            .pattern = pattern,
                            .scratch = scratch,
                            .all_match = true,
                            .err = err};
    struct lc_file_record file;
    enum lc_status status;

    *out = false;
    if (finding->kind == LC_FINDING_IMAGE)
        return match_image(&q, finding->image, out, err);
    if (finding->kind == LC_FINDING_ROW) {
        status = match_file(&q, finding->file, &file, out, err);
        if (status != LC_OK || *out || finding->row < 0)
            return status;
        return match_images_of_row(&q, file.first_row + (uint64_t)finding->row, out, err);
    }
    status = lc_index_each_row_of_id(index, finding->id, match_row, &q, err);
    *out = q.has_rows && q.all_match && q.status == LC_OK;
    return status == LC_OK ? q.status : status;
}

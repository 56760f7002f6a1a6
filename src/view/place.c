#include "view/place.h"

#include "view/select.h"

#include <string.h>

/* A question about a place, and what is found on the way. */
struct question {
    const struct lc_index *index;
    const char *pattern;
    struct lc_buffer *room;
    bool any; /* there are rows of the id */
    bool all; /* each of them is there, so far */
    enum lc_status status;
    struct lc_error *err;
};

/* By the path that rows have, or with the image root before it. */
static enum lc_status ask_image(const struct question *q, uint32_t number, bool *out,
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
    q->room->size = 0;
    status = lc_buffer_add(q->room, root.text, root.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(q->room, "/", 1, err);
    if (status == LC_OK)
        status = lc_buffer_add(q->room, path.text, path.size, err);
    if (status == LC_OK)
        *out = lc_pattern_matches(q->pattern,
                                  (struct lc_span){q->room->data, q->room->size});
    return status;
}

static enum lc_status ask_file(const struct question *q, uint32_t number,
                               struct lc_file_record *file, bool *out,
                               struct lc_error *err)
{
    enum lc_status status = lc_index_get_file(q->index, number, file, err);

    if (status == LC_OK)
        *out = lc_pattern_matches(q->pattern, file->name);
    return status;
}

static enum lc_status ask_images_of(const struct question *q, uint64_t row, bool *out,
                                    struct lc_error *err)
{
    struct lc_span images;
    enum lc_status status = lc_index_images_of_row(q->index, row, &images, err);

    *out = status == LC_OK && images.size > 0;
    for (size_t at = 0; *out && status == LC_OK && at < images.size; at += 4)
        status = ask_image(q, lc_get_u32((const uint8_t *)images.text + at), out, err);
    return status;
}

static void ask_row(void *user, uint64_t number)
{
    struct question *q = user;
    struct lc_file_record file;
    struct lc_row_record row;
    bool has = false;

    q->any = true;
    if (!q->all || q->status != LC_OK)
        return;
    q->status = lc_index_get_row(q->index, number, &row, q->err);
    if (q->status == LC_OK)
        q->status = ask_file(q, row.file, &file, &has, q->err);
    if (q->status == LC_OK && !has)
        q->status = ask_images_of(q, number, &has, q->err);
    q->all = has;
}

enum lc_status lc_place_matches(const struct lc_index *index,
                                const struct lc_finding_record *finding,
                                const char *pattern, struct lc_buffer *room, bool *out,
                                struct lc_error *err)
{
    struct question q = {
        .index = index, .pattern = pattern, .room = room, .all = true, .err = err};
    struct lc_file_record file;
    enum lc_status status;

    *out = false;
    if (finding->kind == LC_FINDING_IMAGE)
        return ask_image(&q, finding->image, out, err);
    if (finding->kind == LC_FINDING_ROW) {
        status = ask_file(&q, finding->file, &file, out, err);
        if (status != LC_OK || *out || finding->row < 0)
            return status;
        return ask_images_of(&q, file.first_row + (uint64_t)finding->row, out, err);
    }
    status = lc_index_each_row_of_id(index, finding->id, ask_row, &q, err);
    *out = q.any && q.all && q.status == LC_OK;
    return status == LC_OK ? q.status : status;
}

/* Walks that combine several tables */
#include "index/read/reader.h"

#include "index/read/packs.h"

#include <string.h>

/* A finding's key starts with its subject: kind, file or image, row. */
#define ABOUT_SIZE 13

/* A merge join of rows and row_images: both are sorted by row number, so one forward pass
 * over each finds the images of every row. */
struct row_walk {
    lc_row_fn *each;
    void *user;
    struct lc_cursor cursor; /* of row_images */
    struct lc_span images;   /* the part of the cursor's value that is left */
    bool ended;              /* no more rows name images */
    struct lc_read_range range;
};

static enum lc_status damaged(struct lc_error *err)
{
    return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: a list is malformed");
}

/* Split the first record off a value of a packed table of rows. */
static enum lc_status split_record(struct lc_span *list, uint64_t *row,
                                   struct lc_span *record, struct lc_error *err)
{
    const uint8_t *bytes = (const uint8_t *)list->text;
    uint32_t size;

    if (list->size < LC_PACK_HEAD)
        return damaged(err);
    size = lc_get_u32(bytes + 8);
    if (size > list->size - LC_PACK_HEAD)
        return damaged(err);
    *row = lc_get_u64(bytes);
    *record = (struct lc_span){list->text + LC_PACK_HEAD, size};
    list->text += LC_PACK_HEAD + size;
    list->size -= LC_PACK_HEAD + size;
    return LC_OK;
}

/* Advance to the images of a row; *out is empty if it names none. */
static enum lc_status find_images(struct row_walk *walk, uint64_t row,
                                  struct lc_span *out, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    *out = (struct lc_span){0};
    while (status == LC_OK && !walk->ended) {
        struct lc_span before = walk->images, record = {0};
        uint64_t number = 0;
        bool found = false;

        if (walk->images.size) {
            status = split_record(&walk->images, &number, &record, err);
            if (status != LC_OK || number < row)
                continue;
            if (number == row)
                *out = record;
            else
                walk->images = before; /* the images belong to a later row: keep them */
            return LC_OK;
        }
        status = lc_cursor_next(&walk->cursor, &found, err);
        walk->ended = !found;
        if (status == LC_OK && found) {
            walk->images = walk->cursor.value;
            lc_read_range_add(&walk->range, walk->images);
        }
    }
    return status;
}

static enum lc_status walk_rows(void *user, struct lc_span key, struct lc_span value,
                                struct lc_error *err)
{
    struct row_walk *walk = user;
    enum lc_status status = LC_OK;

    (void)key;
    while (value.size && status == LC_OK) {
        struct lc_row_record row = {0};
        struct lc_span record = {0}, images = {0};
        uint64_t number = 0;

        status = split_record(&value, &number, &record, err);
        if (status == LC_OK)
            status = lc_row_decode(record, &row, err);
        if (status == LC_OK)
            status = find_images(walk, number, &images, err);
        if (status == LC_OK)
            status = walk->each(walk->user, number, &row, images, err);
    }
    return status;
}

enum lc_status lc_index_each_row(const struct lc_index *index, lc_row_fn *each,
                                 void *user, struct lc_error *err)
{
    struct row_walk walk = {.each = each, .user = user};

    lc_index_cursor(index, LC_TABLE_ROW_IMAGES, &walk.cursor);
    return lc_index_each_pair(index, LC_TABLE_ROWS, walk_rows, &walk, err);
}

enum lc_status lc_index_images_of_row(const struct lc_index *index, uint64_t row,
                                      struct lc_span *out, struct lc_error *err)
{
    struct lc_cursor cursor;
    enum lc_status status;

    lc_index_cursor(index, LC_TABLE_ROW_IMAGES, &cursor);
    status = lc_pack_find_record(&cursor, row, out, err);
    return status == LC_OK ? lc_index_spend(index, out->size, err) : status;
}

enum lc_status lc_index_each_finding_of(const struct lc_index *index,
                                        enum lc_finding_kind kind, uint32_t subject,
                                        int64_t row, lc_finding_fn *each, void *user,
                                        struct lc_error *err)
{
    uint8_t about[ABOUT_SIZE];
    struct lc_cursor cursor;
    bool found = false;
    enum lc_status status;

    about[0] = (uint8_t)kind;
    lc_put_u32(about + 1, subject);
    lc_put_u64(about + 5, (uint64_t)(row + 1));
    lc_index_cursor(index, LC_TABLE_FINDINGS, &cursor);
    status = lc_cursor_seek(&cursor, (struct lc_span){(char *)about, sizeof(about)},
                            &found, err);
    while (status == LC_OK && found && cursor.key.size >= sizeof(about) &&
           memcmp(cursor.key.text, about, sizeof(about)) == 0) {
        struct lc_finding_record finding;

        status = lc_index_spend(index, LC_WORK_FINDING, err);
        if (status == LC_OK)
            status = lc_index_read_finding(cursor.key, cursor.value, &finding, err);
        if (status == LC_OK)
            status = each(user, &finding, err);
        if (status == LC_OK)
            status = lc_cursor_next(&cursor, &found, err);
    }
    return status;
}

struct content_walk {
    lc_content_fn *each;
    void *user;
};

static enum lc_status walk_contents(void *user, struct lc_span key, struct lc_span value,
                                    struct lc_error *err)
{
    const struct content_walk *walk = user;
    const size_t size = sizeof(struct lc_hash) + 8;
    enum lc_status status = LC_OK;

    (void)key;
    if (value.size % size)
        return damaged(err);
    for (size_t at = 0; at < value.size && status == LC_OK; at += size) {
        struct lc_hash content;
        uint64_t image =
            lc_get_u64((const uint8_t *)value.text + at + sizeof(content.bytes));

        memcpy(content.bytes, value.text + at, sizeof(content.bytes));
        status = walk->each(walk->user, &content, (uint32_t)image, err);
    }
    return status;
}

enum lc_status lc_index_each_content(const struct lc_index *index, lc_content_fn *each,
                                     void *user, struct lc_error *err)
{
    struct content_walk walk = {each, user};

    return lc_index_each_pair(index, LC_TABLE_BY_CONTENT, walk_contents, &walk, err);
}

enum lc_status lc_index_each_image_of_content(const struct lc_index *index,
                                              const struct lc_hash *content,
                                              lc_number_fn *each, void *user,
                                              struct lc_error *err)
{
    struct lc_span key = {(const char *)content->bytes, sizeof(content->bytes)};
    struct lc_cursor cursor;
    uint64_t count;
    enum lc_status status;

    lc_index_cursor(index, LC_TABLE_BY_CONTENT, &cursor);
    status =
        lc_pack_each(&cursor, key, key.size + 8, UINT64_MAX, &count, each, user, err);
    return status == LC_OK ? lc_index_spend(index, count * LC_WORK_ENTRY, err) : status;
}

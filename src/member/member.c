#include "member/member.h"

#include "archive/archive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)256 << 10)

struct lc_member_reader {
    const struct lc_index *index;
    const struct lc_folder *data;
    bool inside;
    uint32_t number; /* of the archive that was asked for last + 1; 0: none */
    struct lc_file_facts facts;
    enum lc_read_result result; /* of opening it */
    int os_errno;
    bool is_same; /* it is as it was when it was checked: its points can be used */
    struct lc_archive *archive; /* NULL: not open */
    struct lc_buffer name;
    struct lc_archive_point point;
    uint64_t data_at, left; /* of the image */
    uint64_t from;          /* the offset of the point before it, or 0 */
    /* where it was damaged, so that it is not read up to there for each image */
    bool is_stuck;
    uint64_t stuck_from, stuck_at;
};

enum lc_status lc_member_reader_new(const struct lc_index *index,
                                    const struct lc_folder *data, bool inside,
                                    struct lc_member_reader **out, struct lc_error *err)
{
    *out = calloc(1, sizeof(**out));
    if (!*out)
        return lc_fail_memory(err);
    (*out)->index = index;
    (*out)->data = data;
    (*out)->inside = inside;
    return LC_OK;
}

void lc_member_reader_free(struct lc_member_reader *reader)
{
    if (!reader)
        return;
    lc_archive_close(reader->archive);
    lc_buffer_clear(&reader->name);
    free(reader);
}

/* Open the archive at its beginning. */
static enum lc_status open_archive(struct lc_member_reader *reader, struct lc_error *err)
{
    int fd = -1;
    enum lc_status status;

    lc_archive_close(reader->archive);
    reader->archive = NULL;
    status = lc_folder_open_file(reader->data, reader->name.data, &fd, &reader->facts,
                                 &reader->result, &reader->os_errno, err);
    if (status == LC_OK && reader->result == LC_READ_OK && reader->inside &&
        !lc_folder_is_inside(reader->data, fd)) {
        reader->result = LC_READ_NOT_ALLOWED;
        reader->os_errno = EXDEV;
    }
    if (status == LC_OK && reader->result == LC_READ_OK) {
        status = lc_archive_open(fd, reader->name.data, NULL, &reader->archive, err);
        fd = -1;
    }
    if (fd >= 0)
        close(fd);
    return status;
}

/* Turn to another archive. */
static enum lc_status find_archive(struct lc_member_reader *reader, uint32_t number,
                                   struct lc_error *err)
{
    struct lc_archive_record record = {0};
    enum lc_status status = lc_index_get_archive(reader->index, number, &record, err);
    struct lc_file_facts then = {record.size, record.mtime_ns, record.ctime_ns,
                                 record.inode, record.device};

    reader->number = 0;
    reader->is_stuck = false;
    reader->name.size = 0;
    if (status == LC_OK)
        status = lc_buffer_add(&reader->name, record.name.text, record.name.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(&reader->name, "", 1, err);
    if (status != LC_OK)
        return status;
    if (!record.name.size || memchr(record.name.text, '\0', record.name.size) ||
        (reader->inside && lc_path_outside(record.name))) {
        lc_archive_close(reader->archive);
        reader->archive = NULL;
        reader->facts = (struct lc_file_facts){0};
        reader->result = LC_READ_NOT_ALLOWED;
        reader->os_errno = EXDEV;
    } else {
        status = open_archive(reader, err);
    }
    reader->is_same = lc_file_facts_equal(&reader->facts, &then);
    if (status == LC_OK)
        reader->number = number + 1;
    return status;
}

/* Get the last point before an offset. */
static enum lc_status find_point(struct lc_member_reader *reader, uint64_t offset,
                                 const struct lc_archive_point **out,
                                 struct lc_error *err)
{
    struct lc_archive_point *point = &reader->point;
    struct lc_point_record record = {0};
    bool found = false;
    enum lc_status status;

    *out = NULL;
    if (!reader->is_same || lc_archive_end(reader->archive)->coding != LC_CODING_GZIP)
        return LC_OK;
    status = lc_index_find_point(reader->index, reader->number - 1, offset, &record,
                                 &point->offset, &found, err);
    if (status != LC_OK || !found)
        return status;
    point->bit = record.bit;
    point->begin = record.begin;
    point->crc = record.crc;
    point->window_size = record.window_size;
    if (point->begin <= point->offset && lc_archive_window_unpack(record.window, point))
        *out = point;
    return LC_OK;
}

static void note_stuck(struct lc_member_reader *reader)
{
    if (lc_archive_end(reader->archive)->kind != LC_ARCHIVE_TAR)
        return; /* members of a zip do not depend on those before */
    reader->is_stuck = true;
    reader->stuck_from = reader->from;
    reader->stuck_at = lc_archive_end(reader->archive)->size;
}

/* Go to the data of the image; *found is set to whether they are there. */
static enum lc_status seek(struct lc_member_reader *reader, bool *found,
                           struct lc_error *err)
{
    const struct lc_archive_point *point = NULL;
    enum lc_status status = find_point(reader, reader->data_at, &point, err);

    *found = false;
    reader->from = point ? point->offset : 0;
    if (status != LC_OK || (reader->is_stuck && reader->from <= reader->stuck_from &&
                            reader->data_at >= reader->stuck_at))
        return status;
    status = lc_archive_seek_data(reader->archive, point, reader->data_at, reader->left,
                                  found, err);
    if (status == LC_OK && !*found) { /* it is before what was read */
        status = open_archive(reader, err);
        if (status == LC_OK && reader->result == LC_READ_OK)
            status = lc_archive_seek_data(reader->archive, point, reader->data_at,
                                          reader->left, found, err);
    }
    if (status == LC_OK && reader->archive && !*found)
        note_stuck(reader);
    return status;
}

enum lc_status lc_member_begin(struct lc_member_reader *reader,
                               const struct lc_image_record *image,
                               struct lc_file_facts *facts, enum lc_read_result *result,
                               int *os_errno, struct lc_error *err)
{
    bool found = false;
    enum lc_status status = LC_OK;

    if (!image->archive)
        return lc_fail(err, LC_ERR_INDEX, 0, "the image is not in an archive");
    if (reader->number != image->archive)
        status = find_archive(reader, image->archive - 1, err);
    reader->data_at = image->offset;
    reader->left = image->size;
    if (status == LC_OK && reader->archive)
        status = seek(reader, &found, err);
    *facts = reader->facts;
    facts->size = image->size;
    *os_errno = reader->os_errno;
    *result = reader->result != LC_READ_OK || found ? reader->result : LC_READ_MISSING;
    if (!found)
        reader->left = 0;
    return status;
}

enum lc_status lc_member_next(struct lc_member_reader *reader, void *to, size_t size,
                              size_t *got, struct lc_error *err)
{
    size_t want = reader->left < size ? (size_t)reader->left : size;
    enum lc_status status = LC_OK;

    *got = 0;
    if (!want)
        return LC_OK;
    status = lc_archive_read(reader->archive, to, want, got, err);
    reader->left -= *got;
    if (status == LC_OK && *got < want) {
        reader->left = 0;
        note_stuck(reader);
    }
    return status;
}

enum lc_status lc_member_read(struct lc_member_reader *reader,
                              const struct lc_image_record *image, uint64_t limit,
                              struct lc_buffer *buffer, struct lc_file_facts *facts,
                              enum lc_read_result *result, int *os_errno,
                              struct lc_error *err)
{
    size_t got = 1;
    enum lc_status status = LC_OK;

    buffer->size = 0;
    if (image->size > limit) {
        *facts = (struct lc_file_facts){.size = image->size};
        *os_errno = 0;
        *result = LC_READ_TOO_LARGE;
        return LC_OK;
    }
    status = lc_member_begin(reader, image, facts, result, os_errno, err);
    while (status == LC_OK && *result == LC_READ_OK && got) {
        /* in pieces: the size may be a stranger's */
        size_t piece = reader->left < PIECE ? (size_t)reader->left + 1 : PIECE;

        status = lc_buffer_reserve(buffer, piece, err);
        if (status == LC_OK)
            status =
                lc_member_next(reader, buffer->data + buffer->size, piece, &got, err);
        buffer->size += status == LC_OK ? got : 0;
    }
    return status;
}

#include "member/member.h"

#include "archive/archive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)256 << 10)

#define MOST_KEPT ((uint64_t)4 << 20)
#define REACHED_AT_ONCE 64 /* members for one thread, if each can be reached directly */

/* ---- places ---- */

static int by_place(const void *a, const void *b)
{
    const struct lc_member_place *x = a, *y = b;

    if (x->archive != y->archive)
        return x->archive < y->archive ? -1 : 1;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return (x->image > y->image) - (x->image < y->image);
}

void lc_member_sort(struct lc_member_place *places, size_t count)
{
    if (count) /* places may be NULL */
        qsort(places, count, sizeof(*places), by_place);
}

/* Get the offset of the last point before an offset; 0 if there is none. */
static enum lc_status point_before(const struct lc_index *index, uint32_t archive,
                                   uint64_t offset, uint64_t *out, struct lc_error *err)
{
    struct lc_point_record record;
    bool found = false;
    enum lc_status status =
        lc_index_find_point(index, archive, offset, &record, out, &found, err);

    if (!found)
        *out = 0;
    return status;
}

enum lc_status lc_member_stretch(const struct lc_index *index,
                                 const struct lc_member_place *places, size_t count,
                                 size_t from, size_t *to, struct lc_error *err)
{
    const struct lc_member_place *first = &places[from];
    struct lc_archive_record archive = {0};
    uint64_t begin = 0, at = 0;
    bool is_reached;
    enum lc_status status = lc_index_get_archive(index, first->archive, &archive, err);

    is_reached = lc_span_is(archive.kind, ".tar") || lc_span_is(archive.kind, ".zip");
    if (status == LC_OK)
        status = point_before(index, first->archive, first->offset, &begin, err);
    for (*to = from + 1; *to < count && status == LC_OK; ++*to) {
        const struct lc_member_place *place = &places[*to];

        if (place->archive != first->archive ||
            (is_reached && *to - from == REACHED_AT_ONCE))
            break;
        status = point_before(index, place->archive, place->offset, &at, err);
        if (at != begin)
            break;
    }
    return status;
}

/* ---- the reader ---- */

struct lc_member_reader {
    const struct lc_index *index;
    const struct lc_folder *data;
    bool inside;
    uint32_t number; /* 1 + the number of the archive used last; 0: none */
    struct lc_file_facts facts;
    enum lc_read_result result; /* result of opening that archive */
    int os_errno;
    bool is_same; /* it has not changed since it was checked, so its points can be used */
    struct lc_archive *archive; /* NULL: not open */
    struct lc_buffer name;
    struct lc_archive_point point;
    uint64_t data_at, left; /* of the image: position of its data in the archive, and
                               bytes left to read */
    bool is_again;          /* the image is the last one, whose bytes are kept */
    struct lc_buffer kept;  /* bytes of the last image, if small: several paths and links
                               can share it */
    uint64_t kept_at, kept_size;
    uint64_t from; /* the offset of the last point before the image, or 0 */
    /* where the archive is damaged, so that it is not read up to there for each image */
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
    lc_buffer_clear(&reader->kept);
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

/* Switch to another archive. */
static enum lc_status find_archive(struct lc_member_reader *reader, uint32_t number,
                                   struct lc_error *err)
{
    struct lc_archive_record record = {0};
    enum lc_status status = lc_index_get_archive(reader->index, number, &record, err);
    struct lc_file_facts then = {record.size, record.mtime_ns, record.ctime_ns,
                                 record.inode, record.device};

    reader->number = 0;
    reader->kept.size = 0;
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
        return; /* members of a zip do not depend on earlier ones */
    reader->is_stuck = true;
    reader->stuck_from = reader->from;
    reader->stuck_at = lc_archive_end(reader->archive)->size;
}

/* Go to the data of the image; *found is set to whether it exists. */
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
    if (status == LC_OK && !*found && /* it may be before the current position: start
                                         again */
        lc_archive_end(reader->archive)->kind == LC_ARCHIVE_TAR) {
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
                               const struct lc_member_place *place,
                               struct lc_file_facts *facts, enum lc_read_result *result,
                               int *os_errno, struct lc_error *err)
{
    bool found = false;
    enum lc_status status = LC_OK;

    if (reader->number != place->archive + 1)
        status = find_archive(reader, place->archive, err);
    reader->is_again =
        reader->archive && reader->kept.size && reader->kept_at == place->offset &&
        reader->kept_size == place->size && reader->kept.size == place->size;
    reader->data_at = place->offset;
    reader->left = place->size;
    found = reader->is_again;
    if (!found) {
        reader->kept.size = 0;
        reader->kept_at = place->offset;
        reader->kept_size = place->size;
    }
    if (status == LC_OK && reader->archive && !found)
        status = seek(reader, &found, err);
    *facts = reader->facts;
    facts->size = place->size;
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
    if (reader->is_again) {
        memcpy(to, reader->kept.data + (reader->kept.size - reader->left), want);
        reader->left -= want;
        *got = want;
        return LC_OK;
    }
    status = lc_archive_read(reader->archive, to, want, got, err);
    reader->left -= *got;
    if (status == LC_OK && *got && reader->kept_size <= MOST_KEPT)
        status = lc_buffer_add(&reader->kept, to, *got, err);
    if (status == LC_OK && *got < want) {
        reader->left = 0;
        note_stuck(reader);
    }
    return status;
}

enum lc_status lc_member_read(struct lc_member_reader *reader,
                              const struct lc_member_place *place, uint64_t limit,
                              struct lc_buffer *buffer, struct lc_file_facts *facts,
                              enum lc_read_result *result, int *os_errno,
                              struct lc_error *err)
{
    size_t got = 1;
    enum lc_status status = LC_OK;

    buffer->size = 0;
    if (place->size > limit) {
        *facts = (struct lc_file_facts){.size = place->size};
        *os_errno = 0;
        *result = LC_READ_TOO_LARGE;
        return LC_OK;
    }
    status = lc_member_begin(reader, place, facts, result, os_errno, err);
    while (status == LC_OK && *result == LC_READ_OK && got) {
        /* in pieces, as the size may come from a forged index */
        size_t piece = reader->left < PIECE ? (size_t)reader->left + 1 : PIECE;

        status = lc_buffer_reserve(buffer, piece, err);
        if (status == LC_OK)
            status =
                lc_member_next(reader, buffer->data + buffer->size, piece, &got, err);
        buffer->size += status == LC_OK ? got : 0;
    }
    return status;
}

/* Puts the images of the kept rows under a new root
 *
 * Idea. Rows were kept because of what the index says about their images, so a file under
 * the new root must have the hash in the index. To be sure, the written file is read back
 * and hashed. Names may come from strangers: lc_tree keeps them below the root, and gives
 * a file its name only when the file is complete. So the files left by a killed run are
 * correct, and the next run keeps them.
 *
 * One thread reads the index, several copy: see scan/common/pipeline.h. */
#include "clean/state.h"

#include "base/clock.h"
#include "member/member.h"
#include "scan/common/pipeline.h"
#include "scan/common/run.h"
#include "store/folder.h"
#include "store/tree.h"
#include "transcode/transcode.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BATCH 4
#define PIECE ((size_t)256 << 10) /* bytes read at once */
#define PROGRESS_NS 100000000
#define SHARED_MEMORY ((uint64_t)128 << 20) /* larger pictures: one at a time */

/* Whether a kept row names an image. */
enum { UNWANTED, WANTED, WANTED_MEMBER };

/* The result for an image. */
enum outcome { PLACED, THERE_BEFORE, MISSING, OUTSIDE, NOT_REWRITTEN };

/* An image that rows name. The job's buffer keeps its path, terminated by NUL. */
struct item {
    struct lc_buffer path;
    struct lc_hash content; /* hash of the bytes to put in its place */
    uint64_t size;
    enum outcome outcome;
    uint32_t number;
    bool is_rewritten;
    enum lc_content kind;
    uint8_t orientation;
    uint32_t factor;  /* factor by which it is scaled down */
    uint64_t memory;  /* memory needed to rewrite it */
    bool is_archived; /* it is a member of an archive: see place */
    struct lc_member_place place;
};

struct place_job {
    struct lc_job job;
    size_t count, capacity;
    struct item *items;
};

struct placing {
    struct lc_clean *clean;
    enum lc_clean_images how;
    struct lc_folder *from;
    struct lc_tree *to;
    char root[PATH_MAX]; /* folder of the images, without links */
    uint8_t *wanted;     /* by image: UNWANTED, WANTED or WANTED_MEMBER */
    uint64_t total;      /* number of wanted images */
    uint64_t images;
    uint32_t next;          /* the reader's position */
    struct lc_folder *data; /* the data folder; NULL: no image is in an archive */
    struct lc_member_place *members; /* sorted images that are in archives */
    size_t member_count, member_capacity;
    size_t next_member;    /* the reader's position, after all files */
    bool is_repeated;      /* this run has placed images before */
    uint64_t done;         /* this and what follows: the collector's */
    int64_t reported_ns;   /* when progress was last reported */
    pthread_mutex_t large; /* held while a large picture is rewritten */
};

struct place_scratch {
    struct lc_tree_place place;
    struct lc_hasher *hasher;
    struct lc_hasher *source_hasher;
    char *piece;                      /* PIECE bytes */
    struct lc_buffer bytes;           /* bytes of an image to rewrite */
    struct lc_buffer written;         /* its rewritten bytes */
    struct lc_member_reader *members; /* NULL: no image is in an archive */
};

/* ---- choosing images ---- */

/* The index with the images of the result: fixed rows may name other images than the
 * original rows. */
static const struct lc_index *index_of(const struct lc_clean *clean)
{
    return clean->result ? clean->result : clean->index;
}

/* Whether an image of that index is rewritten. */
static bool is_settled(const struct lc_clean *clean, uint32_t number)
{
    const uint8_t *settled = clean->result ? clean->result_settled : clean->settled;

    return settled && settled[number];
}

/* Mark the images of the kept rows. */
static enum lc_status mark_images(struct placing *placing, struct lc_error *err)
{
    struct lc_clean *clean = placing->clean;
    struct lc_stream *stream = NULL;
    struct lc_span images;
    uint64_t row = 0;
    bool found = true;
    enum lc_status status =
        lc_stream_new(index_of(clean), LC_STREAM_ROW_IMAGES, &stream, err);

    while (status == LC_OK) {
        status = lc_stream_row_images(stream, &row, &images, &found, err);
        if (status != LC_OK || !found)
            break;
        if (!clean->result && (row >= clean->rows || clean->parts[row] >= LC_ROW_LEFT))
            continue;
        for (size_t at = 0; at + 4 <= images.size; at += 4) {
            uint32_t image = lc_get_u32((const uint8_t *)images.text + at);

            if (image >= placing->images) {
                status =
                    lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such image");
                break;
            }
            placing->total += !placing->wanted[image];
            placing->wanted[image] = WANTED;
        }
    }
    lc_stream_free(stream);
    return status;
}

/* Count the videos that kept rows name. */
static enum lc_status count_videos(struct lc_clean *clean, struct lc_error *err)
{
    struct lc_stream *stream = NULL;
    struct lc_row_record record;
    uint64_t row = 0;
    bool found = true;
    enum lc_status status;

    clean->counts.videos_left = 0;
    status = lc_stream_new(clean->index, LC_STREAM_ROWS, &stream, err);
    while (status == LC_OK) {
        status = lc_stream_row(stream, &row, &record, &found, err);
        if (status != LC_OK || !found)
            break;
        if (row < clean->rows && clean->parts[row] < LC_ROW_LEFT)
            clean->counts.videos_left += record.videos;
    }
    lc_stream_free(stream);
    return status;
}

/* ---- the reader ---- */

static struct lc_job *job_new(void)
{
    struct place_job *job = calloc(1, sizeof(*job));

    return job ? &job->job : NULL;
}

static void job_free(struct lc_job *base)
{
    struct place_job *job = (struct place_job *)base;

    for (size_t i = 0; job && i < job->capacity; i++)
        lc_buffer_clear(&job->items[i].path);
    if (job)
        free(job->items);
    free(job);
}

/* Whether the bytes of an image are known. */
static bool has_content(const struct lc_image_record *image)
{
    static const struct lc_hash none;

    return lc_hash_compare(&image->content, &none) != 0;
}

static enum lc_status fill_item(const struct placing *placing, uint32_t number,
                                struct item *item, struct lc_error *err)
{
    struct lc_image_record image = {0};
    enum lc_status status =
        lc_index_get_image(index_of(placing->clean), number, &image, err);

    if (status != LC_OK)
        return status;
    item->is_archived = image.archive != 0;
    if (item->is_archived)
        item->place = lc_member_place(number, &image);
    item->path.size = 0;
    status = lc_buffer_add(&item->path, image.path.text, image.path.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(&item->path, "", 1, err);
    item->number = number;
    item->is_rewritten = is_settled(placing->clean, number);
    item->kind = (enum lc_content)image.content_kind;
    item->factor = lc_transcode_factor(item->kind, image.width, image.height);
    item->orientation = image.orientation;
    item->memory = lc_transcode_memory(item->kind, image.width, image.height);
    item->content = image.content;
    item->size = image.size;
    item->outcome = lc_path_outside(image.path) ? OUTSIDE
                    : !has_content(&image)      ? MISSING
                                                : PLACED;
    return status;
}

static enum lc_status add_item(const struct placing *placing, uint32_t number,
                               struct place_job *job, struct lc_error *err)
{
    size_t before = job->capacity;
    struct item *items =
        lc_array_grow(job->items, job->count, &job->capacity, sizeof(*items));

    if (!items)
        return lc_fail_memory(err);
    job->items = items;
    if (job->capacity > before)
        memset(items + before, 0, (job->capacity - before) * sizeof(*items));
    return fill_item(placing, number, &items[job->count++], err);
}

static bool fill(void *argument, struct lc_job *base)
{
    struct placing *placing = argument;
    struct place_job *job = (struct place_job *)base;
    size_t to = placing->next_member;
    enum lc_status status = LC_OK;

    job->count = 0;
    for (; placing->next < placing->images && job->count < BATCH && status == LC_OK;
         placing->next++)
        if (placing->wanted[placing->next] == WANTED)
            status = add_item(placing, placing->next, job, &base->error);
    if (job->count || status != LC_OK || placing->next_member == placing->member_count)
        return job->count > 0;
    status =
        lc_member_stretch(index_of(placing->clean), placing->members,
                          placing->member_count, placing->next_member, &to, &base->error);
    for (; placing->next_member < to && status == LC_OK; placing->next_member++)
        status = add_item(placing, placing->members[placing->next_member].image, job,
                          &base->error);
    base->error.status = status;
    return true;
}

/* ---- the workers ---- */

static void scratch_free(void *argument)
{
    struct place_scratch *scratch = argument;

    if (!scratch)
        return;
    lc_tree_place_clear(&scratch->place);
    lc_hasher_free(scratch->hasher);
    lc_hasher_free(scratch->source_hasher);
    free(scratch->piece);
    lc_member_reader_free(scratch->members);
    lc_buffer_clear(&scratch->bytes);
    lc_buffer_clear(&scratch->written);
    free(scratch);
}

static enum lc_status scratch_new(void *argument, void **out, struct lc_error *err)
{
    struct placing *placing = argument;
    struct place_scratch *scratch = calloc(1, sizeof(*scratch));

    *out = scratch;
    if (!scratch)
        return lc_fail_memory(err);
    scratch->place.tree = placing->to;
    scratch->piece = malloc(PIECE);
    scratch->hasher = lc_hasher_new();
    scratch->source_hasher = lc_hasher_new();
    if (!scratch->piece || !scratch->hasher || !scratch->source_hasher)
        return lc_fail_memory(err);
    return placing->data ? lc_member_reader_new(index_of(placing->clean), placing->data,
                                                false, &scratch->members, err)
                         : LC_OK;
}

/* Read a piece of a file; 0 at its end. */
static enum lc_status read_piece(int fd, char *to, off_t at, size_t *size,
                                 struct lc_error *err)
{
    ssize_t got;

    do
        got = pread(fd, to, PIECE, at);
    while (got < 0 && errno == EINTR);
    *size = got < 0 ? 0 : (size_t)got;
    return got < 0 ? lc_fail_errno(err, "read the image") : LC_OK;
}

/* Whether an open file has the bytes of an image, which are read to compare. */
static enum lc_status has_content_of(struct place_scratch *scratch, int fd,
                                     const struct item *item, bool *out,
                                     struct lc_error *err)
{
    size_t size = 1;
    off_t at = 0;
    enum lc_status status = LC_OK;
    struct lc_hash hash;

    while (size && status == LC_OK && (uint64_t)at <= item->size) {
        status = read_piece(fd, scratch->piece, at, &size, err);
        lc_hasher_update(scratch->hasher, scratch->piece, size);
        at += (off_t)size;
    }
    hash = lc_hasher_finish(scratch->hasher);
    *out = lc_hash_compare(&hash, &item->content) == 0;
    return status;
}

static enum lc_status fail_changed(struct lc_error *err)
{
    return lc_fail(err, LC_ERR_IO, 0,
                   "the image changed since it was checked: run the command again");
}

static enum lc_status fail_taken(struct lc_error *err)
{
    return lc_fail(
        err, LC_ERR_IO, EEXIST,
        "a different file exists there and is never replaced: name another folder");
}

/* Open an image of the data set, which must have the size that was checked. */
static enum lc_status open_source(const struct placing *placing, const struct item *item,
                                  int *fd, struct lc_error *err)
{
    struct lc_file_facts facts;
    enum lc_read_result result;
    int os_errno;
    enum lc_status status = lc_folder_open_file(placing->from, item->path.data, fd,
                                                &facts, &result, &os_errno, err);

    if (status == LC_OK && (result != LC_READ_OK || facts.size != item->size))
        status = fail_changed(err);
    return status;
}

static enum lc_status write_piece(int fd, const char *data, size_t size,
                                  struct lc_error *err)
{
    for (size_t at = 0; at < size;) {
        ssize_t put = write(fd, data + at, size - at);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return lc_fail_errno(err, "write the image");
        at += (size_t)put;
    }
    return LC_OK;
}

/* Copy the bytes of a file, which must be those that were checked. */
static enum lc_status copy_bytes(struct place_scratch *scratch, const struct item *item,
                                 int from, int to, struct lc_error *err)
{
    struct lc_hash hash;
    size_t size = 1;
    off_t at = 0;
    enum lc_status status = LC_OK;

    while (size && status == LC_OK && (uint64_t)at <= item->size) {
        status = read_piece(from, scratch->piece, at, &size, err);
        lc_hasher_update(scratch->source_hasher, scratch->piece, size);
        at += (off_t)size;
        if (status == LC_OK)
            status = write_piece(to, scratch->piece, size, err);
    }
    hash = lc_hasher_finish(scratch->source_hasher);
    if (status == LC_OK && lc_hash_compare(&hash, &item->content) != 0)
        status = fail_changed(err);
    return status;
}

/* Copy the bytes of an image in an archive, which must be those that were checked. */
static enum lc_status copy_member(struct place_scratch *scratch, const struct item *item,
                                  int to, struct lc_error *err)
{
    struct lc_file_facts facts;
    enum lc_read_result result;
    struct lc_hash hash;
    size_t got = 1;
    int os_errno;
    enum lc_status status =
        lc_member_begin(scratch->members, &item->place, &facts, &result, &os_errno, err);

    while (status == LC_OK && result == LC_READ_OK && got) {
        status = lc_member_next(scratch->members, scratch->piece, PIECE, &got, err);
        if (status != LC_OK)
            break;
        lc_hasher_update(scratch->source_hasher, scratch->piece, got);
        status = write_piece(to, scratch->piece, got, err);
    }
    hash = lc_hasher_finish(scratch->source_hasher);
    if (status == LC_OK &&
        (result != LC_READ_OK || lc_hash_compare(&hash, &item->content) != 0))
        status =
            lc_fail(err, LC_ERR_IO, 0,
                    "its archive changed since it was checked: run the command again");
    return status;
}

static enum lc_status share_blocks(int from, int to, struct lc_error *err)
{
    if (ioctl(to, FICLONE, from) == 0)
        return LC_OK;
    if (errno == EOPNOTSUPP || errno == ENOTTY || errno == EINVAL || errno == ENOSYS)
        return lc_fail(
            err, LC_ERR_IO, errno,
            "the file system cannot share blocks: use --link hard or symbolic, "
            "or --copy-images");
    if (errno == EXDEV)
        return lc_fail(err, LC_ERR_IO, errno,
                       "is on another file system than the image, so they cannot share "
                       "blocks: use --link symbolic, or --copy-images");
    return lc_fail_errno(err, "share blocks with the image");
}

/* Make the new bytes of an image. If this is not possible, set its outcome. */
static enum lc_status encode(struct place_scratch *scratch, struct item *item,
                             struct lc_error *err)
{
    struct lc_error why = {0};
    enum lc_status status = lc_transcode(
        (const uint8_t *)scratch->bytes.data, scratch->bytes.size, item->kind,
        item->orientation, item->factor, &scratch->written, &why);

    if (status == LC_ERR_USAGE) {
        item->outcome = NOT_REWRITTEN;
        return LC_OK;
    }
    return status == LC_OK ? LC_OK
                           : lc_fail(err, status, why.os_errno, "%s", why.message);
}

/* Rewrite an image in memory, and update the item for the new bytes. */
static enum lc_status rewrite(struct placing *placing, struct place_scratch *scratch,
                              struct item *item, struct lc_error *err)
{
    bool is_large = item->memory > SHARED_MEMORY;
    struct lc_file_facts facts;
    enum lc_read_result result;
    struct lc_hash hash;
    int os_errno;
    enum lc_status status;

    if (is_large)
        pthread_mutex_lock(&placing->large);
    status = item->is_archived
                 ? lc_member_read(scratch->members, &item->place, item->size,
                                  &scratch->bytes, &facts, &result, &os_errno, err)
                 : lc_folder_read(placing->from, item->path.data, item->size,
                                  &scratch->bytes, &facts, &result, &os_errno, err);
    if (status == LC_OK && result == LC_READ_OK)
        hash = lc_hash_bytes(scratch->bytes.data, scratch->bytes.size);
    if (status == LC_OK &&
        (result != LC_READ_OK || lc_hash_compare(&hash, &item->content) != 0))
        status = fail_changed(err);
    if (status == LC_OK)
        status = encode(scratch, item, err);
    if (status == LC_OK && item->outcome != NOT_REWRITTEN) {
        item->content = lc_hash_bytes(scratch->written.data, scratch->written.size);
        item->size = scratch->written.size;
    }
    if (is_large) {
        lc_buffer_clear(&scratch->bytes);
        pthread_mutex_unlock(&placing->large);
    }
    return status;
}

/* Write a new file with the bytes of a rewritten image, and read it back. */
static enum lc_status put_rewritten(struct place_scratch *scratch,
                                    const struct item *item, bool *there,
                                    struct lc_error *err)
{
    struct lc_tree_file file = {.fd = -1};
    bool same = false;
    enum lc_status status = lc_tree_file_new(&scratch->place, &file, err);

    if (status == LC_OK)
        status = write_piece(file.fd, scratch->written.data, scratch->written.size, err);
    if (status == LC_OK)
        status = has_content_of(scratch, file.fd, item, &same, err);
    if (status == LC_OK && !same)
        status = lc_fail(err, LC_ERR_IO, 0, "the copy differs from what was written");
    if (status == LC_OK)
        status = lc_tree_file_name(&scratch->place, &file, there, err);
    lc_tree_file_end(&scratch->place, &file);
    return status;
}

/* Write a new file with the image's bytes, and read it back. */
static enum lc_status put_file(const struct placing *placing,
                               struct place_scratch *scratch, const struct item *item,
                               bool *there, struct lc_error *err)
{
    struct lc_tree_file file = {.fd = -1};
    bool same = false;
    int from = -1;
    enum lc_status status = LC_OK;

    if (!item->is_archived)
        status = open_source(placing, item, &from, err);
    if (status == LC_OK)
        status = lc_tree_file_new(&scratch->place, &file, err);
    if (status == LC_OK)
        status = item->is_archived ? copy_member(scratch, item, file.fd, err)
                 : placing->how == LC_CLEAN_IMAGES_REFLINK
                     ? share_blocks(from, file.fd, err)
                     : copy_bytes(scratch, item, from, file.fd, err);
    if (status == LC_OK)
        status = has_content_of(scratch, file.fd, item, &same, err);
    if (status == LC_OK && !same)
        status =
            placing->how == LC_CLEAN_IMAGES_REFLINK
                ? fail_changed(err)
                : lc_fail(err, LC_ERR_IO, 0, "the copy differs from what was written");
    if (status == LC_OK)
        status = lc_tree_file_name(&scratch->place, &file, there, err);
    lc_tree_file_end(&scratch->place, &file);
    if (from >= 0)
        close(from);
    return status;
}

/* Make the target of a symbolic link to an image: the root without links, and the path
 * without "." and doubled slashes, so that two spellings have the same link. */
static enum lc_status name_target(const struct placing *placing, const struct item *item,
                                  char out[PATH_MAX], struct lc_error *err)
{
    size_t used = strlen(placing->root);

    memcpy(out, placing->root, used);
    used -= used == 1; /* "/" */
    for (const char *at = item->path.data; *at;) {
        size_t part = strcspn(at, "/");

        if (part && !(part == 1 && *at == '.')) {
            if (part + 1 >= PATH_MAX - used)
                return lc_fail(err, LC_ERR_IO, ENAMETOOLONG,
                               "create a link to the image: %s", strerror(ENAMETOOLONG));
            out[used++] = '/';
            memcpy(out + used, at, part);
            used += part;
        }
        at += part + (at[part] == '/');
    }
    out[used] = '\0';
    return LC_OK;
}

/* Explain what to do if a hard link cannot be made. */
static enum lc_status explain_link(const struct lc_error *why, struct lc_error *err)
{
    if (why->os_errno == EXDEV)
        return lc_fail(err, LC_ERR_IO, EXDEV,
                       "is on another file system than the image, so a hard link is "
                       "impossible: use --link symbolic, or --copy-images");
    if (why->os_errno == EPERM)
        return lc_fail(err, LC_ERR_IO, EPERM,
                       "the system refuses a hard link to the image, perhaps because it "
                       "belongs to another user: use --link symbolic, or --copy-images");
    return lc_fail(err, why->status, why->os_errno, "%s", why->message);
}

/* Link to the image, after reading its bytes. */
static enum lc_status put_link(const struct placing *placing,
                               struct place_scratch *scratch, const struct item *item,
                               bool *there, struct lc_error *err)
{
    char target[PATH_MAX];
    struct lc_error why = {0};
    bool same = false;
    int from;
    enum lc_status status = open_source(placing, item, &from, err);

    if (status == LC_OK)
        status = has_content_of(scratch, from, item, &same, err);
    if (status == LC_OK && !same)
        status = fail_changed(err);
    if (status == LC_OK && placing->how == LC_CLEAN_IMAGES_HARD) {
        if (lc_tree_link(&scratch->place, from, there, &why) != LC_OK)
            status = explain_link(&why, err);
    } else if (status == LC_OK) {
        status = name_target(placing, item, target, err);
        if (status == LC_OK)
            status = lc_tree_symlink(&scratch->place, target, there, err);
    }
    if (from >= 0)
        close(from);
    return status;
}

/* Whether the existing link is the one that would be made, and leads to the bytes that
 * were checked. */
static enum lc_status compare_link(const struct placing *placing,
                                   struct place_scratch *scratch, const struct item *item,
                                   struct lc_error *err)
{
    char target[PATH_MAX];
    bool same = false;
    int from = -1;
    enum lc_status status = name_target(placing, item, target, err);

    if (placing->how != LC_CLEAN_IMAGES_SYMBOLIC)
        return lc_fail(err, LC_ERR_IO, EEXIST,
                       "a link exists there and is neither followed nor replaced: name "
                       "another folder");
    if (status == LC_OK)
        status = lc_tree_is_link_to(&scratch->place, target, &same, err);
    if (status == LC_OK && !same)
        return lc_fail(err, LC_ERR_IO, EEXIST,
                       "a link to another place exists there and is never replaced: name "
                       "another folder");
    if (status == LC_OK)
        status = open_source(placing, item, &from, err);
    if (status == LC_OK)
        status = has_content_of(scratch, from, item, &same, err);
    if (status == LC_OK && !same)
        status = fail_changed(err);
    if (from >= 0)
        close(from);
    return status;
}

/* Whether the existing file is the image. Fails if it is anything else. */
static enum lc_status compare_existing(const struct placing *placing,
                                       struct place_scratch *scratch,
                                       const struct item *item, bool *there,
                                       struct lc_error *err)
{
    enum lc_tree_kind kind;
    uint64_t size = 0;
    bool same = false;
    int fd = -1;
    enum lc_status status = lc_tree_look(&scratch->place, &kind, &fd, &size, err);

    *there = status == LC_OK && kind != LC_TREE_NOTHING;
    if (!*there)
        return status;
    if (kind == LC_TREE_LINK)
        return compare_link(placing, scratch, item, err);
    if (kind == LC_TREE_FILE && size == item->size)
        status = has_content_of(scratch, fd, item, &same, err);
    if (fd >= 0)
        close(fd);
    if (status != LC_OK || same)
        return status;
    return kind == LC_TREE_FILE
               ? fail_taken(err)
               : lc_fail(err, LC_ERR_IO, EEXIST,
                         "a folder or device exists there: name another folder");
}

static enum lc_status place(struct placing *placing, struct place_scratch *scratch,
                            struct item *item, struct lc_error *err)
{
    bool there = false;
    enum lc_status status = lc_tree_go(&scratch->place, item->path.data, err);

    if (status == LC_OK && item->is_rewritten)
        status = rewrite(placing, scratch, item, err);
    if (status == LC_OK && item->outcome == NOT_REWRITTEN)
        return LC_OK;
    if (status == LC_OK)
        status = compare_existing(placing, scratch, item, &there, err);
    if (status == LC_OK && !there) {
        status = item->is_rewritten ? put_rewritten(scratch, item, &there, err)
                 : placing->how == LC_CLEAN_IMAGES_COPY ||
                         placing->how == LC_CLEAN_IMAGES_REFLINK
                     ? put_file(placing, scratch, item, &there, err)
                     : put_link(placing, scratch, item, &there, err);
        /* made earlier through another path, such as "./a.jpg" for "a.jpg", or by another
         * run */
        if (status == LC_OK && there)
            status = compare_existing(placing, scratch, item, &there, err);
    }
    item->outcome = there ? THERE_BEFORE : PLACED;
    return status;
}

/* Put the path in front of an error message. */
static enum lc_status name_error(const struct item *item, enum lc_status status,
                                 struct lc_error *from, struct lc_error *err)
{
    if (status != LC_OK && from->status != LC_OK)
        (void)lc_fail(err, status, from->os_errno, "%.100s: %.150s", item->path.data,
                      from->message);
    return status;
}

static void place_images(void *argument, void *scratch, struct lc_job *base)
{
    struct placing *placing = argument;
    struct place_job *job = (struct place_job *)base;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < job->count && status == LC_OK; i++) {
        struct lc_error error = {0};

        if (job->items[i].outcome != PLACED)
            continue;
        status = place(placing, scratch, &job->items[i], &error);
        status = name_error(&job->items[i], status, &error, &base->error);
    }
}

/* ---- the collector ---- */

static enum lc_status report_progress(struct placing *placing, struct lc_error *err)
{
    const struct lc_check_options *check = &placing->clean->check;
    int64_t now = lc_clock_now(CLOCK_MONOTONIC);

    if (check->is_stopped && check->is_stopped(check->user))
        return lc_fail(
            err, LC_ERR_STOPPED, 0,
            "stopped; images that were already copied stay, and no rows were written");
    if (!check->on_progress ||
        (placing->done < placing->total && now - placing->reported_ns < PROGRESS_NS))
        return LC_OK;
    placing->reported_ns = now;
    check->on_progress(
        check->user, &(struct lc_progress){.stage = LC_STAGE_COPY,
                                           .done = placing->done,
                                           .total = placing->total,
                                           .bytes = placing->clean->counts.placed_bytes});
    return LC_OK;
}

static enum lc_status note_rewritten(const struct placing *placing,
                                     const struct item *item, struct lc_error *err)
{
    const bool is_done = item->outcome != NOT_REWRITTEN;
    struct lc_image_record image = {0};
    enum lc_status status =
        lc_index_get_image(index_of(placing->clean), item->number, &image, err);

    return status == LC_OK ? lc_clean_note_rewritten(placing->clean, &image,
                                                     is_done ? &item->content : NULL, err)
                           : status;
}

static enum lc_status collect(void *argument, struct lc_job *base, struct lc_error *err)
{
    struct placing *placing = argument;
    const struct place_job *job = (const struct place_job *)base;
    struct lc_clean_counts *counts = &placing->clean->counts;
    enum lc_status status;

    for (size_t i = 0; i < job->count; i++) {
        const struct item *item = &job->items[i];

        counts->images_missing += item->outcome == MISSING;
        counts->images_outside += item->outcome == OUTSIDE;
        counts->placed_before += item->outcome == THERE_BEFORE && !placing->is_repeated;
        if (item->outcome == PLACED || item->outcome == THERE_BEFORE) {
            counts->placed++;
            counts->placed_bytes += item->size;
        }
        placing->done++;
        if (item->is_rewritten) {
            status = note_rewritten(placing, item, err);
            if (status != LC_OK)
                return status;
        }
    }
    return report_progress(placing, err);
}

/* ---- the stage ---- */

/* List the images in archives; they are copied after the files, archive by archive. */
static enum lc_status list_members(struct placing *placing, struct lc_error *err)
{
    const struct lc_index *index = index_of(placing->clean);
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < placing->images && status == LC_OK; i++) {
        struct lc_image_record image = {0};
        struct lc_member_place *members;

        if (!placing->wanted[i])
            continue;
        status = lc_index_get_image(index, i, &image, err);
        if (status != LC_OK || !image.archive)
            continue;
        members = lc_array_grow(placing->members, placing->member_count,
                                &placing->member_capacity, sizeof(*members));
        if (!members)
            return lc_fail_memory(err);
        placing->members = members;
        members[placing->member_count++] = lc_member_place(i, &image);
        placing->wanted[i] = WANTED_MEMBER;
    }
    if (status == LC_OK && placing->member_count && placing->how != LC_CLEAN_IMAGES_COPY)
        status = lc_fail(err, LC_ERR_USAGE, 0,
                         "images are in archives, and there is nothing to link to: use "
                         "--copy-images, or unpack them first");
    if (status == LC_OK && placing->member_count)
        status = lc_folder_open(placing->clean->dataset.folder, &placing->data, err);
    lc_member_sort(placing->members, placing->member_count);
    return status;
}

static enum lc_status begin(struct placing *placing, const char *root,
                            struct lc_error *err)
{
    struct lc_clean *clean = placing->clean;
    struct lc_clean_counts *counts = &clean->counts;
    enum lc_status status;

    counts->placed = counts->placed_bytes = 0;
    counts->images_missing = counts->images_outside = 0;
    lc_clean_forget_rewritten(clean);
    placing->images = lc_index_summary(index_of(clean))->images_referenced;
    placing->wanted = calloc(placing->images + 1, 1);
    if (!placing->wanted)
        return lc_fail_memory(err);
    status = mark_images(placing, err);
    if (status == LC_OK)
        status = list_members(placing, err);
    if (status == LC_OK)
        status = count_videos(clean, err);
    if (status == LC_OK && !realpath(clean->dataset.image_root, placing->root))
        status = lc_fail_errno(err, "find the image root");
    if (status == LC_OK)
        status = lc_folder_open(clean->dataset.image_root, &placing->from, err);
    if (status == LC_OK)
        status = lc_tree_open(root, &placing->to, err);
    return status;
}

enum lc_status lc_clean_place_images(struct lc_clean *clean, const char *root,
                                     struct lc_error *err)
{
    static const struct lc_stage_ops ops = {
        .job_new = job_new,
        .job_free = job_free,
        .scratch_new = scratch_new,
        .scratch_free = scratch_free,
        .fill = fill,
        .work = place_images,
        .collect = collect,
    };
    struct placing *placing = calloc(1, sizeof(*placing));
    enum lc_status status;

    if (!placing)
        return lc_fail_memory(err);
    placing->clean = clean;
    placing->how = clean->options.images;
    placing->is_repeated = clean->placed_root != NULL;
    if (pthread_mutex_init(&placing->large, NULL) != 0) {
        free(placing);
        return lc_fail_memory(err);
    }
    free(clean->placed_root);
    clean->placed_root = strdup(root);
    if (!clean->placed_root)
        status = lc_fail_memory(err);
    else
        status = begin(placing, root, err);
    if (status == LC_OK && placing->total)
        status =
            lc_pipeline_run(&ops, placing, lc_run_workers(clean->check.threads), err);
    if (status == LC_OK)
        status = lc_tree_sync(placing->to, err);
    clean->is_placed = status == LC_OK;
    lc_tree_close(placing->to);
    lc_folder_close(placing->from);
    lc_folder_close(placing->data);
    free(placing->members);
    pthread_mutex_destroy(&placing->large);
    free(placing->wanted);
    free(placing);
    return status;
}

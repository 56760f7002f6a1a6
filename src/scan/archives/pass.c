/* Reads archives, each once and from start to end, and checks the images in them.
 *
 *     archives → readers → queue → the pipeline's reader → workers → collector
 *
 * A reader is a thread that decompresses one archive after another. It copies the wanted
 * members into buffers, whose total size is limited: a reader waits for space. From the
 * queue on, members are the jobs of a pipeline, as in other stages. The collector
 * releases a buffer's bytes. A member that is larger than the limit is read while no
 * other buffer is in use.
 *
 * For a tar.gz, a reader also sends the sections that it has read (resume.h) through the
 * queue. Like this they reach the journal after the members that they contain.
 *
 * Shards are read ahead of the rows: the rows that name their images are in them. A
 * reader then also keeps the samples for the rows stage, and the collector keeps the
 * images with their paths (finds.h) until they have numbers. After a stop, the samples
 * have to be read again, but not the images that are in the journal. */
#include "scan/archives/resume.h"

#include "dataset/shard.h"
#include "dataset/shard_paths.h"
#include "scan/archives/finds.h"
#include "scan/common/pipeline.h"
#include "scan/images/limits.h"
#include "scan/images/record.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_BYTES ((uint64_t)96 << 20) /* in buffers */
#define MOST_QUEUED 256                 /* members */
#define BATCH 4                         /* members handed on together */
#define SAMPLED 48                      /* first members of an archive to sample */
#define SAMPLED_BYTES ((uint64_t)16 << 20)
#define POINT_DISTANCE ((uint64_t)64 << 20)   /* uncompressed, between two points */
#define MOST_POINTS 1024                      /* of all archives together, roughly */
#define MOST_SECTION_BYTES ((size_t)64 << 20) /* of its encoded members */
#define LARGE_TEXT                                                                       \
    ((uint64_t)4 << 20) /* of a shard: only one reader at a time has one                 \
                         */
/* bytes of samples that are kept of a shard of some bytes: a decompression bomb has more
 */
#define MOST_KEPT(size) (32 * (size) + ((uint64_t)16 << 20))

/* A member on its way to a worker. */
struct passing {
    struct passing *next;
    uint32_t archive;
    uint32_t image;
    uint64_t offset;
    bool is_section; /* not a member: bytes are an encoded section for the journal */
    bool is_tick;    /* not a member: it only lets the collector report progress */
    bool is_known;   /* an earlier run has already read it */
    enum lc_read_result result;
    enum lc_unread_reason reason; /* if the result is LC_READ_FAILED */
    size_t held;                  /* its share of bytes_held */
    struct lc_buffer bytes;
    struct lc_image_facts facts; /* set by a worker */
    struct lc_hash content;
    /* of a shard that is read ahead, instead of the image */
    uint32_t number; /* lc_samples_number */
    struct lc_buffer path;
    struct lc_image_record known; /* if is_known */
};

struct pass {
    struct lc_archives *archives;
    pthread_mutex_t lock; /* protects what follows, up to the next blank line */
    pthread_cond_t changed;
    struct passing *first, *last;
    size_t queued;
    uint64_t bytes_held;
    unsigned readers; /* number of readers that have not ended */
    size_t next;      /* the archive to read next */
    bool stop;

    pthread_mutex_t others; /* protects the lists of other members, and what follows */
    size_t other_count;     /* in the lists of all archives */
    size_t other_bytes;     /* of their paths */

    struct lc_samples *samples; /* shards are read ahead; else NULL */
    uint64_t total;             /* bytes of these shards */
    _Atomic uint64_t read;      /* how many of them were read */
    pthread_mutex_t cache;      /* protects the image cache */
    pthread_mutex_t text;       /* held by a reader that has a large text */

    pthread_mutex_t large; /* held while a large image is decoded */
    uint64_t distance;     /* between two points */
    pthread_t *threads;
    size_t thread_count;
    uint64_t done, bytes; /* the collector's */
};

/* ---- members of an archive ---- */

/* The state of reading an archive. */
struct reading {
    struct pass *pass; /* NULL: only sample the members */
    struct lc_archives *archives;
    struct lc_packed *packed;
    uint32_t number; /* number of the archive */
    struct lc_archive *archive;
    bool was_brought;            /* brought by lc_run_bring */
    struct lc_buffer path;       /* path of the member, in normal form */
    struct lc_buffer name;       /* the same, as rows would name it */
    struct lc_shard_paths paths; /* paths of a shard's images so far */
    bool has_sections;           /* sections are reported, for the journal */
    struct lc_section section;   /* the section being read */
    size_t section_points;       /* number of points before it */
    struct lc_buffer members;    /* encoded members of the section */
    /* of a shard that is read ahead */
    struct lc_shard *shard;
    uint32_t image_number; /* of the last image */
    bool has_ended;        /* because the pass has */
    int text;          /* number of samples for which the lock of texts is still held */
    uint64_t position; /* bytes of the file that were counted */
    uint64_t kept;     /* bytes of its samples */
    bool is_too_large; /* these are too many */
};

static struct lc_span span_of(const struct lc_buffer *text)
{
    return (struct lc_span){text->data, text->size};
}

static const char *const path_faults[] = {
    [LC_PATH_EMPTY] = "it has no name",
    [LC_PATH_ABSOLUTE] = "its name is absolute",
    [LC_PATH_PARENT] = "its name has \"..\"",
    [LC_PATH_NUL] = "its name contains a NUL byte",
    [LC_PATH_LONG] = "its name is too long",
};

/* Count a member that is not unpacked to the path in its name. */
static enum lc_status count_unsafe(struct reading *r, struct lc_span name,
                                   const char *why, struct lc_error *err)
{
    char quote[200];

    if (r->packed->unsafe++)
        return LC_OK;
    return lc_buffer_printf(&r->packed->unsafe_example, err, "%s: %s",
                            lc_text_quote(name, quote, sizeof(quote)), why);
}

/* Set the path of a member in normal form; *usable is set to false if the member is not
 * unpacked. */
static enum lc_status set_path(struct reading *r, const struct lc_member *member,
                               bool *usable, struct lc_error *err)
{
    enum lc_path_fault fault;
    enum lc_status status;

    r->path.size = 0;
    status = lc_buffer_reserve(&r->path, member->name.size + 1, err);
    if (status != LC_OK)
        return status;
    fault = lc_member_path(member->name, r->path.data, &r->path.size);
    *usable = fault == LC_PATH_GOOD || fault == LC_PATH_ABSOLUTE;
    if (fault == LC_PATH_GOOD ||
        (fault == LC_PATH_EMPTY && member->type == LC_MEMBER_FOLDER))
        return LC_OK;
    return r->pass ? count_unsafe(r, member->name, path_faults[fault], err) : LC_OK;
}

/* Set the layout of an archive from the first member that votes for one. */
static enum lc_status settle_layout(struct reading *r, struct lc_error *err)
{
    struct lc_member_votes votes = {0};
    size_t count = 0;
    enum lc_status status =
        lc_member_layout_vote(r->archives->names, span_of(&r->path), &votes, err);

    if (status == LC_OK)
        status = lc_member_layout_choose(&votes, (struct lc_span){0}, &r->packed->layout,
                                         &count, err);
    r->packed->has_layout = count > 0;
    lc_member_votes_clear(&votes);
    return status;
}

/* ---- the queue ---- */

/* Free a member and those after it. */
static void passing_free(struct passing *passing)
{
    while (passing) {
        struct passing *next = passing->next;

        lc_buffer_clear(&passing->bytes);
        lc_buffer_clear(&passing->path);
        free(passing);
        passing = next;
    }
}

/* Wait until there is space for a member; return false if the pass has ended. */
static bool wait_for_space(struct pass *pass, uint64_t size)
{
    bool stop;

    pthread_mutex_lock(&pass->lock);
    while (!pass->stop && (pass->queued >= MOST_QUEUED ||
                           (pass->bytes_held && pass->bytes_held + size > MOST_BYTES)))
        pthread_cond_wait(&pass->changed, &pass->lock);
    stop = pass->stop;
    if (!stop)
        pass->bytes_held += size;
    pthread_mutex_unlock(&pass->lock);
    return !stop;
}

static void push(struct pass *pass, struct passing *passing)
{
    pthread_mutex_lock(&pass->lock);
    if (pass->last)
        pass->last->next = passing;
    else
        pass->first = passing;
    pass->last = passing;
    pass->queued++;
    pthread_cond_broadcast(&pass->changed);
    pthread_mutex_unlock(&pass->lock);
}

/* Get the next members, at most a few; wait for one. NULL: all archives are read, or the
 * pass has ended. */
static struct passing *pop(struct pass *pass)
{
    struct passing *out, *last;

    pthread_mutex_lock(&pass->lock);
    while (!pass->first && pass->readers && !pass->stop)
        pthread_cond_wait(&pass->changed, &pass->lock);
    out = pass->stop ? NULL : pass->first;
    if (out) {
        last = out;
        pass->queued--;
        for (int i = 1; i < BATCH && last->next; i++) {
            last = last->next;
            pass->queued--;
        }
        pass->first = last->next;
        last->next = NULL;
        if (!pass->first)
            pass->last = NULL;
        pthread_cond_broadcast(&pass->changed);
    }
    pthread_mutex_unlock(&pass->lock);
    return out;
}

static void give_back(struct pass *pass, uint64_t size)
{
    pthread_mutex_lock(&pass->lock);
    pass->bytes_held -= size;
    pthread_cond_broadcast(&pass->changed);
    pthread_mutex_unlock(&pass->lock);
}

static void end_pass(struct pass *pass)
{
    pthread_mutex_lock(&pass->lock);
    pass->stop = true;
    pthread_cond_broadcast(&pass->changed);
    pthread_mutex_unlock(&pass->lock);
}

/* ---- a reader ---- */

/* Copy the bytes of the member. *there is set to false if unpacking would create no
 * file. */
static enum lc_status copy_bytes(struct reading *r, const struct lc_member *member,
                                 struct passing *out, bool *there, struct lc_error *err)
{
    size_t size = (size_t)member->size, got = 1;
    enum lc_archive_fault fault;
    enum lc_status status = lc_buffer_reserve(&out->bytes, size ? size : 1, err);

    while (status == LC_OK && got && out->bytes.size < size) {
        status = lc_archive_read(r->archive, out->bytes.data + out->bytes.size,
                                 size - out->bytes.size, &got, err);
        out->bytes.size += status == LC_OK ? got : 0;
    }
    fault = lc_archive_member_fault(r->archive);
    *there = fault != LC_ARCHIVE_UNSUPPORTED && fault != LC_ARCHIVE_LIMIT;
    return status;
}

/* Drop the members that will not be in the joined list, which has the first members in
 * the order of archives: these are among the first ones of those read so far, whichever
 * reader is faster. */
static void trim_others(struct pass *pass)
{
    size_t count = LC_OTHER_MEMBERS, bytes = LC_OTHER_MEMBERS_BYTES;

    pass->other_count = pass->other_bytes = 0;
    for (size_t i = 0; i < pass->archives->count; i++) {
        struct lc_other_members *others = &pass->archives->items[i].others;

        lc_other_members_trim(others, count, bytes);
        count -= others->count;
        bytes -= others->text.size;
        pass->other_count += others->count;
        pass->other_bytes += others->text.size;
    }
}

/* Add the member to the list of members that are not the image of a row. */
static enum lc_status add_other(struct reading *r, const struct lc_member *member,
                                struct lc_error *err)
{
    const struct lc_member_record record = {
        .path = span_of(&r->name),
        .archive = r->number,
        .offset = member->data,
        .size = member->size,
    };

    struct pass *pass = r->pass;
    struct lc_other_members *others = &r->packed->others;
    enum lc_status status;

    pthread_mutex_lock(&pass->others);
    pass->other_count -= others->count;
    pass->other_bytes -= others->text.size;
    status = lc_other_members_add(others, &record, err);
    pass->other_count += others->count;
    pass->other_bytes += others->text.size;
    if (pass->other_count > LC_OTHER_MEMBERS + LC_OTHER_MEMBERS / 8 ||
        pass->other_bytes > LC_OTHER_MEMBERS_BYTES + LC_OTHER_MEMBERS_BYTES / 8)
        trim_others(pass);
    pthread_mutex_unlock(&pass->others);
    return status;
}

/* Find out whether an earlier run has read an image of a shard, from the shard in its
 * current state. */
static void find_known(struct reading *r, const struct lc_member *member,
                       struct passing *passing)
{
    const struct lc_archives *archives = r->archives;
    struct lc_cached_image cached;

    pthread_mutex_lock(&r->pass->cache);
    lc_image_cache_find(archives->input->image_cache, span_of(&passing->path), &cached);
    pthread_mutex_unlock(&r->pass->cache);
    passing->is_known =
        cached.is_cached &&
        (cached.is_current ||
         (archives->run->options->index_mode == LC_INDEX_METADATA &&
          cached.has_trusted_times && cached.record.archive &&
          lc_packed_has_times(r->packed, &cached.record) &&
          cached.record.offset == member->data && cached.record.size == member->size));
    passing->known = cached.record;
}

/* Prepare to hand on an image of a shard that is read ahead. */
static enum lc_status begin_ahead(struct reading *r, const struct lc_member *member,
                                  struct passing *passing, struct lc_error *err)
{
    enum lc_status status =
        lc_buffer_add(&passing->path, r->name.data, r->name.size, err);

    r->image_number = passing->number = lc_samples_number(r->pass->samples);
    if (status == LC_OK)
        find_known(r, member, passing);
    return status;
}

/* Hand a member to the workers. *ended is set if the pass has ended. */
static enum lc_status send_member(struct reading *r, const struct lc_member *member,
                                  uint32_t image, bool *ended, struct lc_error *err)
{
    struct pass *pass = r->pass;
    struct passing *passing;
    bool there = true, is_read;
    enum lc_status status = LC_OK;
    size_t held = 0;

    passing = calloc(1, sizeof(*passing));
    if (!passing)
        return lc_fail_memory(err);
    passing->archive = r->number;
    passing->image = image;
    passing->offset = member->data;
    if (pass->samples)
        status = begin_ahead(r, member, passing, err);
    else
        passing->is_known = lc_packed_knows(r->archives, r->packed, member, image);
    if (status != LC_OK) {
        passing_free(passing);
        return status;
    }
    if (member->type == LC_MEMBER_DEVICE) {
        passing->result = LC_READ_NOT_REGULAR;
    } else if (member->type != LC_MEMBER_FILE && member->type != LC_MEMBER_OTHER) {
        passing->result = LC_READ_FAILED;
        passing->reason =
            member->type == LC_MEMBER_SPARSE ? LC_UNREAD_SPARSE : LC_UNREAD_NONE;
    } else if (member->size > LC_MAX_FILE_BYTES) {
        passing->result = LC_READ_TOO_LARGE;
    } else if (!passing->is_known) {
        held = (size_t)member->size;
    }
    *ended = !wait_for_space(pass, held);
    passing->held = *ended ? 0 : held;
    if (!*ended && passing->result == LC_READ_OK && !passing->is_known)
        status = copy_bytes(r, member, passing, &there, err);
    if (status == LC_OK && there && !*ended) {
        is_read = passing->result == LC_READ_OK;
        push(pass, passing); /* owned by the collector now, and perhaps already freed */
        if (!is_read)
            return add_other(r, member, err); /* so that the next run reads it again */
        return LC_OK;
    }
    give_back(pass, passing->held);
    passing_free(passing);
    return status == LC_OK && !*ended ? add_other(r, member, err) : status;
}

enum lc_status lc_packed_add_link(struct lc_packed *packed, struct lc_span path,
                                  struct lc_span target, uint64_t offset,
                                  struct lc_error *err)
{
    struct lc_packed_link *links = lc_array_grow(packed->links, packed->link_count,
                                                 &packed->link_capacity, sizeof(*links));
    struct lc_buffer *text = &packed->link_text;
    struct lc_packed_link link = {
        .path = text->size, .target = SIZE_MAX, .offset = offset};
    enum lc_status status;

    if (!links)
        return lc_fail_memory(err);
    packed->links = links;
    status = lc_buffer_add(text, path.text, path.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(text, "", 1, err);
    if (status == LC_OK && target.size) {
        link.target = text->size;
        status = lc_buffer_add(text, target.text, target.size, err);
        if (status == LC_OK)
            status = lc_buffer_add(text, "", 1, err);
    }
    links[packed->link_count] = link;
    packed->link_count += status == LC_OK;
    return status;
}

/* Store a link for later. Its target is a path in the archive: the target of a soft link
 * is relative to the folder of the link. */
static enum lc_status keep_link(struct reading *r, const struct lc_member *member,
                                struct lc_error *err)
{
    struct lc_buffer target = {0};
    enum lc_status status;

    if (member->type == LC_MEMBER_SOFT_LINK) {
        status = lc_resolve_link(span_of(&r->path), member->link, &target, err);
    } else {
        status = lc_buffer_reserve(&target, member->link.size + 1, err);
        if (status == LC_OK &&
            lc_member_path(member->link, target.data, &target.size) > LC_PATH_ABSOLUTE)
            target.size = 0;
    }
    if (status == LC_OK)
        status = lc_packed_add_link(r->packed, span_of(&r->path), span_of(&target),
                                    member->data, err);
    lc_buffer_clear(&target);
    return status;
}

/* Visit a member of a shard: it is the image of its row, or ignored, because the rows
 * stage reads the other members. */
static enum lc_status visit_of_shard(struct reading *r, const struct lc_member *member,
                                     bool *ended, struct lc_error *err)
{
    uint32_t image;
    bool is_image = !member->is_after_damage && lc_shard_is_image(member);
    enum lc_status status = LC_OK;

    r->packed->members++;
    r->name.size = 0;
    if (is_image)
        status = lc_shard_paths_add(&r->paths, r->packed->file->name, member->name,
                                    &r->name, err);
    if (status != LC_OK || member->is_after_damage ||
        (member->type != LC_MEMBER_FILE && member->type != LC_MEMBER_SPARSE))
        return status;
    r->packed->files++;
    r->packed->unpacked += member->size;
    if (!is_image)
        return LC_OK;
    if (r->pass->samples)
        return send_member(r, member, LC_NO_IMAGE, ended, err);
    image = lc_names_first(r->archives->names, span_of(&r->name));
    return image == LC_NO_IMAGE ? LC_OK : send_member(r, member, image, ended, err);
}

enum lc_status lc_packed_begin_shard(struct lc_packed *packed, struct lc_error *err)
{
    struct lc_buffer *added = &packed->layout.added;

    packed->has_layout = true;
    packed->layout.removed.size = added->size = 0;
    return lc_shard_paths_prefix(packed->file->name, added, err);
}

static enum lc_status visit_member(struct reading *r, const struct lc_member *member,
                                   bool *ended, struct lc_error *err)
{
    struct lc_archives *archives = r->archives;
    struct lc_packed *packed = r->packed;
    uint32_t image = LC_NO_IMAGE;
    bool usable = false, fits = false;
    enum lc_status status = set_path(r, member, &usable, err);

    packed->members++;
    if (status != LC_OK || !usable || member->type == LC_MEMBER_FOLDER)
        return status;
    if (member->type == LC_MEMBER_FILE || member->type == LC_MEMBER_OTHER) {
        packed->files++;
        packed->unpacked += member->size;
    }
    if (!packed->has_layout)
        status = settle_layout(r, err);
    r->name.size = 0;
    if (status == LC_OK)
        status = lc_member_layout_apply(&packed->layout, span_of(&r->path), &r->name,
                                        &fits, err);
    if (status != LC_OK || !fits)
        return status;
    image = lc_names_first(archives->names, span_of(&r->name));
    if (image == LC_NO_IMAGE || !archives->wanted[image])
        return add_other(r, member, err);
    if (member->type == LC_MEMBER_SOFT_LINK || member->type == LC_MEMBER_HARD_LINK)
        return keep_link(r, member, err);
    return send_member(r, member, image, ended, err);
}

static enum lc_status visit(struct reading *r, const struct lc_member *member,
                            bool *ended, struct lc_error *err)
{
    return r->packed->file->is_shard ? visit_of_shard(r, member, ended, err)
                                     : visit_member(r, member, ended, err);
}

/* ---- sections ---- */

static enum lc_status keep_point(void *user, const struct lc_archive_point *point,
                                 struct lc_error *err)
{
    const struct reading *r = user;
    struct lc_buffer window = {0};
    struct lc_point_record record = {.bit = point->bit,
                                     .begin = point->begin,
                                     .crc = point->crc,
                                     .window_size = point->window_size};
    enum lc_status status;

    /* a decompression bomb would have too many */
    if (r->packed->point_count > 16 + 4 * r->packed->facts.size / r->pass->distance)
        return LC_OK;
    status = lc_archive_window_pack(point, &window, err);
    record.window = (struct lc_span){window.data, window.size};
    if (status == LC_OK)
        status = lc_packed_add_point(r->packed, point->offset, &record, err);
    lc_buffer_clear(&window);
    return status;
}

/* Report the section that ends before a member. */
static enum lc_status end_section(struct reading *r, const struct lc_member *member,
                                  bool *ended, struct lc_error *err)
{
    struct passing *passing = NULL;
    enum lc_status status = LC_OK;

    if (lc_archive_end(r->archive)->damage_total) { /* damage must be found again, so
                                                     * there are no more sections */
        r->has_sections = false;
        lc_buffer_clear(&r->members);
        return LC_OK;
    }
    r->section.next = member->header;
    r->section.next_number = member->number;
    r->section.members = span_of(&r->members);
    passing = calloc(1, sizeof(*passing));
    if (!passing)
        return lc_fail_memory(err);
    passing->is_section = true;
    status = lc_section_encode(r->packed, &r->section, r->section_points, &passing->bytes,
                               err);
    passing->held = passing->bytes.size;
    if (status == LC_OK)
        *ended = !wait_for_space(r->pass, passing->held);
    if (status == LC_OK && !*ended)
        push(r->pass, passing);
    else
        passing_free(passing);
    r->section.from = r->section.next;
    r->section.from_number = r->section.next_number;
    r->section_points = r->packed->point_count;
    r->members.size = 0;
    return status;
}

/* Add a member to the current section, or begin a new section with it. */
static enum lc_status add_to_section(struct reading *r, const struct lc_member *member,
                                     bool *ended, struct lc_error *err)
{
    const struct lc_packed *packed = r->packed;
    size_t count = packed->point_count;
    enum lc_status status = LC_OK;

    if (!r->has_sections)
        return LC_OK;
    if (count > r->section_points && member->header >= packed->points[count - 1].offset)
        status = end_section(r, member, ended, err);
    if (status != LC_OK || *ended || !r->has_sections)
        return status;
    if (r->members.size > MOST_SECTION_BYTES) {
        r->has_sections = false;
        lc_buffer_clear(&r->members);
        return LC_OK;
    }
    return lc_section_add(&r->members, member, err);
}

/* Take the members of the sections in the journal as if they were read, and go to the
 * first member after them. */
static enum lc_status resume(struct reading *r, bool *ended, struct lc_error *err)
{
    const struct lc_journal *journal = r->archives->input->journal;
    struct lc_packed *packed = r->packed;
    struct lc_archive_point point = {0};
    const struct lc_packed_point *last;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < packed->section_count && status == LC_OK; i++) {
        struct lc_journal_section journaled =
            lc_journal_section(journal, packed->sections[i]);
        struct lc_section section = {0};
        struct lc_member member;

        (void)lc_section_decode(journaled.content, &section); /* it was decoded before */
        status = lc_packed_add_points(packed, section.points, err);
        while (status == LC_OK && !*ended && section.members.size &&
               lc_section_next(&section.members, &member))
            status = visit(r, &member, ended, err);
    }
    if (status != LC_OK || *ended || !packed->point_count)
        return status;
    last = &packed->points[packed->point_count - 1];
    point.offset = last->offset;
    point.bit = last->record.bit;
    point.begin = last->record.begin;
    point.crc = last->record.crc;
    point.window_size = last->record.window_size;
    r->section.from = packed->resume_at;
    r->section.from_number = packed->resume_number;
    r->section_points = packed->point_count;
    return lc_archive_seek(
        r->archive, lc_archive_window_unpack(last->record.window, &point) ? &point : NULL,
        packed->resume_at, packed->resume_number, err);
}

/* Store the damage of an archive in the form of its record. */
static enum lc_status keep_damage(struct lc_packed *packed,
                                  const struct lc_archive_end *end, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    packed->damage.size = 0;
    for (int what = 1; what < LC_ARCHIVE_FAULTS && status == LC_OK; what++) {
        const struct lc_archive_damage *first = NULL;
        size_t times = 0;

        for (size_t i = 0; i < end->damage_count; i++) {
            if (end->damage[i].what != (enum lc_archive_fault)what)
                continue;
            first = first ? first : &end->damage[i];
            times++;
        }
        if (first)
            status = lc_buffer_printf(&packed->damage, err, "%s\t%zu\t%llu\t%llu\t%s\n",
                                      lc_archive_fault_name((enum lc_archive_fault)what),
                                      times, (unsigned long long)first->offset,
                                      (unsigned long long)first->member,
                                      first->detail ? first->detail : "");
    }
    return status;
}

static void keep_kind(struct lc_packed *packed, const struct lc_archive_end *end)
{
    const char *suffix = lc_archive_suffix(end->kind, end->coding);
    size_t size = strlen(suffix);

    if (size < sizeof(packed->kind))
        memcpy(packed->kind, suffix, size + 1);
}

static enum lc_status open_archive(struct reading *r, struct lc_error *err)
{
    const struct lc_archive_file *file = r->packed->file;
    int os_errno = lc_run_bring(r->archives->run, NULL, file->path), fd;

    if (os_errno) {
        errno = os_errno;
        return lc_fail_errno(err, "open the archive");
    }
    r->was_brought = true;
    fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return lc_fail_errno(err, "open the archive");
    return lc_archive_open(fd, file->name, NULL, &r->archive, err);
}

static void end_reading(struct reading *r)
{
    if (r->shard)
        lc_shard_close(r->shard); /* closes the archive */
    else
        lc_archive_close(r->archive);
    if (r->was_brought)
        lc_run_return(r->archives->run, NULL, r->packed->file->path);
    lc_buffer_clear(&r->path);
    lc_buffer_clear(&r->name);
    lc_shard_paths_clear(&r->paths);
    lc_buffer_clear(&r->members);
}

/* Read one archive to its end. */
static enum lc_status read_archive(struct pass *pass, uint32_t number,
                                   struct lc_error *err)
{
    struct reading r = {.pass = pass,
                        .archives = pass->archives,
                        .packed = &pass->archives->items[number],
                        .number = number};
    const struct lc_member *member = NULL;
    bool ended = false;
    enum lc_status status = open_archive(&r, err);

    if (status == LC_OK && pass->archives->input->journal) {
        status = resume(&r, &ended, err);
        r.has_sections = lc_archive_end(r.archive)->coding == LC_CODING_GZIP;
        lc_archive_collect(r.archive, pass->distance, keep_point, &r);
    }
    while (status == LC_OK && !ended) {
        status = lc_archive_next(r.archive, &member, err);
        if (status == LC_OK && member)
            status = add_to_section(&r, member, &ended, err);
        if (status != LC_OK || !member || ended)
            break;
        status = visit(&r, member, &ended, err);
    }
    if (status == LC_OK && !ended) {
        keep_kind(r.packed, lc_archive_end(r.archive));
        status = keep_damage(r.packed, lc_archive_end(r.archive), err);
    }
    end_reading(&r);
    return status;
}

/* ---- a shard that is read ahead ---- */

/* Visit a member before it is added to a sample. */
static enum lc_status visit_ahead(void *user, const struct lc_member *member,
                                  uint32_t *number, struct lc_error *err)
{
    struct reading *r = user;
    enum lc_status status;

    if (member->size > LARGE_TEXT && !lc_shard_is_image(member)) {
        if (!r->text)
            pthread_mutex_lock(&r->pass->text);
        r->text = 2; /* it may belong to the sample after this one */
    }
    r->image_number = LC_NOT_NUMBERED;
    status = visit_of_shard(r, member, &r->has_ended, err);
    *number = r->image_number;
    if (status == LC_OK && r->has_ended)
        status = lc_fail(err, LC_ERR_STOPPED, 0, "stopped");
    return status;
}

/* Let the collector report progress. */
static enum lc_status tick(struct reading *r, struct lc_error *err)
{
    struct passing *passing = calloc(1, sizeof(*passing));

    if (!passing)
        return lc_fail_memory(err);
    passing->is_tick = true;
    r->has_ended = !wait_for_space(r->pass, 0);
    if (r->has_ended)
        passing_free(passing);
    else
        push(r->pass, passing);
    return LC_OK;
}

/* Keep a sample. *is_written is set to whether a block of samples is complete. */
static enum lc_status keep_sample(struct reading *r, const struct lc_sample *sample,
                                  bool *is_written, struct lc_error *err)
{
    r->kept += sizeof(*sample) + sample->text.size + sample->images.size;
    r->is_too_large = r->kept > MOST_KEPT(r->packed->facts.size);
    if (r->is_too_large)
        return LC_OK;
    return lc_samples_add(r->pass->samples, r->packed->rows_file, sample, is_written,
                          err);
}

/* Keep the samples of a shard. */
static enum lc_status keep_samples(struct reading *r, struct lc_error *err)
{
    struct pass *pass = r->pass;
    const struct lc_sample *sample = NULL;
    enum lc_status status;

    do {
        bool is_written = false;
        uint64_t position;

        status = lc_shard_next(r->shard, &sample, err);
        if (status == LC_OK && sample)
            status = keep_sample(r, sample, &is_written, err);
        if (r->text && --r->text == 0)
            pthread_mutex_unlock(&pass->text);
        position = lc_shard_position(r->shard);
        atomic_fetch_add(&pass->read, position - r->position);
        r->position = position;
        if (status == LC_OK && is_written)
            status = tick(r, err);
    } while (status == LC_OK && sample && !r->has_ended && !r->is_too_large);
    if (r->text)
        pthread_mutex_unlock(&pass->text);
    r->text = 0;
    return status;
}

static enum lc_status open_shard(struct reading *r, struct lc_error *err)
{
    const struct lc_archive_file *file = r->packed->file;
    int os_errno = lc_run_bring(r->archives->run, NULL, file->path);
    enum lc_status status;

    if (os_errno)
        return lc_fail(err, LC_ERR_IO, os_errno, "open the shard");
    r->was_brought = true;
    status = lc_shard_open(file->path, file->name, &r->shard, err);
    if (status == LC_OK)
        r->archive = lc_shard_reader(r->shard);
    return status;
}

/* Leave a shard with too much text to the rows stage. */
static void leave_to_rows(struct reading *r)
{
    struct pass *pass = r->pass;
    struct lc_packed *packed = r->packed;

    lc_samples_drop(pass->samples, packed->rows_file);
    packed->is_ahead = false;
    packed->state = LC_PACKED_UNNEEDED;
    lc_packed_clear_points(packed);
    pthread_mutex_lock(&pass->others);
    pass->other_count -= packed->others.count;
    pass->other_bytes -= packed->others.text.size;
    lc_other_members_clear(&packed->others);
    pthread_mutex_unlock(&pass->others);
}

/* Read a shard to its end, for the rows stage, too. */
static enum lc_status read_ahead(struct pass *pass, uint32_t number, struct lc_error *err)
{
    struct lc_packed *packed = &pass->archives->items[number];
    struct reading r = {
        .pass = pass, .archives = pass->archives, .packed = packed, .number = number};
    struct lc_shard_end end;
    enum lc_status status = open_shard(&r, err);

    if (status == LC_OK) {
        if (pass->archives->input->journal)
            lc_archive_collect(r.archive, pass->distance, keep_point, &r);
        lc_shard_want_fields(r.shard, pass->archives->dataset->fields);
        lc_shard_on_member(r.shard, visit_ahead, &r);
        status = keep_samples(&r, err);
    }
    if (status == LC_OK && r.is_too_large) {
        leave_to_rows(&r);
        end_reading(&r);
        return LC_OK;
    }
    if (status == LC_OK && !r.has_ended) {
        end = lc_shard_end(r.shard);
        status = lc_shard_finish(r.shard, err);
        if (r.text) /* a member after the samples */
            pthread_mutex_unlock(&pass->text);
    }
    if (status == LC_OK && !r.has_ended) {
        keep_kind(packed, lc_archive_end(r.archive));
        status = keep_damage(packed, lc_archive_end(r.archive), err);
        if (status == LC_OK)
            status = lc_samples_end(pass->samples, packed->rows_file, &end,
                                    &packed->facts, err);
    }
    status = r.has_ended ? LC_OK : status;
    end_reading(&r);
    return status;
}

/* Whether this pass reads an archive. */
static bool is_in_pass(const struct pass *pass, const struct lc_packed *packed)
{
    return packed->state == LC_PACKED_READ && packed->is_ahead == (pass->samples != NULL);
}

static void *read_archives(void *argument)
{
    struct pass *pass = argument;
    struct lc_archives *archives = pass->archives;

    for (;;) {
        struct lc_packed *packed;
        uint32_t number;

        pthread_mutex_lock(&pass->lock);
        while (pass->next < archives->count &&
               !is_in_pass(pass, &archives->items[pass->next]))
            pass->next++;
        number = (uint32_t)pass->next++;
        if (pass->stop || number >= archives->count) {
            pass->readers--;
            pthread_cond_broadcast(&pass->changed);
            pthread_mutex_unlock(&pass->lock);
            return NULL;
        }
        pthread_mutex_unlock(&pass->lock);
        packed = &archives->items[number];
        packed->status = pass->samples ? read_ahead(pass, number, &packed->error)
                                       : read_archive(pass, number, &packed->error);
        if (pass->samples &&
            (packed->status == LC_ERR_IO || packed->status == LC_ERR_USAGE)) {
            lc_samples_fail(pass->samples, packed->rows_file, &packed->error);
            packed->status = LC_OK;
        } else if (packed->status == LC_ERR_IO) { /* whatever follows is missing */
            packed->has_failed = true;
            packed->status = lc_buffer_printf(
                &packed->damage, &packed->error, "unreadable\t1\t0\t%llu\t%s\n",
                (unsigned long long)packed->members, packed->error.message);
        }
        if (packed->status != LC_OK)
            end_pass(pass);
    }
}

/* ---- the stage ---- */

struct member_job {
    struct lc_job job;
    struct passing *first;
};

struct member_scratch {
    struct lc_image_scratch *decoders;
};

static struct lc_job *job_new(void)
{
    struct member_job *job = calloc(1, sizeof(*job));

    return job ? &job->job : NULL;
}

static void job_free(struct lc_job *base)
{
    struct member_job *job = (struct member_job *)base;

    if (!job)
        return;
    passing_free(job->first);
    free(job);
}

static void scratch_free(void *argument)
{
    struct member_scratch *scratch = argument;

    if (!scratch)
        return;
    lc_image_scratch_free(scratch->decoders);
    free(scratch);
}

static enum lc_status scratch_new(void *argument, void **out, struct lc_error *err)
{
    struct member_scratch *scratch = calloc(1, sizeof(*scratch));

    (void)argument;
    *out = scratch;
    return scratch ? lc_image_scratch_new(&scratch->decoders, err) : lc_fail_memory(err);
}

static bool fill(void *argument, struct lc_job *base)
{
    struct member_job *job = (struct member_job *)base;

    job->first = pop(argument);
    return job->first != NULL;
}

static enum lc_status inspect_within(struct member_scratch *scratch,
                                     struct passing *passing, uint64_t max_memory,
                                     struct lc_error *err)
{
    const struct lc_buffer *bytes = &passing->bytes;
    struct lc_image_limits limits = lc_image_limits_default;

    limits.max_memory = max_memory;
    passing->facts.info = (struct lc_image_info){0};
    return lc_image_inspect(scratch->decoders, (const uint8_t *)bytes->data, bytes->size,
                            &limits, &passing->facts.info, err);
}

static enum lc_status work_member(struct pass *pass, struct member_scratch *scratch,
                                  struct passing *passing, struct lc_error *err)
{
    unsigned sharers = lc_sharers(pass->archives->run->workers);
    enum lc_status status;

    if (passing->is_section || passing->is_tick)
        return LC_OK;
    passing->facts = (struct lc_image_facts){.opened = true, .result = passing->result};
    if (passing->is_known || passing->result != LC_READ_OK)
        return LC_OK;
    passing->content = lc_hash_bytes(passing->bytes.data, passing->bytes.size);
    status = inspect_within(scratch, passing, LC_SHARED_MEMORY / sharers, err);
    if (status != LC_OK || !passing->facts.info.limited)
        return status;
    pthread_mutex_lock(&pass->large);
    status = inspect_within(scratch, passing, lc_image_limits_default.max_memory, err);
    lc_image_scratch_trim(scratch->decoders);
    pthread_mutex_unlock(&pass->large);
    return status;
}

static void work(void *argument, void *scratch, struct lc_job *base)
{
    struct member_job *job = (struct member_job *)base;
    enum lc_status status = LC_OK;

    for (struct passing *p = job->first; p && status == LC_OK; p = p->next)
        status = work_member(argument, scratch, p, &base->error);
}

/* Set the record of one of the images that the member is. */
static enum lc_status set_image(struct pass *pass, const struct passing *passing,
                                uint32_t image, struct lc_error *err)
{
    struct lc_archives *archives = pass->archives;
    const struct lc_archives_input *input = archives->input;
    const struct lc_packed *packed = &archives->items[passing->archive];
    struct lc_file_facts file = packed->facts;
    struct lc_image_facts facts = passing->facts;
    struct lc_image_record record;
    enum lc_status status;

    file.size = passing->bytes.size;
    facts.path = lc_links_path(archives->links, image);
    if (!passing->is_known)
        record = lc_image_record_of(&facts, &file, &passing->content);
    else if (!lc_archives_get_known(archives, image, &record))
        return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: an image is missing");
    record.archive = passing->archive + 1;
    record.offset = passing->offset;
    status = lc_archives_set(archives, image, &record, passing->result, passing->reason,
                             !passing->is_known, err);
    if (status == LC_OK && input->journal && !passing->is_known &&
        passing->result == LC_READ_OK)
        status = lc_journal_add(input->journal, &record, input->start_ns, err);
    return status;
}

/* Keep an image of a shard that is read ahead. */
static enum lc_status keep_ahead(struct pass *pass, const struct passing *passing,
                                 struct lc_error *err)
{
    const struct lc_archives_input *input = pass->archives->input;
    struct lc_file_facts file = pass->archives->items[passing->archive].facts;
    struct lc_image_facts facts = passing->facts;
    struct lc_find find = {.result = passing->result,
                           .reason = passing->reason,
                           .is_new = !passing->is_known};
    enum lc_status status = LC_OK;

    file.size = passing->bytes.size;
    facts.path = span_of(&passing->path);
    find.record = passing->is_known
                      ? passing->known
                      : lc_image_record_of(&facts, &file, &passing->content);
    find.record.path = facts.path;
    find.record.archive = passing->archive + 1;
    find.record.offset = passing->offset;
    if (passing->result == LC_READ_OK)
        status = lc_samples_set_content(pass->samples, passing->number,
                                        &find.record.content, err);
    if (status == LC_OK)
        status = lc_finds_add(pass->archives->finds, &find, err);
    if (status == LC_OK && input->journal && find.is_new && find.result == LC_READ_OK)
        status = lc_journal_add(input->journal, &find.record, input->start_ns, err);
    return status;
}

/* Keep what a member is. */
static enum lc_status keep_member(struct pass *pass, const struct passing *passing,
                                  struct lc_error *err)
{
    const struct lc_archives_input *input = pass->archives->input;
    uint32_t image = passing->image;
    enum lc_status status = LC_OK;

    if (passing->is_section)
        return lc_journal_add_section(input->journal, span_of(&passing->bytes),
                                      input->start_ns, err);
    if (passing->is_tick)
        return LC_OK;
    if (pass->samples)
        status = keep_ahead(pass, passing, err);
    for (; image != LC_NO_IMAGE && status == LC_OK;
         image = lc_names_next(pass->archives->names, image))
        status = set_image(pass, passing, image, err);
    pass->bytes += passing->bytes.size;
    pass->done++;
    return status;
}

static enum lc_status collect(void *argument, struct lc_job *base, struct lc_error *err)
{
    struct pass *pass = argument;
    struct lc_run *run = pass->archives->run;
    struct member_job *job = (struct member_job *)base;
    uint64_t held = 0;
    enum lc_status status = LC_OK;

    for (const struct passing *p = job->first; p && status == LC_OK; p = p->next) {
        held += p->held;
        status = keep_member(pass, p, err);
    }
    passing_free(job->first);
    job->first = NULL;
    give_back(pass, held);
    if (status != LC_OK)
        return status;
    if (pass->samples)
        return lc_run_progress(run, LC_STAGE_ROWS, atomic_load(&pass->read), pass->total,
                               err);
    run->summary.image_bytes = pass->bytes; /* only for the progress */
    return lc_run_progress(run, LC_STAGE_IMAGES, pass->done,
                           lc_links_images(pass->archives->links) + 1, err);
}

/* Start the readers. They block signals, which are the caller's business, except for
 * those that a thread's own fault raises. */
static enum lc_status start_readers(struct pass *pass, struct lc_error *err)
{
    unsigned workers = pass->archives->run->workers;
    size_t wanted = 0;
    sigset_t all, before;

    for (size_t i = 0; i < pass->archives->count; i++)
        wanted += is_in_pass(pass, &pass->archives->items[i]);
    wanted = wanted < workers ? wanted : workers;
    pass->threads = calloc(wanted + 1, sizeof(*pass->threads));
    if (!pass->threads)
        return lc_fail_memory(err);
    sigfillset(&all);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGFPE);
    sigdelset(&all, SIGILL);
    sigdelset(&all, SIGABRT);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pass->readers = (unsigned)wanted;
    for (size_t i = 0; i < wanted; i++) {
        if (pthread_create(&pass->threads[pass->thread_count], NULL, read_archives,
                           pass) == 0) {
            pass->thread_count++;
        } else {
            pthread_mutex_lock(&pass->lock);
            pass->readers--;
            pthread_mutex_unlock(&pass->lock);
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return wanted && !pass->thread_count
               ? lc_fail(err, LC_ERR_MEMORY, 0, "cannot create a thread")
               : LC_OK;
}

/* Get the first error of the readers, in the order of archives. */
static enum lc_status get_error(const struct pass *pass, struct lc_error *err)
{
    for (size_t i = 0; i < pass->archives->count; i++) {
        const struct lc_packed *packed = &pass->archives->items[i];

        if (packed->status != LC_OK)
            return lc_fail(err, packed->status, packed->error.os_errno, "%.150s: %.100s",
                           packed->file->name, packed->error.message);
    }
    return LC_OK;
}

enum lc_status lc_archives_pass(struct lc_archives *archives, struct lc_samples *samples,
                                struct lc_error *err)
{
    static const struct lc_stage_ops ops = {
        .job_new = job_new,
        .job_free = job_free,
        .scratch_new = scratch_new,
        .scratch_free = scratch_free,
        .fill = fill,
        .work = work,
        .collect = collect,
    };
    struct pass pass = {.archives = archives, .samples = samples};
    enum lc_status status;

    for (size_t i = 0; i < archives->count; i++) {
        pass.distance += archives->items[i].facts.size / MOST_POINTS;
        if (is_in_pass(&pass, &archives->items[i]))
            pass.total += archives->items[i].facts.size;
    }
    if (pass.distance < POINT_DISTANCE)
        pass.distance = POINT_DISTANCE;
    pthread_mutex_init(&pass.lock, NULL);
    pthread_mutex_init(&pass.others, NULL);
    pthread_mutex_init(&pass.cache, NULL);
    pthread_mutex_init(&pass.text, NULL);
    pthread_mutex_init(&pass.large, NULL);
    pthread_cond_init(&pass.changed, NULL);
    status = start_readers(&pass, err);
    if (status == LC_OK)
        status = lc_pipeline_run(&ops, &pass, archives->run->workers, err);
    end_pass(&pass);
    for (size_t i = 0; i < pass.thread_count; i++)
        pthread_join(pass.threads[i], NULL);
    if (status == LC_OK)
        status = get_error(&pass, err);
    passing_free(pass.first);
    archives->run->summary.image_bytes = 0;
    free(pass.threads);
    pthread_cond_destroy(&pass.changed);
    pthread_mutex_destroy(&pass.large);
    pthread_mutex_destroy(&pass.text);
    pthread_mutex_destroy(&pass.cache);
    pthread_mutex_destroy(&pass.others);
    pthread_mutex_destroy(&pass.lock);
    return status;
}

/* ---- samples ---- */

/* The name of an archive without its suffixes: of "a/coco.tar.gz", "coco". */
static struct lc_span stem_of(const char *name)
{
    const char *last = strrchr(name, '/');
    size_t size;

    last = last ? last + 1 : name;
    size = strcspn(last, ".");
    return (struct lc_span){last, size};
}

/* Count the sampled members that are images of rows, and those of them that are files in
 * the image root. */
static enum lc_status count_unpacked(struct reading *r, const struct lc_buffer *paths,
                                     size_t *named, size_t *unpacked,
                                     struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t at = 0; at < paths->size && status == LC_OK;
         at += strlen(paths->data + at) + 1) {
        const char *path = paths->data + at;
        uint32_t image;
        bool fits = false;

        r->name.size = 0;
        status = lc_member_layout_apply(&r->packed->layout,
                                        (struct lc_span){path, strlen(path)}, &r->name,
                                        &fits, err);
        if (status != LC_OK || !fits)
            continue;
        image = lc_names_first(r->archives->names, span_of(&r->name));
        *named += image != LC_NO_IMAGE;
        *unpacked += image != LC_NO_IMAGE && !r->archives->wanted[image];
    }
    return status;
}

enum lc_status lc_packed_sample(struct lc_archives *archives, struct lc_packed *packed,
                                struct lc_error *err)
{
    struct reading r = {.archives = archives, .packed = packed};
    struct lc_member_votes votes = {0};
    struct lc_buffer paths = {0}; /* paths of the samples; each ends with NUL */
    const struct lc_member *member = NULL;
    size_t named = 0, unpacked = 0;
    bool usable = false;
    enum lc_status status = open_archive(&r, err);

    while (status == LC_OK && packed->voted < SAMPLED &&
           lc_archive_end(r.archive)->size < SAMPLED_BYTES) {
        status = lc_archive_next(r.archive, &member, err);
        if (status != LC_OK || !member)
            break;
        if (member->type != LC_MEMBER_FILE)
            continue;
        status = set_path(&r, member, &usable, err);
        if (status != LC_OK || !usable)
            continue;
        packed->voted++;
        status = lc_member_layout_vote(archives->names, span_of(&r.path), &votes, err);
        if (status == LC_OK)
            status = lc_buffer_add(&paths, r.path.data, r.path.size, err);
        if (status == LC_OK)
            status = lc_buffer_add(&paths, "", 1, err);
    }
    if (status == LC_OK)
        status = lc_member_layout_choose(&votes, stem_of(packed->file->name),
                                         &packed->layout, &packed->votes, err);
    packed->has_layout = packed->votes > 0;
    if (status == LC_OK)
        status = count_unpacked(&r, &paths, &named, &unpacked, err);
    if (named && named == unpacked)
        packed->state = LC_PACKED_UNPACKED;
    lc_member_votes_clear(&votes);
    lc_buffer_clear(&paths);
    end_reading(&r);
    return status;
}

/* Decides which archives to read, and draws conclusions from their members.
 *
 * 1. Which images are not files? If there are none, no archive is opened.
 * 2. Which of them does an earlier run know from unchanged archives? The index also has
 * the members that are not the image of any row, so it shows which images are in no
 * archive at all.
 * 3. An archive is read if it is new or has changed, or if an image that is now wanted is
 * one of those other members. If it is read for the first time, its first members show
 * how its paths differ from those in rows (names.h), and whether it is already unpacked.
 * 4. The pass reads them (pass.c). Links are resolved last. */
#include "scan/archives/resume.h"

#include "base/clock.h"
#include "scan/archives/finds.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define REPORTED 8    /* archives to report; the rest are only counted */
#define MOST_LINKS 40 /* in a chain of links: Linux's limit */

/* ---- the images that are not files ---- */

/* The folder of a path, if all paths in it are known to be missing. */
struct gone_folder {
    struct lc_span path;
    bool is_gone;
};

/* Whether an image is not a file. Images of a folder follow each other: if the folder is
 * missing, they need not be looked for. */
static bool is_no_file(const struct lc_folder *folder, struct lc_span path,
                       struct gone_folder *last)
{
    const char *slash = memrchr(path.text, '/', path.size);
    struct lc_span parent = {path.text, slash ? (size_t)(slash - path.text) : 0};

    if (!slash)
        return !lc_folder_has(folder, path.text);
    if (!lc_span_equal(parent, last->path)) {
        char *name = strndup(parent.text, parent.size);

        last->path = parent;
        last->is_gone = name && !lc_folder_has(folder, name);
        free(name);
    }
    return last->is_gone || !lc_folder_has(folder, path.text);
}

static enum lc_status find_wanted(struct lc_archives *archives, struct lc_error *err)
{
    const struct lc_links *links = archives->links;
    size_t count = lc_links_images(links);
    struct lc_folder *folder = NULL;
    struct gone_folder last = {{"", 0}, false};
    enum lc_status status;

    archives->wanted = calloc(count + 1, sizeof(*archives->wanted));
    if (!archives->wanted)
        return lc_fail_memory(err);
    status = lc_folder_open(archives->dataset->image_root, &folder, err);
    for (size_t i = 0; i < count && status == LC_OK; i++) {
        struct lc_span path = lc_links_path(links, (uint32_t)i);

        if (archives->dataset->has_shards || /* it is a member of a shard */
            (!lc_path_outside(path) && is_no_file(folder, path, &last))) {
            archives->wanted[i] = true;
            archives->wanted_count++;
        }
        if (i % 4096 == 0)
            status = lc_run_check_stopped(archives->run, err);
    }
    lc_folder_close(folder);
    return status;
}

/* ---- archives now and earlier ---- */

static int by_inode(const void *a, const void *b, void *user)
{
    const struct lc_packed *items = user;
    const struct lc_file_facts *x = &items[*(const uint32_t *)a].facts;
    const struct lc_file_facts *y = &items[*(const uint32_t *)b].facts;

    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return (x->inode > y->inode) - (x->inode < y->inode);
}

/* Note why an archive cannot be read, unless it is gone: images may be in it. */
static enum lc_status note_unreadable(struct lc_packed *packed, int os_errno,
                                      struct lc_error *err)
{
    if (os_errno == ENOENT || os_errno == ENOTDIR)
        return LC_OK;
    return lc_buffer_printf(&packed->damage, err, "unreadable\t1\t0\t0\t%s\n",
                            strerror(os_errno));
}

static enum lc_status list_archives(struct lc_archives *archives, struct lc_error *err)
{
    const struct lc_dataset *dataset = archives->dataset;
    enum lc_status status = LC_OK;

    archives->items = calloc(dataset->archive_count + 1, sizeof(*archives->items));
    archives->by_inode = calloc(dataset->archive_count + 1, sizeof(*archives->by_inode));
    if (!archives->items || !archives->by_inode)
        return lc_fail_memory(err);
    archives->count = dataset->archive_count;
    for (size_t i = 0; i < archives->count && status == LC_OK; i++) {
        struct lc_packed *packed = &archives->items[i];
        struct stat st;

        packed->file = &dataset->archives[i];
        archives->by_inode[i] = (uint32_t)i;
        if (stat(packed->file->path, &st) != 0) {
            status = note_unreadable(packed, errno, err);
            continue;
        }
        if (!S_ISREG(st.st_mode))
            continue;
        packed->is_there = true;
        packed->facts = (struct lc_file_facts){
            .size = (uint64_t)st.st_size,
            .mtime_ns = lc_clock_ns(st.st_mtim.tv_sec, st.st_mtim.tv_nsec),
            .ctime_ns = lc_clock_ns(st.st_ctim.tv_sec, st.st_ctim.tv_nsec),
            .inode = st.st_ino,
            .device = st.st_dev,
        };
    }
    qsort_r(archives->by_inode, archives->count, sizeof(*archives->by_inode), by_inode,
            archives->items);
    return status;
}

/* The archive with an inode; NULL if there is none. */
static struct lc_packed *find_archive(const struct lc_archives *archives, uint64_t device,
                                      uint64_t inode)
{
    size_t low = 0, high = archives->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct lc_packed *packed = &archives->items[archives->by_inode[middle]];

        if (packed->facts.device == device && packed->facts.inode == inode)
            return packed->is_there ? packed : NULL;
        if (packed->facts.device < device ||
            (packed->facts.device == device && packed->facts.inode < inode))
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static enum lc_status copy_span(struct lc_span text, struct lc_buffer *out,
                                struct lc_error *err)
{
    out->size = 0;
    return text.size ? lc_buffer_add(out, text.text, text.size, err) : LC_OK;
}

enum lc_status lc_packed_load(struct lc_packed *packed,
                              const struct lc_archive_record *record,
                              struct lc_error *err)
{
    enum lc_status status = copy_span(record->removed, &packed->layout.removed, err);

    packed->members = record->members;
    packed->files = record->files;
    packed->unpacked = record->unpacked;
    packed->unsafe = record->unsafe;
    if (record->kind.size < sizeof(packed->kind)) {
        memcpy(packed->kind, record->kind.text, record->kind.size);
        packed->kind[record->kind.size] = '\0';
    }
    packed->has_layout = true;
    if (status == LC_OK)
        status = copy_span(record->added, &packed->layout.added, err);
    if (status == LC_OK)
        status = copy_span(record->unsafe_example, &packed->unsafe_example, err);
    return status == LC_OK ? copy_span(record->damage, &packed->damage, err) : status;
}

/* Reuse the links that an earlier run of this part has read. */
static enum lc_status load_links(struct lc_packed *packed,
                                 const struct lc_part_record *part, uint32_t number,
                                 struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; part && i < part->link_count && status == LC_OK; i++)
        if (part->links[i].archive == number)
            status = lc_packed_add_link(packed, lc_part_text(part, part->links[i].path),
                                        lc_part_text(part, part->links[i].target),
                                        part->links[i].offset, err);
    return status;
}

/* Whether an earlier run has treated the links in an archive like this run: parts leave
 * links to the merge. */
static bool has_links_alike(const struct lc_run *run, const struct lc_index *index,
                            uint32_t number)
{
    const struct lc_part_record *part = lc_index_part(index);

    return run->part.count ? part && lc_part_archive(part, number) : !part;
}

/* Reuse an earlier run's facts about an archive that is unchanged. */
static enum lc_status match_archive(void *user, uint32_t number,
                                    const struct lc_archive_record *old,
                                    struct lc_error *err)
{
    struct lc_archives *archives = user;
    const struct lc_index *index = lc_image_cache_index(archives->input->image_cache);
    int64_t newest = lc_clock_newest_trusted_ns(lc_index_info(index)->began_ns);
    struct lc_packed *packed = find_archive(archives, old->device, old->inode);
    enum lc_status status;

    if (!packed || packed->is_foreign || packed->is_ahead ||
        !has_links_alike(archives->run, index, number) || old->state != LC_ARCHIVE_READ ||
        packed->facts.size != old->size || packed->facts.mtime_ns != old->mtime_ns ||
        packed->facts.ctime_ns != old->ctime_ns ||
        !lc_clock_is_before(old->mtime_ns, newest) ||
        !lc_clock_is_before(old->ctime_ns, newest) ||
        old->kind.size >= sizeof(packed->kind))
        return LC_OK;
    packed->state = LC_PACKED_REUSED;
    packed->earlier = number + 1;
    packed->pointed = index;
    packed->pointed_as = number;
    status = lc_packed_load(packed, old, err);
    return status == LC_OK ? load_links(packed, lc_index_part(index), number, err)
                           : status;
}

/* Load the images that earlier runs know to be members of archives that are unchanged. */
static enum lc_status load_known(struct lc_archives *archives, struct lc_error *err)
{
    const struct lc_archives_input *input = archives->input;
    size_t count = lc_links_images(archives->links);
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < count && status == LC_OK; i++) {
        struct lc_cached_image cached;
        const struct lc_packed *packed;

        lc_image_cache_next(input->image_cache,
                            lc_links_path(archives->links, (uint32_t)i), &cached);
        if (!archives->wanted[i] || !cached.is_cached || !cached.record.archive ||
            !cached.has_trusted_times)
            continue;
        packed = find_archive(archives, cached.record.device, cached.record.inode);
        if (!packed || !lc_packed_has_times(packed, &cached.record))
            continue;
        cached.record.archive = (uint32_t)(packed - archives->items) + 1;
        status = lc_image_records_set(&archives->known, (uint32_t)i, &cached.record, err);
    }
    lc_image_cache_rewind(input->image_cache);
    return status;
}

/* Use the known images of unchanged archives. All known images have trusted times, but an
 * image from the journal may be from an archive that was not read to its end. */
static enum lc_status use_known(struct lc_archives *archives, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < archives->known.count && status == LC_OK; i++) {
        struct lc_image_record record;

        if (lc_archives_get_known(archives, (uint32_t)i, &record) &&
            archives->items[record.archive - 1].state == LC_PACKED_REUSED)
            status = lc_archives_set(archives, (uint32_t)i, &record, LC_READ_OK,
                                     LC_UNREAD_NONE, false, err);
    }
    return status;
}

/* ---- choosing archives ---- */

/* The archive of this run with a number in the earlier index. */
static struct lc_packed *packed_of(const struct lc_archives *archives, uint32_t earlier)
{
    for (size_t i = 0; i < archives->count; i++)
        if (archives->items[i].earlier == earlier + 1)
            return &archives->items[i];
    return NULL;
}

/* Archives by their numbers in the earlier index. */
struct earlier_members {
    struct lc_archives *archives;
    struct lc_packed **of; /* by number there; NULL: changed, gone, or not read */
    size_t count;
    bool adds; /* add the members to the others; else look for wanted members */
};

/* Visit a member that was not the image of a row: it may be one now. */
static enum lc_status visit_earlier(void *user, const struct lc_member_record *member,
                                    struct lc_error *err)
{
    const struct earlier_members *earlier = user;
    struct lc_archives *archives = earlier->archives;
    struct lc_packed *packed =
        member->archive < earlier->count ? earlier->of[member->archive] : NULL;
    struct lc_member_record own = *member;
    uint32_t image;

    if (!packed || (earlier->adds && packed->state != LC_PACKED_REUSED))
        return LC_OK;
    if (earlier->adds) {
        own.archive = (uint32_t)(packed - archives->items);
        return lc_other_members_add(&archives->others, &own, err);
    }
    image = lc_names_first(archives->names, member->path);
    for (; image != LC_NO_IMAGE; image = lc_names_next(archives->names, image))
        if (archives->wanted[image] && !archives->images.at[image])
            packed->state = LC_PACKED_READ;
    return LC_OK;
}

static enum lc_status walk_earlier(struct lc_archives *archives, bool adds,
                                   struct lc_error *err)
{
    const struct lc_index *index = lc_image_cache_index(archives->input->image_cache);
    struct earlier_members earlier = {.archives = archives, .adds = adds};
    enum lc_status status;

    if (!index)
        return LC_OK;
    for (size_t i = 0; i < archives->count; i++)
        if (archives->items[i].earlier > earlier.count)
            earlier.count = archives->items[i].earlier;
    earlier.of = calloc(earlier.count + 1, sizeof(struct lc_packed *));
    if (!earlier.of)
        return lc_fail_memory(err);
    for (uint32_t i = 0; i < earlier.count; i++)
        earlier.of[i] = packed_of(archives, i);
    status = lc_index_each_member(index, visit_earlier, &earlier, err);
    free(earlier.of);
    return status;
}

static uint64_t count_unknown(const struct lc_archives *archives)
{
    uint64_t count = 0;

    for (size_t i = 0; i < archives->images.count; i++)
        count += archives->wanted[i] && !archives->images.at[i];
    return count;
}

/* Whether there is a readable archive that no earlier run has read: one of its members
 * may replace a known member. */
static bool has_new(const struct lc_archives *archives)
{
    bool found = false;

    for (size_t i = 0; i < archives->count; i++)
        found |= archives->items[i].is_there && !archives->items[i].is_foreign &&
                 archives->items[i].state != LC_PACKED_REUSED;
    return found;
}

/* Forget what an earlier run knew about an archive that is read again. */
static void begin_reading(struct lc_packed *packed)
{
    packed->state = LC_PACKED_READ;
    packed->members = packed->files = packed->unpacked = packed->unsafe = 0;
    packed->unsafe_example.size = packed->damage.size = 0;
    packed->kind[0] = '\0';
    packed->link_count = packed->link_text.size = 0;
    packed->pointed = NULL;
}

/* Decide which archives are read. */
static enum lc_status choose(struct lc_archives *archives, struct lc_error *err)
{
    const struct lc_index *index = lc_image_cache_index(archives->input->image_cache);
    bool reuses = index && archives->run->options->index_mode == LC_INDEX_METADATA;
    enum lc_status status = LC_OK;

    if (reuses)
        status = lc_index_each_archive(index, match_archive, archives, err);
    if (status == LC_OK && archives->run->options->index_mode == LC_INDEX_METADATA)
        status = load_known(archives, err);
    if (status == LC_OK)
        status = use_known(archives, err);
    if (status == LC_OK && (count_unknown(archives) || has_new(archives))) {
        status = lc_names_new(archives->links, archives->dataset->has_shards,
                              &archives->names, err);
        if (status == LC_OK && reuses)
            status = walk_earlier(archives, false, err);
    }
    for (size_t i = 0; i < archives->count && status == LC_OK; i++) {
        struct lc_packed *packed = &archives->items[i];
        bool was_read = packed->state == LC_PACKED_REUSED;

        if (was_read || !packed->is_there || packed->is_foreign || packed->is_ahead ||
            !archives->names)
            continue;
        begin_reading(packed);
        status = packed->file->is_shard ? lc_packed_begin_shard(packed, err)
                                        : lc_packed_sample(archives, packed, err);
        if (status == LC_ERR_IO) { /* an error of only this archive */
            packed->is_there = false;
            packed->state = LC_PACKED_UNNEEDED;
            status =
                lc_buffer_printf(&packed->damage, err, "unreadable\t1\t0\t0\t%s\n",
                                 strerror(err && err->os_errno ? err->os_errno : EIO));
        }
        if (status == LC_OK && packed->state == LC_PACKED_READ)
            status = lc_packed_find_sections(archives, packed, err);
        if (status == LC_OK)
            status = lc_run_check_stopped(archives->run, err);
    }
    return status;
}

/* ---- notices ---- */

static void describe(const struct lc_packed *packed, char *out, size_t size)
{
    const struct lc_member_layout *layout = &packed->layout;
    const char *name = packed->file->name;
    char text[200] = "", from[60] = "";

    if (layout->added.size)
        snprintf(text, sizeof(text), ", below %.*s", (int)layout->added.size,
                 layout->added.data);
    else if (layout->removed.size)
        snprintf(text, sizeof(text), ", without %.*s", (int)layout->removed.size,
                 layout->removed.data);
    if (packed->section_count)
        snprintf(from, sizeof(from), "; continued after %llu members",
                 (unsigned long long)packed->resume_number);
    if (packed->is_foreign)
        snprintf(out, size, "%.300s (of another part)", name);
    else if (!packed->is_there)
        snprintf(out, size, "%.300s (cannot be read)", name);
    else if (packed->state == LC_PACKED_UNNEEDED)
        snprintf(out, size, "%.300s (not needed)", name);
    else if (packed->state == LC_PACKED_UNPACKED)
        snprintf(out, size, "%.300s (unpacked already: not read)", name);
    else if (packed->state == LC_PACKED_REUSED)
        snprintf(out, size, "%.300s (unchanged%s)", name,
                 packed->file->is_shard ? "" : text);
    else if (packed->file->is_shard)
        snprintf(out, size, "%.300s (a shard%s)", name, from);
    else
        snprintf(out, size, "%.300s (%zu of %zu sampled members are images of rows%s%s)",
                 name, packed->votes, packed->voted, text, from);
}

static void report(const struct lc_archives *archives)
{
    const struct lc_run *run = archives->run;
    char line[700];

    if (!archives->wanted_count) {
        snprintf(line, sizeof(line), "%zu (not needed: all images are files)",
                 archives->count);
        lc_run_report_choice(run, "archives", line);
        return;
    }
    for (size_t i = 0; i < archives->count && i < REPORTED; i++) {
        describe(&archives->items[i], line, sizeof(line));
        lc_run_report_choice(run, "archive", line);
    }
    if (archives->count > REPORTED) {
        snprintf(line, sizeof(line), "and %zu more", archives->count - REPORTED);
        lc_run_report_choice(run, "archive", line);
    }
}

/* ---- the end ---- */

/* The members of an archive that are not images of rows, by their paths: a hash table
 * with open addressing. */
struct other_paths {
    struct lc_packed *packed;
    uint32_t *slots; /* 1 + number of a member; 0: free */
    size_t mask;     /* number of slots - 1 */
    size_t count;    /* number of members that were added */
};

/* Find the image for the path of a member; LC_NO_IMAGE if there is none. */
static enum lc_status find_image(const struct lc_archives *archives,
                                 const struct lc_packed *packed, const char *path,
                                 struct lc_buffer *name, uint32_t *out,
                                 struct lc_error *err)
{
    bool fits = false;
    enum lc_status status;

    name->size = 0;
    *out = LC_NO_IMAGE;
    status = lc_member_layout_apply(&packed->layout, (struct lc_span){path, strlen(path)},
                                    name, &fits, err);
    if (status == LC_OK && fits)
        *out = lc_names_first(archives->names, (struct lc_span){name->data, name->size});
    return status;
}

/* Find the slot of a path, or the free slot where it belongs. */
static uint32_t *find_other(const struct other_paths *paths, struct lc_span path)
{
    const struct lc_other_members *others = &paths->packed->others;
    size_t at = lc_hash_quick(path.text, path.size) & paths->mask;

    for (; paths->slots[at]; at = (at + 1) & paths->mask) {
        const char *other = lc_other_path(others, &others->items[paths->slots[at] - 1]);

        if (strlen(other) == path.size && memcmp(other, path.text, path.size) == 0)
            break;
    }
    return &paths->slots[at];
}

/* Add the members that were added to the archive's list since the last call. */
static enum lc_status update_paths(struct other_paths *paths, struct lc_error *err)
{
    const struct lc_other_members *others = &paths->packed->others;

    if (!paths->slots || 2 * others->count > paths->mask) {
        size_t slots = 64;

        while (slots < 4 * others->count)
            slots *= 2;
        free(paths->slots);
        paths->slots = calloc(slots, sizeof(*paths->slots));
        if (!paths->slots)
            return lc_fail_memory(err);
        paths->mask = slots - 1;
        paths->count = 0;
    }
    for (; paths->count < others->count; paths->count++) {
        const char *path = lc_other_path(others, &others->items[paths->count]);
        uint32_t *slot = find_other(paths, (struct lc_span){path, strlen(path)});

        if (!*slot)
            *slot = (uint32_t)paths->count + 1;
    }
    return LC_OK;
}

/* Find out whether an archive has, or may have, a member with this path that is not the
 * image of a row. */
static enum lc_status has_other(struct other_paths *paths, struct lc_span path, bool *out,
                                struct lc_error *err)
{
    enum lc_status status = update_paths(paths, err);

    *out = status == LC_OK && (paths->packed->others.dropped || *find_other(paths, path));
    return status;
}

/* Note that an image is a link to another image, if that link is the image's member. */
static enum lc_status note_target(struct lc_archives *archives, uint32_t image,
                                  uint32_t archive, uint64_t offset, uint32_t target,
                                  struct lc_error *err)
{
    struct lc_image_record record;

    if (!archives->targets)
        archives->targets =
            calloc(archives->images.count + 1, sizeof(*archives->targets));
    if (!archives->targets)
        return lc_fail_memory(err);
    if (lc_archives_get(archives, image, &record) && record.archive == archive &&
        record.offset == offset && image != target)
        archives->targets[image] = target + 1;
    return LC_OK;
}

/* Set the image of a link to the file that it leads to. If that file is not the image of
 * a row, its bytes were not read: without unpacking, the link cannot be read. */
static enum lc_status resolve_link(struct lc_archives *archives,
                                   struct other_paths *others,
                                   const struct lc_packed_link *link,
                                   struct lc_buffer *name, struct lc_error *err)
{
    struct lc_packed *packed = others->packed;
    const char *text = packed->link_text.data;
    uint32_t image, target = LC_NO_IMAGE;
    uint32_t number = (uint32_t)(packed - archives->items) + 1;
    struct lc_image_record record;
    enum lc_read_result result = LC_READ_FAILED;
    enum lc_unread_reason reason = LC_UNREAD_LINK;
    bool is_image, is_there = true;
    struct lc_member_record other = {.archive = number - 1, .offset = link->offset};
    enum lc_status status =
        find_image(archives, packed, text + link->path, name, &image, err);

    other.path = (struct lc_span){name->data, name->size};
    if (status == LC_OK && (image == LC_NO_IMAGE || !archives->wanted[image]))
        return lc_other_members_add(&packed->others, &other, err);
    if (status == LC_OK && link->target == SIZE_MAX) /* it leads out of the archive */
        return lc_other_members_add(&packed->others, &other, err);
    if (status == LC_OK)
        status = find_image(archives, packed, text + link->target, name, &target, err);
    if (status != LC_OK)
        return status;
    is_image = target != LC_NO_IMAGE && lc_archives_get(archives, target, &record);
    if (is_image) {
        result = (enum lc_read_result)(archives->results[target] - 1);
        reason = (enum lc_unread_reason)archives->reasons[target];
    } else {
        status =
            has_other(others, (struct lc_span){name->data, name->size}, &is_there, err);
    }
    if (status != LC_OK || !is_there) /* it leads nowhere: missing */
        return status;
    for (; image != LC_NO_IMAGE && status == LC_OK;
         image = lc_names_next(archives->names, image)) {
        record = (struct lc_image_record){.mtime_ns = packed->facts.mtime_ns,
                                          .ctime_ns = packed->facts.ctime_ns,
                                          .inode = packed->facts.inode,
                                          .device = packed->facts.device};
        if (is_image) /* each time: a record lives only until the next one is set */
            (void)lc_archives_get(archives, target, &record);
        record.archive = number;
        record.offset = link->offset;
        record.path = lc_links_path(archives->links, image);
        if (result != LC_READ_OK) {
            other.path = record.path;
            status = lc_other_members_add(&packed->others, &other, err);
        }
        if (status == LC_OK)
            status = lc_archives_set(archives, image, &record, result, reason, true, err);
        if (status == LC_OK && is_image)
            status = note_target(archives, image, number, link->offset, target, err);
    }
    return status;
}

/* Set the places of links to the places of their bytes. Until here, they had the places
 * of the links themselves, which decide which of several members with the same path is
 * the image. */
static enum lc_status place_links(struct lc_archives *archives, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; archives->targets && i < archives->images.count; i++) {
        struct lc_image_record record, to;
        uint32_t target = (uint32_t)i;

        for (int links = 0; links < MOST_LINKS && archives->targets[target]; links++)
            target = archives->targets[target] - 1;
        if (target == i || !lc_archives_get(archives, (uint32_t)i, &record) ||
            !lc_archives_get(archives, target, &to))
            continue;
        record.archive = to.archive;
        record.offset = to.offset;
        status = lc_image_records_set(&archives->images, (uint32_t)i, &record, err);
        if (status != LC_OK)
            break;
    }
    return status;
}

static enum lc_status resolve_links(struct lc_archives *archives, struct lc_error *err)
{
    struct lc_buffer name = {0};
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < archives->count; i++) {
        struct lc_packed *packed = &archives->items[i];
        struct other_paths others = {.packed = packed};

        for (size_t k = 0; k < packed->link_count && status == LC_OK; k++)
            status = resolve_link(archives, &others, &packed->links[k], &name, err);
        free(others.slots);
    }
    lc_buffer_clear(&name);
    return status == LC_OK ? place_links(archives, err) : status;
}

/* Join the other members of all archives into one list. The first list becomes that list,
 * if possible: it may be large. */
static enum lc_status join_others(struct lc_archives *archives, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < archives->count; i++) {
        struct lc_packed *packed = &archives->items[i];
        struct lc_other_members *from = &packed->others, *to = &archives->others;
        uint64_t dropped = to->dropped;

        packed->is_cut |= from->dropped > 0;
        if (!to->count) {
            from->dropped += dropped;
            lc_other_members_clear(to);
            *to = *from;
            *from = (struct lc_other_members){0};
            continue;
        }
        for (size_t k = 0; k < from->count && status == LC_OK; k++) {
            struct lc_member_record member = lc_other_record(from, &from->items[k]);

            status = lc_other_members_add(to, &member, err);
        }
        packed->is_cut |= to->dropped > dropped;
        lc_other_members_clear(from);
    }
    lc_other_members_sort(&archives->others);
    return status;
}

/* Count a member that lost its place as an image to another member. */
static void count_repeated(struct lc_archives *archives, uint32_t image,
                           const struct lc_other_member *loser)
{
    struct lc_packed *packed = &archives->items[loser->archive];
    struct lc_member_record member = lc_other_record(&archives->others, loser);
    struct lc_image_record record;

    if (!loser->content || !lc_archives_get(archives, image, &record))
        return;
    if (!packed->repeated++) {
        packed->example = member.path.text;
        packed->other = record.archive - 1;
    }
    packed->differ += lc_hash_compare(&member.content, &record.content) != 0;
}

/* List the paths of all members, each once, by merging the images and the others. */
static enum lc_status list_files(struct lc_archives *archives, struct lc_error *err)
{
    const struct lc_links *links = archives->links;
    const struct lc_other_members *others = &archives->others;
    size_t images = archives->images.count, i = 0, k = 0;

    archives->files = calloc(images + others->count + 1, sizeof(*archives->files));
    if (!archives->files)
        return lc_fail_memory(err);
    while (i < images || k < others->count) {
        const char *image, *other, *path;
        int order;

        if (i < images && !archives->images.at[i]) {
            i++;
            continue;
        }
        image = i < images ? lc_links_path(links, (uint32_t)i).text : NULL;
        other = k < others->count ? lc_other_path(others, &others->items[k]) : NULL;
        order = !image ? 1 : !other ? -1 : strcmp(image, other);
        path = order <= 0 ? image : other;
        assert(path); /* at least one of the two exists */
        for (; image && order == 0 && k < others->count &&
               strcmp(image, lc_other_path(others, &others->items[k])) == 0;
             k++)
            count_repeated(archives, (uint32_t)i, &others->items[k]);
        i += order <= 0;
        k += order > 0;
        if (!archives->file_count ||
            strcmp(archives->files[archives->file_count - 1], path) != 0)
            archives->files[archives->file_count++] = path;
    }
    return LC_OK;
}

/* Count the images that are in no archive, and the rows that name such an image. */
static enum lc_status count_missing(struct lc_archives *archives, struct lc_error *err)
{
    const struct lc_links *links = archives->links;
    uint8_t *rows = calloc(links->row_count / 8 + 1, 1);

    if (!rows)
        return lc_fail_memory(err);
    for (size_t i = 0; i < archives->images.count; i++) {
        if (!archives->wanted[i] || archives->images.at[i])
            continue;
        archives->missing_images++;
        for (uint64_t k = links->first_user[i]; k < links->first_user[i + 1]; k++) {
            uint32_t row = links->users[k];

            archives->missing_rows += !(rows[row / 8] >> row % 8 & 1);
            rows[row / 8] |= (uint8_t)(1U << row % 8);
        }
    }
    free(rows);
    return LC_OK;
}

/* Whether an archive that images may be in could not be read, as its damage shows. */
static bool is_unread(const struct lc_packed *packed)
{
    return packed->has_failed ||
           (!packed->is_there &&
            lc_span_starts((struct lc_span){packed->damage.data, packed->damage.size},
                           "unreadable\t"));
}

/* Explain why images that were not found are not known to be missing. */
static enum lc_status explain_unread(struct lc_archives *archives, struct lc_error *err)
{
    const char *first = NULL;
    char quote[200], more[40] = "";
    size_t count = 0;

    for (size_t i = 0; i < archives->count; i++) {
        if (!is_unread(&archives->items[i]))
            continue;
        first = first ? first : archives->items[i].file->name;
        count++;
    }
    if (!count)
        return LC_OK;
    if (count > 1)
        snprintf(more, sizeof(more), " and %zu more", count - 1);
    return lc_buffer_printf(
        &archives->unread, err,
        "not verified: it may be in %s%s, which cannot be read (see ARC802)",
        lc_text_quote((struct lc_span){first, strlen(first)}, quote, sizeof(quote)),
        more);
}

static void count_images(struct lc_archives *archives)
{
    for (size_t i = 0; i < archives->images.count; i++) {
        struct lc_image_record record;

        if (lc_archives_get(archives, (uint32_t)i, &record))
            archives->items[record.archive - 1].images++;
    }
}

/* Only a run over all archives knows where links lead, and what is missing. */
enum lc_status lc_archives_conclude(struct lc_archives *archives, struct lc_error *err)
{
    const struct lc_run *run = archives->run;
    bool is_whole = !run->part.count && !run->covered.count;
    enum lc_status status = LC_OK;

    if (is_whole && archives->names)
        status = resolve_links(archives, err);
    if (status == LC_OK)
        status = join_others(archives, err);
    if (status == LC_OK)
        status = list_files(archives, err);
    if (status == LC_OK && is_whole)
        status = count_missing(archives, err);
    if (status == LC_OK && is_whole)
        status = explain_unread(archives, err);
    count_images(archives);
    return status;
}

/* Set the image that was found in a shard, now that it has a number. */
static enum lc_status set_find(void *user, const struct lc_find *find,
                               struct lc_error *err)
{
    struct lc_archives *archives = user;
    uint32_t image = lc_names_first(archives->names, find->record.path);
    struct lc_image_record record = find->record;
    enum lc_status status = LC_OK;

    if (!archives->items[record.archive - 1].is_ahead) /* it is read again */
        return LC_OK;
    for (; image != LC_NO_IMAGE && status == LC_OK;
         image = lc_names_next(archives->names, image)) {
        record.path = lc_links_path(archives->links, image);
        status = lc_archives_set(archives, image, &record, find->result, find->reason,
                                 find->is_new, err);
    }
    return status;
}

static enum lc_status read_all(struct lc_archives *archives, struct lc_error *err)
{
    size_t images = lc_links_images(archives->links);
    enum lc_status status = lc_image_records_new(images, &archives->known, err);

    archives->results = calloc(images + 1, sizeof(*archives->results));
    archives->reasons = calloc(images + 1, sizeof(*archives->reasons));
    archives->is_new = calloc(images + 1, sizeof(*archives->is_new));
    if (status == LC_OK &&
        (!archives->results || !archives->reasons || !archives->is_new))
        status = lc_fail_memory(err);
    if (status == LC_OK)
        status = lc_image_records_new(images, &archives->images, err);
    lc_image_records_spill(&archives->images, archives->run->folder);
    if (status == LC_OK)
        status = choose(archives, err);
    if (status != LC_OK)
        return status;
    report(archives);
    if (archives->names)
        status = lc_archives_pass(archives, NULL, err);
    if (status == LC_OK && archives->finds)
        status = lc_finds_each(archives->finds, set_find, archives, err);
    if (status == LC_OK)
        status = walk_earlier(archives, true, err);
    if (status == LC_OK)
        status = lc_archives_conclude(archives, err);
    lc_names_free(archives->names);
    archives->names = NULL;
    lc_image_records_clear(&archives->known);
    return status;
}

/* Make the list of archives. *out stays NULL if none is read. */
static enum lc_status make_archives(struct lc_run *run,
                                    const struct lc_archives_input *input,
                                    struct lc_archives **out, struct lc_error *err)
{
    struct lc_archives *archives;
    enum lc_status status;

    *out = NULL;
    if (!input->dataset->archive_count || run->options->no_images ||
        run->options->get_image)
        return LC_OK;
    archives = calloc(1, sizeof(*archives));
    if (!archives)
        return lc_fail_memory(err);
    *out = archives;
    archives->run = run;
    archives->input = input;
    archives->dataset = input->dataset;
    archives->links = input->links;
    status = list_archives(archives, err);
    if (status == LC_OK && run->part.count)
        status = lc_archives_share(archives, err);
    return status;
}

/* Find the rows file that a shard is: mostly the one with the same number. */
static bool find_rows_file(const struct lc_dataset *dataset, size_t shard, size_t *out)
{
    for (size_t k = 0; k < dataset->file_count; k++) {
        size_t i = (shard + k) % dataset->file_count;

        *out = i;
        if (strcmp(dataset->files[i].path, dataset->archives[shard].path) == 0)
            return dataset->files[i].is_shard;
    }
    return false;
}

enum lc_status lc_archives_read_ahead(struct lc_run *run,
                                      const struct lc_archives_input *input,
                                      const bool *unread, struct lc_samples **samples,
                                      struct lc_archives **out, struct lc_error *err)
{
    const struct lc_dataset *dataset = input->dataset;
    struct lc_archives *archives;
    size_t count = 0;
    enum lc_status status = LC_OK;

    *samples = NULL;
    *out = NULL;
    if (!dataset->has_shards || run->is_each_alone)
        return LC_OK;
    status = make_archives(run, input, out, err);
    archives = *out;
    for (size_t i = 0; archives && i < archives->count && status == LC_OK; i++) {
        struct lc_packed *packed = &archives->items[i];

        packed->is_ahead =
            packed->file->is_shard && packed->is_there && !packed->is_foreign &&
            find_rows_file(dataset, i, &packed->rows_file) && unread[packed->rows_file];
        if (!packed->is_ahead)
            continue;
        count++;
        begin_reading(packed);
        status = lc_packed_begin_shard(packed, err);
    }
    if (status != LC_OK || !count)
        return status;
    status = lc_samples_new(dataset->file_count, run->folder, samples, err);
    if (status == LC_OK)
        status = lc_finds_new(run->folder, &archives->finds, err);
    return status == LC_OK ? lc_archives_pass(archives, *samples, err) : status;
}

enum lc_status lc_archives_read(struct lc_run *run, const struct lc_archives_input *input,
                                struct lc_archives **out, struct lc_error *err)
{
    enum lc_status status = *out ? LC_OK : make_archives(run, input, out, err);
    struct lc_archives *archives = *out;

    if (status != LC_OK || !archives)
        return status;
    archives->input = input;
    archives->links = input->links;
    status = find_wanted(archives, err);
    if (status != LC_OK)
        return status;
    if (archives->wanted_count || archives->dataset->has_shards) /* to find damage */
        return read_all(archives, err);
    report(archives);
    return LC_OK;
}

void lc_archives_free(struct lc_archives *archives)
{
    if (!archives)
        return;
    for (size_t i = 0; i < archives->count; i++) {
        struct lc_packed *packed = &archives->items[i];

        lc_member_layout_clear(&packed->layout);
        lc_buffer_clear(&packed->unsafe_example);
        lc_buffer_clear(&packed->damage);
        lc_other_members_clear(&packed->others);
        free(packed->links);
        lc_buffer_clear(&packed->link_text);
        lc_packed_clear_points(packed);
        free(packed->sections);
    }
    free(archives->items);
    free(archives->by_inode);
    free(archives->wanted);
    lc_image_records_clear(&archives->known);
    lc_image_records_clear(&archives->images);
    free(archives->results);
    free(archives->reasons);
    free(archives->is_new);
    free(archives->targets);
    lc_buffer_clear(&archives->unread);
    lc_names_free(archives->names);
    lc_other_members_clear(&archives->others);
    lc_finds_free(archives->finds);
    free(archives->files);
    free(archives);
}

static bool get_image(const void *user, uint32_t image, struct lc_archived_image *out)
{
    const struct lc_archives *archives = user;

    *out = (struct lc_archived_image){0};
    if (!lc_archives_get(archives, image, &out->record)) {
        out->is_elsewhere = archives->run->part.count && archives->wanted[image];
        if (!archives->unread.size || !archives->wanted[image])
            return false;
        out->record.path = lc_links_path(archives->links, image);
        out->result = LC_READ_FAILED;
        out->os_errno = EIO;
        out->why = archives->unread.data;
        return true;
    }
    out->result = (enum lc_read_result)(archives->results[image] - 1);
    if (out->result == LC_READ_FAILED) {
        out->os_errno = ENOTSUP;
        out->why = lc_unread_text((enum lc_unread_reason)archives->reasons[image]);
    }
    out->is_new = archives->is_new[image];
    return true;
}

/* Free what is known about images. */
static void free_images(void *user)
{
    struct lc_archives *archives = user;

    lc_image_records_clear(&archives->images);
    free(archives->results);
    free(archives->reasons);
    free(archives->is_new);
    archives->results = archives->reasons = NULL;
    archives->is_new = NULL;
}

struct lc_archived_images lc_archives_images(struct lc_archives *archives)
{
    return archives
               ? (struct lc_archived_images){.user = archives,
                                             .get = get_image,
                                             .end = free_images,
                                             .are_all = archives->dataset->has_shards,
                                             .files = {archives->files,
                                                       archives->file_count}}
               : (struct lc_archived_images){0};
}

/* ---- the index ---- */

static struct lc_span span_of(const struct lc_buffer *text)
{
    return (struct lc_span){text->data ? text->data : "", text->size};
}

static enum lc_status store_archive(const struct lc_archives *archives, uint32_t number,
                                    struct lc_error *err)
{
    const struct lc_packed *packed = &archives->items[number];
    bool is_read = packed->state == LC_PACKED_READ || packed->state == LC_PACKED_REUSED;
    const struct lc_archive_record record = {
        .name = {packed->file->name, strlen(packed->file->name)},
        .size = packed->facts.size,
        .mtime_ns = packed->facts.mtime_ns,
        .ctime_ns = packed->facts.ctime_ns,
        .inode = packed->facts.inode,
        .device = packed->facts.device,
        .state = is_read && !packed->has_failed && !packed->is_cut ? LC_ARCHIVE_READ
                                                                   : LC_ARCHIVE_UNREAD,
        .kind = {packed->kind, strlen(packed->kind)},
        .removed = span_of(&packed->layout.removed),
        .added = span_of(&packed->layout.added),
        .members = packed->members,
        .files = packed->files,
        .unpacked = packed->unpacked,
        .unsafe = packed->unsafe,
        .unsafe_example = span_of(&packed->unsafe_example),
        .damage = span_of(&packed->damage),
    };

    return lc_index_add_archive(archives->run->writer, number, &record, err);
}

/* The points of an archive that was not read again. */
struct point_copy {
    struct lc_index_writer *writer;
    uint32_t archive;
};

static enum lc_status copy_point(void *user, uint64_t offset,
                                 const struct lc_point_record *point,
                                 struct lc_error *err)
{
    const struct point_copy *copy = user;

    return lc_index_add_point(copy->writer, copy->archive, offset, point, err);
}

static enum lc_status store_points(const struct lc_archives *archives, uint32_t number,
                                   struct lc_error *err)
{
    const struct lc_packed *packed = &archives->items[number];
    struct lc_index_writer *writer = archives->run->writer;
    struct point_copy copy = {writer, number};
    enum lc_status status = LC_OK;

    if (packed->pointed)
        return lc_index_each_point(packed->pointed, packed->pointed_as, copy_point, &copy,
                                   err);
    for (size_t i = 0; i < packed->point_count && status == LC_OK; i++)
        status = lc_index_add_point(writer, number, packed->points[i].offset,
                                    &packed->points[i].record, err);
    return status;
}

enum lc_status lc_archives_store(const struct lc_archives *archives, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (!archives)
        return LC_OK;
    for (uint32_t i = 0; i < archives->count && status == LC_OK; i++)
        status = store_archive(archives, i, err);
    for (uint32_t i = 0; i < archives->others.count && status == LC_OK; i++) {
        struct lc_member_record record =
            lc_other_record(&archives->others, &archives->others.items[i]);

        status = lc_index_add_member(archives->run->writer, i, &record, err);
    }
    for (uint32_t i = 0; i < archives->count && status == LC_OK; i++)
        status = store_points(archives, i, err);
    return status;
}

/* The archives of another index. */
struct archives_copy {
    struct lc_run *run;
    uint32_t count;
};

static enum lc_status copy_archive(void *user, uint32_t number,
                                   const struct lc_archive_record *archive,
                                   struct lc_error *err)
{
    struct archives_copy *copy = user;

    copy->count = number + 1;
    return lc_index_add_archive(copy->run->writer, number, archive, err);
}

enum lc_status lc_archives_copy(struct lc_run *run, const struct lc_index *from,
                                struct lc_error *err)
{
    struct archives_copy copy = {run, 0};
    enum lc_status status = lc_index_each_archive(from, copy_archive, &copy, err);

    for (uint32_t i = 0; i < copy.count && status == LC_OK; i++) {
        struct point_copy points = {run->writer, i};

        status = lc_index_each_point(from, i, copy_point, &points, err);
    }
    return status;
}

/* Joins the members found by the parts of a data set, and draws conclusions with the code
 * of a run over all archives. */
#include "scan/archives/internal.h"

#include "scan/images/record.h"

#include <stdlib.h>
#include <string.h>

/* The index of some parts. */
struct source {
    struct lc_archives *archives;
    const struct lc_index *index;
    const struct lc_part_record *part;
};

static enum lc_status fail_apart(struct lc_error *err)
{
    return lc_fail(err, LC_ERR_INDEX, 0,
                   "the parts do not belong together: an archive is in two of them, or "
                   "in none");
}

static enum lc_status join_archive(void *user, uint32_t number,
                                   const struct lc_archive_record *record,
                                   struct lc_error *err)
{
    const struct source *source = user;
    struct lc_archives *archives = source->archives;
    const struct lc_part_archive *own = lc_part_archive(source->part, number);
    struct lc_packed *packed = number < archives->count ? &archives->items[number] : NULL;

    if (!packed)
        return fail_apart(err);
    if (packed->is_foreign)
        packed->facts =
            (struct lc_file_facts){record->size, record->mtime_ns, record->ctime_ns,
                                   record->inode, record->device};
    if (!own)
        return LC_OK;
    if (!packed->is_foreign || own->state > LC_PACKED_READ)
        return fail_apart(err);
    packed->is_foreign = false;
    packed->is_there = own->is_there;
    packed->has_failed = own->has_failed;
    packed->is_cut = record->state == LC_ARCHIVE_UNREAD && !own->has_failed &&
                     (own->state == LC_PACKED_READ || own->state == LC_PACKED_REUSED);
    packed->state = (enum lc_packed_state)own->state;
    packed->pointed = source->index;
    packed->pointed_as = number;
    return lc_packed_load(packed, record, err);
}

static enum lc_status join_links(const struct source *source, struct lc_error *err)
{
    const struct lc_part_record *part = source->part;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < part->link_count && status == LC_OK; i++) {
        const struct lc_part_link *link = &part->links[i];

        if (link->archive >= source->archives->count)
            return fail_apart(err);
        status = lc_packed_add_link(&source->archives->items[link->archive],
                                    lc_part_text(part, link->path),
                                    lc_part_text(part, link->target), link->offset, err);
    }
    return status;
}

static enum lc_status join_member(void *user, const struct lc_member_record *member,
                                  struct lc_error *err)
{
    const struct source *source = user;

    return member->archive < source->archives->count
               ? lc_other_members_add(&source->archives->items[member->archive].others,
                                      member, err)
               : fail_apart(err);
}

/* Add an image that is in an archive, or note that it is not a file. */
static enum lc_status join_image(struct lc_archives *archives, uint32_t image,
                                 const struct lc_image_record *record,
                                 struct lc_error *err)
{
    if (record->archive > archives->count)
        return fail_apart(err);
    if (record->archive || (record->state == LC_IMAGE_SKIPPED && record->detail.size))
        archives->wanted[image] = true;
    return record->archive
               ? lc_archives_set(archives, image, record, lc_image_result_of(record),
                                 lc_unread_reason_of(record), false, err)
               : LC_OK;
}

/* Match the images of an index with those of the run: both are in the order of their
 * paths. */
static enum lc_status join_images(const struct source *source, struct lc_error *err)
{
    const struct lc_links *links = source->archives->links;
    size_t count = lc_links_images(links);
    struct lc_stream *stream = NULL;
    struct lc_image_record record;
    uint32_t number, image = 0;
    bool more = true;
    enum lc_status status = lc_stream_new(source->index, LC_STREAM_IMAGES, &stream, err);

    while (status == LC_OK) {
        status = lc_stream_image(stream, &number, &record, &more, err);
        if (status != LC_OK || !more)
            break;
        while (image < count &&
               lc_span_compare(lc_links_path(links, image), record.path) < 0)
            image++;
        if (image == count || !lc_span_equal(lc_links_path(links, image), record.path))
            continue;
        record.path = lc_links_path(links, image);
        status = join_image(source->archives, image, &record, err);
    }
    lc_stream_free(stream);
    return status;
}

static enum lc_status join_source(struct lc_archives *archives,
                                  const struct lc_index *index, struct lc_error *err)
{
    struct source source = {archives, index, lc_index_part(index)};
    enum lc_status status = lc_index_each_archive(index, join_archive, &source, err);

    if (status == LC_OK)
        status = join_links(&source, err);
    if (status == LC_OK)
        status = lc_index_each_member(index, join_member, &source, err);
    return status == LC_OK ? join_images(&source, err) : status;
}

static enum lc_status begin_join(struct lc_archives *archives, struct lc_error *err)
{
    size_t images = lc_links_images(archives->links);
    enum lc_status status;

    archives->items =
        calloc(archives->dataset->archive_count + 1, sizeof(*archives->items));
    archives->wanted = calloc(images + 1, sizeof(*archives->wanted));
    archives->results = calloc(images + 1, sizeof(*archives->results));
    archives->reasons = calloc(images + 1, sizeof(*archives->reasons));
    archives->is_new = calloc(images + 1, sizeof(*archives->is_new));
    if (!archives->items || !archives->wanted || !archives->results ||
        !archives->reasons || !archives->is_new)
        return lc_fail_memory(err);
    archives->count = archives->dataset->archive_count;
    for (size_t i = 0; i < archives->count; i++) {
        archives->items[i].file = &archives->dataset->archives[i];
        archives->items[i].is_foreign = true;
    }
    for (size_t i = 0; archives->dataset->has_shards && i < images; i++)
        archives->wanted[i] = true;
    status = lc_image_records_new(images, &archives->images, err);
    lc_image_records_spill(&archives->images, archives->run->folder);
    return status;
}

enum lc_status lc_archives_join(struct lc_run *run, const struct lc_archives_parts *parts,
                                struct lc_archives **out, struct lc_error *err)
{
    struct lc_archives *archives;
    bool is_whole = !run->covered.count;
    enum lc_status status;

    *out = NULL;
    if (!parts->dataset->archive_count)
        return LC_OK;
    archives = calloc(1, sizeof(*archives));
    if (!archives)
        return lc_fail_memory(err);
    *out = archives;
    archives->run = run;
    archives->dataset = parts->dataset;
    archives->links = parts->links;
    status = begin_join(archives, err);
    for (size_t i = 0; i < parts->index_count && status == LC_OK; i++)
        status = join_source(archives, parts->indexes[i], err);
    for (size_t i = 0; i < archives->images.count && status == LC_OK; i++)
        archives->wanted_count += archives->wanted[i];
    for (size_t i = 0; i < archives->count && status == LC_OK && is_whole; i++)
        if (archives->items[i].is_foreign)
            status = fail_apart(err);
    if (status == LC_OK && is_whole)
        status = lc_names_new(archives->links, archives->dataset->has_shards,
                              &archives->names, err);
    if (status == LC_OK)
        status = lc_archives_conclude(archives, err);
    lc_names_free(archives->names);
    archives->names = NULL;
    return status;
}

const struct lc_index *lc_archives_index_of(const struct lc_archives *archives,
                                            struct lc_span path)
{
    const struct lc_packed *best = NULL;

    for (size_t i = 0; archives && i < archives->count; i++) {
        const struct lc_packed *packed = &archives->items[i];
        struct lc_span added = {packed->layout.added.data, packed->layout.added.size};

        if (!packed->is_foreign && added.size && path.size >= added.size &&
            memcmp(path.text, added.text, added.size) == 0 &&
            (!best || best->layout.added.size < added.size))
            best = packed;
    }
    return best ? best->pointed : NULL;
}

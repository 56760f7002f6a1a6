/* Divides the archives of a data set among its parts: each is read by one part, and a
 * merge joins the members that the parts found (join.c).
 *
 * Whether a member is an image depends on all rows: a part knows the paths of all rows,
 * but keeps only its own images. Which member is an image depends on all archives: of
 * several archives with the same member the last one wins, and a link may lead into
 * another archive. So a part stores its members without these conclusions, and the merge
 * draws them. */
#include "scan/archives/internal.h"

#include <stdlib.h>
#include <string.h>

/* Divide shards among the parts. They are also rows files, and belong to the part of
 * their first byte. */
static void divide_shards(const uint64_t *sizes, size_t count, uint32_t part_count,
                          uint32_t *parts)
{
    uint64_t total = 0, start = 0;

    for (size_t i = 0; i < count; i++)
        total += sizes[i];
    for (size_t i = 0; i < count; i++) {
        parts[i] = lc_part_of_byte(start, total, part_count);
        start += sizes[i];
    }
}

static enum lc_status divide(struct lc_archives *archives, uint64_t *sizes,
                             uint32_t *parts, struct lc_error *err)
{
    const struct lc_part *part = &archives->run->part;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < archives->count; i++)
        sizes[i] = archives->items[i].facts.size;
    if (archives->dataset->has_shards)
        divide_shards(sizes, archives->count, part->count, parts);
    else
        status = lc_part_divide(sizes, archives->count, part->count, parts, err);
    for (size_t i = 0; i < archives->count && status == LC_OK; i++)
        archives->items[i].is_foreign = parts[i] != part->number;
    return status;
}

enum lc_status lc_archives_share(struct lc_archives *archives, struct lc_error *err)
{
    uint64_t *sizes = calloc(archives->count + 1, sizeof(*sizes));
    uint32_t *parts = calloc(archives->count + 1, sizeof(*parts));
    enum lc_status status =
        sizes && parts ? divide(archives, sizes, parts, err) : lc_fail_memory(err);

    free(sizes);
    free(parts);
    return status;
}

bool lc_archives_have(const struct lc_archives *archives, uint32_t image)
{
    return archives && image < archives->images.count && archives->images.at[image];
}

void lc_archives_renumber(struct lc_archives *archives, const uint32_t *numbers,
                          size_t count)
{
    uint32_t kept = 0;

    for (size_t i = 0; archives && i < count; i++) {
        uint32_t to = numbers[i];

        if (to == LC_NOT_KEPT)
            continue;
        kept = to + 1;
        archives->wanted[to] = archives->wanted[i];
        if (i >= archives->images.count) /* all images are files */
            continue;
        archives->images.at[to] = archives->images.at[i];
        archives->results[to] = archives->results[i];
        archives->reasons[to] = archives->reasons[i];
        archives->is_new[to] = archives->is_new[i];
    }
    if (archives && archives->images.count)
        archives->images.count = kept;
}

enum lc_status lc_archives_cover(const struct lc_archives *archives, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; archives && i < archives->count && status == LC_OK; i++) {
        const struct lc_packed *packed = &archives->items[i];
        struct lc_part_record *covered = &archives->run->covered;
        const struct lc_part_archive archive = {
            .archive = i,
            .state = (uint8_t)packed->state,
            .is_there = packed->is_there,
            .has_failed = packed->has_failed,
        };

        if (packed->is_foreign)
            continue;
        status = lc_part_add_archive(covered, &archive, err);
        for (size_t k = 0; k < packed->link_count && status == LC_OK; k++) {
            const struct lc_packed_link *link = &packed->links[k];
            const char *path = packed->link_text.data + link->path;
            const char *target =
                link->target == SIZE_MAX ? "" : packed->link_text.data + link->target;

            status = lc_part_add_link(
                covered, &(struct lc_part_link){.archive = i, .offset = link->offset},
                (struct lc_span){path, strlen(path)},
                (struct lc_span){target, strlen(target)}, err);
        }
    }
    return status;
}

#include "scan/images/alike.h"

#include "base/fold.h"

#define NONE UINT32_MAX
#define AHEAD ((size_t)8) /* paths to prefetch */

/* The images read so far that have one hash. */
struct group {
    struct lc_hash hash;
    uint64_t count;
    uint32_t first[3]; /* the first three; NONE if fewer */
};

/* Groups of two or more images. They are found in the order of hashes; a second sorter
 * puts them into the order of their first images, in which they are reported. */
struct alike {
    struct lc_run *run;
    const struct lc_links *links;
    bool by_case;
    struct group group;
    struct lc_sorter found;
    struct lc_findings findings;
};

static enum lc_status end_group(struct alike *alike, struct lc_error *err)
{
    const struct group *group = &alike->group;

    if (group->count < 2)
        return LC_OK;
    return lc_sorter_add_numbers(&alike->found, group->first[0],
                                 (uint64_t)group->first[1] << 32 | group->first[2],
                                 group->count, err);
}

static enum lc_status join_group(struct alike *alike, const struct lc_hash *hash,
                                 uint32_t image, struct lc_error *err)
{
    struct group *group = &alike->group;
    enum lc_status status = LC_OK;

    if (!group->count || lc_hash_compare(&group->hash, hash) != 0) {
        status = end_group(alike, err);
        *group = (struct group){.hash = *hash, .first = {image, NONE, NONE}};
    }
    if (group->count < 3)
        group->first[group->count] = image;
    group->count++;
    return status;
}

static struct lc_span path_of(const struct lc_links *links, uint32_t image)
{
    return image == NONE ? (struct lc_span){0} : lc_links_path(links, image);
}

static enum lc_status report(struct alike *alike, const struct lc_row_id *found,
                             struct lc_error *err)
{
    uint64_t others = lc_get_u64(found->hash.bytes + 8);
    struct lc_alike_facts facts = {
        .by_case = alike->by_case,
        .count = found->row,
        .others = {path_of(alike->links, (uint32_t)(others >> 32)),
                   path_of(alike->links, (uint32_t)others)},
    };
    struct lc_findings *findings = &alike->findings;
    enum lc_status status;

    lc_findings_reset(findings);
    status =
        lc_rules_check(LC_SCOPE_SET, &(struct lc_facts){.alike = &facts}, findings, err);
    for (size_t i = 0; i < findings->count && status == LC_OK; i++) {
        struct lc_finding_record record = {
            .kind = LC_FINDING_IMAGE,
            .image = (uint32_t)lc_get_u64(found->hash.bytes),
            .row = -1,
            .turn = -1,
        };

        status =
            lc_run_add_finding(alike->run, findings, &findings->items[i], &record, err);
    }
    return status;
}

/* Report all groups, unless status is an earlier failure. Frees the groups. */
static enum lc_status report_all(struct alike *alike, enum lc_status status,
                                 struct lc_error *err)
{
    bool more = true;

    if (status == LC_OK)
        status = end_group(alike, err);
    if (status == LC_OK)
        status = lc_sorter_sort(&alike->found, err);
    while (status == LC_OK) {
        struct lc_row_id found;

        status = lc_sorter_next(&alike->found, &found, &more, err);
        if (status != LC_OK || !more)
            break;
        status = report(alike, &found, err);
    }
    lc_sorter_clear(&alike->found);
    lc_findings_clear(&alike->findings);
    return status;
}

static struct alike make_alike(struct lc_run *run, const struct lc_links *links,
                               bool by_case)
{
    return (struct alike){
        .run = run,
        .links = links,
        .by_case = by_case,
        .found = {.folder = run->folder, .is_irregular = true},
    };
}

enum lc_status lc_alike_store_contents(struct lc_run *run, const struct lc_links *links,
                                       struct lc_sorter *contents, struct lc_error *err)
{
    struct alike alike = make_alike(run, links, false);
    enum lc_status status = lc_sorter_sort(contents, err);
    bool more = true;

    while (status == LC_OK) {
        struct lc_row_id item;
        uint32_t image;
        bool is_image; /* if not, the file already has an error */

        status = lc_sorter_next(contents, &item, &more, err);
        if (status != LC_OK || !more)
            break;
        image = (uint32_t)(item.row >> 1); /* see lc_content_number */
        is_image = item.row & 1;
        status =
            lc_index_add_lookup(run->writer, LC_LOOKUP_CONTENT, &item.hash, image, err);
        if (status == LC_OK && is_image)
            status = join_group(&alike, &item.hash, image, err);
    }
    lc_sorter_clear(contents); /* the sorters of paths need the memory */
    return report_all(&alike, status, err);
}

/* ---- paths ---- */

static enum lc_status add_lookups(struct lc_run *run, struct lc_sorter *paths,
                                  struct lc_error *err)
{
    enum lc_status status = lc_sorter_sort(paths, err);
    bool more = true;

    while (status == LC_OK) {
        struct lc_row_id item;

        status = lc_sorter_next(paths, &item, &more, err);
        if (status != LC_OK || !more)
            break;
        status =
            lc_index_add_lookup(run->writer, LC_LOOKUP_PATH, &item.hash, item.row, err);
    }
    return status;
}

static enum lc_status find_clashes(struct lc_run *run, const struct lc_links *links,
                                   struct lc_sorter *folded, struct lc_error *err)
{
    struct alike alike = make_alike(run, links, true);
    enum lc_status status = lc_sorter_sort(folded, err);
    bool more = true;

    while (status == LC_OK) {
        struct lc_row_id item;

        status = lc_sorter_next(folded, &item, &more, err);
        if (status != LC_OK || !more)
            break;
        status = join_group(&alike, &item.hash, (uint32_t)item.row, err);
    }
    return report_all(&alike, status, err);
}

/* Sorted paths are scattered in memory: prefetch the next ones while one is hashed. */
static void prefetch_path(const struct lc_links *links, uint64_t image)
{
    const struct lc_path_entry *entries = links->paths->entries;

    if (image + 2 * AHEAD < lc_links_images(links))
        __builtin_prefetch(&entries[links->order[image + 2 * AHEAD]]);
    if (image + AHEAD < lc_links_images(links))
        __builtin_prefetch(links->paths->text.data +
                           entries[links->order[image + AHEAD]].start);
}

static enum lc_status add_hash(struct lc_sorter *out, struct lc_span text, uint32_t image,
                               struct lc_error *err)
{
    return lc_sorter_add(
        out, &(struct lc_row_id){lc_hash_bytes(text.text, text.size), image}, err);
}

/* Add the hash of every path to plain, and the hash of its case-folded form to folded. */
static enum lc_status add_paths(const struct lc_links *links, const bool *may_exist,
                                struct lc_sorter *plain, struct lc_sorter *folded,
                                struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < lc_links_images(links) && status == LC_OK; i++) {
        struct lc_span path = path_of(links, i);

        prefetch_path(links, i);
        status = add_hash(plain, path, i, err);
        if (!may_exist[i])
            continue;
        text.size = 0;
        if (status == LC_OK)
            status = lc_fold(path, &text, err);
        if (status == LC_OK)
            status = add_hash(folded, (struct lc_span){text.data, text.size}, i, err);
    }
    lc_buffer_clear(&text);
    return status;
}

enum lc_status lc_alike_store_paths(struct lc_run *run, const struct lc_links *links,
                                    const bool *may_exist, struct lc_error *err)
{
    /* two sorters share the memory limit of one */
    struct lc_sorter plain = {.folder = run->folder, .limit = LC_SORTER_LIMIT / 2};
    struct lc_sorter folded = plain;
    enum lc_status status = add_paths(links, may_exist, &plain, &folded, err);

    if (status == LC_OK)
        status = add_lookups(run, &plain, err);
    lc_sorter_clear(&plain);
    if (status == LC_OK)
        status = find_clashes(run, links, &folded, err);
    lc_sorter_clear(&folded);
    return status;
}

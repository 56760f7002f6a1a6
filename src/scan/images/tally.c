#include "scan/images/tally.h"

#include "scan/images/alike.h"

#include <stdlib.h>

enum lc_status lc_tally_begin(struct lc_tally *tally, struct lc_run *run,
                              const struct lc_links *links, uint8_t *faulty,
                              struct lc_error *err)
{
    *tally = (struct lc_tally){
        .run = run,
        .links = links,
        .faulty = faulty,
        /* while they are collected, other stages' lists take memory, too */
        .contents = {.folder = run->folder, .limit = LC_SORTER_LIMIT / 2},
        .may_exist = calloc(lc_links_images(links) + 1, sizeof(*tally->may_exist)),
    };
    return tally->may_exist ? LC_OK : lc_fail_memory(err);
}

void lc_tally_clear(struct lc_tally *tally)
{
    free(tally->may_exist);
    lc_sorter_clear(&tally->contents);
    *tally = (struct lc_tally){0};
}

/* Whether the bytes of a file were read. */
static bool was_read(const struct lc_image_record *record)
{
    return record->state <= LC_IMAGE_UNVERIFIED || record->state == LC_IMAGE_TOO_LARGE;
}

static void count_image(struct lc_tally *tally, uint32_t number,
                        const struct lc_image_record *record)
{
    const struct lc_links *links = tally->links;
    struct lc_summary *summary = &tally->run->summary;

    summary->images_skipped += record->state == LC_IMAGE_SKIPPED;
    if (record->state == LC_IMAGE_OK)
        summary->images_ok++;
    if (record->state == LC_IMAGE_UNVERIFIED && !record->faulty)
        summary->images_unverified++;
    if (record->faulty)
        for (uint64_t k = links->first_user[number]; k < links->first_user[number + 1];
             k++)
            tally->faulty[links->users[k]] = 1;
}

enum lc_status lc_tally_add(struct lc_tally *tally, uint32_t number,
                            struct lc_image_record *record, struct lc_error *err)
{
    const uint64_t *first_user = tally->links->first_user;
    struct lc_run *run = tally->run;
    enum lc_status status = LC_OK;

    record->uses = first_user[number + 1] - first_user[number];
    if (was_read(record)) {
        run->summary.images++;
        run->summary.image_bytes += record->size;
        if (!run->is_each_alone)
            status = lc_sorter_add(
                &tally->contents,
                &(struct lc_row_id){record->content,
                                    lc_content_number(number, record->content_kind)},
                err);
    }
    tally->may_exist[number] =
        record->state != LC_IMAGE_MISSING && record->state != LC_IMAGE_OUTSIDE;
    count_image(tally, number, record);
    return status == LC_OK ? lc_index_add_image(run->writer, number, record, err)
                           : status;
}

enum lc_status lc_tally_end(struct lc_tally *tally, struct lc_error *err)
{
    struct lc_run *run = tally->run;
    enum lc_status status;

    if (run->is_each_alone)
        return LC_OK;
    status = lc_alike_store_contents(run, tally->links, &tally->contents, err);
    return status == LC_OK
               ? lc_alike_store_paths(run, tally->links, tally->may_exist, err)
               : status;
}

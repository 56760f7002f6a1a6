/* Members that were found in archives: the images, each from the last member with its
 * path */
#include "scan/archives/internal.h"

static bool get(const struct lc_archives *archives,
                const struct lc_image_records *records, uint32_t image,
                struct lc_image_record *out)
{
    const struct lc_file_facts *facts;

    if (!lc_image_records_get(records, image, out))
        return false;
    facts = &archives->items[out->archive - 1].facts;
    out->path = lc_links_path(archives->links, image);
    out->inode = facts->inode;
    out->device = facts->device;
    out->mtime_ns = facts->mtime_ns;
    out->ctime_ns = facts->ctime_ns;
    return true;
}

bool lc_archives_get(const struct lc_archives *archives, uint32_t image,
                     struct lc_image_record *out)
{
    return get(archives, &archives->images, image, out);
}

bool lc_archives_get_known(const struct lc_archives *archives, uint32_t image,
                           struct lc_image_record *out)
{
    return get(archives, &archives->known, image, out);
}

bool lc_packed_has_times(const struct lc_packed *packed,
                         const struct lc_image_record *record)
{
    return packed->facts.inode == record->inode &&
           packed->facts.device == record->device &&
           packed->facts.mtime_ns == record->mtime_ns &&
           packed->facts.ctime_ns == record->ctime_ns;
}

bool lc_packed_knows(const struct lc_archives *archives, const struct lc_packed *packed,
                     const struct lc_member *member, uint32_t image)
{
    bool known = true;

    for (; known && image != LC_NO_IMAGE; image = lc_names_next(archives->names, image)) {
        struct lc_image_record record;

        known = lc_archives_get_known(archives, image, &record) &&
                lc_packed_has_times(packed, &record) && record.offset == member->data &&
                record.size == member->size;
    }
    return known;
}

static const char *const reasons[] = {
    [LC_UNREAD_SPARSE] =
        "not verified: it is a sparse file in the archive; pack it again "
        "without tar's option --sparse",
    [LC_UNREAD_LINK] = "not verified: it is a link to a member that no row names; unpack "
                       "the archive",
};

const char *lc_unread_text(enum lc_unread_reason reason)
{
    return reasons[reason];
}

enum lc_unread_reason lc_unread_reason_of(const struct lc_image_record *record)
{
    for (size_t i = 1; i < sizeof(reasons) / sizeof(*reasons); i++)
        if (lc_span_is(record->detail, reasons[i]))
            return (enum lc_unread_reason)i;
    return LC_UNREAD_NONE;
}

enum lc_status lc_archives_set(struct lc_archives *archives, uint32_t image,
                               const struct lc_image_record *record,
                               enum lc_read_result result, enum lc_unread_reason reason,
                               bool is_new, struct lc_error *err)
{
    struct lc_image_record before, lost;
    struct lc_member_record other;
    bool is_twice = lc_archives_get(archives, image, &before), wins = true;
    enum lc_status status = LC_OK;

    if (is_twice && record->archive == before.archive &&
        record->offset == before.offset) {
        ; /* the same member again */
    } else if (is_twice) {
        wins = record->archive != before.archive ? record->archive > before.archive
                                                 : record->offset >= before.offset;
        lost = wins ? before : *record;
        other = (struct lc_member_record){
            .path = lost.path,
            .archive = lost.archive - 1,
            .offset = lost.offset,
            .size = lost.size,
            .content = lost.content,
        };
        status = lc_other_members_add(&archives->others, &other, err);
        archives->items[other.archive].is_cut |= archives->others.dropped > 0;
    }
    if (status != LC_OK || !wins)
        return status;
    archives->results[image] = (uint8_t)(1 + result);
    archives->reasons[image] = (uint8_t)reason;
    archives->is_new[image] = is_new;
    return lc_image_records_set(&archives->images, image, record, err);
}

/* members.h - what is known about members of archives: the images that rows name, and all
 * other members; private to src/scan/archives */
#ifndef LC_SCAN_ARCHIVES_MEMBERS_H
#define LC_SCAN_ARCHIVES_MEMBERS_H

#include "base/buffer.h"
#include "index/format/records.h"

/** Encoded records of images, by image number: an image takes about 150 bytes. */
struct lc_image_records {
    size_t count; /* number of images */
    uint64_t *at; /* 1 + offset in bytes; 0: none */
    struct lc_buffer bytes;
    struct lc_buffer encoded; /* for encoding a record */
};

/** Errors: LC_ERR_MEMORY. Owner: the caller, lc_image_records_clear, also on failure. */
LC_MUST_CHECK enum lc_status
lc_image_records_new(size_t count, struct lc_image_records *out, struct lc_error *err);

/** Set the record of an image, replacing an earlier one; it may be a record that
 * lc_image_records_get returned. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_image_records_set(struct lc_image_records *records,
                                                  uint32_t image,
                                                  const struct lc_image_record *record,
                                                  struct lc_error *err);

/** Get the record of an image; return false if there is none. It lives until the next
 * set. */
bool lc_image_records_get(const struct lc_image_records *records, uint32_t image,
                          struct lc_image_record *out);
void lc_image_records_clear(struct lc_image_records *records);

/** A member that is not the image of a row. */
struct lc_other_member {
    size_t path; /* offset in text, as a row would name it; ends with NUL */
    uint32_t archive;
    uint64_t offset;
    uint64_t size;
    struct lc_hash content; /* hash; zero: not read */
};

/** A list of other members. All zero is empty. */
struct lc_other_members {
    struct lc_other_member *items;
    size_t count, capacity;
    uint64_t dropped; /* number of members beyond the memory limits */
    struct lc_buffer text;
};

/** Limits of the list: further members are only counted. */
#define LC_OTHER_MEMBERS 4000000
#define LC_OTHER_MEMBERS_BYTES ((size_t)512 << 20)

/** Add a member; its path is copied. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_other_members_add(struct lc_other_members *members,
                                                  const struct lc_member_record *member,
                                                  struct lc_error *err);

/** Sort by path, then archive, then offset. */
void lc_other_members_sort(struct lc_other_members *members);

/** The path of a member. */
static inline const char *lc_other_path(const struct lc_other_members *members,
                                        const struct lc_other_member *member)
{
    return members->text.data + member->path;
}

void lc_other_members_clear(struct lc_other_members *members);

#endif

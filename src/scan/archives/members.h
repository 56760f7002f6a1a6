/* members.h - what is known about members of archives: the images that rows name, and all
 * other members; private to src/scan/archives */
#ifndef LC_SCAN_ARCHIVES_MEMBERS_H
#define LC_SCAN_ARCHIVES_MEMBERS_H

#include "base/buffer.h"
#include "index/format/records.h"

/** Bytes of records that are in memory; older ones go to a file, if there may be one. */
#define LC_IMAGE_RECORDS_BYTES ((size_t)8 << 20)

/**
 * Encoded records of images, by image number.
 *
 * An image's path, and the inode and times of its archive, are not stored: the caller
 * knows them (lc_archives_get). The rest takes about 60 bytes. Beyond a limit, these are
 * in a temporary file, so that an image takes 8 bytes of memory.
 */
struct lc_image_records {
    size_t count;             /* number of images */
    uint64_t *at;             /* 1 + offset of the record; 0: none */
    struct lc_buffer bytes;   /* the records after those in the file */
    struct lc_buffer encoded; /* for encoding a record */
    bool may_spill;           /* to a file */
    const char *folder;       /* for the file, as in lc_index_scratch */
    int fd;                   /* the file; -1: none yet */
    char *map;                /* the whole file; NULL: none yet */
    size_t in_file;           /* its size in bytes */
    size_t *map_reads;        /* records read since the pages of the map were dropped */
};

/** Errors: LC_ERR_MEMORY. Owner: the caller, lc_image_records_clear, also on failure. */
LC_MUST_CHECK enum lc_status
lc_image_records_new(size_t count, struct lc_image_records *out, struct lc_error *err);

/** Let records beyond the limit go to a temporary file in a folder; NULL: the system's.
 * Only one thread at a time may use the records then. */
void lc_image_records_spill(struct lc_image_records *records, const char *folder);

/** Set the record of an image, replacing an earlier one; it may be a record that
 * lc_image_records_get returned. Errors: LC_ERR_MEMORY, LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_image_records_set(struct lc_image_records *records,
                                                  uint32_t image,
                                                  const struct lc_image_record *record,
                                                  struct lc_error *err);

/** Get the record of an image, with an empty path and neither inode nor times; return
 * false if there is none. It lives until the next set. */
bool lc_image_records_get(const struct lc_image_records *records, uint32_t image,
                          struct lc_image_record *out);
void lc_image_records_clear(struct lc_image_records *records);

/** A member that is not the image of a row. */
struct lc_other_member {
    size_t path; /* offset in text, as a row would name it; ends with NUL */
    uint64_t offset;
    uint64_t size;
    uint32_t archive;
    uint32_t content; /* 1 + the number of its hash; 0: not read */
};

/** A list of other members. All zero is empty. */
struct lc_other_members {
    struct lc_other_member *items;
    size_t count, capacity;
    uint64_t dropped; /* number of members beyond the memory limits */
    struct lc_buffer text;
    struct lc_hash *hashes; /* of the members that were read */
    size_t hash_count, hash_capacity;
};

/** Limits of the list: further members are only counted. */
#define LC_OTHER_MEMBERS 4000000
#define LC_OTHER_MEMBERS_BYTES ((size_t)96 << 20)

/** Add a member; its path is copied. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_other_members_add(struct lc_other_members *members,
                                                  const struct lc_member_record *member,
                                                  struct lc_error *err);

/** Drop the members after the first few, so that at most count members with at most size
 * bytes of paths are left. The list must not be sorted. */
void lc_other_members_trim(struct lc_other_members *members, size_t count, size_t size);

/** Get a member as a record, which lives as long as the list does not change. */
struct lc_member_record lc_other_record(const struct lc_other_members *members,
                                        const struct lc_other_member *member);

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

/* internal.h - the archives of a run that are being read; private to src/scan/archives */
#ifndef LC_SCAN_ARCHIVES_INTERNAL_H
#define LC_SCAN_ARCHIVES_INTERNAL_H

#include "archive/archive.h"
#include "scan/archives/archives.h"
#include "scan/archives/members.h"
#include "scan/archives/names.h"

/** What happens to an archive. */
enum lc_packed_state {
    LC_PACKED_UNNEEDED, /* nothing is looked for in it */
    LC_PACKED_UNPACKED, /* the images at its beginning exist as files: not read */
    LC_PACKED_REUSED,   /* unchanged since an earlier run read it */
    LC_PACKED_READ,     /* read by this run, now or later */
};

/** Why the bytes of a member are not known although the archive can be read. */
enum lc_unread_reason {
    LC_UNREAD_NONE,
    LC_UNREAD_SPARSE,
    LC_UNREAD_LINK, /* its target is a member that no row names */
};

/** A link, resolved after all members are known. */
struct lc_packed_link {
    size_t path;   /* offset in link_text; in normal form, before the layout is applied */
    size_t target; /* likewise; SIZE_MAX if it leads out of the archive */
    uint64_t offset;
};

/** A point of an archive. */
struct lc_packed_point {
    uint64_t offset;
    struct lc_point_record record;
    char *window; /* owned; the record points to it */
};

/** An archive of the run. */
struct lc_packed {
    const struct lc_archive_file *file;
    struct lc_file_facts facts;
    bool is_foreign; /* another part of the data set reads it */
    bool is_there;   /* it can be read */
    bool has_failed; /* it could not be read to its end: the next run tries again */
    bool is_cut;     /* some of its members are beyond the limits: likewise */
    enum lc_packed_state state;
    bool is_ahead;    /* a shard that is read before the rows, or was */
    size_t rows_file; /* number of the rows file that this shard is */
    uint32_t earlier; /* 1 + its number in the index of an earlier run; 0: none */
    const struct lc_index *pointed; /* the index that has its points, if it is not read */
    uint32_t pointed_as;            /* its number there */
    struct lc_member_layout layout; /* how to get image paths from member paths */
    bool has_layout;
    size_t voted, votes; /* sampled members, and those that vote for the layout */
    char kind[16];
    uint64_t members, files, unpacked, unsafe, images;
    uint64_t repeated;   /* its members that lost to a later archive or member */
    uint64_t differ;     /* how many of these have different bytes */
    const char *example; /* the path of the first of these */
    uint32_t other;      /* number of the archive that won the image */
    struct lc_buffer unsafe_example;
    struct lc_buffer damage;
    struct lc_other_members others; /* until it has been read */
    struct lc_packed_link *links;
    size_t link_count, link_capacity;
    struct lc_buffer link_text;
    struct lc_packed_point *points; /* points from which it can be read */
    size_t point_count, point_capacity;
    size_t *sections; /* numbers of its sections in the journal: not read again */
    size_t section_count, section_capacity;
    uint64_t resume_at, resume_number; /* the first member after these sections */
    enum lc_status status;             /* result of reading it */
    struct lc_error error;
};

struct lc_finds;

struct lc_archives {
    struct lc_run *run;
    const struct lc_dataset *dataset;      /* its archives and its image root */
    const struct lc_links *links;          /* the images */
    const struct lc_archives_input *input; /* NULL in a merge */
    struct lc_packed *items;
    size_t count;
    uint32_t *by_inode; /* numbers of archives, sorted by device and inode */
    bool *wanted;       /* by image: it is not a file */
    uint64_t wanted_count;
    struct lc_buffer unread;        /* why an image may be in an archive although it was
                                     * not found; empty: all archives were read to their
                                     * ends */
    uint64_t missing_images;        /* wanted images that are in no archive */
    uint64_t missing_rows;          /* rows that name such an image */
    struct lc_image_records known;  /* images that earlier runs know to be members of
                                     * archives in their current state */
    struct lc_image_records images; /* the images that are members, if known */
    uint8_t *results;               /* by image: 1 + lc_read_result of its member */
    uint8_t *reasons;               /* by image: lc_unread_reason, if the result is
                                     * LC_READ_FAILED */
    bool *is_new;                   /* by image: this run has read it */
    uint32_t *targets;              /* by image: 1 + the image to which it is a link; NULL
                                     * until there is such an image */
    struct lc_names *names;         /* NULL until needed */
    struct lc_other_members others; /* from all archives, sorted */
    struct lc_finds *finds;         /* images of shards that were read ahead; or NULL */
    const char **files;             /* the paths of all members, sorted */
    size_t file_count;
};

/** Whether an image's record belongs to the archive in its current state. */
bool lc_packed_has_times(const struct lc_packed *packed,
                         const struct lc_image_record *record);

/** Whether an earlier run has read a member that is an image, from the archive in its
 * current state. */
bool lc_packed_knows(const struct lc_archives *archives, const struct lc_packed *packed,
                     const struct lc_member *member, uint32_t image);

/** Get the record of the member that is an image; return false if there is none. It lives
 * until the next set. */
bool lc_archives_get(const struct lc_archives *archives, uint32_t image,
                     struct lc_image_record *out);

/** Likewise, from those that earlier runs know. */
bool lc_archives_get_known(const struct lc_archives *archives, uint32_t image,
                           struct lc_image_record *out);

/** Set the member of an image, unless a later member has the same path; the losing member
 * is added to the others. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_archives_set(struct lc_archives *archives, uint32_t image,
                                             const struct lc_image_record *record,
                                             enum lc_read_result result,
                                             enum lc_unread_reason reason, bool is_new,
                                             struct lc_error *err);

/** The reason as a text for people, and as the index of a part stores it; NULL for
 * LC_UNREAD_NONE. */
const char *lc_unread_text(enum lc_unread_reason reason);

/** The reason whose text is in the record of an image. */
enum lc_unread_reason lc_unread_reason_of(const struct lc_image_record *record);

/** Store a link; target is empty if it leads out of the archive. The texts are copied.
 * Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_packed_add_link(struct lc_packed *packed,
                                                struct lc_span path,
                                                struct lc_span target, uint64_t offset,
                                                struct lc_error *err);

/** Find out which archives other parts of the data set read. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_archives_share(struct lc_archives *archives,
                                               struct lc_error *err);

/** Draw the conclusions that need all images: links, other members, and missing images.
 * Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_archives_conclude(struct lc_archives *archives,
                                                  struct lc_error *err);

/** Load the facts of an archive from its record in an index. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_packed_load(struct lc_packed *packed,
                                            const struct lc_archive_record *record,
                                            struct lc_error *err);

/**
 * Sample the first members of an archive to find its layout, and to see whether it is
 * unpacked.
 *
 * Errors: LC_ERR_IO (the archive cannot be read), LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_packed_sample(struct lc_archives *archives,
                                              struct lc_packed *packed,
                                              struct lc_error *err);

/** Set the layout of a shard: rows name its images by the shard's name. Errors:
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_packed_begin_shard(struct lc_packed *packed,
                                                   struct lc_error *err);

/**
 * Read the archives that are to be read.
 *
 * @param samples  read the shards that are read ahead, and add their samples; NULL: read
 *                 all other archives
 *
 * Errors: every status but LC_ERR_USAGE.
 */
LC_MUST_CHECK enum lc_status lc_archives_pass(struct lc_archives *archives,
                                              struct lc_samples *samples,
                                              struct lc_error *err);

#endif

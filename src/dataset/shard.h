/* shard.h - WebDataset shards: tar archives in which members with the same key form a
 * sample
 *
 * A sample consists of adjacent members with the same key, as the readers of webdataset
 * and Megatron-Energon group them. The key ends at the first dot after the last slash of
 * a member's name; the rest is the suffix. The member with a JSON suffix is the text of a
 * row, and members with suffixes of image formats are its images. */
#ifndef LC_DATASET_SHARD_H
#define LC_DATASET_SHARD_H

#include "archive/archive.h"
#include "base/buffer.h"
#include "base/hash.h"
#include "dataset/sample_names.h"
#include "llava_check/dialects.h"

struct lc_sample_fields;

/** No index has the number of a shard's samples. */
#define LC_NOT_INDEXED UINT64_MAX

/** Problems of a shard's place in Energon's index. */
enum lc_shard_place {
    LC_SHARD_PLACED,      /* no problem, or there is no index */
    LC_SHARD_UNLISTED,    /* the index has other shards, but not this one */
    LC_SHARD_UNSPLIT,     /* it is in no part of the split */
    LC_SHARD_SPLIT_TWICE, /* it is in several parts, or twice in one */
};

/** The form of a sample's text. */
enum lc_sample_form {
    LC_SAMPLE_EMPTY,   /* there is no text */
    LC_SAMPLE_ROW,     /* a row, or an attempt at one */
    LC_SAMPLE_TURNS,   /* a list of turns, converted to a row */
    LC_SAMPLE_CAPTION, /* a caption, converted to a row */
};

/** Faults of a sample's members; bits. */
enum lc_sample_fault {
    LC_SAMPLE_MERGED = 1,      /* several samples in one, because of dots in their keys */
    LC_SAMPLE_DOTTED = 2,      /* a dot in the key of a single sample */
    LC_SAMPLE_REPEATED = 4,    /* a suffix occurs twice */
    LC_SAMPLE_CASES = 8,       /* suffixes differ only in case */
    LC_SAMPLE_CAPITALS = 16,   /* the suffix of an image or a text has capital letters */
    LC_SAMPLE_UNREADABLE = 32, /* a member is a link or a device */
    /* REPEATED: there are two images, or two texts, with the same suffix */
    LC_SAMPLE_IMAGE_AGAIN = 64,
    LC_SAMPLE_TEXT_AGAIN = 128,
    LC_SAMPLE_TWICE = LC_SAMPLE_IMAGE_AGAIN | LC_SAMPLE_TEXT_AGAIN,
    LC_SAMPLE_SPOILED = 256, /* a text other than the row's is not UTF-8 */
    LC_SAMPLE_SPARSE = 512,  /* a text is a sparse file: its content is not known */
};

/** A sample. Its texts live until the next sample is read. */
struct lc_sample {
    struct lc_span key;  /* followed by a NUL */
    struct lc_span text; /* of its row; LC_JSON_PADDING zeros follow. Broken if it was */
    enum lc_sample_form form;
    uint32_t shift; /* number of bytes in text before the member's own bytes */
    /* place of the member with the text in the uncompressed archive; without a text,
     * offset is that of the first member */
    uint64_t offset, size;
    struct lc_span images; /* paths, each ended by NUL */
    uint32_t image_count;
    struct lc_span numbers;  /* of the images, each a uint32_t, from lc_shard_member_fn;
                              * empty without such a function */
    struct lc_span contents; /* hashes of the images' bytes, one after the other; empty if
                              * not all are known, as when lc_shard_next returns it */
    struct lc_span spare;    /* likewise, images whose suffix the sample already has: they
                              * are looked at, but are not images of the row */
    uint32_t spare_count;
    unsigned faults;
    uint64_t merged;       /* MERGED: number of samples */
    struct lc_span dotted; /* the name of a member for each fault, or empty */
    struct lc_span repeated;
    struct lc_span capital;
    struct lc_span unreadable;
    struct lc_span spoiled;
    struct lc_span sparse;
    uint64_t parts; /* suffixes of its members: bits of lc_sample_fields_part */
};

/** What is known about a shard once it was read to its end. */
struct lc_shard_end {
    enum lc_archive_kind kind;
    enum lc_archive_coding coding;
    uint64_t samples;
    uint64_t members;       /* members of all types */
    uint64_t lost;          /* images and texts that belong to no sample */
    struct lc_span example; /* the name of the first of these */
};

struct lc_shard;

/**
 * Begin to read the samples of a shard. Images are not read; in an archive that is not
 * compressed, their bytes are skipped.
 *
 * @param path  to open it
 * @param name  the name in lc_rows_file
 * @param out   set on success
 *
 * Owner:   the caller, lc_shard_close.
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 * Threads: one at a time.
 */
LC_MUST_CHECK enum lc_status lc_shard_open(const char *path, const char *name,
                                           struct lc_shard **out, struct lc_error *err);
void lc_shard_close(struct lc_shard *shard); /* NULL-safe */

/** As lc_shard_open, for an open file; it is closed in any case. */
LC_MUST_CHECK enum lc_status
lc_shard_open_file(int fd, const char *name, struct lc_shard **out, struct lc_error *err);

/** In place of the number of a member: it is not an image that was read. */
#define LC_NOT_NUMBERED UINT32_MAX

/**
 * Called for each member of a shard in its order, before it is added to a sample. May
 * read the member's data from the archive, if it is an image: the shard reads only the
 * others.
 *
 * @param number  set to a number of the caller's for an image: lc_sample.numbers
 *
 * Any result but LC_OK ends reading; lc_shard_next returns it.
 */
typedef enum lc_status lc_shard_member_fn(void *user, const struct lc_member *member,
                                          uint32_t *number, struct lc_error *err);

/** Have a function called for each member, from the first one on. Errors: none. */
void lc_shard_on_member(struct lc_shard *shard, lc_shard_member_fn *each, void *user);

/** Read the members after the last sample: after damage there are no more samples, but
 * perhaps more members, and more damage. Errors: as lc_shard_next. */
LC_MUST_CHECK enum lc_status lc_shard_finish(struct lc_shard *shard,
                                             struct lc_error *err);

/** The archive of a shard, for the function of lc_shard_on_member. */
struct lc_archive *lc_shard_reader(const struct lc_shard *shard);

/** Note the suffixes of samples, starting with the next sample. The fields must outlive
 * the shard; NULL: note none. */
void lc_shard_want_fields(struct lc_shard *shard, const struct lc_sample_fields *fields);

/**
 * Read the next sample. The shard ends at a header that Python's tarfile does not accept.
 *
 * @param out  set to the sample, or to NULL at the end
 *
 * Errors: LC_ERR_IO, LC_ERR_USAGE (a text is too large), LC_ERR_MEMORY. Damage to the
 *         archive is not an error.
 */
LC_MUST_CHECK enum lc_status
lc_shard_next(struct lc_shard *shard, const struct lc_sample **out, struct lc_error *err);

/** Hash the parts of a sample that determine its row: its key, its text, and the names of
 * its images. The hash of all samples identifies the content of a shard as a rows
 * file. */
void lc_shard_hash(struct lc_hasher *hasher, const struct lc_sample *sample);

/** What is known about the shard so far. Its texts live as long as the shard. */
struct lc_shard_end lc_shard_end(struct lc_shard *shard);

/** Bytes of the file that were read so far. */
uint64_t lc_shard_position(const struct lc_shard *shard);

/** Whether a file's name is that of a tar, perhaps a compressed one. */
bool lc_shard_is_named(const char *name);

/**
 * Whether a file is a shard: among its first samples, a key has both an image and a text.
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_shard_probe(const char *path, bool *out,
                                            struct lc_error *err);

#endif

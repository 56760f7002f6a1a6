/* shard.h - shards of WebDataset: tar archives in which the members of one key are a
 * sample
 *
 * A sample is what the readers of webdataset and Megatron-Energon make of an archive:
 * members that follow each other and have one key. The key ends at the first dot after
 * the last slash of a member's name, and the rest is its suffix. Of a sample, the member
 * with a suffix of JSON is the text of a row, those with suffixes of image formats are
 * its images. */
#ifndef LC_DATASET_SHARD_H
#define LC_DATASET_SHARD_H

#include "archive/archive.h"
#include "base/buffer.h"
#include "base/hash.h"
#include "dataset/sample_names.h"
#include "llava_check/dialects.h"

struct lc_sample_fields;

/** No index says how many samples a shard has. */
#define LC_NOT_INDEXED UINT64_MAX

/** What is wrong with a shard's place in Energon's index. */
enum lc_shard_place {
    LC_SHARD_PLACED,      /* nothing, or there is no index */
    LC_SHARD_UNLISTED,    /* the index has other shards, but not this one */
    LC_SHARD_UNSPLIT,     /* no part of its split has it */
    LC_SHARD_SPLIT_TWICE, /* several parts have it, or one has it twice */
};

/** The form of a sample's text. */
enum lc_sample_form {
    LC_SAMPLE_EMPTY,   /* it has none */
    LC_SAMPLE_ROW,     /* a row, or what was meant to be one */
    LC_SAMPLE_TURNS,   /* a list of turns, from which a row was made */
    LC_SAMPLE_CAPTION, /* likewise a text */
};

/** What is wrong with the members of a sample; bits. */
enum lc_sample_fault {
    LC_SAMPLE_MERGED = 1,      /* several samples with dots in their keys */
    LC_SAMPLE_DOTTED = 2,      /* a dot in the key, but it is alone */
    LC_SAMPLE_REPEATED = 4,    /* a suffix is there twice */
    LC_SAMPLE_CASES = 8,       /* the same but for capitals */
    LC_SAMPLE_CAPITALS = 16,   /* a suffix of an image or a text has capitals */
    LC_SAMPLE_UNREADABLE = 32, /* a member is a link or a device */
    /* REPEATED: an image and a text are there twice */
    LC_SAMPLE_IMAGE_AGAIN = 64,
    LC_SAMPLE_TEXT_AGAIN = 128,
    LC_SAMPLE_TWICE = LC_SAMPLE_IMAGE_AGAIN | LC_SAMPLE_TEXT_AGAIN,
    LC_SAMPLE_SPOILED = 256, /* a text beside that of its row is not UTF-8 */
};

/** A sample. Its texts live until the next one is read. */
struct lc_sample {
    struct lc_span key;  /* a NUL follows */
    struct lc_span text; /* of its row; LC_JSON_PADDING zeros follow. Broken if it was */
    enum lc_sample_form form;
    uint32_t shift; /* bytes of text that were put before those of the member */
    /* of the member with the text, in the uncompressed archive; without a text, offset is
     * that of the first member */
    uint64_t offset, size;
    struct lc_span images; /* their paths, each ended by NUL */
    uint32_t image_count;
    struct lc_span spare; /* the same of images whose suffix is there before: they are
                             looked at, but are not images of the row */
    uint32_t spare_count;
    unsigned faults;
    uint64_t merged;       /* MERGED: number of samples */
    struct lc_span dotted; /* a member's name for each fault; or empty */
    struct lc_span repeated;
    struct lc_span capital;
    struct lc_span unreadable;
    struct lc_span spoiled;
    uint64_t parts; /* suffixes that it has: bits of lc_sample_fields_part */
};

/** What is known of a shard when it was read to its end. */
struct lc_shard_end {
    enum lc_archive_kind kind;
    enum lc_archive_coding coding;
    uint64_t samples;
    uint64_t members;       /* of all types */
    uint64_t lost;          /* images and texts that belong to no sample */
    struct lc_span example; /* the first of them */
};

struct lc_shard;

/**
 * Begin to read the samples of a shard. Images are not read, and those of an archive that
 * is not compressed are skipped.
 *
 * @param path  to open it
 * @param name  as lc_rows_file has it
 * @param out   set on success
 *
 * Owner:   the caller, lc_shard_close.
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 * Threads: one at a time.
 */
LC_MUST_CHECK enum lc_status lc_shard_open(const char *path, const char *name,
                                           struct lc_shard **out, struct lc_error *err);
void lc_shard_close(struct lc_shard *shard); /* NULL-safe */

/** The same of a file that is open; it is closed in any case. */
LC_MUST_CHECK enum lc_status
lc_shard_open_file(int fd, const char *name, struct lc_shard **out, struct lc_error *err);

/** Note which suffixes samples have, from the next sample on. The fields must outlive the
 * shard. NULL: none. */
void lc_shard_want_fields(struct lc_shard *shard, const struct lc_sample_fields *fields);

/**
 * Read the next sample. At a header that Python's tarfile does not accept, the shard
 * ends.
 *
 * @param out  set to the sample, or to NULL at the end
 *
 * Errors: LC_ERR_IO, LC_ERR_USAGE (a text is too large), LC_ERR_MEMORY. What is wrong
 *         with the archive is not an error.
 */
LC_MUST_CHECK enum lc_status
lc_shard_next(struct lc_shard *shard, const struct lc_sample **out, struct lc_error *err);

/** Add what makes a row of a sample to a hash: its key, its text, the names of its
 * images. That of all samples stands for the content of a shard as a file of rows. */
void lc_shard_hash(struct lc_hasher *hasher, const struct lc_sample *sample);

/** What is known so far. Its texts live as long as the shard. */
struct lc_shard_end lc_shard_end(struct lc_shard *shard);

/** Bytes of the file that were read so far. */
uint64_t lc_shard_position(const struct lc_shard *shard);

/** Whether a file's name is that of a tar, perhaps compressed. */
bool lc_shard_is_named(const char *name);

/**
 * Whether a file is a shard: one of the first keys has an image and a text.
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_shard_probe(const char *path, bool *out,
                                            struct lc_error *err);

#endif

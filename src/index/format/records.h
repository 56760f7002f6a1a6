/* records.h - the records of an index and their encoding
 *
 * Fields follow each other without padding: numbers big-endian, strings with a 32-bit
 * length before their bytes. docs/index-format.md describes them for readers in other
 * languages.
 */
#ifndef LC_INDEX_FORMAT_RECORDS_H
#define LC_INDEX_FORMAT_RECORDS_H

#include "base/buffer.h"
#include "base/hash.h"
#include "base/row_traits.h"
#include "base/text.h"
#include "index/format/statistics.h"
#include "llava_check/findings.h"
#include "llava_check/images.h"
#include "llava_check/index.h"

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/** Incremented whenever the encoding of a record or key changes. */
#define LC_INDEX_SCHEMA 18

/** A rows file. */
struct lc_file_record {
    struct lc_span name; /* relative to the data folder; bytes */
    uint64_t size;       /* bytes */
    int64_t mtime_ns;
    int64_t ctime_ns;
    uint64_t inode;
    uint64_t device;
    struct lc_hash content; /* XXH3-128 of its bytes */
    uint64_t first_row;     /* number of its first row in the data set */
    uint64_t rows;
    bool lines;              /* JSONL */
    struct lc_span sampling; /* a mixture's sampling_strategy; else empty */
    struct lc_span dialect;  /* of its rows */
    uint64_t names;   /* a hash of the dialect's names; a registry may change them */
    uint64_t sampled; /* number of rows that training samples from it */
    uint64_t strays;  /* number of rows in another dialect */
};

/** A row. */
struct lc_row_record {
    uint32_t file;
    uint64_t row;    /* number in its file, from 0 */
    uint64_t offset; /* bytes from the file's start */
    uint64_t line;   /* from 1 */
    uint64_t column; /* characters from 1 */
    uint32_t size;   /* bytes of its text */
    uint32_t turns;
    uint32_t images;
    uint32_t videos;
    uint32_t urls;     /* number of its media that a URL names */
    uint32_t embedded; /* number of its media in base64, in the row */
    uint32_t placeholders;
    uint64_t words;
    uint64_t characters; /* code points in all turns */
    uint8_t script;      /* enum lc_script: the script of most letters */
    bool readable; /* its JSON is valid: the fields from turns to script are known */
    bool faulty;   /* it has an error of its own */
    bool whole; /* images, videos and turns are well-formed: it can be compared with other
                   rows */
    struct lc_hash content; /* hash of images, videos and conversation; of the whole text
                               if the row is invalid or not an object */
    uint64_t question;      /* hash of images, videos and the first question; 0: none */
    uint64_t answer;        /* hash of the answer to that question */
    uint64_t rest;          /* hash of everything else but the id */
    bool object;            /* it is an object */
    bool text_only;         /* an object that names neither images nor videos */
    uint32_t traits;        /* bits of enum lc_row_trait */
    uint8_t dialect; /* number of the dialect in which it was read (lc_dialect_number); 0:
                        its file's */
    struct lc_span data_source; /* truncated to LC_SHARE_NAME_MAX bytes */
    struct lc_span id;          /* as text; empty if it has none */
};

/** An id may be gigabytes long: findings and reports contain at most this number of its
 * bytes. */
#define LC_FINDING_ID_MAX 4096

/** An image path that rows name. */
struct lc_image_record {
    struct lc_span path; /* as rows name it */
    uint8_t state;       /* enum lc_image_state */
    uint64_t size;       /* bytes; 0 if there is no file */
    int64_t mtime_ns;
    int64_t ctime_ns;
    uint64_t inode;
    uint64_t device;
    struct lc_hash content; /* XXH3-128 of the bytes; zero if they were not read */
    struct lc_span format;  /* "jpeg"; empty if it was not read */
    struct lc_span mode;    /* Pillow's mode; empty if unknown */
    uint32_t width;
    uint32_t height;
    uint32_t rows_decoded;
    uint32_t warnings;
    uint8_t orientation;     /* from EXIF; 0 if there is none */
    uint8_t depth;           /* bits per sample as stored; 0 if unknown */
    uint32_t frames;         /* 0 if unknown */
    uint64_t trailing;       /* bytes after the end of the image */
    bool blank;              /* every pixel is the same */
    bool transparent;        /* a pixel is not opaque */
    uint8_t lenient;         /* enum lc_lenient of image/common/facts.h */
    uint8_t content_kind;    /* enum lc_content of image/image.h */
    bool metadata_too_large; /* a PNG's text or profile is over Pillow's limits */
    struct lc_span detail;   /* the decoder's first warning or reason; may be empty */
    bool faulty;             /* it has an error */
    uint64_t uses;           /* number of rows that name it */
    uint32_t archive; /* 0: a file. Otherwise 1 + the number of the archive that contains
                         it; times, inode and device are then the archive's */
    uint64_t offset;  /* where its data is in the archive (for a link, its target's data);
                         in a compressed tar, among the uncompressed bytes */
};

/** Whether an archive was read to its end. */
enum lc_archive_state {
    LC_ARCHIVE_READ,
    LC_ARCHIVE_UNREAD, /* no image had to be looked for in it, or reading failed */
    LC_ARCHIVE_STATES,
};

/** An archive beside the rows. */
struct lc_archive_record {
    struct lc_span name; /* relative to the data folder; bytes */
    uint64_t size;       /* bytes */
    int64_t mtime_ns;
    int64_t ctime_ns;
    uint64_t inode;
    uint64_t device;
    uint8_t state;       /* enum lc_archive_state; the fields below are known if it is
                            LC_ARCHIVE_READ */
    struct lc_span kind; /* ".tar.gz"; empty: it is not an archive */
    /* prefix to remove from a member's path to get the row's path */
    struct lc_span removed;
    struct lc_span added; /* prefix to add to get the row's path */
    uint64_t members;     /* of all types */
    uint64_t files;       /* regular files among them */
    uint64_t unpacked;    /* total size of these files */
    /* members that would not be unpacked to the path that their name says */
    uint64_t unsafe;
    struct lc_span unsafe_example; /* the first of them, and why */
    /* damage: one line for each fault, with tabs between fault, number of times, offset,
     * members before it, members in doubt, and detail; each line ends with a line feed */
    struct lc_span damage;
};

/** A member of an archive that is not the image of a row: no row names it, or another
 * member or file with the same path takes precedence. */
struct lc_member_record {
    struct lc_span path; /* as a row would name it */
    uint32_t archive;
    uint64_t offset; /* of its data, as in lc_image_record */
    uint64_t size;
    struct lc_hash content; /* zero if it was not read */
};

/** Maximum size of a point's window in bytes. */
#define LC_POINT_WINDOW 32768

/** A point within a tar.gz at which decompression can start. */
struct lc_point_record {
    uint64_t bit;   /* position in the file, in bits, where a deflate block begins */
    uint64_t begin; /* where the gzip member begins among the uncompressed bytes */
    uint32_t crc;   /* CRC-32 of the member's data before the point */
    uint32_t window_size;  /* at most LC_POINT_WINDOW */
    struct lc_span window; /* the bytes before the point, deflated; stored as they are if
                              its size equals window_size */
};

/** A finding. Fields that do not apply to its kind are 0, or -1 where 0 is a valid
 * value. */
struct lc_finding_record {
    enum lc_finding_kind kind;
    uint8_t severity; /* enum lc_severity */
    uint8_t found;    /* severity before a report overrides it */
    /* order of its rule, by which findings about one subject are sorted */
    uint16_t order;
    struct lc_span rule;      /* code of the rule */
    struct lc_span rule_case; /* name of the rule's case; empty: none */
    struct lc_span message;
    uint32_t file;      /* ROW */
    int64_t row;        /* ROW: in its file; -1: about the file itself */
    uint64_t offset;    /* ROW: bytes from 0 */
    uint64_t line;      /* ROW: from 1 */
    uint64_t column;    /* ROW: characters from 1 */
    int64_t turn;       /* ROW: from 0, or -1 */
    uint32_t image;     /* IMAGE: its number */
    struct lc_span id;  /* ROW: the row's id; SET: the id it is about; or empty */
    uint64_t row_count; /* SET: number of rows that it is about */
};

/** The number of findings of a rule, by enum lc_severity. */
struct lc_rule_count {
    char code[8];
    uint64_t counts[3];
};

/* Append a record's bytes to a buffer. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_file_encode(const struct lc_file_record *record,
                                            struct lc_buffer *out, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_row_encode(const struct lc_row_record *record,
                                           struct lc_buffer *out, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_image_encode(const struct lc_image_record *record,
                                             struct lc_buffer *out, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_archive_encode(const struct lc_archive_record *record,
                                               struct lc_buffer *out,
                                               struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_member_encode(const struct lc_member_record *record,
                                              struct lc_buffer *out,
                                              struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_point_encode(const struct lc_point_record *record,
                                             struct lc_buffer *out, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_finding_encode(const struct lc_finding_record *record,
                                               struct lc_buffer *out,
                                               struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_summary_encode(const struct lc_summary *summary,
                                               struct lc_buffer *out,
                                               struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_statistics_encode(const struct lc_statistics *statistics,
                                                  struct lc_buffer *out,
                                                  struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_share_encode(const struct lc_share *share,
                                             struct lc_buffer *out, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_rule_count_encode(const struct lc_rule_count *count,
                                                  struct lc_buffer *out,
                                                  struct lc_error *err);

/* Decode a record; its spans point into the bytes. Every length is checked. Errors:
 * LC_ERR_INDEX if the bytes are not a valid record. */
LC_MUST_CHECK enum lc_status
lc_file_decode(struct lc_span bytes, struct lc_file_record *out, struct lc_error *err);
LC_MUST_CHECK enum lc_status
lc_row_decode(struct lc_span bytes, struct lc_row_record *out, struct lc_error *err);
LC_MUST_CHECK enum lc_status
lc_image_decode(struct lc_span bytes, struct lc_image_record *out, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_archive_decode(struct lc_span bytes,
                                               struct lc_archive_record *out,
                                               struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_member_decode(struct lc_span bytes,
                                              struct lc_member_record *out,
                                              struct lc_error *err);
LC_MUST_CHECK enum lc_status
lc_point_decode(struct lc_span bytes, struct lc_point_record *out, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_finding_decode(struct lc_span bytes,
                                               struct lc_finding_record *out,
                                               struct lc_error *err);
LC_MUST_CHECK enum lc_status
lc_summary_decode(struct lc_span bytes, struct lc_summary *out, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_statistics_decode(struct lc_span bytes,
                                                  struct lc_statistics *out,
                                                  struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_share_decode(struct lc_span bytes, struct lc_share *out,
                                             struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_rule_count_decode(struct lc_span bytes,
                                                  struct lc_rule_count *out,
                                                  struct lc_error *err);

/* Numbers in keys and records are big-endian, so that keys sort by value. */
static inline void lc_put_u32(uint8_t out[4], uint32_t value)
{
    value = htobe32(value);
    memcpy(out, &value, sizeof(value));
}

static inline void lc_put_u64(uint8_t out[8], uint64_t value)
{
    value = htobe64(value);
    memcpy(out, &value, sizeof(value));
}

static inline uint32_t lc_get_u32(const uint8_t in[4])
{
    uint32_t value;

    memcpy(&value, in, sizeof(value));
    return be32toh(value);
}

static inline uint64_t lc_get_u64(const uint8_t in[8])
{
    uint64_t value;

    memcpy(&value, in, sizeof(value));
    return be64toh(value);
}

#endif

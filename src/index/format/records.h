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
#define LC_INDEX_SCHEMA 15

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
    uint64_t names; /* a hash of the dialect's names, which a registry may change */
    uint64_t drawn; /* number of rows that training samples from it */
};

/** What programs treat differently in rows that are sound otherwise. */
enum lc_row_trait {
    /* of messages, and of from and value */
    LC_ROW_TAGS = 1 << 0,  /* a content that is a text, or a question of from and
                              value, has a placeholder of an image */
    LC_ROW_NAMES = 1 << 1, /* a role has another name than user, assistant, system and
                              tool; of from and value, than human, gpt and system */
    LC_ROW_LATE_SYSTEM = 1 << 2, /* a turn after the first is the system's */
    LC_ROW_OBJECTS = 1 << 3, /* a column of images has an object, and programs read the
                                column: parts name no image, or are loose */
    LC_ROW_OTHER_OBJECTS = 1 << 4, /* one of these is not {"bytes": null, …} */
    /* of messages */
    LC_ROW_TOOLS = 1 << 5,   /* a turn is a tool's */
    LC_ROW_PARTS = 1 << 6,   /* a content is a list with a medium, or empty */
    LC_ROW_SIZED = 1 << 7,   /* a part that is an image is an object with its size */
    LC_ROW_UNSIZED = 1 << 8, /* one is an object without its size */
    LC_ROW_LOOSE = 1 << 9,   /* a turn or part has members that a strict reader refuses */
    /* of from and value */
    LC_ROW_FIRST_SYSTEM = 1 << 10, /* the first turn is the system's */
    /* of LLaVA's, that name an image */
    LC_ROW_ANSWER_TAGS = 1 << 11, /* a placeholder is in the second, fourth, … turn, where
                                     answers belong */
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
    uint32_t urls;     /* of its media: named by a URL */
    uint32_t embedded; /* of its media: in base64, in the row */
    uint32_t placeholders;
    uint64_t words;
    uint64_t characters; /* code points in all turns */
    uint8_t script;      /* enum lc_script: the script of most letters */
    bool readable; /* its JSON is valid: the fields from turns to script are known */
    bool faulty;   /* it has an error of its own */
    bool whole; /* images, videos and turns are well-formed: it can be compared with other
                   rows */
    struct lc_hash content; /* hash of images, videos and conversation; of the whole text
                               if it is invalid or not an object */
    uint64_t question;      /* hash of images, videos and the first question; 0: none */
    uint64_t answer;        /* hash of the answer to it */
    uint64_t rest;          /* hash of everything else but the id */
    bool object;            /* it is an object */
    bool text_only;         /* an object that names neither images nor videos */
    uint32_t traits;        /* of enum lc_row_trait */
    struct lc_span data_source; /* at most LC_SHARE_NAME_MAX bytes of it */
    struct lc_span id;          /* as text; empty if it has none */
};

/** An id may be gigabytes long: a finding and a report have at most this many bytes of
 * it.
 */
#define LC_FINDING_ID_MAX 4096

/** An image path that rows name. */
struct lc_image_record {
    struct lc_span path; /* as rows name it */
    uint8_t state;       /* enum lc_image_state */
    uint64_t size;       /* bytes; 0 without a file */
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
    uint8_t orientation;     /* EXIF; 0 without */
    uint8_t depth;           /* bits of a sample as stored; 0 if unknown */
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
    uint32_t archive;        /* 1 + the number of the archive that it is a member of; its
                                times, inode and device are the archive's; 0: a file */
    uint64_t offset; /* of its data in the archive, or of those that a link leads to: of
                        tar, in the uncompressed bytes */
};

/** Whether an archive was read to its end. */
enum lc_archive_state {
    LC_ARCHIVE_READ,
    LC_ARCHIVE_UNREAD, /* no image had to be looked for in it, or that failed */
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
    uint8_t state;          /* enum lc_archive_state: READ: what follows is known */
    struct lc_span kind;    /* ".tar.gz"; empty: it is not an archive */
    struct lc_span removed; /* what a member's path begins with that rows do not have */
    struct lc_span added;   /* what a row's path begins with that members do not have */
    uint64_t members;       /* of all types */
    uint64_t files;         /* of them, regular files */
    uint64_t unpacked;      /* their bytes */
    uint64_t unsafe;        /* members that are not unpacked to what their names say */
    struct lc_span unsafe_example; /* the first of them, and why */
    /* what is wrong with it: lines of fault, number of times, offset, members before it,
     * members in doubt, detail; separated by tabs, each line ended by a line feed */
    struct lc_span damage;
};

/** A member of an archive that is not the image of a row: no row names it, or another
 * member or file takes its place. */
struct lc_member_record {
    struct lc_span path; /* as a row would name it */
    uint32_t archive;
    uint64_t offset; /* of its data, as lc_image_record's */
    uint64_t size;
    struct lc_hash content; /* zero if it was not read */
};

/** Most bytes of a point's window. */
#define LC_POINT_WINDOW 32768

/** A point in the middle of a tar.gz from which it can be read. */
struct lc_point_record {
    uint64_t bit;          /* where a deflated block begins in the file */
    uint64_t begin;        /* of the gzip member, among the uncompressed bytes */
    uint32_t crc;          /* the CRC-32 of its data before the point */
    uint32_t window_size;  /* at most LC_POINT_WINDOW */
    struct lc_span window; /* the bytes before the point, deflated; of this size: as they
                              are */
};

/** A finding. Fields that its kind does not have are 0, or -1 where 0 is a valid value.
 */
struct lc_finding_record {
    enum lc_finding_kind kind;
    uint8_t severity;    /* enum lc_severity */
    uint8_t found;       /* the severity that was found; a report may override severity */
    uint16_t order;      /* of its rule: findings about one subject are sorted by it */
    struct lc_span rule; /* its code */
    struct lc_span rule_case; /* the name of its case; empty: none */
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
 * LC_ERR_INDEX if the bytes are not such a record. */
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

/* records.h - what the index keeps: our records, and their bytes
 *
 * A record's bytes are packed one by one, numbers big-endian, strings with a 32-bit
 * length before them; docs/index-format.md is the description for readers in other
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

/** Raised whenever the bytes of any record or key change. */
#define LC_INDEX_SCHEMA 6

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
    bool lines; /* JSONL */
    struct lc_span
        sampling;   /* a mixture's sampling_strategy; empty outside of mixtures */
    uint64_t drawn; /* rows that training draws from it */
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
    uint32_t placeholders;
    uint64_t words;
    uint64_t characters; /* code points in all turns */
    uint8_t script;      /* enum lc_script: of most letters */
    bool readable; /* its JSON could be read: the fields above from turns on are known */
    bool faulty;   /* it has a finding of level error of its own */
    bool whole; /* images, videos and turns are what they should be: it can be compared */
    struct lc_hash content;     /* of images, videos and conversation; of the text when
                                   unreadable or no object */
    uint64_t rest;              /* a hash of what else it holds, but its id */
    bool object;                /* it is an object */
    bool text_only;             /* an object that names neither images nor videos */
    struct lc_span data_source; /* at most LC_SHARE_NAME_MAX bytes of it */
    struct lc_span id;          /* as text; empty when there is none */
};

/** An image path that rows name. */
struct lc_image_record {
    struct lc_span path; /* as rows name it */
    uint8_t state;       /* enum lc_image_state */
    uint64_t size;       /* bytes; 0 when there is no file */
    int64_t mtime_ns;
    int64_t ctime_ns;
    uint64_t inode;
    uint64_t device;
    struct lc_hash content; /* XXH3-128 of the bytes; zero when they were not read */
    struct lc_span format;  /* "jpeg"; empty when it was not read */
    struct lc_span mode;    /* Pillow's mode; empty when not known */
    uint32_t width;
    uint32_t height;
    uint32_t rows_decoded;
    uint32_t warnings;
    uint8_t orientation;     /* EXIF, 0 when absent */
    uint8_t depth;           /* bits of a sample as stored, 0 when not known */
    uint32_t frames;         /* 0 when not known */
    uint64_t trailing;       /* bytes behind the end of the image */
    bool blank;              /* every pixel is the same */
    uint8_t content_kind;    /* what the bytes are: image/image.h's enum lc_content */
    bool metadata_too_large; /* a PNG's text or profile is over Pillow's limits */
    struct lc_span detail;   /* the decoder's first warning or reason; empty without */
    bool faulty;             /* it has a finding of level error */
    uint64_t uses;           /* rows that name it */
};

/** A finding. Fields that its kind does not have are zero, or -1 where 0 means something.
 */
struct lc_finding_record {
    enum lc_finding_kind kind;
    uint8_t severity;    /* enum lc_severity */
    uint8_t found;       /* as severity, whatever level a report gives it */
    uint16_t order;      /* of its rule: findings about one thing are sorted by it */
    struct lc_span rule; /* its code */
    struct lc_span message;
    uint32_t file;      /* ROW */
    int64_t row;        /* ROW: in its file; -1: about the file itself */
    uint64_t offset;    /* ROW: bytes from 0 */
    uint64_t line;      /* ROW: from 1 */
    uint64_t column;    /* ROW: characters from 1 */
    int64_t turn;       /* ROW: from 0, or -1 */
    uint32_t image;     /* IMAGE: its number */
    struct lc_span id;  /* ROW: the row's id; SET: the id it is about; or empty */
    uint64_t row_count; /* SET: rows that it is about */
};

/** How many findings of a rule there are, by enum lc_severity. */
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

/* Read a record from bytes; its spans point into them. Errors: LC_ERR_INDEX when the
 * bytes are no such record: every length is checked. */
LC_MUST_CHECK enum lc_status
lc_file_decode(struct lc_span bytes, struct lc_file_record *out, struct lc_error *err);
LC_MUST_CHECK enum lc_status
lc_row_decode(struct lc_span bytes, struct lc_row_record *out, struct lc_error *err);
LC_MUST_CHECK enum lc_status
lc_image_decode(struct lc_span bytes, struct lc_image_record *out, struct lc_error *err);
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

/* Keys and small numbers: big-endian, so that bytes sort as numbers do. */
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

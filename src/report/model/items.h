/* items.h - what a report for other programs lists: a finding, or many of one rule
 * grouped; private to src/report
 */
#ifndef LC_REPORT_MODEL_ITEMS_H
#define LC_REPORT_MODEL_ITEMS_H

#include "base/hash.h"
#include "report/model/report.h"

/** Longest path and text in bytes; the rest becomes an ellipsis. File names may be of any
 * size, and programs that read these reports have limits. */
#define LC_ITEM_PATH 1024
#define LC_ITEM_TEXT 1500

/** Size of a fingerprint: 32 hexadecimal digits, and "-2" of the second equal one. */
#define LC_FINGERPRINT_SIZE 64

/** What is listed. Spans are valid until the next item. */
struct lc_item {
    const struct lc_rule_info *rule; /* NULL: several rules, in the last entry */
    enum lc_severity severity;
    struct lc_rule_effect effect;            /* on the trainer of the report */
    const struct lc_finding_record *finding; /* NULL: several, grouped */
    uint64_t count;                          /* findings */
    struct lc_span
        text; /* what was found: valid UTF-8, escaped for terminals and CI logs */
    struct lc_span path;   /* where: bytes, relative as other programs need it; of a rows
                              file, or of an image; empty: nowhere */
    uint64_t line;         /* in path; 0: it is an image */
    struct lc_span image;  /* of an image: its path as rows name it, bytes */
    uint64_t column;       /* in line */
    struct lc_span folder; /* of several: a rows file or a folder of images, bytes */
    struct lc_hash identity; /* unchanged when other rows are added or removed */
    uint32_t ordinal;        /* of those of this identity, from 1 */
};

/** Buffers that an item points into; initialise to zero. */
struct lc_item_buffers {
    struct lc_buffer text;
    struct lc_buffer path;
    struct lc_buffer key; /* what the identity is a hash of */
};
void lc_item_buffers_clear(struct lc_item_buffers *buffers);

/**
 * Describe a finding. Its ordinal is 1; the caller sets it.
 *
 * @param buffers  what out points into
 *
 * Errors: LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_item_of(const struct lc_report *report,
                                        const struct lc_finding_record *finding,
                                        struct lc_item_buffers *buffers,
                                        struct lc_item *out, struct lc_error *err);

/**
 * The rows file or the top folder of the image that a finding is about: bytes, of the
 * index. Empty: it is about the set.
 *
 * Errors: LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_item_folder(const struct lc_report *report,
                                            const struct lc_finding_record *finding,
                                            struct lc_span *out, struct lc_error *err);

/** Append the path of a rows file as lc_item has it. Errors: LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_item_file(const struct lc_report *report, uint32_t number,
                                          struct lc_buffer *out, struct lc_error *err);

/** Append "; llava-next: crash, JSONDecodeError …". Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_item_effect(const struct lc_report *report,
                                            const struct lc_rule_effect *effect,
                                            struct lc_buffer *out, struct lc_error *err);

/** Cut what a buffer holds from a place on to some bytes, between characters, and say so.
 * Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_item_cut(struct lc_buffer *text, size_t from, size_t size,
                                         struct lc_error *err);

/** The identity and the ordinal as text. Returns out. */
const char *lc_item_fingerprint(const struct lc_item *item,
                                char out[LC_FINGERPRINT_SIZE]);

#endif

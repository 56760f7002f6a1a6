/* items.h - the entries of reports for other programs: a finding, or many findings of one
 * rule grouped; private to src/report
 */
#ifndef LC_REPORT_MODEL_ITEMS_H
#define LC_REPORT_MODEL_ITEMS_H

#include "base/hash.h"
#include "report/model/report.h"

/** Maximum size of a path and of a text in bytes; the rest is replaced by an ellipsis.
 * File names can be of any size, and programs that read these reports have limits. */
#define LC_ITEM_PATH 1024
#define LC_ITEM_TEXT 1500

/** Size of a fingerprint: 32 hexadecimal digits, and "-2" if it is the second with the
 * same digits. */
#define LC_FINGERPRINT_SIZE 64

/** An entry of a report. Spans are valid until the next entry. */
struct lc_item {
    const struct lc_rule_info *rule; /* NULL: several rules, in the last entry */
    enum lc_severity severity;
    struct lc_rule_effect effect;            /* on the report's trainer */
    const struct lc_finding_record *finding; /* NULL: several findings, grouped */
    uint64_t count;                          /* number of findings */
    struct lc_span
        text; /* what was found: valid UTF-8, escaped for terminals and CI logs */
    struct lc_span path;   /* of a rows file or image, relative as other programs need it;
                              bytes; empty: none */
    uint64_t line;         /* in path; 0 if path is an image */
    struct lc_span image;  /* path of the image as rows name it, in bytes */
    uint64_t column;       /* in line */
    struct lc_span folder; /* of grouped findings: a rows file or a folder of images, in
                              bytes */
    struct lc_hash identity; /* does not change when other rows are added or removed */
    uint32_t ordinal;        /* from 1, among the entries with this identity */
};

/** Buffers that an item points into; initialise to zero. */
struct lc_item_buffers {
    struct lc_buffer text;
    struct lc_buffer path;
    struct lc_buffer key; /* the bytes that are hashed to get the identity */
};
void lc_item_buffers_clear(struct lc_item_buffers *buffers);

/**
 * Describe a finding. Its ordinal is 1; the caller sets it.
 *
 * @param buffers  hold what out points into
 *
 * Errors: LC_ERR_INDEX, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_item_of(const struct lc_report *report,
                                        const struct lc_finding_record *finding,
                                        struct lc_item_buffers *buffers,
                                        struct lc_item *out, struct lc_error *err);

/**
 * Get the rows file or the image's top folder that a finding is about, as the index has
 * it, in bytes. Empty if the finding is about the set.
 *
 * Errors: LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_item_folder(const struct lc_report *report,
                                            const struct lc_finding_record *finding,
                                            struct lc_span *out, struct lc_error *err);

/** Append the path of a rows file in the form of lc_item. Errors: LC_ERR_INDEX,
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_item_file(const struct lc_report *report, uint32_t number,
                                          struct lc_buffer *out, struct lc_error *err);

/** Append "; llava-next: crash, JSONDecodeError …". Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_item_effect(const struct lc_report *report,
                                            const struct lc_rule_effect *effect,
                                            struct lc_buffer *out, struct lc_error *err);

/** Truncate a buffer's text from an offset on to a size, between characters, and mark the
 * cut. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_item_cut(struct lc_buffer *text, size_t from, size_t size,
                                         struct lc_error *err);

/** Format the identity and the ordinal. Returns out. */
const char *lc_item_fingerprint(const struct lc_item *item,
                                char out[LC_FINGERPRINT_SIZE]);

#endif

/* row.h - a row of a LLaVA data set: the only place that knows its field names */
#ifndef LC_DATASET_ROW_H
#define LC_DATASET_ROW_H

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "json/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What stands for an image in a turn. */
#define LC_PLACEHOLDER "<image>"

enum lc_id_kind {
    LC_ID_MISSING, /* no key id */
    LC_ID_GOOD,    /* a string that is not blank, or an integer */
    LC_ID_BAD,     /* anything else */
};

enum lc_images_kind {
    LC_IMAGES_NONE, /* no key image */
    LC_IMAGES_GOOD, /* a string, or a list of strings, none of them blank */
    LC_IMAGES_BAD,  /* anything else: images_fault says what */
};

enum lc_turns_kind {
    LC_TURNS_MISSING,  /* no key conversations */
    LC_TURNS_NOT_LIST, /* it is there and no list */
    LC_TURNS_LIST,
};

enum lc_role {
    LC_ROLE_NONE, /* the turn has no string "from" */
    LC_ROLE_HUMAN,
    LC_ROLE_GPT, /* an answer */
    LC_ROLE_OTHER,
};

/** A turn of a conversation. */
struct lc_turn {
    struct lc_span from;  /* as written; empty when there is no string */
    struct lc_span value; /* as written; empty when there is no string */
    const char *fault;    /* why it is no turn, static; NULL when it is one */
    enum lc_role role;
    bool has_value;        /* value is a string */
    uint32_t placeholders; /* in value */
    size_t words;          /* in value, as Python's str.split; 0: blank */
    uint32_t offset;       /* bytes from the row's start, when the row is exact */
};

/** The facts about one row. Measured here, judged by rules. */
struct lc_row {
    bool exact;  /* the offsets are known */
    bool object; /* false: the element is no object and nothing else is set */
    enum lc_id_kind id_kind;
    struct lc_span id; /* GOOD: the string, or the integer's decimal digits */
    uint32_t id_offset;
    enum lc_images_kind images_kind;
    const char *images_fault; /* BAD: what it is, static */
    struct lc_span *images;   /* GOOD: the paths, in order */
    size_t image_count;
    uint32_t images_offset;
    bool has_video;
    enum lc_turns_kind turns_kind;
    struct lc_turn *turns;
    size_t turn_count;
    uint32_t turns_offset;
    size_t malformed;           /* turns that have a fault */
    size_t human_placeholders;  /* in human turns */
    size_t answer_placeholders; /* in answers */
    size_t placeholders;        /* in any turn */
    size_t words;               /* in all turns */
    struct lc_hash content;     /* of the images and the conversation, not of the id */
    /* private: memory that is used again for the next row */
    size_t images_capacity;
    size_t turns_capacity;
    char digits[24];
    struct lc_hash *hashes;
    size_t hashes_capacity;
};

/**
 * Read a row's facts from its parsed JSON.
 *
 * @param row  zeroed before its first use, then used again and again
 * @param doc  the row's value; where a key stands twice the last one counts, as in Python
 *
 * Owner:   row points into doc and the row's text: valid until the parser parses again.
 *          Its own memory is freed by lc_row_clear.
 * Errors:  LC_ERR_MEMORY.
 * Threads: one row per thread.
 * Source:  LLaVA docs/Finetune_Custom_Data.md; LLaVA-NeXT llava/train/train.py,
 *          LazySupervisedDataset.
 */
LC_MUST_CHECK enum lc_status
lc_row_read(struct lc_row *row, const struct lc_json_doc *doc, struct lc_error *err);

/** Free a row's memory; NULL-safe. */
void lc_row_clear(struct lc_row *row);

#endif

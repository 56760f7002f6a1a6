/* turn.h - a turn of a conversation, and what its text contains */
#ifndef LC_DATASET_TURN_H
#define LC_DATASET_TURN_H

#include "base/measure.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The placeholder for an image in a turn. */
#define LC_PLACEHOLDER "<image>"

enum lc_role {
    LC_ROLE_NONE, /* the turn has no string "from" */
    LC_ROLE_HUMAN,
    LC_ROLE_GPT, /* an answer */
    LC_ROLE_OTHER,
};

/** What a turn's text contains besides words. */
enum lc_turn_mark {
    LC_TURN_GLUED = 1,     /* a placeholder with text on its own line */
    LC_TURN_MID_TEXT = 2,  /* a placeholder with text before and after it */
    LC_TURN_LOOKALIKE = 4, /* another program's placeholder for an image */
    LC_TURN_VIDEO_TAG = 8, /* <video> */
    LC_TURN_TEMPLATE = 16, /* a chat template's own token */
    LC_TURN_DAMAGED = 32,  /* as defined by lc_text_measure */
    LC_TURN_BARE = 64,     /* nothing but placeholders and white space */
};

/** A turn of a conversation. */
struct lc_turn {
    struct lc_span from;  /* as written; empty if not a string */
    struct lc_span value; /* as written; empty if not a string */
    const char *fault;    /* why it is malformed, static; NULL if it is well-formed */
    enum lc_role role;
    bool has_value;        /* value is a string */
    bool openai;           /* it has role and content, and neither from nor value */
    unsigned marks;        /* of enum lc_turn_mark */
    uint32_t placeholders; /* in value */
    uint32_t at;           /* bytes from the row's start */
    uint64_t words;        /* in value, as Python's str.split; 0: blank */
    uint64_t characters;   /* in value: code points */
    uint64_t hash;         /* of value: lc_hash_quick */
};

/**
 * Measure a turn's value: set words, characters, placeholders and marks.
 *
 * @param letters  the value's letters of each script are added
 *
 * Threads: any.
 */
void lc_turn_measure(struct lc_turn *turn, uint64_t letters[LC_SCRIPT_COUNT]);

/** The same for a value that has been measured. */
void lc_turn_apply_measure(struct lc_turn *turn, const struct lc_measure *measure,
                           uint64_t letters[LC_SCRIPT_COUNT]);

/**
 * Find what set a mark of a turn: the first look-alike, <video>, token or damaged
 * character in its value. Only for turns that have the mark.
 *
 * @return a part of the value
 */
struct lc_span lc_turn_find(const struct lc_turn *turn, enum lc_turn_mark mark);

#endif

/* turn.h - a turn of a conversation, and what its text contains */
#ifndef LC_DATASET_TURN_H
#define LC_DATASET_TURN_H

#include "base/measure.h"
#include "base/text.h"
#include "dataset/call.h"
#include "dataset/dialect.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a turn's text contains besides words. */
enum lc_turn_mark {
    LC_TURN_GLUED = 1,       /* a placeholder with text on the same line */
    LC_TURN_MID_TEXT = 2,    /* a placeholder with text before and after it */
    LC_TURN_LOOKALIKE = 4,   /* another program's placeholder for an image */
    LC_TURN_VIDEO_TAG = 8,   /* <video> or <audio> */
    LC_TURN_TEMPLATE = 16,   /* a chat template's own token */
    LC_TURN_DAMAGED = 32,    /* as defined by lc_text_measure */
    LC_TURN_BARE = 64,       /* nothing but placeholders and white space */
    LC_TURN_INLINE = 128,    /* the dialect's tag in front of a path */
    LC_TURN_ASSISTANT = 512, /* the word assistant, with no space before it */
    LC_TURN_LAST = 256,      /* a placeholder with text before it, but none after it */
    LC_TURN_PAD = 1024,      /* Qwen's image token, a lookalike in any text */
};

/** What makes a turn malformed. */
enum lc_turn_fault {
    LC_TURN_WELL_FORMED,
    LC_TURN_NOT_OBJECT,
    LC_TURN_NO_TEXT,     /* the key is missing */
    LC_TURN_NULL_TEXT,   /* it is null */
    LC_TURN_NUMBER_TEXT, /* it is a number */
    LC_TURN_ZERO_TEXT,   /* it is the number 0 */
    LC_TURN_NAN_TEXT,    /* it is NaN or infinite, the first of the row */
    LC_TURN_FALSE_TEXT,  /* it is false */
    LC_TURN_VOID_TEXT,   /* it is an empty list or object */
    LC_TURN_PARTS_TEXT,  /* it is a list of parts, which other dialects allow */
    LC_TURN_OTHER_TEXT,  /* it has another type that the dialect does not allow */
    /* for a question or an answer in a column of the row: */
    LC_TURN_EMPTY_ANSWER,  /* it is an empty list */
    LC_TURN_LISTED_ANSWER, /* it is a list that begins with a string */
    LC_TURN_NUMBER_QUERY,  /* its second column is a number */
    LC_TURN_OTHER_QUERY,   /* its second column is neither text nor empty */
    LC_TURN_BAD_PART,      /* a part of it is neither a text nor a medium */
    LC_TURN_NO_ROLE,       /* the key is missing */
    LC_TURN_OTHER_ROLE,    /* it is not a string */
    LC_TURN_NESTED_ROLE,   /* it is a list or an object */
};

/** A turn of a conversation. */
struct lc_turn {
    struct lc_span from;  /* its role as written; empty if it is not a string */
    struct lc_span value; /* its text, with parts joined; empty if there is none */
    const char *fault;    /* why it is malformed, static; NULL if it is well-formed */
    enum lc_turn_fault fault_kind;
    enum lc_role role;
    enum lc_call_form call; /* of its text, if that is a tool call */
    bool has_value;         /* it has a text */
    bool of_parts;          /* its text was a list of parts, some of which may be media */
    bool foreign;           /* it only has the keys of another dialect */
    bool borrowed; /* a key of the dialect is missing, but another dialect's is present */
    bool void_parts;  /* its text is an empty list of parts */
    bool has_calls;   /* it has a key for tool calls, beside its text */
    bool bare_part;   /* one of the parts of its text is a string, not an object */
    bool contradicts; /* it is well-formed, but also has the keys of another dialect, with
                       * different content */
    unsigned marks;   /* enum lc_turn_mark, ORed */
    uint32_t placeholders[LC_MEDIUM_COUNT]; /* number in value */
    uint32_t at;                            /* offset in the row */
    uint64_t words;      /* of value, as counted by Python's str.split; 0: blank */
    uint64_t characters; /* code points of value */
    uint64_t hash;       /* lc_hash_quick of value */
};

/** Whether a turn that has a text is blank: it has no words and no media among its parts,
 * and is not a tool call. */
static inline bool lc_turn_is_blank(const struct lc_turn *turn)
{
    return !turn->words && turn->role != LC_ROLE_CALL &&
           !(turn->of_parts && (turn->placeholders[LC_MEDIUM_IMAGE] ||
                                turn->placeholders[LC_MEDIUM_VIDEO] ||
                                turn->placeholders[LC_MEDIUM_AUDIO]));
}

/**
 * Measure a turn's value: set words, characters, placeholders and marks.
 *
 * @param dialect  the dialect of the placeholders and tags to look for
 * @param letters  the number of the value's letters is added for each script
 *
 * Threads: any.
 */
void lc_turn_measure(struct lc_turn *turn, const struct lc_dialect *dialect,
                     uint64_t letters[LC_SCRIPT_COUNT]);

/** As lc_turn_measure, for a value that has already been measured. */
void lc_turn_apply_measure(struct lc_turn *turn, const struct lc_dialect *dialect,
                           const struct lc_measure *measure,
                           uint64_t letters[LC_SCRIPT_COUNT]);

/**
 * Find the first part of a turn's value that caused a mark: a lookalike, <video>, a token
 * or a damaged character. Only for turns that have the mark.
 *
 * @return a part of the value
 */
struct lc_span lc_turn_find(const struct lc_turn *turn, const struct lc_dialect *dialect,
                            enum lc_turn_mark mark);

/**
 * Find the next part of a turn's value that caused a mark: lookalikes, <video>, or
 * tokens, in order. For tokens, the words in front of a turn and the text that LLaVA-NeXT
 * removes come last, once each.
 *
 * @param at  where to begin; set to where to continue
 *
 * @return a part of the value; its text is NULL if there are no more
 */
struct lc_span lc_turn_find_next(const struct lc_turn *turn,
                                 const struct lc_dialect *dialect, enum lc_turn_mark mark,
                                 size_t *at);

/**
 * Find the next path between tags in a turn's value.
 *
 * @param at      where to begin; set to where to continue
 * @param medium  set to the medium that the path names
 *
 * @return the path, without white space around it; its text is NULL if there are no more
 */
struct lc_span lc_turn_next_inline(const struct lc_turn *turn,
                                   const struct lc_dialect *dialect, size_t *at,
                                   enum lc_medium *medium);

#endif

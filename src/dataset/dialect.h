/* dialect.h - how programs that write data sets structure a row: a table with one dialect
 * in each row */
#ifndef LC_DATASET_DIALECT_H
#define LC_DATASET_DIALECT_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The kinds of media that a row may name. */
enum lc_medium { LC_MEDIUM_IMAGE, LC_MEDIUM_VIDEO, LC_MEDIUM_AUDIO, LC_MEDIUM_COUNT };

/** "image", "video" or "audio". */
const char *lc_medium_name(enum lc_medium medium);

enum lc_role {
    LC_ROLE_NONE,  /* the turn's role is missing or not a string */
    LC_ROLE_HUMAN, /* a question */
    LC_ROLE_GPT,   /* an answer */
    LC_ROLE_SYSTEM,
    LC_ROLE_RESULT, /* the result of a tool: in place of a question */
    LC_ROLE_CALL,   /* a tool call: in place of an answer */
    LC_ROLE_WHOLE,  /* a text to be learned as a whole: the only turn of its row */
    LC_ROLE_OTHER,  /* a role that the dialect does not have */
};

/** Members of a row that have a meaning in a dialect. */
enum lc_column {
    LC_COLUMN_TURNS, /* the list of turns */
    LC_COLUMN_IMAGES,
    LC_COLUMN_VIDEOS,
    LC_COLUMN_AUDIOS,
    LC_COLUMN_ID,
    LC_COLUMN_SOURCE, /* the source of the row, for the statistics */
    LC_COLUMN_SYSTEM, /* a system prompt outside the turns */
    LC_COLUMN_TOOLS,
    LC_COLUMN_CHOSEN, /* preference data: the better answer, as one or several turns */
    LC_COLUMN_REJECTED,
    LC_COLUMN_LABEL,           /* preference data: whether the answer is good */
    LC_COLUMN_REJECTED_IMAGES, /* media of the rejected answer, by enum lc_medium */
    LC_COLUMN_REJECTED_VIDEOS,
    LC_COLUMN_REJECTED_AUDIOS,
    /* LC_LAYOUT_COLUMNS only */
    LC_COLUMN_PROMPT, /* the question */
    LC_COLUMN_QUERY,  /* more of the question */
    LC_COLUMN_RESPONSE,
    LC_COLUMN_HISTORY, /* earlier rounds: a list of pairs of question and answer */
    LC_COLUMN_COUNT
};

/** The column that names a medium. */
static inline enum lc_column lc_column_of(enum lc_medium medium)
{
    return (enum lc_column)((int)LC_COLUMN_IMAGES + (int)medium);
}

/** The column that names a medium of the rejected answer. */
static inline enum lc_column lc_rejected_column_of(enum lc_medium medium)
{
    return (enum lc_column)((int)LC_COLUMN_REJECTED_IMAGES + (int)medium);
}

enum lc_layout {
    LC_LAYOUT_TURNS,   /* a list of objects, each with a role and a text */
    LC_LAYOUT_COLUMNS, /* question and answer are columns of the row */
};

/** How many placeholders of a medium there are for the files that a row names. */
enum lc_match {
    LC_MATCH_QUESTIONS, /* one per file, in questions */
    LC_MATCH_ANYWHERE,  /* one per file, in any turn */
    LC_MATCH_OPTIONAL,  /* one per file in any turn, or none: programs insert them */
};

#define LC_COLUMN_NAMES 5
#define LC_ROLE_NAMES 16
#define LC_INLINE_TAGS 3

/** One of the names of a role. */
struct lc_role_name {
    struct lc_span name; /* with its quotes */
    enum lc_role role;
};

/** Tags around a path in a turn's text. */
struct lc_inline_tag {
    struct lc_span open, close;
    enum lc_medium medium;
};

/** A dialect. Keys and role names include their quotes, because the quick reader compares
 * raw JSON; each is shorter than LC_JSON_PADDING. Unused entries have no text. */
struct lc_dialect {
    const char *name;
    const char *title;    /* one line */
    const char *programs; /* programs that write or read the dialect */
    const char *trainer;  /* the trainer to predict for, unless the user names another */
    enum lc_layout layout;
    /* names of each column: the first name that a row contains counts, unless
     * names_add_up */
    struct lc_span columns[LC_COLUMN_COUNT][LC_COLUMN_NAMES];
    struct lc_span role_key, text_key;
    /* the first is the usual name of a question's role, the second that of an answer's
     * role */
    struct lc_role_name roles[LC_ROLE_NAMES];
    struct lc_span placeholders[LC_MEDIUM_COUNT];
    struct lc_inline_tag inlines[LC_INLINE_TAGS];
    enum lc_match match;
    bool answers_show;   /* answers may contain media, too */
    bool names_add_up;   /* several names of a column count at once */
    bool must_alternate; /* questions and answers alternate strictly */
    bool lists_answers;  /* the answer's column may be a list, whose first element
                          * counts */
    bool has_pairs; /* a turn may be a question with its answer: {"human": …, "gpt": …} */
    bool has_parts;    /* a text may be a list of parts: texts and media */
    bool marks_places; /* parts that are media only name files; placeholders in the texts
                        * mark their places */
    bool is_modern;    /* media may be null, an empty list, an object with path, url or
                        * bytes, a URL, or base64; LLaVA's loader accepts only paths */
    unsigned revision; /* in a copy: changes with each edit, unique within the process */
    bool is_ranking;   /* in a copy: all rows are preference data */
    bool is_detected;  /* false: used only if a registry or the user names the dialect */
    bool needs_tag;    /* detected only by its image placeholder, because it shares its
                        * keys and roles with other dialects; files beside such a file are
                        * then detected by their roles */
};

/** All dialects, in the order in which detection prefers them. */
extern const struct lc_dialect lc_dialects[];
extern const size_t lc_dialect_count;

/** The dialect with a name; NULL: there is none. */
const struct lc_dialect *lc_dialect_by_name(const char *name);

/** The number of a dialect in lc_dialects, from 1. It must not be a copy. */
uint8_t lc_dialect_number(const struct lc_dialect *dialect);

/** Hash a dialect's definition: rows read with a different one must be read again. */
uint64_t lc_dialect_hash(const struct lc_dialect *dialect);

/** A key or role name without its quotes. */
static inline struct lc_span lc_unquoted(struct lc_span quoted)
{
    return quoted.size ? (struct lc_span){quoted.text + 1, quoted.size - 2}
                       : (struct lc_span){0};
}

/**
 * Copy a dialect, to change it with the functions below: a registry may define other
 * columns and roles.
 *
 * Owner:  the caller, lc_dialect_free.
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_dialect_copy(const struct lc_dialect *from,
                                             struct lc_dialect **out,
                                             struct lc_error *err);
void lc_dialect_free(struct lc_dialect *copy); /* NULL-safe; only for copies */

/** Set the only name of a column; NULL: the dialect does not have the column. Errors:
 * LC_ERR_MEMORY, LC_ERR_USAGE (the name is too long, or JSON would escape it). */
LC_MUST_CHECK enum lc_status lc_dialect_set_column(struct lc_dialect *copy,
                                                   enum lc_column column,
                                                   const char *name,
                                                   struct lc_error *err);

/** Set the only name of a role. Errors: as above. */
LC_MUST_CHECK enum lc_status lc_dialect_set_role(struct lc_dialect *copy,
                                                 enum lc_role role, const char *name,
                                                 struct lc_error *err);

/** Set the keys of a turn's role and text; NULL: keep the key. Errors: as above. */
LC_MUST_CHECK enum lc_status lc_dialect_set_turn_keys(struct lc_dialect *copy,
                                                      const char *role_key,
                                                      const char *text_key,
                                                      struct lc_error *err);

#endif

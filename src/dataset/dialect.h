/* dialect.h - how the programs that write data sets shape a row: one table row for each
 */
#ifndef LC_DATASET_DIALECT_H
#define LC_DATASET_DIALECT_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a row may have besides text. */
enum lc_medium { LC_MEDIUM_IMAGE, LC_MEDIUM_VIDEO, LC_MEDIUM_AUDIO, LC_MEDIUM_COUNT };

/** "image", "video" or "audio". */
const char *lc_medium_name(enum lc_medium medium);

enum lc_role {
    LC_ROLE_NONE,  /* the turn has no string for a role */
    LC_ROLE_HUMAN, /* a question */
    LC_ROLE_GPT,   /* an answer */
    LC_ROLE_SYSTEM,
    LC_ROLE_RESULT, /* what a tool returned: takes the place of a question */
    LC_ROLE_CALL,   /* a call of a tool: takes the place of an answer */
    LC_ROLE_WHOLE,  /* a text to be learned as a whole: the only turn */
    LC_ROLE_OTHER,  /* a name that the dialect does not have */
};

/** The members of a row that a dialect gives a meaning. */
enum lc_column {
    LC_COLUMN_TURNS, /* the list of turns */
    LC_COLUMN_IMAGES,
    LC_COLUMN_VIDEOS,
    LC_COLUMN_AUDIOS,
    LC_COLUMN_ID,
    LC_COLUMN_SOURCE, /* where the row comes from, for the statistics */
    LC_COLUMN_SYSTEM, /* a system prompt beside the turns */
    LC_COLUMN_TOOLS,
    LC_COLUMN_CHOSEN, /* of preference data: the better answer, a turn or a list of turns
                       */
    LC_COLUMN_REJECTED,
    LC_COLUMN_LABEL, /* of preference data: whether the answer is a good one */
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

enum lc_layout {
    LC_LAYOUT_TURNS,   /* a list of objects, each with a role and a text */
    LC_LAYOUT_COLUMNS, /* question and answer are columns of the row */
};

/** How the placeholders of a medium relate to the files that a row names. */
enum lc_match {
    LC_MATCH_QUESTIONS, /* one in the questions for each file */
    LC_MATCH_ANYWHERE,  /* one in any turn for each file */
    LC_MATCH_OPTIONAL,  /* likewise, or none at all: programs then put them first */
};

#define LC_COLUMN_NAMES 5
#define LC_ROLE_NAMES 16
#define LC_INLINE_TAGS 3

/** A name of a role. */
struct lc_role_name {
    struct lc_span name; /* with its quotes */
    enum lc_role role;
};

/** Tags around a path in a turn's text. */
struct lc_inline_tag {
    struct lc_span open, close;
    enum lc_medium medium;
};

/** A dialect. Keys and role names have their quotes, as the quick reader compares them;
 * each is shorter than LC_JSON_PADDING. Unused entries have no text. */
struct lc_dialect {
    const char *name;
    const char *title;    /* one line */
    const char *programs; /* that write or read it */
    const char *trainer;  /* the one to predict for unless the user names another */
    enum lc_layout layout;
    /* of the names of a column, the first one that a row has counts, unless names add up
     */
    struct lc_span columns[LC_COLUMN_COUNT][LC_COLUMN_NAMES];
    struct lc_span role_key, text_key;
    /* the first is the usual name of a question's role, the second that of an answer's */
    struct lc_role_name roles[LC_ROLE_NAMES];
    struct lc_span placeholders[LC_MEDIUM_COUNT];
    struct lc_inline_tag inlines[LC_INLINE_TAGS];
    enum lc_match match;
    bool answers_show;   /* media are part of answers, too */
    bool names_add_up;   /* a medium may have several of its column's names at once */
    bool must_alternate; /* questions and answers, strictly */
    bool has_pairs; /* a turn may be a question and its answer: {"human": …, "gpt": …} */
    bool has_parts;    /* a text may be a list of parts: texts and media */
    bool is_modern;    /* a medium may be null, an empty list, an object with path, url or
                          bytes, a URL or base64; LLaVA's loader takes paths alone */
    unsigned revision; /* of a copy: another one after each change, program-wide */
    bool is_detected;  /* false: used only if a registry or the user names it */
    bool needs_tag;    /* detected only by rows with its placeholder of an image: it has
                          the keys and roles of others */
};

/** All dialects, in the order in which detection prefers them. */
extern const struct lc_dialect lc_dialects[];
extern const size_t lc_dialect_count;

/** The dialect of a name; NULL: there is none. */
const struct lc_dialect *lc_dialect_by_name(const char *name);

/** A hash of all that a dialect says of rows: what was read by another one differs. */
uint64_t lc_dialect_hash(const struct lc_dialect *dialect);

/** A key or role name without its quotes. */
static inline struct lc_span lc_unquoted(struct lc_span quoted)
{
    return quoted.size ? (struct lc_span){quoted.text + 1, quoted.size - 2}
                       : (struct lc_span){0};
}

/**
 * Make a copy of a dialect, to be changed by the two functions below: a registry may name
 * other columns and roles.
 *
 * Owner:  the caller, lc_dialect_free.
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_dialect_copy(const struct lc_dialect *from,
                                             struct lc_dialect **out,
                                             struct lc_error *err);
void lc_dialect_free(struct lc_dialect *copy); /* NULL-safe; only of a copy */

/** Let a column have one name; NULL: the dialect does not have the column. Errors:
 * LC_ERR_MEMORY, LC_ERR_USAGE (the name is too long, or JSON would escape it). */
LC_MUST_CHECK enum lc_status lc_dialect_set_column(struct lc_dialect *copy,
                                                   enum lc_column column,
                                                   const char *name,
                                                   struct lc_error *err);

/** Let a role have one name. Errors: as above. */
LC_MUST_CHECK enum lc_status lc_dialect_set_role(struct lc_dialect *copy,
                                                 enum lc_role role, const char *name,
                                                 struct lc_error *err);

/** Set the keys of a turn's role and text; NULL keeps one. Errors: as above. */
LC_MUST_CHECK enum lc_status lc_dialect_set_turn_keys(struct lc_dialect *copy,
                                                      const char *role_key,
                                                      const char *text_key,
                                                      struct lc_error *err);

#endif

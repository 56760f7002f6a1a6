/* row.h - the facts about a row, independent of its dialect */
#ifndef LC_DATASET_ROW_H
#define LC_DATASET_ROW_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/row_traits.h"
#include "base/text.h"
#include "dataset/dialect.h"
#include "dataset/tools.h"
#include "dataset/turn.h"
#include "json/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lc_id_kind {
    LC_ID_MISSING, /* no key id */
    LC_ID_GOOD,    /* a string that is not blank, or an integer */
    LC_ID_BAD,     /* anything else */
};

/** The form of the value of a key that names files. */
enum lc_paths_kind {
    LC_PATHS_NONE, /* the key is missing; in modern dialects also null or an empty list */
    LC_PATHS_GOOD, /* a string, or a list of strings, none of them blank; in modern
                    * dialects, also objects */
    LC_PATHS_BAD,  /* anything else: see fault */
};

/** Capacity for keys that seem to name images but are ignored. */
#define LC_IGNORED_KEYS 24

/** Keys that are not columns of LLaVA's rows, but have a meaning in another program. */
enum lc_program_key {
    LC_KEY_SYSTEM,     /* system, system_prompt */
    LC_KEY_TOOLS,      /* tools */
    LC_KEY_MEDIA,      /* videos, video, audios, audio, in any case */
    LC_KEY_PROMPT,     /* prompt, chosen, rejected, completion */
    LC_KEY_OBJECTS,    /* objects without a bbox */
    LC_KEY_PREFERENCE, /* rejected_response, positive_messages, negative_messages */
    LC_KEY_LOSS,       /* loss: false or loss_scale, in a turn */
    LC_KEY_ASKED_LOSS, /* loss: true, or 1, in a turn that is no answer */
    LC_KEY_COUNT,
};

/** The files of one medium that a row names, with its URLs and embedded data. */
struct lc_row_media {
    enum lc_paths_kind kind;
    const char *fault;      /* BAD: a static description of the value */
    enum lc_json_type type; /* BAD: type of the value, or of its faulty element */
    bool in_list;           /* BAD: the fault is in an element of a list */
    bool is_empty;          /* BAD: the faulty string is empty; the faulty object has
                             * neither a path nor bytes; the faulty number is NaN */
    bool is_blank;          /* BAD: the faulty object has a url, which is blank */
    bool is_list;           /* the value is a list */
    bool is_object;         /* the value is an object */
    struct lc_span *items;  /* the paths, in order */
    size_t count;           /* number of paths; 0 unless GOOD */
    size_t remote;          /* number of URLs; only in modern dialects */
    size_t embedded;        /* number of base64 media in the row itself; likewise */
    size_t rejected;    /* how many, at the end of all these, are the rejected answer's */
    struct lc_span url; /* the first URL */
    struct lc_span file_url; /* the first path written as file://…, in that form */
    uint32_t at;             /* offset of the value */
    uint64_t elsewhere;      /* private: a hash of the URLs and of the base64 media */
    size_t capacity;         /* private */
};

/** A picture, video or sound in base64, within the row. */
struct lc_embedded {
    enum lc_medium medium;
    struct lc_span base64; /* without the "data:…," in front */
    uint32_t at;           /* offset of the string */
};

enum lc_turns_kind {
    LC_TURNS_MISSING,  /* the row has no column of turns */
    LC_TURNS_NOT_LIST, /* not a list; or, with question and answer columns, no string */
    LC_TURNS_LIST,
};

/** The bytes between the texts of two turns, from the closing to the opening quote, as
 * the quick reader parsed them last. They are the same between nearly all turns of a
 * file. */
struct lc_turn_separator {
    char text[192];
    uint16_t size; /* 0: none was parsed yet */
    uint16_t turn; /* offset of the turn's brace */
};

/** A key that the quick reader looks for. */
struct lc_quick_key {
    struct lc_span name;
    unsigned char parser; /* number of the function in quick.c that parses its value */
    bool is_prompt;       /* it names turns whose answer is elsewhere in the row */
    unsigned trait;       /* enum lc_row_trait that its name shows, or 0 */
};

#define LC_QUICK_KEYS 20

/** The conversation that preference data rejects. */
struct lc_row_rejected {
    bool is_conversation; /* it has a question of its own */
    bool is_separate;     /* it has its own media: those of the row are not shown in it */
    size_t placeholders[LC_MEDIUM_COUNT]; /* in all of its turns */
};

/** The form of an answer in a column of preference data. */
enum lc_answer_form {
    LC_ANSWER_NONE,  /* the column is missing, or null */
    LC_ANSWER_TEXT,  /* a string */
    LC_ANSWER_TURN,  /* an object */
    LC_ANSWER_TURNS, /* a list of at least one value */
    LC_ANSWER_OTHER, /* anything else, and an empty list */
};

/** An answer in a column of preference data. */
struct lc_row_answer {
    enum lc_answer_form form;
    uint32_t at;          /* offset of the value */
    enum lc_role role;    /* TURN: its role; TURNS: that of the last one */
    bool has_text;        /* TEXT: yes; TURN, TURNS: the last turn has a text, or parts */
    struct lc_span value; /* the text, if it is a string */
};

/** Why the dialect of its file does not fit a row. */
enum lc_stray_kind {
    LC_STRAY_NOT,    /* it fits, or no other dialect does */
    LC_STRAY_COLUMN, /* the row has none of the dialect's columns of turns */
    LC_STRAY_KEYS,   /* all of its turns have the keys of another dialect */
    LC_STRAY_IMAGES, /* it names images in a column, not in parts */
};

/** A row in another dialect than its file. */
struct lc_stray {
    enum lc_stray_kind kind;
    const struct lc_dialect *of_file;
    bool is_llava;             /* its turns are conversations of from and value */
    struct lc_span unread_key; /* IMAGES: the key of that column */
    uint32_t unread_at;        /* offset of its value */
};

/** The answers that preference data compares. */
struct lc_row_pair {
    bool has_content; /* one of them is neither missing nor empty */
    bool has_null;    /* rejected_response is there, and null */
    bool is_same;     /* both columns have the same value */
    struct lc_row_answer chosen, rejected;
};

/** The facts about a row: measured here, judged by rules. Offsets (at) are bytes from the
 * row's start. */
struct lc_row {
    bool object; /* false: the element is not an object; only duplicate_key is set */
    enum lc_id_kind id_kind;
    struct lc_span id; /* GOOD: the string, or the integer's decimal digits */
    bool id_is_null;   /* BAD: it is null */
    uint32_t id_at;
    const struct lc_dialect *dialect; /* the dialect with which it was read */
    struct lc_stray stray; /* set by lc_row_read_alone only: it is not the dialect of the
                            * row's file */
    struct lc_row_media media[LC_MEDIUM_COUNT];
    bool only_files; /* the usual case: no videos or audio, and all images are files */
    bool bare_parts; /* a part of a turn is a string, not an object */
    struct lc_embedded *embedded; /* base64 data of all media, in order */
    size_t embedded_count;
    struct lc_span source;        /* data_source, when it is a string */
    struct lc_span ignored_key;   /* a key that seems to name images and has content, but
                                   * is not read by loaders; text NULL: none */
    struct lc_span rival_key;     /* a key like that, in a row whose parts name images,
                                   * other ones than the key; text NULL: none */
    struct lc_span duplicate_key; /* the first key that occurs twice in an object of the
                                   * row; text NULL: none */
    unsigned long_numbers;        /* enum lc_long_number of values other than turns and
                                   * images */
    unsigned noted_traits;        /* enum lc_row_trait that only the reader sees, ORed;
                                   * lc_row_traits adds those that other facts imply */
    unsigned program_key_set;     /* a bit for each of enum lc_program_key that is read */
    struct lc_span program_keys[LC_KEY_COUNT]; /* as written, if their bit is set */
    uint32_t program_key_ats[LC_KEY_COUNT];    /* likewise, offsets of their values */
    uint32_t ignored_key_at;                   /* offset of its value */
    uint32_t rival_key_at;                     /* likewise */
    uint32_t duplicate_key_at;                 /* offset of its second occurrence */
    enum lc_json_type element; /* type of the row itself; set when it was parsed */
    enum lc_turns_kind turns_kind;
    enum lc_json_type turns_type; /* NOT_LIST: type of the value */
    struct lc_turn *turns;
    size_t turn_count;
    uint32_t turns_at;
    size_t malformed;     /* number of turns with a fault */
    size_t foreign;       /* how many of these have the keys of another dialect */
    size_t contradicting; /* turns with the keys of two dialects, and different content */
    size_t others;        /* turns with roles that the dialect does not have */
    bool no_prompt;       /* the question is only in its second column */
    bool null_prompt;     /* its first column is there, and null */
    bool null_query;      /* its first column is empty or null, and its second one is
                           * neither missing nor a string */
    size_t systems;       /* system turns */
    size_t calls;         /* turns whose text is a tool call: only their call is set */
    size_t blank;         /* well-formed turns without any words */
    size_t repeated; /* turns with a value on the same side as the previous turn: both
                      * questions or results, both answers or calls, or both of other
                      * roles */
    size_t human_placeholders[LC_MEDIUM_COUNT]; /* number in questions */
    size_t answer_placeholders;                 /* image placeholders in answers */
    size_t placeholders[LC_MEDIUM_COUNT];       /* number in all turns */
    bool is_turns;       /* the row is not an object, but the list of turns itself */
    bool has_preference; /* answers are in columns: chosen, rejected, completion; or the
                          * dialect is for preference data only */
    bool has_rejected;   /* rejected is set, or media has media of a rejected answer */
    struct lc_row_rejected rejected;
    struct lc_row_pair pair;
    enum lc_tools_form tools;
    uint32_t tools_at;     /* offset of the value; if there is one */
    bool has_named_tools;  /* likewise: a registry names the column */
    bool has_system;       /* likewise: there is a column system */
    uint64_t words;        /* number in all turns */
    uint64_t characters;   /* code points in all turns */
    enum lc_script script; /* script of most letters, not counting placeholders */
    unsigned marks;        /* enum lc_turn_mark of all well-formed turns, ORed */
    size_t echo; /* number of the first answer that repeats its question or an earlier
                  * answer, if all turns are well-formed; turn_count if there is none */
    struct lc_hash *path_hashes; /* hash of each image path */
    struct lc_hash content;      /* of media, conversation and other columns */
    uint64_t identity; /* hash of the dialect's other columns: tools, chosen … */
    uint64_t question; /* hash of media, other columns, first question; 0: none */
    uint64_t answer;   /* hash of the answer to that question */
    uint64_t rest; /* hash of all members that are neither the id nor part of content, and
                    * of members with the wrong type; independent of their order */
    uint64_t shape; /* hash of the keys and the types of their values, in order; set only
                     * by the quick reader */
    /* private: memory that is reused for the next row */
    size_t turns_capacity;
    size_t hashes_capacity;
    unsigned ignored_key_set; /* a bit for each ignored key with content */
    uint32_t ignored_key_ats[LC_IGNORED_KEYS];
    uint32_t ignored_key_values[LC_IGNORED_KEYS]; /* indexes of the values */
    const struct lc_dialect *listed; /* dialect of the keys; NULL: none yet */
    unsigned revision;               /* revision of that dialect */
    struct lc_quick_key keys[LC_QUICK_KEYS];
    size_t key_count;
    struct lc_turn_separator separators[2]; /* before questions, before answers */
    char digits[24];
    struct lc_json_parser *inner; /* of the texts of tool calls; NULL: none were read */
    struct lc_buffer scratch;     /* hash tables of one step at a time */
    struct lc_buffer decoded; /* decoded strings, and texts joined from parts; valid as
                               * long as the facts */
    uint32_t tools_index;     /* of a key tools that is not a column; 0: there is none */
    size_t embedded_capacity;
    size_t part_files[LC_MEDIUM_COUNT]; /* number of parts of turns that name a file by
                                         * the key of their type, although a column names
                                         * the medium */
    size_t sized, unsized; /* number of image parts with a size, or without one */
    bool has_no_size;      /* an image says that its size is 0 */
    bool has_objects;      /* a column of images contains an object: {"path": …} */
    bool has_paths_alone;  /* one of these has no key bytes, or bytes other than null */
    bool loose;            /* turns or parts have members that a strict reader refuses */
    bool in_column[LC_MEDIUM_COUNT]; /* a column names it; set while turns are read */
};

/** Whether the row has turns, all of them well-formed. */
static inline bool lc_row_is_whole(const struct lc_row *row)
{
    return row->turn_count && !row->malformed;
}

/** Whether an image placeholder is in a turn in the position of an answer: the second,
 * the fourth … */
static inline bool lc_row_has_answer_tags(const struct lc_row *row)
{
    for (size_t i = 1; i < row->turn_count; i += 2)
        if (row->turns[i].placeholders[LC_MEDIUM_IMAGE])
            return true;
    return false;
}

/** Whether the row has no key that names a medium, not even with a wrong value. */
static inline bool lc_row_is_text_only(const struct lc_row *row)
{
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        if (row->media[medium].kind != LC_PATHS_NONE)
            return false;
    return true;
}

/** Whether a key that names a medium has a wrong value. */
static inline bool lc_row_has_bad_media(const struct lc_row *row)
{
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        if (row->media[medium].kind == LC_PATHS_BAD)
            return true;
    return false;
}

/** The number of files, URLs and embedded data of a medium that belong to the row's
 * turns. */
static inline size_t lc_row_media_count(const struct lc_row *row, enum lc_medium medium)
{
    const struct lc_row_media *media = &row->media[medium];

    return media->count + media->remote + media->embedded - media->rejected;
}

/**
 * Read a row's facts from its parsed JSON.
 *
 * @param row      zeroed before its first use, then reused for row after row
 * @param dialect  the dialect to read it with; must live as long as the facts
 * @param doc      the row's value; the last of duplicate keys counts, as in Python
 *
 * Owner:   row points into doc and the row's text: valid until the parser parses again.
 *          Its own memory is freed by lc_row_clear.
 * Errors:  LC_ERR_MEMORY.
 * Threads: one row per thread.
 * Source:  LLaVA docs/Finetune_Custom_Data.md; LLaVA-NeXT llava/train/train.py,
 *          LazySupervisedDataset.
 */
LC_MUST_CHECK enum lc_status lc_row_read(struct lc_row *row,
                                         const struct lc_dialect *dialect,
                                         const struct lc_json_doc *doc,
                                         struct lc_error *err);

/**
 * Read a row's facts straight from its text if it has the usual form: an object of
 * strings and whole numbers, whose images are a string or a list of strings, and whose
 * turns are objects with a role and a text, both strings, in this order. Accepted rows
 * are checked as strictly as the parser would.
 *
 * @param text  followed by LC_JSON_PADDING readable bytes
 * @param read  set to whether the row was accepted; if not, parse it and use lc_row_read
 *
 * Owner:   row points into text and into its own memory: valid until it reads again.
 * Errors, threads: those of lc_row_read.
 */
LC_MUST_CHECK enum lc_status lc_row_read_quick(struct lc_row *row,
                                               const struct lc_dialect *dialect,
                                               const char *text, size_t size, bool *read,
                                               struct lc_error *err);

/**
 * Replace the images that a row names itself by the images of its sample. The row may
 * then have too few or too many placeholders.
 *
 * @param paths     each ended by NUL; they must live as long as the facts
 * @param identity  represents the images in the row's hashes: rows with equal texts and
 *                  different images differ
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_row_set_images(struct lc_row *row, struct lc_span paths,
                                               size_t count, struct lc_span identity,
                                               struct lc_error *err);

/** Return what programs treat differently in a row: bits of enum lc_row_trait. */
unsigned lc_row_traits(const struct lc_row *row);

/** Free a row's memory; NULL-safe. */
void lc_row_clear(struct lc_row *row);

#endif

/* rules.h - the rules: facts in, findings out */
#ifndef LC_RULES_RULES_H
#define LC_RULES_RULES_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "dataset/columns.h"
#include "dataset/row.h"
#include "dataset/shard.h"
#include "image/image.h"
#include "json/json.h"
#include "llava_check/fix.h"
#include "llava_check/rules.h"
#include "store/folder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Every rule's index in lc_rules, in the order of rules.def. */
enum lc_rule_index {
#define LC_RULE(code, ...) LC_RULE_##code,
#define LC_CASE(...)
#include "rules/rules.def"
#undef LC_RULE
#undef LC_CASE
    LC_RULE_COUNT
};

/** Every case's index in lc_cases. Each rule has LC_CASE_<code>_ANY, for findings without
 * a specific case, followed by its cases from rules.def. */
enum lc_case_index {
#define LC_RULE(code, ...) LC_CASE_##code##_ANY,
#define LC_CASE(code, identifier, ...) LC_CASE_##code##_##identifier,
#include "rules/rules.def"
#undef LC_RULE
#undef LC_CASE
    LC_CASE_COUNT
};

/** Every fix's index in lc_fixes, in the order of fixes.def. */
enum lc_fix_index {
#define LC_FIX(identifier, ...) LC_FIX_##identifier,
#define LC_FIXES(...)
#define LC_FIXES_ALL(...)
#include "rules/fixes.def"
#undef LC_FIX
#undef LC_FIXES
#undef LC_FIXES_ALL
    LC_FIX_COUNT
};

/** What findings of a rule or case have in common, for code outside the rules; bits. See
 * traits.def. */
enum lc_trait {
    LC_TRAIT_REJECTS_FILE = 1 << 0, /* as an error: Python's json rejects the rows file */
    LC_TRAIT_FILE_GONE = 1 << 1,    /* the rows file is no longer there */
    LC_TRAIT_SYNTAX = 1 << 2,       /* about JSON between or around rows, or of a row that
                                     * is not JSON */
    LC_TRAIT_ALL_ROWS = 1 << 3,     /* affects all rows of its file */
    LC_TRAIT_REPEATED_ID = 1 << 4,  /* about ids that several rows have */
    LC_TRAIT_ROW_MEDIA = 1 << 5,    /* about a row's columns of media, or how many
                                     * placeholders they need */
    LC_TRAIT_NO_FILE = 1 << 6,      /* an image file is missing or unreadable */
    LC_TRAIT_FORM = 1 << 7,         /* about the form of a sound image: orientation, mode,
                                     * number of frames, or a size that Pillow refuses */
};

/** What a fix changes: see fixes.def. */
enum lc_fix_kind {
    LC_FIX_OF_FRAME,
    LC_FIX_OF_TEXT,
    LC_FIX_OF_ROW,
    LC_FIX_OF_COLUMN,
    LC_FIX_OF_PATH,
    LC_FIX_OF_DROP,
};

/** What a rule looks at. */
enum lc_scope {
    LC_SCOPE_JSON,
    LC_SCOPE_ROW,
    LC_SCOPE_SAMPLE,
    LC_SCOPE_FILE,
    LC_SCOPE_IMAGE,
    LC_SCOPE_SET,
    LC_SCOPE_AGAIN,
    LC_SCOPE_DOWNLOAD,
};

/** The start of IMG501's message when a whole folder is missing, and the end of the part
 * that is the same for all images of that folder. */
#define LC_FOLDER_MISSING "no such file; the whole folder "
#define LC_FOLDER_MISSING_END "; there is '"

/** The facts about one image path. */
struct lc_image_facts {
    struct lc_span path; /* as in the row */
    const char *outside; /* why it leaves the root, static; NULL if it does not */
    bool is_member;      /* of a shard: no program sees the path, which we made */
    bool opened;         /* the file was looked for, even if outside is set */
    bool absent; /* there is no file, and other systems would take its name for a path */
    enum lc_read_result result; /* when opened */
    int os_errno;               /* cause of result, or 0 */
    const char *nearest;        /* missing: a hint at an existing file instead;
                                 * unreadable: the reason, if os_errno does not give it;
                                 * or NULL */
    struct lc_image_info info;  /* when result is LC_READ_OK */
};

/** Whether a row's videos or sounds exist; they are not opened. */
struct lc_video_facts {
    struct lc_span path; /* path of the first one with a fault */
    const char *fault;   /* its fault, static; NULL when all exist */
    bool is_elsewhere;   /* absolute, or above the root: it was not looked for */
};

/** What is odd about a column of a rows file. */
enum lc_column_oddity {
    LC_COLUMN_MIXED,        /* it has values of two types */
    LC_COLUMN_DEEP,         /* its values are nested too deeply */
    LC_COLUMN_IMAGES_TWICE, /* images are also in another column */
    LC_COLUMN_TURNS_TWICE,  /* turns are also in another column */
    LC_COLUMN_NUL,          /* its name contains a NUL character */
    LC_COLUMN_NULLS,        /* a list begins with null before it has a type */
    LC_COLUMN_IMAGE_TOO,    /* images are also in a column that the dialect reads as
                             * well */
    LC_COLUMN_TURNS_TOO,    /* turns are also in such a column */
};

/** A column of a rows file, and the value that makes it odd. */
struct lc_column_facts {
    enum lc_column_oddity oddity;
    struct lc_span name;
    enum lc_value_type type;  /* MIXED: type of this value */
    enum lc_value_type first; /* MIXED: type of the column's first value */
    struct lc_span other;     /* IMAGES, TURNS: the name of the other column */
    uint64_t row;             /* row of the first value, in its file, from 0 */
    uint64_t line;            /* line of the first value, from 1 */
    bool is_same_row;         /* both are in one row */
    bool is_empty;            /* TURNS: its value is null or an empty list */
    bool is_mild;             /* NULLS: a number or an object follows */
    bool is_of_row;           /* NUL: it is a key of the row itself */
};

/** Describe a type of which a column may have two: "a number"; static. */
const char *lc_value_type_name(enum lc_value_type type);

/** The case of JSN115 for a column with two types, by the column's name. */
enum lc_case_index lc_case_of_column(struct lc_span name);

/** An id that several rows of one file share. */
struct lc_duplicate_facts {
    struct lc_span id;
    uint64_t count;     /* number of rows, in all files */
    bool images_differ; /* rows of one file with images name different ones */
};

#define LC_SHARED_IDS_NAMES 3

/** Ids that occur in several files, but at most once in each. */
struct lc_shared_ids_facts {
    uint64_t count;         /* number of these ids */
    struct lc_span example; /* the first such id */
    size_t files;           /* number of files that use one of them: 2 or more */
    struct lc_span names[LC_SHARED_IDS_NAMES]; /* name of the first of these files */
};

/** An earlier row that a row repeats. */
struct lc_twin_facts {
    uint64_t row;        /* in its file, from 0 */
    uint64_t line;       /* from 1 */
    struct lc_span file; /* its name; empty if the data set has only one file */
};

/** Rows with the same images and first question, but different answers. */
struct lc_answers_facts {
    uint64_t rows;
    uint64_t answers;           /* number of different answers: 2 or more */
    struct lc_twin_facts other; /* the first row with a different answer */
};

/** Duplicate image paths: their files are equal, or the paths differ only in case. */
struct lc_alike_facts {
    bool by_case;             /* paths differ in case; otherwise contents are equal */
    uint64_t count;           /* number of paths */
    struct lc_span others[2]; /* the second and third; the third may be empty */
};

/** A folder of the image root with image files that no row names. */
struct lc_unused_facts {
    struct lc_span folder;  /* relative to the root; empty: the root itself */
    uint64_t count;         /* number of these files */
    bool whole;             /* rows name no image in the folder or below it */
    struct lc_span example; /* one of them */
};

/** A sample of a shard. */
struct lc_sample_facts {
    const struct lc_sample *sample;
    bool needs_image; /* its text is a caption, or a row with an image or placeholder */
    /* a field of Energon's dataset.yaml for which the sample has no member, and the
     * suffixes that such a member may have; NULL: none */
    const char *field, *options;
};

/** A shard as a whole. */
struct lc_shard_facts {
    struct lc_shard_end end;
    bool is_empty;     /* a file of 0 bytes */
    bool is_named_tar; /* named .tar, without a suffix for compression */
    uint64_t indexed;  /* samples in Energon's index; LC_NOT_INDEXED: not in it */
    uint64_t offsets;  /* 1 + the number of entries in its .tar.idx; 0: it has none */
    enum lc_shard_place place;       /* in Energon's index */
    const char *absent;              /* as in lc_rows_file */
    const char *unfollowed, *misfit; /* likewise */
};

/** The subject of a finding about an archive. */
enum lc_archive_about {
    LC_ARCHIVE_ABOUT_FAULT,    /* fault, count, members, detail */
    LC_ARCHIVE_ABOUT_UNSAFE,   /* count, detail */
    LC_ARCHIVE_ABOUT_REPEATED, /* count, differ, example, other, is_same */
    LC_ARCHIVE_ABOUT_MISSING,  /* count, example, images, rows */
    LC_ARCHIVE_ABOUT_UNUSED,   /* members */
};

/** An archive beside the rows. */
struct lc_archive_facts {
    enum lc_archive_about about;
    struct lc_span name;  /* MISSING: the name of the first missing archive */
    struct lc_span fault; /* as from lc_archive_fault_name */
    uint64_t count;       /* number of faults, members or missing archives */
    uint64_t members;     /* FAULT: members before the first fault; UNUSED: all members */
    struct lc_span detail;
    struct lc_span example; /* REPEATED: a path; MISSING: the name of another archive */
    uint64_t differ;        /* REPEATED: number of members with different bytes */
    struct lc_span other;   /* the archive whose member counts */
    bool is_same;           /* it is the same archive */
    uint64_t images;        /* MISSING: images that are neither in an archive nor files */
    uint64_t rows;          /* rows that name such an image */
};

/** A file as it was indexed, and as it was read again. */
struct lc_again_facts {
    bool rows;                  /* a rows file, not an image */
    enum lc_read_result result; /* result of reading it again, up to its indexed size */
    int os_errno;               /* cause of result, or 0 */
    struct lc_file_facts then;  /* as indexed */
    struct lc_file_facts now;
    struct lc_hash was;   /* the indexed hash */
    struct lc_hash is;    /* the hash now; if result is LC_READ_OK */
    int64_t last_seen_ns; /* start of the run that indexed it, since 1970 */
};

/** What is wrong with a file that has a record of its download. */
enum lc_download_fault {
    LC_DOWNLOAD_DIFFERS, /* its checksum differs */
    LC_DOWNLOAD_SIZE,    /* its size differs */
    LC_DOWNLOAD_MISSING,
    LC_DOWNLOAD_ABSENT, /* files of the commit were not downloaded */
    LC_DOWNLOAD_UNFINISHED,
    LC_DOWNLOAD_OUTDATED,   /* files were modified after they were recorded */
    LC_DOWNLOAD_UNRECORDED, /* files have no record */
    LC_DOWNLOAD_UNUSABLE,   /* a record cannot be used */
    LC_DOWNLOAD_UNREAD,     /* the recorded file could not be read, or is a link */
};

/** One or more files, compared with the records of a download. */
struct lc_download_facts {
    enum lc_download_fault fault;
    bool is_glance;         /* in a check: no bytes were compared */
    struct lc_span path;    /* path of the file, or of the first of count files */
    uint64_t count;         /* ABSENT, OUTDATED, UNRECORDED */
    const char *algorithm;  /* DIFFERS; static */
    uint8_t was[8], is[8];  /* DIFFERS: the first bytes of the checksums */
    uint64_t size;          /* SIZE */
    uint64_t recorded_size; /* likewise */
    int64_t modified_ns;    /* DIFFERS, OUTDATED */
    int64_t recorded_ns;    /* likewise; LC_CLOCK_EARLIEST if unknown */
    const char *detail;     /* UNFINISHED, UNUSABLE; static */
};

/** The facts that checks look at: those of their scope are set, the others are NULL. */
struct lc_facts {
    const struct lc_json_doc *doc;         /* JSON: a row that could be read, or NULL */
    const struct lc_json_problem *problem; /* JSON: the problem of a row or file that
                                            * could not be read, or NULL */
    const struct lc_dialect *dialect;      /* JSON: a fault of the file, or NULL */
    bool lines;                            /* JSON, ROW: the file is JSON lines */
    const struct lc_line_space
        *space; /* JSON: white space around a line of JSON lines, or NULL */
    const struct lc_row *row;
    /* ROW: by medium, if videos and sounds were looked for; the entry of images is not
     * set */
    const struct lc_video_facts *video;
    const struct lc_sample_facts *sample; /* SAMPLE */
    const struct lc_shard_facts *shard;   /* FILE: a shard */
    /* FILE: a column */
    const struct lc_column_facts *column;
    bool leading_space; /* FILE: there is white space before the array */
    const struct lc_image_facts *image;
    const struct lc_duplicate_facts *duplicate;   /* SET: an id */
    const struct lc_shared_ids_facts *shared_ids; /* SET: ids of several files */
    const struct lc_twin_facts *twin;             /* SET: a row */
    const struct lc_answers_facts *answers;       /* SET: a row */
    const struct lc_alike_facts *alike;           /* SET: an image */
    const struct lc_unused_facts *unused;         /* SET: a folder */
    const struct lc_archive_facts *archive;       /* SET: an archive */
    const struct lc_again_facts *again;           /* AGAIN */
    const struct lc_download_facts *download;     /* DOWNLOAD */
};

/** A finding as a check emits it; the caller adds its place. */
struct lc_finding {
    enum lc_rule_index rule;
    enum lc_case_index which; /* a case of the rule */
    enum lc_severity severity;
    uint32_t offset; /* offset in the row */
    int64_t turn;    /* number of the turn, from 0; -1: it is not about a single turn */
    size_t message;  /* offset of its NUL-terminated text in findings.text */
};

/** Findings in the order of their rules. All zero is an empty list. */
struct lc_findings {
    struct lc_finding *items;
    size_t count;
    size_t capacity;
    struct lc_buffer text;
    bool failed; /* an allocation failed: the list is incomplete */
};

struct lc_rule;
typedef void lc_check_fn(const struct lc_rule *rule, const struct lc_facts *facts,
                         struct lc_findings *out);

/** A rule: its public information, and what it looks at. */
struct lc_rule {
    struct lc_rule_info info;
    enum lc_scope scope;
};

extern const struct lc_rule lc_rules[LC_RULE_COUNT];

/** A case of a rule. */
struct lc_case {
    enum lc_rule_index rule;
    enum lc_case_index
        whole; /* the case that it is a part of; LC_CASE_<code>_ANY: itself */
    struct lc_case_info info; /* name "" and summary "" of LC_CASE_<code>_ANY */
};

extern const struct lc_case lc_cases[LC_CASE_COUNT];

/** A fix: its public information, and what it changes. */
struct lc_fix {
    struct lc_fix_info info;
    enum lc_fix_kind kind;
};

extern const struct lc_fix lc_fixes[LC_FIX_COUNT];

/** The fix at an index of the list of fixes for a case's findings; LC_FIX_COUNT past the
 * end. */
enum lc_fix_index lc_case_fix(enum lc_case_index which, size_t index);

/** The fix that may be made for a finding; LC_FIX_COUNT if there is none. As
 * lc_fix_of_finding. */
enum lc_fix_index lc_finding_fix(struct lc_span code, struct lc_span rule_case,
                                 struct lc_span message);

/** Whether there is a fix for some case of a rule. */
bool lc_rule_has_fix(enum lc_rule_index rule, enum lc_fix_index fix);

/** Append the names of a rule's fixes, such as "llava-check fix: a, b; with --unsafe c";
 * nothing if it has none. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status
lc_rule_name_fixes(enum lc_rule_index rule, struct lc_buffer *out, struct lc_error *err);

/** The rule with a code; LC_RULE_COUNT if there is none. */
enum lc_rule_index lc_rule_index_of(struct lc_span code);

/** The case of a finding: the case with a name, of the rule with a code. A name unknown
 * to the rule stands for ANY; LC_CASE_COUNT if there is no such rule. */
enum lc_case_index lc_case_index_of(struct lc_span code, struct lc_span name);

/** Whether the findings of a case have one of some traits (enum lc_trait, ORed). */
bool lc_case_has(enum lc_case_index which, unsigned traits);

/** Whether a trainer reads a file line by line whatever its name. */
bool lc_trainer_reads_lines(size_t trainer);

/** Whether a trainer replaces a row that fails by one drawn from all rows, which may be
 * that row itself. Such a trainer shows a row before the first step: if it can read none,
 * the job does not start. */
bool lc_trainer_draws(size_t trainer);

/** Whether a trainer replaces rows that fail by a row of its own, so that there always is
 * a replacement. */
bool lc_trainer_stands_in(size_t trainer);

/** Whether a trainer replaces a row that fails by the next row. */
bool lc_trainer_takes_next(size_t trainer);

/** The facts from which the number of a row's tokens is estimated. */
struct lc_length_facts {
    uint64_t characters; /* in all turns */
    uint64_t words;
    enum lc_script script; /* script of most letters */
    uint32_t turns, images;
};

/** The range that contains the row's number of tokens in 99 of 100 cases. */
struct lc_tokens {
    uint64_t least, most;
};

/** Estimate a row's tokens for a trainer that has an entry in lengths.def. */
struct lc_tokens lc_estimate_tokens(size_t trainer, const struct lc_length_facts *row);

/** What a trainer does with a finding of a case. */
struct lc_rule_effect lc_case_effect_on(enum lc_case_index which, size_t trainer);

#define LC_RULE(code, ...) lc_check_fn lc_check_##code;
#define LC_CASE(...)
#include "rules/rules.def"
#undef LC_RULE
#undef LC_CASE

/**
 * Run all checks of a scope, in the order of the rules.
 *
 * @param out  findings are appended
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: any; checks are pure.
 */
LC_MUST_CHECK enum lc_status lc_rules_check(enum lc_scope scope,
                                            const struct lc_facts *facts,
                                            struct lc_findings *out,
                                            struct lc_error *err);

/**
 * Add a finding; called by checks.
 *
 * @param format  one line without a full stop; does not repeat the rule's summary; text
 *                from files only through lc_text_quote
 * @return the finding, to add details, valid until the next one is added; NULL if an
 *         allocation failed, which lc_rules_check then reports
 */
__attribute__((format(printf, 3, 4))) struct lc_finding *
lc_emit(struct lc_findings *out, const struct lc_rule *rule, const char *format, ...);

/** Set the case of a finding; finding may be NULL. Returns it. */
struct lc_finding *lc_finding_case(struct lc_finding *finding, enum lc_case_index which);

/** Set the position of a finding in its row; finding may be NULL. */
void lc_finding_at(struct lc_finding *finding, uint32_t offset);

/** Set the turn of a finding, and its position to the turn's position; finding may be
 * NULL. */
void lc_finding_turn(struct lc_finding *finding, const struct lc_row *row, size_t turn);

/** Rows of a dialect that a trainer treats differently from others. */
enum lc_affected {
    LC_AFFECTED_MEDIA,      /* rows that name media */
    LC_AFFECTED_ROWS,       /* all rows */
    LC_AFFECTED_FIRST,      /* all rows of a file, if its first row is of the dialect */
    LC_AFFECTED_FIRST_BARE, /* the same, if its first row has no turns either */
    LC_AFFECTED_ODD,        /* rows with an odd number of turns */
    LC_AFFECTED_TAGS,       /* rows with a placeholder in a text, not in parts */
    LC_AFFECTED_NAMES, /* rows with a role other than user, assistant, system and tool */
    LC_AFFECTED_TOOLS, /* rows with a tool turn */
    LC_AFFECTED_LATE_SYSTEM,  /* rows with a system turn after the first turn */
    LC_AFFECTED_FIRST_SYSTEM, /* rows of from and value that begin with a system turn */
    LC_AFFECTED_ANSWER_TAGS,  /* with images, and a placeholder in an answer's place */
    LC_AFFECTED_PARTS,        /* rows with a content that is a list of parts */
    LC_AFFECTED_SIZED,        /* rows whose image parts all have their sizes */
    LC_AFFECTED_UNSIZED,      /* rows whose image parts all lack their sizes */
    LC_AFFECTED_PARTLY_SIZED,
    LC_AFFECTED_OBJECTS, /* rows with an object in a column of images: {"path": …} */
    LC_AFFECTED_PATH_OBJECTS, /* rows with such an object that is not {"bytes": null,
                               * "path": …} */
    LC_AFFECTED_LOOSE,        /* rows with members that a strict reader of messages
                               * refuses */
    LC_AFFECTED_ELSEWHERE,    /* rows with turns in another column than messages */
    LC_AFFECTED_RARE_NAMES,   /* rows with a role developer, function or pretrain */
    LC_AFFECTED_SYSTEM_PARTS, /* rows with a system turn whose content is a list */
    LC_AFFECTED_PART_TAGS,    /* rows with a placeholder in a text beside media parts */
    LC_AFFECTED_UNTAGGED,     /* rows of from and value with a role other than human, gpt,
                               * system, observation and function_call */
    LC_AFFECTED_CALLS,        /* rows with tool calls beside the content of a turn */
    LC_AFFECTED_UNPAIRED,     /* rows without rejected_response, if another row of the
                               * file has it */
    LC_AFFECTED_INNER_SYSTEM, /* rows with a system turn within a round: not after an
                               * answer and before a question */
    LC_AFFECTED_COUNT
};

/** An entry about rows of a dialect. */
struct lc_dialect_effect {
    enum lc_affected affected;
    struct lc_rule_effect effect;
};

/**
 * Get a trainer's effects on rows of a dialect, in addition to the effects of their
 * findings.
 *
 * @param at  where to begin, 0 at first; set to where to continue
 *
 * @return whether there is another entry
 */
bool lc_next_dialect_effect(struct lc_span dialect, size_t trainer, size_t *at,
                            struct lc_dialect_effect *out);

/** Whether a trainer treats images of some formats differently. */
bool lc_trainer_tells_formats(size_t trainer);

/** A trainer's effect on images of a format, in addition to the effects of their
 * findings. */
struct lc_rule_effect lc_format_effect_on(struct lc_span format, size_t trainer);

/** The trainer to predict for, if the user names none. */
const char *lc_dialect_trainer(struct lc_span dialect);

/** Remove all findings, keep the memory. */
void lc_findings_reset(struct lc_findings *findings);
void lc_findings_clear(struct lc_findings *findings);

#endif

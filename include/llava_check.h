/* llava_check.h - check visual-instruction data sets in LLaVA's raw format
 *
 * A run checks a data set and leaves its results in an index; reports are written from
 * the index, at once or later:
 *
 *     const char *path = "raw";
 *     struct lc_check_options options = {.paths = &path, .path_count = 1};
 *     struct lc_error error = {0};
 *     struct lc_index *index = NULL;
 *
 *     if (lc_check(&options, &index, &error) == LC_OK) {
 *         struct lc_report_options report = {.format = "json"};
 *
 *         lc_report_write(index, &report, stdout, &error);
 *     }
 *     lc_index_close(index);
 *
 * What is wrong with the data is a finding, in the report. What keeps the library from
 * looking is an error. Strings are UTF-8 unless they are file names, which are bytes.
 */
#ifndef LLAVA_CHECK_H
#define LLAVA_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LC_API __attribute__((visibility("default")))

/* ---- errors ---- */

enum lc_status {
    LC_OK = 0,
    LC_ERR_USAGE, /* the caller asked for something that is not there or makes no sense */
    LC_ERR_IO,    /* a system call failed: see os_errno */
    LC_ERR_MEMORY,  /* out of memory */
    LC_ERR_INDEX,   /* the index is damaged, from another version, or in use */
    LC_ERR_STOPPED, /* the caller asked to stop */
};

/** Which of the paths that the caller gave an error is about. */
enum lc_subject {
    LC_SUBJECT_PATH,     /* the data set, or what was opened */
    LC_SUBJECT_IMAGES,   /* the image root */
    LC_SUBJECT_VIDEOS,   /* the video root */
    LC_SUBJECT_INDEX,    /* the index folder */
    LC_SUBJECT_BASELINE, /* the baseline's file */
};

/** Why a call failed. Zero it before the call; the first error stays. */
struct lc_error {
    enum lc_status status;
    enum lc_subject subject;
    size_t path;       /* which of several paths, from 0 */
    int os_errno;      /* 0 when no system call failed */
    char message[256]; /* one line, lower case, no full stop */
};

/** The library's version, such as "0.1.0"; static. */
LC_API const char *lc_version(void);

/* ---- names ---- */

/** A list of names: the one at an index; NULL behind the last. */
typedef const char *lc_name_at(const void *names, size_t index);

/**
 * The name that a word of size bytes may be a slip of: the one with the fewest letters
 * wrong, missing, too many or swapped, one in a short word and two in a longer, or else
 * the only one that begins with it. NULL when none is near.
 *
 * Owner: the list. Threads: any.
 */
LC_API const char *lc_nearest_name(const char *word, size_t size, lc_name_at *at,
                                   const void *names);

/* ---- texts ---- */

/**
 * Print text that may come from anywhere, as a line or a part of one. Bytes that are not
 * UTF-8, what a terminal obeys or hides, and what CI systems take for the start of a
 * command in a log become \xNN and \u{NNNN}.
 *
 * Threads: any. Errors are left to ferror.
 */
LC_API void lc_print_text(const char *text, FILE *to);

/** Print it as a JSON string, quotes and all: with escapes of JSON, but of bytes that are
 * not UTF-8, which are written as a backslash and xNN. */
LC_API void lc_print_json(const char *text, FILE *to);

/* ---- rules ---- */

enum lc_severity {
    LC_SEVERITY_INFO,
    LC_SEVERITY_WARNING,
    LC_SEVERITY_ERROR,
};

/** "info", "warning" or "error"; static. */
LC_API const char *lc_severity_name(enum lc_severity severity);

/** What a rule is; all texts static. */
struct lc_rule_info {
    const char *code; /* "CNV303" */
    const char *name; /* "turns-not-alternating" */
    enum lc_severity severity;
    const char *summary; /* what it finds: one line, no full stop */
    const char *why;     /* why it hurts: sentences */
    const char *mend;    /* how to mend it: sentences */
    const char *source;  /* where the fact comes from */
};

/** The rule at an index, in the order of the catalogue; NULL behind the last. */
LC_API const struct lc_rule_info *lc_rule_at(size_t index);

/** The rule of a code or name, in any case; NULL when there is none. */
LC_API const struct lc_rule_info *lc_rule_find(const char *code_or_name);

/* ---- trainers ---- */

/** What a training program does with a row; the worst is the largest. */
enum lc_effect {
    LC_EFFECT_FINE,     /* it is trained as written */
    LC_EFFECT_UNKNOWN,  /* not derived from the program's source */
    LC_EFFECT_ALTERED,  /* it is trained, but not as written */
    LC_EFFECT_REPLACED, /* another row is silently trained in its place */
    LC_EFFECT_CRASH,    /* the job stops */
};

/** "fine", "unknown", "altered", "replaced" or "crash"; static. */
LC_API const char *lc_effect_name(enum lc_effect effect);

/** A training program; all texts static. */
struct lc_trainer_info {
    const char *name;   /* "llava-next" */
    const char *title;  /* which program, with what */
    const char *source; /* repository and commit that was read */
    const char *reads;  /* which rows files it loads; NULL: .json and .jsonl */
};

/** The one whose loader decides what is an error. */
#define LC_DEFAULT_TRAINER "llava-next"

/** The trainer at an index; NULL behind the last. */
LC_API const struct lc_trainer_info *lc_trainer_at(size_t index);

/**
 * Whether a trainer loads a rows file of a form.
 *
 * @param trainer  its index
 * @param lines    a .jsonl, not a .json
 * @param mixed    named by a mixture (.yaml)
 */
LC_API bool lc_trainer_loads(size_t trainer, bool lines, bool mixed);

/** What a trainer does with a row that a rule finds; texts static, NULL when unknown. */
struct lc_rule_effect {
    enum lc_effect effect;
    const char *what;   /* what happens, one line */
    const char *source; /* file and function of the program */
};

/**
 * What a trainer does with a finding.
 *
 * @param code      the rule's
 * @param severity  the finding's: some effects depend on it
 * @param trainer   index of the trainer
 */
LC_API struct lc_rule_effect lc_rule_effect_on(const char *code,
                                               enum lc_severity severity, size_t trainer);

/* ---- checking ---- */

/** What a run is at, in this order. A stage whose total is 0 tells only that it began. */
enum lc_stage {
    LC_STAGE_ROWS,   /* done and total are bytes of rows files */
    LC_STAGE_LINKS,  /* which rows name which image */
    LC_STAGE_IMAGES, /* done and total are images; bytes is what was read of them */
    LC_STAGE_SET,    /* what only the whole set tells: ids and rows that stand twice */
    LC_STAGE_INDEX,  /* it is written and put in place */
    LC_STAGE_COUNT
};

/** How far a run is. */
struct lc_progress {
    enum lc_stage stage;
    uint64_t done;
    uint64_t total;
    uint64_t bytes;
    uint64_t findings[3]; /* by enum lc_severity, so far */
};

/** How a run uses what the finished index of an earlier one knows of images. */
enum lc_index_mode {
    LC_INDEX_METADATA, /* a file with the same size, times and inode is not read again */
    LC_INDEX_CONTENT,  /* every file is read; one with the same bytes is not decoded */
    LC_INDEX_IGNORE,   /* everything is read and decoded */
};

/** What to check, and how. Zero is a good value for every field but the paths. */
struct lc_check_options {
    /* what to check, together as one data set: folders; rows files (.json, .jsonl);
     * LLaVA-NeXT mixtures (.yaml) and patterns (base{a,b}.json) */
    const char *const *paths;
    size_t path_count;  /* at least 1 */
    const char *images; /* the image root; NULL: found where the rows' images are */
    const char *videos; /* the video root; NULL: found where the rows' videos are */
    const char *index;  /* the index folder, named by the user: its results are reused as
                           they  are, unless LLAVA_CHECK_KEY is set. NULL: .llava-check in
                           the data  folder, or a folder in the user's cache; results that
                           were not  signed with the user's key are not reused */
    bool no_index;  /* keep the results in a file without a name until they are closed */
    bool no_images; /* rows only: no image or video file is looked for */
    enum lc_index_mode index_mode;
    bool allow_outside; /* open image paths that are absolute or hold ".." */
    unsigned threads;   /* workers; 0: as many as processors are available */
    void *user;         /* handed to the functions below */
    /* called now and then, in the caller's thread; NULL: not called */
    void (*on_progress)(void *user, const struct lc_progress *progress);
    /* called with one line about what was chosen or passed over; NULL: not called */
    void (*on_notice)(void *user, const char *line);
    /* called once for each thing that was chosen: "rows file", "image root", "index",
     * "workers", and its name or number; NULL: not called */
    void (*on_choice)(void *user, const char *what, const char *choice);
    /* called often, in the caller's thread; true ends the run with LC_ERR_STOPPED. What
     * it read until then is kept for the next run; NULL: not called */
    bool (*is_stopped)(void *user);
};

struct lc_index; /* the results of a run */

/** What is to be verified, and how. Zero is a good value for every field but the paths.
 */
struct lc_verify_options {
    const char *const *paths; /* what was checked: the same paths as then */
    size_t path_count;        /* at least 1 */
    const char *images;       /* the image root; NULL: where it was */
    const char *index;        /* the index folder; NULL: where lc_check puts it */
    bool allow_outside;       /* open image paths that are absolute or hold ".." */
    unsigned threads;         /* workers; 0: as many as processors are available */
    void *user;               /* handed to the functions below */
    /* called now and then, in the caller's thread; NULL: not called */
    void (*on_progress)(void *user, const struct lc_progress *progress);
    /* as for lc_check */
    void (*on_choice)(void *user, const char *what, const char *choice);
    /* called often, in the caller's thread; true ends it with LC_ERR_STOPPED; NULL: not
     * called */
    bool (*is_stopped)(void *user);
};

/**
 * Read all files of a checked data set again, and compare their bytes with the index.
 *
 * @param out  set on success, to what was found; its findings are of the rules IDX701 to
 *             IDX704 and IMG502, its summary counts what was read again
 * @param err  filled on failure; may be NULL
 *
 * The index is not changed.
 *
 * Owner:   the caller, lc_index_close.
 * Errors:  LC_ERR_USAGE (no index), LC_ERR_INDEX (it is damaged, or of another version),
 *          LC_ERR_IO (the image root is gone; no room for temporary files),
 *          LC_ERR_MEMORY.
 * Threads: any. Blocks until all is done.
 */
LC_API enum lc_status lc_verify(const struct lc_verify_options *options,
                                struct lc_index **out, struct lc_error *err);

/**
 * Check a data set.
 *
 * @param options  read only during the call
 * @param out      set on success, to the finished run's results
 * @param err      filled on failure; may be NULL
 *
 * Owner:   the caller, lc_index_close.
 * Errors:  LC_ERR_USAGE (no such path, no rows found), LC_ERR_STOPPED (is_stopped),
 *          LC_ERR_IO (a rows file or the index folder cannot be used, disk full),
 *          LC_ERR_INDEX (another run holds the index), LC_ERR_MEMORY.
 * Threads: any; runs on different indexes do not meet. Blocks until all is done.
 */
LC_API enum lc_status lc_check(const struct lc_check_options *options,
                               struct lc_index **out, struct lc_error *err);

/**
 * Whether a file is one that a data set consists of: a rows file or a mixture. A program
 * must not write into those, whatever its user asks for.
 *
 * @param paths, count  what is or was checked
 * @param file  links are followed: another name of such a file is one, too
 * @param out   set on success
 *
 * Errors:  LC_ERR_IO (a folder cannot be listed), LC_ERR_MEMORY. Of paths where no rows
 *          are found it is no file: that is no error.
 * Threads: any.
 */
LC_API enum lc_status lc_dataset_has_file(const char *const *paths, size_t count,
                                          const char *file, bool *out,
                                          struct lc_error *err);

/* ---- results ---- */

/** The run in numbers. */
struct lc_summary {
    uint64_t rows_files;
    uint64_t rows;
    uint64_t rows_ok;        /* no error in the row, nor in an image of it */
    uint64_t rows_text_only; /* rows with neither image nor video */
    uint64_t turns;
    uint64_t words;      /* in all turns, as Python's str.split counts */
    uint64_t characters; /* code points in all turns */
    uint64_t rows_drawn; /* that training draws: all, unless a mixture says otherwise */
    uint64_t images_referenced; /* different paths that rows name */
    uint64_t images;            /* of those, files that were read */
    uint64_t images_ok;         /* of those, images that load with nothing repaired */
    uint64_t images_unverified; /* of those, images of formats that are not decoded */
    uint64_t images_skipped;    /* paths that were not looked at, as the caller asked */
    uint64_t image_bytes;       /* bytes of the files that were read */
    uint64_t findings[3];       /* by enum lc_severity */
};

/**
 * Open the results of an earlier, finished run.
 *
 * @param paths  what was checked: the same paths as then; or one index folder or file
 * @param count  how many
 *
 * Owner:   the caller, lc_index_close.
 * Errors:  LC_ERR_USAGE (no index there), LC_ERR_INDEX (not finished, damaged, from
 *          another version), LC_ERR_IO, LC_ERR_MEMORY.
 * Threads: one thread per opened index; several may be open.
 */
LC_API enum lc_status lc_index_open(const char *const *paths, size_t count,
                                    struct lc_index **out, struct lc_error *err);

/**
 * Why an index may not say what a run of this user found: it was found with the data, and
 * was not written with the user's key. One line for people; NULL: there is no reason for
 * doubt. A check never reuses results of such an index; reports and answers are made of
 * it.
 */
LC_API const char *lc_index_caveat(const struct lc_index *index);

/** Who is told what an examination of an index finds. */
struct lc_examiner {
    void *user; /* handed to the functions below */
    /* called for what is wrong: a table of docs/index-format.md, or "file", and what */
    void (*on_fault)(void *user, const char *table, const char *what);
    /* called at the end for each table with its records or entries; NULL: not called */
    void (*on_table)(void *user, const char *table, uint64_t records);
};

/**
 * Examine whether an index holds together: the checksum of its file and, when that is
 * right, keys and their order, records, what they refer to, and the counts. Its data set
 * is not looked at.
 *
 * @param paths, count  as for lc_index_open
 *
 * Errors: as lc_index_open, but for what is damaged: that is told.
 * Threads: any; the functions are called in the caller's.
 */
LC_API enum lc_status lc_index_check(const char *const *paths, size_t count,
                                     const struct lc_examiner *to, struct lc_error *err);

/** Close an index; NULL-safe. Without a name on the disk, its results are gone. */
LC_API void lc_index_close(struct lc_index *index);

/** The run's summary. Lives as long as the index. */
LC_API const struct lc_summary *lc_index_summary(const struct lc_index *index);

/** What became of the files that an index knows by their bytes. */
struct lc_verified {
    uint64_t files;    /* those below together */
    uint64_t same;     /* they hold the bytes that were indexed */
    uint64_t touched;  /* of those, with another time */
    uint64_t changed;  /* other bytes, the same size and time */
    uint64_t replaced; /* other bytes, and another size or time */
    uint64_t gone;
    uint64_t unreadable;
    uint64_t bytes; /* that were read */
};

/** What lc_verify saw. */
struct lc_verification {
    struct lc_verified rows_files;
    struct lc_verified images;
    uint64_t images_unknown; /* of which the index has no bytes to compare with */
    uint64_t images_outside; /* not opened, as allow_outside was not given */
};

/** What lc_verify saw; NULL when the results are of a check. Lives as long as the index.
 */
LC_API const struct lc_verification *lc_index_verification(const struct lc_index *index);

/* ---- which findings are told ---- */

/** The level that turns a rule off. */
#define LC_LEVEL_OFF (-1)

/** The level that rules are given. */
struct lc_level_choice {
    const char *rules; /* a selector: see lc_selector_check */
    int level;         /* an enum lc_severity, or LC_LEVEL_OFF */
};

/** Rules whose findings are not told in some folders. */
struct lc_folder_choice {
    const char *pattern; /* of paths from the data folder on, such as "images/charts":
                            "*" is any part of a name, "**" of a path */
    const char *rules;   /* a selector */
};

/**
 * Which findings are told, on which level. All zero is: all, on their own.
 *
 * Where selectors are at odds the more specific one decides: a code or name before a
 * prefix, a longer prefix before a shorter one, any of them before "all". Of equal ones,
 * ignore decides, and of levels the last.
 */
struct lc_selection {
    const char *const *select; /* selectors; none: all rules */
    size_t select_count;
    const char *const *ignore; /* selectors */
    size_t ignore_count;
    const struct lc_level_choice *levels;
    size_t level_count;
    /* of an image by its path, as rows have it or with the image root before it; of a row
     * by that of its rows file, or when all its images are there; of an id by its rows */
    const struct lc_folder_choice *folders;
    size_t folder_count;
    const char *baseline; /* a file whose findings are known; NULL: none */
};

/**
 * Whether a text selects rules: a code, a prefix of codes, a name, or "all", in any case.
 *
 * Errors: LC_ERR_USAGE: none is like that; the message says which may have been meant.
 */
LC_API enum lc_status lc_selector_check(const char *selector, struct lc_error *err);

/** What a selection does to a finding; the first that applies counts. */
enum lc_adjustment {
    LC_ADJUSTED_IGNORE,   /* not reported: ignore selects its rule */
    LC_ADJUSTED_SELECT,   /* not reported: select does not select its rule */
    LC_ADJUSTED_OFF,      /* not reported: the level of its rule is off */
    LC_ADJUSTED_FOLDERS,  /* not reported: folders match its place */
    LC_ADJUSTED_BASELINE, /* not reported: it is in the baseline */
    LC_ADJUSTED_LEVEL,    /* reported, but on a lower level than it was found on */
};
#define LC_ADJUSTMENT_COUNT 6

/** What a selection makes of an index's findings; each by enum lc_severity. */
struct lc_told_counts {
    uint64_t findings[3]; /* that are told, by the level they are given */
    uint64_t adjusted[LC_ADJUSTMENT_COUNT][3]; /* by the level they were found on */
    uint64_t expired;  /* of those told, findings whose entry in the baseline expired */
    uint64_t unneeded; /* entries of the baseline that no finding needs, or not in full */
};

struct lc_view; /* the findings of an index that a selection leaves */

/**
 * Look at an index through a selection. The index stays as it is.
 *
 * @param selection  read only during the call
 * @param out        set on success
 *
 * Owner:   the caller, lc_view_free, before the index is closed.
 * Errors:  LC_ERR_USAGE (no such rule, no baseline there or a broken one: the message
 *          says the line), LC_ERR_IO, LC_ERR_INDEX, LC_ERR_MEMORY.
 * Threads: the index's.
 */
LC_API enum lc_status lc_view_new(const struct lc_index *index,
                                  const struct lc_selection *selection,
                                  struct lc_view **out, struct lc_error *err);
LC_API void lc_view_free(struct lc_view *view); /* NULL-safe */

/** What is told and what is not. Lives as long as the view. */
LC_API const struct lc_told_counts *lc_view_counts(const struct lc_view *view);

/** How a baseline is written. */
struct lc_baseline_options {
    const char *path;        /* of the baseline as it is; it need not be there with add */
    enum lc_severity lowest; /* level of findings that are added */
    bool add;                /* add findings that are not in it; it may be new */
};

/**
 * Look whether a file is a baseline, before a long run.
 *
 * Errors: LC_ERR_USAGE (the message says the line), LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_API enum lc_status lc_baseline_check(const char *path, struct lc_error *err);

/** What became of a baseline's entries. */
struct lc_baseline_counts {
    uint64_t kept;
    uint64_t added;
    uint64_t removed;
};

/**
 * Write a baseline: the findings that a selection leaves. Reasons and dates of entries
 * that are in the file stay, but for dates that have passed; entries that no finding
 * needs are removed, as far as this run can tell.
 *
 * @param selection  its baseline does not count
 * @param to         not the file at options->path, which is read meanwhile; stays open,
 * is flushed and its errors are reported
 * @param counts     set on success
 *
 * Errors: as lc_view_new; LC_ERR_IO (it cannot be written).
 */
LC_API enum lc_status lc_baseline_write(const struct lc_index *index,
                                        const struct lc_selection *selection,
                                        const struct lc_baseline_options *options,
                                        FILE *to, struct lc_baseline_counts *counts,
                                        struct lc_error *err);

/* ---- thumbnails ---- */

/** Which thumbnails are made, and of what. Zero is a good value for every field but the
 * paths. */
struct lc_thumbnail_options {
    const char *const *paths; /* what was checked: the same paths as then */
    size_t path_count;        /* at least 1 */
    const char *images;       /* the image root; NULL: where it was */
    bool allow_outside;       /* read images whose paths or links leave the image root,
                                 and an unnamed root outside of the data folder */
    enum lc_severity show;    /* images of findings of lower levels are not shown */
};

struct lc_thumbnails; /* small pictures of images that have findings */

/**
 * Make small pictures of the first images that each rule finds bad, by reading them as
 * the check did. A file that cannot be shown has a reason in its place: that is no error.
 *
 * @param view  of the same index: whose findings are meant
 * @param out   set on success
 *
 * Owner:   the caller, lc_thumbnails_free, before the index is closed.
 * Errors:  LC_ERR_USAGE (the image root is to be named), LC_ERR_IO (it is gone),
 *          LC_ERR_INDEX, LC_ERR_MEMORY.
 * Threads: the index's. Takes some seconds at most, and 200 MB.
 */
LC_API enum lc_status lc_thumbnails_new(const struct lc_index *index,
                                        const struct lc_view *view,
                                        const struct lc_thumbnail_options *options,
                                        struct lc_thumbnails **out, struct lc_error *err);
LC_API void lc_thumbnails_free(struct lc_thumbnails *thumbnails); /* NULL-safe */

/* ---- reports ---- */

/** How a report is written. Zero is a good value for every field but format. What is said
 * of text goes for all formats for terminals: text, full, grouped, concise and counts. */
struct lc_report_options {
    const char *format;    /* the name of one of lc_report_format_at */
    enum lc_severity show; /* findings of lower levels are counted but not listed */
    const char *trainer;   /* whose effects are told; NULL: LC_DEFAULT_TRAINER */
    bool failed;           /* text: the caller takes the findings for a failure, even
                              without errors: the verdict says so */
    bool color;            /* text: colour codes of terminals */
    unsigned width;        /* text: columns to fill; 0: lines are not broken */
    const char *prefix; /* text: put before file names, such as "raw/"; NULL: nothing */
    const char *again; /* text: what a shell is to name so that `llava-check report` finds
                          these results, for commands that are told; NULL: none are */
    const char *base;  /* sarif, junit, github, gitlab: put before paths, such as "raw/",
                          so   that they begin where a repository does; NULL: nothing */
    enum lc_severity fail_on;   /* junit: lower levels are listed, but do not fail */
    const struct lc_view *view; /* of the same index: the findings that are told; NULL:
                                   all */
    /* what the verdict names as the cause of an adjustment: a settings file, the
     * baseline's file; NULL: the option, such as "--ignore". Only letters, digits, dots,
     * hyphens and underscores are printed as they are */
    const char *adjusted_by[LC_ADJUSTMENT_COUNT];
    const char *passed_by; /* what makes the exit code 0 although failed is set, such as
                              "--exit-zero"; printed as above; NULL: nothing does */
    uint64_t max_findings; /* findings listed: text, of each rule; else together. They
                              are counted all the same. 0: as many as the format has
                              room for */
    const struct lc_thumbnails *thumbnails; /* html: of the same index; NULL: none */
    bool marked; /* the report goes into a file: lc_report_is_one is to recognise it */
};

/** A report format; all texts static. */
struct lc_report_format_info {
    const char *name;
    const char *summary;  /* what it is for: one line */
    const char *suffixes; /* of its files, with a space between; NULL: none is its own */
    bool printed;         /* it is fit for standard output */
};

/** The report format at an index; NULL behind the last. */
LC_API const struct lc_report_format_info *lc_report_format_at(size_t index);

/**
 * Write a report.
 *
 * @param to  stays open; it is flushed and its errors are reported
 *
 * Errors:  LC_ERR_USAGE (no such format or trainer), LC_ERR_IO (writing failed: disk
 * full, closed pipe), LC_ERR_INDEX, LC_ERR_MEMORY. Threads: the index's.
 */
LC_API enum lc_status lc_report_write(const struct lc_index *index,
                                      const struct lc_report_options *options, FILE *to,
                                      struct lc_error *err);

/** How many bytes of a file lc_report_is_one needs, if there are so many. */
#define LC_REPORT_HEAD_SIZE 256

/**
 * Whether a file is a report, in any format, as a program must know before it replaces
 * the file. An empty file is one: some formats have nothing to say when nothing is found.
 *
 * @param begin  the first bytes of the file
 * @param size   how many
 */
LC_API bool lc_report_is_one(const char *begin, size_t size);

/* ---- questions ---- */

/** What an index can be asked; all texts static. */
struct lc_query_info {
    const char *name;    /* "images" */
    const char *summary; /* one line for help */
    const char *formats; /* of the answer, with a space between; the first is the usual */
};

/** The question at an index; NULL behind the last. */
LC_API const struct lc_query_info *lc_query_at(size_t index);

/** A question. Zero is a good value for every field but name. */
struct lc_query {
    const char *name;         /* one of lc_query_at */
    const char *format;       /* one of its formats; NULL: the first */
    const char *const *ids;   /* "get": of the rows */
    size_t id_count;          /* at least 1 for "get" */
    const char *const *where; /* "images": conditions that all must hold: "width<100" */
    size_t where_count;
    const char *const *rules; /* "findings": codes or names; none: all */
    size_t rule_count;
    enum lc_severity show; /* "findings": lower levels are not listed */
    const char *prefix; /* text: put before file names, such as "raw/"; NULL: nothing */
};

/**
 * Answer a question from an index.
 *
 * @param to     stays open; it is flushed and its errors are reported
 * @param amiss  set to how many of the ids no row has; may be NULL
 *
 * Errors: LC_ERR_USAGE (no such question, format, rule or field), LC_ERR_IO (writing
 * failed), LC_ERR_INDEX, LC_ERR_MEMORY. Threads: the index's.
 */
LC_API enum lc_status lc_query_write(const struct lc_index *index,
                                     const struct lc_query *query, FILE *to,
                                     uint64_t *amiss, struct lc_error *err);

/* ---- two versions ---- */

/** How differences are written. Zero is a good value for every field but format. */
struct lc_diff_options {
    const char *format;      /* "text", "json" or "jsonl" */
    bool color;              /* text: colour codes of terminals */
    unsigned examples;       /* text: changes shown of each kind; 0: 3 */
    const char *names[2];    /* text: what the versions are called; NULL: as their data */
    const char *prefixes[2]; /* text: put before file names, such as "raw/"; NULL: nothing
                              */
};

/** The format of differences at an index, its name and summary; NULL behind the last. */
LC_API const struct lc_report_format_info *lc_diff_format_at(size_t index);

/**
 * Compare two versions of a data set by their indexes, and write what differs: rows
 * added, removed, changed (by id) and renamed; images added, removed, changed and moved.
 *
 * @param a      the first version
 * @param b      the second
 * @param to     stays open; it is flushed and its errors are reported. NULL: nothing is
 *               written
 * @param equal  set on success: whether nothing differs
 *
 * Errors:  LC_ERR_USAGE (no such format), LC_ERR_IO (writing failed), LC_ERR_INDEX,
 *          LC_ERR_MEMORY.
 * Threads: both indexes'. Takes 16 bytes of memory for each row, more for what differs.
 */
LC_API enum lc_status lc_diff_write(const struct lc_index *a, const struct lc_index *b,
                                    const struct lc_diff_options *options, FILE *to,
                                    bool *equal, struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif

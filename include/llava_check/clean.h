/* clean.h - writing only the rows that a program trains; experimental */
/*
 * The result is checked before the caller moves it into place:
 *
 *     lc_clean_new             check the data set, decide which rows are kept
 *     lc_clean_write           write each file of the result
 *     lc_clean_check           check the result; write it again if more rows must go
 *     lc_clean_place_images    copy or link the images of the rows
 *     lc_clean_write_…         what was dropped and why
 */
#ifndef LC_LLAVA_CHECK_CLEAN_H
#define LC_LLAVA_CHECK_CLEAN_H

#include "llava_check/api.h"
#include "llava_check/check.h"
#include "llava_check/error.h"
#include "llava_check/rules.h"
#include "llava_check/selection.h"
#include "llava_check/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Maximum number of parts that rows can be split into. */
#define LC_CLEAN_PARTS 16

/** A part of the rows. */
struct lc_clean_part {
    const char *name; /* "train" */
    double share;     /* of the pictures: more than 0; the sum of all is 1 */
};

/** How images are put under a new root. */
enum lc_clean_images {
    LC_CLEAN_IMAGES_NONE, /* they stay where they are */
    LC_CLEAN_IMAGES_COPY,
    LC_CLEAN_IMAGES_SYMBOLIC, /* links to the images of the data set, by absolute path */
    LC_CLEAN_IMAGES_HARD,     /* another name of the same file */
    LC_CLEAN_IMAGES_REFLINK,  /* a copy that shares disk blocks until one is changed */
};

/** Which rows are written, and how. Zero is the default for every field except size,
 * check and name. */
struct lc_clean_options {
    size_t size;                          /* of this struct: LC_OPTIONS */
    const struct lc_check_options *check; /* how the data set is checked */
    /* name of the result, if it is a single file: JSON lines if it ends with .jsonl, an
     * array if with .json, a shard if with .tar. NULL: one file for each rows file or
     * shard, with the same name */
    const char *name;
    bool merge;          /* write the rows of all rows files to this file */
    const char *trainer; /* the program that will train the rows; NULL: see drop */
    /* drop rows with these effects ("crash"), levels ("error") or rules ("IMG501"). None:
     * drop rows that the trainer leaves out, replaces or stops at, and samples of shards
     * that it alters; without a trainer, drop rows with an error */
    const char *const *drop;
    size_t drop_count;
    uint64_t sample; /* number of rows to keep of those not dropped; 0: all */
    uint64_t seed;   /* of the sample and the parts */
    bool shuffle;    /* shuffle the rows of each file */
    uint64_t shuffle_seed;
    const struct lc_clean_part *parts; /* that rows are split into */
    size_t part_count;
    enum lc_clean_images images; /* what lc_clean_place_images does */
    /* rewrite images that the trainer sees differently from viewers because of how they
     * are stored: see docs/clean.md. Then call lc_clean_place_images before
     * lc_clean_check; with fix, call lc_clean_check before it, too. Requires
     * LC_CLEAN_IMAGES_COPY */
    bool transcode;
    bool fix;        /* make safe fixes before dropping rows */
    bool unsafe;     /* also make unsafe fixes */
    bool keep_all;   /* ignore drop: only fixes drop rows */
    bool want_edits; /* lc_clean_write_diff will be called */
    /* selectors of the rules whose findings are fixed (none: all rules), and of those
     * whose findings are not */
    const char *const *select;
    size_t select_count;
    const char *const *ignore;
    size_t ignore_count;
    /* which findings can drop rows by their level, and at which level they are. Folders
     * and baseline of the selection are ignored. NULL: all, at their own levels */
    const struct lc_selection *selection;
};

/** Numbers of rows and images. */
struct lc_clean_counts {
    uint64_t rows;    /* of the data set: the sum of the next four */
    uint64_t kept;    /* kept unchanged */
    uint64_t fixed;   /* kept, with fixes */
    uint64_t dropped; /* for a reason */
    uint64_t left;    /* not in the sample */
    uint64_t between; /* faults between or around rows, which are gone from the result */
    unsigned rounds;  /* number of times that the result was checked */
    uint64_t effects[LC_EFFECT_REFUSED + 1]; /* rows of the result, by the effect on the
                                                trainer */
    uint64_t refetch;                        /* images to download again */
    /* by lc_clean_place_images: images of the kept rows, each path counted once */
    uint64_t placed;           /* under the new root, including images that were there */
    uint64_t placed_bytes;     /* their size */
    uint64_t placed_before;    /* those that were there before */
    uint64_t placed_rewritten; /* those that were rewritten */
    uint64_t rewriting_failed; /* images that could not be rewritten, so that their rows
                                  may be dropped */
    uint64_t images_missing;   /* images whose file was missing or unreadable */
    uint64_t images_outside;   /* the path leads out of the image root */
    uint64_t videos_left;      /* videos that kept rows name: they stay where they are */
};

/** A file of the result. */
struct lc_clean_file {
    const char *source; /* name of its rows file, relative to the data folder; NULL: it
                           has the rows of all files */
    const char *path;   /* path to open that rows file; likewise */
    const char *part;   /* name of its part; NULL: rows are not split */
    uint64_t rows;
    uint64_t bytes;
    struct lc_hash content; /* of its bytes; zero before lc_clean_check */
    bool same;              /* it equals its rows file; false before lc_clean_check */
};

/** A fix that was made in some rows of the result. */
struct lc_clean_fix {
    const char *code; /* of the rule whose finding was fixed */
    const char *rule; /* its name */
    const char *name; /* of the fix */
    bool is_safe;
    uint64_t rows; /* a row may be counted under several fixes */
};

/** Why rows were dropped. */
struct lc_clean_reason {
    const char *code;      /* of the rule; NULL: the program does not read the dialect, or
                              the row probably exceeds its token limit */
    const char *name;      /* of the rule, or of the dialect; NULL: the token limit */
    const char *rule_case; /* "" if it has none */
    enum lc_effect effect; /* on the trainer */
    uint64_t rows;         /* a row may be counted under several reasons */
};

struct lc_clean;

/** Check that a word may be in drop. Errors: LC_ERR_USAGE. */
LC_API enum lc_status lc_clean_drop_check(const char *word, struct lc_error *err);

/**
 * Check a data set, and decide which of its rows are kept.
 *
 * @param options  what it points to must outlive *out
 * @param out      set on success
 *
 * Owner:   the caller, lc_clean_free.
 * Errors:  as lc_check; LC_ERR_USAGE also if no row would be kept, if rows files cannot
 *          be merged, or if a name in the result would lead out of its folder.
 * Threads: one thread at a time.
 */
LC_API enum lc_status lc_clean_new(const struct lc_clean_options *options,
                                   struct lc_clean **out, struct lc_error *err);
LC_API void lc_clean_free(struct lc_clean *clean); /* NULL-safe */

/** The trainer whose effects are counted; never NULL. */
LC_API const char *lc_clean_trainer(const struct lc_clean *clean);

/** Which files the trainer loads, if not all of the result, judging by their names; NULL:
 * it loads them all. */
LC_API const char *lc_clean_unloaded(const struct lc_clean *clean);

/** Whether the rows are samples of shards of WebDataset. */
enum lc_clean_shards {
    LC_CLEAN_NO_SHARDS,
    LC_CLEAN_SHARDS,         /* a file of the result is a shard, with the images */
    LC_CLEAN_INDEXED_SHARDS, /* the same, and indexes of Energon describe the old ones */
};
LC_API enum lc_clean_shards lc_clean_shards(const struct lc_clean *clean);

/** The folder that the images' paths are relative to, as a path to open. */
LC_API const char *lc_clean_images(const struct lc_clean *clean);

/** The path of a file or folder of the data set, at an index: a rows file, the image root
 * or the video root; NULL past the end. */
LC_API const char *lc_clean_input_at(const struct lc_clean *clean, size_t index,
                                     bool *is_folder);

/** Live as long as the cleaning, and change with its steps. */
LC_API const struct lc_clean_counts *lc_clean_counts(const struct lc_clean *clean);

/** The file of the result at an index; NULL past the end. Files without rows are not
 * written and not listed. */
LC_API const struct lc_clean_file *lc_clean_file_at(const struct lc_clean *clean,
                                                    size_t index);

/**
 * Write a file of the result: the kept rows, byte for byte, with the text between them as
 * in the rows file; for a shard, the members of the kept samples with their headers.
 *
 * @param to  stays open; it is flushed and its errors are reported
 *
 * Errors:  LC_ERR_IO (it cannot be written; a rows file changed since it was checked),
 *          LC_ERR_USAGE (a row spans several lines, and the result has JSON lines),
 *          LC_ERR_INDEX, LC_ERR_MEMORY, LC_ERR_STOPPED.
 */
LC_API enum lc_status lc_clean_write(struct lc_clean *clean, size_t file, FILE *to,
                                     struct lc_error *err);

/**
 * Check all files that were written. Results for images are reused.
 *
 * @param paths  of the files, in their order
 * @param again  set to true if these files contain rows that must be dropped, too: list
 *               the files and write them again
 *
 * Errors:  as lc_check; LC_ERR_USAGE if the result is wrong, and writing it again would
 *          not help: the message says why.
 */
LC_API enum lc_status lc_clean_check(struct lc_clean *clean, const char *const *paths,
                                     bool *again, struct lc_error *err);

/**
 * Copy or link the images of kept rows to a new root, at the same relative paths, each
 * once, and verify their hashes. Nothing is written outside the root: no link below it is
 * followed. An existing file with the same bytes is kept; no file is ever replaced. So
 * a run that was stopped can be repeated.
 *
 * @param root  an existing folder
 *
 * Errors:  LC_ERR_IO (an image changed since it was checked; another file is in its
 *          place; it cannot be written; the file systems cannot link), LC_ERR_INDEX,
 *          LC_ERR_MEMORY, LC_ERR_STOPPED. The message names the image. Images that were
 *          already copied stay.
 */
LC_API enum lc_status lc_clean_place_images(struct lc_clean *clean, const char *root,
                                            struct lc_error *err);

/** The fix at an index, in the order of the rules; NULL past the end. It also counts rows
 * that a fix dropped. Changes with lc_clean_check. */
LC_API const struct lc_clean_fix *lc_clean_fix_at(const struct lc_clean *clean,
                                                  size_t index);

/** The number of rows with a finding whose fix was not made, because it did not apply, or
 * because the fixed row did not pass its check. */
LC_API uint64_t lc_clean_unfixed(const struct lc_clean *clean);

/** The number of rows with a finding whose fix is unsafe, and was therefore not
 * tried. */
LC_API uint64_t lc_clean_unsafe(const struct lc_clean *clean);

/** The reason at an index, most rows first; NULL past the end. There are none
 * before lc_clean_write_dropped was called. */
LC_API const struct lc_clean_reason *lc_clean_reason_at(const struct lc_clean *clean,
                                                        size_t index);

/* Lists to write after lc_clean_check, to a stream, like lc_clean_write: dropped rows,
 * with their bytes and reasons, as JSON lines; images to download again, one per line;
 * fixed rows, with their original bytes, as JSON lines; and a report of all numbers as
 * JSON, in which names are the names of the result's files.
 * Errors: LC_ERR_IO, LC_ERR_INDEX, LC_ERR_MEMORY. */
LC_API enum lc_status lc_clean_write_dropped(struct lc_clean *clean, FILE *to,
                                             struct lc_error *err);
LC_API enum lc_status lc_clean_write_refetch(struct lc_clean *clean, FILE *to,
                                             struct lc_error *err);
LC_API enum lc_status lc_clean_write_fixed(struct lc_clean *clean, FILE *to,
                                           struct lc_error *err);
/** Write a line for each rewritten image: the old and new path, what was done, the old
 * and new hash, separated by tabs. Errors: as above. */
LC_API enum lc_status lc_clean_write_images(const struct lc_clean *clean, FILE *to,
                                            struct lc_error *err);
LC_API enum lc_status lc_clean_write_report(struct lc_clean *clean,
                                            const char *const *names, FILE *to,
                                            struct lc_error *err);

/**
 * Write the differences between a file of the result and its rows file, as a unified
 * diff. Text from the data is escaped.
 *
 * @param path   of the file, as it was last written
 * @param color  use colour codes of terminals
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY; LC_ERR_USAGE if the file has rows of several rows
 *         files, if they are shuffled, or without want_edits.
 */
LC_API enum lc_status lc_clean_write_diff(struct lc_clean *clean, size_t file,
                                          const char *path, bool color, FILE *to,
                                          struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif

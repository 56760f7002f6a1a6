/* clean.h - writing the rows that a program trains; experimental */
/*
 * What is written is checked before the caller puts it in its place:
 *
 *     lc_clean_new             check the data set, decide which rows are kept
 *     lc_clean_write           write each file of the result
 *     lc_clean_check           check what was written; write again if more rows must go
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

/** Most parts that rows can be split into. */
#define LC_CLEAN_PARTS 16

/** A part of the rows. */
struct lc_clean_part {
    const char *name; /* "train" */
    double share;     /* of the pictures: more than 0, together 1 */
};

/** How images get under a new root. */
enum lc_clean_images {
    LC_CLEAN_IMAGES_NONE, /* they stay where they are */
    LC_CLEAN_IMAGES_COPY,
    LC_CLEAN_IMAGES_SYMBOLIC, /* links to the images of the data set, by absolute path */
    LC_CLEAN_IMAGES_HARD,     /* another name of the same file */
    LC_CLEAN_IMAGES_REFLINK,  /* a copy that shares its blocks until one is written to */
};

/** Which rows are written, and how. Zero is a good value for every field but size, check
 * and name. */
struct lc_clean_options {
    size_t size;                          /* of this struct: LC_OPTIONS */
    const struct lc_check_options *check; /* how the data set is checked */
    /* of the result's only file: with .jsonl at its end it has JSON lines, with .json an
     * array, with .tar it is a shard. NULL: one file for each rows file or shard, with
     * the same name */
    const char *name;
    bool merge;          /* rows of all rows files go into that one */
    const char *trainer; /* the program that is to train the rows; NULL: see drop */
    /* what drops a row: effects ("crash"), levels ("error"), or selectors of rules
     * ("IMG501"). None: rows that the trainer leaves out, replaces or stops at, and
     * samples of shards that it alters; without a trainer, rows with an error */
    const char *const *drop;
    size_t drop_count;
    uint64_t sample; /* rows to keep of those that are not dropped; 0: all */
    uint64_t seed;   /* of the sample and of the parts */
    bool shuffle;    /* the rows of each file */
    uint64_t shuffle_seed;
    const struct lc_clean_part *parts; /* that rows are split into */
    size_t part_count;
    enum lc_clean_images images; /* what lc_clean_place_images does */
    /* images are rewritten that the trainer does not see as viewers do, where that is due
     * to their form: see docs/clean.md. lc_clean_place_images then comes before
     * lc_clean_check; with fixes, lc_clean_check comes before it, too. Needs
     * LC_CLEAN_IMAGES_COPY */
    bool transcode;
    bool fix;        /* rows, where that is safe, before any is dropped */
    bool unsafe;     /* fixes are made too that are not safe */
    bool keep_all;   /* no row is dropped, but by a fix; drop is not looked at */
    bool want_edits; /* lc_clean_write_diff will be called */
    /* selectors of the rules whose findings are fixed (none: all), and of those whose
     * are not */
    const char *const *select;
    size_t select_count;
    const char *const *ignore;
    size_t ignore_count;
    /* which findings have a level that drops rows, and which level: by rule alone, its
     * folders and baseline do not count. NULL: all, as they were found */
    const struct lc_selection *selection;
};

/** Rows by what became of them. */
struct lc_clean_counts {
    uint64_t rows;    /* of the data set: the sum of those below */
    uint64_t kept;    /* as they are */
    uint64_t fixed;   /* kept, with fixes */
    uint64_t dropped; /* for a reason */
    uint64_t left;    /* not in the sample */
    uint64_t between; /* faults between or around rows, which the result does not have */
    unsigned rounds;  /* how often the result was checked */
    uint64_t effects[LC_EFFECT_REFUSED + 1]; /* rows of the result, by the effect on the
                                                trainer */
    uint64_t refetch;                        /* images to download again */
    /* of lc_clean_place_images: images of the rows that are kept, each path once */
    uint64_t placed;        /* now under the new root, including those that were there */
    uint64_t placed_bytes;  /* of them */
    uint64_t placed_before; /* of them: they were there */
    uint64_t placed_rewritten; /* of them: images that are rewritten */
    uint64_t rewriting_failed; /* images that could not be rewritten: the program sees
                                  them as they are, and so their rows may be dropped */
    uint64_t images_missing;   /* without a file that could be read when it was checked */
    uint64_t images_outside;   /* the path leads out of the image root */
    uint64_t videos_left;      /* videos that kept rows name: they stay where they are */
};

/** A file of the result. */
struct lc_clean_file {
    const char *source; /* name of its rows file, relative to the data folder; NULL: rows
                           of all files */
    const char *path;   /* of that rows file, to open it; likewise */
    const char *part;   /* name of its part; NULL: rows are not split */
    uint64_t rows;
    uint64_t bytes;
    struct lc_hash content; /* of its bytes; zero before lc_clean_check */
    bool same;              /* it has the bytes of its rows file; likewise */
};

/** A fix that was made in rows of the result. */
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
                              the row is longer than its limit, by estimate */
    const char *name;      /* of the rule, or of the dialect; NULL: it is about length */
    const char *rule_case; /* "" when it has none */
    enum lc_effect effect; /* on the trainer */
    uint64_t rows;         /* a row may be counted under several reasons */
};

struct lc_clean;

/** Whether a text is something that drop may have. Errors: LC_ERR_USAGE. */
LC_API enum lc_status lc_clean_drop_check(const char *word, struct lc_error *err);

/**
 * Check a data set, and decide which of its rows are kept.
 *
 * @param options  what it points to must outlive *out
 * @param out      set on success
 *
 * Owner:   the caller, lc_clean_free.
 * Errors:  as lc_check; LC_ERR_USAGE also if no row would be kept, if rows files cannot
 *          be joined, or if a name of the result would lead out of its folder.
 * Threads: one thread at a time.
 */
LC_API enum lc_status lc_clean_new(const struct lc_clean_options *options,
                                   struct lc_clean **out, struct lc_error *err);
LC_API void lc_clean_free(struct lc_clean *clean); /* NULL-safe */

/** The trainer that effects are on; never NULL. */
LC_API const char *lc_clean_trainer(const struct lc_clean *clean);

/** Whether the trainer loads the files of the result by their names; why not, otherwise:
 * a sentence. */
LC_API const char *lc_clean_unloaded(const struct lc_clean *clean);

/** Whether the rows are samples of shards of WebDataset. */
enum lc_clean_shards {
    LC_CLEAN_NO_SHARDS,
    LC_CLEAN_SHARDS,         /* a file of the result is a shard, with the images */
    LC_CLEAN_INDEXED_SHARDS, /* the same, and indexes of Energon describe the old ones */
};
LC_API enum lc_clean_shards lc_clean_shards(const struct lc_clean *clean);

/** The folder that the images' paths are relative to, to open it. */
LC_API const char *lc_clean_images(const struct lc_clean *clean);

/** The folders and files that the data set consists of, at an index: a rows file, the
 * image root and the video root; NULL past the end. */
LC_API const char *lc_clean_input_at(const struct lc_clean *clean, size_t index,
                                     bool *is_folder);

/** Live as long as the cleaning, and change with its steps. */
LC_API const struct lc_clean_counts *lc_clean_counts(const struct lc_clean *clean);

/** The file of the result at an index; NULL past the end. Files without rows are not
 * written, and not among these. */
LC_API const struct lc_clean_file *lc_clean_file_at(const struct lc_clean *clean,
                                                    size_t index);

/**
 * Write a file of the result: kept rows, byte for byte, and the text between them as the
 * rows file has it; of a shard, the members of kept samples with their headers.
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
 * Check the files that were written, all of them. The images are known.
 *
 * @param paths  of the files, in their order
 * @param again  set to true if rows must be dropped that were not when these files were
 *               written: the files are to be listed and written again
 *
 * Errors:  as lc_check; LC_ERR_USAGE if the result is not as promised and would not
 *          become so: the message says why.
 */
LC_API enum lc_status lc_clean_check(struct lc_clean *clean, const char *const *paths,
                                     bool *again, struct lc_error *err);

/**
 * Put the images of the kept rows under a new root, at the same relative paths, each once
 * and verified by the hash of its bytes. Nothing is written elsewhere: no link below the
 * root is followed. A file that is there is kept if it has the same bytes, and is never
 * replaced, so a run that was stopped can be repeated.
 *
 * @param root  an existing folder
 *
 * Errors:  LC_ERR_IO (an image changed since it was checked; another file is in its
 *          place; it cannot be written; the file systems cannot link), LC_ERR_INDEX,
 *          LC_ERR_MEMORY, LC_ERR_STOPPED. The message names the image. What is in its
 *          place by then stays there.
 */
LC_API enum lc_status lc_clean_place_images(struct lc_clean *clean, const char *root,
                                            struct lc_error *err);

/** The fix at an index, in the order of the rules; NULL past the end. Rows that a fix
 * leaves out are among them. Changes with lc_clean_check. */
LC_API const struct lc_clean_fix *lc_clean_fix_at(const struct lc_clean *clean,
                                                  size_t index);

/** The number of rows with a finding that has a fix which was not made: it did not apply,
 * or a check of the row showed that it would not be sound. */
LC_API uint64_t lc_clean_unfixed(const struct lc_clean *clean);

/** The number of rows with a finding that has a fix which is not safe, and was therefore
 * not tried. */
LC_API uint64_t lc_clean_unsafe(const struct lc_clean *clean);

/** The reason at an index, those of most rows first; NULL past the end. There are none
 * before lc_clean_write_dropped has walked over the rows. */
LC_API const struct lc_clean_reason *lc_clean_reason_at(const struct lc_clean *clean,
                                                        size_t index);

/* After the check: what became of the rest. Each writes to a stream as lc_clean_write
 * does: dropped rows with their bytes and reasons, as JSON lines; images to download
 * again, one a line; rows that were fixed with the bytes that they had, as JSON lines;
 * and everything in numbers, as JSON, to which names gives the names of the files.
 * Errors: LC_ERR_IO, LC_ERR_INDEX, LC_ERR_MEMORY. */
LC_API enum lc_status lc_clean_write_dropped(struct lc_clean *clean, FILE *to,
                                             struct lc_error *err);
LC_API enum lc_status lc_clean_write_refetch(struct lc_clean *clean, FILE *to,
                                             struct lc_error *err);
LC_API enum lc_status lc_clean_write_fixed(struct lc_clean *clean, FILE *to,
                                           struct lc_error *err);
/** Write a line for each image that was rewritten: the old path and the new one, what was
 * done, the old hash and the new one, with tabs between. Errors: as above. */
LC_API enum lc_status lc_clean_write_images(const struct lc_clean *clean, FILE *to,
                                            struct lc_error *err);
LC_API enum lc_status lc_clean_write_report(struct lc_clean *clean,
                                            const char *const *names, FILE *to,
                                            struct lc_error *err);

/**
 * Write how a file of the result differs from its rows file, as a unified diff. Foreign
 * text is printed with visible escapes.
 *
 * @param path   of the file that was written last
 * @param color  with the escapes of a terminal
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

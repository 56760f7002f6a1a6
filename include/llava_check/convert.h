/* convert.h - converting rows to another dialect; experimental */
/*
 * The result is checked before the caller moves it into place:
 *
 *     lc_convert_new           check the data set
 *     lc_convert_write         write the rows, and a list of those that were skipped
 *     lc_convert_check         check what was written, row by row; write again if rows
 *                              differ
 *     lc_convert_write_entry   the entry of a registry that names the result
 */
#ifndef LC_LLAVA_CHECK_CONVERT_H
#define LC_LLAVA_CHECK_CONVERT_H

#include "llava_check/api.h"
#include "llava_check/check.h"
#include "llava_check/error.h"
#include "llava_check/rules.h"
#include "llava_check/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How rows are converted. Zero is the default for every field except size, check, to and
 * name. */
struct lc_convert_options {
    size_t size;                          /* of this struct: LC_OPTIONS */
    const struct lc_check_options *check; /* how the data set is checked */
    const char *to;                       /* a dialect: a name of lc_dialect_at */
    /* the result's name: JSON lines if it ends with .jsonl, an array if with .json */
    const char *name;
    bool skip;           /* leave out rows that cannot be converted */
    const char *trainer; /* the program that will train the rows; NULL: by the dialect */
    /* write each text as a list of parts, with {"type": "image"} for a placeholder; only
     * for messages. The default of trainer is then trl */
    bool in_parts;
    /* the same, but the parts name their files: {"type": "image", "image": "a.jpg"} */
    bool part_paths;
};

/** Numbers of rows. */
struct lc_convert_counts {
    uint64_t rows;    /* of the data set: the sum of the next two */
    uint64_t kept;    /* converted */
    uint64_t skipped; /* rows that the dialect cannot express */
    uint64_t before;  /* rows of the data set that its own trainer trains as written */
    uint64_t effects[LC_EFFECT_REFUSED + 1]; /* rows of the result, by the effect on the
                                                trainer; after lc_convert_check */
};

/** Why rows cannot be converted. */
struct lc_convert_reason {
    const char *text;       /* one line, static */
    uint64_t rows;          /* a row is counted under one reason */
    uint64_t row;           /* number of the first one in its file, from 0 */
    uint64_t line;          /* its line, from 1 */
    const char *file;       /* name of its file, relative to the data folder; bytes */
    struct lc_span subject; /* what it is about: a name in that row, cut; or empty */
};

struct lc_convert;

/**
 * Check a data set whose rows are to be converted.
 *
 * @param options  what it points to must outlive *out
 * @param out      set on success
 *
 * Owner:   the caller, lc_convert_free.
 * Errors:  as lc_check; LC_ERR_USAGE also if rows of a dialect cannot be converted, or if
 *          rows files cannot be joined.
 * Threads: one thread at a time.
 */
LC_API enum lc_status lc_convert_new(const struct lc_convert_options *options,
                                     struct lc_convert **out, struct lc_error *err);
LC_API void lc_convert_free(struct lc_convert *convert); /* NULL-safe */

/** The dialect, and the trainer whose effects are counted; never NULL. */
LC_API const char *lc_convert_dialect(const struct lc_convert *convert);
LC_API const char *lc_convert_trainer(const struct lc_convert *convert);

/** The trainer of the original rows, by their dialect; never NULL. */
LC_API const char *lc_convert_trainer_before(const struct lc_convert *convert);

/** Which files the trainer loads, if not one with the result's name; NULL: it does. */
LC_API const char *lc_convert_unloaded(const struct lc_convert *convert);

/** The folder that the images' paths are relative to, as a path to open. */
LC_API const char *lc_convert_images(const struct lc_convert *convert);

/** The folders and files that the data set consists of: as lc_clean_input_at. */
LC_API const char *lc_convert_input_at(const struct lc_convert *convert, size_t index,
                                       bool *is_folder);

/** Live as long as the conversion, and change with its steps. */
LC_API const struct lc_convert_counts *
lc_convert_counts(const struct lc_convert *convert);

/** The reason at an index, after lc_convert_write; NULL past the end. */
LC_API const struct lc_convert_reason *
lc_convert_reason_at(const struct lc_convert *convert, size_t index);

/**
 * Write the rows, in their order, and a list of those that cannot be converted: JSON
 * lines with the row's bytes and the reason.
 *
 * @param to       stays open; it is flushed and its errors are reported
 * @param skipped  likewise, for the list; NULL: no list is written
 *
 * Errors:  LC_ERR_USAGE (a row cannot be converted, and skip is not set: reasons say
 *          why; or no row is left), LC_ERR_IO (it cannot be written; a rows file changed
 *          since it was checked), LC_ERR_INDEX, LC_ERR_MEMORY, LC_ERR_STOPPED.
 */
LC_API enum lc_status lc_convert_write(struct lc_convert *convert, FILE *to,
                                       FILE *skipped, struct lc_error *err);

/**
 * Check what was written: read it like any rows file, and compare the images, videos and
 * placeholders of each row with those of the original.
 *
 * @param path   of the result
 * @param again  set to true if some rows differ: write the result again; these rows then
 *               count as rows that cannot be converted
 *
 * Errors:  as lc_check; LC_ERR_IO if the result is wrong in another way.
 */
LC_API enum lc_status lc_convert_check(struct lc_convert *convert, const char *path,
                                       bool *again, struct lc_error *err);

/** The suffix to add to the result's name for the file of its entry: ".entry" (to copy
 * into dataset_info.json), ".entry.json" or ".entry.yaml"; NULL: there is no registry.
 */
LC_API const char *lc_convert_entry_suffix(const struct lc_convert *convert);

/**
 * Write a registry with one entry, for the trainer: a dataset_info.json of LLaMA-Factory,
 * a list of ms-swift, a mixture of LLaVA-NeXT, or a meta file of InternVL.
 *
 * @param name   of the entry
 * @param path   of the result, as the training program will open it
 *
 * Errors:  LC_ERR_USAGE (there is none for the trainer), LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_API enum lc_status lc_convert_write_entry(struct lc_convert *convert, const char *name,
                                             const char *path, FILE *to,
                                             struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif

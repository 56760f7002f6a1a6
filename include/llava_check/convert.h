/* convert.h - rows of one dialect as rows of another; experimental */
/*
 * What is written is checked before the caller puts it in its place:
 *
 *     lc_convert_new           check the data set
 *     lc_convert_write         write the rows, and those that the dialect cannot hold
 *     lc_convert_check         check what was written, row by row; write again if rows
 *                              are not what they were
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

/** How rows are converted. Zero is a good value for every field but size, check, to and
 * name. */
struct lc_convert_options {
    size_t size;                          /* of this struct: LC_OPTIONS */
    const struct lc_check_options *check; /* how the data set is checked */
    const char *to;                       /* a dialect: a name of lc_dialect_at */
    /* of the result: with .jsonl at its end it has JSON lines, with .json an array */
    const char *name;
    bool skip;           /* rows that cannot be converted are left out */
    const char *trainer; /* the program that is to train the rows; NULL: by the dialect */
    /* each text becomes a list of parts, with {"type": "image"} for a placeholder; of
     * messages alone. The default of trainer is then trl */
    bool in_parts;
    /* the same, but the parts name their files: {"type": "image", "image": "a.jpg"} */
    bool part_paths;
};

/** Rows by what became of them. */
struct lc_convert_counts {
    uint64_t rows;    /* of the data set: the sum of the next two */
    uint64_t kept;    /* converted */
    uint64_t skipped; /* the dialect cannot hold them */
    uint64_t before;  /* rows of the data set that its trainer trains as written */
    uint64_t effects[LC_EFFECT_REFUSED + 1]; /* rows of the result, by the effect on the
                                                trainer; after lc_convert_check */
};

/** Why rows cannot be converted. */
struct lc_convert_reason {
    const char *text;       /* one line, static */
    uint64_t rows;          /* a row is counted under one reason */
    uint64_t row;           /* the first one: in its file, from 0 */
    uint64_t line;          /* the same, from 1 */
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

/** The dialect, and the trainer that effects are on; never NULL. */
LC_API const char *lc_convert_dialect(const struct lc_convert *convert);
LC_API const char *lc_convert_trainer(const struct lc_convert *convert);

/** The trainer of the rows as they are, by their dialect; never NULL. */
LC_API const char *lc_convert_trainer_before(const struct lc_convert *convert);

/** Whether the trainer loads the result by its name; why not, otherwise: a sentence. */
LC_API const char *lc_convert_unloaded(const struct lc_convert *convert);

/** The folder that the images' paths are relative to, to open it. */
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
 * Write the rows, in their order, and the list of those that cannot be converted, as JSON
 * lines with their bytes and the reason.
 *
 * @param to       stays open; it is flushed and its errors are reported
 * @param skipped  the same; NULL: no list is written
 *
 * Errors:  LC_ERR_USAGE (a row cannot be converted, and skip is not set: reasons say
 *          why; or no row is left), LC_ERR_IO (it cannot be written; a rows file changed
 *          since it was checked), LC_ERR_INDEX, LC_ERR_MEMORY, LC_ERR_STOPPED.
 */
LC_API enum lc_status lc_convert_write(struct lc_convert *convert, FILE *to,
                                       FILE *skipped, struct lc_error *err);

/**
 * Check what was written: it is read as any rows file is, and its rows must name the same
 * images, videos and placeholders as those that they were.
 *
 * @param path   of the result
 * @param again  set to true if some rows do not: the result is to be written again, and
 *               then they are among those that cannot be converted
 *
 * Errors:  as lc_check; LC_ERR_IO if the result is not what it should be.
 */
LC_API enum lc_status lc_convert_check(struct lc_convert *convert, const char *path,
                                       bool *again, struct lc_error *err);

/** What to add to the result's name for a file of its entry: ".entry" (to be copied into
 * dataset_info.json), ".entry.json" or ".entry.yaml"; NULL: the trainer has no registry.
 */
LC_API const char *lc_convert_entry_suffix(const struct lc_convert *convert);

/**
 * Write a registry with one entry, for the trainer: a dataset_info.json of LLaMA-Factory,
 * a list of ms-swift, a mixture of LLaVA-NeXT, or a meta file of InternVL.
 *
 * @param name   of the entry
 * @param path   of the result, as the program finds it
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

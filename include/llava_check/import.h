/* import.h - converting batches of Arrow to JSON rows and image files; experimental */
/*
 * The rows come in batches of Apache Arrow's C data interface, such as from Parquet:
 *
 *     lc_importer_new            once for each thread
 *     lc_importer_write          write the image files of a batch
 *     lc_importer_rows, …        get the batch's rows and mapping, to write to files
 *
 * or, to check rows that stay in memory:
 *
 *     lc_importer_render         render the rows of a batch as JSON
 *     lc_importer_check          check these rows, and their images in the batch
 *     lc_importer_verdicts       the same, but get the verdicts as a table
 */
#ifndef LC_LLAVA_CHECK_IMPORT_H
#define LC_LLAVA_CHECK_IMPORT_H

#include "llava_check/api.h"
#include "llava_check/error.h"
#include "llava_check/selection.h"
#include "llava_check/types.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ArrowSchema;
struct ArrowArray;
struct ArrowArrayStream;
struct lc_check_options;
struct lc_index;

/** The meaning of a column. */
enum lc_import_role {
    /* a member of the row's object: texts, integers, booleans, and lists and structs of
     * these */
    LC_IMPORT_VALUE,
    LC_IMPORT_JSON,   /* a member of any type, as texts that are JSON */
    LC_IMPORT_IMAGE,  /* a member: binary, or a struct of "bytes" and "path" */
    LC_IMPORT_IMAGES, /* a member: a list of such images */
    /* not members of the row's object: */
    LC_IMPORT_NAME,   /* text: the name for its image files, without a suffix */
    LC_IMPORT_SHARED, /* boolean: other rows have the same name */
    LC_IMPORT_ID,     /* text: its id, for the mapping */
    LC_IMPORT_ROLE_COUNT
};

/** A batch of rows. */
struct lc_import_batch {
    size_t size;                      /* of this struct: LC_OPTIONS */
    const struct ArrowSchema *schema; /* a struct: its children are the columns */
    const struct ArrowArray *array;
    const uint8_t *roles;    /* for each column, an enum lc_import_role */
    const char *images;      /* an existing folder for image files */
    const char *folder;      /* the path of that folder for rows */
    const char *file;        /* the source of the rows, for the mapping */
    uint64_t group;          /* their row group in the source */
    uint64_t first_in_group; /* the first row's number in the row group, from 0 */
    uint64_t first_row;      /* the same, in the whole data set */
};

/** Numbers of a batch. */
struct lc_import_counts {
    uint64_t rows;
    uint64_t rows_text_only;
    uint64_t images; /* of all rows: several may share a file */
    uint64_t image_bytes;
    uint64_t states[16]; /* images by enum lc_image_state */
};

struct lc_importer;

/**
 * Make an importer.
 *
 * Owner:   the caller, lc_importer_free.
 * Errors:  LC_ERR_MEMORY.
 * Threads: one thread at a time. Importers are independent, and may write to one folder.
 */
LC_API enum lc_status lc_importer_new(struct lc_importer **out, struct lc_error *err);
LC_API void lc_importer_free(struct lc_importer *importer); /* NULL-safe */

/**
 * Hash, inspect and write the images of a batch, and render its rows and its mapping.
 *
 * An image's file has its bytes unchanged, and the suffix for its content. An existing
 * file with these bytes is reused, and one with only their beginning is completed. If a
 * file has different bytes, the content's hash is added to the name. Existing bytes are
 * never changed.
 *
 * The rows and the mapping are those of this batch only; those of the previous call are
 * discarded.
 *
 * Errors:  LC_ERR_USAGE: the type of a column does not fit its role, a text is not UTF-8,
 *          or a different file has the name of an image; LC_ERR_IO, LC_ERR_MEMORY.
 *          lc_importer_subject then returns the place.
 */
LC_API enum lc_status lc_importer_write(struct lc_importer *importer,
                                        const struct lc_import_batch *batch,
                                        struct lc_import_counts *counts,
                                        struct lc_error *err);

/**
 * Render the rows of a batch, and remember where its images are. Nothing is written.
 *
 * In its row, an image has the path "ROW.COLUMN.POSITION.SUFFIX": the row's number among
 * those rendered; the column's name, or its number if the name has characters other than
 * letters, digits, "_" and "-"; and the position among the images of the row.
 *
 * @param batch  only size, schema, array, roles and first_row are used; columns that are
 *               not members are not needed. first_row 0: discard earlier rendered rows;
 *               otherwise it must be their number, and the batch continues them
 *
 * Errors: as lc_importer_write, except LC_ERR_IO. Nothing is rendered then.
 */
LC_API enum lc_status lc_importer_render(struct lc_importer *importer,
                                         const struct lc_import_batch *batch,
                                         struct lc_error *err);

/**
 * Check the rows that were rendered, each by itself.
 *
 * @param options  as for lc_check; but this call sets paths, path_count, no_index,
 *                 each_alone, get_image, put_image and user itself, so that no function
 *                 of it may be used. Images without bytes are files of options->images
 * @param out      as for lc_check: the caller calls lc_index_close
 *
 * The arrays of all batches must still exist. During the call, the rows are in a file in
 * memory, for which /proc must be mounted.
 *
 * Errors: those of lc_check.
 */
LC_API enum lc_status lc_importer_check(const struct lc_importer *importer,
                                        const struct lc_check_options *options,
                                        struct lc_index **out, struct lc_error *err);

/** Which verdicts to return. Zero is the default for every field except size. */
struct lc_verdict_options {
    size_t size;                          /* of this struct: LC_OPTIONS */
    const char *trainer;                  /* its name; NULL: that of the rows' dialect */
    const struct lc_selection *selection; /* which findings, at which level; NULL: all */
    enum lc_severity show;                /* findings of lower levels are not listed */
};

/**
 * Check the rows that were rendered, each by itself, and start a table of verdicts.
 *
 * @param options   as for lc_importer_check
 * @param verdicts  NULL: the defaults
 * @param out       filled on success: the table LC_ARROW_VERDICTS of lc_arrow_stream
 *
 * Owner:  the caller, out->release. The batches may be released before it.
 * Errors: those of lc_importer_check, lc_view_new, lc_prediction_new_of_each and
 *         lc_arrow_stream.
 */
LC_API enum lc_status lc_importer_verdicts(const struct lc_importer *importer,
                                           const struct lc_check_options *options,
                                           const struct lc_verdict_options *verdicts,
                                           struct ArrowArrayStream *out,
                                           struct lc_error *err);

/** The rows of the last batch, each after a comma and a line end, and written like
 * Python's json.dumps(row, ensure_ascii=False). Valid until the next call.
 */
LC_API struct lc_span lc_importer_rows(const struct lc_importer *importer);

/** The mapping of the last batch, as CSV. For each image: the number of its row in the
 * data set, the row's id, its file, row group and number in the group, and the image's
 * path, hash, format and state. */
LC_API struct lc_span lc_importer_mapping(const struct lc_importer *importer);

/** What the last error is about: an image's path, or a column; empty: neither. */
LC_API const char *lc_importer_subject(const struct lc_importer *importer);

/** Size of the longest suffix, including its dot and NUL. */
#define LC_IMPORT_SUFFIX_SIZE 10

/**
 * Choose the suffix of an image's file: by its content; if that is not an image, from its
 * former path; otherwise ".bin".
 *
 * @param path  bytes; may be NULL
 */
LC_API void lc_import_suffix(const void *data, size_t size, const char *path,
                             size_t path_size, char out[LC_IMPORT_SUFFIX_SIZE]);

/**
 * Whether the values of a type can have the role LC_IMPORT_VALUE.
 *
 * Threads: any.
 */
LC_API int lc_import_can_render(const struct ArrowSchema *type);

#ifdef __cplusplus
}
#endif

#endif

/* import.h - batches of Arrow's tables as JSON rows and image files; experimental */
/*
 * The rows are a batch of Apache Arrow's C data interface, as a reader of Parquet has it:
 *
 *     lc_importer_new            for each thread
 *     lc_importer_write          a batch: writes its image files
 *     lc_importer_rows, …        the batch's rows and mapping, to be put in files
 *
 * or, to check rows that stay in memory:
 *
 *     lc_importer_render         a batch: its rows as JSON
 *     lc_importer_check          these rows, and their images in the batch
 *     lc_importer_verdicts       the same, with the verdicts as a table
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

/** What a column of a batch is. */
enum lc_import_role {
    /* a member of the row's object: texts, integers, booleans, and lists and structs of
     * these */
    LC_IMPORT_VALUE,
    LC_IMPORT_JSON,   /* the same, of any type: texts that are JSON */
    LC_IMPORT_IMAGE,  /* a member: binary, or a struct of "bytes" and "path" */
    LC_IMPORT_IMAGES, /* a member: a list of such */
    /* no members, but about the row: */
    LC_IMPORT_NAME,   /* text: how its image files are called, without a suffix */
    LC_IMPORT_SHARED, /* boolean: other rows have that name */
    LC_IMPORT_ID,     /* text: its id, for the mapping */
    LC_IMPORT_ROLE_COUNT
};

/** A batch of rows. */
struct lc_import_batch {
    size_t size;                      /* of this struct: LC_OPTIONS */
    const struct ArrowSchema *schema; /* a struct: its children are the columns */
    const struct ArrowArray *array;
    const uint8_t *roles;    /* of each column, an enum lc_import_role */
    const char *images;      /* an existing folder for image files */
    const char *folder;      /* that folder as rows name it */
    const char *file;        /* where the rows are from, for the mapping */
    uint64_t group;          /* their row group in it */
    uint64_t first_in_group; /* the first row's number in the row group, from 0 */
    uint64_t first_row;      /* the same, in the whole data set */
};

/** What a batch had. */
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
 * An image's file has the bytes as they are, and a name with the suffix of its content. A
 * file that is there with these bytes is used, and one with a beginning of them is
 * finished; if it has others, the name gets the content's hash. Nothing that was there is
 * changed.
 *
 * The texts of a batch are those of the batch alone: what the last call has left is
 * dropped.
 *
 * Errors:  LC_ERR_USAGE: a column is not of the type that its role needs, a text is not
 *          UTF-8, or another file has the name of an image; LC_ERR_IO, LC_ERR_MEMORY.
 *          lc_importer_subject then says where.
 */
LC_API enum lc_status lc_importer_write(struct lc_importer *importer,
                                        const struct lc_import_batch *batch,
                                        struct lc_import_counts *counts,
                                        struct lc_error *err);

/**
 * Render the rows of a batch, and keep where its images are. Nothing is written.
 *
 * An image has the path "ROW.COLUMN.POSITION.SUFFIX" in its row: the row's number among
 * those rendered, the column's name, or its number if it has others than letters, digits,
 * "_" and "-", and the position among the images of the row.
 *
 * @param batch  only size, schema, array, roles and first_row are used. first_row 0:
 *               what was rendered before is dropped; else the number of rows that were:
 *               the batch follows them. It needs no columns about the row
 *
 * Errors: as of lc_importer_write, but LC_ERR_IO; nothing is rendered then.
 */
LC_API enum lc_status lc_importer_render(struct lc_importer *importer,
                                         const struct lc_import_batch *batch,
                                         struct lc_error *err);

/**
 * Check the rows that were rendered, each by itself.
 *
 * @param options  as for lc_check; paths, path_count, no_index, each_alone, get_image,
 *                 put_image and user are set here, so that no other function of it may
 *                 be used. Images without bytes are files of options->images
 * @param out      as of lc_check: the caller's, lc_index_close
 *
 * The arrays of all batches must be there. Rows are in a file in memory that ends with
 * this call, for which /proc must be mounted.
 *
 * Errors: those of lc_check.
 */
LC_API enum lc_status lc_importer_check(const struct lc_importer *importer,
                                        const struct lc_check_options *options,
                                        struct lc_index **out, struct lc_error *err);

/** Which verdicts. Zero is a good value for every field but size. */
struct lc_verdict_options {
    size_t size;                          /* of this struct: LC_OPTIONS */
    const char *trainer;                  /* its name; NULL: that of the rows' dialect */
    const struct lc_selection *selection; /* what counts, and on which level; NULL: all */
    enum lc_severity show;                /* findings of lower levels are not listed */
};

/**
 * Check the rows that were rendered, each by itself, and start the table of the verdicts.
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

/** The rows of the last batch: before each is a comma and the end of a line, its text is
 * what Python's json.dumps(row, ensure_ascii=False) returns. Valid until the next call.
 */
LC_API struct lc_span lc_importer_rows(const struct lc_importer *importer);

/** The mapping of the last batch, as CSV: for each image the number of its row in the
 * data set, the row's id, the file, the row group, the row in it, the image's path, the
 * hash of its bytes, its format and its state. */
LC_API struct lc_span lc_importer_mapping(const struct lc_importer *importer);

/** What the last error is about: an image's path, or a column; empty: neither. */
LC_API const char *lc_importer_subject(const struct lc_importer *importer);

/** The largest suffix with its dot and NUL. */
#define LC_IMPORT_SUFFIX_SIZE 10

/**
 * The suffix that an image's file gets: by its content, of other bytes that of the path
 * that it had, else ".bin".
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

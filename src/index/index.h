/* index.h - the results of a run, in LMDB: the only place that knows it
 *
 * A run writes a generation of its own, index.mdb.part; when it is finished the file
 * takes the place of index.mdb in one rename. So a finished result is never lost to a run
 * that fails, and what a reader has open never changes under it.
 */
#ifndef LC_INDEX_INDEX_H
#define LC_INDEX_INDEX_H

#include "base/error.h"
#include "base/hash.h"
#include "index/format/key.h"
#include "index/format/records.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What identifies a run's data set and options, for reports and for reuse. */
struct lc_index_info {
    struct lc_span tool;         /* version */
    struct lc_span name;         /* the data set's own name */
    struct lc_span image_root;   /* as printed */
    struct lc_hash options;      /* fingerprint of tool, rules and options that matter */
    struct lc_hash decoders;     /* fingerprint of all that an image's facts depend on */
    int64_t began_ns;            /* when the run began: nanoseconds since 1970 */
    struct lc_span image_folder; /* the image root: relative to the data folder */
};

/* ---- writing ---- */

struct lc_index_writer;
struct lc_journal; /* index/write/journal.h */

/** Who wants to write an index into a folder. */
struct lc_claimer {
    bool is_named; /* the user named the folder: other files in it are the user's */
    void *user;    /* handed to on_notice */
    /* called with a line about each name that was removed; NULL: not called */
    void (*on_notice)(void *user, const char *line);
};

/**
 * Make a folder ready to hold an index: make it when it does not exist, and free the
 * names of the index's files from what is not ours.
 *
 * In a folder that was not named, which may have come with the data, what is under such a
 * name and no regular file of one name is removed. In one that the user named it is an
 * error, and so is a file that was not written by llava-check.
 *
 * Errors:  LC_ERR_INDEX (a file that is not ours; the message says which), LC_ERR_IO,
 *          LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status
lc_index_claim(const char *folder, const struct lc_claimer *by, struct lc_error *err);

/**
 * Begin to write an index.
 *
 * @param folder  made when it is not there; NULL: a file without a name in the folder for
 *                temporary files, gone when it is closed
 * @param key     what the index is sealed with, copied; NULL: it will be foreign
 * everywhere
 *
 * Owner:   the caller: lc_index_finish or lc_index_abandon.
 * Errors:  LC_ERR_IO (the folder cannot be made or written), LC_ERR_INDEX (another run
 *          holds it; the message says which process), LC_ERR_MEMORY.
 * Threads: a writer belongs to the thread that made it (LMDB: so do its transactions).
 */
LC_MUST_CHECK enum lc_status lc_index_create(const char *folder, const struct lc_key *key,
                                             struct lc_index_writer **out,
                                             struct lc_error *err);

/** Give up: what was written is removed, an earlier index stays. NULL-safe. */
void lc_index_abandon(struct lc_index_writer *writer);

/* Add records. Rows, images and findings must come in the order of their numbers and
 * keys. Errors: LC_ERR_IO (disk full …), LC_ERR_MEMORY, LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_index_add_file(struct lc_index_writer *writer,
                                               uint32_t number,
                                               const struct lc_file_record *record,
                                               struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_add_row(struct lc_index_writer *writer,
                                              uint64_t number,
                                              const struct lc_row_record *record,
                                              struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_add_image(struct lc_index_writer *writer,
                                                uint32_t number,
                                                const struct lc_image_record *record,
                                                struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_add_finding(struct lc_index_writer *writer,
                                                  const struct lc_finding_record *record,
                                                  struct lc_error *err);

/**
 * Say which images a row names.
 *
 * @param row     number of the row; rows come in order
 * @param images  numbers of the images, in the row's order
 */
LC_MUST_CHECK enum lc_status lc_index_add_row_images(struct lc_index_writer *writer,
                                                     uint64_t row, const uint32_t *images,
                                                     size_t count, struct lc_error *err);

/** Say that a row names an image; by image and then by row in order, no pair twice. */
LC_MUST_CHECK enum lc_status lc_index_add_image_row(struct lc_index_writer *writer,
                                                    uint32_t image, uint64_t row,
                                                    struct lc_error *err);

/** A look-up by hash: which table it goes to. */
enum lc_lookup {
    LC_LOOKUP_ID,      /* XXH3-128 of the id's text → row number */
    LC_LOOKUP_PATH,    /* XXH3-128 of the image's path → image number */
    LC_LOOKUP_CONTENT, /* XXH3-128 of the image's bytes → image number */
};

/** Add a look-up; by hash and then by number in order. */
LC_MUST_CHECK enum lc_status lc_index_add_lookup(struct lc_index_writer *writer,
                                                 enum lc_lookup lookup,
                                                 const struct lc_hash *hash,
                                                 uint64_t number, struct lc_error *err);

/** Get a row that was added to this writer; its spans are valid until something is added.
 * Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_index_written_row(struct lc_index_writer *writer,
                                                  uint64_t row, struct lc_row_record *out,
                                                  struct lc_error *err);

/** Store what the rows are like; once. */
LC_MUST_CHECK enum lc_status
lc_index_add_statistics(struct lc_index_writer *writer,
                        const struct lc_statistics *statistics, struct lc_error *err);

/** Store what the rows of a file are like; by its number in order. */
LC_MUST_CHECK enum lc_status
lc_index_add_file_statistics(struct lc_index_writer *writer, uint32_t number,
                             const struct lc_statistics *statistics,
                             struct lc_error *err);

/** Store a part of the mixture; by kind and then by rank in order. */
LC_MUST_CHECK enum lc_status lc_index_add_share(struct lc_index_writer *writer,
                                                enum lc_share_kind kind, uint32_t rank,
                                                const struct lc_share *share,
                                                struct lc_error *err);

/** Store what the run is, with its schema; once. */
LC_MUST_CHECK enum lc_status lc_index_add_info(struct lc_index_writer *writer,
                                               const struct lc_index_info *info,
                                               struct lc_error *err);

/** Store the run's numbers; counts are the rules that found something. Once, at the end.
 */
LC_MUST_CHECK enum lc_status lc_index_add_summary(struct lc_index_writer *writer,
                                                  const struct lc_summary *summary,
                                                  const struct lc_rule_count *counts,
                                                  size_t count, struct lc_error *err);

/**
 * Finish: all is on the disk, the index takes its place, and can be read.
 *
 * @param journal  of this run, or NULL: removed when the index has its place
 * @param out      set on success; to be closed by the caller
 *
 * Owner:   the writer is gone, and the journal closed, whatever is returned.
 * Errors:  LC_ERR_IO, LC_ERR_INDEX, LC_ERR_MEMORY; an earlier index is then untouched.
 */
LC_MUST_CHECK enum lc_status lc_index_finish(struct lc_index_writer *writer,
                                             struct lc_journal *journal,
                                             struct lc_index **out, struct lc_error *err);

/**
 * Open a temporary file to read and write, beside an index: it has no name, and is gone
 * when it is closed.
 *
 * @param folder  of an index that is being written; NULL: the folder for temporary files
 * @param fd      set on success
 *
 * Owner:   the caller closes *fd.
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_index_scratch(const char *folder, int *fd,
                                              struct lc_error *err);

/* ---- reading ---- */

/** The file of a finished index within its folder. */
#define LC_INDEX_FILE "index.mdb"

/**
 * Open a finished index. Its seal is checked first: all of the file is read.
 *
 * @param file  path of an index.mdb
 * @param key   the user's, or NULL: lc_index_is_ours is then false
 *
 * Errors:  LC_ERR_USAGE (no such file), LC_ERR_INDEX (damaged, another version),
 *          LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_index_open_file(const char *file,
                                                const struct lc_key *key,
                                                struct lc_index **out,
                                                struct lc_error *err);

/** Whether an index was written with the key that it was opened with, or by this run. */
bool lc_index_is_ours(const struct lc_index *index);

/** Note that an index was found with the data: it may have come with them. */
void lc_index_was_found(struct lc_index *index);

/** Where an index folder stands: what no copy of it has, and nobody who only gave the
 * data can know. */
struct lc_index_place {
    uint64_t device;
    uint64_t inode;
    int64_t born_ns; /* since 1970, of the lock file; 0: the file system does not tell */
};

/**
 * Where a folder stands whose lock this process holds.
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status
lc_index_place(const char *folder, struct lc_index_place *out, struct lc_error *err);

/**
 * Make an index that has findings and numbers alone one about the data of another: files,
 * rows and images, and what belongs to them, are read from that one.
 *
 * @param base  given away: it is closed with the index
 */
void lc_index_put_on(struct lc_index *index, struct lc_index *base,
                     const struct lc_verification *verification);

/** What the run was; lives as long as the index. */
const struct lc_index_info *lc_index_info(const struct lc_index *index);

/** What the rows are like; lives as long as the index. */
const struct lc_statistics *lc_index_statistics(const struct lc_index *index);

/** The rules that found something, in order; their number in *count. Lives as long as the
 * index. */
const struct lc_rule_count *lc_index_rule_counts(const struct lc_index *index,
                                                 size_t *count);

/* Get one record by its number. Spans point into the index and live as long as it does.
 * Errors: LC_ERR_INDEX when it is not there or malformed. */
LC_MUST_CHECK enum lc_status lc_index_get_file(const struct lc_index *index,
                                               uint32_t number,
                                               struct lc_file_record *out,
                                               struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_get_file_statistics(const struct lc_index *index,
                                                          uint32_t number,
                                                          struct lc_statistics *out,
                                                          struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_get_row(const struct lc_index *index,
                                              uint64_t number, struct lc_row_record *out,
                                              struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_get_image(const struct lc_index *index,
                                                uint32_t number,
                                                struct lc_image_record *out,
                                                struct lc_error *err);

/** Called for each number, ascending. */
typedef void lc_number_fn(void *user, uint64_t number);

/**
 * The rows that name an image, or have an id: the first of them, or all.
 *
 * @param rows   filled with the first row numbers, in order
 * @param room   how many fit
 * @param count  set to how many there are in all
 *
 * Errors: LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_index_rows_of_image(const struct lc_index *index,
                                                    uint32_t image, uint64_t *rows,
                                                    size_t room, uint64_t *count,
                                                    struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_each_row_of_image(const struct lc_index *index,
                                                        uint32_t image,
                                                        lc_number_fn *each, void *user,
                                                        struct lc_error *err);
/** Call a function for each row of a file. Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_index_each_row_of_file(const struct lc_index *index,
                                                       uint32_t file, lc_number_fn *each,
                                                       void *user, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_each_row_of_id(const struct lc_index *index,
                                                     struct lc_span id,
                                                     lc_number_fn *each, void *user,
                                                     struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_rows_of_id(const struct lc_index *index,
                                                 struct lc_span id, uint64_t *rows,
                                                 size_t room, uint64_t *count,
                                                 struct lc_error *err);

/**
 * Called for each finding, in the order of reports.
 *
 * @return LC_OK to go on; anything else ends the walk and is returned by it
 */
typedef enum lc_status lc_finding_fn(void *user, const struct lc_finding_record *finding,
                                     struct lc_error *err);

/** Walk over all findings. Errors: LC_ERR_INDEX, and what each returns. */
LC_MUST_CHECK enum lc_status lc_index_each_finding(const struct lc_index *index,
                                                   lc_finding_fn *each, void *user,
                                                   struct lc_error *err);

/** Called for each part of the mixture, by kind, those of most rows first. */
typedef enum lc_status lc_share_fn(void *user, enum lc_share_kind kind,
                                   const struct lc_share *share, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_each_share(const struct lc_index *index,
                                                 lc_share_fn *each, void *user,
                                                 struct lc_error *err);

/** Called for each image, in order of their paths; as lc_finding_fn. */
typedef enum lc_status lc_image_fn(void *user, uint32_t number,
                                   const struct lc_image_record *image,
                                   struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_each_image(const struct lc_index *index,
                                                 lc_image_fn *each, void *user,
                                                 struct lc_error *err);

/** Called for each row, ascending; images are the numbers of those that it names, each in
 * four bytes (lc_get_u32), in the row's order. As lc_finding_fn. */
typedef enum lc_status lc_row_fn(void *user, uint64_t number,
                                 const struct lc_row_record *row, struct lc_span images,
                                 struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_each_row(const struct lc_index *index,
                                               lc_row_fn *each, void *user,
                                               struct lc_error *err);

/** The images that a row names, as lc_row_fn gets them. Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_index_images_of_row(const struct lc_index *index,
                                                    uint64_t row, struct lc_span *out,
                                                    struct lc_error *err);

/**
 * Walk over the findings about one thing, in the order of reports.
 *
 * @param subject  of a row its file's number, of an image its number; of the set 0: all
 * @param row      of a row its number in its file; else -1
 *
 * Errors: LC_ERR_INDEX, and what each returns.
 */
LC_MUST_CHECK enum lc_status lc_index_each_finding_of(const struct lc_index *index,
                                                      enum lc_finding_kind kind,
                                                      uint32_t subject, int64_t row,
                                                      lc_finding_fn *each, void *user,
                                                      struct lc_error *err);

/** Called for each image that was read, by the hash of its bytes and then by its number;
 * as lc_finding_fn. */
typedef enum lc_status lc_content_fn(void *user, const struct lc_hash *content,
                                     uint32_t image, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_each_content(const struct lc_index *index,
                                                   lc_content_fn *each, void *user,
                                                   struct lc_error *err);

/** Call a function for each image of a content. Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_index_each_image_of_content(const struct lc_index *index,
                                                            const struct lc_hash *content,
                                                            lc_number_fn *each,
                                                            void *user,
                                                            struct lc_error *err);

/** Examine an open index; see lc_index_check. Errors: LC_ERR_MEMORY, LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_index_examine(const struct lc_index *index,
                                              const struct lc_index_check_options *to,
                                              struct lc_error *err);

/** A finding's place among the others. */
struct lc_finding_key {
    uint8_t kind;     /* enum lc_finding_kind */
    uint32_t subject; /* ROW: number of the file; IMAGE: of the image */
    uint64_t row;     /* ROW: number in its file + 1; LC_BEFORE_ROWS, LC_BEHIND_ROWS */
    uint16_t order;   /* of its rule */
    uint64_t running; /* findings that were stored before it */
};

/** Rows of findings that are about a rows file itself. */
#define LC_BEFORE_ROWS 0
#define LC_BEHIND_ROWS UINT64_MAX

/** Whether a finding is about what its key says. */
bool lc_finding_is_of(const struct lc_finding_record *finding,
                      const struct lc_finding_key *key);

/* ---- streams: a record at a time, so that two indexes can be read side by side ---- */

/** What a stream goes through. */
enum lc_stream_over {
    LC_STREAM_ROWS,   /* every row, by number */
    LC_STREAM_IMAGES, /* every image path, by number, which is the order of their bytes */
    LC_STREAM_IDS,    /* every row that has an id, by the id's hash and then by number */
    LC_STREAM_ROW_IMAGES, /* every row that names images, by number */
    LC_STREAM_FINDINGS,   /* every finding, in the order of reports */
};

struct lc_stream;

/**
 * Begin a stream.
 *
 * Owner:   the caller, lc_stream_free, before the index is closed.
 * Errors:  LC_ERR_INDEX, LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_stream_new(const struct lc_index *index,
                                           enum lc_stream_over over,
                                           struct lc_stream **out, struct lc_error *err);
void lc_stream_free(struct lc_stream *stream); /* NULL-safe */

/* Let a stream that has not begun begin with a row (of LC_STREAM_ROWS and _ROW_IMAGES),
 * or the first that is there behind it; with the findings about a row of a file, or the
 * first behind them. Errors: LC_ERR_INDEX, LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_stream_from_row(struct lc_stream *stream, uint64_t row,
                                                struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_stream_from_finding(struct lc_stream *stream,
                                                    uint32_t file, uint64_t row,
                                                    struct lc_error *err);

/* Go on to the first or the next record, of what the stream goes through. *there is false
 * behind the last. Spans live as long as the index: images are as lc_row_fn gets them,
 * a finding's record is to be decoded. Errors: LC_ERR_INDEX, LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_stream_row(struct lc_stream *stream, uint64_t *number,
                                           struct lc_row_record *out, bool *there,
                                           struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_stream_image(struct lc_stream *stream, uint32_t *number,
                                             struct lc_image_record *out, bool *there,
                                             struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_stream_row_images(struct lc_stream *stream, uint64_t *row,
                                                  struct lc_span *images, bool *there,
                                                  struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_stream_finding_record(struct lc_stream *stream,
                                                      struct lc_finding_record *out,
                                                      bool *there, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_stream_finding(struct lc_stream *stream,
                                               struct lc_finding_key *key,
                                               struct lc_span *record, bool *there,
                                               struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_stream_id(struct lc_stream *stream, struct lc_hash *hash,
                                          uint64_t *row, bool *there,
                                          struct lc_error *err);

/** Put a stream at its end: after a damaged record there is nothing to go on with. */
void lc_stream_end(struct lc_stream *stream);

#endif

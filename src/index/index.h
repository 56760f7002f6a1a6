/* index.h - the stored results of a run: the only interface to the LMDB file
 *
 * Each run writes a new file, index.mdb.part, and renames it to index.mdb once it is
 * complete (write/generation.c). A failed run therefore never destroys finished results,
 * and a file that a reader has open never changes.
 */
#ifndef LC_INDEX_INDEX_H
#define LC_INDEX_INDEX_H

#include "base/error.h"
#include "base/hash.h"
#include "index/format/key.h"
#include "index/format/part.h"
#include "index/format/records.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Identifies a run's data set and options, for reports and for reuse. */
struct lc_index_info {
    struct lc_span tool;       /* version */
    struct lc_span name;       /* the data set's own name */
    struct lc_span image_root; /* as printed */
    struct lc_hash options;    /* fingerprint of the tool, the rules and the options that
                                  affect results */
    struct lc_hash decoders;   /* fingerprint of everything that image facts depend on */
    int64_t began_ns;          /* when the run started: nanoseconds since 1970 */
    struct lc_span image_folder; /* the image root, relative to the data folder */
};

/* ---- writing ---- */

struct lc_index_writer;
struct lc_journal; /* index/write/journal.h */

/** On whose behalf an index folder is prepared. */
struct lc_claimer {
    bool is_named; /* the user named the folder: other files in it belong to the user */
    void *user;    /* passed to on_notice */
    /* receives a line about each file that was removed; may be NULL */
    void (*on_notice)(void *user, const char *line);
};

/**
 * Prepare a folder for an index: create it if it does not exist, and make sure that each
 * file name of the index is either free or holds a file of an earlier index.
 *
 * In a folder that the user did not name, which may have come with the data, anything
 * under these names that is not a regular file with a single link is removed. In a folder
 * that the user named, that is an error, and so is a file that llava-check did not write.
 *
 * Errors:  LC_ERR_INDEX (a file that llava-check did not write; the message names
 *          it), LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_index_claim(const char *folder,
                                            const struct lc_claimer *claimer,
                                            struct lc_error *err);

/**
 * Start writing an index.
 *
 * @param folder  created if it does not exist; NULL: write an unnamed temporary file,
 *                which disappears when it is closed
 * @param key     the key to sign the seal with, copied; NULL: nobody will recognise the
 *                index as their own
 *
 * Owner:   the caller: lc_index_finish or lc_index_abandon.
 * Errors:  LC_ERR_IO (the folder cannot be created or written), LC_ERR_INDEX (another run
 *          has locked it; the message names the process), LC_ERR_MEMORY.
 * Threads: use a writer only in the thread that created it (LMDB requires that).
 */
LC_MUST_CHECK enum lc_status lc_index_create(const char *folder, const struct lc_key *key,
                                             struct lc_index_writer **out,
                                             struct lc_error *err);

/** Discard what was written; an earlier index stays. NULL-safe. */
void lc_index_abandon(struct lc_index_writer *writer);

/* Add records. Rows and images must be added in the order of their numbers. Errors:
 * LC_ERR_IO (disk full …), LC_ERR_MEMORY, LC_ERR_INDEX. */
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

/* Add an archive, or a member that is not the image of a row. Archives must be added in
 * the order of their numbers, members sorted by path, then archive, then offset. Errors:
 * as above. */
LC_MUST_CHECK enum lc_status lc_index_add_archive(struct lc_index_writer *writer,
                                                  uint32_t number,
                                                  const struct lc_archive_record *record,
                                                  struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_add_member(struct lc_index_writer *writer,
                                                 uint32_t number,
                                                 const struct lc_member_record *record,
                                                 struct lc_error *err);

/** Add a point of an archive. Points must be added sorted by archive, then by offset.
 * Errors: as above. */
LC_MUST_CHECK enum lc_status lc_index_add_point(struct lc_index_writer *writer,
                                                uint32_t archive, uint64_t offset,
                                                const struct lc_point_record *record,
                                                struct lc_error *err);

/**
 * Store which images a row names.
 *
 * @param row     number of the row; rows must be added in order
 * @param images  numbers of the images, in the order in which the row names them
 */
LC_MUST_CHECK enum lc_status lc_index_add_row_images(struct lc_index_writer *writer,
                                                     uint64_t row, const uint32_t *images,
                                                     size_t count, struct lc_error *err);

/** Store that a row names an image. Add each pair once, sorted by image and then by
 * row. */
LC_MUST_CHECK enum lc_status lc_index_add_image_row(struct lc_index_writer *writer,
                                                    uint32_t image, uint64_t row,
                                                    struct lc_error *err);

/** The tables that map a hash to numbers. */
enum lc_lookup {
    LC_LOOKUP_ID,      /* XXH3-128 of the id's text → row number */
    LC_LOOKUP_PATH,    /* XXH3-128 of the image's path → image number */
    LC_LOOKUP_CONTENT, /* XXH3-128 of the image's bytes → image number */
};

/** Add an entry to a look-up table. Entries must be added sorted by hash and then by
 * number. */
LC_MUST_CHECK enum lc_status lc_index_add_lookup(struct lc_index_writer *writer,
                                                 enum lc_lookup lookup,
                                                 const struct lc_hash *hash,
                                                 uint64_t number, struct lc_error *err);

/** Get a row that was added to this writer; its spans are valid until the next record is
 * added.
 * Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_index_written_row(struct lc_index_writer *writer,
                                                  uint64_t row, struct lc_row_record *out,
                                                  struct lc_error *err);

/** Store the statistics of all rows, once. */
LC_MUST_CHECK enum lc_status
lc_index_add_statistics(struct lc_index_writer *writer,
                        const struct lc_statistics *statistics, struct lc_error *err);

/** Store the statistics of a file's rows. Files must be added in order. */
LC_MUST_CHECK enum lc_status
lc_index_add_file_statistics(struct lc_index_writer *writer, uint32_t number,
                             const struct lc_statistics *statistics,
                             struct lc_error *err);

/** Store a share of the mixture. Shares must be added sorted by kind and then by rank. */
LC_MUST_CHECK enum lc_status lc_index_add_share(struct lc_index_writer *writer,
                                                enum lc_share_kind kind, uint32_t rank,
                                                const struct lc_share *share,
                                                struct lc_error *err);

/** Store the run's identity and the schema version, once. */
LC_MUST_CHECK enum lc_status lc_index_add_info(struct lc_index_writer *writer,
                                               const struct lc_index_info *info,
                                               struct lc_error *err);

/** Store which parts of a data set the index covers. Do not call it for an index of a
 * whole data set. */
LC_MUST_CHECK enum lc_status lc_index_add_part(struct lc_index_writer *writer,
                                               const struct lc_part_record *record,
                                               struct lc_error *err);

/** Store the run's totals and the counts of the rules that found something. Call it once,
 * at the end. */
LC_MUST_CHECK enum lc_status lc_index_add_summary(struct lc_index_writer *writer,
                                                  const struct lc_summary *summary,
                                                  const struct lc_rule_count *counts,
                                                  size_t count, struct lc_error *err);

/**
 * Write everything to the disk, put the index in its place, and open it.
 *
 * @param journal  this run's journal, removed once the index is in its place; may be NULL
 * @param out      set on success; the caller closes it
 *
 * Owner:   the writer is freed and the journal closed, also on failure.
 * Errors:  LC_ERR_IO, LC_ERR_INDEX, LC_ERR_MEMORY; an earlier index then stays.
 */
LC_MUST_CHECK enum lc_status lc_index_finish(struct lc_index_writer *writer,
                                             struct lc_journal *journal,
                                             struct lc_index **out, struct lc_error *err);

/**
 * Open an unnamed temporary file for reading and writing, on the file system of an index.
 * It disappears when it is closed.
 *
 * @param folder  folder of an index that is being written; NULL: the system's folder for
 *                temporary files
 * @param fd      set on success
 *
 * Owner:   the caller closes *fd.
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_index_scratch(const char *folder, int *fd,
                                              struct lc_error *err);

/**
 * Write bytes to a file of lc_index_scratch, or read them.
 *
 * @param folder  the same; an error names it
 * @param at      offset in the file
 *
 * Errors:  LC_ERR_IO, also if the file ends before the bytes to read; LC_ERR_MEMORY.
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_index_scratch_write(const char *folder, int fd,
                                                    uint64_t at, const void *data,
                                                    size_t size, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_scratch_read(const char *folder, int fd,
                                                   uint64_t at, void *out, size_t size,
                                                   struct lc_error *err);

/* ---- reading ---- */

/** The file of a finished index within its folder. */
#define LC_INDEX_FILE "index.mdb"

/**
 * Open a finished index, after checking its seal, which reads the whole file.
 *
 * @param file  path of an index.mdb
 * @param key   the user's key; NULL: lc_index_is_ours will be false
 *
 * Errors:  LC_ERR_USAGE (no such file), LC_ERR_INDEX (damaged, another version),
 *          LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_index_open_file(const char *file,
                                                const struct lc_key *key,
                                                struct lc_index **out,
                                                struct lc_error *err);

/** Return the index, and keep it open until lc_index_close has been called once more. */
struct lc_index *lc_index_keep(const struct lc_index *index);

/** Whether this run wrote the index, or the index is signed with the key that it was
 * opened with. */
bool lc_index_is_ours(const struct lc_index *index);

/** Mark an index as found with the data, so it may have come with them. */
void lc_index_mark_found(struct lc_index *index);

/** Whether the index may have come with the data: it was found there, and nothing shows
 * that this user wrote it. */
bool lc_index_is_suspect(const struct lc_index *index);

/** Identifies the place of an index folder. A copy of the folder has another identity,
 * and whoever only supplied the data cannot know it. */
struct lc_index_location {
    uint64_t device;
    uint64_t inode;
    int64_t birth_ns; /* birth time of the lock file, since 1970; 0 if the file system
                         records none */
};

/**
 * Get the location of a folder whose lock this process holds.
 *
 * Errors: LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_index_location(const char *folder,
                                               struct lc_index_location *out,
                                               struct lc_error *err);

/**
 * Base an index that contains only findings and totals on another one, which then
 * supplies the files, rows, images and everything else.
 *
 * @param base  owned by the index from now on, and closed with it
 */
void lc_index_set_base(struct lc_index *index, struct lc_index *base,
                       const struct lc_verification *verification);

/**
 * Turn an index that contains only findings and totals into the result of a comparison
 * with records.
 *
 * @param proof  its origins and their texts are one malloc'ed block, which the index then
 *               owns
 */
void lc_index_set_proof(struct lc_index *index, const struct lc_proof *proof);

/** The run's identity; lives as long as the index. */
const struct lc_index_info *lc_index_info(const struct lc_index *index);

/** The parts of a data set that the index covers; NULL if it covers all of it. */
const struct lc_part_record *lc_index_part(const struct lc_index *index);

/** The statistics of all rows; live as long as the index. */
const struct lc_statistics *lc_index_statistics(const struct lc_index *index);

/** The counts of the rules that found something, in the rules' order; *count is set to
 * their number. They live as long as the index. */
const struct lc_rule_count *lc_index_rule_counts(const struct lc_index *index,
                                                 size_t *count);

/* Get one record by its number. Spans point into the index and live as long as it does.
 * Errors: LC_ERR_INDEX if it is missing or malformed. */
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

/** Get an archive. Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_index_get_archive(const struct lc_index *index,
                                                  uint32_t number,
                                                  struct lc_archive_record *out,
                                                  struct lc_error *err);

/** Append where an image is: for a file its path, for a member the archive and the
 * member's name in it, as in "a.tar.gz!images/1.jpg". Errors: LC_ERR_INDEX,
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_index_image_place(const struct lc_index *index,
                                                  const struct lc_image_record *image,
                                                  struct lc_buffer *out,
                                                  struct lc_error *err);

/** Call a function for each archive, or for each member that is not the image of a row,
 * in order. Errors: LC_ERR_INDEX, and those of each. */
typedef enum lc_status lc_archive_fn(void *user, uint32_t number,
                                     const struct lc_archive_record *archive,
                                     struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_each_archive(const struct lc_index *index,
                                                   lc_archive_fn *each, void *user,
                                                   struct lc_error *err);
typedef enum lc_status lc_member_fn(void *user, const struct lc_member_record *member,
                                    struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_each_member(const struct lc_index *index,
                                                  lc_member_fn *each, void *user,
                                                  struct lc_error *err);

/**
 * Get the last point of an archive that is not after an offset.
 *
 * @param at     set to the offset of the point
 * @param found  set to false if there is none
 *
 * Errors: LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_index_find_point(const struct lc_index *index,
                                                 uint32_t archive, uint64_t offset,
                                                 struct lc_point_record *out,
                                                 uint64_t *at, bool *found,
                                                 struct lc_error *err);

/** Call a function for each point of an archive, in order. Errors: LC_ERR_INDEX, and
 * those of each. */
typedef enum lc_status lc_point_fn(void *user, uint64_t offset,
                                   const struct lc_point_record *point,
                                   struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_each_point(const struct lc_index *index,
                                                 uint32_t archive, lc_point_fn *each,
                                                 void *user, struct lc_error *err);

/** Called for each number, in ascending order. */
typedef void lc_number_fn(void *user, uint64_t number);

/**
 * Get the rows that name an image or have an id: the first few, or all.
 *
 * @param rows      filled with the first row numbers, in order
 * @param capacity  number of elements of rows
 * @param count     set to the number of all such rows
 *
 * Errors: LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_index_rows_of_image(const struct lc_index *index,
                                                    uint32_t image, uint64_t *rows,
                                                    size_t capacity, uint64_t *count,
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
                                                 size_t capacity, uint64_t *count,
                                                 struct lc_error *err);

/**
 * Called for each finding, in the order of reports.
 *
 * @return LC_OK to continue; any other status ends the walk, which returns it
 */
typedef enum lc_status lc_finding_fn(void *user, const struct lc_finding_record *finding,
                                     struct lc_error *err);

/** Call a function for each finding. Errors: LC_ERR_INDEX, and those of each. */
LC_MUST_CHECK enum lc_status lc_index_each_finding(const struct lc_index *index,
                                                   lc_finding_fn *each, void *user,
                                                   struct lc_error *err);

/** Called for each share of the mixture: by kind, largest number of rows first. */
typedef enum lc_status lc_share_fn(void *user, enum lc_share_kind kind,
                                   const struct lc_share *share, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_each_share(const struct lc_index *index,
                                                 lc_share_fn *each, void *user,
                                                 struct lc_error *err);

/** Called for each image, in path order; otherwise like lc_finding_fn. */
typedef enum lc_status lc_image_fn(void *user, uint32_t number,
                                   const struct lc_image_record *image,
                                   struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_each_image(const struct lc_index *index,
                                                 lc_image_fn *each, void *user,
                                                 struct lc_error *err);

/** Called for each row, in ascending order; otherwise like lc_finding_fn.
 *
 * @param images  numbers of the images that the row names, in the row's order, of four
 *                bytes each (lc_get_u32) */
typedef enum lc_status lc_row_fn(void *user, uint64_t number,
                                 const struct lc_row_record *row, struct lc_span images,
                                 struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_each_row(const struct lc_index *index,
                                               lc_row_fn *each, void *user,
                                               struct lc_error *err);

/** Get the images that a row names, in the form that lc_row_fn gets. Errors:
 * LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_index_images_of_row(const struct lc_index *index,
                                                    uint64_t row, struct lc_span *out,
                                                    struct lc_error *err);

/**
 * Call a function for each finding about one subject, in the order of reports.
 *
 * @param subject  ROW: the file's number; IMAGE: the image's number; SET: 0
 * @param row      ROW: the row's number in its file; otherwise -1
 *
 * Errors: LC_ERR_INDEX, and those of each.
 */
LC_MUST_CHECK enum lc_status lc_index_each_finding_of(const struct lc_index *index,
                                                      enum lc_finding_kind kind,
                                                      uint32_t subject, int64_t row,
                                                      lc_finding_fn *each, void *user,
                                                      struct lc_error *err);

/** Called for each image that was read, sorted by the hash of its bytes and then by its
 * number; otherwise like lc_finding_fn. */
typedef enum lc_status lc_content_fn(void *user, const struct lc_hash *content,
                                     uint32_t image, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_index_each_content(const struct lc_index *index,
                                                   lc_content_fn *each, void *user,
                                                   struct lc_error *err);

/** Call a function for each image with this content. Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_index_each_image_of_content(const struct lc_index *index,
                                                            const struct lc_hash *content,
                                                            lc_number_fn *each,
                                                            void *user,
                                                            struct lc_error *err);

/** Examine an open index; see lc_index_check. Errors: LC_ERR_MEMORY, LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_index_examine(const struct lc_index *index,
                                              const struct lc_index_check_options *to,
                                              struct lc_error *err);

/** The sort key of a finding. */
struct lc_finding_key {
    uint8_t kind;     /* enum lc_finding_kind */
    uint32_t subject; /* ROW: number of the file; IMAGE: of the image */
    uint64_t row;   /* ROW: number in its file + 1, or LC_BEFORE_ROWS or LC_AFTER_ROWS */
    uint16_t order; /* order of its rule */
    uint64_t sequence; /* number of findings that were stored before it */
};

/** Values of lc_finding_key.row for findings about a rows file itself. */
#define LC_BEFORE_ROWS 0
#define LC_AFTER_ROWS UINT64_MAX

/** Whether a finding is about the subject in its key. */
bool lc_finding_matches_key(const struct lc_finding_record *finding,
                            const struct lc_finding_key *key);

/* ---- streams: one record at a time, to read two indexes side by side ---- */

/** The records that a stream returns. */
enum lc_stream_over {
    LC_STREAM_ROWS,   /* every row, by number */
    LC_STREAM_IMAGES, /* every image, by number, which is path order */
    LC_STREAM_IDS,    /* every row that has an id, by the id's hash and then by number */
    LC_STREAM_ROW_IMAGES, /* every row that names images, by number */
    LC_STREAM_FINDINGS,   /* every finding, in the order of reports */
};

struct lc_stream;

/**
 * Open a stream.
 *
 * Owner:   the caller, lc_stream_free, before it closes the index.
 * Errors:  LC_ERR_INDEX, LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_stream_new(const struct lc_index *index,
                                           enum lc_stream_over over,
                                           struct lc_stream **out, struct lc_error *err);
void lc_stream_free(struct lc_stream *stream); /* NULL-safe */

/* Position a new stream at a row (LC_STREAM_ROWS and LC_STREAM_ROW_IMAGES) or at the
 * findings about a row of a file. If there are none, the stream starts with the next
 * record after that position. Errors: LC_ERR_INDEX, LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_stream_from_row(struct lc_stream *stream, uint64_t row,
                                                struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_stream_from_finding(struct lc_stream *stream,
                                                    uint32_t file, uint64_t row,
                                                    struct lc_error *err);

/* Get the next record. *found is false past the end. Spans live as long as the index;
 * images have the form that lc_row_fn gets; a finding's record is still encoded.
 * Errors: LC_ERR_INDEX, LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_stream_row(struct lc_stream *stream, uint64_t *number,
                                           struct lc_row_record *out, bool *found,
                                           struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_stream_image(struct lc_stream *stream, uint32_t *number,
                                             struct lc_image_record *out, bool *found,
                                             struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_stream_row_images(struct lc_stream *stream, uint64_t *row,
                                                  struct lc_span *images, bool *found,
                                                  struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_stream_finding_record(struct lc_stream *stream,
                                                      struct lc_finding_record *out,
                                                      bool *found, struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_stream_finding(struct lc_stream *stream,
                                               struct lc_finding_key *key,
                                               struct lc_span *record, bool *found,
                                               struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_stream_id(struct lc_stream *stream, struct lc_hash *hash,
                                          uint64_t *row, bool *found,
                                          struct lc_error *err);

/** Limit how many of the bytes that it has read a stream keeps in memory; many streams
 * may be open at the same time. */
void lc_stream_limit(struct lc_stream *stream, size_t bytes);

/** End a stream. After a damaged record it has no position to continue from. */
void lc_stream_end(struct lc_stream *stream);

#endif

/* index.h - the results of a run */
#ifndef LC_LLAVA_CHECK_INDEX_H
#define LC_LLAVA_CHECK_INDEX_H

#include "llava_check/api.h"
#include "llava_check/error.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The results of a run, of lc_check, lc_verify or lc_index_open. */
struct lc_index;

/** A run in numbers. */
struct lc_summary {
    uint64_t rows_files;
    uint64_t rows;
    uint64_t rows_ok;        /* rows without an error in the row or its images */
    uint64_t rows_text_only; /* rows with neither image nor video */
    uint64_t turns;
    uint64_t words;        /* in all turns, as Python's str.split counts */
    uint64_t characters;   /* code points in all turns */
    uint64_t rows_sampled; /* sampled for training: all, unless a registry limits them */
    uint64_t images_referenced; /* different paths that rows name */
    uint64_t images;            /* of those, files that were read */
    uint64_t images_ok;         /* of those, images that load without repairs */
    uint64_t images_unverified; /* of those, images of formats that are not decoded */
    uint64_t images_skipped;    /* paths not to be checked: no_images, or another part */
    uint64_t image_bytes;       /* bytes of the files that were read */
    uint64_t urls;              /* media that rows name by a URL: never verified */
    uint64_t embedded;          /* images in base64 within rows: verified there */
    uint64_t findings[3];       /* by enum lc_severity */
};

/**
 * Open the results of an earlier, finished run.
 *
 * @param paths  the paths that were checked, or one index folder or file
 * @param count  the number of paths
 *
 * Owner:   the caller, lc_index_close.
 * Errors:  LC_ERR_USAGE (no index there), LC_ERR_INDEX (not finished, damaged, from
 *          another version), LC_ERR_IO, LC_ERR_MEMORY.
 * Threads: one thread at a time per opened index; several indexes may be open.
 */
LC_API enum lc_status lc_index_open(const char *const *paths, size_t count,
                                    struct lc_index **out, struct lc_error *err);

/** Close an index; NULL-safe. The results of a run with no_index are then lost. */
LC_API void lc_index_close(struct lc_index *index);

/** The summary of the run. Lives as long as the index. */
LC_API const struct lc_summary *lc_index_summary(const struct lc_index *index);

/** The files that were compared with the index, by result. */
struct lc_verified {
    uint64_t files;    /* the sum of same, changed, replaced, gone and unreadable */
    uint64_t same;     /* files with the bytes that were indexed */
    uint64_t touched;  /* of those, files with a different time */
    uint64_t changed;  /* different bytes, but the same size and time */
    uint64_t replaced; /* different bytes, and a different size or time */
    uint64_t gone;
    uint64_t unreadable;
    uint64_t bytes; /* number of bytes read */
};

/** The results of lc_verify. */
struct lc_verification {
    struct lc_verified rows_files;
    struct lc_verified images;
    uint64_t images_unknown; /* images for which the index has no hash */
    uint64_t images_outside; /* not opened, because allow_outside was not set */
};

/** The results of lc_verify; NULL for the results of a check. Lives as long as the index.
 */
LC_API const struct lc_verification *lc_index_verification(const struct lc_index *index);

/** Which program recorded the checksums of a folder's files. */
enum lc_recorder {
    LC_RECORDER_HUB_FOLDER, /* huggingface_hub, in a folder that it downloaded to */
    LC_RECORDER_HUB_CACHE,  /* huggingface_hub, in its cache */
    LC_RECORDER_GIT,        /* git, in the index of a checkout */
    LC_RECORDER_LFS,        /* git-LFS: its objects are named by their SHA-256 */
    LC_RECORDER_SUMS,       /* sha256sum, md5sum … */
    LC_RECORDER_BAG,        /* BagIt */
    LC_RECORDER_MANIFEST,   /* llava-check manifest */
    LC_RECORDER_OTHERS,     /* all origins after the first 256 */
    LC_RECORDER_ARCHIVE,    /* an archive, which the files were unpacked from */
};

/** Records of one origin. */
struct lc_record_origin {
    enum lc_recorder recorder;
    const char *name; /* the recorded folder, or the file with the records, relative to
                         the root; bytes; "" for the root */
    const char *repository; /* "datasets/org/name", an address …; "": not recorded */
    const char *commit;     /* "": not recorded */
    uint64_t records;
    uint64_t absent; /* files of the commit that were not downloaded */
};

/** The results of lc_verify if it compared files with records of their download, with a
 * manifest or with an archive. */
struct lc_proof {
    const struct lc_record_origin *origins;
    size_t origin_count;
    uint64_t files;     /* files with a record: the sum of the next four */
    uint64_t proven;    /* files with the recorded bytes */
    uint64_t differing; /* files with different bytes, or a different size */
    uint64_t missing;
    uint64_t unread;     /* files that could not be read, or are links: not followed */
    uint64_t unfinished; /* downloads that were not finished */
    uint64_t unusable;   /* records that cannot be used */
    uint64_t unrecorded; /* files without a record */
    uint64_t bytes;      /* number of bytes read */
    uint64_t strong;     /* bytes that are proven by SHA-256 or SHA-512 */
    uint64_t weak; /* bytes that are proven only by MD5 or SHA-1, which show accidental
                      damage but not tampering */
};

/** The results of lc_verify with download, manifest or against; NULL for other results.
 * Lives as long as the index. */
LC_API const struct lc_proof *lc_index_proof(const struct lc_index *index);

/**
 * Why an index may not be the result of this user's run over the whole data set: it may
 * have come with the data, because it was not written with the user's key; or it covers
 * only some parts. One line for people, or NULL. A check never reuses results from an
 * index that may have come with the data, but reports and queries do use it.
 */
LC_API const char *lc_index_caveat(const struct lc_index *index);

/** The functions that receive the results of lc_index_check. */
struct lc_index_check_options {
    size_t size; /* of this struct: LC_OPTIONS */
    void *user;  /* passed to the functions below */
    /* called for each fault, with its table (docs/index-format.md) or "file" */
    void (*on_fault)(void *user, const char *table, const char *what);
    /* called at the end, for each table, with the number of its records or entries; may
     * be NULL */
    void (*on_table)(void *user, const char *table, uint64_t records);
};

/**
 * Check the integrity of an index: first the checksum of its file; then keys and their
 * order, records, references between records, and counts. The data set is not
 * read.
 *
 * @param paths, count  as for lc_index_open
 *
 * Errors: as lc_index_open, except for damage, which on_fault receives.
 * Threads: any; the functions are called in the caller's thread.
 */
LC_API enum lc_status lc_index_check(const char *const *paths, size_t count,
                                     const struct lc_index_check_options *options,
                                     struct lc_error *err);

#ifdef __cplusplus
}
#endif

#endif

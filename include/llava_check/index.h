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
    uint64_t rows_ok;        /* no error in the row, nor in an image of it */
    uint64_t rows_text_only; /* rows with neither image nor video */
    uint64_t turns;
    uint64_t words;        /* in all turns, as Python's str.split counts */
    uint64_t characters;   /* code points in all turns */
    uint64_t rows_sampled; /* sampled for training: all, unless a registry says else */
    uint64_t images_referenced; /* different paths that rows name */
    uint64_t images;            /* of those, files that were read */
    uint64_t images_ok;         /* of those, images that load without repairs */
    uint64_t images_unverified; /* of those, images of formats that are not decoded */
    uint64_t images_skipped;    /* paths that were not looked at, as the caller asked */
    uint64_t image_bytes;       /* bytes of the files that were read */
    uint64_t urls;              /* media that rows name by a URL: never verified */
    uint64_t embedded;          /* images in base64 within rows: verified there */
    uint64_t findings[3];       /* by enum lc_severity */
};

/**
 * Open the results of an earlier, finished run.
 *
 * @param paths  what was checked: the same paths as then; or one index folder or file
 * @param count  the number of paths
 *
 * Owner:   the caller, lc_index_close.
 * Errors:  LC_ERR_USAGE (no index there), LC_ERR_INDEX (not finished, damaged, from
 *          another version), LC_ERR_IO, LC_ERR_MEMORY.
 * Threads: one thread at a time per opened index; several indexes may be open.
 */
LC_API enum lc_status lc_index_open(const char *const *paths, size_t count,
                                    struct lc_index **out, struct lc_error *err);

/** Close an index; NULL-safe. Without a name on the disk, its results are gone. */
LC_API void lc_index_close(struct lc_index *index);

/** The summary of the run. Lives as long as the index. */
LC_API const struct lc_summary *lc_index_summary(const struct lc_index *index);

/** What became of the files whose bytes an index knows. */
struct lc_verified {
    uint64_t files;    /* the sum of the fields from same to unreadable, but touched */
    uint64_t same;     /* they have the bytes that were indexed */
    uint64_t touched;  /* of those, files with another time */
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
    uint64_t images_unknown; /* the index has no hash of them to compare with */
    uint64_t images_outside; /* not opened, as allow_outside was not set */
};

/** What lc_verify saw; NULL when the results are of a check. Lives as long as the index.
 */
LC_API const struct lc_verification *lc_index_verification(const struct lc_index *index);

/** Who recorded what the files of a folder are. */
enum lc_recorder {
    LC_RECORDER_HUB_FOLDER, /* huggingface_hub, in a folder that it downloaded to */
    LC_RECORDER_HUB_CACHE,  /* huggingface_hub, in its cache */
    LC_RECORDER_GIT,        /* git, in the index of a checkout */
    LC_RECORDER_LFS,        /* git-LFS: its objects are named by their SHA-256 */
    LC_RECORDER_SUMS,       /* sha256sum, md5sum … */
    LC_RECORDER_BAG,        /* BagIt */
    LC_RECORDER_MANIFEST,   /* llava-check manifest */
    LC_RECORDER_OTHERS,     /* all beyond the first 256 */
    LC_RECORDER_ARCHIVE,    /* an archive, which the files were unpacked from */
};

/** Records of one origin. */
struct lc_record_origin {
    enum lc_recorder recorder;
    const char *name; /* of the folder that it is about, or of the file that has it, from
                         the root; bytes; "" for the root */
    const char *repository; /* "datasets/org/name", an address …; "": not recorded */
    const char *commit;     /* "": not recorded */
    uint64_t records;
    uint64_t absent; /* files that the commit has and that were not downloaded */
};

/** What lc_verify saw when it compared files with records of their download, or with a
 * manifest. */
struct lc_proof {
    const struct lc_record_origin *origins;
    size_t origin_count;
    uint64_t files;     /* that have a record: the sum of the next four */
    uint64_t proven;    /* their bytes are those that were recorded */
    uint64_t differing; /* other bytes, or another size */
    uint64_t missing;
    uint64_t unread; /* they could not be read, or are links, which are not followed */
    uint64_t unfinished; /* downloads that were not finished */
    uint64_t unusable;   /* records that cannot be used */
    uint64_t unrecorded; /* files without a record */
    uint64_t bytes;      /* that were read */
    uint64_t strong;     /* bytes that are proven by SHA-256 or SHA-512 */
    uint64_t weak; /* bytes that are proven by MD5 or SHA-1 alone, which show damage but
                      not what somebody constructs */
};

/** What lc_verify saw; NULL when the results are not of such a comparison. Lives as long
 * as the index. */
LC_API const struct lc_proof *lc_index_proof(const struct lc_index *index);

/**
 * Why an index may not show what a run of this user found: it was found with the data,
 * and was not written with the user's key; or it covers only some parts of the data set.
 * One line for people; NULL: nothing suggests that. A check never reuses results of an
 * index that came with the data; reports and answers are made of it.
 */
LC_API const char *lc_index_caveat(const struct lc_index *index);

/** Who receives what lc_index_check finds. */
struct lc_index_check_options {
    size_t size; /* of this struct: LC_OPTIONS */
    void *user;  /* passed to the functions below */
    /* called for each fault: a table of docs/index-format.md, or "file", and the fault */
    void (*on_fault)(void *user, const char *table, const char *what);
    /* called at the end for each table with the number of its records or entries; NULL:
     * not called */
    void (*on_table)(void *user, const char *table, uint64_t records);
};

/**
 * Check the integrity of an index: the checksum of its file and, when that is right,
 * keys and their order, records, what they refer to, and the counts. The data set is not
 * looked at.
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

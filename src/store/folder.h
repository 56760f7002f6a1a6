/* folder.h - a folder of images, and reading its files */
#ifndef LC_STORE_FOLDER_H
#define LC_STORE_FOLDER_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/** The result of reading a file. */
enum lc_read_result {
    LC_READ_OK,
    LC_READ_MISSING,     /* the file does not exist */
    LC_READ_NOT_REGULAR, /* a folder, FIFO, socket or device */
    LC_READ_NOT_ALLOWED, /* permission denied */
    LC_READ_FAILED,      /* the system cannot open or read it; see os_errno */
    LC_READ_TOO_LARGE,   /* exceeds the limit; not read */
    LC_READ_CHANGED,     /* it was changed, removed or replaced while it was read */
};

/** A file's metadata; zero if unknown. */
struct lc_file_facts {
    uint64_t size;    /* bytes */
    int64_t mtime_ns; /* as from lc_clock_ns */
    int64_t ctime_ns; /* likewise; last change of the inode */
    uint64_t inode;
    uint64_t device;
};

/** Whether two sets of facts agree, so that the file is the same and has not changed. */
static inline bool lc_file_facts_equal(const struct lc_file_facts *a,
                                       const struct lc_file_facts *b)
{
    return a->size == b->size && a->mtime_ns == b->mtime_ns &&
           a->ctime_ns == b->ctime_ns && a->inode == b->inode && a->device == b->device;
}

struct lc_folder;

/**
 * Open a folder of images.
 *
 * @param path  the image root
 *
 * Owner:   the caller, until lc_folder_close.
 * Errors:  LC_ERR_IO.
 * Threads: a folder may be read by any number of threads at once.
 */
LC_MUST_CHECK enum lc_status lc_folder_open(const char *path, struct lc_folder **out,
                                            struct lc_error *err);
void lc_folder_close(struct lc_folder *folder);

/** Files in archives, listed as if the archives were unpacked into a folder. */
struct lc_more_files {
    const char *const *paths; /* relative to the folder, sorted by their bytes */
    size_t count;
};

/**
 * Read a whole file of the folder.
 *
 * Never opens a FIFO or device, which may have side effects: the file type is checked
 * before and after opening. The metadata are compared afterwards, so bytes that may be
 * partly old and partly new are not returned.
 *
 * @param path      relative to the folder; NUL-terminated
 * @param limit     maximum size in bytes; larger files are not read
 * @param buffer    set to the file's bytes; reuse it for the next file
 * @param facts     set as far as known
 * @param result    set on success
 * @param os_errno  set to the errno that led to the result, or to 0
 *
 * Errors:  LC_ERR_MEMORY, LC_ERR_IO if the system is out of file handles or memory. A
 *          fault of the file is a result, not an error.
 * Threads: any, with its own buffer.
 */
LC_MUST_CHECK enum lc_status
lc_folder_read(const struct lc_folder *folder, const char *path, uint64_t limit,
               struct lc_buffer *buffer, struct lc_file_facts *facts,
               enum lc_read_result *result, int *os_errno, struct lc_error *err);

/**
 * Read a whole file of the folder, but not through a link that leads outside. Use this
 * for files whose content is shown to others.
 *
 * @param result  LC_READ_NOT_ALLOWED with os_errno EXDEV if the file is outside, or if
 *                the system does not know its path
 *
 * The other parameters, errors and threads are the same as for lc_folder_read.
 */
LC_MUST_CHECK enum lc_status
lc_folder_read_inside(const struct lc_folder *folder, const char *path, uint64_t limit,
                      struct lc_buffer *buffer, struct lc_file_facts *facts,
                      enum lc_read_result *result, int *os_errno, struct lc_error *err);

/**
 * Get a file's facts without opening it.
 *
 * @param path    relative to the folder; NUL-terminated
 * @param facts   set if it is a regular file, as lc_folder_read would set them
 * @return whether it is a regular file; links are followed
 *
 * Threads: any.
 */
bool lc_folder_stat(const struct lc_folder *folder, const char *path,
                    struct lc_file_facts *facts);

/** Whether anything exists at a path in the folder; links are followed. False corresponds
 * to LC_READ_MISSING. Threads: any. */
bool lc_folder_has(const struct lc_folder *folder, const char *path);

/**
 * Hash a whole file of the folder. It is read piece by piece, but otherwise as by
 * lc_folder_read.
 *
 * @param hasher  has seen no bytes; the caller finishes it, whatever the result
 * @param buffer  overwritten; its size is bounded and does not depend on the file's
 *
 * The other parameters and errors are the same as for lc_folder_read.
 * Threads: any, with its own buffer and hasher.
 */
LC_MUST_CHECK enum lc_status
lc_folder_hash(const struct lc_folder *folder, const char *path, uint64_t limit,
               struct lc_hasher *hasher, struct lc_buffer *buffer,
               struct lc_file_facts *facts, enum lc_read_result *result, int *os_errno,
               struct lc_error *err);

/**
 * Open a regular file of the folder like lc_folder_read, but do not read it.
 *
 * @param fd      set to the open file, or to -1; the caller closes it, whatever the
 *                result
 * @param result  never LC_READ_TOO_LARGE or LC_READ_CHANGED
 *
 * The other parameters, errors and threads are the same as for lc_folder_read.
 */
LC_MUST_CHECK enum lc_status lc_folder_open_file(const struct lc_folder *folder,
                                                 const char *path, int *fd,
                                                 struct lc_file_facts *facts,
                                                 enum lc_read_result *result,
                                                 int *os_errno, struct lc_error *err);

/** Whether an open file is inside the folder, and not behind a link that leads outside.
 * Also false if the system does not know the file's path. Threads: any. */
bool lc_folder_is_inside(const struct lc_folder *folder, int fd);

/**
 * Read a file from its beginning; lc_folder_open_file has opened it with LC_READ_OK.
 *
 * @param facts  as set by lc_folder_open_file; updated
 *
 * The other parameters, errors and threads are the same as for lc_folder_read.
 */
LC_MUST_CHECK enum lc_status lc_folder_read_file(int fd, uint64_t limit,
                                                 struct lc_buffer *buffer,
                                                 struct lc_file_facts *facts,
                                                 enum lc_read_result *result,
                                                 int *os_errno, struct lc_error *err);

/**
 * Check that a file or folder exists, without opening it.
 *
 * @param path   relative to the folder; NUL-terminated
 * @param fault  set to the reason why it cannot be used, static: no such file, empty …;
 *               NULL for a folder or a file that is not empty
 *
 * Errors:  LC_ERR_IO if the system is out of resources.
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_folder_probe(const struct lc_folder *folder,
                                             const char *path, const char **fault,
                                             struct lc_error *err);

/** Why a path in a data set does not stay inside its image root. */
enum lc_outside {
    LC_OUTSIDE_NOT,
    LC_OUTSIDE_NUL, /* it contains a NUL byte */
    LC_OUTSIDE_DATA_URI,
    LC_OUTSIDE_URL,
    LC_OUTSIDE_DRIVE,
    LC_OUTSIDE_BACKSLASH,
    LC_OUTSIDE_ABSOLUTE,
    LC_OUTSIDE_CLIMBS, /* with .. */
};

enum lc_outside lc_path_outside_kind(struct lc_span path);

/**
 * Return why a path in a data set leaves its image root, or cannot be a path in it.
 *
 * @return a static reason ("absolute path", "URL" …), or NULL if the path stays inside
 *
 * Source: LLaVA-NeXT llava/train/train.py: os.path.join(image_folder, image), so an
 *         absolute path leaves the folder.
 */
const char *lc_path_outside(struct lc_span path);

/** Whether a path can be opened, even if lc_path_outside refuses it: its only fault may
 * be that it is absolute or contains "..". */
bool lc_path_openable(struct lc_span path);

/** Whether a path contains a backslash or a drive, but names a file below the folder on
 * systems where file names may contain any character except / and NUL. */
bool lc_path_foreign(struct lc_span path);

#endif

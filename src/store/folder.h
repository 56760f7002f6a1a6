/* folder.h - where image bytes come from: a folder of files */
#ifndef LC_STORE_FOLDER_H
#define LC_STORE_FOLDER_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/** What became of the attempt to read a file. */
enum lc_read_result {
    LC_READ_OK,
    LC_READ_MISSING,     /* no such file */
    LC_READ_NOT_REGULAR, /* a folder, FIFO, socket or device */
    LC_READ_NOT_ALLOWED, /* permission denied */
    LC_READ_FAILED,      /* the system fails to open or read it: os_errno */
    LC_READ_TOO_LARGE,   /* over the limit: not read */
    LC_READ_CHANGED,     /* it was changed, removed or replaced while it was read */
};

/** What the file system knows of a file; zero where it is unknown. */
struct lc_file_facts {
    uint64_t size;    /* bytes */
    int64_t mtime_ns; /* as lc_clock_ns */
    int64_t ctime_ns; /* the same, of the inode's last change */
    uint64_t inode;
    uint64_t device;
};

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

/**
 * Read a whole file of the folder.
 *
 * Opens no FIFO or device, which may have effects: the file is looked at before it is
 * opened, and once more, without waiting, before it is read. Afterwards it is looked at
 * again: bytes of which some may be older than others are not given out.
 *
 * @param path      relative to the folder, ends with NUL
 * @param limit     largest size in bytes that is read
 * @param buffer    emptied; afterwards the file's bytes; used again and again
 * @param facts     set, as far as known
 * @param result    what became of it; set on success
 * @param os_errno  errno behind the result, or 0
 *
 * Errors:  LC_ERR_MEMORY, LC_ERR_IO when the system lacks resources (file handles,
 *          memory): we could not look. What is wrong with the file is a result.
 * Threads: any, with a buffer of its own.
 */
LC_MUST_CHECK enum lc_status
lc_folder_read(const struct lc_folder *folder, const char *path, uint64_t limit,
               struct lc_buffer *buffer, struct lc_file_facts *facts,
               enum lc_read_result *result, int *os_errno, struct lc_error *err);

/**
 * Read a whole file that really lies in the folder: one that a link leads out to is not
 * read. For what is shown to others.
 *
 * @param result  LC_READ_NOT_ALLOWED with os_errno EXDEV for such a file, and when the
 *                system does not tell where it is
 *
 * The other parameters and errors are those of lc_folder_read. Threads: as that.
 */
LC_MUST_CHECK enum lc_status
lc_folder_read_inside(const struct lc_folder *folder, const char *path, uint64_t limit,
                      struct lc_buffer *buffer, struct lc_file_facts *facts,
                      enum lc_read_result *result, int *os_errno, struct lc_error *err);

/**
 * Look at a file's facts without opening it.
 *
 * @param path    relative to the folder, ends with NUL
 * @param facts   set when it is a regular file, as lc_folder_read would find them
 * @return whether it is; links are followed
 *
 * Threads: any.
 */
bool lc_folder_stat(const struct lc_folder *folder, const char *path,
                    struct lc_file_facts *facts);

/**
 * Hash a whole file of the folder: read as lc_folder_read does, but piece by piece.
 *
 * @param hasher  has seen no bytes; gets those of the file, to be ended by the caller
 *                whatever the result is
 * @param buffer  overwritten; of bounded size, whatever the file's
 *
 * The other parameters and errors are those of lc_folder_read.
 * Threads: any, with a buffer and a hasher of its own.
 */
LC_MUST_CHECK enum lc_status
lc_folder_hash(const struct lc_folder *folder, const char *path, uint64_t limit,
               struct lc_hasher *hasher, struct lc_buffer *buffer,
               struct lc_file_facts *facts, enum lc_read_result *result, int *os_errno,
               struct lc_error *err);

/**
 * Look whether a file or folder is there, without opening it.
 *
 * @param path   relative to the folder, ends with NUL
 * @param fault  set to why it cannot be used, static: no such file, empty …; NULL when it
 *               is a file that holds something, or a folder
 *
 * Errors:  LC_ERR_IO when the system lacks resources.
 * Threads: any.
 */
LC_MUST_CHECK enum lc_status lc_folder_probe(const struct lc_folder *folder,
                                             const char *path, const char **fault,
                                             struct lc_error *err);

/**
 * Say why a path of a data set leaves its image root, or cannot be one in it.
 *
 * @return a static reason ("absolute path", "URL" …), or NULL when the path stays inside
 *
 * Source: LLaVA-NeXT llava/train/train.py: os.path.join(image_folder, image), so an
 *         absolute path leaves the folder.
 */
const char *lc_path_outside(struct lc_span path);

/** Whether the path is outside only for being absolute or holding "..": it can be opened.
 */
bool lc_path_openable(struct lc_span path);

#endif

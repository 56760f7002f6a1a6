/* member.h - the bytes of images that are members of archives, without unpacking these
 *
 * An index says in which archive an image is, and where. Of a tar, or a zip, nothing else
 * is read; of a tar.gz, what follows the last point before the image (index.h), as long
 * as the archive is the one that was checked. Other archives are read from their
 * beginning, but once for all images that are asked for in the order of their offsets. */
#ifndef LC_MEMBER_MEMBER_H
#define LC_MEMBER_MEMBER_H

#include "index/index.h"
#include "store/folder.h"

/** Where an image is. */
struct lc_member_place {
    uint32_t archive; /* its number */
    uint32_t image;
    uint64_t offset; /* as in its record */
    uint64_t size;
};

/** The place of an image, which is a member of an archive. */
static inline struct lc_member_place lc_member_place(uint32_t number,
                                                     const struct lc_image_record *image)
{
    return (struct lc_member_place){image->archive - 1, number, image->offset,
                                    image->size};
}

/** Sort places, so that one after the other can be read. */
void lc_member_sort(struct lc_member_place *places, size_t count);

/**
 * Get the places that one thread should read: those before the next point of the archive,
 * some of an archive in which each can be reached, else those of the whole archive.
 *
 * @param places  sorted
 * @param from    the first one
 * @param to      set to the first one that is left for others
 *
 * Errors:  LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_member_stretch(const struct lc_index *index,
                                               const struct lc_member_place *places,
                                               size_t count, size_t from, size_t *to,
                                               struct lc_error *err);

struct lc_member_reader;

/**
 * Get ready to read.
 *
 * @param data    the data folder, to which the names of archives are relative
 * @param inside  read no archive outside of it, not even through a link
 *
 * Owner:   the caller, lc_member_reader_free. Keeps index and data until then.
 * Errors:  LC_ERR_MEMORY.
 * Threads: a reader belongs to one thread at a time; several may share index and data.
 */
LC_MUST_CHECK enum lc_status
lc_member_reader_new(const struct lc_index *index, const struct lc_folder *data,
                     bool inside, struct lc_member_reader **out, struct lc_error *err);
void lc_member_reader_free(struct lc_member_reader *reader); /* NULL-safe */

/**
 * Begin with an image.
 *
 * What it returns afterwards need not be the image: the archive may have been replaced,
 * and the index may be a stranger's. Compare the hash.
 *
 * @param facts     set to those of the archive, but with the image's size
 * @param result    set; LC_READ_MISSING if there is no such archive or member
 * @param os_errno  set as by lc_folder_read
 *
 * Errors:  LC_ERR_INDEX, LC_ERR_IO, LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_member_begin(struct lc_member_reader *reader,
                                             const struct lc_member_place *place,
                                             struct lc_file_facts *facts,
                                             enum lc_read_result *result, int *os_errno,
                                             struct lc_error *err);

/** Read the image's next bytes; *got is 0 at its end, and where the archive is damaged.
 * Errors: LC_ERR_IO, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_member_next(struct lc_member_reader *reader, void *to,
                                            size_t size, size_t *got,
                                            struct lc_error *err);

/**
 * Read a whole image.
 *
 * @param limit   largest size that is read
 * @param buffer  set to its bytes
 * @param result  set as by lc_member_begin; LC_READ_TOO_LARGE for a larger one
 *
 * Errors:  as lc_member_begin.
 */
LC_MUST_CHECK enum lc_status
lc_member_read(struct lc_member_reader *reader, const struct lc_member_place *place,
               uint64_t limit, struct lc_buffer *buffer, struct lc_file_facts *facts,
               enum lc_read_result *result, int *os_errno, struct lc_error *err);

#endif

/* member.h - reads images that are members of archives, without unpacking the archives
 *
 * An index says in which archive an image is, and where. In a tar or zip, nothing else is
 * read. In a tar.gz, reading starts at the last point before the image (index.h),
 * provided that the archive has not changed since it was checked. Other archives are read
 * from their beginning, but only once for all images that are requested in the order of
 * their offsets. */
#ifndef LC_MEMBER_MEMBER_H
#define LC_MEMBER_MEMBER_H

#include "index/index.h"
#include "store/folder.h"

/** Where an image is. */
struct lc_member_place {
    uint32_t archive; /* number of the archive */
    uint32_t image;
    uint64_t offset; /* as in the image's record */
    uint64_t size;
};

/** Return the place of an image that is a member of an archive. */
static inline struct lc_member_place lc_member_place(uint32_t number,
                                                     const struct lc_image_record *image)
{
    return (struct lc_member_place){image->archive - 1, number, image->offset,
                                    image->size};
}

/** Sort places into the order in which they can be read one after the other. */
void lc_member_sort(struct lc_member_place *places, size_t count);

/**
 * Get the places that one thread should read. If each member of the archive can be
 * reached directly, these are some of the archive's places; otherwise those before the
 * archive's next point, or all the rest if there is none.
 *
 * @param places  sorted
 * @param from    the first place to read
 * @param to      set to the first place that is left for other threads
 *
 * Errors:  LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_member_stretch(const struct lc_index *index,
                                               const struct lc_member_place *places,
                                               size_t count, size_t from, size_t *to,
                                               struct lc_error *err);

struct lc_member_reader;

/**
 * Prepare to read.
 *
 * @param data    the data folder, to which the names of archives are relative
 * @param inside  read no archive outside that folder, not even through a link
 *
 * Owner:   the caller, lc_member_reader_free; index and data must live as long.
 * Errors:  LC_ERR_MEMORY.
 * Threads: a reader belongs to one thread at a time; several may share index and data.
 */
LC_MUST_CHECK enum lc_status
lc_member_reader_new(const struct lc_index *index, const struct lc_folder *data,
                     bool inside, struct lc_member_reader **out, struct lc_error *err);
void lc_member_reader_free(struct lc_member_reader *reader); /* NULL-safe */

/**
 * Begin to read an image.
 *
 * The bytes read afterwards need not be the image's: the archive may have been replaced,
 * and the index may be forged. Compare the hash.
 *
 * @param facts     set to the facts of the archive, but with the image's size
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
 * @param limit   maximum size to read
 * @param buffer  set to its bytes
 * @param result  set as by lc_member_begin; LC_READ_TOO_LARGE if the image is larger
 *
 * Errors:  as lc_member_begin.
 */
LC_MUST_CHECK enum lc_status
lc_member_read(struct lc_member_reader *reader, const struct lc_member_place *place,
               uint64_t limit, struct lc_buffer *buffer, struct lc_file_facts *facts,
               enum lc_read_result *result, int *os_errno, struct lc_error *err);

#endif

/* resume.h - continues within an archive that a stopped run has begun to read; private to
 * src/scan/archives
 *
 * While an archive is read, what was in it so far is added to the journal section by
 * section, each of which ends at a point (archive.h) and follows the images in it. The
 * next run takes the members of these sections from the journal, as if it had read them,
 * and begins to read at the last point. A section is used only if all images in it that
 * rows name are in the journal as well, and none after the first damage: what follows is
 * read again.
 *
 * A section is, with numbers in big-endian order: the device, inode, size, mtime and
 * ctime of the archive (5 × u64), the offset and number of its first member and of the
 * one after it (4 × u64), the number of its points (u32), for each its offset (u64), the
 * size of its record (u32) and its record as in the index, and its members: for each its
 * type (u8), size and offset of its data (u64, u64), and its name and link, each as a
 * size (u32) and bytes that a NUL follows. */
#ifndef LC_SCAN_ARCHIVES_RESUME_H
#define LC_SCAN_ARCHIVES_RESUME_H

#include "scan/archives/internal.h"

/** A section of an archive. */
struct lc_section {
    struct lc_file_facts facts; /* of the archive */
    uint64_t from, from_number; /* its first member */
    uint64_t next, next_number; /* the first member after it */
    struct lc_span points, members;
};

/** Append a member to those of a section. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_section_add(struct lc_buffer *members,
                                            const struct lc_member *member,
                                            struct lc_error *err);

/**
 * Encode a section of an archive.
 *
 * @param section  its members and ends; its points are those of the archive, from
 *                 first_point on
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_section_encode(const struct lc_packed *packed,
                                               const struct lc_section *section,
                                               size_t first_point, struct lc_buffer *out,
                                               struct lc_error *err);

/** Decode a section; false if the bytes are none. */
bool lc_section_decode(struct lc_span bytes, struct lc_section *out);

/** Split the next member off; false at the end, and if what follows is none. */
bool lc_section_next(struct lc_span *members, struct lc_member *out);

/** Keep a copy of a point of an archive. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_packed_add_point(struct lc_packed *packed,
                                                 uint64_t offset,
                                                 const struct lc_point_record *point,
                                                 struct lc_error *err);

/** Take over the points of a section. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_packed_add_points(struct lc_packed *packed,
                                                  struct lc_span points,
                                                  struct lc_error *err);
void lc_packed_clear_points(struct lc_packed *packed);

/** Find the sections of an archive that need not be read again. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_packed_find_sections(const struct lc_archives *archives,
                                                     struct lc_packed *packed,
                                                     struct lc_error *err);

#endif

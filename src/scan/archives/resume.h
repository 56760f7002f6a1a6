/* resume.h - continues in the middle of an archive that a stopped run began to read;
 * private to src/scan/archives
 *
 * While an archive is read, its members are added to the journal in sections. Each
 * section ends at a point (archive.h), and is added after the images that it contains.
 * The next run takes the members of these sections from the journal as if it had read
 * them, and starts reading at the last point. A section is used only if the journal also
 * has all of its images that rows name. There are no sections from the first damage on:
 * the rest is read again.
 *
 * A section is, with numbers in big-endian order: the device, inode, size, mtime and
 * ctime of the archive (5 × u64), the offset and number of its first member and of the
 * one after it (4 × u64), the number of its points (u32), for each its offset (u64), the
 * size of its record (u32) and its record as in the index; then the members, for each its
 * type (u8), the size and offset of its data (2 × u64), and its name and link, each as a
 * size (u32) and bytes followed by a NUL. */
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

/** Append an encoded member to those of a section. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_section_add(struct lc_buffer *members,
                                            const struct lc_member *member,
                                            struct lc_error *err);

/**
 * Encode a section of an archive.
 *
 * @param section  its members and ends are used; its points are the archive's, from
 *                 first_point on
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_section_encode(const struct lc_packed *packed,
                                               const struct lc_section *section,
                                               size_t first_point, struct lc_buffer *out,
                                               struct lc_error *err);

/** Decode a section; return false if the bytes are not a section. */
bool lc_section_decode(struct lc_span bytes, struct lc_section *out);

/** Split off the next member; return false at the end, or if the bytes are not a
 * member. */
bool lc_section_next(struct lc_span *members, struct lc_member *out);

/** Store a copy of a point of an archive. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_packed_add_point(struct lc_packed *packed,
                                                 uint64_t offset,
                                                 const struct lc_point_record *point,
                                                 struct lc_error *err);

/** Add the points of a decoded section. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_packed_add_points(struct lc_packed *packed,
                                                  struct lc_span points,
                                                  struct lc_error *err);
void lc_packed_clear_points(struct lc_packed *packed);

/** Find the sections of an archive that need not be read again. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_packed_find_sections(const struct lc_archives *archives,
                                                     struct lc_packed *packed,
                                                     struct lc_error *err);

#endif

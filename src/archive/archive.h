/* archive.h - reads the members of tar and zip archives, in one pass and without
 * unpacking
 *
 * How to use:
 *
 *     lc_archive_open(fd, "shard.tar.gz", NULL, &archive, err)
 *     while (lc_archive_next(archive, &member, err) == LC_OK && member)
 *         while (lc_archive_read(archive, bytes, size, &got, err) == LC_OK && got)
 *             use(bytes, got);
 *     end = lc_archive_end(archive);
 *     lc_archive_close(archive);
 *
 * An archive may come from a stranger. Nothing is written anywhere, no name is used as a
 * path, no archive inside an archive is opened, and memory is bounded no matter what the
 * archive contains (about 1 MiB; for zstd and xz, up to the window of lc_archive_limits;
 * for zip, the central directory). Damage to an archive is data and not an error: a list
 * of struct lc_archive_damage, and the members before it stay usable.
 *
 * Members are what `tar -xf` or `unzip` would unpack, in the order of the archive. If GNU
 * tar, Python's tarfile and zipfile, or unzip disagree about the contents of an archive,
 * the reader reports LC_ARCHIVE_AMBIGUOUS or another damage: all of them read an archive
 * without damage alike. A member may have any name (lc_member_path checks it). Several
 * members may have the same name: unpacking leaves the last one in the folder. */
#ifndef LC_ARCHIVE_ARCHIVE_H
#define LC_ARCHIVE_ARCHIVE_H

#include "base/buffer.h"
#include "base/error.h"
#include "llava_check/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What the file is, by its content. */
enum lc_archive_kind {
    LC_ARCHIVE_NONE, /* not an archive: there are no members */
    LC_ARCHIVE_TAR,  /* perhaps compressed */
    LC_ARCHIVE_ZIP,
};

/** How the whole file is compressed; LC_CODING_PLAIN for a zip. */
enum lc_archive_coding {
    LC_CODING_PLAIN,
    LC_CODING_GZIP,
    LC_CODING_ZSTD,
    LC_CODING_XZ,
    LC_CODING_BZIP2,
};

/** Faults of an archive, and facts worth knowing about it. */
enum lc_archive_fault {
    LC_ARCHIVE_SOUND,         /* nothing; never in a struct lc_archive_damage */
    LC_ARCHIVE_NOT_ARCHIVE,   /* an archive by its name, but not by its content */
    LC_ARCHIVE_TRUNCATED,     /* the file ends too early; nothing follows */
    LC_ARCHIVE_BAD_DATA,      /* data cannot be decompressed; in a tar, nothing follows */
    LC_ARCHIVE_BAD_CHECKSUM,  /* data differ from their checksum (gzip, zstd, xz, bzip2,
                               * zip): from and to give the members in doubt */
    LC_ARCHIVE_BAD_LENGTH,    /* data differ from their recorded length: as above */
    LC_ARCHIVE_BAD_HEADER,    /* no header where one belongs; GNU tar skips to the next
                               * one, as this reader does; Python's tarfile ends here
                               * silently */
    LC_ARCHIVE_BAD_EXTENSION, /* a pax header or a GNU long name is malformed */
    LC_ARCHIVE_NO_END,        /* tar: no end block; cut between members, or unfinished */
    LC_ARCHIVE_HALF_END,      /* tar: one end block instead of two */
    LC_ARCHIVE_CONTINUES,   /* tar: headers after the end blocks, such as in concatenated
                             * archives; not unpacked without --ignore-zeros */
    LC_ARCHIVE_TRAILING,    /* other bytes after the end */
    LC_ARCHIVE_AMBIGUOUS,   /* programs disagree about the contents */
    LC_ARCHIVE_UNSUPPORTED, /* a feature that is not supported, such as encryption */
    LC_ARCHIVE_LIMIT,       /* exceeds one of lc_archive_limits; nothing follows */
    LC_ARCHIVE_FAULTS,
};

/** One fault of an archive. */
struct lc_archive_damage {
    enum lc_archive_fault what;
    const char *detail; /* a constant text: "the CRC-32 of a gzip member differs" */
    uint64_t offset;    /* in a tar, in the uncompressed bytes; in a zip, in the file */
    uint64_t member;    /* the number of members that begin before offset */
    uint64_t from, to;  /* members with data in [from, to) are in doubt: offsets like the
                         * one above; an empty range if no members are */
};

enum lc_member_type {
    LC_MEMBER_FILE,
    LC_MEMBER_HARD_LINK, /* link is the full name of an earlier member */
    LC_MEMBER_SOFT_LINK, /* link is a path for symlink(2) */
    LC_MEMBER_FOLDER,
    LC_MEMBER_DEVICE, /* a device or FIFO */
    LC_MEMBER_SPARSE, /* a file with holes: its data are not the file's content */
    LC_MEMBER_OTHER,  /* tools that do not know its type treat it as a file */
};

/** A member of an archive. */
struct lc_member {
    struct lc_span name; /* as stored, with extensions applied, without a trailing slash,
                          * followed by a NUL; may be any bytes: see lc_member_path */
    struct lc_span link; /* target, for links; followed by a NUL */
    enum lc_member_type type;
    uint64_t number;  /* from 0, in the order of unpacking: of members with equal names,
                       * the highest number wins. In a tar, the order in which they are
                       * returned; in a zip, the order of its central directory */
    uint64_t size;    /* bytes of data that lc_archive_read returns if there is no damage;
                       * 0 for links, folders and devices */
    uint64_t header;  /* offset of its first header or extension; in a zip, in the file */
    uint64_t data;    /* offset of its data, likewise; in a zip, of the compressed data */
    int64_t mtime_ns; /* as lc_clock_ns; 0 if it has none */
    bool is_utf8;     /* zip: the name is declared to be UTF-8 */
    bool is_after_damage; /* found at or after a broken header: GNU tar unpacks it and
                           * reports failure, but tarfile may not see it */
};

/** Limits of what an archive may contain, to stop decompression bombs. */
struct lc_archive_limits {
    uint64_t members;
    uint64_t name;      /* bytes of a name or link, and of a pax header */
    uint64_t bytes;     /* uncompressed */
    uint64_t ratio;     /* uncompressed bytes per compressed byte, beyond the first GiB */
    uint64_t headers;   /* bytes of a tar's headers and names per byte of its file, beyond
                         * the first 256 KiB: what is kept for each member takes memory
                         * and disk space */
    uint64_t window;    /* memory of a decompressor, in bytes */
    uint64_t directory; /* bytes of a zip's central directory */
};

extern const struct lc_archive_limits lc_archive_default_limits;

/** What is known about an archive once it was read to its end. */
struct lc_archive_end {
    enum lc_archive_kind kind;
    enum lc_archive_coding coding;
    bool is_done;         /* lc_archive_next has returned NULL: the rest is final */
    uint64_t members;     /* number of members that lc_archive_next returned */
    uint64_t packed_size; /* bytes of the file that were read */
    uint64_t size;        /* uncompressed bytes; in a tar, including headers */
    unsigned end_blocks;  /* tar: number of zero blocks at its end: 0, 1 or 2 */
    uint64_t trailing;    /* non-zero bytes after the end, as far as they were read */
    size_t damage_count;  /* in the order of detection */
    const struct lc_archive_damage *damage;
    uint64_t damage_total; /* of these, only the first LC_ARCHIVE_DAMAGE are kept */
};

#define LC_ARCHIVE_DAMAGE 64

struct lc_archive;

/**
 * Start to read an archive.
 *
 * A file that is not an archive can be opened too: its kind is LC_ARCHIVE_NONE. Some
 * bytes are read here, to detect the kind.
 *
 * @param fd      a regular file; read with pread, so its position does not matter
 * @param name    its name, only a hint: a file with the suffix .tar, .tar.gz, .tgz,
 *                .tar.zst, .tar.xz, .tar.bz2 or .zip that is not an archive gets
 *                LC_ARCHIVE_NOT_ARCHIVE; may be NULL
 * @param limits  NULL for lc_archive_default_limits
 * @param out     set on success
 *
 * Owner:   the caller, until lc_archive_close, which also closes fd; on failure, fd is
 *          closed, too.
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY.
 * Threads: an archive belongs to one thread at a time; any number of archives may share a
 *          file.
 */
LC_MUST_CHECK enum lc_status lc_archive_open(int fd, const char *name,
                                             const struct lc_archive_limits *limits,
                                             struct lc_archive **out,
                                             struct lc_error *err);

/** Stop reading, at any point; NULL-safe. */
void lc_archive_close(struct lc_archive *archive);

/**
 * Get the next member, skipping unread data of the previous one.
 *
 * At the end, the rest of the file is read, too: to check the checksums of the whole
 * file, and to find anything after the end.
 *
 * @param out  set to the member, or to NULL at the end
 *
 * Owner:   the archive; the member lives until the next call of lc_archive_next.
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY. Damage to the archive is not an error: the end comes
 *          earlier, and lc_archive_end says why.
 */
LC_MUST_CHECK enum lc_status lc_archive_next(struct lc_archive *archive,
                                             const struct lc_member **out,
                                             struct lc_error *err);

/**
 * Read the next bytes of the member's data.
 *
 * @param got  set to the number of bytes; less than size at the end of the data, then 0.
 *             If all reads together return less than the member's size, its data are
 *             damaged: see lc_archive_member_fault
 *
 * Errors:  as lc_archive_next.
 */
LC_MUST_CHECK enum lc_status lc_archive_read(struct lc_archive *archive, void *to,
                                             size_t size, size_t *got,
                                             struct lc_error *err);

/**
 * The fault of the current member's data, once all of it was read: truncated, bad data,
 * unsupported, over a limit; in a zip also a bad checksum or length. LC_ARCHIVE_SOUND if
 * no fault is known so far: the checksum of a tar's compressed data comes later, and the
 * damage then says which members are in doubt.
 */
enum lc_archive_fault lc_archive_member_fault(const struct lc_archive *archive);

/** What is known so far. Lives until the next call with the archive. */
const struct lc_archive_end *lc_archive_end(struct lc_archive *archive);

/** Bytes of the file that were read so far, for a progress bar. */
uint64_t lc_archive_position(const struct lc_archive *archive);

/** Bytes before a point that deflated data may refer to. */
#define LC_ARCHIVE_WINDOW 32768

/** A point in the middle of a tar.gz at which reading can start. */
struct lc_archive_point {
    uint64_t offset; /* within the uncompressed bytes */
    uint64_t bit;    /* where a deflated block begins: in bits, in the file */
    uint64_t begin;  /* start of the gzip member, within the uncompressed bytes */
    uint32_t crc;    /* of the gzip member's data before the point */
    uint32_t window_size;
    uint8_t window[LC_ARCHIVE_WINDOW]; /* the bytes before the point */
};

/** Called for each point, which lives until the call returns. Any result but LC_OK ends
 * reading; the read function returns it. */
typedef enum lc_status lc_archive_point_fn(void *user,
                                           const struct lc_archive_point *point,
                                           struct lc_error *err);

/**
 * Report points while the archive is read: about one per distance, and none for archives
 * that are not compressed by gzip. Costs 1 % of the time at 64 MiB.
 *
 * @param distance  uncompressed bytes between two points, at least LC_ARCHIVE_WINDOW
 */
void lc_archive_collect(struct lc_archive *archive, uint64_t distance,
                        lc_archive_point_fn *each, void *user);

/**
 * Continue at a member, before the first call of lc_archive_next, which then returns it.
 *
 * The file must be the one in which the member was found before. In an uncompressed tar
 * or a zip, no bytes before the member are read; in a tar.gz, the bytes since the point;
 * in other archives, all bytes before the member. A checksum that includes bytes before
 * the point is still checked.
 *
 * @param point   the last point that is not after the member; NULL if there is none
 * @param header  the member's header and number, as lc_archive_next returned them
 *
 * Errors:  as lc_archive_next.
 */
LC_MUST_CHECK enum lc_status lc_archive_seek(struct lc_archive *archive,
                                             const struct lc_archive_point *point,
                                             uint64_t header, uint64_t number,
                                             struct lc_error *err);

/**
 * Continue at the data of a member, whose first bytes the next call of lc_archive_read
 * returns. Do not call lc_archive_next afterwards.
 *
 * In a tar, no header is read. The facts about the member may come from a stranger: if
 * there is no such member, other bytes or none are returned. Several members can be read
 * one after the other, in the order of their data.
 *
 * @param point  the last point that is not after the data; NULL if there is none
 * @param data   as lc_archive_next returned it
 * @param size   the same
 * @param found  set to false if the data are before what was already read, or if a zip
 *               has no such member
 *
 * Errors:  as lc_archive_next.
 */
LC_MUST_CHECK enum lc_status lc_archive_seek_data(struct lc_archive *archive,
                                                  const struct lc_archive_point *point,
                                                  uint64_t data, uint64_t size,
                                                  bool *found, struct lc_error *err);

/** Append a point's window, deflated if that is shorter. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_archive_window_pack(const struct lc_archive_point *point,
                                                    struct lc_buffer *out,
                                                    struct lc_error *err);

/** Set the window of a point whose window_size is set; return false if the bytes are not
 * a window. */
bool lc_archive_window_unpack(struct lc_span bytes, struct lc_archive_point *point);

/** A fault in words: "truncated". */
const char *lc_archive_fault_name(enum lc_archive_fault fault);

/** A kind and coding as a suffix: ".tar.gz"; "" for LC_ARCHIVE_NONE. */
const char *lc_archive_suffix(enum lc_archive_kind kind, enum lc_archive_coding coding);

/** Whether a file's name has the suffix of an archive that lc_archive_open can read. With
 * this, a folder's archives are found without opening every file. */
bool lc_archive_is_named(struct lc_span name);

/** Why a member is not unpacked to the path given by its name. */
enum lc_path_fault {
    LC_PATH_GOOD,
    LC_PATH_EMPTY,    /* nothing is left: "", "./" */
    LC_PATH_ABSOLUTE, /* "/a": GNU tar strips the slash, as does tarfile's data filter */
    LC_PATH_PARENT,   /* has a component "..": GNU tar refuses it, older tarfile not */
    LC_PATH_NUL,      /* contains a NUL: possible in zip and pax names */
    LC_PATH_LONG,     /* a component over 255 bytes, or a path over 4095 */
};

/**
 * Get the path of a member, relative to the folder of unpacking, from its name: without
 * "." components, doubled slashes and trailing slashes. Whether it is UTF-8 is not
 * checked.
 *
 * @param name  of a member
 * @param out   name.size + 1 bytes; set, with a NUL at the end, if the result is
 * LC_PATH_GOOD or LC_PATH_ABSOLUTE (then without the leading slashes)
 * @param size  set to its size
 *
 * Threads: any.
 */
enum lc_path_fault lc_member_path(struct lc_span name, char *out, size_t *size);

#endif

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
 * An archive belongs to a stranger. Nothing is written anywhere, no name is used as a
 * path, no archive inside of an archive is opened, and memory is bounded whatever the
 * archive says (about 1 MiB, with zstd and xz up to the window of lc_archive_limits, and
 * for zip the central directory). What is wrong with an archive is data and not an error:
 * a list of struct lc_archive_damage, and the members before it stay usable.
 *
 * Members are what `tar -xf` or `unzip` would unpack, in the order of the archive. Where
 * GNU tar, Python's tarfile and zipfile, or unzip disagree about what an archive
 * contains, the reader says so with LC_ARCHIVE_AMBIGUOUS or another damage: an archive
 * without damage is one that all of them read alike. A member may have any name
 * (lc_member_path checks it), and the same name more than once: then the last one is left
 * in the folder. */
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
    LC_ARCHIVE_NONE, /* no archive: there are no members */
    LC_ARCHIVE_TAR,  /* perhaps compressed */
    LC_ARCHIVE_ZIP,
};

/** How the whole file is compressed; of zip, LC_CODING_PLAIN. */
enum lc_archive_coding {
    LC_CODING_PLAIN,
    LC_CODING_GZIP,
    LC_CODING_ZSTD,
    LC_CODING_XZ,
    LC_CODING_BZIP2,
};

/** What is wrong with an archive, or worth knowing about it. */
enum lc_archive_fault {
    LC_ARCHIVE_SOUND,         /* nothing; never in a struct lc_archive_damage */
    LC_ARCHIVE_NOT_ARCHIVE,   /* the name says it is one, the content does not */
    LC_ARCHIVE_TRUNCATED,     /* the file ends too early; nothing follows */
    LC_ARCHIVE_BAD_DATA,      /* compressed data that cannot be decoded; of tar, nothing
                                 follows */
    LC_ARCHIVE_BAD_CHECKSUM,  /* data differ from their checksum (gzip, zstd, xz, bzip2,
                                zip): from and to say which members are in doubt */
    LC_ARCHIVE_BAD_LENGTH,    /* the same, from their length */
    LC_ARCHIVE_BAD_HEADER,    /* no header where one belongs; GNU tar skips to the next
                                 one, and so do we; Python's tarfile ends here silently */
    LC_ARCHIVE_BAD_EXTENSION, /* a pax header or a GNU long name is malformed */
    LC_ARCHIVE_NO_END,    /* tar: no end block; cut between two members, or never ended */
    LC_ARCHIVE_HALF_END,  /* tar: one end block instead of two */
    LC_ARCHIVE_CONTINUES, /* tar: headers after the end blocks, as when archives were
                             concatenated; not unpacked without --ignore-zeros */
    LC_ARCHIVE_TRAILING,  /* other bytes after the end */
    LC_ARCHIVE_AMBIGUOUS, /* programs disagree about what it contains */
    LC_ARCHIVE_UNSUPPORTED, /* a form that this program cannot read, such as encryption */
    LC_ARCHIVE_LIMIT,       /* over one of lc_archive_limits; nothing follows */
    LC_ARCHIVE_FAULTS,
};

/** One thing that is wrong with an archive. */
struct lc_archive_damage {
    enum lc_archive_fault what;
    const char *detail; /* a constant text: "the CRC-32 of a gzip member differs" */
    uint64_t offset;   /* where: of tar, in the uncompressed bytes; of zip, in the file */
    uint64_t member;   /* the number of members that begin before it */
    uint64_t from, to; /* members with data in [from, to) are in doubt: offsets like the
                          above; an empty range if none are */
};

enum lc_member_type {
    LC_MEMBER_FILE,
    LC_MEMBER_HARD_LINK, /* link names a member before it, by its whole name */
    LC_MEMBER_SOFT_LINK, /* link is a path as symlink(2) takes it */
    LC_MEMBER_FOLDER,
    LC_MEMBER_DEVICE, /* a device or FIFO */
    LC_MEMBER_SPARSE, /* a file with holes: its data are not those of the file */
    LC_MEMBER_OTHER,  /* a file to tools that do not know its type */
};

/** A member of an archive. */
struct lc_member {
    struct lc_span name; /* as stored, extensions resolved, without a slash at its end; a
                            NUL follows; any bytes: see lc_member_path */
    struct lc_span link; /* of links; a NUL follows */
    enum lc_member_type type;
    uint64_t number; /* from 0, in the order in which they are unpacked: of several with
                        one name, the highest wins. Of tar, the order in which they are
                        returned; of zip, that of the directory at its end */
    uint64_t size;   /* bytes of data that lc_archive_read returns if nothing is damaged;
                        0 for links, folders and devices */
    uint64_t
        header; /* offset of its first header, with all extensions; of zip, in the file */
    uint64_t data;    /* offset of its data, the same; of zip, of the compressed ones */
    int64_t mtime_ns; /* as lc_clock_ns; 0 if it has none */
    bool is_utf8;     /* zip: the name is declared to be UTF-8; otherwise false */
    bool is_after_damage; /* found at or after a broken header: GNU tar unpacks it and
                             reports failure, tarfile may not see it */
};

/** Most of what an archive may contain, so that a bomb ends. */
struct lc_archive_limits {
    uint64_t members;
    uint64_t name;  /* bytes of a name or link, and of a pax header */
    uint64_t bytes; /* uncompressed */
    uint64_t ratio; /* uncompressed bytes for each compressed one, beyond the first GiB */
    uint64_t headers;   /* bytes of a tar's headers and names for each byte of its file,
                           beyond the first 256 KiB: what is kept of each member takes
                           memory and disk space */
    uint64_t window;    /* bytes of memory for a decompressor */
    uint64_t directory; /* bytes of a zip's list of members */
};

extern const struct lc_archive_limits lc_archive_default_limits;

/** What is known about an archive when it was read to its end. */
struct lc_archive_end {
    enum lc_archive_kind kind;
    enum lc_archive_coding coding;
    bool is_done;         /* lc_archive_next returned no member: the rest is final */
    uint64_t members;     /* returned by lc_archive_next */
    uint64_t packed_size; /* bytes of the file that were read */
    uint64_t size;        /* uncompressed bytes, of tar with headers */
    unsigned end_blocks;  /* tar: zero blocks at its end, 0, 1 or 2 */
    uint64_t
        trailing; /* bytes other than zeros after the end, as far as they were read */
    size_t damage_count; /* in the order in which they were found */
    const struct lc_archive_damage *damage;
    uint64_t damage_total; /* of them, only the first LC_ARCHIVE_DAMAGE are kept */
};

#define LC_ARCHIVE_DAMAGE 64

struct lc_archive;

/**
 * Start to read an archive.
 *
 * A file that is not an archive can be opened too: its kind is LC_ARCHIVE_NONE. Some
 * bytes are read here, to detect the kind.
 *
 * @param fd      a regular file; read with pread, so that its position does not matter
 * @param name    its name, as a hint alone: what is called .tar, .tar.gz, .tgz, .tar.zst,
 *                .tar.xz, .tar.bz2 or .zip but is none has LC_ARCHIVE_NOT_ARCHIVE; may be
 * NULL
 * @param limits  NULL for lc_archive_default_limits
 * @param out     set on success
 *
 * Owner:   the caller, until lc_archive_close, which also closes fd; if this fails, fd is
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
 * Get the next member, skipping what was not read of the last one.
 *
 * At the end, the rest of the file is read as well, so that checksums of the whole are
 * checked and everything after the end is seen.
 *
 * @param out  set to the member, or to NULL at the end
 *
 * Owner:   the archive; the member lives until the next call of lc_archive_next.
 * Errors:  LC_ERR_IO, LC_ERR_MEMORY. What is wrong with the archive is not an error: the
 * end comes earlier, and lc_archive_end says why.
 */
LC_MUST_CHECK enum lc_status lc_archive_next(struct lc_archive *archive,
                                             const struct lc_member **out,
                                             struct lc_error *err);

/**
 * Read the next bytes of the member's data.
 *
 * @param got  set to the number of bytes; less than size at the end of the data, then 0.
 *             If all together are fewer than the member's size, the archive is damaged
 *             there: see lc_archive_member_fault
 *
 * Errors:  as lc_archive_next.
 */
LC_MUST_CHECK enum lc_status lc_archive_read(struct lc_archive *archive, void *to,
                                             size_t size, size_t *got,
                                             struct lc_error *err);

/**
 * What is wrong with the data of the current member, once all of it was read: truncated,
 * bad data, unsupported, over a limit; of zip also its checksum and length.
 * LC_ARCHIVE_SOUND if nothing is, as far as is known: the checksum of a tar's compressed
 * data comes later, and its damage says which members it is about.
 */
enum lc_archive_fault lc_archive_member_fault(const struct lc_archive *archive);

/** What is known so far. Lives until the next call with the archive. */
const struct lc_archive_end *lc_archive_end(struct lc_archive *archive);

/** Bytes of the file that were read so far, for a progress bar. */
uint64_t lc_archive_position(const struct lc_archive *archive);

/** Bytes before a point that deflated data may refer to. */
#define LC_ARCHIVE_WINDOW 32768

/** A point in the middle of a tar.gz from which it can be read. */
struct lc_archive_point {
    uint64_t offset; /* among the uncompressed bytes */
    uint64_t bit;    /* where a deflated block begins in the file, in bits */
    uint64_t begin;  /* of the gzip member, among the uncompressed bytes */
    uint32_t crc;    /* of its data up to here */
    uint32_t window_size;
    uint8_t window[LC_ARCHIVE_WINDOW]; /* the bytes before the point */
};

/** Called for a point, which lives until the call returns. Anything but LC_OK ends
 * reading and is returned by what read. */
typedef enum lc_status lc_archive_point_fn(void *user,
                                           const struct lc_archive_point *point,
                                           struct lc_error *err);

/**
 * Report points while the archive is read: about one for each distance, and none of
 * archives that are not compressed by gzip. Costs 1 % of the time at 64 MiB.
 *
 * @param distance  uncompressed bytes between two points, at least LC_ARCHIVE_WINDOW
 */
void lc_archive_collect(struct lc_archive *archive, uint64_t distance,
                        lc_archive_point_fn *each, void *user);

/**
 * Continue at a member, before the first call of lc_archive_next, which then returns it.
 *
 * The file must be the one in which the member was found before. Of an uncompressed tar,
 * or a zip, no other bytes are read; of a tar.gz, those since the point; of others, all
 * before the member. A checksum that includes bytes before the point is still checked.
 *
 * @param point   the last one that is not after the member; NULL without one
 * @param header  of the member, and its number: as lc_archive_next returned them
 *
 * Errors:  as lc_archive_next.
 */
LC_MUST_CHECK enum lc_status lc_archive_seek(struct lc_archive *archive,
                                             const struct lc_archive_point *point,
                                             uint64_t header, uint64_t number,
                                             struct lc_error *err);

/**
 * Continue at the data of a member, whose first bytes the next call of lc_archive_read
 * returns. lc_archive_next is not called any more.
 *
 * No header is read of a tar. What is known of the member may be a stranger's: if there
 * is none, other bytes or none are returned. Members can be read one after the other in
 * the order of their data.
 *
 * @param point  the last one that is not after the data; NULL without one
 * @param data   as lc_archive_next returned it
 * @param size   the same
 * @param found  set to false if it is before what was read already, or if there is no
 *               such member in a zip
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

/** Set the window of a point, whose window_size is set; false if the bytes are none. */
bool lc_archive_window_unpack(struct lc_span bytes, struct lc_archive_point *point);

/** A fault in words: "truncated". */
const char *lc_archive_fault_name(enum lc_archive_fault fault);

/** A kind and coding as a suffix: ".tar.gz"; "" for LC_ARCHIVE_NONE. */
const char *lc_archive_suffix(enum lc_archive_kind kind, enum lc_archive_coding coding);

/** Whether a file's name says that it is an archive that lc_archive_open can read, so
 * that a folder's archives can be found without opening every file. */
bool lc_archive_is_named(struct lc_span name);

/** Why a member is not unpacked to the path that its name says. */
enum lc_path_fault {
    LC_PATH_GOOD,
    LC_PATH_EMPTY,    /* nothing remains: "", "./" */
    LC_PATH_ABSOLUTE, /* "/a": GNU tar strips the slash, tarfile's data filter too */
    LC_PATH_PARENT,   /* has ".." as a part: GNU tar refuses it, older tarfile does not */
    LC_PATH_NUL,      /* holds a NUL: zip and pax names may */
    LC_PATH_LONG,     /* a part of more than 255 bytes, or a whole of more than 4095 */
};

/**
 * Get the path, relative to the folder of unpacking, that a member's name means: without
 * "." parts, doubled slashes and slashes at its end. Whether it is UTF-8 is not checked.
 *
 * @param name  of a member
 * @param out   name.size + 1 bytes; set, with a NUL at the end, if the result is
 * LC_PATH_GOOD or LC_PATH_ABSOLUTE (then without the slashes at its beginning)
 * @param size  set to its size
 *
 * Threads: any.
 */
enum lc_path_fault lc_member_path(struct lc_span name, char *out, size_t *size);

#endif

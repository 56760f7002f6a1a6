/* internal.h - shared by the files of src/archive: the file, its uncompressed bytes, and
 * the list of its damage */
#ifndef LC_ARCHIVE_INTERNAL_H
#define LC_ARCHIVE_INTERNAL_H

#include "archive/archive.h"
#include "base/buffer.h"

/** The damage of an archive that is being read. */
struct lc_archive_log {
    struct lc_archive_damage items[LC_ARCHIVE_DAMAGE];
    size_t count;
    uint64_t total;
    unsigned faults;  /* bits of all kinds that were noted */
    uint64_t members; /* number returned so far */
};

/** Add a damage that puts no other members in doubt. */
void lc_archive_note(struct lc_archive_log *log, enum lc_archive_fault what,
                     uint64_t offset, const char *detail);

/** Add a damage that puts all data between two offsets in doubt. */
void lc_archive_note_range(struct lc_archive_log *log, enum lc_archive_fault what,
                           uint64_t from, uint64_t to, const char *detail);

/** A file that is read from one end to the other. */
struct lc_input {
    int fd;
    uint64_t size;     /* size of the file when it was opened */
    uint64_t offset;   /* offset in the file of data[end] */
    uint8_t *data;     /* of LC_INPUT_SIZE bytes */
    size_t begin, end; /* bytes that were read but not used yet; the LC_INPUT_BACK bytes
                        * before begin were used last */
};

/** Bytes read from a file at once. */
#define LC_INPUT_PIECE ((size_t)256 << 10)

/** Bytes that can be given back. */
#define LC_INPUT_BACK 8
#define LC_INPUT_SIZE (LC_INPUT_BACK + LC_INPUT_PIECE)

/** Read more if all bytes were used. At the end of the file, begin equals end
 * afterwards. */
LC_MUST_CHECK enum lc_status lc_input_fill(struct lc_input *input, struct lc_error *err);

/** Make at least size bytes available, at most LC_INPUT_PIECE; fewer only at the end of
 * the file. */
LC_MUST_CHECK enum lc_status lc_input_need(struct lc_input *input, size_t size,
                                           struct lc_error *err);

/** Read a number of bytes from anywhere; *got is less at the end of the file. */
LC_MUST_CHECK enum lc_status lc_input_read_at(const struct lc_input *input,
                                              uint64_t offset, void *to, size_t size,
                                              size_t *got, struct lc_error *err);

/** Continue to read at another offset. */
void lc_input_seek(struct lc_input *input, uint64_t offset);

/** The offset of the next byte in the file. */
static inline uint64_t lc_input_position(const struct lc_input *input)
{
    return input->offset - (input->end - input->begin);
}

struct lc_stream;

#define LC_CODEC_MAGIC 8

/** A way to decompress files. */
struct lc_codec {
    enum lc_archive_coding coding;
    /** Whether a file begins like this format; looks at up to LC_CODEC_MAGIC bytes. */
    bool (*is_one)(const uint8_t *data, size_t size);
    /** Allocate stream->state. */
    enum lc_status (*open)(struct lc_stream *stream, struct lc_error *err);
    /** Produce up to size bytes, at least one. *got is 0 at the end; stream->fault and
     * the log say whether the end came too early. */
    enum lc_status (*read)(struct lc_stream *stream, uint8_t *to, size_t size,
                           size_t *got, struct lc_error *err);
    /** Skip without producing; may be NULL, and may skip less. */
    uint64_t (*skip)(struct lc_stream *stream, uint64_t size);
    /** Continue at a point; may be NULL. *done is false if that is not possible. */
    enum lc_status (*seek)(struct lc_stream *stream, const struct lc_archive_point *point,
                           bool *done, struct lc_error *err);
    void (*close)(void *state);
};

extern const struct lc_codec lc_codec_plain;
extern const struct lc_codec lc_codec_gzip;

/** The receiver of points, and the bytes before the next one. */
struct lc_collector {
    uint64_t distance; /* 0: no points are wanted */
    lc_archive_point_fn *each;
    void *user;
    uint64_t next; /* the next point is at or after this offset */
    struct lc_archive_point point;
    uint8_t recent[2 * LC_ARCHIVE_WINDOW];
    size_t recent_size;
};

/** The uncompressed bytes of a file. */
struct lc_stream {
    struct lc_input input;
    const struct lc_codec *codec;
    void *state;
    struct lc_archive_log *log;
    const struct lc_archive_limits *limits;
    uint64_t produced;              /* bytes that the codec has produced */
    bool is_over;                   /* nothing more is produced */
    enum lc_archive_fault fault;    /* why it ended too early, as in the log */
    struct lc_collector *collector; /* or NULL */
    uint64_t trailing;              /* bytes after the compressed data */
    uint8_t *buffer;                /* bytes that were produced but not used yet */
    size_t begin, end;
};

/** Limit of bytes that can be looked at before they are used. */
#define LC_STREAM_BUFFER ((size_t)128 << 10)

/** The offset of the next byte within the uncompressed bytes. */
static inline uint64_t lc_stream_offset(const struct lc_stream *stream)
{
    return stream->produced - (stream->end - stream->begin);
}

/** End the stream here because of a damage, and note it. */
void lc_stream_break(struct lc_stream *stream, uint64_t offset,
                     enum lc_archive_fault what, const char *detail);

/** Look at the next bytes. *got is less than want (at most LC_STREAM_BUFFER) only at the
 * end. */
LC_MUST_CHECK enum lc_status lc_stream_peek(struct lc_stream *stream, size_t want,
                                            const uint8_t **data, size_t *got,
                                            struct lc_error *err);

/** Use bytes that were looked at. */
static inline void lc_stream_use(struct lc_stream *stream, size_t size)
{
    stream->begin += size;
}

/** Read bytes; *got is less than size only at the end. */
LC_MUST_CHECK enum lc_status lc_stream_read(struct lc_stream *stream, void *to,
                                            size_t size, size_t *got,
                                            struct lc_error *err);

/** Skip bytes; *got is less than size only at the end. */
LC_MUST_CHECK enum lc_status lc_stream_skip(struct lc_stream *stream, uint64_t size,
                                            uint64_t *got, struct lc_error *err);

/** Continue at an offset; may start from a point before it. */
LC_MUST_CHECK enum lc_status lc_stream_seek(struct lc_stream *stream,
                                            const struct lc_archive_point *point,
                                            uint64_t offset, struct lc_error *err);

/** The extensions that precede a tar's member. */
struct lc_tar_extensions {
    unsigned long_names, long_links, pax_headers; /* number of headers of each kind */
    unsigned global_headers;    /* likewise: they extend all members that follow */
    struct lc_buffer long_name; /* the last one's */
    struct lc_buffer long_link;
    struct lc_buffer pax; /* records */
};

/** The members of a tar. All zero but the pointers when it begins. */
struct lc_tar {
    struct lc_stream *stream;
    const struct lc_archive_limits *limits;
    struct lc_archive_log *log;
    struct lc_member member;
    uint64_t headers; /* bytes of headers and extensions read so far */
    uint64_t rest;    /* bytes of the member's data not read yet */
    unsigned padding; /* bytes after the data, up to a whole block */
    bool is_after_damage;
    bool is_done;
    enum lc_archive_fault fault; /* the fault of the member's data */
    unsigned end_blocks;
    uint64_t trailing;
    struct lc_tar_extensions extensions;
    struct lc_buffer name; /* the member's name */
    struct lc_buffer link;
};

/** Whether 512 bytes are a header that GNU tar accepts. */
bool lc_tar_is_header(const uint8_t *block);

/** The next member; NULL at the end. */
LC_MUST_CHECK enum lc_status lc_tar_next(struct lc_tar *tar, const struct lc_member **out,
                                         struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_tar_read(struct lc_tar *tar, void *to, size_t size,
                                         size_t *got, struct lc_error *err);
void lc_tar_clear(struct lc_tar *tar);

/** What a pax header says about a member. */
struct lc_pax {
    struct lc_span path; /* text is NULL if there is none */
    struct lc_span link;
    bool has_size, has_mtime, is_sparse;
    uint64_t size;
    int64_t mtime_ns;
    const char *fault;     /* text; what is malformed: everything before it counts */
    const char *ambiguity; /* text; what programs disagree about */
};

/** Parse the records of a pax header. The spans of *out are parts of the text. */
void lc_pax_parse(struct lc_span text, struct lc_pax *out);

/** A number in a tar header, as GNU tar and Python's tarfile each read it. */
struct lc_tar_number {
    bool gnu_reads;
    bool python_reads;
    bool differs;  /* both can read it, but as different numbers */
    int64_t value; /* GNU tar's */
    int64_t python_value;
};

/** Read a number: octal, or binary ("base-256") if the first byte says so. */
struct lc_tar_number lc_tar_number(const uint8_t *field, size_t size);

#endif

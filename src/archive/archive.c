/* archive.c - members of archives: detects the kind of an archive, and dispatches to its
 * reader */
#include "archive/archive.h"

#include "archive/faults.h"
#include "archive/frames.h"
#include "archive/internal.h"
#include "archive/zip.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

const struct lc_archive_limits lc_archive_default_limits = {
    .members = UINT64_C(100000000),
    .name = UINT64_C(1) << 20,
    .bytes = UINT64_C(1) << 44,
    .ratio = 1100,  /* deflate reaches 1032 */
    .headers = 128, /* a picture or caption adds over 4 bytes to a 512-byte header */
    .window = UINT64_C(128) << 20,
    .directory = UINT64_C(1) << 30,
};

struct lc_archive {
    enum lc_archive_kind kind;
    struct lc_archive_limits limits;
    struct lc_archive_log log;
    struct lc_stream stream;
    struct lc_tar tar;
    struct lc_zip *zip;
    struct lc_collector collector;
    struct lc_archive_end end;
};

#define CODECS 4

static const struct lc_codec *const codecs[CODECS] = {
    &lc_codec_gzip,
    &lc_format_zstd.codec,
    &lc_format_xz.codec,
    &lc_format_bzip2.codec,
};

/* Suffixes of archives, with their kinds and compression. */
static const struct {
    const char *suffix;
    enum lc_archive_kind kind;
    enum lc_archive_coding coding;
} suffixes[] = {
    {".tar", LC_ARCHIVE_TAR, LC_CODING_PLAIN},
    {".tar.gz", LC_ARCHIVE_TAR, LC_CODING_GZIP},
    {".tgz", LC_ARCHIVE_TAR, LC_CODING_GZIP},
    {".tar.zst", LC_ARCHIVE_TAR, LC_CODING_ZSTD},
    {".tzst", LC_ARCHIVE_TAR, LC_CODING_ZSTD},
    {".tar.xz", LC_ARCHIVE_TAR, LC_CODING_XZ},
    {".txz", LC_ARCHIVE_TAR, LC_CODING_XZ},
    {".tar.bz2", LC_ARCHIVE_TAR, LC_CODING_BZIP2},
    {".tbz2", LC_ARCHIVE_TAR, LC_CODING_BZIP2},
    {".tbz", LC_ARCHIVE_TAR, LC_CODING_BZIP2},
    {".zip", LC_ARCHIVE_ZIP, LC_CODING_PLAIN},
};

static enum lc_archive_kind kind_of_name(struct lc_span name)
{
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
        size_t size = strlen(suffixes[i].suffix);

        if (name.size >= size &&
            strncasecmp(name.text + name.size - size, suffixes[i].suffix, size) == 0)
            return suffixes[i].kind;
    }
    return LC_ARCHIVE_NONE;
}

bool lc_archive_is_named(struct lc_span name)
{
    return kind_of_name(name) != LC_ARCHIVE_NONE;
}

const char *lc_archive_suffix(enum lc_archive_kind kind, enum lc_archive_coding coding)
{
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
        if (suffixes[i].kind == kind && suffixes[i].coding == coding)
            return suffixes[i].suffix;
    return "";
}

const char *lc_archive_fault_name(enum lc_archive_fault fault)
{
    static const char *const names[LC_ARCHIVE_FAULTS] = {
        [LC_ARCHIVE_SOUND] = "sound",
        [LC_ARCHIVE_NOT_ARCHIVE] = "not an archive",
        [LC_ARCHIVE_TRUNCATED] = "truncated",
        [LC_ARCHIVE_BAD_DATA] = "bad data",
        [LC_ARCHIVE_BAD_CHECKSUM] = "bad checksum",
        [LC_ARCHIVE_BAD_LENGTH] = "bad length",
        [LC_ARCHIVE_BAD_HEADER] = "bad header",
        [LC_ARCHIVE_BAD_EXTENSION] = "bad extension",
        [LC_ARCHIVE_NO_END] = "no end",
        [LC_ARCHIVE_HALF_END] = "half an end",
        [LC_ARCHIVE_CONTINUES] = "continues",
        [LC_ARCHIVE_TRAILING] = "trailing bytes",
        [LC_ARCHIVE_AMBIGUOUS] = "ambiguous",
        [LC_ARCHIVE_UNSUPPORTED] = "unsupported",
        [LC_ARCHIVE_LIMIT] = "over a limit",
    };

    assert(fault < LC_ARCHIVE_FAULTS);
    return names[fault];
}

/* Whether a file begins like a zip: with a member, or with the end record of an empty
 * one. */
static bool is_zip(const struct lc_input *input)
{
    const uint8_t *data = input->data + input->begin;

    return input->end - input->begin >= 4 &&
           (memcmp(data, "PK\x03\x04", 4) == 0 || memcmp(data, "PK\x05\x06", 4) == 0);
}

static enum lc_status open_zip(struct lc_archive *archive, bool must_be,
                               struct lc_error *err)
{
    enum lc_status status = lc_zip_open(&archive->stream.input, &archive->limits,
                                        &archive->log, must_be, &archive->zip, err);

    if (archive->zip)
        archive->kind = LC_ARCHIVE_ZIP;
    return status;
}

/* Detect what the uncompressed bytes are. */
static enum lc_status sniff(struct lc_archive *archive, enum lc_archive_kind named,
                            struct lc_error *err)
{
    static const uint8_t zeros[512];
    const uint8_t *block;
    size_t got;
    bool is_tar, is_empty_tar, is_too_damaged;
    enum lc_status status = lc_stream_peek(&archive->stream, 512, &block, &got, err);

    if (status != LC_OK)
        return status;
    is_tar = got == 512 && lc_tar_is_header(block);
    is_empty_tar = got == 512 && memcmp(block, zeros, 512) == 0;
    is_too_damaged = got < 512 && archive->stream.fault;
    if (is_tar || (named == LC_ARCHIVE_TAR && (is_empty_tar || is_too_damaged)))
        archive->kind = LC_ARCHIVE_TAR;
    else if (archive->stream.codec == &lc_codec_plain && named == LC_ARCHIVE_ZIP)
        status = open_zip(archive, false, err);
    if (status == LC_OK && archive->kind == LC_ARCHIVE_NONE && named != LC_ARCHIVE_NONE)
        lc_archive_note(&archive->log, LC_ARCHIVE_NOT_ARCHIVE, 0,
                        got ? "its content is none" : "it is empty");
    return status;
}

static enum lc_status find_codec(struct lc_archive *archive, struct lc_error *err)
{
    struct lc_stream *stream = &archive->stream;
    enum lc_status status = lc_input_fill(&stream->input, err);

    stream->codec = &lc_codec_plain;
    for (size_t i = 0; status == LC_OK && i < CODECS; i++)
        if (codecs[i]->is_one(stream->input.data + stream->input.begin,
                              stream->input.end - stream->input.begin))
            stream->codec = codecs[i];
    return status == LC_OK ? stream->codec->open(stream, err) : status;
}

enum lc_status lc_archive_open(int fd, const char *name,
                               const struct lc_archive_limits *limits,
                               struct lc_archive **out, struct lc_error *err)
{
    struct lc_archive *archive = calloc(1, sizeof(*archive));
    enum lc_archive_kind named = LC_ARCHIVE_NONE;
    struct stat st;
    enum lc_status status = LC_OK;

    if (!archive) {
        close(fd);
        return lc_fail_memory(err);
    }
    archive->limits = limits ? *limits : lc_archive_default_limits;
    archive->stream.limits = archive->tar.limits = &archive->limits;
    archive->stream.log = archive->tar.log = &archive->log;
    archive->stream.input.fd = fd;
    archive->tar.stream = &archive->stream;
    archive->stream.input.data = malloc(LC_INPUT_SIZE);
    archive->stream.buffer = malloc(LC_STREAM_BUFFER);
    if (!archive->stream.input.data || !archive->stream.buffer) {
        status = lc_fail_memory(err);
        goto out;
    }
    if (fstat(fd, &st) != 0) {
        status = lc_fail_errno(err, "inspect the archive");
        goto out;
    }
    archive->stream.input.size = (uint64_t)st.st_size;
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    if (name)
        named = kind_of_name((struct lc_span){name, strlen(name)});
    status = find_codec(archive, err);
    if (status == LC_OK)
        status = is_zip(&archive->stream.input) ? open_zip(archive, true, err)
                                                : sniff(archive, named, err);
    if (status != LC_OK)
        goto out;
    *out = archive;
    archive = NULL;
out:
    lc_archive_close(archive);
    return status;
}

void lc_archive_close(struct lc_archive *archive)
{
    if (!archive)
        return;
    if (archive->stream.codec)
        archive->stream.codec->close(archive->stream.state);
    lc_tar_clear(&archive->tar);
    lc_zip_close(archive->zip);
    close(archive->stream.input.fd);
    free(archive->stream.input.data);
    free(archive->stream.buffer);
    free(archive);
}

enum lc_status lc_archive_next(struct lc_archive *archive, const struct lc_member **out,
                               struct lc_error *err)
{
    enum lc_status status = LC_OK;

    *out = NULL;
    if (archive->end.is_done)
        return LC_OK;
    if (archive->kind == LC_ARCHIVE_TAR)
        status = lc_tar_next(&archive->tar, out, err);
    else if (archive->kind == LC_ARCHIVE_ZIP)
        status = lc_zip_next(archive->zip, out, err);
    if (status != LC_OK)
        return status;
    if (*out)
        archive->log.members++;
    else
        archive->end.is_done = true;
    return LC_OK;
}

enum lc_status lc_archive_read(struct lc_archive *archive, void *to, size_t size,
                               size_t *got, struct lc_error *err)
{
    *got = 0;
    if (archive->kind == LC_ARCHIVE_TAR)
        return lc_tar_read(&archive->tar, to, size, got, err);
    if (archive->kind == LC_ARCHIVE_ZIP)
        return lc_zip_read(archive->zip, to, size, got, err);
    return LC_OK;
}

enum lc_archive_fault lc_archive_member_fault(const struct lc_archive *archive)
{
    return archive->zip ? lc_zip_fault(archive->zip) : archive->tar.fault;
}

unsigned lc_archive_faults(const struct lc_archive *archive)
{
    return archive->log.faults;
}

const struct lc_archive_end *lc_archive_end(struct lc_archive *archive)
{
    archive->end = (struct lc_archive_end){
        .kind = archive->kind,
        .coding = archive->stream.codec->coding,
        .is_done = archive->end.is_done,
        .members = archive->log.members,
        .packed_size = lc_archive_position(archive),
        .size = archive->zip ? lc_zip_produced(archive->zip)
                             : lc_stream_offset(&archive->stream),
        .end_blocks = archive->tar.end_blocks,
        .trailing = archive->zip ? lc_zip_trailing(archive->zip)
                                 : archive->tar.trailing + archive->stream.trailing,
        .damage_count = archive->log.count,
        .damage = archive->log.items,
        .damage_total = archive->log.total,
    };
    return &archive->end;
}

void lc_archive_collect(struct lc_archive *archive, uint64_t distance,
                        lc_archive_point_fn *each, void *user)
{
    archive->collector.distance = distance;
    archive->collector.each = each;
    archive->collector.user = user;
    archive->collector.next = archive->stream.produced + distance;
    archive->stream.collector = &archive->collector;
}

enum lc_status lc_archive_seek(struct lc_archive *archive,
                               const struct lc_archive_point *point, uint64_t header,
                               uint64_t number, struct lc_error *err)
{
    archive->log.members = number;
    if (archive->kind == LC_ARCHIVE_TAR)
        return lc_stream_seek(&archive->stream, point, header, err);
    if (archive->kind == LC_ARCHIVE_ZIP)
        lc_zip_seek(archive->zip, header);
    return LC_OK;
}

/* Whether jumping to a point gets nearer to an offset than reading on from here. */
static bool is_ahead(const struct lc_archive *archive,
                     const struct lc_archive_point *point, uint64_t offset)
{
    return point && point->offset <= offset &&
           point->offset > lc_stream_offset(&archive->stream);
}

enum lc_status lc_archive_seek_data(struct lc_archive *archive,
                                    const struct lc_archive_point *point, uint64_t data,
                                    uint64_t size, bool *found, struct lc_error *err)
{
    struct lc_stream *stream = &archive->stream;
    const struct lc_member *member;
    enum lc_status status;

    *found = false;
    if (archive->kind == LC_ARCHIVE_ZIP) {
        lc_zip_seek_data(archive->zip, data);
        status = lc_zip_next(archive->zip, &member, err);
        *found = status == LC_OK && member && member->data == data;
        return status;
    }
    if (archive->kind != LC_ARCHIVE_TAR || data < lc_stream_offset(stream))
        return LC_OK;
    status =
        lc_stream_seek(stream, is_ahead(archive, point, data) ? point : NULL, data, err);
    archive->tar.rest = size;
    archive->tar.padding = 0; /* members are found by offset: nothing to skip */
    archive->tar.fault = LC_ARCHIVE_SOUND;
    *found = status == LC_OK && lc_stream_offset(stream) == data;
    return status;
}

uint64_t lc_archive_position(const struct lc_archive *archive)
{
    if (archive->zip && archive->end.is_done)
        return archive->stream.input.size;
    return lc_input_position(&archive->stream.input);
}

/* tar.c - the members of a tar: ustar, pax, GNU, and V7
 *
 * A tar consists of 512-byte blocks: for each member a header, perhaps preceded by
 * headers that extend it, and the data; two blocks of zeros are the end.
 *
 * The reader does what GNU tar does when unpacking. It also reports where Python's
 * tarfile, which training programs use, would do something else. In short: GNU tar skips
 * a broken header, but tarfile treats it as the end of the archive; of several
 * extensions, GNU tar uses the last, but tarfile the first. */
#include "archive/internal.h"

#include <string.h>

#define BLOCK 512

/* Bytes of headers from which their ratio to the file is checked. */
#define FREE_HEADERS (UINT64_C(256) << 10)

/* Offsets of the fields of a header, and their sizes. */
enum {
    NAME = 0,
    NAME_SIZE = 100,
    MODE = 100,
    USER = 108,
    GROUP = 116,
    SIZE = 124,
    TIME = 136,
    CHECKSUM = 148,
    TYPE = 156,
    LINK = 157,
    LINK_SIZE = 100,
    MAGIC = 257,
    MAJOR = 329,
    MINOR = 337,
    PREFIX = 345,
    PREFIX_SIZE = 155,
    SPARSE_CONTINUES = 482,     /* in a header: whether blocks of a sparse map follow */
    SPARSE_MAP_CONTINUES = 504, /* the same in such a block */
};

static bool is_zero(const uint8_t *data, size_t size)
{
    return !size || (!data[0] && memcmp(data, data + 1, size - 1) == 0);
}

/* Whether everything except the checksum is zero, which GNU tar accepts as an end
 * block. */
static bool is_end_block(const uint8_t *block)
{
    return is_zero(block, CHECKSUM) &&
           is_zero(block + CHECKSUM + 8, BLOCK - CHECKSUM - 8);
}

/* Check the checksum: the sum of all bytes, with its own field counted as spaces. Old
 * programs added signed bytes, which all programs accept. */
static bool is_checksum(const uint8_t *block, int64_t value)
{
    int64_t plain = INT64_C(8) * ' ', with_sign = plain;

    for (size_t i = 0; i < BLOCK; i++)
        if (i < CHECKSUM || i >= CHECKSUM + 8) {
            plain += block[i];
            with_sign += (int8_t)block[i];
        }
    return value == plain || value == with_sign;
}

bool lc_tar_is_header(const uint8_t *block)
{
    struct lc_tar_number number = lc_tar_number(block + CHECKSUM, 8);

    return number.gnu_reads && !(block[CHECKSUM] & 0x80) && /* only octal */
           is_checksum(block, number.value) && !is_end_block(block);
}

/* Whether Python accepts a block as a header, including those that GNU tar does not
 * accept. */
static bool is_header_for_python(const uint8_t *block)
{
    struct lc_tar_number number = lc_tar_number(block + CHECKSUM, 8);

    return number.python_reads && is_checksum(block, number.python_value);
}

static void note(struct lc_tar *tar, enum lc_archive_fault what, uint64_t offset,
                 const char *detail)
{
    lc_archive_note(tar->log, what, offset, detail);
}

/* Note that the stream ended in the middle of something: the file is truncated, unless
 * its compression has already given a reason. */
static void end_early(struct lc_tar *tar, const char *detail)
{
    tar->is_done = true;
    if (!tar->stream->fault)
        note(tar, LC_ARCHIVE_TRUNCATED, lc_stream_offset(tar->stream), detail);
}

/* Whether headers that extend the next one were read. Python's tarfile raises an error if
 * that one is missing or bad, but otherwise ends silently. */
static bool is_extended(const struct lc_tar *tar)
{
    const struct lc_tar_extensions *all = &tar->extensions;

    return all->long_names || all->long_links || all->pax_headers || all->global_headers;
}

/* Get the next block; NULL at the end. A partial block is noted. */
static enum lc_status next_block(struct lc_tar *tar, const uint8_t **block,
                                 struct lc_error *err)
{
    const uint8_t *data;
    size_t got;
    enum lc_status status = lc_stream_peek(tar->stream, BLOCK, &data, &got, err);

    *block = NULL;
    if (status != LC_OK)
        return status;
    lc_stream_use(tar->stream, got);
    tar->headers += got;
    if (got == BLOCK)
        *block = data;
    else if (got)
        end_early(tar, is_extended(tar) ? "it ends within a member after its extension"
                                        : "it ends within a header");
    return LC_OK;
}

/* Note that the member's data end early. */
static void cut_member(struct lc_tar *tar)
{
    struct lc_member *member = &tar->member;

    tar->is_done = true;
    tar->rest = 0;
    tar->padding = 0;
    tar->fault = tar->stream->fault;
    if (!tar->fault) {
        tar->fault = LC_ARCHIVE_TRUNCATED;
        lc_archive_note_range(tar->log, LC_ARCHIVE_TRUNCATED, member->data,
                              member->data + member->size, "it ends within a member");
    }
}

/* Skip the padding of a member's last block, once all its data were read. */
static enum lc_status skip_padding(struct lc_tar *tar, struct lc_error *err)
{
    uint64_t got;
    enum lc_status status = lc_stream_skip(tar->stream, tar->padding, &got, err);

    if (status == LC_OK && got < tar->padding)
        cut_member(tar);
    tar->padding = 0;
    return status;
}

enum lc_status lc_tar_read(struct lc_tar *tar, void *to, size_t size, size_t *got,
                           struct lc_error *err)
{
    size_t want = tar->rest < size ? (size_t)tar->rest : size;
    enum lc_status status = lc_stream_read(tar->stream, to, want, got, err);

    tar->rest -= *got;
    if (status == LC_OK && *got < want)
        cut_member(tar);
    else if (status == LC_OK && !tar->rest && tar->padding)
        status = skip_padding(tar, err);
    return status;
}

static enum lc_status skip_data(struct lc_tar *tar, struct lc_error *err)
{
    uint64_t got;
    enum lc_status status = lc_stream_skip(tar->stream, tar->rest, &got, err);

    if (status != LC_OK)
        return status;
    if (got < tar->rest)
        cut_member(tar);
    tar->rest = 0;
    return skip_padding(tar, err);
}

static void forget_extensions(struct lc_tar *tar)
{
    struct lc_tar_extensions *all = &tar->extensions;

    all->long_names = all->long_links = all->pax_headers = all->global_headers = 0;
}

/* Read the rest after the end: usually zeros, which fill a record of 10 KiB. */
static enum lc_status read_rest(struct lc_tar *tar, struct lc_error *err)
{
    bool is_first = true, is_header = false;
    enum lc_status status;
    uint64_t first = 0;
    const uint8_t *data;
    size_t got;

    tar->is_done = true;
    do {
        status = lc_stream_peek(tar->stream, (size_t)128 * BLOCK, &data, &got, err);
        for (size_t i = 0; status == LC_OK && i < got; i += BLOCK) {
            size_t n = got - i < BLOCK ? got - i : BLOCK;

            if (is_zero(data + i, n))
                continue;
            if (is_first) {
                first = lc_stream_offset(tar->stream) + i;
                is_header = n == BLOCK && lc_tar_is_header(data + i);
                is_first = false;
            }
            for (size_t k = i; k < i + n; k++)
                tar->trailing += data[k] != 0;
        }
        lc_stream_use(tar->stream, got);
    } while (status == LC_OK && got);
    if (status == LC_OK && is_header)
        note(tar, LC_ARCHIVE_CONTINUES, first, "members follow the end of the archive");
    else if (status == LC_OK && !is_first)
        note(tar, LC_ARCHIVE_TRAILING, first, "bytes follow the end of the archive");
    return status;
}

/* Handle an end block. */
static enum lc_status end_archive(struct lc_tar *tar, const uint8_t *block,
                                  struct lc_error *err)
{
    uint64_t offset = lc_stream_offset(tar->stream) - BLOCK;
    enum lc_status status;
    size_t got;

    if (!is_zero(block, BLOCK))
        note(tar, LC_ARCHIVE_AMBIGUOUS, offset,
             "a block of zeros with a checksum: an end block to GNU tar, a header to "
             "Python");
    if (is_extended(tar))
        note(tar, LC_ARCHIVE_BAD_EXTENSION, offset, "an extension without a member");
    tar->end_blocks = 1;
    status = lc_stream_peek(tar->stream, BLOCK, &block, &got, err);
    if (status != LC_OK)
        return status;
    if (got == BLOCK && is_end_block(block)) {
        lc_stream_use(tar->stream, BLOCK);
        tar->end_blocks = 2;
    } else if (!tar->stream->fault) {
        note(tar, LC_ARCHIVE_HALF_END, offset, "one end block instead of two");
    }
    return read_rest(tar, err);
}

/* Handle a stream that ended where a header could begin. */
static void end_without_block(struct lc_tar *tar)
{
    if (!tar->is_done && !tar->stream->fault) {
        uint64_t offset = lc_stream_offset(tar->stream);

        if (is_extended(tar))
            note(tar, LC_ARCHIVE_TRUNCATED, offset, "it ends after a member's extension");
        else
            note(tar, LC_ARCHIVE_NO_END, offset, "there is no end block");
    }
    tar->is_done = true;
}

/* Get the size of a header's data; false if it is not a number, which makes the header
 * bad. */
static bool size_of(struct lc_tar *tar, const uint8_t *block, uint64_t *out)
{
    struct lc_tar_number number = lc_tar_number(block + SIZE, 12);
    uint64_t offset = lc_stream_offset(tar->stream) - BLOCK;

    *out = 0;
    if (block[TYPE] == '1')
        return true; /* a hard link has no data, whatever its size says */
    if (!number.gnu_reads || number.value < 0)
        return false;
    if (number.differs)
        note(tar, LC_ARCHIVE_AMBIGUOUS, offset,
             "a size that programs read as different numbers");
    *out = (uint64_t)number.value;
    return true;
}

/* Read the data of an extension, with the padding of its last block. If this is not
 * possible, the archive ends. */
static enum lc_status read_extension(struct lc_tar *tar, uint64_t size,
                                     struct lc_buffer *buffer, struct lc_error *err)
{
    uint64_t offset = lc_stream_offset(tar->stream) - BLOCK;
    enum lc_status status;
    size_t whole, got;

    if (size > tar->limits->name) {
        note(tar, LC_ARCHIVE_LIMIT, offset, "an extended header is too large");
        tar->is_done = true;
        return LC_OK;
    }
    whole = ((size_t)size + BLOCK - 1) / BLOCK * BLOCK;
    buffer->size = 0;
    status = lc_buffer_reserve(buffer, whole + 1, err);
    if (status == LC_OK)
        status = lc_stream_read(tar->stream, buffer->data, whole, &got, err);
    if (status != LC_OK)
        return status;
    if (got < whole) {
        end_early(tar, "it ends within a member's extension");
        return LC_OK;
    }
    buffer->data[whole] = '\0';
    buffer->size = whole;
    tar->headers += whole;
    return LC_OK;
}

/* Read the records of a pax header. Python also reads records in the padding after its
 * data. */
static enum lc_status read_pax(struct lc_tar *tar, uint64_t size,
                               struct lc_buffer *buffer, struct lc_error *err)
{
    uint64_t offset = lc_stream_offset(tar->stream) - BLOCK;
    enum lc_status status = read_extension(tar, size, buffer, err);

    if (status != LC_OK || tar->is_done)
        return status;
    if (!is_zero((const uint8_t *)buffer->data + size, buffer->size - (size_t)size))
        note(tar, LC_ARCHIVE_AMBIGUOUS, offset,
             "bytes follow the records of a pax header");
    buffer->size = (size_t)size;
    return LC_OK;
}

/* Read a global pax header, which applies to all members after it. */
static enum lc_status read_global(struct lc_tar *tar, uint64_t size, struct lc_error *err)
{
    uint64_t offset = lc_stream_offset(tar->stream) - BLOCK;
    struct lc_buffer buffer = {0};
    enum lc_status status = read_pax(tar, size, &buffer, err);
    struct lc_pax pax;

    if (status == LC_OK && !tar->is_done) {
        lc_pax_parse((struct lc_span){buffer.data, buffer.size}, &pax);
        if (pax.fault)
            note(tar, LC_ARCHIVE_BAD_EXTENSION, offset, pax.fault);
        if (pax.path.text || pax.link.text || pax.has_size || pax.is_sparse)
            note(tar, LC_ARCHIVE_UNSUPPORTED, offset,
                 "a global pax header gives names or sizes");
    }
    lc_buffer_clear(&buffer);
    return status;
}

/* Read the data of a header that extends another one. *is_one is set to false if it does
 * not. */
static enum lc_status read_extending(struct lc_tar *tar, uint8_t type, uint64_t size,
                                     bool *is_one, struct lc_error *err)
{
    struct lc_tar_extensions *all = &tar->extensions;

    *is_one = true;
    switch (type) {
    case 'L':
        all->long_names++;
        return read_extension(tar, size, &all->long_name, err);
    case 'K':
        all->long_links++;
        return read_extension(tar, size, &all->long_link, err);
    case 'x':
    case 'X': /* Solaris */
        all->pax_headers++;
        return read_pax(tar, size, &all->pax, err);
    case 'g':
        all->global_headers++;
        return read_global(tar, size, err);
    default:
        *is_one = false;
        return LC_OK;
    }
}

/* A text field, which ends at a NUL or at the end of the field. */
static struct lc_span text_of(const void *field, size_t size)
{
    return (struct lc_span){field, strnlen(field, size)};
}

static enum lc_status set_text(struct lc_buffer *buffer, struct lc_span text,
                               struct lc_error *err)
{
    enum lc_status status;

    buffer->size = 0;
    status = lc_buffer_add(buffer, text.text, text.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(buffer, "", 1, err);
    if (status == LC_OK)
        buffer->size--;
    return status;
}

static struct lc_span span_of(const struct lc_buffer *buffer)
{
    return (struct lc_span){buffer->data, buffer->size};
}

/* Set the name from the header alone; a prefix may precede it. */
static enum lc_status set_plain_name(struct lc_tar *tar, const uint8_t *block,
                                     struct lc_error *err)
{
    struct lc_span name = text_of(block + NAME, NAME_SIZE);
    struct lc_span prefix = text_of(block + PREFIX, PREFIX_SIZE);
    bool is_ustar = memcmp(block + MAGIC, "ustar", 6) == 0;
    enum lc_status status = LC_OK;

    tar->name.size = 0;
    if (prefix.size && !is_ustar && block[TYPE] != 'S') /* GNU tar stores times there, or
                                                         * the header is V7 */
        note(tar, LC_ARCHIVE_AMBIGUOUS, tar->member.header,
             "bytes follow the name, which only Python reads as a part of it");
    if (prefix.size && is_ustar) {
        if (block[TYPE] == 'S')
            note(tar, LC_ARCHIVE_AMBIGUOUS, tar->member.header,
                 "the name of a sparse file has a prefix");
        status = lc_buffer_add(&tar->name, prefix.text, prefix.size, err);
        if (status == LC_OK)
            status = lc_buffer_add(&tar->name, "/", 1, err);
    }
    if (status == LC_OK)
        status = lc_buffer_add(&tar->name, name.text, name.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(&tar->name, "", 1, err);
    if (status == LC_OK)
        tar->name.size--;
    return status;
}

/* Set the member's name and link, from the extension that counts. */
static enum lc_status set_names(struct lc_tar *tar, const uint8_t *block,
                                const struct lc_pax *pax, struct lc_error *err)
{
    const struct lc_tar_extensions *all = &tar->extensions;
    struct lc_span long_name = {0};
    struct lc_span link = text_of(block + LINK, LINK_SIZE);
    enum lc_status status;

    if (all->long_names)
        long_name = text_of(all->long_name.data, all->long_name.size);
    if (all->long_links)
        link = text_of(all->long_link.data, all->long_link.size);
    if (all->long_names > 1 || all->long_links > 1 || all->pax_headers > 1 ||
        (pax->path.text && all->long_names) || (pax->link.text && all->long_links))
        note(tar, LC_ARCHIVE_AMBIGUOUS, tar->member.header,
             "a header has several extensions, and programs use different ones");
    if (pax->path.text)
        status = set_text(&tar->name, text_of(pax->path.text, pax->path.size), err);
    else if (all->long_names)
        status = set_text(&tar->name, long_name, err);
    else
        status = set_plain_name(tar, block, err);
    if (status == LC_OK)
        status = set_text(&tar->link,
                          pax->link.text ? text_of(pax->link.text, pax->link.size) : link,
                          err);
    return status;
}

static void check_checksum(struct lc_tar *tar, const uint8_t *block)
{
    if (is_header_for_python(block))
        return;
    note(tar, LC_ARCHIVE_AMBIGUOUS, tar->member.header,
         "a checksum that Python reads as another number: the archive ends here for it");
    tar->is_after_damage = true;
}

/* Whether a header extends another one. */
static bool is_extending(uint8_t type)
{
    return type == 'L' || type == 'K' || type == 'x' || type == 'X' || type == 'g';
}

/* Whether GNU tar accepts a number other than a size. If not, it continues, but reports
 * failure in the end. */
static bool is_read_by_gnu(uint8_t type, unsigned offset,
                           const struct lc_tar_number *number)
{
    bool is_owner = offset == USER || offset == GROUP;
    bool is_device = offset == MAJOR || offset == MINOR;

    if (offset == SIZE || is_extending(type) || (is_device && type != '3' && type != '4'))
        return true; /* GNU tar does not look at it */
    if (is_owner || is_device)
        return number->gnu_reads && number->value >= 0 && number->value <= UINT32_MAX;
    return number->gnu_reads;
}

/* Check numbers that do not matter to the members, but with which Python ends the
 * archive, or GNU tar reports failure. */
static void check_numbers(struct lc_tar *tar, const uint8_t *block)
{
    static const struct {
        uint16_t offset, size;
    } fields[] = {{MODE, 8},  {USER, 8},  {GROUP, 8}, {SIZE, 12},
                  {TIME, 12}, {MAJOR, 8}, {MINOR, 8}};

    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        struct lc_tar_number number =
            lc_tar_number(block + fields[i].offset, fields[i].size);

        if (!number.python_reads) {
            note(tar, LC_ARCHIVE_AMBIGUOUS, tar->member.header,
                 "a number that Python cannot read: the archive ends here for it");
            tar->is_after_damage = true;
            return;
        }
        if (!is_read_by_gnu(block[TYPE], fields[i].offset, &number)) {
            note(tar, LC_ARCHIVE_AMBIGUOUS, tar->member.header,
                 "a number that GNU tar cannot read");
            return;
        }
    }
}

/* The type of a member; *has_data is set to whether data follow, as its size says. */
static enum lc_member_type type_of(struct lc_tar *tar, const uint8_t *block,
                                   bool *has_data)
{
    uint8_t type = block[TYPE];
    bool has_slash = tar->name.size && tar->name.data[tar->name.size - 1] == '/';

    *has_data = false;
    switch (type) {
    case '1':
        return LC_MEMBER_HARD_LINK;
    case '2':
        return LC_MEMBER_SOFT_LINK;
    case '3':
    case '4':
    case '6':
        return LC_MEMBER_DEVICE;
    case '5':
        return LC_MEMBER_FOLDER;
    case '\0':
    case '0':
    case '7':
        if (!has_slash) {
            *has_data = true;
            return LC_MEMBER_FILE;
        }
        /* V7: a folder is a file whose name ends with a slash */
        if (type || tar->extensions.long_names || tar->extensions.pax_headers)
            note(tar, LC_ARCHIVE_AMBIGUOUS, tar->member.header,
                 "a file whose name ends with a slash: a folder to GNU tar");
        return LC_MEMBER_FOLDER;
    case 'S':
        *has_data = true;
        return LC_MEMBER_SPARSE;
    case 'D':
    case 'M':
    case 'N':
    case 'V':
        note(tar, LC_ARCHIVE_AMBIGUOUS, tar->member.header,
             "a part of a backup, which Python reads as a file");
        break;
    default:
        break;
    }
    *has_data = true;
    return LC_MEMBER_OTHER;
}

/* Skip the blocks of a sparse file's map that follow the header. */
static enum lc_status skip_sparse_map(struct lc_tar *tar, const uint8_t *block,
                                      struct lc_error *err)
{
    bool continues = block[SPARSE_CONTINUES] != 0;
    enum lc_status status = LC_OK;

    while (status == LC_OK && continues) {
        status = next_block(tar, &block, err);
        if (status == LC_OK && !block) {
            end_early(tar, "it ends within the map of a sparse file");
            return LC_OK;
        }
        continues = status == LC_OK && block[SPARSE_MAP_CONTINUES] != 0;
    }
    return status;
}

/* Parse the pax headers before a member, if any, and note their faults. */
static struct lc_pax parse_pax(struct lc_tar *tar)
{
    struct lc_pax pax = {0};

    if (tar->extensions.pax_headers)
        lc_pax_parse(span_of(&tar->extensions.pax), &pax);
    if (pax.fault) {
        note(tar, LC_ARCHIVE_BAD_EXTENSION, tar->member.header, pax.fault);
        tar->is_after_damage = true; /* Python may end here */
    }
    if (pax.ambiguity)
        note(tar, LC_ARCHIVE_AMBIGUOUS, tar->member.header, pax.ambiguity);
    return pax;
}

/* The time of a member; 0 if it is unknown. */
static int64_t mtime_of(const uint8_t *block, const struct lc_pax *pax)
{
    struct lc_tar_number seconds = lc_tar_number(block + TIME, 12);

    if (pax->has_mtime)
        return pax->mtime_ns;
    return seconds.gnu_reads && seconds.value < INT64_MAX / 1000000000 &&
                   seconds.value > INT64_MIN / 1000000000
               ? seconds.value * 1000000000
               : 0;
}

/* Fill the member from its header and the extensions before it, and leave the stream at
 * its data. */
static enum lc_status fill_member(struct lc_tar *tar, const uint8_t *block, uint64_t size,
                                  struct lc_error *err)
{
    struct lc_member *member = &tar->member;
    uint64_t header = member->header;
    const struct lc_pax pax = parse_pax(tar);
    enum lc_status status = set_names(tar, block, &pax, err);
    bool has_data;

    if (status != LC_OK)
        return status;
    *member = (struct lc_member){
        .type = type_of(tar, block, &has_data),
        .number = tar->log->members,
        .header = header,
        .is_after_damage = tar->is_after_damage,
        .mtime_ns = mtime_of(block, &pax),
    };
    while (tar->name.size > 1 && tar->name.data[tar->name.size - 1] == '/')
        tar->name.data[--tar->name.size] = '\0';
    member->name = span_of(&tar->name);
    if (member->type == LC_MEMBER_HARD_LINK || member->type == LC_MEMBER_SOFT_LINK)
        member->link = span_of(&tar->link);
    if (pax.has_size)
        size = pax.size;
    if (!has_data && size)
        note(tar, LC_ARCHIVE_AMBIGUOUS, header,
             "a member without data states a size: listing and unpacking differ");
    tar->fault = LC_ARCHIVE_SOUND;
    if (pax.is_sparse &&
        (member->type == LC_MEMBER_FILE || member->type == LC_MEMBER_OTHER))
        member->type = LC_MEMBER_SPARSE;
    if (member->type == LC_MEMBER_SPARSE) {
        tar->fault = LC_ARCHIVE_UNSUPPORTED;
        note(tar, LC_ARCHIVE_UNSUPPORTED, header, "a sparse file");
    }
    if (block[TYPE] == 'S') /* last, because it reads over the header's block */
        status = skip_sparse_map(tar, block, err);
    member->data = lc_stream_offset(tar->stream);
    member->size = tar->rest = has_data ? size : 0;
    tar->padding = (unsigned)(-tar->rest % BLOCK);
    return status;
}

/* Whether the headers are too large for the size of the compressed file: a list of the
 * members would take far more memory and disk space than the archive. */
static bool is_bomb(const struct lc_tar *tar)
{
    uint64_t beyond = tar->headers > FREE_HEADERS ? tar->headers - FREE_HEADERS : 0;

    return beyond / tar->limits->headers > tar->stream->input.size;
}

/* Skip a block that is not a header. Of several in a row, only the first is noted.
 *
 * @param is_good  it is a header except for its size, which GNU tar cannot use */
static void skip_bad_header(struct lc_tar *tar, const uint8_t *block, bool is_good,
                            bool *was_bad)
{
    uint64_t offset = lc_stream_offset(tar->stream) - BLOCK;

    if (is_good)
        note(tar, LC_ARCHIVE_AMBIGUOUS, offset,
             "a size that GNU tar cannot read: it skips to the next header");
    else if (is_header_for_python(block))
        note(tar, LC_ARCHIVE_AMBIGUOUS, offset, "a header that Python alone accepts");
    else if (!*was_bad)
        note(tar, LC_ARCHIVE_BAD_HEADER, offset,
             is_extended(tar)
                 ? "after an extension, a block is not a header: skipping to the next"
                 : "a block is not a header: skipping to the next header");
    *was_bad = true;
    tar->is_after_damage = true;
    forget_extensions(tar);
}

enum lc_status lc_tar_next(struct lc_tar *tar, const struct lc_member **out,
                           struct lc_error *err)
{
    bool was_bad = false, is_good, is_extension;
    enum lc_status status = skip_data(tar, err);
    const uint8_t *block;
    uint64_t size;

    *out = NULL;
    forget_extensions(tar);
    tar->member.header = lc_stream_offset(tar->stream);
    while (status == LC_OK && !tar->is_done) {
        status = next_block(tar, &block, err);
        if (status != LC_OK)
            break;
        if (!block) {
            end_without_block(tar);
            break;
        }
        if (is_end_block(block)) {
            status = end_archive(tar, block, err);
            break;
        }
        is_good = lc_tar_is_header(block);
        if (!is_good || !size_of(tar, block, &size)) {
            skip_bad_header(tar, block, is_good, &was_bad);
            tar->member.header = lc_stream_offset(tar->stream);
            continue;
        }
        check_checksum(tar, block);
        check_numbers(tar, block);
        status = read_extending(tar, block[TYPE], size, &is_extension, err);
        if (status != LC_OK || is_extension)
            continue;
        if (tar->log->members == tar->limits->members || is_bomb(tar)) {
            note(tar, LC_ARCHIVE_LIMIT, tar->member.header,
                 is_bomb(tar) ? "it has too many headers for its size"
                              : "it has too many members");
            tar->is_done = true;
            break;
        }
        status = fill_member(tar, block, size, err);
        if (status == LC_OK && !tar->is_done)
            *out = &tar->member;
        break;
    }
    return status;
}

void lc_tar_clear(struct lc_tar *tar)
{
    lc_buffer_clear(&tar->extensions.long_name);
    lc_buffer_clear(&tar->extensions.long_link);
    lc_buffer_clear(&tar->extensions.pax);
    lc_buffer_clear(&tar->name);
    lc_buffer_clear(&tar->link);
}

/* zip.c - the members of a zip
 *
 * A zip has its members one after the other, each with a header, and a list of them at
 * its end, the central directory. The directory is decisive: Python's zipfile and unzip
 * list members only by it. It is found from the end of the file.
 *
 * The directory is read first. Then the file is read from one end to the other, and
 * members are returned in their order in the file; the header of each is compared with
 * the directory. The reader does what Python's zipfile does. Where unzip is known to do
 * something else, the archive is ambiguous. */
#include "archive/zip.h"

#include "archive/inflate.h"
#include "base/bytes.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    END_SIZE = 22,
    COMMENT_MAX = 65535,
    LOCATOR_SIZE = 20, /* of the 64-bit end record's locator, before the end record */
    END64_SIZE = 56,
    ENTRY_SIZE = 46,
    LOCAL_SIZE = 30,
    STORED = 0,
    DEFLATED = 8,
    FLAG_ENCRYPTED = 1,
    FLAG_DESCRIPTOR = 8, /* sizes follow the data */
    FLAG_PATCH = 0x20,
    FLAG_STRONG = 0x40,
    FLAG_UTF8 = 0x800,
    SYSTEM_UNIX = 3,
    SYSTEM_FAT = 0,
    NEWEST = 63, /* version 6.3 of the format, the newest that Python can read */
};

#define END_MAGIC 0x06054B50U
#define LOCATOR_MAGIC 0x07064B50U
#define END64_MAGIC 0x06064B50U
#define ENTRY_MAGIC 0x02014B50U
#define LOCAL_MAGIC 0x04034B50U

/* A member, as listed in the directory. */
struct entry {
    uint64_t offset; /* offset of its header in the file */
    size_t at;       /* offset of its entry in the directory */
    uint64_t number;
};

/* The fields of a member. */
struct fields {
    uint32_t system, version, flags, method, time, date, crc, attributes;
    uint64_t packed, size, offset;
    struct lc_span name, extra;
    const char *fault; /* what is malformed in an extra field */
    bool has_mtime;
    int64_t mtime_s;
    bool has_other_name; /* an extra field has another name, which Python ignores */
};

struct lc_zip {
    struct lc_input *input;
    const struct lc_archive_limits *limits;
    struct lc_archive_log *log;
    struct lc_inflater *inflater;
    struct lc_buffer directory;
    uint64_t directory_at; /* its start in the file */
    int64_t shift;         /* to be added to all offsets, such as when bytes were put
                            * before the zip */
    uint64_t listed;       /* number of entries according to the end record */
    uint64_t trailing;
    struct entry *entries;
    size_t count, capacity;
    size_t next;

    struct lc_member member;
    struct fields fields;
    struct lc_buffer name, link;
    uint64_t packed_rest; /* compressed bytes of the member not read yet */
    uint64_t rest;        /* uncompressed bytes not returned yet */
    uint32_t crc;
    bool is_ended; /* nothing more of the member is returned */
    bool is_done;
    enum lc_archive_fault fault;
    uint64_t covered; /* end of the last member */
    bool had_descriptor;
    uint64_t produced;
};

static uint64_t le64(const uint8_t *p)
{
    return lc_le32(p) | (uint64_t)lc_le32(p + 4) << 32;
}

static void note(struct lc_zip *zip, enum lc_archive_fault what, uint64_t offset,
                 const char *detail)
{
    lc_archive_note(zip->log, what, offset, detail);
}

/* Note that the member cannot be read, or not all of it. */
static void note_member(struct lc_zip *zip, enum lc_archive_fault what,
                        const char *detail)
{
    const struct lc_member *member = &zip->member;
    uint64_t end = member->data + zip->fields.packed;

    if (zip->fault)
        return;
    zip->fault = what;
    zip->is_ended = true;
    lc_archive_note_range(zip->log, what, member->header,
                          end > member->header ? end : member->header, detail);
}

/* ---- the end of the file */

/* Find the end record in the last bytes of a file; SIZE_MAX if there is none. */
static size_t find_end(const uint8_t *tail, size_t size)
{
    for (size_t i = size - END_SIZE + 1; i-- > 0;)
        if (lc_le32(tail + i) == END_MAGIC)
            return i;
    return SIZE_MAX;
}

struct end {
    uint64_t at; /* end of the directory in the file */
    uint64_t count, size, offset;
};

/* Read the 64-bit end record, which counts if it precedes the other one. */
static enum lc_status read_end64(struct lc_zip *zip, struct end *end,
                                 struct lc_error *err)
{
    uint8_t both[END64_SIZE + LOCATOR_SIZE];
    const uint8_t *locator = both + END64_SIZE;
    struct end other;
    size_t got;
    enum lc_status status;

    if (end->at < sizeof(both))
        return LC_OK;
    status = lc_input_read_at(zip->input, end->at - sizeof(both), both, sizeof(both),
                              &got, err);
    if (status != LC_OK || got < sizeof(both) || lc_le32(locator) != LOCATOR_MAGIC)
        return status;
    if (lc_le32(locator + 16) > 1)
        note(zip, LC_ARCHIVE_UNSUPPORTED, end->at, "it is one of several parts");
    if (lc_le32(both) != END64_MAGIC) {
        note(zip, LC_ARCHIVE_AMBIGUOUS, end->at,
             "the zip64 end record is not where Python expects it");
        return LC_OK;
    }
    other = (struct end){.at = end->at - sizeof(both),
                         .count = le64(both + 32),
                         .size = le64(both + 40),
                         .offset = le64(both + 48)};
    if ((end->count != 0xFFFF && end->count != other.count) ||
        (end->size != UINT32_MAX && end->size != other.size) ||
        (end->offset != UINT32_MAX && end->offset != other.offset))
        note(zip, LC_ARCHIVE_AMBIGUOUS, other.at, "its two end records differ");
    *end = other;
    return LC_OK;
}

/* Find the end records; *found is set to false if there are none. */
static enum lc_status read_end(struct lc_zip *zip, struct end *end, bool *found,
                               struct lc_error *err)
{
    uint64_t all = zip->input->size;
    size_t size = all < END_SIZE + COMMENT_MAX ? (size_t)all : END_SIZE + COMMENT_MAX;
    uint64_t from = all - size;
    uint8_t *tail = malloc(size + 1);
    size_t got = 0, at = SIZE_MAX, after;
    enum lc_status status =
        tail ? lc_input_read_at(zip->input, from, tail, size, &got, err)
             : lc_fail_memory(err);

    *found = false;
    if (status == LC_OK && got == size && size >= END_SIZE)
        at = find_end(tail, size);
    if (at != SIZE_MAX) {
        const uint8_t *record = tail + at;
        size_t comment = lc_le16(record + 20);

        after = size - at - END_SIZE;
        *found = true;
        *end = (struct end){.at = from + at,
                            .count = lc_le16(record + 10),
                            .size = lc_le32(record + 12),
                            .offset = lc_le32(record + 16)};
        if (lc_le16(record + 4) != 0 && lc_le16(record + 4) != 0xFFFF)
            note(zip, LC_ARCHIVE_UNSUPPORTED, end->at, "it is one of several parts");
        if (after < comment)
            note(zip, LC_ARCHIVE_TRUNCATED, all, "it ends within its comment");
        if (after > comment) {
            zip->trailing = after - comment;
            note(zip, LC_ARCHIVE_TRAILING, end->at + END_SIZE + comment,
                 "bytes follow the end of the archive");
        }
        status = read_end64(zip, end, err);
    }
    free(tail);
    return status;
}

/* ---- the directory */

/* Replace a field that does not fit into 32 bits: an extra field has the values of all
 * such fields, in this order. */
static bool widen(uint64_t *field, uint32_t limit, struct lc_span *values)
{
    if (*field != limit)
        return true;
    if (values->size < 8)
        return false;
    *field = le64((const uint8_t *)values->text);
    values->text += 8;
    values->size -= 8;
    return true;
}

static void read_extra(struct fields *fields, uint32_t id, struct lc_span values)
{
    const uint8_t *data = (const uint8_t *)values.text;

    switch (id) {
    case 1:
        if (!widen(&fields->size, UINT32_MAX, &values) ||
            !widen(&fields->packed, UINT32_MAX, &values) ||
            !widen(&fields->offset, UINT32_MAX, &values))
            fields->fault = "an extra field of sizes is too short";
        break;
    case 0x5455: /* Unix times */
        if (values.size >= 5 && data[0] & 1) {
            fields->has_mtime = true;
            fields->mtime_s = (int32_t)lc_le32(data + 1);
        }
        break;
    case 0x7075: /* Unicode path */
        fields->has_other_name =
            values.size < 5 || values.size - 5 != fields->name.size ||
            memcmp(data + 5, fields->name.text, values.size - 5) != 0;
        break;
    default:
        break;
    }
}

static void read_extras(struct fields *fields)
{
    struct lc_span rest = fields->extra;

    while (rest.size >= 4) {
        const uint8_t *head = (const uint8_t *)rest.text;
        size_t size = lc_le16(head + 2);

        if (size > rest.size - 4) {
            fields->fault = "an extra field reaches past the end of all of them";
            return;
        }
        read_extra(fields, lc_le16(head), (struct lc_span){rest.text + 4, size});
        rest.text += 4 + size;
        rest.size -= 4 + size;
    }
}

/* The size of the directory entry that begins here; 0 if it is not an entry. */
static size_t entry_size(const struct lc_buffer *directory, size_t at)
{
    const uint8_t *entry = (const uint8_t *)directory->data + at;
    size_t left = directory->size - at, size;

    if (left < ENTRY_SIZE || lc_le32(entry) != ENTRY_MAGIC)
        return 0;
    size = (size_t)ENTRY_SIZE + lc_le16(entry + 28) + lc_le16(entry + 30) +
           lc_le16(entry + 32);
    return size <= left ? size : 0;
}

static struct fields read_entry(const struct lc_buffer *directory, size_t at)
{
    const uint8_t *entry = (const uint8_t *)directory->data + at;
    const char *text = directory->data + at + ENTRY_SIZE;
    struct fields out = {
        .system = entry[5],
        .version = entry[6],
        .flags = lc_le16(entry + 8),
        .method = lc_le16(entry + 10),
        .time = lc_le16(entry + 12),
        .date = lc_le16(entry + 14),
        .crc = lc_le32(entry + 16),
        .packed = lc_le32(entry + 20),
        .size = lc_le32(entry + 24),
        .attributes = lc_le32(entry + 38),
        .offset = lc_le32(entry + 42),
        .name = {text, lc_le16(entry + 28)},
        .extra = {text + lc_le16(entry + 28), lc_le16(entry + 30)},
    };

    read_extras(&out);
    return out;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* List the members, up to the first malformed entry. */
static enum lc_status list_entries(struct lc_zip *zip, struct lc_error *err)
{
    size_t at = 0;

    while (at < zip->directory.size) {
        size_t size = entry_size(&zip->directory, at);
        struct entry *grown;

        if (!size) {
            note(zip, LC_ARCHIVE_BAD_HEADER, zip->directory_at + at,
                 "an entry of the directory is malformed: Python refuses the archive");
            break;
        }
        if (zip->count == zip->limits->members) {
            note(zip, LC_ARCHIVE_LIMIT, zip->directory_at + at,
                 "it has too many members");
            break;
        }
        if (zip->count == zip->capacity) {
            grown =
                lc_array_grow(zip->entries, zip->count, &zip->capacity, sizeof(*grown));
            if (!grown)
                return lc_fail_memory(err);
            zip->entries = grown;
        }
        zip->entries[zip->count] = (struct entry){
            .offset = read_entry(&zip->directory, at).offset + (uint64_t)zip->shift,
            .at = at,
            .number = zip->count,
        };
        zip->count++;
        at += size;
    }
    if (zip->count)
        qsort(zip->entries, zip->count, sizeof(*zip->entries), compare_entries);
    return LC_OK;
}

/* Read the directory, given its end. */
static enum lc_status read_directory(struct lc_zip *zip, const struct end *end,
                                     struct lc_error *err)
{
    enum lc_status status;
    size_t got;

    if (end->size > end->at) {
        note(zip, LC_ARCHIVE_BAD_HEADER, end->at,
             "the directory is larger than the file");
        return LC_OK;
    }
    if (end->size > zip->limits->directory) {
        note(zip, LC_ARCHIVE_LIMIT, end->at, "the directory is too large");
        return LC_OK;
    }
    zip->directory_at = end->at - end->size;
    zip->shift = (int64_t)(zip->directory_at - end->offset);
    if (zip->shift > 0)
        note(zip, LC_ARCHIVE_TRAILING, 0, "bytes precede the archive");
    else if (zip->shift < 0)
        note(zip, LC_ARCHIVE_TRUNCATED, 0, "its beginning is missing");
    status = lc_buffer_reserve(&zip->directory, (size_t)end->size + 1, err);
    if (status == LC_OK)
        status = lc_input_read_at(zip->input, zip->directory_at, zip->directory.data,
                                  (size_t)end->size, &got, err);
    if (status != LC_OK)
        return status;
    zip->directory.size = got;
    status = list_entries(zip, err);
    if (status == LC_OK && zip->count != end->count && zip->count % 65536 != end->count)
        note(zip, LC_ARCHIVE_AMBIGUOUS, zip->directory_at,
             "the end record and the directory have different numbers of members");
    zip->covered = zip->shift > 0 ? (uint64_t)zip->shift : 0;
    return status;
}

enum lc_status lc_zip_open(struct lc_input *input, const struct lc_archive_limits *limits,
                           struct lc_archive_log *log, bool must_be, struct lc_zip **out,
                           struct lc_error *err)
{
    struct lc_zip *zip = calloc(1, sizeof(*zip));
    struct end end = {0};
    bool found = false;
    enum lc_status status;

    *out = NULL;
    if (!zip)
        return lc_fail_memory(err);
    zip->input = input;
    zip->limits = limits;
    zip->log = log;
    status = read_end(zip, &end, &found, err);
    if (status == LC_OK && found) {
        status = read_directory(zip, &end, err);
        if (status == LC_OK)
            status = lc_inflater_new(&zip->inflater, err);
    } else if (status == LC_OK && must_be) {
        note(zip, LC_ARCHIVE_TRUNCATED, input->size,
             "there is no directory: Python and unzip refuse the archive");
    }
    if (status == LC_OK && (found || must_be)) {
        *out = zip;
        zip = NULL;
    }
    lc_zip_close(zip);
    return status;
}

void lc_zip_close(struct lc_zip *zip)
{
    if (!zip)
        return;
    lc_inflater_free(zip->inflater);
    lc_buffer_clear(&zip->directory);
    lc_buffer_clear(&zip->name);
    lc_buffer_clear(&zip->link);
    free(zip->entries);
    free(zip);
}

/* ---- members */

/* Check the bytes between two members, or after the last one. They are empty, or the
 * descriptor with the sizes of a member. Programs that read a zip from the front see any
 * member that begins there. */
static enum lc_status check_gap(struct lc_zip *zip, uint64_t to, struct lc_error *err)
{
    static const size_t descriptors[] = {0, 12, 16, 20, 24};
    uint8_t bytes[28];
    size_t got, count = zip->had_descriptor ? 5 : 1;
    enum lc_status status;

    if (to <= zip->covered)
        return LC_OK;
    status = lc_input_read_at(zip->input, zip->covered, bytes, sizeof(bytes), &got, err);
    for (size_t i = 0; status == LC_OK && i < count; i++) {
        size_t at = descriptors[i];

        if (at + 4 <= got && zip->covered + at < to &&
            lc_le32(bytes + at) == LOCAL_MAGIC) {
            note(zip, LC_ARCHIVE_AMBIGUOUS, zip->covered + at,
                 "a member that is not in the directory");
            break;
        }
    }
    return status;
}

/* Whether a name is not ASCII, so that its encoding matters. */
static bool has_high(struct lc_span name)
{
    for (size_t i = 0; i < name.size; i++)
        if (name.text[i] & 0x80)
            return true;
    return false;
}

/* Whether a member's own header states another method, checksum or size than the
 * directory. It may leave the checksum and the sizes to the descriptor after the data,
 * and large sizes to an extra field. */
static bool is_other_header(const uint8_t *local, const struct fields *fields)
{
    uint32_t packed = lc_le32(local + 18), size = lc_le32(local + 22);

    if (lc_le16(local + 8) != fields->method)
        return true;
    if (lc_le16(local + 6) & FLAG_DESCRIPTOR)
        return false;
    return lc_le32(local + 14) != fields->crc ||
           (packed != UINT32_MAX && packed != fields->packed) ||
           (size != UINT32_MAX && size != fields->size);
}

/* Read a member's own header, after which its data begin, and compare it with the
 * directory. */
static enum lc_status read_local(struct lc_zip *zip, struct lc_error *err)
{
    struct fields *fields = &zip->fields;
    struct lc_member *member = &zip->member;
    uint8_t local[LOCAL_SIZE];
    struct lc_buffer name = {0};
    size_t got, size;
    bool is_other_name;
    enum lc_status status =
        lc_input_read_at(zip->input, member->header, local, sizeof(local), &got, err);

    member->data = member->header;
    if (status != LC_OK)
        return status;
    if (got < sizeof(local) || lc_le32(local) != LOCAL_MAGIC) {
        fields->packed = 0;
        note_member(zip, LC_ARCHIVE_BAD_HEADER, "a member has no header");
        return LC_OK;
    }
    size = lc_le16(local + 26);
    status = lc_buffer_reserve(&name, size + 1, err);
    if (status == LC_OK)
        status = lc_input_read_at(zip->input, member->header + LOCAL_SIZE, name.data,
                                  size, &got, err);
    if (status != LC_OK)
        goto out;
    member->data = member->header + LOCAL_SIZE + size + lc_le16(local + 28);
    zip->had_descriptor = lc_le16(local + 6) & FLAG_DESCRIPTOR;
    is_other_name = got != fields->name.size || size != got ||
                    memcmp(name.data, fields->name.text, got) != 0;
    /* the same bytes in another encoding are another name, too */
    if ((lc_le16(local + 6) ^ fields->flags) & FLAG_UTF8 && has_high(fields->name))
        is_other_name = true;
    if (is_other_name)
        note_member(zip, LC_ARCHIVE_BAD_HEADER,
                    "a member's header has another name than the directory");
    else if (is_other_header(local, fields))
        note(zip, LC_ARCHIVE_AMBIGUOUS, member->header,
             "a member's header differs from the directory");
out:
    lc_buffer_clear(&name);
    return status;
}

/* Convert a local date and time to seconds since 1970, as if it were UTC. */
static int64_t dos_time(uint32_t date, uint32_t time)
{
    struct tm parts = {
        .tm_year = (int)(date >> 9) + 80,
        .tm_mon = (int)(date >> 5 & 15) - 1,
        .tm_mday = (int)(date & 31),
        .tm_hour = (int)(time >> 11),
        .tm_min = (int)(time >> 5 & 63),
        .tm_sec = (int)(time & 31) * 2,
    };

    return timegm(&parts);
}

/* Note what programs disagree about in the member's directory entry. */
static void check_entry(struct lc_zip *zip)
{
    const struct fields *fields = &zip->fields;
    struct lc_span name = fields->name;
    bool is_high = has_high(name);
    const char *detail = fields->fault;

    if (name.size && memchr(name.text, 0, name.size))
        detail = "a name has a NUL, where some programs end it";
    else if (is_high && !(fields->flags & FLAG_UTF8))
        detail = "a name in an encoding that is not declared";
    else if (is_high && lc_text_invalid_utf8(name.text, name.size) < name.size)
        detail =
            "a name that is declared to be UTF-8 and is not: Python refuses the archive";
    else if (fields->has_other_name)
        detail = "an extra field has another name, which Python ignores";
    else if (fields->system == SYSTEM_FAT && name.size &&
             memchr(name.text, '\\', name.size))
        detail = "a backslash in a name, which unzip reads as a slash";
    else if (fields->version > NEWEST)
        detail = "a newer version of the format: Python refuses the archive";
    if (detail)
        note(zip, LC_ARCHIVE_AMBIGUOUS, zip->member.header, detail);
}

static bool is_link(const struct fields *fields)
{
    return fields->system == SYSTEM_UNIX && (fields->attributes >> 28) == 0xA;
}

/* Read the target of a symbolic link, which is its data. */
static enum lc_status read_link(struct lc_zip *zip, struct lc_error *err)
{
    size_t size = (size_t)zip->rest, got = 0;
    enum lc_status status;

    if (zip->rest > zip->limits->name) {
        note_member(zip, LC_ARCHIVE_LIMIT, "a link is too long");
        return LC_OK;
    }
    zip->link.size = 0;
    status = lc_buffer_reserve(&zip->link, size + 1, err);
    if (status == LC_OK) /* one byte more, so that the checksum is checked */
        status = lc_zip_read(zip, zip->link.data, size + 1, &got, err);
    if (status != LC_OK)
        return status;
    zip->link.data[got] = '\0';
    zip->member.link = (struct lc_span){zip->link.data, got};
    zip->member.size = 0;
    zip->is_ended = true;
    note(zip, LC_ARCHIVE_AMBIGUOUS, zip->member.header,
         "a link, which Python reads as a file");
    return LC_OK;
}

static enum lc_status set_name(struct lc_zip *zip, struct lc_error *err)
{
    struct lc_span name = zip->fields.name;
    enum lc_status status;

    zip->name.size = 0;
    while (name.size > 1 && name.text[name.size - 1] == '/')
        name.size--;
    status = lc_buffer_add(&zip->name, name.text, name.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(&zip->name, "", 1, err);
    if (status == LC_OK)
        zip->member.name = (struct lc_span){zip->name.data, zip->name.size - 1};
    return status;
}

/* Fill the member with what the directory says. */
static void read_directory_entry(struct lc_zip *zip, const struct entry *entry)
{
    struct fields *fields = &zip->fields;
    struct lc_span name;
    int64_t mtime_s;

    *fields = read_entry(&zip->directory, entry->at);
    name = fields->name;
    mtime_s = fields->has_mtime ? fields->mtime_s : dos_time(fields->date, fields->time);
    zip->member = (struct lc_member){
        .type = name.size && name.text[name.size - 1] == '/' ? LC_MEMBER_FOLDER
                : is_link(fields)                            ? LC_MEMBER_SOFT_LINK
                                                             : LC_MEMBER_FILE,
        .number = entry->number,
        .header = entry->offset,
        .is_utf8 = fields->flags & FLAG_UTF8,
        .mtime_ns = mtime_s * 1000000000,
    };
    zip->member.size = zip->member.type == LC_MEMBER_FOLDER ? 0 : fields->size;
}

/* Note why a member's data cannot be read, if so. They must end before the next member:
 * otherwise a small zip could contain many members that share their data. Newer Python
 * and unzip refuse such a zip.
 *
 * @param end   where the data end
 * @param next  where the next member begins, or the directory */
static void check_data(struct lc_zip *zip, uint64_t end, uint64_t next)
{
    const struct fields *fields = &zip->fields;
    uint64_t data = zip->member.data, size = zip->input->size;

    if (fields->flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_PATCH))
        note_member(zip, LC_ARCHIVE_UNSUPPORTED, "a member is encrypted");
    else if (fields->method != STORED && fields->method != DEFLATED)
        note_member(zip, LC_ARCHIVE_UNSUPPORTED,
                    "a member is compressed by a method that is not supported");
    else if (!zip->fault && (data > size || fields->packed > size - data))
        note_member(zip, LC_ARCHIVE_TRUNCATED,
                    "a member reaches past the end of the file");
    if (!zip->fault && end > next)
        note_member(zip, LC_ARCHIVE_AMBIGUOUS,
                    "a member shares bytes with another one, or with the directory");
}

/* Begin to read a member: check it, and leave the input at its data. */
static enum lc_status begin_member(struct lc_zip *zip, const struct entry *entry,
                                   struct lc_error *err)
{
    struct lc_member *member = &zip->member;
    uint64_t next = zip->next + 1 < zip->count ? entry[1].offset : zip->directory_at;
    uint64_t end;
    enum lc_status status;

    read_directory_entry(zip, entry);
    zip->fault = LC_ARCHIVE_SOUND;
    zip->is_ended = member->type == LC_MEMBER_FOLDER;
    zip->crc = 0;
    check_entry(zip);
    status = set_name(zip, err);
    if (status == LC_OK)
        status = read_local(zip, err);
    if (status != LC_OK)
        return status;
    if (member->type == LC_MEMBER_FOLDER && zip->fields.size)
        note(zip, LC_ARCHIVE_AMBIGUOUS, member->header, "a folder with data");
    end = member->data + zip->fields.packed; /* overflows only if the size is a fault */
    check_data(zip, end, next);
    status = check_gap(zip, member->header, err);
    if (end >= member->data && end <= next && end > zip->covered)
        zip->covered = end;
    zip->rest = member->size;
    zip->packed_rest = zip->fields.packed;
    lc_input_seek(zip->input, member->data);
    lc_inflater_reset(zip->inflater);
    if (status == LC_OK && member->type == LC_MEMBER_SOFT_LINK && !zip->fault)
        status = read_link(zip, err);
    return status;
}

enum lc_status lc_zip_next(struct lc_zip *zip, const struct lc_member **out,
                           struct lc_error *err)
{
    enum lc_status status;

    *out = NULL;
    if (zip->is_done)
        return LC_OK;
    if (zip->next == zip->count) {
        zip->is_done = true;
        return zip->count ? check_gap(zip, zip->directory_at, err) : LC_OK;
    }
    status = begin_member(zip, &zip->entries[zip->next], err);
    if (status != LC_OK)
        return status;
    zip->next++;
    *out = &zip->member;
    return LC_OK;
}

/* The number of entries whose headers are before an offset. */
static size_t count_before(const struct lc_zip *zip, uint64_t header)
{
    size_t low = 0, high = zip->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (zip->entries[middle].offset < header)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void lc_zip_seek(struct lc_zip *zip, uint64_t header)
{
    zip->next = count_before(zip, header);
    zip->covered = header;
}

void lc_zip_seek_data(struct lc_zip *zip, uint64_t data)
{
    size_t before = count_before(zip, data);

    zip->next = before ? before - 1 : zip->count;
    zip->covered = before ? zip->entries[before - 1].offset : zip->directory_at;
    zip->is_done = false;
}

/* Finish a member whose data was read completely, or ended early. */
static void end_data(struct lc_zip *zip, bool is_longer)
{
    zip->is_ended = true;
    if (zip->rest || is_longer)
        note_member(zip, LC_ARCHIVE_BAD_LENGTH, "the length of a member differs");
    else if (zip->crc != zip->fields.crc)
        note_member(zip, LC_ARCHIVE_BAD_CHECKSUM, "the CRC-32 of a member differs");
}

/* Have zlib decide about data that ISA-L cannot inflate. */
static enum lc_status read_again(struct lc_zip *zip, struct lc_piece *piece,
                                 struct lc_error *err)
{
    struct lc_inflated known = {zip->member.data, zip->fields.size - zip->rest, zip->crc};
    bool is_same;
    uint64_t at;
    enum lc_status status =
        lc_inflater_again(zip->inflater, zip->input, &known, &at, &is_same, err);

    piece->got = 0;
    if (status != LC_OK)
        return status;
    if (!is_same || at > known.at + zip->fields.packed) {
        note_member(zip, LC_ARCHIVE_BAD_DATA, "a member's data cannot be inflated");
        return LC_OK;
    }
    lc_input_seek(zip->input, at);
    zip->packed_rest = known.at + zip->fields.packed - at;
    return LC_OK;
}

/* Decompress what fits into a piece, or copy it if the member is stored. */
static enum lc_piece_result unpack(struct lc_zip *zip, struct lc_piece *piece)
{
    size_t n = piece->from_size < piece->to_size ? piece->from_size : piece->to_size;

    if (zip->fields.method == DEFLATED)
        return lc_inflater_run(zip->inflater, piece);
    memcpy(piece->to, piece->from, n);
    piece->used = piece->got = n;
    return n == zip->packed_rest ? LC_PIECE_ENDS : LC_PIECE_CONTINUES;
}

/* Read a piece of a member, and check it. */
static enum lc_status read_piece(struct lc_zip *zip, struct lc_piece *piece,
                                 struct lc_error *err)
{
    struct lc_input *input = zip->input;
    size_t held = input->end - input->begin;
    enum lc_piece_result result;
    bool is_longer;

    piece->from = input->data + input->begin;
    piece->from_size = zip->packed_rest < held ? (size_t)zip->packed_rest : held;
    result = unpack(zip, piece);
    if (result == LC_PIECE_BAD_DATA && lc_inflater_is_in_doubt(zip->inflater))
        return read_again(zip, piece, err);
    input->begin += piece->used - piece->back;
    zip->packed_rest -= piece->used - piece->back;
    is_longer = piece->got > zip->rest;
    if (is_longer)
        piece->got = (size_t)zip->rest;
    zip->crc = lc_archive_crc(zip->crc, piece->to, piece->got);
    zip->rest -= piece->got;
    if (result == LC_PIECE_ENDS) {
        end_data(zip, is_longer || zip->packed_rest);
        return LC_OK;
    }
    if (is_longer)
        note_member(zip, LC_ARCHIVE_BAD_LENGTH, "the length of a member differs");
    if (result == LC_PIECE_NO_MEMORY)
        return lc_fail_memory(err);
    if (result != LC_PIECE_CONTINUES)
        note_member(zip, LC_ARCHIVE_BAD_DATA, "a member's data cannot be inflated");
    else if (!piece->got && !piece->used && !zip->packed_rest)
        note_member(zip, LC_ARCHIVE_BAD_LENGTH, "a member's data end too early");
    else if (!piece->got && !piece->used && !held)
        note_member(zip, LC_ARCHIVE_TRUNCATED, "it ends within a member");
    return LC_OK;
}

/* Whether the zip is a bomb: far more was read than the file has. */
static bool is_bomb(const struct lc_zip *zip)
{
    uint64_t free_bytes = UINT64_C(1) << 30;
    uint64_t beyond = zip->produced > free_bytes ? zip->produced - free_bytes : 0;

    return zip->produced > zip->limits->bytes ||
           beyond / zip->limits->ratio > zip->input->size;
}

enum lc_status lc_zip_read(struct lc_zip *zip, void *to, size_t size, size_t *got,
                           struct lc_error *err)
{
    enum lc_status status = LC_OK;

    *got = 0;
    /* after the last byte, read the compressed data to their end */
    while (status == LC_OK && (*got < size || !zip->rest) && !zip->is_ended &&
           !zip->is_done) {
        size_t left = size - *got;
        uint8_t surplus;
        struct lc_piece piece = {.to = (uint8_t *)to + *got,
                                 .to_size = zip->rest < left ? (size_t)zip->rest : left};

        if (!zip->rest) {
            piece.to = &surplus;
            piece.to_size = 1;
        }
        if (zip->packed_rest)
            status = lc_input_fill(zip->input, err);
        if (status != LC_OK)
            break;
        status = read_piece(zip, &piece, err);
        *got += piece.got;
        zip->produced += piece.got;
        if (is_bomb(zip)) {
            note_member(zip, LC_ARCHIVE_LIMIT, "its content is too large");
            zip->is_done = true;
        }
    }
    return status;
}

enum lc_archive_fault lc_zip_fault(const struct lc_zip *zip)
{
    return zip->fault;
}

uint64_t lc_zip_trailing(const struct lc_zip *zip)
{
    return zip->trailing;
}

uint64_t lc_zip_produced(const struct lc_zip *zip)
{
    return zip->produced;
}

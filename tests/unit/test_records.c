/* test_records.c - src/index/format/records: encoding, decoding, and refusing other bytes
 */
#include "unit.h"

#include "index/format/records.h"
#include "llava_check/rules.h"

/* A record of any kind. */
union record {
    struct lc_file_record file;
    struct lc_row_record row;
    struct lc_image_record image;
    struct lc_finding_record finding;
    struct lc_summary summary;
    struct lc_rule_count count;
    struct lc_statistics statistics;
    struct lc_share share;
    struct lc_archive_record archive;
    struct lc_member_record member;
};

static enum lc_status encode_file(const union record *r, struct lc_buffer *out)
{
    return lc_file_encode(&r->file, out, NULL);
}

static enum lc_status decode_file(struct lc_span bytes, union record *r,
                                  struct lc_error *err)
{
    return lc_file_decode(bytes, &r->file, err);
}

static enum lc_status encode_row(const union record *r, struct lc_buffer *out)
{
    return lc_row_encode(&r->row, out, NULL);
}

static enum lc_status decode_row(struct lc_span bytes, union record *r,
                                 struct lc_error *err)
{
    return lc_row_decode(bytes, &r->row, err);
}

static enum lc_status encode_image(const union record *r, struct lc_buffer *out)
{
    return lc_image_encode(&r->image, out, NULL);
}

static enum lc_status decode_image(struct lc_span bytes, union record *r,
                                   struct lc_error *err)
{
    return lc_image_decode(bytes, &r->image, err);
}

static enum lc_status encode_finding(const union record *r, struct lc_buffer *out)
{
    return lc_finding_encode(&r->finding, out, NULL);
}

static enum lc_status decode_finding(struct lc_span bytes, union record *r,
                                     struct lc_error *err)
{
    return lc_finding_decode(bytes, &r->finding, err);
}

static enum lc_status encode_summary(const union record *r, struct lc_buffer *out)
{
    return lc_summary_encode(&r->summary, out, NULL);
}

static enum lc_status decode_summary(struct lc_span bytes, union record *r,
                                     struct lc_error *err)
{
    return lc_summary_decode(bytes, &r->summary, err);
}

static enum lc_status encode_count(const union record *r, struct lc_buffer *out)
{
    return lc_rule_count_encode(&r->count, out, NULL);
}

static enum lc_status decode_count(struct lc_span bytes, union record *r,
                                   struct lc_error *err)
{
    return lc_rule_count_decode(bytes, &r->count, err);
}

static enum lc_status encode_statistics(const union record *r, struct lc_buffer *out)
{
    return lc_statistics_encode(&r->statistics, out, NULL);
}

static enum lc_status decode_statistics(struct lc_span bytes, union record *r,
                                        struct lc_error *err)
{
    return lc_statistics_decode(bytes, &r->statistics, err);
}

static enum lc_status encode_archive(const union record *r, struct lc_buffer *out)
{
    return lc_archive_encode(&r->archive, out, NULL);
}

static enum lc_status decode_archive(struct lc_span bytes, union record *r,
                                     struct lc_error *err)
{
    return lc_archive_decode(bytes, &r->archive, err);
}

static enum lc_status encode_member(const union record *r, struct lc_buffer *out)
{
    return lc_member_encode(&r->member, out, NULL);
}

static enum lc_status decode_member(struct lc_span bytes, union record *r,
                                    struct lc_error *err)
{
    return lc_member_decode(bytes, &r->member, err);
}

static enum lc_status encode_share(const union record *r, struct lc_buffer *out)
{
    return lc_share_encode(&r->share, out, NULL);
}

static enum lc_status decode_share(struct lc_span bytes, union record *r,
                                   struct lc_error *err)
{
    return lc_share_decode(bytes, &r->share, err);
}

enum {
    FILE_,
    ROW,
    IMAGE,
    FINDING,
    SUMMARY,
    RULE_COUNT,
    STATISTICS,
    SHARE,
    ARCHIVE,
    MEMBER
};

static const struct kind {
    const char *name;
    enum lc_status (*encode)(const union record *, struct lc_buffer *);
    enum lc_status (*decode)(struct lc_span, union record *, struct lc_error *);
    size_t size; /* of the record below, in bytes */
} kinds[] = {
    [FILE_] = {"file", encode_file, decode_file,
               4 + 5 + 8 * 7 + 16 + 1 + 4 + 7 + 8 + 4 + 8 + 8 + 8},
    /* numbers of 5, 6, 5 and 10 bytes; the others take one */
    [ROW] = {"row", encode_row, decode_row,
             3 + 5 + 6 + 6 + 5 + 1 + 10 + 1 + 3 + 16 + 8 * 3 + 3 + 1 + 3 + 1 + 2 + 3},
    [IMAGE] = {"image", encode_image, decode_image,
               1 + 7 + 1 + 1 + 8 * 2 + 2 + 16 + 1 + 4 + 1 + 3 + 4 + 2 + 2 + 5 + 1 + 16 +
                   1 + 10 + 1 + 5},
    [FINDING] = {"finding", encode_finding, decode_finding,
                 2 + 1 + 6 + 1 + 9 + 1 + 8 + 5 + 6 + 5 + 2 + 1},
    [SUMMARY] = {"summary", encode_summary, decode_summary, 8 * (16 + 3)},
    [RULE_COUNT] = {"count", encode_count, decode_count, 8 + 8 * 3},
    [STATISTICS] = {"statistics", encode_statistics, decode_statistics,
                    8 * (4 + 4 + 5 * (3 + 41) + 1)},
    [SHARE] = {"share", encode_share, decode_share, 4 + 4 + 8 * 4},
    [ARCHIVE] = {"archive", encode_archive, decode_archive,
                 4 + 8 + 8 * 5 + 1 + 4 + 7 + 4 + 7 + 4 + 5 + 8 * 4 + 4 + 3 + 4 + 9},
    [MEMBER] = {"member", encode_member, decode_member, 1 + 7 + 1 + 5 + 3 + 16},
};
EXPECT_CASES(kinds, 10);

/* Records in which no two fields are alike. */
static const struct lc_file_record sample_file = {
    .name = {"a.jso", 5},
    .size = UINT64_C(1) << 40,
    .mtime_ns = -2,
    .ctime_ns = -7,
    .inode = 3,
    .device = 8,
    .content = {{9, 10}},
    .first_row = 4,
    .rows = UINT64_MAX,
    .lines = true,
    .sampling = {"first:5", 7},
    .sampled = UINT64_C(6) << 33,
    .dialect = {"sharegpt", 8},
    .names = 11,
    .strays = 12,
};

static const struct lc_row_record sample_row = {
    .file = 1,
    .row = UINT64_C(2) << 33,
    .offset = 3,
    .line = 4,
    .column = UINT64_C(5) << 33,
    .size = 6,
    .turns = 7,
    .images = 8,
    .videos = 9,
    .urls = 12,
    .embedded = 13,
    .placeholders = UINT32_MAX,
    .words = 10,
    .characters = UINT64_MAX,
    .script = LC_SCRIPT_OTHER,
    .readable = true,
    .faulty = false,
    .whole = true,
    .content = {{0x99, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xFF}},
    .question = UINT64_C(13) << 55,
    .answer = UINT64_C(15) << 53,
    .rest = UINT64_C(11) << 57,
    .object = true,
    .text_only = false,
    .traits = LC_ROW_TAGS | LC_ROW_IN_IMAGES,
    .dialect = 14,
    .data_source = {"web", 3},
    .id = {"id7", 3},
};

static const struct lc_image_record sample_image = {
    .path = {"a/b.jpg", 7},
    .state = LC_IMAGE_CORRUPT,
    .size = 2,
    .mtime_ns = INT64_MIN,
    .ctime_ns = INT64_MAX,
    .inode = 5,
    .device = 6,
    .content = {{0xFF, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0x99}},
    .format = {"jpeg", 4},
    .mode = {"RGB", 3},
    .width = 10,
    .height = 11,
    .rows_decoded = 12,
    .warnings = 13,
    .orientation = 8,
    .depth = 16,
    .frames = 14,
    .trailing = 15,
    .blank = true,
    .transparent = true,
    .lenient = 2,
    .content_kind = 17,
    .metadata_too_large = true,
    .detail = {"bad Huffman code", 16},
    .faulty = true,
    .uses = UINT64_C(1) << 63,
    .archive = 3,
    .offset = UINT64_C(1) << 30,
};

static const struct lc_archive_record sample_archive = {
    .name = {"a.tar.gz", 8},
    .size = UINT64_C(5) << 30,
    .mtime_ns = -1,
    .ctime_ns = 2,
    .inode = 3,
    .device = 4,
    .state = LC_ARCHIVE_UNREAD,
    .kind = {".tar.gz", 7},
    .removed = {"images/", 7},
    .added = {"coco/", 5},
    .members = 5,
    .files = 6,
    .unpacked = UINT64_MAX,
    .unsafe = 7,
    .unsafe_example = {"/a?", 3},
    .damage = {"truncated", 9},
};

static const struct lc_member_record sample_member = {
    .path = {"coco/1.", 7},
    .archive = 1,
    .offset = UINT64_C(1) << 30,
    .size = UINT64_C(1) << 20,
    .content = {{9}},
};

static const struct lc_finding_record sample_finding = {
    .kind = LC_FINDING_ROW,
    .severity = LC_SEVERITY_ERROR,
    .found = LC_SEVERITY_ERROR,
    .rule = {"CNV303", 6},
    .rule_case = {"questions", 9},
    .message = {"what not", 8},
    .file = 4,
    .row = -1,
    .offset = 6,
    .line = 7,
    .column = 8,
    .turn = INT64_C(1) << 40,
    .image = UINT32_MAX,
    .id = {"x", 1},
    .row_count = 12,
};

static const struct lc_summary sample_summary = {
    .rows_files = 1,
    .rows = 2,
    .rows_ok = 3,
    .rows_text_only = 4,
    .turns = 5,
    .words = 6,
    .characters = 7,
    .rows_sampled = 8,
    .images_referenced = 9,
    .images = 10,
    .images_ok = 11,
    .images_unverified = 12,
    .images_skipped = 13,
    .image_bytes = 14,
    .urls = 17,
    .embedded = 18,
    .findings = {15, 16, UINT64_MAX},
};

/* Return statistics in which all numbers differ. */
static struct lc_statistics sample_statistics(void)
{
    uint64_t numbers[sizeof(struct lc_statistics) / sizeof(uint64_t)];
    struct lc_statistics out;

    _Static_assert(sizeof(numbers) == sizeof(out), "statistics are numbers of 64 bits");
    for (size_t i = 0; i < COUNT(numbers); i++)
        numbers[i] = (uint64_t)i << 50 | (i + 1);
    memcpy(&out, numbers, sizeof(out));
    return out;
}

static union record sample(size_t kind)
{
    union record r;

    memset(&r, 0, sizeof(r));
    switch (kind) {
    case FILE_:
        r.file = sample_file;
        break;
    case ROW:
        r.row = sample_row;
        break;
    case IMAGE:
        r.image = sample_image;
        break;
    case FINDING:
        r.finding = sample_finding;
        break;
    case SUMMARY:
        r.summary = sample_summary;
        break;
    case RULE_COUNT:
        r.count = (struct lc_rule_count){"CNV303", {1, UINT64_C(1) << 32, 3}};
        break;
    case STATISTICS:
        r.statistics = sample_statistics();
        break;
    case ARCHIVE:
        r.archive = sample_archive;
        break;
    case MEMBER:
        r.member = sample_member;
        break;
    default:
        r.share = (struct lc_share){span("coco"), 1, UINT64_MAX, 3, UINT64_C(4) << 40};
    }
    return r;
}

static void expect_span(struct lc_span got, struct lc_span wanted, struct lc_span inside)
{
    assert_int_equal(got.size, wanted.size);
    if (!wanted.size)
        return;
    assert_memory_equal(got.text, wanted.text, wanted.size);
    assert_true(got.text >= inside.text && got.text < inside.text + inside.size);
}

static void expect_same(size_t kind, const union record *a, const union record *b,
                        struct lc_span bytes)
{
    union record x = *a;

    /* spans have different addresses: compare their texts, then everything else */
    switch (kind) {
    case FILE_:
        expect_span(x.file.name, b->file.name, bytes);
        expect_span(x.file.sampling, b->file.sampling, bytes);
        expect_span(x.file.dialect, b->file.dialect, bytes);
        x.file.dialect = b->file.dialect;
        x.file.name = b->file.name;
        x.file.sampling = b->file.sampling;
        break;
    case ROW:
        expect_span(x.row.id, b->row.id, bytes);
        expect_span(x.row.data_source, b->row.data_source, bytes);
        x.row.id = b->row.id;
        x.row.data_source = b->row.data_source;
        break;
    case IMAGE:
        expect_span(x.image.path, b->image.path, bytes);
        expect_span(x.image.format, b->image.format, bytes);
        expect_span(x.image.mode, b->image.mode, bytes);
        x.image.path = b->image.path;
        x.image.format = b->image.format;
        x.image.mode = b->image.mode;
        expect_span(x.image.detail, b->image.detail, bytes);
        x.image.detail = b->image.detail;
        break;
    case FINDING:
        expect_span(x.finding.rule, b->finding.rule, bytes);
        expect_span(x.finding.rule_case, b->finding.rule_case, bytes);
        expect_span(x.finding.message, b->finding.message, bytes);
        expect_span(x.finding.id, b->finding.id, bytes);
        x.finding.rule = b->finding.rule;
        x.finding.rule_case = b->finding.rule_case;
        x.finding.message = b->finding.message;
        x.finding.id = b->finding.id;
        break;
    case SHARE:
        expect_span(x.share.name, b->share.name, bytes);
        x.share.name = b->share.name;
        break;
    case ARCHIVE:
        expect_span(x.archive.name, b->archive.name, bytes);
        expect_span(x.archive.kind, b->archive.kind, bytes);
        expect_span(x.archive.removed, b->archive.removed, bytes);
        expect_span(x.archive.added, b->archive.added, bytes);
        expect_span(x.archive.unsafe_example, b->archive.unsafe_example, bytes);
        expect_span(x.archive.damage, b->archive.damage, bytes);
        x.archive.name = b->archive.name;
        x.archive.kind = b->archive.kind;
        x.archive.removed = b->archive.removed;
        x.archive.added = b->archive.added;
        x.archive.unsafe_example = b->archive.unsafe_example;
        x.archive.damage = b->archive.damage;
        break;
    case MEMBER:
        expect_span(x.member.path, b->member.path, bytes);
        x.member.path = b->member.path;
        break;
    default:
        break;
    }
    /* both were zeroed, so padding is equal too */
    assert_memory_equal(&x, b, sizeof(x));
}

static void round_trips(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < COUNT(kinds); kind++) {
        union record in = sample(kind), out;
        struct lc_buffer buffer = {0};
        struct lc_span bytes;

        memset(&out, 0, sizeof(out));
        assert_int_equal(kinds[kind].encode(&in, &buffer), LC_OK);
        assert_int_equal(buffer.size, kinds[kind].size);
        bytes = (struct lc_span){buffer.data, buffer.size};
        assert_int_equal(kinds[kind].decode(bytes, &out, NULL), LC_OK);
        expect_same(kind, &out, &in, bytes);
        lc_buffer_clear(&buffer);
    }
}

/* Each string may be long. */
static void long_strings(void **state)
{
    enum { LONG = 5000 };
    static const struct {
        size_t kind, at; /* where in the record */
    } cases[] = {
        {FILE_, offsetof(struct lc_file_record, name)},
        {FILE_, offsetof(struct lc_file_record, sampling)},
        {FILE_, offsetof(struct lc_file_record, dialect)},
        {ROW, offsetof(struct lc_row_record, id)},
        {ROW, offsetof(struct lc_row_record, data_source)},
        {IMAGE, offsetof(struct lc_image_record, path)},
        {IMAGE, offsetof(struct lc_image_record, format)},
        {IMAGE, offsetof(struct lc_image_record, mode)},
        {IMAGE, offsetof(struct lc_image_record, detail)},
        {FINDING, offsetof(struct lc_finding_record, rule)},
        {FINDING, offsetof(struct lc_finding_record, rule_case)},
        {FINDING, offsetof(struct lc_finding_record, message)},
        {FINDING, offsetof(struct lc_finding_record, id)},
        {SHARE, offsetof(struct lc_share, name)},
        {ARCHIVE, offsetof(struct lc_archive_record, name)},
        {ARCHIVE, offsetof(struct lc_archive_record, kind)},
        {ARCHIVE, offsetof(struct lc_archive_record, removed)},
        {ARCHIVE, offsetof(struct lc_archive_record, added)},
        {ARCHIVE, offsetof(struct lc_archive_record, unsafe_example)},
        {ARCHIVE, offsetof(struct lc_archive_record, damage)},
        {MEMBER, offsetof(struct lc_member_record, path)},
    };
    static char text[LONG];
    const struct lc_span is_long = {text, LONG};
    EXPECT_CASES(cases, 21);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool is_case = cases[i].at == offsetof(struct lc_finding_record, rule_case);
        const struct kind *kind = &kinds[cases[i].kind];
        union record in = sample(cases[i].kind), out;
        struct lc_buffer buffer = {0};
        struct lc_span bytes;

        /* letters that a rule's code or a case's name may have */
        memset(text, cases[i].kind == FINDING && is_case ? 'x' : 'X', LONG);
        memcpy((char *)&in + cases[i].at, &is_long, sizeof(is_long));
        memset(&out, 0, sizeof(out));
        assert_int_equal(kind->encode(&in, &buffer), LC_OK);
        assert_in_range(buffer.size, LONG, LONG + kind->size);
        bytes = (struct lc_span){buffer.data, buffer.size};
        assert_int_equal(kind->decode(bytes, &out, NULL), LC_OK);
        expect_same(cases[i].kind, &out, &in, bytes);
        lc_buffer_clear(&buffer);
    }
}

/* Records are appended to the buffer's contents. */
static void appends(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < COUNT(kinds); kind++) {
        union record in = sample(kind);
        struct lc_buffer buffer = {0};

        assert_int_equal(lc_buffer_add(&buffer, "ab", 2, NULL), LC_OK);
        assert_int_equal(kinds[kind].encode(&in, &buffer), LC_OK);
        assert_int_equal(kinds[kind].encode(&in, &buffer), LC_OK);
        assert_int_equal(buffer.size, 2 + 2 * kinds[kind].size);
        assert_memory_equal(buffer.data, "ab", 2);
        assert_memory_equal(buffer.data + 2, buffer.data + 2 + kinds[kind].size,
                            kinds[kind].size);
        lc_buffer_clear(&buffer);
    }
}

static void refuse(size_t kind, const char *bytes, size_t size)
{
    char *copy = grab(size + !size); /* of the exact size, for sanitizers */
    struct lc_error error = {0};
    union record out;

    memcpy(copy, bytes, size);
    assert_int_equal(kinds[kind].decode((struct lc_span){copy, size}, &out, &error),
                     LC_ERR_INDEX);
    assert_int_equal(error.status, LC_ERR_INDEX);
    assert_true(*error.message);
    free(copy);
}

static void refuses_other_sizes(void **state)
{
    size_t refused = 0, expected = 0;

    (void)state;
    for (size_t kind = 0; kind < COUNT(kinds); kind++) {
        union record in = sample(kind);
        struct lc_buffer buffer = {0};

        assert_int_equal(kinds[kind].encode(&in, &buffer), LC_OK);
        assert_int_equal(lc_buffer_add(&buffer, "\0", 1, NULL), LC_OK);
        for (size_t size = 0; size <= buffer.size; size++) {
            if (size == kinds[kind].size)
                continue;
            refuse(kind, buffer.data, size);
            refused++;
        }
        expected += kinds[kind].size + 1;
        lc_buffer_clear(&buffer);
    }
    assert_int_equal(refused, expected);
}

/* Lengths of strings that exceed the bytes. */
static void refuses_long_strings(void **state)
{
    static const struct {
        size_t kind, at; /* offset of a length */
        bool is_number;  /* of one byte: LEB128 */
    } cases[] = {{FILE_, 0, false},  {FILE_, 82, false},  {ROW, 85, true},
                 {ROW, 89, true},    {IMAGE, 0, true},    {IMAGE, 44, true},
                 {IMAGE, 49, true},  {IMAGE, 66, true},   {FINDING, 2, true},
                 {FINDING, 9, true}, {FINDING, 19, true}, {FINDING, 44, true},
                 {SHARE, 0, false}};
    static const uint32_t lengths[] = {0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1000};
    static const char *const numbers[] = {"\xFF\xFF\xFF\xFF\x07", "\x80\x80\x80\x80\x08",
                                          "\xFF\xFF\xFF\xFF\x0F", "\xE8\x07"};
    EXPECT_CASES(cases, 13);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const size_t width = cases[i].is_number ? 1 : 4, at = cases[i].at;
        union record in = sample(cases[i].kind);
        struct lc_buffer buffer = {0};

        assert_int_equal(kinds[cases[i].kind].encode(&in, &buffer), LC_OK);
        assert_memory_equal(buffer.data + at, "\0\0\0", width - 1);
        assert_in_range(buffer.data[at + width - 1], 1, 20); /* a small number */
        for (size_t l = 0; l < COUNT(lengths); l++) {
            struct lc_buffer changed = {0};
            uint8_t fixed[4];

            lc_put_u32(fixed, lengths[l]);
            assert_int_equal(lc_buffer_add(&changed, buffer.data, at, NULL), LC_OK);
            assert_int_equal(
                cases[i].is_number
                    ? lc_buffer_add(&changed, numbers[l], strlen(numbers[l]), NULL)
                    : lc_buffer_add(&changed, fixed, sizeof(fixed), NULL),
                LC_OK);
            assert_int_equal(lc_buffer_add(&changed, buffer.data + at + width,
                                           buffer.size - at - width, NULL),
                             LC_OK);
            refuse(cases[i].kind, changed.data, changed.size);
            lc_buffer_clear(&changed);
        }
        lc_buffer_clear(&buffer);
    }
}

/* Numbers must be as short as possible, and fit their field: here the number of a row's
 * file, of 32 bits, and its number in the file, of 64. */
static void reads_numbers(void **state)
{
    static const struct {
        size_t at; /* its offset in the sample: file 0, row 1 */
        struct lc_span bytes;
        uint64_t value; /* 0: refused */
    } cases[] = {
        {0, {"\x7F", 1}, 127},
        {0, {"\x80\x01", 2}, 128},
        {0, {"\xFF\xFF\xFF\xFF\x0F", 5}, UINT32_MAX},
        {0, {"\x80\x80\x80\x80\x10", 5}, 0}, /* 2^32 */
        {0, {"\x81\x00", 2}, 0},             /* 1 in two bytes */
        {1, {"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 10}, UINT64_MAX},
        {1, {"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", 10}, 0},
        {1, {"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x81\x01", 11}, 0},
        {1, {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 10}, 0},
    };
    EXPECT_CASES(cases, 9);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const size_t at = cases[i].at, width = at ? 5 : 1;
        union record in = sample(ROW), out;
        struct lc_buffer buffer = {0}, changed = {0};

        memset(&out, 0, sizeof(out));
        assert_int_equal(kinds[ROW].encode(&in, &buffer), LC_OK);
        assert_int_equal(lc_buffer_add(&changed, buffer.data, at, NULL), LC_OK);
        assert_int_equal(
            lc_buffer_add(&changed, cases[i].bytes.text, cases[i].bytes.size, NULL),
            LC_OK);
        assert_int_equal(lc_buffer_add(&changed, buffer.data + at + width,
                                       buffer.size - at - width, NULL),
                         LC_OK);
        if (cases[i].value) {
            struct lc_span bytes = {changed.data, changed.size};

            assert_int_equal(kinds[ROW].decode(bytes, &out, NULL), LC_OK);
            assert_true((at ? out.row.row : out.row.file) == cases[i].value);
            assert_true(out.row.offset == in.row.offset);
        } else {
            refuse(ROW, changed.data, changed.size);
        }
        lc_buffer_clear(&buffer);
        lc_buffer_clear(&changed);
    }
}

static void refuses_nonsense_findings(void **state)
{
    static const struct {
        uint8_t kind, severity;
        bool good;
    } cases[] = {{1, 0, true},  {2, 1, true},  {3, 2, true},    {0, 0, false},
                 {4, 0, false}, {1, 3, false}, {255, 0, false}, {1, 255, false}};
    union record in = sample(FINDING);
    struct lc_buffer buffer = {0};
    EXPECT_CASES(cases, 8);

    (void)state;
    assert_int_equal(kinds[FINDING].encode(&in, &buffer), LC_OK);
    for (size_t i = 0; i < COUNT(cases); i++) {
        union record out;

        buffer.data[0] = (char)cases[i].kind;
        buffer.data[1] = (char)cases[i].severity;
        assert_int_equal(
            kinds[FINDING].decode((struct lc_span){buffer.data, buffer.size}, &out, NULL),
            cases[i].good ? LC_OK : LC_ERR_INDEX);
    }
    lc_buffer_clear(&buffer);
}

/* Codes are printed as they are, so invalid ones are refused when they are read. */
static void refuses_codes_that_are_none(void **state)
{
    static const char *const codes[] = {"", "img501", "IMG\x1b[", "IMG 501", "IMG-1"};
    union record finding = sample(FINDING), count = sample(RULE_COUNT);
    EXPECT_CASES(codes, 5);

    (void)state;
    for (size_t i = 0; i < COUNT(codes); i++) {
        struct lc_buffer buffer = {0};
        size_t size;

        finding.finding.rule = (struct lc_span){codes[i], strlen(codes[i])};
        assert_int_equal(kinds[FINDING].encode(&finding, &buffer), LC_OK);
        size = buffer.size;
        refuse(FINDING, buffer.data, size);
        memset(count.count.code, 0, sizeof(count.count.code));
        memcpy(count.count.code, codes[i], strlen(codes[i]));
        assert_int_equal(kinds[RULE_COUNT].encode(&count, &buffer), LC_OK);
        refuse(RULE_COUNT, buffer.data + size, buffer.size - size);
        lc_buffer_clear(&buffer);
    }
}

/* A record has only one encoding: flags are 0 or 1, and codes are padded with zeros. */
static void refuses_other_ways_to_write(void **state)
{
    static const struct {
        size_t kind, at; /* where a flag is, or a byte after a code */
    } cases[] = {{ROW, 37}, {ROW, 38}, {ROW, 39}, {RULE_COUNT, 7}};
    EXPECT_CASES(cases, 4);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        union record in = sample(cases[i].kind);
        struct lc_buffer buffer = {0};

        assert_int_equal(kinds[cases[i].kind].encode(&in, &buffer), LC_OK);
        assert_true((uint8_t)buffer.data[cases[i].at] <= 1);
        buffer.data[cases[i].at] = 2;
        refuse(cases[i].kind, buffer.data, buffer.size);
        lc_buffer_clear(&buffer);
    }
}

/* Any bytes are read within bounds, or refused. */
static void random_bytes(void **state)
{
    uint64_t seed = 5;

    (void)state;
    for (int round = 0; round < 60000; round++) {
        size_t kind = (size_t)round % COUNT(kinds);
        size_t size = next_random(&seed) % (kinds[kind].size + 60);
        char *bytes = grab(size + 1);
        union record out;

        for (size_t i = 0; i < size; i++)
            bytes[i] = next_random(&seed) % 4 ? 0 : (char)(next_random(&seed) % 16);
        (void)!kinds[kind].decode((struct lc_span){bytes, size}, &out, NULL);
        free(bytes);
    }
}

/* A finding's order is part of its key, not of its bytes. */
static void order_is_not_in_the_bytes(void **state)
{
    union record first = sample(FINDING), last = sample(FINDING);
    struct lc_buffer buffer = {0};

    (void)state;
    last.finding.order = UINT16_MAX;
    assert_int_equal(encode_finding(&first, &buffer), LC_OK);
    assert_int_equal(encode_finding(&last, &buffer), LC_OK);
    assert_int_equal(buffer.size, 2 * kinds[FINDING].size);
    assert_memory_equal(buffer.data, buffer.data + kinds[FINDING].size,
                        kinds[FINDING].size);
    lc_buffer_clear(&buffer);
}

/* The schema must be raised whenever the bytes of a record change. */
static void schema(void **state)
{
    (void)state;
    assert_int_equal(LC_INDEX_SCHEMA, 18);
}

static void numbers_sort_as_bytes(void **state)
{
    static const uint64_t numbers[] = {
        0, 1, 255, 256, 65535, 65536, UINT32_MAX, UINT64_C(1) << 32, UINT64_MAX};
    uint8_t before[8] = {0}, bytes[8];
    EXPECT_CASES(numbers, 9);

    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        lc_put_u64(bytes, numbers[i]);
        assert_true(lc_get_u64(bytes) == numbers[i]);
        assert_true(i == 0 || memcmp(before, bytes, 8) < 0);
        memcpy(before, bytes, 8);
        if (numbers[i] > UINT32_MAX)
            continue;
        lc_put_u32(bytes, (uint32_t)numbers[i]);
        assert_int_equal(lc_get_u32(bytes), numbers[i]);
        assert_memory_equal(bytes, before + 4, 4);
    }
    lc_put_u32(bytes, 0x01020304);
    assert_memory_equal(bytes, "\x01\x02\x03\x04", 4);
}

static void state_names(void **state)
{
    (void)state;
    for (int i = 0; i < LC_IMAGE_STATE_COUNT; i++) {
        const char *name = lc_image_state_name((enum lc_image_state)i);

        assert_true(*name);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(name, lc_image_state_name((enum lc_image_state)j));
    }
    assert_string_equal(lc_image_state_name(LC_IMAGE_OK), "ok");
    assert_string_equal(lc_image_state_name(LC_IMAGE_SKIPPED), "not-looked-at");
    /* a record may hold any byte */
    assert_string_equal(lc_image_state_name((enum lc_image_state)200), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),
        cmocka_unit_test(long_strings),
        cmocka_unit_test(appends),
        cmocka_unit_test(refuses_other_sizes),
        cmocka_unit_test(refuses_long_strings),
        cmocka_unit_test(reads_numbers),
        cmocka_unit_test(refuses_nonsense_findings),
        cmocka_unit_test(refuses_codes_that_are_none),
        cmocka_unit_test(refuses_other_ways_to_write),
        cmocka_unit_test(random_bytes),
        cmocka_unit_test(order_is_not_in_the_bytes),
        cmocka_unit_test(schema),
        cmocka_unit_test(numbers_sort_as_bytes),
        cmocka_unit_test(state_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

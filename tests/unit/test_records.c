/* test_records.c - src/index/records: bytes out and in, and no other bytes */
#include "unit.h"

#include "index/records.h"

static const struct lc_hash some_hash = {
    {0x99, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xFF}};

/* A record of any kind; only the tests of one kind look at its own member. */
union record {
    struct lc_file_record file;
    struct lc_row_record row;
    struct lc_image_record image;
    struct lc_finding_record finding;
    struct lc_summary summary;
    struct lc_rule_count count;
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

static const struct kind {
    const char *name;
    enum lc_status (*encode)(const union record *, struct lc_buffer *);
    enum lc_status (*decode)(struct lc_span, union record *, struct lc_error *);
    size_t size; /* of the record below, in bytes */
} kinds[] = {
    {"file", encode_file, decode_file, 4 + 5 + 8 * 5 + 1},
    {"row", encode_row, decode_row, 4 + 8 * 3 + 4 * 4 + 8 + 2 + 16 + 4 + 3},
    {"image", encode_image, decode_image,
     4 + 7 + 1 + 8 * 5 + 16 + 4 + 4 + 4 + 3 + 4 * 4 + 2 + 8},
    {"finding", encode_finding, decode_finding,
     2 + 4 + 6 + 4 + 8 + 4 + 8 * 5 + 4 + 4 + 1 + 8},
    {"summary", encode_summary, decode_summary, 8 * 14},
    {"count", encode_count, decode_count, 8 + 8 * 3},
};
EXPECT_CASES(kinds, 6);

/* A record in which no two fields are alike. */
static union record sample(size_t kind)
{
    union record r;

    memset(&r, 0, sizeof(r));
    switch (kind) {
    case 0:
        r.file = (struct lc_file_record){
            span("a.jso"), UINT64_C(1) << 40, -2, 3, 4, UINT64_MAX, true};
        break;
    case 1:
        r.row = (struct lc_row_record){
            1,     UINT64_C(2) << 33, 3,          4, 5, 6, 7, 8, 9, true,
            false, some_hash,         span("id7")};
        break;
    case 2:
        r.image = (struct lc_image_record){span("a/b.jpg"),
                                           LC_IMAGE_CORRUPT,
                                           2,
                                           INT64_MIN,
                                           INT64_MAX,
                                           5,
                                           6,
                                           some_hash,
                                           span("jpeg"),
                                           span("RGB"),
                                           10,
                                           11,
                                           12,
                                           13,
                                           8,
                                           true,
                                           UINT64_C(1) << 63};
        break;
    case 3:
        r.finding = (struct lc_finding_record){
            .kind = LC_FINDING_ROW,
            .severity = LC_SEVERITY_ERROR,
            .rule = span("CNV303"),
            .message = span("what not"),
            .file = 4,
            .row = -1,
            .offset = 6,
            .line = 7,
            .column = 8,
            .turn = INT64_C(1) << 40,
            .image = UINT32_MAX,
            .id = span("x"),
            .row_count = 12,
        };
        break;
    case 4:
        r.summary =
            (struct lc_summary){1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, {12, 13, UINT64_MAX}};
        break;
    default:
        r.count = (struct lc_rule_count){"CNV303", {1, UINT64_C(1) << 32, 3}};
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

    /* spans point elsewhere: compare what they point at, then everything else */
    switch (kind) {
    case 0:
        expect_span(x.file.name, b->file.name, bytes);
        x.file.name = b->file.name;
        break;
    case 1:
        expect_span(x.row.id, b->row.id, bytes);
        x.row.id = b->row.id;
        break;
    case 2:
        expect_span(x.image.path, b->image.path, bytes);
        expect_span(x.image.format, b->image.format, bytes);
        expect_span(x.image.mode, b->image.mode, bytes);
        x.image.path = b->image.path;
        x.image.format = b->image.format;
        x.image.mode = b->image.mode;
        break;
    case 3:
        expect_span(x.finding.rule, b->finding.rule, bytes);
        expect_span(x.finding.message, b->finding.message, bytes);
        expect_span(x.finding.id, b->finding.id, bytes);
        x.finding.rule = b->finding.rule;
        x.finding.message = b->finding.message;
        x.finding.id = b->finding.id;
        break;
    default:
        break;
    }
    /* both began as zeros, so padding compares too */
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

/* Appended behind what is there, not over it. */
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
    char *copy = grab(size + !size); /* of the exact size, for the sanitizer */
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

/* Lengths of strings that go beyond the bytes. */
static void refuses_long_strings(void **state)
{
    static const struct {
        size_t kind, at; /* where a length stands */
    } cases[] = {{0, 0}, {1, 70}, {2, 0}, {2, 68}, {2, 76}, {3, 2}, {3, 12}, {3, 72}};
    static const uint32_t lengths[] = {0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1000};
    EXPECT_CASES(cases, 8);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        union record in = sample(cases[i].kind);
        struct lc_buffer buffer = {0};

        assert_int_equal(kinds[cases[i].kind].encode(&in, &buffer), LC_OK);
        assert_memory_equal(buffer.data + cases[i].at, "\0\0\0", 3); /* a small number */
        assert_true(buffer.data[cases[i].at + 3] > 0);
        for (size_t l = 0; l < COUNT(lengths); l++) {
            lc_put_u32((uint8_t *)buffer.data + cases[i].at, lengths[l]);
            refuse(cases[i].kind, buffer.data, buffer.size);
        }
        lc_buffer_clear(&buffer);
    }
}

static void refuses_nonsense_findings(void **state)
{
    static const struct {
        uint8_t kind, severity;
        bool good;
    } cases[] = {{1, 0, true},  {2, 1, true},  {3, 2, true},    {0, 0, false},
                 {4, 0, false}, {1, 3, false}, {255, 0, false}, {1, 255, false}};
    union record in = sample(3);
    struct lc_buffer buffer = {0};
    EXPECT_CASES(cases, 8);

    (void)state;
    assert_int_equal(kinds[3].encode(&in, &buffer), LC_OK);
    for (size_t i = 0; i < COUNT(cases); i++) {
        union record out;

        buffer.data[0] = (char)cases[i].kind;
        buffer.data[1] = (char)cases[i].severity;
        assert_int_equal(
            kinds[3].decode((struct lc_span){buffer.data, buffer.size}, &out, NULL),
            cases[i].good ? LC_OK : LC_ERR_INDEX);
    }
    lc_buffer_clear(&buffer);
}

/* Any bytes: read in bounds, or refused. */
static void random_bytes(void **state)
{
    uint64_t seed = 5;

    (void)state;
    for (int round = 0; round < 60000; round++) {
        size_t kind = (size_t)round % COUNT(kinds), size = next_random(&seed) % 160;
        char *bytes = grab(size + 1);
        union record out;

        for (size_t i = 0; i < size; i++)
            bytes[i] = next_random(&seed) % 4 ? 0 : (char)(next_random(&seed) % 16);
        (void)!kinds[kind].decode((struct lc_span){bytes, size}, &out, NULL);
        free(bytes);
    }
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
    /* a record may hold any byte */
    assert_string_equal(lc_image_state_name((enum lc_image_state)200), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),
        cmocka_unit_test(appends),
        cmocka_unit_test(refuses_other_sizes),
        cmocka_unit_test(refuses_long_strings),
        cmocka_unit_test(refuses_nonsense_findings),
        cmocka_unit_test(random_bytes),
        cmocka_unit_test(numbers_sort_as_bytes),
        cmocka_unit_test(state_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_inflate.c - the strict inflater compared with zlib, on sound and broken streams */

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libdeflate.h>
#include <zlib.h>

#include "image/inflate/inflate.h"

enum { MOST = 1 << 17, BROKEN = 40000 };

static uint8_t plain[MOST], again[MOST];
static struct lc_inflater inflater;

/* xorshift64: the same in every run */
static uint32_t draw(uint32_t below)
{
    static uint64_t state = 88172645463325252U;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 11) % below);
}

/* Fill with noise, runs, gradients and repeated words, so that all kinds of codes occur.
 */
static void fill(uint8_t *data, size_t size)
{
    uint32_t kind = draw(5);
    size_t i;

    for (i = 0; i < size; i++) {
        uint32_t back = 1 + draw(i < 40000 ? (uint32_t)i + 1 : 40000);

        data[i] = (uint8_t)draw(kind == 0 ? 256 : kind == 1 ? 2 : 9);
        if (kind == 2)
            data[i] = (uint8_t)(i / 3);
        else if (kind > 2 && draw(8) > 0 && back <= i && i > 7)
            data[i] = data[i - (kind == 3 ? 1 + back % 7 : back)];
    }
}

/* Return a zlib stream; the caller frees it. */
static struct lc_bytes compress_any(const uint8_t *data, size_t size)
{
    static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY,
                                     Z_RLE, Z_FIXED};
    z_stream stream = {0};
    uint8_t *out = malloc(size + size / 2 + 1000);
    int level = (int)draw(10);

    assert_non_null(out);
    assert_int_equal(deflateInit2(&stream, level, Z_DEFLATED, 9 + (int)draw(7),
                                  1 + (int)draw(9), strategies[draw(5)]),
                     Z_OK);
    stream.next_in = (uint8_t *)(uintptr_t)data;
    stream.next_out = out;
    stream.avail_out = (uInt)(size + size / 2 + 1000);
    while (stream.total_in < size) {
        uInt part = 1 + draw((uint32_t)size);

        stream.avail_in =
            part < size - stream.total_in ? part : (uInt)(size - stream.total_in);
        assert_int_equal(deflate(&stream, draw(3) == 0 ? Z_FULL_FLUSH : Z_NO_FLUSH),
                         Z_OK);
    }
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return (struct lc_bytes){out, stream.total_out};
}

/* Inflate from and to blocks of the exact size, so that a sanitizer notices overruns. */
static bool inflates(struct lc_bytes stream, size_t size, uint8_t *out)
{
    uint8_t *from = malloc(stream.size ? stream.size : 1);
    uint8_t *to = malloc(size + LC_INFLATE_SLACK);
    bool good;

    assert(from && to);
    memcpy(from, stream.data, stream.size);
    good = lc_inflate(&inflater, (struct lc_bytes){from, stream.size}, to, size);
    memcpy(out, to, size);
    free(from);
    free(to);
    return good;
}

/* Return the size that zlib inflates to, or SIZE_MAX if it refuses the stream or does not
 * use all of it. */
static size_t zlib_size(struct lc_bytes stream, uint8_t *out, size_t capacity)
{
    z_stream z = {.next_in = (uint8_t *)(uintptr_t)stream.data,
                  .avail_in = (uInt)stream.size,
                  .next_out = out,
                  .avail_out = (uInt)capacity};
    int code;

    assert_int_equal(inflateInit(&z), Z_OK);
    code = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return code == Z_STREAM_END && z.avail_in == 0 ? z.total_out : SIZE_MAX;
}

static void test_whole_streams(void **state)
{
    int i;

    (void)state;
    for (i = 0; i < 3000; i++) {
        size_t size = i < 300 ? (size_t)i : draw(i % 50 == 0 ? MOST - 1 : 3000);
        struct lc_bytes stream;

        fill(plain, size);
        stream = compress_any(plain, size);
        assert_true(inflates(stream, size, again));
        assert_memory_equal(plain, again, size);
        assert_false(inflates(stream, size + 1, again));
        if (size > 0)
            assert_false(inflates(stream, size - 1, again));
        assert_false(
            inflates((struct lc_bytes){stream.data, stream.size - 1}, size, again));
        free((void *)(uintptr_t)stream.data);
    }
}

/* Give a broken stream the checksum of a lenient inflater's output, so that a wrong
 * checksum does not hide faults in its codes. */
static void repair(uint8_t *stream, size_t size, size_t *plain_size)
{
    struct libdeflate_decompressor *lenient = libdeflate_alloc_decompressor();
    size_t used = 0;
    uint32_t sum;
    size_t i;

    assert_non_null(lenient);
    *plain_size = 0;
    if (libdeflate_deflate_decompress_ex(lenient, stream + 2, size - 6, again, MOST,
                                         &used, plain_size) == LIBDEFLATE_SUCCESS &&
        used == size - 6) {
        sum = libdeflate_adler32(1, again, *plain_size);
        for (i = 0; i < 4; i++)
            stream[size - 4 + i] = (uint8_t)(sum >> (24 - 8 * i));
    }
    libdeflate_free_decompressor(lenient);
}

static void test_broken_streams(void **state)
{
    unsigned good = 0;
    unsigned refused = 0;
    int i;

    (void)state;
    for (i = 0; i < BROKEN; i++) {
        size_t size = 1 + draw(draw(4) > 0 ? 60 : 2000);
        struct lc_bytes stream;
        uint8_t *bytes;
        size_t lenient, expected;
        uint32_t changes = 1 + draw(3);

        fill(plain, size);
        stream = compress_any(plain, size);
        bytes = (uint8_t *)(uintptr_t)stream.data;
        while (changes-- > 0) /* mostly in the description of the codes */
            bytes[2 + draw(draw(2) ? (uint32_t)stream.size - 2 : 4)] ^=
                (uint8_t)(1 << draw(8));
        repair(bytes, stream.size, &lenient);
        expected = zlib_size(stream, plain, MOST);
        if (expected != SIZE_MAX) {
            good += inflates(stream, expected, again);
            assert_memory_equal(plain, again,
                                inflates(stream, expected, again) ? expected : 0);
        } else {
            refused += lenient > 0;
            assert_false(inflates(stream, lenient ? lenient : size, again));
        }
        free(bytes);
    }
    assert_true(good > 5000);
    assert_true(refused > 300); /* libdeflate accepts most of these */
}

/* A short stream made by hand, lowest bit first. */
struct hand {
    const char *name;
    const char *bits; /* after the header, as "BITS:VALUE" */
    size_t size;      /* of a lenient inflater's output */
    bool sound;
};

/* A block with dynamic codes of one bit each for 'A', the end, and distances 1 and 2.
 * Code lengths are 1 (code 0) or runs of zeros (code 1, then length - 11). The data are
 * 'A' and the end. */
#define OWN_CODES(literals, unused_literals, distances, unused_distances)                \
    "1:1 2:2 5:" literals " 5:" distances " 4:14 6:0 3:1 42:0 3:1 1:1 7:54 1:0 "         \
    "1:1 7:127 1:1 7:41 1:0 " unused_literals "1:0 1:0 1:1 7:" unused_distances          \
    " 1:0 1:1"

/* fixed codes: 8 bits for 0-143 from 0x30, 7 bits for 256-279 from 0 */
static const struct hand hands[] = {
    {"an empty fixed block", "1:1 2:1 7:0", 0, true},
    {"a stored block", "1:1 2:0 5:0 16:1 16:65534 8:65", 1, true},
    {"a stored block of another length", "1:1 2:0 5:0 16:1 16:65533 8:65", 1, false},
    {"a block of no kind", "1:1 2:3 7:0", 0, false},
    {"a distance before the first byte", "1:1 2:1 7:64 5:0 7:0", 3, false},
    {"length 258 by its own symbol", "1:1 2:1 8:12 8:163 5:0 7:0", 259, true},
    {"symbol 286", "1:1 2:1 8:12 8:99 5:0 7:0", 259, false},
    {"distance symbol 30", "1:1 2:1 8:12 7:64 5:15 13:0 7:0", 4, false},
    {"30 distance codes", OWN_CODES("0", "", "29", "17"), 1, true},
    {"31 distance codes", OWN_CODES("0", "", "30", "18"), 1, false},
    {"32 distance codes", OWN_CODES("0", "", "31", "19"), 1, false},
    {"286 literal codes", OWN_CODES("29", "1:1 7:18 ", "29", "17"), 1, true},
    {"287 literal codes", OWN_CODES("30", "1:1 7:19 ", "29", "17"), 1, false},
};

static void add_bits(uint8_t *out, size_t *at, unsigned count, unsigned value)
{
    for (; count > 0; count--, value >>= 1, (*at)++)
        out[*at / 8] |= (uint8_t)((value & 1) << (*at % 8));
}

/* Add values of some bits, given as "BITS:VALUE". */
static void add_numbers(uint8_t *out, size_t *at, const char *numbers)
{
    while (*numbers) {
        char *end;
        unsigned count = (unsigned)strtoul(numbers, &end, 10);

        add_bits(out, at, count, (unsigned)strtoul(end + 1, &end, 10));
        numbers = *end ? end + 1 : end;
    }
}

static void test_streams_by_hand(void **state)
{
    size_t i;

    (void)state;
    assert_int_equal(sizeof(hands) / sizeof(hands[0]), 13);
    for (i = 0; i < sizeof(hands) / sizeof(hands[0]); i++) {
        uint8_t bytes[600] = {0x78, 0x9C};
        size_t at = 16;
        size_t size, expected, lenient;

        add_numbers(bytes, &at, hands[i].bits);
        size = (at + 7) / 8 + 4;
        repair(bytes, size, &lenient);
        assert_true(!hands[i].sound || lenient == hands[i].size);
        expected = zlib_size((struct lc_bytes){bytes, size}, plain, MOST);
        if (hands[i].sound != (expected == hands[i].size) ||
            hands[i].sound !=
                inflates((struct lc_bytes){bytes, size}, hands[i].size, again))
            fail_msg("%s", hands[i].name);
    }
}

/* Symbols 286 and 287 have codes in a fixed block, but no meaning: they must not end it,
 * even if they are followed by the right checksum of what comes before. */
static void test_symbols_without_meaning(void **state)
{
    static const unsigned codes[] = {99, 227, 0}; /* 286, 287, and the end */

    (void)state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        uint8_t bytes[16] = {0x78, 0x9C};
        bool is_end = codes[i] == 0;
        size_t at = 16, size;

        add_bits(bytes, &at, 3, 3);  /* the last block, of fixed codes */
        add_bits(bytes, &at, 8, 12); /* a zero */
        add_bits(bytes, &at, is_end ? 7 : 8, codes[i]);
        size = (at + 7) / 8;
        memcpy(bytes + size, "\0\1\0\1", 4); /* Adler-32 of a zero */
        assert_true((zlib_size((struct lc_bytes){bytes, size + 4}, plain, MOST) == 1) ==
                    is_end);
        assert_true(inflates((struct lc_bytes){bytes, size + 4}, 1, again) == is_end);
    }
}

/* A last block that is cut after its description does not count as ended, although all of
 * the output exists, and the zeros read past the end are codes of 'A'. */
static void test_block_without_an_end(void **state)
{
    static const char *const blocks[] = {
        "1:0 2:0 5:0 16:1 16:65534 8:65 ", /* 'A', stored */
        "1:1 2:2 5:0 5:0 4:14 6:0 3:1 42:0 3:1 1:1 7:54 1:0 1:1 7:127 1:1 7:41 1:0 1:0",
    };
    uint8_t bytes[64] = {0x78, 0x9C};
    size_t at = 16, size;

    (void)state;
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
        add_numbers(bytes, &at, blocks[i]);
    size = (at + 7) / 8;
    memcpy(bytes + size, "\0\x42\0\x42", 4); /* Adler-32 of 'A' */
    assert_int_equal(zlib_size((struct lc_bytes){bytes, size + 4}, plain, MOST),
                     SIZE_MAX);
    assert_false(inflates((struct lc_bytes){bytes, size + 4}, 1, again));
}

static void test_headers(void **state)
{
    struct lc_bytes stream;
    unsigned head;

    (void)state;
    fill(plain, 100);
    stream = compress_any(plain, 100);
    for (head = 0; head < 65536; head++) {
        uint8_t *bytes = (uint8_t *)(uintptr_t)stream.data;

        bytes[0] = (uint8_t)(head >> 8);
        bytes[1] = (uint8_t)head;
        assert_int_equal(inflates(stream, 100, again),
                         zlib_size(stream, plain, MOST) == 100);
    }
    free((void *)(uintptr_t)stream.data);
    assert_false(
        inflates((struct lc_bytes){(const uint8_t *)"\x78\x9C\x03\0\0", 5}, 0, again));
    assert_true(inflates((struct lc_bytes){(const uint8_t *)"\x78\x9C\x03\0\0\0\0\1", 8},
                         0, again));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_streams),
        cmocka_unit_test(test_broken_streams),
        cmocka_unit_test(test_symbols_without_meaning),
        cmocka_unit_test(test_streams_by_hand),
        cmocka_unit_test(test_block_without_an_end),
        cmocka_unit_test(test_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_jpeg_lanes.c - src/image/jpeg/lanes: several readers of a stream, in every
 * instruction set, give the same as a single one that reads symbol by symbol */
#include "unit.h"

#include "image/jpeg/bits.h"
#include "image/jpeg/lanes.h"

enum { ROOM = 1 << 20 };

/* A stream being written. */
struct writer {
    uint8_t *bytes;
    uint64_t at; /* in bits */
};

static void put(struct writer *w, uint32_t value, unsigned bits)
{
    for (; bits > 0; bits--, w->at++) {
        assert_true(w->at / 8 < ROOM);
        if (value >> (bits - 1) & 1)
            w->bytes[w->at / 8] |= (uint8_t)(0x80 >> (w->at % 8));
    }
}

/* Write the code of the symbol with this number. */
static void put_symbol(struct writer *w, const struct lc_jpeg_code *code, unsigned number)
{
    for (int length = 1; length <= 16; length++) {
        int32_t word = (int32_t)number - code->first[length];

        if (code->counts[length] > 0 && word <= code->limit[length] &&
            word > code->limit[length] - code->counts[length]) {
            put(w, (uint32_t)word, (unsigned)length);
            return;
        }
    }
    fail_msg("symbol %u has no code", number);
}

/* Make one of two pairs of codes: a few short codes, as in pictures, and two that are
 * longer than a window. With the second pair, blocks seldom end before their last
 * coefficient. */
static void make_pair(struct lc_jpeg_pair *pair, bool second)
{
    static const uint8_t dc_counts[16] = {0, 2, 3, 1};
    static const uint8_t dc[] = {2, 0, 1, 3, 5, 11};
    static const uint8_t ac_counts[][16] = {
        {0, 2, 1, 2, 1, 0, 1, 0, 0, 0, 0, 0, 0, 2},
        {1, 1, 0, 2, 1, 0, 2, 0, 0, 0, 0, 0, 0, 2},
    };
    static const uint8_t ac[][9] = {
        {0x01, 0x00, 0x02, 0x11, 0xF0, 0x05, 0x31, 0x0A, 0xE4},
        {0x01, 0x11, 0x02, 0x31, 0x00, 0x05, 0xF0, 0x0A, 0xE4},
    };

    assert_true(lc_jpeg_code_init(&pair->dc, dc_counts, dc, true));
    assert_true(lc_jpeg_code_init(&pair->ac, ac_counts[second], ac[second], false));
    lc_jpeg_pair_build(pair);
}

static void put_block(struct writer *w, const struct lc_jpeg_pair *pair, uint64_t *random)
{
    unsigned taken = 1;
    unsigned number = (unsigned)(next_random(random) >> 33) % pair->dc.count;

    put_symbol(w, &pair->dc, number);
    put(w, (uint32_t)(next_random(random) >> 53), pair->dc.symbols[number]);
    while (taken < LC_JPEG_BLOCK) {
        uint8_t symbol;

        /* longer codes are rarer */
        number = (unsigned)__builtin_ctzll(next_random(random) | 1u << 8);
        symbol = pair->ac.symbols[number];
        if (symbol != 0 && taken + (symbol >> 4) + 1 > LC_JPEG_BLOCK)
            continue;
        put_symbol(w, &pair->ac, number);
        put(w, (uint32_t)(next_random(random) >> 54), symbol & 15);
        if (symbol == 0)
            return;
        taken += (symbol >> 4) + 1u;
    }
}

/* Write a stream of MCUs; its last byte is padded with ones. */
static struct lc_jpeg_stream put_stream(struct writer *w, const struct lc_jpeg_mcu *mcu,
                                        uint64_t mcus, uint64_t *random)
{
    struct lc_jpeg_stream stream = {.begin = w->at / 8, .mcus = mcus};

    for (uint64_t i = 0; i < mcus; i++)
        for (uint32_t block = 0; block < mcu->blocks; block++)
            put_block(w, mcu->pairs[block], random);
    put(w, 0xFF, (unsigned)(-w->at % 8));
    stream.end = w->at / 8;
    return stream;
}

/* Judge a symbol of a block that has this number of coefficients so far. */
static enum lc_jpeg_fault judge_symbol(uint32_t taken, struct lc_jpeg_symbol symbol,
                                       uint64_t left)
{
    uint32_t run = symbol.value >> 4;

    if (symbol.length == 0)
        return left < LC_JPEG_LONGEST ? LC_JPEG_ENDS_EARLY : LC_JPEG_BAD_CODE;
    if (symbol.length + (taken > 0 ? symbol.value & 15u : symbol.value) > left)
        return LC_JPEG_ENDS_EARLY;
    if (taken == 0 || symbol.value == 0)
        return LC_JPEG_INTACT;
    if ((symbol.value & 15) == 0 && run != 15)
        return LC_JPEG_BAD_CODE;
    return taken + run + 1 > LC_JPEG_BLOCK ? LC_JPEG_TOO_MANY : LC_JPEG_INTACT;
}

/* Read with a single reader, one symbol at a time, by the contract. */
static struct lc_jpeg_reading read_slowly(const struct lc_jpeg_mcu *mcu,
                                          const uint8_t *bytes,
                                          const struct lc_jpeg_stream *stream)
{
    uint64_t at = stream->begin * 8;

    for (uint64_t i = 0; i < stream->mcus; i++) {
        for (uint32_t block = 0; block < mcu->blocks; block++) {
            const struct lc_jpeg_pair *pair = mcu->pairs[block];

            for (uint32_t taken = 0; taken < LC_JPEG_BLOCK;) {
                struct lc_jpeg_symbol symbol = lc_jpeg_code_decode(
                    taken > 0 ? &pair->ac : &pair->dc, lc_jpeg_bits_at(bytes, at));
                enum lc_jpeg_fault fault =
                    judge_symbol(taken, symbol, stream->end * 8 - at);

                if (fault != LC_JPEG_INTACT)
                    return (struct lc_jpeg_reading){fault, i, 0};
                at += symbol.length + (taken > 0 ? symbol.value & 15u : symbol.value);
                if (taken > 0 && symbol.value == 0)
                    break;
                taken += taken > 0 ? (symbol.value >> 4) + 1u : 1;
            }
        }
    }
    return (struct lc_jpeg_reading){LC_JPEG_INTACT, stream->mcus, at};
}

static bool is_sound(const struct lc_jpeg_mcu *mcu, const uint8_t *bytes,
                     const struct lc_jpeg_stream *stream)
{
    struct lc_jpeg_reading reading = read_slowly(mcu, bytes, stream);

    return reading.fault == LC_JPEG_INTACT && stream->end * 8 - reading.at < 8;
}

struct fixture {
    struct lc_jpeg_pair *pairs;
    struct lc_jpeg_mcu mcu;
    struct writer w;
    struct lc_jpeg_logs *logs;
};

static void set_up(struct fixture *f, uint32_t blocks)
{
    f->pairs = grab(2 * sizeof(*f->pairs));
    f->logs = grab(sizeof(*f->logs));
    f->w.bytes = calloc(ROOM + LC_JPEG_PADDING, 1);
    f->w.at = 0;
    assert_non_null(f->w.bytes);
    make_pair(&f->pairs[0], false);
    make_pair(&f->pairs[1], true);
    f->mcu.blocks = blocks;
    for (uint32_t i = 0; i < blocks; i++)
        f->mcu.pairs[i] = &f->pairs[blocks > 2 && i + 2 >= blocks];
}

static void tear_down(struct fixture *f)
{
    free(f->pairs);
    free(f->logs);
    free(f->w.bytes);
}

static bool proves(struct fixture *f, const struct lc_jpeg_stream *streams, size_t count)
{
    return lc_jpeg_lanes_prove(&f->mcu, f->w.bytes, streams, count, f->logs);
}

static const uint64_t sizes[] = {1, 2, 9, 40, 300, 1500, 9000};
EXPECT_CASES(sizes, 7);

static void sound_streams_are_proven(void **state)
{
    static const uint32_t blocks[] = {1, 3, 6, 10};
    uint64_t random = 3;

    (void)state;
    for (size_t i = 0; i < COUNT(blocks); i++) {
        for (size_t j = 0; j < COUNT(sizes); j++) {
            struct fixture f;
            struct lc_jpeg_stream stream;

            set_up(&f, blocks[i]);
            stream = put_stream(&f.w, &f.mcu, sizes[j], &random);
            assert_true(is_sound(&f.mcu, f.w.bytes, &stream));
            assert_true(proves(&f, &stream, 1));
            stream.mcus++;
            assert_false(proves(&f, &stream, 1));
            stream.mcus -= 2;
            assert_int_equal(proves(&f, &stream, 1),
                             is_sound(&f.mcu, f.w.bytes, &stream));
            tear_down(&f);
        }
    }
}

/* Flip bits, drop stretches: both readers agree; some changes happen to be valid. */
static void damage_is_found(void **state)
{
    uint64_t random = 77;
    size_t sound = 0;
    size_t broken = 0;
    size_t faults[LC_JPEG_ENDS_EARLY + 1] = {0};

    (void)state;
    for (size_t i = 0; i < 3000; i++) {
        uint64_t mcus = sizes[i % 6];
        struct fixture f;
        struct lc_jpeg_stream stream;
        struct lc_jpeg_reading one;
        struct lc_jpeg_reading other;
        uint64_t at;
        bool good;

        set_up(&f, i % 3 ? 3 : 6);
        stream = put_stream(&f.w, &f.mcu, mcus, &random);
        at = (next_random(&random) >> 20) % (stream.end * 8);
        f.w.bytes[at / 8] ^= (uint8_t)(0x80 >> (at % 8));
        if (i % 5 == 0)
            memmove(f.w.bytes + at / 8, f.w.bytes + at / 8 + 1, stream.end - at / 8);
        one = read_slowly(&f.mcu, f.w.bytes, &stream);
        other = lc_jpeg_lanes_read(&f.mcu, f.w.bytes, &stream);
        assert_int_equal(other.fault, one.fault);
        assert_int_equal(other.mcus, one.mcus);
        if (one.fault == LC_JPEG_INTACT)
            assert_int_equal(other.at, one.at);
        faults[one.fault]++;
        good = is_sound(&f.mcu, f.w.bytes, &stream);
        assert_int_equal(proves(&f, &stream, 1), good);
        sound += good;
        broken += !good;
        tear_down(&f);
    }
    assert_true(sound > 100);
    assert_true(broken > 1000);
    assert_true(faults[LC_JPEG_BAD_CODE] > 100);
    assert_true(faults[LC_JPEG_TOO_MANY] > 100);
    assert_true(faults[LC_JPEG_ENDS_EARLY] > 30);
}

/* Restart intervals: several streams, a lane for each. */
static void streams_are_judged_apart(void **state)
{
    uint64_t random = 5;

    (void)state;
    for (size_t i = 0; i < 400; i++) {
        struct lc_jpeg_stream streams[LC_JPEG_LANES];
        size_t count = 1 + i % LC_JPEG_LANES;
        struct fixture f;
        bool good = true;

        set_up(&f, 3);
        for (size_t j = 0; j < count; j++)
            streams[j] = put_stream(&f.w, &f.mcu, sizes[(i + j) % 5], &random);
        assert_true(proves(&f, streams, count));
        f.w.bytes[(next_random(&random) >> 20) % (f.w.at / 8)] ^= 0x10;
        for (size_t j = 0; j < count; j++)
            good = good && is_sound(&f.mcu, f.w.bytes, &streams[j]);
        assert_int_equal(proves(&f, streams, count), good);
        tear_down(&f);
    }
}

/* Every kernel leaves its lanes where the plain one leaves them. */
static void kernels_agree(void **state)
{
    uint64_t random = 9;

    (void)state;
    for (int isa = 0; isa <= (int)lc_isa_best(); isa++) {
        struct lc_jpeg_lane lanes[2][LC_JPEG_LANES];
        struct lc_jpeg_logs *logs = grab(2 * sizeof(*logs));
        struct lc_jpeg_stream stream;
        struct fixture f;

        set_up(&f, 6);
        stream = put_stream(&f.w, &f.mcu, 3000, &random);
        for (size_t i = 0; i < 2 * LC_JPEG_LANES; i++) {
            struct lc_jpeg_lane *lane = &lanes[i / LC_JPEG_LANES][i % LC_JPEG_LANES];
            uint64_t part = stream.end / LC_JPEG_LANES;

            memset(lane, 0, sizeof(*lane));
            lane->at = (i % LC_JPEG_LANES) * part * 8;
            lane->stop = lane->at + part * 8 - LC_JPEG_TURN_BITS;
            lane->log = logs[i / LC_JPEG_LANES].begins[i % LC_JPEG_LANES];
            lane->log[0] = lane->at;
        }
        for (uint32_t look_ups = LC_JPEG_LOG; look_ups != UINT32_MAX;
             look_ups = look_ups ? 0 : UINT32_MAX) {
            lc_jpeg_lanes_kernels[LC_ISA_PLAIN](&f.mcu, f.w.bytes, lanes[0], look_ups);
            lc_jpeg_lanes_kernels[isa](&f.mcu, f.w.bytes, lanes[1], look_ups);
            for (size_t i = 0; i < LC_JPEG_LANES; i++) {
                assert_true(lanes[0][i].mcus > 20);
                assert_int_equal(lanes[0][i].at, lanes[1][i].at);
                assert_int_equal(lanes[0][i].mcus, lanes[1][i].mcus);
                assert_int_equal(lanes[0][i].block, lanes[1][i].block);
                assert_int_equal(lanes[0][i].coef, lanes[1][i].coef);
                assert_int_equal(lanes[0][i].valid, lanes[1][i].valid);
            }
        }
        free(logs);
        tear_down(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_streams_are_proven),
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(streams_are_judged_apart),
        cmocka_unit_test(kernels_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

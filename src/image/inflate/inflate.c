#include "image/inflate/inflate.h"

#include <assert.h>
#include <endian.h>
#include <libdeflate.h>
#include <string.h>

enum {
    LITERAL_MASK = (1 << LC_LITERAL_BITS) - 1,
    DISTANCE_MASK = (1 << LC_DISTANCE_BITS) - 1
};

/* One round of reading takes fewer bytes than this. */
enum { ROUND_READS = 24 };

/* The stream's next bits, the first one lowest. */
struct bits {
    uint64_t value;
    unsigned left; /* how many are there, at least */
    const uint8_t *in;
};

/* What is read, and where it goes. */
struct state {
    struct lc_inflater *tables;
    struct bits bits;
    const uint8_t *in_end;
    const uint8_t *in_stop; /* a round may begin before this */
    uint8_t *out;
    uint8_t *out_begin;
    uint8_t *out_end;
    bool in_tail;
    uint8_t tail[4 * ROUND_READS]; /* the last bytes of the stream, and zeros */
};

/* At least 56 bits are there afterwards. */
static inline void refill(struct bits *bits)
{
    uint64_t word;

    memcpy(&word, bits->in, sizeof(word));
    bits->value |= le64toh(word) << bits->left;
    bits->in += (63 - bits->left) >> 3;
    bits->left |= 56;
}

static inline void drop(struct bits *bits, unsigned count)
{
    bits->value >>= count;
    bits->left -= count;
}

static inline unsigned take(struct bits *bits, unsigned count)
{
    unsigned value = (unsigned)bits->value & ((1U << count) - 1);

    drop(bits, count);
    return value;
}

/* Put back whole bytes. */
static void put_back(struct bits *bits)
{
    bits->in -= bits->left >> 3;
    bits->left &= 7;
    bits->value &= (1U << bits->left) - 1;
}

/* Make sure that a round can read; the last bytes are moved to where zeros follow. */
static bool ready(struct state *state)
{
    struct bits *bits = &state->bits;
    size_t size;

    if (bits->in < state->in_stop)
        return true;
    if (state->in_tail)
        return false;
    put_back(bits);
    size = (size_t)(state->in_end - bits->in);
    memset(state->tail, 0, sizeof(state->tail));
    memcpy(state->tail, bits->in, size);
    state->in_tail = true;
    bits->in = state->tail;
    state->in_end = state->tail + size;
    state->in_stop = state->in_end + sizeof(bits->value);
    return true;
}

/* An entry of the second table, if this one is no more than its beginning. */
static inline uint32_t follow(struct bits *bits, const uint32_t *table, uint32_t entry)
{
    unsigned second = entry >> 8 & 0xFF;

    if (!(entry & LC_CODE_SPECIAL) || entry >> 16 >= LC_CODE_SAYS_INVALID)
        return entry;
    drop(bits, entry & LC_CODE_TAKE);
    return table[(entry >> 16) + (bits->value & ((1U << second) - 1))];
}

/* What an entry says, with its extra bits. */
static inline unsigned number(struct bits *bits, uint32_t entry)
{
    uint64_t extra = bits->value & ((UINT64_C(1) << (entry & LC_CODE_TAKE)) - 1);

    drop(bits, entry & LC_CODE_TAKE);
    return (entry >> 16) + (unsigned)(extra >> (entry >> 8 & 0xFF));
}

/* A distance, or more than any when there is none. */
static inline size_t read_distance(struct bits *bits, const uint32_t *distances)
{
    uint32_t entry = distances[bits->value & DISTANCE_MASK];

    entry = follow(bits, distances, entry);
    return entry & LC_CODE_SPECIAL ? SIZE_MAX : number(bits, entry);
}

/* Repeat what stands distance bytes before; up to 15 bytes more than length. */
static inline void repeat(uint8_t *out, size_t distance, size_t length)
{
    const uint8_t *from = out - distance;
    uint8_t *end = out + length;

    for (; distance < 8;
         distance *= 2) { /* what was repeated twice has twice the period */
        memcpy(out, from, 8);
        out += distance;
    }
    do {
        memcpy(out, from, 8);
        memcpy(out + 8, from + 8, 8);
        out += 16;
        from += 16;
    } while (out < end);
}

/*
 * Literals and repetitions, to the end of the block. Each round has 56 bits when it
 * begins, and its first entry, which was looked up while the round before was copying.
 */
static bool read_symbols(struct state *state)
{
    const uint32_t *literals = state->tables->literals;
    struct bits bits = state->bits;
    uint8_t *out = state->out;
    uint32_t entry;

    refill(&bits);
    entry = literals[bits.value & LITERAL_MASK];
    for (;; refill(&bits)) {
        size_t length;
        size_t distance;
        int i;

        if (bits.in >= state->in_stop) {
            state->bits = bits;
            if (!ready(state))
                return false;
            bits = state->bits;
            refill(&bits);
        }
        if (out > state->out_end)
            return false;
        for (i = 0; i < 4 && (entry & LC_CODE_LITERAL); i++) {
            drop(&bits, entry & LC_CODE_TAKE);
            *out++ = (uint8_t)(entry >> 16);
            entry = literals[bits.value & LITERAL_MASK];
        }
        if (i == 4)
            continue;
        entry = follow(&bits, literals, entry);
        if (entry & LC_CODE_LITERAL) {
            drop(&bits, entry & LC_CODE_TAKE);
            *out++ = (uint8_t)(entry >> 16);
            entry = literals[bits.value & LITERAL_MASK];
            continue;
        }
        if (entry & LC_CODE_SPECIAL)
            break;
        length = number(&bits, entry);
        refill(&bits);
        distance = read_distance(&bits, state->tables->distances);
        if (distance > (size_t)(out - state->out_begin))
            return false;
        entry = literals[bits.value & LITERAL_MASK];
        repeat(out, distance, length);
        out += length;
    }
    drop(&bits, entry & LC_CODE_TAKE);
    state->bits = bits;
    state->out = out;
    return entry >> 16 == LC_CODE_SAYS_END;
}

static bool build_tables(struct lc_inflater *tables, unsigned literals,
                         unsigned distances)
{
    return lc_code_build(LC_CODE_LITERALS, tables->lengths, literals, tables->literals) &&
           lc_code_build(LC_CODE_DISTANCES, tables->lengths + literals, distances,
                         tables->distances);
}

static bool fixed_block(struct state *state)
{
    struct lc_inflater *tables = state->tables;

    if (!tables->fixed) {
        memset(tables->lengths, 8, 144);
        memset(tables->lengths + 144, 9, 256 - 144);
        memset(tables->lengths + 256, 7, 280 - 256);
        memset(tables->lengths + 280, 8, 288 - 280);
        memset(tables->lengths + 288, 5, 32);
        tables->fixed = build_tables(tables, 288, 32);
        assert(tables->fixed);
    }
    return read_symbols(state);
}

static bool stored_block(struct state *state)
{
    struct bits *bits = &state->bits;
    ptrdiff_t left;
    size_t size;

    put_back(bits);
    drop(bits, bits->left);
    left = state->in_end - bits->in;
    if (left < 4)
        return false;
    size = lc_le16(bits->in);
    if (lc_le16(bits->in + 2) != (size ^ 0xFFFF) || size > (size_t)left - 4 ||
        size > (size_t)(state->out_end - state->out))
        return false;
    memcpy(state->out, bits->in + 4, size);
    bits->in += 4 + size;
    state->out += size;
    return true;
}

/* The code of the codes' lengths. */
static bool read_length_code(struct state *state, unsigned count,
                             uint32_t table[LC_LENGTH_ROOM])
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[19] = {0};
    unsigned i;

    for (i = 0; i < count; i++) {
        if (i % 16 == 0) {
            if (!ready(state))
                return false;
            refill(&state->bits);
        }
        lengths[order[i]] = (uint8_t)take(&state->bits, 3);
    }
    return lc_code_build(LC_CODE_LENGTHS, lengths, sizeof(lengths), table);
}

/* One length, or a repetition. */
static bool read_lengths(struct state *state, const uint32_t table[LC_LENGTH_ROOM],
                         unsigned count)
{
    uint8_t *lengths = state->tables->lengths;
    struct bits *bits = &state->bits;
    unsigned at = 0;

    while (at < count) {
        unsigned symbol;
        unsigned times = 1;
        uint8_t value = 0;

        if (!ready(state))
            return false;
        refill(bits);
        symbol = number(bits, table[bits->value & (LC_LENGTH_ROOM - 1)]);
        if (symbol < 16)
            value = (uint8_t)symbol;
        else if (symbol == 16 && at == 0)
            return false;
        else if (symbol == 16)
            value = lengths[at - 1];
        if (symbol == 16)
            times = 3 + take(bits, 2);
        else if (symbol == 17)
            times = 3 + take(bits, 3);
        else if (symbol == 18)
            times = 11 + take(bits, 7);
        if (times > count - at)
            return false;
        memset(lengths + at, value, times);
        at += times;
    }
    return true;
}

static bool dynamic_block(struct state *state)
{
    struct lc_inflater *tables = state->tables;
    unsigned literals = 257 + take(&state->bits, 5);
    unsigned distances = 1 + take(&state->bits, 5);
    unsigned count = 4 + take(&state->bits, 4);
    uint32_t table[LC_LENGTH_ROOM];

    tables->fixed = false;
    if (literals > 286 || distances > 30)
        return false;
    if (!read_length_code(state, count, table) ||
        !read_lengths(state, table, literals + distances))
        return false;
    if (tables->lengths[LC_END_OF_BLOCK] == 0)
        return false;
    return build_tables(tables, literals, distances) && read_symbols(state);
}

static bool read_blocks(struct state *state)
{
    bool is_last = false;

    while (!is_last) {
        bool good = false;

        if (!ready(state) || state->out > state->out_end)
            return false;
        refill(&state->bits);
        is_last = take(&state->bits, 1);
        switch (take(&state->bits, 2)) {
        case 0:
            good = stored_block(state);
            break;
        case 1:
            good = fixed_block(state);
            break;
        case 2:
            good = dynamic_block(state);
            break;
        }
        if (!good)
            return false;
    }
    put_back(&state->bits);
    return state->bits.in == state->in_end && state->out == state->out_end;
}

bool lc_inflate(struct lc_inflater *inflater, struct lc_bytes stream, uint8_t *out,
                size_t size)
{
    struct state state = {.tables = inflater};
    uint32_t head;

    if (stream.size < 2 + 4)
        return false;
    head = lc_be16(stream.data);
    if (head % 31 != 0 || (head & 0x8F20) != 0x0800)
        return false;
    state.bits.in = stream.data + 2;
    state.in_end = stream.data + stream.size - 4;
    state.in_stop = state.bits.in;
    if (stream.size > 2 + 4 + ROUND_READS)
        state.in_stop = state.in_end - ROUND_READS;
    state.out = out;
    state.out_begin = out;
    state.out_end = out + size;
    return read_blocks(&state) &&
           libdeflate_adler32(1, out, size) == lc_be32(stream.data + stream.size - 4);
}

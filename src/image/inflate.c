#include "image/inflate.h"

#include <endian.h>
#include <libdeflate.h>
#include <string.h>

/*
 * An entry of a decoding table, from its lowest bit: how many bits to take, with the
 * extra ones (6); LITERAL, SPECIAL; how many of the bits are the code itself (8); what
 * the code says (16): a literal, the least length or distance, or where a second table
 * begins, whose number of bits then stands in place of the code's.
 */
enum { LITERAL = 0x40, SPECIAL = 0x80, TAKE = 0x3F };

/* A special entry that says this ends a block, or cannot be; others are second tables. */
enum { SAYS_END = 0xFFFF, SAYS_INVALID = 0xFFFE };

enum { LITERAL_BITS = 11, DISTANCE_BITS = 8, MOST_BITS = 15, END_OF_BLOCK = 256 };

enum { LITERAL_MASK = (1 << LITERAL_BITS) - 1, DISTANCE_MASK = (1 << DISTANCE_BITS) - 1 };

/* One round of the loop reads and writes less than this. */
enum { ROUND_READS = 24 };

static const uint16_t length_base[29] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                         15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                         67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t length_extra[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                         2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
static const uint16_t distance_base[30] = {
    1,    2,    3,    4,    5,    7,    9,    13,    17,    25,
    33,   49,   65,   97,   129,  193,  257,  385,   513,   769,
    1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
static const uint8_t distance_extra[30] = {0, 0, 0,  0,  1,  1,  2,  2,  3,  3,
                                           4, 4, 5,  5,  6,  6,  7,  7,  8,  8,
                                           9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

/* --- tables ----------------------------------------------------------------------- */

static uint32_t entry_of(unsigned code, unsigned extra, unsigned flags, unsigned says)
{
    return (code + extra) | flags | code << 8 | says << 16;
}

static uint32_t literal_entry(unsigned symbol, unsigned code)
{
    if (symbol < END_OF_BLOCK)
        return entry_of(code, 0, LITERAL, symbol);
    if (symbol == END_OF_BLOCK)
        return entry_of(code, 0, SPECIAL, SAYS_END);
    symbol -= END_OF_BLOCK + 1;
    if (symbol >= sizeof(length_extra))
        return entry_of(code, 0, SPECIAL, SAYS_INVALID);
    return entry_of(code, length_extra[symbol], 0, length_base[symbol]);
}

static uint32_t distance_entry(unsigned symbol, unsigned code)
{
    if (symbol >= sizeof(distance_extra))
        return entry_of(code, 0, SPECIAL, SAYS_INVALID);
    return entry_of(code, distance_extra[symbol], 0, distance_base[symbol]);
}

static uint32_t plain_entry(unsigned symbol, unsigned code)
{
    return entry_of(code, 0, 0, symbol);
}

/* A code, and the table that is made of it. */
struct code {
    const uint8_t *lengths; /* of each symbol's code; 0: none */
    unsigned symbols;
    unsigned bits; /* of the first table */
    uint32_t (*entry)(unsigned symbol, unsigned code);
    uint32_t *table;
    size_t room;
    unsigned counts[MOST_BITS + 1]; /* symbols of each length */
    uint16_t sorted[288];
};

/* Sort the symbols by their codes. Returns how much of all codes is not used, in parts of
 * 2^15; negative when there are too many. */
static int sort_symbols(struct code *code)
{
    unsigned at[MOST_BITS + 2] = {0};
    int unused = 1 << MOST_BITS;
    unsigned i;

    memset(code->counts, 0, sizeof(code->counts));
    for (i = 0; i < code->symbols; i++)
        code->counts[code->lengths[i]]++;
    for (i = 1; i <= MOST_BITS; i++) {
        at[i + 1] = at[i] + code->counts[i];
        unused -= (int)(code->counts[i] << (MOST_BITS - i));
    }
    for (i = 0; i < code->symbols; i++) {
        if (code->lengths[i] > 0)
            code->sorted[at[code->lengths[i]]++] = (uint16_t)i;
    }
    return unused;
}

/* The next code of that many bits. Codes stand with their first bit lowest. */
static unsigned next_code(unsigned value, unsigned length)
{
    unsigned bit = 1U << (length - 1);

    while (value & bit)
        bit >>= 1;
    return bit ? (value & (bit - 1)) + bit : 0;
}

/* A second table, for codes that have their first bits in common. */
struct second {
    unsigned prefix; /* those bits */
    size_t begin, end;
};

/* Begin one with a code of this length, of which so many are left. */
static bool begin_second(struct code *code, struct second *second, unsigned length,
                         unsigned left)
{
    unsigned bits = length - code->bits;
    int missing = (1 << bits) - (int)left;

    while (missing > 0 && bits + code->bits < MOST_BITS) {
        bits++;
        missing = 2 * missing - (int)code->counts[bits + code->bits];
    }
    second->begin = second->end;
    second->end = second->begin + ((size_t)1 << bits);
    if (second->end > code->room)
        return false;
    code->table[second->prefix] =
        code->bits | SPECIAL | bits << 8 | (uint32_t)second->begin << 16;
    return true;
}

/* Codes longer than the first table's bits. */
static bool fill_second(struct code *code, unsigned value, const uint16_t *symbol)
{
    unsigned size = 1U << code->bits;
    struct second second = {.prefix = size, .end = size}; /* no code has that prefix */
    unsigned length;
    unsigned left;
    size_t at;

    for (length = code->bits + 1; length <= MOST_BITS; length++) {
        for (left = code->counts[length]; left > 0; left--, symbol++) {
            bool begins = second.prefix != value % size;

            second.prefix = value % size;
            if (begins && !begin_second(code, &second, length, left))
                return false;
            for (at = second.begin + value / size; at < second.end;
                 at += (size_t)1 << (length - code->bits))
                code->table[at] = code->entry(*symbol, length - code->bits);
            value = next_code(value, length);
        }
    }
    return true;
}

static bool is_single(const struct code *code)
{
    unsigned used = code->symbols - code->counts[0];

    return used == 0 || (used == 1 && code->counts[1] == 1);
}

/*
 * Make the table. It grows by doubling: a code of few bits stands in it again and again.
 * A code must be complete; only one of distances may have a single symbol or none.
 */
static bool build(struct code *code, bool may_be_single)
{
    int unused = sort_symbols(code);
    const uint16_t *symbol = code->sorted;
    unsigned value = 0;
    size_t size = 1;
    unsigned length;
    unsigned left;

    if (unused != 0 && !(may_be_single && is_single(code)))
        return false;
    code->table[0] = entry_of(1, 0, SPECIAL, SAYS_INVALID);
    for (length = 1; length <= code->bits; length++, size *= 2) {
        memcpy(code->table + size, code->table, size * sizeof(*code->table));
        for (left = code->counts[length]; left > 0; left--) {
            code->table[value] = code->entry(*symbol++, length);
            value = next_code(value, length);
        }
    }
    return fill_second(code, value, symbol);
}

/* --- reading ---------------------------------------------------------------------- */

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

    if (!(entry & SPECIAL) || entry >> 16 >= SAYS_INVALID)
        return entry;
    drop(bits, entry & TAKE);
    return table[(entry >> 16) + (bits->value & ((1U << second) - 1))];
}

/* What an entry says, with its extra bits. */
static inline unsigned number(struct bits *bits, uint32_t entry)
{
    uint64_t extra = bits->value & ((UINT64_C(1) << (entry & TAKE)) - 1);

    drop(bits, entry & TAKE);
    return (entry >> 16) + (unsigned)(extra >> (entry >> 8 & 0xFF));
}

/* A distance, or more than any when there is none. */
static inline size_t read_distance(struct bits *bits, const uint32_t *distances)
{
    uint32_t entry = distances[bits->value & DISTANCE_MASK];

    entry = follow(bits, distances, entry);
    return entry & SPECIAL ? SIZE_MAX : number(bits, entry);
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
        for (i = 0; i < 4 && (entry & LITERAL); i++) {
            drop(&bits, entry & TAKE);
            *out++ = (uint8_t)(entry >> 16);
            entry = literals[bits.value & LITERAL_MASK];
        }
        if (i == 4)
            continue;
        entry = follow(&bits, literals, entry);
        if (entry & LITERAL) {
            drop(&bits, entry & TAKE);
            *out++ = (uint8_t)(entry >> 16);
            entry = literals[bits.value & LITERAL_MASK];
            continue;
        }
        if (entry & SPECIAL)
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
    drop(&bits, entry & TAKE);
    state->bits = bits;
    state->out = out;
    return entry >> 16 == SAYS_END;
}

/* --- blocks ----------------------------------------------------------------------- */

static bool build_tables(struct lc_inflater *tables, unsigned literals,
                         unsigned distances)
{
    struct code code = {
        .lengths = tables->lengths,
        .symbols = literals,
        .bits = LITERAL_BITS,
        .entry = literal_entry,
        .table = tables->literals,
        .room = sizeof(tables->literals) / sizeof(tables->literals[0]),
    };

    if (!build(&code, false))
        return false;
    code.lengths = tables->lengths + literals;
    code.symbols = distances;
    code.bits = DISTANCE_BITS;
    code.entry = distance_entry;
    code.table = tables->distances;
    code.room = sizeof(tables->distances) / sizeof(tables->distances[0]);
    return build(&code, true);
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
        if (!build_tables(tables, 288, 32))
            return false;
        tables->fixed = true;
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
static bool read_length_code(struct state *state, unsigned count, uint32_t table[128])
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[19] = {0};
    struct code code = {
        .lengths = lengths,
        .symbols = 19,
        .bits = 7,
        .entry = plain_entry,
        .table = table,
        .room = 128,
    };
    unsigned i;

    for (i = 0; i < count; i++) {
        if (i % 16 == 0) {
            if (!ready(state))
                return false;
            refill(&state->bits);
        }
        lengths[order[i]] = (uint8_t)take(&state->bits, 3);
    }
    return build(&code, false);
}

/* One length, or a repetition. */
static bool read_lengths(struct state *state, const uint32_t table[128], unsigned count)
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
        symbol = number(bits, table[bits->value & 127]);
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
    uint32_t table[128];

    tables->fixed = false;
    if (literals > 286 || distances > 30)
        return false;
    if (!read_length_code(state, count, table) ||
        !read_lengths(state, table, literals + distances))
        return false;
    if (tables->lengths[END_OF_BLOCK] == 0)
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

/*
 * An inflater for PNG and TIFF data, with two properties that no library combines:
 *
 * 1. It never accepts a stream that zlib rejects. Pillow and libtiff inflate with zlib,
 *    so accepting more would be a false "ok". libdeflate, the fast alternative, accepts
 *    incomplete codes, lengths and distances without a symbol, and repeated code lengths
 *    that run past the end.
 * 2. It is fast for the same reasons as libdeflate: the whole input is in memory and the
 *    size of the output is known, so there is no state to save and restore and no check
 *    per symbol.
 *
 * Why zlib accepts whatever this accepts, with the same output: each check in zlib's
 * inflate() has its counterpart here.
 *
 *   zlib's message                 here
 *   incorrect header check,        lc_inflate
 *     unknown compression method
 *   invalid block type             read_blocks: type 3 leaves `good` false
 *   invalid stored block lengths   read_stored_block
 *   too many length or distance    read_dynamic_block: over 286 or 30
 *     symbols
 *   invalid code lengths set       read_length_code: complete codes only
 *   invalid bit length repeat      read_lengths: nothing to repeat, or too often
 *   missing end-of-block           read_dynamic_block
 *   invalid literal/lengths set,   lc_code_build
 *     invalid distances set
 *   invalid literal/length code    read_symbols: any special entry but END
 *   invalid distance code          read_distance: SIZE_MAX
 *   invalid distance too far back  read_symbols: before the start of the output
 *   incorrect data check           lc_inflate: Adler-32
 *
 * One check differs. zlib can also reject distances beyond the window size given in the
 * header, but only if it was compiled with INFLATE_STRICT, which distributions do not
 * set. Its actual window is 32,768, the longest distance, in Pillow and libtiff alike.
 *
 * Reading past the end of the input is detected at the end: zeros follow the input, and
 * the final position must be exactly the end of the stream.
 *
 * zlib accepts some streams that this rejects: those that inflate to an unexpected size,
 * or have bytes after them. The caller then asks zlib, so rejecting costs time, never
 * correctness.
 */
#include "image/inflate/inflate.h"

#include <assert.h>
#include <endian.h>
#include <libdeflate.h>
#include <string.h>

enum {
    LITERAL_MASK = (1 << LC_LITERAL_BITS) - 1,
    DISTANCE_MASK = (1 << LC_DISTANCE_BITS) - 1
};

/* Upper bound on the bytes of input that a round reads: three refills of 8 bytes. */
enum { ROUND_READS = 24 };

/* Bit buffer; the next bit is the lowest. */
struct bits {
    uint64_t value;
    unsigned left; /* valid bits; there may be more above them */
    const uint8_t *in;
};

struct state {
    struct lc_inflater *tables;
    struct bits bits;
    const uint8_t *in_end;
    const uint8_t *in_stop; /* a round that begins before this stays inside the input */
    uint8_t *out;
    uint8_t *out_begin;
    uint8_t *out_end;
    bool in_tail;
    uint8_t tail[4 * ROUND_READS]; /* copy of the last bytes of the input, then zeros */
};

/* Ensure at least 56 valid bits. Branchless: read a whole word and add it above the valid
 * bits, but advance `in` only by the bytes that fit; the rest is read again next time. */
static inline void refill(struct bits *bits)
{
    uint64_t word;

    memcpy(&word, bits->in, sizeof(word));
    bits->value |= le64toh(word) << bits->left;
    bits->in += (63 - bits->left) >> 3;
    bits->left |= 56;
}

static inline void consume(struct bits *bits, unsigned count)
{
    bits->value >>= count;
    bits->left -= count;
}

static inline unsigned read_bits(struct bits *bits, unsigned count)
{
    unsigned value = (unsigned)bits->value & ((1U << count) - 1);

    consume(bits, count);
    return value;
}

/* Return whole bytes that were buffered but not consumed. */
static void unread_bytes(struct bits *bits)
{
    bits->in -= bits->left >> 3;
    bits->left &= 7;
    bits->value &= (1U << bits->left) - 1;
}

/* Ensure that a round can read past its input without leaving the buffer: near the end,
 * the rest of the input moves to `tail`, where zeros follow it. False at the end of
 * `tail`. */
static bool ensure_input(struct state *state)
{
    struct bits *bits = &state->bits;
    size_t size;

    if (bits->in < state->in_stop)
        return true;
    if (state->in_tail)
        return false;
    unread_bytes(bits);
    size = (size_t)(state->in_end - bits->in);
    memset(state->tail, 0, sizeof(state->tail));
    memcpy(state->tail, bits->in, size);
    state->in_tail = true;
    bits->in = state->tail;
    state->in_end = state->tail + size;
    state->in_stop = state->in_end + sizeof(bits->value);
    return true;
}

/* Look up the subtable if an entry points to one. */
static inline uint32_t resolve(struct bits *bits, const uint32_t *table, uint32_t entry)
{
    unsigned width = entry >> 8 & 0xFF;

    if (!(entry & LC_ENTRY_SPECIAL) || entry >> 16 >= LC_ENTRY_INVALID)
        return entry;
    consume(bits, entry & LC_ENTRY_BITS);
    return table[(entry >> 16) + (bits->value & ((1U << width) - 1))];
}

/* Consume an entry; return its value plus the extra bits. */
static inline unsigned read_value(struct bits *bits, uint32_t entry)
{
    uint64_t extra = bits->value & ((UINT64_C(1) << (entry & LC_ENTRY_BITS)) - 1);

    consume(bits, entry & LC_ENTRY_BITS);
    return (entry >> 16) + (unsigned)(extra >> (entry >> 8 & 0xFF));
}

/* Read a distance; SIZE_MAX, which exceeds any valid one, if the code is invalid. */
static inline size_t read_distance(struct bits *bits, const uint32_t *distances)
{
    uint32_t entry = distances[bits->value & DISTANCE_MASK];

    entry = resolve(bits, distances, entry);
    return entry & LC_ENTRY_SPECIAL ? SIZE_MAX : read_value(bits, entry);
}

/*
 * Copy a match, writing up to 15 bytes past it. Source and destination overlap if the
 * distance is short. Copying 8 bytes at a distance d < 8 makes the first d new bytes
 * correct, and then the pattern also repeats at distance 2d; so advance by d and double
 * it until the words no longer overlap.
 */
static inline void copy_match(uint8_t *out, size_t distance, size_t length)
{
    const uint8_t *from = out - distance;
    uint8_t *end = out + length;

    for (; distance < 8; distance *= 2) {
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
 * Decode literals and matches up to the end of the block.
 *
 * A round begins right after a refill, with its first entry already looked up, so that
 * the lookup overlaps with the copying of the previous round. It decodes either four
 * literals from the main table (4 * 11 bits), or up to three, followed by a literal from
 * a subtable (15 bits) or by a length (20 bits), a refill and a distance (28 bits). The
 * buffer holds 64 bits of the stream after a refill, so the lookup for the next round
 * always finds its 11.
 *
 * One check of the input and one of the output per round suffice: a round writes at most
 * 3 + 258 + 15 bytes, less than LC_INFLATE_SLACK, before the next check finds that it
 * went too far.
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
            if (!ensure_input(state))
                return false;
            bits = state->bits;
            refill(&bits);
        }
        if (out > state->out_end)
            return false;
        for (i = 0; i < 4 && (entry & LC_ENTRY_LITERAL); i++) {
            consume(&bits, entry & LC_ENTRY_BITS);
            *out++ = (uint8_t)(entry >> 16);
            entry = literals[bits.value & LITERAL_MASK];
        }
        if (i == 4)
            continue;
        entry = resolve(&bits, literals, entry);
        if (entry & LC_ENTRY_LITERAL) {
            consume(&bits, entry & LC_ENTRY_BITS);
            *out++ = (uint8_t)(entry >> 16);
            entry = literals[bits.value & LITERAL_MASK];
            continue;
        }
        if (entry & LC_ENTRY_SPECIAL)
            break;
        length = read_value(&bits, entry);
        refill(&bits);
        distance = read_distance(&bits, state->tables->distances);
        if (distance > (size_t)(out - state->out_begin))
            return false;
        entry = literals[bits.value & LITERAL_MASK];
        copy_match(out, distance, length);
        out += length;
    }
    consume(&bits, entry & LC_ENTRY_BITS);
    state->bits = bits;
    state->out = out;
    return entry >> 16 == LC_ENTRY_END;
}

static bool build_tables(struct lc_inflater *tables, unsigned literals,
                         unsigned distances)
{
    return lc_code_build(LC_CODE_LITERALS, tables->lengths, literals, tables->literals) &&
           lc_code_build(LC_CODE_DISTANCES, tables->lengths + literals, distances,
                         tables->distances);
}

static bool read_fixed_block(struct state *state)
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

static bool read_stored_block(struct state *state)
{
    struct bits *bits = &state->bits;
    ptrdiff_t left;
    size_t size;

    unread_bytes(bits);
    consume(bits, bits->left);
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

/* Read the code for the code lengths. */
static bool read_length_code(struct state *state, unsigned count,
                             uint32_t table[LC_LENGTH_ENTRIES])
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[19] = {0};
    unsigned i;

    for (i = 0; i < count; i++) {
        if (i % 16 == 0) {
            if (!ensure_input(state))
                return false;
            refill(&state->bits);
        }
        lengths[order[i]] = (uint8_t)read_bits(&state->bits, 3);
    }
    return lc_code_build(LC_CODE_LENGTHS, lengths, sizeof(lengths), table);
}

/* Read the code lengths of both codes. Repeats may cross from the first code into the
 * second, but not past the end of the second (zlib: "invalid bit length repeat"). */
static bool read_lengths(struct state *state, const uint32_t table[LC_LENGTH_ENTRIES],
                         unsigned count)
{
    uint8_t *lengths = state->tables->lengths;
    struct bits *bits = &state->bits;
    unsigned at = 0;

    while (at < count) {
        unsigned symbol;
        unsigned times = 1;
        uint8_t value = 0;

        if (!ensure_input(state))
            return false;
        refill(bits);
        symbol = read_value(bits, table[bits->value & (LC_LENGTH_ENTRIES - 1)]);
        if (symbol < 16)
            value = (uint8_t)symbol;
        else if (symbol == 16 && at == 0)
            return false;
        else if (symbol == 16)
            value = lengths[at - 1];
        if (symbol == 16)
            times = 3 + read_bits(bits, 2);
        else if (symbol == 17)
            times = 3 + read_bits(bits, 3);
        else if (symbol == 18)
            times = 11 + read_bits(bits, 7);
        if (times > count - at)
            return false;
        memset(lengths + at, value, times);
        at += times;
    }
    return true;
}

static bool read_dynamic_block(struct state *state)
{
    struct lc_inflater *tables = state->tables;
    unsigned literals = 257 + read_bits(&state->bits, 5);
    unsigned distances = 1 + read_bits(&state->bits, 5);
    unsigned count = 4 + read_bits(&state->bits, 4);
    uint32_t table[LC_LENGTH_ENTRIES];

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

        if (!ensure_input(state) || state->out > state->out_end)
            return false;
        refill(&state->bits);
        is_last = read_bits(&state->bits, 1);
        switch (read_bits(&state->bits, 2)) {
        case 0:
            good = read_stored_block(state);
            break;
        case 1:
            good = read_fixed_block(state);
            break;
        case 2:
            good = read_dynamic_block(state);
            break;
        }
        if (!good)
            return false;
    }
    unread_bytes(&state->bits);
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

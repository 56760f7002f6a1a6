/*
 * Decoding tables for deflate's canonical Huffman codes, in two levels as in zlib and
 * libdeflate: codes up to the index width of the main table are decoded by one lookup;
 * longer ones by a second lookup in a subtable that the main table points to. An entry
 * holds everything that the decoder needs (codes.h): no second array for base values and
 * extra bits.
 *
 * Validity: a complete code assigns all of the code space, so every entry is written and
 * a decoder can never meet an unassigned code. zlib rejects oversubscribed and incomplete
 * codes, except that a distance code may have one symbol of one bit, or none; its unused
 * part stays invalid. lc_code_build applies the same rule.
 *
 * Cost: each entry of the table is written about twice.
 */
#include "image/inflate/codes.h"

#include <stddef.h>
#include <string.h>

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

static uint32_t make_entry(unsigned code, unsigned extra, unsigned flags, unsigned value)
{
    return (code + extra) | flags | code << 8 | value << 16;
}

static uint32_t literal_entry(unsigned symbol, unsigned code)
{
    if (symbol < LC_END_OF_BLOCK)
        return make_entry(code, 0, LC_ENTRY_LITERAL, symbol);
    if (symbol == LC_END_OF_BLOCK)
        return make_entry(code, 0, LC_ENTRY_SPECIAL, LC_ENTRY_END);
    symbol -= LC_END_OF_BLOCK + 1;
    if (symbol >= sizeof(length_extra))
        return make_entry(code, 0, LC_ENTRY_SPECIAL, LC_ENTRY_INVALID);
    return make_entry(code, length_extra[symbol], 0, length_base[symbol]);
}

static uint32_t distance_entry(unsigned symbol, unsigned code)
{
    if (symbol >= sizeof(distance_extra))
        return make_entry(code, 0, LC_ENTRY_SPECIAL, LC_ENTRY_INVALID);
    return make_entry(code, distance_extra[symbol], 0, distance_base[symbol]);
}

static uint32_t length_entry(unsigned symbol, unsigned code)
{
    return make_entry(code, 0, 0, symbol);
}

/* A code, and the table being built for it. */
struct code {
    const uint8_t *lengths; /* of each symbol's code; 0: unused */
    unsigned symbols;
    unsigned bits; /* width of the main table's index */
    uint32_t (*entry)(unsigned symbol, unsigned code);
    uint32_t *table;
    size_t capacity;                       /* entries */
    unsigned counts[LC_CODE_MAX_BITS + 1]; /* number of symbols of each length */
    uint16_t sorted[LC_CODE_SYMBOLS];      /* symbols by length, then by number */
};

/* Sort the symbols by their codes. Returns the unused part of the code space, in units of
 * 2^-15: positive for an incomplete code, negative for an oversubscribed one. */
static int sort_symbols(struct code *code)
{
    unsigned at[LC_CODE_MAX_BITS + 2] = {0};
    int unused = 1 << LC_CODE_MAX_BITS;
    unsigned i;

    memset(code->counts, 0, sizeof(code->counts));
    for (i = 0; i < code->symbols; i++)
        code->counts[code->lengths[i]]++;
    for (i = 1; i <= LC_CODE_MAX_BITS; i++) {
        at[i + 1] = at[i] + code->counts[i];
        unused -= (int)(code->counts[i] << (LC_CODE_MAX_BITS - i));
    }
    for (i = 0; i < code->symbols; i++) {
        if (code->lengths[i] > 0)
            code->sorted[at[code->lengths[i]]++] = (uint16_t)i;
    }
    return unused;
}

/* The next code of this length. Deflate sends a code's first bit lowest, so counting goes
 * from the top: clear the leading ones, set the first zero. 0 after the last code. */
static unsigned next_code(unsigned value, unsigned length)
{
    unsigned bit = 1U << (length - 1);

    while (value & bit)
        bit >>= 1;
    return bit ? (value & (bit - 1)) + bit : 0;
}

/* A subtable for the codes that share their first `bits` bits. */
struct subtable {
    unsigned prefix; /* the shared bits */
    size_t begin, end;
};

/*
 * Start a subtable with a code of the given length, when `left` codes of that length
 * remain. The subtable must be wide enough for its longest code: widen it until the
 * remaining codes of each length fill it. This works because all codes with this prefix
 * are consecutive and the code is complete.
 */
static bool begin_subtable(struct code *code, struct subtable *subtable, unsigned length,
                           unsigned left)
{
    unsigned bits = length - code->bits;
    int missing = (1 << bits) - (int)left;

    while (missing > 0 && bits + code->bits < LC_CODE_MAX_BITS) {
        bits++;
        missing = 2 * missing - (int)code->counts[bits + code->bits];
    }
    subtable->begin = subtable->end;
    subtable->end = subtable->begin + ((size_t)1 << bits);
    if (subtable->end > code->capacity) /* never for a complete code: see codes.h */
        return false;
    code->table[subtable->prefix] =
        code->bits | LC_ENTRY_SPECIAL | bits << 8 | (uint32_t)subtable->begin << 16;
    return true;
}

/* Add the codes that are longer than the main table's index. */
static bool fill_subtables(struct code *code, unsigned value, const uint16_t *symbol)
{
    unsigned size = 1U << code->bits;
    struct subtable subtable = {.prefix = size, .end = size}; /* a prefix that matches no
                                                                 code */
    unsigned length;
    unsigned left;
    size_t at;

    for (length = code->bits + 1; length <= LC_CODE_MAX_BITS; length++) {
        for (left = code->counts[length]; left > 0; left--, symbol++) {
            bool begins = subtable.prefix != value % size;

            subtable.prefix = value % size;
            if (begins && !begin_subtable(code, &subtable, length, left))
                return false;
            for (at = subtable.begin + value / size; at < subtable.end;
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
 * Fill the table. A code of n bits occupies every entry whose low n bits are the code. So
 * the table starts with n = 1 and doubles: a copy of the lower half fills the upper half
 * with all shorter codes, then the codes of the new length replace their entries. Entries
 * not assigned yet hold the first, invalid, entry.
 */
static bool fill(struct code *code)
{
    const uint16_t *symbol = code->sorted;
    unsigned value = 0;
    size_t size = 1;
    unsigned length;
    unsigned left;

    code->table[0] = make_entry(1, 0, LC_ENTRY_SPECIAL, LC_ENTRY_INVALID);
    for (length = 1; length <= code->bits; length++, size *= 2) {
        memcpy(code->table + size, code->table, size * sizeof(*code->table));
        for (left = code->counts[length]; left > 0; left--) {
            code->table[value] = code->entry(*symbol++, length);
            value = next_code(value, length);
        }
    }
    return fill_subtables(code, value, symbol);
}

bool lc_code_build(enum lc_code_kind kind, const uint8_t *lengths, unsigned symbols,
                   uint32_t *table)
{
    static const struct code kinds[] = {
        [LC_CODE_LENGTHS] = {.bits = LC_LENGTH_BITS,
                             .entry = length_entry,
                             .capacity = LC_LENGTH_ENTRIES},
        [LC_CODE_LITERALS] = {.bits = LC_LITERAL_BITS,
                              .entry = literal_entry,
                              .capacity = LC_LITERAL_ENTRIES},
        [LC_CODE_DISTANCES] = {.bits = LC_DISTANCE_BITS,
                               .entry = distance_entry,
                               .capacity = LC_DISTANCE_ENTRIES},
    };
    struct code code = kinds[kind];
    int unused;

    code.lengths = lengths;
    code.symbols = symbols;
    code.table = table;
    unused = sort_symbols(&code);
    if (unused != 0 && !(kind == LC_CODE_DISTANCES && is_single(&code)))
        return false;
    return fill(&code);
}

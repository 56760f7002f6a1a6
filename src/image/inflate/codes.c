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

static uint32_t entry_of(unsigned code, unsigned extra, unsigned flags, unsigned says)
{
    return (code + extra) | flags | code << 8 | says << 16;
}

static uint32_t literal_entry(unsigned symbol, unsigned code)
{
    if (symbol < LC_END_OF_BLOCK)
        return entry_of(code, 0, LC_CODE_LITERAL, symbol);
    if (symbol == LC_END_OF_BLOCK)
        return entry_of(code, 0, LC_CODE_SPECIAL, LC_CODE_SAYS_END);
    symbol -= LC_END_OF_BLOCK + 1;
    if (symbol >= sizeof(length_extra))
        return entry_of(code, 0, LC_CODE_SPECIAL, LC_CODE_SAYS_INVALID);
    return entry_of(code, length_extra[symbol], 0, length_base[symbol]);
}

static uint32_t distance_entry(unsigned symbol, unsigned code)
{
    if (symbol >= sizeof(distance_extra))
        return entry_of(code, 0, LC_CODE_SPECIAL, LC_CODE_SAYS_INVALID);
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
    unsigned counts[LC_CODE_MOST_BITS + 1]; /* symbols of each length */
    uint16_t sorted[LC_CODE_SYMBOLS];
};

/* Sort the symbols by their codes. Returns how much of all codes is not used, in parts of
 * 2^15; negative when there are too many. */
static int sort_symbols(struct code *code)
{
    unsigned at[LC_CODE_MOST_BITS + 2] = {0};
    int unused = 1 << LC_CODE_MOST_BITS;
    unsigned i;

    memset(code->counts, 0, sizeof(code->counts));
    for (i = 0; i < code->symbols; i++)
        code->counts[code->lengths[i]]++;
    for (i = 1; i <= LC_CODE_MOST_BITS; i++) {
        at[i + 1] = at[i] + code->counts[i];
        unused -= (int)(code->counts[i] << (LC_CODE_MOST_BITS - i));
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

    while (missing > 0 && bits + code->bits < LC_CODE_MOST_BITS) {
        bits++;
        missing = 2 * missing - (int)code->counts[bits + code->bits];
    }
    second->begin = second->end;
    second->end = second->begin + ((size_t)1 << bits);
    if (second->end > code->room) /* a complete code does not: see codes.h */
        return false;
    code->table[second->prefix] =
        code->bits | LC_CODE_SPECIAL | bits << 8 | (uint32_t)second->begin << 16;
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

    for (length = code->bits + 1; length <= LC_CODE_MOST_BITS; length++) {
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

/* Fill the table. It grows by doubling: a code of few bits stands in it again and again.
 */
static bool fill(struct code *code)
{
    const uint16_t *symbol = code->sorted;
    unsigned value = 0;
    size_t size = 1;
    unsigned length;
    unsigned left;

    code->table[0] = entry_of(1, 0, LC_CODE_SPECIAL, LC_CODE_SAYS_INVALID);
    for (length = 1; length <= code->bits; length++, size *= 2) {
        memcpy(code->table + size, code->table, size * sizeof(*code->table));
        for (left = code->counts[length]; left > 0; left--) {
            code->table[value] = code->entry(*symbol++, length);
            value = next_code(value, length);
        }
    }
    return fill_second(code, value, symbol);
}

bool lc_code_build(enum lc_code_kind kind, const uint8_t *lengths, unsigned symbols,
                   uint32_t *table)
{
    static const struct code kinds[] = {
        [LC_CODE_LENGTHS] = {.bits = LC_LENGTH_BITS,
                             .entry = plain_entry,
                             .room = LC_LENGTH_ROOM},
        [LC_CODE_LITERALS] = {.bits = LC_LITERAL_BITS,
                              .entry = literal_entry,
                              .room = LC_LITERAL_ROOM},
        [LC_CODE_DISTANCES] = {.bits = LC_DISTANCE_BITS,
                               .entry = distance_entry,
                               .room = LC_DISTANCE_ROOM},
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

#include "mutate.h"

#include <stdlib.h>
#include <string.h>

#include "index/read/pages_layout.h"

enum { MOST_CHANGES = 4 };

/* ---- numbers ---- */

uint64_t hostile_next(struct hostile_random *random)
{
    uint64_t z = random->state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

size_t hostile_below(struct hostile_random *random, size_t below)
{
    uint64_t number = hostile_next(random);

    return below ? (size_t)(number % below) : 0;
}

uint64_t hostile_near(struct hostile_random *random, uint64_t number)
{
    static const uint64_t edges[] = {0,          1,
                                     0x7F,       0x80,
                                     0xFF,       0x7FFF,
                                     0x8000,     0xFFFF,
                                     0x10000,    0x7FFFFFFF,
                                     0x80000000, 0xFFFFFFFF,
                                     INT64_MAX,  UINT64_C(1) << 63,
                                     UINT64_MAX};
    uint64_t random_bits = hostile_next(random);

    switch (hostile_below(random, 8)) {
    case 0:
        return number + 1;
    case 1:
        return number - 1;
    case 2:
        return number + random_bits % 64;
    case 3:
        return number - random_bits % 64;
    case 4:
        return number ^ UINT64_C(1) << random_bits % 64;
    case 5:
        return random_bits % 2 ? number * 2 : number / 2;
    case 6:
        return edges[random_bits % (sizeof(edges) / sizeof(edges[0]))];
    default:
        return random_bits;
    }
}

static void put_native(uint8_t *at, size_t width, uint64_t number)
{
    const uint16_t two = (uint16_t)number;
    const uint32_t four = (uint32_t)number;

    if (width == 1)
        *at = (uint8_t)number;
    else if (width == 2)
        memcpy(at, &two, width);
    else if (width == 4)
        memcpy(at, &four, width);
    else
        memcpy(at, &number, width);
}

void hostile_change_native(struct hostile_mutant *mutant, uint8_t *at, size_t width)
{
    uint64_t number = width == 1   ? *at
                      : width == 2 ? lc_native_u16(at)
                      : width == 4 ? lc_native_u32(at)
                                   : lc_native_u64(at);

    put_native(at, width, hostile_near(&mutant->random, number));
}

/* ---- the layout ---- */

size_t hostile_page_size(const struct hostile_mutant *mutant)
{
    return lc_native_u32(mutant->sound + META_PAGE_SIZE);
}

size_t hostile_page_count(const struct hostile_mutant *mutant)
{
    return mutant->size / hostile_page_size(mutant);
}

uint8_t *hostile_page(struct hostile_mutant *mutant, size_t number)
{
    return mutant->bytes + number * hostile_page_size(mutant);
}

static uint8_t *pick_any_page(struct hostile_mutant *mutant)
{
    return hostile_page(mutant,
                        hostile_below(&mutant->random, hostile_page_count(mutant)));
}

uint8_t *hostile_pick_page(struct hostile_mutant *mutant, uint16_t kind)
{
    size_t count = hostile_page_count(mutant);
    size_t from = hostile_below(&mutant->random, count);

    for (size_t i = 0; kind && i < count; i++) {
        uint8_t *page = hostile_page(mutant, (from + i) % count);

        if (lc_native_u16(page + PAGE_FLAGS) == kind)
            return page;
    }
    return pick_any_page(mutant);
}

size_t hostile_node_count(const struct hostile_mutant *mutant, const uint8_t *page)
{
    size_t lower = lc_native_u16(page + PAGE_LOWER);
    size_t most = hostile_page_size(mutant);

    lower = lower > most ? most : lower;
    return lower > PAGE_HEAD ? (lower - PAGE_HEAD) / 2 : 0;
}

uint8_t *hostile_node(struct hostile_mutant *mutant, uint8_t *page, size_t index)
{
    size_t at = lc_native_u16(page + PAGE_HEAD + 2 * index);
    size_t last = hostile_page_size(mutant) - NODE_HEAD - sizeof(uint64_t);

    return page + (at < last ? at : last);
}

/* Pick a page with at least one node, and a random node of it. */
static uint8_t *pick_node(struct hostile_mutant *mutant, uint16_t kind, uint8_t **page,
                          size_t *index)
{
    size_t count;

    *page = hostile_pick_page(mutant, kind);
    count = hostile_node_count(mutant, *page);
    if (!count)
        return NULL;
    *index = hostile_below(&mutant->random, count);
    return hostile_node(mutant, *page, *index);
}

/* Pick a kind of page with nodes; branches are rare, so they are picked more often. */
static uint16_t pick_kind(struct hostile_mutant *mutant)
{
    return hostile_below(&mutant->random, 3) ? PAGE_LEAF : PAGE_BRANCH;
}

/* Return the meta page in force: the one of two with the greater transaction. */
static uint8_t *newest_meta(struct hostile_mutant *mutant)
{
    uint8_t *first = hostile_page(mutant, 0), *second = hostile_page(mutant, 1);

    return lc_native_u64(first + META_TXN) < lc_native_u64(second + META_TXN) ? second
                                                                              : first;
}

uint8_t *hostile_pick_tree(struct hostile_mutant *mutant)
{
    uint64_t root = lc_native_u64(newest_meta(mutant) + META_MAIN_DB + DB_ROOT);
    uint8_t *page, *node;
    size_t count, key;

    if (root >= hostile_page_count(mutant))
        return NULL;
    page = hostile_page(mutant, root);
    count = hostile_node_count(mutant, page);
    if (!count)
        return NULL;
    node = hostile_node(mutant, page, hostile_below(&mutant->random, count));
    key = lc_native_u16(node + NODE_KEY_SIZE);
    if (key + NODE_HEAD + DB_SIZE > hostile_page_size(mutant) - (size_t)(node - page))
        return NULL;
    return node + NODE_HEAD + key;
}

/* ---- changes of bytes and numbers ---- */

static void flip_bits(struct hostile_mutant *mutant)
{
    uint8_t *page = pick_any_page(mutant);
    size_t bits = 1 + hostile_below(&mutant->random, 8);

    for (; bits; bits--) {
        size_t bit = hostile_below(&mutant->random, hostile_page_size(mutant) * 8);

        page[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

static void set_bytes(struct hostile_mutant *mutant)
{
    static const uint8_t fills[] = {0, 1, 0x7F, 0x80, 0xFF};
    size_t count = 1 + hostile_below(&mutant->random, 16);
    size_t at = hostile_below(&mutant->random, mutant->size - count);

    memset(mutant->bytes + at, fills[hostile_below(&mutant->random, sizeof(fills))],
           count);
}

static void change_page_header(struct hostile_mutant *mutant)
{
    static const uint16_t kinds[] = {
        0,    PAGE_BRANCH, PAGE_LEAF, PAGE_OVERFLOW,    PAGE_META,
        0x10, 0x20,        0x40,      PAGE_LEAF | 0x10, PAGE_LEAF | 0x20};
    uint8_t *page = hostile_pick_page(mutant, pick_kind(mutant));

    switch (hostile_below(&mutant->random, 4)) {
    case 0:
        hostile_change_native(mutant, page + PAGE_NUMBER, 8);
        break;
    case 1:
        put_native(
            page + PAGE_FLAGS, 2,
            kinds[hostile_below(&mutant->random, sizeof(kinds) / sizeof(kinds[0]))]);
        break;
    case 2:
        hostile_change_native(mutant, page + PAGE_LOWER, 2);
        break;
    default:
        hostile_change_native(mutant, page + PAGE_UPPER, 2);
    }
}

static void change_node_offset(struct hostile_mutant *mutant)
{
    uint8_t *page, *other;
    size_t index, second;

    if (!pick_node(mutant, pick_kind(mutant), &page, &index))
        return;
    other = page + PAGE_HEAD + 2 * index;
    second = hostile_below(&mutant->random, hostile_node_count(mutant, page));
    switch (hostile_below(&mutant->random, 3)) {
    case 0: /* two slots refer to the same node */
        put_native(other, 2, lc_native_u16(page + PAGE_HEAD + 2 * second));
        break;
    case 1: { /* two nodes swap places: keys are out of order */
        uint16_t offset = lc_native_u16(other);

        put_native(other, 2, lc_native_u16(page + PAGE_HEAD + 2 * second));
        put_native(page + PAGE_HEAD + 2 * second, 2, offset);
        break;
    }
    default:
        hostile_change_native(mutant, other, 2);
    }
}

static void change_node_header(struct hostile_mutant *mutant)
{
    uint8_t *page;
    size_t index;
    uint8_t *node = pick_node(mutant, pick_kind(mutant), &page, &index);

    if (node)
        hostile_change_native(mutant, node + 2 * hostile_below(&mutant->random, 4), 2);
}

/* ---- changes of the tree ---- */

static void set_child(uint8_t *node, uint64_t child)
{
    put_native(node + NODE_LOW, 2, child & 0xFFFF);
    put_native(node + NODE_LOW + 2, 2, child >> 16 & 0xFFFF);
    put_native(node + NODE_FLAGS, 2, child >> 32 & 0xFFFF);
}

static uint64_t child_of(const uint8_t *node)
{
    return lc_node_low(node) | (uint64_t)lc_native_u16(node + NODE_FLAGS) << 32;
}

static void change_child(struct hostile_mutant *mutant)
{
    uint8_t *page, *other_page;
    size_t index, other_index, count = hostile_page_count(mutant);
    uint8_t *node = pick_node(mutant, PAGE_BRANCH, &page, &index);
    uint8_t *other = pick_node(mutant, PAGE_BRANCH, &other_page, &other_index);
    uint64_t child;

    if (!node || !other)
        return;
    child = child_of(node);
    switch (hostile_below(&mutant->random, 6)) {
    case 0: /* a cycle of one page */
        set_child(node, (size_t)(page - mutant->bytes) / hostile_page_size(mutant));
        break;
    case 1: /* another branch page, perhaps one above */
        set_child(node, (size_t)(other_page - mutant->bytes) / hostile_page_size(mutant));
        break;
    case 2: /* a subtree with two parents */
        set_child(node, child_of(other));
        break;
    case 3:
        set_child(node, child_of(other));
        set_child(other, child);
        break;
    case 4:
        set_child(node, hostile_below(&mutant->random, count));
        break;
    default:
        set_child(node, hostile_near(&mutant->random, child));
    }
}

/* Make every child of a branch the same page. */
static void repeat_child(struct hostile_mutant *mutant)
{
    uint8_t *page;
    size_t index;
    uint8_t *node = pick_node(mutant, PAGE_BRANCH, &page, &index);

    for (size_t i = 0; node && i < hostile_node_count(mutant, page); i++)
        set_child(hostile_node(mutant, page, i), child_of(node));
}

static void change_tree(struct hostile_mutant *mutant)
{
    static const struct {
        uint8_t at, width;
    } fields[] = {
        {DB_PAD, 4},          {DB_FLAGS, 2},      {DB_DEPTH, 2},          {DB_DEPTH, 2},
        {DB_BRANCH_PAGES, 8}, {DB_LEAF_PAGES, 8}, {DB_OVERFLOW_PAGES, 8}, {DB_ENTRIES, 8},
        {DB_ROOT, 8},         {DB_ROOT, 8}};
    uint8_t *tree = hostile_pick_tree(mutant), *other = hostile_pick_tree(mutant);
    size_t field = hostile_below(&mutant->random, sizeof(fields) / sizeof(fields[0]));
    uint8_t copy[DB_SIZE];

    if (!tree || !other)
        return;
    switch (hostile_below(&mutant->random, 4)) {
    case 0: /* swap two tables */
        memcpy(copy, tree, DB_SIZE);
        memmove(tree, other, DB_SIZE);
        memcpy(other, copy, DB_SIZE);
        break;
    case 1: /* both tables share one tree */
        memmove(tree, other, DB_SIZE);
        break;
    case 2: /* a page of any table becomes a table */
        put_native(tree + DB_ROOT, 8,
                   hostile_below(&mutant->random, hostile_page_count(mutant)));
        put_native(tree + DB_DEPTH, 2, 1 + hostile_below(&mutant->random, 3));
        break;
    default:
        hostile_change_native(mutant, tree + fields[field].at, fields[field].width);
    }
}

/* Overwrite a page with a branch page whose children are all the same page. */
static void write_branch(struct hostile_mutant *mutant, size_t number, size_t children,
                         uint64_t child)
{
    uint8_t *page = hostile_page(mutant, number);
    size_t size = hostile_page_size(mutant), node_size = NODE_HEAD + 4;
    size_t fit = (size - PAGE_HEAD) / (node_size + 2);

    children = children < fit ? children : fit;
    memset(page, 0, size);
    put_native(page + PAGE_NUMBER, 8, number);
    put_native(page + PAGE_FLAGS, 2, PAGE_BRANCH);
    put_native(page + PAGE_LOWER, 2, PAGE_HEAD + 2 * children);
    put_native(page + PAGE_UPPER, 2, size - node_size * children);
    for (size_t i = 0; i < children; i++) {
        uint8_t *node = page + size - node_size * (i + 1);

        put_native(page + PAGE_HEAD + 2 * i, 2, (size_t)(node - page));
        set_child(node, child);
        put_native(node + NODE_KEY_SIZE, 2, i ? 4 : 0);
        node[NODE_HEAD + 2] = (uint8_t)(i >> 8);
        node[NODE_HEAD + 3] = (uint8_t)i;
    }
}

/* Make a table of a few pages with countless leaves: each of its branches, which are new
 * pages, refers to the next one hundreds of times. */
static void make_ladder(struct hostile_mutant *mutant)
{
    size_t depth = 2 + hostile_below(&mutant->random, LC_PAGES_MAX_DEPTH);
    size_t size = hostile_page_size(mutant), number = hostile_page_count(mutant);
    uint8_t *tree = hostile_pick_tree(mutant);
    uint64_t child;

    if (!tree || lc_native_u16(tree + DB_DEPTH) == 0 ||
        (number + depth) * size > mutant->sound_size + HOSTILE_MOST_GROWTH)
        return;
    child = lc_native_u64(tree + DB_ROOT);
    if (hostile_below(&mutant->random, 2) || lc_native_u16(tree + DB_DEPTH) > 1)
        child = (size_t)(hostile_pick_page(mutant, PAGE_LEAF) - mutant->bytes) / size;
    mutant->size = (number + depth - 1) * size;
    for (size_t level = 1; level < depth; level++, number++) {
        write_branch(mutant, number, 2 + hostile_below(&mutant->random, 400), child);
        child = number;
    }
    put_native(newest_meta(mutant) + META_LAST_PAGE, 8, number - 1);
    put_native(tree + DB_ROOT, 8, child);
    put_native(tree + DB_DEPTH, 2, depth);
}

/* ---- changes of which page is where ---- */

static void copy_page(struct hostile_mutant *mutant)
{
    uint8_t *to = pick_any_page(mutant);
    uint8_t *from = hostile_pick_page(mutant, pick_kind(mutant));
    size_t skip = hostile_below(&mutant->random, 3) ? PAGE_FLAGS : 0; /* its number */

    memmove(to + skip, from + skip, hostile_page_size(mutant) - skip);
}

static void swap_pages(struct hostile_mutant *mutant)
{
    uint8_t *a = hostile_pick_page(mutant, pick_kind(mutant));
    uint8_t *b = hostile_pick_page(mutant, pick_kind(mutant));
    size_t from = hostile_below(&mutant->random, 3) ? PAGE_FLAGS : 0;

    for (size_t i = from; i < hostile_page_size(mutant); i++) {
        uint8_t byte = a[i];

        a[i] = b[i];
        b[i] = byte;
    }
}

static void splice_page(struct hostile_mutant *mutant)
{
    uint8_t *to = hostile_pick_page(mutant, pick_kind(mutant));
    const uint8_t *from = hostile_pick_page(mutant, pick_kind(mutant));
    size_t size = hostile_page_size(mutant);
    size_t at = hostile_below(&mutant->random, size);
    size_t count = 1 + hostile_below(&mutant->random, size - at);

    memmove(to + at, from + at, count);
}

/* ---- large values, free pages, meta pages, the file's size ---- */

static void change_overflow(struct hostile_mutant *mutant)
{
    uint8_t *page = hostile_pick_page(mutant, PAGE_OVERFLOW), *leaf, *node;
    size_t index, key;

    if (!hostile_below(&mutant->random, 3)) {
        hostile_change_native(mutant, page + PAGE_OVERFLOW_COUNT, 4);
        return;
    }
    node = pick_node(mutant, PAGE_LEAF, &leaf, &index);
    for (int tries = 0;
         node && tries < 64 && !(lc_native_u16(node + NODE_FLAGS) & NODE_BIG); tries++)
        node = pick_node(mutant, PAGE_LEAF, &leaf, &index);
    if (!node)
        return;
    key = lc_native_u16(node + NODE_KEY_SIZE);
    if (NODE_HEAD + key + 8 > hostile_page_size(mutant) - (size_t)(node - leaf))
        return;
    put_native(node + NODE_FLAGS, 2, NODE_BIG);
    switch (hostile_below(&mutant->random, 3)) {
    case 0:
        hostile_change_native(mutant, node + NODE_LOW, 4);
        break;
    case 1:
        hostile_change_native(mutant, node + NODE_HEAD + key, 8);
        break;
    default: /* another large value's pages, with or without their size */
        put_native(node + NODE_HEAD + key, 8,
                   (size_t)(page - mutant->bytes) / hostile_page_size(mutant));
        if (hostile_below(&mutant->random, 2))
            put_native(node + NODE_LOW, 4, hostile_below(&mutant->random, 3 * 4096));
    }
}

static void change_free_list(struct hostile_mutant *mutant)
{
    uint8_t *tree = newest_meta(mutant) + META_FREE_DB;
    uint64_t root = lc_native_u64(tree + DB_ROOT);

    if (root >= hostile_page_count(mutant) || !hostile_below(&mutant->random, 3)) {
        put_native(tree + DB_ROOT, 8,
                   hostile_below(&mutant->random, hostile_page_count(mutant)));
        put_native(tree + DB_DEPTH, 2, 1 + hostile_below(&mutant->random, 3));
        return;
    }
    hostile_change_native(
        mutant,
        hostile_page(mutant, root) +
            hostile_below(&mutant->random, hostile_page_size(mutant) / 8) * 8,
        8);
}

static void change_meta(struct hostile_mutant *mutant)
{
    static const struct {
        uint8_t at, width;
    } fields[] = {{META_MAGIC, 4},
                  {META_VERSION, 4},
                  {META_PAGE_SIZE, 4},
                  {META_FREE_DB + DB_FLAGS, 2},
                  {META_FREE_DB + DB_DEPTH, 2},
                  {META_FREE_DB + DB_ENTRIES, 8},
                  {META_FREE_DB + DB_ROOT, 8},
                  {META_MAIN_DB + DB_FLAGS, 2},
                  {META_MAIN_DB + DB_DEPTH, 2},
                  {META_MAIN_DB + DB_ENTRIES, 8},
                  {META_MAIN_DB + DB_ROOT, 8},
                  {META_LAST_PAGE, 8},
                  {META_TXN, 8},
                  {PAGE_FLAGS, 2}};
    size_t field = hostile_below(&mutant->random, sizeof(fields) / sizeof(fields[0]));
    uint8_t *page = hostile_below(&mutant->random, 4)
                        ? newest_meta(mutant)
                        : hostile_page(mutant, hostile_below(&mutant->random, 2));

    hostile_change_native(mutant, page + fields[field].at, fields[field].width);
}

static void change_size(struct hostile_mutant *mutant)
{
    size_t page = hostile_page_size(mutant), pages, growth;

    if (hostile_below(&mutant->random, 2)) { /* cut, but keep the meta pages */
        mutant->size = 2 * page + hostile_below(&mutant->random, mutant->size - 2 * page);
        if (hostile_below(&mutant->random, 2))
            mutant->size -= mutant->size % page;
    } else {
        growth = 1 + hostile_below(&mutant->random, 16 * page);
        if (mutant->size + growth > mutant->sound_size + HOSTILE_MOST_GROWTH)
            return;
        for (size_t i = 0; i < growth; i++)
            mutant->bytes[mutant->size + i] =
                hostile_below(&mutant->random, 2) ? 0 : mutant->bytes[i];
        mutant->size += growth;
    }
    pages = mutant->size / page;
    if (hostile_below(&mutant->random, 2))
        put_native(newest_meta(mutant) + META_LAST_PAGE, 8, pages ? pages - 1 : 0);
}

/* ---- all of them ---- */

static const struct hostile_change changes[] = {
    {"bits", false, flip_bits},
    {"bytes", false, set_bytes},
    {"page header", false, change_page_header},
    {"node offset", false, change_node_offset},
    {"node header", false, change_node_header},
    {"child", false, change_child},
    {"one child", false, repeat_child},
    {"tree", false, change_tree},
    {"ladder", false, make_ladder},
    {"copied page", false, copy_page},
    {"swapped pages", false, swap_pages},
    {"spliced page", false, splice_page},
    {"overflow", false, change_overflow},
    {"free list", false, change_free_list},
    {"meta page", false, change_meta},
    {"file size", false, change_size},
    {"number", true, hostile_lie_number},
    {"meta record", true, hostile_lie_meta},
    {"text", true, hostile_lie_text},
    {"copied record", true, hostile_lie_copy},
    {"key", true, hostile_lie_key},
    {"short record", true, hostile_lie_short},
    {"rewritten", true, hostile_lie_rewrite},
};

enum { CHANGE_COUNT = sizeof(changes) / sizeof(changes[0]) };

const struct hostile_change *hostile_change_at(size_t index)
{
    return index < CHANGE_COUNT ? &changes[index] : NULL;
}

uint64_t hostile_mutate(struct hostile_mutant *mutant, uint64_t seed)
{
    uint64_t applied = 0;
    size_t count, kind;
    bool lies;

    mutant->random = (struct hostile_random){seed};
    memcpy(mutant->bytes, mutant->sound, mutant->sound_size);
    mutant->size = mutant->sound_size;
    /* most have one or two changes, because many changes would hide each other */
    count = 1 + hostile_below(&mutant->random, MOST_CHANGES) *
                    hostile_below(&mutant->random, 2);
    lies = hostile_below(&mutant->random, 3) == 0;
    while (count) {
        kind = hostile_below(&mutant->random, CHANGE_COUNT);
        if (changes[kind].is_lie != lies)
            continue;
        changes[kind].apply(mutant);
        applied |= UINT64_C(1) << kind;
        count--;
    }
    return applied;
}

/* pages_layout.h - the layout of LMDB 0.9's pages; private to src/index/read/pages*.c
 *
 * Offsets are in bytes. Numbers are in the machine's byte order and may be unaligned.
 * Source: lmdb 0.9.24, mdb.c, on a 64-bit machine (mdb_size_t is 8 bytes).
 */
#ifndef LC_INDEX_READ_PAGES_LAYOUT_H
#define LC_INDEX_READ_PAGES_LAYOUT_H

#include "index/read/pages.h"

#include <string.h>

enum {
    /* MDB_page */
    PAGE_NUMBER = 0,          /* u64 */
    PAGE_FLAGS = 10,          /* u16 */
    PAGE_LOWER = 12,          /* u16: end of the node offsets */
    PAGE_UPPER = 14,          /* u16: start of the nodes */
    PAGE_OVERFLOW_COUNT = 12, /* u32: number of pages of an overflow run */
    PAGE_HEAD = 16,

    /* P_*: kinds of pages; a finished file has no others */
    PAGE_BRANCH = 0x01,
    PAGE_LEAF = 0x02,
    PAGE_OVERFLOW = 0x04,
    PAGE_META = 0x08,

    /* MDB_node: in a leaf it has a value size of 32 bits, in a branch a page number of
     * 48 */
    NODE_LOW = 0,      /* two u16, in the machine's byte order */
    NODE_FLAGS = 4,    /* u16 */
    NODE_KEY_SIZE = 6, /* u16 */
    NODE_HEAD = 8,
    NODE_BIG = 0x01,  /* F_BIGDATA: the value is in overflow pages */
    NODE_TREE = 0x02, /* F_SUBDATA: the value is an MDB_db */

    /* MDB_db */
    DB_PAD = 0,   /* u32 */
    DB_FLAGS = 4, /* u16 */
    DB_DEPTH = 6, /* u16 */
    DB_BRANCH_PAGES = 8,
    DB_LEAF_PAGES = 16,
    DB_OVERFLOW_PAGES = 24,
    DB_ENTRIES = 32,
    DB_ROOT = 40,
    DB_SIZE = 48,

    /* MDB_meta, after the page's head */
    META_MAGIC = PAGE_HEAD,
    META_VERSION = PAGE_HEAD + 4,
    META_FREE_DB = PAGE_HEAD + 24,
    META_PAGE_SIZE = META_FREE_DB + DB_PAD,
    META_MAIN_DB = META_FREE_DB + DB_SIZE,
    META_LAST_PAGE = META_MAIN_DB + DB_SIZE,
    META_TXN = META_LAST_PAGE + 8,
    META_SIZE = META_TXN + 8,

    FIRST_PAGE = 2, /* after the two meta pages */
    VERSION = 1,
};

#define MAGIC 0xBEEFC0DEU
#define NO_PAGE UINT64_MAX /* P_INVALID */

static inline uint16_t lc_native_u16(const uint8_t *in)
{
    uint16_t value;

    memcpy(&value, in, sizeof(value));
    return value;
}

static inline uint32_t lc_native_u32(const uint8_t *in)
{
    uint32_t value;

    memcpy(&value, in, sizeof(value));
    return value;
}

static inline uint64_t lc_native_u64(const uint8_t *in)
{
    uint64_t value;

    memcpy(&value, in, sizeof(value));
    return value;
}

/** mn_lo and mn_hi as one number. */
static inline uint32_t lc_node_low(const uint8_t *node)
{
    uint16_t first = lc_native_u16(node + NODE_LOW);
    uint16_t second = lc_native_u16(node + NODE_LOW + 2);

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return first | (uint32_t)second << 16;
#else
    return second | (uint32_t)first << 16;
#endif
}

/** A node of a branch or leaf page. */
struct lc_node {
    uint16_t flags; /* only in a leaf */
    uint64_t child; /* page number: of the child page, or of a large value */
    uint32_t size;  /* of the value; only in a leaf */
    struct lc_span key;
    struct lc_span value; /* as stored in the page: for a large value its page number */
};

/* Functions that cursors and the audit share. Each checks everything that it reads.
 * Errors: LC_ERR_INDEX. */

/** Get a branch or leaf page by its number. It has at least one node. */
LC_MUST_CHECK enum lc_status lc_page_at(const struct lc_pages *pages, uint64_t number,
                                        uint16_t kind, const uint8_t **out,
                                        unsigned *count, struct lc_error *err);

/** Read a node of such a page; index is less than its count. */
LC_MUST_CHECK enum lc_status lc_page_node(const struct lc_pages *pages,
                                          const uint8_t *page, unsigned index,
                                          struct lc_node *out, struct lc_error *err);

/** Find the overflow pages of a large value: sets node->value to the value itself and
 * *count to the number of its pages. */
LC_MUST_CHECK enum lc_status lc_page_overflow(const struct lc_pages *pages,
                                              struct lc_node *node, uint64_t *count,
                                              struct lc_error *err);

/** Compare keys in LMDB's order: by bytes; a prefix sorts before any longer key. */
int lc_page_compare(struct lc_span a, struct lc_span b);

#endif

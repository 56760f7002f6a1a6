/* pages.h - reads a finished LMDB file without LMDB; private to src/index
 *
 * An index may come with a stranger's data. LMDB maps its file and follows the page
 * numbers, offsets and sizes in it unchecked: one altered byte makes it read out of
 * bounds, write through a cursor, or abort in an assertion. So LMDB only opens files that
 * this process created, and all reading of finished indexes happens here.
 *
 * Safety: every page number, node offset, key size and value size is compared with the
 * bounds of its page and of the file when it is used, so no content of a file can make a
 * cursor read outside the mapping.
 *
 * Termination: a descent takes exactly as many steps as the tree claims to be deep, at
 * most LC_PAGES_MAX_DEPTH. A walk has a budget: as many leaf and overflow pages as the
 * file has. In a sound tree a walk visits each of them once, so it stays within the
 * budget. A cycle, or a page with several parents, makes it visit pages again until the
 * budget is used up. A walk also stops at a key that is not greater than the previous
 * one, so it returns each key once, however often the nodes of a page refer to the same
 * bytes. The total cost of look-ups made during a walk is limited elsewhere:
 * lc_index_spend in reader.h.
 *
 * Not detected: wrong values, and keys out of order that no walk reaches. They can only
 * make a look-up miss. lc_pages_audit and lc_index_examine find them.
 *
 * The layout is that of LMDB 0.9 (MDB_DATA_VERSION 1), 64-bit, in the machine's byte
 * order, restricted to what an index uses: unique keys (no DUPSORT) in byte-wise order.
 * Source: lmdb 0.9.24, libraries/liblmdb/mdb.c: MDB_page, MDB_node, MDB_db, MDB_meta.
 */
#ifndef LC_INDEX_READ_PAGES_H
#define LC_INDEX_READ_PAGES_H

#include "base/error.h"
#include "index/format/records.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** LMDB's CURSOR_STACK: the maximum depth of a tree. */
#define LC_PAGES_MAX_DEPTH 32

/** A B+ tree of pages, which is one table. All zero is empty. */
struct lc_tree {
    uint64_t root; /* page number */
    /* as recorded in the file, like the counts below; for lc_pages_audit */
    uint64_t entries;
    uint64_t branch_pages, leaf_pages, overflow_pages;
    uint16_t depth; /* number of levels including the leaves; 0: the tree is empty */
};

/** A mapped file. */
struct lc_pages {
    const uint8_t *bytes;
    size_t size;      /* of the mapping, in bytes */
    size_t page_size; /* a power of two from 512 to 65,536 */
    uint64_t count;   /* number of pages in use */
    struct lc_tree main;
    struct lc_tree free; /* the free list: pages that no tree uses, by transaction */
};

/**
 * Map a file and find its last committed state.
 *
 * @param fd    a regular file; it may be closed afterwards
 * @param size  number of bytes that belong to LMDB; the file must not shrink while it is
 *              mapped
 *
 * Owner:   the caller, lc_pages_clear. Spans that cursors return point into the mapping.
 * Errors:  LC_ERR_INDEX (not an LMDB file, another version, or truncated), LC_ERR_IO,
 *          LC_ERR_MEMORY (it cannot be mapped).
 * Threads: any number may read at the same time.
 */
LC_MUST_CHECK enum lc_status lc_pages_open(int fd, uint64_t size, struct lc_pages *out,
                                           struct lc_error *err);

/**
 * Copy the file into memory that replaces its mapping, at the same address: spans remain
 * valid, and the file may shrink.
 *
 * Errors: LC_ERR_INDEX (it has shrunk already), LC_ERR_MEMORY; it then remains mapped.
 */
LC_MUST_CHECK enum lc_status lc_pages_detach(struct lc_pages *pages,
                                             struct lc_error *err);

/** Unmap. Accepts a zeroed struct. */
void lc_pages_clear(struct lc_pages *pages);

/**
 * Find a named tree (LMDB: a named database).
 *
 * Errors: LC_ERR_INDEX: no tree has this name, or it is malformed.
 */
LC_MUST_CHECK enum lc_status lc_pages_find_tree(const struct lc_pages *pages,
                                                const char *name, struct lc_tree *out,
                                                struct lc_error *err);

/** A position in a tree. It owns nothing, so it needs no clean-up. */
struct lc_cursor {
    const struct lc_pages *pages;
    struct lc_tree tree;
    uint64_t budget; /* number of leaf and overflow pages that may still be visited */
    struct lc_span key;
    struct lc_span value;
    struct {
        const uint8_t *page;
        unsigned index; /* index of the node on the path */
        unsigned count; /* number of nodes */
    } path[LC_PAGES_MAX_DEPTH];
    bool has_pair; /* the path leads to a pair */
};

/** Initialise a cursor without a position; the first lc_cursor_next goes to the first
 * pair. */
void lc_cursor_begin(struct lc_cursor *cursor, const struct lc_pages *pages,
                     const struct lc_tree *tree);

/* Move the cursor. *found is set to whether the pair exists. If so, key and value are
 * set, and live as long as the pages; if not, the cursor has no position. A span's text
 * is not NULL even if it is empty. Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_cursor_first(struct lc_cursor *cursor, bool *found,
                                             struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_cursor_last(struct lc_cursor *cursor, bool *found,
                                            struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_cursor_next(struct lc_cursor *cursor, bool *found,
                                            struct lc_error *err);

/** Go to the first pair whose key is not less than the given one. */
LC_MUST_CHECK enum lc_status lc_cursor_seek(struct lc_cursor *cursor, struct lc_span key,
                                            bool *found, struct lc_error *err);

/** Go to the last pair whose key is not greater than the given one. */
LC_MUST_CHECK enum lc_status lc_cursor_seek_back(struct lc_cursor *cursor,
                                                 struct lc_span key, bool *found,
                                                 struct lc_error *err);

/** Called for each fault of the pages; `what` contains no text from the file. */
typedef void lc_page_fault_fn(void *user, const char *what);

/**
 * Check every page: that it belongs to exactly one tree or to the free list, is of the
 * kind that its parent expects, stays within bounds, and contains keys in order and
 * within the range of its parent; and that the counts recorded for each tree are right. A
 * file that passes is safe to open with LMDB too.
 *
 * Cost: one pass over the branch and leaf pages; one bit of memory for each page.
 * Errors: LC_ERR_MEMORY; faults are not errors.
 */
LC_MUST_CHECK enum lc_status lc_pages_audit(const struct lc_pages *pages,
                                            lc_page_fault_fn *on_fault, void *user,
                                            struct lc_error *err);

#endif

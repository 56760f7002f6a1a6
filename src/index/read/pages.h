/* pages.h - a finished LMDB file, read without LMDB; private to src/index
 *
 * An index may come with a stranger's data. LMDB maps its file and follows the page
 * numbers, offsets and sizes in it unchecked: one altered byte reads out of bounds,
 * writes through a cursor, or ends the process in an assertion. So LMDB only ever opens
 * files that this process creates; whatever is read is read here.
 *
 * Safety: every page number, node offset, key size and value size is compared with the
 * file's size at the moment it is used, so nothing that a file holds can make a cursor
 * read outside the mapping. Termination: a descent takes exactly as many steps as the
 * tree says it is deep (at most LC_PAGES_MAX_DEPTH), and a walk gives up after as many
 * leaf and overflow pages as the file has: a sound tree visits each once, a cycle or a
 * page with many parents visits some again. Size: a walk also gives up at a key that is
 * not greater than the one before it, so that it finds each key once, however often the
 * nodes of a page refer to the same bytes. What is not detected: wrong values, and keys
 * out of order where no walk goes. They make a look-up miss, no more; lc_pages_audit and
 * lc_index_examine look for them.
 *
 * The layout is LMDB 0.9's (MDB_DATA_VERSION 1), 64-bit, in the machine's byte order,
 * with the features that an index uses: no duplicate keys (DUPSORT), byte-wise key order.
 * Source: lmdb 0.9.24, libraries/liblmdb/mdb.c: MDB_page, MDB_node, MDB_db, MDB_meta.
 */
#ifndef LC_INDEX_READ_PAGES_H
#define LC_INDEX_READ_PAGES_H

#include "base/error.h"
#include "index/format/records.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** LMDB's CURSOR_STACK: no tree is deeper. */
#define LC_PAGES_MAX_DEPTH 32

/** A B+ tree of pages: one table. All zero: an empty one. */
struct lc_tree {
    uint64_t root;    /* page number */
    uint64_t entries; /* as the file says; for lc_pages_audit */
    uint64_t branch_pages, leaf_pages, overflow_pages;
    uint16_t depth; /* levels, leaves included; 0: the tree is empty */
};

/** A mapped file. */
struct lc_pages {
    const uint8_t *bytes;
    size_t size;      /* of the mapping */
    size_t page_size; /* a power of two from 512 to 65,536 */
    uint64_t count;   /* pages in use: the last one's number + 1 */
    struct lc_tree main;
    struct lc_tree free; /* pages that no tree uses, by transaction */
};

/**
 * Map a file and find its newest committed state.
 *
 * @param fd    a regular file; not needed afterwards
 * @param size  bytes of it that belong to the environment; must not shrink while it is
 * mapped
 *
 * Owner:   the caller, lc_pages_clear. Spans that cursors hand out point into the
 * mapping. Errors:  LC_ERR_INDEX (not LMDB's format, another page size or version, the
 * end is missing), LC_ERR_IO, LC_ERR_MEMORY (it cannot be mapped). Threads: any number
 * may read at the same time.
 */
LC_MUST_CHECK enum lc_status lc_pages_open(int fd, uint64_t size, struct lc_pages *out,
                                           struct lc_error *err);

/** Unmap. Accepts a zeroed struct. */
void lc_pages_clear(struct lc_pages *pages);

/**
 * Find a named tree (LMDB: a named database).
 *
 * Errors: LC_ERR_INDEX: there is none of this name, or it is malformed.
 */
LC_MUST_CHECK enum lc_status lc_pages_find_tree(const struct lc_pages *pages,
                                                const char *name, struct lc_tree *out,
                                                struct lc_error *err);

/** A position in a tree. It lives on the caller's stack, and holds nothing to free. */
struct lc_cursor {
    const struct lc_pages *pages;
    struct lc_tree tree;
    uint64_t budget; /* leaf and overflow pages that may still be visited */
    struct lc_span key;
    struct lc_span value;
    struct {
        const uint8_t *page;
        unsigned index; /* of the node taken */
        unsigned count; /* of nodes */
    } path[LC_PAGES_MAX_DEPTH];
    bool placed; /* path leads to a pair */
};

/** Begin: the cursor is nowhere; the first lc_cursor_next goes to the first pair. */
void lc_cursor_begin(struct lc_cursor *cursor, const struct lc_pages *pages,
                     const struct lc_tree *tree);

/* Move. *there says whether there is such a pair; key and value are then set, and stay
 * valid as long as the pages. After a move that finds none the cursor is nowhere. A
 * span's text is never NULL here, even when it is empty. Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_cursor_first(struct lc_cursor *cursor, bool *there,
                                             struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_cursor_last(struct lc_cursor *cursor, bool *there,
                                            struct lc_error *err);
LC_MUST_CHECK enum lc_status lc_cursor_next(struct lc_cursor *cursor, bool *there,
                                            struct lc_error *err);

/** Go to the first pair whose key is not less than some bytes. */
LC_MUST_CHECK enum lc_status lc_cursor_seek(struct lc_cursor *cursor, struct lc_span key,
                                            bool *there, struct lc_error *err);

/** Go to the last pair whose key is not greater than some bytes. */
LC_MUST_CHECK enum lc_status lc_cursor_seek_back(struct lc_cursor *cursor,
                                                 struct lc_span key, bool *there,
                                                 struct lc_error *err);

/** Called for each fault of the pages; what has no foreign text in it. */
typedef void lc_page_fault_fn(void *user, const char *what);

/**
 * Look at every page: each belongs to exactly one tree or to the free list, is of the
 * kind that its parent expects, lies within bounds, holds its keys in order and within
 * those of its parent, and the counts that the trees keep of themselves are right. What
 * passes is safe to open with LMDB, too.
 *
 * Cost: one pass over the branch and leaf pages, a bit of memory for each page.
 * Errors: LC_ERR_MEMORY; faults are not errors.
 */
LC_MUST_CHECK enum lc_status lc_pages_audit(const struct lc_pages *pages,
                                            lc_page_fault_fn *on_fault, void *user,
                                            struct lc_error *err);

#endif

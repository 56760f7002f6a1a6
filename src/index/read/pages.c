#include "index/read/pages.h"

#include "index/read/pages_layout.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static enum lc_status damaged(struct lc_error *err, const char *what)
{
    return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: %s", what);
}

/* ---- the file ---- */

/* Read an MDB_db record. A cursor checks its root when it goes there. */
static bool read_tree_record(const uint8_t *bytes, struct lc_tree *out)
{
    out->depth = lc_native_u16(bytes + DB_DEPTH);
    out->branch_pages = lc_native_u64(bytes + DB_BRANCH_PAGES);
    out->leaf_pages = lc_native_u64(bytes + DB_LEAF_PAGES);
    out->overflow_pages = lc_native_u64(bytes + DB_OVERFLOW_PAGES);
    out->entries = lc_native_u64(bytes + DB_ENTRIES);
    out->root = lc_native_u64(bytes + DB_ROOT);
    return out->depth <= LC_PAGES_MAX_DEPTH &&
           (out->root == NO_PAGE) == (out->depth == 0);
}

/* The same for a table. Set flags would mean that its keys are ordered or stored
 * differently, so none are allowed. The free list's record is read without this check:
 * its flags include those of the environment. */
static bool read_table(const uint8_t *bytes, struct lc_tree *out)
{
    return lc_native_u16(bytes + DB_FLAGS) == 0 && read_tree_record(bytes, out);
}

/* Whether a page is a meta page of the supported format. */
static bool is_meta(const uint8_t *page)
{
    return lc_native_u16(page + PAGE_FLAGS) & PAGE_META &&
           lc_native_u32(page + META_MAGIC) == MAGIC &&
           lc_native_u32(page + META_VERSION) == VERSION;
}

/* Read the newer of the two meta pages, which is also the one that LMDB uses. */
static enum lc_status read_metas(struct lc_pages *pages, struct lc_error *err)
{
    const uint8_t *first = pages->bytes, *second, *newest;
    uint64_t last;

    if (pages->size < META_SIZE || !is_meta(first))
        return damaged(err, "not an LMDB file of a supported version");
    pages->page_size = lc_native_u32(first + META_PAGE_SIZE);
    if (pages->page_size < 512 || pages->page_size > 65536 ||
        pages->page_size & (pages->page_size - 1))
        return damaged(err, "invalid page size");
    if (pages->size < 2 * pages->page_size)
        return damaged(err, "the file is truncated");
    second = first + pages->page_size;
    if (!is_meta(second) ||
        lc_native_u32(second + META_PAGE_SIZE) != (uint32_t)pages->page_size)
        return damaged(err, "not an LMDB file of a supported version");
    newest = lc_native_u64(first + META_TXN) < lc_native_u64(second + META_TXN) ? second
                                                                                : first;
    last = lc_native_u64(newest + META_LAST_PAGE);
    if (last < 1 || last >= pages->size / pages->page_size)
        return damaged(err, "the file is truncated");
    pages->count = last + 1;
    return read_tree_record(newest + META_FREE_DB, &pages->free) &&
                   read_table(newest + META_MAIN_DB, &pages->main)
               ? LC_OK
               : damaged(err, "malformed list of tables");
}

enum lc_status lc_pages_open(int fd, uint64_t size, struct lc_pages *out,
                             struct lc_error *err)
{
    struct lc_pages pages = {.size = (size_t)size};
    enum lc_status status;
    void *map;

    if (size < META_SIZE)
        return damaged(err, "the file is truncated");
    if (size > SIZE_MAX / 2)
        return lc_fail_memory(err);
    /* MAP_PRIVATE: some file systems (FUSE with direct_io) do not support MAP_SHARED */
    map = mmap(NULL, pages.size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return lc_fail_errno(err, "map the index");
    pages.bytes = map;
    status = read_metas(&pages, err);
    if (status == LC_OK)
        *out = pages;
    else
        lc_pages_clear(&pages);
    return status;
}

/* Copy the pages into a file. The system reads them: where the mapped file has shrunk, it
 * returns EFAULT, while reading them here would raise SIGBUS. */
static enum lc_status copy_to(int fd, const struct lc_pages *pages, struct lc_error *err)
{
    for (size_t done = 0; done < pages->size;) {
        ssize_t n = write(fd, pages->bytes + done, pages->size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EFAULT ? damaged(err, "the file was truncated")
                                   : lc_fail_memory(err);
        done += (size_t)n;
    }
    return LC_OK;
}

enum lc_status lc_pages_detach(struct lc_pages *pages, struct lc_error *err)
{
    int fd = memfd_create("llava-check index", MFD_CLOEXEC);
    enum lc_status status;

    if (fd < 0)
        return lc_fail_memory(err);
    status = copy_to(fd, pages, err);
    if (status == LC_OK) { /* the copy takes the place of the mapping */
        void *map = mmap((void *)(uintptr_t)pages->bytes, pages->size, PROT_READ,
                         MAP_PRIVATE | MAP_FIXED, fd, 0);

        if (map == MAP_FAILED)
            status = lc_fail_memory(err);
        else
            pages->bytes = map; /* the same address */
    }
    close(fd);
    return status;
}

void lc_pages_clear(struct lc_pages *pages)
{
    if (pages->bytes)
        (void)munmap((void *)(uintptr_t)pages->bytes, pages->size);
    *pages = (struct lc_pages){0};
}

/* ---- pages and nodes ---- */

enum lc_status lc_page_at(const struct lc_pages *pages, uint64_t number, uint16_t kind,
                          const uint8_t **out, unsigned *count, struct lc_error *err)
{
    const uint8_t *page;
    unsigned lower, upper;

    if (number < FIRST_PAGE || number >= pages->count)
        return damaged(err, "a page number is out of range");
    page = pages->bytes + number * pages->page_size;
    if (lc_native_u64(page + PAGE_NUMBER) != number ||
        lc_native_u16(page + PAGE_FLAGS) != kind)
        return damaged(err, "a page is not the one that its parent refers to");
    lower = lc_native_u16(page + PAGE_LOWER);
    upper = lc_native_u16(page + PAGE_UPPER);
    /* an empty page of 65,536 bytes has the upper bound 65,536, which becomes 0 in 16
     * bits */
    if (lower < PAGE_HEAD || lower % 2 || lower > pages->page_size ||
        (upper ? upper < lower || upper > pages->page_size : pages->page_size != 65536))
        return damaged(err, "invalid bounds of a page");
    *out = page;
    *count = (lower - PAGE_HEAD) / 2;
    return *count ? LC_OK : damaged(err, "a page is empty");
}

enum lc_status lc_page_node(const struct lc_pages *pages, const uint8_t *page,
                            unsigned index, struct lc_node *out, struct lc_error *err)
{
    size_t at, available, stored_size;
    uint16_t flags;
    bool is_leaf;

    assert(page);
    at = lc_native_u16(page + PAGE_HEAD + 2 * (size_t)index);
    is_leaf = lc_native_u16(page + PAGE_FLAGS) & PAGE_LEAF;
    if (at < lc_native_u16(page + PAGE_LOWER) || at % 2 ||
        at + NODE_HEAD > pages->page_size)
        return damaged(err, "invalid offset of a node");
    available = pages->page_size - at - NODE_HEAD;
    page += at;
    flags = lc_native_u16(page + NODE_FLAGS);
    *out = (struct lc_node){
        .flags = is_leaf ? flags : 0,
        .key = {(const char *)page + NODE_HEAD, lc_native_u16(page + NODE_KEY_SIZE)},
        .size = lc_node_low(page),
    };
    if (!is_leaf) { /* 48 bits of page number in place of size and flags */
        out->child = out->size | (uint64_t)flags << 32;
        return out->key.size <= available ? LC_OK : damaged(err, "invalid size of a key");
    }
    stored_size = flags & NODE_BIG ? sizeof(uint64_t) : out->size;
    if (flags & ~(NODE_BIG | NODE_TREE) || out->key.size > available ||
        stored_size > available - out->key.size)
        return damaged(err, "invalid size of a value");
    out->value = (struct lc_span){out->key.text + out->key.size, stored_size};
    if (flags & NODE_BIG)
        out->child = lc_native_u64((const uint8_t *)out->value.text);
    return LC_OK;
}

enum lc_status lc_page_overflow(const struct lc_pages *pages, struct lc_node *node,
                                uint64_t *count, struct lc_error *err)
{
    const uint8_t *page;

    if (node->child < FIRST_PAGE || node->child >= pages->count)
        return damaged(err, "a page number is out of range");
    page = pages->bytes + node->child * pages->page_size;
    *count = lc_native_u32(page + PAGE_OVERFLOW_COUNT);
    if (lc_native_u64(page + PAGE_NUMBER) != node->child ||
        lc_native_u16(page + PAGE_FLAGS) != PAGE_OVERFLOW)
        return damaged(err, "a page is not the one that its parent refers to");
    if (!*count || *count > pages->count - node->child ||
        node->size > *count * pages->page_size - PAGE_HEAD)
        return damaged(err, "invalid size of a large value");
    node->value = (struct lc_span){(const char *)page + PAGE_HEAD, node->size};
    return LC_OK;
}

/* ---- cursors ---- */

void lc_cursor_begin(struct lc_cursor *cursor, const struct lc_pages *pages,
                     const struct lc_tree *tree)
{
    *cursor = (struct lc_cursor){.pages = pages, .tree = *tree, .budget = pages->count};
}

/* Charge visited pages to the cursor's budget. */
static enum lc_status charge(struct lc_cursor *cursor, uint64_t count,
                             struct lc_error *err)
{
    if (count > cursor->budget)
        return damaged(err, "a page is used more than once");
    cursor->budget -= count;
    return LC_OK;
}

/* Make a page one level of the cursor's path. */
static enum lc_status enter_page(struct lc_cursor *cursor, unsigned level,
                                 uint64_t number, struct lc_error *err)
{
    bool is_leaf = level + 1U == cursor->tree.depth;
    enum lc_status status = is_leaf ? charge(cursor, 1, err) : LC_OK;

    return status == LC_OK
               ? lc_page_at(cursor->pages, number, is_leaf ? PAGE_LEAF : PAGE_BRANCH,
                            &cursor->path[level].page, &cursor->path[level].count, err)
               : status;
}

/* Set key and value to the pair at the end of the path. */
static enum lc_status load_pair(struct lc_cursor *cursor, struct lc_error *err)
{
    unsigned leaf = cursor->tree.depth - 1U;
    struct lc_node node = {0};
    uint64_t count = 0;
    enum lc_status status = lc_page_node(cursor->pages, cursor->path[leaf].page,
                                         cursor->path[leaf].index, &node, err);

    if (status == LC_OK && node.flags & NODE_BIG) {
        status = lc_page_overflow(cursor->pages, &node, &count, err);
        if (status == LC_OK)
            status = charge(cursor, count, err);
    }
    if (status != LC_OK)
        return status;
    cursor->key = node.key;
    cursor->value = node.value;
    cursor->has_pair = true;
    return LC_OK;
}

/* Descend from the branch node at a level of the path to the first or last leaf node
 * below it. */
static enum lc_status descend(struct lc_cursor *cursor, unsigned level, bool last,
                              struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (; level + 1U < cursor->tree.depth && status == LC_OK; level++) {
        struct lc_node node = {0};

        status = lc_page_node(cursor->pages, cursor->path[level].page,
                              cursor->path[level].index, &node, err);
        if (status == LC_OK)
            status = enter_page(cursor, level + 1U, node.child, err);
        if (status == LC_OK)
            cursor->path[level + 1U].index =
                last ? cursor->path[level + 1U].count - 1U : 0;
    }
    return status;
}

static enum lc_status go_to_end(struct lc_cursor *cursor, bool last, bool *found,
                                struct lc_error *err)
{
    enum lc_status status;

    cursor->has_pair = *found = false;
    if (!cursor->tree.depth)
        return LC_OK;
    status = enter_page(cursor, 0, cursor->tree.root, err);
    if (status != LC_OK)
        return status;
    cursor->path[0].index = last ? cursor->path[0].count - 1U : 0;
    status = descend(cursor, 0, last, err);
    if (status == LC_OK)
        status = load_pair(cursor, err);
    *found = status == LC_OK;
    return status;
}

enum lc_status lc_cursor_first(struct lc_cursor *cursor, bool *found,
                               struct lc_error *err)
{
    return go_to_end(cursor, false, found, err);
}

enum lc_status lc_cursor_last(struct lc_cursor *cursor, bool *found, struct lc_error *err)
{
    return go_to_end(cursor, true, found, err);
}

/* Go to the previous or next pair: up to the lowest level that has another node on that
 * side, to that node, and down again. */
static enum lc_status step(struct lc_cursor *cursor, bool back, bool *found,
                           struct lc_error *err)
{
    enum lc_status status;
    unsigned level = cursor->tree.depth;

    *found = cursor->has_pair = false;
    while (level-- > 0) {
        unsigned index = cursor->path[level].index;

        if (back ? index > 0 : index + 1U < cursor->path[level].count) {
            cursor->path[level].index = back ? index - 1U : index + 1U;
            status = descend(cursor, level, back, err);
            if (status == LC_OK)
                status = load_pair(cursor, err);
            *found = status == LC_OK;
            return status;
        }
    }
    return LC_OK;
}

int lc_page_compare(struct lc_span a, struct lc_span b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size ? memcmp(a.text, b.text, size) : 0;

    return order ? order : (a.size > b.size) - (a.size < b.size);
}

enum lc_status lc_cursor_next(struct lc_cursor *cursor, bool *found, struct lc_error *err)
{
    struct lc_span previous = cursor->key;
    enum lc_status status;

    if (!cursor->has_pair)
        return go_to_end(cursor, false, found, err);
    status = step(cursor, false, found, err);
    if (status != LC_OK || !*found || lc_page_compare(previous, cursor->key) < 0)
        return status;
    cursor->has_pair = *found = false;
    return damaged(err, "keys are out of order");
}

/* Binary search for the first node of a page, starting at `from`, whose key is not less
 * than the given one; *out is `count` if there is none. A branch's first key is less than
 * any other by definition, so branches are searched from their second node. */
static enum lc_status search_page(const struct lc_pages *pages, const uint8_t *page,
                                  unsigned from, unsigned count, struct lc_span key,
                                  unsigned *out, bool *equal, struct lc_error *err)
{
    unsigned low = from, high = count;
    enum lc_status status = LC_OK;

    *equal = false;
    while (low < high && status == LC_OK) {
        unsigned middle = low + (high - low) / 2;
        struct lc_node node = {0};
        int order;

        status = lc_page_node(pages, page, middle, &node, err);
        if (status != LC_OK)
            break;
        order = lc_page_compare(node.key, key);
        if (order == 0)
            *equal = true;
        if (order < 0)
            low = middle + 1U;
        else
            high = middle;
    }
    *out = low;
    return status;
}

enum lc_status lc_cursor_seek(struct lc_cursor *cursor, struct lc_span key, bool *found,
                              struct lc_error *err)
{
    enum lc_status status = LC_OK;
    uint64_t number = cursor->tree.root;
    unsigned leaf = cursor->tree.depth - 1U;

    *found = cursor->has_pair = false;
    if (!cursor->tree.depth)
        return LC_OK;
    for (unsigned level = 0; level < cursor->tree.depth && status == LC_OK; level++) {
        struct lc_node node = {0};
        bool equal = false;

        status = enter_page(cursor, level, number, err);
        if (status == LC_OK)
            status = search_page(cursor->pages, cursor->path[level].page, level < leaf,
                                 cursor->path[level].count, key,
                                 &cursor->path[level].index, &equal, err);
        if (status != LC_OK || level == leaf)
            break;
        if (!equal) /* the key belongs below the last node that is not greater */
            cursor->path[level].index--;
        status = lc_page_node(cursor->pages, cursor->path[level].page,
                              cursor->path[level].index, &node, err);
        number = node.child;
    }
    if (status != LC_OK)
        return status;
    if (cursor->path[leaf].index < cursor->path[leaf].count)
        status = load_pair(cursor, err);
    else /* all keys of the leaf are less: go to the pair after its last one */
        return cursor->path[leaf].index--, step(cursor, false, found, err);
    *found = status == LC_OK;
    return status;
}

enum lc_status lc_cursor_seek_back(struct lc_cursor *cursor, struct lc_span key,
                                   bool *found, struct lc_error *err)
{
    enum lc_status status = lc_cursor_seek(cursor, key, found, err);

    if (status != LC_OK || (*found && lc_page_compare(cursor->key, key) == 0))
        return status;
    return *found ? step(cursor, true, found, err) : go_to_end(cursor, true, found, err);
}

enum lc_status lc_pages_find_tree(const struct lc_pages *pages, const char *name,
                                  struct lc_tree *out, struct lc_error *err)
{
    struct lc_span key = {name, strlen(name)};
    unsigned leaf = pages->main.depth - 1U;
    struct lc_cursor cursor;
    struct lc_node node = {0};
    bool found = false;
    enum lc_status status;

    lc_cursor_begin(&cursor, pages, &pages->main);
    status = lc_cursor_seek(&cursor, key, &found, err);
    if (status == LC_OK && (!found || lc_page_compare(cursor.key, key) != 0))
        return lc_fail(err, LC_ERR_INDEX, 0,
                       "the file is damaged or not an index: it has no table '%s'", name);
    if (status == LC_OK)
        status = lc_page_node(pages, cursor.path[leaf].page, cursor.path[leaf].index,
                              &node, err);
    if (status != LC_OK)
        return status;
    return node.flags == NODE_TREE && cursor.value.size == DB_SIZE &&
                   read_table((const uint8_t *)cursor.value.text, out)
               ? LC_OK
               : damaged(err, "malformed list of tables");
}

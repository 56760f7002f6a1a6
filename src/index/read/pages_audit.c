/* lc_pages_audit: walks every tree of the file, and marks each page that it meets in a
 * bit set. A page that is marked already has two parents or is part of a cycle: it is
 * reported, and not entered again, so the walk visits no page twice and ends. Pages that
 * are unmarked at the end belong to no tree and no free list. */
#include "index/read/pages.h"

#include "index/read/pages_layout.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct audit {
    const struct lc_pages *pages;
    uint8_t *used; /* one bit for each page */
    lc_page_fault_fn *on_fault;
    void *user;
};

/* A tree that is being walked, and the counts so far. */
struct tree_audit {
    struct audit *audit;
    const struct lc_tree *tree;
    const char *name;
    struct lc_tree found;
};

__attribute__((format(printf, 2, 3))) static void fault(struct audit *audit,
                                                        const char *format, ...)
{
    char what[256];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    audit->on_fault(audit->user, what);
}

static bool is_used(const struct audit *audit, uint64_t page)
{
    return audit->used[page / 8] >> page % 8 & 1;
}

/* Mark pages as used. Returns false if any of them was used before. The range must be
 * within the file. */
static bool mark_used(struct audit *audit, uint64_t first, uint64_t count)
{
    bool is_first_use = true;

    for (uint64_t page = first; page < first + count; page++) {
        if (is_used(audit, page)) {
            fault(audit, "page %llu is used twice", (unsigned long long)page);
            is_first_use = false;
        }
        audit->used[page / 8] |= (uint8_t)(1U << page % 8);
    }
    return is_first_use;
}

static void fault_of(struct tree_audit *t, uint64_t page, const char *what)
{
    fault(t->audit, "table %s, page %llu: %s", t->name, (unsigned long long)page, what);
}

/* Check a value of the free list: its first number says how many pages a transaction
 * freed, and their numbers follow. */
static void audit_freed(struct tree_audit *t, uint64_t page, struct lc_span value)
{
    const uint8_t *numbers = (const uint8_t *)value.text;
    uint64_t count = value.size >= 8 ? lc_native_u64(numbers) : 0;

    if (value.size < 8 || value.size % 8 || count > value.size / 8 - 1) {
        fault_of(t, page, "a list of free pages is malformed");
        return;
    }
    for (uint64_t i = 1; i <= count; i++) {
        uint64_t number = lc_native_u64(numbers + 8 * i);

        if (number < FIRST_PAGE || number >= t->audit->pages->count)
            fault_of(t, page, "a free page is out of range");
        else
            (void)mark_used(t->audit, number, 1);
    }
}

/* Check a node of a leaf: its value, and the overflow pages if the value is large. */
static void audit_value(struct tree_audit *t, uint64_t page, struct lc_node *node)
{
    struct lc_error error = {0};
    uint64_t count = 0;

    t->found.entries++;
    if (node->flags & NODE_BIG) {
        if (lc_page_overflow(t->audit->pages, node, &count, &error) != LC_OK) {
            fault_of(t, page, error.message);
            return;
        }
        t->found.overflow_pages += count;
        if (!mark_used(t->audit, node->child, count))
            return;
    }
    if (t->tree == &t->audit->pages->free)
        audit_freed(t, page, node->value);
}

/* Whether two nodes of a page share bytes. */
static bool has_overlaps(const struct lc_pages *pages, const uint8_t *page,
                         unsigned count)
{
    uint8_t used[65536 / 8] = {0};

    for (unsigned i = 0; i < count; i++) {
        size_t at = lc_native_u16(page + PAGE_HEAD + 2 * (size_t)i), end;
        struct lc_node node;

        if (lc_page_node(pages, page, i, &node, NULL) != LC_OK)
            continue; /* the caller reports this fault */
        end = (size_t)((const uint8_t *)node.key.text - page) + node.key.size +
              node.value.size;
        for (; at < end; at++) {
            if (used[at / 8] >> at % 8 & 1)
                return true;
            used[at / 8] |= (uint8_t)(1U << at % 8);
        }
    }
    return false;
}

/* Whether a key is greater than the last one, at least `low` and less than `high`. A NULL
 * text means unbounded. */
static bool is_in_order(struct lc_span key, struct lc_span last, struct lc_span low,
                        struct lc_span high)
{
    return !(last.text && lc_page_compare(last, key) >= 0) &&
           !(low.text && lc_page_compare(key, low) < 0) &&
           !(high.text && lc_page_compare(key, high) >= 0);
}

/* Check a page and everything below it. Its keys must be at least `low` and less than
 * `high`; a NULL text means unbounded. */
static void audit_page(struct tree_audit *t, unsigned level, uint64_t number,
                       struct lc_span low, struct lc_span high)
{
    const struct lc_pages *pages = t->audit->pages;
    bool is_leaf = level + 1U == t->tree->depth;
    struct lc_span last = {0};
    struct lc_error error = {0};
    struct lc_node node, next;
    const uint8_t *page;
    unsigned count;

    if (lc_page_at(pages, number, is_leaf ? PAGE_LEAF : PAGE_BRANCH, &page, &count,
                   &error) != LC_OK) {
        fault_of(t, number, error.message);
        return;
    }
    if (!mark_used(t->audit, number, 1)) /* this also breaks cycles */
        return;
    *(is_leaf ? &t->found.leaf_pages : &t->found.branch_pages) += 1;
    if (!is_leaf && count < 2 && t->tree != &pages->free)
        fault_of(t, number, "a branch with one child");
    /* without this check, thousands of nodes could refer to the same bytes, and to the
     * same child */
    if (has_overlaps(pages, page, count)) {
        fault_of(t, number, "nodes overlap");
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        struct lc_span from, to = high;

        if (lc_page_node(pages, page, i, &node, &error) != LC_OK ||
            (i + 1U < count && !is_leaf &&
             lc_page_node(pages, page, i + 1U, &next, &error) != LC_OK)) {
            fault_of(t, number, error.message);
            return;
        }
        from = i || is_leaf ? node.key : low; /* a branch's first key is not used */
        /* the free list's keys are native integers, which are not in byte-wise order */
        if (t->tree != &pages->free && !is_in_order(from, last, low, high))
            fault_of(t, number, "a key is out of order");
        last = from;
        if (is_leaf) {
            audit_value(t, number, &node);
            continue;
        }
        if (i + 1U < count)
            to = next.key;
        audit_page(t, level + 1U, node.child, from, to);
    }
}

static void compare_count(struct tree_audit *t, const char *what, uint64_t found,
                          uint64_t recorded)
{
    if (found != recorded)
        fault(t->audit, "table %s: %llu %s, but %llu are recorded", t->name,
              (unsigned long long)found, what, (unsigned long long)recorded);
}

static void audit_tree(struct audit *audit, const char *name, const struct lc_tree *tree)
{
    struct tree_audit t = {.audit = audit, .tree = tree, .name = name};

    if (tree->depth)
        audit_page(&t, 0, tree->root, (struct lc_span){0}, (struct lc_span){0});
    compare_count(&t, "entries", t.found.entries, tree->entries);
    compare_count(&t, "branch pages", t.found.branch_pages, tree->branch_pages);
    compare_count(&t, "leaf pages", t.found.leaf_pages, tree->leaf_pages);
    compare_count(&t, "overflow pages", t.found.overflow_pages, tree->overflow_pages);
}

/* Whether a text is safe to print as the name of a table. */
static bool is_name(struct lc_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.text[i] != '_' && (text.text[i] < 'a' || text.text[i] > 'z'))
            return false;
    return text.size > 0;
}

/* Check the trees that the main tree names. */
static void audit_named(struct audit *audit)
{
    struct lc_cursor cursor;
    struct lc_error error = {0};
    bool found = false;

    lc_cursor_begin(&cursor, audit->pages, &audit->pages->main);
    while (lc_cursor_next(&cursor, &found, &error) == LC_OK && found) {
        struct lc_tree tree;
        char name[32] = "?"; /* not the name of any table */

        if (is_name(cursor.key) && cursor.key.size < sizeof(name))
            snprintf(name, sizeof(name), "%.*s", (int)cursor.key.size, cursor.key.text);
        if (lc_pages_find_tree(audit->pages, name, &tree, &error) != LC_OK) {
            fault(audit, "an entry of the list of tables is malformed");
            error = (struct lc_error){0};
            continue;
        }
        audit_tree(audit, name, &tree);
    }
    if (error.status != LC_OK)
        fault(audit, "the list of tables: %s", error.message);
}

enum lc_status lc_pages_audit(const struct lc_pages *pages, lc_page_fault_fn *on_fault,
                              void *user, struct lc_error *err)
{
    struct audit audit = {.pages = pages, .on_fault = on_fault, .user = user};
    uint64_t unused = 0;

    audit.used = calloc(1, (size_t)(pages->count / 8 + 1));
    if (!audit.used)
        return lc_fail_memory(err);
    audit.used[0] = (1U << FIRST_PAGE) - 1U; /* the meta pages */
    audit_tree(&audit, "of free pages", &pages->free);
    audit_tree(&audit, "of tables", &pages->main);
    audit_named(&audit);
    for (uint64_t page = FIRST_PAGE; page < pages->count; page++)
        unused += !is_used(&audit, page);
    if (unused)
        fault(&audit, "%llu pages belong to no table", (unsigned long long)unused);
    free(audit.used);
    return LC_OK;
}

/* lc_index_examine: checks a whole index, from the pages to the relations of its tables.
 *
 * 1. Pages: every page is used once and well formed (pages_audit.c).
 * 2. Tables: keys and entries ascend, and packed values are well formed.
 * 3. Records: each can be decoded, refers to existing ones, and all of them add up to the
 *    totals in meta (check_records.c).
 * 4. Look-ups: their entries are those that the records imply (struct lc_sum).
 *
 * Cost: two passes over most tables; a bit of memory for each page, row and image. */
#include "index/read/check.h"
#include "index/read/packs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the form of tables ---- */

/* Whether a is less than b, in the order of keys. */
static bool ascends(struct lc_span a, struct lc_span b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size ? memcmp(a.text, b.text, size) : 0;

    return order < 0 || (order == 0 && a.size < b.size);
}

/* The state of a walk over a table. */
struct form {
    struct lc_checking *check;
    enum lc_table table;
    size_t entry;        /* size of an entry; 0: the table has records */
    struct lc_span last; /* the previous entry, or in other tables the previous key */
    uint64_t next;       /* lowest row number that may follow */
    uint64_t image;      /* image_rows: the image whose rows are being counted */
    uint64_t rows;       /* image_rows: number of its rows so far */
};

/* After the last row of an image, add its number of rows to the sum. */
static void end_image(struct form *form)
{
    uint8_t use[12];

    if (!form->rows)
        return;
    lc_put_u32(use, (uint32_t)form->image);
    lc_put_u64(use + 4, form->rows);
    lc_check_sum(&form->check->uses_found, use, sizeof(use));
    form->rows = 0;
}

static void visit_entry(struct form *form, struct lc_span entry)
{
    struct lc_checking *c = form->check;

    if (form->last.text && !ascends(form->last, entry))
        lc_check_fault(c, form->table, "entry %llu is out of order",
                       (unsigned long long)c->records[form->table]);
    form->last = entry;
    c->records[form->table]++;
    lc_check_sum(&c->found[form->table], entry.text, entry.size);
    if (form->table != LC_TABLE_IMAGE_ROWS)
        return;
    if (form->image != lc_get_u32((const uint8_t *)entry.text))
        end_image(form);
    form->image = lc_get_u32((const uint8_t *)entry.text);
    form->rows++;
}

static enum lc_status visit_entries(void *user, struct lc_span key, struct lc_span value,
                                    struct lc_error *err)
{
    struct form *form = user;
    size_t size = form->entry;

    (void)err;
    if (!value.size || value.size % size) {
        lc_check_fault(form->check, form->table, "the size of a list is wrong: %zu bytes",
                       value.size);
        return LC_OK;
    }
    if (key.size != size || memcmp(key.text, value.text, size) != 0)
        lc_check_fault(form->check, form->table,
                       "a key is not the first entry of its list");
    for (size_t at = 0; at < value.size; at += size)
        visit_entry(form, (struct lc_span){value.text + at, size});
    return LC_OK;
}

static enum lc_status visit_records(void *user, struct lc_span key, struct lc_span value,
                                    struct lc_error *err)
{
    struct form *form = user;
    struct lc_checking *c = form->check;
    const uint8_t *bytes = (const uint8_t *)value.text;

    (void)err;
    if (key.size != 8 || value.size < 8 || memcmp(key.text, bytes, 8) != 0)
        lc_check_fault(c, form->table, "a key is not the first row of its list");
    for (size_t at = 0; at < value.size;) {
        uint64_t row;

        if (value.size - at < LC_PACK_HEAD ||
            lc_get_u32(bytes + at + 8) > value.size - at - LC_PACK_HEAD) {
            lc_check_fault(c, form->table, "a list ends within a record");
            return LC_OK;
        }
        row = lc_get_u64(bytes + at);
        if (row < form->next)
            lc_check_fault(c, form->table, "row %llu is out of order",
                           (unsigned long long)row);
        form->next = row + 1;
        c->records[form->table]++;
        at += LC_PACK_HEAD + lc_get_u32(bytes + at + 8);
    }
    return LC_OK;
}

static enum lc_status visit_pair(void *user, struct lc_span key, struct lc_span value,
                                 struct lc_error *err)
{
    struct form *form = user;

    (void)value;
    (void)err;
    if (form->last.text && !ascends(form->last, key))
        lc_check_fault(form->check, form->table, "key %llu is out of order",
                       (unsigned long long)form->check->records[form->table]);
    form->last = key;
    form->check->records[form->table]++;
    return LC_OK;
}

/* Check the form of a table: its keys, their order, and the bounds of packed entries. */
static enum lc_status check_form(struct lc_checking *c, enum lc_table table,
                                 struct lc_error *err)
{
    struct form form = {.check = c, .table = table};
    lc_pair_fn *visit = visit_entries;
    enum lc_status status;

    switch (table) {
    case LC_TABLE_ROWS:
    case LC_TABLE_ROW_IMAGES:
        visit = visit_records;
        break;
    case LC_TABLE_IMAGE_ROWS:
        form.entry = 12;
        break;
    case LC_TABLE_BY_ID:
    case LC_TABLE_BY_PATH:
    case LC_TABLE_BY_CONTENT:
        form.entry = sizeof(struct lc_hash) + 8;
        break;
    default:
        visit = visit_pair;
    }
    status = lc_check_walk(c, table, visit, &form, err);
    end_image(&form);
    return status;
}

/* ---- look-ups ---- */

static void compare_sums(struct lc_checking *c)
{
    static const struct {
        enum lc_table table;
        const char *of;
    } lookups[] = {
        {LC_TABLE_IMAGE_ROWS, "what the rows name"},
        {LC_TABLE_BY_ID, "the ids of the rows"},
        {LC_TABLE_BY_PATH, "the paths of the images"},
        {LC_TABLE_BY_CONTENT, "the contents of the images"},
    };

    for (size_t i = 0; i < sizeof(lookups) / sizeof(lookups[0]); i++) {
        const struct lc_sum *found = &c->found[lookups[i].table];
        const struct lc_sum *expected = &c->expected[lookups[i].table];

        if (found->count != expected->count)
            lc_check_fault(c, lookups[i].table, "%llu entries, but %s make %llu",
                           (unsigned long long)found->count, lookups[i].of,
                           (unsigned long long)expected->count);
        else if (found->hash != expected->hash)
            lc_check_fault(c, lookups[i].table, "its entries differ from %s",
                           lookups[i].of);
    }
    if (c->uses_found.count != c->uses_expected.count ||
        c->uses_found.hash != c->uses_expected.hash)
        lc_check_fault(c, LC_TABLE_IMAGES,
                       "the number of rows that name an image differs from image_rows");
}

static void report_totals(struct lc_checking *c)
{
    for (int i = 0; i < LC_TABLE_COUNT; i++) {
        if (c->fault_counts[i] > LC_CHECK_MAX_REPORTED) {
            char what[64];

            snprintf(what, sizeof(what), "and %llu more faults",
                     (unsigned long long)(c->fault_counts[i] - LC_CHECK_MAX_REPORTED));
            c->to->on_fault(c->to->user, lc_table_name((enum lc_table)i), what);
        }
    }
    for (int i = 0; i < LC_TABLE_COUNT; i++)
        if (c->to->on_table)
            c->to->on_table(c->to->user, lc_table_name((enum lc_table)i), c->records[i]);
}

/* The number of page faults; only the first ones are reported. */
struct page_faults {
    const struct lc_index_check_options *to;
    uint64_t count;
};

static void report_page_fault(void *user, const char *what)
{
    struct page_faults *faults = user;

    if (++faults->count <= LC_CHECK_MAX_REPORTED)
        faults->to->on_fault(faults->to->user, "pages", what);
}

/* Check the pages of the file. */
static enum lc_status check_pages(const struct lc_index *index,
                                  const struct lc_index_check_options *to,
                                  struct lc_error *err)
{
    struct page_faults faults = {.to = to};
    enum lc_status status =
        lc_pages_audit(&index->pages, report_page_fault, &faults, err);
    char what[64];

    if (faults.count > LC_CHECK_MAX_REPORTED) {
        snprintf(what, sizeof(what), "and %llu more faults",
                 (unsigned long long)(faults.count - LC_CHECK_MAX_REPORTED));
        to->on_fault(to->user, "pages", what);
    }
    return status;
}

enum lc_status lc_index_examine(const struct lc_index *index,
                                const struct lc_index_check_options *to,
                                struct lc_error *err)
{
    struct lc_checking c = {.index = index, .to = to};
    enum lc_status status = check_pages(index, to, err);

    for (int i = 0; i < LC_TABLE_COUNT && status == LC_OK; i++)
        status = check_form(&c, (enum lc_table)i, err);
    if (status == LC_OK)
        status = lc_check_records(&c, err);
    if (status == LC_OK) {
        compare_sums(&c);
        report_totals(&c);
    }
    free(c.faulty_images);
    free(c.faulty_rows);
    free(c.images.data);
    return status;
}

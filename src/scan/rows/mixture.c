#include "scan/rows/mixture.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#define MAX_NAMES 10000
#define RECENT 256
#define SLOTS 32768 /* a power of two, well over MAX_NAMES */

/* The names of one kind with their counts, and a hash table of them.
 *
 * Most rows have the same few names as the rows before them. A direct-mapped cache
 * (recent) finds those by comparing one name, without hashing it. */
struct name_table {
    struct lc_share *shares;
    size_t count;
    size_t capacity;
    uint32_t recent[RECENT]; /* the cache: index + 1; 0 is empty */
    uint32_t slots[SLOTS];   /* index + 1; 0 is free */
};

struct lc_mixture {
    struct name_table tables[LC_SHARE_KINDS];
};

enum lc_status lc_mixture_new(struct lc_mixture **out, struct lc_error *err)
{
    *out = calloc(1, sizeof(**out));
    return *out ? LC_OK : lc_fail_memory(err);
}

void lc_mixture_free(struct lc_mixture *mixture)
{
    if (!mixture)
        return;
    for (int k = 0; k < LC_SHARE_KINDS; k++) {
        for (size_t i = 0; i < mixture->tables[k].count; i++)
            free((char *)(uintptr_t)mixture->tables[k].shares[i].name.text);
        free(mixture->tables[k].shares);
    }
    free(mixture);
}

/* The slot that holds a name, or the free slot where it belongs. Linear probing. */
static uint32_t *find_slot(struct name_table *table, struct lc_span name)
{
    size_t slot = lc_hash_quick(name.text, name.size) & (SLOTS - 1);

    while (table->slots[slot] &&
           !lc_span_equal(table->shares[table->slots[slot] - 1].name, name))
        slot = (slot + 1) & (SLOTS - 1);
    return &table->slots[slot];
}

static struct lc_share *add_name(struct name_table *table, struct lc_span name,
                                 uint32_t *slot)
{
    struct lc_share *shares =
        lc_array_grow(table->shares, table->count, &table->capacity, sizeof(*shares));
    char *copy = malloc(name.size + 1);

    if (shares)
        table->shares = shares;
    if (!shares || !copy) {
        free(copy);
        return NULL;
    }
    if (name.size)
        memcpy(copy, name.text, name.size);
    *slot = (uint32_t)(table->count + 1);
    shares[table->count] = (struct lc_share){.name = {copy, name.size}};
    return &shares[table->count++];
}

/* The cache entry of a name. Names are few: mostly, their length and three of their bytes
 * distinguish them. */
static uint32_t *recent_of(struct name_table *table, struct lc_span name)
{
    const unsigned char *text = (const unsigned char *)name.text;
    size_t key = name.size;

    if (name.size)
        key +=
            (size_t)text[0] * 31 + (size_t)text[name.size / 2] * 7 + text[name.size - 1];
    return &table->recent[key % RECENT];
}

/* Find or add the share of a name; NULL when out of memory. Beyond MAX_NAMES, new names
 * share the entry "…". */
static struct lc_share *find_share(struct name_table *table, struct lc_span name)
{
    static const char others[] = "…";
    uint32_t *slot, *recent;

    if (name.size > LC_SHARE_NAME_MAX)
        name.size = LC_SHARE_NAME_MAX;
    recent = recent_of(table, name);
    if (*recent && lc_span_equal(table->shares[*recent - 1].name, name))
        return &table->shares[*recent - 1];
    slot = find_slot(table, name);
    if (!*slot && table->count >= MAX_NAMES) {
        name = (struct lc_span){others, sizeof(others) - 1};
        slot = find_slot(table, name);
    }
    if (!*slot)
        return add_name(table, name, slot);
    *recent = *slot;
    return &table->shares[*slot - 1];
}

/* The first folder of a path: "." if it has none, "" if there is no path. */
static struct lc_span top_folder(struct lc_span path)
{
    size_t at = 0;
    const char *slash;

    while (path.size - at >= 2 && memcmp(path.text + at, "./", 2) == 0)
        at += 2;
    path.text += at;
    path.size -= at;
    if (!path.size)
        return path;
    slash = memchr(path.text, '/', path.size);
    if (!slash)
        return (struct lc_span){".", 1};
    path.size = slash == path.text ? 1 : (size_t)(slash - path.text);
    return path;
}

enum lc_status lc_mixture_add(struct lc_mixture *mixture, struct lc_span source,
                              struct lc_span path, uint64_t images, uint64_t rounds,
                              uint64_t words, struct lc_error *err)
{
    struct lc_span names[LC_SHARE_KINDS] = {
        [LC_SHARE_SOURCE] = source,
        [LC_SHARE_FOLDER] = top_folder(path),
    };

    for (int k = 0; k < LC_SHARE_KINDS; k++) {
        struct lc_share *share = find_share(&mixture->tables[k], names[k]);

        if (!share)
            return lc_fail_memory(err);
        share->rows++;
        share->images += images;
        share->rounds += rounds;
        share->words += words;
    }
    return LC_OK;
}

static int most_rows_first(const void *a, const void *b)
{
    const struct lc_share *x = a, *y = b;

    if (x->rows != y->rows)
        return x->rows > y->rows ? -1 : 1;
    return lc_span_compare(x->name, y->name);
}

enum lc_status lc_mixture_store(struct lc_mixture *mixture,
                                struct lc_index_writer *writer, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (int k = 0; k < LC_SHARE_KINDS; k++) {
        struct name_table *table = &mixture->tables[k];

        if (table->count)
            qsort(table->shares, table->count, sizeof(*table->shares), most_rows_first);
        for (size_t i = 0; i < table->count && status == LC_OK; i++)
            status = lc_index_add_share(writer, (enum lc_share_kind)k, (uint32_t)i,
                                        &table->shares[i], err);
    }
    return status;
}

#include "scan/images/image_cache.h"

#include "base/clock.h"
#include "base/path.h"
#include "llava_check/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FORMATS = 128, FORMAT_SIZE = 24 }; /* more than there are format names */

struct lc_image_cache {
    const struct lc_index *index; /* NULL: none, or it cannot be used */
    struct lc_index *own;         /* the same index if the cache opened it; else NULL */
    bool is_current;
    uint64_t count;
    uint32_t next;                /* number of the record after the one in image */
    struct lc_image_record image; /* points into the index */
    const struct lc_journal *journal;
    size_t next_entry; /* number of the journal's entry in entry */
    struct lc_journal_entry entry;
    char formats[MAX_FORMATS][FORMAT_SIZE]; /* NUL-terminated copies */
    size_t format_count;
};

struct lc_hash lc_image_cache_fingerprint(const struct lc_index_location *place)
{
    char text[640];
    char libraries[256];

    lc_image_libraries(libraries, sizeof(libraries));
    snprintf(text, sizeof(text),
             "llava-check %s schema %d facts %d %s pixels %llu memory %llu place %llx "
             "%llx %lld",
             lc_version(), LC_INDEX_SCHEMA, LC_IMAGE_FACTS, libraries,
             (unsigned long long)lc_image_limits_default.max_pixels,
             (unsigned long long)lc_image_limits_default.max_memory,
             place ? (unsigned long long)place->device : 0,
             place ? (unsigned long long)place->inode : 0,
             place ? (long long)place->birth_ns : 0);
    return lc_hash_bytes(text, strlen(text));
}

/* Read the next record. Returns false at the end, or if the record is damaged. */
static bool load_record(struct lc_image_cache *cache)
{
    if (cache->next >= cache->count)
        return false;
    if (lc_index_get_image(cache->index, cache->next, &cache->image, NULL) == LC_OK)
        return true;
    cache->next = UINT32_MAX; /* damaged: use none of the remaining records */
    cache->count = 0;
    return false;
}

/* The reason why an intact index cannot be used; NULL if it can. */
static const char *get_rejection(const struct lc_index *index,
                                 const struct lc_trust *trust,
                                 const struct lc_hash *decoders)
{
    if (trust->needs_key && !trust->found.exists)
        return "there is no secret key that shows whether the index is yours: reading "
               "all files again";
    if (trust->needs_key && !lc_index_is_ours(index))
        return "the index was not written with this user's key: reading all files again";
    if (lc_hash_compare(&lc_index_info(index)->decoders, decoders) != 0)
        return "the index was written with other decoders or in another place: reading "
               "all files again";
    return NULL;
}

/* Open the index if it can be used; *reason is set if it exists, but cannot be used. */
static enum lc_status open_index(const char *folder, const struct lc_trust *trust,
                                 const struct lc_hash *decoders, struct lc_index **out,
                                 const char **reason, struct lc_error *err)
{
    struct lc_error index_error = {0};
    char *file = NULL;
    enum lc_status status = lc_path_join(folder, LC_INDEX_FILE, &file, err);

    if (status == LC_OK)
        status = lc_index_open_file(file, lc_trust_key(trust), out, &index_error);
    free(file);
    if (status == LC_ERR_MEMORY)
        return lc_fail_memory(err);
    if (status == LC_ERR_INDEX)
        *reason = "the index is damaged or of another version: reading all images again";
    else if (status == LC_ERR_IO)
        *reason = "cannot read the index of the previous run: reading all images again";
    else if (status == LC_OK)
        *reason = get_rejection(*out, trust, decoders);
    if (*reason) {
        lc_index_close(*out);
        *out = NULL;
    }
    return LC_OK;
}

static void load_entry(struct lc_image_cache *cache)
{
    if (cache->journal && cache->next_entry < lc_journal_count(cache->journal))
        lc_journal_get(cache->journal, cache->next_entry, &cache->entry);
}

/* Begin with the first image of an index; index NULL: there are no images. */
static void begin_index(struct lc_image_cache *cache, const struct lc_index *index)
{
    cache->index = index;
    if (!index)
        return;
    cache->count = lc_index_summary(index)->images_referenced;
    (void)load_record(cache);
}

enum lc_status lc_image_cache_open(const char *folder, const struct lc_trust *trust,
                                   const struct lc_hash *decoders,
                                   const struct lc_journal *journal,
                                   struct lc_image_cache **out, const char **reason,
                                   struct lc_error *err)
{
    struct lc_image_cache *cache = calloc(1, sizeof(*cache));
    enum lc_status status;

    *out = cache;
    *reason = NULL;
    if (!cache)
        return lc_fail_memory(err);
    status =
        folder ? open_index(folder, trust, decoders, &cache->own, reason, err) : LC_OK;
    begin_index(cache, cache->own);
    cache->journal = journal;
    load_entry(cache);
    return status;
}

enum lc_status lc_image_cache_of(const struct lc_index *index,
                                 struct lc_image_cache **out, struct lc_error *err)
{
    *out = calloc(1, sizeof(**out));
    if (!*out)
        return lc_fail_memory(err);
    (*out)->is_current = true;
    begin_index(*out, index);
    return LC_OK;
}

void lc_image_cache_close(struct lc_image_cache *cache)
{
    if (!cache)
        return;
    lc_index_close(cache->own);
    free(cache);
}

const struct lc_index *lc_image_cache_index(const struct lc_image_cache *cache)
{
    return cache ? cache->index : NULL;
}

struct lc_index *lc_image_cache_give(struct lc_image_cache *cache)
{
    struct lc_index *index = cache->own;

    cache->own = NULL;
    begin_index(cache, NULL);
    cache->count = 0;
    return index;
}

/* A NUL-terminated copy of a format name that lives as long as the cache; NULL if it does
 * not fit. */
static const char *keep_format(struct lc_image_cache *cache, struct lc_span name)
{
    size_t i;

    for (i = 0; i < cache->format_count; i++) {
        if (strlen(cache->formats[i]) == name.size &&
            memcmp(cache->formats[i], name.text, name.size) == 0)
            return cache->formats[i];
    }
    if (i == MAX_FORMATS || name.size >= FORMAT_SIZE || name.size == 0)
        return NULL;
    memcpy(cache->formats[i], name.text, name.size);
    cache->format_count++;
    return cache->formats[i];
}

static void copy_text(char *to, size_t capacity, struct lc_span text)
{
    size_t size = text.size < capacity ? text.size : capacity - 1;

    if (size > 0)
        memcpy(to, text.text, size);
    to[size] = '\0';
}

/* Set the decoder's verdict from a state; return false if the file was not read. */
static bool set_verdict(uint8_t state, struct lc_image_info *info)
{
    switch (state) {
    case LC_IMAGE_OK:
        info->decode = LC_DECODE_OK;
        return true;
    case LC_IMAGE_DAMAGED:
        info->decode = LC_DECODE_DAMAGED;
        return true;
    case LC_IMAGE_TRUNCATED:
        info->decode = LC_DECODE_TRUNCATED;
        return true;
    case LC_IMAGE_CORRUPT:
        info->decode = LC_DECODE_CORRUPT;
        return true;
    case LC_IMAGE_TOO_LARGE:
        info->limited = true;
        return true;
    default:
        return state == LC_IMAGE_NOT_IMAGE || state == LC_IMAGE_UNVERIFIED;
    }
}

/* Fill *out from the record of an image, as read by a run that started at began_ns. */
static void load_facts(struct lc_image_cache *cache, const struct lc_image_record *image,
                       int64_t began_ns, struct lc_cached_image *out)
{
    int64_t newest_trusted = lc_clock_newest_trusted_ns(began_ns);
    struct lc_image_info *info = &out->info;

    info->format = keep_format(cache, image->format);
    if (!info->format || image->content_kind > LC_CONTENT_TEXT ||
        image->lenient > LC_LENIENT_WHOLE || !set_verdict(image->state, info))
        return;
    out->is_cached = true;
    out->is_current = cache->is_current;
    out->began_ns = began_ns;
    out->record = *image;
    out->has_trusted_times = lc_clock_is_before(image->mtime_ns, newest_trusted) &&
                             lc_clock_is_before(image->ctime_ns, newest_trusted);
    out->content = image->content;
    out->file = (struct lc_file_facts){
        .size = image->size,
        .mtime_ns = image->mtime_ns,
        .ctime_ns = image->ctime_ns,
        .inode = image->inode,
        .device = image->device,
    };
    info->content = (enum lc_content)image->content_kind;
    info->width = image->width;
    info->height = image->height;
    info->rows_decoded = image->rows_decoded;
    info->warnings = image->warnings;
    info->frames = image->frames;
    info->trailing = image->trailing;
    info->orientation = image->orientation;
    info->depth = image->depth;
    info->blank = image->blank;
    info->transparent = image->transparent;
    info->lenient = (enum lc_lenient)image->lenient;
    info->metadata_too_large = image->metadata_too_large;
    copy_text(info->mode, sizeof(info->mode), image->mode);
    copy_text(info->detail, sizeof(info->detail), image->detail);
}

/* Advance in the index to a path; return false if the index does not contain it. */
static bool find_record(struct lc_image_cache *cache, struct lc_span path)
{
    while (cache->next < cache->count && lc_span_compare(cache->image.path, path) < 0) {
        cache->next++;
        if (!load_record(cache))
            return false;
    }
    return cache->next < cache->count && lc_span_compare(cache->image.path, path) == 0;
}

/* As find_record, for the journal. */
static bool find_entry(struct lc_image_cache *cache, struct lc_span path)
{
    size_t count = cache->journal ? lc_journal_count(cache->journal) : 0;

    while (cache->next_entry < count &&
           lc_span_compare(cache->entry.image.path, path) < 0) {
        cache->next_entry++;
        load_entry(cache);
    }
    return cache->next_entry < count &&
           lc_span_compare(cache->entry.image.path, path) == 0;
}

void lc_image_cache_rewind(struct lc_image_cache *cache)
{
    if (!cache)
        return;
    cache->next = 0;
    cache->next_entry = 0;
    if (cache->index)
        (void)load_record(cache);
    load_entry(cache);
}

void lc_image_cache_load(struct lc_image_cache *cache,
                         const struct lc_image_record *record, int64_t began_ns,
                         struct lc_cached_image *out)
{
    *out = (struct lc_cached_image){0};
    load_facts(cache, record, began_ns, out);
}

enum lc_status lc_image_cache_empty(struct lc_image_cache **out, struct lc_error *err)
{
    *out = calloc(1, sizeof(**out));
    return *out ? LC_OK : lc_fail_memory(err);
}

void lc_image_cache_next(struct lc_image_cache *cache, struct lc_span path,
                         struct lc_cached_image *out)
{
    *out = (struct lc_cached_image){0};
    if (!cache)
        return;
    /* the journal was written after the index, so its entries are newer */
    if (find_record(cache, path))
        load_facts(cache, &cache->image, lc_index_info(cache->index)->began_ns, out);
    if (find_entry(cache, path)) {
        *out = (struct lc_cached_image){0};
        load_facts(cache, &cache->entry.image, cache->entry.began_ns, out);
        out->in_journal = true;
    }
}

/* Search the journal for a path. */
static bool search_journal(const struct lc_image_cache *cache, struct lc_span path,
                           struct lc_journal_entry *out)
{
    size_t low = 0, high = cache->journal ? lc_journal_count(cache->journal) : 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order;

        lc_journal_get(cache->journal, middle, out);
        order = lc_span_compare(out->image.path, path);
        if (!order)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Search the index for a path. A record that is damaged is not found. */
static bool search_index(const struct lc_image_cache *cache, struct lc_span path,
                         struct lc_image_record *out)
{
    uint64_t low = 0, high = cache->index ? cache->count : 0;

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        int order;

        if (lc_index_get_image(cache->index, (uint32_t)middle, out, NULL) != LC_OK)
            return false;
        order = lc_span_compare(out->path, path);
        if (!order)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

void lc_image_cache_find(struct lc_image_cache *cache, struct lc_span path,
                         struct lc_cached_image *out)
{
    struct lc_journal_entry entry;
    struct lc_image_record record;

    *out = (struct lc_cached_image){0};
    if (cache && search_journal(cache, path, &entry)) {
        load_facts(cache, &entry.image, entry.began_ns, out);
        out->in_journal = true;
    } else if (cache && search_index(cache, path, &record)) {
        load_facts(cache, &record, lc_index_info(cache->index)->began_ns, out);
    }
}

bool lc_cached_image_is_same_file(const struct lc_cached_image *image,
                                  const struct lc_file_facts *file)
{
    return lc_file_facts_equal(&image->file, file);
}

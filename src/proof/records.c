#include "proof/records.h"

#include <stdlib.h>
#include <string.h>

#define MAX_PATH_SIZE 4096

void lc_records_clear(struct lc_records *records)
{
    lc_buffer_clear(&records->text);
    free(records->items);
    free(records->sources);
    free(records->issues);
    *records = (struct lc_records){0};
}

static enum lc_status fail_too_many(struct lc_error *err)
{
    return lc_fail(err, LC_ERR_USAGE, 0,
                   "more than %d records of files: verify its folders one by one",
                   LC_RECORDS_MAX);
}

static enum lc_status add_bytes(struct lc_records *records, const void *data, size_t size,
                                size_t *at, struct lc_error *err)
{
    *at = records->text.size;
    if (records->text.size + size > LC_RECORDS_BYTES)
        return fail_too_many(err);
    return lc_buffer_add(&records->text, data, size, err);
}

enum lc_status lc_records_text(struct lc_records *records, struct lc_span text,
                               size_t *at, struct lc_error *err)
{
    size_t end;
    enum lc_status status =
        add_bytes(records, text.size ? text.text : "", text.size, at, err);

    return status == LC_OK ? add_bytes(records, "", 1, &end, err) : status;
}

/* ---- sources ---- */

static bool has_text(const struct lc_records *records, size_t at, struct lc_span text)
{
    const char *there = lc_records_at(records, at);

    return lc_span_equal((struct lc_span){there, strlen(there)}, text);
}

static bool is_source(const struct lc_records *records,
                      const struct lc_record_source *source,
                      const struct lc_source_name *name)
{
    return source->kind == name->kind &&
           has_text(records, source->commit, name->commit) &&
           has_text(records, source->name, name->name) &&
           has_text(records, source->repository, name->repository);
}

static enum lc_status add_source(struct lc_records *records,
                                 const struct lc_source_name *name, struct lc_error *err)
{
    struct lc_record_source source = {.kind = name->kind};
    struct lc_record_source *items =
        lc_array_grow(records->sources, records->source_count, &records->source_capacity,
                      sizeof(*items));
    enum lc_status status;

    if (!items)
        return lc_fail_memory(err);
    records->sources = items;
    status = lc_records_text(records, name->name, &source.name, err);
    if (status == LC_OK)
        status = lc_records_text(records, name->repository, &source.repository, err);
    if (status == LC_OK)
        status = lc_records_text(records, name->commit, &source.commit, err);
    if (status == LC_OK)
        items[records->source_count++] = source;
    return status;
}

enum lc_status lc_records_source(struct lc_records *records,
                                 const struct lc_source_name *name, uint32_t *out,
                                 struct lc_error *err)
{
    static const struct lc_source_name others = {.kind = LC_RECORDER_OTHERS};

    /* start at the end: records of the same source follow each other */
    for (size_t i = records->source_count; i > 0; i--) {
        if (is_source(records, &records->sources[i - 1], name)) {
            *out = (uint32_t)(i - 1);
            return LC_OK;
        }
    }
    if (records->source_count == LC_RECORD_SOURCES && name->kind != LC_RECORDER_OTHERS)
        return lc_records_source(records, &others, out, err);
    *out = (uint32_t)records->source_count;
    return add_source(records, name, err);
}

/* ---- paths ---- */

/* Append the components of a path; false if it climbs above the root, or if out of
 * memory. */
static bool add_components(struct lc_span path, struct lc_buffer *out, bool *failed)
{
    const char *at = path.text, *end = path.text + path.size;

    while (at < end) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        struct lc_span part = {at, (size_t)((slash ? slash : end) - at)};

        at += part.size + 1;
        if (!part.size || lc_span_is(part, "."))
            continue;
        if (lc_span_is(part, "..")) {
            if (!out->size)
                return false;
            while (out->size && out->data[out->size - 1] != '/')
                out->size--;
            out->size -= out->size > 0; /* the slash */
            continue;
        }
        *failed = (out->size && lc_buffer_add(out, "/", 1, NULL) != LC_OK) ||
                  lc_buffer_add(out, part.text, part.size, NULL) != LC_OK;
        if (*failed)
            return false;
    }
    return true;
}

bool lc_record_resolve(struct lc_span base, struct lc_span path, struct lc_buffer *out,
                       bool *failed)
{
    *failed = false;
    out->size = 0;
    if (!path.size || path.text[0] == '/' || path.size >= MAX_PATH_SIZE ||
        memchr(path.text, '\0', path.size) || !add_components(base, out, failed) ||
        !add_components(path, out, failed) || !out->size || out->size >= MAX_PATH_SIZE)
        return false;
    *failed = lc_buffer_add(out, "", 1, NULL) != LC_OK;
    out->size--;
    return !*failed;
}

/* ---- records ---- */

enum lc_status lc_records_add(struct lc_records *records, const struct lc_record *record,
                              struct lc_span path, struct lc_span shown,
                              const uint8_t *sum, struct lc_error *err)
{
    struct lc_record *items =
        lc_array_grow(records->items, records->count, &records->capacity, sizeof(*items));
    struct lc_record own = *record;
    enum lc_status status;

    if (!items)
        return lc_fail_memory(err);
    records->items = items;
    if (records->count == LC_RECORDS_MAX)
        return fail_too_many(err);
    status = lc_records_text(records, path, &own.path, err);
    own.shown = own.path;
    if (status == LC_OK && shown.size)
        status = lc_records_text(records, shown, &own.shown, err);
    if (status == LC_OK && own.kind != LC_RECORD_SIZE)
        status = add_bytes(records, sum,
                           own.kind == LC_RECORD_INDEX
                               ? lc_checksum_size(LC_CHECKSUM_GIT)
                               : lc_checksum_size((enum lc_checksum)own.checksum),
                           &own.sum, err);
    if (status != LC_OK)
        return status;
    items[records->count++] = own;
    /* count each file once: our own manifests have two checksums per file */
    records->sources[own.source].records +=
        own.kind != LC_RECORD_SUM || own.checksum != LC_CHECKSUM_XXH3 ||
        records->sources[own.source].kind == LC_RECORDER_ARCHIVE;
    return LC_OK;
}

enum lc_status lc_records_add_issue(struct lc_records *records,
                                    enum lc_record_fault fault, struct lc_span path,
                                    const char *detail, struct lc_error *err)
{
    struct lc_record_issue *items = lc_array_grow(
        records->issues, records->issue_count, &records->issue_capacity, sizeof(*items));
    struct lc_record_issue issue = {.fault = fault, .detail = detail};
    enum lc_status status;

    if (!items)
        return lc_fail_memory(err);
    records->issues = items;
    if (records->issue_count == LC_RECORDS_MAX)
        return fail_too_many(err);
    status = lc_records_text(records, path, &issue.path, err);
    if (status == LC_OK)
        items[records->issue_count++] = issue;
    return status;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static size_t sum_size(const struct lc_record *record)
{
    return record->kind == LC_RECORD_SIZE ? 0
           : record->kind == LC_RECORD_INDEX
               ? lc_checksum_size(LC_CHECKSUM_GIT)
               : lc_checksum_size((enum lc_checksum)record->checksum);
}

/* Compare what two records say about the same path: <0, 0 or >0. */
static int compare_claims(const struct lc_record *a, const struct lc_record *b,
                          const char *text)
{
    int order = (int)a->kind - (int)b->kind;

    if (!order)
        order = (int)a->checksum - (int)b->checksum;
    if (!order)
        order = memcmp(text + a->sum, text + b->sum, sum_size(a));
    return order ? order : compare_numbers(a->size, b->size);
}

static int compare_records(const void *a, const void *b, void *text)
{
    const struct lc_record *left = a, *right = b;
    int order = strcmp((char *)text + left->path, (char *)text + right->path);

    if (!order)
        order = (int)left->is_listing - (int)right->is_listing;
    if (!order) /* first the records that show another path, which is the one that users
                   know */
        order = (int)(left->shown == left->path) - (int)(right->shown == right->path);
    if (!order)
        order = strcmp((char *)text + left->shown, (char *)text + right->shown);
    if (!order)
        order = compare_numbers(left->source, right->source);
    return order ? order : compare_claims(left, right, text);
}

static int compare_issues(const void *a, const void *b, void *text)
{
    const struct lc_record_issue *left = a, *right = b;
    int order = (int)left->fault - (int)right->fault;

    return order ? order : strcmp((char *)text + left->path, (char *)text + right->path);
}

void lc_records_sort(struct lc_records *records)
{
    char *text = records->text.data;
    size_t kept = 0;

    if (records->count)
        qsort_r(records->items, records->count, sizeof(*records->items), compare_records,
                text);
    for (size_t i = 0; i < records->count; i++) {
        if (kept &&
            compare_records(&records->items[kept - 1], &records->items[i], text) == 0)
            continue;
        records->items[kept++] = records->items[i];
    }
    records->count = kept;
    if (records->issue_count)
        qsort_r(records->issues, records->issue_count, sizeof(*records->issues),
                compare_issues, text);
}

/* ---- groups ---- */

static bool is_same_file(const struct lc_records *records, size_t a, size_t b)
{
    return strcmp(lc_records_at(records, records->items[a].path),
                  lc_records_at(records, records->items[b].path)) == 0;
}

/* Whether a listing in a folder that was downloaded to shows another commit than every
 * record of the file's download. Those are among the count records from first on, which
 * precede the listing. */
static bool is_stale(const struct lc_records *records, size_t first, size_t count,
                     const struct lc_record *listing)
{
    const char *commit = lc_records_at(records, records->sources[listing->source].commit);
    bool is_recorded = false;

    if (!listing->is_listing ||
        records->sources[listing->source].kind != LC_RECORDER_HUB_FOLDER)
        return false;
    for (size_t i = first; i < first + count; i++) {
        const struct lc_record *record = &records->items[i];
        const struct lc_record_source *source = &records->sources[record->source];

        if (record->is_listing || source->kind != LC_RECORDER_HUB_FOLDER)
            continue;
        is_recorded = true;
        if (strcmp(commit, lc_records_at(records, source->commit)) == 0)
            return false;
    }
    return is_recorded;
}

enum lc_status lc_records_group(struct lc_records *records, struct lc_record_group **out,
                                size_t *count, struct lc_error *err)
{
    struct lc_record_group *groups = malloc((records->count + 1) * sizeof(*groups));
    size_t kept = 0;

    *count = 0;
    if (!groups)
        return lc_fail_memory(err);
    for (size_t i = 0; i < records->count; i++) {
        struct lc_record_group *last = *count ? &groups[*count - 1] : NULL;

        records->items[kept] = records->items[i];
        if (!last || !is_same_file(records, last->first, kept))
            groups[(*count)++] =
                (struct lc_record_group){kept, 1, records->items[kept].is_listing};
        else if (!is_stale(records, last->first, last->count, &records->items[kept]))
            last->count++;
        else
            continue;
        kept++;
    }
    records->count = kept;
    *out = groups;
    return LC_OK;
}

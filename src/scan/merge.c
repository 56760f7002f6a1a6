/* lc_merge: makes one index of the indexes of a data set's parts
 *
 * A merge runs the stages of a check. Its rows stage reads rows from the parts, just as a
 * check reads the rows of unchanged files from the index of the last run. Its images
 * stage takes each image from the part that verified it. Whatever needs the whole set
 * (equal ids, rows and pictures) is found by the same code as in a check, so reports are
 * the same.
 */
#include "llava_check/merge.h"

#include "base/options.h"
#include "dataset/dataset.h"
#include "dataset/shard.h"
#include "scan/archives/archives.h"
#include "scan/common/run.h"
#include "scan/common/stages.h"
#include "scan/images/image_cache.h"
#include "scan/images/join.h"
#include "scan/links.h"
#include "scan/open.h"
#include "scan/rows/parts.h"
#include "scan/set/set.h"
#include "scan/set/sorting.h"
#include "llava_check/version.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A part that was given. */
struct given {
    size_t number;          /* in the order given */
    const char *path;       /* as given */
    char *file;             /* its index.mdb */
    struct lc_index *index; /* NULL: not usable */
    const struct lc_part_record *part;
};

struct merge {
    const struct lc_merge_options *options;
    struct lc_trust trust;
    struct given *given; /* all; keep_used moves the used ones to the front, sorted by
                          * their first part */
    size_t count;        /* number of used ones */
    size_t problems;
    struct lc_check_options as_check; /* the options, as the stages see them */
    struct lc_run run;
    struct lc_dataset dataset;       /* the names of the rows files */
    const struct lc_index **indexes; /* indexes of the used ones */
    uint32_t part_count;             /* parts of the data set */
    uint32_t *sources;               /* by part, from 0 */
    struct lc_rows_shares shares;
    struct lc_part_file *totals; /* by rows file */
    uint32_t *readers;           /* by rows file: an index that has read it */
};

/* ---- problems ---- */

/* Report that a part cannot be merged. */
__attribute__((format(printf, 3, 4))) static void
add_problem(struct merge *merge, const struct given *given, const char *format, ...)
{
    const struct lc_merge_options *options = merge->options;
    char line[512];
    va_list args;

    merge->problems++;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (options->on_problem)
        options->on_problem(options->user, given->number, line);
}

__attribute__((format(printf, 2, 3))) static void add_notice(const struct merge *merge,
                                                             const char *format, ...)
{
    const struct lc_merge_options *options = merge->options;
    char line[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (options->on_notice)
        options->on_notice(options->user, line);
}

static enum lc_status fail_if_problems(const struct merge *merge, enum lc_status status,
                                       struct lc_error *err)
{
    if (!merge->problems)
        return LC_OK;
    err->subject = LC_SUBJECT_INDEX;
    return lc_fail(err, status, 0, "nothing is merged: %zu of %zu parts cannot be used",
                   merge->problems, merge->options->part_count);
}

/* ---- opening the parts ---- */

/* Whether the index file is in the result's folder: the result would replace it. */
static bool is_in_result(const struct merge *merge, const char *file)
{
    char *folder = strdup(file), *slash = folder ? strrchr(folder, '/') : NULL;
    struct stat one, other;
    bool same;

    if (slash)
        *slash = '\0';
    same = folder && stat(slash ? (*folder ? folder : "/") : ".", &one) == 0 &&
           stat(merge->options->index, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
    free(folder);
    return same;
}

/* Open a part. If it does not exist or is damaged, report a problem, or treat it as
 * missing. */
static enum lc_status open_given(struct merge *merge, struct given *given,
                                 struct lc_error *err)
{
    struct lc_error own = {0};
    enum lc_status status = lc_open_named_index(given->path, &merge->trust, &given->file,
                                                &given->index, &own);

    if (status == LC_ERR_MEMORY)
        return lc_fail_memory(err);
    if (status != LC_OK && merge->options->allow_missing)
        add_notice(merge, "%s is left out: %s", given->path, own.message);
    else if (status != LC_OK)
        add_problem(merge, given, "%s", own.message);
    if (status != LC_OK)
        return LC_OK;
    given->part = lc_index_part(given->index);
    if (is_in_result(merge, given->file))
        add_problem(merge, given, "the merged index would replace it");
    else if (!given->part)
        add_problem(merge, given, "it is the index of a whole data set, not of a part");
    return LC_OK;
}

/* Drop the indexes that are not used. */
static void keep_used(struct merge *merge)
{
    size_t kept = 0;

    for (size_t i = 0; i < merge->count; i++) {
        struct given given = merge->given[i];

        if (!given.index) { /* swapped, to be freed at the end */
            continue;
        }
        merge->given[i] = merge->given[kept];
        merge->given[kept++] = given;
    }
    merge->count = kept;
}

static enum lc_status open_all(struct merge *merge, struct lc_error *err)
{
    const struct lc_merge_options *options = merge->options;
    enum lc_status status = lc_trust_decide(true, &merge->trust, err);

    merge->given = calloc(options->part_count, sizeof(*merge->given));
    if (status == LC_OK && !merge->given)
        status = lc_fail_memory(err);
    for (size_t i = 0; i < options->part_count && status == LC_OK; i++) {
        assert(merge->given);
        merge->given[i].number = i;
        merge->given[i].path = options->parts[i];
        merge->count++;
        status = open_given(merge, &merge->given[i], err);
    }
    if (status == LC_OK)
        status = fail_if_problems(merge, LC_ERR_INDEX, err);
    if (status != LC_OK)
        return status;
    keep_used(merge);
    err->subject = LC_SUBJECT_INDEX;
    return merge->count ? LC_OK
                        : lc_fail(err, LC_ERR_USAGE, 0, "there is no part to merge");
}

/* ---- whether they belong together ---- */

/* Say what differs between two indexes of parts of one data set; NULL if nothing does. */
static const char *find_difference(const struct lc_index *a, const struct lc_index *b)
{
    const struct lc_index_info *x = lc_index_info(a), *y = lc_index_info(b);

    if (!lc_span_equal(x->name, y->name))
        return "another data set";
    if (!lc_span_equal(x->image_root, y->image_root) ||
        !lc_span_equal(x->image_folder, y->image_folder))
        return "another image root";
    if (lc_index_part(a)->file_count != lc_index_part(b)->file_count)
        return "other rows files";
    return NULL;
}

/* Whether the file is a shard, which only one part reads. */
static bool is_shard(const struct lc_file_record *file)
{
    return lc_span_is(file->dialect, LC_SHARD_DIALECT);
}

/* Whether two records describe the same bytes, read in the same way. */
static bool is_same_file(const struct lc_file_record *a, const struct lc_file_record *b)
{
    if (is_shard(a))
        return lc_span_equal(a->name, b->name) && a->size == b->size && is_shard(b) &&
               a->names == b->names;
    return lc_span_equal(a->name, b->name) && a->size == b->size &&
           lc_hash_compare(&a->content, &b->content) == 0 && a->lines == b->lines &&
           lc_span_equal(a->sampling, b->sampling) &&
           lc_span_equal(a->dialect, b->dialect) && a->names == b->names;
}

static enum lc_status compare_files(struct merge *merge, const struct given *given,
                                    struct lc_error *err)
{
    const struct given *first = &merge->given[0];

    for (uint32_t i = 0; i < given->part->file_count; i++) {
        const struct lc_part_file *a = &first->part->files[i];
        const struct lc_part_file *b = &given->part->files[i];
        struct lc_file_record x = {0}, y = {0};
        enum lc_status status = lc_index_get_file(first->index, i, &x, err);
        char name[160];

        if (status == LC_OK)
            status = lc_index_get_file(given->index, i, &y, err);
        if (status != LC_OK)
            return status;
        if (is_same_file(&x, &y) &&
            (is_shard(&x) || (a->rows == b->rows && a->sampled == b->sampled)))
            continue;
        lc_text_quote(y.name, name, sizeof(name));
        add_problem(merge, given, "its rows file %s differs from that of %s", name,
                    first->path);
        return LC_OK;
    }
    return LC_OK;
}

/* The archives of the first part, to compare another part's with. */
struct archives_beside {
    struct merge *merge;
    const struct given *given;
    uint32_t count;
    uint64_t *sizes;       /* by archive of the first part */
    struct lc_hash *names; /* hashes of their names */
    size_t capacity, size_capacity;
    bool differ;
};

static enum lc_status note_archive(void *user, uint32_t number,
                                   const struct lc_archive_record *archive,
                                   struct lc_error *err)
{
    struct archives_beside *beside = user;
    uint64_t *sizes = lc_array_grow(beside->sizes, beside->count, &beside->size_capacity,
                                    sizeof(*sizes));
    struct lc_hash *names;

    (void)number;
    if (!sizes)
        return lc_fail_memory(err);
    beside->sizes = sizes;
    names =
        lc_array_grow(beside->names, beside->count, &beside->capacity, sizeof(*names));
    if (!names)
        return lc_fail_memory(err);
    beside->names = names;
    sizes[beside->count] = archive->size;
    names[beside->count++] = lc_hash_bytes(archive->name.text, archive->name.size);
    return LC_OK;
}

static enum lc_status compare_archive(void *user, uint32_t number,
                                      const struct lc_archive_record *archive,
                                      struct lc_error *err)
{
    struct archives_beside *beside = user;
    struct lc_hash name = lc_hash_bytes(archive->name.text, archive->name.size);
    char quote[160];

    (void)err;
    if (beside->differ ||
        (number < beside->count && beside->sizes[number] == archive->size &&
         lc_hash_compare(&beside->names[number], &name) == 0))
        return LC_OK;
    beside->differ = true;
    lc_text_quote(archive->name, quote, sizeof(quote));
    add_problem(beside->merge, beside->given, "its archive %s differs from that of %s",
                quote, beside->merge->given[0].path);
    return LC_OK;
}

static enum lc_status count_archive(void *user, uint32_t number,
                                    const struct lc_archive_record *archive,
                                    struct lc_error *err)
{
    (void)archive;
    (void)err;
    *(uint32_t *)user = number + 1;
    return LC_OK;
}

/* Compare the archives of the parts, each of which one part has read. */
static enum lc_status compare_archives(struct merge *merge, struct lc_error *err)
{
    struct archives_beside beside = {.merge = merge};
    enum lc_status status =
        lc_index_each_archive(merge->given[0].index, note_archive, &beside, err);

    for (size_t i = 1; i < merge->count && status == LC_OK; i++) {
        uint32_t count = 0;

        beside.given = &merge->given[i];
        beside.differ = false;
        status =
            lc_index_each_archive(beside.given->index, compare_archive, &beside, err);
        if (status == LC_OK)
            status =
                lc_index_each_archive(beside.given->index, count_archive, &count, err);
        if (status == LC_OK && !beside.differ && count != beside.count)
            add_problem(merge, beside.given, "its archives are not those of %s",
                        merge->given[0].path);
    }
    free(beside.sizes);
    free(beside.names);
    return status;
}

/* Compare a part with this program, and with the first part. */
static enum lc_status compare_part(struct merge *merge, const struct given *given,
                                   struct lc_error *err)
{
    const struct given *first = &merge->given[0];
    const struct lc_index_info *info = lc_index_info(given->index);
    const struct lc_hash decoders = lc_image_cache_fingerprint(NULL);
    const char *difference = find_difference(first->index, given->index);

    if (!lc_span_is(info->tool, lc_version())) {
        char tool[64];

        lc_text_quote(info->tool, tool, sizeof(tool));
        add_problem(merge, given, "it was checked by version %s, and this is version %s",
                    tool, lc_version());
    } else if (lc_hash_compare(&info->decoders, &decoders) != 0) {
        add_problem(merge, given,
                    "it was checked with different versions of the image libraries");
    } else if (given->part->count != first->part->count) {
        add_problem(merge, given, "it is one of %u parts, but %s is one of %u",
                    given->part->count, first->path, first->part->count);
    } else if (lc_hash_compare(&given->part->whole, &first->part->whole) != 0) {
        add_problem(merge, given, "it was checked with different options than %s",
                    first->path);
    } else if (difference) {
        add_problem(merge, given, "it is of %s than %s", difference, first->path);
    } else {
        return compare_files(merge, given, err);
    }
    return LC_OK;
}

static enum lc_status compare_all(struct merge *merge, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < merge->count && status == LC_OK; i++)
        status = compare_part(merge, &merge->given[i], err);
    if (status == LC_OK && !merge->problems)
        status = compare_archives(merge, err);
    return status == LC_OK ? fail_if_problems(merge, LC_ERR_USAGE, err) : status;
}

/* ---- the parts that indexes cover ---- */

/* Largest first, since it may contain others; then in the order given. */
static int by_size(const void *a, const void *b)
{
    const struct given *x = a, *y = b;

    if (x->part->part_count != y->part->part_count)
        return x->part->part_count > y->part->part_count ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static int by_first_part(const void *a, const void *b)
{
    const struct given *x = a, *y = b;

    return (x->part->parts[0] > y->part->parts[0]) -
           (x->part->parts[0] < y->part->parts[0]);
}

/* Whether two indexes of the same parts have the same results. */
static bool found_the_same(const struct given *a, const struct given *b)
{
    return a->part->part_count != b->part->part_count ||
           memcmp(lc_index_summary(a->index), lc_index_summary(b->index),
                  sizeof(struct lc_summary)) == 0; /* all members are u64 */
}

/* Use an index, unless another one already covers its parts. */
static void cover(struct merge *merge, uint32_t number)
{
    struct given *given = &merge->given[number];
    const struct lc_part_record *part = given->part;
    const struct given *other;
    uint32_t taken = LC_NO_SOURCE;
    size_t shared = 0;

    for (size_t i = 0; i < part->part_count; i++) {
        uint32_t source = merge->sources[part->parts[i] - 1];

        if (source == LC_NO_SOURCE)
            continue;
        shared += taken == LC_NO_SOURCE || source == taken;
        taken = source;
    }
    if (taken == LC_NO_SOURCE) {
        for (size_t i = 0; i < part->part_count; i++)
            merge->sources[part->parts[i] - 1] = number;
        return;
    }
    other = &merge->given[taken];
    if (shared < part->part_count) {
        add_problem(merge, given, "some of its parts are in %s, too, but not all of them",
                    other->path);
        return;
    }
    if (!found_the_same(given, other)) {
        add_problem(merge, given, "%s has the same part with different results",
                    other->path);
        return;
    }
    add_notice(merge, "part %u of %u was given twice: %s is used, and %s is not",
               part->parts[0], part->count, other->path, given->path);
    lc_index_close(given->index);
    given->index = NULL;
}

/* Describe the parts that no index covers. */
static enum lc_status report_missing(struct merge *merge, struct lc_error *err)
{
    struct lc_part_record missing = {.count = merge->part_count};
    struct lc_buffer text = {0};
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < merge->part_count && status == LC_OK; i++)
        if (merge->sources[i] == LC_NO_SOURCE)
            status = lc_part_add(&missing, i + 1, err);
    if (status != LC_OK || !missing.part_count)
        goto out;
    status = lc_part_describe(&missing, &text, err);
    if (status != LC_OK)
        goto out;
    merge->run.covered.count = merge->part_count;
    merge->run.covered.whole = merge->given[0].part->whole;
    if (merge->options->allow_missing) {
        add_notice(merge, "missing: part %.*s; the result covers only the others",
                   (int)text.size, text.data);
    } else {
        err->subject = LC_SUBJECT_INDEX;
        status =
            lc_fail(err, LC_ERR_USAGE, 0,
                    "missing: part %.150s; --allow-missing merges the others", text.data);
    }
out:
    lc_buffer_clear(&text);
    lc_part_record_clear(&missing);
    return status;
}

static void find_sources(struct merge *merge)
{
    for (uint32_t i = 0; i < merge->part_count; i++)
        merge->sources[i] = LC_NO_SOURCE;
    for (uint32_t k = 0; k < merge->count; k++)
        for (size_t i = 0; i < merge->given[k].part->part_count; i++)
            merge->sources[merge->given[k].part->parts[i] - 1] = k;
}

static enum lc_status cover_all(struct merge *merge, struct lc_error *err)
{
    enum lc_status status;

    merge->part_count = merge->given[0].part->count;
    merge->sources = malloc(merge->part_count * sizeof(*merge->sources));
    if (!merge->sources)
        return lc_fail_memory(err);
    for (uint32_t i = 0; i < merge->part_count; i++)
        merge->sources[i] = LC_NO_SOURCE;
    qsort(merge->given, merge->count, sizeof(*merge->given), by_size);
    for (uint32_t i = 0; i < merge->count; i++)
        cover(merge, i);
    status = fail_if_problems(merge, LC_ERR_USAGE, err);
    if (status != LC_OK)
        return status;
    keep_used(merge);
    qsort(merge->given, merge->count, sizeof(*merge->given), by_first_part);
    find_sources(merge);
    assert(merge->count); /* of several parts that overlap, one is always used */
    merge->indexes = calloc(merge->count, sizeof(struct lc_index *));
    if (!merge->indexes)
        return lc_fail_memory(err);
    for (size_t i = 0; i < merge->count; i++)
        merge->indexes[i] = merge->given[i].index;
    return report_missing(merge, err);
}

/* ---- the order of rows ---- */

static enum lc_status add_share(struct merge *merge, const struct lc_rows_share *share,
                                struct lc_error *err)
{
    struct lc_rows_shares *shares = &merge->shares;
    struct lc_rows_share *items =
        lc_array_grow(shares->items, shares->count, &shares->capacity, sizeof(*items));

    if (!items)
        return lc_fail_memory(err);
    shares->items = items;
    items[shares->count++] = *share;
    return LC_OK;
}

/* How far each index was read. */
struct position {
    size_t next;       /* next entry in its list of rows */
    uint64_t from;     /* number of the current file's rows so far */
    size_t last_share; /* 1 + its last share of the current file; 0: none */
};

/* A rows file whose shares are being listed. */
struct listing {
    struct merge *merge;
    uint32_t file;
    uint64_t start; /* bytes of the files before it */
    uint64_t total; /* bytes of all files */
    uint64_t rows;  /* so far */
    struct position *positions;
};

static enum lc_status fail_apart(const struct merge *merge, struct lc_error *err)
{
    (void)merge;
    err->subject = LC_SUBJECT_INDEX;
    return lc_fail(err, LC_ERR_INDEX, 0,
                   "the parts do not belong together: rows are missing between them");
}

/* Add the rows of the file that an index has for a part, if any. */
static enum lc_status list_part(struct listing *listing, uint32_t part,
                                struct lc_error *err)
{
    struct merge *merge = listing->merge;
    uint32_t source = merge->sources[part - 1];
    struct position *at = source == LC_NO_SOURCE ? NULL : &listing->positions[source];
    const struct lc_part_record *record = at ? merge->given[source].part : NULL;
    const struct lc_part_rows *rows =
        at && at->next < record->rows_count ? &record->rows[at->next] : NULL;
    struct lc_rows_share share = {.file = listing->file, .source = source};
    uint64_t begin = lc_part_begin(part, listing->total, merge->part_count);

    if (!rows || rows->file != listing->file || rows->part != part)
        return LC_OK;
    if (!merge->run.covered.count && rows->first != listing->rows && rows->rows)
        return fail_apart(merge, err);
    begin = at->last_share && begin > listing->start ? begin - listing->start : 0;
    share.range = (struct lc_replay_range){
        .file = listing->file,
        .from = at->from,
        .rows = rows->rows,
        .first = listing->rows,
        .begin = begin,
        .end = UINT64_MAX,
        .has_end = true,
    };
    if (at->last_share) {
        struct lc_replay_range *last = &merge->shares.items[at->last_share - 1].range;

        last->end = begin;
        last->has_end = false;
    }
    at->next++;
    at->from += rows->rows;
    listing->rows += rows->rows;
    if (merge->run.covered.count) {
        enum lc_status status = lc_part_add_rows(&merge->run.covered, rows, err);

        if (status != LC_OK)
            return status;
    }
    at->last_share = merge->shares.count + 1;
    return add_share(merge, &share, err);
}

/* Check that each index has as many rows of the file as its part record says. */
static enum lc_status check_rows(const struct listing *listing, struct lc_error *err)
{
    const struct merge *merge = listing->merge;

    for (size_t i = 0; i < merge->count; i++) {
        struct lc_file_record file = {0};
        enum lc_status status =
            lc_index_get_file(merge->indexes[i], listing->file, &file, err);

        if (status != LC_OK)
            return status;
        if (file.rows != listing->positions[i].from)
            return fail_apart(merge, err);
    }
    if (!merge->run.covered.count && listing->rows != merge->totals[listing->file].rows)
        return fail_apart(merge, err);
    return LC_OK;
}

static enum lc_status list_file(struct listing *listing, uint64_t size,
                                struct lc_error *err)
{
    struct merge *merge = listing->merge;
    uint64_t end = listing->start + size;
    uint32_t first = lc_part_of_byte(listing->start, listing->total, merge->part_count);
    uint32_t last = lc_part_of_byte(end, listing->total, merge->part_count);
    size_t before = merge->shares.count;
    enum lc_status status = LC_OK;

    listing->rows = 0;
    for (size_t i = 0; i < merge->count; i++) {
        listing->positions[i].from = 0;
        listing->positions[i].last_share = 0;
    }
    for (uint32_t part = first; part <= last && status == LC_OK; part++)
        status = list_part(listing, part, err);
    if (status == LC_OK)
        status = check_rows(listing, err);
    if (status == LC_OK && merge->shares.count == before)
        status = add_share(
            merge, &(struct lc_rows_share){.file = listing->file, .source = LC_NO_SOURCE},
            err);
    listing->start = end;
    return status;
}

/* Note the name of a file. */
static enum lc_status add_file(struct merge *merge, uint32_t number, uint64_t *size,
                               struct lc_error *err)
{
    struct lc_file_record record = {0};
    enum lc_status status = lc_index_get_file(merge->indexes[0], number, &record, err);

    if (status != LC_OK)
        return status;
    *size = record.size;
    merge->dataset.files[number].name = strndup(record.name.text, record.name.size);
    if (!merge->dataset.files[number].name)
        return lc_fail_memory(err);
    merge->dataset.file_count++;
    merge->dataset.files[number].is_shard = is_shard(&record);
    merge->dataset.has_shards |= is_shard(&record);
    return LC_OK;
}

/* Note the totals of a file. All parts know them, except those of a shard. */
static enum lc_status add_totals(struct merge *merge, uint32_t number, uint64_t start,
                                 uint64_t total, struct lc_error *err)
{
    uint32_t reader = 0;

    if (merge->dataset.files[number].is_shard)
        reader = merge->sources[lc_part_of_byte(start, total, merge->part_count) - 1];
    if (reader == LC_NO_SOURCE) /* its part is missing */
        reader = 0;
    merge->readers[number] = reader;
    merge->totals[number] = merge->given[reader].part->files[number];
    return merge->run.covered.count
               ? lc_part_add_file(&merge->run.covered, &merge->totals[number], err)
               : LC_OK;
}

static enum lc_status add_archive(void *user, uint32_t number,
                                  const struct lc_archive_record *record,
                                  struct lc_error *err)
{
    struct lc_dataset *dataset = user;
    struct lc_archive_file *files =
        lc_array_grow(dataset->archives, dataset->archive_count,
                      &dataset->archive_capacity, sizeof(*files));
    struct lc_archive_file file = {.is_shard = dataset->has_shards};

    (void)number;
    if (!files)
        return lc_fail_memory(err);
    dataset->archives = files;
    file.name = strndup(record->name.text, record->name.size);
    if (!file.name)
        return lc_fail_memory(err);
    files[dataset->archive_count++] = file;
    return LC_OK;
}

/* List the rows of all files, in the order of the data set. */
static enum lc_status list_rows(struct merge *merge, struct lc_error *err)
{
    const struct lc_part_record *part = merge->given[0].part;
    struct listing listing = {.merge = merge};
    uint64_t *sizes = calloc(part->file_count + 1, sizeof(*sizes));
    enum lc_status status = LC_OK;

    listing.positions = calloc(merge->count + 1, sizeof(*listing.positions));
    merge->dataset.files = calloc(part->file_count + 1, sizeof(*merge->dataset.files));
    merge->totals = calloc(part->file_count + 1, sizeof(*merge->totals));
    merge->readers = calloc(part->file_count + 1, sizeof(*merge->readers));
    if (!sizes || !listing.positions || !merge->dataset.files || !merge->totals ||
        !merge->readers)
        status = lc_fail_memory(err);
    for (uint32_t i = 0; i < part->file_count && status == LC_OK; i++) {
        assert(sizes && merge->dataset.files);
        status = add_file(merge, i, &sizes[i], err);
        if (status == LC_OK && sizes[i] > UINT64_MAX - listing.total)
            status = fail_apart(merge, err);
        listing.total += sizes[i];
    }
    for (uint32_t i = 0; i < part->file_count && status == LC_OK; i++) {
        listing.file = i;
        status = add_totals(merge, i, listing.start, listing.total, err);
        if (status == LC_OK)
            status = list_file(&listing, sizes[i], err);
    }
    if (status == LC_OK)
        status =
            lc_index_each_archive(merge->indexes[0], add_archive, &merge->dataset, err);
    for (uint32_t i = 0; merge->run.covered.count && i < merge->part_count; i++)
        if (status == LC_OK && merge->sources[i] != LC_NO_SOURCE)
            status = lc_part_add(&merge->run.covered, i + 1, err);
    merge->shares.indexes = merge->indexes;
    merge->shares.index_count = merge->count;
    merge->shares.totals = merge->totals;
    merge->shares.readers = merge->readers;
    free(sizes);
    free(listing.positions);
    return status;
}

/* ---- the run ---- */

/* Compute a fingerprint of its own for a merge of only some parts, so that no check
 * reuses its rows. */
static struct lc_hash fingerprint(const struct merge *merge)
{
    struct lc_hash hash = merge->given[0].part->whole;

    if (merge->run.covered.count)
        hash.bytes[0] ^= 1;
    return hash;
}

static enum lc_status create(struct merge *merge, struct lc_error *err)
{
    const struct lc_claimer by = {
        .is_named = true,
        .user = merge->options->user,
        .on_notice = merge->options->on_notice,
    };
    struct lc_index_info info = *lc_index_info(merge->indexes[0]);
    const char *folder = merge->options->index;
    enum lc_status status = lc_index_claim(folder, &by, err);

    for (size_t i = 0; i < merge->count; i++) {
        int64_t began = lc_index_info(merge->indexes[i])->began_ns;

        info.began_ns = began < info.began_ns ? began : info.began_ns;
    }
    info.options = fingerprint(merge);
    if (status == LC_OK)
        status =
            lc_index_create(folder, lc_trust_key(&merge->trust), &merge->run.writer, err);
    if (status == LC_OK)
        status = lc_index_add_info(merge->run.writer, &info, err);
    if (status != LC_OK && err)
        err->subject = LC_SUBJECT_INDEX;
    return status;
}

static const struct lc_index *index_of(const void *user, struct lc_span path)
{
    return lc_archives_index_of(user, path);
}

/* Find the images that no row names, among the files of the image root as listed by the
 * first part, and in all archives. A merge of only some parts stores the list. */
static enum lc_status find_unused(struct merge *merge, const struct lc_rows *rows,
                                  const struct lc_more_files *more, struct lc_unused *out,
                                  struct lc_error *err)
{
    static const atomic_bool stop;
    uint32_t first = merge->sources[0];
    const struct lc_part_record *part =
        first == LC_NO_SOURCE ? NULL : merge->given[first].part;
    struct lc_part_record *covered = &merge->run.covered;
    struct lc_span list;

    if (!part || !part->has_unused)
        return LC_OK;
    list = (struct lc_span){part->unused.data, part->unused.size};
    if (!covered->count)
        return lc_unused_join(list, more, &rows->paths, &stop, out, err);
    covered->has_unused = true;
    return list.size ? lc_buffer_add(&covered->unused, list.text, list.size, err) : LC_OK;
}

/* Join the archives, the images, and the findings that need all images. */
static enum lc_status join_images(struct merge *merge, struct lc_links *links,
                                  struct lc_rows *rows, struct lc_unused *unused,
                                  struct lc_error *err)
{
    struct lc_run *run = &merge->run;
    const struct lc_archives_parts parts = {
        .dataset = &merge->dataset,
        .links = links,
        .indexes = merge->indexes,
        .index_count = merge->count,
    };
    struct lc_join_input images = {
        .links = links,
        .indexes = merge->indexes,
        .index_count = merge->count,
        .part_count = merge->part_count,
        .sources = merge->sources,
    };
    struct lc_archives *archives = NULL;
    enum lc_status status = lc_archives_join(run, &parts, &archives, err);

    if (status != LC_OK)
        goto out;
    images.archived = lc_archives_images(archives);
    if (merge->dataset.has_shards && archives)
        images.index_of = index_of;
    status = lc_images_join(run, &images, rows->faulty, err);
    if (status == LC_OK)
        status = find_unused(merge, rows, &images.archived.files, unused, err);
    if (status == LC_OK)
        status = lc_archives_store(archives, err);
    if (status == LC_OK && run->covered.count)
        status = lc_archives_cover(archives, err);
    if (status == LC_OK)
        status = lc_archives_report(archives, &merge->dataset, rows, err);
out:
    lc_archives_free(archives);
    return status;
}

/* The stages of a check; see scan/common/stages.h. */
static enum lc_status run_stages(struct merge *merge, struct lc_error *err)
{
    struct lc_run *run = &merge->run;
    const char *folder = merge->options->index;
    struct lc_rows rows = {
        .ids.folder = folder, .contents.folder = folder, .questions.folder = folder};
    struct lc_links links = {0};
    struct lc_sorting sorting = {0};
    enum lc_status status;

    lc_run_begin_stage(run, LC_STAGE_ROWS);
    status = lc_rows_join(run, &merge->dataset, &merge->shares, &rows, err);
    if (status != LC_OK)
        goto out;
    lc_run_begin_stage(run, LC_STAGE_LINKS);
    lc_sorting_begin(&sorting, &rows, NULL);
    status = lc_links_build(&rows, &links, err);
    if (status == LC_OK)
        status = lc_links_store(run, &rows, &links, err);
    if (status != LC_OK)
        goto out;
    lc_run_begin_stage(run, LC_STAGE_IMAGES);
    status = join_images(merge, &links, &rows, &sorting.unused, err);
    if (status != LC_OK)
        goto out;
    lc_run_begin_stage(run, LC_STAGE_SET);
    status = lc_sorting_end(&sorting, err);
    lc_links_clear(&links);
    lc_paths_clear(&rows.paths);
    if (status == LC_OK)
        status = lc_set_check(run, &merge->dataset, &rows, &sorting.unused, err);
    if (status == LC_OK)
        status = lc_run_check_stopped(run, err);
    if (status != LC_OK)
        goto out;
    lc_run_begin_stage(run, LC_STAGE_INDEX);
    status = lc_run_store_summary(run, rows.faulty, err);
out:
    lc_sorting_clear(&sorting); /* before the rest: its thread reads the rows */
    lc_links_clear(&links);
    lc_rows_clear(&rows);
    return status;
}

static void clear(struct merge *merge)
{
    for (size_t i = 0; merge->given && i < merge->options->part_count; i++) {
        lc_index_close(merge->given[i].index);
        free(merge->given[i].file);
    }
    lc_index_abandon(merge->run.writer);
    lc_part_record_clear(&merge->run.covered);
    lc_dataset_clear(&merge->dataset);
    free(merge->shares.items);
    free(merge->totals);
    free(merge->readers);
    free(merge->given);
    free(merge->indexes);
    free(merge->sources);
}

static enum lc_status merge_parts(struct merge *merge, struct lc_index **out,
                                  struct lc_error *err)
{
    enum lc_status status = open_all(merge, err);

    if (status == LC_OK)
        status = compare_all(merge, err);
    if (status == LC_OK)
        status = cover_all(merge, err);
    if (status == LC_OK)
        status = list_rows(merge, err);
    if (status == LC_OK)
        status = create(merge, err);
    if (status == LC_OK)
        status = run_stages(merge, err);
    if (status == LC_OK) {
        struct lc_index_writer *writer = merge->run.writer;

        merge->run.writer = NULL;
        status = lc_index_finish(writer, NULL, out, err);
    }
    return status;
}

enum lc_status lc_merge(const struct lc_merge_options *options, struct lc_index **out,
                        struct lc_error *err)
{
    struct lc_merge_options own;
    struct lc_error error = {0};
    struct merge merge = {.options = &own};
    enum lc_status status = LC_OPTIONS_COPY(&own, options, index, &error);

    if (status == LC_OK && (!own.part_count || !own.index))
        status = lc_fail(&error, LC_ERR_USAGE, 0, "a merge requires parts and an index");
    if (status == LC_OK) {
        merge.as_check = (struct lc_check_options){
            .size = sizeof(merge.as_check),
            .index = own.index,
            .threads = own.threads,
            .user = own.user,
            .on_progress = own.on_progress,
            .on_notice = own.on_notice,
            .is_stopped = own.is_stopped,
        };
        merge.run = (struct lc_run){
            .options = &merge.as_check,
            .workers = lc_run_workers(own.threads),
            .folder = own.index,
        };
        status = merge_parts(&merge, out, &error);
        clear(&merge);
    }
    if (status != LC_OK && err && err->status == LC_OK)
        *err = error;
    return status;
}

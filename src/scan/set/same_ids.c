/* Rows that share an id: within a file, or only across files. */
#include "scan/set/same_ids.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NAMED_STEP 64

/* Ids that occur in several files, but at most once in each. */
struct shared_ids {
    uint64_t count;
    uint64_t first_row; /* the first row that has such an id */
    bool *uses;         /* by file: whether it has such an id */
    uint32_t *files;    /* of the current group */
    size_t file_count;
};

struct id_check {
    struct lc_set_stage *stage;
    uint64_t *first_named; /* of every NAMED_STEPth row: where its images begin */
    struct shared_ids shared;
};

/* The position in named where the images of a row begin. To save memory, only every
 * NAMED_STEPth position is stored; the others are counted from there. */
static uint64_t first_named(const struct id_check *check, uint64_t row)
{
    uint64_t first = check->first_named[row / NAMED_STEP];

    for (uint64_t r = row - row % NAMED_STEP; r < row; r++)
        first += check->stage->rows->image_counts[r];
    return first;
}

static enum lc_status index_named(struct id_check *check, struct lc_error *err)
{
    const struct lc_rows *rows = check->stage->rows;
    uint64_t next = 0;
    uint64_t *first = malloc((rows->count / NAMED_STEP + 1) * sizeof(*first));

    if (!first)
        return lc_fail_memory(err);
    for (uint64_t row = 0; row < rows->count; row++) {
        if (row % NAMED_STEP == 0)
            first[row / NAMED_STEP] = next;
        next += rows->image_counts[row];
    }
    check->first_named = first;
    return LC_OK;
}

/* Whether two rows that have images name different ones, or the same in another order. */
static bool images_differ(const struct id_check *check, uint64_t a, uint64_t b)
{
    const struct lc_rows *rows = check->stage->rows;
    uint32_t count = rows->image_counts[a];

    return count != rows->image_counts[b] ||
           memcmp(rows->named + first_named(check, a),
                  rows->named + first_named(check, b), count * sizeof(*rows->named)) != 0;
}

/* The number of the file that contains a row. */
static size_t file_of_row(const struct lc_rows *rows, uint64_t row)
{
    size_t low = 0, high = rows->file_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (row < rows->file_ends[middle])
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The rows read so far that have one id, in the order of rows and thus of files. */
struct group {
    struct lc_hash hash;
    uint64_t first; /* row */
    uint64_t count;
    uint64_t file_end;    /* first row past the file of the last row */
    bool is_repeated;     /* a file has several of the rows */
    uint64_t with_images; /* the last row of that file with images, if any */
    bool any_with_images;
    bool differs; /* of one file's rows with images, not all name the same images */
};

static void compare_images(const struct id_check *check, struct group *group,
                           uint64_t row)
{
    if (!check->stage->rows->image_counts[row])
        return;
    if (group->any_with_images && !group->differs)
        group->differs = images_differ(check, group->with_images, row);
    group->with_images = row;
    group->any_with_images = true;
}

/* Find the row's file, and compare the row's images with those of the group's other rows
 * in the file. */
static void join_file(struct id_check *check, struct group *group, uint64_t row)
{
    const struct lc_rows *rows = check->stage->rows;
    struct shared_ids *shared = &check->shared;

    if (row < group->file_end) {
        group->is_repeated = true;
    } else {
        size_t file = file_of_row(rows, row);

        assert(shared->files); /* space for all files, unless the check has no groups */
        group->file_end = rows->file_ends[file];
        group->any_with_images = false;
        shared->files[shared->file_count++] = (uint32_t)file;
    }
    compare_images(check, group, row);
}

/* Add a row to its group. The first row is looked at only when a second one comes,
 * because nearly all rows are alone. */
static void join_group(struct id_check *check, struct group *group, uint64_t row)
{
    if (++group->count == 1)
        return;
    if (group->count == 2) {
        check->shared.file_count = 0;
        join_file(check, group, group->first);
    }
    join_file(check, group, row);
}

/* Count an id that several files use, each only once. */
static void count_shared_id(struct shared_ids *shared, const struct group *group)
{
    if (!shared->count++ || group->first < shared->first_row)
        shared->first_row = group->first;
    for (size_t i = 0; i < shared->file_count; i++)
        shared->uses[shared->files[i]] = true;
}

static enum lc_status end_group(struct id_check *check, const struct group *group,
                                struct lc_error *err)
{
    if (group->is_repeated)
        return lc_sorter_add_numbers(&check->stage->found, group->first, group->count,
                                     group->differs, err);
    if (group->count > 1)
        count_shared_id(&check->shared, group);
    return LC_OK;
}

static enum lc_status find_groups(struct id_check *check, struct lc_error *err)
{
    struct group group = {.count = 0};
    enum lc_status status = index_named(check, err);
    bool more = true;

    while (status == LC_OK) {
        struct lc_row_id id;

        status = lc_sorter_next(&check->stage->rows->ids, &id, &more, err);
        if (status != LC_OK || !more)
            break;
        if (!group.count || lc_hash_compare(&group.hash, &id.hash) != 0) {
            status = end_group(check, &group, err);
            group = (struct group){.hash = id.hash, .first = id.row};
        }
        join_group(check, &group, id.row);
        if (status == LC_OK)
            status = lc_index_add_lookup(check->stage->run->writer, LC_LOOKUP_ID,
                                         &id.hash, id.row, err);
    }
    return status == LC_OK ? end_group(check, &group, err) : status;
}

static enum lc_status report_group(struct lc_set_stage *stage,
                                   const struct lc_row_id *group, struct lc_error *err)
{
    struct lc_duplicate_facts duplicate = {
        .count = lc_get_u64(group->hash.bytes + 8),
        .images_differ = group->row,
    };
    struct lc_facts facts = {.duplicate = &duplicate};
    struct lc_finding_record record = {
        .kind = LC_FINDING_SET,
        .row = -1,
        .turn = -1,
        .row_count = duplicate.count,
    };
    struct lc_buffer text = {0};
    struct lc_row_record row = {0};
    enum lc_status status = lc_index_written_row(
        stage->run->writer, lc_get_u64(group->hash.bytes), &row, err);

    if (status == LC_OK) /* copy: adding a finding moves the record */
        status = lc_buffer_add(&text, row.id.text, row.id.size, err);
    duplicate.id = record.id = (struct lc_span){text.data, text.size};
    if (status == LC_OK)
        status = lc_set_report(stage, &facts, &record, err);
    lc_buffer_clear(&text);
    return status;
}

/* Report the ids that are unique within each file, but not in the whole set. */
static enum lc_status report_shared_ids(struct id_check *check, struct lc_error *err)
{
    const struct shared_ids *shared = &check->shared;
    struct lc_shared_ids_facts facts = {.count = shared->count};
    struct lc_finding_record record = {.kind = LC_FINDING_SET, .row = -1, .turn = -1};
    struct lc_row_record row = {0};
    struct lc_buffer id = {0};
    enum lc_status status;

    if (!shared->count)
        return LC_OK;
    for (size_t i = 0; i < check->stage->rows->file_count; i++) {
        const char *name = check->stage->dataset->files[i].name;

        if (!shared->uses[i])
            continue;
        if (facts.files < LC_SHARED_IDS_NAMES)
            facts.names[facts.files] = (struct lc_span){name, strlen(name)};
        facts.files++;
    }
    status =
        lc_index_written_row(check->stage->run->writer, shared->first_row, &row, err);
    if (status == LC_OK) /* adding a finding moves the record */
        status = lc_buffer_add(&id, row.id.text, row.id.size, err);
    facts.example = (struct lc_span){id.data, id.size};
    if (status == LC_OK)
        status = lc_set_report(check->stage, &(struct lc_facts){.shared_ids = &facts},
                               &record, err);
    lc_buffer_clear(&id);
    return status;
}

enum lc_status lc_set_check_ids(struct lc_set_stage *stage, struct lc_error *err)
{
    struct id_check check = {.stage = stage};
    size_t files = stage->rows->file_count;
    enum lc_status status = LC_OK;

    check.shared.uses = calloc(files + 1, sizeof(*check.shared.uses));
    check.shared.files = calloc(files + 1, sizeof(*check.shared.files));
    if (!check.shared.uses || !check.shared.files)
        status = lc_fail_memory(err);
    lc_set_start_collecting(stage);
    if (status == LC_OK)
        status = find_groups(&check, err);
    lc_sorter_clear(&stage->rows->ids);
    if (status == LC_OK)
        status = lc_set_report_collected(stage, report_group, err);
    if (status == LC_OK)
        status = report_shared_ids(&check, err);
    free(check.first_named);
    free(check.shared.uses);
    free(check.shared.files);
    return status;
}

#include "scan/set/set.h"

#include <stdlib.h>
#include <string.h>

#define NAMED_STEP 64

/* The ids that several files use, each at most once. */
struct shared_ids {
    uint64_t count;
    uint64_t first_row; /* that has one of them */
    bool *uses;         /* by file: it uses one of them */
    uint32_t *files;    /* of the current group */
    size_t file_count;
};

struct set_stage {
    struct lc_run *run;
    const struct lc_dataset *dataset;
    struct lc_rows *rows;
    uint64_t *first_named; /* of every NAMED_STEPth row: where its images begin */
    struct shared_ids shared;
    struct lc_sorter found; /* what to report, in the order of rows */
    struct lc_findings findings;
};

/* Start collecting results: they are found in the order of hashes, and sorted to be
 * reported in the order of rows. */
static void start_collecting(struct set_stage *stage)
{
    lc_sorter_clear(&stage->found);
    stage->found = (struct lc_sorter){
        .folder = stage->run->folder,
        .limit = stage->rows->ids.limit,
        .is_irregular = true,
    };
}

/* Run the rules on facts about the set, and store their findings. */
static enum lc_status report(struct set_stage *stage, const struct lc_facts *facts,
                             struct lc_finding_record *record, struct lc_error *err)
{
    struct lc_findings *findings = &stage->findings;
    enum lc_status status;

    lc_findings_reset(findings);
    status = lc_rules_check(LC_SCOPE_SET, facts, findings, err);
    for (size_t i = 0; i < findings->count && status == LC_OK; i++)
        status =
            lc_run_add_finding(stage->run, findings, &findings->items[i], record, err);
    return status;
}

/* ---- rows that share an id ---- */

/* Where the images of a row begin in named. One position in NAMED_STEP is stored, to save
 * memory; the others are counted from there. */
static uint64_t first_named(const struct set_stage *stage, uint64_t row)
{
    uint64_t first = stage->first_named[row / NAMED_STEP];

    for (uint64_t r = row - row % NAMED_STEP; r < row; r++)
        first += stage->rows->image_counts[r];
    return first;
}

static enum lc_status index_named(struct set_stage *stage, struct lc_error *err)
{
    const struct lc_rows *rows = stage->rows;
    uint64_t next = 0;
    uint64_t *first = malloc((rows->count / NAMED_STEP + 1) * sizeof(*first));

    if (!first)
        return lc_fail_memory(err);
    for (uint64_t row = 0; row < rows->count; row++) {
        if (row % NAMED_STEP == 0)
            first[row / NAMED_STEP] = next;
        next += rows->image_counts[row];
    }
    stage->first_named = first;
    return LC_OK;
}

/* Whether two rows with images name different ones, or in another order. */
static bool images_differ(const struct set_stage *stage, uint64_t a, uint64_t b)
{
    const struct lc_rows *rows = stage->rows;
    uint32_t count = rows->image_counts[a];

    return count != rows->image_counts[b] ||
           memcmp(rows->named + first_named(stage, a),
                  rows->named + first_named(stage, b), count * sizeof(*rows->named)) != 0;
}

/* The number of the file that a row is in. */
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

/* The rows of one id that were read so far, in the order of rows and so of files. */
struct group {
    struct lc_hash hash;
    uint64_t first; /* row */
    uint64_t count;
    uint64_t file_end;    /* first row past the file of the last row */
    bool is_repeated;     /* a file has several of them */
    uint64_t with_images; /* the last row of that file with images, if any */
    bool any_with_images;
    bool differs; /* rows of one file with images do not all name the same ones */
};

static void compare_images(const struct set_stage *stage, struct group *group,
                           uint64_t row)
{
    if (!stage->rows->image_counts[row])
        return;
    if (group->any_with_images && !group->differs)
        group->differs = images_differ(stage, group->with_images, row);
    group->with_images = row;
    group->any_with_images = true;
}

/* Find the row's file, and compare its images with those of the group's other rows
 * there. */
static void join_file(struct set_stage *stage, struct group *group, uint64_t row)
{
    const struct lc_rows *rows = stage->rows;
    struct shared_ids *shared = &stage->shared;

    if (row < group->file_end) {
        group->is_repeated = true;
    } else {
        size_t file = file_of_row(rows, row);

        group->file_end = rows->file_ends[file];
        group->any_with_images = false;
        shared->files[shared->file_count++] = (uint32_t)file;
    }
    compare_images(stage, group, row);
}

/* Add a row to its group. The first is looked at only when a second row comes: nearly all
 * rows are alone. */
static void join_group(struct set_stage *stage, struct group *group, uint64_t row)
{
    if (++group->count == 1)
        return;
    if (group->count == 2) {
        stage->shared.file_count = 0;
        join_file(stage, group, group->first);
    }
    join_file(stage, group, row);
}

/* Count an id that several files use, but none of them twice. */
static void count_shared_id(struct shared_ids *shared, const struct group *group)
{
    if (!shared->count++ || group->first < shared->first_row)
        shared->first_row = group->first;
    for (size_t i = 0; i < shared->file_count; i++)
        shared->uses[shared->files[i]] = true;
}

static enum lc_status end_group(struct set_stage *stage, const struct group *group,
                                struct lc_error *err)
{
    if (group->is_repeated)
        return lc_sorter_add_numbers(&stage->found, group->first, group->count,
                                     group->differs, err);
    if (group->count > 1)
        count_shared_id(&stage->shared, group);
    return LC_OK;
}

static enum lc_status find_groups(struct set_stage *stage, struct lc_error *err)
{
    struct group group = {.count = 0};
    enum lc_status status = index_named(stage, err);
    bool more = true;

    while (status == LC_OK) {
        struct lc_row_id id;

        status = lc_sorter_next(&stage->rows->ids, &id, &more, err);
        if (status != LC_OK || !more)
            break;
        if (!group.count || lc_hash_compare(&group.hash, &id.hash) != 0) {
            status = end_group(stage, &group, err);
            group = (struct group){.hash = id.hash, .first = id.row};
        }
        join_group(stage, &group, id.row);
        if (status == LC_OK)
            status = lc_index_add_lookup(stage->run->writer, LC_LOOKUP_ID, &id.hash,
                                         id.row, err);
    }
    return status == LC_OK ? end_group(stage, &group, err) : status;
}

static enum lc_status report_group(struct set_stage *stage, const struct lc_row_id *group,
                                   struct lc_error *err)
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
        status = report(stage, &facts, &record, err);
    lc_buffer_clear(&text);
    return status;
}

/* Report the collected results, in the order of rows. */
static enum lc_status report_collected(
    struct set_stage *stage,
    enum lc_status (*report_one)(struct set_stage *stage, const struct lc_row_id *item,
                                 struct lc_error *err),
    struct lc_error *err)
{
    enum lc_status status = lc_sorter_sort(&stage->found, err);
    bool more = true;

    while (status == LC_OK) {
        struct lc_row_id item;

        status = lc_sorter_next(&stage->found, &item, &more, err);
        if (status != LC_OK || !more)
            break;
        status = report_one(stage, &item, err);
    }
    return status;
}

/* Report the ids that are unique within each file, but not in the whole set. */
static enum lc_status report_shared_ids(struct set_stage *stage, struct lc_error *err)
{
    const struct shared_ids *shared = &stage->shared;
    struct lc_shared_ids_facts facts = {.count = shared->count};
    struct lc_finding_record record = {.kind = LC_FINDING_SET, .row = -1, .turn = -1};
    struct lc_row_record row = {0};
    struct lc_buffer id = {0};
    enum lc_status status;

    if (!shared->count)
        return LC_OK;
    for (size_t i = 0; i < stage->rows->file_count; i++) {
        const char *name = stage->dataset->files[i].name;

        if (!shared->uses[i])
            continue;
        if (facts.files < LC_SHARED_IDS_NAMES)
            facts.names[facts.files] = (struct lc_span){name, strlen(name)};
        facts.files++;
    }
    status = lc_index_written_row(stage->run->writer, shared->first_row, &row, err);
    if (status == LC_OK) /* adding a finding moves the record */
        status = lc_buffer_add(&id, row.id.text, row.id.size, err);
    facts.example = (struct lc_span){id.data, id.size};
    if (status == LC_OK)
        status = report(stage, &(struct lc_facts){.shared_ids = &facts}, &record, err);
    lc_buffer_clear(&id);
    return status;
}

static enum lc_status check_ids(struct set_stage *stage, struct lc_error *err)
{
    struct shared_ids *shared = &stage->shared;
    size_t files = stage->rows->file_count;
    enum lc_status status;

    shared->uses = calloc(files + 1, sizeof(*shared->uses));
    shared->files = calloc(files + 1, sizeof(*shared->files));
    if (!shared->uses || !shared->files)
        return lc_fail_memory(err);
    start_collecting(stage);
    status = find_groups(stage, err);
    lc_sorter_clear(&stage->rows->ids);
    if (status == LC_OK)
        status = report_collected(stage, report_group, err);
    return status == LC_OK ? report_shared_ids(stage, err) : status;
}

/* ---- equal rows ---- */

/* Report a row that equals an earlier one. */
static enum lc_status report_twin(struct set_stage *stage, uint64_t number,
                                  const struct lc_twin_facts *twin, struct lc_error *err)
{
    struct lc_facts facts = {.twin = twin};
    struct lc_buffer id = {0};
    struct lc_row_record row = {0};
    enum lc_status status = lc_index_written_row(stage->run->writer, number, &row, err);

    if (status == LC_OK)
        status = lc_buffer_add(
            &id, row.id.text,
            row.id.size < LC_FINDING_ID_MAX ? row.id.size : LC_FINDING_ID_MAX, err);
    if (status == LC_OK) {
        struct lc_finding_record record = {
            .kind = LC_FINDING_ROW,
            .file = row.file,
            .row = (int64_t)row.row,
            .offset = row.offset,
            .line = row.line,
            .column = row.column,
            .turn = -1,
            .id = {id.data, id.size},
        };

        status = report(stage, &facts, &record, err);
    }
    lc_buffer_clear(&id);
    return status;
}

static enum lc_status report_pair(struct set_stage *stage, const struct lc_row_id *pair,
                                  struct lc_error *err)
{
    struct lc_row_record first = {0};
    enum lc_status status = lc_index_written_row(
        stage->run->writer, lc_get_u64(pair->hash.bytes + 8), &first, err);
    struct lc_twin_facts twin = {.row = first.row, .line = first.line};

    if (status == LC_OK && stage->dataset->file_count > 1) {
        const char *name = stage->dataset->files[first.file].name;

        twin.file = (struct lc_span){name, strlen(name)};
    }
    return status == LC_OK ? report_twin(stage, lc_get_u64(pair->hash.bytes), &twin, err)
                           : status;
}

static enum lc_status find_twins(struct set_stage *stage, struct lc_error *err)
{
    struct lc_row_id first = {0};
    enum lc_status status = LC_OK;
    bool any = false, more = true;

    while (status == LC_OK) {
        struct lc_row_id next;

        status = lc_sorter_next(&stage->rows->contents, &next, &more, err);
        if (status != LC_OK || !more)
            break;
        if (any && lc_hash_compare(&first.hash, &next.hash) == 0)
            status = lc_sorter_add_numbers(&stage->found, next.row, first.row, 0, err);
        else
            first = next;
        any = true;
    }
    return status;
}

static enum lc_status check_contents(struct set_stage *stage, struct lc_error *err)
{
    enum lc_status status;

    start_collecting(stage);
    status = find_twins(stage, err);
    lc_sorter_clear(&stage->rows->contents);
    return status == LC_OK ? report_collected(stage, report_pair, err) : status;
}

/* ---- images that no row names ---- */

static enum lc_status report_unused(struct set_stage *stage,
                                    const struct lc_unused *unused, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < unused->count && status == LC_OK; i++) {
        const struct lc_unused_folder *folder = &unused->folders[i];
        const char *path = unused->text.data + folder->folder;
        const char *example = unused->text.data + folder->example;
        struct lc_unused_facts facts = {
            .folder = {path, strlen(path)},
            .count = folder->count,
            .whole = folder->whole,
            .example = {example, strlen(example)},
        };
        struct lc_finding_record record = {.kind = LC_FINDING_SET, .row = -1, .turn = -1};

        status = report(stage, &(struct lc_facts){.unused = &facts}, &record, err);
    }
    return status;
}

enum lc_status lc_set_check(struct lc_run *run, const struct lc_dataset *dataset,
                            struct lc_rows *rows, const struct lc_unused *unused,
                            struct lc_error *err)
{
    struct set_stage stage = {.run = run, .dataset = dataset, .rows = rows};
    enum lc_status status = check_ids(&stage, err);

    if (status == LC_OK)
        status = check_contents(&stage, err);
    if (status == LC_OK)
        status = report_unused(&stage, unused, err);
    lc_findings_clear(&stage.findings);
    lc_sorter_clear(&stage.found);
    free(stage.first_named);
    free(stage.shared.uses);
    free(stage.shared.files);
    return status;
}

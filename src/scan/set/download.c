#include "scan/set/download.h"

#include "base/path.h"
#include "proof/find.h"
#include "proof/root.h"
#include "store/plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each file costs two or three system calls, so a data set with many single files is only
 * counted. */
#define MAX_FILES 20000

#define COMMIT_DIGITS 12

struct comparison {
    struct lc_set_stage *stage;
    struct lc_record_root root;
    struct lc_folder *folder;
    struct lc_records records;
    struct lc_file_list list;
    struct lc_record_group *groups;
    size_t group_count;
    struct lc_download_facts outdated;
};

static enum lc_status report(struct comparison *comparison,
                             struct lc_download_facts *facts, struct lc_error *err)
{
    struct lc_finding_record record = {.kind = LC_FINDING_SET, .row = -1, .turn = -1};

    facts->is_glance = true;
    return lc_set_report_of(comparison->stage, LC_SCOPE_DOWNLOAD,
                            &(struct lc_facts){.download = facts}, &record, err);
}

/* Whether a file is an archive, which may have been removed after it was unpacked. */
static bool is_archive(const char *path)
{
    static const char *const suffixes[] = {".tar", ".gz",  ".tgz", ".zip", ".xz",
                                           ".bz2", ".zst", ".7z",  ".rar"};

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (lc_path_ends(path, suffixes[i]))
            return true;
    return false;
}

static struct lc_span span_of(const char *text)
{
    return (struct lc_span){text, strlen(text)};
}

/* Compare a file with its first record that has a time, and with every record that has a
 * size. */
static enum lc_status compare_file(struct comparison *comparison,
                                   const struct lc_record_group *group,
                                   struct lc_error *err)
{
    const struct lc_record *records = comparison->records.items + group->first;
    struct lc_download_facts facts = {
        .path = span_of(lc_group_shown(&comparison->records, group))};
    struct lc_file_facts file;
    enum lc_read_result result;
    int os_errno;

    lc_plain_stat(comparison->folder, lc_group_path(&comparison->records, group), &file,
                  &result, &os_errno);
    if (result == LC_READ_MISSING && !group->is_listed && !is_archive(facts.path.text)) {
        facts.fault = LC_DOWNLOAD_MISSING;
        return report(comparison, &facts, err);
    }
    if (result != LC_READ_OK)
        return LC_OK;
    for (size_t i = 0; i < group->count; i++) {
        if (records[i].time_ns == LC_RECORD_NO_TIME ||
            file.mtime_ns <= records[i].time_ns)
            continue;
        if (!comparison->outdated.count++) {
            comparison->outdated.path = facts.path;
            comparison->outdated.modified_ns = file.mtime_ns;
        }
        return LC_OK; /* its size may differ, too */
    }
    for (size_t i = 0; i < group->count && !group->is_listed; i++) {
        if (records[i].size == LC_RECORD_NO_SIZE || records[i].size == file.size)
            continue;
        facts.fault = LC_DOWNLOAD_SIZE;
        facts.size = file.size;
        facts.recorded_size = records[i].size;
        return report(comparison, &facts, err);
    }
    return LC_OK;
}

static enum lc_status report_issues(struct comparison *comparison, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < comparison->records.issue_count && status == LC_OK; i++) {
        const struct lc_record_issue *issue = &comparison->records.issues[i];
        struct lc_download_facts facts = {
            .fault = issue->fault == LC_FAULT_UNFINISHED ? LC_DOWNLOAD_UNFINISHED
                                                         : LC_DOWNLOAD_UNUSABLE,
            .path = span_of(lc_records_at(&comparison->records, issue->path)),
            .detail = issue->detail,
        };

        status = report(comparison, &facts, err);
    }
    return status;
}

/* "downloaded by huggingface_hub: datasets/org/name, commit 0123456789ab; 12 files are
 * recorded" */
static void report_source(const struct comparison *comparison, bool is_cut)
{
    const struct lc_check_options *options = comparison->stage->run->options;
    const struct lc_records *records = &comparison->records;
    const struct lc_record_source *best = NULL;
    char line[1024], count[64] = "", repository[300] = "";

    for (size_t i = 0; i < records->source_count; i++)
        if (*lc_records_at(records, records->sources[i].commit) &&
            (!best || records->sources[i].records > best->records))
            best = &records->sources[i];
    if (!options->on_notice || comparison->stage->run->is_retry || !best)
        return;
    if (!is_cut)
        snprintf(count, sizeof(count), "; %zu file%s recorded", comparison->group_count,
                 comparison->group_count == 1 ? " is" : "s are");
    if (*lc_records_at(records, best->repository))
        snprintf(repository, sizeof(repository), " %.200s,",
                 lc_records_at(records, best->repository));
    snprintf(line, sizeof(line),
             "downloaded by huggingface_hub:%s commit %.*s%s; 'llava-check verify "
             "--download' compares the bytes",
             repository, COMMIT_DIGITS, lc_records_at(records, best->commit), count);
    options->on_notice(options->user, line);
}

/* Find the records below the root. */
static enum lc_status find_records(struct comparison *comparison, bool *is_cut,
                                   struct lc_error *err)
{
    static const char *const beside[] = {".cache/huggingface/download",
                                         ".cache/huggingface/trees",
                                         ".huggingface/download", "._____temp", NULL};
    const char *const cached[] = {"blobs", "trees", comparison->root.snapshot, NULL};
    const struct lc_find_options options = {
        .root_name = span_of(lc_path_name(comparison->root.path)),
        .folders = comparison->root.snapshot ? cached : beside,
        .max_files = MAX_FILES,
    };
    enum lc_status status =
        lc_folder_open(comparison->root.path, &comparison->folder, err);

    return status == LC_OK
               ? lc_records_find(comparison->folder, &options, &comparison->records,
                                 &comparison->list, is_cut, err)
               : status;
}

static enum lc_status compare_download(struct comparison *comparison,
                                       struct lc_error *err)
{
    bool is_cut = false;
    enum lc_status status = find_records(comparison, &is_cut, err);

    if (status == LC_OK)
        status = lc_records_group(&comparison->records, &comparison->groups,
                                  &comparison->group_count, err);
    if (status != LC_OK)
        return status;
    report_source(comparison, is_cut);
    for (size_t i = 0; i < comparison->group_count && status == LC_OK; i++)
        status = compare_file(comparison, &comparison->groups[i], err);
    if (status == LC_OK && comparison->outdated.count) {
        comparison->outdated.fault = LC_DOWNLOAD_OUTDATED;
        status = report(comparison, &comparison->outdated, err);
    }
    return status == LC_OK ? report_issues(comparison, err) : status;
}

enum lc_status lc_set_check_download(struct lc_set_stage *stage, struct lc_error *err)
{
    struct comparison comparison = {.stage = stage};
    struct lc_error ignored = {0};
    enum lc_status status = LC_OK;

    if (lc_record_root_find(stage->dataset->folder, &comparison.root, &ignored) == LC_OK)
        status = compare_download(&comparison, err);
    lc_folder_close(comparison.folder);
    lc_records_clear(&comparison.records);
    lc_file_list_clear(&comparison.list);
    free(comparison.groups);
    lc_record_root_clear(&comparison.root);
    return status;
}

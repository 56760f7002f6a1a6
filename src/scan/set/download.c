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

struct glance {
    struct lc_set_stage *stage;
    struct lc_record_root root;
    struct lc_folder *folder;
    struct lc_records records;
    struct lc_file_list list;
    struct lc_record_group *groups;
    size_t group_count;
    struct lc_download_facts outdated;
};

static enum lc_status report(struct glance *glance, struct lc_download_facts *facts,
                             struct lc_error *err)
{
    struct lc_finding_record record = {.kind = LC_FINDING_SET, .row = -1, .turn = -1};

    facts->is_glance = true;
    return lc_set_report_of(glance->stage, LC_SCOPE_DOWNLOAD,
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
static enum lc_status look_at(struct glance *glance, const struct lc_record_group *group,
                              struct lc_error *err)
{
    const struct lc_record *records = glance->records.items + group->first;
    struct lc_download_facts facts = {
        .path = span_of(lc_group_shown(&glance->records, group))};
    struct lc_file_facts file;
    enum lc_read_result result;
    int os_errno;

    lc_plain_stat(glance->folder, lc_group_path(&glance->records, group), &file, &result,
                  &os_errno);
    if (result == LC_READ_MISSING && !group->is_listed && !is_archive(facts.path.text)) {
        facts.fault = LC_DOWNLOAD_MISSING;
        return report(glance, &facts, err);
    }
    if (result != LC_READ_OK)
        return LC_OK;
    for (size_t i = 0; i < group->count; i++) {
        if (records[i].time_ns == LC_RECORD_NO_TIME ||
            file.mtime_ns <= records[i].time_ns)
            continue;
        if (!glance->outdated.count++) {
            glance->outdated.path = facts.path;
            glance->outdated.modified_ns = file.mtime_ns;
        }
        return LC_OK; /* its size may differ, too */
    }
    for (size_t i = 0; i < group->count && !group->is_listed; i++) {
        if (records[i].size == LC_RECORD_NO_SIZE || records[i].size == file.size)
            continue;
        facts.fault = LC_DOWNLOAD_SIZE;
        facts.size = file.size;
        facts.recorded_size = records[i].size;
        return report(glance, &facts, err);
    }
    return LC_OK;
}

static enum lc_status report_issues(struct glance *glance, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < glance->records.issue_count && status == LC_OK; i++) {
        const struct lc_record_issue *issue = &glance->records.issues[i];
        struct lc_download_facts facts = {
            .fault = issue->fault == LC_FAULT_UNFINISHED ? LC_DOWNLOAD_UNFINISHED
                                                         : LC_DOWNLOAD_UNUSABLE,
            .path = span_of(lc_records_at(&glance->records, issue->path)),
            .detail = issue->detail,
        };

        status = report(glance, &facts, err);
    }
    return status;
}

/* "downloaded by huggingface_hub: datasets/org/name, commit 0123456789ab; 12 files are
 * recorded" */
static void give_notice(const struct glance *glance, bool is_cut)
{
    const struct lc_check_options *options = glance->stage->run->options;
    const struct lc_records *records = &glance->records;
    const struct lc_record_source *best = NULL;
    char line[1024], count[64] = "", repository[300] = "";

    for (size_t i = 0; i < records->source_count; i++)
        if (*lc_records_at(records, records->sources[i].commit) &&
            (!best || records->sources[i].records > best->records))
            best = &records->sources[i];
    if (!options->on_notice || glance->stage->run->is_retry || !best)
        return;
    if (!is_cut)
        snprintf(count, sizeof(count), "; %zu file%s recorded", glance->group_count,
                 glance->group_count == 1 ? " is" : "s are");
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
static enum lc_status find(struct glance *glance, bool *is_cut, struct lc_error *err)
{
    static const char *const beside[] = {".cache/huggingface/download",
                                         ".cache/huggingface/trees",
                                         ".huggingface/download", "._____temp", NULL};
    const char *const cached[] = {"blobs", "trees", glance->root.snapshot, NULL};
    const struct lc_find_options options = {
        .root_name = span_of(lc_path_name(glance->root.path)),
        .folders = glance->root.snapshot ? cached : beside,
        .max_files = MAX_FILES,
    };
    enum lc_status status = lc_folder_open(glance->root.path, &glance->folder, err);

    return status == LC_OK ? lc_records_find(glance->folder, &options, &glance->records,
                                             &glance->list, is_cut, err)
                           : status;
}

static enum lc_status look(struct glance *glance, struct lc_error *err)
{
    bool is_cut = false;
    enum lc_status status = find(glance, &is_cut, err);

    if (status == LC_OK)
        status = lc_records_group(&glance->records, &glance->groups, &glance->group_count,
                                  err);
    if (status != LC_OK)
        return status;
    give_notice(glance, is_cut);
    for (size_t i = 0; i < glance->group_count && status == LC_OK; i++)
        status = look_at(glance, &glance->groups[i], err);
    if (status == LC_OK && glance->outdated.count) {
        glance->outdated.fault = LC_DOWNLOAD_OUTDATED;
        status = report(glance, &glance->outdated, err);
    }
    return status == LC_OK ? report_issues(glance, err) : status;
}

enum lc_status lc_set_check_download(struct lc_set_stage *stage, struct lc_error *err)
{
    struct glance glance = {.stage = stage};
    struct lc_error ignored = {0};
    enum lc_status status = LC_OK;

    if (lc_record_root_find(stage->dataset->folder, &glance.root, &ignored) == LC_OK)
        status = look(&glance, err);
    lc_folder_close(glance.folder);
    lc_records_clear(&glance.records);
    lc_file_list_clear(&glance.list);
    free(glance.groups);
    lc_record_root_clear(&glance.root);
    return status;
}

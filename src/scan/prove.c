/* lc_verify with download or manifest: compares files with records that others made of
 * them
 *
 * All records of a file form one group, and each file is read only once, no matter how
 * many records it has. Workers store the outcome of their group; findings are added
 * afterwards, in the order of paths. */
#include "scan/prove.h"

#include "base/clock.h"
#include "base/path.h"
#include "llava_check/version.h"
#include "proof/find.h"
#include "proof/root.h"
#include "scan/against.h"
#include "scan/sum.h"
#include "scan/common/run.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define POINTER_MAX 1024              /* bytes of a git-LFS pointer */
#define TEXT_MAX ((uint64_t)16 << 20) /* line ends of larger files are not converted */

/* The result of a group. */
enum outcome {
    OUTCOME_PROVEN,
    OUTCOME_DIFFERS,
    OUTCOME_SIZE,
    OUTCOME_MISSING,
    OUTCOME_POINTER, /* a git-LFS pointer instead of the file */
    OUTCOME_UNREAD,
    OUTCOME_ABSENT, /* listed, but not downloaded */
};

struct group_state {
    enum outcome outcome;
    bool is_weak;  /* proven by MD5 or SHA-1 alone */
    size_t record; /* the record that differs */
    uint8_t is[8]; /* the first bytes of the file's actual checksum */
    uint64_t size; /* of the file */
    int64_t mtime_ns;
    const char *reason; /* for OUTCOME_UNREAD; static */
};

struct prover {
    const struct lc_verify_options *options;
    struct lc_run run;
    struct lc_folder *folder;
    struct lc_records records;
    struct lc_file_list list;
    struct lc_record_group *groups;
    struct group_state *states;
    size_t *work; /* numbers of the groups to read */
    size_t group_count, work_count;
    struct lc_findings findings;
    struct lc_proof proof;
};

/* ---- comparing ---- */

static const char *file_of(void *user, size_t number, unsigned *kinds)
{
    const struct prover *prover = user;
    const struct lc_records *records = &prover->records;
    const struct lc_record_group *group = &prover->groups[prover->work[number]];

    *kinds = 0;
    for (size_t i = group->first; i < group->first + group->count; i++) {
        const struct lc_record *record = &records->items[i];

        if (record->kind == LC_RECORD_SUM)
            *kinds |= 1U << record->checksum;
        else if (record->kind == LC_RECORD_INDEX)
            *kinds |= 1U << LC_CHECKSUM_GIT | 1U << LC_CHECKSUM_SHA256;
    }
    return lc_group_path(records, group);
}

/* Whether sum is the git blob hash of these bytes. */
static bool has_blob(const char *data, size_t size, const uint8_t *sum, bool *failed)
{
    struct lc_checksums *sums = lc_checksums_new();
    bool good;

    *failed = !sums;
    if (!sums)
        return false;
    lc_checksums_begin(sums, 1U << LC_CHECKSUM_GIT, size);
    lc_checksums_update(sums, data, size);
    lc_checksums_end(sums);
    good = memcmp(lc_checksums_get(sums, LC_CHECKSUM_GIT), sum,
                  lc_checksum_size(LC_CHECKSUM_GIT)) == 0;
    lc_checksums_free(sums);
    return good;
}

/* Whether sum is the git blob hash of a git-LFS pointer to the file that was read. */
static bool has_pointer(const struct lc_sum_result *result, const uint8_t *sum,
                        bool *failed)
{
    char digits[65], text[256];
    int size;

    lc_checksum_hex(lc_checksums_get(result->reader->sums, LC_CHECKSUM_SHA256), 32,
                    digits);
    size = snprintf(text, sizeof(text),
                    "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize "
                    "%llu\n",
                    digits, (unsigned long long)result->facts.size);
    return has_blob(text, (size_t)size, sum, failed);
}

/* Whether sum is the git blob hash of the text with other line ends: a checkout may
 * convert them. */
static bool has_text(const struct prover *prover, const char *path,
                     const struct lc_sum_result *result, const uint8_t *sum, bool *failed)
{
    struct lc_buffer text = {0};
    enum lc_read_result again = LC_READ_FAILED;
    int os_errno;
    size_t kept = 0;
    bool good = false;

    *failed = false;
    if (!result->reader->has_returns || result->facts.size > TEXT_MAX)
        return false;
    *failed = lc_plain_read(prover->folder, path, TEXT_MAX, &text, &again, &os_errno,
                            NULL) != LC_OK;
    if (!*failed && again == LC_READ_OK) {
        for (size_t i = 0; i < text.size; i++)
            if (text.data[i] != '\r' || i + 1 == text.size || text.data[i + 1] != '\n')
                text.data[kept++] = text.data[i];
        good = has_blob(text.data, kept, sum, failed);
    }
    lc_buffer_clear(&text);
    return good;
}

static bool is_pointer(const struct lc_sum_result *result)
{
    static const char head[] = "version https://git-lfs.github.com/spec/v1\n";
    const struct lc_plain_reader *reader = result->reader;

    return result->facts.size <= POINTER_MAX && reader->head_size >= sizeof(head) - 1 &&
           memcmp(reader->head, head, sizeof(head) - 1) == 0;
}

/* Compare a file with one record. Returns LC_ERR_MEMORY, or LC_OK with the outcome. */
static enum lc_status compare_record(const struct prover *prover, const char *path,
                                     const struct lc_record *record,
                                     const struct lc_sum_result *result,
                                     struct group_state *state, struct lc_error *err)
{
    const uint8_t *sum = (const uint8_t *)lc_records_at(&prover->records, record->sum);
    enum lc_checksum kind = record->kind == LC_RECORD_INDEX
                                ? LC_CHECKSUM_GIT
                                : (enum lc_checksum)record->checksum;
    const uint8_t *is = lc_checksums_get(result->reader->sums, kind);
    bool failed = false;

    state->outcome = OUTCOME_PROVEN;
    if (record->size != LC_RECORD_NO_SIZE && record->size != result->facts.size) {
        state->outcome = OUTCOME_SIZE;
    } else if (record->kind != LC_RECORD_SIZE &&
               memcmp(sum, is, lc_checksum_size(kind)) != 0) {
        if (record->kind != LC_RECORD_INDEX ||
            !(has_pointer(result, sum, &failed) ||
              (!failed && has_text(prover, path, result, sum, &failed))))
            state->outcome = OUTCOME_DIFFERS;
        memcpy(state->is, is, sizeof(state->is));
    } else if (record->kind == LC_RECORD_INDEX && is_pointer(result)) {
        state->outcome = OUTCOME_POINTER;
    }
    return failed ? lc_fail_memory(err) : LC_OK;
}

/* Whether a record proves the file's identity, and not only that it is undamaged. The git
 * hash of a pointer depends on a SHA-256, but is itself only a SHA-1. */
static bool is_strong(const struct lc_record *record)
{
    return record->kind == LC_RECORD_SUM && (record->checksum == LC_CHECKSUM_SHA256 ||
                                             record->checksum == LC_CHECKSUM_SHA512);
}

/* Compare a file with its records. All must match, except that of the listings of several
 * commits one match is enough. */
static enum lc_status compare_group(const struct prover *prover,
                                    const struct lc_record_group *group,
                                    const struct lc_sum_result *result,
                                    struct group_state *out, struct lc_error *err)
{
    const char *path = lc_group_path(&prover->records, group);
    struct group_state worst = {.outcome = OUTCOME_PROVEN}, one = *out;
    bool strong = false, any = false;
    enum lc_status status = LC_OK;

    for (size_t i = group->first; i < group->first + group->count && status == LC_OK;
         i++) {
        const struct lc_record *record = &prover->records.items[i];

        one.record = i;
        status = compare_record(prover, path, record, result, &one, err);
        if (one.outcome == OUTCOME_PROVEN) {
            any = true;
            strong |= is_strong(record);
        } else if (worst.outcome == OUTCOME_PROVEN) {
            worst = one;
        }
    }
    if (worst.outcome == OUTCOME_PROVEN || (group->is_listed && any)) {
        one.outcome = OUTCOME_PROVEN;
        one.is_weak = !strong;
        *out = one;
    } else {
        *out = worst;
    }
    return status;
}

static const char *reason_of(const struct lc_sum_result *result)
{
    if (result->os_errno == LC_PLAIN_LINK)
        return "a link, which is not followed";
    switch (result->result) {
    case LC_READ_NOT_REGULAR:
        return "not a regular file";
    case LC_READ_NOT_ALLOWED:
        return "permission denied";
    case LC_READ_CHANGED:
        return "it changed while it was being read";
    default:
        return "it cannot be read";
    }
}

static enum lc_status done(void *user, size_t number, const struct lc_sum_result *result,
                           struct lc_error *err)
{
    struct prover *prover = user;
    const struct lc_record_group *group = &prover->groups[prover->work[number]];
    struct group_state *state = &prover->states[prover->work[number]];

    state->size = result->facts.size;
    state->mtime_ns = result->facts.mtime_ns;
    if (result->result == LC_READ_OK)
        return compare_group(prover, group, result, state, err);
    state->outcome = result->result == LC_READ_MISSING ? OUTCOME_MISSING : OUTCOME_UNREAD;
    state->reason = reason_of(result);
    return LC_OK;
}

static enum lc_status progress(void *user, uint64_t files, uint64_t bytes,
                               struct lc_error *err)
{
    struct prover *prover = user;

    prover->run.summary.image_bytes = bytes;
    return lc_run_progress(&prover->run, LC_STAGE_HASH, files, prover->work_count, err);
}

/* Decide which groups to read: files that have only listings may not have been
 * downloaded. */
static enum lc_status pick_work(struct prover *prover, struct lc_error *err)
{
    prover->states = calloc(prover->group_count + 1, sizeof(*prover->states));
    prover->work = malloc((prover->group_count + 1) * sizeof(*prover->work));
    if (!prover->states || !prover->work)
        return lc_fail_memory(err);
    for (size_t i = 0; i < prover->group_count; i++) {
        const struct lc_record_group *group = &prover->groups[i];
        struct lc_file_facts facts;
        enum lc_read_result result = LC_READ_OK;
        int os_errno;

        if (group->is_listed)
            lc_plain_stat(prover->folder, lc_group_path(&prover->records, group), &facts,
                          &result, &os_errno);
        if (result == LC_READ_MISSING) {
            prover->states[i].outcome = OUTCOME_ABSENT;
            for (size_t j = group->first; j < group->first + group->count; j++)
                prover->records.sources[prover->records.items[j].source].absent++;
        } else {
            prover->work[prover->work_count++] = i;
        }
    }
    return LC_OK;
}

/* ---- findings ---- */

static enum lc_status report(struct prover *prover, const struct lc_download_facts *facts,
                             struct lc_error *err)
{
    struct lc_finding_record record = {.kind = LC_FINDING_SET, .row = -1, .turn = -1};
    struct lc_findings *findings = &prover->findings;
    enum lc_status status;

    lc_findings_reset(findings);
    status = lc_rules_check(LC_SCOPE_DOWNLOAD, &(struct lc_facts){.download = facts},
                            findings, err);
    for (size_t i = 0; i < findings->count && status == LC_OK; i++)
        status =
            lc_run_add_finding(&prover->run, findings, &findings->items[i], &record, err);
    return status;
}

static struct lc_span span_at(const struct lc_records *records, size_t offset)
{
    const char *text = lc_records_at(records, offset);

    return (struct lc_span){text, strlen(text)};
}

/* Report a file that differs from its records. */
static enum lc_status report_group(struct prover *prover, size_t number,
                                   struct lc_error *err)
{
    static const enum lc_download_fault faults[] = {
        [OUTCOME_DIFFERS] = LC_DOWNLOAD_DIFFERS,
        [OUTCOME_SIZE] = LC_DOWNLOAD_SIZE,
        [OUTCOME_MISSING] = LC_DOWNLOAD_MISSING,
        [OUTCOME_POINTER] = LC_DOWNLOAD_UNFINISHED,
        [OUTCOME_UNREAD] = LC_DOWNLOAD_UNREAD,
    };
    const struct lc_records *records = &prover->records;
    const struct group_state *state = &prover->states[number];
    const struct lc_record *record =
        &records
             ->items[state->outcome == OUTCOME_DIFFERS || state->outcome == OUTCOME_SIZE
                         ? state->record
                         : prover->groups[number].first];
    struct lc_download_facts facts = {
        .fault = faults[state->outcome],
        .path = span_at(records, record->shown),
        .size = state->size,
        .recorded_size = record->size,
        .modified_ns = state->mtime_ns,
        .recorded_ns = record->time_ns,
        .detail = state->outcome == OUTCOME_POINTER
                      ? "a git-LFS pointer, not the file: git lfs pull"
                      : state->reason,
    };

    if (state->outcome == OUTCOME_DIFFERS) {
        facts.algorithm = record->kind == LC_RECORD_INDEX
                              ? lc_checksum_name(LC_CHECKSUM_GIT)
                              : lc_checksum_name((enum lc_checksum)record->checksum);
        memcpy(facts.was, lc_records_at(records, record->sum), sizeof(facts.was));
        memcpy(facts.is, state->is, sizeof(facts.is));
    }
    return report(prover, &facts, err);
}

static void count_group(struct lc_proof *proof, const struct group_state *state)
{
    if (state->outcome == OUTCOME_ABSENT)
        return;
    proof->files++;
    switch (state->outcome) {
    case OUTCOME_PROVEN:
        proof->proven++;
        *(state->is_weak ? &proof->weak : &proof->strong) += state->size;
        break;
    case OUTCOME_MISSING:
        proof->missing++;
        break;
    case OUTCOME_UNREAD:
        proof->unread++;
        break;
    case OUTCOME_POINTER:
        proof->unfinished++;
        proof->differing++;
        break;
    default:
        proof->differing++;
    }
}

static enum lc_status report_groups(struct prover *prover, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < prover->group_count && status == LC_OK; i++) {
        enum outcome outcome = prover->states[i].outcome;

        count_group(&prover->proof, &prover->states[i]);
        if (outcome != OUTCOME_PROVEN && outcome != OUTCOME_ABSENT)
            status = report_group(prover, i, err);
    }
    return status;
}

/* Report all files that were listed but not downloaded, as one finding. */
static enum lc_status report_absent(struct prover *prover, struct lc_error *err)
{
    struct lc_download_facts facts = {.fault = LC_DOWNLOAD_ABSENT};

    for (size_t i = 0; i < prover->group_count; i++)
        if (prover->states[i].outcome == OUTCOME_ABSENT && !facts.count++)
            facts.path = span_at(&prover->records,
                                 prover->records.items[prover->groups[i].first].shown);
    return facts.count ? report(prover, &facts, err) : LC_OK;
}

static enum lc_status report_issues(struct prover *prover, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < prover->records.issue_count && status == LC_OK; i++) {
        const struct lc_record_issue *issue = &prover->records.issues[i];
        bool unfinished = issue->fault == LC_FAULT_UNFINISHED;

        prover->proof.unfinished += unfinished;
        prover->proof.unusable += !unfinished;
        status = report(
            prover,
            &(struct lc_download_facts){
                .fault = unfinished ? LC_DOWNLOAD_UNFINISHED : LC_DOWNLOAD_UNUSABLE,
                .path = span_at(&prover->records, issue->path),
                .detail = issue->detail,
            },
            err);
    }
    return status;
}

/* Whether a file in the listing needs no record: it is a link, or the manifest or archive
 * that the user named. */
static bool needs_none(const struct prover *prover, const char *path)
{
    const struct lc_verify_options *options = prover->options;
    const char *named = options->manifest ? options->manifest : options->against;
    struct lc_file_facts facts;
    enum lc_read_result result;
    struct stat st;
    int os_errno;

    lc_plain_stat(prover->folder, path, &facts, &result, &os_errno);
    if (os_errno == LC_PLAIN_LINK)
        return true;
    return named && strcmp(lc_path_name(path), lc_path_name(named)) == 0 &&
           stat(named, &st) == 0 && result == LC_READ_OK &&
           facts.inode == (uint64_t)st.st_ino && facts.device == (uint64_t)st.st_dev;
}

/* Count the files without a record: both lists are sorted by path. */
static enum lc_status report_unrecorded(struct prover *prover, struct lc_error *err)
{
    struct lc_download_facts facts = {.fault = LC_DOWNLOAD_UNRECORDED};
    size_t group = 0;

    for (size_t i = 0; i < prover->list.count; i++) {
        const char *path = prover->list.text.data + prover->list.items[i].path;
        int order = -1;

        while (group < prover->group_count &&
               (order = strcmp(lc_group_path(&prover->records, &prover->groups[group]),
                               path)) < 0)
            group++;
        if ((group < prover->group_count && order == 0) ||
            prover->list.items[i].is_private || needs_none(prover, path))
            continue;
        if (!facts.count++)
            facts.path = (struct lc_span){path, strlen(path)};
    }
    prover->proof.unrecorded = facts.count;
    return facts.count ? report(prover, &facts, err) : LC_OK;
}

/* ---- the result ---- */

/* Copy the origins and their texts into one block. */
static enum lc_status copy_origins(struct prover *prover, struct lc_error *err)
{
    const struct lc_records *records = &prover->records;
    size_t head = records->source_count * sizeof(struct lc_record_origin), size = head;
    struct lc_record_origin *origins;
    char *text;

    for (size_t i = 0; i < records->source_count; i++) {
        const struct lc_record_source *source = &records->sources[i];

        size += span_at(records, source->name).size + 1 +
                span_at(records, source->repository).size + 1 +
                span_at(records, source->commit).size + 1;
    }
    origins = malloc(size + 1);
    if (!origins)
        return lc_fail_memory(err);
    text = (char *)origins + head;
    prover->proof.origins = origins;
    for (size_t i = 0; i < records->source_count; i++) {
        const struct lc_record_source *source = &records->sources[i];
        struct lc_record_origin *origin = &origins[prover->proof.origin_count];

        if (!source->records)
            continue;
        prover->proof.origin_count++;
        origin->recorder = source->kind;
        origin->records = source->records;
        origin->absent = source->absent;
        origin->name = text;
        text = stpcpy(text, lc_records_at(records, source->name)) + 1;
        origin->repository = text;
        text = stpcpy(text, lc_records_at(records, source->repository)) + 1;
        origin->commit = text;
        text = stpcpy(text, lc_records_at(records, source->commit)) + 1;
    }
    return LC_OK;
}

static enum lc_status begin_index(struct prover *prover, const char *name,
                                  struct lc_error *err)
{
    const struct lc_index_info info = {
        .tool = {lc_version(), strlen(lc_version())},
        .name = {name, strlen(name)},
        .image_root = {".", 1},
        .image_folder = {".", 1},
        .began_ns = lc_clock_now(CLOCK_REALTIME),
    };
    const struct lc_statistics none = {0};
    enum lc_status status = lc_index_create(NULL, NULL, &prover->run.writer, err);

    if (status == LC_OK)
        status = lc_index_add_info(prover->run.writer, &info, err);
    return status == LC_OK ? lc_index_add_statistics(prover->run.writer, &none, err)
                           : status;
}

static enum lc_status end_index(struct prover *prover, struct lc_index **out,
                                struct lc_error *err)
{
    struct lc_index_writer *writer = prover->run.writer;
    enum lc_status status;

    prover->proof.bytes = prover->run.summary.image_bytes;
    prover->run.summary.image_bytes = 0;
    status = lc_run_store_summary(&prover->run, NULL, err);
    if (status == LC_OK)
        status = copy_origins(prover, err);
    if (status != LC_OK)
        return status;
    prover->run.writer = NULL;
    status = lc_index_finish(writer, NULL, out, err);
    if (status == LC_OK) {
        lc_index_set_proof(*out, &prover->proof);
        prover->proof.origins = NULL;
    }
    return status;
}

/* Fail if there is nothing to compare with. */
static enum lc_status check_any(const struct prover *prover, struct lc_error *err)
{
    const struct lc_records *records = &prover->records;
    char quote[100];

    if (records->count || prover->options->manifest || prover->options->against)
        return LC_OK;
    if (records->issue_count)
        return lc_fail(err, LC_ERR_USAGE, 0, "no usable record of its download: %s: %s",
                       lc_text_quote(span_at(records, records->issues[0].path), quote,
                                     sizeof(quote)),
                       records->issues[0].detail);
    return lc_fail(
        err, LC_ERR_USAGE, 0,
        "no record of its download: none by huggingface_hub, git or git-LFS, no "
        "checksum file and no BagIt manifest");
}

static enum lc_status prove_root(struct prover *prover, const struct lc_record_root *root,
                                 struct lc_index **out, struct lc_error *err)
{
    const char *name = lc_path_name(root->path);
    const struct lc_find_options find = {.root_name = {name, strlen(name)},
                                         .manifest = prover->options->manifest,
                                         .no_records = prover->options->against != NULL};
    const struct lc_sum_work work_of = {
        .user = prover, .file = file_of, .done = done, .progress = progress};
    struct lc_sum_work work = work_of;
    enum lc_status status = lc_folder_open(root->path, &prover->folder, err);

    if (status == LC_OK)
        status = lc_records_find(prover->folder, &find, &prover->records, &prover->list,
                                 NULL, err);
    if (status == LC_OK && prover->options->against)
        status = lc_records_of_archive(&prover->run, prover->options->against,
                                       prover->folder, &prover->records, err);
    if (status == LC_OK)
        status = check_any(prover, err);
    if (status == LC_OK)
        status = lc_records_group(&prover->records, &prover->groups, &prover->group_count,
                                  err);
    if (status == LC_OK)
        status = pick_work(prover, err);
    if (status != LC_OK)
        return status;
    lc_run_report_workers(&prover->run);
    lc_run_begin_stage(&prover->run, LC_STAGE_HASH);
    work.folder = prover->folder;
    work.count = prover->work_count;
    status = lc_sum_files(&work, prover->run.workers, err);
    if (status == LC_OK)
        status = begin_index(prover, name, err);
    if (status == LC_OK)
        status = report_groups(prover, err);
    if (status == LC_OK)
        status = report_absent(prover, err);
    if (status == LC_OK)
        status = report_issues(prover, err);
    if (status == LC_OK)
        status = report_unrecorded(prover, err);
    return status == LC_OK ? end_index(prover, out, err) : status;
}

enum lc_status lc_prove(const struct lc_verify_options *options, struct lc_index **out,
                        struct lc_error *err)
{
    const struct lc_check_options listener = {.user = options->user,
                                              .on_progress = options->on_progress,
                                              .on_choice = options->on_choice,
                                              .is_stopped = options->is_stopped};
    struct prover prover = {
        .options = options,
        .run = {.options = &listener, .workers = lc_run_workers(options->threads)},
    };
    struct lc_record_root root = {0};
    enum lc_status status;

    if (options->path_count != 1)
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "only one download can be verified at a time: name one path");
    status = lc_record_root_find(options->paths[0], &root, err);
    if (status == LC_OK)
        status = prove_root(&prover, &root, out, err);
    lc_index_abandon(prover.run.writer);
    lc_folder_close(prover.folder);
    lc_records_clear(&prover.records);
    lc_file_list_clear(&prover.list);
    lc_findings_clear(&prover.findings);
    free(prover.groups);
    free(prover.states);
    free(prover.work);
    free((void *)(uintptr_t)prover.proof.origins);
    lc_record_root_clear(&root);
    return status;
}

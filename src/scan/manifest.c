/* lc_manifest: records a folder's files, for those who receive it */
#include "llava_check/manifest.h"

#include "base/options.h"
#include "base/path.h"
#include "base/sink.h"
#include "proof/find.h"
#include "proof/manifest.h"
#include "scan/sum.h"
#include "scan/common/run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A file of the list. */
struct entry {
    size_t path; /* offset in the list's text */
    bool is_link;
    uint64_t size;
    uint8_t xxh3[16];
    uint8_t sha256[32];
};

struct lc_manifest {
    struct lc_file_list list;
    struct entry *entries;
    size_t count;
    struct lc_manifest_counts counts;
    struct lc_run run;
};

void lc_manifest_free(struct lc_manifest *manifest)
{
    if (!manifest)
        return;
    lc_file_list_clear(&manifest->list);
    free(manifest->entries);
    free(manifest);
}

const struct lc_manifest_counts *lc_manifest_counts(const struct lc_manifest *manifest)
{
    return &manifest->counts;
}

static const char *path_of(const struct lc_manifest *manifest, size_t number)
{
    return manifest->list.text.data + manifest->entries[number].path;
}

/* ---- reading ---- */

static const char *file_of(void *user, size_t number, unsigned *kinds)
{
    *kinds = 1U << LC_CHECKSUM_XXH3 | 1U << LC_CHECKSUM_SHA256;
    return path_of(user, number);
}

static enum lc_status done(void *user, size_t number, const struct lc_sum_result *result,
                           struct lc_error *err)
{
    struct lc_manifest *manifest = user;
    struct entry *entry = &manifest->entries[number];
    const char *path = path_of(manifest, number);
    char quote[120];

    if (result->os_errno == LC_PLAIN_LINK) {
        entry->is_link = true;
        return LC_OK;
    }
    if (result->result != LC_READ_OK)
        return lc_fail(
            err, LC_ERR_IO, result->os_errno, "%s: %s",
            lc_text_quote((struct lc_span){path, strlen(path)}, quote, sizeof(quote)),
            result->result == LC_READ_CHANGED ? "it changed while it was being read"
                                              : strerror(result->os_errno));
    entry->size = result->facts.size;
    memcpy(entry->xxh3, lc_checksums_get(result->reader->sums, LC_CHECKSUM_XXH3),
           sizeof(entry->xxh3));
    memcpy(entry->sha256, lc_checksums_get(result->reader->sums, LC_CHECKSUM_SHA256),
           sizeof(entry->sha256));
    return LC_OK;
}

static enum lc_status progress(void *user, uint64_t files, uint64_t bytes,
                               struct lc_error *err)
{
    struct lc_manifest *manifest = user;

    manifest->run.summary.image_bytes = bytes;
    return lc_run_progress(&manifest->run, LC_STAGE_HASH, files, manifest->count, err);
}

/* Whether a file is the one that the caller excludes. */
static bool is_exception(const struct lc_folder *folder, const char *path,
                         const char *name, const struct stat *except)
{
    struct lc_file_facts facts;
    enum lc_read_result result;
    int os_errno;

    if (!name || strcmp(lc_path_name(path), name) != 0)
        return false;
    lc_plain_stat(folder, path, &facts, &result, &os_errno);
    return result == LC_READ_OK && facts.inode == (uint64_t)except->st_ino &&
           facts.device == (uint64_t)except->st_dev;
}

static enum lc_status pick_entries(struct lc_manifest *manifest,
                                   const struct lc_folder *folder, const char *except,
                                   struct lc_error *err)
{
    struct stat st;
    const char *name = except && stat(except, &st) == 0 ? lc_path_name(except) : NULL;

    manifest->entries = calloc(manifest->list.count + 1, sizeof(*manifest->entries));
    if (!manifest->entries)
        return lc_fail_memory(err);
    for (size_t i = 0; i < manifest->list.count; i++) {
        const struct lc_listed *listed = &manifest->list.items[i];

        if (!listed->is_private &&
            !is_exception(folder, manifest->list.text.data + listed->path, name, &st))
            manifest->entries[manifest->count++].path = listed->path;
    }
    return LC_OK;
}

static void count_entries(struct lc_manifest *manifest)
{
    for (size_t i = 0; i < manifest->count; i++) {
        const struct entry *entry = &manifest->entries[i];

        manifest->counts.links += entry->is_link;
        manifest->counts.files += !entry->is_link;
        manifest->counts.bytes += entry->size;
    }
}

static enum lc_status read_all(struct lc_manifest *manifest,
                               const struct lc_manifest_options *options,
                               struct lc_error *err)
{
    const struct lc_find_options find = {.no_records = true};
    struct lc_records none = {0};
    struct lc_folder *folder = NULL;
    struct lc_sum_work work = {
        .user = manifest, .file = file_of, .done = done, .progress = progress};
    enum lc_status status = lc_folder_open(options->path, &folder, err);

    if (status == LC_OK)
        status = lc_records_find(folder, &find, &none, &manifest->list, NULL, err);
    if (status == LC_OK)
        status = pick_entries(manifest, folder, options->except, err);
    if (status == LC_OK) {
        lc_run_begin_stage(&manifest->run, LC_STAGE_HASH);
        work.folder = folder;
        work.count = manifest->count;
        status = lc_sum_files(&work, manifest->run.workers, err);
    }
    lc_records_clear(&none);
    lc_folder_close(folder);
    count_entries(manifest);
    return status;
}

enum lc_status lc_manifest_new(const struct lc_manifest_options *options,
                               struct lc_manifest **out, struct lc_error *err)
{
    struct lc_manifest_options own;
    struct lc_check_options listener = {0};
    struct lc_manifest *manifest = NULL;
    enum lc_path_kind kind = LC_PATH_MISSING;
    enum lc_status status = LC_OPTIONS_COPY(&own, options, path, err);

    if (status == LC_OK)
        status = lc_path_probe(own.path, &kind, err);
    if (status == LC_OK && kind != LC_PATH_FOLDER)
        status = lc_fail(err, LC_ERR_USAGE, 0,
                         kind == LC_PATH_MISSING ? "no such folder" : "not a folder");
    if (status != LC_OK)
        return status;
    manifest = calloc(1, sizeof(*manifest));
    if (!manifest)
        return lc_fail_memory(err);
    listener.user = own.user;
    listener.on_progress = own.on_progress;
    listener.is_stopped = own.is_stopped;
    manifest->run.options = &listener;
    manifest->run.workers = lc_run_workers(own.threads);
    status = read_all(manifest, &own, err);
    manifest->run.options = NULL;
    if (status == LC_OK) {
        *out = manifest;
        manifest = NULL;
    }
    lc_manifest_free(manifest);
    return status;
}

/* ---- writing ---- */

enum lc_status lc_manifest_write(const struct lc_manifest *manifest, FILE *to,
                                 struct lc_error *err)
{
    struct lc_buffer line = {0};
    enum lc_status status = lc_buffer_printf(&line, err, "%s", LC_MANIFEST_HEAD);

    for (size_t i = 0; i <= manifest->count && status == LC_OK; i++) {
        const struct entry *entry = &manifest->entries[i];

        if (i < manifest->count && entry->is_link)
            continue;
        if (i < manifest->count) {
            const char *path = path_of(manifest, i);

            status = lc_manifest_add(&line, (struct lc_span){path, strlen(path)},
                                     entry->size, entry->xxh3, entry->sha256, err);
        } else {
            status = lc_manifest_add_end(&line, manifest->counts.files,
                                         manifest->counts.bytes, err);
        }
        if (status == LC_OK && fwrite(line.data, 1, line.size, to) != line.size)
            status = lc_fail_errno(err, "write the manifest");
        line.size = 0;
    }
    lc_buffer_clear(&line);
    return status;
}

enum lc_status lc_manifest_write_to(const struct lc_manifest *manifest,
                                    lc_write_fn *write, void *context,
                                    struct lc_error *err)
{
    struct lc_error own = {0};
    struct lc_sink *sink = NULL;
    FILE *to = NULL;
    enum lc_status status = lc_sink_open(write, context, &sink, &to, err);

    if (status != LC_OK)
        return status;
    status = lc_manifest_write(manifest, to, &own);
    return lc_sink_close(sink, status, &own, err);
}

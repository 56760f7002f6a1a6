/* lc_check: the run from end to end */
#include "scan/scan.h"

#include "base/clock.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MAX_WORKERS 512
#define TOLD_FILES 8

static void tell_notices(const struct lc_scan *scan)
{
    const struct lc_buffer *notices = &scan->dataset.notices;

    if (!scan->options->on_notice || scan->is_again)
        return;
    for (size_t at = 0; at < notices->size; at += strlen(notices->data + at) + 1)
        scan->options->on_notice(scan->options->user, notices->data + at);
}

/* Of thousands of rows files the first tell enough. */
static void tell_choices(const struct lc_scan *scan)
{
    const struct lc_dataset *set = &scan->dataset;
    char number[32];

    for (size_t i = 0; i < set->file_count && i < TOLD_FILES; i++)
        lc_scan_chose(scan, "rows file", set->files[i].path);
    if (set->file_count > TOLD_FILES) {
        snprintf(number, sizeof(number), "and %zu more", set->file_count - TOLD_FILES);
        lc_scan_chose(scan, "rows file", number);
    }
    if (!scan->options->no_images)
        lc_scan_chose(scan, "image root", set->image_root ? set->image_root : "none");
    if (!scan->options->no_images && set->video_root &&
        (!set->image_root || strcmp(set->image_root, set->video_root) != 0))
        lc_scan_chose(scan, "video root", set->video_root);
    lc_scan_chose_workers(scan);
}

/* What else the results depend on, beside the data: another run with the same fingerprint
 * may take them over. */
static struct lc_hash fingerprint(const struct lc_scan *scan)
{
    struct lc_buffer text = {0};
    struct lc_hash hash;
    enum lc_status status;

    status = lc_buffer_printf(
        &text, NULL, "llava-check %s schema %d outside %d images %d\n", lc_version(),
        LC_INDEX_SCHEMA, scan->options->allow_outside, !scan->options->no_images);
    for (size_t i = 0; i < LC_RULE_COUNT && status == LC_OK; i++)
        status = lc_buffer_printf(&text, NULL, "%s %d\n", lc_rules[i].info.code,
                                  (int)lc_rules[i].info.severity);
    hash = lc_hash_bytes(text.data, text.size);
    lc_buffer_clear(&text);
    return hash;
}

/* Say where the index is when that is not where one would look. */
static void tell_folder(const struct lc_scan *scan, const char *folder)
{
    size_t size = strlen(scan->dataset.folder);
    char line[512];

    bool inside = strcmp(scan->dataset.folder, ".") == 0
                      ? folder[0] != '/'
                      : strncmp(folder, scan->dataset.folder, size) == 0;

    if (!scan->options->on_notice || scan->is_again || inside)
        return;
    snprintf(line, sizeof(line),
             "the data folder cannot hold the index: results are kept in %s", folder);
    scan->options->on_notice(scan->options->user, line);
}

/* LMDB maps its file, which network file systems do not keep true between machines. */
static void warn_of_network(const struct lc_scan *scan, const char *folder)
{
    static const unsigned long kinds[] = {
        0x6969,     /* NFS */
        0xFF534D42, /* CIFS */
        0xFE534D42, /* SMB2 */
        0x517B,     /* SMB */
        0x01021997, /* 9P */
        0x00C36400, /* Ceph */
        0x0BD00BD0, /* Lustre */
    };
    struct statfs fs;

    if (!scan->options->on_notice || scan->is_again || statfs(folder, &fs) != 0)
        return;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if ((unsigned long)fs.f_type == kinds[i])
            scan->options->on_notice(
                scan->options->user,
                "the index is on a network file system; a local folder "
                "is safer and faster: --index DIR");
}

/* What earlier runs know, unless it is not to be used. */
static enum lc_status open_known(struct lc_scan *scan, const char *folder,
                                 struct lc_error *err)
{
    const struct lc_check_options *options = scan->options;
    bool ignored = options->index_mode == LC_INDEX_IGNORE;
    const char *why = NULL;
    enum lc_status status = lc_journal_open(folder, &scan->trust, &scan->decoders,
                                            ignored, &scan->journal, err);

    if (status == LC_OK && !ignored)
        status = lc_known_open(scan->is_again ? NULL : folder, &scan->trust,
                               &scan->decoders, scan->journal, &scan->known, &why, err);
    if (why && options->on_notice)
        options->on_notice(options->user, why);
    return status;
}

/* An index that was not named is believed only where it was made: a signed one of other
 * data of this user says nothing about these. */
static enum lc_status find_decoders(struct lc_scan *scan, struct lc_error *err)
{
    struct lc_index_place place;
    bool bound = scan->folder && !scan->options->index;
    enum lc_status status = LC_OK;

    if (bound)
        status = lc_index_place(scan->folder, &place, err);
    if (status == LC_OK)
        scan->decoders = lc_known_decoders(bound ? &place : NULL);
    return status;
}

static void warn_of_no_key(const struct lc_scan *scan)
{
    char line[512];

    if (!scan->options->on_notice || scan->is_again || !scan->trust.needs_key ||
        scan->trust.found.exists)
        return;
    snprintf(line, sizeof(line),
             "there is no secret key (%s): the next run will not reuse these results",
             scan->trust.found.why_not);
    scan->options->on_notice(scan->options->user, line);
}

/* Create an index in a folder; NULL: in a file without a name. */
static enum lc_status create_in(struct lc_scan *scan, const char *folder,
                                struct lc_error *err)
{
    const struct lc_claimer by = {
        .is_named = scan->options->index != NULL,
        .user = scan->options->user,
        .on_notice = scan->options->on_notice,
    };
    enum lc_status status = folder ? lc_index_claim(folder, &by, err) : LC_OK;

    return status == LC_OK
               ? lc_index_create(folder, lc_trust_key(&scan->trust), &scan->writer, err)
               : status;
}

/* Create the index. Where the data are, LMDB may be unable to work: some file systems
 * (FUSE with direct_io) do not share mapped files. The user's cache then holds it. */
static enum lc_status create_index(struct lc_scan *scan, struct lc_error *err)
{
    struct lc_error own = {0};
    char *cache = NULL;
    enum lc_status status = create_in(scan, scan->folder, &own);

    if (own.os_errno == ENODEV && scan->folder && !scan->options->index &&
        lc_scan_cache_folder(scan->dataset.folder, scan->dataset.single, &cache, NULL) ==
            LC_OK) {
        free(scan->folder);
        scan->folder = cache;
        return create_in(scan, cache, err);
    }
    if (status != LC_OK && err)
        *err = own;
    return status;
}

static enum lc_status open_writer(struct lc_scan *scan, struct lc_error *err)
{
    const struct lc_check_options *options = scan->options;
    struct lc_index_info info = {
        .tool = {lc_version(), strlen(lc_version())},
        .name = {scan->dataset.name, strlen(scan->dataset.name)},
        .image_root = {scan->dataset.image_name, strlen(scan->dataset.image_name)},
        .options = scan->fingerprint,
        .began_ns = scan->began_ns,
        .image_folder = {scan->dataset.image_folder, strlen(scan->dataset.image_folder)},
    };
    enum lc_status status = LC_OK;

    if (!options->no_index)
        status = lc_scan_index_folder(scan->dataset.folder, scan->dataset.single,
                                      options->index, true, &scan->folder, err);
    if (status == LC_OK && scan->folder)
        status = lc_trust_decide(scan->options->index != NULL, &scan->trust, err);
    if (status == LC_OK && scan->folder)
        warn_of_no_key(scan);
    if (status == LC_OK)
        status = create_index(scan, err);
    scan->ids.folder = scan->contents.folder = scan->folder;
    if (status == LC_OK)
        status = find_decoders(scan, err);
    info.decoders = scan->decoders;
    if (status == LC_OK && scan->folder)
        status = open_known(scan, scan->folder, err);
    if (status == LC_OK)
        lc_scan_chose(scan, "index", scan->folder ? scan->folder : "none is kept");
    if (status == LC_OK && scan->folder && !options->index)
        tell_folder(scan, scan->folder);
    if (status == LC_OK && scan->folder)
        warn_of_network(scan, scan->folder);
    if (status == LC_OK)
        status = lc_index_add_info(scan->writer, &info, err);
    if (status != LC_OK && err)
        err->subject = LC_SUBJECT_INDEX;
    return status;
}

enum lc_status lc_scan_store_summary(struct lc_scan *scan, struct lc_error *err)
{
    struct lc_rule_count counts[LC_RULE_COUNT];
    size_t count = 0;

    scan->summary.rows_ok = 0;
    for (uint64_t row = 0; row < scan->summary.rows; row++)
        scan->summary.rows_ok += !scan->faulty[row];
    for (size_t i = 0; i < LC_RULE_COUNT; i++) {
        if (!(scan->counts[i][0] + scan->counts[i][1] + scan->counts[i][2]))
            continue;
        counts[count] = (struct lc_rule_count){0};
        snprintf(counts[count].code, sizeof(counts[count].code), "%s",
                 lc_rules[i].info.code);
        memcpy(counts[count].counts, scan->counts[i], sizeof(counts[count].counts));
        count++;
    }
    return lc_index_add_summary(scan->writer, &scan->summary, counts, count, err);
}

static void clear_scan(struct lc_scan *scan)
{
    lc_scan_sort_cancel(scan);
    lc_known_close(scan->known);
    lc_journal_close(scan->journal, false);
    lc_index_abandon(scan->writer); /* the last: it holds the lock */
    lc_dataset_clear(&scan->dataset);
    free(scan->faulty);
    free(scan->row_images);
    free(scan->named);
    lc_sorter_clear(&scan->ids);
    lc_sorter_clear(&scan->contents);
    lc_unused_clear(&scan->unused);
    free(scan->folder);
    lc_scan_forget_images(scan);
}

unsigned lc_scan_workers(unsigned wanted)
{
    cpu_set_t available; /* to this process: a container may have few of many */

    if (!wanted && sched_getaffinity(0, sizeof(available), &available) == 0)
        wanted = (unsigned)CPU_COUNT(&available);
    if (!wanted)
        wanted = 1;
    return wanted < MAX_WORKERS ? wanted : MAX_WORKERS;
}

typedef enum lc_status lc_stage_fn(struct lc_scan *scan, struct lc_error *err);

static enum lc_status sort_and_link(struct lc_scan *scan, struct lc_error *err)
{
    lc_scan_sort_begin(scan);
    return lc_scan_links(scan, err);
}

/* Finish the index. What was kept beside it is in it now; but an index of rows alone has
 * nothing of images. */
static enum lc_status finish(struct lc_scan *scan, struct lc_index **out,
                             struct lc_error *err)
{
    struct lc_index_writer *writer = scan->writer;
    struct lc_journal *journal = scan->journal;

    scan->writer = NULL;
    if (scan->options->no_images)
        return lc_index_finish(writer, NULL, out, err);
    scan->journal = NULL;
    return lc_index_finish(writer, journal, out, err);
}

/* What a run that was stopped leaves. */
static void say_stopped(const struct lc_scan *scan, struct lc_error *err)
{
    const char *kept = scan->options->no_index ? "nothing is kept without an index"
                                               : "run the same command again to go on";

    if (scan->summary.images && !scan->options->no_index)
        snprintf(err->message, sizeof(err->message),
                 "stopped: %llu of %zu images are done, and kept; %s",
                 (unsigned long long)scan->summary.images, (size_t)scan->paths.count,
                 kept);
    else
        snprintf(err->message, sizeof(err->message), "stopped; %s", kept);
}

/* Run all stages. *damaged is set to whether the run failed because of the earlier index.
 */
static enum lc_status run(const struct lc_check_options *options, bool is_again,
                          bool *damaged, struct lc_index **out, struct lc_error *err)
{
    static lc_stage_fn *const stages[] = {
        [LC_STAGE_ROWS] = lc_scan_rows,           [LC_STAGE_LINKS] = sort_and_link,
        [LC_STAGE_IMAGES] = lc_scan_images,       [LC_STAGE_SET] = lc_scan_set,
        [LC_STAGE_INDEX] = lc_scan_store_summary,
    };
    struct lc_scan scan = {
        .options = options,
        .workers = lc_scan_workers(options->threads),
        .began_ns = lc_clock_now(CLOCK_REALTIME),
        .is_again = is_again,
    };
    struct lc_dataset_options wanted = {
        .paths = options->paths,
        .count = options->path_count,
        .images = options->images,
        .videos = options->videos,
    };
    enum lc_status status = lc_dataset_find(&wanted, &scan.dataset, err);

    if (status == LC_OK) {
        tell_notices(&scan);
        tell_choices(&scan);
        scan.fingerprint = fingerprint(&scan);
        status = open_writer(&scan, err);
    }
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]) && status == LC_OK; i++) {
        lc_scan_begins(&scan, (enum lc_stage)i);
        status = stages[i](&scan, err);
        if (status == LC_OK)
            status = lc_scan_go_on(&scan, err);
    }
    *damaged = status == LC_ERR_INDEX && lc_known_index(scan.known);
    if (status == LC_OK)
        status = finish(&scan, out, err);
    if (status == LC_ERR_STOPPED && err)
        say_stopped(&scan, err);
    clear_scan(&scan);
    return status;
}

/* An index whose seal is right is opened without reading all of it. If it turns out to be
 * damaged while its results are reused, somebody made it so: the run starts again without
 * it. */
enum lc_status lc_check(const struct lc_check_options *options, struct lc_index **out,
                        struct lc_error *err)
{
    struct lc_error first = {0};
    bool damaged = false;
    enum lc_status status = run(options, false, &damaged, out, &first);

    if (damaged) {
        if (options->on_notice)
            options->on_notice(options->user, "the index is damaged: everything is read");
        return run(options, true, &damaged, out, err);
    }
    if (status != LC_OK && err)
        *err = first;
    return status;
}

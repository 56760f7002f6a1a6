#include "scan/start.h"

#include "scan/place.h"
#include "llava_check/version.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

/* Whether to send notices: a second attempt does not repeat them. */
static bool wants_notices(const struct lc_run *run)
{
    return run->options->on_notice && !run->is_retry;
}

/* Hash everything except the data that results depend on: only a run with the same
 * fingerprint may reuse them. */
static struct lc_hash fingerprint(const struct lc_check_options *options,
                                  const struct lc_part *part)
{
    struct lc_buffer text = {0};
    struct lc_hash hash;
    enum lc_status status;

    status = lc_buffer_printf(
        &text, NULL, "llava-check %s schema %d outside %d images %d\n", lc_version(),
        LC_INDEX_SCHEMA, options->allow_outside, !options->no_images);
    if (part->count && status == LC_OK)
        status =
            lc_buffer_printf(&text, NULL, "part %u of %u\n", part->number, part->count);
    for (size_t i = 0; i < LC_RULE_COUNT && status == LC_OK; i++)
        status = lc_buffer_printf(&text, NULL, "%s %d\n", lc_rules[i].info.code,
                                  (int)lc_rules[i].info.severity);
    hash = lc_hash_bytes(text.data, text.size);
    lc_buffer_clear(&text);
    return hash;
}

/* Report the index folder when it is not in the data folder. */
static void report_folder(const struct lc_run *run, const char *data)
{
    const char *folder = run->folder;
    char line[512];
    bool inside = strcmp(data, ".") == 0 ? folder[0] != '/'
                                         : strncmp(folder, data, strlen(data)) == 0;

    if (!wants_notices(run) || inside)
        return;
    snprintf(line, sizeof(line),
             "the data folder cannot hold the index: results are kept in %s", folder);
    run->options->on_notice(run->options->user, line);
}

/* LMDB maps its file, and network file systems do not keep mappings coherent between
 * machines. */
static void warn_about_network(const struct lc_run *run)
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

    if (!wants_notices(run) || statfs(run->folder, &fs) != 0)
        return;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if ((unsigned long)fs.f_type == kinds[i])
            run->options->on_notice(
                run->options->user,
                "the index is on a network file system; a local folder "
                "is safer and faster: --index DIR");
}

/* Open the results of earlier runs, unless they are to be ignored. */
static enum lc_status open_earlier(struct lc_start *start, const struct lc_run *run,
                                   struct lc_error *err)
{
    const struct lc_check_options *options = run->options;
    bool ignored = options->index_mode == LC_INDEX_IGNORE;
    const char *reason = NULL;
    enum lc_status status = lc_journal_open(
        start->folder, &start->trust, &start->decoders, ignored, &start->journal, err);

    if (status == LC_OK && !ignored)
        status = lc_image_cache_open(run->is_retry ? NULL : start->folder, &start->trust,
                                     &start->decoders, start->journal,
                                     &start->image_cache, &reason, err);
    if (reason && options->on_notice)
        options->on_notice(options->user, reason);
    return status;
}

/* Compute the decoders fingerprint. An index that the user did not name is trusted only
 * in the folder where it was written: a copy of the user's own index of other data is
 * signed, but describes other files. */
static enum lc_status compute_decoders(struct lc_start *start, bool is_named,
                                       struct lc_error *err)
{
    struct lc_index_location place;
    bool bound = start->folder && !is_named;
    enum lc_status status = LC_OK;

    if (bound)
        status = lc_index_location(start->folder, &place, err);
    if (status == LC_OK)
        start->decoders = lc_image_cache_fingerprint(bound ? &place : NULL);
    return status;
}

static void warn_about_missing_key(const struct lc_run *run, const struct lc_trust *trust)
{
    char line[512];

    if (!wants_notices(run) || !trust->needs_key || trust->found.exists)
        return;
    snprintf(line, sizeof(line),
             "no secret key (%s): the next run cannot reuse these results",
             trust->found.reason);
    run->options->on_notice(run->options->user, line);
}

/* Create an index in its folder; without one, in an unnamed file. */
static enum lc_status create_in(struct lc_run *run, const struct lc_start *start,
                                struct lc_error *err)
{
    const struct lc_claimer by = {
        .is_named = run->options->index != NULL,
        .user = run->options->user,
        .on_notice = run->options->on_notice,
    };
    enum lc_status status =
        start->folder ? lc_index_claim(start->folder, &by, err) : LC_OK;

    return status == LC_OK ? lc_index_create(start->folder, lc_trust_key(&start->trust),
                                             &run->writer, err)
                           : status;
}

/* Create the index. LMDB may not work in the data folder: some file systems (FUSE with
 * direct_io) cannot map files. The index then goes to the user's cache. */
static enum lc_status create_index(struct lc_run *run, const struct lc_dataset *dataset,
                                   struct lc_start *start, struct lc_error *err)
{
    struct lc_error create_error = {0};
    char *cache = NULL;
    enum lc_status status = create_in(run, start, &create_error);

    if (create_error.os_errno == ENODEV && start->folder && !run->options->index &&
        lc_place_index_in_cache(dataset->folder, dataset->single, &cache, NULL) ==
            LC_OK) {
        free(start->folder);
        start->folder = cache;
        return create_in(run, start, err);
    }
    if (status != LC_OK && err)
        *err = create_error;
    return status;
}

/* Pick the index folder, and decide whose indexes to trust. */
static enum lc_status pick_folder(const struct lc_run *run,
                                  const struct lc_dataset *dataset,
                                  struct lc_start *start, struct lc_error *err)
{
    const char *named = run->options->index;
    enum lc_status status;

    if (run->options->no_index)
        return LC_OK;
    status = lc_place_index(dataset->folder, dataset->single, named, true, &start->folder,
                            err);
    if (status == LC_OK)
        status = lc_trust_decide(named != NULL, &start->trust, err);
    if (status == LC_OK)
        warn_about_missing_key(run, &start->trust);
    return status;
}

static enum lc_status add_info(struct lc_run *run, const struct lc_dataset *dataset,
                               const struct lc_start *start, struct lc_error *err)
{
    struct lc_index_info info = {
        .tool = {lc_version(), strlen(lc_version())},
        .name = {dataset->name, strlen(dataset->name)},
        .image_root = {dataset->image_name, strlen(dataset->image_name)},
        .options = start->fingerprint,
        .decoders = start->decoders,
        .began_ns = start->start_ns,
        .image_folder = {dataset->image_folder, strlen(dataset->image_folder)},
    };

    return lc_index_add_info(run->writer, &info, err);
}

enum lc_status lc_start_open(struct lc_run *run, const struct lc_dataset *dataset,
                             struct lc_start *out, struct lc_error *err)
{
    enum lc_status status;

    out->fingerprint = fingerprint(run->options, &run->part);
    run->covered.whole = fingerprint(run->options, &(struct lc_part){0, 0});
    status = pick_folder(run, dataset, out, err);
    if (status != LC_OK)
        goto out;
    status = create_index(run, dataset, out, err);
    if (status != LC_OK)
        goto out;
    run->folder = out->folder;
    status = compute_decoders(out, run->options->index != NULL, err);
    if (status != LC_OK)
        goto out;
    if (out->folder)
        status = open_earlier(out, run, err);
    if (status != LC_OK)
        goto out;
    lc_run_report_choice(run, "index", out->folder ? out->folder : "none");
    if (out->folder && !run->options->index)
        report_folder(run, dataset->folder);
    if (out->folder)
        warn_about_network(run);
    status = add_info(run, dataset, out, err);
out:
    if (status != LC_OK && err)
        err->subject = LC_SUBJECT_INDEX;
    return status;
}

enum lc_status lc_start_part(struct lc_run *run, const struct lc_dataset *dataset,
                             const struct lc_index *whole, struct lc_start *out,
                             struct lc_error *err)
{
    enum lc_status status = lc_index_create(NULL, NULL, &run->writer, err);

    out->fingerprint = fingerprint(run->options, &run->part);
    if (status == LC_OK)
        status = lc_image_cache_of(whole, &out->image_cache, err);
    return status == LC_OK ? add_info(run, dataset, out, err) : status;
}

void lc_start_clear(struct lc_start *start)
{
    lc_image_cache_close(start->image_cache);
    lc_journal_close(start->journal, false);
    free(start->folder);
}

const struct lc_index *lc_start_earlier_rows(const struct lc_start *start)
{
    const struct lc_index *index = lc_image_cache_index(start->image_cache);

    return index && !start->is_part && !lc_index_part(index) &&
                   lc_hash_compare(&lc_index_info(index)->options, &start->fingerprint) ==
                       0
               ? index
               : NULL;
}

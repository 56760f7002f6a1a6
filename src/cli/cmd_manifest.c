/* manifest: records the files of a folder for its recipients */
#include "base/printable.h"
#include "cli/clean_summary.h"
#include "cli/listener.h"
#include "cli/options.h"
#include "llava_check/manifest.h"

#include <stdio.h>

/* Write the manifest, which gets its name only when it is complete. */
static bool write_manifest(const struct lc_manifest *manifest, struct lc_target *target,
                           const struct lc_settings *settings)
{
    struct lc_error error = {0};

    if (!lc_target_open(target))
        return false;
    if (lc_manifest_write(manifest, target->file, &error) != LC_OK) {
        lc_complain_about(settings->output, &error);
        return false;
    }
    return lc_target_finish(target, settings);
}

static void print_result(const struct lc_manifest *manifest,
                         const struct lc_settings *settings)
{
    const struct lc_manifest_counts *counts = lc_manifest_counts(manifest);
    char files[32], bytes[32];

    lc_print_text(settings->output, stdout);
    printf(": %s file%s, %s bytes\n", lc_count_text(counts->files, files),
           lc_plural(counts->files), lc_count_text(counts->bytes, bytes));
    if (counts->links)
        printf("  %s link%s not followed, and not recorded\n",
               lc_count_text(counts->links, files), lc_plural(counts->links));
}

static bool carry_out(const struct lc_settings *settings, struct lc_target *target)
{
    struct lc_listener listener = {.quiet = settings->quiet,
                                   .verbose = settings->verbose};
    const struct lc_manifest_options options = {
        .size = sizeof(options),
        .path = settings->words[0],
        .except = settings->output,
        .threads = settings->threads,
        .user = &listener,
        .on_progress = lc_listener_progress,
        .is_stopped = lc_interrupt_came,
    };
    struct lc_manifest *manifest = NULL;
    struct lc_error error = {0};
    bool good;

    listener.bar = lc_bar_new(settings);
    lc_interrupt_begin();
    good = lc_manifest_new(&options, &manifest, &error) == LC_OK;
    lc_interrupt_end();
    lc_bar_end(listener.bar);
    if (!good)
        lc_complain_about(settings->words[0], &error);
    good = good && write_manifest(manifest, target, settings);
    if (good && !settings->quiet)
        print_result(manifest, settings);
    lc_manifest_free(manifest);
    lc_listener_clear(&listener);
    return good;
}

enum lc_exit lc_cmd_manifest(const struct lc_settings *settings)
{
    struct lc_target target = {settings->output, LC_TARGET_RESULT,
                               .force = settings->force};
    bool good;

    if (!settings->output)
        return lc_complain("usage: llava-check manifest PATH -o FILE");
    good = lc_target_check(&target, settings) && carry_out(settings, &target);
    lc_target_drop(&target);
    if (good)
        return LC_EXIT_CLEAN;
    return lc_interrupt_came(NULL) ? lc_interrupt_exit() : LC_EXIT_ERROR;
}

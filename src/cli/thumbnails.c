/* Thumbnails: made once, for all reports that show them. */
#include "cli/cli.h"

#include "llava_check/thumbnails.h"

#include <stdio.h>
#include <string.h>

/* Whether a report of this run shows pictures. */
static bool are_shown(const struct lc_settings *settings,
                      const struct lc_report_file *files)
{
    for (size_t i = 0; i < settings->report_count; i++)
        if (strcmp(files[i].format->name, "html") == 0)
            return true;
    return !settings->quiet && strcmp(lc_printed_format(settings), "html") == 0;
}

bool lc_thumbnails_make(const struct lc_index *index, const struct lc_view *view,
                        const struct lc_settings *settings,
                        const struct lc_report_file *files, struct lc_thumbnails **out)
{
    struct lc_thumbnail_options options = {
        .size = sizeof(options),
        .paths = settings->words,
        .path_count = settings->word_count,
        .images = settings->images,
        .allow_outside = settings->allow_outside,
        .show = settings->show,
    };
    struct lc_error error = {0};
    bool is_index = false;

    *out = NULL;
    if (!settings->thumbnails)
        return true;
    if (!are_shown(settings, files)) {
        if (!settings->quiet)
            lc_say("note: ", "--thumbnails has no effect without an HTML report; "
                             "add --report FILE.html");
        return true;
    }
    if (!settings->images && !lc_is_index(settings->words[0], &is_index))
        return false;
    if (is_index) {
        lc_complain("%s: an index contains no images for thumbnails; name the data set "
                    "instead, or its images with --images",
                    settings->words[0]);
        return false;
    }
    if (lc_thumbnails_new(index, view, &options, out, &error) == LC_OK)
        return true;
    lc_complain_about(settings->images ? settings->images : settings->words[0], &error);
    return false;
}

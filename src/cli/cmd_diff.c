#include "cli/cli.h"
#include "llava_check/diff.h"

#include <stdlib.h>

static enum lc_exit compare_indexes(struct lc_index *const indexes[2],
                                    const struct lc_settings *settings)
{
    char *prefixes[2] = {NULL, NULL};
    struct lc_diff_options options = {
        .size = sizeof(options),
        .format = settings->format ? settings->format : "text",
        .color = lc_want_color(settings->color),
        .names = {settings->words[0], settings->words[1]},
    };
    struct lc_error error = {0};
    enum lc_status status;
    bool equal = false;

    if (!lc_prefix_of(settings->words[0], &prefixes[0]) ||
        !lc_prefix_of(settings->words[1], &prefixes[1])) {
        free(prefixes[0]);
        return LC_EXIT_ERROR;
    }
    options.prefixes[0] = prefixes[0];
    options.prefixes[1] = prefixes[1];
    status = lc_diff_write(indexes[0], indexes[1], &options,
                           settings->quiet ? NULL : stdout, &equal, &error);
    free(prefixes[0]);
    free(prefixes[1]);
    if (status != LC_OK)
        return lc_complain_about(
            status == LC_ERR_IO ? "standard output" : settings->words[0], &error);
    return equal ? LC_EXIT_CLEAN : LC_EXIT_FINDINGS;
}

enum lc_exit lc_cmd_diff(const struct lc_settings *settings)
{
    struct lc_index *indexes[2] = {NULL, NULL};
    struct lc_error error = {0};
    enum lc_exit code = LC_EXIT_CLEAN;

    for (int i = 0; i < 2 && code == LC_EXIT_CLEAN; i++)
        if (lc_index_open(&settings->words[i], 1, &indexes[i], &error) == LC_OK)
            lc_say_caveat(indexes[i], settings);
        else
            code = lc_complain_about(settings->words[i], &error);
    if (code == LC_EXIT_CLEAN)
        code = compare_indexes(indexes, settings);
    lc_index_close(indexes[0]);
    lc_index_close(indexes[1]);
    return code;
}

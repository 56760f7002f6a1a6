/* config.h - the file of settings; private to config.c and config_file.c */
#ifndef LC_CLI_CONFIG_H
#define LC_CLI_CONFIG_H

#include "cli/cli.h"

/** A file of settings. */
struct lc_config {
    const char *path;   /* as it is told */
    const char *folder; /* what paths in it begin with: "" or with a slash at its end */
    bool own;           /* it was found in the data folder itself */
};

/** Read it into the settings. Returns false after an error was printed. */
bool lc_config_load(const struct lc_config *config, const char *command,
                    struct lc_settings *out);

#endif

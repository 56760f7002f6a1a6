/* Where the settings are: named, or in the data folder or one above it */
#include "cli/config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "llava-check.yaml"

/* Whether a folder has a file, or a link, of a name. Returns false after an error was
 * printed: settings that could not be looked for may not be out of force without a word.
 */
static bool look(const char *folder, const char *name, bool *there)
{
    char path[PATH_MAX];
    struct stat st;

    *there = snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path) &&
             lstat(path, &st) == 0;
    if (*there || errno == ENOENT || errno == ENOTDIR || errno == EACCES ||
        errno == ENAMETOOLONG)
        return true;
    lc_complain("%s: look for settings: %s", path, strerror(errno));
    return false;
}

/* Cut a path to that of the folder it is in; false at the top. */
static bool go_up(char *path)
{
    char *slash = strrchr(path, '/');

    if (!slash || !path[1])
        return false;
    slash[slash == path] = '\0';
    return true;
}

/* The folder of a data set as a real path; empty when there is none. Returns false after
 * an error was printed. */
static bool find_folder(const char *path, char out[PATH_MAX])
{
    static const char index[] = "/.llava-check";
    struct stat st;
    bool there;
    char *at;

    if (!lc_look(path, &st, &there))
        return false;
    if (!there || !realpath(path, out)) {
        if (there && errno != EACCES && errno != ENOENT) {
            lc_complain("%s: look for settings: %s", path, strerror(errno));
            return false;
        }
        out[0] = '\0';
        return true;
    }
    at = strstr(out, index); /* the index of a data set that is in it */
    if (at && at != out && strchr("/", at[sizeof(index) - 1]))
        *at = '\0';
    if (!lc_look(out, &st, &there))
        return false;
    if (!there || (!S_ISDIR(st.st_mode) && !go_up(out)))
        out[0] = '\0';
    return true;
}

/* As seen from the working folder when it is below, so that it is short. */
static void shorten(char *path)
{
    char here[PATH_MAX];
    size_t size;

    if (!getcwd(here, sizeof(here)))
        return;
    size = strlen(here);
    if (size > 1 && strncmp(path, here, size) == 0 && path[size] == '/')
        memmove(path, path + size + 1, strlen(path + size + 1) + 1);
}

/* Look in the data folder and those above it, up to that of a repository. *out is empty
 * when there is none. Returns false after an error was printed. */
static bool find_upwards(const char *data, char out[PATH_MAX], bool *own)
{
    char folder[PATH_MAX];
    bool top = false, there = false;

    out[0] = '\0';
    if (!find_folder(data, folder))
        return false;
    if (!folder[0])
        return true;
    *own = true;
    do {
        if (!look(folder, ".git", &top) || !look(folder, NAME, &there))
            return false;
        if (there) {
            if (snprintf(out, PATH_MAX, "%s%s" NAME, folder, folder[1] ? "/" : "") >=
                PATH_MAX)
                out[0] = '\0';
            shorten(out);
            return true;
        }
        *own = false;
    } while (!top && go_up(folder));
    return true;
}

bool lc_config_read(const char *path, const char *command, const char *named,
                    struct lc_settings *out)
{
    char found[PATH_MAX], folder[PATH_MAX];
    struct lc_config config = {.path = named ? named : found, .folder = folder};
    char *slash;

    if (!named && !find_upwards(path, found, &config.own))
        return false;
    if (!named && !found[0])
        return true;
    snprintf(folder, sizeof(folder), "%s", config.path);
    slash = strrchr(folder, '/');
    (slash ? slash + 1 : folder)[0] = '\0';
    if (!lc_config_load(&config, command, out))
        return false;
    out->config_path = strdup(config.path);
    if (!out->config_path)
        return lc_complain("out of memory") == LC_EXIT_CLEAN;
    out->config_is_own = config.own;
    return true;
}

/* Finds settings files, and decides how far each is trusted
 *
 * A settings file can turn failures into passes and name files to write. What it may set
 * therefore depends on where it is (enum lc_origin):
 *
 *   NAMED    passed with --config. It may set everything that is not for the command
 *            line only, and no other file is looked for
 *   DATA     in a folder of the data set. It may have been downloaded with the data, so
 *            it may only describe the data (image folder, trainer) and cannot make a
 *            run fail, even if the working directory is in the data
 *   TREE     the nearest one from the working directory up to the top of its
 *            repository, outside the data. The user works here, so it may also select
 *            rules, but its paths must stay in its folder
 *   OUTSIDE  above the data but not in the working tree, for instance a cloned
 *            repository with data in a subfolder. It is as foreign as the data; it is
 *            reported, never read
 *
 * The column origin of options.def has the least trusted origin that may set an option.
 * Files are read in order of increasing trust, and the command line last, so later values
 * replace earlier ones.
 *
 * All comparisons of folders use real paths: a symbolic link cannot move a file from one
 * class to another. config_open.c opens the file found: it must be a regular file of this
 * user or root, and a link to it may not leave its folder.
 */
#include "cli/config.h"
#include "cli/options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "llava-check.yaml"

/* The folders that decide the origin of a file, as real paths. */
struct places {
    struct lc_list data;  /* folders of the data set */
    bool has_first;       /* data[0] is from the first path, whose settings apply */
    char here[PATH_MAX];  /* the working directory; empty if unknown */
    char top[PATH_MAX];   /* top of its repository; same as here if there is none */
    char found[PATH_MAX]; /* a settings file; empty if none was found */
};

/* ---- folders ---- */

/* Look for a file or link with a given name in a folder (a real path). Returns false
 * after an error was printed: settings must not be ignored silently because looking for
 * them failed.
 *
 * @param path  set to the path that it has or would have */
static bool find_entry(const char *folder, const char *name, char path[PATH_MAX],
                       bool *there)
{
    const char *slash = folder[1] ? "/" : "";
    int size = snprintf(path, PATH_MAX, "%s%s%s", folder, slash, name);
    struct stat st;

    *there = false;
    if (size < 0 || size >= PATH_MAX)
        return true; /* no file has such a long path */
    *there = lstat(path, &st) == 0;
    if (*there || errno == ENOENT || errno == ENOTDIR || errno == EACCES ||
        errno == ENAMETOOLONG)
        return true;
    lc_complain("%s: cannot search for settings: %s", path, strerror(errno));
    return false;
}

/* Add the real path of a folder of the data, unless it cannot be resolved. */
static bool add_folder(struct places *places, const char *path)
{
    static const char index[] = "/.llava-check";
    char real[PATH_MAX], *at;

    if (!realpath(path, real)) {
        if (errno == EACCES || errno == ENOENT || errno == ENOTDIR || errno == ELOOP ||
            errno == ENAMETOOLONG)
            return true;
        lc_complain("%s: cannot search for settings: %s", path, strerror(errno));
        return false;
    }
    at = strstr(real, index); /* an index represents the data set that contains it */
    if (at && at != real && strchr("/", at[sizeof(index) - 1]))
        *at = '\0';
    return lc_list_add(&places->data, real, strlen(real)) != NULL;
}

/* Add the folder that contains a path. */
static bool add_parent(struct places *places, const char *path)
{
    char folder[PATH_MAX];

    if (snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder))
        return true;
    return add_folder(places, lc_path_go_up(folder) || *folder == '/' ? folder : ".");
}

/* Add the folders of a path that the user gave: a folder itself; the parent of a file
 * and, for a link, also that of its target; the folder before the brace of
 * raw/{a,b/c}.json. */
static bool add_data(struct places *places, const char *path)
{
    char cut[PATH_MAX], real[PATH_MAX];
    const char *brace = strrchr(path, '{');
    struct stat st;
    bool there;

    if (!lc_look(path, &st, &there))
        return false;
    if (there && S_ISDIR(st.st_mode))
        return add_folder(places, path);
    if (there)
        return add_parent(places, path) &&
               (!realpath(path, real) || add_parent(places, real));
    snprintf(cut, sizeof(cut), "%.*s", (int)(brace ? brace - path : PATH_MAX), path);
    return add_parent(places, cut);
}

/* Find the working directory, and the top of its repository. */
static bool find_tree(struct places *places)
{
    char folder[PATH_MAX], path[PATH_MAX];
    bool top = false;

    if (!getcwd(places->here, sizeof(places->here))) {
        places->here[0] = '\0';
        if (errno == ENOENT || errno == EACCES || errno == ERANGE)
            return true;
        lc_complain("cannot search for settings: %s", strerror(errno));
        return false;
    }
    snprintf(places->top, sizeof(places->top), "%s", places->here);
    snprintf(folder, sizeof(folder), "%s", places->here);
    do {
        if (!find_entry(folder, ".git", path, &top))
            return false;
        if (top)
            snprintf(places->top, sizeof(places->top), "%s", folder);
    } while (!top && lc_path_go_up(folder));
    return true;
}

static bool is_in_data(const struct places *places, const char *folder)
{
    for (size_t i = 0; i < places->data.count; i++)
        if (lc_path_is_below(places->data.items[i], folder))
            return true;
    return false;
}

/* Whether a folder is the working directory, or above it in its repository. */
static bool is_in_tree(const struct places *places, const char *folder)
{
    return *places->here && lc_path_is_below(folder, places->here) &&
           lc_path_is_below(places->top, folder);
}

/* ---- files ---- */

/* Find the settings file of a folder. */
static bool find_in(struct places *places, const char *folder)
{
    bool there;

    if (!find_entry(folder, NAME, places->found, &there))
        return false;
    if (!there)
        places->found[0] = '\0';
    return true;
}

/* Find the nearest file in the working tree that is not in the data. */
static bool find_in_tree(struct places *places)
{
    char folder[PATH_MAX];

    places->found[0] = '\0';
    if (!*places->here)
        return true;
    snprintf(folder, sizeof(folder), "%s", places->here);
    do {
        if (!is_in_data(places, folder) && !find_in(places, folder))
            return false;
    } while (!*places->found && strcmp(folder, places->top) != 0 &&
             lc_path_go_up(folder));
    return true;
}

/* Find the nearest file above the data, up to the top of a repository, that is outside
 * the working tree. */
static bool find_outside(struct places *places)
{
    char folder[PATH_MAX], path[PATH_MAX];
    bool top;

    snprintf(folder, sizeof(folder), "%s", places->data.items[0]);
    places->found[0] = '\0';
    do {
        if (!find_entry(folder, ".git", path, &top))
            return false;
        if (!is_in_data(places, folder) && !find_in(places, folder))
            return false;
    } while (!*places->found && !top && lc_path_go_up(folder));
    if (*places->found && is_in_tree(places, folder))
        places->found[0] = '\0';
    return true;
}

/* Make a path below the working directory relative to it, for messages. */
static const char *shorten(const struct places *places, const char *path)
{
    size_t size = strlen(places->here);

    if (size > 1 && strncmp(path, places->here, size) == 0 && path[size] == '/')
        return path + size + 1;
    return path;
}

/* Record why a file is not read. */
static bool note_unread(struct lc_settings_file *file, const char *why)
{
    file->note = strdup(why);
    return file->note || lc_complain("out of memory") == LC_EXIT_CLEAN;
}

/* Read settings from an open file. */
static bool load(struct lc_config *config, FILE *from, const char *command,
                 struct lc_settings *out, struct lc_settings_file *file)
{
    char folder[PATH_MAX], *slash;
    bool good;

    snprintf(folder, sizeof(folder), "%s", config->path);
    slash = strrchr(folder, '/');
    (slash ? slash + 1 : folder)[0] = '\0';
    config->folder = folder;
    good = lc_config_load(config, from, command, out, file);
    config->folder = NULL;
    fclose(from);
    return good;
}

/* Read the file that was found, unless its origin or owner forbids it. */
static bool read_found(struct places *places, const char *command, enum lc_origin origin,
                       struct lc_settings *out, struct lc_settings_file *file)
{
    const char *path = shorten(places, places->found), *why;
    struct lc_config config = {.path = path, .origin = origin};
    char real[PATH_MAX];
    FILE *from;

    file->path = strdup(path);
    if (!file->path)
        return lc_complain("out of memory") == LC_EXIT_CLEAN;
    if (origin == LC_ORIGIN_OUTSIDE)
        return note_unread(
            file,
            "it is above the data set and outside the working tree" LC_CONFIG_NAME_IT);
    snprintf(real, sizeof(real), "%s", places->found);
    (void)lc_path_go_up(real);
    config.real = real;
    if (!lc_config_open_found(&config, &from, &why))
        return false;
    return from ? load(&config, from, command, out, file) : note_unread(file, why);
}

/* If the file in the data turned out not to be a settings file, start over with the
 * defaults. */
static bool drop_broken(struct lc_settings *out, struct lc_settings_file *file)
{
    if (file->is_read || !file->path)
        return true;
    lc_settings_clear(out);
    return lc_settings_begin(out);
}

/* Find and read each file; later values replace earlier ones. The notes on files are
 * stored last, as drop_broken resets the settings. */
static bool read_all(struct places *places, const struct lc_config_request *request,
                     struct lc_settings *out)
{
    struct lc_settings_file data = {0}, tree = {0}, outside = {0};
    const char *command = request->command;
    bool good = true;

    places->found[0] = '\0';
    if (places->has_first)
        good = find_in(places, places->data.items[0]);
    if (good && *places->found)
        good = read_found(places, command, LC_ORIGIN_DATA, out, &data) &&
               drop_broken(out, &data);
    good = good && find_in_tree(places);
    if (good && *places->found)
        good = read_found(places, command, LC_ORIGIN_TREE, out, &tree);
    if (good && places->has_first)
        good = find_outside(places) &&
               (!*places->found ||
                read_found(places, command, LC_ORIGIN_OUTSIDE, out, &outside));
    out->files[LC_ORIGIN_DATA] = data;
    out->files[LC_ORIGIN_TREE] = tree;
    out->files[LC_ORIGIN_OUTSIDE] = outside;
    return good;
}

static bool read_named(const struct lc_config_request *request, struct lc_settings *out)
{
    struct lc_config config = {.path = request->named, .origin = LC_ORIGIN_NAMED};
    struct lc_settings_file *file = &out->files[LC_ORIGIN_NAMED];
    FILE *from = lc_config_open_named(request->named);

    if (!from || !load(&config, from, request->command, out, file))
        return false;
    file->path = strdup(request->named);
    return file->path || lc_complain("out of memory") == LC_EXIT_CLEAN;
}

bool lc_config_read(const struct lc_config_request *request, struct lc_settings *out)
{
    struct places places = {.found = ""};
    bool good;

    if (request->named)
        return read_named(request, out);
    good = find_tree(&places);
    for (size_t i = 0; i < request->path_count && good; i++) {
        good = add_data(&places, request->paths[i]);
        places.has_first |= !i && places.data.count > 0;
    }
    if (good && request->images)
        good = add_folder(&places, request->images);
    if (good && request->videos)
        good = add_folder(&places, request->videos);
    good = good && read_all(&places, request, out);
    lc_list_clear(&places.data);
    return good;
}

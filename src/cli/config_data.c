/* Settings files in the data: they describe the data and cannot make a run fail */
#include "cli/config_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether a value is a name that an option for trainers or dialects accepts. */
static bool is_known(const struct lc_option *option, const char *value)
{
    size_t trainer;
    unsigned limit;
    const char *name;

    if (option->kind == LC_KIND_TRAINER &&
        lc_trainer_find(value, &trainer, &limit, NULL) == LC_OK)
        return true;
    for (size_t i = 0; (name = lc_option_name(option->kind, i)); i++)
        if (strcmp(name, value) == 0)
            return true;
    return false;
}

/* Check whether a path is a readable folder. Returns false after an error was printed:
 * the check failed. */
static bool probe_folder(const char *path, bool *out)
{
    struct stat st;
    bool there;

    *out = false;
    if (!lc_look(path, &st, &there))
        return false;
    if (!there || !S_ISDIR(st.st_mode))
        return true;
    *out = faccessat(AT_FDCWD, path, R_OK | X_OK, AT_EACCESS) == 0;
    if (*out || errno == EACCES)
        return true;
    lc_complain("%s: cannot access it: %s", path, strerror(errno));
    return false;
}

/* Whether a value that describes the data is valid: a trainer or dialect, or a folder in
 * the data. Returns false after an error was printed. */
static bool is_valid(const struct lc_config_reader *r, const struct lc_option *option,
                     const char *value, const char *resolved, bool *out)
{
    *out = (option->kind != LC_KIND_TRAINER && option->kind != LC_KIND_DIALECT) ||
           is_known(option, value);
    if (!lc_setting_is_path(option))
        return true;
    if (!lc_config_stays(r, option, value, resolved, out))
        return false;
    return !*out || probe_folder(resolved, out);
}

/* Set an option to the current value, if that is valid. */
static bool set_described(struct lc_config_reader *r, const struct lc_option *option)
{
    const char *text = lc_config_text(r);
    bool valid = text && !lc_config_is_no_text(r);
    char *resolved = valid ? lc_config_resolve(r, option, text) : NULL;
    bool good = !valid || (resolved && is_valid(r, option, text, resolved, &valid));

    if (good && valid) {
        r->noted.used[option->id] = true;
        good = lc_config_set(r, option, resolved);
    } else if (good) {
        r->noted.invalid[option->id] = true;
        good = lc_config_skip(r);
    }
    free(resolved);
    return good;
}

bool lc_config_describe(struct lc_config_reader *r)
{
    struct lc_config_noted *noted = &r->noted;
    const char *key = lc_config_text(r);
    const struct lc_option *option = key ? lc_option_named(key, strlen(key)) : NULL;
    bool folders = key && strcmp(key, LC_FOLDERS) == 0;
    size_t id = option ? (size_t)option->id : LC_FOLDERS_ID;
    enum lc_origin origin = option ? option->origin : LC_FOLDERS_ORIGIN;
    bool usable = option && origin <= LC_ORIGIN_DATA && !noted->used[id];

    r->key_line = lc_config_line(r) + 1;
    if (!option && !folders)
        noted->unknown++;
    else if (!usable && (noted->used[id] || origin == LC_ORIGIN_COMMAND))
        noted->invalid[id] = true; /* given twice, or allowed only on the command line */
    else if (!usable)
        noted->refused[id] = true;
    if (!lc_config_skip(r) || !lc_config_next(r))
        return false;
    return usable ? set_described(r, option) : lc_config_skip(r);
}

/* The name of a setting, given its index in struct lc_config_noted. */
static const char *name_of(size_t id)
{
    return id == LC_FOLDERS_ID ? LC_FOLDERS : lc_option_at(id)->name;
}

/* Print "; invalid: images, 2 unknown settings", or nothing if there are none. Returns
 * whether there are any. */
static bool print_names(FILE *to, const char *head, const bool *which, size_t unknown)
{
    const char *join = head;

    for (size_t id = 0; id <= LC_FOLDERS_ID; id++) {
        if (!which[id])
            continue;
        fprintf(to, "%s%s", join, name_of(id));
        join = ", ";
    }
    if (unknown)
        fprintf(to, "%s%zu unknown setting%s", join, unknown, unknown == 1 ? "" : "s");
    return unknown || join != head;
}

bool lc_config_note(const struct lc_config_reader *r, struct lc_settings_file *out)
{
    const struct lc_config_noted *noted = &r->noted;
    size_t size = 0;
    FILE *to = open_memstream(&out->note, &size);

    if (!to) {
        out->note = NULL;
        return lc_complain("out of memory") == LC_EXIT_CLEAN;
    }
    if (noted->broken) {
        fprintf(to, "it is not a settings file: see line %zu", noted->line);
    } else {
        print_names(to, ": ", noted->used, 0);
        print_names(to, "; invalid: ", noted->invalid, noted->unknown);
        if (print_names(to, "; not allowed there: ", noted->refused, 0))
            fputs(LC_CONFIG_NAME_IT, to);
    }
    return fclose(to) == 0 || lc_complain("out of memory") == LC_EXIT_CLEAN;
}

/* Write reports: to stdout, and to files that are renamed into place when complete. */
#include "base/near.h"
#include "base/shell.h"
#include "cli/options.h"
#include "llava_check/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool lc_want_color(enum lc_color color)
{
    const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

    if (color != LC_COLOR_AUTO)
        return color == LC_COLOR_ALWAYS;
    return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

/* A file's name without its folder: reports must not contain paths of this machine. */
static const char *name_of_file(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Whether findings are on a level that counts as a failure, stop the trainer that was
 * named, or have an unknown effect. */
bool lc_results_fail(const struct lc_results *results, const struct lc_settings *settings)
{
    const struct lc_view_counts *counts = lc_view_counts(results->view);

    if (results->is_trainer_stopped || results->is_effect_unknown)
        return true;

    for (int s = (int)settings->fail_on; s <= LC_SEVERITY_ERROR; s++)
        if (counts->findings[s])
            return true;
    return false;
}

enum lc_exit lc_exit_code(const struct lc_results *results,
                          const struct lc_settings *settings)
{
    return lc_results_fail(results, settings) && !settings->exit_zero ? LC_EXIT_FINDINGS
                                                                      : LC_EXIT_CLEAN;
}

/* The name of the settings file of an origin; NULL if there is none. */
static const char *name_of_origin(const struct lc_settings *settings,
                                  enum lc_origin origin)
{
    const char *path = settings->files[origin].path;

    return path ? name_of_file(path) : NULL;
}

/* The name of the settings file that set an option; NULL if none did. */
static const char *name_of_source(const struct lc_settings *settings,
                                  enum lc_option_id id)
{
    return name_of_origin(settings, settings->given[id].origin);
}

/* The options that printed reports and report files share. */
static struct lc_report_options common_options(const struct lc_results *results,
                                               const struct lc_settings *settings)
{
    const char *severity = name_of_source(settings, LC_OPTION_SEVERITY);
    const char *exit_zero = name_of_source(settings, LC_OPTION_EXIT_ZERO);
    const char *baseline =
        settings->write_baseline ? settings->write_baseline : settings->baseline;

    return (struct lc_report_options){
        .size = sizeof(struct lc_report_options),
        .show = settings->show,
        .trainer = settings->trainer,
        .failed = results->view && lc_results_fail(results, settings),
        .stopped = results->is_trainer_stopped,
        .unsure = results->is_effect_unknown,
        .view = results->view,
        .prediction = results->prediction,
        .max_findings = settings->max_findings,
        .fail_on = settings->fail_on,
        .thumbnails = results->thumbnails,
        .adjusted_by =
            {
                [LC_ADJUSTED_IGNORE] = name_of_source(settings, LC_OPTION_IGNORE),
                [LC_ADJUSTED_SELECT] = name_of_source(settings, LC_OPTION_SELECT),
                [LC_ADJUSTED_OFF] = severity,
                [LC_ADJUSTED_FOLDERS] =
                    name_of_origin(settings, settings->folders_origin),
                [LC_ADJUSTED_BASELINE] = baseline ? name_of_file(baseline) : NULL,
                [LC_ADJUSTED_LEVEL] = severity,
            },
        .passed_by = !settings->exit_zero ? NULL
                     : exit_zero          ? exit_zero
                                          : "--exit-zero",
    };
}

/* The number of columns if stdout is a terminal; otherwise 0. */
static unsigned terminal_width(void)
{
    struct winsize size;

    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

/* Get the words with which a shell command can refer to the results: the index that was
 * named, or the paths. *out is NULL if the results are not kept; the caller frees it.
 * Returns false after an error. */
static bool name_again(const struct lc_settings *settings, char **out)
{
    struct lc_buffer text = {0};
    enum lc_status status = LC_OK;

    *out = NULL;
    if (settings->no_index)
        return true;
    if (settings->index)
        status = lc_shell_add(&text, settings->index, NULL);
    for (size_t i = 0; i < settings->word_count && !settings->index; i++) {
        if (status == LC_OK && i)
            status = lc_buffer_add(&text, " ", 1, NULL);
        if (status == LC_OK)
            status = lc_shell_add(&text, settings->words[i], NULL);
    }
    if (status == LC_OK) {
        *out = text.data;
        return true;
    }
    lc_buffer_clear(&text);
    return lc_complain("out of memory") == LC_EXIT_CLEAN;
}

/* Get the paths of the data set, quoted for a shell command. *out is NULL if an index was
 * named. */
static bool name_paths(const struct lc_settings *settings, char **out)
{
    struct lc_buffer text = {0};
    bool is_index = false;
    enum lc_status status = LC_OK;

    *out = NULL;
    if (!lc_is_index(settings->words[0], &is_index))
        return false;
    for (size_t i = 0; i < settings->word_count && !is_index && status == LC_OK; i++) {
        if (i)
            status = lc_buffer_add(&text, " ", 1, NULL);
        if (status == LC_OK)
            status = lc_shell_add(&text, settings->words[i], NULL);
    }
    if (status == LC_OK) {
        *out = text.data;
        return true;
    }
    lc_buffer_clear(&text);
    return lc_complain("out of memory") == LC_EXIT_CLEAN;
}

bool lc_print_report(const struct lc_results *results, const struct lc_settings *settings,
                     const char *format, const char *path)
{
    struct lc_report_options options = common_options(results, settings);
    struct lc_error error = {0};
    enum lc_status status;
    char *prefix, *again, *paths;

    options.format = format;
    options.color = lc_want_color(settings->color);
    options.width = terminal_width();
    if (!name_again(settings, &again))
        return false;
    if (!name_paths(settings, &paths)) {
        free(again);
        return false;
    }
    if (!lc_prefix_of(path, &prefix)) {
        free(again);
        free(paths);
        return false;
    }
    options.again = again;
    options.paths = paths;
    options.prefix = prefix;
    options.base = lc_base_of(prefix);
    status = lc_report_write(results->index, &options, stdout, &error);
    free(prefix);
    free(again);
    free(paths);
    if (status != LC_OK)
        lc_complain_about("standard output", &error);
    return status == LC_OK;
}

bool lc_print_answer(const struct lc_index *index, struct lc_query *query,
                     const char *path, uint64_t *missing)
{
    struct lc_error error = {0};
    enum lc_status status;
    char *prefix;

    if (!lc_prefix_of(path, &prefix))
        return false;
    query->prefix = prefix;
    status = lc_query_write(index, query, stdout, missing, &error);
    query->prefix = NULL;
    free(prefix);
    if (status == LC_ERR_USAGE)
        lc_complain("%s", error.message);
    else if (status != LC_OK)
        lc_complain_about(status == LC_ERR_IO ? "standard output" : path, &error);
    return status == LC_OK;
}

static const struct lc_report_format_info *find_format(const char *name, size_t size)
{
    const struct lc_report_format_info *format;

    for (size_t i = 0; (format = lc_report_format_at(i)); i++)
        if (strlen(format->name) == size && memcmp(format->name, name, size) == 0)
            return format;
    return NULL;
}

/* The length of the longest suffix that a path ends with; suffixes are separated by
 * spaces. */
static size_t suffix_of(const char *path, const char *suffixes)
{
    size_t size = strlen(path), most = 0;

    while (suffixes && *suffixes) {
        size_t tail = strcspn(suffixes, " ");

        if (size > tail && tail > most && memcmp(path + size - tail, suffixes, tail) == 0)
            most = tail;
        suffixes += tail + strspn(suffixes + tail, " ");
    }
    return most;
}

static const struct lc_report_format_info *format_by_suffix(const char *path)
{
    const struct lc_report_format_info *format, *found = NULL;
    size_t most = 0;

    for (size_t i = 0; (format = lc_report_format_at(i)); i++) {
        size_t size = suffix_of(path, format->suffixes);

        if (size > most) { /* .sarif.json is more specific than .json */
            most = size;
            found = format;
        }
    }
    if (found)
        return found;
    if (strncmp(path, "/dev/", 5) == 0)
        return find_format("json", 4);
    return NULL;
}

/* List the formats of reports: "text, json". */
static void list_formats(char *out, size_t size)
{
    const struct lc_report_format_info *format;
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; (format = lc_report_format_at(i)); i++)
        if (used < size)
            used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "",
                                     format->name);
}

static const char *format_name(const void *user, size_t index)
{
    const struct lc_report_format_info *format = lc_report_format_at(index);

    (void)user;
    return format ? format->name : NULL;
}

/* Parse FILE, whose suffix determines the format, or FORMAT:FILE. */
static bool read_place(const char *report, struct lc_report_file *out)
{
    size_t name = strspn(report, "abcdefghijklmnopqrstuvwxyz");
    const char *near;
    char names[256];

    *out = (struct lc_report_file){.target.path = report};
    if (name && report[name] == ':') {
        out->format = find_format(report, name);
        out->target.path = report + name + 1;
        if (out->format && *out->target.path)
            return true;
        list_formats(names, sizeof(names));
        near = lc_nearest_name(report, name, format_name, NULL);
        if (out->format)
            lc_complain("%s: no file name after the format", report);
        else if (near)
            lc_complain("%s: unknown report format; did you mean '%s'?", report, near);
        else
            lc_complain("%s: unknown report format; use one of %s", report, names);
        return false;
    }
    out->format = format_by_suffix(report);
    if (!out->format)
        lc_complain(
            "%s: no report format has this suffix; name the format, as in json:%s",
            report, report);
    return out->format != NULL;
}

/* Whether an earlier report has the same file, which would be renamed twice. */
static bool named_before(const struct lc_report_file *files, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(files[i].target.path, files[index].target.path) == 0) {
            lc_complain("%s: more than one --report writes to this file",
                        files[i].target.path);
            return true;
        }
    }
    return false;
}

bool lc_report_files_check(const struct lc_settings *settings,
                           struct lc_report_file *files)
{
    /* --force applies to reports on the same command line, not to those from a settings
     * file */
    bool typed = settings->given[LC_OPTION_REPORT].origin == LC_ORIGIN_COMMAND;

    for (size_t i = 0; i < settings->report_count; i++) {
        if (!read_place(settings->reports[i], &files[i]) || named_before(files, i))
            return false;
        files[i].target.force = settings->force && typed;
        if (!lc_target_check(&files[i].target, settings))
            return false;
    }
    return true;
}

static bool write_file(const struct lc_results *results,
                       const struct lc_settings *settings, struct lc_report_file *file)
{
    struct lc_report_options options = common_options(results, settings);
    struct lc_error error = {0};
    enum lc_status status;
    char *prefix;

    options.format = file->format->name;
    options.marked = true;
    if (!lc_prefix_of(settings->words[0], &prefix))
        return false;
    options.base = lc_base_of(prefix);
    if (!lc_target_open(&file->target)) {
        free(prefix);
        return false;
    }
    status = lc_report_write(results->index, &options, file->target.file, &error);
    free(prefix);
    if (status != LC_OK) {
        lc_complain_about(file->target.path, &error);
        return false;
    }
    return lc_target_finish(&file->target, settings);
}

bool lc_report_files_write(const struct lc_results *results,
                           const struct lc_settings *settings,
                           struct lc_report_file *files)
{
    bool good = true;

    for (size_t i = 0; i < settings->report_count; i++)
        good &= write_file(results, settings, &files[i]);
    return good;
}

void lc_report_files_drop(struct lc_report_file *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        lc_target_drop(&files[i].target);
        files[i] = (struct lc_report_file){0};
    }
}

/* Where reports go: stdout, and files that take their place when they are whole. */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool want_color(enum lc_color color)
{
    const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

    if (color != LC_COLOR_AUTO)
        return color == LC_COLOR_ALWAYS;
    return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

/* What is put before rows files' names so that a terminal or editor can open them: the
 * folder as the user typed it. */
static char *prefix_of(const char *path)
{
    size_t size = strlen(path);
    struct stat st;
    char *prefix = malloc(size + 2);

    if (!prefix)
        return NULL;
    memcpy(prefix, path, size + 1);
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
        while (size && prefix[size - 1] != '/')
            size--;
        prefix[size] = '\0';
        return prefix;
    }
    while (size > 1 && prefix[size - 1] == '/')
        size--;
    if (size && prefix[size - 1] != '/')
        prefix[size++] = '/';
    prefix[size] = '\0';
    if (strcmp(prefix, "./") == 0)
        prefix[0] = '\0';
    return prefix;
}

bool lc_print_report(const struct lc_index *index, const struct lc_settings *settings,
                     const char *format, const char *path)
{
    char *prefix = prefix_of(path);
    struct lc_report_options options = {
        .format = format,
        .show = settings->show,
        .color = want_color(settings->color),
        .prefix = prefix,
    };
    struct lc_error error = {0};
    enum lc_status status = lc_report_write(index, &options, stdout, &error);

    free(prefix);
    if (status != LC_OK)
        lc_complain_about("standard output", &error);
    return status == LC_OK;
}

static bool ends_with(const char *path, const char *suffix)
{
    size_t size = strlen(path), tail = strlen(suffix);

    return size > tail && strcmp(path + size - tail, suffix) == 0;
}

static const char *format_of(const char *path)
{
    static const struct {
        const char *suffix;
        const char *format;
    } suffixes[] = {{".json", "json"}, {".txt", "text"}};

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (ends_with(path, suffixes[i].suffix))
            return suffixes[i].format;
    if (strncmp(path, "/dev/", 5) == 0) /* /dev/stderr, /dev/fd/3 */
        return "json";
    return NULL;
}

static bool open_file(struct lc_report_file *file)
{
    const char *target = file->path;
    struct stat st;

    file->format = format_of(file->path);
    if (!file->format) {
        lc_complain("%s: a report's format is told by its suffix: .json or .txt",
                    file->path);
        return false;
    }
    if (stat(file->path, &st) == 0 && S_ISDIR(st.st_mode)) {
        lc_complain("%s: is a folder where a report is to be written", file->path);
        return false;
    }
    /* an old report stays until the new one is whole; a device or pipe is just written */
    if (stat(file->path, &st) != 0 || S_ISREG(st.st_mode)) {
        size_t size = strlen(file->path) + sizeof(".part");

        file->part = malloc(size);
        if (!file->part) {
            lc_complain("out of memory");
            return false;
        }
        snprintf(file->part, size, "%s.part", file->path);
        target = file->part;
    }
    file->file = fopen(target, "we");
    if (!file->file)
        lc_complain("%s: open the report: %s", file->path, strerror(errno));
    return file->file != NULL;
}

bool lc_report_files_open(const struct lc_settings *settings,
                          struct lc_report_file *files)
{
    for (size_t i = 0; i < settings->report_count; i++) {
        files[i] = (struct lc_report_file){.path = settings->reports[i]};
        if (!open_file(&files[i])) {
            lc_report_files_drop(files, i + 1);
            return false;
        }
    }
    return true;
}

static bool write_file(const struct lc_index *index, const struct lc_settings *settings,
                       struct lc_report_file *file)
{
    struct lc_report_options options = {.format = file->format, .show = settings->show};
    struct lc_error error = {0};
    int rc;

    if (lc_report_write(index, &options, file->file, &error) != LC_OK) {
        lc_complain_about(file->path, &error);
        return false;
    }
    rc = fclose(file->file);
    file->file = NULL;
    if (rc != 0 || (file->part && rename(file->part, file->path) != 0)) {
        lc_complain("%s: write the report: %s", file->path, strerror(errno));
        return false;
    }
    free(file->part);
    file->part = NULL;
    return true;
}

bool lc_report_files_write(const struct lc_index *index,
                           const struct lc_settings *settings,
                           struct lc_report_file *files)
{
    for (size_t i = 0; i < settings->report_count; i++)
        if (!write_file(index, settings, &files[i]))
            return false;
    return true;
}

void lc_report_files_drop(struct lc_report_file *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (files[i].file)
            fclose(files[i].file);
        if (files[i].part)
            unlink(files[i].part);
        free(files[i].part);
        files[i] = (struct lc_report_file){0};
    }
}

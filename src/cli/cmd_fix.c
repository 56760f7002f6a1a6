/* fix: changes a few bytes of rows, and writes them to a new file, as a diff, or in place
 * of the rows files
 *
 * In place, the new file is first written beside the rows file. The rows file then gets a
 * second name, NAME.orig, before the new file takes its name. At every moment each of the
 * two names leads to a complete file. */
#include "base/printable.h"
#include "cli/clean_summary.h"
#include "cli/listener.h"
#include "cli/options.h"
#include "llava_check/clean.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file of the result before it gets its final name. */
struct part {
    char *path; /* a path at which it can be opened again */
    FILE *file;
    bool has_name;   /* it has a name, which must be removed */
    struct stat was; /* the rows file that it replaces */
};

struct job {
    const struct lc_settings *settings;
    struct lc_clean *clean;
    struct part *parts;
    size_t count;
};

static bool complain_no_memory(void)
{
    return lc_complain("out of memory") == LC_EXIT_CLEAN;
}

static void drop_parts(struct job *job)
{
    for (size_t i = 0; i < job->count; i++) {
        struct part *part = &job->parts[i];

        if (part->file)
            fclose(part->file);
        if (part->has_name)
            unlink(part->path);
        free(part->path);
    }
    free(job->parts);
    job->parts = NULL;
    job->count = 0;
}

/* ---- parts ---- */

/* Name an open file by its descriptor, so that it needs no name in a folder. Returns
 * false if /proc is missing. */
static bool call_by_number(struct part *part, int fd)
{
    char *path = NULL;

    if (asprintf(&path, "/proc/self/fd/%d", fd) < 0)
        return false;
    if (access(path, R_OK) != 0) {
        free(path);
        return false;
    }
    if (part->has_name)
        (void)unlink(part->path);
    part->has_name = false;
    free(part->path);
    part->path = path;
    return true;
}

/* Open a file without a name, which disappears when it is closed, even by a kill. If the
 * system does not support that, its name is removed at the end. */
static int open_unnamed(struct part *part)
{
    const char *folder = getenv("TMPDIR");
    int fd;

    if (!folder || !*folder)
        folder = "/tmp";
    fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    if (fd >= 0 && call_by_number(part, fd))
        return fd;
    if (fd >= 0)
        close(fd);
    if (asprintf(&part->path, "%s/llava-check.XXXXXX", folder) < 0) {
        part->path = NULL;
        return -1;
    }
    fd = mkostemp(part->path, O_CLOEXEC);
    part->has_name = fd >= 0;
    if (fd >= 0)
        (void)call_by_number(part, fd);
    return fd;
}

/* Open a file beside the rows file, with the same owner and permissions. */
static int open_beside(struct part *part, const char *source)
{
    int fd;

    if (asprintf(&part->path, "%s.XXXXXX", source) < 0) {
        part->path = NULL;
        return -1;
    }
    fd = mkostemp(part->path, O_CLOEXEC);
    part->has_name = fd >= 0;
    if (fd < 0)
        return fd;
    if (fchown(fd, part->was.st_uid, part->was.st_gid) != 0)
        errno = 0; /* the file then belongs to the user */
    if (fchmod(fd, part->was.st_mode & 0777) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool open_part(const struct job *job, struct part *part, const char *source)
{
    int fd;

    if (job->settings->in_place && lstat(source, &part->was) != 0) {
        lc_complain("%s: %s", source, strerror(errno));
        return false;
    }
    if (job->settings->in_place && !S_ISREG(part->was.st_mode)) {
        lc_complain("%s: is a symbolic link; name the file itself, or write to another "
                    "file with -o",
                    source);
        return false;
    }
    fd = job->settings->in_place ? open_beside(part, source) : open_unnamed(part);
    part->file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!part->file && fd >= 0)
        close(fd);
    if (!part->file)
        lc_complain("%s: cannot create a file %s: %s", source,
                    job->settings->in_place ? "beside it" : "for the result in TMPDIR",
                    strerror(errno));
    return part->file != NULL;
}

/* The name under which the original rows file is kept. */
static char *name_backup(const char *source)
{
    char *name = NULL;

    return asprintf(&name, "%s.orig", source) < 0 ? NULL : name;
}

/* Whether no backup exists yet; checked before anything is written. */
static bool has_no_backup(const char *source)
{
    char *name = name_backup(source);
    struct stat st;
    bool there = false, good;

    if (!name)
        return complain_no_memory();
    good = lc_look_at_link(name, &st, &there);
    if (good && there)
        lc_complain("%s: exists; it may be the original of an earlier fix: move it away "
                    "first",
                    name);
    free(name);
    return good && !there;
}

static bool write_part(struct job *job, size_t i, const struct lc_clean_file *file)
{
    struct part *part = &job->parts[i];
    struct lc_error error = {0};

    if (job->settings->in_place && !has_no_backup(file->path))
        return false;
    if (!open_part(job, part, file->path))
        return false;
    if (lc_clean_write(job->clean, i, part->file, &error) == LC_OK)
        return true;
    lc_complain_about(part->path, &error);
    return false;
}

static bool write_parts(struct job *job)
{
    const struct lc_clean_file *file;
    size_t count = 0;
    bool good = true;

    drop_parts(job);
    while (lc_clean_file_at(job->clean, count))
        count++;
    job->parts = calloc(count + 1, sizeof(*job->parts));
    if (!job->parts)
        return complain_no_memory();
    job->count = count;
    for (size_t i = 0; good && (file = lc_clean_file_at(job->clean, i)); i++)
        good = write_part(job, i, file);
    return good;
}

static bool check_parts(struct job *job, bool *again)
{
    const char **paths = calloc(job->count + 1, sizeof(*paths));
    struct lc_error error = {0};
    enum lc_status status;

    if (!paths)
        return complain_no_memory();
    for (size_t i = 0; i < job->count; i++)
        paths[i] = job->parts[i].path;
    status = lc_clean_check(job->clean, paths, again, &error);
    free(paths);
    if (status != LC_OK)
        lc_complain_about(lc_subject_of(job->settings, &error), &error);
    return status == LC_OK;
}

/* ---- in place ---- */

static bool copy_bytes(int from, int to)
{
    static char bytes[1 << 16];
    ssize_t size;

    while ((size = read(from, bytes, sizeof(bytes))) != 0) {
        if (size < 0 && errno == EINTR)
            continue;
        for (ssize_t done = 0, step; size > 0 && done < size; done += step) {
            step = write(to, bytes + done, (size_t)(size - done));
            if (step < 0)
                return false;
        }
        if (size < 0)
            return false;
    }
    return fsync(to) == 0;
}

/* Keep a copy, if the file system does not support hard links. */
static bool copy_backup(const char *source, const char *name)
{
    int from = open(source, O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
    int to = from >= 0 ? open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    bool good = to >= 0 && copy_bytes(from, to);

    if (to >= 0 && close(to) != 0)
        good = false;
    if (to >= 0 && !good)
        unlink(name);
    if (from >= 0)
        close(from);
    return good;
}

static bool keep_backup(const char *source, const char *name)
{
    if (link(source, name) == 0)
        return true;
    return errno != EEXIST && errno != ENOENT && copy_backup(source, name);
}

static bool is_unchanged(const struct part *part, const char *source)
{
    const struct stat *was = &part->was;
    struct stat now;

    return lstat(source, &now) == 0 && now.st_dev == was->st_dev &&
           now.st_ino == was->st_ino && now.st_size == was->st_size &&
           memcmp(&now.st_mtim, &was->st_mtim, sizeof(now.st_mtim)) == 0 &&
           memcmp(&now.st_ctim, &was->st_ctim, sizeof(now.st_ctim)) == 0;
}

/* Put a file in place of its rows file. */
static bool replace(struct part *part, const char *source)
{
    char *name = name_backup(source);
    bool good = name != NULL;

    if (!good)
        return complain_no_memory();
    if (!is_unchanged(part, source)) {
        lc_complain("%s: changed since it was checked: run the command again", source);
        good = false;
    } else if (fsync(fileno(part->file)) != 0 || fclose(part->file) != 0) {
        part->file = NULL;
        lc_complain("%s: cannot write the result: %s", part->path, strerror(errno));
        good = false;
    } else if (part->file = NULL, !keep_backup(source, name)) {
        lc_complain("%s: cannot keep the original under this name: %s", name,
                    strerror(errno));
        good = false;
    } else if (rename(part->path, source) != 0) {
        lc_complain("%s: cannot replace it: %s", source, strerror(errno));
        unlink(name);
        good = false;
    } else {
        part->has_name = false;
    }
    free(name);
    return good;
}

static bool replace_files(struct job *job)
{
    const struct lc_clean_file *file;
    bool good = true;

    if (lc_interrupt_came(NULL)) {
        lc_complain("stopped; nothing was written");
        return false;
    }
    for (size_t i = 0; good && (file = lc_clean_file_at(job->clean, i)); i++)
        good = file->same || replace(&job->parts[i], file->path);
    return good;
}

/* ---- what is printed ---- */

static bool print_diffs(struct job *job)
{
    bool color = lc_want_color(job->settings->color);
    struct lc_error error = {0};
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < job->count && status == LC_OK; i++)
        status =
            lc_clean_write_diff(job->clean, i, job->parts[i].path, color, stdout, &error);
    if (status != LC_OK)
        lc_complain_about(job->parts[0].path, &error);
    return status == LC_OK;
}

static bool is_changed(const struct job *job)
{
    const struct lc_clean_file *file;

    for (size_t i = 0; (file = lc_clean_file_at(job->clean, i)); i++)
        if (!file->same)
            return true;
    return false;
}

/* Note the rows that a diff does not show, although something is wrong with them. */
static void note_unfixed(const struct job *job)
{
    uint64_t unfixed = lc_clean_unfixed(job->clean);
    uint64_t unsafe = lc_clean_unsafe(job->clean);
    char number[32], line[160];

    if (unfixed && !job->settings->quiet) {
        snprintf(line, sizeof(line),
                 "%s row%s not fixed: no fix applies, or the fixed row would not pass",
                 lc_count_text(unfixed, number), lc_plural(unfixed));
        lc_say("note: ", line);
    }
    if (unsafe && !job->settings->quiet) {
        snprintf(line, sizeof(line), "%s row%s could be fixed with --unsafe",
                 lc_count_text(unsafe, number), lc_plural(unsafe));
        lc_say("note: ", line);
    }
}

static void print_replaced(const struct job *job)
{
    const struct lc_clean_file *file;
    bool any = false;

    for (size_t i = 0; (file = lc_clean_file_at(job->clean, i)); i++) {
        if (file->same)
            continue;
        fputs(any ? "            " : "  replaced  ", stdout);
        lc_print_text(file->path, stdout);
        fputs("; the original is ", stdout);
        lc_print_text(file->path, stdout);
        fputs(".orig\n", stdout);
        any = true;
    }
    if (!any)
        puts("  replaced  nothing: no file would be changed");
}

/* ---- the command ---- */

static bool begin(struct job *job, struct lc_listener *listener)
{
    const struct lc_settings *settings = job->settings;
    const struct lc_check_options check = lc_listener_options(listener, settings);
    const struct lc_list *select = &settings->given[LC_OPTION_SELECT].texts;
    const struct lc_list *ignore = &settings->given[LC_OPTION_IGNORE].texts;
    const struct lc_clean_options options = {
        .size = sizeof(options),
        .check = &check,
        .trainer = settings->trainer,
        .fix = true,
        .unsafe = settings->unsafe,
        .keep_all = true,
        .want_edits = settings->diff,
        .select = select->items,
        .select_count = select->count,
        .ignore = ignore->items,
        .ignore_count = ignore->count,
    };
    struct lc_error error = {0};

    if (lc_clean_new(&options, &job->clean, &error) == LC_OK)
        return true;
    lc_complain_about(lc_subject_of(settings, &error), &error);
    lc_listener_list_sets(listener);
    return false;
}

/* Write and check the result until the check undoes no more fixes, then put it in
 * place. */
static bool write_all(struct job *job)
{
    bool again = true, good = true;

    while (good && again)
        good = write_parts(job) && check_parts(job, &again);
    return good && (job->settings->diff || replace_files(job));
}

/* Whether exactly one of the three ways to output the result was given. */
static bool is_one_way(const struct lc_settings *settings)
{
    int ways = (settings->output != NULL) + settings->diff + settings->in_place;

    if (ways != 1)
        lc_complain("%s; usage: llava-check fix PATH -o OUT, or --diff to preview, or "
                    "--in-place to replace the rows files",
                    ways ? "-o, --diff and --in-place cannot be combined"
                         : "no output given");
    else if (settings->all_trainers)
        lc_complain("fix needs one trainer; only check accepts '%s'", LC_ALL_TRAINERS);
    return ways == 1 && !settings->all_trainers;
}

static enum lc_exit run(const struct lc_settings *settings)
{
    struct lc_listener listener = {.quiet = settings->quiet,
                                   .verbose = settings->verbose};
    struct job job = {.settings = settings};
    bool good, is_found = false;

    listener.bar = lc_bar_new(settings);
    lc_interrupt_begin();
    good = begin(&job, &listener) && write_all(&job);
    lc_interrupt_end();
    lc_bar_end(listener.bar);
    if (good && settings->diff) {
        good = print_diffs(&job);
        note_unfixed(&job);
        is_found = is_changed(&job);
    } else if (good && !settings->quiet) {
        lc_print_text(settings->words[0], stdout);
        putchar('\n');
        lc_print_clean_rows(job.clean);
        print_replaced(&job);
        lc_print_clean_checked(job.clean);
    }
    drop_parts(&job);
    lc_clean_free(job.clean);
    lc_listener_clear(&listener);
    if (good)
        return is_found ? LC_EXIT_FINDINGS : LC_EXIT_CLEAN;
    return lc_interrupt_came(NULL) ? lc_interrupt_exit() : LC_EXIT_ERROR;
}

enum lc_exit lc_cmd_fix(const struct lc_settings *settings)
{
    if (!is_one_way(settings))
        return LC_EXIT_ERROR;
    return settings->output ? lc_clean_into(settings, true) : run(settings);
}

void lc_fix_help(FILE *to)
{
    fputs("\nOnly what is wrong in a row is changed. The row is then checked again: if\n"
          "the rule still reports something, or another rule something new, the row\n"
          "stays as it was. --diff exits with 1 if anything would change.\n"
          "'llava-check help CODE' shows the fixes for a rule.\n",
          to);
}

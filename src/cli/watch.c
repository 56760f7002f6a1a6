/* A snapshot of the files costs one stat each. Two snapshots differ if any file has
 * changed, because each has a sum over the sizes, times and inodes of all files. The
 * pause after a snapshot is ten times as long as it took, so that watching a million
 * files takes less than a tenth of a processor; but files that are about to count as
 * settled are looked at four times before they do. */
#include "cli/watch.h"

#include "llava_check/index.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SNAPSHOT_EACH 1.0 /* minimum seconds between two snapshots */
#define SNAPSHOT_SHARE 10 /* minimum pause, in durations of a snapshot */
#define ROUND_EACH 5.0    /* minimum seconds between two rounds */
#define ROUND_SHARE 2     /* minimum pause, in durations of a round */
#define NAP_NS 100000000  /* how soon a signal is noticed */
#define MOST_DEPTH 64     /* of nested folders */
#define INDEX_FOLDER ".llava-check"

/* The state of the files. */
struct snapshot {
    uint64_t files;
    uint64_t sum; /* changes if any file changes */
    uint64_t unfinished;
    char example[256];  /* one of the unfinished files */
    struct stat own[2]; /* files of this program: the index folder, the metrics */
};

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Sleep for some seconds, or until a signal comes. */
static void sleep_for(double time)
{
    const struct timespec nap = {0, NAP_NS};
    double end = seconds() + time;

    while (seconds() < end && !lc_interrupt_came(NULL))
        (void)nanosleep(&nap, NULL);
}

/* ---- snapshots ---- */

static bool is_own(const struct snapshot *snapshot, const struct stat *st)
{
    for (size_t i = 0; i < sizeof(snapshot->own) / sizeof(snapshot->own[0]); i++)
        if (snapshot->own[i].st_ino == st->st_ino &&
            snapshot->own[i].st_dev == st->st_dev)
            return true;
    return false;
}

/* Whether a file's name is that of an unfinished download: curl and browsers (.part,
 * .crdownload), huggingface_hub (.incomplete), aria2, rsync and modelscope
 * (._____temp). */
static bool is_unfinished(const char *name)
{
    static const char *const ends[] = {".incomplete", ".part",    ".partial",
                                       ".aria2",      ".tmp",     ".crdownload",
                                       ".download",   ".filepart"};
    size_t size = strlen(name);

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t end = strlen(ends[i]);

        if (size > end && strcmp(name + size - end, ends[i]) == 0)
            return true;
    }
    return strstr(name, "._____temp") != NULL;
}

static bool is_other(const struct snapshot *a, const struct snapshot *b)
{
    return a->sum != b->sum || a->files != b->files;
}

static uint64_t mix(uint64_t sum, uint64_t value)
{
    sum = (sum ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return sum ^ sum >> 29;
}

static void add_file(struct snapshot *snapshot, const char *name, const struct stat *st)
{
    uint64_t one =
        mix(mix(mix(1, (uint64_t)st->st_ino), (uint64_t)st->st_size),
            (uint64_t)st->st_mtim.tv_sec * 1000000000 + (uint64_t)st->st_mtim.tv_nsec);

    snapshot->files++;
    snapshot->sum += one; /* a sum, as the order of the listing is undefined */
    if (!is_unfinished(name))
        return;
    if (!snapshot->unfinished++)
        snprintf(snapshot->example, sizeof(snapshot->example), "%s", name);
}

/* Add the files in a folder, and close it. A folder that cannot be listed counts as
 * empty. */
static void add_folder(struct snapshot *snapshot, int fd, unsigned depth)
{
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    struct stat st;

    if (!folder && fd >= 0)
        close(fd);
    while (folder && !lc_interrupt_came(NULL) && (entry = readdir(folder))) {
        const char *name = entry->d_name;

        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
            strcmp(name, INDEX_FOLDER) == 0 ||
            fstatat(dirfd(folder), name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            is_own(snapshot, &st))
            continue;
        if (S_ISDIR(st.st_mode) && depth < MOST_DEPTH)
            add_folder(snapshot,
                       openat(dirfd(folder), name,
                              O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                       depth + 1);
        else if (!S_ISDIR(st.st_mode))
            add_file(snapshot, name, &st);
    }
    if (folder)
        closedir(folder);
}

static void add_path(struct snapshot *snapshot, const char *path)
{
    struct stat st;

    if (!path || stat(path, &st) != 0)
        return;
    if (S_ISDIR(st.st_mode))
        add_folder(snapshot, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0);
    else
        add_file(snapshot, path, &st);
}

static struct snapshot take_snapshot(const struct lc_settings *settings)
{
    struct snapshot snapshot = {0};

    if (settings->index)
        (void)stat(settings->index, &snapshot.own[0]);
    if (settings->metrics)
        (void)stat(settings->metrics, &snapshot.own[1]);
    for (size_t i = 0; i < settings->word_count; i++)
        add_path(&snapshot, settings->words[i]);
    add_path(&snapshot, settings->images);
    add_path(&snapshot, settings->videos);
    return snapshot;
}

/* ---- rounds ---- */

/* Print how many files, rows and findings there are so far. */
static void print_round(const struct lc_settings *settings, const struct lc_index *index,
                        const struct snapshot *snapshot)
{
    const struct lc_summary *summary = index ? lc_index_summary(index) : NULL;
    char line[512], more[64] = "";

    if (settings->quiet)
        return;
    if (snapshot->unfinished)
        snprintf(more, sizeof(more), "; %llu under way",
                 (unsigned long long)snapshot->unfinished);
    if (summary)
        snprintf(line, sizeof(line),
                 "%llu rows; %llu of %llu images are there: %llu sound, %llu bad or "
                 "not complete yet%s",
                 (unsigned long long)summary->rows, (unsigned long long)summary->images,
                 (unsigned long long)summary->images_referenced,
                 (unsigned long long)summary->images_ok,
                 (unsigned long long)(summary->images - summary->images_ok -
                                      summary->images_unverified),
                 more);
    else
        snprintf(line, sizeof(line), "no rows yet, in %llu files%s",
                 (unsigned long long)snapshot->files, more);
    lc_bar_wipe();
    lc_say("watch: ", line);
}

/* Check the files that are there. Problems of the data in a round that is not the last
 * are not errors, as they may be gone a moment later. */
static enum lc_status check(const struct lc_settings *settings,
                            struct lc_listener *listener, bool is_last,
                            struct lc_index **out, struct lc_error *error)
{
    struct lc_check_options options = lc_listener_options(listener, settings);
    struct lc_index *index = NULL;
    enum lc_status status;

    *error = (struct lc_error){0};
    if (!is_last) {
        options.on_notice = NULL;
        options.on_choice = NULL;
        options.on_set = NULL;
    }
    status = lc_check(&options, &index, error);
    if (status == LC_OK) {
        lc_index_close(*out);
        *out = index;
    } else if (!is_last && (status == LC_ERR_USAGE || status == LC_ERR_IO)) {
        return LC_OK;
    }
    return status;
}

/* Print which files the last snapshot found unfinished. */
static void print_unfinished(const struct lc_settings *settings,
                             const struct snapshot *snapshot)
{
    char line[512];

    if (!snapshot->unfinished || settings->quiet)
        return;
    snprintf(line, sizeof(line),
             "%llu file%s the name of a download that is not finished: %s",
             (unsigned long long)snapshot->unfinished,
             snapshot->unfinished == 1 ? " has" : "s have", snapshot->example);
    lc_say("note: ", line);
}

/* Whether the paths exist; the watch does not wait for a mistyped path. */
static bool do_paths_exist(const struct lc_settings *settings)
{
    struct stat st;

    for (size_t i = 0; i < settings->word_count; i++)
        if (stat(settings->words[i], &st) != 0)
            return false;
    return true;
}

/* Check again and again what is complete, until no file has changed for as long as the
 * settings ask, or a signal comes.
 *
 * @param now  set to the last snapshot */
static enum lc_status check_until_settled(const struct lc_settings *settings,
                                          struct lc_listener *listener,
                                          struct snapshot *now, struct lc_index **out,
                                          struct lc_error *error)
{
    double settle = do_paths_exist(settings) ? (double)settings->settle : 0;
    double changed = seconds(), next_round = 0, began, pause;
    struct snapshot before = {0}, checked = {0};
    enum lc_status status = LC_OK;

    while (status == LC_OK && !lc_interrupt_came(NULL)) {
        began = seconds();
        *now = take_snapshot(settings);
        pause = (seconds() - began) * SNAPSHOT_SHARE;
        if (is_other(now, &before))
            changed = began;
        before = *now;
        if (began - changed >= settle)
            break;
        if (is_other(now, &checked) && began >= next_round) {
            checked = *now;
            status = check(settings, listener, false, out, error);
            if (status == LC_OK)
                print_round(settings, *out, now);
            next_round = seconds() + (settle < ROUND_EACH ? settle : ROUND_EACH) +
                         ROUND_SHARE * (seconds() - began);
        }
        /* several snapshots before the files count as settled, unless they take long */
        pause = pause > SNAPSHOT_EACH ? pause : SNAPSHOT_EACH;
        sleep_for(pause < settle / 4 || pause > settle ? pause : settle / 4);
    }
    return status;
}

enum lc_status lc_watch(const struct lc_settings *settings, struct lc_listener *listener,
                        struct lc_index **out, struct lc_error *error)
{
    struct snapshot last = {0};
    enum lc_status status = check_until_settled(settings, listener, &last, out, error);

    if (status == LC_OK && !lc_interrupt_came(NULL)) {
        status = check(settings, listener, true, out, error);
        print_unfinished(settings, &last);
    } else if (lc_interrupt_came(NULL) && *out) {
        *error = (struct lc_error){0};
        status = LC_OK; /* report what is there */
    } else if (status == LC_OK) {
        error->status = status = LC_ERR_STOPPED;
        snprintf(error->message, sizeof(error->message),
                 "stopped before anything was checked");
    }
    if (status != LC_OK) {
        lc_index_close(*out);
        *out = NULL;
    }
    return status;
}

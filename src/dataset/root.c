/* Finds the roots of images and of videos by trying folders.
 *
 * The score of a candidate is the number of sampled paths from the first rows that exist
 * under it. The first candidate with the highest score wins, so the order below decides
 * ties. The search ends as soon as all samples are found:
 *
 * 1. the data folder, and its subfolders with a usual name (images, img, media …) or the
 * name of a rows file;
 * 2. its other subfolders, by name;
 * 3. for rows files in deeper folders: their folder, usual names in it, its parent, and
 * usual names there.
 *
 * As long as most of the samples are missing, the search continues outside the data
 * folder:
 *
 * 4. the folder that contains it and, in a repository, all folders up to its top: as in 1
 * and 2;
 * 5. wherever a folder or file below the data folder, or in its repository, has a name
 * with which a sample begins.
 *
 * Cost: at most MAX_SAMPLES calls of stat for each candidate, and PROBES calls for a
 *       wrong one. */
#include "dataset/root.h"

#include "base/path.h"
#include "base/shell.h"
#include "dataset/archives.h"
#include "dataset/files.h"
#include "dataset/packed.h"
#include "dataset/subtree.h"
#include "dataset/suffix.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_SAMPLES 256
#define PROBES 32
#define MAX_FILE_FOLDERS 16
#define MAX_SUBFOLDERS 512
#define MAX_CLIMB 8 /* folders above the data folder, in a repository */

static const struct lc_subtree_limits subtree_limits = {
    .depth = 5, .entries = 200000, .time_ns = 2000000000};

static const char *const image_names[] = {"images", "image", "imgs", "img",
                                          "media",  "data",  NULL};
static const char *const video_names[] = {"videos", "video", "media", "data", NULL};

/* A folder that was tried. */
struct candidate {
    char *path; /* path to open it; NULL: none yet */
    size_t found;
};

struct identity {
    dev_t device;
    ino_t inode;
};

/* The search for one root. */
struct search {
    const struct lc_dataset *dataset;
    const struct lc_dataset_options *options;
    const char *const *names; /* names of folders that usually contain media */
    const char **samples;
    size_t count;
    struct candidate best, second;
    struct identity *tried;
    size_t tried_count, tried_capacity;
};

/* Call stat; *st is all zero if the file does not exist, or this user may not see it. */
static enum lc_status stat_if_there(const char *path, struct stat *st,
                                    struct lc_error *err)
{
    if (stat(path, st) == 0)
        return LC_OK;
    *st = (struct stat){0};
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES && errno != ELOOP &&
        errno != ENAMETOOLONG)
        return lc_fail_errno(err, "inspect a folder");
    return LC_OK;
}

/* Whether both are the same existing file. */
static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_mode;
}

/* ---- candidates ---- */

static bool is_complete(const struct search *search)
{
    return search->best.found == search->count;
}

/* Whether most samples are missing. */
static bool misses_most(const struct search *search)
{
    return 2 * search->best.found < search->count;
}

static enum lc_status exists_under(const char *folder, const char *sample, bool *out,
                                   struct lc_error *err)
{
    enum lc_path_kind there = LC_PATH_MISSING;
    char *path = NULL;
    enum lc_status status = lc_path_join(folder, sample, &path, err);

    if (status == LC_OK)
        status = lc_path_probe(path, &there, err);
    free(path);
    *out = there != LC_PATH_MISSING;
    return status;
}

/* Count the samples that exist under a folder. First, some samples are tried, spread
 * evenly: if none of them exists, the others are not tried. */
static enum lc_status count_found(const struct search *search, const char *folder,
                                  size_t *found, struct lc_error *err)
{
    size_t step = search->count > PROBES ? search->count / PROBES : 1, probed = 0;
    enum lc_status status = LC_OK;
    bool exists;

    *found = 0;
    for (size_t i = 0; i < search->count && status == LC_OK; i += step) {
        status = exists_under(folder, search->samples[i], &exists, err);
        probed += exists;
    }
    for (size_t i = 0; i < search->count && status == LC_OK && probed; i++) {
        status = exists_under(folder, search->samples[i], &exists, err);
        *found += exists;
    }
    return status;
}

/* Remember a folder; *is_new is set to false if it was already tried under another
 * name. */
static enum lc_status remember(struct search *search, const struct stat *st, bool *is_new,
                               struct lc_error *err)
{
    struct identity *tried;

    *is_new = false;
    for (size_t i = 0; i < search->tried_count; i++)
        if (search->tried[i].inode == st->st_ino && search->tried[i].device == st->st_dev)
            return LC_OK;
    tried = lc_array_grow(search->tried, search->tried_count, &search->tried_capacity,
                          sizeof(*tried));
    if (!tried)
        return lc_fail_memory(err);
    search->tried = tried;
    tried[search->tried_count++] = (struct identity){st->st_dev, st->st_ino};
    *is_new = true;
    return LC_OK;
}

static enum lc_status replace(struct candidate *candidate, const char *path, size_t found,
                              struct lc_error *err)
{
    char *copy = strdup(path);

    if (!copy)
        return lc_fail_memory(err);
    free(candidate->path);
    *candidate = (struct candidate){copy, found};
    return LC_OK;
}

/* Try a folder; it replaces the best one if it contains more samples. */
static enum lc_status try_folder(struct search *search, const char *path,
                                 struct lc_error *err)
{
    enum lc_status status;
    size_t found = 0;
    struct stat st;
    bool is_new = false;

    status = stat_if_there(path, &st, err);
    if (status == LC_OK && S_ISDIR(st.st_mode))
        status = remember(search, &st, &is_new, err);
    if (status != LC_OK || !is_new)
        return status;
    status = count_found(search, path, &found, err);
    if (status != LC_OK)
        return status;
    if (search->best.path && found <= search->best.found)
        return found > search->second.found ? replace(&search->second, path, found, err)
                                            : LC_OK;
    free(search->second.path);
    search->second = search->best;
    search->best = (struct candidate){0};
    return replace(&search->best, path, found, err);
}

static enum lc_status try_in(struct search *search, const char *folder, const char *name,
                             struct lc_error *err)
{
    char *path = NULL;
    enum lc_status status;

    if (is_complete(search) && search->best.path)
        return LC_OK;
    status = lc_path_join(folder, name, &path, err);
    if (status == LC_OK)
        status = try_folder(search, path, err);
    free(path);
    return status;
}

/* ---- where to look ---- */

/* Try a folder, and its subfolders with a usual name or the name of a rows file. */
static enum lc_status try_usual(struct search *search, const char *folder,
                                struct lc_error *err)
{
    const struct lc_dataset *dataset = search->dataset;
    enum lc_status status = try_in(search, folder, ".", err);

    for (const char *const *name = search->names; *name && status == LC_OK; name++)
        status = try_in(search, folder, *name, err);
    for (size_t i = 0; i < dataset->file_count && i < MAX_FILE_FOLDERS && status == LC_OK;
         i++) {
        const char *name = lc_path_name(dataset->files[i].name);
        const char *dot = strrchr(name, '.');
        char *stem = strndup(name, dot ? (size_t)(dot - name) : strlen(name));

        status = stem ? try_in(search, folder, stem, err) : lc_fail_memory(err);
        free(stem);
    }
    return status;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && entry->d_type != DT_REG;
}

static enum lc_status try_subfolders(struct search *search, const char *folder,
                                     struct lc_error *err)
{
    enum lc_status status = LC_OK;
    struct dirent **entries = NULL;
    int count;

    if (is_complete(search))
        return LC_OK;
    count = scandir(folder, &entries, is_visible, lc_path_compare_entries);
    /* if the user named one file, its folder need not be readable */
    if (count < 0 && errno != EACCES)
        status = lc_fail_errno(err, "read the folder");
    for (int i = 0; i < count; i++) {
        if (status == LC_OK && i < MAX_SUBFOLDERS)
            status = try_in(search, folder, entries[i]->d_name, err);
        free(entries[i]);
    }
    free(entries);
    return status;
}

/* Try the folders of rows files that are not directly in the data folder. */
static enum lc_status try_file_folders(struct search *search, struct lc_error *err)
{
    const struct lc_dataset *dataset = search->dataset;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < dataset->file_count && i < MAX_FILE_FOLDERS &&
                       status == LC_OK && !is_complete(search);
         i++) {
        char *name = NULL, *folder = NULL, *above = NULL;

        status = lc_path_parent(dataset->files[i].name, &name, err);
        if (status == LC_OK && strcmp(name, ".") != 0) {
            status = lc_path_join(dataset->folder, name, &folder, err);
            if (status == LC_OK)
                status = try_usual(search, folder, err);
            if (status == LC_OK)
                status = lc_path_join(folder, "..", &above, err);
            if (status == LC_OK)
                status = try_usual(search, above, err);
        }
        free(name);
        free(folder);
        free(above);
    }
    return status;
}

/* ---- above the data folder ---- */

/* The folders that contain the data folder, nearest first. */
struct above {
    char *paths[MAX_CLIMB];
    size_t count;
    bool in_repository; /* the last one is the top of a repository */
};

/* Name the parent of a folder: the path without its last component or, if that is a
 * different folder because of a symbolic link, "folder/..". */
static enum lc_status name_above(const char *folder, char **out, struct lc_error *err)
{
    struct stat by_name = {0}, by_dots = {0};
    char *dots = NULL;
    enum lc_status status = lc_path_join(folder, "..", &dots, err);

    *out = NULL;
    if (status == LC_OK)
        status = lc_path_parent(folder, out, err);
    if (status == LC_OK)
        status = stat_if_there(*out, &by_name, err);
    if (status == LC_OK)
        status = stat_if_there(dots, &by_dots, err);
    if (status == LC_OK && !is_same(&by_name, &by_dots)) {
        free(*out);
        *out = dots;
        dots = NULL;
    }
    free(dots);
    return status;
}

/* Whether a folder above the data may have nothing to do with it: it is on another file
 * system, the root of a file system, the user's home, or a folder to which anybody may
 * write. */
static enum lc_status is_foreign(const char *folder, const struct stat *below, bool *out,
                                 struct lc_error *err)
{
    const char *home = getenv("HOME");
    struct stat st, top, own = {0};
    enum lc_status status = stat_if_there(folder, &st, err);

    if (status == LC_OK)
        status = stat_if_there("/", &top, err);
    if (status == LC_OK && home)
        status = stat_if_there(home, &own, err);
    *out = !st.st_mode || st.st_dev != below->st_dev || is_same(&st, below) ||
           (st.st_mode & S_IWOTH) || is_same(&st, &own) || is_same(&st, &top);
    return status;
}

static enum lc_status is_repository(const char *folder, bool *out, struct lc_error *err)
{
    enum lc_path_kind there = LC_PATH_MISSING;
    char *path = NULL;
    enum lc_status status = lc_path_join(folder, ".git", &path, err);

    if (status == LC_OK)
        status = lc_path_probe(path, &there, err);
    free(path);
    *out = there != LC_PATH_MISSING;
    return status;
}

static void clear_above(struct above *above, size_t from)
{
    for (size_t i = from; i < above->count; i++)
        free(above->paths[i]);
    above->count = above->count < from ? above->count : from;
}

/* List the folders above the data folder: up to the top of its repository or, outside a
 * repository, only the one that contains it. */
static enum lc_status climb(const char *folder, struct above *above, struct lc_error *err)
{
    bool at_top, foreign = false;
    struct stat below;
    enum lc_status status = is_repository(folder, &at_top, err);

    while (status == LC_OK && !at_top && above->count < MAX_CLIMB) {
        char **next = &above->paths[above->count];

        status = stat_if_there(folder, &below, err);
        if (status == LC_OK)
            status = name_above(folder, next, err);
        if (status == LC_OK)
            status = is_foreign(*next, &below, &foreign, err);
        if (status != LC_OK || foreign) {
            free(*next);
            break;
        }
        folder = *next;
        above->count++;
        status = is_repository(folder, &at_top, err);
    }
    above->in_repository = at_top;
    if (!at_top)
        clear_above(above, 1);
    return status;
}

/* ---- anywhere below a folder ---- */

/* Whether a sample begins with a name, whose folder may then be a root. */
static bool begins_a_sample(void *user, const char *name, bool is_folder)
{
    const struct search *search = user;
    size_t step = search->count > PROBES ? search->count / PROBES : 1;
    size_t size = strlen(name);

    for (size_t i = 0; i < search->count; i += step) {
        const char *sample = search->samples[i];

        if (strncmp(sample, name, size) == 0 && sample[size] == (is_folder ? '/' : 0))
            return true;
    }
    return false;
}

static enum lc_status try_parent(void *user, const char *folder, const char *name,
                                 bool is_folder, bool *done, struct lc_error *err)
{
    struct search *search = user;
    enum lc_status status = try_in(search, folder, ".", err);

    (void)name;
    (void)is_folder;
    *done = is_complete(search);
    return status;
}

static enum lc_status try_below(struct search *search, const char *folder,
                                struct lc_error *err)
{
    const struct lc_subtree_visitor visitor = {
        .user = search, .wants = begins_a_sample, .visit = try_parent};
    struct lc_subtree_bounds bounds;

    return lc_subtree_walk(folder, &subtree_limits, &visitor, &bounds, err);
}

/* ---- the search ---- */

static enum lc_status try_outside(struct search *search, struct lc_error *err)
{
    const char *folder = search->dataset->folder;
    struct above above = {.count = 0};
    enum lc_status status = climb(folder, &above, err);

    for (size_t i = 0; i < above.count && status == LC_OK && misses_most(search); i++) {
        status = try_usual(search, above.paths[i], err);
        if (status == LC_OK)
            status = try_subfolders(search, above.paths[i], err);
    }
    if (status == LC_OK && misses_most(search))
        status = try_below(search, folder, err);
    if (status == LC_OK && misses_most(search) && above.count && above.in_repository)
        status = try_below(search, above.paths[above.count - 1], err);
    clear_above(&above, 0);
    return status;
}

static enum lc_status find_root(struct search *search, struct lc_error *err)
{
    const char *folder = search->dataset->folder;
    enum lc_status status = try_usual(search, folder, err);

    if (status == LC_OK)
        status = try_subfolders(search, folder, err);
    if (status == LC_OK)
        status = try_file_folders(search, err);
    if (status == LC_OK && misses_most(search))
        status = try_outside(search, err);
    return status;
}

static enum lc_status begin(struct search *search, const struct lc_buffer *samples,
                            struct lc_error *err)
{
    search->samples = calloc(MAX_SAMPLES, sizeof(*search->samples));
    if (!search->samples)
        return lc_fail_memory(err);
    for (size_t at = 0; at < samples->size && search->count < MAX_SAMPLES;
         at += strlen(samples->data + at) + 1)
        search->samples[search->count++] = samples->data + at;
    return LC_OK;
}

static void end(struct search *search)
{
    free(search->samples);
    free(search->tried);
    free(search->best.path);
    free(search->second.path);
}

/* ---- notices ---- */

/* Note which archives must be unpacked by hand: for images, those of kinds that are not
 * read. */
static enum lc_status notice_unread(bool are_images, struct lc_dataset *dataset,
                                    struct lc_error *err)
{
    struct lc_buffer packed = {0};
    enum lc_status status = lc_packed_find(
        dataset->folder, are_images ? LC_PACKED_UNREAD : LC_PACKED_ALL, &packed, err);

    if (status == LC_OK && packed.size)
        status = lc_files_notice(
            dataset, err, "%s are not read; unpack them first: %s",
            are_images ? "archives of this kind" : "archives of videos", packed.data);
    lc_buffer_clear(&packed);
    return status;
}

/* Note that images that do not exist as files are looked for in archives. */
static enum lc_status notice_search(const struct search *search,
                                    struct lc_dataset *dataset, struct lc_error *err)
{
    char more[40] = "";

    if (dataset->archive_count > 1)
        snprintf(more, sizeof(more), " and %zu more", dataset->archive_count - 1);
    return lc_files_notice(dataset, err,
                           "images: %zu of %zu sampled paths exist as files; what is "
                           "missing is looked for in %.200s%s",
                           search->best.found, search->count, dataset->archives[0].name,
                           more);
}

/* Add a command that the user can copy, to check the same paths with another root. */
static enum lc_status add_command(const struct lc_dataset_options *options,
                                  const char *medium, const char *root,
                                  struct lc_buffer *out, struct lc_error *err)
{
    enum lc_status status = lc_buffer_printf(out, err, "llava-check ");

    for (size_t i = 0; i < options->count && status == LC_OK; i++) {
        status = lc_shell_add(out, options->paths[i], err);
        if (status == LC_OK)
            status = lc_buffer_add(out, " ", 1, err);
    }
    if (status == LC_OK)
        status = lc_buffer_printf(out, err, "--%ss ", medium);
    return status == LC_OK ? lc_shell_add(out, root, err) : status;
}

/* Note how many samples were found, if few were found or if the root is outside the
 * folder that the user named; with few, also show the next best root. */
static enum lc_status notice_rate(const struct search *search, const char *medium,
                                  struct lc_dataset *dataset, struct lc_error *err)
{
    const struct candidate *best = &search->best, *second = &search->second;
    bool are_images = search->names == image_names;
    struct lc_buffer other = {0}, word = {0};
    enum lc_status status = LC_OK;

    if (!misses_most(search))
        return search->count && lc_path_resolves_outside(dataset->folder, best->path)
                   ? lc_files_notice(dataset, err,
                                     "%ss: %zu of %zu sampled paths found in %s", medium,
                                     best->found, search->count, best->path)
                   : LC_OK;
    if (dataset->archive_count && are_images) {
        status = notice_search(search, dataset, err);
        return status == LC_OK && !best->found ? notice_unread(true, dataset, err)
                                               : status;
    }
    if (!best->found) {
        status = lc_files_notice(dataset, err,
                                 "none of the first rows' %ss was found in any folder "
                                 "tried; set the %s root with --%ss",
                                 medium, medium, medium);
        return status == LC_OK ? notice_unread(are_images, dataset, err) : status;
    }
    if (second->found)
        status = add_command(search->options, medium, second->path, &word, err);
    if (status == LC_OK && word.size)
        status = lc_buffer_printf(&other, err, "next best is %s with %zu: %s",
                                  second->path, second->found, word.data);
    else if (status == LC_OK)
        status = lc_buffer_printf(&other, err, "set another root with --%ss DIR", medium);
    if (status == LC_OK)
        status =
            lc_files_notice(dataset, err, "%ss: %zu of %zu sampled paths found in %s; %s",
                            medium, best->found, search->count, best->path, other.data);
    lc_buffer_clear(&other);
    lc_buffer_clear(&word);
    return status;
}

static size_t count_texts(const struct lc_buffer *texts)
{
    size_t count = 0;

    for (size_t i = 0; i < texts->size; i++)
        count += texts->data[i] == '\0';
    return count;
}

static const char *quote(const char *text, char out[120])
{
    return lc_text_quote((struct lc_span){text, strlen(text)}, out, 120);
}

/* Note what the search by the ends of paths found and, if it found only few files, the
 * next best result. */
static enum lc_status notice_found(const struct search *search, const char *medium,
                                   const struct lc_suffix *suffix,
                                   struct lc_dataset *dataset, struct lc_error *err)
{
    const struct lc_suffix_root *best = &suffix->best, *second = &suffix->second;
    char cut[120], root[120], other_cut[120], other_root[120];
    bool are_images = search->names == image_names;
    struct lc_buffer end = {0};
    enum lc_status status;

    quote(best->cut, cut);
    quote(best->root, root);
    if (second->found && 2 * best->found < suffix->sampled)
        status = lc_buffer_printf(&end, err, "next best is without %s in %s, with %zu",
                                  quote(second->cut, other_cut),
                                  quote(second->root, other_root), second->found);
    else if (are_images && search->options->count == 1) {
        status = lc_buffer_printf(&end, err, "llava-check fix ");
        if (status == LC_OK)
            status = lc_shell_add(&end, search->options->paths[0], err);
        if (status == LC_OK)
            status = lc_buffer_printf(&end, err, " --images ");
        if (status == LC_OK)
            status = lc_shell_add(&end, best->root, err);
        if (status == LC_OK)
            status = lc_buffer_printf(&end, err, " --diff shows them corrected");
    } else {
        status = lc_buffer_printf(&end, err, "change the paths to check them");
    }
    if (status == LC_OK)
        status = lc_files_notice(
            dataset, err,
            "%s paths begin with %s; without it, %zu of %zu sampled ones are in %s: %s",
            medium, cut, best->found, suffix->sampled, root, end.data);
    lc_buffer_clear(&end);
    return status;
}

/* Note where the files of paths are that begin with a folder of another machine: in the
 * data folder, or else in its repository. */
static enum lc_status notice_suffix(const struct search *search, const char *medium,
                                    struct lc_dataset *dataset,
                                    const struct lc_buffer *samples, struct lc_error *err)
{
    struct above above = {.count = 0};
    struct lc_suffix suffix = {.sampled = 0};
    enum lc_status status = lc_suffix_find(dataset->folder, samples, &suffix, err);

    if (status == LC_OK && !suffix.best.found)
        status = climb(dataset->folder, &above, err);
    if (status == LC_OK && !suffix.best.found && above.count && above.in_repository) {
        lc_suffix_clear(&suffix);
        status = lc_suffix_find(above.paths[above.count - 1], samples, &suffix, err);
    }
    if (status == LC_OK && suffix.best.found)
        status = notice_found(search, medium, &suffix, dataset, err);
    lc_suffix_clear(&suffix);
    clear_above(&above, 0);
    return status;
}

/* Search by the ends of paths: absolute paths, if there are more of them than files were
 * found; otherwise all other paths, if no file was found. */
static enum lc_status search_suffix(const struct search *search, const char *medium,
                                    struct lc_dataset *dataset,
                                    const struct lc_buffer *samples,
                                    const struct lc_buffer *absolute,
                                    struct lc_error *err)
{
    if (count_texts(absolute) > search->best.found)
        return notice_suffix(search, medium, dataset, absolute, err);
    return search->best.found ? LC_OK
                              : notice_suffix(search, medium, dataset, samples, err);
}

static enum lc_status find_image_root(struct lc_dataset *dataset,
                                      const struct lc_dataset_options *options,
                                      const struct lc_samples *samples,
                                      struct lc_error *err)
{
    struct search search = {.dataset = dataset, .options = options, .names = image_names};
    enum lc_status status = begin(&search, &samples->images, err);

    if (status == LC_OK)
        status = find_root(&search, err);
    if (status == LC_OK)
        status = notice_rate(&search, "image", dataset, err);
    if (status == LC_OK)
        status = search_suffix(&search, "image", dataset, &samples->images,
                               &samples->absolute_images, err);
    if (status == LC_OK) {
        dataset->image_rate = (struct lc_rate){search.best.found, search.count};
        dataset->image_root = search.best.path;
        search.best.path = NULL;
    }
    end(&search);
    return status;
}

/* Find the root of videos. If no video was found, or as many exist under the image root,
 * they share that root. */
static enum lc_status find_video_root(struct lc_dataset *dataset,
                                      const struct lc_dataset_options *options,
                                      const struct lc_samples *samples,
                                      struct lc_error *err)
{
    struct search search = {.dataset = dataset, .options = options, .names = video_names};
    size_t in_images = 0;
    enum lc_status status = begin(&search, &samples->videos, err);

    if (status == LC_OK)
        status = find_root(&search, err);
    if (status == LC_OK)
        status = count_found(&search, dataset->image_root, &in_images, err);
    if (status == LC_OK && in_images >= search.best.found)
        status = replace(&search.best, dataset->image_root, in_images, err);
    if (status == LC_OK)
        status = notice_rate(&search, "video", dataset, err);
    if (status == LC_OK)
        status = search_suffix(&search, "video", dataset, &samples->videos,
                               &samples->absolute_videos, err);
    if (status == LC_OK) {
        dataset->video_rate = (struct lc_rate){search.best.found, search.count};
        dataset->video_root = search.best.path;
        search.best.path = NULL;
    }
    end(&search);
    return status;
}

/* Set the names of the image root for reports, which contain no absolute paths: relative
 * to the data folder if it is inside, otherwise its last component. */
static enum lc_status set_printed_names(struct lc_dataset *dataset, struct lc_error *err)
{
    char *folder = realpath(dataset->folder, NULL);
    char *root = folder ? realpath(dataset->image_root, NULL) : NULL;
    enum lc_status status = LC_OK;
    size_t size;

    free(dataset->image_name);
    free(dataset->image_folder);
    dataset->image_name = dataset->image_folder = NULL;
    if (!folder || !root) {
        status = lc_fail_errno(err, "resolve the image folder");
        goto out;
    }
    size = strlen(folder);
    size -= folder[size - 1] == '/'; /* the file system's root */
    if (strcmp(root, folder) == 0)
        dataset->image_name = strdup(".");
    else if (strncmp(root, folder, size) == 0 && root[size] == '/')
        dataset->image_name = strdup(root + size + 1);
    else
        dataset->image_name = strdup(lc_path_name(root));
    if (!dataset->image_name)
        status = lc_fail_memory(err);
    else if (strncmp(root, folder, size) == 0 && (root[size] == '/' || !root[size]))
        status = lc_path_join("", dataset->image_name, &dataset->image_folder, err);
    else
        status = lc_path_relative(folder, root, &dataset->image_folder, err);
out:
    free(folder);
    free(root);
    return status;
}

/* Use the folder that the user named. */
static enum lc_status use_named(const char *named, enum lc_subject subject, char **out,
                                struct lc_error *err)
{
    const char *medium = subject == LC_SUBJECT_IMAGES ? "image" : "video";
    struct stat st;
    enum lc_status status = LC_OK;

    if (stat(named, &st) != 0)
        status = lc_fail(err, LC_ERR_USAGE, errno, "cannot open the %s root: %s", medium,
                         strerror(errno));
    else if (!S_ISDIR(st.st_mode))
        status = lc_fail(err, LC_ERR_USAGE, 0, "the %s root is not a folder", medium);
    if (status == LC_OK)
        return lc_path_normalize(named, out, err);
    err->subject = subject;
    return status;
}

/* ---- roots of registries ---- */

/* The number of files whose roots a registry names. */
static size_t count_rooted(const struct lc_dataset *dataset)
{
    size_t count = 0;

    for (size_t i = 0; i < dataset->file_count; i++)
        count += dataset->files[i].root != NULL;
    return count;
}

/* The first root that a registry names. */
static const char *first_root(const struct lc_dataset *dataset)
{
    size_t i = 0;

    while (!dataset->files[i].root)
        i++;
    return dataset->files[i].root;
}

static enum lc_status resolve(const char *path, char **out, struct lc_error *err)
{
    *out = realpath(path, NULL);
    return *out ? LC_OK : lc_fail_errno(err, "resolve a folder");
}

/* Shorten a folder to the common ancestor with another one; both are resolved. */
static void keep_common(char *folder, const char *other)
{
    size_t same = 0, at = 0;

    while (folder[at] && folder[at] == other[at]) {
        at++;
        if ((!folder[at] || folder[at] == '/') && (!other[at] || other[at] == '/'))
            same = at;
    }
    folder[same ? same : 1] = '\0';
}

/* Set the prefix of a file's paths, if its root is below the root of all files. */
static enum lc_status set_prefix(const char *common, const char *root, char **out,
                                 struct lc_error *err)
{
    char *resolved = NULL;
    size_t size = strlen(common);
    enum lc_status status = resolve(root, &resolved, err);

    if (status == LC_OK && resolved[size]) {
        *out = strdup(resolved + size + 1);
        if (!*out)
            status = lc_fail_memory(err);
    }
    free(resolved);
    return status;
}

/* The root of a file: its own, or else the root found for files without one. */
static const char *root_of(const struct lc_rows_file *file, const char *found)
{
    return file->root ? file->root : found;
}

/* Combine the roots of a registry with the root found for files without one: *root is
 * replaced by a folder above all roots, and the prefixes of the files lead from there to
 * their roots. */
static enum lc_status combine(struct lc_dataset *dataset, bool is_video, char **root,
                              struct lc_error *err)
{
    char *common = NULL, *other = NULL;
    bool differ = false;
    enum lc_status status = resolve(root_of(&dataset->files[0], *root), &common, err);

    for (size_t i = 1; i < dataset->file_count && status == LC_OK; i++) {
        status = resolve(root_of(&dataset->files[i], *root), &other, err);
        if (status == LC_OK && strcmp(common, other) != 0) {
            keep_common(common, other);
            differ = true;
        }
        free(other);
        other = NULL;
    }
    if (status == LC_OK && differ && strcmp(common, "/") == 0)
        status = lc_fail(err, LC_ERR_USAGE, 0,
                         "the roots of its entries have no folder in common; check their "
                         "files one by one with --images");
    for (size_t i = 0; i < dataset->file_count && status == LC_OK && differ; i++) {
        struct lc_rows_file *file = &dataset->files[i];

        status = set_prefix(common, root_of(file, *root),
                            is_video ? &file->video_prefix : &file->image_prefix, err);
    }
    if (status == LC_OK && (differ || dataset->files[0].root)) {
        char *chosen = differ ? common : strdup(dataset->files[0].root);

        if (!chosen)
            status = lc_fail_memory(err);
        else {
            free(*root);
            *root = chosen;
            common = differ ? NULL : common;
        }
    }
    dataset->has_prefixes |= differ;
    free(common);
    return status;
}

/* Use the data folder as the root if only rows are checked: the root is then only a name
 * that later commands print. */
static enum lc_status use_data_folder(const struct lc_dataset *dataset, char **out,
                                      struct lc_error *err)
{
    return lc_path_join("", dataset->folder, out, err);
}

/* Set the root of images or videos: the one that the user named, or else the one that was
 * found, combined with the roots of a registry's entries. */
static enum lc_status set_root(struct lc_dataset *dataset,
                               const struct lc_dataset_options *options,
                               const struct lc_samples *samples, bool is_video,
                               struct lc_error *err)
{
    const char *named = is_video ? options->videos : options->images;
    const struct lc_buffer *paths = is_video ? &samples->videos : &samples->images;
    char **root = is_video ? &dataset->video_root : &dataset->image_root;
    size_t rooted = count_rooted(dataset);
    enum lc_status status;

    if (named)
        return use_named(named, is_video ? LC_SUBJECT_VIDEOS : LC_SUBJECT_IMAGES, root,
                         err);
    if (options->no_media)
        return use_data_folder(dataset, root, err);
    if (rooted && !paths->size)
        status = lc_path_join("", first_root(dataset), root, err);
    else if (is_video)
        status = find_video_root(dataset, options, samples, err);
    else
        status = find_image_root(dataset, options, samples, err);
    return status == LC_OK && rooted ? combine(dataset, is_video, root, err) : status;
}

enum lc_status lc_root_find(struct lc_dataset *dataset,
                            const struct lc_dataset_options *options,
                            const struct lc_samples *samples, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (dataset->has_shards) { /* images of shards are nowhere else */
        status = use_data_folder(dataset, &dataset->image_root, err);
        if (status == LC_OK)
            status = use_data_folder(dataset, &dataset->video_root, err);
        return status == LC_OK ? set_printed_names(dataset, err) : status;
    }
    dataset->looks_for_archives = !options->no_media && !options->no_archives;
    if (dataset->looks_for_archives)
        status = lc_archives_find(dataset, dataset->folder, err);
    if (status == LC_OK)
        status = set_root(dataset, options, samples, false, err);
    if (status == LC_OK)
        status = set_printed_names(dataset, err);
    if (status == LC_OK && dataset->looks_for_archives)
        status = lc_archives_find(dataset, dataset->image_root, err);
    return status == LC_OK ? set_root(dataset, options, samples, true, err) : status;
}

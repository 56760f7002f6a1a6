/* Finds the image root by trying folders.
 *
 * Each candidate is scored by how many sample paths of the first rows exist under it. The
 * first candidate with the highest score wins, so the order below decides ties:
 *
 * 1. the data folder, its images/ and image/ (videos/ and video/ for videos);
 * 2. each of its other subfolders, by name;
 * 3. for rows files in deeper folders: their folder, its images/, its parent, ../images;
 * 4. if one file was named instead of a folder: the data folder's parent and ../images.
 *
 * The search ends as soon as all samples are found. Cost: at most MAX_SAMPLES calls of
 * stat for each candidate. */
#include "dataset/root.h"

#include "base/path.h"
#include "dataset/files.h"
#include "dataset/packed.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_SAMPLES 256
#define MAX_FILE_FOLDERS 16

/* The best candidate so far. */
struct candidate {
    char *name; /* relative to the data folder; NULL: none yet */
    size_t found;
};

/* Count the sample paths that exist under a folder. */
static enum lc_status count_found(const char *folder, const struct lc_buffer *samples,
                                  size_t *found, struct lc_error *err)
{
    size_t tried = 0;

    *found = 0;
    for (size_t at = 0; at < samples->size && tried < MAX_SAMPLES; tried++) {
        const char *sample = samples->data + at;
        enum lc_path_kind there = LC_PATH_MISSING;
        char *path = NULL;
        enum lc_status status = lc_path_join(folder, sample, &path, err);

        if (status == LC_OK)
            status = lc_path_probe(path, &there, err);
        free(path);
        if (status != LC_OK)
            return status;
        *found += there != LC_PATH_MISSING;
        at += strlen(sample) + 1;
    }
    return LC_OK;
}

/* Try a folder; it replaces the best one if more samples are under it. */
static enum lc_status try_root(const struct lc_dataset *dataset, const char *name,
                               const struct lc_buffer *samples, struct candidate *best,
                               struct lc_error *err)
{
    enum lc_path_kind there = LC_PATH_MISSING;
    char *path = NULL, *copy;
    size_t found = 0;
    enum lc_status status = lc_path_join(dataset->folder, name, &path, err);

    if (status == LC_OK)
        status = lc_path_probe(path, &there, err);
    if (status == LC_OK && there == LC_PATH_FOLDER)
        status = count_found(path, samples, &found, err);
    free(path);
    if (status != LC_OK || (best->name && found <= best->found))
        return status;
    copy = strdup(name);
    if (!copy)
        return lc_fail_memory(err);
    free(best->name);
    *best = (struct candidate){copy, found};
    return LC_OK;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && entry->d_type != DT_REG;
}

static enum lc_status try_subfolders(const struct lc_dataset *dataset,
                                     const struct lc_buffer *samples, size_t wanted,
                                     struct candidate *best, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    struct dirent **entries = NULL;
    int count = scandir(dataset->folder, &entries, is_visible, alphasort);

    /* if one file was named, its folder need not be readable */
    if (count < 0 && errno != EACCES)
        status = lc_fail_errno(err, "read the folder");
    for (int i = 0; i < count; i++) {
        if (status == LC_OK && best->found < wanted)
            status = try_root(dataset, entries[i]->d_name, samples, best, err);
        free(entries[i]);
    }
    free(entries);
    return status;
}

static size_t count_samples(const struct lc_buffer *samples)
{
    size_t count = 0;

    for (size_t at = 0; at < samples->size && count < MAX_SAMPLES; count++)
        at += strlen(samples->data + at) + 1;
    return count;
}

/* Try the folders of rows files that are not directly in the data folder. */
static enum lc_status try_file_folders(const struct lc_dataset *dataset,
                                       const struct lc_buffer *samples, size_t wanted,
                                       struct candidate *best, struct lc_error *err)
{
    static const char *const usual[] = {".", "images", "..", "../images"};
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < dataset->file_count && i < MAX_FILE_FOLDERS; i++) {
        char *folder = NULL, *name = NULL;

        if (status == LC_OK)
            status = lc_path_parent(dataset->files[i].name, &folder, err);
        for (size_t k = 0; k < sizeof(usual) / sizeof(usual[0]) && status == LC_OK &&
                           folder && best->found < wanted && strcmp(folder, ".") != 0;
             k++) {
            status = lc_path_join(folder, usual[k], &name, err);
            if (status == LC_OK)
                status = try_root(dataset, name, samples, best, err);
            free(name);
            name = NULL;
        }
        free(folder);
    }
    return status;
}

/* Pick the root from the usual names, of which the last two lead upwards, and from other
 * folders in the order at the top of this file. */
static enum lc_status pick_root(struct lc_dataset *dataset, const char *const names[5],
                                const struct lc_buffer *samples, struct candidate *best,
                                struct lc_error *err)
{
    size_t wanted = count_samples(samples);
    enum lc_status status;

    for (size_t i = 0; i < 3; i++) {
        status = try_root(dataset, names[i], samples, best, err);
        if (status != LC_OK)
            return status;
    }
    if (best->found == wanted)
        return LC_OK;
    status = try_subfolders(dataset, samples, wanted, best, err);
    if (status != LC_OK || best->found == wanted)
        return status;
    status = try_file_folders(dataset, samples, wanted, best, err);
    if (!dataset->single)
        return status;
    for (size_t i = 3; i < 5 && status == LC_OK && best->found < wanted; i++)
        status = try_root(dataset, names[i], samples, best, err);
    return status;
}

static enum lc_status notice_not_found(struct lc_dataset *dataset, struct lc_error *err)
{
    struct lc_buffer packed = {0};
    enum lc_status status = lc_packed_find(dataset->folder, &packed, err);

    if (status == LC_OK)
        status = lc_files_notice(dataset, err,
                                 "none of the first rows' images was found in any folder "
                                 "tried; set the image root with --images");
    if (status == LC_OK && packed.size)
        status = lc_files_notice(
            dataset, err, "archives are not read; unpack them first: %s", packed.data);
    lc_buffer_clear(&packed);
    return status;
}

static enum lc_status find_image_root(struct lc_dataset *dataset,
                                      const struct lc_buffer *samples,
                                      struct lc_error *err)
{
    static const char *const usual[] = {".", "images", "image", "..", "../images"};
    struct candidate best = {0};
    enum lc_status status = pick_root(dataset, usual, samples, &best, err);

    if (status == LC_OK && count_samples(samples) && !best.found)
        status = notice_not_found(dataset, err);
    if (status == LC_OK)
        status = lc_path_join(dataset->folder, best.name, &dataset->image_root, err);
    free(best.name);
    return status;
}

/* Without any video found, or as many under the image root, videos share that root. */
static enum lc_status find_video_root(struct lc_dataset *dataset,
                                      const struct lc_buffer *samples,
                                      struct lc_error *err)
{
    static const char *const usual[] = {".", "videos", "video", "..", "../videos"};
    struct candidate best = {0};
    size_t in_images = 0;
    enum lc_status status = pick_root(dataset, usual, samples, &best, err);

    if (status == LC_OK)
        status = count_found(dataset->image_root, samples, &in_images, err);
    if (status == LC_OK && in_images >= best.found)
        status = lc_path_join("", dataset->image_root, &dataset->video_root, err);
    else if (status == LC_OK)
        status = lc_path_join(dataset->folder, best.name, &dataset->video_root, err);
    free(best.name);
    return status;
}

/* Set the names of the image root for reports, which have no absolute paths: relative to
 * the data folder if inside it, otherwise its last component. */
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
static enum lc_status use_named(const char *named, const char *what, char **out,
                                struct lc_error *err)
{
    enum lc_path_kind there;
    enum lc_status status = lc_path_probe(named, &there, err);

    if (status == LC_OK && there == LC_PATH_FOLDER)
        return lc_path_normalize(named, out, err);
    if (status == LC_OK)
        status = lc_fail(err, LC_ERR_USAGE, 0, "the %s root is not a folder", what);
    err->subject = *what == 'i' ? LC_SUBJECT_IMAGES : LC_SUBJECT_VIDEOS;
    return status;
}

enum lc_status lc_root_find(struct lc_dataset *dataset,
                            const struct lc_dataset_options *options,
                            const struct lc_samples *samples, struct lc_error *err)
{
    enum lc_status status;

    if (options->images)
        status = use_named(options->images, "image", &dataset->image_root, err);
    else
        status = find_image_root(dataset, &samples->images, err);
    if (status == LC_OK)
        status = set_printed_names(dataset, err);
    if (status != LC_OK)
        return status;
    if (options->videos)
        return use_named(options->videos, "video", &dataset->video_root, err);
    return find_video_root(dataset, &samples->videos, err);
}

#include "dataset/dataset.h"

#include "base/path.h"
#include "dataset/peek.h"
#include "dataset/root.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void lc_dataset_clear(struct lc_dataset *dataset)
{
    if (!dataset)
        return;
    for (size_t i = 0; i < dataset->file_count; i++) {
        free(dataset->files[i].path);
        free(dataset->files[i].name);
    }
    free(dataset->files);
    free(dataset->name);
    free(dataset->folder);
    free(dataset->single);
    free(dataset->image_root);
    free(dataset->image_name);
    lc_buffer_clear(&dataset->notices);
    *dataset = (struct lc_dataset){0};
}

/* Add a notice: a line ended by NUL. */
__attribute__((format(printf, 3, 4))) static enum lc_status
notice(struct lc_dataset *dataset, struct lc_error *err, const char *format, ...)
{
    enum lc_status status;
    va_list args;

    va_start(args, format);
    status = lc_buffer_vprintf(&dataset->notices, err, format, args);
    va_end(args);
    return status == LC_OK ? lc_buffer_add(&dataset->notices, "", 1, err) : status;
}

static enum lc_status add_file(struct lc_dataset *dataset, const char *path,
                               const char *name, struct lc_error *err)
{
    struct lc_rows_file file = {.lines = lc_path_ends(path, ".jsonl")}, *files;

    files = lc_array_grow(dataset->files, dataset->file_count, &dataset->file_capacity,
                          sizeof(*files));
    if (!files)
        return lc_fail_memory(err);
    dataset->files = files;
    file.path = strdup(path);
    file.name = strdup(name);
    if (!file.path || !file.name) {
        free(file.path);
        free(file.name);
        return lc_fail_memory(err);
    }
    files[dataset->file_count++] = file;
    return LC_OK;
}

static bool is_rows_name(const char *name)
{
    return name[0] != '.' &&
           (lc_path_ends(name, ".json") || lc_path_ends(name, ".jsonl"));
}

/* Take a file of a folder when it holds rows, or may have held them. */
static enum lc_status take_if_rows(struct lc_dataset *dataset, const char *name,
                                   struct lc_buffer *samples, struct lc_error *err)
{
    char *path = NULL;
    enum lc_peek kind = LC_PEEK_OTHER;
    struct stat st;
    enum lc_status status = lc_path_join(dataset->folder, name, &path, err);

    if (status != LC_OK)
        return status;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        status = notice(dataset, err, "passed over %s: no regular file", name);
        goto out;
    }
    status = lc_peek_rows(path, lc_path_ends(name, ".jsonl"), &kind, samples, err);
    if (status == LC_ERR_IO) /* say which file: the caller knows the folder only */
        snprintf(err->message, sizeof(err->message), "%.100s: %s", name,
                 strerror(err->os_errno));
    if (status != LC_OK)
        goto out;
    if (kind == LC_PEEK_OTHER)
        status = notice(dataset, err, "passed over %s: it holds no rows", name);
    else
        status = add_file(dataset, path, name, err);
out:
    free(path);
    return status;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Take the rows files of a folder: below is "" for the data folder itself. */
static enum lc_status take_folder(struct lc_dataset *dataset, const char *below,
                                  struct lc_buffer *samples, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    struct dirent **entries = NULL;
    char *folder = NULL;
    int count = 0;

    status = lc_path_join(dataset->folder, *below ? below : ".", &folder, err);
    if (status != LC_OK)
        return status;
    count = scandir(folder, &entries, is_visible, by_name);
    if (count < 0)
        status = *below ? LC_OK : lc_fail_errno(err, "read the folder");
    for (int i = 0; i < count && status == LC_OK; i++) {
        char *name = NULL;

        if (!is_rows_name(entries[i]->d_name))
            continue;
        status = lc_path_join(below, entries[i]->d_name, &name, err);
        if (status == LC_OK)
            status = take_if_rows(dataset, name, samples, err);
        free(name);
    }
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    free(folder);
    return status;
}

/* No rows at the top: look into each folder, one level down. */
static enum lc_status take_subfolders(struct lc_dataset *dataset,
                                      struct lc_buffer *samples, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    struct dirent **entries = NULL;
    int count = scandir(dataset->folder, &entries, is_visible, by_name);

    for (int i = 0; i < count; i++) {
        char *path = NULL;
        struct stat st;

        if (status == LC_OK)
            status = lc_path_join(dataset->folder, entries[i]->d_name, &path, err);
        if (status == LC_OK && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
            status = take_folder(dataset, entries[i]->d_name, samples, err);
        free(path);
        free(entries[i]);
    }
    free(entries);
    return status;
}

static enum lc_status find_files(struct lc_dataset *dataset, const char *path,
                                 bool folder, struct lc_buffer *samples,
                                 struct lc_error *err)
{
    enum lc_peek kind;
    enum lc_status status;

    if (!folder) {
        status = lc_peek_rows(path, lc_path_ends(path, ".jsonl"), &kind, samples, err);
        if (status != LC_OK)
            return status;
        return add_file(dataset, path, lc_path_name(path), err);
    }
    status = take_folder(dataset, "", samples, err);
    if (status == LC_OK && !dataset->file_count)
        status = take_subfolders(dataset, samples, err);
    if (status == LC_OK && !dataset->file_count)
        status = lc_fail(err, LC_ERR_USAGE, 0,
                         "no rows found: no .json or .jsonl in it holds LLaVA rows");
    return status;
}

/* The data set's own name: that of the folder or file, however it was typed. */
static enum lc_status set_name(struct lc_dataset *dataset, const char *path,
                               struct lc_error *err)
{
    char *real = realpath(path, NULL);

    if (!real)
        return lc_fail_errno(err, "resolve the path");
    dataset->name = strdup(lc_path_name(real));
    free(real);
    return dataset->name ? LC_OK : lc_fail_memory(err);
}

static enum lc_status set_folder(struct lc_dataset *dataset, const char *path,
                                 bool *folder, struct lc_error *err)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return lc_fail(err, LC_ERR_USAGE, errno, "no such file or folder");
        return lc_fail_errno(err, "look at the path");
    }
    *folder = S_ISDIR(st.st_mode);
    if (!*folder) {
        dataset->single = strdup(lc_path_name(path));
        if (!dataset->single)
            return lc_fail_memory(err);
    }
    if (!*folder && !S_ISREG(st.st_mode))
        return lc_fail(err, LC_ERR_USAGE, 0, "is no regular file and no folder");
    return *folder ? lc_path_tidy(path, &dataset->folder, err)
                   : lc_path_parent(path, &dataset->folder, err);
}

enum lc_status lc_dataset_find(const char *path, const char *images,
                               struct lc_dataset *out, struct lc_error *err)
{
    struct lc_dataset dataset = {0};
    struct lc_buffer samples = {0};
    struct lc_error own = {0};
    enum lc_status status;
    char *tidy = NULL;
    bool folder = false;

    err = err ? err : &own; /* messages are completed on the way */
    status = lc_path_tidy(path, &tidy, err);
    if (status == LC_OK)
        status = set_folder(&dataset, tidy, &folder, err);
    if (status == LC_OK)
        status = set_name(&dataset, tidy, err);
    if (status == LC_OK)
        status = find_files(&dataset, tidy, folder, &samples, err);
    if (status == LC_OK)
        status = lc_root_find(&dataset, images, &samples, !folder, err);
    if (status == LC_OK) {
        *out = dataset;
        dataset = (struct lc_dataset){0};
    }
    lc_dataset_clear(&dataset);
    lc_buffer_clear(&samples);
    free(tidy);
    return status;
}

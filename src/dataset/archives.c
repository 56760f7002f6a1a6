#include "dataset/archives.h"

#include "archive/archive.h"
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_ARCHIVES 10000 /* in a data set: more are not looked at */

static bool is_archive_name(const char *name)
{
    return name[0] != '.' && lc_archive_is_named((struct lc_span){name, strlen(name)});
}

/* Whether a file was already found, under another name or in another way. */
static bool is_known(const struct lc_dataset *dataset, const struct stat *st)
{
    for (size_t i = 0; i < dataset->archive_count; i++)
        if (dataset->archives[i].inode == st->st_ino &&
            dataset->archives[i].device == st->st_dev)
            return true;
    return false;
}

static enum lc_status add_archive(struct lc_dataset *dataset, const char *path,
                                  const struct stat *st, struct lc_error *err)
{
    struct lc_archive_file *files =
        lc_array_grow(dataset->archives, dataset->archive_count,
                      &dataset->archive_capacity, sizeof(*files));
    struct lc_archive_file file = {.device = st->st_dev, .inode = st->st_ino};
    enum lc_status status;

    if (!files)
        return lc_fail_memory(err);
    dataset->archives = files;
    status = lc_path_join("", path, &file.path, err);
    if (status == LC_OK)
        status = lc_path_relative(dataset->folder, path, &file.name, err);
    files[dataset->archive_count++] = file;
    return status;
}

static int is_archive_or_folder(const struct dirent *entry)
{
    bool folder = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;

    return is_archive_name(entry->d_name) || (folder && entry->d_name[0] != '.');
}

/* Search a folder, and its subfolders unless it is a subfolder itself. */
static enum lc_status search(struct lc_dataset *dataset, const char *folder, bool is_sub,
                             struct lc_error *err)
{
    struct dirent **entries = NULL;
    int found = scandir(folder, &entries, is_archive_or_folder, lc_path_compare_entries);
    enum lc_status status = LC_OK;

    if (found < 0 && errno != EACCES && errno != ENOENT)
        status = lc_fail_errno(err, "read the folder");
    for (int i = 0; i < found; i++) {
        const char *name = entries[i]->d_name;
        char *path = NULL;
        struct stat st;

        if (status == LC_OK)
            status = lc_path_join(folder, name, &path, err);
        if (status != LC_OK || dataset->archive_count >= MOST_ARCHIVES ||
            stat(path, &st) != 0)
            ; /* a link to nothing, or the file is gone */
        else if (S_ISREG(st.st_mode) && is_archive_name(name) && !is_known(dataset, &st))
            status = add_archive(dataset, path, &st, err);
        else if (S_ISDIR(st.st_mode) && !is_sub)
            status = search(dataset, path, true, err);
        free(path);
        free(entries[i]);
    }
    free(entries);
    return status;
}

static int by_name(const void *a, const void *b)
{
    const struct lc_archive_file *x = a, *y = b;

    return strcmp(x->name, y->name);
}

enum lc_status lc_archives_find(struct lc_dataset *dataset, const char *folder,
                                struct lc_error *err)
{
    enum lc_status status = search(dataset, folder, false, err);

    if (status == LC_OK && dataset->archive_count)
        qsort(dataset->archives, dataset->archive_count, sizeof(*dataset->archives),
              by_name);
    return status;
}

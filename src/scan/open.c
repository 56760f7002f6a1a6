/* lc_index_open: from what a user names to the index that belongs to it */
#include "scan/scan.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_there(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

/* The index file within a folder; *there says whether it exists. */
static enum lc_status file_in(const char *folder, char **file, bool *there,
                              struct lc_error *err)
{
    enum lc_status status = lc_path_join(folder, LC_INDEX_FILE, file, err);

    *there = status == LC_OK && is_there(*file);
    return status;
}

enum lc_status lc_index_open(const char *path, struct lc_index **out,
                             struct lc_error *err)
{
    char *tidy = NULL, *data = NULL, *folder = NULL, *file = NULL;
    const char *single = NULL;
    bool there = false;
    enum lc_status status = lc_path_tidy(path, &tidy, err);

    if (status == LC_OK && !is_there(tidy)) {
        status = lc_fail(err, LC_ERR_USAGE, 0, "no such file or folder");
        goto out;
    }
    if (status == LC_OK && lc_path_is_folder(tidy)) {
        status = file_in(tidy, &file, &there, err); /* the index folder itself */
        if (status == LC_OK && !there)
            status = lc_path_tidy(tidy, &data, err);
    } else if (status == LC_OK) {
        there = strcmp(lc_path_name(tidy), LC_INDEX_FILE) == 0;
        status =
            there ? lc_path_tidy(tidy, &file, err) : lc_path_parent(tidy, &data, err);
        single = lc_path_name(tidy);
    }
    if (status == LC_OK && !there) {
        free(file);
        file = NULL;
        status = lc_scan_index_folder(data, single, NULL, false, &folder, err);
        if (status == LC_OK)
            status = file_in(folder, &file, &there, err);
    }
    if (status == LC_OK && !there)
        status = lc_fail(err, LC_ERR_USAGE, 0,
                         "there is no index of it: run llava-check on it first");
    if (status == LC_OK)
        status = lc_index_open_file(file, out, err);
out:
    free(tidy);
    free(data);
    free(folder);
    free(file);
    return status;
}

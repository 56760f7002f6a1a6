/* lc_index_open: from what a user names to the index that belongs to it */
#include "scan/open.h"

#include "base/options.h"
#include "base/path.h"
#include "dataset/dataset.h"
#include "scan/place.h"

#include <stdlib.h>
#include <string.h>

static enum lc_status look(const char *path, bool *there, struct lc_error *err)
{
    enum lc_path_kind kind;
    enum lc_status status = lc_path_probe(path, &kind, err);

    *there = kind != LC_PATH_MISSING;
    return status;
}

/* The index file within a folder; *there says whether it exists. */
static enum lc_status file_in(const char *folder, char **file, bool *there,
                              struct lc_error *err)
{
    enum lc_status status = lc_path_join(folder, LC_INDEX_FILE, file, err);

    *there = false;
    return status == LC_OK ? look(*file, there, err) : status;
}

/* One path may be an index folder or an index file. Sets *file when it is. */
static enum lc_status find_index_itself(const char *path, char **file,
                                        struct lc_error *err)
{
    enum lc_path_kind kind = LC_PATH_MISSING;
    char *tidy = NULL;
    bool there = false;
    enum lc_status status = lc_path_normalize(path, &tidy, err);

    if (status == LC_OK)
        status = lc_path_probe(tidy, &kind, err);
    if (kind == LC_PATH_FOLDER) {
        status = file_in(tidy, file, &there, err);
    } else if (kind != LC_PATH_MISSING &&
               strcmp(lc_path_name(tidy), LC_INDEX_FILE) == 0) {
        there = true;
        status = lc_path_normalize(tidy, file, err);
    }
    if (!there) {
        free(*file);
        *file = NULL;
    }
    free(tidy);
    return status;
}

/* The index file of a data set, and its data folder. */
static enum lc_status find_index_of(const char *const *paths, size_t count,
                                    const char *wanted, char **data, char **file,
                                    struct lc_error *err)
{
    char *single = NULL, *folder = NULL;
    bool there = false, data_there = true, path_there = true;
    enum lc_status status = lc_dataset_locate(paths, count, data, &single, err);

    if (status == LC_OK)
        status = look(*data, &data_there, err);
    if (status == LC_OK && !data_there)
        status = lc_fail(err, LC_ERR_USAGE, 0, "no such file or folder");
    if (status == LC_OK)
        status = lc_place_index(*data, single, wanted, false, &folder, err);
    if (status == LC_OK)
        status = file_in(folder, file, &there, err);
    if (status == LC_OK && !there && count == 1)
        status = look(paths[0], &path_there, err);
    if (status == LC_OK && !there && !path_there)
        status = lc_fail(err, LC_ERR_USAGE, 0, "no such file or folder");
    else if (status == LC_OK && !there)
        status = lc_fail(err, LC_ERR_USAGE, 0,
                         "there is no index of it: run llava-check on it first");
    free(single);
    free(folder);
    return status;
}

/* The index file that paths name; *was_found: by the data that it is of. */
static enum lc_status find_index(const char *const *paths, size_t count, char **file,
                                 bool *was_found, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    char *data = NULL;

    if (count == 1)
        status = find_index_itself(paths[0], file, err);
    *was_found = !*file;
    if (status == LC_OK && !*file)
        status = find_index_of(paths, count, NULL, &data, file, err);
    free(data);
    return status;
}

/* Open an index, and see whether it is the user's own. */
static enum lc_status open_known(const char *file, bool was_found, struct lc_index **out,
                                 struct lc_error *err)
{
    struct lc_key_found key;
    enum lc_status status = lc_key_find(false, &key, err);

    if (status == LC_OK)
        status = lc_index_open_file(file, key.exists ? &key.key : NULL, out, err);
    if (status == LC_OK && was_found)
        lc_index_was_found(*out);
    return status;
}

enum lc_status lc_open_index_of(const char *const *paths, size_t count,
                                const char *wanted, char **data, struct lc_index **out,
                                struct lc_error *err)
{
    char *file = NULL;
    enum lc_status status = find_index_of(paths, count, wanted, data, &file, err);

    if (status == LC_OK)
        status = open_known(file, !wanted, out, err);
    free(file);
    return status;
}

enum lc_status lc_index_open(const char *const *paths, size_t count,
                             struct lc_index **out, struct lc_error *err)
{
    char *file = NULL;
    bool was_found = false;
    enum lc_status status = find_index(paths, count, &file, &was_found, err);

    if (status == LC_OK)
        status = open_known(file, was_found, out, err);
    free(file);
    return status;
}

enum lc_status lc_index_check(const char *const *paths, size_t count,
                              const struct lc_index_check_options *options,
                              struct lc_error *err)
{
    struct lc_index *index = NULL;
    char *file = NULL;
    struct lc_index_check_options own_options;
    struct lc_error own = {0};
    bool was_found = false;
    enum lc_status status = LC_OPTIONS_COPY(&own_options, options, on_fault, err);

    if (status == LC_OK)
        status = find_index(paths, count, &file, &was_found, err);
    if (status == LC_OK)
        status = open_known(file, was_found, &index, &own);
    if (status == LC_ERR_INDEX) { /* that is what was to be found out */
        own_options.on_fault(own_options.user, "file", own.message);
        status = LC_OK;
    } else if (status != LC_OK && own.status != LC_OK && err) {
        *err = own;
    }
    if (status == LC_OK && index)
        status = lc_index_examine(index, &own_options, err);
    lc_index_close(index);
    free(file);
    return status;
}

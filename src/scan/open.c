/* lc_index_open: finds and opens the index of the paths that a user gave */
#include "scan/open.h"

#include "base/options.h"
#include "base/path.h"
#include "dataset/dataset.h"
#include "scan/place.h"

#include <stdlib.h>
#include <string.h>

static enum lc_status probe_existence(const char *path, bool *exists,
                                      struct lc_error *err)
{
    enum lc_path_kind kind;
    enum lc_status status = lc_path_probe(path, &kind, err);

    *exists = kind != LC_PATH_MISSING;
    return status;
}

/* The path of the index file in a folder, and whether it exists. */
static enum lc_status get_index_file(const char *folder, char **file, bool *exists,
                                     struct lc_error *err)
{
    enum lc_status status = lc_path_join(folder, LC_INDEX_FILE, file, err);

    *exists = false;
    return status == LC_OK ? probe_existence(*file, exists, err) : status;
}

/* If the single path is an index folder or an index file, set *file. */
static enum lc_status find_named_index(const char *path, char **file,
                                       struct lc_error *err)
{
    enum lc_path_kind kind = LC_PATH_MISSING;
    char *tidy = NULL;
    bool exists = false;
    enum lc_status status = lc_path_normalize(path, &tidy, err);

    if (status == LC_OK)
        status = lc_path_probe(tidy, &kind, err);
    if (kind == LC_PATH_FOLDER) {
        status = get_index_file(tidy, file, &exists, err);
    } else if (kind != LC_PATH_MISSING &&
               strcmp(lc_path_name(tidy), LC_INDEX_FILE) == 0) {
        exists = true;
        status = lc_path_normalize(tidy, file, err);
    }
    if (!exists) {
        free(*file);
        *file = NULL;
    }
    free(tidy);
    return status;
}

/* Find the index file of a data set, and its data folder. */
static enum lc_status find_index_of(const char *const *paths, size_t count,
                                    const char *wanted, char **data, char **file,
                                    struct lc_error *err)
{
    char *single = NULL, *folder = NULL;
    bool exists = false, data_exists = true, path_exists = true;
    enum lc_status status = lc_dataset_locate(paths, count, data, &single, err);

    if (status == LC_OK)
        status = probe_existence(*data, &data_exists, err);
    if (status == LC_OK && !data_exists)
        status = lc_fail(err, LC_ERR_USAGE, 0, "no such file or folder");
    if (status == LC_OK)
        status = lc_place_index(*data, single, wanted, false, &folder, err);
    if (status == LC_OK)
        status = get_index_file(folder, file, &exists, err);
    if (status == LC_OK && !exists && count == 1)
        status = probe_existence(paths[0], &path_exists, err);
    if (status == LC_OK && !exists && !path_exists)
        status = lc_fail(err, LC_ERR_USAGE, 0, "no such file or folder");
    else if (status == LC_OK && !exists)
        status =
            lc_fail(err, LC_ERR_USAGE, 0, "no index found; run llava-check on it first");
    free(single);
    free(folder);
    return status;
}

/* Find the index file for the paths. *was_found is set to whether it was found through
 * the data instead of being named. */
static enum lc_status find_index(const char *const *paths, size_t count, char **file,
                                 bool *was_found, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    char *data = NULL;

    if (count == 1)
        status = find_named_index(paths[0], file, err);
    *was_found = !*file;
    if (status == LC_OK && !*file)
        status = find_index_of(paths, count, NULL, &data, file, err);
    free(data);
    return status;
}

/* Open an index, and check whether it is signed with the user's key. */
static enum lc_status open_file(const char *file, bool was_found, struct lc_index **out,
                                struct lc_error *err)
{
    struct lc_key_found key;
    enum lc_status status = lc_key_find(false, &key, err);

    if (status == LC_OK)
        status = lc_index_open_file(file, key.exists ? &key.key : NULL, out, err);
    if (status == LC_OK && was_found)
        lc_index_mark_found(*out);
    return status;
}

enum lc_status lc_open_named_index(const char *path, const struct lc_trust *trust,
                                   char **file, struct lc_index **out,
                                   struct lc_error *err)
{
    struct lc_index *index = NULL;
    enum lc_status status = find_named_index(path, file, err);

    if (status == LC_OK && !*file)
        status = lc_fail(err, LC_ERR_USAGE, 0, "there is no index");
    if (status == LC_OK)
        status = lc_index_open_file(*file, lc_trust_key(trust), &index, err);
    if (status == LC_OK && trust->needs_key && !lc_index_is_ours(index))
        status = lc_fail(err, LC_ERR_INDEX, 0,
                         "the index is not signed with the key in LLAVA_CHECK_KEY");
    if (status == LC_OK)
        *out = index;
    else
        lc_index_close(index);
    return status;
}

enum lc_status lc_open_index_of(const char *const *paths, size_t count,
                                const char *wanted, char **data, struct lc_index **out,
                                struct lc_error *err)
{
    char *file = NULL;
    enum lc_status status = find_index_of(paths, count, wanted, data, &file, err);

    if (status == LC_OK)
        status = open_file(file, !wanted, out, err);
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
        status = open_file(file, was_found, out, err);
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
    struct lc_error open_error = {0};
    bool was_found = false;
    enum lc_status status = LC_OPTIONS_COPY(&own_options, options, on_fault, err);

    if (status == LC_OK)
        status = find_index(paths, count, &file, &was_found, err);
    if (status == LC_OK)
        status = open_file(file, was_found, &index, &open_error);
    if (status == LC_ERR_INDEX) { /* a damaged index is a result, not a failure */
        own_options.on_fault(own_options.user, "file", open_error.message);
        status = LC_OK;
    } else if (status != LC_OK && open_error.status != LC_OK && err) {
        *err = open_error;
    }
    if (status == LC_OK && index)
        status = lc_index_examine(index, &own_options, err);
    lc_index_close(index);
    free(file);
    return status;
}

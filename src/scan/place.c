#include "scan/place.h"

#include "base/buffer.h"
#include "base/hash.h"
#include "base/path.h"
#include "index/index.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_FOLDER ".llava-check"

static bool can_write(const char *folder)
{
    return faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0;
}

/* Refuse a symbolic link: if it came with the data, it could redirect the index. */
static enum lc_status refuse_link(const char *folder, struct lc_error *err)
{
    struct stat st;

    if (lstat(folder, &st) != 0 || S_ISDIR(st.st_mode))
        return LC_OK;
    if (!S_ISLNK(st.st_mode))
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "its " OWN_FOLDER " is or contains a file where the index folder "
                       "belongs; remove it, or choose a folder with --index");
    return lc_fail(err, LC_ERR_USAGE, 0,
                   "its folder " OWN_FOLDER " is or contains a symbolic link; choose a "
                   "folder with --index");
}

/* Whether a path is a folder; false if it cannot be probed, since it cannot be used
 * then. */
static bool is_folder(const char *path)
{
    enum lc_path_kind kind;

    return lc_path_probe(path, &kind, NULL) == LC_OK && kind == LC_PATH_FOLDER;
}

/* $XDG_CACHE_HOME/llava-check/<hash of the data folder's real path> */
static enum lc_status get_cache_folder(const char *folder, char **out,
                                       struct lc_error *err)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    struct lc_buffer text = {0};
    enum lc_status status;
    struct lc_hash hash;
    char *real, name[33];

    if ((!cache || *cache != '/') && (!home || *home != '/'))
        return lc_fail(
            err, LC_ERR_IO, 0,
            "the data folder cannot hold the index, and there is no home folder for "
            "it; choose a folder with --index");
    real = realpath(folder, NULL);
    if (!real)
        return lc_fail_errno(err, "resolve the data folder");
    hash = lc_hash_bytes(real, strlen(real));
    free(real);
    lc_hash_hex(&hash, name);
    if (cache && *cache == '/')
        status = lc_buffer_printf(&text, err, "%s/llava-check/%s", cache, name);
    else
        status = lc_buffer_printf(&text, err, "%s/.cache/llava-check/%s", home, name);
    *out = text.data;
    return status;
}

/* Append the subfolder for the index of a single rows file to the index folder of its
 * data set. Frees all. */
static enum lc_status add_single(char *all, const char *single, char **out,
                                 struct lc_error *err)
{
    enum lc_status status;

    if (!single) {
        *out = all;
        return LC_OK;
    }
    status = lc_path_join(all, single, out, err);
    if (status == LC_OK)
        status = refuse_link(*out, err);
    free(all);
    return status;
}

static bool has_index(const char *folder)
{
    enum lc_path_kind kind = LC_PATH_MISSING;
    char *file = NULL;
    bool exists = folder && lc_path_join(folder, LC_INDEX_FILE, &file, NULL) == LC_OK &&
                  lc_path_probe(file, &kind, NULL) == LC_OK && kind != LC_PATH_MISSING;

    free(file);
    return exists;
}

enum lc_status lc_place_index_in_cache(const char *folder, const char *single, char **out,
                                       struct lc_error *err)
{
    char *all = NULL;
    enum lc_status status = get_cache_folder(folder, &all, err);

    return status == LC_OK ? add_single(all, single, out, err) : status;
}

static enum lc_status get_own_folder(const char *folder, const char *single, char **out,
                                     bool *is_writable, struct lc_error *err)
{
    char *own = NULL;
    enum lc_status status = lc_path_join(folder, OWN_FOLDER, &own, err);

    if (status == LC_OK)
        status = refuse_link(own, err);
    if (status != LC_OK) {
        free(own);
        return status;
    }
    *is_writable = is_folder(own) ? can_write(own) : can_write(folder);
    return add_single(own, single, out, err);
}

enum lc_status lc_place_index(const char *folder, const char *single, const char *wanted,
                              bool to_write, char **out, struct lc_error *err)
{
    char *own = NULL, *cache = NULL;
    bool is_writable = false;
    enum lc_status status;

    if (wanted)
        return lc_path_normalize(wanted, out, err);
    status = get_own_folder(folder, single, &own, &is_writable, err);
    if (status == LC_OK && to_write && !is_writable) {
        status = lc_place_index_in_cache(folder, single, out, err);
    } else if (status == LC_OK && !to_write &&
               !(is_writable && (has_index(own) || !is_folder(own)))) {
        /* a run could not have written an index beside the data: prefer one in the user's
         * cache, and fall back to one beside the data */
        if (lc_place_index_in_cache(folder, single, &cache, NULL) == LC_OK &&
            has_index(cache)) {
            *out = cache;
            cache = NULL;
        }
    }
    if (status == LC_OK && !*out) {
        *out = own;
        own = NULL;
    }
    free(own);
    free(cache);
    return status;
}

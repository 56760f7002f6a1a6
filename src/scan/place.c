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

/* A link that came with the data would have the index written anywhere. */
static enum lc_status refuse_link(const char *folder, struct lc_error *err)
{
    struct stat st;

    if (lstat(folder, &st) != 0 || S_ISDIR(st.st_mode))
        return LC_OK;
    if (!S_ISLNK(st.st_mode))
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "its " OWN_FOLDER " is, or holds, a file where the index's folder "
                       "is to be; remove it, or name the index with --index");
    return lc_fail(err, LC_ERR_USAGE, 0,
                   "its folder " OWN_FOLDER " is, or holds, a symbolic link; name the "
                   "index with --index");
}

/* One that cannot be looked at cannot be used either. */
static bool is_folder(const char *path)
{
    enum lc_path_kind there;

    return lc_path_probe(path, &there, NULL) == LC_OK && there == LC_PATH_FOLDER;
}

/* $XDG_CACHE_HOME/llava-check/<hash of the data folder's real path> */
static enum lc_status cache_folder(const char *folder, char **out, struct lc_error *err)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    struct lc_buffer text = {0};
    enum lc_status status;
    struct lc_hash hash;
    char *real, name[33];

    if ((!cache || *cache != '/') && (!home || *home != '/'))
        return lc_fail(
            err, LC_ERR_IO, 0,
            "the data folder cannot hold the index and there is no home folder for "
            "the index; name one with --index");
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

/* The folder of one rows file is within that of the data. Takes `all`. */
static enum lc_status within(char *all, const char *single, char **out,
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
    enum lc_path_kind there = LC_PATH_MISSING;
    char *file = NULL;
    bool has = folder && lc_path_join(folder, LC_INDEX_FILE, &file, NULL) == LC_OK &&
               lc_path_probe(file, &there, NULL) == LC_OK && there != LC_PATH_MISSING;

    free(file);
    return has;
}

enum lc_status lc_place_index_in_cache(const char *folder, const char *single, char **out,
                                       struct lc_error *err)
{
    char *all = NULL;
    enum lc_status status = cache_folder(folder, &all, err);

    return status == LC_OK ? within(all, single, out, err) : status;
}

static enum lc_status own_folder(const char *folder, const char *single, char **out,
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
    return within(own, single, out, err);
}

enum lc_status lc_place_index(const char *folder, const char *single, const char *wanted,
                              bool to_write, char **out, struct lc_error *err)
{
    char *own = NULL, *cache = NULL;
    bool is_writable = false;
    enum lc_status status;

    if (wanted)
        return lc_path_normalize(wanted, out, err);
    status = own_folder(folder, single, &own, &is_writable, err);
    if (status == LC_OK && to_write && !is_writable) {
        status = lc_place_index_in_cache(folder, single, out, err);
    } else if (status == LC_OK && !to_write &&
               !(is_writable && (has_index(own) || !is_folder(own)))) {
        /* the data folder could not hold an index: one in the cache folder is this
         * user's; without that, what is beside the data may be read */
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

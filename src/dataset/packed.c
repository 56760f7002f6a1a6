#include "dataset/packed.h"

#include "archive/archive.h"
#include "base/path.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MOST_NAMED 2

/* More suffixes may follow: images.tar.gz, images.zip.001. */
static const char *const packed[] = {
    ".zip",     ".tar",      ".tgz",      ".7z",        ".rar",     ".parquet",  ".arrow",
    ".json.gz", ".jsonl.gz", ".json.zst", ".jsonl.zst", ".json.xz", ".jsonl.xz",
};

static bool is_packed(const char *name)
{
    for (size_t i = 0; name[0] != '.' && i < sizeof(packed) / sizeof(*packed); i++) {
        for (const char *at = name; (at = strcasestr(at, packed[i])) != NULL; at++) {
            if (!isalnum((unsigned char)at[strlen(packed[i])]))
                return true;
        }
    }
    return false;
}

static int is_packed_or_folder(const struct dirent *entry)
{
    bool folder = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;

    return is_packed(entry->d_name) || (folder && entry->d_name[0] != '.');
}

static bool is_wanted(const char *name, enum lc_packed_kinds which)
{
    return is_packed(name) &&
           (which == LC_PACKED_ALL ||
            !lc_archive_is_named((struct lc_span){name, strlen(name)}));
}

/* Count a packed file, and add its name while few have been named. */
static enum lc_status add_name(const char *below, const char *name, size_t *count,
                               struct lc_buffer *out, struct lc_error *err)
{
    if ((*count)++ >= MOST_NAMED)
        return LC_OK;
    return lc_buffer_printf(out, err, "%s%s%s%s", *count > 1 ? ", " : "", below,
                            *below ? "/" : "", name);
}

/* Search a folder, and its subfolders if below is "". */
static enum lc_status search(const char *folder, const char *below,
                             enum lc_packed_kinds which, size_t *count,
                             struct lc_buffer *out, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    struct dirent **entries = NULL;
    int found = scandir(folder, &entries, is_packed_or_folder, lc_path_compare_entries);

    if (found < 0 && errno != EACCES)
        status = lc_fail_errno(err, "read the folder");
    for (int i = 0; i < found; i++) {
        const char *name = entries[i]->d_name;
        enum lc_path_kind there = LC_PATH_MISSING;
        char *path = NULL;

        if (status == LC_OK)
            status = lc_path_join(folder, name, &path, err);
        if (status == LC_OK)
            status = lc_path_probe(path, &there, err);
        if (status == LC_OK && there == LC_PATH_FILE && is_wanted(name, which))
            status = add_name(below, name, count, out, err);
        else if (status == LC_OK && there == LC_PATH_FOLDER && !*below)
            status = search(path, name, which, count, out, err);
        free(path);
        free(entries[i]);
    }
    free(entries);
    return status;
}

enum lc_status lc_packed_find(const char *folder, enum lc_packed_kinds which,
                              struct lc_buffer *out, struct lc_error *err)
{
    size_t count = 0;
    enum lc_status status = search(folder, "", which, &count, out, err);

    if (status == LC_OK && count > MOST_NAMED)
        status = lc_buffer_printf(out, err, " and %zu more", count - MOST_NAMED);
    return status;
}

/* tree.c - copy, compare and remove folders */
#include "tree.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef bool entry_fn(void *user, const char *path, const char *name, bool is_folder);

/* Each entry of a folder that is there. */
static bool each_entry(const char *folder, entry_fn *entry, void *user)
{
    DIR *dir = opendir(folder);
    const struct dirent *found;
    bool good = true;

    while (dir && good && (found = readdir(dir))) {
        char path[PATH_MAX];

        if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, found->d_name);
        good = entry(user, path, found->d_name, found->d_type == DT_DIR);
    }
    if (dir)
        closedir(dir);
    return good;
}

static void copy_file(const char *from, const char *to)
{
    char bytes[65536];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    struct stat st;
    size_t size;

    if (!in || !out || stat(from, &st) != 0 || chmod(to, st.st_mode & 07777) != 0)
        err(70, "copy %s to %s", from, to);
    while ((size = fread(bytes, 1, sizeof(bytes), in)))
        if (fwrite(bytes, 1, size, out) != size)
            err(70, "write %s", to);
    fclose(in);
    if (fclose(out) != 0)
        err(70, "write %s", to);
}

static bool copy_entry(void *user, const char *path, const char *name, bool is_folder)
{
    char to[PATH_MAX];

    snprintf(to, sizeof(to), "%s/%s", (const char *)user, name);
    if (is_folder)
        lc_tree_copy(path, to);
    else
        copy_file(path, to);
    return true;
}

void lc_tree_copy(const char *from, const char *to)
{
    if (mkdir(to, 0777) != 0)
        err(70, "make %s", to);
    (void)each_entry(from, copy_entry, (void *)(uintptr_t)to);
}

static bool remove_entry(void *user, const char *path, const char *name, bool is_folder)
{
    (void)user;
    (void)name;
    if (is_folder)
        lc_tree_remove(path);
    else if (unlink(path) != 0)
        err(70, "remove %s", path);
    return true;
}

void lc_tree_remove(const char *path)
{
    (void)each_entry(path, remove_entry, NULL);
    if (rmdir(path) != 0 && errno != ENOENT)
        err(70, "remove %s", path);
}

bool lc_file_same(const char *a, const char *b)
{
    FILE *in_a = fopen(a, "rb"), *in_b = fopen(b, "rb");
    bool same = in_a && in_b;
    char bytes_a[65536], bytes_b[65536];
    size_t size = 1;

    while (same && size) {
        size = fread(bytes_a, 1, sizeof(bytes_a), in_a);
        same = fread(bytes_b, 1, sizeof(bytes_b), in_b) == size &&
               memcmp(bytes_a, bytes_b, size) == 0;
    }
    if (in_a)
        fclose(in_a);
    if (in_b)
        fclose(in_b);
    return same;
}

struct walk {
    lc_tree_file *file;
    void *user;
    size_t skip; /* size of the path's prefix that is not reported */
};

static bool walk_entry(void *user, const char *path, const char *name, bool is_folder)
{
    const struct walk *walk = user;

    (void)name;
    if (is_folder)
        return each_entry(path, walk_entry, user);
    return walk->file(walk->user, path + walk->skip);
}

bool lc_tree_walk(const char *folder, lc_tree_file *file, void *user)
{
    struct walk walk = {file, user, strlen(folder) + 1};

    return each_entry(folder, walk_entry, &walk);
}

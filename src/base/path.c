#include "base/path.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static enum lc_status copy(const char *text, size_t size, char **out,
                           struct lc_error *err)
{
    *out = strndup(text, size);
    return *out ? LC_OK : lc_fail_memory(err);
}

enum lc_status lc_path_join(const char *folder, const char *name, char **out,
                            struct lc_error *err)
{
    size_t size = strlen(folder), total = size + strlen(name) + 2;
    const char *slash = size && folder[size - 1] == '/' ? "" : "/";

    if (!size || strcmp(folder, ".") == 0)
        return copy(name, strlen(name), out, err);
    if (strcmp(name, ".") == 0)
        return copy(folder, size, out, err);
    *out = malloc(total);
    if (!*out)
        return lc_fail_memory(err);
    snprintf(*out, total, "%s%s%s", folder, slash, name);
    return LC_OK;
}

enum lc_status lc_path_tidy(const char *path, char **out, struct lc_error *err)
{
    enum lc_status status;
    size_t size = 0;

    while (path[0] == '.' && path[1] == '/') {
        path += 2;
        path += strspn(path, "/");
    }
    status = copy(*path ? path : ".", strlen(*path ? path : "."), out, err);
    if (status != LC_OK)
        return status;
    assert(*out);
    for (const char *from = *out; *from; from++)
        if (*from != '/' || !size || (*out)[size - 1] != '/')
            (*out)[size++] = *from;
    while (size > 1 && (*out)[size - 1] == '/')
        size--;
    (*out)[size] = '\0';
    return LC_OK;
}

enum lc_status lc_path_parent(const char *path, char **out, struct lc_error *err)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return copy(".", 1, out, err);
    return copy(path, slash == path ? 1 : (size_t)(slash - path), out, err);
}

bool lc_path_is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

const char *lc_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash[1] ? slash + 1 : path;
}

bool lc_path_ends(const char *path, const char *suffix)
{
    size_t size = strlen(path), tail = strlen(suffix);

    return size >= tail && strcasecmp(path + size - tail, suffix) == 0;
}

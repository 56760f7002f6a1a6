#include "base/path.h"

#include "base/buffer.h"

#include <assert.h>
#include <errno.h>
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

enum lc_status lc_path_normalize(const char *path, char **out, struct lc_error *err)
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

enum lc_status lc_path_probe(const char *path, enum lc_path_kind *out,
                             struct lc_error *err)
{
    struct stat st;

    *out = LC_PATH_MISSING;
    if (stat(path, &st) == 0)
        *out = S_ISREG(st.st_mode)   ? LC_PATH_FILE
               : S_ISDIR(st.st_mode) ? LC_PATH_FOLDER
                                     : LC_PATH_OTHER;
    else if (errno != ENOENT && errno != ENOTDIR && errno != EACCES && errno != ELOOP &&
             errno != ENAMETOOLONG)
        return lc_fail_errno(err, "inspect a file");
    return LC_OK;
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

/* Append "../" for each component of from after the common part, then the rest of to. */
static enum lc_status add_relative(const char *from, const char *to,
                                   struct lc_buffer *out, struct lc_error *err)
{
    size_t same = 0, at = 0;
    enum lc_status status = LC_OK;

    /* the common part must end at the end of a component in both */
    while (from[at] && from[at] == to[at]) {
        at++;
        if ((!from[at] || from[at] == '/') && (!to[at] || to[at] == '/'))
            same = at;
    }
    if (strcmp(from, "/") == 0)
        same = 0;
    for (const char *rest = from + same; *rest && rest[1] && status == LC_OK;) {
        status = lc_buffer_add(out, "../", 3, err);
        rest += 1;
        rest += strcspn(rest, "/");
    }
    to += same;
    to += *to == '/';
    if (status == LC_OK && *to)
        status = lc_buffer_printf(out, err, "%s/", to);
    return status;
}

enum lc_status lc_path_relative(const char *folder, const char *path, char **out,
                                struct lc_error *err)
{
    char *parent = NULL, *from = NULL, *to = NULL;
    struct lc_buffer text = {0};
    enum lc_status status = lc_path_parent(path, &parent, err);

    if (status == LC_OK) {
        from = realpath(folder, NULL);
        to = from ? realpath(parent, NULL) : NULL; /* errno is set by the one that
                                                      failed */
        if (!from || !to)
            status = lc_fail_errno(err, "resolve a folder");
    }
    if (status == LC_OK && from && to)
        status = add_relative(from, to, &text, err);
    if (status == LC_OK)
        status = lc_buffer_printf(&text, err, "%s", lc_path_name(path));
    *out = text.data;
    free(parent);
    free(from);
    free(to);
    return status;
}

bool lc_path_resolves_outside(const char *folder, const char *path)
{
    char *from = realpath(folder, NULL), *to = realpath(path, NULL);
    size_t size = from ? strlen(from) : 0;
    bool out = from && to && size > 1 &&
               (strncmp(from, to, size) != 0 || (to[size] && to[size] != '/'));

    free(from);
    free(to);
    return out;
}

int lc_path_compare_entries(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

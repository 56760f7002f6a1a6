#include "proof/root.h"

#include "base/path.h"
#include "proof/formats.h"

#include <stdlib.h>
#include <string.h>

void lc_record_root_clear(struct lc_record_root *root)
{
    free(root->path);
    free(root->snapshot);
    *root = (struct lc_record_root){0};
}

/* If a path is in a snapshot of a repository in the cache, cut it down to the
 * repository's folder. */
static enum lc_status cut_snapshot(struct lc_record_root *root, struct lc_error *err)
{
    static const char middle[] = "/snapshots/";
    char *at = root->path, *start, *end;

    while ((at = strstr(at, middle))) {
        for (start = at; start > root->path && start[-1] != '/';)
            start--;
        end = at + sizeof(middle) - 1;
        if (*end && lc_hub_is_repository((struct lc_span){start, (size_t)(at - start)})) {
            end += strcspn(end, "/");
            root->snapshot = strndup(at + 1, (size_t)(end - at) - 1);
            *at = '\0';
            return root->snapshot ? LC_OK : lc_fail_memory(err);
        }
        at++;
    }
    return LC_OK;
}

enum lc_status lc_record_root_find(const char *path, struct lc_record_root *out,
                                   struct lc_error *err)
{
    enum lc_path_kind kind = LC_PATH_MISSING;
    char *folder = NULL;
    enum lc_status status = lc_path_probe(path, &kind, err);

    if (status == LC_OK && kind == LC_PATH_MISSING)
        status = lc_fail(err, LC_ERR_USAGE, 0, "no such file or folder");
    if (status == LC_OK)
        status = kind == LC_PATH_FOLDER ? lc_path_normalize(path, &folder, err)
                                        : lc_path_parent(path, &folder, err);
    if (status == LC_OK) {
        out->path = realpath(folder, NULL);
        if (!out->path)
            status = lc_fail_errno(err, "find the folder");
    }
    if (status == LC_OK)
        status = cut_snapshot(out, err);
    free(folder);
    return status;
}

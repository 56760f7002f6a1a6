/* Files have their names wherever they are moved, and so have the folders just above
 * them. A walk over the tree stops at each file that has the name of a sample; what the
 * path of the file and the sample have in common at their ends leads from the root to the
 * file, and what the sample has before it is to be cut off. Of these pairs of a root and
 * a beginning, the one counts that most samples exist with. */
#include "dataset/suffix.h"

#include "base/path.h"
#include "dataset/subtree.h"

#include <stdlib.h>
#include <string.h>

#define MAX_SAMPLES 64
#define MAX_PAIRS 64 /* that are tried: files of the same name may be all over a tree */

static const struct lc_subtree_limits limits = {
    .depth = 8, .entries = 200000, .time_ns = 2000000000};

struct search {
    char *samples[MAX_SAMPLES];
    size_t count;
    size_t pairs;
    struct lc_suffix *best;
};

void lc_suffix_clear(struct lc_suffix *suffix)
{
    free(suffix->cut);
    free(suffix->root);
    *suffix = (struct lc_suffix){0};
}

static bool is_name_of_sample(void *user, const char *name, bool is_folder)
{
    const struct search *search = user;

    for (size_t i = 0; i < search->count && !is_folder; i++)
        if (strcmp(lc_path_name(search->samples[i]), name) == 0)
            return true;
    return false;
}

/* The size of the common end of two paths, in whole components. */
static size_t common_end(const char *a, const char *b)
{
    size_t x = strlen(a), y = strlen(b), size = 0;

    for (size_t i = 1; i <= x && i <= y && a[x - i] == b[y - i]; i++)
        if ((i == x || a[x - i - 1] == '/') && (i == y || b[y - i - 1] == '/'))
            size = i;
    return size;
}

static enum lc_status count_found(const struct search *search, const char *cut,
                                  const char *root, size_t *found, struct lc_error *err)
{
    size_t size = strlen(cut);
    enum lc_status status = LC_OK;

    *found = 0;
    for (size_t i = 0; i < search->count && status == LC_OK; i++) {
        enum lc_path_kind there = LC_PATH_MISSING;
        const char *rest = search->samples[i] + size;
        char *path = NULL;

        if (strncmp(search->samples[i], cut, size) != 0 || *rest == '/' ||
            strstr(rest, ".."))
            continue;
        status = lc_path_join(root, rest, &path, err);
        if (status == LC_OK)
            status = lc_path_probe(path, &there, err);
        *found += there == LC_PATH_FILE && !lc_path_resolves_outside(root, path);
        free(path);
    }
    return status;
}

/* Try the pair of a beginning and a root; both are freed or kept. */
static enum lc_status try_pair(struct search *search, char *cut, char *root,
                               struct lc_error *err)
{
    struct lc_suffix *best = search->best;
    size_t found = 0;
    enum lc_status status = LC_OK;

    if (*cut) {
        search->pairs++;
        status = count_found(search, cut, root, &found, err);
    }
    if (status == LC_OK && found > best->found) {
        lc_suffix_clear(best);
        best->cut = cut;
        best->root = root;
        best->found = found;
        best->sampled = search->count;
        return LC_OK;
    }
    free(cut);
    free(root);
    return status;
}

/* Try the pair that a sample and a file with its name make. */
static enum lc_status try_file(struct search *search, const char *sample,
                               const char *file, struct lc_error *err)
{
    size_t end = common_end(sample, file), above = strlen(file) - end;
    char *cut = strndup(sample, strlen(sample) - end);
    char *root = above ? strndup(file, above > 1 ? above - 1 : 1) : strdup(".");

    if (!cut || !root) {
        free(cut);
        free(root);
        return lc_fail_memory(err);
    }
    return try_pair(search, cut, root, err);
}

static enum lc_status visit(void *user, const char *folder, const char *name,
                            bool is_folder, bool *done, struct lc_error *err)
{
    struct search *search = user;
    char *file = NULL;
    enum lc_status status = lc_path_join(folder, name, &file, err);

    (void)is_folder;
    for (size_t i = 0; i < search->count && status == LC_OK; i++)
        if (strcmp(lc_path_name(search->samples[i]), name) == 0)
            status = try_file(search, search->samples[i], file, err);
    *done = search->best->found == search->count || search->pairs >= MAX_PAIRS;
    free(file);
    return status;
}

enum lc_status lc_suffix_find(const char *folder, const struct lc_buffer *samples,
                              struct lc_suffix *out, struct lc_error *err)
{
    struct search search = {.best = out};
    const struct lc_subtree_visitor visitor = {
        .user = &search, .wants = is_name_of_sample, .visit = visit};
    struct lc_subtree_bounds bounds;
    enum lc_status status = LC_OK;

    *out = (struct lc_suffix){0};
    for (size_t at = 0;
         at < samples->size && search.count < MAX_SAMPLES && status == LC_OK;
         at += strlen(samples->data + at) + 1) {
        char *sample = strdup(samples->data + at);

        if (!sample) {
            status = lc_fail_memory(err);
            break;
        }
        for (char *c = sample; *c; c++)
            if (*c == '\\')
                *c = '/';
        search.samples[search.count++] = sample;
    }
    if (status == LC_OK && search.count)
        status = lc_subtree_walk(folder, &limits, &visitor, &bounds, err);
    for (size_t i = 0; i < search.count; i++)
        free(search.samples[i]);
    return status;
}

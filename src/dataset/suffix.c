/* Wherever files are moved, they usually keep their names, and so do the folders just
 * above them. A walk over the tree stops at each file with the name of a sample. The
 * common end of the file's path and the sample leads from a root to the file; the
 * beginning of the sample is to be cut off. Among these pairs of a root and a beginning,
 * the one with which most samples exist wins. Names such as 1.jpg may be all over a tree:
 * if files have no folder in common with their samples, they count only if nearly all
 * samples are found. */
#include "dataset/suffix.h"

#include "base/hash.h"
#include "base/path.h"
#include "dataset/subtree.h"

#include <stdlib.h>
#include <string.h>

#define MAX_SAMPLES 64
#define MAX_PAIRS 64   /* pairs to try: files of the same name may be all over a tree */
#define LEAST_NESTED 2 /* files that have a folder in common with their paths */
#define LEAST_NAMED 4  /* found files needed, if they have only their names in common */

static const struct lc_subtree_limits limits = {
    .depth = 8, .entries = 200000, .time_ns = 2000000000};

struct search {
    char *samples[MAX_SAMPLES];
    size_t count;
    uint64_t pairs[MAX_PAIRS]; /* hashes of the pairs that were tried */
    size_t pair_count;
    struct lc_suffix *out;
};

static void clear_root(struct lc_suffix_root *root)
{
    free(root->cut);
    free(root->root);
    *root = (struct lc_suffix_root){0};
}

void lc_suffix_clear(struct lc_suffix *suffix)
{
    clear_root(&suffix->best);
    clear_root(&suffix->second);
    suffix->sampled = 0;
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

/* Count the samples whose files exist with a pair of a beginning and a root. */
static enum lc_status count_found(const struct search *search,
                                  struct lc_suffix_root *pair, struct lc_error *err)
{
    size_t size = strlen(pair->cut);
    enum lc_status status = LC_OK;

    pair->found = pair->nested = 0;
    for (size_t i = 0; i < search->count && status == LC_OK; i++) {
        enum lc_path_kind there = LC_PATH_MISSING;
        const char *rest = search->samples[i] + size;
        bool is_found;
        char *path = NULL;

        if (strncmp(search->samples[i], pair->cut, size) != 0 || *rest == '/' ||
            strstr(rest, ".."))
            continue;
        status = lc_path_join(pair->root, rest, &path, err);
        if (status == LC_OK)
            status = lc_path_probe(path, &there, err);
        is_found = there == LC_PATH_FILE && !lc_path_resolves_outside(pair->root, path);
        pair->found += is_found;
        pair->nested += is_found && strchr(rest, '/');
        free(path);
    }
    return status;
}

/* Whether the files found are likely to be the files of the samples. */
static bool is_likely(const struct search *search, const struct lc_suffix_root *pair)
{
    return pair->nested >= LEAST_NESTED || (pair->nested && search->count == 1) ||
           (pair->found >= LEAST_NAMED && 10 * pair->found >= 9 * search->count);
}

/* Whether a pair was not tried yet; remember it. */
static bool is_new(struct search *search, const struct lc_suffix_root *pair)
{
    uint64_t hash = lc_hash_quick(pair->cut, strlen(pair->cut)) * 31 +
                    lc_hash_quick(pair->root, strlen(pair->root));

    for (size_t i = 0; i < search->pair_count; i++)
        if (search->pairs[i] == hash)
            return false;
    if (search->pair_count == MAX_PAIRS)
        return false;
    search->pairs[search->pair_count++] = hash;
    return true;
}

/* Try a pair, which is then freed or kept. */
static enum lc_status try_pair(struct search *search, struct lc_suffix_root *pair,
                               struct lc_error *err)
{
    struct lc_suffix *out = search->out;
    bool is_kept = false;
    enum lc_status status = LC_OK;

    if (*pair->cut && is_new(search, pair))
        status = count_found(search, pair, err);
    if (status == LC_OK && is_likely(search, pair)) {
        bool is_best = pair->found > out->best.found;

        is_kept = is_best || pair->found > out->second.found;
        if (is_kept) {
            clear_root(&out->second);
            out->second = is_best ? out->best : *pair;
        }
        if (is_best)
            out->best = *pair;
    }
    if (!is_kept)
        clear_root(pair);
    return status;
}

/* Try the pair that results from a sample and a file with its name. */
static enum lc_status try_file(struct search *search, const char *sample,
                               const char *file, struct lc_error *err)
{
    size_t end = common_end(sample, file), above = strlen(file) - end;
    struct lc_suffix_root pair = {
        .cut = strndup(sample, strlen(sample) - end),
        .root = above ? strndup(file, above > 1 ? above - 1 : 1) : strdup("."),
    };

    if (pair.cut && pair.root)
        return try_pair(search, &pair, err);
    clear_root(&pair);
    return lc_fail_memory(err);
}

static enum lc_status try_name(void *user, const char *folder, const char *name,
                               bool is_folder, bool *done, struct lc_error *err)
{
    struct search *search = user;
    char *file = NULL;
    enum lc_status status = lc_path_join(folder, name, &file, err);

    (void)is_folder;
    for (size_t i = 0; i < search->count && status == LC_OK; i++)
        if (strcmp(lc_path_name(search->samples[i]), name) == 0)
            status = try_file(search, search->samples[i], file, err);
    *done = search->out->best.found == search->count || search->pair_count == MAX_PAIRS;
    free(file);
    return status;
}

/* Copy a path, with slashes for its backslashes; NULL if out of memory. */
static char *copy_with_slashes(const char *path)
{
    char *copy = strdup(path);

    for (char *c = copy; c && *c; c++)
        if (*c == '\\')
            *c = '/';
    return copy;
}

enum lc_status lc_suffix_find(const char *folder, const struct lc_buffer *samples,
                              struct lc_suffix *out, struct lc_error *err)
{
    struct search search = {.out = out};
    const struct lc_subtree_visitor visitor = {
        .user = &search, .wants = is_name_of_sample, .visit = try_name};
    struct lc_subtree_bounds bounds;
    enum lc_status status = LC_OK;

    *out = (struct lc_suffix){0};
    for (size_t at = 0;
         at < samples->size && search.count < MAX_SAMPLES && status == LC_OK;
         at += strlen(samples->data + at) + 1) {
        char *sample = copy_with_slashes(samples->data + at);

        if (sample)
            search.samples[search.count++] = sample;
        else
            status = lc_fail_memory(err);
    }
    out->sampled = search.count;
    if (status == LC_OK && search.count)
        status = lc_subtree_walk(folder, &limits, &visitor, &bounds, err);
    for (size_t i = 0; i < search.count; i++)
        free(search.samples[i]);
    return status;
}

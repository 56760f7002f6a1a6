/* Finds the records that programs keep in a folder.
 *
 * All files are listed and sorted first, so that the result does not depend on the order
 * in which the system lists them. The path alone decides what a file is; the formats read
 * the files that contain records. */
#include "proof/find.h"

#include "base/text.h"
#include "proof/formats.h"
#include "store/plain.h"
#include "store/walk.h"

#include <stdlib.h>
#include <string.h>

#define INDEX_FOLDER ".llava-check/"
#define MODELSCOPE_TEMPORARY "._____temp/"

void lc_file_list_clear(struct lc_file_list *list)
{
    lc_buffer_clear(&list->text);
    free(list->items);
    *list = (struct lc_file_list){0};
}

/* ---- listing ---- */

struct listing {
    struct lc_file_list *list;
    const char *prefix; /* prefix of all paths: the folder being walked; "" for the
                           root */
    size_t max_files;
    bool is_cut;
};

static enum lc_status add_file(void *user, enum lc_walk_event event, struct lc_span path,
                               struct lc_error *err)
{
    struct listing *listing = user;
    struct lc_file_list *list = listing->list;
    struct lc_listed *items;
    enum lc_status status;

    if (event != LC_WALK_FILE || listing->is_cut)
        return LC_OK;
    if (list->count == LC_RECORDS_MAX || list->text.size + path.size > LC_RECORDS_BYTES)
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "more than %d files: verify its folders one "
                       "by one",
                       LC_RECORDS_MAX);
    if (listing->max_files && list->count == listing->max_files) {
        listing->is_cut = true;
        return LC_OK;
    }
    items = lc_array_grow(list->items, list->count, &list->capacity, sizeof(*items));
    if (!items)
        return lc_fail_memory(err);
    list->items = items;
    items[list->count] = (struct lc_listed){list->text.size, false};
    status = lc_buffer_printf(&list->text, err, "%s%s", listing->prefix,
                              *listing->prefix ? "/" : "");
    if (status == LC_OK)
        status = lc_buffer_add(&list->text, path.text, path.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(&list->text, "", 1, err);
    list->count += status == LC_OK;
    return status;
}

static int compare_listed(const void *a, const void *b, void *text)
{
    return strcmp((char *)text + ((const struct lc_listed *)a)->path,
                  (char *)text + ((const struct lc_listed *)b)->path);
}

static enum lc_status list_files(const struct lc_folder *folder,
                                 const struct lc_find_options *options,
                                 struct lc_file_list *list, bool *is_cut,
                                 struct lc_error *err)
{
    static const char *const all[] = {"", NULL};
    const char *const *folders = options->folders ? options->folders : all;
    struct listing listing = {.list = list, .max_files = options->max_files};
    enum lc_status status = LC_OK;

    for (size_t i = 0; folders[i] && status == LC_OK; i++) {
        struct lc_folder *below = NULL;

        listing.prefix = folders[i];
        status = lc_plain_folder(folder, folders[i], &below, err);
        if (status == LC_OK && below)
            status = lc_folder_walk(below, add_file, &listing, err);
        lc_folder_close(below);
    }
    if (list->count)
        qsort_r(list->items, list->count, sizeof(*list->items), compare_listed,
                list->text.data);
    *is_cut = listing.is_cut;
    return status;
}

/* ---- what a path is ---- */

/* A path split at a folder in it. */
struct split {
    struct lc_span base; /* the part before the folder, without its slash; may be empty */
    struct lc_span rest; /* the part after it */
};

/* Split a path at a folder whose name ends with a slash; false if the path is not in such
 * a folder. */
static bool split_at(struct lc_span path, const char *folder, struct split *out)
{
    size_t size = strlen(folder);
    const char *at = path.text;

    while ((at = memmem(at, (size_t)(path.text + path.size - at), folder, size))) {
        if (at == path.text || at[-1] == '/') {
            out->base.text = path.text;
            out->base.size = at == path.text ? 0 : (size_t)(at - path.text) - 1;
            out->rest.text = at + size;
            out->rest.size = (size_t)(path.text + path.size - out->rest.text);
            return true;
        }
        at++;
    }
    return false;
}

static struct lc_span without(struct lc_span span, const char *with)
{
    size_t size = strlen(with);

    return (struct lc_span){span.text + size, span.size - size};
}

static struct lc_span name_of(struct lc_span path)
{
    const char *slash = memrchr(path.text, '/', path.size);

    if (slash)
        path = (struct lc_span){slash + 1, (size_t)(path.text + path.size - slash) - 1};
    return path;
}

/* Split a path in huggingface_hub's cache after the folder of its repository, and set
 * name to that folder's name; false if the path is in no repository. The root itself may
 * be that folder. */
static bool split_cache(const struct lc_finder *finder, struct lc_span path,
                        struct split *out, struct lc_span *name)
{
    const char *at = path.text, *end = path.text + path.size, *slash;

    if (lc_hub_is_repository(finder->root_name)) {
        *out = (struct split){{path.text, 0}, path};
        *name = finder->root_name;
        return true;
    }
    while ((slash = memchr(at, '/', (size_t)(end - at)))) {
        *name = (struct lc_span){at, (size_t)(slash - at)};
        if (lc_hub_is_repository(*name)) {
            out->base = (struct lc_span){path.text, (size_t)(slash - path.text)};
            out->rest = (struct lc_span){slash + 1, (size_t)(end - slash) - 1};
            return true;
        }
        at = slash + 1;
    }
    return false;
}

/* Read a file in the folder with the records of a download. */
static enum lc_status read_hub(struct lc_finder *finder, struct lc_span path,
                               const struct split *split, struct lc_error *err)
{
    struct lc_span rest = split->rest;

    if (lc_span_starts(rest, "download/")) {
        rest = without(rest, "download/");
        if (lc_span_ends(rest, ".metadata"))
            return lc_hub_metadata(finder, path, split->base, rest, err);
        if (lc_span_ends(rest, ".incomplete"))
            return lc_hub_incomplete(finder, path, split->base, rest, err);
    } else if (lc_span_starts(rest, "trees/") && lc_span_ends(rest, ".json")) {
        return lc_hub_tree(finder, path, split->base, without(rest, "trees/"), err);
    }
    return LC_OK;
}

static bool is_link(const struct lc_folder *folder, const char *path)
{
    struct lc_file_facts facts;
    enum lc_read_result result;
    int os_errno;

    lc_plain_stat(folder, path, &facts, &result, &os_errno);
    return os_errno == LC_PLAIN_LINK;
}

/* Read a file if it contains records. *is_private is set if it is a program's own
 * file. */
static enum lc_status read_file(struct lc_finder *finder, struct lc_span path,
                                bool is_listing, bool *is_private, struct lc_error *err)
{
    static const char pickle[] =
        "ModelScope's records are pickles, which can run programs: they are not read";
    struct lc_span name = name_of(path), repository;
    struct split split;

    *is_private = true;
    if (split_at(path, INDEX_FOLDER, &split))
        return LC_OK;
    if (split_cache(finder, path, &split, &repository)) {
        /* a link points to a blob, which has the record, or else is an issue */
        *is_private = !lc_span_starts(split.rest, "snapshots/") ||
                      is_link(finder->folder, path.text);
        return is_listing
                   ? LC_OK
                   : lc_hub_cached(finder, path, split.base, repository, split.rest, err);
    }
    if (split_at(path, ".cache/huggingface/", &split) ||
        split_at(path, ".huggingface/", &split))
        return is_listing ? LC_OK : read_hub(finder, path, &split, err);
    if (split_at(path, ".git/", &split))
        return is_listing ? LC_OK
                          : lc_git_file(finder, path, split.base, split.rest, err);
    if (lc_span_is(name, ".msc") || lc_span_is(name, ".mdl") || lc_span_is(name, ".mv"))
        return is_listing || lc_span_is(name, ".mv")
                   ? LC_OK
                   : lc_finder_issue(finder, LC_FAULT_UNUSABLE, path, pickle, err);
    if (split_at(path, MODELSCOPE_TEMPORARY, &split))
        return is_listing ? LC_OK
                          : lc_finder_issue(finder, LC_FAULT_UNFINISHED, path,
                                            "ModelScope's temporary file", err);
    *is_private = lc_span_is(name, "CACHEDIR.TAG");
    return !is_listing && lc_sums_are_named(name)
               ? lc_sums_file(finder, path, is_private, err)
               : LC_OK;
}

/* Read the manifest that the user named. Links are followed, as for any file that a user
 * names. */
static enum lc_status read_manifest(struct lc_finder *finder, const char *path,
                                    struct lc_error *err)
{
    struct lc_folder *folder = NULL;
    struct lc_file_facts facts;
    enum lc_read_result result = LC_READ_OK;
    int os_errno = 0;
    enum lc_status status = lc_folder_open(".", &folder, err);

    if (status == LC_OK)
        status = lc_folder_read(folder, path, LC_RECORD_FILE_MAX, &finder->bytes, &facts,
                                &result, &os_errno, err);
    if (status == LC_OK && result != LC_READ_OK)
        status = lc_fail(err, LC_ERR_USAGE, os_errno, "the manifest cannot be read%s%s",
                         os_errno ? ": " : "", os_errno ? strerror(os_errno) : "");
    if (status == LC_OK)
        status = lc_sums_manifest(
            finder, (struct lc_span){finder->bytes.data, finder->bytes.size}, path, err);
    lc_folder_close(folder);
    return status;
}

enum lc_status lc_records_find(const struct lc_folder *folder,
                               const struct lc_find_options *options,
                               struct lc_records *records, struct lc_file_list *list,
                               bool *is_cut, struct lc_error *err)
{
    bool is_listing = options->manifest || options->no_records, cut = false;
    struct lc_finder finder = {
        .folder = folder, .root_name = options->root_name, .records = records};
    enum lc_status status = list_files(folder, options, list, &cut, err);

    for (size_t i = 0; i < list->count && status == LC_OK && !cut; i++) {
        const char *path = list->text.data + list->items[i].path;

        status = read_file(&finder, (struct lc_span){path, strlen(path)}, is_listing,
                           &list->items[i].is_private, err);
    }
    if (status == LC_OK && options->manifest)
        status = read_manifest(&finder, options->manifest, err);
    if (status == LC_OK)
        status = lc_hub_end(&finder, err);
    if (status == LC_OK)
        lc_records_sort(records);
    if (is_cut)
        *is_cut = cut;
    lc_finder_clear(&finder);
    return status;
}

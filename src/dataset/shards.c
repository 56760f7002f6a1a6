/* Finds shards: by patterns, in folders, and with the help of indexes. */
#include "dataset/shards.h"

#include "base/path.h"
#include "dataset/document.h"
#include "dataset/files.h"
#include "dataset/sample_fields.h"
#include "dataset/shard.h"
#include "dataset/shard_paths.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_SHARDS 1000000 /* limit for all patterns together */
#define MOST_PROBED 4       /* files of a folder: the first may be empty or damaged */

/* ---- patterns ---- */

struct expansion {
    char **paths;
    size_t *from;
    size_t count, paths_capacity, from_capacity;
    size_t number; /* number of the user's path */
};

static enum lc_status add_path(struct expansion *e, const char *path, size_t size,
                               struct lc_error *err)
{
    char **paths =
        lc_array_grow(e->paths, e->count + 1, &e->paths_capacity, sizeof(*paths));
    size_t *from;

    if (!paths)
        return lc_fail_memory(err);
    e->paths = paths;
    paths[e->count] = NULL; /* now the list can be freed at any time */
    from = lc_array_grow(e->from, e->count + 1, &e->from_capacity, sizeof(*from));
    if (!from)
        return lc_fail_memory(err);
    e->from = from;
    if (e->count == MOST_SHARDS)
        return lc_fail(err, LC_ERR_USAGE, 0, "a pattern of more than %d shards",
                       MOST_SHARDS);
    paths[e->count] = strndup(path, size);
    if (!paths[e->count])
        return lc_fail_memory(err);
    from[e->count++] = e->number;
    paths[e->count] = NULL;
    return LC_OK;
}

/* The range of numbers in "0000..0123". */
struct range {
    unsigned long long first, last;
    int width; /* width of numbers with leading zeros; else 0 */
};

static bool read_range(struct lc_span text, struct range *out)
{
    const char *dots = memmem(text.text, text.size, "..", 2);
    size_t first = dots ? (size_t)(dots - text.text) : 0;
    size_t last = dots ? text.size - first - 2 : 0;

    if (!first || !last || first > 18 || last > 18)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (i != first && i != first + 1 && !isdigit((unsigned char)text.text[i]))
            return false;
    out->first = strtoull(text.text, NULL, 10);
    out->last = strtoull(text.text + first + 2, NULL, 10);
    out->width = text.text[0] == '0' || text.text[first + 2] == '0'
                     ? (int)(first > last ? first : last)
                     : 0;
    return true;
}

static enum lc_status expand(struct expansion *e, struct lc_span text, int depth,
                             struct lc_error *err);

/* Replace the braces in a text by one of the words that they contain. */
static enum lc_status expand_word(struct expansion *e, struct lc_span text,
                                  struct lc_span braces, struct lc_span word, int depth,
                                  struct lc_error *err)
{
    struct lc_buffer whole = {0};
    size_t before = (size_t)(braces.text - text.text), after = before + braces.size;
    enum lc_status status = lc_buffer_printf(&whole, err, "%.*s%.*s%.*s", (int)before,
                                             text.text, (int)word.size, word.text,
                                             (int)(text.size - after), text.text + after);

    if (status == LC_OK)
        status = expand(e, (struct lc_span){whole.data, whole.size}, depth + 1, err);
    lc_buffer_clear(&whole);
    return status;
}

static enum lc_status expand_range(struct expansion *e, struct lc_span text,
                                   struct lc_span braces, const struct range *range,
                                   int depth, struct lc_error *err)
{
    bool up = range->first <= range->last;
    unsigned long long steps =
        up ? range->last - range->first : range->first - range->last;
    enum lc_status status = LC_OK;

    if (steps >= MOST_SHARDS)
        return lc_fail(err, LC_ERR_USAGE, 0, "a pattern of more than %d shards",
                       MOST_SHARDS);
    for (unsigned long long i = 0; i <= steps && status == LC_OK; i++) {
        char word[24];
        int size = snprintf(word, sizeof(word), "%0*llu", range->width,
                            up ? range->first + i : range->first - i);

        status = expand_word(e, text, braces, (struct lc_span){word, (size_t)size}, depth,
                             err);
    }
    return status;
}

/* Add the paths for a text with braces: replace the first pair, then the rest after
 * it. */
static enum lc_status expand(struct expansion *e, struct lc_span text, int depth,
                             struct lc_error *err)
{
    const char *open = memchr(text.text, '{', text.size);
    const char *close =
        open ? memchr(open, '}', text.size - (size_t)(open - text.text)) : NULL;
    struct lc_span braces, inner, word;
    struct range range;
    enum lc_status status = LC_OK;

    if (!close || depth == 8)
        return add_path(e, text.text, text.size, err);
    braces = (struct lc_span){open, (size_t)(close - open) + 1};
    inner = (struct lc_span){open + 1, braces.size - 2};
    if (read_range(inner, &range))
        return expand_range(e, text, braces, &range, depth, err);
    for (word = (struct lc_span){inner.text, 0};
         status == LC_OK && word.text <= inner.text + inner.size;
         word.text += word.size + 1) {
        const char *comma =
            memchr(word.text, ',', (size_t)(inner.text + inner.size - word.text));

        word.size = comma ? (size_t)(comma - word.text)
                          : (size_t)(inner.text + inner.size - word.text);
        status = expand_word(e, text, braces, word, depth, err);
    }
    return status;
}

/* Whether a path is a pattern for shards, and not the name of a file. */
static bool is_pattern(const char *path)
{
    const char *tar = strstr(path, ".tar");
    const char *tgz = strstr(path, ".tgz");
    struct stat st;

    return (tar || tgz) && (strchr(path, '{') || strstr(path, "::")) &&
           !lc_path_ends(path, ".json") && stat(path, &st) != 0;
}

void lc_shards_free(char **paths)
{
    for (size_t i = 0; paths && paths[i]; i++)
        free(paths[i]);
    free(paths);
}

enum lc_status lc_shards_expand(const char *const *paths, size_t count, char ***out,
                                size_t **from, size_t *total, struct lc_error *err)
{
    struct expansion e = {0};
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < count && status == LC_OK; i++) {
        const char *at = paths[i];

        e.number = i;
        if (!is_pattern(at)) {
            status = add_path(&e, at, strlen(at), err);
            continue;
        }
        while (status == LC_OK && *at) {
            const char *colons = strstr(at, "::");
            size_t size = colons ? (size_t)(colons - at) : strlen(at);

            if (size)
                status = expand(&e, (struct lc_span){at, size}, 0, err);
            at += size + (colons ? 2 : 0);
        }
    }
    if (status == LC_OK) {
        *out = e.paths;
        *from = e.from;
        *total = e.count;
        return LC_OK;
    }
    if (err)
        err->path = e.number;
    lc_shards_free(e.paths);
    free(e.from);
    return status;
}

/* ---- files ---- */

/* Add a shard: it is a rows file, and also the archive of the rows' images. */
static enum lc_status add_shard(struct lc_dataset *dataset, const char *path,
                                struct lc_error *err)
{
    const struct lc_file_use use = {.dialect = lc_dialect_by_name(LC_SHARD_DIALECT)};
    struct lc_archive_file *files =
        lc_array_grow(dataset->archives, dataset->archive_count,
                      &dataset->archive_capacity, sizeof(*files));
    struct lc_archive_file file = {.is_shard = true};
    char *name = NULL;
    struct stat st;
    enum lc_status status;

    if (!files)
        return lc_fail_memory(err);
    dataset->archives = files;
    status = lc_path_relative(dataset->folder, path, &name, err);
    if (status == LC_OK)
        status = lc_files_add_known(dataset, path, name, &use, err);
    if (status != LC_OK) {
        free(name);
        return status;
    }
    dataset->files[dataset->file_count - 1].is_shard = true;
    dataset->files[dataset->file_count - 1].indexed = LC_NOT_INDEXED;
    dataset->has_shards = true;
    if (stat(path, &st) == 0) {
        file.device = st.st_dev;
        file.inode = st.st_ino;
    }
    file.name = name;
    file.path = strdup(path);
    files[dataset->archive_count++] = file;
    return file.path ? LC_OK : lc_fail_memory(err);
}

enum lc_status lc_shards_add(struct lc_dataset *dataset, const char *path, bool *is_one,
                             struct lc_error *err)
{
    *is_one = lc_shard_is_named(path);
    return *is_one ? add_shard(dataset, path, err) : LC_OK;
}

static int is_tar_or_folder(const struct dirent *entry)
{
    bool folder = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;

    return entry->d_name[0] != '.' && (folder || lc_shard_is_named(entry->d_name));
}

/* Whether one of the entries is a shard. */
static enum lc_status have_samples(const char *folder, struct dirent **entries, int count,
                                   bool *out, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    int probed = 0;

    *out = false;
    for (int i = 0; i < count && status == LC_OK && !*out && probed < MOST_PROBED; i++) {
        enum lc_path_kind there = LC_PATH_MISSING;
        char *path = NULL;

        if (!lc_shard_is_named(entries[i]->d_name))
            continue;
        status = lc_path_join(folder, entries[i]->d_name, &path, err);
        if (status == LC_OK)
            status = lc_path_probe(path, &there, err);
        if (status == LC_OK && there == LC_PATH_FILE) {
            probed++;
            status = lc_shard_probe(path, out, err);
            if (status == LC_ERR_IO || status == LC_ERR_USAGE)
                status = LC_OK; /* try another one */
        }
        free(path);
    }
    return status;
}

/* Search a folder, and its subfolders unless it is a subfolder itself. */
static enum lc_status search(struct lc_dataset *dataset, const char *folder, bool is_sub,
                             struct lc_error *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_tar_or_folder, lc_path_compare_entries);
    bool are_shards = false;
    char *index = NULL;
    enum lc_path_kind there = LC_PATH_MISSING;
    enum lc_status status = LC_OK;

    if (count < 0 && errno != EACCES && errno != ENOENT)
        return lc_fail_errno(err, "read the folder");
    if (!is_sub)
        status = lc_path_join(folder, ".nv-meta", &index, err);
    if (status == LC_OK && index)
        status = lc_path_probe(index, &there, err);
    are_shards = there == LC_PATH_FOLDER; /* Energon's index shows it */
    free(index);
    if (status == LC_OK && !are_shards)
        status = have_samples(folder, entries, count, &are_shards, err);
    for (int i = 0; i < count; i++) {
        char *path = NULL;

        there = LC_PATH_MISSING;
        if (status == LC_OK)
            status = lc_path_join(folder, entries[i]->d_name, &path, err);
        if (status == LC_OK)
            status = lc_path_probe(path, &there, err);
        if (status == LC_OK && there == LC_PATH_FILE && are_shards &&
            lc_shard_is_named(entries[i]->d_name))
            status = add_shard(dataset, path, err);
        else if (status == LC_OK && there == LC_PATH_FOLDER && !is_sub)
            status = search(dataset, path, true, err);
        free(path);
        free(entries[i]);
    }
    free(entries);
    return status;
}

enum lc_status lc_shards_add_folder(struct lc_dataset *dataset, const char *folder,
                                    struct lc_error *err)
{
    size_t before = dataset->file_count;
    enum lc_status status = search(dataset, folder, false, err);

    if (status != LC_OK || dataset->file_count == before)
        return status;
    return lc_files_notice(dataset, err,
                           "%zu shard%s of WebDataset: a row is a sample, and its id the "
                           "key of its members",
                           dataset->file_count - before,
                           dataset->file_count - before == 1 ? "" : "s");
}

/* ---- names ---- */

/* A shard, and the prefix of its images' paths. */
struct prefix {
    const char *name;
    char *text;
};

static int by_text(const void *a, const void *b)
{
    const struct prefix *x = a, *y = b;

    return strcmp(x->text, y->text);
}

/* Fail if a prefix is the beginning of another one. It would be sorted before that one,
 * with only such prefixes in between, so comparing neighbours is enough. */
static enum lc_status compare_prefixes(const struct prefix *all, size_t count,
                                       struct lc_error *err)
{
    for (size_t i = 1; i < count; i++) {
        const struct prefix *a = &all[i - 1], *b = &all[i];

        if (strncmp(a->text, b->text, strlen(a->text)) == 0 &&
            strcmp(a->name, b->name) != 0)
            return lc_fail(err, LC_ERR_USAGE, 0,
                           "images of the shards %.80s and %.80s would have the same "
                           "paths: rename one of them",
                           a->name, b->name);
    }
    return LC_OK;
}

enum lc_status lc_shards_check_names(const struct lc_dataset *dataset,
                                     struct lc_error *err)
{
    struct prefix *all = calloc(dataset->file_count + 1, sizeof(*all));
    enum lc_status status = LC_OK;
    size_t count = 0;

    if (!all)
        return lc_fail_memory(err);
    while (count < dataset->file_count && status == LC_OK) {
        struct lc_buffer text = {0};

        all[count].name = dataset->files[count].name;
        status = lc_shard_paths_prefix(all[count].name, &text, err);
        if (status == LC_OK)
            status = lc_buffer_add(&text, "", 1, err);
        all[count++].text = text.data;
    }
    if (status == LC_OK) {
        qsort(all, count, sizeof(*all), by_text);
        status = compare_prefixes(all, count, err);
    }
    for (size_t i = 0; i < count; i++)
        free(all[i].text);
    free(all);
    return status;
}

/* ---- indexes ---- */

static int by_name(const void *a, const void *b)
{
    const struct lc_rows_file *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

/* Get the shards of a data set, sorted by name; NULL if an allocation failed. */
static struct lc_rows_file **sort_files(struct lc_dataset *dataset)
{
    struct lc_rows_file **files =
        calloc(dataset->file_count + 1, sizeof(struct lc_rows_file *));

    for (size_t i = 0; files && i < dataset->file_count; i++)
        files[i] = &dataset->files[i];
    if (files)
        qsort(files, dataset->file_count, sizeof(struct lc_rows_file *), by_name);
    return files;
}

/* The shard with a name; NULL if it is not in the data set. */
static struct lc_rows_file *find_file(struct lc_rows_file **files, size_t count,
                                      const char *name)
{
    struct lc_rows_file key = {.name = (char *)name}, *wanted = &key, **found;

    found = bsearch(&wanted, files, count, sizeof(struct lc_rows_file *), by_name);
    return found ? *found : NULL;
}

/* Energon's index. */
struct energon {
    struct lc_dataset *dataset;
    struct lc_rows_file **files;  /* sorted by name */
    struct lc_document info;      /* .info.json */
    const struct lc_node *counts; /* names and numbers of samples in it; or NULL */
};

/* Read a document of .nv-meta, if it exists. *found is set to whether it was read. */
static enum lc_status read_document(const struct energon *energon, const char *name,
                                    struct lc_document *out, bool *found,
                                    struct lc_error *err)
{
    struct lc_dataset *dataset = energon->dataset;
    enum lc_path_kind there = LC_PATH_MISSING;
    struct lc_error own = {0};
    char *path = NULL;
    enum lc_status status = lc_path_join(dataset->folder, name, &path, err);

    *found = false;
    if (status == LC_OK)
        status = lc_path_probe(path, &there, err);
    if (status == LC_OK && there == LC_PATH_FILE) {
        status = lc_document_read(path, out, &own);
        *found = status == LC_OK;
        if (status == LC_ERR_MEMORY)
            status = lc_fail_memory(err);
        else if (status != LC_OK)
            status = lc_files_notice(dataset, err, "%s is not read: %s",
                                     lc_path_name(path), own.message);
    }
    free(path);
    return status;
}

/* Read shard_counts of an .info.json or .info.yaml. */
static enum lc_status read_info(struct energon *energon, struct lc_error *err)
{
    static const char *const names[] = {".nv-meta/.info.json", ".nv-meta/.info.yaml"};
    struct lc_dataset *dataset = energon->dataset;
    const struct lc_node *counts;
    bool found = false;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < 2 && status == LC_OK && !found; i++)
        status = read_document(energon, names[i], &energon->info, &found, err);
    if (status != LC_OK || !found)
        return status;
    counts = lc_document_member(&energon->info, lc_document_root(&energon->info),
                                "shard_counts");
    if (!counts || counts->kind != LC_NODE_MAP || !counts->count)
        return LC_OK;
    energon->counts = counts;
    for (size_t i = 0; i < dataset->file_count; i++)
        dataset->files[i].place = LC_SHARD_UNLISTED;
    for (size_t i = 0; i + 1 < counts->count; i += 2) {
        const char *name = lc_node_string(&energon->info.nodes[counts->items[i]]);
        const struct lc_node *number = &energon->info.nodes[counts->items[i + 1]];
        struct lc_rows_file *file =
            name ? find_file(energon->files, dataset->file_count, name) : NULL;

        if (file)
            file->place = LC_SHARD_PLACED;
        if (file && number->kind == LC_NODE_NUMBER)
            file->indexed = strtoull(number->text, NULL, 10);
    }
    return LC_OK;
}

/* Add the shards in a list of names with braces. */
static enum lc_status add_names(const struct lc_document *document,
                                const struct lc_node *list, struct expansion *out,
                                struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; list->kind == LC_NODE_LIST && i < list->count && status == LC_OK;
         i++) {
        const char *name = lc_node_string(&document->nodes[list->items[i]]);

        if (name)
            status = expand(out, (struct lc_span){name, strlen(name)}, 0, err);
    }
    return status;
}

/* Whether a shard that is not in the data set exists in its folder and is in the
 * index. */
static enum lc_status is_elsewhere(const struct energon *energon, const char *name,
                                   bool *out, struct lc_error *err)
{
    const struct lc_node *counts = energon->counts;
    enum lc_path_kind there = LC_PATH_MISSING;
    char *path = NULL;
    enum lc_status status = lc_path_join(energon->dataset->folder, name, &path, err);

    *out = false;
    if (status == LC_OK)
        status = lc_path_probe(path, &there, err);
    free(path);
    for (size_t i = 0; there == LC_PATH_FILE && i + 1 < counts->count && !*out; i += 2) {
        const char *known = lc_node_string(&energon->info.nodes[counts->items[i]]);

        *out = known && strcmp(known, name) == 0;
    }
    return status;
}

/* Note that a split names a shard. named counts this for each shard. */
static enum lc_status note_named(const struct energon *energon, const char *name,
                                 uint8_t *named, struct lc_error *err)
{
    struct lc_dataset *dataset = energon->dataset;
    struct lc_rows_file *file = find_file(energon->files, dataset->file_count, name);
    bool is_fine = file && file->place != LC_SHARD_UNLISTED;
    enum lc_status status = LC_OK;

    if (file && named[file - dataset->files] < 2)
        named[file - dataset->files]++;
    if (is_fine || dataset->files[0].absent)
        return LC_OK;
    if (!file)
        status = is_elsewhere(energon, name, &is_fine, err);
    if (status != LC_OK || is_fine)
        return status;
    dataset->files[0].absent = strdup(name);
    return dataset->files[0].absent ? LC_OK : lc_fail_memory(err);
}

/* Compare the shards with the parts of a split: each should be in exactly one part. */
static enum lc_status compare_split(const struct energon *energon,
                                    const struct lc_document *split, struct lc_error *err)
{
    const struct lc_node *root = lc_document_root(split);
    const struct lc_node *parts = lc_document_member(split, root, "split_parts");
    const struct lc_node *excluded = lc_document_member(split, root, "exclude");
    struct lc_dataset *dataset = energon->dataset;
    struct expansion names = {0}, left = {0};
    uint8_t *named = calloc(dataset->file_count + 1, 1);
    enum lc_status status = LC_OK;

    if (!named)
        return lc_fail_memory(err);
    if (!parts || parts->kind != LC_NODE_MAP)
        parts = NULL;
    for (size_t i = 0; parts && i + 1 < parts->count && status == LC_OK; i += 2)
        status = add_names(split, &split->nodes[parts->items[i + 1]], &names, err);
    if (status == LC_OK && excluded)
        status = add_names(split, excluded, &left, err);
    for (size_t i = 0; i < names.count && status == LC_OK; i++)
        status = note_named(energon, names.paths[i], named, err);
    for (size_t i = 0; i < left.count && status == LC_OK; i++) {
        struct lc_rows_file *file =
            find_file(energon->files, dataset->file_count, left.paths[i]);

        if (file) /* it is excluded on purpose */
            named[file - dataset->files] = 1;
    }
    for (size_t i = 0; i < dataset->file_count && status == LC_OK && parts; i++)
        if (dataset->files[i].place == LC_SHARD_PLACED && named[i] != 1)
            dataset->files[i].place = named[i] ? LC_SHARD_SPLIT_TWICE : LC_SHARD_UNSPLIT;
    free(named);
    lc_shards_free(names.paths);
    free(names.from);
    lc_shards_free(left.paths);
    free(left.from);
    return status;
}

/* Read split.yaml or, if it does not exist, split.json. */
static enum lc_status read_split(const struct energon *energon, struct lc_error *err)
{
    static const char *const names[] = {".nv-meta/split.yaml", ".nv-meta/split.json"};
    struct lc_document split = {0};
    struct lc_error own = {0};
    bool found = false;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < 2 && status == LC_OK && !found; i++)
        status = read_document(energon, names[i], &split, &found, err);
    if (status == LC_OK && found)
        status = compare_split(energon, &split, &own);
    if (status == LC_ERR_USAGE)
        status = lc_files_notice(energon->dataset, err, "split.yaml is not read: %s",
                                 own.message);
    else if (status != LC_OK && own.status == status && err)
        *err = own;
    lc_document_clear(&split);
    return status;
}

static enum lc_status read_energon(struct lc_dataset *dataset, struct lc_error *err)
{
    struct energon energon = {.dataset = dataset, .files = sort_files(dataset)};
    enum lc_status status = energon.files ? LC_OK : lc_fail_memory(err);

    if (status == LC_OK)
        status = read_info(&energon, err);
    if (status == LC_OK && energon.counts)
        status = read_split(&energon, err);
    lc_document_clear(&energon.info);
    free(energon.files);
    return status;
}

/* Read the number of entries of a .tar.idx: eight bytes for each sample, and perhaps for
 * the end. */
static enum lc_status read_offsets(struct lc_rows_file *file, struct lc_error *err)
{
    struct lc_buffer path = {0};
    enum lc_status status = LC_OK;
    struct stat st;

    if (!lc_path_ends(file->path, ".tar"))
        return LC_OK;
    status = lc_buffer_printf(&path, err, "%s.idx", file->path);
    if (status == LC_OK && stat(path.data, &st) == 0 && S_ISREG(st.st_mode))
        file->offsets = (uint64_t)st.st_size / 8 + 1;
    lc_buffer_clear(&path);
    return status;
}

/* Read which members of samples Energon reads. */
static enum lc_status read_fields(struct lc_dataset *dataset, struct lc_error *err)
{
    struct lc_sample_fields *fields = calloc(1, sizeof(*fields));
    char *path = NULL;
    uint64_t hash = 0;
    enum lc_status status;

    if (!fields)
        return lc_fail_memory(err);
    dataset->fields = fields;
    status = lc_path_join(dataset->folder, ".nv-meta/dataset.yaml", &path, err);
    if (status == LC_OK)
        status = lc_sample_fields_read(path, fields, err);
    free(path);
    if (status == LC_OK)
        hash = lc_sample_fields_hash(fields);
    for (size_t i = 0; i < dataset->file_count && status == LC_OK; i++)
        dataset->files[i].fields = hash;
    if (status == LC_OK && fields->unfollowed.size)
        dataset->files[0].unfollowed = fields->unfollowed.data;
    if (status == LC_OK && fields->misfit.size)
        dataset->files[0].misfit = fields->misfit.data;
    return status;
}

enum lc_status lc_shards_count(struct lc_dataset *dataset, struct lc_error *err)
{
    enum lc_status status = dataset->has_shards ? read_energon(dataset, err) : LC_OK;

    if (status == LC_OK && dataset->has_shards)
        status = read_fields(dataset, err);

    for (size_t i = 0; i < dataset->file_count && status == LC_OK; i++)
        status = read_offsets(&dataset->files[i], err);
    return status;
}

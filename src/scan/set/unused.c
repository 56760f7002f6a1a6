#include "scan/set/unused.h"

#include "image/image.h"
#include "store/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A folder that is being walked through. */
struct level {
    size_t found;   /* folders that were found before it */
    size_t example; /* offset in text of the first unused file by its name, of its own */
    uint64_t own;   /* unused files in it */
    uint64_t all;   /* … and in folders of it that are unused as a whole */
    bool used;      /* a file in it or below it is named */
};

struct search {
    const struct lc_paths *paths;
    const atomic_bool *stop;
    struct lc_paths tidied; /* those that are written in another way than the walk does */
    struct lc_unused *out;
    struct level levels[LC_WALK_DEPTH];
    size_t depth;
    size_t hidden; /* a folder whose name begins with a dot is open at this depth */
};

void lc_unused_clear(struct lc_unused *unused)
{
    free(unused->folders);
    lc_buffer_clear(&unused->text);
    *unused = (struct lc_unused){0};
}

/* ---- paths in another form: ./a, a//b, a/./b */

/* The part that begins at an offset, without its slash. */
static struct lc_span part_at(struct lc_span path, size_t at)
{
    const char *slash = memchr(path.text + at, '/', path.size - at);

    return (struct lc_span){path.text + at,
                            (slash ? (size_t)(slash - path.text) : path.size) - at};
}

static bool is_idle(struct lc_span part)
{
    return !part.size || (part.size == 1 && *part.text == '.');
}

static enum lc_status tidy(struct lc_span path, struct lc_buffer *out,
                           struct lc_error *err)
{
    enum lc_status status = LC_OK;

    out->size = 0;
    for (size_t at = 0; at < path.size && status == LC_OK;) {
        struct lc_span part = part_at(path, at);

        at += part.size + 1;
        if (is_idle(part))
            continue;
        if (out->size)
            status = lc_buffer_add(out, "/", 1, err);
        if (status == LC_OK)
            status = lc_buffer_add(out, part.text, part.size, err);
    }
    return status;
}

static bool is_tidy(struct lc_span path)
{
    for (size_t at = 0; at <= path.size;) {
        struct lc_span part = part_at(path, at);

        if (is_idle(part))
            return false;
        at += part.size + 1;
    }
    return true;
}

static enum lc_status add_tidied(struct search *search, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < search->paths->count && status == LC_OK; i++) {
        struct lc_span path = lc_paths_get(search->paths, (uint32_t)i);
        struct lc_hash hash;
        uint32_t number;

        if (is_tidy(path))
            continue;
        status = tidy(path, &text, err);
        if (status != LC_OK)
            break;
        hash = lc_hash_bytes(text.data, text.size);
        status = lc_paths_add(&search->tidied, (struct lc_span){text.data, text.size},
                              &hash, &number, err);
    }
    lc_buffer_clear(&text);
    return status;
}

/* ---- the walk */

static enum lc_status keep_text(struct search *search, struct lc_span text, size_t *at,
                                struct lc_error *err)
{
    struct lc_buffer *all = &search->out->text;
    enum lc_status status = lc_buffer_add(all, text.text, text.size, err);

    *at = all->size - text.size;
    return status == LC_OK ? lc_buffer_add(all, "", 1, err) : status;
}

static enum lc_status see_file(struct search *search, struct lc_span path,
                               struct lc_error *err)
{
    struct level *level = &search->levels[search->depth - 1];
    struct lc_hash hash;

    if (lc_image_content_of_name(path.text) == LC_CONTENT_UNKNOWN)
        return LC_OK;
    hash = lc_hash_bytes(path.text, path.size);
    if (lc_paths_has(search->paths, path, &hash) ||
        lc_paths_has(&search->tidied, path, &hash)) {
        level->used = true;
        return LC_OK;
    }
    level->all++;
    if (level->own++ && strcmp(search->out->text.data + level->example, path.text) <= 0)
        return LC_OK;
    /* the walk is in no order, the example is: names are kept as often as one is smaller,
     * which is some twenty times in a million */
    return keep_text(search, path, &level->example, err);
}

static enum lc_status keep_folder(struct search *search, const struct level *level,
                                  struct lc_span path, bool whole, struct lc_error *err)
{
    struct lc_unused *out = search->out;
    struct lc_unused_folder *folders =
        lc_array_grow(out->folders, out->count, &out->capacity, sizeof(*folders));
    struct lc_unused_folder folder = {
        .example = level->example,
        .count = whole ? level->all : level->own,
        .whole = whole,
    };
    enum lc_status status;

    if (!folders)
        return lc_fail_memory(err);
    out->folders = folders;
    status = keep_text(search, path, &folder.folder, err);
    folders[out->count++] = folder;
    return status;
}

static enum lc_status leave(struct search *search, struct lc_span path,
                            struct lc_error *err)
{
    struct level *level = &search->levels[--search->depth];
    struct level *above = search->depth ? level - 1 : NULL;
    bool whole = above && !level->used && level->all;

    if (above)
        above->used |= level->used;
    if (whole) {
        above->all += level->all;
        if (!level->own) /* an example from below, the first by its path */
            level->example = search->out->folders[level->found].example;
        for (size_t i = level->found; i < search->out->count; i++) {
            const char *text = search->out->text.data;
            size_t other = search->out->folders[i].example;

            if (strcmp(text + other, text + level->example) < 0)
                level->example = other;
        }
        search->out->count = level->found;
        return keep_folder(search, level, path, true, err);
    }
    return level->own ? keep_folder(search, level, path, false, err) : LC_OK;
}

static bool is_hidden(struct lc_span path)
{
    size_t at = path.size;

    while (at && path.text[at - 1] != '/')
        at--;
    return at < path.size && path.text[at] == '.';
}

static enum lc_status see(void *user, enum lc_walk_event event, struct lc_span path,
                          struct lc_error *err)
{
    struct search *search = user;

    if (atomic_load(search->stop))
        return LC_ERR_STOPPED;
    if (event == LC_WALK_ENTER && (search->hidden || is_hidden(path))) {
        search->hidden++;
        return LC_OK;
    }
    if (search->hidden) {
        search->hidden -= event == LC_WALK_LEAVE;
        return LC_OK;
    }
    if (event == LC_WALK_LEAVE)
        return leave(search, path, err);
    if (event == LC_WALK_FILE)
        return is_hidden(path) ? LC_OK : see_file(search, path, err);
    search->levels[search->depth++] = (struct level){.found = search->out->count};
    return LC_OK;
}

static int by_path(const void *a, const void *b, void *text)
{
    const struct lc_unused_folder *x = a, *y = b;
    const char *bytes = text;

    return strcmp(bytes + x->folder, bytes + y->folder);
}

enum lc_status lc_unused_find(const char *root, const struct lc_paths *paths,
                              const atomic_bool *stop, struct lc_unused *out,
                              struct lc_error *err)
{
    struct search *search;
    struct lc_folder *folder = NULL;
    struct lc_error why = {0};
    enum lc_status status = lc_folder_open(root, &folder, &why);

    if (status != LC_OK && (why.os_errno == ENOENT || why.os_errno == EACCES))
        return LC_OK; /* it is gone: its images are told as missing */
    if (status != LC_OK)
        return lc_fail(err, status, why.os_errno, "%s", why.message);
    search = calloc(1, sizeof(*search));
    if (!search) {
        lc_folder_close(folder);
        return lc_fail_memory(err);
    }
    search->paths = paths;
    search->stop = stop;
    search->out = out;
    status = add_tidied(search, err);
    if (status == LC_OK)
        status = lc_folder_walk(folder, see, search, err);
    if (out->count)
        qsort_r(out->folders, out->count, sizeof(*out->folders), by_path, out->text.data);
    lc_paths_clear(&search->tidied);
    free(search);
    lc_folder_close(folder);
    return status;
}

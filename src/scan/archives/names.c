/* Finds images by their paths, and by the last component of their paths.
 *
 * Both use a hash table with chains of image numbers: heads by hash, and for each image
 * the next one of the same slot. Nearly all paths are already in normal form; others are
 * copied.
 *
 * The layout of an archive is found by a vote. The paths of a member and an image are
 * compared from the last component backwards. If one path ends while all is equal, the
 * rest of the other is what has to be removed or added. */
#include "scan/archives/names.h"

#include "archive/archive.h"
#include "store/folder.h"

#include <stdlib.h>
#include <string.h>

#define MOST_LIKE 64    /* images with the same last part that a vote looks at */
#define MOST_LAYOUTS 64 /* different layouts in the votes for an archive */

/* A hash table of images. */
struct chains {
    uint32_t *heads; /* 1 + image; 0: none */
    uint32_t *next;
    size_t mask;
};

struct lc_names {
    const struct lc_links *links;
    struct chains paths, lasts;
    uint32_t *copies; /* by image: 1 + offset in text of its normal form, if it differs;
                       * NULL: no image has one */
    struct lc_buffer text;
};

struct lc_member_vote {
    size_t text; /* offset of the folders to remove or add */
    size_t size;
    bool adds;
    size_t count;
};

/* ---- look-ups ---- */

static struct lc_span path_of(const struct lc_names *names, uint32_t image)
{
    const char *copy;

    if (!names->copies || !names->copies[image])
        return lc_links_path(names->links, image);
    copy = names->text.data + names->copies[image] - 1;
    return (struct lc_span){copy, strlen(copy)};
}

static struct lc_span last_of(struct lc_span path)
{
    const char *slash = memrchr(path.text, '/', path.size);
    size_t at = slash ? (size_t)(slash - path.text) + 1 : 0;

    return (struct lc_span){path.text + at, path.size - at};
}

static uint64_t hash_of(struct lc_span text)
{
    return lc_hash_quick(text.text, text.size);
}

static enum lc_status chains_new(struct chains *chains, size_t images,
                                 struct lc_error *err)
{
    size_t slots = 16;

    while (slots < 2 * images)
        slots *= 2;
    chains->mask = slots - 1;
    chains->heads = calloc(slots, sizeof(*chains->heads));
    chains->next = calloc(images + 1, sizeof(*chains->next));
    return chains->heads && chains->next ? LC_OK : lc_fail_memory(err);
}

/* Add an image. Images are added from the last to the first, so that chains are in
 * ascending order. */
static void chains_add(struct chains *chains, struct lc_span text, uint32_t image)
{
    uint32_t *head = &chains->heads[hash_of(text) & chains->mask];

    chains->next[image] = *head;
    *head = image + 1;
}

/* Store the normal form of an image's path if it differs. */
static enum lc_status keep_normal(struct lc_names *names, uint32_t image,
                                  struct lc_buffer *scratch, struct lc_error *err)
{
    struct lc_span path = lc_links_path(names->links, image);
    size_t size = 0;
    enum lc_status status;

    scratch->size = 0;
    status = lc_buffer_reserve(scratch, path.size + 1, err);
    if (status != LC_OK || lc_member_path(path, scratch->data, &size) != LC_PATH_GOOD ||
        size == path.size)
        return status;
    if (!names->copies)
        names->copies = calloc(lc_links_images(names->links), sizeof(*names->copies));
    if (!names->copies)
        return lc_fail_memory(err);
    if (names->text.size > UINT32_MAX - path.size - 2)
        return LC_OK; /* 4 GiB of such paths: no members are found for the rest */
    names->copies[image] = (uint32_t)names->text.size + 1;
    return lc_buffer_add(&names->text, scratch->data, size + 1, err);
}

enum lc_status lc_names_new(const struct lc_links *links, bool are_members,
                            struct lc_names **out, struct lc_error *err)
{
    size_t count = lc_links_images(links);
    struct lc_names *names = calloc(1, sizeof(*names));
    struct lc_buffer scratch = {0};
    enum lc_status status;

    if (!names)
        return lc_fail_memory(err);
    names->links = links;
    status = chains_new(&names->paths, count, err);
    if (status == LC_OK)
        status = chains_new(&names->lasts, count, err);
    for (size_t i = count; i-- > 0 && status == LC_OK;) {
        if (!are_members && lc_path_outside(lc_links_path(links, (uint32_t)i)))
            continue; /* no member is unpacked to this path */
        status = keep_normal(names, (uint32_t)i, &scratch, err);
        if (status == LC_OK) {
            struct lc_span path = path_of(names, (uint32_t)i);

            chains_add(&names->paths, path, (uint32_t)i);
            chains_add(&names->lasts, last_of(path), (uint32_t)i);
        }
    }
    lc_buffer_clear(&scratch);
    if (status == LC_OK)
        *out = names;
    else
        lc_names_free(names);
    return status;
}

void lc_names_free(struct lc_names *names)
{
    if (!names)
        return;
    free(names->paths.heads);
    free(names->paths.next);
    free(names->lasts.heads);
    free(names->lasts.next);
    free(names->copies);
    lc_buffer_clear(&names->text);
    free(names);
}

/* The first image with a path, starting at a position of a chain. */
static uint32_t find_from(const struct lc_names *names, uint32_t at, struct lc_span path)
{
    while (at && !lc_span_equal(path_of(names, at - 1), path))
        at = names->paths.next[at - 1];
    return at ? at - 1 : LC_NO_IMAGE;
}

uint32_t lc_names_first(const struct lc_names *names, struct lc_span path)
{
    return find_from(names, names->paths.heads[hash_of(path) & names->paths.mask], path);
}

uint32_t lc_names_next(const struct lc_names *names, uint32_t image)
{
    return find_from(names, names->paths.next[image], path_of(names, image));
}

/* ---- layouts ---- */

static enum lc_status add_vote(struct lc_member_votes *votes, struct lc_span text,
                               bool adds, struct lc_error *err)
{
    struct lc_member_vote *items;
    enum lc_status status;

    for (size_t i = 0; i < votes->count; i++) {
        struct lc_member_vote *vote = &votes->items[i];

        if (vote->adds == adds &&
            lc_span_equal(text,
                          (struct lc_span){votes->text.data + vote->text, vote->size})) {
            vote->count++;
            return LC_OK;
        }
    }
    if (votes->count == MOST_LAYOUTS)
        return LC_OK;
    items = lc_array_grow(votes->items, votes->count, &votes->capacity, sizeof(*items));
    if (!items)
        return lc_fail_memory(err);
    votes->items = items;
    items[votes->count] = (struct lc_member_vote){votes->text.size, text.size, adds, 1};
    status = lc_buffer_add(&votes->text, text.text, text.size, err);
    votes->count += status == LC_OK;
    return status;
}

/* Whether a path ends with another one, from the start of a component. */
static bool ends_with(struct lc_span path, struct lc_span end)
{
    size_t before = path.size - end.size;

    return path.size >= end.size && memcmp(path.text + before, end.text, end.size) == 0 &&
           (!before || path.text[before - 1] == '/');
}

enum lc_status lc_member_layout_vote(const struct lc_names *names, struct lc_span path,
                                     struct lc_member_votes *votes, struct lc_error *err)
{
    struct lc_span last = last_of(path);
    uint32_t at = names->lasts.heads[hash_of(last) & names->lasts.mask];
    enum lc_status status = LC_OK;

    for (int seen = 0; at && seen < MOST_LIKE && status == LC_OK; seen++) {
        struct lc_span image = path_of(names, at - 1);

        at = names->lasts.next[at - 1];
        if (ends_with(path, image))
            status = add_vote(votes, (struct lc_span){path.text, path.size - image.size},
                              false, err);
        else if (ends_with(image, path))
            status = add_vote(votes, (struct lc_span){image.text, image.size - path.size},
                              true, err);
    }
    return status;
}

/* Whether a text names a folder with this name, perhaps below others: "a/stem/". */
static bool is_named(struct lc_span text, struct lc_span stem)
{
    struct lc_span folder = {text.text, text.size ? text.size - 1 : 0};

    return stem.size && ends_with(folder, stem);
}

/* Whether a layout is better than another one. */
static bool is_better(const struct lc_member_votes *votes, struct lc_span stem,
                      const struct lc_member_vote *a, const struct lc_member_vote *b)
{
    struct lc_span of_a = {votes->text.data + a->text, a->size};
    struct lc_span of_b = {votes->text.data + b->text, b->size};
    bool a_named = a->adds && is_named(of_a, stem);
    bool b_named = b->adds && is_named(of_b, stem);

    if (a->count != b->count)
        return a->count > b->count;
    if (!a->size != !b->size)
        return !a->size;
    if (a_named != b_named)
        return a_named;
    return a->size != b->size ? a->size < b->size : lc_span_compare(of_a, of_b) < 0;
}

enum lc_status lc_member_layout_choose(const struct lc_member_votes *votes,
                                       struct lc_span stem, struct lc_member_layout *out,
                                       size_t *count, struct lc_error *err)
{
    const struct lc_member_vote *best = NULL;

    for (size_t i = 0; i < votes->count; i++)
        if (!best || is_better(votes, stem, &votes->items[i], best))
            best = &votes->items[i];
    out->removed.size = out->added.size = 0;
    *count = best ? best->count : 0;
    return best ? lc_buffer_add(best->adds ? &out->added : &out->removed,
                                votes->text.data + best->text, best->size, err)
                : LC_OK;
}

void lc_member_votes_clear(struct lc_member_votes *votes)
{
    free(votes->items);
    lc_buffer_clear(&votes->text);
    *votes = (struct lc_member_votes){0};
}

void lc_member_layout_clear(struct lc_member_layout *layout)
{
    lc_buffer_clear(&layout->removed);
    lc_buffer_clear(&layout->added);
}

enum lc_status lc_resolve_link(struct lc_span path, struct lc_span link,
                               struct lc_buffer *out, struct lc_error *err)
{
    size_t folder = path.size - last_of(path).size, from = out->size;
    enum lc_status status = lc_buffer_add(out, path.text, folder ? folder - 1 : 0, err);

    for (size_t at = 0; at < link.size && status == LC_OK;) {
        const char *slash = memchr(link.text + at, '/', link.size - at);
        size_t end = slash ? (size_t)(slash - link.text) : link.size;
        struct lc_span part = {link.text + at, end - at};

        at = end + 1;
        if (lc_span_is(part, ".") || (!part.size && end))
            continue;
        if (!part.size || (lc_span_is(part, "..") && out->size == from)) {
            out->size = from; /* absolute, or above the archive's root */
            return LC_OK;
        }
        if (lc_span_is(part, "..")) {
            while (out->size > from && out->data[out->size - 1] != '/')
                out->size--;
            out->size -= out->size > from;
            continue;
        }
        if (out->size > from)
            status = lc_buffer_add(out, "/", 1, err);
        if (status == LC_OK)
            status = lc_buffer_add(out, part.text, part.size, err);
    }
    return status;
}

enum lc_status lc_member_layout_apply(const struct lc_member_layout *layout,
                                      struct lc_span path, struct lc_buffer *out,
                                      bool *fits, struct lc_error *err)
{
    const struct lc_buffer *removed = &layout->removed;
    enum lc_status status;

    *fits = path.size > removed->size &&
            (!removed->size || memcmp(path.text, removed->data, removed->size) == 0);
    if (!*fits)
        return LC_OK;
    status = lc_buffer_add(out, layout->added.data, layout->added.size, err);
    return status == LC_OK ? lc_buffer_add(out, path.text + removed->size,
                                           path.size - removed->size, err)
                           : status;
}

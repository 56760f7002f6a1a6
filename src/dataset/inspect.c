#include "dataset/inspect.h"

#include "base/map.h"
#include "base/path.h"

#include <string.h>

#define MAX_KEYS_BYTES ((size_t)4 << 20)

bool lc_inspect_is_rows_name(const char *name)
{
    return name[0] != '.' &&
           (lc_path_ends(name, ".json") || lc_path_ends(name, ".jsonl"));
}

/* Whether a text is blank, or an empty array. */
static bool is_empty(const struct lc_map *map)
{
    static const char space[] = " \t\r\n";
    char text[3] = "";
    size_t size = 0;

    for (size_t i = 0; i < map->size; i++) {
        if (map->data[i] && strchr(space, map->data[i]))
            continue;
        if (size == 2)
            return false;
        text[size++] = map->data[i];
    }
    return !size || strcmp(text, "[]") == 0;
}

/* Whether an object that is not valid JSON has the keys of rows: settings files often
 * have comments and trailing commas. */
static bool has_keys_of_rows(const struct lc_map *map)
{
    static const char *const keys[] = {"\"conversations\"", "\"messages\"",
                                       "\"image\"",         "\"images\"",
                                       "\"video\"",         "\"instruction\""};
    size_t size = map->size < MAX_KEYS_BYTES ? map->size : MAX_KEYS_BYTES;
    const char *first = map->data;

    while (first < map->data + size && *first && strchr(" \t\r\n", *first))
        first++;
    if (first == map->data + size || (*first != '{' && *first != '/'))
        return true;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (memmem(map->data, size, keys[i], strlen(keys[i])))
            return true;
    return false;
}

/* Whether a file's name is one that belongs to the weights of a model: such files are
 * often git-LFS pointers. */
static bool is_of_model(const char *path)
{
    return lc_path_ends(path, ".index.json") || lc_path_ends(path, "/tokenizer.json") ||
           lc_path_ends(path, "/vocab.json");
}

/* Find out what a file is that cannot be read as rows. */
static enum lc_status inspect_broken(const char *path, enum lc_inspected *kind,
                                     struct lc_error *err)
{
    struct lc_map map = {0};
    enum lc_status status = lc_map_open(path, &map, err);

    if (status != LC_OK)
        return status;
    if (is_empty(&map))
        *kind = LC_INSPECTED_EMPTY;
    else if (is_of_model(path) ||
             (!lc_path_ends(path, ".jsonl") && !has_keys_of_rows(&map)))
        *kind = LC_INSPECTED_OTHER;
    else
        *kind = LC_INSPECTED_BROKEN;
    lc_map_close(&map);
    return LC_OK;
}

enum lc_status lc_inspect_file(const char *path, const struct lc_dialect *wanted,
                               enum lc_inspected *kind, struct lc_peek *peek,
                               struct lc_samples *samples, struct lc_error *err)
{
    struct lc_peek own = {0};
    enum lc_status status;

    peek = peek ? peek : &own;
    status = lc_peek_rows(path, lc_path_ends(path, ".jsonl"), wanted, peek, samples, err);
    *kind = peek->kind == LC_PEEK_ROWS ? LC_INSPECTED_ROWS : LC_INSPECTED_OTHER;
    if (status == LC_OK && peek->kind == LC_PEEK_BROKEN)
        status = inspect_broken(path, kind, err);
    return status;
}

enum lc_status lc_inspect_may_be_registry(const char *path, bool *out,
                                          struct lc_error *err)
{
    struct lc_samples samples = {0};
    enum lc_inspected kind = LC_INSPECTED_ROWS;
    struct lc_map map = {0};
    size_t at = 0;
    enum lc_status status;

    *out = false;
    if (!lc_path_ends(path, ".json"))
        return LC_OK;
    status = lc_map_open(path, &map, err);
    if (status != LC_OK)
        return status;
    while (at < map.size && map.data[at] && strchr(" \t\r\n", map.data[at]))
        at++;
    *out = at < map.size && map.data[at] == '{';
    lc_map_close(&map);
    if (*out)
        return LC_OK;
    status = lc_inspect_file(path, NULL, &kind, NULL, &samples, err);
    *out = kind == LC_INSPECTED_OTHER;
    lc_samples_clear(&samples);
    return status;
}

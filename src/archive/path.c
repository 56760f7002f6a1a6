/* path.c - converts the name of a member to a path */
#include "archive/archive.h"

#include <string.h>

/* Limits of Linux file systems: NAME_MAX, and PATH_MAX without its NUL. */
#define PART_MAX 255
#define WHOLE_MAX 4095

/* The size of the first component of a path. */
static size_t part_size(struct lc_span text)
{
    const char *slash = memchr(text.text, '/', text.size);

    return slash ? (size_t)(slash - text.text) : text.size;
}

enum lc_path_fault lc_member_path(struct lc_span name, char *out, size_t *size)
{
    struct lc_span rest = name;
    size_t used = 0;

    *size = 0;
    out[0] = '\0';
    if (name.size && memchr(name.text, 0, name.size))
        return LC_PATH_NUL;
    while (rest.size) {
        size_t part = part_size(rest);

        if (part == 2 && memcmp(rest.text, "..", 2) == 0)
            return LC_PATH_PARENT;
        if (part > PART_MAX)
            return LC_PATH_LONG;
        if (part && !(part == 1 && rest.text[0] == '.')) {
            if (used)
                out[used++] = '/';
            memcpy(out + used, rest.text, part);
            used += part;
        }
        part += part < rest.size; /* the slash */
        rest.text += part;
        rest.size -= part;
    }
    out[used] = '\0';
    *size = used;
    if (!used)
        return LC_PATH_EMPTY;
    if (used > WHOLE_MAX)
        return LC_PATH_LONG;
    return name.text[0] == '/' ? LC_PATH_ABSOLUTE : LC_PATH_GOOD;
}

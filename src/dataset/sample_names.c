#include "dataset/sample_names.h"

#include <string.h>

bool lc_sample_is_metadata(struct lc_span name)
{
    const char *slash = memchr(name.text, '/', name.size);
    size_t size = slash ? (size_t)(slash - name.text) : name.size;

    return size >= 4 && memcmp(name.text, "__", 2) == 0 &&
           memcmp(name.text + size - 2, "__", 2) == 0;
}

/* Whether a folder after the first line feed has a dot. webdataset's regular expression
 * matches folders with dots by a wildcard, which matches no line feed.
 *
 * @param from  offset after the last slash */
static bool has_dot_after_line_feed(struct lc_span name, size_t from)
{
    const char *feed = memchr(name.text, '\n', from), *slash;
    size_t begin;

    if (!feed)
        return false;
    slash = memrchr(name.text, '/', (size_t)(feed - name.text));
    begin = slash ? (size_t)(slash - name.text) + 1 : 0;
    return memchr(name.text + begin, '.', from - begin);
}

bool lc_shard_split(struct lc_span name, struct lc_span *key, struct lc_span *suffix)
{
    const char *slash = memrchr(name.text, '/', name.size);
    size_t from = slash ? (size_t)(slash - name.text) + 1 : 0;
    const char *dot = memchr(name.text + from, '.', name.size - from);
    size_t end = dot ? (size_t)(dot - name.text) : name.size;

    if (!dot || !end || lc_sample_is_metadata(name) ||
        has_dot_after_line_feed(name, from))
        return false;
    /* a key may end with the slash of its folder if the folder's name has no dot */
    if (end == from) {
        const char *before = memrchr(name.text, '/', from - 1);
        size_t begin = before ? (size_t)(before - name.text) + 1 : 0;

        if (memchr(name.text + begin, '.', from - begin))
            return false;
    }
    *key = (struct lc_span){name.text, end};
    *suffix = (struct lc_span){name.text + end + 1, name.size - end - 1};
    return true;
}

struct lc_span lc_sample_last_suffix(struct lc_span suffix)
{
    const char *dot = memrchr(suffix.text, '.', suffix.size);
    size_t from = dot ? (size_t)(dot - suffix.text) + 1 : 0;

    return (struct lc_span){suffix.text + from, suffix.size - from};
}

enum lc_sample_part lc_shard_part(struct lc_span suffix)
{
    static const struct {
        const char *name;
        enum lc_sample_part part;
    } known[] = {
        {"jpg", LC_SHARD_IMAGE},    {"jpeg", LC_SHARD_IMAGE}, {"png", LC_SHARD_IMAGE},
        {"webp", LC_SHARD_IMAGE},   {"gif", LC_SHARD_IMAGE},  {"bmp", LC_SHARD_IMAGE},
        {"tif", LC_SHARD_IMAGE},    {"tiff", LC_SHARD_IMAGE}, {"ppm", LC_SHARD_IMAGE},
        {"pgm", LC_SHARD_IMAGE},    {"pbm", LC_SHARD_IMAGE},  {"pnm", LC_SHARD_IMAGE},
        {"json", LC_SHARD_ROW},     {"jsn", LC_SHARD_ROW},    {"txt", LC_SHARD_CAPTION},
        {"text", LC_SHARD_CAPTION},
    };
    struct lc_span last = lc_sample_last_suffix(suffix);

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strlen(known[i].name) == last.size &&
            strncasecmp(known[i].name, last.text, last.size) == 0)
            return known[i].part;
    return LC_SHARD_OTHER;
}

bool lc_shard_is_image(const struct lc_member *member)
{
    struct lc_span key, suffix;

    return (member->type == LC_MEMBER_FILE || member->type == LC_MEMBER_SPARSE) &&
           lc_shard_split(member->name, &key, &suffix) &&
           lc_shard_part(suffix) == LC_SHARD_IMAGE;
}

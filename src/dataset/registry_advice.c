/* Suggests an entry for LLaMA-Factory's registry if the existing one does not describe
 * its rows: their dialect differs from the entry's formatting, or a column of images is
 * not mapped. With such an entry, the program fails, or trains rows without their images.
 *
 * This is decided by the first rows, which are read once as the entry describes them, and
 * once with the dialect that fits them best. */
#include "dataset/registry_advice.h"

#include "base/path.h"
#include "dataset/files.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *key; /* key in columns */
    enum lc_column column;
} columns[] = {
    {"messages", LC_COLUMN_TURNS},  {"prompt", LC_COLUMN_PROMPT},
    {"query", LC_COLUMN_QUERY},     {"response", LC_COLUMN_RESPONSE},
    {"history", LC_COLUMN_HISTORY}, {"system", LC_COLUMN_SYSTEM},
    {"tools", LC_COLUMN_TOOLS},     {"images", LC_COLUMN_IMAGES},
    {"videos", LC_COLUMN_VIDEOS},   {"audios", LC_COLUMN_AUDIOS},
    {"chosen", LC_COLUMN_CHOSEN},   {"rejected", LC_COLUMN_REJECTED},
    {"kto_tag", LC_COLUMN_LABEL},
};

static const struct {
    const char *key; /* key in tags */
    enum lc_role role;
    const char *standard;
} tags[] = {
    {"user_tag", LC_ROLE_HUMAN, "human"},
    {"assistant_tag", LC_ROLE_GPT, "gpt"},
    {"observation_tag", LC_ROLE_RESULT, "observation"},
    {"function_tag", LC_ROLE_CALL, "function_call"},
    {"system_tag", LC_ROLE_SYSTEM, "system"},
};

/* Add "key": name; name includes its quotes. */
static enum lc_status add_member(struct lc_buffer *out, const char *key,
                                 struct lc_span name, struct lc_error *err)
{
    bool is_first = out->data[out->size - 1] == '{';

    return lc_buffer_printf(out, err, "%s\"%s\": %.*s", is_first ? "" : ", ", key,
                            (int)name.size, name.text);
}

/* Whether turns have other keys or names of roles than those of an entry without tags. */
static bool needs_tags(const struct lc_peek *peek)
{
    if (!lc_span_is(lc_unquoted(peek->dialect->role_key), "from") ||
        !lc_span_is(lc_unquoted(peek->dialect->text_key), "value"))
        return true;
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
        if (peek->names[tags[i].role].size &&
            !lc_span_is(lc_unquoted(peek->names[tags[i].role]), tags[i].standard))
            return true;
    return false;
}

/* Add the tags. They replace all standard names, so every name that is used must be
 * listed. */
static enum lc_status add_tags(struct lc_buffer *out, const struct lc_peek *peek,
                               struct lc_error *err)
{
    enum lc_status status = lc_buffer_printf(out, err, ", \"tags\": {");

    if (status == LC_OK)
        status = add_member(out, "role_tag", peek->dialect->role_key, err);
    if (status == LC_OK)
        status = add_member(out, "content_tag", peek->dialect->text_key, err);
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]) && status == LC_OK; i++)
        if (peek->names[tags[i].role].size)
            status = add_member(out, tags[i].key, peek->names[tags[i].role], err);
    return status == LC_OK ? lc_buffer_printf(out, err, "}") : status;
}

/* Write the entry for rows, except for its file_name. */
static enum lc_status write_entry(struct lc_buffer *out, const struct lc_peek *peek,
                                  struct lc_error *err)
{
    bool has_turns = peek->dialect->layout == LC_LAYOUT_TURNS;
    enum lc_status status =
        lc_buffer_printf(out, err, "\"formatting\": \"%s\", %s\"columns\": {",
                         has_turns ? "sharegpt" : "alpaca",
                         peek->ranks[LC_COLUMN_CHOSEN] && peek->ranks[LC_COLUMN_REJECTED]
                             ? "\"ranking\": true, "
                             : "");

    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]) && status == LC_OK; i++)
        if (peek->ranks[columns[i].column])
            status = add_member(
                out, columns[i].key,
                peek->dialect
                    ->columns[columns[i].column][peek->ranks[columns[i].column] - 1],
                err);
    if (status == LC_OK)
        status = lc_buffer_printf(out, err, "}");
    return status == LC_OK && has_turns && needs_tags(peek) ? add_tags(out, peek, err)
                                                            : status;
}

/* Whether most of the first rows do not fit the dialect with which they were read. */
static bool misfits(const struct lc_peek *peek)
{
    return peek->read && peek->misfits * 2 > peek->read;
}

/* Whether LLaMA-Factory can read rows of a dialect if an entry describes them: they have
 * no parts, no paths in texts, and no pairs. */
static bool is_readable(const struct lc_peek *peek)
{
    static const char *const names[] = {"llava",      "sharegpt", "messages",
                                        "role-value", "alpaca",   "query"};

    if (peek->kind != LC_PEEK_ROWS || misfits(peek) || peek->has_parts)
        return false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(peek->dialect->name, names[i]) == 0)
            return true;
    return false;
}

enum lc_status lc_registry_advise(struct lc_dataset *dataset, const char *registry,
                                  const char *name, size_t line, const char *path,
                                  const struct lc_dialect *dialect, struct lc_error *err)
{
    bool lines = lc_path_ends(path, ".jsonl");
    struct lc_samples samples = {0};
    struct lc_buffer entry = {0};
    struct lc_peek peek;
    enum lc_status status = lc_peek_rows(path, lines, dialect, &peek, &samples, err);

    if (status != LC_OK || !misfits(&peek))
        goto out;
    status = lc_peek_rows(path, lines, NULL, &peek, &samples, err);
    if (status != LC_OK || !is_readable(&peek))
        goto out;
    status = write_entry(&entry, &peek, err);
    if (status == LC_OK)
        status = lc_files_notice(dataset, err,
                                 "%s: line %zu: entry %.100s does not describe its rows. "
                                 "This would: %s",
                                 registry, line, name, entry.data);
out:
    lc_buffer_clear(&entry);
    lc_samples_clear(&samples);
    return status;
}

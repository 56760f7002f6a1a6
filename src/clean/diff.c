/* Shows the changes as a unified diff
 *
 * The writer noted which bytes it replaced. These edits are trimmed to the bytes that
 * differ, and extended to whole lines. A diff that is printed on a terminal must not
 * control it, and nobody reads a line of a megabyte: so text from files gets visible
 * escapes, and long lines are shown only in part. If neither was necessary, patch and git
 * apply accept the diff. */
#include "clean/state.h"

#include "base/map.h"
#include "base/printable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT 3                   /* lines around a change */
#define LONG_LINE ((size_t)1 << 14) /* a shorter line is shown as a whole */
#define AROUND ((size_t)80)         /* bytes shown around a change in a longer line */
#define MOST_CELLS 250000           /* size limit of the table for comparing lines */

/* A text and how far it has been printed. */
struct side {
    struct lc_map map;
    size_t at;
    uint64_t line; /* line number of that place, from 0 */
};

/* Lines that differ: a range of each text. */
struct region {
    size_t from[2], to[2];
};

struct diff {
    struct side sides[2]; /* the rows file, the result */
    FILE *to;
    bool color;
    struct lc_buffer body; /* of a hunk */
    uint64_t first[2], lines[2];
    size_t released[2]; /* offsets before which memory was released */
    bool parts; /* lines are too long: show only the differences, with a little context */
};

static struct lc_span line_at(const struct lc_map *map, size_t at, size_t end)
{
    const char *newline = at < end ? memchr(map->data + at, '\n', end - at) : NULL;
    size_t size = newline ? (size_t)(newline - map->data) + 1 - at : end - at;

    return (struct lc_span){map->data + at, size};
}

/* ---- lines ---- */

/* The part of a line to show. */
static struct lc_span cut_line(struct lc_span line)
{
    size_t size = line.size;

    if (size <= LONG_LINE)
        return line;
    size = LONG_LINE;
    while (size > 0 && ((unsigned char)line.text[size] & 0xC0) == 0x80)
        size--;
    return (struct lc_span){line.text, size};
}

/* Append text with visible escapes, except for tabs. */
static enum lc_status add_text(struct lc_buffer *out, struct lc_span text,
                               struct lc_error *err)
{
    enum lc_status status = LC_OK;

    while (text.size && status == LC_OK) {
        const char *tab = memchr(text.text, '\t', text.size);
        size_t size = tab ? (size_t)(tab - text.text) : text.size;

        status = lc_printable_add(out, (struct lc_span){text.text, size},
                                  LC_UNPRINTABLE_COMMAND, err);
        if (status == LC_OK && tab)
            status = lc_buffer_add(out, "\t", 1, err);
        text.text += size + (tab != NULL);
        text.size -= size + (tab != NULL);
    }
    return status;
}

/* Append a line to the hunk: of the rows file (-), the result (+), or both ( ). */
static enum lc_status add_line(struct diff *diff, char mark, struct lc_span line,
                               struct lc_error *err)
{
    const char *color = mark == '-' ? "\033[31m" : "\033[32m";
    bool is_colored = diff->color && mark != ' ';
    bool has_end = line.size && line.text[line.size - 1] == '\n';
    /* patch needs the original line ends; on a terminal they would be invisible */
    bool has_return = has_end && line.size > 1 && line.text[line.size - 2] == '\r' &&
                      !diff->color && !diff->parts;
    struct lc_span bare = {line.text, line.size - has_end - has_return};
    struct lc_span shown = cut_line(bare);
    enum lc_status status =
        lc_buffer_printf(&diff->body, err, "%s%c%s", is_colored ? color : "", mark,
                         diff->parts ? "…" : "");

    diff->lines[0] += mark != '+';
    diff->lines[1] += mark != '-';
    if (status == LC_OK)
        status = add_text(&diff->body, shown, err);
    if (status == LC_OK)
        status = lc_buffer_printf(
            &diff->body, err, "%s%s%s\n%s",
            diff->parts || shown.size < bare.size ? "…" : "", is_colored ? "\033[0m" : "",
            has_return ? "\r" : "",
            has_end || diff->parts ? "" : "\\ No newline at end of file\n");
    return status;
}

static enum lc_status add_lines(struct diff *diff, char mark, int side, size_t from,
                                size_t to, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    while (from < to && status == LC_OK) {
        struct lc_span line = line_at(&diff->sides[side].map, from, to);

        status = add_line(diff, mark, line, err);
        from += line.size;
    }
    return status;
}

/* ---- a region ---- */

/* The lines of a range; NULL when out of memory. */
static struct lc_span *list_lines(const struct lc_map *map, size_t from, size_t to,
                                  size_t *count)
{
    struct lc_span *lines = NULL;
    size_t capacity = 0;

    for (*count = 0; from < to; ++*count) {
        struct lc_span *more = lc_array_grow(lines, *count, &capacity, sizeof(*more));

        if (!more) {
            free(lines);
            return NULL;
        }
        lines = more;
        lines[*count] = line_at(map, from, to);
        from += lines[*count].size;
    }
    return lines;
}

/* Print both lists of lines, with common lines only once. table[x][y] is the length of
 * the longest common subsequence of a[x…] and b[y…]; walking the table from the start
 * yields one. Cost: n * m time and memory; the caller limits this to MOST_CELLS. */
static enum lc_status add_common(struct diff *diff, const struct lc_span *a, size_t n,
                                 const struct lc_span *b, size_t m, struct lc_error *err)
{
    uint16_t *table = calloc((n + 1) * (m + 1), sizeof(*table));
    size_t i = 0, k = 0, width = m + 1;
    enum lc_status status = LC_OK;

    if (!table)
        return lc_fail_memory(err);
    for (size_t x = n; x-- > 0;)
        for (size_t y = m; y-- > 0;) {
            uint16_t down = table[(x + 1) * width + y], right = table[x * width + y + 1];

            table[x * width + y] = lc_span_equal(a[x], b[y])
                                       ? (uint16_t)(table[(x + 1) * width + y + 1] + 1)
                                   : down > right ? down
                                                  : right;
        }
    while (status == LC_OK && (i < n || k < m)) {
        if (i < n && k < m && lc_span_equal(a[i], b[k])) {
            status = add_line(diff, ' ', a[i++], err);
            k++;
        } else if (k >= m ||
                   (i < n && table[(i + 1) * width + k] >= table[i * width + k + 1])) {
            status = add_line(diff, '-', a[i++], err);
        } else {
            status = add_line(diff, '+', b[k++], err);
        }
    }
    free(table);
    return status;
}

static enum lc_status add_region(struct diff *diff, const struct region *region,
                                 struct lc_error *err)
{
    size_t n = 0, m = 0;
    struct lc_span *a =
        list_lines(&diff->sides[0].map, region->from[0], region->to[0], &n);
    struct lc_span *b =
        list_lines(&diff->sides[1].map, region->from[1], region->to[1], &m);
    enum lc_status status = LC_OK;

    if ((n && !a) || (m && !b))
        status = lc_fail_memory(err);
    else if (n && m && n < 60000 && m < 60000 && n * m <= MOST_CELLS)
        status = add_common(diff, a, n, b, m, err);
    else {
        status = add_lines(diff, '-', 0, region->from[0], region->to[0], err);
        if (status == LC_OK)
            status = add_lines(diff, '+', 1, region->from[1], region->to[1], err);
    }
    free(a);
    free(b);
    return status;
}

/* ---- hunks ---- */

static void advance(struct side *side, size_t to)
{
    while (side->at < to) {
        struct lc_span line = line_at(&side->map, side->at, to);

        side->line += line.text[line.size - 1] == '\n';
        side->at += line.size;
    }
}

/* The start of the line that is CONTEXT lines before a place, but not less than an
 * offset. */
static size_t go_back(const struct lc_map *map, size_t at, size_t least)
{
    for (int i = 0; i < CONTEXT && at > least; i++) {
        at--;
        while (at > least && map->data[at - 1] != '\n')
            at--;
    }
    return at;
}

static size_t go_on(const struct lc_map *map, size_t at, int lines)
{
    while (lines-- > 0 && at < map->size)
        at += line_at(map, at, map->size).size;
    return at;
}

static void print_range(FILE *to, char mark, uint64_t first, uint64_t lines)
{
    fprintf(to, " %c%llu", mark, (unsigned long long)(first + (lines > 0)));
    if (lines != 1)
        fprintf(to, ",%llu", (unsigned long long)lines);
}

static void print_hunk(struct diff *diff)
{
    if (!diff->body.size)
        return;
    fputs(diff->color ? "\033[36m@@" : "@@", diff->to);
    print_range(diff->to, '-', diff->first[0], diff->lines[0]);
    print_range(diff->to, '+', diff->first[1], diff->lines[1]);
    fputs(diff->color ? " @@\033[0m" : " @@", diff->to);
    fputs(diff->parts ? " part of a line\n" : "\n", diff->to);
    fwrite(diff->body.data, 1, diff->body.size, diff->to);
    diff->body.size = 0;
    diff->lines[0] = diff->lines[1] = 0;
}

/* Add a region to the open hunk, or begin a new hunk. */
static enum lc_status add_to_hunk(struct diff *diff, const struct region *region,
                                  struct lc_error *err)
{
    struct side *source = &diff->sides[0];
    bool is_open = diff->body.size > 0;
    size_t gap_end = is_open ? go_on(&source->map, source->at, 2 * CONTEXT) : 0;
    size_t from = region->from[0], shared;
    enum lc_status status = LC_OK;

    if (is_open && from > gap_end) {
        status = add_lines(diff, ' ', 0, source->at,
                           go_on(&source->map, source->at, CONTEXT), err);
        print_hunk(diff);
        is_open = false;
    }
    if (!is_open)
        from = go_back(&source->map, from, source->at);
    else
        from = source->at;
    shared = region->from[0] - from;
    advance(&diff->sides[0], from);
    advance(&diff->sides[1], region->from[1] - shared);
    for (int i = 0; i < 2 && !is_open; i++)
        diff->first[i] = diff->sides[i].line;
    if (status == LC_OK)
        status = add_lines(diff, ' ', 0, from, region->from[0], err);
    if (status == LC_OK)
        status = add_region(diff, region, err);
    for (int i = 0; i < 2; i++)
        advance(&diff->sides[i], region->to[i]);
    return status;
}

static enum lc_status end_hunk(struct diff *diff, struct lc_error *err)
{
    struct side *source = &diff->sides[0];
    enum lc_status status = LC_OK;

    if (diff->body.size)
        status = add_lines(diff, ' ', 0, source->at,
                           go_on(&source->map, source->at, CONTEXT), err);
    print_hunk(diff);
    return status;
}

/* ---- edits ---- */

/* Trim an edit to the bytes that differ. Returns false if none do. */
static bool trim(const struct diff *diff, const struct lc_written_edit *edit,
                 struct region *out)
{
    const char *a = diff->sides[0].map.data, *b = diff->sides[1].map.data;
    size_t at[2] = {edit->at, edit->put_at};
    size_t to[2] = {edit->at + edit->size, edit->put_at + edit->put_size};

    if (to[0] > diff->sides[0].map.size || to[1] > diff->sides[1].map.size)
        return false; /* the file is not the one that was written */
    while (at[0] < to[0] && at[1] < to[1] && a[at[0]] == b[at[1]]) {
        at[0]++;
        at[1]++;
    }
    while (at[0] < to[0] && at[1] < to[1] && a[to[0] - 1] == b[to[1] - 1]) {
        to[0]--;
        to[1]--;
    }
    *out = (struct region){{at[0], at[1]}, {to[0], to[1]}};
    return at[0] < to[0] || at[1] < to[1];
}

/* Extend a region by a byte at its front or end: bytes around a region are the same in
 * both texts. Returns false at the start or end of the line. */
static bool extend_front(const struct diff *diff, struct region *region)
{
    if (!region->from[0] || !region->from[1] ||
        diff->sides[0].map.data[region->from[0] - 1] == '\n')
        return false;
    region->from[0]--;
    region->from[1]--;
    return true;
}

static bool ends_line(const struct diff *diff, const struct region *region, int side)
{
    return region->to[side] > region->from[side] &&
           diff->sides[side].map.data[region->to[side] - 1] == '\n';
}

static bool extend_end(const struct diff *diff, struct region *region)
{
    if (region->to[0] == diff->sides[0].map.size ||
        region->to[1] == diff->sides[1].map.size ||
        (ends_line(diff, region, 0) && ends_line(diff, region, 1)))
        return false;
    region->to[0]++;
    region->to[1]++;
    return true;
}

/* Extend a region to whole lines. Returns false if they are too long. */
static bool extend(const struct diff *diff, struct region *region)
{
    size_t bytes = 0;

    while (bytes < LONG_LINE && extend_front(diff, region))
        bytes++;
    while (bytes < LONG_LINE && extend_end(diff, region))
        bytes++;
    return bytes < LONG_LINE;
}

/* Print the differences in long lines, with a few bytes around them. */
static enum lc_status add_part(struct diff *diff, struct region *region,
                               struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < AROUND && extend_front(diff, region);)
        i++;
    for (size_t i = 0; i < AROUND && extend_end(diff, region);)
        i++;
    for (int i = 0; i < 2; i++) {
        size_t from = region->from[i];

        if (from < diff->sides[i].at)
            from = diff->sides[i].at;
        advance(&diff->sides[i], from);
        diff->first[i] = diff->sides[i].line;
        if (status == LC_OK)
            status = add_lines(diff, "-+"[i], i, from, region -> to[i], err);
        advance(&diff->sides[i], region->to[i]);
    }
    print_hunk(diff);
    return status;
}

/* Release the memory of what is before an edit; it can be read again. */
static void release(struct diff *diff, const struct lc_written_edit *edit)
{
    size_t to[2] = {edit->at, edit->put_at};

    for (int i = 0; i < 2; i++)
        diff->released[i] = lc_map_drop(&diff->sides[i].map, diff->released[i], to[i]);
}

/* Whether all lines that differ are short enough to be shown as a whole. */
static bool is_short(struct diff *diff, const struct lc_clean_output *output)
{
    for (size_t i = 0; i < output->edit_count; i++) {
        struct region region;

        release(diff, &output->edits[i]);
        if (trim(diff, &output->edits[i], &region) && !extend(diff, &region))
            return false;
    }
    return true;
}

static enum lc_status print_edits(struct diff *diff, const struct lc_clean_output *output,
                                  struct lc_error *err)
{
    struct region held = {{0, 0}, {0, 0}};
    bool any = false;
    enum lc_status status = LC_OK;

    diff->parts = !is_short(diff, output);
    diff->released[0] = diff->released[1] = 0;
    for (size_t i = 0; i < output->edit_count && status == LC_OK; i++) {
        struct region region;

        release(diff, &output->edits[i]);
        if (!trim(diff, &output->edits[i], &region))
            continue;
        if (diff->parts) {
            status = add_part(diff, &region, err);
            continue;
        }
        (void)extend(diff, &region);
        if (any && region.from[0] < held.to[0]) { /* on the same line */
            held.to[0] = region.to[0];
            held.to[1] = region.to[1];
            continue;
        }
        if (any)
            status = add_to_hunk(diff, &held, err);
        held = region;
        any = true;
    }
    if (status == LC_OK && any)
        status = add_to_hunk(diff, &held, err);
    return status == LC_OK && !diff->parts ? end_hunk(diff, err) : status;
}

static void print_name(struct diff *diff, const char *head, const char *name)
{
    fputs(diff->color ? "\033[1m" : "", diff->to);
    fputs(head, diff->to);
    lc_print_text(name, diff->to);
    fputs(diff->color ? "\033[0m\n" : "\n", diff->to);
}

enum lc_status lc_clean_write_diff(struct lc_clean *clean, size_t file, const char *path,
                                   bool color, FILE *to, struct lc_error *err)
{
    const struct lc_clean_output *output = &clean->outputs[file];
    const struct lc_rows_file *source = &clean->dataset.files[output->first_source];
    struct diff diff = {.to = to, .color = color};
    enum lc_status status = LC_OK;

    if (!clean->options.want_edits || clean->order ||
        output->first_source + 1 != output->end_source)
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "a diff needs a result that has the rows of one rows file, in the "
                       "same order");
    status = lc_map_open(source->path, &diff.sides[0].map, err);
    if (status == LC_OK)
        status = lc_map_open(path, &diff.sides[1].map, err);
    if (status == LC_OK && !output->file.same) {
        print_name(&diff, "--- a/", source->name);
        print_name(&diff, "+++ b/", source->name);
        status = print_edits(&diff, output, err);
    }
    lc_map_close(&diff.sides[0].map);
    lc_map_close(&diff.sides[1].map);
    lc_buffer_clear(&diff.body);
    errno = 0;
    if (status == LC_OK && (fflush(to) != 0 || ferror(to)))
        status = lc_fail_errno(err, "write the differences");
    return status;
}

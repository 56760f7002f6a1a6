/* What to do next: commands to copy, each with a comment that says what it is for */
#include "report/model/digest.h"
#include "report/text/writer.h"

#include <string.h>

#define MOST_LINES 4
#define INDENT 2
#define GAP 3

struct next_line {
    struct lc_buffer command;
    struct lc_buffer why;
};

struct next_lines {
    struct next_line items[MOST_LINES];
    size_t count;
};

/* The group with the most findings that are not shown; NULL if all are shown. */
static const struct lc_group *least_shown(const struct lc_text_writer *w)
{
    const struct lc_group *found = NULL;
    uint64_t most = 0;

    for (size_t i = 0; i < w->group_count; i++) {
        const struct lc_group *group = &w->groups[i];
        uint64_t left = group->count - group->examples;

        if (left > most) {
            most = left;
            found = group;
        }
    }
    return found;
}

static enum lc_status add_help(const struct lc_text_writer *w, struct next_lines *out,
                               struct lc_error *err)
{
    struct next_line *line = &out->items[out->count];
    enum lc_status status;

    if (!w->group_count)
        return LC_OK;
    out->count++;
    status = lc_buffer_printf(&line->command, err, "llava-check help %s",
                              w->groups[0].rule->code);
    return status == LC_OK
               ? lc_buffer_printf(&line->why, err, "why it matters and how to fix it")
               : status;
}

static enum lc_status add_list(const struct lc_text_writer *w, struct next_lines *out,
                               struct lc_error *err)
{
    const struct lc_group *group = least_shown(w);
    struct next_line *line = &out->items[out->count];
    char count[LC_COUNT_SIZE];
    enum lc_status status;

    if (!group)
        return LC_OK;
    out->count++;
    status = lc_buffer_printf(&line->command, err, "llava-check index findings %s -r %s",
                              w->report->options->again, group->rule->code);
    return status == LC_OK ? lc_buffer_printf(&line->why, err, "all %s of them",
                                              lc_format_count(group->count, count))
                           : status;
}

/* Write how many findings have a fix. */
static enum lc_status count_fixes(const struct lc_text_writer *w, struct lc_buffer *out,
                                  struct lc_error *err)
{
    uint64_t sure = w->fixable + w->unsafe;
    uint64_t first = sure ? sure : w->perhaps;
    char count[LC_COUNT_SIZE];
    enum lc_status status =
        lc_buffer_printf(out, err, "%s finding%s%s a fix", lc_format_count(first, count),
                         first == 1 ? "" : "s",
                         !sure        ? " may have"
                         : first == 1 ? " has"
                                      : " have");

    if (status == LC_OK && w->unsafe && (w->fixable || w->perhaps))
        status =
            lc_buffer_printf(out, err, " (%s unsafe)", lc_format_count(w->unsafe, count));
    if (status == LC_OK && sure && w->perhaps)
        status = lc_buffer_printf(out, err, ", %s more may",
                                  lc_format_count(w->perhaps, count));
    return status;
}

/* Suggest the command that fixes findings. */
static enum lc_status add_fix(const struct lc_text_writer *w, struct next_lines *out,
                              struct lc_error *err)
{
    struct next_line *line = &out->items[out->count];
    bool any = w->fixable || w->unsafe || w->perhaps;
    struct lc_file_record file = {0};
    enum lc_status status = LC_OK;

    if (any)
        status = lc_index_get_file(w->report->index, 0, &file, err);
    if (!any || status != LC_OK || lc_span_is(file.dialect, LC_SHARD_DIALECT))
        return status; /* shards are not fixed */
    out->count++;
    status = lc_buffer_printf(&line->command, err, "llava-check fix %s --diff%s",
                              w->report->options->paths,
                              w->fixable || w->perhaps ? "" : " --unsafe");
    return status == LC_OK ? count_fixes(w, &line->why, err) : status;
}

/* Suggest the command that shows lower levels. */
static enum lc_status add_lower(const struct lc_text_writer *w, struct next_lines *out,
                                struct lc_error *err)
{
    struct next_line *line = &out->items[out->count];
    enum lc_severity lowest = LC_SEVERITY_ERROR;
    enum lc_status status = lc_digest_lower(w->report, &lowest, &line->why, err);

    if (status != LC_OK || !line->why.size)
        return status;
    out->count++;
    status = lc_buffer_printf(&line->why, err, " not shown above");
    return status == LC_OK
               ? lc_buffer_printf(&line->command, err, "llava-check report %s --show %s",
                                  w->report->options->again, lc_severity_name(lowest))
               : status;
}

/* Print the same as a hint, for results without a name. */
static enum lc_status print_lower(const struct lc_text_writer *w, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_status status = lc_digest_hidden(w->report, &text, err);

    if (status == LC_OK && text.size)
        fprintf(w->to, "%s%.*s%s\n", lc_text_on(w, LC_STYLE_DIM), (int)text.size,
                text.data, lc_text_off(w));
    lc_buffer_clear(&text);
    return status;
}

static size_t columns(const struct lc_buffer *text)
{
    return lc_text_characters(text->data, text->size);
}

/* Print a comment on separate lines, as many as the width requires. */
static void print_above(const struct lc_text_writer *w, const struct lc_buffer *why)
{
    size_t width = w->report->options->width;
    size_t room = width > INDENT + 2 ? width - INDENT - 2 : 1;

    for (size_t at = 0, end; at < why->size; at = end + 1) {
        end = why->size;
        while (end - at > room) {
            const char *blank = memrchr(why->data + at, ' ', end - at);

            if (!blank || blank == why->data + at)
                break;
            end = (size_t)(blank - why->data);
        }
        fprintf(w->report->to, "%*s%s# %.*s%s\n", INDENT, "", lc_text_on(w, LC_STYLE_DIM),
                (int)(end - at), why->data + at, lc_text_off(w));
    }
}

/* Print directly, bypassing the wrapping of lines: a command that only the terminal wraps
 * can still be copied. If one comment does not fit beside its command, all comments are
 * printed above their commands. */
static void print(const struct lc_text_writer *w, const struct next_lines *lines)
{
    FILE *to = w->report->to;
    size_t width = w->report->options->width, most = 0;
    bool above = false;

    fflush(w->to);
    for (size_t i = 0; i < lines->count; i++)
        if (columns(&lines->items[i].command) > most)
            most = columns(&lines->items[i].command);
    for (size_t i = 0; i < lines->count; i++)
        above |= width && INDENT + most + GAP + 2 + columns(&lines->items[i].why) > width;
    for (size_t i = 0; i < lines->count; i++) {
        const struct lc_buffer *command = &lines->items[i].command;
        const struct lc_buffer *why = &lines->items[i].why;
        size_t pad = most - columns(command) + GAP;

        if (above)
            print_above(w, why);
        fprintf(to, "%*s%.*s", INDENT, "", (int)command->size, command->data);
        if (!above)
            fprintf(to, "%*s%s# %.*s%s", (int)pad, "", lc_text_on(w, LC_STYLE_DIM),
                    (int)why->size, why->data, lc_text_off(w));
        fputc('\n', to);
    }
    if (lines->count)
        fputc('\n', to);
}

/* Whether the results have a name that a terminal shows unchanged. The results of a
 * verification have none: under the name that it was given are the check's. */
static enum lc_status is_name(const struct lc_text_writer *w, const char *again,
                              bool *good, struct lc_error *err)
{
    struct lc_buffer shown = {0};
    enum lc_status status = LC_OK;

    *good = false;
    if (!again || lc_index_verification(w->report->index))
        return LC_OK;
    status = lc_format_text((struct lc_span){again, strlen(again)}, &shown, err);
    *good = lc_span_is((struct lc_span){shown.data, shown.size}, again);
    lc_buffer_clear(&shown);
    return status;
}

enum lc_status lc_text_next(const struct lc_text_writer *w, struct lc_error *err)
{
    struct next_lines lines = {.count = 0};
    bool named, has_paths = false;
    enum lc_status status = is_name(w, w->report->options->again, &named, err);

    if (status == LC_OK)
        status = is_name(w, w->report->options->paths, &has_paths, err);
    if (status == LC_OK)
        status = add_help(w, &lines, err);
    if (status == LC_OK && has_paths)
        status = add_fix(w, &lines, err);
    if (status != LC_OK)
        goto out;
    if (named) {
        status = add_list(w, &lines, err);
        if (status != LC_OK)
            goto out;
        status = add_lower(w, &lines, err);
        if (status != LC_OK)
            goto out;
    }
    print(w, &lines);
    if (!named)
        status = print_lower(w, err);
out:
    for (size_t i = 0; i < MOST_LINES; i++) {
        lc_buffer_clear(&lines.items[i].command);
        lc_buffer_clear(&lines.items[i].why);
    }
    return status;
}

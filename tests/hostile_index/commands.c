#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "cli/cli.h"
#include "llava_check/diff.h"
#include "llava_check/query.h"

enum { SLOW = 8 };

struct list {
    struct hostile_command *items;
    size_t count;
    size_t capacity;
};

static struct hostile_command *append(struct list *list, struct hostile_command command)
{
    struct hostile_command *items =
        lc_array_grow(list->items, list->count, &list->capacity, sizeof(*items));

    if (!items)
        abort();
    list->items = items;
    items += list->count++;
    *items = command;
    return items;
}

/* Add a command, given as words separated by blanks. */
static struct hostile_command *add(struct list *list, const char *words)
{
    struct hostile_command command = {.words = {NULL}};
    char *copy = strdup(words), *word;
    size_t count = 0;

    if (!copy)
        abort();
    while ((word = strsep(&copy, " "))) {
        if (count >= HOSTILE_MOST_WORDS)
            abort();
        command.words[count++] = word;
    }
    return append(list, command);
}

/* Add the same words with each format of a list separated by blanks. */
static void add_formats(struct list *list, const char *words, const char *formats)
{
    char *copy = strdup(formats), *at = copy, *format, line[256];

    if (!copy)
        abort();
    while ((format = strsep(&at, " "))) {
        snprintf(line, sizeof(line), "%s -f %s", words, format);
        add(list, line)->is_json = hostile_is_json(format);
    }
    free(copy);
}

/* Make the commands from one on take turns. */
static void take_turns(struct list *list, size_t from)
{
    for (size_t i = from; i < list->count; i++) {
        list->items[i].every = (unsigned)(list->count - from);
        list->items[i].phase = (unsigned)(i - from);
    }
}

static void add_reports(struct list *list)
{
    const struct lc_report_format_info *format;
    size_t from = list->count;

    for (size_t i = 0; (format = lc_report_format_at(i)); i++)
        add_formats(list, "report index --show info", format->name);
    take_turns(list, from);
    from = list->count;
    add_formats(list, "report index --baseline sound.json", "json text html");
    add(list, "report index -q --write-baseline written.json");
    take_turns(list, from);
}

static const char *formats_of(const char *question)
{
    const struct lc_query_info *info;

    for (size_t i = 0; (info = lc_query_at(i)); i++)
        if (strcmp(info->name, question) == 0)
            return info->formats;
    fprintf(stderr, "commands.c: how is 'index %s' asked?\n", question);
    abort();
}

/* Add the questions of the library, and those that only the program supports. */
static void add_questions(struct list *list, const struct hostile_ids *ids)
{
    static const char *const dumps[] = {"rows", "images", "findings", "files"};
    char line[128];
    const char *name;

    for (size_t i = 0; (name = lc_index_query_name(NULL, i)); i++) {
        size_t from = list->count;

        snprintf(line, sizeof(line), "index %s index", name);
        if (strcmp(name, "stats") == 0) {
            add(list, line);
        } else if (strcmp(name, "check") == 0) {
            add(list, line)->is_audit = true;
        } else if (strcmp(name, "dump") == 0) {
            for (size_t k = 0; k < sizeof(dumps) / sizeof(dumps[0]); k++) {
                from = list->count;
                snprintf(line, sizeof(line), "index dump %s index", dumps[k]);
                add_formats(list, line, "jsonl csv json");
                take_turns(list, from);
            }
        } else if (strcmp(name, "rows") ==
                   0) { /* also in the format source, which reads the data */
            add_formats(list, line, "text json jsonl csv ids lines offsets");
            take_turns(list, from);
        } else {
            add_formats(list, line, formats_of(name));
            take_turns(list, from);
        }
        for (; strcmp(name, "get") == 0 && from < list->count; from++)
            for (size_t k = 0; k < ids->count; k++)
                list->items[from].words[5 + k] = ids->items[k];
    }
    add(list, "index images index --where width>0 --where !blank");
    add(list, "index findings index --rule IMG501 --show info");
    add(list, "index rows index --where effect>=altered --where rule!=IMG501 -f lines");
}

static void add_differences(struct list *list)
{
    const struct lc_report_format_info *format;
    size_t from = list->count;

    for (size_t i = 0; (format = lc_diff_format_at(i)); i++) {
        add_formats(list, "diff sound index", format->name);
        add_formats(list, "diff index sound", format->name);
    }
    add(list, "diff index index");
    take_turns(list, from);
}

/* Each mutant gets a check that finds it with the data, and one that reuses it. */
static void add_runs(struct list *list)
{
    static const struct hostile_command runs[] = {
        {.words = {"report", "data", "-f", "html", "--thumbnails"},
         .place = HOSTILE_FOREIGN,
         .every = SLOW,
         .more_complaints = 1 /* one for the pictures, one for the page */},
        {.words = {"verify", "data", "--index", "index", "-j", "1", "--report",
                   "verified.json"},
         .every = 2,
         .more_complaints = 1 /* one for the file, one for the printed text */},
        {.words = {"verify", "data", "-j", "1"},
         .place = HOSTILE_FOREIGN,
         .every = 2,
         .phase = 1},
        {.words = {"clean", "data", "-j", "1", "--index", "cache", "-o", "cleaned",
                   "--force", "--split", "a=0.5,b=0.5", "--drop", "error,ROW206"},
         .place = HOSTILE_NAMED,
         .every = SLOW,
         .phase = 1},
        {.words = {"merge", "index", "--index", "merged", "-j", "1", "--allow-missing"},
         .every = 2,
         .more_complaints = 1 /* one for the part, one for the merge */},
        {.words = {"index", "rows", "data", "-f", "source"},
         .place = HOSTILE_FOREIGN,
         .every = 2,
         .phase = 1},
        {.words = {"convert", "data", "-j", "1", "--index", "cache", "--to", "messages",
                   "-o", "converted.json", "--force", "--skip"},
         .place = HOSTILE_NAMED,
         .every = SLOW,
         .phase = 2},
        {.words = {"check", "data", "-j", "1", "-f", "json", "--no-images"},
         .place = HOSTILE_FOREIGN,
         .is_check = true},
        {.words = {"check", "data", "-j", "1", "-f", "json"},
         .place = HOSTILE_FOREIGN,
         .every = SLOW,
         .is_check = true,
         .is_full = true},
        {.words = {"check", "data", "-j", "1", "-f", "json", "--index", "cache"},
         .place = HOSTILE_NAMED,
         .every = 3,
         .is_check = true,
         .is_full = true},
        {.words = {"check", "data", "-j", "1", "-f", "json", "--index", "cache",
                   "--index-mode", "content"},
         .place = HOSTILE_NAMED,
         .every = 3,
         .phase = 1,
         .is_check = true,
         .is_full = true},
        {.words = {"check", "data", "-j", "1", "-f", "json"},
         .place = HOSTILE_SIGNED,
         .every = 3,
         .phase = 2,
         .is_check = true,
         .is_full = true},
    };

    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        struct hostile_command *command = append(list, runs[i]);

        command->reads_data = true;
        command->is_json = command->is_check;
    }
}

struct hostile_command *hostile_commands(const struct hostile_ids *ids, size_t *count)
{
    struct list list = {0};

    append(&list, (struct hostile_command){.is_library = true});
    add_questions(&list, ids);
    add_reports(&list);
    add_differences(&list);
    add_runs(&list);
    *count = list.count;
    return list.items;
}

const char *hostile_command_name(const struct hostile_command *command)
{
    static char name[512];
    size_t used = 0;

    if (command->is_library)
        return "all answers, by the library";
    name[0] = '\0';
    for (size_t i = 0; command->words[i] && used < sizeof(name); i++)
        used += (size_t)snprintf(name + used, sizeof(name) - used, "%s%s", i ? " " : "",
                                 command->words[i]);
    if (command->place == HOSTILE_SIGNED && used < sizeof(name))
        snprintf(name + used, sizeof(name) - used, " (signed)");
    return name;
}

#include "cli/options.h"

#include "base/near.h"
#include "llava_check/clean.h"
#include "llava_check/diff.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_THREADS 512
#define MAX_PARTS 65536
#define MANY 1000000000000UL /* above any number that makes sense */

static const struct lc_option options[] = {
#define ALIAS LC_FLAG_ALIAS
#define REPEAT LC_FLAG_REPEAT
#define LC_OPTION(id, name, letter, argument, kind, choices, commands, group, flags,     \
                  origin, help, alone)                                                   \
    {LC_OPTION_##id, name,     letter,           argument, LC_KIND_##kind,               \
     choices,        commands, LC_GROUP_##group, flags,    LC_ORIGIN_##origin,           \
     help,           alone},
#include "cli/options.def"
#include "llava_check/diff.h"
#undef LC_OPTION
#undef ALIAS
#undef REPEAT
};

const struct lc_option *lc_option_at(size_t index)
{
    return index < LC_OPTION_COUNT ? &options[index] : NULL;
}

const struct lc_option *lc_option_named(const char *name, size_t size)
{
    for (size_t i = 0; i < LC_OPTION_COUNT; i++)
        if (strlen(options[i].name) == size && memcmp(options[i].name, name, size) == 0)
            return options[i].flags & LC_FLAG_ALIAS ? &options[i - 1] : &options[i];
    return NULL;
}

const struct lc_option *lc_option_lettered(char letter, const char *command)
{
    const struct lc_option *found = NULL;

    for (size_t i = 0; i < LC_OPTION_COUNT; i++) {
        if (options[i].letter != letter)
            continue;
        if (lc_option_is_of(&options[i], command))
            return &options[i];
        found = &options[i];
    }
    return found;
}

bool lc_option_is_of(const struct lc_option *option, const char *command)
{
    char word[32];

    snprintf(word, sizeof(word), " %s ", command);
    return !option->commands || strstr(option->commands, word);
}

bool lc_option_is_setting(const struct lc_option *option)
{
    return !option->alone && !(option->flags & LC_FLAG_ALIAS);
}

const char *lc_group_name(enum lc_group group)
{
    static const char *const names[LC_GROUP_COUNT] = {
        [LC_GROUP_INPUT] = "Input",   [LC_GROUP_INDEX] = "Index",
        [LC_GROUP_REPORT] = "Report", [LC_GROUP_SELECTION] = "Selection",
        [LC_GROUP_RESULT] = "Result", [LC_GROUP_RUNNING] = "Running",
    };

    return names[group];
}

const char *lc_option_choice(const struct lc_option *option, size_t index, size_t *size)
{
    const char *choice = option->choices;

    while (choice && index--) {
        choice = strchr(choice, ' ');
        choice += choice != NULL;
    }
    *size = choice ? strcspn(choice, " ") : 0;
    return choice;
}

/* Find the position of a value among the choices. */
static bool read_choice(const struct lc_option *option, const char *value, int *out)
{
    const char *choice;
    char names[128] = "";
    size_t size, used = 0;

    for (size_t i = 0; (choice = lc_option_choice(option, i, &size)); i++) {
        if (strlen(value) == size && memcmp(choice, value, size) == 0) {
            *out = (int)i;
            return true;
        }
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%.*s",
                                 !i             ? ""
                                 : choice[size] ? ", "
                                                : " or ",
                                 (int)size, choice);
    }
    lc_complain("--%s must be %s, not '%s'", option->name, names, lc_quotable(value));
    return false;
}

static bool read_number(const struct lc_option *option, const char *text,
                        unsigned long least, unsigned long most, unsigned long *out)
{
    char *end;

    errno = 0;
    *out = strtoul(text, &end, 10);
    if (*text >= '0' && *text <= '9' && !*end && !errno && *out >= least && *out <= most)
        return true;
    if (most < MANY)
        lc_complain("--%s must be a number from %lu to %lu, not '%s'", option->name,
                    least, most, lc_quotable(text));
    else
        lc_complain("--%s must be a number of at least %lu, not '%s'", option->name,
                    least, lc_quotable(text));
    return false;
}

static bool apply_number(const struct lc_option *option, const char *value,
                         struct lc_settings *out)
{
    unsigned *few = option->id == LC_OPTION_THREADS    ? &out->threads
                    : option->id == LC_OPTION_IO_DEPTH ? &out->io_depth
                                                       : NULL;
    bool seed = option->id == LC_OPTION_SEED || option->id == LC_OPTION_SHUFFLE ||
                option->id == LC_OPTION_SETTLE; /* 0 is valid for these */
    uint64_t *const numbers[LC_OPTION_COUNT] = {
        [LC_OPTION_MAX_FINDINGS] = &out->max_findings, [LC_OPTION_SAMPLE] = &out->sample,
        [LC_OPTION_PARTS] = &out->parts_wanted,        [LC_OPTION_SEED] = &out->seed,
        [LC_OPTION_SHUFFLE] = &out->shuffle_seed,      [LC_OPTION_SETTLE] = &out->settle,
    };
    unsigned long number;

    assert(few || numbers[option->id]);
    if (!read_number(option, value, seed ? 0 : 1, few ? MAX_THREADS : MANY, &number))
        return false;
    if (few)
        *few = (unsigned)number;
    else
        *numbers[option->id] = number;
    out->shuffle |= option->id == LC_OPTION_SHUFFLE;
    return true;
}

static bool read_report(const char *path, struct lc_settings *out)
{
    if (out->report_count == LC_MAX_REPORTS) {
        lc_complain("too many reports; at most %d can be written at once",
                    LC_MAX_REPORTS);
        return false;
    }
    out->reports[out->report_count++] = path;
    return true;
}

const char *lc_option_format(const char *command, size_t index)
{
    static const char *const answers[] = {"text", "json",  "jsonl",   "csv",
                                          "ids",  "lines", "offsets", "source"};
    const struct lc_report_format_info *format;
    size_t count = sizeof(answers) / sizeof(answers[0]);

    if (strcmp(command, "config") == 0 || strcmp(command, "trainers") == 0)
        return index < 2 ? answers[index] : NULL; /* text and json only */
    if (strcmp(command, "index") == 0)
        return index < count ? answers[index] : NULL;
    if (strcmp(command, "diff") == 0) {
        format = lc_diff_format_at(index);
        return format ? format->name : NULL;
    }
    for (size_t i = 0; (format = lc_report_format_at(i)); i++)
        if (format->printed && !index--)
            return format->name;
    return NULL;
}

static const char *format_name(const void *command, size_t index)
{
    return lc_option_format(command, index);
}

static bool read_format(const char *command, const char *name, struct lc_settings *out)
{
    const char *what = strcmp(command, "index") == 0      ? "query format"
                       : strcmp(command, "config") == 0   ? "settings format"
                       : strcmp(command, "trainers") == 0 ? "format of lists"
                                                          : "report format";
    const char *format, *near;
    char names[256] = "";

    for (size_t i = 0; (format = lc_option_format(command, i)); i++) {
        size_t used = strlen(names);

        if (strcmp(format, name) == 0) {
            out->format = format;
            return true;
        }
        snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "", format);
    }
    near = lc_nearest_name(name, strlen(name), format_name, command);
    if (near)
        lc_complain("'%s' is not a %s; did you mean '%s'?", lc_quotable(name), what,
                    near);
    else
        lc_complain("'%s' is not a %s; use one of %s", lc_quotable(name), what, names);
    return false;
}

/* Add a value of an option that may be repeated. */
static bool read_more(const char *option, const char *value, const char **values,
                      size_t *count)
{
    if (*count == LC_MAX_CONDITIONS) {
        lc_complain("too many --%s options; at most %d are allowed", option,
                    LC_MAX_CONDITIONS);
        return false;
    }
    values[(*count)++] = value;
    return true;
}

static bool read_rule(const char *value, struct lc_settings *out)
{
    if (!lc_rule_find(value)) {
        lc_complain_of_rule(value);
        return false;
    }
    return read_more("rule", value, out->rules, &out->rule_count);
}

/* Candidates for "did you mean": the names of trainers and the word for all of them, or
 * the names of dialects. */
static const char *trainer_name(const void *user, size_t index)
{
    const struct lc_trainer_info *trainer = lc_trainer_at(index);

    (void)user;
    if (trainer)
        return trainer->name;
    return !index || lc_trainer_at(index - 1) ? LC_ALL_TRAINERS : NULL;
}

static const char *dialect_name(const void *user, size_t index)
{
    struct lc_dialect_info dialect;

    (void)user;
    return lc_dialect_at(index, &dialect) ? dialect.name : NULL;
}

const char *lc_option_name(enum lc_kind kind, size_t index)
{
    return kind == LC_KIND_DIALECT ? dialect_name(NULL, index)
                                   : trainer_name(NULL, index);
}

const char *lc_trainer_near(const char *word)
{
    return lc_nearest_name(word, strlen(word), trainer_name, NULL);
}

/* Read the name of a trainer or dialect. */
static bool read_name(const struct lc_option *option, const char *value, const char **out)
{
    struct lc_error error = {0};
    const char *near, *name;
    char names[256] = "";
    size_t trainer = SIZE_MAX;
    unsigned limit;

    /* a trainer with a limit of tokens: keep the value as it was given */
    if (option->kind == LC_KIND_TRAINER && strchr(value, ':') &&
        lc_trainer_find(value, &trainer, &limit, &error) == LC_OK) {
        *out = value;
        return true;
    }
    if (trainer != SIZE_MAX) {
        lc_complain("--%s %s: %s", option->name, lc_quotable(value), error.message);
        return false;
    }

    for (size_t i = 0; (name = lc_option_name(option->kind, i)); i++) {
        size_t used = strlen(names);

        if (strcmp(name, value) == 0) {
            *out = name;
            return true;
        }
        snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "", name);
    }
    near = lc_nearest_name(value, strlen(value),
                           option->kind == LC_KIND_DIALECT ? dialect_name : trainer_name,
                           NULL);
    if (near)
        lc_complain("unknown %s '%s'; did you mean '%s'?", option->name,
                    lc_quotable(value), near);
    else
        lc_complain("unknown %s '%s'; use one of %s", option->name, lc_quotable(value),
                    names);
    return false;
}

/* The value itself is kept by lc_settings_set; only check that it is valid. */
bool lc_option_read_selector(const char *selector)
{
    struct lc_error error = {0};

    if (lc_selector_check(selector, &error) == LC_OK)
        return true;
    if (lc_quotable(selector) == selector)
        lc_complain("%s", error.message);
    else
        lc_complain("unknown rule; 'llava-check rules' lists them");
    return false;
}

/* The value itself is kept by lc_settings_set; only check that it is valid. */
static bool read_drop(const char *word)
{
    struct lc_error error = {0};

    if (lc_clean_drop_check(word, &error) == LC_OK)
        return true;
    lc_complain("%s", error.message);
    return false;
}

/* I/N */
static bool read_part(const char *value, struct lc_settings *out)
{
    const char *slash = strchr(value, '/');
    unsigned long part = 0, count = 0;
    char *end = NULL;

    if (slash && *value >= '0' && *value <= '9' && slash[1] >= '0' && slash[1] <= '9') {
        part = strtoul(value, &end, 10);
        if (end == slash)
            count = strtoul(slash + 1, &end, 10);
    }
    if (part < 1 || part > count || count > MAX_PARTS || *end) {
        lc_complain("--part must be I/N, such as 3/64, with I from 1 to N and N at most "
                    "%lu, not '%s'",
                    (unsigned long)MAX_PARTS, lc_quotable(value));
        return false;
    }
    out->part = (unsigned)part;
    out->part_count = (unsigned)count;
    return true;
}

/* CODE=LEVEL */
static bool read_level(const char *value, struct lc_settings *out)
{
    const struct lc_option levels = {.name = "severity",
                                     .choices = "info warning error off"};
    const char *equals = strrchr(value, '=');
    void *items;
    char *rules;
    int level;

    if (!equals || equals == value) {
        lc_complain("--severity must be CODE=LEVEL, not '%s'", lc_quotable(value));
        return false;
    }
    if (!read_choice(&levels, equals + 1, &level))
        return false;
    items = lc_list_grow(out->levels, out->level_count, &out->level_capacity,
                         sizeof(*out->levels));
    if (!items)
        return false;
    out->levels = items;
    rules = strndup(value, (size_t)(equals - value));
    out->levels[out->level_count++] =
        (struct lc_level_choice){rules, level > LC_SEVERITY_ERROR ? LC_LEVEL_OFF : level};
    if (!rules)
        return lc_complain("out of memory") == LC_EXIT_CLEAN;
    return lc_option_read_selector(rules);
}

static bool apply_flag(const struct lc_option *option, const char *value,
                       struct lc_settings *out)
{
    bool *const flags[LC_OPTION_COUNT] = {
        [LC_OPTION_NO_IMAGES] = &out->no_images,
        [LC_OPTION_ALL] = &out->all,
        [LC_OPTION_ALLOW_MISSING] = &out->allow_missing,
        [LC_OPTION_RECHECK] = &out->recheck,
        [LC_OPTION_NO_INDEX] = &out->no_index,
        [LC_OPTION_QUIET] = &out->quiet,
        [LC_OPTION_VERBOSE] = &out->verbose,
        [LC_OPTION_HELP] = &out->help,
        [LC_OPTION_VERSION] = &out->version,
        [LC_OPTION_ALLOW_OUTSIDE] = &out->allow_outside,
        [LC_OPTION_EXIT_ZERO] = &out->exit_zero,
        [LC_OPTION_PRUNE_BASELINE] = &out->prune_baseline,
        [LC_OPTION_ISOLATED] = &out->isolated,
        [LC_OPTION_THUMBNAILS] = &out->thumbnails,
        [LC_OPTION_STATISTICS] = &out->statistics,
        [LC_OPTION_FORCE] = &out->force,
        [LC_OPTION_MERGE] = &out->merge,
        [LC_OPTION_TRANSCODE] = &out->transcode,
        [LC_OPTION_FIX] = &out->fix,
        [LC_OPTION_UNSAFE] = &out->unsafe,
        [LC_OPTION_DIFF] = &out->diff,
        [LC_OPTION_IN_PLACE] = &out->in_place,
        [LC_OPTION_SKIP] = &out->skip,
        [LC_OPTION_IN_PARTS] = &out->in_parts,
        [LC_OPTION_PART_PATHS] = &out->part_paths,
        [LC_OPTION_DOWNLOAD] = &out->download,
    };

    assert(flags[option->id]);
    *flags[option->id] = strcmp(value, "true") == 0;
    return true;
}

static bool apply_choice(const struct lc_option *option, const char *value,
                         struct lc_settings *out)
{
    int choice;

    if (!read_choice(option, value, &choice))
        return false;
    switch (option->id) {
    case LC_OPTION_INDEX_MODE:
        out->index_mode = choice ? LC_INDEX_CONTENT : LC_INDEX_METADATA;
        return true;
    case LC_OPTION_SHOW:
        out->show_given = true;
        out->show = (enum lc_severity)choice;
        return true;
    case LC_OPTION_FAIL_ON:
        out->fail_on_unknown = choice > LC_SEVERITY_ERROR;
        out->fail_on =
            out->fail_on_unknown ? LC_SEVERITY_ERROR : (enum lc_severity)choice;
        return true;
    case LC_OPTION_COLOR:
        out->color = (enum lc_color)choice;
        return true;
    case LC_OPTION_PROGRESS:
        out->progress = (enum lc_progress_how)choice;
        return true;
    case LC_OPTION_LINK:
        out->link = (enum lc_link)choice;
        return true;
    default:
        assert(!"a choice without a field in the settings");
        return false;
    }
}

/* Where to store the value of an option that is a path or another text that needs no
 * parsing; NULL for other options. */
static const char **text_of(const struct lc_option *option, struct lc_settings *out)
{
    const char **const texts[LC_OPTION_COUNT] = {
        [LC_OPTION_IMAGES] = &out->images,
        [LC_OPTION_VIDEOS] = &out->videos,
        [LC_OPTION_INDEX] = &out->index,
        [LC_OPTION_BASELINE] = &out->baseline,
        [LC_OPTION_WRITE_BASELINE] = &out->write_baseline,
        [LC_OPTION_CONFIG] = &out->config,
        [LC_OPTION_OUTPUT] = &out->output,
        [LC_OPTION_MANIFEST] = &out->manifest,
        [LC_OPTION_AGAINST] = &out->against,
        [LC_OPTION_SPLIT] = &out->split,
        [LC_OPTION_COPY_IMAGES] = &out->copy_images,
        [LC_OPTION_LINK_IMAGES] = &out->link_images,
        [LC_OPTION_ENTRY] = &out->entry,
        [LC_OPTION_METRICS] = &out->metrics,
    };

    return texts[option->id];
}

static bool read_trainer(const struct lc_option *option, const char *value,
                         struct lc_settings *out)
{
    if (!read_name(option, value, &out->trainer))
        return false;
    out->all_trainers = strcmp(out->trainer, LC_ALL_TRAINERS) == 0;
    if (out->all_trainers)
        out->trainer = NULL;
    return true;
}

bool lc_option_apply(const char *command, const struct lc_option *option,
                     const char *value, struct lc_settings *out)
{
    const char **text = text_of(option, out);

    if (option->kind == LC_KIND_FLAG)
        return apply_flag(option, value, out);
    if (option->kind == LC_KIND_CHOICE)
        return apply_choice(option, value, out);
    if (option->kind == LC_KIND_NUMBER)
        return apply_number(option, value, out);
    if (text) {
        *text = value;
        return true;
    }
    switch (option->id) {
    case LC_OPTION_TRAINER:
        return read_trainer(option, value, out);
    case LC_OPTION_DIALECT:
        return read_name(option, value, &out->dialect);
    case LC_OPTION_TO:
        return read_name(option, value, &out->to);
    case LC_OPTION_SELECT:
    case LC_OPTION_IGNORE:
        return lc_option_read_selector(value);
    case LC_OPTION_DROP:
        return read_drop(value);
    case LC_OPTION_SEVERITY:
        return read_level(value, out);
    case LC_OPTION_REPORT:
        return read_report(value, out);
    case LC_OPTION_FORMAT:
        return read_format(command, value, out);
    case LC_OPTION_WHERE:
        return read_more("where", value, out->where, &out->where_count);
    case LC_OPTION_RULE:
        return read_rule(value, out);
    case LC_OPTION_PART:
        return read_part(value, out);
    default:
        assert(!"an option without a field in the settings");
        return false;
    }
}

#include "base/near.h"
#include "base/printable.h"
#include "cli/cli.h"
#include "llava_check/query.h"

#include <stdio.h>
#include <string.h>

/* Options that a query accepts. */
enum accepts {
    ACCEPTS_WHERE = 1,
    ACCEPTS_RULE = 2,
    ACCEPTS_SHOW = 4,
    ACCEPTS_FORMAT = 8,
    ACCEPTS_TRAINER = 16,
};

/* A query: a row of the table that the command and its help use. */
struct subcommand {
    const char *name;
    const char *usage; /* its words; the first is the path, except for dump */
    const char *summary;
    size_t min_words; /* number of required words */
    unsigned accepts;
    enum lc_exit (*run)(const struct subcommand *self,
                        const struct lc_settings *settings);
};

static enum lc_exit open_index(const struct lc_settings *settings,
                               const char *const *paths, size_t count,
                               struct lc_index **out)
{
    struct lc_error error = {0};

    if (lc_index_open(paths, count, out, &error) == LC_OK) {
        lc_say_caveat(*out, settings);
        return LC_EXIT_CLEAN;
    }
    return lc_complain_about(paths[0], &error);
}

static enum lc_exit run_stats(const struct subcommand *self,
                              const struct lc_settings *settings)
{
    struct lc_index *index = NULL;
    enum lc_exit code =
        open_index(settings, settings->words + 1, settings->word_count - 1, &index);
    const struct lc_results results = {.index = index};

    (void)self;
    if (code == LC_EXIT_CLEAN &&
        !lc_print_report(&results, settings, "stats", settings->words[1]))
        code = LC_EXIT_ERROR;
    lc_index_close(index);
    return code;
}

/* Run a query on the data set that `count` words from `first` on name; missing as in
 * lc_query_write. */
static enum lc_exit run_query(const struct lc_settings *settings, struct lc_query *query,
                              size_t first, size_t count, uint64_t *missing)
{
    struct lc_index *index = NULL;
    enum lc_exit code = open_index(settings, settings->words + first, count, &index);

    query->format = settings->format;
    query->where = settings->where;
    query->where_count = settings->where_count;
    query->rules = settings->rules;
    query->rule_count = settings->rule_count;
    query->trainer = settings->trainer;
    if (code == LC_EXIT_CLEAN &&
        !lc_print_answer(index, query, settings->words[first], missing))
        code = LC_EXIT_ERROR;
    lc_index_close(index);
    return code;
}

static enum lc_exit run_list(const struct subcommand *self,
                             const struct lc_settings *settings)
{
    struct lc_query query = {
        .size = sizeof(query), .name = self->name, .show = settings->show};

    /* a user who names a rule wants its findings on every level */
    if (settings->rule_count && !settings->show_given)
        query.show = LC_SEVERITY_INFO;
    return run_query(settings, &query, 1, settings->word_count - 1, NULL);
}

static enum lc_exit run_get(const struct subcommand *self,
                            const struct lc_settings *settings)
{
    struct lc_query query = {
        .size = sizeof(query),
        .name = self->name,
        .ids = settings->words + 2,
        .id_count = settings->word_count - 2,
    };

    uint64_t missing = 0;
    enum lc_exit code = run_query(settings, &query, 1, 1, &missing);

    if (code != LC_EXIT_CLEAN || !missing)
        return code;
    /* text output contains this message; the other formats have no place for it */
    if (settings->format && strcmp(settings->format, "text") != 0)
        lc_complain("%llu of %zu id%s not found in any row", (unsigned long long)missing,
                    query.id_count, query.id_count == 1 ? "" : "s");
    return LC_EXIT_FINDINGS;
}

static enum lc_exit run_dump(const struct subcommand *self,
                             const struct lc_settings *settings)
{
    static const char *const tables[] = {"rows", "images", "findings", "files"};
    struct lc_settings own = *settings;

    bool is_rows = strcmp(settings->words[1], "rows") == 0;

    if (settings->where_count && !is_rows && strcmp(settings->words[1], "images") != 0)
        return lc_complain("--where applies only to rows and images");
    if (settings->trainer && !is_rows)
        return lc_complain("--trainer applies only to rows");
    if (!own.format)
        own.format = "jsonl";
    if (strcmp(own.format, "text") == 0)
        return lc_complain(
            "'index %s' prints jsonl, csv or json; choose one with --format", self->name);
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        struct lc_query query = {.size = sizeof(query), .name = tables[i]};

        if (strcmp(settings->words[1], tables[i]) == 0)
            return run_query(&own, &query, 2, settings->word_count - 2, NULL);
    }
    return lc_complain(
        "'index dump' cannot list '%s'; use rows, images, findings or files",
        settings->words[1]);
}

/* Counts from the examination of an index so far. */
struct examination {
    uint64_t faults;
    uint64_t records;
};

static void on_fault(void *user, const char *table, const char *what)
{
    struct examination *examination = user;

    printf("%s: ", table);
    lc_print_text(what, stdout);
    putchar('\n');
    examination->faults++;
}

static void on_table(void *user, const char *table, uint64_t records)
{
    struct examination *examination = user;

    printf("%-12s%16llu\n", table, (unsigned long long)records);
    examination->records += records;
}

static enum lc_exit run_check(const struct subcommand *self,
                              const struct lc_settings *settings)
{
    struct examination examination = {0};
    const struct lc_index_check_options to = {.size = sizeof(to),
                                              .user = &examination,
                                              .on_fault = on_fault,
                                              .on_table = on_table};
    struct lc_error error = {0};

    (void)self;
    if (lc_index_check(settings->words + 1, settings->word_count - 1, &to, &error) !=
        LC_OK)
        return lc_complain_about(settings->words[1], &error);
    if (examination.faults) {
        printf("\nThe index is damaged: %llu problem%s found. To rebuild it, run "
               "llava-check on the data again.\n",
               (unsigned long long)examination.faults,
               examination.faults == 1 ? "" : "s");
        return LC_EXIT_FINDINGS;
    }
    printf("\nThe index is intact: %llu records and entries checked.\n",
           (unsigned long long)examination.records);
    return LC_EXIT_CLEAN;
}

static const struct subcommand subcommands[] = {
    {"stats", "PATH…|INDEX", "statistics of the last run", 1, 0, run_stats},
    {"get", "PATH|INDEX ID…", "the rows with an id: location, images, findings", 2,
     ACCEPTS_FORMAT, run_get},
    {"rows", "PATH…|INDEX", "rows that meet conditions; see --where", 1,
     ACCEPTS_WHERE | ACCEPTS_FORMAT | ACCEPTS_TRAINER, run_list},
    {"images", "PATH…|INDEX", "images with verdict, size and hash; see --where", 1,
     ACCEPTS_WHERE | ACCEPTS_FORMAT, run_list},
    {"duplicates", "PATH…|INDEX", "groups of identical image files, largest first", 1,
     ACCEPTS_FORMAT, run_list},
    {"findings", "PATH…|INDEX", "findings, one per line; see --rule and --show", 1,
     ACCEPTS_RULE | ACCEPTS_SHOW | ACCEPTS_FORMAT, run_list},
    {"dump", "TABLE PATH…|INDEX", "rows, images, findings or files as jsonl or csv", 2,
     ACCEPTS_WHERE | ACCEPTS_FORMAT | ACCEPTS_TRAINER, run_dump},
    {"check", "PATH…|INDEX", "verify the integrity of the index itself", 1, 0, run_check},
};

#define SUBCOMMAND_COUNT (sizeof(subcommands) / sizeof(subcommands[0]))

const char *lc_index_query_name(const void *user, size_t index)
{
    (void)user;
    return index < SUBCOMMAND_COUNT ? subcommands[index].name : NULL;
}

void lc_index_help(FILE *to)
{
    fputs("\nQueries:\n", to);
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++) {
        const struct subcommand *sub = &subcommands[i];

        fprintf(to, "  %-10s ", sub->name);
        lc_print_padded(sub->usage, 18, to);
        fprintf(to, " %s\n", sub->summary);
    }
    fputs("\nA --where condition is FIELD OPERATOR VALUE, with = != < <= > >= ~ or !~.\n"
          "Images: verdict=corrupt, format=png, 'width<100', 'size>10M', path~coco/.\n"
          "Rows: 'effect>=replaced', rule=IMG501, level=error, 'images>1', 'rounds>50'.\n"
          "Boolean fields need no value: blank, '!blank'. All conditions must hold.\n",
          to);
}

/* Reject options that the query does not accept, and missing words. */
static enum lc_exit check_settings(const struct subcommand *sub,
                                   const struct lc_settings *settings)
{
    const struct {
        bool given;
        unsigned accepts;
        const char *option;
    } given[] = {
        {settings->where_count > 0, ACCEPTS_WHERE, "where"},
        {settings->rule_count > 0, ACCEPTS_RULE, "rule"},
        {settings->show_given, ACCEPTS_SHOW, "show"},
        {settings->format != NULL, ACCEPTS_FORMAT, "format"},
        {settings->trainer || settings->all_trainers, ACCEPTS_TRAINER, "trainer"},
    };

    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
        if (given[i].given && !(sub->accepts & given[i].accepts))
            return lc_complain("'index %s' does not accept --%s", sub->name,
                               given[i].option);
    if (settings->all_trainers)
        return lc_complain("'index %s' needs the name of one trainer", sub->name);
    if (settings->word_count - 1 < sub->min_words)
        return lc_complain("usage: llava-check index %s %s", sub->name, sub->usage);
    return LC_EXIT_CLEAN;
}

enum lc_exit lc_cmd_index(const struct lc_settings *settings)
{
    char names[128] = "";
    const char *near;

    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++) {
        const struct subcommand *sub = &subcommands[i];
        size_t used = strlen(names);

        if (strcmp(settings->words[0], sub->name) == 0)
            return check_settings(sub, settings) == LC_EXIT_CLEAN
                       ? sub->run(sub, settings)
                       : LC_EXIT_ERROR;
        snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "", sub->name);
    }
    near = lc_nearest_name(settings->words[0], strlen(settings->words[0]),
                           lc_index_query_name, NULL);
    if (near)
        return lc_complain("'index' has no query '%s'; did you mean '%s'?",
                           settings->words[0], near);
    return lc_complain("'index' has no query '%s'; use one of %s", settings->words[0],
                       names);
}

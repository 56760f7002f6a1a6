#include "cli/all.h"

#include "base/printable.h"
#include "cli/listener.h"
#include "llava_check/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether a format is read by people. */
static bool is_for_people(const char *format)
{
    return strcmp(format, "text") == 0 || strcmp(format, "full") == 0 ||
           strcmp(format, "grouped") == 0;
}

/* Whether a file, or whoever reads standard output, can take only one report in this
 * format. */
static bool is_single(const char *format)
{
    static const char *const names[] = {"jsonl", "csv",    "sarif",
                                        "junit", "gitlab", "html"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(format, names[i]) == 0)
            return true;
    return false;
}

/* Whether the list of data sets can be written in this format. */
static bool has_list(const char *format)
{
    return strcmp(format, "text") == 0 || strcmp(format, "json") == 0 ||
           strcmp(format, "html") == 0;
}

/* ---- numbered files ---- */

/* The name of a report with a number inserted before its suffix; NULL if out of
 * memory. */
static char *number_name(const char *name, size_t number)
{
    const char *slash = strrchr(name, '/');
    const char *dot = strchr(slash && slash[1] ? slash + 2 : name + 1, '.');
    size_t head = dot ? (size_t)(dot - name) : strlen(name);
    struct lc_buffer out = {0};

    if (lc_buffer_printf(&out, NULL, "%.*s-%zu%s", (int)head, name, number,
                         name + head) != LC_OK)
        lc_buffer_clear(&out);
    return out.data;
}

static void clear_reports(struct lc_all *all)
{
    for (size_t i = 0; i < LC_MAX_REPORTS; i++) {
        free(all->reports[i]);
        all->reports[i] = NULL;
    }
}

bool lc_all_next(struct lc_all *all, const struct lc_settings *settings,
                 const char *const *path, struct lc_settings *one)
{
    *one = *settings;
    one->words = (const char **)path;
    one->word_count = 1;
    one->is_one_of_all = true;
    one->all_sets = all;
    clear_reports(all);
    for (size_t i = 0; i < settings->report_count && all->total > 1; i++) {
        all->reports[i] = number_name(settings->reports[i], all->count + 1);
        if (!all->reports[i])
            return lc_complain("out of memory") == LC_EXIT_CLEAN;
        one->reports[i] = all->reports[i];
    }
    return true;
}

/* ---- outcomes ---- */

/* Copy a text; NULL stays NULL. Returns false if out of memory. */
static bool copy(const char *text, char **out)
{
    *out = text ? strdup(text) : NULL;
    return *out || !text;
}

/* List the dialects of the rows files, each once. */
static enum lc_status list_dialects(const struct lc_index *index, struct lc_buffer *out,
                                    struct lc_error *error)
{
    struct lc_file_iterator *files = NULL;
    const struct lc_file_entry *file = NULL;
    enum lc_status status = lc_file_iterator_new(index, &files, error);

    while (status == LC_OK) {
        status = lc_file_next(files, &file, error);
        if (status != LC_OK || !file)
            break;
        if (!out->size || !memmem(out->data, out->size, file->dialect.text,
                                  file->dialect.size)) /* no name contains another */
            status = lc_buffer_printf(out, error, "%s%.*s", out->size ? ", " : "",
                                      (int)file->dialect.size, file->dialect.text);
    }
    lc_file_iterator_free(files);
    return status;
}

/* Whether files of a medium were looked for: only then the description of its root ends
 * with a hit rate. */
static bool was_sampled(const char *choice)
{
    return choice && strstr(choice, " sampled paths found)");
}

static enum lc_status add_results(struct lc_all_set *set,
                                  const struct lc_listener *listener,
                                  const struct lc_results *results,
                                  struct lc_error *error)
{
    const struct lc_summary *summary = lc_index_summary(results->index);
    const struct lc_view_counts *counts = lc_view_counts(results->view);
    struct lc_buffer dialects = {0};
    enum lc_status status = list_dialects(results->index, &dialects, error);

    set->dialects = dialects.data;
    if (status == LC_OK &&
        (!copy(summary->images_referenced ? listener->image_root : NULL, &set->images) ||
         !copy(was_sampled(listener->video_root) ? listener->video_root : NULL,
               &set->videos)))
        status = LC_ERR_MEMORY;
    set->outcome.is_checked = true;
    set->outcome.rows = summary->rows;
    set->outcome.rows_ok = summary->rows_ok;
    set->outcome.images_named = summary->images_referenced;
    set->outcome.images_ok = summary->images_ok;
    set->outcome.errors = counts->findings[LC_SEVERITY_ERROR];
    set->outcome.warnings = counts->findings[LC_SEVERITY_WARNING];
    return status;
}

bool lc_all_add(struct lc_all *all, const struct lc_settings *settings,
                const struct lc_listener *listener, const struct lc_results *results,
                bool is_failed)
{
    struct lc_all_set *sets =
        lc_array_grow(all->sets, all->count, &all->capacity, sizeof(*sets));
    struct lc_error error = {0};
    enum lc_status status = LC_OK;
    struct lc_all_set *set;

    if (!sets)
        return lc_complain("out of memory") == LC_EXIT_CLEAN;
    all->sets = sets;
    set = &sets[all->count];
    *set = (struct lc_all_set){.outcome.is_failed = is_failed};
    if (!copy(settings->words[0], &set->path))
        return lc_complain("out of memory") == LC_EXIT_CLEAN;
    all->count++;
    if (results)
        status = add_results(set, listener, results, &error);
    set->outcome.path = set->path;
    set->outcome.dialects = set->dialects ? set->dialects : "";
    set->outcome.images = set->images;
    set->outcome.videos = set->videos;
    return status == LC_OK ||
           lc_complain_about(settings->words[0], &error) == LC_EXIT_CLEAN;
}

void lc_all_clear(struct lc_all *all)
{
    for (size_t i = 0; i < all->count; i++) {
        free(all->sets[i].path);
        free(all->sets[i].dialects);
        free(all->sets[i].images);
        free(all->sets[i].videos);
    }
    free(all->sets);
    clear_reports(all);
    *all = (struct lc_all){.total = 0};
}

/* ---- output ---- */

void lc_all_head(const struct lc_all *all, const struct lc_settings *settings)
{
    if (all->total < 2 || settings->quiet || !is_for_people(lc_printed_format(settings)))
        return;
    printf("%sdata set %zu of %zu: ", all->count ? "\n" : "", all->count + 1, all->total);
    lc_print_text(settings->words[0], stdout);
    putchar('\n');
}

/* Write the list; each of its lines has the name of the file that was written for it. */
static bool write_list(const struct lc_all *all, const char *format,
                       const struct lc_report_file *file, FILE *to, const char *where)
{
    struct lc_set_outcome *list = calloc(all->count + 1, sizeof(*list));
    char **names = calloc(all->count + 1, sizeof(*names));
    struct lc_error error = {0};
    enum lc_status status = list && names ? LC_OK : LC_ERR_MEMORY;

    for (size_t i = 0; i < all->count && status == LC_OK; i++) {
        const char *slash = file ? strrchr(file->target.path, '/') : NULL;

        list[i] = all->sets[i].outcome;
        if (!file || !list[i].is_checked)
            continue;
        names[i] = number_name(slash ? slash + 1 : file->target.path, i + 1);
        list[i].report = names[i];
        if (!names[i])
            status = LC_ERR_MEMORY;
    }
    if (status == LC_OK)
        status = lc_sets_write(list, all->count, format, to, &error);
    for (size_t i = 0; i < all->count && names; i++)
        free(names[i]);
    free(names);
    free(list);
    return status == LC_OK || lc_complain_about(where, &error) == LC_EXIT_CLEAN;
}

static bool write_file(const struct lc_all *all, const struct lc_settings *settings,
                       struct lc_report_file *file)
{
    if (!has_list(file->format->name))
        return true;
    if (!lc_target_open(&file->target))
        return false;
    if (strcmp(file->format->name, "text") == 0)
        fputs("# llava-check text report\n", file->target.file);
    return write_list(all, file->format->name, file, file->target.file,
                      file->target.path) &&
           lc_target_finish(&file->target, settings);
}

bool lc_all_end(struct lc_all *all, const struct lc_settings *settings,
                struct lc_report_file *files)
{
    const char *format = lc_printed_format(settings);
    bool good = true;

    for (size_t i = 0; i < settings->report_count && all->total > 1; i++)
        good &= write_file(all, settings, &files[i]);
    if (settings->quiet)
        return good;
    if (is_for_people(format) && all->total > 1) {
        putchar('\n');
        return write_list(all, "text", NULL, stdout, "standard output") && good;
    }
    if (strcmp(format, "json") == 0)
        return write_list(all, "json", NULL, stdout, "standard output") && good;
    return good;
}

bool lc_all_is_misused(const struct lc_settings *settings)
{
    const char *other = settings->index            ? "--index"
                        : settings->metrics        ? "--metrics"
                        : settings->write_baseline ? "--write-baseline"
                        : settings->prune_baseline ? "--prune-baseline"
                                                   : NULL;

    if (!settings->all)
        return false;
    if (other)
        lc_complain("--all cannot be used with %s: each data set has its own", other);
    else if (settings->word_count != 1)
        lc_complain("--all requires one PATH");
    else if (!settings->quiet && is_single(lc_printed_format(settings)))
        lc_complain("--all cannot print %s, which has one data set; --report FILE writes "
                    "a file for each",
                    lc_printed_format(settings));
    else
        return false;
    return true;
}

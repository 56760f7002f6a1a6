/* convert: rewrites rows of one dialect in another dialect
 *
 * Everything is first written beside its place. Only after the new rows have been read
 * again and compared with the original ones do all files get their names, that of the
 * rows last. */
#include "base/path.h"
#include "base/printable.h"
#include "base/shell.h"
#include "cli/clean_summary.h"
#include "cli/listener.h"
#include "cli/options.h"
#include "cli/outside.h"
#include "llava_check/convert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job {
    const struct lc_settings *settings;
    const char *out;
    char *skipped_path;
    char *entry_path; /* NULL: none is written */
    struct lc_convert *convert;
    struct lc_target rows, skipped, entry;
};

static bool complain_no_memory(void)
{
    return lc_complain("out of memory") == LC_EXIT_CLEAN;
}

static bool complain_of_step(const struct job *job, const char *subject,
                             const struct lc_error *error)
{
    lc_complain_about(subject ? subject : lc_subject_of(job->settings, error), error);
    return false;
}

/* ---- options ---- */

/* Whether a name can be a key of a registry, into which it is written unescaped. */
static bool is_entry_name(const char *name)
{
    return *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")];
}

static bool read_options(struct job *job)
{
    const struct lc_settings *settings = job->settings;
    const char *out = settings->output;

    if (!settings->to || !out)
        lc_complain("usage: llava-check convert PATH --to DIALECT -o OUT");
    else if (!lc_path_ends(out, ".json") && !lc_path_ends(out, ".jsonl"))
        lc_complain("%s: name the result .json for an array, or .jsonl for JSON lines",
                    out);
    else if (settings->all_trainers)
        lc_complain("convert needs one trainer; only check accepts '%s'",
                    LC_ALL_TRAINERS);
    else if (settings->entry && !is_entry_name(settings->entry))
        lc_complain(
            "--entry must be a name of letters, digits, '.', '_' and '-', not '%s'",
            lc_quotable(settings->entry));
    else {
        job->out = out;
        return true;
    }
    return false;
}

/* ---- the files ---- */

static bool check_target(const struct job *job, struct lc_target *target,
                         const char *path)
{
    *target = (struct lc_target){path, LC_TARGET_RESULT, .force = job->settings->force};
    return lc_target_check(target, job->settings);
}

/* Check the paths that are known before the data set is read. */
static bool check_targets(struct job *job)
{
    if (asprintf(&job->skipped_path, "%s.skipped.jsonl", job->out) < 0) {
        job->skipped_path = NULL;
        return complain_no_memory();
    }
    return check_target(job, &job->rows, job->out) &&
           (!job->settings->skip || check_target(job, &job->skipped, job->skipped_path));
}

/* Check the path of the entry, whose suffix depends on the trainer. */
static bool check_entry(struct job *job)
{
    const char *suffix = lc_convert_entry_suffix(job->convert);

    if (!job->settings->entry)
        return true;
    if (!suffix) {
        lc_complain("--entry: %s has no registry of data sets",
                    lc_convert_trainer(job->convert));
        return false;
    }
    if (asprintf(&job->entry_path, "%s%s", job->out, suffix) < 0) {
        job->entry_path = NULL;
        return complain_no_memory();
    }
    return check_target(job, &job->entry, job->entry_path);
}

static const char *input_at(const void *user, size_t index, bool *is_folder)
{
    return lc_convert_input_at(user, index, is_folder);
}

static bool begin(struct job *job, struct lc_listener *listener)
{
    const struct lc_settings *settings = job->settings;
    const struct lc_check_options check = lc_listener_options(listener, settings);
    const struct lc_convert_options options = {
        .size = sizeof(options),
        .check = &check,
        .to = settings->to,
        .name = lc_path_name(job->out),
        .skip = settings->skip,
        .trainer = settings->trainer,
        .in_parts = settings->in_parts,
        .part_paths = settings->part_paths,
    };
    const struct lc_result_place place = {job->out, .may_be_beside = true};
    struct lc_error error = {0};

    if (lc_convert_new(&options, &job->convert, &error) == LC_OK)
        return lc_is_outside_inputs(&place, settings, input_at, job->convert) &&
               check_entry(job);
    complain_of_step(job, NULL, &error);
    lc_listener_list_sets(listener);
    return false;
}

/* ---- numbers and reasons ---- */

/* Print lines such as
 * "  7  the dialect does not have system messages; first at rows.json:12, row 3". */
static void print_reasons(const struct job *job, FILE *to)
{
    const struct lc_convert_reason *reason;
    char number[32];

    for (size_t i = 0; (reason = lc_convert_reason_at(job->convert, i)); i++) {
        fprintf(to, "    %9s  %s", lc_count_text(reason->rows, number), reason->text);
        if (reason->subject.size) {
            char *subject = strndup(reason->subject.text, reason->subject.size);

            fputs(": ", to);
            lc_print_json(subject ? subject : "", to);
            free(subject);
        }
        fputs("; first in ", to);
        lc_print_text(reason->file, to);
        fprintf(to, ", line %llu, row %llu\n", (unsigned long long)reason->line,
                (unsigned long long)reason->row);
    }
}

/* ---- the steps ---- */

/* Write the rows beside their place. */
static bool write_rows(struct job *job)
{
    bool skip = job->settings->skip;
    struct lc_error error = {0};

    lc_target_drop(&job->rows);
    lc_target_drop(&job->skipped);
    if (!lc_target_open(&job->rows) || (skip && !lc_target_open(&job->skipped)))
        return false;
    if (lc_convert_write(job->convert, job->rows.file, skip ? job->skipped.file : NULL,
                         &error) == LC_OK)
        return true;
    complain_of_step(job, job->out, &error);
    if (error.status == LC_ERR_USAGE)
        print_reasons(job, stderr);
    return false;
}

/* Check the written rows; *again is set if they must be written again. */
static bool check_rows(struct job *job, bool *again)
{
    struct lc_error error = {0};

    return lc_convert_check(job->convert, job->rows.part, again, &error) == LC_OK ||
           complain_of_step(job, job->out, &error);
}

static bool write_entry(struct job *job)
{
    struct lc_error error = {0};

    if (!job->entry_path)
        return true;
    return lc_target_open(&job->entry) &&
           (lc_convert_write_entry(job->convert, job->settings->entry, job->out,
                                   job->entry.file, &error) == LC_OK ||
            complain_of_step(job, job->entry_path, &error));
}

static bool write_all(struct job *job)
{
    bool again = true;

    while (again)
        if (!write_rows(job) || !check_rows(job, &again))
            return false;
    if (!write_entry(job))
        return false;
    if (lc_interrupt_came(NULL)) {
        lc_complain("stopped; nothing was written");
        return false;
    }
    return (!job->settings->skip || lc_target_finish(&job->skipped, job->settings)) &&
           (!job->entry_path || lc_target_finish(&job->entry, job->settings)) &&
           lc_target_finish(&job->rows, job->settings);
}

/* ---- the outcome ---- */

static void print_checked(const struct job *job)
{
    static const char *const words[] = {
        [LC_EFFECT_UNKNOWN] = "unknown",
        [LC_EFFECT_ALTERED] = "trained altered",
        [LC_EFFECT_DROPPED] = "left out",
        [LC_EFFECT_REPLACED] = "replaced",
        [LC_EFFECT_CRASH] = "stopping it",
        [LC_EFFECT_REFUSED] = "keeping it from starting",
    };
    const struct lc_convert_counts *counts = lc_convert_counts(job->convert);
    const char *trainer = lc_convert_trainer(job->convert);
    const char *unloaded = lc_convert_unloaded(job->convert);
    char number[32];

    if (counts->effects[LC_EFFECT_FINE] == counts->kept) {
        printf("  checked   %s trains every row as written\n", trainer);
    } else {
        printf("  checked   %s: %s trained as written", trainer,
               lc_count_text(counts->effects[LC_EFFECT_FINE], number));
        for (int e = LC_EFFECT_REFUSED; e > LC_EFFECT_FINE; e--)
            if (counts->effects[e])
                printf(", %s %s", lc_count_text(counts->effects[e], number), words[e]);
        putchar('\n');
    }
    if (counts->before < counts->rows)
        printf("            before, %s: %s of the rows trained as written\n",
               lc_convert_trainer_before(job->convert),
               lc_count_text(counts->before, number));
    if (unloaded)
        printf("  note      %s: %s\n", trainer, unloaded);
}

/* Print the command that checks the result. */
static bool print_next(const struct job *job)
{
    struct lc_buffer line = {0};
    enum lc_status status = lc_buffer_printf(&line, NULL, "llava-check ");

    if (status == LC_OK)
        status = lc_shell_add(&line, job->out, NULL);
    if (status == LC_OK)
        status = lc_buffer_printf(&line, NULL, " --images ");
    if (status == LC_OK)
        status = lc_shell_add(&line, lc_convert_images(job->convert), NULL);
    if (status == LC_OK)
        status = lc_buffer_printf(&line, NULL, " --dialect %s --trainer %s",
                                  lc_convert_dialect(job->convert),
                                  lc_convert_trainer(job->convert));
    if (status == LC_OK) {
        fputs("\n  ", stdout);
        lc_print_text(line.data, stdout);
        fputs("   # checks it again\n", stdout);
    }
    lc_buffer_clear(&line);
    return status == LC_OK || complain_no_memory();
}

static bool print_result(const struct job *job)
{
    const struct lc_convert_counts *counts = lc_convert_counts(job->convert);
    char a[32], b[32], c[32];

    if (job->settings->quiet)
        return true;
    lc_print_text(job->settings->words[0], stdout);
    printf("\n  rows      %s in = %s converted to %s + %s skipped\n",
           lc_count_text(counts->rows, a), lc_count_text(counts->kept, b),
           lc_convert_dialect(job->convert), lc_count_text(counts->skipped, c));
    if (counts->skipped) {
        puts("  skipped   for these reasons");
        print_reasons(job, stdout);
    }
    fputs("  wrote     ", stdout);
    lc_print_text(job->out, stdout);
    printf(": %s row%s\n", lc_count_text(counts->kept, a), lc_plural(counts->kept));
    if (job->settings->skip) {
        fputs("            ", stdout);
        lc_print_text(job->skipped_path, stdout);
        printf(": %s skipped row%s, with reasons\n", lc_count_text(counts->skipped, a),
               lc_plural(counts->skipped));
    }
    if (job->entry_path) {
        fputs("            ", stdout);
        lc_print_text(job->entry_path, stdout);
        printf(": the entry for %s\n", lc_convert_trainer(job->convert));
    }
    print_checked(job);
    return print_next(job);
}

/* ---- the command ---- */

static void clear(struct job *job)
{
    lc_target_drop(&job->rows);
    lc_target_drop(&job->skipped);
    lc_target_drop(&job->entry);
    lc_convert_free(job->convert);
    free(job->skipped_path);
    free(job->entry_path);
}

enum lc_exit lc_cmd_convert(const struct lc_settings *settings)
{
    struct lc_listener listener = {.quiet = settings->quiet,
                                   .verbose = settings->verbose};
    struct job job = {.settings = settings};
    const struct lc_result_place place = {settings->output, .may_be_beside = true};
    bool good = read_options(&job) && lc_is_outside_named(&place, settings) &&
                check_targets(&job);

    if (good) {
        listener.bar = lc_bar_new(settings);
        lc_interrupt_begin();
        good = begin(&job, &listener) && write_all(&job);
        lc_interrupt_end();
        lc_bar_end(listener.bar);
    }
    if (good)
        good = print_result(&job);
    clear(&job);
    lc_listener_clear(&listener);
    if (good)
        return LC_EXIT_CLEAN;
    return lc_interrupt_came(NULL) ? lc_interrupt_exit() : LC_EXIT_ERROR;
}

void lc_convert_help(FILE *to)
{
    fputs("\nDialects: llava, sharegpt, messages, role-value, alpaca, query, internvl.\n"
          "Texts, ids, images and other columns stay as they are. If the dialect cannot\n"
          "hold a row, nothing is written unless --skip is given. The result is checked\n"
          "before it appears as OUT.\n",
          to);
}

/* clean: writes the rows that a trainer trains as written, and what became of the others;
 * and fix with --output, which is the same except for which rows it keeps
 *
 * Everything is first written beside its place. Only after the rows have been read again
 * and checked do all files get their names, those of the rows last. */
#include "base/path.h"
#include "base/shell.h"
#include "base/printable.h"
#include "cli/clean_summary.h"
#include "cli/listener.h"
#include "cli/options.h"
#include "cli/outside.h"
#include "llava_check/clean.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART_NAME_MAX 40

/* The files that are written beside the rows. */
enum { SIDE_DROPPED, SIDE_REFETCH, SIDE_FIXED, SIDE_IMAGES, SIDE_REPORT, SIDE_COUNT };

static const char *const side_suffixes[SIDE_COUNT] = {
    ".dropped.jsonl", ".refetch.txt", ".fixed.jsonl", ".images.tsv", ".report.json"};

struct job {
    const struct lc_settings *settings;
    bool is_fix;    /* drop no rows except duplicates */
    char *out;      /* as the user gave it, without trailing slashes */
    bool is_folder; /* OUT is a folder, with a file for each rows file */
    struct lc_clean_part parts[LC_CLEAN_PARTS];
    char part_names[LC_CLEAN_PARTS][PART_NAME_MAX];
    size_t part_count;
    const char *images; /* where images are copied or linked; NULL: they stay where they
                           are */
    struct lc_clean *clean;
    struct lc_list folders; /* created by this command */
    struct lc_list paths;   /* of the result's rows files */
    struct lc_target *targets;
    struct lc_list side_paths;
    struct lc_target sides[SIDE_COUNT];
};

static const char *name_of(const struct job *job)
{
    return job->is_fix ? "fix" : "clean";
}

/* Whether a file is written beside the rows. Fixed rows are listed only if rows may be
 * fixed. */
static bool has_side(const struct job *job, int side)
{
    if (side == SIDE_FIXED)
        return job->is_fix || job->settings->fix;
    if (side == SIDE_IMAGES)
        return job->settings->transcode;
    if (side == SIDE_DROPPED) /* fix drops only duplicates, and only with --unsafe */
        return !job->is_fix || job->settings->unsafe;
    return !job->is_fix || side != SIDE_REFETCH;
}

static bool complain_no_memory(void)
{
    return lc_complain("out of memory") == LC_EXIT_CLEAN;
}

/* ---- options ---- */

/* NAME=SHARE */
static bool read_part(struct job *job, const char *text, size_t size)
{
    const char *equals = memchr(text, '=', size);
    size_t name = equals ? (size_t)(equals - text) : 0;
    struct lc_clean_part *part = &job->parts[job->part_count];
    char *own = job->part_names[job->part_count];
    char share[32] = "", *end;

    if (!name || name >= PART_NAME_MAX || size - name - 1 >= sizeof(share) ||
        memchr(text, '/', name) || text[0] == '.')
        return false;
    memcpy(own, text, name);
    own[name] = '\0';
    memcpy(share, equals + 1, size - name - 1);
    part->name = own;
    part->share = strtod(share, &end);
    for (size_t i = 0; i < job->part_count; i++)
        if (strcmp(job->parts[i].name, own) == 0)
            return false;
    job->part_count++;
    return *share >= '0' && *share <= '9' && !*end && part->share > 0 && part->share <= 1;
}

static bool read_parts(struct job *job)
{
    const char *text = job->settings->split;
    double sum = 0;

    while (text && *text) {
        size_t size = strcspn(text, ",");

        if (job->part_count == LC_CLEAN_PARTS) {
            lc_complain("--split has more than %d parts", LC_CLEAN_PARTS);
            return false;
        }
        if (!read_part(job, text, size)) {
            lc_complain("--split must be parts such as train=0.99,val=0.01, not '%s'",
                        job->settings->split);
            return false;
        }
        sum += job->parts[job->part_count - 1].share;
        text += size + (text[size] == ',');
    }
    if (job->part_count && (sum < 0.999999 || sum > 1.000001)) {
        lc_complain("the shares of --split add up to %g, not 1", sum);
        return false;
    }
    return true;
}

/* Find out whether OUT is a file or a folder. */
static bool read_out(struct job *job)
{
    const char *out = job->settings->output;
    bool is_rows, there = false;
    size_t size;
    struct stat st;

    if (!out) {
        lc_complain("no output given; usage: llava-check %s PATH -o OUT", name_of(job));
        return false;
    }
    job->out = strdup(out);
    if (!job->out)
        return complain_no_memory();
    if (!lc_look(out, &st, &there))
        return false;
    size = strlen(out);
    is_rows = lc_path_ends(out, ".json") || lc_path_ends(out, ".jsonl") ||
              lc_path_ends(out, ".tar");
    job->is_folder = out[size - 1] == '/' || (there && S_ISDIR(st.st_mode)) || !is_rows;
    while (size > 1 && job->out[size - 1] == '/')
        job->out[--size] = '\0';
    if (job->is_folder && there && !S_ISDIR(st.st_mode)) {
        lc_complain(
            "%s: not a folder; a rows file must be named .json or .jsonl, a shard "
            ".tar",
            out);
        return false;
    }
    if (job->is_folder && job->settings->merge) {
        lc_complain("--merge writes one file: name it .json or .jsonl, not '%s'", out);
        return false;
    }
    return true;
}

/* Find out where images go. */
static bool read_images(struct job *job)
{
    const struct lc_settings *settings = job->settings;
    bool there = false;
    struct stat st;

    if (settings->copy_images && settings->link_images) {
        lc_complain("--copy-images and --link-images cannot be combined");
        return false;
    }
    if (settings->given[LC_OPTION_LINK].texts.count && !settings->link_images) {
        lc_complain("--link has no effect without --link-images DIR");
        return false;
    }
    if (settings->transcode && !settings->copy_images) {
        lc_complain("--transcode needs --copy-images DIR: originals are never changed");
        return false;
    }
    job->images = settings->copy_images ? settings->copy_images : settings->link_images;
    if (!job->images)
        return true;
    if (!lc_look(job->images, &st, &there))
        return false;
    if (there && !S_ISDIR(st.st_mode))
        lc_complain("%s: is not a folder", job->images);
    else if (there && access(job->images, W_OK | X_OK) != 0)
        lc_complain("%s: cannot write into the folder: %s", job->images, strerror(errno));
    else
        return true;
    return false;
}

/* ---- where results may be written ---- */

static struct lc_result_place rows_place(const struct job *job)
{
    return (struct lc_result_place){job->out, .is_folder = job->is_folder,
                                    .may_be_beside = true};
}

static struct lc_result_place images_place(const struct job *job)
{
    return (struct lc_result_place){job->images, .is_folder = true};
}

/* Before the check: whether nothing would be written into a folder that the user
 * named. */
static bool is_outside_paths(const struct job *job)
{
    const struct lc_result_place rows = rows_place(job), images = images_place(job);

    return lc_is_outside_named(&rows, job->settings) &&
           (!job->images || lc_is_outside_named(&images, job->settings));
}

static const char *input_at(const void *user, size_t index, bool *is_folder)
{
    return lc_clean_input_at(user, index, is_folder);
}

/* After the check: whether nothing would be written into one of the folders that were
 * found. */
static bool is_outside_roots(const struct job *job)
{
    const struct lc_result_place rows = rows_place(job), images = images_place(job);

    return lc_is_outside_inputs(&rows, job->settings, input_at, job->clean) &&
           (!job->images ||
            lc_is_outside_inputs(&images, job->settings, input_at, job->clean));
}

/* ---- the files ---- */

/* Create a folder of the result, unless it exists. */
static bool make_folder(struct job *job, const char *path)
{
    if (mkdir(path, 0777) == 0)
        return lc_list_add(&job->folders, path, strlen(path)) != NULL;
    if (errno == EEXIST)
        return true;
    lc_complain("%s: cannot create the folder: %s", path, strerror(errno));
    return false;
}

/* Create OUT and the folders in it that a path needs. */
static bool make_folders(struct job *job, const char *path)
{
    char *own = strdup(path);
    bool good = own ? make_folder(job, job->out) : complain_no_memory();

    for (char *slash = good ? own + strlen(job->out) + 1 : NULL;
         good && (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        good = make_folder(job, own);
        *slash = '/';
    }
    free(own);
    return good;
}

/* Add the path of a file of the result: OUT or OUT/SOURCE, with the part's name before
 * the suffix. */
static bool add_path(struct job *job, const char *source, const char *part)
{
    const char *name = source ? source : job->out;
    const char *suffix = strrchr(name, '.');
    size_t stem = (size_t)(suffix - name);
    char *path = NULL;
    bool good;

    if (asprintf(&path, "%s%s%.*s%s%s%s", source ? job->out : "", source ? "/" : "",
                 (int)stem, name, part ? "." : "", part ? part : "", suffix) < 0)
        return complain_no_memory();
    good = lc_list_add(&job->paths, path, strlen(path)) != NULL;
    free(path);
    return good;
}

/* Check the paths that are known before the data set is read. */
static bool check_targets(struct job *job)
{
    for (size_t i = 0; i < SIDE_COUNT; i++) {
        char *path = NULL;
        const char *own;

        if (asprintf(&path, "%s%s", job->out, side_suffixes[i]) < 0)
            return complain_no_memory();
        own = lc_list_add(&job->side_paths, path, strlen(path));
        free(path);
        if (!own)
            return false;
        job->sides[i] =
            (struct lc_target){own, LC_TARGET_RESULT, .force = job->settings->force};
        if (has_side(job, (int)i) && !lc_target_check(&job->sides[i], job->settings))
            return false;
    }
    for (size_t i = 0; !job->is_folder && (i < job->part_count || !i); i++) {
        struct lc_target target = {.kind = LC_TARGET_RESULT,
                                   .force = job->settings->force};

        if (!add_path(job, NULL, job->part_count ? job->parts[i].name : NULL))
            return false;
        target.path = job->paths.items[i];
        if (!lc_target_check(&target, job->settings))
            return false;
    }
    lc_list_clear(&job->paths);
    return true;
}

static void drop_targets(struct job *job)
{
    for (size_t i = 0; job->targets && i < job->paths.count; i++)
        lc_target_drop(&job->targets[i]);
    free(job->targets);
    job->targets = NULL;
    lc_list_clear(&job->paths);
}

static bool complain_of_step(const struct job *job, const char *subject,
                             const struct lc_error *error)
{
    lc_complain_about(subject ? subject : lc_subject_of(job->settings, error), error);
    return false;
}

/* All files of the result are open until they get their names, so raise the limit of open
 * files to the system's maximum. If that is not enough, opening a file fails. */
static void allow_open_files(size_t count)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)count + 256;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* Whether there is no Energon index at a path. An old index would not match the new
 * shards, and Energon reads samples at the offsets in its index. */
static bool has_no_index(const char *path)
{
    struct stat st;
    bool there = false;

    if (!lc_look_at_link(path, &st, &there))
        return false;
    if (there)
        lc_complain(
            "%s: an index of Energon, which would not match the new shards; remove it, "
            "and run energon prepare afterwards",
            path);
    return !there;
}

static bool check_indexes(const struct job *job)
{
    const char *slash = job->is_folder ? NULL : strrchr(job->out, '/');
    int size = slash ? (int)(slash - job->out) + 1 : 0;
    char *path = NULL;
    bool good = (job->is_folder ? asprintf(&path, "%s/.nv-meta", job->out)
                                : asprintf(&path, "%.*s.nv-meta", size, job->out)) >= 0;

    if (!good)
        return complain_no_memory();
    good = has_no_index(path);
    free(path);
    for (size_t i = 0; i < job->paths.count && good; i++) {
        if (asprintf(&path, "%s.idx", job->paths.items[i]) < 0)
            return complain_no_memory();
        good = has_no_index(path);
        free(path);
    }
    return good;
}

/* Write the files of the result beside their places. */
static bool write_files(struct job *job)
{
    const struct lc_clean_file *file;
    bool good = true;

    drop_targets(job);
    for (size_t i = 0; good && (file = lc_clean_file_at(job->clean, i)); i++)
        good = add_path(job, file->source, file->part);
    if (good && lc_clean_shards(job->clean))
        good = check_indexes(job);
    if (good)
        allow_open_files(job->paths.count);
    job->targets = good ? calloc(job->paths.count, sizeof(*job->targets)) : NULL;
    if (good && !job->targets)
        return complain_no_memory();
    for (size_t i = 0; good && i < job->paths.count; i++) {
        struct lc_target *target = &job->targets[i];
        struct lc_error error = {0};

        *target = (struct lc_target){job->paths.items[i], LC_TARGET_RESULT,
                                     .force = job->settings->force};
        good = (!job->is_folder || make_folders(job, target->path)) &&
               lc_target_check(target, job->settings) && lc_target_open(target);
        if (good && lc_clean_write(job->clean, i, target->file, &error) != LC_OK)
            good = complain_of_step(job, target->path, &error);
    }
    return good;
}

/* Check the written files; *again is set if they must be written again. */
static bool check_files(struct job *job, bool *again)
{
    const char **parts = calloc(job->paths.count, sizeof(*parts));
    struct lc_error error = {0};
    enum lc_status status;

    if (!parts)
        return complain_no_memory();
    for (size_t i = 0; i < job->paths.count; i++)
        parts[i] = job->targets[i].part;
    status = lc_clean_check(job->clean, parts, again, &error);
    free(parts);
    return status == LC_OK || complain_of_step(job, job->out, &error);
}

static bool write_side(struct job *job, int side)
{
    struct lc_target *target = &job->sides[side];
    struct lc_error error = {0};
    const char **names;
    enum lc_status status;

    if (!lc_target_open(target))
        return false;
    switch (side) {
    case SIDE_DROPPED:
        status = lc_clean_write_dropped(job->clean, target->file, &error);
        break;
    case SIDE_REFETCH:
        status = lc_clean_write_refetch(job->clean, target->file, &error);
        break;
    case SIDE_FIXED:
        status = lc_clean_write_fixed(job->clean, target->file, &error);
        break;
    case SIDE_IMAGES:
        status = lc_clean_write_images(job->clean, target->file, &error);
        break;
    default:
        names = calloc(job->paths.count, sizeof(*names));
        if (!names)
            return complain_no_memory();
        for (size_t i = 0; i < job->paths.count; i++)
            names[i] = job->is_folder ? job->paths.items[i] + strlen(job->out) + 1
                                      : lc_path_name(job->paths.items[i]);
        status = lc_clean_write_report(job->clean, names, target->file, &error);
        free(names);
        break;
    }
    return status == LC_OK || complain_of_step(job, target->path, &error);
}

static enum lc_clean_images how_images(const struct job *job)
{
    static const enum lc_clean_images links[] = {
        [LC_LINK_SYMBOLIC] = LC_CLEAN_IMAGES_SYMBOLIC,
        [LC_LINK_HARD] = LC_CLEAN_IMAGES_HARD,
        [LC_LINK_REFLINK] = LC_CLEAN_IMAGES_REFLINK,
    };

    if (!job->images)
        return LC_CLEAN_IMAGES_NONE;
    return job->settings->copy_images ? LC_CLEAN_IMAGES_COPY : links[job->settings->link];
}

/* Put the rows' images in place, before the rows that name them. */
static bool place_images(struct job *job)
{
    struct lc_error error = {0};

    if (!job->images)
        return true;
    return make_folder(job, job->images) &&
           (lc_clean_place_images(job->clean, job->images, &error) == LC_OK ||
            complain_of_step(job, job->images, &error));
}

/* Write everything, and put it in place once all checks have passed. */
static bool write_all(struct job *job)
{
    bool again = true, good = true;

    while (good && again) {
        again = false;
        good = write_files(job);
        /* fixed rows may name other images than before; a check shows which */
        if (good && job->settings->transcode && job->settings->fix)
            good = check_files(job, &again);
        if (good && !again) /* the check reads the images that were rewritten */
            good = (!job->settings->transcode || place_images(job)) &&
                   check_files(job, &again);
    }
    good = good && (job->settings->transcode || place_images(job));
    for (int i = 0; i < SIDE_COUNT && good; i++)
        good = !has_side(job, i) || write_side(job, i);
    if (good && lc_interrupt_came(NULL)) {
        lc_complain("stopped; nothing was written");
        good = false;
    }
    for (int i = 0; i < SIDE_COUNT && good; i++)
        good = !has_side(job, i) || lc_target_finish(&job->sides[i], job->settings);
    for (size_t i = 0; i < job->paths.count && good; i++)
        good = lc_target_finish(&job->targets[i], job->settings);
    return good;
}

/* ---- the outcome ---- */

/* "1.2 GB" */
static const char *size_of(uint64_t bytes, char out[32])
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB"};
    double size = (double)bytes;
    size_t unit = 0;

    for (; size >= 1000 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
        size /= 1000;
    snprintf(out, 32, "%.*f %s", unit > 0, size, units[unit]);
    return out;
}

static void print_images(const struct job *job)
{
    static const char *const verbs[] = {
        [LC_CLEAN_IMAGES_COPY] = "copied to",
        [LC_CLEAN_IMAGES_SYMBOLIC] = "linked in",
        [LC_CLEAN_IMAGES_HARD] = "linked (hard) in",
        [LC_CLEAN_IMAGES_REFLINK] = "copied (reflink) to",
    };
    const struct lc_clean_counts *counts = lc_clean_counts(job->clean);
    char number[32], size[32];

    if (!job->images)
        return;
    printf("  images    %s %s ", lc_count_text(counts->placed, number),
           verbs[how_images(job)]);
    lc_print_text(job->images, stdout);
    printf(": %s, each verified\n", size_of(counts->placed_bytes, size));
    if (counts->placed_before)
        printf("            %s of them %s there already\n",
               lc_count_text(counts->placed_before, number),
               counts->placed_before == 1 ? "was" : "were");
    if (counts->rewriting_failed) {
        printf("            %s could not be rewritten: ",
               lc_count_text(counts->rewriting_failed, number));
        lc_print_text(job->side_paths.items[SIDE_IMAGES], stdout);
        printf(" names %s last\n", counts->rewriting_failed == 1 ? "it" : "them");
    }
    if (counts->images_missing)
        printf("            %s not: missing, or not readable\n",
               lc_count_text(counts->images_missing, number));
    if (counts->images_outside)
        printf("            %s not: %s out of the image root\n",
               lc_count_text(counts->images_outside, number),
               counts->images_outside == 1 ? "its path leads" : "their paths lead");
    if (counts->videos_left)
        printf("            %s video%s not: clean copies only images\n",
               lc_count_text(counts->videos_left, number),
               lc_plural(counts->videos_left));
}

static void print_written(const struct job *job)
{
    const struct lc_clean_counts *counts = lc_clean_counts(job->clean);
    const struct lc_clean_file *file;
    char number[32];

    for (size_t i = 0; (file = lc_clean_file_at(job->clean, i)); i++) {
        fputs(i ? "            " : "  wrote     ", stdout);
        lc_print_text(job->paths.items[i], stdout);
        printf(": %s row%s\n", lc_count_text(file->rows, number), lc_plural(file->rows));
    }
    for (int i = 0; i < SIDE_COUNT; i++) {
        if (!has_side(job, i))
            continue;
        fputs("            ", stdout);
        lc_print_text(job->side_paths.items[i], stdout);
        if (i == SIDE_DROPPED)
            printf(": %s dropped row%s, with reasons\n",
                   lc_count_text(counts->dropped, number), lc_plural(counts->dropped));
        else if (i == SIDE_REFETCH)
            printf(": %s image%s to download again\n",
                   lc_count_text(counts->refetch, number), lc_plural(counts->refetch));
        else if (i == SIDE_IMAGES)
            printf(": %s rewritten image%s, with changes\n",
                   lc_count_text(counts->placed_rewritten, number),
                   lc_plural(counts->placed_rewritten));
        else if (i == SIDE_FIXED)
            printf(": %s fixed row%s, as %s\n", lc_count_text(counts->fixed, number),
                   lc_plural(counts->fixed), counts->fixed == 1 ? "it was" : "they were");
        else
            putchar('\n');
    }
}

/* Print that Energon has to index the new shards before it can read them. */
static void print_index_note(const struct job *job)
{
    enum lc_clean_shards shards = lc_clean_shards(job->clean);

    if (shards == LC_CLEAN_INDEXED_SHARDS ||
        (shards && strcmp(lc_clean_trainer(job->clean), "energon") == 0))
        puts(
            "  note      Energon's index is not copied: energon prepare makes a new one");
}

/* Print the command that checks the result. */
static bool print_next(const struct job *job)
{
    bool shards = lc_clean_shards(job->clean) != LC_CLEAN_NO_SHARDS;
    struct lc_buffer line = {0};
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < (job->is_folder ? 1 : job->paths.count) && status == LC_OK;
         i++) {
        status = lc_buffer_printf(&line, NULL, "%s", i ? " " : "llava-check ");
        if (status == LC_OK)
            status = lc_shell_add(&line, job->is_folder ? job->out : job->paths.items[i],
                                  NULL);
    }
    if (status == LC_OK && !shards)
        status = lc_buffer_printf(&line, NULL, " --images ");
    if (status == LC_OK && !shards)
        status = lc_shell_add(
            &line, job->images ? job->images : lc_clean_images(job->clean), NULL);
    if (status == LC_OK)
        status = lc_buffer_printf(&line, NULL, " --trainer %s",
                                  job->settings->trainer ? job->settings->trainer
                                                         : lc_clean_trainer(job->clean));
    if (status == LC_OK) {
        fputs("\n  ", stdout);
        lc_print_text(line.data, stdout);
        fputs("   # checks it again\n", stdout);
    }
    lc_buffer_clear(&line);
    return status == LC_OK || complain_no_memory();
}

/* Say how rows are dropped that stop the program for which the check predicts: without a
 * trainer, errors alone drop rows. */
static void print_hint(const struct job *job)
{
    const struct lc_clean_counts *counts = lc_clean_counts(job->clean);

    if (job->settings->trainer || job->settings->given[LC_OPTION_DROP].texts.count ||
        !(counts->effects[LC_EFFECT_REFUSED] + counts->effects[LC_EFFECT_CRASH] +
          counts->effects[LC_EFFECT_DROPPED] + counts->effects[LC_EFFECT_REPLACED]))
        return;
    printf("            --for %s drops such rows, too\n", lc_clean_trainer(job->clean));
}

static bool print_result(const struct job *job)
{
    if (job->settings->quiet)
        return true;
    lc_print_text(job->settings->words[0], stdout);
    putchar('\n');
    lc_print_clean_rows(job->clean);
    print_written(job);
    print_images(job);
    lc_print_clean_checked(job->clean);
    print_hint(job);
    print_index_note(job);
    return print_next(job);
}

/* ---- the command ---- */

static bool begin(struct job *job, struct lc_listener *listener)
{
    const struct lc_settings *settings = job->settings;
    const struct lc_check_options check = lc_listener_options(listener, settings);
    const struct lc_list *drop = &settings->given[LC_OPTION_DROP].texts;
    const struct lc_list *select = &settings->given[LC_OPTION_SELECT].texts;
    const struct lc_list *ignore = &settings->given[LC_OPTION_IGNORE].texts;
    const struct lc_selection selection = lc_settings_selection(settings);
    const struct lc_clean_options options = {
        .size = sizeof(options),
        .check = &check,
        .name = job->is_folder ? NULL : lc_path_name(job->out),
        .merge = settings->merge,
        .trainer = settings->trainer,
        .drop = drop->items,
        .drop_count = drop->count,
        .sample = settings->sample,
        .seed = settings->seed,
        .shuffle = settings->shuffle,
        .shuffle_seed = settings->shuffle_seed,
        .parts = job->parts,
        .part_count = job->part_count,
        .images = how_images(job),
        .transcode = settings->transcode,
        .fix = job->is_fix || settings->fix,
        .unsafe = settings->unsafe,
        .keep_all = job->is_fix,
        .select = select->items,
        .select_count = select->count,
        .ignore = ignore->items,
        .ignore_count = ignore->count,
        .selection = &selection,
    };
    struct lc_error error = {0};

    if (lc_clean_new(&options, &job->clean, &error) == LC_OK)
        return is_outside_roots(job);
    complain_of_step(job, NULL, &error);
    lc_listener_list_sets(listener);
    return false;
}

static void clear(struct job *job, bool good)
{
    drop_targets(job);
    for (int i = 0; i < SIDE_COUNT; i++)
        lc_target_drop(&job->sides[i]);
    for (size_t i = job->folders.count; !good && i-- > 0;)
        (void)rmdir(job->folders.items[i]);
    lc_list_clear(&job->folders);
    lc_list_clear(&job->side_paths);
    lc_clean_free(job->clean);
    free(job->out);
}

/* Whether one trainer is given: the rows are written for a single program. */
static bool is_for_one(const struct job *job)
{
    if (job->settings->all_trainers)
        lc_complain("%s needs one trainer; only check accepts '%s'", name_of(job),
                    LC_ALL_TRAINERS);
    return !job->settings->all_trainers;
}

/* Whether --unsafe is only used where fixes are made. */
static bool has_fix(const struct job *job)
{
    if (job->settings->unsafe && !job->is_fix && !job->settings->fix)
        lc_complain("--unsafe needs --fix");
    return !job->settings->unsafe || job->is_fix || job->settings->fix;
}

enum lc_exit lc_clean_into(const struct lc_settings *settings, bool is_fix)
{
    struct lc_listener listener = {.quiet = settings->quiet,
                                   .verbose = settings->verbose};
    struct job job = {.settings = settings, .is_fix = is_fix};
    bool good = is_for_one(&job) && has_fix(&job) && read_out(&job) && read_parts(&job) &&
                read_images(&job) && is_outside_paths(&job) && check_targets(&job);

    if (good) {
        listener.bar = lc_bar_new(settings);
        lc_interrupt_begin();
        good = begin(&job, &listener) && write_all(&job);
        lc_interrupt_end();
        lc_bar_end(listener.bar);
    }
    if (good)
        good = print_result(&job);
    clear(&job, good);
    lc_listener_clear(&listener);
    if (good)
        return LC_EXIT_CLEAN;
    return lc_interrupt_came(NULL) ? lc_interrupt_exit() : LC_EXIT_ERROR;
}

enum lc_exit lc_cmd_clean(const struct lc_settings *settings)
{
    return lc_clean_into(settings, false);
}

void lc_clean_help(FILE *to)
{
    fputs("\nWithout --drop, rows are dropped if the trainer stops at them, leaves them\n"
          "out or replaces them; without a trainer, if they have errors. Rows that are\n"
          "not valid JSON are always dropped. All others are copied byte for byte. The\n"
          "result is checked before it appears as OUT.\n",
          to);
}

/* llava-check slurm: a script that checks a data set in parts on a Slurm cluster */
#include "base/path.h"
#include "base/shell.h"
#include "cli/cli.h"
#include "cli/slurm.h"
#include "llava_check/version.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PARTS 64
#define MAX_PARTS 10000 /* their names must fit into one command line */
#define DEFAULT_CPUS 8

/* Append a path as an absolute path: a job starts in another folder, or on another
 * machine. */
static enum lc_status add_path(struct lc_buffer *out, const char *path,
                               struct lc_error *err)
{
    char here[PATH_MAX];
    struct lc_buffer whole = {0};
    enum lc_status status = LC_OK;

    if (*path != '/' && !getcwd(here, sizeof(here)))
        return lc_fail_errno(err, "find the working directory");
    if (*path != '/')
        status = lc_buffer_printf(&whole, err, "%s/", here);
    if (status == LC_OK)
        status = lc_buffer_printf(&whole, err, "%s", path);
    if (status == LC_OK)
        status = lc_shell_add(out, whole.data, err);
    lc_buffer_clear(&whole);
    return status;
}

/* Append "name=path" as a shell assignment. */
static enum lc_status add_variable(struct lc_buffer *out, const char *name,
                                   const char *path, struct lc_error *err)
{
    enum lc_status status = lc_buffer_printf(out, err, "%s=", name);

    if (status == LC_OK)
        status = add_path(out, path, err);
    return status == LC_OK ? lc_buffer_printf(out, err, "\n") : status;
}

/* Append " --name path", unless the option was not given. */
static enum lc_status add_option(struct lc_buffer *out, const char *name,
                                 const char *path, struct lc_error *err)
{
    enum lc_status status;

    if (!path)
        return LC_OK;
    status = lc_buffer_printf(out, err, " --%s ", name);
    return status == LC_OK ? add_path(out, path, err) : status;
}

/* Append the script's function that checks a part and writes its index. */
static enum lc_status add_check(struct lc_buffer *out, const struct lc_settings *settings,
                                struct lc_error *err)
{
    enum lc_status status =
        lc_buffer_printf(out, err, "\ncheck() {\n    \"$tool\" check");

    for (size_t i = 0; i < settings->word_count && status == LC_OK; i++) {
        status = lc_buffer_printf(out, err, " ");
        if (status == LC_OK)
            status = add_path(out, settings->words[i], err);
    }
    if (status == LC_OK)
        status = add_option(out, "images", settings->images, err);
    if (status == LC_OK)
        status = add_option(out, "videos", settings->videos, err);
    if (status == LC_OK && settings->dialect)
        status = lc_buffer_printf(out, err, " --dialect %s", settings->dialect);
    if (status == LC_OK)
        status =
            lc_buffer_printf(out, err, "%s%s", settings->no_images ? " --no-images" : "",
                             settings->allow_outside ? " --allow-outside" : "");
    return status == LC_OK
               ? lc_buffer_printf(
                     out, err, " \\\n        --threads \"$cpus\" --quiet \"$@\"\n}\n\n")
               : status;
}

static enum lc_status add_head(struct lc_buffer *out, const struct lc_settings *settings,
                               const char *tool, struct lc_error *err)
{
    unsigned long parts = settings->parts_wanted ? settings->parts_wanted : DEFAULT_PARTS;
    enum lc_status status = lc_buffer_printf(
        out, err,
        "#!/bin/bash\n"
        "# Made by llava-check %s: checks a data set in parts on a Slurm cluster, and\n"
        "# merges their results.\n"
        "#\n"
        "#     bash SCRIPT [SBATCH OPTIONS]    such as --partition=cpu --time=4:00:00\n"
        "#\n"
        "# submits one job for each part, and one that merges. Parts that have failed "
        "are\n"
        "# checked again, in ROUNDS (3) rounds; run the script once more to try those "
        "that\n"
        "# are left. CPUS: processors of a job. LLAVA_CHECK: the program.\n"
        "# The results: job.sh, logs, parts, merged, report.txt and report.json in the\n"
        "# folder below, which all nodes must see, as they must see the data.\n\n",
        lc_version());

    if (status == LC_OK)
        status = add_variable(out, "tool", tool, err);
    if (status == LC_OK)
        status = add_variable(out, "results", settings->index, err);
    return status == LC_OK
               ? lc_buffer_printf(out, err, "parts=%lu\ncpus=%u\n", parts,
                                  settings->threads ? settings->threads : DEFAULT_CPUS)
               : status;
}

/* Find the path of this program; if it is unknown, return the name for the shell to look
 * up. */
static const char *find_tool(char out[PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", out, PATH_MAX - 1);

    if (size <= 0)
        return "llava-check";
    out[size] = '\0';
    return out;
}

/* Whether a path exists. A pattern, which stands for several files, counts as
 * existing. */
static bool is_there(const char *path)
{
    return access(path, F_OK) == 0 || strchr(path, '{');
}

enum lc_exit lc_cmd_slurm(const struct lc_settings *settings)
{
    struct lc_buffer text = {0};
    struct lc_error error = {0};
    char tool[PATH_MAX];
    enum lc_status status;

    if (!settings->index)
        return lc_complain("slurm requires --index DIR: a folder for the results, which "
                           "all nodes see");
    for (size_t i = 0; i < settings->word_count; i++)
        if (!is_there(settings->words[i]))
            return lc_complain("%s: no such file or folder", settings->words[i]);
    if (settings->parts_wanted > MAX_PARTS)
        return lc_complain("--parts must be at most %d", MAX_PARTS);
    status = add_head(&text, settings, find_tool(tool), &error);
    if (status == LC_OK)
        status = add_check(&text, settings, &error);
    if (status == LC_OK)
        fwrite(text.data, 1, text.size, stdout);
    else
        lc_complain_about(settings->words[0], &error);
    for (size_t i = 0; status == LC_OK && lc_slurm_script[i]; i++)
        puts(lc_slurm_script[i]);
    lc_buffer_clear(&text);
    return status == LC_OK ? LC_EXIT_CLEAN : LC_EXIT_ERROR;
}

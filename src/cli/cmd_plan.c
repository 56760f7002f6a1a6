/* llava-check plan: how long a check takes, and how many parts to use */
#include "base/shell.h"
#include "cli/clean_summary.h"
#include "cli/listener.h"
#include "llava_check/merge.h"

#include <stdio.h>
#include <string.h>

#define LONG_ENOUGH                                                                      \
    1800.0 /* seconds of a part: more parts are hardly worth their jobs                  \
            */
#define MOST_PARTS 1024

/* Bytes of memory and of the index, as measured with tests/bench/parts.py. */
#define BASE_MEMORY ((uint64_t)40 << 20)
#define ROW_MEMORY 100
#define IMAGE_MEMORY 200
#define ROW_INDEX 210
#define IMAGE_INDEX 230

static double seconds_of(const struct lc_plan *plan, double parts)
{
    double rows = plan->row_bytes_per_second > 0
                      ? (double)plan->row_bytes / plan->row_bytes_per_second
                      : 0;
    double images =
        plan->images_per_second > 0 ? (double)plan->images / plan->images_per_second : 0;

    return rows + images / parts; /* each part parses all rows */
}

/* The smallest power of two for which a part takes at most half an hour, or parsing rows
 * is at least half of a part's time. */
static unsigned parts_of(const struct lc_plan *plan)
{
    double rows = seconds_of(plan, 1e18);
    unsigned parts = 1;

    while (parts < MOST_PARTS && seconds_of(plan, parts) > LONG_ENOUGH &&
           seconds_of(plan, parts) > 2 * rows)
        parts *= 2;
    return parts;
}

static const char *format_time(double seconds, char out[32])
{
    if (seconds < 90)
        snprintf(out, 32, "%.0f s", seconds < 1 ? 1 : seconds);
    else if (seconds < 5400)
        snprintf(out, 32, "%.0f min", seconds / 60);
    else
        snprintf(out, 32, "%.1f h", seconds / 3600);
    return out;
}

static const char *format_bytes(uint64_t bytes, char out[32])
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double size = (double)bytes;
    size_t unit = 0;

    while (size >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        size /= 1024;
        unit++;
    }
    snprintf(out, 32, "%.*f %s", unit > 1 && size < 100, size, units[unit]);
    return out;
}

/* Print a line of the table. A part has its share of the rows, and of the images two
 * shares: those that its rows name, and those that it checks. */
static void print_line(const struct lc_plan *plan, unsigned parts)
{
    uint64_t rows = plan->rows / parts, images = plan->images / parts;
    uint64_t own = parts > 1 ? 2 * images : images;
    char time[32], memory[32], index[32];

    printf("  %5u  %10s  %10s  %10s\n", parts, format_time(seconds_of(plan, parts), time),
           format_bytes(BASE_MEMORY + rows * ROW_MEMORY + own * IMAGE_MEMORY, memory),
           format_bytes(rows * ROW_INDEX + own * IMAGE_INDEX, index));
}

static void print_table(const struct lc_plan *plan, unsigned parts)
{
    char memory[32];

    printf("\n  %5s  %10s  %10s  %10s\n", "parts", "each takes", "memory", "index");
    print_line(plan, 1);
    for (unsigned n = parts > 4 ? parts / 4 : 4; n <= 4 * parts && n <= MOST_PARTS;
         n *= 4)
        if (n > 1)
            print_line(plan, n);
    printf(
        "\n  merging takes %s of memory\n",
        format_bytes(BASE_MEMORY + plan->rows * ROW_MEMORY + plan->images * IMAGE_MEMORY,
                     memory));
}

static void print_facts(const struct lc_plan *plan, const struct lc_settings *settings)
{
    char a[32], b[32], c[32];

    printf("about %s rows in %s file%s", lc_count_text(plan->rows, a),
           lc_count_text(plan->files, b), plan->files == 1 ? "" : "s");
    printf(" (%s)", format_bytes(plan->row_bytes, a));
    if (!settings->no_images)
        printf(", at most %s images (%s)", lc_count_text(plan->images, b),
               format_bytes(plan->image_bytes, c));
    printf("\nmeasured on %s rows: %s a second", lc_count_text(plan->sampled_rows, a),
           format_bytes((uint64_t)plan->row_bytes_per_second, b));
    if (plan->sampled_images)
        printf("; on %s images: %s a second", lc_count_text(plan->sampled_images, a),
               lc_count_text((uint64_t)plan->images_per_second, b));
    printf("\n");
    if (plan->has_archives)
        printf("archives beside the rows are not counted; each is read by one part\n");
}

/* "llava-check COMMAND PATH…" as a shell reads it */
static enum lc_status print_command(const char *command,
                                    const struct lc_settings *settings, const char *more)
{
    struct lc_buffer line = {0};
    enum lc_status status = lc_buffer_printf(&line, NULL, "  llava-check %s", command);

    for (size_t i = 0; i < settings->word_count && status == LC_OK; i++) {
        status = lc_buffer_printf(&line, NULL, " ");
        if (status == LC_OK)
            status = lc_shell_add(&line, settings->words[i], NULL);
    }
    if (status == LC_OK)
        printf("%.*s%s\n", (int)line.size, line.data, more);
    lc_buffer_clear(&line);
    return status;
}

static enum lc_status print_commands(const struct lc_settings *settings, unsigned parts)
{
    char more[96];
    enum lc_status status;

    printf("\n");
    if (parts == 1)
        return print_command("check", settings, "");
    snprintf(more, sizeof(more), " --part 1/%u --index parts/1   # and so on, to %u/%u",
             parts, parts, parts);
    status = print_command("check", settings, more);
    printf("  llava-check merge parts/* --index merged\n\n");
    snprintf(more, sizeof(more), " --index results --parts %u > job.sh   # with Slurm",
             parts);
    return status == LC_OK ? print_command("slurm", settings, more) : status;
}

enum lc_exit lc_cmd_plan(const struct lc_settings *settings)
{
    struct lc_listener listener = {.quiet = true};
    const struct lc_check_options options = lc_listener_options(&listener, settings);
    struct lc_error error = {0};
    struct lc_plan plan;
    enum lc_status status;

    lc_interrupt_begin();
    status = lc_plan(&options, &plan, &error);
    lc_interrupt_end();
    if (status == LC_OK) {
        unsigned parts = parts_of(&plan);

        print_facts(&plan, settings);
        print_table(&plan, parts);
        status = print_commands(settings, parts);
    }
    if (status == LC_ERR_STOPPED) {
        lc_complain_about(settings->words[0], &error);
        lc_listener_clear(&listener);
        return lc_interrupt_exit();
    }
    if (status != LC_OK) {
        lc_complain_about(lc_subject_of(settings, &error), &error);
        lc_listener_list_sets(&listener);
    }
    lc_listener_clear(&listener);
    return status == LC_OK ? LC_EXIT_CLEAN : LC_EXIT_ERROR;
}

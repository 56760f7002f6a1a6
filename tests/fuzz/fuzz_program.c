/* fuzz_program.c - what must be true for the whole program on any small data set
 *
 * The input is cut into files. Each is preceded by a mark: byte 1E, @, a letter of the
 * table below, a newline. The bytes before the first mark are options. The data set is
 * checked twice through the public interface, reported on in every format, audited,
 * verified, and its findings are put into a baseline: only a data set without rows is
 * refused, no report has terminal control characters, and a second check gives the same.
 */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "llava_check.h"
#include "llava_check/query.h"

enum { MARK = 4, MOST_FORMATS = 24 };

static const struct {
    char letter;
    const char *name;
} files[] = {
    {'r', "set/rows.json"},      {'l', "set/lines.jsonl"},    {'m', "set/mix.yaml"},
    {'b', "baseline.json"},      {'0', "set/images/0.jpg"},   {'1', "set/images/1.jpg"},
    {'2', "set/images/2.png"},   {'3', "set/images/3.gif"},   {'4', "set/images/4.webp"},
    {'5', "set/images/5.bmp"},   {'6', "set/images/6.tif"},   {'7', "set/images/a/7.jpg"},
    {'8', "set/images/A/7.jpg"}, {'9', "set/images/x/9.jpeg"}};

/* Paths, and options. */
struct set {
    char *data;
    char *index;
    char *mixture;
    char *baseline;
    const char *paths[1];
    bool mixed; /* the mixture is the data set */
    bool baseline_given;
    unsigned options; /* the input's first byte */
    const char *trainer;
    struct lc_hash reports[MOST_FORMATS];
};

/* ---- the input ---- */

static const uint8_t *find_mark(const uint8_t *data, size_t size)
{
    for (const uint8_t *at = data; at && size - (size_t)(at - data) >= MARK; at++) {
        at = memchr(at, 0x1E, size - (size_t)(at - data));
        if (!at || size - (size_t)(at - data) < MARK)
            return NULL;
        if (at[1] == '@' && at[3] == '\n')
            return at;
    }
    return NULL;
}

static void write_part(struct set *set, char letter, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (files[i].letter != letter)
            continue;
        lc_fuzz_file(files[i].name, data, size);
        set->mixed |= letter == 'm';
        set->baseline_given |= letter == 'b';
    }
}

static void make_folder(const char *name)
{
    char *path = lc_fuzz_path(name);

    must(mkdir(path, 0700) == 0);
    free(path);
}

static void write_set(struct set *set, const uint8_t *data, size_t size)
{
    static const char *const folders[] = {"set", "set/images", "set/images/a",
                                          "set/images/A", "set/images/x"};
    const uint8_t *mark = find_mark(data, size), *end = data + size;
    struct lc_fuzz_input in = {data, mark ? (size_t)(mark - data) : size};
    const struct lc_trainer_info *trainer;

    lc_fuzz_empty(lc_fuzz_folder());
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        make_folder(folders[i]);
    set->options = lc_fuzz_u8(&in);
    trainer = lc_trainer_at(lc_fuzz_u8(&in) % 16);
    set->trainer = trainer ? trainer->name : NULL;
    while (mark) {
        const uint8_t *begin = mark + MARK;
        char letter = (char)mark[2];

        mark = find_mark(begin, (size_t)(end - begin));
        write_part(set, letter, begin, (size_t)((mark ? mark : end) - begin));
    }
    set->paths[0] = set->mixed ? set->mixture : set->data;
}

/* ---- reports ---- */

static void check_json(const char *format, const char *text, size_t size)
{
    static const char *const formats[] = {"json", "sarif", "gitlab"};
    static struct lc_json_parser *parser;
    struct lc_json_problem problem;
    size_t used;

    if (!parser)
        must(lc_json_parser_new(&parser, NULL) == LC_OK);
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (strcmp(format, formats[i]) != 0)
            continue;
        lc_json_skip_exact(parser, text, size, true, &used, &problem);
        must(problem.fault == LC_JSON_FINE);
    }
}

static struct lc_hash report(const struct lc_index *index, const struct set *set,
                             const char *format)
{
    const struct lc_report_options options = {
        .size = sizeof(options),
        .format = format,
        .trainer = set->trainer,
        .show = (enum lc_severity)(set->options >> 6) % 3,
        .max_findings = set->options & 8 ? 1 : 0,
        .base = set->options & 16 ? "a/b" : NULL,
        .prefix = set->options & 16 ? "raw/" : NULL};
    struct lc_error err = {0};
    struct lc_hash hash;
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    must(to);
    must(lc_report_write(index, &options, to, &err) == LC_OK);
    fclose(to);
    lc_fuzz_check_text(text, size);
    check_json(format, text, size);
    hash = lc_hash_bytes(text, size);
    free(text);
    return hash;
}

/* Write all reports; they must be the same as before, if there were any. */
static void report_all(const struct lc_index *index, struct set *set, bool again)
{
    const struct lc_report_format_info *format;

    for (size_t i = 0; (format = lc_report_format_at(i)); i++) {
        struct lc_hash hash = report(index, set, format->name);

        must(i < MOST_FORMATS);
        if (again)
            must(lc_hash_compare(&hash, &set->reports[i]) == 0);
        set->reports[i] = hash;
    }
}

static void ask_all(const struct lc_index *index)
{
    static const char *const ids[] = {"1", "a"};
    const struct lc_query_info *info;

    for (size_t i = 0; (info = lc_query_at(i)); i++) {
        const struct lc_query query = {
            .size = sizeof(query), .name = info->name, .ids = ids, .id_count = 2};
        char *text = NULL;
        size_t size = 0;
        FILE *to = open_memstream(&text, &size);

        must(to);
        must(lc_query_write(index, &query, to, NULL, NULL) == LC_OK);
        fclose(to);
        lc_fuzz_check_text(text, size);
        free(text);
    }
}

/* ---- findings ---- */

static uint64_t sum(const uint64_t findings[3])
{
    return findings[0] + findings[1] + findings[2];
}

static uint64_t count_reported(const struct lc_index *index, const char *baseline)
{
    const struct lc_selection selection = {.size = sizeof(selection),
                                           .baseline = baseline};
    const struct lc_view_counts *counts;
    struct lc_view *view = NULL;
    uint64_t reported;

    must(lc_view_new(index, &selection, &view, NULL) == LC_OK);
    counts = lc_view_counts(view);
    reported = sum(counts->findings);
    must(reported + sum(counts->adjusted[LC_ADJUSTED_BASELINE]) ==
         sum(lc_index_summary(index)->findings));
    lc_view_free(view);
    return reported;
}

/* A written baseline makes all findings pass; any other is read or refused. */
static void check_baseline(const struct lc_index *index, const struct set *set)
{
    const struct lc_baseline_options options = {
        .size = sizeof(options), .path = set->baseline, .add = true};
    const struct lc_selection all = LC_OPTIONS(lc_selection),
                              given = {.size = sizeof(given), .baseline = set->baseline};
    struct lc_baseline_counts counts;
    struct lc_view *view = NULL;
    struct lc_error err = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    must(to != NULL);
    must(count_reported(index, NULL) == sum(lc_index_summary(index)->findings));
    if (set->baseline_given) {
        lc_fuzz_check_error(lc_view_new(index, &given, &view, &err), &err);
        lc_view_free(view);
        (void)remove(set->baseline);
    }
    must(lc_baseline_write(index, &all, &options, to, &counts, NULL) == LC_OK);
    must(fclose(to) == 0);
    (void)lc_fuzz_file("baseline.json", text, size);
    free(text);
    must(count_reported(index, set->baseline) == 0);
    must(lc_baseline_check(set->baseline, NULL) == LC_OK);
}

static void check_summary(const struct lc_summary *s)
{
    must(s->rows_ok <= s->rows && s->rows_text_only <= s->rows);
    must(s->images <= s->images_referenced && s->images_ok <= s->images);
    must(s->rows == s->rows_ok || s->findings[LC_SEVERITY_ERROR]);
}

/* ---- the program ---- */

static enum lc_status check(const struct set *set, enum lc_index_mode mode,
                            struct lc_index **out, struct lc_error *err)
{
    const struct lc_check_options options = {.size = sizeof(options),
                                             .paths = set->paths,
                                             .path_count = 1,
                                             .index = set->index,
                                             .no_images = set->options & 1,
                                             .index_mode = mode,
                                             .threads = 1};

    *out = NULL;
    *err = (struct lc_error){0};
    return lc_check(&options, out, err);
}

static void fail_for_fault(void *user, const char *table, const char *what)
{
    (void)user;
    lc_fuzz_fail(what, table, 0);
}

/* The index is consistent, and all files are as it records them. */
static void check_index(const struct set *set)
{
    const struct lc_index_check_options to = {.size = sizeof(to),
                                              .on_fault = fail_for_fault};
    const struct lc_verify_options options = {.size = sizeof(options),
                                              .paths = set->paths,
                                              .path_count = 1,
                                              .index = set->index,
                                              .threads = 1};
    const struct lc_verification *seen;
    struct lc_index *results = NULL;
    const char *index = set->index;

    must(lc_index_check(&index, 1, &to, NULL) == LC_OK);
    must(lc_verify(&options, &results, NULL) == LC_OK);
    seen = lc_index_verification(results);
    must(seen && seen->rows_files.same == seen->rows_files.files);
    must(seen->images.same == seen->images.files);
    (void)report(results, set, "json");
    lc_index_close(results);
}

static void run(struct set *set)
{
    enum lc_index_mode mode = (enum lc_index_mode)((set->options >> 1 & 3) % 3);
    struct lc_index *results;
    struct lc_error err, err_again;
    enum lc_status status = check(set, LC_INDEX_METADATA, &results, &err);

    lc_fuzz_check_error(status, &err);
    if (status != LC_OK) {
        must(status == LC_ERR_USAGE);
        must(check(set, mode, &results, &err_again) == status);
        must(strcmp(err.message, err_again.message) == 0);
        return;
    }
    check_summary(lc_index_summary(results));
    report_all(results, set, false);
    ask_all(results);
    check_baseline(results, set);
    lc_index_close(results);
    must(check(set, mode, &results, &err) == LC_OK);
    report_all(results, set, true);
    lc_index_close(results);
    check_index(set);
}

void lc_fuzz_program(const uint8_t *data, size_t size)
{
    struct set set = {.data = lc_fuzz_path("set"),
                      .index = lc_fuzz_path("index"),
                      .mixture = lc_fuzz_path("set/mix.yaml"),
                      .baseline = lc_fuzz_path("baseline.json")};

    write_set(&set, data, size);
    run(&set);
    free(set.data);
    free(set.index);
    free(set.mixture);
    free(set.baseline);
}

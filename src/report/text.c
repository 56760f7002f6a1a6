/* The text report: what a person reads. Rules that found something, the worst first, each
 * with a few examples; the verdict in the last line. */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_EXAMPLES 3
#define LABEL_WIDTH 10
#define NAMED_FILES 6

enum style { STYLE_ERROR, STYLE_WARNING, STYLE_INFO, STYLE_GOOD, STYLE_BOLD, STYLE_DIM };

/* A rule that found something. */
struct group {
    const struct lc_rule_info *rule;
    enum lc_severity severity; /* the worst of its findings */
    uint64_t count;            /* findings that are shown or counted */
    unsigned examples;
    struct lc_buffer text; /* the examples' lines */
};

struct writer {
    const struct lc_report *report;
    FILE *to;
    struct group *groups;
    size_t group_count;
    unsigned examples; /* at most so many of each rule */
    uint64_t refused;  /* rows files that Python's json does not load */
    uint32_t last_refused;
};

static const char *on(const struct writer *w, enum style style)
{
    static const char *const codes[] = {
        [STYLE_ERROR] = "\033[1;31m", [STYLE_WARNING] = "\033[1;33m",
        [STYLE_INFO] = "\033[1;34m",  [STYLE_GOOD] = "\033[1;32m",
        [STYLE_BOLD] = "\033[1m",     [STYLE_DIM] = "\033[2m",
    };

    return w->report->options->color ? codes[style] : "";
}

static const char *off(const struct writer *w)
{
    return w->report->options->color ? "\033[0m" : "";
}

static enum style style_of(enum lc_severity severity)
{
    return severity == LC_SEVERITY_ERROR     ? STYLE_ERROR
           : severity == LC_SEVERITY_WARNING ? STYLE_WARNING
                                             : STYLE_INFO;
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static struct group *find_group(struct writer *w, struct lc_span code)
{
    for (size_t i = 0; i < w->group_count; i++)
        if (lc_span_is(code, w->groups[i].rule->code))
            return &w->groups[i];
    return NULL;
}

/* ---- examples ---- */

/* Where a row is: "raw/rows.json:12", which a terminal or an editor can open. */
static enum lc_status add_place(const struct writer *w, uint32_t number, uint64_t line,
                                struct lc_buffer *out, struct lc_error *err)
{
    const char *prefix = w->report->options->prefix;
    struct lc_file_record file;
    enum lc_status status = lc_index_get_file(w->report->index, number, &file, err);

    if (status == LC_OK && prefix)
        status = lc_format_text((struct lc_span){prefix, strlen(prefix)}, true, out, err);
    if (status == LC_OK)
        status = lc_format_text(file.name, true, out, err);
    return status == LC_OK ? lc_buffer_printf(out, err, ":%llu", (unsigned long long)line)
                           : status;
}

/* " (raw/rows.json:12, raw/rows.json:40 and 3 more)": the rows that use the image, or
 * have the id. */
static enum lc_status add_rows(const struct writer *w, const uint64_t *numbers,
                               size_t given, uint64_t count, struct lc_buffer *out,
                               struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < given && i < count && status == LC_OK; i++) {
        struct lc_row_record row;

        status = lc_index_get_row(w->report->index, numbers[i], &row, err);
        if (status == LC_OK)
            status = lc_buffer_printf(out, err, "%s", i ? ", " : " (");
        if (status == LC_OK)
            status = add_place(w, row.file, row.line, out, err);
    }
    if (status == LC_OK && count > given)
        status = lc_buffer_printf(out, err, " and %llu more",
                                  (unsigned long long)(count - given));
    return status == LC_OK && count ? lc_buffer_add(out, ")", 1, err) : status;
}

static enum lc_status add_row_example(const struct writer *w,
                                      const struct lc_finding_record *finding,
                                      struct lc_buffer *out, struct lc_error *err)
{
    enum lc_status status = add_place(w, finding->file, finding->line, out, err);

    if (status == LC_OK)
        status =
            lc_buffer_printf(out, err, ":%llu: ", (unsigned long long)finding->column);
    if (status == LC_OK && finding->row >= 0)
        status = lc_buffer_printf(out, err, "row %lld", (long long)finding->row);
    if (status == LC_OK && finding->row >= 0 && finding->id.size) {
        char quote[48];

        status = lc_buffer_printf(out, err, ", id %s",
                                  lc_text_quote(finding->id, quote, sizeof(quote)));
    }
    if (status == LC_OK && finding->row >= 0)
        status = lc_buffer_printf(out, err, ": ");
    return status == LC_OK ? lc_format_text(finding->message, true, out, err) : status;
}

static enum lc_status add_image_example(const struct writer *w,
                                        const struct lc_finding_record *finding,
                                        struct lc_buffer *out, struct lc_error *err)
{
    uint64_t rows[2], count = 0;
    struct lc_image_record image;
    enum lc_status status =
        lc_index_get_image(w->report->index, finding->image, &image, err);

    if (status == LC_OK)
        status = lc_index_rows_of_image(w->report->index, finding->image, rows, 2, &count,
                                        err);
    if (status == LC_OK)
        status = lc_format_text(image.path, true, out, err);
    if (status == LC_OK)
        status = lc_buffer_printf(out, err, ": ");
    if (status == LC_OK)
        status = lc_format_text(finding->message, true, out, err);
    return status == LC_OK ? add_rows(w, rows, 2, count, out, err) : status;
}

static enum lc_status add_set_example(const struct writer *w,
                                      const struct lc_finding_record *finding,
                                      struct lc_buffer *out, struct lc_error *err)
{
    uint64_t rows[2], count = 0;
    enum lc_status status =
        lc_index_rows_of_id(w->report->index, finding->id, rows, 2, &count, err);

    if (status == LC_OK)
        status = lc_format_text(finding->message, true, out, err);
    return status == LC_OK ? add_rows(w, rows, 2, count, out, err) : status;
}

static bool is_json_rule(struct lc_span code)
{
    return code.size > 3 && memcmp(code.text, "JSN", 3) == 0;
}

/* Python reads a rows file whole or not at all: an error in its JSON keeps every row of
 * it out of training. Half a surrogate pair is the exception, it fails later. */
static void count_refused(struct writer *w, const struct lc_finding_record *finding)
{
    if (finding->severity != LC_SEVERITY_ERROR || !is_json_rule(finding->rule) ||
        lc_span_is(finding->rule, "JSN108"))
        return;
    if (!w->refused || w->last_refused != finding->file)
        w->refused++;
    w->last_refused = finding->file;
}

static enum lc_status add_example(void *user, const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    struct writer *w = user;
    struct group *group = find_group(w, finding->rule);
    enum lc_status status;

    count_refused(w, finding);
    if (!group || group->examples == w->examples ||
        finding->severity < w->report->options->show)
        return LC_OK;
    group->examples++;
    status = lc_buffer_printf(&group->text, err, "    ");
    if (status != LC_OK)
        return status;
    switch (finding->kind) {
    case LC_FINDING_ROW:
        status = add_row_example(w, finding, &group->text, err);
        break;
    case LC_FINDING_IMAGE:
        status = add_image_example(w, finding, &group->text, err);
        break;
    case LC_FINDING_SET:
        status = add_set_example(w, finding, &group->text, err);
        break;
    }
    return status == LC_OK ? lc_buffer_add(&group->text, "\n", 1, err) : status;
}

/* ---- groups ---- */

/* By level; what keeps a whole file out first; then by number, then as in the catalogue,
 * which is one table. */
static int worst_first(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    bool x_json = is_json_rule((struct lc_span){x->rule->code, strlen(x->rule->code)});
    bool y_json = is_json_rule((struct lc_span){y->rule->code, strlen(y->rule->code)});

    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    if (x_json != y_json)
        return x_json ? -1 : 1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return x->rule < y->rule ? -1 : 1;
}

static enum lc_status make_groups(struct writer *w, struct lc_error *err)
{
    size_t count;
    const struct lc_rule_count *counts = lc_index_rule_counts(w->report->index, &count);

    w->groups = calloc(count + 1, sizeof(*w->groups));
    if (!w->groups)
        return lc_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        struct group group = {.rule = lc_rule_find(counts[i].code)};

        for (int s = w->report->options->show ? (int)w->report->options->show : 0; s < 3;
             s++) {
            group.count += counts[i].counts[s];
            if (counts[i].counts[s])
                group.severity = (enum lc_severity)s;
        }
        if (group.rule && group.count)
            w->groups[w->group_count++] = group;
    }
    qsort(w->groups, w->group_count, sizeof(*w->groups), worst_first);
    return lc_index_each_finding(w->report->index, add_example, w, err);
}

static void print_group(const struct writer *w, const struct group *group)
{
    char count[LC_COUNT_SIZE];

    fprintf(w->to, "%s%s%s %s%s%s %s: %s finding%s\n", on(w, style_of(group->severity)),
            lc_severity_name(group->severity), off(w), on(w, STYLE_BOLD),
            group->rule->code, off(w), group->rule->name,
            lc_format_count(group->count, count), plural(group->count));
    fprintf(w->to, "  %s%s%s\n", on(w, STYLE_DIM), group->rule->summary, off(w));
    fwrite(group->text.data, 1, group->text.size, w->to);
    if (group->count > group->examples)
        fprintf(w->to, "    %s… and %s more%s\n", on(w, STYLE_DIM),
                lc_format_count(group->count - group->examples, count), off(w));
    fputc('\n', w->to);
}

/* ---- head and verdict ---- */

/* " in a.json, b.json" or, when they are many, " in 40 files (a.json, b.json …)" */
static enum lc_status print_files(const struct writer *w, struct lc_error *err)
{
    uint64_t files = lc_index_summary(w->report->index)->rows_files;
    uint32_t named = files <= NAMED_FILES ? (uint32_t)files : NAMED_FILES;
    struct lc_buffer names = {0};
    char count[LC_COUNT_SIZE];
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < named && status == LC_OK; i++) {
        struct lc_file_record file = {0};

        status = lc_index_get_file(w->report->index, i, &file, err);
        if (status == LC_OK)
            status = lc_buffer_printf(&names, err, "%s", i ? ", " : "");
        if (status == LC_OK)
            status = lc_format_text(file.name, true, &names, err);
    }
    if (status == LC_OK && files > named)
        fprintf(w->to, " in %s files (%.*s …)", lc_format_count(files, count),
                (int)names.size, names.data);
    else if (status == LC_OK)
        fprintf(w->to, " in %.*s", (int)names.size, names.data);
    lc_buffer_clear(&names);
    return status;
}

static enum lc_status print_head(const struct writer *w, struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    const struct lc_index_info *info = lc_index_info(w->report->index);
    char a[LC_COUNT_SIZE], b[LC_COUNT_SIZE], c[LC_COUNT_SIZE];
    struct lc_buffer text = {0};
    enum lc_status status = lc_format_text(info->name, true, &text, err);

    if (status == LC_OK) {
        fprintf(w->to, "%s%.*s%s\n", on(w, STYLE_BOLD), (int)text.size, text.data,
                off(w));
        fprintf(w->to, "  %-*s%s", LABEL_WIDTH, "rows", lc_format_count(s->rows, a));
        status = print_files(w, err);
    }
    if (status == LC_OK) {
        fprintf(w->to, ": %s sound, %s with errors\n", lc_format_count(s->rows_ok, a),
                lc_format_count(s->rows - s->rows_ok, b));
        text.size = 0;
        status = lc_format_text(info->image_root, true, &text, err);
    }
    if (status == LC_OK && s->images_referenced) {
        uint64_t bad = s->images_referenced - s->images_ok - s->images_unverified;

        fprintf(w->to, "  %-*s%s", LABEL_WIDTH, "images",
                lc_format_count(s->images_referenced, a));
        if (!lc_span_is((struct lc_span){text.data, text.size}, "."))
            fprintf(w->to, " in %.*s", (int)text.size, text.data);
        fprintf(w->to, ": %s sound, %s bad or missing; %s read\n",
                lc_format_count(s->images_ok, a), lc_format_count(bad, b),
                lc_format_bytes(s->image_bytes, c));
    }
    if (status == LC_OK && s->images_unverified)
        fprintf(w->to,
                "  %-*s%s image%s of formats that this version does not decode: %snot "
                "verified%s\n",
                LABEL_WIDTH, "", lc_format_count(s->images_unverified, a),
                plural(s->images_unverified), on(w, STYLE_WARNING), off(w));
    fputc('\n', w->to);
    lc_buffer_clear(&text);
    return status;
}

/* "3 errors, 1 note": the findings of levels from high down to low, joined. */
static void print_counts(const struct writer *w, int high, int low)
{
    const uint64_t *findings = lc_index_summary(w->report->index)->findings;
    const char *join = "";
    char count[LC_COUNT_SIZE];

    for (int s = high; s >= low; s--) {
        if (!findings[s])
            continue;
        fprintf(w->to, "%s%s %s%s", join, lc_format_count(findings[s], count),
                s == LC_SEVERITY_INFO ? "note" : lc_severity_name((enum lc_severity)s),
                plural(findings[s]));
        join = ", ";
    }
}

/* What is not listed above, and how to see more. */
static void print_hints(const struct writer *w)
{
    const uint64_t *findings = lc_index_summary(w->report->index)->findings;
    int lowest = LC_SEVERITY_ERROR;

    if (w->group_count)
        fprintf(w->to, "%sllava-check rules %s%s explains a rule and how to mend it\n",
                on(w, STYLE_DIM), w->groups[0].rule->code, off(w));
    for (int s = (int)w->report->options->show - 1; s >= LC_SEVERITY_INFO; s--)
        if (findings[s])
            lowest = s;
    if (lowest == LC_SEVERITY_ERROR)
        return;
    fputs(on(w, STYLE_DIM), w->to);
    print_counts(w, (int)w->report->options->show - 1, LC_SEVERITY_INFO);
    fprintf(w->to, " not shown: --show %s%s\n",
            lc_severity_name((enum lc_severity)lowest), off(w));
}

static void print_failure(const struct writer *w)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    char bad[LC_COUNT_SIZE], rows[LC_COUNT_SIZE], refused[LC_COUNT_SIZE];
    char files[LC_COUNT_SIZE];

    fprintf(w->to, "%sFAILED%s: ", on(w, STYLE_ERROR), off(w));
    print_counts(w, LC_SEVERITY_ERROR,
                 s->findings[LC_SEVERITY_ERROR] + s->findings[LC_SEVERITY_WARNING]
                     ? LC_SEVERITY_WARNING
                     : LC_SEVERITY_INFO);
    lc_format_count(s->rows - s->rows_ok, bad);
    lc_format_count(s->rows, rows);
    if (!s->findings[LC_SEVERITY_ERROR])
        fprintf(w->to, " in %s rows\n", rows);
    else if (!w->refused)
        fprintf(w->to, "; %s of %s rows would not be trained as written\n", bad, rows);
    else if (s->rows_files == 1)
        fprintf(w->to, "; Python cannot load the file, in which %s of %s rows are bad\n",
                bad, rows);
    else
        fprintf(w->to, "; Python cannot load %s of %s files; %s of %s rows are bad\n",
                lc_format_count(w->refused, refused),
                lc_format_count(s->rows_files, files), bad, rows);
}

static void print_verdict(const struct writer *w)
{
    const struct lc_summary *s = lc_index_summary(w->report->index);
    uint64_t verified = s->images - s->images_unverified;
    char a[LC_COUNT_SIZE], b[LC_COUNT_SIZE];

    if (s->findings[LC_SEVERITY_ERROR] || w->report->options->failed) {
        print_failure(w);
        return;
    }
    fprintf(w->to, "%sOK%s: no errors in %s row%s and %s image%s", on(w, STYLE_GOOD),
            off(w), lc_format_count(s->rows, a), plural(s->rows),
            lc_format_count(verified, b), plural(verified));
    if (s->findings[LC_SEVERITY_WARNING]) {
        fputs("; ", w->to);
        print_counts(w, LC_SEVERITY_WARNING, LC_SEVERITY_WARNING);
    }
    if (s->images_unverified)
        fprintf(w->to, "; %s image%s not verified",
                lc_format_count(s->images_unverified, a), plural(s->images_unverified));
    fputc('\n', w->to);
}

static enum lc_status write(const struct lc_report *report, struct lc_error *err)
{
    const struct lc_report_options *options = report->options;
    struct writer w = {
        .report = report,
        .to = report->to,
        .examples = options->examples ? options->examples : DEFAULT_EXAMPLES,
    };
    enum lc_status status = make_groups(&w, err);

    if (status == LC_OK)
        status = print_head(&w, err);
    for (size_t i = 0; i < w.group_count && status == LC_OK; i++)
        print_group(&w, &w.groups[i]);
    if (status == LC_OK) {
        print_hints(&w);
        print_verdict(&w);
    }
    for (size_t i = 0; i < w.group_count; i++)
        lc_buffer_clear(&w.groups[i].text);
    free(w.groups);
    return status;
}

const struct lc_report_format lc_report_text = {
    {"text", "what is wrong by rule, with examples, for people"},
    write,
};

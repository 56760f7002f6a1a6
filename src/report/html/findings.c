/* The table of findings: the first as HTML, for a browser that runs no script and for
 * paper; all that are listed as JSON, for the script (assets/report.js). */
#include "report/html/page.h"

#include <inttypes.h>
#include <string.h>

#define STATIC_ROWS 200
#define FIRST_ROWS 3

/* ---- the rows of a subject ---- */

struct rows {
    uint64_t numbers[FIRST_ROWS];
    uint64_t count;
};

static enum lc_status find_rows(const struct lc_html *w,
                                const struct lc_finding_record *finding, struct rows *out,
                                struct lc_error *err)
{
    *out = (struct rows){{0}, 0};
    if (finding->kind == LC_FINDING_IMAGE)
        return lc_index_rows_of_image(w->report->index, finding->image, out->numbers,
                                      FIRST_ROWS, &out->count, err);
    return lc_index_rows_of_id(w->report->index, finding->id, out->numbers, FIRST_ROWS,
                               &out->count, err);
}

/* ---- as HTML ---- */

/* A walk that writes the findings of one level until there are enough. */
struct first {
    struct lc_html *w;
    int severity;
    unsigned written;
};

static enum lc_status write_where(struct lc_html *w,
                                  const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    struct lc_image_record image = {0};
    struct lc_file_record file = {0};
    enum lc_status status;

    if (finding->kind == LC_FINDING_IMAGE) {
        status = lc_index_get_image(w->report->index, finding->image, &image, err);
        return status == LC_OK ? lc_html_foreign(w, image.path, err) : status;
    }
    if (finding->kind == LC_FINDING_SET) {
        if (!finding->id.size) { /* the message names the subject */
            fputs("the data set", w->to);
            return LC_OK;
        }
        fputs("id ", w->to);
        return lc_html_foreign(w, finding->id, err);
    }
    status = lc_index_get_file(w->report->index, finding->file, &file, err);
    if (status == LC_OK)
        status = lc_html_foreign(w, file.name, err);
    fprintf(w->to, ":%" PRIu64 ":%" PRIu64, finding->line, finding->column);
    if (finding->row >= 0)
        fprintf(w->to, " <span class='dim'>row %" PRId64 "</span>", finding->row);
    return status;
}

static enum lc_status write_first(void *user, const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    struct first *first = user;
    struct lc_html *w = first->w;
    size_t rule = lc_html_rule_of(finding);
    const char *effect = lc_effect_name(lc_effects_of(w->report->effects, finding));
    enum lc_status status;

    if (finding->severity != first->severity || rule == LC_RULE_COUNT)
        return LC_OK;
    if (first->written == STATIC_ROWS)
        return LC_ERR_STOPPED;
    first->written++;
    fprintf(w->to,
            "<tr><td><span class='level %s'>%s</span></td><td><a "
            "href='#rule-%s'>%s</a></td><td><bdi>",
            lc_html_level((enum lc_severity)first->severity),
            lc_html_level((enum lc_severity)first->severity), w->rules[rule].info->code,
            w->rules[rule].info->code);
    status = write_where(w, finding, err);
    fputs("</bdi></td><td><bdi>", w->to);
    if (status == LC_OK)
        status = lc_html_foreign(w, finding->message, err);
    fprintf(w->to, "</bdi></td><td><i class='effect-%s'></i>%s</td></tr>\n", effect,
            effect);
    return status;
}

static enum lc_status write_table(struct lc_html *w, struct lc_error *err)
{
    struct first first = {.w = w};
    enum lc_status status = LC_OK;

    fputs("<div id='view' class='view'>\n<table id='table'>\n<thead><tr>"
          "<th scope='col' class='c-level'>Level</th><th scope='col' "
          "class='c-rule'>Rule</th><th scope='col' class='c-where'>Where</th>"
          "<th scope='col' class='c-message'>What</th><th scope='col' "
          "class='c-effect'>Effect</th></tr></thead>\n<tbody id='rows'>\n",
          w->to);
    for (int s = LC_SEVERITY_ERROR; s >= (int)w->report->options->show && status == LC_OK;
         s--) {
        first.severity = s;
        status = lc_view_each_finding(w->report->view, write_first, &first, err);
    }
    fputs("</tbody>\n</table>\n</div>\n", w->to);
    return status == LC_ERR_STOPPED ? LC_OK : status;
}

/* ---- as JSON ---- */

/* A walk that writes so many of each rule. */
struct listing {
    struct lc_html *w;
    uint64_t left[LC_RULE_COUNT];
    bool any;
};

/* [file, line, row, …]: the first rows of an image or an id. */
static enum lc_status write_rows(struct lc_html *w,
                                 const struct lc_finding_record *finding,
                                 struct lc_error *err)
{
    struct rows rows;
    struct lc_row_record row;
    enum lc_status status = find_rows(w, finding, &rows, err);

    if (status == LC_OK)
        fprintf(w->to, ",%" PRIu64 ",[", rows.count);
    for (size_t i = 0; i < FIRST_ROWS && i < rows.count && status == LC_OK; i++) {
        status = lc_index_get_row(w->report->index, rows.numbers[i], &row, err);
        if (status == LC_OK)
            fprintf(w->to, "%s%" PRIu32 ",%" PRIu64 ",%" PRIu64, i ? "," : "", row.file,
                    row.line, row.row);
    }
    fputc(']', w->to);
    return status;
}

/* What stands behind rule, level, effect, kind and message; docs/html-report.md. */
static enum lc_status write_subject(struct lc_html *w,
                                    const struct lc_finding_record *finding,
                                    struct lc_error *err)
{
    struct lc_image_record image = {0};
    struct lc_span subject = finding->id;
    enum lc_status status = LC_OK;

    fputc(',', w->to);
    if (finding->kind == LC_FINDING_ROW) {
        fprintf(w->to, "%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%" PRId64 ",%" PRId64 ",",
                finding->file, finding->line, finding->column, finding->row,
                finding->turn);
        return lc_html_json(w, finding->id, err);
    }
    if (finding->kind == LC_FINDING_IMAGE) {
        status = lc_index_get_image(w->report->index, finding->image, &image, err);
        subject = image.path;
    }
    if (status == LC_OK)
        status = lc_html_json(w, subject, err);
    return status == LC_OK ? write_rows(w, finding, err) : status;
}

static enum lc_status write_listed(void *user, const struct lc_finding_record *finding,
                                   struct lc_error *err)
{
    struct listing *listing = user;
    struct lc_html *w = listing->w;
    size_t rule = lc_html_rule_of(finding);
    enum lc_status status;

    if (finding->severity < w->report->options->show || rule == LC_RULE_COUNT ||
        !listing->left[rule])
        return LC_OK;
    listing->left[rule]--;
    fprintf(w->to, "%s[%zu,%u,%d,%d,", listing->any ? ",\n" : "\n", rule,
            finding->severity, (int)lc_effects_of(w->report->effects, finding),
            (int)finding->kind);
    listing->any = true;
    status = lc_html_json(w, finding->message, err);
    if (status == LC_OK)
        status = write_subject(w, finding, err);
    fputc(']', w->to);
    return status;
}

static enum lc_status write_names(struct lc_html *w, struct lc_error *err)
{
    size_t trainer = w->report->effects->trainer;
    enum lc_status status = LC_OK;
    const char *join = "";

    fputs("\"rules\":{", w->to);
    for (size_t i = 0; i < LC_RULE_COUNT && status == LC_OK; i++) {
        const struct lc_rule_info *info = w->rules[i].info;
        const char *what = lc_rule_effect_on(info->code, w->rules[i].found, trainer).what;

        if (!w->rules[i].count)
            continue;
        fprintf(w->to, "%s\n\"%zu\":[\"%s\",\"%s\",", join, i, info->code, info->name);
        status =
            lc_html_json(w, (struct lc_span){info->summary, strlen(info->summary)}, err);
        fputc(',', w->to);
        if (status == LC_OK)
            status =
                lc_html_json(w, (struct lc_span){what, what ? strlen(what) : 0}, err);
        fputc(']', w->to);
        join = ",";
    }
    fputs("},\n\"files\":[", w->to);
    for (uint32_t i = 0;
         i < lc_index_summary(w->report->index)->rows_files && status == LC_OK; i++) {
        struct lc_file_record file = {0};

        status = lc_index_get_file(w->report->index, i, &file, err);
        fputs(i ? ",\n" : "\n", w->to);
        if (status == LC_OK)
            status = lc_html_json(w, file.name, err);
    }
    fputs("],\n", w->to);
    return status;
}

static enum lc_status write_json(struct lc_html *w, struct lc_error *err)
{
    struct listing listing = {.w = w};
    enum lc_status status;

    for (size_t i = 0; i < LC_RULE_COUNT; i++)
        listing.left[i] = w->rules[i].quota;
    fprintf(w->to,
            "<script type='application/json' id='findings-data'>{\"of\":%" PRIu64
            ",\"trainer\":\"%s\",\n",
            w->shown, lc_trainer_at(w->report->effects->trainer)->name);
    status = write_names(w, err);
    fputs("\"findings\":[", w->to);
    if (status == LC_OK)
        status = lc_view_each_finding(w->report->view, write_listed, &listing, err);
    fputs("]}</script>\n", w->to);
    return status;
}

/* ---- both ---- */

static void write_listed_of(const struct lc_html *w)
{
    char a[LC_COUNT_SIZE], b[LC_COUNT_SIZE], c[LC_COUNT_SIZE];

    if (w->listed == w->shown)
        fprintf(w->to, "<p class='without-script'>%s finding%s</p>\n",
                lc_format_count(w->shown, a), lc_html_plural(w->shown));
    else
        fprintf(w->to,
                "<p><strong>%s of %s findings</strong> are listed: the first %s of each "
                "rule. The JSON report has all.</p>\n",
                lc_format_count(w->listed, a), lc_format_count(w->shown, b),
                lc_format_count(w->of_each, c));
    fprintf(w->to,
            "<noscript><p class='notice'>Searching and sorting need "
            "JavaScript. Without it %s shown, the worst first.</p></noscript>\n",
            w->listed > STATIC_ROWS ? "200 findings are" : "the findings are");
}

static void write_tools(const struct lc_html *w)
{
    fputs("<div id='tools' class='tools' role='search' aria-label='Findings' hidden>\n"
          "<label class='grow'>Search <input id='search' type='search' "
          "autocomplete='off' spellcheck='false' placeholder='path, id or message'>"
          "</label>\n<label>Level <select id='level'><option value=''>all</option>"
          "<option value='2'>errors</option><option value='1'>warnings</option>"
          "<option value='0'>notes</option></select></label>\n"
          "<label>Rule <select id='rule'><option value=''>all</option></select></label>\n"
          "<label>Effect <select id='effect'><option value=''>all</option>",
          w->to);
    for (int i = LC_EFFECT_CRASH; i >= LC_EFFECT_FINE; i--)
        fprintf(w->to, "<option value='%d'>%s</option>", i,
                lc_effect_name((enum lc_effect)i));
    fputs("</select></label>\n<button id='clear' type='button'>Clear</button>\n"
          "<button id='copy-ids' type='button'>Copy ids</button>\n"
          "<button id='download-ids' type='button'>Download ids</button>\n</div>\n"
          "<p id='count' class='dim' role='status' hidden></p>\n"
          "<p id='ids-status' class='dim' role='status' hidden></p>\n",
          w->to);
}

enum lc_status lc_html_findings(struct lc_html *w, struct lc_error *err)
{
    enum lc_status status;

    fputs("<section id='findings' tabindex='-1'>\n<h2>Findings</h2>\n", w->to);
    if (!w->shown) {
        fputs("<p>There are none to list.</p>\n</section>\n", w->to);
        return LC_OK;
    }
    write_listed_of(w);
    write_tools(w);
    status = write_table(w, err);
    fputs("<p id='keys' class='dim' hidden>In the table: arrow keys, Page Up and Down, "
          "Home and End move; Enter shows all of a finding, Escape closes it.</p>\n"
          "<div id='detail' class='detail' aria-live='polite' hidden></div>\n"
          "</section>\n",
          w->to);
    return status == LC_OK ? write_json(w, err) : status;
}

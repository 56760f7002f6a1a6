/* The HTML report: one page that needs no other file and no network. docs/html-report.md
 *
 * What comes from the data goes into the page as text alone, never into an attribute:
 * text.c. A browser runs nothing but the one script whose hash is in the head. */
#include "report/html/page.h"

#include "report/html/assets.h"

#include <stdlib.h>

static enum lc_status write_head(struct lc_html *w, struct lc_error *err)
{
    const struct lc_index_info *info = lc_index_info(w->report->index);
    enum lc_status status;

    fputs("<!doctype html>\n<!-- llava-check report -->\n"
          "<html lang='en'>\n<head>\n<meta charset='utf-8'>\n",
          w->to);
    fprintf(w->to,
            "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; "
            "style-src '%s'; script-src '%s'; %sbase-uri 'none'; "
            "form-action 'none'\">\n",
            lc_asset_style.hash, lc_asset_script.hash,
            w->report->options->thumbnails ? "img-src data:; " : "");
    fputs("<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
          "<meta name='referrer' content='no-referrer'>\n"
          "<meta name='color-scheme' content='light dark'>\n<title>",
          w->to);
    status = lc_html_foreign(w, info->name, err);
    fputs(" – llava-check</title>\n<style>", w->to);
    fwrite(lc_asset_style.text, 1, lc_asset_style.size, w->to);
    fputs("</style>\n</head>\n", w->to);
    return status;
}

static enum lc_status write_foot(struct lc_html *w, struct lc_error *err)
{
    enum lc_status status;

    fputs("</main>\n<footer>Written by llava-check ", w->to);
    status = lc_html_foreign(w, lc_index_info(w->report->index)->tool, err);
    fputs(". This page is one file: it loads nothing and sends nothing.</footer>\n"
          "<script>",
          w->to);
    fwrite(lc_asset_script.text, 1, lc_asset_script.size, w->to);
    fputs("</script>\n</body>\n</html>\n", w->to);
    return status;
}

static enum lc_status write_page(struct lc_html *w, struct lc_error *err)
{
    enum lc_status status = lc_html_count(w, err);

    if (status == LC_OK)
        status = write_head(w, err);
    if (status == LC_OK)
        status = lc_html_head(w, err);
    if (status == LC_OK)
        status = lc_html_rules(w, err);
    if (status == LC_OK)
        status = lc_html_places(w, err);
    if (status == LC_OK)
        status = lc_html_data(w, err);
    if (status == LC_OK)
        status = lc_html_findings(w, err);
    return status == LC_OK ? write_foot(w, err) : status;
}

enum lc_status lc_report_html(const struct lc_report *report, struct lc_error *err)
{
    struct lc_html *w = calloc(1, sizeof(*w));
    enum lc_status status;

    if (!w)
        return lc_fail_memory(err);
    w->report = report;
    w->to = report->to;
    status = write_page(w, err);
    for (size_t i = 0; i < LC_RULE_COUNT; i++)
        lc_buffer_clear(&w->rules[i].text);
    lc_buffer_clear(&w->text);
    free(w->places);
    free(w);
    return status;
}

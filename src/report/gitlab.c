/* GitLab's code quality report (the Code Climate format): a list of issues. Those of
 * equal fingerprints would be shown as one. */
#include "report/out.h"
#include "report/plan.h"

#include <string.h>

#define ROOM 5000

struct writer {
    struct lc_out out;
    struct lc_buffer room;
    bool any;
};

static void put_text(struct writer *w, const char *key, struct lc_span text)
{
    w->room.size = 0;
    w->out.failed |= lc_format_text(text, true, &w->room, NULL) != LC_OK;
    lc_out_text(&w->out, key);
    lc_out_json(&w->out, (struct lc_span){w->room.data, w->room.size});
}

static enum lc_status put_issue(void *user, const struct lc_item *item,
                                struct lc_error *err)
{
    static const char *const severities[] = {"info", "minor", "major"};
    struct writer *w = user;
    char print[LC_FINGERPRINT_SIZE];

    lc_out_text(&w->out, w->any ? ",\n  " : "[\n  ");
    w->any = true;
    lc_out_text(&w->out, "{\"type\":\"issue\",\"check_name\":\"");
    lc_out_text(&w->out, item->rule->code);
    lc_out_text(&w->out, " ");
    lc_out_text(&w->out, item->rule->name);
    put_text(w, "\",\"description\":", item->text);
    lc_out_text(&w->out, ",\"categories\":[\"Bug Risk\"],\"severity\":\"");
    lc_out_text(&w->out, severities[item->severity]);
    lc_out_text(&w->out, "\",\"fingerprint\":\"");
    lc_out_text(&w->out, lc_item_fingerprint(item, print));
    put_text(w, "\",\"location\":{\"path\":", item->path);
    lc_out_text(&w->out, ",\"lines\":{\"begin\":");
    lc_out_number(&w->out, item->line ? item->line : 1); /* there is none in an image */
    lc_out_text(&w->out, "}}}");
    return lc_out_flush(&w->out, err);
}

enum lc_status lc_report_gitlab(const struct lc_report *report, struct lc_error *err)
{
    struct writer w = {.out = {.to = report->to}};
    struct lc_plan plan;
    enum lc_status status =
        lc_plan_make(report, report->options->show, LC_SEVERITY_ERROR, ROOM, &plan, err);

    if (status == LC_OK)
        status = lc_plan_each(&plan, put_issue, &w, err);
    lc_out_text(&w.out, w.any ? "\n]\n" : "[]\n");
    lc_plan_clear(&plan);
    lc_buffer_clear(&w.room);
    return lc_out_end(&w.out, status, err);
}

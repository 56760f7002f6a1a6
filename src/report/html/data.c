/* The page's JSON: the JSON report, plus what only the page shows, plus the findings that
 * it lists. */
#include "report/html/page.h"
#include "report/json/members.h"
#include "report/model/digest.h"

static enum lc_status put_trainer(struct lc_html *w, struct lc_error *err)
{
    const struct lc_trainer_info *trainer = lc_trainer_at(w->report->effects->trainer);
    struct lc_buffer text = {0};
    enum lc_status status = lc_digest_effects(w->report, &text, err);

    if (status == LC_OK) {
        lc_jw_key_object(&w->json, "trainer", LC_JW_COMPACT);
        lc_jw_key_name(&w->json, "title", trainer->title);
        lc_jw_key_name(&w->json, "source", trainer->source);
        lc_jw_key_text(&w->json, "text", (struct lc_span){text.data, text.size});
        lc_jw_end(&w->json);
    }
    lc_buffer_clear(&text);
    return status;
}

/* The findings that are not listed, as a phrase; empty if all are. */
static enum lc_status put_unlisted(struct lc_html *w, struct lc_error *err)
{
    struct lc_buffer text = {0};
    enum lc_severity lowest;
    enum lc_status status = lc_digest_lower(w->report, &lowest, &text, err);

    if (status == LC_OK)
        lc_jw_key_text(&w->json, "unlisted", (struct lc_span){text.data, text.size});
    lc_buffer_clear(&text);
    return status;
}

static enum lc_status put_page(struct lc_html *w, struct lc_error *err)
{
    enum lc_status status;

    lc_jw_key_object(&w->json, "page", LC_JW_DENSE_LINES);
    lc_jw_key_number(&w->json, "shown", w->shown);
    lc_jw_key_number(&w->json, "listed", w->listed);
    lc_jw_key_number(&w->json, "of_each", w->of_each);
    lc_jw_key_name(&w->json, "show", lc_severity_name(w->report->options->show));
    status = put_unlisted(w, err);
    if (status == LC_OK)
        status = put_trainer(w, err);
    if (status == LC_OK)
        status = lc_html_rules(w, err);
    if (status != LC_OK)
        return status;
    lc_html_places(w);
    status = lc_html_sizes(w, err);
    if (status == LC_OK)
        lc_jw_end(&w->json);
    return status;
}

/* A walk that lists the first findings of each rule. */
struct listing {
    struct lc_html *w;
    uint64_t left[LC_RULE_COUNT];
};

static enum lc_status put_finding(void *user, const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    struct listing *listing = user;
    struct lc_html *w = listing->w;
    size_t rule = lc_rule_index_of(finding->rule);
    enum lc_status status;

    if (finding->severity < w->report->options->show || rule == LC_RULE_COUNT ||
        !listing->left[rule])
        return LC_OK;
    listing->left[rule]--;
    status = lc_json_finding(w->report, finding, &w->json, err);
    return status == LC_OK ? lc_out_flush(&w->out, err) : status;
}

enum lc_status lc_html_data(struct lc_html *w, struct lc_error *err)
{
    struct listing listing = {.w = w};
    enum lc_status status;

    for (size_t i = 0; i < LC_RULE_COUNT; i++)
        listing.left[i] = w->rules[i].quota;
    lc_jw_object(&w->json, LC_JW_DENSE_LINES);
    status = lc_json_facts(w->report, &w->json, err);
    if (status == LC_OK)
        status = put_page(w, err);
    if (status != LC_OK)
        return status;
    lc_jw_key_array(&w->json, "findings", LC_JW_DENSE_LINES);
    status = lc_view_each_finding(w->report->view, put_finding, &listing, err);
    if (status != LC_OK)
        return status;
    lc_jw_end(&w->json);
    lc_jw_end(&w->json);
    return LC_OK;
}

/* The rules with findings: counted, explained, and with thumbnails of their images. */
#include "report/html/page.h"
#include "report/model/worst.h"
#include "thumb/thumb.h"

#include <stdlib.h>

/** Maximum number of findings that a page lists, so that browsers open it without
 * delay. */
#define LISTED_MOST 50000

/* ---- counting ---- */

static enum lc_status count_finding(void *user, const struct lc_finding_record *finding,
                                    struct lc_error *err)
{
    struct lc_html *w = user;
    size_t index = lc_rule_index_of(finding->rule);
    struct lc_html_rule *rule = &w->rules[index];
    struct lc_rule_effect effect;

    if (finding->severity < w->report->options->show || finding->severity > 2 ||
        index == LC_RULE_COUNT)
        return LC_OK;
    w->shown++;
    effect = lc_effects_of(w->report->effects, finding);
    if (!rule->count++ || effect.effect > rule->effect.effect)
        rule->effect = effect;
    if (finding->severity > rule->severity)
        rule->severity = (enum lc_severity)finding->severity;
    return lc_html_count_place(w, finding, index, err);
}

/* Count the findings that are listed if each rule lists at most of_each. */
static uint64_t count_listed(const struct lc_html *w, uint64_t of_each)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < LC_RULE_COUNT; i++)
        sum += w->rules[i].count < of_each ? w->rules[i].count : of_each;
    return sum;
}

/* If there are too many findings, list the first of each rule, so that a rule that
 * reports every row does not hide the others. */
static void set_quotas(struct lc_html *w)
{
    uint64_t most = w->report->options->max_findings, low = 0, high;

    if (!most || most > LISTED_MOST)
        most = LISTED_MOST;
    high = most;
    if (w->shown <= most) {
        low = w->shown;
    } else {
        while (low < high) {
            uint64_t middle = low + (high - low + 1) / 2;

            if (count_listed(w, middle) <= most)
                low = middle;
            else
                high = middle - 1;
        }
        low = low ? low : 1; /* at least one of each rule, even if that exceeds the
                                maximum */
        w->of_each = low;
    }
    for (size_t i = 0; i < LC_RULE_COUNT; i++)
        w->rules[i].quota = w->rules[i].count < low ? w->rules[i].count : low;
    w->listed = count_listed(w, low);
}

enum lc_status lc_html_count(struct lc_html *w, struct lc_error *err)
{
    enum lc_status status = lc_view_each_finding(w->report->view, count_finding, w, err);

    if (status == LC_OK)
        set_quotas(w);
    return status;
}

/* ---- in order ---- */

struct candidate {
    size_t rule;
    struct lc_weight weight;
};

static int worst_first(const void *a, const void *b)
{
    return lc_worst_first(&((const struct candidate *)a)->weight,
                          &((const struct candidate *)b)->weight);
}

size_t lc_html_rank(const struct lc_html *w, size_t ranked[LC_RULE_COUNT])
{
    struct candidate found[LC_RULE_COUNT];
    size_t count = 0;

    for (size_t i = 0; i < LC_RULE_COUNT; i++)
        if (w->rules[i].count)
            found[count++] =
                (struct candidate){i,
                                   {&lc_rules[i].info, w->rules[i].severity,
                                    w->rules[i].effect.effect, w->rules[i].count}};
    if (count)
        qsort(found, count, sizeof(found[0]), worst_first);
    for (size_t i = 0; i < count; i++)
        ranked[i] = found[i].rule;
    return count;
}

/* ---- as JSON ---- */

/* Write a picture. Its bytes are our own, in base64; the path of what it shows comes from
 * the data. */
static void put_picture(struct lc_jw *json, const struct lc_thumb_picture *picture)
{
    lc_jw_object(json, LC_JW_COMPACT);
    lc_jw_key_name(json, "caption", picture->caption);
    if (picture->of.size)
        lc_jw_key_text(json, "of", picture->of);
    lc_jw_key_number(json, "width", picture->width);
    lc_jw_key_number(json, "height", picture->height);
    lc_jw_key_name(json, "jpeg", picture->jpeg);
    lc_jw_end(json);
}

static enum lc_status put_thumbnail(struct lc_html *w, const struct lc_thumbnail *item,
                                    struct lc_error *err)
{
    struct lc_image_record image;
    enum lc_status status =
        lc_index_get_image(w->report->index, item->image, &image, err);

    if (status != LC_OK)
        return status;
    lc_jw_object(&w->json, LC_JW_COMPACT);
    lc_jw_key_text(&w->json, "image", image.path);
    if (item->why)
        lc_jw_key_name(&w->json, "why_none", item->why);
    lc_jw_key_array(&w->json, "pictures", LC_JW_COMPACT);
    for (size_t i = 0; i < item->count; i++)
        put_picture(&w->json, &item->pictures[i]);
    lc_jw_end(&w->json);
    lc_jw_end(&w->json);
    return LC_OK;
}

static enum lc_status put_thumbnails(struct lc_html *w, size_t rule, struct lc_error *err)
{
    const struct lc_thumbnails *thumbnails = w->report->options->thumbnails;
    const struct lc_thumbnail *items;
    size_t count = 0;
    enum lc_status status = LC_OK;

    if (!thumbnails)
        return LC_OK;
    items = lc_thumbnails_all(thumbnails, &count);
    lc_jw_key_array(&w->json, "thumbnails", LC_JW_COMPACT);
    for (size_t i = 0; i < count && status == LC_OK; i++)
        if (items[i].rule == rule)
            status = put_thumbnail(w, &items[i], err);
    if (status == LC_OK)
        lc_jw_end(&w->json);
    return status;
}

/* Write the names of the rule's fixes. */
static enum lc_status put_fixes(struct lc_html *w, enum lc_rule_index rule,
                                struct lc_error *err)
{
    struct lc_buffer names = {0};
    enum lc_status status = lc_rule_name_fixes(rule, &names, err);

    if (names.size)
        lc_jw_key_name(&w->json, "fixes", names.data);
    lc_buffer_clear(&names);
    return status;
}

static enum lc_status put_rule(struct lc_html *w, size_t index, struct lc_error *err)
{
    const struct lc_html_rule *rule = &w->rules[index];
    const struct lc_rule_info *info = &lc_rules[index].info;
    struct lc_rule_effect effect = rule->effect;
    enum lc_status status;

    lc_jw_object(&w->json, LC_JW_COMPACT);
    lc_jw_key_name(&w->json, "rule", info->code);
    lc_jw_key_name(&w->json, "name", info->name);
    lc_jw_key_name(&w->json, "severity", lc_severity_name(rule->severity));
    lc_jw_key_number(&w->json, "count", rule->count);
    lc_jw_key_name(&w->json, "summary", info->summary);
    lc_jw_key_name(&w->json, "why", info->why);
    lc_jw_key_name(&w->json, "fix", info->fix);
    status = put_fixes(w, (enum lc_rule_index)index, err);
    if (status != LC_OK)
        return status;
    lc_jw_key_name(&w->json, "source", info->source);
    lc_jw_key_name(&w->json, "effect", lc_effect_name(effect.effect));
    if (effect.what)
        lc_jw_key_name(&w->json, "effect_text", effect.what);
    if (effect.source)
        lc_jw_key_name(&w->json, "effect_source", effect.source);
    status = put_thumbnails(w, index, err);
    if (status == LC_OK)
        lc_jw_end(&w->json);
    return status;
}

enum lc_status lc_html_rules(struct lc_html *w, struct lc_error *err)
{
    size_t ranked[LC_RULE_COUNT], count = lc_html_rank(w, ranked);
    enum lc_status status = LC_OK;

    lc_jw_key_array(&w->json, "rules", LC_JW_DENSE_LINES);
    for (size_t i = 0; i < count && status == LC_OK; i++)
        status = put_rule(w, ranked[i], err);
    if (status == LC_OK)
        lc_jw_end(&w->json);
    return status;
}

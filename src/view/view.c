/* How a finding is judged
 *
 * The first of these conditions that holds hides the finding, and the finding is counted
 * under it:
 *
 *   1. its rule is not selected, is ignored, or is "off" (select.h; decided per rule)
 *   2. it lies in a folder whose ignores match the rule (place.h)
 *   3. the baseline has an entry with its fingerprint (identity.h). An entry lets as many
 *      findings pass as its count says: the first ones in the order of reports, so that
 *      one finding more is reported. An expired entry lets none pass
 *
 * Every finding is looked up in the baseline, even one that is hidden by 1 or 2: an entry
 * does not become unneeded because this run ignores its rule. Findings of rules that this
 * version does not know can only be hidden by the baseline.
 */
#include "view/view.h"

#include "base/options.h"
#include "base/references.h"
#include "view/baseline.h"
#include "view/identity.h"
#include "view/place.h"
#include "view/select.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct lc_view {
    struct lc_references references;
    const struct lc_index *index;
    struct lc_view_counts counts;
    struct lc_rule_count *rules;
    size_t rule_count;
    struct lc_rule_choice choices[LC_RULE_COUNT];
    struct lc_buffer withheld; /* one bit for each finding, in the order of reports */
    bool all;                  /* every finding is reported, at its own level */
};

/* The rule with a code; LC_RULE_COUNT if this version does not have it. */
static enum lc_rule_index rule_of(struct lc_span code)
{
    size_t i = 0;

    while (i < LC_RULE_COUNT && !lc_span_is(code, lc_rules[i].info.code))
        i++;
    return (enum lc_rule_index)i;
}

/* ---- applying the selection ---- */

struct filter {
    struct lc_view *view;
    const struct lc_selection *selection;
    struct lc_baseline baseline;
    struct lc_buffer scratch;
    struct lc_rule_count *count; /* counts of that rule */
    enum lc_rule_index rule;     /* rule of the last finding: consecutive findings often
                                    share it */
    uint64_t number;             /* position of the current finding, from 0 */
};

/* Set *known to whether the baseline lets a finding pass, and *expired to whether it
 * would if the entry had not expired. */
static enum lc_status match_baseline(struct filter *filter,
                                     const struct lc_finding_record *finding, bool *known,
                                     bool *expired, struct lc_error *err)
{
    struct lc_baseline_entry *entry;
    struct lc_hash identity;
    enum lc_status status;

    *known = *expired = false;
    if (!filter->baseline.count)
        return LC_OK;
    status =
        lc_identity_of(filter->view->index, finding, &filter->scratch, &identity, err);
    entry = status == LC_OK ? lc_baseline_find(&filter->baseline, &identity) : NULL;
    if (!entry)
        return status;
    entry->seen += entry->seen < UINT32_MAX;
    *known = !entry->expired && entry->seen <= entry->count;
    *expired = entry->expired && entry->seen <= entry->count;
    return LC_OK;
}

static enum lc_status match_folders(struct filter *filter,
                                    const struct lc_finding_record *finding,
                                    enum lc_rule_index rule, bool *has,
                                    struct lc_error *err)
{
    const struct lc_selection *s = filter->selection;
    enum lc_status status = LC_OK;

    *has = false;
    for (size_t i = 0; i < s->folder_count && !*has && status == LC_OK; i++)
        if (lc_selector_has(s->folders[i].rules, rule))
            status = lc_place_matches(filter->view->index, finding, s->folders[i].pattern,
                                      &filter->scratch, has, err);
    return status;
}

static struct lc_rule_count *rule_count_of(struct lc_view *view, struct lc_span code)
{
    for (size_t i = 0; i < view->rule_count; i++)
        if (lc_span_is(code, view->rules[i].code))
            return &view->rules[i];
    return NULL;
}

/* Count a finding and store whether it is reported.
 *
 * @param hidden  an enum lc_adjustment; LC_NOT_HIDDEN: it is reported */
static enum lc_status record(struct filter *filter,
                             const struct lc_finding_record *finding, int hidden,
                             struct lc_error *err)
{
    struct lc_view *view = filter->view;
    bool reported = hidden == LC_NOT_HIDDEN;
    unsigned level = finding->severity;
    enum lc_status status = LC_OK;
    uint8_t bit = (uint8_t)((reported ? 0U : 1U) << filter->number % 8);

    if (reported && filter->rule < LC_RULE_COUNT && view->choices[filter->rule].leveled)
        level = view->choices[filter->rule].level;
    if (reported)
        view->counts.findings[level]++;
    else
        view->counts.adjusted[hidden][finding->severity]++;
    if (level < finding->severity)
        view->counts.adjusted[LC_ADJUSTED_LEVEL][finding->severity]++;
    if (reported && filter->count)
        filter->count->counts[level]++;
    if (filter->number++ % 8 == 0)
        status = lc_buffer_add(&view->withheld, "", 1, err);
    if (status == LC_OK)
        ((uint8_t *)view->withheld.data)[view->withheld.size - 1] |= bit;
    return status;
}

static enum lc_status filter_finding(void *user, const struct lc_finding_record *finding,
                                     struct lc_error *err)
{
    struct filter *filter = user;
    struct lc_view *view = filter->view;
    bool known, expired, folder = false;
    int hidden = LC_NOT_HIDDEN;
    enum lc_status status = match_baseline(filter, finding, &known, &expired, err);

    if (filter->rule == LC_RULE_COUNT ||
        !lc_span_is(finding->rule, lc_rules[filter->rule].info.code)) {
        filter->rule = rule_of(finding->rule);
        filter->count = rule_count_of(view, finding->rule);
    }
    if (status == LC_OK && filter->rule < LC_RULE_COUNT) {
        hidden = view->choices[filter->rule].hidden;
        if (hidden == LC_NOT_HIDDEN)
            status = match_folders(filter, finding, filter->rule, &folder, err);
    }
    if (hidden == LC_NOT_HIDDEN && folder)
        hidden = LC_ADJUSTED_FOLDERS;
    if (hidden == LC_NOT_HIDDEN && known)
        hidden = LC_ADJUSTED_BASELINE;
    view->counts.expired += expired && hidden == LC_NOT_HIDDEN;
    return status == LC_OK ? record(filter, finding, hidden, err) : status;
}

/* Count the entries that let more findings pass than there are. Entries about images are
 * left out if this run skipped images. */
static void count_unneeded(struct filter *filter)
{
    const struct lc_index *index = filter->view->index;
    bool images = !lc_index_summary(index)->images_skipped;

    if (lc_index_verification(index))
        return;
    for (size_t i = 0; i < filter->baseline.count; i++) {
        const struct lc_baseline_entry *entry = &filter->baseline.items[i];

        if (entry->seen < entry->count && (images || !entry->of_image))
            filter->view->counts.unneeded++;
    }
}

/* Remove the rules without a reported finding. */
static void remove_empty_rules(struct lc_view *view)
{
    size_t count = 0;

    for (size_t i = 0; i < view->rule_count; i++) {
        const uint64_t *counts = view->rules[i].counts;

        if (counts[0] + counts[1] + counts[2])
            view->rules[count++] = view->rules[i];
    }
    view->rule_count = count;
}

static enum lc_status filter_findings(struct lc_view *view,
                                      const struct lc_selection *selection,
                                      struct lc_error *err)
{
    struct filter filter = {.view = view, .selection = selection, .rule = LC_RULE_COUNT};
    enum lc_status status = LC_OK;

    if (selection->baseline)
        status = lc_baseline_read(selection->baseline, &filter.baseline, err);
    if (status == LC_OK)
        status = lc_index_each_finding(view->index, filter_finding, &filter, err);
    if (status == LC_OK) {
        count_unneeded(&filter);
        remove_empty_rules(view);
    }
    lc_baseline_clear(&filter.baseline);
    lc_buffer_clear(&filter.scratch);
    return status;
}

/* ---- creation ---- */

static bool selects_all(const struct lc_selection *s)
{
    return !s->select_count && !s->ignore_count && !s->level_count && !s->folder_count &&
           !s->baseline;
}

/* Copy the index's counts; set them to zero if the selection has to be applied first. */
static enum lc_status init_rule_counts(struct lc_view *view, struct lc_error *err)
{
    const struct lc_rule_count *rules =
        lc_index_rule_counts(view->index, &view->rule_count);

    view->rules = calloc(view->rule_count + 1, sizeof(*view->rules));
    if (!view->rules)
        return lc_fail_memory(err);
    for (size_t i = 0; i < view->rule_count; i++) {
        view->rules[i] = rules[i];
        if (!view->all)
            memset(view->rules[i].counts, 0, sizeof(view->rules[i].counts));
    }
    if (view->all)
        memcpy(view->counts.findings, lc_index_summary(view->index)->findings,
               sizeof(view->counts.findings));
    return LC_OK;
}

enum lc_status lc_view_new(const struct lc_index *index,
                           const struct lc_selection *selection, struct lc_view **out,
                           struct lc_error *err)
{
    struct lc_selection own;
    struct lc_view *view;
    enum lc_status status = LC_OPTIONS_COPY(&own, selection, size, err);

    if (status != LC_OK)
        return status;
    view = calloc(1, sizeof(*view));
    if (!view)
        return lc_fail_memory(err);
    view->index = index;
    view->all = selects_all(&own);
    status = lc_select_rules(&own, view->choices, err);
    if (status == LC_OK)
        status = init_rule_counts(view, err);
    if (status == LC_OK && !view->all)
        status = filter_findings(view, &own, err);
    if (status == LC_OK)
        *out = view;
    else
        lc_view_free(view);
    return status;
}

struct lc_view *lc_view_keep(const struct lc_view *view)
{
    struct lc_view *kept = (struct lc_view *)(uintptr_t)view;

    lc_references_add(&kept->references);
    return kept;
}

void lc_view_free(struct lc_view *view)
{
    if (!view || !lc_references_drop(&view->references))
        return;
    free(view->rules);
    lc_buffer_clear(&view->withheld);
    free(view);
}

const struct lc_view_counts *lc_view_counts(const struct lc_view *view)
{
    return &view->counts;
}

const struct lc_rule_count *lc_view_rule_counts(const struct lc_view *view, size_t *count)
{
    *count = view->rule_count;
    return view->rules;
}

const uint64_t *lc_view_counts_of_rule(const struct lc_view *view, size_t index,
                                       const char **code)
{
    if (index >= view->rule_count)
        return NULL;
    *code = view->rules[index].code;
    return view->rules[index].counts;
}

/* ---- walking ---- */

struct walk {
    const struct lc_view *view;
    lc_view_fn *each;
    lc_finding_fn *each_reported;
    void *user;
    uint64_t number;
};

bool lc_view_reports(const struct lc_view *view, uint64_t position,
                     struct lc_finding_record *finding)
{
    enum lc_rule_index rule;

    if (view->all)
        return true;
    assert(position / 8 < view->withheld.size);
    if ((unsigned)(uint8_t)view->withheld.data[position / 8] >> position % 8 & 1U)
        return false;
    rule = rule_of(finding->rule);
    if (rule < LC_RULE_COUNT && view->choices[rule].leveled)
        finding->severity = (uint8_t)view->choices[rule].level;
    return true;
}

static enum lc_status pass_finding(void *user, const struct lc_finding_record *finding,
                                   struct lc_error *err)
{
    struct walk *walk = user;
    struct lc_finding_record leveled = *finding;
    bool reported = lc_view_reports(walk->view, walk->number++, &leveled);

    if (walk->each)
        return walk->each(walk->user, &leveled, reported, err);
    return reported ? walk->each_reported(walk->user, &leveled, err) : LC_OK;
}

enum lc_status lc_view_each(const struct lc_view *view, lc_view_fn *each, void *user,
                            struct lc_error *err)
{
    struct walk walk = {.view = view, .each = each, .user = user};

    return lc_index_each_finding(view->index, pass_finding, &walk, err);
}

enum lc_status lc_view_each_finding(const struct lc_view *view, lc_finding_fn *each,
                                    void *user, struct lc_error *err)
{
    struct walk walk = {.view = view, .each_reported = each, .user = user};

    return view->all ? lc_index_each_finding(view->index, each, user, err)
                     : lc_index_each_finding(view->index, pass_finding, &walk, err);
}

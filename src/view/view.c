#include "view/view.h"

#include "base/options.h"
#include "view/baseline.h"
#include "view/identity.h"
#include "view/place.h"
#include "view/select.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct lc_view {
    const struct lc_index *index;
    struct lc_view_counts counts;
    struct lc_rule_count *rules;
    size_t rule_count;
    struct lc_rule_choice choices[LC_RULE_COUNT];
    struct lc_buffer withheld; /* a bit for each finding, in their order */
    bool all;                  /* none is withheld, nor on another level */
};

/* The rule of a finding; LC_RULE_COUNT when this version has none. */
static enum lc_rule_index rule_of(struct lc_span code)
{
    size_t i = 0;

    while (i < LC_RULE_COUNT && !lc_span_is(code, lc_rules[i].info.code))
        i++;
    return (enum lc_rule_index)i;
}

/* ---- looking through the findings, once ---- */

struct look {
    struct lc_view *view;
    const struct lc_selection *selection;
    struct lc_baseline baseline;
    struct lc_buffer room;
    struct lc_rule_count *count; /* of the last rule */
    enum lc_rule_index rule;     /* the last one */
    uint64_t number;             /* of the present finding, from 0 */
};

/* Whether a finding is one of those that the baseline lets pass. */
static enum lc_status ask_baseline(struct look *look,
                                   const struct lc_finding_record *finding, bool *known,
                                   bool *expired, struct lc_error *err)
{
    struct lc_baseline_entry *entry;
    struct lc_hash identity;
    enum lc_status status;

    *known = *expired = false;
    if (!look->baseline.count)
        return LC_OK;
    status = lc_identity_of(look->view->index, finding, &look->room, &identity, err);
    entry = status == LC_OK ? lc_baseline_find(&look->baseline, &identity) : NULL;
    if (!entry)
        return status;
    entry->seen += entry->seen < UINT32_MAX;
    *known = !entry->expired && entry->seen <= entry->count;
    *expired = entry->expired && entry->seen <= entry->count;
    return LC_OK;
}

static enum lc_status ask_folders(struct look *look,
                                  const struct lc_finding_record *finding,
                                  enum lc_rule_index rule, bool *has,
                                  struct lc_error *err)
{
    const struct lc_selection *s = look->selection;
    enum lc_status status = LC_OK;

    *has = false;
    for (size_t i = 0; i < s->folder_count && !*has && status == LC_OK; i++)
        if (lc_selector_has(s->folders[i].rules, rule))
            status = lc_place_matches(look->view->index, finding, s->folders[i].pattern,
                                      &look->room, has, err);
    return status;
}

static struct lc_rule_count *count_of(struct lc_view *view, struct lc_span code)
{
    for (size_t i = 0; i < view->rule_count; i++)
        if (lc_span_is(code, view->rules[i].code))
            return &view->rules[i];
    return NULL;
}

/* Count a finding, and keep whether it is told.
 *
 * @param hidden  an enum lc_adjustment; LC_NOT_HIDDEN: it is told
 */
static enum lc_status keep(struct look *look, const struct lc_finding_record *finding,
                           int hidden, struct lc_error *err)
{
    struct lc_view *view = look->view;
    bool told = hidden == LC_NOT_HIDDEN;
    unsigned level = finding->severity;
    enum lc_status status = LC_OK;
    uint8_t bit = (uint8_t)((told ? 0U : 1U) << look->number % 8);

    if (told && look->rule < LC_RULE_COUNT && view->choices[look->rule].leveled)
        level = view->choices[look->rule].level;
    if (told)
        view->counts.findings[level]++;
    else
        view->counts.adjusted[hidden][finding->severity]++;
    if (level < finding->severity)
        view->counts.adjusted[LC_ADJUSTED_LEVEL][finding->severity]++;
    if (told && look->count)
        look->count->counts[level]++;
    if (look->number++ % 8 == 0)
        status = lc_buffer_add(&view->withheld, "", 1, err);
    if (status == LC_OK)
        ((uint8_t *)view->withheld.data)[view->withheld.size - 1] |= bit;
    return status;
}

static enum lc_status look_at(void *user, const struct lc_finding_record *finding,
                              struct lc_error *err)
{
    struct look *look = user;
    struct lc_view *view = look->view;
    bool known, expired, folder = false;
    int hidden = LC_NOT_HIDDEN;
    enum lc_status status = ask_baseline(look, finding, &known, &expired, err);

    if (look->rule == LC_RULE_COUNT ||
        !lc_span_is(finding->rule, lc_rules[look->rule].info.code)) {
        look->rule = rule_of(finding->rule);
        look->count = count_of(view, finding->rule);
    }
    if (status == LC_OK && look->rule < LC_RULE_COUNT) {
        hidden = view->choices[look->rule].hidden;
        if (hidden == LC_NOT_HIDDEN)
            status = ask_folders(look, finding, look->rule, &folder, err);
    }
    if (hidden == LC_NOT_HIDDEN && folder)
        hidden = LC_ADJUSTED_FOLDERS;
    if (hidden == LC_NOT_HIDDEN && known)
        hidden = LC_ADJUSTED_BASELINE;
    view->counts.expired += expired && hidden == LC_NOT_HIDDEN;
    return status == LC_OK ? keep(look, finding, hidden, err) : status;
}

/* Entries that no finding needs; what this run did not look for is not judged. */
static void count_unneeded(struct look *look)
{
    const struct lc_index *index = look->view->index;
    bool images = !lc_index_summary(index)->images_skipped;

    if (lc_index_verification(index))
        return;
    for (size_t i = 0; i < look->baseline.count; i++) {
        const struct lc_baseline_entry *entry = &look->baseline.items[i];

        if (entry->seen < entry->count && (images || !entry->of_image))
            look->view->counts.unneeded++;
    }
}

/* Leave out the rules of which nothing is told. */
static void drop_empty(struct lc_view *view)
{
    size_t count = 0;

    for (size_t i = 0; i < view->rule_count; i++) {
        const uint64_t *counts = view->rules[i].counts;

        if (counts[0] + counts[1] + counts[2])
            view->rules[count++] = view->rules[i];
    }
    view->rule_count = count;
}

static enum lc_status look_through(struct lc_view *view,
                                   const struct lc_selection *selection,
                                   struct lc_error *err)
{
    struct look look = {.view = view, .selection = selection, .rule = LC_RULE_COUNT};
    enum lc_status status = LC_OK;

    if (selection->baseline)
        status = lc_baseline_read(selection->baseline, &look.baseline, err);
    if (status == LC_OK)
        status = lc_index_each_finding(view->index, look_at, &look, err);
    if (status == LC_OK) {
        count_unneeded(&look);
        drop_empty(view);
    }
    lc_baseline_clear(&look.baseline);
    lc_buffer_clear(&look.room);
    return status;
}

/* ---- making it ---- */

static bool is_all(const struct lc_selection *s)
{
    return !s->select_count && !s->ignore_count && !s->level_count && !s->folder_count &&
           !s->baseline;
}

/* The counts of the index, or room for those of the view. */
static enum lc_status copy_rules(struct lc_view *view, struct lc_error *err)
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
    view->all = is_all(&own);
    status = lc_select_rules(&own, view->choices, err);
    if (status == LC_OK)
        status = copy_rules(view, err);
    if (status == LC_OK && !view->all)
        status = look_through(view, &own, err);
    if (status == LC_OK)
        *out = view;
    else
        lc_view_free(view);
    return status;
}

void lc_view_free(struct lc_view *view)
{
    if (!view)
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

/* ---- walking ---- */

struct walk {
    const struct lc_view *view;
    lc_told_fn *each;
    lc_finding_fn *each_told;
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

static enum lc_status step(void *user, const struct lc_finding_record *finding,
                           struct lc_error *err)
{
    struct walk *walk = user;
    struct lc_finding_record leveled = *finding;
    bool told = lc_view_reports(walk->view, walk->number++, &leveled);

    if (walk->each)
        return walk->each(walk->user, &leveled, told, err);
    return told ? walk->each_told(walk->user, &leveled, err) : LC_OK;
}

enum lc_status lc_view_each(const struct lc_view *view, lc_told_fn *each, void *user,
                            struct lc_error *err)
{
    struct walk walk = {.view = view, .each = each, .user = user};

    return lc_index_each_finding(view->index, step, &walk, err);
}

enum lc_status lc_view_each_finding(const struct lc_view *view, lc_finding_fn *each,
                                    void *user, struct lc_error *err)
{
    struct walk walk = {.view = view, .each_told = each, .user = user};

    return view->all ? lc_index_each_finding(view->index, each, user, err)
                     : lc_index_each_finding(view->index, step, &walk, err);
}

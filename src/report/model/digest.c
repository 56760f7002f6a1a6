#include "report/model/digest.h"

#include "report/model/adjusted.h"

#include <string.h>

#define NAMED_SHARES 4

static const char *const script_names[] = {"Latin", "Han", "other", "without letters"};

/* A mean with one decimal, rounded. */
static void format_mean(const struct lc_histogram *histogram, char out[LC_COUNT_SIZE])
{
    double mean =
        histogram->count ? (double)histogram->sum / (double)histogram->count : 0;

    snprintf(out, LC_COUNT_SIZE, "%.1f", mean);
}

enum lc_status lc_digest_turns(const struct lc_index *index, struct lc_buffer *out,
                               struct lc_error *err)
{
    const struct lc_statistics *s = lc_index_statistics(index);
    char rounds[LC_COUNT_SIZE], words[LC_COUNT_SIZE], median[LC_COUNT_SIZE];
    char most[LC_COUNT_SIZE], count[LC_COUNT_SIZE];
    enum lc_status status;
    const char *join = "; rows by script: ";

    format_mean(&s->rounds, rounds);
    format_mean(&s->turn_words, words);
    lc_format_count(s->median_rounds, median);
    lc_format_count(s->rounds.most, most);
    status = lc_buffer_printf(out, err,
                              "%s rounds per row (median %s, max %s), %s words per turn",
                              rounds, median, most, words);
    for (int i = 0; i <= LC_SCRIPT_COUNT && status == LC_OK; i++) {
        if (!s->scripts[i])
            continue;
        status = lc_buffer_printf(out, err, "%s%s %s", join,
                                  lc_format_count(s->scripts[i], count), script_names[i]);
        join = ", ";
    }
    return status;
}

/* The state of formatting a mixture as one line. */
struct line {
    struct lc_buffer *out;
    enum lc_share_kind kind;
    size_t named;
    size_t more;
};

static enum lc_status add_share(void *user, enum lc_share_kind kind,
                                const struct lc_share *share, struct lc_error *err)
{
    struct line *line = user;
    char count[LC_COUNT_SIZE];
    enum lc_status status;

    if (kind != line->kind || !share->name.size)
        return LC_OK;
    if (line->named == NAMED_SHARES) {
        line->more++;
        return LC_OK;
    }
    status = lc_buffer_printf(line->out, err, "%s", line->named++ ? ", " : "");
    if (status == LC_OK)
        status = lc_format_text(share->name, line->out, err);
    return status == LC_OK ? lc_buffer_printf(line->out, err, " %s",
                                              lc_format_count(share->rows, count))
                           : status;
}

enum lc_status lc_digest_mixture(const struct lc_index *index, enum lc_share_kind *kind,
                                 struct lc_buffer *out, struct lc_error *err)
{
    struct line line = {.out = out, .kind = LC_SHARE_SOURCE};
    enum lc_status status = lc_index_each_share(index, add_share, &line, err);

    if (status == LC_OK && !line.named) {
        line.kind = LC_SHARE_FOLDER;
        status = lc_index_each_share(index, add_share, &line, err);
    }
    *kind = line.kind;
    if (status == LC_OK && line.more)
        status = lc_buffer_printf(out, err, " and %zu more", line.more);
    return status;
}

/* What to say about one row, and about several rows, with an effect; about any number of
 * rows if the job does not start. */
struct part {
    enum lc_effect effect;
    const char *one;
    const char *several;
    const char *would;
};

/* "1 of 43 rows stops it, 9 are silently replaced by another row, 6 are trained altered
 * and 27 as written"; "would be trained …" if the job does not start. The first part
 * includes the total. */
static enum lc_status add_parts(const uint64_t counts[], uint64_t all, bool starts,
                                struct lc_buffer *out, struct lc_error *err)
{
    static const struct part parts[] = {
        {LC_EFFECT_REFUSED, "keeps it from starting", "keep it from starting", NULL},
        {LC_EFFECT_CRASH, "stops it", "stop it", "would stop it"},
        {LC_EFFECT_REPLACED, "is silently replaced by another row",
         "are silently replaced by another row",
         "would be silently replaced by another row"},
        {LC_EFFECT_DROPPED, "is left out", "are left out", "would be left out"},
        {LC_EFFECT_UNKNOWN, "has an unknown effect", "have an unknown effect", NULL},
        {LC_EFFECT_ALTERED, "is trained altered", "are trained altered",
         "would be trained altered"},
        {LC_EFFECT_FINE, "is trained as written", "are trained as written",
         "would be trained as written"},
    };
    enum lc_status status = LC_OK;
    char count[LC_COUNT_SIZE], rows[LC_COUNT_SIZE];
    size_t left = 0;
    bool first = true;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        left += counts[parts[i].effect] > 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && status == LC_OK; i++) {
        const struct part *part = &parts[i];
        uint64_t number = counts[part->effect];
        const char *what = !starts && part->would ? part->would
                           : number == 1          ? part->one
                                                  : part->several;

        if (!number)
            continue;
        if (part->effect == LC_EFFECT_FINE && counts[LC_EFFECT_ALTERED])
            what = "as written"; /* the part before has the verb */
        status = lc_buffer_printf(out, err, "%s%s",
                                  first       ? ""
                                  : left == 1 ? " and "
                                              : ", ",
                                  lc_format_count(number, count));
        if (status == LC_OK && first)
            status = lc_buffer_printf(out, err, " of %s row%s",
                                      lc_format_count(all, rows), all == 1 ? "" : "s");
        if (status == LC_OK)
            status = lc_buffer_printf(out, err, " %s", what);
        first = false;
        left--;
    }
    return status;
}

/* Say that the loader accepts none, or not all, of the files. Then a job does not start.
 * A report that passes, because the user hides what the loader rejects or because the
 * rows may be loaded in another form, gives only the reason. */
static enum lc_status add_loading(const struct lc_report *report, struct lc_buffer *out,
                                  struct lc_error *err)
{
    const struct lc_effects *effects = report->effects;
    const struct lc_trainer_info *trainer = lc_trainer_at(effects->trainer);
    uint64_t all = lc_index_summary(report->index)->rows;
    const char *rejects = !all                  ? "gets no rows"
                          : effects->files == 1 ? "rejects the file"
                                                : "rejects files";
    enum lc_status status;

    if (effects->files && lc_digest_failed(report))
        status = lc_buffer_printf(out, err, "%s does not start: its loader %s",
                                  trainer->name, rejects);
    else if (effects->files)
        status = lc_buffer_printf(out, err, "%s: its loader %s", trainer->name, rejects);
    else if (effects->unloaded)
        status = lc_buffer_printf(out, err, "%s: %s", trainer->name, trainer->reads);
    else
        status = lc_buffer_printf(out, err, "%s does not read the %s dialect: %s",
                                  trainer->name, effects->dialect, effects->what);
    return status == LC_OK && all ? lc_buffer_printf(out, err, ". ") : status;
}

/* Say that whole shards keep the trainer from starting, or stop it. */
static enum lc_status add_shards(const struct lc_report *report, struct lc_buffer *out,
                                 struct lc_error *err)
{
    const struct lc_effects *effects = report->effects;
    const char *name = lc_trainer_at(effects->trainer)->name;

    if (effects->shards && lc_digest_failed(report))
        return lc_buffer_printf(out, err, "%s does not start: it refuses %s. ", name,
                                effects->shards == 1 ? "a shard" : "shards");
    if (effects->shards)
        return lc_buffer_printf(out, err, "%s refuses %s. ", name,
                                effects->shards == 1 ? "a shard" : "shards");
    return lc_buffer_printf(out, err, "%s stops at a shard that it cannot read. ", name);
}

/* Say how many rows are too long. */
static enum lc_status add_lengths(const struct lc_effects *effects, struct lc_buffer *out,
                                  struct lc_error *err)
{
    char limit[LC_COUNT_SIZE], longer[LC_COUNT_SIZE], perhaps[LC_COUNT_SIZE];

    if (!effects->limit || !(effects->longer + effects->perhaps_longer))
        return LC_OK;
    lc_format_count(effects->limit, limit);
    lc_format_count(effects->longer, longer);
    lc_format_count(effects->perhaps_longer, perhaps);
    if (!effects->longer)
        return lc_buffer_printf(out, err,
                                ". By estimate, %s row%s may be longer than %s tokens",
                                perhaps, effects->perhaps_longer == 1 ? "" : "s", limit);
    return lc_buffer_printf(
        out, err, ". By estimate, %s row%s longer than %s tokens%s%s%s", longer,
        effects->longer == 1 ? " is" : "s are", limit,
        effects->perhaps_longer ? ", and " : "", effects->perhaps_longer ? perhaps : "",
        effects->perhaps_longer ? " more may be" : "");
}

enum lc_status lc_digest_unread(const struct lc_effects *effects, struct lc_buffer *out,
                                struct lc_error *err)
{
    if (effects->unloaded)
        return lc_buffer_printf(out, err, "%s; rows are counted as if loaded",
                                lc_trainer_at(effects->trainer)->reads);
    if (effects->unread)
        return lc_buffer_printf(out, err, "it does not read the %s dialect: %s",
                                effects->dialect, effects->what);
    return LC_OK;
}

enum lc_status lc_digest_effects(const struct lc_report *report, struct lc_buffer *out,
                                 struct lc_error *err)
{
    const struct lc_effects *effects = report->effects;
    const char *name = lc_trainer_at(effects->trainer)->name;
    uint64_t all = lc_index_summary(report->index)->rows;
    bool reads_shards = !effects->shards && !effects->stopping;
    bool loads_files = !effects->files && !effects->unloaded && !effects->unread;
    bool loads_all = loads_files && reads_shards;
    char rows[LC_COUNT_SIZE];
    enum lc_status status = LC_OK;

    lc_format_count(all, rows);
    if (!loads_files)
        status = add_loading(report, out, err);
    if (status != LC_OK || !all)
        return status;
    if (effects->counts[LC_EFFECT_FINE] == all && loads_all)
        return lc_buffer_printf(out, err, "%s trains %s%s row%s as written", name,
                                all == 1 ? "the " : "all ", rows, all == 1 ? "" : "s");
    if (loads_files && !reads_shards)
        status = add_shards(report, out, err);
    else if (loads_all) /* otherwise the sentence before names the trainer */
        status = lc_buffer_printf(out, err, "%s%s: ", name,
                                  effects->counts[LC_EFFECT_REFUSED] &&
                                          lc_digest_failed(report)
                                      ? " does not start"
                                      : "");
    if (status == LC_OK)
        status = add_parts(effects->counts, all, lc_effects_start(effects), out, err);
    return status == LC_OK ? add_lengths(effects, out, err) : status;
}

/* "15 errors, 2 warnings": the levels from high down to low. */
static enum lc_status add_levels(const uint64_t findings[3], int high, int low,
                                 struct lc_buffer *out, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    const char *join = "";
    char count[LC_COUNT_SIZE];

    for (int s = high; s >= low && status == LC_OK; s--) {
        if (!findings[s])
            continue;
        status = lc_buffer_printf(
            out, err, "%s%s %s%s", join, lc_format_count(findings[s], count),
            s == LC_SEVERITY_INFO ? "note" : lc_severity_name((enum lc_severity)s),
            findings[s] == 1 ? "" : "s");
        join = ", ";
    }
    return status;
}

enum lc_status lc_digest_baseline(const struct lc_report *report, struct lc_buffer *out,
                                  struct lc_error *err)
{
    const struct lc_view_counts *counts = lc_view_counts(report->view);
    enum lc_status status = LC_OK;
    char count[LC_COUNT_SIZE];

    if (counts->expired)
        status = lc_buffer_printf(
            out, err, "%s finding%s reported again: the baseline's %s expired",
            lc_format_count(counts->expired, count),
            counts->expired == 1 ? " is" : "s are",
            counts->expired == 1 ? "entry has" : "entries have");
    if (status == LC_OK && counts->unneeded)
        status = lc_buffer_printf(out, err, "%s%s %s no longer needed: --prune-baseline",
                                  counts->expired ? "; " : "",
                                  lc_format_count(counts->unneeded, count),
                                  counts->unneeded == 1 ? "entry of the baseline is"
                                                        : "entries of the baseline are");
    return status;
}

enum lc_status lc_digest_bad_rows(const struct lc_report *report, struct lc_buffer *out,
                                  struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(report->index);
    const struct lc_view_counts *counts = lc_view_counts(report->view);
    uint64_t shown = lc_report_findings(report)[LC_SEVERITY_ERROR], adjusted = 0;
    char bad[LC_COUNT_SIZE], rows[LC_COUNT_SIZE];
    enum lc_status status;

    for (int i = 0; i < LC_ADJUSTMENT_COUNT; i++)
        adjusted += counts->adjusted[i][LC_SEVERITY_ERROR];
    status = lc_buffer_printf(out, err, "%s of %s row%s ha%s errors",
                              lc_format_count(s->rows - s->rows_ok, bad),
                              lc_format_count(s->rows, rows), s->rows == 1 ? "" : "s",
                              s->rows - s->rows_ok == 1 ? "s" : "ve");
    if (status == LC_OK && adjusted)
        status = lc_buffer_printf(out, err, ", including hidden or lowered ones");
    if (status == LC_OK && shown + adjusted > s->findings[LC_SEVERITY_ERROR])
        status = lc_buffer_printf(out, err, ", not counting raised ones");
    return status;
}

/* Append a clause about adjusted findings, if there are any. */
static enum lc_status add_adjusted(const struct lc_report *report, const char *before,
                                   const char *after, struct lc_buffer *out,
                                   struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (lc_adjusted_any(report, LC_SEVERITY_INFO)) {
        status = lc_buffer_printf(out, err, "%s", before);
        if (status == LC_OK)
            status = lc_adjusted_sentence(report, out, err);
        if (status == LC_OK)
            status = lc_buffer_printf(out, err, "%s", after);
    }
    return status;
}

bool lc_digest_failed(const struct lc_report *report)
{
    return lc_report_findings(report)[LC_SEVERITY_ERROR] || report->options->failed;
}

enum lc_status lc_digest_totals(const struct lc_report *report, struct lc_buffer *out,
                                struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(report->index);
    const uint64_t *findings = lc_report_findings(report);
    bool failed = lc_digest_failed(report);
    char a[LC_COUNT_SIZE], b[LC_COUNT_SIZE];
    enum lc_status status = lc_buffer_printf(out, err, failed ? "FAILED: " : "OK: ");

    if (status == LC_OK && !failed) /* first, so that the data set does not look clean */
        status = add_adjusted(report, "", "; ", out, err);
    if (status == LC_OK && !findings[0] && !findings[1] && !findings[2])
        status = lc_buffer_printf(out, err,
                                  lc_adjusted_any(report, LC_SEVERITY_WARNING)
                                      ? "no other findings"
                                      : "no findings");
    if (status == LC_OK)
        status = add_levels(findings, LC_SEVERITY_ERROR, LC_SEVERITY_INFO, out, err);
    if (status == LC_OK)
        status =
            lc_buffer_printf(out, err, "; %s of %s rows", lc_format_count(s->rows_ok, a),
                             lc_format_count(s->rows, b));
    if (status == LC_OK && s->images_referenced && !s->images_skipped)
        status = lc_buffer_printf(out, err, " and %s of %s images",
                                  lc_format_count(s->images_ok, a),
                                  lc_format_count(s->images_referenced, b));
    if (status == LC_OK)
        status = lc_buffer_printf(out, err, " are sound");
    if (status == LC_OK && s->images_skipped)
        status = lc_buffer_printf(out, err, "; images were not checked");
    if (status == LC_OK && s->images_unverified)
        status = lc_buffer_printf(out, err, "; %s image%s not verified",
                                  lc_format_count(s->images_unverified, a),
                                  s->images_unverified == 1 ? "" : "s");
    if (status == LC_OK && s->urls)
        status = lc_buffer_printf(out, err, "; %s URL%s not verified",
                                  lc_format_count(s->urls, a), s->urls == 1 ? "" : "s");
    if (status == LC_OK && report->options->stopped && !findings[LC_SEVERITY_ERROR])
        status = lc_buffer_printf(out, err, "; %s stops",
                                  lc_trainer_at(report->effects->trainer)->name);
    if (status == LC_OK && report->options->unsure && !findings[LC_SEVERITY_ERROR])
        status = lc_buffer_printf(out, err, "; some effects are unknown");
    if (status == LC_OK && failed)
        status = add_adjusted(report, "; ", "", out, err);
    return status;
}

/* A walk over findings on levels that are not listed. */
struct unlisted {
    const struct lc_report *report;
    enum lc_effect worst; /* of their effects on the report's trainer */
};

static enum lc_status note_unlisted(void *user, const struct lc_finding_record *finding,
                                    struct lc_error *err)
{
    struct unlisted *unlisted = user;
    enum lc_effect effect;

    (void)err;
    if (finding->severity >= unlisted->report->options->show)
        return LC_OK;
    effect = lc_effects_of(unlisted->report->effects, finding).effect;
    if (effect > unlisted->worst)
        unlisted->worst = effect;
    return LC_OK;
}

/* Name the worst effect of findings that are not listed, unless it is that rows are
 * trained as written: otherwise, nothing that a reader sees would explain it. */
static enum lc_status add_unlisted_effect(const struct lc_report *report,
                                          struct lc_buffer *out, struct lc_error *err)
{
    struct unlisted unlisted = {.report = report, .worst = LC_EFFECT_FINE};
    enum lc_status status = LC_OK;

    if (lc_index_verification(report->index))
        return LC_OK;
    status = lc_view_each_finding(report->view, note_unlisted, &unlisted, err);
    if (status != LC_OK || unlisted.worst == LC_EFFECT_FINE)
        return status;
    return lc_buffer_printf(out, err, " (%s: %s)",
                            lc_trainer_at(report->effects->trainer)->name,
                            lc_effect_name(unlisted.worst));
}

enum lc_status lc_digest_lower(const struct lc_report *report, enum lc_severity *lowest,
                               struct lc_buffer *out, struct lc_error *err)
{
    const uint64_t *findings = lc_report_findings(report);
    int high = (int)report->options->show - 1;
    size_t begin = out->size;
    enum lc_status status;

    for (int s = high; s >= LC_SEVERITY_INFO; s--)
        if (findings[s])
            *lowest = (enum lc_severity)s;
    status = add_levels(findings, high, LC_SEVERITY_INFO, out, err);
    return status == LC_OK && out->size > begin ? add_unlisted_effect(report, out, err)
                                                : status;
}

enum lc_status lc_digest_hidden(const struct lc_report *report, struct lc_buffer *out,
                                struct lc_error *err)
{
    enum lc_severity lowest = LC_SEVERITY_ERROR;
    size_t begin = out->size;
    enum lc_status status = lc_digest_lower(report, &lowest, out, err);

    if (status != LC_OK || out->size == begin)
        return status;
    return lc_buffer_printf(out, err, " not listed: --show %s", lc_severity_name(lowest));
}

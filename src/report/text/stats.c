/* The statistics of an index: what `llava-check index stats` prints */
#include "report/model/adjusted.h"
#include "report/model/image_tally.h"
#include "report/model/report.h"

#include <string.h>

static void print_line(FILE *to, const char *label, uint64_t value)
{
    char count[LC_COUNT_SIZE];

    fprintf(to, "%-24s%16s\n", label, lc_format_count(value, count));
}

static void print_rows(const struct lc_summary *s, FILE *to)
{
    print_line(to, "rows files", s->rows_files);
    print_line(to, "rows", s->rows);
    print_line(to, "  sound", s->rows_ok);
    print_line(to, "  text only", s->rows_text_only);
    print_line(to, "turns", s->turns);
    print_line(to, "words", s->words);
    print_line(to, "characters", s->characters);
    if (s->rows_sampled != s->rows)
        print_line(to, "rows sampled", s->rows_sampled);
}

/* Print the distribution of values: a line for each bucket that is not empty. */
static void print_histogram(FILE *to, const char *label, const struct lc_histogram *h)
{
    char from[LC_COUNT_SIZE], last[LC_COUNT_SIZE], range[2 * LC_COUNT_SIZE];
    char count[LC_COUNT_SIZE];

    if (!h->count)
        return;
    fprintf(to, "%-24s%16.1f  mean\n%-24s%16s  max\n", label,
            (double)h->sum / (double)h->count, "", lc_format_count(h->most, count));
    for (unsigned i = 0; i < LC_BUCKETS; i++) {
        uint64_t least = lc_bucket_least(i), next = lc_bucket_least(i + 1);

        if (!h->buckets[i])
            continue;
        lc_format_count(least, from);
        lc_format_count(next - 1, last);
        snprintf(range, sizeof(range), next - least > 1 ? "  %s to %s" : "  %s", from,
                 last);
        fprintf(to, "%-24s%16s  %5.1f %%\n", range, lc_format_count(h->buckets[i], count),
                100.0 * (double)h->buckets[i] / (double)h->count);
    }
}

static void print_statistics(const struct lc_statistics *s, FILE *to)
{
    print_line(to, "rows without image", s->no_image);
    print_line(to, "rows with one image", s->one_image);
    print_line(to, "rows with several images", s->several_images);
    print_line(to, "rows with a video", s->video);
    print_line(to, "rows in Latin script", s->scripts[LC_SCRIPT_LATIN]);
    print_line(to, "rows in Han script", s->scripts[LC_SCRIPT_HAN]);
    print_line(to, "rows in other scripts", s->scripts[LC_SCRIPT_OTHER]);
    print_line(to, "rows without letters", s->scripts[LC_SCRIPT_NONE]);
    print_histogram(to, "rounds per row", &s->rounds);
    print_line(to, "  median", s->median_rounds);
    print_histogram(to, "words per turn", &s->turn_words);
    print_histogram(to, "characters per turn", &s->turn_characters);
    print_histogram(to, "words per row", &s->row_words);
    print_histogram(to, "characters per row", &s->row_characters);
}

/* The state of printing the mixture. */
struct shares {
    FILE *to;
    enum lc_share_kind kind; /* kind of the share printed last */
    bool any;
};

static enum lc_status print_share(void *user, enum lc_share_kind kind,
                                  const struct lc_share *share, struct lc_error *err)
{
    static const char *const heads[] = {
        [LC_SHARE_SOURCE] = "data_source",
        [LC_SHARE_FOLDER] = "top folder",
    };
    struct shares *shares = user;
    char rows[LC_COUNT_SIZE], images[LC_COUNT_SIZE], rounds[LC_COUNT_SIZE];
    char words[LC_COUNT_SIZE];
    struct lc_buffer name = {0};
    enum lc_status status = lc_buffer_printf(&name, err, "  ");

    if (status == LC_OK && !share->name.size)
        status = lc_buffer_printf(&name, err, "(none)");
    if (status == LC_OK)
        status = lc_format_text(share->name, &name, err);
    if (status == LC_OK)
        status = lc_format_start(&name, 0, err);
    if (status == LC_OK) {
        if (!shares->any || shares->kind != kind)
            fprintf(shares->to, "%-24s%16s%16s%16s%16s\n", heads[kind], "rows", "images",
                    "rounds", "words");
        fprintf(
            shares->to, "%-24.*s%16s%16s%16s%16s\n", (int)name.size, name.data,
            lc_format_count(share->rows, rows), lc_format_count(share->images, images),
            lc_format_count(share->rounds, rounds), lc_format_count(share->words, words));
        shares->any = true;
        shares->kind = kind;
    }
    lc_buffer_clear(&name);
    return status;
}

static void print_effects(const struct lc_effects *effects, FILE *to)
{
    char label[64];

    for (int i = LC_EFFECT_REFUSED; i >= LC_EFFECT_FINE; i--) {
        snprintf(label, sizeof(label), "%s: %s", lc_trainer_at(effects->trainer)->name,
                 lc_effect_name((enum lc_effect)i));
        print_line(to, label, effects->counts[i]);
    }
}

/* Print "by format", and for each format the number of images and the size of their
 * files. */
static void print_kinds(FILE *to, const char *label, const struct lc_tally_kinds *kinds)
{
    char name[32], count[LC_COUNT_SIZE], bytes[LC_COUNT_SIZE];

    if (kinds->count)
        fprintf(to, "%s\n", label);
    for (size_t i = 0; i < kinds->count; i++) {
        snprintf(name, sizeof(name), "  %s", kinds->items[i].name);
        fprintf(to, "%-24s%16s  %s\n", name,
                lc_format_count(kinds->items[i].images, count),
                lc_format_bytes(kinds->items[i].bytes, bytes));
    }
}

static void print_images(const struct lc_summary *s, const struct lc_image_tally *tally,
                         FILE *to)
{
    char label[32];

    print_line(to, "images referenced", s->images_referenced);
    for (int i = 0; i < LC_IMAGE_STATE_COUNT; i++) {
        if (!tally->states[i])
            continue;
        snprintf(label, sizeof(label), "  %s",
                 lc_image_state_name((enum lc_image_state)i));
        print_line(to, label, tally->states[i]);
    }
    print_line(to, "files read", s->images);
    print_line(to, "image bytes", s->image_bytes);
    print_kinds(to, "images by format", &tally->formats);
    print_kinds(to, "images by mode", &tally->modes);
    print_kinds(to, "images by bit depth", &tally->depths);
    print_line(to, "images rotated by EXIF", tally->turned);
    print_line(to, "multi-frame images", tally->animated);
    print_line(to, "single-colour images", tally->blank);
    print_line(to, "images with extra bytes", tally->trailing);
    print_histogram(to, "width in pixels", &tally->widths);
    print_histogram(to, "height in pixels", &tally->heights);
    print_histogram(to, "pixels per image", &tally->pixels);
}

/* "adjusted: error                15  ignored by --ignore" */
static void print_adjusted(const struct lc_report *report)
{
    struct lc_adjusted list[LC_ADJUSTED_MOST];
    size_t count = lc_adjusted_list(report, list);
    char label[32], number[LC_COUNT_SIZE];

    for (size_t i = 0; i < count; i++) {
        for (int s = LC_SEVERITY_ERROR; s >= LC_SEVERITY_INFO; s--) {
            if (!list[i].counts[s])
                continue;
            snprintf(label, sizeof(label), "adjusted: %s",
                     lc_severity_name((enum lc_severity)s));
            fprintf(report->to, "%-24s%16s  %s %s\n", label,
                    lc_format_count(list[i].counts[s], number), list[i].phrase,
                    list[i].by);
        }
    }
}

static void print_findings(const struct lc_report *report)
{
    const uint64_t *findings = lc_report_findings(report);
    size_t count;
    const struct lc_rule_count *counts = lc_view_rule_counts(report->view, &count);
    char label[32];

    for (int i = LC_SEVERITY_ERROR; i >= LC_SEVERITY_INFO; i--) {
        snprintf(label, sizeof(label), "findings of level %s",
                 lc_severity_name((enum lc_severity)i));
        print_line(report->to, label, findings[i]);
    }
    for (size_t i = 0; i < count; i++) {
        snprintf(label, sizeof(label), "  %s", counts[i].code);
        print_line(report->to, label,
                   counts[i].counts[0] + counts[i].counts[1] + counts[i].counts[2]);
    }
}

enum lc_status lc_report_stats(const struct lc_report *report, struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(report->index);
    struct shares shares = {.to = report->to};
    struct lc_image_tally tally;
    enum lc_status status = lc_image_tally(report->index, &tally, err);

    if (status != LC_OK)
        return status;
    print_rows(s, report->to);
    print_statistics(lc_index_statistics(report->index), report->to);
    status = lc_index_each_share(report->index, print_share, &shares, err);
    if (status != LC_OK)
        return status;
    print_images(s, &tally, report->to);
    print_findings(report);
    print_adjusted(report);
    for (size_t i = 0; i < report->all_count; i++)
        print_effects(&report->all[i], report->to);
    if (!report->all_count)
        print_effects(report->effects, report->to);
    return LC_OK;
}

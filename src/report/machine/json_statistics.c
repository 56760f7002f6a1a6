/* The JSON report's statistics: numbers only, but for the mixture's names, so they are
 * printed as they come. */
#include "report/model/image_tally.h"
#include "print/out.h"
#include "report/model/report.h"

#include <inttypes.h>
#include <string.h>

/* "key": {"count": …, "sum": …, "mean": …, "most": …, "histogram": [[from, to, n], …]} */
static void print_histogram(FILE *to, const char *key, const struct lc_histogram *h,
                            const uint64_t *median)
{
    const char *join = "";

    fprintf(to, "    \"%s\": { \"count\": %" PRIu64 ", \"sum\": %" PRIu64, key, h->count,
            h->sum);
    fprintf(to, ", \"mean\": %.3f", h->count ? (double)h->sum / (double)h->count : 0.0);
    if (median)
        fprintf(to, ", \"median\": %" PRIu64, *median);
    fprintf(to, ", \"most\": %" PRIu64 ", \"histogram\": [", h->most);
    for (unsigned i = 0; i < LC_BUCKETS; i++) {
        uint64_t from = lc_bucket_least(i), next = lc_bucket_least(i + 1);

        if (!h->buckets[i])
            continue;
        fprintf(to, "%s[%" PRIu64 ", %" PRIu64 ", %" PRIu64 "]", join, from,
                i + 1 < LC_BUCKETS ? next - 1 : h->most, h->buckets[i]);
        join = ", ";
    }
    fputs("] }", to);
}

static void print_numbers(FILE *to, const struct lc_statistics *s)
{
    fprintf(to,
            "    \"rows_by_images\": { \"none\": %" PRIu64 ", \"one\": %" PRIu64
            ", \"several\": %" PRIu64 " },\n    \"rows_with_video\": %" PRIu64 ",\n",
            s->no_image, s->one_image, s->several_images, s->video);
    fprintf(to,
            "    \"rows_by_script\": { \"latin\": %" PRIu64 ", \"han\": %" PRIu64
            ", \"other\": %" PRIu64 ", \"none\": %" PRIu64 " },\n",
            s->scripts[LC_SCRIPT_LATIN], s->scripts[LC_SCRIPT_HAN],
            s->scripts[LC_SCRIPT_OTHER], s->scripts[LC_SCRIPT_NONE]);
    print_histogram(to, "rounds_per_row", &s->rounds, &s->median_rounds);
    fputs(",\n", to);
    print_histogram(to, "words_per_turn", &s->turn_words, NULL);
    fputs(",\n", to);
    print_histogram(to, "characters_per_turn", &s->turn_characters, NULL);
    fputs(",\n", to);
    print_histogram(to, "words_per_row", &s->row_words, NULL);
    fputs(",\n", to);
    print_histogram(to, "characters_per_row", &s->row_characters, NULL);
    fputs("\n", to);
}

/* The mixture being printed. */
struct mixture {
    FILE *to;
    enum lc_share_kind kind;
    bool any;
};

static enum lc_status print_share(void *user, enum lc_share_kind kind,
                                  const struct lc_share *share, struct lc_error *err)
{
    struct mixture *m = user;
    struct lc_out out = {.to = m->to};

    if (kind != m->kind)
        return LC_OK;
    lc_out_text(&out, m->any ? ",\n      {\"name\":" : "\n      {\"name\":");
    lc_out_json(&out, share->name);
    lc_out_text(&out, ",\"rows\":");
    lc_out_number(&out, share->rows);
    lc_out_text(&out, ",\"images\":");
    lc_out_number(&out, share->images);
    lc_out_text(&out, ",\"rounds\":");
    lc_out_number(&out, share->rounds);
    lc_out_text(&out, ",\"words\":");
    lc_out_number(&out, share->words);
    lc_out_text(&out, "}");
    m->any = true;
    return lc_out_end(&out, LC_OK, err);
}

/* "key": [{"name": …, "images": …, "bytes": …}, …]; names need no escapes */
static void print_kinds(FILE *to, const char *key, const struct lc_tally_kinds *kinds)
{
    const char *join = "";

    fprintf(to, "    \"%s\": [", key);
    for (size_t i = 0; i < kinds->count; i++) {
        const struct lc_tally_kind *kind = &kinds->items[i];

        fprintf(to,
                "%s{ \"name\": \"%s\", \"images\": %" PRIu64 ", \"bytes\": %" PRIu64 " }",
                join, kind->name, kind->images, kind->bytes);
        join = ", ";
    }
    fputs("],\n", to);
}

static enum lc_status print_images(const struct lc_report *report, struct lc_error *err)
{
    struct lc_image_tally tally;
    enum lc_status status = lc_image_tally(report->index, &tally, err);
    const char *join = "";
    FILE *to = report->to;

    fputs("  \"image_statistics\": {\n    \"by_verdict\": { ", to);
    for (int i = 0; i < LC_IMAGE_STATE_COUNT; i++) {
        fprintf(to, "%s\"%s\": %" PRIu64, join,
                lc_image_state_name((enum lc_image_state)i), tally.states[i]);
        join = ", ";
    }
    fputs(" },\n", to);
    print_kinds(to, "by_format", &tally.formats);
    print_kinds(to, "by_mode", &tally.modes);
    print_kinds(to, "by_depth", &tally.depths);
    fprintf(to,
            "    \"turned\": %" PRIu64 ", \"animated\": %" PRIu64 ", \"blank\": %" PRIu64
            ", \"trailing\": %" PRIu64 ",\n",
            tally.turned, tally.animated, tally.blank, tally.trailing);
    print_histogram(to, "width", &tally.widths, NULL);
    fputs(",\n", to);
    print_histogram(to, "height", &tally.heights, NULL);
    fputs(",\n", to);
    print_histogram(to, "pixels", &tally.pixels, NULL);
    fputs("\n  },\n", to);
    return status;
}

enum lc_status lc_json_statistics(const struct lc_report *report, struct lc_error *err)
{
    static const char *const keys[] = {
        [LC_SHARE_SOURCE] = "data_source",
        [LC_SHARE_FOLDER] = "folder",
    };
    struct mixture m = {.to = report->to};
    enum lc_status status = LC_OK;

    fputs("  \"statistics\": {\n", m.to);
    print_numbers(m.to, lc_index_statistics(report->index));
    fputs("  },\n  \"mixture\": {\n", m.to);
    for (int k = 0; k < LC_SHARE_KINDS && status == LC_OK; k++) {
        m.kind = (enum lc_share_kind)k;
        m.any = false;
        fprintf(m.to, "    \"%s\": [", keys[k]);
        status = lc_index_each_share(report->index, print_share, &m, err);
        fprintf(m.to, "%s]%s\n", m.any ? "\n    " : "",
                k + 1 < LC_SHARE_KINDS ? "," : "");
    }
    fputs("  },\n", m.to);
    return status == LC_OK ? print_images(report, err) : status;
}

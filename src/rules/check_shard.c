/* Checks of shards: of the samples that their members form, and of each shard as a
 * whole */
#include "base/printable.h"
#include "rules/rules.h"

#include <string.h>

#define QUOTE 160

void lc_check_ARC811(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_sample *sample = facts->sample->sample;
    struct lc_finding *finding;
    char quote[QUOTE], key[QUOTE];

    if (sample->faults & LC_SAMPLE_MERGED) {
        lc_emit(out, rule,
                "%llu samples are one: the key of %s ends at its first dot, as %s",
                (unsigned long long)sample->merged,
                lc_text_quote(sample->dotted, quote, sizeof(quote)),
                lc_text_quote(sample->key, key, sizeof(key)));
    } else if (sample->faults & LC_SAMPLE_DOTTED) {
        finding = lc_emit(out, rule, "the key of %s ends at its first dot, as %s",
                          lc_text_quote(sample->dotted, quote, sizeof(quote)),
                          lc_text_quote(sample->key, key, sizeof(key)));
        if (finding)
            finding->severity = LC_SEVERITY_INFO;
        lc_finding_case(finding, LC_CASE_ARC811_ALONE);
    }
}

void lc_check_ARC812(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_sample *sample = facts->sample->sample;
    struct lc_finding *finding;
    char quote[QUOTE], field[QUOTE];

    if (facts->sample->field) {
        const struct lc_span name = {facts->sample->field, strlen(facts->sample->field)};
        const struct lc_span options = {facts->sample->options,
                                        strlen(facts->sample->options)};

        finding =
            lc_emit(out, rule, "no member for the field %s of .nv-meta/dataset.yaml: %s",
                    lc_text_quote(name, field, sizeof(field)),
                    lc_text_quote(options, quote, sizeof(quote)));
        if (finding)
            finding->severity = LC_SEVERITY_WARNING;
        lc_finding_case(finding, LC_CASE_ARC812_FIELD);
    }
    if (sample->faults & LC_SAMPLE_SPOILED)
        lc_finding_case(lc_emit(out, rule, "%s is not UTF-8",
                                lc_text_quote(sample->spoiled, quote, sizeof(quote))),
                        LC_CASE_ARC812_SPOILED);
    if (sample->faults & LC_SAMPLE_SPARSE)
        lc_finding_case(lc_emit(out, rule,
                                "%s is not verified: it is a sparse file in the archive; "
                                "pack it again without tar's option --sparse",
                                lc_text_quote(sample->sparse, quote, sizeof(quote))),
                        LC_CASE_ARC812_SPARSE);
    else if (sample->form == LC_SAMPLE_EMPTY)
        lc_finding_case(lc_emit(out, rule, "%s",
                                sample->image_count ? "an image without JSON or text"
                                                    : "neither an image nor a text"),
                        LC_CASE_ARC812_NO_TEXT);
    if (sample->form != LC_SAMPLE_EMPTY && !sample->image_count &&
        facts->sample->needs_image)
        lc_emit(out, rule, "a text without its image");
}

void lc_check_ARC813(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_sample *sample = facts->sample->sample;
    bool is_same = (sample->faults & LC_SAMPLE_REPEATED) != 0;
    bool is_whole = (sample->faults & LC_SAMPLE_TWICE) == LC_SAMPLE_TWICE;
    struct lc_finding *finding;
    char quote[QUOTE];

    if (!is_same && !(sample->faults & LC_SAMPLE_CASES))
        return;
    finding =
        lc_emit(out, rule, "%s %s", lc_text_quote(sample->repeated, quote, sizeof(quote)),
                is_same ? "already occurs" : "already occurs with different capitals");
    lc_finding_case(finding, !is_same   ? LC_CASE_ARC813_CASES
                             : is_whole ? LC_CASE_ARC813_WHOLE
                                        : LC_CASE_ARC813_ANY);
}

void lc_check_ARC814(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_shard_facts *shard = facts->shard;
    char quote[QUOTE];

    if (shard && shard->end.lost)
        lc_emit(out, rule, "%llu member%s, such as %s",
                (unsigned long long)shard->end.lost, shard->end.lost == 1 ? "" : "s",
                lc_text_quote(shard->end.example, quote, sizeof(quote)));
}

void lc_check_ARC815(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_sample *sample = facts->sample->sample;
    char quote[QUOTE];

    if (sample->faults & LC_SAMPLE_CAPITALS)
        lc_emit(out, rule, "%s", lc_text_quote(sample->capital, quote, sizeof(quote)));
}

/* Report problems of the shard's place in the index. */
static void check_place(const struct lc_rule *rule, const struct lc_shard_facts *shard,
                        struct lc_findings *out)
{
    static const struct {
        const char *what;
        enum lc_case_index which;
    } places[] = {
        [LC_SHARD_UNLISTED] = {".nv-meta/.info.json has other shards, and not this one",
                               LC_CASE_ARC816_UNLISTED},
        [LC_SHARD_UNSPLIT] = {"it is in no part of .nv-meta/split.yaml",
                              LC_CASE_ARC816_UNSPLIT},
        [LC_SHARD_SPLIT_TWICE] = {"it is in .nv-meta/split.yaml twice",
                                  LC_CASE_ARC816_TWICE},
    };
    struct lc_finding *finding;
    char quote[QUOTE];

    if (shard->place != LC_SHARD_PLACED) {
        finding = lc_emit(out, rule, "%s", places[shard->place].what);
        if (finding)
            finding->severity = LC_SEVERITY_WARNING;
        lc_finding_case(finding, places[shard->place].which);
    }
    if (shard->unfollowed) {
        finding = lc_emit(out, rule,
                          "what .nv-meta/dataset.yaml makes of samples is not "
                          "verified: %s",
                          shard->unfollowed);
        if (finding)
            finding->severity = LC_SEVERITY_WARNING;
        lc_finding_case(finding, LC_CASE_ARC816_UNFOLLOWED);
    }
    if (shard->misfit)
        lc_finding_case(lc_emit(out, rule, ".nv-meta/dataset.yaml: %s", shard->misfit),
                        LC_CASE_ARC816_MISFIT);
    if (shard->absent)
        lc_finding_case(
            lc_emit(out, rule,
                    "split.yaml has shards that do not exist or are not in "
                    ".info.json, such as %s",
                    lc_text_quote((struct lc_span){shard->absent, strlen(shard->absent)},
                                  quote, sizeof(quote))),
            LC_CASE_ARC816_ABSENT);
}

void lc_check_ARC816(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_shard_facts *shard = facts->shard;
    unsigned long long samples;

    if (!shard)
        return;
    check_place(rule, shard, out);
    samples = shard->end.samples;
    if (shard->indexed != LC_NOT_INDEXED && shard->indexed != samples)
        lc_emit(out, rule, "%llu samples; .nv-meta has %llu", samples,
                (unsigned long long)shard->indexed);
    /* there is one offset for each sample, and one for the end */
    else if (shard->offsets && shard->offsets - 1 != samples &&
             shard->offsets - 1 != samples + 1)
        lc_emit(out, rule, "%llu samples; its .tar.idx has %llu entries", samples,
                (unsigned long long)(shard->offsets - 1));
}

void lc_check_ARC817(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    static const char *const codings[] = {
        [LC_CODING_PLAIN] = "it is not compressed, but not named .tar",
        [LC_CODING_GZIP] = "with gzip",
        [LC_CODING_ZSTD] = "with zstd",
        [LC_CODING_XZ] = "with xz",
        [LC_CODING_BZIP2] = "with bzip2",
    };
    const struct lc_shard_facts *shard = facts->shard;
    struct lc_finding *finding;

    if (!shard || shard->end.kind != LC_ARCHIVE_TAR ||
        (shard->end.coding == LC_CODING_PLAIN && shard->is_named_tar))
        return;
    finding = lc_emit(out, rule, "%s", codings[shard->end.coding]);
    lc_finding_case(finding, shard->end.coding == LC_CODING_ZSTD ? LC_CASE_ARC817_ZSTD
                             : shard->is_named_tar               ? LC_CASE_ARC817_TAR
                                                                 : LC_CASE_ARC817_ANY);
}

void lc_check_ARC818(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_shard_facts *shard = facts->shard;
    bool is_tar = shard && shard->end.kind == LC_ARCHIVE_TAR;

    if (!shard || shard->end.samples)
        return;
    lc_finding_case(lc_emit(out, rule, "%s",
                            shard->is_empty ? "it has 0 bytes"
                            : is_tar        ? "a tar without samples"
                                            : "it is not a tar"),
                    is_tar ? LC_CASE_ARC818_TAR : LC_CASE_ARC818_ANY);
}

void lc_check_ARC819(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_sample *sample = facts->sample->sample;
    char quote[QUOTE];

    if (sample->faults & LC_SAMPLE_UNREADABLE)
        lc_emit(out, rule, "%s", lc_text_quote(sample->unreadable, quote, sizeof(quote)));
}

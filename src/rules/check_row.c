/* ROW: the shape of a row */
#include "rules/rules.h"

#define QUOTE_SIZE 80

void lc_check_ROW201(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    if (!facts->row->object)
        lc_emit(out, rule, "the element is not an object");
}

void lc_check_ROW202(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;

    if (!row->object)
        return;
    if (row->turns_kind == LC_TURNS_MISSING)
        lc_emit(out, rule, "no 'conversations' key");
    else if (row->turns_kind == LC_TURNS_NOT_LIST)
        lc_finding_at(lc_emit(out, rule, "conversations is not a list"), row->turns_at);
}

void lc_check_ROW203(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;

    if (row->object && row->turns_kind == LC_TURNS_LIST && !row->turn_count)
        lc_finding_at(lc_emit(out, rule, "conversations is empty"), row->turns_at);
}

void lc_check_ROW204(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    if (facts->row->object && facts->row->id_kind == LC_ID_MISSING)
        lc_emit(out, rule, "no 'id' key");
}

void lc_check_ROW205(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;

    if (row->object && row->id_kind == LC_ID_BAD)
        lc_finding_at(lc_emit(out, rule, "id is %s",
                              row->id.text ? "blank" : "neither a string nor an integer"),
                      row->id_at);
}

void lc_check_ROW208(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;

    if (row->object && row->images.kind == LC_PATHS_BAD)
        lc_finding_at(lc_emit(out, rule, "image is %s", row->images.fault),
                      row->images.at);
}

void lc_check_ROW209(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    char quote[QUOTE_SIZE];

    if (row->ignored_key.text)
        lc_finding_at(lc_emit(out, rule,
                              "no 'image' key, but %s, which LLaVA does not read",
                              lc_text_quote(row->ignored_key, quote, sizeof(quote))),
                      row->ignored_key_at);
}

void lc_check_ROW211(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row_paths *videos = &facts->row->videos;
    char quote[QUOTE_SIZE];

    if (videos->kind == LC_PATHS_NONE)
        return;
    if (videos->kind == LC_PATHS_BAD)
        lc_finding_at(lc_emit(out, rule, "video is %s", videos->fault), videos->at);
    else if (videos->count == 1)
        lc_finding_at(lc_emit(out, rule, "video %s",
                              lc_text_quote(videos->items[0], quote, sizeof(quote))),
                      videos->at);
    else
        lc_finding_at(lc_emit(out, rule, "%zu videos", videos->count), videos->at);
}

void lc_check_ROW212(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row_paths *videos = &facts->row->videos;
    const struct lc_video_facts *video = facts->video;
    char quote[QUOTE_SIZE];

    if (videos->kind == LC_PATHS_BAD)
        lc_finding_at(lc_emit(out, rule, "video is %s", videos->fault), videos->at);
    else if (videos->kind == LC_PATHS_GOOD && video && video->fault)
        lc_finding_at(lc_emit(out, rule, "%s: %s",
                              lc_text_quote(video->path, quote, sizeof(quote)),
                              video->fault),
                      videos->at);
}

/* TOK: the placeholders. A check that cannot be made because an earlier one failed is
 * silent: what is about single turns looks at the turns that are well-formed, what is
 * about the conversation as a whole waits until all of them are. */
#include "rules/rules.h"

/* The number of images that the placeholders of a row expect. A video's placeholder is
 * <image> too, in LLaVA-NeXT, which looks for a video only where there is no key image.
 * Negative when the row's image cannot be counted. */
static int64_t count_images(const struct lc_row *row)
{
    if (row->images.kind == LC_PATHS_BAD)
        return -1;
    if (row->images.kind == LC_PATHS_NONE)
        return row->videos.kind == LC_PATHS_NONE ? 0 : 1;
    return (int64_t)row->images.count;
}

static const char *name_images(const struct lc_row *row)
{
    return row->images.kind == LC_PATHS_NONE ? "video" : "image";
}

void lc_check_TOK401(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    int64_t images = count_images(row);

    if (!lc_row_is_whole(row) || images <= 0 || !row->human_placeholders ||
        row->human_placeholders == (uint64_t)images)
        return;
    lc_finding_at(lc_emit(out, rule, "%zu placeholder%s for %lld %s%s",
                          row->human_placeholders,
                          row->human_placeholders == 1 ? "" : "s", (long long)images,
                          name_images(row), images == 1 ? "" : "s"),
                  row->turns_at);
}

void lc_check_TOK402(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    int64_t images = count_images(row);

    if (lc_row_is_whole(row) && images > 0 && !row->placeholders)
        lc_finding_at(lc_emit(out, rule, "%lld %s%s but no placeholder",
                              (long long)images, name_images(row),
                              images == 1 ? "" : "s"),
                      row->turns_at);
}

void lc_check_TOK403(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;

    if (!row->object || count_images(row) != 0 || !row->placeholders)
        return;
    for (size_t i = 0; i < row->turn_count; i++) {
        if (!row->turns[i].placeholders)
            continue;
        lc_finding_turn(
            lc_emit(out, rule, "turn %zu has a placeholder, but the row has no image", i),
            row, i);
        return;
    }
}

void lc_check_TOK404(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;

    if (!row->answer_placeholders)
        return;
    for (size_t i = 0; i < row->turn_count; i++) {
        if (row->turns[i].role != LC_ROLE_GPT || !row->turns[i].placeholders)
            continue;
        lc_finding_turn(
            lc_emit(out, rule, "turn %zu is an answer and contains a placeholder", i),
            row, i);
        return;
    }
}

void lc_check_TOK405(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    size_t first = 0, at = 0;

    if (!lc_row_is_whole(row) || row->images.count != 1 || row->human_placeholders != 1)
        return;
    while (row->turns[first].role != LC_ROLE_HUMAN)
        first++;
    at = first;
    while (row->turns[at].role != LC_ROLE_HUMAN || !row->turns[at].placeholders)
        at++;
    if (at != first)
        lc_finding_turn(lc_emit(out, rule,
                                "the placeholder is in turn %zu instead of turn %zu", at,
                                first),
                        row, at);
}

/* The first well-formed turn that has one of some marks; turn_count: there is none. */
static size_t find_marked(const struct lc_row *row, unsigned marks)
{
    size_t i = 0;

    if (!(row->marks & marks))
        return row->turn_count;
    while (row->turns[i].fault || !(row->turns[i].marks & marks))
        i++;
    return i;
}

void lc_check_TOK406(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    bool video = row->videos.kind != LC_PATHS_NONE;
    unsigned marks = LC_TURN_LOOKALIKE | (video ? 0U : LC_TURN_VIDEO_TAG);
    size_t at = find_marked(row, marks);
    enum lc_turn_mark mark;
    char quote[48];

    if (at == row->turn_count)
        return;
    mark =
        row->turns[at].marks & LC_TURN_LOOKALIKE ? LC_TURN_LOOKALIKE : LC_TURN_VIDEO_TAG;
    lc_finding_turn(
        lc_emit(out, rule, "turn %zu contains %s", at,
                lc_text_quote(lc_turn_find(&row->turns[at], mark), quote, sizeof(quote))),
        row, at);
}

void lc_check_TOK407(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    size_t at = find_marked(facts->row, LC_TURN_GLUED);

    if (at < facts->row->turn_count)
        lc_finding_turn(
            lc_emit(out, rule, "turn %zu has text on the placeholder's line", at),
            facts->row, at);
}

void lc_check_TOK408(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    size_t at = find_marked(facts->row, LC_TURN_MID_TEXT);

    if (at < facts->row->turn_count)
        lc_finding_turn(
            lc_emit(out, rule, "turn %zu has text before and after the placeholder", at),
            facts->row, at);
}

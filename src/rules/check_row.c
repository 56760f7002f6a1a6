/* ROW, CNV and TOK. A check that cannot be made because an earlier one failed is silent:
 * what is about single turns looks at the turns that are well-formed, what is about the
 * conversation as a whole waits until all of them are. */
#include "rules/rules.h"

#include <string.h>

#define QUOTE_SIZE 48

/* The row has turns, and every one of them is well-formed. */
static bool has_whole_conversation(const struct lc_row *row)
{
    return row->object && row->turn_count && !row->malformed;
}

/* The number of turns with a role, and the first of them. */
static size_t count_role(const struct lc_row *row, enum lc_role role, size_t *first)
{
    size_t count = 0;

    for (size_t i = row->turn_count; i-- > 0;) {
        if (row->turns[i].role != role)
            continue;
        *first = i;
        count++;
    }
    return count;
}

void lc_check_ROW201(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    if (!facts->row->object)
        lc_emit(out, rule, "the element is no object");
}

void lc_check_ROW202(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;

    if (!row->object)
        return;
    if (row->turns_kind == LC_TURNS_MISSING)
        lc_emit(out, rule, "no key conversations");
    else if (row->turns_kind == LC_TURNS_NOT_LIST)
        lc_finding_at(lc_emit(out, rule, "conversations is not a list"),
                      row->turns_offset);
}

void lc_check_ROW203(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;

    if (row->object && row->turns_kind == LC_TURNS_LIST && !row->turn_count)
        lc_finding_at(lc_emit(out, rule, "no turn in it"), row->turns_offset);
}

void lc_check_ROW204(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    if (facts->row->object && facts->row->id_kind == LC_ID_MISSING)
        lc_emit(out, rule, "no key id");
}

void lc_check_ROW205(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;

    if (row->object && row->id_kind == LC_ID_BAD)
        lc_finding_at(lc_emit(out, rule, "id is %s",
                              row->id.text ? "blank" : "no string or integer"),
                      row->id_offset);
}

void lc_check_ROW208(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;

    if (row->object && row->images_kind == LC_IMAGES_BAD)
        lc_finding_at(lc_emit(out, rule, "image is %s", row->images_fault),
                      row->images_offset);
}

void lc_check_CNV301(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    size_t first = 0;

    if (!row->malformed)
        return;
    while (!row->turns[first].fault)
        first++;
    lc_finding_turn(
        row->malformed == 1
            ? lc_emit(out, rule, "turn %zu %s", first, row->turns[first].fault)
            : lc_emit(out, rule, "turn %zu %s (and %zu more)", first,
                      row->turns[first].fault, row->malformed - 1),
        row, first);
}

void lc_check_CNV302(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    size_t first = 0, count = count_role(row, LC_ROLE_OTHER, &first);
    char quote[QUOTE_SIZE];

    if (!count)
        return;
    lc_text_quote(row->turns[first].from, quote, sizeof(quote));
    lc_finding_turn(count == 1 ? lc_emit(out, rule, "turn %zu is from %s", first, quote)
                               : lc_emit(out, rule, "turn %zu is from %s (and %zu more)",
                                         first, quote, count - 1),
                    row, first);
}

void lc_check_CNV303(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    size_t start, other = 0;

    if (!has_whole_conversation(row) || count_role(row, LC_ROLE_OTHER, &other))
        return;
    start = row->turns[0].role == LC_ROLE_GPT;
    for (size_t i = start; i < row->turn_count; i++) {
        enum lc_role wanted = (i - start) % 2 ? LC_ROLE_GPT : LC_ROLE_HUMAN;

        if (row->turns[i].role == wanted)
            continue;
        lc_finding_turn(lc_emit(out, rule, "turn %zu is from %s where %s is due", i,
                                wanted == LC_ROLE_GPT ? "human" : "gpt",
                                wanted == LC_ROLE_GPT ? "gpt" : "human"),
                        row, i);
        return;
    }
}

void lc_check_CNV304(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;

    if (has_whole_conversation(row) && row->turns[0].role == LC_ROLE_GPT)
        lc_finding_turn(lc_emit(out, rule, "turn 0 is from gpt"), row, 0);
}

void lc_check_CNV305(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    struct lc_finding *finding;
    size_t last = row->turn_count - 1, answer = 0;

    if (!has_whole_conversation(row) || row->turns[last].role != LC_ROLE_HUMAN)
        return;
    if (count_role(row, LC_ROLE_GPT, &answer)) {
        finding = lc_emit(out, rule, "turn %zu has no answer", last);
    } else {
        finding = lc_emit(out, rule, "the row has no answer at all");
        if (finding)
            finding->severity = LC_SEVERITY_ERROR;
    }
    lc_finding_turn(finding, row, last);
}

void lc_check_CNV306(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    size_t first = row->turn_count, count = 0;

    for (size_t i = row->turn_count; i-- > 0;) {
        if (row->turns[i].fault || row->turns[i].words)
            continue;
        first = i;
        count++;
    }
    if (count == 1)
        lc_finding_turn(lc_emit(out, rule, "turn %zu has no text", first), row, first);
    else if (count)
        lc_finding_turn(
            lc_emit(out, rule, "turn %zu has no text (and %zu more)", first, count - 1),
            row, first);
}

/* How many images the placeholders of a row stand for. A video's placeholder is <image>
 * too, in LLaVA-NeXT, which looks for a video only where there is no key image. Negative
 * when the row's image cannot be counted. */
static int64_t count_images(const struct lc_row *row)
{
    if (row->images_kind == LC_IMAGES_BAD)
        return -1;
    if (row->images_kind == LC_IMAGES_NONE)
        return row->has_video ? 1 : 0;
    return (int64_t)row->image_count;
}

void lc_check_TOK401(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    int64_t images = count_images(row);

    if (!has_whole_conversation(row) || images <= 0 || !row->human_placeholders ||
        row->human_placeholders == (uint64_t)images)
        return;
    lc_finding_at(lc_emit(out, rule, "%zu placeholder%s for %lld image%s",
                          row->human_placeholders,
                          row->human_placeholders == 1 ? "" : "s", (long long)images,
                          images == 1 ? "" : "s"),
                  row->turns_offset);
}

void lc_check_TOK402(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    int64_t images = count_images(row);

    if (has_whole_conversation(row) && images > 0 && !row->placeholders)
        lc_finding_at(lc_emit(out, rule, "%lld image%s and no placeholder",
                              (long long)images, images == 1 ? "" : "s"),
                      row->turns_offset);
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
            lc_emit(out, rule, "turn %zu has a placeholder, the row no image", i), row,
            i);
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
        lc_finding_turn(lc_emit(out, rule, "turn %zu, an answer, has a placeholder", i),
                        row, i);
        return;
    }
}

/* TOK: the placeholders. If an earlier check failed, checks that depend on it are silent:
 * those about single turns look only at well-formed turns, and those about the whole
 * conversation require all turns to be well-formed. */
#include "rules/rules.h"

/* The files of a medium that a row names, and their placeholders. */
struct demand {
    enum lc_medium medium; /* the medium of the files */
    enum lc_medium marker; /* the medium of the placeholders */
    size_t files;
    size_t placeholders; /* in the turns where the dialect counts them */
    size_t anywhere;
};

/* Whether the <image> of a LLaVA row stands for its video. LLaVA-NeXT has no other
 * placeholder, and looks for a video only if the row has no key image. One <image> stands
 * for the frames of all videos. Qwen's rows have <video>. */
static bool shows_video(const struct lc_row *row)
{
    return !row->dialect->is_modern &&
           row->media[LC_MEDIUM_IMAGE].kind == LC_PATHS_NONE &&
           row->media[LC_MEDIUM_VIDEO].kind != LC_PATHS_NONE &&
           (row->placeholders[LC_MEDIUM_IMAGE] || !row->placeholders[LC_MEDIUM_VIDEO]);
}

/* How many media must be looked at in a row: most rows name only images. */
static int count_media(const struct lc_row *row)
{
    return row->only_files && !row->placeholders[LC_MEDIUM_VIDEO] &&
                   !row->placeholders[LC_MEDIUM_AUDIO]
               ? 1
               : LC_MEDIUM_COUNT;
}

/* Find the files of a medium and their placeholders. Returns false if there is nothing to
 * compare: the value is wrong, or the placeholders belong to another medium. */
static bool find_demand(const struct lc_row *row, enum lc_medium medium,
                        struct demand *out)
{
    bool is_whole = row->turn_count == 1 && row->turns[0].role == LC_ROLE_WHOLE;
    bool in_questions = row->dialect->match == LC_MATCH_QUESTIONS && !is_whole;
    bool shows = shows_video(row);

    *out = (struct demand){medium, medium, lc_row_media_count(row, medium), 0, 0};
    if (medium == LC_MEDIUM_VIDEO && shows && row->media[medium].kind != LC_PATHS_BAD) {
        out->marker = LC_MEDIUM_IMAGE;
        out->files = 1;
    } else if (row->media[medium].kind == LC_PATHS_BAD ||
               (medium == LC_MEDIUM_IMAGE && shows) ||
               /* LLaVA-NeXT ignores a video beside an image */
               (medium == LC_MEDIUM_VIDEO && !row->dialect->is_modern &&
                !row->placeholders[LC_MEDIUM_VIDEO])) {
        return false;
    }
    out->anywhere = row->placeholders[out->marker];
    out->placeholders =
        in_questions ? row->human_placeholders[out->marker] : out->anywhere;
    return true;
}

/* The dialect's placeholder for a medium, as it is written. */
static const char *name_placeholder(const struct lc_row *row, enum lc_medium medium)
{
    static const char *const usual[] = {"<image>", "<video>", "<audio>"};
    const struct lc_span *placeholder = &row->dialect->placeholders[medium];

    return placeholder->size ? placeholder->text : usual[medium];
}

static enum lc_case_index case_of_count(const struct demand *demand)
{
    if (demand->placeholders < demand->files)
        return LC_CASE_TOK401_FEWER;
    return demand->placeholders == demand->files + 1 ? LC_CASE_TOK401_MORE
                                                     : LC_CASE_TOK401_MANY_MORE;
}

static bool is_in_parts(const struct lc_row *row)
{
    for (size_t i = 0; i < row->turn_count; i++)
        if (row->turns[i].of_parts)
            return true;
    return false;
}

/* The sub-case for messages whose contents are texts, not lists of parts, or whose parts
 * are all texts. */
static enum lc_case_index case_of_texts(const struct lc_row *row,
                                        enum lc_case_index which)
{
    if (!row->dialect->has_parts)
        return which;
    if (is_in_parts(row)) /* otherwise a part would be the placeholder */
        return row->dialect->marks_places        ? which
               : which == LC_CASE_TOK402_ANY     ? LC_CASE_TOK402_TEXT_PARTS
               : which == LC_CASE_TOK402_SEVERAL ? LC_CASE_TOK402_SEVERAL_TEXT_PARTS
                                                 : which;
    switch (which) {
    case LC_CASE_TOK401_MORE:
        return LC_CASE_TOK401_MORE_TEXTS;
    case LC_CASE_TOK401_MANY_MORE:
        return LC_CASE_TOK401_MANY_MORE_TEXTS;
    case LC_CASE_TOK401_FEWER:
        return LC_CASE_TOK401_FEWER_TEXTS;
    case LC_CASE_TOK402_ANY:
        return LC_CASE_TOK402_TEXTS;
    case LC_CASE_TOK402_SEVERAL:
        return LC_CASE_TOK402_SEVERAL_TEXTS;
    case LC_CASE_TOK403_ANY:
        return LC_CASE_TOK403_TEXTS;
    case LC_CASE_TOK403_ANSWER:
        return LC_CASE_TOK403_ANSWER_TEXTS;
    default:
        return which;
    }
}

/* The sub-case by the number of turns with placeholders: programs that move the
 * placeholders of a turn to its front merge them into one. */
static enum lc_case_index case_of_turns(const struct lc_row *row,
                                        const struct demand *demand,
                                        enum lc_case_index which)
{
    size_t turns = 0;

    for (size_t i = 0; i < row->turn_count; i++)
        turns += row->turns[i].placeholders[demand->medium] > 0;
    if (which == LC_CASE_TOK401_MORE && turns > demand->files)
        return LC_CASE_TOK401_MORE_TURNS;
    if (which == LC_CASE_TOK401_MANY_MORE && turns <= demand->files)
        return LC_CASE_TOK401_MANY_MORE_TURNS;
    return which;
}

/* Report files of a medium that are named by both a column and parts of turns; return
 * false if they are not. */
static bool emit_twice(const struct lc_row *row, enum lc_medium medium,
                       const struct lc_rule *rule, struct lc_findings *out)
{
    size_t files = lc_row_media_count(row, medium), parts = row->part_files[medium];
    struct lc_finding *finding;

    if (!files || !parts)
        return false;
    finding = lc_emit(out, rule, "%zu %s%s in a column, and %zu in parts of turns", files,
                      lc_medium_name(medium), files == 1 ? "" : "s", parts);
    lc_finding_at(finding, row->turns_at);
    lc_finding_case(finding, row->placeholders[medium] == parts + files
                                 ? LC_CASE_TOK401_TWICE_FILLED
                                 : LC_CASE_TOK401_TWICE);
    return true;
}

/* Compare the media of a rejected answer with the placeholders of its conversation:
 * either its own conversation, or the row's turns up to the answer. */
static void check_rejected(const struct lc_row *row, enum lc_medium medium,
                           const struct lc_rule *rule, struct lc_findings *out)
{
    const struct lc_row_rejected *rejected = &row->rejected;
    size_t files = row->media[medium].rejected, placeholders = row->placeholders[medium];
    struct lc_finding *finding;

    if (rejected->is_conversation) {
        placeholders = rejected->placeholders[medium];
        if (!files && !rejected->is_separate)
            files = lc_row_media_count(row, medium);
    } else if (!files) {
        return;
    }
    if (row->media[medium].kind == LC_PATHS_BAD || placeholders == files)
        return;
    finding = lc_emit(out, rule, "the rejected answer: %zu %s for %zu %s%s", placeholders,
                      name_placeholder(row, medium), files, lc_medium_name(medium),
                      files == 1 ? "" : "s");
    lc_finding_at(finding, row->turns_at);
    lc_finding_case(finding, LC_CASE_TOK401_REJECTED);
    /* if there are no placeholders, programs insert them */
    if (finding)
        finding->severity = placeholders ? LC_SEVERITY_WARNING : LC_SEVERITY_INFO;
}

void lc_check_TOK401(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    int end = lc_row_is_whole(row) ? count_media(row) : 0;

    for (int medium = 0; medium < end; medium++) {
        struct lc_finding *finding;
        struct demand demand;

        if (emit_twice(row, (enum lc_medium)medium, rule, out))
            continue;
        if (!find_demand(row, (enum lc_medium)medium, &demand) || !demand.files ||
            !demand.placeholders || demand.placeholders == demand.files)
            continue;
        finding = lc_emit(out, rule, "%zu %s for %zu %s%s", demand.placeholders,
                          name_placeholder(row, demand.marker), demand.files,
                          lc_medium_name(demand.medium), demand.files == 1 ? "" : "s");
        lc_finding_at(finding, row->turns_at);
        lc_finding_case(
            finding,
            case_of_turns(row, &demand, case_of_texts(row, case_of_count(&demand))));
    }
    if (row->has_rejected && lc_row_is_whole(row))
        for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
            check_rejected(row, (enum lc_medium)medium, rule, out);
}

/* Whether a row begins with a question. */
static bool is_asked(const struct lc_row *row)
{
    return row->turn_count && row->turns[0].role == LC_ROLE_HUMAN;
}

void lc_check_TOK402(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    int end = lc_row_is_whole(row) ? count_media(row) : 0;

    for (int medium = 0; medium < end; medium++) {
        struct lc_finding *finding;
        struct demand demand;

        if (!find_demand(row, (enum lc_medium)medium, &demand) || !demand.files ||
            demand.anywhere)
            continue;
        finding = lc_emit(out, rule, "%zu %s%s and no %s", demand.files,
                          lc_medium_name(demand.medium), demand.files == 1 ? "" : "s",
                          name_placeholder(row, demand.medium));
        lc_finding_at(finding, row->turns_at);
        lc_finding_case(
            finding,
            demand.medium != LC_MEDIUM_IMAGE
                ? (row->media[LC_MEDIUM_IMAGE].count ? LC_CASE_TOK402_VIDEO_BESIDE
                   : row->dialect->is_modern         ? LC_CASE_TOK402_VIDEO
                                                     : LC_CASE_TOK402_VIDEO_LLAVA)
                : case_of_texts(row, demand.files > 1 ? LC_CASE_TOK402_SEVERAL
                                     : row->dialect->is_modern || is_asked(row)
                                         ? LC_CASE_TOK402_ANY
                                         : LC_CASE_TOK402_UNASKED));
        if (finding && row->dialect->match == LC_MATCH_OPTIONAL)
            finding->severity = LC_SEVERITY_INFO;
    }
}

/* The first turn with a placeholder of a medium; turn_count if there is none. */
static size_t find_placeholder(const struct lc_row *row, enum lc_medium medium)
{
    size_t i = 0;

    while (i < row->turn_count && !row->turns[i].placeholders[medium])
        i++;
    return i;
}

/* LLaVA only has placeholders for images: others in its rows are reported by TOK406. */
void lc_check_TOK403(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    int end = row->dialect->is_modern ? LC_MEDIUM_COUNT : 1;

    for (int medium = 0; row->object && medium < end; medium++) {
        struct lc_finding *finding;
        struct demand demand;
        size_t turn;

        if (!row->placeholders[medium] ||
            !find_demand(row, (enum lc_medium)medium, &demand) || demand.files)
            continue;
        turn = find_placeholder(row, (enum lc_medium)medium);
        finding = lc_emit(out, rule, "turn %zu has %s, but the row has no %s", turn,
                          name_placeholder(row, (enum lc_medium)medium),
                          lc_medium_name((enum lc_medium)medium));
        lc_finding_turn(finding, row, turn);
        if (medium != LC_MEDIUM_IMAGE)
            lc_finding_case(finding, LC_CASE_TOK403_VIDEO);
        else
            lc_finding_case(finding, case_of_texts(row, row->human_placeholders[medium]
                                                            ? LC_CASE_TOK403_ANY
                                                            : LC_CASE_TOK403_ANSWER));
    }
}

/* Emit a finding about the first system turn that has a placeholder. */
static void find_in_system(const struct lc_rule *rule, const struct lc_row *row,
                           struct lc_findings *out)
{
    struct lc_finding *finding;
    size_t i = 0;

    while (i < row->turn_count && (row->turns[i].role != LC_ROLE_SYSTEM ||
                                   !row->turns[i].placeholders[LC_MEDIUM_IMAGE]))
        i++;
    if (i == row->turn_count)
        return;
    finding = lc_emit(out, rule, "turn %zu is a system turn and contains %s", i,
                      name_placeholder(row, LC_MEDIUM_IMAGE));
    lc_finding_turn(finding, row, i);
    lc_finding_case(finding, LC_CASE_TOK404_SYSTEM);
    if (finding)
        finding->severity = LC_SEVERITY_WARNING;
}

void lc_check_TOK404(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    size_t images = lc_row_media_count(row, LC_MEDIUM_IMAGE), i = 0;
    struct lc_finding *finding;

    if (row->dialect->answers_show)
        return;
    if (row->systems)
        find_in_system(rule, row, out);
    if (!row->answer_placeholders)
        return;
    while (row->turns[i].role != LC_ROLE_GPT ||
           !row->turns[i].placeholders[LC_MEDIUM_IMAGE])
        i++;
    finding = lc_emit(out, rule, "turn %zu is an answer and contains %s", i,
                      name_placeholder(row, LC_MEDIUM_IMAGE));
    lc_finding_turn(finding, row, i);
    if (!images)
        lc_finding_case(finding, LC_CASE_TOK404_NO_IMAGE);
    else if (row->placeholders[LC_MEDIUM_IMAGE] == images)
        lc_finding_case(finding, lc_row_has_answer_tags(row)
                                     ? LC_CASE_TOK404_EQUAL
                                     : LC_CASE_TOK404_EQUAL_SHIFTED);
    if (finding && row->dialect->match != LC_MATCH_QUESTIONS)
        finding->severity = LC_SEVERITY_WARNING;
}

void lc_check_TOK405(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    const struct lc_row *row = facts->row;
    struct lc_finding *finding;
    size_t first = 0, at = 0;

    if (!lc_row_is_whole(row) || lc_row_media_count(row, LC_MEDIUM_IMAGE) != 1 ||
        row->human_placeholders[LC_MEDIUM_IMAGE] != 1)
        return;
    while (row->turns[first].role != LC_ROLE_HUMAN)
        first++;
    at = first;
    while (row->turns[at].role != LC_ROLE_HUMAN ||
           !row->turns[at].placeholders[LC_MEDIUM_IMAGE])
        at++;
    if (at == first)
        return;
    finding = lc_emit(out, rule, "the placeholder is in turn %zu instead of turn %zu", at,
                      first);
    lc_finding_turn(finding, row, at);
    if (row->media[LC_MEDIUM_IMAGE].is_list)
        lc_finding_case(finding, LC_CASE_TOK405_LIST);
}

/* The first well-formed turn that has any of some marks; turn_count if there is none. */
static size_t find_marked(const struct lc_row *row, unsigned marks)
{
    size_t i = 0;

    if (!(row->marks & marks))
        return row->turn_count;
    while (row->turns[i].fault || !(row->turns[i].marks & marks))
        i++;
    return i;
}

/* Whether a </img> ends a path after an <img>, as ms-swift reads it. */
static bool ends_pair(const struct lc_turn *turn, struct lc_span end)
{
    static const char open[] = "<img>";
    size_t size = (size_t)(end.text - turn->value.text);
    const char *begin = memmem(turn->value.text, size, open, sizeof(open) - 1);

    return begin && begin + sizeof(open) - 1 < end.text;
}

/* The case for another program's placeholder. */
static enum lc_case_index case_of_tag(const struct lc_row *row,
                                      const struct lc_turn *turn, struct lc_span tag)
{
    static const struct {
        const char *tag;
        enum lc_case_index which;
    } cases[] = {
        {"<|image_pad|>", LC_CASE_TOK406_PAD},
        {"<IMG_CONTEXT>", LC_CASE_TOK406_CONTEXT},
        {"<img>", LC_CASE_TOK406_IMG},
        {"<audio>", LC_CASE_TOK406_AUDIO},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (lc_span_is(tag, cases[i].tag))
            return cases[i].which == LC_CASE_TOK406_PAD && lc_row_is_text_only(row)
                       ? LC_CASE_TOK406_PAD_TEXT
                       : cases[i].which;
    if (lc_span_is(tag, "<image>") && !turn->of_parts && lc_row_is_text_only(row))
        return LC_CASE_TOK406_IMAGE_TEXT;
    if (lc_span_is(tag, "</img>"))
        return row->media[LC_MEDIUM_IMAGE].kind != LC_PATHS_NONE ? LC_CASE_TOK406_IMG_END
               : ends_pair(turn, tag) ? LC_CASE_TOK406_IMG_PAIR_TEXT
                                      : LC_CASE_TOK406_IMG_END_TEXT;
    if (lc_span_is(tag, "<video>"))
        return turn->role == LC_ROLE_GPT ? LC_CASE_TOK406_VIDEO_ANSWER
                                         : LC_CASE_TOK406_VIDEO;
    return LC_CASE_TOK406_ANY;
}

/* Emit a finding for each case that the tags of a turn have and no earlier tag had.
 *
 * @param seen  a bit for each case so far */
static void emit_tags(const struct lc_rule *rule, const struct lc_row *row, size_t number,
                      enum lc_turn_mark mark, unsigned *seen, struct lc_findings *out)
{
    const struct lc_turn *turn = &row->turns[number];
    struct lc_span tag;
    size_t at = 0;

    while ((tag = lc_turn_find_next(turn, row->dialect, mark, &at)).text) {
        enum lc_case_index which = case_of_tag(row, turn, tag);
        unsigned bit = 1U << (which - LC_CASE_TOK406_ANY);
        struct lc_finding *finding;
        char quote[48];

        if (*seen & bit)
            continue;
        /* in a part, only tokens count */
        if (turn->of_parts && !row->dialect->marks_places && mark == LC_TURN_LOOKALIKE &&
            which != LC_CASE_TOK406_CONTEXT)
            continue;
        *seen |= bit;
        finding = lc_emit(out, rule, "turn %zu contains %s", number,
                          lc_text_quote(tag, quote, sizeof(quote)));
        lc_finding_turn(lc_finding_case(finding, which), row, number);
    }
}

void lc_check_TOK406(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    static const enum lc_turn_mark marks[] = {LC_TURN_LOOKALIKE, LC_TURN_PAD,
                                              LC_TURN_VIDEO_TAG};
    const struct lc_row *row = facts->row;
    /* if <video> is a placeholder, TOK403 reports that the video is missing */
    bool video =
        row->media[LC_MEDIUM_VIDEO].kind != LC_PATHS_NONE || row->dialect->is_modern;
    unsigned seen = 0;

    for (int m = 0; m < (video ? 2 : 3); m++)
        for (size_t i = find_marked(row, marks[m]); i < row->turn_count; i++)
            if (!row->turns[i].fault && row->turns[i].marks & marks[m])
                emit_tags(rule, row, i, marks[m], &seen, out);
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

/* Emit a finding about the first turn with a mark. */
static void emit_marked(const struct lc_rule *rule, const struct lc_row *row,
                        enum lc_turn_mark mark, const char *what,
                        enum lc_case_index several, struct lc_findings *out)
{
    size_t at = find_marked(row, mark);
    struct lc_finding *finding;

    if (at == row->turn_count)
        return;
    finding = lc_emit(out, rule, "turn %zu has %s", at, what);
    lc_finding_turn(finding, row, at);
    if (row->turns[at].placeholders[LC_MEDIUM_IMAGE] > 1)
        lc_finding_case(finding, several);
}

void lc_check_TOK408(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    emit_marked(rule, facts->row, LC_TURN_MID_TEXT,
                "text before and after the placeholder", LC_CASE_TOK408_SEVERAL, out);
}

void lc_check_TOK409(const struct lc_rule *rule, const struct lc_facts *facts,
                     struct lc_findings *out)
{
    if (!facts->row->dialect->is_modern) /* LLaVA's programs leave it in place */
        emit_marked(rule, facts->row, LC_TURN_LAST, "the placeholder after its text",
                    LC_CASE_TOK409_SEVERAL, out);
}

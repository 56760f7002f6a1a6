/* What programs treat differently in valid rows: enum lc_row_trait */
#include "dataset/row.h"

/* The traits of objects in a column of images. Programs do not read that column if
 * content parts name the images. */
static unsigned traits_of_objects(const struct lc_row *row, unsigned traits)
{
    if (!row->has_objects || (traits & LC_ROW_PARTS && !(traits & LC_ROW_LOOSE)))
        return 0;
    return LC_ROW_OBJECTS | (row->has_paths_alone ? LC_ROW_OTHER_OBJECTS : 0U);
}

/* The traits of a row with from and value. */
static unsigned traits_of_pairs(const struct lc_row *row)
{
    unsigned traits = 0;

    for (size_t i = 0; i < row->turn_count; i++) {
        const struct lc_turn *turn = &row->turns[i];

        if (turn->fault)
            continue;
        if (turn->role == LC_ROLE_HUMAN && turn->placeholders[LC_MEDIUM_IMAGE])
            traits |= LC_ROW_TAGS;
        if (!row->dialect->revision &&
            ((turn->role == LC_ROLE_CALL && !lc_span_is(turn->from, "function_call")) ||
             (turn->role == LC_ROLE_RESULT && !lc_span_is(turn->from, "observation"))))
            traits |= LC_ROW_TOOL_NAMES;
        if (lc_span_is(turn->from, "system"))
            traits |= i ? LC_ROW_LATE_SYSTEM : LC_ROW_FIRST_SYSTEM;
        else if (!lc_span_is(turn->from, "human") && !lc_span_is(turn->from, "gpt"))
            traits |= LC_ROW_NAMES;
    }
    return traits | traits_of_objects(row, traits);
}

/* The traits of a LLaVA row. */
static unsigned traits_of_llava(const struct lc_row *row)
{
    bool has_images = row->media[LC_MEDIUM_IMAGE].kind != LC_PATHS_NONE;

    return has_images && row->placeholders[LC_MEDIUM_IMAGE] && lc_row_has_answer_tags(row)
               ? LC_ROW_ANSWER_TAGS
               : 0;
}

/* The traits of a row with messages. */
static unsigned traits_of_messages(const struct lc_row *row)
{
    unsigned traits = (row->sized && !row->has_no_size ? LC_ROW_SIZED : 0U) |
                      (row->unsized || row->has_no_size ? LC_ROW_UNSIZED : 0U) |
                      (row->loose ? LC_ROW_LOOSE : 0U);

    for (size_t i = 0; i < row->turn_count; i++) {
        const struct lc_turn *turn = &row->turns[i];

        if (turn->fault)
            continue;
        if (!turn->of_parts && turn->placeholders[LC_MEDIUM_IMAGE])
            traits |= LC_ROW_TAGS;
        if (turn->of_parts || turn->void_parts)
            traits |= LC_ROW_PARTS;
        if (lc_span_is(turn->from, "tool"))
            traits |= LC_ROW_TOOLS;
        else if (lc_span_is(turn->from, "system"))
            traits |= i ? LC_ROW_LATE_SYSTEM : 0U;
        else if (!lc_span_is(turn->from, "user") && !lc_span_is(turn->from, "assistant"))
            traits |= LC_ROW_NAMES;
        if (lc_span_is(turn->from, "developer") || lc_span_is(turn->from, "function") ||
            lc_span_is(turn->from, "pretrain"))
            traits |= LC_ROW_RARE_NAMES;
    }
    return traits | traits_of_objects(row, traits);
}

unsigned lc_row_traits(const struct lc_row *row)
{
    unsigned traits = row->noted_traits;

    if (row->dialect->has_parts)
        traits |= traits_of_messages(row);
    else if (row->dialect->has_pairs)
        traits |= traits_of_pairs(row);
    else if (!row->dialect->is_modern)
        traits |= traits_of_llava(row);
    return traits;
}

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

/* Whether a dialect of from and value has other names of roles than LLaVA's. A registry
 * that describes the dialect names them all. */
static bool has_other_names(const struct lc_dialect *dialect)
{
    return !dialect->revision && lc_span_is(dialect->role_key, "\"from\"") &&
           dialect->roles[2].name.size;
}

/* The trait of a row with a role that LLaMA-Factory reads only if a registry names it. */
static unsigned trait_of_names(const struct lc_row *row)
{
    static const char *const tags[] = {"human", "gpt", "system", "observation",
                                       "function_call"};
    const size_t count = sizeof(tags) / sizeof(tags[0]);

    for (size_t i = 0; i < row->turn_count; i++) {
        size_t tag = 0;

        while (tag < count && !lc_span_is(row->turns[i].from, tags[tag]))
            tag++;
        if (tag == count && !row->turns[i].fault)
            return LC_ROW_UNTAGGED;
    }
    return 0;
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

/* Whether a system turn follows a question or a result, or comes before an answer. */
static bool has_inner_system(const struct lc_row *row)
{
    bool is_asked = false, is_told = false; /* after a question; after a system turn */

    for (size_t i = 0; i < row->turn_count; i++) {
        const struct lc_turn *turn = &row->turns[i];
        bool is_system = lc_span_is(turn->from, "system");

        if (turn->fault)
            continue;
        if ((is_system && is_asked) ||
            (is_told && (turn->role == LC_ROLE_GPT || turn->role == LC_ROLE_CALL)))
            return true;
        is_told = is_system;
        is_asked = turn->role == LC_ROLE_HUMAN || turn->role == LC_ROLE_RESULT;
    }
    return false;
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
    if (traits & LC_ROW_LATE_SYSTEM && has_inner_system(row))
        traits |= LC_ROW_INNER_SYSTEM;
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
    if (has_other_names(row->dialect))
        traits |= trait_of_names(row);
    return traits;
}

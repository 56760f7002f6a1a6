/* Fixes of placeholders: only in rows whose media are all images */
#include "fix/site.h"

#include <string.h>

static struct lc_span placeholder_of(const struct lc_fix_site *site)
{
    return site->dialect->placeholders[LC_MEDIUM_IMAGE];
}

/* Whether placeholders can be edited: the row has no media but images, which are not
 * faulty, and every text with a placeholder is a string. */
static bool is_plain(const struct lc_fix_site *site)
{
    const struct lc_row *row = site->row;

    for (int medium = LC_MEDIUM_VIDEO; medium < LC_MEDIUM_COUNT; medium++)
        if (row->media[medium].kind != LC_PATHS_NONE || row->placeholders[medium])
            return false;
    for (size_t i = 0; i < row->turn_count; i++)
        if (row->turns[i].placeholders[LC_MEDIUM_IMAGE] && !lc_site_turn(site, i).text)
            return false;
    return placeholder_of(site).size && row->turn_count &&
           row->media[LC_MEDIUM_IMAGE].kind != LC_PATHS_BAD;
}

/* Find the next placeholder at or after an offset; return the size of the text if there
 * is none. */
static size_t find_placeholder(struct lc_span text, struct lc_span placeholder,
                               size_t from)
{
    const char *found = from < text.size ? memmem(text.text + from, text.size - from,
                                                  placeholder.text, placeholder.size)
                                         : NULL;

    return found ? (size_t)(found - text.text) : text.size;
}

/* Remove a placeholder, with the newline or space that separates it from the text. */
static enum lc_status remove_at(struct lc_fix_site *site, uint32_t string, size_t at,
                                struct lc_error *err)
{
    struct lc_span text = lc_json_string(site->doc, string);
    size_t from = at, to = at + placeholder_of(site).size;
    bool is_first = !from || text.text[from - 1] == '\n';
    bool is_last = to == text.size || text.text[to] == '\n';
    bool has_space = from && text.text[from - 1] == ' ';
    bool has_space_after = to < text.size && text.text[to] == ' ';

    if ((to < text.size && is_last && is_first) ||
        (has_space_after && (is_first || has_space)))
        to++;
    else if (from && is_last && (is_first || has_space))
        from--;
    return lc_site_replace(site, string, from, to, (struct lc_span){"", 0}, err);
}

/* Remove the placeholders of a turn, except for the first few. */
static enum lc_status remove_from_turn(struct lc_fix_site *site, size_t turn, size_t keep,
                                       struct lc_error *err)
{
    uint32_t string = lc_site_turn(site, turn).text;
    struct lc_span text = lc_json_string(site->doc, string);
    struct lc_span placeholder = placeholder_of(site);
    enum lc_status status = LC_OK;

    for (size_t at = find_placeholder(text, placeholder, 0);
         at < text.size && status == LC_OK;
         at = find_placeholder(text, placeholder, at + placeholder.size)) {
        if (keep)
            keep--;
        else
            status = remove_at(site, string, at, err);
    }
    return status;
}

static bool is_question(const struct lc_turn *turn)
{
    return turn->role == LC_ROLE_HUMAN;
}

/* Remove the placeholders of questions or of all turns, except for the first few. */
static enum lc_status remove_past(struct lc_fix_site *site, size_t keep, bool questions,
                                  struct lc_error *err)
{
    const struct lc_row *row = site->row;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < row->turn_count && status == LC_OK; i++) {
        size_t count = row->turns[i].placeholders[LC_MEDIUM_IMAGE];

        if (!count || (questions && !is_question(&row->turns[i])))
            continue;
        if (keep < count)
            status = remove_from_turn(site, i, keep, err);
        keep -= keep < count ? keep : count;
    }
    return status;
}

/* Put a number of placeholders before the first question. */
static enum lc_status put_first(struct lc_fix_site *site, size_t count,
                                struct lc_error *err)
{
    size_t turn = lc_site_first_question(site);
    uint32_t string = lc_site_turn(site, turn).text;
    struct lc_span placeholder = placeholder_of(site);
    enum lc_status status = LC_OK;

    if (!string) {
        lc_edits_reset(site->edits);
        return LC_OK;
    }
    while (count-- && status == LC_OK) {
        status = lc_site_replace(site, string, 0, 0, placeholder, err);
        if (status == LC_OK)
            status = lc_site_replace(site, string, 0, 0, (struct lc_span){"\n", 1}, err);
    }
    return status;
}

enum lc_status lc_fix_remove_placeholder(struct lc_fix_site *site, struct lc_error *err)
{
    size_t images = lc_row_media_count(site->row, LC_MEDIUM_IMAGE);
    bool questions = images && site->dialect->match == LC_MATCH_QUESTIONS;

    return is_plain(site) ? remove_past(site, images, questions, err) : LC_OK;
}

enum lc_status lc_fix_add_placeholder(struct lc_fix_site *site, struct lc_error *err)
{
    return is_plain(site) ? put_first(site, 1, err) : LC_OK;
}

enum lc_status lc_fix_move_from_answer(struct lc_fix_site *site, struct lc_error *err)
{
    const struct lc_row *row = site->row;
    size_t images = lc_row_media_count(row, LC_MEDIUM_IMAGE);
    size_t asked = row->human_placeholders[LC_MEDIUM_IMAGE];
    enum lc_status status = LC_OK;

    if (!is_plain(site) || images > asked + row->answer_placeholders ||
        (images > asked && images > 1))
        return LC_OK;
    for (size_t i = 0; i < row->turn_count && status == LC_OK; i++)
        if (row->turns[i].placeholders[LC_MEDIUM_IMAGE] && !is_question(&row->turns[i]))
            status = remove_from_turn(site, i, 0, err);
    return status == LC_OK && images > asked ? put_first(site, 1, err) : status;
}

enum lc_status lc_fix_move_to_front(struct lc_fix_site *site, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (!is_plain(site) || site->row->placeholders[LC_MEDIUM_IMAGE] != 1)
        return LC_OK;
    /* the author put it here, and most trainers leave it here */
    if (lc_cases[site->finding->which].rule == LC_RULE_TOK409 &&
        lc_case_effect_on(site->finding->which, site->options->trainer).effect ==
            LC_EFFECT_FINE)
        return LC_OK;
    for (size_t i = 0; i < site->row->turn_count && status == LC_OK; i++)
        if (site->row->turns[i].placeholders[LC_MEDIUM_IMAGE])
            status = remove_from_turn(site, i, 0, err);
    return status == LC_OK ? put_first(site, 1, err) : status;
}

/* Replace tags that resemble the placeholder in a question, adding their number to
 * *count. */
static enum lc_status respell(struct lc_fix_site *site, size_t turn, size_t *count,
                              struct lc_error *err)
{
    const struct lc_turn *facts = &site->row->turns[turn];
    uint32_t string = lc_site_turn(site, turn).text;
    struct lc_span found;
    size_t at = 0;
    enum lc_status status = LC_OK;

    if (!string || !(facts->marks & (LC_TURN_LOOKALIKE | LC_TURN_PAD)))
        return LC_OK;
    while (
        status == LC_OK &&
        (found = lc_turn_find_next(facts, site->dialect, LC_TURN_LOOKALIKE, &at)).text) {
        size_t from = (size_t)(found.text - facts->value.text);

        ++*count;
        status = lc_site_replace(site, string, from, from + found.size,
                                 placeholder_of(site), err);
    }
    return status;
}

enum lc_status lc_fix_spell_placeholder(struct lc_fix_site *site, struct lc_error *err)
{
    const struct lc_row *row = site->row;
    size_t count = row->human_placeholders[LC_MEDIUM_IMAGE];
    enum lc_status status = LC_OK;

    if (!is_plain(site))
        return LC_OK;
    for (size_t i = 0; i < row->turn_count && status == LC_OK; i++)
        if (is_question(&row->turns[i]))
            status = respell(site, i, &count, err);
    if (count != lc_row_media_count(row, LC_MEDIUM_IMAGE))
        lc_edits_reset(site->edits);
    return status;
}

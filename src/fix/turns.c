/* Fixes of turns and their roles */
#include "fix/site.h"

#include <string.h>
#include <strings.h>

/* ---- roles ---- */

static bool is_one_of(struct lc_span text, const char *const *names)
{
    for (; *names; names++)
        if (text.size == strlen(*names) && strncasecmp(text.text, *names, text.size) == 0)
            return true;
    return false;
}

/* The dialect's name for a speaker with another name; empty: unknown. */
static struct lc_span role_of(const struct lc_dialect *dialect, struct lc_span name)
{
    static const char *const questioners[] = {"human", "user", NULL};
    static const char *const answerers[] = {"gpt",   "assistant", "bot",
                                            "model", "chatgpt",   NULL};

    if (is_one_of(name, questioners))
        return lc_unquoted(dialect->roles[0].name);
    if (is_one_of(name, answerers))
        return lc_unquoted(dialect->roles[1].name);
    return (struct lc_span){0};
}

/* Write the dialect's name for a role. Returns false if the role is unknown. */
static bool write_role(struct lc_fix_site *site, uint32_t role, enum lc_status *status,
                       struct lc_error *err)
{
    struct lc_span name = lc_json_string(site->doc, role);
    struct lc_span known = role_of(site->dialect, name);

    if (known.size && !lc_span_equal(known, name))
        *status = lc_site_write(site, role, known, err);
    return known.size > 0;
}

enum lc_status lc_fix_rename_roles(struct lc_fix_site *site, struct lc_error *err)
{
    bool good = true;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < site->row->turn_count && good && status == LC_OK; i++) {
        const struct lc_turn *turn = &site->row->turns[i];
        struct lc_site_turn at = lc_site_turn(site, i);

        if (turn->role == LC_ROLE_OTHER)
            good = at.role && write_role(site, at.role, &status, err);
    }
    if (!good)
        lc_edits_reset(site->edits);
    return status;
}

/* Rename the keys of a turn that has role and content instead of the dialect's keys. */
static bool rename_keys(struct lc_fix_site *site, size_t turn, enum lc_status *status,
                        struct lc_error *err)
{
    static const struct lc_span role_key = {"role", 4}, text_key = {"content", 7};
    uint32_t object = lc_site_turn(site, turn).object;
    struct lc_site_member role = lc_site_member(site, object, role_key);
    struct lc_site_member text = lc_site_member(site, object, text_key);

    if (!role.key || !text.key || !site->dialect->role_key.size ||
        lc_json_type(site->doc, role.value) != LC_JSON_STRING ||
        lc_json_type(site->doc, text.value) != LC_JSON_STRING)
        return false;
    *status = lc_site_write(site, role.key, lc_unquoted(site->dialect->role_key), err);
    if (*status == LC_OK)
        *status =
            lc_site_write(site, text.key, lc_unquoted(site->dialect->text_key), err);
    return *status == LC_OK && write_role(site, role.value, status, err);
}

enum lc_status lc_fix_rename_keys(struct lc_fix_site *site, struct lc_error *err)
{
    bool good = true;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < site->row->turn_count && good && status == LC_OK; i++)
        if (site->row->turns[i].foreign)
            good = rename_keys(site, i, &status, err);
    if (!good)
        lc_edits_reset(site->edits);
    return status;
}

/* ---- turns ---- */

/* Append the text of a turn, with its escapes, to the text of an earlier one. */
static enum lc_status append_text(struct lc_fix_site *site, uint32_t to, uint32_t from,
                                  struct lc_error *err)
{
    size_t first = (size_t)lc_json_offset(site->doc, from) + 1;
    size_t end = lc_site_end(site, from) - 1, at = lc_site_end(site, to) - 1;
    enum lc_status status = lc_edits_add(site->edits, at, 0, "\\n", 2, err);

    return status == LC_OK ? lc_edits_add(site->edits, at, 0, site->text.text + first,
                                          end - first, err)
                           : status;
}

static bool is_speaker(enum lc_role role)
{
    return role == LC_ROLE_HUMAN || role == LC_ROLE_GPT;
}

enum lc_status lc_fix_join_turns(struct lc_fix_site *site, struct lc_error *err)
{
    const struct lc_row *row = site->row;
    struct lc_site_turn into = {0, 0, 0, 0, 0};
    enum lc_role last = LC_ROLE_NONE;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < row->turn_count && status == LC_OK; i++) {
        struct lc_site_turn turn = lc_site_turn(site, i);

        if (!turn.text) {
            lc_edits_reset(site->edits);
            return LC_OK;
        }
        if (row->turns[i].role == last && is_speaker(last)) {
            status = append_text(site, into.text, turn.text, err);
            if (status == LC_OK)
                status = lc_site_remove_turn(site, &turn, err);
            continue;
        }
        last = row->turns[i].role;
        into = turn;
    }
    return status;
}

static enum lc_status remove_turn(struct lc_fix_site *site, size_t turn,
                                  enum lc_role role, struct lc_error *err)
{
    struct lc_site_turn at = lc_site_turn(site, turn);

    if (!at.object || site->row->turn_count < 3 || site->row->turns[turn].role != role)
        return LC_OK;
    return lc_site_remove_turn(site, &at, err);
}

enum lc_status lc_fix_drop_first_answer(struct lc_fix_site *site, struct lc_error *err)
{
    return remove_turn(site, 0, LC_ROLE_GPT, err);
}

enum lc_status lc_fix_drop_last_question(struct lc_fix_site *site, struct lc_error *err)
{
    size_t count = site->row->turn_count;

    return count ? remove_turn(site, count - 1, LC_ROLE_HUMAN, err) : LC_OK;
}

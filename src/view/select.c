#include "view/select.h"

#include "base/near.h"

#include <string.h>
#include <strings.h>

#define ALL "all"
#define CODE_SIZE 6 /* of "IMG501" */
#define NO_MATCH 0  /* less specific than any selector that matches */

/* How specifically a selector matches a rule; NO_MATCH if it does not match. */
static unsigned specificity(const char *selector, const struct lc_rule_info *rule)
{
    size_t size = strlen(selector);

    if (strcasecmp(selector, ALL) == 0)
        return 1;
    if (strcasecmp(selector, rule->name) == 0)
        return 1 + CODE_SIZE;
    return size && size <= CODE_SIZE && strncasecmp(selector, rule->code, size) == 0
               ? 1 + (unsigned)size
               : NO_MATCH;
}

bool lc_selector_has(const char *selector, enum lc_rule_index rule)
{
    return specificity(selector, &lc_rules[rule].info) != NO_MATCH;
}

/* Codes and names, alternating. */
static const char *rule_name(const void *names, size_t index)
{
    const struct lc_rule_info *rule = lc_rule_at(index / 2);

    (void)names;
    return !rule ? NULL : index % 2 ? rule->name : rule->code;
}

enum lc_status lc_selector_check(const char *selector, struct lc_error *err)
{
    const char *hint;

    for (size_t i = 0; i < LC_RULE_COUNT; i++)
        if (specificity(selector, &lc_rules[i].info) != NO_MATCH)
            return LC_OK;
    hint = lc_nearest_name(selector, strlen(selector), rule_name, NULL);
    if (hint)
        return lc_fail(err, LC_ERR_USAGE, 0, "unknown rule '%.80s'; did you mean '%s'?",
                       selector, hint);
    return lc_fail(err, LC_ERR_USAGE, 0,
                   "unknown rule '%.80s'; 'llava-check rules' lists them", selector);
}

static enum lc_status check_all(const struct lc_selection *s, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < s->select_count && status == LC_OK; i++)
        status = lc_selector_check(s->select[i], err);
    for (size_t i = 0; i < s->ignore_count && status == LC_OK; i++)
        status = lc_selector_check(s->ignore[i], err);
    for (size_t i = 0; i < s->level_count && status == LC_OK; i++)
        status = lc_selector_check(s->levels[i].rules, err);
    for (size_t i = 0; i < s->folder_count && status == LC_OK; i++)
        status = lc_selector_check(s->folders[i].rules, err);
    return status;
}

/* The specificity of the most specific selector that matches a rule. */
static unsigned most_specific(const char *const *selectors, size_t count,
                              const struct lc_rule_info *rule)
{
    unsigned most = NO_MATCH;

    for (size_t i = 0; i < count; i++) {
        unsigned has = specificity(selectors[i], rule);

        most = has > most ? has : most;
    }
    return most;
}

static struct lc_rule_choice resolve_rule(const struct lc_selection *s,
                                          const struct lc_rule_info *rule)
{
    unsigned on = s->select_count ? most_specific(s->select, s->select_count, rule) : 1;
    unsigned off = most_specific(s->ignore, s->ignore_count, rule), most = NO_MATCH;
    bool all = s->select_count == 0; /* then any matching ignore hides the rule, even
                                        "all" */
    struct lc_rule_choice out = {.hidden = LC_NOT_HIDDEN};
    int level = LC_LEVEL_OFF;

    if (all ? off != NO_MATCH : on <= off)
        out.hidden = off == NO_MATCH ? LC_ADJUSTED_SELECT : LC_ADJUSTED_IGNORE;

    for (size_t i = 0; i < s->level_count; i++) {
        unsigned has = specificity(s->levels[i].rules, rule);

        if (has == NO_MATCH || has < most)
            continue;
        most = has;
        level = s->levels[i].level;
    }
    if (most == NO_MATCH)
        return out;
    out.leveled = level != LC_LEVEL_OFF;
    if (out.leveled)
        out.level = (enum lc_severity)level;
    else if (out.hidden == LC_NOT_HIDDEN)
        out.hidden = LC_ADJUSTED_OFF;
    return out;
}

enum lc_status lc_select_rules(const struct lc_selection *selection,
                               struct lc_rule_choice out[LC_RULE_COUNT],
                               struct lc_error *err)
{
    enum lc_status status = check_all(selection, err);

    for (size_t i = 0; i < LC_RULE_COUNT && status == LC_OK; i++)
        out[i] = resolve_rule(selection, &lc_rules[i].info);
    return status;
}

/* ---- patterns ----
 *
 * "?" matches a character and "*" any number of characters, but neither matches a "/".
 * "**" matches anything; before a "/" it matches whole folders or none. A pattern matches
 * if it ends where the path, or a folder in it, ends.
 *
 * The matcher walks pattern and path side by side. A star first matches nothing. If the
 * rest of the pattern does not match, the matcher goes back and lets the star match one
 * more character (or folder). It remembers only the last "**" and the last "*" after it:
 *
 *   - An earlier "**" need not grow: what follows it has matched as early as possible,
 *     and the later "**" can cover whatever lies between that match and a later one.
 *   - The same holds for two "*" in one folder name. In different names they are
 *     independent: both names end at the same "/", however the stars share them out.
 *
 * So there is no recursion, and a hostile pattern costs polynomial time, not
 * exponential. */

/* Where to resume if what follows a star does not match. */
struct retry {
    const char *pattern; /* after the star; NULL: no star so far */
    size_t at;           /* position in the path where the star's match ends */
    bool whole_folders;  /* it grows by whole folders only */
};

struct matcher {
    const char *pattern;
    struct lc_span path;
    size_t at;         /* position in the path */
    struct retry name; /* the last "*" after the last "**" */
    struct retry tree; /* the last "**" */
};

/* Pass "*", "**" or "**" with its slash, which matches nothing at first. */
static void start_star(struct matcher *m)
{
    bool is_tree = m->pattern[1] == '*';
    bool has_slash = is_tree && m->pattern[2] == '/';
    struct retry retry = {
        .pattern = m->pattern + (has_slash ? 3
                                 : is_tree ? 2
                                           : 1),
        .at = m->at,
        .whole_folders = has_slash,
    };

    m->pattern = retry.pattern;
    if (is_tree) {
        m->tree = retry;
        m->name.pattern = NULL;
    } else {
        m->name = retry;
    }
}

/* Match one character other than a star. */
static bool match_character(struct matcher *m)
{
    size_t size;

    if (m->at == m->path.size)
        return false;
    if (*m->pattern == m->path.text[m->at]) {
        m->pattern++;
        m->at++;
        return true;
    }
    if (*m->pattern != '?' || m->path.text[m->at] == '/')
        return false;
    size = lc_text_utf8_length(m->path.text + m->at, m->path.size - m->at);
    m->pattern++;
    m->at += size ? size : 1;
    return true;
}

/* Go back and let the last star that can grow match more. */
static bool extend_star(struct matcher *m)
{
    struct retry *name = &m->name, *tree = &m->tree;

    if (name->pattern && name->at < m->path.size && m->path.text[name->at] != '/') {
        m->pattern = name->pattern;
        m->at = ++name->at;
        return true;
    }
    if (!tree->pattern || tree->at >= m->path.size)
        return false;
    do
        tree->at++;
    while (tree->whole_folders && tree->at < m->path.size &&
           m->path.text[tree->at - 1] != '/');
    m->pattern = tree->pattern;
    m->at = tree->at;
    name->pattern = NULL;
    return true;
}

bool lc_pattern_matches(const char *pattern, struct lc_span path)
{
    struct matcher m = {.pattern = pattern, .path = path};

    for (;;) {
        bool end = !*m.pattern || (m.pattern[0] == '/' && !m.pattern[1]);

        if (end && (m.at == path.size || path.text[m.at] == '/'))
            return true;
        if (*m.pattern == '*')
            start_star(&m);
        else if (!match_character(&m) && !extend_star(&m))
            return false;
    }
}

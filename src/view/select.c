#include "view/select.h"

#include "base/near.h"

#include <string.h>
#include <strings.h>

#define ALL "all"
#define CODE_SIZE 6  /* of "IMG501" */
#define NOT_AT_ALL 0 /* less specific than any selector that selects */

/* How specific a selector is that selects a rule; NOT_AT_ALL when it does not. */
static unsigned strength(const char *selector, const struct lc_rule_info *rule)
{
    size_t size = strlen(selector);

    if (strcasecmp(selector, ALL) == 0)
        return 1;
    if (strcasecmp(selector, rule->name) == 0)
        return 1 + CODE_SIZE;
    return size && size <= CODE_SIZE && strncasecmp(selector, rule->code, size) == 0
               ? 1 + (unsigned)size
               : NOT_AT_ALL;
}

bool lc_selector_has(const char *selector, enum lc_rule_index rule)
{
    return strength(selector, &lc_rules[rule].info) != NOT_AT_ALL;
}

/* Codes and names, in turn. */
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
        if (strength(selector, &lc_rules[i].info) != NOT_AT_ALL)
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

/* The strength of the strongest selector of a rule. */
static unsigned strongest(const char *const *selectors, size_t count,
                          const struct lc_rule_info *rule)
{
    unsigned most = NOT_AT_ALL;

    for (size_t i = 0; i < count; i++) {
        unsigned has = strength(selectors[i], rule);

        most = has > most ? has : most;
    }
    return most;
}

static struct lc_rule_choice choose(const struct lc_selection *s,
                                    const struct lc_rule_info *rule)
{
    unsigned on = s->select_count ? strongest(s->select, s->select_count, rule) : 1;
    unsigned off = strongest(s->ignore, s->ignore_count, rule), most = NOT_AT_ALL;
    bool all = s->select_count == 0; /* "ignore: all" leaves nothing then */
    struct lc_rule_choice out = {.hidden = LC_NOT_HIDDEN};
    int level = LC_LEVEL_OFF;

    if (all ? off != NOT_AT_ALL : on <= off)
        out.hidden = off == NOT_AT_ALL ? LC_ADJUSTED_SELECT : LC_ADJUSTED_IGNORE;

    for (size_t i = 0; i < s->level_count; i++) {
        unsigned has = strength(s->levels[i].rules, rule);

        if (has == NOT_AT_ALL || has < most)
            continue;
        most = has;
        level = s->levels[i].level;
    }
    if (most == NOT_AT_ALL)
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
        out[i] = choose(selection, &lc_rules[i].info);
    return status;
}

/* ---- patterns ---- */

/* Where a matcher goes back to when what follows a star does not fit. */
struct retry {
    const char *pattern; /* behind the star; NULL: there was none */
    size_t at;           /* in the path: where the star has taken it so far */
    bool whole;          /* the star takes whole folders only */
};

struct matcher {
    const char *pattern;
    struct lc_span path;
    size_t at;         /* in the path */
    struct retry name; /* the last "*" behind the last "**" */
    struct retry tree; /* the last "**" */
};

static void take_star(struct matcher *m)
{
    bool tree = m->pattern[1] == '*';
    bool whole = tree && m->pattern[2] == '/'; /* what is at the top, too */
    struct retry retry = {m->pattern + 1 + tree + whole, m->at, whole};

    m->pattern = retry.pattern;
    if (tree) {
        m->tree = retry;
        m->name.pattern = NULL;
    } else {
        m->name = retry;
    }
}

/* Go on by one character when it fits. */
static bool take_character(struct matcher *m)
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

/* Let a star have more. */
static bool go_back(struct matcher *m)
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
    while (tree->whole && tree->at < m->path.size && m->path.text[tree->at - 1] != '/');
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
            take_star(&m);
        else if (!take_character(&m) && !go_back(&m))
            return false;
    }
}

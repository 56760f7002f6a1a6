/* Fixes a row, one finding after the other
 *
 * Idea. A fix may help only together with another one: once a trailing comma is removed,
 * a rule may find that the row has no placeholder. So first all fixes are made, and the
 * final row is compared with the original. If a rule then finds something new, fixing
 * starts over, with a comparison after each fix. */
#include "fix/columns.h"
#include "fix/site.h"

#include <stdlib.h>
#include <string.h>

#define MOST_STEPS 64 /* fixes of one row */

struct lc_fixer {
    struct lc_fixer_options options;
    struct lc_json_parser *parser;
    struct lc_row facts;
    struct lc_json_doc doc;
    bool readable;
    struct lc_findings findings;
    struct lc_edits edits;
    struct lc_buffer scratch;
    struct lc_buffer text; /* the current text of the row */
    struct lc_buffer next; /* the text with the edits */
    /* by rule: the number of findings that the row may have */
    uint16_t allowed[LC_RULE_COUNT];
};

enum lc_status lc_fixer_new(const struct lc_fixer_options *options, struct lc_fixer **out,
                            struct lc_error *err)
{
    struct lc_fixer *fixer = calloc(1, sizeof(*fixer));
    enum lc_status status;

    if (!fixer)
        return lc_fail_memory(err);
    fixer->options = *options;
    status = lc_json_parser_new(&fixer->parser, err);
    if (status != LC_OK) {
        lc_fixer_free(fixer);
        return status;
    }
    *out = fixer;
    return LC_OK;
}

void lc_fixer_free(struct lc_fixer *fixer)
{
    if (!fixer)
        return;
    lc_json_parser_free(fixer->parser);
    lc_row_clear(&fixer->facts);
    lc_findings_clear(&fixer->findings);
    lc_edits_clear(&fixer->edits);
    lc_buffer_clear(&fixer->scratch);
    lc_buffer_clear(&fixer->text);
    lc_buffer_clear(&fixer->next);
    free(fixer);
}

/* ---- checking ---- */

/* Check a text as a run does, but without the images. */
static enum lc_status check_text(struct lc_fixer *fixer, const struct lc_fix_row *row,
                                 struct lc_error *err)
{
    static const struct lc_video_facts no_videos[LC_MEDIUM_COUNT];
    struct lc_json_problem problem;
    struct lc_facts facts = {.lines = row->lines, .dialect = row->dialect};
    enum lc_status status;

    lc_findings_reset(&fixer->findings);
    status = lc_json_parse_exact(fixer->parser, fixer->text.data, fixer->text.size, true,
                                 &fixer->doc, &problem, err);
    fixer->readable = status == LC_OK && problem.fault == LC_JSON_FINE;
    if (status == LC_OK && !fixer->readable) {
        lc_json_reclassify_cut_off(&problem, fixer->text.data, fixer->text.size);
        facts.problem = &problem;
        return lc_rules_check(LC_SCOPE_JSON, &facts, &fixer->findings, err);
    }
    if (status == LC_OK)
        status = lc_row_read(&fixer->facts, row->dialect, &fixer->doc, err);
    facts.doc = &fixer->doc;
    facts.row = &fixer->facts;
    facts.video = no_videos;
    if (status == LC_OK)
        status = lc_rules_check(LC_SCOPE_JSON, &facts, &fixer->findings, err);
    if (status == LC_OK)
        status = lc_rules_check(LC_SCOPE_ROW, &facts, &fixer->findings, err);
    return status;
}

static uint16_t count(const struct lc_fixer *fixer, enum lc_rule_index rule)
{
    uint16_t found = 0;

    for (size_t i = 0; i < fixer->findings.count && found < UINT16_MAX; i++)
        if (fixer->findings.items[i].rule == rule)
            found++;
    return found;
}

/* Allow the current findings. */
static void allow(struct lc_fixer *fixer)
{
    for (int rule = 0; rule < LC_RULE_COUNT; rule++) {
        uint16_t found = count(fixer, (enum lc_rule_index)rule);

        if (fixer->allowed[rule] < found)
            fixer->allowed[rule] = found;
    }
}

/* Whether no rule has more findings than allowed. */
static bool is_allowed(const struct lc_fixer *fixer)
{
    for (size_t i = 0; i < fixer->findings.count; i++) {
        enum lc_rule_index rule = fixer->findings.items[i].rule;

        if (count(fixer, rule) > fixer->allowed[rule])
            return false;
    }
    return true;
}

/* ---- one step ---- */

static enum lc_status set_text(struct lc_fixer *fixer, struct lc_span text,
                               struct lc_error *err)
{
    bool good;

    lc_edits_reset(&fixer->edits);
    return lc_edits_apply(&fixer->edits, text, &fixer->text, &good, err);
}

static struct lc_fix_site make_site(struct lc_fixer *fixer, const struct lc_fix_row *row,
                                    const struct lc_finding *finding)
{
    return (struct lc_fix_site){
        .text = {fixer->text.data, fixer->text.size},
        .dialect = row->dialect,
        .readable = fixer->readable,
        .doc = &fixer->doc,
        .row = &fixer->facts,
        .finding = finding,
        .options = &fixer->options,
        .job = row,
        .edits = &fixer->edits,
        .scratch = &fixer->scratch,
    };
}

static void swap(struct lc_fixer *fixer)
{
    struct lc_buffer was = fixer->text;

    fixer->text = fixer->next;
    fixer->next = was;
}

/* Apply the edits that were added, and check the text. *good is set to false if there are
 * no edits or they cannot be applied: then the text is unchanged. */
static enum lc_status apply(struct lc_fixer *fixer, const struct lc_fix_row *row,
                            bool *good, struct lc_error *err)
{
    enum lc_status status;

    *good = fixer->edits.count > 0;
    if (!*good)
        return LC_OK;
    status = lc_edits_apply(&fixer->edits,
                            (struct lc_span){fixer->text.data, fixer->text.size},
                            &fixer->next, good, err);
    if (status != LC_OK || !*good)
        return status;
    swap(fixer);
    return check_text(fixer, row, err);
}

/* Undo the last edits. */
static enum lc_status undo(struct lc_fixer *fixer, const struct lc_fix_row *row,
                           struct lc_error *err)
{
    swap(fixer);
    return check_text(fixer, row, err);
}

static lc_fix_fn *function_of(enum lc_fix_index fix)
{
#define FRAME(identifier) NULL
#define COLUMN(identifier) NULL
#define PATH(identifier) NULL
#define DROP(identifier) NULL
#define TEXT(identifier) lc_fix_##identifier
#define ROW(identifier) lc_fix_##identifier
    static lc_fix_fn *const functions[LC_FIX_COUNT] = {
#define LC_FIX(identifier, name, safety, kind, summary) kind(identifier),
#define LC_FIXES(...)
#define LC_FIXES_ALL(...)
#include "rules/fixes.def"
#undef LC_FIX
#undef LC_FIXES
#undef LC_FIXES_ALL
    };

    return functions[fix];
}

/* The next fix to try for a finding. */
static enum lc_fix_index pick_fix(const struct lc_fixer *fixer,
                                  const struct lc_finding *finding, lc_fix_set tried)
{
    enum lc_fix_index fix;

    if (fixer->options.skip[finding->rule])
        return LC_FIX_COUNT;
    for (size_t i = 0; (fix = lc_case_fix(finding->which, i)) != LC_FIX_COUNT; i++)
        if (fixer->options.fixes & ~tried & lc_fix_bit(fix) && function_of(fix))
            return fix;
    return LC_FIX_COUNT;
}

/* Try a fix for a finding; *good is set to whether it was made. */
static enum lc_status try_fix(struct lc_fixer *fixer, const struct lc_fix_row *row,
                              size_t number, enum lc_fix_index fix, bool is_strict,
                              bool *good, struct lc_error *err)
{
    const struct lc_finding finding = fixer->findings.items[number];
    bool is_text = lc_fixes[fix].kind == LC_FIX_OF_TEXT;
    struct lc_fix_site site = make_site(fixer, row, &finding);
    enum lc_status status;

    lc_edits_reset(&fixer->edits);
    status = function_of(fix)(&site, err);
    if (status == LC_OK)
        status = apply(fixer, row, good, err);
    if (status != LC_OK || !*good)
        return status;
    if (count(fixer, finding.rule) == 0 &&
        (is_text ? fixer->readable : !is_strict || is_allowed(fixer))) {
        if (is_text)
            allow(fixer);
        return LC_OK;
    }
    *good = false;
    return undo(fixer, row, err);
}

/* ---- the row ---- */

static void add_fix(struct lc_fix_result *out, enum lc_fix_index fix,
                    enum lc_rule_index rule)
{
    if (!(out->set & lc_fix_bit(fix)) && out->count < LC_FIX_MOST)
        out->made[out->count++] = (struct lc_fix_made){(uint8_t)fix, (uint8_t)rule};
    out->set |= lc_fix_bit(fix);
}

/* Note the fixes of columns and paths, each of which belongs to one rule. */
static void note_members(struct lc_fix_result *out, lc_fix_set made)
{
    static const struct lc_fix_made members[] = {
        {LC_FIX_unify_ids, LC_RULE_JSN115},
        {LC_FIX_unify_images, LC_RULE_JSN115},
        {LC_FIX_correct_path, LC_RULE_IMG501},
        {LC_FIX_relative_path, LC_RULE_IMG503},
    };

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (made & lc_fix_bit((enum lc_fix_index)members[i].fix))
            add_fix(out, (enum lc_fix_index)members[i].fix,
                    (enum lc_rule_index)members[i].rule);
}

/* Begin with the text of the row, on one line if required. */
static enum lc_status begin(struct lc_fixer *fixer, const struct lc_fix_row *row,
                            struct lc_fix_result *out, struct lc_error *err)
{
    struct lc_fix_site site;
    bool good;
    enum lc_status status = set_text(fixer, row->text, err);

    site = make_site(fixer, row, NULL);
    lc_edits_reset(&fixer->edits);
    if (status == LC_OK && row->joined)
        status = lc_site_join_lines(&site, err);
    if (status == LC_OK && fixer->edits.count) {
        status = apply(fixer, row, &good, err);
        if (status == LC_OK && good)
            add_fix(out, LC_FIX_join_lines, LC_RULE_JSN111);
        out->reveals = true;
    } else if (status == LC_OK) {
        status = check_text(fixer, row, err);
    }
    if (status != LC_OK)
        return status;
    memset(fixer->allowed, 0, sizeof(fixer->allowed));
    allow(fixer);
    return LC_OK;
}

/* Make the edits of columns and paths. */
static enum lc_status fix_members(struct lc_fixer *fixer, const struct lc_fix_row *row,
                                  struct lc_fix_result *out, struct lc_error *err)
{
    struct lc_fix_site site = make_site(fixer, row, NULL);
    lc_fix_set made = 0;
    bool good = false;
    enum lc_status status = LC_OK;

    if (!fixer->readable || !fixer->facts.object)
        return LC_OK;
    lc_edits_reset(&fixer->edits);
    status = lc_site_correct_paths(&site, &made, err);
    if (status == LC_OK)
        status = apply(fixer, row, &good, err);
    if (status != LC_OK)
        return status;
    note_members(out, good ? made : 0);
    site = make_site(fixer, row, NULL);
    made = 0;
    lc_edits_reset(&fixer->edits);
    status = lc_site_unify(&site, &made, err);
    if (status == LC_OK)
        status = apply(fixer, row, &good, err);
    note_members(out, status == LC_OK && good ? made : 0);
    if (row->images == LC_FIX_COLUMN_LIST && fixer->allowed[LC_RULE_ROW217] == 0)
        fixer->allowed[LC_RULE_ROW217] = 1; /* ROW217 is a note about every list */
    return status;
}

/* Fix findings until there are no fixes left to try. */
static enum lc_status fix_findings(struct lc_fixer *fixer, const struct lc_fix_row *row,
                                   bool is_strict, struct lc_fix_result *out,
                                   struct lc_error *err)
{
    enum lc_status status = LC_OK;
    size_t steps = 0, i = 0;

    while (i < fixer->findings.count && status == LC_OK && steps < MOST_STEPS &&
           out->count < LC_FIX_MOST) {
        enum lc_rule_index rule = fixer->findings.items[i].rule;
        enum lc_fix_index fix =
            pick_fix(fixer, &fixer->findings.items[i], out->failed | out->set);
        bool good = false, was_readable = fixer->readable;

        if (fix == LC_FIX_COUNT) {
            i++;
            continue;
        }
        steps++;
        status = try_fix(fixer, row, i, fix, is_strict, &good, err);
        if (!good) {
            out->failed |= lc_fix_bit(fix);
            continue;
        }
        add_fix(out, fix, rule);
        if (fix == LC_FIX_rename_image_key && fixer->allowed[LC_RULE_ROW217] == 0)
            fixer->allowed[LC_RULE_ROW217] = 1;
        out->reveals |= lc_fixes[fix].kind == LC_FIX_OF_TEXT;
        i = 0;
        if (!was_readable)
            status = fix_members(fixer, row, out, err);
    }
    return status;
}

enum lc_status lc_fixer_run(struct lc_fixer *fixer, const struct lc_fix_row *row,
                            struct lc_fix_result *out, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    bool good = false;

    for (int is_strict = 0; is_strict < 2 && status == LC_OK && !good; is_strict++) {
        *out = (struct lc_fix_result){0};
        status = begin(fixer, row, out, err);
        if (status == LC_OK)
            status = fix_members(fixer, row, out, err);
        if (status == LC_OK)
            status = fix_findings(fixer, row, is_strict, out, err);
        good = status == LC_OK && is_allowed(fixer);
    }
    if (!good) {
        out->failed |= out->set;
        out->set = 0;
        out->count = 0;
    }
    out->text = good ? (struct lc_span){fixer->text.data, fixer->text.size} : row->text;
    return status;
}

/* ---- the columns of a file ---- */

static void note_images_type(const struct lc_fix_site *site, uint32_t images,
                             struct lc_fix_columns *out)
{
    const struct lc_json_doc *doc = site->doc;

    if (lc_json_type(doc, images) == LC_JSON_STRING)
        out->images_strings = true;
    if (lc_json_type(doc, images) != LC_JSON_ARRAY ||
        lc_json_next(doc, images) == images + 2) /* an empty list is another fault */
        return;
    out->images_lists = true;
    out->images_several |= lc_json_next(doc, images) - images < 3 ||
                           lc_json_type(doc, images + 1) != LC_JSON_STRING ||
                           lc_json_next(doc, images + 1) != lc_json_close(doc, images);
}

static void note_id_type(const struct lc_fix_site *site, uint32_t id,
                         struct lc_fix_columns *out)
{
    switch (lc_json_type(site->doc, id)) {
    case LC_JSON_STRING:
        out->ids_strings = true;
        break;
    case LC_JSON_INTEGER:
    case LC_JSON_UNSIGNED:
    case LC_JSON_BIG:
    case LC_JSON_FLOAT:
        out->ids_numbers = true;
        break;
    default:
        break;
    }
}

enum lc_status lc_fix_columns_add(struct lc_fixer *fixer, const struct lc_fix_row *row,
                                  struct lc_fix_columns *out, struct lc_error *err)
{
    struct lc_json_problem problem;
    struct lc_fix_site site;
    uint32_t id, images;
    enum lc_status status = lc_json_parse_exact(
        fixer->parser, row->text.text, row->text.size, true, &fixer->doc, &problem, err);

    if (status != LC_OK || problem.fault != LC_JSON_FINE)
        return status;
    site = make_site(fixer, row, NULL);
    site.text = row->text;
    id = lc_site_column(&site, LC_COLUMN_ID).value;
    images = lc_site_column(&site, LC_COLUMN_IMAGES).value;
    if (id)
        note_id_type(&site, id, out);
    if (images)
        note_images_type(&site, images, out);
    return LC_OK;
}

enum lc_fix_column lc_fix_columns_ids(const struct lc_fix_columns *columns)
{
    return columns->ids_strings && columns->ids_numbers ? LC_FIX_COLUMN_STRING
                                                        : LC_FIX_COLUMN_KEEP;
}

enum lc_fix_column lc_fix_columns_images(const struct lc_fix_columns *columns)
{
    if (!columns->images_strings || !columns->images_lists)
        return LC_FIX_COLUMN_KEEP;
    return columns->images_several ? LC_FIX_COLUMN_LIST : LC_FIX_COLUMN_STRING;
}

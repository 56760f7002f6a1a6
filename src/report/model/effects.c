#include "report/model/effects.h"

#include "rules/rules.h"
#include "view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_DIALECTS 32 /* of a data set; the trainer is chosen by these only */

/* An effect while rows are marked: the row's file is not loaded, whatever else is wrong
 * with the row. */
#define NOT_LOADED (LC_EFFECT_REFUSED + 1)

/* The rows that a finding about a row or file affects. */
enum reach {
    ITS_ROW,
    ALL_ROWS,
    ROWS_WITH_IMAGES,
    ROWS_WITH_TURNS,
    ROWS_ELSEWHERE, /* rows with turns in a column other than messages, if the program
                       reads both columns */
};

struct walk {
    const struct lc_index *index;
    struct lc_effects *effects;
    uint8_t effect;     /* of the current finding */
    uint32_t file;      /* the file whose first row is known */
    uint64_t first_row; /* first row of that file */
    bool any_file;
    uint32_t refused; /* the last file that cannot be loaded */
    uint64_t *ends;   /* by file: the end of its rows, if the trainer does not read its
                         media; otherwise 0 */
    uint64_t *begins; /* by file: its first row */
    uint32_t files;
    uint8_t *spared; /* by row: a finding that drops the other rows of its file names it,
                        so it may be trained; NULL: there is no such row */
    bool *arrays;    /* by file: it is an array, which the trainer loads whatever the
                        file's name */
    bool *unread;    /* by file: the trainer reads its rows without their media */
    bool rows_alone; /* the effects of a row, or of text between rows, on other rows do
                        not count */
    bool has_shards;
    bool has_repeated_ids; /* rows with repeated ids are marked */
    bool each_alone;       /* rows are a sample: which rows follow a row does not count */
    const uint8_t *settled; /* by image: ignore findings about its form; may be NULL */
    /* set if effects depend on the rows' own facts; these are marked last, in one pass
     * over the rows */
    bool needs_rows;
    uint8_t *images_lost;    /* by file: the effect on rows with images, or FINE */
    uint8_t *turns_lost;     /* by file: the effect on rows with turns, or FINE */
    uint8_t *elsewhere_lost; /* by file: the effect on ROWS_ELSEWHERE, or FINE */
    const struct lc_length_info *length; /* NULL: no row can be too long */
    uint32_t of_file;                    /* 1 + the number of the file that `affected` is
                                            about; 0: none */
    uint8_t affected[LC_AFFECTED_COUNT]; /* effects on that file's rows, or FINE */
};

struct lc_rule_effect lc_effects_of(const struct lc_effects *effects,
                                    const struct lc_finding_record *finding)
{
    return effects->by_case[lc_case_index_of(finding->rule, finding->rule_case)];
}

/* Whether an effect counts more than another effect on the same row. Programs leave rows
 * out before they look at anything else in them, so nothing else can happen to such
 * rows. */
static bool outranks(uint8_t effect, uint8_t other)
{
    if (effect == NOT_LOADED || other == NOT_LOADED)
        return effect == NOT_LOADED;
    if (effect == LC_EFFECT_DROPPED || other == LC_EFFECT_DROPPED)
        return effect == LC_EFFECT_DROPPED;
    return effect > other;
}

static void mark_row(void *user, uint64_t row)
{
    const struct walk *walk = user;
    uint8_t *effects = walk->effects->rows;

    if (row < lc_index_summary(walk->index)->rows && outranks(walk->effect, effects[row]))
        effects[row] = walk->effect;
}

/* Mark a row that names an image, unless the trainer does not read the images of the
 * row's file. */
static void mark_row_of_image(void *user, uint64_t row)
{
    const struct walk *walk = user;
    uint32_t low = 0, high = walk->files;

    while (high - low > 1) { /* the last file that begins at or before the row */
        uint32_t middle = low + (high - low) / 2;

        if (walk->begins[middle] <= row)
            low = middle;
        else
            high = middle;
    }
    if (!walk->files || row >= walk->ends[low])
        mark_row(user, row);
}

/* Whether a finding keeps its whole file from being loaded: the file is gone, or is not
 * JSON, which loaders read all at once. There are two exceptions: half of a surrogate
 * pair, which fails only later, and a column with two names, which only affects the rows
 * that use one of them. */
static bool keeps_out(const struct lc_finding_record *finding)
{
    if (lc_span_is(finding->rule, "IDX704"))
        return true;
    return finding->rule.size > 3 && memcmp(finding->rule.text, "JSN", 3) == 0 &&
           !lc_span_is(finding->rule, "JSN108") && !lc_span_is(finding->rule, "JSN117");
}

static enum reach reach_of(const struct lc_finding_record *finding)
{
    /* the whole file differs from the indexed one */
    if (finding->rule.size > 3 && memcmp(finding->rule.text, "IDX", 3) == 0)
        return ALL_ROWS;
    /* a column of rejected answers is empty in the other rows */
    if (lc_span_is(finding->rule, "ROW218") &&
        lc_span_is(finding->rule_case, "preference"))
        return ALL_ROWS;
    /* a program that does not read a column loses its values in all rows */
    if (lc_span_is(finding->rule, "JSN117"))
        return lc_span_is(finding->rule_case, "turns") ||
                       lc_span_is(finding->rule_case, "turns-gone")
                   ? ROWS_WITH_TURNS
               : lc_span_is(finding->rule_case, "messages") ? ROWS_ELSEWHERE
                                                            : ROWS_WITH_IMAGES;
    return ITS_ROW;
}

/* Record an effect on some rows, unless an effect that outranks it is recorded
 * already. */
static void note_effect(uint8_t *noted, uint8_t effect)
{
    if (outranks(effect, *noted))
        *noted = effect;
}

/* Record that a row may be trained although the other rows are left out. */
static enum lc_status spare_row(struct walk *walk, uint64_t row, struct lc_error *err)
{
    uint64_t rows = lc_index_summary(walk->index)->rows;

    if (!walk->spared)
        walk->spared = calloc((size_t)rows + 1, 1);
    if (!walk->spared)
        return lc_fail_memory(err);
    if (row < rows)
        walk->spared[row] = 1;
    return LC_OK;
}

static enum lc_status mark_rows(struct walk *walk, uint32_t file, enum reach reach,
                                struct lc_error *err)
{
    if (reach == ALL_ROWS)
        return lc_index_each_row_of_file(walk->index, file, mark_row, walk, err);
    if (file < walk->files)
        note_effect(reach == ROWS_WITH_IMAGES ? &walk->images_lost[file]
                    : reach == ROWS_ELSEWHERE ? &walk->elsewhere_lost[file]
                                              : &walk->turns_lost[file],
                    walk->effect);
    walk->needs_rows = true;
    return LC_OK;
}

/* Whether a rule is about the JSON of a whole file. A finding about a broken row may have
 * such a rule, too. */
static bool is_about_json(struct lc_span rule)
{
    static const char *const of_rows[] = {"JSN107", "JSN108", "JSN109", "JSN111",
                                          "JSN115", "JSN116", "JSN117", "JSN118",
                                          "JSN120", "JSN122"};

    for (size_t i = 0; i < sizeof(of_rows) / sizeof(of_rows[0]); i++)
        if (lc_span_is(rule, of_rows[i]))
            return false;
    return rule.size > 3 && memcmp(rule.text, "JSN", 3) == 0;
}

enum lc_status lc_finding_is_between_rows(const struct lc_index *index,
                                          const struct lc_finding_record *finding,
                                          bool *out, struct lc_error *err)
{
    struct lc_file_record file = {0};
    struct lc_row_record row = {0};
    enum lc_status status = LC_OK;

    *out = finding->kind == LC_FINDING_ROW && is_about_json(finding->rule);
    if (!*out || finding->row < 0)
        return LC_OK;
    status = lc_index_get_file(index, finding->file, &file, err);
    if (status == LC_OK)
        status =
            lc_index_get_row(index, file.first_row + (uint64_t)finding->row, &row, err);
    *out = row.readable;
    return status;
}

bool lc_effects_is_of_form(const struct lc_finding_record *finding)
{
    const struct lc_span rule = finding->rule;

    return lc_span_is(rule, "IMG514") || lc_span_is(rule, "IMG515") ||
           lc_span_is(rule, "IMG516") ||
           lc_case_index_of(rule, finding->rule_case) == LC_CASE_IMG511_REFUSED;
}

/* Whether a finding is about a row's images, or about the number of their placeholders.
 * It does not matter to a trainer that does not read their column. */
static bool is_about_media(const struct lc_finding_record *finding)
{
    static const char *const rules[] = {"ROW208", "TOK401", "TOK402", "TOK405"};

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (lc_span_is(finding->rule, rules[i]))
            return true;
    return lc_span_is(finding->rule, "TOK404") &&
           !lc_span_is(finding->rule_case, "no-image");
}

/* Mark the rows that a finding about a row or its file affects. */
static enum lc_status mark_place(struct walk *walk,
                                 const struct lc_finding_record *finding,
                                 struct lc_error *err)
{
    struct lc_file_record file;
    enum lc_status status = LC_OK;

    if (walk->effect >= LC_EFFECT_CRASH && keeps_out(finding) &&
        (!walk->effects->files || walk->refused != finding->file)) {
        walk->effects->files++;
        walk->refused = finding->file;
    }
    if (walk->effect == LC_EFFECT_REFUSED && keeps_out(finding))
        walk->effect = NOT_LOADED;
    if (reach_of(finding) != ITS_ROW && !walk->rows_alone) {
        if (walk->effect == LC_EFFECT_DROPPED && finding->row >= 0 &&
            reach_of(finding) != ROWS_ELSEWHERE &&
            !lc_span_is(finding->rule_case, "turns-gone") && finding->file < walk->files)
            status = spare_row(walk, walk->begins[finding->file] + (uint64_t)finding->row,
                               err);
        return status == LC_OK ? mark_rows(walk, finding->file, reach_of(finding), err)
                               : status;
    }
    if (finding->row < 0 || (finding->file < walk->files && walk->unread[finding->file] &&
                             is_about_media(finding)))
        return LC_OK;
    if (!walk->any_file || walk->file != finding->file) {
        status = lc_index_get_file(walk->index, finding->file, &file, err);
        if (status != LC_OK)
            return status;
        walk->any_file = true;
        walk->file = finding->file;
        walk->first_row = file.first_row;
    }
    mark_row(walk, walk->first_row + (uint64_t)finding->row);
    return LC_OK;
}

static bool is_array_in_lines(const struct lc_finding_record *finding)
{
    return lc_span_is(finding->rule, "JSN103") && lc_span_is(finding->rule_case, "array");
}

static bool is_about_broken_row(const struct lc_finding_record *finding)
{
    return finding->kind == LC_FINDING_ROW && finding->row >= 0 &&
           (is_about_json(finding->rule) || lc_span_is(finding->rule, "JSN111"));
}

/* If a program may load a row that we cannot parse, its effect is unknown: other faults
 * of the row were not found. */
static enum lc_status doubt_unread(struct walk *walk,
                                   const struct lc_finding_record *finding,
                                   struct lc_error *err)
{
    struct lc_file_record file = {0};
    struct lc_row_record row = {0};
    enum lc_status status = lc_index_get_file(walk->index, finding->file, &file, err);

    if (status == LC_OK)
        status = lc_index_get_row(walk->index, file.first_row + (uint64_t)finding->row,
                                  &row, err);
    if (status == LC_OK && !row.readable)
        walk->effect = LC_EFFECT_UNKNOWN;
    return status;
}

static bool is_about_repeated_id(const struct lc_finding_record *finding)
{
    return lc_span_is(finding->rule, "ROW206") || lc_span_is(finding->rule, "ROW214");
}

/* Mark the rows whose ids also occur in other rows, of any file. The finding is about all
 * of them, and names none. */
static enum lc_status mark_repeated_ids(struct walk *walk, struct lc_error *err)
{
    struct lc_stream *stream = NULL;
    struct lc_hash hash = {{0}}, last = {{0}};
    uint64_t row = 0, before = 0, count = 0;
    bool found = true;
    enum lc_status status = lc_stream_new(walk->index, LC_STREAM_IDS, &stream, err);

    while (status == LC_OK) {
        status = lc_stream_id(stream, &hash, &row, &found, err);
        if (status != LC_OK || !found)
            break;
        if (count++ && lc_hash_compare(&hash, &last) == 0) {
            mark_row(walk, before);
            mark_row(walk, row);
        }
        last = hash;
        before = row;
    }
    lc_stream_free(stream);
    return status;
}

/* Whether a finding is about a whole shard, or about its archive. */
static bool is_about_shard(const struct walk *walk,
                           const struct lc_finding_record *finding)
{
    bool is_archive = finding->rule.size > 3 && memcmp(finding->rule.text, "ARC", 3) == 0;

    return walk->has_shards && is_archive &&
           (finding->kind == LC_FINDING_ROW ? finding->row < 0
                                            : finding->kind == LC_FINDING_SET);
}

static enum lc_status mark_all_rows(struct walk *walk, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < walk->files && status == LC_OK; i++)
        status = lc_index_each_row_of_file(walk->index, i, mark_row, walk, err);
    return status;
}

static enum lc_status mark(void *user, const struct lc_finding_record *finding,
                           struct lc_error *err)
{
    struct walk *walk = user;
    bool is_between = false;
    enum lc_status status = LC_OK;

    walk->effect = (uint8_t)lc_effects_of(walk->effects, finding).effect;
    if (walk->effect == LC_EFFECT_FINE && is_array_in_lines(finding) &&
        finding->file < walk->files)
        walk->arrays[finding->file] = true;
    if (walk->effect == LC_EFFECT_FINE && is_about_broken_row(finding))
        status = doubt_unread(walk, finding, err);
    if (walk->effect == LC_EFFECT_FINE || status != LC_OK)
        return status;
    if (walk->rows_alone && lc_span_is(finding->rule, "JSN115"))
        return LC_OK; /* the type of its row differs from that of the rows before */
    if (walk->rows_alone && walk->effect == LC_EFFECT_REFUSED &&
        is_about_repeated_id(finding))
        return LC_OK; /* without the other rows, the row is fine */
    if (is_about_shard(walk, finding)) {
        /* the shard is never read, unless it is written again and thus gets a new
         * index */
        if (walk->effect == LC_EFFECT_DROPPED && lc_span_is(finding->rule, "ARC816") &&
            !walk->rows_alone)
            return lc_index_each_row_of_file(walk->index, finding->file, mark_row, walk,
                                             err);
        if (walk->effect == LC_EFFECT_UNKNOWN && !walk->rows_alone) /* of all shards */
            return mark_all_rows(walk, err);
        walk->effects->shards += walk->effect == LC_EFFECT_REFUSED;
        walk->effects->stopping += walk->effect == LC_EFFECT_CRASH;
        return LC_OK;
    }
    if (lc_span_is(finding->rule, "ROW214")) { /* only once, even if a forged index has
                                                  many such findings */
        bool is_first = !walk->has_repeated_ids;

        walk->has_repeated_ids = true;
        return is_first ? mark_repeated_ids(walk, err) : LC_OK;
    }
    if (walk->rows_alone)
        status = lc_finding_is_between_rows(walk->index, finding, &is_between, err);
    if (status != LC_OK || is_between)
        return status;
    switch (finding->kind) {
    case LC_FINDING_ROW:
        return mark_place(walk, finding, err);
    case LC_FINDING_IMAGE:
        if (walk->settled &&
            finding->image < lc_index_summary(walk->index)->images_referenced &&
            walk->settled[finding->image] && lc_effects_is_of_form(finding))
            return LC_OK;
        return lc_index_each_row_of_image(walk->index, finding->image, mark_row_of_image,
                                          walk, err);
    case LC_FINDING_SET:
    default:
        return lc_index_each_row_of_id(walk->index, finding->id, mark_row, walk, err);
    }
}

/* Count the rows files whose form the trainer does not load. Loaders decide by the file's
 * name. */
static enum lc_status count_unloaded(const struct lc_index *index, const bool *arrays,
                                     struct lc_effects *out, struct lc_error *err)
{
    static const char suffix[] = ".jsonl";
    size_t size = sizeof(suffix) - 1;
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < lc_index_summary(index)->rows_files && status == LC_OK;
         i++) {
        struct lc_file_record file = {0};
        bool lines;

        status = lc_index_get_file(index, i, &file, err);
        lines = file.name.size >= size &&
                strncasecmp(file.name.text + file.name.size - size, suffix, size) == 0;
        if (lc_trainer_reads_lines(out->trainer))
            lines = lines || file.lines;
        if (lc_span_is(file.dialect, LC_SHARD_DIALECT))
            out->unloaded += !lc_trainer_loads_shards(out->trainer);
        else
            out->unloaded += !lc_trainer_loads(out->trainer, lines && !arrays[i],
                                               file.sampling.size > 0);
    }
    return status;
}

bool lc_effects_is_affected(enum lc_affected affected, const struct lc_row_record *row)
{
    const unsigned sizes = LC_ROW_SIZED | LC_ROW_UNSIZED;

    switch (affected) {
    case LC_AFFECTED_ODD:
        return row->turns % 2;
    case LC_AFFECTED_TAGS:
        return row->traits & LC_ROW_TAGS;
    case LC_AFFECTED_NAMES:
        return row->traits & LC_ROW_NAMES;
    case LC_AFFECTED_TOOLS:
        return row->traits & LC_ROW_TOOLS;
    case LC_AFFECTED_LATE_SYSTEM:
        return row->traits & LC_ROW_LATE_SYSTEM;
    case LC_AFFECTED_ANSWER_TAGS:
        return row->traits & LC_ROW_ANSWER_TAGS;
    case LC_AFFECTED_FIRST_SYSTEM:
        return row->traits & LC_ROW_FIRST_SYSTEM;
    case LC_AFFECTED_PARTS:
        return row->traits & LC_ROW_PARTS;
    case LC_AFFECTED_SIZED:
        return (row->traits & sizes) == LC_ROW_SIZED;
    case LC_AFFECTED_UNSIZED:
        return row->traits & LC_ROW_PARTS && (row->traits & sizes) == LC_ROW_UNSIZED;
    case LC_AFFECTED_PARTLY_SIZED:
        return row->traits & LC_ROW_PARTS && (row->traits & sizes) == sizes;
    case LC_AFFECTED_OBJECTS:
        return row->traits & LC_ROW_OBJECTS;
    case LC_AFFECTED_PATH_OBJECTS:
        return row->traits & LC_ROW_OBJECTS &&
               row->traits & (LC_ROW_OTHER_OBJECTS | LC_ROW_PARTS);
    case LC_AFFECTED_ELSEWHERE:
        return row->turns && !(row->traits & LC_ROW_IN_MESSAGES);
    case LC_AFFECTED_RARE_NAMES:
        return row->traits & LC_ROW_RARE_NAMES;
    case LC_AFFECTED_SYSTEM_PARTS:
        return row->traits & LC_ROW_SYSTEM_PARTS;
    case LC_AFFECTED_PART_TAGS:
        return row->traits & LC_ROW_PART_TAGS;
    case LC_AFFECTED_TOOLS_ODD:
        return row->traits & LC_ROW_TOOLS_ODD;
    case LC_AFFECTED_LOOSE:
        return row->traits & LC_ROW_LOOSE;
    case LC_AFFECTED_MEDIA:
        return !row->text_only;
    case LC_AFFECTED_ROWS:
    default:
        return true;
    }
}

/* Mark all rows of a file that the trainer reads differently from what its dialect says.
 * If only some of the rows are affected, leave them to the pass over the rows. */
static enum lc_status mark_dialect(struct walk *walk, uint32_t number,
                                   const struct lc_file_record *file,
                                   struct lc_error *err)
{
    struct lc_effects *effects = walk->effects;
    enum lc_status status = LC_OK;
    struct lc_dialect_effect of;
    size_t at = 0;

    while (status == LC_OK && file->rows &&
           lc_next_dialect_effect(file->dialect, effects->trainer, &at, &of)) {
        bool all = of.affected == LC_AFFECTED_ROWS;

        walk->effect = (uint8_t)of.effect.effect;
        if (all && of.effect.effect >= LC_EFFECT_CRASH && !effects->unread++) {
            snprintf(effects->dialect, sizeof(effects->dialect), "%.*s",
                     (int)file->dialect.size, file->dialect.text);
            effects->what = of.effect.what;
        }
        if (all || of.affected == LC_AFFECTED_MEDIA)
            walk->ends[number] = file->first_row + file->rows;
        /* messages may also have media in their turns */
        walk->unread[number] |=
            of.affected == LC_AFFECTED_MEDIA && !lc_span_is(file->dialect, "messages");
        if (all)
            status = lc_index_each_row_of_file(walk->index, number, mark_row, walk, err);
        else
            walk->needs_rows = true;
    }
    return status;
}

static enum lc_status mark_dialects(struct walk *walk, struct lc_error *err)
{
    uint32_t files = (uint32_t)lc_index_summary(walk->index)->rows_files;
    enum lc_status status = LC_OK;

    walk->begins = calloc((size_t)files + 1, sizeof(*walk->begins));
    walk->ends = calloc((size_t)files + 1, sizeof(*walk->ends));
    walk->images_lost = calloc((size_t)files + 1, sizeof(*walk->images_lost));
    walk->turns_lost = calloc((size_t)files + 1, sizeof(*walk->turns_lost));
    walk->elsewhere_lost = calloc((size_t)files + 1, sizeof(*walk->elsewhere_lost));
    walk->arrays = calloc((size_t)files + 1, sizeof(*walk->arrays));
    walk->unread = calloc((size_t)files + 1, sizeof(*walk->unread));
    if (!walk->begins || !walk->ends || !walk->images_lost || !walk->turns_lost ||
        !walk->elsewhere_lost || !walk->arrays || !walk->unread)
        return lc_fail_memory(err);
    for (uint32_t i = 0; i < files && status == LC_OK; i++) {
        struct lc_file_record file = {0};

        status = lc_index_get_file(walk->index, i, &file, err);
        walk->begins[i] = file.first_row;
        walk->has_shards |= lc_span_is(file.dialect, LC_SHARD_DIALECT);
        if (status == LC_OK)
            status = mark_dialect(walk, i, &file, err);
    }
    walk->files = files;
    return status;
}

static enum lc_status mark_format(void *user, uint32_t number,
                                  const struct lc_image_record *image,
                                  struct lc_error *err)
{
    struct walk *walk = user;

    walk->effect =
        (uint8_t)lc_format_effect_on(image->format, walk->effects->trainer).effect;
    if (walk->effect == LC_EFFECT_FINE)
        return LC_OK;
    return lc_index_each_row_of_image(walk->index, number, mark_row_of_image, walk, err);
}

static bool is_trained(uint8_t effect)
{
    return effect == LC_EFFECT_FINE || effect == LC_EFFECT_UNKNOWN ||
           effect == LC_EFFECT_ALTERED;
}

/* If any other row may replace a row that fails, and no row can be trained, the job never
 * finds a replacement. */
static void find_endless(struct lc_effects *effects, uint64_t rows)
{
    bool drawn = lc_trainer_draws(effects->trainer);

    /* of two rows, the replacement drawn for the second is the second itself */
    if (drawn && rows == 2 && is_trained(effects->rows[0]) &&
        effects->rows[1] == LC_EFFECT_REPLACED) {
        effects->rows[1] = LC_EFFECT_CRASH;
        effects->chained++;
    }
    for (uint64_t row = 0; row < rows; row++)
        if (is_trained(effects->rows[row]))
            return;
    for (uint64_t row = 0; row < rows; row++) {
        if (effects->rows[row] != LC_EFFECT_REPLACED)
            continue;
        effects->rows[row] = drawn ? LC_EFFECT_REFUSED : LC_EFFECT_CRASH;
        effects->chained++;
    }
}

/* If a row that fails is replaced by the next one, the job stops if that one fails, too,
 * or does not exist. */
static void find_crashes(struct lc_effects *effects, uint64_t rows)
{
    for (uint64_t row = 0; row < rows; row++) {
        uint8_t *effect = &effects->rows[row];

        if (effect[0] == LC_EFFECT_REPLACED &&
            (row + 1 == rows || effect[1] == LC_EFFECT_REPLACED ||
             effect[1] == LC_EFFECT_CRASH)) {
            effect[0] = LC_EFFECT_CRASH;
            effects->chained++;
        }
    }
}

struct lc_tokens lc_effects_tokens(size_t trainer, const struct lc_row_record *row)
{
    const struct lc_length_facts facts = {
        row->characters, row->words,
        row->script <= LC_SCRIPT_NONE ? (enum lc_script)row->script : LC_SCRIPT_NONE,
        row->turns, row->images};

    return lc_estimate_tokens(trainer, &facts);
}

/* Mark a row that is, or may be, longer than the trainer's limit. */
static void mark_length(struct walk *walk, uint64_t number,
                        const struct lc_row_record *row)
{
    struct lc_effects *effects = walk->effects;
    struct lc_tokens tokens = lc_effects_tokens(effects->trainer, row);
    uint8_t effect = LC_EFFECT_UNKNOWN;

    if (tokens.most <= walk->effects->limit)
        return;
    if (tokens.least > walk->effects->limit)
        effect = (uint8_t)walk->length->effect.effect;
    if (!outranks(effect, effects->rows[number]))
        return;
    effects->rows[number] = effect;
    if (effect > effects->unfound)
        effects->unfound = effect;
    effects->longer += effect != LC_EFFECT_UNKNOWN;
    effects->perhaps_longer += effect == LC_EFFECT_UNKNOWN;
}

/* Find the effects on a file's rows that follow from its dialect. */
static enum lc_status load_affected(struct walk *walk, uint32_t number,
                                    struct lc_error *err)
{
    struct lc_file_record file = {0};
    struct lc_dialect_effect of;
    enum lc_status status = lc_index_get_file(walk->index, number, &file, err);
    size_t at = 0;

    memset(walk->affected, LC_EFFECT_FINE, sizeof(walk->affected));
    while (status == LC_OK &&
           lc_next_dialect_effect(file.dialect, walk->effects->trainer, &at, &of))
        if (of.affected != LC_AFFECTED_ROWS) /* those rows are marked already */
            note_effect(&walk->affected[of.affected], (uint8_t)of.effect.effect);
    walk->of_file = number + 1;
    return status;
}

/* Mark a row that loses its images or turns because the file has two columns for them. A
 * program that does not stop reads the columns `images` and `messages`, so it loses
 * nothing of a row with the trait `kept`, whose values are in these columns. */
static void mark_lost(struct walk *walk, uint64_t number, const struct lc_row_record *row,
                      enum lc_row_trait kept, uint8_t effect)
{
    walk->effect = effect;
    if (effect >= LC_EFFECT_CRASH || !(row->traits & kept))
        mark_row(walk, number);
}

/* Mark a row with the effects that depend on its own facts. */
static enum lc_status mark_by_facts(struct walk *walk, uint64_t number,
                                    const struct lc_row_record *row, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (row->file >= walk->files || number >= lc_index_summary(walk->index)->rows)
        return LC_OK;
    if (walk->of_file != row->file + 1)
        status = load_affected(walk, row->file, err);
    for (int i = 0; i < LC_AFFECTED_COUNT && status == LC_OK; i++) {
        walk->effect = walk->affected[i];
        if (walk->effect == LC_EFFECT_FINE ||
            !lc_effects_is_affected((enum lc_affected)i, row))
            continue;
        mark_row(walk, number);
        if (walk->effect > walk->effects->unfound)
            walk->effects->unfound = walk->effect;
    }
    if (row->images)
        mark_lost(walk, number, row, LC_ROW_IN_IMAGES, walk->images_lost[row->file]);
    if (row->turns) {
        mark_lost(walk, number, row, LC_ROW_IN_MESSAGES, walk->turns_lost[row->file]);
        mark_lost(walk, number, row, LC_ROW_IN_MESSAGES, walk->elsewhere_lost[row->file]);
    }
    /* the program reads the row's turns from another column, which was not checked */
    if (!row->turns && walk->turns_lost[row->file] == LC_EFFECT_DROPPED &&
        walk->effects->rows[number] == LC_EFFECT_DROPPED)
        walk->effects->rows[number] = LC_EFFECT_UNKNOWN;
    if (walk->length)
        mark_length(walk, number, row);
    return status;
}

/* Return the trainer's limit; NULL if no row can be longer. */
static const struct lc_length_info *find_length(const struct walk *walk)
{
    const struct lc_length_info *length = lc_trainer_length(walk->effects->trainer);
    const struct lc_statistics *rows = lc_index_statistics(walk->index);
    const struct lc_length_facts most = {rows->row_characters.most, 0, LC_SCRIPT_OTHER,
                                         (uint32_t)rows->rounds.most * 2 + 2, 1};

    if (!length ||
        (!rows->several_images &&
         lc_estimate_tokens(walk->effects->trainer, &most).most <= walk->effects->limit))
        return NULL;
    return length;
}

/* The distinct dialects of a data set. */
struct dialects {
    struct lc_span names[MOST_DIALECTS];
    size_t count;
};

static enum lc_status list_dialects(const struct lc_index *index, struct dialects *out,
                                    struct lc_error *err)
{
    uint64_t files = lc_index_summary(index)->rows_files;
    enum lc_status status = LC_OK;

    out->count = 0;
    for (uint32_t i = 0; i < files && out->count < MOST_DIALECTS; i++) {
        struct lc_file_record file = {0};
        size_t before = 0;

        status = lc_index_get_file(index, i, &file, err);
        if (status != LC_OK)
            return status;
        while (before < out->count && !lc_span_equal(file.dialect, out->names[before]))
            before++;
        if (before == out->count)
            out->names[out->count++] = file.dialect;
    }
    return LC_OK;
}

/* Whether a trainer reads all rows of these dialects. */
static bool reads_all(size_t trainer, const struct dialects *dialects)
{
    struct lc_dialect_effect of;

    for (size_t i = 0; i < dialects->count; i++)
        for (size_t at = 0;
             lc_next_dialect_effect(dialects->names[i], trainer, &at, &of);)
            if (of.affected == LC_AFFECTED_ROWS && of.effect.effect >= LC_EFFECT_CRASH)
                return false;
    return true;
}

/* Choose the trainer and its limit: the named trainer, or otherwise the one for the first
 * rows' dialect. With several dialects, choose the first of their trainers that reads all
 * of them. */
static enum lc_status choose_trainer(const struct lc_index *index, const char *name,
                                     size_t *out, unsigned *limit, struct lc_error *err)
{
    struct dialects dialects = {.count = 0};
    enum lc_status status = LC_OK;

    if (!name)
        status = list_dialects(index, &dialects, err);
    for (size_t i = 0; i < dialects.count && dialects.count > 1 && status == LC_OK; i++) {
        status = lc_trainer_find(lc_dialect_trainer(dialects.names[i]), out, limit, err);
        if (status == LC_OK && reads_all(*out, &dialects))
            return LC_OK;
    }
    if (status != LC_OK)
        return status;
    return lc_trainer_find(name
                               ? name
                               : lc_dialect_trainer(dialects.count ? dialects.names[0]
                                                                   : (struct lc_span){0}),
                           out, limit, err);
}

/* If all rows are left out, the job has none to start with. */
static void refuse_if_empty(struct lc_effects *effects, uint64_t rows)
{
    uint64_t left = 0;

    for (uint64_t row = 0; row < rows; row++)
        left += effects->rows[row] != LC_EFFECT_DROPPED;
    if (left || !rows)
        return;
    effects->empty = true;
    memset(effects->rows, LC_EFFECT_REFUSED, rows);
}

/* Begin with the effects that are known without the findings. */
static enum lc_status begin_walk(struct walk *walk, struct lc_error *err)
{
    struct lc_effects *effects = walk->effects;
    enum lc_status status;

    for (size_t i = 0; i <= LC_CASE_COUNT; i++)
        effects->by_case[i] = lc_case_effect_on((enum lc_case_index)i, effects->trainer);
    effects->rows =
        calloc(lc_index_summary(walk->index)->rows + 1, sizeof(*effects->rows));
    if (!effects->rows)
        return lc_fail_memory(err);
    walk->length = find_length(walk);
    walk->needs_rows = walk->length != NULL;
    status = mark_dialects(walk, err);
    if (status == LC_OK && lc_trainer_tells_formats(effects->trainer))
        status = lc_index_each_image(walk->index, mark_format, walk, err);
    for (uint64_t row = 0; row < lc_index_summary(walk->index)->rows; row++)
        if (effects->rows[row] > effects->unfound)
            effects->unfound = effects->rows[row];
    return status;
}

/* Count the rows by effect, once all are marked. */
static enum lc_status end_walk(struct walk *walk, struct lc_error *err)
{
    struct lc_effects *effects = walk->effects;
    uint64_t rows = lc_index_summary(walk->index)->rows;
    enum lc_status status = count_unloaded(walk->index, walk->arrays, effects, err);

    for (uint64_t row = 0; walk->spared && row < rows; row++)
        if (walk->spared[row] && effects->rows[row] == LC_EFFECT_DROPPED)
            effects->rows[row] = LC_EFFECT_UNKNOWN;
    if (!walk->each_alone && lc_trainer_takes_next(effects->trainer))
        find_crashes(effects, rows);
    else if (!walk->each_alone && !lc_trainer_stands_in(effects->trainer))
        find_endless(effects, rows);
    if (!walk->each_alone)
        refuse_if_empty(effects, rows);
    for (uint64_t row = 0; row < rows; row++) {
        if (effects->rows[row] == NOT_LOADED)
            effects->rows[row] = LC_EFFECT_REFUSED;
        effects->counts[effects->rows[row]]++;
    }
    return status;
}

/* The walks of several trainers over the same findings. */
struct walks {
    struct walk *items;
    size_t count;
};

static enum lc_status mark_each(void *user, const struct lc_finding_record *finding,
                                struct lc_error *err)
{
    const struct walks *walks = user;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < walks->count && status == LC_OK; i++)
        status = mark(&walks->items[i], finding, err);
    return status;
}

static enum lc_status mark_each_by_facts(void *user, uint64_t number,
                                         const struct lc_row_record *row,
                                         struct lc_span images, struct lc_error *err)
{
    const struct walks *walks = user;
    enum lc_status status = LC_OK;

    (void)images;
    for (size_t i = 0; i < walks->count && status == LC_OK; i++)
        if (walks->items[i].needs_rows)
            status = mark_by_facts(&walks->items[i], number, row, err);
    return status;
}

/* Work out what trainers would do. Only the trainer and the limit are set in each of the
 * effects. */
static enum lc_status find(const struct lc_index *index, bool rows_alone, bool each_alone,
                           const uint8_t *settled, struct lc_effects *effects,
                           size_t count, struct lc_error *err)
{
    struct walks walks = {calloc(count + 1, sizeof(*walks.items)), count};
    enum lc_status status = LC_OK;
    bool needs_rows = false;

    if (!walks.items)
        return lc_fail_memory(err);
    for (size_t i = 0; i < count && status == LC_OK; i++) {
        walks.items[i] = (struct walk){
            .index = index,
            .effects = &effects[i],
            .rows_alone = rows_alone,
            .each_alone = each_alone,
            .settled = settled,
        };
        status = begin_walk(&walks.items[i], err);
    }
    if (status == LC_OK)
        status = lc_index_each_finding(index, mark_each, &walks, err);
    for (size_t i = 0; i < count; i++)
        needs_rows |= walks.items[i].needs_rows;
    if (status == LC_OK && needs_rows)
        status = lc_index_each_row(index, mark_each_by_facts, &walks, err);
    for (size_t i = 0; i < count && status == LC_OK; i++)
        status = end_walk(&walks.items[i], err);
    for (size_t i = 0; i < count; i++) {
        free(walks.items[i].begins);
        free(walks.items[i].ends);
        free(walks.items[i].images_lost);
        free(walks.items[i].turns_lost);
        free(walks.items[i].elsewhere_lost);
        free(walks.items[i].arrays);
        free(walks.items[i].unread);
        free(walks.items[i].spared);
    }
    free(walks.items);
    return status;
}

enum lc_status lc_effects_find(const struct lc_index *index, const char *name,
                               struct lc_effects *out, struct lc_error *err)
{
    enum lc_status status;

    *out = (struct lc_effects){0};
    status = choose_trainer(index, name, &out->trainer, &out->limit, err);
    return status == LC_OK ? find(index, false, false, NULL, out, 1, err) : status;
}

enum lc_status lc_effects_find_of_rows(const struct lc_index *index, const char *name,
                                       const uint8_t *settled, struct lc_effects *out,
                                       struct lc_error *err)
{
    enum lc_status status;

    *out = (struct lc_effects){0};
    status = choose_trainer(index, name, &out->trainer, &out->limit, err);
    return status == LC_OK ? find(index, true, false, settled, out, 1, err) : status;
}

enum lc_status lc_effects_find_of_each(const struct lc_index *index, const char *name,
                                       struct lc_effects *out, struct lc_error *err)
{
    enum lc_status status;

    *out = (struct lc_effects){0};
    status = choose_trainer(index, name, &out->trainer, &out->limit, err);
    return status == LC_OK ? find(index, true, true, NULL, out, 1, err) : status;
}

enum lc_status lc_effects_find_all(const struct lc_index *index, const char *name,
                                   struct lc_effects *out, size_t *chosen,
                                   struct lc_error *err)
{
    size_t count = 0;
    unsigned limit = 0;
    enum lc_status status;

    for (; lc_trainer_at(count); count++) {
        const struct lc_length_info *length = lc_trainer_length(count);

        out[count] =
            (struct lc_effects){.trainer = count, .limit = length ? length->limit : 0};
    }
    status = choose_trainer(index, name, chosen, &limit, err);
    if (status == LC_OK)
        out[*chosen].limit = limit;
    if (status == LC_OK)
        status = find(index, false, false, NULL, out, count, err);
    for (size_t i = 0; i < count; i++) {
        if (status == LC_OK && i == *chosen)
            continue;
        free(out[i].rows);
        out[i].rows = NULL;
    }
    return status;
}

bool lc_effects_start(const struct lc_effects *effects)
{
    uint64_t rows = 0;

    for (int i = LC_EFFECT_FINE; i <= LC_EFFECT_REFUSED; i++)
        rows += effects->counts[i];
    return rows && !effects->counts[LC_EFFECT_REFUSED] && !effects->files &&
           !effects->unloaded && !effects->shards;
}

void lc_effects_clear(struct lc_effects *effects)
{
    free(effects->rows);
    *effects = (struct lc_effects){0};
}

struct stop {
    const struct lc_effects *effects;
    enum lc_effect least; /* the least effect that stops the job */
    bool is_found;
};

static enum lc_status look_for_stop(void *user, const struct lc_finding_record *finding,
                                    struct lc_error *err)
{
    struct stop *stop = user;

    (void)err;
    stop->is_found |=
        !stop->is_found && lc_effects_of(stop->effects, finding).effect >= stop->least;
    return LC_OK;
}

enum lc_status lc_effects_stop(const struct lc_effects *effects,
                               const struct lc_view *view, bool *out,
                               struct lc_error *err)
{
    enum lc_effect least = effects->chained ? LC_EFFECT_REPLACED : LC_EFFECT_CRASH;
    struct stop stop = {effects, least, effects->empty || effects->unfound >= least};
    enum lc_status status = LC_OK;

    if (!stop.is_found &&
        (effects->counts[LC_EFFECT_CRASH] || effects->counts[LC_EFFECT_REFUSED] ||
         effects->files || effects->shards || effects->stopping))
        status = lc_view_each_finding(view, look_for_stop, &stop, err);
    *out = stop.is_found;
    return status;
}

#include "report/model/effects.h"

#include "llava_check/dialects.h"
#include "report/model/reach.h"
#include "rules/rules.h"
#include "view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_DIALECTS 32 /* of a data set; the trainer is chosen by these only */

struct walk {
    const struct lc_index *index;
    struct lc_effects *effects;
    uint8_t effect;   /* of the current finding */
    uint32_t refused; /* the last file that cannot be loaded */
    uint8_t *spared;  /* by row: a finding that drops the other rows of its file names it,
                         so it may be trained; NULL: there is no such row */
    uint8_t *paired;  /* by row: it has rejected_response; NULL: no row has it */
    bool has_shards;
    bool has_repeated_ids; /* rows with repeated ids are marked */
    bool each_alone;       /* rows are a sample: which rows follow a row does not count */
    const uint8_t *settled; /* by image: ignore findings about its form; may be NULL */
    /* set if effects depend on the rows' own facts; these are marked last, in one pass
     * over the rows */
    bool needs_rows;
    const struct lc_length_info *length; /* NULL: no row can be too long */
    uint32_t of_file;   /* 1 + the number of the file that `affected` is about; 0: none */
    uint8_t of_dialect; /* and the number of the dialect of its rows; 0: the file's own */
    uint8_t affected[LC_AFFECTED_COUNT]; /* effects on those rows, or FINE */
};

static void mark_row(void *user, uint64_t row)
{
    const struct walk *walk = user;
    uint8_t *effects = walk->effects->rows;

    if (row < lc_index_summary(walk->index)->rows &&
        lc_effect_outranks(walk->effect, effects[row]))
        effects[row] = walk->effect;
}

/* Mark a row that names an image, unless the trainer does not read the row's images. */
static void mark_row_of_image(void *user, uint64_t row)
{
    const struct walk *walk = user;

    if (!walk->effects->file_count ||
        !lc_effects_reading_of(walk->effects, row)->no_images)
        mark_row(user, row);
}

/* Record an effect on some rows, unless an effect that outranks it is recorded
 * already. */
static void note_effect(uint8_t *noted, uint8_t effect)
{
    if (lc_effect_outranks(effect, *noted))
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

static enum lc_status mark_rows(struct walk *walk, uint32_t file, enum lc_reach reach,
                                struct lc_error *err)
{
    if (reach == LC_REACH_ALL)
        return lc_index_each_row_of_file(walk->index, file, mark_row, walk, err);
    if (file < walk->effects->file_count)
        note_effect(&walk->effects->of_files[file].lost[reach], walk->effect);
    walk->needs_rows = true;
    return LC_OK;
}

/* Mark the rows that a finding about a row or its file affects. */
static enum lc_status mark_place(struct walk *walk,
                                 const struct lc_finding_record *finding,
                                 struct lc_error *err)
{
    struct lc_effects *effects = walk->effects;
    const struct lc_file_effects *file;
    enum lc_reach reach = lc_reach_of(finding);
    enum lc_status status = LC_OK;
    uint64_t row;

    if (walk->effect >= LC_EFFECT_CRASH && lc_finding_keeps_out(finding) &&
        (!effects->files || walk->refused != finding->file)) {
        effects->files++;
        walk->refused = finding->file;
    }
    if (finding->file >= effects->file_count)
        return LC_OK;
    file = &effects->of_files[finding->file];
    if (walk->effect == LC_EFFECT_REFUSED && lc_finding_keeps_out(finding))
        walk->effect = LC_NOT_LOADED;
    if (reach != LC_REACH_ROW && !effects->rows_alone) {
        if (walk->effect == LC_EFFECT_DROPPED && finding->row >= 0 &&
            reach != LC_REACH_ELSEWHERE &&
            lc_case_index_of(finding->rule, finding->rule_case) !=
                LC_CASE_JSN117_TURNS_GONE)
            status = spare_row(walk, file->first_row + (uint64_t)finding->row, err);
        return status == LC_OK ? mark_rows(walk, finding->file, reach, err) : status;
    }
    if (finding->row < 0)
        return LC_OK;
    row = file->first_row + (uint64_t)finding->row;
    if (!lc_effects_reads_no_media(effects, row) || !lc_finding_is_about_media(finding))
        mark_row(walk, row);
    return LC_OK;
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

/* Mark the rows whose ids also occur in other rows, of any file. The finding is about all
 * of them, and names none. Once is enough, even if a forged index has many of these. */
static enum lc_status mark_repeated_ids(struct walk *walk, struct lc_error *err)
{
    struct lc_stream *stream = NULL;
    struct lc_hash hash = {{0}}, last = {{0}};
    uint64_t row = 0, before = 0, count = 0;
    bool found = true;
    enum lc_status status;

    if (walk->has_repeated_ids)
        return LC_OK;
    walk->has_repeated_ids = true;
    status = lc_stream_new(walk->index, LC_STREAM_IDS, &stream, err);
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
    bool is_archive = lc_span_starts(finding->rule, "ARC");

    return walk->has_shards && is_archive &&
           (finding->kind == LC_FINDING_ROW ? finding->row < 0
                                            : finding->kind == LC_FINDING_SET);
}

static enum lc_status mark_all_rows(struct walk *walk, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < walk->effects->file_count && status == LC_OK; i++)
        status = lc_index_each_row_of_file(walk->index, i, mark_row, walk, err);
    return status;
}

/* Mark the rows that a finding about a shard or its archive affects. If rows are judged
 * alone, they get a new shard with a new index, so that no fault of this one spreads to
 * them. */
static enum lc_status mark_shard(struct walk *walk,
                                 const struct lc_finding_record *finding,
                                 struct lc_error *err)
{
    struct lc_effects *effects = walk->effects;

    if (!effects->rows_alone && walk->effect == LC_EFFECT_UNKNOWN) /* for all shards */
        return mark_all_rows(walk, err);
    if (!effects->rows_alone && walk->effect == LC_EFFECT_DROPPED &&
        lc_rule_index_of(finding->rule) == LC_RULE_ARC816) /* the shard is never read */
        return lc_index_each_row_of_file(walk->index, finding->file, mark_row, walk, err);
    effects->shards += walk->effect == LC_EFFECT_REFUSED;
    effects->stopping += walk->effect == LC_EFFECT_CRASH;
    return LC_OK;
}

/* Mark the rows that name a faulty image, unless the fault is one of form, which the
 * caller says does not count. */
static enum lc_status mark_image(struct walk *walk,
                                 const struct lc_finding_record *finding,
                                 struct lc_error *err)
{
    if (walk->settled &&
        finding->image < lc_index_summary(walk->index)->images_referenced &&
        walk->settled[finding->image] && lc_effects_is_of_form(finding))
        return LC_OK;
    return lc_index_each_row_of_image(walk->index, finding->image, mark_row_of_image,
                                      walk, err);
}

/* Set the effect of a finding. One that is fine has no rows to mark. */
static enum lc_status find_effect(struct walk *walk,
                                  const struct lc_finding_record *finding,
                                  struct lc_error *err)
{
    struct lc_effects *effects = walk->effects;
    enum lc_case_index of = lc_case_index_of(finding->rule, finding->rule_case);

    walk->effect = (uint8_t)effects->by_case[of].effect;
    if (walk->effect != LC_EFFECT_FINE)
        return LC_OK;
    if (of == LC_CASE_JSN103_ARRAY && finding->file < effects->file_count)
        effects->of_files[finding->file].is_array = true;
    return lc_finding_is_about_broken_row(finding) ? doubt_unread(walk, finding, err)
                                                   : LC_OK;
}

/* Whether a finding only says how a row differs from other rows: a row that is judged
 * alone does not have it. */
static bool needs_other_rows(const struct walk *walk,
                             const struct lc_finding_record *finding)
{
    return lc_rule_index_of(finding->rule) == LC_RULE_JSN115 ||
           (walk->effect == LC_EFFECT_REFUSED &&
            lc_case_has(lc_case_index_of(finding->rule, finding->rule_case),
                        LC_TRAIT_REPEATED_ID));
}

static enum lc_status mark_finding(struct walk *walk,
                                   const struct lc_finding_record *finding,
                                   struct lc_error *err)
{
    bool is_alone = walk->effects->rows_alone, is_between = false;
    enum lc_status status = find_effect(walk, finding, err);

    if (status != LC_OK || walk->effect == LC_EFFECT_FINE)
        return status;
    if (is_alone && needs_other_rows(walk, finding))
        return LC_OK;
    if (is_about_shard(walk, finding))
        return mark_shard(walk, finding, err);
    if (lc_rule_index_of(finding->rule) == LC_RULE_ROW214)
        return mark_repeated_ids(walk, err);
    if (is_alone)
        status = lc_finding_is_between_rows(walk->index, finding, &is_between, err);
    if (status != LC_OK || is_between)
        return status;
    switch (finding->kind) {
    case LC_FINDING_ROW:
        return mark_place(walk, finding, err);
    case LC_FINDING_IMAGE:
        return mark_image(walk, finding, err);
    case LC_FINDING_SET:
    default:
        return lc_index_each_row_of_id(walk->index, finding->id, mark_row, walk, err);
    }
}

/* Count the rows files whose form the trainer does not load. Loaders decide by the file's
 * name. */
static enum lc_status count_unloaded(const struct lc_index *index, struct lc_effects *out,
                                     struct lc_error *err)
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
            out->unloaded +=
                !lc_trainer_loads(out->trainer, lines && !out->of_files[i].is_array,
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
    case LC_AFFECTED_UNTAGGED:
        return row->traits & LC_ROW_UNTAGGED;
    case LC_AFFECTED_CALLS:
        return row->traits & LC_ROW_CALLS;
    case LC_AFFECTED_INNER_SYSTEM:
        return row->traits & LC_ROW_INNER_SYSTEM;
    case LC_AFFECTED_LOOSE:
        return row->traits & LC_ROW_LOOSE;
    case LC_AFFECTED_MEDIA:
        return !row->text_only;
    case LC_AFFECTED_FIRST:
    case LC_AFFECTED_FIRST_BARE:
    case LC_AFFECTED_UNPAIRED: /* other rows of the file decide */
        return false;
    case LC_AFFECTED_ROWS:
    default:
        return true;
    }
}

/* The name of the dialect with a number; empty: there is none. */
static struct lc_span name_of_dialect(size_t number)
{
    struct lc_dialect_info info;

    if (!number || !lc_dialect_at(number - 1, &info))
        return (struct lc_span){0};
    return (struct lc_span){info.name, strlen(info.name)};
}

struct lc_span lc_effects_dialect_of(const struct lc_effects *effects, uint64_t row,
                                     struct lc_span of_file)
{
    if (!effects->dialects || row >= effects->row_count || !effects->dialects[row])
        return of_file;
    return name_of_dialect(effects->dialects[row]);
}

/* The effect on one row of an entry for all rows of a dialect. The entry assumes that all
 * rows of the file are alike, so that none can replace the row. */
static uint8_t effect_alone(size_t trainer, uint8_t effect)
{
    return effect == LC_EFFECT_CRASH && lc_trainer_takes_next(trainer)
               ? LC_EFFECT_REPLACED
               : effect;
}

/* Find what the trainer reads of rows of a dialect. @param alone  whether they are in a
 * file with rows of other dialects */
static void find_reading(size_t trainer, struct lc_span dialect, bool alone,
                         struct lc_reading *out)
{
    struct lc_dialect_effect of;
    size_t at = 0;

    while (lc_next_dialect_effect(dialect, trainer, &at, &of)) {
        bool is_media = of.affected == LC_AFFECTED_MEDIA;

        if (!is_media && of.affected != LC_AFFECTED_ROWS &&
            of.affected != LC_AFFECTED_FIRST)
            continue;
        if (!out->no_images ||
            lc_effect_outranks((uint8_t)of.effect.effect, (uint8_t)out->unread.effect))
            out->unread = of.effect;
        if (alone)
            out->unread.effect =
                (enum lc_effect)effect_alone(trainer, (uint8_t)out->unread.effect);
        out->no_images = true;
        /* messages may also have media in their turns, but not if that is why they are
         * not in the dialect of their file */
        out->no_media |= is_media && (alone || !lc_span_is(dialect, "messages"));
        out->only_parts |= is_media && !out->no_media;
    }
}

/* Record that a dialect stops the trainer. */
static void note_unread(struct lc_effects *effects, struct lc_span dialect,
                        const char *what)
{
    if (effects->unread++)
        return;
    snprintf(effects->dialect, sizeof(effects->dialect), "%.*s", (int)dialect.size,
             dialect.text);
    effects->what = what;
}

/* Mark all rows of a file by its first row, if the trainer judges files by that. The
 * other rows may be kept without the first one. */
static enum lc_status mark_by_first(struct walk *walk, uint32_t number,
                                    const struct lc_file_record *file, bool *is_unread,
                                    struct lc_error *err)
{
    struct lc_effects *effects = walk->effects;
    struct lc_span dialect =
        lc_effects_dialect_of(effects, file->first_row, file->dialect);
    enum lc_status status = LC_OK;
    struct lc_row_record row = {0};
    struct lc_dialect_effect of;
    size_t at = 0;

    while (status == LC_OK &&
           lc_next_dialect_effect(dialect, effects->trainer, &at, &of)) {
        bool is_bare = of.affected == LC_AFFECTED_FIRST_BARE;

        if (!is_bare && of.affected != LC_AFFECTED_FIRST)
            continue;
        status = lc_index_get_row(walk->index, file->first_row, &row, err);
        if (status != LC_OK || (is_bare && (row.turns || !row.readable)) ||
            (effects->rows_alone && (is_bare || row.dialect)))
            continue;
        if (!is_bare && !*is_unread)
            note_unread(effects, dialect, of.effect.what);
        *is_unread |= !is_bare;
        walk->effect = (uint8_t)of.effect.effect;
        status = lc_index_each_row_of_file(walk->index, number, mark_row, walk, err);
    }
    return status;
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
    bool is_unread = false;
    size_t at = 0;

    find_reading(effects->trainer, file->dialect, file->strays > 0,
                 &effects->of_files[number].reading);
    walk->needs_rows |= file->strays > 0;
    if (file->rows)
        status = mark_by_first(walk, number, file, &is_unread, err);
    while (status == LC_OK && file->rows &&
           lc_next_dialect_effect(file->dialect, effects->trainer, &at, &of)) {
        if (of.affected != LC_AFFECTED_ROWS) {
            walk->needs_rows = true;
            continue;
        }
        if (of.effect.effect >= LC_EFFECT_CRASH && !is_unread) {
            note_unread(effects, file->dialect, of.effect.what);
            is_unread = true;
        }
        walk->effect = (uint8_t)of.effect.effect;
        if (!file->strays)
            status = lc_index_each_row_of_file(walk->index, number, mark_row, walk, err);
    }
    return status;
}

static enum lc_status mark_dialects(struct walk *walk, struct lc_error *err)
{
    struct lc_effects *effects = walk->effects;
    uint32_t files = (uint32_t)lc_index_summary(walk->index)->rows_files;
    enum lc_status status = LC_OK;

    effects->of_files = calloc((size_t)files + 1, sizeof(*effects->of_files));
    if (!effects->of_files)
        return lc_fail_memory(err);
    for (uint32_t i = 0; i < files && status == LC_OK; i++) {
        struct lc_file_record file = {0};

        status = lc_index_get_file(walk->index, i, &file, err);
        effects->of_files[i].first_row = file.first_row;
        walk->has_shards |= lc_span_is(file.dialect, LC_SHARD_DIALECT);
        if (status == LC_OK)
            status = mark_dialect(walk, i, &file, err);
    }
    effects->file_count = files;
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
    if (!lc_effect_outranks(effect, effects->rows[number]))
        return;
    effects->rows[number] = effect;
    if (effect > effects->unfound)
        effects->unfound = effect;
    effects->longer += effect != LC_EFFECT_UNKNOWN;
    effects->perhaps_longer += effect == LC_EFFECT_UNKNOWN;
}

/* Find the effects on the rows of a file that follow from the row's dialect. */
static enum lc_status load_affected(struct walk *walk, const struct lc_row_record *row,
                                    uint64_t number, struct lc_error *err)
{
    struct lc_file_record file = {0};
    struct lc_dialect_effect of;
    enum lc_status status = lc_index_get_file(walk->index, row->file, &file, err);
    struct lc_span dialect = lc_effects_dialect_of(walk->effects, number, file.dialect);
    size_t at = 0;

    memset(walk->affected, LC_EFFECT_FINE, sizeof(walk->affected));
    while (status == LC_OK &&
           lc_next_dialect_effect(dialect, walk->effects->trainer, &at, &of)) {
        uint8_t effect = (uint8_t)of.effect.effect;

        if (of.affected != LC_AFFECTED_ROWS)
            note_effect(&walk->affected[of.affected], effect);
        else if (file.strays) /* otherwise, the rows are marked already */
            note_effect(&walk->affected[of.affected],
                        effect_alone(walk->effects->trainer, effect));
    }
    walk->of_file = row->file + 1;
    walk->of_dialect = row->dialect;
    return status;
}

/* Mark a row that loses its images or turns because the file has two columns for them. A
 * program that does not stop reads the columns `images` and `messages`, so it loses
 * nothing of a row with the trait `kept`, whose values are in these columns. */
static void mark_lost(struct walk *walk, uint64_t number, const struct lc_row_record *row,
                      enum lc_row_trait kept, enum lc_reach reach)
{
    struct lc_file_effects *file = &walk->effects->of_files[row->file];

    walk->effect = file->lost[reach];
    if (walk->effect == LC_EFFECT_FINE ||
        (walk->effect < LC_EFFECT_CRASH && row->traits & kept))
        return;
    mark_row(walk, number);
    file->loses[reach] = true;
}

/* Note a row with rejected_response: a program may leave out the rows of its file that do
 * not have it. */
static enum lc_status note_pair(struct walk *walk, uint64_t number,
                                const struct lc_row_record *row, struct lc_error *err)
{
    uint8_t effect = walk->affected[LC_AFFECTED_UNPAIRED];

    if (effect == LC_EFFECT_FINE || !(row->traits & LC_ROW_REJECTED) ||
        walk->effects->rows_alone)
        return LC_OK;
    if (!walk->paired)
        walk->paired = calloc((size_t)lc_index_summary(walk->index)->rows + 1, 1);
    if (!walk->paired)
        return lc_fail_memory(err);
    walk->paired[number] = 1;
    note_effect(&walk->effects->of_files[row->file].unpaired, effect);
    return LC_OK;
}

static void mark_unpaired(void *user, uint64_t row)
{
    const struct walk *walk = user;

    if (row < lc_index_summary(walk->index)->rows && !walk->paired[row])
        mark_row(user, row);
}

/* Mark the rows without rejected_response in files where others have it. */
static enum lc_status mark_all_unpaired(struct walk *walk, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; walk->paired && i < walk->effects->file_count && status == LC_OK;
         i++) {
        walk->effect = walk->effects->of_files[i].unpaired;
        if (walk->effect == LC_EFFECT_FINE)
            continue;
        status = lc_index_each_row_of_file(walk->index, i, mark_unpaired, walk, err);
        if (walk->effect > walk->effects->unfound)
            walk->effects->unfound = walk->effect;
    }
    return status;
}

/* Mark a row with the effects that depend on its own facts. */
static enum lc_status mark_by_facts(struct walk *walk, uint64_t number,
                                    const struct lc_row_record *row, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (row->file >= walk->effects->file_count ||
        number >= lc_index_summary(walk->index)->rows)
        return LC_OK;
    if (walk->of_file != row->file + 1 || walk->of_dialect != row->dialect)
        status = load_affected(walk, row, number, err);
    if (status == LC_OK)
        status = note_pair(walk, number, row, err);
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
        mark_lost(walk, number, row, LC_ROW_IN_IMAGES, LC_REACH_IMAGES);
    if (row->turns) {
        mark_lost(walk, number, row, LC_ROW_IN_MESSAGES, LC_REACH_TURNS);
        mark_lost(walk, number, row, LC_ROW_IN_MESSAGES, LC_REACH_ELSEWHERE);
    }
    /* the program reads the row's turns from another column, which was not checked */
    if (!row->turns &&
        walk->effects->of_files[row->file].lost[LC_REACH_TURNS] == LC_EFFECT_DROPPED &&
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
            if ((of.affected == LC_AFFECTED_ROWS || of.affected == LC_AFFECTED_FIRST) &&
                of.effect.effect >= LC_EFFECT_CRASH)
                return false;
    return true;
}

/* Pick the trainer and its limit: the named trainer, or otherwise the one for the dialect
 * of the first rows. With several dialects, pick the first of their trainers that reads
 * all of them. */
static enum lc_status pick_trainer(const struct lc_index *index, const char *name,
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

static enum lc_status note_dialect(void *user, uint64_t number,
                                   const struct lc_row_record *row, struct lc_span images,
                                   struct lc_error *err)
{
    struct lc_effects *effects = user;

    (void)images;
    (void)err;
    if (number < effects->row_count && row->dialect <= effects->dialect_count)
        effects->dialects[number] = row->dialect;
    return LC_OK;
}

/* Note the dialects of rows that are not in that of their file, and what the trainer
 * reads of such rows. */
static enum lc_status load_dialects(struct walk *walk, struct lc_error *err)
{
    struct lc_effects *effects = walk->effects;
    uint64_t strays = 0;
    enum lc_status status = LC_OK;

    for (uint32_t i = 0; i < lc_index_summary(walk->index)->rows_files; i++) {
        struct lc_file_record file = {0};

        status = lc_index_get_file(walk->index, i, &file, err);
        if (status != LC_OK)
            return status;
        strays += file.strays;
    }
    if (!strays)
        return LC_OK;
    while (name_of_dialect(effects->dialect_count + 1).size)
        effects->dialect_count++;
    effects->dialects = calloc((size_t)effects->row_count + 1, 1);
    effects->of_dialects =
        calloc(effects->dialect_count + 1, sizeof(*effects->of_dialects));
    if (!effects->dialects || !effects->of_dialects)
        return lc_fail_memory(err);
    for (size_t i = 1; i <= effects->dialect_count; i++)
        find_reading(effects->trainer, name_of_dialect(i), true,
                     &effects->of_dialects[i]);
    return lc_index_each_row(walk->index, note_dialect, effects, err);
}

static enum lc_status note_columns(void *user, uint64_t number,
                                   const struct lc_row_record *row, struct lc_span images,
                                   struct lc_error *err)
{
    const unsigned of_parts = LC_ROW_SIZED | LC_ROW_UNSIZED | LC_ROW_LOOSE;
    struct lc_effects *effects = user;

    (void)images;
    (void)err;
    if (number < effects->row_count && row->file < effects->file_count)
        effects->unread_columns[number] =
            lc_effects_reading_of(effects, number)->only_parts && !row->text_only &&
            !(row->traits & of_parts);
    return LC_OK;
}

/* Note the rows whose media are in columns, if the trainer does not read these. */
static enum lc_status load_columns(struct walk *walk, struct lc_error *err)
{
    struct lc_effects *effects = walk->effects;
    bool any = false;

    for (uint32_t i = 0; i < effects->file_count; i++)
        any |= effects->of_files[i].reading.only_parts;
    if (!any)
        return LC_OK;
    effects->unread_columns = calloc((size_t)effects->row_count + 1, 1);
    if (!effects->unread_columns)
        return lc_fail_memory(err);
    return lc_index_each_row(walk->index, note_columns, effects, err);
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
    effects->row_count = lc_index_summary(walk->index)->rows;
    walk->length = find_length(walk);
    walk->needs_rows = walk->length != NULL;
    status = load_dialects(walk, err);
    if (status == LC_OK)
        status = mark_dialects(walk, err);
    if (status == LC_OK)
        status = load_columns(walk, err);
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
    enum lc_status status = count_unloaded(walk->index, effects, err);

    if (status == LC_OK)
        status = mark_all_unpaired(walk, err);
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
        if (effects->rows[row] == LC_NOT_LOADED)
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
        status = mark_finding(&walks->items[i], finding, err);
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

/* Work out what trainers would do. In each of the effects, only the trainer and the limit
 * are set. The effects of single findings are worked out for the chosen trainer alone. */
static enum lc_status find_effects(const struct lc_index *index, bool rows_alone,
                                   bool each_alone, const uint8_t *settled,
                                   struct lc_effects *effects, size_t count,
                                   size_t chosen, struct lc_error *err)
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
            .each_alone = each_alone,
            .settled = settled,
        };
        effects[i].rows_alone = rows_alone;
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
    if (status == LC_OK)
        status = lc_effects_finish(&effects[chosen], index, err);
    for (size_t i = 0; i < count; i++) {
        free(walks.items[i].spared);
        free(walks.items[i].paired);
    }
    free(walks.items);
    return status;
}

enum lc_status lc_effects_find(const struct lc_index *index, const char *name,
                               struct lc_effects *out, struct lc_error *err)
{
    enum lc_status status;

    *out = (struct lc_effects){0};
    status = pick_trainer(index, name, &out->trainer, &out->limit, err);
    return status == LC_OK ? find_effects(index, false, false, NULL, out, 1, 0, err)
                           : status;
}

enum lc_status lc_effects_find_of_rows(const struct lc_index *index, const char *name,
                                       const uint8_t *settled, struct lc_effects *out,
                                       struct lc_error *err)
{
    enum lc_status status;

    *out = (struct lc_effects){0};
    status = pick_trainer(index, name, &out->trainer, &out->limit, err);
    return status == LC_OK ? find_effects(index, true, false, settled, out, 1, 0, err)
                           : status;
}

enum lc_status lc_effects_find_of_each(const struct lc_index *index, const char *name,
                                       struct lc_effects *out, struct lc_error *err)
{
    enum lc_status status;

    *out = (struct lc_effects){0};
    status = pick_trainer(index, name, &out->trainer, &out->limit, err);
    return status == LC_OK ? find_effects(index, true, true, NULL, out, 1, 0, err)
                           : status;
}

/* Free what is known about single rows, files and images. */
static void free_rows(struct lc_effects *effects)
{
    free(effects->rows);
    free(effects->of_files);
    free(effects->of_images);
    free(effects->dialects);
    free(effects->of_dialects);
    free(effects->unread_columns);
    effects->unread_columns = NULL;
    effects->dialects = NULL;
    effects->of_dialects = NULL;
    effects->dialect_count = 0;
    effects->rows = NULL;
    effects->of_files = NULL;
    effects->of_images = NULL;
    effects->file_count = 0;
    effects->row_count = effects->image_count = 0;
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
    status = pick_trainer(index, name, chosen, &limit, err);
    if (status == LC_OK)
        out[*chosen].limit = limit;
    if (status == LC_OK)
        status = find_effects(index, false, false, NULL, out, count, *chosen, err);
    for (size_t i = 0; i < count; i++) {
        if (status == LC_OK && i == *chosen)
            continue;
        free_rows(&out[i]);
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
    free_rows(effects);
    *effects = (struct lc_effects){0};
}

/* Copy an array of at least one item; NULL if that fails. */
static void *copy_items(const void *items, size_t count, size_t size)
{
    void *copy = calloc(count + 1, size);

    if (copy && count)
        memcpy(copy, items, count * size);
    return copy;
}

enum lc_status lc_effects_copy(const struct lc_effects *effects, struct lc_effects *out,
                               struct lc_error *err)
{
    *out = *effects;
    out->rows = copy_items(effects->rows, (size_t)effects->row_count, 1);
    out->of_files =
        copy_items(effects->of_files, effects->file_count, sizeof(*effects->of_files));
    out->of_images = NULL;
    if (effects->of_images)
        out->of_images = copy_items(effects->of_images, (size_t)effects->image_count, 1);
    out->unread_columns = NULL;
    if (effects->unread_columns)
        out->unread_columns =
            copy_items(effects->unread_columns, (size_t)effects->row_count, 1);
    out->dialects = NULL;
    out->of_dialects = NULL;
    if (effects->dialects) {
        out->dialects = copy_items(effects->dialects, (size_t)effects->row_count, 1);
        out->of_dialects = copy_items(effects->of_dialects, effects->dialect_count + 1,
                                      sizeof(*effects->of_dialects));
    }
    if (!out->rows || !out->of_files || (effects->of_images && !out->of_images) ||
        (effects->unread_columns && !out->unread_columns) ||
        (effects->dialects && (!out->dialects || !out->of_dialects)))
        return lc_fail_memory(err);
    return LC_OK;
}

struct stop {
    const struct lc_effects *effects;
    enum lc_effect least; /* the least effect that stops the job */
    bool is_found;
};

static enum lc_status find_stop(void *user, const struct lc_finding_record *finding,
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
        status = lc_view_each_finding(view, find_stop, &stop, err);
    *out = stop.is_found;
    return status;
}

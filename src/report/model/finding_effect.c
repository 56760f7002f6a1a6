/* What one finding changes, where it is.
 *
 * A case's effect is what a program does with a row that has nothing else. A finding of
 * that case may change less: the program does not read its file's images, or leaves its
 * row out for another reason. Reports print what a finding changes, so that its effect is
 * one that is counted for a row.
 */
#include "report/model/reach.h"

#include <stdlib.h>
#include <string.h>

/* What is known about an image with findings, in one byte; 0: nothing, so that the effect
 * of the case counts. */
#define IMAGE_READ                                                                       \
    0x80U /* or the effects on rows with it, a bit each; otherwise 1 + the               \
             effect on rows whose images are not read */

static const struct lc_rule_effect left_out = {
    LC_EFFECT_DROPPED, "the row is left out for another reason", NULL};
static const struct lc_rule_effect unsure = {
    LC_EFFECT_UNKNOWN, "what it reads of the row was not checked", NULL};
static const struct lc_rule_effect no_row = {LC_EFFECT_FINE,
                                             "no row loses anything by it", NULL};

bool lc_effect_outranks(uint8_t effect, uint8_t other)
{
    if (effect == LC_NOT_LOADED || other == LC_NOT_LOADED)
        return effect == LC_NOT_LOADED;
    if (effect == LC_EFFECT_DROPPED || other == LC_EFFECT_DROPPED)
        return effect == LC_EFFECT_DROPPED;
    return effect > other;
}

static bool has(const struct lc_finding_record *finding, unsigned traits)
{
    return lc_case_has(lc_case_index_of(finding->rule, finding->rule_case), traits);
}

bool lc_finding_keeps_out(const struct lc_finding_record *finding)
{
    return has(finding, LC_TRAIT_REJECTS_FILE | LC_TRAIT_FILE_GONE);
}

enum lc_reach lc_reach_of(const struct lc_finding_record *finding)
{
    const enum lc_case_index which = lc_case_index_of(finding->rule, finding->rule_case);

    switch (which) {
    /* a program that does not read a column loses its values in all rows */
    case LC_CASE_JSN117_TURNS:
    case LC_CASE_JSN117_TURNS_GONE:
        return LC_REACH_TURNS;
    case LC_CASE_JSN117_MESSAGES:
        return LC_REACH_ELSEWHERE;
    case LC_CASE_JSN117_ANY:
    case LC_CASE_JSN117_IMAGES:
    case LC_CASE_JSN117_IMAGE:
        return LC_REACH_IMAGES;
    default:
        return lc_case_has(which, LC_TRAIT_ALL_ROWS) ? LC_REACH_ALL : LC_REACH_ROW;
    }
}

enum lc_status lc_finding_is_between_rows(const struct lc_index *index,
                                          const struct lc_finding_record *finding,
                                          bool *out, struct lc_error *err)
{
    struct lc_file_record file = {0};
    struct lc_row_record row = {0};
    enum lc_status status = LC_OK;

    *out = finding->kind == LC_FINDING_ROW && has(finding, LC_TRAIT_SYNTAX);
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
    return has(finding, LC_TRAIT_FORM);
}

bool lc_finding_is_about_media(const struct lc_finding_record *finding)
{
    /* or about an image in the row itself */
    return has(finding, LC_TRAIT_ROW_MEDIA) ||
           (finding->kind == LC_FINDING_ROW && finding->rule.size > 3 &&
            memcmp(finding->rule.text, "IMG", 3) == 0);
}

bool lc_finding_is_about_broken_row(const struct lc_finding_record *finding)
{
    return finding->kind == LC_FINDING_ROW && finding->row >= 0 &&
           (has(finding, LC_TRAIT_SYNTAX) ||
            lc_rule_index_of(finding->rule) == LC_RULE_JSN111);
}

const struct lc_file_effects *lc_effects_file_of(const struct lc_effects *effects,
                                                 uint64_t row)
{
    uint32_t low = 0, high = effects->file_count;

    while (high - low > 1) { /* the last file that begins at or before the row */
        uint32_t middle = low + (high - low) / 2;

        if (effects->of_files[middle].first_row <= row)
            low = middle;
        else
            high = middle;
    }
    return &effects->of_files[low];
}

const struct lc_reading *lc_effects_reading_of(const struct lc_effects *effects,
                                               uint64_t row)
{
    if (effects->dialects && row < effects->row_count && effects->dialects[row])
        return &effects->of_dialects[effects->dialects[row]];
    return &lc_effects_file_of(effects, row)->reading;
}

bool lc_effects_reads_no_media(const struct lc_effects *effects, uint64_t row)
{
    return lc_effects_reading_of(effects, row)->no_media ||
           (effects->unread_columns && row < effects->row_count &&
            effects->unread_columns[row]);
}

/* ---- after the effects on all rows are known ---- */

struct finish {
    struct lc_effects *effects;
    const struct lc_index *index;
    uint8_t found; /* as in of_images, for the rows so far */
};

static void note_row(void *user, uint64_t row)
{
    struct finish *finish = user;
    const struct lc_effects *effects = finish->effects;
    const struct lc_reading *reading = lc_effects_reading_of(effects, row);

    if (row >= effects->row_count)
        return;
    if (!reading->no_images)
        finish->found =
            (uint8_t)((finish->found & IMAGE_READ ? finish->found : IMAGE_READ) |
                      1U << effects->rows[row]);
    else if (finish->found <= (unsigned)reading->unread.effect)
        finish->found = (uint8_t)(1 + reading->unread.effect);
}

static enum lc_status note_image(void *user, const struct lc_finding_record *finding,
                                 struct lc_error *err)
{
    struct finish *finish = user;
    struct lc_effects *effects = finish->effects;
    enum lc_status status;

    if (finding->kind != LC_FINDING_IMAGE || finding->image >= effects->image_count ||
        effects->of_images[finding->image])
        return LC_OK;
    finish->found = 0;
    status =
        lc_index_each_row_of_image(finish->index, finding->image, note_row, finish, err);
    effects->of_images[finding->image] = finish->found;
    return status;
}

enum lc_status lc_effects_finish(struct lc_effects *effects, const struct lc_index *index,
                                 struct lc_error *err)
{
    struct finish finish = {effects, index, 0};
    uint32_t file = 0;
    bool any = effects->counts[LC_EFFECT_DROPPED] > 0;

    if (!effects->file_count)
        return LC_OK;
    for (uint64_t row = 0; row < effects->row_count; row++) {
        while (file + 1 < effects->file_count &&
               effects->of_files[file + 1].first_row <= row)
            file++;
        effects->of_files[file].found |= (uint8_t)(1U << effects->rows[row]);
    }
    for (uint32_t i = 0; i < effects->file_count && !any; i++)
        any = effects->of_files[i].reading.no_images;
    for (size_t i = 1; i <= effects->dialect_count && !any; i++)
        any = effects->of_dialects[i].no_images;
    if (!any) /* all findings about images count */
        return LC_OK;
    effects->image_count = lc_index_summary(index)->images_referenced;
    effects->of_images = calloc((size_t)effects->image_count + 1, 1);
    if (!effects->of_images)
        return lc_fail_memory(err);
    return lc_index_each_finding(index, note_image, &finish, err);
}

/* ---- the effect of a finding ---- */

/* An effect as it counts for rows on which there are these effects. */
static struct lc_rule_effect limit(struct lc_rule_effect effect, unsigned found)
{
    unsigned worse = (2U << LC_EFFECT_REFUSED) - (1U << effect.effect); /* or equal */

    if (effect.effect != LC_EFFECT_DROPPED)
        worse &= ~(1U << LC_EFFECT_DROPPED);
    if (!found || found & worse || effect.effect == LC_EFFECT_FINE)
        return effect;
    if (found & 1U << LC_EFFECT_DROPPED)
        return left_out;
    return found & 1U << LC_EFFECT_UNKNOWN ? unsure : effect;
}

/* What happens to rows whose images are not read. */
static struct lc_rule_effect find_unread(const struct lc_effects *effects,
                                         unsigned effect)
{
    for (uint32_t i = 0; i < effects->file_count; i++)
        if (effects->of_files[i].reading.no_images &&
            (unsigned)effects->of_files[i].reading.unread.effect == effect)
            return effects->of_files[i].reading.unread;
    for (size_t i = 1; i <= effects->dialect_count; i++)
        if (effects->of_dialects[i].no_images &&
            (unsigned)effects->of_dialects[i].unread.effect == effect)
            return effects->of_dialects[i].unread;
    return no_row;
}

static struct lc_rule_effect of_image(const struct lc_effects *effects,
                                      struct lc_rule_effect effect, uint32_t image)
{
    unsigned found = image < effects->image_count ? effects->of_images[image] : 0;

    if (!found)
        return effect;
    return found & IMAGE_READ ? limit(effect, found & ~IMAGE_READ)
                              : find_unread(effects, found - 1);
}

static struct lc_rule_effect of_place(const struct lc_effects *effects,
                                      struct lc_rule_effect effect,
                                      const struct lc_finding_record *finding)
{
    const struct lc_file_effects *file = &effects->of_files[finding->file];
    const struct lc_reading *reading;
    const enum lc_reach reach = lc_reach_of(finding);
    uint64_t row = file->first_row + (uint64_t)finding->row;

    if (reach < LC_REACH_COLUMNS && !effects->rows_alone)
        return file->loses[reach] ? limit(effect, file->found) : no_row;
    if (reach == LC_REACH_ALL)
        return effects->rows_alone || finding->row < 0 ? effect
                                                       : limit(effect, file->found);
    if (finding->row < 0 || row >= effects->row_count || lc_finding_keeps_out(finding))
        return effect;
    reading = lc_effects_reading_of(effects, row);
    if (lc_effects_reads_no_media(effects, row) && lc_finding_is_about_media(finding))
        return limit(reading->unread, 1U << effects->rows[row]);
    return limit(effect, 1U << effects->rows[row]);
}

struct lc_rule_effect lc_effects_of_case(const struct lc_effects *effects,
                                         enum lc_case_index which,
                                         const struct lc_finding_record *finding)
{
    struct lc_rule_effect effect = effects->by_case[which];
    const struct lc_file_effects *file;

    if (effect.effect != LC_EFFECT_FINE && finding->kind == LC_FINDING_IMAGE)
        return of_image(effects, effect, finding->image);
    if (finding->kind != LC_FINDING_ROW || finding->file >= effects->file_count)
        return effect;
    file = &effects->of_files[finding->file];
    if (effect.effect != LC_EFFECT_FINE)
        return of_place(effects, effect, finding);
    /* the program may load a row that we cannot parse */
    if (lc_finding_is_about_broken_row(finding) &&
        file->first_row + (uint64_t)finding->row < effects->row_count &&
        effects->rows[file->first_row + (uint64_t)finding->row] == LC_EFFECT_UNKNOWN)
        return unsure;
    return effect;
}

struct lc_rule_effect lc_effects_of(const struct lc_effects *effects,
                                    const struct lc_finding_record *finding)
{
    return lc_effects_of_case(
        effects, lc_case_index_of(finding->rule, finding->rule_case), finding);
}

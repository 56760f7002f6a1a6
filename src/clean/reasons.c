#include "clean/reasons.h"

#include "clean/drop.h"

#include <stdlib.h>
#include <string.h>

void lc_reasons_clear(struct lc_reasons *reasons)
{
    free(reasons->items);
    lc_buffer_clear(&reasons->text);
    *reasons = (struct lc_reasons){0};
}

/* Add a text with its NUL. */
static enum lc_status add_text(struct lc_reasons *reasons, struct lc_span text,
                               size_t *out, struct lc_error *err)
{
    enum lc_status status;

    *out = reasons->text.size;
    status = lc_buffer_add(&reasons->text, text.text, text.size, err);
    return status == LC_OK ? lc_buffer_add(&reasons->text, "", 1, err) : status;
}

enum lc_status lc_reasons_add(struct lc_reasons *reasons, uint64_t row,
                              const struct lc_reason *reason, struct lc_error *err)
{
    struct lc_stored_reason *items =
        lc_array_grow(reasons->items, reasons->count, &reasons->capacity, sizeof(*items));
    struct lc_stored_reason stored = {row, reason->which, reason->effect, 0, 0};
    struct lc_span message = {reason->message, strlen(reason->message)};
    enum lc_status status = LC_OK;

    if (!items)
        return lc_fail_memory(err);
    reasons->items = items;
    if (!reasons->text.size) /* offset 0 means no text */
        status = lc_buffer_add(&reasons->text, "", 1, err);
    if (status == LC_OK &&
        strcmp(reasons->text.data + reasons->last, reason->message) != 0)
        status = add_text(reasons, message, &reasons->last, err);
    if (status == LC_OK && reason->image.size)
        status = add_text(reasons, reason->image, &stored.image, err);
    if (status != LC_OK)
        return status;
    stored.message = reasons->last;
    items[reasons->count++] = stored;
    return LC_OK;
}

static int compare_reasons(const void *a, const void *b)
{
    const struct lc_stored_reason *x = a, *y = b;

    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    if (x->which != y->which)
        return x->which < y->which ? -1 : 1;
    return (x->message > y->message) - (x->message < y->message);
}

void lc_reasons_sort(struct lc_reasons *reasons)
{
    if (reasons->count)
        qsort(reasons->items, reasons->count, sizeof(*reasons->items), compare_reasons);
}

enum lc_status lc_reasons_each(const struct lc_reasons *reasons, uint64_t row,
                               lc_reason_fn *each, void *user, struct lc_error *err)
{
    size_t low = 0, high = reasons->count;
    enum lc_status status = LC_OK;

    while (low < high) { /* find the row's first reason */
        size_t middle = low + (high - low) / 2;

        if (reasons->items[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < reasons->count && reasons->items[low].row == row && status == LC_OK;
         low++) {
        const struct lc_stored_reason *stored = &reasons->items[low];
        const char *image = reasons->text.data + stored->image;
        const struct lc_reason reason = {stored->which,
                                         stored->effect,
                                         reasons->text.data + stored->message,
                                         {image, strlen(image)}};

        status = each(user, &reason, err);
    }
    return status;
}

enum lc_status lc_reason_of(const struct lc_index *index,
                            const struct lc_effects *effects,
                            const struct lc_finding_record *finding,
                            struct lc_buffer *message, struct lc_reason *out,
                            struct lc_error *err)
{
    struct lc_image_record image = {0};
    enum lc_status status;

    message->size = 0;
    status = lc_buffer_add(message, finding->message.text, finding->message.size, err);
    if (status == LC_OK)
        status = lc_buffer_add(message, "", 1, err);
    if (status == LC_OK && finding->kind == LC_FINDING_IMAGE)
        status = lc_index_get_image(index, finding->image, &image, err);
    *out = (struct lc_reason){lc_case_index_of(finding->rule, finding->rule_case),
                              lc_effects_of(effects, finding).effect, message->data,
                              image.path};
    return status;
}

/* A search for the reasons why a row is dropped. */
struct search {
    const struct lc_index *index;
    const struct lc_effects *effects;
    const struct lc_drop *drop;
    bool is_readable; /* whether the row is JSON */
    bool any_effect;  /* every finding with an effect counts */
    size_t found;
    lc_reason_fn *each;
    void *user;
    struct lc_buffer message;
};

static bool is_reason(const struct search *search,
                      const struct lc_finding_record *finding)
{
    enum lc_effect effect = lc_effects_of(search->effects, finding).effect;

    if (lc_drop_is_of_columns(finding) || lc_drop_is_settled(search->drop, finding))
        return false;
    if (search->any_effect)
        return effect != LC_EFFECT_FINE;
    if (search->drop->effects[effect] || lc_drop_has(search->drop, finding))
        return true;
    return lc_drop_always(finding, search->is_readable);
}

/* Add to the reason that the image was to be rewritten, but could not be. */
static enum lc_status add_failure(struct search *search,
                                  const struct lc_finding_record *finding,
                                  struct lc_reason *reason, struct lc_error *err)
{
    static const char text[] = "; the image could not be rewritten";
    struct lc_image_record image = {0};
    enum lc_status status;

    if (!search->drop->failed_count || !lc_effects_is_of_form(finding))
        return LC_OK;
    status = lc_index_get_image(search->index, finding->image, &image, err);
    if (status != LC_OK || !lc_drop_is_failed(search->drop, &image.content))
        return status;
    search->message.size--; /* its NUL */
    status = lc_buffer_add(&search->message, text, sizeof(text), err);
    reason->message = search->message.data;
    return status;
}

static enum lc_status report_finding(void *user, const struct lc_finding_record *finding,
                                     struct lc_error *err)
{
    struct search *search = user;
    struct lc_reason reason;
    bool is_between = false;
    enum lc_status status = LC_OK;

    if (!is_reason(search, finding))
        return LC_OK;
    status = lc_finding_is_between_rows(search->index, finding, &is_between, err);
    if (status != LC_OK || is_between)
        return status;
    search->found++;
    status = lc_reason_of(search->index, search->effects, finding, &search->message,
                          &reason, err);
    if (status == LC_OK && finding->kind == LC_FINDING_IMAGE)
        status = add_failure(search, finding, &reason, err);
    return status == LC_OK ? search->each(search->user, &reason, err) : status;
}

/* Report an effect that is not due to a finding, if it drops the row. */
static enum lc_status report_effect(struct search *search,
                                    const struct lc_rule_effect *effect,
                                    struct lc_span image, struct lc_error *err)
{
    const struct lc_reason reason = {LC_REASON_DIALECT, effect->effect, effect->what,
                                     image};

    if (effect->effect == LC_EFFECT_FINE ||
        !(search->any_effect || search->drop->effects[effect->effect]))
        return LC_OK;
    search->found++;
    return search->each(search->user, &reason, err);
}

/* Report the trainer's effect on the format of an image, and the findings about it. */
static enum lc_status report_image(struct search *search, uint32_t number,
                                   struct lc_error *err)
{
    struct lc_image_record image = {0};
    struct lc_rule_effect effect;
    enum lc_status status = lc_index_get_image(search->index, number, &image, err);

    if (status != LC_OK)
        return status;
    effect = lc_format_effect_on(image.format, search->effects->trainer);
    status = report_effect(search, &effect, image.path, err);
    if (status != LC_OK)
        return status;
    return lc_index_each_finding_of(search->index, LC_FINDING_IMAGE, number, -1,
                                    report_finding, search, err);
}

/* Report the row's own findings, and those about each of its images once. */
static enum lc_status report_row(struct search *search, uint64_t number,
                                 const struct lc_row_record *row, struct lc_error *err)
{
    struct lc_span images = {0};
    enum lc_status status =
        lc_index_each_finding_of(search->index, LC_FINDING_ROW, row->file,
                                 (int64_t)row->row, report_finding, search, err);

    if (status == LC_OK)
        status = lc_index_images_of_row(search->index, number, &images, err);
    for (size_t i = 0; i + 4 <= images.size && status == LC_OK; i += 4) {
        const uint8_t *image = (const uint8_t *)images.text + i;
        bool is_first = true;

        for (size_t k = 0; k < i && is_first; k += 4)
            is_first = memcmp(images.text + k, image, 4) != 0;
        if (is_first)
            status = report_image(search, lc_get_u32(image), err);
    }
    return status;
}

/* Report the trainer's effects on the row's dialect. */
static enum lc_status report_dialect(struct search *search, uint64_t number,
                                     const struct lc_row_record *row,
                                     struct lc_error *err)
{
    struct lc_file_record file = {0};
    struct lc_dialect_effect of;
    enum lc_status status = lc_index_get_file(search->index, row->file, &file, err);
    struct lc_span dialect = lc_effects_dialect_of(search->effects, number, file.dialect);
    size_t at = 0;

    while (status == LC_OK &&
           lc_next_dialect_effect(dialect, search->effects->trainer, &at, &of))
        if (lc_effects_is_affected(of.affected, row))
            status = report_effect(search, &of.effect, (struct lc_span){0}, err);
    return status;
}

/* Report the estimated length of the row, if it may exceed the limit. */
static enum lc_status report_length(struct search *search,
                                    const struct lc_row_record *row, struct lc_error *err)
{
    const size_t trainer = search->effects->trainer;
    const struct lc_length_info *length = lc_trainer_length(trainer);
    const unsigned limit = search->effects->limit;
    struct lc_tokens tokens = {0};
    struct lc_reason reason = {.which = LC_REASON_LENGTH, .effect = LC_EFFECT_UNKNOWN};
    enum lc_status status;

    if (length)
        tokens = lc_effects_tokens(trainer, row);
    if (!length || tokens.most <= limit)
        return LC_OK;
    if (tokens.least > limit)
        reason.effect = length->effect.effect;
    if (reason.effect == LC_EFFECT_FINE ||
        !(search->any_effect || search->drop->effects[reason.effect]))
        return LC_OK;
    search->message.size = 0;
    status =
        lc_buffer_printf(&search->message, err, "%s longer than the limit of %u tokens",
                         tokens.least > limit ? "it is" : "it may be", limit);
    if (status != LC_OK)
        return status;
    reason.message = search->message.data;
    search->found++;
    return search->each(search->user, &reason, err);
}

enum lc_status lc_reasons_look(const struct lc_index *index,
                               const struct lc_effects *effects,
                               const struct lc_drop *drop, uint64_t row,
                               lc_reason_fn *each, void *user, struct lc_error *err)
{
    struct search search = {
        .index = index, .effects = effects, .drop = drop, .each = each, .user = user};
    struct lc_row_record record = {0};
    enum lc_status status = lc_index_get_row(index, row, &record, err);

    search.is_readable = record.readable;
    if (status == LC_OK)
        status = report_dialect(&search, row, &record, err);
    if (status == LC_OK)
        status = report_row(&search, row, &record, err);
    if (status == LC_OK)
        status = report_length(&search, &record, err);
    if (status == LC_OK && !search.found && drop->effects[effects->rows[row]]) {
        search.any_effect = true; /* it is replaced by a row that fails, too */
        status = report_row(&search, row, &record, err);
    }
    lc_buffer_clear(&search.message);
    return status;
}

#include "arrow/verdicts.h"

#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

struct image_finding {
    uint64_t image;
    enum lc_severity severity;
    struct lc_row_finding finding;
};

struct lc_verdicts {
    enum lc_severity show;
    struct lc_finding_iterator *own;     /* findings about rows, in order */
    const struct lc_finding_entry *next; /* the next finding that no row was given yet;
                                            NULL: none */
    struct lc_buffer by_image;           /* struct image_finding, by image */
    struct lc_buffer found;              /* struct lc_row_finding, of the current row */
};

static struct lc_row_finding finding_of(const struct lc_finding_entry *entry)
{
    const char *severity = lc_severity_name(entry->severity);

    return (struct lc_row_finding){.rule = entry->rule,
                                   .severity = {severity, strlen(severity)},
                                   .message = entry->message,
                                   .image = -1};
}

/* Go to the next finding about a row. Findings about other subjects come after all of
 * these. */
static enum lc_status next_row_finding(struct lc_verdicts *verdicts, struct lc_error *err)
{
    enum lc_status status = lc_finding_next(verdicts->own, &verdicts->next, err);

    if (status == LC_OK && verdicts->next && verdicts->next->kind != LC_FINDING_ROW)
        verdicts->next = NULL;
    return status;
}

/* Keep the findings about images. The texts that their spans point to live as long as the
 * index. */
static enum lc_status keep_images(struct lc_verdicts *verdicts,
                                  const struct lc_index *index,
                                  const struct lc_view *view, struct lc_error *err)
{
    struct lc_finding_iterator *iterator = NULL;
    const struct lc_finding_entry *entry = NULL;
    enum lc_status status = lc_finding_iterator_new(index, view, &iterator, err);

    while (status == LC_OK) {
        struct image_finding kept;

        status = lc_finding_next(iterator, &entry, err);
        if (status != LC_OK || !entry || entry->kind > LC_FINDING_IMAGE)
            break;
        if (entry->kind != LC_FINDING_IMAGE || entry->image_number < 0)
            continue;
        kept = (struct image_finding){.image = (uint64_t)entry->image_number,
                                      .severity = entry->severity,
                                      .finding = finding_of(entry)};
        status = lc_buffer_add(&verdicts->by_image, &kept, sizeof(kept), err);
    }
    lc_finding_iterator_free(iterator);
    return status;
}

enum lc_status lc_verdicts_new(const struct lc_index *index, const struct lc_view *view,
                               enum lc_severity show, struct lc_verdicts **out,
                               struct lc_error *err)
{
    struct lc_verdicts *verdicts = calloc(1, sizeof(*verdicts));
    enum lc_status status;

    if (!verdicts)
        return lc_fail_memory(err);
    verdicts->show = show;
    status = keep_images(verdicts, index, view, err);
    if (status == LC_OK)
        status = lc_finding_iterator_new(index, view, &verdicts->own, err);
    if (status == LC_OK)
        status = next_row_finding(verdicts, err);
    if (status == LC_OK)
        *out = verdicts;
    else
        lc_verdicts_free(verdicts);
    return status;
}

void lc_verdicts_free(struct lc_verdicts *verdicts)
{
    if (!verdicts)
        return;
    lc_finding_iterator_free(verdicts->own);
    lc_buffer_clear(&verdicts->by_image);
    lc_buffer_clear(&verdicts->found);
    free(verdicts);
}

static enum lc_status add_finding(struct lc_verdicts *verdicts, enum lc_severity severity,
                                  const struct lc_row_finding *finding, bool *is_ok,
                                  struct lc_error *err)
{
    if (severity == LC_SEVERITY_ERROR)
        *is_ok = false;
    if (severity < verdicts->show)
        return LC_OK;
    return lc_buffer_add(&verdicts->found, finding, sizeof(*finding), err);
}

static enum lc_status add_own(struct lc_verdicts *verdicts, uint64_t row, bool *is_ok,
                              struct lc_error *err)
{
    enum lc_status status = LC_OK;

    while (status == LC_OK && verdicts->next &&
           verdicts->next->row_number <= (int64_t)row) {
        if (verdicts->next->row_number == (int64_t)row) { /* -1: it is about the file */
            struct lc_row_finding finding = finding_of(verdicts->next);

            status =
                add_finding(verdicts, verdicts->next->severity, &finding, is_ok, err);
        }
        if (status == LC_OK)
            status = next_row_finding(verdicts, err);
    }
    return status;
}

/* Count the findings about images with smaller numbers, by binary search. */
static size_t first_of(const struct lc_verdicts *verdicts, uint64_t image)
{
    const struct image_finding *items = (const void *)verdicts->by_image.data;
    size_t low = 0, high = verdicts->by_image.size / sizeof(*items);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (items[middle].image < image)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static enum lc_status add_image(struct lc_verdicts *verdicts,
                                const struct lc_row_entry *row, size_t position,
                                bool *is_ok, struct lc_error *err)
{
    const struct image_finding *items = (const void *)verdicts->by_image.data;
    size_t count = verdicts->by_image.size / sizeof(*items);
    uint64_t image = row->images[position].number;
    enum lc_status status = LC_OK;

    for (size_t i = first_of(verdicts, image);
         i < count && items[i].image == image && status == LC_OK; i++) {
        struct lc_row_finding finding = items[i].finding;

        finding.image = (int64_t)position;
        status = add_finding(verdicts, items[i].severity, &finding, is_ok, err);
    }
    return status;
}

enum lc_status lc_verdicts_of(struct lc_verdicts *verdicts,
                              const struct lc_row_entry *row,
                              const struct lc_row_finding **items, size_t *count,
                              bool *is_ok, struct lc_error *err)
{
    enum lc_status status;

    *is_ok = true;
    verdicts->found.size = 0;
    status = add_own(verdicts, row->number, is_ok, err);
    if (verdicts->by_image.size)
        for (size_t i = 0; i < row->image_count && status == LC_OK; i++)
            status = add_image(verdicts, row, i, is_ok, err);
    *items = (const void *)verdicts->found.data;
    *count = verdicts->found.size / sizeof(**items);
    return status;
}

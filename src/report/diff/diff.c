#include "report/diff/diff.h"

uint64_t lc_diff_count(const struct lc_diff *diff, enum lc_change first,
                       enum lc_change last)
{
    uint64_t count = 0;

    for (int i = (int)first; i <= (int)last; i++)
        count += diff->lists[i].count;
    return count;
}

const char *lc_part_name(unsigned bit)
{
    static const char *const names[LC_PARTS] = {"text", "images", "conversation",
                                                "other"};

    return names[bit];
}

/* Whether two rows name the same paths in the same order. */
static enum lc_status same_images(const struct lc_diff_report *report,
                                  const struct lc_diff_pair *pair, bool *same,
                                  struct lc_error *err)
{
    struct lc_span lists[2] = {{0}};
    enum lc_status status =
        lc_index_images_of_row(report->indexes[0], pair->a, &lists[0], err);

    if (status == LC_OK)
        status = lc_index_images_of_row(report->indexes[1], pair->b, &lists[1], err);
    *same = lists[0].size == lists[1].size;
    for (size_t at = 0; status == LC_OK && *same && at + 4 <= lists[0].size; at += 4) {
        struct lc_image_record images[2];

        for (int i = 0; i < 2 && status == LC_OK; i++)
            status = lc_index_get_image(report->indexes[i],
                                        lc_get_u32((const uint8_t *)lists[i].text + at),
                                        &images[i], err);
        *same = status == LC_OK && lc_span_equal(images[0].path, images[1].path);
    }
    return status;
}

enum lc_status lc_diff_parts(const struct lc_diff_report *report,
                             const struct lc_diff_pair *pair, unsigned *parts,
                             struct lc_error *err)
{
    struct lc_row_record a = {0}, b = {0};
    enum lc_status status = lc_index_get_row(report->indexes[0], pair->a, &a, err);
    bool same = true;

    if (status == LC_OK)
        status = lc_index_get_row(report->indexes[1], pair->b, &b, err);
    if (status == LC_OK)
        status = same_images(report, pair, &same, err);
    *parts = 0;
    if (!a.readable || !b.readable) {
        *parts = LC_PART_TEXT;
        return status;
    }
    if (!same)
        *parts |= LC_PART_IMAGES;
    if (lc_hash_compare(&a.content, &b.content) != 0 &&
        (same || a.turns != b.turns || a.words != b.words ||
         a.characters != b.characters || a.placeholders != b.placeholders))
        *parts |= LC_PART_CONVERSATION;
    if (a.rest != b.rest)
        *parts |= LC_PART_OTHER;
    return status;
}

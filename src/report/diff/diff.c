#include "report/diff/diff.h"

#include "llava_check/dialects.h"

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

/* Whether a row is a sample of a shard, whose content includes the bytes of its
 * images. */
static enum lc_status is_sample(const struct lc_index *index,
                                const struct lc_row_record *row, bool *out,
                                struct lc_error *err)
{
    struct lc_file_record file = {0};
    enum lc_status status = lc_index_get_file(index, row->file, &file, err);

    *out = status == LC_OK && lc_span_is(file.dialect, LC_SHARD_DIALECT);
    return status;
}

/* Whether two rows name the same paths in the same order.
 *
 * @param by_content  the images must also have the same bytes
 */
static enum lc_status same_images(const struct lc_diff_report *report,
                                  const struct lc_diff_pair *pair, bool by_content,
                                  bool *same, struct lc_error *err)
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
        *same =
            status == LC_OK && lc_span_equal(images[0].path, images[1].path) &&
            (!by_content || lc_hash_compare(&images[0].content, &images[1].content) == 0);
    }
    return status;
}

enum lc_status lc_diff_parts(const struct lc_diff_report *report,
                             const struct lc_diff_pair *pair, unsigned *parts,
                             struct lc_error *err)
{
    struct lc_row_record a = {0}, b = {0};
    enum lc_status status = lc_index_get_row(report->indexes[0], pair->a, &a, err);
    bool same = true, are_samples = false;

    if (status == LC_OK)
        status = lc_index_get_row(report->indexes[1], pair->b, &b, err);
    if (status == LC_OK)
        status = is_sample(report->indexes[0], &a, &are_samples, err);
    if (status == LC_OK && are_samples)
        status = is_sample(report->indexes[1], &b, &are_samples, err);
    if (status == LC_OK)
        status = same_images(report, pair, are_samples, &same, err);
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

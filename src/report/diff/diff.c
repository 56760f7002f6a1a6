#include "report/diff/diff.h"

#include "base/sink.h"
#include "base/options.h"

#include <errno.h>
#include <string.h>

static const struct lc_diff_format *const formats[] = {
    &lc_diff_text,
    &lc_diff_json,
    &lc_diff_jsonl,
};

#define FORMAT_COUNT (sizeof(formats) / sizeof(formats[0]))

const struct lc_report_format_info *lc_diff_format_at(size_t index)
{
    return index < FORMAT_COUNT ? &formats[index]->info : NULL;
}

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

enum lc_status lc_diff_write(const struct lc_index *a, const struct lc_index *b,
                             const struct lc_diff_options *options, FILE *to, bool *equal,
                             struct lc_error *err)
{
    struct lc_diff diff = {0};
    struct lc_diff_options own;
    struct lc_diff_report report = {{a, b}, &diff, &own, to};
    const struct lc_diff_format *format = NULL;
    enum lc_status status = LC_OPTIONS_COPY(&own, options, format, err);

    if (status != LC_OK)
        return status;
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (strcmp(formats[i]->info.name, own.format) == 0)
            format = formats[i];
    if (!format)
        return lc_fail(err, LC_ERR_USAGE, 0, "unknown diff format");
    status = lc_diff_find(a, b, &diff, err);
    if (status == LC_OK && to)
        status = format->write(&report, err);
    *equal = !lc_diff_count(&diff, LC_CHANGE_ROW_ADDED, LC_CHANGE_IMAGE_MOVED);
    lc_diff_clear(&diff);
    if (status != LC_OK || !to)
        return status;
    errno = 0;
    if (fflush(to) != 0 || ferror(to))
        return lc_fail_errno(err, "write the diff");
    return LC_OK;
}

enum lc_status lc_diff_write_to(const struct lc_index *a, const struct lc_index *b,
                                const struct lc_diff_options *options, lc_write_fn *write,
                                void *context, bool *equal, struct lc_error *err)
{
    struct lc_error own = {0};
    struct lc_sink *sink = NULL;
    FILE *to = NULL;
    enum lc_status status = lc_sink_open(write, context, &sink, &to, err);

    if (status != LC_OK)
        return status;
    status = lc_diff_write(a, b, options, to, equal, &own);
    return lc_sink_close(sink, status, &own, err);
}

#include "report/diff/diff.h"

#include "base/options.h"
#include "base/sink.h"

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

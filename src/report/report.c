#include "base/sink.h"
#include "base/options.h"
#include "report/model/report.h"

#include "report/prediction.h"
#include "report/recognise.h"

#include <errno.h>
#include <string.h>

struct format {
    struct lc_report_format_info info;
    lc_report_fn *write;
};

static const struct format formats[] = {
#define LC_FORMAT(name, suffixes, head, printed, summary)                                \
    {{#name, summary, suffixes, printed}, lc_report_##name},
#include "report/formats.def"
#undef LC_FORMAT
};

#define FORMAT_COUNT (sizeof(formats) / sizeof(formats[0]))

const struct lc_report_format_info *lc_report_format_at(size_t index)
{
    return index < FORMAT_COUNT ? &formats[index].info : NULL;
}

static const struct format *find_format(const char *name)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (strcmp(formats[i].info.name, name) == 0)
            return &formats[i];
    return NULL;
}

enum lc_status lc_report_write(const struct lc_index *index,
                               const struct lc_report_options *options, FILE *to,
                               struct lc_error *err)
{
    const struct lc_selection all = LC_OPTIONS(lc_selection);
    struct lc_prediction *own_prediction = NULL;
    struct lc_report_options own;
    struct lc_view *own_view = NULL;
    struct lc_report report = {.index = index, .options = &own, .to = to};
    const struct format *format;
    enum lc_status status = LC_OPTIONS_COPY(&own, options, format, err);

    if (status != LC_OK)
        return status;
    format = find_format(own.format);
    if (!format)
        return lc_fail(err, LC_ERR_USAGE, 0, "unknown report format");
    if (!own.prediction) {
        status = lc_prediction_new(index, own.trainer, false, &own_prediction, err);
        own.prediction = own_prediction;
    }
    if (status == LC_OK && !own.view) {
        status = lc_view_new(index, &all, &own_view, err);
        own.view = own_view;
    }
    if (status == LC_OK) {
        report.view = own.view;
        report.effects = &own.prediction->effects[own.prediction->chosen];
        report.all = own.prediction->effects;
        report.all_count = own.prediction->count > 1 ? own.prediction->count : 0;
        if (own.marked)
            lc_report_mark(own.format, to);
        status = format->write(&report, err);
    }
    lc_view_free(own_view);
    lc_prediction_free(own_prediction);
    if (status != LC_OK)
        return status;
    errno = 0;
    if (fflush(to) != 0 || ferror(to))
        return lc_fail_errno(err, "write the report");
    return LC_OK;
}

enum lc_status lc_report_write_to(const struct lc_index *index,
                                  const struct lc_report_options *options,
                                  lc_write_fn *write, void *context, struct lc_error *err)
{
    struct lc_error own = {0};
    struct lc_sink *sink = NULL;
    FILE *to = NULL;
    enum lc_status status = lc_sink_open(write, context, &sink, &to, err);

    if (status != LC_OK)
        return status;
    status = lc_report_write(index, options, to, &own);
    return lc_sink_close(sink, status, &own, err);
}

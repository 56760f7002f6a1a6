#include "base/sink.h"
#include "base/options.h"
#include "report/model/report.h"

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

enum lc_status lc_report_stops(const struct lc_index *index, const struct lc_view *view,
                               const char *trainer, bool *out, struct lc_error *err)
{
    const struct lc_selection all = LC_OPTIONS(lc_selection);
    struct lc_effects effects = {0};
    struct lc_view *own = NULL;
    enum lc_status status = LC_OK;

    *out = false;
    if (lc_index_verification(index)) /* it compares, and predicts nothing */
        return LC_OK;
    if (!view)
        status = lc_view_new(index, &all, &own, err);
    if (status == LC_OK)
        status = lc_effects_find(index, trainer, &effects, err);
    if (status == LC_OK)
        status = lc_effects_stop(&effects, view ? view : own, out, err);
    lc_effects_clear(&effects);
    lc_view_free(own);
    return status;
}

enum lc_status lc_report_is_unsure(const struct lc_index *index, const char *trainer,
                                   bool *out, struct lc_error *err)
{
    struct lc_effects effects = {0};
    enum lc_status status;

    *out = false;
    if (lc_index_verification(index))
        return LC_OK;
    status = lc_effects_find(index, trainer, &effects, err);
    if (status == LC_OK)
        *out = effects.counts[LC_EFFECT_UNKNOWN] > 0;
    lc_effects_clear(&effects);
    return status;
}

enum lc_status lc_report_write(const struct lc_index *index,
                               const struct lc_report_options *options, FILE *to,
                               struct lc_error *err)
{
    struct lc_effects effects = {0};
    const struct lc_selection all = LC_OPTIONS(lc_selection);
    struct lc_report_options own;
    struct lc_view *own_view = NULL;
    struct lc_report report = {index, &own, NULL, &effects, to};
    enum lc_status status = LC_OPTIONS_COPY(&own, options, format, err);

    if (status != LC_OK)
        return status;
    report.view = own.view;
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        if (strcmp(formats[i].info.name, own.format) != 0)
            continue;
        status = lc_effects_find(index, own.trainer, &effects, err);
        if (status == LC_OK && !report.view) {
            status = lc_view_new(index, &all, &own_view, err);
            report.view = own_view;
        }
        if (status == LC_OK && own.marked)
            lc_report_mark(own.format, to);
        if (status == LC_OK)
            status = formats[i].write(&report, err);
        lc_view_free(own_view);
        lc_effects_clear(&effects);
        if (status != LC_OK)
            return status;
        errno = 0;
        if (fflush(to) != 0 || ferror(to))
            return lc_fail_errno(err, "write the report");
        return LC_OK;
    }
    return lc_fail(err, LC_ERR_USAGE, 0, "unknown report format");
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

/* What all trainers would do with the rows, one trainer per line: what --trainer all
 * prints */
#include "report/model/digest.h"
#include "report/text/writer.h"

#include <string.h>

/* The columns of effects, the worst first. An effect that no trainer has on any row has
 * no column. */
struct columns {
    int name;
    int widths[LC_EFFECT_REFUSED + 1]; /* 0: no column */
};

static int width_of(const char *text)
{
    return (int)strlen(text);
}

static int wider(int width, int other)
{
    return width > other ? width : other;
}

static struct columns measure(const struct lc_report *report)
{
    struct columns columns = {.name = width_of("trainer")};
    char count[LC_COUNT_SIZE];

    for (size_t t = 0; t < report->all_count; t++) {
        const struct lc_effects *effects = &report->all[t];

        columns.name =
            wider(columns.name, width_of(lc_trainer_at(effects->trainer)->name));
        for (int i = LC_EFFECT_FINE; i <= LC_EFFECT_REFUSED; i++)
            if (effects->counts[i])
                columns.widths[i] =
                    wider(wider(columns.widths[i], width_of(lc_effect_name(i))),
                          width_of(lc_format_count(effects->counts[i], count)));
    }
    return columns;
}

static void print_head(const struct lc_text_writer *w, const struct columns *columns)
{
    fprintf(w->to, "%s%-*s  starts", lc_text_on(w, LC_STYLE_DIM), columns->name,
            "trainer");
    for (int i = LC_EFFECT_REFUSED; i >= LC_EFFECT_FINE; i--)
        if (columns->widths[i])
            fprintf(w->to, "  %*s", columns->widths[i], lc_effect_name(i));
    fprintf(w->to, "%s\n", lc_text_off(w));
}

static void print_trainer(const struct lc_text_writer *w, const struct columns *columns,
                          const struct lc_effects *effects)
{
    char count[LC_COUNT_SIZE];
    int pad = 0; /* width of the empty cells before the next one, and of that one */

    fprintf(w->to, "%-*s  %-6s", columns->name, lc_trainer_at(effects->trainer)->name,
            lc_effects_start(effects) ? "yes" : "no");
    for (int i = LC_EFFECT_REFUSED; i >= LC_EFFECT_FINE; i--) {
        if (!columns->widths[i])
            continue;
        pad += 2 + columns->widths[i];
        if (!effects->counts[i])
            continue;
        fprintf(w->to, "%*s", pad, lc_format_count(effects->counts[i], count));
        pad = 0;
    }
    fputc('\n', w->to);
}

enum lc_status lc_text_trainers(const struct lc_text_writer *w, struct lc_error *err)
{
    const struct lc_report *report = w->report;
    struct columns columns = measure(report);
    struct lc_buffer note = {0};
    enum lc_status status = LC_OK;

    if (!report->all_count)
        return LC_OK;
    print_head(w, &columns);
    for (size_t i = 0; i < report->all_count; i++)
        print_trainer(w, &columns, &report->all[i]);
    for (size_t i = 0; i < report->all_count && status == LC_OK; i++) {
        status = lc_digest_unread(&report->all[i], &note, err);
        if (note.size)
            fprintf(w->to, "%s: %.*s\n", lc_trainer_at(report->all[i].trainer)->name,
                    (int)note.size, note.data);
        note.size = 0;
    }
    lc_buffer_clear(&note);
    fputc('\n', w->to);
    return status;
}

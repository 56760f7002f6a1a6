/* Writing a baseline: one entry per line, in the order of reports, so that a diff of two
 * baselines is readable. */
#include "base/sink.h"
#include "base/options.h"
#include "view/baseline.h"

#include "json/json.h"
#include "report/model/items.h"
#include "print/json_writer.h"
#include "view/identity.h"
#include "view/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION 1
#define PLACE_SIZE 200

/* The state of writing a baseline. */
struct writer {
    const struct lc_index *index;
    const struct lc_baseline_options *options;
    struct lc_baseline table; /* the old entries, then the new ones */
    size_t old;               /* number of old entries */
    uint8_t *written;         /* by entry: whether it was written */
    struct lc_json_parser *parser;
    struct lc_out out;
    struct lc_jw json; /* writes to out */
    struct lc_buffer scratch;
    struct lc_baseline_counts counts;
};

/* ---- entries ---- */

/* Count a finding. If no entry matches it and it is reported, add an entry. */
static enum lc_status count_finding(void *user, const struct lc_finding_record *finding,
                                    bool reported, struct lc_error *err)
{
    struct writer *w = user;
    struct lc_baseline_entry *entry, added = {.seen = 1};
    enum lc_status status =
        lc_identity_of(w->index, finding, &w->scratch, &added.identity, err);

    if (status != LC_OK)
        return status;
    entry = lc_baseline_find(&w->table, &added.identity);
    if (entry)
        entry->seen += entry->seen < UINT32_MAX;
    else if (reported && w->options->add && finding->severity >= w->options->lowest)
        status = lc_baseline_add(&w->table, &added, err);
    return status;
}

/* Whether this run looked at the subject of an entry. */
static bool is_judged(const struct writer *w, const struct lc_baseline_entry *entry)
{
    return !entry->of_image || !lc_index_summary(w->index)->images_skipped;
}

/* ---- lines ---- */

static void put_entry(struct writer *w, const struct lc_baseline_text *entry)
{
    char hex[33];

    lc_hash_hex(&entry->identity, hex);
    lc_jw_object(&w->json, LC_JW_COMPACT);
    lc_jw_key_name(&w->json, "fingerprint", hex);
    lc_jw_key_text(&w->json, "rule", entry->rule);
    lc_jw_key_text(&w->json, "place", entry->place);
    if (entry->count > 1)
        lc_jw_key_number(&w->json, "count", entry->count);
    lc_jw_key_text(&w->json, "reason", entry->reason);
    if (entry->expires.size)
        lc_jw_key_text(&w->json, "expires", entry->expires);
    lc_jw_end(&w->json);
}

/* Describe where a finding is, using only what stays the same when rows are added or
 * removed. */
static enum lc_status name_place(const struct writer *w,
                                 const struct lc_finding_record *finding,
                                 struct lc_buffer *out, struct lc_error *err)
{
    struct lc_image_record image;
    struct lc_file_record file;
    enum lc_status status = LC_OK;

    out->size = 0;
    if (finding->kind == LC_FINDING_IMAGE) {
        status = lc_index_get_image(w->index, finding->image, &image, err);
        if (status == LC_OK)
            status = lc_printable_add(out, image.path, LC_UNPRINTABLE_CHARACTER, err);
    } else if (finding->kind == LC_FINDING_ROW) {
        status = lc_index_get_file(w->index, finding->file, &file, err);
        if (status == LC_OK)
            status = lc_printable_add(out, file.name, LC_UNPRINTABLE_CHARACTER, err);
        if (status == LC_OK && finding->row >= 0 && !finding->id.size)
            status = lc_buffer_printf(out, err, " row %lld", (long long)finding->row);
    }
    if (status == LC_OK && finding->id.size) {
        status = lc_buffer_printf(out, err, "%sid ", out->size ? " " : "");
        if (status == LC_OK)
            status = lc_printable_add(out, finding->id, LC_UNPRINTABLE_CHARACTER, err);
    }
    if (status == LC_OK)
        status = lc_item_cut(out, 0, PLACE_SIZE, err);
    if (status == LC_OK && finding->kind == LC_FINDING_ROW && finding->turn >= 0)
        status = lc_buffer_printf(out, err, " turn %lld", (long long)finding->turn);
    return status;
}

static enum lc_status put_new(struct writer *w, const struct lc_baseline_entry *entry,
                              const struct lc_finding_record *finding,
                              struct lc_error *err)
{
    struct lc_baseline_text text = {
        .identity = entry->identity, .rule = finding->rule, .count = entry->seen};
    enum lc_status status = name_place(w, finding, &w->scratch, err);

    text.place = (struct lc_span){w->scratch.data, w->scratch.size};
    if (status == LC_OK)
        put_entry(w, &text);
    w->counts.added++;
    return status;
}

/* Copy an old entry unchanged, unless its count or date changes. */
static enum lc_status put_old(struct writer *w, const struct lc_baseline_entry *entry,
                              struct lc_error *err)
{
    uint32_t count = entry->count;
    struct lc_baseline_text text;
    enum lc_status status;

    w->counts.kept++;
    if (is_judged(w, entry) && (w->options->add || entry->seen < count))
        count = entry->seen;
    if (count == entry->count && !(entry->expired && w->options->add)) {
        lc_jw_raw(&w->json,
                  (struct lc_span){w->table.map.data + entry->offset, entry->size});
        return LC_OK;
    }
    status = lc_baseline_get(&w->table, entry, w->parser, &text, err);
    if (status != LC_OK)
        return status;
    text.count = count;
    if (entry->expired && w->options->add)
        text.expires = (struct lc_span){0};
    put_entry(w, &text);
    return LC_OK;
}

/* Write the entry of a finding, unless an earlier finding has written it. */
static enum lc_status put_finding(void *user, const struct lc_finding_record *finding,
                                  bool reported, struct lc_error *err)
{
    struct writer *w = user;
    const struct lc_baseline_entry *entry;
    struct lc_hash identity;
    enum lc_status status =
        lc_identity_of(w->index, finding, &w->scratch, &identity, err);
    size_t number;

    (void)reported;
    entry = status == LC_OK ? lc_baseline_find(&w->table, &identity) : NULL;
    if (!entry)
        return status;
    number = (size_t)(entry - w->table.items);
    if (w->written[number])
        return LC_OK;
    w->written[number] = 1;
    status = number < w->old ? put_old(w, entry, err) : put_new(w, entry, finding, err);
    return status == LC_OK ? lc_out_flush(&w->out, err) : status;
}

/* Drop the entries that no finding needs, except those whose subjects this run did not
 * look at. */
static enum lc_status put_rest(struct writer *w, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < w->old && status == LC_OK; i++) {
        if (w->written[i])
            continue;
        if (is_judged(w, &w->table.items[i]))
            w->counts.removed++;
        else
            status = put_old(w, &w->table.items[i], err);
        if (status == LC_OK)
            status = lc_out_flush(&w->out, err);
    }
    return status;
}

static enum lc_status put_all(struct writer *w, const struct lc_view *view, FILE *to,
                              struct lc_error *err)
{
    enum lc_status status = LC_OK;

    w->out.to = to;
    w->written = calloc(w->table.count + 1, 1);
    if (!w->written)
        return lc_fail_memory(err);
    lc_jw_array(&w->json, LC_JW_LINES);
    lc_jw_object(&w->json, LC_JW_COMPACT);
    lc_jw_key_number(&w->json, "llava-check-baseline", VERSION);
    lc_jw_end(&w->json);
    status = lc_view_each(view, put_finding, w, err);
    if (status == LC_OK)
        status = put_rest(w, err);
    if (status == LC_OK) {
        lc_jw_end(&w->json);
        lc_jw_line(&w->json);
    }
    status = lc_jw_finish(&w->json, status, err);
    errno = 0;
    if (status == LC_OK && (fflush(to) != 0 || ferror(to)))
        status = lc_fail_errno(err, "write the baseline");
    return status;
}

static enum lc_status write_baseline(struct writer *w,
                                     const struct lc_selection *selection, FILE *to,
                                     struct lc_error *err)
{
    struct lc_selection without = *selection;
    struct lc_view *view = NULL;
    bool there = access(w->options->path, F_OK) == 0;
    enum lc_status status = LC_OK;

    if (!there && errno != ENOENT)
        return lc_fail_errno(err, "find the baseline");
    without.baseline = NULL;
    if (there || !w->options->add)
        status = lc_baseline_read(w->options->path, &w->table, err);
    w->old = w->table.count;
    if (status == LC_OK)
        status = lc_json_parser_new(&w->parser, err);
    if (status == LC_OK)
        status = lc_view_new(w->index, &without, &view, err);
    if (status == LC_OK)
        status = lc_view_each(view, count_finding, w, err);
    if (status == LC_OK)
        status = put_all(w, view, to, err);
    lc_view_free(view);
    return status;
}

enum lc_status lc_baseline_write(const struct lc_index *index,
                                 const struct lc_selection *selection,
                                 const struct lc_baseline_options *options, FILE *to,
                                 struct lc_baseline_counts *counts, struct lc_error *err)
{
    struct lc_baseline_options own_options;
    struct lc_selection own_selection;
    struct writer w = {.index = index, .options = &own_options, .json = {.out = &w.out}};
    enum lc_status status = LC_OPTIONS_COPY(&own_options, options, path, err);

    if (status == LC_OK)
        status = LC_OPTIONS_COPY(&own_selection, selection, size, err);
    if (status != LC_OK)
        return status;
    if (lc_index_verification(index))
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "verify cannot write a baseline; run check --write-baseline");
    status = write_baseline(&w, &own_selection, to, err);
    *counts = w.counts;
    lc_baseline_clear(&w.table);
    lc_json_parser_free(w.parser);
    lc_buffer_clear(&w.scratch);
    lc_buffer_clear(&w.out.bytes);
    free(w.written);
    return status;
}

enum lc_status lc_baseline_write_to(const struct lc_index *index,
                                    const struct lc_selection *selection,
                                    const struct lc_baseline_options *options,
                                    lc_write_fn *write, void *context,
                                    struct lc_baseline_counts *counts,
                                    struct lc_error *err)
{
    struct lc_error own = {0};
    struct lc_sink *sink = NULL;
    FILE *to = NULL;
    enum lc_status status = lc_sink_open(write, context, &sink, &to, err);

    if (status != LC_OK)
        return status;
    status = lc_baseline_write(index, selection, options, to, counts, &own);
    return lc_sink_close(sink, status, &own, err);
}

/* Checks a result whose rows are unchanged
 *
 * The findings of a row depend on its own bytes, on the dialect and the form of its file,
 * and on its images. So a row that is in the result byte for byte still has the same
 * verdict, and comparing is enough: each row with its rows file, which must still have
 * the bytes that were checked; and the text between rows with what is allowed there. This
 * takes a tenth of the time for reading the rows.
 *
 * Comparing is not enough if rows depend on each other or on their position: then the
 * result is checked like any data set (again.c). lc_clean_is_verbatim decides this. */
#include "clean/state.h"

#include "clean/frame.h"
#include "scan/source.h"

#include <string.h>

#define STEP ((size_t)1 << 20) /* bytes hashed and released at once */

/* Whether the trainer processes a row without failing, so that no other row replaces it
 * or is lost with it. */
static bool is_trained(uint8_t effect)
{
    return effect == LC_EFFECT_FINE || effect == LC_EFFECT_UNKNOWN ||
           effect == LC_EFFECT_ALTERED;
}

static enum lc_status compare_form(const struct lc_clean *clean,
                                   const struct lc_clean_output *output, bool *out,
                                   struct lc_error *err)
{
    struct lc_file_record source = {0};
    enum lc_status status =
        lc_index_get_file(clean->index, output->first_source, &source, err);

    *out =
        output->first_source + 1 == output->end_source && source.lines == output->lines;
    return status;
}

enum lc_status lc_clean_is_verbatim(const struct lc_clean *clean, bool *out,
                                    struct lc_error *err)
{
    const struct lc_clean_options *options = &clean->options;
    enum lc_status status = LC_OK;

    *out = !options->fix && !options->keep_all && !options->transcode && !clean->order &&
           !lc_clean_has_json_findings(clean->index);
    for (uint64_t row = 0; row < clean->rows && *out; row++)
        *out = clean->parts[row] >= LC_ROW_LEFT || is_trained(clean->effects.rows[row]);
    for (size_t i = 0; i < clean->output_count && *out && status == LC_OK; i++)
        status = compare_form(clean, &clean->outputs[i], out, err);
    return status;
}

/* ---- one file ---- */

struct comparison {
    const struct lc_clean *clean;
    const struct lc_clean_output *output;
    struct lc_source in;
    struct lc_map map; /* the output file */
    size_t at;         /* offset in it: past what was compared */
    size_t hashed, fetched, dropped;
    struct lc_hasher *hasher;
    uint64_t rows;
};

static enum lc_status fail(const struct comparison *c, struct lc_error *err)
{
    return lc_fail(
        err, LC_ERR_IO, 0,
        "the result is not what was written, at row %llu when it is read again",
        (unsigned long long)c->rows + 1);
}

/* Hash the result up to a place. */
static void pass(struct comparison *c, size_t to)
{
    c->fetched = lc_map_prefetch(&c->map, c->fetched, to);
    lc_hasher_update(c->hasher, c->map.data + c->hashed, to - c->hashed);
    c->hashed = to;
    c->dropped = lc_map_drop(&c->map, c->dropped, to);
}

static size_t skip_space(struct lc_span text, size_t at)
{
    while (at < text.size && (text.text[at] == '\n' || text.text[at] == ' ' ||
                              text.text[at] == '\t' || text.text[at] == '\r'))
        at++;
    return at;
}

/* Skip the text before the next row: white space and, in an array, one bracket or
 * comma. */
static struct lc_span skip_gap(struct comparison *c)
{
    const struct lc_span text = {c->map.data, c->map.size};
    size_t from = c->at;

    c->at = skip_space(text, c->at);
    if (!c->output->lines && c->at < text.size)
        c->at = skip_space(text, c->at + 1);
    return (struct lc_span){text.text + from, c->at - from};
}

static enum lc_status compare_row(struct comparison *c, const struct lc_row_record *row,
                                  struct lc_error *err)
{
    struct lc_span gap = skip_gap(c);
    bool lines = c->output->lines;
    enum lc_status status = LC_OK;

    if (row->offset > c->in.map.size || row->size > c->in.map.size - row->offset)
        return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such row");
    if (!(c->rows ? lc_frame_is_gap(gap, lines) : lc_frame_is_head(gap, lines)) ||
        row->size > c->map.size - c->at ||
        memcmp(c->map.data + c->at, c->in.map.data + row->offset, row->size) != 0)
        return fail(c, err);
    c->at += row->size;
    c->rows++;
    if (c->at - c->hashed >= STEP) {
        pass(c, c->at);
        status = lc_source_pass(&c->in, row->offset + row->size, err);
    }
    return status;
}

static enum lc_status compare_rows(struct comparison *c, struct lc_error *err)
{
    const struct lc_clean *clean = c->clean;
    struct lc_stream *stream = NULL;
    struct lc_row_record row = {0};
    bool found = true;
    enum lc_status status = lc_stream_new(clean->index, LC_STREAM_ROWS, &stream, err);

    if (status == LC_OK)
        status = lc_stream_from_row(stream, c->in.record.first_row, err);
    for (uint64_t i = 0; status == LC_OK && i < c->in.record.rows; i++) {
        uint64_t number = 0;

        status = lc_stream_row(stream, &number, &row, &found, err);
        if (status == LC_OK && (!found || number >= clean->rows))
            status = lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such row");
        if (status == LC_OK && clean->parts[number] == c->output->part)
            status = compare_row(c, &row, err);
    }
    lc_stream_free(stream);
    return status;
}

static enum lc_status compare_file(const struct lc_clean *clean,
                                   struct lc_clean_output *output, const char *path,
                                   struct lc_error *err)
{
    struct comparison c = {
        .clean = clean,
        .output = output,
        .in = {.check = &clean->check, .hasher = lc_hasher_new()},
        .hasher = lc_hasher_new(),
    };
    enum lc_status status;

    if (!c.hasher || !c.in.hasher) {
        status = lc_fail_memory(err);
        goto out;
    }
    status = lc_map_open(path, &c.map, err);
    if (status != LC_OK)
        goto out;
    status =
        lc_source_open(&c.in, clean->index, &clean->dataset, output->first_source, err);
    if (status == LC_OK)
        status = compare_rows(&c, err);
    status = lc_source_close(&c.in, status, err);
    if (status != LC_OK)
        goto out;
    if (c.rows != output->file.rows || c.map.size != output->file.bytes ||
        !lc_frame_is_tail((struct lc_span){c.map.data + c.at, c.map.size - c.at},
                          output->lines)) {
        status = fail(&c, err);
        goto out;
    }
    pass(&c, c.map.size);
    output->file.content = lc_hasher_finish(c.hasher);
    output->file.same = lc_hash_compare(&c.in.record.content, &output->file.content) == 0;
out:
    lc_map_close(&c.map);
    lc_hasher_free(c.hasher);
    lc_hasher_free(c.in.hasher);
    return status;
}

enum lc_status lc_clean_check_verbatim(struct lc_clean *clean, const char *const *paths,
                                       struct lc_error *err)
{
    uint64_t *counts = clean->counts.effects;
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < clean->output_count && status == LC_OK; i++)
        status = compare_file(clean, &clean->outputs[i], paths[i], err);
    memset(counts, 0, sizeof(clean->counts.effects));
    for (uint64_t row = 0; row < clean->rows; row++)
        if (clean->parts[row] < LC_ROW_LEFT)
            counts[clean->effects.rows[row]]++;
    return status;
}

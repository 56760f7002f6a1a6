/* Lists the files of the result, with the rows of each */
#include "clean/state.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

/* Get the rows of an output's rows files: from first up to, not including, end. */
static enum lc_status get_range(const struct lc_clean *clean,
                                const struct lc_clean_output *output, uint64_t *first,
                                uint64_t *end, struct lc_error *err)
{
    struct lc_file_record file = {0};
    enum lc_status status =
        lc_index_get_file(clean->index, output->first_source, &file, err);

    *first = file.first_row;
    if (status == LC_OK)
        status = lc_index_get_file(clean->index, output->end_source - 1, &file, err);
    *end = file.first_row + file.rows;
    if (status == LC_OK && (*end > clean->rows || *first > *end))
        return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such row");
    return status;
}

enum lc_status lc_clean_each_row(const struct lc_clean *clean,
                                 const struct lc_clean_output *output,
                                 lc_clean_row_fn *each, void *user, struct lc_error *err)
{
    uint64_t result = output->first_row, row, end;
    enum lc_status status = get_range(clean, output, &row, &end, err);

    if (clean->order) {
        for (; result < output->first_row + output->file.rows && status == LC_OK;
             result++)
            status = each(user, result, clean->order[result], err);
        return status;
    }
    for (; row < end && status == LC_OK; row++)
        if (clean->parts[row] == output->part)
            status = each(user, result++, row, err);
    return status;
}

bool lc_clean_is_lines(const struct lc_clean *clean, uint32_t source)
{
    const char *name = clean->options.name;

    return lc_path_ends(name ? name : clean->dataset.files[source].name, ".jsonl");
}

void lc_clean_clear_outputs(struct lc_clean *clean)
{
    for (size_t i = 0; i < clean->output_count; i++)
        free(clean->outputs[i].edits);
    clean->output_count = 0;
}

/* Add an output file, if it has rows. */
static enum lc_status add_output(struct lc_clean *clean, uint32_t first, uint32_t end,
                                 uint8_t part, struct lc_error *err)
{
    const char *source = clean->options.name ? NULL : clean->dataset.files[first].name;
    struct lc_clean_output output = {
        .file = {.source = source,
                 .path = source ? clean->dataset.files[first].path : NULL},
        .first_source = first,
        .end_source = end,
        .part = part,
        .lines = lc_clean_is_lines(clean, first),
        .first_row = clean->written,
    };
    struct lc_clean_output *outputs = lc_array_grow(
        clean->outputs, clean->output_count, &clean->output_capacity, sizeof(*outputs));
    uint64_t row, end_row;
    enum lc_status status = get_range(clean, &output, &row, &end_row, err);

    if (!outputs)
        return lc_fail_memory(err);
    clean->outputs = outputs;
    if (clean->options.part_count)
        output.file.part = clean->options.parts[part].name;
    for (; row < end_row && status == LC_OK; row++)
        output.file.rows += clean->parts[row] == part;
    clean->written += output.file.rows;
    if (output.file.rows)
        outputs[clean->output_count++] = output;
    return status;
}

static void count_rows(struct lc_clean *clean)
{
    clean->counts.dropped = 0;
    clean->counts.left = 0;
    clean->counts.fixed = 0;
    for (uint64_t row = 0; row < clean->rows; row++) {
        clean->counts.dropped += clean->parts[row] == LC_ROW_DROPPED;
        clean->counts.left += clean->parts[row] == LC_ROW_LEFT;
    }
    for (size_t i = 0; i < clean->fixing.count; i++) {
        const struct lc_fixed_row *fixed = &clean->fixing.rows[i];

        clean->counts.fixed += !fixed->withdrawn &&
                               clean->parts[fixed->row] != LC_ROW_DROPPED &&
                               clean->parts[fixed->row] != LC_ROW_LEFT;
    }
    clean->counts.kept = clean->written - clean->counts.fixed;
}

enum lc_status lc_clean_list_files(struct lc_clean *clean, struct lc_error *err)
{
    uint32_t sources = (uint32_t)clean->dataset.file_count;
    size_t parts = clean->options.part_count ? clean->options.part_count : 1;
    uint32_t step = clean->options.name ? sources : 1;
    enum lc_status status = LC_OK;

    lc_clean_clear_outputs(clean);
    clean->written = 0;
    for (uint32_t i = 0; i < sources && status == LC_OK; i += step)
        for (size_t part = 0; part < parts && status == LC_OK; part++)
            status = add_output(clean, i, i + step, (uint8_t)part, err);
    count_rows(clean);
    return status;
}

/* Writes an output file
 *
 * Idea. The output is the rows file with pieces taken out. Adjacent rows that are both
 * kept are copied together with the text between them, in one piece, so that copying
 * costs little more than reading. If rows are taken out, the text before the next kept
 * row separates it from the previous kept one: so the result keeps the indentation and
 * line ends of the rows file. Text that does not belong between rows, such as a second
 * comma, is replaced by the file's first valid separator.
 *
 * The rows file is hashed on the way, to make sure that its bytes are those that were
 * checked. Shuffled rows are read one by one, after the file was hashed. */
#include "clean/state.h"

#include "clean/frame.h"
#include "scan/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP ((size_t)1 << 20)          /* bytes written and hashed at once */
#define STORE_STEP ((uint64_t)16 << 20) /* what the kernel is asked to store at once */

struct writer {
    struct lc_clean *clean;
    struct lc_clean_output *output;
    FILE *to;
    uint64_t bytes;     /* written */
    uint64_t storing;   /* up to where the kernel was asked to store them */
    uint64_t rows;      /* number of rows written */
    struct lc_span gap; /* used where the rows file has no valid separator; owned */
    struct lc_buffer own_gap;

    uint32_t source; /* number of the rows file */
    struct lc_source in;

    /* the piece of the rows file that is not written yet; it ends with a row */
    size_t from;
    size_t end;
    struct lc_buffer fixed; /* the text of a row */
    bool is_raw;            /* the previous row is not JSON, and is kept unchanged */

    /* offsets in both files up to which the edits are complete */
    size_t same;
    uint64_t same_put;
};

/* Ask the kernel to start storing what was written: the disk works while the rest is
 * written and the result is read again, so that fsync has little left to wait for. This
 * is only a hint; an error shows up in fsync. */
static void begin_storing(struct writer *w)
{
    (void)sync_file_range(fileno(w->to), (off64_t)w->storing,
                          (off64_t)(w->bytes - w->storing), SYNC_FILE_RANGE_WRITE);
    w->storing = w->bytes;
}

static enum lc_status write_bytes(struct writer *w, const char *data, size_t size,
                                  struct lc_error *err)
{
    errno = 0;
    if (size && fwrite(data, 1, size, w->to) != size)
        return lc_fail_errno(err, "write the rows");
    w->bytes += size;
    if (w->bytes - w->storing >= STORE_STEP)
        begin_storing(w);
    return LC_OK;
}

/* Note what was written in place of the bytes of the rows file up to an offset. */
static enum lc_status note_edit(struct writer *w, size_t to, struct lc_error *err)
{
    struct lc_clean_output *output = w->output;
    const struct lc_written_edit edit = {w->same, to - w->same, w->same_put,
                                         w->bytes - w->same_put};
    struct lc_written_edit *edits;

    if (!w->clean->options.want_edits || (!edit.size && !edit.put_size))
        return LC_OK;
    edits = lc_array_grow(output->edits, output->edit_count, &output->edit_capacity,
                          sizeof(*edits));
    if (!edits)
        return lc_fail_memory(err);
    output->edits = edits;
    edits[output->edit_count++] = edit;
    return LC_OK;
}

static enum lc_status flush_piece(struct writer *w, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (w->end > w->from)
        status = note_edit(w, w->from, err);
    if (status == LC_OK)
        status = write_bytes(w, w->in.map.data + w->from, w->end - w->from, err);
    if (w->end > w->from) {
        w->same = w->end;
        w->same_put = w->bytes;
    }
    w->from = w->end;
    return status == LC_OK ? lc_source_pass(&w->in, w->end, err) : status;
}

/* ---- the rows file ---- */

/* Check that the row's text is within the file: the index may be damaged. */
static enum lc_status check_row(const struct writer *w, const struct lc_row_record *row,
                                size_t after, struct lc_error *err)
{
    if (row->offset < after || row->offset > w->in.map.size ||
        row->size > w->in.map.size - row->offset)
        return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such row");
    return LC_OK;
}

/* Find the first text between two rows that is a valid separator. */
static enum lc_status find_gap(struct writer *w, struct lc_error *err)
{
    bool lines = w->output->lines;
    struct lc_stream *stream = NULL;
    struct lc_span gap = lc_frame_default_gap(lines);
    struct lc_row_record row = {0};
    uint64_t number;
    size_t end = 0;
    bool found = true, fits = false;
    enum lc_status status = lc_stream_new(w->clean->index, LC_STREAM_ROWS, &stream, err);

    if (status == LC_OK)
        status = lc_stream_from_row(stream, w->in.record.first_row, err);
    for (uint64_t i = 0;
         status == LC_OK && !fits && i < w->in.record.rows && w->in.record.lines == lines;
         i++) {
        status = lc_stream_row(stream, &number, &row, &found, err);
        if (status == LC_OK && found)
            status = check_row(w, &row, end, err);
        if (status != LC_OK || !found)
            break;
        fits = i && lc_frame_is_gap(
                        (struct lc_span){w->in.map.data + end, row.offset - end}, lines);
        if (fits)
            gap = (struct lc_span){w->in.map.data + end, row.offset - end};
        end = row.offset + row.size;
    }
    lc_stream_free(stream);
    if (status == LC_OK)
        status = lc_buffer_add(&w->own_gap, gap.text, gap.size, err);
    w->gap = (struct lc_span){w->own_gap.data, w->own_gap.size};
    return status;
}

/* Open a rows file, which must be unchanged since the check. */
static enum lc_status open_source(struct writer *w, uint32_t number, struct lc_error *err)
{
    enum lc_status status =
        lc_source_open(&w->in, w->clean->index, &w->clean->dataset, number, err);

    w->source = number;
    w->from = w->end = 0;
    w->same = 0;
    w->same_put = w->bytes;
    if (status == LC_OK && !w->gap.text)
        status = find_gap(w, err);
    return status;
}

/* ---- rows ---- */

/* Check that a row in JSON lines is on one line. */
static enum lc_status check_line(const struct writer *w, const char *text, size_t size,
                                 struct lc_error *err)
{
    if (!w->output->lines || w->in.record.lines ||
        (!memchr(text, '\n', size) && !memchr(text, '\r', size)))
        return LC_OK;
    return lc_fail(err, LC_ERR_USAGE, 0,
                   "rows of %.100s span several lines and cannot be copied as JSON "
                   "lines: name the result .json",
                   w->clean->dataset.files[w->source].name);
}

/* Write the text before the first row: the text of its rows file, if it is valid there,
 * or else a new one. */
static enum lc_status write_head(struct writer *w, size_t first, struct lc_error *err)
{
    bool lines = w->output->lines;
    struct lc_span head = lc_frame_skip_mark((struct lc_span){w->in.map.data, first});
    struct lc_buffer own = {0};
    enum lc_status status = LC_OK;

    if (w->in.record.lines != lines || !lc_frame_is_head(head, lines)) {
        status = lc_frame_add_head(w->gap, lines, &own, err);
        head = (struct lc_span){own.data, own.size};
    }
    if (status == LC_OK)
        status = write_bytes(w, head.text, head.size, err);
    lc_buffer_clear(&own);
    return status;
}

/* Whether the text after the last row is kept: after a row that is not JSON, or if the
 * text is more than the end of the array. It may contain lost rows. */
static bool keeps_tail(const struct writer *w, struct lc_span rest)
{
    const struct lc_clean_options *options = &w->clean->options;

    if (!options->keep_all || !rest.text || w->in.record.lines != w->output->lines)
        return false;
    return w->is_raw || (!options->unsafe && lc_frame_has_more(rest, w->in.record.lines));
}

/* Write the text after the last row; rest is the text of its rows file, or empty if a row
 * was taken out there. */
static enum lc_status write_tail(struct writer *w, struct lc_span rest,
                                 struct lc_error *err)
{
    bool lines = w->output->lines;
    struct lc_buffer own = {0};
    enum lc_status status = LC_OK;

    if (!keeps_tail(w, rest) &&
        (!rest.text || w->in.record.lines != lines || !lc_frame_is_tail(rest, lines))) {
        status = lc_frame_add_tail(w->gap, lines, &own, err);
        rest = (struct lc_span){own.data, own.size};
    }
    if (status == LC_OK)
        status = write_bytes(w, rest.text, rest.size, err);
    lc_buffer_clear(&own);
    return status;
}

/* The state of copying the rows of a file. */
struct copy {
    size_t first;       /* offset of the file's first row */
    size_t end;         /* end of the previous row; 0: there is none */
    bool is_last_taken; /* the previous row is written, or in the current piece */
};

/* Write the text of a row with its fixes. */
static enum lc_status write_fixed(struct writer *w, const struct lc_row_record *row,
                                  const struct lc_fixed_row *fixed, struct lc_error *err)
{
    enum lc_status status = lc_clean_read_fixed(w->clean, fixed, &w->fixed, err);

    if (status == LC_OK)
        status = check_line(w, w->fixed.data, w->fixed.size, err);
    if (status == LC_OK)
        status = write_bytes(w, w->fixed.data, w->fixed.size, err);
    w->from = w->end = row->offset + row->size;
    w->rows++;
    /* an edit for each row: a diff shows them apart, even on one line, and need not
     * compare many lines at once */
    if (status == LC_OK)
        status = note_edit(w, w->end, err);
    w->same = w->end;
    w->same_put = w->bytes;
    return status == LC_OK ? lc_source_pass(&w->in, w->end, err) : status;
}

/* Copy a row with the text before it. */
static enum lc_status copy_row(struct writer *w, const struct copy *copy,
                               const struct lc_row_record *row,
                               const struct lc_fixed_row *fixed, struct lc_error *err)
{
    struct lc_span gap = {w->in.map.data + copy->end, row->offset - copy->end};
    bool was_raw = w->is_raw;
    bool fits = copy->end && w->in.record.lines == w->output->lines &&
                lc_frame_is_gap(gap, w->output->lines);
    enum lc_status status = LC_OK;

    w->is_raw = w->clean->options.keep_all && !fixed && !row->readable;
    fits |= copy->end && w->in.record.lines == w->output->lines && (was_raw || w->is_raw);
    if (!fixed)
        status = check_line(w, w->in.map.data + row->offset, row->size, err);
    if (status != LC_OK)
        return status;
    if (!fits || !copy->is_last_taken || fixed) {
        status = flush_piece(w, err);
        if (status == LC_OK && !w->rows)
            status = write_head(w, copy->first, err);
        else if (status == LC_OK)
            status = fits ? write_bytes(w, gap.text, gap.size, err)
                          : write_bytes(w, w->gap.text, w->gap.size, err);
        w->from = row->offset;
    }
    if (fixed)
        return status == LC_OK ? write_fixed(w, row, fixed, err) : status;
    w->end = row->offset + row->size;
    w->rows++;
    return status == LC_OK && w->end - w->from >= STEP ? flush_piece(w, err) : status;
}

/* Copy the rows of the open file. rest is set to the text after its last row. */
static enum lc_status copy_rows(struct writer *w, struct lc_span *rest,
                                struct lc_error *err)
{
    struct lc_stream *stream = NULL;
    struct lc_row_record row = {0};
    struct copy copy = {0};
    bool found = true;
    enum lc_status status = lc_stream_new(w->clean->index, LC_STREAM_ROWS, &stream, err);

    if (status == LC_OK)
        status = lc_stream_from_row(stream, w->in.record.first_row, err);
    for (uint64_t i = 0; status == LC_OK && i < w->in.record.rows; i++) {
        uint64_t number = 0;

        status = lc_stream_row(stream, &number, &row, &found, err);
        if (status == LC_OK && (!found || number >= w->clean->rows))
            status = lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such row");
        if (status == LC_OK)
            status = check_row(w, &row, copy.end, err);
        if (status != LC_OK)
            break;
        if (!row.readable && !w->in.record.lines)
            row.size = (uint32_t)lc_frame_trim_row(
                (struct lc_span){w->in.map.data + row.offset, row.size});
        copy.first = i ? copy.first : row.offset;
        if (w->clean->parts[number] == w->output->part) {
            status = copy_row(w, &copy, &row, lc_clean_fixed(w->clean, number), err);
            copy.is_last_taken = true;
        } else {
            copy.is_last_taken = false;
        }
        copy.end = row.offset + row.size;
    }
    lc_stream_free(stream);
    if (status == LC_OK)
        status = flush_piece(w, err);
    *rest = (struct lc_span){0};
    if (status == LC_OK && (copy.is_last_taken || !w->output->lines))
        *rest = (struct lc_span){w->in.map.data + copy.end, w->in.map.size - copy.end};
    return status;
}

static enum lc_status write_in_order(struct writer *w, struct lc_error *err)
{
    const struct lc_clean_output *output = w->output;
    enum lc_status status = LC_OK;

    for (uint32_t i = output->first_source; i < output->end_source && status == LC_OK;
         i++) {
        struct lc_span rest = {0};

        status = open_source(w, i, err);
        if (status == LC_OK)
            status = copy_rows(w, &rest, err);
        if (status == LC_OK && i + 1 == output->end_source)
            status = write_tail(w, rest, err);
        if (status == LC_OK)
            status = note_edit(w, w->in.map.size, err);
        status = lc_source_close(&w->in, status, err);
    }
    return status;
}

/* ---- shuffled rows ---- */

struct shuffled {
    struct writer *w;
    int *files; /* descriptors of the output's rows files */
    struct lc_buffer bytes;
};

static enum lc_status read_row(int fd, const struct lc_row_record *row,
                               struct lc_buffer *out, struct lc_error *err)
{
    enum lc_status status;

    out->size = 0;
    status = lc_buffer_reserve(out, row->size, err);
    while (status == LC_OK && out->size < row->size) {
        ssize_t size = pread(fd, out->data + out->size, row->size - out->size,
                             (off_t)(row->offset + out->size));

        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return lc_fail_errno(err, "read a rows file");
        if (size == 0)
            return lc_fail(err, LC_ERR_IO, 0, "a rows file became shorter");
        out->size += (size_t)size;
    }
    return status;
}

static enum lc_status write_shuffled(void *user, uint64_t result, uint64_t number,
                                     struct lc_error *err)
{
    struct shuffled *shuffled = user;
    struct writer *w = shuffled->w;
    const struct lc_fixed_row *fixed;
    struct lc_row_record row = {0};
    enum lc_status status = lc_index_get_row(w->clean->index, number, &row, err);

    (void)result;
    if (status == LC_OK &&
        (row.file < w->output->first_source || row.file >= w->output->end_source))
        status = lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: no such row");
    if (status == LC_OK && w->source != row.file) {
        w->source = row.file;
        status = lc_index_get_file(w->clean->index, row.file, &w->in.record, err);
    }
    fixed = lc_clean_fixed(w->clean, number);
    if (status == LC_OK)
        status = fixed ? lc_clean_read_fixed(w->clean, fixed, &shuffled->bytes, err)
                       : read_row(shuffled->files[row.file - w->output->first_source],
                                  &row, &shuffled->bytes, err);
    if (status == LC_OK)
        status = check_line(w, shuffled->bytes.data, shuffled->bytes.size, err);
    if (status == LC_OK && w->rows++)
        status = write_bytes(w, w->gap.text, w->gap.size, err);
    if (status == LC_OK)
        status = write_bytes(w, shuffled->bytes.data, shuffled->bytes.size, err);
    return status == LC_OK && w->rows % 4096 == 0 ? lc_source_check_stopped(&w->in, err)
                                                  : status;
}

/* Open the rows files, and check that they have the bytes that were checked. */
static enum lc_status open_sources(struct shuffled *shuffled, struct lc_error *err)
{
    struct writer *w = shuffled->w;
    uint32_t first = w->output->first_source, count = w->output->end_source - first;
    enum lc_status status = LC_OK;

    shuffled->files = malloc(count * sizeof(*shuffled->files));
    if (!shuffled->files)
        return lc_fail_memory(err);
    memset(shuffled->files, -1, count * sizeof(*shuffled->files));
    for (uint32_t i = 0; i < count && status == LC_OK; i++) {
        status = open_source(w, first + i, err);
        if (status == LC_OK) {
            shuffled->files[i] = open(w->clean->dataset.files[first + i].path,
                                      O_RDONLY | O_NOCTTY | O_CLOEXEC);
            if (shuffled->files[i] < 0)
                status = lc_fail_errno(err, "open a rows file");
        }
        status = lc_source_close(&w->in, status, err);
    }
    return status;
}

static enum lc_status write_in_random_order(struct writer *w, struct lc_error *err)
{
    uint32_t count = w->output->end_source - w->output->first_source;
    struct shuffled shuffled = {.w = w};
    struct lc_buffer head = {0};
    enum lc_status status = open_sources(&shuffled, err);

    if (status == LC_OK)
        status = lc_frame_add_head(w->gap, w->output->lines, &head, err);
    if (status == LC_OK)
        status = write_bytes(w, head.data, head.size, err);
    w->source = UINT32_MAX;
    if (status == LC_OK)
        status = lc_clean_each_row(w->clean, w->output, write_shuffled, &shuffled, err);
    if (status == LC_OK)
        status = write_tail(w, (struct lc_span){0}, err);
    for (uint32_t i = 0; i < count && shuffled.files; i++)
        if (shuffled.files[i] >= 0)
            close(shuffled.files[i]);
    free(shuffled.files);
    lc_buffer_clear(&shuffled.bytes);
    lc_buffer_clear(&head);
    return status;
}

enum lc_status lc_clean_write(struct lc_clean *clean, size_t file, FILE *to,
                              struct lc_error *err)
{
    struct lc_clean_output *output = &clean->outputs[file];
    struct writer w = {.clean = clean, .output = output, .to = to};
    enum lc_status status = LC_OK;

    if (clean->dataset.has_shards)
        return lc_clean_write_samples(clean, output, to, err);
    output->edit_count = 0;
    w.in.check = &clean->check;
    w.in.hasher = lc_hasher_new();
    if (!w.in.hasher)
        return lc_fail_memory(err);
    status = clean->order ? write_in_random_order(&w, err) : write_in_order(&w, err);
    lc_hasher_free(w.in.hasher);
    lc_buffer_clear(&w.own_gap);
    lc_buffer_clear(&w.fixed);
    errno = 0;
    if (status == LC_OK && (fflush(to) != 0 || ferror(to)))
        status = lc_fail_errno(err, "write the rows");
    if (status == LC_OK)
        begin_storing(&w);
    output->file.bytes = w.bytes;
    return status;
}

/* library_facts.c - prints what the iterators of the public API hand out, for
 * test_library.py
 *
 *     library_facts PATH files|rows|images|findings   a line of JSON for each entry
 *     library_facts PATH selected                     findings that a selection leaves
 *     library_facts PATH report FORMAT CALLS RESULT   a report through a function, which
 *                                                     returns RESULT from call CALLS on
 *
 * It includes public headers alone, and is linked with the shared library. */
#include <llava_check.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *comma = "";

static void put_key(const char *key)
{
    printf("%s\"%s\":", comma, key);
    comma = ",";
}

/* A string; bytes that are not UTF-8 are written as they are. */
static void put_bytes(struct lc_span span)
{
    putchar('"');
    for (size_t i = 0; i < span.size; i++) {
        unsigned char c = (unsigned char)span.text[i];

        if (c == '"' || c == '\\' || c < 0x20)
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void put_span(const char *key, struct lc_span span)
{
    put_key(key);
    put_bytes(span);
}

/* A span that is left out when it is empty. */
static void put_some(const char *key, struct lc_span span)
{
    if (span.size)
        put_span(key, span);
}

static void put_name(const char *key, const char *name)
{
    put_span(key, (struct lc_span){name, strlen(name)});
}

static void put_u64(const char *key, uint64_t value)
{
    put_key(key);
    printf("%" PRIu64, value);
}

/* A number that is left out when it is -1. */
static void put_i64(const char *key, int64_t value)
{
    if (value == -1)
        return;
    put_key(key);
    printf("%" PRId64, value);
}

static void put_bool(const char *key, bool value)
{
    put_key(key);
    printf("%s", value ? "true" : "false");
}

static void put_hash(const char *key, const struct lc_hash *hash)
{
    static const struct lc_hash none;

    if (memcmp(hash, &none, sizeof(none)) == 0)
        return;
    put_key(key);
    putchar('"');
    for (size_t i = 0; i < sizeof(hash->bytes); i++)
        printf("%02x", hash->bytes[i]);
    putchar('"');
}

static void begin_line(void)
{
    comma = "";
    putchar('{');
}

static enum lc_status print_files(const struct lc_index *index, struct lc_error *err)
{
    const struct lc_file_entry *file;
    struct lc_file_iterator *iterator = NULL;
    enum lc_status status = lc_file_iterator_new(index, &iterator, err);

    while (status == LC_OK && (status = lc_file_next(iterator, &file, err)) == LC_OK &&
           file) {
        begin_line();
        put_u64("number", file->number);
        put_span("name", file->name);
        put_u64("size", file->size);
        put_i64("mtime_ns", file->mtime_ns);
        put_i64("ctime_ns", file->ctime_ns);
        put_u64("inode", file->inode);
        put_u64("device", file->device);
        put_hash("content", &file->content);
        put_u64("first_row", file->first_row);
        put_u64("rows", file->rows);
        put_bool("lines", file->is_lines);
        put_some("sampling", file->sampling);
        put_u64("sampled", file->rows_sampled);
        put_span("dialect", file->dialect);
        puts("}");
    }
    lc_file_iterator_free(iterator);
    return status;
}

static void print_row(const struct lc_row_entry *row)
{
    static const char *const scripts[] = {"latin", "han", "other", "none"};

    begin_line();
    put_u64("number", row->number);
    put_some("id", row->id);
    put_span("file", row->file);
    put_u64("row", row->row);
    put_u64("line", row->line);
    put_u64("column", row->column);
    put_u64("offset", row->offset);
    put_u64("size", row->size);
    put_u64("turns", row->turns);
    put_u64("words", row->words);
    put_u64("characters", row->characters);
    if (row->is_readable)
        put_name("script", scripts[row->script]);
    put_u64("placeholders", row->placeholders);
    put_u64("videos", row->videos);
    put_u64("urls", row->urls);
    put_u64("embedded", row->embedded);
    put_u64("urls", row->urls);
    put_u64("embedded", row->embedded);
    put_bool("readable", row->is_readable);
    put_bool("faulty", !row->is_ok);
    put_bool("whole", row->is_comparable);
    put_hash("content", &row->content);
    put_u64("rest", row->rest);
    put_bool("object", row->is_object);
    put_bool("text_only", row->is_text_only);
    put_some("data_source", row->data_source);
    put_key("images");
    for (size_t i = 0; i < row->image_count; i++) {
        printf("%s", i ? "," : "[");
        put_bytes(row->images[i].path);
    }
    puts(row->image_count ? "]}" : "[]}");
}

static enum lc_status print_rows(const struct lc_index *index, struct lc_error *err)
{
    const struct lc_row_entry *row;
    struct lc_row_iterator *iterator = NULL;
    enum lc_status status = lc_row_iterator_new(index, &iterator, err);

    while (status == LC_OK && (status = lc_row_next(iterator, &row, err)) == LC_OK && row)
        print_row(row);
    lc_row_iterator_free(iterator);
    return status;
}

static void print_image(const struct lc_image_entry *image)
{
    begin_line();
    put_u64("number", image->number);
    put_span("path", image->path);
    put_name("verdict", lc_image_state_name(image->state));
    put_span("format", image->format);
    put_i64("size", image->size);
    if (image->width)
        put_u64("width", image->width);
    if (image->height)
        put_u64("height", image->height);
    if (image->width && image->height)
        put_u64("pixels", (uint64_t)image->width * image->height);
    put_span("mode", image->mode);
    put_u64("channels", image->channels);
    put_u64("depth", image->depth);
    put_u64("orientation", image->orientation);
    put_u64("frames", image->frames);
    put_u64("warnings", image->warnings);
    put_u64("rows_decoded", image->rows_decoded);
    put_u64("trailing", image->trailing);
    put_span("detail", image->detail);
    put_bool("blank", image->is_blank);
    put_bool("faulty", image->has_error);
    put_u64("rows", image->row_count);
    put_hash("content", &image->content);
    put_key("mtime_ns");
    printf("%" PRId64, image->mtime_ns);
    put_key("ctime_ns");
    printf("%" PRId64, image->ctime_ns);
    put_u64("inode", image->inode);
    put_u64("device", image->device);
    put_span("archive", image->archive);
    put_u64("offset", image->offset);
    puts("}");
}

static enum lc_status print_images(const struct lc_index *index, struct lc_error *err)
{
    const struct lc_image_entry *image;
    struct lc_image_iterator *iterator = NULL;
    enum lc_status status = lc_image_iterator_new(index, &iterator, err);

    while (status == LC_OK && (status = lc_image_next(iterator, &image, err)) == LC_OK &&
           image)
        print_image(image);
    lc_image_iterator_free(iterator);
    return status;
}

static void print_finding(const struct lc_finding_entry *finding)
{
    static const char *const kinds[] = {"", "row", "image", "set"};

    begin_line();
    put_span("rule", finding->rule);
    put_name("name", finding->info ? finding->info->name : "");
    put_name("severity", lc_severity_name(finding->severity));
    put_name("found_severity", lc_severity_name(finding->found_severity));
    put_name("kind", kinds[finding->kind]);
    put_some("case", finding->rule_case);
    put_span("message", finding->message);
    if (finding->kind == LC_FINDING_ROW)
        put_span("file", finding->file);
    put_i64("file_number", finding->file_number);
    put_i64("row", finding->row);
    put_i64("row_number", finding->row_number);
    put_i64("line", finding->line);
    put_i64("column", finding->column);
    put_i64("offset", finding->offset);
    put_i64("turn", finding->turn);
    put_some("id", finding->id);
    if (finding->kind == LC_FINDING_IMAGE)
        put_span("image", finding->image);
    put_i64("image_number", finding->image_number);
    put_i64("row_count", finding->row_count);
    puts("}");
}

static enum lc_status print_findings(const struct lc_index *index,
                                     const struct lc_view *view, struct lc_error *err)
{
    const struct lc_finding_entry *finding;
    struct lc_finding_iterator *iterator = NULL;
    enum lc_status status = lc_finding_iterator_new(index, view, &iterator, err);

    while (status == LC_OK &&
           (status = lc_finding_next(iterator, &finding, err)) == LC_OK && finding)
        print_finding(finding);
    if (status == LC_OK) /* it stays at its end */
        status = lc_finding_next(iterator, &finding, err);
    if (status == LC_OK && finding)
        abort();
    lc_finding_iterator_free(iterator);
    return status;
}

/* Findings of the rules CNV, errors as warnings, but for CNV303. */
static enum lc_status print_view(const struct lc_index *index, struct lc_error *err)
{
    static const char *const select[] = {"CNV"}, *const ignore[] = {"CNV303"};
    const struct lc_level_choice levels[] = {{"all", LC_SEVERITY_WARNING}};
    struct lc_selection selection = LC_OPTIONS(lc_selection);
    struct lc_view *view = NULL;
    enum lc_status status;

    selection.select = select;
    selection.select_count = 1;
    selection.ignore = ignore;
    selection.ignore_count = 1;
    selection.levels = levels;
    selection.level_count = 1;
    status = lc_view_new(index, &selection, &view, err);
    if (status == LC_OK)
        status = print_findings(index, view, err);
    lc_view_free(view);
    return status;
}

/* Calls that are good, and what the next returns. */
struct pieces {
    long good;
    int result;
    long calls;
    size_t largest;
};

static int write_piece(void *context, const void *data, size_t size)
{
    struct pieces *pieces = context;

    if (pieces->calls++ >= pieces->good)
        return pieces->result;
    if (size > pieces->largest)
        pieces->largest = size;
    return fwrite(data, 1, size, stdout) == size ? 0 : 5;
}

static enum lc_status print_report(const struct lc_index *index, char **words,
                                   struct lc_error *err)
{
    struct pieces pieces = {.good = atol(words[1]), .result = atoi(words[2])};
    struct lc_report_options options = LC_OPTIONS(lc_report_options);
    enum lc_status status;

    options.format = words[0];
    status = lc_report_write_to(index, &options, write_piece, &pieces, err);
    fprintf(stderr, "%ld calls, %d\n", pieces.calls, pieces.largest <= 65536);
    return status;
}

int main(int argc, char **argv)
{
    const char *path = argc > 2 ? argv[1] : "", *what = argc > 2 ? argv[2] : "";
    struct lc_error error = {0};
    struct lc_index *index = NULL;
    enum lc_status status = lc_index_open(&path, 1, &index, &error);

    if (status == LC_OK && strcmp(what, "files") == 0)
        status = print_files(index, &error);
    else if (status == LC_OK && strcmp(what, "rows") == 0)
        status = print_rows(index, &error);
    else if (status == LC_OK && strcmp(what, "images") == 0)
        status = print_images(index, &error);
    else if (status == LC_OK && strcmp(what, "findings") == 0)
        status = print_findings(index, NULL, &error);
    else if (status == LC_OK && strcmp(what, "selected") == 0)
        status = print_view(index, &error);
    else if (status == LC_OK && strcmp(what, "report") == 0 && argc == 6)
        status = print_report(index, argv + 3, &error);
    lc_index_close(index);
    if (status != LC_OK)
        fprintf(stderr, "%d %d %s\n", (int)status, error.os_errno, error.message);
    return (int)status;
}

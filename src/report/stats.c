/* The statistics of an index: what `llava-check index stats` prints */
#include "report/report.h"

#include <string.h>

#define MAX_FORMATS 32

/* Images of one format. */
struct format_count {
    char name[16];
    uint64_t images;
    uint64_t bytes;
};

struct tally {
    struct format_count formats[MAX_FORMATS];
    size_t format_count;
    uint64_t states[LC_IMAGE_STATE_COUNT];
    uint64_t pixels;
    uint32_t max_width;
    uint32_t max_height;
};

static struct format_count *find_format(struct tally *tally, struct lc_span name)
{
    struct format_count *format = tally->formats;

    for (size_t i = 0; i < tally->format_count; i++, format++)
        if (lc_span_is(name, format->name))
            return format;
    if (tally->format_count == MAX_FORMATS)
        return &tally->formats[MAX_FORMATS - 1]; /* more than there are in any sniffer */
    tally->format_count++;
    snprintf(format->name, sizeof(format->name), "%.*s", (int)name.size, name.text);
    return format;
}

static enum lc_status count_image(void *user, uint32_t number,
                                  const struct lc_image_record *image,
                                  struct lc_error *err)
{
    struct tally *tally = user;

    (void)number;
    (void)err;
    if (image->state < LC_IMAGE_STATE_COUNT)
        tally->states[image->state]++;
    if (image->format.size) {
        struct format_count *format = find_format(tally, image->format);

        format->images++;
        format->bytes += image->size;
    }
    tally->pixels += (uint64_t)image->width * image->height;
    if (image->width > tally->max_width)
        tally->max_width = image->width;
    if (image->height > tally->max_height)
        tally->max_height = image->height;
    return LC_OK;
}

static void print_line(FILE *to, const char *label, uint64_t value)
{
    char count[LC_COUNT_SIZE];

    fprintf(to, "%-24s%16s\n", label, lc_format_count(value, count));
}

static void print_rows(const struct lc_summary *s, FILE *to)
{
    print_line(to, "rows files", s->rows_files);
    print_line(to, "rows", s->rows);
    print_line(to, "  sound", s->rows_ok);
    print_line(to, "  text only", s->rows_text_only);
    print_line(to, "turns", s->turns);
    print_line(to, "words", s->words);
}

static void print_images(const struct lc_summary *s, const struct tally *tally, FILE *to)
{
    char label[32], bytes[LC_COUNT_SIZE], count[LC_COUNT_SIZE];

    print_line(to, "images named", s->images_referenced);
    for (int i = 0; i < LC_IMAGE_STATE_COUNT; i++) {
        if (!tally->states[i])
            continue;
        snprintf(label, sizeof(label), "  %s",
                 lc_image_state_name((enum lc_image_state)i));
        print_line(to, label, tally->states[i]);
    }
    print_line(to, "files read", s->images);
    for (size_t i = 0; i < tally->format_count; i++) {
        snprintf(label, sizeof(label), "  %s", tally->formats[i].name);
        fprintf(to, "%-24s%16s  %s\n", label,
                lc_format_count(tally->formats[i].images, count),
                lc_format_bytes(tally->formats[i].bytes, bytes));
    }
    fprintf(to, "%-24s%16s\n", "bytes of images", lc_format_count(s->image_bytes, count));
    print_line(to, "pixels", tally->pixels);
    if (tally->max_width)
        fprintf(to, "%-24s%16u\n%-24s%16u\n", "widest", tally->max_width, "tallest",
                tally->max_height);
}

static void print_findings(const struct lc_report *report)
{
    const struct lc_summary *s = lc_index_summary(report->index);
    size_t count;
    const struct lc_rule_count *counts = lc_index_rule_counts(report->index, &count);
    char label[32];

    for (int i = LC_SEVERITY_ERROR; i >= LC_SEVERITY_INFO; i--) {
        snprintf(label, sizeof(label), "findings of level %s",
                 lc_severity_name((enum lc_severity)i));
        print_line(report->to, label, s->findings[i]);
    }
    for (size_t i = 0; i < count; i++) {
        snprintf(label, sizeof(label), "  %s", counts[i].code);
        print_line(report->to, label,
                   counts[i].counts[0] + counts[i].counts[1] + counts[i].counts[2]);
    }
}

static enum lc_status write(const struct lc_report *report, struct lc_error *err)
{
    const struct lc_summary *s = lc_index_summary(report->index);
    struct tally tally = {0};
    enum lc_status status = lc_index_each_image(report->index, count_image, &tally, err);

    if (status != LC_OK)
        return status;
    print_rows(s, report->to);
    print_images(s, &tally, report->to);
    print_findings(report);
    return LC_OK;
}

const struct lc_report_format lc_report_stats = {
    {"stats", "the run in numbers"},
    write,
};

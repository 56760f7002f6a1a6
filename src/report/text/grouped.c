/* The findings by file: rows files, then folders of images, then the set; the verdict in
 * the last line. */
#include "print/example.h"
#include "report/text/writer.h"

#include <string.h>

struct writer {
    struct lc_text_writer text;
    struct lc_buffer group; /* the heading that was printed last */
    struct lc_buffer next;  /* the heading of the current finding */
    struct lc_buffer line;
    struct lc_buffer place; /* place of an image */
};

/* The folder of a path, including its slash; empty if it is the image root itself. */
static struct lc_span folder_of(struct lc_span path)
{
    while (path.size && path.text[path.size - 1] != '/')
        path.size--;
    return path;
}

static enum lc_status add_file(const struct lc_report *report, uint32_t number,
                               struct lc_buffer *out, struct lc_error *err)
{
    const char *prefix = report->options->prefix;
    struct lc_file_record file;
    enum lc_status status = lc_index_get_file(report->index, number, &file, err);

    if (status == LC_OK && prefix)
        status = lc_format_text((struct lc_span){prefix, strlen(prefix)}, out, err);
    return status == LC_OK ? lc_format_text(file.name, out, err) : status;
}

/* Find the heading of a finding, and its position below the heading. */
static enum lc_status find_place(struct writer *w,
                                 const struct lc_finding_record *finding,
                                 struct lc_error *err)
{
    const struct lc_report *report = w->text.report;
    const struct lc_index_info *info = lc_index_info(report->index);
    struct lc_image_record image;
    struct lc_span path, folder;
    enum lc_status status;

    if (finding->kind == LC_FINDING_ROW) {
        status = add_file(report, finding->file, &w->next, err);
        return status == LC_OK
                   ? lc_buffer_printf(&w->line, err,
                                      "%llu:%llu: ", (unsigned long long)finding->line,
                                      (unsigned long long)finding->column)
                   : status;
    }
    if (finding->kind != LC_FINDING_IMAGE)
        return lc_format_text(info->name, &w->next, err);
    status = lc_index_get_image(report->index, finding->image, &image, err);
    if (status != LC_OK)
        return status;
    w->place.size = 0;
    status = lc_index_image_place(report->index, &image, &w->place, err);
    if (status != LC_OK)
        return status;
    path = (struct lc_span){w->place.data, w->place.size};
    folder = folder_of(path);
    status = lc_format_text(folder.size ? folder : info->image_root, &w->next, err);
    if (status == LC_OK)
        status = lc_format_text(
            (struct lc_span){path.text + folder.size, path.size - folder.size}, &w->line,
            err);
    return status == LC_OK ? lc_buffer_add(&w->line, ": ", 2, err) : status;
}

/* Print the heading if it differs from the last one. */
static enum lc_status begin_group(struct writer *w, struct lc_error *err)
{
    const struct lc_text_writer *text = &w->text;
    bool any = w->group.size;
    enum lc_status status = lc_format_start(&w->next, 0, err);

    if (status != LC_OK || lc_span_equal((struct lc_span){w->group.data, w->group.size},
                                         (struct lc_span){w->next.data, w->next.size}))
        return status;
    fprintf(text->to, "%s%s%.*s%s\n", any ? "\n" : "", lc_text_on(text, LC_STYLE_BOLD),
            (int)w->next.size, w->next.data, lc_text_off(text));
    w->group.size = 0;
    return lc_buffer_add(&w->group, w->next.data, w->next.size, err);
}

static enum lc_status print_finding(void *user, const struct lc_finding_record *finding,
                                    struct lc_error *err)
{
    struct writer *w = user;
    const struct lc_text_writer *text = &w->text;
    const struct lc_rule_info *rule = lc_rule_of(finding);
    enum lc_severity severity = (enum lc_severity)finding->severity;
    enum lc_status status;
    size_t place;

    if (!rule)
        return LC_OK;
    w->next.size = w->line.size = 0;
    status = find_place(w, finding, err);
    if (status == LC_OK)
        status = begin_group(w, err);
    place = w->line.size;
    if (status == LC_OK)
        status = lc_text_matter(text->report->index, text->report->options->prefix,
                                finding, &w->line, err);
    if (status == LC_OK)
        fprintf(text->to, "  %s%-7s%s  %s%s%s  %s%.*s%s%.*s\n",
                lc_text_on(text, lc_text_style(severity)), lc_severity_name(severity),
                lc_text_off(text), lc_text_on(text, LC_STYLE_BOLD), rule->code,
                lc_text_off(text), lc_text_on(text, LC_STYLE_PLACE), (int)place,
                w->line.data, lc_text_off(text), (int)(w->line.size - place),
                w->line.data + place);
    return status;
}

enum lc_status lc_report_grouped(const struct lc_report *report, struct lc_error *err)
{
    struct writer w = {.group = {0}};
    enum lc_status status = lc_text_begin(report, &w.text, err);

    if (status == LC_OK)
        status = lc_report_each_listed(report, print_finding, &w, err);
    if (status == LC_OK && w.group.size)
        fputc('\n', w.text.to);
    if (status == LC_OK)
        status = lc_text_verdict(&w.text, err);
    lc_buffer_clear(&w.group);
    lc_buffer_clear(&w.next);
    lc_buffer_clear(&w.line);
    lc_buffer_clear(&w.place);
    return lc_text_end(&w.text, status, err);
}

#include "report/model/items.h"

#include "print/example.h"
#include "rules/rules.h"
#include "view/identity.h"

#include <string.h>

void lc_item_buffers_clear(struct lc_item_buffers *buffers)
{
    lc_buffer_clear(&buffers->text);
    lc_buffer_clear(&buffers->path);
    lc_buffer_clear(&buffers->key);
}

enum lc_status lc_item_cut(struct lc_buffer *text, size_t from, size_t size,
                           struct lc_error *err)
{
    if (text->size - from <= size)
        return LC_OK;
    size += from;
    while (size > from && (text->data[size] & 0xC0) == 0x80)
        size--;
    text->size = size;
    return lc_buffer_add(text, "…", sizeof("…") - 1, err);
}

enum lc_status lc_item_effect(const struct lc_report *report,
                              const struct lc_rule_effect *effect, struct lc_buffer *out,
                              struct lc_error *err)
{
    const char *trainer = lc_trainer_at(report->effects->trainer)->name;

    if (!effect->what)
        return lc_buffer_printf(out, err, "; %s: %s", trainer,
                                lc_effect_name(effect->effect));
    return lc_buffer_printf(out, err, "; %s: %s, %s", trainer,
                            lc_effect_name(effect->effect), effect->what);
}

const char *lc_item_fingerprint(const struct lc_item *item, char out[LC_FINGERPRINT_SIZE])
{
    lc_hash_hex(&item->identity, out);
    if (item->ordinal > 1)
        snprintf(out + 32, LC_FINGERPRINT_SIZE - 32, "-%u", item->ordinal);
    return out;
}

enum lc_status lc_item_folder(const struct lc_report *report,
                              const struct lc_finding_record *finding,
                              struct lc_span *out, struct lc_error *err)
{
    struct lc_file_record file;
    struct lc_image_record image;
    enum lc_status status = LC_OK;
    const char *slash;

    *out = (struct lc_span){"", 0};
    if (finding->kind == LC_FINDING_ROW) {
        status = lc_index_get_file(report->index, finding->file, &file, err);
        if (status == LC_OK)
            *out = file.name;
    } else if (finding->kind == LC_FINDING_IMAGE) {
        status = lc_index_get_image(report->index, finding->image, &image, err);
        if (status != LC_OK)
            return status;
        *out = image.path;
        if (out->size > 2 && memcmp(out->text, "./", 2) == 0)
            *out = (struct lc_span){out->text + 2, out->size - 2};
        slash = out->size ? memchr(out->text, '/', out->size) : NULL;
        if (!slash)
            *out = (struct lc_span){".", 1};
        else
            out->size = slash == out->text ? 1 : (size_t)(slash - out->text);
    }
    return status;
}

/* ---- places ---- */

/* Append base and a path below it; each "../" at the start of the path removes a folder
 * from the base. */
static enum lc_status add_path(const char *base, struct lc_span path,
                               struct lc_buffer *out, struct lc_error *err)
{
    size_t size = base ? strlen(base) : 0;
    enum lc_status status;

    while (size && path.size >= 3 && memcmp(path.text, "../", 3) == 0) {
        path = (struct lc_span){path.text + 3, path.size - 3};
        size--;
        while (size && base[size - 1] != '/')
            size--;
    }
    status = lc_buffer_add(out, base, size, err);
    if (status == LC_OK && path.size)
        status = lc_buffer_add(out, path.text, path.size, err);
    return status == LC_OK ? lc_item_cut(out, 0, LC_ITEM_PATH, err) : status;
}

enum lc_status lc_item_file(const struct lc_report *report, uint32_t number,
                            struct lc_buffer *out, struct lc_error *err)
{
    struct lc_file_record file;
    enum lc_status status = lc_index_get_file(report->index, number, &file, err);

    return status == LC_OK ? add_path(report->options->base, file.name, out, err)
                           : status;
}

static enum lc_status set_file(const struct lc_report *report, uint32_t number,
                               uint64_t line, uint64_t column,
                               struct lc_item_buffers *buffers, struct lc_item *out,
                               struct lc_error *err)
{
    out->line = line;
    out->column = column;
    return lc_item_file(report, number, &buffers->path, err);
}

/* Set the place to the first row that names the image or has the id. */
static enum lc_status set_first_row(const struct lc_report *report,
                                    const struct lc_finding_record *finding,
                                    struct lc_item_buffers *buffers, struct lc_item *out,
                                    struct lc_error *err)
{
    uint64_t number, count = 0;
    struct lc_row_record row;
    enum lc_status status;

    if (finding->kind == LC_FINDING_IMAGE)
        status = lc_index_rows_of_image(report->index, finding->image, &number, 1, &count,
                                        err);
    else
        status = lc_index_rows_of_id(report->index, finding->id, &number, 1, &count, err);
    if (status != LC_OK || !count)
        return status;
    status = lc_index_get_row(report->index, number, &row, err);
    return status == LC_OK
               ? set_file(report, row.file, row.line, row.column, buffers, out, err)
               : status;
}

/* Whether a path is absolute or contains "..": only --allow-outside lets such a path be
 * opened. */
static bool leaves_root(struct lc_span path)
{
    for (size_t i = 0; i + 2 <= path.size; i++)
        if (memcmp(path.text + i, "..", 2) == 0 && (!i || path.text[i - 1] == '/') &&
            (i + 2 == path.size || path.text[i + 2] == '/'))
            return true;
    return path.size && *path.text == '/';
}

/* Set *kept to how much of the base remains above the image root, after "../" at the
 * start of the root has been applied. Returns false if the root is not below the top of
 * the base. */
static bool find_root(const char *base, struct lc_span *root, size_t *kept)
{
    size_t size = base ? strlen(base) : 0;

    while (root->size >= 2 && memcmp(root->text, "..", 2) == 0 &&
           (root->size == 2 || root->text[2] == '/')) {
        if (!size)
            return false;
        size--;
        while (size && base[size - 1] != '/')
            size--;
        *root = root->size == 2 ? (struct lc_span){".", 1}
                                : (struct lc_span){root->text + 3, root->size - 3};
    }
    *kept = size;
    return !root->size || *root->text != '/';
}

/* Set the place to the image's file, if a service can show it, otherwise to its first
 * row. */
static enum lc_status set_image(const struct lc_report *report,
                                const struct lc_finding_record *finding,
                                struct lc_item_buffers *buffers, struct lc_item *out,
                                struct lc_error *err)
{
    struct lc_span root = lc_index_info(report->index)->image_folder;
    struct lc_buffer *path = &buffers->path;
    struct lc_image_record image;
    size_t kept;
    enum lc_status status =
        lc_index_get_image(report->index, finding->image, &image, err);

    if (status != LC_OK)
        return status;
    out->image = image.path;
    if (lc_case_has(lc_case_index_of(finding->rule, finding->rule_case),
                    LC_TRAIT_NO_FILE) ||
        image.archive || leaves_root(image.path) ||
        !find_root(report->options->base, &root, &kept))
        return set_first_row(report, finding, buffers, out, err);
    while (image.path.size > 2 && memcmp(image.path.text, "./", 2) == 0)
        image.path = (struct lc_span){image.path.text + 2, image.path.size - 2};
    status = lc_buffer_add(path, report->options->base, kept, err);
    if (status == LC_OK && root.size && !lc_span_is(root, "."))
        status = lc_buffer_printf(path, err, "%.*s/", (int)root.size, root.text);
    if (status == LC_OK)
        status = lc_buffer_add(path, image.path.text, image.path.size, err);
    return status == LC_OK ? lc_item_cut(path, 0, LC_ITEM_PATH, err) : status;
}

static enum lc_status set_place(const struct lc_report *report,
                                const struct lc_finding_record *finding,
                                struct lc_item_buffers *buffers, struct lc_item *out,
                                struct lc_error *err)
{
    enum lc_status status;

    buffers->path.size = 0;
    if (finding->kind == LC_FINDING_ROW)
        status = set_file(report, finding->file, finding->line, finding->column, buffers,
                          out, err);
    else if (finding->kind == LC_FINDING_IMAGE)
        status = set_image(report, finding, buffers, out, err);
    else if (finding->id.size)
        status = set_first_row(report, finding, buffers, out, err);
    else /* about no row: use the start of the data set */
        status = set_file(report, 0, 1, 1, buffers, out, err);
    out->path = (struct lc_span){buffers->path.data, buffers->path.size};
    return status;
}

enum lc_status lc_item_of(const struct lc_report *report,
                          const struct lc_finding_record *finding,
                          struct lc_item_buffers *buffers, struct lc_item *out,
                          struct lc_error *err)
{
    struct lc_buffer *text = &buffers->text;
    enum lc_status status;

    *out = (struct lc_item){
        .rule = lc_rule_of(finding),
        .severity = (enum lc_severity)finding->severity,
        .finding = finding,
        .count = 1,
        .ordinal = 1,
    };
    out->effect = lc_effects_of(report->effects, finding);
    text->size = 0;
    status = set_place(report, finding, buffers, out, err);
    if (status == LC_OK && finding->kind == LC_FINDING_IMAGE && out->line)
        status = lc_text_finding(report->index, NULL, finding, text, err);
    else if (status == LC_OK) /* the text does not repeat the place */
        status = lc_text_matter(report->index, NULL, finding, text, err);
    if (status == LC_OK)
        status = lc_item_cut(text, 0, LC_ITEM_TEXT, err);
    if (status == LC_OK)
        status = lc_item_effect(report, &out->effect, text, err);
    out->text = (struct lc_span){text->data, text->size};
    return status == LC_OK ? lc_identity_of(report->index, finding, &buffers->key,
                                            &out->identity, err)
                           : status;
}

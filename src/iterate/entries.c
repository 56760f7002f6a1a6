#include "iterate/entries.h"

#include "base/buffer.h"
#include "llava_check/rules.h"

#include <stdlib.h>

static enum lc_status damaged(struct lc_error *err, const char *what)
{
    return lc_fail(err, LC_ERR_INDEX, 0, "the index is damaged: %s", what);
}

enum lc_status lc_entry_cache_file(struct lc_entry_cache *cache,
                                   const struct lc_index *index, uint32_t number,
                                   const struct lc_file_record **out,
                                   struct lc_error *err)
{
    enum lc_status status = LC_OK;

    if (!cache->has_file || cache->file_number != number) {
        status = lc_index_get_file(index, number, &cache->file, err);
        cache->has_file = status == LC_OK;
        cache->file_number = number;
    }
    *out = &cache->file;
    return status;
}

/* ---- findings ---- */

/* Find the rule of a finding; NULL if this version does not have it. */
static const struct lc_rule_info *find_rule(struct lc_entry_cache *cache,
                                            struct lc_span code)
{
    const struct lc_rule_info **slot, *rule;
    unsigned end = 0;

    for (size_t i = code.size > 2 ? code.size - 2 : 0; i < code.size; i++)
        end = end * 10 + (unsigned char)code.text[i];
    slot = &cache->rules[end % LC_ENTRY_RULES];
    if (*slot && lc_span_is(code, (*slot)->code))
        return *slot;
    for (size_t i = 0; (rule = lc_rule_at(i)); i++)
        if (lc_span_is(code, rule->code))
            break;
    *slot = rule;
    return rule;
}

static enum lc_status set_row(const struct lc_index *index,
                              const struct lc_finding_record *record,
                              struct lc_entry_cache *cache, struct lc_finding_entry *out,
                              struct lc_error *err)
{
    const struct lc_file_record *file;
    enum lc_status status = lc_entry_cache_file(cache, index, record->file, &file, err);

    if (status != LC_OK)
        return status;
    if (record->row >= 0 && (uint64_t)record->row >= file->rows)
        return damaged(err, "the row of a finding");
    out->file = file->name;
    out->file_number = record->file;
    out->row = record->row;
    if (record->row >= 0)
        out->row_number = (int64_t)file->first_row + record->row;
    out->offset = (int64_t)record->offset;
    out->line = (int64_t)record->line;
    out->column = (int64_t)record->column;
    out->turn = record->turn;
    return LC_OK;
}

static enum lc_status set_image(const struct lc_index *index, uint32_t number,
                                struct lc_finding_entry *out, struct lc_error *err)
{
    struct lc_image_record image;
    enum lc_status status = lc_index_get_image(index, number, &image, err);

    if (status != LC_OK)
        return status;
    out->image = image.path;
    out->image_number = number;
    out->row_count = (int64_t)image.uses;
    return LC_OK;
}

enum lc_status lc_entry_of_finding(const struct lc_index *index,
                                   const struct lc_finding_record *record,
                                   struct lc_entry_cache *cache,
                                   struct lc_finding_entry *out, struct lc_error *err)
{
    *out = (struct lc_finding_entry){
        .kind = record->kind,
        .severity = (enum lc_severity)record->severity,
        .found_severity = (enum lc_severity)record->found,
        .rule = record->rule,
        .rule_case = record->rule_case,
        .info = find_rule(cache, record->rule),
        .message = record->message,
        .id = record->id,
        .file_number = -1,
        .row = -1,
        .row_number = -1,
        .offset = -1,
        .line = -1,
        .column = -1,
        .turn = -1,
        .image_number = -1,
        .row_count = -1,
    };
    switch (record->kind) {
    case LC_FINDING_ROW:
        return set_row(index, record, cache, out, err);
    case LC_FINDING_IMAGE:
        return set_image(index, record->image, out, err);
    case LC_FINDING_SET:
        out->row_count = (int64_t)record->row_count;
        return LC_OK;
    }
    return damaged(err, "the kind of a finding");
}

/* ---- rows ---- */

void lc_row_image_list_clear(struct lc_row_image_list *list)
{
    free(list->items);
    *list = (struct lc_row_image_list){0};
}

/* Look up a row's images. *is_ok is set to false if one of them has an error. */
static enum lc_status find_images(const struct lc_index *index, struct lc_span numbers,
                                  struct lc_row_image_list *list, bool *is_ok,
                                  struct lc_error *err)
{
    list->count = 0;
    for (size_t at = 0; at + 4 <= numbers.size; at += 4) {
        uint32_t number = lc_get_u32((const uint8_t *)numbers.text + at);
        struct lc_row_image *items =
            lc_array_grow(list->items, list->count, &list->capacity, sizeof(*items));
        struct lc_image_record image;
        enum lc_status status;

        if (!items)
            return lc_fail_memory(err);
        list->items = items;
        status = lc_index_get_image(index, number, &image, err);
        if (status != LC_OK)
            return status;
        items[list->count++] = (struct lc_row_image){number, image.path};
        *is_ok &= !image.faulty;
    }
    return LC_OK;
}

enum lc_status lc_entry_of_row(const struct lc_index *index, uint64_t number,
                               const struct lc_row_record *record, struct lc_span images,
                               bool has_error, struct lc_entry_cache *cache,
                               struct lc_row_image_list *list, struct lc_row_entry *out,
                               struct lc_error *err)
{
    const struct lc_file_record *file;
    enum lc_status status = lc_entry_cache_file(cache, index, record->file, &file, err);

    if (status != LC_OK)
        return status;
    *out = (struct lc_row_entry){
        .number = number,
        .id = record->id,
        .file = file->name,
        .file_number = record->file,
        .row = record->row,
        .line = record->line,
        .column = record->column,
        .offset = record->offset,
        .size = record->size,
        .turns = record->turns,
        .videos = record->videos,
        .urls = record->urls,
        .embedded = record->embedded,
        .placeholders = record->placeholders,
        .words = record->words,
        .characters = record->characters,
        .script = record->script <= LC_SCRIPT_NONE ? (enum lc_script)record->script
                                                   : LC_SCRIPT_NONE,
        .is_ok = !record->faulty && !has_error,
        .is_readable = record->readable,
        .is_object = record->object,
        .is_text_only = record->text_only,
        .is_comparable = record->whole,
        .content = record->content,
        .rest = record->rest,
        .data_source = record->data_source,
    };
    status = find_images(index, images, list, &out->is_ok, err);
    out->images = list->items;
    out->image_count = list->count;
    return status;
}

/* ---- images ---- */

/* The number of bands of an image in a mode, as Pillow's Image.getbands returns them; 0
 * if unknown. */
static uint32_t channels_of(struct lc_span mode)
{
    static const struct {
        const char *mode;
        uint32_t channels;
    } modes[] = {
        {"RGB", 3}, {"L", 1},     {"RGBA", 4}, {"P", 1},    {"1", 1},
        {"LA", 2},  {"CMYK", 4},  {"I", 1},    {"F", 1},    {"PA", 2},
        {"LAB", 3}, {"YCbCr", 3}, {"RGBX", 4}, {"I;16", 1}, {"I;16B", 1},
    };

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
        if (lc_span_is(mode, modes[i].mode))
            return modes[i].channels;
    return 0;
}

enum lc_status lc_entry_of_image(const struct lc_index *index, uint32_t number,
                                 const struct lc_image_record *record,
                                 struct lc_image_entry *out, struct lc_error *err)
{
    struct lc_archive_record archive = {.name = {"", 0}};
    enum lc_status status = LC_OK;

    if (record->archive)
        status = lc_index_get_archive(index, record->archive - 1, &archive, err);
    *out = (struct lc_image_entry){
        .number = number,
        .path = record->path,
        .state = (enum lc_image_state)record->state,
        .format = record->format,
        .mode = record->mode,
        .channels = channels_of(record->mode),
        .width = record->width,
        .height = record->height,
        /* the file exists; an empty file has an inode */
        .size = record->inode || record->size ? (int64_t)record->size : -1,
        .depth = record->depth,
        .orientation = record->orientation,
        .frames = record->frames,
        .warnings = record->warnings,
        .rows_decoded = record->rows_decoded,
        .trailing = record->trailing,
        .detail = record->detail,
        .is_blank = record->blank,
        .has_error = record->faulty,
        .row_count = record->uses,
        .content = record->content,
        .mtime_ns = record->mtime_ns,
        .ctime_ns = record->ctime_ns,
        .inode = record->inode,
        .device = record->device,
        .archive = archive.name,
        .offset = record->offset,
    };
    return status;
}

/* ---- files ---- */

void lc_entry_of_file(uint32_t number, const struct lc_file_record *record,
                      struct lc_file_entry *out)
{
    *out = (struct lc_file_entry){
        .number = number,
        .name = record->name,
        .size = record->size,
        .mtime_ns = record->mtime_ns,
        .ctime_ns = record->ctime_ns,
        .inode = record->inode,
        .device = record->device,
        .content = record->content,
        .first_row = record->first_row,
        .rows = record->rows,
        .is_lines = record->lines,
        .sampling = record->sampling,
        .rows_sampled = record->sampled,
        .dialect = record->dialect,
    };
}

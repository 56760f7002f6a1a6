#include "query/sheet.h"

#include "print/format.h"

#include <string.h>

struct lc_span lc_field_text(const struct lc_field *field, const void *record,
                             char hex[33])
{
    static const struct lc_hash none;
    const char *at = (const char *)record + field->offset;
    struct lc_span out = {0};
    struct lc_hash hash;

    switch (field->type) {
    case LC_FIELD_TEXT:
        memcpy(&out, at, sizeof(out));
        break;
    case LC_FIELD_NAME:
        memcpy(&out.text, at, sizeof(out.text));
        out.size = out.text ? strlen(out.text) : 0;
        break;
    case LC_FIELD_HASH:
        memcpy(&hash, at, sizeof(hash));
        if (lc_hash_compare(&hash, &none) == 0)
            break;
        lc_hash_hex(&hash, hex);
        out = (struct lc_span){hex, 32};
        break;
    default:
        break;
    }
    return out;
}

int64_t lc_field_number(const struct lc_field *field, const void *record)
{
    const char *at = (const char *)record + field->offset;
    struct lc_texts texts;
    uint64_t wide;
    uint32_t half;

    switch (field->type) {
    case LC_FIELD_BOOL:
    case LC_FIELD_U8:
    case LC_FIELD_RANK:
        return *(const uint8_t *)at;
    case LC_FIELD_U32:
    case LC_FIELD_SIDE:
        memcpy(&half, at, sizeof(half));
        return half;
    case LC_FIELD_LIST:
        memcpy(&texts, at, sizeof(texts));
        return (int64_t)texts.count;
    default:
        memcpy(&wide, at, sizeof(wide));
        return (int64_t)wide;
    }
}

static bool is_text(const struct lc_field *field)
{
    return field->type == LC_FIELD_TEXT || field->type == LC_FIELD_NAME ||
           field->type == LC_FIELD_HASH;
}

bool lc_field_is_absent(const struct lc_field *field, const void *record)
{
    char hex[33];

    if (is_text(field))
        return !lc_field_text(field, record, hex).text;
    return (field->type == LC_FIELD_PLACE && lc_field_number(field, record) < 0) ||
           (field->type == LC_FIELD_SIDE && !lc_field_number(field, record));
}

static void put_number(struct lc_jw *json, const struct lc_field *field,
                       const void *record)
{
    int64_t number = lc_field_number(field, record);

    if (field->type == LC_FIELD_BOOL)
        lc_jw_bool(json, number != 0);
    else if (field->type == LC_FIELD_U64)
        lc_jw_number(json, (uint64_t)number);
    else
        lc_jw_signed(json, number);
}

static void put_list(struct lc_jw *json, const struct lc_field *field, const void *record)
{
    struct lc_texts texts;

    memcpy(&texts, (const char *)record + field->offset, sizeof(texts));
    lc_jw_array(json, LC_JW_COMPACT);
    for (size_t i = 0; i < texts.count; i++)
        lc_jw_text(json,
                   *(const struct lc_span *)(const void *)((const char *)texts.first +
                                                           i * texts.stride));
    lc_jw_end(json);
}

void lc_sheet_members(struct lc_jw *json, const struct lc_field *fields, size_t count,
                      const void *record)
{
    char hex[33];

    for (size_t i = 0; i < count; i++) {
        const struct lc_field *field = &fields[i];

        if (lc_field_is_absent(field, record))
            continue;
        lc_jw_key(json, field->name);
        if (field->type == LC_FIELD_LIST)
            put_list(json, field, record);
        else if (is_text(field))
            lc_jw_text(json, lc_field_text(field, record, hex));
        else
            put_number(json, field, record);
    }
}

static void put_cells(struct lc_sheet *sheet, const void *record)
{
    struct lc_out *out = sheet->json->out, list = {0};
    struct lc_jw list_json = {.out = &list};
    char hex[33];

    for (size_t i = 0; i < sheet->count; i++) {
        const struct lc_field *field = &sheet->fields[i];

        if (i)
            lc_out_bytes(out, ",", 1);
        if (field->type == LC_FIELD_LIST) {
            list.bytes.size = 0;
            put_list(&list_json, field, record);
            out->failed |= list.failed;
            lc_out_cell(out, (struct lc_span){list.bytes.data, list.bytes.size},
                        &sheet->cell);
        } else if (is_text(field)) {
            lc_out_cell(out, lc_field_text(field, record, hex), &sheet->cell);
        } else if (!lc_field_is_absent(field, record)) {
            put_number(sheet->json, field, record);
        }
    }
    lc_out_bytes(out, "\n", 1);
    lc_buffer_clear(&list.bytes);
}

bool lc_sheet_has(const char *format)
{
    return strcmp(format, "json") == 0 || strcmp(format, "jsonl") == 0 ||
           strcmp(format, "csv") == 0;
}

void lc_sheet_begin(struct lc_sheet *sheet)
{
    struct lc_out *out = sheet->json->out;

    if (strcmp(sheet->format, "json") == 0)
        lc_jw_array(sheet->json, LC_JW_LINES);
    if (strcmp(sheet->format, "csv") != 0)
        return;
    for (size_t i = 0; i < sheet->count; i++) {
        lc_out_text(out, i ? "," : "");
        lc_out_text(out, sheet->fields[i].name);
    }
    lc_out_bytes(out, "\n", 1);
}

enum lc_status lc_sheet_add(struct lc_sheet *sheet, const void *record,
                            struct lc_error *err)
{
    if (strcmp(sheet->format, "csv") == 0) {
        put_cells(sheet, record);
        return lc_out_flush(sheet->json->out, err);
    }
    lc_jw_object(sheet->json, LC_JW_COMPACT);
    lc_sheet_members(sheet->json, sheet->fields, sheet->count, record);
    lc_jw_end(sheet->json);
    if (strcmp(sheet->format, "jsonl") == 0)
        lc_jw_line(sheet->json);
    return lc_out_flush(sheet->json->out, err);
}

enum lc_status lc_sheet_end(struct lc_sheet *sheet, enum lc_status status)
{
    if (status == LC_OK && strcmp(sheet->format, "json") == 0) {
        lc_jw_end(sheet->json);
        lc_jw_line(sheet->json);
    }
    lc_buffer_clear(&sheet->cell);
    return status;
}

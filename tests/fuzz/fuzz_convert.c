/* fuzz_convert.c - what must be true for a converted row
 *
 * The last byte selects the dialects. The result is one JSON object on one line; and
 * converting it back and again gives the same, unless converting it back is refused.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include "convert/row.h"

static const char *const names[] = {"llava",  "sharegpt", "messages", "role-value",
                                    "alpaca", "query",    "internvl", "xtuner"};

#define COUNT (sizeof(names) / sizeof(names[0]))

static struct lc_json_parser *parser;

/* Parse a text, and read the row as for the index. */
static struct lc_row_record read_record(struct lc_span text)
{
    struct lc_row_record record = {0};
    struct lc_json_problem problem;
    struct lc_json_doc doc;

    must(lc_json_parse_exact(parser, text.text, text.size, true, &doc, &problem, NULL) ==
         LC_OK);
    record.readable = problem.fault == LC_JSON_FINE;
    record.object = record.readable && lc_json_type(&doc, LC_JSON_ROOT) == LC_JSON_OBJECT;
    record.placeholders = memmem(text.text, text.size, "<image>", 7) != NULL;
    return record;
}

/* Convert a row. Returns whether it was not refused. */
static bool convert(size_t from, size_t to, struct lc_span text, struct lc_buffer *out)
{
    static const struct lc_pixel_size size = {640, 480};
    const struct lc_pixel_sizes sizes = {&size, 1};
    const struct lc_dialect *target = lc_dialect_by_name(names[to]);
    const struct lc_row_record record = read_record(text);
    struct lc_converter *converter = NULL;
    struct lc_converted made;

    out->size = 0;
    must(lc_converter_new(target, target->marks_places ? LC_TEXT_SIZED : LC_TEXT_STRINGS,
                          &converter, NULL) == LC_OK);
    must(lc_convert_row(converter, lc_dialect_by_name(names[from]), &record, sizes, text,
                        out, &made, NULL) == LC_OK);
    must(made.refusal < LC_REFUSAL_COUNT);
    must(!made.refusal == !*lc_refusal_text(made.refusal));
    lc_converter_free(converter);
    return !made.refusal;
}

static struct lc_span padded(struct lc_buffer *text)
{
    must(lc_buffer_reserve(text, LC_JSON_PADDING, NULL) == LC_OK);
    return (struct lc_span){text->data, text->size};
}

void lc_fuzz_convert(const uint8_t *data, size_t size)
{
    struct lc_buffer there = {0}, back = {0}, again = {0};
    size_t from, to;
    char *text;

    if (!size)
        return;
    if (!parser)
        must(lc_json_parser_new(&parser, NULL) == LC_OK);
    size--;
    from = data[size] % COUNT;
    to = data[size] / COUNT % COUNT;
    text = lc_fuzz_padded(data, size, 'x');
    if (convert(from, to, (struct lc_span){text, size}, &there)) {
        must(read_record(padded(&there)).object);
        must(!memchr(there.data, '\n', there.size) &&
             !memchr(there.data, '\r', there.size));
        if (from != to && convert(to, from, padded(&there), &back)) {
            must(convert(from, to, padded(&back), &again));
            must(again.size == there.size &&
                 memcmp(again.data, there.data, there.size) == 0);
        }
    }
    free(text);
    lc_buffer_clear(&there);
    lc_buffer_clear(&back);
    lc_buffer_clear(&again);
}

#include "convert/row.h"

#include "convert/parts.h"

#include <stdlib.h>
#include <string.h>

struct lc_converter {
    const struct lc_dialect *to;
    enum lc_text_form form;
    struct lc_json_parser *parser;
    struct lc_parts parts;
};

const char *lc_refusal_text(enum lc_refusal refusal)
{
    static const char *const texts[LC_REFUSAL_COUNT] = {
        [LC_REFUSAL_NONE] = "",
        [LC_REFUSAL_NOT_JSON] = "the row is not valid JSON",
        [LC_REFUSAL_NOT_OBJECT] = "the row is not an object",
        [LC_REFUSAL_NO_TURNS] = "the row has no turns",
        [LC_REFUSAL_TURN] = "a turn is not an object with a role and a text",
        [LC_REFUSAL_PAIR] =
            "a turn is a pair of question and answer with further members",
        [LC_REFUSAL_TEXT] = "a text is not a string",
        [LC_REFUSAL_PART] = "a part is neither only a text nor only a medium",
        [LC_REFUSAL_ROLE] = "the dialect does not have the role",
        [LC_REFUSAL_SYSTEM] = "the dialect does not have system messages",
        [LC_REFUSAL_SYSTEM_PLACE] = "a system message is not the first turn",
        [LC_REFUSAL_SYSTEM_TWICE] = "there are a system column and a system turn",
        [LC_REFUSAL_TOOL_TURN] = "the dialect does not have tool turns",
        [LC_REFUSAL_TOOLS] = "the dialect does not have tools",
        [LC_REFUSAL_ORDER] = "questions and answers do not alternate",
        [LC_REFUSAL_TURN_MEMBER] = "a turn has a member that the dialect does not have",
        [LC_REFUSAL_HISTORY] = "the history is not a list of pairs of texts",
        [LC_REFUSAL_PREFERENCE] =
            "preference data cannot be converted to another dialect",
        [LC_REFUSAL_MEDIUM] = "the dialect does not have this kind of media",
        [LC_REFUSAL_MEDIUM_FORM] = "an image, a video or a sound is not a path",
        [LC_REFUSAL_MEDIUM_URL] =
            "one of the dialects has only paths, not URLs or embedded images",
        [LC_REFUSAL_MEDIUM_TWICE] = "a column and the texts both name media",
        [LC_REFUSAL_INLINE] = "the texts have tags around paths",
        [LC_REFUSAL_VIDEO_MARK] = "the placeholder of a video is <image>",
        [LC_REFUSAL_PLACES] =
            "the questions have more or fewer placeholders than there are media",
        [LC_REFUSAL_SIZE] = "the size of an image or a video is unknown",
        [LC_REFUSAL_LITERAL] = "a text contains a placeholder of the other dialect",
        [LC_REFUSAL_COLUMN] = "a column would be read as something else",
        [LC_REFUSAL_DIFFERS] = "its media or placeholders would be read differently",
    };

    return texts[refusal];
}

bool lc_dialect_converts(const struct lc_dialect *dialect)
{
    static const char *const names[] = {"llava",  "sharegpt", "messages", "role-value",
                                        "alpaca", "query",    "internvl", "xtuner"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(dialect->name, names[i]) == 0)
            return true;
    return false;
}

enum lc_status lc_converter_new(const struct lc_dialect *to, enum lc_text_form form,
                                struct lc_converter **out, struct lc_error *err)
{
    struct lc_converter *converter = calloc(1, sizeof(*converter));
    enum lc_status status;

    if (!converter)
        return lc_fail_memory(err);
    converter->to = to;
    converter->form = form;
    status = lc_json_parser_new(&converter->parser, err);
    if (status == LC_OK)
        *out = converter;
    else
        lc_converter_free(converter);
    return status;
}

void lc_converter_free(struct lc_converter *converter)
{
    if (!converter)
        return;
    lc_json_parser_free(converter->parser);
    lc_parts_clear(&converter->parts);
    free(converter);
}

/* The columns of a row that needs no conversion. */
static uint32_t columns_of(const struct lc_parts *parts)
{
    uint32_t columns = 0;

    for (size_t i = 0; i < parts->column_count; i++)
        if (parts->columns[i].column != LC_COLUMN_COUNT)
            columns |= UINT32_C(1) << parts->columns[i].column;
    return columns;
}

enum lc_status lc_convert_row(struct lc_converter *converter,
                              const struct lc_dialect *from,
                              const struct lc_row_record *record,
                              struct lc_pixel_sizes sizes, struct lc_span text,
                              struct lc_buffer *out, struct lc_converted *made,
                              struct lc_error *err)
{
    struct lc_parts *parts = &converter->parts;
    enum lc_status status =
        lc_parts_read(parts, converter->parser, from, record, text, err);

    *made = (struct lc_converted){0};
    if (status == LC_OK && from == converter->to && converter->form != LC_TEXT_PARTS &&
        converter->form != LC_TEXT_NAMED && parts->refusal != LC_REFUSAL_NOT_JSON &&
        parts->refusal != LC_REFUSAL_NOT_OBJECT) {
        made->columns = columns_of(parts); /* nothing to convert */
        return lc_raw_add(out, text, err);
    }
    if (status == LC_OK && !parts->refusal)
        status = lc_parts_write(parts, converter->to, converter->form, record, sizes, out,
                                err);
    *made = (struct lc_converted){parts->refusal, parts->subject, parts->written};
    return status;
}

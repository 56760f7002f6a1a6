/* fuzz_where.c - what must be true for any condition of --where
 *
 * Either a condition is refused with a printable line, or it judges every record; and
 * exactly one of a condition and its opposite is true for a record that has the value.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include "query/image.h"
#include "query/row.h"
#include "query/where.h"

static const struct lc_image_record images[] = {
    {.path = {"coco/a.jpg", 10}, .state = LC_IMAGE_MISSING},
    {.path = {"b.png", 5},
     .state = LC_IMAGE_OK,
     .size = 10485760,
     .mtime_ns = -1,
     .inode = 7,
     .content = {{1, 2, 3}},
     .format = {"png", 3},
     .mode = {"RGBA", 4},
     .width = 100,
     .height = UINT32_MAX,
     .depth = 8,
     .blank = true,
     .uses = 3},
    {.path = {"", 0},
     .state = LC_IMAGE_TRUNCATED,
     .size = UINT64_MAX,
     .mtime_ns = INT64_MIN,
     .inode = UINT64_MAX,
     .format = {"jpeg", 4},
     .detail = {"ends\xFF", 5},
     .width = UINT32_MAX,
     .height = UINT32_MAX,
     .faulty = true},
};

static const char *verdict_at(size_t index)
{
    return index < LC_IMAGE_STATE_COUNT ? lc_image_state_name((enum lc_image_state)index)
                                        : NULL;
}

static const struct lc_choice choices[] = {{"verdict", verdict_at, NULL},
                                           {NULL, NULL, NULL}};

/* Return the operator that is true exactly when another is false, if the value exists. */
static enum lc_operator opposite(enum lc_operator op)
{
    static const enum lc_operator opposites[] = {
        [LC_OPERATOR_EQUAL] = LC_OPERATOR_NOT_EQUAL,
        [LC_OPERATOR_NOT_EQUAL] = LC_OPERATOR_EQUAL,
        [LC_OPERATOR_LESS] = LC_OPERATOR_MORE_EQUAL,
        [LC_OPERATOR_MORE_EQUAL] = LC_OPERATOR_LESS,
        [LC_OPERATOR_LESS_EQUAL] = LC_OPERATOR_MORE,
        [LC_OPERATOR_MORE] = LC_OPERATOR_LESS_EQUAL,
        [LC_OPERATOR_HOLDS] = LC_OPERATOR_HOLDS_NOT,
        [LC_OPERATOR_HOLDS_NOT] = LC_OPERATOR_HOLDS,
    };

    return opposites[op];
}

static const struct lc_choice row_choices[] = {{"effect", verdict_at, NULL},
                                               {"script", lc_row_script_name, "x"},
                                               {NULL, NULL, NULL}};

/* Check a condition and its opposite on a row. */
static void check_row(const char *text)
{
    static const struct lc_span paths[] = {{"a.jpg", 5}, {"", 0}};
    struct lc_row_line lines[2] = {
        {.id = {"x", 1},
         .dialect = {"llava", 5},
         .script = "han",
         .rounds = 7,
         .effect = 2,
         .images = {paths, 2, sizeof(paths[0])}},
        {.faulty = true},
    };
    struct lc_condition condition, denied;
    struct lc_error err = {0};
    enum lc_status status = lc_where_read(lc_row_fields, lc_row_own_count, row_choices,
                                          text, &condition, &err);

    lc_fuzz_check_error(status, &err);
    for (size_t i = 0; status == LC_OK && i < 2; i++) {
        denied = condition;
        denied.op = opposite(condition.op);
        if (!lc_field_is_absent(condition.field, &lines[i]))
            must(lc_where_holds(&condition, &lines[i]) !=
                 lc_where_holds(&denied, &lines[i]));
    }
}

void lc_fuzz_where(const uint8_t *data, size_t size)
{
    struct lc_condition condition, denied;
    struct lc_error err = {0};
    char *text = malloc(size + 1);
    struct lc_buffer place = {0};
    enum lc_status status;

    must(text);
    memcpy(text, data, size);
    text[size] = '\0';
    status = lc_where_read(lc_image_fields, lc_image_field_count, choices, text,
                           &condition, &err);
    lc_fuzz_check_error(status, &err);
    for (size_t i = 0; status == LC_OK && i < sizeof(images) / sizeof(images[0]); i++) {
        struct lc_image_line line;

        must(lc_image_line(NULL, (uint32_t)i, &images[i], &place, &line, &err) == LC_OK);
        denied = condition;
        denied.op = opposite(condition.op);
        if (!lc_field_is_absent(condition.field, &line))
            must(lc_where_holds(&condition, &line) != lc_where_holds(&denied, &line));
        else if (condition.op == LC_OPERATOR_EQUAL)
            must(!lc_where_holds(&condition, &line) && lc_where_holds(&denied, &line));
    }
    check_row(text);
    lc_buffer_clear(&place);
    free(text);
}

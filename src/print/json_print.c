/* json-c's own printing loses what it finds no memory for, without a word */
#include "print/json_print.h"

#include <string.h>

static void print_members(struct lc_out *out, struct json_object *object)
{
    bool any = false;

    json_object_object_foreach(object, key, value)
    {
        lc_out_text(out, any ? ", " : " ");
        lc_out_json(out, (struct lc_span){key, strlen(key)});
        lc_out_text(out, ": ");
        lc_json_print(out, value);
        any = true;
    }
}

static void print_items(struct lc_out *out, struct json_object *array)
{
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        lc_out_text(out, i ? ", " : " ");
        lc_json_print(out, json_object_array_get_idx(array, i));
    }
}

void lc_json_print(struct lc_out *out, struct json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_object:
        lc_out_text(out, "{");
        print_members(out, value);
        lc_out_text(out, " }");
        break;
    case json_type_array:
        lc_out_text(out, "[");
        print_items(out, value);
        lc_out_text(out, " ]");
        break;
    case json_type_boolean:
        lc_out_text(out, json_object_get_boolean(value) ? "true" : "false");
        break;
    case json_type_int:
        lc_out_number(out, json_object_get_uint64(value));
        break;
    default: /* a string */
        lc_out_json(out, (struct lc_span){json_object_get_string(value),
                                          (size_t)json_object_get_string_len(value)});
        break;
    }
}

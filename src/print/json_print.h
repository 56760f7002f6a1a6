/* json_print.h - what json-c put together, as text; private to src/report */
#ifndef LC_PRINT_JSON_PRINT_H
#define LC_PRINT_JSON_PRINT_H

#include "print/out.h"

#include <json-c/json.h>

/** Append an object, array, string, boolean or number, on one line. */
void lc_json_print(struct lc_out *out, struct json_object *value);

#endif

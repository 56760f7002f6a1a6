/* tools.h - whether programs can read a row's tools */
#ifndef LC_DATASET_TOOLS_H
#define LC_DATASET_TOOLS_H

#include "base/error.h"
#include "json/json.h"

#include <stdint.h>

/** The form of the value of the key tools. ms-swift reads a text or a list; LLaMA-Factory
 * reads a text with a list in JSON, and only if dataset_info.json names the column. */
enum lc_tools_form {
    LC_TOOLS_NONE,   /* the key is missing, or its value is empty */
    LC_TOOLS_SOUND,  /* a text: a list of objects in JSON */
    LC_TOOLS_EMPTY,  /* a text: an empty list or object in JSON */
    LC_TOOLS_OTHER,  /* a list of tools, or a text with an object, or a Python dict */
    LC_TOOLS_UNREAD, /* anything else: neither program reads it */
    LC_TOOLS_UNSURE, /* what the programs would do cannot be said */
};

/**
 * Find the form of a value of the key tools.
 *
 * @param parser  for its texts; not the parser of doc
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: any, with its own parser.
 * Source:  ms-swift swift/template/base.py, Template._preprocess_tools; LLaMA-Factory
 *          src/llamafactory/data/formatter.py, ToolFormatter.apply.
 */
LC_MUST_CHECK enum lc_status lc_tools_read(struct lc_json_parser *parser,
                                           const struct lc_json_doc *doc, uint32_t at,
                                           enum lc_tools_form *out, struct lc_error *err);

#endif

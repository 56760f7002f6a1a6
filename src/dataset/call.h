/* call.h - whether a turn's text is a tool call, and in which form */
#ifndef LC_DATASET_CALL_H
#define LC_DATASET_CALL_H

#include "base/error.h"
#include "base/text.h"
#include "json/json.h"

/** The form of a tool call. LLaMA-Factory parses JSON, after it has taken away a thought
 * or tags; ms-swift parses JSON or a Python literal. */
enum lc_call_form {
    LC_CALL_UNREAD,     /* not a text that is a tool call */
    LC_CALL_SOUND,      /* JSON: an object with name and arguments, and nothing else */
    LC_CALL_ABSENT,     /* neither program finds a call in it */
    LC_CALL_LIST,       /* JSON: a list of such objects */
    LC_CALL_TAGGED,     /* JSON in tags, or after a thought */
    LC_CALL_ARGUMENTS,  /* JSON, but its arguments are null, or a text that is no value */
    LC_CALL_LOSSY,      /* as LIST or TAGGED, but a part of it is lost */
    LC_CALL_MEMBERS,    /* JSON: an object that has other members, too */
    LC_CALL_PARAMETERS, /* JSON: an object with parameters in place of arguments */
    LC_CALL_QUOTES,     /* a Python dict with name and arguments, and nothing else */
    LC_CALL_DICT,       /* a Python dict that has other members, or parameters */
    LC_CALL_UNSURE,     /* what the programs would do cannot be said */
    LC_CALL_FORMS
};

/**
 * Find the form of a text that ought to be a tool call.
 *
 * @param parser  for the text; not the parser of its row
 *
 * Errors:  LC_ERR_MEMORY.
 * Threads: any, with its own parser.
 * Source:  LLaMA-Factory src/llamafactory/data/formatter.py, FunctionFormatter.apply;
 *          ms-swift swift/agent_template/base.py, BaseAgentTemplate._parse_tool_call.
 */
LC_MUST_CHECK enum lc_status lc_call_read(struct lc_json_parser *parser,
                                          struct lc_span text, enum lc_call_form *out,
                                          struct lc_error *err);

#endif

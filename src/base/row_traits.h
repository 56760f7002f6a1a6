/* row_traits.h - traits of rows, which dataset finds, index stores and report judges */
#ifndef LC_BASE_ROW_TRAITS_H
#define LC_BASE_ROW_TRAITS_H

/** Traits of a row that programs handle differently, although the row is valid. */
enum lc_row_trait {
    /* dialects with messages, or with from and value */
    LC_ROW_TAGS = 1 << 0,  /* a placeholder of an image is in a content that is a text, or
                              in a question of from and value */
    LC_ROW_NAMES = 1 << 1, /* a role is not user, assistant, system or tool; with from and
                              value, not human, gpt or system */
    LC_ROW_LATE_SYSTEM = 1 << 2, /* a turn after the first is a system turn */
    /* a column of images contains an object, and programs read the column, because no
     * part names an image or the parts are loose */
    LC_ROW_OBJECTS = 1 << 3,
    LC_ROW_OTHER_OBJECTS = 1 << 4, /* one of these objects is not {"bytes": null, …} */
    /* dialects with messages only */
    LC_ROW_TOOLS = 1 << 5,   /* a turn is a tool turn */
    LC_ROW_PARTS = 1 << 6,   /* a content is a list that has a medium or is empty */
    LC_ROW_SIZED = 1 << 7,   /* an image part is an object with its size */
    LC_ROW_UNSIZED = 1 << 8, /* an image part is an object without its size */
    LC_ROW_LOOSE = 1 << 9,   /* a turn or part has members that a strict reader rejects */
    /* dialects with from and value only */
    LC_ROW_FIRST_SYSTEM = 1 << 10, /* the first turn is a system turn */
    /* LLaVA rows that name an image: a placeholder is in the second, fourth, … turn,
     * where answers belong */
    LC_ROW_ANSWER_TAGS = 1 << 11,
    /* any dialect: the columns that were read */
    LC_ROW_IN_MESSAGES = 1 << 12, /* the turns are in a column named messages */
    LC_ROW_IN_IMAGES = 1 << 13,   /* the images are in a column named images */
    /* dialects with messages only */
    LC_ROW_RARE_NAMES = 1 << 14,   /* a role is developer, function or pretrain */
    LC_ROW_SYSTEM_PARTS = 1 << 15, /* the content of a system turn is a list */
    LC_ROW_PART_TAGS = 1 << 16,    /* a text beside media parts contains a placeholder */
    /* dialects with from and value only */
    LC_ROW_UNTAGGED = 1 << 17, /* a role is not human, gpt, system, observation or
                                  function_call, and no registry names it */
    /* dialects that have the columns of preference data */
    LC_ROW_REJECTED = 1 << 18, /* there is rejected_response, which may be null */
    /* dialects with messages only */
    LC_ROW_CALLS = 1 << 19,        /* a turn has a list tool_calls that is not empty */
    LC_ROW_INNER_SYSTEM = 1 << 20, /* a system turn comes after a question or the result
                                      of a tool, or before another answer */
};

#endif

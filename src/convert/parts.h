/* parts.h - the content of a row, independent of its dialect; private to src/convert */
#ifndef LC_CONVERT_PARTS_H
#define LC_CONVERT_PARTS_H

#include "convert/members.h"
#include "convert/row.h"

/** Some consecutive items of one of the lists below. */
struct lc_range {
    size_t first;
    size_t count;
};

struct lc_part_turn {
    enum lc_role role;
    struct lc_span name;   /* of its role, decoded */
    struct lc_range text;  /* pieces */
    struct lc_range extra; /* members besides role and text */
};

/** A member of the row itself. */
struct lc_part_column {
    struct lc_member member;
    enum lc_column column; /* LC_COLUMN_COUNT: the dialect gives it no meaning */
};

struct lc_medium_part {
    struct lc_span raw; /* a string with its quotes, or an object */
    bool is_object;
    bool is_url; /* or embedded */
};

/** The content of a row; spans point into its text. */
struct lc_parts {
    const struct lc_dialect *from;
    struct lc_json_doc doc;
    struct lc_members members; /* media of the row, then of its turns and their parts */
    struct lc_part_column *columns; /* in the row's order */
    size_t column_count, column_capacity;
    struct lc_part_turn *turns;
    size_t turn_count, turn_capacity;
    struct lc_span
        *pieces; /* bodies of JSON strings; a text is one or more consecutive ones */
    size_t piece_count, piece_capacity;
    struct lc_medium_part *media[LC_MEDIUM_COUNT];
    size_t media_count[LC_MEDIUM_COUNT], media_capacity[LC_MEDIUM_COUNT];
    bool has_part_media; /* parts of texts name media */
    bool has_turns;
    bool has_system;
    bool system_is_turn;          /* and not a column */
    struct lc_range system;       /* pieces */
    struct lc_range system_extra; /* members of its turn */
    uint32_t written;             /* columns: a bit for each */
    enum lc_refusal refusal;
    struct lc_span subject;
};

/** Free the memory, and set all to zero. */
void lc_parts_clear(struct lc_parts *parts);

/**
 * Read the parts of a row: refusal says why that is not possible, if so.
 *
 * @param parser  whose memory parts->doc points into
 * @param text    followed by LC_JSON_PADDING readable bytes
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_parts_read(struct lc_parts *parts,
                                           struct lc_json_parser *parser,
                                           const struct lc_dialect *from,
                                           const struct lc_row_record *record,
                                           struct lc_span text, struct lc_error *err);

/** Append the row in a dialect. refusal says why that is not possible, if so. Errors:
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status
lc_parts_write(struct lc_parts *parts, const struct lc_dialect *to,
               enum lc_text_form form, const struct lc_row_record *record,
               struct lc_pixel_sizes sizes, struct lc_buffer *out, struct lc_error *err);

/** Whether a dialect has a system message as a turn, not as a column. */
bool lc_has_system_turn(const struct lc_dialect *dialect);

#endif

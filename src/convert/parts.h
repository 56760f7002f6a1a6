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
    struct lc_span name;   /* the name of its role, decoded */
    struct lc_range text;  /* pieces */
    struct lc_range extra; /* members other than role and text */
};

/** A member of the row itself. */
struct lc_part_column {
    struct lc_member member;
    enum lc_column column; /* LC_COLUMN_COUNT: has no meaning in the dialect */
};

struct lc_medium_part {
    struct lc_span raw; /* a string with its quotes, or an object */
    bool is_object;
    bool is_url; /* a URL, or an embedded image */
};

/** The content of a row; spans point into its text. */
struct lc_parts {
    const struct lc_dialect *from;
    struct lc_json_doc doc;
    struct lc_members members; /* members of the row that name media, then those of its
                                * turns and their parts */
    struct lc_part_column *columns; /* in the order of the row */
    size_t column_count, column_capacity;
    struct lc_part_turn *turns;
    size_t turn_count, turn_capacity;
    struct lc_span
        *pieces; /* bodies of JSON strings; a text is one or more consecutive pieces */
    size_t piece_count, piece_capacity;
    struct lc_medium_part *media[LC_MEDIUM_COUNT];
    size_t media_count[LC_MEDIUM_COUNT], media_capacity[LC_MEDIUM_COUNT];
    bool has_part_media; /* some parts of texts name media */
    bool has_turns;
    bool has_system;
    bool system_is_turn;          /* the system message is a turn, not a column */
    struct lc_range system;       /* pieces */
    struct lc_range system_extra; /* members of its turn */
    uint32_t written;             /* columns that were written: a bit for each */
    enum lc_refusal refusal;
    struct lc_span subject;
};

/** Free the memory, and set all to zero. */
void lc_parts_clear(struct lc_parts *parts);

/**
 * Read the parts of a row. If this is not possible, parts->refusal is set to the reason.
 *
 * @param parser  owns the memory that parts->doc points into
 * @param text    followed by LC_JSON_PADDING readable bytes
 *
 * Errors: LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_parts_read(struct lc_parts *parts,
                                           struct lc_json_parser *parser,
                                           const struct lc_dialect *from,
                                           const struct lc_row_record *record,
                                           struct lc_span text, struct lc_error *err);

/** Append the row in a dialect. If this is not possible, parts->refusal is set to the
 * reason. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status
lc_parts_write(struct lc_parts *parts, const struct lc_dialect *to,
               enum lc_text_form form, const struct lc_row_record *record,
               struct lc_pixel_sizes sizes, struct lc_buffer *out, struct lc_error *err);

/** Whether the system message is a turn in a dialect, not a column. */
bool lc_has_system_turn(const struct lc_dialect *dialect);

#endif

/* site.h - the input of a fix: a row and its finding, and the edits; private to
 * src/fix */
#ifndef LC_FIX_SITE_H
#define LC_FIX_SITE_H

#include "fix/edit.h"
#include "fix/fix.h"
#include "json/json.h"
#include "rules/rules.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A row with a finding. Offsets are bytes from its start. */
struct lc_fix_site {
    struct lc_span text;
    const struct lc_dialect *dialect;
    bool readable;                 /* doc and row are set */
    const struct lc_json_doc *doc; /* including offsets */
    const struct lc_row *row;
    const struct lc_finding *finding;
    const struct lc_fixer_options *options;
    const struct lc_fix_row *job;
    struct lc_edits
        *edits; /* edits of the text; if a fix adds none, it cannot fix the row */
    struct lc_buffer *scratch; /* used within one step at a time */
};

/** A fix: adds edits to the site. Errors: LC_ERR_MEMORY. */
typedef enum lc_status lc_fix_fn(struct lc_fix_site *site, struct lc_error *err);

#define LC_FIX(identifier, ...) lc_fix_fn lc_fix_##identifier;
#define LC_FIXES(...)
#define LC_FIXES_ALL(...)
#include "rules/fixes.def"
#undef LC_FIX
#undef LC_FIXES
#undef LC_FIXES_ALL

/* ---- tokens.c: places in the text ---- */

/** The offset past the end of a value in the text, given its index on the tape. */
size_t lc_site_end(const struct lc_fix_site *site, uint32_t at);

/** A member of an object. */
struct lc_site_member {
    uint32_t key, value; /* on the tape; 0: there is none */
};

/** The last member with a name, which is the one that counts in Python; object may be
 * 0. */
struct lc_site_member lc_site_member(const struct lc_fix_site *site, uint32_t object,
                                     struct lc_span name);

/** A column of the row, by the first of the dialect's names for it that the row
 * contains. */
struct lc_site_member lc_site_column(const struct lc_fix_site *site,
                                     enum lc_column column);

/** A turn of the row: indices on the tape. */
struct lc_site_turn {
    uint32_t object, role, text; /* 0: not exactly one object, or not a string */
    uint32_t previous, next;     /* elements of its list before and after it */
};

struct lc_site_turn lc_site_turn(const struct lc_fix_site *site, size_t turn);

/** The offset in the text of a byte of a decoded string, counting its escapes. */
size_t lc_site_inside(const struct lc_fix_site *site, uint32_t string, size_t byte);

/** Replace bytes of a string by a text, which is escaped if the string is. Errors:
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_site_replace(struct lc_fix_site *site, uint32_t string,
                                             size_t from, size_t to, struct lc_span by,
                                             struct lc_error *err);

/** Replace a whole value by a string. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_site_write(struct lc_fix_site *site, uint32_t value,
                                           struct lc_span by, struct lc_error *err);

/** Remove a member of an object, with its comma. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_site_remove_member(struct lc_fix_site *site,
                                                   uint32_t object, uint32_t key,
                                                   struct lc_error *err);

/** Remove a turn from its list, with its comma. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_site_remove_turn(struct lc_fix_site *site,
                                                 const struct lc_site_turn *turn,
                                                 struct lc_error *err);

/** The first question; turn_count: there is none. */
size_t lc_site_first_question(const struct lc_fix_site *site);

/* ---- text.c, fields.c: fixes that are not for a finding of the row ---- */

/** Join the lines of the row. */
LC_MUST_CHECK enum lc_status lc_site_join_lines(struct lc_fix_site *site,
                                                struct lc_error *err);

/** Change the id and the images to the types picked for the file's columns. */
LC_MUST_CHECK enum lc_status lc_site_unify(struct lc_fix_site *site, lc_fix_set *made,
                                           struct lc_error *err);

/** Replace the paths for which find_path has another one. */
LC_MUST_CHECK enum lc_status
lc_site_correct_paths(struct lc_fix_site *site, lc_fix_set *made, struct lc_error *err);

#endif

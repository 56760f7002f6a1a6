/* fix.h - fixes rows: changes only the bytes of a row that are wrong
 *
 * A fix is a function that turns a finding into edits of the row's text. The edited row
 * is checked again. The edits are kept if the rule no longer reports the row and no other
 * rule reports anything new; otherwise the row stays as it is. */
#ifndef LC_FIX_FIX_H
#define LC_FIX_FIX_H

#include "base/error.h"
#include "base/text.h"
#include "dataset/dialect.h"
#include "rules/rules.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A set of fixes: a bit for each lc_fix_index. */
typedef uint64_t lc_fix_set;

_Static_assert(LC_FIX_COUNT <= 64, "a bit for each");

static inline lc_fix_set lc_fix_bit(enum lc_fix_index fix)
{
    return (lc_fix_set)1 << fix;
}

/** Finds the path to write in place of another one; text NULL: keep the path. */
typedef struct lc_span lc_fix_path_fn(void *user, struct lc_span path,
                                      enum lc_fix_index *fix);

/** How rows are fixed. */
struct lc_fixer_options {
    lc_fix_set fixes;         /* fixes that may be made */
    bool skip[LC_RULE_COUNT]; /* rules whose findings are not fixed */
    size_t trainer;           /* the trainer to fix for */
    void *user;               /* passed to find_path */
    lc_fix_path_fn *find_path;
};

/** The type to change an id or the images of a row to. */
enum lc_fix_column {
    LC_FIX_COLUMN_KEEP,
    LC_FIX_COLUMN_STRING,
    LC_FIX_COLUMN_LIST, /* images */
};

/** A row to fix. */
struct lc_fix_row {
    struct lc_span text;
    const struct lc_dialect *dialect;
    bool lines;  /* its file is JSON lines */
    bool joined; /* the fixed row must be on one line */
    enum lc_fix_column ids;
    enum lc_fix_column images;
};

/** A fix that was made, for a finding of a rule. */
struct lc_fix_made {
    uint8_t fix;  /* enum lc_fix_index */
    uint8_t rule; /* enum lc_rule_index */
};

_Static_assert(LC_RULE_COUNT <= 256, "a byte for each");

#define LC_FIX_MOST 8 /* fixes of one row */

/** The fixed row. */
struct lc_fix_result {
    struct lc_span text; /* valid until the next row */
    struct lc_fix_made made[LC_FIX_MOST];
    size_t count;      /* number of fixes made; 0: the row is unchanged */
    lc_fix_set set;    /* the fixes made */
    lc_fix_set failed; /* fixes that were tried but not kept */
    bool reveals;      /* the row could not be checked before: findings may not be new */
};

struct lc_fixer;

/**
 * Make a fixer.
 *
 * @param options  copied
 *
 * Owner:   the caller, lc_fixer_free.
 * Errors:  LC_ERR_MEMORY.
 * Threads: one at a time.
 */
LC_MUST_CHECK enum lc_status lc_fixer_new(const struct lc_fixer_options *options,
                                          struct lc_fixer **out, struct lc_error *err);
void lc_fixer_free(struct lc_fixer *fixer); /* NULL-safe */

/** Fix a row as far as possible. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_fixer_run(struct lc_fixer *fixer,
                                          const struct lc_fix_row *row,
                                          struct lc_fix_result *out,
                                          struct lc_error *err);

#endif

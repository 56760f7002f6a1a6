/* reasons.h - why rows are dropped; private to src/clean
 *
 * Most reasons are findings about the row or its images, which are looked up for
 * printing. This list stores the others: findings about several rows, some of which are
 * kept, and findings that only the check of the result showed. */
#ifndef LC_CLEAN_REASONS_H
#define LC_CLEAN_REASONS_H

#include "base/buffer.h"
#include "clean/drop.h"
#include "index/index.h"
#include "report/model/effects.h"

/** Reasons that are not findings: the trainer does not read the dialect, or the row is
 * longer than the trainer's limit, or may be. */
#define LC_REASON_DIALECT ((enum lc_case_index)LC_CASE_COUNT)
#define LC_REASON_LENGTH ((enum lc_case_index)(LC_CASE_COUNT + 1))
#define LC_REASON_COUNT (LC_CASE_COUNT + 2)

/** A reason. Texts end with NUL. */
struct lc_reason {
    enum lc_case_index which; /* or one of the two reasons above */
    enum lc_effect effect;    /* on the trainer */
    const char *message;      /* the finding's; for a dialect, what the trainer does */
    struct lc_span image; /* path of the image that the reason is about; empty: none */
};

/** A stored reason; offsets are in the list's text. */
struct lc_stored_reason {
    uint64_t row;
    enum lc_case_index which;
    enum lc_effect effect;
    size_t message;
    size_t image;
};

/** All zero is an empty list. */
struct lc_reasons {
    struct lc_stored_reason *items;
    size_t count;
    size_t capacity;
    struct lc_buffer text;
    size_t last; /* offset of the last message: an equal one is not stored again */
};

void lc_reasons_clear(struct lc_reasons *reasons);

/** Add a reason of a row of the data set. Errors: LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_reasons_add(struct lc_reasons *reasons, uint64_t row,
                                            const struct lc_reason *reason,
                                            struct lc_error *err);

/** Sort what was added by row. */
void lc_reasons_sort(struct lc_reasons *reasons);

/** Called for each reason; its spans and texts are valid during the call. */
typedef enum lc_status lc_reason_fn(void *user, const struct lc_reason *reason,
                                    struct lc_error *err);

/** Call a function for each stored reason of a row. The list must be sorted. */
LC_MUST_CHECK enum lc_status lc_reasons_each(const struct lc_reasons *reasons,
                                             uint64_t row, lc_reason_fn *each, void *user,
                                             struct lc_error *err);

/**
 * Call a function for each finding of a row and of its images that drops the row. If the
 * row is dropped only for its overall effect, call it for all findings that have an
 * effect.
 *
 * Errors: LC_ERR_INDEX, LC_ERR_MEMORY, what each returns.
 */
LC_MUST_CHECK enum lc_status lc_reasons_look(const struct lc_index *index,
                                             const struct lc_effects *effects,
                                             const struct lc_drop *drop, uint64_t row,
                                             lc_reason_fn *each, void *user,
                                             struct lc_error *err);

/** Make the reason for a finding; message is a buffer for its text. Errors:
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_reason_of(const struct lc_index *index,
                                          const struct lc_effects *effects,
                                          const struct lc_finding_record *finding,
                                          struct lc_buffer *message,
                                          struct lc_reason *out, struct lc_error *err);

#endif

/* entries.h - records of the index in the form of the public API, with names instead of
 * numbers
 *
 * The iterators of the public API and the results of queries consist of entries. An entry
 * borrows its bytes from the index.
 */
#ifndef LC_ITERATE_ENTRIES_H
#define LC_ITERATE_ENTRIES_H

#include "base/error.h"
#include "index/index.h"
#include "llava_check/files.h"
#include "llava_check/findings.h"
#include "llava_check/images.h"
#include "llava_check/rows.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Number of rules in the cache, indexed by the ends of their codes. */
#define LC_ENTRY_RULES 32

/** What consecutive entries share, so that it is looked up only once. All zero is
 * empty. */
struct lc_entry_cache {
    bool has_file;
    uint32_t file_number;
    struct lc_file_record file;
    const struct lc_rule_info *rules[LC_ENTRY_RULES]; /* indexed by the ends of their
                                                         codes */
};

/**
 * Get the record of a rows file.
 *
 * @param out  set to a record in the cache, valid until the next call
 *
 * Errors: LC_ERR_INDEX.
 */
LC_MUST_CHECK enum lc_status lc_entry_cache_file(struct lc_entry_cache *cache,
                                                 const struct lc_index *index,
                                                 uint32_t number,
                                                 const struct lc_file_record **out,
                                                 struct lc_error *err);

/**
 * Make the entry of a finding.
 *
 * Errors: LC_ERR_INDEX (the file or image that it is about does not exist, or the file
 *         has no such row).
 */
LC_MUST_CHECK enum lc_status lc_entry_of_finding(const struct lc_index *index,
                                                 const struct lc_finding_record *record,
                                                 struct lc_entry_cache *cache,
                                                 struct lc_finding_entry *out,
                                                 struct lc_error *err);

/** Make the entry of an image path. Errors: LC_ERR_INDEX (its archive does not exist). */
LC_MUST_CHECK enum lc_status lc_entry_of_image(const struct lc_index *index,
                                               uint32_t number,
                                               const struct lc_image_record *record,
                                               struct lc_image_entry *out,
                                               struct lc_error *err);

/** Make the entry of a rows file. */
void lc_entry_of_file(uint32_t number, const struct lc_file_record *record,
                      struct lc_file_entry *out);

/** Decides whether a row is wanted, given its number. */
typedef bool lc_row_wanted_fn(void *user, uint64_t number);

/** Go to the next wanted row; otherwise like lc_row_next. */
LC_MUST_CHECK enum lc_status lc_row_next_of(struct lc_row_iterator *iterator,
                                            lc_row_wanted_fn *wanted, void *user,
                                            const struct lc_row_entry **out,
                                            struct lc_error *err);

/** The images of a row while its entry is made. All zero is empty. */
struct lc_row_image_list {
    struct lc_row_image *items;
    size_t count;
    size_t capacity;
};

void lc_row_image_list_clear(struct lc_row_image_list *list);

/**
 * Make the entry of a row.
 *
 * @param images     numbers of its images, in the form that lc_row_fn gets
 * @param has_error  a finding of level error is about the row
 * @param list       its memory is reused; the entry points into it
 *
 * Errors: LC_ERR_INDEX (its file or an image does not exist), LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status
lc_entry_of_row(const struct lc_index *index, uint64_t number,
                const struct lc_row_record *record, struct lc_span images, bool has_error,
                struct lc_entry_cache *cache, struct lc_row_image_list *list,
                struct lc_row_entry *out, struct lc_error *err);

#endif

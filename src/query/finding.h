/* finding.h - a finding in the form that programs get; private to src/query */
#ifndef LC_QUERY_FINDING_H
#define LC_QUERY_FINDING_H

#include "iterate/entries.h"
#include "llava_check/findings.h"
#include "query/question.h"

/** A finding with the names of its fields' values. Its texts point into the index. */
struct lc_finding_line {
    struct lc_finding_entry entry;
    struct lc_span id; /* of the entry; NULL if it is empty */
    const char *name;  /* name of the rule; NULL if this version does not have it */
    const char *severity;
    const char *kind;
    struct lc_span rule_case; /* NULL if it has none */
};

extern const struct lc_field lc_finding_fields[];
extern const size_t lc_finding_field_count;

/** Make the line of a finding; the cache is reused for the next one. Errors:
 * LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_finding_line(const struct lc_index *index,
                                             const struct lc_finding_record *finding,
                                             struct lc_entry_cache *cache,
                                             struct lc_finding_line *out,
                                             struct lc_error *err);

/** Write "error   TOK401  " and the finding on one line, for people. Errors:
 * LC_ERR_INDEX, LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_out_finding(struct lc_query_run *run,
                                            const struct lc_finding_record *finding,
                                            struct lc_error *err);

#endif

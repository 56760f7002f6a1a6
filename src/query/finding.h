/* finding.h - a finding as it is written for programs; private to src/query */
#ifndef LC_QUERY_FINDING_H
#define LC_QUERY_FINDING_H

#include "query/query.h"

/** A finding with what its numbers stand for. Its file and image are of the index, and
 * live as long. */
struct lc_finding_line {
    struct lc_finding_record finding;
    char code[16];
    const char *rule; /* code, or as it is in the index */
    const char *name;
    const char *severity;
    const char *kind;
    struct lc_span file; /* NULL: none, as with those below */
    int64_t line, column, offset;
    struct lc_span id;
    struct lc_span image;
    int64_t row_count; /* rows that it is about */
};

extern const struct lc_field lc_finding_fields[];
extern const size_t lc_finding_field_count;

/** Find what a finding's numbers stand for. Errors: LC_ERR_INDEX. */
LC_MUST_CHECK enum lc_status lc_finding_line(const struct lc_index *index,
                                             const struct lc_finding_record *finding,
                                             struct lc_finding_line *out,
                                             struct lc_error *err);

/** "error   TOK401  " and the finding in one line, for people. Errors: LC_ERR_INDEX,
 * LC_ERR_MEMORY. */
LC_MUST_CHECK enum lc_status lc_out_finding(struct lc_asking *asking,
                                            const struct lc_finding_record *finding,
                                            struct lc_error *err);

#endif

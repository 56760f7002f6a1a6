/* finder.h - the state of a search for records; private to src/proof */
#ifndef LC_PROOF_FINDER_H
#define LC_PROOF_FINDER_H

#include "json/json.h"
#include "proof/records.h"
#include "store/plain.h"

/** A partial file left by an unfinished download. */
struct lc_unfinished {
    size_t path;   /* offset in the finder's text: path of the partial file */
    size_t folder; /* likewise: folder in which the finished file belongs */
    size_t key;    /* likewise: how the name of the partial file begins */
    size_t found;  /* offset in the records' text: path of the finished file; 0 if
                      unknown */
    bool is_over;  /* the download was finished nevertheless */
};

#define LC_UNFINISHED_NAMED 100 /* further ones are not matched with their files */

/** The state of reading records. */
struct lc_finder {
    const struct lc_folder *folder; /* the root */
    struct lc_span root_name;       /* name of the root folder */
    struct lc_records *records;
    struct lc_json_parser *parser; /* created on demand */
    struct lc_buffer bytes;        /* content of a file of records */
    struct lc_buffer path;         /* a resolved path */
    struct lc_buffer text;         /* paths and names of unfinished files */
    struct lc_unfinished *unfinished;
    size_t unfinished_count, unfinished_capacity;
};

_Static_assert(LC_PLAIN_PADDING >= LC_JSON_PADDING, "what is read can be parsed");

#define LC_RECORD_FILE_MAX ((uint64_t)1 << 29)

/** Read a file of records. *good is set to whether that worked; if not, an issue has been
 * added. Errors: LC_ERR_MEMORY, LC_ERR_IO. */
LC_MUST_CHECK enum lc_status lc_finder_read(struct lc_finder *finder, struct lc_span path,
                                            uint64_t limit, bool *good,
                                            struct lc_error *err);

/** Add an issue. */
LC_MUST_CHECK enum lc_status lc_finder_issue(struct lc_finder *finder,
                                             enum lc_record_fault fault,
                                             struct lc_span path, const char *detail,
                                             struct lc_error *err);

void lc_finder_clear(struct lc_finder *finder);

#endif

/* finder.h - what reads the files of records; private to src/proof */
#ifndef LC_PROOF_FINDER_H
#define LC_PROOF_FINDER_H

#include "json/json.h"
#include "proof/records.h"
#include "store/plain.h"

/** A file that an unfinished download has left. */
struct lc_unfinished {
    size_t path;   /* offset in the finder's own text: of the unfinished file */
    size_t folder; /* likewise, of the folder that the file is to be in */
    size_t key;    /* likewise, what its name begins with */
    size_t found;  /* likewise, of the file that it is to be; 0: not known */
    bool is_over;  /* the file was downloaded nevertheless */
};

#define LC_UNFINISHED_NAMED 100 /* more are not matched with the files they are to be */

/** What reads records. */
struct lc_finder {
    const struct lc_folder *folder; /* the root */
    struct lc_span root_name;       /* the root's own name */
    struct lc_records *records;
    struct lc_json_parser *parser; /* made when it is needed */
    struct lc_buffer bytes;        /* of the file of records */
    struct lc_buffer path;         /* resolved */
    struct lc_buffer text;         /* of unfinished files */
    struct lc_unfinished *unfinished;
    size_t unfinished_count, unfinished_capacity;
};

_Static_assert(LC_PLAIN_PADDING >= LC_JSON_PADDING, "what is read can be parsed");

#define LC_RECORD_FILE_MAX ((uint64_t)1 << 29)

/** Read a file of records; *good is set to whether it could be. If not, that is an issue
 * already. Errors: LC_ERR_MEMORY, LC_ERR_IO. */
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

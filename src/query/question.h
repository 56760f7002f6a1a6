/* question.h - declarations that the queries of an index share; private to src/query */
#ifndef LC_QUERY_QUESTION_H
#define LC_QUERY_QUESTION_H

#include "base/error.h"
#include "index/index.h"
#include "llava_check/query.h"
#include "print/json_writer.h"
#include "query/sheet.h"

/** The state of a query while its result is written. */
struct lc_query_run {
    const struct lc_index *index;
    const struct lc_query *query;
    const char *format; /* never NULL */
    struct lc_out *out;
    struct lc_jw json; /* writes to out */
    uint64_t missing;  /* number of ids that no row has */
};

/** A kind of query: one row of the table in query.c, and one function in a file of its
 * own. */
struct lc_question {
    struct lc_query_info info;
    /* Errors: LC_ERR_INDEX, LC_ERR_MEMORY, LC_ERR_USAGE, LC_ERR_IO. */
    enum lc_status (*run)(struct lc_query_run *run, struct lc_error *err);
};

enum lc_status lc_query_run_get(struct lc_query_run *run, struct lc_error *err);
enum lc_status lc_query_run_images(struct lc_query_run *run, struct lc_error *err);
enum lc_status lc_query_run_duplicates(struct lc_query_run *run, struct lc_error *err);
enum lc_status lc_query_run_findings(struct lc_query_run *run, struct lc_error *err);
enum lc_status lc_query_run_rows(struct lc_query_run *run, struct lc_error *err);
enum lc_status lc_query_run_files(struct lc_query_run *run, struct lc_error *err);

/** Write "jpeg 640x480 RGB, 12.3 KiB": what is known about an image. */
void lc_out_image(struct lc_out *out, const struct lc_image_record *image);

#endif

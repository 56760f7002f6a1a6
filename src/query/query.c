#include "query/question.h"

#include "base/sink.h"
#include "base/options.h"

#include <errno.h>
#include <string.h>

#define LISTS "text json jsonl csv"
#define DUMPS "jsonl csv json"
#define PLACES " ids lines offsets"

static const struct lc_question questions[] = {
    {{"get", "the rows of an id", "text json jsonl" PLACES}, lc_query_run_get},
    {{"images", "image paths with verdict, size and hash", LISTS}, lc_query_run_images},
    {{"duplicates", "images with identical content, most files first", LISTS},
     lc_query_run_duplicates},
    {{"findings", "findings, one per line", LISTS}, lc_query_run_findings},
    {{"rows", "rows with size, images and effect", LISTS PLACES " source"},
     lc_query_run_rows},
    {{"files", "the rows files", DUMPS}, lc_query_run_files},
};

#define QUESTION_COUNT (sizeof(questions) / sizeof(questions[0]))

const struct lc_query_info *lc_query_at(size_t index)
{
    return index < QUESTION_COUNT ? &questions[index].info : NULL;
}

/* Whether a word is in a list. */
static bool is_among(const char *word, const char *list)
{
    size_t size = strlen(word);

    for (const char *at = list; *at; at += strcspn(at, " "), at += strspn(at, " "))
        if (strncmp(at, word, size) == 0 && (at[size] == ' ' || !at[size]))
            return size > 0;
    return false;
}

static enum lc_status run_question(const struct lc_question *question,
                                   const struct lc_index *index,
                                   const struct lc_query *query, FILE *to,
                                   uint64_t *missing, struct lc_error *err)
{
    struct lc_out out = {.to = to};
    struct lc_query_run run = {
        .index = index, .query = query, .out = &out, .json = {.out = &out, .indent = 2}};
    char first[16] = "";
    enum lc_status status;

    memcpy(first, question->info.formats, strcspn(question->info.formats, " "));
    run.format = query->format ? query->format : first;
    if (!is_among(run.format, question->info.formats))
        return lc_fail(err, LC_ERR_USAGE, 0, "'%s' has no format %s; formats are %s",
                       question->info.name, run.format, question->info.formats);
    status = question->run(&run, err);
    status = lc_jw_finish(&run.json, status, err);
    if (missing)
        *missing = run.missing;
    errno = 0;
    if (status == LC_OK && (fflush(to) != 0 || ferror(to)))
        return lc_fail_errno(err, "write the answer");
    return status;
}

enum lc_status lc_query_write(const struct lc_index *index, const struct lc_query *query,
                              FILE *to, uint64_t *missing, struct lc_error *err)
{
    struct lc_query own;
    enum lc_status status = LC_OPTIONS_COPY(&own, query, name, err);

    if (status != LC_OK)
        return status;
    for (size_t i = 0; i < QUESTION_COUNT; i++)
        if (strcmp(questions[i].info.name, own.name) == 0)
            return run_question(&questions[i], index, &own, to, missing, err);
    return lc_fail(err, LC_ERR_USAGE, 0, "unknown question");
}

enum lc_status lc_query_write_to(const struct lc_index *index,
                                 const struct lc_query *query, lc_write_fn *write,
                                 void *context, uint64_t *missing, struct lc_error *err)
{
    struct lc_error own = {0};
    struct lc_sink *sink = NULL;
    FILE *to = NULL;
    enum lc_status status = lc_sink_open(write, context, &sink, &to, err);

    if (status != LC_OK)
        return status;
    status = lc_query_write(index, query, to, missing, &own);
    return lc_sink_close(sink, status, &own, err);
}

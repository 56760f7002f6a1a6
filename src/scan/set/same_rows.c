/* Finds rows that are equal in training, and rows with the same first question. */
#include "scan/set/same_rows.h"

#include <string.h>

/* Report facts about a row. */
static enum lc_status report_row(struct lc_set_stage *stage, uint64_t number,
                                 const struct lc_facts *facts, struct lc_error *err)
{
    struct lc_buffer id = {0};
    struct lc_row_record row = {0};
    enum lc_status status = lc_index_written_row(stage->run->writer, number, &row, err);

    if (status == LC_OK)
        status = lc_buffer_add(
            &id, row.id.text,
            row.id.size < LC_FINDING_ID_MAX ? row.id.size : LC_FINDING_ID_MAX, err);
    if (status == LC_OK) {
        struct lc_finding_record record = {
            .kind = LC_FINDING_ROW,
            .file = row.file,
            .row = (int64_t)row.row,
            .offset = row.offset,
            .line = row.line,
            .column = row.column,
            .turn = -1,
            .id = {id.data, id.size},
        };

        status = lc_set_report(stage, facts, &record, err);
    }
    lc_buffer_clear(&id);
    return status;
}

/* Find the place of a row, for a message about another row. */
static enum lc_status locate(const struct lc_set_stage *stage, uint64_t number,
                             struct lc_twin_facts *out, struct lc_error *err)
{
    struct lc_row_record row = {0};
    enum lc_status status = lc_index_written_row(stage->run->writer, number, &row, err);

    *out = (struct lc_twin_facts){.row = row.row, .line = row.line};
    if (status == LC_OK && stage->dataset->file_count > 1) {
        const char *name = stage->dataset->files[row.file].name;

        out->file = (struct lc_span){name, strlen(name)};
    }
    return status;
}

/* ---- equal rows ---- */

static enum lc_status report_pair(struct lc_set_stage *stage,
                                  const struct lc_row_id *pair, struct lc_error *err)
{
    struct lc_twin_facts twin;
    enum lc_status status = locate(stage, lc_get_u64(pair->hash.bytes + 8), &twin, err);

    if (status != LC_OK)
        return status;
    return report_row(stage, lc_get_u64(pair->hash.bytes),
                      &(struct lc_facts){.twin = &twin}, err);
}

static enum lc_status find_twins(struct lc_set_stage *stage, struct lc_error *err)
{
    struct lc_row_id first = {0};
    enum lc_status status = LC_OK;
    bool any = false, more = true;

    while (status == LC_OK) {
        struct lc_row_id next;

        status = lc_sorter_next(&stage->rows->contents, &next, &more, err);
        if (status != LC_OK || !more)
            break;
        if (any && lc_hash_compare(&first.hash, &next.hash) == 0)
            status = lc_sorter_add_numbers(&stage->found, next.row, first.row, 0, err);
        else
            first = next;
        any = true;
    }
    return status;
}

enum lc_status lc_set_check_contents(struct lc_set_stage *stage, struct lc_error *err)
{
    enum lc_status status;

    lc_set_start_collecting(stage);
    status = find_twins(stage, err);
    lc_sorter_clear(&stage->rows->contents);
    return status == LC_OK ? lc_set_report_collected(stage, report_pair, err) : status;
}

/* ---- questions with several answers ---- */

/* The rows read so far that have one question. They come sorted by answer, then by
 * row. */
struct question {
    uint64_t hash;
    uint64_t answer;  /* hash of the last answer */
    uint64_t rows;    /* number of rows */
    uint64_t answers; /* number of different answers */
    uint64_t first;   /* the first row */
    uint64_t other;   /* the first row with another answer; if answers >= 2 */
};

static void add_row(struct question *question, uint64_t answer, uint64_t row)
{
    question->rows++;
    if (question->answers && answer == question->answer)
        return;
    question->answer = answer;
    question->answers++;
    if (question->answers == 1) {
        question->first = row;
    } else if (row < question->first) {
        question->other = question->first;
        question->first = row;
    } else if (question->answers == 2 || row < question->other) {
        question->other = row;
    }
}

/* Put the question into three numbers, for report_question. Row numbers have 32 bits, so
 * both counts fit into the third one. */
static enum lc_status end_question(struct lc_set_stage *stage,
                                   const struct question *question, struct lc_error *err)
{
    if (question->answers < 2)
        return LC_OK;
    return lc_sorter_add_numbers(&stage->found, question->first, question->other,
                                 question->rows << 32 | question->answers, err);
}

static enum lc_status find_questions(struct lc_set_stage *stage, struct lc_error *err)
{
    struct question question = {.rows = 0};
    enum lc_status status = LC_OK;
    bool more = true;

    while (status == LC_OK) {
        struct lc_row_id next;

        status = lc_sorter_next(&stage->rows->questions, &next, &more, err);
        if (status != LC_OK || !more)
            break;
        if (!question.rows || lc_get_u64(next.hash.bytes) != question.hash) {
            status = end_question(stage, &question, err);
            question = (struct question){.hash = lc_get_u64(next.hash.bytes)};
        }
        add_row(&question, lc_get_u64(next.hash.bytes + 8), next.row);
    }
    return status == LC_OK ? end_question(stage, &question, err) : status;
}

/* Report a question from the numbers that end_question has stored. */
static enum lc_status report_question(struct lc_set_stage *stage,
                                      const struct lc_row_id *item, struct lc_error *err)
{
    struct lc_answers_facts answers = {
        .rows = item->row >> 32,
        .answers = item->row & UINT32_MAX,
    };
    enum lc_status status =
        locate(stage, lc_get_u64(item->hash.bytes + 8), &answers.other, err);

    if (status != LC_OK)
        return status;
    return report_row(stage, lc_get_u64(item->hash.bytes),
                      &(struct lc_facts){.answers = &answers}, err);
}

enum lc_status lc_set_check_questions(struct lc_set_stage *stage, struct lc_error *err)
{
    enum lc_status status;

    lc_set_start_collecting(stage);
    status = find_questions(stage, err);
    lc_sorter_clear(&stage->rows->questions);
    return status == LC_OK ? lc_set_report_collected(stage, report_question, err)
                           : status;
}

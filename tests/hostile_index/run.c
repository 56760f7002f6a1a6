/* run.c - run a command in this process, and check its output */
#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "json/json.h"
#include "llava_check/files.h"
#include "llava_check/findings.h"
#include "llava_check/images.h"
#include "llava_check/rows.h"
#include "llava_check/diff.h"
#include "llava_check/query.h"

int lc_program_main(int argc, char **argv);

/* ---- texts ---- */

/* Whether a text is UTF-8 without terminal control characters. */
static bool is_printable(const char *text, size_t size)
{
    if (!lc_json_valid_utf8(text, size))
        return false;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];

        if ((byte < 0x20 && byte != '\n' && byte != '\t' && byte != '\r') ||
            byte == 0x7F || (byte == 0xC2 && (unsigned char)text[i + 1] < 0xA0))
            return false; /* C0, delete, and C1, which UTF-8 writes as C2 80 to C2 9F */
    }
    return true;
}

static bool is_whole_json(const char *text, size_t size)
{
    static struct lc_json_parser *parser;
    struct lc_json_problem problem;
    size_t used;

    if (!parser && lc_json_parser_new(&parser, NULL) != LC_OK)
        abort();
    lc_json_skip_exact(parser, text, size, true, &used, &problem);
    return problem.fault == LC_JSON_FINE;
}

/* ---- the library ---- */

bool hostile_is_json(const char *format)
{
    return strcmp(format, "json") == 0 || strcmp(format, "sarif") == 0 ||
           strcmp(format, "gitlab") == 0;
}

/* Whether to write the next answer. Called once for each. */
static bool is_next(struct hostile_output *output, size_t wanted)
{
    size_t answer = output->answers++;

    return wanted == HOSTILE_ALL_ANSWERS || wanted == answer;
}

/* An answer being written to memory. */
struct answer {
    struct hostile_output *output;
    FILE *to;
    char *text;
    size_t size;
};

static FILE *begin(struct answer *answer, struct hostile_output *output)
{
    *answer = (struct answer){.output = output};
    answer->to = open_memstream(&answer->text, &answer->size);
    if (!answer->to)
        abort();
    return answer->to;
}

static void end(struct answer *answer, enum lc_status status, const char *format)
{
    (void)fclose(answer->to);
    if (status == LC_ERR_MEMORY)
        answer->output->wrong = "out of memory";
    else if (status != LC_OK && status != LC_ERR_INDEX)
        answer->output->wrong = "an error that is none of the index";
    else if (!is_printable(answer->text, answer->size))
        answer->output->wrong = "it prints what a terminal obeys, or no UTF-8";
    else if (status == LC_OK && hostile_is_json(format) &&
             !is_whole_json(answer->text, answer->size))
        answer->output->wrong = "the JSON is not whole";
    if (status != LC_OK)
        answer->output->code = 2;
    free(answer->text);
}

static void report_all(const struct lc_index *index, size_t wanted,
                       struct hostile_output *output)
{
    const struct lc_report_format_info *format;
    struct answer answer;

    for (size_t i = 0; (format = lc_report_format_at(i)); i++) {
        const struct lc_report_options options = {.size = sizeof(options),
                                                  .format = format->name};
        FILE *to;

        if (!is_next(output, wanted))
            continue;
        to = begin(&answer, output);
        end(&answer, lc_report_write(index, &options, to, NULL), format->name);
    }
}

static void ask_all(const struct lc_index *index, const struct hostile_ids *ids,
                    size_t wanted, struct hostile_output *output)
{
    const struct lc_query_info *info;
    struct answer answer;
    char format[16];

    for (size_t i = 0; (info = lc_query_at(i)); i++) {
        for (const char *at = info->formats; *at; at += strspn(at, " ")) {
            size_t size = strcspn(at, " ");
            const struct lc_query query = {.size = sizeof(query),
                                           .name = info->name,
                                           .format = format,
                                           .ids = ids->items,
                                           .id_count = ids->count};
            FILE *to;

            snprintf(format, sizeof(format), "%.*s", (int)size, at);
            at += size;
            if (strcmp(format, "source") == 0 || /* this format also reads the data */
                !is_next(output, wanted))
                continue;
            to = begin(&answer, output);
            end(&answer, lc_query_write(index, &query, to, NULL, NULL), format);
        }
    }
}

/* Read all memory that the iterators return, which must be readable. */
static uint64_t sum_of(struct lc_span span)
{
    uint64_t sum = span.size;

    for (size_t i = 0; i < span.size; i++)
        sum += (unsigned char)span.text[i];
    return sum;
}

static enum lc_status iterate_findings(const struct lc_index *index, uint64_t *sum)
{
    const struct lc_finding_entry *finding;
    struct lc_finding_iterator *iterator = NULL;
    enum lc_status status = lc_finding_iterator_new(index, NULL, &iterator, NULL);

    while (status == LC_OK &&
           (status = lc_finding_next(iterator, &finding, NULL)) == LC_OK && finding)
        *sum += sum_of(finding->rule) + sum_of(finding->message) + sum_of(finding->id) +
                sum_of(finding->file) + sum_of(finding->image);
    lc_finding_iterator_free(iterator);
    return status;
}

static enum lc_status iterate_rows(const struct lc_index *index, uint64_t *sum)
{
    const struct lc_row_entry *row;
    struct lc_row_iterator *iterator = NULL;
    enum lc_status status = lc_row_iterator_new(index, &iterator, NULL);

    while (status == LC_OK && (status = lc_row_next(iterator, &row, NULL)) == LC_OK &&
           row) {
        *sum += sum_of(row->id) + sum_of(row->file) + sum_of(row->data_source);
        for (size_t i = 0; i < row->image_count; i++)
            *sum += row->images[i].number + row->images[i].path.size;
    }
    lc_row_iterator_free(iterator);
    return status;
}

static enum lc_status iterate_images(const struct lc_index *index, uint64_t *sum)
{
    const struct lc_image_entry *image;
    struct lc_image_iterator *iterator = NULL;
    enum lc_status status = lc_image_iterator_new(index, &iterator, NULL);

    while (status == LC_OK && (status = lc_image_next(iterator, &image, NULL)) == LC_OK &&
           image)
        *sum += sum_of(image->path) + sum_of(image->format) + sum_of(image->mode) +
                sum_of(image->detail) + strlen(lc_image_state_name(image->state));
    lc_image_iterator_free(iterator);
    return status;
}

static enum lc_status iterate_files(const struct lc_index *index, uint64_t *sum)
{
    const struct lc_file_entry *file;
    struct lc_file_iterator *iterator = NULL;
    enum lc_status status = lc_file_iterator_new(index, &iterator, NULL);

    while (status == LC_OK && (status = lc_file_next(iterator, &file, NULL)) == LC_OK &&
           file)
        *sum += sum_of(file->name) + sum_of(file->sampling);
    lc_file_iterator_free(iterator);
    return status;
}

static void iterate_all(const struct lc_index *index, struct hostile_output *output)
{
    static enum lc_status (*const iterate[])(const struct lc_index *, uint64_t *) = {
        iterate_findings, iterate_rows, iterate_images, iterate_files};
    struct answer answer;

    for (size_t i = 0; i < sizeof(iterate) / sizeof(iterate[0]); i++) {
        FILE *to = begin(&answer, output);
        uint64_t sum = 0;
        enum lc_status status = iterate[i](index, &sum);

        fprintf(to, "%llu\n", (unsigned long long)sum);
        end(&answer, status, "text");
    }
}

static void compare_all(const struct lc_index *index, size_t wanted,
                        struct hostile_output *output)
{
    const char *path = "sound";
    const struct lc_report_format_info *format;
    struct lc_index *sound = NULL;
    struct answer answer;
    bool equal;

    if (lc_index_open(&path, 1, &sound, NULL) != LC_OK)
        abort();
    for (size_t i = 0; (format = lc_diff_format_at(i)); i++) {
        const struct lc_diff_options options = {.size = sizeof(options),
                                                .format = format->name};

        for (int order = 0; order < 2; order++) {
            FILE *to;

            if (!is_next(output, wanted))
                continue;
            to = begin(&answer, output);
            end(&answer,
                lc_diff_write(order ? index : sound, order ? sound : index, &options, to,
                              &equal, NULL),
                format->name);
        }
    }
    lc_index_close(sound);
}

size_t hostile_answer_count(void)
{
    const struct lc_query_info *info;
    size_t count = 0;

    while (lc_report_format_at(count))
        count++;
    for (size_t i = 0; (info = lc_query_at(i)); i++)
        for (const char *at = info->formats; *at; at += strspn(at, " ")) {
            size_t size = strcspn(at, " ");

            count += size != 6 || memcmp(at, "source", 6) != 0;
            at += size;
        }
    for (size_t i = 0; lc_diff_format_at(i); i++)
        count += 2;
    return count;
}

/* Exit code 0: every answer was given; 2: an answer or the index was refused. */
static void run_library(const struct hostile_ids *ids, size_t wanted,
                        struct hostile_output *out)
{
    const char *path = "index";
    struct lc_index *index = NULL;
    struct lc_error error = {0};

    out->code = 0;
    out->opened = lc_index_open(&path, 1, &index, &error) == LC_OK;
    if (out->opened) {
        iterate_all(index, out);
        report_all(index, wanted, out);
        ask_all(index, ids, wanted, out);
        compare_all(index, wanted, out);
        if (out->answers != hostile_answer_count())
            out->wrong = "the answers were counted wrong";
    } else {
        out->code = 2;
    }
    out->out = calloc(1, 1);
    out->err = strdup(out->code ? "llava-check: index: refused\n" : "");
    if (!out->out || !out->err)
        abort();
    if (error.status == LC_ERR_MEMORY)
        out->wrong = "out of memory";
    lc_index_close(index);
}

/* ---- the program ---- */

static void run_program(const struct hostile_command *command, struct hostile_output *out)
{
    char *words[HOSTILE_MOST_WORDS + 2] = {(char *)(uintptr_t) "llava-check"};
    FILE *own_stdout = stdout, *own_stderr = stderr;
    int count = 1;

    for (size_t i = 0; command->words[i]; i++)
        words[count++] = (char *)(uintptr_t)command->words[i];
    stdout = open_memstream(&out->out, &out->out_size); /* closed by the program */
    stderr = open_memstream(&out->err, &out->err_size);
    if (!stdout || !stderr)
        abort();
    out->code = lc_program_main(count, words);
    (void)fclose(stderr);
    stdout = own_stdout;
    stderr = own_stderr;
}

void hostile_run(const struct hostile_command *command, const struct hostile_ids *ids,
                 size_t answer, struct hostile_output *out)
{
    *out = (struct hostile_output){.code = -1};
    if (command->is_library)
        run_library(ids, answer, out);
    else
        run_program(command, out);
}

void hostile_output_clear(struct hostile_output *output)
{
    free(output->out);
    free(output->err);
    *output = (struct hostile_output){0};
}

/* Check stderr: it may have notes, and a limited number of complaints. */
static const char *judge_stderr(const char *text, size_t most, size_t *complaints)
{
    static const char complaint[] = "llava-check: ", note[] = "note: ";

    *complaints = 0;
    while (*text) {
        const char *end = strchr(text, '\n');

        if (!end)
            return "a line on standard error does not end";
        if (strncmp(text, complaint, sizeof(complaint) - 1) == 0)
            ++*complaints;
        else if (strncmp(text, note, sizeof(note) - 1) != 0)
            return "standard error has a line that is neither a note nor a complaint";
        text = end + 1;
    }
    return *complaints > most ? "more than one complaint" : NULL;
}

const char *hostile_judge(const struct hostile_command *command,
                          const struct hostile_output *output)
{
    size_t complaints;
    const char *wrong =
        judge_stderr(output->err, 1 + command->more_complaints, &complaints);

    if (output->wrong)
        return output->wrong;
    if (output->code < 0 || output->code > 2)
        return "the exit code is not 0, 1 or 2";
    if (wrong)
        return wrong;
    if (output->code == 2 && complaints == 0)
        return "exit code 2 without a complaint";
    if (strstr(output->err, "out of memory"))
        return "out of memory";
    if (!is_printable(output->out, output->out_size) ||
        !is_printable(output->err, output->err_size))
        return "it prints what a terminal obeys, or no UTF-8";
    if (command->is_json && output->code != 2 &&
        !is_whole_json(output->out, output->out_size))
        return "the JSON is not whole";
    return NULL;
}

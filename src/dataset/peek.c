#include "dataset/peek.h"

#include "base/map.h"
#include "dataset/fit.h"
#include "dataset/internal.h"
#include "dataset/row.h"
#include "json/splitter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEEK_ROWS LC_FIT_ROWS
#define PEEK_BYTES ((size_t)4 << 20)

static enum lc_status add_paths(const struct lc_row_media *from, struct lc_buffer *paths,
                                struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < from->count && status == LC_OK; i++) {
        const struct lc_span *image = &from->items[i];

        if (memchr(image->text, '\0', image->size) || image->text[0] == '/' ||
            memmem(image->text, image->size, "..", 2))
            continue;
        status = lc_buffer_add(paths, image->text, image->size, err);
        if (status == LC_OK)
            status = lc_buffer_add(paths, "", 1, err);
    }
    return status;
}

static enum lc_status add_absolute(const struct lc_row_media *from,
                                   struct lc_buffer *paths, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < from->count && status == LC_OK; i++) {
        const struct lc_span *image = &from->items[i];

        if (memchr(image->text, '\0', image->size) || image->text[0] != '/')
            continue;
        status = lc_buffer_add(paths, image->text, image->size, err);
        if (status == LC_OK)
            status = lc_buffer_add(paths, "", 1, err);
    }
    return status;
}

void lc_samples_clear(struct lc_samples *samples)
{
    lc_buffer_clear(&samples->images);
    lc_buffer_clear(&samples->videos);
    lc_buffer_clear(&samples->absolute_images);
    lc_buffer_clear(&samples->absolute_videos);
}

/* The rows that are inspected, and how well each dialect fits them. */
struct peeking {
    const struct lc_map *map;
    bool lines;
    struct lc_json_parser *parser;
    struct lc_row row;
    const struct lc_dialect *wanted; /* NULL: any */
    uint64_t *scores;                /* by dialect: the sum over the rows */
    uint64_t *untagged; /* likewise, ignoring that some dialects need a tag */
    unsigned strangers; /* valid objects that are not rows of any dialect */
    unsigned results;   /* how many of them are results of a model */
    unsigned tests;     /* how many of them are questions of a test */
    unsigned rows;      /* valid objects that are rows */
    unsigned damaged;   /* rows that are not JSON */
    struct lc_peek *peek;
};

/* Whether an object was meant to be a row, even if it is damaged. */
static bool looks_like_row(const struct lc_row *row)
{
    return row->object && row->turns_kind != LC_TURNS_MISSING;
}

/* Keep the keys of the first row, for a message. */
static void keep_keys(struct lc_peek *peek, const struct lc_json_doc *doc)
{
    uint32_t close = lc_json_close(doc, LC_JSON_ROOT), value;
    size_t size = 0;

    if (*peek->keys)
        return;
    for (uint32_t i = LC_JSON_ROOT + 1; i < close; i = lc_json_next(doc, value)) {
        char quote[40];
        int added = snprintf(peek->keys + size, sizeof(peek->keys) - size, "%s%s",
                             size ? ", " : "",
                             lc_text_quote(lc_json_string(doc, i), quote, sizeof(quote)));

        value = lc_json_next(doc, i);
        if (added < 0 || (size_t)added >= sizeof(peek->keys) - size) {
            peek->keys[size] = '\0'; /* whole keys only */
            return;
        }
        size += (size_t)added;
    }
}

/* Read a row with each dialect. */
static enum lc_status score_dialects(struct peeking *p, const struct lc_json_doc *doc,
                                     struct lc_error *err)
{
    bool is_object = lc_json_type(doc, LC_JSON_ROOT) == LC_JSON_OBJECT;
    bool is_test = is_object && lc_fit_is_test(doc);
    bool is_row = false;
    enum lc_status status = LC_OK;

    if (is_object && lc_fit_is_result(doc)) {
        p->strangers++;
        p->results++;
        return LC_OK;
    }
    for (size_t i = 0; i < lc_dialect_count && status == LC_OK; i++) {
        const struct lc_dialect *dialect = &lc_dialects[i];
        unsigned score;

        if (!dialect->is_detected || (is_test && dialect->layout == LC_LAYOUT_COLUMNS))
            continue;
        status = lc_row_read(&p->row, dialect, doc, err);
        if (status != LC_OK)
            break;
        p->untagged[i] += lc_fit_untagged(&p->row);
        score = lc_fit_score(&p->row);
        p->scores[i] += score;
        is_row |= score || (i == 0 && looks_like_row(&p->row));
    }
    if (is_row)
        p->peek->kind = LC_PEEK_ROWS;
    p->rows += is_row;
    p->strangers += is_object && !is_row;
    p->tests += is_test && !is_row;
    return status;
}

/* Inspect one row. The file's kind can only change towards LC_PEEK_ROWS. */
static enum lc_status peek_row(struct peeking *p, const char *text, size_t size,
                               struct lc_error *err)
{
    struct lc_json_problem problem;
    struct lc_json_doc doc;
    enum lc_status status =
        lc_json_parse_exact(p->parser, text, size, true, &doc, &problem, err);

    if (status != LC_OK)
        return status;
    if (problem.fault != LC_JSON_FINE) {
        p->damaged++;
        if (p->peek->kind == LC_PEEK_OTHER)
            p->peek->kind = LC_PEEK_BROKEN;
        return LC_OK;
    }
    if (lc_json_type(&doc, LC_JSON_ROOT) == LC_JSON_OBJECT)
        keep_keys(p->peek, &doc);
    if (!p->wanted)
        return score_dialects(p, &doc, err);
    status = lc_row_read(&p->row, p->wanted, &doc, err);
    if (status != LC_OK)
        return status;
    if (lc_fit_untagged(&p->row) || looks_like_row(&p->row))
        p->peek->kind = LC_PEEK_ROWS;
    return LC_OK;
}

static size_t skip_space(const char *text, size_t size, size_t at)
{
    while (at < size && strchr(" \t\r\n", text[at]) && text[at])
        at++;
    return at;
}

/* Whether a file without rows may have been meant to have some: rows inside an object,
 * rows after many other values, or an error page saved under the file's name. In a
 * registry, "conversations" is the name of a column, so no list follows it. */
static bool may_hold_rows(const char *text, size_t size)
{
    static const char key[] = "\"conversations\"";
    const char *found = text, *end = text + size;
    size_t at = skip_space(text, size, 0);

    if (at < size && text[at] == '<')
        return true;
    while ((found = memmem(found, (size_t)(end - found), key, sizeof(key) - 1)) != NULL) {
        found += sizeof(key) - 1;
        at = skip_space(text, size, (size_t)(found - text));
        if (at == size || text[at] != ':')
            continue;
        at = skip_space(text, size, at + 1);
        if (at == size || text[at] == '[')
            return true;
    }
    return false;
}

/* Note a piece that is not a row. */
static void peek_problem(struct peeking *p, enum lc_json_fault fault)
{
    if (fault == LC_JSON_NOT_ROWS || fault == LC_JSON_BLANK_LINE ||
        fault == LC_JSON_RETURN || fault == LC_JSON_FINE)
        return;
    p->damaged++;
    if (p->peek->kind == LC_PEEK_OTHER)
        p->peek->kind = LC_PEEK_BROKEN;
}

/* Whether a file with damaged rows mostly has valid objects of another kind: a log with a
 * bad line. */
static bool is_damaged_otherwise(const struct peeking *p)
{
    return p->peek->kind == LC_PEEK_BROKEN && p->strangers > p->damaged;
}

/* Whether most objects are questions of a test with answers to choose from; the others,
 * which have no choices, only look like rows of text columns. */
static bool is_mostly_test(const struct peeking *p)
{
    return !p->wanted && p->tests > p->rows &&
           p->peek->dialect->layout == LC_LAYOUT_COLUMNS;
}

/* Call a function for each of the first rows. */
static enum lc_status walk_rows(struct peeking *p,
                                enum lc_status (*visit)(struct peeking *, const char *,
                                                        size_t, void *,
                                                        struct lc_error *),
                                void *argument, struct lc_error *err)
{
    size_t size = p->map->size < PEEK_BYTES ? p->map->size : PEEK_BYTES;
    struct lc_splitter *splitter = NULL;
    struct lc_piece piece;
    enum lc_status status = lc_splitter_new(p->map->data, size, p->lines, &splitter, err);

    for (int i = 0; i < PEEK_ROWS && status == LC_OK; i++) {
        if (!lc_splitter_next(splitter, &piece))
            break;
        if (piece.kind == LC_PIECE_ROW)
            status =
                visit(p, p->map->data + piece.place.offset, piece.size, argument, err);
        else
            peek_problem(p, piece.problem.fault);
    }
    lc_splitter_free(splitter);
    return status;
}

static enum lc_status visit_to_score(struct peeking *p, const char *text, size_t size,
                                     void *argument, struct lc_error *err)
{
    (void)argument;
    return peek_row(p, text, size, err);
}

/* Note the columns and roles of a row. */
static void note_names(struct lc_peek *peek, const struct lc_row *row,
                       const struct lc_json_doc *doc)
{
    const struct lc_dialect *dialect = peek->dialect;
    uint32_t close = lc_json_close(doc, LC_JSON_ROOT), value;

    for (uint32_t i = LC_JSON_ROOT + 1; i < close; i = lc_json_next(doc, value)) {
        unsigned rank = 0;
        enum lc_column column = lc_dialect_column(dialect, lc_json_string(doc, i), &rank);

        value = lc_json_next(doc, i);
        if (column < LC_COLUMN_COUNT &&
            (!peek->ranks[column] || rank + 1 < peek->ranks[column]))
            peek->ranks[column] = (uint8_t)(rank + 1);
    }
    for (size_t i = 0; i < row->turn_count; i++)
        for (size_t k = 0; k < LC_ROLE_NAMES && dialect->roles[k].name.size; k++)
            if (lc_span_equal(row->turns[i].from, lc_unquoted(dialect->roles[k].name)) &&
                !peek->names[dialect->roles[k].role].size)
                peek->names[dialect->roles[k].role] = dialect->roles[k].name;
}

/* Count a row that was read with the file's dialect. */
static void note_row(struct lc_peek *peek, const struct lc_row *row,
                     const struct lc_json_doc *doc)
{
    if (!row->object)
        return;
    peek->read++;
    peek->misfits += !lc_fit_untagged(row) || row->ignored_key.text;
    for (size_t i = 0; i < row->turn_count; i++)
        peek->has_parts |= row->turns[i].of_parts;
    note_names(peek, row, doc);
}

/* Add the paths of a row to the samples. */
static enum lc_status visit_to_sample(struct peeking *p, const char *text, size_t size,
                                      void *argument, struct lc_error *err)
{
    struct lc_samples *samples = argument;
    struct lc_json_problem problem;
    struct lc_json_doc doc;
    enum lc_status status =
        lc_json_parse_exact(p->parser, text, size, true, &doc, &problem, err);

    if (status != LC_OK || problem.fault != LC_JSON_FINE)
        return status;
    status = lc_row_read(&p->row, p->peek->dialect, &doc, err);
    if (status == LC_OK)
        note_row(p->peek, &p->row, &doc);
    if (status == LC_OK)
        status = add_paths(&p->row.media[LC_MEDIUM_IMAGE], &samples->images, err);
    if (status == LC_OK)
        status =
            add_absolute(&p->row.media[LC_MEDIUM_IMAGE], &samples->absolute_images, err);
    for (int medium = LC_MEDIUM_VIDEO; medium <= LC_MEDIUM_AUDIO; medium++) {
        if (status == LC_OK)
            status = add_paths(&p->row.media[medium], &samples->videos, err);
        if (status == LC_OK)
            status = add_absolute(&p->row.media[medium], &samples->absolute_videos, err);
    }
    return status;
}

/* Pick the dialect that fits best; the first one of several. */
static void pick_dialect(struct peeking *p)
{
    size_t best = 0;

    for (size_t i = 1; i < lc_dialect_count && !p->wanted; i++)
        if (p->scores[i] > p->scores[best])
            best = i;
    p->peek->dialect = p->wanted ? p->wanted : &lc_dialects[best];
    for (size_t i = 0; i < lc_dialect_count && !p->wanted; i++)
        if (lc_dialects[i].needs_tag && p->untagged[i] > p->scores[best] && i != best)
            p->peek->kin = &lc_dialects[i];
}

static enum lc_status peek_map(struct peeking *p, struct lc_samples *samples,
                               struct lc_error *err)
{
    enum lc_status status = lc_json_parser_new(&p->parser, err);

    p->scores = calloc(lc_dialect_count, sizeof(*p->scores));
    p->untagged = calloc(lc_dialect_count, sizeof(*p->untagged));
    if (status == LC_OK && (!p->scores || !p->untagged))
        status = lc_fail_memory(err);
    if (status == LC_OK)
        status = walk_rows(p, visit_to_score, NULL, err);
    if (status != LC_OK)
        goto out;
    if (is_damaged_otherwise(p))
        p->peek->kind = LC_PEEK_OTHER;
    if (p->peek->kind == LC_PEEK_OTHER && !p->results &&
        may_hold_rows(p->map->data,
                      p->map->size < PEEK_BYTES ? p->map->size : PEEK_BYTES))
        p->peek->kind = LC_PEEK_BROKEN;
    pick_dialect(p);
    if (p->peek->kind == LC_PEEK_ROWS && is_mostly_test(p))
        p->peek->kind = LC_PEEK_OTHER;
    status = walk_rows(p, visit_to_sample, samples, err);
out:
    lc_row_clear(&p->row);
    lc_json_parser_free(p->parser);
    free(p->scores);
    free(p->untagged);
    return status;
}

enum lc_status lc_peek_rows(const char *path, bool lines,
                            const struct lc_dialect *dialect, struct lc_peek *peek,
                            struct lc_samples *samples, struct lc_error *err)
{
    struct lc_map map = {0};
    struct peeking peeking = {
        .map = &map, .lines = lines, .wanted = dialect, .peek = peek};
    enum lc_status status = lc_map_open(path, &map, err);

    *peek = (struct lc_peek){.kind = LC_PEEK_OTHER, .dialect = &lc_dialects[0]};
    if (status == LC_OK)
        status = peek_map(&peeking, samples, err);
    lc_map_close(&map);
    return status;
}

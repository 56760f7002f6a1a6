/* fuzz_rows.c - what must be true for any bytes of a rows file
 *
 * The splitter's pieces are in order, with the right positions. Each row has the same
 * facts whether the quick reader, the fast parser or the exact one reads it, whatever
 * follows the file. A file without faults is JSON for the exact parser, which reads the
 * whole file at once; and a file that it accepts is cut into exactly its elements.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include "dataset/row.h"
#include "json/brackets.h"
#include "json/splitter.h"

enum { MOST_BRACKETS = 24, MOST_PIECES = 1 << 14 };

/* How the splitter cut a file. */
struct cut {
    struct lc_piece *pieces;
    size_t count;
    bool lines; /* it is read as JSON lines */
    bool clean; /* all pieces are rows, and each row is JSON */
};

/* Shared by all inputs, as in a worker: no input may affect the next one. */
static struct lc_json_parser *fast_parser, *exact_parser;
static struct lc_row rows[3];

/* ---- brackets ---- */

/* The code for each instruction set finds the same end, which is right for valid values.
 */
static void check_brackets(const char *text, size_t size)
{
    struct lc_extent best = {0}, other = {0};
    enum lc_brackets found = lc_brackets_find(text, size, &best);
    struct lc_json_problem problem;
    struct lc_place place = {0, 0, 0};
    size_t used;

    for (int isa = 0; isa <= (int)lc_isa_best(); isa++) {
        must(lc_brackets_kernels[isa](text, size, &other) == found);
        if (found == LC_BRACKETS_CLOSED)
            must(other.size == best.size && other.lines == best.lines &&
                 other.characters == best.characters);
    }
    if (found == LC_BRACKETS_CLOSED) {
        lc_place_advance(&place, text, best.size);
        must(place.line == best.lines);
        must(place.column - (best.lines != 0) == best.characters);
    }
    lc_json_skip_exact(exact_parser, text, size, false, &used, &problem);
    if (problem.fault == LC_JSON_FINE)
        must(found == LC_BRACKETS_CLOSED && best.size == used);
}

static void check_all_brackets(const char *text, size_t size)
{
    size_t seen = 0;

    for (size_t at = 0; at < size && seen < MOST_BRACKETS; at++) {
        if (text[at] != '{' && text[at] != '[')
            continue;
        check_brackets(text + at, size - at);
        seen++;
    }
}

/* ---- a row's facts ---- */

static void check_media(const struct lc_row_media *a, const struct lc_row_media *b)
{
    must(a->kind == b->kind && a->count == b->count);
    must(a->remote == b->remote && a->embedded == b->embedded);
    must(lc_span_equal(a->url, b->url));
    must(a->kind == LC_PATHS_NONE || a->at == b->at);
    must(a->kind != LC_PATHS_BAD || strcmp(a->fault, b->fault) == 0);
    for (size_t i = 0; i < a->count; i++)
        must(lc_span_equal(a->items[i], b->items[i]));
}

static void check_turns(const struct lc_row *a, const struct lc_row *b)
{
    must(a->turns_kind == b->turns_kind && a->turn_count == b->turn_count);
    must(a->turns_kind == LC_TURNS_MISSING || a->turns_at == b->turns_at);
    for (size_t i = 0; i < a->turn_count; i++) {
        const struct lc_turn *x = &a->turns[i], *y = &b->turns[i];

        must(!x->fault == !y->fault && (!x->fault || strcmp(x->fault, y->fault) == 0));
        must(x->role == y->role && x->has_value == y->has_value);
        must(x->foreign == y->foreign && x->marks == y->marks && x->at == y->at);
        for (int m = 0; m < LC_MEDIUM_COUNT; m++)
            must(x->placeholders[m] == y->placeholders[m]);
        must(x->words == y->words);
        must(x->characters == y->characters);
        must(lc_span_equal(x->from, y->from) && lc_span_equal(x->value, y->value));
        must(!x->has_value || x->hash == y->hash);
    }
}

static void check_counts(const struct lc_row *a, const struct lc_row *b)
{
    must(a->malformed == b->malformed && a->foreign == b->foreign);
    must(a->others == b->others && a->blank == b->blank && a->repeated == b->repeated);
    must(a->answer_placeholders == b->answer_placeholders);
    for (int m = 0; m < LC_MEDIUM_COUNT; m++) {
        must(a->human_placeholders[m] == b->human_placeholders[m]);
        must(a->placeholders[m] == b->placeholders[m]);
    }
    must(a->words == b->words);
    must(a->characters == b->characters && a->script == b->script);
    must(a->marks == b->marks && a->echo == b->echo);
}

static void check_same_row(const struct lc_row *a, const struct lc_row *b)
{
    must(a->object == b->object);
    must(!a->duplicate_key.text == !b->duplicate_key.text);
    must(lc_span_equal(a->duplicate_key, b->duplicate_key));
    must(!a->duplicate_key.text || a->duplicate_key_at == b->duplicate_key_at);
    if (!a->object)
        return;
    must(a->id_kind == b->id_kind);
    must(a->id_kind == LC_ID_MISSING || a->id_at == b->id_at);
    must(a->id_kind != LC_ID_GOOD || lc_span_equal(a->id, b->id));
    for (int m = 0; m < LC_MEDIUM_COUNT; m++)
        check_media(&a->media[m], &b->media[m]);
    must(lc_span_equal(a->source, b->source));
    must(!a->ignored_key.text == !b->ignored_key.text &&
         lc_span_equal(a->ignored_key, b->ignored_key));
    must(!a->ignored_key.text || a->ignored_key_at == b->ignored_key_at);
    check_turns(a, b);
    check_counts(a, b);
    for (size_t i = 0; i < a->media[LC_MEDIUM_IMAGE].count; i++)
        must(lc_hash_compare(&a->path_hashes[i], &b->path_hashes[i]) == 0);
    must(lc_hash_compare(&a->content, &b->content) == 0 && a->rest == b->rest);
    must(a->question == b->question && a->answer == b->answer);
}

/* Read a row of a dialect in every way. Returns whether it is JSON. */
static bool check_row_of(const struct lc_dialect *dialect, const char *text, size_t size)
{
    struct lc_json_problem fast, exact;
    struct lc_json_doc of_fast, of_exact;
    char *bare = lc_fuzz_bare(text, size);
    bool quick;

    must(lc_row_read_quick(&rows[0], dialect, text, size, &quick, NULL) == LC_OK);
    must(lc_json_parse(fast_parser, text, size, &of_fast, &fast, NULL) == LC_OK);
    must(lc_json_parse_exact(exact_parser, bare, size, true, &of_exact, &exact, NULL) ==
         LC_OK);
    must(fast.fault == exact.fault && fast.offset == exact.offset);
    must(strcmp(fast.message, exact.message) == 0);
    free(bare);
    if (fast.fault != LC_JSON_FINE) {
        must(!quick);
        return false;
    }
    must(lc_json_parse_exact(exact_parser, text, size, true, &of_exact, &exact, NULL) ==
         LC_OK);
    must(of_fast.nan_offset == of_exact.nan_offset);
    must(of_fast.surrogate_offset == of_exact.surrogate_offset);
    must(of_fast.ranges == of_exact.ranges);
    must(lc_fuzz_same_value(&of_exact, &of_fast));
    must(lc_row_read(&rows[1], dialect, &of_fast, NULL) == LC_OK);
    must(lc_row_read(&rows[2], dialect, &of_exact, NULL) == LC_OK);
    check_same_row(&rows[1], &rows[2]);
    if (quick)
        check_same_row(&rows[0], &rows[1]);
    return true;
}

/* Read a row in LLaVA's dialect, and in another one, which its bytes select. */
static bool check_row(const char *text, size_t size)
{
    size_t other = size ? (size + (unsigned char)text[size / 2]) % lc_dialect_count : 0;

    check_row_of(&lc_dialects[other], text, size);
    return check_row_of(&lc_dialects[0], text, size);
}

/* ---- a file ---- */

static bool is_after_mark(const char *text, size_t size)
{
    return size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0;
}

/* Return the size of the line end at an offset, or 0 if there is none. */
static size_t line_end(const char *text, size_t size, size_t at)
{
    if (at < size && text[at] == '\r')
        return at + 1 < size && text[at + 1] == '\n' ? 2 : 1;
    return at < size && text[at] == '\n';
}

/* Go forward; in JSON lines, count the lines as Python's text files do. */
static void advance(struct lc_place *place, const char *text, size_t size, size_t to,
                    bool lines)
{
    while (lines && place->offset < to) {
        size_t end = line_end(text, size, place->offset);

        if (end) {
            *place = (struct lc_place){place->offset + end, place->line + 1, 1};
            continue;
        }
        lc_place_advance(place, text + place->offset, 1);
    }
    lc_place_advance(place, text + place->offset, to - place->offset);
}

/* Follow the pieces through the file: each must be where it says. */
static void check_places(const struct cut *cut, const char *text, size_t size)
{
    struct lc_place place = {is_after_mark(text, size) ? 3 : 0, 1, 1};
    uint64_t row = 0;

    for (size_t i = 0; i < cut->count; i++) {
        const struct lc_piece *piece = &cut->pieces[i];

        if (piece->kind == LC_PIECE_FILE) {
            must(piece->place.offset <= size);
            must(piece->problem.fault != LC_JSON_FINE || piece->space.point);
            continue;
        }
        must(piece->row == row++);
        must(piece->place.offset >= place.offset);
        must(piece->place.offset <= size && piece->size <= size - piece->place.offset);
        advance(&place, text, size, piece->place.offset, cut->lines);
        must(place.line == piece->place.line && place.column == piece->place.column);
        must(piece->kind == LC_PIECE_ROW || piece->problem.fault != LC_JSON_FINE);
    }
}

static void cut_file(const char *text, size_t size, bool named_lines, struct cut *out)
{
    struct lc_splitter *splitter = NULL;
    struct lc_piece piece;
    uint64_t before = 0;

    out->count = 0;
    must(lc_splitter_new(text, size, named_lines, &splitter, NULL) == LC_OK);
    while (lc_splitter_next(splitter, &piece)) {
        must(out->count < MOST_PIECES);
        must(lc_splitter_offset(splitter) >= before);
        before = lc_splitter_offset(splitter);
        out->pieces[out->count++] = piece;
    }
    must(before <= size);
    out->lines = lc_splitter_lines(splitter);
    lc_splitter_free(splitter);
}

static bool same_pieces(const struct cut *a, const struct cut *b)
{
    if (a->count != b->count || a->lines != b->lines)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct lc_piece *x = &a->pieces[i], *y = &b->pieces[i];

        if (x->kind != y->kind || x->place.offset != y->place.offset ||
            x->size != y->size || x->at_end != y->at_end ||
            x->problem.fault != y->problem.fault || x->space.point != y->space.point ||
            x->space.offset != y->space.offset)
            return false;
    }
    return true;
}

/* A file that is one JSON array is cut into its elements; and a file that is cut without
 * a fault is one array. If the file is named as JSON lines, its first piece is a fault
 * about that. */
static void check_array(const struct cut *cut, const char *text, size_t size)
{
    bool misnamed = cut->count && cut->pieces[0].kind == LC_PIECE_FILE;
    struct lc_json_problem problem;
    struct lc_json_doc doc;
    size_t at = misnamed;

    must(lc_json_parse_exact(exact_parser, text, size, true, &doc, &problem, NULL) ==
         LC_OK);
    if (problem.fault == LC_JSON_TOO_DEEP)
        return; /* the array adds a level to those of its rows */
    must(!cut->clean || problem.fault == LC_JSON_FINE);
    if (problem.fault != LC_JSON_FINE || lc_json_type(&doc, LC_JSON_ROOT) != '[')
        return;
    for (uint32_t i = LC_JSON_ROOT + 1; i < lc_json_close(&doc, LC_JSON_ROOT);
         i = lc_json_next(&doc, i), at++) {
        must(at < cut->count && cut->pieces[at].kind == LC_PIECE_ROW);
        must(cut->pieces[at].place.offset == lc_json_offset(&doc, i));
    }
    must(at == cut->count || at == misnamed); /* a file without rows has a fault */
}

/* Exact JSON lines: each row is a line, as str.strip leaves it. */
static void check_lines(const struct cut *cut, const char *text, size_t size)
{
    size_t row = 0, end;

    for (size_t begin = 0; begin < size; begin = end + line_end(text, size, end)) {
        struct lc_span line = {text + begin, 0}, rest;

        for (end = begin; end < size && !line_end(text, size, end);)
            end++;
        line.size = end - begin;
        rest = lc_text_strip(line);
        if (!rest.size)
            continue;
        must(row < cut->count && text + cut->pieces[row].place.offset == rest.text);
        must(cut->pieces[row].size == rest.size);
        row++;
    }
    must(row == cut->count);
}

static void check_file(const char *text, size_t size, bool named_lines, struct cut *cut,
                       struct cut *again)
{
    char *other = lc_fuzz_padded(text, size, '"');

    cut_file(text, size, named_lines, cut);
    cut_file(other, size, named_lines, again);
    must(same_pieces(cut, again));
    free(other);
    check_places(cut, text, size);
    cut->clean = true;
    for (size_t i = 0; i < cut->count; i++) {
        const struct lc_piece *piece = &cut->pieces[i];
        bool fine = piece->kind != LC_PIECE_FILE &&
                    check_row(text + piece->place.offset, piece->size);

        cut->clean &= fine && piece->kind == LC_PIECE_ROW;
    }
    if (!cut->lines)
        check_array(cut, text, size);
    else if (cut->clean)
        check_lines(cut, text, size);
}

void lc_fuzz_rows(const uint8_t *data, size_t size)
{
    static struct cut cuts[2];
    char *text = lc_fuzz_padded(data, size, '}');

    if (!fast_parser) {
        must(lc_json_parser_new(&fast_parser, NULL) == LC_OK);
        must(lc_json_parser_new(&exact_parser, NULL) == LC_OK);
        for (int i = 0; i < 2; i++)
            cuts[i].pieces = calloc(MOST_PIECES, sizeof(*cuts[i].pieces));
        must(cuts[0].pieces && cuts[1].pieces);
    }
    check_all_brackets(text, size);
    check_file(text, size, false, &cuts[0], &cuts[1]);
    check_file(text, size, true, &cuts[0], &cuts[1]);
    free(text);
}

/* fuzz_exact.c - what must be true for the exact JSON parser, whose verdict counts
 *
 * It agrees with simdjson on what both judge; skipping a value gives the same verdict as
 * keeping it; a value ends where it says; and a text that was cut off is always called
 * cut off.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include "json/parser.h"

static struct lc_json_parser *parser, *other;

/* Parse a text in a separate block. Returns whether it is a value. */
static bool parse(struct lc_json_parser *with, const char *text, size_t size, bool whole,
                  struct lc_json_doc *doc, struct lc_json_problem *problem)
{
    must(lc_json_parse_exact(with, text, size, whole, doc, problem, NULL) == LC_OK);
    must(problem->offset <= size && problem->message);
    must(!problem->message[0] == (problem->fault == LC_JSON_FINE));
    return problem->fault == LC_JSON_FINE;
}

/* Skipped values are judged like kept ones. */
static void check_skip(const char *text, size_t size, bool whole)
{
    struct lc_json_problem kept, skipped;
    struct lc_json_doc doc;
    size_t used;

    parse(parser, text, size, whole, &doc, &kept);
    lc_json_skip_exact(parser, text, size, whole, &used, &skipped);
    must(skipped.fault == kept.fault && skipped.offset == kept.offset);
    must(strcmp(skipped.message, kept.message) == 0);
    must(used == doc.used && used <= size);
}

/* Whether a value contains what only Python reads, or what does not fit in simdjson. */
static bool is_beyond(const struct lc_json_doc *doc)
{
    if (doc->nan_offset >= 0 || doc->surrogate_offset >= 0)
        return true;
    for (uint32_t at = LC_JSON_ROOT, end = lc_json_next(doc, at); at < end;) {
        int letter = (int)(doc->tape[at] >> LC_JSON_LETTER_SHIFT);

        if (letter == LC_JSON_BIG || letter == LC_JSON_FLOAT) /* may be infinite */
            return true;
        at = strchr("{[}]", letter) ? at + 1 : lc_json_next(doc, at);
    }
    return false;
}

static void check_simdjson(const char *text, size_t size)
{
    char *padded = lc_fuzz_padded(text, size, '1');
    struct lc_json_doc fast = {0}, exact;
    struct lc_json_problem problem;
    uint32_t *offsets = NULL;
    bool fine = parse(parser, text, size, true, &exact, &problem);

    switch (lc_simdjson_parse(other->fast, padded, size, &fast)) {
    case LC_FAST_READ:
        must(fine && exact.nan_offset < 0 && exact.surrogate_offset < 0);
        offsets = calloc(lc_simdjson_words(other->fast), sizeof(*offsets));
        must(offsets);
        lc_simdjson_locate(other->fast, padded, offsets);
        fast.offsets = offsets;
        fast.text = padded;
        must(lc_fuzz_same_value(&exact, &fast));
        free(offsets);
        break;
    case LC_FAST_REFUSED:
        must(!fine || is_beyond(&exact));
        break;
    case LC_FAST_NO_MEMORY:
        lc_fuzz_fail("memory is not lacking", __FILE__, __LINE__);
    }
    free(padded);
}

/* A value that is followed by something ends where it is said to end. */
static void check_end(const char *text, size_t size)
{
    struct lc_json_problem problem;
    struct lc_json_doc doc, alone;
    char *bare;

    if (!parse(parser, text, size, false, &doc, &problem))
        return;
    bare = lc_fuzz_bare(text, doc.used);
    must(parse(other, bare, doc.used, true, &alone, &problem));
    must(alone.used == doc.used && lc_fuzz_same_value(&doc, &alone));
    free(bare);
}

/* A prefix of a valid text is cut off, or itself valid, as 12 of 123. */
static void check_cuts(const char *text, size_t size)
{
    size_t step = size / 64 + 1;
    struct lc_json_problem problem;
    struct lc_json_doc doc;

    if (!parse(parser, text, size, true, &doc, &problem))
        return;
    for (size_t cut = 0; cut < size; cut += step) {
        char *bare = lc_fuzz_bare(text, cut);

        parse(other, bare, cut, true, &doc, &problem);
        must(problem.fault == LC_JSON_FINE || problem.fault == LC_JSON_CUT_OFF);
        free(bare);
    }
}

void lc_fuzz_exact(const uint8_t *data, size_t size)
{
    char *text = lc_fuzz_bare(data, size);

    if (!parser) {
        must(lc_json_parser_new(&parser, NULL) == LC_OK);
        must(lc_json_parser_new(&other, NULL) == LC_OK);
    }
    check_skip(text, size, true);
    check_skip(text, size, false);
    check_simdjson(text, size);
    check_end(text, size);
    check_cuts(text, size);
    free(text);
}

/* fuzz_fix.c - what must be true for a fixed row
 *
 * The last byte selects the dialect of the row, the trainer, and whether unsafe fixes are
 * made. A row without a fix stays unchanged. A fixed row is JSON, unless its lines were
 * only joined; it is on one line if required; running the fixer again gives the same; and
 * it lists the fixes that were made, all of which were allowed.
 */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "fix/fix.h"

static const char *const names[] = {"llava",  "sharegpt", "messages", "role-value",
                                    "alpaca", "query",    "internvl"};

#define COUNT (sizeof(names) / sizeof(names[0]))

static struct lc_json_parser *parser;

static bool is_json(struct lc_span text)
{
    struct lc_json_problem problem;
    struct lc_json_doc doc;

    must(lc_json_parse_exact(parser, text.text, text.size, true, &doc, &problem, NULL) ==
         LC_OK);
    return problem.fault == LC_JSON_FINE;
}

static void check(const struct lc_fixer_options *options, const struct lc_fix_row *row,
                  const struct lc_fix_result *result)
{
    lc_fix_set set = 0;

    must(result->count <= LC_FIX_MOST);
    for (size_t i = 0; i < result->count; i++) {
        must(result->made[i].fix < LC_FIX_COUNT && result->made[i].rule < LC_RULE_COUNT);
        must(!options->skip[result->made[i].rule]);
        set |= lc_fix_bit((enum lc_fix_index)result->made[i].fix);
    }
    must(set == result->set && !(set & ~options->fixes));
    if (!result->count) {
        must(result->text.size == row->text.size &&
             memcmp(result->text.text, row->text.text, row->text.size) == 0);
        return;
    }
    if (is_json(result->text))
        must(!row->joined || (!memchr(result->text.text, '\n', result->text.size) &&
                              !memchr(result->text.text, '\r', result->text.size)));
    else /* it is still broken: the fault may be a line end in a string */
        must(set == lc_fix_bit(LC_FIX_join_lines) && row->joined && !is_json(row->text));
}

void lc_fuzz_fix(const uint8_t *data, size_t size)
{
    struct lc_fixer_options options = {.fixes = ~(lc_fix_set)0};
    struct lc_fix_row row = {.ids = LC_FIX_COLUMN_KEEP};
    struct lc_fixer *fixer = NULL;
    struct lc_fix_result result;
    struct lc_buffer first = {0};
    char *text;

    if (!size)
        return;
    if (!parser)
        must(lc_json_parser_new(&parser, NULL) == LC_OK);
    size--;
    text = lc_fuzz_padded(data, size, 'x');
    row.text = (struct lc_span){text, size};
    row.dialect = lc_dialect_by_name(names[data[size] % COUNT]);
    row.joined = row.lines = data[size] & 1;
    row.ids = data[size] & 2 ? LC_FIX_COLUMN_STRING : LC_FIX_COLUMN_KEEP;
    row.images = (enum lc_fix_column)(data[size] % 3);
    options.trainer = data[size] % 8;
    must(lc_fixer_new(&options, &fixer, NULL) == LC_OK);
    must(lc_fixer_run(fixer, &row, &result, NULL) == LC_OK);
    check(&options, &row, &result);
    must(lc_buffer_add(&first, result.text.text, result.text.size, NULL) == LC_OK);
    must(lc_fixer_run(fixer, &row, &result, NULL) == LC_OK);
    must(first.size == result.text.size);
    must(!first.size || memcmp(first.data, result.text.text, first.size) == 0);
    lc_buffer_clear(&first);
    lc_fixer_free(fixer);
    free(text);
}

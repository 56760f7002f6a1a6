/* Estimates the number of tokens of a row without a tokenizer
 *
 * A token is a few characters. How many depends on the script, on the tokenizer, and on
 * whether the text is prose, numbers or code, for which the average word length is a
 * clue. For each kind of text, the table gives the range of characters per token that
 * contains 99 of 100 rows. It was measured with the tokenizers of Vicuna (Llama 2's) and
 * Qwen2 on 3,000 rows of 48 public data sets, with short rows joined to 1,500 characters;
 * scripts other than Latin and Han were measured on 20 translations of the Universal
 * Declaration of Human Rights.
 *
 * So the number of tokens is a range, and a row is reported as longer than a limit only
 * if the whole range is.
 */
#include "base/text.h"
#include "rules/rules.h"

enum tokenizer { LLAMA, QWEN };

/* Characters per 100 tokens. */
struct density {
    unsigned least, most;
};

enum kind { DIGITS, SHORT_WORDS, PROSE, LONG_WORDS, HAN, OTHER_SCRIPT, NO_LETTERS };

static const struct density densities[][2] = {
    [SHORT_WORDS] = {{130, 440}, {150, 450}},
    [PROSE] = {{130, 590}, {130, 620}},
    [LONG_WORDS] = {{130, 380}, {160, 470}},
    [HAN] = {{66, 250}, {110, 300}},
    [OTHER_SCRIPT] = {{25, 310}, {30, 370}},
    [NO_LETTERS] = {{90, 400}, {90, 400}},
    /* a digit is a token, and so is the space before it: the range covers words of one
     * digit as well as a single word of many digits */
    [DIGITS] = {{90, 590}, {90, 620}},
};

/* Tokens of the template around the turns: the system's words; a role's name and the
 * tokens at the end of a turn. */
enum { MOST_AROUND_ALL = 40, MOST_AROUND_TURN = 6 };

/* The limits and the image sizes of a trainer's rows, in tokens. */
struct length {
    struct lc_length_info info;
    enum tokenizer tokenizer;
    unsigned least, most; /* for each image */
    unsigned views;       /* upper limit for all images of a row with few images */
};

enum {
#define LC_TRAINER(identifier, ...) TRAINER_##identifier,
#include "rules/trainers.def"
#undef LC_TRAINER
    TRAINER_COUNT
};

static const struct length lengths[TRAINER_COUNT] = {
#define LC_LENGTH(identifier, tokenizer, limit, least, most, views, effect, what,        \
                  source)                                                                \
    [TRAINER_##identifier] = {                                                           \
        {limit, {LC_EFFECT_##effect, what, source}}, tokenizer, least, most, views},
#include "rules/lengths.def"
#undef LC_LENGTH
};

const struct lc_length_info *lc_trainer_length(size_t trainer)
{
    return trainer < TRAINER_COUNT && lengths[trainer].info.limit ? &lengths[trainer].info
                                                                  : NULL;
}

/* The kind of a row's text, for Latin letters by its average number of characters per
 * word. */
static enum kind kind_of(const struct lc_length_facts *row)
{
    switch (row->script) {
    case LC_SCRIPT_LATIN:
        return row->characters < 4 * row->words || row->characters > 25 * row->words
                   ? DIGITS
               : row->characters < 5 * row->words ? SHORT_WORDS
               : row->characters < 8 * row->words ? PROSE
                                                  : LONG_WORDS;
    case LC_SCRIPT_HAN:
        return HAN;
    case LC_SCRIPT_OTHER:
        return OTHER_SCRIPT;
    default:
        return NO_LETTERS;
    }
}

struct lc_tokens lc_estimate_tokens(size_t trainer, const struct lc_length_facts *row)
{
    const struct length *length = &lengths[trainer];
    const struct density *density = &densities[kind_of(row)][length->tokenizer];
    uint64_t images = (uint64_t)row->images * length->most;

    if (row->images && images < length->views)
        images = length->views;
    return (struct lc_tokens){
        .least =
            row->characters * 100 / density->most + (uint64_t)row->images * length->least,
        .most = row->characters * 100 / density->least + images + MOST_AROUND_ALL +
                (uint64_t)row->turns * MOST_AROUND_TURN,
    };
}

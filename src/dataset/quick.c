/* The quick reader: reads the facts of ordinary rows in one pass over the text.
 *
 * Idea. A parser stores every value and the row reader then looks at each value again.
 * The rows of a dialect are so regular that one pass can do both: it follows the grammar
 * token by token, and the loop that looks for a string's closing quote also measures the
 * string (base/measure.h). Between two turns even the tokens are skipped: the bytes from
 * one value's closing quote to the next value's opening quote are the same throughout a
 * file, so one memcmp with the bytes of the last time (struct lc_turn_separator) replaces
 * parsing them.
 *
 * What it accepts. An object whose members are strings, whole numbers of at most 18
 * digits, images that are a string or a list of strings, and the dialect's list of turns:
 * objects with exactly a role and a text, both strings, in this order. White space may be
 * anywhere. Anything else is not an error: the reader gives up without reporting
 * anything, and the caller parses the row. Examples: floats, negative numbers, null,
 * nested values, a key that occurs twice, other columns of the dialect, and the keys of
 * lc_row_uses_key, whose facts only read.c collects.
 *
 * Correctness. Every parser accepts what this reader accepts as JSON, with the same
 * values:
 * - strings have no byte below 0x20, only the escapes of RFC 8259, no lone surrogate, and
 *   are UTF-8 where any byte is above 0x7F;
 * - numbers have no sign, leading zero, fraction or exponent and fit 64 bits;
 * - no key occurs twice, also not in another spelling (they are compared decoded), so it
 *   does not matter which of two values would win;
 * - a separator that matches has the same bytes as one that was parsed at the same
 *   position in the grammar, so parsing it would end in the same state;
 * - comparisons may run past the end of the text, into its padding. But whatever is
 * accepted there moves q->at past the end, too, and the row must end exactly where its
 * text does. tests/unit/test_row.c and tests/fuzz/fuzz_rows.c compare its facts with both
 * parsers'.
 *
 * Cost, release build, CPU time for 60 MB of JSON lines (52,547 rows, 6 rounds on
 * average), best of 9: this reader 0.050 s; simdjson, offsets and lc_row_read 0.090 s. Of
 * those simdjson takes 0.026 s row by row and 0.025 s as one stream (parse_many over 1 MB
 * batches in place), so feeding it better gains nothing: the cost is in looking at the
 * values twice. Without this file, a whole run over rows alone takes 1.23 times as
 * long. */
#include "base/measure.h"
#include "dataset/content.h"
#include "dataset/internal.h"
#include "dataset/rest.h"
#include "dataset/row.h"

#include <string.h>

#define MAX_DIGITS 18 /* fits int64 */
#define MAX_OTHER_KEYS 12

/* A row being read. */
struct quick {
    const struct lc_dialect *dialect;
    struct lc_span usual[2]; /* the dialect's usual role names of questions and answers */
    struct lc_row *row;
    const char *text;
    size_t size;
    size_t at;
    unsigned seen;                       /* a bit for each column */
    struct lc_span keys[MAX_OTHER_KEYS]; /* members that are not columns */
    size_t key_count;
    uint64_t letters[LC_SCRIPT_COUNT];
    struct lc_error *err;
    enum lc_status status; /* LC_ERR_MEMORY: allocation failed */
};

/* ---- tokens; here and below, false means: give up ---- */

static void skip_space(struct quick *q)
{
    char c = q->text[q->at];

    while (q->at < q->size && (c == ' ' || c == '\n' || c == '\r' || c == '\t'))
        c = q->text[++q->at];
}

/* Whether the text continues with a token of the dialect. Two words that may overlap
 * cover the usual sizes: a memcmp of constant size is a load and a comparison. */
static inline __attribute__((always_inline)) bool is_next(const struct quick *q,
                                                          const struct lc_span *token)
{
    const char *here = q->text + q->at, *want = token->text;
    size_t size = token->size;

    if (q->at >= q->size)
        return false;
    if (size >= 4 && size <= 8)
        return memcmp(here, want, 4) == 0 &&
               memcmp(here + size - 4, want + size - 4, 4) == 0;
    if (size > 8 && size <= 16)
        return memcmp(here, want, 8) == 0 &&
               memcmp(here + size - 8, want + size - 8, 8) == 0;
    return memcmp(here, want, size) == 0;
}

/* Parse a punctuation character with the white space around it. */
static bool expect(struct quick *q, char c)
{
    skip_space(q);
    if (q->at >= q->size || q->text[q->at] != c)
        return false;
    q->at++;
    skip_space(q);
    return q->at < q->size;
}

static bool expect_key(struct quick *q, const struct lc_span *key)
{
    if (!is_next(q, key))
        return false;
    q->at += key->size;
    return expect(q, ':');
}

static bool parse_number(struct quick *q, struct lc_span *out)
{
    size_t begin = q->at;

    while (q->at < q->size && q->text[q->at] >= '0' && q->text[q->at] <= '9')
        q->at++;
    *out = (struct lc_span){q->text + begin, q->at - begin};
    if (!out->size || out->size > MAX_DIGITS || (out->size > 1 && *out->text == '0'))
        return false;
    return q->text[q->at] == ',' || q->text[q->at] == '}' || q->text[q->at] == ' ' ||
           q->text[q->at] == '\n' || q->text[q->at] == '\r';
}

/* ---- strings ---- */

/* Decode \uXXXX, or a surrogate pair; q->at is at the u. Returns the end of the output,
 * or NULL. */
static char *decode_unicode_escape(struct quick *q, char *to)
{
    int32_t point = lc_text_hex4(q->text + q->at + 1), low;

    q->at += 5;
    if (point < 0)
        return NULL;
    if (point < 0xD800 || point > 0xDFFF)
        return to + lc_text_encode((uint32_t)point, to);
    if (point > 0xDBFF || memcmp(q->text + q->at, "\\u", 2) != 0)
        return NULL;
    low = lc_text_hex4(q->text + q->at + 2);
    if (low < 0xDC00 || low > 0xDFFF)
        return NULL;
    q->at += 6;
    return to +
           lc_text_encode(
               0x10000 + (((uint32_t)point & 0x3FF) << 10) + ((uint32_t)low & 0x3FF), to);
}

/* Decode an escape; q->at is just past the backslash. Returns as above. */
static char *decode_escape(struct quick *q, char *to)
{
    static const char escapes[256] = {
        ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['n'] = '\n',
        ['t'] = '\t', ['r'] = '\r',  ['b'] = '\b', ['f'] = '\f',
    };
    unsigned char c = (unsigned char)q->text[q->at];

    if (c == 'u')
        return decode_unicode_escape(q, to);
    if (!escapes[c])
        return NULL;
    *to++ = escapes[c];
    q->at++;
    return to;
}

/* Add the measure of the part of a string after an escape to the measure of the part
 * before it. Returns false if only the whole can be measured: the escaped character is
 * neither plain white space nor part of a word, or is next to a byte beyond ASCII. */
static bool join_measures(struct lc_measure *whole, const struct lc_measure *part,
                          char escaped, unsigned char before, unsigned char after)
{
    bool space = escaped == '\n' || escaped == '\t' || escaped == '\r';

    if (before >= 0x80 || after >= 0x80 || (!space && escaped < ' '))
        return false;
    whole->words += part->words;
    if (!space) { /* it starts a word unless one precedes it; the next part continues
                   * it */
        whole->words += before <= ' ';
        whole->words -= after > ' ';
    }
    whole->characters += 1 + part->characters;
    for (int i = 0; i < LC_SCRIPT_COUNT; i++)
        whole->letters[i] += part->letters[i];
    whole->marks |= part->marks;
    return true;
}

/* Decode the rest of a string that started at an offset; q->at is at its first backslash.
 * Decoding never lengthens a string, so a buffer of the row's size holds all strings and
 * does not move while the row is in use. */
static bool decode(struct quick *q, lc_measure_string_fn *measure_up, size_t begin,
                   struct lc_span *out, struct lc_measure *measure)
{
    struct lc_buffer *decoded = &q->row->decoded;
    bool joined = true;
    size_t run = begin;
    char *start, *to;

    if (decoded->capacity < q->size + LC_JSON_PADDING)
        q->status = lc_buffer_reserve(decoded, q->size + LC_JSON_PADDING, q->err);
    if (q->status != LC_OK)
        return false;
    start = to = decoded->data + decoded->size;
    for (;;) {
        struct lc_measure part;
        char *escaped;
        bool coded;

        memcpy(to, q->text + run, q->at - run);
        to += q->at - run;
        if (q->text[q->at] == '"')
            break;
        q->at++;
        coded = q->text[q->at] == 'u'; /* may be any character */
        escaped = to;
        to = decode_escape(q, to);
        if (!to || q->at >= q->size)
            return false;
        run = q->at;
        q->at += measure_up(q->text + run, q->size - run, &part);
        if (q->at >= q->size || (q->text[q->at] != '"' && q->text[q->at] != '\\'))
            return false;
        joined = joined && !coded &&
                 join_measures(measure, &part, *escaped,
                               escaped > start ? (unsigned char)escaped[-1] : ' ',
                               q->at > run ? (unsigned char)q->text[run] : ' ');
        measure->marks |= part.marks & LC_MARK_WIDE;
    }
    *out = (struct lc_span){start, (size_t)(to - start)};
    decoded->size += out->size;
    if (!joined) {
        unsigned wide = measure->marks & LC_MARK_WIDE;

        lc_text_measure(out->text, out->size, measure);
        measure->marks |= wide;
    }
    return true;
}

/* Parse a string and measure it. *out points into the text, or into row->decoded. */
static bool parse_measured(struct quick *q, lc_measure_string_fn *measure_up,
                           struct lc_span *out, struct lc_measure *measure)
{
    size_t begin = q->at + 1;

    if (q->at >= q->size || q->text[q->at] != '"')
        return false;
    q->at = begin;
    q->at += measure_up(q->text + begin, q->size - begin, measure);
    if (q->at >= q->size)
        return false;
    if (q->text[q->at] == '"')
        *out = (struct lc_span){q->text + begin, q->at - begin};
    else if (q->text[q->at] != '\\' || !decode(q, measure_up, begin, out, measure))
        return false;
    if (measure->marks & LC_MARK_WIDE &&
        !lc_json_valid_utf8(q->text + begin, q->at - begin))
        return false;
    q->at++;
    return true;
}

static bool parse_string(struct quick *q, struct lc_span *out, struct lc_measure *measure)
{
    return parse_measured(q, lc_text_measure_string, out, measure);
}

/* ---- turns ---- */

/* Parse the name of a role. The usual names of a question's and an answer's role are
 * compared as bytes; any other name is parsed and looked up. */
static bool parse_role(struct quick *q, struct lc_turn *turn)
{
    const struct lc_role_name *usual = q->dialect->roles;
    struct lc_measure measure;

    for (int i = 0; i < 2; i++) {
        if (!is_next(q, &usual[i].name))
            continue;
        turn->role = usual[i].role;
        turn->from = (struct lc_span){q->text + q->at + 1, usual[i].name.size - 2};
        q->at += usual[i].name.size;
        return true;
    }
    if (!parse_string(q, &turn->from, &measure))
        return false;
    turn->role = lc_dialect_role(q->dialect, turn->from);
    return true;
}

/* Parse a turn from its brace to its text's opening quote, token by token. */
static bool parse_turn_head(struct quick *q, struct lc_turn *turn)
{
    turn->at = (uint32_t)q->at;
    return expect(q, '{') && expect_key(q, &q->dialect->role_key) &&
           parse_role(q, turn) && expect(q, ',') && expect_key(q, &q->dialect->text_key);
}

/* Skip from one text's closing quote to the next text's opening quote, if the bytes are
 * the same as those parsed there last time. */
static bool skip_separator(struct quick *q, struct lc_turn *turn, bool answer)
{
    const struct lc_turn_separator *separator = &q->row->separators[answer];

    if (!separator->size || q->size - q->at <= separator->size ||
        memcmp(q->text + q->at, separator->text, separator->size) != 0)
        return false;
    turn->at = (uint32_t)q->at + separator->turn;
    turn->role = answer ? LC_ROLE_GPT : LC_ROLE_HUMAN;
    turn->from = q->usual[answer];
    q->at += separator->size;
    return true;
}

static void learn_separator(struct quick *q, const struct lc_turn *turn, size_t begin)
{
    bool answer = turn->role == LC_ROLE_GPT;
    struct lc_turn_separator *separator = &q->row->separators[answer];
    size_t size = q->at - begin;

    /* only for the usual names, written without escapes: these are decoded elsewhere */
    if ((!answer && turn->role != LC_ROLE_HUMAN) || size > sizeof(separator->text) ||
        !lc_span_equal(turn->from, q->usual[answer]))
        return;
    memcpy(separator->text, q->text + begin, size);
    separator->size = (uint16_t)size;
    separator->turn = (uint16_t)(turn->at - begin);
}

/* Parse everything before a turn's text: from the previous text's closing quote, or from
 * the first turn's brace. */
static bool parse_before_text(struct quick *q, struct lc_turn *turn)
{
    size_t begin = q->at, count = q->row->turn_count;

    if (count == 1)
        return parse_turn_head(q, turn);
    if (skip_separator(q, turn, turn[-1].role != LC_ROLE_GPT))
        return true;
    if (!expect(q, '}') || !expect(q, ',') || !parse_turn_head(q, turn))
        return false;
    learn_separator(q, turn, begin);
    return true;
}

/* Whether the list of turns ends after the previous text; if so, parse its end. */
static bool parse_turns_end(struct quick *q)
{
    size_t at = q->at;

    if (expect(q, '}') && q->text[q->at] == ']') {
        q->at++;
        return true;
    }
    q->at = at;
    return false;
}

static bool parse_turn(struct quick *q)
{
    struct lc_turn *turn = lc_row_add_turn(q->row);
    struct lc_measure measure;

    if (!turn) {
        q->status = lc_fail_memory(q->err);
        return false;
    }
    /* field by field: a compound literal would write zeros that are overwritten at
     * once */
    turn->fault = NULL;
    turn->has_value = true;
    turn->of_parts = turn->foreign = turn->contradicts = false;
    turn->borrowed = turn->void_parts = turn->has_calls = false;
    turn->marks = 0;
    for (int medium = 0; medium < LC_MEDIUM_COUNT; medium++)
        turn->placeholders[medium] = 0;
    if (!parse_before_text(q, turn) ||
        !parse_measured(q,
                        turn->role == LC_ROLE_HUMAN ? lc_text_measure_question
                                                    : lc_text_measure_string,
                        &turn->value, &measure))
        return false;
    lc_turn_apply_measure(turn, q->dialect, &measure, q->letters);
    q->row->others += turn->role == LC_ROLE_OTHER;
    lc_row_count_turn(q->row, turn);
    return true;
}

/* ---- members ---- */

static bool parse_turns(struct quick *q)
{
    q->row->turns_kind = LC_TURNS_LIST;
    q->row->turns_at = (uint32_t)q->at;
    if (!expect(q, '['))
        return false;
    do {
        if (!parse_turn(q))
            return false;
    } while (!parse_turns_end(q));
    q->row->script = lc_row_pick_script(q->row, q->letters);
    return true;
}

static bool parse_image(struct quick *q)
{
    uint32_t at = (uint32_t)q->at;
    struct lc_measure measure;
    struct lc_span path;

    if (!parse_string(q, &path, &measure) || !measure.words)
        return false;
    q->status = lc_row_add_medium(q->row, LC_MEDIUM_IMAGE, path, at, q->err);
    return q->status == LC_OK;
}

static bool parse_images(struct quick *q)
{
    struct lc_row_media *images = &q->row->media[LC_MEDIUM_IMAGE];

    images->kind = LC_PATHS_GOOD;
    images->at = (uint32_t)q->at;
    if (q->text[q->at] != '[')
        return parse_image(q);
    if (!expect(q, '['))
        return false;
    images->is_list = true;
    do {
        if (!parse_image(q))
            return false;
    } while (expect(q, ','));
    if (q->text[q->at] != ']')
        return false;
    q->at++;
    return true;
}

static bool parse_id(struct quick *q)
{
    struct lc_measure measure = {.words = 1};

    q->row->id_kind = LC_ID_GOOD;
    q->row->id_at = (uint32_t)q->at;
    if (q->text[q->at] == '"' ? !parse_string(q, &q->row->id, &measure)
                              : !parse_number(q, &q->row->id))
        return false;
    return measure.words > 0;
}

/* Add a member to the row's shape: its name, and the type of its value, which begins at
 * q->at. The upper half of the first byte identifies the type: " is 0x22, [ is 0x5B, and
 * digits start at 0x30. */
static void add_shape(struct quick *q, uint64_t name)
{
    uint64_t type = (unsigned char)q->text[q->at] >> 4;

    q->row->shape = (q->row->shape ^ name ^ type) * UINT64_C(0x9E3779B97F4A7C15);
}

/* Add a member that is a string or a number to the row's rest. */
static void add_rest(struct quick *q, struct lc_span key, uint64_t value)
{
    lc_rest_add(q->row, key, lc_rest_mix(0, value));
}

static bool parse_source(struct quick *q)
{
    struct lc_measure measure;

    if (!parse_string(q, &q->row->source, &measure))
        return false;
    add_rest(q, lc_unquoted(q->dialect->columns[LC_COLUMN_SOURCE][0]),
             lc_rest_string(q->row->source));
    return true;
}

/* Whether to give up because of a key that is not a column: decoded, it may equal a key
 * of the dialect or an earlier key; or facts depend on it; or there are too many keys to
 * remember. */
static bool must_give_up(const struct quick *q, struct lc_span key)
{
    unsigned rank;

    if (lc_dialect_column(q->dialect, key, &rank) != LC_COLUMN_COUNT)
        return true;
    for (size_t i = 0; i < q->key_count; i++)
        if (lc_span_equal(q->keys[i], key))
            return true;
    return q->key_count == MAX_OTHER_KEYS || lc_row_uses_key(key);
}

/* Parse a member on which no fact but the rest depends. */
static bool parse_other(struct quick *q)
{
    struct lc_measure measure;
    struct lc_span key, value;

    if (!parse_string(q, &key, &measure) || must_give_up(q, key) || !expect(q, ':'))
        return false;
    q->keys[q->key_count++] = key;
    add_shape(q, lc_hash_quick(key.text, key.size));
    if (q->text[q->at] == '"') {
        if (!parse_string(q, &value, &measure))
            return false;
        add_rest(q, key, lc_rest_string(value));
        return true;
    }
    if (!parse_number(q, &value) || lc_rest_long_number(value))
        return false;
    add_rest(q, key, lc_rest_number(value));
    return true;
}

/* The columns that are read here; rows with other columns are parsed. */
static const struct {
    enum lc_column column;
    bool (*parse)(struct quick *);
} parsers[] = {
    {LC_COLUMN_TURNS, parse_turns},
    {LC_COLUMN_IMAGES, parse_images},
    {LC_COLUMN_ID, parse_id},
    {LC_COLUMN_SOURCE, parse_source},
};

#define PARSER_COUNT (sizeof(parsers) / sizeof(parsers[0]))

_Static_assert(PARSER_COUNT *LC_COLUMN_NAMES <= LC_QUICK_KEYS, "all of them fit");

/* List the keys of a dialect's columns one after the other: walking over the dialect's
 * table for each member of each row would be slower. */
static void list_keys(struct lc_row *row)
{
    row->key_count = 0;
    for (size_t i = 0; i < PARSER_COUNT; i++) {
        const struct lc_span *names = row->dialect->columns[parsers[i].column];

        for (int k = 0; k < LC_COLUMN_NAMES && names[k].size; k++)
            row->keys[row->key_count++] =
                (struct lc_quick_key){names[k], (unsigned char)i, lc_is_prompt(names[k]),
                                      lc_trait_of_name(names[k])};
    }
}

static bool parse_member(struct quick *q)
{
    char letter = q->text[q->at + 1];

    for (size_t i = 0; i < q->row->key_count; i++) {
        const struct lc_quick_key *key = &q->row->keys[i];

        /* the first letter rules out most */
        if (letter != key->name.text[1] || !is_next(q, &key->name))
            continue;
        if (q->seen >> key->parser & 1) /* it occurs twice, or under two names */
            return false;
        q->seen |= 1U << key->parser;
        q->row->has_preference |= key->is_prompt;
        q->row->noted_traits |= key->trait;
        q->at += key->name.size;
        if (!expect(q, ':'))
            return false;
        add_shape(q, (i + 1) << 4);
        return parsers[key->parser].parse(q);
    }
    return parse_other(q);
}

static bool parse_row(struct quick *q)
{
    if (q->text[0] != '{' || !expect(q, '{'))
        return false;
    do {
        if (!parse_member(q))
            return false;
    } while (expect(q, ','));
    return q->at + 1 == q->size && q->text[q->at] == '}';
}

enum lc_status lc_row_read_quick(struct lc_row *row, const struct lc_dialect *dialect,
                                 const char *text, size_t size, bool *read,
                                 struct lc_error *err)
{
    struct quick q; /* field by field: the keys need no zeros */

    *read = false;
    if (dialect->layout != LC_LAYOUT_TURNS)
        return LC_OK;
    q.dialect = dialect;
    q.usual[0] = lc_unquoted(dialect->roles[0].name);
    q.usual[1] = lc_unquoted(dialect->roles[1].name);
    q.row = row;
    q.text = text;
    q.size = size;
    q.at = 0;
    q.seen = 0;
    q.key_count = 0;
    for (int i = 0; i < LC_SCRIPT_COUNT; i++)
        q.letters[i] = 0;
    q.err = err;
    q.status = LC_OK;
    if (row->listed != dialect || row->revision != dialect->revision) {
        row->dialect = row->listed = dialect;
        row->revision = dialect->revision;
        list_keys(row);
        row->separators[0].size = row->separators[1].size = 0;
    }
    lc_row_reset(row, dialect);
    row->object = true;
    row->shape = 1;
    *read = parse_row(&q);
    if (q.status != LC_OK || !*read)
        return q.status;
    return lc_row_finish(row, err);
}

/* The quick reader: rows as nearly all are written, without a parser between text and
 * facts. A third of the time is saved, and most rows are read here. It takes only what
 * every JSON parser takes in the same way; whatever else it meets, it gives up. */
#include "dataset/row.h"

#include "dataset/content.h"
#include "dataset/internal.h"
#include "dataset/quick.h"
#include "dataset/rest.h"

#include <string.h>

#define MAX_DIGITS 18 /* fits int64 */

/* ---- tokens: each returns false to give up ---- */

static void skip_space(struct lc_quick *q)
{
    char c = q->text[q->at];

    while (q->at < q->size && (c == ' ' || c == '\n' || c == '\r' || c == '\t'))
        c = q->text[++q->at];
}

/* The bytes behind the text are compared too: what was taken from there is seen in the
 * end, where the row must end exactly where the text does. */
static bool is_here(const struct lc_quick *q, const char *what, size_t size)
{
    return q->at < q->size && memcmp(q->text + q->at, what, size) == 0;
}

/* A character, with white space before and behind it. */
static bool take(struct lc_quick *q, char c)
{
    skip_space(q);
    if (q->at >= q->size || q->text[q->at] != c)
        return false;
    q->at++;
    skip_space(q);
    return q->at < q->size;
}

/* Take a whole number as it stands there. */
static bool take_number(struct lc_quick *q, struct lc_span *out)
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

/* ---- the row ---- */

static bool take_role(struct lc_quick *q, struct lc_turn *turn)
{
    struct lc_measure measure;

    if (is_here(q, "\"human\"", 7)) {
        turn->role = LC_ROLE_HUMAN;
        turn->from = (struct lc_span){q->text + q->at + 1, 5};
        q->at += 7;
    } else if (is_here(q, "\"gpt\"", 5)) {
        turn->role = LC_ROLE_GPT;
        turn->from = (struct lc_span){q->text + q->at + 1, 3};
        q->at += 5;
    } else {
        turn->role = LC_ROLE_OTHER;
        return lc_quick_string(q, &turn->from, &measure) &&
               !lc_span_is(turn->from, "human") && !lc_span_is(turn->from, "gpt");
    }
    return true;
}

/* Take a key and the colon behind it. */
static bool take_key(struct lc_quick *q, const char *key, size_t size)
{
    if (!is_here(q, key, size))
        return false;
    q->at += size;
    return take(q, ':');
}

/* Take a turn up to its value's quote, token by token. */
static bool take_beginning(struct lc_quick *q, struct lc_turn *turn)
{
    turn->at = (uint32_t)q->at;
    return take(q, '{') && take_key(q, "\"from\"", 6) && take_role(q, turn) &&
           take(q, ',') && take_key(q, "\"value\"", 7);
}

/* Take what stands between two turns when it was seen before: q->at is behind the quote
 * of a value. */
static bool take_glue(struct lc_quick *q, struct lc_turn *turn, bool answer)
{
    const struct lc_glue *glue = &q->row->glues[answer];

    if (!glue->size || q->size - q->at <= glue->size ||
        memcmp(q->text + q->at, glue->text, glue->size) != 0)
        return false;
    turn->at = (uint32_t)q->at + glue->turn;
    turn->role = answer ? LC_ROLE_GPT : LC_ROLE_HUMAN;
    turn->from = answer ? (struct lc_span){"gpt", 3} : (struct lc_span){"human", 5};
    q->at += glue->size;
    return true;
}

/* Remember what stood between two turns. */
static void learn_glue(struct lc_quick *q, const struct lc_turn *turn, size_t begin)
{
    struct lc_glue *glue = &q->row->glues[turn->role == LC_ROLE_GPT];
    size_t size = q->at - begin;

    if (turn->role == LC_ROLE_OTHER || size > sizeof(glue->text))
        return;
    memcpy(glue->text, q->text + begin, size);
    glue->size = (uint16_t)size;
    glue->turn = (uint16_t)(turn->at - begin);
}

/* Take what stands before a value: behind the last one, or at the first turn's brace. */
static bool take_between(struct lc_quick *q, struct lc_turn *turn)
{
    size_t begin = q->at, count = q->row->turn_count;

    if (count == 1)
        return take_beginning(q, turn);
    if (take_glue(q, turn, turn[-1].role != LC_ROLE_GPT))
        return true;
    if (!take(q, '}') || !take(q, ',') || !take_beginning(q, turn))
        return false;
    learn_glue(q, turn, begin);
    return true;
}

/* Whether the list of turns ends behind the last value: q->at is behind its quote. If so,
 * it is taken. */
static bool take_end(struct lc_quick *q)
{
    size_t at = q->at;

    if (take(q, '}') && q->text[q->at] == ']') {
        q->at++;
        return true;
    }
    q->at = at;
    return false;
}

/* What is set for every turn. Field by field: where it is read again at once, a block of
 * zeros would have to be written out first. */
static void begin_turn(struct lc_turn *turn)
{
    turn->fault = NULL;
    turn->has_value = true;
    turn->openai = false;
    turn->marks = 0;
    turn->placeholders = 0;
}

static bool take_turn(struct lc_quick *q)
{
    struct lc_turn *turn = lc_row_add_turn(q->row);
    struct lc_measure measure;

    if (!turn) {
        q->status = lc_fail_memory(q->err);
        return false;
    }
    begin_turn(turn);
    if (!take_between(q, turn) || !lc_quick_string(q, &turn->value, &measure))
        return false;
    lc_turn_apply_measure(turn, &measure, q->letters);
    q->row->others += turn->role == LC_ROLE_OTHER;
    lc_row_count_turn(q->row, turn);
    return true;
}

static bool take_turns(struct lc_quick *q)
{
    q->row->turns_kind = LC_TURNS_LIST;
    q->row->turns_at = (uint32_t)q->at;
    if (!take(q, '['))
        return false;
    do {
        if (!take_turn(q))
            return false;
    } while (!take_end(q));
    q->row->script = lc_row_pick_script(q->row, q->letters);
    return true;
}

static bool take_id(struct lc_quick *q)
{
    struct lc_measure measure = {.words = 1};

    q->row->id_kind = LC_ID_GOOD;
    q->row->id_at = (uint32_t)q->at;
    if (q->text[q->at] == '"' ? !lc_quick_string(q, &q->row->id, &measure)
                              : !take_number(q, &q->row->id))
        return false;
    return measure.words > 0;
}

static bool take_image(struct lc_quick *q)
{
    struct lc_row_paths *images = &q->row->images;
    struct lc_measure measure;
    struct lc_span path;

    images->kind = LC_PATHS_GOOD;
    images->at = (uint32_t)q->at;
    if (!lc_quick_string(q, &path, &measure) || !measure.words)
        return false;
    q->status = lc_row_add_path(images, path, q->err);
    return q->status == LC_OK;
}

/* Add a member that is a string or a number. */
static void add_rest(struct lc_quick *q, struct lc_span key, uint64_t value)
{
    lc_rest_add(q->row, key, lc_rest_mix(0, value));
}

static bool take_source(struct lc_quick *q)
{
    struct lc_measure measure;

    if (!lc_quick_string(q, &q->row->source, &measure))
        return false;
    add_rest(q, (struct lc_span){"data_source", 11}, lc_rest_string(q->row->source));
    return true;
}

/* The keys that rows have, as they are written. */
static const struct {
    struct lc_span key; /* with its quotes */
    bool (*take)(struct lc_quick *q);
} members[] = {
    {{"\"conversations\"", 15}, take_turns},
    {{"\"image\"", 7}, take_image},
    {{"\"id\"", 4}, take_id},
    {{"\"data_source\"", 13}, take_source},
};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

/* Whether another key is one of those after all, written with escapes, or one that facts
 * depend on, or was there before, or they are many. */
static bool is_doubtful(const struct lc_quick *q, struct lc_span key)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (key.size == members[i].key.size - 2 &&
            memcmp(members[i].key.text + 1, key.text, key.size) == 0)
            return true;
    for (size_t i = 0; i < q->key_count; i++)
        if (lc_span_equal(q->keys[i], key))
            return true;
    return q->key_count == LC_QUICK_KEYS || lc_row_uses_key(key);
}

/* A member that no fact depends on. */
static bool take_other(struct lc_quick *q)
{
    struct lc_measure measure;
    struct lc_span key, value;

    if (!lc_quick_string(q, &key, &measure) || is_doubtful(q, key) || !take(q, ':'))
        return false;
    q->keys[q->key_count++] = key;
    if (q->text[q->at] == '"') {
        if (!lc_quick_string(q, &value, &measure))
            return false;
        add_rest(q, key, lc_rest_string(value));
        return true;
    }
    if (!take_number(q, &value))
        return false;
    add_rest(q, key, lc_rest_number(value));
    return true;
}

static bool take_member(struct lc_quick *q)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        if (!is_here(q, members[i].key.text, members[i].key.size))
            continue;
        if (q->seen >> i & 1) /* the last of two would count */
            return false;
        q->seen |= 1U << i;
        q->at += members[i].key.size;
        return take(q, ':') && members[i].take(q);
    }
    return take_other(q);
}

static bool take_row(struct lc_quick *q)
{
    if (q->text[0] != '{' || !take(q, '{'))
        return false;
    do {
        if (!take_member(q))
            return false;
    } while (take(q, ','));
    return q->at + 1 == q->size && q->text[q->at] == '}';
}

enum lc_status lc_row_read_quick(struct lc_row *row, const char *text, size_t size,
                                 bool *read, struct lc_error *err)
{
    struct lc_quick q; /* the keys need no zeros */

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
    lc_row_reset(row);
    row->object = true;
    row->decoded.size = 0;
    *read = take_row(&q);
    if (q.status != LC_OK || !*read)
        return q.status;
    return lc_content_find(row, err);
}

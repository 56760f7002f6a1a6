/* Strings as the quick reader takes them: measured where they are, or while they are
 * decoded. */
#include "dataset/quick.h"

#include <string.h>

/* Decode \uXXXX, or a pair of them; q->at is on the u. NULL for half a pair. */
static char *unicode_escape(struct lc_quick *q, char *to)
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

/* Decode an escape; q->at is behind the backslash. NULL for none. */
static char *escape(struct lc_quick *q, char *to)
{
    char c = q->text[q->at];

    switch (c) {
    case 'u':
        return unicode_escape(q, to);
    case '"':
    case '\\':
    case '/':
        *to++ = c;
        break;
    case 'n':
        *to++ = '\n';
        break;
    case 't':
        *to++ = '\t';
        break;
    case 'r':
        *to++ = '\r';
        break;
    case 'b':
        *to++ = '\b';
        break;
    case 'f':
        *to++ = '\f';
        break;
    default:
        return NULL;
    }
    q->at++;
    return to;
}

/* Add the measure of the next part of a string, which an escape divides from the one
 * before. Returns false when the whole must be measured: where the escape stands for a
 * character that is not simply white space or part of a word, or meets one. */
static bool join(struct lc_measure *whole, const struct lc_measure *part, char escaped,
                 unsigned char before, unsigned char behind)
{
    bool space = escaped == '\n' || escaped == '\t' || escaped == '\r';

    if (before >= 0x80 || behind >= 0x80 || (!space && escaped < ' '))
        return false;
    whole->words += part->words;
    if (!space) { /* it begins a word, or goes on with one, and what is behind it does */
        whole->words += before <= ' ';
        whole->words -= behind > ' ';
    }
    whole->characters += 1 + part->characters;
    for (int i = 0; i < LC_SCRIPT_COUNT; i++)
        whole->letters[i] += part->letters[i];
    whole->marks |= part->marks;
    return true;
}

/* Decode the rest of a string that began at an offset; q->at is on its first backslash.
 * No string gets longer: the room of the row's text is enough for all of them. */
static bool decode(struct lc_quick *q, size_t begin, struct lc_span *out,
                   struct lc_measure *measure)
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
        coded = q->text[q->at] == 'u'; /* any character */
        escaped = to;
        to = escape(q, to);
        if (!to || q->at >= q->size)
            return false;
        run = q->at;
        q->at += lc_text_measure_string(q->text + run, q->size - run, &part);
        if (q->at >= q->size || (q->text[q->at] != '"' && q->text[q->at] != '\\'))
            return false;
        joined = joined && !coded &&
                 join(measure, &part, *escaped,
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

/* Take a string and measure it; q->at is on its opening quote. */
bool lc_quick_string(struct lc_quick *q, struct lc_span *out, struct lc_measure *measure)
{
    size_t begin = q->at + 1;

    if (q->at >= q->size || q->text[q->at] != '"')
        return false;
    q->at = begin;
    q->at += lc_text_measure_string(q->text + begin, q->size - begin, measure);
    if (q->at >= q->size)
        return false;
    if (q->text[q->at] == '"')
        *out = (struct lc_span){q->text + begin, q->at - begin};
    else if (q->text[q->at] != '\\' || !decode(q, begin, out, measure))
        return false;
    if (measure->marks & LC_MARK_WIDE &&
        !lc_json_valid_utf8(q->text + begin, q->at - begin))
        return false;
    q->at++;
    return true;
}

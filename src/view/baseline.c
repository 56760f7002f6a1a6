#include "view/baseline.h"

#include "base/buffer.h"
#include "json/splitter.h"
#include "llava_check/selection.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HEAD "llava-check-baseline"
#define VERSION 1
#define DROP_BYTES ((uint64_t)8 << 20)
#define MAX_ENTRIES UINT32_C(0x7FFFFFFF)

/* ---- the table ----
 *
 * A hash table with open addressing and linear probing over the array of entries. It is
 * at most half full, so a look-up soon ends at a free slot. */

static void insert_slot(struct lc_baseline *b, uint32_t item)
{
    size_t at = lc_hash_short(&b->items[item].identity) & b->mask;

    assert(b->slots);
    while (b->slots[at])
        at = (at + 1) & b->mask;
    b->slots[at] = item + 1;
}

static enum lc_status grow_slots(struct lc_baseline *b, struct lc_error *err)
{
    size_t size = b->slots ? 2 * (b->mask + 1) : 1024;
    uint32_t *slots = calloc(size, sizeof(*slots));

    if (!slots)
        return lc_fail_memory(err);
    free(b->slots);
    b->slots = slots;
    b->mask = size - 1;
    for (size_t i = 0; i < b->count; i++)
        insert_slot(b, (uint32_t)i);
    return LC_OK;
}

struct lc_baseline_entry *lc_baseline_find(const struct lc_baseline *baseline,
                                           const struct lc_hash *identity)
{
    size_t at = lc_hash_short(identity) & baseline->mask;

    if (!baseline->slots)
        return NULL;
    for (; baseline->slots[at]; at = (at + 1) & baseline->mask) {
        struct lc_baseline_entry *entry = &baseline->items[baseline->slots[at] - 1];

        if (lc_hash_compare(&entry->identity, identity) == 0)
            return entry;
    }
    return NULL;
}

enum lc_status lc_baseline_add(struct lc_baseline *baseline,
                               const struct lc_baseline_entry *entry,
                               struct lc_error *err)
{
    enum lc_status status = LC_OK;
    void *items;

    if (baseline->count == MAX_ENTRIES)
        return lc_fail(err, LC_ERR_USAGE, 0, "too many entries for a baseline");
    items = lc_array_grow(baseline->items, baseline->count, &baseline->capacity,
                          sizeof(*baseline->items));
    if (!items)
        return lc_fail_memory(err);
    baseline->items = items;
    if (!baseline->slots || 2 * baseline->count > baseline->mask)
        status = grow_slots(baseline, err);
    if (status != LC_OK)
        return status;
    baseline->items[baseline->count] = *entry;
    insert_slot(baseline, (uint32_t)baseline->count++);
    return LC_OK;
}

void lc_baseline_clear(struct lc_baseline *baseline)
{
    lc_map_close(&baseline->map);
    free(baseline->items);
    free(baseline->slots);
    *baseline = (struct lc_baseline){0};
}

/* ---- an entry ---- */

/* The state of reading an entry. */
struct reading {
    const struct lc_json_doc *doc;
    struct lc_baseline_text *out;
    uint64_t line;
    bool has_identity;
    struct lc_error *err;
};

static enum lc_status fail_at_line(const struct reading *r, const char *what)
{
    return lc_fail(r->err, LC_ERR_USAGE, 0, "line %llu: %s", (unsigned long long)r->line,
                   what);
}

static bool read_identity(struct lc_span text, struct lc_hash *out)
{
    if (text.size != 2 * sizeof(out->bytes))
        return false;
    for (size_t i = 0; i < sizeof(out->bytes); i++) {
        char digits[4] = {'0', '0', text.text[2 * i], text.text[2 * i + 1]};
        int32_t byte = lc_text_hex4(digits);

        if (byte < 0)
            return false;
        out->bytes[i] = (uint8_t)byte;
    }
    return true;
}

/* Whether a text is a date such as 2027-01-31. */
static bool is_day(struct lc_span text)
{
    static const unsigned char days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    char day[11] = "";
    int month, number;

    if (text.size != 10)
        return false;
    memcpy(day, text.text, 10);
    for (int i = 0; i < 10; i++)
        if (i == 4 || i == 7 ? day[i] != '-' : day[i] < '0' || day[i] > '9')
            return false;
    month = (day[5] - '0') * 10 + day[6] - '0';
    number = (day[8] - '0') * 10 + day[9] - '0';
    return month >= 1 && month <= 12 && number >= 1 && number <= days[month - 1];
}

static enum lc_status read_text(const struct reading *r, struct lc_span key,
                                struct lc_span text)
{
    struct lc_baseline_text *out = r->out;

    if (lc_span_is(key, "rule")) {
        out->rule = text;
    } else if (lc_span_is(key, "place")) {
        out->place = text;
    } else if (lc_span_is(key, "reason")) {
        out->reason = text;
    } else {
        if (text.size && !is_day(text))
            return fail_at_line(r, "expires must be a date such as 2027-01-31");
        out->expires = text;
    }
    return LC_OK;
}

static bool is_text_key(struct lc_span key)
{
    return lc_span_is(key, "rule") || lc_span_is(key, "place") ||
           lc_span_is(key, "reason") || lc_span_is(key, "expires");
}

static enum lc_status read_member(struct reading *r, struct lc_span key, uint32_t value)
{
    char quoted[64], line[128];
    bool is_text = lc_json_type(r->doc, value) == LC_JSON_STRING;

    if (lc_span_is(key, "fingerprint")) {
        r->has_identity =
            is_text && read_identity(lc_json_string(r->doc, value), &r->out->identity);
        return r->has_identity
                   ? LC_OK
                   : fail_at_line(r, "fingerprint must be 32 hexadecimal digits");
    }
    if (lc_span_is(key, "count")) {
        int64_t count = lc_json_type(r->doc, value) == LC_JSON_INTEGER
                            ? lc_json_integer(r->doc, value)
                            : 0;

        if (count < 1 || count > UINT32_MAX)
            return fail_at_line(r, "count must be a number of at least 1");
        r->out->count = (uint32_t)count;
        return LC_OK;
    }
    if (is_text_key(key) && is_text)
        return read_text(r, key, lc_json_string(r->doc, value));
    snprintf(line, sizeof(line),
             is_text_key(key) ? "%s must be a string" : "unknown key %s",
             lc_text_quote(key, quoted, sizeof(quoted)));
    return fail_at_line(r, line);
}

static enum lc_status read_entry(struct reading *r)
{
    enum lc_status status = LC_OK;

    *r->out = (struct lc_baseline_text){.count = 1};
    if (lc_json_type(r->doc, LC_JSON_ROOT) != LC_JSON_OBJECT)
        return fail_at_line(r, "an entry must be an object");
    for (uint32_t key = LC_JSON_ROOT + 1, end = lc_json_close(r->doc, LC_JSON_ROOT),
                  value;
         key < end && status == LC_OK; key = lc_json_next(r->doc, value)) {
        value = lc_json_next(r->doc, key);
        status = read_member(r, lc_json_string(r->doc, key), value);
    }
    if (status == LC_OK && !r->has_identity)
        return fail_at_line(r, "the entry has no fingerprint");
    return status;
}

static enum lc_status parse(const struct lc_baseline *b, uint64_t offset, uint32_t size,
                            struct lc_json_parser *parser, struct lc_json_doc *doc,
                            uint64_t line, struct lc_error *err)
{
    struct lc_json_problem problem;
    enum lc_status status =
        lc_json_parse(parser, b->map.data + offset, size, doc, &problem, err);

    if (status == LC_OK && problem.fault != LC_JSON_FINE)
        return lc_fail(err, LC_ERR_USAGE, 0, "line %llu: %s", (unsigned long long)line,
                       problem.message);
    return status;
}

enum lc_status lc_baseline_get(const struct lc_baseline *baseline,
                               const struct lc_baseline_entry *entry,
                               struct lc_json_parser *parser,
                               struct lc_baseline_text *out, struct lc_error *err)
{
    struct lc_json_doc doc;
    struct reading reading = {.doc = &doc, .out = out, .line = entry->line, .err = err};
    enum lc_status status =
        parse(baseline, entry->offset, entry->size, parser, &doc, entry->line, err);

    return status == LC_OK ? read_entry(&reading) : status;
}

/* ---- the file ---- */

/* Check the first element, which says that the file is a baseline. */
static enum lc_status read_head(const struct lc_json_doc *doc, struct lc_error *err)
{
    uint32_t key = LC_JSON_ROOT + 1, value;

    if (lc_json_type(doc, LC_JSON_ROOT) == LC_JSON_OBJECT &&
        key < lc_json_close(doc, LC_JSON_ROOT) &&
        lc_span_is(lc_json_string(doc, key), HEAD)) {
        value = lc_json_next(doc, key);
        if (lc_json_type(doc, value) == LC_JSON_INTEGER &&
            lc_json_integer(doc, value) == VERSION)
            return LC_OK;
        return lc_fail(
            err, LC_ERR_USAGE, 0,
            "the baseline has a format version that this program does not support");
    }
    return lc_fail(err, LC_ERR_USAGE, 0,
                   "not a baseline: it does not start with {\"" HEAD "\":%d}", VERSION);
}

/* Get today's date in UTC, in the form 2027-01-31. */
static void get_today(char out[16])
{
    time_t now = time(NULL);
    struct tm day = {0};

    gmtime_r(&now, &day);
    strftime(out, 16, "%Y-%m-%d", &day);
}

static enum lc_status add_piece(struct lc_baseline *b, const struct lc_piece *piece,
                                struct lc_json_parser *parser, const char *today,
                                struct lc_error *err)
{
    struct lc_baseline_entry entry = {
        .line = piece->place.line, .offset = piece->place.offset, .size = piece->size};
    struct lc_baseline_text text;
    const struct lc_baseline_entry *other;
    enum lc_status status = lc_baseline_get(b, &entry, parser, &text, err);

    if (status != LC_OK)
        return status;
    entry.identity = text.identity;
    entry.count = text.count;
    entry.expired = text.expires.size && memcmp(text.expires.text, today, 10) < 0;
    entry.of_image = lc_span_starts(text.rule, "IMG");
    other = lc_baseline_find(b, &entry.identity);
    if (other)
        return lc_fail(err, LC_ERR_USAGE, 0,
                       "line %llu: the fingerprint is already on line %llu",
                       (unsigned long long)entry.line, (unsigned long long)other->line);
    return lc_baseline_add(b, &entry, err);
}

static enum lc_status read_pieces(struct lc_baseline *b, struct lc_splitter *splitter,
                                  struct lc_json_parser *parser, struct lc_error *err)
{
    enum lc_status status = LC_OK;
    struct lc_json_doc doc;
    struct lc_piece piece;
    size_t dropped = 0;
    char today[16];
    bool has_head = false;

    get_today(today);
    while (status == LC_OK && lc_splitter_next(splitter, &piece)) {
        if (lc_splitter_offset(splitter) - dropped > DROP_BYTES)
            dropped = lc_map_drop(&b->map, dropped, piece.place.offset);
        if (piece.kind != LC_PIECE_ROW) {
            status = lc_fail(err, LC_ERR_USAGE, 0, "line %llu: not a baseline: %s",
                             (unsigned long long)piece.place.line, piece.problem.message);
        } else if (has_head) {
            status = add_piece(b, &piece, parser, today, err);
        } else {
            has_head = true;
            status = parse(b, piece.place.offset, piece.size, parser, &doc,
                           piece.place.line, err);
            if (status == LC_OK)
                status = read_head(&doc, err);
        }
    }
    return status; /* the splitter reports a file without rows */
}

enum lc_status lc_baseline_read(const char *path, struct lc_baseline *out,
                                struct lc_error *err)
{
    struct lc_splitter *splitter = NULL;
    struct lc_json_parser *parser = NULL;
    enum lc_status status;

    *out = (struct lc_baseline){0};
    status = lc_map_open(path, &out->map, err);
    if (status == LC_OK)
        status = lc_splitter_new(out->map.data, out->map.size, false, &splitter, err);
    if (status == LC_OK)
        status = lc_json_parser_new(&parser, err);
    if (status == LC_OK)
        status = read_pieces(out, splitter, parser, err);
    lc_json_parser_free(parser);
    lc_splitter_free(splitter);
    if (status != LC_OK && err)
        err->subject = LC_SUBJECT_BASELINE;
    return status;
}

enum lc_status lc_baseline_check(const char *path, struct lc_error *err)
{
    struct lc_baseline baseline;
    enum lc_status status = lc_baseline_read(path, &baseline, err);

    lc_baseline_clear(&baseline);
    return status;
}

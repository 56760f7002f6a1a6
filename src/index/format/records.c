#include "index/format/records.h"

#include "llava_check/rules.h"

#include <assert.h>
#include <string.h>

/* Encoding and decoding share one function for each record, which lists its fields in
 * order: with `writes` set it writes them, otherwise it reads them. So the two cannot
 * disagree about the format.
 *
 * Reading past the end sets `failed` and yields zeros, so the lists need no checks of
 * their own; decode() refuses a record that failed or has bytes left over. Writing cannot
 * fail: encode() reserves the space before.
 *
 * A run encodes and decodes millions of records. So the lists are inlined into encode()
 * and decode(), where `writes` is a constant and the codec's fields are registers: a
 * field costs a few instructions instead of two calls. */

#define INLINE static inline __attribute__((always_inline))

struct codec {
    bool writes;
    bool failed;       /* reading */
    const uint8_t *in; /* reading: what is left, up to end */
    uint8_t *out;      /* writing: the free space, up to end */
    const uint8_t *end;
};

INLINE void write_bytes(struct codec *c, const void *bytes, size_t size)
{
    assert((size_t)(c->end - c->out) >= size);
    if (size)
        memcpy(c->out, bytes, size);
    c->out += size;
}

/* Consume bytes of the input. Past its end, return NULL and set `failed`. */
INLINE const uint8_t *read_bytes(struct codec *c, size_t size)
{
    const uint8_t *bytes = c->in;

    if (c->failed || (size_t)(c->end - c->in) < size) {
        c->failed = true;
        return NULL;
    }
    c->in += size;
    return bytes;
}

INLINE void code_u8(struct codec *c, uint8_t *value)
{
    if (c->writes) {
        write_bytes(c, value, 1);
    } else {
        const uint8_t *bytes = read_bytes(c, 1);

        *value = bytes ? *bytes : 0;
    }
}

INLINE void code_bool(struct codec *c, bool *value)
{
    uint8_t byte = c->writes && *value; /* when reading, *value is not set yet */

    code_u8(c, &byte);
    if (!c->writes)
        *value = byte != 0;
    c->failed |= byte > 1;
}

INLINE void code_u32(struct codec *c, uint32_t *value)
{
    uint8_t bytes[4];
    const uint8_t *in;

    if (c->writes) {
        lc_put_u32(bytes, *value);
        write_bytes(c, bytes, sizeof(bytes));
    } else {
        in = read_bytes(c, sizeof(bytes));
        *value = in ? lc_get_u32(in) : 0;
    }
}

INLINE void code_u64(struct codec *c, uint64_t *value)
{
    uint8_t bytes[8];
    const uint8_t *in;

    if (c->writes) {
        lc_put_u64(bytes, *value);
        write_bytes(c, bytes, sizeof(bytes));
    } else {
        in = read_bytes(c, sizeof(bytes));
        *value = in ? lc_get_u64(in) : 0;
    }
}

INLINE void code_i64(struct codec *c, int64_t *value)
{
    uint64_t bits = c->writes ? (uint64_t)*value : 0;

    code_u64(c, &bits);
    if (!c->writes)
        *value = (int64_t)bits;
}

/* A number of at most 64 bits as LEB128: seven bits a byte, the least first, all bytes
 * but the last with the high bit set. Most numbers of a record are small. A longer form
 * than needed is refused, so that equal records have equal bytes. */
INLINE void code_number(struct codec *c, uint64_t *value)
{
    uint64_t number = c->writes ? *value : 0;
    unsigned shift = 0;

    while (c->writes && number >= 0x80) {
        write_bytes(c, &(uint8_t){(uint8_t)(number | 0x80)}, 1);
        number >>= 7;
    }
    if (c->writes) {
        write_bytes(c, &(uint8_t){(uint8_t)number}, 1);
        return;
    }
    for (;; shift += 7) {
        const uint8_t *byte = read_bytes(c, 1);

        if (!byte)
            break;
        number |= (uint64_t)(*byte & 0x7f) << shift;
        if (*byte & 0x80 && shift < 63)
            continue;
        c->failed |= (shift && !*byte) || (shift == 63 && *byte > 1);
        break;
    }
    *value = c->failed ? 0 : number;
}

INLINE void code_number32(struct codec *c, uint32_t *value)
{
    uint64_t number = c->writes ? *value : 0;

    code_number(c, &number);
    c->failed |= number > UINT32_MAX;
    if (!c->writes)
        *value = (uint32_t)number;
}

/* A number, or -1 for none; stored as the number plus 1. */
INLINE void code_optional(struct codec *c, int64_t *value)
{
    uint64_t number = c->writes ? (uint64_t)*value + 1 : 0;

    code_number(c, &number);
    if (!c->writes)
        *value = (int64_t)(number - 1);
}

INLINE void code_hash(struct codec *c, struct lc_hash *value)
{
    if (c->writes) {
        write_bytes(c, value->bytes, sizeof(value->bytes));
    } else {
        const uint8_t *in = read_bytes(c, sizeof(value->bytes));

        if (in)
            memcpy(value->bytes, in, sizeof(value->bytes));
    }
}

INLINE void code_span(struct codec *c, struct lc_span *value)
{
    uint32_t size = c->writes ? (uint32_t)value->size : 0;

    code_u32(c, &size);
    if (c->writes) {
        write_bytes(c, value->text, size);
    } else {
        value->text = (const char *)read_bytes(c, size);
        value->size = value->text ? size : 0;
    }
}

/* A text with its size before it, as a number. */
INLINE void code_text(struct codec *c, struct lc_span *value)
{
    uint32_t size = c->writes ? (uint32_t)value->size : 0;

    code_number32(c, &size);
    if (c->writes) {
        write_bytes(c, value->text, size);
    } else {
        value->text = (const char *)read_bytes(c, size);
        value->size = value->text ? size : 0;
    }
}

INLINE void code_file(struct codec *c, void *record)
{
    struct lc_file_record *r = record;

    code_span(c, &r->name);
    code_u64(c, &r->size);
    code_i64(c, &r->mtime_ns);
    code_i64(c, &r->ctime_ns);
    code_u64(c, &r->inode);
    code_u64(c, &r->device);
    code_hash(c, &r->content);
    code_u64(c, &r->first_row);
    code_u64(c, &r->rows);
    code_bool(c, &r->lines);
    code_span(c, &r->sampling);
    code_u64(c, &r->sampled);
    code_span(c, &r->dialect);
    code_u64(c, &r->names);
    code_u64(c, &r->strays);
}

INLINE void code_row(struct codec *c, void *record)
{
    struct lc_row_record *r = record;

    code_number32(c, &r->file);
    code_number(c, &r->row);
    code_number(c, &r->offset);
    code_number(c, &r->line);
    code_number(c, &r->column);
    code_number32(c, &r->size);
    code_number32(c, &r->turns);
    code_number32(c, &r->images);
    code_number32(c, &r->videos);
    code_number32(c, &r->urls);
    code_number32(c, &r->embedded);
    code_number32(c, &r->placeholders);
    code_number(c, &r->words);
    code_number(c, &r->characters);
    code_u8(c, &r->script);
    code_bool(c, &r->readable);
    code_bool(c, &r->faulty);
    code_bool(c, &r->whole);
    code_hash(c, &r->content);
    code_u64(c, &r->question);
    code_u64(c, &r->answer);
    code_u64(c, &r->rest);
    code_bool(c, &r->object);
    code_bool(c, &r->text_only);
    code_number32(c, &r->traits);
    code_u8(c, &r->dialect);
    code_text(c, &r->data_source);
    code_text(c, &r->id);
}

INLINE void code_image(struct codec *c, void *record)
{
    struct lc_image_record *r = record;

    code_text(c, &r->path);
    code_u8(c, &r->state);
    code_number(c, &r->size);
    code_i64(c, &r->mtime_ns);
    code_i64(c, &r->ctime_ns);
    code_number(c, &r->inode);
    code_number(c, &r->device);
    code_hash(c, &r->content);
    code_text(c, &r->format);
    code_text(c, &r->mode);
    code_number32(c, &r->width);
    code_number32(c, &r->height);
    code_number32(c, &r->rows_decoded);
    code_number32(c, &r->warnings);
    code_u8(c, &r->orientation);
    code_u8(c, &r->depth);
    code_number32(c, &r->frames);
    code_number(c, &r->trailing);
    code_bool(c, &r->blank);
    code_bool(c, &r->transparent);
    code_u8(c, &r->lenient);
    code_u8(c, &r->content_kind);
    code_bool(c, &r->metadata_too_large);
    code_text(c, &r->detail);
    code_bool(c, &r->faulty);
    code_number(c, &r->uses);
    code_number32(c, &r->archive);
    code_number(c, &r->offset);
}

INLINE void code_archive(struct codec *c, void *record)
{
    struct lc_archive_record *r = record;

    code_span(c, &r->name);
    code_u64(c, &r->size);
    code_i64(c, &r->mtime_ns);
    code_i64(c, &r->ctime_ns);
    code_u64(c, &r->inode);
    code_u64(c, &r->device);
    code_u8(c, &r->state);
    code_span(c, &r->kind);
    code_span(c, &r->removed);
    code_span(c, &r->added);
    code_u64(c, &r->members);
    code_u64(c, &r->files);
    code_u64(c, &r->unpacked);
    code_u64(c, &r->unsafe);
    code_span(c, &r->unsafe_example);
    code_span(c, &r->damage);
}

INLINE void code_member(struct codec *c, void *record)
{
    struct lc_member_record *r = record;

    code_text(c, &r->path);
    code_number32(c, &r->archive);
    code_number(c, &r->offset);
    code_number(c, &r->size);
    code_hash(c, &r->content);
}

INLINE void code_point(struct codec *c, void *record)
{
    struct lc_point_record *r = record;

    code_u64(c, &r->bit);
    code_u64(c, &r->begin);
    code_u32(c, &r->crc);
    code_u32(c, &r->window_size);
    code_span(c, &r->window);
    c->failed |= r->window_size > LC_POINT_WINDOW || r->window.size > r->window_size;
}

/* Reports print rule codes unquoted, so a code may contain nothing else. */
static bool is_rule_code(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!(text[i] >= 'A' && text[i] <= 'Z') && !(text[i] >= '0' && text[i] <= '9'))
            return false;
    return size > 0;
}

/* The same for names of cases. */
static bool is_case_name(struct lc_span name)
{
    for (size_t i = 0; i < name.size; i++)
        if (!(name.text[i] >= 'a' && name.text[i] <= 'z') && name.text[i] != '-' &&
            !(name.text[i] >= '0' && name.text[i] <= '9'))
            return false;
    return true;
}

INLINE void code_finding(struct codec *c, void *record)
{
    struct lc_finding_record *r = record;
    uint8_t kind = c->writes ? (uint8_t)r->kind : 0;

    code_u8(c, &kind);
    if (!c->writes)
        r->kind = (enum lc_finding_kind)kind;
    code_u8(c, &r->severity);
    if (!c->writes)
        r->found = r->severity;
    code_text(c, &r->rule);
    code_text(c, &r->rule_case);
    code_text(c, &r->message);
    code_number32(c, &r->file);
    code_optional(c, &r->row);
    code_number(c, &r->offset);
    code_number(c, &r->line);
    code_number(c, &r->column);
    code_optional(c, &r->turn);
    code_number32(c, &r->image);
    code_text(c, &r->id);
    code_number(c, &r->row_count);
    if (kind < LC_FINDING_ROW || kind > LC_FINDING_SET ||
        r->severity > LC_SEVERITY_ERROR || !is_rule_code(r->rule.text, r->rule.size) ||
        !is_case_name(r->rule_case))
        c->failed = true;
}

INLINE void code_summary(struct codec *c, void *record)
{
    struct lc_summary *r = record;

    code_u64(c, &r->rows_files);
    code_u64(c, &r->rows);
    code_u64(c, &r->rows_ok);
    code_u64(c, &r->rows_text_only);
    code_u64(c, &r->turns);
    code_u64(c, &r->words);
    code_u64(c, &r->characters);
    code_u64(c, &r->rows_sampled);
    code_u64(c, &r->images_referenced);
    code_u64(c, &r->images);
    code_u64(c, &r->images_ok);
    code_u64(c, &r->images_unverified);
    code_u64(c, &r->images_skipped);
    code_u64(c, &r->image_bytes);
    code_u64(c, &r->urls);
    code_u64(c, &r->embedded);
    for (int i = 0; i < 3; i++)
        code_u64(c, &r->findings[i]);
}

INLINE void code_histogram(struct codec *c, struct lc_histogram *h)
{
    code_u64(c, &h->count);
    code_u64(c, &h->sum);
    code_u64(c, &h->most);
    for (int i = 0; i < LC_BUCKETS; i++)
        code_u64(c, &h->buckets[i]);
}

INLINE void code_statistics(struct codec *c, void *record)
{
    struct lc_statistics *r = record;

    code_u64(c, &r->no_image);
    code_u64(c, &r->one_image);
    code_u64(c, &r->several_images);
    code_u64(c, &r->video);
    for (int i = 0; i <= LC_SCRIPT_COUNT; i++)
        code_u64(c, &r->scripts[i]);
    code_histogram(c, &r->rounds);
    code_histogram(c, &r->turn_words);
    code_histogram(c, &r->turn_characters);
    code_histogram(c, &r->row_words);
    code_histogram(c, &r->row_characters);
    code_u64(c, &r->median_rounds);
}

INLINE void code_share(struct codec *c, void *record)
{
    struct lc_share *r = record;

    code_span(c, &r->name);
    code_u64(c, &r->rows);
    code_u64(c, &r->images);
    code_u64(c, &r->rounds);
    code_u64(c, &r->words);
}

INLINE void code_rule_count(struct codec *c, void *record)
{
    struct lc_rule_count *r = record;
    size_t size;

    for (size_t i = 0; i < sizeof(r->code); i++)
        code_u8(c, (uint8_t *)&r->code[i]);
    size = strnlen(r->code, sizeof(r->code));
    for (size_t i = size; i < sizeof(r->code); i++)
        c->failed |= r->code[i] != '\0';
    c->failed |= size == sizeof(r->code) || !is_rule_code(r->code, size);
    for (int i = 0; i < 3; i++)
        code_u64(c, &r->counts[i]);
}

/* A function that lists a record's fields. Encoding does not modify the record. */
typedef void code_fn(struct codec *c, void *record);

/* An upper bound for the fixed fields and string lengths of any record but the
 * statistics. */
#define FIXED_BYTES 192

INLINE enum lc_status encode(code_fn *code, const void *record, size_t strings,
                             struct lc_buffer *out, struct lc_error *err)
{
    struct codec c = {.writes = true};
    enum lc_status status = lc_buffer_reserve(out, FIXED_BYTES + strings, err);

    if (status != LC_OK)
        return status;
    c.out = (uint8_t *)out->data + out->size;
    c.end = (uint8_t *)out->data + out->capacity;
    code(&c, (void *)(uintptr_t)record);
    out->size = (size_t)(c.out - (uint8_t *)out->data);
    return LC_OK;
}

INLINE enum lc_status decode(code_fn *code, struct lc_span bytes, void *out,
                             struct lc_error *err)
{
    struct codec c = {.in = (const uint8_t *)bytes.text};

    c.end = bytes.size ? c.in + bytes.size : c.in; /* NULL + 0 is undefined */
    code(&c, out);
    if (c.failed || c.in != c.end)
        return lc_fail(err, LC_ERR_INDEX, 0,
                       "the index is damaged: a record is malformed");
    return LC_OK;
}

enum lc_status lc_file_encode(const struct lc_file_record *record, struct lc_buffer *out,
                              struct lc_error *err)
{
    return encode(code_file, record,
                  record->name.size + record->sampling.size + record->dialect.size, out,
                  err);
}

enum lc_status lc_file_decode(struct lc_span bytes, struct lc_file_record *out,
                              struct lc_error *err)
{
    return decode(code_file, bytes, out, err);
}

enum lc_status lc_row_encode(const struct lc_row_record *record, struct lc_buffer *out,
                             struct lc_error *err)
{
    return encode(code_row, record, record->data_source.size + record->id.size, out, err);
}

enum lc_status lc_row_decode(struct lc_span bytes, struct lc_row_record *out,
                             struct lc_error *err)
{
    return decode(code_row, bytes, out, err);
}

enum lc_status lc_image_encode(const struct lc_image_record *record,
                               struct lc_buffer *out, struct lc_error *err)
{
    return encode(code_image, record,
                  record->path.size + record->format.size + record->mode.size +
                      record->detail.size,
                  out, err);
}

enum lc_status lc_image_decode(struct lc_span bytes, struct lc_image_record *out,
                               struct lc_error *err)
{
    return decode(code_image, bytes, out, err);
}

enum lc_status lc_archive_encode(const struct lc_archive_record *record,
                                 struct lc_buffer *out, struct lc_error *err)
{
    return encode(code_archive, record,
                  record->name.size + record->kind.size + record->removed.size +
                      record->added.size + record->unsafe_example.size +
                      record->damage.size,
                  out, err);
}

enum lc_status lc_archive_decode(struct lc_span bytes, struct lc_archive_record *out,
                                 struct lc_error *err)
{
    return decode(code_archive, bytes, out, err);
}

enum lc_status lc_member_encode(const struct lc_member_record *record,
                                struct lc_buffer *out, struct lc_error *err)
{
    return encode(code_member, record, record->path.size, out, err);
}

enum lc_status lc_member_decode(struct lc_span bytes, struct lc_member_record *out,
                                struct lc_error *err)
{
    return decode(code_member, bytes, out, err);
}

enum lc_status lc_point_encode(const struct lc_point_record *record,
                               struct lc_buffer *out, struct lc_error *err)
{
    return encode(code_point, record, record->window.size, out, err);
}

enum lc_status lc_point_decode(struct lc_span bytes, struct lc_point_record *out,
                               struct lc_error *err)
{
    return decode(code_point, bytes, out, err);
}

enum lc_status lc_finding_encode(const struct lc_finding_record *record,
                                 struct lc_buffer *out, struct lc_error *err)
{
    return encode(code_finding, record,
                  record->rule.size + record->rule_case.size + record->message.size +
                      record->id.size,
                  out, err);
}

enum lc_status lc_finding_decode(struct lc_span bytes, struct lc_finding_record *out,
                                 struct lc_error *err)
{
    return decode(code_finding, bytes, out, err);
}

enum lc_status lc_summary_encode(const struct lc_summary *record, struct lc_buffer *out,
                                 struct lc_error *err)
{
    return encode(code_summary, record, 0, out, err);
}

enum lc_status lc_summary_decode(struct lc_span bytes, struct lc_summary *out,
                                 struct lc_error *err)
{
    return decode(code_summary, bytes, out, err);
}

enum lc_status lc_statistics_encode(const struct lc_statistics *statistics,
                                    struct lc_buffer *out, struct lc_error *err)
{
    return encode(code_statistics, statistics, sizeof(*statistics), out, err);
}

enum lc_status lc_statistics_decode(struct lc_span bytes, struct lc_statistics *out,
                                    struct lc_error *err)
{
    return decode(code_statistics, bytes, out, err);
}

enum lc_status lc_share_encode(const struct lc_share *share, struct lc_buffer *out,
                               struct lc_error *err)
{
    return encode(code_share, share, share->name.size, out, err);
}

enum lc_status lc_share_decode(struct lc_span bytes, struct lc_share *out,
                               struct lc_error *err)
{
    return decode(code_share, bytes, out, err);
}

enum lc_status lc_rule_count_encode(const struct lc_rule_count *record,
                                    struct lc_buffer *out, struct lc_error *err)
{
    return encode(code_rule_count, record, 0, out, err);
}

enum lc_status lc_rule_count_decode(struct lc_span bytes, struct lc_rule_count *out,
                                    struct lc_error *err)
{
    return decode(code_rule_count, bytes, out, err);
}

const char *lc_image_state_name(enum lc_image_state state)
{
    static const char *const names[LC_IMAGE_STATE_COUNT] = {
        [LC_IMAGE_OK] = "ok",
        [LC_IMAGE_DAMAGED] = "damaged",
        [LC_IMAGE_TRUNCATED] = "truncated",
        [LC_IMAGE_CORRUPT] = "corrupt",
        [LC_IMAGE_NOT_IMAGE] = "not-an-image",
        [LC_IMAGE_UNVERIFIED] = "unverified",
        [LC_IMAGE_MISSING] = "missing",
        [LC_IMAGE_UNREADABLE] = "unreadable",
        [LC_IMAGE_SKIPPED] = "not-looked-at",
        [LC_IMAGE_OUTSIDE] = "outside",
        [LC_IMAGE_TOO_LARGE] = "too-large",
    };

    return state < LC_IMAGE_STATE_COUNT ? names[state] : "unknown";
}

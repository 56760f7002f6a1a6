/* targets.c - the table of fuzz targets, and functions that they share */
#include "target.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    lc_fuzz_fn *run;
} targets[] = {
#define LC_FUZZ(name, ...) {#name, lc_fuzz_##name},
#include "targets.def"
#undef LC_FUZZ
};

lc_fuzz_fn *lc_fuzz_find(const char *name)
{
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        if (strcmp(targets[i].name, name) == 0)
            return targets[i].run;
    return NULL;
}

void lc_fuzz_fail(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

/* ---- copies ---- */

char *lc_fuzz_bare(const void *data, size_t size)
{
    char *copy = malloc(size ? size : 1);

    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    return copy;
}

char *lc_fuzz_padded(const void *data, size_t size, char junk)
{
    char *copy = malloc(size + LC_JSON_PADDING);

    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    memset(copy + size, junk, LC_JSON_PADDING);
    return copy;
}

/* ---- files ---- */

static char own_folder[4096];

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
    (void)st;
    (void)kind;
    return walk->level ? remove(path) : 0;
}

void lc_fuzz_empty(const char *folder)
{
    (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void remove_folder(void)
{
    lc_fuzz_empty(own_folder);
    (void)rmdir(own_folder);
}

const char *lc_fuzz_folder(void)
{
    const char *temporary = getenv("TMPDIR");

    if (own_folder[0])
        return own_folder;
    snprintf(own_folder, sizeof(own_folder), "%s/llava-fuzz-XXXXXX",
             temporary && *temporary ? temporary : "/tmp");
    if (!mkdtemp(own_folder) || atexit(remove_folder) != 0) {
        perror(own_folder);
        abort();
    }
    return own_folder;
}

char *lc_fuzz_path(const char *name)
{
    char *path = NULL;

    if (asprintf(&path, "%s/%s", lc_fuzz_folder(), name) < 0)
        abort();
    return path;
}

const char *lc_fuzz_file(const char *name, const void *data, size_t size)
{
    static char path[sizeof(own_folder) + 64];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", lc_fuzz_folder(), name);
    file = fopen(path, "wbe");
    if (!file || (size && fwrite(data, 1, size, file) != size) || fclose(file) != 0) {
        perror(path);
        abort();
    }
    return path;
}

/* ---- errors ---- */

void lc_fuzz_check_error(enum lc_status status, const struct lc_error *err)
{
    size_t size = strnlen(err->message, sizeof(err->message));

    must(status == err->status);
    if (status == LC_OK)
        return;
    must(status == LC_ERR_USAGE || status == LC_ERR_IO || status == LC_ERR_INDEX);
    must(size > 0 && size < sizeof(err->message));
    for (size_t i = 0; i < size; i++)
        must((unsigned char)err->message[i] >= 0x20 && err->message[i] != 0x7F);
}

void lc_fuzz_check_text(const char *text, size_t size)
{
    must(lc_json_valid_utf8(text, size));
    for (size_t i = 0; i < size;) {
        struct lc_character c = lc_text_character(text + i);

        must(c.point >= 0x20 || (c.point && strchr("\n\r\t", (int)c.point)));
        must(c.point < 0x7F || c.point > 0x9F);
        i += c.size;
    }
}

/* ---- values ---- */

static bool is_integer(enum lc_json_type type)
{
    return type == LC_JSON_INTEGER || type == LC_JSON_UNSIGNED || type == LC_JSON_BIG;
}

/* Return an integer's digits, however it is stored. */
static struct lc_span digits_of(const struct lc_json_doc *doc, uint32_t at,
                                char capacity[24])
{
    enum lc_json_type type = lc_json_type(doc, at);
    int64_t value;

    if (type == LC_JSON_BIG)
        return lc_json_string(doc, at);
    value = lc_json_integer(doc, at);
    if (type == LC_JSON_UNSIGNED)
        snprintf(capacity, 24, "%" PRIu64, (uint64_t)value);
    else
        snprintf(capacity, 24, "%" PRId64, value);
    return (struct lc_span){capacity, strlen(capacity)};
}

static bool same_scalar(const struct lc_json_doc *a, uint32_t of_a,
                        const struct lc_json_doc *b, uint32_t of_b)
{
    enum lc_json_type type = lc_json_type(a, of_a);
    char capacity[2][24];

    if (is_integer(type))
        return is_integer(lc_json_type(b, of_b)) &&
               lc_span_equal(digits_of(a, of_a, capacity[0]),
                             digits_of(b, of_b, capacity[1]));
    if (type != lc_json_type(b, of_b))
        return false;
    return type != LC_JSON_STRING ||
           lc_span_equal(lc_json_string(a, of_a), lc_json_string(b, of_b));
}

/* Walk over both tapes in parallel, although a value may take a different number of words
 * in each. There is no recursion, so that deeply nested values do not exhaust the stack.
 */
bool lc_fuzz_same_value(const struct lc_json_doc *a, const struct lc_json_doc *b)
{
    uint32_t at_a = LC_JSON_ROOT, at_b = LC_JSON_ROOT;
    uint32_t end = lc_json_next(a, LC_JSON_ROOT);

    while (at_a < end) {
        int letter = (int)(a->tape[at_a] >> LC_JSON_LETTER_SHIFT);

        if (lc_json_offset(a, at_a) != lc_json_offset(b, at_b))
            return false;
        if (strchr("{[}]", letter)) {
            if (b->tape[at_b] >> LC_JSON_LETTER_SHIFT != (unsigned)letter)
                return false;
            at_a++;
            at_b++;
            continue;
        }
        if (!same_scalar(a, at_a, b, at_b))
            return false;
        at_a = lc_json_next(a, at_a);
        at_b = lc_json_next(b, at_b);
    }
    return at_b == lc_json_next(b, LC_JSON_ROOT);
}

/* ---- reading an input in parts ---- */

uint8_t lc_fuzz_u8(struct lc_fuzz_input *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->at++;
}

uint32_t lc_fuzz_u16(struct lc_fuzz_input *in)
{
    uint32_t low = lc_fuzz_u8(in);

    return low | (uint32_t)lc_fuzz_u8(in) << 8;
}

static struct lc_span next_bytes(struct lc_fuzz_input *in, size_t size)
{
    struct lc_span out = {(const char *)in->at, size < in->left ? size : in->left};

    in->at += out.size;
    in->left -= out.size;
    return out;
}

struct lc_span lc_fuzz_short(struct lc_fuzz_input *in)
{
    return next_bytes(in, lc_fuzz_u8(in));
}

struct lc_span lc_fuzz_long(struct lc_fuzz_input *in)
{
    return next_bytes(in, lc_fuzz_u16(in));
}

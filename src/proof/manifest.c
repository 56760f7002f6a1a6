#include "proof/manifest.h"

#include "base/checksum.h"

#include <string.h>

bool lc_manifest_is_one(struct lc_span text)
{
    static const char head[] = LC_MANIFEST_HEAD;
    size_t size = sizeof(head) - 1;

    return text.size >= size && memcmp(text.text, head, size) == 0;
}

bool lc_manifest_is_named(struct lc_span name)
{
    static const char suffix[] = ".manifest";
    size_t size = sizeof(suffix) - 1;

    return lc_span_is(name, "MANIFEST") || lc_span_is(name, "manifest.txt") ||
           (name.size > size && memcmp(name.text + name.size - size, suffix, size) == 0);
}

/* Append a name as GNU's checksum programs write it: line ends and backslashes are
 * escaped, and the caller has put a backslash at the start of the line. */
static enum lc_status add_name(struct lc_buffer *out, struct lc_span path,
                               struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < path.size && status == LC_OK; i++) {
        char c = path.text[i];

        if (c == '\\' || c == '\n' || c == '\r')
            status = lc_buffer_printf(out, err, "\\%c",
                                      c == '\n'   ? 'n'
                                      : c == '\r' ? 'r'
                                                  : '\\');
        else
            status = lc_buffer_add(out, &c, 1, err);
    }
    return status;
}

static bool needs_escape(struct lc_span path)
{
    return memchr(path.text, '\\', path.size) || memchr(path.text, '\n', path.size) ||
           memchr(path.text, '\r', path.size);
}

enum lc_status lc_manifest_add(struct lc_buffer *out, struct lc_span path, uint64_t size,
                               const uint8_t xxh3[16], const uint8_t sha256[32],
                               struct lc_error *err)
{
    char quick[33], full[65];
    enum lc_status status;

    lc_checksum_hex(xxh3, 16, quick);
    lc_checksum_hex(sha256, 32, full);
    status = lc_buffer_printf(out, err, "# %llu %s\n%s%s  ", (unsigned long long)size,
                              quick, needs_escape(path) ? "\\" : "", full);
    if (status == LC_OK)
        status = add_name(out, path, err);
    return status == LC_OK ? lc_buffer_add(out, "\n", 1, err) : status;
}

enum lc_status lc_manifest_add_end(struct lc_buffer *out, uint64_t files, uint64_t bytes,
                                   struct lc_error *err)
{
    return lc_buffer_printf(out, err, "# end: %llu file%s, %llu bytes\n",
                            (unsigned long long)files, files == 1 ? "" : "s",
                            (unsigned long long)bytes);
}

/* Read a decimal number at the beginning of a text; false if there is none. */
static bool read_number(struct lc_span *text, uint64_t *out)
{
    size_t digits = 0;

    *out = 0;
    while (digits < text->size && digits < 19 && text->text[digits] >= '0' &&
           text->text[digits] <= '9')
        *out = *out * 10 + (uint64_t)(text->text[digits++] - '0');
    text->text += digits;
    text->size -= digits;
    return digits > 0;
}

/* Skip a literal at the beginning of a text; false if the text does not start with it. */
static bool skip(struct lc_span *text, const char *literal)
{
    size_t size = strlen(literal);

    if (text->size < size || memcmp(text->text, literal, size) != 0)
        return false;
    text->text += size;
    text->size -= size;
    return true;
}

bool lc_manifest_read_file(struct lc_span line, uint64_t *size, uint8_t xxh3[16])
{
    uint8_t sum[LC_CHECKSUM_MAX];

    if (!skip(&line, "# ") || !read_number(&line, size) || !skip(&line, " ") ||
        line.size != 32 || !lc_checksum_read(line, sum))
        return false;
    memcpy(xxh3, sum, 16);
    return true;
}

bool lc_manifest_read_end(struct lc_span line, uint64_t *files, uint64_t *bytes)
{
    return skip(&line, "# end: ") && read_number(&line, files) &&
           (skip(&line, " files, ") || skip(&line, " file, ")) &&
           read_number(&line, bytes) && lc_span_is(line, " bytes");
}

/* Restores UTF-8 text that was decoded as Windows-1252 or Latin-1
 *
 * Each character of a run beyond ASCII is mapped back to the byte that it was decoded
 * from: U+00A0 to U+00FF to the byte of the same number, and 27 others to their bytes in
 * Windows-1252. If the bytes of the whole run are valid UTF-8, that is the original text.
 * This is almost never true of undamaged text: a single é, for example, is a byte with
 * which UTF-8 cannot end. Decoding the bytes yields the same run again, so nothing is
 * lost. */
#include "fix/site.h"

#include <string.h>

/* The characters of Windows-1252 for the bytes 0x80 to 0x9F; 0: a Latin-1 control
 * character. */
static const uint16_t windows[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
    0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

/* The byte that was decoded to a character; -1: none. */
static int byte_of(uint32_t point)
{
    if (point >= 0x80 && point <= 0xFF)
        return (int)point;
    for (int i = 0; i < 32; i++)
        if (windows[i] && windows[i] == point)
            return 0x80 + i;
    return -1;
}

/* Get the bytes that were decoded to a run of characters; *good is set to false if a
 * character has none. */
static enum lc_status read_run(struct lc_span run, struct lc_buffer *out, bool *good,
                               struct lc_error *err)
{
    enum lc_status status = LC_OK;

    *good = true;
    out->size = 0;
    for (size_t i = 0; i < run.size && *good && status == LC_OK;) {
        struct lc_character c = lc_text_character(run.text + i);
        int byte = byte_of(c.point);
        char put = (char)byte;

        *good = byte >= 0;
        status = lc_buffer_add(out, &put, 1, err);
        i += c.size;
    }
    return status;
}

/* Whether a text is UTF-8 without control characters. */
static bool is_text(struct lc_span text)
{
    if (lc_text_invalid_utf8(text.text, text.size) != text.size)
        return false;
    for (size_t i = 0; i < text.size;) {
        struct lc_character c = lc_text_character(text.text + i);

        if (c.point < 0xA0)
            return false;
        i += c.size;
    }
    return true;
}

static enum lc_status restore_run(struct lc_fix_site *site, uint32_t string, size_t from,
                                  size_t to, struct lc_error *err)
{
    struct lc_span text = lc_json_string(site->doc, string);
    struct lc_buffer bytes = {0};
    bool good;
    enum lc_status status =
        read_run((struct lc_span){text.text + from, to - from}, &bytes, &good, err);

    if (status == LC_OK && good && is_text((struct lc_span){bytes.data, bytes.size}))
        status = lc_site_replace(site, string, from, to,
                                 (struct lc_span){bytes.data, bytes.size}, err);
    lc_buffer_clear(&bytes);
    return status;
}

/* Restore each run of bytes beyond ASCII in a string. */
static enum lc_status restore_text(struct lc_fix_site *site, uint32_t string,
                                   struct lc_error *err)
{
    struct lc_span text = lc_json_string(site->doc, string);
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < text.size && status == LC_OK;) {
        size_t end = i;

        while (end < text.size && (unsigned char)text.text[end] >= 0x80)
            end++;
        if (end > i)
            status = restore_run(site, string, i, end, err);
        i = end > i ? end : i + 1;
    }
    return status;
}

enum lc_status lc_fix_restore_encoding(struct lc_fix_site *site, struct lc_error *err)
{
    enum lc_status status = LC_OK;

    for (size_t i = 0; i < site->row->turn_count && status == LC_OK; i++) {
        uint32_t text = lc_site_turn(site, i).text;

        if (text && site->row->turns[i].marks & LC_TURN_DAMAGED)
            status = restore_text(site, text, err);
    }
    return status;
}

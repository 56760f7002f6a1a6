#include "base/shell.h"

#include "base/printable.h"

#include <string.h>

static enum lc_status add_quoted(struct lc_buffer *out, const char *word,
                                 struct lc_error *err)
{
    enum lc_status status = lc_buffer_add(out, "'", 1, err);

    for (; *word && status == LC_OK; word++) {
        if (*word == '\'') /* end the quotation, and start another after the quote */
            status = lc_buffer_printf(out, err, "'\\''");
        else
            status = lc_buffer_add(out, word, 1, err);
    }
    return status == LC_OK ? lc_buffer_printf(out, err, "'") : status;
}

/* Quote a word with characters that must not be printed: as $'...', in which bash, zsh
 * and ksh read \xNN as a byte. */
static enum lc_status add_escaped(struct lc_buffer *out, const struct lc_printable *word,
                                  struct lc_error *err)
{
    enum lc_status status = lc_buffer_printf(out, err, "$'");
    struct lc_escape escape = {0};
    bool is_found = lc_printable_next(word, 0, &escape);

    for (size_t i = 0; i < word->text.size && status == LC_OK; i++) {
        const char *byte = word->text.text + i;

        if (is_found && i >= escape.at + escape.size)
            is_found = lc_printable_next(word, i, &escape);
        if (is_found && i >= escape.at)
            status = lc_buffer_printf(out, err, "\\x%02x", (unsigned char)*byte);
        else if (*byte == '\'' || *byte == '\\')
            status = lc_buffer_printf(out, err, "\\%c", *byte);
        else
            status = lc_buffer_add(out, byte, 1, err);
    }
    return status == LC_OK ? lc_buffer_printf(out, err, "'") : status;
}

enum lc_status lc_shell_add(struct lc_buffer *out, const char *word, struct lc_error *err)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-./+:,@%";
    const struct lc_printable text = {.text = {word, strlen(word)}, .enclosed = true};
    enum lc_status status = lc_buffer_printf(out, err, *word == '-' ? "./" : "");
    struct lc_escape escape;

    if (status != LC_OK)
        return status;
    if (lc_printable_next(&text, 0, &escape))
        return add_escaped(out, &text, err);
    if (*word && strspn(word, plain) == strlen(word))
        return lc_buffer_printf(out, err, "%s", word);
    return add_quoted(out, word, err);
}

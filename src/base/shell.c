#include "base/shell.h"

#include <string.h>

static enum lc_status add_quoted(struct lc_buffer *out, const char *word,
                                 struct lc_error *err)
{
    enum lc_status status = lc_buffer_add(out, "'", 1, err);

    for (; *word && status == LC_OK; word++) {
        if (*word == '\'') /* end the quotation, and begin another after the quote */
            status = lc_buffer_printf(out, err, "'\\''");
        else
            status = lc_buffer_add(out, word, 1, err);
    }
    return status == LC_OK ? lc_buffer_printf(out, err, "'") : status;
}

enum lc_status lc_shell_add(struct lc_buffer *out, const char *word, struct lc_error *err)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-./+:,@%";
    enum lc_status status = lc_buffer_printf(out, err, *word == '-' ? "./" : "");

    if (status != LC_OK)
        return status;
    if (*word && strspn(word, plain) == strlen(word))
        return lc_buffer_printf(out, err, "%s", word);
    return add_quoted(out, word, err);
}

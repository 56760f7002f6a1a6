#include "base/base64.h"

#include <stdint.h>

/* Value of each character of the alphabet, plus 1; 0 for all other bytes. */
static const uint8_t
    values
        [256] =
            {
                ['A'] = 1, 2,  3,  4,  5,          6,  7,  8,          9,          10, 11,
                12,        13, 14, 15, 16,         17, 18, 19,         20,         21, 22,
                23,        24, 25, 26, ['a'] = 27, 28, 29, 30,         31,         32, 33,
                34,        35, 36, 37, 38,         39, 40, 41,         42,         43, 44,
                45,        46, 47, 48, 49,         50, 51, 52,         ['0'] = 53, 54, 55,
                56,        57, 58, 59, 60,         61, 62, ['+'] = 63, ['/'] = 64,
};

enum lc_status lc_base64_decode(struct lc_span text, struct lc_buffer *out,
                                struct lc_error *err)
{
    enum lc_status status = lc_buffer_reserve(out, text.size / 4 * 3 + 3, err);
    uint32_t bits = 0;
    unsigned held = 0; /* number of characters in bits */
    char *to;

    if (status != LC_OK)
        return status;
    to = out->data + out->size;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t value = values[(unsigned char)text.text[i]];

        if (text.text[i] == '=' && held >= 2)
            break;
        if (!value)
            continue;
        bits = bits << 6 | (uint32_t)(value - 1);
        if (++held < 4)
            continue;
        *to++ = (char)(bits >> 16);
        *to++ = (char)(bits >> 8);
        *to++ = (char)bits;
        held = 0;
    }
    if (held >= 2) /* 12 bits hold one byte, 18 hold two */
        *to++ = (char)(bits >> (held == 2 ? 4 : 10));
    if (held == 3)
        *to++ = (char)(bits >> 2);
    out->size = (size_t)(to - out->data);
    return LC_OK;
}

/*
 * PBM, PGM and PPM files as Pillow reads them.
 *
 * A header of words is followed by samples, as bytes (P4 to P6) or as decimal numbers (P1
 * to P3). There is no compression and no checksum: a file with a valid header and enough
 * samples loads. Pillow has three decoders for the samples, which treat a file that is
 * too short differently: the one for bytes of full range raises unless
 * LOAD_TRUNCATED_IMAGES is set; those for other ranges and for numbers always raise.
 *
 * Source: Pillow src/PIL/PpmImagePlugin.py, 9.4 and 11.1.
 */
#include "image/pnm/pnm.h"

#include "base/bytes.h"
#include "image/common/tone.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Maximum length of a word in the header, and of a number among the samples. */
enum { LONGEST_WORD = 10 };

struct pnm {
    const uint8_t *data;
    size_t size;
    size_t at;
    struct lc_image_info *info;
    unsigned kind;  /* digit in the magic: 1 to 6 */
    uint32_t most;  /* maximum value of a sample; 1 for a bitmap */
    unsigned bands; /* samples per pixel */
    struct lc_tone tone;
};

/* Result of reading a word. */
enum word { WORD_READ, WORD_ENDED, WORD_LONG, WORD_ODD };

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_comment(struct pnm *pnm)
{
    while (pnm->at < pnm->size && pnm->data[pnm->at] != '\n' &&
           pnm->data[pnm->at] != '\r')
        pnm->at++;
    pnm->at += pnm->at < pnm->size;
}

/*
 * Read a decimal number and one byte of white space after it. A comment inside a word is
 * skipped, and does not end the word. Signs and underscores, which Python's int also
 * accepts, are WORD_ODD.
 */
static enum word read_number(struct pnm *pnm, uint64_t *out)
{
    unsigned digits = 0;

    *out = 0;
    while (pnm->at < pnm->size) {
        uint8_t c = pnm->data[pnm->at++];

        if (c == '#') {
            skip_comment(pnm);
        } else if (is_space(c)) {
            if (digits)
                return WORD_READ;
        } else if (c < '0' || c > '9') {
            return WORD_ODD;
        } else {
            if (++digits > LONGEST_WORD)
                return WORD_LONG;
            *out = *out * 10 + (c - '0');
        }
    }
    return digits ? WORD_READ : WORD_ENDED;
}

/* Judge a header in which a number is missing. */
static void judge_word(struct pnm *pnm, enum word word)
{
    if (word == WORD_ENDED)
        lc_image_judge(pnm->info, LC_DECODE_TRUNCATED, "the file ends inside its header");
    else if (word == WORD_LONG)
        lc_image_judge(pnm->info, LC_DECODE_CORRUPT,
                       "a number of the header is too long");
    else
        lc_image_judge(pnm->info, LC_DECODE_NONE, "not verified: an unusual header");
}

/* Read the header; false if the verdict is final. */
static bool read_header(struct pnm *pnm)
{
    uint64_t numbers[3] = {0, 0, 1};
    size_t count = pnm->kind == 1 || pnm->kind == 4 ? 2 : 3;

    for (size_t i = 0; i < count; i++) {
        enum word word = read_number(pnm, &numbers[i]);

        if (word == WORD_READ)
            continue;
        judge_word(pnm, word);
        return false;
    }
    if (numbers[2] < 1 || numbers[2] > UINT16_MAX) {
        lc_image_judge(pnm->info, LC_DECODE_CORRUPT,
                       "the largest sample is not 1 to 65535");
        return false;
    }
    if (!numbers[0] || !numbers[1] || numbers[0] > INT32_MAX || numbers[1] > INT32_MAX) {
        lc_image_judge(pnm->info, LC_DECODE_NONE, "not verified: an unusual size");
        return false;
    }
    pnm->info->width = (uint32_t)numbers[0];
    pnm->info->height = (uint32_t)numbers[1];
    pnm->most = (uint32_t)numbers[2];
    return true;
}

static void set_mode(struct pnm *pnm)
{
    struct lc_image_info *info = pnm->info;
    const char *mode = pnm->kind % 3 == 0   ? "RGB"
                       : pnm->kind % 3 == 1 ? "1"
                       : pnm->most > 255    ? "I"
                                            : "L";

    pnm->bands = pnm->kind % 3 == 0 ? 3 : 1;
    info->depth = pnm->kind % 3 == 1 ? 1 : pnm->most > 255 ? 16 : 8;
    snprintf(info->mode, sizeof(info->mode), "%s", mode);
}

/* Scale a sample and convert it to RGB like Pillow: 16-bit gray is clipped at white. */
static uint32_t scaled(const struct pnm *pnm, uint32_t sample)
{
    double top = pnm->info->mode[0] == 'I' ? 65535 : 255;
    double value = nearbyint((double)sample / pnm->most * top);

    return value > 255 ? 255 : (uint32_t)value;
}

static bool is_blank_bitmap(const struct pnm *pnm, uint64_t row_size)
{
    const uint8_t *row = pnm->data + pnm->at;
    uint8_t usual = row[0] & 0x80 ? 0xFF : 0;
    uint8_t last = (uint8_t)(0xFF << (row_size * 8 - pnm->info->width));

    for (uint32_t y = 0; y < pnm->info->height; y++, row += row_size) {
        for (uint64_t x = 0; x + 1 < row_size; x++)
            if (row[x] != usual)
                return false;
        if ((row[row_size - 1] ^ usual) & last)
            return false;
    }
    return true;
}

/* Whether all pixels are the same: each sample equals the one a pixel before it, or is
 * scaled to the same value. */
static bool is_blank(const struct pnm *pnm, uint64_t total, unsigned sample_size)
{
    const uint8_t *p = pnm->data + pnm->at;
    size_t pixel = (size_t)pnm->bands * sample_size;

    if (memcmp(p, p + pixel, (size_t)total - pixel) == 0)
        return true;
    if (sample_size == 1 && pnm->most == 255)
        return false;
    for (size_t i = pixel; i < total; i += sample_size) {
        uint32_t here = sample_size == 2 ? lc_be16(p + i) : p[i];
        uint32_t first = sample_size == 2 ? lc_be16(p + i % pixel) : p[i % pixel];

        if (scaled(pnm, here) != scaled(pnm, first))
            return false;
    }
    return true;
}

static void read_bytes(struct pnm *pnm)
{
    struct lc_image_info *info = pnm->info;
    unsigned sample_size = pnm->most > 255 ? 2 : 1;
    bool is_bitmap = pnm->kind == 4;
    uint64_t row_size = is_bitmap ? ((uint64_t)info->width + 7) / 8
                                  : (uint64_t)info->width * pnm->bands * sample_size;
    uint64_t total = row_size * info->height; /* cannot overflow: the number of pixels is
                                                 limited */
    /* 8-bit gray is mapped into memory, which is never lenient */
    bool is_lenient = is_bitmap || (pnm->most == 255 && pnm->bands == 3) ||
                      (pnm->most == UINT16_MAX && pnm->bands == 1);

    if (total > pnm->size - pnm->at) {
        lc_image_cut_off(info, (pnm->size - pnm->at) / row_size);
        info->lenient = is_lenient ? LC_LENIENT_HOLES : LC_LENIENT_REFUSED;
        return;
    }
    lc_image_accept(info);
    info->blank =
        is_bitmap ? is_blank_bitmap(pnm, row_size) : is_blank(pnm, total, sample_size);
    info->trailing = pnm->size - pnm->at - total;
}

/* Read the digits of a bitmap; white space between them is optional. */
static void read_bits(struct pnm *pnm)
{
    struct lc_image_info *info = pnm->info;
    uint64_t wanted = (uint64_t)info->width * info->height, got = 0;

    while (got < wanted && pnm->at < pnm->size) {
        uint8_t c = pnm->data[pnm->at++];

        if (c == '#') {
            skip_comment(pnm);
        } else if (c == '0' || c == '1') {
            lc_tone_add(&pnm->tone, c);
            got++;
        } else if (!is_space(c)) {
            lc_image_judge(info, LC_DECODE_CORRUPT, "a pixel is neither 0 nor 1");
            return;
        }
    }
    info->rows_decoded = (uint32_t)(got / info->width);
    if (got < wanted) {
        lc_image_cut_off(info, info->rows_decoded);
        return;
    }
    /* Pillow reads a megabyte at a time and refuses other characters anywhere in it */
    for (size_t i = pnm->at; i < pnm->size; i++)
        if (!is_space(pnm->data[i]) && pnm->data[i] != '0' && pnm->data[i] != '1') {
            lc_image_judge(info, LC_DECODE_NONE, "not verified: text after the pixels");
            return;
        }
    lc_image_accept(info);
    info->blank = !pnm->tone.mixed;
}

/* Read samples that are decimal numbers. */
static void read_numbers(struct pnm *pnm)
{
    struct lc_image_info *info = pnm->info;
    uint64_t pixels = (uint64_t)info->width * info->height, number;
    enum word word = WORD_READ;

    for (uint64_t i = 0; i < pixels && word == WORD_READ; i++) {
        uint32_t colour = 0;

        for (unsigned band = 0; band < pnm->bands && word == WORD_READ; band++) {
            word = read_number(pnm, &number);
            if (word == WORD_READ && number > pnm->most)
                word = WORD_LONG;
            colour = colour << 8 ^ scaled(pnm, (uint32_t)number);
        }
        lc_tone_add(&pnm->tone, colour);
        info->rows_decoded = (uint32_t)(i / info->width);
    }
    if (word == WORD_READ) {
        info->rows_decoded = info->height;
        lc_image_accept(info);
        info->blank = !pnm->tone.mixed;
    } else if (word == WORD_ENDED) {
        lc_image_cut_off(info, info->rows_decoded);
    } else if (word == WORD_LONG) {
        lc_image_judge(info, LC_DECODE_CORRUPT, "a sample is too large");
    } else {
        lc_image_judge(info, LC_DECODE_NONE, "not verified: an unusual number");
    }
}

enum lc_status lc_pnm_inspect(struct lc_image_scratch *scratch, const uint8_t *data,
                              size_t size, const struct lc_image_limits *limits,
                              struct lc_image_info *out, struct lc_error *err)
{
    struct pnm pnm = {.data = data, .size = size, .at = 2, .info = out};

    (void)scratch;
    (void)err;
    /* the magic must be a word of its own; Pillow's own variants are not */
    if (size < 3 || data[1] < '1' || data[1] > '6' || !is_space(data[2])) {
        lc_image_judge(out, LC_DECODE_NONE, "not verified: an unusual header");
        return LC_OK;
    }
    pnm.at = 3;
    pnm.kind = data[1] - '0';
    if (!read_header(&pnm))
        return LC_OK;
    set_mode(&pnm);
    out->frames = 1;
    if (lc_image_over_limit(out, limits))
        return LC_OK;
    if (pnm.kind > 3)
        read_bytes(&pnm);
    else if (pnm.kind == 1)
        read_bits(&pnm);
    else
        read_numbers(&pnm);
    if (out->decode == LC_DECODE_OK)
        out->rows_decoded = out->height;
    return LC_OK;
}

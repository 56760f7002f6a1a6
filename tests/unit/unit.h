/* unit.h - shared by the unit tests: cmocka, literals, random numbers, scratch folders */
#ifndef LC_TESTS_UNIT_H
#define LC_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ftw.h>
#include <unistd.h>

#include "base/text.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/** State how many cases a table must have, so that a lost one is noticed. */
#define EXPECT_CASES(table, wanted)                                                      \
    _Static_assert(COUNT(table) == (wanted), "the number of cases in " #table)

/** A string literal and its size, so that it may contain NUL. */
#define BYTES(literal) (literal), (sizeof(literal) - 1)

/** Return the span of a NUL-terminated string. */
static inline struct lc_span span(const char *text)
{
    return (struct lc_span){text, strlen(text)};
}

/** Whether a span, which may be empty and without a text, has these bytes. */
static inline bool spells(struct lc_span got, const char *text)
{
    return got.size == strlen(text) &&
           (!got.size || memcmp(got.text, text, got.size) == 0);
}

/** Return how often to repeat a test that depends on random numbers or scheduling. Under
 * a sanitizer, where each round costs several times as much, it is a tenth as often,
 * unless LC_ALL_ROUNDS is set, as in the nightly run. */
static inline int rounds(int usual)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return getenv("LC_ALL_ROUNDS") ? usual : usual / 10;
#else
    return usual;
#endif
}

/** Return a random number; the same ones in every run (xorshift64*, Vigna 2016). */
static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

/** Write a code point, which may be a surrogate, as UTF-8. Returns its size, at most 4.
 */
static inline size_t encode(uint32_t point, char *out)
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xC0 | point >> 6);
        out[1] = (char)(0x80 | (point & 63));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xE0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 63));
        out[2] = (char)(0x80 | (point & 63));
        return 3;
    }
    out[0] = (char)(0xF0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 63));
    out[2] = (char)(0x80 | (point >> 6 & 63));
    out[3] = (char)(0x80 | (point & 63));
    return 4;
}

/** Allocate memory, which must not fail. */
static inline void *grab(size_t size)
{
    void *memory = malloc(size);

    assert_non_null(memory);
    return memory;
}

static inline int remove_one(const char *path, const struct stat *st, int type,
                             struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

/** Make a scratch folder. */
static inline void make_scratch(char out[64])
{
    const char *above = getenv("TMPDIR");

    assert_true(snprintf(out, 64, "%s/lc-unit-XXXXXX", above ? above : "/tmp") < 64);
    assert_non_null(mkdtemp(out));
}

/** Remove a scratch folder and everything in it. */
static inline void remove_scratch(const char *folder)
{
    assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/** Write a file. */
static inline void write_bytes(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

#endif

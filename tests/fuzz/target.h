/* target.h - functions that fuzz targets share
 *
 * A target gets bytes, and checks what must be true for them. Sanitizers and the fuzzer
 * detect crashes, hangs and reads out of bounds.
 */
#ifndef LC_TESTS_FUZZ_TARGET_H
#define LC_TESTS_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/json.h"

typedef void lc_fuzz_fn(const uint8_t *data, size_t size);

#define LC_FUZZ(name, ...) lc_fuzz_fn lc_fuzz_##name;
#include "targets.def"
#undef LC_FUZZ

/** Return the target with a name, or NULL. */
lc_fuzz_fn *lc_fuzz_find(const char *name);

/** Abort, because a condition is false. */
_Noreturn void lc_fuzz_fail(const char *what, const char *file, int line);

/* Check a condition that must be true for every input. */
#define must(condition)                                                                  \
    ((condition) ? (void)0 : lc_fuzz_fail(#condition, __FILE__, __LINE__))

/** Copy data to a block of their exact size, so that a sanitizer detects reads past its
 * end. */
char *lc_fuzz_bare(const void *data, size_t size);

/** Copy data, followed by LC_JSON_PADDING bytes of junk, which must not matter. */
char *lc_fuzz_padded(const void *data, size_t size, char junk);

/** Return this process' folder in TMPDIR; it is removed when the process exits normally.
 */
const char *lc_fuzz_folder(void);

/** Write a file in that folder, replacing an existing one. Returns its path, which is
 * valid until the next call. */
const char *lc_fuzz_file(const char *name, const void *data, size_t size);

/** Return the path of a file in that folder; the caller frees it. */
char *lc_fuzz_path(const char *name);

/** Remove everything in a folder. */
void lc_fuzz_empty(const char *folder);

/** Check an error: its status must be allowed, and its message one printable line. */
void lc_fuzz_check_error(enum lc_status status, const struct lc_error *err);

/** Check text that people or programs read: it must be UTF-8 without terminal control
 * characters. */
void lc_fuzz_check_text(const char *text, size_t size);

/** Whether two parsers read the same value, at the same offsets in the text. */
bool lc_fuzz_same_value(const struct lc_json_doc *a, const struct lc_json_doc *b);

/** An input; the next functions read numbers from it, which are 0 after its end. */
struct lc_fuzz_input {
    const uint8_t *at;
    size_t left;
};
uint8_t lc_fuzz_u8(struct lc_fuzz_input *in);
uint32_t lc_fuzz_u16(struct lc_fuzz_input *in);

/** Read the next bytes of an input: a length in one byte or in two, then that many bytes,
 * or as many as are left. */
struct lc_span lc_fuzz_short(struct lc_fuzz_input *in);
struct lc_span lc_fuzz_long(struct lc_fuzz_input *in);

#endif

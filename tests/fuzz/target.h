/* target.h - what fuzz targets share
 *
 * A target is given bytes and states what must hold of them; that nothing crashes, hangs
 * or is read beyond its end is for the sanitizers.
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

/** The target of a name; NULL when there is none. */
lc_fuzz_fn *lc_fuzz_find(const char *name);

/** End the process: something does not hold. */
_Noreturn void lc_fuzz_fail(const char *what, const char *file, int line);

/* Something that holds of any input. */
#define must(condition)                                                                  \
    ((condition) ? (void)0 : lc_fuzz_fail(#condition, __FILE__, __LINE__))

/** A copy in a block of its exact size, so that a sanitizer sees reads beyond it. */
char *lc_fuzz_bare(const void *data, size_t size);

/** A copy with LC_JSON_PADDING bytes of junk after it: what they are must not matter. */
char *lc_fuzz_padded(const void *data, size_t size, char junk);

/** A folder of this process, gone when it ends well; in TMPDIR. */
const char *lc_fuzz_folder(void);

/** Write a file in that folder, over one that is there; its path, static until the next
 * call. */
const char *lc_fuzz_file(const char *name, const void *data, size_t size);

/** The path of a file in that folder; freed by the caller. */
char *lc_fuzz_path(const char *name);

/** Remove all that is in a folder. */
void lc_fuzz_empty(const char *folder);

/** What an error must be: a status that is allowed, one printable line. */
void lc_fuzz_check_error(enum lc_status status, const struct lc_error *err);

/** What a person or a program is given must be: UTF-8, and nothing that a terminal obeys.
 */
void lc_fuzz_check_text(const char *text, size_t size);

/** Whether two parsers read the same value, at the same places of the text. */
bool lc_fuzz_same_value(const struct lc_json_doc *a, const struct lc_json_doc *b);

/** Take the next number of an input, 0 after its end. */
struct lc_fuzz_input {
    const uint8_t *at;
    size_t left;
};
uint8_t lc_fuzz_u8(struct lc_fuzz_input *in);
uint32_t lc_fuzz_u16(struct lc_fuzz_input *in);

/** Take the next bytes of an input: a length in one byte, or in two, and as many as there
 * are of them. */
struct lc_span lc_fuzz_short(struct lc_fuzz_input *in);
struct lc_span lc_fuzz_long(struct lc_fuzz_input *in);

#endif

/* libpng.h - how libpng reports errors and allocates memory, for all code that uses it
 *
 * An error jumps to the caller's escape, which must be set before a struct is created.
 * The message is dropped, since libpng's words are for programmers. Warnings are ignored.
 * A failed allocation is recorded separately, as it is not a property of the picture. */
#ifndef LC_TRANSCODE_LIBPNG_H
#define LC_TRANSCODE_LIBPNG_H

#include <setjmp.h>
#include <stdbool.h>

#include <png.h>

/** A libpng struct for reading or writing, and where its errors go. */
struct lc_libpng {
    png_structp png;
    png_infop info;
    jmp_buf escape;
    bool no_memory; /* an allocation failed */
};

/**
 * Create a struct for reading. It ignores wrong checksums and other errors that libpng
 * calls benign, as loaders do that accept truncated pictures. The size of the picture is
 * not limited here.
 *
 * Returns: false if out of memory.
 * Owner:   the caller, who calls lc_libpng_close_reader in either case.
 */
bool lc_libpng_open_reader(struct lc_libpng *libpng);
void lc_libpng_close_reader(struct lc_libpng *libpng);

/** Create a struct for writing; otherwise like lc_libpng_open_reader. */
bool lc_libpng_open_writer(struct lc_libpng *libpng);
void lc_libpng_close_writer(struct lc_libpng *libpng);

#endif

/* libpng.h - how libpng reports errors and gets memory, for whatever reads or writes PNG
 *
 * An error jumps to the caller's escape, which must have been set before a struct is
 * created; its message is dropped, since libpng's words are for programmers. A warning is
 * ignored. Whether an error was a failed allocation is kept apart: that is not a property
 * of the picture. */
#ifndef LC_TRANSCODE_LIBPNG_H
#define LC_TRANSCODE_LIBPNG_H

#include <setjmp.h>
#include <stdbool.h>

#include <png.h>

/** A reading or writing struct of libpng, and where its errors go. */
struct lc_libpng {
    png_structp png;
    png_infop info;
    jmp_buf escape;
    bool no_memory; /* an allocation failed */
};

/**
 * Create a struct that reads and ignores wrong checksums and what else libpng calls
 * benign: loaders with truncated pictures allowed do the same. The picture's size is not
 * limited here.
 *
 * Returns: whether there was memory for it.
 * Owner:   the caller, lc_libpng_close_reader in either case.
 */
bool lc_libpng_open_reader(struct lc_libpng *libpng);
void lc_libpng_close_reader(struct lc_libpng *libpng);

/** Create a struct that writes; otherwise as lc_libpng_open_reader. */
bool lc_libpng_open_writer(struct lc_libpng *libpng);
void lc_libpng_close_writer(struct lc_libpng *libpng);

#endif

/* Handle libpng's errors and allocations. */
#include "transcode/libpng.h"

#include <stdlib.h>

_Noreturn static void on_error(png_structp png, png_const_charp message)
{
    struct lc_libpng *libpng = png_get_error_ptr(png);

    (void)message;
    longjmp(libpng->escape, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static png_voidp allocate(png_structp png, png_alloc_size_t size)
{
    struct lc_libpng *libpng = png_get_mem_ptr(png);
    void *memory = malloc(size);

    libpng->no_memory |= !memory;
    return memory;
}

static void release(png_structp png, png_voidp memory)
{
    (void)png;
    free(memory);
}

bool lc_libpng_open_reader(struct lc_libpng *libpng)
{
    libpng->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, libpng, on_error,
                                           on_warning, libpng, allocate, release);
    libpng->info = libpng->png ? png_create_info_struct(libpng->png) : NULL;
    if (!libpng->info)
        return false;
    png_set_crc_action(libpng->png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
    png_set_benign_errors(libpng->png, 1);
    png_set_user_limits(libpng->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_keep_unknown_chunks(libpng->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    return true;
}

void lc_libpng_close_reader(struct lc_libpng *libpng)
{
    png_destroy_read_struct(&libpng->png, &libpng->info, NULL);
}

bool lc_libpng_open_writer(struct lc_libpng *libpng)
{
    libpng->png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, libpng, on_error,
                                            on_warning, libpng, allocate, release);
    libpng->info = libpng->png ? png_create_info_struct(libpng->png) : NULL;
    return libpng->info != NULL;
}

void lc_libpng_close_writer(struct lc_libpng *libpng)
{
    png_destroy_write_struct(&libpng->png, &libpng->info);
}

#include "image/image.h"

#include <stdio.h> /* jpeglib.h needs it */

#include <jpeglib.h>
#include <libdeflate.h>
#include <tiffio.h>
#include <webp/decode.h>
#include <zlib.h>

#define LC_TEXT_OF(x) #x
#define LC_TEXT(x) LC_TEXT_OF(x)

void lc_image_libraries(char *out, size_t size)
{
    int tiff_line = 0;

    while (TIFFGetVersion()[tiff_line] != '\0' && TIFFGetVersion()[tiff_line] != '\n')
        tiff_line++;
    snprintf(out, size, "libjpeg-turbo %s, zlib %s, libdeflate %s, libwebp %x, %.*s",
             LC_TEXT(LIBJPEG_TURBO_VERSION), zlibVersion(), LIBDEFLATE_VERSION_STRING,
             (unsigned)WebPGetDecoderVersion(), tiff_line, TIFFGetVersion());
}

/* image.h - measures the bytes of one image file: what they are, and whether they decode
 */
#ifndef LC_IMAGE_IMAGE_H
#define LC_IMAGE_IMAGE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What the bytes are, told by their beginning alone, never by the file's name. */
enum lc_content {
    LC_CONTENT_UNKNOWN,
    LC_CONTENT_EMPTY,
    LC_CONTENT_JPEG,
    LC_CONTENT_PNG,
    LC_CONTENT_WEBP,
    LC_CONTENT_GIF,
    LC_CONTENT_BMP,
    LC_CONTENT_TIFF,
    LC_CONTENT_OTHER_IMAGE, /* an image, but of none of the formats above; see format name
                             */
    LC_CONTENT_LFS_POINTER,
    LC_CONTENT_HTML,
    LC_CONTENT_XML,
    LC_CONTENT_JSON,
    LC_CONTENT_ARCHIVE, /* or a document, a video …: a file of another known kind */
    LC_CONTENT_TEXT,
};

/** What Pillow would make of the file with Image.open(f).convert("RGB"). */
enum lc_decode {
    LC_DECODE_NONE,      /* not known: no decoder for this content, or limited is set */
    LC_DECODE_OK,        /* loads, and the decoder repaired nothing */
    LC_DECODE_DAMAGED,   /* loads, but with pixels that were made up: warnings > 0 */
    LC_DECODE_TRUNCATED, /* raises, and the data ends where more is wanted: Pillow's
                            "image file is truncated" and "Truncated File Read", and a
                            file that ends inside its header ("cannot identify image
                            file") */
    LC_DECODE_CORRUPT,   /* raises for any other reason */
};

/*
 * Two Pillows are followed, those of Debian 12 and 13. An image is sound only if both
 * load it. The reason of a refusal that is not both's ends with one of these.
 */
#define LC_PILLOW_9_4 ", which Pillow 9.4 refuses"
#define LC_PILLOW_11_1 ", which Pillow 11.1 refuses"

/** Facts about one file's bytes. Judged by rules, never here. */
struct lc_image_info {
    enum lc_content content;
    enum lc_decode decode;
    const char *format; /* "jpeg", "png", "dib", "heic", "html" …; static; never NULL */
    uint32_t width;     /* pixels, as Pillow's Image.size; 0 when not known */
    uint32_t height;    /* pixels */
    uint32_t rows_decoded; /* pixel rows that were there before the data ended or broke */
    uint32_t warnings;     /* what the decoder had to repair, counted up to a limit */
    uint32_t frames;       /* frames or pictures the file says it has; 0 when not known */
    uint64_t trailing;     /* bytes behind the end of the image; 0 when it has no end */
    uint8_t orientation;   /* EXIF orientation as stored, 0 when absent or unreadable */
    uint8_t depth;         /* bits of a sample as stored, the largest; 0 when not known */
    bool blank;            /* OK, and every pixel is the same after convert("RGB") */
    bool limited;          /* decode is NONE because a limit was reached: see detail */
    bool metadata_too_large; /* CORRUPT for a PNG text or profile over Pillow's limits */
    const char *doubt; /* why a faster proof of soundness left the file to the decoder, a
                          few words, static; NULL when there was none, or it sufficed */
    char mode[8]; /* Pillow's Image.mode after open: "L", "RGB", "CMYK", "P" …; "" */
    char detail[120]; /* first warning or the reason of refusal, one printable line; "" */
};

/** Limits that hold before anything is allocated. */
struct lc_image_limits {
    uint64_t max_pixels;   /* beyond: not decoded; Pillow raises over 178,956,970 */
    uint64_t max_memory;   /* bytes one picture may take, 0 for any; what needs more is
                              not decoded, but for a PNG, which is, in another way */
    uint32_t max_warnings; /* stop decoding after so many, and call it damaged: what comes
                              later could only make it worse (truncated, corrupt) */
    uint32_t max_scans; /* JPEG scans beyond which decoding stops, its verdict unknown */
    uint64_t max_scan_pixels; /* the same, of all scans together; 0 for any */
    uint64_t max_stream; /* bytes gone through again and again, not decoded beyond: of
                            a TIFF's strips, which may share theirs, and what a PNG's
                            texts and profiles inflate to; 0 for any */
    bool no_shortcuts;   /* the decoders decide, not the faster proofs of soundness before
                            them: the facts are the same; for tests */
};

/**
 * Pillow's limit of pixels (Image.py MAX_IMAGE_PIXELS * 2), 700 MB, 1,000,000 warnings,
 * 500 scans, the pixels of 20 scans of the largest picture, and 512 MB of streams. Pillow
 * has the first alone: 700 MB is enough for a progressive JPEG of 116 megapixels without
 * subsampling, real ones have about 10 scans, and 512 MB is what a file may have.
 */
extern const struct lc_image_limits lc_image_limits_default;

struct lc_image_scratch; /* buffers and decoder state that one thread uses again and again
                          */

/** A format that can be decoded: one file and one row of the table in image.c. */
struct lc_image_format {
    const char *name; /* "jpeg" */
    enum lc_content content;
    const char *const *suffixes; /* ".jpg", ".jpeg", NULL; lower case */
    enum lc_status (*inspect)(struct lc_image_scratch *scratch, const uint8_t *data,
                              size_t size, const struct lc_image_limits *limits,
                              struct lc_image_info *out, struct lc_error *err);
    bool mute; /* its library does not tell when it was memory that it lacked */
};

/**
 * Make the buffers that one worker needs.
 *
 * @param out  set on success
 *
 * Owner:   the caller, until lc_image_scratch_free.
 * Errors:  LC_ERR_MEMORY.
 * Threads: one scratch per thread.
 */
LC_MUST_CHECK enum lc_status lc_image_scratch_new(struct lc_image_scratch **out,
                                                  struct lc_error *err);
void lc_image_scratch_free(struct lc_image_scratch *scratch);

/** Give back what a large image made the buffers grow to; they grow again. */
void lc_image_scratch_trim(struct lc_image_scratch *scratch);

/**
 * Measure an image file's bytes.
 *
 * @param scratch  this thread's buffers
 * @param data     the whole file
 * @param size     its size in bytes; may be 0
 * @param limits   lc_image_limits_default, or the caller's
 * @param out      overwritten; set on success
 *
 * Owner:   data is only read and not retained; out holds no pointers but static ones.
 * Errors:  LC_ERR_MEMORY. Bad pixels are facts in out, never an error.
 * Threads: any, with a scratch of its own.
 * Source:  the decoders' verdicts follow Pillow's (JpegImagePlugin.py, JpegDecode.c,
 *          PngImagePlugin.py, ZipDecode.c, GifImagePlugin.py, GifDecode.c,
 *          BmpImagePlugin.py, WebPImagePlugin.py, _webp.c, TiffImagePlugin.py,
 *          TiffDecode.c, RawDecode.c, ImageFile.py) with LOAD_TRUNCATED_IMAGES off.
 */
LC_MUST_CHECK enum lc_status lc_image_inspect(struct lc_image_scratch *scratch,
                                              const uint8_t *data, size_t size,
                                              const struct lc_image_limits *limits,
                                              struct lc_image_info *out,
                                              struct lc_error *err);

/**
 * A number to be raised whenever the facts of any file change: another verdict, another
 * detail. Facts that were stored under another number are not used again.
 */
#define LC_IMAGE_FACTS 4

/** The names and versions of the libraries that decode, on one line. */
void lc_image_libraries(char *out, size_t room);

/**
 * Tell what bytes are by their beginning.
 *
 * @param format  set to a static name such as "jpeg", "heic", "html"
 *
 * Threads: any.
 */
enum lc_content lc_image_sniff(const uint8_t *data, size_t size, const char **format);

/**
 * Tell whether Pillow 9.4 opens a format by itself that this version does not decode.
 *
 * @param format  of an image whose content is LC_CONTENT_OTHER_IMAGE
 * @return false for those that it refuses: HEIC, AVIF, JPEG XL, QOI …
 *
 * Source: Pillow 9.4, the plugins that Image.init() loads, as Debian 12 builds them
 *         (JPEG 2000 with OpenJPEG; EPS and WMF need other programs, and are refused).
 */
bool lc_image_opened_elsewhere(const char *format);

/**
 * Tell which content a file name promises.
 *
 * @param path  ends with NUL; only its suffix is read, in any case
 * @return the content, or LC_CONTENT_UNKNOWN for a suffix that promises nothing
 */
enum lc_content lc_image_content_of_name(const char *path);

#endif

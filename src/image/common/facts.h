/* facts.h - what is measured of an image file, and the limits of measuring it */
#ifndef LC_IMAGE_COMMON_FACTS_H
#define LC_IMAGE_COMMON_FACTS_H

#include <stdbool.h>
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

#endif

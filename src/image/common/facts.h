/* facts.h - the facts about an image file, and the limits within which they are found */
#ifndef LC_IMAGE_COMMON_FACTS_H
#define LC_IMAGE_COMMON_FACTS_H

#include <stdbool.h>
#include <stdint.h>

/** What the bytes are, judged only by how they begin, never by the file's name. */
enum lc_content {
    LC_CONTENT_UNKNOWN,
    LC_CONTENT_EMPTY,
    LC_CONTENT_JPEG,
    LC_CONTENT_PNG,
    LC_CONTENT_WEBP,
    LC_CONTENT_GIF,
    LC_CONTENT_BMP,
    LC_CONTENT_TIFF,
    LC_CONTENT_OTHER_IMAGE, /* an image of another format; see its name */
    LC_CONTENT_LFS_POINTER,
    LC_CONTENT_HTML,
    LC_CONTENT_XML,
    LC_CONTENT_JSON,
    LC_CONTENT_ARCHIVE, /* or a document, a video …: any other known format */
    LC_CONTENT_TEXT,
};

/** What Pillow's Image.open(f).convert("RGB") does with the file. */
enum lc_decode {
    LC_DECODE_NONE,      /* unknown: no decoder for this content, or limited is set */
    LC_DECODE_OK,        /* loads, and the decoder repaired nothing */
    LC_DECODE_DAMAGED,   /* loads, but some pixels were made up: warnings > 0 */
    LC_DECODE_TRUNCATED, /* raises because the data ends too early: Pillow's
                            "image file is truncated" and "Truncated File Read", and a
                            file that ends inside its header ("cannot identify image
                            file") */
    LC_DECODE_CORRUPT,   /* raises for any other reason */
};

/** What Pillow does with a file that it otherwise refuses, if a program sets
 * ImageFile.LOAD_TRUNCATED_IMAGES. */
enum lc_lenient {
    LC_LENIENT_REFUSED, /* still raises */
    LC_LENIENT_HOLES,   /* loads, but pixels are missing or made up */
    LC_LENIENT_WHOLE, /* loads every pixel as it was written. This can happen for a PNG or
                         GIF: Pillow then ignores a missing end of a GIF, and wrong
                         checksums of a PNG's pixels */
};

/*
 * The verdict covers two versions of Pillow, those of Debian 12 and 13: an image is sound
 * only if both load it. If only one refuses it, the reason ends with one of these.
 */
#define LC_PILLOW_9_4 ", which Pillow 9.4 refuses"
#define LC_PILLOW_11_1 ", which Pillow 11.1 refuses"

/** Facts about one file's bytes. Judged by rules, never here. */
struct lc_image_info {
    enum lc_content content;
    enum lc_decode decode;
    const char *format; /* "jpeg", "png", "dib", "heic", "html" …; static; never NULL */
    uint32_t width;     /* pixels, as Pillow's Image.size; 0 if unknown */
    uint32_t height;    /* pixels */
    uint32_t rows_decoded; /* complete pixel rows before the data ended or broke */
    uint32_t warnings;     /* repairs by the decoder, counted up to a limit */
    uint32_t frames;       /* frames or pictures that the file claims; 0 if unknown */
    uint64_t trailing;     /* bytes after the end of the image; 0 if it has no end */
    uint8_t orientation;   /* EXIF orientation as stored; 0 if absent or unreadable */
    uint8_t depth;         /* bits of the largest sample as stored; 0 if unknown */
    bool blank;            /* OK, and every pixel is the same after convert("RGB") */
    bool transparent;      /* it loads, and a pixel is not opaque, because of its alpha or
                              a transparent colour: convert("RGB") loses that */
    enum lc_lenient
        lenient;  /* if decode is TRUNCATED or CORRUPT; WHOLE if decode is OK */
    bool limited; /* decode is NONE because a limit was exceeded: see detail */
    bool metadata_too_large;     /* CORRUPT because a PNG text or profile exceeds Pillow's
                                    limits */
    const char *fallback_reason; /* why a fast proof of soundness left the file to the
                                    decoder; static; NULL if it did not, or if the format
                                    has no such proof */
    char mode[8]; /* Pillow's Image.mode after open: "L", "RGB", "CMYK", "P" …; "" */
    char detail[120]; /* first warning or reason of refusal, one printable line; "" */
};

/** Limits, checked before anything is allocated. */
struct lc_image_limits {
    uint64_t max_pixels;   /* larger pictures are not decoded; Pillow raises above
                              178,956,970 */
    uint64_t max_memory;   /* bytes per picture; 0: unlimited. Larger pictures are not
                              decoded, except a PNG, which is decoded row by row */
    uint32_t max_warnings; /* after this many, decoding stops and the picture is damaged:
                              the rest could only make it truncated or corrupt */
    uint32_t max_scans;    /* for a JPEG; beyond this many, the verdict is unknown */
    uint64_t max_scan_pixels; /* pixels of all scans together; 0: unlimited */
    uint64_t max_stream;      /* bytes that a small file can make us read many times: the
                                 strips of a TIFF, which may share data, and the inflated
                                 texts and profiles of a PNG; 0: unlimited */
    bool no_shortcuts; /* decode even if a fast proof suffices; same facts; for tests */
};

/**
 * Pillow's pixel limit (Image.py MAX_IMAGE_PIXELS * 2), 700 MB, 1,000,000 warnings, 500
 * scans, the pixels of 20 scans of the largest picture, and 512 MB of streams. Pillow
 * itself only has the pixel limit. 700 MB suffices for a progressive JPEG of 116
 * megapixels without subsampling, real JPEGs have about 10 scans, and 512 MB is the
 * largest file that we accept.
 */
extern const struct lc_image_limits lc_image_limits_default;

#endif

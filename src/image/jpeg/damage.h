/* damage.h - entropy-coded data that no JPEG encoder writes: what is wrong, and where */
#ifndef LC_IMAGE_JPEG_DAMAGE_H
#define LC_IMAGE_JPEG_DAMAGE_H

#include <stddef.h>
#include <stdint.h>

/** What is wrong. */
enum lc_jpeg_fault {
    LC_JPEG_INTACT,      /* nothing */
    LC_JPEG_BAD_CODE,    /* an unassigned Huffman code, or a meaningless symbol */
    LC_JPEG_TOO_MANY,    /* coefficients past the last one of a block or of its band */
    LC_JPEG_LONG_RUN,    /* a run of empty blocks (EOBn) past the last block */
    LC_JPEG_ENDS_EARLY,  /* a marker or the end of the file before the last MCU */
    LC_JPEG_LEFT_OVER,   /* whole bytes between the last MCU and the next marker */
    LC_JPEG_BAD_RESTART, /* a restart marker with the wrong number */
    LC_JPEG_CODED_TWICE, /* a component of a sequential picture in two scans */
    LC_JPEG_NOT_CODED,   /* a component in no scan */
};

/** How far one restart interval could be read. */
struct lc_jpeg_reading {
    enum lc_jpeg_fault fault;
    uint64_t mcus; /* read before the fault */
    uint64_t at;   /* bit position after the last MCU; set if all MCUs could be read */
};

/**
 * The first fault of a picture.
 *
 * A fault is attributed to the MCU that could not be decoded. The altered bytes may come
 * before it: Huffman codes resynchronise, so after a flipped bit some wrong but valid
 * MCUs are often decoded first. They never come after it.
 */
struct lc_jpeg_damage {
    enum lc_jpeg_fault fault;
    uint32_t scan;      /* from 1; 0 if one scan holds the whole picture */
    uint64_t begin;     /* MCUs of the scan before the interval that has the fault */
    uint64_t mcu;       /* MCUs of the scan before the fault */
    uint64_t mcus;      /* MCUs of the scan */
    uint64_t bytes;     /* left over */
    unsigned component; /* from 1; for LC_JPEG_CODED_TWICE and LC_JPEG_NOT_CODED */
};

enum { LC_JPEG_DAMAGE_TEXT = 120 };

/**
 * Describe damage on one line: what is wrong, in which MCU, and how much of the picture
 * follows.
 *
 * @param damage  its fault is not LC_JPEG_INTACT
 * @param out     LC_JPEG_DAMAGE_TEXT bytes
 */
void lc_jpeg_damage_describe(const struct lc_jpeg_damage *damage, char *out);

#endif

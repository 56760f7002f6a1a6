/* damage.h - entropy-coded data that no JPEG encoder writes: what it is, and where
 */
#ifndef LC_IMAGE_JPEG_DAMAGE_H
#define LC_IMAGE_JPEG_DAMAGE_H

#include <stddef.h>
#include <stdint.h>

/** What no encoder writes. */
enum lc_jpeg_fault {
    LC_JPEG_INTACT,      /* no fault */
    LC_JPEG_BAD_CODE,    /* bits that are no Huffman code, or one without a meaning */
    LC_JPEG_TOO_MANY,    /* coefficients past the last one of a block, or of its band */
    LC_JPEG_LONG_RUN,    /* a run of empty blocks (EOBn) past the last block */
    LC_JPEG_ENDS_EARLY,  /* a marker or the end of the file before the last MCU */
    LC_JPEG_LEFT_OVER,   /* whole bytes between the last MCU and the next marker */
    LC_JPEG_BAD_RESTART, /* a restart marker with another number than the next one */
    LC_JPEG_CODED_TWICE, /* a component of a sequential picture in two scans */
    LC_JPEG_NOT_CODED,   /* a component in no scan */
};

/** How far the data between two restart markers could be read. */
struct lc_jpeg_reading {
    enum lc_jpeg_fault fault;
    uint64_t mcus; /* that were read before the fault */
    uint64_t at;   /* the bit behind the last MCU; set if all MCUs were read */
};

/** The first fault of a picture. */
struct lc_jpeg_damage {
    enum lc_jpeg_fault fault;
    uint32_t scan;      /* from 1; 0 when one scan holds the picture */
    uint64_t begin;     /* MCUs of the scan before the restart interval with the fault */
    uint64_t mcu;       /* MCUs of the scan before the fault */
    uint64_t mcus;      /* MCUs of the scan */
    uint64_t bytes;     /* left over */
    unsigned component; /* from 1; of LC_JPEG_CODED_TWICE and LC_JPEG_NOT_CODED */
};

enum { LC_JPEG_DAMAGE_TEXT = 120 };

/**
 * Describe damage on one line: what it is, in which MCU, and how much of the picture
 * lies after it.
 *
 * @param damage  its fault is not LC_JPEG_INTACT
 * @param out     room for LC_JPEG_DAMAGE_TEXT bytes
 */
void lc_jpeg_damage_describe(const struct lc_jpeg_damage *damage, char *out);

#endif

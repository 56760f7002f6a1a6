/* frame.h - parses a JPEG's markers as far as the proof of soundness needs them */
#ifndef LC_IMAGE_JPEG_FRAME_H
#define LC_IMAGE_JPEG_FRAME_H

#include "base/error.h"
#include "base/bytes.h"
#include "image/common/facts.h"
#include "image/jpeg/codes.h"
#include "image/jpeg/damage.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LC_JPEG_COMPONENTS = 4,
    LC_JPEG_TABLES = 4,
};

struct lc_jpeg_component {
    uint8_t id;
    uint8_t h; /* sampling factors */
    uint8_t v;
    uint8_t quant;
    uint32_t blocks_wide; /* in a scan of this component alone */
    uint32_t blocks_high;
    bool coded; /* by a sequential scan */
    /* progressive: the bit down to which each coefficient is coded; -1: not coded */
    int8_t precision[LC_JPEG_BLOCK];
};

struct lc_jpeg_frame {
    bool progressive;
    uint32_t width;
    uint32_t height;
    uint32_t mcus_wide; /* in a scan of several components */
    uint32_t mcus_high;
    uint8_t count; /* components; 0: no frame yet */
    struct lc_jpeg_component components[LC_JPEG_COMPONENTS];
};

/** An SOS header. */
struct lc_jpeg_scan {
    uint8_t count;
    uint8_t component[LC_JPEG_COMPONENTS]; /* indexes into the frame's components */
    uint8_t dc[LC_JPEG_COMPONENTS];
    uint8_t ac[LC_JPEG_COMPONENTS];
    uint8_t first; /* spectral selection */
    uint8_t last;
    uint8_t high; /* successive approximation */
    uint8_t low;
    uint64_t mcus;
};

/** State of the walk over a file's markers. */
struct lc_jpeg_walk {
    const uint8_t *data;
    size_t size;
    size_t at;
    struct lc_jpeg_frame frame;
    const uint8_t *codes[2][LC_JPEG_TABLES]; /* DC, AC: the counts in the last DHT */
    uint16_t step[LC_JPEG_TABLES];           /* the DC step of each quantization table */
    bool has_step[LC_JPEG_TABLES];
    uint32_t restart; /* MCUs between restart markers; 0: none */
    uint32_t scans;
    const char *fallback_reason;  /* why the decoder must judge the file; or NULL */
    struct lc_jpeg_damage damage; /* the first damage; it ends the walk */
};

/**
 * Walk to the next scan or the end of the picture.
 *
 * @param scan  set if a scan begins; walk->at is then at its data
 * @param ends  set: true at EOI; walk->at is then past it
 * @return false: the walk has stopped; fallback_reason is set
 *
 * Source: libjpeg-turbo 2.1, jdmarker.c; what it skips is skipped here too.
 */
LC_MUST_CHECK bool lc_jpeg_walk_next(struct lc_jpeg_walk *walk, struct lc_jpeg_scan *scan,
                                     bool *ends);

/**
 * Set up a code from the last DHT with its number.
 *
 * @return false: the walk has stopped; fallback_reason is set
 */
LC_MUST_CHECK bool lc_jpeg_walk_code(struct lc_jpeg_walk *walk, bool is_ac,
                                     unsigned number, struct lc_jpeg_code *code);

/** Leave the verdict to the decoder, which may warn here; the walk goes on. */
void lc_jpeg_fall_back(struct lc_jpeg_walk *walk, const char *why);

/** Stop the walk at data that it cannot parse or that the decoder refuses. @return
 * false */
bool lc_jpeg_give_up(struct lc_jpeg_walk *walk, const char *why);

/** Stop the walk at damage. @return false */
bool lc_jpeg_set_damage(struct lc_jpeg_walk *walk, const struct lc_jpeg_damage *damage);

#endif

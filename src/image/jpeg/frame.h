/* frame.h - what a JPEG's markers say, as far as a proof of soundness needs it */
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
    uint32_t blocks_wide; /* of a scan of this component alone */
    uint32_t blocks_high;
    bool coded; /* a sequential scan has had it */
    /* progressive: the bit down to which a coefficient is known; -1: not at all */
    int8_t precision[LC_JPEG_BLOCK];
};

struct lc_jpeg_frame {
    bool progressive;
    uint32_t width;
    uint32_t height;
    uint32_t mcus_wide; /* of a scan of all components */
    uint32_t mcus_high;
    uint8_t count; /* components; 0: no frame yet */
    struct lc_jpeg_component components[LC_JPEG_COMPONENTS];
};

/** What SOS says. */
struct lc_jpeg_scan {
    uint8_t count;
    uint8_t component[LC_JPEG_COMPONENTS]; /* numbers in the frame */
    uint8_t dc[LC_JPEG_COMPONENTS];
    uint8_t ac[LC_JPEG_COMPONENTS];
    uint8_t first; /* spectral selection */
    uint8_t last;
    uint8_t high; /* successive approximation */
    uint8_t low;
    uint64_t mcus;
};

/** The walk over a file's markers. */
struct lc_jpeg_walk {
    const uint8_t *data;
    size_t size;
    size_t at;
    struct lc_jpeg_frame frame;
    const uint8_t *codes[2][LC_JPEG_TABLES]; /* DC, AC: where in DHT their counts begin */
    uint16_t step[LC_JPEG_TABLES]; /* how coarse DC is, of each quantization table */
    bool has_step[LC_JPEG_TABLES];
    uint32_t restart; /* MCUs between restart markers; 0: none */
    uint32_t scans;
    const char *doubt; /* why the file is left to the decoder; NULL: no doubt */
    struct lc_jpeg_damage damage; /* the first that was found, which ends the walk */
};

/**
 * Walk to the next scan or the end.
 *
 * @param scan  set when a scan begins; walk->at is then where its data begin
 * @param ends  set: the picture has ended, and walk->at is behind it
 * @return false: the walk stops: doubt is set
 *
 * Source: libjpeg-turbo 2.1, jdmarker.c: what it passes over, this passes over, too.
 */
LC_MUST_CHECK bool lc_jpeg_walk_next(struct lc_jpeg_walk *walk, struct lc_jpeg_scan *scan,
                                     bool *ends);

/**
 * Define a code by what the last DHT for it says.
 *
 * @param is_ac  which kind
 * @return false: the walk stops: doubt is set
 */
LC_MUST_CHECK bool lc_jpeg_walk_code(struct lc_jpeg_walk *walk, bool is_ac,
                                     unsigned number, struct lc_jpeg_code *code);

/** Doubt that the decoder is silent: it must be asked, and the walk goes on. */
void lc_jpeg_doubt(struct lc_jpeg_walk *walk, const char *why);

/** Stop the walk at what it cannot read, or what the decoder refuses. @return false */
bool lc_jpeg_stop(struct lc_jpeg_walk *walk, const char *why);

/** Stop the walk at damage. @return false */
bool lc_jpeg_damaged(struct lc_jpeg_walk *walk, const struct lc_jpeg_damage *damage);

#endif

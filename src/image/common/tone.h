/* tone.h - whether all pixels of a picture have the same colour */
#ifndef LC_IMAGE_COMMON_TONE_H
#define LC_IMAGE_COMMON_TONE_H

#include <stdbool.h>
#include <stdint.h>

/** The colours seen so far; zeroed before the first pixel. */
struct lc_tone {
    bool known;      /* at least one pixel was added: colour is set */
    bool mixed;      /* pixels of different colours were added */
    uint32_t colour; /* as after convert("RGB"), in any consistent encoding */
};

static inline void lc_tone_add(struct lc_tone *tone, uint32_t colour)
{
    if (!tone->known) {
        tone->known = true;
        tone->colour = colour;
    } else if (tone->colour != colour) {
        tone->mixed = true;
    }
}

#endif

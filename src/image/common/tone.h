/* tone.h - tells whether all pixels of a picture have the same colour */
#ifndef LC_IMAGE_COMMON_TONE_H
#define LC_IMAGE_COMMON_TONE_H

#include <stdbool.h>
#include <stdint.h>

/** What is known of the pixels that were seen; zeroed before the first. */
struct lc_tone {
    bool known;      /* a pixel was seen: colour is its colour */
    bool mixed;      /* pixels of another colour were seen as well */
    uint32_t colour; /* as after convert("RGB"), in any one encoding */
};

static inline void lc_tone_see(struct lc_tone *tone, uint32_t colour)
{
    if (!tone->known) {
        tone->known = true;
        tone->colour = colour;
    } else if (tone->colour != colour) {
        tone->mixed = true;
    }
}

#endif

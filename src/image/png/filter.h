/* filter.h - a PNG's filters: how a byte is predicted from earlier bytes */
#ifndef LC_IMAGE_PNG_FILTER_H
#define LC_IMAGE_PNG_FILTER_H

#include <stdint.h>

/** PNG specification section 9. */
enum lc_png_filter {
    LC_PNG_FILTER_NONE,
    LC_PNG_FILTER_SUB,
    LC_PNG_FILTER_UP,
    LC_PNG_FILTER_AVERAGE,
    LC_PNG_FILTER_PAETH,
};

static inline uint8_t lc_png_paeth(uint8_t left, uint8_t above, uint8_t corner)
{
    int to_left = above > corner ? above - corner : corner - above;
    int to_above = left > corner ? left - corner : corner - left;
    int to_corner = left + above - 2 * corner;

    if (to_corner < 0)
        to_corner = -to_corner;
    if (to_left <= to_above && to_left <= to_corner)
        return left;
    return to_above <= to_corner ? above : corner;
}

/** Return the prediction that the filter adds to a byte; bytes outside the picture are
 * 0. */
static inline uint8_t lc_png_predict(enum lc_png_filter filter, uint8_t left,
                                     uint8_t above, uint8_t corner)
{
    switch (filter) {
    case LC_PNG_FILTER_NONE:
        break;
    case LC_PNG_FILTER_SUB:
        return left;
    case LC_PNG_FILTER_UP:
        return above;
    case LC_PNG_FILTER_AVERAGE:
        return (uint8_t)((left + above) / 2);
    case LC_PNG_FILTER_PAETH:
        return lc_png_paeth(left, above, corner);
    }
    return 0;
}

#endif

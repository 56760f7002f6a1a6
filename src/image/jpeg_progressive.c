#include "image/jpeg_prover.h"

bool lc_jpeg_prove_progressive(struct lc_jpeg_prover *prover, struct lc_jpeg_walk *walk,
                               const struct lc_jpeg_scan *scan)
{
    (void)prover;
    (void)scan;
    return lc_jpeg_doubt(walk, "progressive");
}

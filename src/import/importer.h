/* importer.h - the state of an importer; private to src/import */
#ifndef LC_IMPORT_IMPORTER_H
#define LC_IMPORT_IMPORTER_H

#include "base/buffer.h"
#include "import/kept.h"
#include "llava_check/import.h"

#include <stdint.h>

struct lc_importer {
    struct lc_inspector *inspector;
    int folder; /* folder of the batch's images; -1: none */
    struct lc_buffer rows;
    struct lc_buffer mapping;
    struct lc_buffer path;      /* path of the current image, as its row has it; ends with
                                   NUL */
    uint64_t rendered;          /* number of rows from lc_importer_render */
    struct lc_kept_images kept; /* images of these rows */
    char subject[256];
};

#endif

/* importer.h - what an importer holds; private to src/import */
#ifndef LC_IMPORT_IMPORTER_H
#define LC_IMPORT_IMPORTER_H

#include "base/buffer.h"
#include "import/kept.h"
#include "llava_check/import.h"

#include <stdint.h>

struct lc_importer {
    struct lc_inspector *inspector;
    int folder; /* of the batch's images; -1: none */
    struct lc_buffer rows;
    struct lc_buffer mapping;
    struct lc_buffer path;      /* of an image, as its row has it; ends with NUL */
    uint64_t rendered;          /* rows of lc_importer_render */
    struct lc_kept_images kept; /* images of these */
    char subject[256];
};

#endif

/* internal.h - the folder handle; private to src/store */
#ifndef LC_STORE_INTERNAL_H
#define LC_STORE_INTERNAL_H

#include "store/folder.h"

/** A folder of images. */
struct lc_folder {
    int fd;
};

#endif

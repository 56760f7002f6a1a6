/* internal.h - what the files of src/store share */
#ifndef LC_STORE_INTERNAL_H
#define LC_STORE_INTERNAL_H

/** A folder of images. */
struct lc_folder {
    int fd; /* open for as long as the folder is */
};

#endif

/* error.h - why a call failed; faults of the data are findings, not errors */
#ifndef LC_LLAVA_CHECK_ERROR_H
#define LC_LLAVA_CHECK_ERROR_H

#include <stddef.h>

enum lc_status {
    LC_OK = 0,
    LC_ERR_USAGE,   /* the caller asked for something that does not exist or make sense */
    LC_ERR_IO,      /* a system call failed: see os_errno */
    LC_ERR_MEMORY,  /* out of memory */
    LC_ERR_INDEX,   /* the index is damaged, from another version, or in use */
    LC_ERR_STOPPED, /* the caller asked to stop */
};

/** Which of the caller's paths an error is about. */
enum lc_subject {
    LC_SUBJECT_PATH,     /* the data set, or what was opened */
    LC_SUBJECT_IMAGES,   /* the image root */
    LC_SUBJECT_VIDEOS,   /* the video root */
    LC_SUBJECT_INDEX,    /* the index folder */
    LC_SUBJECT_BASELINE, /* the baseline file */
};

/** Why a call failed. Set it to zero before the call: a call never overwrites an error
 * that is already set, so that the first error is kept. */
struct lc_error {
    enum lc_status status;
    enum lc_subject subject;
    size_t path;       /* which of several paths, from 0 */
    int os_errno;      /* 0 if no system call failed */
    char message[256]; /* one line, lower case, no full stop */
};

#endif

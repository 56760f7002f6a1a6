/* api.h - what every public header needs */
#ifndef LC_LLAVA_CHECK_API_H
#define LC_LLAVA_CHECK_API_H

/** Marks a function that the shared library exports. */
#define LC_API __attribute__((visibility("default")))

#endif

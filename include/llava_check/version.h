/* version.h - the version of the library */
#ifndef LC_LLAVA_CHECK_VERSION_H
#define LC_LLAVA_CHECK_VERSION_H

#include "llava_check/api.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The version of the library, such as "0.1.0"; static. */
LC_API const char *lc_version(void);

#ifdef __cplusplus
}
#endif

#endif

#include "llava_check.h"

const char *lc_version(void)
{
    return LC_VERSION; /* the build's: CMakeLists.txt, project(VERSION) */
}

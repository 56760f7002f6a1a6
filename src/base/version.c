#include "llava_check/version.h"

const char *lc_version(void)
{
    return LC_VERSION_STRING;
}

#include "llava_check/rules.h"

const char *lc_severity_name(enum lc_severity severity)
{
    static const char *const names[] = {
        [LC_SEVERITY_INFO] = "info",
        [LC_SEVERITY_WARNING] = "warning",
        [LC_SEVERITY_ERROR] = "error",
    };

    return names[severity];
}

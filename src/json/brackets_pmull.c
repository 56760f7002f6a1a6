#include "base/isa.h" /* a file may not be empty */

#ifdef __aarch64__
#define LC_ISA pmull
#include "json/brackets_kernel.h"
#endif

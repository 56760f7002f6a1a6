#include "base/isa.h" /* a file may not be empty */

#ifdef __x86_64__
#define LC_ISA avx512
#include "json/brackets_kernel.h"
#endif

#include "base/isa.h" /* a file may not be empty */

#ifdef __x86_64__
#define LC_ISA avx2
#include "image/jpeg/terms_kernel.h"
#endif

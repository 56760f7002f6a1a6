#ifdef __x86_64__
#define LC_ISA avx2
#include "image/jpeg/lanes_kernel.h"
#endif

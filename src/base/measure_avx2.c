#ifdef __x86_64__
#define LC_ISA avx2
#include "base/measure_kernel.h"
#endif

#ifdef __x86_64__
#define LC_ISA avx512
#include "json/brackets_kernel.h"
#endif

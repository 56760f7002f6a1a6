#ifdef __x86_64__
#define LC_ISA avx2
#include "image/jpeg/terms_kernel.h"
#endif

#define LC_ISA plain
#include "image/jpeg_terms_kernel.h"

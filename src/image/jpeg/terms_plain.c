#define LC_ISA plain
#include "image/jpeg/terms_kernel.h"

#define LC_ISA plain
#include "image/jpeg/lanes_kernel.h"

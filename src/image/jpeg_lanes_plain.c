#define LC_ISA plain
#include "image/jpeg_lanes_kernel.h"

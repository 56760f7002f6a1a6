#define LC_ISA plain
#include "base/measure_kernel.h"

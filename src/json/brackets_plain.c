#define LC_ISA plain
#include "json/brackets_kernel.h"

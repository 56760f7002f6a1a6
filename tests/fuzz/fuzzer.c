/* fuzzer.c - all targets for libFuzzer in one program; LC_FUZZ_TARGET names the one to
 * run */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static lc_fuzz_fn *target;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *name = getenv("LC_FUZZ_TARGET");

    (void)argc;
    (void)argv;
    target = lc_fuzz_find(name ? name : "");
    if (!target) {
        fprintf(stderr, "LC_FUZZ_TARGET names no target of tests/fuzz/targets.def\n");
        exit(2);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    target(data, size);
    return 0;
}

/* replay.c - run a fuzz target, without libFuzzer, on the files that stdin lists:
 *
 *     fuzz_replay TARGET <list
 *
 * If LC_FUZZ_TELL is set, the name of each file is printed on stderr before it is run, so
 * that the last one is the file that crashed.
 */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Run the target on a file, in a block of its exact size, so that a sanitizer detects
 * reads past its end. */
static int replay(lc_fuzz_fn *target, const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data;
    size_t got;
    long size;

    if (!file)
        return -1;
    if (fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0) {
        fclose(file);
        return -1;
    }
    rewind(file);
    data = malloc(size > 0 ? (size_t)size : 1);
    got = data ? fread(data, 1, (size_t)size, file) : 0;
    fclose(file);
    if (data && got == (size_t)size)
        target(data, got);
    free(data);
    return data && got == (size_t)size ? 0 : -1;
}

int main(int argc, char **argv)
{
    lc_fuzz_fn *target = argc == 2 ? lc_fuzz_find(argv[1]) : NULL;
    char path[4096];
    size_t count = 0;

    if (!target) {
        fprintf(stderr, "usage: fuzz_replay TARGET <list; see tests/fuzz/targets.def\n");
        return 2;
    }
    while (fgets(path, sizeof(path), stdin)) {
        path[strcspn(path, "\n")] = '\0';
        if (getenv("LC_FUZZ_TELL"))
            fprintf(stderr, "%s\n", path);
        if (replay(target, path) != 0) {
            perror(path);
            return 2;
        }
        count++;
    }
    printf("%zu replayed\n", count);
    return 0;
}

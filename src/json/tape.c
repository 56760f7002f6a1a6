#include "json/parser.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool lc_json_tape_add(struct lc_json_tape *tape, uint64_t word, uint32_t offset)
{
    uint64_t *words =
        lc_array_grow(tape->words, tape->count, &tape->capacity, sizeof(*words));
    uint32_t *offsets;

    if (!words)
        return false;
    tape->words = words;
    offsets = lc_array_grow(tape->offsets, tape->count, &tape->offsets_capacity,
                            sizeof(*offsets));
    if (!offsets)
        return false;
    tape->offsets = offsets;
    words[tape->count] = word;
    offsets[tape->count++] = offset;
    return true;
}

bool lc_json_tape_reserve_offsets(struct lc_json_tape *tape, size_t count)
{
    uint32_t *offsets;

    if (count <= tape->offsets_capacity)
        return true;
    offsets = realloc(tape->offsets, 2 * count * sizeof(*offsets));
    if (!offsets)
        return false;
    tape->offsets = offsets;
    tape->offsets_capacity = 2 * count;
    return true;
}

/* ways.c - a hash of the callers of each call, in memory shared with children */
#include "ways.h"

#include <err.h>
#include <execinfo.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { MOST_CALLS = 1 << 18, MOST_FRAMES = 48, OWN_FRAMES = 2 };

struct way {
    uint64_t callers;
    uint32_t call;
    uint32_t thread;
    uint32_t number;
};

struct ways {
    uint32_t count;
    bool closed;
    struct way calls[MOST_CALLS];
};

static struct ways *ways;
static _Thread_local bool inside; /* backtrace() itself makes calls */

void lc_ways_begin(void)
{
    void *capacity = mmap(NULL, sizeof(*ways), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (capacity == MAP_FAILED)
        err(70, "mmap");
    ways = capacity;
}

void lc_way_note(enum lc_call call, unsigned thread, uint32_t number)
{
    struct way way = {.call = call, .thread = thread, .number = number};
    void *frames[MOST_FRAMES];
    uint32_t at;
    int count;

    if (!ways || ways->closed || inside)
        return;
    inside = true;
    count = backtrace(frames, MOST_FRAMES);
    inside = false;
    for (int i = OWN_FRAMES; i < count; i++)
        way.callers = (way.callers ^ (uintptr_t)frames[i]) * UINT64_C(0x9E3779B97F4A7C15);
    at = __atomic_fetch_add(&ways->count, 1, __ATOMIC_RELAXED);
    if (at >= MOST_CALLS)
        errx(70, "more than %d calls", MOST_CALLS);
    ways->calls[at] = way;
}

static int by_call(const void *left, const void *right)
{
    const struct way *a = left, *b = right;

    if (a->call != b->call)
        return a->call < b->call ? -1 : 1;
    if (a->thread != b->thread)
        return a->thread < b->thread ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static int by_way(const void *left, const void *right)
{
    const struct way *a = left, *b = right;

    if (a->call == b->call && a->callers != b->callers)
        return a->callers < b->callers ? -1 : 1;
    return by_call(left, right);
}

static bool same_way(const struct way *a, const struct way *b)
{
    return a->call == b->call && a->callers == b->callers;
}

unsigned lc_ways_choose(unsigned first)
{
    unsigned found = 0, chosen = 0, nth = 0;
    struct way *calls = ways->calls;

    ways->closed = true;
    qsort(calls, ways->count, sizeof(*calls), by_way);
    for (uint32_t i = 0; i < ways->count; i++) {
        bool begins = i == 0 || !same_way(&calls[i], &calls[i - 1]);
        bool ends = i + 1 == ways->count || !same_way(&calls[i], &calls[i + 1]);

        found += begins;
        nth = begins ? 1 : nth + 1;
        if (nth <= first || ends)
            calls[chosen++] = calls[i];
    }
    ways->count = chosen;
    qsort(calls, chosen, sizeof(*calls), by_call);
    return found;
}

bool lc_way_is_chosen(enum lc_call call, unsigned thread, uint32_t number)
{
    const struct way wanted = {.call = call, .thread = thread, .number = number};

    return bsearch(&wanted, ways->calls, ways->count, sizeof(wanted), by_call) != NULL;
}

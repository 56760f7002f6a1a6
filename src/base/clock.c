#include "base/clock.h"

#define COARSEST_TICK_NS INT64_C(2000000000)
#define NS_PER_SECOND INT64_C(1000000000)

int64_t lc_clock_ns(int64_t seconds, int64_t nanoseconds)
{
    int64_t ns;

    if (!__builtin_mul_overflow(seconds, NS_PER_SECOND, &ns) &&
        !__builtin_add_overflow(ns, nanoseconds, &ns))
        return ns;
    return seconds < 0 ? LC_CLOCK_EARLIEST : LC_CLOCK_LATEST;
}

int64_t lc_clock_of(const struct timespec *time)
{
    return lc_clock_ns(time->tv_sec, time->tv_nsec);
}

int64_t lc_clock_now(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return lc_clock_of(&now);
}

bool lc_clock_is_before(int64_t time_ns, int64_t limit_ns)
{
    return time_ns > LC_CLOCK_EARLIEST && time_ns < LC_CLOCK_LATEST && time_ns < limit_ns;
}

int64_t lc_clock_newest_trusted_ns(int64_t start_ns)
{
    return start_ns < INT64_MIN + COARSEST_TICK_NS ? INT64_MIN
                                                   : start_ns - COARSEST_TICK_NS;
}

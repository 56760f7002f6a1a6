/* clock.h - points in time as nanoseconds */
#ifndef LC_BASE_CLOCK_H
#define LC_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/** 64 bits reach from 1677-09-21 to 2262-04-11; file systems store times beyond. These
 * two values represent all times out of range, so they do not identify one. */
#define LC_CLOCK_EARLIEST INT64_MIN
#define LC_CLOCK_LATEST INT64_MAX

/** Nanoseconds since 1970; LC_CLOCK_EARLIEST or LC_CLOCK_LATEST when out of range. */
int64_t lc_clock_ns(int64_t seconds, int64_t nanoseconds);

/** The same, of a struct timespec. */
int64_t lc_clock_of(const struct timespec *time);

/** The current time of a clock: CLOCK_REALTIME, CLOCK_MONOTONIC. */
int64_t lc_clock_now(clockid_t clock);

/** Whether a time is in range and before another. */
bool lc_clock_is_before(int64_t time_ns, int64_t limit_ns);

/**
 * The newest file time that can be trusted, for a file that a run read which started at
 * start_ns: only a file whose times are before it cannot have changed since without new
 * times.
 *
 * Two writes within one tick of the file system's clock leave the same time. A file that
 * was as young as that when it was read may have changed afterwards ("racily clean" in
 * git). The coarsest clocks tick every two seconds (FAT).
 */
int64_t lc_clock_newest_trusted_ns(int64_t start_ns);

#endif

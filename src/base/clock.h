/* clock.h - points in time as nanoseconds */
#ifndef LC_BASE_CLOCK_H
#define LC_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/** 64 bits reach from 1677-09-21 to 2262-04-11; file systems can store times beyond that.
 * These two values represent all times out of range, so they do not identify a single
 * time. */
#define LC_CLOCK_EARLIEST INT64_MIN
#define LC_CLOCK_LATEST INT64_MAX

/** Convert to nanoseconds since 1970; LC_CLOCK_EARLIEST or LC_CLOCK_LATEST if out of
 * range. */
int64_t lc_clock_ns(int64_t seconds, int64_t nanoseconds);

/** Convert a struct timespec, likewise. */
int64_t lc_clock_of(const struct timespec *time);

/** Return the current time of a clock: CLOCK_REALTIME, CLOCK_MONOTONIC. */
int64_t lc_clock_now(clockid_t clock);

/** Whether a time is in range and before another. */
bool lc_clock_is_before(int64_t time_ns, int64_t limit_ns);

/**
 * Return the limit for file times that can be trusted in a file read by a run that
 * started at start_ns: only if a file's times are before this limit must any later change
 * have given it new times.
 *
 * Two writes within one tick of the file system's clock leave the same time. A file that
 * was younger than a tick when it was read may have changed afterwards ("racily clean" in
 * git). The coarsest clocks tick every two seconds (FAT).
 */
int64_t lc_clock_newest_trusted_ns(int64_t start_ns);

#endif

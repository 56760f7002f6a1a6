/* ways.h - the ways that lead to calls: the chains of callers
 *
 * A loop may make the same call in the same way a thousand times, and its thousandth
 * failure is handled like the first. If not every call is made to fail, some of each way
 * are.
 */
#ifndef LC_FAULTS_WAYS_H
#define LC_FAULTS_WAYS_H

#include "inject.h"

/** Allocate memory for what a child records; call it before the child is created. */
void lc_ways_begin(void);

/** Record the way of a call, unless there is no memory for ways. Any thread. */
void lc_way_note(enum lc_call call, unsigned thread, uint32_t number);

/** Stop recording, and choose the first calls of each way, up to a limit, and the last
 * one. Returns the number of ways. */
unsigned lc_ways_choose(unsigned first);

/** Whether a call was chosen. */
bool lc_way_is_chosen(enum lc_call call, unsigned thread, uint32_t number);

#endif

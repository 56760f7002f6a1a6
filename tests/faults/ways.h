/* ways.h - by which ways the program came to its calls: by whom it was called, and by
 * whom they were
 *
 * A loop makes the same call in the same way a thousand times, and when it fails the
 * thousandth time the same is done as the first. Where not every call is to fail, some of
 * each way are.
 */
#ifndef LC_FAULTS_WAYS_H
#define LC_FAULTS_WAYS_H

#include "inject.h"

/** Room for what a child notes; before it is made. */
void lc_ways_begin(void);

/** Note the way of a call; nothing when there is no room for them. Any thread. */
void lc_way_note(enum lc_call call, unsigned thread, uint32_t number);

/** Stop noting, and choose of each way the first calls, up to a limit, and the last.
 * Returns how many ways there are. */
unsigned lc_ways_choose(unsigned first);

/** Whether a call was chosen. */
bool lc_way_is_chosen(enum lc_call call, unsigned thread, uint32_t number);

#endif

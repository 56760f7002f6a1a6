/* queue.h - a bounded queue: the only way for a pointer to change threads */
#ifndef LC_BASE_QUEUE_H
#define LC_BASE_QUEUE_H

#include "base/error.h"

#include <stddef.h>

struct lc_queue;

/**
 * Make a queue.
 *
 * @param capacity  the most items that are ever in it, at least 1
 *
 * Owner:   the caller, lc_queue_free when no thread uses it any more.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_queue_new(size_t capacity, struct lc_queue **out,
                                          struct lc_error *err);
void lc_queue_free(struct lc_queue *queue);

/** Give an item away. Never blocks: more than capacity items is a bug. Any thread. */
void lc_queue_push(struct lc_queue *queue, void *item);

/** Take the oldest item; waits for one. NULL when the queue is closed and empty. Any
 * thread. */
void *lc_queue_pop(struct lc_queue *queue);

/** No more items will come: waiting threads get NULL when it is empty. Any thread. */
void lc_queue_close(struct lc_queue *queue);

#endif

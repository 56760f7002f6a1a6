/* queue.h - a bounded queue: the only way to pass a pointer to another thread */
#ifndef LC_BASE_QUEUE_H
#define LC_BASE_QUEUE_H

#include "base/error.h"

#include <stddef.h>

struct lc_queue;

/**
 * Make a queue.
 *
 * @param capacity  maximum number of items in the queue, at least 1
 *
 * Owner:   the caller, who calls lc_queue_free when no thread uses the queue any more.
 * Errors:  LC_ERR_MEMORY.
 */
LC_MUST_CHECK enum lc_status lc_queue_new(size_t capacity, struct lc_queue **out,
                                          struct lc_error *err);
void lc_queue_free(struct lc_queue *queue);

/** Add an item; it then belongs to the thread that pops it. Never blocks: exceeding the
 * capacity is a bug. Any thread. */
void lc_queue_push(struct lc_queue *queue, void *item);

/** Remove and return the oldest item, waiting for one if necessary. NULL if the queue is
 * closed and empty. Any thread. */
void *lc_queue_pop(struct lc_queue *queue);

/** Declare that no more items will be added: once the queue is empty, pops return NULL.
 * Any thread. */
void lc_queue_close(struct lc_queue *queue);

#endif

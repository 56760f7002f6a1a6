#include "base/queue.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct lc_queue {
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    size_t capacity;
    size_t first;
    size_t count;
    bool closed;
    void *items[];
};

enum lc_status lc_queue_new(size_t capacity, struct lc_queue **out, struct lc_error *err)
{
    struct lc_queue *queue = calloc(1, sizeof(*queue) + capacity * sizeof(void *));

    if (!queue)
        return lc_fail_memory(err);
    if (pthread_mutex_init(&queue->mutex, NULL) != 0) {
        free(queue);
        return lc_fail_memory(err);
    }
    if (pthread_cond_init(&queue->filled, NULL) != 0) {
        pthread_mutex_destroy(&queue->mutex);
        free(queue);
        return lc_fail_memory(err);
    }
    queue->capacity = capacity;
    *out = queue;
    return LC_OK;
}

void lc_queue_free(struct lc_queue *queue)
{
    if (!queue)
        return;
    pthread_cond_destroy(&queue->filled);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}

void lc_queue_push(struct lc_queue *queue, void *item)
{
    pthread_mutex_lock(&queue->mutex);
    assert(queue->count < queue->capacity && !queue->closed);
    queue->items[(queue->first + queue->count++) % queue->capacity] = item;
    pthread_cond_signal(&queue->filled);
    pthread_mutex_unlock(&queue->mutex);
}

void *lc_queue_pop(struct lc_queue *queue)
{
    void *item = NULL;

    pthread_mutex_lock(&queue->mutex);
    while (!queue->count && !queue->closed)
        pthread_cond_wait(&queue->filled, &queue->mutex);
    if (queue->count) {
        item = queue->items[queue->first];
        queue->first = (queue->first + 1) % queue->capacity;
        queue->count--;
    }
    pthread_mutex_unlock(&queue->mutex);
    return item;
}

void lc_queue_close(struct lc_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    pthread_cond_broadcast(&queue->filled);
    pthread_mutex_unlock(&queue->mutex);
}

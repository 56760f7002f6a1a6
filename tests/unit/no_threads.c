/* no_threads.c - linked into the unit tests that start no threads, which do not run under
 * the thread sanitizer. If one starts a thread, it ends with a message. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*start)(void *), void *argument)
{
    (void)thread;
    (void)attributes;
    (void)start;
    (void)argument;
    fputs(
        "this unit test starts a thread: add it to LC_THREADED in tests/CMakeLists.txt, "
        "so that the thread sanitizer runs it\n",
        stderr);
    abort();
}

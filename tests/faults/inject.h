/* inject.h - calls that fail on demand
 *
 * The program is linked with --wrap for every call in calls.def: the wrapper counts it,
 * for each thread in order of creation, and makes the chosen one fail.
 */
#ifndef LC_FAULTS_INJECT_H
#define LC_FAULTS_INJECT_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum lc_call {
#define LC_CALL(name, ...) LC_CALL_##name,
#define LC_CODE(name, ...) LC_CALL_##name,
#define LC_SPECIAL(name, ...) LC_CALL_##name,
#define LC_ALIAS(name)
#include "calls.def"
#undef LC_CALL
#undef LC_CODE
#undef LC_SPECIAL
#undef LC_ALIAS
    LC_CALL_COUNT
};

/* Codes besides the errors of the system and of LMDB. */
enum {
    LC_CODE_SHORT = -100000, /* fewer bytes than requested */
    LC_CODE_CUT = -100001,   /* the call succeeds, then the file loses its end */
};

enum { LC_FAULT_THREADS = 64 };

/** The call that must fail. */
struct lc_fault {
    enum lc_call call;
    unsigned thread; /* in order of creation, from 0 */
    uint32_t number; /* which of its calls, from 1; 0: none fails */
    int code;
    bool stays; /* all later calls of its class fail, too, in every thread */
};

/** What a child reports to its parent, in shared memory. */
struct lc_fault_record {
    struct lc_fault fault;
    uint32_t counts[LC_FAULT_THREADS][LC_CALL_COUNT];
    uint32_t struck; /* number of failed calls */
};

/** Where calls are counted; must be set before the first one. */
extern struct lc_fault_record *lc_faults;

/** Name of a call, as in calls.def; static. */
const char *lc_call_name(enum lc_call call);

/** Return the error at an index among those that a call may have, or 0 past the end. */
int lc_call_code(enum lc_call call, unsigned index);

/** Name of an error; static. */
const char *lc_code_name(int code);

/** Count a call; return the error that it must fail with, or 0. */
int lc_fault_due(enum lc_call call);

/** Count the calls of this thread under this number. */
void lc_fault_thread(unsigned thread);

/** Make standard output a stream whose writes are counted. */
void lc_fault_stdout(void);

#ifdef __cplusplus
}
#endif

#endif

/* inject.c - count calls, and wrap those that fail just by returning a value */
#include "inject.h"
#include "ways.h"

#include <dirent.h>
#include <errno.h>
#include <lmdb.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <tiffio.h>
#include <unistd.h>

struct lc_fault_record *lc_faults;

static _Thread_local unsigned this_thread;

enum error_class {
#define LC_ERROR(group, code) CLASS_##group##_##code,
#include "classes.def"
#undef LC_ERROR
    CLASS_COUNT
};

static const struct {
    const char *group;
    const char *name;
    int code;
} errors[CLASS_COUNT] = {
#define LC_ERROR(group, code) {#group, #code, code},
#include "classes.def"
#undef LC_ERROR
};

static const struct {
    const char *name;
    const char *group;
} calls[LC_CALL_COUNT] = {
#define LC_CALL(name, type, failed, parameters, arguments, group) {#name, #group},
#define LC_CODE(name, parameters, arguments, group) {#name, #group},
#define LC_SPECIAL(name, group) {#name, #group},
#define LC_ALIAS(name)
#include "calls.def"
#undef LC_CALL
#undef LC_CODE
#undef LC_SPECIAL
#undef LC_ALIAS
};

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

const char *lc_call_name(enum lc_call call)
{
    return calls[call].name;
}

int lc_call_code(enum lc_call call, unsigned index)
{
    for (size_t i = 0; i < CLASS_COUNT; i++)
        if (same(errors[i].group, calls[call].group) && index-- == 0)
            return errors[i].code;
    return 0;
}

const char *lc_code_name(int code)
{
    for (size_t i = 0; i < CLASS_COUNT; i++)
        if (errors[i].code == code)
            return errors[i].name;
    return "?";
}

void lc_fault_thread(unsigned thread)
{
    this_thread = thread < LC_FAULT_THREADS ? thread : LC_FAULT_THREADS - 1;
}

/* Fail the chosen call and, if the fault stays, all later ones of its class: when memory
 * has run out, it has for every call. */
static bool is_struck(const struct lc_fault *fault, enum lc_call call, uint32_t number)
{
    if (call == fault->call && this_thread == fault->thread && number == fault->number)
        return true;
    return fault->stays && __atomic_load_n(&lc_faults->struck, __ATOMIC_RELAXED) &&
           same(calls[call].group, calls[fault->call].group);
}

int lc_fault_due(enum lc_call call)
{
    const struct lc_fault *fault;
    uint32_t number;

    if (!lc_faults)
        return 0;
    fault = &lc_faults->fault;
    number = ++lc_faults->counts[this_thread][call];
    lc_way_note(call, this_thread, number);
    if (!fault->number || !is_struck(fault, call, number))
        return 0;
    __atomic_add_fetch(&lc_faults->struck, 1, __ATOMIC_RELAXED);
    return fault->code;
}

/* The linker's names for them. */
#define LC_CALL(name, type, failed, parameters, arguments, group)                        \
    type __real_##name parameters;                                                       \
    type __wrap_##name parameters;                                                       \
    type __wrap_##name parameters                                                        \
    {                                                                                    \
        int code = lc_fault_due(LC_CALL_##name);                                         \
                                                                                         \
        if (!code)                                                                       \
            return __real_##name arguments;                                              \
        errno = code;                                                                    \
        return failed;                                                                   \
    }
#define LC_CODE(name, parameters, arguments, group)                                      \
    int __real_##name parameters;                                                        \
    int __wrap_##name parameters;                                                        \
    int __wrap_##name parameters                                                         \
    {                                                                                    \
        int code = lc_fault_due(LC_CALL_##name);                                         \
                                                                                         \
        return code ? code : __real_##name arguments;                                    \
    }
#define LC_SPECIAL(name, group)
#define LC_ALIAS(name)
#include "calls.def"

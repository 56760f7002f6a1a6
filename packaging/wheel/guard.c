/* guard.c - set a random stack guard on aarch64, where zig may link a constant one
 *
 * As in glibc, the guard is made of the kernel's random bytes, and its lowest byte is zero. If the guard is
 * glibc's own, it already has this value, and must not be written. */
#include <stdint.h>
#include <string.h>

#include <sys/auxv.h>

extern uintptr_t __stack_chk_guard;

__attribute__((constructor(101), no_stack_protector)) static void set_stack_guard(void)
{
    const void *random = (const void *)getauxval(AT_RANDOM);
    uintptr_t guard;

    if (!random)
        return;
    memcpy(&guard, random, sizeof(guard));
    guard &= ~(uintptr_t)0xFF;
    if (__stack_chk_guard != guard)
        __stack_chk_guard = guard;
}

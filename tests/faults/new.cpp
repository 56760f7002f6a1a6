/* new.cpp - operator new, which simdjson and what is in C++ of ours take memory from */
#include "inject.h"

#include <cstdlib>
#include <new>

extern "C" void *__real_malloc(size_t size);

static void *take(size_t size)
{
    return lc_fault_due(LC_CALL_operator_new) ? nullptr : __real_malloc(size ? size : 1);
}

/* What throws is not ours: it only has to fit the delete below. */
void *operator new(size_t size)
{
    void *memory = __real_malloc(size ? size : 1);

    if (!memory)
        std::abort();
    return memory;
}

void *operator new[](size_t size)
{
    return operator new(size);
}

void *operator new(size_t size, const std::nothrow_t &) noexcept
{
    return take(size);
}

void *operator new[](size_t size, const std::nothrow_t &) noexcept
{
    return take(size);
}

void operator delete(void *memory) noexcept
{
    std::free(memory);
}

void operator delete[](void *memory) noexcept
{
    std::free(memory);
}

void operator delete(void *memory, size_t) noexcept
{
    std::free(memory);
}

void operator delete[](void *memory, size_t) noexcept
{
    std::free(memory);
}

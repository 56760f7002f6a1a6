/* test_isa.c - src/base/isa: the machine's features, compared with the kernel's list */
#include "unit.h"

#include "base/isa.h"
#include "base/measure.h"
#include "json/brackets.h"

#ifdef __aarch64__

enum {
    HWCAP = 16,
    PMULL = 1 << 4
}; /* AT_HWCAP and HWCAP_PMULL of the kernel's headers */

/* Read the flags from the file that has what getauxval returns. */
static enum lc_isa wanted_isa(void)
{
    FILE *file = fopen("/proc/self/auxv", "r");
    unsigned long entry[2];
    bool found = false, pmull = false;

    assert_non_null(file);
    while (fread(entry, sizeof(entry), 1, file) == 1 && !found) {
        found = entry[0] == HWCAP;
        pmull = found && entry[1] & PMULL;
    }
    fclose(file);
    assert_true(found);
    return pmull ? LC_ISA_PMULL : LC_ISA_PLAIN;
}

#else

/* Whether /proc/cpuinfo has a flag, between spaces. */
static bool has(const char *flags, const char *flag)
{
    char name[32];

    snprintf(name, sizeof(name), " %s ", flag);
    return strstr(flags, name) != NULL;
}

static bool has_all(const char *flags, const char *const *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!has(flags, wanted[i]))
            return false;
    return true;
}

/* Read the first line of flags; on other machines, return an empty text. */
static void read_flags(char *out, int size)
{
    FILE *file = fopen("/proc/cpuinfo", "r");

    if (!file)
        skip();
    while (fgets(out, size, file))
        if (strncmp(out, "flags", 5) == 0)
            break;
    if (strncmp(out, "flags", 5) != 0)
        out[0] = '\0';
    for (char *end = strchr(out, '\n'); end; end = NULL)
        *end = ' ';
    fclose(file);
}

static enum lc_isa wanted_isa(void)
{
    static const char *const avx2[] = {"avx2", "bmi1",   "bmi2",
                                       "abm",  "popcnt", "pclmulqdq"};
    static const char *const avx512[] = {"avx512f", "avx512bw", "avx512vl", "avx512dq"};
    char flags[16384];

    read_flags(flags, sizeof(flags));
    if (!has_all(flags, avx2, COUNT(avx2)))
        return LC_ISA_PLAIN;
    return has_all(flags, avx512, COUNT(avx512)) ? LC_ISA_AVX512 : LC_ISA_AVX2;
}

#endif

static void as_the_kernel_says(void **state)
{
    enum lc_isa wanted = wanted_isa();

    (void)state;
    assert_int_equal(lc_isa_best(), wanted);
    assert_int_equal(lc_isa_best(), wanted); /* the result is cached */
}

static void kernels_are_there(void **state)
{
    (void)state;
    for (int isa = LC_ISA_PLAIN; isa <= (int)lc_isa_best(); isa++) {
        assert_non_null(lc_measure_kernels[isa]);
        assert_non_null(lc_brackets_kernels[isa]);
        for (int other = LC_ISA_PLAIN; other < isa; other++) {
            assert_true(lc_measure_kernels[isa] != lc_measure_kernels[other]);
            assert_true(lc_brackets_kernels[isa] != lc_brackets_kernels[other]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_kernel_says),
        cmocka_unit_test(kernels_are_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

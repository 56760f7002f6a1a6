/* isa.h - the instruction sets for which kernels are compiled */
#ifndef LC_BASE_ISA_H
#define LC_BASE_ISA_H

/** Instruction sets; each includes the ones before it. */
enum lc_isa {
    LC_ISA_PLAIN, /* available on every machine of this architecture: SSE2, NEON */
#ifdef __aarch64__
    LC_ISA_PMULL, /* adds PMULL: all but the smallest processors, such as Cortex-A72 in
                     Raspberry Pi 4 */
#else
    LC_ISA_AVX2,   /* adds BMI 1 and 2, POPCNT, PCLMULQDQ: Haswell, Zen */
    LC_ISA_AVX512, /* adds AVX-512 F, BW, VL, DQ: Skylake-SP, Zen 4 */
#endif
    LC_ISA_COUNT
};

/** Return the best set that both this machine and this build support. */
enum lc_isa lc_isa_best(void);

/* The name of a function compiled for the set LC_ISA: lc_name_avx2. */
#define LC_ISA_GLUE(name, isa) name##_##isa
#define LC_ISA_JOIN(name, isa) LC_ISA_GLUE(name, isa)
#define LC_ISA_NAME(name) LC_ISA_JOIN(name, LC_ISA)

#endif

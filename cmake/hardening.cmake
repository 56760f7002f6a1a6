# hardening.cmake - what is not ours is read with these: lc_harden(TARGET) adds them
#
# Not with sanitizers, which see more themselves. tests/meta/test_hardening.py reads the built
# program and library for the traces. No -fcf-protection: the start-up code of Debian 12 is
# built without, and the linker then marks nothing.

include(CheckPIESupported)
check_pie_supported()
include(CheckLinkerFlag)
check_linker_flag(C -Wl,-z,separate-code LC_HAS_SEPARATE_CODE) # lld does so without being asked

function(lc_harden target)
    target_compile_options(${target} INTERFACE
        -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
        -fstack-protector-strong -fstack-clash-protection
        $<$<COMPILE_LANGUAGE:CXX>:-D_GLIBCXX_ASSERTIONS>)
    target_link_options(${target} INTERFACE
        -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
        $<$<BOOL:${LC_HAS_SEPARATE_CODE}>:-Wl,-z,separate-code>)
endfunction()

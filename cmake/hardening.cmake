# hardening.cmake - options for programs that read untrusted files: lc_harden(TARGET) adds them
#
# Not used with sanitizers, which detect more on their own. tests/meta/test_hardening.py checks
# the built program and library. -fcf-protection would be useless: Debian 12's
# start-up code is built without it, so the linker does not mark the program.

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

# toolchain.cmake - a wheel's compilers: $CC and $CXX, which compile for LC_ARCH and an older glibc
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${LC_ARCH})
set(CMAKE_C_COMPILER $ENV{CC})
set(CMAKE_CXX_COMPILER $ENV{CXX})
set(CMAKE_AR $ENV{AR})
set(CMAKE_RANLIB $ENV{RANLIB})
# try_compile sees LC_ARCH too
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES LC_ARCH)
# Take libraries and headers only from the wheel's prefix, never from the system
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
